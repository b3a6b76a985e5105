#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 200
# REQUIRES: fio
# If this fails, a CHAP secret cannot be rotated while its paths carry I/O, or a
# mistyped one is stored, and the next start has no disk.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:rotate
OLD=the-old-secret-of-alice
NEW=the-new-secret-of-alice

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
chap_oneway $IQN alice $OLD
modprobe iscsi_mpio
secret "$TMP/old" $OLD
secret "$TMP/new" $NEW
secret "$TMP/wrong" not-the-secret-of-alice
iscsictl target add $IQN --portal 10.9.1.2 --portal 10.9.2.2

must "two sessions with the old secret" iscsictl connect $IQN --multipath \
	--chap-username alice --chap-secret-file "$TMP/old"
iscsictl mpio set NopInterval=500ms NopTimeout=500ms --node $IQN
must "one disk" disk_with_paths $IQN 2
expect_exit 24 'uthenticat|refused|0x0201' \
	"register tries the secret it is given, and refuses a wrong one" \
	iscsictl register 1 2 --chap-username alice --chap-secret-file "$TMP/wrong"
check_is "nothing was stored" 0 "$(ijson record list length)"
must "the right one is stored" iscsictl register 1 2 --chap-username alice \
	--chap-secret-file "$TMP/old"
check "register --if-missing changes nothing" iscsictl register 1 2 --if-missing
check_is "as the records say" 2 "$(ijson record list length)"
stored() { cat /etc/iscsi-mpio/secrets/*.chap | sort -u; }
hex() { printf '0x%s\n' "$(printf %s "$1" | od -An -tx1 | tr -d ' \n')"; }
check_is "its secret is the old one" "$(hex $OLD)" "$(stored)"

fio_verify_start "/dev/$DISK" --offset=8m
expect_exit 24 '' "the target does not know the new secret yet" \
	iscsictl record set-secret --node $IQN --chap-secret-file "$TMP/new"
check_is "so it is not stored" "$(hex $OLD)" "$(stored)"
chap_oneway $IQN alice $NEW
check "now it is changed, for both paths" \
	iscsictl record set-secret --node $IQN --chap-secret-file "$TMP/new"
check_is "in the records" "$(hex $NEW)" "$(stored)"
check_is "and no path has noticed" '0 0' \
	"$(ijson session list '[.[].ReconnectCount] | join(" ")')"
for link in 1 2; do
	path_rst $link
	check "path $link logs in again with the new secret" wait_until 20 eval \
		"[ \"\$(ijson session list '[.[] | select(.ReconnectCount > 0)] | length')\" = $link ]"
	check "both paths are there" wait_until 20 has_paths "$DISK" 2
done
check "fio sees neither error nor wrong byte" fio_verify_stop

tree=$(iscsictl tree)
for what in "interface i1" "interface i2" "session 1 .*$IQN" "disk $DISK"; do
	check "the tree has $what" grep -q "$what" <<<"$tree"
done
comment <<<"$tree"
check "the undo brings the old secret back" iscsictl record undo
check "and forth" iscsictl record undo
check_is "as it was" "$(hex $NEW)" "$(stored)"
must "sessions go by the number that session list prints" disconnect 1 2
record=$(ijson record list '.[0].RecordIdentifier')
check "one record logs in alone" iscsictl record connect "$record"
check_is "and only it" 1 "$(sessions_in $IQN logged-in)"
check "twice changes nothing" iscsictl record connect "$record"
check_is "there is one session" 1 "$(sessions_in $IQN logged-in)"
before=$(md5sum /etc/iscsi-mpio/records/* /etc/iscsi-mpio/secrets/*.chap)
for words in "disconnect --all" "unregister $record" restore \
	"mpio set NopInterval=2s --all" "path fail 1" "record connect $record" \
	"policy set RR --node $IQN" "connect $IQN --multipath --portal 10.9.2.2"; do
	# shellcheck disable=SC2086
	iscsictl $words --dry-run >"$TMP/dry" 2>&1
done
check_is "a dry run changes no record" "$before" \
	"$(md5sum /etc/iscsi-mpio/records/* /etc/iscsi-mpio/secrets/*.chap)"
check_is "and no session" 1 "$(sessions_in $IQN logged-in)"
check_is "and no setting" 500 \
	"$(ijson session list '.[0].Settings.NopInterval')"
check "mpio set --all reaches what runs" bash -c \
	"iscsictl mpio set NopInterval=2s --all | grep -q 'all 1 sessions'"
check_is "as it says" 2000 "$(ijson session list '.[0].Settings.NopInterval')"
check "without it only what comes, and it says so" bash -c \
	"iscsictl mpio set NopInterval=3s | grep -q '1 that run keep'"
check_is "which is true" 2000 "$(ijson session list '.[0].Settings.NopInterval')"
