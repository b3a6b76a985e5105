#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bootfs.sh KERNEL OUT WHAT...: makes what a machine with its root file system on
# iSCSI boots from, by the initramfs makers of Debian themselves:
#   disk              OUT/disk.img, ext4, label "root", with modules, tools and
#                     the test agent; DIR of ETC=DIR is laid over its /etc
#   initramfs-tools   OUT/initramfs-tools.img
#   dracut            OUT/dracut.img
#   dracut-peer       OUT/dracut-peer.img, with open-iscsi instead of ours; for
#                     comparison, and the last of several
# KERNEL is 6.1, 6.12 or 7.2. The tree is rootfs.sh's, with those packages added
# and the files of "make install".
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=(initramfs-tools-core klibc-utils libklibc busybox cpio linux-base
	dracut-core dracut-network)
peer_packages=(isc-dhcp-client iputils-arping)

unpack_debs() {	# DIR TREE
	local deb
	for deb in "$1"/*.deb; do
		# /bin and /lib are links there
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x --keep-directory-symlink -C "$2"
	done
}

# The tree below is only read: overlays take the changes.
unpack_tree() {
	local out=$1
	rm -rf "$out.new"
	mkdir -p "$out.new/tree" "$out.new/debs"
	note "unpacking the guest's root file system"
	debugfs -R "rdump / $out.new/tree" "$rootfs" >/dev/null 2>&1
	apt_fresh
	chmod 755 "$out.new" "$out.new/debs"
	(cd "$out.new/debs" && apt-get -o APT::Sandbox::User=root -qq download \
		"${packages[@]}")
	unpack_debs "$out.new/debs" "$out.new/tree"
	rm -rf "$out.new/debs" "$out"
	mv "$out.new" "$out"
}

# In a mount namespace of its own: $1 the tree, $2 a scratch directory.
lay_out() {
	local root=$2/root release
	release=$(cat "$kernel/release")
	mount -t tmpfs none "$2"
	mkdir -p "$2"/{upper,work,root}
	mount -t overlay overlay \
		-o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$root"
	"$VM_DIR/userspace.sh" "$root"
	cp -a "$guest/modules/lib/modules/$release" "$root/usr/lib/modules/"
	mkdir -p "$root/usr/lib/modules/$release/updates"
	cp "$module" "$root/usr/lib/modules/$release/updates/"
	depmod -b "$root" "$release"
	cp "$kernel"/tree/boot/config-* "$root/boot/" 2>/dev/null || true
	echo 'vm /vm 9p trans=virtio,version=9p2000.L,msize=262144,cache=none,x-systemd.mount-timeout=15min 0 0' \
		>"$root/etc/fstab"
	# The agent comes back after a test that kills everything.
	mkdir -p "$root/etc/systemd/system/vmtest.service.d"
	printf '[Unit]\nRequiresMountsFor=/vm\nStartLimitIntervalSec=0\n[Service]\nRestart=always\n' \
		>"$root/etc/systemd/system/vmtest.service.d/root.conf"
	for unit in "$root"/usr/lib/systemd/system/iscsi-mpio-{restore,shutdown}.service; do
		chroot "$root" systemctl enable -q "$(basename "$unit")"
	done
	[ -z "${ETC:-}" ] || cp -a "$ETC/." "$root/etc/"
	mount -t proc proc "$root/proc"
	mount -t sysfs sys "$root/sys"
	mount --bind /dev "$root/dev"
	for what in "${make[@]}"; do
		note "making $what"
		"make_${what//-/_}" "$root" "$release"
	done
}

make_disk() {
	umount "$1/proc" "$1/sys" "$1/dev"
	truncate -s 2G "$out/disk.img.new"
	mke2fs -q -F -t ext4 -L root -O ^metadata_csum_seed,^orphan_file \
		-E lazy_itable_init=0,lazy_journal_init=0 -d "$1" \
		"$out/disk.img.new" 2>/dev/null ||
	mke2fs -q -F -t ext4 -L root -d "$1" "$out/disk.img.new"
	mv "$out/disk.img.new" "$out/disk.img"
	mount -t proc proc "$1/proc"
	mount -t sysfs sys "$1/sys"
	mount --bind /dev "$1/dev"
}

make_initramfs_tools() {
	mkdir -p "$1/etc/initramfs-tools/conf.d"
	printf 'MODULES=most\nBUSYBOX=auto\nCOMPRESS=gzip\nCOMPRESSLEVEL=1\n' \
		>"$1/etc/initramfs-tools/initramfs.conf"
	chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		mkinitramfs -o /initrd "$2"
	cp "$1/initrd" "$out/initramfs-tools.img"
}

# With all drivers a kernel has, of which it takes those of networks.
make_dracut() {
	cp -an "$kernel/modules/lib/modules/$2/kernel/." \
		"$1/usr/lib/modules/$2/kernel/"
	find "$1/usr/lib/modules/$2" -name '*.ko.*' -exec sh -c \
		'for m; do [ ! -e "${m%.*}" ] || rm "$m"; done' sh {} +
	depmod -b "$1" "$2"
	chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		dracut --force --no-hostonly --no-hostonly-cmdline \
		--add iscsi-mpio --gzip -q --tmpdir /tmp /initrd-dracut "$2"
	cp "$1/initrd-dracut" "$out/dracut.img"
}

make_dracut_peer() {
	mkdir "$BOOTFS_SCRATCH/debs"
	chmod 755 "$BOOTFS_SCRATCH" "$BOOTFS_SCRATCH/debs"
	(cd "$BOOTFS_SCRATCH/debs" && apt-get -o APT::Sandbox::User=root -qq \
		download "${peer_packages[@]}")
	unpack_debs "$BOOTFS_SCRATCH/debs" "$1"
	echo InitiatorName=iqn.2026-11.org.test:host \
		>"$1/etc/iscsi/initiatorname.iscsi"
	# iscsid's units are masked in the tree, for the sake of other tests
	rm -f "$1"/etc/systemd/system/iscsid.{service,socket}
	# The image has the unit but not the script that it runs first.
	sed -i '/^ExecStartPre=/d' "$1/usr/lib/systemd/system/iscsid.service"
	chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		dracut --force --no-hostonly --no-hostonly-cmdline \
		--add "network-legacy iscsi" --omit iscsi-mpio --gzip -q \
		--tmpdir /tmp /initrd-peer "$2"
	cp "$1/initrd-peer" "$out/dracut-peer.img"
}

[ $# -ge 3 ] || die "usage: bootfs.sh KERNEL OUT disk|initramfs-tools|dracut|dracut-peer..."
kver=$1
out=$(realpath -m "$2")
make=("${@:3}")
need_pkg mke2fs e2fsprogs debugfs e2fsprogs depmod kmod
kernel=$("$VM_DIR/kernels.sh" "$kver")
guest=$("$VM_DIR/modules.sh" "$kver")
rootfs=$("$VM_DIR/rootfs.sh")
[ -n "${BOOTFS_SCRATCH:-}" ] ||
	"$VM_DIR/kbuild.sh" "$kver" "$TOP" "$CACHE/build/$kver" \
		>"$CACHE/build-$kver.log" 2>&1 ||
	die "the module does not build for $kver, see $CACHE/build-$kver.log"
module=$CACHE/build/$kver/iscsi_mpio.ko
hash=$( (cat "${BASH_SOURCE[0]}"; echo "$rootfs") | sha256sum | cut -c1-16)
base=$CACHE/bootfs/$hash
mkdir -p "$CACHE/bootfs" "$out"
ensure() {
	[ -d "$base" ] || unpack_tree "$base"
	find "$CACHE/bootfs" -mindepth 1 -maxdepth 1 ! -name "$hash" \
		-exec rm -rf {} +
}
with_lock bootfs ensure >&2
if [ -z "${BOOTFS_SCRATCH:-}" ]; then
	BOOTFS_SCRATCH=$(mktemp -d)
	export BOOTFS_SCRATCH
	trap 'rmdir "$BOOTFS_SCRATCH"' EXIT
	# What is mounted from here on goes with the namespace.
	unshare --mount --propagation private bash "${BASH_SOURCE[0]}" "$@"
	exit
fi
lay_out "$base/tree" "$BOOTFS_SCRATCH"
