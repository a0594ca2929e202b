/* Mappings of columns that were kept under a name: taking one for the file at
 * hand, keeping the present one, forgetting one. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/screens/import_wizard.h"
#include "tui/screens/listing.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

struct presets {
	struct listing base;
	struct wizard *wizard; /* the screen below */
};

static const struct list_column columns[] = {
    {N_("Preset"), 0, 24, 0, FIT_END},
    {N_("Kept"), 16, 0, 0, FIT_END},
    {N_("By"), 16, 0, 1, FIT_END},
};

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct import_preset *one = record;

	format_minute(&self->cell[1], one->changed_ms);
	out->key = one->id;
	out->cell[0] = span_of(one->name);
	out->cell[1] = buf_span(&self->cell[1]);
	out->cell[2] = span_of(one->by);
}

static const enum action actions[] = {
    ACT_PRESET_TAKE, ACT_PRESET_KEEP, ACT_PRESET_FORGET, ACT_BACK, ACT_NONE};

static const struct listing_kind presets_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("No preset is kept yet: n keeps the present mapping."),
    .reading = N_("Reading.."),
    .size = sizeof(struct import_preset),
    .row = row,
    .some = actions,
};

static const struct import_preset *
selected(const struct presets *self)
{
	return listing_selected(&self->base);
}

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { LOAD, TAKE, KEEP, FORGET };

/* The columns are a copy: the screen goes on drawing its own. */
struct task {
	struct listing_task base;
	enum task_kind kind;
	int64_t id;
	char *name; /* owned */
	struct import_column *column;
	size_t columns;
};

static int
take(struct task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->base.store, &db, err) == 0)
		rc = import_preset_apply(
		    db, task->id, task->column, task->columns, err);
	store_reader_close(&db);
	return rc;
}

static int
load(struct listing_task *task, struct err *err)
{
	struct import_preset *preset = NULL;
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->store, &db, err) == 0)
		rc = import_preset_all(db, &preset, &task->count, err);
	task->record = preset;
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
		rc = import_preset_save(task->base.store, span_of(task->name),
		    task->column, task->columns, err);
		break;
	case FORGET:
		rc = import_preset_delete(task->base.store, task->id, err);
		break;
	case LOAD:
		break;
	}
	return rc < 0 ? -1 : load(&task->base, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	listing_task_done(&task->base, &presets_kind);
	free(task->name);
	free(task->column);
	free(task);
}

static void
start(struct presets *self, enum task_kind kind, struct span name)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	const struct import_preset *one = selected(self);
	struct task *task = mem_new(sizeof *task);
	const struct import_column *all;

	all = import_columns(self->wizard->held->import, &task->columns);
	task->kind = kind;
	task->id = one ? one->id : 0;
	task->name = mem_text(name);
	task->column = mem_array(task->columns, sizeof *task->column);
	memcpy(task->column, all, task->columns * sizeof *all);
	listing_start(&self->base, &ops, task);
}

static void
taken(struct presets *self, const struct task *task)
{
	struct wizard *wizard = self->wizard;
	size_t all;

	memcpy(import_columns(wizard->held->import, &all), task->column,
	    task->columns * sizeof *task->column);
	list_refresh(wizard->columns);
	app_say(self->base.base.app, SAY_OK,
	    _("The columns are as they were kept."));
	app_pop(self->base.base.app, &self->base.base);
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
	if (task->kind == TAKE)
		taken(self, task);
	else
		listing_take(&self->base, &task->base);
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

	dialog_ask(&self->base.base,
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
	dialog_confirm(&self->base.base,
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
		return wizard_page_act(screen, action);
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
	listing_done((struct listing *)screen);
	free(screen);
}

static const struct screen_ops presets_ops = {
    .name = "import-presets",
    .section = 2,
    .title = title,
    .tabs = wizard_page_tabs,
    .draw = listing_draw,
    .footer = listing_footer,
    .key = listing_key,
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

	listing_init(&self->base, &presets_ops, &presets_kind);
	self->wizard = wizard;
	app_push(wizard->base.app, &self->base.base);
}
