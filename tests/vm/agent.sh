#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs inside the guest, output goes to the host line by line: carries out the
# plan in /vm/plan, one scenario after the other, over reboots.
#
# Lines "#@ ..." are for run.sh; everything else is test output:
#   ok NAME: sentence / not ok NAME: sentence / ok NAME: sentence # SKIP why
# What has been done is kept on the root disk, which survives a reboot.

export PATH=/vm/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
STATE=/var/lib/vmtest
STAGE_RC=88	# exit status of a scenario that wants a reboot and to go on
# What no scenario may leave in the kernel log. rcu and hung task reports are
# here too: the time-outs are set so that a slow host does not cause them.
SPLAT='WARNING:|BUG:|Oops|general protection|KASAN|UBSAN|KFENCE|ODEBUG|Kernel panic|refcount_t:|INFO: (task|rcu|trying|possible|suspicious|inconsistent)|possible (circular|recursive)|lock held when returning|unreferenced object|new suspected memory leaks|blocked for more than|soft lockup|list_(add|del) corruption|scheduling while atomic|sleeping function called|double free'

stty -F /dev/hvc0 raw 2>/dev/null
exec </dev/null
cd / || exit 1

say() { echo "#@ $*"; }

mount_all() {
	local pair
	for pair in "debugfs /sys/kernel/debug" "tracefs /sys/kernel/tracing" \
		"configfs /sys/kernel/config"; do
		# shellcheck disable=SC2086
		set -- $pair
		mountpoint -q "$2" && continue
		[ "$1" = configfs ] && modprobe configfs 2>/dev/null
		mount -t "$1" "$1" "$2" 2>/dev/null
	done
}

# The files of "make install" and what else the host laid out for this run.
lay_files() {
	[ "$(cat $STATE/runid 2>/dev/null)" = "$(cat /vm/runid)" ] && return
	mkdir -p $STATE
	rm -f $STATE/*
	cp -a /vm/root/. / 2>/dev/null
	if [ -d /run/systemd/system ]; then
		systemctl daemon-reload
		for unit in iscsi-mpio-restore iscsi-mpio-shutdown; do
			[ -f "/usr/lib/systemd/system/$unit.service" ] ||
			[ -f "/lib/systemd/system/$unit.service" ] || continue
			systemctl enable -q "$unit.service"
		done
		udevadm control --reload
	fi
	cp /vm/runid $STATE/runid
}

kernel_log_since() {
	dmesg | sed -n "/vmtest: begin $1\$/,\$p"
}

show_blocked() {
	echo w >/proc/sysrq-trigger
	echo l >/proc/sysrq-trigger
}

run_one() {
	local path=$1 name stage limit rc start splat pid
	name=$(basename "$path" .sh)
	stage=$(cat "$STATE/stage" 2>/dev/null || echo 0)
	limit=$(sed -n 's/^# TIMEOUT: *//p' "/vm/$path" | head -1)
	limit=${SCENARIO_TIMEOUT:-$((${limit:-300} * ${TIMEOUT_SCALE:-1}))}
	say "begin $name $stage"
	echo "vmtest: begin $name" >/dev/kmsg
	start=$SECONDS
	export SCENARIO=$name STAGE=$stage
	export SCENARIO_DIR=$STATE/data-$name
	mkdir -p "$SCENARIO_DIR"
	timeout --foreground -k 10 "$limit" setsid --wait bash "/vm/$path" 2>&1 &
	pid=$!
	wait $pid
	rc=$?
	if [ $rc = 124 ] || [ $rc = 137 ]; then
		show_blocked
		echo "not ok $name: no result after $limit s"
	fi
	if [ $rc = $STAGE_RC ]; then
		echo $((stage + 1)) >"$STATE/stage"
	else
		rm -f "$STATE/stage"
		echo "$path" >>"$STATE/done"
		# Whatever the scenario left behind must not reach the next one.
		if [ -e /vm/tests/lib/cleanup.sh ]; then
			timeout -k 10 120 bash /vm/tests/lib/cleanup.sh ||
				DIRTY=1
		fi
	fi
	splat=$(kernel_log_since "$name" | grep -E -m3 "$SPLAT")
	if [ -n "$splat" ]; then
		echo "not ok $name: kernel log: $(head -1 <<<"$splat")"
		DIRTY=1
	fi
	[ $rc = 0 ] || [ $rc = $STAGE_RC ] || [ $rc = 1 ] || DIRTY=1
	say "end $name $rc $((SECONDS - start))"
	return $rc
}

power() {	# poweroff|reboot
	sync
	if [ -d /run/systemd/system ]; then
		systemctl start --no-block --job-mode=replace-irreversibly "$1.target" 2>/dev/null
		sleep infinity
	fi
	say "$1 without systemd"
	if [ "$1" = reboot ]; then
		echo b >/proc/sysrq-trigger
	else
		echo o >/proc/sysrq-trigger
	fi
	sleep infinity
}

# Serve commands dropped into /vm/cmd by vmsh.sh until told to stop.
serve() {
	local file base
	say ready
	while :; do
		for file in /vm/cmd/*.sh; do
			[ -e "$file" ] || continue
			base=${file%.sh}
			mv "$file" "$base.run"
			bash "$base.run" >"$base.out" 2>&1
			echo $? >"$base.rc.new"
			mv "$base.rc.new" "$base.rc"
		done
		[ -e /vm/cmd/stop ] && return
		sleep 0.2
	done
}

# shellcheck disable=SC1091
[ -f /vm/env ] && . /vm/env
DIRTY=
say "up $(cut -d' ' -f1 /proc/uptime) $(uname -r)"
mount_all
lay_files
touch $STATE/done
if [ -e /vm/serve ]; then
	serve
	power poweroff
fi
last=$(tail -1 /vm/plan)
while read -r path; do
	grep -qxF "$path" $STATE/done && continue
	run_one "$path"
	if [ $? = $STAGE_RC ]; then
		say reboot
		power reboot
	fi
	if [ -n "$DIRTY" ] && [ "$path" != "$last" ]; then
		say dirty
		power poweroff
	fi
done </vm/plan
say alldone
power poweroff
