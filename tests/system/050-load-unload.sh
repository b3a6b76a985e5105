#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.1 6.12 7.2 debug
# TIMEOUT: 900
# If this fails, connecting, I/O, losing and healing a path, disconnecting or
# unloading leaves something behind: memory, a socket, a task, a splat.
#
# ROUNDS rounds; with kmemleak in the kernel its report must be empty.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:rounds
ROUNDS=${ROUNDS:-5}
scenario_stop() { [ -z "${finder:-}" ] || kill "$finder" 2>/dev/null; }

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
rmmod iscsi_mpio 2>/dev/null
# Leaks of the boot are not ours.
leaks_forget

round() {
	local link=$((1 + $1 % 2))
	modprobe iscsi_mpio || return
	iscsictl connect $IQN --multipath --portal 10.9.1.2 --portal 10.9.2.2 \
		--set NopInterval=1000 --set NopTimeout=1000 \
		--set ReconnectDelayMax=200 || return
	disk_with_paths $IQN 2 || return
	meter_start "/dev/$DISK" 120 || return
	# away until new connections are let through again
	path_refuse $link
	path_rst $link
	wait_until 15 lost_one || return
	path_heal $link
	wait_until 30 has_paths "$DISK" 2 || return
	meter_stop
	[ "$METER_RC" = 0 ] || return
	disconnect $IQN || return
	# It forgets the module's locks with the module.
	[ ! -e /proc/lockdep ] || cp /proc/lockdep "$TMP/lockdep"
	# A worker of udev may have the disk that went still open.
	wait_until 15 rmmod iscsi_mpio
}
lost_one() { has_paths "$DISK" 1; }

for i in $(seq "$ROUNDS"); do
	if ! round "$i" >"$TMP/log" 2>&1; then
		fail "round $i of $ROUNDS: load, connect, I/O, cut, heal, disconnect, unload"
		comment <"$TMP/log"
		dump_state
		exit 1
	fi
done
pass "$ROUNDS rounds of load, connect, I/O, cut, heal, disconnect, unload"
# Whoever has found a host by its number is in the module without a reference to it.
finds_hosts() {
	local host
	while :; do
		for host in /sys/devices/iscsi_mpio/host*; do
			echo "scsi add-single-device ${host##*/host} 0 0 0" \
				>/proc/scsi/scsi
		done
		nap 0.05	# processors are few
	done 2>/dev/null
}
found_round() {
	local rc
	modprobe iscsi_mpio &&
	iscsictl connect $IQN --multipath --portal 10.9.1.2 --portal 10.9.2.2 &&
	disk_with_paths $IQN 2 || return
	finds_hosts &
	finder=$!
	disconnect $IQN && wait_until 15 rmmod iscsi_mpio
	rc=$?
	kill $finder
	wait $finder 2>/dev/null
	return $rc
}
if [ -e /proc/scsi/scsi ]; then
	found_round >"$TMP/log" 2>&1
	check "it unloads though others look for its hosts by number" \
		[ ! -e /sys/module/iscsi_mpio ]
	[ ! -e /sys/module/iscsi_mpio ] || comment <"$TMP/log"
fi
if [ -e /proc/lockdep ]; then
	check "locks were taken in the order of Documentation/locking.rst" \
		/vm/tests/lib/locks.py /vm/tests/locking.rst "$TMP/lockdep"
fi
check_is "no connection to the target is left" 0 \
	"$(ss -Htn state established 'dport = 3260' | wc -l)"
check "the target has no session left" \
	wait_until 20 eval "[ \"\$(sessions_at $IQN)\" = 0 ]"
no_leaks
