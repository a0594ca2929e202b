# Turns tui/keys.def into the section KEYS of the manual: one list for all
# screens, then one for each screen.
# "make manual" puts it into docs/man/sekisho.1; tests/lint/manual.sh compares.

# The text of the quoted string that begins at or after position at of $0;
# sets next_at behind it.
function quoted(at,    rest, from, out, c) {
	from = at
	while (substr($0, from, 1) != "\"")
		from++
	out = ""
	for (from++; (c = substr($0, from, 1)) != "\""; from++) {
		if (c == "\\") {
			from++
			c = substr($0, from, 1)
		}
		out = out c
	}
	next_at = from + 1
	return out
}

# Text for mdoc: nothing in it is a macro or an escape.
function plain(text) {
	gsub(/\\/, "\\e", text)
	gsub(/\^/, "\\(ha", text)
	gsub(/~/, "\\(ti", text)
	# A new sentence begins a new line.
	while (match(text, /[a-z]\. [A-Z]/))
		text = substr(text, 1, RSTART + 1) "\n" substr(text, RSTART + 3)
	return text
}

# Screens in the order of the manual; others follow under their own names.
function title(screen, words) {
	order[++count] = screen
	titles[screen] = words
}

BEGIN {
	title("*", "Everywhere")
	title("*drill", "Everywhere in a drill")
	title("signin", "Signing in")
	title("lock", "Locked screen")
	title("home", "Home")
	title("lists", "Lists")
	title("contacts", "Contacts of a list")
	title("contact", "A contact")
	title("import", "Import")
	title("campaigns", "Campaigns")
	title("campaign", "Head of a campaign")
	title("text", "Text of a campaign")
	title("preview", "Preview")
	title("checklist", "Checklist")
	title("launch", "Launch")
	title("delivery", "Delivery")
	title("reports", "Reports")
	title("report", "A report")
	title("correction", "Correction")
	title("reconcile", "Doubts")
	title("replies", "Unknown replies")
	title("stops", "Stop list")
	title("log", "Audit log")
	title("settings", "Settings")
	title("setup-sender", "Settings: sender and legal")
	title("setup-relays", "Settings: relays")
	title("setup-relay", "Settings: a relay")
	title("setup-keys", "Settings: DKIM keys")
	title("setup-smime", "Settings: S/MIME")
	title("setup-pace", "Settings: pace")
	title("setup-access", "Settings: sign-in and lock")
	title("doctor", "Domain health")
	title("setup-doctor", "Settings: domain health")
	title("setup-wordings", "Settings: wordings")
	title("consent", "Consent of a contact")
	title("setup-look", "Settings: look and language")
	title("training", "Training")
	title("drill-result", "Result of a drill")
	title("drill-briefing", "Briefing of a drill")
	title("drill-mark", "A mark in a drill")
	title("drill-marks", "Marks of a drill")
	title("help", "Help")
	title("palette", "Command palette")
}

/^X\(/ {
	at = 1
	id = quoted(at)
	keys = quoted(next_at)
	label = quoted(next_at)
	help = quoted(next_at)
	words = quoted(next_at)
	where = quoted(next_at)
	n = split(where, screens, " ")
	for (i = 1; i <= n; i++) {
		s = screens[i]
		if (!(s in titles))
			title(s, s)
		list[s] = list[s] ".It" keys_line(keys) "\n" \
		    plain(label) ": " plain(help) "\n"
	}
}

function keys_line(text,    n, i, word, out) {
	n = split(text, word, " ")
	if (n == 0)
		return " (palette only)"
	for (i = 1; i <= n; i++)
		out = out " Ic \\&" plain(word[i])
	return out
}

END {
	for (i = 1; i <= count; i++) {
		s = order[i]
		if (list[s] != "")
			printf ".Ss %s\n.Bl -tag -width Ds -compact\n%s.El\n", \
			    titles[s], list[s]
	}
}
