# SPDX-License-Identifier: GPL-2.0
"""The iscsiadm front and the shells' completion, as far as the store goes."""
import json
import os
import shutil

from harness import HERE, SECRET, TOOL, check, new_root, read, run

IQN = "iqn.2020-01.org.example:t"
PORTAL = "192.0.2.1:3260"


def front(root):
    """A caller of iscsiadm in @root: returns what it did."""
    path = f"{root}/iscsiadm"
    os.symlink(TOOL, path)
    return lambda *args: run(root, *args, tool=path)


def test_front_node():
    """A node comes, is changed, shown and goes, with open-iscsi's words."""
    root = new_root(record=False)
    adm = front(root)
    r = adm("-m", "node")
    check(r.returncode == 21 and r.stderr == "iscsiadm: No records found\n",
          "front: no node", r.stderr)
    r = adm("-m", "session")
    check(r.returncode == 21 and "No active sessions" in r.stderr,
          "front: no session", r.stderr)
    at = ("-m", "node", "-T", IQN, "-p", PORTAL)
    r = adm(*at, "-o", "new")
    check(r.returncode == 0 and r.stdout == "New iSCSI node [tcp:[hw=,ip=,"
          f"net_if=,iscsi_if=default] 192.0.2.1,3260,-1 {IQN}] added\n",
          "front: new", r.stdout + r.stderr)
    check(adm(*at, "-o", "new").returncode == 0, "front: new again")
    r = adm("-m", "node")
    check(r.stdout == f"{PORTAL},-1 {IQN}\n", "front: listed once", r.stdout)
    for name, value in (("authmethod", "CHAP"), ("username", "alice"),
                        ("password", SECRET)):
        r = adm(*at, "-o", "update", "-n", f"node.session.auth.{name}",
                "-v", value)
        check(r.returncode == 0 and not r.stdout + r.stderr,
              f"front: update {name}", r.stderr)
    r = adm(*at, "--op", "update", "-n", "node.startup", "-v", "automatic",
            "-n", "node.conn[0].timeo.noop_out_interval", "-v", "7",
            "-n", "node.session.timeo.replacement_timeout", "-v", "-1",
            "-n", "node.session.cmds_max", "-v", "64")
    check(r.returncode == 0, "front: several at once", r.stderr)
    r = adm(*at)
    for line in ("node.startup = automatic", "node.tpgt = -1",
                 "node.session.auth.username = alice",
                 "node.session.auth.password = ********",
                 "node.session.timeo.replacement_timeout = -1",
                 "node.conn[0].timeo.noop_out_interval = 7"):
        check(f"{line}\n" in r.stdout, f"front: shows {line}", r.stdout)
    check(SECRET not in r.stdout + r.stderr, "front: no secret is shown")
    record = json.loads(run(root, "--json", "record", "list").stdout)[0]
    want = {"Startup": "automatic", "AuthenticationType": "ONEWAYCHAP",
            "NopInterval": 7000, "NoPathTimeout": "infinite",
            "IsMultipathEnabled": True, "ChapUsername": "alice"}
    check({k: record[k] for k in want} == want, "front: our record", record)
    secret = read(f"{root}/etc/iscsi-mpio/secrets/"
                  f"{record['RecordIdentifier']}.chap")
    check(bytes.fromhex(secret.strip()[2:]).decode() == SECRET,
          "front: the secret is in its file")
    r = adm(*at, "-o", "update", "-n", "node.bogus", "-v", "1")
    check(r.returncode == 7 and "Cannot modify node.bogus" in r.stderr,
          "front: unknown key", r.stderr)
    r = adm("-m", "node", "-T", IQN + "x", "-o", "update", "-n",
            "node.startup", "-v", "manual")
    check(r.returncode == 21, "front: update of nothing", r.stderr)
    check(adm(*at, "-o", "delete").returncode == 0, "front: delete")
    check(adm(*at, "-o", "delete").returncode == 21, "front: delete again")
    left = os.listdir(f"{root}/etc/iscsi-mpio/secrets")
    check(left == ["undo"], "front: the secret goes with it", left)
    check(adm(*at, "-o", "show").returncode == 21, "front: and is gone")
    shutil.rmtree(root)


