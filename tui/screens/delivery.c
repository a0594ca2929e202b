/* The live delivery (S16): figures of the ledger, nothing else.  The run lives
 * in the session and goes on when this screen is left. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/app.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/chart.h"
#include "tui/widgets/dialog.h"

enum { TICK_MS = 500, FAST_MS = 200, CHART_ROWS = 4 };

struct delivery {
	struct screen base;
	struct campaign_id campaign;
	struct buf name;
	struct run_progress now;
	bool known; /* now holds figures; they stay when the run is over */
	bool fast;
};

static struct run *
run_of(struct delivery *self)
{
	return app_session(self->base.app)->run;
}

static void
take_figures(struct delivery *self)
{
	struct run *run = run_of(self);

	if (!run)
		return;
	run_progress(run, &self->now);
	self->known = true;
}

static bool
is_over(const struct run_progress *now)
{
	return now->state == RUN_DONE || now->state == RUN_STOPPED;
}

static bool
is_open(const struct delivery *self)
{
	return self->known && !is_over(&self->now);
}

/* ---- Drawing ------------------------------------------------------------------- */

static int64_t
finished(const struct run_progress *now)
{
	return now->total - now->count[LEDGER_PLANNED] -
	       now->count[LEDGER_CLAIMED] - now->count[LEDGER_HANDED] -
	       now->count[LEDGER_DEFERRED];
}

static const char *
state_word(enum run_state state)
{
	switch (state) {
	case RUN_RUNNING:
		return _("RUNNING");
	case RUN_PAUSED:
		return _("PAUSED");
	case RUN_WAITING:
		return _("WAITING FOR RETRIES");
	case RUN_DONE:
		return _("DONE");
	case RUN_STOPPED:
		return _("STOPPED");
	case RUN_STATES:
		break;
	}
	return "";
}

static enum role
state_look(enum run_state state)
{
	if (state == RUN_PAUSED || state == RUN_STOPPED)
		return ROLE_BAR_ALERT;
	return state == RUN_DONE ? ROLE_OK : ROLE_BAR_LIVE;
}

/* Adds one figure of a line of figures. */
__attribute__((format(printf, 2, 3))) static void
add_part(struct buf *line, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (line->len)
		buf_text(line, "   ");
	buf_text(line, text ? text : "");
	free(text);
}

static void
draw_head(const struct run_progress *now, struct area body)
{
	struct buf line = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
	int64_t left = now->total - finished(now);
	int col;

	format_count(&a, finished(now));
	format_count(&b, now->total);
	add_part(&line, _("%s of %s"), a.ptr, b.ptr);
	buf_clear(&a);
	format_percent(&a, finished(now), now->total);
	add_part(&line, "%s", a.ptr);
	if (now->state == RUN_RUNNING)
		add_part(&line, _("now %.0f/s"), now->rate_now);
	if (is_over(now) && now->replies) {
		buf_clear(&a);
		format_span(&a, now->reply[0].at_ms - now->started_ms);
		add_part(&line, _("took %s"), a.ptr);
	}
	if (left && now->rate_average > 0 && now->state == RUN_RUNNING) {
		buf_clear(&a);
		format_span(
		    &a, (int64_t)((double)left / now->rate_average * 1000));
		add_part(&line, _("about %s left"), a.ptr);
	}
	col = draw_str(
	    body, 0, 1, state_look(now->state), state_word(now->state));
	draw_text(body, 0, col + 3, ROLE_TITLE, buf_span(&line));
	buf_done(&a);
	buf_done(&b);
	buf_done(&line);
}

/* The states in the order in which a message goes through them. */
static const enum ledger_state shown_states[] = {LEDGER_PLANNED, LEDGER_CLAIMED,
    LEDGER_HANDED, LEDGER_ACCEPTED, LEDGER_DEFERRED, LEDGER_FAILED,
    LEDGER_IN_DOUBT, LEDGER_WITHHELD, LEDGER_CANCELLED};

