/* What happened to a person, newest first, over the record. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/record.h"
#include "tui/screens/record_tabs.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/list.h"

enum { WHEN, WHAT, MORE, CELLS };

struct history {
	struct screen base;
	struct screen *record; /* below us */
	struct list_source source;
	struct list *list;
	struct contact_id contact;
	struct timeline timeline;
	bool loaded;
	struct buf cell[CELLS];
};

static const struct list_column columns[] = {
    {N_("When"), 16, 0, 0, FIT_END},
    {N_("What happened"), 26, 0, 0, FIT_END},
    {N_("More"), 0, 20, 0, FIT_END},
};

static struct history *
of_source(struct list_source *source)
{
	return (struct history *)((char *)source -
				  offsetof(struct history, source));
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->timeline.count;
}

static const char *
event_text(enum event_kind event)
{
	static const char *const texts[EVENT_KINDS] = {
	    [EVENT_MADE] = N_("put in by hand"),
	    [EVENT_EDITED] = N_("changed"),
	    [EVENT_ADDRESS] = N_("another address before"),
	    [EVENT_MERGED] = N_("merged with"),
	    [EVENT_UNMERGED] = N_("merging undone"),
	    [EVENT_TRASHED] = N_("moved to the trash"),
	    [EVENT_RESTORED] = N_("restored from the trash"),
	    [EVENT_STOPPED] = N_("never mailed from now on"),
	    [EVENT_ALLOWED] = N_("may be mailed again"),
	    [EVENT_REMARK] = N_("remark"),
	    [EVENT_EXPORTED] = N_("all that is known was exported"),
	};

	return event < EVENT_KINDS ? _(texts[event]) : "";
}

static const char *
what_text(const struct moment *moment)
{
	static const char *const texts[MOMENT_KINDS] = {
	    [MOMENT_AGREED] = N_("evidence"),
	    [MOMENT_IMPORTED] = N_("joined by import"),
	    [MOMENT_CHANGED] = N_("changed by import"),
	    [MOMENT_REMOVED] = N_("taken off by import"),
	    [MOMENT_LEFT] = N_("taken off a list"),
	    [MOMENT_STOP] = N_("on the stop list"),
	    [MOMENT_EVIDENCE] = N_("evidence changed"),
	};

	if (moment->kind == MOMENT_EVENT)
		return event_text(moment->event);
	if (moment->kind == MOMENT_MAIL)
		return state_text((enum ledger_state)moment->state);
	return moment->kind < MOMENT_KINDS ? _(texts[moment->kind]) : "";
}

static void
add_part(struct buf *out, struct span part)
{
	if (part.len == 0)
		return;
	if (out->len)
		buf_text(out, "  ");
	buf_add(out, part);
}

void
moment_line(const struct moment *moment, struct buf *out)
{
	if (moment->at_ms > 0)
		format_minute(out, moment->at_ms);
	add_part(out, span_of(what_text(moment)));
	add_part(out, moment->what);
}

/* Which parts of a record changed, "address, tags": fields have the names that
 * the office gave them, the record's own parts those of the program. */
static void
add_changed(struct buf *out, struct span parts)
{
	static const char *const own[] = {
	    N_("address"), N_("name"), N_("tags")};
	struct buf text = BUF_INIT;

	while (parts.len) {
		struct span part = span_trim(span_cut(&parts, ','));

		for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
			if (span_equal(part, span_of(own[i])))
				part = span_of(_(own[i]));
		}
		if (text.len)
			buf_text(&text, ", ");
		buf_add(&text, part);
	}
	add_part(out, buf_span(&text));
	buf_done(&text);
}

static void
add_more(struct buf *out, const struct moment *moment)
{
	char code[16];

	add_part(out, moment->what);
	if (moment->kind == MOMENT_MAIL && moment->code) {
		snprintf(code, sizeof code, "%d", moment->code);
		add_part(out, span_of(code));
		add_part(out, moment->enhanced);
		add_part(out, moment->reply);
		add_part(out, moment->tls);
	} else if (moment->kind == MOMENT_EVENT &&
		   moment->event == EVENT_EDITED) {
		add_changed(out, moment->text);
	} else if (moment->kind != MOMENT_MAIL) {
		add_part(out, moment->text);
	}
	add_part(out, moment->by);
}

static enum role
role_of(const struct moment *moment)
{
	if (moment->kind == MOMENT_STOP)
		return ROLE_WARN;
	if (moment->kind == MOMENT_MAIL)
		return state_role((enum ledger_state)moment->state);
	return ROLE_TEXT;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct history *self = of_source(source);
	const struct moment *moment = &self->timeline.moment[index];

	for (size_t i = 0; i < CELLS; i++)
		buf_clear(&self->cell[i]);
	if (moment->at_ms > 0)
		format_minute(&self->cell[WHEN], moment->at_ms);
	buf_text(&self->cell[WHAT], what_text(moment));
	add_more(&self->cell[MORE], moment);
	out->key = index;
	for (size_t i = 0; i < CELLS; i++)
		out->cell[i] = buf_span(&self->cell[i]);
	out->cell_role[WHAT] = role_of(moment);
	return true;
}

/* ---- Job -------------------------------------------------------------------- */

struct task {
	struct store *store;
	struct contact_id contact;
	struct timeline timeline;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (store_view_open(task->store, &db, err) == 0)
		rc = timeline_read(
		    task->store, db, task->contact, &task->timeline, err);
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	timeline_done(&((struct task *)data)->timeline);
	free(data);
}

static void
shown(struct screen *screen)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct history *self = (struct history *)screen;
	struct task *task;
	struct err err = {.code = E_NONE};

	if (self->loaded)
		return;
	task = mem_new(sizeof *task);
	task->store = app_store(screen->app);
	task->contact = self->contact;
	if (app_job(screen->app, screen, &ops, task, NULL, &err) < 0)
		app_say_err(screen->app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct history *self = (struct history *)screen;
	struct task *task = data;

	(void)job;
	self->loaded = true;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	self->timeline = task->timeline;
	task->timeline = (struct timeline){.arena = NULL};
	list_refresh(self->list);
}

/* ---- The screen ------------------------------------------------------------- */

static void
draw(struct screen *screen, struct area body)
{
	struct history *self = (struct history *)screen;

	draw_fill(body, ROLE_TEXT);
	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct history *self = (struct history *)screen;

	if (!self->loaded || self->timeline.count == 0)
		return;
	list_position(self->list, out);
	if (self->timeline.cut)
		buf_text(out, _("  (older ones are not shown)"));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct history *self = (struct history *)screen;

	if (record_tab_key(screen, self->record, key) == USED)
		return USED;
	return list_key(self->list, key);
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	(void)screen;
	record_tabs(RECORD_HISTORY, out);
}

static void
close_history(struct screen *screen)
{
	struct history *self = (struct history *)screen;

	list_free(&self->list);
	timeline_done(&self->timeline);
	for (size_t i = 0; i < CELLS; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("History"));
}

static const struct screen_ops history_ops = {
    .name = "history",
    .section = 2,
    .title = title,
    .tabs = tabs,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .shown = shown,
    .job_done = job_done,
    .close = close_history,
};

void
timeline_open(struct screen *record, struct contact_id contact)
{
	struct history *self = mem_new(sizeof *self);

	self->base.ops = &history_ops;
	self->record = record;
	self->contact = contact;
	self->source.count = row_count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list, N_("Nothing has happened yet."));
	app_push(record->app, &self->base);
}
