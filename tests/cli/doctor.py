# SPDX-License-Identifier: GPL-2.0
"""The doctor without the module: what is stored, a portal that is written here."""
import binascii
import json
import os
import shutil
import socket
import subprocess
import tarfile

from discovery import Server, Target
from harness import SECRET, check, new_root, read, record_path, run

UNIT = "/etc/systemd/system/remote-fs.target.wants/iscsi-mpio-restore.service"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def examine(root, *args):
    r = run(root, "--json", "doctor", *args)
    found = json.loads(r.stdout)
    faults = [x for x in found if x["Level"] == "fault"]
    check(r.returncode == (1 if faults else 0),
          "doctor: its exit status tells of faults",
          f"{r.returncode} {r.stderr}")
    for x in found:
        check(x["MeasuredBy"] and (x["Mend"] or x["Level"] != "fault"),
              f"doctor: {x['Check']} {x['Finding']}: how, and what mends it")
    return found


def has(found, level, check_name, text):
    return any(x["Level"] == level and x["Check"] == check_name and
               text in x["Finding"] for x in found)


def test_doctor_store():
    """What a tree without the module says."""
    root = new_root(Startup="onboot", TargetPortalAddress="127.0.0.1",
                    TargetPortalPortNumber="1")
    release = os.uname().release
    initrd = f"{root}/boot/initrd.img-{release}"
    found = examine(root)
    check(has(found, "fault", "versions", "no module for the running kernel"),
          "doctor: no module", found)
    check(has(found, "fault", "records", "is to run and does not"),
          "doctor: a record that does not run", found)
    check(has(found, "note", "boot", "not measured: there is none of kernel"),
          "doctor: no initramfs", found)
    check(has(found, "note", "boot", "was not started by systemd"),
          "doctor: no systemd", found)
    check(has(found, "fault", "reach", "refused"),
          "doctor: nothing listens", found)
    write(f"{root}/lib/modules/{release}/modules.dep",
          "updates/dkms/iscsi_mpio.ko.xz:\n")
    write(f"{root}/run/systemd/system/x", "")
    os.makedirs(f"{root}/etc/systemd/system/remote-fs.target.wants")
    found = examine(root)
    check(has(found, "fault", "versions", "the module is not loaded"),
          "doctor: the module is not loaded", found)
    check(has(found, "fault", "boot", "it is not enabled"),
          "doctor: units that are not enabled", found)
    os.symlink("/lib/systemd/system/iscsi-mpio-restore.service",
               f"{root}{UNIT}")
    write(f"{root}/sys/kernel/security/lockdown",
          "none [integrity] confidentiality\n")
    write(f"{root}/etc/fstab", "LABEL=x /x ext4 defaults 0 0\n")
    write(f"{root}/etc/iscsi-mpio/mounts", "fstab LABEL=x /x\n")
    found = examine(root)
    check(has(found, "ok", "boot", "it is enabled"),
          "doctor: a unit that is enabled", found)
    check(has(found, "fault", "versions", "locked down"),
          "doctor: lockdown", found)
    check(has(found, "note", "boot", "lacks _netdev"),
          "doctor: _netdev is missing", found)
    os.makedirs(f"{root}/boot")
    for name, lines, level, text in (
            ("without", "usr/bin/sh\n", "fault", "the module iscsi_mpio is not"),
            ("with", "usr/lib/modules/x/updates/dkms/iscsi_mpio.ko.xz\n"
             "usr/lib/iscsi-mpio/iscsi-mpio-boot\n"
             "etc/iscsi-mpio/records/0a1b2c3d.conf\n", "ok", "are in it")):
        write(initrd, "")
        write(f"{root}/bin/lsinitramfs", f"#!/bin/sh\ncat <<E\n{lines}E\n")
        os.chmod(f"{root}/bin/lsinitramfs", 0o755)
        r = run(root, "--json", "doctor",
                env={"PATH": f"{root}/bin:{os.environ['PATH']}"})
        check(has(json.loads(r.stdout), level, "boot", text),
              f"doctor: an initramfs {name} the module", r.stdout)
    with open(record_path(root), "a") as f:
        f.write("nonsense\n")
    check(has(examine(root), "fault", "records", "cannot be read"),
          "doctor: a damaged record")
    shutil.rmtree(root)


