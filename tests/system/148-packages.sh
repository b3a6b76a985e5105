#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 3600
# If this fails, the .deb packages do not install, do not follow an upgrade, take a
# disk in use away, or leave something behind.
#
# apt installs them and DKMS compiles on this machine, in a chroot of a fresh
# Debian 12 without the network; a VM then starts from what that made. Where
# nothing is cached it fetches 150 MB. UPGRADE=1: the upgrade under load, for which
# DKMS compiles once more, within the VM.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
VM_DIR=$HERE/../vm
TOP=$(cd "$HERE/../.." && pwd)
export PATH=$PATH:/usr/sbin:/sbin
CACHE=${IMPIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/iscsi-mpio}
export IMPIO_CACHE=$CACHE
VM=packages$$
WORK=$CACHE/runs/packages-$$
ROOT=$WORK/root
SHARE=$CACHE/serve/$VM/vm
OTHER=6.1	# a kernel that is installed and not running
OURS="iscsi-mpio-dkms iscsi-mpio-tools iscsi-mpio-initramfs libiscsi-mpio-dev"
OURS+=" libiscsi-mpio0 iscsi-mpio-compat"
mkdir -p "$WORK"

guest() { "$VM_DIR/vmsh.sh" "$VM" "export DEBIAN_FRONTEND=noninteractive; $*"; }
in_root() {
	chroot "$ROOT" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"
}
release() { cat "$("$VM_DIR/kernels.sh" "$1")/release"; }
scenario_stop() {
	[ ! -e "$CACHE/serve/$VM/pid" ] || {
		cp "$CACHE/serve/$VM/serial.log" "$CACHE/logs/$VM.log"
		kill -9 "$(cat "$CACHE/serve/$VM/pid")"
		rm -rf "$CACHE/serve/$VM"
	}
	umount "$ROOT"/{proc,sys,dev} 2>/dev/null
	rm -rf --one-file-system "$WORK"
}
dump_state() {
	guest 'dmesg | tail -20; tail -30 /var/lib/dkms/*/*/build/make.log' |
		comment
}

