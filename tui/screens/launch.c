/* The last page before mail leaves (S15, tier T3): what goes to whom, the
 * number typed without being shown here (nor anything it could be reckoned
 * from), a countdown that any key stops, and so does whatever else takes the
 * screen away or holds the program up.  The clearance is asked for when the
 * countdown is over, not before; when it is refused the page says why and leads
 * back to the checklist.  A campaign whose time has not come is armed here in
 * the same way, without a countdown: it can be disarmed. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/review/review.h"
#include "tui/app.h"
#include "tui/armed.h"
#include "tui/screens/crumb.h"
#include "tui/screens/delivery.h"
#include "tui/screens/launch_facts.h"
#include "tui/screens/screens.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/moment.h"
#include "tui/text/state_text.h"
#include "tui/widgets/line.h"

enum { LATE_MS = 2000, TICK_MS = 500, COUNT_COLS = 12, SECOND_MS = 1000 };

enum step {
	STEP_READING,
	STEP_UNREADABLE, /* why tells */
	STEP_TYPING,
	STEP_COUNTING,
	STEP_STARTING,
	STEP_ARMED,   /* waits for its time */
	STEP_REFUSED, /* why tells */
};

enum start_kind { START_NOW, START_ARM, START_DISARM };

/* The start itself, in a job: the clearance and the run, or the arming. */
struct start {
	enum start_kind kind;
	struct store *store;
	struct world *world;
	struct campaign_id campaign;
	struct run *run; /* out */
};

struct launch {
	struct screen base;
	struct campaign_id campaign;
	struct launch_facts *facts;
	struct line *typed;
	enum step step;
	int64_t leaves_ms; /* steady time at which the countdown is over */
	struct err why;
};

/* ---- Jobs --------------------------------------------------------------------- */

static int
start_run(struct job *job, void *data, struct err *err)
{
	struct start *start = data;
	struct clearance *clearance = NULL;
	const struct run_plan plan = {0};

	if (job_is_cancelled(job))
		return err_set(err, E_CANCELLED);
	if (start->kind == START_ARM)
		return schedule_arm(
		    start->store, start->world, start->campaign, err);
	if (start->kind == START_DISARM)
		return schedule_disarm(start->store, start->campaign, err);
	if (clearance_grant(start->store, start->world, start->campaign,
		&clearance, err) < 0)
		return -1;
	return run_start(
	    &clearance, start->world, start->store, &plan, &start->run, err);
}

static void
start_free(void *data)
{
	struct start *start = data;

	run_free(&start->run);
	free(start);
}

static const struct job_ops start_job = {.run = start_run, .free = start_free};

static void
begin(struct launch *self, enum start_kind kind)
{
	struct start *start = mem_new(sizeof *start);
	struct err err = {0};

	*start = (struct start){.kind = kind,
	    .store = app_store(self->base.app),
	    .world = app_world(self->base.app),
	    .campaign = self->campaign};
	self->step = STEP_STARTING;
	if (app_job(self->base.app, &self->base, &start_job, start, NULL,
		&err) < 0) {
		self->step = STEP_REFUSED;
		self->why = err;
	}
}

static void read_facts(struct launch *self);

static void
facts_done(struct launch *self, struct launch_facts *facts, int rc,
    const struct err *err)
{
	if (rc < 0) {
		self->step = STEP_UNREADABLE;
		self->why = *err;
		return;
	}
	launch_facts_free(self->facts);
	self->facts = launch_facts_take(facts);
	self->step = facts->is_armed ? STEP_ARMED : STEP_TYPING;
}

static void
say_armed(struct launch *self, enum start_kind kind)
{
	struct app *app = self->base.app;
	struct buf text = BUF_INIT;

	armed_refresh(app_session(app));
	if (kind == START_ARM) {
		buf_text(&text, _("Armed. It starts by itself at "));
		moment_text(&text, self->facts->campaign.send_at_ms);
		app_say(app, SAY_OK, text.ptr);
	} else {
		app_say(app, SAY_OK, _("Disarmed: nothing starts by itself."));
	}
	buf_done(&text);
	read_facts(self);
}

