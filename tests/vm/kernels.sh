#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels.sh VERSION: makes a kernel available and prints its directory.
#
# VERSION is 6.1, 6.12, 7.2 (Debian's own images), the first two with -rt or
# -cloud for those flavours, debug or kcsan (see scripts/debug-kernel.sh), or
# what headers.sh takes, for headers alone. The directory, kept in the user's cache, holds
#   release    what uname -r will say
#   vmlinuz    the kernel image
#   modules/   lib/modules/RELEASE, depmod run
#   kdir       path of the build directory for external modules
#   root       present only if kdir has to be used inside that chroot, because
#              its compiler and host programs are newer than this system's
#
# Nothing is installed on this system but build tools: images and headers are
# unpacked, the one absolute path in the headers' Makefile is rewritten.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# depends PACKAGE REGEX: the first dependency of PACKAGE that matches.
depends() {
	apt-cache depends --no-recommends --no-suggests "$1" |
		sed -n 's/^[ |]*Depends: //p' | grep -E -m1 -e "$2"
}

# newest_release SERIES FLAVOUR: the newest release with both headers and an image.
# The archive may have the headers of an update hours before its signed image.
newest_release() {
	local rel policy
	for rel in $(apt-cache pkgnames "linux-headers-$1" | grep -E \
		"^linux-headers-${1//./\\.}(\.[0-9]+)?([+-][a-z0-9.]+)?-$2\$" |
		sed 's/^linux-headers-//' | sort -Vr); do
		# not what only points to the newest one
		[ -n "$(depends "linux-headers-$rel" -common)" ] || continue
		policy=$(apt-cache policy "linux-image-$rel")
		[[ $policy =~ Candidate:\ [^\(] ]] || continue
		echo "$rel"
		return
	done
}

# Unpack the newest image and headers of a series in this system's archive.
unpack_series() {	# SERIES DIR FLAVOUR
	local series=$1 out=$2 headers common kbuild image rel pkg
	apt_fresh
	rel=$(newest_release "$series" "$3")
	[ -n "$rel" ] ||
		die "no linux $series*-$3 with headers and image in the archive"
	headers=linux-headers-$rel
	common=$(depends "$headers" -common)
	kbuild=$(depends "$headers" '^linux-kbuild')
	image=linux-image-$rel
	note "unpacking $image and its headers"
	rm -rf "$out.new"
	mkdir -p "$out.new/debs" "$out.new/tree"
	# apt-get drops privileges to _apt, who cannot write below /root
	chmod 755 "$out.new" "$out.new/debs"
	(cd "$out.new/debs" && apt-get -o APT::Sandbox::User=root -qq download \
		"$image" "$headers" "$common" "$kbuild")
	for pkg in "$out.new"/debs/*.deb; do
		dpkg-deb -x "$pkg" "$out.new/tree"
	done
	rm -r "$out.new/debs"
	# These trees are merged-/usr agnostic: images ship /lib or /usr/lib.
	if [ -d "$out.new/tree/lib/modules" ]; then
		mv "$out.new/tree/lib" "$out.new/modules-lib"
	else
		mkdir -p "$out.new/modules-lib"
		mv "$out.new/tree/usr/lib/modules" "$out.new/modules-lib/"
	fi
	mkdir -p "$out.new/modules/lib"
	mv "$out.new/modules-lib/modules" "$out.new/modules/lib/"
	rm -rf "$out.new/modules-lib"
	cp "$out.new/tree/boot/vmlinuz-$rel" "$out.new/vmlinuz"
	cp "$out.new/tree/boot/System.map-$rel" "$out.new/" 2>/dev/null || true
	rm -f "$out.new/modules/lib/modules/$rel/"{build,source}
	depmod -b "$out.new/modules" "$rel"
	echo "$rel" >"$out.new/release"
	sed -i "s|/usr/src|$out/tree/usr/src|" \
		"$out.new/tree/usr/src/linux-headers-$rel/Makefile"
	echo "$out/tree/usr/src/linux-headers-$rel" >"$out.new/kdir"
	rm -rf "$out"
	mv "$out.new" "$out"
}

# A series only a newer Debian has: headers need that release's compiler and
# C library, so they live in a chroot of it.
chroot_series() {
	local series=$1 suite=$2 out=$3 rel checker
	need_pkg mmdebstrap mmdebstrap
	note "building a $suite chroot for linux $series (2 minutes)"
	rm -rf "$out.new"
	mkdir -p "$out.new"
	mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include=make,sparse,kmod,linux-headers-amd64,linux-image-amd64 \
		"$suite" "$out.new/root" "$(debian_mirror)" >"$CACHE/mmdebstrap-$suite.log" 2>&1 || {
		tail -20 "$CACHE/mmdebstrap-$suite.log" >&2
		die "mmdebstrap $suite failed"
	}
	rel=$(basename "$(echo "$out.new/root/usr/lib/modules/$series"*)")
	# 7.2's Makefile asks this script whether sparse works; Debian's headers
	# leave it out, which would turn C=2 off without failing.
	checker=$out.new/root/usr/src/linux-headers-${rel%-amd64}-common/scripts/checker-valid.sh
	if [ ! -e "$checker" ]; then
		# shellcheck disable=SC2016
		printf '#!/bin/sh\ncommand -v "$1" >/dev/null && echo 1\n' >"$checker"
		chmod +x "$checker"
	fi
	[ -f "$out.new/root/boot/vmlinuz-$rel" ] ||
		die "$suite has no linux $series (it has $(ls "$out.new/root/boot"))"
	cp "$out.new/root/boot/vmlinuz-$rel" "$out.new/vmlinuz"
	mkdir -p "$out.new/modules/lib/modules"
	cp -a "$out.new/root/usr/lib/modules/$rel" "$out.new/modules/lib/modules/"
	rm -f "$out.new/modules/lib/modules/$rel/"{build,source}
	# An older depmod may not know newer compression: use the chroot's.
	mkdir -p "$out.new/root/mnt/m"
	mv "$out.new/modules/lib" "$out.new/root/mnt/m/"
	chroot "$out.new/root" depmod -b /mnt/m "$rel"
	mv "$out.new/root/mnt/m/lib" "$out.new/modules/"
	rm -rf "$out.new/root/var/cache/apt/archives" "$out.new/root/var/lib/apt/lists"
	echo "$rel" >"$out.new/release"
	echo "/usr/src/linux-headers-$rel" >"$out.new/kdir"
	rm -rf "$out"
	mv "$out.new" "$out"
}

make_available() {
	local version=$1 out=$CACHE/kernels/$1 flavour
	mkdir -p "$CACHE/kernels"
	[ -f "$out/kdir" ] && return
	case $version in
	6.1 | 6.1-* | 6.12 | 6.12-*)
		need_pkg gcc gcc make make gcc-12 gcc-12 sparse sparse depmod kmod \
			pahole pahole
		flavour=${version#"${version%%-*}"}
		flavour=${flavour#-}
		unpack_series "${version%%-*}" "$out" \
			"${flavour:+$flavour-}amd64"
		;;
	7.2) chroot_series 7.2 forky "$out" ;;
	debug | kcsan) "$TOP/scripts/debug-kernel.sh" "$version" ;;
	*) die "unknown kernel '$version' (6.1, 6.12, 7.2, debug or kcsan)" ;;
	esac
}

[ $# = 1 ] || die "usage: kernels.sh 6.1|6.12|7.2|debug|kcsan|HEADERS"
# Headers alone, of any other kernel
[[ $1 != *_* ]] || exec "$VM_DIR/headers.sh" "$1"
if [ "$1" = debug ] || [ "$1" = kcsan ]; then
	make_available "$1" >&2	# keeps a lock of its own
else
	with_lock "kernel-$1" make_available "$1" >&2
fi
echo "$CACHE/kernels/$1"