# build_debs DIR [VERSION]: the packages, of that version if one is given
build_debs() {
	local source=$TOP
	if [ -n "${2:-}" ]; then
		source=$WORK/source
		mkdir -p "$source"
		git -C "$TOP" ls-files -z --cached --others --exclude-standard |
			(cd "$TOP" && xargs -0 ls -d 2>/dev/null) |
			tar -C "$TOP" -cf - -T - | tar -C "$source" -xf -
		sed -i "s/^MPIO_VERSION := .*/MPIO_VERSION := $2/" "$source/Kbuild"
		sed -i "1s/(.*)/($2)/" "$source/debian/changelog"
	fi
	"$source/scripts/package.sh" deb &&
		mkdir -p "$1" && cp "$source"/packages/*.deb "$1/" &&
		rm -f "$1"/*dbgsym*
}

# All that DKMS and the hooks need and the image lacks, as an archive at $1. The
# kernel images which headers depend on are not: what runs came with the VM.
make_archive() {
	local rel status=$WORK/status apt
	mkdir -p "$1/partial"
	debugfs -R "dump /var/lib/dpkg/status $status" \
		"$("$VM_DIR/rootfs.sh")" 2>/dev/null
	for rel in "$running" "$other"; do
		printf 'Package: linux-image-%s\nStatus: install ok installed\nMaintainer: test\nArchitecture: amd64\nVersion: %s\nDescription: of the VM\n\n' \
			"$rel" "$(apt-cache show "linux-headers-$rel" |
				sed -n 's/^Version: //p' | head -1)"
	done >"$WORK/images"
	cat "$WORK/images" >>"$status"
	apt=(apt-get -qq -y --no-install-recommends
		-o Dir::State::status="$status"
		-o Dir::State::extended_states=/dev/null
		-o Dir::Cache::archives="$1" -o Dir::Cache::pkgcache=
		-o Dir::Cache::srcpkgcache= -o Debug::NoLocking=1
		-o APT::Sandbox::User=root)
	"${apt[@]}" -d install dkms initramfs-tools-core busybox \
		"linux-headers-$running" "linux-headers-$other" &&
		rmdir "$1/partial" &&
		(cd "$1" && dpkg-scanpackages -m . >Packages)
}

# The tree of the test VMs with that archive, all it is to depend on, and the
# modules of the kernel that will run.
make_tree() {
	mkdir -p "$ROOT"
	debugfs -R "rdump / $ROOT" "$("$VM_DIR/rootfs.sh")" >/dev/null 2>&1
	rm -f "$ROOT/etc/iscsi/initiatorname.iscsi"	# of open-iscsi
	mv "$WORK/archive" "$ROOT/var/tmp/"
	cat "$WORK/images" >>"$ROOT/var/lib/dpkg/status"
	rm -f "$ROOT"/etc/apt/sources.list "$ROOT"/etc/apt/sources.list.d/*
	echo 'deb [trusted=yes] file:/var/tmp/archive ./' \
		>"$ROOT/etc/apt/sources.list"
	cp -a "$("$VM_DIR/modules.sh" "$KVER")/modules/lib/modules/$running" \
		"$ROOT/usr/lib/modules/" || return 1
	cp "$("$VM_DIR/kernels.sh" "$KVER")"/tree/boot/config-* "$ROOT/boot/"
	mount -t proc proc "$ROOT/proc" && mount -t sysfs sys "$ROOT/sys" &&
		mount --bind /dev "$ROOT/dev" || return 1
	in_root apt-get -qq update &&
		in_root apt-get -qq -y --no-install-recommends install dkms \
		busybox initramfs-tools-core "linux-headers-$running" \
		"linux-headers-$other" && in_root depmod "$running"
}

# What is in a tree but for what apt, dpkg, systemd and the test keep themselves.
LISTING='find / -xdev \( -path /var/cache -o -path /var/lib/apt -o -path /var/log \
	-o -path /var/lib/dpkg -o -path /tmp -o -path /var/lib/vmtest -o -path /run \
	-o -path /root -o -path /var/tmp -o -path /var/target -o \
	-path /etc/lvm -o -path /proc -o \
	-path /sys -o -path /dev -o -path /vm -o -path /var/lib/systemd -o \
	-path "/usr/lib/modules/*/modules.*" -o -path /var/lib/dbus -o \
	-name "*.pyc" -o -name __pycache__ \) -prune -o -print | sort'
module_is() {	# RELEASE VERSION, in the tree
	in_root sh -c "modinfo -k $1 -F vermagic iscsi_mpio | grep -q '^$1 ' &&
		test \"\$(modinfo -k $1 -F version iscsi_mpio)\" = '$2'"
}

has_modules() {	# WHEN
	local rel
	for rel in "$running" "$other"; do
		# a chroot has no running kernel for DKMS to think of
		module_is "$rel" "$version" >/dev/null 2>&1 ||
			in_root dkms install -m iscsi-mpio -v "$version" \
			-k "$rel" | comment
		check "DKMS has built the module for $rel$1" \
			module_is "$rel" "$version"
	done
}

# A VM whose own disk is that tree.
start_vm() {
	umount "$ROOT"/{proc,sys,dev}
	rm -rf "$ROOT/var/tmp/archive"
	truncate -s 4G "$WORK/disk.img" &&
		mke2fs -q -F -t ext4 -O ^metadata_csum_seed,^orphan_file \
		-E lazy_itable_init=0,lazy_journal_init=0 -d "$ROOT" \
		"$WORK/disk.img" &&
		qemu-img create -q -f qcow2 -F raw -b "$WORK/disk.img" \
		"$WORK/disk.qcow2" &&
		"$VM_DIR/run.sh" --systemd --no-module --serve "$VM" \
		--disk "$WORK/disk.qcow2" "$KVER" &&
		cp -r "$WORK/next" "$SHARE/" &&
		guest 'umount -l /usr/lib/modules && udevadm control --reload'
}

running=$(release "$KVER")
other=$(release $OTHER)
version=$(sed -n 's/^MPIO_VERSION := //p' "$TOP/Kbuild")
must "make deb builds the packages" build_debs "$WORK/debs"
command -v lintian >/dev/null || apt-get install -qq -y lintian >/dev/null 2>&1
check "lintian has nothing to say" lintian --fail-on error,warning \
	--allow-root "$WORK"/debs/*.deb
[ -z "${UPGRADE:-}" ] || must "they build as version $version.1, too" \
	build_debs "$WORK/next" "$version.1"
mkdir -p "$WORK/next"
must "an archive holds what they depend on" make_archive "$WORK/archive"
must "a fresh Debian 12 has that and the headers of two kernels" make_tree
in_root sh -c "$LISTING" >"$WORK/before"

# --- install
cp -r "$WORK/debs" "$ROOT/var/tmp/"
must "apt installs them" in_root sh -c \
	'apt-get -y --no-install-recommends install /var/tmp/debs/*.deb'
has_modules ""
check "both units are enabled" in_root \
	systemctl is-enabled iscsi-mpio-restore iscsi-mpio-shutdown
check "an initramfs has helper and module" in_root sh -c "
	mkinitramfs -o /tmp/initrd $running && lsinitramfs /tmp/initrd >/tmp/list
	rm /tmp/initrd
	grep -q iscsi-mpio-boot /tmp/list && grep -q iscsi_mpio.ko /tmp/list"
check_is "iscsiadm is ours, wherever programs call it" \
	"/usr/sbin/iscsictl /usr/sbin/iscsictl" \
	"$(in_root readlink -f /usr/bin/iscsiadm /sbin/iscsiadm | xargs)"
check "the package has made no name: images would share it" \
	test ! -e "$ROOT/etc/iscsi-mpio/initiator.conf"
check "multipathd is told to leave our disks alone" grep -q \
	DISK_OF_ISCSI_MPIO "$ROOT/etc/multipath/conf.d/iscsi-mpio.conf"
must "the first start makes one" in_root iscsictl initiator set --generate \
	--if-missing
name=$(cat "$ROOT/etc/iscsi-mpio/initiator.conf")
check "the host has a name" grep -Eq \
	'^InitiatorName=iqn\.2026-11\.[a-z0-9.:-]+$' <<<"$name"
check "they install again over themselves" in_root sh -c \
	'apt-get -y --reinstall --no-install-recommends install /var/tmp/debs/*.deb'
has_modules " again"
check_is "the name is the same" "$name" \
	"$(cat "$ROOT/etc/iscsi-mpio/initiator.conf")"

# --- use
must "a machine starts with them" start_vm
must "modprobe loads it" guest 'modprobe iscsi_mpio'
must "it connects over two paths" guest '
	net_up 2; lio_load
	backend_file disk /root/disk 64
	two_portals iqn.2026-11.org.test:pkg disk
	iscsictl connect iqn.2026-11.org.test:pkg --multipath --persistent \
		--portal 10.9.1.2 --portal 10.9.2.2 &&
	disk_with_paths iqn.2026-11.org.test:pkg 2 && echo $DISK >/run/disk'
disk=$(guest 'cat /run/disk')

if [ -n "${UPGRADE:-}" ]; then
	guest "pause-meter /dev/$disk 3600 >/root/meter 2>&1 & echo \$! >/run/meter"
	# Compiled for the kernel that runs: within the VM that takes minutes.
	guest "mv /usr/lib/modules/$other/build /root/"
	must "apt upgrades them while the disk is written to" guest \
		'apt-get -y --no-install-recommends install /vm/next/*.deb'
	guest "mv /root/build /usr/lib/modules/$other/"
	check_is "the new module is there" "$version.1" \
		"$(guest 'modinfo -F version iscsi_mpio')"
	check_is "the old one stays as long as it is used" "$version" \
		"$(guest 'cat /sys/module/iscsi_mpio/version')"
	check_is "both paths are ready" 2 \
		"$(guest "grep -c ' ready\$' /sys/block/$disk/device/paths")"
	check "the new tool speaks with the old module" guest \
		'iscsictl session list && iscsictl path list'
	guest 'kill $(cat /run/meter); while kill -0 $(cat /run/meter) 2>/dev/null; do sleep 0.1; done'
	meter=$(guest 'tail -1 /root/meter')
	check "no write failed or was lost: $meter" \
		grep -q 'errors=0 .*miscompares=0' <<<"$meter"
	check_is "name and records are the same" "$name 2" \
		"$(guest 'echo "$(cat /etc/iscsi-mpio/initiator.conf)" $(iscsictl --json record list | jq length)')"
	# Not modprobe -r: it goes on to libcrc32c's crc32c_intel, which the
	# target on this machine uses, and fails.
	check "idle, the new one takes its place" guest '
		disconnect iqn.2026-11.org.test:pkg && rmmod iscsi_mpio &&
		iscsictl restore --wait 30 &&
		test "$(cat /sys/module/iscsi_mpio/version)" = '"$version.1"
	must "the disk is back" guest 'disk_with_paths iqn.2026-11.org.test:pkg 2'
fi

# --- remove and purge
guest 'systemctl -q enable iscsi-mpio-refresh.timer'
guest "sleep infinity </dev/$disk & echo \$! >/run/holder
	cp \$(command -v iscsictl) /run/"
check "they are removed while the disk is in use" guest \
	"apt-get -y remove $OURS"
check_is "it stays, on both paths" 2 \
	"$(guest "grep -c ' ready\$' /sys/block/$disk/device/paths")"
check "no module is left on disk" guest \
	'! find /usr/lib/modules -name "iscsi_mpio*" | grep .'
check "the configuration stays" guest 'ls /etc/iscsi-mpio/records/*.conf'
check "idle, the module can go" guest 'kill $(cat /run/holder)
	wait_until 30 /run/iscsictl disconnect iqn.2026-11.org.test:pkg
	wait_until 30 rmmod iscsi_mpio'
check "they are purged" guest "apt-get -y purge '?config-files'"
guest 'lio_gone; net_gone; rm -f /root/disk /root/meter' | comment
guest "$LISTING" >"$WORK/after"
check "nothing is left, nothing of others is gone" \
	diff "$WORK/before" "$WORK/after"
SPLAT=$(sed -n "s/^SPLAT='\(.*\)'\$/\1/p" "$VM_DIR/agent.sh")
check_is "the kernel log is clean" '' \
	"$(grep -aE -m1 "$SPLAT" "$CACHE/serve/$VM/serial.log")"
