/* The last page before mail leaves (S15, tier T3): what goes to whom, the
 * number typed without being shown here, a countdown that any key stops, and
 * so does whatever else takes the screen away or holds the program up.  The
 * clearance is asked for when the countdown is over, not before; when it is
 * refused the page says why and leads back to the checklist. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "core/health/health.h"
#include "core/review/review.h"
#include "tui/app.h"
#include "tui/screens/crumb.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/line.h"

enum { COUNTDOWN_MS = 10000, LATE_MS = 2000, TICK_MS = 500, COUNT_COLS = 12 };

enum step {
	STEP_READING,
	STEP_UNREADABLE, /* why tells */
	STEP_TYPING,
	STEP_COUNTING,
	STEP_STARTING,
	STEP_REFUSED, /* why tells */
};

/* What the page shows, read by a job. */
struct facts {
	struct store *store; /* borrowed */
	struct campaign_id id;
	struct campaign campaign;
	struct list_info list;
	struct relay_config relay;
	struct seal_info seal;
};

/* The start itself, in a job: the clearance and the run. */
struct start {
	struct store *store;
	struct world *world;
	struct campaign_id campaign;
	struct run *run; /* out */
};

struct launch {
	struct screen base;
	struct campaign_id campaign;
	struct facts *facts;
	struct line *typed;
	enum step step;
	int64_t leaves_ms; /* steady time at which the countdown is over */
	struct err why;
};

/* ---- Jobs --------------------------------------------------------------------- */

static void
facts_free(void *data)
{
	struct facts *facts = data;

	campaign_done(&facts->campaign);
	relay_config_done(&facts->relay);
	free(facts);
}

static int
facts_run(struct job *job, void *data, struct err *err)
{
	struct facts *facts = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (store_view_open(facts->store, &db, err) == 0 &&
	    campaign_read(db, facts->id, &facts->campaign, err) == 0 &&
	    list_find(db, (struct list_id){facts->campaign.list}, &facts->list,
		err) == 0 &&
	    relay_active(db, &facts->relay, err) == 0)
		rc = seal_read(db, facts->id, &facts->seal, err);
	store_reader_close(&db);
	return rc;
}

static const struct job_ops facts_job = {.run = facts_run, .free = facts_free};

