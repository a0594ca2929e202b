/* The report of one campaign (S18 thin): totals that sum to N, and the rows
 * that did not end as accepted.  Everything is read from the ledger. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/report.h"
#include "core/review/review.h"
#include "tui/app.h"
#include "tui/screens/crumb.h"
#include "tui/screens/screens.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { ROWS_MAX = 10000, TICK_MS = 1000 };

enum view { VIEW_SUMMARY, VIEW_OPEN, VIEW_ALL, VIEWS };
enum task { TASK_READ, TASK_WRITE };

/* What a job reads or writes. */
struct work {
	enum task task;
	struct store *store; /* borrowed */
	struct campaign_id id;
	enum view view; /* READ: for which page */
	struct buf name, path;
	struct report report;
	struct report_page page;
	size_t tests;    /* test mails */
	int64_t test_ms; /* of the last one */
	char test_by[64];
};

struct report_screen {
	struct screen base;
	struct campaign_id campaign;
	enum view view;
	struct work *work; /* the last that was read; NULL before */
	struct list_source source;
	struct list *list;
	struct buf cell[3];
	struct buf path; /* asked for, waits to be confirmed */
	bool busy;
};

/* ---- Jobs --------------------------------------------------------------------- */

static void
work_free(void *data)
{
	struct work *work = data;

	report_page_done(&work->page);
	buf_done(&work->name);
	buf_done(&work->path);
	free(work);
}

/* How many test mails the campaign had, and the last one. */
static int
read_tests(struct work *work, struct db *db, struct err *err)
{
	struct test_record *all = NULL;
	size_t count = 0;
	int rc = test_records(db, work->id, NULL, 0, &all, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++)
		work->tests += i == 0 || all[i].test != all[i - 1].test;
	if (rc == 0 && count > 0) {
		work->test_ms = all[0].made_ms;
		memcpy(work->test_by, all[0].by, sizeof work->test_by);
	}
	free(all);
	return rc;
}

static int
work_read(struct work *work, struct db *db, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(db, work->id, &campaign, err);

	if (rc == 0) {
		buf_add(&work->name, buf_span(&campaign.name));
		rc = report_build(db, work->id, &work->report, err);
	}
	if (rc == 0)
		rc = read_tests(work, db, err);
	if (rc == 0 && work->view != VIEW_SUMMARY)
		rc = report_page(db, work->id,
		    work->view == VIEW_ALL ? REPORT_ALL : REPORT_NOT_ACCEPTED,
		    0, ROWS_MAX, &work->page, err);
	if (rc == 0 && work->view != VIEW_SUMMARY)
		rc = report_page_ids(
		    work->store, db, work->id, &work->page, err);
	campaign_done(&campaign);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (store_view_open(work->store, &db, err) < 0)
		return -1;
	if (work->task == TASK_WRITE)
		rc = report_write_csv(
		    work->store, db, work->id, work->path.ptr, err);
	else
		rc = work_read(work, db, err);
	store_reader_close(&db);
	return rc;
}

static const struct job_ops work_job = {.run = work_run, .free = work_free};

static void
start(struct report_screen *self, enum task task, struct span path)
{
	struct work *work = mem_new(sizeof *work);
	struct err err = {0};
	int rc;

	work->task = task;
	work->store = app_store(self->base.app);
	work->id = self->campaign;
	work->view = self->view;
	buf_add(&work->path, path);
	rc = task == TASK_WRITE ? stepup_job(&self->base, STEPUP_EXPORT,
				      &work_job, work, NULL, &err)
				: app_job(self->base.app, &self->base,
				      &work_job, work, NULL, &err);
	if (rc < 0)
		app_say_err(self->base.app, &err);
	self->busy = rc == 0;
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct report_screen *self = (struct report_screen *)screen;
	struct work *work = data;

	(void)job;
	self->busy = false;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (work->task == TASK_WRITE) {
		app_sayf(screen->app, SAY_OK,
		    _("Written to %s, readable by you alone; the log holds "
		      "it as an export."),
		    work->path.ptr);
		return;
	}
	if (work->view != self->view) {
		start(self, TASK_READ, SPAN(""));
		return;
	}
	if (self->work)
		work_free(self->work);
	self->work = mem_new(sizeof *work);
	*self->work = *work;
	*work = (struct work){0};
	list_refresh(self->list);
}

/* ---- Rows ---------------------------------------------------------------------- */

static struct report_screen *
of_source(struct list_source *source)
{
	return (struct report_screen *)((char *)source -
					offsetof(struct report_screen, source));
}

