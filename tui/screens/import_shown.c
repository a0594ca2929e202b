/* A row of the file beside what would be stored of it, one after the other. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

enum { LABEL_CELLS = 18 };

struct shown {
	struct screen base;
	struct wizard *wizard; /* the screen below */
	struct pager *pager;
	int64_t index; /* of the row shown, from 0 */
	bool loaded;
};

/* ---- What is shown ---------------------------------------------------------- */

static void
add(struct pager *pager, const char *label, enum role role, struct span value)
{
	struct buf text = BUF_INIT;

	ui_cut_end(&text, span_of(label), LABEL_CELLS);
	for (int cells = ui_width(buf_span(&text)); cells < LABEL_CELLS + 2;
	    cells++)
		buf_char(&text, ' ');
	pager_add(pager, ROLE_HEAD, buf_span(&text));
	pager_add(pager, role, value.len ? value : SPAN("-"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	buf_done(&text);
}

static void
add_time(struct pager *pager, const char *label, int64_t at_ms)
{
	struct buf text = BUF_INIT;

	if (at_ms) {
		format_minute(&text, at_ms);
		add(pager, label, ROLE_TEXT, buf_span(&text));
	}
	buf_done(&text);
}

static void
add_some(struct pager *pager, const char *label, struct span value)
{
	if (value.len)
		add(pager, label, ROLE_TEXT, value);
}

static void
add_person(struct pager *pager, const struct import_shown *row)
{
	bool may = row->state <= IMPORT_STATE_SUBSCRIBED;
	struct buf name = BUF_INIT, value = BUF_INIT;

	add(pager, _("Address"), row->repaired ? ROLE_WARN : ROLE_TITLE,
	    row->address);
	add(pager, _("Name"), ROLE_TEXT, row->name);
	if (row->state != IMPORT_STATE_UNSAID)
		add(pager, _("State"), may ? ROLE_OK : ROLE_WARN,
		    span_of(_(wizard_meanings[row->state])));
	add_time(pager, _("Agreed"), row->agreed_ms);
	add_time(pager, _("Confirmed"), row->confirmed_ms);
	add_time(pager, _("Stopped"), row->stopped_ms);
	add_some(pager, _("From (IP)"), row->ip);
	add_some(pager, _("How given"), row->how);
	add_some(pager, _("Paper"), row->paper);
	add_some(pager, _("Tags"), row->tags);
	for (size_t i = 0; field_at(row->fields, i, &name, &value, NULL) == 1;
	    i++)
		add(pager, name.ptr, ROLE_MERGE, buf_span(&value));
	buf_done(&name);
	buf_done(&value);
}

static void
fill(struct shown *self, const struct import_shown *row)
{
	struct buf why = BUF_INIT, line = BUF_INIT;

	pager_clear(self->pager);
	format_count(&line, row->line);
	add(self->pager, _("Line"), ROLE_TEXT, buf_span(&line));
	add(self->pager, _("As read"), ROLE_DIM, row->raw);
	pager_add_str(self->pager, ROLE_TEXT, "\n");
	if (row->why.code == E_NONE) {
		add_person(self->pager, row);
	} else {
		err_text(&row->why, &why);
		add(self->pager, _("Left out"), ROLE_WARN, buf_span(&why));
	}
	buf_done(&line);
	buf_done(&why);
}

/* ---- Reading ---------------------------------------------------------------- */

struct task {
	struct held_import *held; /* a hold */
	struct import_accept accept;
	int64_t index;
	struct arena *arena;
	struct import_shown row;
	bool found;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	int got;

	(void)job;
	got = import_show(task->held->import, &task->accept,
	    (size_t)task->index, task->arena, &task->row, err);
	task->found = got == 1;
	return got < 0 ? -1 : 0;
}

static void
task_free(void *data)
{
	struct task *task = data;

	held_drop(&task->held);
	arena_free(&task->arena);
	free(task);
}

static void
start(struct shown *self, int64_t index)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->held = self->wizard->held;
	task->held->holders++;
	task->accept.repairs = self->wizard->repairs;
	task->index = index;
	task->arena = arena_new();
	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct shown *self = (struct shown *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (!task->found) {
		app_say(screen->app, SAY_INFO,
		    _("This is the last row that is shown."));
		return;
	}
	self->index = task->index;
	self->loaded = true;
	fill(self, &task->row);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("As stored"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct shown *self = (struct shown *)screen;

	if (self->loaded)
		pager_draw(self->pager, area_cols(body, 1, -2), FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading the file.."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SHOWN_NEXT, ACT_SHOWN_PREVIOUS, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct shown *)screen)->pager, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action == ACT_SHOWN_PREVIOUS &&
	    ((struct shown *)screen)->index == 0)
		return _("This is the first row.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct shown *self = (struct shown *)screen;

	if (action == ACT_SHOWN_NEXT)
		start(self, self->index + 1);
	else if (action == ACT_SHOWN_PREVIOUS)
		start(self, self->index - 1);
	else
		return wizard_page_act(screen, action);
	return USED;
}

static void
shown(struct screen *screen)
{
	struct shown *self = (struct shown *)screen;

	start(self, self->index);
}

static void
close_shown(struct screen *screen)
{
	struct shown *self = (struct shown *)screen;

	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops shown_ops = {
    .name = "import-shown",
    .section = 2,
    .title = title,
    .tabs = wizard_page_tabs,
    .draw = draw,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_shown,
};

void
import_shown_open(struct wizard *wizard)
{
	struct shown *self = mem_new(sizeof *self);

	self->base.ops = &shown_ops;
	self->wizard = wizard;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	app_push(wizard->base.app, &self->base);
}
