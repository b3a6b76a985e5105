# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# For scenarios that run on the host with two VMs: one serves a disk by LIO over
# two networks, the other has its root file system there. Sourced after
# scenario.sh, whose dump_state() it replaces; needs KVER.
# IMAGES=DIR: what Debian's tools make is kept there and taken from there.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/../vm" && pwd)
export PATH=$PATH:/usr/sbin:/sbin
CACHE=${IMPIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/iscsi-mpio}
export IMPIO_CACHE=$CACHE
TARGET_VM=target$$
ROOT_VM=root$$
WORK=${IMAGES:-$CACHE/runs/root-$$}
IQN=iqn.2026-11.org.test:root
HOST_IQN=iqn.2026-11.org.test:host
SPLAT=$(sed -n "s/^SPLAT='\(.*\)'\$/\1/p" "$VM_DIR/agent.sh")
mkdir -p "$WORK"

guest() { "$VM_DIR/vmsh.sh" "$ROOT_VM" "$*"; }
target() {
	"$VM_DIR/vmsh.sh" "$TARGET_VM" "in_tgt() { \"\$@\"; }; IQN=$IQN; $*"
}

make_images() {	# WHAT...
	[ -s "$WORK/$1.img" ] || "$VM_DIR/bootfs.sh" "$KVER" "$WORK" "$@"
}

target_vm_start() {	# DISK
	"$VM_DIR/run.sh" --fast --no-module --serve "$TARGET_VM" --mem 768 \
		--qemu "$("$VM_DIR/rootvm.sh" "$ROOT_VM" --peer) -drive if=virtio,format=raw,file=$1,cache=unsafe" \
		"$KVER" || return 1
	target 'set -e
		modprobe virtio_net
		for n in 1 2; do
			ip link set eth$((n - 1)) up
			ip addr add 10.9.$n.2/24 dev eth$((n - 1))
		done
		lio_load
		backend_block root /dev/vdb
		two_portals $IQN root'
}

# cut LINK...; heal LINK...: the target's end of a network
cut() {
	local n
	for n; do
		target "nft -f - <<<'table inet cut$n { chain in { type filter hook input priority -10; iifname eth$((n - 1)) drop; }; chain out { type filter hook output priority -10; oifname eth$((n - 1)) drop; }; }'"
	done
}
heal() {
	local n
	for n; do target "nft delete table inet cut$n"; done
}

# boot INITRD PARAMETERS...: until the agent of the root VM answers
boot() {
	"$VM_DIR/rootvm.sh" "$ROOT_VM" "$KVER" "$@"
}

root_pid() { cat "$CACHE/serve/$ROOT_VM/pid"; }
root_log() { tr -d '\r' <"$CACHE/serve/$ROOT_VM/serial.log"; }
is_off() { ! kill -0 "$(root_pid)" 2>/dev/null; }

# ends_within SECONDS SENTENCE VERB: how long systemctl VERB takes to its end
ends_within() {
	local start now
	start=$(date +%s%N)
	printf 'systemctl %s\n' "$3" >"$CACHE/serve/$ROOT_VM/vm/cmd/end.new"
	mv "$CACHE/serve/$ROOT_VM/vm/cmd/end.new" \
		"$CACHE/serve/$ROOT_VM/vm/cmd/end.sh"
	wait_until $(($1 * 3)) is_off
	now=$(date +%s%N)
	check_le "$2" $(((now - start) / 1000000)) $(($1 * 1000)) ms || {
		root_log | tail -40 | comment
		kill -9 "$(root_pid)" 2>/dev/null
	}
	check_is "its kernel log is clean" '' \
		"$(root_log | grep -aE -m1 "$SPLAT")"
}

# Read without any program of ours; the paths in state ready.
ready_paths() {
	guest 'grep -c " ready$" /sys/block/sd?/device/paths'
}
has_ready() { [ "$(ready_paths)" = "$1" ]; }

# For must(): what there is to see when a boot fails.
dump_state() { root_log 2>/dev/null | tail -40 | comment; }

rootvm_stop() {
	local name
	for name in "$ROOT_VM" "$TARGET_VM"; do
		[ ! -e "$CACHE/serve/$name/pid" ] || {
			cp "$CACHE/serve/$name/serial.log" \
				"$CACHE/logs/$name.log" 2>/dev/null
			kill -9 "$(cat "$CACHE/serve/$name/pid")" 2>/dev/null
			rm -rf "$CACHE/serve/$name"
		}
	done
	[ -n "${IMAGES:-}" ] || rm -rf "$WORK"
	rm -rf "/tmp/rootvm-$ROOT_VM"
}
