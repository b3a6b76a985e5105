# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# One course for all targets, of 235 and 236: discovery, two portals, I/O, faults,
# changes of LUNs, reservations, CHAP, digests, logout. Sourced after scenario.sh.
#
# A driver gives the target, whatever it is:
#   t_up, t_down              t_add LUN NAME MIB, t_remove LUN
#   t_resize LUN MIB          t_swap LUN NAME MIB
#   t_restart                 it is gone for a moment
#   t_chap [SECRET [BACK]]    logins and discovery demand it, or no more
#   t_link N down|up          what it notices of link N, which is cut or healed
#   t_sessions                how many it has
# and says of it:
#   T_IQNS      its names      T_FROM   where it is discovered
#   T_LUN       of its disk, and T_DISKS there are at first
#   T_PATHS     to the disk, of which T_READY carry I/O
#   T_COUNT     sessions for each portal
#   T_CRC32C    1: it has digests             T_MUTUAL  1: mutual CHAP
#   T_TELLS     of new LUNs and sizes: nothing, or something
#   T_GROWS     asked: a new size shows when asked for only
#   T_LACKS     steps that it has not

SETTINGS=(--set NopInterval=1000 --set NopTimeout=1000
	--set ReconnectDelayMax=1000)
SECRET=twelve-or-more BACK=another-of-them
STEPS='discover discovery-chap wrong-name connect verify cut restart add resize swap remove reservations logout chap-digests'
ROW=

t_defaults() {
	T_IQNS=iqn.2026-11.org.test:course
	T_FROM=10.9.1.2 T_LUN=0 T_DISKS=1 T_PATHS=2 T_READY=2 T_COUNT=1
	T_CRC32C=1 T_MUTUAL=1 T_TELLS=something T_GROWS=told T_NONE=21 T_LACKS=
}
t_link() { :; }
lacks() { [[ " $T_LACKS " = *" $1 "* ]]; }

# --- what the course asks

lun_disk() {	# LUN: the disk there, all of whose paths are there
	ijson path list "[.[] | select(.Lun == $1 and .Disk != \"\")] |
		if length == $T_PATHS then .[0].Disk else empty end"
}
lun_has() {	# LUN MIB: a disk of that size is there; it is $FOUND
	local sectors
	FOUND=$(lun_disk "$1")
	[ -n "$FOUND" ] && read -r sectors <"/sys/block/$FOUND/size" &&
		[ "$sectors" = $(($2 * 2048)) ]
}
lun_gone() { [ "$(ijson path list "[.[] | select(.Lun == $1)] | length")" = 0 ]; }
disk_there() { FOUND=$(lun_disk "$T_LUN") && [ -b "/dev/$FOUND" ] && has_paths "$FOUND" "$T_READY"; }
fewer_ready() { ! has_paths "$DISK" "$T_READY"; }
logged_in() { [ "$(ijson session list '[.[] | select(.State == "logged-in")] | length')" = "$1" ]; }
all_in() { logged_in "$T_PATHS"; }
all_well() { all_in && has_paths "$DISK" "$T_READY"; }
nothing_left() { [ "$(ijson path list length)$(ijson session list length)" = 00 ]; }
target_empty() { [ "$(t_sessions)" = 0 ]; }
noticed() {	# I/O lets a target tell what it has to tell
	if [ "$T_TELLS" = nothing ]; then
		iscsictl rescan >/dev/null
	else
		dd if="/dev/$DISK" of=/dev/null bs=4k count=8 iflag=direct status=none
	fi
}
connect_all() {
	# shellcheck disable=SC2086
	iscsictl connect $T_IQNS --multipath --count "$T_COUNT" \
		"${SETTINGS[@]}" "$@" >"$TMP/connect" 2>&1
}
connect_loud() { connect_all --timeout 4 "$@" || { local rc=$?; cat "$TMP/connect" >&2; return $rc; }; }
disconnect_all() {
	local iqn
	for iqn in $T_IQNS; do disconnect "$iqn" || return; done
}
discover() {	# OPTION...
	local from iqn
	for from in $T_FROM; do
		iscsictl discover "$from" "$@" || return
	done >"$TMP/discover"
	for iqn in $T_IQNS; do grep -qF "$iqn" "$TMP/discover" || return; done
}
# Each block that the meter wrote has to be there.
metered() {	# SENTENCE COMMAND...
	local sentence=$1
	shift
	if ! meter_start "/dev/$DISK" 120; then
		fail "$sentence: nothing is written"
		return 1
	fi
	check "$sentence" "$@"
	meter_stop
	check_is "$sentence: no error, no lost write" 0 "$METER_RC"
}

# --- its steps

