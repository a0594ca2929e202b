#!/bin/sh
# The documents: no word twice in a row, no link to a file that is not there,
# nothing left to be done, no tabs or blanks at the ends of lines.
rc=0
docs=$(git ls-files '*.md' docs/man 2>/dev/null | grep -v awk)
[ -n "$docs" ] || docs=$(find . -name '*.md' -not -path './build/*'; ls docs/man/*.1)

# Code is left out: words may stand twice in commands and sample screens.
for f in $docs; do
	awk '
	/^ *```/ { code = !code; last = ""; next }
	code || /^    / || /^\./ { last = ""; next }
	{
		line = $0; gsub(/`[^`]*`/, " . ", line)
		n = split(line, w, /[ \t]+/)
		for (i = 1; i <= n; i++) {
			if (w[i] == "") continue
			word = tolower(w[i])
			if (word ~ /^[a-z]+[.,;:)]?$/ ) {
				bare = word; sub(/[.,;:)]$/, "", bare)
				if (bare == last) { print FILENAME ":" FNR ": \"" bare "\" twice"; bad = 1 }
				last = word == bare ? bare : ""
			} else last = ""
		}
		if ($0 == "") last = ""
	}
	/[ \t]$/ { print FILENAME ":" FNR ": blanks at the end of the line"; bad = 1 }
	/TODO|FIXME|(^|[^X])XXX([^X]|$)|TBD/ { print FILENAME ":" FNR ": unfinished"; bad = 1 }
	END { exit bad }' "$f" || rc=1
done

# Relative links in Markdown, and files named in backquotes.
for f in $(echo "$docs" | tr ' ' '\n' | grep '\.md$'); do
	dir=$(dirname "$f")
	grep -o '](\([^)#: ]*\)[)#]' "$f" | sed 's/](//; s/[)#]$//' | while read -r to; do
		[ -z "$to" ] || [ -e "$dir/$to" ] || echo "$f: no such file: $to"
	done
	grep -oE '`(core|tui|tests|docs|themes)/[a-zA-Z0-9_/.-]+`' "$f" | tr -d '`' | while read -r to; do
		case $to in core/x/*) ;; *) [ -e "$to" ] || echo "$f: no such file: $to" ;; esac
	done
done | grep . && rc=1
exit $rc
