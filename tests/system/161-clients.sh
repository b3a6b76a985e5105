#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ROOT: clients
# REQUIRES: sg_persist
# TIMEOUT: 1500
# If this fails, a program that works with open-iscsi does not with this initiator.
#
# Each row is a real program, or the sysfs look-ups of one that is not in Debian.
# It runs with our iscsiadm in the place of open-iscsi's, and, as a control, with
# open-iscsi itself: a row that fails there says nothing of us.
# CONTROL=0: without the control. ROWS='libvirt* brick*': only those.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

A=iqn.2026-11.org.test:a
CHAP=iqn.2026-11.org.test:chap
NAME=iqn.2026-11.org.test:initiator
SECRET=marker-secret-4711
PARALLEL=${PARALLEL:-20}
ROWS=${ROWS:-*}
OURS=/usr/lib/iscsi-mpio/iscsiadm

# --- whose iscsiadm it is

ours() {
	modprobe iscsi_mpio
	mount --bind "$(readlink -f $OURS)" "$(readlink -f /usr/sbin/iscsiadm)"
}
real() {
	umount "$(readlink -f /usr/sbin/iscsiadm)"
	rmmod iscsi_mpio
	modprobe iscsi_tcp
	iscsid 2>/dev/null
}
# Its answer, shown and searched: "tee /dev/stderr" would begin the file anew.
shows() {	# PATTERN COMMAND...
	local pattern=$1 answer
	shift
	answer=$("$@" 2>&1)
	echo "$answer"
	grep -Eqi -- "$pattern" <<<"$answer"
}
sessions_gone() { [ -z "$(ls /sys/class/iscsi_session 2>/dev/null)" ]; }
nodes_gone() { [ -z "$(iscsiadm -m node 2>/dev/null)" ]; }
# A row leaves nothing behind, or what it left is told and taken away.
clean() {
	local iface rc=0
	udevadm settle -t 20
	sessions_gone || { echo "left: $(iscsiadm -m session 2>&1)"; rc=1; }
	iscsiadm -m node -u >/dev/null 2>&1
	iscsiadm -m node -o delete >/dev/null 2>&1
	for iface in $(iscsiadm -m iface 2>/dev/null | grep -o '^libvirt[^ ]*'); do
		iscsiadm -m iface -I "$iface" -o delete >/dev/null
	done
	wait_until 10 sessions_gone
	return $rc
}

login() { iscsiadm -m discovery -t st -p 10.9.1.2 && iscsiadm -m node -T $A -l; }
logged_in() {	# COMMAND: between login and logout
	local rc=0
	login || return
	"$@" || rc=1
	udevadm settle -t 20
	iscsiadm -m node -T $A -u && return $rc
}
first_session() { set -- /sys/class/iscsi_session/*; echo "${1##*/}"; }
disk_of_lun() {	# LUN: as all of these programs look for it
	local dir
	for dir in /sys/class/iscsi_session/*/device/target*:0:0/*:0:0:"$1"/block/sd*; do
		[ -e "$dir" ] && echo "${dir##*/}" && return
	done
	return 1
}

# --- the rows

