/* What the checks say that are about: the list, its addresses and their consent. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static void
say_basis(const struct check_result *result, struct buf *out)
{
	int64_t number = check_number(result, "without");
	struct buf text = BUF_INIT;

	format_count(&text, number);
	if (number)
		buf_printf(out,
		    P_("%s member has no legal basis.",
			"%s members have no legal basis.", number),
		    text.ptr);
	buf_done(&text);
}

/* Who will be withheld at launch, by the frequency cap. */
static void
say_frequent(const struct check_result *result, struct buf *out)
{
	int64_t number = check_number(result, "frequent");
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

static void
say_stops(const struct check_result *result, struct buf *out)
{
	int64_t number = check_number(result, "left_out");
	struct buf text = BUF_INIT;

	format_count(&text, number);
	buf_printf(out,
	    P_("%s member of the list is on the stop list and "
	       "gets nothing.",
		"%s members of the list are on the stop list and "
		"get nothing.",
		number),
	    text.ptr);
	buf_done(&text);
	say_frequent(result, out);
	buf_char(out, ' ');
	buf_text(out,
	    _("What was unsubscribed on your web page counts once it is on "
	      "the stop list; this version does not fetch it."));
}

static void
say_consent(const struct check_result *result, struct buf *out)
{
	int64_t number = check_number(result, "without");
	struct buf text = BUF_INIT;

	format_count(&text, number);
	if (number)
		buf_printf(out,
		    P_("%s member agreed, and it cannot be shown.",
			"%s members agreed, and it cannot be shown.", number),
		    text.ptr);
	buf_done(&text);
}

static void
say_doubtful(const struct check_result *result, struct buf *out)
{
	int64_t slips = check_number(result, "slips");
	int64_t roles = check_number(result, "roles");

	if (slips + roles)
		buf_printf(out,
		    _("%lld at domains that look misspelt, %lld of roles."),
		    (long long)slips, (long long)roles);
}

static void
say_cold(const struct check_result *result, struct buf *out)
{
	if (check_fact(result, "percent").len)
		buf_printf(out,
		    _("%lld%% had nothing accepted from us within a year; up "
		      "to 20%% is usual."),
		    (long long)check_number(result, "percent"));
}

/* Hundredths of a percent. */
static void
add_rate(int64_t rate, struct buf *out)
{
	buf_printf(out, "%lld.%01lld%%", (long long)(rate / 100),
	    (long long)(rate % 100 / 10));
}

static void
say_drift(const struct check_result *result, struct buf *out)
{
	struct buf before = BUF_INIT, now = BUF_INIT;

	if (check_number(result, "first")) {
		buf_text(out, _("Nothing was sent to this list before."));
		return;
	}
	add_rate(check_number(result, "empty_before"), &before);
	add_rate(check_number(result, "empty_now"), &now);
	buf_printf(out,
	    _("Against the last send: %+lld%% people, %lld at domains that "
	      "were not there; the column that moved most was empty for %s, "
	      "and is for %s."),
	    (long long)check_number(result, "change"),
	    (long long)check_number(result, "new_domain"), before.ptr, now.ptr);
	buf_done(&before);
	buf_done(&now);
}

static const struct check_words words[] = {
    {"LC-01", N_("everybody may be mailed (legal basis)"),
	N_("Some members of the list have no legal basis; they may be kept, "
	   "and are never mailed. Give them a basis in their records or by "
	   "importing them again with it, or send to a segment that leaves "
	   "them out."),
	say_basis},
    {"LC-02", N_("consent is on record: when, how and to what"),
	N_("Some members agreed beforehand, but when, how or to which words "
	   "is not written down. The law wants it kept. Setup, Wordings keeps "
	   "what they were shown and says it of a list; when and how come "
	   "with an import or into the record."),
	say_consent},
    {"LC-03", N_("nobody is on the stop list"),
	N_("Addresses came onto the stop list while the checks ran. Run "
	   "the checks again."),
	say_stops},
    {"LC-04", N_("every address can be mailed"),
	N_("An address is not valid. Correct or remove it in the list."), NULL},
    {"LC-05", N_("nobody is in it twice"),
	N_("The same address occurs twice. Report this: the store should "
	   "not allow it."),
	NULL},
    {"LC-05W", N_("no two addresses that differ by case only"),
	N_("Two addresses are the same but for capital letters; it is likely "
	   "one person, who gets the mail twice. Take one off the list, or "
	   "say why both are right."),
	NULL},
    {"LC-06", N_("the recipients' domains take mail"),
	N_("More than 2 in 100 addresses are at domains that take no mail or "
	   "do not answer: an old or wrong list. Look at the domains named "
	   "here, correct or remove them in the list, then run the checks "
	   "again."),
	NULL},
    {"LC-07", N_("no role addresses, no misspelt domains"),
	N_("Addresses of machines and offices, and domains that look like a "
	   "slip of a well-known one, bounce or annoy. Correct them in the "
	   "list, or say why they are right."),
	say_doubtful},
    {"LC-08", N_("most have had mail from us lately"),
	N_("Many had nothing from us within a year. Addresses are given to "
	   "other people by then, and carriers block who mails many that "
	   "are gone. Send to them in small parts first, or say why now."),
	say_cold},
    {"LC-09", N_("size and columns as at the last send"),
	N_("This audience is not like the last one of its list. Find out "
	   "what was imported since, then answer."),
	say_drift},
};

static const struct check_finding findings[] = {
    {"undated", N_("when somebody agreed is not known")},
    {"no_note", N_("how somebody agreed is not known")},
    {"no_wording", N_("what somebody agreed to is not known")},
    {"twins", N_("another one differs by case only")},
    {"slip", N_("the domain looks misspelt")},
    {"role", N_("nobody reads mail there")},
    {"no_history", N_("nothing was sent with this program yet")},
    {"cold", N_("too many had no mail lately")},
    {"grown", N_("there are many more people than last time")},
    {"shrunk", N_("there are many fewer people than last time")},
    {"new_domains", N_("many are at domains that were not there")},
    {"emptier", N_("a column is empty for more people than before")},
    {"fuller", N_("a column is filled for more people than before")},
};

const struct check_chapter check_recipients = {N_("Recipients"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
