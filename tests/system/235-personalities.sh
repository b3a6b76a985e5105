#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 1500
# If this fails, some target that is in use out there, whose ways are known, cannot
# be used as it should: see tests/target/personality, a file each.
#
# PERSONALITIES names those to be; by default one, "all" is all.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/course.sh

SERVE=/vm/tests/target/personalities.py
export PYTHONDONTWRITEBYTECODE=1
PERSONALITIES=${PERSONALITIES:-netapp}
[ "$PERSONALITIES" != all ] || PERSONALITIES=$(python3 $SERVE | tr '\n' ' ')

server=
scenario_stop() { [ -z "$server" ] || kill "$server" 2>/dev/null; }
order() {	# WORD...: its answer is printed
	: >"$TMP/answer"
	echo "$*" >"$TMP/orders"
	wait_until 20 grep -q . "$TMP/answer" && cat "$TMP/answer"
}
done_by() { [ "$(order "$@")" = "done" ]; }
t_up() {
	rm -f "$TMP/orders"
	mkfifo "$TMP/orders"
	: >"$TMP/answer"
	nsenter --net="/run/netns/$TGT_NS" python3 $SERVE "$1" <>"$TMP/orders" \
		>>"$TMP/answer" 2>"$TMP/server" &
	server=$!
	wait_until 20 grep -q listening "$TMP/answer" || { comment <"$TMP/server"; return 1; }
}
t_down() {
	kill "$server"
	wait "$server" 2>/dev/null
	server=
	[ ! -s "$TMP/server" ] || { comment <"$TMP/server"; return 1; }
}
t_add() { done_by add "$@"; }
t_remove() { done_by remove "$@"; }
t_resize() { done_by resize "$@"; }
t_swap() { done_by swap "$@"; }
t_restart() { done_by restart 1500; }
t_chap() { done_by chap "$@"; }
t_link() { done_by link "$@"; }
t_sessions() { order sessions; }
shown() { [ "$(ijson "$T_NOUN" list "$T_SHOWN")" = true ] && [ "$(order did)" -gt 0 ]; }
t_shown() {
	done_by special
	check "$ROW is no LIO: $T_MORE" wait_until 20 shown ||
		{ ijson "$T_NOUN" list '.' | comment; order did | comment; }
	wait_until 20 all_well
}

net_up 2
modprobe iscsi_mpio
modprobe sd_mod
for name in $PERSONALITIES; do
	t_defaults
	eval "$(python3 $SERVE -d "$name")"
	must "$name serves" t_up "$name"
	course "$name"
	check "$name made no mistake" t_down
	rm -rf /etc/iscsi-mpio/portals
done
check "the module can go" rmmod iscsi_mpio
