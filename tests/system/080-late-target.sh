#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 300
# REQUIRES: systemctl
# If this fails, a dead portal delays the boot or the other disks, or a target
# that appears after the boot is not joined.
#
# One record leads to a portal that never answers, one to a target that is
# there only long after the restore service ran.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:late

target_setup() {
	net_up 2
	lio_load
	backend_file disk "$SCENARIO_DIR/disk" 64
	two_portals $IQN disk
}

case $STAGE in
0)
	target_setup
	connect_two $IQN --persistent
	check_is "there are two records" 2 "$(ijson record list length)"
	head -c 1M /dev/urandom >"$SCENARIO_DIR/data"
	dd if="$SCENARIO_DIR/data" of="/dev/$DISK" bs=64k oflag=direct status=none
	reboot_here
	;;
1)
	must "the boot ends although no target is there" \
		wait_until 60 systemctl is-active -q multi-user.target
	check_is "it is not in the state of failure" 0 \
		"$(systemctl list-units --state=failed --plain --no-legend | grep -cv iscsi-mpio)"
	systemctl status iscsi-mpio-restore.service --no-pager | comment
	check_is "both records are in the kernel, trying" 2 \
		"$(ijson session list length)"
	check_is "none is connected" 0 "$(sessions_in $IQN logged-in)"
	# a route into nothing, as before the right interface is there: a SYN
	# that was sent there would be repeated from the wrong address for 7 s
	ip link add hole type dummy
	ip addr add 10.250.0.1/32 dev hole
	ip link set hole up
	ip route add 10.9.0.0/16 dev hole
	must "it tries over the wrong route" wait_until 10 \
		eval "ss -Htn state syn-sent | grep -q 10.9.1.2"
	path_drop 2
	target_setup
	since=$(now_ms)
	must "the late target is joined by its living portal" \
		disk_with_paths $IQN 1
	check_le "neither the dead portal nor the old route delays it" \
		"$(($(now_ms) - since))" 8000 ms
	check "the data is intact" cmp -n 1048576 "$SCENARIO_DIR/data" "/dev/$DISK"
	path_heal 2
	must "the other portal is joined when it comes to life" \
		disk_with_paths $IQN 2
	check "restore again changes nothing" iscsictl restore --wait 20
	check_is "there are still two sessions" 2 "$(ijson session list length)"
	check "unregister removes the records" eval \
		"iscsictl unregister \$(ijson record list '.[].RecordIdentifier')"
	check "disconnect ends the sessions" disconnect $IQN
	;;
esac