static int
draw_counts(const struct run_progress *now, struct area body, int row)
{
	struct buf number = BUF_INIT;
	int at = 0;

	for (size_t i = 0; i < sizeof shown_states / sizeof *shown_states;
	    i++) {
		enum ledger_state state = shown_states[i];
		int col = 1 + at % 3 * 26;

		buf_clear(&number);
		format_count(&number, now->count[state]);
		draw_fit(body, row + at / 3, col, 14, ROLE_DIM, FIT_END,
		    span_of(state_text(state)));
		draw_fit(body, row + at / 3, col + 14, 10,
		    now->count[state] ? state_role(state) : ROLE_DIM, FIT_RIGHT,
		    buf_span(&number));
		at++;
	}
	buf_done(&number);
	return row + (at + 2) / 3;
}

static int
draw_rate(const struct run_progress *now, struct area body, int row, int rows)
{
	int64_t samples[RUN_RATE_SAMPLES];
	struct area chart = area_cols(area_rows(body, row + 1, rows), 7, -2);
	struct buf label = BUF_INIT;
	int64_t top;

	for (int i = 0; i < now->samples; i++)
		samples[i] = now->sample[i];
	draw_str(body, row, 1, ROLE_DIM, _("finished per second"));
	top = draw_chart(chart, ROLE_CHART_1, samples, (size_t)now->samples, 0);
	format_count(&label, top);
	draw_fit(
	    body, row + 1, 0, 6, ROLE_CHART_GRID, FIT_RIGHT, buf_span(&label));
	draw_fit(body, row + rows, 0, 6, ROLE_CHART_GRID, FIT_RIGHT, SPAN("0"));
	buf_done(&label);
	return row + rows + 1;
}

static void
draw_transport(const struct run_progress *now, struct area body, int row)
{
	struct buf line = BUF_INIT, text = BUF_INIT;

	if (!is_over(now)) {
		add_part(&line, _("average %.0f/s"), now->rate_average);
		add_part(&line,
		    P_("%d session open", "%d sessions open",
			now->sessions_open),
		    now->sessions_open);
	}
	format_percent(&text, now->tls_messages, now->attempts);
	add_part(&line, _("over TLS %s"), text.ptr);
	if (now->next_due_ms > now->now_ms && now->count[LEDGER_DEFERRED] &&
	    now->state != RUN_STOPPED) {
		buf_clear(&text);
		format_span(&text, now->next_due_ms - now->now_ms);
		add_part(&line, _("next retry in %s"), text.ptr);
	}
	draw_text(body, row, 1, ROLE_TEXT, buf_span(&line));
	buf_done(&text);
	buf_done(&line);
}

static void
draw_replies(const struct run_progress *now, struct area body, int row)
{
	struct buf at = BUF_INIT;

	draw_str(body, row, 1, ROLE_HEAD, _("Replies as they come"));
	for (int i = 0; i < now->replies && row + 1 + i < body.rows; i++) {
		const struct run_reply *reply = &now->reply[i];
		int line = row + 1 + i;

		buf_clear(&at);
		format_clock(&at, reply->at_ms);
		draw_text(body, line, 1, ROLE_DIM, buf_span(&at));
		draw_fit(body, line, 10, 12, state_role(reply->state), FIT_END,
		    span_of(state_text(reply->state)));
		draw_fit(body, line, 23, body.cols - 24, ROLE_TEXT, FIT_END,
		    span_of(reply->text));
	}
	buf_done(&at);
}

/* Why a guard has paused the run: above everything that moves. */
static int
draw_guard(const struct run_progress *now, struct area body, int row)
{
	struct buf text = BUF_INIT;

	if (now->state != RUN_PAUSED || now->why.code == E_NONE)
		return row;
	buf_text(&text, "! ");
	err_text(&now->why, &text);
	row = draw_wrapped(
	    area_cols(body, 0, -2), row, 1, ROLE_ERR, buf_span(&text));
	buf_done(&text);
	return row;
}

