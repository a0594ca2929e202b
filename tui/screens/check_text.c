/* The words for checks.  One table: title, heading, what to do when it
 * fails. */
#include "tui/screens/check_text.h"

#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const char recipients[] = N_("Recipients");
static const char content[] = N_("Content");
static const char form[] = N_("Form");
static const char sending[] = N_("Sending");
static const char people[] = N_("People");

struct words {
	const char *id;
	const char *group;
	const char *title;
	const char *repair;
};

static const struct words table[] = {
    {"LC-01", recipients, N_("everybody may be mailed (legal basis)"),
	N_("Some members of the list have no legal basis, and this is an "
	   "advertisement. Import them again with the basis, take them "
	   "off the list, or change the class if it is none.")},
    {"LC-03", recipients, N_("nobody is on the stop list"),
	N_("Addresses came onto the stop list while the checks ran. Run "
	   "the checks again.")},
    {"LC-04", recipients, N_("every address can be mailed"),
	N_("An address is not valid. Correct or remove it in the list.")},
    {"LC-05", recipients, N_("nobody is in it twice"),
	N_("The same address occurs twice. Report this: the store should "
	   "not allow it.")},
    {"CM-01", content, N_("every merge field is filled"),
	N_("A merge mark is left over or has no value. Give it a "
	   "fallback, {{name|Customer}}, or fill the value in the list.")},
    {"CM-02", content, N_("no greeting lacks its name"),
	N_("A greeting has an honorific without a name, or twice. Put the "
	   "whole phrase into the fallback.")},
    {"CM-04", content, N_("one message, one recipient, no Cc"),
	N_("A message would go to somebody else as well. Report this: "
	   "the writer should not allow it.")},
    {"CM-05", content, N_("no draft words, subject not empty"),
	N_("Subject or text has a word of a draft or a placeholder. "
	   "Remove it, or choose the class test.")},
    {"CM-07", content, N_("no character that must not be in mail"),
	N_("A value or the text holds a control character, a character of "
	   "private use or one that could not be read. Correct it in the "
	   "list or the text.")},
    {"CM-07W", content, N_("every reader sees every character"),
	N_("Some readers do not see this character as you do; write what is "
	   "offered instead. Where a copy cannot be in ISO-2022-JP it leaves "
	   "as UTF-8, unchanged. If that is meant to be so, say why: at "
	   "least 10 characters, kept with your name.")},
    {"CM-08", content, N_("plain text and HTML say the same"),
	N_("A link is in one part only, or the plain part is nearly "
	   "empty. Write the text with at least a sentence.")},
    {"CM-09", content, N_("no message is too large for the relay"),
	N_("The largest message exceeds what the relay takes, or what Setup "
	   "allows. Shorten the text or attach less.")},
    {"CM-10", content, N_("everybody has their own files, and no others"),
	N_("A file is missing or is not this recipient's. Look at the "
	   "attachments (a on the campaign's page): add the file, or correct "
	   "the rule or the field.")},
    {"CM-10W", content, N_("the attached files are meant to be so"),
	N_("Look at the attachments and say why it is right so: at least 10 "
	   "characters, kept with your name.")},
    {"LG-01", content, N_("the sender's legal name is shown"),
	N_("Fill in the legal name in Setup.")},
    {"LG-02", content, N_("how to unsubscribe is shown"),
	N_("Fill in the unsubscribe address in Setup.")},
    {"LG-03", content, N_("the postal address is shown"),
	N_("Fill in the postal address in Setup.")},
    {"LG-04", content, N_("a contact for questions is shown"),
	N_("Fill in the contact in Setup.")},
    {"HD-01", form, N_("From is one mailbox of ours"),
	N_("Correct the sender on the campaign's page; a name must not "
	   "look like an address.")},
    {"HD-02", form, N_("every header field stands once"),
	N_("A header field is missing or there twice. Report this.")},
    {"HD-03", form, N_("every Message-ID is its own"),
	N_("Two messages have the same Message-ID. Report this.")},
    {"HD-05", form, N_("lines and octets as RFC 5322 wants them"),
	N_("A message has a line or character that servers refuse. "
	   "Look at the message named here.")},
    {"HD-06", form, N_("signed, one-click unsubscribe"),
	N_("The signature does not verify, or List-Unsubscribe is not "
	   "complete. Make a DKIM key and fill in both unsubscribe "
	   "addresses in Setup.")},
    {"TS-01", sending, N_("the way to the relay is verified"),
	N_("The relay's TLS level is too weak. Choose \"verify\" in "
	   "Setup, with the relay's own authority if it has one.")},
    {"TS-02", sending, N_("the relay answers and takes our mail"),
	N_("The relay did not answer as it must. See the reason, mend "
	   "it in Setup, and run the checks again.")},
    {"TS-03", sending, N_("mail without a relay is vouched for"),
	N_("Mail goes straight to its receivers, who judge this computer by "
	   "its address: its name must lead to it and back (PTR), SPF must "
	   "name it, port 25 must be open. Say in a sentence that all this "
	   "is so: at least 10 characters, kept with your name.")},
    {"TS-05", sending, N_("S/MIME: the certificates fit"),
	N_("The sender's certificate is not for the From address or does not "
	   "hold, or a recipient who must get encrypted mail has none. Choose "
	   "another certificate, import the missing ones, or encrypt only "
	   "where it can be done.")},
    {"TS-05W", sending, N_("S/MIME: the certificate lasts"),
	N_("The sender's certificate expires within 30 days. Renew it, or "
	   "say why you send with it: at least 10 characters, kept with your "
	   "name.")},
    {"PP-01", people, N_("a second person has approved"),
	N_("Sign-off by a second person comes with a later version. Until "
	   "then say in a sentence why you send alone: at least 10 "
	   "characters, kept with your name.")},
    {"PP-02", people, N_("the seal covers exactly this content"),
	N_("Run the checks again.")},
    {"PP-03", people, N_("you know how many people get this"),
	N_("Type the number of recipients. It stands at the top of the "
	   "preview (v), not here.")},
    {"PP-05", people, N_("a test mail was read, both parts of it"),
	N_("Send a test mail (T), open it, and type both codes that stand in "
	   "it: the one of the plain text part and the one of the HTML part. "
	   "They are good for 24 hours and for this very content.")},
};

