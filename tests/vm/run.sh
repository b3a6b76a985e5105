#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh [OPTIONS] KERNEL SCENARIO...: runs scenario scripts in a test VM.
#
# KERNEL is 6.1, 6.12, 7.2, debug or kcsan, or a flavour as in 6.12-rt. The guest is
# QEMU's TCG: /dev/kvm may open and still hang a guest, so it is used only on
# demand (IMPIO_ACCEL=kvm).
# The module and iscsictl of this checkout are built and put into the guest,
# whose root disk is a throw-away overlay. Results are lines on stdout:
#   ok NAME: sentence / not ok NAME: sentence / ok NAME: sentence # SKIP why
# The exit status is 0 only if there was no "not ok" and no splat. Kernel logs
# are always kept, see "# kernel log" at the end.
#
#   --fast           no systemd but a small init with udev, 3 s less to wait for
#                    (default with --shell-cmd, --serve and --icount)
#   --systemd        systemd for those, too
#   --icount         deterministic instruction-count clock, one CPU (benchmark)
#   --append STRING  more kernel parameters
#   --plugin STRING  a plugin for QEMU, FILE,NAME=VALUE...
#   --tool FILE      put this program into the guest's /vm/bin (repeatable)
#   --disk FILE      keep the root disk's overlay in FILE (qcow2) and reuse it
#   --mem MIB        memory of the guest
#   --qemu STRING    more words for QEMU's command line
#   --env NAME=VALUE for the scenarios (repeatable)
#   --timeout SECS   for the whole VM, default 1800
#   --no-module      do not build or insert iscsi_mpio.ko and iscsictl
#   --module FILE    use this iscsi_mpio.ko
#   --out DIR        copy what scenarios left in /vm/out there
#   --shell-cmd CMD  no scenario: run CMD with bash (libraries of tests/lib
#                    sourced), print its output, return its status
#   --serve NAME     no scenario: keep the VM in the background; run commands in
#                    it with vmsh.sh NAME 'command', end it with vmsh.sh NAME --stop
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2; }

SPLAT=$(sed -n "s/^SPLAT='\(.*\)'\$/\1/p" "$VM_DIR/agent.sh")
icount='' plugin=() tools=() append='' disk='' mem='' env=() vm_timeout=1800 module=build out=''
qemu_args=()
shell_cmd='' serve='' init='' keep_serving='' kernel_log=''
while [ $# -gt 0 ]; do
	case $1 in
	--fast) init=/vm/tests/vm/fast-init.sh ;;
	--systemd) init=/sbin/init ;;
	--icount) icount=1 ;;
	--append) append+=" $2"; shift ;;
	--plugin) plugin=(-plugin "$2"); shift ;;
	--tool) tools+=("$(realpath "$2")"); shift ;;
	--disk) disk=$(realpath -m "$2"); shift ;;
	--mem) mem=$2; shift ;;
	--qemu) read -ra words <<<"$2"; qemu_args+=("${words[@]}"); shift ;;
	--env) env+=("$2"); shift ;;
	--timeout) vm_timeout=$2; shift ;;
	--no-module) module='' ;;
	--module) module=$(realpath "$2"); shift ;;
	--out) out=$(realpath -m "$2"); shift ;;
	--shell-cmd) shell_cmd=$2; shift ;;
	--serve) serve=$2; shift ;;
	-*) usage ;;
	*) break ;;
	esac
	shift
