#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# build-matrix.sh [KERNEL...]: builds the module for every kernel that has headers
# in Debian's archive, with W=1 and sparse over every file, and prints a table.
# A KERNEL is a word for tests/vm/kernels.sh (6.12, bookworm_s390x_6.1_oldest),
# with ":llvm" for clang. The last line is
#   N passed, N failed
# A row failed that does not build, or says anything. What was found for the
# same source, kernel and compiler is kept: a second run takes seconds.
#
#   --findings KERNEL  no table: what there is to say about one, nothing if fine
#   --list             the kernels
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/vm/common.sh"

export LC_ALL=C
KERNELS=(
	bookworm_amd64_6.1_oldest bookworm_amd64_6.1_newest
	bookworm_amd64_6.1_newest:llvm
	bookworm_cloud-amd64_6.1_newest bookworm_rt-amd64_6.1_newest
	bookworm_686-pae_6.1_oldest bookworm_686-pae_6.1_newest
	bookworm_arm64_6.1_oldest bookworm_arm64_6.1_newest
	bookworm_armmp_6.1_oldest bookworm_armmp-lpae_6.1_newest
	bookworm_s390x_6.1_oldest bookworm_s390x_6.1_newest
	bookworm_powerpc64le_6.1_oldest bookworm_powerpc64le_6.1_newest
	bookworm_amd64_6.12_oldest bookworm_amd64_6.12_newest
	bookworm_amd64_6.12_newest:llvm
	bookworm_cloud-amd64_6.12_newest bookworm_rt-amd64_6.12_newest
	bookworm_arm64_6.12_newest bookworm_arm64-16k_6.12_newest
	trixie_amd64_6.12_oldest trixie_amd64_6.12_newest
	trixie_amd64_6.12_newest:llvm
	trixie_cloud-amd64_6.12_newest trixie_rt-amd64_6.12_newest
	trixie_arm64_6.12_newest trixie_arm64-16k_6.12_newest
	trixie_armmp_6.12_newest trixie_armmp-lpae_6.12_newest
	trixie_s390x_6.12_newest trixie_powerpc64le_6.12_newest
	trixie_riscv64_6.12_newest
	trixie_amd64_7.2_oldest trixie_amd64_7.2_newest
	trixie_amd64_7.3_newest trixie_amd64_7.3_newest:llvm
	trixie_cloud-amd64_7.3_newest trixie_rt-amd64_7.3_newest
	trixie_arm64_7.3_newest trixie_arm64-16k_7.3_newest
	forky_amd64_7.2_newest forky_amd64_7.2_newest:llvm
	forky_cloud-amd64_7.2_newest forky_rt-amd64_7.2_newest
	forky_arm64_7.2_newest forky_armmp_7.2_newest
	forky_s390x_7.2_newest forky_powerpc64le-64k_7.2_newest
	forky_riscv64_7.2_newest
	sid_amd64_7.2_newest sid_amd64_7.3_newest
)
MATRIX=$CACHE/matrix

# What a log says, modpost and objtool included, but for what the vehicle does:
# another compiler than the kernel's own, the older one that skips attributes.
warnings() {
	grep -aE 'warning:|error:|WARNING|ERROR|No rule|\*\*\*' "$1" |
		grep -v 'differs from the one used to build' |
		sed 's|/[^ ]*/src/kernel/|kernel/|g' | sort -u
	return 0
}

source_hash() {
	(cd "$TOP" && find Kbuild kernel include -type f \( -name '*.[ch]' -o \
		-name Kbuild \) -exec sha256sum {} + | sort | sha256sum | cut -c1-16)
}

# build KERNEL: prints the directory with its log and findings.
build() {
	local name=${1%:llvm} more=() dir kernel key out root
	kernel=$("$VM_DIR/kernels.sh" "$name") || return
	if [ "$1" != "$name" ]; then
		if [ -e "$kernel/root" ]; then
			root=$(realpath "$kernel/root")
			[ -x "$root/usr/bin/ld.lld" ] ||
				chroot "$root" sh -c 'apt-get -qq update &&
				DEBIAN_FRONTEND=noninteractive apt-get -qq install \
				-y --no-install-recommends clang lld llvm' \
				>"$CACHE/root-apt.log" 2>&1
		else
			need_pkg clang clang ld.lld lld llvm-nm llvm >&2
		fi
		more=(LLVM=1 CC=clang)
	fi
	key=$(source_hash)-$(cat "$kernel/release" "$kernel/make" 2>/dev/null |
		sha256sum | cut -c1-16)
	dir=$MATRIX/$1
	echo "$dir"
	mkdir -p "$dir"
	exec 5>"$dir/.lock"
	flock 5
	[ "$(cat "$dir/key" 2>/dev/null)" != "$key" ] || return 0
	rm -f "$dir/key"
	cp "$kernel/release" "$dir/"
	cp "$kernel/make" "$dir/compiler" 2>/dev/null || :
	out=$MATRIX/$1.build
	rm -rf "$out"
	# sparse stops at how these name their processor
	[[ $name = *riscv64* ]] || more+=(C=2)
	rm -f "$dir/built"
	! "$VM_DIR/kbuild.sh" "$name" "$TOP" "$out" W=1 "${more[@]}" \
		>"$dir/log" 2>&1 || touch "$dir/built"
	{
		[ -e "$dir/built" ] ||
			echo "does not build:" "$(tail -n 3 "$dir/log")"
		[[ " ${more[*]} " != *" C=2 "* ]] ||
			grep -q '  CHECK ' "$dir/log" || echo "sparse did not run"
		warnings "$dir/log"
	} >"$dir/findings"
	rm -rf "$out"
	echo "$key" >"$dir/key"
}

row() {	# KERNEL DIR
	local built=no said=0 flavour compiler
	[ ! -e "$2/built" ] || built=yes
	said=$(wc -l <"$2/findings")
	compiler=$(grep -aoE 'gcc-[0-9]+' "$2/compiler" 2>/dev/null || :)
	[[ $1 != *:llvm ]] || compiler=clang
	flavour=$(cut -d_ -f1 <<<"$1")
	printf '%-34s %-9s %-8s %-6s %-7s %s\n' "$(cat "$2/release")" \
		"$flavour" "${compiler:-gcc}" "$built" \
		"$(grep -q '  CHECK ' "$2/log" && echo yes || echo no)" "$said"
	[ "$said" = 0 ] || sed 's/^/#   /' "$2/findings" | head -n 10
	[ $built = yes ] && [ "$said" = 0 ]
}

case ${1:-} in
--findings)
	# What fetching says is none, where it works.
	mkdir -p "$MATRIX"
	dir=$(build "$2" 2>"$MATRIX/fetch.log") ||
		{ cat "$MATRIX/fetch.log"; echo "no kernel $2"; exit 1; }
	cat "$dir/findings"
	[ ! -s "$dir/findings" ]
	exit
	;;
--list) printf '%s\n' "${KERNELS[@]}"; exit ;;
-*) die "usage: build-matrix.sh [--list | --findings KERNEL | KERNEL...]" ;;
esac
[ $# -gt 0 ] || set -- "${KERNELS[@]}"
passed=0 failed=0
printf '%-34s %-9s %-8s %-6s %-7s %s\n' \
	KERNEL RELEASE COMPILER BUILT SPARSE WARNINGS
for kernel; do
	if ! dir=$(build "$kernel"); then
		echo "$kernel: not to be had"
		failed=$((failed + 1))
	elif row "$kernel" "$dir"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
