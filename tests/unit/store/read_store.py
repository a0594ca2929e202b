#!/usr/bin/python3
"""Reads a sealed store without any of our code: the page format with hashlib,
hmac and `openssl enc`, the log by its published description.

usage: read_store.py KEY-IN-HEX STORE [SQL]

Checks the MAC of every page, the checksum of every WAL frame over ciphertext
and the MAC of each of these frames; puts the committed ones into their places,
writes a plain file and asks stock SQLite about it.  Prints
"ok pages=N frames=N commits=N" and the rows of SQL; else why not, exit 1."""
import hashlib
import hmac
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile

PAGE, RESERVE, SALT, IV, MAC = 4096, 80, 16, 16, 64
LOCK_PAGE = 0x40000000 // PAGE + 1


def die(why):
    print(why)
    sys.exit(1)


class Sealed:
    def __init__(self, key, salt):
        self.key, self.salt = key, salt
        masked = bytes(b ^ 0x3A for b in salt)
        self.mac_key = hashlib.pbkdf2_hmac("sha512", key, masked, 2, 32)

    def check(self, number, raw):
        start = SALT if number == 1 else 0
        mac = hmac.new(self.mac_key, raw[start:PAGE - MAC] +
                       struct.pack("<I", number), hashlib.sha512).digest()
        return hmac.compare_digest(mac, raw[PAGE - MAC:])

    def open(self, pages):
        """All pages in one call of openssl: in CBC a ciphertext that follows
        its IV decrypts rightly wherever it stands in a longer one."""
        stream = bytearray()
        for number, raw in pages:
            start = SALT if number == 1 else 0
            stream += raw[PAGE - RESERVE:PAGE - MAC] + raw[start:PAGE - RESERVE]
        plain = subprocess.run(
            ["openssl", "enc", "-aes-256-cbc", "-d", "-nopad", "-K",
             self.key.hex(), "-iv", "00" * IV],
            input=bytes(stream), stdout=subprocess.PIPE, check=True).stdout
        at = 0
        for number, _ in pages:
            size = PAGE - RESERVE - (SALT if number == 1 else 0)
            text = plain[at + IV:at + IV + size]
            at += IV + size
            if number == 1:
                text = b"SQLite format 3\0" + text
            yield number, text + bytes(RESERVE)


def chain(words, big, total):
    a, b = total
    values = struct.unpack(("%s%dI" % (">" if big else "<", len(words) // 4)),
                           words)
    for i in range(0, len(values), 2):
        a = (a + values[i] + b) & 0xFFFFFFFF
        b = (b + values[i + 1] + a) & 0xFFFFFFFF
    return a, b


def read_log(sealed, log):
    """Pages of committed frames, their number, the number of commits."""
    if len(log) < 32:
        return {}, 0, 0
    magic, version, size = struct.unpack(">III", log[:12])
    if magic & ~1 != 0x377F0682 or version != 3007000 or size != PAGE:
        die("log header")
    total = struct.unpack(">II", log[24:32])
    if chain(log[:24], magic & 1, (0, 0)) != total:
        die("checksum of the log header")
    committed, waiting, frames, commits, salt = {}, {}, 0, 0, log[16:24]
    for at in range(32, len(log) - 24 - PAGE + 1, 24 + PAGE):
        head, raw = log[at:at + 24], log[at + 24:at + 24 + PAGE]
        number, after, s1, s2 = struct.unpack(">II8x2I", head)
        total = chain(raw, magic & 1, chain(head[:8], magic & 1, total))
        if head[8:16] != salt or total != (s1, s2):
            break
        if not sealed.check(number, raw):
            die("MAC of frame %d" % (frames + 1))
        frames += 1
        waiting[number] = raw
        if after:
            committed.update(waiting)
            waiting = {}
            commits += 1
    return committed, frames, commits


def main():
    key, path = bytes.fromhex(sys.argv[1]), sys.argv[2]
    with open(path, "rb") as file:
        data = file.read()
    if len(data) % PAGE:
        die("%d octets" % len(data))
    sealed = Sealed(key, data[:SALT])
    log = b""
    if os.path.exists(path + "-wal"):
        with open(path + "-wal", "rb") as file:
            log = file.read()
    newer, frames, commits = read_log(sealed, log)
    pages = {n + 1: data[n * PAGE:(n + 1) * PAGE]
             for n in range(len(data) // PAGE)}
    pages.update(newer)
    pages.pop(LOCK_PAGE, None)
    for number, raw in pages.items():
        if not sealed.check(number, raw):
            die("MAC of page %d" % number)
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "plain.db")
        with open(plain, "wb") as out:
            for number, text in sealed.open(sorted(pages.items())):
                if number == 1:  # no log beside this file
                    text = text[:18] + b"\1\1" + text[20:]
                out.seek((number - 1) * PAGE)
                out.write(text)
        db = sqlite3.connect(plain)
        verdict = db.execute("PRAGMA integrity_check").fetchall()
        if verdict != [("ok",)]:
            die("integrity_check: %s" % verdict[:3])
        print("ok pages=%d frames=%d commits=%d" %
              (len(pages), frames, commits))
        for row in db.execute(sys.argv[3]) if len(sys.argv) > 3 else []:
            print("|".join(str(value) for value in row))
        db.close()


main()
