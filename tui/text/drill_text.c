/* The words of a drill.  A kind of fault is named as a person would who has just
 * found it; what it would have meant is what the report about it would say. */
#include "tui/text/drill_text.h"

#include "tui/text/check_words.h"
#include "tui/text/i18n.h"

struct drill_words {
	const char *kind, *meaning;
};

/* clang-format off */
static const struct drill_words words[DRILL_KINDS] = {
    [DRILL_LIST_COLOR] = {N_("The list is of other people than meant"),
	N_("Mail for customers would have gone to the people of a list that "
	   "is marked for somebody else.")},
    [DRILL_ADDRESS_SLIP] = {N_("Addresses with a slip in the domain"),
	N_("Mail with a customer's name would have gone to a domain that "
	   "somebody else owns.")},
    [DRILL_BASIS] = {N_("Some people never agreed to get it"),
	N_("An advertisement without a basis is against the law, and people "
	   "who never asked complain.")},
    [DRILL_CANARY] = {N_("A canary address is not in the list"),
	N_("The list is not the whole one, or another one: some people would "
	   "have got nothing.")},
    [DRILL_EXPECTED] = {N_("The expected number is wrong"),
	N_("Nobody would have seen that the list holds another number of "
	   "people than was meant.")},
    [DRILL_RETURN_PATH] = {N_("The return path is a stranger's domain"),
	N_("Refusals would have gone to a stranger, and receivers would have "
	   "taken the mail for forged.")},
    [DRILL_UNSUBSCRIBE] = {N_("There is no way to unsubscribe"),
	N_("An advertisement without a way out is against the law.")},
    [DRILL_MARK] = {N_("A mark was not filled in"),
	N_("Everybody would have read a mark in brackets where a name should "
	   "be.")},
    [DRILL_DRAFT] = {N_("It still says that it is a draft"),
	N_("Everybody would have read that the mail was not finished.")},
    [DRILL_EMPTY_NAME] = {N_("Some recipients have no name in it"),
	N_("Those without a name would have been greeted by an honorific "
	   "alone.")},
    [DRILL_WEEKDAY] = {N_("The weekday does not fit the date"),
	N_("Nobody would have known which of the two days is meant.")},
    [DRILL_NO_DAY] = {N_("A date that no calendar has"),
	N_("Nobody would have known until when.")},
    [DRILL_LINK_HOST] = {N_("A link leads elsewhere than it says"),
	N_("Everybody who follows it would have come to a stranger's page "
	   "that looks like yours.")},
    [DRILL_LINK_HTTP] = {N_("A link is not encrypted"),
	N_("What people do behind it could have been read and changed on the "
	   "way.")},
    [DRILL_LINK_STAGING] = {N_("A link leads to a test server"),
	N_("Customers would have come to an unfinished page, or to none.")},
    [DRILL_FILE_KIND] = {N_("The file is of a kind that is filtered"),
	N_("Many receivers would have refused the mail, and its file looks "
	   "like an attack.")},
    [DRILL_LAST_YEAR] = {N_("The date is last year's"),
	N_("The invitation would have been for a day that is over.")},
    [DRILL_HALF_OF_DAY] = {N_("Morning and afternoon are mixed up"),
	N_("The invitation would have been for the middle of the night.")},
    [DRILL_PERIOD] = {N_("A period ends before it begins"),
	N_("Nobody could have booked, and the telephone would not have "
	   "stood still.")},
    [DRILL_SEASON] = {N_("The season is another one"),
	N_("The heading would have shown that an old mail was copied.")},
    [DRILL_COMPANY] = {N_("Another company's name is in it"),
	N_("Your customers would have learned whose text it was, or with "
	   "whom you deal.")},
    [DRILL_CUSTOMER] = {N_("One customer's name is in all mails"),
	N_("A customer's name would have become known to all others: a leak "
	   "that must be reported.")},
    [DRILL_HONORIFIC] = {N_("The honorific is wrong"),
	N_("Customers would have been addressed in a way that offends.")},
    [DRILL_PRICE] = {N_("Prices contradict each other"),
	N_("You might have had to sell at the lower price.")},
    [DRILL_DISCOUNT] = {N_("The discount does not add up"),
	N_("You might have had to give the larger discount.")},
    [DRILL_PHONE] = {N_("A telephone number lacks a digit"),
	N_("Nobody could have reached you, or a stranger would have been "
	   "called.")},
    [DRILL_LINK_YEAR] = {N_("A link leads to last year's page"),
	N_("Customers would have ordered what is no longer there, at old "
	   "prices.")},
    [DRILL_FILE_NAME] = {N_("The text names another file"),
	N_("Customers would have looked for a file that is not there, and "
	   "asked which one is meant.")},
    [DRILL_PREHEADER] = {N_("The preheader is of another mail"),
	N_("In every list of mail the first words would have been about "
	   "something else.")},
    [DRILL_REPLY_TO] = {N_("Replies go to another department"),
	N_("Customers' questions would have been read by people whom they "
	   "are none of the business of.")},
    [DRILL_FROM_NAME] = {N_("The sender has another name"),
	N_("Customers would have taken the mail for another department's, "
	   "and perhaps for spam.")},
};

