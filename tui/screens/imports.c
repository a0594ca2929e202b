/* What was imported into a list, and taking a whole import back.  What an undo
 * would do is counted before anybody says yes; entries of the stop list stay
 * unless somebody says that they are wrong. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/import/import.h"
#include "tui/screens/listing.h"
#include "tui/screens/screens.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { RECORDS_MAX = 500, TICK_MS = 500 };

struct imports {
	struct listing base;
	struct list_id of; /* 0: of all lists */
	int64_t chosen;    /* id of the import to be undone */
	struct import_undo would;
	enum import_stops stops;
	bool ran; /* an import was under way */
};

static const struct list_column columns[] = {
    {N_("When"), 16, 0, 0, FIT_END},
    {N_("File"), 0, 16, 0, FIT_MIDDLE},
    {N_("New"), 9, 0, 0, FIT_RIGHT},
    {N_("Updated"), 9, 0, 0, FIT_RIGHT},
    {N_("Left out"), 9, 0, 1, FIT_RIGHT},
    {N_("State"), 16, 0, 0, FIT_END},
};

static const char *
state_of(const struct import_record *one, enum role *role)
{
	*role = ROLE_DIM;
	if (one->undone_ms)
		return _("undone");
	if (one->cut) {
		*role = ROLE_WARN;
		return _("stopped early");
	}
	if (!one->undo_until_ms)
		return _("stays");
	*role = ROLE_OK;
	return _("can be undone");
}

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct import_record *one = record;

	format_minute(&self->cell[0], one->at_ms);
	format_count(&self->cell[2], one->counts.fresh);
	format_count(&self->cell[3], one->counts.changed);
	format_count(
	    &self->cell[4], one->counts.rejected + one->counts.suppressed);
	out->key = one->id;
	for (int i = 0; i < 5; i++)
		out->cell[i] = buf_span(&self->cell[i]);
	out->cell[1] = span_of(one->file);
	out->cell[5] = span_of(state_of(one, &out->cell_role[5]));
}

static const enum action actions[] = {
    ACT_OPEN, ACT_IMPORT_UNDO, ACT_IMPORT, ACT_BACK, ACT_NONE};

static const struct listing_kind imports_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("Nothing was imported yet."),
    .reading = N_("Reading.."),
    .size = sizeof(struct import_record),
    .row = row,
    .some = actions,
};

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { LOAD, CHECK, UNDO };

struct task {
	struct listing_task base;
	enum task_kind kind;
	struct list_id list;
	int64_t id;
	char *reason; /* owned */
	enum import_stops stops;
	struct import_undo undo;
};

static int
load(struct listing_task *task, struct list_id list, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	task->record = mem_array(RECORDS_MAX, sizeof(struct import_record));
	if (store_view_open(task->store, &db, err) == 0)
		rc = import_history(task->store, db, list, 0, RECORDS_MAX,
		    task->record, &task->count, err);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct store *store = task->base.store;

	(void)job;
	if (task->kind == CHECK)
		return import_undo_check(store, task->id, &task->undo, err);
	if (task->kind == UNDO &&
	    import_undo(store, task->id,
		&(struct import_undo_plan){span_of(task->reason), task->stops},
		&task->undo, err) < 0)
		return -1;
	return load(&task->base, task->list, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	listing_task_done(&task->base, &imports_kind);
	free(task->reason);
	free(task);
}

static void
start(struct imports *self, enum task_kind kind, struct span reason)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);

	task->kind = kind;
	task->list = self->of;
	task->id = self->chosen;
	task->stops = self->stops;
	task->reason = mem_text(reason);
	listing_start(&self->base, &ops, task);
}

/* ---- Undo ------------------------------------------------------------------- */

static void
check_reason(struct span text, struct buf *why)
{
	size_t length = span_trim(text).len;

	if (length < IMPORT_UNDO_REASON_MIN)
		buf_text(why, _("Say why, in a few words."));
	else if (length > IMPORT_UNDO_REASON_MAX)
		buf_text(why, _("That is too long."));
}

static void
reason_given(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct imports *)owner, UNDO, span_trim(text));
}

static void
add_line(struct buf *out, int64_t number, const char *words)
{
	if (number <= 0)
		return;
	format_count(out, number);
	buf_printf(out, " %s\n", words);
}

static void
ask_reason(struct imports *self)
{
	const struct import_undo *would = &self->would;
	struct buf text = BUF_INIT;

	add_line(&text, would->left, _("leave the list."));
	add_line(&text, would->deleted, _("of them are deleted."));
	add_line(&text, would->mailed, _("of them got mail meanwhile."));
	add_line(&text, would->restored, _("are again as they were."));
	add_line(&text, would->rejoined, _("are on the list again."));
	add_line(&text, would->kept, _("were changed since and stay."));
	add_line(&text, would->later,
	    _("later imports into this list stay as they are."));
	buf_text(&text, _("Why is it taken back?"));
	dialog_ask(&self->base.base,
	    &(struct dialog){.title = _("Undo the whole import"),
		.text = text.ptr,
		.done = reason_given},
	    LINE_TEXT, SPAN(""), check_reason);
	buf_done(&text);
}

