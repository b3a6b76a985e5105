#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12 debug
# TIMEOUT: 3000
# If this fails, some change of what a real target says, or where its bytes are
# cut, is more than the module can take: a session does not come back, a
# reader gets wrong data, the kernel complains.
#
# MUTATIONS changed PDUs, every BOUNDARIES-th byte of the login, all from SEED.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:real

net_up 1
lio_load
for i in 0 1 2 3; do
	backend_ramdisk "disk$i" 32
	one_portal "$IQN$i" "disk$i"
done
modprobe iscsi_mpio
modprobe sd_mod
udev_stop
scenario_stop() { udev_start; }

MPIO_HEADER=/vm/tests/uapi/linux/iscsi_mpio.h PYTHONDONTWRITEBYTECODE=1 \
	python3 /vm/tests/target/proxy.py -s "${SEED:-1}" \
	-n "${MUTATIONS:-150}" -b "${BOUNDARIES:-32}" \
	"$IQN=10.9.1.2:$TGT_PORT" |
	sed -u -E "s/^(ok|not ok) /\1 $SCENARIO: /"
[ "${PIPESTATUS[0]}" = 0 ] || FAILED=1
check_is "no session is left" 0 "$(ijson session list length)"
must "the module can go" rmmod iscsi_mpio