static const char *const wheres[DRILL_WHERES] = {
    [DRILL_AT_SUBJECT] = N_("Subject, preheader"),
    [DRILL_AT_SENDER] = N_("Sender, reply-to"),
    [DRILL_AT_RECIPIENTS] = N_("Recipients"),
    [DRILL_AT_TEXT] = N_("Text"),
    [DRILL_AT_LINK] = N_("Link"),
    [DRILL_AT_ATTACHMENT] = N_("Attachment"),
    [DRILL_AT_FOOTER] = N_("Footer"),
    [DRILL_AT_NUMBER] = N_("Number, date, time"),
};

static const char *const cames[DRILL_CAMES] = {
    [DRILL_MISSED] = N_("missed"),
    [DRILL_MARKED] = N_("marked"),
    [DRILL_REPAIRED] = N_("repaired"),
};

static const char *const ends[DRILL_ENDS] = {
    [DRILL_STOPPED] = N_("You ended the drill; nothing was sent."),
    [DRILL_SENT] = N_("The practice relay got the campaign."),
    [DRILL_LEFT] = N_("You left before the drill was over."),
};

static const char *const looks[DRILL_LOOKS] = {
    [DRILL_SEE_LIST] = N_("The list and its members"),
    [DRILL_SEE_CAMPAIGN] = N_("The page of the campaign"),
    [DRILL_SEE_HEADER] = N_("The head of the mail in the preview"),
    [DRILL_SEE_TEXT] = N_("The text, read from top to end"),
    [DRILL_SEE_SAMPLES] = N_("The mails of several recipients in the preview"),
    [DRILL_SEE_LINKS] = N_("The targets of the links in the preview"),
    [DRILL_SEE_FILES] = N_("The files, and what the text says of them"),
    [DRILL_SEE_FOOTER] = N_("The end of the mail in the preview"),
};
/* clang-format on */

const char *
drill_kind_text(enum drill_kind kind)
{
	return _(words[kind].kind);
}

const char *
drill_meaning_text(enum drill_kind kind)
{
	return _(words[kind].meaning);
}

const char *
drill_where_text(enum drill_where where)
{
	return _(wheres[where]);
}

const char *
drill_came_text(enum drill_came came)
{
	return _(cames[came]);
}

const char *
drill_end_text(enum drill_end end)
{
	return _(ends[end]);
}

void
drill_shows_text(enum drill_kind kind, struct buf *out)
{
	const struct drill_fault *fault = drill_fault(kind);
	const struct check_words *line;

	if (fault->how == DRILL_LOOK) {
		buf_text(out, _(looks[fault->look]));
		return;
	}
	line = check_words_of(fault->check, NULL);
	buf_printf(out, "%s %s", fault->check, line ? _(line->title) : "");
}

/* ---- All of it -------------------------------------------------------------------- */

static void
add_missed(enum drill_kind kind, struct buf *out)
{
	buf_printf(out, "      %s\n      ", drill_meaning_text(kind));
	buf_printf(out, "%s ", _("It shows here:"));
	drill_shows_text(kind, out);
	buf_char(out, '\n');
}

static void
add_faults(const struct drill_result *result, struct buf *out)
{
	for (int i = 0; i < DRILL_PLANTED; i++) {
		enum drill_kind kind = result->fault[i].kind;
		bool missed = result->fault[i].came == DRILL_MISSED;

		buf_printf(out, "  %c %s (%s)\n", missed ? '!' : '+',
		    drill_kind_text(kind),
		    drill_came_text(result->fault[i].came));
		if (missed)
			add_missed(kind, out);
	}
}

static void
add_alarms(const struct drill_result *result, struct buf *out)
{
	if (!result->alarm.count)
		return;
	buf_printf(out, "\n%s\n", _("False alarms:"));
	for (size_t i = 0; i < result->alarm.count; i++) {
		const struct drill_mark *mark = &result->alarm.mark[i];

		buf_printf(out, "  x %s (%s)%s%s\n",
		    drill_kind_text(mark->kind), drill_where_text(mark->where),
		    *mark->note ? " " : "", mark->note);
	}
}

void
drill_report_text(const struct drill_result *result, struct buf *out)
{
	buf_text(out, drill_end_text(result->end));
	if (result->sent > 0) {
		buf_char(out, ' ');
		buf_printf(out,
		    P_("It would have gone to %lld person.",
			"It would have gone to %lld people.", result->sent),
		    (long long)result->sent);
	}
	buf_char(out, '\n');
	buf_printf(out,
	    _("Found %d of %d faults in %lld min %lld s; false alarms: %zu."),
	    result->found, DRILL_PLANTED, (long long)result->seconds / 60,
	    (long long)result->seconds % 60, result->alarm.count);
	buf_text(out, "\n\n");
	add_faults(result, out);
	add_alarms(result, out);
}