static void
start_done(
    struct launch *self, struct start *start, int rc, const struct err *err)
{
	struct app *app = self->base.app;

	line_set(self->typed, SPAN(""));
	if (rc < 0) {
		self->step = STEP_REFUSED;
		self->why = *err;
		return;
	}
	if (start->kind != START_NOW) {
		say_armed(self, start->kind);
		return;
	}
	session_take_run(app_session(app), &start->run, self->campaign);
	app_hush(app); /* "nothing was sent" of an earlier try */
	delivery_open(app);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct launch *self = (struct launch *)screen;

	(void)job;
	if (self->step == STEP_STARTING)
		start_done(self, data, rc, err);
	else
		facts_done(self, data, rc, err);
}

/* ---- Screen ---------------------------------------------------------------------- */

static bool
number_is_right(const struct launch *self)
{
	int64_t typed;

	return self->facts && span_int(line_span(self->typed), &typed) &&
	       typed == self->facts->seal.recipients;
}

/* Its time has not come: it is armed, not launched. */
static bool
is_early(const struct launch *self)
{
	return self->facts &&
	       self->facts->campaign.send_at_ms > app_now_ms(self->base.app);
}

static void
title(struct screen *screen, struct buf *out)
{
	struct launch *self = (struct launch *)screen;

	crumb_add(screen,
	    self->facts ? buf_span(&self->facts->campaign.name) : SPAN(""),
	    _("Launch"), out);
}

static enum circle
circle_of(struct screen *screen)
{
	struct launch *self = (struct launch *)screen;

	return self->facts ? self->facts->list.color : CIRCLE_UNSAID;
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	crumb_circle(circle_of(screen), out);
}

static enum role
subtitle_role(struct screen *screen)
{
	return circle_role(circle_of(screen));
}

enum { LABEL_COL = 4 };

static void
draw_counting(struct launch *self, struct area body, int at)
{
	int64_t left = self->leaves_ms - app_steady_ms(self->base.app);
	int seconds = left > 0 ? (int)((left + 999) / 1000) : 0;
	struct buf text = BUF_INIT;

	buf_printf(&text,
	    P_("Starts in %d second. Any key stops it; nothing is sent then.",
		"Starts in %d seconds. Any key stops it; nothing is sent then.",
		seconds),
	    seconds);
	draw_blank(body, at, LABEL_COL, body.cols - LABEL_COL - 2, ROLE_DANGER);
	draw_text(body, at, LABEL_COL + 1, ROLE_DANGER, buf_span(&text));
	draw_cursor(body, at, LABEL_COL);
	buf_done(&text);
}

static void
draw_typing(struct launch *self, struct area body, int at)
{
	int after = draw_str(body, at, LABEL_COL, ROLE_TEXT,
	    _("Type the number of mails to send:"));

	line_draw(self->typed, body, at, after + 1, COUNT_COLS, FOCUS_ON);
	draw_str(body, at + 1, LABEL_COL, ROLE_DIM,
	    _("It stands at the top of the preview, not here. Pasting is "
	      "off."));
	if (!number_is_right(self) ||
	    launch_facts_approval(self->facts) == LAUNCH_APPROVAL_ENDS_BEFORE)
		return;
	draw_str(body, at + 3, LABEL_COL, ROLE_OK,
	    is_early(self)
		? _("+ That is the number. ^N arms it; it starts by itself.")
		: _("+ That is the number. ^N launches."));
}

static void
draw_armed(struct area body, int at)
{
	at = draw_wrapped(area_cols(body, 0, -4), at, LABEL_COL, ROLE_OK,
	    span_of(_("+ Armed. It starts by itself at its time, once, on this "
		      "host, and only while Sekisho runs (:detach leaves it "
		      "running). Everything is checked again then.")));
	draw_cursor(body, at, LABEL_COL);
}

static void
draw_why(struct launch *self, struct area body, int at)
{
	struct buf text = BUF_INIT;

	buf_text(&text, "✗ ");
	err_text(&self->why, &text);
	at = draw_wrapped(
	    area_cols(body, 0, -4), at, LABEL_COL, ROLE_ERR, buf_span(&text));
	draw_wrapped(area_cols(body, 0, -4), at + 1, LABEL_COL, ROLE_TEXT,
	    span_of(_("Enter opens the checklist.")));
	draw_cursor(body, at + 1, LABEL_COL);
	buf_done(&text);
}

