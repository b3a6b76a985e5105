#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kbuild.sh VERSION SRC_DIR OUT_DIR [MAKE ARGUMENTS]: builds the module of the
# checkout SRC_DIR for one kernel and leaves OUT_DIR/iscsi_mpio.ko.
#
# Objects go to OUT_DIR/src, so that versions never mix objects. Only what differs
# is copied there and is new from then on: a second build compiles what changed,
# whichever checkout the first one was of, and however old the file is.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -ge 3 ] || die "usage: kbuild.sh VERSION SRC_DIR OUT_DIR [make arguments]"
version=$1
src=$(realpath "$2")
mkdir -p "$3"
out=$(realpath "$3")
shift 3

kernel=$("$VM_DIR/kernels.sh" "$version")
kdir=$(cat "$kernel/kdir")

exec 8>"$out/.lock"
flock 8
mkdir -p "$out/src"
# Sources that went away must not stay and be found by an include.
(cd "$out/src" && find . -type f \( -name '*.c' -o -name '*.h' \) \
	! -name '*.mod.c') | while read -r file; do
	[ -e "$src/$file" ] || rm "$out/src/$file"
done
(cd "$src" && find Kbuild kernel include -type f \( -name '*.[ch]' -o \
	-name Kbuild \)) | while read -r file; do
	cmp -s "$src/$file" "$out/src/$file" && continue
	mkdir -p "$(dirname "$out/src/$file")"
	cp "$src/$file" "$out/src/$file"
done

read -ra more < <(cat "$kernel/make" 2>/dev/null || echo)
args=(-C "$kdir" "M=$out/src" -j"$(nproc)" "${more[@]}" "$@" modules)
# $kernel/kdir is absolute for whoever runs make: here, or inside the chroot.
if [ -d "$kernel/root" ]; then
	# objtool reads /proc. The mounts end with their namespace.
	root=$(realpath "$kernel/root")
	mkdir -p "$root$out"
	# headers that are not the chroot's own
	tree=
	[ ! -L "$kernel/root" ] || tree=$kernel/tree
	# shellcheck disable=SC2016
	unshare --mount --propagation private bash -euc '
		root=$1 out=$2 tree=$3
		shift 3
		mount --bind "$out" "$root$out"
		if [ -n "$tree" ]; then
			mkdir -p "$root$tree"
			mount --bind "$tree" "$root$tree"
		fi
		mount -t proc proc "$root/proc"
		exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin \
			LC_ALL=C make "$@"' - "$root" "$out" "$tree" "${args[@]}"
else
	make "${args[@]}"
fi
cp "$out/src/iscsi_mpio.ko" "$out/iscsi_mpio.ko"