static const struct words *
words_of(const char *id)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (!strcmp(table[i].id, id))
			return &table[i];
	}
	return &table[0];
}

const char *
check_title(const char *id, const struct check_result *result)
{
	if (result && result->state == CHECK_NOT_EVALUATED &&
	    !strcmp(id, "PP-01"))
		return _("not evaluated: no second person yet");
	return _(words_of(id)->title);
}

const char *
check_group(const char *id)
{
	return words_of(id)->group;
}

static enum check_state
state_of(const struct check_result *result)
{
	return result ? result->state : CHECK_PENDING;
}

/* Not evaluated, but answered for by a person: never green. */
static bool
is_attested(const struct check_result *result)
{
	return result && result->cleared && result->state != CHECK_PASS;
}

const char *
check_sign(const struct check_result *result)
{
	static const char *const signs[CHECK_STATES] = {
	    [CHECK_PENDING] = "-",
	    [CHECK_RUNNING] = "-",
	    [CHECK_PASS] = "✓",
	    [CHECK_FAIL] = "✗",
	    [CHECK_NOT_EVALUATED] = "?",
	    [CHECK_STALE] = "-",
	};

	return is_attested(result) ? "▪" : signs[state_of(result)];
}

enum role
check_role(const struct check_result *result)
{
	static const enum role roles[CHECK_STATES] = {
	    [CHECK_PENDING] = ROLE_DIM,
	    [CHECK_RUNNING] = ROLE_DIM,
	    [CHECK_PASS] = ROLE_OK,
	    [CHECK_FAIL] = ROLE_ERR,
	    [CHECK_NOT_EVALUATED] = ROLE_WARN,
	    [CHECK_STALE] = ROLE_DIM,
	};

	return is_attested(result) ? ROLE_INFO : roles[state_of(result)];
}

