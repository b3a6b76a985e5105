#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 900
# If this fails, a machine does not boot from a disk of ours, loses it when paths
# go, or does not come to an end.
#
# A Debian machine without a disk: initramfs-tools and dracut find its root file
# system over two networks, by command line, records, iBFT and DHCP.
# BOTH_SECONDS: how long both paths are gone.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
. "$HERE/../lib/rootvm.sh"
scenario_stop() { rootvm_stop; }

STATIC="ip=10.9.1.1::::vm:eth0:none ip=10.9.2.1::::vm:eth1:none"
USER_SECRET=initiator-secret
TARGET_SECRET=target-has-a-secret

# The second image of initramfs-tools is another file: it has records.
with_records() {
	mv "$WORK/initramfs-tools.img" "$WORK/plain.img"
	ETC=$WORK/etc "$VM_DIR/bootfs.sh" "$KVER" "$WORK" initramfs-tools &&
		mv "$WORK/initramfs-tools.img" "$WORK/records.img"
	mv "$WORK/plain.img" "$WORK/initramfs-tools.img"
	[ -s "$WORK/records.img" ]
}

# stamp REGEX: the kernel's clock when a line of its log first came
stamp() { sed -n -E "s/^\[ *([0-9.]+)\] .*($1).*/\1/p" "$TMP/dmesg" | head -1; }

tell_boot() {
	guest dmesg >"$TMP/dmesg"
	echo "# $1: root mounted at $(stamp 'EXT4-fs \(sd.\): mounted') s, iscsi_mpio logged in first at $(stamp 'iscsi_mpio: session .* logged-in') s of the kernel's clock"
}

must "Debian's tools make a root disk and both initramfs" \
	make_images disk initramfs-tools dracut
check_is "the image of initramfs-tools is for root only" 600 \
	"$(stat -c %a "$WORK/initramfs-tools.img")"
must "a target serves the disk" target_vm_start "$WORK/disk.img"

# --- command line, both paths
must "boots by iscsi_mpio= and ip=" boot "$WORK/initramfs-tools.img" \
	"$STATIC" "iscsi_mpio=$IQN@10.9.1.2,10.9.2.2" \
	"iscsi_mpio_initiator=$HOST_IQN"
tell_boot "command line"
check "over both paths" wait_until 20 has_ready 2
check "every path has its by-path link" guest "test \$(readlink -f \
	/dev/disk/by-path/ip-10.9.1.2:3260-iscsi-$IQN-lun-0) = \$(readlink -f \
	/dev/disk/by-path/ip-10.9.2.2:3260-iscsi-$IQN-lun-0)"
check_is "the root waits for its paths for ever" infinite \
	"$(guest 'iscsictl --json mpio get --session 1 | jq -r ".[0].NoPathTimeout"')"
guest 'for s in 1 2; do iscsictl mpio set NopInterval=1000 NopTimeout=1000 --session $s; done'
must "register stores both sessions for the next boot" guest \
	'iscsictl register --multipath --startup onboot 1 2 &&
	mkdir -p /vm/out/etc && cp -a /etc/iscsi-mpio /vm/out/etc/'
mkdir -p "$WORK/etc"
cp -a "$CACHE/serve/$ROOT_VM/vm/out/etc/." "$WORK/etc/"
echo "InitiatorName=$HOST_IQN" >"$WORK/etc/iscsi-mpio/initiator.conf"

guest 'dd if=/dev/zero of=/root/meter bs=1M count=2 status=none; sync
	pause-meter /root/meter 900 >/vm/out/meter 2>&1 & echo $! >/run/meter'
for link in 1 2; do
	cut $link
	check "path $link goes" wait_until 30 has_ready 1
	heal $link
	check "path $link comes back" wait_until 30 has_ready 2
done
cut 1 2
sleep "${BOTH_SECONDS:-15}"
heal 1 2
check "both come back after ${BOTH_SECONDS:-15} s without any" \
	wait_until 30 has_ready 2
check "the file system works" guest 'sync; ls / >/dev/null && echo x >/root/x'
guest 'kill $(cat /run/meter); while kill -0 $(cat /run/meter) 2>/dev/null; do sleep 0.1; done'
meter=$(tail -1 "$CACHE/serve/$ROOT_VM/vm/out/meter")
check "no write failed or was lost: $meter" \
	grep -q 'errors=0 .*miscompares=0' <<<"$meter"

