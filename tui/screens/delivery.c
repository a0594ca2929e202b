/* The live delivery (S16): the operator's orders.  The run lives in the session
 * and goes on when this screen is left. */
#include "tui/screens/delivery.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/report.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/run_text.h"
#include "tui/widgets/dialog.h"

enum { TICK_MS = 500, FAST_MS = 200, NEWS_MS = 60 * 1000 };

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
	panes_refresh(&self->panes);
}

static bool
is_open(const struct delivery *self)
{
	return self->known && !delivery_is_over(&self->now);
}

static void
draw(struct screen *screen, struct area body)
{
	struct delivery *self = (struct delivery *)screen;

	if (self->known)
		delivery_draw(self, body);
	else
		draw_str(body, 1, 2, ROLE_DIM,
		    _("Nothing is being sent. Open a sealed campaign and "
		      "launch it."));
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
	if (self->now.pilot.state == RUN_PILOT_LOOK &&
	    self->now.state == RUN_PAUSED) {
		buf_text(out, _("! The pilot waits for you: r sends the rest, "
				"x stops for good."));
	} else if (self->now.state == RUN_PAUSED) {
		buf_text(
		    out, _("! Paused. r goes on; what has left stays sent."));
	} else if (self->now.state == RUN_STOPPED) {
		buf_text(out, _("! Stopped: the rest was not sent. o opens the "
				"report."));
	} else if (!is_open(self)) {
		buf_text(
		    out, _("+ Every recipient has its final state. o opens the "
			   "report."));
	} else if (self->now.events &&
		   self->now.now_ms - self->now.event[0].at_ms < NEWS_MS) {
		buf_text(out, "! ");
		format_clock(out, self->now.event[0].at_ms);
		buf_char(out, ' ');
		event_text(&self->now.event[0], out);
	} else {
		buf_text(
		    out, _("i \"accepted\": the relay took it; what happens "
			   "after is not known here."));
	}
}

/* ---- Actions -------------------------------------------------------------------- */

/* Each of them writes to the store and may wait for it: a job. */
enum deed {
	DEED_PAUSE,
	DEED_RESUME,
	DEED_RETRY,
	DEED_STOP,
	DEED_RATE,
	DEED_HOLD_RELAY,
	DEED_USE_RELAY,
	DEED_HOLD_GROUP,
	DEED_RELEASE_GROUP
};

struct order {
	enum deed deed;
	int64_t number;  /* messages per second, relay or group */
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
	case DEED_RATE:
		return run_set_rate(order->run, (int)order->number, err);
	case DEED_HOLD_RELAY:
		return run_rest_relay(order->run, order->number, err);
	case DEED_USE_RELAY:
		return run_use_relay(order->run, order->number, err);
	case DEED_HOLD_GROUP:
		return run_hold_group(order->run, (int)order->number, err);
	case DEED_RELEASE_GROUP:
		return run_release_group(order->run, (int)order->number, err);
	}
	return -1;
}

static const struct job_ops order_ops = {.run = order_run, .free = free};

static void
deed_text(const struct order *order, struct buf *out)
{
	static const char *const words[] = {
	    [DEED_PAUSE] =
		N_("Paused: nothing new leaves; open ones get their reply."),
	    [DEED_RESUME] = N_("Going on."),
	    [DEED_RETRY] = N_("The deferred ones are due now."),
	    [DEED_STOP] = N_("Stopped. What was open gets its reply; the rest "
			     "is not sent."),
	    [DEED_HOLD_RELAY] = N_("The relay gets nothing new."),
	    [DEED_USE_RELAY] = N_("The relay is tried now."),
	    [DEED_HOLD_GROUP] = N_("The group gets nothing new."),
	    [DEED_RELEASE_GROUP] = N_("The group goes on."),
	};

	if (order->deed != DEED_RATE)
		buf_text(out, _(words[order->deed]));
	else if (order->number)
		buf_printf(out, _("At most %d mails a second from now on."),
		    (int)order->number);
	else
		buf_text(out, _("As fast as the relays allow."));
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct buf text = BUF_INIT;

	(void)job;
	deed_text(data, &text);
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		app_say(screen->app, SAY_OK, text.ptr);
	buf_done(&text);
	take_figures((struct delivery *)screen);
}

