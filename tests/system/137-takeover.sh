#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.1
# TIMEOUT: 200
# REQUIRES: fio iscsid dmsetup
# If this fails, moving from a running open-iscsi loses a mount, leaves sessions
# of both, or takes a disk away from somebody who uses it.
#
# Not on 6.12: its iscsi_tcp warns of its work queues when it logs out.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

LVM=iqn.2026-11.org.test:lvm
RAW=iqn.2026-11.org.test:raw
IDLE=iqn.2026-11.org.test:idle

real() { /sbin/iscsiadm "$@" >>"$TMP/real" 2>&1; }
their_sessions() {	# IQN: ours are listed there, too, with another transport
	/sbin/iscsiadm -m session 2>/dev/null | grep -c "^tcp: .*$1"
}
their_disk() {	# IQN
	local session
	session=$(grep -lx "$1" /sys/class/iscsi_session/*/targetname | head -1)
	basename "$(echo "$(dirname "$session")"/device/target*/*/block/*)"
}
has_their_disk() { [ -b "/dev/$(their_disk "$1")" ]; }
result() {	# IQN: what the table says of its sessions
	jq -r "[.[] | select(.Kind == \"session\" and .TargetNodeAddress == \"$1\") | .Result] | unique | join(\" \")" "$TMP/table"
}
scenario_stop() {
	[ -z "${LOAD:-}" ] || kill "$LOAD" 2>/dev/null
	umount /mnt/moved /mnt/raw 2>/dev/null
	[ ! -e /dev/mapper/moved ] || dmsetup remove moved
	real -m node -u
	real -k 0
	rm -rf /etc/iscsi/nodes /etc/iscsi/send_targets
}

net_up 2
lio_load
for name in lvm raw idle; do
	backend_ramdisk $name 32
	two_portals iqn.2026-11.org.test:$name $name
done
echo InitiatorName=iqn.2026-11.org.test:host >/etc/iscsi/initiatorname.iscsi
modprobe iscsi_tcp
mkdir -p /run/lock
iscsid
for way in "$LVM 10.9.1.2" "$LVM 10.9.2.2" "$RAW 10.9.1.2" "$IDLE 10.9.2.2"; do
	real -m node -T "${way% *}" -p "${way#* },1" -o new
	real -m node -T "${way% *}" -p "${way#* },1" -o update \
		-n node.startup -v automatic
	must "open-iscsi logs in to ${way% *} at ${way#* }" \
		real -m node -T "${way% *}" -p "${way#* },1" -l
done
for target in $LVM $RAW $IDLE; do
	must "and has its disk" wait_until 20 has_their_disk "$target"
done
udevadm settle -t 30

# What LVM makes of a volume: a linear device at an offset.
A=$(their_disk $LVM)
dmsetup create moved --table "0 49152 linear /dev/$A 2048"
mkdir -p /mnt/moved /mnt/raw
mke2fs -q -t ext4 /dev/mapper/moved && mount /dev/mapper/moved /mnt/moved
R=$(their_disk $RAW)
mke2fs -q -t ext4 "/dev/$R" && mount "/dev/$R" /mnt/raw
head -c 4M /dev/urandom >/mnt/moved/before
sum=$(md5sum </mnt/moved/before)
fio --name=load --directory=/mnt/moved --size=4m --rw=randrw --bs=4k \
	--ioengine=psync --fsync=8 --verify=crc32c --verify_backlog=32 \
	--time_based=1 --runtime=600 --trigger-file="$TMP/enough" \
	--verify_state_save=0 >"$TMP/load" 2>&1 &
LOAD=$!

iscsictl --json import open-iscsi --takeover --dry-run >"$TMP/table" 2>"$TMP/err"
check_is "a dry run tells what would be done" \
	'would be taken over, stays, would be taken over' \
	"$(result $LVM), $(result $RAW), $(result $IDLE)"
check_is "and changes nothing" '4 0' "$(their_sessions org.test) $(ijson session list length)"

rc=0
iscsictl --json import open-iscsi --takeover >"$TMP/table" 2>"$TMP/err" || rc=$?
comment <"$TMP/err"
check_is "sessions that can be are taken over, the others stay" \
	'taken over, stays, taken over' \
	"$(result $LVM), $(result $RAW), $(result $IDLE)"
check_is "that one stays is told by the exit status" 28 $rc
check "and by a sentence that says what to do" \
	grep -q "stays: $R is in use by /mnt/raw (mounted $R): stop that first" "$TMP/err"
check_is "the other is logged out where ours is in" '0 1 0' \
	"$(their_sessions $LVM) $(their_sessions $RAW) $(their_sessions $IDLE)"
check_is "and ours in, over each portal" '2 0 1' \
	"$(sessions_in $LVM logged-in) $(sessions_in $RAW logged-in) $(sessions_in $IDLE logged-in)"
check "the other does not come back at the next boot" bash -c \
	"! grep -rl 'node.startup = automatic' /etc/iscsi/nodes | grep -v $RAW"
disk_with_paths $LVM 2
check_is "the mounted device stands on our disk" "$DISK" \
	"$(basename /sys/block/"$(basename "$(readlink /dev/mapper/moved)")"/slaves/*)"
check "the load went on" kill -0 $LOAD
path_drop 1
wait_until 20 has_paths "$DISK" 1
check "and goes on when a path is cut, which the other could not" kill -0 $LOAD
path_heal 1
touch "$TMP/enough"
check "without an error or a wrong byte" wait $LOAD
echo 3 >/proc/sys/vm/drop_caches
check_is "what was written before is there" "$sum" "$(md5sum </mnt/moved/before)"

umount /mnt/raw
must "the one that stayed is taken over once it is idle" \
	iscsictl import open-iscsi --takeover
check_is "no session of open-iscsi is left" 0 "$(their_sessions org.test)"
mkdir -p /mnt/raw
check "its file system is mounted from our disk" \
	mount "/dev/$(disks_of $RAW)" /mnt/raw
check_is "nothing is left to take over, which is fine" 0 \
	"$(iscsictl --json import open-iscsi --takeover | jq '[.[] | select(.Kind == "session")] | length')"
