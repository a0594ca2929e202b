/* All tags, with how many people have each.  Deleting one cannot be taken back:
 * its name is typed. */
#include "tui/screens/tags.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct tags {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct tag_use *tag; /* owned */
	size_t count;
	bool loaded;
	int64_t asked, answered; /* numbers of tasks */
	struct buf cell;
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

static struct tags *
of_source(struct list_source *source)
{
	return (struct tags *)((char *)source - offsetof(struct tags, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct tags *self = of_source(source);
	const struct tag_use *tag = &self->tag[index];

	buf_clear(&self->cell);
	format_count(&self->cell, tag->people);
	out->key = tag->id;
	out->cell[0] = span_of(tag->name);
	out->cell[1] = buf_span(&self->cell);
	return true;
}

static const struct tag_use *
selected(const struct tags *self)
{
	int64_t index = list_cursor_index(self->list);

	return index >= 0 && index < (int64_t)self->count ? &self->tag[index]
							  : NULL;
}

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { LOAD, RENAME, DELETE };

struct task {
	enum task_kind kind;
	int64_t number;      /* grows with each */
	struct store *store; /* borrowed */
	int64_t id;
	struct buf name;
	struct tag_use *tag; /* owned */
	size_t count;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct db *db = NULL;
	int rc = 0;

	(void)job;
	if (task->kind == RENAME)
		rc = tag_rename(
		    task->store, task->id, buf_span(&task->name), err);
	else if (task->kind == DELETE)
		rc = tag_delete(task->store, task->id, err);
	if (rc < 0 || store_view_open(task->store, &db, err) < 0)
		return -1;
	rc = tag_all(db, &task->tag, &task->count, err);
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	struct task *task = data;

	buf_done(&task->name);
	free(task->tag);
	free(task);
}

static void
start(struct tags *self, enum task_kind kind, struct span name)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->kind = kind;
	task->number = ++self->asked;
	task->store = app_store(self->base.app);
	task->id = self->chosen;
	buf_add(&task->name, name);
	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct tags *self = (struct tags *)screen;
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
	/* What was read before a change can arrive behind it. */
	if (task->number < self->answered)
		return;
	self->answered = task->number;
	free(self->tag);
	self->tag = task->tag;
	self->count = task->count;
	task->tag = NULL;
	self->loaded = true;
	list_refresh(self->list);
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
	dialog_ask(&self->base,
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
	dialog_type(&self->base,
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
draw(struct screen *screen, struct area body)
{
	struct tags *self = (struct tags *)screen;

	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct tags *self = (struct tags *)screen;

	if (self->loaded)
		list_position(self->list, out);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_TAG_RENAME, ACT_TAG_DELETE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct tags *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action != ACT_TAG_RENAME && action != ACT_TAG_DELETE)
		return NULL;
	if (!selected((struct tags *)screen))
		return _("There is no tag.");
	return app_may_why_not(screen->app,
	    action == ACT_TAG_DELETE ? MAY_LIST_DELETE : MAY_LIST_WRITE);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct tags *self = (struct tags *)screen;
	const struct tag_use *tag = selected(self);

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
	struct tags *self = (struct tags *)screen;

	list_free(&self->list);
	free(self->tag);
	buf_done(&self->cell);
	free(self);
}

static const struct screen_ops tags_ops = {
    .name = "tags",
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
    .close = close_tags,
};

void
tags_open(struct app *app)
{
	struct tags *self = mem_new(sizeof *self);

	self->base.ops = &tags_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("There are no tags yet. They come with imports, or t on people "
	       "of a list."));
	app_push(app, &self->base);
}
