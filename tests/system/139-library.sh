#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 100
# If this fails, a program that uses libiscsi-mpio instead of iscsictl cannot do
# what iscsictl does, or is told something else.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:library

net_up 1
lio_load
backend_ramdisk disk 32
one_portal $IQN disk
! lsmod | grep -q iscsi_mpio || fail "the module is there already"
check "the manual's program lists no path" test -z "$(example 2>&1)"
check "and has the kernel load the module" test -e /sys/module/iscsi_mpio
check "a session is added, watched, changed and deleted through the library" \
	python3 /vm/tests/lib/impio.py /usr/lib/libiscsi-mpio.so.0 \
	/vm/tests/uapi/linux/iscsi_mpio.h $IQN 10.9.1.2
must "iscsictl connects" iscsictl connect $IQN --multipath --portal 10.9.1.2
must "and has a disk" disk_with_paths $IQN 1
example >"$TMP/paths" 2>&1
check "the manual's program shows the path that iscsictl shows" grep -qx \
	"$DISK $(ijson path list '.[0].PathKey') ready, [0-9]* I/Os" "$TMP/paths"
chap_oneway $IQN alice marker-of-the-library
secret "$TMP/secret" marker-of-the-library
iscsictl disconnect $IQN --force
must "a session with a secret" iscsictl connect $IQN --portal 10.9.1.2 \
	--auth oneway --chap-username alice --chap-secret-file "$TMP/secret"
python3 /vm/tests/lib/impio.py /usr/lib/libiscsi-mpio.so.0 >"$TMP/raw"
check "what the library is told has its user's name" grep -qa alice "$TMP/raw"
check "and not its secret" bash -c "! grep -qa marker-of '$TMP/raw'"
chap_off $IQN