static void
draw(struct screen *screen, struct area body)
{
	struct launch *self = (struct launch *)screen;
	int at;

	if (self->step == STEP_UNREADABLE)
		draw_why(self, body, 1);
	else if (!self->facts)
		draw_str(body, 1, LABEL_COL, ROLE_DIM, _("Reading .."));
	if (!self->facts)
		return;
	if (self->step == STEP_COUNTING || self->step == STEP_STARTING) {
		at = delivery_draw_start(self->facts->seal.recipients, body);
		if (self->step == STEP_COUNTING)
			draw_counting(self, body, at + 1);
		else
			draw_str(body, at + 1, LABEL_COL, ROLE_INFO,
			    _("Comparing everything with the seal .."));
		return;
	}
	at = launch_facts_draw(self->facts, body) + 1;
	if (self->step == STEP_REFUSED)
		draw_why(self, body, at);
	else if (self->step == STEP_ARMED)
		draw_armed(body, at);
	else
		draw_typing(self, body, at);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct launch *self = (struct launch *)screen;

	if (self->step == STEP_TYPING)
		buf_text(out, _("i Esc goes back; nothing is sent."));
}

/* ---- Keys -------------------------------------------------------------------- */

static void
stop_counting(struct launch *self)
{
	self->step = STEP_TYPING;
	line_set(self->typed, SPAN(""));
	app_say(self->base.app, SAY_INFO,
	    _("Stopped before the start: nothing was sent."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct launch *self = (struct launch *)screen;

	if (self->step == STEP_COUNTING) {
		stop_counting(self);
		return USED;
	}
	if (self->step == STEP_STARTING)
		return USED;
	if (self->step != STEP_TYPING)
		return UNUSED;
	if (key->code == K_PASTE) {
		app_say(screen->app, SAY_INFO,
		    _("Pasting is off here: type the number."));
		return USED;
	}
	return line_key(self->typed, key);
}

static bool
is_another_running(struct launch *self)
{
	struct session *session = app_session(self->base.app);
	struct run_progress now;

	if (!session || !session->run)
		return false;
	run_progress(session->run, &now);
	return now.state != RUN_DONE && now.state != RUN_STOPPED;
}

/* Of a page that is ready for it. */
static const char *
why_no_launch(struct launch *self)
{
	if (!is_early(self) && is_another_running(self))
		return _("Another delivery is under way.");
	if (!self->facts->seal.sealed_ms)
		return _(
		    "The campaign is not sealed: pass the checklist first.");
	if (launch_facts_approval(self->facts) == LAUNCH_APPROVAL_ENDS_BEFORE)
		return _("The approval ends before the time of sending.");
	if (!number_is_right(self))
		return _("Type the right number of mails first.");
	return app_may_why_not(self->base.app, MAY_LAUNCH);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct launch *self = (struct launch *)screen;

	bool is_refused =
	    self->step == STEP_REFUSED || self->step == STEP_UNREADABLE;

	if (action == ACT_LAUNCH_CHECKLIST)
		return is_refused ? NULL
				  : _("^N launches, once the number is right.");
	if (action == ACT_LAUNCH_DISARM && self->step != STEP_ARMED)
		return _("Nothing is armed here.");
	if (action == ACT_LAUNCH_DISARM)
		return app_may_why_not(screen->app, MAY_LAUNCH);
	if (action != ACT_LAUNCH)
		return NULL;
	if (is_refused)
		return _("The checklist comes first.");
	if (self->step == STEP_ARMED)
		return _("It is armed already.");
	if (self->step != STEP_TYPING)
		return _("One moment: the campaign is being read.");
	return why_no_launch(self);
}

/* Usually the checklist is where one came from. */
static void
go_to_checklist(struct launch *self)
{
	struct app *app = self->base.app;
	struct screen *below = self->base.below;

	app_pop(app, &self->base);
	if (!below || strcmp(below->ops->name, "checklist") != 0)
		checklist_open(app, self->campaign);
}

/* Whoever launches has just proved who sits here, if policy wants that. */
static void
signed_in(struct screen *screen, enum stepup_end end)
{
	struct launch *self = (struct launch *)screen;

	if (end != STEPUP_GRANTED || self->step != STEP_TYPING ||
	    !number_is_right(self))
		return;
	if (is_early(self)) {
		begin(self, START_ARM);
		return;
	}
	self->step = STEP_COUNTING;
	self->leaves_ms =
	    app_steady_ms(screen->app) + self->facts->countdown_s * SECOND_MS;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct launch *self = (struct launch *)screen;

	switch ((int)action) {
	case ACT_LAUNCH:
		stepup_open(screen, STEPUP_LAUNCH, signed_in);
		return USED;
	case ACT_LAUNCH_DISARM:
		begin(self, START_DISARM);
		return USED;
	case ACT_LAUNCH_BACK:
		app_act(screen->app, ACT_BACK);
		return USED;
	case ACT_LAUNCH_CHECKLIST:
		go_to_checklist(self);
		return USED;
	default:
		return UNUSED;
	}
}

static int
tick_ms(struct screen *screen)
{
	return ((struct launch *)screen)->step == STEP_COUNTING ? TICK_MS : 0;
}

/* A tick that comes late was held up (a stopped process, a sleeping machine):
 * nobody watched the countdown, so it does not count. */
static void
tick(struct screen *screen)
{
	struct launch *self = (struct launch *)screen;
	int64_t over = app_steady_ms(screen->app) - self->leaves_ms;

	if (self->step != STEP_COUNTING || over < 0)
		return;
	if (over > LATE_MS)
		stop_counting(self);
	else
		begin(self, START_NOW);
}

/* Back from under a lock or another screen. */
static void
shown(struct screen *screen)
{
	struct launch *self = (struct launch *)screen;

	if (self->step == STEP_COUNTING)
		stop_counting(self);
}

static bool
may_leave(struct screen *screen)
{
	if (((struct launch *)screen)->step != STEP_STARTING)
		return true;
	app_say(screen->app, SAY_WARN,
	    _("The delivery is being started; pause or stop it there."));
	return false;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action typing[] = {
	    ACT_LAUNCH, ACT_LAUNCH_BACK, ACT_NONE};
	static const enum action refused[] = {
	    ACT_LAUNCH_CHECKLIST, ACT_LAUNCH_BACK, ACT_NONE};
	static const enum action armed[] = {
	    ACT_LAUNCH_DISARM, ACT_LAUNCH_BACK, ACT_NONE};
	static const enum action none[] = {ACT_NONE};

	switch (((struct launch *)screen)->step) {
	case STEP_ARMED:
		return armed;
	case STEP_UNREADABLE:
	case STEP_REFUSED:
		return refused;
	case STEP_COUNTING:
	case STEP_STARTING:
		return none;
	case STEP_READING:
	case STEP_TYPING:
		break;
	}
	return typing;
}

static void
close_launch(struct screen *screen)
{
	struct launch *self = (struct launch *)screen;

	launch_facts_free(self->facts);
	line_free(&self->typed);
	free(self);
}

static const struct screen_ops launch_ops = {
    .name = "launch",
    .section = 3,
    .title = title,
    .subtitle = subtitle,
    .subtitle_role = subtitle_role,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .may_leave = may_leave,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_launch,
};

static void
read_facts(struct launch *self)
{
	struct app *app = self->base.app;
	struct err err = {0};

	self->step = STEP_READING;
	if (launch_facts_read(&self->base, self->campaign, &err) < 0)
		app_say_err(app, &err);
}

void
launch_open(struct app *app, struct campaign_id campaign)
{
	struct launch *self = mem_new(sizeof *self);

	self->base.ops = &launch_ops;
	self->campaign = campaign;
	self->typed = line_new(LINE_NUMBER, 12);
	line_set_paste(self->typed, LINE_PASTE_REFUSE);
	app_push(app, &self->base);
	read_facts(self);
}