static void
draw(struct screen *screen, struct area body)
{
	struct delivery *self = (struct delivery *)screen;
	int chart_rows = body.rows > 28 ? 8 : CHART_ROWS, row;

	if (!self->known) {
		draw_str(body, 1, 2, ROLE_DIM,
		    _("Nothing is being sent. Open a sealed campaign and "
		      "launch it."));
		return;
	}
	draw_head(&self->now, body);
	draw_progress(
	    body, 1, 1, body.cols - 2, finished(&self->now), self->now.total);
	row = draw_counts(&self->now, body, 2);
	row = draw_guard(&self->now, body, row);
	row = draw_rate(&self->now, body, row, chart_rows);
	draw_transport(&self->now, body, row);
	draw_replies(&self->now, body, row + 1);
}

/* ---- Words --------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct delivery *self = (struct delivery *)screen;

	buf_text(out, _("Delivery"));
	if (self->name.len)
		buf_printf(out, " > %.*s", SPAN_ARG(buf_span(&self->name)));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct delivery *self = (struct delivery *)screen;

	if (!self->known)
		return;
	if (self->now.state == RUN_PAUSED) {
		buf_text(
		    out, _("! Paused. r goes on; what has left stays sent."));
	} else if (self->now.state == RUN_STOPPED) {
		buf_text(out, _("! Stopped: the rest was not sent. o opens the "
				"report."));
	} else if (!is_open(self)) {
		buf_text(
		    out, _("+ Every recipient has its final state. o opens the "
			   "report."));
	} else {
		buf_text(
		    out, _("i \"accepted\": the relay took it; what happens "
			   "after is not known here."));
	}
}

/* ---- Actions -------------------------------------------------------------------- */

/* Each of them writes to the store and may wait for it: a job. */
enum deed { DEED_PAUSE, DEED_RESUME, DEED_RETRY, DEED_STOP };

struct order {
	enum deed deed;
	struct run *run; /* borrowed: the session's */
};

static int
order_run(struct job *job, void *data, struct err *err)
{
	struct order *order = data;

	(void)job;
	switch (order->deed) {
	case DEED_PAUSE:
		return run_pause(order->run, err);
	case DEED_RESUME:
		return run_resume(order->run, err);
	case DEED_RETRY:
		return run_retry_now(order->run, err);
	case DEED_STOP:
		return run_stop(order->run, err);
	}
	return -1;
}

static const struct job_ops order_ops = {order_run, free};

static const char *
deed_text(enum deed deed)
{
	switch (deed) {
	case DEED_PAUSE:
		return _("Paused: nothing new leaves; open ones get their "
			 "reply.");
	case DEED_RESUME:
		return _("Going on.");
	case DEED_RETRY:
		return _("The deferred ones are due now.");
	case DEED_STOP:
		break;
	}
	return _("Stopped. What was open gets its reply; the rest is not "
		 "sent.");
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct order *order = data;

	(void)job;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		app_say(screen->app, SAY_OK, deed_text(order->deed));
	take_figures((struct delivery *)screen);
}

