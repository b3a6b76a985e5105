# SPDX-License-Identifier: GPL-2.0
"""What is written is true: manual pages, tables, the firmware's table."""
import json
import os
import re
import shutil
import subprocess

from harness import HERE, SECRET, TOOL, check, new_root, read, run

TOP = os.path.join(HERE, "../..")
MAN = f"{TOP}/userspace/man"


def man_text(name):
    return read(f"{MAN}/{name}")


def test_windows_rows():
    """Each parameter of iscsi-mpio-windows(7) is exercised in a VM."""
    scenario = read(f"{TOP}/tests/system/130-cmdlets.sh")
    scenario = scenario.replace("\\\n\t", " ")
    short = dict(re.findall(r"^([A-Z])=([A-Z][a-z]+-Iscsi\w+)$", scenario,
                            re.M))
    done = set()
    for name, parameters in re.findall(r"^(?:PATH=\S+ )?cmdlet (\S+) (\S+)",
                                       scenario, re.M):
        name = short.get(name[1:], name) if name[0] == "$" else name
        done |= {(name, p) for p in parameters.split(",")}
    rows, cmdlets, now = 0, set(), ""
    for line in man_text("iscsi-mpio-windows.7").splitlines():
        if line.startswith(".Ss "):
            now = line[4:] if "-" in line else "Common"
            cmdlets.add(now)
        elif line.startswith(".It Fl "):
            rows += 1
            parameter = line.split()[2]
            check((now, parameter) in done, f"papers: {now} -{parameter}")
    check(len(cmdlets - {"Common"}) == 13 and rows >= 80,
          "papers: 13 cmdlets", f"{rows} rows of {sorted(cmdlets)}")


def test_options_are_told():
    """The manual names every command and every option of it."""
    page = man_text("iscsictl.8").replace("\\-", "-")
    helped = run("/", "--help").stdout.split("global options")[0]
    for line in helped.splitlines()[2:]:
        words = re.match(r"  ([a-z-]+)(?: ([a-z-]+))?(?= |$)", line)
        if not words:
            continue
        command = [w for w in words.groups() if w]
        text = " ".join(command)
        told = f"Cm {text}" in page or f"Cm {command[0]} {text}" in page
        check(told, f"papers: {text} is in the manual")


def examples(page):
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", page,
                            re.M | re.S):
        for line in block.replace("\\e\n", " ").splitlines():
            if line.startswith("iscsictl "):
                yield line.split(" | ")[0]


def test_examples():
    """Commands of the pages parse: they fail for lack of a module at most."""
    count = 0
    for name in os.listdir(MAN):
        for line in examples(man_text(name)):
            root = new_root(record=False)
            if "192.0.2" in line:
                line += " --timeout 1"
            r = run(root, *line.split()[1:], stdin="[]")
            count += 1
            check(r.returncode in (0, 4, 8, 13, 21, 27), f"papers: {line}",
                  f"{r.returncode} {r.stderr}")
            shutil.rmtree(root)
    check(count >= 10, "papers: there are examples", count)


def test_readme_commands():
    """Commands the README shows exist."""
    for line in re.findall(r"^    \$ iscsictl (.*)$", read(f"{TOP}/README"),
                           re.M):
        words = [w for w in line.split() if not w.startswith("-")]
        r = run("/", *words[:2], "--help")
        r = r if r.returncode == 0 else run("/", words[0], "--help")
        check(r.returncode == 0, f"papers: README: {line}", r.stderr)


FATAL_WORDS = "forbidden above malformed case refused twice early late"


def test_wrong_answers():
    """The table of iscsi_mpio(4) is the one of proto/quirk.c."""
    proto = f"{TOP}/kernel/proto"
    names = dict(re.findall(r'\((MPIO_K_\w+), "([^"]+)"',
                            read(f"{proto}/key_table.c")))
    source, page = read(f"{proto}/quirk.c"), man_text("iscsi_mpio.4")
    rows = re.findall(r'\tROW\((\w+),\s*(.*?),\s*"([^"]+)"\)', source, re.S)
    echoes = re.findall(r'\tECHO\((\w+), (\w+),\s*"([^"]+)"\)', source, re.S)
    for key, columns, why in rows:
        passed = [word for word, column in
                  zip(FATAL_WORDS.split(), re.findall(r"\w+", columns),
                      strict=True) if column != "FATAL"]
        line = f".It Li {names[key]}\n{' '.join(passed)}:\n{why}.\n"
        check(line in page, f"papers: wrong {names[key]}", line)
    for key, echo, why in echoes:
        passed = "the same" if echo == "FATAL" else "any"
        line = f".It Li {names[key]}\n{passed} value:\n{why}.\n"
        check(line in page, f"papers: wrong {names[key]}", line)
    check(len(rows) + len(echoes) == len(names),
          "papers: every key has a row", len(names))


