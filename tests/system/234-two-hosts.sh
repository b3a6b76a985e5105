#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 120
# REQUIRES: fio
# If this fails, one session cannot carry commands of two SCSI hosts: two disks
# behind two target names, each met first through another, have a host of their own
# and both sessions as paths. Tags of hosts are alike: one command takes another's
# place, its answer finds nobody, and it hangs for ever.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

A=iqn.2026-11.org.test:names-a
B=iqn.2026-11.org.test:names-b
MS=5000

# disk_of SERIAL: the disk with that unit serial
disk_of() {
	local dir
	for dir in /sys/block/sd*; do
		tr -d '\0' <"$dir/device/vpd_pg80" 2>/dev/null | grep -q "$1" &&
			basename "$dir" && return
	done
}
serial() { echo "$1" | md5sum | cut -c1-8; }	# as backend_ramdisk gives it
scsi_host() { readlink -f "/sys/block/$1/device" | grep -o '/host[0-9]*/'; }
paths() { ijson path list "[.[] | select(.Disk == \"$1\" and .State == \"ready\")] | length"; }
two_paths() { [ "$(paths "$1")" = 2 ]; }
write() {	# DISK: verified, deep enough that tags of both meet
	fio --name="$1" --filename="/dev/$1" --direct=1 --ioengine=libaio \
		--rw=randrw --bs=4k --iodepth=64 --size=16m --io_size=1g \
		--time_based=1 --runtime=$((MS / 1000)) --verify=crc32c \
		--output="$SCENARIO_DIR/$1.fio"
}

net_up 2
lio_load
backend_ramdisk one 16
backend_ramdisk two 16
target_new $A
target_new $B
portal_add $A 10.9.1.2
portal_add $B 10.9.2.2
lun_add $A 1 one
lun_add $B 2 two
must "a session through each name" eval \
	"iscsictl connect $A --multipath --portal 10.9.1.2 &&
	 iscsictl connect $B --multipath --portal 10.9.2.2"
udevadm settle
one=$(disk_of "$(serial one)")
two=$(disk_of "$(serial two)")
must "a disk through each" [ -n "$one" ]
must "and another" [ -n "$two" ]
lun_add $A 2 two
lun_add $B 1 one
must "both are shown by both names" iscsictl rescan
wait_until 10 two_paths "$one"
check_is "the first disk has a path through each" 2 "$(paths "$one")"
wait_until 10 two_paths "$two"
check_is "the second, too" 2 "$(paths "$two")"
check "they are of two hosts" [ "$(scsi_host "$one")" != "$(scsi_host "$two")" ]

dmesg -C
write "$one" &
pid=$!
check "data of one is right" write "$two"
check "data of the other, too" wait $pid
check_is "no session was dropped" "" "$(dmesg | grep -E 'session [0-9]+.*(lost|no such task)')"
check "both sessions end" eval "disconnect $A && disconnect $B"
