#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name icount
# TIMEOUT: 60
# REQUIRES: fio
# If this fails, a target that floods its session or drips its login makes the
# I/O of other sessions slow. Time is counted in instructions, on one CPU that
# does the work of all targets, too.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:quiet
IOS=${IOS:-12000}

# percentile: of READs of 4 KiB one at a time, in ns: the 99th
percentile() {
	fio --name=read --filename="/dev/$DISK" --direct=1 --ioengine=libaio \
		--rw=randread --bs=4k --iodepth=1 --size=32m --io_size=$((IOS * 4))k \
		--percentile_list=99 --lat_percentiles=1 --clat_percentiles=0 \
		--output-format=json |
		jq '.jobs[0].read.lat_ns.percentile."99.000000"'
}

nuisance_start() {	# KIND
	rm -f "$TMP/stop"
	mkfifo "$TMP/stop"
	MPIO_HEADER=/vm/tests/uapi/linux/iscsi_mpio.h PYTHONDONTWRITEBYTECODE=1 \
		python3 /vm/tests/target/neighbour.py "$1" <"$TMP/stop" \
		>"$TMP/nuisance" 2>&1 &
	NUISANCE=$!
	exec 7>"$TMP/stop"
	wait_until 30 grep -q ready "$TMP/nuisance"
}
nuisance_stop() {
	exec 7>&-
	wait "$NUISANCE"
}

net_up 1
lio_load
backend_ramdisk disk 32
one_portal $IQN disk
modprobe iscsi_mpio
modprobe sd_mod
udev_stop
scenario_stop() { udev_start; }
must "connects" iscsictl connect $IQN --portal 10.9.1.2
must "a disk" disk_with_paths $IQN 1

percentile >/dev/null	# warm
alone=$(percentile)
echo "# alone: $alone ns"
for kind in flood drip; do
	must "a target begins to $kind" nuisance_start $kind
	with=$(percentile)
	check "the session of the $kind is kept" nuisance_stop
	tail -1 "$TMP/nuisance" | comment
	check_le "99th percentile beside a $kind, alone it is $alone" "$with" \
		$((alone * 12 / 10)) ns
done
disconnect $IQN >/dev/null
must "the module can go" rmmod iscsi_mpio
