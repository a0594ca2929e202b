#!/bin/sh
# Default deny in core: a function that screens or verbs call with an open
# store, review, delivery or import stands in tests/unit/access/guarded.def,
# with the permission that it asks for itself or the reason why it asks for
# none.  docs/roles.md has the table of it ("make roles" brings it in).
rc=0
export LC_ALL=C
def=tests/unit/access/guarded.def
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT

# What they call ..
find core tui -name '*.c' | sed "s|^|$O/|; s|\.c\$|.o|" | xargs nm -A -g 2>/dev/null >"$t/symbols"
awk -v o="$O/core/" 'index($1, o) == 1 && $2 == "T" { print $3 }' "$t/symbols" | sort -u >"$t/core"
awk -v o="$O/tui/" 'index($1, o) == 1 && $2 == "U" { print $3 }' "$t/symbols" | sort -u >"$t/tui"
comm -12 "$t/core" "$t/tui" >"$t/called"
# .. whose prototype takes one of those; a getter takes it const.
find core -name '*.h' | sort | xargs cat | awk '
	{ gsub(/\/\*[^*]*\*\//, ""); if (skip) { if (!sub(/.*\*\//, "")) next; skip = 0 }
	  if (sub(/\/\*.*/, "")) skip = 1
	  if (/^#/) next
	  text = text " " $0
	  while (match(text, /[;{}]/)) {
		part = substr(text, 1, RSTART - 1); text = substr(text, RSTART + 1)
		gsub(/const struct [a-z_]+ \*/, "", part)
		if (part ~ /struct (store|review|run|import) \*[a-z]/ && match(part, /[a-z_0-9]+\(/))
			print substr(part, RSTART, RLENGTH - 1)
	  } }' | sort -u | comm -12 - "$t/called" >"$t/wanted"
[ "$(wc -l <"$t/wanted")" -gt 80 ] || { echo "only $(wc -l <"$t/wanted") functions were found: this check is out of date"; rc=1; }

sed -n 's/^\(GUARDED\|EITHER\|OPEN\)(\([a-z_0-9]*\),.*/\2/p' "$def" | sort >"$t/listed"
uniq -d "$t/listed" | sed "s|^|$def has twice: |" | grep . && rc=1
comm -23 "$t/wanted" "$t/listed" | sed "s|\$| is not in $def: which permission does it ask for?|" | grep . && rc=1
comm -13 "$t/core" "$t/listed" | sed "s|^|$def names what core does not have: |" | grep . && rc=1

# The table of docs/roles.md.
sed -n 's/^\(GUARDED\|EITHER\)(\([a-z_0-9]*\), \(.*\))$/\2 \3/p' "$def" | tr -d , |
	awk '{ for (i = 2; i <= NF; i++) {
			name = tolower(substr($i, 5)); gsub(/_/, ".", name)
			key = i == 2 ? name : key " or " name }
		if (!(key in of)) order[++n] = key
		of[key] = of[key] (of[key] ? ", " : "") "`" $1 "`" }
	END { for (i = 1; i <= n; i++) print "| " order[i] " | " of[order[i]] " |" }' |
	sort >"$O/roles.table"
sed -n '/^| permission | functions of core/,/^$/p' docs/roles.md | grep '^| .*`' >"$t/there"
cmp -s "$t/there" "$O/roles.table" || {
	echo 'docs/roles.md is not what guarded.def says; "make roles" brings it in:'
	diff "$t/there" "$O/roles.table" | head -n 10
	rc=1
}
exit $rc