/* What was read is for the page that is shown. */
static bool
is_read(const struct report_screen *self)
{
	return self->work && self->work->view == self->view;
}

static int64_t
source_count(struct list_source *source)
{
	struct report_screen *self = of_source(source);

	return is_read(self) ? (int64_t)self->work->page.count : 0;
}

/* The first line of what the server said; its code has its own column. */
static struct span
own_words(const struct report_row *row)
{
	struct span rest = row->reply;
	struct span reply = span_trim(span_cut(&rest, '\n'));

	if (row->code && reply.len > 4 &&
	    (reply.ptr[3] == ' ' || reply.ptr[3] == '-'))
		return span_slice(reply, 4, reply.len);
	return reply;
}

/* All lines of it, each on a row of its own. */
static void
add_reply(struct buf *out, struct span reply)
{
	while (reply.len) {
		buf_add(out, span_trim(span_cut(&reply, '\n')));
		buf_char(out, '\n');
	}
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct report_screen *self = of_source(source);
	const struct report_row *row;

	if (index < 0 || index >= source_count(source))
		return false;
	row = &self->work->page.row[index];
	buf_clear(&self->cell[0]);
	buf_clear(&self->cell[1]);
	ui_cut_address(&self->cell[0], row->address, 28);
	if (row->code)
		buf_int(&self->cell[1], row->code);
	out->key = row->seq;
	out->cell[0] = span_of(state_text(row->state));
	out->cell_role[0] = state_role(row->state);
	out->cell[1] = buf_span(&self->cell[0]);
	out->cell[2] = buf_span(&self->cell[1]);
	out->cell[3] = own_words(row);
	return true;
}

static const struct list_column columns[] = {
    {N_("State"), 10, 10, 0, FIT_END},
    {N_("Address"), 28, 20, 0, FIT_MIDDLE},
    {N_("Code"), 4, 4, 0, FIT_RIGHT},
    {N_("Server's own words"), 0, 12, 0, FIT_END},
};

/* ---- Summary -------------------------------------------------------------------- */

static int
line(struct area body, int row, const char *label, enum role role,
    struct span value)
{
	draw_fit(body, row, 2, 24, ROLE_DIM, FIT_END, span_of(label));
	draw_fit(body, row, 26, 12, role, FIT_RIGHT, value);
	return row + 1;
}

static int
draw_totals(const struct report *report, struct area body)
{
	struct buf text = BUF_INIT;
	int row = 0;

	format_count(&text, report->total);
	row = line(body, row, _("recipients"), ROLE_TITLE, buf_span(&text));
	for (int i = 0; i < LEDGER_STATES; i++) {
		enum ledger_state state = (enum ledger_state)i;

		if (!report->count[i] && state != LEDGER_ACCEPTED &&
		    state != LEDGER_FAILED && state != LEDGER_IN_DOUBT)
			continue;
		buf_clear(&text);
		format_count(&text, report->count[i]);
		line(body, row, state_text(state),
		    report->count[i] ? state_role(state) : ROLE_DIM,
		    buf_span(&text));
		buf_clear(&text);
		format_percent(&text, report->count[i], report->total);
		draw_fit(
		    body, row, 38, 9, ROLE_DIM, FIT_RIGHT, buf_span(&text));
		row++;
	}
	buf_done(&text);
	return row;
}

/* Adds one share of the accepted ones: "TLS 1.3 99.8%". */
static void
share(struct buf *line, const char *label, int64_t part, int64_t whole)
{
	if (line->len)
		buf_text(line, "   ");
	buf_text(line, label);
	buf_char(line, ' ');
	format_percent(line, part, whole);
}

static void
add_times(struct buf *line, const struct report *report)
{
	struct buf from = BUF_INIT, to = BUF_INIT, attempts = BUF_INIT;

	format_minute(&from, report->started_ms);
	format_minute(&to, report->ended_ms);
	format_count(&attempts, report->attempts);
	if (report->ended_ms)
		buf_printf(line, _("from %s to %s"), from.ptr, to.ptr);
	else
		buf_printf(line, _("since %s"), from.ptr);
	buf_text(line, "   ");
	buf_printf(line, P_("%s attempt", "%s attempts", report->attempts),
	    attempts.ptr);
	buf_text(line, "   ");
	buf_printf(line, _("launched by %s"), report->by);
	buf_done(&from);
	buf_done(&to);
	buf_done(&attempts);
}

static void
add_tests(struct buf *line, const struct work *work)
{
	struct buf at = BUF_INIT;

	if (work->tests == 0) {
		buf_text(line, _("no test mail"));
		return;
	}
	format_minute(&at, work->test_ms);
	buf_printf(line,
	    P_("%zu test mail, at %s by %s",
		"%zu test mails, the last at %s by %s", work->tests),
	    work->tests, at.ptr, work->test_by);
	buf_done(&at);
}

