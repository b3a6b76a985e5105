#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 200
# REQUIRES: fio
# If this fails, what an administrator looks at - status, top, stats - does not
# show what is stored, what runs and what goes wrong; or connect and restore
# overrun the limit of logins at a time, or leave something behind when stopped.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

A=iqn.2026-11.org.test:a

count_in() {	# STATE: sessions in it
	ijson session list "[.[] | select(.State == \"$1\")] | length"
}
summary() { ijson status ".[0].$1"; }
no_answer() { [ "$(ijson record list "[.[] | select(.LastErrorPortal != \"\")] | length")" -ge "$1" ]; }
whole() { [ "$(summary DisksWhole)" = 1 ]; }
degraded() { [ "$(summary DisksDegraded)" = 1 ]; }

# A real terminal of 80 columns, and what a person sees in it.
# A server for each: one that is told to go takes the next screen along.
screens=0
on_screen() { tmux -L "screen$screens" "$@"; }
screen_start() {	# COMMAND
	screen_end
	screens=$((screens + 1))
	TERM=xterm on_screen -u -f /dev/null new-session -d -x 80 -y 24 \
		"$*; read -r _"
}
screen() { on_screen capture-pane -p | sed 's/ *$//; /^$/d'; }
screen_end() { on_screen kill-server 2>/dev/null; }
screen_has() { screen | grep -q -- "$1"; }
# The manual shows this screen as it is: LINE but for the width of its columns.
in_manual() {	# LINE
	[ -n "$1" ] || return
	sed 's/  */ /g; s/ $//' /usr/share/man/man8/iscsictl.8 |
		grep -qxF -- "$(sed 's/  */ /g; s/ $//' <<<"$1")"
}

net_up 2
lio_load
backend_ramdisk disk 64
two_portals $A disk
check "status works without the module" iscsictl status
modprobe iscsi_mpio
must "two paths" iscsictl connect $A --multipath --portal 10.9.1.2 \
	--portal 10.9.2.2
must "one disk" disk_with_paths $A 2
iscsictl mpio set --node $A NopInterval=500 NopTimeout=500
must "the first is registered twice" iscsictl register 1
iscsictl register 1
check_is "status counts records, duplicates and sessions not registered" \
	'2 2 1 1' "$(summary Records) $(summary RecordsDoubled) \
$(summary SessionsExtra) $(summary DisksWhole)"
iscsictl record list >"$TMP/list" 2>"$TMP/told"
check "record list tells of the extra session and of the duplicates" bash -c \
	"grep -q 'session 2 .* is not registered' $TMP/told &&
	grep -q '2 records restore sessions' $TMP/told"
path_drop 1
check "a path that is gone makes the disk degraded" wait_until 20 degraded
check_is "who may not see sessions does not call records missing" unknown \
	"$(setpriv --reuid 65534 --clear-groups iscsictl --json record list \
	2>/dev/null | jq -r '[.[].Status] | unique | join(" ")')"
check "the record's last error names the portal" wait_until 20 no_answer 1
check_is "as status does" 10.9.1.2:3260 "$(ijson status \
	'[.[] | select(.Kind == "record" and .LastErrorPortal != "")][0].LastErrorPortal')"
iscsictl status >"$TMP/status"
check "in its table, too" grep -q 'degraded' "$TMP/status"
screen_start iscsictl status
check "and on a terminal" wait_until 20 screen_has degraded
screen | comment
# Sentences below a table are as long as they are.
fits() { ! iscsictl "$@" | awk 'length > 80 && !/^[a-z]+ [^ ]+: /' | grep .; }
for words in 'session list' 'path list' 'connection list' 'record list' 'policy get' \
	stats tree; do
	# shellcheck disable=SC2086
	check "80 columns are enough for $words" fits $words
done
check_is "columns are chosen by name" "$DISK degraded" \
	"$(iscsictl -n status -o DISKS,STATUS | tail -1 | tr -s ' ')"
check "whose columns are the manual's" \
	in_manual "$(screen | grep '^STATUS')"
path_heal 1
check "and whole again" wait_until 20 whole

iscsictl unregister 1 --all-duplicates >/dev/null 2>&1
fio --name=load --filename="/dev/$DISK" --direct=1 --rw=randread --bs=4k \
	--iodepth=4 --ioengine=libaio --time_based=1 --runtime=60 \
	>/dev/null 2>&1 &
LOAD=$!
scenario_stop() { screen_end; kill $LOAD 2>/dev/null; wait $LOAD 2>/dev/null; }
screen_start iscsictl tree
check "the tree has both paths on a terminal" wait_until 20 screen_has 'path 2'
screen | comment
check "as in the manual" eval 'in_manual "$(screen | grep ^NODE)" &&
	screen | grep -q "disk $DISK .*2/2 paths"'
screen_start iscsictl session list
check "and sessions" wait_until 20 screen_has '^ 2 .*logged-in'
check "have the manual's columns" in_manual "$(screen | grep '^NO ')"
check "top shows I/O on both paths" wait_until 20 bash -c \
	"iscsictl --json top --interval 500 | jq -e 'length == 2 and all(.[];
	.IosPerSecond > 0 and .BytesPerSecond > 0 and
	.LatencyP50Microseconds > 1 and
	.LatencyP99Microseconds >= .LatencyP50Microseconds)'"
iscsictl top --once --interval 300 --sort iops >"$TMP/top"
check "as a table" grep -q '^PATH .*IOPS.*MB/s.*LATENCY.*P50.*P99.*QUEUE' "$TMP/top"
screen_start iscsictl top
check "top fills a terminal" wait_until 20 screen_has ' MB/s, [1-9]* in flight'
screen | comment
check "with the columns of the manual" in_manual "$(screen | grep '^PATH')"
on_screen send-keys q
# On a terminal: a key sorts, q ends it, and the screen is as it was before.
check "on a terminal it draws, sorts, ends with q and tidies up" python3 -c "
import os, pty
pid, fd = pty.fork()
if not pid:
    os.environ['TERM'] = 'xterm'
    os.execvp('iscsictl', ['iscsictl', 'top', '--interval', '300'])
text = b''
for key in b'i', b'q', b'':
    want = text.count(b'\033[H\033[2J') + 1
    while text.count(b'\033[H\033[2J') < want or b'IOPS' not in text:
        try:
            text += os.read(fd, 65536)
        except OSError:
            break
    if key:
        os.write(fd, key)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
assert text.count(b'\033[H\033[2J') >= 2 and b'\033[32mready' in text
assert text.rindex(b'\033[?1049l') > text.rindex(b'\033[?1049h')"
scenario_stop
ios() { ijson stats '.[0].Ios'; }
check "stats has counted" test "$(ios)" -gt 100
metric() { iscsictl stats --openmetrics |
	awk '/^iscsi_mpio_path_ios_total/ { sum += $NF } END { print sum }'; }
before=$(metric)
must "they can be cleared" iscsictl stats --clear
check "and begin at 0" test "$(ios)" -lt 100
check "but not for Prometheus" test "$(metric)" -ge "$before"
check "the classic text has no word that its readers refuse" eval \
	'iscsictl stats --prometheus >"$TMP/prom" &&
	! grep -E "^# EOF|^# TYPE .* (info|stateset|unknown)$" "$TMP/prom" &&
	grep -q "^# TYPE iscsi_mpio_path_ios_total counter$" "$TMP/prom" &&
	grep -q "^# TYPE iscsi_mpio_module_info gauge$" "$TMP/prom"'
iscsictl stats --openmetrics >"$TMP/metrics"
check "whose text is well-formed" python3 -c "
import re
lines = open('$TMP/metrics').read().splitlines()
assert lines[-1] == '# EOF', lines[-1]
types, last = {}, None
for line in lines[:-1]:
    if line.startswith('# TYPE '):
        last, kind = line.split()[2:]
        assert last not in types
        types[last] = kind
    elif not line.startswith('# HELP '):
        m = re.fullmatch(r'(\w+)\{(\w+=\"[^\"]*\",?)*\} [0-9.]+', line)
        assert m, line
        ends = {'counter': ['_total'], 'info': ['_info'],
                'histogram': ['_bucket', '_count']}.get(types[last], [''])
        assert m[1] in [last + end for end in ends], line
assert types['iscsi_mpio_path_state'] == 'stateset'"

# --- the policy of one disk; RR would be RRWS where paths have access states
disk() { ijson path list '.[0].Disk'; }
policy() { ijson policy get ".[0] | \"\\(.LoadBalancePolicy) \\(.PolicySource)\""; }
has_policy() { [ "$(policy)" = "$1" ]; }
ln -s "/dev/$(disk)" "$TMP/link"
must "a policy is set for a disk, by a link to it" \
	iscsictl policy set FOO --disk "$TMP/link"
check_is "and in force" "FOO disk" "$(policy)"
disconnect $A
must "it goes and comes" iscsictl connect $A --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2
check_is "its policy comes along before connect has ended" "FOO disk" "$(policy)"
must "it is taken back" iscsictl policy set unset --disk "$(disk)"
check "which holds at once" eval '! has_policy "FOO disk"'
disconnect $A
must "it comes once more" iscsictl connect $A --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2
check "and without a policy of its own" eval '[[ $(policy) != *disk ]]'

disconnect $A
must "eight sessions, two logins at a time" iscsictl --throttle-limit 2 \
	connect $A --multipath --count 4 --portal 10.9.1.2 --portal 10.9.2.2
check_is "are all there" 8 "$(count_in logged-in)"
check "and registered" bash -c 'iscsictl --json session list |
	iscsictl register --from-json - 2>/dev/null'
disconnect $A
must "restore with one at a time" \
	iscsictl --throttle-limit 1 restore --wait 30
check_is "brings all back" 8 "$(count_in logged-in)"
iscsictl --json record list | jq -r '.[].RecordIdentifier' |
	xargs iscsictl unregister >/dev/null
disconnect $A
must "one session for each path" iscsictl connect $A --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2
iscsictl --json session list | iscsictl register --from-json -
disconnect $A
path_drop 2
screen_start 'iscsictl restore --dry-run; iscsictl restore --wait 8; echo status $?'
check "restore shows on a terminal how far it is" wait_until 20 \
	screen_has 'restoring 1/2 \[#* *\]'
screen | comment
check "as the manual does" in_manual "$(screen | grep '^restoring')"
check "and what it would do" in_manual "$(screen | grep '^RECORD')"
check "then what is missing, and no bar" wait_until 30 eval \
	"screen_has 'iscsictl: record .* is not connected' && ! screen_has restoring"
check "and the status that the manual says" wait_until 10 screen_has '^status 8'
screen | comment
path_heal 2
screen_end
iscsictl --json record list | jq -r '.[].RecordIdentifier' |
	xargs iscsictl unregister >/dev/null
disconnect $A
path_drop 1
path_drop 2
iscsictl connect $A --multipath --persistent --portal 10.9.1.2 \
	--portal 10.9.2.2 >"$TMP/stopped" 2>&1 &
WAITS=$!
wait_until 10 bash -c "[ \$(iscsictl --json session list | jq length) = 2 ]"
kill -INT $WAITS
wait $WAITS
check_is "a connect that is interrupted leaves no session" 0 \
	"$(ijson session list length)"
check_is "and no record" 0 "$(ijson record list length)"
sed -i "\|$A/Nop|d" /etc/iscsi-mpio/initiator.conf
