#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 3600
# If this fails, the .deb packages do not install, do not follow an upgrade, take a
# disk in use away, or leave something behind.
#
# A fresh Debian 12 VM with an archive of what the packages depend on. DKMS
# compiles inside, three times, which takes most of the time.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
VM_DIR=$HERE/../vm
TOP=$(cd "$HERE/../.." && pwd)
export PATH=$PATH:/usr/sbin:/sbin
CACHE=${IMPIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/iscsi-mpio}
export IMPIO_CACHE=$CACHE
VM=packages$$
WORK=$CACHE/runs/packages-$$
SHARE=$CACHE/serve/$VM/vm
OTHER=6.1	# a kernel that is installed and not running
OURS="iscsi-mpio-dkms iscsi-mpio-tools iscsi-mpio-initramfs"
mkdir -p "$WORK"

guest() { "$VM_DIR/vmsh.sh" "$VM" "export DEBIAN_FRONTEND=noninteractive; $*"; }
release() { cat "$("$VM_DIR/kernels.sh" "$1")/release"; }
scenario_stop() {
	[ ! -e "$CACHE/serve/$VM/pid" ] || {
		cp "$CACHE/serve/$VM/serial.log" "$CACHE/logs/$VM.log"
		kill -9 "$(cat "$CACHE/serve/$VM/pid")"
		rm -rf "$CACHE/serve/$VM"
	}
	rm -rf "$WORK"
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

# What is in the guest but for what apt, dpkg and the test keep themselves.
listing() {
	guest "find / -xdev \( -path /var/cache -o -path /var/lib/apt -o \
		-path /var/log -o -path /var/lib/dpkg -o -path /tmp -o \
		-path /var/lib/vmtest -o -path /run -o -path /root -o \
		-path /var/tmp -o -path /etc/lvm -o -path /var/lib/systemd -o \
		-name '*.pyc' -o -name __pycache__ \) -prune -o -print | sort"
}
module_is() {	# RELEASE VERSION
	guest "modinfo -k $1 -F vermagic iscsi_mpio | grep -q '^$1 ' &&
		test \"\$(modinfo -k $1 -F version iscsi_mpio)\" = '$2'"
}

running=$(release "$KVER")
other=$(release $OTHER)
version=$(sed -n 's/^MPIO_VERSION := //p' "$TOP/Kbuild")
must "make deb builds the packages" build_debs "$WORK/debs"
command -v lintian >/dev/null || apt-get install -qq -y lintian >/dev/null 2>&1
check "lintian has nothing to say" lintian --fail-on error,warning \
	--allow-root "$WORK"/debs/*.deb
must "they build as version $version.1, too" \
	build_debs "$WORK/next" "$version.1"
must "an archive holds what they depend on" make_archive "$WORK/archive"
must "a fresh Debian starts" "$VM_DIR/run.sh" --systemd --no-module \
	--serve "$VM" --timeout 3600 "$KVER"
cp -r "$WORK/debs" "$WORK/next" "$WORK/archive" "$WORK/images" "$SHARE/"
# Its modules are the host's and only to be read: DKMS wants to write there.
must "it has an archive and both kernels' headers" guest "
	set -e
	cat /vm/images >>/var/lib/dpkg/status
	mkdir /root/modules
	cp -a /usr/lib/modules/. /root/modules/
	umount /usr/lib/modules
	cp -a /root/modules/. /usr/lib/modules/
	rm -rf /root/modules
	rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
	echo 'deb [trusted=yes] file:/vm/archive ./' >/etc/apt/sources.list
	apt-get -qq update
	apt-get -qq -y --no-install-recommends install dkms busybox \
		initramfs-tools-core linux-headers-$running linux-headers-$other"
listing >"$WORK/before"

# --- install
must "apt installs them" guest 'apt-get -y --no-install-recommends install /vm/debs/*.deb'
for rel in "$running" "$other"; do
	guest "modinfo -k $rel iscsi_mpio >/dev/null 2>&1 ||
		dkms install -q -m iscsi-mpio -v $version -k $rel" | comment
	check "DKMS has built the module for $rel" module_is "$rel" "$version"
done
check "both units are enabled" guest \
	'systemctl is-enabled iscsi-mpio-restore iscsi-mpio-shutdown'
check "an initramfs has helper and module" guest "
	mkinitramfs -o /tmp/initrd $running && lsinitramfs /tmp/initrd >/tmp/list
	rm /tmp/initrd
	grep -q iscsi-mpio-boot /tmp/list && grep -q iscsi_mpio.ko /tmp/list"
name=$(guest 'cat /etc/iscsi-mpio/initiator.conf')
check "the host has a name" grep -Eq \
	'^InitiatorName=iqn\.2026-11\.[a-z0-9.:-]+$' <<<"$name"

# --- use
must "modprobe loads it" guest 'modprobe iscsi_mpio'
must "it connects over two paths" guest '
	net_up 2; lio_load
	backend_file disk /root/disk 64
	two_portals iqn.2026-11.org.test:pkg disk
	iscsictl connect iqn.2026-11.org.test:pkg --multipath --persistent \
		--portal 10.9.1.2 --portal 10.9.2.2 &&
	disk_with_paths iqn.2026-11.org.test:pkg 2 && echo $DISK >/run/disk'
disk=$(guest 'cat /run/disk')

# --- upgrade under load
guest "pause-meter /dev/$disk 3600 >/root/meter 2>&1 & echo \$! >/run/meter"
must "apt upgrades them while the disk is written to" guest \
	'apt-get -y --no-install-recommends install /vm/next/*.deb'
check "the new module is there for the running kernel" \
	module_is "$running" "$version.1"
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
check "idle, the new one takes its place" guest '
	disconnect iqn.2026-11.org.test:pkg && modprobe -r iscsi_mpio &&
	iscsictl restore --wait 30 &&
	test "$(cat /sys/module/iscsi_mpio/version)" = '"$version.1"
must "the disk is back" guest 'disk_with_paths iqn.2026-11.org.test:pkg 2'

# --- remove and purge
guest 'sleep infinity <"/dev/$(readlink -f /dev/disk/by-path/*pkg-lun-0 |
	sed -n "1s/.*\///p")" & echo $! >/run/holder'
check "they are removed while the disk is in use" guest \
	"apt-get -y remove $OURS"
check "it stays, on both paths" guest \
	'grep -c " ready$" /sys/block/sd?/device/paths | grep -qx 2'
check "no module is left on disk" guest \
	'! find /usr/lib/modules -name "iscsi_mpio*" | grep .'
check "the configuration stays" guest 'ls /etc/iscsi-mpio/records/*.conf'
check "they are purged" guest "apt-get -y purge $OURS"
check "idle, the module can go" guest 'kill $(cat /run/holder)
	wait_until 30 modprobe -r iscsi_mpio'
guest 'lio_gone; net_gone; rm -f /root/disk /root/meter' | comment
listing >"$WORK/after"
check "nothing is left, nothing of others is gone" \
	diff "$WORK/before" "$WORK/after"
SPLAT=$(sed -n "s/^SPLAT='\(.*\)'\$/\1/p" "$VM_DIR/agent.sh")
check_is "the kernel log is clean" '' \
	"$(grep -aE -m1 "$SPLAT" "$CACHE/serve/$VM/serial.log")"
