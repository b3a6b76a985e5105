#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 200
# If this fails, a CHAP secret can be read somewhere else than in its own file:
# in /proc, /sys, arguments, logs, output, events, dumps or a core.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:secret
# Halves, so that this script's own text is not what is found.
OUT="marker-$((4711 * 3))-of-alice"
IN="marker-$((4711 * 3))-of-storage"
HEX=$(printf %s "$OUT" | od -An -tx1 | tr -d ' \n')

net_up 1
lio_load
backend_ramdisk disk 64
one_portal $IQN disk
chap_mutual $IQN alice "$OUT" storage "$IN"
modprobe iscsi_mpio
secret "$TMP/out" "$OUT"
secret "$TMP/in" "$IN"
mkdir "$TMP/log"
ulimit -c unlimited
sysctl -qw kernel.core_pattern="$TMP/log/core.%e"
iscsictl --json monitor >"$TMP/log/events" 2>&1 &
MONITOR=$!
# All the module can be asked to say: debugging messages and trace events.
mountpoint -q /sys/kernel/debug || mount -t debugfs debug /sys/kernel/debug
mountpoint -q /sys/kernel/tracing || mount -t tracefs trace /sys/kernel/tracing
check "debugging messages of SCSI and the module are on" bash -c \
	"for m in iscsi_mpio scsi_mod; do
		echo \"module \$m +p\" >/sys/kernel/debug/dynamic_debug/control; done"
check "and its trace events" eval \
	"echo 1 >/sys/kernel/tracing/events/iscsi_mpio/enable"
scenario_stop() { kill $MONITOR 2>/dev/null; }

run() { "$@" >>"$TMP/log/output" 2>&1; }

# Every command line while it runs, until stopped.
argv_watch() {
	while [ ! -e "$TMP/enough" ]; do
		cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null
	done | tr '\0' '\n' | grep -a --line-buffered marker- >"$TMP/log/argv"
}

must "the host's own secret is stored" \
	run iscsictl chap set-secret --file "$TMP/in"
argv_watch &
WATCH=$!
must "mutual CHAP from files" run iscsictl connect $IQN --portal 10.9.1.2 \
	--multipath --auth mutual --chap-username alice --chap-secret-file "$TMP/out"
touch "$TMP/enough"
wait $WATCH
must "registered with the secret from standard input" run bash -c \
	"iscsictl register -v --pass-thru --chap-username alice \
	--chap-secret-file - 1 <'$TMP/out'"
for words in 'session list' 'session show' 'record list' 'record show' \
	'connection list' 'path list' 'portal list' 'mpio get' status stats \
	export 'top --once --interval 100' 'stats --openmetrics'; do
	# shellcheck disable=SC2086
	run iscsictl -v $words
	# shellcheck disable=SC2086
	run iscsictl -v --json $words
done
run /usr/lib/iscsi-mpio/iscsiadm -m session -P 3 -S
run /usr/lib/iscsi-mpio/iscsiadm -m node -T $IQN -p 10.9.1.2 -S
run iscsictl record verify
printf 'wrong-marker-secret' >"$TMP/wrong"
chmod 600 "$TMP/wrong"
run iscsictl connect $IQN --portal 10.9.1.2 --auth oneway \
	--chap-username alice --chap-secret-file "$TMP/wrong"
run iscsictl unregister -v 1
run iscsictl register -v 1 --chap-username alice --chap-secret-file "$TMP/out"

# A live process that has read a secret and waits for the target's answer.
path_drop 1
iscsictl --timeout 20 connect $IQN --multipath --portal 10.9.1.2 \
	--auth mutual --chap-username alice --chap-secret-file "$TMP/out" \
	>/dev/null 2>&1 &
WAITS=$!
check "a second login waits for the target" wait_until 10 bash -c \
	"[ \$(iscsictl --json session list | jq length) = 2 ]"
tr '\0' '\n' <"/proc/$WAITS/cmdline" >"$TMP/log/cmdline"
tr '\0' '\n' <"/proc/$WAITS/environ" >"$TMP/log/environ"
cat "/proc/$WAITS/stack" "/proc/$WAITS/maps" >"$TMP/log/proc" 2>&1
# What an aborting process leaves behind, here and in a control.
kill -ABRT $WAITS
wait $WAITS 2>/dev/null
sleep 100 &
SLEEPS=$!
wait_until 5 grep -q sleep /proc/$SLEEPS/comm
kill -ABRT $SLEEPS
wait $SLEEPS 2>/dev/null
check "a core is left by a process without secrets" \
	compgen -G "$TMP/log/core.sleep*"
check "and none by one that has read a secret" bash -c \
	"! compgen -G '$TMP/log/core.iscsictl*'"
path_heal 1
kill $MONITOR
wait $MONITOR 2>/dev/null

dmesg >"$TMP/log/dmesg"
cat /sys/kernel/tracing/trace >"$TMP/log/trace"
check "events were traced" grep -q 'mpio_' "$TMP/log/trace"
python3 /vm/tests/lib/impio.py /usr/lib/libiscsi-mpio.so.0 \
	>"$TMP/log/netlink"
check "answers of the kernel were read byte by byte" \
	grep -qa "$IQN" "$TMP/log/netlink"
journalctl -b --no-pager >"$TMP/log/journal" 2>/dev/null
find -L /sys/module/iscsi_mpio /sys/class/scsi_host /sys/class/scsi_disk \
	-maxdepth 3 -type f -readable \
	-exec cat {} + >"$TMP/log/sys" 2>/dev/null
cat /proc/net/netlink /proc/keys /proc/mounts /proc/scsi/scsi \
	>"$TMP/log/proc2" 2>/dev/null
check "there is something to search" test "$(wc -c <"$TMP/log/output")" -gt 5000
check "events were watched" test -s "$TMP/log/events"
found=$(grep -rlaiE "$OUT|$IN|$HEX" "$TMP/log")
check_is "no output, event, log, argument, /proc or /sys file has a secret" \
	'' "$found"
found=$(grep -rlaiE "$OUT|$IN|$HEX" /etc/iscsi-mpio)
check "on the disk it is" test -n "$found"
check_is "in files of secrets alone" '' \
	"$(grep -v '^/etc/iscsi-mpio/secrets/' <<<"$found")"
check_is "which only root can read" '' "$(find /etc/iscsi-mpio/secrets \
	\( -type f ! -perm 600 -o -type d ! -perm 700 -o ! -user 0 \))"
chmod 644 /etc/iscsi-mpio/secrets/*.chap
iscsictl disconnect $IQN
expect_exit 13 'may be read by others.*chmod 600' \
	"restore refuses a secret that others may read" iscsictl restore
chmod 600 /etc/iscsi-mpio/secrets/*.chap

record=$(ijson record list '.[0].RecordIdentifier')
mkdir -m 700 "$TMP/credentials"
mv "/etc/iscsi-mpio/secrets/$record.chap" \
	"$TMP/credentials/iscsi-mpio.$record.chap"
expect_exit 24 'secret is not stored' \
	"restore without the secret says so" iscsictl restore
check "a credential of systemd takes its place" \
	env CREDENTIALS_DIRECTORY="$TMP/credentials" iscsictl restore --wait 20
check_is "and the session is there" 1 "$(sessions_in $IQN logged-in)"
