#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dracut, cmdline: has dracut bring up the network when a disk is to come by it,
# with the words of boot.conf and the devices of the firmware's table, too.
# shellcheck disable=SC1091,SC3043
type getarg >/dev/null 2>&1 || . /lib/dracut-lib.sh

iscsi_mpio_words() {
	sed 's/^[[:space:]]*#.*//' /etc/iscsi-mpio/boot.conf 2>/dev/null
}

iscsi_mpio_wanted() {
	local word
	for word in $(getargs iscsi_mpio=) $(iscsi_mpio_words); do
		case $word in off | iscsi_mpio=off) return 1 ;; esac
	done
	[ -z "$(getargs iscsi_mpio=)$(iscsi_mpio_words)" ] || return 0
	for word in $(getargs netroot=) "$(getarg root=)"; do
		case $word in iscsi:*) return 0 ;; esac
	done
	[ -e /etc/iscsi-mpio/records ] || [ -n "$(getarg rd.iscsi.target.name=)" ]
}

iscsi_mpio_network() {
	local generator words
	mkdir -p /etc/cmdline.d
	{
		echo rd.neednet=1
		iscsi_mpio_words
	} >/etc/cmdline.d/20-iscsi-mpio.conf
	case " $(getargs iscsi_mpio=) $(iscsi_mpio_words) " in
	*ibft*) echo rd.iscsi.ibft=1 rd.iscsi.mp=1 \
		>>/etc/cmdline.d/20-iscsi-mpio.conf ;;
	esac
	unset CMDLINE	# dracut's copy
	# What comes by files, networkd's generator has not seen.
	for generator in /usr/lib/systemd /lib/systemd; do
		[ -x "$generator/systemd-networkd" ] || continue
		if getargbool 0 rd.iscsi.ibft && . /lib/net-lib.sh; then
			ibft_to_cmdline
			unset CMDLINE
		fi
		words=$(cat /etc/cmdline.d/*.conf)
		[ "$words" = rd.neednet=1 ] && break
		rm -f /run/systemd/network/*.network
		# shellcheck disable=SC2046,SC2086
		"$generator/systemd-network-generator" -- \
			$(cat /proc/cmdline) $words
		break
	done
}

! iscsi_mpio_wanted || iscsi_mpio_network
