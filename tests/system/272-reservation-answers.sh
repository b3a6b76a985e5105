#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 600
# REQUIRES: sg_persist sg_raw
# If this fails, a disk with several paths answers a reservation command, or
# I/O under a reservation, otherwise than one with one path: a reservation with
# one holder shuts out our own paths, an issuer is told of what he did himself,
# or RESERVE(6) locks everybody out for good.
#
# Layouts: one path; two portals of one portal group; a group for each.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:answers
SETTINGS=(--set NopInterval=500 --set NopTimeout=500
	--set ReconnectDelayMax=500 --set NoPathTimeout=20000)

scenario_stop() {
	path_heal 1
	path_heal 2
	[ -z "${METER_PID:-}" ] || kill "$METER_PID" 2>/dev/null
}

connect() {	# PORTALS...
	local portal portals=()
	for portal; do portals+=(--portal "$portal"); done
	must "$# path(s) connect" iscsictl connect $IQN --multipath \
		"${portals[@]}" "${SETTINGS[@]}"
	must "they lead to one disk" disk_with_paths $IQN $#
	iscsictl policy set RR --disk "$DISK"
	udev_stop	# it reads a disk that is written, and takes unit attentions
}
leave() {
	udev_start
	check "disconnect ends the sessions" disconnect $IQN
}
answers() {	# NAME PATHS
	PYTHONPATH=/vm/tests/target MPIO_HEADER=/vm/tests/uapi/linux/iscsi_mpio.h \
		python3 /vm/tests/lib/pr-answers.py "/dev/$DISK" $IQN \
		10.9.1.2:3263 "$2" >"$TMP/$1" 2>&1 ||
		fail "the orders run to their end: $(tail -1 "$TMP/$1")"
}
same() {	# NAME SENTENCE
	diff "$TMP/one" "$TMP/$1" >"$TMP/differs"
	grep '^[<>]' "$TMP/differs" | head -60 | comment
	check_is "$2 ($(wc -l <"$TMP/$1") compared)" 0 \
		"$(grep -c '^[<>]' "$TMP/differs")"
}

net_up 2
lio_load
layout() {
	local n
	backend_ramdisk disk 16
	for n in 1 2 3; do
		target_new "$IQN#$n"
		lun_add "$IQN#$n" 0 disk
	done
	portal_add "$IQN#1" 10.9.1.2
	portal_add "$IQN#1" 10.9.2.2
	portal_add "$IQN#2" 10.9.2.2 3262
	portal_add "$IQN#3" 10.9.1.2 3263
}
layout

connect 10.9.1.2
answers one 1
check "RESERVE(6) passes on a disk with one path" \
	sg_raw "/dev/$DISK" 16 00 00 00 00 00
check "RELEASE(6), too" sg_raw "/dev/$DISK" 17 00 00 00 00 00
leave
connect 10.9.1.2 10.9.2.2:3262
answers groups 2
same groups "two portal groups answer as one session does"

legacy_refused() { sg_raw "/dev/$DISK" "$@" 2>&1 |
	grep -qi 'invalid command operation code'; }
for cdb in '16 00 00 00 00 00' '17 00 00 00 00 00' \
	'56 00 00 00 00 00 00 00 00 00' '57 00 00 00 00 00 00 00 00 00'; do
	# shellcheck disable=SC2086
	check "opcode ${cdb%% *} is refused on a disk with several" \
		legacy_refused $cdb
done
check "and nobody is locked out" dd if=/dev/zero of="/dev/$DISK" bs=4k \
	count=8 oflag=direct status=none

# --- the holder's path is lost: a sibling takes over before I/O goes on
pr() { python3 /vm/tests/lib/pr.py "/dev/$DISK" "$@"; }
for kind in 1 2; do
	must "REGISTER, kind $kind" pr register 0 0xabc1
	must "RESERVE" pr reserve 0xabc1 $kind
	must "a writer runs" meter_start "/dev/$DISK" 60
	for n in 1 2; do
		path_drop $n
		check "link $n is lost" wait_until 15 has_paths "$DISK" 1
		path_heal $n
		check "and comes back" wait_until 15 has_paths "$DISK" 2
	done
	meter_stop
	check_is "no conflict, no error, no lost write" 0 "$METER_RC"
	check_le "the longest pause" "$(meter longest_ms)" \
		$((3000 * ${TIMEOUT_SCALE:-1})) ms
	must "RELEASE" pr release 0xabc1 $kind
	must "CLEAR" pr clear 0xabc1
done

# --- so it does when a session of ours has left its registration behind
third() { ijson session list ".[-1].SessionNumber"; }
must "a third path" iscsictl connect $IQN --multipath --portal 10.9.1.2:3263 \
	"${SETTINGS[@]}"
must "leads to the disk" wait_until 15 has_paths "$DISK" 3
must "REGISTER" pr register 0 0xabc1
must "its session goes" iscsictl disconnect --session "$(third)"
must "RESERVE" pr reserve 0xabc1 1
for n in 1 2; do
	path_drop $n
	check "link $n is lost" wait_until 15 has_paths "$DISK" 1
	check "a write goes on without it" timeout 15 dd if=/dev/zero \
		of="/dev/$DISK" bs=4k count=1 oflag=direct status=none
	path_heal $n
	check "it comes back" wait_until 15 has_paths "$DISK" 2
done
must "CLEAR" pr clear 0xabc1

# --- who gave up wants nothing any more
all_lost() { has_paths "$DISK" 0; }
pr_waits() { grep -q '^State:.*D' "/proc/$1/status"; }
must "REGISTER" pr register 0 0xabc1
path_drop 1
path_drop 2
check "all paths are lost" wait_until 15 all_lost
python3 /vm/tests/lib/pr.py "/dev/$DISK" reserve 0xabc1 3 >/dev/null 2>&1 &
pid=$!
check "RESERVE waits for a path" wait_until 10 pr_waits $pid
kill -9 $pid
path_heal 1
path_heal 2
check "the paths come back" wait_until 15 has_paths "$DISK" 2
wait $pid 2>/dev/null
check "what its process was killed for was not done" eval \
	'sg_persist -n -i -r "/dev/$DISK" | grep -q "there is NO reservation"'

# --- the target loses its power, and what was not to persist; another host comes
other() { PYTHONPATH=/vm/tests/lib python3 -c "
import host, sys
m = host.Host(('10.9.1.2', 3263), '$IQN', 'iqn.2026-11.org.test:m')
$1"; }
must "RESERVE" pr reserve 0xabc1 3
scenario_power() {
	path_drop 1
	path_drop 2
	target_del $IQN
	backend_del disk
	layout
	path_heal 1
	path_heal 2
}
check "the target is there again" scenario_power
other "
m.pr_out(host.REGISTER, 0, 0xdef2)
sys.exit(m.pr_out(host.RESERVE, 0xdef2, 0, 5))"
check_is "another host reserves" 0 $?
check "our paths come back" wait_until 30 has_paths "$DISK" 2
cannot_write() { ! dd if=/dev/zero of="/dev/$DISK" bs=4k count=1 \
	oflag=direct status=none; }
for n in 1 2 3 4; do
	check "we do not write, try $n" cannot_write
done
check_is "and are not registered" "[57074]" "$(other 'print(m.keys())')"
other "m.pr_out(host.CLEAR, 0xdef2)"
leave

connect 10.9.1.2 10.9.2.2
answers group 2
same group "two portals of one group answer as one session does"
leave
