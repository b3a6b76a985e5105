#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# rootvm.sh NAME KERNEL INITRD [KERNEL PARAMETERS...]: starts a VM without any
# disk of its own, whose initramfs finds the root file system on iSCSI, and
# waits until its agent takes commands: vmsh.sh NAME 'command'. Its two network
# devices (52:54:00:09:01:01 and :02:01) are connected to those of the VM whose
# options are "rootvm.sh NAME --peer" (:01:02 and :02:02), which runs first and
# takes the next VM when one has ended. QEMU=... holds more words for QEMU. Environment:
# BOOT_SECONDS, how long it may take.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -ge 2 ] || die "usage: rootvm.sh NAME KERNEL INITRD [PARAMETER...]"
run=$CACHE/serve/$1
# The names of sockets are short: not below the cache.
wires=/tmp/rootvm-$1
mkdir -p "$wires"

nics() {	# SERVER(on|off) HOST-NUMBER
	local n
	for n in 1 2; do
		printf -- '-netdev stream,id=n%d,server=%s,addr.type=unix,addr.path=%s -device virtio-net-pci,netdev=n%d,mac=52:54:00:09:0%d:0%d ' \
			"$n" "$1" "$wires/$n" "$n" "$n" "$2"
	done
	echo
}

if [ "$2" = --peer ]; then
	nics on 2
	exit
fi
kver=$2
initrd=$3
shift 3
kernel=$("$VM_DIR/kernels.sh" "$kver")
rm -rf "$run"
mkdir -p "$run/vm/"{bin,root,out,cmd,tests}
cp -a "$TOP/tests/vm" "$TOP/tests/lib" "$run/vm/tests/"
need_pkg gcc gcc /usr/include/stdio.h libc6-dev
gcc -O2 -Wall -o "$run/vm/bin/pause-meter" "$TOP/tests/lib/pause-meter.c" \
	-lpthread
echo "$run" >"$run/vm/runid"
echo "export KVER=$kver" >"$run/vm/env"
touch "$run/vm/serve"
cmdline="console=ttyS0 root=LABEL=root rw panic=-1 panic_on_warn=1 oops=panic"
cmdline+=" mitigations=off nokaslr loglevel=6 net.ifnames=0 audit=0 selinux=0"
cmdline+=" apparmor=0 rcupdate.rcu_cpu_stall_timeout=180 nowatchdog"
cmdline+=" no_timer_check systemd.show_status=0 tsc=reliable $*"
read -ra qemu < <("$VM_DIR/qemu.sh")
read -ra more <<<"${QEMU:-}"
read -ra wired < <(nics off 1)
"${qemu[@]}" -M q35,usb=off,vmport=off,hpet=off \
	-accel tcg,thread=multi,tb-size=512 -cpu max -smp 2 -m 1024 \
	-nodefaults -no-user-config -display none -monitor none -no-reboot \
	-kernel "$kernel/vmlinuz" -initrd "$initrd" -append "$cmdline" \
	-chardev "file,id=s0,path=$run/serial.log" -serial chardev:s0 \
	-chardev "file,id=c0,path=$run/console.log" \
	-device virtio-serial-pci -device virtconsole,chardev=c0 \
	-device virtio-rng-pci "${wired[@]}" "${more[@]}" \
	-virtfs "local,path=$run/vm,mount_tag=vm,security_model=none,multidevs=remap" \
	</dev/null >"$run/qemu.log" 2>&1 &
pid=$!
disown $pid
echo $pid >"$run/pid"
end=$((SECONDS + ${BOOT_SECONDS:-240}))
until grep -qs '^#@ ready' "$run/console.log"; do
	kill -0 $pid 2>/dev/null || { cat "$run/qemu.log" >&2
		tail -40 "$run/serial.log" >&2; die "the VM ended"; }
	[ $SECONDS -lt $end ] || { tail -40 "$run/serial.log" >&2
		kill -9 $pid; die "no boot in time"; }
	sleep 0.3
done
