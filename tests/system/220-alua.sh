#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 400
# REQUIRES: fio
# If this fails, a change of a target port group's access state costs an I/O
# error, wrong data or a longer pause than the change itself; or I/O takes a
# worse path than it has to; or a target that leaves the choice to the initiator
# (explicit ALUA) is never told.
#
# One disk behind two portal groups, each in an ALUA group of its own, A and B.
# WALKS walks of A under load, then of both at once, with TRANS_MS from one state
# to the next. At length: WALKS=20 TRANS_MS=5000.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:alua
WALKS=${WALKS:-1}
TRANS_MS=${TRANS_MS:-1000}
AO=0 AN=1 STANDBY=2

scenario_stop() {
	[ -z "${METER_PID:-}" ] || kill "$METER_PID" 2>/dev/null
	[ -z "${FIO_PID:-}" ] || fio_verify_stop
}

# path_by LINK FIELD: of the path through that link
path_by() {
	ijson path list ".[] | select(.PathKey | startswith(\"10.9.$1.1>\")) | .$2"
}
path_is() { [ "$(path_by "$1" "$2")" = "$3" ]; }	# LINK FIELD VALUE
group_dir() { echo "$(_backend_dir disk)/alua/$1"; }
group_attr() { echo "$3" >"$(group_dir "$1")/$2"; }	# GROUP ATTRIBUTE VALUE
ios() {	# LINK: I/Os of its path so far
	path_by "$1" Ios
}
# shares: reads 400 blocks; the I/Os through link 1 and 2 are in $IOS1, $IOS2
shares() {
	local before1 before2
	before1=$(ios 1) before2=$(ios 2)
	dd if="/dev/$DISK" of=/dev/null bs=4k count=400 iflag=direct status=none ||
		return
	IOS1=$(($(ios 1) - before1)) IOS2=$(($(ios 2) - before2))
	echo "# I/Os: $IOS1 by link 1, $IOS2 by link 2; path 1:" \
		"$(path_by 1 State), rests $(path_by 1 RestMilliseconds) ms," \
		"$(path_by 1 LatencyMicroseconds) us, path 2:" \
		"$(path_by 2 LatencyMicroseconds) us"
}

# walk NAME LIMIT STATE...: group A (and B with BOTH set) goes from state to
# state under load.
walk() {
	local name=$1 limit=$2 state i
	shift 2
	must "a writer runs while $name" meter_start "/dev/$DISK" 300
	fio_verify_start "/dev/$DISK" --offset=8m --size=16m --iodepth=8
	for i in $(seq "$WALKS"); do
		for state; do
			[ -z "${BOTH:-}" ] || alua_state disk B "$state" &
			alua_state disk A "$state"
			wait $!
			check "walk $i: path A is seen in state $state" \
				wait_until 15 path_is 1 AluaState "${names[$state]}"
		done
	done
	meter_stop
	check "fio verify sees no error and no wrong byte while $name" \
		fio_verify_stop
	check_is "no error and no lost write while $name" 0 "$METER_RC"
	check_le "longest pause of a 1-deep writer while $name" \
		"$(meter longest_ms)" "$limit" ms
}
names=(optimized non-optimized standby unavailable)

net_up 2
lio_load
backend_ramdisk disk 64
for n in 1 2; do
	target_new "$IQN#$n"
	lun_add "$IQN#$n" 0 disk
	portal_add "$IQN#$n" 10.9.$n.2
done
alua_group disk A 10
alua_group disk B 20
lun_group "$IQN#1" 0 A
lun_group "$IQN#2" 0 B
group_attr B alua_access_type 1
alua_state disk B $AN
connect_two $IQN --set NopInterval=1000 --set NopTimeout=1000
check_is "their states are those of their groups" "optimized non-optimized" \
	"$(path_by 1 AluaState) $(path_by 2 AluaState)"
check_is "their groups are known" "10 20" \
	"$(path_by 1 TargetPortGroup) $(path_by 2 TargetPortGroup)"

shares
check_is "only the optimized path carries I/O" 0 "$IOS2"
iscsictl policy set RR --disk "$DISK"
shares
check_is "RR on ALUA is RRWS: still only that one" 0 "$IOS2"
iscsictl policy set unset --disk "$DISK"

