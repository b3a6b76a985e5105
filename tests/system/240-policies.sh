#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 400
# REQUIRES: fio
# If this fails, a load balance policy does not spread I/O as its name promises,
# or changing it under load costs an error.
#
# Shares are taken from the paths' own counters, READS reads of 4 KiB at depth 8
# for each policy, with every number of paths in PATHS (half of them on each of
# two links). At length: PATHS="2 4 32" READS=10000.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:policy
READS=${READS:-800}
PATHS=${PATHS:-2 32}

scenario_stop() { [ -z "${FIO_PID:-}" ] || fio_verify_stop; }

counters() {	# of the disk's paths: "ID LINK IOS", in the order of the ids
	ijson path list ".[] | select(.Disk == \"$DISK\")
		| \"\\(.PathIdentifier) \\(.PathKey | split(\".\")[2]) \\(.Ios)\"" |
		sort -n
}
# shares [FIO OPTIONS]: reads; the I/Os of each path are in $SHARES, those of the
# links in $LINK1 and $LINK2
shares() {
	counters >"$TMP/before"
	fio --name=reads --filename="/dev/$DISK" --direct=1 --ioengine=libaio \
		--rw=randread --bs=4k --iodepth=8 --size=32m \
		--io_size="$((READS * 4))k" --output-format=terse "$@" \
		>"$TMP/fio-reads" 2>&1 || { cat "$TMP/fio-reads"; return 1; }
	counters >"$TMP/after"
	SHARES=$(join "$TMP/before" "$TMP/after" |
		awk '{ print $5 - $3 }' | sort -n | xargs)
	LINK1=$(join "$TMP/before" "$TMP/after" |
		awk '$2 == 1 { n += $5 - $3 } END { print n + 0 }')
	LINK2=$(join "$TMP/before" "$TMP/after" |
		awk '$2 == 2 { n += $5 - $3 } END { print n + 0 }')
}
reads() {
	check "fio reads from $count paths under $POLICY" shares "$@"
	echo "# I/Os of each path: $SHARES; of the links: $LINK1, $LINK2"
}
used() { tr ' ' '\n' <<<"$SHARES" | grep -vcx 0; }
# even PERCENT: no share is further from the mean
even() {
	tr ' ' '\n' <<<"$SHARES" | awk -v percent="$1" '
		{ v[NR] = $1; sum += $1 }
		END {
			for (i in v) {
				d = v[i] - sum / NR
				if ((d < 0 ? -d : d) > sum / NR * percent / 100 + 1)
					exit 1
			}
		}'
}
policy() {
	POLICY=$1
	must "policy $1 is set" iscsictl policy set "$1" --disk "$DISK"
}

# What each policy promises where all paths are alike.
alike() {
	local first
	policy FOO
	reads
	check_is "FOO, $count paths: one carries everything" 1 "$(used)"
	policy RR
	reads
	check "RR, $count paths: each carries the same" even 10
	policy RRWS
	reads
	check "RRWS, $count paths, all optimized: each carries the same" even 10
	# At depth 8 no more than 8 paths can be the least loaded at a time, but
	# they take turns.
	for policy in LQD LB; do
		policy $policy
		reads
		check_is "$policy, $count paths: all are used" "$count" "$(used)"
		check "$policy, $count paths: about the same for each" even 60
	done
	policy WP
	first=$(counters | tail -1 | cut -d' ' -f1)
	iscsictl path set --disk "$DISK" --weight 10
	iscsictl path set "$first" --weight 3
	reads
	check_is "WP, $count paths: one carries everything" 1 "$(used)"
	check_is "WP, $count paths: the one with the lowest weight" \
		"${SHARES##* }" "$(join "$TMP/before" "$TMP/after" |
			awk -v id="$first" '$1 == id { print $5 - $3 }')"
	iscsictl path set --disk "$DISK" --weight 1
	policy latency
	reads
	check "latency, $count paths: more than one is used" [ "$(used)" -gt 1 ]
}

change_all() {	# WEIGHT
	iscsictl policy set "$POLICY" --disk "$DISK" &&
	iscsictl path set --disk "$DISK" --weight "$1" &&
	iscsictl path set --disk "$DISK" --preferred=no &&
	iscsictl path set "$(counters | shuf -n 1 | cut -d' ' -f1)" \
		--preferred=yes
}

# Two paths are enough for the rest.
changes() {
	fio_verify_start "/dev/$DISK" --offset=32m --size=16m --iodepth=16
	for POLICY in FOO RR RRWS LQD WP LB latency unset FOO latency RR; do
		check "under load: policy $POLICY, another weight, another preferred path" \
			change_all $((RANDOM % 9))
	done
	check "fio verify sees no error and no wrong byte" fio_verify_stop
	iscsictl path set --disk "$DISK" --weight 1
}

# The administrator's choice.
preferred() {
	local link id
	policy FOO
	for link in 1 2; do
		id=$(counters | awk -v link=$link '$2 == link { print $1 }' |
			head -1)
		iscsictl path set --disk "$DISK" --preferred=no
		iscsictl path set "$id" --preferred=yes
		reads
		check_is "FOO takes the preferred path (link $link)" \
			0 "$((link == 1 ? LINK2 : LINK1))"
	done
	iscsictl path set --disk "$DISK" --preferred=no
}

# A path that takes 50 ms more.
slow() {
	path_delay 2 delay 50ms
	for POLICY in LQD latency; do
		policy $POLICY
		reads --io_size=$((READS * 12))k
		check "$POLICY sheds a slow path" \
			[ $((LINK2 * 4)) -lt $((LINK1 + LINK2)) ]
	done
	path_undelay 2
	reads --io_size=$((READS * 12))k
	reads
	check "latency takes it back when it is fast again" \
		[ $((LINK2 * 5)) -gt $((LINK1 + LINK2)) ]
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
for count in $PATHS; do
	must "$count paths connect" iscsictl connect $IQN --multipath \
		--portal 10.9.1.2 --portal 10.9.2.2 --count $((count / 2))
	must "they lead to one disk" disk_with_paths $IQN "$count"
	alike
	if [ "$count" = "${PATHS%% *}" ]; then
		changes
		preferred
		slow
	fi
	must "disconnect ends the sessions" disconnect $IQN
done
