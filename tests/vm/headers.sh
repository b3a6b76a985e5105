#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# headers.sh RELEASE_FLAVOUR_SERIES_END: makes the headers of one kernel of
# Debian's archive available, of whatever architecture, and prints their directory:
#   release    what uname -r will say
#   kdir       path of the build directory for external modules
#   make       words that make needs besides: cross compiler
#   root       present if they have to be used inside that chroot
#
# RELEASE is as in archive.sh, FLAVOUR the end of a kernel's name (amd64,
# rt-amd64, 686-pae, armmp, s390x, ...), SERIES its beginning (6.12), END is
# oldest or newest of what the archive has, as in bookworm_686-pae_6.1_oldest.
# Of bookworm they are used on this system, of others in a chroot that has their
# C library: 6.12 of trixie, what is newer in that of kernels.sh for 7.2, whose
# sparse knows the C of these.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/vm/archive.sh
. "$VM_DIR/archive.sh"

# arch_of FLAVOUR: Debian's name of its architecture.
arch_of() {
	case $1 in
	*amd64) echo amd64 ;;
	*arm64 | arm64-*) echo arm64 ;;
	armmp*) echo armhf ;;
	686*) echo i386 ;;
	s390x) echo s390x ;;
	powerpc64le*) echo ppc64el ;;
	riscv64) echo riscv64 ;;
	*) die "unknown flavour '$1'" ;;
	esac
}

# compiler_of ARCHITECTURE: the beginning of its compiler's name.
compiler_of() {
	case $1 in
	amd64 | i386) ;;
	arm64) echo aarch64-linux-gnu- ;;
	armhf) echo arm-linux-gnueabihf- ;;
	s390x) echo s390x-linux-gnu- ;;
	ppc64el) echo powerpc64le-linux-gnu- ;;
	riscv64) echo riscv64-linux-gnu- ;;
	esac
}

# depends RELEASE ARCHITECTURE PACKAGE REGEX
depends() {
	archive_apt "$1" "$2" apt-cache depends --no-recommends --no-suggests "$3" |
		sed -nE 's/^[ |]*Depends: <?([^:>]*).*/\1/p' |
		grep -E -m1 -e "$4"
}

# find_release RELEASE ARCHITECTURE FLAVOUR SERIES END
find_release() {
	local pick=-V name
	[ "$5" = oldest ] || pick=-rV
	archive_apt "$1" "$2" apt-cache pkgnames "linux-headers-$4" |
		grep -E "^linux-headers-${4//./\\.}(\.[0-9]+)?([+-][a-z0-9.]+)?-$3\$" |
		sort $pick | while read -r name; do
			# not what only points to the newest one
			[ -n "$(depends "$1" "$2" "$name" '-common(-rt)?$')" ] ||
				continue
			echo "${name#linux-headers-}"
			break
		done
}

unpack() {	# RELEASE ARCHITECTURE UNAME OUT
	local out=$4 headers=linux-headers-$3 dir kbuild
	note "unpacking $headers of $1"
	rm -rf "$out.new"
	mkdir -p "$out.new"
	# The programs that a build runs are those of this machine.
	kbuild=$(depends "$1" "$2" "$headers" '^linux-kbuild')
	if ! archive_unpack "$1" "$2" "$out.new/tree" "$headers" \
			"$(depends "$1" "$2" "$headers" '-common(-rt)?$')" ||
	   ! archive_unpack "$1" amd64 "$out.new/tree" "$kbuild"; then
		die "cannot fetch $headers"
	fi
	sed -i "s|/usr/src|$out/tree/usr/src|" \
		"$out.new/tree/usr/src/$headers/Makefile"
	# 7.2's Makefile asks it whether sparse works, see kernels.sh
	dir=$(echo "$out.new"/tree/usr/src/linux-headers-*-common*)/scripts
	if [ ! -e "$dir/checker-valid.sh" ]; then
		# shellcheck disable=SC2016
		printf '#!/bin/sh\ncommand -v "$1" >/dev/null && echo 1\n' \
			>"$dir/checker-valid.sh"
		chmod +x "$dir/checker-valid.sh"
	fi
	echo "$3" >"$out.new/release"
	echo "$out/tree/usr/src/$headers" >"$out.new/kdir"
	rm -rf "$out"
	mv "$out.new" "$out"
}

