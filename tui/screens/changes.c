/* Changes: the diff is made in a job, since two long texts may take a moment;
 * the screen shows it and hands back what the reader wants. */
#include "tui/screens/changes.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/text/i18n.h"
#include "tui/widgets/diff_view.h"

enum { SUBJECT, BODY, TEXTS };

struct compared {
	struct buf from, to;
	struct diff diff;
};

struct task {
	struct compared text[TEXTS];
};

struct view {
	struct screen base;
	enum changes_kind kind;
	char *name;
	void (*act)(struct screen *owner);
	struct screen *owner;
	struct pager *pager;
	struct task *made; /* NULL: not yet */
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = *(struct task **)data;

	(void)job;
	(void)err;
	for (int i = 0; i < TEXTS; i++) {
		struct compared *text = &task->text[i];

		diff_words(
		    buf_span(&text->from), buf_span(&text->to), &text->diff);
	}
	return 0;
}

static void
free_made(struct task *task)
{
	if (!task)
		return;
	for (int i = 0; i < TEXTS; i++) {
		diff_done(&task->text[i].diff);
		buf_wipe(&task->text[i].from);
		buf_wipe(&task->text[i].to);
	}
	free(task);
}

static void
task_free(void *data)
{
	free_made(*(struct task **)data);
	free(data);
}

static void
fill(struct view *self)
{
	struct diff *subject = &self->made->text[SUBJECT].diff;

	pager_clear(self->pager);
	if (subject->changes > 0) {
		pager_add_str(self->pager, ROLE_HEAD, _("Subject"));
		pager_add_str(self->pager, ROLE_TEXT, "\n");
		diff_view(self->pager, subject);
		pager_add_str(self->pager, ROLE_TEXT, "\n");
		pager_add_str(self->pager, ROLE_HEAD, _("Text"));
		pager_add_str(self->pager, ROLE_TEXT, "\n");
	}
	diff_view(self->pager, &self->made->text[BODY].diff);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct view *self = (struct view *)screen;
	struct task **task = data;

	(void)job;
	(void)rc;
	(void)err;
	self->made = *task;
	*task = NULL;
	fill(self);
}

static void
title(struct screen *screen, struct buf *out)
{
	buf_text(out, ((struct view *)screen)->name);
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct view *self = (struct view *)screen;
	size_t places;

	if (!self->made)
		return;
	places = self->made->text[SUBJECT].diff.changes +
		 self->made->text[BODY].diff.changes;
	buf_printf(out,
	    P_("%zu place has changed", "%zu places have changed", places),
	    places);
}

static void
draw(struct screen *screen, struct area body)
{
	struct view *self = (struct view *)screen;

	if (self->made)
		pager_draw(self->pager, area_cols(body, 1, -2), FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Comparing.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	static const char *const hints[] = {
	    [CHANGES_TAKEN] = N_("The new text was taken over; u takes it "
				 "back."),
	    [CHANGES_VERSION] = N_("From the version (-) to the text as it is "
				   "now (+)."),
	    [CHANGES_LOOK] = "",
	};

	buf_text(out, hints[((struct view *)screen)->kind][0]
			  ? _(hints[((struct view *)screen)->kind])
			  : "");
}

static void
leave(struct view *self, bool act)
{
	struct app *app = self->base.app;
	struct screen *owner = self->owner;
	void (*then)(struct screen *) = self->act;

	app_pop(app, &self->base);
	if (act && then)
		then(owner);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct view *)screen)->pager, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct view *self = (struct view *)screen;

	if (action != ACT_CHANGES_UNDO && action != ACT_CHANGES_RESTORE &&
	    action != ACT_CHANGES_DONE)
		return UNUSED;
	leave(self, action != ACT_CHANGES_DONE);
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct view *self = (struct view *)screen;

	if (action == ACT_CHANGES_UNDO && self->kind != CHANGES_TAKEN)
		return _("Nothing was taken over here.");
	if (action == ACT_CHANGES_RESTORE && self->kind != CHANGES_VERSION)
		return _("This is no version.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action taken[] = {
	    ACT_CHANGES_DONE, ACT_CHANGES_UNDO, ACT_NONE};
	static const enum action version[] = {
	    ACT_CHANGES_RESTORE, ACT_BACK, ACT_NONE};
	static const enum action look[] = {ACT_BACK, ACT_NONE};

	switch (((struct view *)screen)->kind) {
	case CHANGES_TAKEN:
		return taken;
	case CHANGES_VERSION:
		return version;
	case CHANGES_LOOK:
		break;
	}
	return look;
}

static void
shown(struct screen *screen)
{
	struct view *self = (struct view *)screen;

	if (self->made)
		fill(self);
}

static void
close_view(struct screen *screen)
{
	struct view *self = (struct view *)screen;

	free_made(self->made);
	pager_free(&self->pager);
	free(self->name);
	free(self);
}

static const struct screen_ops changes_ops = {
    .name = "changes",
    .section = 3,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_view,
};

void
changes_open(struct screen *owner, const struct changes *changes)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct view *self = mem_new(sizeof *self);
	struct task *task = mem_new(sizeof *task), **job = mem_new(sizeof *job);
	struct err err = {.code = E_NONE};

	self->base.ops = &changes_ops;
	self->kind = changes->kind;
	self->name = mem_text(span_of(changes->title));
	self->act = changes->act;
	self->owner = owner;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	buf_add(&task->text[SUBJECT].from, changes->from_subject);
	buf_add(&task->text[SUBJECT].to, changes->to_subject);
	buf_add(&task->text[BODY].from, changes->from_body);
	buf_add(&task->text[BODY].to, changes->to_body);
	*job = task;
	app_push(owner->app, &self->base);
	if (app_job(owner->app, &self->base, &ops, job, NULL, &err) < 0)
		app_say_err(owner->app, &err);
}
