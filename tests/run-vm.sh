#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run-vm.sh [KERNEL...]: the part of "make check" that runs in virtual machines:
# the scenarios of tests/system on the kernels they name (6.1, 6.12, 7.2, the
# debug kernel), one VM for each kernel; and "icount", 6.12 with instructions for
# a clock, where pauses are measured. By name only: "kcsan", the scenarios of the
# debug kernel under the data race detector, and flavours as in 6.12-rt.
#
# Installs and builds what it needs. The last line is
#   N passed, N failed, N skipped
# Environment: ROUNDS, DEBUG_ROUNDS (load and unload), DEBUG_ALL=1 (all scenarios
# on the debug kernel), SECONDS_EACH (fio verify), VM_TIMEOUT (seconds a VM and
# each scenario may take, for long runs), ONLY (a glob of scenario names;
# those marked "by name" run with it alone), and what scenarios say they take:
# HOSTILE, MUTATIONS, BOUNDARIES, SEED, MESSAGES, FAIL_ROUNDS, PEERS, BURSTS,
# PEER, RUNS, HOLD_MS, COMBINATIONS, WALKS, TRANS_MS, FAULTS, FLAPS,
# PERSONALITIES, TARGETS, LAYOUT, LOSSES.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/vm/common.sh"

kernels=("$@")
[ $# -gt 0 ] || kernels=(6.1 6.12 7.2 icount debug)
results=$(mktemp)
trap 'rm -f "$results"' EXIT
only=${ONLY:-*}

# wanted_on KERNEL SCENARIO: a line "# KERNELS: ..." in it names those it runs
# on, without one it runs on each stock kernel; "by name" is for ONLY alone.
wanted_on() {
	local kernels
	[ "$1" != kcsan ] || set -- debug "$2"
	# Flavours of a kernel run what it runs, and what names them.
	[[ $1 != *-* ]] || ! wanted_on "${1%%-*}" "$2" || return 0
	kernels=$(sed -n 's/^# KERNELS: *//p' "$2")
	[ -n "$kernels" ] || kernels='6.1 6.12 7.2'
	if [ "$1" = debug ] && [ -n "${DEBUG_ALL:-}" ]; then
		[[ $kernels != icount ]]
	elif [[ $kernels = 'by name'* ]]; then
		[ "$only" != '*' ] &&
			[[ ${kernels#by name} = '' || " $kernels " = *" $1 "* ]]
	else
		[[ " $kernels " = *" $1 "* ]]
	fi
}

run_on_host() {	# KERNEL SCENARIO
	local started=$SECONDS rc=0
	KVER=$1 SCENARIO=$(basename "$2" .sh) timeout -k 20 \
		"$(sed -n 's/^# TIMEOUT: *//p' "$2")" bash "$2" 2>&1 || rc=$?
	echo "# $(basename "$2" .sh): $((SECONDS - started)) s"
	# 1: it has said what failed
	[ $rc -le 1 ] || return $rc
}

run_kernel() {
	local kernel=$1 version scenario name list=() on_host=() options=()
	for scenario in "$TOP"/tests/system/[0-9]*.sh; do
		name=$(basename "$scenario" .sh)
		# shellcheck disable=SC2053
		[[ $name = $only ]] || continue
		wanted_on "$kernel" "$scenario" || continue
		# with VMs of their own
		if grep -q '^# ON THE HOST$' "$scenario"; then
			on_host+=("$scenario")
			continue
		fi
		list+=("$scenario")
	done
	for scenario in "${on_host[@]}"; do
		run_on_host "$kernel" "$scenario" ||
			echo "not ok $(basename "$scenario" .sh): status $?"
	done | sed -u -E "s/^(ok|not ok) /\1 $kernel /" | tee -a "$results"
	[ ${#list[@]} -gt 0 ] || return 0
	version=$kernel
	case $kernel in
	icount)
		version=6.12
		options+=(--icount --fast --timeout "${VM_TIMEOUT:-1200}"
			--env TIMEOUT_SCALE=30)
		;;
	debug | kcsan)
		# systemd alone would take minutes on these
		options+=(--fast --timeout "${VM_TIMEOUT:-2400}"
			--env TIMEOUT_SCALE=4
			--env "ROUNDS=${DEBUG_ROUNDS:-3}"
			--env "SECONDS_EACH=${SECONDS_EACH:-22}")
		;;
	*)
		options+=(--timeout "${VM_TIMEOUT:-2400}" --env "ROUNDS=${ROUNDS:-3}"
			--env "SECONDS_EACH=${SECONDS_EACH:-22}")
		;;
	esac
	# for longer runs than the scenarios are made for
	[ -z "${VM_TIMEOUT:-}" ] ||
		options+=(--env "SCENARIO_TIMEOUT=$VM_TIMEOUT")
	env_options HOSTILE MUTATIONS BOUNDARIES SEED MESSAGES FAIL_ROUNDS \
		PEERS BURSTS PEER RUNS HOLD_MS COMBINATIONS WALKS TRANS_MS \
		FAULTS FLAPS PERSONALITIES TARGETS LAYOUT LOSSES
	"$VM_DIR/run.sh" "${options[@]}" "$version" "${list[@]}" |
		sed -u -E "s/^(ok|not ok) /\1 $kernel /" | tee -a "$results"
}

if [ ! -f "$TOP/Kbuild" ]; then
	echo "ok vm: every scenario # SKIP there is no module to test"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
for kernel in "${kernels[@]}"; do
	started=$SECONDS
	echo "# --- kernel $kernel"
	if ! run_kernel "$kernel"; then
		grep -q "^not ok $kernel " "$results" ||
			echo "not ok $kernel vm: the run failed" | tee -a "$results"
	fi
	echo "# --- kernel $kernel: $((SECONDS - started)) s"
done
skipped=$(grep -c '^ok .* # SKIP' "$results" || true)
passed=$(($(grep -c '^ok ' "$results" || true) - skipped))
failed=$(grep -c '^not ok ' "$results" || true)
[ "$failed" = 0 ] || { echo "# failed:"; grep '^not ok ' "$results" | sed 's/^/#   /'; }
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
