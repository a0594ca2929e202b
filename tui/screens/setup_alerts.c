/* What happens to a delivery whose terminal goes, and who is told when
 * something happens to one.  The test tells with what is stored, so that it
 * proves the way a real alert will take. */
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "tui/screens/setup_page.h"
#include "tui/session.h"
#include "tui/text/i18n.h"

static void
check_minutes(struct span text, struct buf *why)
{
	setup_check("away.minutes", text, why);
}

static void
check_to(struct span text, struct buf *why)
{
	setup_check("alert.to", text, why);
}

static void
check_command(struct span text, struct buf *why)
{
	if (text.len && text.ptr[0] != '/')
		buf_text(why, _("An absolute path, please."));
	else
		setup_check("alert.command", text, why);
}

enum {
	F_HEAD_AWAY,
	F_POLICY,
	F_MINUTES,
	F_HEAD_ALERT,
	F_COMMAND,
	F_RELAY,
	F_TO,
	F_TO_SECOND,
	F_TO_THIRD,
	F_COUNT
};

static const char *const policy_words[] = {"go-on", "pause", "stop"};
static const char *const policies[] = {
    N_("goes on"), N_("is paused"), N_("is stopped after minutes"), NULL};

#define ADDRESS(words)                                                         \
	{.label = (words),                                                     \
	    .kind = FIELD_TEXT,                                                \
	    .hint = N_("Facts only are sent: no text of a campaign, "          \
		       "nobody's address."),                                   \
	    .check = check_to}

static const struct field_spec fields[F_COUNT] = {
    [F_HEAD_AWAY] = {.label = N_("When the terminal goes"), .kind = FIELD_GAP},
    [F_POLICY] = {.label = N_("A delivery"),
	.kind = FIELD_CHOICE,
	.choices = policies,
	.hint = N_("\"sekisho attach\" opens its screen again elsewhere.")},
    [F_MINUTES] = {.label = N_("Minutes before a stop"),
	.kind = FIELD_NUMBER,
	.cols = 8,
	.max = 4,
	.hint = N_("Coming back within them keeps it running."),
	.check = check_minutes},
    [F_HEAD_ALERT] = {.label = N_("Alerts"), .kind = FIELD_GAP},
    [F_COMMAND] = {.label = N_("Command"),
	.kind = FIELD_TEXT,
	.hint = N_("Absolute path; gets name=value lines on its input."),
	.check = check_command},
    [F_RELAY] = {.label = N_("Relay for mail"),
	.kind = FIELD_TEXT,
	.hint = N_("Its name in Setup; better not one that campaigns use.")},
    [F_TO] = ADDRESS(N_("Mail to")),
    [F_TO_SECOND] = ADDRESS(N_("and to")),
    [F_TO_THIRD] = ADDRESS(N_("and to")),
};

const struct setup_field setup_alerts_fields[] = {
    {F_MINUTES, "away.minutes"},
    {F_COMMAND, "alert.command"},
    {F_RELAY, "alert.relay"},
    {F_TO, "alert.to"},
    {F_TO_SECOND, "alert.to_second"},
    {F_TO_THIRD, "alert.to_third"},
    {0, NULL},
};

static void
load_policy(struct setup_page *page)
{
	struct err err = {.code = E_NONE};
	struct buf word = BUF_INIT;
	struct db *db = NULL;

	if (store_view_open(app_store(page->base.app), &db, &err) < 0 ||
	    setting_read(db, "away.policy", &word, &err) < 0)
		app_say_err(page->base.app, &err);
	for (int i = 0; i < 3; i++) {
		if (span_equal(buf_span(&word), span_of(policy_words[i])))
			form_set_choice(page->form, F_POLICY, i);
	}
	form_set_saved(page->form);
	buf_done(&word);
	store_reader_close(&db);
}

static void
change_policy(const struct form *form, struct setup_changes *changes)
{
	setup_change(changes, "away.policy",
	    span_of(policy_words[form_choice(form, F_POLICY)]));
}

static const struct setup_page_kind alerts_kind = {
    .title = N_("Away and alerts"),
    .spec = fields,
    .count = F_COUNT,
    .fields = setup_alerts_fields,
    .load = load_policy,
    .change = change_policy,
};

/* ---- The test ----------------------------------------------------------------- */

struct alert_test {
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
};

static int
test_run(struct job *job, void *data, struct err *err)
{
	struct alert_test *test = data;
	struct alert alert = {
	    .kind = ALERT_TEST, .at_ms = clock_now_ms(test->world->clock)};
	struct alert_ways ways;
	struct db *db = NULL;
	bool has = false;

	(void)job;
	if (store_view_open(test->store, &db, err) < 0)
		return -1;
	if (alert_ways_read(db, &ways, err) == 0) {
		has = alert_has_way(&ways);
		alert_ways_done(&ways);
	}
	store_reader_close(&db);
	if (!has)
		return err_set(err, E_ALERT_NOWHERE);
	return alert_tell(test->store, test->world, &alert, 1, -1, err);
}

static const struct job_ops test_ops = {.run = test_run, .free = free};

static void
start_test(struct setup_page *page)
{
	struct app *app = page->base.app;
	struct session *session = app_session(app);
	struct err err = {.code = E_NONE};
	struct alert_test *test;

	if (alert_wait_ms(&session->alert_tests, app_steady_ms(app)) > 0) {
		app_say(app, SAY_WARN,
		    _("One test a minute, and 20 a day: wait a moment."));
		return;
	}
	alert_told(&session->alert_tests, app_steady_ms(app));
	test = mem_new(sizeof *test);
	test->store = app_store(app);
	test->world = app_world(app);
	app_say(app, SAY_INFO, _("Sending a test alert .."));
	if (app_job(app, &page->base, &test_ops, test, &page->other, &err) < 0)
		app_say_err(app, &err);
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action != ACT_ALERT_TEST)
		return setup_page_act(screen, action);
	start_test((struct setup_page *)screen);
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct setup_page *page = (struct setup_page *)screen;

	if (action != ACT_ALERT_TEST)
		return NULL;
	if (form_is_changed(page->form))
		return _("Save first: the test uses what is stored.");
	if (app_has_job(screen->app, screen))
		return _("One moment, please.");
	return NULL;
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct setup_page *page = (struct setup_page *)screen;

	if (job != page->other) {
		setup_page_job_done(screen, job, data, rc, err);
		return;
	}
	page->other = NULL;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		app_say(screen->app, SAY_OK, _("The test alert was taken."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_SAVE, ACT_ALERT_TEST, ACT_SETUP_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static const struct screen_ops alerts_ops = {
    .name = "setup-alerts",
    .section = 8,
    .title = setup_page_title,
    .subtitle = setup_page_subtitle,
    .draw = setup_page_draw,
    .key = setup_page_key,
    .act = act,
    .why_not = why_not,
    .may_leave = setup_page_may_leave,
    .footer = footer,
    .job_done = job_done,
    .close = setup_page_close,
};

void
setup_alerts_open(struct app *app)
{
	setup_page_open(app, &alerts_ops, &alerts_kind);
}
