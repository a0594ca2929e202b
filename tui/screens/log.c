/* The audit log, newest first.  Entries are never changed, so the ones that
 * were read stay right: the list counts the numbers down from the newest and
 * reads a page of neighbours whenever a row is not among those it has. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/list.h"
#include "tui/widgets/pager.h"

enum { PAGE = 64 };

struct line_of_log {
	int64_t seq, at_ms;
	struct buf who, origin, what, object, facts;
	struct digest prev, hash;
};

struct log {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct db *db;
	int64_t newest; /* number of the newest entry; they begin with 1 */
	struct line_of_log line[PAGE]; /* newest first */
	int lines;
	struct buf time; /* of the row last read */
};

static const struct list_column columns[] = {
    {N_("Time"), 19, 0, 0, FIT_END},
    {N_("Who"), 8, 0, 0, FIT_END},
    {N_("From"), 12, 0, 1, FIT_END},
    {N_("What"), 16, 0, 0, FIT_END},
    {N_("Object"), 0, 12, 0, FIT_END},
};

/* ---- Reading ------------------------------------------------------------------------- */

static void
set(struct buf *buf, struct span text)
{
	buf_clear(buf);
	buf_add(buf, text);
}

static void
keep(void *arg, const struct audit_entry *entry)
{
	struct log *self = arg;
	struct line_of_log *line = &self->line[self->lines++];

	line->seq = entry->seq;
	line->at_ms = entry->at_ms;
	line->prev = entry->prev;
	line->hash = entry->hash;
	set(&line->who, entry->who);
	set(&line->origin, entry->origin);
	set(&line->what, entry->what);
	set(&line->object, entry->object);
	set(&line->facts, entry->facts);
}

/* Reads the page whose first entry is number first (0: the newest). */
static bool
read_page(struct log *self, int64_t first)
{
	struct err err = {.code = E_NONE};

	self->lines = 0;
	if (audit_read(
		self->db, first ? first + 1 : 0, PAGE, keep, self, &err) >= 0)
		return true;
	app_say_err(self->base.app, &err);
	return false;
}

/* The entry with a number; pages around it so that moving either way stays
 * on the page for a while. */
static const struct line_of_log *
need(struct log *self, int64_t seq)
{
	int64_t first = seq + PAGE / 4;

	for (int tries = 0; tries < 2; tries++) {
		for (int i = 0; i < self->lines; i++) {
			if (self->line[i].seq == seq)
				return &self->line[i];
		}
		if (tries == 0 &&
		    !read_page(
			self, first < self->newest ? first : self->newest))
			return NULL;
	}
	return NULL;
}

static struct log *
of_source(struct list_source *source)
{
	return (struct log *)((char *)source - offsetof(struct log, source));
}

static int64_t
count(struct list_source *source)
{
	return of_source(source)->newest;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct log *self = of_source(source);
	const struct line_of_log *line = need(self, self->newest - index);

	if (!line)
		return false;
	buf_clear(&self->time);
	format_date(&self->time, line->at_ms);
	buf_char(&self->time, ' ');
	format_clock(&self->time, line->at_ms);
	out->key = line->seq;
	if (span_ends(buf_span(&line->what), SPAN("failed")))
		out->role = ROLE_WARN;
	out->cell[0] = buf_span(&self->time);
	out->cell[1] = buf_span(&line->who);
	out->cell[2] = buf_span(&line->origin);
	out->cell[3] = buf_span(&line->what);
	out->cell[4] = buf_span(&line->object);
	return true;
}

static int64_t
find(struct list_source *source, int64_t key)
{
	struct log *self = of_source(source);

	return key >= 1 && key <= self->newest ? self->newest - key : -1;
}

static void
shown(struct screen *screen)
{
	struct log *self = (struct log *)screen;
	struct err err = {.code = E_NONE};

	if (!self->db &&
	    store_reader_open(app_store(screen->app), &self->db, &err) < 0) {
		app_say_err(screen->app, &err);
		return;
	}
	if (read_page(self, 0))
		self->newest = self->lines ? self->line[0].seq : 0;
	list_refresh(self->list);
}

/* ---- Checking the chain ------------------------------------------------------------------ */

struct checking {
	struct store *store; /* borrowed */
	int64_t count;
};

static int
checking_run(struct job *job, void *data, struct err *err)
{
	struct checking *self = data;
	struct db *db = NULL;
	int rc;

	(void)job;
	if (store_reader_open(self->store, &db, err) < 0)
		return -1;
	rc = audit_verify(self->store, db, &self->count, err);
	store_reader_close(&db);
	return rc;
}

static const struct job_ops checking_ops = {.run = checking_run, .free = free};

