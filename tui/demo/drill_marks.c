/* What was marked so far: to be changed and taken back, until the drill is
 * ended here. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/app.h"
#include "tui/demo/drill_screens.h"
#include "tui/drill.h"
#include "tui/text/drill_text.h"
#include "tui/text/i18n.h"
#include "tui/widgets/list.h"

struct marks_page {
	struct screen base;
	struct list_source source;
	struct list *list;
	const struct drill_marks *marks; /* borrowed */
};

static const struct list_column columns[] = {
    {N_("What is wrong"), 0, 40, 0, FIT_END},
    {N_("Where"), 19, 0, 0, FIT_END},
    {N_("Note"), 14, 0, 1, FIT_END},
};

static struct marks_page *
of_source(struct list_source *source)
{
	return (struct marks_page *)((char *)source -
				     offsetof(struct marks_page, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->marks->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	const struct drill_marks *marks = of_source(source)->marks;

	if (index < 0 || index >= count(source))
		return false;
	out->key = (int64_t)marks->mark[index].kind;
	out->cell[0] = span_of(drill_kind_text(marks->mark[index].kind));
	out->cell[1] = span_of(drill_where_text(marks->mark[index].where));
	out->cell[2] = span_of(marks->mark[index].note);
	return true;
}

static void
shown(struct screen *screen)
{
	list_refresh(((struct marks_page *)screen)->list);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Marks"));
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct marks_page *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Eight faults were planted; how many of these are "
			"right you see at the end."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct marks_page *)screen)->list, key);
}

static void
take_back(struct marks_page *self, enum drill_kind kind)
{
	struct app *app = self->base.app;

	drill_unmark(&drill_of(app_session(app))->marks, kind);
	app_sayf(app, SAY_OK, _("Taken back: %s."), drill_kind_text(kind));
	list_refresh(self->list);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct marks_page *self = (struct marks_page *)screen;
	int64_t index = list_cursor_index(self->list);

	if (action == ACT_DRILL_MARKS)
		return USED;
	if (action != ACT_MARK_CHANGE && action != ACT_MARK_REMOVE)
		return UNUSED;
	if (index < 0 || (size_t)index >= self->marks->count)
		return USED;
	if (action == ACT_MARK_CHANGE)
		drill_mark_open(screen->app, &self->marks->mark[index]);
	else
		take_back(self, self->marks->mark[index].kind);
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	const struct marks_page *self = (struct marks_page *)screen;

	if ((action == ACT_MARK_CHANGE || action == ACT_MARK_REMOVE) &&
	    self->marks->count == 0)
		return _("Nothing is marked yet.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_MARK_CHANGE, ACT_MARK_REMOVE,
	    ACT_DRILL_MARK, ACT_DRILL_END, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_marks(struct screen *screen)
{
	struct marks_page *self = (struct marks_page *)screen;

	list_free(&self->list);
	free(self);
}

static const struct screen_ops marks_ops = {
    .name = "drill-marks",
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .close = close_marks,
};

void
drill_marks_open(struct app *app)
{
	struct marks_page *self = mem_new(sizeof *self);

	self->base.ops = &marks_ops;
	self->marks = &drill_of(app_session(app))->marks;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("Nothing is marked yet. F8 marks a fault, from every page."));
	app_push(app, &self->base);
}
