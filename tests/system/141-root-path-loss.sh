#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 900
# If this fails, a machine loses its root file system when paths go or when
# nothing of userspace is left, does not come to an end, or its registered
# sessions do not lead to its next boot.
#
# BOTH_SECONDS: how long both paths are gone.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
. "$HERE/../lib/rootvm.sh"
: "${BOTH_SECONDS:=60}"

agent_back() {
	[ "$(grep -c '#@ ready' "$CACHE/serve/$ROOT_VM/console.log")" -gt "$agents" ]
}

must "Debian's tools make a root disk and an initramfs" \
	make_images disk initramfs-tools
must "a target serves the disk" target_vm_start
must "boots by the command line" \
	boot "$IMAGES/initramfs-tools.img" "$STATIC" "$OURS"
tell_boot "command line, both portals"
check "over both paths" wait_until 20 has_ready 2
quick_timers
must "register stores both sessions for the next boot" guest \
	'iscsictl register --multipath --startup onboot 1 2'
take_records
echo "InitiatorName=$HOST_IQN" >"$WORK/etc/iscsi-mpio/initiator.conf"

# --- paths go and come
guest 'dd if=/dev/zero of=/root/meter bs=1M count=2 status=none; sync
	pause-meter /root/meter 900 >/vm/out/meter 2>&1 & echo $! >/run/meter'
for link in 1 2; do
	cut $link
	check "path $link goes" wait_until 30 has_ready 1
	heal $link
	check "path $link comes back" wait_until 30 has_ready 2
done
cut 1 2
sleep "$BOTH_SECONDS"	# the outage itself
heal 1 2
check "both come back after $BOTH_SECONDS s without any" \
	wait_until 30 has_ready 2
check "the file system works" guest 'sync; ls / >/dev/null && echo x >/root/x'
guest 'kill $(cat /run/meter); while kill -0 $(cat /run/meter) 2>/dev/null; do sleep 0.1; done'
meter=$(tail -1 "$CACHE/serve/$ROOT_VM/vm/out/meter")
check "no write failed or was lost: $meter" \
	grep -q 'errors=0 .*miscompares=0' <<<"$meter"

# --- without userspace
cut 1
check "path 1 goes" wait_until 30 has_ready 1
agents=$(grep -c '#@ ready' "$CACHE/serve/$ROOT_VM/console.log")
echo 'mv /usr/sbin/iscsictl /root/; kill -9 -1' \
	>"$CACHE/serve/$ROOT_VM/vm/cmd/kill.new"
mv "$CACHE/serve/$ROOT_VM/vm/cmd/kill.new" "$CACHE/serve/$ROOT_VM/vm/cmd/kill.sh"
must "every process but init is killed, the tool is gone" \
	wait_until 60 agent_back
heal 1
check "the path still comes back" wait_until 30 has_ready 2
guest 'mv /root/iscsictl /usr/sbin/'
ends_within 30 "it reboots with the target alive" reboot

# --- records, second path dead
must "an initramfs takes records and secrets along" make_with_records
cut 2
must "boots by its records with the second portal dead" \
	boot "$WORK/initramfs-tools.img" "$STATIC"
tell_boot "records, second portal dead"
check_is "one path is ready" 1 "$(ready_paths)"
check_is "both sessions are registered ones" 2 \
	"$(guest 'iscsictl --json session list | jq "[.[] | select(.IsPersistent)] | length"')"
heal 2
check "the dead path joins when it comes to life" wait_until 30 has_ready 2
quick_timers
guest 'systemctl is-active iscsi-mpio-bound >/dev/null
	dd if=/dev/zero of=/root/dirty bs=1M count=8 status=none'
cut 1 2
ends_within 30 "it powers off with the target dead" poweroff
heal 1 2
must "boots again" boot "$WORK/initramfs-tools.img" "$STATIC"
must "its start is complete" has_started
cut 1 2
ends_within 30 "it reboots with the target dead" reboot
