#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 900
# demo.sh ("make demo"): the main job, start to end, in a throw-away VM: a real
# LIO target behind two portals, two paths to one disk with mutual CHAP, a path
# cut under load, and a reboot after which everything is back by itself.
#
# On the host this starts the VM with itself as the only scenario; in the guest
# it is called again for each stage. Nothing on the host changes but packages
# that were missing and the cache directory. Environment: DEMO_KERNEL (6.12).

host() {
	local seconds rc kernel=${DEMO_KERNEL:-6.12}
	# shellcheck source=tests/vm/common.sh
	. "$(dirname "${BASH_SOURCE[0]}")/../tests/vm/common.sh"
	echo "iscsi-mpio demo: Debian's kernel $kernel in a throw-away virtual machine."
	echo "Building the module, the tool and what the machine needs; the first time"
	echo "this downloads a kernel and makes a root file system (some minutes)."
	echo
	seconds=$SECONDS
	# gcc alone does not bring libc headers, nor kernel headers pahole.
	need_pkg gcc gcc /usr/include/stdio.h libc6-dev pahole pahole
	set +e
	"$VM_DIR/run.sh" --timeout 1500 "$kernel" "${BASH_SOURCE[0]}" |
		grep --line-buffered -v '^# demo: '
	rc=${PIPESTATUS[0]}
	echo
	if [ "$rc" = 0 ]; then
		echo "DEMO PASSED in $((SECONDS - seconds)) s: registered once, back after the restart, on both paths, data intact."
	else
		echo "DEMO FAILED in $((SECONDS - seconds)) s (exit status $rc): see \"not ok\" above."
	fi
	return "$rc"
}

IQN=iqn.2026-11.org.example:disk1
DATA=${SCENARIO_DIR:-}

title() { printf '\n== %s\n' "$*"; }

# run COMMAND: as typed, after a prompt.
run() {
	echo "\$ $1"
	eval "$1"
}

# step SENTENCE COMMAND: run, then say whether it worked; ends if not.
step() {
	if run "$2"; then
		pass "$1"
	else
		fail "$1"
		exit 1
	fi
}

# The target's machine: two portals, each behind its own link, and one disk in a
# file; mutual CHAP. It has to be made anew after each boot.
target_setup() {
	net_up 2
	lio_load
	backend_file demo "$DATA/disk" 96
	two_portals $IQN demo
	chap_mutual $IQN alice "correct-horse-battery" storage "staple-and-so-forth"
}

load_start() {
	fio --name=load --filename=/mnt/data/load --size=16m --direct=1 \
		--ioengine=libaio --rw=randwrite --bs=4k --iodepth=8 \
		--time_based --runtime=30 --verify=crc32c \
		--eta=never --output-format=json --output="$TMP/load.json" &
	LOAD=$!
	echo "(fio writes checksummed blocks of 4 KiB, 8 at a time, in the background)"
	sleep 4
}

load_report() {
	echo "(waiting for fio, which at the end reads back all it wrote)"
	wait "$LOAD"
	check "the load saw no error and read back what it wrote" [ $? = 0 ]
	sed -n '/^{/,$p' "$TMP/load.json" | jq -r '.jobs[0] |
		"fio: error \(.error), longest wait for a write \(.write.clat_ns.max / 1e6 | round) ms"'
}