step_discover() { check "$ROW: discovery" discover; }
step_discovery_chap() {
	t_chap $SECRET
	expect_exit '2[0-9]' '' "$ROW: discovery without a secret" \
		iscsictl discover "${T_FROM%% *}"
	secret "$TMP/secret" $SECRET
	check "$ROW: discovery with CHAP" discover --auth oneway \
		--chap-username alice --chap-secret-file "$TMP/secret"
	t_chap
	check "$ROW: discovery without CHAP again" discover
}
step_wrong_name() {
	local before
	before=$(now_ms)
	expect_exit "$T_NONE" '' "$ROW: a target that is none" iscsictl connect \
		"${T_IQNS%% *}x" --portal "${T_FROM%% *}"
	check_le "$ROW: which is told soon" $(($(now_ms) - before)) \
		$((7000 * ${TIMEOUT_SCALE:-1})) ms
}
step_connect() {
	check "$ROW: connect" connect_all || comment <"$TMP/connect"
	must "$ROW: one disk, $T_PATHS paths, $T_READY ready" wait_until 30 disk_there
	DISK=$FOUND
	check_is "$ROW: disks" "$T_DISKS" "$(ijson path list \
		'[.[].Disk | select(. != "")] | unique | length')"
	udevadm settle -t 10
}
step_verify() {
	local block
	read -r block <"/sys/block/$DISK/queue/logical_block_size"
	check "$ROW: verify" fio_verify "/dev/$DISK" 2 --size=2m \
		--bsrange="$block-128k" --blockalign="$block" --iodepth=8
}
cut_both() {
	local link
	for link in 1 2; do
		t_link $link down
		path_drop $link
		[ "$T_READY" = 1 ] || wait_until 20 fewer_ready || return
		[ "$T_READY" != 1 ] || sleep 3
		path_heal $link
		t_link $link up
		wait_until 40 all_well || return
	done
}
step_cut() { metered "$ROW: each link cut and healed" cut_both; }
restart() {
	t_restart || return
	wait_until 60 all_well
}
step_restart() { metered "$ROW: the target starts anew" restart; }
NEW() { echo $((T_LUN + 7)); }
step_add() {
	t_add "$(NEW)" second 4
	noticed
	check "$ROW: a LUN is added" wait_until 30 lun_has "$(NEW)" 4
}
step_resize() {
	t_resize "$(NEW)" 6
	dd if="/dev/$FOUND" of=/dev/null bs=4k count=8 iflag=direct status=none
	[[ $T_TELLS != nothing && $T_GROWS = told ]] || iscsictl rescan >/dev/null
	check "$ROW: a LUN grows" wait_until 30 lun_has "$(NEW)" 6
}
# Who reads a unit as it goes waits until NoPathTimeout, and holds it: udev's
# workers have to be done, and no new one may begin.
closed() { ! grep -qx "/dev/$FOUND" < <(readlink /proc/[0-9]*/fd/* 2>/dev/null); }
unread() {	# COMMAND...: while nobody has $FOUND open
	udevadm settle -t 30
	udevadm control --stop-exec-queue
	wait_until 30 closed && "$@"
}
step_swap() {
	unread t_swap "$(NEW)" third 5
	noticed
	check "$ROW: another unit at that LUN" wait_until 40 lun_has "$(NEW)" 5
	udevadm control --start-exec-queue
}
step_remove() {
	unread t_remove "$(NEW)"
	noticed
	check "$ROW: a LUN is removed" wait_until 30 lun_gone "$(NEW)"
	udevadm control --start-exec-queue
}
# Without APTPL, which <linux/pr.h> always asks for and tgt has not.
reserve_all() {
	local pr=(sg_persist -n "/dev/$DISK" --out)
	"${pr[@]}" --register --param-sark=0xabc1 &&
	"${pr[@]}" --reserve --param-rk=0xabc1 --prout-type=5 &&
	dd if=/dev/zero of="/dev/$DISK" bs=64k count=8 oflag=direct status=none &&
	! "${pr[@]}" --register --param-rk=0xabc2 --param-sark=0xabc3 &&
	"${pr[@]}" --release --param-rk=0xabc1 --prout-type=5 &&
	"${pr[@]}" --register --param-rk=0xabc1 --param-sark=0
}
step_reservations() { check "$ROW: reservations" reserve_all; }
step_logout() {
	check "$ROW: logout" disconnect_all
	check "$ROW: nothing is left" wait_until 10 nothing_left
	check "$ROW: nor at the target" wait_until 10 target_empty
}
with_chap() {
	secret "$TMP/secret" $SECRET
	secret "$TMP/back" $BACK
	set -- --chap-username alice --chap-secret-file "$TMP/secret" "$@"
	if [ "$T_MUTUAL" = 1 ]; then
		iscsictl chap set-secret --file "$TMP/back" >/dev/null || return
		connect_all --auth mutual "$@"
	else
		connect_all --auth oneway "$@"
	fi
}
step_chap_digests() {
	local digests=(--header-digest --data-digest)
	if [ "$T_CRC32C" = 0 ]; then
		check "$ROW: digests that it has not" eval \
			"! connect_all ${digests[*]} --timeout 4"
		# who says to have them is logged in to, and answers nothing
		iscsictl disconnect --all >/dev/null 2>&1
		check "$ROW: and nothing stays" wait_until 10 nothing_left
		digests=()
	fi
	if ! lacks chap; then
		if [ "$T_MUTUAL" = 1 ]; then t_chap $SECRET $BACK; else t_chap $SECRET; fi
		expect_exit 24 '' "$ROW: no login without CHAP" connect_loud
		secret "$TMP/secret" wrong-it-certainly-is
		expect_exit 24 '' "$ROW: nor with a wrong secret" connect_loud \
			--auth oneway --chap-username alice \
			--chap-secret-file "$TMP/secret"
		check "$ROW: CHAP" with_chap "${digests[@]}" || comment <"$TMP/connect"
	else
		check "$ROW: connect with digests" connect_all "${digests[@]}"
	fi
	check "$ROW: all paths with it" wait_until 30 disk_there || return
	DISK=$FOUND
	[ "$T_CRC32C" = 0 ] || check_is "$ROW: digests are on" true "$(ijson session list \
		'all(.[]; .IsHeaderDigest and .IsDataDigest)')"
	step_verify
	disconnect_all
	t_chap
	wait_until 10 nothing_left
}

# course NAME: all steps of the target whose driver is set
course() {
	local step started
	ROW=$1
	started=$(now_ms)
	for step in $STEPS; do
		if lacks "$step"; then
			echo "# $ROW: it has no $step"
			continue
		fi
		"step_${step//-/_}"
		[ "$step" != connect ] || t_shown
	done
	echo "# $ROW: $(($(now_ms) - started)) ms"
}
t_shown() { :; }