# root_of RELEASE SERIES: the chroot to build in; nothing: this system.
root_of() {
	case $1_$2 in
	bookworm_*) ;;
	trixie_6.12) echo "$CACHE/roots/trixie" ;;
	*) echo "$("$VM_DIR/kernels.sh" 7.2)/root" ;;
	esac
}

make_root() {
	local root=$CACHE/roots/$1
	[ -d "$root" ] && return
	need_pkg mmdebstrap mmdebstrap
	note "building a $1 chroot (1 minute)"
	mkdir -p "$CACHE/roots"
	rm -rf "$root.new"
	mmdebstrap --quiet --variant=apt \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include=make,sparse,kmod,gcc,libelf1t64 "$1" "$root.new" \
		"$(debian_mirror)" >"$CACHE/mmdebstrap-$1.log" 2>&1 ||
		die "mmdebstrap $1 failed: $(tail -1 "$CACHE/mmdebstrap-$1.log")"
	mv "$root.new" "$root"
}

# need_in_root ROOT COMMAND PACKAGE...: as need_pkg, inside the chroot.
need_in_root() {
	local root=$1 missing=()
	shift
	while [ $# -ge 2 ]; do
		[ -e "$root/usr/bin/$1" ] || missing+=("$2")
		shift 2
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	note "installing ${missing[*]} in $root"
	{ chroot "$root" apt-get -qq update && chroot "$root" /usr/bin/env \
		DEBIAN_FRONTEND=noninteractive apt-get install -y \
		--no-install-recommends "${missing[@]}"; } \
		>"$CACHE/root-apt.log" 2>&1 ||
		die "cannot install ${missing[*]}: $(tail -1 "$CACHE/root-apt.log")"
}

provide() {
	local release=$1 flavour=$2 series=$3 end=$4 arch cc gcc uname root pkg
	arch=$(arch_of "$flavour")
	archive_open "$release" amd64
	archive_open "$release" "$arch"
	uname=$(find_release "$release" "$arch" "$flavour" "$series" "$end")
	[ -n "$uname" ] || die "$release has no linux $series of flavour $flavour"
	out=$CACHE/headers/$release-$uname
	[ -f "$out/kdir" ] || unpack "$release" "$arch" "$uname" "$out"
	root=$(root_of "$release" "$series")
	cc=$(compiler_of "$arch")
	# the one that its build was pinned to
	gcc=$(grep -ohE 'gcc-[0-9]+' "$(cat "$out/kdir")/.kernelvariables" | head -1)
	[ "$root" != "$CACHE/roots/trixie" ] || make_root trixie
	pkg=$gcc${cc:+-${cc%-}}
	if [ -n "$root" ]; then
		need_in_root "$root" "$cc$gcc" "$pkg" sparse sparse
		ln -sfn "$root" "$out/root"
	else
		need_pkg gcc gcc make make sparse sparse pahole pahole \
			"$cc$gcc" "$pkg"
	fi
	echo "${cc:+CROSS_COMPILE=$cc}" "CC=$cc$gcc" >"$out/make"
	touch "$out"
}

[ $# = 1 ] || die "usage: headers.sh RELEASE_FLAVOUR_SERIES_oldest|newest"
IFS=_ read -r release flavour series end <<<"$1"
[ -n "$end" ] || die "usage: headers.sh RELEASE_FLAVOUR_SERIES_oldest|newest"
mkdir -p "$CACHE/headers"
# Two builds may want compilers of the same chroot.
out=
exec 6>"$CACHE/headers/.lock"
flock 6
provide "$release" "$flavour" "$series" "$end" >&2 6>&-
flock -u 6
find "$CACHE/headers" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +
echo "$out"