static void
start_check(struct log *self)
{
	struct checking *checking = mem_new(sizeof *checking);
	struct err err = {.code = E_NONE};

	checking->store = app_store(self->base.app);
	if (app_job(self->base.app, &self->base, &checking_ops, checking, NULL,
		&err) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct session *session = app_session(screen->app);
	const struct checking *checking = data;
	struct buf count_text = BUF_INIT;

	(void)job;
	if (rc < 0) {
		session->chain = CHAIN_BROKEN;
		session->chain_fault = *err;
		app_say_err(screen->app, err);
		return;
	}
	session->chain = CHAIN_WHOLE;
	session->chain_entries = checking->count;
	format_count(&count_text, checking->count);
	app_sayf(screen->app, SAY_OK,
	    P_("%s entry, the chain is whole.",
		"%s entries, the chain is whole.", checking->count),
	    count_text.ptr);
	buf_done(&count_text);
}

/* ---- One entry ------------------------------------------------------------------------------ */

struct entry_page {
	struct screen base;
	struct pager *pager;
	int64_t seq;
};

static void
add_fact(struct pager *pager, const char *label, struct span value)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s\n    ", label);
	pager_add(pager, ROLE_HEAD, buf_span(&line));
	pager_add(pager, ROLE_TEXT, value.len ? value : SPAN("-"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	buf_done(&line);
}

static void
fill_entry(struct pager *pager, const struct line_of_log *line)
{
	struct buf text = BUF_INIT;

	format_date(&text, line->at_ms);
	buf_char(&text, ' ');
	format_clock(&text, line->at_ms);
	add_fact(pager, _("Time"), buf_span(&text));
	add_fact(pager, _("Who"), buf_span(&line->who));
	add_fact(pager, _("From"), buf_span(&line->origin));
	add_fact(pager, _("What"), buf_span(&line->what));
	add_fact(pager, _("Object"), buf_span(&line->object));
	add_fact(pager, _("Facts"), buf_span(&line->facts));
	buf_clear(&text);
	crypt_hex(&text, span_make(line->prev.bytes, sizeof line->prev.bytes));
	add_fact(pager, _("Mark of the entry before"), buf_span(&text));
	buf_clear(&text);
	crypt_hex(&text, span_make(line->hash.bytes, sizeof line->hash.bytes));
	add_fact(pager, _("Mark of this entry"), buf_span(&text));
	buf_done(&text);
}

static void
entry_title(struct screen *screen, struct buf *out)
{
	struct buf number = BUF_INIT;

	format_count(&number, ((struct entry_page *)screen)->seq);
	buf_printf(out, _("Entry %s"), number.ptr);
	buf_done(&number);
}

static void
entry_draw(struct screen *screen, struct area body)
{
	pager_draw(((struct entry_page *)screen)->pager, area_cols(body, 1, -2),
	    FOCUS_ON);
}

static enum used
entry_key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct entry_page *)screen)->pager, key);
}

static const enum action *
entry_footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
entry_close(struct screen *screen)
{
	struct entry_page *self = (struct entry_page *)screen;

	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops entry_ops = {
    .name = "log-entry",
    .section = 7,
    .title = entry_title,
    .draw = entry_draw,
    .key = entry_key,
    .footer = entry_footer,
    .close = entry_close,
};

static void
open_entry(struct log *self)
{
	const struct line_of_log *line;
	struct entry_page *page;
	int64_t seq;

	if (!list_cursor(self->list, &seq))
		return;
	line = need(self, seq);
	if (!line)
		return;
	page = mem_new(sizeof *page);
	page->base.ops = &entry_ops;
	page->seq = seq;
	page->pager = pager_new(PAGER_WRAP, GATE_RAW);
	fill_entry(page->pager, line);
	app_push(self->base.app, &page->base);
}

/* ---- The screen -------------------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Log"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct session *session = app_session(screen->app);
	struct buf number = BUF_INIT;

	if (session->chain == CHAIN_BROKEN) {
		buf_text(out, _("X the chain is broken"));
	} else if (session->chain == CHAIN_WHOLE) {
		format_count(&number, session->chain_entries);
		buf_printf(out, _("+ chain checked, %s entries"), number.ptr);
	} else {
		buf_text(out, _("? chain not checked"));
	}
	buf_done(&number);
}

static void
draw(struct screen *screen, struct area body)
{
	struct log *self = (struct log *)screen;
	const struct line_of_log *line;
	struct area below = area_rows(body, body.rows - 3, -1);
	int64_t seq;

	list_draw(self->list, area_rows(body, 0, body.rows - 4), FOCUS_ON);
	if (!list_cursor(self->list, &seq) || !(line = need(self, seq)))
		return;
	if (line->facts.len)
		draw_wrapped(below, 0, 1, ROLE_DIM, buf_span(&line->facts));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct log *self = (struct log *)screen;
	struct session *session = app_session(screen->app);

	if (app_has_job(screen->app, screen)) {
		buf_text(out, _("Checking the chain .."));
		return;
	}
	if (session->chain == CHAIN_BROKEN) {
		err_text(&session->chain_fault, out);
		return;
	}
	list_position(self->list, out);
	buf_text(out, "  ");
	buf_text(out, _("Nobody can change or delete entries here."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct log *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct log *self = (struct log *)screen;

	if (action == ACT_LOG_OPEN)
		open_entry(self);
	else if (action == ACT_LOG_CHECK)
		start_check(self);
	else if (action == ACT_LOG_RELOAD)
		shown(screen);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action == ACT_LOG_CHECK && app_has_job(screen->app, screen))
		return _("The check is running.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_LOG_OPEN, ACT_LOG_CHECK, ACT_LOG_RELOAD, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_log(struct screen *screen)
{
	struct log *self = (struct log *)screen;

	for (int i = 0; i < PAGE; i++) {
		buf_done(&self->line[i].who);
		buf_done(&self->line[i].origin);
		buf_done(&self->line[i].what);
		buf_done(&self->line[i].object);
		buf_done(&self->line[i].facts);
	}
	buf_done(&self->time);
	list_free(&self->list);
	store_reader_close(&self->db);
	free(self);
}

static const struct screen_ops log_ops = {
    .name = "log",
    .section = 7,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_log,
};

void
log_open(struct app *app)
{
	struct log *self = mem_new(sizeof *self);

	self->base.ops = &log_ops;
	self->source.count = count;
	self->source.row = row;
	self->source.find = find;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list, N_("Nothing has been recorded yet."));
	app_replace(app, &self->base);
}
