#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# modules.sh VERSION: makes what a guest of that kernel needs besides its root
# file system and prints the directory:
#   modules/        lib/modules tree, cut to what the tests can use, unpacked
#   initramfs.gz    busybox that mounts the root disk and the host's directories
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Directories of a stock kernel that hold what LIO, the initiators, the peers
# and the fault injection use; dependencies from elsewhere are added.
wanted='^kernel/(arch/x86/crypto|crypto|lib|fs/(ext4|xfs|btrfs|jbd2|9p|netfs|overlayfs|configfs|autofs|nls)|net/(9p|8021q|core|ipv4|ipv6|netfilter|sched|unix|packet|handshake|vmw_vsock)|drivers/(target|nvme|virtio|md|block/(loop|brd|nbd|virtio_blk|null_blk)|scsi/(sd_mod|sg|scsi|iscsi|libiscsi|device_handler)|net/(veth|dummy|virtio_net|net_failover|netconsole)|char/(virtio_console|hw_random)|firmware/(iscsi_ibft|qemu_fw_cfg)))'
unwanted='^kernel/(net/(ipv4|ipv6|core|netfilter)/.*(ipvs|ipset|xt_)|drivers/target/(sbp|tcm_fc|tcm_qla)|drivers/nvme/host/nvme-(fc|rdma))'
# What the initramfs loads, in order; what is built in is skipped.
boot_modules=(virtio_pci virtio_blk virtio_console crc32c_generic
	crc32c_intel crc32c-intel ext4 9pnet_virtio 9p)

# closure FILE: the paths of modules.dep lines read from stdin, and what those need.
closure() {
	awk -v dep="$1" '
		function add(m,   i, n, w) {
			if (m in seen) return
			seen[m] = 1
			n = split(deps[m], w, " ")
			for (i = n; i >= 1; i--) add(w[i])
			print m
		}
		BEGIN {
			while ((getline line < dep) > 0) {
				i = index(line, ":")
				deps[substr(line, 1, i - 1)] = substr(line, i + 1)
			}
		}
		{ add($0) }'
}

build() {
	local kernel=$1 out=$2 rel lib path name
	rel=$(cat "$kernel/release")
	lib=$kernel/modules/lib/modules/$rel
	note "cutting the modules of $rel and making its initramfs"
	rm -rf "$out.new"
	mkdir -p "$out.new/modules/lib/modules/$rel" "$out.new/initramfs"
	cut -d: -f1 "$lib/modules.dep" | grep -E "$wanted" |
		grep -Ev "$unwanted" | closure "$lib/modules.dep" |
		while read -r path; do
			mkdir -p "$out.new/modules/lib/modules/$rel/$(dirname "$path")"
			cp "$lib/$path" "$out.new/modules/lib/modules/$rel/$path"
		done
	find "$out.new/modules" -name '*.ko.xz' -exec unxz {} +
	find "$out.new/modules" -name '*.ko.zst' -exec unzstd -q --rm {} +
	cp "$lib"/modules.{builtin,builtin.modinfo,order} \
		"$out.new/modules/lib/modules/$rel/"
	depmod -b "$out.new/modules" "$rel"

	lib=$out.new/modules/lib/modules/$rel
	mkdir -p "$out.new/initramfs/"{bin,dev,proc,sys,root,mods}
	cp "$(command -v busybox)" "$out.new/initramfs/bin/busybox"
	cp "$VM_DIR/initramfs-init.sh" "$out.new/initramfs/init"
	chmod 755 "$out.new/initramfs/init"
	for name in "${boot_modules[@]}"; do
		grep -E -m1 -o "^[^:]*/$name\.ko" "$lib/modules.dep" || true
	done | closure "$lib/modules.dep" | while read -r path; do
		cp "$lib/$path" "$out.new/initramfs/mods/"
		basename "$path" >>"$out.new/initramfs/mods/order"
	done
	touch "$out.new/initramfs/mods/order"
	(cd "$out.new/initramfs" && find . | cpio -o -H newc --quiet) |
		gzip -1 >"$out.new/initramfs.gz"
	rm -rf "$out.new/initramfs" "$out"
	mv "$out.new" "$out"
}

[ $# = 1 ] || die "usage: modules.sh 6.1|6.12|7.2|debug|kcsan"
need_pkg /bin/busybox busybox-static cpio cpio depmod kmod xz xz-utils \
	unzstd zstd
kernel=$("$VM_DIR/kernels.sh" "$1")
hash=$(find "${BASH_SOURCE[0]}" "$VM_DIR/initramfs-init.sh" "$kernel/release" \
	"$kernel/hash" -exec cat {} + 2>/dev/null | sha256sum | cut -c1-16) || true
out=$kernel/guest-$hash
ensure() {
	[ -d "$out" ] || build "$kernel" "$out"
}
with_lock "guest-$1" ensure >&2
echo "$out"
