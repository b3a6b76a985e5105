#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 200
# If this fails, programs that look a session up in sysfs - libvirt, OpenStack,
# Kubernetes, lsblk - do not find its host, its portal or its disks, or they scan a
# host and get another LUN than the one they asked for, or none.
#
# ROUNDS=500: as often is a session added and removed.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

A=iqn.2026-11.org.test:class-a
B=iqn.2026-11.org.test:class-b
SECRET=marker-secret-4711
ROUNDS=${ROUNDS:-3}
SESSIONS=/sys/class/iscsi_session
CONNECTIONS=/sys/class/iscsi_connection

number() { ijson session list ".[] | select(.TargetPortalAddress == \"$1\") | .SessionNumber"; }
session() { cat "$SESSIONS/session$1/$2"; }
connection() { cat "$CONNECTIONS/connection$1:0/$2"; }
# As os-brick and libvirt find them: H, and the disk of a LUN.
host_of() {	# SESSION
	local dir
	dir=$(echo /sys/class/iscsi_host/host*/device/session"$1")
	dir=${dir#/sys/class/iscsi_host/host}
	echo "${dir%%/*}"
}
disk_of() {	# SESSION LUN
	local dir
	dir=$(echo $SESSIONS/session"$1"/device/target*:0:0/*:0:0:"$2"/block/*)
	[ -b "/dev/${dir##*/}" ] && echo "${dir##*/}"
}
has_disk() { [ -n "$(disk_of "$1" "$2")" ]; }
luns_of() {	# SESSION: those it leads to, with a disk
	local dir
	for dir in "$SESSIONS/session$1"/device/target*:0:0/*:*/block/sd*; do
		[ -e "$dir" ] || continue
		dir=${dir%/block/*}
		printf '%s ' "${dir##*:}"
	done
}
state_is() { [ "$(session "$1" state) $(connection "$1" state)" = "$2 $3" ]; }
left() { find $SESSIONS $CONNECTIONS /sys/class/iscsi_host -mindepth 1 | wc -l; }

net_up 2
lio_load
for n in 0 1 2; do backend_ramdisk vol$n 16; done
two_portals $A vol0
two_portals $B vol1
chap_oneway $B alice $SECRET
(umask 077; echo $SECRET >"$TMP/secret")

# --- one target, two sessions, one disk
iscsictl mpio set --node $A NopInterval=500 NopTimeout=500 \
	ReconnectDelayMax=500 >/dev/null
iscsictl connect $A --multipath --portal 10.9.1.2 --portal 10.9.2.2 >/dev/null
check "the disk has both paths" disk_with_paths $A 2
disk=$DISK
one=$(number 10.9.1.2) two=$(number 10.9.2.2)
lun_add $A 5 vol1
iscsictl rescan >/dev/null
check_is "sessions have the numbers that the tool shows" \
	"$(printf 'session%s\n' "$one" "$two" | sort)" \
	"$(cd $SESSIONS && printf '%s\n' session* | sort)"
check_is "both are below one host" "$(host_of "$one")" "$(host_of "$two")"
host=$(host_of "$one")
check_is "which is that of the disk" "$host" \
	"$(basename "$(readlink -f "/sys/block/$disk/device")" | cut -d: -f1)"
check_is "target" $A "$(session "$two" targetname)"
check_is "portal group" 1 "$(session "$two" tpgt)"
check_is "state" LOGGED_IN "$(session "$two" state)"
check_is "its target's" SCANNED "$(session "$two" target_state)"
check_is "no interface" "(null)" "$(cat "/sys/class/iscsi_host/host$host/netdev")"
check_is "address and port" "10.9.2.2 3260" \
	"$(connection "$two" address) $(connection "$two" port)"
check_is "portal that was asked for" "10.9.2.2 3260" \
	"$(connection "$two" persistent_address) $(connection "$two" persistent_port)"
check_is "LUNs of the first" "0 5 " "$(luns_of "$one")"
check_is "LUNs of the second" "0 5 " "$(luns_of "$two")"
check_is "both lead to one disk" "$(disk_of "$one" 5)" "$(disk_of "$two" 5)"
check_is "lsblk knows the transport" iscsi "$(lsblk -dno TRAN "/dev/$disk")"
check_is "NoPathTimeout is what it waits" 120 "$(session "$one" recovery_tmo)"
iscsictl mpio set NoPathTimeout=infinite --session "$one" >/dev/null
check_is "for ever, when told so" off "$(session "$one" recovery_tmo)"

# --- states follow; the disk stays
path_rst 1
link_down 1
check "a session that comes back is shown as failed" \
	wait_until 20 state_is "$one" FAILED failed
link_up 1
check "and as logged in when it is back" \
	wait_until 30 state_is "$one" LOGGED_IN up
before=$(disk_of "$two" 0)
check "the first session ends" disconnect --session "$one"
check_is "it is gone from sysfs" "session$two" "$(cd $SESSIONS && echo session*)"
check_is "the disk stays where it was" "$before" "$(disk_of "$two" 0)"

# --- secrets, on another host
iscsictl connect $B --multipath --portal 10.9.1.2 --auth oneway \
	--chap-username alice --chap-secret-file "$TMP/secret" >/dev/null
three=$(ijson session list ".[] | select(.TargetNodeAddress == \"$B\") | .SessionNumber")
check "a disk that another target shows is found below this session, too" \
	wait_until 10 has_disk "$three" 0
check_is "it is the same one" "$(disk_of "$two" 5)" "$(disk_of "$three" 0)"
check_is "no secret in sysfs" 0 \
	"$(grep -rs -- $SECRET /sys/devices/iscsi_mpio $SESSIONS/ $CONNECTIONS/ /sys/class/iscsi_host/ | wc -l)"
check "it ends" disconnect $B
check "and the other one" disconnect $A
check_is "nothing is left" 0 "$(left)"

# --- drivers that scan for themselves
iscsictl connect $A --multipath --no-scan --portal 10.9.1.2 --portal 10.9.2.2 >/dev/null
one=$(number 10.9.1.2) two=$(number 10.9.2.2) host=$(host_of "$(number 10.9.1.2)")
check_is "unscanned, a session shows no LUN, but its host" "" "$(luns_of "$one")"
check_is "and says so" ALLOCATED "$(session "$one" target_state)"
echo "0 0 5" >"/sys/class/scsi_host/host$host/scan"
check_is "it shows the LUN that was asked for, at once" "5 " "$(luns_of "$one")"
check_is "through both sessions" "5 " "$(luns_of "$two")"
lun_add $A 2 vol2
link_down 2; path_rst 2
wait_until 20 state_is "$two" FAILED failed
link_up 2
wait_until 30 state_is "$two" LOGGED_IN up
check_is "no other after it has come back" "5 " "$(luns_of "$two")"
echo 1 >"/sys/block/$(disk_of "$one" 5)/device/delete"
check_is "deleted, it is gone for both" "" "$(luns_of "$one")$(luns_of "$two")"
echo "0 0 2" >"/sys/class/scsi_host/host$host/scan"
check_is "and stays so when another is asked for" "2 " "$(luns_of "$one")"
echo "- - 5" >"/sys/class/scsi_host/host$host/scan"
check_is "it comes back when it is asked for" "2 5 " "$(luns_of "$one")"
echo "- - -" >"/sys/class/scsi_host/host$host/scan"
check_is "a scan for all finds all" "0 2 5 " "$(luns_of "$one")"
echo "0 0 77" >"/sys/class/scsi_host/host$host/scan"
check_is "one that is not there does no harm" "0 2 5 " "$(luns_of "$one")"
check "the sessions end" disconnect $A

# --- nothing stays behind, of sessions of our tool and of the front
front() { /usr/lib/iscsi-mpio/iscsiadm "$@" >/dev/null; }
in_and_out() {
	iscsictl connect $A --multipath --portal 10.9.1.2 --portal 10.9.2.2 \
		>/dev/null && disconnect $A >/dev/null &&
		front -m discovery -t st -p 10.9.1.2 &&
		front -m node -T $A -l && front -m node -T $A -u &&
		front -m node -T $A -o delete && front -m node -T $B -o delete &&
		front -m discoverydb -t st -p 10.9.1.2 -o delete
}
files() {	# links, records, locks, and what udev remembers of disks
	udevadm settle -t 60
	find /dev/disk /dev/block /run/lock /run/udev/data /run/iscsi* \
		/etc/iscsi* /var/lib/iscsi* 2>/dev/null | sort
}
must "in and out once" in_and_out
before=$(files)
leaks_forget
bad=0
for n in $(seq "$ROUNDS"); do
	in_and_out || bad=$((bad + 1))
done
check_is "$ROUNDS times in and out" 0 $bad
check_is "no link, record or lock is left" "$before" "$(files)"
check_is "no session, connection or host is left" 0 "$(left)"
check_is "no work queue" 0 "$(pgrep -c iscsi_ctrl)"
no_leaks
rmmod iscsi_mpio
check_is "nor the transport, once the module is gone" "" "$(ls -d /sys/class/iscsi_transport/tcp_mpio 2>/dev/null)"
modprobe iscsi_mpio transport_class=0
iscsictl connect $A --multipath --portal 10.9.1.2 >/dev/null
check "left out, the disks are there all the same" wait_until 10 has_disks $A 3
DISK=$(disks_of $A | head -1)
check_is "and nothing in the class" 0 "$(left)"
host=$(basename "$(readlink -f "/sys/block/$DISK/device")" | cut -d: -f1)
echo "- - -" >"/sys/class/scsi_host/host$host/scan"
check "its host can be scanned" has_paths "$DISK" 1
check "it ends" disconnect $A
