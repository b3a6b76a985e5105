#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 1800
# The measuring half of smp-run.sh, inside a guest with two processors: I/Os a
# second with one of them and with both, one job and one session or queue for
# each. Wall clock, so it wants a machine with nothing else to do.
#
# Writes "COLUMN PROCESSORS IOPS" for each of REPEATS runs to /vm/out/figures, and
# where the kernel counts locks "COLUMN PROCESSORS I/Os LOCK CONTENDED BOUNCED" to
# /vm/out/locks: taken while another had it, and taken last on another processor.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/bench/columns.sh

COLUMNS_WANTED=${COLUMNS_WANTED:-nvme_tcp ours_auto}
SECONDS_EACH=${SECONDS_EACH:-8}
RAMP=2	# seconds more
REPEATS=${REPEATS:-3}
FIGURES=/vm/out/figures
LOCKS=/vm/out/locks
LOCK_STAT=/proc/lock_stat

# jobs PROCESSORS: 4 KiB random reads, 32 deep on each; prints their number a
# second
jobs() {
	fio --name=j --filename="$DEVICE" --direct=1 --ioengine=libaio \
		--rw=randread --bs=4k --iodepth=32 --size=1g --norandommap=1 \
		--numjobs="$1" --cpus_allowed="0-$(($1 - 1))" \
		--cpus_allowed_policy=split --group_reporting=1 \
		--time_based=1 --ramp_time=$RAMP --runtime="$SECONDS_EACH" \
		--gtod_reduce=1 --output-format=json |
		jq -r '.jobs[0].read.iops | floor'
}

# The lines of classes are "NAME: CON-BOUNCES CONTENTIONS [4] ACQ-BOUNCES ...".
# Neither the beginning nor the end of the jobs is looked at.
locks_count() {
	sleep $((RAMP + 1))
	echo 0 >$LOCK_STAT
	sleep $((SECONDS_EACH - 2))
	awk -F '[[:space:]]*:[[:space:]]+' \
		'NF == 2 && split($2, n, " ") == 12 {
			gsub(/[[:space:]]+/, "", $1)
			print $1, n[2], n[1] + n[7]
		}' $LOCK_STAT >"$TMP/locks"
}

measure() {	# COLUMN PROCESSORS
	local iops counting=
	if [ -e $LOCK_STAT ]; then
		locks_count &
		counting=$!
	fi
	iops=$(jobs "$2")
	[ "${iops:-0}" -gt 0 ] || { fail "fio on $1 with $2"; return; }
	if [ -n "$counting" ]; then
		wait "$counting"
		sed "s/^/$1 $2 $((iops * (SECONDS_EACH - 2))) /" "$TMP/locks" >>$LOCKS
	fi
	echo "$1 $2 $iops" >>$FIGURES
	pass "$1 with $2: $iops IOPS"
}

processors() {	# HOW MANY
	echo $(($1 - 1)) >/sys/devices/system/cpu/cpu1/online
}

: >$FIGURES
: >$LOCKS
iscsi_target
for _ in $(seq "$REPEATS"); do
	for count in 1 2; do
		processors $count
		for column in $COLUMNS_WANTED; do
			if QUEUES=$count "${column}_up" >"$TMP/up" 2>&1; then
				measure "$column" $count
			else
				fail "$column connects"
				comment <"$TMP/up"
			fi
			"${column}_down" >"$TMP/down" 2>&1 ||
				comment <"$TMP/down"
		done
	done
done
lio_gone
