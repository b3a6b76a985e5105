#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12 debug
# TIMEOUT: 400
# If this fails, a target that breaks the protocol or lies gets more than its
# connection dropped: it hangs a session, harms another, leaks memory, or is
# believed.
#
# Each case of tests/target/cases is one line. After each, a clean login to a
# good target has to succeed within 3 s. HOSTILE picks cases by a glob.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

GOOD=iqn.2026-11.org.test:good
PORTAL=10.9.1.2:$TGT_PORT
# not so many at a time that they wait for each other
THREADS=${HOSTILE_THREADS:-$((${TIMEOUT_SCALE:-1} > 1 ? 3 : 5))}

hostile() {
	MPIO_HEADER=/vm/tests/uapi/linux/iscsi_mpio.h PYTHONDONTWRITEBYTECODE=1 \
		python3 /vm/tests/target/run.py -j "$THREADS" -g "$GOOD=$PORTAL" "$@" |
		sed -u -E "s/^(ok|not ok) /\1 $SCENARIO: /"
	return "${PIPESTATUS[0]}"
}

# slab_kib: what the module and what is below it allocate, in whole caches;
# per-CPU stocks are given back first. Caches of processes and of files are left
# out: those are the test program's.
slab_kib() {
	local cache
	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done 2>/dev/null
	awk '/^(kmalloc-[0-9]|TCP|request_sock|skbuff|sock_inode|scsi|sgpool|bio|biovec|blkdev|kernfs|pool_workqueue)/ {
		sum += $2 * $4 } END { print int(sum / 1024) }' /proc/slabinfo
}
# RCU and TIME_WAIT give back late, a leak never.
slab_settles() {
	growth=$(($(slab_kib) - before))
	[ "$growth" -le 64 ]
}

net_up 1
lio_load
backend_ramdisk disk 64
one_portal $GOOD disk
modprobe iscsi_mpio
modprobe sg
modprobe sd_mod
udev_stop
scenario_stop() { udev_start; }

hostile 'good-*' chap-mutual-good >"$TMP/warm" || comment <"$TMP/warm"
before=$(slab_kib)
# shellcheck disable=SC2086
hostile ${HOSTILE:-} || fail "every case ends as it should"
wait_until 70 slab_settles
check_le "slab memory grows over all of this" "$growth" 64 KiB
check_is "no session is left" 0 "$(ijson session list length)"
must "the module can go" rmmod iscsi_mpio
