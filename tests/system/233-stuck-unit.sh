#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 120
# REQUIRES: dmsetup
# If this fails, a unit that answers what it is but never a READ, so that nobody can
# look for partitions, keeps other units from being shown, a connect from ending, or
# other paths from reaching it; or units that answer nothing at all do so.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:stuck
proxy_pid=
scenario_stop() {
	[ -z "$proxy_pid" ] || kill "$proxy_pid"
	dmsetup resume --noudevsync stuck 2>/dev/null
	lio_gone
	dmsetup remove --noudevsync stuck 2>/dev/null
	rm -f /dev/stuck
	[ -z "${loop:-}" ] || losetup -d "$loop"
}
connect() {	# LINK
	timeout 60 iscsictl connect $IQN --multipath --portal "10.9.$1.2" \
		--set NopInterval=1000 --set NopTimeout=1000 >/dev/null
}
paths_to() { ijson path list "[.[] | select(.Lun == $1 and .State == \"ready\")] | length"; }
reached_by() { [ "$(paths_to "$1")" = "$2" ]; }
disk_of() { ijson path list ".[] | select(.Lun == $1) | .Disk" | head -1; }
shown() { [ -b "/dev/$(disk_of "$1")" ]; }
reads() { timeout 20 dd if="/dev/$(disk_of "$1")" of=/dev/null bs=4k count=1 \
	iflag=direct status=none; }

net_up 2
lio_load
modprobe -q loop
modprobe -q dm_mod
truncate -s 16M "$TMP/stuck"
loop=$(losetup -f --show "$TMP/stuck")
dmsetup create --noudevsync --noudevrules stuck \
	--table "0 32768 linear $loop 0"
# shellcheck disable=SC2046
mknod /dev/stuck b $(dmsetup info -c --noheadings --separator ' ' \
	-o major,minor stuck)
backend_block stuck /dev/stuck
backend_ramdisk fine 8
target_new $IQN
lun_add $IQN 0 stuck
lun_add $IQN 1 fine
portal_add $IQN 10.9.1.2
portal_add $IQN 10.9.2.2

must "the backend of LUN 0 stands still" \
	dmsetup suspend --noudevsync --noflush --nolockfs stuck
# One wait of 5 s for the driver of a disk, in the scan, and one for its links where
# udev runs, which reads it.
start=$(now_ms)
check "connect ends all the same" connect 1
check_le "that took" $(($(now_ms) - start)) 12000 ms
check "the disk of LUN 1 is there" wait_until 1 shown 1
check "and reads" reads 1
check "both have their path" eval 'reached_by 0 1 && reached_by 1 1'
start=$(now_ms)
check "connect by another link ends as well" connect 2
check_le "that took" $(($(now_ms) - start)) 10000 ms
check "it brings a path to both" wait_until 5 eval 'reached_by 0 2 && reached_by 1 2'
start=$(now_ms)
check "so does a rescan" eval "timeout 30 iscsictl rescan >/dev/null"
check_le "that took" $(($(now_ms) - start)) 10000 ms
must "the backend goes on" dmsetup resume --noudevsync stuck
check "the disk of LUN 0 is there, too" wait_until 20 shown 0
check "and reads" reads 0
check "disconnect ends the sessions" disconnect $IQN

# --- units that answer nothing: 3 of 10
target_new $IQN-dumb
for n in 0 1 2 3 4 5 6 7 8 9; do
	backend_ramdisk "unit$n" 8
	lun_add $IQN-dumb $n "unit$n"
done
portal_add $IQN-dumb 10.9.1.2 3262
mkfifo "$TMP/proxy"
in_tgt env PYTHONDONTWRITEBYTECODE=1 python3 /vm/tests/lib/port-proxy.py \
	10.9.1.2:3261 10.9.1.2:3262 <>"$TMP/proxy" >>"$TMP/proxy.out" &
proxy_pid=$!
must "a proxy stands before the portal" \
	wait_until 10 grep -q listening "$TMP/proxy.out"
echo dumb 2 5 8 >"$TMP/proxy"
must "three units of it are dumb" wait_until 10 grep -q dumb "$TMP/proxy.out"
start=$(now_ms)
check "connect ends" eval "timeout 60 iscsictl connect $IQN-dumb --multipath \
	--portal 10.9.1.2:3261 >/dev/null"
# 1.75 s of the scan for these, and 10 s at most for udev, as above
check_le "that took" $(($(now_ms) - start)) $((12000 * ${TIMEOUT_SCALE:-1})) ms
check "the disks of the seven others are there" \
	wait_until 1 has_disks $IQN-dumb 7
echo well >"$TMP/proxy"
check "so are all when the three answer" wait_until 30 has_disks $IQN-dumb 10
check "disconnect ends the session" disconnect $IQN-dumb
