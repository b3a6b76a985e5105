#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ROOT: clients
# TIMEOUT: 200
# If this fails, who writes a new client after the examples of Documentation/clients,
# in Python with the kernel's ynl or in Go with libiscsi-mpio, is led astray.
#
# The example in C is in libiscsi-mpio(3); 139 runs it.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:bindings

by_ynl() {
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/usr/local/share/ynl \
		python3 /vm/tests/example.py /vm/tests/iscsi_mpio.yaml
}
as_shown() {	# the paths as iscsictl has them, without their counters
	ijson path list '.[] | "\(.Disk) \(.PathKey) \(if .State == "ready"
		then "ready" else "not ready" end)"' | sort
}
plain() { sed -E 's/, [0-9]+ I\/Os.*//' | sort; }
agree() { [ "$(as_shown)" = "$(by_ynl | plain)" ] && [ "$(as_shown)" = "$(example-go | plain)" ]; }
one_down() { as_shown | grep -q 'not ready$' && agree; }

net_up 2
lio_load
backend_ramdisk disk 32
two_portals $IQN disk
modprobe iscsi_mpio
check_is "Python: no path" '' "$(by_ynl 2>&1)"
check_is "Go: no path" '' "$(example-go 2>&1)"
iscsictl connect $IQN --multipath --portal 10.9.1.2 --portal 10.9.2.2 \
	--set NopInterval=500 --set NopTimeout=500 >/dev/null
must "a disk has two paths" disk_with_paths $IQN 2
check "Python and Go show what iscsictl shows" agree
by_ynl | comment
check_is "Python: and the target" 2 "$(by_ynl | grep -c ", $IQN\$")"
path_drop 1
check "and when a path is down" wait_until 20 one_down
path_heal 1
disconnect $IQN
rmmod iscsi_mpio
check "Python says that there is no module" \
	grep -q 'iscsi_mpio.* not supported by the kernel' <(by_ynl 2>&1)
check "Go has it loaded" test -z "$(example-go 2>&1)"
check "as C does" test -e /sys/module/iscsi_mpio
