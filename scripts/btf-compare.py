#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""btf-compare.py NEW KNOWN MODULE.ko [KNOWN MODULE.ko]...

For kernels without headers in the archive: does what the module imports look as
it does in a kernel that the module is known to build for? Compares the prototypes
of the symbols that any MODULE.ko imports, and the members of some structures that
the module's source has words for, by the kernels' type information (BTF). NEW and each
KNOWN, for which the MODULE.ko behind it was built, are directories with
boot/vmlinuz-* and modules somewhere below, as a Debian image unpacks.

Prints what is in NEW as it is in no KNOWN, or is missing there and in no KNOWN,
and how many symbols were compared. Status: 0 if that is nothing, 1 if it is
something to look at, 2 if there is nothing to compare. Symbols of modules that
NEW has not are left out, and counted.
"""
import glob
import lzma
import os
import re
import struct
import subprocess
import sys

STRUCTS = ("scsi_host_template", "Scsi_Host", "scsi_device", "scsi_cmnd",
           "sock", "socket", "proto_ops", "msghdr", "hrtimer", "queue_limits",
           "genl_family", "genl_ops", "genl_multicast_group", "work_struct")
(INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST,
 RESTRICT, FUNC, PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG,
 ENUM64) = range(1, 20)
EXTRA = {INT: 4, VAR: 4, DECL_TAG: 4, ARRAY: 12}
EACH = {STRUCT: 12, UNION: 12, ENUM: 8, PROTO: 8, DATASEC: 12, ENUM64: 12}


def sections(elf):
    """Name: (offset, size, link) of each section, in order."""
    offset, = struct.unpack_from("<Q", elf, 40)
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    heads = [struct.unpack_from("<IIQQQQII", elf, offset + i * size)
             for i in range(count)]
    base = heads[names][4]
    return {elf[base + h[0]:elf.index(b"\0", base + h[0])].decode():
            (h[4], h[5]) for h in heads}


def part(elf, name):
    offset, size = sections(elf).get(name, (0, 0))
    return elf[offset:offset + size]


def imports(elf):
    table, names = part(elf, ".symtab"), part(elf, ".strtab")
    found = set()
    for name, _, _, index, _, _ in struct.iter_unpack("<IBBHQQ", table):
        if name and not index:
            found.add(names[name:names.index(b"\0", name)].decode())
    return found


class Types:
    """One BTF section, with those of the kernel below it for a module."""

    def __init__(self, data, base=None):
        self.types = list(base.types) if base else [None]
        self.base_strings = base.strings if base else b""
        head, = struct.unpack_from("<I", data, 4)
        at, length, strings, size = struct.unpack_from("<IIII", data, 8)
        self.strings = self.base_strings + \
            data[head + strings:head + strings + size]
        self.read(data[head + at:head + at + length])
        self.named = {(t[0], t[1]): i for i, t in enumerate(self.types) if t}

    def name(self, offset):
        return self.strings[offset:self.strings.index(b"\0", offset)].decode()

    def read(self, data):
        at = 0
        while at < len(data):
            name, info, ref = struct.unpack_from("<III", data, at)
            kind, count = info >> 24 & 31, info & 0xffff
            size = EXTRA.get(kind, 0) + EACH.get(kind, 0) * count
            self.types.append((kind, self.name(name), ref, count,
                               data[at + 12:at + 12 + size], self))
            at += 12 + size

    def text(self, index, depth=0):
        """A type as C has it, about; structures by their name."""
        if not index:
            return "void"
        kind, name, ref, _, more, _ = self.types[index]
        if kind == PTR:
            return self.text(ref, depth + 1) + " *"
        if kind == ARRAY:
            of, _, n = struct.unpack("<III", more)
            return f"{self.text(of, depth + 1)}[{n}]"
        if kind in (CONST, VOLATILE, RESTRICT, TYPE_TAG):
            word = {CONST: "const ", VOLATILE: "volatile "}.get(kind, "")
            return word + self.text(ref, depth)
        if kind == PROTO and depth < 6:
            return self.proto(index, depth + 1)
        if kind in (STRUCT, UNION, ENUM, FWD, ENUM64) and not name:
            return "{...}"
        return name

    def proto(self, index, depth=0):
        _, _, ref, count, more, _ = self.types[index]
        words = [self.text(struct.unpack_from("<I", more, i * 8 + 4)[0], depth)
                 for i in range(count)]
        return f"{self.text(ref, depth)}({', '.join(words)})"

    def function(self, name):
        index = self.named.get((FUNC, name))
        return index and self.proto(self.types[index][2])

    def members(self, name):
        index = self.named.get((STRUCT, name))
        return index and self.inside(index)

    def inside(self, index):
        _, _, _, count, more, owner = self.types[index]
        found = {}
        for i in range(count):
            word, of, _ = struct.unpack_from("<III", more, i * 12)
            of_kind = self.types[of][0] if of else 0
            if owner.name(word):
                found[owner.name(word)] = self.text(of)
            elif of_kind in (STRUCT, UNION):
                found.update(self.inside(of))
        return found


def decompress(path):
    """The ELF file in a bzImage, or in a module that is packed."""
    data = open(path, "rb").read()
    if data.startswith(b"\x7fELF"):
        return data
    for magic, program in ((b"\xfd7zXZ\0", None), (b"\x28\xb5\x2f\xfd", "zstd"),
                           (b"\x02\x21\x4c\x18", "lz4")):
        at = data.find(magic)
        while at >= 0:
            try:
                if program:
                    out = subprocess.run([program, "-dc"], check=False,
                                         input=data[at:], capture_output=True,
                                         ).stdout
                else:
                    out = lzma.LZMADecompressor().decompress(data[at:])
                if out.startswith(b"\x7fELF"):
                    return out
            except lzma.LZMAError:
                pass
            at = data.find(magic, at + 1)
    sys.exit(f"{path}: there is no kernel in it")


def kernel(directory):
    """The types of a kernel and of the modules that ours calls into."""
    image = glob.glob(f"{directory}/boot/vmlinuz-*")
    if not image:
        sys.exit(f"{directory}: no boot/vmlinuz-*")
    all_types = [Types(part(decompress(image[0]), ".BTF"))]
    for name in ("scsi/scsi_mod", "scsi/scsi_common"):
        for path in glob.glob(f"{directory}/**/kernel/drivers/{name}.ko*",
                              recursive=True):
            btf = part(decompress(path), ".BTF")
            if btf:
                all_types.append(Types(btf, all_types[0]))
    return all_types


def first(all_types, call, name):
    for types in all_types:
        found = getattr(types, call)(name)
        if found:
            return found
    return None


def words():
    """Every word of the module's source."""
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../kernel")
    found = set()
    for path in glob.glob(f"{top}/**/*.[ch]", recursive=True):
        with open(path, encoding="utf-8") as f:
            found |= set(re.findall(r"\w+", f.read()))
    return found