pool() {	# XML of the source below its device
	cat >"$TMP/pool.xml" <<-XML
	<pool type='iscsi'><name>p</name>
	<source><host name='10.9.1.2'/><device path='$1'/>$2</source>
	<target><path>/dev/disk/by-path</path></target></pool>
	XML
	virsh -q -c storage:///system pool-define "$TMP/pool.xml" &&
		virsh -q -c storage:///system pool-start p &&
		virsh -q -c storage:///system pool-refresh p &&
		virsh -q -c storage:///system vol-list p | tee "$TMP/volumes" | grep -q /dev/ &&
		virsh -q -c storage:///system pool-destroy p
	local rc=$?
	cat "$TMP/volumes"
	virsh -q -c storage:///system pool-destroy p 2>/dev/null
	virsh -q -c storage:///system pool-undefine p
	return $rc
}
row_libvirt_pool() { pool $A; }
row_libvirt_initiator() { pool $A "<initiator><iqn name='$NAME'/></initiator>"; }
row_libvirt_chap() {
	printf '<secret ephemeral="yes" private="yes"><uuid>%s</uuid><usage type="iscsi"><target>x</target></usage></secret>' \
		0b6e8fb0-6b9c-4f6e-8d0b-0123456789ab >"$TMP/secret.xml"
	virsh -q -c secret:///system secret-define "$TMP/secret.xml" &&
		virsh -q -c secret:///system secret-set-value \
			0b6e8fb0-6b9c-4f6e-8d0b-0123456789ab \
			"$(printf %s $SECRET | base64)" &&
		pool $CHAP "<auth type='chap' username='alice'><secret usage='x'/></auth>"
}
brick() { python3 /vm/tests/lib/os-brick.py "$@"; }
row_brick_single() { brick cycle single $A; }
row_brick_multipath() { brick cycle multipath $A; }
row_brick_extend() {
	GROW="bash -c '. /vm/tests/lib/target.sh; backend_resize vol1 128'" \
		brick extend single $A
}
row_brick_parallel() {
	local n iqns=()
	for n in $(seq "$PARALLEL"); do iqns+=("${A%:a}:p$n"); done
	brick parallel single "${iqns[@]}"
}
ansible() {	# JSON of its arguments, what "changed" has to be
	echo "{\"ANSIBLE_MODULE_ARGS\": $1}" >"$TMP/args"
	python3 /usr/local/share/open_iscsi.py "$TMP/args" >"$TMP/answer" 2>&1
	cat "$TMP/answer"
	grep -q "\"changed\": $2" "$TMP/answer"
}
row_ansible() {
	local at="\"portal\": \"10.9.1.2\", \"target\": \"$A\""
	ansible '{"discover": true, "portal": "10.9.1.2", "show_nodes": true}' true &&
		ansible '{"discover": true, "portal": "10.9.1.2"}' false &&
		ansible "{$at, \"login\": true, \"auto_node_startup\": true}" true &&
		ansible "{$at, \"login\": true, \"auto_node_startup\": true}" false &&
		ansible "{\"target\": \"$A\", \"rescan\": true}" true &&
		ansible "{$at, \"login\": false}" true &&
		ansible "{$at, \"login\": false}" false
}
transport() { shows iscsi lsblk -dno NAME,TRAN "/dev/$(disk_of_lun 0)"; }
row_lsblk() { logged_in transport; }
# lsscsi wants one session below a host, not two (Documentation/clients).
row_lsscsi() {
	local rc=0
	iscsiadm -m discovery -t st -p 10.9.1.2 &&
		iscsiadm -m node -T $A -p 10.9.1.2 -l || return
	udevadm settle -t 20
	shows "disk +$A,t,0x1 +/dev/$(disk_of_lun 0)" lsscsi -t || rc=1
	iscsiadm -m node -T $A -p 10.9.1.2 -u && return $rc
}
smart() {
	shows 'vendor: +LIO' smartctl -i "/dev/$(disk_of_lun 0)" &&
		shows 'transport protocol: +iSCSI' smartctl -i "/dev/$(disk_of_lun 0)"
}
row_smartctl() { logged_in smart; }
udisks_knows() { udisksctl info -b "$1" >/dev/null 2>&1; }
udisks() {
	local link=/dev/disk/by-path/ip-10.9.1.2:3260-iscsi-$A-lun-0
	wait_until 20 udisks_knows "$link"
	shows "$link" udisksctl info -b "$link" &&
		shows 'vendor: +LIO' udisksctl info -d \
			"$(udisksctl info -b "$link" |
			sed -n "s|.*Drive: *'.*/\(.*\)'|\1|p")"
}
row_udisks() { logged_in udisks; }
# Whoever reads sysfs finds what open-iscsi shows; side by side at the end.
attributes() {
	local class dir file value
	for class in iscsi_session iscsi_connection iscsi_host; do
		for dir in "/sys/class/$class"/*; do break; done
		for file in "$dir"/*; do
			if [ ! -f "$file" ] || [ "${file##*/}" = uevent ]; then
				continue
			fi
			value=$(cat "$file" 2>/dev/null) || value='(error)'
			value=${value:-(empty)}
			printf '%s %s\n' "$class/${file##*/}" "${value// /_}"
		done
	done | sort >"$TMP/attributes.$side"
	[ -s "$TMP/attributes.$side" ]
}
row_attributes() { logged_in attributes; }
# Kubernetes: from portals to hosts, then "c t l" into the host's scan file.
row_kubernetes() {
	local dir session connection host
	iscsiadm -m discoverydb -t sendtargets -p 10.9.1.2 -I default -o new &&
		iscsiadm -m discoverydb -t sendtargets -p 10.9.1.2 -I default --discover &&
		iscsiadm -m node -p 10.9.1.2 -T $A -o update -n node.session.scan -v manual &&
		iscsiadm -m node -p 10.9.1.2 -T $A -I default --login || return
	for dir in /sys/class/iscsi_host/host*/device/session*; do
		session=${dir##*/}
		[ "$(cat "$dir/iscsi_session/$session/targetname")" = $A ] || continue
		connection=${session/session/connection}:0
		[ "$(cat "$dir/$connection/iscsi_connection/$connection/persistent_address")" = 10.9.1.2 ] || continue
		host=${dir#/sys/class/iscsi_host/}
	done
	host=${host%%/*}
	echo "0 0 1" >"/sys/class/scsi_host/$host/scan" &&
		wait_until 10 test -b "/dev/disk/by-path/ip-10.9.1.2:3260-iscsi-$A-lun-1" &&
		[ ! -e "/dev/disk/by-path/ip-10.9.1.2:3260-iscsi-$A-lun-0" ] &&
		iscsiadm -m node -p 10.9.1.2 -T $A -I default --logout &&
		iscsiadm -m node -p 10.9.1.2 -T $A -I default -o delete
}
# Proxmox: from sessions to hosts to all disks of a host.
proxmox() {
	local dir host found=0
	for dir in /sys/class/iscsi_session/session*; do
		[ "$(cat "$dir/targetname")" = $A ] || continue
		host=$(echo "$dir"/device/target*)
		host=${host##*/target}
		for disk in /sys/bus/scsi/devices/"${host%%:*}":*/block/sd*; do
			[ -e "$disk/size" ] && found=$((found + 1))
		done
	done
	[ $found -ge 2 ] && iscsiadm --mode session --sid "$(first_session | tr -cd 0-9)" --rescan
}
row_proxmox() { logged_in proxmox; }
fence() {
	local disk
	disk=/dev/$(disk_of_lun 0)
	mkdir -p /var/run/cluster
	fence_scsi -o on -k abc1 -d "$disk" -n node1 &&
		shows 'status: on' fence_scsi -o status -k abc1 -d "$disk" -n node1 &&
		shows abc1 sg_persist --in -k "$disk" &&
		fence_scsi -o on -k abc2 -d "$disk" -n node2 &&
		fence_scsi -o off -k abc1 -d "$disk" -n node1
	local rc=$?
	sg_persist --out -C --param-rk=0xabc2 "$disk" >/dev/null 2>&1
	return $rc
}
row_fence_scsi() { logged_in fence; }
lease() {
	local disk
	disk=/dev/$(disk_of_lun 1)
	sanlock direct init -s "LS:0:$disk:0" &&
		sanlock direct acquire_id -s "LS:1:$disk:0" -o 2 &&
		shows 'owner_id *1' sanlock direct read_leader -s "LS:1:$disk:0" &&
		sanlock direct release_id -s "LS:1:$disk:0" -o 2
}
row_sanlock() { logged_in lease; }
# Its plugins call iscsiadm and lsscsi.
report() {
	sos report --batch --build --quiet --tmp-dir "$TMP/sos" -o iscsi,scsi
	shows "Target: $A" cat "$TMP"/sos/*/sos_commands/iscsi/iscsiadm_-m_session_-P_3 &&
		shows LIO cat "$TMP"/sos/*/sos_commands/scsi/lsscsi
	local rc=$?
	rm -rf "$TMP/sos"
	return $rc
}
sos_report() { mkdir -p "$TMP/sos" && report; }
row_sosreport() { logged_in sos_report; }

rows() {	# COLUMN: results in $TMP/verdict.COLUMN
	local row rc start side=$1
	for row in $(declare -F | sed -n 's/^declare -f row_//p'); do
		one_of "$row" || continue
		rc=works start=$SECONDS
		"row_$row" >"$TMP/$1.$row" 2>&1 || rc=fails
		clean >>"$TMP/$1.$row" 2>&1 || rc='leaves a session'
		echo "$row $rc" >>"$TMP/verdict.$1"
		echo "# $1: $row $rc, $((SECONDS - start)) s"
		[ "$rc" = works ] || comment <"$TMP/$1.$row" | tail -n 12
	done
}
one_of() {
	local pattern patterns
	read -ra patterns <<<"$ROWS"
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053
		[[ $1 = $pattern ]] && return
	done
	return 1
}

net_up 2
lio_load
backend_file vol0 "$TMP/vol0" 64
backend_growable vol1 "$TMP/vol1" 64
backend_ramdisk chapvol 16
two_portals $A vol0
lun_add $A 1 vol1
one_portal $CHAP chapvol
chap_oneway $CHAP alice $SECRET
for n in $(seq "$PARALLEL"); do
	backend_ramdisk "par$n" 8
	two_portals "${A%:a}:p$n" "par$n"
done
mkdir -p /etc/iscsi
echo "InitiatorName=$NAME" >/etc/iscsi/initiatorname.iscsi
mkdir -p /var/log/libvirt /var/lib/libvirt /run/{libvirt,dbus}
# Of libvirt, storage and secrets are wanted; others ask for users and services.
rm -f /usr/lib/*/libvirt/connection-driver/libvirt_driver_{qemu,network,nwfilter,interface,nodedev}.so
dbus-daemon --system --fork
/usr/libexec/udisks2/udisksd >"$TMP/udisksd" 2>&1 &
libvirtd -d 2>"$TMP/libvirtd" || comment <"$TMP/libvirtd"

ours
rows ours
check "no session of ours is left" sessions_gone
if [ "${CONTROL:-1}" != 0 ]; then
	real
	rows real
fi
# Documentation/clients/sysfs.txt is this.
if [ -s "$TMP/attributes.real" ] && [ -s "$TMP/attributes.ours" ]; then
	{
		echo "# SPDX-License-Identifier: GPL-2.0"
		echo "# Written by tests/system/161-clients.sh on $(uname -r): a session, its"
		echo "# connection and its host in /sys/class, - where there is no such file."
		(echo "ATTRIBUTE HERE OPEN-ISCSI"
		join -a 1 -a 2 -e - -o 0,1.2,2.2 "$TMP"/attributes.{ours,real}) |
			awk '{ printf "%-36s %-40s %s\n", $1, $2, $3 }'
	} >/vm/out/sysfs.txt
fi
while read -r row verdict; do
	control=$(sed -n "s/^$row //p" "$TMP/verdict.real" 2>/dev/null)
	check_is "$row (open-iscsi: ${control:-not run})" works "$verdict"
done <"$TMP/verdict.ours"
