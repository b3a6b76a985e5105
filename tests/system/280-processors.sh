#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 300
# REQUIRES: fio
# If this fails, sessions bound to processors do not serve the commands of their
# processor, or keep a disk from working when one of them is gone; or a session's
# packets do not carry the service class that was set; or a record forgets it; or
# a processor that goes offline waits for a disk without a path, and the disk for
# the processor; or a machine goes to sleep, or tries for long, that has commands
# waiting.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:cpu
CPUS=$(nproc)
scenario_stop() {
	path_heal 1
	echo 1 >/sys/devices/system/cpu/cpu1/online
	nft delete table inet marks 2>/dev/null
}

# setting SESSION KEY
setting() {
	iscsictl --json mpio get --session "$1" | jq -r ".[0].$2"
}
processors() {	# of the target's sessions, sorted
	local id
	for id in $(session_ids $IQN); do setting "$id" Processor; done |
		sort | xargs
}
counters() {	# "SESSION IOS" of the disk's paths
	ijson path list ".[] | select(.Disk == \"$DISK\")
		| \"\\(.SessionIdentifier) \\(.Ios)\"" | sort
}
# reads CPU: 100 of them; $HERE by sessions bound to it, $ELSEWHERE by others
reads() {
	local id ios here=0 elsewhere=0
	counters >"$TMP/before"
	taskset -c "$1" fio --name=reads --filename="/dev/$DISK" --direct=1 \
		--ioengine=psync --rw=randread --bs=4k --size=32m \
		--io_size=400k >"$TMP/fio" 2>&1 || { cat "$TMP/fio"; return 1; }
	counters >"$TMP/after"
	while read -r id ios; do
		if [ "$(setting "$id" Processor)" = "$1" ]; then
			here=$((here + ios))
		else
			elsewhere=$((elsewhere + ios))
		fi
	done < <(join "$TMP/before" "$TMP/after" | awk '{ print $1, $3 - $2 }')
	HERE=$here ELSEWHERE=$elsewhere
}
bound_to() {	# CPU: first session
	local id
	for id in $(session_ids $IQN); do
		[ "$(setting "$id" Processor)" != "$1" ] || { echo "$id"; return; }
	done
}
path_of() { ijson path list ".[] | select(.SessionIdentifier == \"$1\") | .PathIdentifier"; }
mostly() { [ $((HERE)) -ge 90 ] && [ "$ELSEWHERE" -le $((HERE / 4)) ]; }
congestion() {	# how many connections to the target use it
	ss -tinH state established dst 10.9.1.2 | grep -cw "$1"
}

net_up 1
lio_load
backend_ramdisk disk 64
one_portal $IQN disk
[ "$CPUS" -ge 2 ] || { skip "bound sessions" "one processor"; exit 0; }

must "a session for each processor connects" \
	iscsictl connect $IQN --multipath --portal 10.9.1.2 --count auto \
	--set CongestionControl=reno --persistent
must "they lead to one disk" disk_with_paths $IQN "$CPUS"
check_is "each is bound to one" "$(seq 0 $((CPUS - 1)) | xargs)" "$(processors)"
for policy in RR LQD latency; do
	must "policy $policy is set" iscsictl policy set $policy --disk "$DISK"
	for cpu in 0 1; do
		must "processor $cpu reads under $policy" reads $cpu
		check "its session serves it ($HERE here, $ELSEWHERE elsewhere)" \
			mostly
	done
done
lost=$(path_of "$(bound_to 1)")
must "the path of processor 1 is failed" iscsictl path fail "$lost"
must "processor 1 still reads" reads 1
check "by another's session" [ "$HERE" = 0 ] && [ "$ELSEWHERE" -ge 100 ]
must "it is reinstated" iscsictl path reinstate "$lost"
must "it comes back" wait_until 20 has_paths "$DISK" "$CPUS"
must "processor 1 reads again" reads 1
check "by its own session" mostly

check_is "congestion control is the one that was set" "$CPUS" \
	"$(congestion reno)"
nft -f - <<-'NFT'
table inet marks {
	counter marked { }
	chain out {
		type filter hook output priority 0
		tcp dport 3260 ip dscp 46 counter name marked
	}
}
NFT
marked() {
	nft -j list counter inet marks marked |
		jq '[.nftables[] | .counter? | select(.) | .packets][0]'
}
check_is "no packet carries a service class" 0 "$(reads 0; marked)"
must "one is set while the sessions work" \
	iscsictl mpio set Dscp=46 --node $IQN
must "reads go on" reads 0
check "packets carry it" [ "$(marked)" -ge 100 ]
must "disconnect ends the sessions" disconnect $IQN
must "restore brings them back" iscsictl restore --wait 20
must "they lead to the disk" disk_with_paths $IQN "$CPUS"
check_is "each is bound as the records say" \
	"$(seq 0 $((CPUS - 1)) | xargs)" "$(processors)"
check_is "congestion control is that of the records" "$CPUS" \
	"$(congestion reno)"
unbind() {
	local id
	for id in $(session_ids $IQN); do
		iscsictl mpio set Processor=any --session "$id" || return
	done
}
must "the sessions are taken off their processors" unbind
check_is "they say so" any "$(processors | xargs -n1 | sort -u)"
must "processor 1 reads" reads 1

# An order to a session is one to its records, too.
check_is "the records say so, too" any \
	"$(ijson record list '.[].Processor' | sort -u)"

# Both take what the other may be waiting for: a processor that goes offline
# drains its hardware queues under a lock, a login needs a socket.
online() { echo "$1" >/sys/devices/system/cpu/cpu1/online; }
begun() { [ "$(ijson stats .[0].Parked)" = 1 ]; }
path_reject 1
must "no path is left" wait_until 20 has_paths "$DISK" 0
taskset -c 1 dd if=/dev/zero of="/dev/$DISK" bs=4k count=1 oflag=direct \
	status=none &
writer=$!
must "a WRITE of processor 1 waits for one" wait_until 10 begun
before=$(now_ms)
check "processor 1 goes offline" online 0
check_le "that took" $(($(now_ms) - before)) \
	$((2000 * ${TIMEOUT_SCALE:-1})) ms
if [ -w /sys/power/pm_test ]; then
	echo freezer >/sys/power/pm_test
	before=$(now_ms)
	check "nor does the machine go to sleep meanwhile" \
		eval '! echo mem >/sys/power/state'
	check_le "that took" $(($(now_ms) - before)) \
		$((6000 * ${TIMEOUT_SCALE:-1})) ms
	check "it says why" eval \
		"dmesg | grep -q 'commands wait for a path, the machine stays awake'"
	echo none >/sys/power/pm_test
else
	skip "sleep while a WRITE waits" "no pm_test in this kernel"
fi
path_heal 1
check "the WRITE ends well" wait $writer
check "all paths are back" wait_until 20 has_paths "$DISK" "$CPUS"
check "processor 1 comes again" online 1
must "and reads" reads 1

forget() {
	ijson record list .[].RecordIdentifier | xargs iscsictl unregister
}
check "the records go" forget
check "disconnect ends the sessions again" disconnect $IQN
