#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 300
# REQUIRES: mkfs.ext4 systemctl
# If this fails, a registered disk does not come back after a restart, or comes
# back on fewer paths, under another ISID, without its data, or with paths that
# are not weighted as they were.
#
# Two targets: "strong" offers every CHAP algorithm, "md5" knows MD5 alone (see
# md5-proxy.py) and fails logins that offer it more.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

STRONG=iqn.2026-11.org.test:strong
MD5=iqn.2026-11.org.test:md5
USER_SECRET="initiator-secret"
TARGET_SECRET="target-has-a-secret"

target_setup() {
	net_up 2
	lio_load
	backend_file disk1 "$SCENARIO_DIR/disk1" 64
	backend_file disk2 "$SCENARIO_DIR/disk2" 64
	two_portals $STRONG disk1
	chap_mutual $STRONG alice $USER_SECRET storage $TARGET_SECRET
	# Its portals are the proxies' ports; LIO listens beside them.
	target_new $MD5
	lun_add $MD5 0 disk2
	local n
	for n in 1 2; do
		portal_add $MD5 10.9.$n.2 3270
		in_tgt python3 /vm/tests/lib/md5-proxy.py \
			10.9.$n.2:3271 10.9.$n.2:3270 strict &
	done
	chap_mutual $MD5 alice $USER_SECRET storage $TARGET_SECRET
}

case $STAGE in
setup)	# run by setup_at_boot
	target_setup
	trap - EXIT
	cut -d' ' -f1 /proc/uptime >/run/network-up
	exit 0
	;;
0)
	target_setup
	wait_until 10 in_tgt ss -Hltn 'sport = 3271'
	mkdir -p /etc/iscsi-mpio
	secret "$TMP/out" $USER_SECRET
	secret "$TMP/in" $TARGET_SECRET
	must "the initiator's secret for mutual CHAP is stored" \
		iscsictl chap set-secret --file "$TMP/in"
	must "discovery finds the target" iscsictl discover 10.9.1.2
	check_is "discovery lists it with both portals" 2 \
		"$(ijson target list ".[] | select(.NodeAddress == \"$STRONG\") | .Portals | length")"
	must "connect --multipath opens a session to each portal" \
		iscsictl connect $STRONG --multipath --auth mutual \
		--chap-username alice --chap-secret-file "$TMP/out"
	must "two paths lead to one disk" disk_with_paths $STRONG 2
	strong_disk=$DISK
	check_is "no elevator is before it unless asked for" none \
		"$(sed 's/.*\[\(.*\)\].*/\1/' "/sys/block/$DISK/queue/scheduler")"
	check_is "the sessions are mutually authenticated" MUTUALCHAP \
		"$(ijson session list ".[] | select(.TargetNodeAddress == \"$STRONG\") | .AuthenticationType" | sort -u)"
	must "a target that knows only MD5 lets us in" \
		iscsictl connect $MD5 --multipath --auth mutual \
		--portal 10.9.1.2:3271 --portal 10.9.2.2:3271 \
		--chap-username alice --chap-secret-file "$TMP/out"
	must "its two paths lead to one disk" disk_with_paths $MD5 2
	md5_disk=$DISK

	check "a path gets a weight before it is registered" \
		iscsictl path set --disk "$strong_disk" --weight 7 \
		"10.9.1.1>10.9.1.2:3260,1"
	# shellcheck disable=SC2046
	must "register stores the sessions" iscsictl register --multipath \
		--chap-username alice --chap-secret-file "$TMP/out" \
		$(session_ids $STRONG) $(session_ids $MD5)
	check_is "there are four records" 4 \
		"$(ijson record list length)"
	check "another is preferred when it is registered already" \
		iscsictl path set --disk "$strong_disk" --preferred=yes \
		"10.9.2.1>10.9.2.2:3260,1"
	check_is "the records of both know it" "0:7 0" \
		"$(ijson record list "[.[] | select(.TargetNodeAddress == \"$STRONG\")]
			| sort_by(.TargetPortalAddress)
			| \"\(.[0].PathWeights) \(.[1].PreferredPaths)\"")"
	check "no secret shows in any listing" \
		bash -c "! { iscsictl --json record list; iscsictl --json session list; iscsictl record list; cat /etc/iscsi-mpio/records/*; } | grep -q -e $USER_SECRET -e $TARGET_SECRET"
	check_is "secrets, and what undo keeps of them, are for root only" "700 600" \
		"$(find /etc/iscsi-mpio/secrets -type d -printf '%m\n' | sort -u) $(
		find /etc/iscsi-mpio/secrets -type f -printf '%m\n' | sort -u)"

	n=0
	for disk in $strong_disk $md5_disk; do
		n=$((n + 1))
		mkfs.ext4 -q -L data$n "/dev/$disk"
		mkdir -p /data$n
		echo "LABEL=data$n /data$n ext4 _netdev,nofail,x-systemd.device-timeout=90 0 0" >>/etc/fstab
		mount "/data$n"
		for i in $(seq 20); do
			head -c $((i * 40000)) /dev/urandom >"/data$n/file$i"
		done
		(cd /data$n && sha256sum file* >"$SCENARIO_DIR/sums$n")
	done
	ijson session list '.[] | .InitiatorSideIdentifier' | sort >"$SCENARIO_DIR/isids"
	check_is "every session has an ISID of its own" 4 \
		"$(sort -u "$SCENARIO_DIR/isids" | wc -l)"

	# The network and the target of the next boot.
	setup_at_boot
	reboot_here
	;;
