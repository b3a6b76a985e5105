#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# smp-run.sh: what a second processor is worth ("make bench-smp"): I/Os a second
# with one and with two, through the module with a session for each and through
# nvme_tcp with a queue for each.
#
# Wall clock: it wants two cores and nothing else running. Prints a table and
# leaves it in results/smp.txt; BENCH_KERNEL=kcsan counts locks instead, for
# results/locks.txt. Environment: BENCH_KERNEL (6.12), BENCH_RESULTS (a directory),
# SECONDS_EACH, REPEATS.
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
speeds() {
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
}

# Those that move from one processor to the other most often.
locks() {
	local column
	echo "Locks of 1000 such reads with two processors, $release (counting"
	echo "makes all slower): taken last by the other one, and waited for."
	cut -d' ' -f1 "$out/locks" | sort -u | while read -r column; do
		printf '\n%-40s %10s %10s\n' "$column" bounced contended
		awk -v column="$column" '$1 == column && $2 == 2 {
				ios[$4] += $3; waits[$4] += $5; moves[$4] += $6
			}
			END {
				for (lock in ios)
					if (ios[lock])
						printf "%-40s %10.1f %10.1f\n",
							lock,
							1000 * moves[lock] / ios[lock],
							1000 * waits[lock] / ios[lock]
			}' "$out/locks" |
			sort -k2,2nr | awk 'NR <= 16'
	done
}

if [ -s "$out/locks" ]; then
	locks | tee "$results/locks.txt"
else
	speeds | tee "$results/smp.txt"
fi
exit $status
