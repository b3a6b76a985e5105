#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12 6.12-rt 6.1-rt 7.2
# TIMEOUT: 240
# REQUIRES: fio
# If this fails, a process that gets no processor time (out of its cgroup's quota,
# or of the lowest priority) holds up the I/O of others through the same session.
# On PREEMPT_RT it can be stopped anywhere, and where it owns the connection
# everybody would wait for it.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:slow
EACH=${EACH:-12}	# seconds
CG=/sys/fs/cgroup/slow
SLOW=

# latency: of 4 KiB writes one at a time, in us: 99 % and longest
latency() {
	fio --name=other --filename="/dev/$DISK" --direct=1 --ioengine=libaio \
		--rw=randwrite --bs=4k --iodepth=1 --size=16m --time_based \
		--runtime="$EACH" --percentile_list=99 --lat_percentiles=1 \
		--clat_percentiles=0 --output-format=json |
		jq -r '.jobs[0].write.lat_ns | "\(.percentile."99.000000" / 1000
			| floor) \(.max / 1000 | floor)"'
}

# slow_start COMMAND...: writes elsewhere on that disk, two at a time, by COMMAND.
slow_start() {
	"$@" fio --name=slow --filename="/dev/$DISK" --direct=1 \
		--ioengine=psync --numjobs=2 --rw=randwrite --bs=4k \
		--offset=16m --size=8m --time_based --runtime=600 \
		--output="$TMP/slow" >"$TMP/slow.err" 2>&1 &
	SLOW=$!
}
slow_stop() {
	# ending takes time, too
	[ ! -d $CG ] || echo "max 100000" >$CG/cpu.max
	[ -z "$SLOW" ] || kill "$SLOW" 2>/dev/null
	wait "$SLOW" 2>/dev/null
	SLOW=
	return 0
}
# shellcheck disable=SC2016
in_quota() { bash -c 'echo $$ >'"$CG/cgroup.procs"'; exec "$@"' - "$@"; }
throttled() { sed -n 's/^nr_throttled //p' $CG/cpu.stat; }

scenario_stop() { slow_stop; rmdir $CG 2>/dev/null; return 0; }

net_up 1
lio_load
backend_ramdisk disk 32
one_portal $IQN disk
modprobe iscsi_mpio
modprobe sd_mod
must "connects" iscsictl connect $IQN --portal 10.9.1.2
must "a disk" disk_with_paths $IQN 1
echo +cpu >/sys/fs/cgroup/cgroup.subtree_control
mkdir -p $CG
echo "5000 100000" >$CG/cpu.max	# 5 ms of each 100

latency >/dev/null	# warm
read -r alone longest < <(latency)
echo "# $(uname -r), alone: 99 % $alone us, longest $longest us"

slow_start in_quota
must "the other one is out of its quota" wait_until 30 \
	eval '[ "$(throttled)" -ge 5 ]'
read -r with longest < <(latency)
echo "# longest $longest us, throttled $(throttled) times"
slow_stop
check_le "99th percentile beside one that is throttled, alone $alone" \
	"$with" $((alone * 2)) us

slow_start chrt -i 0 nice -n 19
nap 1
read -r with longest < <(latency)
echo "# longest $longest us"
slow_stop
check_le "99th percentile beside one of lowest priority, alone $alone" \
	"$with" $((alone * 2)) us
disconnect $IQN >/dev/null
must "the module can go" rmmod iscsi_mpio
