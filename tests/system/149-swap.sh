#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# TIMEOUT: 900
# If this fails, a machine that swaps to a disk of ours hangs or loses memory when
# paths go.
#
# HOG_MIB: what a process holds, more than the machine has.
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

IQN=iqn.2026-11.org.test:swap
HOG_MIB=${HOG_MIB:-1700}
scenario_stop() {
	[ -z "${HOG:-}" ] || kill "$HOG" 2>/dev/null
	swapoff "/dev/${DISK:-none}" 2>/dev/null
}

# Fills memory with a pattern, then reads it again and again; each 50 MiB are a
# line, a byte that is not what was written ends it.
cat >"$TMP/hog.py" <<'PY'
import sys
mib = int(sys.argv[1])
page = [bytes([i % 251 + 1]) * 1048576 for i in range(251)]
held = []
for i in range(mib):
    held.append(bytearray(page[i % 251]))
print("full", flush=True)
while True:
    for i, block in enumerate(held):
        if block != page[i % 251]:
            sys.exit("MiB %d is not what it was" % i)
        if i % 50 == 49:
            print("read to", i + 1, flush=True)
PY
steps() { grep -c read "$TMP/hog.out"; }
# 500 MiB further on than it was
reads_on() { [ "$(steps)" -gt $(($1 + 10)) ]; }
swap_used_mib() { awk '/^SwapTotal/ { t = $2 } /^SwapFree/ { f = $2 } END { print int((t - f) / 1024) }' /proc/meminfo; }

net_up 2
lio_load
# A sparse file on the VM's own disk: what is swapped out leaves memory.
modprobe loop
truncate -s 1536M "$SCENARIO_DIR/swap"
loop=$(losetup --direct-io=on -f --show "$SCENARIO_DIR/swap")
backend_block swap "$loop"
two_portals $IQN swap
must "two paths connect" iscsictl connect $IQN --multipath \
	--portal 10.9.1.2 --portal 10.9.2.2
must "they lead to one disk" disk_with_paths $IQN 2
for id in $(session_ids $IQN); do
	iscsictl mpio set NoPathTimeout=infinite NopInterval=1000 \
		NopTimeout=1000 --session "$id"
done

must "the disk takes the swap" eval "mkswap -q /dev/$DISK && swapon /dev/$DISK"
python3 "$TMP/hog.py" "$HOG_MIB" >"$TMP/hog.out" 2>&1 &
HOG=$!
must "a process holds $HOG_MIB MiB on a machine of $(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" \
	wait_until 180 grep -q full "$TMP/hog.out"
check_le "of that not in swap" $((HOG_MIB - $(swap_used_mib))) $((HOG_MIB - 100)) MiB
for link in 1 2; do
	path_drop $link
	must "path $link goes" wait_until 60 has_paths "$DISK" 1
	now=$(steps)
	check "memory goes on by the other path" wait_until 180 reads_on "$now"
	path_heal $link
	check "path $link comes back while memory is short" \
		wait_until 60 has_paths "$DISK" 2
done
path_drop 1
path_drop 2
sleep 15	# the outage itself; questions might have to wait for swap
path_heal 1
path_heal 2
check "both come back when swap was out of reach for 15 s" \
	wait_until 60 has_paths "$DISK" 2
now=$(steps)
check "memory goes on" wait_until 180 reads_on "$now"
check "every byte was what it should be" kill -0 "$HOG"
kill "$HOG"
wait "$HOG" 2>/dev/null
HOG=
check_is "nobody was killed for want of memory" '' \
	"$(dmesg | grep -m1 -e 'Out of memory' -e oom-kill)"
check "the swap is given back" swapoff "/dev/$DISK"
check "disconnect ends the sessions" disconnect $IQN
lio_gone
losetup -d "$loop"
rm -f "$SCENARIO_DIR/swap"