before_reboot() {
	local count
	title "A target on another network: LIO, portals 10.9.1.2 and 10.9.2.2, mutual CHAP"
	target_setup
	run "uname -r"
	# of the guest, whose only user is root: no path of this machine
	secret /root/chap-secret "correct-horse-battery"
	secret /root/target-secret "staple-and-so-forth"

	title "Discover it through one portal"
	run "iscsictl chap set-secret --file /root/target-secret"
	step "discovery works" "iscsictl discover 10.9.1.2"
	run "iscsictl target list"

	title "Connect on every path, each side proving who it is"
	run "iscsictl mpio set --default NopInterval=1000 NopTimeout=1000"
	step "connect logs in" "iscsictl connect $IQN --multipath --auth mutual --chap-username alice --chap-secret-file /root/chap-secret"
	must "two paths lead to one disk" disk_with_paths $IQN 2
	run "iscsictl session list"
	run "iscsictl path list"
	run "lsblk -o NAME,SIZE,VENDOR,MODEL,WWN /dev/$DISK"

	title "Register: from now on it comes back after every restart"
	# shellcheck disable=SC2016
	step "register stores the sessions" 'iscsictl register -v --chap-username alice --chap-secret-file /root/chap-secret 1 2'
	run "iscsictl record list"
	count=$(ijson record list length)
	check_is "two records are stored" 2 "$count"

	title "Use it like any disk"
	step "mkfs works" "mkfs.ext4 -q -L data /dev/$DISK"
	run "mkdir -p /mnt/data"
	run "echo 'LABEL=data /mnt/data ext4 _netdev,nofail 0 0' >>/etc/fstab"
	step "the disk is mounted" "systemctl daemon-reload && mount /mnt/data"
	# shellcheck disable=SC2016
	run 'for i in $(seq 20); do head -c ${i}00000 /dev/urandom >/mnt/data/file$i; done'
	run "(cd /mnt/data && sha256sum file*) >/root/sums; tail -n 2 /root/sums"

	title "Cut one path under load: every packet of the first link vanishes"
	load_start
	run "nft 'add table ip cut; add chain ip cut in { type filter hook input priority 0; }; add rule ip cut in iifname i1 drop'"
	sleep 6
	run "iscsictl path list"
	check "one path carries on alone" has_paths "$DISK" 1

	title "Heal it: the path comes back by itself"
	run "nft delete table ip cut"
	check "both paths are ready again" wait_until 30 has_paths "$DISK" 2
	run "iscsictl path list"
	load_report

	title "Reboot the machine"
	# the target starts by itself with the guest, as another machine would be up
	setup_at_boot network.target
	iscsictl --json session list | jq -r '.[].InitiatorSideIdentifier' |
		sort >"$DATA/isids"
	run "rm /root/chap-secret /root/target-secret /mnt/data/load; sync"
	echo "(systemd stops everything, then the virtual machine starts anew)"
	reboot_here
}

after_reboot() {
	title "After the reboot: nobody has typed anything"
	check "the disk is back by itself, with both paths" \
		disk_with_paths $IQN 2
	run "uptime -p"
	run "systemctl show -p Result -p ExecStart iscsi-mpio-restore.service | cut -c1-76"
	run "iscsictl session list"
	run "iscsictl path list"
	run "iscsictl record list"
	check "its file system is mounted by itself" \
		wait_until 60 mountpoint -q /mnt/data
	run "findmnt -o SOURCE,TARGET,FSTYPE,OPTIONS /mnt/data"
	check "every checksum is right" \
		eval "(cd /mnt/data && sha256sum --quiet -c /root/sums)"
	run "(cd /mnt/data && sha256sum -c /root/sums | tail -n 2)"
	iscsictl --json session list | jq -r '.[].InitiatorSideIdentifier' |
		sort >"$TMP/isids"
	check "the sessions are the ones the target knew (same ISIDs)" \
		diff "$DATA/isids" "$TMP/isids"

	title "Leave"
	run "umount /mnt/data"
	step "unregister removes the records" "iscsictl unregister -v \$(iscsictl --json record list | jq -r '.[].RecordIdentifier')"
	udevadm settle
	step "disconnect logs out" "iscsictl disconnect $IQN"
	check_is "no session is left" 0 "$(ijson session list length)"
}

if [ -z "${STAGE:-}" ]; then
	host
	exit
fi
# shellcheck source=tests/lib/target.sh
. /vm/tests/lib/target.sh
# shellcheck source=tests/lib/scenario.sh
. /vm/tests/lib/scenario.sh
case $STAGE in
setup)
	target_setup
	trap - EXIT
	;;
0) before_reboot ;;
1) after_reboot ;;
esac
