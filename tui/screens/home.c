/* Home: what needs somebody, what runs, what was worked on last.  Everything
 * is read again whenever the screen is shown; the running delivery is asked
 * for its figures twice a second, and only while it moves. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "core/compose/compose.h"
#include "core/contacts/contacts.h"
#include "core/health/health.h"
#include "core/report/report.h"
#include "tui/away.h"
#include "tui/drill.h"
#include "tui/screens/drill_result.h"
#include "tui/screens/external.h"
#include "tui/screens/log.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/moment.h"
#include "tui/text/state_text.h"
#include "tui/widgets/chart.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { ITEMS_MAX = 40, CAMPAIGNS_SHOWN = 12, TICK_MS = 500, RUN_ROWS = 4 };

enum item_kind {
	ITEM_HEADING,
	ITEM_SENDER,
	ITEM_RELAY,
	ITEM_KEY,
	ITEM_LISTS,
	ITEM_DOCTOR,
	ITEM_LOG,
	ITEM_LOG_REVIEW,
	ITEM_PEOPLE_REVIEW,
	ITEM_DRILL,
	ITEM_UNFINISHED,
	ITEM_ARMED,
	ITEM_CAMPAIGN,
};

struct item {
	enum item_kind kind;
	enum role role;
	struct campaign_id campaign;
	struct buf text;
	struct buf count, when;
	const char *state; /* translated */
	bool launched;     /* of ITEM_CAMPAIGN */
};

struct home {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct item item[ITEMS_MAX];
	int count;
	bool empty; /* a new store: no list, no campaign */
	bool needs_contacts;
	struct campaign_id asked; /* to be gone on with */
	bool moved;               /* a delivery did when last looked */
	int64_t armed_ms;         /* of the session, when last looked */
	struct job *sweep;        /* for texts that a crash has left */
};

static const struct list_column columns[] = {
    {"", 0, 50, 0, FIT_END},
    {"", 12, 0, 0, FIT_END},
    {"", 9, 0, 1, FIT_RIGHT},
    {"", 16, 0, 2, FIT_RIGHT},
};

static struct home *
of_source(struct list_source *source)
{
	return (struct home *)((char *)source - offsetof(struct home, source));
}

static int64_t
count(struct list_source *source)
{
	return of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	const struct item *item = &of_source(source)->item[index];

	out->key = index;
	out->heading = item->kind == ITEM_HEADING;
	out->whole = item->kind != ITEM_CAMPAIGN;
	out->role = item->role;
	out->cell[0] = buf_span(&item->text);
	out->cell[1] = span_of(item->state);
	out->cell[2] = buf_span(&item->count);
	out->cell[3] = buf_span(&item->when);
	return true;
}

/* ---- What is to be said --------------------------------------------------------------- */

static struct item *
add(struct home *self, enum item_kind kind, enum role role)
{
	struct item *item;

	if (self->count == ITEMS_MAX)
		return &self->item[ITEMS_MAX - 1];
	item = &self->item[self->count++];
	buf_clear(&item->text);
	buf_clear(&item->count);
	buf_clear(&item->when);
	item->kind = kind;
	item->role = role;
	item->state = "";
	item->campaign.v = 0;
	return item;
}

static void
add_text(
    struct home *self, enum item_kind kind, enum role role, const char *text)
{
	buf_text(&add(self, kind, role)->text, text);
}

static int
look_at_setup(struct home *self, struct db *db, struct err *err)
{
	struct relay_config *relays = NULL;
	struct dkim_info *keys = NULL;
	struct buf value = BUF_INIT;
	size_t relay_count = 0, key_count = 0;
	int rc = -1;

	if (setting_read(db, "sender.address", &value, err) < 0 ||
	    relay_all(db, &relays, &relay_count, err) < 0 ||
	    dkim_all(db, &keys, &key_count, err) < 0)
		goto out;
	if (value.len == 0)
		add_text(self, ITEM_SENDER, ROLE_WARN,
		    _("! The sender and the legal footer are not set"));
	if (relay_count == 0)
		add_text(self, ITEM_RELAY, ROLE_WARN,
		    _("! There is no relay yet: nothing can be sent"));
	if (key_count == 0)
		add_text(self, ITEM_KEY, ROLE_WARN,
		    _("! There is no DKIM key yet: mail would be unsigned"));
	rc = 0;
out:
	buf_done(&value);
	free(relays);
	free(keys);
	return rc;
}

