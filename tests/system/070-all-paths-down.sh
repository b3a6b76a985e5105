#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 300
# REQUIRES: mkfs.ext4
# If this fails, an outage of all paths that is shorter than NoPathTimeout costs
# I/O errors, or a longer one hangs its waiters, or the disk does not recover
# without help from userspace.
#
# OUTAGE is how long all paths are down within NoPathTimeout, in seconds.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:down
OUTAGE=${OUTAGE:-8}
scenario_stop() { [ -z "${METER_PID:-}" ] || kill "$METER_PID" 2>/dev/null; }
no_path() { [ "$(paths_in "$DISK" ready)" = 0 ]; }
cut_all() { path_drop 1; path_drop 2; }
heal_all() { path_heal 1; path_heal 2; }

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
connect_two $IQN --set NopInterval=1000 --set NopTimeout=1000 \
	--set NoPathTimeout=$((OUTAGE * 1000 + 12000 * ${TIMEOUT_SCALE:-1}))

# --- shorter than NoPathTimeout, and nothing of ours in userspace
must "a writer runs" meter_start "/dev/$DISK" $((OUTAGE + 120))
mv /usr/sbin/iscsictl /usr/sbin/iscsictl.away
cut_all
sleep "$OUTAGE"
heal_all
healed=$(now_ms)
mv /usr/sbin/iscsictl.away /usr/sbin/iscsictl
must "both paths come back by themselves" wait_until 30 has_paths "$DISK" 2
meter_stop
check_is "an outage of $OUTAGE s costs no error and no write" 0 "$METER_RC"
check_le "first completion after the paths healed" \
	"$(($(meter at_ms) - healed))" "${HEAL_LIMIT:-6000}" ms

# --- longer than NoPathTimeout
iscsictl mpio set NoPathTimeout=20000 --node $IQN
mkfs.ext4 -q "/dev/$DISK"
mkdir -p /mnt
mount "/dev/$DISK" /mnt
cut_all
must "the loss of both paths is noticed" wait_until 15 no_path
lost=$(now_ms)
check "a read fails rather than hangs" \
	eval "! timeout 60 dd if=/dev/$DISK of=/dev/null bs=4k count=1 iflag=direct status=none"
took=$(($(now_ms) - lost))
check_le "it fails after NoPathTimeout" $took 23000 ms
check "but not before" [ $took -ge 15000 ]
check "a second one fails at once" \
	eval "! timeout 5 dd if=/dev/$DISK of=/dev/null bs=4k count=1 skip=9 iflag=direct status=none; [ \$? = 0 ]"
check_is "nothing is stuck in state D" 0 \
	"$(ps -eo state,comm | awk '$1 == "D" && $2 !~ /^kworker/' | wc -l)"
heal_all
must "both paths come back" wait_until 30 has_paths "$DISK" 2
check "the disk is the same one and reads again" \
	dd if="/dev/$DISK" of=/dev/null bs=1M count=4 iflag=direct status=none
umount /mnt
check "the file system is repaired and mounts again" \
	eval "{ fsck.ext4 -fy /dev/$DISK; [ \$? -le 2 ]; } && mount /dev/$DISK /mnt && touch /mnt/file"
umount /mnt

# --- the target itself restarts
must "a writer runs across a restart of the target" meter_start "/dev/$DISK" 60
tpg_disable $IQN
check "the restart is noticed" wait_until 15 no_path
tpg_enable $IQN
must "both paths come back after it" wait_until 30 has_paths "$DISK" 2
meter_stop
check_is "no error and no lost write" 0 "$METER_RC"
check "disconnect ends the sessions" disconnect $IQN
