#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vmsh.sh NAME COMMAND: runs a command in the VM that "run.sh --serve NAME"
# left in the background. vmsh.sh NAME --stop ends that VM; --log prints its
# kernel log so far.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -ge 2 ] || die "usage: vmsh.sh NAME COMMAND|--stop|--log"
run=$CACHE/serve/$1
shift
[ -f "$run/pid" ] || die "no such VM (start it with run.sh --serve NAME KERNEL)"
pid=$(cat "$run/pid")
case $1 in
--log)
	cat "$run/serial.log"
	exit
	;;
--stop)
	touch "$run/vm/cmd/stop"
	for _ in $(seq 50); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.2
	done
	kill -9 "$pid" 2>/dev/null || true
	rm -rf "$run"
	exit
	;;
esac
id=$(date +%s%N)-$$
base=$run/vm/cmd/$id
{
	cat "$run/vm/env"
	# shellcheck disable=SC2016
	echo 'export PATH=/vm/bin:$PATH SCENARIO=shell STAGE=0'
	echo '. /vm/tests/lib/target.sh; . /vm/tests/lib/scenario.sh; set +eu; trap - EXIT ERR'
	printf '%s\n' "$*"
} >"$base.new"
touch "$base.out"
mv "$base.new" "$base.sh"
tail -q -n +1 -s 0.2 -f "$base.out" &
tail_pid=$!
trap 'kill $tail_pid 2>/dev/null; rm -f "$base".*' EXIT
until [ -e "$base.rc" ]; do
	kill -0 "$pid" 2>/dev/null || { tail -30 "$run/serial.log" >&2
		die "the VM died"; }
	sleep 0.2
done
sleep 0.4
exit "$(cat "$base.rc")"
