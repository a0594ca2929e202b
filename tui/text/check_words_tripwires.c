/* What the tripwires say: what somebody has said, held against what is. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static void
say_canaries(const struct check_result *result, struct buf *out)
{
	int64_t number = check_number(result, "canaries");

	if (number)
		buf_printf(out,
		    P_("The list has %lld canary.",
			"The list has %lld canaries.", number),
		    (long long)number);
	else
		buf_text(out,
		    _("The list has no canary; a in the lists adds some."));
}

static void
say_overlap(const struct check_result *result, struct buf *out)
{
	if (check_number(result, "first")) {
		buf_text(out, _("Nothing was sent to this list before."));
		return;
	}
	buf_printf(out,
	    check_number(result, "same_segment")
		? _("%lld%% of these people got the last campaign to this "
		    "segment.")
	    : check_number(result, "same_list")
		? _("%lld%% of these people got the last campaign to this "
		    "list.")
		: _("%lld%% of these people got the last campaign of this "
		    "kind."),
	    (long long)check_number(result, "percent"));
}

/* A share: both numbers would add up to the one that is typed blind. */
static void
say_mix(const struct check_result *result, struct buf *out)
{
	int64_t ours = check_number(result, "ours");
	int64_t all = ours + check_number(result, "others");

	if (all)
		buf_printf(out, _("%lld%% are at your own domains."),
		    (long long)(ours * 100 / all));
}

static void
say_news(const struct check_result *result, struct buf *out)
{
	if (check_number(result, "first")) {
		buf_text(out, _("There is no campaign to compare with."));
		return;
	}
	buf_printf(out,
	    _("%lld people are new, %lld are gone. d shows all differences."),
	    (long long)check_number(result, "joined"),
	    (long long)check_number(result, "left"));
}

static const struct check_words words[] = {
    {"TW-01", N_("as many people as the author expected"),
	N_("The audience is not of the size its author typed. Find out why; "
	   "then correct the list, or the number in the campaign, or ask "
	   "for an override."),
	NULL},
    {"TW-02", N_("every canary of the list is in it"),
	N_("A canary is missing (the list is not whole, or the address is "
	   "stopped), or one of another list is here (the list was mixed "
	   "up). Look at the last import."),
	say_canaries},
    {"TW-03", N_("the same people as usual"),
	N_("Nearly all got the last campaign within a day, or nearly nobody "
	   "did. Make sure that it is the right list, then answer."),
	say_overlap},
    {"TW-04", N_("mail for staff stays in the house"),
	N_("The campaign is meant for staff, and some addresses are not at "
	   "your domains. Take them off, or name the domain in Setup, "
	   "Policy."),
	say_mix},
    {"TW-04W", N_("no staff among customers"),
	N_("Addresses at your own domains are in mail for others: test and "
	   "staff addresses often get into such lists. Say why they are "
	   "meant."),
	NULL},
    {"TW-05", N_("the list is of those it is meant for"),
	N_("The list is of other people than the campaign is meant for. "
	   "Choose the right list, or correct what is wrong in the lists "
	   "(c) or in the campaign."),
	NULL},
    {"TW-06", N_("nothing new in sender, links and ways"),
	N_("The sender, a host that links lead to, or a relay is not what it "
	   "was last time. d shows what has changed; say why it is right."),
	say_news},
};

static const struct check_finding findings[] = {
    {"unexpected", N_("the author has not said how many")},
    {"more", N_("there are more than expected")},
    {"fewer", N_("there are fewer than expected")},
    {"canary_missing", N_("a canary is not in the audience")},
    {"canary_strange", N_("a canary of another list is in it")},
    {"again", N_("the same people had mail within a day")},
    {"others", N_("hardly anybody had the last one")},
    {"strangers", N_("an address outside your domains")},
    {"own_people", N_("an address at your own domains")},
    {"meant_unsaid", N_("the campaign does not say for whom it is")},
    {"color_unsaid", N_("the list does not say of whom it is")},
    {"color", N_("the list is of others")},
    {"from", N_("another sender than last time")},
    {"reply_to", N_("answers go elsewhere than last time")},
    {"class", N_("another kind of mail than last time")},
    {"host", N_("links lead to a new host")},
    {"relay", N_("a new way out")},
};

const struct check_chapter check_tripwires = {N_("Tripwires"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
