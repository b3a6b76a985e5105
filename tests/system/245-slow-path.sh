#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name icount
# TIMEOUT: 900
# REQUIRES: fio
# If this fails, one path that answers 50 ms late makes the whole disk slow
# although another is fast, under a policy that is there to prevent it.
#
# The 99th percentile of reads at depth DEPTH, with one slow path among PATHS and
# with the fast ones alone. For the clock that counts instructions.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:slow
SECONDS_EACH=${SECONDS_EACH:-3}
DEPTH=${DEPTH:-4}
PATHS=${PATHS:-2 4 32}

# p99: of 4 KiB reads, in microseconds, is in $P99
p99() {
	fio --name=reads --filename="/dev/$DISK" --direct=1 --ioengine=libaio \
		--rw=randread --bs=4k --iodepth="$DEPTH" --size=32m \
		--time_based=1 --runtime="$SECONDS_EACH" \
		--percentile_list=50:99 --output-format=json \
		--output="$TMP/fio.json" || return
	P99=$(jq '.jobs[0].read.clat_ns.percentile["99.000000"] / 1000 | floor' \
		"$TMP/fio.json")
	echo "# $1: $(jq -c '.jobs[0].read | [.iops, .clat_ns.percentile]' \
		"$TMP/fio.json")"
}
path_of() {	# LINK
	ijson path list ".[] | select(.PathKey | startswith(\"10.9.$1.1>\")) | .PathIdentifier"
}

# With only one path to the portal of link 2, which is the slow one.
slow_of() {	# PATHS
	local slow alone policy
	must "$1 paths connect" eval "iscsictl connect $IQN --multipath \
		--portal 10.9.1.2 --count $(($1 - 1)) &&
		iscsictl connect $IQN --multipath --portal 10.9.2.2"
	must "they lead to one disk" disk_with_paths $IQN "$1"
	path_delay 2 delay 50ms
	slow=$(path_of 2)
	iscsictl policy set LQD --disk "$DISK"
	iscsictl path fail "$slow"
	must "fio reads by the fast paths alone" p99 "$(($1 - 1)) fast"
	alone=$P99
	iscsictl path reinstate "$slow"
	must "the slow path takes part" wait_until 20 has_paths "$DISK" "$1"
	for policy in latency LQD; do
		iscsictl policy set $policy --disk "$DISK"
		must "fio reads under $policy" p99 "$1 paths, $policy"
		check_le "99th percentile with 1 of $1 paths taking 50 ms, policy $policy, the fast alone taking $alone" \
			"$P99" $((alone * 3 / 2)) us
	done
	path_undelay 2
	check "disconnect ends the sessions" disconnect $IQN
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
for count in $PATHS; do
	slow_of "$count"
done
