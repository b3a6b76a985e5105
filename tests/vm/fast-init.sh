#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# init of a guest without systemd: what udev and the tests need, nothing else.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs tmp /tmp
mkdir -p /dev/pts /dev/shm /run/lock
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sf /proc/self/fd /dev/fd
hostname vm
ip link set lo up
exec </dev/null >/dev/hvc0 2>&1
if ! grep -qw vmudev=0 /proc/cmdline; then
	/lib/systemd/systemd-udevd --daemon
fi
bash /vm/tests/vm/agent.sh
# init must not return: that would be a panic
sync
echo o >/proc/sysrq-trigger
sleep infinity
