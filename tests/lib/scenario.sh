# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What every scenario sources after target.sh: results, waiting, fio, and
# questions to iscsictl. A scenario prints one line per thing it proves:
#   ok NAME: sentence
# and ends with status 0 only if all of them held.

SCENARIO=${SCENARIO:-$(basename "$0" .sh)}
TMP=$(mktemp -d /tmp/scenario.XXXXXX)
FAILED=0

# A line "# REQUIRES: PROGRAM..." names what the scenario needs besides these: one
# that is missing is told at once, not in the middle.
_require() {
	local line words=() program missing=''
	while read -r line && [[ $line = '#'* ]]; do
		[[ $line != '# REQUIRES: '* ]] || read -ra words <<<"${line#*: }"
	done <"$0"
	for program in "$@" "${words[@]}"; do
		command -v "$program" >/dev/null || missing+=" $program"
	done
	[ -n "$missing" ] || return 0
	echo "not ok $SCENARIO: what it needs is there: not$missing"
	exit 1
}
# Those on the host install what they need.
[ ! -d /vm ] || _require ip jq nft python3 ss udevadm

_result() { echo "$1 $SCENARIO: $2"; }
pass() { _result ok "$1"; }
fail() { FAILED=1; _result 'not ok' "$1"; }
skip() { echo "ok $SCENARIO: $1 # SKIP $2"; }
comment() { sed 's/^/# /'; }

# check SENTENCE COMMAND...: the command must succeed; shows its output if not.
check() {
	local sentence=$1 rc=0
	shift
	"$@" >"$TMP/check" 2>&1 || rc=$?
	if [ $rc = 0 ]; then
		pass "$sentence"
		return 0
	fi
	fail "$sentence"
	{ echo "status $rc: $*"; head -20 "$TMP/check"; } | comment
	return 1
}

# must SENTENCE COMMAND...: as check, but nothing after it would make sense.
must() {
	check "$@" || {
		dump_state
		exit 1
	}
}

# check_is SENTENCE WANTED FOUND
check_is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1"
		echo "# wanted '$2', found '$3'"
		return 1
	fi
}

# check_le SENTENCE FOUND LIMIT [UNIT]: a figure with a bound, printed.
check_le() {
	if [ -n "$2" ] && [ "$2" -le "$3" ] 2>/dev/null; then
		pass "$1: $2 ${4:-} (at most $3)"
	else
		fail "$1: ${2:-none} ${4:-} (at most $3)"
		return 1
	fi
}

# nap SECONDS: sleeps without starting a program, which takes long in some guests.
exec {NAP_FD}<> <(:)
nap() { read -rt "$1" -u "$NAP_FD" || :; }

# wait_until SECONDS COMMAND...: polls; the bound is stretched for slow guests.
wait_until() {
	local end=$((SECONDS + $1 * ${TIMEOUT_SCALE:-1}))
	shift
	until "$@" >"$TMP/wait" 2>&1; do
		[ $SECONDS -lt $end ] || { cat "$TMP/wait"; return 1; }
		nap 0.05
	done
}

# expect_exit STATUS PATTERN SENTENCE COMMAND...: a refusal, its exit status (or
# several: 7|13) and its first line on stderr, which says what failed and why.
expect_exit() {
	local status=$1 pattern=$2 sentence=$3 rc=0 first
	shift 3
	"$@" >"$TMP/out" 2>"$TMP/err" </dev/null || rc=$?
	first=$(head -1 "$TMP/err")
	if [[ ! $rc =~ ^($status)$ ]]; then
		fail "$sentence: exit $status"
		echo "# exit $rc: $first"
	elif ! grep -Eiq -- "^iscsictl: .*($pattern)" <<<"$first"; then
		fail "$sentence: says why"
		echo "# no /$pattern/ in: $first"
	else
		pass "$sentence: exit $rc, '$first'"
	fi
}

now_ms() {
	local up
	read -r up _ </proc/uptime
	echo "${up/./}0"
}

# reboot_here: the scenario goes on with STAGE one higher after a reboot.
# shellcheck disable=SC2120
reboot_here() {
	sync
	trap - EXIT
	[ $FAILED = 0 ] || : >"$SCENARIO_DIR/failed"
	exit 88
}