/* How many messages fail; not the number that PP-03 asks for. */
static void
note_fail(const struct check_result *result, int64_t total, struct buf *out)
{
	struct buf count = BUF_INIT;

	if (words_of(result->check->id)->group == sending) {
		buf_text(out, _("not passed"));
	} else if (result->count >= total) {
		buf_text(out, _("in every message"));
	} else {
		format_count(&count, result->count);
		buf_printf(
		    out, P_("%s found", "%s found", result->count), count.ptr);
	}
	buf_done(&count);
}

void
check_note(const struct check_result *result, enum check_when when,
    int64_t total, struct buf *out)
{
	switch (state_of(result)) {
	case CHECK_PENDING:
		buf_text(out, when == CHECK_BUSY ? ".." : _("not run yet"));
		break;
	case CHECK_RUNNING:
		buf_text(out, "..");
		break;
	case CHECK_PASS:
		buf_text(out, _("ok"));
		break;
	case CHECK_FAIL:
		if (result->cleared)
			buf_text(out, _("attested"));
		else
			note_fail(result, total, out);
		break;
	case CHECK_NOT_EVALUATED:
		buf_text(
		    out, result->cleared ? _("attested") : _("answer needed"));
		break;
	case CHECK_STALE:
		buf_text(out, _("run again"));
		break;
	case CHECK_STATES:
		break;
	}
}

/* What a finding of the proof means, by its stable word. */
struct finding {
	const char *what, *text;
};

static const struct finding findings[] = {
    {"mark", N_("not filled")},
    {"doubled", N_("honorific twice, or without a name")},
    {"no_name", N_("honorific without a name")},
    {"forbidden", N_("a character that must not be there")},
    {"charset", N_("not in ISO-2022-JP, so the copy leaves as UTF-8")},
    {"expires", N_("it expires within 30 days")},
    {"preheader", N_("in the preheader")},
    {"subject", N_("in the subject")},
    {"body", N_("in the text")},
    {"subject_empty", N_("the subject is empty")},
    {"file_count", N_("another number of files than attached")},
    {"file_other", N_("a file that is not this recipient's")},
    {"file_doubt", N_("the first file to look at")},
    {"plain_short", N_("the plain part has less than 20 characters")},
    {"plain_lacks_url", N_("link missing in the plain part")},
    {"html_lacks_url", N_("link missing in the HTML part")},
    {"setting_empty", N_("not filled in in Setup")},
    {"plain", N_("missing in the plain part")},
    {"html", N_("missing in the HTML part")},
    {"twice", N_("there twice")},
    {"missing", N_("missing")},
    {"field", N_("a field that must not be there")},
    {"mailboxes", N_("not exactly one mailbox")},
    {"address", N_("another address")},
    {"name", N_("the name looks like an address")},
    {"recipients", N_("not exactly one recipient")},
    {"other_address", N_("To is not the recipient")},
    {"https", N_("no https address to unsubscribe")},
    {"mailto", N_("no mail address to unsubscribe")},
    {"post", N_("no List-Unsubscribe-Post")},
    {"unsigned", N_("List-Unsubscribe is not signed")},
    {"line", N_("a line longer than 998 octets")},
    {"line_end", N_("a bare CR, LF or NUL")},
    {"eight_bit", N_("an 8-bit octet")},
    {"header_size", N_("the header is too large")},
};

static const char *
finding_text(const char *what)
{
	for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
		if (!strcmp(findings[i].what, what))
			return _(findings[i].text);
	}
	return what;
}

static void
explain_fault(const struct check_result *result, struct buf *out)
{
	const char *seq = err_find(&result->why, "seq");

	if (result->why.code == E_REVIEW_FINDING) {
		buf_text(out, finding_text(err_find(&result->why, "what")));
		if (*err_find(&result->why, "value"))
			buf_printf(
			    out, ": %s", err_find(&result->why, "value"));
		buf_char(out, '\n');
	} else if (result->why.code != E_NONE) {
		err_text(&result->why, out);
		buf_char(out, '\n');
	}
	if (*seq && strcmp(seq, "0")) {
		buf_printf(out, _("The first is recipient number %s."), seq);
		buf_char(out, '\n');
	}
}

/* ---- Facts ------------------------------------------------------------------ */

/* The value of one name=value word of the facts; it ends where the next name
 * begins, so that it may hold blanks. */
