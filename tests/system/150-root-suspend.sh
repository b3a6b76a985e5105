#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 500
# If this fails, a machine with its root file system on a disk of ours does not
# wake from suspend.
#
# Every device is put to sleep for 5 s (pm_test), in which the target ends all
# sessions. virtio's 9p does not wake again: from there on the VM is heard by its
# kernel log alone.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
. "$HERE/../lib/rootvm.sh"

says() { root_log | grep -aq "$1"; }

must "Debian's tools make a root disk and an initramfs" \
	make_images disk initramfs-tools
must "a target serves the disk" target_vm_start
must "boots over both paths" boot "$IMAGES/initramfs-tools.img" "$STATIC" \
	"$OURS" loglevel=7 no_console_suspend
check "both are ready" wait_until 20 has_ready 2
cat >"$CACHE/serve/$ROOT_VM/vm/sleep.sh" <<'SLEEP'
# nothing that is shared with the host by 9p
cd /
PATH=/usr/sbin:/usr/bin:/sbin:/bin
tell() { echo "<1>suspend-test: $*" >/dev/kmsg; }
ready() { [ "$(grep -c ' ready$' /sys/block/sda/device/paths)" = 2 ]; }
echo devices >/sys/power/pm_test
echo freeze >/sys/power/state
tell "woke with status $?"
for _ in $(seq 300); do
	ready && break
	sleep 0.1
done
ready && tell "both paths are ready"
head -c 4M /dev/urandom >/root/after && sync && tell "the root takes writes"
echo 3 >/proc/sys/vm/drop_caches
cmp /root/before /root/copy && ls -R /etc >/dev/null && tell "the root is read"
tell end
SLEEP
guest 'head -c 4M /dev/urandom >/root/before; cp /root/before /root/copy; sync
	cp /vm/sleep.sh /run/; setsid bash /run/sleep.sh >/dev/null 2>&1 </dev/null &'
must "every device goes to sleep" \
	wait_until 60 says 'suspend debug: Waiting for'
target 'target_restart $IQN'
check "the machine wakes" wait_until 120 says 'suspend-test: woke with status 0'
check "it comes to the end of its test" wait_until 120 says 'suspend-test: end'
check "both paths are ready again" says 'suspend-test: both paths are ready'
check "the root file system takes writes" says 'suspend-test: the root takes'
check "and is read" says 'suspend-test: the root is read'
check_is "its kernel log is clean" '' "$(root_log | grep -aE -m1 "$SPLAT")"
