# SPDX-License-Identifier: GPL-2.0
"""What Prometheus and Grafana are given fits what stats tells."""
import json
import os
import re
import shutil
import subprocess
import tempfile

from harness import HERE, check, read

USERSPACE = os.path.join(HERE, "../../userspace")
PLACE = f"{USERSPACE}/monitoring"
SUFFIXES = {"histogram": ("_bucket", "_count"), "counter": ("_total",),
            "gauge": ("",)}
# By others: node_exporter's own
FOREIGN = {"node_textfile_mtime_seconds"}


def samples():
    """The samples stats prints, {name: its labels}."""
    text = read(f"{USERSPACE}/flow/openmetrics.c")
    found = {"iscsi_mpio_module_info": {"version"}}
    for kind in ("path", "disk", "session"):
        labels = set(re.findall(r'put_label\("(\w+)"', re.search(
            rf"static void {kind}_labels.*?^}}", text, re.M | re.S)[0]))
        table = re.search(rf"{kind}_metrics\[\] = \{{(.*?)\n\t\{{\}}", text,
                          re.S)[1]
        for row in re.findall(r"\tMETRIC\((.*?)\),\n|\t(\{.*?\}),$",
                              table, re.S):
            row = row[0] or row[1]
            name = "iscsi_mpio_" + re.search(rf'"({kind}_\w+)"', row)[1]
            metric = ("histogram" if "KIND_TIMES" in row else
                      "counter" if re.search(r"\btrue\b", row) else "gauge")
            for suffix in SUFFIXES[metric]:
                found[name + suffix] = labels | {"instance"} | (
                    {"le"} if suffix == "_bucket" else set()) | (
                    {name} if "KIND_STATE" in row else set())
    return found


def asks(query):
    """Names of samples and of labels in a query."""
    query = re.sub(r'"[^"]*"|\$__\w+', '""', query)
    names = set(re.findall(r"\b(?:iscsi_mpio|node)_\w+(?=[\s{)\[,]|$)", query))
    labels = set(re.findall(r"(\w+)\s*=~?\"", query))
    for words in re.findall(r"\b(?:by|on) \(([^)]*)\)", query):
        labels |= {w.strip() for w in words.split(",")}
    return names, labels


def check_query(query, what, known):
    names, labels = asks(query)
    check(names and names <= set(known) | FOREIGN, f"{what}: is measured",
          names - set(known) - FOREIGN)
    for name in names & set(known):
        missing = labels - known[name] - {"file"}
        check(not missing, f"{what}: {name} has its labels", missing)


def test_monitoring_rules():
    known = samples()
    check(len(known) >= 20, "monitoring: metrics are seen", sorted(known))
    rules = read(f"{PLACE}/iscsi-mpio.rules.yml")
    alerts = re.findall(r"- alert: (\w+)\n\s+expr: (.*?)\n\s+(?:for|labels):",
                        rules, re.S)
    check(len(alerts) == rules.count("- alert:") and len(alerts) >= 9,
          "monitoring: alerts are seen", len(alerts))
    tested = read(f"{HERE}/iscsi-mpio.rules.test.yml")
    for name, query in alerts:
        check_query(query.replace(">-", ""), f"alert {name}", known)
        check(f"alertname: {name}\n        exp_alerts:\n" in tested,
              f"alert {name}: has a test that raises it")
    promtool = shutil.which("promtool")
    if promtool:
        place = tempfile.mkdtemp()
        with open(f"{place}/test.yml", "w") as f:
            f.write(tested.replace("RULES", f"{PLACE}/iscsi-mpio.rules.yml"))
        for words in (["check", "rules", f"{PLACE}/iscsi-mpio.rules.yml"],
                      ["test", "rules", f"{place}/test.yml"]):
            r = subprocess.run([promtool, *words], capture_output=True,
                               text=True, timeout=60)
            check(r.returncode == 0, f"promtool {words[0]} rules",
                  r.stdout + r.stderr)
        shutil.rmtree(place)


def test_monitoring_dashboard():
    """It is what Grafana takes, and asks for nothing that is not measured."""
    known = samples()
    board = json.loads(read(f"{PLACE}/iscsi-mpio.dashboard.json"))
    for key, kind in (("uid", str), ("title", str), ("schemaVersion", int),
                      ("panels", list), ("templating", dict), ("time", dict)):
        check(isinstance(board.get(key), kind), f"dashboard: {key}",
              board.get(key))
    ids = [p["id"] for p in board["panels"]]
    check(len(set(ids)) == len(ids) >= 10, "dashboard: panels", ids)
    taken = set()
    for p in board["panels"]:
        check(p["type"] == "timeseries" and p["targets"] and p["title"],
              f"dashboard: panel {p['id']}", p)
        at = p["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                 for y in range(at["y"], at["y"] + at["h"])}
        check(not cells & taken and at["x"] + at["w"] <= 24,
              f"dashboard: panel {p['id']} has a place of its own", at)
        taken |= cells
        for t in p["targets"]:
            check_query(t["expr"], f"dashboard: {p['title']}", known)
    variables = {v["name"] for v in board["templating"]["list"]}
    for v in board["templating"]["list"][1:]:
        query = re.fullmatch(r"label_values\((\w+)(\{.*\})?, (\w+)\)",
                             v["query"]["query"])
        check(query and query[3] in known[query[1]] | {"instance"},
              f"dashboard: values of {v['name']}", v["query"])
    asked = set(re.findall(r"\$\{?([a-z]+)\}?", json.dumps(board)))
    check(asked == variables, "dashboard: variables", asked ^ variables)


def test_monitoring_timer():
    """It is off until somebody enables it."""
    preset = read(f"{USERSPACE}/systemd/90-iscsi-mpio.preset")
    links = re.search(r"^LINKS .*?\n\n?[A-Z]", read(f"{USERSPACE}/Makefile"),
                      re.M | re.S)[0]
    check("metrics" not in preset + links, "monitoring: the timer is off")
    service = read(f"{USERSPACE}/systemd/iscsi-mpio-metrics.service")
    place = re.search(r"WorkingDirectory=(\S+)", service)[1]
    check(f"ReadWritePaths=-{place}\n" in service,
          "monitoring: it may write where it writes")
    line = re.search(r"ExecStart=/bin/sh -c '(.*)'", service)[1]
    root = tempfile.mkdtemp()
    tool = f"{root}/iscsictl"
    for code, text in ((0, "one 1"), (1, ""), (0, "two 2")):
        with open(tool, "w") as f:
            f.write(f"#!/bin/sh\necho {text}\nexit {code}\n")
        os.chmod(tool, 0o755)
        r = subprocess.run(["sh", "-c", line], cwd=root, check=False,
                           env={"PATH": f"{root}:{os.environ['PATH']}"})
        check(r.returncode == code, "monitoring: the service tells of failure")
        check(read(f"{root}/iscsi_mpio.prom") ==
              ("two 2\n" if text == "two 2" else "one 1\n"),
              "monitoring: a failure leaves the last figures")
    shutil.rmtree(root)
