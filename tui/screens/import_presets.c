/* Mappings of columns that were kept under a name: taking one for the file at
 * hand, keeping the present one, forgetting one. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

struct presets {
	struct screen base;
	struct wizard *wizard; /* the screen below */
	struct list_source source;
	struct list *list;
	struct import_preset *preset;
	size_t count;
	bool loaded;
	int64_t asked, answered; /* numbers of tasks */
	struct buf when;
};

static const struct list_column columns[] = {
    {N_("Preset"), 0, 24, 0, FIT_END},
    {N_("Kept"), 16, 0, 0, FIT_END},
    {N_("By"), 16, 0, 1, FIT_END},
};

static struct presets *
of_source(struct list_source *source)
{
	return (struct presets *)((char *)source -
				  offsetof(struct presets, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct presets *self = of_source(source);
	const struct import_preset *one = &self->preset[index];

	buf_clear(&self->when);
	format_minute(&self->when, one->changed_ms);
	out->key = one->id;
	out->cell[0] = span_of(one->name);
	out->cell[1] = buf_span(&self->when);
	out->cell[2] = span_of(one->by);
	return true;
}

static const struct import_preset *
selected(const struct presets *self)
{
	int64_t index = list_cursor_index(self->list);

	return index >= 0 && (size_t)index < self->count ? &self->preset[index]
							 : NULL;
}

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { LOAD, TAKE, KEEP, FORGET };

/* The columns are a copy: the screen goes on drawing its own. */
struct task {
	enum task_kind kind;
	int64_t number;      /* grows with each */
	struct store *store; /* borrowed */
	int64_t id;
	char *name; /* owned */
	struct import_column *column;
	size_t columns;
	struct import_preset *preset;
	size_t count;
};

static int
take(struct task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->store, &db, err) == 0)
		rc = import_preset_apply(
		    db, task->id, task->column, task->columns, err);
	store_reader_close(&db);
	return rc;
}

static int
load(struct task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->store, &db, err) == 0)
		rc = import_preset_all(db, &task->preset, &task->count, err);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	int rc = 0;

	(void)job;
	switch (task->kind) {
	case TAKE:
		return take(task, err);
	case KEEP:
		rc = import_preset_save(task->store, span_of(task->name),
		    task->column, task->columns, err);
		break;
	case FORGET:
		rc = import_preset_delete(task->store, task->id, err);
		break;
	case LOAD:
		break;
	}
	return rc < 0 ? -1 : load(task, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	free(task->name);
	free(task->column);
	free(task->preset);
	free(task);
}

static void
start(struct presets *self, enum task_kind kind, struct span name)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	const struct import_preset *one = selected(self);
	struct task *task = mem_new(sizeof *task);
	const struct import_column *all;
	struct err err = {.code = E_NONE};

	all = import_columns(self->wizard->held->import, &task->columns);
	task->kind = kind;
	task->number = ++self->asked;
	task->store = app_store(self->base.app);
	task->id = one ? one->id : 0;
	task->name = mem_text(name);
	task->column = mem_array(task->columns, sizeof *task->column);
	memcpy(task->column, all, task->columns * sizeof *all);
	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
taken(struct presets *self, const struct task *task)
{
	struct wizard *wizard = self->wizard;
	size_t all;

	memcpy(import_columns(wizard->held->import, &all), task->column,
	    task->columns * sizeof *task->column);
	list_refresh(wizard->columns);
	app_say(
	    self->base.app, SAY_OK, _("The columns are as they were kept."));
	app_pop(self->base.app, &self->base);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct presets *self = (struct presets *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (task->kind == TAKE) {
		taken(self, task);
		return;
	}
	/* What was read before a change can arrive behind it. */
	if (task->number < self->answered)
		return;
	self->answered = task->number;
	free(self->preset);
	self->preset = task->preset;
	self->count = task->count;
	task->preset = NULL;
	self->loaded = true;
	list_refresh(self->list);
}

/* ---- Questions -------------------------------------------------------------- */

static void
check_name(struct span text, struct buf *why)
{
	text = span_trim(text);
	if (text.len == 0)
		buf_text(why, _("It needs a name."));
	else if (utf8_count(text) > IMPORT_PRESET_NAME_MAX)
		buf_text(why, _("That is too long."));
}

static void
name_given(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct presets *)owner, KEEP, span_trim(text));
}

static void
ask_name(struct presets *self)
{
	const struct import_preset *one = selected(self);

	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Keep the mapping"),
		.text = _("Under which name? One that is there is replaced."),
		.done = name_given},
	    LINE_TEXT, one ? span_of(one->name) : SPAN(""), check_name);
}

static void
forget_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		start((struct presets *)owner, FORGET, SPAN(""));
}

static void
ask_forget(struct presets *self)
{
	dialog_confirm(&self->base,
	    &(struct dialog){.title = _("Forget this preset?"),
		.text = selected(self)->name,
		.done = forget_answered},
	    _("Forget it"));
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Presets"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct presets *self = (struct presets *)screen;

	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_PRESET_TAKE, ACT_PRESET_KEEP,
	    ACT_PRESET_FORGET, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct presets *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if ((action == ACT_PRESET_TAKE || action == ACT_PRESET_FORGET) &&
	    !selected((struct presets *)screen))
		return _("No preset is kept yet.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct presets *self = (struct presets *)screen;

	if (action == ACT_PRESET_TAKE)
		start(self, TAKE, SPAN(""));
	else if (action == ACT_PRESET_KEEP)
		ask_name(self);
	else if (action == ACT_PRESET_FORGET)
		ask_forget(self);
	else
		return UNUSED;
	return USED;
}

static void
shown(struct screen *screen)
{
	start((struct presets *)screen, LOAD, SPAN(""));
}

static void
close_presets(struct screen *screen)
{
	struct presets *self = (struct presets *)screen;

	list_free(&self->list);
	free(self->preset);
	buf_done(&self->when);
	free(self);
}

static const struct screen_ops presets_ops = {
    .name = "import-presets",
    .section = 2,
    .title = title,
    .draw = draw,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_presets,
};

void
import_presets_open(struct wizard *wizard)
{
	struct presets *self = mem_new(sizeof *self);

	self->base.ops = &presets_ops;
	self->wizard = wizard;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("No preset is kept yet: n keeps the present mapping."));
	app_push(wizard->base.app, &self->base);
}
