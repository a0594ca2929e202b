/* What the checks say that are about: texts, values and files. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static void
say_fallbacks(const struct check_result *result, struct buf *out)
{
	int64_t number = check_number(result, "fallbacks");
	struct buf text = BUF_INIT;

	format_count(&text, number);
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

	format_size(&largest, check_number(result, "octets"));
	format_size(&limit, check_number(result, "limit"));
	buf_printf(out, _("The largest message has %s; the relay takes %s."),
	    largest.ptr, limit.ptr);
	buf_done(&largest);
	buf_done(&limit);
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
	    {"closed", N_("files for one recipient each that are no text: "
			  "nobody but you can look for another person's data "
			  "in them")},
	    {"bare", N_("messages with an image without a description")},
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int64_t number = check_number(result, row[i].fact);

		if (number > 0) {
			format_count(out, number);
			buf_printf(out, " %s\n", _(row[i].words));
		}
	}
	if (check_number(result, "large") > 0)
		buf_printf(out, "%s\n",
		    _("The files make a message larger "
		      "than 1 MB."));
	if (check_number(result, "ad") > 0)
		buf_printf(out, "%s\n",
		    _("An advertisement with files is "
		      "often taken for junk."));
}

/* Not how many values: of a small list that is the number typed blind. */
static void
say_personal(const struct check_result *result, struct buf *out)
{
	int64_t columns = check_number(result, "columns");

	buf_printf(out,
	    P_("Looked for: the addresses of all, and what stands in %lld "
	       "personal column.",
		"Looked for: the addresses of all, and what stands in %lld "
		"personal columns.",
		columns),
	    (long long)columns);
}

static const struct check_words words[] = {
    {"CM-01", N_("every merge field is filled"),
	N_("A merge mark is left over or has no value. Give it a "
	   "fallback, {{name|Customer}}, or fill the value in the list."),
	NULL},
    {"CM-02", N_("no greeting lacks its name"),
	N_("A greeting has an honorific without a name, or twice. Put the "
	   "whole phrase into the fallback."),
	say_fallbacks},
    {"CM-03", N_("nobody sees another person's data"),
	N_("A message shows an address or a number of somebody else on the "
	   "list. Look at the columns that are merged. What may stand in "
	   "every mail (your own telephone) is named in Setup, Policy."),
	say_personal},
    {"CM-04", N_("one message, one recipient, no Cc"),
	N_("A message would go to somebody else as well. Report this: "
	   "the writer should not allow it."),
	NULL},
    {"CM-05", N_("no draft words, subject not empty"),
	N_("Subject or text has a word of a draft or a placeholder. "
	   "Remove it, or choose the kind test."),
	NULL},
    {"CM-06", N_("the subject fits, its first words tell"),
	N_("Lists of mail show 60 columns of a subject, phones 30. Shorten it, "
	   "and put dates and prices in front; or say why it is meant to be "
	   "so."),
	NULL},
    {"CM-07", N_("no character that must not be in mail"),
	N_("A value or the text holds a control character, a character of "
	   "private use or one that could not be read. Correct it in the "
	   "list or the text."),
	NULL},
    {"CM-07W", N_("every reader sees every character"),
	N_("Some readers do not see this character as you do; write what is "
	   "offered instead. Where a copy cannot be in ISO-2022-JP it leaves "
	   "as UTF-8, unchanged. If that is meant to be so, say why: at "
	   "least 10 characters, kept with your name."),
	NULL},
    {"CM-08", N_("plain text and HTML say the same"),
	N_("A link is in one part only, or the plain part is nearly "
	   "empty. Write the text with at least a sentence."),
	NULL},
    {"CM-09", N_("no message is too large for the relay"),
	N_("The largest message exceeds what the relay takes, or what Setup "
	   "allows. Shorten the text or attach less."),
	say_largest},
    {"CM-09W", N_("no message is uncommonly large"),
	N_("Gmail cuts HTML off behind 100 KB, and a message of more than 1 MB "
	   "is often held up. Shorten it or attach less; or say why it must be "
	   "so."),
	NULL},
    {"CM-10", N_("everybody has their own files, and no others"),
	N_("A file is missing or is not this recipient's. Look at the "
	   "attachments (a on the campaign's page): add the file, or correct "
	   "the rule or the field. A script, form or frame: take it out of "
	   "the text or the design."),
	NULL},
    {"CM-10W", N_("the attached files are meant to be so"),
	N_("Look at the attachments, and give every image a description; or "
	   "say why it is right so: at least 10 characters, kept with your "
	   "name."),
	say_files},
    {"CM-11", N_("weekdays and dates agree"),
	N_("A weekday is not that of its date, or there is no such day. "
	   "Correct one of the two."),
	NULL},
    {"CM-11W", N_("no date has passed"),
	N_("A date lies before the day of sending. Correct it, or say why it "
	   "is meant to be so."),
	NULL},
};

static const struct check_finding findings[] = {
    {"foreign", N_("belongs to somebody else on the list")},
    {"foreign_file", N_("stands in a file and belongs to somebody else on "
			"the list")},
    {"too_many_values", N_("the list is too large to hold all of it")},
    {"mark", N_("not filled")},
    {"doubled", N_("honorific twice, or without a name")},
    {"no_name", N_("honorific without a name")},
    {"forbidden", N_("a character that must not be there")},
    {"charset", N_("not in ISO-2022-JP, so the copy leaves as UTF-8")},
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
    {"value", N_("a character in a name that nobody sees, or half-width kana")},
    {"subject_lines", N_("the subject has more than one line")},
    {"wide", N_("wider than 60 columns")},
    {"label", N_("a phone shows nothing but what is in brackets")},
    {"late", N_("a phone cuts this off")},
    {"plain_lacks_footer", N_("footer missing in the plain part")},
    {"html_lacks_footer", N_("footer missing in the HTML part")},
    {"large_html", N_("HTML larger than 100 KB")},
    {"large", N_("message larger than 1 MB")},
    {"active_script", N_("a script in the HTML part")},
    {"active_form", N_("a form in the HTML part")},
    {"active_object", N_("an embedded object in the HTML part")},
    {"active_frame", N_("a frame in the HTML part")},
    {"active_css", N_("a style sheet from elsewhere")},
    {"active_handler", N_("an attribute that is a script")},
    {"active_refresh", N_("a page that leads elsewhere by itself")},
    {"alt", N_("an image without a description")},
    {"no_day", N_("there is no such day")},
    {"past", N_("before the day of sending")},
    {"weekday_sun", N_("this day is a Sunday")},
    {"weekday_mon", N_("this day is a Monday")},
    {"weekday_tue", N_("this day is a Tuesday")},
    {"weekday_wed", N_("this day is a Wednesday")},
    {"weekday_thu", N_("this day is a Thursday")},
    {"weekday_fri", N_("this day is a Friday")},
    {"weekday_sat", N_("this day is a Saturday")},
};

const struct check_chapter check_content = {N_("Content"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
