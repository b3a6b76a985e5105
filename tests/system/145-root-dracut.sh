#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 1800
# If this fails, a machine does not boot from a disk of ours through dracut.
#
# PEER=1: boots by open-iscsi's dracut module, too, to compare the time.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
. "$HERE/../lib/rootvm.sh"

MASKED="ip=10.9.1.1:::255.255.255.0:vm:eth0:none ip=10.9.2.1:::255.255.255.0:vm:eth1:none"
BY_ROOT="netroot=iscsi:10.9.1.2::::$IQN netroot=iscsi:10.9.2.2::::$IQN"
NAME="rd.iscsi.initiator=$HOST_IQN"

must "Debian's tools make a root disk and its initramfs" \
	make_images disk dracut
must "a target serves the disk" target_vm_start
for dead in 1 2; do
	cut $dead
	must "boots by netroot= with portal $dead dead" \
		boot "$IMAGES/dracut.img" "$MASKED" "$BY_ROOT" "$NAME"
	tell_boot "dracut, portal $dead dead"
	check_is "one path is ready" 1 "$(ready_paths)"
	heal $dead
	check "the dead path joins when it comes to life" \
		wait_until 30 has_ready 2
	ends_within 30 "it powers off" poweroff
done

# --- addresses and root path by DHCP
target "for n in 1 2; do
		setsid python3 /vm/tests/lib/dhcp-server.py eth\$((n - 1)) \
			10.9.\$n.2 10.9.\$n.1 iscsi:10.9.\$n.2::::\$IQN \
			>/dev/null 2>&1 </dev/null &
	done"
must "boots by DHCP and its root path" \
	boot "$IMAGES/dracut.img" ip=dhcp iscsi_mpio=dhcp \
	"iscsi_mpio_initiator=$HOST_IQN"
tell_boot "dracut, DHCP"
check "over both paths" wait_until 20 has_ready 2
ends_within 30 "it reboots" reboot

# --- one portal, the peer's command line
must "boots by one netroot=" boot "$IMAGES/dracut.img" \
	"$MASKED" "netroot=iscsi:10.9.1.2::::$IQN" "$NAME"
tell_boot "dracut, one portal"
ends_within 30 "it powers off" poweroff
if [ -n "${PEER:-}" ]; then
	must "Debian's dracut makes an initramfs with open-iscsi" \
		make_images dracut-peer
	must "open-iscsi boots by the same words" boot \
		"$IMAGES/dracut-peer.img" "$MASKED" rd.neednet=1 \
		"netroot=iscsi:10.9.1.2::::$IQN" "$NAME"
	tell_boot "open-iscsi's dracut module, one portal"
fi
