#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# package.sh [KERNEL...]: installs the .deb packages on a fresh Debian tree, lets
# DKMS build the module for each kernel series (default 6.1 and 6.12), makes an
# initramfs, upgrades, removes and purges them, and compares the tree with what
# it was. Not part of "make check": it fetches 400 MB.
# The last line is "N passed, N failed".
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/vm/common.sh"
set +e

kernels=("$@")
[ $# -gt 0 ] || kernels=(6.1 6.12)
passed=0 failed=0
work=$(mktemp -d "$CACHE/package.XXXXXX")
root=$work/root
finish() {
	umount "$root/proc" "$root/sys" "$root/dev" 2>/dev/null
	rm -rf --one-file-system "$work"
}
trap finish EXIT

check() {	# SENTENCE COMMAND...
	local sentence=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		passed=$((passed + 1))
		echo "ok package: $sentence"
	else
		failed=$((failed + 1))
		echo "not ok package: $sentence"
		tail -20 "$work/out" | sed 's/^/# /'
	fi
}
in_root() {
	chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"
}
# All that is in the tree but what apt, dpkg and ldconfig keep for themselves.
listing() {
	(cd "$root" && find . -xdev \( -path ./var/cache -o -path ./var/lib/apt \
		-o -path ./var/log -o -path ./var/lib/dpkg -o -path ./tmp \
		-o -path ./packages -o -path ./run \) -prune -o -print | sort)
}

need_pkg mmdebstrap mmdebstrap lintian lintian
check "make deb builds the packages" make -C "$TOP" deb
check "lintian has nothing to say" lintian --fail-on error,warning \
	--allow-root "$TOP"/packages/*.deb
headers=()
for series in "${kernels[@]}"; do
	headers+=("$(apt-cache pkgnames "linux-headers-$series" |
		grep -E "^linux-headers-${series}\.[.0-9+a-z-]*-amd64\$" |
		grep -Ev -- "^linux-headers-${series}-amd64|cloud|-rt-" |
		sort -V | tail -1)")
done
note "making a fresh Debian tree with ${headers[*]} (3 minutes)"
mmdebstrap --quiet --variant=minbase \
	--include="dkms,initramfs-tools-core,busybox,kmod,udev,libnl-genl-3-200,libmnl0,libkmod2,libnettle8,$(IFS=,; echo "${headers[*]}")" \
	--aptopt='APT::Install-Recommends "false"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	bookworm "$root" "$(debian_mirror)" \
	"deb $(debian_security_mirror) bookworm-security main" \
	>"$work/log" 2>&1 || { tail "$work/log" >&2; die "mmdebstrap failed"; }
mount -t proc proc "$root/proc"
mount -t sysfs sys "$root/sys"
mount --bind /dev "$root/dev"
mkdir "$root/packages"
cp "$TOP"/packages/*.deb "$root/packages/"
rm -f "$root"/packages/*dbgsym*
listing >"$work/before"

check "they install" in_root sh -c 'dpkg -i /packages/*.deb'
version=$(dpkg-deb -f "$root"/packages/iscsi-mpio-dkms_*.deb Version)
for package in "${headers[@]}"; do
	release=${package#linux-headers-}
	check "DKMS builds the module for $release" \
		in_root dkms install -m iscsi-mpio -v "$version" -k "$release"
	check "the module for $release is of that kernel and that version" \
		in_root sh -c "modinfo -k $release -F vermagic iscsi_mpio |
			grep -q '^$release ' && test \"\$(modinfo -k $release \
			-F version iscsi_mpio)\" = '$version'"
done
check "the host has a name" grep -Eq '^InitiatorName=iqn\.2026-11\.[a-z0-9.:-]+$' \
	"$root/etc/iscsi-mpio/initiator.conf"
name=$(cat "$root/etc/iscsi-mpio/initiator.conf")
check "the tool runs" in_root iscsictl --version
check "both units are enabled" in_root sh -c \
	'test -e /etc/systemd/system/remote-fs.target.wants/iscsi-mpio-restore.service &&
	test -e /etc/systemd/system/remote-fs.target.wants/iscsi-mpio-shutdown.service'
check "an initramfs has helper and module" in_root sh -c \
	"mkinitramfs -o /tmp/initrd $release && lsinitramfs /tmp/initrd >/tmp/list &&
	grep -q iscsi-mpio-boot /tmp/list && grep -q iscsi_mpio.ko /tmp/list"
check "they install again over themselves" in_root sh -c 'dpkg -i /packages/*.deb'
check "the name is the same" test "$name" = \
	"$(cat "$root/etc/iscsi-mpio/initiator.conf")"
check "they are removed" in_root sh -c \
	'dpkg -r iscsi-mpio-initramfs iscsi-mpio-dkms iscsi-mpio-tools'
check "the module is gone" sh -c "! find '$root/lib/modules' '$root/usr/lib/modules' \
	-name 'iscsi_mpio*' | grep ."
check "the configuration is still there" test -e \
	"$root/etc/iscsi-mpio/initiator.conf"
check "they are purged" in_root sh -c \
	'dpkg -P iscsi-mpio-initramfs iscsi-mpio-dkms iscsi-mpio-tools'
listing >"$work/after"
check "nothing is left, nothing of others is gone" \
	diff "$work/before" "$work/after"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
