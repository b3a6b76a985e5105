#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 300
# REQUIRES: mkfs.ext4 multipathd systemctl
# If this fails, a host that used dm-multipath before starts with our disk in one of
# its maps: the file system is not mounted, or hangs above two failovers.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:taken
MASKED="multipathd.service multipathd.socket multipath-tools.service"
target_setup() {
	net_up 2
	lio_load
	backend_file disk "$SCENARIO_DIR/disk" 64
	two_portals $IQN disk
}
property() { udevadm info -q property "/dev/$1" | sed -n "s/^$2=//p"; }

case $STAGE in
setup)	# run by setup_at_boot
	target_setup
	trap - EXIT
	exit 0
	;;
0)
	target_setup
	must "two paths connect" iscsictl connect $IQN --multipath --persistent \
		--portal 10.9.1.2 --portal 10.9.2.2
	must "they lead to one disk" disk_with_paths $IQN 2
	mkfs.ext4 -q -L taken "/dev/$DISK"
	mkdir -p /data /etc/multipath
	echo 'LABEL=taken /data ext4 _netdev,nofail 0 0' >>/etc/fstab
	printf '/%s/\n' "$(property "$DISK" ID_SERIAL)" >/etc/multipath/wwids
	check "dm-multipath has had our disk" test -s /etc/multipath/wwids
	printf 'defaults {\n\tfind_multipaths no\n}\n' >/etc/multipath.conf
	# off, as for other tests
	for unit in $MASKED; do rm -f "/etc/systemd/system/$unit"; done
	rm -f /etc/udev/rules.d/60-multipath.rules
	systemctl daemon-reload
	systemctl enable -q multipathd.service
	setup_at_boot multipathd.service
	reboot_here
	;;
1)
	must "multipathd has started with the machine" wait_until 60 eval \
		'multipathd show daemon 2>/dev/null | grep -q idle'
	must "the sessions are back" disk_with_paths $IQN 2
	check "the file system is mounted" wait_until 60 mountpoint -q /data
	check_is "from our disk" "/dev/$DISK" "$(findmnt -no SOURCE /data)"
	check_is "there is no map" '' \
		"$(dmsetup ls --target multipath | grep -v '^No ')"
	check_is "nothing holds the disk" '' "$(ls "/sys/block/$DISK/holders")"
	check_is "udev takes it for no path of a map" 0 \
		"$(property "$DISK" DM_MULTIPATH_DEVICE_PATH)"
	check_is "and knows its file system" ext4 "$(property "$DISK" ID_FS_TYPE)"
	check "told to look again, multipathd leaves it alone" eval \
		'multipathd reconfigure >/dev/null && multipath -v0;
		dmsetup ls --target multipath | grep -q "^No "'
	check "it can be unmounted" umount /data
	check "and disconnected" disconnect $IQN
	systemctl -q disable --now multipathd.service test-target.service
	for unit in $MASKED; do
		ln -sf /dev/null "/etc/systemd/system/$unit"
	done
	ln -sf /dev/null /etc/udev/rules.d/60-multipath.rules
	sed -i /LABEL=taken/d /etc/fstab
	;;
esac
