#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 200
# REQUIRES: mkfs.ext4
# If this fails, a mistake of the administrator is answered without the reason,
# with a wrong exit status, or changes something.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:refuse
CHAP=iqn.2026-11.org.test:chap

net_up 2
lio_load
backend_ramdisk disk 64
backend_ramdisk disk2 64
two_portals $IQN disk
one_portal $CHAP disk2
chap_oneway $CHAP alice initiator-secret
modprobe iscsi_mpio
secret "$TMP/good" initiator-secret
secret "$TMP/wrong" some-other-secret
secret "$TMP/short" 11byteslong

expect_exit 2 'session' "register of an unknown session" \
	iscsictl register 4711
expect_exit 2 'session' "disconnect of an unknown session" \
	iscsictl disconnect --session ffffffffffffffff-ffffffffffffffff
# What targets call themselves is their choice; what harms a shell, a path or us is not.
for bad in 'iqn.2026-11.org.test:a b' iqn.2026-11.org.test:a/b .hidden -x \
	'iqn.2026-11.org.test:"a"' "iqn.$(printf 'a%.0s' {1..220})"; do
	expect_exit 7 'iqn|name|option' "dangerous name '${bad:0:40}'" \
		iscsictl connect "$bad" --portal 10.9.1.2
done
expect_exit 7 'port' "bad port" iscsictl connect $IQN --portal 10.9.1.2:70000
expect_exit 7 'address|portal' "bad address" \
	iscsictl connect $IQN --portal '[fd09::1'
expect_exit 7 'twice|duplicate|same|already' "duplicate portal" \
	iscsictl connect $IQN --multipath --portal 10.9.1.2 --portal 10.9.1.2:3260
expect_exit 7 '12' "secret too short" iscsictl connect $CHAP \
	--portal 10.9.1.2 --chap-username alice --chap-secret-file "$TMP/short"
expect_exit '7|13|21' 'no such file|does not exist' "secret file that is not there" \
	iscsictl connect $CHAP --portal 10.9.1.2 --chap-username alice \
	--chap-secret-file "$TMP/nonexistent"
expect_exit '7|13' 'director|regular' "secret file that is a directory" \
	iscsictl connect $CHAP --portal 10.9.1.2 --chap-username alice \
	--chap-secret-file "$TMP"
expect_exit 24 'auth' "wrong secret" iscsictl connect $CHAP \
	--portal 10.9.1.2 --chap-username alice --chap-secret-file "$TMP/wrong"
expect_exit 24 'auth|chap' "no secret where one is needed" \
	iscsictl connect $CHAP --portal 10.9.1.2
# LIO says of names it does not know that it is not operational now.
expect_exit '19|21|29' 'not found|no such|not operational' "target that is not there" \
	iscsictl connect iqn.2026-11.org.test:nobody --portal 10.9.1.2
expect_exit 4 'refused' "portal that refuses" \
	iscsictl connect $IQN --portal 10.9.1.2:3999
path_drop 2
expect_exit 8 'time|answer|silent' "silent portal" \
	iscsictl --timeout 3 connect $IQN --portal 10.9.2.2
path_heal 2
expect_exit 7 'option' "unknown option" iscsictl connect $IQN --no-such-option
expect_exit 7 'command' "unknown command" iscsictl frobnicate
check_is "none of this left a session" 0 "$(ijson session list length)"

must "connect without --multipath" iscsictl connect $IQN --portal 10.9.1.2
expect_exit 15 'exist|already|multipath' "second connect without --multipath" \
	iscsictl connect $IQN --portal 10.9.2.2
check_is "the first session is untouched" 1 \
	"$(sessions_in $IQN logged-in)"
must "a CHAP session connects" iscsictl connect $CHAP --portal 10.9.1.2 \
	--chap-username alice --chap-secret-file "$TMP/good"
expect_exit 7 'secret' "register of a CHAP session without its secret" \
	iscsictl register "$(session_ids $CHAP)"
check_is "which stores nothing" 0 "$(ijson record list length)"

must "register works" iscsictl register "$(session_ids $IQN)"
good=$(ijson record list '.[0].RecordIdentifier')
echo 'complete garbage' >/etc/iscsi-mpio/records/deadbeef.conf
iscsictl record list >"$TMP/out" 2>&1
check "a corrupt record is named" grep -q deadbeef "$TMP/out"
check "and the good one still listed" grep -q "$good" "$TMP/out"
disk_with_paths $IQN 1
disconnect $IQN
expect_exit 6 'deadbeef' "restore with a corrupt record" iscsictl restore --wait 20
check "the good record is restored all the same" \
	wait_until 20 has_sessions $IQN 1
rm /etc/iscsi-mpio/records/deadbeef.conf

DISK=$(disks_of $IQN)
mkfs.ext4 -q "/dev/$DISK"
mkdir -p /mnt
mount "/dev/$DISK" /mnt
expect_exit 28 '/mnt|mount|in use' "disconnect of a mounted disk" \
	iscsictl disconnect $IQN
check "which is still there" touch /mnt/file
umount /mnt
dd if=/dev/zero of="/dev/$DISK" bs=4k count=1 oflag=direct status=none
check "disconnect waits for udev, which reads a disk after each writer" \
	iscsictl disconnect $IQN

expect_exit 13 'root|permi|capab|admin' "not root" \
	setpriv --reuid 65534 --regid 65534 --clear-groups iscsictl session list
must "every session can go" disconnect --all
must "and the module with them" rmmod iscsi_mpio
# For everyone, since the kernel would call modprobe in the first namespace.
mount -t tmpfs none /usr/lib/modules
expect_exit '1|21|27' 'iscsi_mpio.*(not|missing)|no.*module' "no module" \
	iscsictl connect $IQN --portal 10.9.1.2
umount /usr/lib/modules
check "with it back, everything works again" iscsictl session list
