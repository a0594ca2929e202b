#!/usr/bin/env python3
# The SPF test suite (YAML on standard input) as lines that need no parser:
#   scenario DESCRIPTION
#   zone NAME TYPE DATA        (TYPE TIMEOUT: every type not listed)
#   case NAME HOST EHLO SENDER RESULT,RESULT EXPLANATION
# Fields are parted by one blank and percent-encoded octets, "%" when empty; an
# explanation that is not asked about is "*".
import sys
from urllib.parse import quote_from_bytes

import yaml


def field(text):
    return quote_from_bytes(text.encode("latin-1"), safe="") or "%"


def line(*fields):
    print(fields[0], *map(field, fields[1:]))


def records(entries):
    spf, text = [], False
    for entry in entries:
        if isinstance(entry, str):
            yield entry, ""
            continue
        for kind, data in entry.items():
            text = text or kind == "TXT"
            data = "".join(data) if kind in ("SPF", "TXT") else data
            if kind == "SPF":
                spf.append(data)
            elif kind == "MX":
                yield kind, " ".join(data)
            elif data != "NONE":
                yield kind, data
    if not text:
        yield from (("TXT", data) for data in spf)


for scenario in yaml.load_all(sys.stdin, Loader=yaml.BaseLoader):
    line("scenario", scenario["description"])
    for name, entries in scenario["zonedata"].items():
        for kind, data in records(entries):
            line("zone", name, kind, data)
    for name, case in scenario["tests"].items():
        results = case["result"]
        if isinstance(results, list):
            results = ",".join(results)
        line("case", name, case["host"], case["helo"], case["mailfrom"], results, case.get("explanation", "*"))
