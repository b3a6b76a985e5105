#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh [FILE...]: lets Frama-C (EVA) follow each proof_*() of the drivers here
# for all the inputs that it stands for, and compares the alarms it raises with
# those in "alarms", each of which has its reason there. One that is not listed
# fails, as does one that is listed and does not come up any more.
# Ends in "N passed, N failed".
# If this fails, a parser of kernel/proto may leave its buffer, read what was
# never written, overflow, or have another undefined behaviour.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
DIR=tests/proof
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# Alarms of one log: "SOURCE: WHAT", without line numbers, each once.
alarms_in() {
	awk '
	/^\[eva:alarm\] / {
		on = 1
		sub(/^\[eva:alarm\] */, "")
		sub(/:[0-9]+: Warning: */, ": ")
		text = $0
		next
	}
	on && /^ / { sub(/^ +/, ""); text = text (text ~ / $/ ? "" : " ") $0; next }
	on { print text; on = 0 }
	END { if (on) print text }' "$1" | sed 's/  */ /g; s/ $//' | sort -u
}

prove() {	# FILE PROOF
	local file=$1 proof=$2 log=$WORK/$2.log with what options
	with=$(sed -n 's/^ \* WITH: //p' "$DIR/$file.c" |
		sed 's|[a-z0-9_]*\.c|kernel/proto/&|g')
	options=$(sed -n "s/^ \* EVA: $proof //p" "$DIR/$file.c")
	# shellcheck disable=SC2086 # several words
	if ! timeout "${LIMIT:-120}" frama-c -eva -machdep gcc_x86_64 -c11 \
		-cpp-extra-args="-I$DIR/include -Ikernel -I$DIR -include $DIR/include/shim.h" \
		-main "$proof" -eva-split-return full -eva-slevel 100 \
		-eva-slevel-function "$proof:20000" \
		-eva-auto-loop-unroll 32 $options \
		-eva-msg-key=-final-states,-initial-state \
		"$DIR/$file.c" $with >"$log" 2>&1 ||
	   ! grep -q 'ANALYSIS SUMMARY' "$log"; then
		echo "not ok proof $file $proof: Frama-C did not come to its end"
		tail -n 5 "$log"
		return
	fi
	alarms_in "$log" >"$WORK/$proof.found"
	sed -n "s/^$proof | \([^|]*\) |.*/\1/p" "$DIR/alarms" | sort -u \
		>"$WORK/$proof.listed"
	if ! what=$(diff "$WORK/$proof.listed" "$WORK/$proof.found"); then
		echo "not ok proof $file $proof: < is listed only, > is new"
		echo "$what"
		return
	fi
	what=$(wc -l <"$WORK/$proof.found")
	echo "ok proof $file $proof, $(grep -B 1 "^void $proof(void)" "$DIR/$file.c" |
		sed -n 's|^/\* \(.*\) \*/|\1|p'), $(sed -n \
		's/^ *\([0-9]* functions analyzed\).*/\1/p' "$log"), $what alarms listed"
}

[ $# -gt 0 ] || set -- "$DIR"/*.c
for file; do
	file=$(basename "$file" .c)
	sed -n "s/^void \(proof_[a-z0-9_]*\)(void).*/$file \1/p" "$DIR/$file.c"
done >"$WORK/jobs"
export -f prove alarms_in
export WORK DIR
# shellcheck disable=SC2016 # for the shell that it starts
xargs -P "$(nproc)" -I{} bash -c 'out=$(prove {}); echo "$out"' \
	<"$WORK/jobs" | tee "$WORK/all"
passed=$(grep -c '^ok ' "$WORK/all")
failed=$(grep -c '^not ok ' "$WORK/all")
[ "$((passed + failed))" = "$(wc -l <"$WORK/jobs")" ] || failed=$((failed + 1))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
