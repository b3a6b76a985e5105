#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# userspace.sh DIR: builds iscsictl and lays DIR out with what "make install"
# would put on a system, the module excepted (every VM has its own).
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

dest=$1
[ -f "$TOP/userspace/main.c" ] || exit 0
need_pkg gcc gcc make make pkg-config pkgconf \
	/usr/include/libnl3/netlink/netlink.h libnl-genl-3-dev \
	/usr/include/libmnl/libmnl.h libmnl-dev \
	/usr/include/libkmod.h libkmod-dev
build() {
	make -s -C "$TOP" install-userspace DESTDIR="$dest" \
		>"$CACHE/build-userspace.log" 2>&1
}
mkdir -p "$dest"
with_lock userspace build || {
	tail -20 "$CACHE/build-userspace.log" >&2
	die "iscsictl does not build"
}
