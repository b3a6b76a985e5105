#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 1000000
# The measuring half of the benchmark, inside the instruction-count guest: the
# same null device behind each initiator in turn, the same fio jobs on each.
#
# One CPU, clock = instructions (1 ns each), all over loopback, so initiator,
# target, TCP and fio share the cost of every I/O and nothing else counts.
# Writes one line "COLUMN JOB IOPS" for each figure to /vm/out/figures.
# (The clock leaps ahead while the guest waits for a disk: the limit is large.)
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:bench
COLUMNS_WANTED=${COLUMNS_WANTED:-iscsi_tcp dm_multipath nvme_tcp ours ours_x2}
RUNTIME=${RUNTIME:-700}		# milliseconds
# name rw block-size depth [milliseconds each way of the network]
JOBS='
randread-4k-qd1 randread 4k 1
randread-4k-qd32 randread 4k 32
randread-4k-qd128 randread 4k 128
randread-4k-qd8 randread 4k 8
randwrite-4k-qd1 randwrite 4k 1
randwrite-4k-qd8 randwrite 4k 8
randwrite-4k-qd32 randwrite 4k 32
randwrite-4k-qd128 randwrite 4k 128
read-256k-qd16 read 256k 16
write-256k-qd16 write 256k 16
read-256k-qd32-1ms read 256k 32 1
write-256k-qd32-1ms write 256k 32 1
read-256k-qd32-5ms read 256k 32 5
write-256k-qd32-5ms write 256k 32 5
read-256k-qd32-10ms read 256k 32 10
write-256k-qd32-10ms write 256k 32 10
'
JOBS_WANTED=${JOBS_WANTED:-.}
FIGURES=/vm/out/figures

# --- targets

iscsi_target() {
	local n
	lio_load
	modprobe sd_mod
	backend_ramdisk null 4096 nullio
	target_new $IQN
	# What the documentation of LIO and open-iscsi recommends for throughput.
	target_attr $IQN default_cmdsn_depth 256
	target_param $IQN InitialR2T No
	target_param $IQN ImmediateData Yes
	target_param $IQN FirstBurstLength 262144
	target_param $IQN MaxBurstLength 16776192
	target_param $IQN MaxRecvDataSegmentLength 262144
	target_param $IQN MaxOutstandingR2T 8
	lun_add $IQN 0 null
	for n in 1 2 3 4; do
		mkdir "$(_tpg $IQN)/np/127.0.0.$n:3260"
	done
}

nvme_target() {
	local subsystem=/sys/kernel/config/nvmet/subsystems/bench
	local port=/sys/kernel/config/nvmet/ports/1
	modprobe null_blk nr_devices=1 queue_mode=0 gb=4 irqmode=0
	modprobe nvmet
	modprobe nvmet_tcp
	modprobe nvme_tcp
	mkdir -p $subsystem/namespaces/1 $port
	echo 1 >$subsystem/attr_allow_any_host
	echo /dev/nullb0 >$subsystem/namespaces/1/device_path
	echo 1 >$subsystem/namespaces/1/enable
	echo tcp >$port/addr_trtype
	echo ipv4 >$port/addr_adrfam
	echo 127.0.0.1 >$port/addr_traddr
	echo 4420 >$port/addr_trsvcid
	ln -s $subsystem $port/subsystems/bench
}

# --- initiators: COLUMN_up prints the device, COLUMN_down undoes it

scsi_tune() {	# DISK: the scheduler only costs here
	echo none >"/sys/block/$1/queue/scheduler"
	echo 0 >"/sys/block/$1/queue/add_random"
}

scsi_disks() { find /sys/block -name 'sd*' -printf '%f\n' | sort; }
disks_are() { [ "$(scsi_disks | wc -l)" = "$1" ]; }

