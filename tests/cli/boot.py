# SPDX-License-Identifier: GPL-2.0
"""What starts a machine: mounts that are remembered, the generator, the hook."""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile

from harness import HERE, check, new_root, read, record_text, run

# Names of programs in tables of the doctor, and before more arguments
TABLED = re.compile(r'\.(?:txt|json)", \{ "(\w+)"|"(lsinit\w+)"|'
                    r'char \*argv\[\d+\] = \{ "(\w+)"')
USERSPACE = os.path.join(HERE, "../../userspace")


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def test_mounts():
    """A line whose disk is not there now stays as it was remembered."""
    root = new_root(record=False)
    noted = f"{root}/etc/iscsi-mpio/mounts"
    write(f"{root}/etc/fstab",
          "# LABEL=gone /commented ext4 defaults 0 0\n"
          "LABEL=gone /gone ext4 defaults 0 2\n"
          "LABEL=other /other ext4\n"
          "LABEL=said /said ext4 defaults,_netdev 0 0\n"
          "LABEL=root / ext4 defaults 0 1\n"
          "LABEL=late /late ext4 noauto 0 0\n"
          "LABEL=swap none swap sw 0 0\n"
          "LABEL=with\\040space /with\\040space ext4 rw 0 0\n")
    write(f"{root}/etc/crypttab", "safe UUID=12-34 none luks\n")
    r = run(root, "mounts", "--store")
    check(r.returncode == 0 and not os.path.exists(noted),
          "mounts: nothing of ours makes no file", r.stderr)
    known = ("fstab LABEL=gone /gone\nfstab LABEL=said /said\n"
             "fstab LABEL=root /\nfstab LABEL=late /late\n"
             "fstab LABEL=nowhere /nowhere\nfstab LABEL=swap none\n"
             "fstab LABEL=with\\040space /with\\040space\n"
             "crypttab UUID=12-34 safe\n")
    write(noted, known)
    r = run(root, "mounts", "--store", "--dry-run")
    check(read(noted) == known, "mounts: a dry run changes nothing", r.stderr)
    r = run(root, "--json", "mounts")
    told = {x["Where"]: x["Order"] for x in json.loads(r.stdout)}
    check(told == {"/gone": "network (no _netdev)", "/said": "network",
                   "/with\\040space": "network (no _netdev)",
                   "safe": "network (no _netdev)"},
          "mounts: what is remembered is listed", told)
    run(root, "mounts", "--store")
    check(read(noted).split("\n")[1:] == [
        "fstab LABEL=gone /gone",
        "fstab LABEL=with\\040space /with\\040space",
        "crypttab UUID=12-34 safe", ""],
        "mounts: what has gone, or says it, is forgotten", read(noted))
    stamp = os.stat(noted).st_mtime_ns
    run(root, "mounts", "--store")
    check(os.stat(noted).st_mtime_ns == stamp,
          "mounts: written only if something has changed")
    shutil.rmtree(root)


