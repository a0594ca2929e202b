#!/bin/sh
# Nothing mutable is global: data and bss objects of core, apart from those
# that globals.txt names (one pattern and its reason a line).  Constant tables
# that need relocation live in .data.rel.ro and are no matter.
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
sed 's/[[:space:]].*//' tests/lint/globals.txt >"$t/allowed"
objdump -t "$O/libcore.a" 2>/dev/null |
	awk '$3 == "O" && $4 ~ /^\.(t?data|t?bss)(\.[a-zA-Z_]|$)/ && $4 !~ /rel\.ro/ {
		sub(/\.[0-9]+$/, "", $NF); print $NF }
	     $2 == "O" && $3 ~ /^(\.t?bss|\.t?data|\*COM\*)/ && $3 !~ /rel\.ro/ {
		sub(/\.[0-9]+$/, "", $NF); print $NF }' |
	sort -u | grep -vxE -f "$t/allowed" >"$t/found"
[ -s "$t/found" ] || exit 0
echo "mutable globals in core (pass them in, or name them in globals.txt):"
cat "$t/found"
exit 1