cut 1
wait_until 30 has_ready 1
agents=$(grep -c '#@ ready' "$CACHE/serve/$ROOT_VM/console.log")
echo 'mv /usr/sbin/iscsictl /root/; kill -9 -1' \
	>"$CACHE/serve/$ROOT_VM/vm/cmd/kill.new"
mv "$CACHE/serve/$ROOT_VM/vm/cmd/kill.new" "$CACHE/serve/$ROOT_VM/vm/cmd/kill.sh"
agent_back() {
	[ "$(grep -c '#@ ready' "$CACHE/serve/$ROOT_VM/console.log")" -gt "$agents" ]
}
must "every process but init is killed, the tool is gone" \
	wait_until 60 agent_back
heal 1
check "the path still comes back" wait_until 30 has_ready 2
guest 'mv /root/iscsictl /usr/sbin/'
ends_within 30 "it reboots with the target alive" reboot

# --- records, first path dead
must "an initramfs takes records and secrets along" \
	with_records
cut 1
must "boots by its records with the first path dead" \
	boot "$WORK/records.img" "$STATIC"
tell_boot "records, one path"
check_is "one path is ready" 1 "$(ready_paths)"
check_is "both sessions are registered ones" 2 \
	"$(guest 'iscsictl --json session list | jq "[.[] | select(.IsPersistent)] | length"')"
heal 1
check "the dead path joins when it comes to life" wait_until 30 has_ready 2
guest 'for s in 1 2; do iscsictl mpio set NopInterval=1000 NopTimeout=1000 --session $s; done
	systemctl is-active iscsi-mpio-bound >/dev/null; dd if=/dev/zero of=/root/dirty bs=1M count=8 status=none'
cut 1 2
ends_within 30 "it powers off with the target dead" poweroff
heal 1 2

# --- iBFT with mutual CHAP, second path dead
target "chap_mutual \$IQN alice $USER_SECRET storage $TARGET_SECRET"
python3 "$HERE/../lib/ibft-table.py" "$WORK/ibft" "$HOST_IQN" \
	52:54:00:09:01:01,10.9.1.1/24 52:54:00:09:02:01,10.9.2.1/24 -- \
	"0,10.9.1.2,$IQN,alice,$USER_SECRET,storage,$TARGET_SECRET" \
	"1,10.9.2.2,$IQN,alice,$USER_SECRET,storage,$TARGET_SECRET"
cut 2
rm -rf "${WORK:?}/etc"
export QEMU="-acpitable sig=iBFT,rev=1,oem_id=TESTED,data=$WORK/ibft"
must "boots by the iBFT with mutual CHAP and the second path dead" \
	boot "$WORK/initramfs-tools.img" ip=ibft iscsi_mpio=ibft
unset QEMU
tell_boot "iBFT, one path"
check_is "it authenticated both ways" MUTUALCHAP \
	"$(guest 'iscsictl --json session list | jq -r "[.[] | select(.IsConnected)][0].AuthenticationType"')"
heal 2
check "the dead path joins when it comes to life" wait_until 30 has_ready 2
check_is "no secret is in the log" '' \
	"$(root_log | grep -e $USER_SECRET -e $TARGET_SECRET)"
ends_within 30 "it powers off with the target alive" poweroff

# --- dracut, addresses and root path by DHCP
target "chap_off \$IQN
	for n in 1 2; do
		setsid python3 /vm/tests/lib/dhcp-server.py eth\$((n - 1)) \
			10.9.\$n.2 10.9.\$n.1 iscsi:10.9.\$n.2::::\$IQN \
			>/dev/null 2>&1 </dev/null &
	done"
must "boots through dracut by DHCP and its root path" \
	boot "$WORK/dracut.img" ip=dhcp iscsi_mpio=dhcp \
	"iscsi_mpio_initiator=$HOST_IQN"
tell_boot "dracut, DHCP"
check "over both paths" wait_until 20 has_ready 2
ends_within 30 "it powers off" poweroff
