/* The result of a drill: what became of each planted fault and which marks were
 * false alarms, as a table; below it what the fault on the line would have
 * meant, and where it shows.  All of it as text behind Enter. */
#include "tui/screens/drill_result.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/drill.h"
#include "tui/text/drill_text.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/list.h"
#include "tui/widgets/pager.h"

enum { HEAD_ROWS = 3, DETAIL_ROWS = 7 };

struct result_page {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct drill_result result;
	enum drill_result_how how;
};

static const struct list_column columns[] = {
    {N_("Outcome"), 13, 0, 0, FIT_END},
    {N_("Fault"), 0, 41, 0, FIT_END},
    {N_("Found by"), 10, 0, 1, FIT_END},
};

/* ---- The table: planted faults, then false alarms --------------------------------- */

static struct result_page *
of_source(struct list_source *source)
{
	return (struct result_page *)((char *)source -
				      offsetof(struct result_page, source));
}

static int64_t
count(struct list_source *source)
{
	return DRILL_PLANTED + (int64_t)of_source(source)->result.alarm.count;
}

static void
fault_row(const struct drill_result *result, int64_t i, struct list_row *out)
{
	const struct drill_fault *fault = drill_fault(result->fault[i].kind);
	enum drill_came came = result->fault[i].came;

	out->cell[0] = span_of(drill_came_text(came));
	out->cell_role[0] = came == DRILL_MISSED ? ROLE_ERR : ROLE_OK;
	out->cell[1] = span_of(drill_kind_text(result->fault[i].kind));
	out->cell[2] = fault->how == DRILL_MACHINE ? span_of(fault->check)
						   : span_of(_("looking"));
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	const struct drill_result *result = &of_source(source)->result;
	const struct drill_mark *mark;

	if (index < 0 || index >= count(source))
		return false;
	out->key = index;
	if (index < DRILL_PLANTED) {
		fault_row(result, index, out);
		return true;
	}
	mark = &result->alarm.mark[index - DRILL_PLANTED];
	out->cell[0] = span_of(_("false alarm"));
	out->cell_role[0] = ROLE_WARN;
	out->cell[1] = span_of(drill_kind_text(mark->kind));
	out->cell[2] = SPAN("");
	return true;
}

/* ---- Above and below it --------------------------------------------------------------- */

void
drill_score_text(struct buf *out, int found, int planted, int alarms)
{
	buf_printf(out, _("%d of %d found"), found, planted);
	if (alarms == 0)
		return;
	buf_text(out, "  ");
	buf_printf(
	    out, P_("%d false alarm", "%d false alarms", alarms), alarms);
}

static void
add_facts(const struct drill_result *result, struct buf *out)
{
	struct buf number = BUF_INIT;

	format_span(&number, result->seconds * 1000);
	buf_printf(out, _("took %s"), number.ptr);
	buf_text(out, "  ");
	if (result->sent > 0) {
		buf_clear(&number);
		format_count(&number, result->sent);
		buf_printf(out,
		    P_("it went to %s recipient", "it went to %s recipients",
			result->sent),
		    number.ptr);
	} else {
		buf_text(out, _("it was not sent"));
	}
	buf_done(&number);
}

static void
draw_head(const struct drill_result *result, struct area a)
{
	bool clean = result->found == DRILL_PLANTED && result->alarm.count == 0;
	struct buf text = BUF_INIT;
	int col;

	drill_score_text(
	    &text, result->found, DRILL_PLANTED, (int)result->alarm.count);
	col = draw_text(a, 0, 1, clean ? ROLE_OK : ROLE_WARN, buf_span(&text));
	buf_clear(&text);
	add_facts(result, &text);
	draw_text(a, 0, col + 2, ROLE_TEXT, buf_span(&text));
	draw_wrapped(a, 1, 1, ROLE_DIM, span_of(drill_end_text(result->end)));
	buf_done(&text);
}

static bool
is_planted(const struct drill_result *result, enum drill_kind kind)
{
	for (int i = 0; i < DRILL_PLANTED; i++) {
		if (result->fault[i].kind == kind)
			return true;
	}
	return false;
}

static int
draw_pair(struct area a, int row, const char *label, const char *value)
{
	draw_str(a, row, 1, ROLE_DIM, label);
	return draw_wrapped(a, row, 14, ROLE_TEXT, span_of(value));
}

static void
draw_alarm(const struct drill_result *result, const struct drill_mark *mark,
    struct area a)
{
	int row = draw_wrapped(a, 1, 1, ROLE_TEXT,
	    span_of(is_planted(result, mark->kind)
			? _("There was such a fault, but not there.")
			: _("This was right. A false alarm costs time, and "
			    "the next one is believed less.")));