static struct span
fact(const struct check_result *result, const char *name)
{
	struct span facts = span_of(result->facts);
	struct span value = SPAN("");
	size_t len = strlen(name), end;

	for (size_t i = 0; i + len < facts.len; i++) {
		if ((i && facts.ptr[i - 1] != ' ') ||
		    facts.ptr[i + len] != '=' ||
		    memcmp(facts.ptr + i, name, len))
			continue;
		value = span_slice(facts, i + len + 1, facts.len);
		end = span_search(value, SPAN("="));
		if (end == value.len)
			return value;
		while (end && value.ptr[end] != ' ')
			end--;
		return span_slice(value, 0, end);
	}
	return value;
}

static int64_t
fact_number(const struct check_result *result, const char *name)
{
	int64_t value;

	return span_int(fact(result, name), &value) ? value : 0;
}

static const char *
level_text(struct span level)
{
	if (span_equal(level, SPAN("verify")))
		return _("TLS is required and the relay's name is verified");
	if (span_equal(level, SPAN("implicit")))
		return _("TLS from the first octet, the relay's name is "
			 "verified");
	if (span_equal(level, SPAN("none")))
		return _("no TLS, on this machine only");
	return _("TLS without verifying who answers");
}

static void
say_relay(const struct check_result *result, struct buf *out)
{
	struct span tls = fact(result, "tls"), cipher = fact(result, "cipher");
	struct span peer = fact(result, "peer");
	int64_t relays = fact_number(result, "relays");

	if (result->state == CHECK_FAIL)
		buf_printf(out, _("It is the relay %.*s."),
		    SPAN_ARG(fact(result, "relay")));
	else if (relays > 1)
		buf_printf(out,
		    P_("%lld relay answers.", "%lld relays answer.", relays),
		    (long long)relays);
	else if (span_equal(tls, SPAN("none")))
		buf_printf(
		    out, _("%.*s answers, without TLS."), SPAN_ARG(peer));
	else
		buf_printf(out, _("%.*s answers over %.*s (%.*s)."),
		    SPAN_ARG(peer), SPAN_ARG(tls), SPAN_ARG(cipher));
}

/* How many, of the checks that count something else than faults. */
static void
say_count(const struct check_result *result, struct buf *out)
{
	bool basis = !strcmp(result->check->id, "LC-01");
	bool stopped = !strcmp(result->check->id, "LC-03");
	int64_t number = fact_number(result, basis     ? "without"
					     : stopped ? "left_out"
						       : "fallbacks");
	struct buf text = BUF_INIT;

	format_count(&text, number);
	if (basis && number)
		buf_printf(out,
		    P_("%s member has no legal basis.",
			"%s members have no legal basis.", number),
		    text.ptr);
	else if (stopped)
		buf_printf(out,
		    P_("%s member of the list is on the stop list and "
		       "gets nothing.",
			"%s members of the list are on the stop list and "
			"get nothing.",
			number),
		    text.ptr);
	else if (!basis)
		buf_printf(out,
		    P_("%s merge mark is filled by its fallback.",
			"%s merge marks are filled by their fallback.", number),
		    text.ptr);
	buf_done(&text);
}

static void
say_largest(const struct check_result *result, struct buf *out)
{
	struct buf largest = BUF_INIT, limit = BUF_INIT;

	format_size(&largest, fact_number(result, "octets"));
	format_size(&limit, fact_number(result, "limit"));
	buf_printf(out, _("The largest message has %s; the relay takes %s."),
	    largest.ptr, limit.ptr);
	buf_done(&largest);
	buf_done(&limit);
}

/* Who will be withheld at launch, by the frequency cap. */
static void
say_frequent(const struct check_result *result, struct buf *out)
{
	int64_t number = fact_number(result, "frequent");
	struct buf text = BUF_INIT;

	if (number <= 0)
		return;
	format_count(&text, number);
	buf_text(out, out->len ? " " : "");
	buf_printf(out,
	    P_("%s recipient had enough advertisements lately and is left out.",
		"%s recipients had enough advertisements lately and are left "
		"out.",
		number),
	    text.ptr);
	buf_done(&text);
}

