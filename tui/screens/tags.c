/* All tags, with how many people have each.  Deleting one cannot be taken back:
 * its name is typed. */
#include "tui/screens/tags.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "tui/screens/listing.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

struct tags {
	struct listing base;
	int64_t chosen; /* id of the one a question is about */
};

static const struct list_column columns[] = {
    {N_("Tag"), 0, 20, 0, FIT_END},
    {N_("Contacts"), 12, 0, 0, FIT_RIGHT},
};

void
tags_check_name(struct span text, struct buf *why)
{
	const char *fault = tag_fault(text);
	struct err err = {.code = E_NONE};

	if (!fault)
		return;
	err_set(&err, E_TAG_NAME);
	err_fact(&err, "why", span_of(fault));
	err_text(&err, why);
}

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct tag_use *tag = record;

	format_count(&self->cell[1], tag->people);
	out->key = tag->id;
	out->cell[0] = span_of(tag->name);
	out->cell[1] = buf_span(&self->cell[1]);
}

static const enum action actions[] = {
    ACT_TAG_RENAME, ACT_TAG_DELETE, ACT_BACK, ACT_NONE};

static const struct listing_kind tags_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("There are no tags yet. They come with imports, or t on people "
		"of a list."),
    .reading = N_("Reading.."),
    .size = sizeof(struct tag_use),
    .row = row,
    .some = actions,
};

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { LOAD, RENAME, DELETE };

struct task {
	struct listing_task base;
	enum task_kind kind;
	int64_t id;
	struct buf name;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct store *store = task->base.store;
	struct tag_use *all = NULL;
	struct db *db = NULL;
	int rc = 0;

	(void)job;
	if (task->kind == RENAME)
		rc = tag_rename(store, task->id, buf_span(&task->name), err);
	else if (task->kind == DELETE)
		rc = tag_delete(store, task->id, err);
	if (rc < 0 || store_view_open(store, &db, err) < 0)
		return -1;
	rc = tag_all(db, &all, &task->base.count, err);
	task->base.record = all;
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	struct task *task = data;

	listing_task_done(&task->base, &tags_kind);
	buf_done(&task->name);
	free(task);
}

static void
start(struct tags *self, enum task_kind kind, struct span name)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);

	task->kind = kind;
	task->id = self->chosen;
	buf_add(&task->name, name);
	listing_start(&self->base, &ops, task);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (task->kind == RENAME)
		app_say(screen->app, SAY_OK, _("The tag has another name."));
	else if (task->kind == DELETE)
		app_say(screen->app, SAY_OK, _("The tag is deleted."));
	listing_take((struct listing *)screen, &task->base);
}

static void
shown(struct screen *screen)
{
	start((struct tags *)screen, LOAD, SPAN(""));
}

/* ---- Questions -------------------------------------------------------------- */

static void
name_given(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct tags *)owner, RENAME, text);
}

static void
ask_name(struct tags *self, const struct tag_use *tag)
{
	self->chosen = tag->id;
	dialog_ask(&self->base.base,
	    &(struct dialog){.title = _("Rename the tag"),
		.text = _("Everybody who has it keeps it under the new name."),
		.done = name_given},
	    LINE_TEXT, span_of(tag->name), tags_check_name);
}

static void
delete_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		start((struct tags *)owner, DELETE, SPAN(""));
}

static void
ask_delete(struct tags *self, const struct tag_use *tag)
{
	struct buf text = BUF_INIT, people = BUF_INIT;

	self->chosen = tag->id;
	format_count(&people, tag->people);
	buf_printf(&text,
	    _("People who lose it: %s, for good. Type the tag's name."),
	    people.ptr);
	dialog_type(&self->base.base,
	    &(struct dialog){.title = _("Delete the tag"),
		.text = text.ptr,
		.done = delete_answered},
	    tag->name);
	buf_done(&text);
	buf_done(&people);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Tags"));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct listing *self = (struct listing *)screen;

	if (self->loaded)
		list_position(self->list, out);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action != ACT_TAG_RENAME && action != ACT_TAG_DELETE)
		return NULL;
	if (!listing_selected((struct listing *)screen))
		return _("There is no tag.");
	return app_may_why_not(screen->app,
	    action == ACT_TAG_DELETE ? MAY_LIST_DELETE : MAY_LIST_WRITE);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct tags *self = (struct tags *)screen;
	const struct tag_use *tag = listing_selected(&self->base);

	if (tag && action == ACT_TAG_RENAME)
		ask_name(self, tag);
	else if (tag && action == ACT_TAG_DELETE)
		ask_delete(self, tag);
	else
		return UNUSED;
	return USED;
}

static void
close_tags(struct screen *screen)
{
	listing_done((struct listing *)screen);
	free(screen);
}

static const struct screen_ops tags_ops = {
    .name = "tags",
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
    .close = close_tags,
};

void
tags_open(struct app *app)
{
	struct tags *self = mem_new(sizeof *self);

	listing_init(&self->base, &tags_ops, &tags_kind);
	app_push(app, &self->base.base);
}
