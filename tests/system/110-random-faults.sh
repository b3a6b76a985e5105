#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12 debug
# TIMEOUT: 400
# REQUIRES: fio sg_reset
# If this fails, some order of faults, one beginning before the other has ended,
# costs an I/O error, wrong data, a path that does not come back, or leaves
# something in the kernel's log.
#
# SECONDS_EACH of fio verify over two portal groups and three links, while every
# 0.5 to 5 s one thing breaks or the longest broken one heals; at most two are
# broken at a time. SEED gives the same faults again, in the same order and with
# the same pauses. (For hours: TIMEOUT_SCALE stretches the limits.) LAYOUT: mixed,
# links 1 and 2 in one group; one, all in it; groups, one for each; passive, the
# same, of which the first is active, and others once we have ordered it.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:random
SECONDS_EACH=${SECONDS_EACH:-40}
SEED=${SEED:-$(date +%s)}
LAYOUT=${LAYOUT:-mixed}
LINKS=3
FIO_PID=

scenario_stop() {
	[ -z "$FIO_PID" ] || kill "$FIO_PID" 2>/dev/null
	[ -z "${METER_PID:-}" ] || kill "$METER_PID" 2>/dev/null
}

# draw N: $R is one of 0 to N-1. Not bash's RANDOM, which subshells seed anew.
draw() {
	SEED=$(((SEED * 1103515245 + 12345) & 0x7fffffff))
	R=$(((SEED >> 12) % $1))
}

# --- what can break: begin_FAULT ARGUMENT and end_FAULT ARGUMENT. Those without
# an end are over at once.

begin_reset() { path_rst "$1"; }

begin_reject() { path_reject "$1"; }
end_reject() { path_heal "$1"; }

begin_hole() { path_drop "$1"; }
end_hole() { path_heal "$1"; }

begin_hole_in() { path_drop "$1" in; }
end_hole_in() { path_heal "$1"; }

begin_hole_out() { path_drop "$1" out; }
end_hole_out() { path_heal "$1"; }

begin_link() { link_down "$1"; }
end_link() { link_up "$1"; }

begin_slow() { path_delay "$1" delay 300ms 200ms; }
end_slow() { path_undelay "$1"; }

begin_loss() { path_delay "$1" loss 20% reorder 5% delay 5ms; }
end_loss() { path_undelay "$1"; }

begin_late() { path_delay "$1" delay 4s; }
end_late() { path_undelay "$1"; }

begin_group() { tpg_disable "$IQN#$1"; }
end_group() { tpg_enable "$IQN#$1"; }

begin_portal() { portal_del "$(group_of "$1")" "10.9.$1.2"; }
end_portal() { portal_add "$(group_of "$1")" "10.9.$1.2"; }

begin_lu_reset() { timeout 60 sg_reset -d "/dev/$DISK"; }

begin_path() { iscsictl path fail "${PATHS[$1 - 1]}"; }
end_path() { iscsictl path reinstate "${PATHS[$1 - 1]}"; }

begin_session() {
	iscsictl --no-wait connect $IQN --multipath --portal "10.9.$1.2" \
		"${SETTINGS[@]}"
}
end_session() {
	local id
	for id in $(session_ids $IQN); do
		[[ " ${SESSIONS[*]} " = *" $id "* ]] || disconnect --session "$id"
	done
}

# FAULT MANY: it has an argument from 1 to MANY
faults=("reset $LINKS" "reject $LINKS" "hole $LINKS" "hole_in $LINKS"
	"hole_out $LINKS" "link $LINKS" "slow $LINKS" "loss $LINKS" "late $LINKS"
	"portal $LINKS" "path $LINKS" "session $LINKS")
# LIO drops a reference too many (core_tmr_lun_reset()) when a command ends at the
# moment a unit is reset: on the debug kernel that comes within half an hour.
[ "$KVER" = debug ] || faults+=("lu_reset 1")
# Of these, a link has one at a time.
link_faults=' reject hole hole_in hole_out link slow loss late '

# The portal group behind a link: its number.
case $LAYOUT in
mixed) group=(0 1 1 2) ;;
one) group=(0 1 1 1) ;;
groups|passive) group=(0 1 2 3) ;;
*) fail "LAYOUT=$LAYOUT is mixed, one, groups or passive"; exit 1 ;;
esac
GROUPS_THERE=${group[LINKS]}
# All paths of one group at once are not what this is for.
[ "$GROUPS_THERE" = 1 ] || faults+=("group $GROUPS_THERE")
group_of() { echo "$IQN#${group[$1]}"; }

# --- the order in which they do

broken=()	# "FAULT ARGUMENT", the oldest first
count=0

event() {	# begin|end FAULT ARGUMENT
	local rc=0 out
	out=$("$1_$2" "$3" 2>&1) || rc=$?
	echo "# $(now_ms) ms: $1 $2 $3${out:+: ${out//$'\n'/; }} (status $rc)"
}