static void
give(struct delivery *self, enum deed deed, int64_t number)
{
	struct order *order = mem_new(sizeof *order);
	struct err err = {0};

	*order = (struct order){deed, number, run_of(self)};
	if (app_job(
		self->base.app, &self->base, &order_ops, order, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

/* The limits that + and - go through; above the last there is none. */
static const int paces[] = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};

static void
change_pace(struct delivery *self, enum action action)
{
	int count = (int)(sizeof paces / sizeof *paces), at = 0;
	int now = self->now.rate_limit;

	if (!now && action == ACT_DELIVERY_SLOWER)
		now = (int)self->now.rate_now + 1;
	if (action == ACT_DELIVERY_FASTER) {
		while (at < count && paces[at] <= now)
			at++;
		give(self, DEED_RATE, at < count && now ? paces[at] : 0);
		return;
	}
	while (at + 1 < count && paces[at + 1] < now)
		at++;
	give(self, DEED_RATE, paces[at]);
}

/* Holds what is in use, and lets go what is not. */
static void
hold_or_use(struct delivery *self)
{
	const struct run_part *part = panes_part(&self->panes);
	bool relay = self->panes.kind == PANE_RELAYS;
	bool open = part && (part->state == RUN_PART_UP ||
				part->state == RUN_PART_STANDBY);

	if (!part)
		return;
	if (relay)
		give(self, open ? DEED_HOLD_RELAY : DEED_USE_RELAY, part->id);
	else
		give(self, open ? DEED_HOLD_GROUP : DEED_RELEASE_GROUP,
		    part->id);
}

static void
stop_done(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer && run_of((struct delivery *)owner))
		give((struct delivery *)owner, DEED_STOP, 0);
}

static void
ask_stop(struct delivery *self)
{
	int64_t left = self->now.total - delivery_finished(&self->now);
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

static void
resume_done(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1 && run_of((struct delivery *)owner))
		give((struct delivery *)owner, DEED_RESUME, 0);
}

/* After a pilot it is a decision about all the rest. */
static void
resume(struct delivery *self)
{
	if (self->now.pilot.state != RUN_PILOT_LOOK) {
		give(self, DEED_RESUME, 0);
		return;
	}
	dialog_confirm(&self->base,
	    &(struct dialog){
		.title = _("Send the rest"),
		.text =
		    _("The pilot did not pass by itself. Have you looked at "
		      "its replies? All others leave now."),
		.done = resume_done,
	    },
	    _("Send the rest"));
}

static void
open_group(struct delivery *self)
{
	const struct run_part *part = panes_part(&self->panes);

	if (part && self->panes.kind == PANE_GROUPS)
		refusals_open(self->base.app, self->campaign, part);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct delivery *self = (struct delivery *)screen;

	return self->known ? list_key(self->panes.list[self->panes.kind], key)
			   : UNUSED;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct delivery *self = (struct delivery *)screen;

	switch ((int)action) {
	case ACT_DELIVERY_PAUSE:
		give(self, DEED_PAUSE, 0);
		return USED;
	case ACT_DELIVERY_RESUME:
		resume(self);
		return USED;
	case ACT_DELIVERY_RETRY:
		give(self, DEED_RETRY, 0);
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
	case ACT_DELIVERY_PANE:
		panes_next(&self->panes);
		return USED;
	case ACT_DELIVERY_FASTER:
	case ACT_DELIVERY_SLOWER:
		change_pace(self, action);
		return USED;
	case ACT_DELIVERY_HOLD:
		hold_or_use(self);
		return USED;
	case ACT_DELIVERY_REFUSALS:
		refusals_open(screen->app, self->campaign, NULL);
		return USED;
	case ACT_OPEN:
		open_group(self);
		return USED;
	default:
		return UNUSED;
	}
}

/* What is told to the run. */
static bool
is_order(enum action action)
{
	static const enum action orders[] = {ACT_DELIVERY_PAUSE,
	    ACT_DELIVERY_RESUME, ACT_DELIVERY_RETRY, ACT_DELIVERY_STOP,
	    ACT_DELIVERY_FASTER, ACT_DELIVERY_SLOWER, ACT_DELIVERY_HOLD};

	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		if (orders[i] == action)
			return true;
	}
	return false;
}