static int
draw_evidence(const struct work *work, struct area body, int row)
{
	const struct report *report = &work->report;
	int64_t accepted = report->count[LEDGER_ACCEPTED];
	struct buf text = BUF_INIT;

	share(&text, "TLS 1.3", report->tls13, accepted);
	share(&text, "TLS 1.2", report->tls12, accepted);
	share(&text, _("without TLS"), report->tls_none, accepted);
	share(&text, _("relay verified"), report->tls_verified, accepted);
	draw_text(body, row++, 2, ROLE_TEXT, buf_span(&text));
	buf_clear(&text);
	add_times(&text, report);
	draw_text(body, row++, 2, ROLE_TEXT, buf_span(&text));
	buf_clear(&text);
	add_tests(&text, work);
	draw_text(body, row++, 2, ROLE_TEXT, buf_span(&text));
	buf_done(&text);
	return row;
}

static void
draw_summary(struct report_screen *self, struct area body)
{
	const struct demo_hints *demo = app_session(self->base.app)
					    ? app_session(self->base.app)->demo
					    : NULL;
	int row = draw_totals(&self->work->report, body);

	row = draw_evidence(self->work, body, row + 1);
	row = draw_wrapped(area_cols(body, 0, -2), row + 1, 2, ROLE_DIM,
	    span_of(_("The states add up to the number of recipients. "
		      "\"Accepted\" means that the relay took the mail; "
		      "\"in doubt\" that the connection was lost before its "
		      "answer, so nobody knows.")));
	if (demo && demo->maildir) {
		draw_str(body, row + 1, 2, ROLE_INFO,
		    _("The practice relay has put the mails here:"));
		draw_fit(body, row + 2, 2, body.cols - 4, ROLE_TEXT, FIT_MIDDLE,
		    span_of(demo->maildir));
	}
}

/* ---- Screen ---------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct report_screen *self = (struct report_screen *)screen;

	crumb_add(screen, self->work ? buf_span(&self->work->name) : SPAN(""),
	    _("Report"), out);
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	*out = (struct tabs){.count = VIEWS,
	    .current = (int)((struct report_screen *)screen)->view,
	    .label = {_("Summary"), _("Not accepted"), _("All")}};
}

static void
draw(struct screen *screen, struct area body)
{
	struct report_screen *self = (struct report_screen *)screen;

	if (!is_read(self))
		draw_str(body, 1, 2, ROLE_DIM, _("Reading the ledger .."));
	else if (self->view == VIEW_SUMMARY)
		draw_summary(self, body);
	else
		list_draw(self->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct report_screen *self = (struct report_screen *)screen;

	if (self->view == VIEW_SUMMARY || !is_read(self) ||
	    !self->work->page.count)
		return;
	if (self->work->page.count == ROWS_MAX)
		buf_text(out, _("The first 10,000 are shown; w writes all."));
	else
		list_position(self->list, out);
}

/* The whole line of one recipient, for what the columns cut. */
static void
show_row(struct report_screen *self)
{
	struct dialog dialog = {.title = _("One recipient")};
	const struct report_row *row;
	struct buf text = BUF_INIT;
	int64_t index = list_cursor_index(self->list);

	if (!self->work || index < 0 || index >= source_count(&self->source))
		return;
	row = &self->work->page.row[index];
	buf_printf(&text, "%.*s\n%s   ", SPAN_ARG(row->address),
	    state_text(row->state));
	buf_printf(
	    &text, P_("%d attempt", "%d attempts", row->attempt), row->attempt);
	buf_text(&text, "\n\n");
	add_reply(&text, row->reply);
	if (row->tls_version.len)
		buf_printf(&text, "\n%.*s %.*s", SPAN_ARG(row->tls_version),
		    SPAN_ARG(row->tls_cipher));
	buf_printf(&text, "\nMessage-ID: %.*s", SPAN_ARG(row->message_id));
	dialog.text = text.ptr;
	dialog_tell(&self->base, &dialog);
	buf_done(&text);
}

static void
confirmed(struct screen *owner, int answer, struct span text)
{
	struct report_screen *self = (struct report_screen *)owner;

	(void)text;
	if (answer)
		start(self, TASK_WRITE, buf_span(&self->path));
}