static void
give(struct delivery *self, enum deed deed)
{
	struct order *order = mem_new(sizeof *order);
	struct err err = {0};

	*order = (struct order){.deed = deed, .run = run_of(self)};
	if (app_job(
		self->base.app, &self->base, &order_ops, order, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
stop_done(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer && run_of((struct delivery *)owner))
		give((struct delivery *)owner, DEED_STOP);
}

static void
ask_stop(struct delivery *self)
{
	int64_t left = self->now.total - finished(&self->now);
	struct buf text = BUF_INIT, count = BUF_INIT, name = BUF_INIT;
	struct dialog dialog = {
	    .title = _("Stop the delivery"), .done = stop_done};

	format_count(&count, left);
	buf_printf(&text,
	    P_("%s mail has no final state yet and will not be sent. This "
	       "cannot be undone.",
		"%s mails have no final state yet and will not be sent. This "
		"cannot be undone.",
		left),
	    count.ptr);
	buf_add(&name, buf_span(&self->name));
	dialog.text = text.ptr;
	dialog_type(&self->base, &dialog, name.len ? name.ptr : "stop");
	buf_done(&name);
	buf_done(&count);
	buf_done(&text);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct delivery *self = (struct delivery *)screen;

	switch ((int)action) {
	case ACT_DELIVERY_PAUSE:
		give(self, DEED_PAUSE);
		return USED;
	case ACT_DELIVERY_RESUME:
		give(self, DEED_RESUME);
		return USED;
	case ACT_DELIVERY_RETRY:
		give(self, DEED_RETRY);
		return USED;
	case ACT_DELIVERY_STOP:
		ask_stop(self);
		return USED;
	case ACT_DELIVERY_FAST:
		self->fast = !self->fast;
		return USED;
	case ACT_DELIVERY_REPORT:
		report_open(screen->app, self->campaign);
		return USED;
	default:
		return UNUSED;
	}
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct delivery *self = (struct delivery *)screen;
	bool is_ours =
	    action == ACT_DELIVERY_PAUSE || action == ACT_DELIVERY_RESUME ||
	    action == ACT_DELIVERY_RETRY || action == ACT_DELIVERY_STOP;

	if (action == ACT_DELIVERY_REPORT && !self->known)
		return _("Nothing is being sent.");
	if (!is_ours)
		return NULL;
	if (!run_of(self) || !self->known)
		return _("Nothing is being sent.");
	if (!is_open(self))
		return _("The delivery is over.");
	if (app_has_job(screen->app, screen))
		return _("One moment: the last order is being carried out.");
	if (action == ACT_DELIVERY_PAUSE && self->now.state == RUN_PAUSED)
		return _("It is paused already.");
	if (action == ACT_DELIVERY_RESUME && self->now.state != RUN_PAUSED)
		return _("It is not paused.");
	if (action == ACT_DELIVERY_RETRY && !self->now.count[LEDGER_DEFERRED])
		return _("Nothing is deferred.");
	return NULL;
}

static int
tick_ms(struct screen *screen)
{
	struct delivery *self = (struct delivery *)screen;

	if (!is_open(self))
		return 0;
	return self->fast ? FAST_MS : TICK_MS;
}

static void
tick(struct screen *screen)
{
	take_figures((struct delivery *)screen);
}

static void
read_name(struct delivery *self)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;

	if (store_reader_open(app_store(self->base.app), &db, NULL) == 0 &&
	    campaign_read(db, self->campaign, &campaign, NULL) == 0) {
		buf_clear(&self->name);
		buf_add(&self->name, buf_span(&campaign.name));
	}
	campaign_done(&campaign);
	store_reader_close(&db);
}

static void
shown(struct screen *screen)
{
	struct delivery *self = (struct delivery *)screen;

	take_figures(self);
	if (self->known && !self->name.len)
		read_name(self);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action open[] = {ACT_DELIVERY_PAUSE,
	    ACT_DELIVERY_RESUME, ACT_DELIVERY_RETRY, ACT_DELIVERY_STOP,
	    ACT_DELIVERY_REPORT, ACT_NONE};
	static const enum action none[] = {ACT_BACK, ACT_NONE};
	static const enum action over[] = {
	    ACT_DELIVERY_REPORT, ACT_BACK, ACT_NONE};

	if (!((struct delivery *)screen)->known)
		return none;
	return is_open((struct delivery *)screen) ? open : over;
}

static void
close_delivery(struct screen *screen)
{
	struct delivery *self = (struct delivery *)screen;

	buf_done(&self->name);
	free(self);
}

static const struct screen_ops delivery_ops = {
    .name = "delivery",
    .section = 4,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .tick_ms = tick_ms,
    .tick = tick,
    .close = close_delivery,
};

void
delivery_open(struct app *app)
{
	struct delivery *self = mem_new(sizeof *self);

	self->base.ops = &delivery_ops;
	self->campaign = app_session(app)->running;
	app_replace(app, &self->base);
}
