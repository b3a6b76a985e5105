#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name debug
# TIMEOUT: 1500
# If this fails, an allocation that fails is not taken for what it is: something
# leaks, hangs or crashes, or is refused for ever.
#
# FAIL_ROUNDS=FIRST:STEP leaves some out.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:memory

net_up 1
lio_load
backend_ramdisk disk 64
one_portal $IQN disk
modprobe iscsi_mpio
modprobe sg
modprobe sd_mod
udev_stop
scenario_stop() { udev_start; }
leaks_forget

MPIO_HEADER=/vm/tests/uapi/linux/iscsi_mpio.h PYTHONDONTWRITEBYTECODE=1 \
	python3 /vm/tests/target/failnth.py -k "${FAIL_ROUNDS:-1:1}" \
	"$IQN=10.9.1.2:$TGT_PORT" 2>&1 |
	sed -u -E "s/^(ok|not ok) /\1 $SCENARIO: /"
rc=${PIPESTATUS[0]}
case $rc in
0) ;;
77) skip "allocations fail in turn" "this kernel injects no faults" ;;
*) fail "every operation takes it" ;;
esac
must "the module can go" rmmod iscsi_mpio
no_leaks