def test_front_words():
    """Refusals: exit status, and what was wrong."""
    root = new_root(record=False)
    adm = front(root)
    for code, text, args in (
            (7, "Try `iscsiadm --help'", []),
            (7, "Try `iscsiadm --help'", ["-m", "node", "--bogus"]),
            (7, "Try `iscsiadm --help'", ["-m", "node", "extra"]),
            (7, "modes here are", ["-m", "bogus"]),
            (21, "No records found", ["-m", "host"]),
            (21, "from firmware", ["-m", "fw"]),
            (27, "offload", ["-m", "host", "-C", "ping", "-a", "::1"]),
            (27, "offload", ["-m", "iface", "-I", "default", "-C", "ping",
                             "-a", "::1", "-c", "1", "-i", "1", "-b", "64"]),
            (21, "No records found", ["-m", "host", "-P", "4"]),
            (7, "operation x", ["-m", "node", "-o", "x"]),
            (7, "pairs", ["-m", "node", "-o", "update", "-n", "a"]),
            (7, "sid", ["-m", "session", "-r", "x"]),
            (7, "new needs -T and -p", ["-m", "node", "-o", "new"]),
            (27, "discovery type", ["-m", "discovery", "-t", "slp"]),
            (21, "from firmware", ["-m", "discovery", "-t", "fw"]),
            (4, "iSNS", ["-m", "discovery", "-t", "isns", "-p",
                         "127.0.0.1:1"]),
            (7, "cannot be changed", ["-m", "iface", "-I", "default", "-o",
                                      "delete"]),
            (21, "no such interface", ["-m", "iface", "-I", "x", "-o",
                                       "delete"]),
            (7, "Cannot parse portal", ["-m", "discovery", "-p", "a:b"]),
            (6, "not found", ["-m", "discoverydb", "-t", "st", "-p",
                              "192.0.2.1", "-o", "delete"]),
            (4, "Could not perform", ["-m", "discovery", "-t", "st", "-p",
                                      "127.0.0.1:1"]),
            (22, "Could not get session info", ["-m", "session", "-r",
                                                "9"]),
            (21, "", ["-m", "discovery"])):
        r = adm(*args)
        check(r.returncode == code and text in r.stderr,
              f"front: iscsiadm {' '.join(args)}",
              f"{r.returncode} {r.stderr}")
    r = adm("-m", "iface")
    check(r.stdout == "default tcp,<empty>,<empty>,<empty>,<empty>\n",
          "front: interfaces", r.stdout)
    check(adm("--version").stdout.startswith("iscsiadm version "),
          "front: version")
    check("discoverydb" in adm("--help").stdout, "front: help")
    shutil.rmtree(root)


