/* The trash: what was deleted, by whom, and how long it can be brought back. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/screens/trash_text.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { WHAT, PEOPLE, DELETED, UNTIL, CELLS };

struct trash {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct trash_item *item; /* owned */
	size_t count;
	bool loaded;
	struct trash_id chosen; /* what a question is about */
	struct job *restoring;  /* NULL: none */
	struct buf cell[CELLS];
};

static const struct list_column columns[] = {
    {N_("What was deleted"), 0, 20, 0, FIT_END},
    {N_("Contacts"), 10, 0, 0, FIT_RIGHT},
    {N_("Deleted"), 17, 0, 0, FIT_END},
    {N_("Deleted by"), 10, 0, 1, FIT_END},
    {N_("Kept until"), 11, 0, 0, FIT_END},
};

static struct trash *
of_source(struct list_source *source)
{
	return (
	    struct trash *)((char *)source - offsetof(struct trash, source));
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static void
add_what(struct buf *out, const struct trash_item *item)
{
	switch (item->kind) {
	case TRASH_LIST:
		buf_printf(out, _("list %s"), item->name);
		break;
	case TRASH_MEMBERS:
		buf_printf(out, _("taken off %s"), item->name);
		break;
	case TRASH_MERGE:
		buf_printf(out, _("merged: %s"), item->first);
		break;
	case TRASH_PEOPLE:
	case TRASH_KINDS:
		buf_text(out, item->first);
		break;
	}
	if (item->kind == TRASH_PEOPLE && item->people > 1)
		buf_text(out, " ..");
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct trash *self = of_source(source);
	const struct trash_item *item = &self->item[index];

	for (size_t i = 0; i < CELLS; i++)
		buf_clear(&self->cell[i]);
	add_what(&self->cell[WHAT], item);
	format_count(&self->cell[PEOPLE], item->people);
	format_minute(&self->cell[DELETED], item->at_ms);
	format_date(&self->cell[UNTIL], item->until_ms);
	out->key = item->id.v;
	out->cell[0] = buf_span(&self->cell[WHAT]);
	out->cell[1] = buf_span(&self->cell[PEOPLE]);
	out->cell[2] = buf_span(&self->cell[DELETED]);
	out->cell[3] = span_of(item->by);
	out->cell[4] = buf_span(&self->cell[UNTIL]);
	return true;
}

static const struct trash_item *
selected(const struct trash *self)
{
	int64_t index = list_cursor_index(self->list);

	return index >= 0 && index < (int64_t)self->count ? &self->item[index]
							  : NULL;
}

/* ---- Jobs ------------------------------------------------------------------ */

enum task_kind { LOAD, EMPTY };

struct task {
	enum task_kind kind;
	struct store *store;
	struct trash_item *item;
	size_t count;
	int64_t number;
};

/* What is over time goes first, so that nothing is offered that is gone. */
static int
load(struct task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (trash_sweep(task->store, err) >= 0 &&
	    store_view_open(task->store, &db, err) == 0)
		rc = trash_all(task->store, db, &task->item, &task->count, err);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;

	(void)job;
	if (task->kind == LOAD)
		return load(task, err);
	task->number = trash_empty(task->store, err);
	return task->number < 0 ? -1 : 0;
}

static void
task_free(void *data)
{
	free(((struct task *)data)->item);
	free(data);
}

static void
start(struct trash *self, enum task_kind kind)
{
	static const struct job_ops task_ops = {
	    .run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->kind = kind;
	task->store = app_store(self->base.app);
	if (app_job(self->base.app, &self->base, &task_ops, task, NULL, &err) <
	    0)
		app_say_err(self->base.app, &err);
}

static void
name_given(struct screen *owner, int answer, struct span text)
{
	struct trash *self = (struct trash *)owner;

	if (answer)
		self->restoring = trash_job_start(owner, self->chosen, text);
}

/* A list whose name is taken comes back with another one. */
static void
ask_name(struct trash *self, const struct err *err)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Another name"),
		.text = _("Another list has this name by now. How is the one "
			  "from the trash to be called?"),
		.done = name_given},
	    LINE_TEXT, span_of(err_find(err, "name")), NULL);
}

