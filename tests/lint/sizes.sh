#!/bin/sh
# Limits on the length of files and functions, and on their complexity.
rc=0
src=$(find core tui -name '*.c')
for f in $src; do
	n=$(wc -l <"$f")
	[ "$n" -le 1000 ] || { echo "$f: $n lines (limit 1000)"; rc=1; }
done
ctags --languages=C --kinds-C=f --fields=+ne -o - $src |
	awk -F'\t' '{ l = e = 0
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) l = substr($i, 6)
			if ($i ~ /^end:/) e = substr($i, 5)
		}
		if (e - l + 1 > 100) { print $2 ": " $1 " " e - l + 1 " lines (limit 100)"; n++ }
	} END { exit n > 0 }' || rc=1
pmccabe $src | awk '$1 > 20 && !($NF in ok) { print $(NF-1) " " $NF ": complexity " $1 " (limit 20)"; n++ }
	END { exit n > 0 }' || rc=1
exit $rc
