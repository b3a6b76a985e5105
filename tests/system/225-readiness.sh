#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 360
# If this fails, a path that only seems well costs I/O errors though another path
# works: the passive port of an array without ALUA, a port that fails or swallows
# commands while it answers pings; or one that is well again stays out; or those
# that stand by are asked far more often than they have to be; or a LUN that was
# busy when it was asked for by number stays away.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/port.sh

IQN=iqn.2026-11.org.test:ready
LEFT_MS=${LEFT_MS:-$((1000 * ${TIMEOUT_SCALE:-1}))}

scenario_stop() { proxies_gone; }
counted() {	# LINK: commands since the last count
	port_is "$1" count
	sed -n 's/^counted //p' "$TMP/proxy$1.out"
}
path_by() {	# LINK FIELD
	ijson path list ".[] | select(.PathKey | startswith(\"10.9.$1.1>\")) | .$2"
}
path_is() { [ "$(path_by "$1" State)" = "$2" ]; }	# LINK STATE
both_ready() { has_paths "$DISK" 2; }
rests() { [ "$(path_by "$1" RestMilliseconds)" -gt 0 ]; }
# blocks: 12 READs and 12 WRITEs, one at a time; the longest is in $LONGEST
blocks() {
	local n before
	LONGEST=0
	for n in 0 1 2 3 4 5 6 7 8 9 10 11; do
		before=$(now_ms)
		dd if="/dev/$DISK" of=/dev/null bs=4k count=1 skip="$n" \
			iflag=direct status=none || return
		dd if="$TMP/block" of="/dev/$DISK" bs=4k count=1 seek="$n" \
			oflag=direct conv=notrunc status=none || return
		before=$(($(now_ms) - before))
		[ "$before" -le "$LONGEST" ] || LONGEST=$before
	done
}
# left WHAT MODE...: port 1 is so; no I/O fails, and how long until it is left
left() {
	local what=$1
	shift
	must "both paths are ready" wait_until 30 both_ready
	port_is 1 "$@"
	check "no READ or WRITE fails: $what" blocks
	check_le "longest READ and WRITE: $what" "$LONGEST" "$LEFT_MS" ms
}
well() {	# and no rest any more
	port_is 1 well
	iscsictl mpio set MarginalHoldDown=0 --node $IQN
	check "well again, both paths carry I/O" wait_until 20 both_ready
	iscsictl mpio set MarginalHoldDown=60000 --node $IQN
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
head -c 4096 /dev/urandom >"$TMP/block"
must "a proxy stands before each portal" eval "proxy 1 && proxy 2"
must "two paths connect" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2:3261 --portal 10.9.2.2:3261 \
	--set NopInterval=1000 --set PathVerifyPeriod=1000 \
	--set MarginalHoldDown=60000 --set NoPathTimeout=3000
must "they lead to one disk" disk_with_paths $IQN 2
iscsictl policy set RR --disk "$DISK"

# --- ports that say of themselves that they are not ready
while read -r sense what; do
	# shellcheck disable=SC2086
	left "$what" sense ${sense//:/ }
	check "the path stands by: $what" wait_until 5 path_is 1 standby
	path_by 1 Reason | comment
	well
done <<-CODES
	2:4:3 CLARiiON, passive port (02/04/03)
	2:4:2 HP, passive port (02/04/02)
	2:4:1 becoming ready (02/04/01)
	2:3a:0 no medium (02/3a/00)
	5:94:1 RDAC, not the owner (05/94/01)
CODES

# --- those that do not, and fail nonetheless
while read -r mode what; do
	# shellcheck disable=SC2086
	left "$what" ${mode//:/ }
	well
done <<-MODES
	io:5:94:1 RDAC, TEST UNIT READY is good (05/94/01)
	io:2:4:3 TEST UNIT READY is good (02/04/03)
	io:b:4b:0 aborted command (0b/4b/00)
	io:4:44:0 internal target failure (04/44/00)
	status:22 a status nobody knows
	reject:2 Reject, data digest error
	reject:3 Reject, SNACK
	reject:4 Reject, protocol error
	reject:5 Reject, command not supported
	reject:6 Reject, too many immediate commands
	reject:7 Reject, task in progress
	reject:8 Reject, invalid data ack
	reject:9 Reject, invalid PDU field
	reject:a Reject, out of transfer tags
	reject:b Reject, negotiation reset
	reject:c Reject, waiting for logout
MODES

# --- a port that swallows commands, and one whose window never opens
echo 2 >"/sys/block/$DISK/device/timeout"
iscsictl policy set FOO --disk "$DISK"
iscsictl path set "$(path_by 1 PathIdentifier)" --preferred
LEFT_MS=$((4500 * ${TIMEOUT_SCALE:-1}))
left "it swallows commands, answers pings" mute
check "its path rests" rests 1
check_is "it says why" "a command was not answered" "$(path_by 1 Reason)"
well
left "its window never opens" shut
for _ in 1 2 3 4 5 6 7 8; do
	check "no READ or WRITE fails, the window running out" blocks
done >"$TMP/window"
check_is "no READ or WRITE fails while its window runs out" 0 \
	"$(grep -c '^not ok' "$TMP/window")"
path_rst 1	# commands are numbered anew
well
echo 30 >"/sys/block/$DISK/device/timeout"

# --- what standing by costs
port_is 1 sense 2 4 3
blocks
must "path 1 stands by" wait_until 10 path_is 1 standby
nap 2
counted 1 >/dev/null
nap 6
check_le "commands in six periods of an idle path that stands by" \
	"$(counted 1)" 8

# --- the unit itself is not ready: its own word goes up, after NoPathTimeout
port_is 2 sense 2 4 3
before=$(now_ms)
dd if="/dev/$DISK" of=/dev/null bs=4k count=1 iflag=direct status=none 2>"$TMP/dd"
check_is "a READ fails when no path leads to a unit that is ready" 1 $?
took=$(($(now_ms) - before))
check "not before NoPathTimeout: $took ms" [ "$took" -ge 2500 ]
check_le "but soon after" "$took" $((8000 * ${TIMEOUT_SCALE:-1})) ms
check "with the unit's own word" \
	eval "dmesg | tail -20 | grep -q 'Sense Key : Not Ready'"
port_is 2 well
port_is 1 well
check "ready again, the disk is read" wait_until 20 blocks
check "by both paths" wait_until 20 both_ready

# --- the same with a registration, which a path has to have again before it carries
# that word: whatever comes meanwhile waits as well
under_way() {	# COUNT: reads
	local reads
	read -r reads _ <"/sys/block/$DISK/inflight" && [ "$reads" -ge "$1" ]
}
one_read() { dd if="/dev/$DISK" of=/dev/null bs=4k count=1 iflag=direct status=none; }
pr() { python3 /vm/tests/lib/pr.py "/dev/$DISK" "$@"; }
must "the disk is registered" pr register 0 0x1234
path_drop 2
must "path 2 is lost" wait_until 15 has_paths "$DISK" 1
port_is 1 sense 2 4 1
port_is 1 hold 5f	# PERSISTENT RESERVE OUT
one_read & first=$!
{ port_holds 1 && one_read; } & second=$!
check "after NoPathTimeout a path is registered again" port_holds 1
check "a READ that comes then waits, and so does the first" wait_until 1 under_way 2
port_is 1 well
port_is 1 release
check "both are done when it is" eval 'wait $first && wait $second'
path_heal 2
check "both paths carry I/O again" wait_until 20 both_ready
check "the registration is removed" pr register 0x1234 0
check "disconnect ends the sessions" disconnect $IQN

# --- a disk that is asked for its size while nobody answers keeps it
must "the disk is there again" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2:3261 --portal 10.9.2.2:3261 --set NopInterval=500 \
	--set NopTimeout=500 --set NoPathTimeout=1000 --set ReconnectDelayMax=200
must "with two paths" disk_with_paths $IQN 2
size=$(cat "/sys/block/$DISK/size")
cache=$(cat "/sys/class/scsi_disk/"*/cache_type)
failing() {	# NoPathTimeout is over
	! dd if="/dev/$DISK" of=/dev/null bs=4k count=1 iflag=direct status=none
}
path_drop 1
path_drop 2
check "I/O fails in the end" wait_until 20 failing
echo 1 >"/sys/block/$DISK/device/rescan"
check_is "rescanned without a path it keeps its size" "$size" \
	"$(cat "/sys/block/$DISK/size")"
check_is "and its write cache" "$cache" \
	"$(cat "/sys/class/scsi_disk/"*/cache_type)"
check "a reader sees an error, and no end" failing
path_heal 1
path_heal 2
check "it is read again when a path is back" wait_until 20 blocks
check_is "and has its size" "$size" "$(cat "/sys/block/$DISK/size")"
must "its paths come back" wait_until 20 both_ready
modprobe -q sg || :
if node=$(ls "/sys/block/$DISK/device/scsi_generic" 2>/dev/null); then
	exec 9<"/dev/$node"
	expect_exit 28 "in use by process .* bash \\(has $node open\\)\$" \
		"a disk whose /dev/sgN is open stays" iscsictl disconnect $IQN
	check "disconnect --all --unused ends well" \
		iscsictl disconnect --all --unused
	check "and leaves it alone, with both paths" both_ready
	exec 9<&-
else
	skip "a disk whose /dev/sgN is open stays" "this kernel has no sg"
fi
check "disconnect ends the sessions" disconnect $IQN

# --- a LUN that is asked for by number while its unit is busy
must "a session that shows no LUN by itself" iscsictl connect $IQN --no-scan \
	--multipath --portal 10.9.1.2:3261
port_is 1 busy
for scan in /sys/devices/iscsi_mpio/host*/scsi_host/host*/scan; do
	echo "0 0 0" >"$scan" &
done
nap 2
port_is 1 well
check "whoever asks for a LUN that is busy waits" wait $!
check "and finds it" disk_with_paths $IQN 1
check "disconnect ends its session" disconnect $IQN

# --- groups that target and initiator may both move (TPGS 3): the target has its
# time, then it is told; and an optimized path that rests is better than another
AO=0 AN=1 STANDBY=2
for n in 1 2; do
	target_new "$IQN-groups#$n"
	lun_add "$IQN-groups#$n" 0 disk
	portal_add "$IQN-groups#$n" 10.9.$n.2 3262
	alua_group disk "G$n" $((10 * n))
	lun_group "$IQN-groups#$n" 0 "G$n"
done
both_may() {	# GROUP STATE
	alua_state disk "$1" "$2"
	echo 3 >"$(_backend_dir disk)/alua/$1/alua_access_type"
}
shares() {	# reads 50 blocks; how many through path 1 and 2
	local before1 before2
	before1=$(path_by 1 Ios) before2=$(path_by 2 Ios)
	dd if="/dev/$DISK" of=/dev/null bs=4k count=50 iflag=direct status=none ||
		return
	IOS1=$(($(path_by 1 Ios) - before1)) IOS2=$(($(path_by 2 Ios) - before2))
}
both_may G1 $AO
both_may G2 $AN
must "two paths of two groups connect" iscsictl connect $IQN-groups --multipath \
	--portal 10.9.1.2:3262 --portal 10.9.2.2:3262 \
	--set NopInterval=1000 --set NopTimeout=1000 --set PathVerifyPeriod=1000 \
	--set MarginalHoldDown=60000 --set ReconnectDelayMax=200 \
	--set NoPathTimeout=20000
must "they lead to one disk" disk_with_paths $IQN-groups 2
for n in 1 2 3; do
	in_tgt ss -K -t -n state established src 10.9.1.2 >/dev/null 2>&1
	wait_until 10 has_paths "$DISK" 1
	wait_until 20 both_ready
done
check "the optimized path rests" rests 1
must "reads work" shares
check_is "it comes before the non-optimized one" 0 "$IOS2"
iscsictl mpio set MarginalRank=last --node $IQN-groups
must "reads work, resting paths last" shares
check_is "unless it is to be last" 0 "$IOS1"
iscsictl mpio set MarginalHoldDown=0 --node $IQN-groups

both_may G2 $STANDBY
iscsictl rescan --node $IQN-groups >/dev/null	# no command goes there to be told
must "group 2 is known to stand by" wait_until 20 path_is 2 standby
path_drop 1
before=$(now_ms)
check "a READ waits until a group is moved, and works" \
	dd if="/dev/$DISK" of=/dev/null bs=4k count=1 iflag=direct status=none
check_le "that took" $(($(now_ms) - before)) $((9000 * ${TIMEOUT_SCALE:-1})) ms
check_is "the target was told so" "0 Altered by Explicit STPG" \
	"$(cat "$(_backend_dir disk)/alua/G2/alua_access_state") $(cat "$(_backend_dir disk)/alua/G2/alua_access_status")"
path_heal 1
check "disconnect ends the sessions" disconnect $IQN-groups

# --- a path that works and finds another size does not wait for ever for the word of
# one that swallows commands
sectors_are() { [ "$(cat "/sys/block/$DISK/size")" = "$1" ]; }
backend_growable grow "$TMP/grow" 32
target_new $IQN-grow
lun_add $IQN-grow 0 grow
portal_add $IQN-grow 10.9.1.2
portal_add $IQN-grow 10.9.2.2
must "two paths to a unit that may grow" iscsictl connect $IQN-grow --multipath \
	--portal 10.9.1.2:3261 --portal 10.9.2.2:3261 --set NopInterval=1000 \
	--set NopTimeout=1000 --set ReconnectDelayMax=200
must "they lead to one disk" disk_with_paths $IQN-grow 2
echo 4 >"/sys/block/$DISK/device/timeout"
path_drop 1
must "path 1 is lost" wait_until 15 has_paths "$DISK" 1
backend_resize grow 48
port_is 2 dumb 0
path_heal 1
before=$(now_ms)
check "a READ goes by the path that is back" one_read
check_le "that took" $(($(now_ms) - before)) $((15000 * ${TIMEOUT_SCALE:-1})) ms
check "the disk has the new size" wait_until 10 sectors_are $((48 * 2048))
port_is 2 well
check "both paths carry I/O again" wait_until 30 both_ready
check "disconnect ends the sessions" disconnect $IQN-grow