def main():
    if len(sys.argv) < 4 or len(sys.argv) % 2:
        print(__doc__)
        return 2
    names = set().union(*(imports(decompress(path))
                          for path in sys.argv[3::2]))
    new, known = kernel(sys.argv[1]), [kernel(d) for d in sys.argv[2::2]]
    compared = different = unseen = 0
    used = words()
    for name in sorted(names):
        was = [first(k, "function", name) for k in known]
        is_now = first(new, "function", name)
        if not any(was):
            continue		# a variable, or made by the compiler
        if len(new) == 1 and not any(k[0].function(name) for k in known):
            unseen += 1
            continue
        compared += 1
        if is_now not in was:
            different += 1
            print(f"{name}: {' | '.join(str(w) for w in was)}\n"
                  f"    here: {is_now or 'not there'}")
    for name in STRUCTS:
        was = [first(k, "members", name) or {} for k in known]
        is_now = first(new, "members", name) or {}
        if len(new) == 1 and not is_now:
            continue
        for member in sorted(set().union(*was) & used):
            if is_now.get(member) not in [w.get(member) for w in was]:
                different += 1
                print(f"struct {name}, {member}: "
                      f"{' | '.join(str(w.get(member)) for w in was)}\n"
                      f"    here: {is_now.get(member, 'not there')}")
    print(f"{os.path.basename(sys.argv[1])}: {compared} symbols compared, "
          f"{different} differ" + (f", {unseen} of modules that are not there"
                                   if unseen else ""))
    return 2 if not compared else different > 0


if __name__ == "__main__":
    sys.exit(main())
