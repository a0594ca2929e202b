/* What screens that are one list of records have in common. */
#include "tui/screens/listing.h"

#include <stdlib.h>

#include "tui/text/i18n.h"

static struct listing *
of_source(struct list_source *source)
{
	return (struct listing *)((char *)source -
				  offsetof(struct listing, source));
}

static const void *
record_at(const struct listing *self, int64_t index)
{
	return (const char *)self->record + (size_t)index * self->kind->size;
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct listing *self = of_source(source);

	for (size_t i = 0; i < LIST_COLUMNS_MAX; i++)
		buf_clear(&self->cell[i]);
	out->key = index;
	self->kind->row(self, record_at(self, index), out);
	return true;
}

void
listing_init(struct listing *self, const struct screen_ops *ops,
    const struct listing_kind *kind)
{
	self->base.ops = ops;
	self->kind = kind;
	self->source.count = count;
	self->source.row = row;
	self->list = list_new(&self->source, kind->columns, kind->column_count);
	list_set_empty(self->list, kind->empty);
}

static void
free_records(const struct listing_kind *kind, void *record, size_t count)
{
	if (kind->free)
		kind->free(record, count);
	else
		free(record);
}

void
listing_done(struct listing *self)
{
	list_free(&self->list);
	free_records(self->kind, self->record, self->count);
	for (size_t i = 0; i < LIST_COLUMNS_MAX; i++)
		buf_done(&self->cell[i]);
}

const void *
listing_selected(const struct listing *self)
{
	int64_t index = list_cursor_index(self->list);

	return index >= 0 && (size_t)index < self->count
		   ? record_at(self, index)
		   : NULL;
}

/* ---- Hooks ---------------------------------------------------------------- */

void
listing_draw(struct screen *screen, struct area body)
{
	struct listing *self = (struct listing *)screen;

	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _(self->kind->reading));
}

enum used
listing_key(struct screen *screen, const struct key *key)
{
	return list_key(((struct listing *)screen)->list, key);
}

const enum action *
listing_footer(struct screen *screen)
{
	const struct listing *self = (const struct listing *)screen;

	return self->count || !self->kind->none ? self->kind->some
						: self->kind->none;
}

/* ---- Tasks ---------------------------------------------------------------- */

void
listing_start(struct listing *self, const struct job_ops *ops, void *data)
{
	struct listing_task *task = data;
	struct app *app = self->base.app;
	struct err err = {.code = E_NONE};

	task->store = app_store(app);
	task->number = ++self->asked;
	if (app_job(app, &self->base, ops, task, NULL, &err) < 0)
		app_say_err(app, &err);
}

void
listing_take(struct listing *self, struct listing_task *task)
{
	if (task->number < self->answered)
		return;
	self->answered = task->number;
	free_records(self->kind, self->record, self->count);
	self->record = task->record;
	self->count = task->count;
	task->record = NULL;
	task->count = 0;
	self->loaded = true;
	list_refresh(self->list);
}

void
listing_task_done(struct listing_task *task, const struct listing_kind *kind)
{
	free_records(kind, task->record, task->count);
}
