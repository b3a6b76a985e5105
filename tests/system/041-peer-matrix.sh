#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 2400
# If this fails, some combination of ImmediateData, InitialR2T, digests, burst
# lengths and MaxOutstandingR2T moves wrong data with one of three targets that
# nobody of this project wrote: LIO, tgt and istgt.
#
# LIO has its attributes for random order on. It heeds them with DataPDUInOrder
# or DataSequenceInOrder No only, and with those it drops the connection of any
# initiator at the first READ that gives less than was asked for (it has made
# lists of PDUs for all of it): that order is tested by the hostile target.
#
# PEERS and BURSTS pick some of it.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:peer
FILE=/var/tmp/peer.img
PEERS=${PEERS:-lio tgt istgt}
bursts=("512 512 512 1" "8192 65536 8192 4" "65536 262144 65536 8")
[ -z "${BURSTS:-}" ] || bursts=("${bursts[@]:0:$BURSTS}")

# --- each peer: PEER_up once, PEER_set IMMEDIATE R2T HEADER DATA FIRST MAX MRDSL
# OUTSTANDING before each login, PEER_gone

lio_up() {
	local attribute
	lio_load
	backend_file disk $FILE 16
	one_portal $IQN disk
	known_initiator $IQN "$(our_name $IQN 10.9.1.2)" || return
	for attribute in datain_pdu datain_seq r2t; do
		echo 1 >"$ACL/attrib/random_${attribute}_offsets" || return
	done
}
lio_set() { target_params $IQN "$@"; }
lio_gone_too() {
	target_del $IQN
	backend_del disk
}

admin() { tgtadm --lld iscsi "$@"; }
tgt_up() {
	mkdir -p /run/tgtd
	daemon_start tgtd -f
	wait_until 20 admin --op show --mode sys || return 1
	admin --op new --mode target --tid 1 -T $IQN &&
	admin --op new --mode logicalunit --tid 1 --lun 1 -b $FILE &&
	admin --op bind --mode target --tid 1 -I ALL
}
tgt_set() {
	local name value
	while read -r name value; do
		admin --op update --mode target --tid 1 --name "$name" \
			--value "$value" || return 1
	done <<-KEYS
	ImmediateData $1
	InitialR2T $2
	HeaderDigest $3
	DataDigest $4
	FirstBurstLength $5
	MaxBurstLength $6
	MaxRecvDataSegmentLength $7
	MaxOutstandingR2T $8
	KEYS
}
tgt_gone_too() { daemon_stop; }

# istgt 0.4 does not start with InitialR2T No.
r2t_of() { [ "$1" = istgt ] && echo Yes || echo Yes No; }
istgt_up() { :; }
istgt_set() {
	daemon_stop
	cat >"$TMP/istgt.conf" <<-CONF
	[Global]
	  NodeBase "iqn.2026-11.org.test"
	  PidFile $TMP/istgt.pid
	  AuthFile $TMP/auth.conf
	  MediaDirectory /var/tmp
	  LogFacility "local7"
	  Timeout 30
	  NopInInterval 0
	  DiscoveryAuthMethod None
	  MaxSessions 16
	  MaxConnections 1
	  MaxR2T 32
	  MaxOutstandingR2T $8
	  DefaultTime2Wait 0
	  DefaultTime2Retain 0
	  FirstBurstLength $5
	  MaxBurstLength $6
	  MaxRecvDataSegmentLength $7
	  InitialR2T $2
	  ImmediateData $1
	  DataPDUInOrder Yes
	  DataSequenceInOrder Yes
	  ErrorRecoveryLevel 0
	[UnitControl]
	  AuthMethod None
	  Portal UC1 127.0.0.1:3261
	  Netmask 127.0.0.1
	[PortalGroup1]
	  Portal DA1 10.9.1.2:3260
	[InitiatorGroup1]
	  InitiatorName "ALL"
	  Netmask ALL
	[LogicalUnit1]
	  TargetName peer
	  Mapping PortalGroup1 InitiatorGroup1
	  AuthMethod None
	  UseDigest $(digests_of "$3" "$4")
	  UnitType Disk
	  LUN0 Storage $FILE 16MB
	CONF
	: >"$TMP/auth.conf"
	chmod 600 "$TMP/auth.conf" "$TMP/istgt.conf"
	daemon_start istgt -D -c "$TMP/istgt.conf"
	wait_until 20 listens
}
digests_of() {
	case "$1 $2" in
	'None None') echo Auto ;;
	'CRC32C None') echo Header ;;
	'None CRC32C') echo Data ;;
	*) echo Header Data ;;
	esac
}
istgt_gone_too() { daemon_stop; }
scenario_stop() { daemon_stop; }

