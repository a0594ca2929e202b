/* What the checks say that are about: headers, form and signature. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static void
say_signature(const struct check_result *result, struct buf *out)
{
	if (span_equal(check_fact(result, "d"), SPAN("none"))) {
		buf_text(out, _("Not signed here; a relay may do it."));
		return;
	}
	buf_printf(out, _("Signed for %.*s with the key %.*s."),
	    SPAN_ARG(check_fact(result, "d")),
	    SPAN_ARG(check_fact(result, "s")));
}

static const struct check_words words[] = {
    {"HD-01", N_("From is one mailbox of ours"),
	N_("Correct the sender on the campaign's page; a name must not "
	   "look like an address."),
	NULL},
    {"HD-02", N_("every header field stands once"),
	N_("A header field is missing or there twice. Report this."), NULL},
    {"HD-03", N_("every Message-ID is its own"),
	N_("Two messages have the same Message-ID. Report this."), NULL},
    {"HD-04", N_("the sender's domains take mail"),
	N_("The domain of From, Reply-To or the return path has no server for "
	   "mail, so that answers and bounces get lost. Publish an MX record, "
	   "or choose another sender. Setup > Domain health shows which."),
	NULL},
    {"HD-05", N_("lines and octets as RFC 5322 wants them"),
	N_("A message has a line or character that servers refuse. "
	   "Look at the message named here."),
	NULL},
    {"HD-06", N_("signed, one-click unsubscribe"),
	N_("The signature does not verify, or List-Unsubscribe is not "
	   "complete. Make a DKIM key and fill in both unsubscribe "
	   "addresses in Setup."),
	say_signature},
    {"HD-07", N_("headers for lists and feedback are stable"),
	N_("Providers know a sender by headers that stay the same. Correct the "
	   "Feedback-ID in Setup: 5 to 15 characters, nobody's address."),
	NULL},
    {"HD-08", N_("another reader reads what was written"),
	N_("What was written is not what is read. Report this."), NULL},
};

static const struct check_finding findings[] = {
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
    {"encoded", N_("a name that cannot be decoded")},
    {"id_form", N_("a Message-ID without a domain")},
    {"two_https", N_("more than one https address")},
    {"list_id", N_("no List-Id")},
    {"list_differs", N_("another List-Id")},
    {"feedback_form", N_("a Feedback-ID of another form")},
    {"feedback_personal", N_("a Feedback-ID that names somebody")},
    {"list_before", N_("the last campaign to this list had another List-Id")},
    {"feedback_before", N_("the last campaign had another sender in its "
			   "Feedback-ID")},
    {"feedback_differs", N_("another Feedback-ID")},
    {"auto_reply", N_("nothing keeps machines from answering")},
    {"parts", N_("not a plain and an HTML part")},
    {"order", N_("the parts stand in another order")},
    {"encoding", N_("a part cannot be decoded")},
    {"boundary", N_("a boundary stands within a part")},
    {"trip_plain", N_("the plain part is not what was written")},
    {"trip_html", N_("the HTML part is not what was written")},
};

const struct check_chapter check_form = {N_("Form"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
