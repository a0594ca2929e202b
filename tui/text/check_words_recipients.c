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
}

static const struct check_words words[] = {
    {"LC-01", N_("everybody may be mailed (legal basis)"),
	N_("Some members of the list have no legal basis, and this is an "
	   "advertisement. Import them again with the basis, take them "
	   "off the list, or change the class if it is none."),
	say_basis},
    {"LC-02", N_("consent is on record, with its wording"), NULL,
	NULL},
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
    {"LC-05W", N_("no two addresses that differ by case only"), NULL, NULL},
    {"LC-06", N_("the recipients' domains take mail"), NULL, NULL},
    {"LC-07", N_("no role addresses, no misspelt domains"), NULL, NULL},
    {"LC-08", N_("most have had mail from us lately"), NULL, NULL},
    {"LC-09", N_("size and columns as at the last send"), NULL, NULL},
};

const struct check_chapter check_recipients = {
    N_("Recipients"), words, sizeof words / sizeof *words, NULL, 0};
