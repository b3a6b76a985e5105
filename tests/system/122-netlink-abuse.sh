#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 3000
# If this fails, some message to the module hangs its sender, is carried out for
# somebody who has no right to it, or harms the kernel.
#
# MESSAGES in all, made from SEED; a twentieth of them while the module is
# unloaded and loaded again and again.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

MESSAGES=${MESSAGES:-20000}
SEED=${SEED:-1}

# abuse SENTENCE ARGS...: its sum is part of the line
abuse() {
	local sentence=$1
	shift
	if netlink-abuse -s "$SEED" "$@" >"$TMP/out" 2>&1; then
		pass "$sentence: $(tail -1 "$TMP/out")"
	else
		fail "$sentence: $(tail -1 "$TMP/out")"
	fi
}

modprobe iscsi_mpio
abuse "root" -n $((MESSAGES * 7 / 10))
abuse "nobody" -n $((MESSAGES / 8)) -u 65534
if [ -e /proc/self/ns/user ]; then
	abuse "root of a user namespace" -n $((MESSAGES / 8)) -U
else
	skip "root of a user namespace" "this kernel has no user namespaces"
fi
check "the module goes and comes" rmmod iscsi_mpio
check "it is loaded by whoever asks for it" iscsictl session list

reload() {
	while [ ! -e "$TMP/stop" ]; do
		rmmod iscsi_mpio 2>/dev/null
	done
}
reload &
RELOAD=$!
abuse "root, with rmmod in between" -n $((MESSAGES / 20))
touch "$TMP/stop"
wait $RELOAD
check_is "no session is left" 0 "$(ijson session list length)"
must "the module can go" rmmod iscsi_mpio
