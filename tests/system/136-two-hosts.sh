#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 300
# If this fails, one command for several hosts does not reach them all, mixes
# their answers up, or asks more of them at a time than it was told.
#
# Two VMs on one wire, each with a target of its own; the left one asks both by
# the real ssh, itself included.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"

VM_DIR=$(cd "$HERE/../vm" && pwd)
CACHE=${IMPIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/iscsi-mpio}
export IMPIO_CACHE=$CACHE
LEFT=left$$ RIGHT=right$$
WIRE=$TMP/wire
IQN=iqn.2026-11.org.test:each

left() { "$VM_DIR/vmsh.sh" $LEFT "IQN=$IQN; $*"; }
right() { "$VM_DIR/vmsh.sh" $RIGHT "IQN=$IQN; $*"; }
scenario_stop() {
	local name
	for name in $LEFT $RIGHT; do
		[ ! -e "$CACHE/serve/$name/pid" ] ||
			"$VM_DIR/vmsh.sh" "$name" --stop
	done
}
dump_state() { left "dmesg | tail -15; cat /tmp/sshd" | comment; }

vm_start() {	# NAME SERVER(on|off) NUMBER
	"$VM_DIR/run.sh" --fast --serve "$1" --mem 768 --qemu \
		"-netdev stream,id=wire,server=$2,addr.type=unix,addr.path=$WIRE -device virtio-net-pci,netdev=wire,mac=52:54:00:09:09:0$3" \
		"$KVER" || return
	"$VM_DIR/vmsh.sh" "$1" "set -e
		modprobe virtio_net
		ip addr add 10.7.0.$3/24 dev eth0
		ip link set eth0 up
		net_up 2
		lio_load
		backend_ramdisk disk 16
		two_portals $IQN disk
		modprobe iscsi_mpio
		mkdir -p -m 755 /run/sshd
		mkdir -p -m 700 /root/.ssh
		ssh-keygen -q -A
		/usr/sbin/sshd -E /tmp/sshd -o UsePAM=no -o UseDNS=no"
}

# On both hosts; the left VM is one of them.
both() { left "iscsictl --host root@10.7.0.1 --host 10.7.0.2 $*"; }
both_json() {	# FILTER ARGS...: what jq says of the merged answer
	local filter=$1
	shift
	both "--json $*" >"$TMP/answer" && jq -r "$filter" "$TMP/answer"
}

must "two hosts are up" eval "vm_start $LEFT on 1 && vm_start $RIGHT off 2"
key=$(left "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519 &&
	cat /root/.ssh/id_ed25519.pub")
for vm in left right; do
	$vm "echo '$key' >/root/.ssh/authorized_keys"
done
left "echo 'StrictHostKeyChecking accept-new' >/root/.ssh/config"
must "ssh goes there without a question" left \
	"ssh -o BatchMode=yes 10.7.0.2 true && ssh -o BatchMode=yes 10.7.0.1 true"

check_is "discovery on both answers for both" 'root@10.7.0.1 10.7.0.2' \
	"$(both_json '[.[].ComputerName] | unique | reverse | join(" ")' \
	discover 10.9.1.2)"
check_is "one connect brings two sessions on each" 4 \
	"$(both_json length connect $IQN --multipath)"
for vm in left right; do
	check "both paths of one disk are there on the $vm" $vm \
		'disk_with_paths $IQN 2'
done
check "one register on both" both register 1 2 --multipath
check_is "stores two records on each" '2 2' "$(both_json \
	'[group_by(.ComputerName)[] | length] | join(" ")' record list)"
check_is "which are files on each host" '2 2' \
	"$(left 'ls /etc/iscsi-mpio/records | wc -l') $(right 'ls /etc/iscsi-mpio/records | wc -l')"
check_is "its table has the host before each line" '4' \
	"$(both session list | grep -c '^\(root@\)\?10.7.0.[12]: *[12] ')"

# As in Windows: what one command has listed of both, the other registers.
check "both are unregistered" both unregister 1 2
check "sessions listed on both go through a pipe to register" left \
	'H="--host root@10.7.0.1 --host 10.7.0.2"
	iscsictl --json $H session list | iscsictl $H register --from-json -'
check_is "which each host does with its own" '2 2' "$(both_json \
	'[group_by(.ComputerName)[] | length] | join(" ")' record list)"

# A secret and a word with everything a shell would take for its own.
left "printf 'a-secret-of-19-bytes' >/tmp/secret; chmod 600 /tmp/secret"
check "a secret goes to both through standard input" left \
	'iscsictl --host root@10.7.0.1 --host 10.7.0.2 chap set-secret --file - </tmp/secret'
check_is "and is the same on both" "$(left 'cat /etc/iscsi-mpio/secrets/initiator')" \
	"$(right 'cat /etc/iscsi-mpio/secrets/initiator')"

# watched LIMIT: the most ssh of one run at a time, while each host waits for
# a portal that does not answer; then its exit status.
watched() {
	left "iscsictl --throttle-limit $1 --timeout 4 --host root@10.7.0.1 --host 10.7.0.2 \
		connect \$IQN --multipath --portal 192.0.2.1 >/tmp/said 2>&1 & pid=\$!
	most=0
	while kill -0 \$pid 2>/dev/null; do
		now=\$(grep -sl '^ssh' \$(sed 's|[0-9]*|/proc/&/comm|g' \
			/proc/\$pid/task/\$pid/children 2>/dev/null) | wc -l)
		[ \$now -le \$most ] || most=\$now
	done
	wait \$pid; echo \$most \$?"
}
for vm in left right; do
	$vm 'ip route add 192.0.2.0/24 dev i1; ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev i1'
done
check_is "one host at a time with --throttle-limit 1: most at a time, status" \
	'1 8' "$(watched 1)"
check_is "both at a time with 2" '2 8' "$(watched 2)"
check_is "each host's refusal is told with its name" 2 "$(left \
	"grep -c '^iscsictl: \(root@\)\?10.7.0.[12]: cannot connect to' /tmp/said")"
right 'kill $(pgrep -of /usr/sbin/sshd)'
check_is "a host that is gone is told, the other answers" '4 2 yes' "$(left \
	"rc=0; iscsictl --json --host root@10.7.0.1 --host 10.7.0.2 session list \
	>/tmp/out 2>/tmp/err || rc=\$?; echo \$rc \$(jq length /tmp/out) \
	\$(grep -q '^iscsictl: 10.7.0.2: ' /tmp/err && echo yes)")"
for vm in $LEFT $RIGHT; do
	check_is "the kernel log of ${vm%%[0-9]*} is clean" '' "$("$VM_DIR/vmsh.sh" "$vm" --log |
		grep -aE -m1 "$(sed -n "s/^SPLAT='\(.*\)'\$/\1/p" "$VM_DIR/agent.sh")")"
done
