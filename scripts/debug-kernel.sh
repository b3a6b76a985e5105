#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# debug-kernel.sh [debug|kcsan]: builds a kernel that checks itself from Debian's
# linux-source-6.12 (about ten minutes on two idle cores) and leaves it where
# tests/vm/kernels.sh finds that VERSION:
#   debug   KASAN, lockdep, kmemleak, DEBUG_OBJECTS, fault injection
#   kcsan   the data race detector, which looks at this module alone: nothing
#           else is instrumented
#
# Cached by the hash of fragments, patch and the source's version; only the newest
# of each is kept.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/vm/common.sh"

name=${1:-debug}
fragments=("$VM_DIR/kasan-6.12.fragment")
must_have=(ISCSI_TARGET SCSI VETH NF_TABLES EXT4_FS NET_SCH_NETEM)
make_args=(CC=gcc-12 HOSTCC=gcc-12)
case $name in
debug) must_have+=(KASAN PROVE_LOCKING DEBUG_KMEMLEAK FAILSLAB) ;;
kcsan)
	fragments+=("$VM_DIR/kcsan-6.12.fragment")	# the later ones count
	must_have+=(KCSAN LOCK_STAT)
	make_args+=(KCSAN_SANITIZE=n)
	;;
*) die "usage: debug-kernel.sh [debug|kcsan]" ;;
esac
patch=$VM_DIR/debug-kernel.patch
source_pkg=linux-source-6.12

# One line for each symbol, the last one said of it.
wanted_config() {
	cat "${fragments[@]}" | tac | awk -F= '/^CONFIG_/ && !seen[$1]++'
}

build() {
	local out=$CACHE/kernels/$name pkg_version hash rel tree new symbol

	apt_fresh
	pkg_version=$(apt-cache policy "$source_pkg" |
		sed -n 's/^ *Candidate: //p')
	hash=$({ cat "${fragments[@]}" "$patch"; echo "$pkg_version"; } | sha256sum | cut -c1-16)
	if [ -f "$out/hash" ] && [ "$(cat "$out/hash")" = "$hash" ]; then
		return
	fi
	need_pkg gcc-12 gcc-12 make make flex flex bison bison bc bc \
		/usr/include/libelf.h libelf-dev cpio cpio xz xz-utils patch patch \
		depmod kmod
	note "building the $name kernel ($pkg_version, $hash): 10 to 20 minutes"
	new=$CACHE/kernels/$name.new
	rm -rf "$new"
	mkdir -p "$new/deb" "$new/build"
	(cd "$new/deb" &&
		apt-get -o APT::Sandbox::User=root -qq download "$source_pkg")
	dpkg-deb -x "$new"/deb/*.deb "$new/deb"
	tar -C "$new" -xf "$new/deb/usr/src/$source_pkg.tar.xz"
	rm -r "$new/deb"
	tree=$new/$source_pkg
	patch -s -d "$tree" -p1 <"$patch"

	wanted_config >"$new/fragment"
	KCONFIG_ALLCONFIG=$new/fragment make -s -C "$tree" O="$new/build" \
		"${make_args[@]}" allnoconfig
	while read -r symbol; do
		grep -qx "$symbol" "$new/build/.config" ||
			note "kconfig refused $symbol"
	done < <(grep -E '^CONFIG_[A-Z0-9_]+=[^n]' "$new/fragment")
	for symbol in "${must_have[@]}"; do
		grep -qE "^CONFIG_$symbol=[ym]" "$new/build/.config" ||
			die "CONFIG_$symbol did not survive kconfig"
	done
	# The directory is renamed when done: no path may be baked in but O=.
	nice make -s -C "$tree" O="$new/build" "${make_args[@]}" \
		-j"$(nproc)" bzImage modules >"$CACHE/$name-kernel.log" 2>&1 || {
		tail -20 "$CACHE/$name-kernel.log" >&2
		die "the $name kernel does not build"
	}
	rel=$(cat "$new/build/include/config/kernel.release")
	make -s -C "$tree" O="$new/build" INSTALL_MOD_PATH="$new/modules" \
		modules_install >>"$CACHE/$name-kernel.log" 2>&1
	rm -f "$new/modules/lib/modules/$rel/"{build,source}
	cp "$new/build/arch/x86/boot/bzImage" "$new/vmlinuz"
	# Module builds need headers and host programs, not the objects.
	find "$new/build" \( -name '*.o' -o -name '*.a' -o -name '*.ko' \) \
		! -path '*/scripts/*' ! -path '*/tools/*' -delete
	rm -f "$new/build/vmlinux.unstripped" "$new/build/arch/x86/boot/compressed/vmlinux"*
	find "$tree" \( -name '*.c' -o -name '*.rst' -o -name '*.dts*' \) \
		! -path '*/scripts/*' -delete
	rm -rf "$tree/Documentation" "$tree/drivers/gpu" "$out"
	mv "$new" "$out"
	# The build directory remembers its source by an absolute path.
	sed -i "s|$new|$out|g" "$out/build/Makefile"
	ln -sfn "$out/$source_pkg" "$out/build/source"
	echo "$rel" >"$out/release"
	echo "$out/build" >"$out/kdir"
	echo "$hash" >"$out/hash"
}

with_lock "kernel-$name" build >&2
