#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 250
# If this fails, a CHAP secret that is kept in a logon key of the kernel cannot
# be used, is written to the disk after all, or is taken from a key that is gone.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:keys
OUT="marker-$((4711 * 5))-of-alice"
IN="marker-$((4711 * 5))-of-storage"

# key DESCRIPTION FILE: a logon key in root's keyring; prints its number.
# revoke NUMBER; expire NUMBER (in a second).
key() {
	python3 - "$@" <<-'PY'
	import ctypes, sys
	payload = open(sys.argv[2], "rb").read()
	libc = ctypes.CDLL(None, use_errno=True)
	serial = libc.syscall(248, b"logon", sys.argv[1].encode(), payload,
	                      ctypes.c_size_t(len(payload)), -4)
	assert serial > 0, ctypes.get_errno()
	print(serial)
	PY
}
keyctl() {	# OPERATION NUMBER...
	python3 -c 'import ctypes, sys
sys.exit(ctypes.CDLL(None).syscall(250, *map(int, sys.argv[1:])) != 0)' "$@"
}
revoke() { keyctl 3 "$1"; }
expire() { keyctl 15 "$1" 1; }

login() {	# OPTIONS...
	iscsictl connect $IQN --portal 10.9.1.2 --multipath \
		--chap-username alice "$@"
}
last_number() { ijson session list '.[-1].SessionNumber'; }
is_up() { [ "$(sessions_in $IQN logged-in)" = 1 ]; }
reconnected() { is_up && [ "$(ijson session list '.[0].ReconnectCount')" -ge 1 ]; }

net_up 1
lio_load
backend_ramdisk disk 64
one_portal $IQN disk
chap_mutual $IQN alice "$OUT" storage "$IN"
modprobe iscsi_mpio
secret "$TMP/alice" "$OUT"
# as an editor would leave it
secret "$TMP/storage" "$IN"$'\n'
secret "$TMP/short" 11byteslong

# A service has a session keyring of its own without root's in it: KEYCTL_LINK.
keyctl 8 -4 -3
expect_exit 24 'no such logon key' "a key that is not there" \
	login --chap-key iscsi:nobody
expect_exit 7 'named kind:name|is not named KIND:NAME' "a key without a kind" \
	login --chap-key nobody
key test:short "$TMP/short" >/dev/null
expect_exit 7 '12' "a key with too short a secret" login --chap-key test:short
OUT_KEY=$(key test:out "$TMP/alice")
IN_KEY=$(key test:in "$TMP/storage")
expect_exit 7 'must differ' "one key for both directions" \
	login --chap-key test:out --target-key test:out
expect_exit 24 'refuses our authentication' "keys that are changed over" \
	login --chap-key test:in --target-key test:out
must "mutual CHAP with both secrets in logon keys" \
	login --chap-key test:out --target-key test:in
must "the session can be registered without its secrets" iscsictl register \
	"$(last_number)"
check_is "the record names the keys" 'test:out test:in' \
	"$(ijson record list '.[0] | .ChapKey + " " + .TargetChapKey')"
check_is "no secret is stored" '' \
	"$(find /etc/iscsi-mpio/secrets -type f 2>/dev/null)"
path_rst 1
check "a session that was lost logs in again by itself" \
	wait_until 20 reconnected
disconnect $IQN
must "restore finds the keys" iscsictl restore --wait 20
check "and the session is there" is_up
check "a record with keys can be verified" iscsictl record verify
check "the secret of one side may be in a file beside the other's key" \
	login --chap-key test:out --target-secret-file "$TMP/storage" --persistent
iscsictl disconnect --session "$(last_number)"
iscsictl unregister "$(ijson record list '.[] | select(.TargetChapKey == null or .TargetChapKey == "") | .RecordIdentifier')" >/dev/null
{
	iscsictl --json session list
	iscsictl --json record list
	dmesg
	cat /proc/keys
} >"$TMP/listed"
check "lists, log and /proc/keys tell names" grep -q test:out "$TMP/listed"
check "and no secret" bash -c "! grep -qE '$OUT|$IN' '$TMP/listed'"
check "nor does anything on the disk" \
	bash -c "! grep -rqE '$OUT|$IN' /etc/iscsi-mpio"

must "the key is revoked" revoke "$OUT_KEY"
path_rst 1
check "the session goes on: it has what later logins need" \
	wait_until 20 reconnected
disconnect $IQN
expect_exit 24 'revoked' "restore says that a key is revoked" \
	iscsictl restore --wait 5
OUT_KEY=$(key test:out "$TMP/alice")
must "a new key takes its place" iscsictl restore --wait 20
disconnect $IQN
expire "$IN_KEY"
is_expired() { ! login --chap-key test:out --target-key test:in \
	>/dev/null 2>&1 || { disconnect $IQN; false; }; }
check "a key can be given for a time only" wait_until 10 is_expired
expect_exit 24 'expired|no such' "which is told" \
	login --chap-key test:out --target-key test:in
