#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dracut, initqueue/settled: adds the sessions that lead to the root file system
# once. The kernel goes on trying by itself.
if ! [ -e /tmp/iscsi-mpio-started ]; then
	: >/tmp/iscsi-mpio-started
	/usr/lib/iscsi-mpio/iscsi-mpio-boot start
	udevadm settle --timeout=10
fi
