#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 400
# If this fails, a machine does not boot from a disk of ours when its first
# portal is dead, or does not come to an end.
#
# A Debian machine without a disk of its own finds its root file system by what
# initramfs-tools made and the kernel's command line.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
. "$HERE/../lib/rootvm.sh"

must "Debian's tools make a root disk and an initramfs" \
	make_images disk initramfs-tools
check_is "the image of initramfs-tools is for root only" 600 \
	"$(stat -c %a "$IMAGES/initramfs-tools.img")"
must "a target serves the disk" target_vm_start
cut 1
must "boots with its first portal dead" \
	boot "$IMAGES/initramfs-tools.img" "$STATIC" "$OURS"
tell_boot "command line, first portal dead"
check_is "one path is ready" 1 "$(ready_paths)"
check_is "the root waits for its paths for ever" infinite \
	"$(guest 'iscsictl --json mpio get --session 1 | jq -r ".[0].NoPathTimeout"')"
heal 1
check "the dead path joins when it comes to life" wait_until 30 has_ready 2
check "every path has its by-path link" wait_until 10 guest "
	test -n \"\$(readlink -e /dev/disk/by-path/ip-10.9.1.2:3260-iscsi-$IQN-lun-0)\" &&
	test /dev/disk/by-path/ip-10.9.1.2:3260-iscsi-$IQN-lun-0 -ef \
		/dev/disk/by-path/ip-10.9.2.2:3260-iscsi-$IQN-lun-0"
ends_within 30 "it reboots with the target alive" reboot
