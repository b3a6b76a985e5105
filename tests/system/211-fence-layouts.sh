#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 900
# REQUIRES: dmsetup
# If this fails, a write that was under way when its path was lost overwrites
# newer data, or fails, or keeps its disk waiting for longer than promised, in one
# of the ways in which targets lay out their portals.
#
# UNITS disks with a writer each lose path A at once while the backend holds one
# write of each; every block is written anew and read. ROWS are
# layout/fault/seconds held/digest:
#   layout  one: both portals in one group; groups: a group for each; targets: a
#           target name for each; sg: as groups, written by SG_IO; limit: as sg,
#           but the issuer's time is over before the fence is, and it writes the
#           block anew; going: as limit, and the sessions are disconnected by force
#           meanwhile; parts: as groups, with blocks of 128 KiB, which are under
#           way in parts; brand, brands: as one and groups, with another vendor's
#           name in INQUIRY; tgt: as one, served by tgtd
#   fault   silence: nothing passes, for good; rst: this host's own firewall
#           resets what passes; fin: the target closes the connection; moved: path
#           A's address goes to the controller of path B, which resets what it does
#           not know and answers logins there; late: path A's packets arrive LATE_MS
#           late; back: silence that ends after BACK seconds, so that path A logs in
#           again while the backend still has what was lost
# Rows with FenceMode in a fifth field are run in that mode; "none" must go wrong,
# or the test would prove nothing. With TAS=1, LIO's default, a reset of its units
# waits for the initiator to acknowledge a TASK ABORTED status on the connection
# that was lost, or for that to be found dead (nopin_timeout and
# nopin_response_timeout, 45 s). PEER=1 does it to open-iscsi and dm-multipath,
# and only counts. CHAP=1: logins have to prove who they are. At length, with the settings' defaults: LONG=1 UNITS=20.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/peer.sh
GHOST_SECONDS=120
. /vm/tests/lib/ghost.sh

IQN=iqn.2026-11.org.test:layout
UNITS=${UNITS:-8}
LATE_MS=${LATE_MS:-6000}
SECRET='layout-secret-1'
BACK=${BACK:-2}
FENCE_MS=${FENCE_MS:-3000}
LIMIT_MS=7000	# SG_IO knows no less
ROWS=${ROWS:-groups/silence/5/None sg/silence/5/None limit/silence/9/None
	going/silence/15/None one/silence/14/None one/back/14/None
	groups/back/14/None groups/silence/5/None/none}
if [ -n "${LONG:-}" ]; then
	FENCE_MS=10000
	ROWS=''
	for layout in one groups targets sg; do
		for digest in None CRC32C; do
			ROWS+=" $layout/silence/0/$digest $layout/silence/14/$digest"
			ROWS+=" $layout/rst/6/$digest $layout/rst/14/$digest"
			[ $layout = one ] ||
				ROWS+=" $layout/fin/2/$digest $layout/moved/6/$digest"
		done
		ROWS+=" $layout/silence/2/None $layout/silence/6/None"
		ROWS+=" $layout/rst/2/None $layout/late/0/None"
		ROWS+=" $layout/back/2/None $layout/back/14/None"
		[ $layout = one ] || for held in 6 14; do
			ROWS+=" $layout/fin/$held/None"
		done
		[ $layout = one ] || for held in 2 14; do
			ROWS+=" $layout/moved/$held/None"
		done
	done
	for kind in silence rst fin; do
		for held in 2 6 14; do ROWS+=" tgt/$kind/$held/None"; done
		ROWS+=" tgt/$kind/6/CRC32C"
	done
	for kind in silence rst; do
		ROWS+=" brand/$kind/20/None brands/$kind/20/None"
	done
	ROWS+=" limit/silence/14/None parts/silence/0/None parts/silence/6/CRC32C"
fi

