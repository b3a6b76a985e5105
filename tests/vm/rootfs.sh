#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# rootfs.sh: makes the guest's root file system (Debian bookworm with systemd,
# the tools of the tests and the peers' tools) and prints the image's path.
#
# The image is raw ext4 and never written to: VMs put a qcow2 overlay on it. It
# holds no kernel modules; those of the kernel under test are mounted from the
# host. Cached by the hash of this file.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=(
	systemd systemd-sysv udev dbus kmod procps iproute2 nftables iputils-ping
	ethtool libnl-3-200 libnl-genl-3-200 libmnl0 libkmod2 libnettle8
	fio sg3-utils e2fsprogs jq dmsetup util-linux strace psmisc
	open-iscsi multipath-tools nvme-cli lsscsi python3-minimal
	libpython3-stdlib tgt istgt lvm2 cryptsetup-bin xfsprogs btrfs-progs
	openssh-server openssh-client tmux
)

# Everything a guest of two slow CPUs should not wait for.
masked=(
	apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer
	e2scrub_all.timer e2scrub_reap.service fstrim.timer
	systemd-timesyncd.service systemd-networkd.service
	systemd-update-utmp.service systemd-update-utmp-runlevel.service
	systemd-pstore.service systemd-random-seed.service
	systemd-binfmt.service systemd-journal-flush.service
	systemd-journal-catalog-update.service systemd-hwdb-update.service
	systemd-update-done.service systemd-machine-id-commit.service
	systemd-firstboot.service ldconfig.service systemd-sysusers.service
	systemd-boot-system-token.service systemd-rfkill.socket
	systemd-logind.service systemd-user-sessions.service
	getty.target console-getty.service getty@.service serial-getty@.service
	sys-kernel-debug.mount.d dev-hugepages.mount dev-mqueue.mount
	sys-kernel-tracing.mount proc-sys-fs-binfmt_misc.automount
	iscsid.service iscsid.socket open-iscsi.service
	multipathd.service multipathd.socket multipath-tools.service
	nvmefc-boot-connections.service nvmf-autoconnect.service
	tgt.service istgt.service
	dm-event.socket blk-availability.service lvm2-monitor.service
	lvm2-lvmpolld.socket
	ssh.service ssh.socket systemd-fsck-root.service systemd-remount-fs.service
	modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service
	systemd-ask-password-console.path systemd-ask-password-wall.path
)

build() {
	local image=$1 tree=$1.tree unit include
	include=$(IFS=,; echo "${packages[*]}")
	note "building the guest's root file system (1 minute)"
	rm -rf "$tree"
	mmdebstrap --quiet --variant=minbase --include="$include" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		bookworm "$tree" "$(debian_mirror)" >"$CACHE/mmdebstrap-rootfs.log" 2>&1 || {
		tail -20 "$CACHE/mmdebstrap-rootfs.log" >&2
		die "mmdebstrap failed"
	}
	for unit in "${masked[@]}"; do
		ln -sf /dev/null "$tree/etc/systemd/system/$unit"
	done
	# Generators fork on every boot and daemon-reload, for nothing here.
	rm -f "$tree"/usr/lib/systemd/system-generators/{systemd-gpt-auto,systemd-cryptsetup,systemd-veritysetup,systemd-integritysetup,systemd-getty,systemd-debug,systemd-hibernate-resume,systemd-rc-local,systemd-bless-boot,systemd-run,systemd-system-update}-generator \
		"$tree"/usr/lib/systemd/system-generators/lvm2*
	rm -rf "${tree:?}"/{var/cache/apt,var/lib/apt/lists,boot} \
		"$tree"/usr/lib/modules
	mkdir -p "$tree/usr/lib/modules" "$tree/vm" "$tree/boot" \
		"$tree/var/lib/vmtest"
	# multipath-tools is here for the benchmark, lvm2 for one scenario: on
	# new disks they stay out of the way.
	mkdir -p "$tree/etc/udev/rules.d"
	ln -sf /dev/null "$tree/etc/udev/rules.d/60-multipath.rules"
	ln -sf /dev/null "$tree/etc/udev/rules.d/69-lvm.rules"
	ln -sf /dev/null "$tree/etc/udev/rules.d/68-del-part-nodes.rules"
	echo vm >"$tree/etc/hostname"
	echo '127.0.0.1 localhost vm' >"$tree/etc/hosts"
	echo '0123456789abcdef0123456789abcdef' >"$tree/etc/machine-id"
	: >"$tree/etc/fstab"
	cat >"$tree/etc/systemd/system/vmtest.service" <<-'UNIT'
	[Unit]
	Description=Test agent
	After=multi-user.target
	[Service]
	Type=simple
	ExecStart=/bin/bash /vm/tests/vm/agent.sh
	StandardInput=null
	StandardOutput=file:/dev/hvc0
	StandardError=inherit
	KillMode=process
	TimeoutStopSec=5
	UNIT
	mkdir -p "$tree/etc/systemd/system/multi-user.target.wants" \
		"$tree/etc/systemd/system.conf.d" "$tree/etc/systemd/journald.conf.d"
	ln -sf multi-user.target "$tree/etc/systemd/system/default.target"
	ln -sf ../vmtest.service \
		"$tree/etc/systemd/system/multi-user.target.wants/vmtest.service"
	printf '[Manager]\nDefaultTimeoutStopSec=20\nLogLevel=notice\n' \
		>"$tree/etc/systemd/system.conf.d/vm.conf"
	printf '[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\n' \
		>"$tree/etc/systemd/journald.conf.d/vm.conf"
	# Ordering "after the target it belongs to" would be a cycle.
	sed -i 's/^After=multi-user.target/DefaultDependencies=no\nAfter=basic.target remote-fs.target iscsi-mpio-restore.service/' \
		"$tree/etc/systemd/system/vmtest.service"
	truncate -s 3G "$image.new"
	mke2fs -q -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 -O ^metadata_csum_seed,^orphan_file \
		-d "$tree" "$image.new" 2>/dev/null ||
	mke2fs -q -t ext4 -d "$tree" "$image.new"
	rm -rf "$tree"
	mv "$image.new" "$image"
}

need_pkg mmdebstrap mmdebstrap mke2fs e2fsprogs
hash=$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-16)
image=$CACHE/rootfs/$hash.img
mkdir -p "$CACHE/rootfs"
ensure() {
	[ -f "$image" ] || build "$image"
	find "$CACHE/rootfs" -name '*.img' ! -name "$hash.img" -delete
}
with_lock rootfs ensure >&2
echo "$image"
