#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# clientfs.sh [TREE]: the guest's root file system with the programs in it that
# speak to open-iscsi: libvirt, os-brick, a module of Ansible, fence_scsi, sanlock;
# and with ynl for our own interface. Prints the image's path. For scenarios that say "# ROOT: clients"; with TREE the
# files are left there, too. Cached by the hash of this file and of rootfs.sh's.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=(libvirt-daemon libvirt-clients python3-os-brick ansible-core
	fence-agents sanlock lsscsi smartmontools udisks2 python3-yaml
	sosreport)
# Of a package of 200 MB one file is wanted, of one of 140 MB a folder.
ansible_module=community/general/plugins/modules/open_iscsi.py
kernel_source=linux-source-6.12

in_tree() { chroot "$tree" env DEBIAN_FRONTEND=noninteractive "$@"; }

fill_tree() {
	debugfs -R "rdump / $tree" "$rootfs" >/dev/null 2>&1
	cp /etc/resolv.conf "$tree/etc/resolv.conf"
	# Nothing that is installed may run here.
	printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
	chmod 755 "$tree/usr/sbin/policy-rc.d"
	mkdir -p "$tree"/var/cache/apt/archives/partial \
		"$tree/var/lib/apt/lists/partial"
	mount -t proc proc "$tree/proc"
	mount --bind /dev "$tree/dev"
	in_tree apt-get -qq update
	in_tree apt-get -qq -y --no-install-recommends install "${packages[@]}"
	(cd "$tree/tmp" && in_tree sh -c 'cd /tmp && apt-get -qq -o APT::Sandbox::User=root download ansible')
	dpkg-deb --fsys-tarfile "$tree"/tmp/ansible_*.deb |
		tar -x -C "$tree/tmp" --wildcards "*/$ansible_module"
	mkdir -p "$tree/usr/local/share"
	find "$tree/tmp" -name open_iscsi.py -exec mv {} "$tree/usr/local/share/" \;
	in_tree sh -c "cd /tmp && apt-get -qq -o APT::Sandbox::User=root download $kernel_source"
	dpkg-deb --fsys-tarfile "$tree/tmp/$kernel_source"_*.deb |
		tar -xO "./usr/src/$kernel_source.tar.xz" |
		tar -xJ -C "$tree/usr/local/share" --strip-components=3 \
		"$kernel_source/tools/net/ynl"
	umount "$tree/proc" "$tree/dev"
	rm -rf "$tree"/tmp/* "$tree/usr/sbin/policy-rc.d" \
		"${tree:?}"/var/{cache/apt,lib/apt/lists} "$tree/etc/resolv.conf"
}

build() {
	tree=$1.tree
	note "building the guest's root file system with clients (3 minutes)"
	rm -rf "$tree"
	mkdir -p "$tree"
	fill_tree >"$CACHE/clientfs.log" 2>&1 || {
		tail -20 "$CACHE/clientfs.log" >&2
		die "cannot install the clients"
	}
	truncate -s 4G "$1.new"
	mke2fs -q -t ext4 -d "$tree" "$1.new"
	mv "$1.new" "$1"
}

# What is mounted here goes with the namespace.
if [ -z "${CLIENTFS_NS:-}" ]; then
	export CLIENTFS_NS=1
	exec unshare --mount --propagation private bash "${BASH_SOURCE[0]}" "$@"
fi
need_pkg mke2fs e2fsprogs debugfs e2fsprogs
rootfs=$("$VM_DIR/rootfs.sh")
hash=$( (cat "${BASH_SOURCE[0]}"; echo "$rootfs") | sha256sum | cut -c1-16)
image=$CACHE/clientfs/$hash.img
mkdir -p "$CACHE/clientfs"
ensure() {
	[ -f "$image" ] || build "$image"
	find "$CACHE/clientfs" -mindepth 1 -maxdepth 1 ! -name "$hash.img*" \
		-exec rm -rf {} +
	if [ $# -gt 0 ]; then
		mkdir -p "$1"
		cp -a "$image.tree/." "$1/"
	fi
	rm -rf "$image.tree"
}
with_lock clientfs ensure "$@" >&2
echo "$image"
