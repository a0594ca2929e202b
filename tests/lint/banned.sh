#!/bin/sh
# Calls and headers that the program does not use, and where some are allowed.
rc=0
ban() { # pattern, why, files
	why=$2
	pattern=$1
	shift 2
	grep -nE "$pattern" "$@" /dev/null | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*|//)' >/tmp/banned.$$ || return 0
	sed "s/\$/   <- $why/" /tmp/banned.$$
	rc=1
}
all=$(find core tui -name '*.[ch]')
ban '(^|[^_[:alnum:]])(strcpy|strcat|sprintf|vsprintf|strtok|strncpy|strncat|atoi|atol|gets|scanf|sscanf|fscanf|system|popen|alloca|tmpnam|mktemp|rand|srand)\(' \
	'banned call' $all
ban '(^|[^_[:alnum:]])f?printf\(' 'printf only in main.c and verbs' \
	$(echo "$all" | grep -vE '^tui/(main|verbs[a-z_]*|term)\.c$')
ban '#[[:space:]]*include <sqlite3\.h>' 'SQLite only in core/store' \
	$(echo "$all" | grep -v '^core/store/')
ban '#[[:space:]]*include <security/' 'PAM only in core/access and the variants' \
	$(echo "$all" | grep -vE '^(core/access/|tui/variant_)')
ban '#[[:space:]]*include <(cmark|cmark-.*)\.h>' 'Markdown only in core/compose' \
	$(echo "$all" | grep -v '^core/compose/')
if grep -nE '(/\*|^[[:space:]]*\*|//).*(TODO|FIXME|XXX)' $all; then
	echo "unfinished: give it an issue, or finish it"
	rc=1
fi
rm -f /tmp/banned.$$
exit $rc
