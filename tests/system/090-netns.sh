#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 120
# If this fails, a session uses another network than that of the process that
# asked for it, or the end of that network is not survived.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:netns
scenario_stop() { ip netns del app 2>/dev/null; }
in_app() { nsenter --net=/run/netns/app "$@"; }
lives() { ss -Htn state established 'dport = 3260' | wc -l; }
one_in_each() {
	[ "$(lives)" = 1 ] && [ "$(in_app ss -Htn state established \
		'dport = 3260' | wc -l)" = 1 ]
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
ip netns add app
ip link set i1 netns app
in_app ip addr add 10.9.1.1/24 dev i1
in_app ip link set i1 up

expect_exit '4|8' 'unreach|time|refused' "a portal only another namespace reaches" \
	iscsictl --timeout 5 connect $IQN --portal 10.9.1.2
must "the same portal from within that namespace" \
	in_app iscsictl connect $IQN --portal 10.9.1.2 --multipath
must "and one from the first namespace" \
	iscsictl connect $IQN --portal 10.9.2.2 --multipath
must "are two paths of one disk" disk_with_paths $IQN 2
check_is "one connection lives in each" "1 1" \
	"$(in_app ss -Htn 'dport = 3260' | wc -l) $(ss -Htn 'dport = 3260' | wc -l)"
in_tgt ss -K -tn src 10.9.1.2 >/dev/null 2>&1
check "a reconnect stays in its namespace" wait_until 20 one_in_each
must "and the path comes back" wait_until 20 has_paths "$DISK" 2
check "data flows" dd if="/dev/$DISK" of=/dev/null bs=64k count=16 iflag=direct status=none

# --- what happens in the networks of others is nothing to a session that waits
opens() { awk '/^Tcp:/ && $6 ~ /^[0-9]/ { print $6 }' /proc/net/snmp; }
tried() { [ "$(opens)" -gt "$before" ]; }
must "nobody tries again soon" iscsictl mpio set --node $IQN \
	ReconnectDelayMin=60000 ReconnectDelayMax=60000
path_refuse 2
in_tgt ss -K -tn src 10.9.2.2 >/dev/null 2>&1
must "the session of the first namespace waits" wait_until 20 has_paths "$DISK" 1
before=$(opens)
for _ in $(seq 60); do
	in_app ip link set lo down
	in_app ip link set lo up
done
nap 2	# an attempt would come within 100 ms, a second look within 1.1 s
check_is "60 flaps in another namespace: attempts to connect" 0 \
	"$(($(opens) - before))"
ip link add flap type dummy 2>/dev/null || ip link add flap type veth
ip link set flap up
check "an interface of its own comes up: it tries at once" wait_until 5 tried
ip link del flap
path_heal 2

check "disconnect works from outside" disconnect $IQN
check "the namespace can end" ip netns del app