static void
restored(struct trash *self, const struct trash_job *job, int rc,
    const struct err *err)
{
	const char *why = rc < 0 ? err_find(err, "why") : NULL;

	if (rc < 0 && err->code == E_LIST_NAME && why &&
	    !strcmp(why, "taken") && job->id.v) {
		self->chosen = job->id;
		ask_name(self, err);
		return;
	}
	if (rc < 0)
		app_say_err(self->base.app, err);
	else
		trash_say_back(self->base.app, &job->back);
	start(self, LOAD);
}

static void
take(struct trash *self, struct task *task)
{
	free(self->item);
	self->item = task->item;
	self->count = task->count;
	task->item = NULL;
	self->loaded = true;
	list_refresh(self->list);
}

static void
task_done(struct trash *self, struct task *task, int rc, const struct err *err)
{
	if (rc < 0) {
		self->loaded = true;
		app_say_err(self->base.app, err);
	} else if (task->kind == LOAD) {
		take(self, task);
	} else {
		app_say(self->base.app, SAY_OK, _("The trash is empty."));
		start(self, LOAD);
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct trash *self = (struct trash *)screen;

	if (job != self->restoring) {
		task_done(self, data, rc, err);
		return;
	}
	self->restoring = NULL;
	restored(self, data, rc, err);
}

/* ---- The screen ------------------------------------------------------------- */

static void
empty_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		start((struct trash *)owner, EMPTY);
}

static void
ask_empty(struct trash *self)
{
	dialog_type(&self->base,
	    &(struct dialog){.title = _("Empty the trash"),
		.text = _("Everything in the trash is deleted for good and "
			  "cannot be brought back. Stops stay, and evidence "
			  "of consent is kept for its time."),
		.done = empty_answered},
	    "empty");
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Trash"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct trash *self = (struct trash *)screen;

	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct trash *self = (struct trash *)screen;

	if (self->count)
		buf_text(out,
		    _("Nobody in the trash joins a new audience. The stop list "
		      "is not touched."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action some[] = {ACT_TRASH_RESTORE, ACT_TRASH_UNDO,
	    ACT_TRASH_EMPTY, ACT_BACK, ACT_NONE};
	static const enum action none[] = {ACT_BACK, ACT_NONE};

	return ((struct trash *)screen)->count ? some : none;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct trash *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if ((action == ACT_TRASH_RESTORE || action == ACT_TRASH_EMPTY) &&
	    !selected((struct trash *)screen))
		return _("There is nothing in the trash.");
	if ((action == ACT_TRASH_RESTORE || action == ACT_TRASH_UNDO) &&
	    app_has_job(screen->app, screen))
		return _("Something is being brought back.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct trash *self = (struct trash *)screen;

	if (action == ACT_TRASH_RESTORE)
		self->restoring =
		    trash_job_start(screen, selected(self)->id, SPAN(""));
	else if (action == ACT_TRASH_UNDO)
		self->restoring =
		    trash_job_start(screen, (struct trash_id){0}, SPAN(""));
	else if (action == ACT_TRASH_EMPTY)
		ask_empty(self);
	else
		return UNUSED;
	return USED;
}

static void
close_trash(struct screen *screen)
{
	struct trash *self = (struct trash *)screen;

	list_free(&self->list);
	free(self->item);
	for (size_t i = 0; i < CELLS; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static void
shown(struct screen *screen)
{
	struct trash *self = (struct trash *)screen;

	if (!self->loaded)
		start(self, LOAD);
}

static const struct screen_ops trash_ops = {
    .name = "trash",
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
    .close = close_trash,
};

void
trash_open(struct app *app)
{
	struct trash *self = mem_new(sizeof *self);

	self->base.ops = &trash_ops;
	self->source.count = row_count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("The trash is empty. What is deleted stays here for a while."));
	app_push(app, &self->base);
}