def test_front_iface():
    """Interfaces come, are changed and bind; a name without one is a device."""
    root = new_root(record=False)
    adm = front(root)
    iface = ("-m", "iface", "-I", "if1")
    r = adm(*iface, "-o", "new")
    check(r.stdout == "New interface if1 added\n", "front: iface new",
          r.stdout + r.stderr)
    for name, value in (("net_ifacename", "eth1"),
                        ("initiatorname", f"{IQN}-init")):
        r = adm(*iface, "-o", "update", "-n", f"iface.{name}", "-v", value)
        check(r.stdout == "if1 updated.\n", f"front: iface {name}",
              r.stdout + r.stderr)
    for code, name, value in ((27, "transport_name", "iser"),
                              (27, "hwaddress", "00:11:22:33:44:55"),
                              (7, "ipaddress", "nonsense"),
                              (7, "bogus", "1")):
        r = adm(*iface, "-o", "update", "-n", f"iface.{name}", "-v", value)
        check(r.returncode == code, f"front: iface {name}={value}",
              f"{r.returncode} {r.stderr}")
    r = adm("-m", "iface")
    check(r.stdout == "default tcp,<empty>,<empty>,<empty>,<empty>\n"
          f"if1 tcp,<empty>,<empty>,eth1,{IQN}-init\n",
          "front: ifaces", r.stdout)
    r = adm(*iface, "-o", "show")
    check("iface.net_ifacename = eth1\n" in r.stdout and
          "iface.transport_name = tcp\n" in r.stdout, "front: iface show",
          r.stdout)
    at = ("-m", "node", "-T", IQN, "-p", PORTAL)
    adm(*at, "-I", "if1", "-o", "new")
    adm(*at, "-o", "new")
    check(adm("-m", "node", "-P", "1").stdout.count("Iface Name: if1\n") == 1,
          "front: a node shows what it is bound to",
          adm("-m", "node", "-P", "1").stdout)
    record = json.loads(run(root, "--json", "record", "list").stdout)
    check(sorted((r["InitiatorInterface"], r["InitiatorNodeAddress"] ==
                  f"{IQN}-init") for r in record) ==
          [("", False), ("eth1", True)], "front: and is, by its record",
          record)
    adm(*at, "-o", "update", "-n", "node.session.nr_sessions", "-v", "2")
    r = adm("-m", "iface", "-P", "1")
    check(r.stdout == "".join(
        f"Iface: {name}\n\tTarget: {IQN}\n\t\tPortal: {PORTAL},-1\n"
        for name in ("default", "if1")), "front: iface -P 1", r.stdout)
    check(adm(*iface, "-P", "1").stdout.startswith("Iface: if1\n\tTarget: "),
          "front: iface -I -P 1")
    adm(*at, "-o", "update", "-n", "node.session.nr_sessions", "-v", "1")
    r = adm(*iface, "-o", "delete")
    check(r.stdout == "if1 unbound and deleted.\n", "front: iface delete",
          r.stdout + r.stderr)
    check(len(json.loads(run(root, "--json", "record", "list").stdout)) == 1,
          "front: what was bound to it goes along")
    shutil.rmtree(root)


def test_front_sessions():
    """So many sessions, so many records; what cannot be had is refused."""
    root = new_root(record=False)
    adm = front(root)
    at = ("-m", "node", "-T", IQN, "-p", PORTAL)
    adm(*at, "-o", "new")
    for count in (4, 2, 1):
        r = adm(*at, "-o", "update", "-n", "node.session.nr_sessions", "-v",
                str(count))
        records = json.loads(run(root, "--json", "record", "list").stdout)
        check(r.returncode == 0 and len(records) == count and
              len({x["ISID"] for x in records}) == count,
              f"front: nr_sessions={count}", f"{r.stderr} {records}")
        shown = adm(*at).stdout
        check(shown.count("# BEGIN") == 1 and
              f"nr_sessions = {count}\n" in shown, "front: is one node",
              shown)
        check(adm("-m", "node").stdout == f"{PORTAL},-1 {IQN}\n",
              "front: and listed once")
    for name, value in (("node.session.nr_sessions", "0"),
                        ("node.conn[0].address", "192.0.2.7"),
                        ("iface.transport_name", "iser"),
                        ("node.session.iscsi.MaxConnections", "2"),
                        ("node.session.iscsi.ERL", "2")):
        r = adm(*at, "-o", "update", "-n", name, "-v", value)
        check(r.returncode == 7, f"front: {name}={value} is refused",
              f"{r.returncode} {r.stderr}")
    shutil.rmtree(root)