def test_generator():
    """What was remembered is handed to systemd's own generators."""
    root = tempfile.mkdtemp()
    etc, systemd = f"{root}/etc", f"{root}/systemd"
    env = {**os.environ, "ETC": etc, "GENERATORS": systemd, "RUN": f"{root}/run"}
    for name, variable in (("fstab", "SYSTEMD_FSTAB"),
                           ("cryptsetup", "SYSTEMD_CRYPTTAB")):
        write(f"{systemd}/systemd-{name}-generator",
              f'#!/bin/sh\necho "$@" >{root}/{name}.words\n'
              f'cp "${variable}" {root}/{name}.lines\n', 0o755)
    write(f"{etc}/fstab",
          "LABEL=a /a ext4 defaults 0 2\nLABEL=b /b ext4 defaults 0 2\n"
          "#LABEL=a /a ext4\nLABEL=c\t/c\nLABEL=d /d xfs\n")
    write(f"{etc}/crypttab", "x UUID=1-2\ny UUID=3-4 /key luks\n")

    def generate():
        return subprocess.run(
            ["sh", f"{USERSPACE}/systemd/iscsi-mpio-generator", "normal",
             "early", "late"], env=env, capture_output=True, text=True,
            timeout=60)

    check(generate().returncode == 0 and
          not os.path.exists(f"{root}/fstab.words"),
          "generator: nothing remembered, nothing made")
    write(f"{etc}/iscsi-mpio/mounts",
          "# head\nfstab LABEL=a /a\nfstab LABEL=c /c\nfstab LABEL=d /d\n"
          "crypttab UUID=1-2 x\ncrypttab UUID=3-4 y\n")
    r = generate()
    check(r.returncode == 0 and not r.stderr, "generator: runs", r.stderr)
    check(read(f"{root}/fstab.lines").splitlines() == [
        "LABEL=a /a ext4 defaults,_netdev 0 2", "LABEL=c /c auto _netdev",
        "LABEL=d /d xfs _netdev"], "generator: lines of fstab",
        read(f"{root}/fstab.lines"))
    check(read(f"{root}/cryptsetup.lines").splitlines() == [
        "x UUID=1-2 none _netdev", "y UUID=3-4 /key luks,_netdev"],
        "generator: lines of crypttab", read(f"{root}/cryptsetup.lines"))
    check(read(f"{root}/fstab.words") == "early early early\n",
          "generator: its units go before those of the files")
    shutil.rmtree(root)


def copied(etc, **more):
    """What iscsi-mpio-copy says of an image that is made with this /etc."""
    image = tempfile.mkdtemp()
    r = subprocess.run(["sh", f"{USERSPACE}/boot/iscsi-mpio-copy", image],
                       env={**os.environ, "ETC": etc, **more},
                       capture_output=True, text=True, timeout=60)
    shutil.rmtree(image)
    return sorted(r.stdout.split()) if r.returncode == 0 else r.stderr


def test_copy():
    """The makers of images learn whether a root file system depends on us."""
    root = tempfile.mkdtemp()
    etc = f"{root}/etc"
    conf = f"{etc}/iscsi-mpio"
    no_words = {"CMDLINE": f"{root}/cmdline"}
    write(f"{root}/cmdline", "root=/dev/sda1 quiet\n")
    write(f"{conf}/records/0a1b2c3d.conf", record_text())
    check(copied(etc, **no_words) == [], "copy: nothing for the root")
    write(f"{conf}/boot.conf", "# iscsi_mpio=x\n\n")
    check(copied(etc, **no_words) == [], "copy: comments are no words")
    for text in ("iscsi_mpio=iqn.2020-01.org.example:x@192.0.2.1",
                 "quiet netroot=iscsi:192.0.2.1::::iqn.2020-01.org.example:x"):
        write(f"{root}/cmdline", f"{text}\n")
        check(copied(etc, **no_words) == ["root"],
              f"copy: the command line names the root: {text}")
    write(f"{root}/cmdline", "iscsi_mpio=off\n")
    check(copied(etc, **no_words) == [], "copy: switched off")
    write(f"{conf}/boot.conf", "iscsi_mpio=ibft\n")
    check(copied(etc, **no_words) == ["root"], "copy: boot.conf names it")
    write(f"{conf}/boot.conf", "")
    write(f"{conf}/records/0a1b2c3e.conf", record_text(Startup="onboot"))
    check(copied(etc, **no_words) == ["root"], "copy: a record of onboot")
    write(f"{conf}/secrets/0a1b2c3e.chap", "secret\n", 0o600)
    check(copied(etc, **no_words) == ["root", "secrets"],
          "copy: its secret goes along, which is told")
    shutil.rmtree(root)


