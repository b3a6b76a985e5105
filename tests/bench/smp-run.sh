#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# smp-run.sh: what a second processor is worth ("make bench-smp"): I/Os a second
# with one and with two, through the module with a session for each and through
# nvme_tcp with a queue for each.
#
# Wall clock: it wants two cores and nothing else running. Prints a table and
# leaves it in results/smp.txt. Environment: BENCH_KERNEL (6.12), BENCH_RESULTS (a
# directory), SECONDS_EACH, REPEATS.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/common.sh"

results=${BENCH_RESULTS:-$TOP/tests/bench/results}
kernel=${BENCH_KERNEL:-6.12}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
options=()
env_options COLUMNS_WANTED SECONDS_EACH REPEATS
status=0
"$VM_DIR/run.sh" --fast --timeout 1800 --out "$out" "${options[@]}" \
	"$kernel" "$TOP/tests/bench/smp.sh" >&2 || status=$?
[ -s "$out/figures" ] || die "no figures"

mkdir -p "$results"
release=$(cat "$("$VM_DIR/kernels.sh" "$kernel")/release")
# The median of the repetitions, which stand in no order.
{
	echo "4 KiB random reads a second, depth 32 for each processor, $release:"
	echo
	sort -k1,1 -k2,2n -k3,3n "$out/figures" | awk '
		{ key = $1 " " $2; run[key, ++n[key]] = $3; columns[$1] }
		END {
			printf "%-12s %10s %10s %8s\n", "", "one", "two", "ratio"
			for (c in columns) {
				one = run[c " 1", int((n[c " 1"] + 1) / 2)]
				two = run[c " 2", int((n[c " 2"] + 1) / 2)]
				printf "%-12s %10d %10d %8.2f\n", c, one, two,
					one ? two / one : 0
			}
		}'
} | tee "$results/smp.txt"
exit $status
