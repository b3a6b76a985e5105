#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 120
# If this fails, the doctor takes one trouble of the network for another, does not
# say what mends it, takes longer than 10 s (3 s for large packets that vanish), or
# finds fault with a network that is sound. In network namespaces of its own,
# without the module, against a target in Python.
[ -n "${INSIDE:-}" ] || exec unshare -n -m env INSIDE=1 bash "$0" "$@"
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
# shellcheck source=tests/vm/common.sh
. "$HERE/../vm/common.sh"
set +eu +o pipefail
# shellcheck source=tests/lib/target.sh
. "$HERE/../lib/target.sh"

IQN=iqn.2026-11.org.test:doctor
TOOL=$HERE/../../userspace/iscsictl

tool() { "$TOOL" --root "$TMP/root" "$@"; }
examine() {	# [TARGET]
	local start
	start=$(now_ms)
	tool --json doctor "${1:-$IQN}" >"$TMP/findings" 2>&1
	TOOK=$(($(now_ms) - start))
}
heard() {	# what there is besides "ok", but of what this place cannot have
	jq -r '.[] | select(.Level != "ok" and .Check != "versions" and
		.Check != "boot") | "\(.Level) \(.Check) \(.About): \(.Finding); \(.Mend)"' \
		"$TMP/findings"
}
said() { heard | grep -qE "^$1"; }
# broken SENTENCE MILLISECONDS REGEX [TARGET]: a line of heard
broken() {
	local regex=$3
	examine "${4:-}"
	check "$1" said "$regex" || heard | comment
	check_le "$1: in" "$TOOK" "$2" ms
}
sound() {
	examine
	check_is "$1: nothing is found" "" "$(heard)"
	check_le "$1: in" "$TOOK" 10000 ms
}
rule() { nft add rule inet doctor "$@"; }	# CHAIN RULE...
rule_there() { in_tgt nft add rule inet doctor "$@"; }
healed() {
	nft flush table inet doctor
	in_tgt nft flush table inet doctor
}
scenario_stop() { daemon_stop; }

need_pkg nft nftables ip iproute2 jq jq
make -s -C "$HERE/../../userspace" iscsictl || exit 1
mkdir -p /run/netns
mount -t tmpfs none /run/netns
mount -t sysfs none /sys
ip link set lo up
net_up 2
for where in '' in_tgt; do
	$where nft 'table inet doctor {
		chain in { type filter hook input priority -10; }
		chain out { type filter hook output priority -10; }
	}'
done
cat >"$TMP/target.py" <<-PY
import sys, time
sys.path[:0] = ["$HERE/../target", "$HERE/../lib"]
from case import Case
from target import Server
case = Case("doctor", "", None)
case.start(0)
server = Server("0.0.0.0", port=3260)
server.add(case)
case = Case("chapped", "", None, secret=b"the-secret-of-alice")
case.start(0)
server.add(case)
print("listens", flush=True)
time.sleep(3600)
PY
daemon_start python3 "$TMP/target.py"
must "a target listens" wait_until 20 grep -q listens "$TMP/daemon"
mkdir -p "$TMP/root/etc/iscsi-mpio"
echo InitiatorName=iqn.2026-11.org.test:host >"$TMP/root/etc/iscsi-mpio/initiator.conf"
ln -s /proc /sys "$TMP/root/"
for n in 1 2; do
	must "portal $n is known" tool target add $IQN \
		--portal "10.9.$n.2"
done

sound "a sound network"
CHAPPED=iqn.2026-11.org.test:chapped
for word in not- ''; do
	secret "$TMP/secret" "${word}the-secret-of-alice"
	rm -rf "$TMP/root/etc/iscsi-mpio/records"
	must "a record with the secret ${word}the one of the target" tool record add \
		$CHAPPED --portal 10.9.1.2 --chap-username alice \
		--chap-secret-file "$TMP/secret"
	[ -n "$word" ] || break
	broken "a wrong secret" 10000 \
		'fault reach 10.9.1.2:3260: the login to .* fails: .*; iscsictl record set-secret' \
		$CHAPPED
