#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# package.sh deb|rpm ("make deb", "make rpm"): builds the packages from a copy of
# the checkout and leaves them in packages/. What building needs is installed.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/vm/common.sh"

out=$TOP/packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The files of the project: neither objects nor what is ignored.
copy_source() {
	mkdir -p "$1"
	if git -C "$TOP" rev-parse -q --verify HEAD >/dev/null 2>&1; then
		git -C "$TOP" ls-files --cached --others --exclude-standard
	else
		(cd "$TOP" && find . -name packages -prune -o -type f -print)
	fi | while read -r file; do	# some may be deleted
		[ ! -e "$TOP/$file" ] || echo "$file"
	done | tar -C "$TOP" -cf - -T - | tar -C "$1" -xf -
}

build_deb() {
	need_pkg dpkg-buildpackage dpkg-dev dh debhelper dh_dkms dh-dkms \
		gcc gcc make make pkg-config pkgconf \
		/usr/include/libnl3/netlink/netlink.h libnl-genl-3-dev \
		/usr/include/libmnl/libmnl.h libmnl-dev \
		/usr/include/libkmod.h libkmod-dev \
		/usr/include/libsmartcols/libsmartcols.h libsmartcols-dev \
		/usr/include/json-c/json.h libjson-c-dev \
		/usr/include/nettle/sha3.h nettle-dev
	copy_source "$work/iscsi-mpio"
	(cd "$work/iscsi-mpio" && dpkg-buildpackage -b -us -uc) \
		>"$work/log" 2>&1 || { tail -30 "$work/log" >&2
		die "the packages do not build"; }
	rm -f "$out"/*.deb
	mv "$work"/*.deb "$out/"
}

build_rpm() {
	local version
	version=$(sed -n 's/^MPIO_VERSION := //p' "$TOP/Kbuild")
	need_pkg rpmbuild rpm gcc gcc make make pkg-config pkgconf
	copy_source "$work/iscsi-mpio-$version"
	mkdir -p "$work/SOURCES"
	tar -C "$work" -czf "$work/SOURCES/iscsi-mpio-$version.tar.gz" \
		"iscsi-mpio-$version"
	# Build requirements are another distribution's names here.
	rpmbuild -bb --nodeps --define "_topdir $work" \
		--define "mpio_version $version" \
		"$TOP/packaging/iscsi-mpio.spec" >"$work/log" 2>&1 || {
		tail -30 "$work/log" >&2
		die "the packages do not build"
	}
	rm -f "$out"/*.rpm
	mv "$work"/RPMS/*/*.rpm "$out/"
}

mkdir -p "$out"
case ${1:-} in
deb | rpm) "build_$1" ;;
*) die "usage: package.sh deb|rpm" ;;
esac
ls "$out"/*."$1"