/* What the DNS doctor saw turn, until somebody looks; and what is wrong. */
static int
look_at_domains(struct home *self, struct db *db, struct err *err)
{
	struct doctor_news news;

	if (doctor_news(db, &news, err) < 0)
		return -1;
	if (news.worse)
		buf_printf(&add(self, ITEM_DOCTOR, ROLE_ERR)->text,
		    P_("! Domain health: %d thing has turned for the worse",
			"! Domain health: %d things have turned for the worse",
			news.worse),
		    (int)news.worse);
	else if (news.bad)
		buf_printf(&add(self, ITEM_DOCTOR, ROLE_WARN)->text,
		    P_("! Domain health: %d fault",
			"! Domain health: %d faults", news.bad),
		    (int)news.bad);
	if (news.better)
		buf_printf(&add(self, ITEM_DOCTOR, ROLE_OK)->text,
		    P_("i Domain health: %d thing is in order again",
			"i Domain health: %d things are in order again",
			news.better),
		    (int)news.better);
	return 0;
}

/* A log that does not fit, and reviews that are overdue, for those who can do
 * something about it. */
static int
look_at_log(struct home *self, struct db *db, struct err *err)
{
	struct app *app = self->base.app;
	struct session *session = app_session(app);
	struct oversight_due log, people;
	struct err fault;

	if (session && away_log_fault(session->away, &fault))
		session_take_check(session, NULL, &fault);
	if (session && session->chain == CHAIN_BROKEN)
		add_text(self, ITEM_LOG, ROLE_ERR,
		    _("X The audit log does not fit: look at it now"));
	if (oversight_due(db, OVERSIGHT_LOG, app_now_ms(app), &log, err) < 0 ||
	    oversight_due(db, OVERSIGHT_ACCESS, app_now_ms(app), &people, err) <
		0)
		return -1;
	if (log.overdue &&
	    (app_may(app, MAY_LOG_REVIEW) || app_may(app, MAY_PEOPLE_WRITE)))
		add_text(self, ITEM_LOG_REVIEW, ROLE_WARN,
		    _("! The review of the log is overdue"));
	if (people.overdue && app_may(app, MAY_PEOPLE_WRITE))
		add_text(self, ITEM_PEOPLE_REVIEW, ROLE_WARN,
		    _("! The review of the people and their roles is "
		      "overdue"));
	return 0;
}

/* A drill that the policy wants from who sits here. */
static int
look_at_training(struct home *self, struct db *db, struct err *err)
{
	struct training_due due;

	if (training_due(self->base.app, db, &due, err) < 0)
		return -1;
	if (!due.is_due)
		return 0;
	if (due.days_ago < 0)
		add_text(self, ITEM_DRILL, ROLE_WARN,
		    _("! You have not done a drill yet: start one"));
	else
		buf_printf(&add(self, ITEM_DRILL, ROLE_WARN)->text,
		    P_("! Your last drill was %d day ago: start one",
			"! Your last drill was %d days ago: start one",
			due.days_ago),
		    (int)due.days_ago);
	return 0;
}

