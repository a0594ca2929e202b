/* The summary of a campaign: what would stop it is said here long before the
 * checklist says it. */
#include "tui/screens/campaign_summary.h"

#include "core/base/utf8.h"
#include "tui/text/errors.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"

enum { SUBJECT_GOOD_CELLS = 60, LABEL_COLS = 16 };

static void
add_fields(const struct template *template, struct summary *out)
{
	size_t count;
	const struct template_field *field = template_fields(template, &count);

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_text(&out->fields, ", ");
		buf_add(&out->fields, field[i].name);
		if (!field[i].has_fallback) {
			buf_text(&out->fields, " !");
			out->bare++;
		}
	}
}

void
summary_make(struct store *store, struct db *db,
    const struct campaign *campaign, struct summary *out)
{
	struct span body = buf_span(&campaign->body);
	struct template *template = NULL;
	struct buf urls = BUF_INIT;

	out->characters = utf8_count(body);
	part_urls(body, &urls);
	for (size_t i = 0; i < urls.len; i++)
		out->links += urls.ptr[i] == '\n';
	if (template_compile(store, db, campaign, &template, &out->fault) == 0)
		add_fields(template, out);
	template_free(&template);
	buf_done(&urls);
}

static int
draw_line(
    struct area a, int row, const char *label, enum role role, struct span text)
{
	int cells = LABEL_COLS + 2;

	draw_fit(a, row, 2, LABEL_COLS, ROLE_TEXT, FIT_END, span_of(label));
	return draw_wrapped(area_cols(a, cells, -3), row, 0, role, text);
}

static int
draw_subject(struct span subject, struct area a, int row)
{
	int cells = ui_width(subject);
	struct buf text = BUF_INIT;

	buf_printf(&text,
	    cells > SUBJECT_GOOD_CELLS
		? _("! %d cells wide; many readers show only %d")
		: _("%d cells wide, of %d that most readers show"),
	    cells, SUBJECT_GOOD_CELLS);
	row = draw_line(a, row, _("Subject"),
	    cells > SUBJECT_GOOD_CELLS ? ROLE_WARN : ROLE_DIM, buf_span(&text));
	buf_done(&text);
	return row;
}

/* Whether there is a message at all. */
static int
draw_message(const struct summary *summary, struct area a, int row)
{
	struct buf text = BUF_INIT;

	if (summary->fault.code == E_NONE)
		buf_text(&text, _("+ can be put together"));
	else
		err_text(&summary->fault, &text);
	row = draw_line(a, row, _("Message"),
	    summary->fault.code == E_NONE ? ROLE_OK : ROLE_WARN,
	    buf_span(&text));
	buf_done(&text);
	return row;
}

static void
draw_made(const struct summary *summary, struct area a, int row)
{
	struct buf text = BUF_INIT, links = BUF_INIT;

	buf_printf(&text,
	    P_("%zu character", "%zu characters", summary->characters),
	    summary->characters);
	buf_printf(&links, P_(", %zu link", ", %zu links", summary->links),
	    summary->links);
	buf_add(&text, buf_span(&links));
	row = draw_line(a, row, _("Text"), ROLE_TEXT, buf_span(&text));
	if (summary->fields.len > 0)
		row = draw_line(a, row, _("Merge fields"), ROLE_MERGE,
		    buf_span(&summary->fields));
	if (summary->bare > 0)
		draw_line(a, row, "", ROLE_WARN,
		    span_of(_("! these have no default: nobody whose value is "
			      "empty can be mailed")));
	buf_done(&text);
	buf_done(&links);
}

void
summary_draw(
    const struct summary *summary, struct span subject, struct area a, int row)
{
	/* what needs a hand first: a small screen may have no room for all */
	if (summary->theme_changed)
		row = draw_line(a, row, _("Mail theme"), ROLE_WARN,
		    span_of(_("! its file has changed; u takes it as it is "
			      "now")));
	if (summary->kept_ms)
		row = draw_line(a, row, _("Unsaved text"), ROLE_WARN,
		    span_of(_("! is kept; e asks whether to restore it")));
	row = draw_message(summary, a, row);
	row = draw_subject(subject, a, row);
	draw_made(summary, a, row);
}