disk_pid='' ghost_pid='' tgtd_pid=''
scenario_stop() {
	local pid
	[ -z "$ghost_pid" ] || kill "$ghost_pid" 2>/dev/null
	tgtd_down
	lio_gone
	for pid in $(seq 0 $((UNITS - 1))); do
		rm -f "/dev/slow$pid"
		dmsetup remove --noudevsync "slow$pid" 2>/dev/null
	done
	[ -z "${orders:-}" ] || exec {orders}>&-
}
tgtd_down() {
	[ -n "$tgtd_pid" ] || return 0
	kill -9 "$tgtd_pid" 2>/dev/null
	wait "$tgtd_pid" 2>/dev/null
	tgtd_pid=
}

# --- the backend: one slow disk in UNITS slices
backend_up() {
	local n
	modprobe nbd nbds_max=1 max_part=0 && modprobe dm_mod &&
		modprobe -q target_core_iblock
	wait_until 10 test -b /dev/nbd0 || return
	mkfifo "$TMP/orders"
	python3 /vm/tests/lib/slow-disk.py /dev/nbd0 $((UNITS * 2)) \
		"$TMP/orders" >"$TMP/disk" 2>&1 &
	disk_pid=$!
	wait_until 30 grep -q ready "$TMP/disk" || {
		cat "$TMP/disk"
		return 1
	}
	exec {orders}>"$TMP/orders"
	for n in $(seq 0 $((UNITS - 1))); do
		dmsetup create --noudevsync --noudevrules "slow$n" \
			--table "0 4096 linear /dev/nbd0 $((n * 4096))" || return
		# shellcheck disable=SC2046
		mknod "/dev/slow$n" b $(dmsetup info -c --noheadings \
			--separator ' ' -o major,minor "slow$n") || return
	done
	udevadm settle -t 30
}
# order WORDS...: and what the disk says to it
order() {
	local lines
	lines=$(wc -l <"$TMP/disk")
	echo "$*" >&"$orders"
	wait_until 10 eval '[ "$(wc -l <"$TMP/disk")" -gt '"$lines"' ]'
}

# --- layouts
lio_units() {	# TARGET
	local n
	for n in $(seq 0 $((UNITS - 1))); do
		lun_add "$1" "$n" "slow$n" || return
	done
}
lio_backends() {	# LAYOUT
	local n
	for n in $(seq 0 $((UNITS - 1))); do
		backend_block "slow$n" "/dev/slow$n" &&
			backend_attr "slow$n" emulate_tas "${TAS:-0}" || return
		[[ $1 != brand* ]] ||
			backend_vendor "slow$n" SYNOLOGY || return
	done
}
# The names of the two targets, and portal groups, behind path A and path B.
name_targets() {	# LAYOUT
	A=$IQN B=$IQN GROUP_B=1
	case $1 in
	groups|sg|limit|going|parts|brands) A=$IQN#1 B=$IQN#2 GROUP_B=2 ;;
	targets)	A=$IQN-a B=$IQN-b ;;
	esac
}
target_up() {	# LAYOUT
	name_targets "$1"
	if [ "$1" = tgt ]; then
		tgt_up
		return
	fi
	lio_backends "$1" && target_new "$A" && lio_units "$A" &&
		portal_add "$A" 10.9.1.2 || return
	if [ "$A" != "$B" ]; then
		target_new "$B" && lio_units "$B" || return
	fi
	if [ -n "${CHAP:-}" ]; then
		(umask 077 && printf %s "$SECRET" >"$TMP/secret")
		chap_oneway "$A" alice "$SECRET" && chap_oneway "$B" alice "$SECRET" || return
	fi
	portal_add "$B" 10.9.2.2
}
target_down() {	# LAYOUT
	local n
	if [ "$1" = tgt ]; then
		tgtd_down
		return
	fi
	for n in "${A%#*}" "${B%#*}"; do target_del "$n"; done
	for n in $(seq 0 $((UNITS - 1))); do backend_del "slow$n"; done
}
tgt_up() {
	local n key
	# not in_tgt: signals are for tgtd itself
	nsenter --net=/run/netns/"$TGT_NS" tgtd -f -C 7 >"$TMP/tgtd" 2>&1 &
	tgtd_pid=$!
	wait_until 10 tgtadm -C 7 --lld iscsi --op show --mode sys &&
		tgtadm -C 7 --lld iscsi --op new --mode target --tid 1 -T "$IQN" || return
	for key in HeaderDigest DataDigest; do
		tgtadm -C 7 --lld iscsi --op update --mode target --tid 1 \
			--name $key --value CRC32C,None || return
	done
	for n in $(seq 0 $((UNITS - 1))); do
		tgtadm -C 7 --lld iscsi --op new --mode logicalunit --tid 1 \
			--lun $((n + 1)) --bstype rdwr --bsoflags direct \
			-b "/dev/slow$n" || return
	done
	tgtadm -C 7 --lld iscsi --op bind --mode target --tid 1 -I ALL
}

