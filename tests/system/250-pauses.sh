#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name icount
# TIMEOUT: 300
# If this fails, an application sees a longer pause than promised when packets
# of its path get lost in one direction only, its link goes or flaps, or a path
# that was repaired is not used soon.
#
# Beside 030, for the clock that counts instructions. FAULTS says which (rst and
# drop, too, for a comparison); with
# PEER=1 open-iscsi and dm-multipath, tuned as tightly as they can be, are
# measured instead and nothing has a limit. At length: FLAPS=20.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/peer.sh

IQN=iqn.2026-11.org.test:pauses
FLAPS=${FLAPS:-4}
FAULTS=${FAULTS:-out in link flap failback}
NOP_MS=1000
# NOP interval and time to answer, and what a busy guest adds
DROP_LIMIT=${DROP_LIMIT:-2200}
LINK_LIMIT=${LINK_LIMIT:-200}
FAILBACK_LIMIT=${FAILBACK_LIMIT:-2000}

scenario_stop() { [ -z "${METER_PID:-}" ] || kill "$METER_PID" 2>/dev/null; }

up() {
	if [ -n "${PEER:-}" ]; then
		peer_up $IQN 10.9.1.2:3260 10.9.2.2:3260
		return
	fi
	iscsictl connect $IQN --multipath --portal 10.9.1.2 --portal 10.9.2.2 \
		--set NopInterval=$NOP_MS --set NopTimeout=$NOP_MS &&
	disk_with_paths $IQN 2
}
paths_ready() {	# COUNT
	if [ -n "${PEER:-}" ]; then
		peer_has_paths "$1"
	else
		has_paths "$DISK" "$1"
	fi
}
fewer_paths() { paths_ready 1 || paths_ready 0; }

# within SENTENCE FOUND LIMIT: the peer is only measured
within() {
	if [ -n "${PEER:-}" ]; then
		echo "# peer: $1: $2 ms"
	else
		check_le "$1" "$2" "$3" ms
	fi
}

# measure NAME LIMIT INJECT HEAL: as in 030, each path in turn
measure() {
	local name=$1 limit=$2 inject=$3 heal=$4 n
	must "a writer runs before $name" meter_start "/dev/$DISK" 600
	for n in 1 2; do
		$inject $n
		check "path $n is found lost by $name" wait_until 30 fewer_paths
		$heal $n
		must "path $n comes back after $name" \
			wait_until 60 paths_ready 2
	done
	meter_stop
	check_is "no error and no lost write by $name" 0 "$METER_RC"
	within "longest pause of a 1-deep writer by $name" \
		"$(meter longest_ms)" "$limit"
}
rst_and_hold() { path_refuse "$1"; path_rst "$1"; }
drop_out() { path_drop "$1" out; }
drop_in() { path_drop "$1" in; }

# writes_in SECONDS: of a 1-deep writer
writes_in() {
	pause-meter "/dev/$DISK" "$1" >"$TMP/rate"
	RATE_RC=$?
	sed -n 's/.*writes=\([0-9]*\).*/\1/p' "$TMP/rate"
}

# The link of path 1 goes up and down all the time; path 2 alone would do
# ALONE writes in that time.
flap() {
	local alone flapping pid
	link_down 1
	must "path 2 is alone" wait_until 30 paths_ready 1
	alone=$(writes_in $((FLAPS * 2)))
	link_up 1
	must "path 1 is back" wait_until 60 paths_ready 2
	(
		for _ in $(seq "$FLAPS"); do
			link_down 1
			sleep 1
			link_up 1
			sleep 1
		done
	) &
	pid=$!
	flapping=$(writes_in $((FLAPS * 2)))
	check "no error and no lost write while the link flaps $FLAPS times" \
		grep -q 'errors=0 .*miscompares=0' "$TMP/rate"
	wait $pid
	comment <"$TMP/rate"
	echo "# writes: $alone by path 2 alone, $flapping with a flapping path 1"
	[ -n "${PEER:-}" ] ||
		check "a flapping path leaves 70 % of the other alone" \
			[ $((flapping * 100)) -ge $((alone * 70)) ]
	must "path 1 is back after flapping" wait_until 60 paths_ready 2
}

# How soon a path is used that was cut for a while and is repaired.
failback() {
	local healed back
	path_drop 1
	must "path 1 is lost" wait_until 30 paths_ready 1
	# what matters is how far the attempts to connect are apart by now
	sleep "${CUT_SECONDS:-8}"
	path_heal 1
	healed=$(now_ms)
	must "path 1 is used again" wait_until 60 paths_ready 2
	back=$(now_ms)
	within "a repaired path is used again after" $((back - healed)) \
		"$FAILBACK_LIMIT"
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
must "two paths connect" up
for fault in $FAULTS; do
	case $fault in
	out) measure "loss of what is sent" "$DROP_LIMIT" drop_out path_heal ;;
	in) measure "loss of what is received" "$DROP_LIMIT" drop_in path_heal ;;
	link) measure "a link that is down" "$LINK_LIMIT" link_down link_up ;;
	rst) measure "a reset" 100 rst_and_hold path_heal ;;
	drop) measure "a black hole" "$DROP_LIMIT" path_drop path_heal ;;
	flap) flap ;;
	failback) failback ;;
	esac
done
if [ -n "${PEER:-}" ]; then
	peer_down
else
	check "disconnect ends the sessions" disconnect $IQN
fi