group_attr A trans_delay_msecs "$TRANS_MS"
group_attr B trans_delay_msecs "$TRANS_MS"
walk "A becomes standby and optimized again" $((TRANS_MS + 1000)) $STANDBY $AO
shares
check_is "I/O is back on the optimized path" 0 "$IOS2"
walk "A becomes non-optimized and optimized again" $((TRANS_MS + 1000)) $AN $AO
BOTH=1 walk "both groups change at once" $((TRANS_MS + 1000)) $AN $AO
shares
check "both are optimized: both carry I/O" [ $((IOS1 && IOS2)) = 1 ]
check "disconnect ends the sessions" disconnect $IQN

# --- the preferred bit
group_attr A trans_delay_msecs 0
group_attr B trans_delay_msecs 0
group_attr B preferred 1
connect_two $IQN --set NopInterval=500 --set NopTimeout=500
check_is "the preferred bit is seen" "false true" \
	"$(path_by 1 IsAluaPreferred) $(path_by 2 IsAluaPreferred)"
iscsictl policy set FOO --disk "$DISK"
shares
check_is "FOO takes the path of the preferred group" 0 "$IOS1"

# --- explicit only: nobody but the initiator activates a group
check "disconnect ends the sessions" disconnect $IQN
alua_state disk B $STANDBY
group_attr A alua_access_type 2
group_attr B alua_access_type 2
must "two paths connect to a target with explicit ALUA only" \
	iscsictl connect $IQN --multipath --portal 10.9.1.2 --portal 10.9.2.2 \
	--set NopInterval=500 --set NopTimeout=500 --set FenceMode=none
must "one is ready" disk_with_paths $IQN 1
must "the other is standby" wait_until 15 path_is 2 State standby
must "a writer runs" meter_start "/dev/$DISK" 120
path_drop 1
check "when A is lost, B is activated" wait_until 20 path_is 2 State ready
check_is "the target was told so (SET TARGET PORT GROUPS)" "0 Altered by Explicit STPG" \
	"$(cat "$(group_dir B)/alua_access_state") $(cat "$(group_dir B)/alua_access_status")"
path_heal 1
must "A comes back" wait_until 30 path_is 1 State ready
meter_stop
check_is "no error and no lost write" 0 "$METER_RC"
check_le "longest pause until B took over" "$(meter longest_ms)" 2500 ms
check "disconnect ends the sessions" disconnect $IQN

# --- the same, but what is left carries I/O, if worse; B is preferred by nobody,
# A is. Somebody else who keeps taking B back is not fought.
explicit_state() {	# GROUP STATE: somebody else has chosen it
	alua_state disk "$1" "$2"
	group_attr "$1" alua_access_type 2
}
activations() { dmesg | grep -c 'portal group 20 made active/optimized'; }
explicit_state B $AN
group_attr A preferred 1
group_attr B preferred 0
must "two paths connect, B non-optimized" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2 --set NopInterval=500 \
	--set NopTimeout=500 --set FenceMode=none
must "both are ready" disk_with_paths $IQN 2
check_is "B is left as it is" "optimized non-optimized" \
	"$(path_by 1 AluaState) $(path_by 2 AluaState)"
before=$(activations)
path_drop 1
check "when A is lost, B is activated" \
	wait_until 20 path_is 2 AluaState optimized
check_is "the target was told so" "0 Altered by Explicit STPG" \
	"$(cat "$(group_dir B)/alua_access_state") $(cat "$(group_dir B)/alua_access_status")"
for n in 1 2 3 4 5 6 7 8 9 10; do
	explicit_state B $AN
	dd if="/dev/$DISK" of=/dev/null bs=4k count=1 iflag=direct status=none
	sleep 0.4
done
check_le "times that B was activated while it was taken back ten times" \
	$(($(activations) - before)) 4
explicit_state A $AN	# whoever took B back has A, too
path_heal 1
check "when the preferred A comes back, it is activated" \
	wait_until 60 path_is 1 AluaState optimized
check "disconnect ends the sessions" disconnect $IQN
