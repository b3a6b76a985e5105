#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 400
# If this fails, two disks are made of one logical unit, or one of two, or a
# write reaches a unit that it was not meant for, or a unit that appears, goes,
# grows or shrinks is not followed.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:identity
SECOND=iqn.2026-11.org.test:second
SWAP_LUN=${SWAP_LUN:-3}
SETTINGS=(--set NopInterval=1000 --set NopTimeout=1000)

proxy_pids=()
scenario_stop() {
	[ -z "${METER_PID:-}" ] || kill "$METER_PID" 2>/dev/null
	[ ${#proxy_pids[@]} = 0 ] || kill "${proxy_pids[@]}" 2>/dev/null
}

# path_of IQN LINK FIELD
path_of() {
	ijson path list ".[] | select(.TargetNodeAddress == \"$1\"
		and (.PathKey | startswith(\"10.9.$2.1>\"))) | .$3"
}
# The path is fenced, or no path of this disk any more.
gone() {	# LINK
	local state
	state=$(ijson path list ".[] | select(.Disk == \"$DISK\"
		and (.PathKey | startswith(\"10.9.$1.1>\"))) | .State")
	[[ $state = fenced || -z $state ]]
}
fenced() { [ "$(path_of $IQN "$1" State)" = fenced ]; }
not_ready() { [ "$(path_of $IQN "$1" State)" != ready ]; }
ready() { [ "$(path_of $IQN "$1" State)" = ready ]; }
size_is() { [ "$(cat "/sys/block/$DISK/size")" = $(($1 * 2048)) ]; }	# MIB
untouched() { cmp "$SCENARIO_DIR/pattern" "$SCENARIO_DIR/other"; }
swap_to() {	# LINK BACKEND
	lun_del "$IQN#$1" "$SWAP_LUN"
	lun_add "$IQN#$1" "$SWAP_LUN" "$2"
}

net_up 2
lio_load
head -c 32M /dev/urandom >"$SCENARIO_DIR/pattern"
cp "$SCENARIO_DIR/pattern" "$SCENARIO_DIR/other"
backend_file disk "$SCENARIO_DIR/disk" 32
backend_file other "$SCENARIO_DIR/other" 32
for n in 1 2; do
	target_new "$IQN#$n"
	lun_add "$IQN#$n" "$SWAP_LUN" disk
	portal_add "$IQN#$n" 10.9.$n.2
done

# --- another unit behind the same LUN of one path. LIO says nothing on the LUN
# itself, but while nothing is mapped a command gets LOGICAL UNIT NOT SUPPORTED.
connect_two $IQN "${SETTINGS[@]}"
iscsictl policy set RR --disk "$DISK"

must "a writer runs" meter_start "/dev/$DISK" 120
path_drop 1
must "path 1 is found lost" wait_until 15 not_ready 1
swap_to 1 other
path_heal 1
check "swapped while cut: the path is fenced" wait_until 30 fenced 1
check "with a reason" [ -n "$(path_of $IQN 1 Reason)" ]
path_of $IQN 1 Reason | comment
swap_to 1 disk
check "the path is taken back when the unit is the right one again" \
	wait_until 30 ready 1
meter_stop
check_is "the disk has gone on by the other path" 0 "$METER_RC"
check "nothing was written to the other unit" untouched

# Without a command in between nobody could know: the writer may be slow.
must "a writer runs" meter_start "/dev/$DISK" 120
lun_del "$IQN#1" "$SWAP_LUN"
must "the target says that the unit is gone" wait_until 15 not_ready 1
lun_add "$IQN#1" "$SWAP_LUN" other
check "swapped while connected: the disk loses that path" wait_until 30 gone 1
meter_stop
check_is "the disk has gone on by the other path" 0 "$METER_RC"
check "nothing was written to the other unit" untouched
check "disconnect ends the sessions" disconnect $IQN
swap_to 1 disk

# --- one unit behind two target names and two LUN numbers
target_new "$SECOND"
lun_add "$SECOND" 5 disk
portal_add "$SECOND" 10.9.1.2 3261
portal_add "$SECOND" 10.9.2.2 3261
must "a target of two portals connects" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2 "${SETTINGS[@]}"
must "and another with the same unit under another LUN" \
	iscsictl connect $SECOND --multipath --portal 10.9.1.2:3261 \
	--portal 10.9.2.2:3261 "${SETTINGS[@]}"
must "the first leads to a disk" disk_with_paths $IQN 2
must "the second, too" disk_with_paths $SECOND 2
check_is "it is one disk with four paths" "1 4" \
	"$(lsblk -dnS -o NAME | wc -l) $(paths_in "$DISK" ready)"
check_is "by two LUN numbers" "$SWAP_LUN $SWAP_LUN 5 5" \
	"$(ijson path list '.[].Lun' | sort | xargs)"
must "a writer runs" meter_start "/dev/$DISK" 60
check "one of the targets goes" disconnect $IQN
check_is "and leaves the disk its two paths" 2 "$(paths_in "$DISK" ready)"
meter_stop
check_is "no error and no lost write" 0 "$METER_RC"
for n in 1 2; do
	check "by-path leads to it as LUN 5 by link $n" wait_until 10 eval \
		"[ \"\$(readlink -f /dev/disk/by-path/ip-10.9.$n.2:3261-iscsi-$SECOND-lun-5)\" = /dev/$DISK ]"
done

# --- units appear and vanish; the target says so with the next command
backend_ramdisk more 16
more_paths() { ijson path list "[.[] | select(.Lun == 6 and .State == \"ready\")] | length"; }
lun_add "$SECOND" 6 more
check "a new LUN becomes a disk" wait_until 30 eval \
	'dd if=/dev/$DISK of=/dev/null bs=4k count=8 iflag=direct status=none; has_disks $SECOND 2'
check "with both paths" wait_until 15 eval \
	'dd if=/dev/$DISK of=/dev/null bs=4k count=8 iflag=direct status=none; [ "$(more_paths)" = 2 ]'
more_weights() {
	ijson path list '[.[] | select(.Lun == 6) | .Weight] | join(" ")'
}
iscsictl path set --disk "$(ijson path list '.[] | select(.Lun == 6) | .Disk' |
	head -1)" --weight 9
# udev looks at a disk of which a path goes. If it does when the LUN is gone, it
# reads until this is over, and the disk stays in use.
iscsictl mpio set NoPathTimeout=10000 --node "$SECOND"
udevadm settle -t 30
lun_del "$SECOND" 6
check "a LUN that goes takes its disk along" wait_until 30 eval \
	'dd if=/dev/$DISK of=/dev/null bs=4k count=8 iflag=direct status=none; has_disks $SECOND 1'
check "and its paths" wait_until 15 eval '[ "$(more_paths)" = 0 ]'
lun_add "$SECOND" 6 more
check "when it is back, its paths have the weight they had" wait_until 30 eval \
	'dd if=/dev/$DISK of=/dev/null bs=4k count=8 iflag=direct status=none; [ "$(more_weights)" = "9 9" ]'
must "the other disk is still there" test -b "/dev/$DISK"
check "disconnect ends the sessions" disconnect $SECOND
target_del $SECOND

# --- a unit grows and shrinks; LIO does not say so, the proxies do
rm -f "$SCENARIO_DIR/grow"
backend_growable grow "$SCENARIO_DIR/grow" 32
for n in 1 2; do
	lun_del "$IQN#$n" "$SWAP_LUN"
	lun_add "$IQN#$n" 0 grow
	mkfifo "$TMP/tell$n"
	nsenter --net=/run/netns/"$TGT_NS" python3 \
		/vm/tests/lib/sense-proxy.py 10.9.$n.2:3271 10.9.$n.2:3260 \
		<"$TMP/tell$n" >"$TMP/told$n" &
	proxy_pids+=($!)
done
exec {tell1}>"$TMP/tell1" {tell2}>"$TMP/tell2"
must "the proxies listen" wait_until 20 eval \
	"[ \"\$(in_tgt ss -Hltn 'sport = 3271' | wc -l)\" = 2 ]"
must "two paths connect" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2:3271 --portal 10.9.2.2:3271 "${SETTINGS[@]}"
must "they lead to one disk" disk_with_paths $IQN 2
resize() {	# MIB: and the target says CAPACITY DATA HAS CHANGED
	backend_resize grow "$1"
	echo 6 2a 09 >&$tell1
	echo 6 2a 09 >&$tell2
}
must "a writer runs" meter_start "/dev/$DISK" 60
check "the disk has 32 MiB" size_is 32
resize 48
check "it grows to 48 MiB by itself" wait_until 20 size_is 48
check_is "both targets have said so" "told 6 2a 9 told 6 2a 9" \
	"$(cat "$TMP/told1" "$TMP/told2" | xargs)"
check "both paths stay" wait_until 15 has_paths "$DISK" 2
resize 24
check "it shrinks to 24 MiB by itself" wait_until 20 size_is 24
check "both paths stay" wait_until 15 has_paths "$DISK" 2
meter_stop
check_is "no error and no lost write" 0 "$METER_RC"
check "disconnect ends the sessions" disconnect $IQN