	row = draw_pair(a, row, _("Marked at"), drill_where_text(mark->where));
	if (*mark->note)
		draw_pair(a, row, _("Note"), mark->note);
}

static void
draw_fault(enum drill_kind kind, struct area a)
{
	struct buf shows = BUF_INIT;
	int row;

	row =
	    draw_wrapped(a, 1, 1, ROLE_TEXT, span_of(drill_meaning_text(kind)));
	buf_printf(&shows, "%s ", _("It shows here:"));
	drill_shows_text(kind, &shows);
	draw_wrapped(a, row, 1, ROLE_INFO, buf_span(&shows));
	buf_done(&shows);
}

static void
draw_detail(struct result_page *self, struct area a)
{
	int64_t index = list_cursor_index(self->list);

	for (int col = 0; col < a.cols; col++)
		draw_str(a, 0, col, ROLE_RULE, "-");
	if (index >= DRILL_PLANTED)
		draw_alarm(&self->result,
		    &self->result.alarm.mark[index - DRILL_PLANTED], a);
	else if (index >= 0)
		draw_fault(self->result.fault[index].kind, a);
}

static void
draw(struct screen *screen, struct area body)
{
	struct result_page *self = (struct result_page *)screen;
	int rows = body.rows - HEAD_ROWS - DETAIL_ROWS;

	draw_head(&self->result, area_rows(body, 0, HEAD_ROWS));
	list_draw(self->list, area_rows(body, HEAD_ROWS, rows), FOCUS_ON);
	draw_detail(
	    self, area_rows(body, body.rows - DETAIL_ROWS, DETAIL_ROWS));
}

/* ---- As text -------------------------------------------------------------------------- */

struct text_page {
	struct screen base;
	struct pager *pager;
	const struct drill_result *result; /* of the screen below */
};

static void
text_shown(struct screen *screen)
{
	struct text_page *self = (struct text_page *)screen;
	struct buf text = BUF_INIT;

	drill_report_text(self->result, &text);
	pager_clear(self->pager);
	pager_add(self->pager, ROLE_TEXT, buf_span(&text));
	buf_done(&text);
}

static void
text_title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("As text"));
}

static void
text_draw(struct screen *screen, struct area body)
{
	pager_draw(((struct text_page *)screen)->pager, area_cols(body, 1, -2),
	    FOCUS_ON);
}

static enum used
text_key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct text_page *)screen)->pager, key);
}

static const enum action *
text_footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
text_close(struct screen *screen)
{
	struct text_page *self = (struct text_page *)screen;

	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops text_ops = {
    .name = "drill-text",
    .title = text_title,
    .draw = text_draw,
    .key = text_key,
    .footer = text_footer,
    .shown = text_shown,
    .close = text_close,
};

static void
open_text(struct result_page *result)
{
	struct text_page *self = mem_new(sizeof *self);

	self->base.ops = &text_ops;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	self->result = &result->result;
	app_push(result->base.app, &self->base);
}

/* ---- The screen ----------------------------------------------------------------------- */

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	(void)job;
	(void)data;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		app_say(screen->app, SAY_OK,
		    _("Kept as your training record; the log names it."));
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Result of the drill"));
}

static void
hint(struct screen *screen, struct buf *out)
{
	const struct result_page *self = (const struct result_page *)screen;

	buf_text(out, self->how == DRILL_RESULT_LAST
			  ? _("The drill is over; q ends it.")
			  : _("Below the table: what the fault would have "
			      "meant, and where it shows."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct result_page *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action != ACT_RESULT_TEXT)
		return UNUSED;
	open_text((struct result_page *)screen);
	return USED;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_RESULT_TEXT, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_result(struct screen *screen)
{
	struct result_page *self = (struct result_page *)screen;

	list_free(&self->list);
	free(self);
}

static const struct screen_ops result_ops = {
    .name = "drill-result",
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .footer = footer,
    .job_done = job_done,
    .close = close_result,
};

void
drill_result_open(struct app *app, const struct drill_result *result,
    enum drill_result_how how)
{
	struct result_page *self = mem_new(sizeof *self);
	struct err err = {.code = E_NONE};

	self->base.ops = &result_ops;
	self->result = *result;
	self->how = how;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	if (how == DRILL_RESULT_LAST) {
		app_replace(app, &self->base);
		return;
	}
	app_push(app, &self->base);
	if (how == DRILL_RESULT_KEPT &&
	    drill_keep(app, &self->base, result, &err) < 0)
		app_say_err(app, &err);
}
