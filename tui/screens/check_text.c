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
    {"CM-08", content, N_("plain text and HTML say the same"),
	N_("A link is in one part only, or the plain part is nearly "
	   "empty. Write the text with at least a sentence.")},
    {"CM-09", content, N_("no message is too large for the relay"),
	N_("The largest message exceeds what the relay takes. Shorten "
	   "the text.")},
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
    {"PP-01", people, N_("a second person has approved"),
	N_("Not evaluated: no second person yet. Sign-off by a second "
	   "person comes with a later version; until then you attest in "
	   "a sentence why you send alone. At least 10 characters, kept "
	   "with your name.")},
    {"PP-02", people, N_("the seal covers exactly this content"),
	N_("Run the checks again.")},
    {"PP-03", people, N_("you know how many people get this"),
	N_("Type the number of recipients. It stands on the page of the "
	   "preview, not here.")},
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
check_title(const char *id)
{
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

const char *
check_sign(const struct check_result *result)
{
	static const char *const signs[CHECK_STATES] = {
	    [CHECK_PENDING] = "-",
	    [CHECK_RUNNING] = "..",
	    [CHECK_PASS] = "✓",
	    [CHECK_FAIL] = "✗",
	    [CHECK_NOT_EVALUATED] = "?",
	    [CHECK_STALE] = "-",
	};

	return signs[state_of(result)];
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

	return roles[state_of(result)];
}

void
check_note(
    const struct check_result *result, enum check_when when, struct buf *out)
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
		format_count(out, result->count);
		buf_text(out, _(" found"));
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
    {"subject", N_("in the subject")},
    {"body", N_("in the text")},
    {"subject_empty", N_("the subject is empty")},
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
	if (*seq && strcmp(seq, "0"))
		buf_printf(out, _("First in message %s.\n"), seq);
}

void
check_explain(const struct check_result *result, struct buf *out)
{
	if (result->state == CHECK_FAIL) {
		explain_fault(result, out);
		buf_printf(
		    out, "\n%s\n", _(words_of(result->check->id)->repair));
	}
	if (result->state == CHECK_NOT_EVALUATED)
		buf_printf(out, "%s\n", _(words_of(result->check->id)->repair));
	if (result->state == CHECK_PENDING || result->state == CHECK_STALE)
		buf_printf(out, "%s\n",
		    _("This line has no result for the present content. R "
		      "runs the checks."));
	if (result->state == CHECK_PASS)
		buf_printf(out, "%s\n", _("Checked over every message."));
	if (*result->facts)
		buf_printf(out, "\n%s: %s\n", result->check->id, result->facts);
	if (*result->answer && result->check->answer == ANSWER_SENTENCE)
		buf_printf(out, _("\nAnswered by %s: %s\n"),
		    result->answered_by, result->answer);
}
