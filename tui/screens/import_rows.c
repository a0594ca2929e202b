/* The rows of an import that were left out for one kind of reason: line, why,
 * and the row; the chosen one in full below. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/list.h"

enum { DETAIL_ROWS = 6, REASON_ROWS = 2 };

struct rows {
	struct screen base;
	enum import_kind kind;
	struct list_source source;
	struct list *list;
	struct import_reject *reject; /* owned */
	size_t count;
	struct buf cell[2];
};

static const struct list_column columns[] = {
    {N_("Line"), 8, 0, 0, FIT_RIGHT},
    {N_("Why it was left out"), 0, 30, 0, FIT_END},
    {N_("The row as read"), 28, 0, 1, FIT_END},
};

static struct rows *
of_source(struct list_source *source)
{
	return (struct rows *)((char *)source - offsetof(struct rows, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

/* A row that names somebody who was erased has no text. */
static struct span
raw_of(const struct import_reject *reject)
{
	return span_of(reject->raw[0] ? reject->raw : _("(not kept)"));
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct rows *self = of_source(source);
	const struct import_reject *reject = &self->reject[index];

	for (size_t i = 0; i < 2; i++)
		buf_clear(&self->cell[i]);
	format_count(&self->cell[0], reject->line);
	err_text(&reject->why, &self->cell[1]);
	out->key = index;
	out->cell[0] = buf_span(&self->cell[0]);
	out->cell[1] = buf_span(&self->cell[1]);
	out->cell[2] = raw_of(reject);
	out->cell_role[1] = ROLE_WARN;
	return true;
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	enum import_kind kind = ((struct rows *)screen)->kind;

	buf_text(out, kind < KINDS ? import_kind_name(kind) : _("Left out"));
}

static void
draw_chosen(const struct rows *self, struct area a)
{
	int64_t index = list_cursor_index(self->list);
	struct buf why = BUF_INIT;

	if (index < 0)
		return;
	err_text(&self->reject[index].why, &why);
	draw_wrapped(
	    area_rows(a, 0, REASON_ROWS), 0, 0, ROLE_WARN, buf_span(&why));
	draw_wrapped(area_rows(a, REASON_ROWS, -1), 0, 0, ROLE_TEXT,
	    raw_of(&self->reject[index]));
	buf_done(&why);
}

static void
draw(struct screen *screen, struct area body)
{
	struct rows *self = (struct rows *)screen;

	list_draw(self->list, area_rows(body, 0, body.rows - DETAIL_ROWS - 1),
	    FOCUS_ON);
	draw_chosen(self,
	    area_cols(area_rows(body, body.rows - DETAIL_ROWS, -1), 3, -3));
}

static void
hint(struct screen *screen, struct buf *out)
{
	list_position(((struct rows *)screen)->list, out);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct rows *)screen)->list, key);
}

static void
close_rows(struct screen *screen)
{
	struct rows *self = (struct rows *)screen;

	list_free(&self->list);
	free(self->reject);
	for (size_t i = 0; i < 2; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops rows_ops = {
    .name = "import-rows",
    .section = 2,
    .title = title,
    .tabs = wizard_page_tabs,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = wizard_page_act,
    .close = close_rows,
};

void
import_rows_open(struct app *app, enum import_kind kind,
    struct import_reject **taken, size_t count_of)
{
	struct rows *self = mem_new(sizeof *self);

	self->base.ops = &rows_ops;
	self->kind = kind;
	self->reject = *taken;
	self->count = count_of;
	*taken = NULL;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("Of these rows none was kept: only the first 10,000 are."));
	app_push(app, &self->base);
}