def test_front_defaults():
    """iscsid.conf and multipath.conf, as far as they say something."""
    root = new_root(record=False)
    adm = front(root)
    at = ("-m", "node", "-T", IQN, "-p", PORTAL)
    os.makedirs(f"{root}/etc/iscsi", exist_ok=True)
    with open(f"{root}/etc/iscsi/iscsid.conf", "w", encoding="ascii") as f:
        f.write("node.startup = automatic\n#node.session.queue_depth = 9\n"
                "node.session.queue_depth = 32\n"
                "node.conn[0].timeo.noop_out_interval = 9\n"
                "node.session.auth.authmethod = CHAP\n"
                "node.session.auth.username = alice\n"
                f"node.session.auth.password = {SECRET}\n"
                "node.session.timeo.replacement_timeout = 5\n")
    for conf, want in ((None, ""), ("  no_path_retry queue\n", "infinite"),
                       ("polling_interval 10\n no_path_retry \"12\"\n",
                        120000), ("  no_path_retry fail\n", 0)):
        if conf:
            with open(f"{root}/etc/multipath.conf", "w",
                      encoding="ascii") as f:
                f.write("defaults {\n" + conf + "}\n")
        r = adm(*at, "-o", "new")
        record = json.loads(run(root, "--json", "record", "list").stdout)[0]
        got = {k: record.get(k, "") for k in (
            "Startup", "NopInterval", "AuthenticationType", "ChapUsername",
            "NoPathTimeout", "QueueDepth")}
        check(r.returncode == 0 and got == {
            "Startup": "automatic", "NopInterval": 9000,
            "AuthenticationType": "ONEWAYCHAP", "ChapUsername": "alice",
            "NoPathTimeout": want, "QueueDepth": ""},
              f"front: defaults of iscsid.conf with {conf}", f"{r} {got}")
        adm(*at, "-o", "delete")
    shutil.rmtree(root)


def test_front_kinds():
    """discoverydb -P 1 has a section for each kind, as drivers expect."""
    root = new_root(record=False)
    adm = front(root)
    r = adm("-m", "discoverydb", "-o", "show", "-P", "1")
    check(r.returncode == 21 and r.stdout == "".join(
        f"{kind}:\nNo targets found.\n" for kind in
        ("SENDTARGETS", "iSNS", "STATIC", "FIRMWARE")), "front: no kinds",
        r.stdout)
    adm("-m", "node", "-T", IQN, "-p", PORTAL, "-o", "new")
    r = adm("-m", "discoverydb", "-o", "show", "-P", "1")
    check(r.returncode == 0 and f"STATIC:\nTarget: {IQN}\n\tPortal: "
          f"{PORTAL},-1\n\t\tIface Name: default\n" in r.stdout,
          "front: a static node", r.stdout)
    shutil.rmtree(root)


def test_front_discovery_record():
    root = new_root(record=False)
    adm = front(root)
    db = ("-m", "discoverydb", "-t", "sendtargets", "-p", "192.0.2.1")
    r = adm(*db, "-o", "new")
    check(r.stdout == "New discovery record for [192.0.2.1,3260] added.\n",
          "front: discovery record", r.stdout + r.stderr)
    r = adm(*db, "-o", "update", "-n", "discovery.sendtargets.auth.authmethod",
            "-v", "CHAP", "-n", "discovery.sendtargets.auth.username", "-v",
            "bob", "-n", "discovery.sendtargets.auth.password", "-v", SECRET)
    check(r.returncode == 0, "front: its CHAP", r.stderr)
    portal = json.loads(run(root, "--json", "portal", "list").stdout)[0]
    check(portal["AuthenticationType"] == "ONEWAYCHAP", "front: is stored",
          portal)
    check(adm("-m", "discovery").stdout ==
          "192.0.2.1:3260 via sendtargets\n", "front: is listed")
    check(adm(*db, "-o", "delete").returncode == 0, "front: is deleted")
    shutil.rmtree(root)


