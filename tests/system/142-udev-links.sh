#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 300
# REQUIRES: cryptsetup iscsid multipathd systemctl
# If this fails, /dev/disk does not lead to our disks, leads nowhere, or a daemon
# of others takes hold of them.
#
# LINK_CYCLES: how often it connects and disconnects. LINK_STACK=1: with a volume
# group on one disk and an encrypted one on the other, see 143-udev-stack.sh.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:links
: "${LINK_CYCLES:=3}"
BY_PATH=/dev/disk/by-path

# What is in by-path of our target, and where each link leads.
links() { (cd $BY_PATH 2>/dev/null && ls -d -- *"$IQN"* 2>/dev/null); }
dangling() { find /dev/disk -xtype l; }
expected() {	# LINK...: names for two disks, the first with a partition
	local n
	for n; do
		printf '%s\n' "ip-10.9.$n.2:3260-iscsi-$IQN-lun-0" \
			"ip-10.9.$n.2:3260-iscsi-$IQN-lun-0-part1" \
			"ip-10.9.$n.2:3260-iscsi-$IQN-lun-1" \
			${THIRD:+"ip-10.9.$n.2:3260-iscsi-$IQN-lun-2"}
	done
}
links_are() {
	udevadm settle -t 10
	links >"$TMP/have"
	expected "$@" | sort >"$TMP/want"
	sort -o "$TMP/have" "$TMP/have"
	diff "$TMP/want" "$TMP/have"
}
property() { udevadm info -q property --property="$2" --value "/dev/$1"; }

net_up 2
lio_load
backend_file one "$SCENARIO_DIR/one" 64
backend_file two "$SCENARIO_DIR/two" 16
# An MBR with one partition: 98304 sectors from sector 2048 on
{
	head -c 446 /dev/zero
	printf '\0\0\0\0\203\0\0\0\0\10\0\0\0\200\1\0'
	head -c 48 /dev/zero
	printf '\125\252'
} | dd of="$SCENARIO_DIR/one" conv=notrunc status=none
two_portals $IQN one
lun_add $IQN 1 two

# --- the peer's names
modprobe iscsi_tcp
mkdir -p /run/lock/iscsi
[ -s /etc/iscsi/initiatorname.iscsi ] ||
	echo InitiatorName=iqn.2026-11.org.test:peer >/etc/iscsi/initiatorname.iscsi
iscsid
for n in 1 2; do
	iscsiadm -m node -o new -T $IQN -p 10.9.$n.2 >/dev/null
done
iscsiadm -m node -T $IQN --login >/dev/null
wait_until 20 links_are 1 2
links >"$TMP/peer"
iscsiadm -m node -T $IQN --logout >/dev/null
iscsiadm -m node -T $IQN -o delete >/dev/null
iscsiadm -k 0
wait_until 10 links_are
systemctl reset-failed iscsid.service 2>/dev/null

# --- ours
# Not waited for: connect returns when they are there.
links_now() {
	links | sort >"$TMP/have"
	expected "$@" | sort | diff - "$TMP/have"
}
must "two paths connect" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2
check "connect returns when all links are there" links_now 1 2
check "every path of every disk and partition has its link" \
	wait_until 20 links_are 1 2
check "they are the names open-iscsi's disks have" \
	diff "$TMP/peer" <(links)
check_is "none leads nowhere" '' "$(dangling)"
disk=$(basename "$(readlink -f $BY_PATH/ip-10.9.1.2:3260-iscsi-$IQN-lun-0)")
check_is "both paths lead to one disk" "/dev/$disk" \
	"$(readlink -f $BY_PATH/ip-10.9.2.2:3260-iscsi-$IQN-lun-0)"
wwn=$(property "$disk" ID_WWN_WITH_EXTENSION)
check_is "by-id leads there by the LU's own name" "/dev/$disk" \
	"$(readlink -f "/dev/disk/by-id/wwn-$wwn")"
check_is "ID_BUS is scsi" scsi "$(property "$disk" ID_BUS)"
check_is "ID_PATH names the first path in order of names" \
	"ip-10.9.1.2:3260-iscsi-$IQN-lun-0" "$(property "$disk" ID_PATH)"
check_is "multipath's rules leave it alone" 0 \
	"$(property "$disk" DM_MULTIPATH_DEVICE_PATH)"
check_is "systemd takes it for ready" '' \
	"$(property "$disk" SYSTEMD_READY | grep -v 1)"
check "open-iscsi's daemon is not started for it" \
	eval '! pgrep -x iscsid'
check_is "paths that are well have no errors" 0 \
	"$(ijson path list '[.[].Errors] | add')"
runs_helper() { udevadm test "/block/$1" 2>&1 | grep -q iscsi-mpio-udev; }
check "the helper of udev runs for our disk" runs_helper "$disk"
modprobe scsi_debug
udevadm settle -t 10
other=$(lsblk -dno NAME,VENDOR | awk '$2 == "Linux" { print $1 }' | head -1)
check "and for $other, which is not ours, it does not" eval \
	'[ -n "$other" ] && ! runs_helper "$other"'
modprobe -r scsi_debug

# --- who may have a disk open
# As multipath -u does, a program of udev's reads a disk for a while.
mkdir -p /run/udev/rules.d
echo "ACTION==\"change\", KERNEL==\"$disk\", PROGRAM=\"/bin/sh -c 'exec <\$devnode; : >/run/slow; sleep 4'\"" \
	>/run/udev/rules.d/99-slow.rules
