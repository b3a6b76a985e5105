#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 200
# REQUIRES: fio
# If this fails, disks whose paths are away take all tags of their host, and one
# beside them that has a path stands still; or what waited without a tag is lost,
# is not what was written, or outlives NoPathTimeout.
#
# DEAD disks behind link 1, each with 128 commands under way, and one behind
# link 2. RATIO is how much slower that may read then, in percent at the 99th
# percentile; without it the machine's other load would be measured.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:dead
DEAD=${DEAD:-11}
RATIO=${RATIO:-}
LIVING_MIB=32

fio_pid=''
scenario_stop() {
	[ -z "$fio_pid" ] || kill "$fio_pid" 2>/dev/null
	path_heal 1
}

sized() {	# MIB: the names of our disks of that size
	lsblk -dnbo NAME,SIZE,VENDOR | awk -v size=$(($1 * 1048576)) \
		'$2 == size && $3 == "LIO-ORG" { print $1 }'
}
all_there() {
	[ "$(sized 8 | wc -l)" = "$DEAD" ] &&
		[ "$(sized $LIVING_MIB | wc -l)" = 1 ]
}
parked() { ijson stats .[].Parked | awk '{ n += $1 } END { print n + 0 }'; }
# All that the queues of the dead disks take, or all that there are tags for.
full() { [ "$(parked)" -ge "$1" ]; }
settled() {	# it does not grow any more
	local now
	now=$(parked)
	[ "$now" -ge 800 ] && [ "$now" = "${seen:-}" ] && return
	seen=$now
	return 1
}
busy() {	# one of those that will be dead
	local disk
	for disk in $(sized 8); do
		awk '{ exit !($1 + $2) }' "/sys/block/$disk/inflight" && return
	done
	return 1
}
all_ready() { [ "$(paths_in "$1" ready)" = 1 ]; }
dead_back() {
	local disk
	for disk in $(sized 8); do
		all_ready "$disk" || return
	done
}

percentile() {	# of READs of the living disk, in us: the 99th
	timeout 20 fio --name=living --filename="/dev/$LIVING" --direct=1 \
		--ioengine=libaio --rw=randread --bs=4k --iodepth=4 \
		--runtime=3 --time_based --percentile_list=99 \
		--output-format=json 2>/dev/null |
		jq '.jobs[0].read.clat_ns.percentile."99.000000" / 1000 | floor'
}

# dead_io: writes all of each dead disk, and reads it again, 128 at a time.
dead_io() {
	local disk args=()
	for disk in $(sized 8); do
		args+=(--name="$disk" --filename="/dev/$disk")
	done
	fio --direct=1 --ioengine=libaio --iodepth=128 --bs=4k --size=4m \
		--rw="$1" --verify=crc32c --verify_fatal=1 --group_reporting \
		"${args[@]}" >"$TMP/fio" 2>&1 &
	fio_pid=$!
}
stuck() { ps -eo state,comm | awk '$1 == "D" && $2 !~ /^kworker/'; }

net_up 2
lio_load
target_new $IQN
portal_add $IQN 10.9.1.2
for n in $(seq 0 $((DEAD - 1))); do
	backend_ramdisk "dead$n" 8
	lun_add $IQN "$n" "dead$n"
done
backend_ramdisk living $LIVING_MIB
target_new "$IQN#2"
lun_add "$IQN#2" 0 living
portal_add "$IQN#2" 10.9.2.2

for link in 1 2; do
	must "a session by link $link" iscsictl connect $IQN --multipath \
		--portal 10.9.$link.2 --set NopInterval=500 \
		--set NopTimeout=500 --set ReconnectDelayMax=1000 \
		--set NoPathTimeout=60000
done
must "$DEAD disks and one" wait_until 20 all_there
LIVING=$(sized $LIVING_MIB)
check_is "they share a host" 1 \
	"$(for d in $(sized 8) "$LIVING"; do
		readlink -f "/sys/block/$d/device" | grep -o '/host[0-9]*/'
	done | sort -u | wc -l)"
alone=$(percentile)
must "alone it reads 4 KiB: $alone us (p99)" [ "${alone:-0}" -gt 0 ]

path_drop 1
dead_io write
must "commands wait for the $DEAD" wait_until 60 settled
beside=$(percentile)
check "beside them the living disk reads: ${beside:-no} us (p99)" [ -n "$beside" ]
[ -z "$RATIO" ] || check_le "that is of what it was alone" \
	$((${beside:-999999999} * 100 / alone)) "$RATIO" %
check "more wait than the host has tags: $(parked)" full 1001
path_heal 1
check "all that waited ends well, and is what was written" wait "$fio_pid"
fio_pid=''
must "the $DEAD disks have their paths again" wait_until 20 dead_back

must "NoPathTimeout is shorter" iscsictl mpio set --node $IQN \
	NoPathTimeout=$((8000 * ${TIMEOUT_SCALE:-1}))
dead_io write
must "they are written to" wait_until 60 busy
path_drop 1
must "commands wait once more, not all with a tag" wait_until 60 full 300
ended() { ! kill -0 "$fio_pid" 2>/dev/null; }
check "NoPathTimeout ends that" wait_until 30 ended
check "with an error" eval '! wait "$fio_pid"'
fio_pid=''
check_is "nothing is stuck in state D" "" "$(stuck)"
check_is "and nothing waits" 0 "$(parked)"
path_heal 1
must "all paths come back" wait_until 20 dead_back
# Of what failed some had been sent: it must be over before anything is written.
dead_io write
check "the disks are written again" wait "$fio_pid"
fio_pid=''
check "disconnect ends the sessions" disconnect $IQN
