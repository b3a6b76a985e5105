#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 1800
# If this fails, a host with many sessions waits long for its disks after a start,
# or pays too much for sessions that do nothing. With PEER=1 open-iscsi logs in to
# the same targets first, for comparison.
#
# TARGETS targets of two portals with one disk each: all sessions of their records
# at once; then, with EACH sessions through every portal, what idle ones cost, in
# the SCSI transport class of iSCSI and outside it.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/peer.sh

TARGETS=${TARGETS:-128}
EACH=${EACH:-4}
LOGIN_LIMIT=${LOGIN_LIMIT:-10000}	# ms, for all of them
IDLE_LIMIT=${IDLE_LIMIT:-64}		# KiB, of one session, all that is ours
prefix=iqn.2026-11.org.test:many

logged_in() { ijson session list '[.[] | select(.State == "logged-in")] | length'; }
have() { [ "$(logged_in)" = "$1" ]; }
connect_all() {	# OPTIONS: of connect, for each target
	local n
	for n in $(seq "$TARGETS"); do
		iscsictl connect "$prefix$n" --multipath --no-wait \
			--portal 10.9.1.2 --portal 10.9.2.2 "$@" >/dev/null ||
			return
	done
}
disconnect_all() {
	local n
	for n in $(seq "$TARGETS"); do disconnect "$prefix$n" || return; done
}
# What the module's own functions ask for, freed again or not, but for the lists of
# a scan, which go with it: more than a session keeps, never less. kvmalloc() hides
# who asked, but it is the tool that adds a session. Buffers of sockets are TCP's.
KMALLOC=/sys/kernel/tracing/events/kmem/kmalloc
ours_counted() {
	echo 'hist:keys=call_site.sym,common_pid.execname:vals=bytes_alloc:size=16384' \
		>$KMALLOC/trigger
}
ours_bytes() {	# lines "BYTES FUNCTION"
	sed -nE '/mpio_scan_session/d
		/\[iscsi_mpio\]|kvmalloc_node.*common_pid: iscsictl/ {
		s/.*call_site: \[[0-9a-f]*\] ([^ ]+).*bytes_alloc: *([0-9]+)/\2 \1/p
	}' $KMALLOC/hist | awk '{ n[$2] += $1 } END { for (f in n) print n[f], f }'
}
threads() { find /proc -maxdepth 1 -name '[0-9]*' | wc -l; }
busy_ms() {	# of all processors, so far
	awk '/^cpu / { print ($2 + $3 + $4 + $6 + $7 + $8) * 10 }' /proc/stat
}

net_up 2
lio_load
udev_stop
for n in $(seq "$TARGETS"); do
	backend_ramdisk "disk$n" 1 nullio
	two_portals "$prefix$n" "disk$n"
done

if [ -n "${PEER:-}" ]; then
	peer_start
	iscsiadm -m discovery -t st -p 10.9.1.2 >/dev/null
	start=$(now_ms)
	iscsiadm -m node -L all >/dev/null 2>&1
	took=$(($(now_ms) - start))
	echo "# open-iscsi: $(iscsiadm -m session | wc -l) sessions in $took ms"
	iscsiadm -m node -U all >/dev/null 2>&1
	iscsiadm -m node -o delete
fi

must "sessions are registered" connect_all --persistent
must "all log in" wait_until 120 have $((TARGETS * 2))
must "disconnect ends them" disconnect_all
start=$(now_ms)
must "restore brings all back" iscsictl restore --wait 120
took=$(($(now_ms) - start))
check_is "all sessions are logged in" $((TARGETS * 2)) "$(logged_in)"
check_le "$((TARGETS * 2)) sessions log in" "$took" "$LOGIN_LIMIT" ms
ijson record list .[].RecordIdentifier | xargs iscsictl unregister >/dev/null
must "disconnect ends them" disconnect_all

# CLASS: is the sessions' part in the SCSI transport class of iSCSI there?
idle() {
	local before threads with took busy name=$1
	rmmod iscsi_mpio
	modprobe iscsi_mpio transport_class="$name"
	before=$(free_kib) threads=$(threads)
	ours_counted
	# without disks: those have a price of their own
	must "many idle sessions connect" connect_all --count "$EACH" --no-scan
	must "all log in" wait_until 300 have $count
	with=$(free_kib)
	echo "# transport_class=$name, $count sessions: $(((before - with) / count)) KiB each for both ends, sockets included; $(($(threads) - threads)) threads more"
	check_is "transport_class=$name: sessions of the class" \
		$((name * count)) "$(find /sys/class/iscsi_session -mindepth 1 | wc -l)"
	ours_bytes | sort -rn | head | sed "s|\$| in $count sessions|" | comment
	check_le "transport_class=$name: memory of an idle session" \
		$(($(ours_bytes | awk '{ n += $1 } END { print n + 0 }') / count / 1024)) \
		"$IDLE_LIMIT" KiB
	echo '!hist:keys=call_site.sym,common_pid.execname:vals=bytes_alloc:size=16384' >$KMALLOC/trigger
	start=$(now_ms) busy=$(busy_ms)
	nap 30
	busy=$(($(busy_ms) - busy)) took=$(($(now_ms) - start))
	echo "# $count idle sessions, NOP every 5 s: $((busy * 1000000 / took / count)) us of processor each second and session, both ends"
	check_is "all are logged in still" $count "$(logged_in)"
	check "disconnect ends them all" disconnect_all
}
count=$((TARGETS * 2 * EACH))
idle 1
idle 0
