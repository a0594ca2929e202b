/* The audit log, newest first.  Entries are never changed, so the ones that
 * were read stay right: the list counts the numbers down from the newest and
 * reads a page of neighbours whenever a row is not among those it has. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/log.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { PAGE = 64 };

struct log {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct db *db;
	int64_t newest; /* number of the newest entry; they begin with 1 */
	struct log_line line[PAGE]; /* newest first */
	int lines;
	struct buf time; /* of the row last read */
	struct buf filter_text;
	struct log_filter filter;
	bool filtered;
	int64_t *match; /* numbers that fit the filter, newest first */
	int64_t matches;
	struct job *job;             /* the last one started, while it runs */
	const struct log_work *work; /* its; only to be watched */
	enum log_task task;
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
keep(void *arg, const struct audit_entry *entry)
{
	struct log *self = arg;

	log_line_set(&self->line[self->lines++], entry);
}

/* Reads the page whose first entry is number first (0: the newest). */
static bool
read_page(struct log *self, int64_t first)
{
	struct err err = {.code = E_NONE};

	self->lines = 0;
	if (log_page(app_store(self->base.app), self->db, first ? first + 1 : 0,
		PAGE, keep, self, &err) >= 0)
		return true;
	app_say_err(self->base.app, &err);
	return false;
}

/* The entry with a number; pages around it so that moving either way stays
 * on the page for a while. */
static const struct log_line *
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
	struct log *self = of_source(source);

	return self->filtered ? self->matches : self->newest;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct log *self = of_source(source);
	const struct log_line *line;

	if (index < 0 || index >= count(source))
		return false;
	line = need(
	    self, self->filtered ? self->match[index] : self->newest - index);
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

	if (!self->filtered)
		return key >= 1 && key <= self->newest ? self->newest - key
						       : -1;
	for (int64_t i = 0; i < self->matches; i++) {
		if (self->match[i] == key)
			return i;
	}
	return -1;
}

static void
shown(struct screen *screen)
{
	struct log *self = (struct log *)screen;
	struct err err = {.code = E_NONE};

	if (!self->db &&
	    store_view_open(app_store(screen->app), &self->db, &err) < 0) {
		app_say_err(screen->app, &err);
		return;
	}
	if (read_page(self, 0))
		self->newest = self->lines ? self->line[0].seq : 0;
	list_refresh(self->list);
}

/* ---- Jobs ------------------------------------------------------------------------------ */

static void
start(struct log *self, enum log_task task, struct span path)
{
	self->work =
	    log_start(&self->base, task, &self->filter, path, &self->job);
	self->task = task;
}

static void
checked(struct log *self, const struct log_work *work, const struct err *fault)
{
	struct app *app = self->base.app;
	struct buf entries = BUF_INIT, lines = BUF_INIT;

	if (fault && fault->code == E_CANCELLED) {
		app_say_err(app, fault);
		return;
	}
	session_take_check(app_session(app), &work->seen, fault);
	if (fault) {
		app_say_err(app, fault);
		return;
	}
	format_count(&entries, work->seen.entries);
	format_count(&lines, work->seen.lines);
	app_sayf(app, SAY_OK,
	    P_("%s entry, the chain is whole; seals in the file that fit: %s.",
		"%s entries, the chain is whole; seals in the file that fit: "
		"%s.",
		work->seen.entries),
	    entries.ptr, lines.ptr);
	buf_done(&entries);
	buf_done(&lines);
}

static void
found(struct log *self, struct log_work *work)
{
	free(self->match);
	self->match = work->seq;
	self->matches = (int64_t)work->count;
	work->seq = NULL;
	self->filtered = self->filter_text.len > 0;
	list_refresh(self->list);
	list_cursor_index_set(self->list, 0);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct log *self = (struct log *)screen;
	struct log_work *work = data;

	if (job == self->job)
		self->job = NULL;
	if (work->task == LOG_CHECK)
		checked(self, work, rc < 0 ? err : NULL);
	else if (rc < 0)
		app_say_err(screen->app, err);
	else if (work->task == LOG_FIND)
		found(self, work);
	else
		app_sayf(screen->app, SAY_OK,
		    _("Written to %s, readable by you alone; the log holds "
		      "it as an export."),
		    work->path.ptr);
}

/* ---- Filter, file ------------------------------------------------------------------------ */

static void
check_filter(struct span text, struct buf *why)
{
	struct log_filter filter;
	struct err err = {.code = E_NONE};

	if (log_filter_read(text, &filter, &err) < 0)
		err_text(&err, why);
}

static void
show_all(struct log *self)
{
	buf_clear(&self->filter_text);
	self->filter = (struct log_filter){.words = 0};
	self->filtered = false;
	list_refresh(self->list);
	list_cursor_index_set(self->list, 0);
}

