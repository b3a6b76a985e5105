#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# userspace.sh DIR: builds iscsictl and lays DIR out as an installed system has
# it: tool, helpers, units, udev rules. The module comes from elsewhere.
#
# It is built in a copy of the source, so that a test run neither disturbs nor
# trusts what lies in the checkout.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

dest=$1
[ -f "$TOP/userspace/Makefile" ] || exit 0
need_pkg gcc gcc make make pkg-config pkgconf \
	/usr/include/libnl3/netlink/netlink.h libnl-genl-3-dev \
	/usr/include/libmnl/libmnl.h libmnl-dev \
	/usr/include/libkmod.h libkmod-dev \
	/usr/include/libsmartcols/libsmartcols.h libsmartcols-dev \
	/usr/include/json-c/json.h libjson-c-dev \
	/usr/include/nettle/sha3.h nettle-dev
copy=$CACHE/build/userspace
build() {
	mkdir -p "$copy/kernel"
	find "$copy" -type f \( -name '*.[ch]' -o -name Makefile \) -delete
	cp -a "$TOP/userspace" "$TOP/include" "$copy/"
	cp -a "$TOP/kernel/proto" "$copy/kernel/"
	cp -a "$TOP/Makefile" "$copy/" 2>/dev/null || true
	make -s -C "$copy/userspace" clean
	make -s -C "$copy/userspace"
	if grep -q '^install:' "$copy/userspace/Makefile"; then
		make -s -C "$copy/userspace" install DESTDIR="$dest"
	else
		install -D "$copy/userspace/iscsictl" "$dest/usr/sbin/iscsictl"
	fi
}
mkdir -p "$dest" "$CACHE/build"
with_lock userspace build >"$CACHE/build-userspace.log" 2>&1 || {
	tail -20 "$CACHE/build-userspace.log" >&2
	die "iscsictl does not build"
}
