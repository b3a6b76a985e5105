#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# First program of a test VM: load what the root disk and the host's shared
# directories need, mount them, hand over to the real init.
export PATH=/bin
/bin/busybox mkdir -p /bin /sbin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
while read -r module; do
	insmod "/mods/$module" || echo "initramfs: cannot load $module"
done </mods/order
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ -b /dev/vda ] && break
	usleep 100000
done
mount -t ext4 -o noatime,nobarrier /dev/vda /root ||
	mount -t ext4 -o noatime /dev/vda /root || exec sh
opts=trans=virtio,version=9p2000.L,msize=262144
mount -t 9p -o "$opts,cache=none" vm /root/vm || echo "initramfs: no /vm"
mount -t 9p -o "ro,$opts,cache=loose" modules /root/usr/lib/modules ||
	echo "initramfs: no modules"
init=/sbin/init
# shellcheck disable=SC2013
for word in $(cat /proc/cmdline); do
	case $word in vminit=*) init=${word#vminit=} ;; esac
done
umount /proc /sys
mount --move /dev /root/dev
exec switch_root /root "$init"