def of_dracut(call, *there):
    """@call of the module, where dracut's functions tell what they are asked."""
    script = f"""
        modinfo() {{ [[ " {' '.join(there)} " == *" $3 "* ]]; }}
        for f in instmods dfatal dinfo inst_multiple inst_rules inst_simple \\
            inst_hook dracut_need_initqueue; do
            eval "$f() {{ echo $f \\"\\$@\\"; }}"
        done
        kernel=6.12.0-here moddir=. initdir=/nowhere hostonly=
        . {USERSPACE}/dracut/module-setup.sh
        {call}"""
    return subprocess.run(["bash", "-c", script], capture_output=True,
                          text=True, timeout=60)


def test_dracut_module():
    """An image without our module is not made; the network is dracut's."""
    r = of_dracut("installkernel")
    check(r.returncode != 0 and "instmods" not in r.stdout and
          "dfatal iscsi-mpio: kernel 6.12.0-here is without the module" in
          r.stdout, "dracut: fails without the module", r.stdout + r.stderr)
    r = of_dracut("installkernel", "iscsi_mpio")
    asked = " ".join(r.stdout.split("instmods")).split()
    wanted = {"iscsi_mpio", "sd_mod", "iscsi_ibft", "crc32c", "sha256_generic",
              "8021q", "bonding", "bridge", "team", "team_mode_loadbalance"}
    check(r.returncode == 0 and wanted <= set(asked),
          "dracut: takes its drivers and those of links", wanted - set(asked))
    r = of_dracut("depends")
    check("network" in r.stdout.split(),
          "dracut: drivers of devices come with dracut's network", r.stdout)


HOOK_FUNCTIONS = "/usr/share/initramfs-tools/hook-functions"


def run_hook(said, module):
    """The hook of initramfs-tools with its helpers replaced; @said: by ours."""
    place = tempfile.mkdtemp()
    write(f"{place}/functions",
          "manual_add_modules() { :; }\nauto_add_modules() { :; }\n"
          "copy_exec() { :; }\n"
          f"modinfo() {{ {'true' if module else 'false'}; }}\n")
    write(f"{place}/copy", f"#!/bin/sh\necho {said}\n", 0o755)
    hook = read(f"{USERSPACE}/initramfs-tools/hook")
    check(HOOK_FUNCTIONS in hook, "hook: reads initramfs-tools' functions")
    hook = hook.replace(HOOK_FUNCTIONS, f"{place}/functions")
    hook = hook.replace("/usr/lib/iscsi-mpio/iscsi-mpio-copy", f"{place}/copy")
    write(f"{place}/hook", hook, 0o755)
    r = subprocess.run(["sh", f"{place}/hook"], capture_output=True, text=True,
                       timeout=60, env={**os.environ, "version": "6.12.0-here",
                                        "DESTDIR": f"{place}/image"})
    shutil.rmtree(place)
    return r


def test_hook():
    """A kernel without the module: told, and fatal where root is ours."""
    r = run_hook("root", False)
    check(r.returncode == 1 and "E: iscsi-mpio: kernel 6.12.0-here is without"
          in r.stderr, "hook: fails when root needs it", r.stderr)
    r = run_hook("", False)
    check(r.returncode == 0 and "W: iscsi-mpio: kernel 6.12.0-here is without"
          in r.stderr, "hook: warns otherwise", r.stderr)
    r = run_hook("root", True)
    check(r.returncode == 0 and "without" not in r.stderr,
          "hook: is content with it", r.stderr)


def test_sandbox():
    """Each unit can do what it is for, and little else."""
    if not shutil.which("systemd-analyze"):
        return
    for unit, most in (("refresh", 25), ("restore", 40), ("late", 40),
                       ("metrics", 40), ("lease", 40), ("mounts", 40),
                       ("initiator", 40), ("order", 40), ("bound", 40),
                       ("shutdown", 40), ("last@", 40)):
        r = subprocess.run(
            ["systemd-analyze", "security", "--offline=true",
             f"--threshold={most}",
             f"{USERSPACE}/systemd/iscsi-mpio-{unit}.service"],
            capture_output=True, text=True, timeout=60)
        check(r.returncode == 0, f"sandbox: {unit} is at most {most / 10}",
              (r.stdout + r.stderr).strip().split("\n")[-1])


