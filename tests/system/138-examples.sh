#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 200
# If this fails, something the README or a manual page shows does not work as it
# is written there.
#
# The blocks of commands are taken out of the pages as installed and run as a
# shell would, each page from a fresh start.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

MAN=/usr/share/man
PAGE_IQN=iqn.2026-11.com.example:disk
README_IQN=iqn.2026-11.org.example:disk1

# Literal blocks of a page that have a command of ours, as $TMP/block.N.
blocks_of_page() {
	awk -v out="$TMP/block." '
		/^\.Bd -literal/ { text = ""; inside = 1; next }
		/^\.Ed/ { if (text ~ /(^|\n)(iscsictl|systemd-creds) /)
				{ n++; printf "%s", text >(out n) }
			inside = 0 }
		inside { gsub(/\\e/, "\\"); gsub(/\\-/, "-"); text = text $0 "\n" }
	' "$1"
}

# What follows a prompt in the README, lines that go on included.
blocks_of_readme() {
	awk '/^    \$ / { sub(/^    \$ /, ""); on = 1 }
		!on { next }
		{ print; on = /\\$/ }' "$1" >"$TMP/block.1"
}

fresh() {
	rm -f "$TMP"/block.*
	iscsictl disconnect --all --force >/dev/null 2>&1
	rm -rf /etc/iscsi-mpio/records /etc/iscsi-mpio/portals \
		/etc/iscsi-mpio/secrets
	# sessions are numbered from 1 again, by their class
	wait_until 20 rmmod iscsi_mpio && modprobe -qr scsi_transport_iscsi &&
		modprobe iscsi_mpio
}

# run_blocks PAGE: in a directory with what the pages take for granted.
run_blocks() {
	local block found=0
	for block in "$TMP"/block.*; do
		[ -e "$block" ] || continue
		found=$((found + $(grep -c iscsictl "$block")))
		# names that are chosen at run time
		DISK=$(disks_of $PAGE_IQN)
		[ -z "$DISK" ] || sed -i "s/--disk sda/--disk $DISK/" "$block"
		sed -Ei "s/[0-9a-f]{16}-[0-9a-f]{16}/$(session_ids $PAGE_IQN |
			head -1)/" "$block"
		check "$1: $(grep -m1 . "$block") ..." \
			bash -eo pipefail -c "cd $TMP/here; . $block"
	done
	check "$1 has examples" test $found -gt 0
}

net_up 2
lio_load
backend_ramdisk disk 32
backend_ramdisk disk1 32
in_tgt ip addr add 192.0.2.10/24 dev t1
ip addr add 192.0.2.1/24 dev i1
target_new $PAGE_IQN
lun_add $PAGE_IQN 0 disk
portal_add $PAGE_IQN 192.0.2.10
two_portals $README_IQN disk1
chap_mutual $README_IQN alice initiator-secret storage target-has-a-secret
modprobe iscsi_mpio
mkdir "$TMP/here" "$TMP/bin"
secret "$TMP/here/chap-secret" initiator-secret
secret "$TMP/here/target-secret" target-has-a-secret
secret "$TMP/here/secret" initiator-secret
PATH=$TMP/bin:$PATH

blocks_of_readme /vm/tests/README
run_blocks README
check_is "README: two records of one disk" '2 1' \
	"$(ijson record list length) $(disks_of $README_IQN | wc -l)"

fresh
blocks_of_page $MAN/man8/iscsictl.8
run_blocks iscsictl.8
fresh
blocks_of_page $MAN/man7/iscsi-mpio-windows.7
iscsictl discover 192.0.2.10 >/dev/null
iscsictl connect $PAGE_IQN --multipath --count 2 >/dev/null
run_blocks iscsi-mpio-windows.7

# Of the configuration: a secret in a logon key, and one that systemd seals.
fresh
chap_oneway $PAGE_IQN alice initiator-secret
cat >"$TMP/bin/keyctl" <<'PY'
#!/usr/bin/python3
# padd TYPE DESCRIPTION @u, as keyctl(1) does it
import ctypes, sys
_, verb, kind, name, ring = sys.argv
assert (verb, ring) == ("padd", "@u")
data = sys.stdin.buffer.read()
sys.exit(ctypes.CDLL(None).syscall(248, kind.encode(), name.encode(), data,
                                   ctypes.c_size_t(len(data)), -4) < 0)
PY
printf '#!/bin/sh\n[ "$*" = "edit iscsi-mpio-restore" ]\n' >"$TMP/bin/systemctl"
chmod +x "$TMP/bin/keyctl" "$TMP/bin/systemctl"
# KEYCTL_LINK: with systemd, this guest's session keyring is without root's.
python3 -c 'import ctypes; ctypes.CDLL(None).syscall(250, 8, -4, -3)'
mkdir -p /etc/iscsi-mpio/secrets /etc/credstore.encrypted
secret /etc/iscsi-mpio/secrets/b5f8af57.chap initiator-secret
blocks_of_page $MAN/man5/iscsi-mpio.conf.5
run_blocks iscsi-mpio.conf.5
check "iscsi-mpio.conf.5: the sealed secret is what was stored" bash -c \
	"[ \"\$(systemd-creds decrypt /etc/credstore.encrypted/iscsi-mpio.b5f8af57.chap -)\" = initiator-secret ]"
check_is "iscsi-mpio.conf.5: the record names the key" iscsi:alice \
	"$(ijson record list '.[0].ChapKey')"
chap_off $PAGE_IQN
