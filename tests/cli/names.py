# SPDX-License-Identifier: GPL-2.0
"""Names and portals of tests/unit/test_name.c through the whole tool: as they are
typed, stored, printed, imported from open-iscsi and sent, byte for byte."""
import ast
import json
import os
import re
import shutil

from discovery import Server, receive_pdu
from harness import HERE, SECRET, check, new_root, read, run

STRING = r'(?:"(?:[^"\\]|\\.)*"\s*)+'
NODE = """node.name = {name}
node.tpgt = -1
node.startup = manual
iface.transport_name = tcp
node.discovery_type = static
node.session.nr_sessions = 1
node.conn[0].address = {address}
node.conn[0].port = {port}
"""


def table(name, columns):
    """Rows of strings of that table of test_name.c; None for NULL."""
    text = read(f"{HERE}/../unit/test_name.c")
    body = re.search(r"\} %s\[\] = \{\n(.*?)\n\};" % name, text, re.S).group(1)
    rows = re.findall(r"\{\s*" + r",\s*".join([f"({STRING}|NULL)"] * columns),
                      body)
    return [tuple(None if s == "NULL" else
                  b"".join(ast.literal_eval("b" + p) for p in
                           re.findall(r'"(?:[^"\\]|\\.)*"', s))
                  for s in ([row] if columns == 1 else row)) for row in rows]


def typed(name):
    """As an argument of the tool."""
    return os.fsdecode(name)


def records(root):
    return json.loads(run(root, "--json", "record", "list").stdout)


def stored(root):
    folder = f"{root}/etc/iscsi-mpio/records"
    return b"".join(open(f"{folder}/{f}", "rb").read()
                    for f in os.listdir(folder) if f.endswith(".conf"))


def import_node(root, name, address, port="3260", folder=b"node"):
    """An open-iscsi record of that name and portal."""
    path = os.fsencode(f"{root}/etc/iscsi/nodes/") + folder + b"/" + \
        os.fsencode(f"{address},{port},1")
    os.makedirs(path)
    text = NODE.format(name="@", address=address, port=port).encode()
    with open(path + b"/default", "wb") as f:
        f.write(text.replace(b"@", name))
    return run(root, "import", "open-iscsi")


def keeps(root, name, what):
    """The one record there is has the name, in file, JSON and table."""
    text = name.decode()
    check([x["TargetNodeAddress"] for x in records(root)] == [text],
          f"names: {text} is {what}", records(root))
    check(b"TargetNodeAddress=" + name + b"\n" in stored(root),
          f"names: {text} is stored when {what}")
    check(text in run(root, "record", "list").stdout,
          f"names: {text} is printed when {what}")


def test_names_taken():
    names = [n for n, why in table("names", 2) if why is None]
    check(len(names) > 30, "names: rows that are taken", len(names))
    for name in names:
        root = new_root(record=False)
        r = run(root, "record", "add", typed(name), "--portal", "192.0.2.1")
        check(r.returncode == 0, f"names: {name} is taken", r.stderr)
        keeps(root, name, "typed")
        shutil.rmtree(root)
        root = new_root(record=False)
        r = import_node(root, name, "192.0.2.1")
        check(r.returncode == 0, f"names: {name} is imported", r.stderr)
        keeps(root, name, "imported")
        shutil.rmtree(root)


def test_names_refused():
    names = [n for n, why in table("names", 2) if why is not None]
    check(len(names) > 25, "names: rows that are refused", len(names))
    for name in names:
        root = new_root(record=False)
        r = run(root, "record", "add", "--portal", "192.0.2.1", "--",
                typed(name))
        check(r.returncode == 7 and not records(root),
              f"names: {name} is refused", r.stderr)
        # a record is a line each: what ends one, or pads it, is no part of it
        if name.strip() == name and b"\n" not in name and name:
            r = import_node(root, name, "192.0.2.1")
            check(r.returncode == 7 and not records(root),
                  f"names: {name} is not imported", r.stderr)
        shutil.rmtree(root)


def test_names_sent():
    """Set-secret tries the login: the first thing a target gets is the name."""
    seen = []

    def talk(peer):
        _, data = receive_pdu(peer)
        seen.append(dict(p.split(b"=", 1) for p in data.split(b"\0") if p)
                    .get(b"TargetName"))

    server = Server(talk)
    for name, why in table("names", 2):
        if why is not None:
            continue
        root = new_root(record=False)
        with open(f"{root}/secret", "w", opener=lambda p, f: os.open(p, f, 0o600)
                  ) as f:
            f.write(SECRET)
        r = run(root, "record", "add", typed(name), "--portal", server.at,
                "--auth", "oneway", "--chap-username", "alice",
                "--chap-secret-file", f"{root}/secret")
        check(r.returncode == 0, f"names: {name} with a secret", r.stderr)
        ident = records(root)[0]["RecordIdentifier"]
        run(root, "record", "set-secret", ident, "--chap-secret-file",
            f"{root}/secret")
        check(seen and set(seen) == {name}, f"names: {name} is sent", seen)
        seen.clear()
        shutil.rmtree(root)
    server.close()


def test_portals_kept():
    rows = table("portals", 3)
    check(len(rows) > 20, "portals: rows that are taken", len(rows))
    for text, canonical, host in rows:
        root = new_root(record=False)
        port = re.search(rb":(\d+)(,\d+)?$", canonical).group(1).decode()
        r = run(root, "record", "add", "disk", "--portal", text.decode())
        found = records(root)
        want = (host.decode(), int(port))
        check(r.returncode == 0 and len(found) == 1 and
              (found[0]["TargetPortalAddress"],
               found[0]["TargetPortalPortNumber"]) == want,
              f"portals: {text} is kept", f"{r.stderr} {found}")
        shutil.rmtree(root)
        root = new_root(record=False)
        r = import_node(root, b"disk", host.decode(), port)
        found = records(root)
        check(r.returncode == 0 and len(found) == 1 and
              (found[0]["TargetPortalAddress"],
               found[0]["TargetPortalPortNumber"]) == want,
              f"portals: {text} is imported", f"{r.stderr} {found}")
        shutil.rmtree(root)


def test_portals_refused():
    rows = table("bad_portals", 2)
    check(len(rows) > 35, "portals: rows that are refused", len(rows))
    for text, _ in rows:
        root = new_root(record=False)
        r = run(root, "record", "add", "disk", f"--portal={text.decode()}")
        check(r.returncode == 7 and not records(root),
              f"portals: {text} is refused", f"{r.returncode} {r.stderr}")
        shutil.rmtree(root)