# setup_at_boot [UNIT...]: from the next boot on the scenario runs with
# STAGE=setup before anything looks for a target, and before these units.
setup_at_boot() {
	cat >/etc/systemd/system/test-target.service <<-UNIT
	[Unit]
	DefaultDependencies=no
	After=local-fs.target systemd-sysctl.service
	Before=iscsi-mpio-restore.service network-online.target remote-fs-pre.target $*
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	KillMode=none
	Environment=STAGE=setup SCENARIO_DIR=$SCENARIO_DIR SCENARIO=$SCENARIO
	ExecStart=/bin/bash $0
	[Install]
	WantedBy=sysinit.target
	UNIT
	systemctl daemon-reload
	systemctl enable -q test-target.service
}

dump_state() {
	{
		iscsictl session list
		iscsictl path list
		in_tgt ss -tnio | head -20
		dmesg | tail -15
	} 2>&1 | comment
}

# Replaced by scenarios that keep something running.
scenario_stop() { :; }

_end() {
	local rc=$?
	scenario_stop
	rm -rf "$TMP"
	[ ! -e "${SCENARIO_DIR:-/nonexistent}/failed" ] || FAILED=1
	if [ $rc != 0 ] && [ $FAILED = 0 ]; then
		fail "runs to its end (status $rc)"
	fi
	exit $FAILED
}
trap _end EXIT

# --- questions to iscsictl

# json NOUN VERB ARGS... | jq filter given last
ijson() {
	local filter=${*: -1}
	iscsictl --json "${@:1:$#-1}" | jq -r "$filter"
}
session_ids() {
	ijson session list ".[] | select(.TargetNodeAddress == \"$1\") | .SessionIdentifier"
}
sessions_in() {	# IQN STATE: how many
	ijson session list "[.[] | select(.TargetNodeAddress == \"$1\" and .State == \"$2\")] | length"
}
disks_of() {	# IQN: kernel names, one a line
	ijson session list ".[] | select(.TargetNodeAddress == \"$1\") | .Disks[]" | sort -u
}
# What is polled comes from sysfs and costs no program: those are slow to start in
# an emulated guest with KASAN.
count_paths() {	# DISK STATE: $COUNT
	local state
	COUNT=0
	while read -r _ _ _ state; do
		[ "$state" != "$2" ] || COUNT=$((COUNT + 1))
	done 2>/dev/null <"/sys/block/$1/device/paths"
}
paths_in() { count_paths "$1" "$2"; echo $COUNT; }	# DISK STATE: how many
has_paths() { count_paths "$1" ready; [ $COUNT = "$2" ]; }	# DISK COUNT
has_sessions() { [ "$(sessions_in "$1" logged-in)" = "$2" ]; }	# IQN COUNT
has_disks() { [ "$(disks_of "$1" | wc -l)" = "$2" ]; }	# IQN COUNT