heal_oldest() {
	# shellcheck disable=SC2086
	set -- ${broken[0]}
	broken=("${broken[@]:1}")
	event end "$1" "$2"
}

is_broken() {	# FAULT ARGUMENT
	local one
	# LIO drops a reference too many when a unit is reset as a connection ends
	[ "$1" = lu_reset ] && return $((${#broken[@]} == 0))
	for one in "${broken[@]}"; do
		[ "$one" != "$1 $2" ] || return 0
		[[ $link_faults = *" $1 "* && $link_faults = *" ${one% *} "* &&
			${one#* } = "$2" ]] && return 0
	done
	return 1
}

step() {
	local fault many
	draw 3
	if [ ${#broken[@]} = 2 ] || { [ ${#broken[@]} = 1 ] && [ "$R" = 0 ]; }; then
		heal_oldest
		return
	fi
	draw ${#faults[@]}
	read -r fault many <<<"${faults[R]}"
	draw "$many"
	is_broken "$fault" $((R + 1)) && return
	[ "$(type -t "end_$fault")" != function ] ||
		broken+=("$fault $((R + 1))")
	count=$((count + 1))
	event begin "$fault" $((R + 1))
}

# --- the run

# Of an active/passive array two paths stand by.
has_all() {
	local ready standby
	ready=$(paths_in "$DISK" ready) standby=$(paths_in "$DISK" standby)
	[ $((ready + standby)) -ge 3 ] && [ "$ready" -ge 1 ]
}

SETTINGS=(--set NopInterval=1000 --set NopTimeout=1000
	--set ReconnectDelayMax=1000 --set LoginTimeout=3000)
echo "# SEED=$SEED"
net_up $LINKS
lio_load
backend_ramdisk disk 128
for n in $(seq "$GROUPS_THERE"); do
	target_new "$IQN#$n"
	lun_add "$IQN#$n" 0 disk
	[ "$LAYOUT" = passive ] || continue
	alua_group disk "group$n" $((n * 10))
	lun_group "$IQN#$n" 0 "group$n"
	# standby; and it is explicitly that this changes
	[ "$n" = 1 ] || alua_state disk "group$n" 2
	echo 2 >"$(_backend_dir disk)/alua/group$n/alua_access_type"
done
for link in 1 2 3; do portal_add "$(group_of $link)" "10.9.$link.2"; done
name=$(our_name $IQN 10.9.1.2)
# Data-Out that does not come in 3 s ends a connection in LIO, which is one more
# chance for the fault named in is_broken().
for n in $(seq "$GROUPS_THERE"); do
	must "the target knows it" known_initiator "$IQN#$n" "$name"
	echo 60 >"$ACL/attrib/dataout_timeout"
done
must "three paths connect" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2 --portal 10.9.3.2 "${SETTINGS[@]}"
if [ "$LAYOUT" = passive ]; then
	must "they lead to one disk" wait_until 20 eval \
		'[ "$(ijson path list "[.[].Disk] | unique | length")" = 1 ]'
	DISK=$(ijson path list '.[0].Disk')
	must "all its paths are there" wait_until 20 has_all
else
	must "they lead to one disk" disk_with_paths $IQN 3
fi
mapfile -t SESSIONS < <(session_ids $IQN)
mapfile -t PATHS < <(ijson path list '.[].PathIdentifier')
errors_before=$(dmesg | grep -c "I/O error, dev $DISK")

must "a writer runs" meter_start "/dev/$DISK" $((SECONDS_EACH + 600))
fio_verify "/dev/$DISK" "$SECONDS_EACH" --offset=8m >"$TMP/fio" 2>&1 &
FIO_PID=$!
end=$((SECONDS + SECONDS_EACH))
while [ $SECONDS -lt $end ] && kill -0 $FIO_PID 2>/dev/null; do
	draw 4500
	printf -v pause '%d.%03d' $(((R + 500) / 1000)) $(((R + 500) % 1000))
	sleep "$pause"
	step
done
while [ ${#broken[@]} -gt 0 ]; do
	heal_oldest
done

check "fio verify sees no error and no wrong byte" wait $FIO_PID || {
	grep -v '^3;' "$TMP/fio" | tail -20 | comment
}
FIO_PID=
every=8		# seconds; where the kernel checks itself commands take some, too
[ "${TIMEOUT_SCALE:-1}" = 1 ] || every=20
check_is "there were faults ($count)" yes \
	"$([ $count -ge $((SECONDS_EACH / every)) ] && echo yes)"
must "all paths are back" wait_until 30 has_all
meter_stop
check_is "the writer saw no error, no lost and no stale block" 0 "$METER_RC"
check_is "the disk reported no error" "$errors_before" \
	"$(dmesg | grep -c "I/O error, dev $DISK")"
check "disconnect ends the sessions" disconnect $IQN
all_gone() {
	local n
	for n in $(seq "$GROUPS_THERE"); do
		[ "$(sessions_at "$IQN#$n")" = 0 ] || return
	done
}
check "the target has no session left" \
	wait_until 20 all_gone