COMPLETIONS = (
    ("disc", {"discover", "disconnect"}),
    ("session ", {"list", "show"}),
    ("record show 0a", {"0a1b2c3d"}),
    ("unregister ", {"0a1b2c3d"}),
    ("connect iqn", {IQN}),
    ("--json session list --no", {"--node", "--no-wait", "--noheadings"}),
    ("session list --node iqn", {IQN}),
    ("portal refresh ", {"192.0.2.9:3260"}),
    ("restore --startup ", {"automatic", "onboot", "manual"}),
    ("policy set R", {"RR", "RRWS"}),
    ("mpio set Fence", {"FenceMode=", "FenceTimeout="}),
    ("record set 0a1b2c3d Start", {"Startup="}),
    ("record set 0a1b2c3d FenceMode=r",
     {"FenceMode=reinstate", "FenceMode=reset"}),
    ("record set 0a1b2c3d IsHeader", {"IsHeaderDigest="}),
    ("record set 0a1b2c3d NoScan=", {"NoScan=Yes", "NoScan=No"}),
    ("connect --set ChapU", {"ChapUsername="}),
    ("mpio set ChapU", set()),
    ("connect --portal ", {"192.0.2.1:3260", "192.0.2.9:3260"}),
    ("record list --output S", {"STATUS", "STARTUP"}),
    ("record list -o S", {"STATUS", "STARTUP"}),
    ("connect --chap-secret-f", {"--chap-secret-file"}),
    ("top --sort q", {"queue"}),
    ("nonsense ", set()),
)


def test_from_json():
    """What one command lists, another takes out of the pipe."""
    root = new_root()
    adm = front(root)
    for number, address in enumerate(("192.0.2.9", "[fd00::9]:3333")):
        adm("-m", "discoverydb", "-t", "st", "-p", address, "-o",
            "new")
        listed = run(root, "--json", "portal", "list").stdout
        check(len(json.loads(listed)) == number + 1, "pipe: portals", listed)
    r = run(root, "portal", "remove", "--from-json", "-", "--dry-run",
            stdin=listed)
    check(r.returncode == 0 and "3333" in r.stdout and "192.0.2.9" in
          r.stdout, "pipe: portals are found with their port", r.stderr)
    r = run(root, "portal", "remove", "--from-json", "-", stdin=listed)
    left = run(root, "--json", "portal", "list").stdout
    check(r.returncode == 0 and json.loads(left) == [],
          "pipe: portals are removed", f"{r.stderr} {left}")
    for text, code, why in ((listed, 7, "has a SessionIdentifier"),
                            ("[]", 7, "has a SessionIdentifier"),
                            ('[{"SessionIdentifier": "77"}]', 2, "no such")):
        r = run(root, "unregister", "--from-json", "-", stdin=text)
        check(r.returncode == code and why in r.stderr,
              f"pipe: {text[:30]}", f"{r.returncode} {r.stderr}")
    r = run(root, "connect", "--from-json", "-",
            stdin='[{"NodeAddress": "iqn.x:/a"}, {"NodeAddress": "iqn.x:/b"}]')
    check(r.returncode == 7 and "iqn.x:/a: " in r.stderr and
          "iqn.x:/b: " in r.stderr, "pipe: connect takes several", r.stderr)
    for command in ("connect", "portal remove"):
        r = run(root, *command.split(), "--help")
        check("--from-json -" in r.stdout, f"pipe: {command} --help",
              r.stdout)
    shutil.rmtree(root)


def test_completion():
    """The tool's own candidates, and those of bash around them."""
    root = new_root()
    run(root, "target", "add", IQN, "--portal", "192.0.2.1")
    front(root)("-m", "discoverydb", "-t", "st", "-p", "192.0.2.9", "-o",
                "new")
    for line, want in COMPLETIONS:
        r = run(root, "--complete", *line.split(" "), tool=TOOL)
        got = set(r.stdout.split())
        check(r.returncode == 0 and got == want and not r.stderr,
              f"complete: {line!r}", got)
    script = os.path.join(HERE, "../../userspace/completion/iscsictl")
    for line, want in (("sess", "session"), ("connect iqn.2020-01.org",
                                            "iqn.2020-01.org.example:t"),
                       ("connect iqn.2020-01.org.example:", "t")):
        r = run(root, "-c", f". {script}; COMP_LINE='{TOOL} {line}'; "
                "COMP_POINT=${#COMP_LINE}; _iscsictl; "
                'printf "%s\\n" "${COMPREPLY[@]}"', tool="bash")
        check(r.stdout.split() == [want], f"complete: bash {line!r}",
              r.stdout + r.stderr)
    shutil.rmtree(root)