/* A delivery that a process before us has left. */
static int
look_at_unfinished(struct home *self, struct db *db, struct err *err)
{
	const struct session *session = app_session(self->base.app);
	struct campaign_id *ids = NULL;
	size_t n = 0;
	int rc = run_unfinished(db, &ids, &n, err);

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct campaign campaign = CAMPAIGN_INIT;
		struct item *item;

		if (session->run && session->running.v == ids[i].v)
			continue;
		rc = campaign_read(db, ids[i], &campaign, err);
		item = add(self, ITEM_UNFINISHED, ROLE_WARN);
		item->campaign = ids[i];
		buf_printf(&item->text,
		    _("! The delivery of \"%s\" was interrupted: go on with "
		      "it"),
		    campaign.name.len ? campaign.name.ptr : "");
		campaign_done(&campaign);
	}
	free(ids);
	return rc;
}

static void
armed_text(const struct schedule *it, struct buf *out)
{
	struct buf at = BUF_INIT;

	moment_text(&at, it->at_ms);
	if (it->state == SCHEDULE_WAITS)
		buf_printf(out,
		    _("i \"%s\" is armed and starts by itself at %s"), it->name,
		    at.ptr);
	else if (it->state == SCHEDULE_EXPIRED)
		buf_printf(out,
		    _("✗ \"%s\" was not started at %s: nobody was there in "
		      "time"),
		    it->name, at.ptr);
	else
		buf_printf(out,
		    _("✗ \"%s\" was to start at %s and was not sent: see the "
		      "log"),
		    it->name, at.ptr);
	buf_done(&at);
}

