#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 1800
# If this fails, a machine does not boot from a disk of ours through dracut.
#
# PARTS: which of static, dhcp, one and bond. HOLD_SECONDS: how long a DHCP lease of
# two minutes is to last behind a bond and a VLAN. PEER=1: boots by open-iscsi's
# dracut module, too, to compare the time.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
. "$HERE/../lib/rootvm.sh"

MASKED="ip=10.9.1.1:::255.255.255.0:vm:eth0:none ip=10.9.2.1:::255.255.255.0:vm:eth1:none"
BY_ROOT="netroot=iscsi:10.9.1.2::::$IQN netroot=iscsi:10.9.2.2::::$IQN"
NAME="rd.iscsi.initiator=$HOST_IQN"
: "${HOLD_SECONDS:=600}" "${PARTS:=static dhcp one bond}"
LEASE_SECONDS=120
part() { [[ " $PARTS " = *" $1 "* ]]; }

must "Debian's tools make a root disk and its initramfs" \
	make_images disk dracut
zcat "$IMAGES/dracut.img" | cpio -t 2>/dev/null >"$TMP/image"
for driver in vmxnet3 hv_netvsc xen-netfront virtio_net e1000e ixgbe bonding team \
	bridge 8021q iscsi_mpio; do
	check "the image has $driver" grep -q "/$driver.ko" "$TMP/image"
done
must "a target serves the disk" target_vm_start
by_netroot() {
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
}

# --- addresses and root path by DHCP
by_dhcp() {
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
}

# --- one portal, the peer's command line
by_one_portal() {
	must "boots by one netroot=" boot "$IMAGES/dracut.img" \
		"$MASKED" "netroot=iscsi:10.9.1.2::::$IQN" "$NAME"
	tell_boot "dracut, one portal"
	ends_within 30 "it powers off" poweroff
}

# --- a bond with a VLAN, DHCP with a short lease, taken over by networkd
over_bond() {
	lease_lines() { target "grep -c '$1' /run/leases"; }
	target 'pkill -f dhcp-server.py
		set -e
		modprobe 8021q
		ip link add link eth0 name eth0.7 type vlan id 7
		ip addr add 10.9.7.2/24 dev eth0.7
		ip link set eth0.7 up
		portal_add $IQN 10.9.7.2
		setsid python3 /vm/tests/lib/dhcp-server.py eth0.7 10.9.7.2 10.9.7.1 \
			iscsi:10.9.7.2::::$IQN 120 /run/leases >/dev/null 2>&1 </dev/null &'
	must "boots over a VLAN on a bond, by DHCP and its root path" \
		boot "$IMAGES/dracut.img" bond=bond0:eth0,eth1:mode=active-backup,primary=eth0,miimon=100 \
		vlan=bond0.7:bond0 ip=bond0.7:dhcp iscsi_mpio=dhcp \
		"iscsi_mpio_initiator=$HOST_IQN"
	tell_boot "dracut, bond, VLAN, DHCP"
	check "its address is on the VLAN of the bond" guest \
		'ip -o -4 addr show dev bond0.7 | grep -q 10.9.7.1'
	# Nothing of the real root has asked for the address by then.
	sleep "$LEASE_SECONDS"
	check "the address outlives its lease" guest \
		'ip -o -4 addr show dev bond0.7 | grep -q 10.9.7.1'
	must "networkd of the real root starts" guest \
		'systemctl unmask systemd-networkd.service systemd-networkd.socket
		systemctl start systemd-networkd.service'
	# the time itself
	sleep "$HOLD_SECONDS"
	check "the lease was renewed every minute or so" test \
		"$(lease_lines .)" -ge $((HOLD_SECONDS / 75))
	echo "# leases: $(lease_lines new) new, $(lease_lines renewed) renewed"
	check "the address has stayed" guest \
		'ip -o -4 addr show dev bond0.7 | grep -q 10.9.7.1'
	check_is "the session was never lost" 0 \
		"$(guest 'iscsictl --json session list | jq .[0].ReconnectCount')"
	must "networkd can be stopped" guest 'systemctl stop systemd-networkd'
	check "the address stays then, too" guest \
		'ip -o -4 addr show dev bond0.7 | grep -q 10.9.7.1 && ls / >/dev/null'
	ends_within 30 "it powers off" poweroff
}

! part static || by_netroot
! part dhcp || by_dhcp
! part one || by_one_portal
! part bond || over_bond
if [ -n "${PEER:-}" ]; then
	must "Debian's dracut makes an initramfs with open-iscsi" \
		make_images dracut-peer
	must "open-iscsi boots by the same words" boot \
		"$IMAGES/dracut-peer.img" "$MASKED" rd.neednet=1 \
		"netroot=iscsi:10.9.1.2::::$IQN" "$NAME"
	tell_boot "open-iscsi's dracut module, one portal"
fi
