#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 1500
# If this fails, a target that Debian has cannot be used as it should: LIO on some
# kind of backend, tgt, istgt, tcmu-runner.
#
# TARGETS names rows of the table below; by default those that no other scenario
# uses much. "all" is all.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh
. /vm/tests/lib/course.sh

IQN=iqn.2026-11.org.test:real
FILES=/var/tmp/real
ALL_STEPS=$STEPS
# NAME DRIVER [ARGUMENT...]
rows=(
	'rd_mcp lio rd_mcp'
	'fileio lio fileio'
	'iblock lio iblock'
	'tcmu-runner lio tcmu'
	'pscsi-4kn lio pscsi sector_size=4096'
	'pscsi-dif1 lio pscsi dif=1'
	'pscsi-dif3 lio pscsi dif=3 dix=1'
	'zoned lio pscsi zbc=host-managed zone_size_mb=1 zone_max_open=0'
	'tape lio pscsi ptype=1'
	'cdrom lio pscsi ptype=5'
	'many lio rd_mcp'
	'tgt tgt'
	'istgt istgt'
)
TARGETS=${TARGETS:-tgt}
[ "$TARGETS" != all ] || TARGETS=$(printf '%s\n' "${rows[@]}" | cut -d' ' -f1 | tr '\n' ' ')

scenario_stop() { daemon_stop; }

# --- LIO

# first_backend KIND [ARGUMENT...]: "first", 8 MiB
first_backend() {
	local kind=$1
	shift
	case $kind in
	rd_mcp) backend_ramdisk first 8 ;;
	fileio) backend_file first $FILES/first 8 ;;
	iblock) backend_growable first $FILES/first 8 ;;
	pscsi) scsi_debug_up "$@" && backend_pscsi first ;;
	tcmu) backend_tcmu first $FILES/first 8 ;;
	esac
}
scsi_debug_up() {
	modprobe scsi_debug dev_size_mb=8 num_tgts=1 max_luns=1 "$@" || return
	wait_until 10 debug_device
}
# of scsi_debug; $HCTL and, for disks, $NODE
debug_device() {
	local dev
	for dev in /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*:*; do
		[ -e "$dev/type" ] || continue
		HCTL=${dev##*/}
		NODE=$(compgen -G "$dev/block/*" | head -1)
		NODE=${NODE##*/}
		[ "$(cat "$dev/type")" != 0 ] || [ -n "$NODE" ] && return 0
	done
	return 1
}
backend_pscsi() {
	local dir=$LIO/core/pscsi_0/$1 h c t l
	modprobe target_core_pscsi && mkdir -p "$dir" || return
	IFS=: read -r h c t l <<<"$HCTL"
	echo "scsi_host_id=$h,scsi_channel_id=$c,scsi_target_id=$t,scsi_lun_id=$l" \
		>"$dir/control" || return
	# it asks for one of each, and opens a disk's
	echo "/dev/${NODE:-null}" >"$dir/udev_path" || return
	echo 1 >"$dir/enable"
}
backend_tcmu() {
	local dir=$LIO/core/user_0/$1
	[ -e "$2" ] || truncate -s "$3M" "$2"
	modprobe target_core_user && mkdir -p "$dir" || return
	pgrep -x tcmu-runner >/dev/null || {
		tcmu-runner >"$TMP/tcmu" 2>&1 &
		DAEMON=$!
		sleep 1
	}
	echo "dev_config=$TCMU_HANDLER/$2,dev_size=$(($3 << 20))" >"$dir/control" &&
		echo 1 >"$dir/enable"
}
TCMU_HANDLER=${TCMU_HANDLER:-qcow}
lio_up() {
	lio_load
	first_backend "$@" && two_portals $IQN first
}
lio_down() {
	lio_gone
	daemon_stop
	[ ! -e /sys/bus/pseudo/drivers/scsi_debug ] || rmmod scsi_debug
}
lio_add() {
	if [ "$1" = "$(NEW)" ] && [ "$2" = second ]; then
		backend_growable second $FILES/second "$3"
	else
		backend_ramdisk "$2" "$3"
	fi && lun_add $IQN "$1" "$2"
}
lio_remove() { lun_del $IQN "$1"; }
lio_resize() { backend_resize second "$2"; }
lio_swap() { lun_del $IQN "$1" && lio_add "$@"; }
lio_restart() { target_restart $IQN; }
lio_sessions() { sessions_at $IQN; }
lio_chap() {
	local all=$LIO/iscsi/discovery_auth
	echo $(($# > 0)) >"$all/enforce_discovery_auth"
	case $# in
	0) chap_off $IQN ;;
	1)
		printf alice >"$all/userid"
		printf %s "$1" >"$all/password"
		chap_oneway $IQN alice "$1"
		;;
	2) chap_mutual $IQN alice "$1" target "$2" ;;
	esac
}

# --- tgt 1.0.80

admin() { tgtadm --lld iscsi "$@"; }
tgt_target() {
	admin --op new --mode target --tid 1 -T $IQN &&
	tgt_add 1 first 8 &&
	admin --op bind --mode target --tid 1 -I ALL
}
tgt_up() {
	T_LUN=1 T_TELLS=nothing T_CRC32C=1
	T_LACKS='resize discovery-chap'
	# it tells the address alone at which it is asked
	T_FROM='10.9.1.2 10.9.2.2'
	mkdir -p /run/tgtd
	daemon_start tgtd -f
	wait_until 20 admin --op show --mode sys && tgt_target &&
		admin --op update --mode target --tid 1 --name HeaderDigest \
			--value CRC32C,None &&
		admin --op update --mode target --tid 1 --name DataDigest \
			--value CRC32C,None
}
tgt_down() { daemon_stop; }
tgt_add() {
	rm -f "$FILES/$2.new"
	[ -e "$FILES/$2" ] || truncate -s "$3M" "$FILES/$2"
	admin --op new --mode logicalunit --tid 1 --lun "$1" -b "$FILES/$2"
}
tgt_remove() { admin --op delete --mode logicalunit --tid 1 --lun "$1"; }
tgt_swap() { tgt_remove "$1" && tgt_add "$@"; }
tgt_restart() {
	daemon_stop
	tgt_up
}
tgt_sessions() { admin --op show --mode conn --tid 1 | grep -c '^Session'; }
tgt_chap() {
	case $# in
	0)
		admin --op delete --mode account --user alice
		admin --op delete --mode account --user target
		;;
	*)
		admin --op new --mode account --user alice --password "$1" &&
		admin --op bind --mode account --tid 1 --user alice || return
		[ $# = 2 ] || return 0
		admin --op new --mode account --user target --password "$2" &&
		admin --op bind --mode account --tid 1 --user target --outgoing
		;;
	esac 2>/dev/null
}

