#!/usr/bin/env python3
# Makes the lists beside this file: one small table in every encoding that is
# read, and what other programs make of it when they destroy it.
import os

os.chdir(os.path.dirname(os.path.abspath(__file__)))
ROWS = [
    ("taro@example.jp", "山田 太郎", "①㈱髙﨑商店", "東京都千代田区"),
    ("hanako@example.jp", "佐藤 花子", "表計算ソフト㈱", "神奈川県横浜市"),
    ("jiro@example.jp", "鈴木 次郎", "ポスト工業", "ﾎﾟｽﾄｶｰﾄﾞ在中"),
    ("yumi@example.jp", "髙橋 由美", "能登予約センター", "石川県輪島市"),
]
HEAD = ("メールアドレス", "氏名", "会社名", "住所")
LATIN = [
    ("e1@example.fr", "Françoise Lenôtre", "Boulangerie « L’Été »", "voilà…"),
    ("e2@example.de", "Jürgen Müßig", "Größe „Äpfel“ – 5 °C", "Straße »Ä«"),
    ("e3@example.pt", "João Conceição", "IRMÃ NÃO SÃO", "Who are you???"),
    ("e4@example.cz", "Žižka Šárka", "Škoda “A” ‘b’", "—"),
]


def table(rows, head=HEAD, end="\r\n"):
    return "".join(",".join(r) + end for r in [head] + rows)


def put(name, octets):
    with open(name, "wb") as f:
        f.write(octets)


def jis(text):
    """ISO-2022-JP as Windows writes it: rows of NEC and IBM, half-width kana."""
    out, now = bytearray(), b"\x1b(B"
    for c in text:
        o = c.encode("cp932")
        if len(o) == 2:
            hi, lo = o
            if hi >= 0xFA:  # IBM's rows stand a second time where NEC put them
                hi, lo = {"髙": (0xEE, 0xE0), "﨑": (0xED, 0x95)}[c]
            hi = (hi - (0x81 if hi < 0xA0 else 0xC1)) * 2 + 0x21
            if lo >= 0x9F:
                hi, lo = hi + 1, lo - 0x7E
            else:
                lo -= 0x20 if lo > 0x7F else 0x1F
            want, o = b"\x1b$B", bytes((hi, lo))
        elif o[0] >= 0xA1:
            want, o = b"\x1b(I", bytes((o[0] - 0x80,))
        else:
            want = b"\x1b(B"
        if want != now:
            out += want
            now = want
        out += o
    return bytes(out)


def euc(text):
    ibm = {"髙": b"\x8f\xf4\xfb", "﨑": b"\x8f\xf4\xbd", "①": b"\xad\xa1", "㈱": b"\xad\xea"}
    return b"".join(ibm.get(c) or c.encode("euc_jp") for c in text)


def latin1(octets):
    """What a program shows that takes octets for CP1252."""
    return "".join(bytes((o,)).decode("cp1252", "replace").replace("\ufffd", chr(o)) for o in octets)


t = table(ROWS)
put("utf8.csv", t.encode())
put("utf8_mark.csv", b"\xef\xbb\xbf" + t.encode())
put("utf8_joined.csv", b"\xef\xbb\xbf" + table(ROWS[:2]).encode() + b"\xef\xbb\xbf" + table(ROWS[3:], ROWS[2]).encode())
put("utf16le_mark.csv", b"\xff\xfe" + t.replace(",", "\t").encode("utf-16-le"))
put("utf16be_mark.csv", b"\xfe\xff" + t.encode("utf-16-be"))
put("utf16le.csv", t.encode("utf-16-le"))
put("cp932.csv", t.encode("cp932"))
put("euc.csv", euc(t))
put("jis.csv", jis(t))
put("ascii.csv", table([("a@example.jp", "Taro", "A", "B")], ("email", "name", "company", "city")).encode())
put("latin_utf8.csv", table(LATIN, ("email", "name", "company", "note")).encode())

# Readable in two ways, or in one that shows a kanji where an e with an accent was.
put("kana.csv", table([("a@example.jp", "ﾔﾏﾀﾞﾀﾛｳ"), ("b@example.jp", "ｻﾄｳﾊﾅｺ"), ("c@example.jp", "ｽｽﾞｷｼﾞﾛｳ"), ("d@example.jp", "ﾀｶﾊｼ")], ("email", "name")).encode("euc_jp"))
put("latin1.csv", b"email,name\nrene@example.fr,Ren\xe9e\n")

# Destroyed.
put("twice.csv", b"email,name,company,city\r\n" + table(ROWS, ROWS[0]).encode().decode("latin-1").encode())
put("twice_french.csv", table([(a, *map(lambda s: latin1(s.encode()), r)) for a, *r in LATIN], ("email", "name", "company", "note")).encode())
put("as_latin.csv", table([(a, *map(lambda s: latin1(s.encode("cp932")), r)) for a, *r in ROWS], ("email", "name", "company", "city")).encode())
put("as_cp932.csv", table([(a, *map(lambda s: s.encode().decode("cp932", "ignore"), r)) for a, *r in ROWS], ("email", "name", "company", "city")).encode())
put("question.csv", table([(a, *map(lambda s: s.encode("ascii", "replace").decode(), r)) for a, *r in ROWS], ("email", "name", "company", "city")).encode())
put("replacement.csv", table([(a, *map(lambda s: s.encode("cp932").decode("utf-8", "replace"), r)) for a, *r in ROWS], ("email", "name", "company", "city")).encode())
put("cut.csv", table(ROWS, ("email", "name", "company", "city")).encode() + b'cut@example.jp,"' + ("x" + "長" * 85).encode()[:255] + b'",x,y\r\n' + b'cut2@example.jp,' + ("a" + "長" * 85).encode()[:255] + b",x,y\r\n")
put("truncated.csv", table(ROWS).encode()[:-3])
