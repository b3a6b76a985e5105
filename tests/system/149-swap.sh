#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: by name 6.12
# ON THE HOST
# TIMEOUT: 900
# If this fails, a machine that swaps to a disk of ours hangs or loses memory when
# paths go.
#
# Its root file system is there, too: what is not in memory has to come back over
# the same paths. The target is another machine, as it must be: one that needed
# the memory it gives back could wait for itself.
#
# HOG_MIB: what a process holds, more than the machine has.
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/../lib/scenario.sh"
. "$HERE/../lib/rootvm.sh"
HOG_MIB=${HOG_MIB:-1050}

# Fills memory with a pattern, then reads it again and again; each 5 MiB are a
# line, a byte that is not what was written ends it.
hog() {
	cat <<-'PY'
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
	        if i % 5 == 4:
	            print("read to", i + 1, flush=True)
	PY
}
OUT=$CACHE/serve/$ROOT_VM/vm/out/hog	# written by the guest
is_full() { grep -q full "$OUT"; }
steps() { grep -c read "$OUT"; }
# 50 MiB further on than it was
reads_on() { [ "$(steps)" -gt $(($1 + 10)) ]; }

must "Debian's tools make a root disk and an initramfs" \
	make_images disk initramfs-tools
must "a target serves the disk" target_vm_start
must "boots over both paths" boot "$IMAGES/initramfs-tools.img" "$STATIC" \
	"$OURS"
must "both are ready" wait_until 20 has_ready 2
must "its start is complete" has_started
quick_timers
must "a file on the disk takes the swap" guest 'fallocate -l 700M /swap &&
	chmod 600 /swap && mkswap -q /swap && swapon /swap'
hog >"$CACHE/serve/$ROOT_VM/vm/hog.py"
guest "cp /vm/hog.py /run/; python3 /run/hog.py $HOG_MIB >/vm/out/hog 2>&1 &
	echo \$! >/run/hog.pid"
must "a process holds $HOG_MIB MiB on a machine of $(guest \
	'awk "/^MemTotal/ { print int(\$2 / 1024) }" /proc/meminfo')" \
	wait_until 400 is_full
swapped=$(guest 'awk "/^VmSwap/ { print int(\$2 / 1024) }" \
	/proc/$(cat /run/hog.pid)/status')
check_le "of that not in swap" $((HOG_MIB - swapped)) $((HOG_MIB - 100)) MiB
for link in 1 2; do
	cut $link
	now=$(steps)
	check "memory goes on by the other path when $link has gone" \
		wait_until 120 reads_on "$now"
	check_is "one path is ready" 1 "$(ready_paths)"
	heal $link
	check "path $link comes back while memory is short" \
		wait_until 60 has_ready 2
done
cut 1 2
sleep 15	# the outage itself
heal 1 2
check "both come back when swap was out of reach for 15 s" \
	wait_until 60 has_ready 2
now=$(steps)
check "memory goes on" wait_until 120 reads_on "$now"
check "every byte was what it should be" guest 'kill -0 $(cat /run/hog.pid)'
guest 'kill $(cat /run/hog.pid)'
check "the swap is given back" guest 'swapoff /swap'
check_is "nobody was killed for want of memory" '' \
	"$(root_log | grep -a -m1 -e 'Out of memory' -e oom-kill)"
check_is "its kernel log is clean" '' "$(root_log | grep -aE -m1 "$SPLAT")"
