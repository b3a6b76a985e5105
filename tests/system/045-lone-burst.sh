#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 200
# REQUIRES: fio tc
# If this fails, writes that are alone on a connection wait for something that
# has come already: R2Ts, or room in the command window. With NopInterval=0
# nothing but the SCSI timeout of 30 s would ever wake them.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:burst
LIMIT=$((8000 * ${TIMEOUT_SCALE:-1}))

net_up 1
lio_load
backend_ramdisk disk 64
one_portal $IQN disk
target_param $IQN ImmediateData No
target_param $IQN InitialR2T Yes
target_param $IQN MaxBurstLength 1048576
# R2Ts that come together are taken together.
must "the network delivers in bursts" in_tgt tc qdisc add dev t1 root \
	netem slot 100ms 100ms

# burst DEPTH: as many writes of 1 MiB as that at once, then silence
burst() {
	fio --name=burst --filename="/dev/$DISK" --rw=write --bs=1M --direct=1 \
		--ioengine=libaio --iodepth="$1" --iodepth_batch_submit="$1" \
		--iodepth_batch_complete_min="$1" --number_ios="$1" --size=16M
}

must "a session without NOPs" iscsictl connect $IQN --portal 10.9.1.2 \
	--set NopInterval=0
must "it shows a disk" disk_with_paths $IQN 1
for depth in 1 4 16; do
	start=$(now_ms)
	check "$depth writes at once by R2T" burst $depth
	check_le "none of $depth waits for a timer" \
		$(($(now_ms) - start)) $LIMIT ms
done
check "disconnect ends the session" disconnect $IQN