# --- initiators: up LAYOUT DIGEST MODE; DISKS
up() {
	local options=()
	if [ -n "${PEER:-}" ]; then
		[ "$2" = None ] || options+=("conn[0].iscsi.DataDigest=$2")
		peer_login "${A%#*}" "${options[@]}" 10.9.1.2:3260,1 || return
		peer_login "${B%#*}" "${options[@]}" "10.9.2.2:3260,$GROUP_B" || return
		wait_until 30 peer_has_paths $((UNITS * 2)) || return
		wait_until 30 eval '[ "$(ls /dev/mapper/mpath* | wc -l)" = $UNITS ]'
		DISKS=$(echo /dev/mapper/mpath*)
		return
	fi
	[ "$2" = None ] || options+=(--data-digest)
	[ -z "${CHAP:-}" ] || options+=(--auth oneway --chap-username alice
		--chap-secret-file "$TMP/secret")
	iscsictl connect "${A%#*}" --multipath --portal 10.9.1.2 \
		--set NopInterval=500 --set NopTimeout=500 --set FenceMode="$3" \
		--set FenceTimeout="$FENCE_MS" "${options[@]}" &&
	iscsictl connect "${B%#*}" --multipath --portal 10.9.2.2 \
		--set NopInterval=500 --set NopTimeout=500 --set FenceMode="$3" \
		--set FenceTimeout="$FENCE_MS" "${options[@]}" &&
	wait_until 60 all_units && prefer_a
}
all_units() {	# every disk has two ready paths
	local dev
	DISKS=''
	for dev in /sys/block/sd*; do
		has_paths "${dev##*/}" 2 && [ -b "/dev/${dev##*/}" ] &&
			DISKS+=" /dev/${dev##*/}"
	done
	[ "$(wc -w <<<"$DISKS")" = "$UNITS" ]
}
prefer_a() {
	local disk
	for disk in $DISKS; do
		iscsictl policy set FOO --disk "${disk##*/}" &&
		iscsictl path set "10.9.1.1>10.9.1.2:3260,1" --disk "${disk##*/}" \
			--preferred=yes || return
	done
}
down() {
	if [ -n "${PEER:-}" ]; then
		peer_down
		return
	fi
	disconnect "${A%#*}" && { [ "${A%#*}" = "${B%#*}" ] || disconnect "${B%#*}"; }
}

