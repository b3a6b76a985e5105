# SPDX-License-Identifier: GPL-2.0
"""What every test of iscsictl without the module uses: roots, runs, results."""
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile

TOOL, POWERCUT = (os.path.abspath(p) for p in sys.argv[1:3])
HERE = os.path.dirname(os.path.abspath(__file__))
SECRET = "a-secret-of-26-characters!"
results = {True: 0, False: 0}


def check(ok, what, detail=""):
    results[bool(ok)] += 1
    if not ok:
        print(f"not ok {what}\n# {detail}")


def run(root, *args, stdin="", env=None, tool=None):
    command = [tool] if tool else [TOOL, "--root", root]
    return subprocess.run([*command, *args], input=stdin,
                          capture_output=True, text=True, timeout=60,
                          env={**os.environ, "ISCSICTL_ROOT": root,
                               **(env or {})},
                          start_new_session=True)


def on_terminal(root, *args, types="", env=None):
    """What a person sees who has a terminal and types @types."""
    pid, fd = pty.fork()
    if not pid:
        os.execve(TOOL, [TOOL, "--root", root, *args],
                  {**os.environ, "TERM": "xterm", **(env or {})})
    seen = b""
    while True:
        if not select.select([fd], [], [], 60)[0]:
            os.kill(pid, signal.SIGKILL)	# it waits for what never comes
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        seen += more
        if types and b": " in seen:
            os.write(fd, types.encode())
            types = ""
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def record_text(**keys):
    fields = {"TargetNodeAddress": "iqn.2020-01.org.example:disk",
              "TargetPortalAddress": "192.0.2.1",
              "TargetPortalPortNumber": "3260",
              "InitiatorNodeAddress": "iqn.2020-01.org.example:host",
              "ISID": "80aabbcc0001", "IsMultipathEnabled": "Yes",
              "AuthenticationType": "NONE", "Startup": "automatic", **keys}
    text = "# iscsi-mpio record, written by iscsictl\nVersion=1\n"
    text += "".join(f"{k}={v}\n" for k, v in fields.items())
    return f"{text}Checksum={crc32c(text.encode()):08x}\n"


def record_path(root, name="0a1b2c3d"):
    path = f"{root}/etc/iscsi-mpio/records"
    os.makedirs(path, exist_ok=True)
    return f"{path}/{name}.conf"


def new_root(**keys):
    root = tempfile.mkdtemp(prefix="iscsictl.")
    os.makedirs(f"{root}/etc/iscsi-mpio")
    with open(f"{root}/etc/iscsi-mpio/initiator.conf", "w") as f:
        f.write("# mine\nInitiatorName=iqn.2020-01.org.example:host\n")
    if keys.pop("record", True):
        with open(record_path(root), "w") as f:
            f.write(record_text(**keys))
    return root


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()
