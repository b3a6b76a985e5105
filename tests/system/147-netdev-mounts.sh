#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 1200
# REQUIRES: mkfs.ext4 systemctl
# If this fails, mounts of registered disks hold up the boot, or are not made.
#
# 32 _netdev mounts on the disks of 8 targets: 1 to 4 are there, the secret of 5
# has changed, 6 comes a minute after the boot, 7 answers nothing, 8 refuses.
# Then the same with open-iscsi, one portal each; PEER= leaves that out.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

LUNS=4
PEER=${PEER-1}
iqn() { echo "iqn.2026-11.org.test:mounts$1"; }
port() { echo $((3260 + $1)); }

serve_target() {	# NUMBER
	local lun name
	name=$(iqn "$1")
	target_new "$name"
	for lun in $(seq 0 $((LUNS - 1))); do
		backend_file "d$1-$lun" "$SCENARIO_DIR/d$1-$lun" 8
		lun_add "$name" "$lun" "d$1-$lun"
	done
	portal_add "$name" 10.9.1.2 "$(port "$1")"
	portal_add "$name" 10.9.2.2 "$(port "$1")"
}

# boot_ms: when multi-user.target was reached, of the kernel's clock
boot_ms() {
	echo $(($(systemctl show -P ActiveEnterTimestampMonotonic \
		multi-user.target) / 1000))
}
mounted() { grep -c " /data/t[$1]-" /proc/self/mounts; }
are_mounted() { [ "$(mounted "$1")" = "$2" ]; }	# TARGETS COUNT

tell_and_check() {	# NAME
	local now without
	must "$1: the boot comes to its end" \
		wait_until 600 systemctl is-active -q multi-user.target
	now=$(boot_ms)
	without=$(cat "$SCENARIO_DIR/without")
	echo "# $1: multi-user.target after $now ms, $without ms without iSCSI"
	later=$((now - without))
}

late_target() {
	wait_until 90 eval '[ "$(now_ms)" -ge 60000 ]'
	serve_target 6
}

case $STAGE in
setup)	# run by setup_at_boot
	net_up 2
	lio_load
	for t in 1 2 3 4 5; do serve_target $t; done
	chap_oneway "$(iqn 5)" alice another-secret-now
	nft -f - <<-NFT
	table inet dead {
		chain out {
			type filter hook output priority -10
			tcp dport $(port 7) drop
		}
	}
	NFT
	trap - EXIT
	exit 0
	;;
0)
	net_up 2
	lio_load
	secret "$TMP/chap" initiator-secret
	cp /etc/fstab "$SCENARIO_DIR/fstab.without"
	for t in $(seq 8); do
		serve_target "$t"
		auth=()
		if [ "$t" = 5 ]; then
			chap_oneway "$(iqn 5)" alice initiator-secret
			auth=(--auth oneway --chap-username alice
				--chap-secret-file "$TMP/chap")
		fi
		must "target $t is connected and registered" iscsictl connect \
			"$(iqn "$t")" --multipath --persistent "${auth[@]}" \
			--portal "10.9.1.2:$(port "$t")" \
			--portal "10.9.2.2:$(port "$t")"
		must "its disks are there" \
			wait_until 60 has_disks "$(iqn "$t")" $LUNS
		for lun in $(seq 0 $((LUNS - 1))); do
			link=/dev/disk/by-path/ip-10.9.1.2:$(port "$t")-iscsi-$(iqn "$t")-lun-$lun
			wait_until 20 test -b "$link"
			mkfs.ext4 -q -L "t$t-$lun" "$link"
			mkdir -p "/data/t$t-$lun"
			echo "LABEL=t$t-$lun /data/t$t-$lun ext4 _netdev,nofail,x-systemd.device-timeout=300 0 0" \
				>>/etc/fstab
		done
	done
	# The first boot is one without iSCSI, to compare.
	mv /etc/fstab "$SCENARIO_DIR/fstab.with"
	cp "$SCENARIO_DIR/fstab.without" /etc/fstab
	mv /etc/iscsi-mpio/records "$SCENARIO_DIR/records"
	setup_at_boot open-iscsi.service iscsid.service
	check "every session is ended" iscsictl disconnect --all --force
	reboot_here
	;;
1)
	wait_until 120 systemctl is-active -q multi-user.target
	boot_ms >"$SCENARIO_DIR/without"
	cp "$SCENARIO_DIR/fstab.with" /etc/fstab
	mv "$SCENARIO_DIR/records" /etc/iscsi-mpio/records
	reboot_here
	;;
2)
	tell_and_check "32 mounts of 8 targets"
	check_le "the boot ends later than without iSCSI by" $later 10000 ms
	check "all disks of living targets are mounted" \
		wait_until 60 are_mounted 1-4 $((4 * LUNS))
	check_is "none of the others is" 0 "$(mounted 5-8)"
	check "the wrong secret is what its sessions tell" eval \
		'ijson session list ".[] | select(.TargetNodeAddress == \"$(iqn 5)\") | .LastError" |
		grep -qi -e authentic -e chap'
	late_target
	check "the late target's disks are mounted by themselves" \
		wait_until 60 are_mounted 6 $LUNS
	echo "# mounted $(($(now_ms) - 60000)) ms after a minute of uptime"
	check_is "those of dead targets are not" 0 "$(mounted 578)"
	if [ -z "$PEER" ]; then
		systemctl disable -q test-target.service
		umount /data/t*
		cp "$SCENARIO_DIR/fstab.without" /etc/fstab
		exit
	fi
	# shellcheck disable=SC2046
	iscsictl unregister --all-duplicates $(ijson record list '.[].RecordIdentifier')
	rm -f /etc/systemd/system/{iscsid,open-iscsi}.service \
		/etc/systemd/system/iscsid.socket
	mkdir -p /run/lock
	[ -s /etc/iscsi/initiatorname.iscsi ] ||
		echo InitiatorName=iqn.2026-11.org.test:peer >/etc/iscsi/initiatorname.iscsi
	for t in $(seq 8); do
		portal=10.9.1.2:$(port "$t")
		iscsiadm -m node -T "$(iqn "$t")" -p "$portal,1" -o new
		set=(node.startup=automatic)
		[ "$t" != 5 ] || set+=(node.session.auth.authmethod=CHAP
			node.session.auth.username=alice
			node.session.auth.password=initiator-secret)
		for setting in "${set[@]}"; do
			iscsiadm -m node -T "$(iqn "$t")" -p "$portal,1" -o update \
				-n "${setting%%=*}" -v "${setting#*=}"
		done
	done >/dev/null
	systemctl daemon-reload
	systemctl enable -q open-iscsi.service iscsid.service
	reboot_here
	;;
3)
	tell_and_check "open-iscsi, one portal each"
	echo "# open-iscsi: later by $later ms, $(mounted 1-4) of $((4 * LUNS)) mounted then"
	wait_until 60 are_mounted 1-4 $((4 * LUNS))
	echo "# open-iscsi: $(mounted 1-4) mounted after $(now_ms) ms"
	late_target
	wait_until 60 are_mounted 6 $LUNS
	echo "# open-iscsi: of the late target $(mounted 6) of $LUNS mounted after $(now_ms) ms"
	pass "open-iscsi has been measured"
	systemctl disable -q test-target.service open-iscsi.service
	umount /data/t*
	cp "$SCENARIO_DIR/fstab.without" /etc/fstab
	;;
esac
