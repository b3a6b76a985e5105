#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# foreign.sh [ARCHITECTURE...]: the unit tests for other processors, with UBSan,
# which has alignment in it, under QEMU's user mode: arm64, armhf (32 bits), s390x
# (big-endian). Installs what it needs. The last line is
#   N passed, N failed
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/common.sh"
# shellcheck source=tests/vm/archive.sh
. "$VM_DIR/archive.sh"

codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
declare -A tuple=([arm64]=aarch64-linux-gnu [armhf]=arm-linux-gnueabihf
	[s390x]=s390x-linux-gnu)
declare -A qemu=([arm64]=qemu-aarch64 [armhf]=qemu-arm [s390x]=qemu-s390x)

nettle() {	# ARCHITECTURE: its static library
	local dir=$CACHE/foreign/$1
	[ -d "$dir" ] && return
	archive_open "$codename" "$1"
	rm -rf "$dir.new"
	archive_unpack "$codename" "$1" "$dir.new" nettle-dev ||
		die "cannot fetch nettle-dev for $1"
	mv "$dir.new" "$dir"
}

[ $# -gt 0 ] || set -- arm64 armhf s390x
need=(make make qemu-arm qemu-user)
for arch; do
	need+=("${tuple[$arch]}-gcc" "gcc-${tuple[$arch]}"
		"/usr/${tuple[$arch]}/lib/libc.a" "libc6-dev-$arch-cross")
done
need_pkg "${need[@]}"
passed=0 failed=0
for arch; do
	with_lock "foreign-$arch" nettle "$arch"
	lib=$CACHE/foreign/$arch/usr
	sum=$(make -s -C "$TOP/tests/unit" check OUT="build/$arch" \
		CC="${tuple[$arch]}-gcc" RUN="${qemu[$arch]}" \
		SAN='-fsanitize=undefined -fsanitize-undefined-trap-on-error' \
		CFLAGS="-O1 -g -static -idirafter $lib/include \
			-L$lib/lib/${tuple[$arch]}" 2>&1) || :
	# shellcheck disable=SC2001
	sed "s/^/# $arch: /" <<<"$sum"
	if [[ ${sum##*$'\n'} =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