def test_version():
    r = run("/", "--version")
    check(r.stdout == "iscsictl 0.1.0\n", "papers: version", r.stdout)


FIRMWARE = {
    "initiator/initiator-name": "iqn.2020-01.org.example:boot",
    "initiator/flags": "3",
    "ethernet0/flags": "3", "ethernet0/index": "0",
    "ethernet0/mac": "52:54:00:12:34:56",
    "ethernet0/ip-addr": "192.0.2.9", "ethernet0/prefix-len": "24",
    "ethernet0/gateway": "192.0.2.254", "ethernet0/vlan": "0",
    "target0/index": "0", "target0/flags": "3",
    "target0/ip-addr": "192.0.2.1", "target0/port": "3260",
    "target0/target-name": "iqn.2020-01.org.example:root",
    "target0/nic-assoc": "0", "target0/chap-type": "1",
    "target0/chap-name": "alice", "target0/chap-secret": SECRET,
    "target1/index": "1", "target1/flags": "0",
    "target1/ip-addr": "fd00::1", "target1/port": "860",
    "target1/target-name": "iqn.2020-01.org.example:root",
    "target1/nic-assoc": "0", "target1/chap-type": "0",
}


def firmware(root, **changes):
    for name, value in {**FIRMWARE, **changes}.items():
        path = f"{root}/sys/firmware/ibft/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(f"{value}\n")
    os.makedirs(f"{root}/sys/class/net/eth7", exist_ok=True)
    with open(f"{root}/sys/class/net/eth7/address", "w") as f:
        f.write("52:54:00:12:34:56\n")


def test_firmware_table():
    root = new_root(record=False)
    r = run(root, "ibft", "show")
    check(r.returncode == 21 and "no boot table" in r.stderr,
          "ibft: none", r.stderr)
    firmware(root)
    r = run(root, "--json", "ibft", "show")
    first, second = json.loads(r.stdout)
    want = {"NodeAddress": "iqn.2020-01.org.example:root",
            "TargetPortalAddress": "192.0.2.1",
            "TargetPortalPortNumber": 3260, "IsSelected": True,
            "AuthenticationType": "ONEWAYCHAP", "ChapUsername": "alice",
            "InitiatorNodeAddress": "iqn.2020-01.org.example:boot",
            "InitiatorInterface": "eth7", "Gateway": "192.0.2.254"}
    check({k: first[k] for k in want} == want, "ibft: first target", first)
    check(second["TargetPortalAddress"] == "fd00::1" and
          not second["IsValid"], "ibft: second target", second)
    check(SECRET not in r.stdout, "ibft: no secret is shown")
    r = run(root, "ibft", "connect")
    check(r.returncode in (13, 27), "ibft: connect needs the module",
          r.stderr)
    for name, value, text in (
            ("target0/target-name", "non sense", "target0"),
            ("target0/ip-addr", "", "target0"),
            ("target0/chap-secret", "short", "12"),
            ("target0/chap-secret", "", "without a name or a secret")):
        firmware(root, **{name: value})
        r = run(root, "ibft", "show")
        check(r.returncode in (7, 24) and text in r.stderr,
              f"ibft: {name}={value!r}", f"{r.returncode} {r.stderr}")
        check("fd00::1" in r.stdout and SECRET not in r.stdout + r.stderr,
              f"ibft: {name}={value!r}: the other is shown", r.stdout)
        firmware(root)
    shutil.rmtree(root)


def test_credentials():
    """A secret that is not stored comes from systemd's directory."""
    root = new_root(AuthenticationType="ONEWAYCHAP", ChapUsername="alice",
                    record=True)
    portal = ("-m", "discoverydb", "-t", "st", "-p", "127.0.0.1:1")
    adm = f"{root}/iscsiadm"
    os.symlink(TOOL, adm)
    run(root, *portal, "-o", "new", tool=adm)
    run(root, *portal, "-o", "update", "-n",
        "discovery.sendtargets.auth.authmethod", "-v", "CHAP", tool=adm)
    name = f"{root}/iscsi-mpio.portal-127.0.0.1_3a1.chap"
    env = {"CREDENTIALS_DIRECTORY": root}
    for text, mode, code, why in ((SECRET, 0o400, 4, "refuses"),
                                  (SECRET, 0o444, 13, "may be read"),
                                  ("short", 0o400, 7, "12")):
        with open(name, "w") as f:
            f.write(text)
        os.chmod(name, mode)
        r = run(root, "portal", "refresh", env=env)
        check(r.returncode == code and why in r.stderr,
              f"credentials: {text!r} {mode:o}",
              f"{r.returncode} {r.stderr}")
        os.unlink(name)
    r = run(root, "portal", "refresh", env=env)
    check(r.returncode == 24 and "secret is not stored" in r.stderr,
          "credentials: none", r.stderr)
    shutil.rmtree(root)


