#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh [MODEL...]: searches the models of this folder (README says what they
# stand for) in every reachable state. Each must hold as it is, and must fail
# with each of the faults it knows (M_...) and without each of the assumptions
# it names (A_...): a model that cannot fail proves nothing.
# Prints the states searched, and ends in "N passed, N failed".
# If this fails, the design of fence, registrations or sessions has a hole (the
# trail printed is one way into it), or a model does not catch what it should.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
JOBS=$(nproc)

# pan EXPECTED MODEL CFLAGS SPINFLAGS...: one line "ok" or "not ok".
search() {
	local expected=$1 model=$2 dir found=fails states how
	local name="$2 ${*:3}"
	shift 2
	# All properties where all must hold; the one that matters where not.
	[ "$expected" = fails ] || set -- -DALL "$@"
	dir=$(mktemp -d "$WORK/XXXXXX")
	cp "$model.pml" "$dir"
	cd "$dir" || return
	# What is to be searched to the end is worth optimising.
	how="-O0 -DSAFETY"
	[ "$expected" = fails ] || how="-O1 -DSAFETY"
	[ "$expected" != ends ] || how="-O1 -DNP"
	# shellcheck disable=SC2086 # several words
	if ! spin "$@" -a "$model.pml" >log 2>&1 ||
	   ! gcc $how -DNOFAIR -DVECTORSZ=1024 -w -o pan pan.c >>log 2>&1; then
		echo "not ok $name: does not build"
		cat log
		return
	fi
	if [ "$expected" = ends ]; then
		how="-l -w22"
	else
		how="-w22"
	fi
	# shellcheck disable=SC2086
	./pan $how -n -m100000 >log 2>&1
	states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' log | head -n 1)
	if grep -q 'errors: 0$' log && ! grep -q 'not completed\|truncated' log
	then
		found=holds
		[ "$expected" != ends ] || found=ends
	elif ! grep -q '^pan:1: ' log; then
		found="ends with no result"
	fi
	if [ "$found" = "$expected" ]; then
		echo "ok $name $found, $states states$(sed -n \
			's/^pan:1: \(.*\) (at.*/: \1/p' log | cut -c 1-60)"
		return
	fi
	echo "not ok $name: $found where $expected was expected"
	cat log
	[ ! -e "$model.pml.trail" ] ||
		spin "$@" -t -p -g "$model.pml" 2>&1 | tail -n 150
}

# What a model's own comment asks for: "fails with -DX -DY=3", "ends with -DY=1"
flags() {
	sed -n "s/^.*$1 with \(-D[-A-Za-z0-9_= ]*\).*/\1/p" "$2.pml"
}

[ $# -gt 0 ] || set -- fence reserve session
jobs=()
for model; do
	jobs+=("holds $model" "ends $model $(flags ends "$model")")
	while read -r flags; do
		jobs+=("fails $model $flags")
	done < <(flags fails "$model")
done
export -f search
export WORK
# shellcheck disable=SC2016 # for the shell that it starts
printf '%s\n' "${jobs[@]}" |
	xargs -P "$JOBS" -I{} bash -c 'out=$(search {}); echo "$out"' |
	tee "$WORK/all"
passed=$(grep -c '^ok ' "$WORK/all")
failed=$(grep -c '^not ok ' "$WORK/all")
[ "$((passed + failed))" = "${#jobs[@]}" ] || failed=$((failed + 1))
awk '/^ok .* (holds|ends), / { sub(/,/, "", $0); n += $(NF - 1) }
	END { print "states searched: " n + 0 }' "$WORK/all"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