/* A file in the clear leaves the store for good: T1, with the number. */
static void
confirm_path(struct screen *owner, int answer, struct span path)
{
	struct report_screen *self = (struct report_screen *)owner;
	struct dialog dialog = {
	    .title = _("Write the report as CSV"), .done = confirmed};
	struct buf text = BUF_INIT, count = BUF_INIT;

	if (!answer || !path.len)
		return;
	buf_clear(&self->path);
	buf_add(&self->path, path);
	format_count(&count, self->work->report.total);
	buf_printf(&text,
	    P_("%s recipient with address, state and reply goes in the clear "
	       "into this file:",
		"%s recipients with address, state and reply go in the clear "
		"into this file:",
		self->work->report.total),
	    count.ptr);
	buf_printf(&text, "\n%.*s\n", SPAN_ARG(path));
	buf_text(&text,
	    _("A file that is already there is replaced. The log will hold "
	      "this as an export."));
	dialog.text = text.ptr;
	dialog_confirm(owner, &dialog, _("Write the file"));
	buf_done(&count);
	buf_done(&text);
}

static void
ask_path(struct report_screen *self)
{
	struct dialog dialog = {.title = _("Write the report as CSV"),
	    .text = _("Into which file?"),
	    .done = confirm_path};
	struct buf path = BUF_INIT;
	const char *home = getenv("HOME");

	buf_printf(&path, "%s/report-%lld.csv", home ? home : "/tmp",
	    (long long)self->campaign.v);
	dialog_ask(&self->base, &dialog, LINE_TEXT, buf_span(&path), NULL);
	buf_done(&path);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct report_screen *self = (struct report_screen *)screen;

	if (key->code == K_CHAR && key->cp >= '1' && key->cp < '1' + VIEWS) {
		self->view = (enum view)(key->cp - '1');
		if (!self->busy)
			start(self, TASK_READ, SPAN(""));
		return USED;
	}
	if (self->view == VIEW_SUMMARY)
		return UNUSED;
	return list_key(self->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct report_screen *self = (struct report_screen *)screen;

	switch ((int)action) {
	case ACT_REPORT_WRITE:
		ask_path(self);
		return USED;
	case ACT_REPORT_RELOAD:
		if (!self->busy)
			start(self, TASK_READ, SPAN(""));
		return USED;
	case ACT_REPORT_CORRECT:
		correction_open(screen->app, self->campaign);
		return USED;
	case ACT_REPORT_RECONCILE:
		reconcile_open(screen->app, self->campaign);
		return USED;
	case ACT_REPORT_EVIDENCE:
		evidence_open(screen->app, self->campaign);
		return USED;
	case ACT_REPLIES:
		replies_open(screen->app);
		return USED;
	case ACT_OPEN:
		if (self->view == VIEW_SUMMARY)
			return UNUSED;
		show_row(self);
		return USED;
	default:
		return UNUSED;
	}
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct report_screen *self = (struct report_screen *)screen;

	if (action == ACT_REPORT_EVIDENCE)
		return app_may_why_not(screen->app, MAY_EVIDENCE_MAKE);
	if (action == ACT_REPORT_WRITE && (self->busy || !self->work))
		return _("One moment: the ledger is being read.");
	if (action == ACT_OPEN && self->view == VIEW_SUMMARY)
		return _("Choose a recipient on page 2 or 3 first.");
	return NULL;
}

/* While the delivery goes on, its report moves. */
static int
tick_ms(struct screen *screen)
{
	struct report_screen *self = (struct report_screen *)screen;

	return self->view == VIEW_SUMMARY && is_read(self) &&
		       !self->work->report.ended_ms
		   ? TICK_MS
		   : 0;
}

static void
tick(struct screen *screen)
{
	struct report_screen *self = (struct report_screen *)screen;

	if (!self->busy)
		start(self, TASK_READ, SPAN(""));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_OPEN, ACT_REPORT_WRITE,
	    ACT_REPORT_EVIDENCE, ACT_REPORT_CORRECT, ACT_REPORT_RECONCILE,
	    ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_report(struct screen *screen)
{
	struct report_screen *self = (struct report_screen *)screen;

	if (self->work)
		work_free(self->work);
	list_free(&self->list);
	buf_done(&self->path);
	for (size_t i = 0; i < sizeof self->cell / sizeof *self->cell; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops report_ops = {
    .name = "report",
    .section = 5,
    .title = title,
    .tabs = tabs,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_report,
};

void
report_open(struct app *app, struct campaign_id campaign)
{
	struct report_screen *self = mem_new(sizeof *self);

	self->base.ops = &report_ops;
	self->campaign = campaign;
	self->source.count = source_count;
	self->source.row = source_row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list, N_("Every mail was accepted."));
	app_push(app, &self->base);
	start(self, TASK_READ, SPAN(""));
}
