# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The iSCSI target of the tests: the kernel's LIO, driven through configfs, in a
# network namespace of its own behind N links. Sourced inside a test VM.
#
#     init namespace (initiator)            namespace tgt (LIO portals)
#       i1 10.9.1.1/24 fd09:1::1  ---------  t1 10.9.1.2/24 fd09:1::2
#       i2 10.9.2.1/24 fd09:2::1  ---------  t2 10.9.2.2/24 fd09:2::2
#
# LIO makes a portal's socket in the network namespace of the process that does
# the mkdir of np/ADDRESS:PORT and keeps it there, so portals are made with
# nsenter --net (not "ip netns exec", which would hide configfs behind a new
# /sys). Everything else in configfs has no namespace.
#
# A target is named IQN or IQN#TPGT (portal group 1 if none is given).

TGT_NS=tgt
LIO=/sys/kernel/config/target
TGT_PORT=3260

in_tgt() { nsenter --net=/run/netns/$TGT_NS "$@"; }

# --- a daemon instead of LIO, one at a time; its output is in $TMP/daemon

DAEMON=
daemon_start() {	# COMMAND...; not in_tgt, whose process it would be a child of
	nsenter --net="/run/netns/$TGT_NS" "$@" >"$TMP/daemon" 2>&1 &
	DAEMON=$!
}
daemon_stop() {
	[ -n "$DAEMON" ] || return 0
	kill -9 "$DAEMON" 2>/dev/null
	wait "$DAEMON" 2>/dev/null
	DAEMON=
}
listens() { in_tgt ss -Hltn "sport = :$TGT_PORT" | grep -q .; }

# --- network

# net_up [LINKS]: the namespace and its links, 2 unless told.
net_up() {
	local n
	sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0 2>/dev/null
	ip netns add $TGT_NS
	in_tgt sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0 2>/dev/null
	in_tgt ip link set lo up
	for n in $(seq "${1:-2}"); do
		ip link add "i$n" type veth peer name "t$n" netns $TGT_NS
		ip addr add "10.9.$n.1/24" dev "i$n"
		ip -6 addr add "fd09:$n::1/64" dev "i$n" nodad
		in_tgt ip addr add "10.9.$n.2/24" dev "t$n"
		in_tgt ip -6 addr add "fd09:$n::2/64" dev "t$n" nodad
		ip link set "i$n" up
		in_tgt ip link set "t$n" up
	done
}

net_gone() {
	local n
	for n in 1 2 3 4 5 6 7 8 9; do
		path_heal $n 2>/dev/null
		ip link del "i$n" 2>/dev/null
	done
	ip netns del $TGT_NS 2>/dev/null
	return 0
}

link_down() { ip link set "i$1" down; }
link_up() {
	ip link set "i$1" up
	# taking a link down removed its IPv6 address
	ip -6 addr replace "fd09:$1::1/64" dev "i$1" nodad
}

# path_drop LINK [out|in]: packets of this link vanish, both ways or one.
path_drop() {
	path_heal "$1"
	nft -f - <<-NFT
	table inet cut$1 {
		chain in  { type filter hook input priority -10; }
		chain out { type filter hook output priority -10; }
	}
	NFT
	[ "${2:-in}" = in ] && nft add rule inet "cut$1" in iifname "i$1" drop
	[ "${2:-out}" = out ] && nft add rule inet "cut$1" out oifname "i$1" drop
	return 0
}

# path_reject LINK: every packet to the target is answered with a reset.
path_reject() {
	path_heal "$1"
	nft -f - <<-NFT
	table inet cut$1 {
		chain out {
			type filter hook output priority -10
			oifname "i$1" tcp dport $TGT_PORT reject with tcp reset
		}
		chain in {
			type filter hook input priority -10
			iifname "i$1" tcp sport $TGT_PORT reject with tcp reset
		}
	}
	NFT
}

# path_refuse LINK: what is connected stays; new connections are reset.
path_refuse() {
	path_heal "$1"
	nft -f - <<-NFT
	table inet cut$1 {
		chain out {
			type filter hook output priority -10
			oifname "i$1" tcp dport $TGT_PORT tcp flags & (syn | ack) == syn reject with tcp reset
		}
	}
	NFT
}

path_heal() { nft delete table inet "cut$1" 2>/dev/null; return 0; }

# path_delay LINK ARGS...: netem on what the initiator sends (delay, loss, ...).
path_delay() {
	local link=$1
	shift
	tc qdisc replace dev "i$link" root netem "$@"
}
path_undelay() { tc qdisc del dev "i$1" root 2>/dev/null; return 0; }

# path_rst LINK: resets the connections of this link once, at the target's end.
path_rst() {
	in_tgt ss -K -t -n state established src "10.9.$1.2" >/dev/null 2>&1
}

# --- backends: /sys/kernel/config/target/core/HBA/NAME

