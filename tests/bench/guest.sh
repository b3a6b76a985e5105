#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 1000000
# The measuring half of the benchmark, inside the instruction-count guest: the
# same null device behind each initiator in turn, the same fio jobs on each.
#
# One CPU, clock = instructions (1 ns each), all over loopback, so initiator,
# target, TCP and fio share the cost of every I/O and nothing else counts.
# Writes one line "COLUMN JOB IOPS" for each figure to /vm/out/figures.
# (The clock leaps ahead while the guest waits for a disk: the limit is large.)
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/bench/columns.sh

COLUMNS_WANTED=${COLUMNS_WANTED:-iscsi_tcp dm_multipath nvme_tcp ours ours_x2}
RUNTIME=${RUNTIME:-700}		# milliseconds
# name rw block-size depth [milliseconds each way of the network]
JOBS='
randread-4k-qd1 randread 4k 1
randread-4k-qd32 randread 4k 32
randread-4k-qd128 randread 4k 128
randread-4k-qd8 randread 4k 8
randwrite-4k-qd1 randwrite 4k 1
randwrite-4k-qd8 randwrite 4k 8
randwrite-4k-qd32 randwrite 4k 32
randwrite-4k-qd128 randwrite 4k 128
read-256k-qd16 read 256k 16
write-256k-qd16 write 256k 16
read-256k-qd32-1ms read 256k 32 1
write-256k-qd32-1ms write 256k 32 1
read-256k-qd32-5ms read 256k 32 5
write-256k-qd32-5ms write 256k 32 5
read-256k-qd32-10ms read 256k 32 10
write-256k-qd32-10ms write 256k 32 10
'
JOBS_WANTED=${JOBS_WANTED:-.}
FIGURES=/vm/out/figures

# --- measuring

# A fixed number of I/Os between two marks for the plugin of QEMU (count.c)
count() {	# COLUMN NAME RW BLOCK-SIZE DEPTH
	local ios=4000
	[ "$4" = 4k ] || ios=200
	fio --name=j --filename="$DEVICE" --direct=1 --ioengine=libaio \
		--rw="$3" --bs="$4" --iodepth="$5" --size=2g --norandommap=1 \
		--randrepeat=1 --number_ios=$ios --gtod_reduce=1 --minimal \
		--exec_prerun=/vm/bin/mark --exec_postrun=/vm/bin/mark \
		>/dev/null 2>&1 || fail "fio $2 on $1, counted"
	echo "$1 $2 $ios" >>/vm/out/counted
	cp /proc/kallsyms "/vm/out/kallsyms.$1"
}

# Not everything says something everywhere.
says_something() {	# COLUMN JOB
	case $1 in
	*_crc) [[ $2 =~ ^rand.*qd32$|256k-qd16 ]] ;;	# enough data to sum
	*_lqd) [[ $2 = randread-4k-qd32 ]] ;;		# what selection costs
	iscsi_tcp | ours) : ;;
	*) [[ $2 != *ms ]] ;;	# windows are those of one connection
	esac
}
network_delay() {	# MILLISECONDS each way, 0: none
	tc qdisc del dev lo root 2>/dev/null
	[ "$1" = 0 ] || tc qdisc add dev lo root netem delay "$1ms" limit 100000
}

measure() {	# COLUMN
	local name rw bs depth delay terse iops ramp run
	while read -r name rw bs depth delay; do
		[[ $name =~ $JOBS_WANTED ]] || continue
		says_something "$1" "$name" || continue
		network_delay "${delay:-0}"
		# windows need time to open when the way is long
		ramp=200 run=$RUNTIME
		[ -z "$delay" ] || ramp=3000 run=$((RUNTIME * 4))
		terse=$(fio --name=j --filename="$DEVICE" --direct=1 \
			--ioengine=libaio --rw="$rw" --bs="$bs" \
			--iodepth="$depth" --size=2g --norandommap=1 \
			--randrepeat=1 --time_based=1 --ramp_time="${ramp}ms" \
			--runtime="${run}ms" --gtod_reduce=1 --minimal 2>&1) || {
			fail "fio $name on $1"
			comment <<<"$terse"
			continue
		}
		case $rw in
		*read) iops=$(cut -d';' -f8 <<<"$terse") ;;
		*) iops=$(cut -d';' -f49 <<<"$terse") ;;
		esac
		echo "$1 $name $iops" >>$FIGURES
		pass "$1 $name: $iops IOPS"
		# what an I/O is made of is the same at any distance
		[ -z "${COUNT:-}" ] || [ -n "$delay" ] || count "$1" "$name" "$rw" "$bs" "$depth"
	done < <(grep . <<<"$JOBS")
	network_delay 0
}

: >$FIGURES
iscsi_target
for column in $COLUMNS_WANTED; do
	if [[ $column = ours* ]] && ! modinfo iscsi_mpio >/dev/null 2>&1; then
		skip "$column" "there is no module"
		continue
	fi
	if "${column}_up" >"$TMP/up" 2>&1; then
		measure "$column"
	else
		fail "$column connects"
		{ cat "$TMP/up"; dmesg | tail -5; } | comment
	fi
	"${column}_down" >"$TMP/down" 2>&1 || comment <"$TMP/down"
done
lio_gone
