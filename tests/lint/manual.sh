#!/bin/sh
# The manual is clean mdoc and complete: it has the keys of tui/keys.def, every
# setting with its default and limits, every verb and every option.
man=docs/man/sekisho.1
rc=0
command -v mandoc >/dev/null || { echo "mandoc is missing"; exit 1; }
mandoc -T lint -W warning $man || rc=1

awk -f docs/man/keys.awk tui/keys.def >"$O/manual.keys" || exit 1
grep -q '^\.It' "$O/manual.keys" || { echo "no keys found in tui/keys.def"; rc=1; }
sed -n '/^\.\\" keys begin$/,/^\.\\" keys end$/p' $man | sed '1d;$d' |
	diff - "$O/manual.keys" >"$O/manual.diff" ||
	{ echo "$man: keys differ from tui/keys.def; \"make manual\" brings them in:"; head -n 20 "$O/manual.diff"; rc=1; }

# A setting in the table of core/store/settings.c becomes the two lines that
# the manual must have.
awk '
/^static const char \*const [a-z]+\[\] = \{/ {
	name = $5; sub(/\[.*/, "", name)
	line = $0; sub(/.*= \{/, "", line); sub(/, NULL.*/, "", line)
	gsub(/"/, "", line); choices[name] = line
}
/^[ \t]*\{"[a-z_.]+", SETTING_/ {
	line = $0; gsub(/[{}"; \t]/, "", line); split(line, f, ",")
	value = f[3] == "" ? "empty" : f[3]
	text = "Default: " value
	if (f[2] == "SETTING_INT") text = text "; from " f[4] " to " f[5]
	if (f[2] == "SETTING_CHOICE") {
		n = split(choices[f[6]], c, ", "); others = ""
		for (i = 1; i <= n; i++)
			if (c[i] != value) others = others (others == "" ? "" : ", ") c[i]
		text = text "; also " others
	}
	print ".It Cm " f[1] "|" text "."
}' core/store/settings.c >"$O/manual.settings"
[ "$(wc -l <"$O/manual.settings")" = "$(grep -c 'SETTING_[A-Z]*, *"' core/store/settings.c)" ] &&
	[ -s "$O/manual.settings" ] || { echo "cannot read the table in core/store/settings.c"; rc=1; }
awk '/^\.It Cm/ { item = $0; getline; print item "|" $0 }' $man >"$O/manual.items"
grep -vxF -f "$O/manual.items" "$O/manual.settings" | sed "s|^|$man lacks: |" | grep . && rc=1
sed -n '/^\.Sh SETTINGS/,/^\.Sh ENV/s/^\.It Cm //p' $man | while read -r name; do
	grep -q "^\.It Cm $name|" "$O/manual.settings" || echo "$man: no setting is called $name"
done | grep . && rc=1

# Verbs and options; "screen" exists in the test program only.
for verb in $(sed -n 's/^ *{"\([a-z-]\{1,\}\)", .*\(run\|verb\|program\)_[a-z_]*},*$/\1/p' tui/verbs.c); do
	[ "$verb" = screen ] || sed -n '/^The verbs:/,/^\.Sh KEYS/p' $man | grep -Eq "^\.It (.*[ ,])?(Cm )?$verb( |,|\$)" ||
		{ echo "$man lacks the verb $verb"; rc=1; }
done
for option in $(grep -o '"--[a-z-]*"' tui/verbs.c | tr -d '"' | sort -u); do
	[ "$option" = -- ] || grep -q "Fl $(echo "$option" | sed 's/^-//')" $man ||
		{ echo "$man lacks the option $option"; rc=1; }
done

# What the program asks of the environment, apart from demo and tests.
for name in $(grep -rho 'getenv("[A-Z_]*")' core tui --include='*.c' | sed 's/.*("//; s/")//' | sort -u); do
	case $name in
	SEKISHO_*) ;;
	*) grep -q "^\.It Ev .*\b$name\b" $man || { echo "$man lacks the variable $name"; rc=1; } ;;
	esac
done
exit $rc
