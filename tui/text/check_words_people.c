/* What the checks say that are about: what only people can do. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static void
say_digest(const struct check_result *result, struct buf *out)
{
	buf_printf(out, _("Digest of the content: %.*s."),
	    SPAN_ARG(check_fact(result, "digest")));
}

/* How many copies of test mails were on their way when the checks ran. */
static void
say_tests(const struct check_result *result, struct buf *out)
{
	int64_t sent = check_number(result, "sent");

	if (result->state == CHECK_PASS)
		return;
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

/* Why nobody else has to approve this, or that somebody will. */
static void
say_second(const struct check_result *result, struct buf *out)
{
	struct span when = check_fact(result, "when");
	struct buf over = BUF_INIT;

	format_count(&over, check_number(result, "over"));
	if (span_equal(check_fact(result, "approval"), SPAN("follows")))
		buf_text(out, _("The policy asks for a second person, who "
				"approves after the seal."));
	else if (span_equal(when, SPAN("never")))
		buf_text(out, _("The policy never asks for a second person."));
	else if (span_equal(when, SPAN("ads")))
		buf_printf(out,
		    _("The policy asks for a second person for advertisements "
		      "to more than %s people; this is none of them."),
		    over.ptr);
	buf_done(&over);
}

static void
say_looks(const struct check_result *result, struct buf *out)
{
	buf_printf(out, _("%lld of %lld samples were read."),
	    (long long)check_number(result, "seen"),
	    (long long)check_number(result, "samples"));
}

static void
say_said(const struct check_result *result, struct buf *out)
{
	buf_printf(out, _("%lld of %lld ticked, %lld of %lld said."),
	    (long long)check_number(result, "ticked"),
	    (long long)check_number(result, "items"),
	    (long long)check_number(result, "said"),
	    (long long)check_number(result, "statements"));
}

static const struct check_words words[] = {
    {"PP-01", N_("a second person has approved"),
	N_("Say in a sentence why you send alone: at least 10 characters, "
	   "kept with your name. When a second person is needed is a rule in "
	   "Setup, Policy."),
	say_second},
    {"PP-02", N_("the seal covers exactly this content"),
	N_("Run the checks again."), say_digest},
    {"PP-03", N_("you know how many people get this"),
	N_("Type the number of recipients. It stands at the top of the "
	   "preview (v), once the campaign says how many you expect; not "
	   "here."),
	NULL},
    {"PP-04", N_("the worst samples were looked at"),
	N_("Enter opens the samples: the worst cases of this very list and a "
	   "few by lot. Read each to its end and say whether it is right."),
	say_looks},
    {"PP-05", N_("a test mail was read, both parts of it"),
	N_("Send a test mail (T), open it, and type both codes that stand in "
	   "it, with a blank between them: the one of the plain text part and "
	   "the one of the HTML part. "
	   "They are good for 24 hours and for this very content."),
	say_tests},
    {"PP-06", N_("what no machine can know is attested"),
	N_("Enter opens what stands in the messages, to be ticked one by one, "
	   "and what only you can know, to be said in a sentence each."),
	say_said},
};

const struct check_chapter check_people = {
    N_("People"), words, sizeof words / sizeof *words, NULL, 0};
