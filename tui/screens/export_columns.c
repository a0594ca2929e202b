/* The columns of an export, ticked one by one.  Address and status are in every
 * file: without them nobody could tell who must not be mailed. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/export.h"
#include "tui/text/i18n.h"
#include "tui/widgets/list.h"

enum { ADDRESS, STATUS, NAME, TAGS, EVIDENCE, FIXED };

struct columns {
	struct screen base;
	struct screen *owner;       /* below us */
	struct export_order *order; /* the owner's */
	void (*chosen)(struct screen *owner);
	struct list_source source;
	struct list *list;
	char **field; /* owned */
	size_t fields;
	bool *ticked; /* owned; of FIXED and fields */
	bool is_read, changed;
};

static const struct list_column shape[] = {
    {"", 3, 0, 0, FIT_END},
    {N_("Column"), 30, 0, 0, FIT_END},
    {"", 0, 20, 0, FIT_END},
};

static struct columns *
of_source(struct list_source *source)
{
	return (struct columns *)((char *)source -
				  offsetof(struct columns, source));
}

static int64_t
count(struct list_source *source)
{
	struct columns *self = of_source(source);

	return self->is_read ? (int64_t)(FIXED + self->fields) : 0;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	static const char *const words[FIXED][2] = {
	    [ADDRESS] = {N_("Address"), N_("always")},
	    [STATUS] = {N_("Status"), N_("always: who must not be mailed")},
	    [NAME] = {N_("Name"), ""},
	    [TAGS] = {N_("Tags"), ""},
	    [EVIDENCE] = {N_("Consent"),
		N_("basis, times, how, wording, IP, paper")},
	};
	struct columns *self = of_source(source);

	out->key = index;
	out->cell[0] = self->ticked[index] ? SPAN("[x]") : SPAN("[ ]");
	out->cell_role[0] = ROLE_OK;
	if (index >= FIXED) {
		out->cell[1] = span_of(self->field[index - FIXED]);
		out->cell[2] = span_of(_("field"));
	} else {
		out->cell[1] = span_of(_(words[index][0]));
		out->cell[2] =
		    span_of(*words[index][1] ? _(words[index][1]) : "");
	}
	out->cell_role[2] = ROLE_DIM;
	return true;
}

/* ---- From and to the order ---------------------------------------------------- */

static bool
is_named(const struct export_order *order, const char *field)
{
	struct span rest = buf_span(&order->fields);

	while (rest.len) {
		if (span_equal(span_cut(&rest, '\n'), span_of(field)))
			return true;
	}
	return false;
}

static void
take_order(struct columns *self)
{
	const struct export_order *order = self->order;
	bool all = order->parts & EXPORT_FIELDS && !order->fields.len;

	self->ticked = mem_array(FIXED + self->fields, sizeof *self->ticked);
	self->ticked[ADDRESS] = self->ticked[STATUS] = true;
	self->ticked[NAME] = order->parts & EXPORT_NAME;
	self->ticked[TAGS] = order->parts & EXPORT_TAGS;
	self->ticked[EVIDENCE] = order->parts & EXPORT_EVIDENCE;
	for (size_t i = 0; i < self->fields; i++)
		self->ticked[FIXED + i] =
		    all || (order->parts & EXPORT_FIELDS &&
			       is_named(order, self->field[i]));
}

static void
give_order(struct columns *self)
{
	struct export_order *order = self->order;
	size_t some = 0;

	order->parts = (self->ticked[NAME] ? EXPORT_NAME : 0u) |
		       (self->ticked[TAGS] ? EXPORT_TAGS : 0u) |
		       (self->ticked[EVIDENCE] ? EXPORT_EVIDENCE : 0u);
	buf_clear(&order->fields);
	for (size_t i = 0; i < self->fields; i++) {
		if (!self->ticked[FIXED + i])
			continue;
		if (some++)
			buf_char(&order->fields, '\n');
		buf_text(&order->fields, self->field[i]);
	}
	if (some || !self->fields)
		order->parts |= EXPORT_FIELDS;
	if (some == self->fields)
		buf_clear(&order->fields);
}

/* ---- The screen ------------------------------------------------------------- */

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct columns *self = (struct columns *)screen;
	struct export_work *work = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		app_pop(screen->app, screen);
		return;
	}
	self->field = work->field;
	self->fields = work->fields;
	work->field = NULL;
	work->fields = 0;
	take_order(self);
	self->is_read = true;
	list_refresh(self->list);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Columns"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct columns *self = (struct columns *)screen;

	if (self->is_read)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Take no more than the reason needs."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct columns *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct columns *self = (struct columns *)screen;
	int64_t index = list_cursor_index(self->list);

	if (action == ACT_EXPORT_TICK) {
		self->ticked[index] = !self->ticked[index];
		self->changed = true;
		list_refresh(self->list);
		return USED;
	}
	if (action != ACT_BACK || !self->changed)
		return UNUSED;
	give_order(self);
	self->chosen(self->owner);
	return UNUSED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct columns *self = (struct columns *)screen;
	int64_t index = list_cursor_index(self->list);

	if (action != ACT_EXPORT_TICK)
		return NULL;
	if (!self->is_read || index < 0)
		return _("One moment, please.");
	if (index == ADDRESS || index == STATUS)
		return _("Address and status are in every file.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_EXPORT_TICK, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_columns(struct screen *screen)
{
	struct columns *self = (struct columns *)screen;

	list_free(&self->list);
	for (size_t i = 0; i < self->fields; i++)
		free(self->field[i]);
	free(self->field);
	free(self->ticked);
	free(self);
}

static const struct screen_ops columns_ops = {
    .name = "export-columns",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .job_done = job_done,
    .close = close_columns,
};

void
export_columns_open(struct screen *owner, struct export_order *order,
    void (*chosen)(struct screen *owner))
{
	struct columns *self = mem_new(sizeof *self);
	struct export_plan plan = EXPORT_PLAN_INIT;
	struct err err = {.code = E_NONE};

	self->base.ops = &columns_ops;
	self->owner = owner;
	self->order = order;
	self->chosen = chosen;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, shape, sizeof shape / sizeof *shape);
	app_push(owner->app, &self->base);
	export_order_copy(&plan.order, order);
	if (export_work_start(&self->base,
		export_work_new(owner->app, EXPORT_JOB_COLUMNS, &plan), NULL,
		&err) < 0)
		app_say_err(owner->app, &err);
	export_plan_done(&plan);
}