done
[ $# -ge 1 ] || usage
kver=$1
shift
[ $# -gt 0 ] || [ -n "$shell_cmd$serve" ] || usage

if [ -z "$init" ]; then
	init=/sbin/init
	[ -z "$shell_cmd$serve$icount" ] || init=/vm/tests/vm/fast-init.sh
fi

need_pkg gcc gcc make make /usr/include/stdio.h libc6-dev \
	/usr/include/libmnl/libmnl.h libmnl-dev
read -ra qemu < <("$VM_DIR/qemu.sh")
kernel=$("$VM_DIR/kernels.sh" "$kver")
guest=$("$VM_DIR/modules.sh" "$kver")
clients=
if [ $# -gt 0 ] && grep -qx '# ROOT: clients' "$@"; then
	clients=yes
	rootfs=$("$VM_DIR/clientfs.sh")
else
	rootfs=$("$VM_DIR/rootfs.sh")
fi
release=$(cat "$kernel/release")

run=$CACHE/runs/$kver-$$
logs=$CACHE/logs
if [ -n "$serve" ]; then
	run=$CACHE/serve/$serve
	[ ! -e "$run/pid" ] || ! kill -0 "$(cat "$run/pid")" 2>/dev/null ||
		die "a VM '$serve' is running already"
	rm -rf "$run"
fi
mkdir -p "$run/vm/"{bin,root,out,cmd} "$logs"
QEMU_PID='' TAIL_PID=''
finish() {
	[ -n "$TAIL_PID" ] && kill "$TAIL_PID" 2>/dev/null
	[ -n "$keep_serving" ] && return
	if [ -n "$QEMU_PID" ]; then
		kill -9 "$QEMU_PID" 2>/dev/null
		[ -z "$kernel_log" ] || cat "$run/serial.log" >>"$kernel_log"
	fi
	[ -n "${IMPIO_KEEP:-}" ] || rm -rf "$run"
	return 0
}
trap finish EXIT
trap 'exit 130' INT TERM

# --- what the guest gets
cp -al "$guest/modules" "$run/modules"
if [ "$module" = build ]; then
	if [ -f "$TOP/Kbuild" ]; then
		"$VM_DIR/kbuild.sh" "$kver" "$TOP" "$CACHE/build/$kver" \
			>"$CACHE/build-$kver.log" 2>&1 || {
			tail -30 "$CACHE/build-$kver.log" >&2
			die "the module does not build for $kver"
		}
		module=$CACHE/build/$kver/iscsi_mpio.ko
	else
		module=
	fi
	"$VM_DIR/userspace.sh" "$run/vm/root"
fi
if [ -n "$module" ]; then
	mkdir -p "$run/modules/lib/modules/$release/updates"
	cp "$module" "$run/modules/lib/modules/$release/updates/iscsi_mpio.ko"
	# depmod replaces its files, but the farm's are links: unlink first
	rm -f "$run/modules/lib/modules/$release/"modules.{dep,alias,symbols}* \
		"$run/modules/lib/modules/$release/"modules.{softdep,devname}
	depmod -b "$run/modules" "$release"
fi
mkdir -p "$run/vm/tests"
cp -a "$TOP/tests/vm" "$TOP/tests/lib" "$TOP/tests/system" "$TOP/tests/bench" \
	"$TOP/tests/target" "$TOP/tests/cli" "$TOP/include/uapi" \
	"$TOP/README" "$TOP/Documentation/locking.rst" "$run/vm/tests/"
gcc -O2 -Wall -D_GNU_SOURCE -shared -fPIC -o "$run/vm/bin/powercut.so" \
	"$TOP/tests/cli/powercut.c" -ldl
[ ! -e "$run/vm/root/usr/share/man/man3/libiscsi-mpio.3" ] ||
	"$TOP/tests/lib/example.sh" "$run/vm/root" "$run/vm/bin/example"
if [ -n "$clients" ]; then
	need_pkg go golang-go
	"$TOP/tests/lib/example.sh" "$run/vm/root" "$run/vm/bin/example-go" \
		"$TOP/Documentation/clients/example.go"
	cp "$TOP/Documentation/clients/example.py" \
		"$TOP/include/netlink/iscsi_mpio.yaml" "$run/vm/tests/"
fi
[ ${#tools[@]} = 0 ] || cp "${tools[@]}" "$run/vm/bin/"
for source in "$TOP"/tests/lib/*.c; do
	[ -e "$source" ] || continue
	gcc -O2 -Wall -I"$TOP/include/uapi" \
		-o "$run/vm/bin/$(basename "$source" .c)" "$source" -lpthread -lmnl
done
echo "$run-$(date +%s%N)" >"$run/vm/runid"
{
	for word in "${env[@]}"; do
		printf 'export %s=%q\n' "${word%%=*}" "${word#*=}"
	done
	echo "export KVER=$kver"
} >"$run/vm/env"
: >"$run/vm/plan"
if [ -n "$shell_cmd" ]; then
	mkdir -p "$run/vm/tests/system"
	{
		echo "# TIMEOUT: $vm_timeout"
		echo '. /vm/tests/lib/target.sh; . /vm/tests/lib/scenario.sh; set +eu'
		echo 'trap - EXIT ERR'
		echo "$shell_cmd"
	} >"$run/vm/tests/system/shell.sh"
	echo tests/system/shell.sh >"$run/vm/plan"
elif [ -n "$serve" ]; then
	touch "$run/vm/serve"
else
	for scenario in "$@"; do
		scenario=$(realpath "$scenario")
		[ -f "$scenario" ] || die "no scenario $scenario"
		if [[ $scenario = "$TOP"/tests/* ]]; then
			echo "${scenario#"$TOP"/}" >>"$run/vm/plan"
		else
			cp "$scenario" "$run/vm/tests/"
			echo "tests/$(basename "$scenario")" >>"$run/vm/plan"
		fi
	done
fi

# --- the machine
# shellcheck disable=SC2054
case ${IMPIO_ACCEL:-tcg} in
kvm) accel=(-accel kvm -cpu host -smp 2) ;;
*) accel=(-accel tcg,thread=multi,tb-size=512 -cpu max -smp 2) ;;
esac
if [ -n "$icount" ]; then
	# No fast string instructions: TCG counts a whole rep movs as one
	# shellcheck disable=SC2054
	accel=(-accel tcg,thread=single,tb-size=512 -icount shift=0,sleep=off
		-smp 1 -cpu max,erms=off,fsrm=off)
elif [ "${IMPIO_ACCEL:-tcg}" = tcg ]; then
	# The guest's TSC is this machine's. Its rate is told, as a guest that
	# measures it on a loaded machine gets it wrong by factors.
	gcc -O2 -o "$run/tsc-khz" "$VM_DIR/tsc-khz.c"
	append+=" tsc_early_khz=$("$run/tsc-khz")"
fi
if [ -z "$mem" ]; then
	mem=1536
	[ "$kver" != debug ] || mem=2560
fi
# Several races at a time: the log is looked at in the end.
[ "$kver" != kcsan ] || append+=" panic_on_warn=0"
cmdline="console=ttyS0 root=/dev/vda vminit=$init panic=-1 panic_on_warn=1"
cmdline+=" oops=panic mitigations=off nokaslr loglevel=6 printk.time=1"
cmdline+=" random.trust_cpu=on selinux=0 apparmor=0 audit=0 net.ifnames=0"
cmdline+=" rcupdate.rcu_cpu_stall_timeout=180 workqueue.watchdog_thresh=180"
cmdline+=" nowatchdog no_timer_check systemd.show_status=0 log_buf_len=4M"
cmdline+=" tsc=reliable$append"
# A guest that waits for this machine's disk has its clock wound forward to the
# next timer: two minutes of it may be a tenth of a second here.
[ -z "$icount" ] || cmdline+=" sysctl.kernel.hung_task_timeout_secs=0"

fresh_disk() {
	rm -f "$run/disk.qcow2"
	qemu-img create -q -f qcow2 -F raw -b "$rootfs" "$run/disk.qcow2"
}
overlay=$run/disk.qcow2
if [ -n "$disk" ]; then
	overlay=$disk
	[ -f "$disk" ] ||
		qemu-img create -q -f qcow2 -F raw -b "$rootfs" "$disk"
else
	fresh_disk
fi

start_vm() {
	: >"$run/console.log"
	: >"$run/serial.log"
	"${qemu[@]}" -M q35,usb=off,vmport=off,hpet=off "${accel[@]}" \
		"${plugin[@]}" \
		-m "$mem" -nodefaults -no-user-config -display none \
		-monitor none -no-reboot \
		-kernel "$kernel/vmlinuz" -initrd "$guest/initramfs.gz" \
		-append "$cmdline" \
		-chardev "file,id=s0,path=$run/serial.log" -serial chardev:s0 \
		-chardev "file,id=c0,path=$run/console.log" \
		-device virtio-serial-pci -device virtconsole,chardev=c0 \
		-device virtio-rng-pci \
		-drive "if=virtio,format=qcow2,file=$overlay,cache=unsafe,discard=unmap" \
		-virtfs "local,path=$run/vm,mount_tag=vm,security_model=none,multidevs=remap" \
		-virtfs "local,path=$run/modules/lib/modules,mount_tag=modules,security_model=none,readonly=on" \
		"${qemu_args[@]}" </dev/null >"$run/qemu.log" 2>&1 &
	QEMU_PID=$!
}

if [ -n "$serve" ]; then
	start_vm
	disown "$QEMU_PID"
	echo "$QEMU_PID" >"$run/pid"
	end=$((SECONDS + 180))
	until grep -q '^#@ ready' "$run/console.log"; do
		kill -0 "$QEMU_PID" 2>/dev/null || {
			cat "$run/qemu.log" >&2; tail -20 "$run/serial.log" >&2
			die "the VM ended"
		}
		[ $SECONDS -lt $end ] || { tail "$run/serial.log" >&2
			die "no boot after 180 s"; }
		sleep 0.3
	done
	keep_serving=1
	note "VM '$serve' is up; kernel log $run/serial.log"
	exit 0
fi

# --- boot until the plan is done
total=0
bad=0
shell_rc=1
result() {	# one line of test output from the guest or from here
	local line=$1
	echo "$line"
	case $line in
	'not ok '*) bad=$((bad + 1)) ;;
	'ok '*) total=$((total + 1)) ;;
	esac
}

# Follow the guest's console; returns how the boot ended.
follow() {
	set -f
	local line rc ended=died end=$((SECONDS + vm_timeout))
	current=''
	# One reader of a growing file: tail ends when QEMU does.
	exec 3< <(exec tail -n +1 -s 0.2 -f --pid="$QEMU_PID" \
		"$run/console.log" 2>/dev/null)
	TAIL_PID=$!
	while :; do
		rc=0
		IFS= read -r -t 5 line <&3 || rc=$?
		# more than 128 is a time-out of read, other errors are the end
		[ $rc = 0 ] || [ $rc -gt 128 ] || break
		if [ $rc != 0 ]; then
			if [ $SECONDS -gt $end ]; then
				kill -9 "$QEMU_PID" 2>/dev/null || true
				ended=timeout
				break
			fi
			continue
		fi
		line=${line%$'\r'}
		# shellcheck disable=SC2086
		set -- $line
		case $line in
		'#@ begin '*) current=$3 ;;
		'#@ end '*)
			current=''
			[ "$4" = 88 ] || finished+=("$3")
			shell_rc=$4
			[ -n "$shell_cmd" ] || echo "# $3: $5 s"
			;;
		'#@ reboot'*) ended=reboot ;;
		'#@ dirty') ended=dirty ;;
		'#@ alldone') ended=alldone ;;
		'#@ up '*) echo "# guest up after $3 s: $4" >&2 ;;
		'#@'*) ;;
		'Starting systemd-udevd'*) ;;
		*) result "$line" ;;
		esac
	done
	exec 3<&-
	TAIL_PID=''
	how=$ended
}

finished=()
kernel_log=$logs/$kver-$(date +%Y%m%d-%H%M%S)-$$.log
: >"$kernel_log"
boots=0
while :; do
	boots=$((boots + 1))
	[ $boots -le 40 ] || { result "not ok vm: boots without end"; break; }
	boot_start=$SECONDS
	start_vm
	follow
	wait "$QEMU_PID" || true
	QEMU_PID=''
	cat "$run/serial.log" >>"$kernel_log"
	splat=$(tr -d '\r' <"$run/serial.log" | grep -aE -m1 "$SPLAT" || true)
	case $how in
	alldone | dirty | reboot)
		# The guest has seen the log up to its last scenario; this is
		# what came during shutdown.
		[ -z "$splat" ] || result "not ok vm: kernel log: $splat"
		;;
	*)
		if [ "$how" = timeout ]; then
			why="no end after $vm_timeout s"
		else
			why="VM died after $((SECONDS - boot_start)) s"
		fi
		result "not ok ${current:-vm}: $why: ${splat:-$(tail -n 1 "$run/serial.log" | tr -d '\r')}"
		finished+=("${current:-}")
		if [ -z "$current" ]; then
			[ ! -s "$run/qemu.log" ] || cat "$run/qemu.log" >&2
			tail -20 "$run/serial.log" >&2
			break
		fi
		;;
	esac
	case $how in
	alldone) break ;;
	reboot) continue ;;
	esac
	# The rest of the plan in a fresh guest.
	for name in "${finished[@]}"; do
		grep -v -e "/$name\.sh\$" "$run/vm/plan" >"$run/plan.new" || true
		mv "$run/plan.new" "$run/vm/plan"
	done
	[ -s "$run/vm/plan" ] || break
	echo "$run-$(date +%s%N)" >"$run/vm/runid"
	[ -n "$disk" ] || fresh_disk
done
if [ -n "$out" ] && [ -n "$(ls -A "$run/vm/out")" ]; then
	mkdir -p "$out"
	cp -r "$run/vm/out/." "$out/"
fi
echo "# kernel log $kernel_log" >&2
if [ -n "$shell_cmd" ]; then
	[ "$bad" = 0 ] || exit 1
	exit "$shell_rc"
fi
[ "$bad" = 0 ] && [ "$total" -gt 0 ]
