#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12 7.2 debug
# TIMEOUT: 300
# If this fails, a disk with many paths has links in /dev/disk/by-path for some of
# them only: what lists the paths, or makes links of them, ends at a page or a line.
#
# PATHS sessions of one target, each through a portal of its own. Its name has 62
# bytes, as those of arrays.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.example.storage:array.2b8f0e61.volume-of-tests
: "${PATHS:=64}"

net_up 1
lio_load
backend_ramdisk disk 16
one_portal $IQN disk
for n in $(seq 3 $((PATHS + 1))); do
	in_tgt ip addr add "10.9.1.$n/24" dev t1 || exit 1
	portal_add $IQN "10.9.1.$n" || exit 1
done
portals=()
for n in $(seq 2 $((PATHS + 1))); do
	portals+=(--portal "10.9.1.$n")
done
must "$PATHS paths connect" iscsictl connect $IQN --multipath "${portals[@]}"
must "they lead to one disk" disk_with_paths $IQN "$PATHS"

lines() { wc -l <"/sys/block/$DISK/device/paths"; }
check_is "sysfs lists each" "$PATHS" "$(lines)"
check_is "in more than a page" 1 \
	"$(($(wc -c <"/sys/block/$DISK/device/paths") > 4096))"
check_is "in one piece, whatever part is read at a time" \
	"$(sha256sum <"/sys/block/$DISK/device/paths")" \
	"$(dd if="/sys/block/$DISK/device/paths" bs=7 status=none | sha256sum)"
links() {
	find /dev/disk/by-path -lname "*/$DISK" -name "*$IQN-lun-0" | wc -l
}
has_links() { [ "$(links)" = "$PATHS" ]; }
wait_until 30 has_links || true
check_is "each has a link in by-path" "$PATHS" "$(links)"
check "the disk goes" disconnect $IQN
wait_until 20 eval '[ -z "$(find /dev/disk/by-path -name "*$IQN*")" ]' || true
check_is "its links, too" 0 \
	"$(find /dev/disk/by-path -name "*$IQN*" | wc -l)"
