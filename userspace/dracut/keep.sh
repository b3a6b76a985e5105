#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dracut, pre-pivot: networkd of the real root keeps what the root file system is
# reached by, also when it is stopped.
for iscsi_mpio_file in /run/systemd/network/*.network; do
	[ -e "$iscsi_mpio_file" ] || continue
	mkdir -p "$iscsi_mpio_file.d"
	printf '[Network]\nKeepConfiguration=yes\n' \
		>"$iscsi_mpio_file.d/50-iscsi-mpio.conf"
done
unset iscsi_mpio_file
