# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# columns.sh: the targets and initiators that are measured. Sourced by the halves
# of the benchmarks that run in the guest, after target.sh and scenario.sh.
#
# COLUMN_up connects an initiator and leaves its disk in $DEVICE, COLUMN_down
# undoes it. The target is the same null device for all.

IQN=iqn.2026-11.org.test:bench

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

# --- initiators

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
	nvme connect -t tcp -a 127.0.0.1 -s 4420 -n bench \
		--nr-io-queues="${QUEUES:-1}" >&2
	wait_until 10 test -b /dev/nvme0n1 || return
	DEVICE=/dev/nvme0n1
}
nvme_tcp_down() { nvme disconnect -n bench; }

ours_connect() {	# PORTAL...
	local portal each=${COUNT_EACH:-1} options=()
	options=(--count "$each")
	[ "$each" != auto ] || each=$(nproc)
	for portal; do options+=(--portal "$portal"); done
	[ -z "${DIGEST:-}" ] || options+=(--header-digest --data-digest)
	modprobe iscsi_mpio
	iscsictl connect $IQN --multipath "${options[@]}" \
		--set NopInterval=600000 --set QueueDepth=128 >&2 ||
	iscsictl connect $IQN --multipath "${options[@]}" >&2 || return
	disk_with_paths $IQN $(($# * each)) || return
	DEVICE=/dev/$DISK
}
ours_up() { ours_connect 127.0.0.1; }
ours_x2_up() { ours_connect 127.0.0.1 127.0.0.2; }
ours_x4_up() { ours_connect 127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4; }
ours_x2_crc_up() { DIGEST=CRC32C ours_x2_up; }
ours_auto_up() { COUNT_EACH=auto ours_connect 127.0.0.1; }
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
ours_auto_down() { ours_down; }
ours_x2_down() { ours_down; }
ours_x4_down() { ours_down; }
ours_x2_crc_down() { ours_down; }
