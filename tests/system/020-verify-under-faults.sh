#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.1 6.12 7.2 debug
# TIMEOUT: 400
# REQUIRES: fio
# If this fails, losing a path under load costs an I/O error or wrong data.
#
# SECONDS_EACH of fio verify with one path reset every 5 s in turn, then with
# one path black-holed for 5 s in turn.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:faults
SECONDS_EACH=${SECONDS_EACH:-22}

faults_pid=
scenario_stop() { [ -z "$faults_pid" ] || kill "$faults_pid" 2>/dev/null; }

# every_5s COMMAND: with link 1, 2, 1, ... and counts in $TMP/faults
every_5s() {
	local link=1
	while :; do
		sleep 5
		echo "$1 $link" >>"$TMP/faults"
		"$1" $link
		link=$((3 - link))
	done
}
black_hole() {
	path_drop "$1"
	# both links would be down with the next one: heal before
	sleep 3
	path_heal "$1"
	wait_until 15 has_paths "$DISK" 2
}

net_up 2
lio_load
backend_ramdisk disk 128
two_portals $IQN disk
connect_two $IQN --set NopInterval=1000 --set NopTimeout=1000

for fault in path_rst black_hole; do
	: >"$TMP/faults"
	every_5s $fault >/dev/null 2>&1 &
	faults_pid=$!
	check "fio verify sees no error and no wrong byte under $fault" \
		fio_verify "/dev/$DISK" "$SECONDS_EACH"
	kill $faults_pid
	wait $faults_pid 2>/dev/null
	faults_pid=
	path_heal 1
	path_heal 2
	check_is "there were faults ($(wc -l <"$TMP/faults"))" yes \
		"$([ "$(wc -l <"$TMP/faults")" -ge 2 ] && echo yes)"
	must "both paths are back" wait_until 30 has_paths "$DISK" 2
done
check "the sessions have reconnected rather than never been cut" \
	eval '[ "$(ijson session list "[.[].ReconnectCount] | add")" -ge 2 ]'
check "disconnect ends the sessions" disconnect $IQN
