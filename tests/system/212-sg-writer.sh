#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 300
# If this fails, who writes by SG_IO, as QEMU does for its scsi-block, sees an error
# when a path goes, or an older write comes over a newer one.
#
# LOSSES of a path, by turns of either link and of four kinds, under WRITE(16) by
# eight writers.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/ghost.sh

IQN=iqn.2026-11.org.test:sg
LOSSES=${LOSSES:-20}
ghost_pid=
scenario_stop() {
	[ -z "$ghost_pid" ] || kill "$ghost_pid" 2>/dev/null
	path_heal 1
	path_heal 2
}
one_is_gone() { ! has_paths "$DISK" 2; }

net_up 2
lio_load
backend_ramdisk disk 32
two_portals $IQN disk
connect_two $IQN --set NopInterval=500 --set NopTimeout=500 \
	--set ReconnectDelayMax=1000

coproc GHOST { exec ghost-writer --sg "/dev/$DISK" 8 4096; }
ghost_pid=$GHOST_PID ghost_in=${GHOST[1]} ghost_out=${GHOST[0]}
must "eight writers write" ghost_says running
lost=0
for n in $(seq "$LOSSES"); do
	link=$((n % 2 + 1))
	case $((n % 8 / 2)) in
	0) path_drop $link ;;
	1) path_reject $link ;;
	2) link_down $link ;;
	3) path_drop $link in ;;
	esac
	wait_until 20 one_is_gone && lost=$((lost + 1))
	path_heal $link
	link_up $link
	wait_until 30 has_paths "$DISK" 2 || fail "path $link comes back, loss $n"
done
check_is "so often a path was lost" "$LOSSES" "$lost"
ghost_tell rewrite
must "every block is written again" ghost_says rewritten
echo "# $GHOST_LINE"
check_is "no write failed" "0 0" "$(ghost_value errors) $(ghost_value failed)"
ghost_tell verify
must "every block is read" ghost_says sectors=
echo "# $GHOST_LINE"
check_is "none is stale or another's" "0 0" \
	"$(ghost_value stale) $(ghost_value foreign)"
check "the writer says the same" ghost_end
check "disconnect ends the sessions" disconnect $IQN