open_iscsi() {	# PORTAL...
	local portal setting
	modprobe iscsi_tcp
	mkdir -p /run/lock
	echo InitiatorName=iqn.2026-11.org.test:peer >/etc/iscsi/initiatorname.iscsi
	pidof iscsid >/dev/null || iscsid
	for portal; do
		iscsiadm -m node -T $IQN -p "$portal:3260,1" -o new
		for setting in session.queue_depth=128 session.cmds_max=256 \
			session.iscsi.FirstBurstLength=262144 \
			session.iscsi.MaxBurstLength=16776192 \
			conn[0].iscsi.MaxRecvDataSegmentLength=262144 \
			conn[0].iscsi.HeaderDigest="${DIGEST:-None}" \
			conn[0].iscsi.DataDigest="${DIGEST:-None}" \
			conn[0].timeo.noop_out_interval=0 \
			conn[0].timeo.noop_out_timeout=0; do
			iscsiadm -m node -T $IQN -p "$portal:3260,1" -o update \
				-n "node.${setting%%=*}" -v "${setting#*=}"
		done
		iscsiadm -m node -T $IQN -p "$portal:3260,1" -l
	done
}
open_iscsi_down() {
	iscsiadm -m node -u
	iscsiadm -m node -o delete
	wait_until 10 disks_are 0
}

iscsi_tcp_up() {
	open_iscsi 127.0.0.1 >&2
	wait_until 20 disks_are 1 || return
	DEVICE=/dev/$(scsi_disks)
	scsi_tune "$(scsi_disks)"
}
iscsi_tcp_down() { open_iscsi_down; }

# Two sessions under a table as multipathd would load it with path_selector
# "service-time 0" and path_grouping_policy multibus; multipathd itself does
# not run, so that its checker does not count.
dm_multipath_up() {
	local disk paths=''
	open_iscsi 127.0.0.1 127.0.0.2 >&2
	wait_until 20 disks_are 2 || return
	for disk in $(scsi_disks); do
		scsi_tune "$disk"
		paths+=" $(cat "/sys/block/$disk/dev") 1"
		size=$(cat "/sys/block/$disk/size")
	done
	modprobe dm_multipath
	modprobe dm_service_time
	dmsetup create bench --table \
		"0 $size multipath 1 queue_if_no_path 0 1 1 service-time 0 2 1$paths"
	DEVICE=/dev/dm-$(dmsetup info -c --noheadings -o minor bench)
	# no udev here: device nodes come from devtmpfs
	wait_until 5 test -b "$DEVICE"
	echo none >"/sys/block/${DEVICE#/dev/}/queue/scheduler"
}
dm_multipath_down() { dmsetup remove bench; open_iscsi_down; }
dm_multipath_crc_up() { DIGEST=CRC32C dm_multipath_up; }
dm_multipath_crc_down() { dm_multipath_down; }

nvme_tcp_up() {
	nvme_target
	nvme connect -t tcp -a 127.0.0.1 -s 4420 -n bench --nr-io-queues=1 >&2
	wait_until 10 test -b /dev/nvme0n1 || return
	DEVICE=/dev/nvme0n1
}
nvme_tcp_down() { nvme disconnect -n bench; }

