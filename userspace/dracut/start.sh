#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dracut, initqueue/settled and initqueue/online: adds the sessions that lead to
# the root file system. The kernel goes on trying by itself, so a network that
# comes later will do; only names and the root paths of DHCP servers are waited
# for, that is asked for again. It is dracut that waits for the disk.

# Root paths, as dhclient, NetworkManager and networkd leave them
iscsi_mpio_root_paths() {
	sed -n "s/^new_root_path=//p" /tmp/dhclient.*.dhcpopts 2>/dev/null |
		sed "s/^['\"]//; s/['\"]\$//"
	sed -n 's/^ROOT_PATH=//p' /run/systemd/netif/leases/* 2>/dev/null
}

if ! [ -e /tmp/iscsi-mpio-started ]; then
	# shellcheck disable=SC2046
	/usr/lib/iscsi-mpio/iscsi-mpio-boot sessions $(iscsi_mpio_root_paths)
	# 29: not all is there yet
	[ $? = 29 ] || : >/tmp/iscsi-mpio-started
fi
