#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 300
# REQUIRES: sg_persist sg_reset iscsid
# If this fails, a persistent reservation made through the disk holds for one of
# its paths only, so that the disk fences itself; or is lost when a path goes
# and comes back, or with a restart, so that another host writes where it must
# not; or a host that was shut out lets itself in again; or a reservation
# command never ends.
#
# The other host is open-iscsi, which has an initiator name of its own.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:pr
PORTALS='10.9.1.2:3260 10.9.2.2:3260 10.9.1.2:3261'
OURS=0xabc1 NEXT=0xabc2 FOREIGN=0xdef2
REGISTRANTS_ONLY=3	# of the kernel; write exclusive, SCSI's type 5
SETTINGS=(--set NopInterval=500 --set NopTimeout=500
	--set ReconnectDelayMax=500 --set NoPathTimeout=60000)

other_pid='' pr_pid=''
other_host_leaves() {
	iscsiadm -m node -u >/dev/null 2>&1
	iscsiadm -m node -o delete >/dev/null 2>&1
	iscsiadm -m iface -I other -o delete >/dev/null 2>&1
}
scenario_stop() {
	[ -z "${METER_PID:-}" ] || kill "$METER_PID" 2>/dev/null
	[ -z "$other_pid" ] || kill "$other_pid" 2>/dev/null
	path_heal 1
	path_heal 2
	other_host_leaves
}

pr() { python3 /vm/tests/lib/pr.py "$@"; }
# In the background; then whether it has ended, and how, is in $TMP/pr.
pr_start() {
	rm -f "$TMP/pr"
	{ pr "$@" >"$TMP/pr-says"; echo $? >"$TMP/pr.new"; mv "$TMP/pr.new" "$TMP/pr"; } &
	pr_pid=$!
}
pr_ended() { [ -e "$TMP/pr" ]; }
pr_waits() {	# in the kernel, for an answer of the disk
	local comm state
	for comm in $(pgrep -P "$pr_pid"); do
		state=$(awk '/^State/ { print $2 }' "/proc/$comm/status")
		[ "$state" = D ] &&
			readlink "/proc/$comm/fd/"* | grep -qx "/dev/$DISK" &&
			return
	done
	return 1
}
# pr_in WHAT: as the other host sees it; twice, for a unit attention.
pr_in() {
	sg_persist -n -i "$1" "/dev/$OTHER" 2>/dev/null ||
		sg_persist -n -i "$1" "/dev/$OTHER"
}
keys() {	# of all registrations, one a line
	pr_in -k | sed -n 's/^ *\(0x[0-9a-f]*\)$/\1/p' |
		sort
}
reserved_by() {	# KEY: the reservation is that key's
	pr_in -r | grep -q "Key *= *$1"
}
nobody_reserves() {
	pr_in -r | grep -q 'there is NO reservation'
}
writes() {
	dd if=/dev/zero of="/dev/$1" bs=4k count=64 oflag=direct status=none
}
cannot_write() { ! timeout 20 dd if=/dev/zero of="/dev/$1" bs=4k count=1 \
	oflag=direct status=none; }
# The other host tries for as long as it runs; a line for each attempt.
other_keeps_trying() {
	: >"$TMP/tries"
	while :; do
		if dd if=/dev/urandom of="/dev/$OTHER" bs=4k count=1 seek=1 \
			oflag=direct status=none 2>/dev/null; then
			echo "wrote at $(cut -d' ' -f1 /proc/uptime)"
		else
			echo refused
		fi >>"$TMP/tries"
		sleep 0.05
	done
}
down() { [ "$(paths_in "$DISK" ready)" -le "$1" ]; }
cut_link() {	# LINK COUNT: it is lost, so many paths are left
	path_drop "$1"
	check "link $1 is lost" wait_until 15 down "$2"
}
heal_link() {	# LINK COUNT
	path_heal "$1"
	must "link $1 comes back" wait_until 30 has_paths "$DISK" "$2"
}