done
examine $CHAPPED
check "the right secret" eval '! said "fault reach"'
must "a target that is not there" tool target add $IQN-none --portal 10.9.1.2
broken "a target that is not there" 10000 \
	'fault reach 10.9.1.2:3260: the login to .*-none fails' $IQN-none
echo 'nameserver 10.9.1.99' >"$TMP/resolv.conf"
mount --bind "$TMP/resolv.conf" /etc/resolv.conf
must "a record by name" tool record add $IQN-named --portal portal.doctor.test
broken "a name server that is silent" 10000 \
	'fault names portal.doctor.test:3260: cannot resolve.*getent ahosts portal.doctor.test' \
	$IQN-named
umount /etc/resolv.conf
# What TCP hands over at once is not to be taken for one packet
ip link set i1 gso_max_segs 1
in_tgt ip link set t1 gso_max_segs 1
rule out oifname i1 meta length '>' 1400 drop
broken "large packets vanish on the way there" 3000 \
	'fault mtu 10.9.1.2:3260: .*carries 1400; ip link set i1 mtu 1400'
healed
rule_there out oifname t1 meta length '>' 1400 drop
broken "large packets vanish on the way back" 3000 \
	'fault mtu 10.9.1.2:3260: .*carries 1400; ip link set i1 mtu 1400'
healed
ip link set i1 mtu 9000
in_tgt ip link set t1 mtu 9000
sound "jumbo frames"
rule out oifname i1 meta length '>' 1600 drop
broken "a switch without jumbo frames" 3000 \
	'fault mtu 10.9.1.2:3260: .*up to 9000 bytes, the path carries 1500; ip link set i1 mtu 1500'
healed
ip link set i1 mtu 1500
in_tgt ip link set t1 mtu 1500
rule out oifname i1 tcp dport 3260 drop
broken "a firewall here that drops" 10000 'fault reach 10.9.1.2:3260: a firewall drops TCP port 3260.*nft list ruleset'
healed
rule_there in iifname t1 tcp dport 3260 drop
broken "a firewall there that drops" 10000 'fault reach 10.9.1.2:3260: a firewall drops TCP port 3260.*nft list ruleset'
healed
rule out oifname i1 tcp dport 3260 reject with tcp reset
broken "a firewall that resets" 10000 'fault reach 10.9.1.2:3260: the connection is refused.*nft list ruleset'
healed
rule_there in iifname t1 tcp dport 3260 reject with icmpx admin-prohibited
broken "a firewall that rejects by ICMP" 10000 'fault reach 10.9.1.2:3260: most likely a firewall rejects'
healed
in_tgt ip addr del 10.9.1.2/24 dev t1
broken "nobody has the address" 10000 'fault reach 10.9.1.2:3260: no host answers for this address'
in_tgt ip addr add 10.9.1.2/24 dev t1
ip link set i1 down
broken "an interface is down" 10000 'fault route 10.9.1.2:3260: there is no way to it.*; ip link set'
ip link set i1 up
in_tgt ip link set t1 down
broken "no carrier" 10000 'fault route i1: .*without a carrier'
in_tgt ip link set t1 up
sound "all is mended"
ip addr add 10.9.1.77/24 dev i2
broken "two interfaces are in one subnet" 10000 'fault subnets i1 i2: .*one cable carries both'
check "and answer ARP for each other" said 'fault subnets i2: ARP flux.*arp_ignore=1'
check "and no firewall is to blame" eval '! said "fault reach"'
sysctl -qw net.ipv4.conf.i2.rp_filter=1
broken "rp_filter is strict there" 10000 'fault subnets i2: rp_filter is strict.*rp_filter=2'
sysctl -qw net.ipv4.conf.i2.rp_filter=0
ip addr del 10.9.1.77/24 dev i2
ip route add unreachable 10.9.2.2
broken "a route that leads nowhere" 10000 'fault route 10.9.2.2:3260: there is no way to it'
ip route del unreachable 10.9.2.2
daemon_stop
broken "no target listens" 10000 'fault reach 10.9.1.2:3260: .*nothing listens'
