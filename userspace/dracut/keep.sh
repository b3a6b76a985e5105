#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dracut, pre-pivot: what the root file system is reached by outlives the network
# of the initramfs. The kernel takes an address away when its lease is over, which
# may be before anything of the real root has asked for it again, or where nothing
# does: it gets one without an end. And networkd of the real root keeps it, also
# when that is stopped.
# shellcheck disable=SC2034

# A renewal in between would give the address an end again.
systemctl stop systemd-networkd.socket systemd-networkd.service >/dev/null 2>&1
ip -o addr show dynamic scope global 2>/dev/null |
	while read -r iscsi_mpio_no iscsi_mpio_device iscsi_mpio_family \
		iscsi_mpio_address iscsi_mpio_rest; do
		ip addr change "$iscsi_mpio_address" dev "$iscsi_mpio_device" \
			valid_lft forever preferred_lft forever
	done
for iscsi_mpio_file in /run/systemd/network/*.network; do
	[ -e "$iscsi_mpio_file" ] || continue
	mkdir -p "$iscsi_mpio_file.d"
	printf '[Network]\nKeepConfiguration=yes\n' \
		>"$iscsi_mpio_file.d/50-iscsi-mpio.conf"
done
unset iscsi_mpio_file