target_setup() {
	net_up 2
	lio_load
	backend_file disk "$SCENARIO_DIR/disk" 64
	# LIO keeps there what survives a power loss (APTPL), and leaves it to
	# others to give it back.
	local saved
	saved=/var/target/pr/aptpl_$(sed 's/.*: //' \
		"$(_backend_dir disk)/wwn/vpd_unit_serial")
	[ ! -e "$saved" ] || tr -d '\0' <"$saved" | awk '
		/^PR_REG_START/ { s = "" }
		/=/ { s = s "," $0 }
		/^PR_REG_END/ { print substr(s, 2) }' |
		while read -r registration; do
			echo "$registration" >"$(_backend_dir disk)/pr/res_aptpl_metadata"
		done
	# A portal group for each path: within one, LIO takes the sessions of
	# an initiator for one nexus and only the reserving one for registered.
	local tpgt portal
	for portal in $PORTALS; do
		tpgt=$((tpgt + 1))
		target_new "$IQN#$tpgt"
		lun_add "$IQN#$tpgt" 0 disk
		[ ! -e "$saved" ] || known_initiator "$IQN#$tpgt" \
			"$(sed -n 's/^initiator_node=//p' "$saved" | sort -u)"
		portal_add "$IQN#$tpgt" "${portal%:*}" "${portal#*:}"
	done
}
other_host() {
	modprobe iscsi_tcp
	mkdir -p /run/lock
	pidof iscsid >/dev/null || iscsid
	iscsiadm -m iface -I other -o new >/dev/null
	iscsiadm -m iface -I other -o update -n iface.initiatorname \
		-v iqn.2026-11.org.test:other >/dev/null
	iscsiadm -m node -T $IQN -p 10.9.2.2:3260,2 -I other -o new >/dev/null
	must "another host connects" \
		iscsiadm -m node -T $IQN -p 10.9.2.2:3260,2 -I other -l
	must "it has a disk, too" wait_until 20 other_disk
	udevadm settle -t 30
}
other_disk() {	# OTHER: the disk of open-iscsi's host
	local disk host
	for disk in /sys/block/sd*; do
		host=$(readlink -f "$disk/device")
		host=${host#*/host}
		[ "$(cat "/sys/class/scsi_host/host${host%%/*}/proc_name")" = \
			iscsi_tcp ] && OTHER=$(basename "$disk")
	done
	[ -b "/dev/$OTHER" ]
}

if [ "$STAGE" = 1 ]; then
	target_setup
	other_host
	check_is "after the restart both registrations are there" \
		"$OURS $OURS" "$(keys | xargs)"
	check "and the reservation" reserved_by $OURS
	check "the other host is shut out before we are back" \
		cannot_write "$OTHER"
	must "restore brings the sessions back" iscsictl restore --wait 30
	must "the disk is back with both paths" disk_with_paths $IQN 2
	iscsictl policy set RR --disk "$DISK"
	check "we write by both paths without a conflict" writes "$DISK"
	check "the other host still cannot" cannot_write "$OTHER"
	must "another path connects" iscsictl connect $IQN --multipath \
		--portal 10.9.1.2:3261 "${SETTINGS[@]}"
	must "RESERVE, said again, succeeds" \
		pr "/dev/$DISK" reserve $OURS $REGISTRANTS_ONLY
	must "and tells that path what it has to register" \
		wait_until 20 has_paths "$DISK" 3
	check_is "all are registered" "$OURS $OURS $OURS" "$(keys | xargs)"
	check "and write without a conflict" writes "$DISK"
	other_host_leaves
	check "disconnect ends the sessions" disconnect $IQN
	exit
fi

rm -rf /var/target/pr
target_setup
connect_two $IQN "${SETTINGS[@]}"
iscsictl policy set RR --disk "$DISK"
other_host
must "which it can write to" writes "$OTHER"

# --- by the kernel's own interface; one path is away at first. It is by link 2
# that the other host comes, too.
cut_link 1 1
must "REGISTER succeeds while a path is away" pr "/dev/$DISK" register 0 $OURS
check_is "the other path is registered" $OURS "$(keys | xargs)"
heal_link 1 2
check_is "and this one when it is back" "$OURS $OURS" "$(keys | xargs)"
must "REGISTER changes the key" pr "/dev/$DISK" register $OURS $NEXT
check_is "of every path" "$NEXT $NEXT" "$(keys | xargs)"
must "and back" pr "/dev/$DISK" register $NEXT $OURS
check_is "with a wrong key it is refused" 1 \
	"$(pr "/dev/$DISK" register $FOREIGN $NEXT >/dev/null; echo $?)"
check_is "and changes nothing" "$OURS $OURS" "$(keys | xargs)"
must "RESERVE succeeds" pr "/dev/$DISK" reserve $OURS $REGISTRANTS_ONLY
check "the reservation is there" reserved_by $OURS
must "RESERVE succeeds twice, by whatever path" \
	pr "/dev/$DISK" reserve $OURS $REGISTRANTS_ONLY
check "we write by both paths without a conflict" writes "$DISK"
check "the other host cannot" cannot_write "$OTHER"

# --- held across path bounces
other_keeps_trying &
other_pid=$!
must "a writer runs" meter_start "/dev/$DISK" 120
for n in 1 2; do
	cut_link $n 1
	heal_link $n 2
done
must "a path that is new connects" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2:3261 "${SETTINGS[@]}"
must "it is a path of the same disk" wait_until 20 has_paths "$DISK" 3
meter_stop
check_is "no conflict of our own, no error, no lost write" 0 "$METER_RC"
check_is "the new path is registered" "$OURS $OURS $OURS" "$(keys | xargs)"
check "and writes without a conflict" writes "$DISK"
kill $other_pid
wait $other_pid 2>/dev/null
other_pid=
check "the other host has tried all the time ($(wc -l <"$TMP/tries") times)" \
	grep -q refused "$TMP/tries"
check_is "and never written" "" "$(grep -m1 wrote "$TMP/tries")"

# --- RELEASE, while the nexus that holds the reservation is away
cut_link 1 1
must "RELEASE succeeds without the path that reserved" \
	pr "/dev/$DISK" release $OURS $REGISTRANTS_ONLY
check "nobody holds a reservation" nobody_reserves
heal_link 1 3
check_is "all paths are registered" "$OURS $OURS $OURS" "$(keys | xargs)"
check "the other host can write" writes "$OTHER"

# --- with all paths away commands wait, like any other I/O
path_drop 1
cut_link 2 0
pr_start "/dev/$DISK" reserve $OURS $REGISTRANTS_ONLY
check "RESERVE waits for a path" wait_until 10 pr_waits
path_heal 1
heal_link 2 3
check "and ends when there is one" wait_until 20 pr_ended
check_is "in success" 0 "$(cat "$TMP/pr")"
check "the reservation is there" reserved_by $OURS
iscsictl mpio set NoPathTimeout=3000 --node $IQN
path_drop 1
cut_link 2 0
pr_start "/dev/$DISK" register $OURS $NEXT
check "REGISTER waits no longer than NoPathTimeout" wait_until 20 pr_ended
check_is "and fails" 2 "$(cat "$TMP/pr")"
path_heal 1
heal_link 2 3
check_is "no key has changed" "$OURS $OURS $OURS" "$(keys | xargs)"

# --- a LU reset ends no command for good
for n in 1 2 3 4 5; do
	sg_reset -d "/dev/$DISK" >/dev/null || break
done &
reset_pid=$!
for n in 1 2 3 4 5; do
	pr "/dev/$DISK" register $OURS $OURS || break
done >"$TMP/resets"
wait $reset_pid
check_is "REGISTER goes on through LU resets" "" "$(cat "$TMP/resets")"
check_is "and all paths are registered" "$OURS $OURS $OURS" "$(keys | xargs)"

# --- shut out by another host
must "the other host registers" pr "/dev/$OTHER" register 0 $FOREIGN
must "and preempts us" pr "/dev/$OTHER" preempt $FOREIGN $OURS $REGISTRANTS_ONLY
check_is "none of our registrations is left" "$FOREIGN" "$(keys | xargs)"
check "we cannot write" cannot_write "$DISK"
must "all paths stay" wait_until 20 has_paths "$DISK" 3
check "reading goes on" dd if="/dev/$DISK" of=/dev/null bs=4k count=16 \
	iflag=direct status=none
cut_link 1 1
heal_link 1 3
check_is "no path that comes back registers what was preempted" "$FOREIGN" \
	"$(keys | xargs)"
must "the other host clears all" pr "/dev/$OTHER" clear $FOREIGN
check_is "no registration is left" "" "$(keys | xargs)"
check "we can write again" writes "$DISK"

# --- by pass-through, as cluster software does it
must "sg_persist registers" sg_persist -n -o -G -S $OURS "/dev/$DISK"
check_is "every path is registered" "$OURS $OURS $OURS" "$(keys | xargs)"
must "sg_persist reserves" sg_persist -n -o -R -K $OURS -T 5 "/dev/$DISK"
check "we write by all paths without a conflict" writes "$DISK"
check "the other host cannot" cannot_write "$OTHER"
check "PR IN says so by our disk, too" eval \
	'sg_persist -n -i -r "/dev/$DISK" | grep -q "Key *= *$OURS"'
must "sg_persist clears" sg_persist -n -o -C -K $OURS "/dev/$DISK"
check_is "no registration is left" "" "$(keys | xargs)"
must "sg_persist registers and ignores what was" \
	sg_persist -n -o -I -S $OURS "/dev/$DISK"
check_is "on every path" "$OURS $OURS $OURS" "$(keys | xargs)"
cut_link 2 2
must "sg_persist unregisters while a path is away" \
	sg_persist -n -o -G -K $OURS "/dev/$DISK"
heal_link 2 3
check_is "every path, also that one" "" "$(keys | xargs)"

# --- a disk that goes takes a waiting command along
path_drop 1
cut_link 2 0
iscsictl mpio set NoPathTimeout=infinite --node $IQN
pr_start "/dev/$DISK" register 0 $OURS
check "REGISTER waits for a path" wait_until 10 pr_waits
check "disconnect --force ends the sessions" iscsictl disconnect $IQN --force
check "and the command" wait_until 10 pr_ended
check_is "in failure" 2 "$(cat "$TMP/pr")"
path_heal 1
path_heal 2

# --- across a restart: registered sessions, and APTPL at the target
connect_two $IQN "${SETTINGS[@]}"
# shellcheck disable=SC2046
must "register stores the sessions" iscsictl register --multipath \
	$(session_ids $IQN)
must "REGISTER succeeds" pr "/dev/$DISK" register 0 $OURS
must "RESERVE succeeds" pr "/dev/$DISK" reserve $OURS $REGISTRANTS_ONLY
other_host_leaves
reboot_here
