#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# check.sh [PART...]: runs the parts of "make check" (all unless told), each
# whatever became of the one before, and adds up their results. The last line is
#   N passed, N failed, N skipped
# vm-kcsan, the scenarios of vm-debug under the data race detector, is run only
# when named.
# Installs what it needs; runs without a terminal.
#
# check.sh --fuzz MINUTES: fuzzing only, that long ("make fuzz").
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/vm/common.sh"

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
PARTS=(unit coverage fuzz cli model proof lint vm-6.1 vm-6.12 vm-7.2 vm-icount vm-debug)
FUZZ_SECONDS=4	# for each target, as part of make check

need_fuzz() {
	need_pkg make make clang-14 clang-14 \
		/usr/lib/llvm-14/lib/clang/14.0.6/lib libclang-rt-14-dev
}

# --- the parts. Each prints its own sum, or one line "... ok" a test.

part_unit() {
	need_pkg gcc gcc make make /usr/include/nettle/sha3.h nettle-dev
	{
		make -s -C "$TOP/tests/unit" check || echo "0 passed, 1 failed"
		"$TOP/tests/unit/foreign.sh" || echo "0 passed, 1 failed"
	} | awk '{ print }
		/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3 }
		END { print p " passed, " f " failed"; exit f > 0 }'
}

part_coverage() {
	make -s -C "$TOP/tests/unit" coverage && echo "1 passed, 0 failed" ||
		echo "0 passed, 1 failed"
}

part_fuzz() {
	need_fuzz
	make -s -C "$TOP/tests/fuzz" smoke
	make -s -C "$TOP/tests/fuzz" run SECONDS=$FUZZ_SECONDS
	echo "$(find "$TOP/tests/fuzz" -name 'fuzz_*.c' | wc -l) passed, 0 failed"
}

part_cli() {
	need_pkg gcc gcc make make pkg-config pkgconf python3 python3 \
		readelf binutils /usr/lib/python3/dist-packages/yaml python3-yaml \
		/usr/include/libnl3/netlink/netlink.h libnl-genl-3-dev \
		/usr/include/libmnl/libmnl.h libmnl-dev \
		/usr/include/libkmod.h libkmod-dev \
		/usr/include/libsmartcols/libsmartcols.h libsmartcols-dev \
		/usr/include/json-c/json.h libjson-c-dev \
		/usr/include/nettle/sha3.h nettle-dev
	make -s -C "$TOP/tests/cli" check
}

part_model() {
	need_pkg spin spin gcc gcc /usr/include/stdio.h libc6-dev
	"$TOP/tests/model/run.sh"
}

part_proof() {
	if ! command -v frama-c >/dev/null &&
	   ! apt-cache show frama-c-base >/dev/null 2>&1; then
		echo "ok proof # SKIP there is no package frama-c-base here"
		echo "0 passed, 0 failed, 1 skipped"
		return
	fi
	need_pkg frama-c frama-c-base gcc gcc
	"$TOP/tests/proof/run.sh"
}

part_lint() { "$TOP/scripts/lint.sh"; }

part_vm() { "$TOP/tests/run-vm.sh" "$1"; }

# What takes long to fetch and build goes on beside the parts without a VM, and
# ends before the first VM starts: those are timed.
PREPARE_PID=
prepare() {
	local kernel
	for kernel in 6.12 6.1 7.2; do
		"$VM_DIR/kernels.sh" "$kernel"
	done
	"$VM_DIR/rootfs.sh"
	for kernel in debug kcsan; do
		[[ " $* " != *" vm-$kernel "* ]] || "$VM_DIR/kernels.sh" "$kernel"
	done
}

prepare_end() {
	local start=$SECONDS
	[ -n "$PREPARE_PID" ] || return 0
	echo "=== waiting for kernels and images"
	# What failed there fails again, with its message, where it is needed.
	wait "$PREPARE_PID"
	PREPARE_PID=
	summary+=("$(printf '%-10s %5d s' waited $((SECONDS - start)))")
}

# --- adding up

passed=0 failed=0 skipped=0
summary=()

run_part() {
	local name=$1 start rc line p=0 f=0 s=0 sum log=$logs/$1
	[[ $name != vm-* ]] || prepare_end
	start=$SECONDS
	echo "=== $name"
	(
		set -e
		case $name in
		vm-*) part_vm "${name#vm-}" ;;
		*) "part_$name" ;;
		esac
	) </dev/null 2>&1 | tee "$log"
	rc=${PIPESTATUS[0]}
	# The last line of that form counts.
	line=$(grep -aE '^([a-z-]+: )?[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	if [[ $line =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]]; then
		p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]}
		s=${BASH_REMATCH[4]:-0}
	fi
	if [ "$rc" != 0 ] && [ "$f" = 0 ]; then
		echo "not ok $name: ended with status $rc and no failed test" |
			tee -a "$log"
		f=1
	elif [ "$((p + f + s))" = 0 ]; then
		echo "not ok $name: ran no test" | tee -a "$log"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	sum=$(printf '%-10s %5d s  %5d passed, %d failed, %d skipped' \
		"$name" $((SECONDS - start)) "$p" "$f" "$s")
	echo "--- $sum"
	summary+=("$sum")
}

if [ "${1:-}" = --fuzz ]; then
	need_fuzz
	targets=$(find "$TOP/tests/fuzz" -name 'fuzz_*.c' | wc -l)
	exec make -C "$TOP/tests/fuzz" run SECONDS=$((${2:-8} * 60 / targets))
fi
[ $# -gt 0 ] || set -- "${PARTS[@]}"
for part; do
	[[ " ${PARTS[*]} vm-kcsan " = *" $part "* ]] ||
		die "no part '$part' (there are ${PARTS[*]})"
done
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
started=$SECONDS
apt_fresh
# gcc alone does not bring libc headers, nor kernel headers pahole.
need_pkg gcc gcc make make /usr/include/stdio.h libc6-dev pahole pahole

set +e
case " $* " in
*" lint "* | *" vm-"*)
	prepare "$@" </dev/null >"$CACHE/prepare.log" 2>&1 &
	PREPARE_PID=$!
	;;
esac
for part; do
	run_part "$part"
done
echo
grep -ah '^not ok\|^ok .* # SKIP' "$logs"/* | sort -u
echo "=== what each part took"
printf '%s\n' "${summary[@]}"
printf '%-10s %5d s\n' total $((SECONDS - started))
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
