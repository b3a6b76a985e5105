#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 300
# REQUIRES: mkfs.ext4 systemctl
# If this fails, a machine with a dirty file system on a target that is gone does
# not come to an end, or the mounts of the next boot do not wait for their disks.
#
# systemd only: the units are what is tested.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:shutdown

target_setup() {
	net_up 2
	lio_load
	backend_file disk "$SCENARIO_DIR/disk" 64
	two_portals $IQN disk
	backend_file plain "$SCENARIO_DIR/plain" 16
	target_new $IQN.plain
	lun_add $IQN.plain 0 plain
	portal_add $IQN.plain 10.9.1.2
}
is_noted() { grep -qs "$1" /etc/iscsi-mpio/mounts; }

wall_ms() { date +%s%3N; }

# Both paths go, with commands that would wait for them for ever; a write is on
# its way when the time begins to count.
lose_paths() {
	local id
	for id in $(session_ids $IQN); do
		iscsictl mpio set NoPathTimeout=infinite NopInterval=1000 \
			NopTimeout=1000 --session "$id"
	done
	path_drop 1
	path_drop 2
	must "both paths go" wait_until 30 has_paths "$DISK" 0
	dd if=/dev/zero of=/data/dirty bs=1M count=4 status=none &
	sync -f "$SCENARIO_DIR"
	wall_ms >"$SCENARIO_DIR/since"
	sync -f "$SCENARIO_DIR"
}
down_ms() { echo $(($(wall_ms) - $(now_ms) - $(cat "$SCENARIO_DIR/since"))); }

case $STAGE in
0)
	# Units are confined: what each is for, it must be able to do.
	mkdir -p /etc/iscsi
	mv /etc/iscsi "$TMP/iscsi"
	rm -rf /etc/iscsi-mpio
	check "a host without a name gets one" eval 'systemctl start \
		iscsi-mpio-initiator.service &&
		grep -q "^InitiatorName=iqn" /etc/iscsi-mpio/initiator.conf'
	mv "$TMP/iscsi" /etc/iscsi
	target_setup
	connect_two $IQN --persistent
	mkfs.ext4 -q -L data "/dev/$DISK"
	mkdir -p /data
	echo 'LABEL=data /data ext4 _netdev,nofail,x-systemd.device-timeout=90 0 0' \
		>>/etc/fstab
	systemctl daemon-reload
	must "the file system is mounted" mount /data
	check "the units that end a machine are in place" eval \
		'systemctl start iscsi-mpio-bound.service iscsi-mpio-shutdown.service &&
		systemctl is-active -q iscsi-mpio-bound.service &&
		test -x /run/initramfs/iscsi-mpio/ld.so'
	check "the copy in memory runs" /run/initramfs/iscsi-mpio/ld.so \
		--library-path /run/initramfs/iscsi-mpio \
		/run/initramfs/iscsi-mpio/iscsi-mpio-boot --version
	check "with the root elsewhere, it does not end this machine" \
		/run/initramfs/iscsi-mpio/ld.so \
		--library-path /run/initramfs/iscsi-mpio \
		/run/initramfs/iscsi-mpio/iscsi-mpio-boot last poweroff
	# What was bounded and not ended waits as before.
	patience() { ijson session list '[.[].Settings.NoPathTimeout] | unique | map(tostring) | join(" ")'; }
	before=$(patience)
	systemctl stop iscsi-mpio-bound.service
	check_is "stopped, the unit bounds the wait" 10000 "$(patience)"
	systemctl start iscsi-mpio-bound.service
	check_is "started again, it lets it be as it was" "$before" "$(patience)"
	# A line without _netdev, found by systemd's watch of the file.
	must "another disk is connected" iscsictl connect $IQN.plain \
		--persistent --portal 10.9.1.2
	mkfs.ext4 -q -L plain "/dev/disk/by-path/ip-10.9.1.2:3260-iscsi-$IQN.plain-lun-0"
	mkdir -p /plain
	wait_until 10 test -e /dev/disk/by-label/plain
	check "the watch of fstab is on" eval 'systemctl start \
		iscsi-mpio-mounts.path iscsi-mpio-order.path'
	echo 'LABEL=plain /plain ext4 defaults,x-systemd.device-timeout=5 0 0' \
		>>/etc/fstab
	check "a mount without _netdev is noted" wait_until 20 is_noted \
		"fstab LABEL=plain /plain"
	check_is "the tool tells it" 'network (no _netdev)' \
		"$(ijson mounts '.[] | select(.Where == "/plain") | .Order')"
	lose_paths
	# The agent's own way would sync first, which waits for the disk.
	setsid sh -c 'sleep 1; systemctl start --no-block \
		--job-mode=replace-irreversibly reboot.target' >/dev/null 2>&1 &
	trap - EXIT
	[ "$FAILED" = 0 ] || : >"$SCENARIO_DIR/failed"
	exit 88
	;;
1)
	took=$(down_ms)
	check_le "a dirty file system on a dead target ends within" "$took" 60000 ms
	check_is "its mount waits for its disk" inactive \
		"$(systemctl is-active data.mount)"
	check_is "a mount without _netdev on a disk that is not there yet does not end the boot" \
		'active inactive' "$(systemctl is-active local-fs.target \
			emergency.target | paste -sd' ')"
	check "it is ordered as a mount of the network" grep -qw \
		remote-fs-pre.target <<<"$(systemctl show -P After plain.mount)"
	check "and not before those of local disks" eval \
		'! systemctl show -P Before plain.mount | grep -qw local-fs.target'
	target_setup
	check "it is mounted when its target comes, by itself" \
		wait_until 60 mountpoint -q /data
	check "the one without _netdev is, when asked for" eval \
		'wait_until 60 test -e /dev/disk/by-label/plain &&
		systemctl reset-failed plain.mount; systemctl start plain.mount &&
		mountpoint -q /plain && umount /plain'
	sed -i /plain/d /etc/fstab
	check "nothing of it is damaged that was there" \
		eval 'umount /data && e2fsck -fn /dev/disk/by-label/data'
	# Without any unit: only the module's notifier is left to say that
	# nobody waits for a path any more.
	must "both paths are ready" disk_with_paths $IQN 2
	must "the file system is mounted again" mount /data
	lose_paths
	# The agent has noted the next stage when its own sync waits.
	setsid sh -c 'until pidof sync; do sleep 0.1; done
		sync -f /var/lib/vmtest
		reboot -f -f -n' >/dev/null 2>&1 &
	trap - EXIT
	[ "$FAILED" = 0 ] || : >"$SCENARIO_DIR/failed"
	exit 88
	;;
2)
	took=$(down_ms)
	check_le "a reboot that nothing of userspace takes part in ends within" \
		"$took" 30000 ms
	target_setup
	must "both paths are back" disk_with_paths $IQN 2
	check "the file system is mounted again" \
		wait_until 60 mountpoint -q /data
	umount /data
	sed -i /LABEL=data/d /etc/fstab
	systemctl daemon-reload
	check "unregister removes the records" eval \
		"iscsictl unregister \$(ijson record list '.[].RecordIdentifier')"
	check "the shutdown service logs out what is unused" \
		systemctl restart iscsi-mpio-shutdown.service
	check_is "no session is left" 0 "$(ijson session list length)"
	;;
esac