def test_doctor_arguments():
    root = new_root(record=False)
    check(has(examine(root, "iqn.2020-01.org.example:none"), "fault",
              "sessions", "nothing is known"), "doctor: an unknown target")
    os.unlink(f"{root}/etc/iscsi-mpio/initiator.conf")
    found = examine(root, "--portal", "127.0.0.1:1")
    check(has(found, "note", "reach", "no initiator name"),
          "doctor: a host without a name", found)
    check(has(examine(root, "--disk", "sdx"), "fault", "sessions",
              "none of ours"), "doctor: an unknown disk")
    shutil.rmtree(root)


def test_doctor_portal():
    """A portal that answers, one that is silent, one that says nonsense."""
    root = new_root(record=False)
    server = Server(Target([]))
    found = examine(root, "--portal", server.at)
    check(has(found, "ok", "reach", "logs in within"), "doctor: a portal", found)
    check(has(found, "ok", "route", "goes through lo"), "doctor: its route",
          found)
    server.close()
    server = Server(lambda peer: peer.recv(1) and peer.sendall(b"x" * 48))
    found = examine(root, "--portal", server.at)
    check(has(found, "fault", "reach", "the login to the portal fails"),
          "doctor: a portal of another protocol", found)
    server.close()
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = full.getsockname()[1]
    waiting = [socket.socket() for _ in range(4)]
    for s in waiting:
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", port))
    found = examine(root, "--portal", f"127.0.0.1:{port}")
    check(has(found, "fault", "reach", "the portal is silent"),
          "doctor: a silent portal", found)
    for s in (full, *waiting):
        s.close()
    shutil.rmtree(root)


def test_doctor_bundle():
    """No secret is in it, however it is spelt."""
    root = new_root(AuthenticationType="ONEWAYCHAP", ChapUsername="alice",
                    TargetPortalAddress="127.0.0.1",
                    TargetPortalPortNumber="1", Comment=SECRET)
    other = "another-secret-of-ours!"
    for name, secret in (("0a1b2c3d.chap", SECRET), ("initiator", other)):
        write(f"{root}/etc/iscsi-mpio/secrets/{name}",
              f"0x{secret.encode().hex()}\n")
        os.chmod(f"{root}/etc/iscsi-mpio/secrets/{name}", 0o600)
    check(SECRET in read(record_path(root)), "bundle: a secret is planted")
    r = run(root, "doctor", "--bundle", f"{root}/b.tar.gz")
    check(r.returncode == 1 and "fault" in r.stdout, "bundle: is packed",
          r.stderr)
    check(os.stat(f"{root}/b.tar.gz").st_mode & 0o077 == 0,
          "bundle: is its owner's alone")
    with tarfile.open(f"{root}/b.tar.gz") as tar:
        names = tar.getnames()
        texts = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}
    check("iscsi-mpio-doctor/doctor.txt" in names and
          "iscsi-mpio-doctor/record-0a1b2c3d.conf" in names and
          len(texts) >= 15, "bundle: all is there", names)
    check(b"***" in texts["iscsi-mpio-doctor/record-0a1b2c3d.conf"],
          "bundle: the planted secret is blotted out")
    for secret in (SECRET, other):
        for kind in (secret, secret.encode().hex(),
                     secret.encode().hex().upper(),
                     binascii.b2a_base64(secret.encode()).decode().strip()):
            found = [n for n, t in texts.items() if kind.encode() in t]
            check(not found, f"bundle: {kind} is not there", found)
    left = subprocess.run("ls -d /tmp/iscsi-mpio-doctor.*", shell=True,
                          check=False, capture_output=True, text=True).stdout
    check(not left, "bundle: leaves nothing behind", left)
    r = run(root, "doctor", "--bundle", f"{root}/nowhere/b.tar.gz")
    check(r.returncode == 1 and "nowhere" in r.stderr,
          "bundle: says why it cannot be written", r.stderr)
    shutil.rmtree(root)