1)
	up=$(sed 's/\.//; s/$/0/' /run/network-up)
	systemctl disable -q test-target.service
	must "after the reboot both disks are back with both paths" \
		eval "disk_with_paths $STRONG 2 && disk_with_paths $MD5 2"
	# The kernel's own stamps: the agent may come late to look.
	back=$(dmesg | sed -n -E 's/^\[ *([0-9]+)\.([0-9]{3})[0-9]*\] (iscsi_mpio: session .* logged-in|sd .*Attached SCSI disk).*/\1\2/p' | tail -1)
	check_le "the last path and disk are back after the network was up" \
		"$((10#${back:-0} - 10#$up))" "${BACK_LIMIT:-10000}" ms
	ijson session list '.[] | .InitiatorSideIdentifier' | sort >"$TMP/isids"
	check "the sessions have the ISIDs they had" \
		diff "$SCENARIO_DIR/isids" "$TMP/isids"
	check_is "their paths have the weight and the preference they had" \
		"7 false 1 true" \
		"$(ijson path list "[.[] | select(.TargetNodeAddress == \"$STRONG\")]
			| sort_by(.PathKey) | map(\"\(.Weight) \(.IsPreferred)\")
			| join(\" \")")"
	check_is "they count as persistent" true \
		"$(ijson session list '.[] | .IsPersistent' | sort -u)"
	for n in 1 2; do
		check "the file system of disk $n is mounted by itself" \
			wait_until 30 mountpoint -q /data$n
		check "its files are intact" \
			eval "cd /data$n && sha256sum --quiet -c '$SCENARIO_DIR/sums$n'"
		cd /
	done
	for target in $STRONG $MD5; do
		for link in 1 2; do
			check "a by-path link leads to the disk of $target by link $link" \
				eval "wait_until 10 compgen -G '/dev/disk/by-path/ip-10.9.$link.2:*-iscsi-$target-lun-0'"
		done
	done
	umount /data1 /data2
	sed -i /LABEL=data/d /etc/fstab
	iscsictl record list | comment
	# shellcheck disable=SC2046
	check "unregister removes the records" iscsictl unregister \
		$(session_ids $STRONG) $(session_ids $MD5)
	check_is "no record is left" 0 "$(ijson record list length)"
	check_is "the sessions are still up" 4 \
		"$(ijson session list '[.[] | select(.IsConnected)] | length')"
	check "disconnect ends them" eval "disconnect $STRONG && disconnect $MD5"
	check_is "no session is left" 0 "$(ijson session list length)"
	;;
esac