# --- faults, and their end
# tgtd ends the connection of path A.
tgt_close() {
	local sid cid
	read -r sid cid < <(tgtadm -C 7 --lld iscsi --op show --mode conn --tid 1 |
		awk '/Session:/ { s = $2 } /Connection:/ { c = $2 }
			/IP Address: 10.9.1.1$/ { print s, c; exit }')
	tgtadm -C 7 --lld iscsi --op delete --mode conn --tid 1 --sid "$sid" \
		--cid "$cid"
}
# What path A's address still gets for the connections of before is reset by its
# new owner, and their old one says no more.
move_address() {
	local ports
	ports=$(in_tgt ss -Htn state established "src = 10.9.1.2:$TGT_PORT" |
		sed 's/ *$//; s/.*://' | paste -sd,)
	in_tgt nft -f - <<-NFT
		table inet moved {
			chain in { type filter hook input priority -10;
				ip daddr 10.9.1.2 tcp sport { $ports } reject with tcp reset
			}
			chain out { type filter hook output priority -10;
				ip saddr 10.9.1.2 tcp dport { $ports } tcp flags & rst == 0 drop
			}
		}
	NFT
	portal_del "$A" 10.9.1.2 && portal_add "$B" 10.9.1.2
}
fault() {	# KIND LAYOUT
	case $1 in
	silence) path_drop 1 ;;
	rst)	path_reject 1 ;;
	fin)	if [ "$2" = tgt ]; then tgt_close; else tpg_disable "$A"; fi ;;
	back)	path_drop 1
		{ nap "$BACK"; path_heal 1; } & ;;
	late)	path_delay 1 delay "${LATE_MS}ms" limit 100000 ;;
	moved)	move_address ;;
	esac
}
heal() {	# KIND LAYOUT
	case $1 in
	silence|rst) path_heal 1 ;;
	fin)	[ "$2" = tgt ] || tpg_enable "$A" ;;
	late)	path_undelay 1 ;;
	moved)	portal_del "$B" 10.9.1.2
		portal_add "$A" 10.9.1.2
		in_tgt nft delete table inet moved ;;
	esac
}

# --- the writer
ghost_start() {	# LAYOUT
	local sg=() bytes=4096
	[ "$1" != parts ] || bytes=131072
	[ "$1" != sg ] || sg=(--sg)
	[[ $1 != limit && $1 != going ]] || sg=("--sg=$LIMIT_MS")
	coproc GHOST {
		exec ghost-writer "${sg[@]}" "$(tr -s ' \n' ',' <<<"$DISKS" |
			sed 's/^,//; s/,$//')" "$UNITS" "$bytes"
	}
	ghost_pid=$GHOST_PID
	ghost_in=${GHOST[1]} ghost_out=${GHOST[0]}
	ghost_says running
}

nothing_held() {
	order pass
	[ "$(tail -1 "$TMP/disk")" = "pass 0" ]
}

barring() { dmesg | grep -c "others wait until those are over"; }
all_wait() {	# PID...
	[ "$(ps -o state= -p "$(tr ' ' , <<<"$*")" | grep -c D)" = $# ]
}
# What was asked for before a disk goes is written, also where it waits for ghosts
# and a path could carry it.
go_while_barred() {	# COUNT
	local disk lun pid bad=0 lost=0 pids=()
	must "writes have failed, others wait for their end" \
		wait_until 30 eval "[ \$(barring) -gt $1 ]"
	for disk in $DISKS; do
		lun=$(basename "$(readlink -f "/sys/block/${disk##*/}/device")")
		{ printf 'last of %s' "${lun##*:}"; cat /dev/zero; } | head -c 4096 |
			dd of="$disk" bs=4k seek=300 iflag=fullblock oflag=direct \
				conv=notrunc status=none &
		pids+=($!)
	done
	must "each disk has one more that waits" wait_until 10 all_wait "${pids[@]}"
	check_is "status says of each that what has failed on path A is not over" \
		"$UNITS" "$(ijson status '[.[] | select(.Kind == "disk" and (.LastError |
		test("writes wait: .* 10.9.1.1>.* may yet be executed")))] | length')"
	check "stats counts its path" eval "[ \"\$(ijson stats \
		'.[0] | .GhostPaths == 1 and .Held > 0')\" = true ]"
	check "they go" iscsictl disconnect "$IQN" --force
	kill "$ghost_pid"
	ghost_pid=''
	for pid in "${pids[@]}"; do wait "$pid" || bad=$((bad + 1)); done
	check_is "writes that failed as their disk went" 0 $bad
	for lun in $(seq 0 $((UNITS - 1))); do
		[ "$(dd if="/dev/slow$lun" bs=4k skip=300 count=1 iflag=direct \
			status=none | tr -d '\0')" = "last of $lun" ] ||
			lost=$((lost + 1))
	done
	check_is "and that are not on the medium" 0 $lost
}

