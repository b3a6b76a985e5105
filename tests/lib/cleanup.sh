#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run by the guest's agent after each scenario: takes away sessions, records,
# target and network. Fails when something does not go, and the next scenario
# then gets a fresh guest.
# shellcheck source=tests/lib/target.sh
. /vm/tests/lib/target.sh

rc=0
complain() { echo "# cleanup: $*"; rc=1; }

umount -R /mnt 2>/dev/null
if lsmod | grep -q ^iscsi_mpio; then
	iscsictl disconnect --all --force >/dev/null 2>&1
	end=$((SECONDS + 30))
	until rmmod iscsi_mpio 2>/dev/null; do
		[ $SECONDS -lt $end ] || { complain "iscsi_mpio does not unload"; break; }
		sleep 0.2
	done
fi
rm -rf /etc/iscsi-mpio/records /etc/iscsi-mpio/portals /etc/iscsi-mpio/secrets
if lsmod | grep -q ^iscsi_tcp; then
	iscsiadm -m node -u >/dev/null 2>&1
	pkill -x iscsid
fi
# Sessions have the class's numbers, from 1 again when that is loaded anew.
modprobe -qr iscsi_tcp
modprobe -qr scsi_transport_iscsi
lio_gone || complain "LIO does not go"
net_gone
compgen -G '/sys/kernel/config/target/iscsi/iqn*' >/dev/null &&
	complain "a target is left"
exit $rc
