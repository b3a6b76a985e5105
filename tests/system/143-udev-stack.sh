#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 1450
# If this fails, links of /dev/disk are wrong once in a while, or LVM and LUKS do
# not come back on disks of ours.
: "${LINK_CYCLES:=100}" "${LINK_STACK:=1}"
. /vm/tests/system/142-udev-links.sh
