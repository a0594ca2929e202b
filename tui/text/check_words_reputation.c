/* What the checks say that are about: what receivers think of the sender. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static void
say_bounces(const struct check_result *result, struct buf *out)
{
	int64_t rate = check_number(result, "rate");

	if (!check_number(result, "campaigns")) {
		buf_text(out, _("Nothing was sent with this program yet."));
		return;
	}
	buf_printf(out,
	    _("%lld.%02lld%% were refused for good in the last campaigns; what "
	      "bounced later is not read by this version."),
	    (long long)(rate / 1000), (long long)(rate % 1000 / 10));
}

static const struct check_words words[] = {
    {"RP-01", N_("our addresses are on no block list"),
	N_("Setup > Domain health says which lists are asked and what they "
	   "answer. None is asked unless you choose it there."),
	NULL},
    {"RP-02", N_("our domains are on no block list"),
	N_("Setup > Domain health says which lists are asked and what they "
	   "answer. None is asked unless you choose it there."),
	NULL},
    {"RP-03", N_("few complaints and bounces lately"),
	N_("More than 5 in 100 were refused for good, or 3 in 1,000 "
	   "complained. Clean the list before you send; or ask for an "
	   "override. The figure of complaints is typed in Setup, Policy, "
	   "once a month."),
	say_bounces},
    {"RP-03W", N_("hardly any complaints and bounces lately"),
	N_("More than 2 in 100 were refused for good, or 1 in 1,000 "
	   "complained. Say what you do about it."),
	NULL},
    {"RP-04", N_("no provider refuses us now"),
	N_("A provider refuses all our mail and has taken none since. Find "
	   "out why before you send more: see the replies in the report."),
	NULL},
};

static const struct check_finding findings[] = {
    {"bounces", N_("too many were refused for good")},
    {"complaints", N_("too many complained")},
    {"no_figure", N_("nobody has read the complaints for a month")},
    {"incident", N_("refuses all our mail")},
};

const struct check_chapter check_reputation = {N_("Reputation"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