ours_connect() {	# PORTAL...
	local portal options=(--count "${COUNT_EACH:-1}")
	for portal; do options+=(--portal "$portal"); done
	[ -z "${DIGEST:-}" ] || options+=(--header-digest --data-digest)
	modprobe iscsi_mpio
	iscsictl connect $IQN --multipath "${options[@]}" \
		--set NopInterval=600000 --set QueueDepth=128 >&2 ||
	iscsictl connect $IQN --multipath "${options[@]}" >&2 || return
	disk_with_paths $IQN $(($# * ${COUNT_EACH:-1})) || return
	DEVICE=/dev/$DISK
	scsi_tune "$DISK"
}
ours_up() { ours_connect 127.0.0.1; }
ours_x2_up() { ours_connect 127.0.0.1 127.0.0.2; }
ours_x4_up() { ours_connect 127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4; }
ours_x2_crc_up() { DIGEST=CRC32C ours_x2_up; }
# The policy that has most to compare, with as many paths as anybody has.
ours_lqd() {
	ours_connect "$@" || return
	iscsictl policy set LQD --disk "$DISK" >&2
}
ours_x2_lqd_up() { ours_lqd 127.0.0.1 127.0.0.2; }
ours_x32_lqd_up() {
	COUNT_EACH=8 ours_lqd 127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4
}
ours_x2_lqd_down() { ours_down; }
ours_x32_lqd_down() { ours_down; }
ours_down() { iscsictl disconnect $IQN; rmmod iscsi_mpio; }
ours_x2_down() { ours_down; }
ours_x4_down() { ours_down; }
ours_x2_crc_down() { ours_down; }

# --- measuring

# A fixed number of I/Os between two marks for the plugin of QEMU (count.c)
count() {	# COLUMN NAME RW BLOCK-SIZE DEPTH
	local ios=4000
	[ "$4" = 4k ] || ios=200
	fio --name=j --filename="$DEVICE" --direct=1 --ioengine=libaio \
		--rw="$3" --bs="$4" --iodepth="$5" --size=2g --norandommap=1 \
		--randrepeat=1 --number_ios=$ios --gtod_reduce=1 --minimal \
		--exec_prerun=/vm/bin/mark --exec_postrun=/vm/bin/mark \
		>/dev/null 2>&1 || fail "fio $2 on $1, counted"
	echo "$1 $2 $ios" >>/vm/out/counted
	cp /proc/kallsyms "/vm/out/kallsyms.$1"
}

# Not everything says something everywhere.
says_something() {	# COLUMN JOB
	case $1 in
	*_crc) [[ $2 =~ ^rand.*qd32$|256k-qd16 ]] ;;	# enough data to sum
	*_lqd) [[ $2 = randread-4k-qd32 ]] ;;		# what selection costs
	iscsi_tcp | ours) : ;;
	*) [[ $2 != *ms ]] ;;	# windows are those of one connection
	esac
}
network_delay() {	# MILLISECONDS each way, 0: none
	tc qdisc del dev lo root 2>/dev/null
	[ "$1" = 0 ] || tc qdisc add dev lo root netem delay "$1ms" limit 100000
}

measure() {	# COLUMN
	local name rw bs depth delay terse iops ramp run
	while read -r name rw bs depth delay; do
		[[ $name =~ $JOBS_WANTED ]] || continue
		says_something "$1" "$name" || continue
		network_delay "${delay:-0}"
		# windows need time to open when the way is long
		ramp=200 run=$RUNTIME
		[ -z "$delay" ] || ramp=3000 run=$((RUNTIME * 4))
		terse=$(fio --name=j --filename="$DEVICE" --direct=1 \
			--ioengine=libaio --rw="$rw" --bs="$bs" \
			--iodepth="$depth" --size=2g --norandommap=1 \
			--randrepeat=1 --time_based=1 --ramp_time="${ramp}ms" \
			--runtime="${run}ms" --gtod_reduce=1 --minimal 2>&1) || {
			fail "fio $name on $1"
			comment <<<"$terse"
			continue
		}
		case $rw in
		*read) iops=$(cut -d';' -f8 <<<"$terse") ;;
		*) iops=$(cut -d';' -f49 <<<"$terse") ;;
		esac
		echo "$1 $name $iops" >>$FIGURES
		pass "$1 $name: $iops IOPS"
		# what an I/O is made of is the same at any distance
		[ -z "${COUNT:-}" ] || [ -n "$delay" ] || count "$1" "$name" "$rw" "$bs" "$depth"
	done < <(grep . <<<"$JOBS")
	network_delay 0
}

: >$FIGURES
iscsi_target
for column in $COLUMNS_WANTED; do
	if [[ $column = ours* ]] && ! modinfo iscsi_mpio >/dev/null 2>&1; then
		skip "$column" "there is no module"
		continue
	fi
	if "${column}_up" >"$TMP/up" 2>&1; then
		measure "$column"
	else
		fail "$column connects"
		{ cat "$TMP/up"; dmesg | tail -5; } | comment
	fi
	"${column}_down" >"$TMP/down" 2>&1 || comment <"$TMP/down"
done
lio_gone
