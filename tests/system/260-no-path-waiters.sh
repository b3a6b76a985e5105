#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 200
# If this fails, what waits for a disk without paths hangs past NoPathTimeout, or
# gets its error too early, or is stuck in the kernel, or the disk that comes
# back is another one.
#
# WAITERS readers, writers and a writer through the page cache wait when the last
# path goes. 070 has outages shorter than NoPathTimeout.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:waiters
WAITERS=${WAITERS:-16}
PATIENCE=$((${PATIENCE:-4000} * ${TIMEOUT_SCALE:-1}))

waiter_pids=()
scenario_stop() {
	[ ${#waiter_pids[@]} = 0 ] || kill "${waiter_pids[@]}" 2>/dev/null
}
no_path() { [ "$(paths_in "$DISK" ready)" = 0 ]; }
waiting() {	# all have begun
	[ "$(wc -l <"$TMP/begun")" = $((WAITERS + 1)) ]
}
waiter() {	# NAME COMMAND...: notes how it ended, and when
	local name=$1 rc=0
	shift
	echo "$name" >>"$TMP/begun"
	"$@" 2>/dev/null || rc=$?
	echo "$name $rc $(now_ms)" >>"$TMP/ended"
}
stuck() {
	ps -eo state,pid,comm | awk '$1 == "D" && $3 !~ /^kworker/'
}
identity() {
	stat -c '%t:%T' "/dev/$DISK"
	cat "/sys/block/$DISK/diskseq" "/sys/block/$DISK/size"
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
connect_two $IQN --set NopInterval=500 --set NopTimeout=500 \
	--set ReconnectDelayMax=1000 --set NoPathTimeout="$PATIENCE"
before=$(identity)

path_drop 1
path_drop 2
must "the loss of both paths is noticed" wait_until 15 no_path
: >"$TMP/begun"
: >"$TMP/ended"
# The clock of NoPathTimeout has been running since before this.
lost=$(now_ms)
for n in $(seq $((WAITERS / 2))); do
	waiter "read-$n" dd if="/dev/$DISK" of=/dev/null bs=4k count=1 \
		skip="$n" iflag=direct status=none &
	waiter_pids+=($!)
	waiter "write-$n" dd if=/dev/zero of="/dev/$DISK" bs=4k count=1 \
		seek=$((100 + n)) oflag=direct status=none &
	waiter_pids+=($!)
done
waiter cached dd if=/dev/zero of="/dev/$DISK" bs=64k count=16 conv=fsync \
	status=none &
waiter_pids+=($!)
must "$((WAITERS + 1)) processes wait for the disk" wait_until 10 waiting
check "every one of them gets an answer" wait_until $((PATIENCE / 1000 + 10)) \
	eval '[ "$(wc -l <"$TMP/ended")" = $((WAITERS + 1)) ]'
check_is "it is an error" 0 "$(awk '$2 == 0' "$TMP/ended" | wc -l)"
check_is "nothing is stuck in state D" "" "$(stuck)"
first=$(awk '{ print $3 }' "$TMP/ended" | sort -n | head -1)
last=$(awk '{ print $3 }' "$TMP/ended" | sort -n | tail -1)
check "no one is told before NoPathTimeout ($((first - lost)) ms)" \
	[ $((first - lost)) -ge $((PATIENCE - 2000)) ]
check_le "the last one is told after the loss" $((last - lost)) \
	$((PATIENCE + 2000)) ms
wait "${waiter_pids[@]}"
waiter_pids=()

path_heal 1
path_heal 2
must "both paths come back" wait_until 30 has_paths "$DISK" 2
same_disk() { [ "$(identity)" = "$before" ]; }
# Whoever asked in the meantime how big it is got no answer.
check "the disk is the one it was, with its size" wait_until 5 same_disk
check "it reads" dd if="/dev/$DISK" of=/dev/null bs=1M count=4 iflag=direct \
	status=none
check "and writes" dd if=/dev/zero of="/dev/$DISK" bs=1M count=4 oflag=direct \
	status=none
check "disconnect ends the sessions" disconnect $IQN
