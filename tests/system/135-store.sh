#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 300
# If this fails, a power cut while something is stored leaves half a record, or
# none, on one of the file systems people have; or a full or read-only one does.
. /vm/tests/lib/scenario.sh

# A disk of its own in memory: what the tool is asked to make durable.
mount -t tmpfs -o size=900m none /mnt
scenario_stop() {
	mountpoint -q /mnt/work/mnt && umount /mnt/work/mnt
	umount /mnt
}
for kind in ext4 xfs btrfs; do
	modprobe -q $kind
	rm -rf /mnt/work
	mkdir -p /mnt/work
	if TMPDIR=/mnt python3 /vm/tests/cli/powerfs.py /usr/sbin/iscsictl \
		/vm/bin/powercut.so $kind /mnt/work >"$TMP/out" 2>&1; then
		pass "$(tail -1 "$TMP/out")"
	else
		fail "$kind: $(tail -1 "$TMP/out")"
		head -20 "$TMP/out" | comment
	fi
done