lio_load() {
	modprobe configfs
	mountpoint -q /sys/kernel/config ||
		mount -t configfs configfs /sys/kernel/config
	modprobe target_core_mod
	modprobe iscsi_target_mod
	# without it each PERSISTENT RESERVE OUT ends with NOT READY
	mkdir -p $LIO/iscsi /var/target/pr
}

_backend_dir() {	# NAME: its directory, whichever kind it is
	local dir
	for dir in "$LIO"/core/*/"$1"; do
		[ -d "$dir" ] && { echo "$dir"; return; }
	done
	echo "no backend $1" >&2
	return 1
}

_backend_new() {	# KIND NAME CONTROL
	local dir=$LIO/core/$1_0/$2
	mkdir -p "$dir"
	echo "$3" >"$dir/control"
	echo 1 >"$dir/enable"
	# the same name gives the same unit serial, hence the same VPD 83, after
	# a restart of the target
	echo "$(echo "$2" | md5sum | cut -c1-8)-0000-0000-0000-000000000000" \
		>"$dir/wwn/vpd_unit_serial"
}

# backend_ramdisk NAME MIB [nullio]
backend_ramdisk() {
	_backend_new rd_mcp "$1" \
		"rd_pages=$(($2 * 256))${3:+,rd_nullio=1}"
}

# backend_file NAME PATH MIB: contents survive when PATH does.
backend_file() {
	modprobe -q target_core_file
	[ -e "$2" ] || truncate -s "$3M" "$2"
	_backend_new fileio "$1" \
		"fd_dev_name=$2,fd_dev_size=$(($3 * 1048576)),fd_buffered_io=1"
}

# backend_block NAME DEVICE
backend_block() {
	modprobe -q target_core_iblock
	_backend_new iblock "$1" "udev_path=$2"
}

# backend_growable NAME PATH MIB: a loop device, see backend_resize.
backend_growable() {
	local dev
	modprobe -q loop
	[ -e "$2" ] || truncate -s "$3M" "$2"
	dev=$(losetup -f --show "$2")
	echo "$dev" >"/run/backend-$1"
	backend_block "$1" "$dev"
}

# backend_resize NAME MIB: only what backend_growable made.
backend_resize() {
	local dev file
	dev=$(cat "/run/backend-$1")
	file=$(losetup -n -O BACK-FILE "$dev")
	truncate -s "$2M" "$file"
	losetup -c "$dev"
}

backend_attr() { echo "$3" >"$(_backend_dir "$1")/attrib/$2"; }
# Before it is a LUN of anybody.
backend_vendor() { echo "$2" >"$(_backend_dir "$1")/wwn/vendor_id"; }

backend_del() {
	local dir
	dir=$(_backend_dir "$1") || return 0
	rmdir "$dir"/alua/[!d]* 2>/dev/null
	rmdir "$dir"
	if [ -e "/run/backend-$1" ]; then
		losetup -d "$(cat "/run/backend-$1")"
		rm "/run/backend-$1"
	fi
}

# --- targets

_tpg() {	# IQN[#TPGT]: its directory
	local iqn=${1%#*} tpgt=1
	[ "$iqn" = "$1" ] || tpgt=${1#*#}
	echo "$LIO/iscsi/$iqn/tpgt_$tpgt"
}

# target_new TARGET: open to every initiator, no authentication, enabled.
target_new() {
	local tpg
	tpg=$(_tpg "$1")
	mkdir -p "$tpg"
	echo 1 >"$tpg/attrib/generate_node_acls"
	echo 1 >"$tpg/attrib/cache_dynamic_acls"
	echo 0 >"$tpg/attrib/demo_mode_write_protect"
	echo 0 >"$tpg/attrib/authentication"
	echo 1 >"$tpg/enable"
}

# known_initiator TARGET NAME: with an ACL of its own, for LUN 0, it has its
# registrations even before it logs in, and attributes; $ACL is its directory.
known_initiator() {
	ACL=$(_tpg "$1")/acls/$2
	mkdir -p "$ACL/lun_0" &&
		ln -s "$(_tpg "$1")/lun/lun_0" "$ACL/lun_0/to_lun"
}

# our_name TARGET ADDRESS: prints it; the first login gives us one, if we have none.
our_name() {
	iscsictl connect "$1" --portal "$2" >&2 && disconnect "$1" >&2 || return
	ijson status '.[] | select(.Kind == "summary") | .InitiatorNodeAddress'
}

target_attr() { echo "$3" >"$(_tpg "$1")/attrib/$2"; }

# target_param TARGET KEY VALUE: a login key, e.g. ImmediateData No.
target_param() { echo "$3" >"$(_tpg "$1")/param/$2"; }

# target_params TARGET IMMEDIATE R2T HEADER DATA FIRST MAX MRDSL OUTSTANDING
target_params() {
	local key
	for key in ImmediateData InitialR2T HeaderDigest DataDigest \
		FirstBurstLength MaxBurstLength MaxRecvDataSegmentLength \
		MaxOutstandingR2T; do
		target_param "$1" $key "$2" || return
		set -- "$1" "${@:3}"
	done
}

tpg_enable() { echo 1 >"$(_tpg "$1")/enable"; }
tpg_disable() { echo 0 >"$(_tpg "$1")/enable"; }

# portal_add TARGET ADDRESS [PORT]; portal_del the same. IPv6 in brackets.
portal_add() {
	in_tgt mkdir "$(_tpg "$1")/np/$2:${3:-$TGT_PORT}"
}
portal_del() {
	in_tgt rmdir "$(_tpg "$1")/np/$2:${3:-$TGT_PORT}"
}

# lun_add TARGET LUN BACKEND; lun_del TARGET LUN
lun_add() {
	local dir
	dir=$(_tpg "$1")/lun/lun_$2
	mkdir -p "$dir"
	ln -s "$(_backend_dir "$3")" "$dir/store"
}
lun_del() {
	local dir
	dir=$(_tpg "$1")/lun/lun_$2
	rm -f "$dir/store"
	rmdir "$dir"
}

# chap_oneway TARGET USER SECRET. LIO would take a newline as part of them.
chap_oneway() {
	local tpg
	tpg=$(_tpg "$1")
	printf %s "$2" >"$tpg/auth/userid"
	printf %s "$3" >"$tpg/auth/password"
	echo 1 >"$tpg/attrib/authentication"
}

# chap_mutual TARGET USER SECRET TARGET-USER TARGET-SECRET
chap_mutual() {
	local tpg
	tpg=$(_tpg "$1")
	chap_oneway "$1" "$2" "$3"
	printf %s "$4" >"$tpg/auth/userid_mutual"
	printf %s "$5" >"$tpg/auth/password_mutual"
}

chap_off() { echo 0 >"$(_tpg "$1")/attrib/authentication"; }

# alua_group BACKEND GROUP ID: a target port group, active/optimized.
alua_group() {
	local dir
	dir=$(_backend_dir "$1")/alua/$2
	mkdir -p "$dir"
	echo "$3" >"$dir/tg_pt_gp_id"
}

# alua_state BACKEND GROUP 0|1|2|3: optimized, non-optimized, standby,
# unavailable (implicit change).
alua_state() {
	local dir
	dir=$(_backend_dir "$1")/alua/$2
	echo 1 >"$dir/alua_access_type"
	echo "$3" >"$dir/alua_access_state"
}

# lun_group TARGET LUN GROUP: reach that LUN through this port group.
lun_group() { echo "$3" >"$(_tpg "$1")/lun/lun_$2/alua_tg_pt_gp"; }

# sessions_at TARGET: how many sessions LIO has: dynamic ones, and one for each
# initiator with an ACL that has any.
sessions_at() {
	local tpg
	tpg=$(_tpg "$1")
	{
		tr -d '\0' <"$tpg/dynamic_sessions" | grep iqn
		cat "$tpg"/acls/*/info | grep '^LIO Session ID'
	} 2>/dev/null | wc -l
}

