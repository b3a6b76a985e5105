#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 200
# If this fails, a script or driver written for open-iscsi's iscsiadm does not
# work with ours: another exit status, another line on standard output.
#
# The calls are those of os-brick, of a CSI driver and of Proxmox; beside this
# file is what open-iscsi 2.1.8 printed and returned for them.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

A=iqn.2026-11.org.test:a
CHAP=iqn.2026-11.org.test:chap
NEW=iqn.2026-11.org.test:new
OURS=/usr/lib/iscsi-mpio
SECRET=marker-secret-4711

# What may differ: numbers of sessions and hosts, names of disks, times.
plain() {
	sed -E 's/\[[0-9]+\]/[N]/; s/sid: [0-9]+/sid: N/; s/SID: .*/SID: N/
		s/(Host Number:|scsi)( ?)[0-9]+/\1\2N/; s/disk sd[a-z]+/disk sdX/
		s/(Initiatorname): .*/\1: IQN/; s/(Timeout): .*/\1: T/; /^iser /d
		s/^(iSCSI Transport Class version|version) .*/\1 N/
		s/(MaxRecvDataSegmentLength|MaxOutstandingR2T): .*/\1: N/' "$1"
}

call() {
	local rc=0
	echo "\$ iscsiadm $*"
	iscsiadm "$@" >"$TMP/stdout" 2>"$TMP/stderr" || rc=$?
	# Several sessions or nodes have no order of their own, and those
	# keeps a node once with and once without its group tag.
	if [[ " $* " = *' -P '* ]]; then
		plain "$TMP/stdout"
	else
		plain "$TMP/stdout" | LC_ALL=C sort -u
	fi
	echo "status $rc"
}

# What os-brick does for a volume of $1 behind $2.
os_brick() {
	call -m discoverydb -t sendtargets -p "$2" -I default -o new
	call -m discoverydb -t sendtargets -p "$2" -I default -o update \
		-n discovery.sendtargets.auth.authmethod -v None \
		-n discovery.sendtargets.auth.username -v x
	call -m discoverydb -t sendtargets -I default -p "$2" --discover
	call -m node -T "$1" -p "$2" --interface default --op new
	call -m node -T "$1" -p "$2" --op update -n node.session.scan -v manual
	call -m session
	call -m node -T "$1" -p "$2" --login
	call -m node -T "$1" -p "$2" --login
	call -m session
	call -m node -T "$1" -p "$2" --op update -n node.startup -v automatic
	call -m node --rescan
	call -m session --rescan
	call -m node -T "$1" -p "$2" --op delete
	call -m node -T "$1" -p "$2" --op update -n node.startup -v manual
	call -m node -T "$1" -p "$2" --logout
	call -m node -T "$1" -p "$2" --op delete
	call -m node -T "$1" -p "$2" --op delete
	call -m node -T "$1" -p "$2"
}

# What a CSI driver does for a volume with CHAP.
csi() {
	call -m iface
	call -m node -T "$1" -p "$2" -o new
	call -m node -T "$1" -p "$2" --login
	call -m node -T "$1" -p "$2" -o update \
		-n node.session.auth.authmethod -v CHAP
	call -m node -T "$1" -p "$2" -o update \
		-n node.session.auth.username -v alice
	call -m node -T "$1" -p "$2" -o update \
		-n node.session.auth.password -v $SECRET
	call -m node -T "$1" -p "$2" -o update -n node.bogus -v 1
	call -m node -T "$1" -p "$2" -l
	call -m session
	call -m session -P 3
	call -m node -T "$1" -p "$2" -u
	call -m node -T "$1" -p "$2" -u
	call -m node -T "$1" -p "$2" -o delete
}

# What Proxmox does for a storage.
proxmox() {
	call --mode session
	call --mode discovery --type sendtargets --portal "$2"
	call --mode node --targetname "$1" --login
	call --mode session
	call --mode node --targetname "$1" --logout
	call --mode session
}

all() {
	call -m session
	call -m node
	call -m discovery
	os_brick $A 10.9.1.2:3260
	csi $CHAP 10.9.1.2
	call -m node -T $NEW -p 10.9.1.2 -o update -n node.startup -v manual
	proxmox $A 10.9.2.2
	call -m node
	call -m node -P 1
	call -m discovery
	call -m node -L automatic
	call -m node -U all
	call -m session -r 99
	call -m bogus
}

net_up 2
lio_load
backend_ramdisk disk 64
backend_ramdisk disk2 64
two_portals $A disk
one_portal $CHAP disk2
chap_oneway $CHAP alice $SECRET

modprobe iscsi_mpio
PATH=$OURS:$PATH
hash -r
all >"$TMP/ours" 2>&1
check "every call prints and returns what open-iscsi's does" \
	diff -u /vm/tests/system/132-iscsiadm.table "$TMP/ours"
check_is "so many calls were compared" 1 \
	$(($(grep -c '^\$ ' "$TMP/ours") >= 40))