# --- one combination

pattern() {	# DISK
	local dev=/dev/$1
	dd if="$TMP/data" of="$dev" bs=512k oflag=direct status=none &&
	dd if="$TMP/data" of="$dev" bs=4k count=16 oflag=direct status=none &&
	dd if="$TMP/data" of="$dev" bs=512 count=4 oflag=direct status=none &&
	dd if="$TMP/data" of="$dev" bs=65024 count=3 oflag=direct status=none &&
	cmp <(dd if="$dev" bs=512k count=2 iflag=direct status=none) "$TMP/data" &&
	cmp -n 8192 <(dd if="$dev" bs=512 count=16 iflag=direct status=none) "$TMP/data"
}

# What was set is what is in use.
negotiated_as() {	# IMMEDIATE R2T HEADER DATA
	local word wanted=()
	for word; do
		case $word in
		Yes | CRC32C) wanted+=(true) ;;
		*) wanted+=(false) ;;
		esac
	done
	[ "$(ijson session list '.[0].Negotiated |
		[.ImmediateData, .InitialR2T, .HeaderDigest, .DataDigest] |
		map(tostring) | join(" ")')" = "${wanted[*]}" ]
}

one() {		# PEER and as PEER_set
	local peer=$1 options=() rc=0
	local name="$1: ImmediateData=$2 InitialR2T=$3 HeaderDigest=$4 DataDigest=$5 FirstBurst=$6 MaxBurst=$7 MRDSL=$8 MaxR2T=$9"
	shift
	[ "$3" = None ] || options+=(--header-digest)
	[ "$4" = None ] || options+=(--data-digest)
	{
		"${peer}_set" "$@" &&
		iscsictl connect $IQN --portal 10.9.1.2 "${options[@]}" &&
		disk_with_paths $IQN 1 && negotiated_as "${@:1:4}" &&
		pattern "$DISK"
	} >"$TMP/out" 2>&1 || rc=1
	if [ $rc = 0 ]; then
		right=$((right + 1))
	else
		fail "$name"
		comment <"$TMP/out"
		tail -3 "$TMP/daemon" 2>/dev/null | comment
		ijson session list '.[0].Negotiated' 2>&1 | comment
	fi
	disconnect $IQN >"$TMP/out" 2>&1 || [ $rc != 0 ] || {
		fail "disconnect from $name"
		comment <"$TMP/out"
	}
}

net_up 1
modprobe iscsi_mpio
modprobe sd_mod
udev_stop
head -c 1M /dev/urandom >"$TMP/data"
for peer in $PEERS; do
	truncate -s 0 $FILE
	truncate -s 16M $FILE
	right=0 of=0
	must "$peer starts" "${peer}_up"
	for burst in "${bursts[@]}"; do
		for immediate in Yes No; do
			for r2t in $(r2t_of "$peer"); do
				for header in None CRC32C; do
					for data in None CRC32C; do
						of=$((of + 1))
						# shellcheck disable=SC2086
						one $peer $immediate $r2t $header $data $burst
					done
				done
			done
		done
	done
	check_is "of $of combinations with $peer, moved the right data" $of $right
	"${peer}_gone_too"
done
udev_start
