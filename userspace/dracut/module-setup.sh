#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dracut module: what a root file system on iSCSI needs before it is mounted.
# The variables and functions are dracut's, and so is the network: drivers of
# all kinds, ip=, bond=, team=, bridge=, vlan= and DHCP.
# shellcheck disable=SC2154,SC2317

# Wanted when the root file system is on a disk of iscsi_mpio; otherwise with
# --add iscsi-mpio or add_dracutmodules.
check() {
	require_binaries /usr/lib/iscsi-mpio/iscsi-mpio-boot || return 1
	is_ours() {
		[ -e "/sys/dev/block/$1/device/paths" ] ||
			[ -e "/sys/dev/block/$1/../device/paths" ]
	}
	if [[ $hostonly ]] || [[ $mount_needs ]]; then
		for_each_host_dev_and_slaves is_ours && return 0
	fi
	return 255
}

depends() {
	echo network udev-rules
}

# Without the module the image would find no root file system: dracut fails.
installkernel() {
	if ! modinfo -k "$kernel" iscsi_mpio >/dev/null 2>&1; then
		dfatal "iscsi-mpio: kernel $kernel is without the module" \
			"iscsi_mpio: see dkms status, or omit this dracut module"
		return 1
	fi
	hostonly='' instmods iscsi_mpio sd_mod iscsi_ibft \
		crc32c crc32c_generic crc32c_intel md5 sha1_generic \
		sha256_generic sha3_generic sha1_ssse3 sha256_ssse3
	# Kinds of links that words of the command line can ask for
	hostonly='' instmods 8021q bonding bridge team team_mode_activebackup \
		team_mode_loadbalance team_mode_roundrobin
}

install() {
	inst_multiple /usr/lib/iscsi-mpio/iscsi-mpio-boot modprobe sed cat ip
	inst_rules 60-iscsi-mpio.rules 61-iscsi-mpio.rules \
		75-iscsi-mpio.rules
	inst_simple /usr/lib/udev/iscsi-mpio-udev
	inst_hook cmdline 10 "$moddir/cmdline.sh"
	inst_hook initqueue/settled 50 "$moddir/start.sh"
	inst_hook initqueue/online 50 "$moddir/start.sh"
	inst_hook pre-pivot 50 "$moddir/keep.sh"
	# Whoever has brought up a device for netroot=iscsi: runs it.
	if ! dracut_module_included iscsi; then
		inst_script "$moddir/iscsiroot.sh" /sbin/iscsiroot
	fi
	case $(/usr/lib/iscsi-mpio/iscsi-mpio-copy "$initdir") in
	*secrets*) dinfo "iscsi-mpio: the image holds CHAP secrets" ;;
	esac
	dracut_need_initqueue
}