/* How many copies of test mails were on their way when the checks ran. */
static void
say_tests(const struct check_result *result, struct buf *out)
{
	int64_t sent = fact_number(result, "sent");

	if (!sent)
		buf_text(out, _("When the checks ran, no test of this content "
				"had been sent."));
	else
		buf_printf(out,
		    P_("%lld test mail of this content has been sent.",
			"%lld test mails of this content have been sent.",
			sent),
		    (long long)sent);
}

/* One sentence for each doubt there is. */
static void
say_files(const struct check_result *result, struct buf *out)
{
	static const struct {
		const char *fact, *words;
	} row[] = {
	    {"doubtful", N_("files that some cannot open or that are held "
			    "back")},
	    {"unused", N_("files that no recipient gets")},
	    {"shared", N_("files that more than one recipient gets")},
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int64_t number = fact_number(result, row[i].fact);

		if (number > 0) {
			format_count(out, number);
			buf_printf(out, " %s\n", _(row[i].words));
		}
	}
	if (fact_number(result, "large") > 0)
		buf_printf(out, "%s\n",
		    _("The files make a message larger "
		      "than 1 MB."));
	if (fact_number(result, "ad") > 0)
		buf_printf(out, "%s\n",
		    _("An advertisement with files is "
		      "often taken for junk."));
}

/* What a check has measured, in words; nothing for most of them. */
static void
say_facts(const struct check_result *result, struct buf *out)
{
	const char *id = result->check->id;

	if (!*result->facts)
		return;
	if (!strcmp(id, "LC-01") || !strcmp(id, "LC-03") ||
	    !strcmp(id, "CM-02"))
		say_count(result, out);
	else if (!strcmp(id, "CM-09"))
		say_largest(result, out);
	else if (!strcmp(id, "CM-10W"))
		say_files(result, out);
	else if (!strcmp(id, "HD-06"))
		buf_printf(out, _("Signed for %.*s with the key %.*s."),
		    SPAN_ARG(fact(result, "d")), SPAN_ARG(fact(result, "s")));
	else if (!strcmp(id, "TS-01"))
		buf_printf(out, _("Relay %.*s: %s."),
		    SPAN_ARG(fact(result, "relay")),
		    level_text(fact(result, "level")));
	else if (!strcmp(id, "TS-02"))
		say_relay(result, out);
	else if (!strcmp(id, "PP-02"))
		buf_printf(out, _("Digest of the content: %.*s."),
		    SPAN_ARG(fact(result, "digest")));
	else if (!strcmp(id, "PP-05") && result->state != CHECK_PASS)
		say_tests(result, out);
	if (!strcmp(id, "LC-03"))
		say_frequent(result, out);
}

static void
explain_state(const struct check_result *result, struct buf *out)
{
	const char *repair = _(words_of(result->check->id)->repair);

	switch (result->state) {
	case CHECK_FAIL:
		explain_fault(result, out);
		buf_printf(out, "\n%s\n", repair);
		break;
	case CHECK_NOT_EVALUATED:
		buf_printf(out, "%s\n", repair);
		break;
	case CHECK_PENDING:
	case CHECK_STALE:
		buf_printf(out, "%s\n",
		    _("This line has no result for the present content. R "
		      "runs the checks."));
		break;
	case CHECK_PASS:
		if (result->check->answer == ANSWER_COUNT)
			buf_printf(out, "%s\n", _("You typed the number."));
		else if (result->check->answer == ANSWER_CODES)
			buf_printf(out, "%s\n", _("Both codes were typed."));
		else if (words_of(result->check->id)->group == sending)
			buf_printf(out, "%s\n", _("Checked just now."));
		else
			buf_printf(
			    out, "%s\n", _("Checked over every message."));
		break;
	case CHECK_RUNNING:
	case CHECK_STATES:
		break;
	}
}

void
check_explain(const struct check_result *result, struct buf *out)
{
	size_t before;

	explain_state(result, out);
	buf_char(out, '\n');
	before = out->len;
	say_facts(result, out);
	if (out->len > before)
		buf_char(out, '\n');
	if (*result->answer && result->check->answer == ANSWER_SENTENCE) {
		buf_printf(out, _("Answered by %s:"), result->answered_by);
		buf_printf(out, "\n%s\n\n", result->answer);
	}
	buf_printf(out, _("Check %s"), result->check->id);
}