static int
start_run(struct job *job, void *data, struct err *err)
{
	struct start *start = data;
	struct clearance *clearance = NULL;
	const struct run_plan plan = {0};

	if (job_is_cancelled(job))
		return err_set(err, E_CANCELLED);
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
begin(struct launch *self)
{
	struct start *start = mem_new(sizeof *start);
	struct err err = {0};

	*start = (struct start){.store = app_store(self->base.app),
	    .world = app_world(self->base.app),
	    .campaign = self->campaign};
	self->step = STEP_STARTING;
	if (app_job(self->base.app, &self->base, &start_job, start, NULL,
		&err) < 0) {
		self->step = STEP_REFUSED;
		self->why = err;
	}
}

static void
facts_done(
    struct launch *self, struct facts *facts, int rc, const struct err *err)
{
	if (rc < 0) {
		self->step = STEP_UNREADABLE;
		self->why = *err;
		return;
	}
	self->facts = mem_new(sizeof *facts);
	*self->facts = *facts;
	facts->campaign = CAMPAIGN_INIT;
	facts->relay.secret = NULL;
	self->step = STEP_TYPING;
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

static void
title(struct screen *screen, struct buf *out)
{
	struct launch *self = (struct launch *)screen;

	crumb_add(screen,
	    self->facts ? buf_span(&self->facts->campaign.name) : SPAN(""),
	    _("Launch"), out);
}

enum { LABEL_COL = 4, VALUE_COL = 26 };

static const char *
tls_text(enum relay_tls tls)
{
	switch (tls) {
	case RELAY_TLS_VERIFY:
	case RELAY_TLS_IMPLICIT:
	case RELAY_TLS_PIN:
		return _("TLS required, verified");
	case RELAY_TLS_REQUIRED:
		return _("TLS required, not verified");
	case RELAY_TLS_OPPORTUNISTIC:
		return _("TLS when offered");
	case RELAY_TLS_NONE:
	case RELAY_TLS_COUNT:
		break;
	}
	return _("without TLS");
}

static int
row(struct area body, int at, const char *label, struct span value)
{
	draw_str(body, at, LABEL_COL, ROLE_DIM, label);
	draw_fit(body, at, VALUE_COL, body.cols - VALUE_COL - 1, ROLE_TEXT,
	    FIT_END, value);
	return at + 1;
}

static int
draw_facts(struct launch *self, struct area body)
{
	struct facts *facts = self->facts;
	struct buf text = BUF_INIT;
	int at = 1;

	at = row(body, at, _("to the list"), span_of(facts->list.name));
	buf_printf(&text, "%.*s <%.*s>",
	    SPAN_ARG(buf_span(&facts->campaign.from_name)),
	    SPAN_ARG(buf_span(&facts->campaign.from_address)));
	at = row(body, at, _("as"), buf_span(&text));
	at = row(body, at, _("subject"), buf_span(&facts->campaign.subject));
	buf_clear(&text);
	buf_printf(&text, "%s (%s:%d), %s", facts->relay.name,
	    facts->relay.host, facts->relay.port, tls_text(facts->relay.tls));
	at = row(body, at, _("through"), buf_span(&text));
	buf_clear(&text);
	if (facts->seal.sealed_ms) {
		buf_printf(&text, "%s, ", facts->seal.by);
		format_minute(&text, facts->seal.sealed_ms);
	} else {
		buf_text(&text, _("nobody yet"));
	}
	at = row(body, at, _("sealed by"), buf_span(&text));
	buf_done(&text);
	return at + 1;
}

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
	if (number_is_right(self))
		draw_str(body, at + 3, LABEL_COL, ROLE_OK,
		    _("+ That is the number. ^N launches."));
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
	at = draw_facts(self, body);
	at = draw_wrapped(area_cols(body, 0, -4), at, LABEL_COL, ROLE_WARN,
	    span_of(_("What has left cannot be called back. You can pause or "
		      "stop the rest at any time.")));
	at++;
	if (self->step == STEP_COUNTING)
		draw_counting(self, body, at);
	else if (self->step == STEP_STARTING)
		draw_str(body, at, LABEL_COL, ROLE_INFO,
		    _("Comparing everything with the seal .."));
	else if (self->step == STEP_REFUSED)
		draw_why(self, body, at);
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

static const char *
why_not(struct screen *screen, enum action action)
{
	struct launch *self = (struct launch *)screen;

	bool is_refused =
	    self->step == STEP_REFUSED || self->step == STEP_UNREADABLE;

	if (action == ACT_LAUNCH_CHECKLIST)
		return is_refused ? NULL
				  : _("^N launches, once the number is right.");
	if (action != ACT_LAUNCH)
		return NULL;
	if (is_refused)
		return _("The checklist comes first.");
	if (self->step != STEP_TYPING)
		return _("One moment: the campaign is being read.");
	if (is_another_running(self))
		return _("Another delivery is under way.");
	if (!self->facts->seal.sealed_ms)
		return _(
		    "The campaign is not sealed: pass the checklist first.");
	if (!number_is_right(self))
		return _("Type the right number of mails first.");
	return NULL;
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

static enum used
act(struct screen *screen, enum action action)
{
	struct launch *self = (struct launch *)screen;

	switch ((int)action) {
	case ACT_LAUNCH:
		self->step = STEP_COUNTING;
		self->leaves_ms = app_steady_ms(screen->app) + COUNTDOWN_MS;
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
		begin(self);
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
	static const enum action typing[] = {ACT_LAUNCH, ACT_BACK, ACT_NONE};
	static const enum action refused[] = {
	    ACT_LAUNCH_CHECKLIST, ACT_BACK, ACT_NONE};
	static const enum action none[] = {ACT_NONE};

	switch (((struct launch *)screen)->step) {
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

	if (self->facts)
		facts_free(self->facts);
	line_free(&self->typed);
	free(self);
}

static const struct screen_ops launch_ops = {
    .name = "launch",
    .section = 3,
    .title = title,
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

void
launch_open(struct app *app, struct campaign_id campaign)
{
	struct launch *self = mem_new(sizeof *self);
	struct facts *facts = mem_new(sizeof *facts);
	struct err err = {0};

	self->base.ops = &launch_ops;
	self->campaign = campaign;
	self->typed = line_new(LINE_NUMBER, 12);
	line_set_paste(self->typed, LINE_PASTE_REFUSE);
	facts->store = app_store(app);
	facts->id = campaign;
	app_push(app, &self->base);
	if (app_job(app, &self->base, &facts_job, facts, NULL, &err) < 0)
		app_say_err(app, &err);
}