/* Why an order makes no sense as things are. */
static const char *
why_no_order(const struct delivery *self, enum action action)
{
	if (action == ACT_DELIVERY_HOLD && !panes_part(&self->panes))
		return _("Choose a group or a relay first (Tab).");
	if (action == ACT_DELIVERY_PAUSE && self->now.state == RUN_PAUSED)
		return _("It is paused already.");
	if (action == ACT_DELIVERY_RESUME && self->now.state != RUN_PAUSED)
		return _("It is not paused.");
	if (action == ACT_DELIVERY_RETRY && !self->now.count[LEDGER_DEFERRED])
		return _("Nothing is deferred.");
	return NULL;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct delivery *self = (struct delivery *)screen;
	bool looks = action == ACT_DELIVERY_REPORT ||
		     action == ACT_DELIVERY_PANE ||
		     action == ACT_DELIVERY_REFUSALS || action == ACT_OPEN;

	if (!looks && !is_order(action))
		return NULL;
	if (!self->known || (!looks && !run_of(self)))
		return _("Nothing is being sent.");
	if (action == ACT_OPEN && self->panes.kind != PANE_GROUPS)
		return _("Choose a group first (Tab).");
	if (looks)
		return NULL;
	if (!is_open(self))
		return _("The delivery is over.");
	if (app_has_job(screen->app, screen))
		return _("One moment: the last order is being carried out.");
	return why_no_order(self, action);
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

	if (store_view_open(app_store(self->base.app), &db, NULL) == 0 &&
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
	    ACT_DELIVERY_FASTER, ACT_DELIVERY_SLOWER, ACT_DELIVERY_PANE,
	    ACT_DELIVERY_REFUSALS, ACT_DELIVERY_STOP, ACT_NONE};
	static const enum action paused[] = {ACT_DELIVERY_RESUME,
	    ACT_DELIVERY_PANE, ACT_DELIVERY_REFUSALS, ACT_DELIVERY_RETRY,
	    ACT_DELIVERY_STOP, ACT_DELIVERY_REPORT, ACT_NONE};
	static const enum action waiting[] = {ACT_DELIVERY_RETRY,
	    ACT_DELIVERY_PANE, ACT_DELIVERY_REFUSALS, ACT_DELIVERY_PAUSE,
	    ACT_DELIVERY_STOP, ACT_DELIVERY_REPORT, ACT_NONE};
	static const enum action none[] = {ACT_BACK, ACT_NONE};
	static const enum action over[] = {
	    ACT_DELIVERY_REPORT, ACT_BACK, ACT_NONE};

	struct delivery *self = (struct delivery *)screen;

	if (!self->known)
		return none;
	if (!is_open(self))
		return over;
	if (self->now.state == RUN_WAITING)
		return waiting;
	return self->now.state == RUN_PAUSED ? paused : open;
}

static void
close_delivery(struct screen *screen)
{
	struct delivery *self = (struct delivery *)screen;

	panes_done(&self->panes);
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
    .key = key,
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
	panes_init(&self->panes, &self->now);
	self->campaign = app_session(app)->running;
	app_replace(app, &self->base);
}
