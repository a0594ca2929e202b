#!/bin/sh
# libcore.a must not want any symbol that the curses libraries define.
t=$(mktemp -d); trap 'rm -rf "$t"' EXIT
for l in ncursesw tinfo panelw; do f=$(cc -print-file-name=lib$l.so.6); [ -e "$f" ] && nm -D --defined-only "$f"; done |
	awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u >"$t/have"
nm -u "$O/libcore.a" | awk '$1 == "U" { print $2 }' | sort -u >"$t/want"
out=$(comm -12 "$t/have" "$t/want")
[ -s "$t/have" ] && [ -z "$out" ] || { echo "core wants curses symbols: $out"; exit 1; }
