#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 100
# If this fails, deleting the device of a disk that has no path waits for that path,
# and nothing can be added to its host or removed from it meanwhile.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:deleted
disk_of() { ijson path list ".[] | select(.Lun == $1) | .Disk" | head -1; }
shown() { [ -b "/dev/$(disk_of "$1")" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
in_flight() { grep -q '[1-9]' "/sys/block/$disk/inflight"; }

net_up 2
lio_load
backend_ramdisk away 32
backend_ramdisk here 8
backend_ramdisk third 8
target_new "$IQN#1"
target_new "$IQN#2"
lun_add "$IQN#1" 0 away
lun_add "$IQN#2" 1 here
portal_add "$IQN#1" 10.9.1.2
portal_add "$IQN#2" 10.9.2.2
for i in 1 2; do
	must "connect by link $i" iscsictl connect $IQN --multipath \
		--portal 10.9.$i.2 --set NopInterval=500 --set NopTimeout=500 \
		--set NoPathTimeout=infinite
done
must "both disks are there" wait_until 10 eval 'shown 0 && shown 1'
disk=$(disk_of 0)
echo 5 >"/sys/block/$disk/device/timeout"
path_drop 1
must "the first has no path any more" wait_until 10 has_paths "$disk" 0
dd if=/dev/zero of="/dev/$disk" bs=4k count=1 oflag=direct status=none 2>/dev/null &
writer=$!
must "a write waits for one" wait_until 5 in_flight
echo 1 >"/sys/block/$disk/device/delete" &
deleter=$!
lun_add "$IQN#2" 2 third
start=$(now_ms)
check "a scan of the other session ends" eval 'timeout 40 iscsictl rescan --session 2 >/dev/null'
check "and shows the new disk" wait_until 40 shown 2
check_le "that took" $(($(now_ms) - start)) 25000 ms
check "the deletion ends" wait_until 20 gone $deleter
check "the write failed" eval "wait_until 5 gone $writer && ! wait $writer"
path_heal 1
check "disconnect ends the sessions" timeout 60 iscsictl disconnect $IQN --force
