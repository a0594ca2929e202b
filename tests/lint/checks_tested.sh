#!/bin/sh
# Every line of the checklist has a test in which it passes, and one in which it
# fails (or is not evaluated, where it knows nothing else).  What counts is what
# the tests of the review assert, in any of their ways to say it; a test of the
# good campaign asserts that all lines pass but those it names itself.
tests="${*:-tests/unit/review/test_*.c}"
t=$(mktemp -d); trap 'rm -rf "$t"' EXIT
# one statement, or row of a table, a line
cat $tests | tr '\n\t' '  ' |
	sed 's/static const char \*const [a-z]*\[\] = {[^}]*}//g; s/  */ /g; s/;/;\n/g; s/}, *{/},\n{/g; s/" "//g' >"$t/said"
sed -n '/^is_missing_here/,/others\[\]/p' tests/unit/review/test_review.c >"$t/open"
sed -n '/others\[\]/,/;/p' tests/unit/review/test_review.c >"$t/others"
grep -q '"TW-01"' "$t/open" || { echo "the good campaign is not found"; exit 1; }
said() { grep -qE "$1" "$t/said"; }
rc=0
sed -n 's/^X(\([A-Z0-9_]*\), *"\([^"]*\)".*"\([^"]*\)")$/\1 \2 \3/p' core/review/checks.def >"$t/lines"
while read -r c id source; do
	a="\\((review|stage|[&]?[a-z]+), ?\"$id\""
	good=yes
	[ "$source" != person ] && ! grep -qE "\"($id|$source)\"" "$t/open" || good=no
	grep -q "\"$id\"" "$t/others" && good=yes
	own=$(echo "$c" | tr -d _ | tr A-Z a-z) # a helper of its name: pp05()
	[ $good = yes ] || said "passes$a|[\", ]$id pass|\b$c\b[^;]*CHECK_PASS|\b$c, [a-z]+\[i\]\.state|\"$id\"\)->cleared|assert_ok\( ?review_answer$a|\b$own\(review\)->state, CHECK_PASS" ||
		{ echo "$id: no test in which it passes"; rc=1; }
	# content that is not the sealed one has no result: it is refused
	[ "$id" = PP-02 ] && said "E_REVIEW_STALE" && continue
	said "(fails|is_open|assert_fails)$a|[\", ]$id (fail|\?)|\{ ?\"$id\",|\b$c, ?\"|\b$c\b[^;]*CHECK_(FAIL|NOT_EVALUATED)|\b$c, [a-z]+\[i\]\.state|\"$id\"\)->state, cases|first\[$c\]|review_answer$a[^;]*-1\)|\b$own\(review\)->state, CHECK_NOT" ||
		{ echo "$id: no test in which it fails"; rc=1; }
done <"$t/lines"
exit $rc
