#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 180
# If this fails, a write is given up after some number of lost connections though
# nothing but the network was to blame: here one that lets small packets through,
# so that each login succeeds, and swallows large ones, so that no data arrives.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:mtu
LOSSES=20	# of each path, more than a command may cost by its own fault

hole() {	# LINK
	nft -f - <<-NFT
	table inet cut$1 {
		chain out {
			type filter hook output priority -10
			oifname "i$1" meta length > 1400 drop
		}
	}
	NFT
}
scenario_stop() {
	path_heal 1
	path_heal 2
	[ -z "${writer:-}" ] || kill "$writer" 2>/dev/null
}
lost_often() {
	[ "$(ijson session list '[.[].ReconnectCount] | min')" -ge $LOSSES ]
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
connect_two $IQN --set NopInterval=100 --set NopTimeout=100 \
	--set ReconnectDelayMin=10 --set ReconnectDelayMax=50
head -c 1M /dev/urandom >"$TMP/data"
hole 1
hole 2
dd if="$TMP/data" of="/dev/$DISK" bs=64k oflag=direct 2>"$TMP/dd" &
writer=$!
check "each path is lost $LOSSES times" wait_until 90 lost_often
check "the write still waits" kill -0 $writer
path_heal 1
path_heal 2
rc=0
wait $writer || rc=$?
writer=
check_is "it ends without an error" 0 $rc
check "what it wrote is there" eval \
	'dd if=/dev/$DISK bs=64k count=16 iflag=direct 2>/dev/null | cmp - "$TMP/data"'
must "both paths are back" wait_until 30 has_paths "$DISK" 2
check "disconnect ends the sessions" disconnect $IQN
