#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run-vm.sh [KERNEL...]: the part of "make check" that runs in virtual machines:
# every scenario of tests/system on each kernel (6.1 6.12 7.2, then the debug
# kernel with its shorter list), one VM for each kernel; and "icount", 6.12 with
# instructions for a clock, where pauses are measured.
#
# Installs and builds what it needs. The last line is
#   N passed, N failed, N skipped
# Environment: ROUNDS, DEBUG_ROUNDS (load and unload), DEBUG_ALL=1 (all scenarios
# on the debug kernel, not only load/unload and verify), SECONDS_EACH (fio verify),
# ONLY (a glob of scenario names).
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/vm/common.sh"

kernels=("$@")
[ $# -gt 0 ] || kernels=(6.1 6.12 7.2 icount debug)
results=$(mktemp)
trap 'rm -f "$results"' EXIT
only=${ONLY:-*}

run_kernel() {
	local kernel=$1 scenario name list=() options=()
	for scenario in "$TOP"/tests/system/[0-9]*.sh; do
		name=$(basename "$scenario" .sh)
		# shellcheck disable=SC2053
		[[ $name = $only ]] || continue
		case $kernel:$name in
		# Milliseconds mean something only where instructions are the
		# clock.
		icount:030-* | icount:245-* | icount:250-*) ;;
		icount:* | *:030-* | *:245-* | *:250-*) continue ;;
		# What multipath decides does not depend on the kernel.
		6.12:2* | debug:2*) ;;
		*:2*) continue ;;
		esac
		if [ "$kernel" = debug ]; then
			case $name in
			020-* | 050-*) ;;
			# seconds mean little there: the others on demand
			*) [ -n "${DEBUG_ALL:-}" ] || continue ;;
			esac
		fi
		list+=("$scenario")
	done
	[ ${#list[@]} -gt 0 ] || return 0
	if [ "$kernel" = debug ]; then
		# systemd alone would take minutes on this one
		options+=(--fast --timeout 2400 --env "TIMEOUT_SCALE=4"
			--env "ROUNDS=${DEBUG_ROUNDS:-3}"
			--env "SECONDS_EACH=${SECONDS_EACH:-22}")
	else
		options+=(--timeout 1500 --env "ROUNDS=${ROUNDS:-3}"
			--env "SECONDS_EACH=${SECONDS_EACH:-22}")
	fi
	if [ "$kernel" = icount ]; then
		options=(--icount --fast --timeout 1200 --env TIMEOUT_SCALE=30)
		kernel=6.12
	fi
	"$VM_DIR/run.sh" "${options[@]}" "$kernel" "${list[@]}" |
		sed -u -E "s/^(ok|not ok) /\1 $1 /" | tee -a "$results"
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
