/* Two contacts side by side: what is to stay is chosen line by line. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct merging {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct contact_id stays, goes;
	struct merge merge;
	bool loaded;
};

static const struct list_column columns[] = {
    {N_("Field"), 14, 0, 0, FIT_END},
    {N_("Who stays"), 0, 20, 0, FIT_END},
    {"", 1, 0, 0, FIT_END},
    {N_("Who goes"), 0, 20, 0, FIT_END},
};

static struct merging *
of_source(struct list_source *source)
{
	return (struct merging *)((char *)source -
				  offsetof(struct merging, source));
}

/* The address is the first line; it cannot be chosen. */
static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->merge.count + 1;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct merging *self = of_source(source);
	const struct merge_value *value;

	out->key = index;
	if (index == 0) {
		out->cell[0] = span_of(_("Address"));
		out->cell[1] = self->merge.address[MERGE_STAYS];
		out->cell[2] = SPAN("<");
		out->cell[3] = self->merge.address[MERGE_GOES];
		out->cell_role[1] = ROLE_OK;
		out->cell_role[3] = ROLE_DIM;
		return true;
	}
	value = &self->merge.value[index - 1];
	out->cell[0] = value->field.len ? value->field : span_of(_("Name"));
	out->cell[2] = value->chosen == MERGE_STAYS ? SPAN("<") : SPAN(">");
	for (int side = 0; side < 2; side++) {
		int cell = side == MERGE_STAYS ? 1 : 3;

		out->cell[cell] =
		    value->value[side].len ? value->value[side] : SPAN("-");
		out->cell_role[cell] =
		    (int)value->chosen == side ? ROLE_OK : ROLE_DIM;
	}
	return true;
}

/* ---- Jobs ------------------------------------------------------------------- */

struct task {
	struct store *store;
	struct merge merge;
	struct contact_id stays, goes;
	enum { READ, MERGE } kind;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (task->kind == MERGE)
		return merge_commit(task->store, &task->merge, NULL, err);
	if (store_view_open(task->store, &db, err) == 0)
		rc = merge_open(db, task->stays, task->goes, &task->merge, err);
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	merge_done(&((struct task *)data)->merge);
	free(data);
}

static void
start(struct merging *self, int kind)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->kind = kind;
	task->store = app_store(self->base.app);
	task->stays = self->stays;
	task->goes = self->goes;
	if (kind == MERGE) {
		task->merge = self->merge;
		self->merge = (struct merge){.arena = NULL};
		self->loaded = false;
	}
	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct merging *self = (struct merging *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		app_pop(screen->app, screen);
		return;
	}
	if (task->kind == MERGE) {
		app_say(screen->app, SAY_OK,
		    _("One contact now; the trash brings the other one back."));
		app_pop(screen->app, screen);
		return;
	}
	merge_done(&self->merge);
	self->merge = task->merge;
	task->merge = (struct merge){.arena = NULL};
	self->loaded = true;
	list_refresh(self->list);
}

/* ---- The screen ------------------------------------------------------------- */

static void
confirmed(struct screen *owner, int answer, struct span text)
{
	struct merging *self = (struct merging *)owner;

	(void)text;
	if (answer && self->loaded)
		start(self, MERGE);
}

static void
ask(struct merging *self)
{
	dialog_confirm(&self->base,
	    &(struct dialog){.title = _("Merge the contacts"),
		.text = _("One contact is left, with the lists and tags of "
			  "both. When either is on the stop list, it stays "
			  "stopped. The trash can undo this."),
		.done = confirmed},
	    _("Merge"));
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Merge"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct merging *self = (struct merging *)screen;

	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("< and > point to the value that stays."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_MERGE_SIDE, ACT_MERGE_TURN, ACT_MERGE_DO, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	if (key->code == K_LEFT || key->code == K_RIGHT)
		return UNUSED;
	return list_key(((struct merging *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct merging *self = (struct merging *)screen;

	if ((action == ACT_MERGE_SIDE || action == ACT_MERGE_DO ||
		action == ACT_MERGE_TURN) &&
	    !self->loaded)
		return _("The contacts are being read.");
	if (action == ACT_MERGE_SIDE && list_cursor_index(self->list) < 1)
		return _("The one who stays keeps its address; t lets the "
			 "other one stay.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct merging *self = (struct merging *)screen;
	struct contact_id stays = self->stays;

	if (action == ACT_MERGE_SIDE) {
		struct merge_value *value =
		    &self->merge.value[list_cursor_index(self->list) - 1];

		value->chosen =
		    value->chosen == MERGE_STAYS ? MERGE_GOES : MERGE_STAYS;
	} else if (action == ACT_MERGE_TURN) {
		self->stays = self->goes;
		self->goes = stays;
		start(self, READ);
	} else if (action == ACT_MERGE_DO) {
		ask(self);
	} else {
		return UNUSED;
	}
	return USED;
}

static void
shown(struct screen *screen)
{
	struct merging *self = (struct merging *)screen;

	if (!self->loaded && !app_has_job(screen->app, screen))
		start(self, READ);
}

static void
close_merge(struct screen *screen)
{
	struct merging *self = (struct merging *)screen;

	list_free(&self->list);
	merge_done(&self->merge);
	free(self);
}

static const struct screen_ops merge_ops = {
    .name = "merge",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_merge,
};

void
merge_screen_open(
    struct app *app, struct contact_id stays, struct contact_id goes)
{
	struct merging *self = mem_new(sizeof *self);

	self->base.ops = &merge_ops;
	self->stays = stays;
	self->goes = goes;
	self->source.count = row_count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_push(app, &self->base);
}
