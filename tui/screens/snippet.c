/* The text of one snippet.  It is short, so it is saved as a whole, and what
 * is not saved is asked about before it would be lost. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/editor.h"

struct page {
	struct screen base;
	int64_t id; /* 0: not stored yet */
	struct buf name;
	struct editor *editor;
	uint64_t saving; /* revision that is being stored; 0: none */
	bool leave;      /* after saving */
};

struct task {
	struct store *store;
	struct snippet snippet;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;

	(void)job;
	return snippet_save(task->store, &task->snippet, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	snippet_done(&task->snippet);
	free(task);
}

static void
save(struct page *self)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct app *app = self->base.app;
	struct task *task;
	struct err err = {.code = E_NONE};

	if (self->saving)
		return;
	task = mem_new(sizeof *task);
	task->store = app_store(app);
	task->snippet.id = self->id;
	buf_add(&task->snippet.name, buf_span(&self->name));
	editor_text(self->editor, &task->snippet.body);
	self->saving = editor_revision(self->editor) + 1;
	if (app_job(app, &self->base, &ops, task, NULL, &err) < 0) {
		self->saving = 0;
		app_say_err(app, &err);
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct page *self = (struct page *)screen;
	struct task *task = data;
	uint64_t saved = self->saving - 1;

	(void)job;
	self->saving = 0;
	if (rc < 0) {
		self->leave = false;
		app_say_err(screen->app, err);
		return;
	}
	self->id = task->snippet.id;
	if (saved == editor_revision(self->editor))
		editor_set_saved(self->editor);
	app_say(screen->app, SAY_OK, _("Saved."));
	if (self->leave)
		app_pop(screen->app, screen);
}

/* ---- Leaving -------------------------------------------------------------- */

static void
leave_answered(struct screen *owner, int answer, struct span text)
{
	struct page *self = (struct page *)owner;

	(void)text;
	if (answer == 1) {
		self->leave = true;
		save(self);
	} else if (answer == 2) {
		app_pop(owner->app, owner);
	}
}

static bool
may_leave(struct screen *screen)
{
	const struct dialog_choice choices[] = {
	    {'s', _("Save it")},
	    {'d', _("Throw it away")},
	};
	struct page *self = (struct page *)screen;

	if (!editor_is_changed(self->editor))
		return true;
	dialog_choose(screen,
	    &(struct dialog){.title = _("Not saved"),
		.text = _("The snippet was changed."),
		.done = leave_answered},
	    choices, 2);
	return false;
}

/* ---- The screen ----------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	buf_add(out, buf_span(&((struct page *)screen)->name));
}

static void
draw(struct screen *screen, struct area body)
{
	editor_draw(((struct page *)screen)->editor,
	    area_cols(area_rows(body, 0, -1), 1, -2), FOCUS_ON, NULL, NULL);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action all[] = {
	    ACT_SNIPPET_SAVE, ACT_SNIPPET_DONE, ACT_NONE};

	(void)screen;
	return all;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return editor_key(((struct page *)screen)->editor, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action == ACT_SNIPPET_SAVE)
		save((struct page *)screen);
	else if (action == ACT_SNIPPET_DONE && may_leave(screen))
		app_pop(screen->app, screen);
	return action == ACT_SNIPPET_SAVE || action == ACT_SNIPPET_DONE
		   ? USED
		   : UNUSED;
}

static void
close_page(struct screen *screen)
{
	struct page *self = (struct page *)screen;

	editor_free(&self->editor);
	buf_done(&self->name);
	free(self);
}

static const struct screen_ops snippet_ops = {
    .name = "snippet",
    .section = 3,
    .title = title,
    .draw = draw,
    .footer = footer,
    .key = key,
    .act = act,
    .job_done = job_done,
    .may_leave = may_leave,
    .close = close_page,
};

void
snippet_open(struct app *app, const struct snippet *snippet)
{
	struct page *self = mem_new(sizeof *self);

	self->base.ops = &snippet_ops;
	self->id = snippet->id;
	buf_add(&self->name, buf_span(&snippet->name));
	self->editor = editor_new();
	if (snippet->id)
		editor_load(self->editor, buf_span(&snippet->body));
	else
		editor_insert(self->editor, buf_span(&snippet->body));
	app_push(app, &self->base);
}
