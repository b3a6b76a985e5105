# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The peer: open-iscsi and dm-multipath with multipathd, tuned as far as their
# documentation goes, behind the same target. Sourced by scenarios that can be
# run with PEER=1, for comparison; never part of the suite.

# open-iscsi by a name of its own, its daemon running.
peer_start() {
	mkdir -p /run/lock
	echo InitiatorName=iqn.2026-11.org.test:peer >/etc/iscsi/initiatorname.iscsi
	modprobe iscsi_tcp
	pidof iscsid >/dev/null || iscsid
}

# peer_login IQN [KEY=VALUE...] PORTAL[,TPGT]...: one session for each portal. Keys
# are those of iscsiadm without "node.".
peer_login() {
	local iqn=$1 setting portal settings=(
		conn[0].timeo.noop_out_interval=1
		conn[0].timeo.noop_out_timeout=1
		session.timeo.replacement_timeout=1
		conn[0].timeo.login_timeout=3)
	shift
	while [[ ${1:-} = *=* ]]; do
		settings+=("$1")
		shift
	done
	cat >/etc/multipath.conf <<-CONF
	defaults {
		find_multipaths no
		user_friendly_names yes
		path_grouping_policy failover
		polling_interval 1
		max_polling_interval 1
		fast_io_fail_tmo 1
		failback immediate
		no_path_retry queue
	}
	blacklist {
		devnode "^vd"
	}
	CONF
	modprobe dm_multipath
	peer_start
	for portal; do
		[[ $portal = *,* ]] || portal+=,1
		iscsiadm -m node -T "$iqn" -p "$portal" -o new
		for setting in "${settings[@]}"; do
			iscsiadm -m node -T "$iqn" -p "$portal" -o update \
				-n "node.${setting%%=*}" -v "${setting#*=}"
		done
		iscsiadm -m node -T "$iqn" -p "$portal" -l || return
	done
	udevadm settle -t 30
	pidof multipathd >/dev/null || multipathd
}

# peer_up IQN [KEY=VALUE...] PORTAL...: the same, all of them paths of one
# multipath device; DISK is its name in /dev.
peer_up() {
	peer_login "$@" || return
	shift
	while [[ ${1:-} = *=* ]]; do shift; done
	wait_until 20 peer_has_paths $# || return
	wait_until 20 test -b /dev/mapper/mpatha || return
	# shellcheck disable=SC2034
	DISK=mapper/mpatha
}
peer_has_paths() { # COUNT: usable ones
	[ "$(multipathd show paths raw format '%t %T %o' 2>/dev/null |
		grep -c '^active ready running')" = "$1" ]
}

peer_down() {
	udevadm settle -t 30
	multipath -F
	multipathd shutdown 2>/dev/null
	wait_until 10 eval '! pidof multipathd' || return
	iscsiadm -m node -u
	iscsiadm -m node -o delete
}
