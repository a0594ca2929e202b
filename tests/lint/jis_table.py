#!/usr/bin/env python3
"""Prints core/base/jis_table.h: JIS X 0208 from and to Unicode.

Run by hand:
    python3 tests/lint/jis_table.py > core/base/jis_table.h
The table is that of Python's own iso2022_jp codec, which follows the
Unicode consortium's JIS0208.TXT, but for JIS 0x2140, which is U+FF3C.  It is
kept in the tree because not every host has the converter: a bare Debian 13
lacks iconv's module.
"""

PAGE = 64


def table():
    out = {}
    for row in range(0x21, 0x7F):
        for cell in range(0x21, 0x7F):
            raw = b"\x1b$B" + bytes([row, cell]) + b"\x1b(B"
            try:
                out[row << 8 | cell] = ord(raw.decode("iso2022_jp"))
            except UnicodeDecodeError:
                pass
    return out


def show(values):
    line = "\t"
    for v in values:
        cell = f"0x{v:04x}," if v else "0,"
        if len(line) + len(cell) > 72:
            print(line)
            line = "\t"
        line += cell
    print(line)


def main():
    jis = table()
    back = {u: j for j, u in jis.items()}
    pages = sorted({u // PAGE for u in back})
    print("/* Made by tests/lint/jis_table.py; do not edit. */")
    print("#ifndef CORE_BASE_JIS_TABLE_H\n#define CORE_BASE_JIS_TABLE_H\n")
    print("#include <stdint.h>\n")
    print(f"enum {{ JIS_COUNT = {len(jis)}, JIS_PAGE = {PAGE} }};\n")
    print("/* clang-format off */")
    print("/* Unicode of row and cell, both counted from 0; 0: none. */")
    print("static const uint16_t jis_unicode[94 * 94] = {")
    show(jis.get((r + 0x21) << 8 | c + 0x21, 0)
         for r in range(94) for c in range(94))
    print("};\n")
    print("/* Which page of jis_code holds a code point / JIS_PAGE; page 0 is")
    print(" * empty. */")
    print(f"static const uint16_t jis_page[0x10000 / {PAGE}] = {{")
    show(pages.index(p) + 1 if p in pages else 0
         for p in range(0x10000 // PAGE))
    print("};\n")
    print("/* The two octets of a code point; 0: none. */")
    print(f"static const uint16_t jis_code[{len(pages) + 1} * {PAGE}] = {{")
    show([0] * PAGE + [back.get(p * PAGE + i, 0)
                       for p in pages for i in range(PAGE)])
    print("};")
    print("/* clang-format on */\n\n#endif")


main()