static void
stops_answered(struct screen *owner, int answer, struct span text)
{
	struct imports *self = (struct imports *)owner;

	(void)text;
	if (answer == 0)
		return;
	self->stops = answer == 2 ? IMPORT_STOPS_TAKE_OFF : IMPORT_STOPS_KEEP;
	ask_reason(self);
}

/* One stop too few is mail to who said no: asked before all else. */
static void
ask_stops(struct imports *self)
{
	const struct dialog_choice choices[] = {
	    {'k', _("They stay stopped")},
	    {'t', _("They are wrong: take them off as well")},
	};
	struct buf text = BUF_INIT;

	format_count(&text, self->would.stops);
	buf_printf(&text, " %s",
	    _("entries of the stop list were made by this file alone."));
	dialog_choose(&self->base.base,
	    &(struct dialog){.title = _("Undo the whole import"),
		.text = text.ptr,
		.done = stops_answered},
	    choices, 2);
	buf_done(&text);
}

static void
counted(struct imports *self, const struct import_undo *would)
{
	self->would = *would;
	self->stops = IMPORT_STOPS_KEEP;
	if (would->stops > 0)
		ask_stops(self);
	else
		ask_reason(self);
}

/* ---- The screen ------------------------------------------------------------- */

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct imports *self = (struct imports *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (task->kind == CHECK) {
		counted(self, &task->undo);
		return;
	}
	if (task->kind == UNDO)
		app_say(screen->app, SAY_OK, _("The import is taken back."));
	listing_take(&self->base, &task->base);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Imports"));
}

static void
hint(struct screen *screen, struct buf *out)
{
	const struct import_record *one =
	    listing_selected((struct listing *)screen);
	enum role role;

	if (!one)
		return;
	buf_printf(out, _("By %s, %s, %s; "), one->by, one->charset,
	    one->list_name[0] ? one->list_name : _("(the list is gone)"));
	buf_text(out, state_of(one, &role));
	if (one->undo_until_ms && !one->undone_ms) {
		buf_text(out, " ");
		buf_text(out, _("until"));
		buf_char(out, ' ');
		format_minute(out, one->undo_until_ms);
	}
	if (one->undone_ms)
		buf_printf(out, " (%s)", one->undone_by);
}

/* One that is being stored is no record yet. */
static void
draw(struct screen *screen, struct area body)
{
	struct buf text = BUF_INIT;
	bool runs = import_goes_on(screen->app);

	if (runs) {
		import_add_status(screen->app, &text);
		draw_printf(body, 0, 1, ROLE_INFO,
		    _("An import is under way, %s: i shows it."), text.ptr);
	}
	listing_draw(screen, runs ? area_rows(body, 2, -1) : body);
	buf_done(&text);
}

static int
tick_ms(struct screen *screen)
{
	struct imports *self = (struct imports *)screen;

	return self->ran || import_goes_on(screen->app) ? TICK_MS : 0;
}

/* When it has ended it is a record. */
static void
tick(struct screen *screen)
{
	struct imports *self = (struct imports *)screen;
	bool runs = import_goes_on(screen->app);

	if (self->ran && !runs)
		start(self, LOAD, SPAN(""));
	self->ran = runs;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	const struct import_record *one =
	    listing_selected((struct listing *)screen);

	if (action != ACT_IMPORT_UNDO && action != ACT_OPEN)
		return NULL;
	if (!one)
		return _("Nothing was imported yet.");
	if (action == ACT_OPEN)
		return NULL;
	if (one->undone_ms)
		return _("This import was taken back already.");
	if (!one->undo_until_ms)
		return _("What was there before is kept for seven days; that "
			 "is over.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct imports *self = (struct imports *)screen;
	const struct import_record *one = listing_selected(&self->base);

	if (action == ACT_OPEN) {
		import_record_open(screen->app, one->id);
		return USED;
	}
	if (action == ACT_IMPORT) {
		import_screen_open(screen->app, self->of);
		return USED;
	}
	if (action != ACT_IMPORT_UNDO)
		return UNUSED;
	self->chosen = one->id;
	start(self, CHECK, SPAN(""));
	return USED;
}

static void
shown(struct screen *screen)
{
	start((struct imports *)screen, LOAD, SPAN(""));
}

static void
close_imports(struct screen *screen)
{
	listing_done((struct listing *)screen);
	free(screen);
}

static const struct screen_ops imports_ops = {
    .name = "imports",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = listing_footer,
    .key = listing_key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_imports,
};

void
imports_open(struct app *app, struct list_id list)
{
	struct imports *self = mem_new(sizeof *self);

	listing_init(&self->base, &imports_ops, &imports_kind);
	self->of = list;
	app_push(app, &self->base.base);
}