# disk_with_paths IQN COUNT: waits for the one disk of a target with so many
# ready paths; its name is in $DISK.
disk_with_paths() {
	wait_until 30 _one_disk "$1" "$2" || return 1
	wait_until 10 test -b "/dev/$DISK" || return 1
	# udev reads a new disk, which holds it in use; on the debug kernel it
	# may take minutes, which is no fault of the disk
	udevadm settle -t 30 || true
}
_one_disk() {
	local dev target state disk='' count=0
	for dev in /sys/block/sd*; do
		while read -r _ target _ state; do
			[ "$target $state" = "$1 ready" ] || continue
			[ "${disk:-$dev}" = "$dev" ] || return 1
			disk=$dev
			count=$((count + 1))
		done 2>/dev/null <"$dev/device/paths"
	done
	DISK=${disk##*/}
	[ $count = "$2" ]
}

# connect_two IQN [OPTION...]: a session over each of the two links, to the one disk
# of the target, in $DISK.
connect_two() {
	local iqn=$1
	shift
	must "two paths connect" iscsictl connect "$iqn" --multipath \
		--portal 10.9.1.2 --portal 10.9.2.2 "$@"
	must "they lead to one disk" disk_with_paths "$iqn" 2
}

# disconnect ARGS...: after udev has read what a closing writer may have changed.
# On a slow guest its event may come after the settling: busy is asked again.
disconnect() {
	local end=$((SECONDS + 10 * ${TIMEOUT_SCALE:-1})) rc
	while :; do
		udevadm settle -t 30
		rc=0
		iscsictl disconnect "$@" || rc=$?
		if [ $rc != 28 ] || [ $SECONDS -ge $end ]; then
			return $rc
		fi
		sleep 0.2
	done
}

# --- memory that nobody refers to any more, where the kernel looks for it

KMEMLEAK=/sys/kernel/debug/kmemleak
# What there is now is not ours.
leaks_forget() {
	[ -e $KMEMLEAK ] || return 0
	{ echo scan >$KMEMLEAK; echo clear >$KMEMLEAK; } 2>/dev/null
}
no_leaks() {
	if [ ! -e $KMEMLEAK ]; then
		skip "kmemleak finds nothing" "this kernel has no kmemleak"
		return
	fi
	# An object has to be seen unreferenced by two scans and be 5 s old.
	sleep 6
	echo scan >$KMEMLEAK
	echo scan >$KMEMLEAK
	cat $KMEMLEAK >"$TMP/leaks"
	comment <"$TMP/leaks" | head -60
	check_is "kmemleak finds nothing of iscsi_mpio" 0 \
		"$(grep -c -e mpio -e iscsi_mpio "$TMP/leaks")"
}

# --- load

# fio_verify DEVICE SECONDS [FIO OPTIONS]: writes stamped blocks of 4 KiB to
# 1 MiB at depth 32 and reads them back; any error or wrong byte fails.
fio_verify() {
	local dev=$1 seconds=$2
	shift 2
	fio --name=verify --filename="$dev" --direct=1 --ioengine=libaio \
		--rw=randwrite --bsrange=4k-1m --blockalign=4k --iodepth=32 --size=64m \
		--time_based=1 --runtime="$seconds" --verify=crc32c \
		--verify_fatal=1 --verify_backlog=64 --verify_async=0 \
		--serialize_overlap=1 --randrepeat=0 --output-format=terse \
		--continue_on_error=none "$@"
}

# fio_verify_start DEVICE [FIO OPTIONS]: the same in the background, until
# fio_verify_stop, whose status is fio's.
fio_verify_start() {
	local dev=$1
	shift
	rm -f "$TMP/fio-stop"
	fio_verify "$dev" 3600 --trigger-file="$TMP/fio-stop" \
		--verify_state_save=0 "$@" >"$TMP/fio" 2>&1 &
	FIO_PID=$!
}
fio_verify_stop() {
	local pid=$FIO_PID
	FIO_PID=
	: >"$TMP/fio-stop"
	wait "$pid" || { cat "$TMP/fio"; return 1; }
}

# secret FILE TEXT: a file only root can read, without a newline.
secret() {
	(umask 077; printf %s "$2" >"$1")
}

# meter_start DEVICE SECONDS; meter_stop: its report in $METER and, for figures,
# meter KEY.
meter_start() {
	pause-meter "$1" "$2" >"$TMP/meter" 2>&1 &
	METER_PID=$!
	wait_until 10 meter_writes
}
meter_writes() { grep -q started "$TMP/meter"; }
meter_stop() {
	kill -TERM "$METER_PID" 2>/dev/null
	wait "$METER_PID"
	# shellcheck disable=SC2034
	METER_RC=$?
	METER=$(grep -v started "$TMP/meter")
	echo "# pause-meter: $METER"
}
meter() { tr ' ' '\n' <<<"$METER" | sed -n "s/^$1=//p"; }

# udev_stop: nobody reads each new disk and nobody waits for that. udev_start.
udev_stop() {
	if [ -d /run/systemd/system ]; then
		systemctl stop systemd-udevd-control.socket \
			systemd-udevd-kernel.socket systemd-udevd.service
	else
		udevadm control --exit
	fi
}
udev_start() {
	if [ -d /run/systemd/system ]; then
		systemctl start systemd-udevd-control.socket \
			systemd-udevd-kernel.socket systemd-udevd.service
	else
		/lib/systemd/systemd-udevd --daemon
	fi
}

# MemAvailable, in KiB, without what caches could give back.
free_kib() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemAvailable/ { print $2 }' /proc/meminfo
}