static void
filter_answered(struct screen *owner, int answer, struct span text)
{
	struct log *self = (struct log *)owner;

	if (answer != 1)
		return;
	text = span_trim(text);
	if (log_filter_read(text, &self->filter, NULL) < 0)
		return;
	if (!text.len) {
		show_all(self);
		return;
	}
	buf_clear(&self->filter_text);
	buf_add(&self->filter_text, text);
	start(self, LOG_FIND, SPAN(""));
}

static void
ask_filter(struct log *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("Filter the log"),
		.text = _("Words that an entry must hold; -word: must not.\n"
			  "who: from: what: object: facts: name a column,\n"
			  "since: until: take a date. Empty shows all."),
		.done = filter_answered,
	    },
	    LINE_TEXT, buf_span(&self->filter_text), check_filter);
}

static void
path_answered(struct screen *owner, int answer, struct span path)
{
	if (answer == 1 && path.len)
		start((struct log *)owner, LOG_WRITE, path);
}

static void
check_path(struct span path, struct buf *why)
{
	if (!path.len || path.ptr[0] != '/')
		buf_text(why, _("The path begins with a slash."));
}

static void
ask_path(struct log *self)
{
	struct buf path = BUF_INIT;
	const char *home = getenv("HOME");

	buf_printf(&path, "%s/audit.csv", home ? home : "/tmp");
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("Write the log"),
		.text = _("All entries that are shown go into this file, "
			  "which is replaced when it is there. A name that "
			  "ends in .jsonl is written as JSON lines, any other "
			  "as CSV."),
		.done = path_answered,
	    },
	    LINE_TEXT, buf_span(&path), check_path);
	buf_done(&path);
}

static void
open_entry(struct log *self)
{
	const struct log_line *line;
	int64_t seq;

	if (list_cursor(self->list, &seq) && (line = need(self, seq)))
		log_entry_open(self->base.app, line);
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
	log_chain_text(screen->app, out);
}

static void
draw(struct screen *screen, struct area body)
{
	struct log *self = (struct log *)screen;
	const struct log_line *line;
	struct area below = area_rows(body, body.rows - 3, -1);
	int64_t seq;

	list_draw(self->list, area_rows(body, 0, body.rows - 4), FOCUS_ON);
	if (!list_cursor(self->list, &seq) || !(line = need(self, seq)))
		return;
	if (line->facts.len)
		draw_wrapped(below, 0, 1, ROLE_DIM, buf_span(&line->facts));
}

static void
hint_job(const struct log *self, struct buf *out)
{
	int64_t total;

	if (self->task != LOG_CHECK) {
		buf_text(out, _("Reading the log .. ^C stops."));
		return;
	}
	total = atomic_load(&self->work->watch.total);
	buf_text(out, _("Checking the chain .. ^C stops."));
	buf_char(out, ' ');
	if (total > 0)
		format_percent(
		    out, atomic_load(&self->work->watch.done), total);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct log *self = (struct log *)screen;
	struct session *session = app_session(screen->app);

	if (self->job) {
		hint_job(self, out);
		return;
	}
	if (session->chain == CHAIN_BROKEN) {
		err_text(&session->chain_fault, out);
		return;
	}
	list_position(self->list, out);
	buf_text(out, "  ");
	if (self->filtered)
		buf_printf(out, _("filter: %s"), self->filter_text.ptr);
	else
		buf_text(out, _("Nobody can change or delete entries here."));
}

static int
tick_ms(struct screen *screen)
{
	return ((struct log *)screen)->job ? 250 : 0;
}

static void
tick(struct screen *screen)
{
	(void)screen;
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
		start(self, LOG_CHECK, SPAN(""));
	else if (action == ACT_LOG_RELOAD)
		shown(screen);
	else if (action == ACT_FILTER)
		ask_filter(self);
	else if (action == ACT_LOG_WRITE)
		ask_path(self);
	else if (action == ACT_LOG_REVIEW)
		logreview_open(screen->app);
	else if (action == ACT_LOG_PEOPLE)
		peoplereview_open(screen->app);
	else if (action == ACT_CANCEL && self->job)
		job_cancel(self->job);
	else if (action == ACT_BACK && self->filtered)
		show_all(self);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	bool works = action == ACT_LOG_CHECK || action == ACT_FILTER ||
		     action == ACT_LOG_WRITE;

	if (works && ((struct log *)screen)->job)
		return _("One moment, please.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_LOG_OPEN, ACT_FILTER,
	    ACT_LOG_CHECK, ACT_LOG_WRITE, ACT_LOG_REVIEW, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_log(struct screen *screen)
{
	struct log *self = (struct log *)screen;

	for (int i = 0; i < PAGE; i++)
		log_line_done(&self->line[i]);
	buf_done(&self->time);
	buf_done(&self->filter_text);
	free(self->match);
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
    .tick_ms = tick_ms,
    .tick = tick,
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
