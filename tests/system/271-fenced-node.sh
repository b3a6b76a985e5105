#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 600
# If this fails, a host that another one has shut out of a disk (PREEMPT) lets
# itself in again and writes, because one of its REGISTER commands was late or
# its answer lost; or a host that nobody shut out loses its registration.
#
# WALKS=n: so many random orders of events instead of a few; SEED=n the first;
# CASES: only these, see fence-walk.py.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:fenced
SETTINGS='--set NopInterval=500 --set NopTimeout=500
	--set ReconnectDelayMax=500 --set NoPathTimeout=60000'

net_up 2
lio_load
backend_ramdisk disk 16
for n in 1 2; do
	target_new "$IQN#$n"
	lun_add "$IQN#$n" 0 disk
	portal_add "$IQN#$n" "10.9.$n.2"
done
must "the module is there" modprobe iscsi_mpio

cat >"$TMP/connect" <<-EOC
	. /vm/tests/lib/scenario.sh
	trap - EXIT
	iscsictl connect $IQN --multipath --portal 10.9.1.1:4001 \
		--portal 10.9.2.1:4002 $(xargs <<<"$SETTINGS") >&2 &&
	disk_with_paths $IQN 2 && iscsictl policy set RR --disk \$DISK >&2 &&
	ln -sf \$DISK $TMP/disk
EOC
read -ra cases <<<"${CASES:-late-register muted-register key-changed \
key-changed-unfenced preempted-in-reconnect ${SEED:-1}:${WALKS:-10}}"
CONNECT="bash $TMP/connect" python3 /vm/tests/lib/fence-walk.py \
	/dev/sda $IQN 10.9.1.2:3260 \
	10.9.1.1:4001=10.9.1.2:3260 10.9.2.1:4002=10.9.2.2:3260 -- \
	"${cases[@]}" >"$TMP/walks" 2>&1
rc=$?
while read -r word1 word2 rest; do
	case $word1,$word2 in
	ok,*) pass "$word2 $rest" ;;
	not,ok) fail "$rest" ;;
	*) echo "# $word1 $word2 $rest" ;;
	esac
done <"$TMP/walks"
check_is "all of it ran" 0 $rc
