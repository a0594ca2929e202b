#!/bin/sh
# docs/checks.md is what the program says; the 70 rules are all there, and every
# line tells what to do.
rc=0
"$O/sekisho" --lang en checks >"$O/checks.md" || exit 1
diff docs/checks.md "$O/checks.md" >"$O/checks.diff" ||
	{ echo "docs/checks.md is not what the program says; \"make checks\" brings it in:"; head -n 20 "$O/checks.diff"; rc=1; }
rules=$(sed -n 's/^| \([A-Z][A-Z]-[0-9][0-9]\)W\{0,1\} .*/\1/p' "$O/checks.md" | grep -v '^TW' | sort -u | wc -l)
[ "$rules" -eq 70 ] || { echo "there are $rules rules, not 70"; rc=1; }
grep -nE '^\| [A-Z]{2}-[0-9]{2}W? .*\|  \|$' "$O/checks.md" && { echo "these lines do not say what to do"; rc=1; }
exit $rc
