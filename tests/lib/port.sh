# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A proxy before a portal of the target, which makes of it one that is not quite
# well: port-proxy.py says how. Sourced after scenario.sh.

proxy_pids=()
proxies_gone() {
	[ ${#proxy_pids[@]} = 0 ] || kill "${proxy_pids[@]}" 2>/dev/null
}

# proxy LINK: before the portal of that link, at port 3261
proxy() {
	mkfifo "$TMP/proxy$1"
	in_tgt env PYTHONDONTWRITEBYTECODE=1 python3 /vm/tests/lib/port-proxy.py \
		"10.9.$1.2:3261" "10.9.$1.2:$TGT_PORT" <>"$TMP/proxy$1" \
		>>"$TMP/proxy$1.out" &
	proxy_pids+=($!)
	wait_until 10 grep -q listening "$TMP/proxy$1.out"
}

port_is() {	# LINK MODE...: and has understood it
	local link=$1
	shift
	: >"$TMP/proxy$link.out"
	echo "$*" >"$TMP/proxy$link"
	wait_until 10 grep -q . "$TMP/proxy$link.out"
}

# port_holds LINK: the answer that it was told to hold
port_holds() { wait_until 10 grep -q held "$TMP/proxy$1.out"; }
