#!/bin/sh
# Every sentence of the program is translated in every language.
command -v xgettext >/dev/null || { echo "gettext is missing"; exit 1; }
t=$(mktemp -d); trap 'rm -rf "$t"' EXIT
xgettext --no-wrap -L C --from-code=UTF-8 -k_ -kN_ -kP_:1,2 -o "$t/all.pot" \
	$(find tui -name '*.[ch]' -o -name '*.def' | sort) || exit 1
rc=0
for po in tui/po/*.po; do
	msgmerge -q --no-wrap --no-fuzzy-matching -o "$t/new.po" "$po" "$t/all.pot" || exit 1
	msgattrib --no-wrap --untranslated --no-obsolete "$t/new.po" >"$t/open.po"
	msgattrib --no-wrap --only-fuzzy --no-obsolete "$t/new.po" >>"$t/open.po"
	if grep -q '^msgid "..*"' "$t/open.po"; then
		grep '^msgid "..*"' "$t/open.po" | sed "s|^|$po lacks |"
		rc=1
	fi
done
exit $rc
