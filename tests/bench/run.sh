#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh: the benchmark ("make bench"). Cost of an I/O through each initiator,
# counted in instructions: QEMU's icount clock makes the guest's second the time
# of 10^9 instructions, so the figures repeat to 1 % whatever else this machine
# does. They say how much CPU work an I/O is, not how fast a machine would be.
#
# Prints one table and leaves it in results/bench.txt and results/bench.json.
# Environment: COLUMNS_WANTED, JOBS_WANTED (regex), RUNTIME (guest seconds),
# BENCH_KERNEL (6.12).
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/common.sh"

results=$TOP/tests/bench/results
kernel=${BENCH_KERNEL:-6.12}
columns=${COLUMNS_WANTED:-iscsi_tcp dm_multipath nvme_tcp ours ours_x2}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
options=()
for name in COLUMNS_WANTED JOBS_WANTED RUNTIME; do
	[ -z "${!name:-}" ] || options+=(--env "$name=${!name}")
done
[[ $columns = *ours* ]] || options+=(--no-module)
need_pkg jq jq
status=0
"$VM_DIR/run.sh" --icount --timeout 3400 --out "$out" \
	--append "vmudev=0 clocksource=tsc" "${options[@]}" \
	"$kernel" "$TOP/tests/bench/guest.sh" >&2 || status=$?
[ -s "$out/figures" ] || die "no figures"

mkdir -p "$results"
release=$(cat "$("$VM_DIR/kernels.sh" "$kernel")/release")
jq -R -s --arg kernel "$release" '
	[split("\n")[] | select(. != "") | split(" ")
	 | {column: .[0], job: .[1], iops: (.[2] | tonumber)}]
	| {kernel: $kernel, unit: "IOPS per 10^9 instructions",
	   figures: ., jobs: (reduce .[] as $f ({};
		.[$f.job][$f.column] = $f.iops))}
	| .ratio_to_dm_multipath = (.jobs | map_values(
		. as $j | with_entries(select($j.dm_multipath)
		| .value = ((.value / $j.dm_multipath * 1000 | round) / 1000))))' \
	<"$out/figures" >"$results/bench.json"
{
	echo "I/O per second of 10^9 instructions, kernel $release, one CPU for fio,"
	echo "initiator, TCP and target; LIO null device over loopback (nvme_tcp: null_blk"
	echo "behind nvmet). In brackets: ratio to iscsi_tcp x2 + dm-multipath."
	echo
	# shellcheck disable=SC2086
	awk -v columns="$columns" '
		BEGIN { n = split(columns, c, " ") }
		{ if (!($2 in seen)) { seen[$2] = 1; order[++jobs] = $2 }
		  value[$2, $1] = $3 }
		END {
			printf "%-20s", ""
			for (i = 1; i <= n; i++) printf " %16s", c[i]
			print ""
			for (j = 1; j <= jobs; j++) {
				printf "%-20s", order[j]
				base = value[order[j], "dm_multipath"]
				for (i = 1; i <= n; i++) {
					v = value[order[j], c[i]]
					if (v == "") printf " %16s", "-"
					else if (base > 0)
						printf " %8d (%5.2f)", v, v / base
					else printf " %16d", v
				}
				print ""
			}
		}' "$out/figures"
} | tee "$results/bench.txt"
exit $status
