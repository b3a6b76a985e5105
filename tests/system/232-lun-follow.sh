#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.1 6.12 7.2
# TIMEOUT: 300
# REQUIRES: mkfs.ext4
# If this fails, a volume that is mapped late, or as a LUN number that another had,
# is not shown, or somebody reads the old one's data or writes to the new one.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/port.sh

IQN=iqn.2026-11.org.test:follow
scenario_stop() { proxies_gone; }
LINK=/dev/disk/by-path/ip-10.9.1.2:3260-iscsi-$IQN-lun
connect() {	# LINK [OPTION...]
	iscsictl connect $IQN --portal "10.9.$1.2" "${@:2}" >/dev/null
}
# unmap LUN: a reader of udev would hold its disk until its I/O fails, so all that
# udev looks at was told and done before.
unmap() {
	iscsictl rescan >/dev/null
	udevadm settle -t 10
	lun_del $IQN "$1"
}
# The disk that the LUN is for the first session; the link says the same.
disk_at() {
	local disk
	disk=$(ijson path list ".[] | select(.Lun == $1 and
		(.PathKey | startswith(\"10.9.1.1>\"))) | .Disk")
	[ -b "/dev/$disk" ] || return
	[ ! -d /run/systemd/system ] || [ "$(readlink -f "$LINK-$1")" = "/dev/$disk" ] ||
		return
	echo "/dev/$disk"
}
# What the disk begins with, read afresh.
says() { dd if="$(disk_at "$1")" bs=512 count=1 iflag=direct status=none | tr -d '\0'; }
shows() { [ "$(says "$1")" = "$2" ]; }
no_link() { [ ! -e "$LINK-$1" ]; }
paths_at() { ijson path list "[.[] | select(.Lun == $1 and .State == \"$2\")] | length"; }
ready_at() { [ "$(paths_at "$1" ready)" = "$2" ]; }
fenced_at() { [ "$(paths_at "$1" fenced)" = "$2" ]; }

net_up 2
lio_load
for n in 1 2 3 4 5; do
	truncate -s $((8 + n))M "$TMP/vol$n"
	printf 'VOLUME-%d' $n | dd of="$TMP/vol$n" conv=notrunc status=none
	backend_file vol$n "$TMP/vol$n" $((8 + n))
done
target_new $IQN
portal_add $IQN 10.9.1.2
portal_add $IQN 10.9.2.2

# --- nothing is mapped when the session comes up, as while an array starts
# NoPathTimeout: an unmount of what has been replaced takes as long.
connect 1 --multipath --set NoPathTimeout=20000
connect 2 --multipath --set NoPathTimeout=20000
nap 2
start=$(now_ms)
lun_add $IQN 4 vol1
check "a LUN mapped long after the login is shown without a word" \
	wait_until 40 ready_at 4 2
check_le "it took" $(($(now_ms) - start)) 20000 ms
check "it is the right one" wait_until 10 shows 4 VOLUME-1
check_is "it is one disk" 1 "$(ijson path list '[.[].Disk] | unique | length')"

# --- a LUN that is missing for a moment

unmap 4
must "a rescan" iscsictl rescan
check "a LUN that is unmapped takes its disk along" wait_until 10 ready_at 4 0
lun_add $IQN 4 vol1
check "it is back by itself when the LUN is" wait_until 20 ready_at 4 2
unmap 4
iscsictl rescan >/dev/null
check "no link is left" wait_until 20 no_link 4

# --- a number that gets another volume, while nobody uses the old one
lun_add $IQN 5 vol2
must "a rescan" iscsictl rescan
check "a volume is shown" wait_until 10 shows 5 VOLUME-2
udevadm settle -t 10
unmap 5
lun_add $IQN 5 vol3
new=$(ijson rescan '[.[].NewDisks[]] | unique | length')
check_is "rescan tells that there is a new disk" 1 "$new"
check "its number shows the new one" wait_until 10 shows 5 VOLUME-3
check "by both paths" wait_until 10 ready_at 5 2
check_is "the old one has gone" 1 \
	"$(ijson path list '[.[] | select(.Lun == 5) | .Disk] | unique | length')"

# --- the same while the old one is mounted
OLD=$(disk_at 5)
# Nothing is written by itself: what meets the gap has its path leave the disk.
mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$OLD"
mkdir -p "$TMP/mnt"
must "it is mounted" mount "$OLD" "$TMP/mnt"
sync -f "$TMP/mnt"
unmap 5
lun_add $IQN 5 vol4
iscsictl rescan >/dev/null
check "in use it is fenced, on both paths" wait_until 15 fenced_at 5 2
check "with a reason" [ -n "$(ijson path list '.[] | select(.Lun == 5) | .Reason' | head -1)" ]
check_is "nothing is written to the new volume" VOLUME-4 \
	"$(head -c 8 "$TMP/vol4")"
check "its holder lets go" eval 'umount -l "$TMP/mnt" && wait_until 20 ready_at 5 2'
check "and the number shows the new one" wait_until 10 shows 5 VOLUME-4
unmap 5
iscsictl rescan >/dev/null
wait_until 20 no_link 5

# --- a write that meets the gap between two volumes waits for its own; nothing
# else does, and it is never the new one's
parked() { [ "$(ijson stats '[.[].Parked] | add')" = 1 ]; }
lun_add $IQN 6 vol1
must "a rescan" iscsictl rescan
check "a volume is shown" wait_until 10 shows 6 VOLUME-1
check "by both paths" wait_until 10 ready_at 6 2
OLD=$(disk_at 6)
unmap 6
dd if=/dev/zero of="$OLD" bs=4k count=1 oflag=direct status=none 2>/dev/null &
writer=$!
check "a write to it waits when it is unmapped" wait_until 10 parked
lun_add $IQN 6 vol2
start=$(now_ms)
iscsictl rescan >/dev/null
check_le "a rescan does not wait for it:" $(($(now_ms) - start)) \
	$((4000 * ${TIMEOUT_SCALE:-1})) ms
any_ready_at() { [ "$(paths_at "$1" ready)" -ge 1 ]; }
check "the number shows the new volume meanwhile" wait_until 8 any_ready_at 6
check "the write fails when NoPathTimeout is over" eval '! wait $writer'
check "both paths lead to the new volume then" wait_until 10 ready_at 6 2
check "which shows what is in it" wait_until 10 shows 6 VOLUME-2
check_is "nothing was written to it" VOLUME-2 "$(head -c 8 "$TMP/vol2")"
unmap 6
iscsictl rescan >/dev/null
wait_until 20 no_link 6

# --- the order of CSI drivers: map, rescan, use, delete, unmap; one number for all
bad=0
for n in 1 2 3 4 5; do
	lun_add $IQN 5 vol$n
	iscsictl rescan >/dev/null
	printf 'VOLUME-%d' $n | dd of="$TMP/vol$n" conv=notrunc status=none
	wait_until 10 shows 5 VOLUME-$n || { bad=$((bad + 1)); says 5 | comment; }
	name=$(basename "$(disk_at 5)")
	udevadm settle -t 10
	echo 1 >"/sys/block/$name/device/delete"
	lun_del $IQN 5
done >"$TMP/csi" 2>&1
comment <"$TMP/csi"
check_is "each of 5 volumes gets its disk, one after the other as one LUN" 0 $bad
check "disconnect ends the sessions" disconnect $IQN

# --- a number that gets another volume while the old one is being verified: what
# the verification had read of the old one by then does not count
lun_add $IQN 7 vol1
printf 'VOLUME-2' | dd of="$TMP/vol2" conv=notrunc status=none
must "a proxy stands before the portal" proxy 1
must "a session through it" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2:3261 --set NoPathTimeout=2000
must "a volume is shown" disk_with_paths $IQN 1
exec 9<"/dev/$DISK"
path=$(ijson path list '.[].PathIdentifier')
port_is 1 hold 9e	# READ CAPACITY(16)
iscsictl path fail "$path" >/dev/null
iscsictl path reinstate "$path" >/dev/null
must "its size is asked for" port_holds 1
lun_del $IQN 7
lun_add $IQN 7 vol2
iscsictl rescan >/dev/null
check "in use it is fenced" fenced_at 7 1
port_is 1 release
check "a write to it fails" eval \
	'! dd if=/dev/zero of="/dev/$DISK" bs=4k count=1 oflag=direct status=none'
check "it stays fenced" fenced_at 7 1
check_is "nothing was written to the other volume" VOLUME-2 \
	"$(head -c 8 "$TMP/vol2")"
exec 9<&-
check "disconnect ends the session" disconnect $IQN
check_is "no disk is left" 0 "$(lsblk -dnS -o NAME | grep -c ^sd)"