# A command of which LIO has got a part only is waited for by its resets, until
# it finds out by itself that the connection is dead.
found_dead() { dmesg | grep -c 'Did not receive response to NOPIN'; }

# run_row LAYOUT FAULT HELD DIGEST MODE: $STALE (and foreign), $ERRORS, $PAUSE ms
run_row() {
	local layout=$1 kind=$2 held=$3 barring dead
	barring=$(barring)
	dead=$(found_dead)
	must "$1/$2/$3/$4, FenceMode=$5: $UNITS units have two paths" up "$1" "$4" "$5"
	must "their writers run on path A" ghost_start "$layout"
	if [ "$held" != 0 ]; then
		order hold $((held * 1000))
		nap 0.3
	fi
	must "the fault begins" fault "$kind" "$layout"
	[ "$held" = 0 ] || order pass
	ghost_tell rewrite
	STALE=0 ERRORS=0 PAUSE=0 LIO_FOUND=0
	if [ "$layout" = going ]; then
		go_while_barred "$barring"
		heal "$kind" "$layout"
		return
	fi
	must "every block is written again" ghost_says rewritten
	echo "# $GHOST_LINE, backend: $(tail -1 "$TMP/disk")"
	PAUSE=$(ghost_value longest_ms)
	LIO_FOUND=$(($(found_dead) - dead))
	FAILED=$(ghost_value failed)
	# What was held is carried out by now, or soon.
	wait_until 40 nothing_held || fail "the backend gives all writes back"
	[ "$kind" != late ] || nap $((LATE_MS / 1000))
	heal "$kind" "$layout"
	ghost_tell verify
	must "every block is read" ghost_says sectors=
	echo "# $GHOST_LINE"
	STALE=$(($(ghost_value stale) + $(ghost_value foreign)))
	ERRORS=$(ghost_value errors)
	[ "$layout" != limit ] || check "writes have failed and were written anew" \
		[ "$FAILED" -gt 0 ]
	ghost_end
	must "the sessions end" down
}

# The longest pause that is promised: detection, FenceTimeout or what stands for
# it, the backend, and what a busy guest adds.
promised() {	# LAYOUT FAULT HELD
	local ms=$((1000 + 1500 * ${TIMEOUT_SCALE:-1} + $3 * 1000))
	[ "${TAS:-0}" = 0 ] && [ "$LIO_FOUND" = 0 ] || ms=$((ms + 45000))
	case $1/$2 in
	one/*)	;;
	tgt/*)	[ "$3" -lt 3 ] || ms=$((ms + FENCE_MS)) ;;
	*/late)	ms=$((ms + 30000 + LATE_MS)) ;;
	*)	ms=$((ms + 30000)) ;;	# what LIO's disks have for each command
	esac
	echo $ms
}

net_up 2
lio_load
must "a backend that can hold writes" backend_up
for row in $ROWS; do
	IFS=/ read -r layout kind held digest mode <<<"$row"
	must "layout $layout stands" target_up "$layout"
	run_row "$layout" "$kind" "$held" "$digest" "${mode:-auto}"
	target_down "$layout"
	echo "# ROW ${PEER:+peer }$row: $UNITS units, stale $STALE, errors $ERRORS, longest pause $PAUSE ms"
	[ -z "${PEER:-}" ] || continue
	if [ "${mode:-auto}" = none ]; then
		check "without a fence ($row) the test sees stale sectors ($STALE)" \
			[ "$STALE" -gt 0 ]
		continue
	fi
	check_is "$row: stale sectors and errors" "0 0" "$STALE $ERRORS"
	check_le "$row: longest pause" "$PAUSE" \
		"$(promised "$layout" "$kind" "$held")" ms
done