check "no secret is printed" bash -c \
	"! grep -v '^\\$ iscsiadm' $TMP/ours | grep -q $SECRET"
call -m node -T $A -p 10.9.1.2 >"$TMP/record"
check "a record is shown with their keys" \
	grep -q '^node.session.timeo.replacement_timeout = 120$' "$TMP/record"

# --- what sessions are like that they ask for

# As each vendor's page for two cards has it: bound when discovered, bound for good.
iscsiadm -m iface -I if1 -o new >/dev/null
iscsiadm -m iface -I if1 -o update -n iface.net_ifacename -v i1 >/dev/null
iscsiadm -m discovery -t st -p 10.9.1.2 -I if1 >/dev/null
iscsiadm -m node -T $A -p 10.9.1.2 -o update -n node.session.nr_sessions -v 3
must "what was discovered through an interface logs in" \
	iscsiadm -m node -T $A -p 10.9.1.2 -l
check_is "with three sessions, all through it" 'i1 i1 i1' \
	"$(ijson session list '[.[].InitiatorInterface] | join(" ")')"
check_is "which they say" 3 "$(iscsiadm -m session -P 1 | grep -c 'Iface Name: if1$')"
check_is "as does their host" "Netdev: i1" \
	"$(iscsiadm -m host -P 1 | grep -o 'Netdev: .*')"
check_is "below which they stand, and the disk" '3 3' "$(iscsiadm -m host -P 4 |
	awk '/^\t\tCurrent Portal:/ { s++ } /Attached scsi disk/ { d++ } END { print s, d }')"
check "an interface shows what is bound to it" \
	grep -q "Target: $A\$" <(iscsiadm -m iface -I if1 -P 1)
# udev has the disk for a moment: known by its name, as are those it runs.
wait_until 20 has_disks $A 1
DISK=$(disks_of $A)
cp "$(readlink -f /bin/bash)" "$TMP/systemd-udevd"
"$TMP/systemd-udevd" -c 'exec <"$1"; : >"$2"; sleep 3; :' - "/dev/$DISK" \
	"$TMP/open" &
must "a program of udev's has the disk open" wait_until 10 test -e "$TMP/open"
start=$(now_ms)
check "logout waits for it" iscsiadm -m node -T $A -u
took=$(($(now_ms) - start))
check_is "and no longer" 1 $((took > 1000 && took < 12000 * ${TIMEOUT_SCALE:-1}))
check_is "and all are out" 0 "$(ijson session list length)"
iscsiadm -m iface -I if1 -o delete >/dev/null
check_is "what was bound goes with the interface" 0 \
	"$(ijson record list '[.[] | select(.InitiatorInterface == "i1")] | length')"
rm -rf /etc/iscsi-mpio/records /etc/iscsi-mpio/portals /etc/iscsi/ifaces/if1

# A database made by their own tool, which needs neither daemon nor module.
real() { /sbin/iscsiadm "$@" >>"$TMP/real" 2>&1; }
rm -rf /etc/iscsi/nodes /etc/iscsi/send_targets
real -m discoverydb -t sendtargets -p 10.9.1.2 -o new
for way in "$A 10.9.1.2" "$A 10.9.2.2" "$CHAP 10.9.1.2"; do
	real -m node -T "${way% *}" -p "${way#* }" -o new
done
real -m node -T $A -o update -n node.startup -v automatic
real -m node -T $A -o update -n node.conn[0].timeo.noop_out_interval -v 2
real -m node -T $A -o update -n node.conn[0].tcp.window_size -v 65536
for pair in authmethod=CHAP username=alice password=$SECRET; do
	real -m node -T $CHAP -o update \
		-n "node.session.auth.${pair%%=*}" -v "${pair#*=}"
done
rm -rf /etc/iscsi-mpio/records /etc/iscsi-mpio/portals
iscsictl import open-iscsi --dry-run >"$TMP/dry" 2>"$TMP/lost"
check "a dry run stores nothing" test ! -e /etc/iscsi-mpio/records
check_is "and tells of three records and the portals" '3 yes' \
	"$(grep -c '^record ' "$TMP/dry") $(grep -q '^portal ' "$TMP/dry" && echo yes)"
check "and of what has no equivalent" \
	grep -q 'window_size=65536 has no equivalent' "$TMP/lost"
must "a database made by open-iscsi's tools is imported" \
	iscsictl import open-iscsi
check_is "each node becomes a record" 3 "$(ijson record list length)"
check_is "with its settings" 2 "$(ijson record list \
	'[.[] | select(.NopInterval == 2000 and .Startup == "automatic")] | length')"
must "restore logs in with the startup ones" iscsictl restore --wait 20
check_is "over both portals" 2 "$(sessions_in $A logged-in)"
must "and the CHAP one can be restored by hand" \
	iscsictl restore --startup manual --wait 20
check_is "with the secret that was imported" 1 \
	"$(sessions_in $CHAP logged-in)"
rm -rf /etc/iscsi/nodes /etc/iscsi/send_targets
