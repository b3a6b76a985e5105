#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 400
# If this fails, a write that was held back on a failed path reaches the disk
# after newer data was acknowledged over another one, or takes along what the
# application has put in the buffer since.
#
# Packets of path A are held back in two ways while 32 stamped writes are under
# way: by netem for HOLD_MS, and by a proxy for as long as it takes. The writes
# fail over to path B, every block is rewritten there, the buffers are filled
# with something else, and then the packets arrive. The same with FenceMode=none
# must go wrong, or the test would prove nothing.
#
# COMBINATIONS of how:digest are run RUNS times each. PEER=1 does it to
# open-iscsi and dm-multipath instead, and only counts. At length:
#   COMBINATIONS="netem:None netem:CRC32C proxy:None proxy:CRC32C" RUNS=20
#   HOLD_MS=12000
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/peer.sh
. /vm/tests/lib/ghost.sh

IQN=iqn.2026-11.org.test:ghost
PROXY=10.9.1.2:3271
RUNS=${RUNS:-1}
COMBINATIONS=${COMBINATIONS:-netem:None proxy:CRC32C}
HOLD_MS=${HOLD_MS:-$((6000 * ${TIMEOUT_SCALE:-1}))}
WRITERS=32
BYTES=${BYTES:-4096}

proxy_pid='' ghost_pid=''
scenario_stop() {
	local pid
	for pid in $ghost_pid $proxy_pid; do
		kill "$pid" 2>/dev/null
	done
}

# --- ours or the peer's: up PORTAL-A DIGEST FENCE; down; path_a_back
up() {
	local options=()
	if [ -n "${PEER:-}" ]; then
		[ "$2" = None ] || options+=("conn[0].iscsi.DataDigest=$2")
		peer_up $IQN "${options[@]}" "$1" 10.9.2.2:3260
		return
	fi
	[ "$2" = None ] || options+=(--data-digest)
	iscsictl connect $IQN --multipath --portal "$1" --portal 10.9.2.2 \
		--set NopInterval=500 --set NopTimeout=500 \
		--set LoginTimeout=3000 --set ReconnectDelayMax=500 \
		--set FenceMode="$3" --set FenceTimeout=60000 "${options[@]}" &&
	disk_with_paths $IQN 2 &&
	iscsictl policy set FOO --disk "$DISK" &&
	iscsictl path set "10.9.1.1>$1,1" --disk "$DISK" --preferred=yes
}
down() {
	if [ -n "${PEER:-}" ]; then
		peer_down
	else
		disconnect $IQN
	fi
}
path_a_back() {
	if [ -n "${PEER:-}" ]; then
		peer_has_paths 2
	else
		has_paths "$DISK" 2
	fi
}

# --- the writer
ghost_start() {
	coproc GHOST { exec ghost-writer "/dev/$DISK" $WRITERS "$BYTES"; }
	ghost_pid=$GHOST_PID
	ghost_in=${GHOST[1]} ghost_out=${GHOST[0]}
	ghost_says running
}

# --- the two ways to hold packets back
# While a qdisc is put in place what is sent is dropped, so it is there before.
netem_prepare() { path_delay 1 delay 0ms limit 100000; }
proxy_prepare() {
	: >"$TMP/proxy"
	# not in_tgt: signals are for the proxy itself
	nsenter --net=/run/netns/"$TGT_NS" python3 /vm/tests/lib/hoard-proxy.py \
		$PROXY 10.9.1.2:3260 >>"$TMP/proxy" &
	proxy_pid=$!
	wait_until 20 eval '[ -n "$(in_tgt ss -Hltn "sport = 3271")" ]'
}
netem_hold() {
	path_delay 1 delay "${HOLD_MS}ms" limit 100000
	held=$(now_ms)
}
# Whatever is asked now comes out of the queue after what was put in before.
netem_release() {
	released_early=$(($(now_ms) - held - HOLD_MS))
	ping -q -I i1 -c 1 -W $((HOLD_MS / 1000 + 10)) 10.9.1.2 >/dev/null &&
		path_undelay 1
}
proxy_hold() {
	kill -USR1 "$proxy_pid"
	wait_until 10 grep -q '^hoarding' "$TMP/proxy"
}
proxy_release() {
	released_early=-1
	kill -USR2 "$proxy_pid"
	wait_until 20 grep '^delivered' "$TMP/proxy" &&
		delivered=$(sed -n 's/^delivered //p' "$TMP/proxy")
}

# one_run netem|proxy DIGEST FENCE: figures are in $STALE, $FOREIGN
one_run() {
	local how=$1 portal=10.9.1.2:3260
	[ "$how" = netem ] || portal=$PROXY
	must "packets can be held back by $how" "${how}_prepare"
	must "$how, digest $2, FenceMode=$3: two paths" up "$portal" "$2" "$3"
	must "a writer runs on path A" ghost_start
	"${how}_hold"
	ghost_tell rewrite
	must "every block is written again over path B" ghost_says rewritten
	echo "# $GHOST_LINE"
	"${how}_release" || fail "what was held back is delivered"
	[ "$released_early" -lt 0 ] ||
		fail "nothing was released before all was written again ($released_early ms late)"
	must "path A comes back" wait_until 60 path_a_back
	ghost_tell verify
	must "every block is read" ghost_says sectors=
	echo "# $GHOST_LINE"
	STALE=$(ghost_value stale)
	FOREIGN=$(ghost_value foreign)
	ghost_end
	check_is "no write failed" 0 "$(ghost_value errors)"
	[ "$how" = netem ] ||
		check "something was held back ($delivered bytes)" [ "$delivered" -gt 0 ]
	must "the sessions end" down
	if [ -n "$proxy_pid" ]; then
		kill "$proxy_pid"
		wait "$proxy_pid" 2>/dev/null
		proxy_pid=
	fi
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $IQN disk
# All that is written at once has to be in the network when it is held back.
ip route replace 10.9.1.0/24 dev i1 src 10.9.1.1 initcwnd 1000
sysctl -qw net.ipv4.tcp_slow_start_after_idle=0

for combination in $COMBINATIONS; do
	IFS=: read -r how digest <<<"$combination"
	stale=0 foreign=0
	for _ in $(seq "$RUNS"); do
		one_run "$how" "$digest" reinstate
		stale=$((stale + STALE))
		foreign=$((foreign + FOREIGN))
	done
	if [ -n "${PEER:-}" ]; then
		echo "# peer, held back by $how, digest $digest, $RUNS runs: $stale stale, $foreign foreign sectors"
		continue
	fi
	check_is "held back by $how, digest $digest, $RUNS runs: stale and foreign sectors" \
		"0 0" "$stale $foreign"
	one_run "$how" "$digest" none
	check "without a fence ($how, digest $digest) the test sees stale ($STALE) or foreign sectors ($FOREIGN)" \
		[ $((STALE + FOREIGN)) -gt 0 ]
done
