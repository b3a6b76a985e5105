#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TIMEOUT: 600
# If this fails, some combination of ImmediateData, InitialR2T, digests and
# burst lengths moves wrong data, or is not negotiated as asked.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:matrix
SIZE=${MATRIX_MIB:-4}

net_up 1
lio_load
backend_ramdisk disk 64
one_portal $IQN disk
head -c "${SIZE}M" /dev/urandom >"$TMP/data"

# pattern DISK: big writes, then small ones over part of it, then all read back
pattern() {
	local dev=/dev/$1
	dd if="$TMP/data" of="$dev" bs=1M oflag=direct status=none &&
	dd if="$TMP/data" of="$dev" bs=4k count=64 oflag=direct status=none &&
	dd if="$TMP/data" of="$dev" bs=512 count=32 oflag=direct status=none &&
	dd if="$TMP/data" of="$dev" bs=65024 count=9 oflag=direct status=none &&
	cmp <(dd if="$dev" bs=1M count="$SIZE" iflag=direct status=none) "$TMP/data" &&
	cmp -n 65536 <(dd if="$dev" bs=512 count=128 iflag=direct status=none) "$TMP/data"
}

# one IMMEDIATE R2T HEADER DATA FIRST MAX MRDSL OUTSTANDING
one() {
	local name="ImmediateData=$1 InitialR2T=$2 HeaderDigest=$3 DataDigest=$4 FirstBurst=$5 MaxBurst=$6 MRDSL=$7 MaxR2T=$8"
	local options=()
	target_params $IQN "$@"
	[ "$3" = None ] || options+=(--header-digest)
	[ "$4" = None ] || options+=(--data-digest)
	if ! iscsictl connect $IQN --portal 10.9.1.2 "${options[@]}" >"$TMP/out" 2>&1; then
		fail "connect with $name"
		comment <"$TMP/out"
		return
	fi
	if ! disk_with_paths $IQN 1 >"$TMP/out" 2>&1; then
		fail "a disk with $name"
	elif ! pattern "$DISK" >"$TMP/out" 2>&1; then
		fail "data with $name"
		comment <"$TMP/out"
	else
		pass "data with $name"
	fi
	if [ -z "${negotiated:-}" ]; then
		negotiated=1
		ijson session list '.[0].Negotiated' | comment
	fi
	disconnect $IQN >"$TMP/out" 2>&1 || {
		fail "disconnect with $name"
		comment <"$TMP/out"
	}
}

bursts=("512 512 512 1" "512 4096 1024 1" "8192 65536 8192 4"
	"65536 262144 65536 8" "262144 16777215 262144 8"
	"16777215 16777215 1048576 1")
i=0
for immediate in Yes No; do
	for r2t in Yes No; do
		for header in None CRC32C; do
			for data in None CRC32C; do
				# shellcheck disable=SC2086
				one $immediate $r2t $header $data ${bursts[i++ % 6]}
			done
		done
	done
done
# Each size once more with everything that makes PDUs of write data differ.
for burst in "${bursts[@]}"; do
	# shellcheck disable=SC2086
	one Yes No CRC32C CRC32C $burst
done
