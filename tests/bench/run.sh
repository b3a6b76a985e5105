#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh: the benchmark ("make bench"). Cost of an I/O through each initiator,
# counted in instructions: QEMU's icount clock makes the guest's second the time
# of 10^9 instructions, so the figures repeat to 1 % whatever else this machine
# does. They say how much CPU work an I/O is, not how fast a machine would be.
#
# Prints the table and leaves it in results/bench.txt, .json and .svg, together
# with what an I/O is made of, which a plugin of QEMU counts (count.c).
# Environment: COLUMNS_WANTED, JOBS_WANTED (regex), RUNTIME (guest milliseconds),
# BENCH_KERNEL (6.12), BENCH_RESULTS (a directory).
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/common.sh"

results=${BENCH_RESULTS:-$TOP/tests/bench/results}
kernel=${BENCH_KERNEL:-6.12}
all="iscsi_tcp dm_multipath nvme_tcp ours ours_x2 ours_x4 dm_multipath_crc ours_x2_crc ours_x2_lqd ours_x32_lqd"
COLUMNS_WANTED=${COLUMNS_WANTED:-$all}
MARK=0x5a5a5000
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
options=()
env_options COLUMNS_WANTED JOBS_WANTED RUNTIME
[[ $COLUMNS_WANTED = *ours* ]] || options+=(--no-module)
need_pkg python3 python3 gcc gcc
gcc -O2 -Wall -shared -fPIC -DMARK=$MARK -o "$out/count.so" \
	"$TOP/tests/bench/count.c"
gcc -static -nostdlib -no-pie -Wl,-Ttext=$MARK -Wl,--build-id=none \
	-o "$out/mark" "$TOP/tests/bench/mark.S"
status=0
"$VM_DIR/run.sh" --icount --timeout 3400 --out "$out" --tool "$out/mark" \
	--plugin "$out/count.so,out=$out/count" --env COUNT=1 \
	--append "vmudev=0 clocksource=tsc" "${options[@]}" \
	"$kernel" "$TOP/tests/bench/guest.sh" >&2 || status=$?
[ -s "$out/figures" ] || die "no figures"

mkdir -p "$results"
release=$(cat "$("$VM_DIR/kernels.sh" "$kernel")/release")
python3 -B "$TOP/tests/bench/report.py" "$out" "$release" "$results"
exit $status
