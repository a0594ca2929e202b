/* The table of checks as Markdown, made of what the checklist itself is made
 * of. */
#include "tui/verbs_checks.h"

#include "core/review/review.h"
#include "tui/text/check_words.h"
#include "tui/text/i18n.h"

static const char *
severity(const struct check *check)
{
	static const char *const words[] = {
	    [CHECK_BLOCK] = N_("blocks"),
	    [CHECK_OVERRIDE] = N_("blocks, unless overridden"),
	    [CHECK_WARN] = N_("warns"),
	    [CHECK_INFO] = N_("tells"),
	};

	return _(words[check->severity]);
}

/* How long a result is good for. */
static void
add_life(const struct check *check, struct buf *out)
{
	if (check->life_s == LIFE_CONTENT)
		buf_text(out, _("as the content"));
	else if (check->life_s == LIFE_LAUNCH)
		buf_text(out, _("again at launch"));
	else
		buf_printf(out, _("%d minutes"), check->life_s / 60);
}

/* A bar would end the cell. */
static void
add_cell(const char *text, struct buf *out)
{
	buf_text(out, " | ");
	for (; *text; text++) {
		if (*text == '|')
			buf_char(out, '\\');
		buf_char(out, *text == '\n' ? ' ' : *text);
	}
}

static void
add_check(const struct check *check, struct buf *out)
{
	const struct check_words *words = check_words_of(check->id, NULL);
	struct buf life = BUF_INIT;

	add_life(check, &life);
	buf_printf(out, "| %s", check->id);
	add_cell(severity(check), out);
	add_cell(_(words->title), out);
	add_cell(check_is_built(check) ? life.ptr : _("not evaluated"), out);
	add_cell(words->repair ? _(words->repair) : "", out);
	buf_text(out, " |\n");
	buf_done(&life);
}

static void
add_heading(const char *heading, struct buf *out)
{
	buf_printf(out, "\n## %s\n\n", _(heading));
	buf_printf(out, "| %s | %s | %s | %s | %s |\n|---|---|---|---|---|\n",
	    _("Check"), _("Severity"), _("What it asserts"),
	    _("Its result is good for"), _("When it fails, or is not known"));
}

int
verb_checks(struct options *options, struct buf *out)
{
	const struct check_chapter *now, *last = NULL;
	const struct check *all;
	size_t count;

	(void)options;
	all = check_all(&count);
	buf_printf(out, "# %s\n\n%s\n", _("The checklist"),
	    _("Made by \"sekisho checks\" out of the program. What nobody can "
	      "evaluate is never green: somebody says in a sentence what they "
	      "know. A line that blocks unless overridden takes a reason, and "
	      "then only a second person's approval lets the campaign go."));
	for (size_t i = 0; i < count; i++) {
		check_words_of(all[i].id, &now);
		if (now != last)
			add_heading(now->heading, out);
		last = now;
		add_check(&all[i], out);
	}
	return 0;
}