def test_dkms_limits():
    """DKMS builds for the kernels and machines we know, and skips others."""
    conf = f"{TOP}/packaging/dkms.conf"
    for limit, words in (
            ("KERNEL", {"6.1.0-47-amd64": True, "6.12.117+deb13-rt": True,
                        "7.2.12+deb14-amd64": True, "6.6.30": True,
                        "10.0.1": True, "5.10.0-30-amd64": False,
                        "6.0.12": False, "4.19.0": False}),
            ("ARCH", {"x86_64": True, "i686": True, "aarch64": True,
                      "armv7l": True, "s390x": True, "ppc64le": True,
                      "riscv64": True, "mips64": False, "alpha": False})):
        for word, built in words.items():
            r = subprocess.run(
                ["bash", "-c",
                 f'. {conf}; [[ $1 =~ $BUILD_EXCLUSIVE_{limit} ]]', "-",
                 word], check=False)
            check((r.returncode == 0) == built, f"dkms: {word}", r)


def test_packages():
    """An upgrade leaves units as they were; what is named is there."""
    spec = read(f"{TOP}/packaging/iscsi-mpio.spec")
    scripts = re.findall(r"^%(post|preun|postun) (\w+)\n(.*?)(?=^%|\Z)", spec,
                         re.M | re.S)
    for when, package, body in re.findall(
            r"^%(post|preun|postun) (tools|compat)\n"
            r"(.*?)(?=^%(?!systemd)|\Z)", spec, re.M | re.S):
        check(f"%systemd_{when} iscsi-mpio-" in body and
              "systemctl" not in body, f"packages: {when} of {package}", body)
    check(len(scripts) >= 6, "packages: scriptlets", scripts)
    check("systemd_post() if [ $1 -eq 1 ]" in spec,
          "packages: presets on the first installation alone")
    units = re.search(r"^%systemd_post (iscsi-mpio-restore.*)$", spec, re.M)
    for unit in units.group(1).split():
        check(os.path.exists(f"{TOP}/userspace/systemd/{unit}"),
              f"packages: {unit} is there")
    preset = read(f"{TOP}/userspace/systemd/90-iscsi-mpio.preset")
    enabled = re.findall(r"^enable (\S+)$", preset, re.M)
    check(enabled == ["iscsi-mpio-restore.service",
                      "iscsi-mpio-shutdown.service"],
          "packages: what a preset enables", enabled)
    check("zsh/site-functions" in spec and
          "%dir %{_sysconfdir}/iscsi-mpio" in spec,
          "packages: folders of the rpm")
    tests = re.findall(r"^Tests: (.*)$", read(f"{TOP}/debian/tests/control"),
                       re.M)
    names = re.split(r"[,\s]+", " ".join(tests).strip())
    check(len(names) >= 2 and all(os.path.exists(f"{TOP}/debian/tests/{n}")
                                  for n in names), "packages: autopkgtest",
          names)
    install = read(f"{TOP}/debian/iscsi-mpio-tools.install")
    check("initiator.conf" not in install and
          not re.search(r"^%.*/iscsi-mpio/initiator\.conf$", spec, re.M),
          "packages: no name of a host")


def test_multipath_rows():
    """Each command and setting iscsi-mpio-multipath(7) names is one of ours."""
    page = man_text("iscsi-mpio-multipath.7")
    settings = set(re.findall(r'\[MPIO_TA_\w+\] = "(\w+)"',
                              read(f"{TOP}/userspace/lib/bounds.c")))
    named = set(re.findall(r"\b([A-Z][a-z]+[A-Z]\w+)=(?:TIME|infinite|\d)",
                           page))
    named |= set(re.findall(r"mpio set (\w+)", page))
    check(len(named) >= 5 and named <= settings, "papers: multipath settings",
          named - settings)
    rows = re.findall(r"iscsictl (?:--json )?([a-z]+(?: [a-z]+)?)", page)
    rows += re.findall(r"^\.It .*Ta Li \"?(policy \w+|mpio \w+|path \w+)",
                       page, re.M)
    for row in set(rows):
        words = row.split()
        r = run("/", *words, "--help")
        if r.returncode:
            r = run("/", words[0], "--help")
        check(r.returncode == 0, f"papers: multipath: {row}", r.stderr)
    check(len(rows) >= 15, "papers: multipath rows", len(rows))