# --- istgt 0.4, configured by a file alone

istgt_auth=None
istgt_up() {
	T_LACKS='add resize swap remove'
	truncate -s 8M "$FILES/first"
	: >"$TMP/auth.conf"
	chmod 600 "$TMP/auth.conf"
	istgt_start
}
istgt_down() { daemon_stop; }
istgt_start() {
	daemon_stop
	cat >"$TMP/istgt.conf" <<-CONF
	[Global]
	  NodeBase "${IQN%:*}"
	  PidFile $TMP/istgt.pid
	  AuthFile $TMP/auth.conf
	  MediaDirectory $FILES
	  LogFacility "local7"
	  Timeout 30
	  NopInInterval 0
	  DiscoveryAuthMethod $istgt_auth
	  DiscoveryAuthGroup $([ "$istgt_auth" = None ] && echo None || echo AuthGroup1)
	  MaxSessions 16
	  MaxConnections 1
	  MaxR2T 32
	  MaxOutstandingR2T 16
	  DefaultTime2Wait 2
	  DefaultTime2Retain 60
	  FirstBurstLength 262144
	  MaxBurstLength 1048576
	  MaxRecvDataSegmentLength 262144
	  InitialR2T Yes
	  ImmediateData Yes
	  DataPDUInOrder Yes
	  DataSequenceInOrder Yes
	  ErrorRecoveryLevel 0
	[UnitControl]
	  AuthMethod None
	  Portal UC1 127.0.0.1:3261
	  Netmask 127.0.0.1
	[PortalGroup1]
	  Portal DA1 10.9.1.2:3260
	  Portal DA2 10.9.2.2:3260
	[InitiatorGroup1]
	  InitiatorName "ALL"
	  Netmask ALL
	[LogicalUnit1]
	  TargetName ${IQN#*:}
	  Mapping PortalGroup1 InitiatorGroup1
	  AuthMethod $istgt_auth
	  AuthGroup AuthGroup1
	  UseDigest Auto
	  UnitType Disk
	  LUN0 Storage $FILES/first 8MB
	CONF
	chmod 600 "$TMP/istgt.conf"
	daemon_start istgt -D -c "$TMP/istgt.conf"
	wait_until 20 listens
}
istgt_restart() {
	daemon_stop
	sleep 1
	istgt_start
}
istgt_sessions() {
	in_tgt ss -Htn state established "sport = :$TGT_PORT" | grep -c .
}
istgt_chap() {
	istgt_auth=None
	[ $# = 0 ] || istgt_auth=CHAP
	[ $# -lt 2 ] || istgt_auth='CHAP Mutual'
	printf '[AuthGroup1]\n  Auth "alice" "%s"%s\n' "${1:-}" \
		"${2:+ \"target\" \"$2\"}" >"$TMP/auth.conf"
	istgt_start
}

# --- rows that are no plain disk: steps of their own

type_is() {	# TYPE: a unit of ours of that device type
	local dev
	for dev in /sys/class/scsi_host/host*/device/target*/*:*; do
		[ "$(cat "$dev/../../scsi_host/host"*/proc_name)" = iscsi_mpio ] || continue
		[ "$(cat "$dev/type" 2>/dev/null)" = "$1" ] && return 0
	done
	return 1
}
step_other_type() {
	check "$ROW: connect" connect_all || comment <"$TMP/connect"
	check "$ROW: a unit of type $T_TYPE" wait_until 20 type_is "$T_TYPE"
	check_is "$ROW: and no disk" 0 "$(lsblk -dnS -o NAME,TRAN | grep -c ^sd)"
}
step_zones() {
	local before
	check_is "$ROW: zones" host-managed "$(cat "/sys/block/$DISK/queue/zoned")"
	head -c 262144 /dev/urandom >"$TMP/zone"
	before=$(blkzone report "/dev/$DISK" 2>/dev/null | wc -l)
	check_is "$ROW: zones that are reported" 8 "$before"
	check "$ROW: a zone is written and read" eval \
		'dd if="$TMP/zone" of="/dev/$DISK" bs=64k oflag=direct status=none &&
		cmp "$TMP/zone" <(dd if="/dev/$DISK" bs=64k count=4 iflag=direct status=none)'
}
step_many() {
	local n
	for n in $(seq 100 359); do
		backend_ramdisk "many$n" 1 && lun_add $IQN "$n" "many$n" || return
	done
	check "$ROW: connect" connect_all || comment <"$TMP/connect"
	check "$ROW: 261 disks with two paths each" wait_until 120 eval \
		'[ "$(ijson path list "[.[] | select(.Disk != \"\" and .State == \"ready\")] | length")" = 522 ]'
	check_is "$ROW: disks" 261 "$(ijson path list '[.[].Disk] | unique | length')"
}
row_steps() {	# NAME: and what else is special about it
	STEPS=$ALL_STEPS
	case $1 in
	rd_mcp | fileio | iblock | tcmu-runner) T_GROWS=asked ;;
	pscsi-*) T_LACKS='reservations' T_GROWS=asked ;;
	zoned) STEPS='discover connect zones logout' ;;
	tape) STEPS='discover other-type logout' T_TYPE=1 ;;
	cdrom) STEPS='discover other-type logout' T_TYPE=5 ;;
	many) STEPS='discover many logout' ;;
	esac
}

net_up 2
modprobe iscsi_mpio
modprobe sd_mod
for row in "${rows[@]}"; do
	read -r name driver arguments <<<"$row"
	[[ " $TARGETS " = *" $name "* ]] || continue
	if [ "$name" = tcmu-runner ] && ! command -v tcmu-runner >/dev/null; then
		skip "$name: the course" "it is not installed"
		continue
	fi
	rm -rf $FILES
	mkdir -p $FILES
	t_defaults
	T_IQNS=$IQN
	for order in add remove resize swap restart chap sessions; do
		eval "t_$order() { ${driver}_$order \"\$@\"; }"
	done
	row_steps "$name"
	# shellcheck disable=SC2086
	must "$name serves" "${driver}_up" $arguments
	course "$name"
	check "$name goes" "${driver}_down"
	rm -rf /etc/iscsi-mpio/portals
done
check "the module can go" rmmod iscsi_mpio
