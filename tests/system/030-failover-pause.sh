#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: icount
# TIMEOUT: 300
# If this fails, an application sees a longer pause than promised when the path
# that carries its I/O goes away, or loses a write to it.
#
# Two targets with one disk each: one with both portals in one portal group, and
# one with a portal group for each path, so that one of them can be disabled.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:pause
TPGS=iqn.2026-11.org.test:pause-tpgs
RST_LIMIT=${RST_LIMIT:-100}
DROP_LIMIT=${DROP_LIMIT:-2200}
LINK_LIMIT=${LINK_LIMIT:-2200}
scenario_stop() { [ -z "${METER_PID:-}" ] || kill "$METER_PID" 2>/dev/null; }

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
backend_ramdisk other 64
for n in 1 2; do
	target_new "$TPGS#$n"
	lun_add "$TPGS#$n" 0 other
	portal_add "$TPGS#$n" 10.9.$n.2 3261
done

# measure NAME LIMIT INJECT HEAL: the fault hits each path once, so that the
# one in use is among them, whatever the policy.
measure() {
	local name=$1 limit=$2 inject=$3 heal=$4 n
	must "a writer runs before $name" meter_start "/dev/$DISK" 120
	for n in 1 2; do
		$inject $n
		# The path must be seen to go before it may come back.
		check "path $n is found lost by $name" \
			wait_until 15 has_paths_at_most "$DISK" 1
		$heal $n
		must "path $n comes back after $name" \
			wait_until 30 has_paths "$DISK" 2
	done
	meter_stop
	check_is "no error and no lost write by $name" 0 "$METER_RC"
	check_le "longest pause of a 1-deep writer by $name" \
		"$(meter longest_ms)" "$limit" ms
}
has_paths_at_most() { [ "$(paths_in "$1" ready)" -le "$2" ]; }
# A reset path is back within 100 ms: new connections are refused for a moment
# so that it can be seen; what counts is the reset by the target. (A rule that
# rejects every packet may eat a response instead and reset the target alone,
# which nobody but a NOP can notice.)
rst_and_hold() { path_refuse "$1"; path_rst "$1"; }
disable() { tpg_disable "$TPGS#$1"; }
enable() { tpg_enable "$TPGS#$1"; }

connect_two $IQN --set NopInterval=1000 --set NopTimeout=1000

measure "a reset" "$RST_LIMIT" rst_and_hold path_heal
measure "a black hole" "$DROP_LIMIT" path_drop path_heal
measure "a link that is down" "$LINK_LIMIT" link_down link_up
check "disconnect ends the sessions" disconnect $IQN

must "two paths of two portal groups connect" iscsictl connect $TPGS \
	--multipath --portal 10.9.1.2:3261 --portal 10.9.2.2:3261 \
	--set NopInterval=1000 --set NopTimeout=1000
must "they lead to one disk, too" disk_with_paths $TPGS 2
# What it closes with data unread it resets, and a RST proves nothing: a write that
# was under way waits until the group lets the session in again.
measure "a disabled portal group" "$DROP_LIMIT" disable enable
check "disconnect ends those sessions" disconnect $TPGS
