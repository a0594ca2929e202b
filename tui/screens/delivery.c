/* The live delivery (S16): figures of the ledger, nothing else.  The run lives
 * in the session and goes on when this screen is left. */
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
	bool known; /* now holds figures */
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
is_open(const struct delivery *self)
{
	return self->known && self->now.state != RUN_DONE &&
	       self->now.state != RUN_STOPPED;
}

/* ---- Drawing ------------------------------------------------------------------- */

static int64_t
finished(const struct run_progress *now)
{
	return now->total - now->count[LEDGER_PLANNED] -
	       now->count[LEDGER_CLAIMED] - now->count[LEDGER_HANDED] -
	       now->count[LEDGER_DEFERRED];
}

static void
draw_head(const struct run_progress *now, struct area body)
{
	struct buf line = BUF_INIT;
	int64_t left = now->total - finished(now);

	format_count(&line, finished(now));
	buf_text(&line, _(" of "));
	format_count(&line, now->total);
	buf_text(&line, "   ");
	format_percent(&line, finished(now), now->total);
	buf_printf(&line, _("   %.0f/s now   %.0f/s average"), now->rate_now,
	    now->rate_average);
	if (left && now->rate_average > 0 && now->state == RUN_RUNNING) {
		buf_text(&line, _("   left "));
		format_span(
		    &line, (int64_t)((double)left / now->rate_average * 1000));
	}
	draw_text(body, 0, 1, ROLE_TITLE, buf_span(&line));
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
	int64_t tried = finished(now) + now->count[LEDGER_DEFERRED] -
			now->count[LEDGER_WITHHELD] -
			now->count[LEDGER_CANCELLED];
	struct buf line = BUF_INIT;

	buf_text(&line, _("sessions "));
	format_count(&line, now->sessions_open);
	buf_text(&line, _("   over TLS "));
	format_percent(&line, now->tls_messages, tried);
	if (now->next_due_ms > now->now_ms) {
		buf_text(&line, _("   next retry in "));
		format_span(&line, now->next_due_ms - now->now_ms);
	}
	draw_text(body, row, 1, ROLE_TEXT, buf_span(&line));
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
	row = draw_rate(&self->now, body, row, chart_rows);
	draw_transport(&self->now, body, row);
	draw_replies(&self->now, body, row + 1);
}

/* ---- Words --------------------------------------------------------------------- */

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

static void
title(struct screen *screen, struct buf *out)
{
	struct delivery *self = (struct delivery *)screen;

	buf_text(out, _("Delivery"));
	if (self->name.len)
		buf_printf(out, " > %.*s", SPAN_ARG(buf_span(&self->name)));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct delivery *self = (struct delivery *)screen;

	if (self->known)
		buf_text(out, state_word(self->now.state));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct delivery *self = (struct delivery *)screen;

	if (!self->known)
		return;
	if (self->now.state == RUN_PAUSED && self->now.why.code != E_NONE) {
		buf_text(out, "! ");
		err_text(&self->now.why, out);
	} else if (self->now.state == RUN_PAUSED) {
		buf_text(
		    out, _("! Paused. r goes on; what has left stays sent."));
	} else if (!is_open(self)) {
		buf_text(
		    out, _("+ Every recipient has its final state. o opens the "
			   "report."));
	} else {
		buf_text(
		    out, _("i \"accepted\" means that the relay took it; what "
			   "happens after is not known here."));
	}
}

/* ---- Actions -------------------------------------------------------------------- */

static void
said(struct delivery *self, int rc, const struct err *err, const char *text)
{
	if (rc < 0)
		app_say_err(self->base.app, err);
	else
		app_say(self->base.app, SAY_OK, text);
	take_figures(self);
}

static void
stop_done(struct screen *owner, int answer, struct span text)
{
	struct delivery *self = (struct delivery *)owner;
	struct run *run = run_of(self);
	struct err err = {0};

	(void)text;
	if (answer && run)
		said(self, run_stop(run, &err), &err,
		    _("Stopped. What was open gets its reply; the rest is not "
		      "sent."));
}

static void
ask_stop(struct delivery *self)
{
	struct buf text = BUF_INIT, name = BUF_INIT;
	struct dialog dialog = {
	    .title = _("Stop the delivery"), .done = stop_done};

	format_count(&text, self->now.total - finished(&self->now));
	buf_text(&text,
	    _(" mails have no final state yet and will not be sent. This "
	      "cannot be undone. Type the campaign's name:"));
	buf_add(&name, buf_span(&self->name));
	dialog.text = text.ptr;
	dialog_type(&self->base, &dialog, name.ptr);
	buf_done(&name);
	buf_done(&text);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct delivery *self = (struct delivery *)screen;
	struct run *run = run_of(self);
	struct err err = {0};

	switch ((int)action) {
	case ACT_DELIVERY_PAUSE:
		said(self, run_pause(run, &err), &err,
		    _("Paused: nothing new leaves; open ones get their "
		      "reply."));
		return USED;
	case ACT_DELIVERY_RESUME:
		said(self, run_resume(run, &err), &err, _("Going on."));
		return USED;
	case ACT_DELIVERY_RETRY:
		said(self, run_retry_now(run, &err), &err,
		    _("The deferred ones are due now."));
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
	    ACT_DELIVERY_REPORT, ACT_BACK, ACT_NONE};
	static const enum action over[] = {
	    ACT_DELIVERY_REPORT, ACT_BACK, ACT_NONE};

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
    .subtitle = subtitle,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .act = act,
    .why_not = why_not,
    .shown = shown,
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
	app_push(app, &self->base);
}
