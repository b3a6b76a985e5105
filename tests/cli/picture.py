# SPDX-License-Identifier: GPL-2.0
"""tree --svg: a picture that is well-formed, readable, and says all of it; top."""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import xml.etree.ElementTree as ET

from harness import HERE, check, read

SVG = "{http://www.w3.org/2000/svg}"


def test_picture():
    place = tempfile.mkdtemp()
    file = f"{place}/tree.svg"
    r = subprocess.run([f"{HERE}/build/screen", "svg", file], check=False, timeout=60)
    check(r.returncode == 0 and os.path.exists(file), "svg: is written")
    text = read(file)
    check("script" not in re.sub(r"&lt;script>", "", text) and
          "\x1b" not in text, "svg: nothing in it is a command")
    root = ET.fromstring(text)
    boxes = [g for g in root.iter(f"{SVG}g")]
    check(len(boxes) == 11, "svg: a box for each node", len(boxes))
    places, width, height = [], int(root.get("width")), int(root.get("height"))
    for box in boxes:
        rect = box.find(f"{SVG}rect")
        x, y, w, h = (int(rect.get(k)) for k in ("x", "y", "width", "height"))
        check(x + w <= width and y + h <= height, "svg: inside the picture")
        check(not any(abs(x - a) < w and abs(y - b) < h for a, b in places),
              "svg: boxes do not overlap", (x, y))
        places.append((x, y))
    lines = [re.fullmatch(r"M(\d+) (\d+)h20V(\d+)h20", p.get("d"))
             for p in root.iter(f"{SVG}path")]
    check(all(lines) and len(lines) == 10, "svg: each has its parent")
    for m in lines:
        x, top, end = (int(n) for n in m.groups())
        check((x - 190, top - 23) in places and (x + 40, end - 23) in places,
              "svg: a line goes from a box to a box", m[0])
    titles = [b.find(f"{SVG}title").text for b in boxes]
    check("path 3, LUN 1, fenced" in titles and
          "session 1, <script>&\"'?[31m, logged-in" in titles,
          "svg: all of it is said in words", titles)
    kinds = {b.find(f"{SVG}title").text.split(",")[0]: b.get("class")
             for b in boxes}
    check((kinds["path 1"], kinds["path 2"], kinds["path 3"]) in
          (("good", "warn", "bad"), ("good", "bad", "bad")),
          "svg: states are coloured", kinds)
    shown = [t.text or "" for t in root.iter(f"{SVG}text")]
    check(all(len(t) <= 46 for t in shown), "svg: texts fit their box",
          max(shown, key=len))
    shutil.rmtree(place)


def trend(locale, *values):
    r = subprocess.run([f"{HERE}/build/screen", "trend", *map(str, values)],
                       capture_output=True, text=True, check=False,
                       env={"LC_ALL": locale}, timeout=60)
    check(r.returncode == 0 and r.stdout.endswith("\n\n"),
          "trend: nothing for what is not known", r.stdout)
    return r.stdout.split("\n")[0]


def test_trend():
    for values, wanted in (
            ((), ""), ((0,), "0"), ((5, 5), "77"), ((0, 50, 100), "037"),
            ((1000, *range(1, 9)), "01234567"), ((1, 2**64 - 1), "07")):
        check(trend("C", *values) == wanted, f"trend: {values}",
              trend("C", *values))
    check(trend("C.UTF-8", 0, 50, 100) == "▁▄█", "trend: blocks",
          trend("C.UTF-8", 0, 50, 100))


class Screen:
    """A program on a terminal of its own."""

    def __init__(self, *command):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ["TERM"] = "xterm"
            os.execv(command[0], command)

    def until(self, text):
        """Reads until @text comes anew; False if it does not within 10 s."""
        end, start = time.monotonic() + 10, len(self.seen)
        while text not in self.seen[start:]:
            if not select.select([self.fd], [], [],
                                 max(0, end - time.monotonic()))[0]:
                return False
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                return text in self.seen[start:]
        return True

    def size(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))


def test_screen():
    """It follows the size of its window, stops with Ctrl-Z and comes back."""
    s = Screen(f"{HERE}/build/screen", "live")
    check(s.until(b"\x1b[?1049h"), "screen: begins", s.seen)
    s.size(30, 100)
    check(s.until(b"100x30"), "screen: a larger window", s.seen[-200:])
    s.size(24, 80)
    check(s.until(b"80x24"), "screen: a smaller one", s.seen[-200:])
    for turn in "first", "second":
        os.write(s.fd, b"\x1a")
        check(s.until(b"stopped with lines"),
              f"screen: Ctrl-Z stops it and the shell has its lines, {turn}",
              s.seen[-200:])
        check(s.seen.rindex(b"\x1b[?1049l") > s.seen.rindex(
            b"\x1b[?1049h", 0, s.seen.rindex(b"stopped")),
              f"screen: with the old screen, {turn}", s.seen[-200:])
        check(s.until(b"80x24") and s.seen.rindex(b"\x1b[?1049h") >
              s.seen.rindex(b"\x1b[?1049l"),
              f"screen: fg brings it back, {turn}", s.seen[-200:])
    os.write(s.fd, b"q")
    check(s.until(b"\x1b[?1049l"), "screen: q ends it at once, without a line",
          s.seen[-200:])
    _, status = os.waitpid(s.pid, 0)
    check(status == 0, "screen: well", status)
    os.close(s.fd)
