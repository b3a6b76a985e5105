#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# debug-kernel.sh: builds the kernel with KASAN, lockdep, kmemleak and fault
# injection from Debian's linux-source-6.12 (about ten minutes on two idle
# cores) and leaves it where tests/vm/kernels.sh finds VERSION=debug.
#
# Cached by the hash of fragment, patch and the source's version; only the newest
# one is kept.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/vm/common.sh"

fragment=$VM_DIR/kasan-6.12.fragment
patch=$VM_DIR/debug-kernel.patch
source_pkg=linux-source-6.12

build() {
	local out=$CACHE/kernels/debug pkg_version hash rel tree new symbol

	apt_fresh
	pkg_version=$(apt-cache policy "$source_pkg" |
		sed -n 's/^ *Candidate: //p')
	hash=$({ cat "$fragment" "$patch"; echo "$pkg_version"; } | sha256sum | cut -c1-16)
	if [ -f "$out/hash" ] && [ "$(cat "$out/hash")" = "$hash" ]; then
		return
	fi
	need_pkg gcc-12 gcc-12 make make flex flex bison bison bc bc \
		/usr/include/libelf.h libelf-dev cpio cpio xz xz-utils patch patch \
		depmod kmod
	note "building the debug kernel ($pkg_version, $hash): 10 to 20 minutes"
	new=$CACHE/kernels/debug.new
	rm -rf "$new"
	mkdir -p "$new/deb" "$new/build"
	(cd "$new/deb" &&
		apt-get -o APT::Sandbox::User=root -qq download "$source_pkg")
	dpkg-deb -x "$new"/deb/*.deb "$new/deb"
	tar -C "$new" -xf "$new/deb/usr/src/$source_pkg.tar.xz"
	rm -r "$new/deb"
	tree=$new/$source_pkg
	patch -s -d "$tree" -p1 <"$patch"

	KCONFIG_ALLCONFIG=$fragment make -s -C "$tree" O="$new/build" \
		CC=gcc-12 HOSTCC=gcc-12 allnoconfig
	while read -r symbol; do
		grep -qx "$symbol" "$new/build/.config" ||
			note "kconfig refused $symbol"
	done < <(grep -E '^CONFIG_[A-Z0-9_]+=[^n]' "$fragment")
	for symbol in KASAN PROVE_LOCKING DEBUG_KMEMLEAK FAILSLAB \
		ISCSI_TARGET SCSI VETH NF_TABLES EXT4_FS NET_SCH_NETEM; do
		grep -qE "^CONFIG_$symbol=[ym]" "$new/build/.config" ||
			die "CONFIG_$symbol did not survive kconfig"
	done
	# The directory is renamed when done: no path may be baked in but O=.
	nice make -s -C "$tree" O="$new/build" CC=gcc-12 HOSTCC=gcc-12 \
		-j"$(nproc)" bzImage modules >"$CACHE/debug-kernel.log" 2>&1 || {
		tail -20 "$CACHE/debug-kernel.log" >&2
		die "the debug kernel does not build"
	}
	rel=$(cat "$new/build/include/config/kernel.release")
	make -s -C "$tree" O="$new/build" INSTALL_MOD_PATH="$new/modules" \
		modules_install >>"$CACHE/debug-kernel.log" 2>&1
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

with_lock kernel-debug build >&2
