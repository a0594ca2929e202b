/* One import that was stored: what it was told, what it did, what it left out
 * and repaired.  Of the rows left out the first ones were kept. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

enum { LABEL_CELLS = 30, TALLIES_MAX = 64 };

struct record {
	struct screen base;
	struct pager *pager;
	int64_t id;
	bool loaded;
	struct import_record *import;
	struct import_reject *reject; /* those kept */
	size_t rejects;
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
add_count(
    struct pager *pager, const char *label, enum role role, int64_t number)
{
	struct buf text = BUF_INIT;

	format_count(&text, number);
	add(pager, label, role, buf_span(&text));
	buf_done(&text);
}

static void
add_time(struct pager *pager, const char *label, int64_t at_ms)
{
	struct buf text = BUF_INIT;

	if (at_ms)
		format_minute(&text, at_ms);
	add(pager, label, ROLE_TEXT, buf_span(&text));
	buf_done(&text);
}

static void
add_told(struct pager *pager, const struct import_record *one)
{
	add(pager, _("File"), ROLE_TITLE, span_of(one->file));
	add(pager, _("Encoding"), ROLE_TEXT, span_of(one->charset));
	add(pager, _("To the list"), ROLE_TEXT,
	    span_of(
		one->list_name[0] ? one->list_name : _("(the list is gone)")));
	add_time(pager, _("When"), one->at_ms);
	add(pager, _("By"), ROLE_TEXT, span_of(one->by));
	add(pager, _("What the file does"), ROLE_TEXT,
	    span_of(_(wizard_modes[one->mode])));
	if (one->mode != IMPORT_REMOVE)
		add(pager, _("Basis"),
		    one->basis == BASIS_NONE ? ROLE_WARN : ROLE_TEXT,
		    span_of(_(wizard_bases[one->basis])));
	if (one->cut)
		add(pager, _("Stopped early"), ROLE_WARN,
		    span_of(_("only what was read so far is stored")));
	if (one->reason[0])
		add(pager, _("Went past a guard"), ROLE_WARN,
		    span_of(one->reason));
	pager_add_str(pager, ROLE_TEXT, "\n");
}

static void
add_kinds(struct pager *pager, const struct import_record *one,
    const struct import_tally *tally, size_t tallies)
{
	struct import_reason reason[TALLIES_MAX];
	struct import_kinds kinds;
	size_t reasons = 0;

	for (size_t i = 0; i < tallies; i++) {
		if (tally[i].code != E_NONE)
			reason[reasons++] = (struct import_reason){
			    tally[i].code, tally[i].rows};
	}
	import_kinds_sum(&one->counts, reason, reasons, &kinds);
	for (size_t i = 0; i < kinds.count; i++) {
		struct buf label = BUF_INIT;

		buf_printf(&label, "  %s", import_kind_name(kinds.at[i].kind));
		add_count(pager, label.ptr, ROLE_WARN, kinds.at[i].rows);
		buf_done(&label);
	}
}

static void
add_done(struct pager *pager, const struct import_record *one,
    const struct import_tally *tally, size_t tallies)
{
	const struct import_counts *counts = &one->counts;
	bool first = true;

	add_count(pager, _("rows read"), ROLE_TEXT, counts->read);
	add_count(pager, _("new on the list"), ROLE_OK, counts->fresh);
	if (counts->bare > 0)
		add_count(pager, _("  of them without a basis"), ROLE_WARN,
		    counts->bare);
	add_count(pager,
	    one->mode == IMPORT_REMOVE ? _("leave the list")
				       : _("on it, changed"),
	    ROLE_TEXT, counts->changed);
	add_count(pager, _("on it, same"), ROLE_TEXT, counts->same);
	add_count(pager, _("left out"), ROLE_TEXT, import_left_out(counts));
	add_kinds(pager, one, tally, tallies);
	if (counts->stopped > 0)
		add_count(pager, _("put on the stop list by this file"),
		    ROLE_WARN, counts->stopped);
	for (size_t i = 0; i < tallies; i++) {
		if (tally[i].code != E_NONE)
			continue;
		if (first)
			pager_add_str(pager, ROLE_TEXT, "\n");
		if (first)
			pager_add_str(pager, ROLE_HEAD, _("Repaired:"));
		pager_add_str(pager, ROLE_TEXT, first ? "\n" : "");
		first = false;
		add_count(pager, import_repair_words(tally[i].repair),
		    ROLE_TEXT, tally[i].rows);
	}
}

/* ---- Reading ---------------------------------------------------------------- */

struct task {
	struct store *store;
	int64_t id;
	struct import_record *import;
	struct import_tally tally[TALLIES_MAX];
	size_t tallies;
	struct import_reject *reject;
	size_t rejects;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	task->import = mem_new(sizeof *task->import);
	task->reject = mem_array(IMPORT_REJECTS_KEPT, sizeof *task->reject);
	if (store_view_open(task->store, &db, err) == 0 &&
	    import_find(task->store, db, task->id, task->import, err) == 0 &&
	    import_tallies(db, task->id, TALLIES_MAX, task->tally,
		&task->tallies, err) == 0)
		rc = import_rejects(db, task->id, 0, IMPORT_REJECTS_KEPT,
		    task->reject, &task->rejects, err);
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	struct task *task = data;

	free(task->import);
	free(task->reject);
	free(task);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct record *self = (struct record *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	free(self->import);
	free(self->reject);
	self->import = task->import;
	self->reject = task->reject;
	self->rejects = task->rejects;
	task->import = NULL;
	task->reject = NULL;
	self->loaded = true;
	pager_clear(self->pager);
	add_told(self->pager, self->import);
	add_done(self->pager, self->import, task->tally, task->tallies);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("One import"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct record *self = (struct record *)screen;

	if (self->loaded)
		pager_draw(self->pager, area_cols(body, 1, -2), FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_OPEN, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct record *)screen)->pager, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	const struct record *self = (struct record *)screen;

	if (action == ACT_OPEN && (!self->loaded || self->rejects == 0))
		return _("No row was left out.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct record *self = (struct record *)screen;
	struct import_reject *copy;

	if (action != ACT_OPEN)
		return UNUSED;
	copy = mem_array(self->rejects, sizeof *copy);
	memcpy(copy, self->reject, self->rejects * sizeof *copy);
	import_rows_open(screen->app, KINDS, &copy, self->rejects);
	return USED;
}

static void
shown(struct screen *screen)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct record *self = (struct record *)screen;
	struct task *task;
	struct err err = {.code = E_NONE};

	if (self->loaded)
		return;
	task = mem_new(sizeof *task);
	task->store = app_store(screen->app);
	task->id = self->id;
	if (app_job(screen->app, screen, &ops, task, NULL, &err) < 0)
		app_say_err(screen->app, &err);
}

static void
close_record(struct screen *screen)
{
	struct record *self = (struct record *)screen;

	pager_free(&self->pager);
	free(self->import);
	free(self->reject);
	free(self);
}

static const struct screen_ops record_ops = {
    .name = "import-record",
    .section = 2,
    .title = title,
    .draw = draw,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_record,
};

void
import_record_open(struct app *app, int64_t id)
{
	struct record *self = mem_new(sizeof *self);

	self->base.ops = &record_ops;
	self->id = id;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	app_push(app, &self->base);
}
