#!/usr/bin/env python3
"""Prints core/base/utf8_table.h from Python's own Unicode database.

Run by hand with the newest Python at hand:
    python3 tests/lint/width_table.py > core/base/utf8_table.h
Zero cells: Mn, Me, Cf (but for the Arabic and other prepended signs and the
soft hyphen, which print) and the Hangul vowels and finals that join.
Two cells: East Asian Width W and F, and what the standard reserves for it.
Ambiguous characters take one cell.
"""
import sys
import unicodedata as u

PREPENDED = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2,
             0x110BD, 0x110CD}
RESERVED_WIDE = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
                 (0x20000, 0x2FFFD), (0x30000, 0x3FFFD)]


def width(cp):
    c = chr(cp)
    if 0x1160 <= cp <= 0x11FF or 0xD7B0 <= cp <= 0xD7FB:
        return 0
    kind = u.category(c)
    if kind in ("Mn", "Me", "Cf") and cp != 0xAD and cp not in PREPENDED:
        return 0
    if u.east_asian_width(c) in "WF":
        return 2
    if kind == "Cn" and any(a <= cp <= b for a, b in RESERVED_WIDE):
        return 2
    return 1


def ranges(wanted):
    out = []
    for cp in range(0xA0, 0x110000):
        if 0xD800 <= cp <= 0xDFFF or width(cp) != wanted:
            continue
        if out and out[-1][1] == cp - 1:
            out[-1][1] = cp
        else:
            out.append([cp, cp])
    return out


def show(name, rows):
    print(f"static const struct range {name}[] = {{")
    line = ""
    for a, b in rows:
        cell = f"{{ 0x{a:04x}, 0x{b:04x} }},"
        if len(line) + len(cell) + 1 > 70:
            print("\t" + line)
            line = ""
        line += (" " if line else "") + cell
    print("\t" + line)
    print("};")


print(f"/* Made by tests/lint/width_table.py from Unicode"
      f" {u.unidata_version}; do not edit. */")
print("#ifndef CORE_BASE_UTF8_TABLE_H\n#define CORE_BASE_UTF8_TABLE_H\n")
print("#include <stdint.h>\n")
print(f"#define UTF8_UNICODE_VERSION \"{u.unidata_version}\"\n")
print("struct range {\n\tuint32_t first;\n\tuint32_t last;\n};\n")
print("/* clang-format off */")
show("zero_cells", ranges(0))
print()
show("two_cells", ranges(2))
print("/* clang-format on */\n\n#endif")
sys.exit(0)
