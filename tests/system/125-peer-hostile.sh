#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 2400
# REQUIRES: iscsid
# The hostile target of 120 against iscsi_tcp and iscsid, for comparison: counts,
# and what the kernel log has to say. If this fails, the comparison is none:
# iscsi_tcp does not even get on with a target that does nothing wrong.
#
# HOSTILE picks cases by a glob. LINES=1 shows a line for each.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

SPLAT='WARNING:|BUG:|Oops|general protection|KASAN|blocked for more than'

# Its splats are a result here, not the end.
sysctl -qw kernel.panic_on_warn=0
dmesg -n 1
scenario_stop() {
	iscsiadm -m node -u >/dev/null 2>&1
	udev_start
	dmesg -C
}

udev_stop
mkdir -p /run/lock
echo InitiatorName=iqn.2026-11.org.test:peer >/etc/iscsi/initiatorname.iscsi
sed -i -E 's/^(node.conn\[0\].timeo.login_timeout) = .*/\1 = 4/
	s/^(node.session.timeo.replacement_timeout) = .*/\1 = 5/
	s/^(node.session.initial_login_retry_max) = .*/\1 = 1/
	s/^(node.conn\[0\].timeo.noop_out_interval) = .*/\1 = 0/
	s/^(node.conn\[0\].timeo.noop_out_timeout) = .*/\1 = 0/' /etc/iscsi/iscsid.conf
modprobe iscsi_tcp
modprobe sg
modprobe sd_mod
must "iscsid starts" iscsid

# shellcheck disable=SC2086
check "iscsi_tcp gets on with a good target" eval '
	MPIO_HEADER=/vm/tests/uapi/linux/iscsi_mpio.h PYTHONDONTWRITEBYTECODE=1 \
	python3 /vm/tests/target/peer.py ${HOSTILE:-} >"$TMP/peer"'
if [ -n "${LINES:-}" ]; then
	comment <"$TMP/peer"
else
	grep '^hang ' "$TMP/peer" | comment
fi
splats=$(dmesg | grep -cE "$SPLAT")
dmesg | grep -E "$SPLAT" | sed -E 's/^\[[^]]*\] //; s/PID: [0-9]+ //' |
	sort | uniq -c | sort -rn | head -10 | comment
pass "iscsi_tcp: $(tail -1 "$TMP/peer"); kernel complaints: $splats"
