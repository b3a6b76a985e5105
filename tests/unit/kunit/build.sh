#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# build.sh KERNEL_BUILD OUT [MAKE ARGUMENTS]: the suites of tests/unit that are on
# kernel/proto as a module, OUT/iscsi_mpio_unit.ko, for the kernel that
# KERNEL_BUILD was configured for (/lib/modules/*/build, or the O= of a source).
# With CONFIG_KUNIT they are KUnit's. Loading it runs them, see main.c.
set -euo pipefail
TOP=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../..")
build=$(realpath "$1") out=$2
shift 2
suites=(pdu extent text keys chap login scsi identity reserve name)
mkdir -p "$out/tests/unit" "$out/kernel"
out=$(realpath "$out")
cp -r "$TOP/kernel/proto" "$out/kernel/"
cp -r "$TOP/tests/unit/kunit" "$TOP/tests/unit/unit.h" "$out/tests/unit/"
for suite in "${suites[@]}"; do
	cp "$TOP/tests/unit/test_$suite.c" "$out/tests/unit/"
done
{
	echo 'obj-m := iscsi_mpio_unit.o'
	echo 'iscsi_mpio_unit-y := tests/unit/kunit/main.o'
	printf 'iscsi_mpio_unit-y += tests/unit/test_%s.o\n' "${suites[@]}"
	for file in "$out"/kernel/proto/*.c; do
		[[ $file = */sendtargets.c ]] ||
			echo "iscsi_mpio_unit-y += kernel/proto/$(basename "$file" .c).o"
	done
	# shellcheck disable=SC2016
	echo 'ccflags-y := -I$(src)/tests/unit/kunit/include'
	# Buffers of suites lie on the stack, which suits a host.
	echo 'ccflags-y += -Wframe-larger-than=6144'
} >"$out/Kbuild"
make -s -C "$build" M="$out" "$@" modules
