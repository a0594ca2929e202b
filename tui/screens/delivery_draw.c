/* The body of the live delivery: what is finished, the counts, the rate, and a
 * pane of details.  Figures of the ledger, nothing else; what changes with
 * every frame is digits, so that a slow line can carry it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/delivery.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/run_text.h"
#include "tui/text/state_text.h"
#include "tui/widgets/chart.h"

enum {
	CHART_ROWS = 4,
	CHART_ROWS_TALL = 8,
	TALL = 28,
	EVENT_ROWS = 6,
	WIDE = 100
};

bool
delivery_is_over(const struct run_progress *now)
{
	return now->state == RUN_DONE || now->state == RUN_STOPPED;
}

int64_t
delivery_finished(const struct run_progress *now)
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

/* A pilot is a state of its own for who looks. */
static const char *
head_word(const struct run_progress *now)
{
	if (now->pilot.state == RUN_PILOT_UNDER_WAY &&
	    now->state == RUN_RUNNING)
		return _("PILOT");
	return state_word(now->state);
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
	int64_t left = now->total - delivery_finished(now);
	int col;

	format_count(&a, delivery_finished(now));
	format_count(&b, now->total);
	add_part(&line, _("%s of %s"), a.ptr, b.ptr);
	buf_clear(&a);
	format_percent(&a, delivery_finished(now), now->total);
	add_part(&line, "%s", a.ptr);
	if (now->pilot.state == RUN_PILOT_UNDER_WAY)
		add_part(&line, _("the first %lld go alone"),
		    (long long)now->pilot.size);
	else if (now->state == RUN_RUNNING)
		add_part(&line, _("now %.0f/s"), now->rate_now);
	if (delivery_is_over(now) && now->replies) {
		buf_clear(&a);
		format_span(&a, now->reply[0].at_ms - now->started_ms);
		add_part(&line, _("took %s"), a.ptr);
	}
	if (left && now->rate_average > 0 && now->state == RUN_RUNNING &&
	    now->pilot.state != RUN_PILOT_UNDER_WAY) {
		buf_clear(&a);
		format_span(
		    &a, (int64_t)((double)left / now->rate_average * 1000));
		add_part(&line, _("about %s left"), a.ptr);
	}
	col = draw_str(body, 0, 1, state_look(now->state), head_word(now));
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

/* The next of 1, 2, 5, 10 ... that is not below value: an axis that seldom
 * changes. */
static int64_t
round_up(int64_t value)
{
	static const int steps[] = {2, 5, 10};
	int64_t unit = 1;

	while (unit * 10 < value)
		unit *= 10;
	for (size_t i = 0; unit < value && i < 3; i++) {
		if (unit * steps[i] >= value)
			return unit * steps[i];
	}
	return unit;
}

/* Adds up neighbours until count samples fit into columns; how many seconds
 * each of them then counts. */
static int
fit_samples(
    const struct run_progress *now, int columns, int64_t *out, size_t *count)
{
	int together = 1;

	while (together * columns < now->samples)
		together *= 2;
	*count = (size_t)((now->samples + together - 1) / together);
	memset(out, 0, *count * sizeof *out);
	for (int i = 0; i < now->samples; i++)
		out[i / together] += now->sample[i];
	return together * now->sample_s;
}

static int
draw_rate(const struct run_progress *now, struct area body, int row, int rows)
{
	struct area chart = area_cols(area_rows(body, row, rows), 7, -2);
	int64_t samples[RUN_RATE_SAMPLES], most = 1, top;
	struct buf label = BUF_INIT;
	size_t count;
	int seconds;

	if (chart.cols < 1 || now->samples < 1)
		return row + rows;
	seconds = fit_samples(now, chart.cols * 2, samples, &count);
	for (size_t i = 0; i < count; i++)
		most = samples[i] > most ? samples[i] : most;
	top = round_up((most + seconds - 1) / seconds);
	draw_chart(chart, ROLE_CHART_1, samples, count, top * seconds);
	format_count(&label, top);
	buf_text(&label, _("/s"));
	draw_fit(body, row, 0, 6, ROLE_CHART_GRID, FIT_RIGHT, buf_span(&label));
	draw_fit(
	    body, row + rows - 1, 0, 6, ROLE_CHART_GRID, FIT_RIGHT, SPAN("0"));
	buf_done(&label);
	return row + rows;
}

/* Reply times while it runs, and what holds it back. */
static void
add_limit(const struct run_progress *now, int cols, struct buf *line)
{
	struct buf text = BUF_INIT;

	if (delivery_is_over(now))
		return;
	if (now->rate_limit)
		add_part(line, _("limit %d/s"), now->rate_limit);
	if (now->p95_ms >= 0 && cols >= WIDE) {
		reply_time_text(now->p95_ms, &text);
		add_part(line, _("95 of 100 replies in %s"), text.ptr);
	}
	buf_done(&text);
}

static void
draw_transport(const struct run_progress *now, struct area body, int row)
{
	struct buf line = BUF_INIT, text = BUF_INIT;

	if (!delivery_is_over(now)) {
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
	add_limit(now, body.cols, &line);
	draw_text(body, row, 1, ROLE_TEXT, buf_span(&line));
	buf_done(&text);
	buf_done(&line);
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

/* Nobody must miss that somebody else has been at the store. */
static int
draw_alarm(const struct run_progress *now, struct area body, int row)
{
	struct buf text = BUF_INIT;

	if (!now->changed)
		return row;
	buf_printf(&text,
	    P_("✗ %lld mail is not what was sealed and was withheld. Somebody "
	       "has changed the store: stop, and ask who.",
		"✗ %lld mails are not what was sealed and were withheld. "
		"Somebody has changed the store: stop, and ask who.",
		now->changed),
	    (long long)now->changed);
	row = draw_wrapped(
	    area_cols(body, 0, -2), row, 1, ROLE_DANGER, buf_span(&text));
	buf_done(&text);
	return row;
}

/* The newest events under the pane, where there is room. */
static void
draw_events(const struct run_progress *now, struct area a)
{
	struct buf text = BUF_INIT, at = BUF_INIT;

	draw_str(a, 0, 1, ROLE_HEAD, _("Events"));
	for (int i = 0; i < now->events && i + 1 < a.rows; i++) {
		buf_clear(&text);
		buf_clear(&at);
		format_clock(&at, now->event[i].at_ms);
		event_text(&now->event[i], &text);
		draw_text(a, i + 1, 1, ROLE_DIM, buf_span(&at));
		draw_fit(a, i + 1, 11, a.cols - 12,
		    event_role(now->event[i].kind), FIT_END, buf_span(&text));
	}
	buf_done(&at);
	buf_done(&text);
}

int
delivery_draw_start(int64_t total, struct area body)
{
	struct run_progress *now = mem_new(sizeof *now);
	struct buf line = BUF_INIT, number = BUF_INIT;
	int col, row;

	now->count[LEDGER_PLANNED] = total;
	format_count(&number, total);
	buf_printf(&line, _("%s of %s"), "0", number.ptr);
	col = draw_str(body, 0, 1, ROLE_BAR_LIVE, _("STARTING"));
	draw_text(body, 0, col + 3, ROLE_TITLE, buf_span(&line));
	draw_progress(body, 1, 1, body.cols - 2, 0, total);
	buf_done(&number);
	buf_done(&line);
	row = draw_counts(now, body, 2);
	free(now);
	return row;
}

void
delivery_draw(struct delivery *self, struct area body)
{
	const struct run_progress *now = &self->now;
	bool tall = body.rows > TALL;
	int row, end = body.rows;

	draw_head(now, body);
	draw_progress(
	    body, 1, 1, body.cols - 2, delivery_finished(now), now->total);
	row = draw_counts(now, body, 2);
	row = draw_alarm(now, body, row);
	row = draw_guard(now, body, row);
	draw_transport(now, body, row);
	row =
	    draw_rate(now, body, row + 1, tall ? CHART_ROWS_TALL : CHART_ROWS);
	if (tall && now->events && self->panes.kind != PANE_EVENTS) {
		end -= EVENT_ROWS;
		draw_events(now, area_rows(body, end, -1));
	}
	panes_draw(&self->panes, area_rows(body, row, end - row));
}
