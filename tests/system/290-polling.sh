#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.1 7.2
# TIMEOUT: 240
# REQUIRES: fio
# If this fails, programs that wait for their I/O by polling (io_uring with IOPOLL)
# get none of their answers that way, or hang, or read wrong bytes, beside I/O
# that is not polled and while a path is lost.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:polling
TRACING=/sys/kernel/tracing
ROUNDS=5

has_probes() { [ -e $TRACING/kprobe_events ]; }
scenario_stop() {
	[ -z "${METER_PID:-}" ] || kill "$METER_PID" 2>/dev/null
	[ -z "${FIO_PID:-}" ] || fio_verify_stop
	! has_probes || {
		echo 0 >$TRACING/events/kprobes/answered/enable
		echo >$TRACING/kprobe_events
	}
	rmmod iscsi_mpio 2>/dev/null
} 2>/dev/null
polls() { cat "/sys/block/$DISK/queue/io_poll"; }
connect_both() {
	iscsictl connect $IQN --multipath --portal 10.9.1.2 \
		--portal 10.9.2.2 --set NopInterval=1000 \
		--set NopTimeout=1000 --set ReconnectDelayMax=200 &&
		disk_with_paths $IQN 2
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
must "two paths connect" connect_both
check_is "nothing is polled unless asked for" 0 "$(polls)"
check "disconnect ends the sessions" disconnect $IQN
must "the module goes" wait_until 15 rmmod iscsi_mpio

must "it comes back with queues for polling" modprobe iscsi_mpio poll_queues=1
must "two paths connect again" connect_both
check_is "the disk has them" 1 "$(polls)"
mountpoint -q $TRACING || mount -t tracefs tracefs $TRACING
# polls that found answers
if has_probes; then
	echo 'r:answered mpio_conn_poll commands=$retval' >$TRACING/kprobe_events
	echo 'commands > 0' >$TRACING/events/kprobes/answered/filter
	echo 1 >$TRACING/events/kprobes/answered/enable
fi

must "a writer runs that does not poll" meter_start "/dev/$DISK" 300
fio_verify_start "/dev/$DISK" --offset=8m --size=16m --iodepth=16 \
	--ioengine=io_uring --hipri
if has_probes; then
	check "polling finds answers" wait_until 30 grep -q mpio_conn_poll \
		$TRACING/trace
else
	skip "polling finds answers" "this kernel has no probes"
fi
for n in 1 2; do
	path_refuse $n
	path_rst $n
	check "path $n is lost" wait_until 10 has_paths "$DISK" 1
	path_heal $n
	check "path $n is back" wait_until 20 has_paths "$DISK" 2
done
for n in $(seq $ROUNDS); do
	path_rst $((1 + n % 2))
	wait_until 20 has_paths "$DISK" 2
done
meter_stop
check "fio verify by polling sees no error and no wrong byte" fio_verify_stop
check_is "no error and no lost write beside it" 0 "$METER_RC"
! has_probes || {
	echo "# polls that found answers, of those still recorded:" \
		"$(grep -c mpio_conn_poll $TRACING/trace)"
	echo 0 >$TRACING/events/kprobes/answered/enable
}

# Alone, and no deeper than what is answered where it arrives.
check "a single polled reader" fio --name=alone --filename="/dev/$DISK" \
	--rw=randread --bs=4k --direct=1 --ioengine=io_uring --hipri \
	--iodepth=1 --number_ios=2000 --size=32m
check "disconnect ends the sessions at last" disconnect $IQN
no_leaks