udevadm control --reload
udevadm trigger -c change "/sys/block/$disk"
check "a program of udev has the disk open" wait_until 10 test -e /run/slow
check "which keeps no session from going" iscsictl disconnect --all
rm -f /run/udev/rules.d/99-slow.rules /run/slow
udevadm control --reload
udevadm settle -t 20
must "they connect again" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2

# --- paths that go and come
first=$(ijson session list '.[] | select(.TargetPortalAddress == "10.9.1.2") | .SessionIdentifier')
check "one session is disconnected" disconnect --session "$first"
check "its links go, the others stay" wait_until 20 links_are 2
must "it connects again" iscsictl connect $IQN --multipath --portal 10.9.1.2
check "a path that joins has its links when connect returns" links_now 1 2
backend_ramdisk three 8
lun_add $IQN 2 three
check "rescan finds another logical unit" iscsictl rescan
check "rescan returns when its links are there" \
	test -b $BY_PATH/ip-10.9.1.2:3260-iscsi-$IQN-lun-2 -a \
	-b $BY_PATH/ip-10.9.2.2:3260-iscsi-$IQN-lun-2
THIRD=1
check "its links are back" wait_until 20 links_are 1 2

# --- what lies on top comes back
# One pass phrase for all: what it hides is this test's.
luks() { printf secret-of-a-test | cryptsetup "$@" --key-file -; }
luks_link() { echo "/dev/disk/by-uuid/$LUKS_UUID"; }
dm_make() {
	local part=$BY_PATH/ip-10.9.1.2:3260-iscsi-$IQN-lun-0-part1
	local whole=$BY_PATH/ip-10.9.2.2:3260-iscsi-$IQN-lun-1
	# in the image it is off, for the sake of other tests
	rm -f /etc/udev/rules.d/69-lvm.rules
	udevadm control --reload
	modprobe dm_mod && modprobe dm_crypt &&
	pvcreate -qq "$whole" && vgcreate -qq links "$whole" &&
	lvcreate -qq -y -n lv -L 4M links &&
	luks luksFormat -q --type luks2 --pbkdf pbkdf2 \
		--pbkdf-force-iterations 1000 --luks2-metadata-size 16k \
		--luks2-keyslots-size 256k --sector-size 512 "$part" &&
	LUKS_UUID=$(cryptsetup luksUUID "$part") &&
	luks open "$(readlink -f "$part")" links-luks &&
	head -c 256k /dev/urandom >"$TMP/data" &&
	dd if="$TMP/data" of=/dev/links/lv oflag=direct status=none &&
	dd if="$TMP/data" of=/dev/mapper/links-luks oflag=direct status=none
}
dm_stop() {
	[ -n "${LINK_STACK:-}" ] || return 0
	udevadm settle -t 30
	cryptsetup close links-luks && vgchange -qq -an links
}
# The volume group by itself, the encrypted one by the name of its header.
dm_is_back() {
	[ -n "${LINK_STACK:-}" ] || return 0
	wait_until 30 test -b /dev/links/lv &&
		wait_until 10 test -b "$(luks_link)" &&
		luks open "$(luks_link)" links-luks &&
		echo 3 >/proc/sys/vm/drop_caches &&
		cmp -n 262144 "$TMP/data" /dev/links/lv &&
		cmp -n 262144 "$TMP/data" /dev/mapper/links-luks
}

[ -z "${LINK_STACK:-}" ] ||
	must "a volume group and an encrypted partition lie on top" dm_make
bad=0
for _ in $(seq "$LINK_CYCLES"); do
	dm_stop && disconnect $IQN && wait_until 10 links_are &&
		[ -z "$(dangling)" ] &&
		iscsictl connect $IQN --multipath --portal 10.9.1.2 \
			--portal 10.9.2.2 >/dev/null &&
		wait_until 20 links_are 1 2 && [ -z "$(dangling)" ] &&
		dm_is_back ||
		bad=$((bad + 1))
done >"$TMP/cycles" 2>&1
comment <"$TMP/cycles"
check_is "the set is exact${LINK_STACK:+ and what lies on top is back} in each of $LINK_CYCLES cycles" 0 $bad
check "what lies on top ends" dm_stop
check "disconnect ends the sessions" disconnect $IQN
check "no link is left" wait_until 10 links_are
check_is "none leads nowhere" '' "$(dangling)"

# --- a multipathd that has our disk in its files from before
must "they connect once more" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2
find_disk() { disk=$(basename "$(readlink -f $BY_PATH/ip-10.9.1.2:3260-iscsi-$IQN-lun-0)"); }
find_disk
mkdir -p /etc/multipath
printf '/%s/\n' "$(property "$disk" ID_SERIAL)" >/etc/multipath/wwids
: >/etc/multipath.conf
rm -f /etc/udev/rules.d/60-multipath.rules	# off, as for other tests
udevadm control --reload
must "they disconnect" disconnect $IQN
modprobe dm_multipath
multipathd
must "multipathd runs" wait_until 10 eval \
	'multipathd show daemon 2>/dev/null | grep -q idle'
must "it sees them connect" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2
udevadm settle -t 20
find_disk
check_is "it makes no map" '' "$(dmsetup ls --target multipath | grep -v '^No ')"
check_is "nothing holds the disk" '' "$(ls "/sys/block/$disk/holders")"
check_is "udev takes it for no path of a map" 0 \
	"$(property "$disk" DM_MULTIPATH_DEVICE_PATH)"
check_is "systemd takes it for ready" '' \
	"$(property "$disk" SYSTEMD_READY | grep -v 1)"
check "disconnect is not in its way" disconnect $IQN
multipathd shutdown >/dev/null
ln -sf /dev/null /etc/udev/rules.d/60-multipath.rules
udevadm control --reload
