#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.1 6.12 7.2
# TIMEOUT: 180
# If this fails, two volumes are one disk because they have one name, half of the
# writes on each; or one volume is two disks.
#
# MORE=1: on any kernel what is otherwise done on 6.12 alone.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:units
A=$IQN-a B=$IQN-b
SETTINGS=(--set NopInterval=1000 --set NopTimeout=1000)

# backend NAME MIB SERIAL: a unit serial number of the test's own.
backend() {
	backend_ramdisk "$1" "$2"
	echo "$3" >"$(_backend_dir "$1")/wwn/vpd_unit_serial"
}
# A target with one LUN by link 1 or 2, both of the same portal number.
target() {	# IQN LINK [LUN BACKEND]
	target_new "$1"
	portal_add "$1" "10.9.$2.2"
	[ $# = 2 ] || lun_add "$1" "$3" "$4"
}
connect() {	# IQN LINK [OPTION...]
	iscsictl connect "$1" --portal "10.9.$2.2" "${SETTINGS[@]}" "${@:3}" >/dev/null
}
disks() { lsblk -dnS -o NAME | grep -c ^sd; }
disks_are() { [ "$(disks)" = "$1" ]; }
all_paths() { ijson path list '[.[] | select(.State == "ready")] | length'; }
paths_are() { [ "$(all_paths)" = "$1" ]; }
# Of the paths of TARGET, in the order of LUNs
disk_of() {	# IQN LUN
	ijson path list ".[] | select(.TargetNodeAddress == \"$1\" and .Lun == $2) | .Disk"
}
clashes() { ijson path list '[.[].IdentityClash | select(. != "")] | unique | length'; }
lines() { dmesg | grep -c 'claims the identity of'; }
all_gone() {
	local iqn
	for iqn in $(ijson session list '.[].TargetNodeAddress' | sort -u); do
		disconnect "$iqn" || return
	done
	for iqn; do target_del "$iqn"; done
}

# apart SENTENCE REGEX OPTION...: A by link 1 and B by link 2 stay two disks.
apart() {
	local sentence=$1 reason=$2 before pairs=${PAIRS:-1}
	before=$(lines)
	shift 2
	connect $A 1 "$@" && connect $B 2 "$@"
	check "$sentence: two disks" wait_until 15 disks_are 2
	check "$sentence: each with its path" wait_until 10 paths_are $((2 * pairs))
	check_is "$sentence: told in one line" $((before + pairs)) "$(lines)"
	check "$sentence: in both disks' paths" eval \
		"[ \"\$(ijson path list '.[].IdentityClash' | grep -c '$reason')\" = $((2 * pairs)) ]"
	check_is "$sentence: and in the status" $((2 * pairs)) "$(ijson status \
		'[.[] | select(.Kind == "disk" and .IdentityClash != "")] | length')"
	all_gone
}

tgtd_pids=()
tgt_gone() {
	[ ${#tgtd_pids[@]} = 0 ] || kill -9 "${tgtd_pids[@]}" 2>/dev/null
	wait "${tgtd_pids[@]}" 2>/dev/null
	tgtd_pids=()
}
scenario_stop() { tgt_gone; }
nobody_listens() { [ -z "$(in_tgt ss -Hltn 'sport = 3260')" ]; }

net_up 2
lio_load

# --- units of one designator that differ in something
SERIAL=11111111-2222-3333-4444-555555555555
backend small 16 $SERIAL
backend large 24 $SERIAL
target $A 1 0 small
target $B 2 0 large
apart "another size" "another size" --multipath

# The designator holds the first 25 hex digits of it.
target_del $A; target_del $B
backend first 16 ${SERIAL%5}6
target $A 1 0 small
target $B 2 0 first
apart "another serial number of the same first digits" "unit serial number" --multipath

target_del $A; target_del $B
_backend_new rd_mcp other rd_pages=4096
echo $SERIAL >"$(_backend_dir other)/wwn/vpd_unit_serial"
echo OTHER >"$(_backend_dir other)/wwn/vendor_id"
target $A 1 0 small
target $B 2 0 other
apart "another vendor" "another vendor" --multipath
target_del $A; target_del $B
backend named 16 $SERIAL
echo VOLUME-2 >"$(_backend_dir named)/wwn/product_id"
target $A 1 0 small
target $B 2 0 named
apart "another product name" "another product name" --multipath
target_del $A; target_del $B

# --- units of two targets that are equal, but for their type, and designators that
# others may have as well; nothing of it is a matter of the kernel
pair() {	# KIND
	exec {pair}> >(nsenter --net="/run/netns/$TGT_NS" python3 \
		/vm/tests/target/pair.py "$1" $A $B >"$TMP/pair")
	wait_until 20 grep -q listening "$TMP/pair"
}
# as it is installed: "IET 00010001", serial "beaf11"
serve_tgt() {	# NUMBER IQN
	truncate -s 16M "$TMP/tgt$1"
	nsenter --net="/run/netns/$TGT_NS" tgtd -f -C "$1" \
		--iscsi portal="10.9.$1.2:3260" >"$TMP/tgtd$1" 2>&1 &
	tgtd_pids+=($!)
	wait_until 10 tgtadm -C "$1" --lld iscsi --op show --mode sys &&
		tgtadm -C "$1" --lld iscsi --op new --mode target --tid 1 -T "$2" &&
		tgtadm -C "$1" --lld iscsi --op new --mode logicalunit --tid 1 \
			--lun 1 -b "$TMP/tgt$1" &&
		tgtadm -C "$1" --lld iscsi --op bind --mode target --tid 1 -I ALL
}
more_apart() {
	local kind why
	for kind in type oui local t10; do
		why="nothing tells which is which"
		[ $kind != type ] || why="another device type"
		must "two targets serve" pair $kind
		apart "one designator, $kind" "$why" --multipath
		exec {pair}>&-
		wait_until 10 nobody_listens
	done
	must "tgtd serves by link 1" serve_tgt 1 $A
	must "and another by link 2" serve_tgt 2 $B
	# Each has a controller as LUN 0 besides.
	PAIRS=2 apart "two default tgt servers" "nothing tells which is which" --multipath
	tgt_gone
}
export PYTHONDONTWRITEBYTECODE=1
if [ "${KVER:-6.12}" = 6.12 ] || [ -n "${MORE:-}" ]; then more_apart; fi

# --- two LUNs of one session
target $A 1 0 small
lun_add $A 1 large
before=$(lines)
connect $A 1
check "two LUNs of one designator and another size are two disks" \
	wait_until 15 disks_are 2
check "without multipath, too" wait_until 10 paths_are 2
check_is "and told in one line" $((before + 1)) "$(lines)"
all_gone $A
backend second 16 $SERIAL
target $A 1 0 small
lun_add $A 1 second
portal_add $A 10.9.2.2
before=$(lines)
connect $A 1 --multipath
check "two LUNs that are equal in all they say are two disks" \
	wait_until 15 disks_are 2
check_is "told in one line" $((before + 1)) "$(lines)"
connect $A 2 --multipath
check "a second session has a path to each" wait_until 15 paths_are 4
check_is "they are still two" 2 "$(disks)"
for lun in 0 1; do
	check_is "both paths of LUN $lun lead to one disk" 1 \
		"$(disk_of $A $lun | sort -u | wc -l)"
done
check "LUN 0 and 1 to different ones" eval \
	'[ "$(disk_of $A 0 | head -1)" != "$(disk_of $A 1 | head -1)" ]'
dd if=/dev/urandom of="$TMP/data" bs=64k count=8 status=none
dd if="$TMP/data" of="/dev/$(disk_of $A 0 | head -1)" bs=64k oflag=direct status=none
check_is "what is written to one is not in the other" 0 \
	"$(dd if="/dev/$(disk_of $A 1 | head -1)" bs=64k count=8 iflag=direct status=none | tr -d '\0' | wc -c)"
all_gone $A

# --- the same unit by two target names is one disk, mapped before or after login
target $A 1 0 small
target $B 2 7 small
connect $A 1 --multipath && connect $B 2 --multipath
check "one unit by two target names and LUN numbers is one disk" \
	wait_until 15 paths_are 2
check_is "of two paths" 1 "$(disks)"
all_gone $A $B
target $A 1
target $B 2
connect $A 1 --multipath
connect $B 2 --multipath
lun_add $A 0 small
lun_add $B 7 small
must "a rescan" iscsictl rescan
check "mapped after both have logged in it is one disk" wait_until 60 paths_are 2
check_is "of two paths, too" 1 "$(disks)"
DISK=$(disk_of $A 0)
must "a writer runs" meter_start "/dev/$DISK" 30
check "one of the hosts' sessions goes" disconnect $A
check "the disk keeps the other's path" has_paths "$DISK" 1
meter_stop
check_is "no error and no lost write" 0 "$METER_RC"
connect $A 1 --multipath
check "it comes back to the same disk" wait_until 15 has_paths "$DISK" 2
all_gone $A $B

# --- one unit by two LUNs of one session, which is told that they are one
target $A 1 0 small
lun_add $A 1 small
connect $A 1 --multipath --set SameUnit=yes
check "two LUNs of one unit are two paths" wait_until 15 paths_are 2
check_is "of one disk" 1 "$(disks)"
udevadm settle -t 10
lun_del $A 1
must "a rescan" iscsictl rescan
check "when one of the LUNs goes, its path goes" wait_until 10 paths_are 1
check_is "and the disk stays" 1 "$(disks)"
check "by the other" dd if="/dev/$(disk_of $A 0)" of=/dev/null bs=4k count=1 \
	iflag=direct status=none
all_gone $A
check "nothing is left" wait_until 10 disks_are 0
