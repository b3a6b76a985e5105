#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 240
# REQUIRES: fio
# If this fails, a path that is lost again and again, or that takes many times as
# long as the others, keeps getting I/O; or resting one costs a disk its last path.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:marginal

link_path() {	# LINK FILTER: of its path
	ijson path list ".[] | select(.Disk == \"$DISK\" and
		(.PathKey | contains(\"10.9.$1.2:\"))) | $2"
}
rests() { [ "$(link_path "$1" .RestMilliseconds)" -gt 0 ]; }
works() { ! rests "$1"; }
lose() {	# LINK: once, and wait until it is back
	local before
	before=$(link_path "$1" .SessionNumber)
	path_rst "$1"
	wait_until 10 reconnected "$before" $((${LOST[$1]} + 1)) || return
	LOST[$1]=$((${LOST[$1]} + 1))
	wait_until 20 has_paths "$DISK" 2
}
reconnected() {	# SESSION COUNT
	[ "$(ijson session list ".[] | select(.SessionNumber == $1) | .ReconnectCount")" = "$2" ]
}
reads() {	# COUNT: 4 KiB at depth 4; $IOS[link] is what each path got
	local link before=(0 0 0)
	for link in 1 2; do before[link]=$(link_path $link .Ios); done
	fio --name=reads --filename="/dev/$DISK" --direct=1 --ioengine=libaio \
		--rw=randread --bs=4k --iodepth=4 --size=32m \
		--io_size="$(($1 * 4))k" >"$TMP/fio" 2>&1 ||
		{ cat "$TMP/fio"; return 1; }
	for link in 1 2; do
		IOS[link]=$(($(link_path $link .Ios) - before[link]))
	done
}
hold_down() { iscsictl mpio set MarginalHoldDown="$1" --node $IQN; }

IOS=(0 0 0)
LOST=(0 0 0)
net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
connect_two $IQN --set NopInterval=1000 --set ReconnectDelayMax=200 \
	--set MarginalHoldDown=600000
must "the disk takes its paths in turn" iscsictl policy set RR --disk "$DISK"

must "the connection of path 1 is lost" lose 1
must "and again" lose 1
check "a path lost twice does not rest" works 1
must "and a third time" lose 1
check "a path lost three times within minutes rests" rests 1
check_is "it says why" "its connection is lost again and again" \
	"$(link_path 1 .Reason)"
check_is "it is still ready" ready "$(link_path 1 .State)"
for policy in RR RRWS LQD LB WP FOO latency; do
	must "policy $policy is set" iscsictl policy set $policy --disk "$DISK"
	check "reads work under $policy" reads 64
	check_is "under $policy the resting path gets none of them" 0 "${IOS[1]}"
done
must "the disk takes its paths in turn again" \
	iscsictl policy set RR --disk "$DISK"

must "the other path is failed" iscsictl path fail --disk "$DISK" \
	"$(link_path 2 .PathIdentifier)"
check "reads work through the resting path alone" reads 64
check_is "it carries all of them" 64 "$((IOS[1] >= 64 ? 64 : IOS[1]))"
must "the other path is reinstated" iscsictl path reinstate --disk "$DISK" \
	"$(link_path 2 .PathIdentifier)"
must "both are ready" wait_until 20 has_paths "$DISK" 2

must "the resting is switched off" hold_down 0
must "a path is lost three times then" eval "lose 2 && lose 2 && lose 2"
check "it does not rest" works 2

must "the other's rest is made short" hold_down 300
# what lies more than a minute back is forgiven: it may take three
must "path 1 is lost three times more" eval "lose 1 && lose 1 && lose 1"
check "its rest ends by itself" wait_until 30 works 1
check "reads work" reads 200
check "both paths carry them again (${IOS[1]}, ${IOS[2]})" \
	[ $((IOS[1] < IOS[2] ? IOS[1] : IOS[2])) -ge 50 ]

must "slow paths are to rest long" hold_down 600000
path_delay 2 delay 400ms
check "one that takes many times as long rests" \
	wait_until 60 eval "reads 64; rests 2"
check_is "it says so" "it takes many times as long as the others" \
	"$(link_path 2 .Reason)"
check "reads work beside it" reads 64
check_is "it gets none of them" 0 "${IOS[2]}"
path_undelay 2
check "disconnect ends the sessions" disconnect $IQN
