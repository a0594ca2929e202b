/* The trash: what was deleted, by whom, and how long it can be brought back. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/listing.h"
#include "tui/screens/screens.h"
#include "tui/screens/trash_text.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { WHAT, PEOPLE, DELETED, BY, UNTIL };

struct trash {
	struct listing base;
	struct trash_id chosen; /* what a question is about */
	struct job *restoring;  /* NULL: none */
};

static const struct list_column columns[] = {
    {N_("What was deleted"), 0, 20, 0, FIT_END},
    {N_("Contacts"), 10, 0, 0, FIT_RIGHT},
    {N_("Deleted"), 17, 0, 0, FIT_END},
    {N_("Deleted by"), 10, 0, 1, FIT_END},
    {N_("Kept until"), 11, 0, 0, FIT_END},
};

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

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct trash_item *item = record;

	add_what(&self->cell[WHAT], item);
	format_count(&self->cell[PEOPLE], item->people);
	format_minute(&self->cell[DELETED], item->at_ms);
	buf_text(&self->cell[BY], item->by);
	format_date(&self->cell[UNTIL], item->until_ms);
	out->key = item->id.v;
	for (int i = WHAT; i <= UNTIL; i++)
		out->cell[i] = buf_span(&self->cell[i]);
}

static const enum action some[] = {
    ACT_TRASH_RESTORE, ACT_TRASH_UNDO, ACT_TRASH_EMPTY, ACT_BACK, ACT_NONE};
static const enum action none[] = {ACT_BACK, ACT_NONE};

static const struct listing_kind trash_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("The trash is empty. What is deleted stays here for a while."),
    .reading = N_("Reading.."),
    .size = sizeof(struct trash_item),
    .row = row,
    .some = some,
    .none = none,
};

/* ---- Jobs ------------------------------------------------------------------ */

enum task_kind { LOAD, EMPTY };

struct task {
	struct listing_task base;
	enum task_kind kind;
};

/* What is over time goes first, so that nothing is offered that is gone. */
static int
load(struct listing_task *task, struct err *err)
{
	struct trash_item *item = NULL;
	struct db *db = NULL;
	int rc = -1;

	if (trash_sweep(task->store, err) >= 0 &&
	    store_view_open(task->store, &db, err) == 0)
		rc = trash_all(task->store, db, &item, &task->count, err);
	task->record = item;
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;

	(void)job;
	if (task->kind == EMPTY && trash_empty(task->base.store, err) < 0)
		return -1;
	return load(&task->base, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	listing_task_done(&task->base, &trash_kind);
	free(task);
}

static void
start(struct trash *self, enum task_kind kind)
{
	static const struct job_ops task_ops = {
	    .run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);

	task->kind = kind;
	listing_start(&self->base, &task_ops, task);
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
	dialog_ask(&self->base.base,
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
		app_say_err(self->base.base.app, err);
	else
		trash_say_back(self->base.base.app, &job->back);
	start(self, LOAD);
}

static void
task_done(struct trash *self, struct task *task, int rc, const struct err *err)
{
	if (rc < 0) {
		self->base.loaded = true;
		app_say_err(self->base.base.app, err);
		return;
	}
	if (task->kind == EMPTY)
		app_say(self->base.base.app, SAY_OK, _("The trash is empty."));
	listing_take(&self->base, &task->base);
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
	dialog_type(&self->base.base,
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
hint(struct screen *screen, struct buf *out)
{
	if (((struct listing *)screen)->count)
		buf_text(out,
		    _("Nobody in the trash joins a new audience. The stop list "
		      "is not touched."));
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if ((action == ACT_TRASH_RESTORE || action == ACT_TRASH_EMPTY) &&
	    !listing_selected((struct listing *)screen))
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
	const struct trash_item *item = listing_selected(&self->base);

	if (action == ACT_TRASH_RESTORE)
		self->restoring = trash_job_start(screen, item->id, SPAN(""));
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
	listing_done((struct listing *)screen);
	free(screen);
}

static void
shown(struct screen *screen)
{
	if (!((struct listing *)screen)->loaded)
		start((struct trash *)screen, LOAD);
}

static const struct screen_ops trash_ops = {
    .name = "trash",
    .section = 2,
    .title = title,
    .draw = listing_draw,
    .hint = hint,
    .footer = listing_footer,
    .key = listing_key,
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

	listing_init(&self->base, &trash_ops, &trash_kind);
	app_push(app, &self->base.base);
}