def test_uninstall():
    """Nothing stays of what was installed, enabled links included."""
    root = tempfile.mkdtemp()
    make = ["make", "-s", "-C", USERSPACE, f"DESTDIR={root}"]
    r = subprocess.run([*make, "install"], capture_output=True, text=True,
                       timeout=300)
    there = [os.path.join(d, f) for d, _, names in os.walk(root)
             for f in names]
    check(r.returncode == 0 and len(there) > 40, "install", r.stderr)
    wants = f"{root}/etc/systemd/system/remote-fs.target.wants"
    os.makedirs(wants)
    for unit in ("iscsi-mpio-restore", "iscsi-mpio-shutdown"):
        os.symlink(f"/usr/lib/systemd/system/{unit}.service",
                   f"{wants}/{unit}.service")
    os.makedirs(f"{root}/etc/systemd/system/timers.target.wants")
    os.symlink("/usr/lib/systemd/system/iscsi-mpio-refresh.timer",
               f"{root}/etc/systemd/system/timers.target.wants/"
               "iscsi-mpio-refresh.timer")
    r = subprocess.run([*make, "uninstall"], capture_output=True, text=True,
                       timeout=60)
    left = [os.path.join(d, f) for d, dirs, names in os.walk(root)
            for f in names + [x for x in dirs
                              if os.path.islink(os.path.join(d, x))]]
    check(r.returncode == 0 and not left, "uninstall leaves nothing", left)
    shutil.rmtree(root)


def test_symbols():
    """The file of symbols of Debian's package knows what is exported."""
    exported = set(re.findall(r"^\t(impio_\w+);",
                              read(f"{USERSPACE}/lib/libiscsi-mpio.map"),
                              re.M))
    known = set(re.findall(r"^ (impio_\w+)@", read(
        f"{HERE}/../../debian/libiscsi-mpio0.symbols"), re.M))
    check(exported and exported == known, "symbols: as exported",
          exported ^ known)


def test_policies():
    """What AppArmor and SELinux are given is in their language."""
    packaging = f"{HERE}/../../packaging"
    parser = shutil.which("apparmor_parser", path="/usr/sbin:/sbin")
    if parser and os.path.isdir("/etc/apparmor.d/tunables"):
        r = subprocess.run(
            [parser, "-Q", "-K", f"{packaging}/apparmor/usr.sbin.iscsictl"],
            capture_output=True, text=True, timeout=60)
        check(r.returncode == 0, "AppArmor takes the profile", r.stderr)
    devel = "/usr/share/selinux/devel/Makefile"
    if os.path.exists(devel):
        place = tempfile.mkdtemp()
        for name in os.listdir(f"{packaging}/selinux"):
            shutil.copy(f"{packaging}/selinux/{name}", place)
        r = subprocess.run(["make", "-f", devel, "iscsi_mpio.pp"], cwd=place,
                           capture_output=True, text=True, timeout=120)
        check(r.returncode == 0 and os.path.exists(f"{place}/iscsi_mpio.pp"),
              "SELinux takes the module", r.stderr)
        shutil.rmtree(place)
    # Each program that is run has its line.
    programs = {"ssh"}
    for path in glob.glob(f"{USERSPACE}/*/*.c"):
        text = read(path)
        if "child_run(" in text:
            programs |= {os.path.basename(x) for x in re.findall(
                r'char \*const \w+\[\] = \{\s*"([/\w]+)",[^}]*NULL', text)}
            programs |= {x for row in TABLED.findall(text) for x in row if x}
    profile = read(f"{packaging}/apparmor/usr.sbin.iscsictl")
    allowed = {x for words in re.findall(r"bin/(\S+) Ux,", profile)
               for x in words.strip("{}").split(",")}
    check(programs == allowed, "AppArmor: may run what it runs",
          programs ^ allowed)