/* Starts that wait for their time, and those that did not happen. */
static int
look_at_armed(struct home *self, struct db *db, struct err *err)
{
	struct schedule *all = NULL;
	size_t n = 0;

	if (schedule_all(db, &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct item *item = add(self, ITEM_ARMED,
		    all[i].state == SCHEDULE_WAITS ? ROLE_INFO : ROLE_ERR);

		item->campaign = all[i].campaign;
		armed_text(&all[i], &item->text);
	}
	free(all);
	return 0;
}

static int
look_at_lists(struct home *self, struct db *db, struct err *err)
{
	struct list_info *lists = NULL;
	int64_t contacts = 0;
	size_t n = 0;

	if (list_all(db, &lists, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		contacts += lists[i].contacts;
	self->empty = n == 0;
	self->needs_contacts = contacts == 0;
	if (contacts == 0)
		add_text(self, ITEM_LISTS, ROLE_WARN,
		    _("! There are no contacts yet: import a list"));
	free(lists);
	return 0;
}

static void
add_campaign(struct home *self, const struct campaign_row *campaign)
{
	struct item *item = add(self, ITEM_CAMPAIGN, ROLE_TEXT);

	item->campaign = campaign->id;
	item->state = campaign_state_text(campaign->state);
	item->launched = campaign->state >= CAMPAIGN_RUNNING;
	buf_text(&item->text, campaign->name);
	if (campaign->recipients >= 0)
		format_count(&item->count, campaign->recipients);
	format_minute(&item->when, campaign->changed_ms);
}

static int
look_at_campaigns(struct home *self, struct db *db, struct err *err)
{
	struct campaign_row *campaigns = NULL;
	size_t n = 0;

	if (campaign_all(db, &campaigns, &n, err) < 0)
		return -1;
	self->empty = self->empty && n == 0;
	if (n > 0)
		add_text(self, ITEM_HEADING, ROLE_HEAD, _("Last campaigns"));
	for (size_t i = 0; i < n && i < CAMPAIGNS_SHOWN; i++)
		add_campaign(self, &campaigns[i]);
	free(campaigns);
	return 0;
}

static void
shown(struct screen *screen)
{
	struct home *self = (struct home *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	int needs;

	self->count = 0;
	self->armed_ms = app_session(screen->app)->armed_ms;
	add_text(self, ITEM_HEADING, ROLE_HEAD, _("Needs you"));
	needs = self->count;
	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    look_at_unfinished(self, db, &err) < 0 ||
	    look_at_armed(self, db, &err) < 0 ||
	    look_at_log(self, db, &err) < 0 ||
	    look_at_setup(self, db, &err) < 0 ||
	    look_at_domains(self, db, &err) < 0 ||
	    look_at_lists(self, db, &err) < 0 ||
	    look_at_training(self, db, &err) < 0) {
		app_say_err(screen->app, &err);
	} else {
		if (self->count == needs)
			add_text(self, ITEM_HEADING, ROLE_OK,
			    _("  + nothing: everything is in order"));
		if (look_at_campaigns(self, db, &err) < 0)
			app_say_err(screen->app, &err);
	}
	store_reader_close(&db);
	list_refresh(self->list);
}

/* ---- Going on with a delivery ------------------------------------------------------------ */

struct going_on {
	struct world *world; /* borrowed */
	struct store *store; /* borrowed */
	struct campaign_id campaign;
	struct run *run; /* out; the taker's */
};

static int
going_on_run(struct job *job, void *data, struct err *err)
{
	struct going_on *self = data;
	struct clearance *clearance = NULL;
	struct run_plan plan = {.sessions = 0};

	(void)job;
	if (clearance_grant(
		self->store, self->world, self->campaign, &clearance, err) < 0)
		return -1;
	return run_start(
	    &clearance, self->world, self->store, &plan, &self->run, err);
}

static void
going_on_free(void *data)
{
	struct going_on *self = data;

	run_free(&self->run);
	free(self);
}

static const struct job_ops going_on_ops = {
    .run = going_on_run, .free = going_on_free};

static void
stop_answered(struct screen *owner, int answer, struct span text)
{
	struct home *self = (struct home *)owner;
	struct err err = {.code = E_NONE};

	(void)text;
	if (answer != 1)
		return;
	if (run_stop_interrupted(app_store(owner->app), app_world(owner->app),
		self->asked, &err) < 0)
		app_say_err(owner->app, &err);
	else
		app_say(owner->app, SAY_OK,
		    _("Stopped for good. The report shows what was sent."));
	shown(owner);
}

/* The name of the campaign asked about; empty when it cannot be read. */
static void
asked_name(struct home *self, struct buf *out)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;

	if (store_view_open(app_store(self->base.app), &db, NULL) == 0 &&
	    campaign_read(db, self->asked, &campaign, NULL) == 0)
		buf_add(out, buf_span(&campaign.name));
	campaign_done(&campaign);
	store_reader_close(&db);
}

static void
ask_stop(struct home *self)
{
	struct buf name = BUF_INIT;

	asked_name(self, &name);
	if (name.len)
		dialog_type(&self->base,
		    &(struct dialog){
			.title = _("Stop for good"),
			.text = _("What was not sent stays unsent. This cannot "
				  "be undone. Type the campaign's name:"),
			.done = stop_answered,
		    },
		    name.ptr);
	buf_done(&name);
}

static void
go_on_answered(struct screen *owner, int answer, struct span text)
{
	struct home *self = (struct home *)owner;
	struct going_on *going_on;
	struct err err = {.code = E_NONE};

	(void)text;
	if (answer == 2)
		ask_stop(self);
	if (answer != 1)
		return;
	if (session_may_deliver(app_session(owner->app), &err) < 0) {
		app_say_err(owner->app, &err);
		return;
	}
	going_on = mem_new(sizeof *going_on);
	going_on->world = app_world(owner->app);
	going_on->store = app_store(owner->app);
	going_on->campaign = self->asked;
	app_say(owner->app, SAY_INFO, _("Checking the seal .."));
	if (stepup_job(
		owner, STEPUP_LAUNCH, &going_on_ops, going_on, NULL, &err) < 0)
		app_say_err(owner->app, &err);
}

static void
ask_going_on(struct home *self, struct campaign_id campaign)
{
	const struct dialog_choice choices[] = {
	    {'g', _("Go on")},
	    {'s', _("Stop for good..")},
	};

	self->asked = campaign;
	dialog_choose(&self->base,
	    &(struct dialog){
		.title = _("Go on with the delivery"),
		.text = _("Sekisho ended while it was sending. The seal is "
			  "checked again, then the rest is sent. Messages "
			  "whose reply was lost are counted as in doubt and "
			  "not sent twice."),
		.done = go_on_answered,
	    },
	    choices, sizeof choices / sizeof *choices);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct home *self = (struct home *)screen;
	struct going_on *going_on = data;

	if (job == self->sweep) {
		self->sweep = NULL;
		external_swept(screen, data);
		return;
	}
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	session_take_run(
	    app_session(screen->app), &going_on->run, going_on->campaign);
	app_say(screen->app, SAY_OK, _("The delivery goes on."));
	app_act(screen->app, ACT_SECTION_4);
}

/* ---- Drawing ------------------------------------------------------------------------------- */

static bool
is_moving(const struct run_progress *progress)
{
	return progress->state == RUN_RUNNING || progress->state == RUN_WAITING;
}

static int64_t
settled(const struct run_progress *progress)
{
	return progress->total - progress->count[LEDGER_PLANNED] -
	       progress->count[LEDGER_CLAIMED] -
	       progress->count[LEDGER_HANDED] -
	       progress->count[LEDGER_DEFERRED];
}

static void
draw_run(struct home *self, struct area a)
{
	const struct session *session = app_session(self->base.app);
	struct run_progress progress;
	struct buf text = BUF_INIT;

	run_progress(session->run, &progress);
	draw_str(a, 0, 1, ROLE_HEAD, _("Running"));
	buf_text(&text, is_moving(&progress) ? _("sending") : _("paused"));
	buf_text(&text, "  ");
	format_percent(&text, settled(&progress), progress.total);
	buf_text(&text, "  ");
	format_count(&text, settled(&progress));
	buf_text(&text, " / ");
	format_count(&text, progress.total);
	draw_text(a, 1, 3, ROLE_TEXT, buf_span(&text));
	draw_progress(a, 2, 3, a.cols - 6, settled(&progress), progress.total);
	buf_done(&text);
}

/* A delivery that has ended is in the list of campaigns. */
static bool
has_run(struct home *self)
{
	const struct session *session = app_session(self->base.app);
	struct run_progress progress;

	if (!session->run)
		return false;
	run_progress(session->run, &progress);
	return progress.state != RUN_DONE && progress.state != RUN_STOPPED;
}

static void
draw_first_steps(struct area a)
{
	int row = 0;

	draw_str(a, row++, 1, ROLE_HEAD, _("The way to a first campaign"));
	draw_str(a, row++, 3, ROLE_TEXT, _("1  import contacts (i)"));
	draw_str(a, row++, 3, ROLE_TEXT, _("2  write a campaign (n)"));
	draw_str(
	    a, row++, 3, ROLE_TEXT, _("3  set sender, relay and DKIM key (8)"));
	draw_str(a, row, 3, ROLE_TEXT,
	    _("then preview it, work through its checklist and launch"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct home *self = (struct home *)screen;
	int top = 0;

	if (has_run(self)) {
		draw_run(self, area_rows(body, 0, RUN_ROWS));
		top = RUN_ROWS;
	}
	list_draw(self->list, area_rows(body, top, body.rows - top), FOCUS_ON);
	if (self->empty && body.rows - top > self->count + 8)
		draw_first_steps(area_rows(body, top + self->count + 3, -1));
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Home"));
}

/* The state of the log, once it is known. */
static void
subtitle(struct screen *screen, struct buf *out)
{
	struct session *session = app_session(screen->app);

	if (session && session->chain != CHAIN_UNKNOWN)
		log_chain_text(screen->app, out);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct home *self = (struct home *)screen;
	const struct demo_hints *demo = app_session(screen->app)->demo;

	if (demo && self->needs_contacts)
		buf_printf(out, _("Demo: the contacts are in %s"), demo->csv);
	else if (demo)
		buf_printf(
		    out, _("Demo: sent mail lands in %s"), demo->maildir);
	else
		buf_text(out, _("Type : and a word for any action, ? for the "
				"keys of this screen."));
}

/* ---- Keys ------------------------------------------------------------------------------------- */

static void
open_item(struct home *self, const struct item *item)
{
	struct app *app = self->base.app;

	switch (item->kind) {
	case ITEM_SENDER:
		setup_sender_open(app);
		break;
	case ITEM_RELAY:
		setup_relays_open(app);
		break;
	case ITEM_KEY:
		setup_keys_open(app);
		break;
	case ITEM_DOCTOR:
		doctor_open(app);
		break;
	case ITEM_LISTS:
		import_screen_open(app, (struct list_id){0});
		break;
	case ITEM_LOG:
		log_open(app);
		break;
	case ITEM_LOG_REVIEW:
		logreview_open(app);
		break;
	case ITEM_PEOPLE_REVIEW:
		peoplereview_open(app);
		break;
	case ITEM_DRILL:
		training_start(&self->base);
		break;
	case ITEM_UNFINISHED:
		ask_going_on(self, item->campaign);
		break;
	case ITEM_ARMED:
		launch_open(app, item->campaign);
		break;
	case ITEM_CAMPAIGN:
		if (item->launched)
			report_open(app, item->campaign);
		else
			campaign_open(app, item->campaign);
		break;
	case ITEM_HEADING:
		break;
	}
}

/* Asked for where campaigns are, so that the way back leads there. */
static void
begin_campaign(struct app *app)
{
	app_act(app, ACT_SECTION_3);
	app_act(app, ACT_CAMPAIGN_NEW);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct home *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct home *self = (struct home *)screen;
	int64_t index;

	if (action == ACT_HOME_OPEN && list_cursor(self->list, &index))
		open_item(self, &self->item[index]);
	else if (action == ACT_DOCTOR)
		doctor_open(screen->app);
	else if (action == ACT_HOME_IMPORT)
		import_screen_open(screen->app, (struct list_id){0});
	else if (action == ACT_HOME_NEW)
		begin_campaign(screen->app);
	else if (action == ACT_TRAINING)
		training_open(screen->app);
	else if (action == ACT_DRILL_START)
		training_start(screen);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action == ACT_HOME_OPEN && app_has_job(screen->app, screen))
		return _("One moment, please.");
	if (action == ACT_DRILL_START)
		return drill_start_why_not(screen->app);
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_HOME_OPEN, ACT_HOME_NEW,
	    ACT_HOME_IMPORT, ACT_PALETTE, ACT_QUIT, ACT_NONE};

	(void)screen;
	return actions;
}

/* What was armed has started, or has not. */
static bool
has_fired(const struct home *self)
{
	const struct session *session = app_session(self->base.app);

	return self->armed_ms != session->armed_ms && !session->firing;
}

static int
tick_ms(struct screen *screen)
{
	struct home *self = (struct home *)screen;
	const struct session *session = app_session(screen->app);
	struct run_progress progress;

	if (session->run) {
		run_progress(session->run, &progress);
		if (is_moving(&progress))
			self->moved = true;
	}
	return self->moved || self->armed_ms ? TICK_MS : 0;
}

static void
tick(struct screen *screen)
{
	struct home *self = (struct home *)screen;

	if (has_run(self) || (!self->moved && !has_fired(self)))
		return;
	self->moved = false;
	shown(screen);
}

static void
close_home(struct screen *screen)
{
	struct home *self = (struct home *)screen;

	for (int i = 0; i < ITEMS_MAX; i++) {
		buf_done(&self->item[i].text);
		buf_done(&self->item[i].count);
		buf_done(&self->item[i].when);
	}
	list_free(&self->list);
	free(self);
}

static const struct screen_ops home_ops = {
    .name = "home",
    .section = 1,
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
    .close = close_home,
};

void
home_open(struct app *app)
{
	struct home *self = mem_new(sizeof *self);

	self->base.ops = &home_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_replace(app, &self->base);
	self->sweep = external_sweep_start(&self->base);
}
