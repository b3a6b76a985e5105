#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 120
# If this fails, a machine whose root file system is on iSCSI loses its address when
# the DHCP lease of the initramfs ends, or others take it from the interface.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:leased
BOOT=/usr/lib/iscsi-mpio/iscsi-mpio-boot
TIMER=/run/systemd/system/iscsi-mpio-lease.timer.d/lease.conf
NETWORK=/run/systemd/network/10-iscsi-mpio-i1.network
server=''
serve_end() {
	[ -z "$server" ] || { kill "$server"; wait "$server" 2>/dev/null; }
	server=''
}
serve() {	# CLIENT-ADDRESS
	serve_end
	ip netns exec "$TGT_NS" python3 /vm/tests/lib/dhcp-server.py t1 10.9.1.2 \
		"$1" "iscsi:10.9.1.2::::$IQN" 120 "$TMP/leases" &
	server=$!
	wait_until 10 eval 'in_tgt ss -Hlun "sport = 67" | grep -q .'
}
scenario_stop() {
	serve_end
	rm -rf /etc/iscsi-mpio/boot.conf /run/iscsi-mpio/leases "${TIMER%/*}" \
		"$NETWORK"
}
renew() { "$BOOT" renew 2>"$TMP/err"; }
told() { grep -q "lease of i1: $1" "$TMP/err" || ! comment <"$TMP/err"; }
has_address() { ip -o -4 addr show dev i1 | grep -q 'inet 10.9.1.1/'; }

net_up 2
lio_load
backend_ramdisk disk 8
two_portals $IQN disk
mac=$(tr -d : <"/sys/class/net/i1/address")
ip addr flush dev i1

# --- as in the initramfs
must "a server gives addresses for two minutes" serve 10.9.1.1
mkdir -p /etc/iscsi-mpio
printf 'ip=i1:dhcp\niscsi_mpio=dhcp\n' >/etc/iscsi-mpio/boot.conf
must "the disk comes by DHCP and its root path" timeout 60 "$BOOT" start
check "i1 has its address" has_address
check "the client says who it is, by its MAC address" \
	grep -q "new 01$mac\$" "$TMP/leases"
check "the timer fires after half of the lease" grep -qx OnActiveSec=60s "$TIMER"
check "and again" grep -qx OnUnitInactiveSec=60s "$TIMER"
check "networkd is to keep what is there" \
	grep -qx KeepConfiguration=yes "$NETWORK"
check "and to ask by the same name" \
	grep -qx ClientIdentifier=mac "$NETWORK"

# --- what the timer does
check "the lease is renewed" renew
check "with the server it came from" grep -q "renewed 01$mac\$" "$TMP/leases"
must "the server gives that address to others" serve 10.9.1.9
check "which fails" eval '! renew'
check "and is told" told "the DHCP server gives this address to somebody else"
check "the address stays" has_address
serve_end
check "without a server it fails" eval '! renew'
check "and is told" told "no DHCP server has answered"
check "the address stays then, too" has_address
mkdir -p /run/systemd/netif/leases
touch "/run/systemd/netif/leases/$(cat /sys/class/net/i1/ifindex)"
check "a lease that networkd has taken over is left to it" renew
rm "/run/systemd/netif/leases/$(cat /sys/class/net/i1/ifindex)"
if [ -d /run/systemd/system ] && [ "$(cat /proc/1/comm)" = systemd ]; then
	must "the server gives the first address again" serve 10.9.1.1
	count=$(grep -c "renewed 01$mac\$" "$TMP/leases")
	check "the timer's unit can do it as confined as it is" \
		systemctl start iscsi-mpio-lease.service
	check "it has" test "$(grep -c "renewed 01$mac\$" "$TMP/leases")" -gt "$count"
	serve_end
fi
check "all sessions end" disconnect --all
