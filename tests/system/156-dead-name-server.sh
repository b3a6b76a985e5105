#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 120
# If this fails, records by address wait for a name that nobody answers, or one of
# those is given up for good.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:named
restored() { [ "$(ijson session list '[.[] | select(.IsConnected)] | length')" = "$1" ]; }

net_up 2
lio_load
backend_ramdisk disk 8
two_portals $IQN disk
cp /etc/resolv.conf "$TMP/resolv.conf" 2>/dev/null
# Addresses of which nothing comes back, as those of a server behind a dead link
ip addr add 10.9.3.1/24 dev i1
ip neigh replace 10.9.3.2 lladdr 02:00:00:00:00:01 dev i1
ip neigh replace 10.9.3.3 lladdr 02:00:00:00:00:02 dev i1
printf '%s\n' 'nameserver 10.9.3.2' 'nameserver 10.9.3.3' \
	'options timeout:3 attempts:1' >/etc/resolv.conf
scenario_stop() {
	rm -f /etc/resolv.conf
	cp "$TMP/resolv.conf" /etc/resolv.conf 2>/dev/null
	sed -i '/named.test/d' /etc/hosts
}

must "two records by address" iscsictl connect $IQN --multipath --persistent \
	--portal 10.9.1.2 --portal 10.9.2.2
for n in 1 2 3; do
	must "a record by a name that nobody knows, $n" iscsictl record add $IQN \
		--multipath --portal "late$n.named.test"
done
must "all sessions end" disconnect --all
iscsictl restore >"$TMP/out" 2>&1 &
pid=$!
start=$(now_ms)
check "records by address are up" wait_until 10 restored 2
check_le "while names are being looked up, in" $(($(now_ms) - start)) 3000 ms
check "restore still waits for the names" kill -0 $pid
echo '10.9.1.2 late1.named.test late2.named.test late3.named.test' >>/etc/hosts
check "three records by name are, when it is known" wait_until 40 \
	eval 'wait $pid; iscsictl restore --wait 20 && restored 5'
check "all sessions end again" disconnect --all
