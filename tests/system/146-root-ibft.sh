#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 600
# If this fails, a machine does not boot from the disk its firmware booted from.
#
# The iBFT names two NICs, two targets and the names and secrets of mutual CHAP.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
. "$HERE/../lib/rootvm.sh"

USER_SECRET=initiator-secret
TARGET_SECRET=target-has-a-secret

# ibft_boot [DEAD-LINK]: by the table that make_table wrote
ibft_boot() {
	[ $# = 0 ] || cut "$1"
	QEMU="-acpitable sig=iBFT,rev=1,oem_id=TESTED,data=$WORK/ibft" \
		boot "$IMAGES/initramfs-tools.img" ip=ibft iscsi_mpio=ibft
}
make_table() {	# NIC-1 NIC-2 PORTAL-1 PORTAL-2 [NAME-2]
	python3 "$HERE/../lib/ibft-table.py" "$WORK/ibft" "$HOST_IQN" \
		"52:54:00:09:01:01,$1" "52:54:00:09:02:01,$2" -- \
		"0,$3,$IQN,alice,$USER_SECRET,storage,$TARGET_SECRET" \
		"1,$4,${5:-$IQN},alice,$USER_SECRET,storage,$TARGET_SECRET"
}

must "Debian's tools make a root disk and an initramfs" \
	make_images disk initramfs-tools
must "a target serves the disk" target_vm_start
target "chap_mutual \$IQN alice $USER_SECRET storage $TARGET_SECRET"
for dead in 2 1; do
	make_table 10.9.1.1/24 10.9.2.1/24 10.9.1.2 10.9.2.2
	must "boots by the iBFT with mutual CHAP and portal $dead dead" \
		ibft_boot $dead
	tell_boot "iBFT, portal $dead dead"
	check_is "one path is ready" 1 "$(ready_paths)"
	check_is "it authenticated both ways" MUTUALCHAP \
		"$(guest 'iscsictl --json session list | jq -r "[.[] | select(.IsConnected)][0].AuthenticationType"')"
	check_is "under the name the table gives" "$HOST_IQN" \
		"$(guest 'iscsictl --json session list | jq -r .[0].InitiatorNodeAddress')"
	heal $dead
	check "the dead path joins when it comes to life" \
		wait_until 30 has_ready 2
	check_is "no secret is in the log" '' \
		"$(root_log | grep -e $USER_SECRET -e $TARGET_SECRET)"
	ends_within 30 "it powers off with the target alive" poweroff
done

# --- IPv6 on one link, a VLAN on the other
target 'set -e
	portal_add $IQN "[fd09:1::2]"
	modprobe 8021q
	ip link add link eth1 name eth1.7 type vlan id 7
	ip addr add 10.9.7.2/24 dev eth1.7
	ip link set eth1.7 up
	portal_add $IQN 10.9.7.2'
make_table fd09:1::1/64 10.9.7.1/24,7 fd09:1::2 10.9.7.2
must "boots by an iBFT with IPv6 and a VLAN" ibft_boot
tell_boot "iBFT, IPv6 and VLAN"
check "over both" wait_until 30 has_ready 2
check "the VLAN is on the device of that MAC address" guest \
	'ip -d link show eth1.7 | grep -q "vlan protocol 802.1Q id 7"'
ends_within 30 "it powers off" poweroff

# --- a table with a lie in each block of the second path
make_table 10.9.1.1/24 10.9.2.1/255,4095 10.9.1.2 255.255.255.255 \
	'iqn.2026-11.org.test:$(reboot)'
must "boots by an iBFT whose second half is garbage" ibft_boot
check_is "over the path that makes sense" 1 "$(ready_paths)"
check "the lies were named" eval \
	'root_log | grep -q "target1/target-name: .*only letters"'
ends_within 30 "it powers off" poweroff
