#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12 7.2
# TIMEOUT: 300
# If this fails, a target with one volume, as storage that has a target name for
# each of them shows it, takes too much memory, or each further disk does. With
# PEER=1 open-iscsi has the same sessions and disks first, for comparison.
#
# TARGETS targets with one disk each, then one target with as many. Figures are of
# the whole machine, LIO's half of each session and its sockets included: what the
# initiator takes is less. "Slabs" and "pages" say where: requests are in pages.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/peer.sh

TARGETS=${TARGETS:-64}
TARGET_LIMIT=${TARGET_LIMIT:-640}	# KiB, a target with one disk, both ends
DISK_LIMIT=${DISK_LIMIT:-64}		# KiB, each further disk
prefix=iqn.2026-11.org.test:memory
many=iqn.2026-11.org.test:many

slab_kib() { awk '/^Slab/ { print $2 }' /proc/meminfo; }
slabs() {	# lines "NAME KIB"
	awk 'NR > 2 { print $1, $2 * $4 / 1024 }' /proc/slabinfo | sort
}
logged_in() { ijson session list '[.[] | select(.State == "logged-in")] | length'; }
disks() { find /sys/block -name "sd*" | wc -l; }
has() { [ "$($1)" = "$2" ]; }

# What went before is given back a while after it is gone.
settled() {
	local last=$kib
	kib=$(free_kib)
	[ $((kib - last)) -lt 64 ] && [ $((last - kib)) -lt 64 ]
}
start() {
	kib=$(free_kib)
	wait_until 30 settled
	slab=$(slab_kib)
	slabs >/run/slabs
}
took() {	# WHAT COUNT: prints it; KiB of each in TOOK
	local now kept
	now=$(free_kib) kept=$(slab_kib)
	TOOK=$(((kib - now) / $2))
	echo "# $1: $TOOK KiB each, $(((kept - slab) / $2)) of them in slabs"
	slabs | join /run/slabs - |
		awk -v n="$2" '$3 - $2 >= n { printf "%5.1f KiB %s\n", ($3 - $2) / n, $1 }' |
		sort -rn | head -n 8 | comment
}
connect_all() {
	local n
	for n in $(seq "$TARGETS"); do
		iscsictl connect "$prefix$n" --multipath --no-wait \
			--portal 10.9.1.2 "$@" >/dev/null || return
	done
}
disconnect_all() {
	local n
	for n in $(seq "$TARGETS"); do disconnect "$prefix$n" || return; done
}

net_up 1
lio_load
udev_stop
target_new $many
portal_add $many 10.9.1.2
for n in $(seq "$TARGETS"); do
	backend_ramdisk "disk$n" 1 nullio
	one_portal "$prefix$n" "disk$n"
	lun_add $many "$n" "disk$n"
done

if [ -n "${PEER:-}" ]; then
	peer_start
	iscsiadm -m discovery -t st -p 10.9.1.2 >/dev/null
	iscsiadm -m node -T $many -o delete
	for round in first second; do
		start
		iscsiadm -m node -L all >/dev/null 2>&1
		must "open-iscsi has its disks" \
			wait_until 60 has disks "$TARGETS"
		took "open-iscsi, a target with one disk, $round time" "$TARGETS"
		iscsiadm -m node -U all >/dev/null 2>&1
		wait_until 60 has disks 0
	done
	iscsiadm -m node -o delete
fi

# What a target keeps of an initiator is there from its first login on.
must "a session to a target with many disks" \
	iscsictl connect $many --multipath --portal 10.9.1.2 --no-scan
start
must "it is scanned" iscsictl rescan
must "it has its disks" wait_until 60 has disks "$TARGETS"
took "each disk" "$TARGETS"
check_le "each further disk" "$TOOK" "$DISK_LIMIT" KiB
must "disconnect ends it" disconnect $many

must "the targets are known" connect_all
must "they have their disks" wait_until 60 has disks "$TARGETS"
must "disconnect ends them" disconnect_all
start
must "sessions connect" connect_all --no-scan
must "all log in" wait_until 60 has logged_in "$TARGETS"
took "a target without a disk" "$TARGETS"
session=$TOOK
start
must "they are scanned" iscsictl rescan
must "they have their disks" wait_until 60 has disks "$TARGETS"
took "its disk" "$TARGETS"
check_le "a target with one disk" $((session + TOOK)) "$TARGET_LIMIT" KiB
check "disconnect ends them" disconnect_all