target_del() {
	local dir=$LIO/iscsi/$1 tpg entry
	[ -d "$dir" ] || return 0
	for tpg in "$dir"/tpgt_*; do
		[ -d "$tpg" ] || continue
		echo 0 >"$tpg/enable" 2>/dev/null
		for entry in "$tpg"/np/*; do
			[ -d "$entry" ] && rmdir "$entry"
		done
		for entry in "$tpg"/acls/*; do
			[ -d "$entry" ] || continue
			rm -f "$entry"/lun_*/*lun* 2>/dev/null
			rmdir "$entry"/lun_* "$entry" 2>/dev/null
		done
		for entry in "$tpg"/lun/*; do
			[ -d "$entry" ] || continue
			find "$entry" -maxdepth 1 -type l -delete
			rmdir "$entry"
		done
		rmdir "$tpg"
	done
	rmdir "$dir"
}

# target_restart TARGET...: every session is dropped, then logins work again.
target_restart() {
	local target
	for target; do tpg_disable "$target"; done
	for target; do tpg_enable "$target"; done
}

# Everything of LIO, whoever made it.
lio_gone() {
	local dir
	[ -d $LIO ] || return 0
	for dir in "$LIO"/iscsi/iqn.*; do
		[ -d "$dir" ] && target_del "$(basename "$dir")"
	done
	for dir in "$LIO"/core/*/*/; do
		[ -e "$dir/enable" ] && backend_del "$(basename "$dir")"
	done
	for dir in "$LIO"/core/*_[0-9]*; do
		[ -d "$dir" ] && rmdir "$dir"
	done
	return 0
}

# one_portal TARGET BACKEND: one LUN behind link 1.
one_portal() {
	target_new "$1"
	lun_add "$1" 0 "$2"
	portal_add "$1" 10.9.1.2
}

# two_portals TARGET BACKEND: the usual target, one LUN behind links 1 and 2.
two_portals() {
	one_portal "$1" "$2"
	portal_add "$1" 10.9.2.2
}
