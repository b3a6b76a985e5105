# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# For scenarios that run on the host with two VMs: one serves a disk by LIO over
# two networks, the other has its root file system there. Sourced after
# scenario.sh, whose dump_state() and scenario_stop() it replaces; needs KVER.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/../vm" && pwd)
export PATH=$PATH:/usr/sbin:/sbin
CACHE=${IMPIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/iscsi-mpio}
export IMPIO_CACHE=$CACHE
TARGET_VM=target$$
ROOT_VM=root$$
WORK=$CACHE/runs/root-$$
IQN=iqn.2026-11.org.test:root
HOST_IQN=iqn.2026-11.org.test:host
STATIC="ip=10.9.1.1::::vm:eth0:none ip=10.9.2.1::::vm:eth1:none"
OURS="iscsi_mpio=$IQN@10.9.1.2,10.9.2.2 iscsi_mpio_initiator=$HOST_IQN"
SPLAT=$(sed -n "s/^SPLAT='\(.*\)'\$/\1/p" "$VM_DIR/agent.sh")
mkdir -p "$WORK"

guest() { "$VM_DIR/vmsh.sh" "$ROOT_VM" "$*"; }
target() {
	"$VM_DIR/vmsh.sh" "$TARGET_VM" "in_tgt() { \"\$@\"; }; IQN=$IQN; $*"
}

# What the images below are made of.
_source_hash() {
	(cd "$VM_DIR/../.." && find Kbuild kernel include userspace \
		tests/vm/{bootfs,rootfs,kernels,userspace,kbuild}.sh -type f \
		! -name '*.o' ! -name '*.[ad]' ! -name '*.cmd' -print0 | sort -z |
		xargs -0 sha256sum | sha256sum | head -c 16)
}

# make_images WHAT...: those of bootfs.sh in $IMAGES, kept until a source changes.
make_images() {
	local all=$CACHE/rootvm what missing=()
	IMAGES=$all/$KVER-$(_source_hash)
	mkdir -p "$IMAGES"
	find "$all" -mindepth 1 -maxdepth 1 -name "$KVER-*" \
		! -path "$IMAGES" -exec rm -rf {} +
	for what; do
		[ -e "$IMAGES/$what.img" ] || missing+=("$what")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	"$VM_DIR/bootfs.sh" "$KVER" "$WORK" "${missing[@]}" || return 1
	for what in "${missing[@]}"; do
		mv "$WORK/$what.img" "$IMAGES/"
	done
}

# make_with_records: initramfs-tools once more, into $WORK, with the /etc of the
# root VM's records as take_records has them.
make_with_records() {
	ETC=$WORK/etc "$VM_DIR/bootfs.sh" "$KVER" "$WORK" initramfs-tools &&
		[ -s "$WORK/initramfs-tools.img" ]
}
take_records() {
	mkdir -p "$WORK/etc"
	guest 'mkdir -p /vm/out/etc && cp -a /etc/iscsi-mpio /vm/out/etc/' &&
		cp -a "$CACHE/serve/$ROOT_VM/vm/out/etc/." "$WORK/etc/"
}

# target_vm_start: with a disk of its own that begins as the image does.
target_vm_start() {
	qemu-img create -q -f qcow2 -F raw -b "$IMAGES/disk.img" \
		"$WORK/disk.qcow2" || return 1
	"$VM_DIR/run.sh" --fast --no-module --serve "$TARGET_VM" --mem 768 \
		--qemu "$("$VM_DIR/rootvm.sh" "$ROOT_VM" --peer) -drive if=virtio,format=qcow2,file=$WORK/disk.qcow2,cache=unsafe" \
		"$KVER" || return 1
	target 'set -e
		modprobe virtio_net
		for n in 1 2; do
			ip link set eth$((n - 1)) up
			ip addr add 10.9.$n.2/24 dev eth$((n - 1))
			ip addr add fd09:$n::2/64 dev eth$((n - 1)) nodad
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

# stamp REGEX: the kernel's clock when a line of its log first came
stamp() { sed -n -E "s/^\[ *([0-9.]+)\] .*($1).*/\1/p" "$TMP/dmesg" | head -1; }

# tell_boot NAME: when the disk and the root file system were there
tell_boot() {
	guest dmesg >"$TMP/dmesg"
	echo "# $1: a disk after $(stamp 'Attached SCSI disk') s, the root mounted after $(stamp 'EXT4-fs \(sd.[0-9]*\): mounted') s of the kernel's clock"
}

# has_started: systemd has nothing left to start. Before that, what ends a
# machine may have to be read from the disk.
has_started() {
	guest 'systemctl is-system-running --wait' >"$TMP/started"
	grep -qE '^(running|degraded)' "$TMP/started" ||
		{ comment <"$TMP/started"; return 1; }
}

quick_timers() {
	guest 'for s in $(iscsictl --json session list | jq .[].SessionNumber); do
		iscsictl mpio set NopInterval=1000 NopTimeout=1000 --session $s
	done'
}

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

scenario_stop() {
	local name
	for name in "$ROOT_VM" "$TARGET_VM"; do
		[ ! -e "$CACHE/serve/$name/pid" ] || {
			cp "$CACHE/serve/$name/serial.log" \
				"$CACHE/logs/$SCENARIO-$name.log" 2>/dev/null
			kill -9 "$(cat "$CACHE/serve/$name/pid")" 2>/dev/null
			rm -rf "$CACHE/serve/$name"
		}
	done
	rm -rf "$WORK" "/tmp/rootvm-$ROOT_VM"
}
