/* One relay: its form, and the live test, which says step by step how far a
 * session came with what the form holds now, saved or not. */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tui/screens/setup.h"
#include "tui/screens/setup_relay.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { PROBE_MS = 15000, FORM_COLS = 78, PROBE_ROWS = 9, NOTE_ROWS = 5 };

struct relay_page {
	struct screen base;
	struct form *form;
	int64_t id;

	struct job *test, *accept;
	int cancel_fd; /* of the running test; borrowed from its work */
	struct relay_probe probe;
	bool tested;
};

static void
load(struct relay_page *self)
{
	struct relay_config relay = {
	    .port = 587,
	    .tls = RELAY_TLS_VERIFY,
	    .sessions = 4,
	    .per_session = 100,
	    .enabled = true,
	    .share = 1,
	};
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	if (self->id &&
	    (store_view_open(app_store(self->base.app), &db, &err) < 0 ||
		relay_read(db, self->id, &relay, &err) < 0))
		app_say_err(self->base.app, &err);
	store_reader_close(&db);
	relay_form_show(self->form, &relay);
	relay_config_done(&relay);
}

/* ---- Saving and testing, on workers ---------------------------------------------------- */

struct relay_work {
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
	struct relay_config relay;
	struct relay_probe probe;
	int cancel_fd;
};

static int
save_run(struct job *job, void *data, struct err *err)
{
	struct relay_work *self = data;

	(void)job;
	return relay_save(self->store, &self->relay, err);
}

/* An empty password in the form stands for the stored one; what the relay has
 * shown before is no field of the form. */
static int
add_stored(struct relay_work *self, struct db *db, struct err *err)
{
	struct relay_config stored = {.id = 0};

	if (!self->relay.id)
		return 0;
	if (relay_read(db, self->relay.id, &stored, err) < 0)
		return -1;
	if (!self->relay.secret && *self->relay.user) {
		self->relay.secret = stored.secret;
		stored.secret = NULL;
	}
	if (stored.port == self->relay.port &&
	    !strcmp(stored.host, self->relay.host))
		self->relay.seen = stored.seen;
	relay_config_done(&stored);
	return 0;
}

static int
test_run(struct job *job, void *data, struct err *err)
{
	struct relay_work *self = data;
	struct buf from = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (store_view_open(self->store, &db, err) < 0 ||
	    setting_read(db, "sender.address", &from, err) < 0 ||
	    add_stored(self, db, err) < 0)
		goto out;
	rc = relay_probe(self->world, self->store, &self->relay,
	    buf_span(&from), PROBE_MS, self->cancel_fd, &self->probe, err);
out:
	buf_done(&from);
	store_reader_close(&db);
	return rc;
}

static void
work_free(void *data)
{
	struct relay_work *self = data;

	relay_config_done(&self->relay);
	if (self->cancel_fd >= 0)
		close(self->cancel_fd);
	free(self);
}

static int
accept_run(struct job *job, void *data, struct err *err)
{
	struct relay_work *self = data;

	(void)job;
	return relay_accept_less(self->store, self->relay.id, err);
}

static const struct job_ops save_ops = {.run = save_run, .free = work_free};
static const struct job_ops test_ops = {.run = test_run, .free = work_free};
static const struct job_ops accept_ops = {.run = accept_run, .free = work_free};

static bool
has_no_host(struct relay_page *self)
{
	if (relay_form_preset(self->form)->kind == RELAY_KIND_DIRECT ||
	    span_trim(form_text(self->form, F_HOST)).len)
		return false;
	form_set_error(self->form, F_HOST, _("This is needed."));
	form_set_focus(self->form, F_HOST);
	return true;
}

static void
start(struct relay_page *self, const struct job_ops *ops, struct job **out)
{
	struct relay_work *work;
	struct err err = {.code = E_NONE};

	if (form_check(self->form) >= 0 || has_no_host(self))
		return;
	work = mem_new(sizeof *work);
	work->store = app_store(self->base.app);
	work->world = app_world(self->base.app);
	work->cancel_fd =
	    ops == &test_ops ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
	relay_form_take(self->form, &work->relay);
	work->relay.id = self->id;
	if (ops == &test_ops)
		self->cancel_fd = work->cancel_fd;
	if ((ops == &test_ops
		    ? app_job(self->base.app, &self->base, ops, work, out, &err)
		    : stepup_job(
			  &self->base, STEPUP_SETUP, ops, work, out, &err)) < 0)
		app_say_err(self->base.app, &err);
}

static void
stop_test(struct relay_page *self)
{
	if (self->test)
		eventfd_write(self->cancel_fd, 1);
}

static void
saved(struct relay_page *self, const struct relay_work *work, int rc,
    const struct err *err)
{
	if (rc < 0) {
		app_say_err(self->base.app, err);
		return;
	}
	self->id = work->relay.id;
	form_set(self->form, F_SECRET, SPAN(""));
	form_set_saved(self->form);
	app_say(self->base.app, SAY_OK, _("Saved. ^T tests the relay."));
}

static void
accepted(struct relay_page *self, int rc, const struct err *err)
{
	self->accept = NULL;
	self->tested = false;
	if (rc < 0)
		app_say_err(self->base.app, err);
	else
		app_say(self->base.app, SAY_OK,
		    _("Accepted. ^T tests the relay again."));
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct relay_page *self = (struct relay_page *)screen;
	const struct relay_work *work = data;

	if (job == self->accept) {
		accepted(self, rc, err);
		return;
	}
	if (job != self->test) {
		saved(self, work, rc, err);
		return;
	}
	self->test = NULL;
	self->probe = work->probe;
	self->tested = rc == 0 && self->probe.why.code != E_CANCELLED;
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (!self->tested)
		app_say(screen->app, SAY_INFO, _("The test was stopped."));
	else if (work->probe.ok)
		app_say(screen->app, SAY_OK, _("The relay is ready."));
	else
		app_say(screen->app, SAY_ERROR,
		    _("The test failed; a campaign could not be launched."));
}

/* ---- Drawing ------------------------------------------------------------------------------ */

static void
draw_note(struct relay_page *self, struct area a)
{
	const struct relay_preset *preset = relay_form_preset(self->form);
	int row = draw_wrapped(a, 0, 0, ROLE_TEXT, span_of(_(preset->note)));

	if (self->test)
		draw_str(a, row, 0, ROLE_DIM, _("Testing the relay .."));
	else if (preset->kind == RELAY_KIND_RELAY)
		draw_wrapped(a, row, 0, ROLE_DIM,
		    span_of(_("^T connects, checks the protection, signs in "
			      "and names the sender; no mail is sent.")));
}

static void
draw(struct screen *screen, struct area body)
{
	struct relay_page *self = (struct relay_page *)screen;
	struct area a = area_cols(body, 1, body.cols - 2);
	int below = self->tested ? PROBE_ROWS : NOTE_ROWS;
	int rows = a.rows - below - 1;

	form_draw(self->form,
	    area_rows(area_cols(a, 0, a.cols < FORM_COLS ? a.cols : FORM_COLS),
		0, rows),
	    FOCUS_ON);
	if (form_has_more(self->form))
		draw_str(a, rows, 0, ROLE_DIM, _("More below: Tab or Down."));
	a = area_rows(a, rows + 1, -1);
	if (self->tested)
		relay_probe_draw(a, &self->probe);
	else
		draw_note(self, a);
}

static void
title(struct screen *screen, struct buf *out)
{
	struct relay_page *self = (struct relay_page *)screen;
	struct span name = form_text(self->form, F_NAME);

	if (name.len)
		buf_add(out, name);
	else
		buf_text(out, _("New relay"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	if (form_is_changed(((struct relay_page *)screen)->form))
		buf_text(out, _("not saved"));
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static enum used
key(struct screen *screen, const struct key *key)
{
	struct relay_page *self = (struct relay_page *)screen;

	switch (form_key(self->form, key)) {
	case FORM_PRESSED:
		start(self, &save_ops, NULL);
		return USED;
	case FORM_CHANGED:
		if (form_focus(self->form) == F_PRESET)
			relay_form_fill(self->form);
		return USED;
	case FORM_USED:
		return USED;
	case FORM_UNUSED:
		break;
	}
	return UNUSED;
}

static void
pin(struct relay_page *self)
{
	relay_form_pin(self->form, &self->probe.key);
	app_say(self->base.app, SAY_OK,
	    _("The key is pinned when you save. Compare it first with what "
	      "the relay's administrator says."));
}

static void
accept_answered(struct screen *owner, int answer, struct span text)
{
	struct relay_page *self = (struct relay_page *)owner;

	(void)text;
	if (answer == 1)
		start(self, &accept_ops, &self->accept);
}

static void
ask_accept(struct relay_page *self)
{
	dialog_confirm(&self->base,
	    &(struct dialog){
		.title = _("Accept less"),
		.text = _("From now on this relay need not offer what it "
			  "offered before. Do this only after its "
			  "administrator has said why; it is logged."),
		.done = accept_answered,
	    },
	    _("Accept less"));
}

static enum used
act(struct screen *screen, enum action action)
{
	struct relay_page *self = (struct relay_page *)screen;

	if (action == ACT_SETUP_SAVE) {
		start(self, &save_ops, NULL);
	} else if (action == ACT_SETUP_TEST) {
		self->tested = false;
		start(self, &test_ops, &self->test);
	} else if (action == ACT_SETUP_PIN) {
		pin(self);
	} else if (action == ACT_SETUP_ACCEPT) {
		ask_accept(self);
	} else if (action == ACT_CANCEL && self->test) {
		stop_test(self);
	} else if (action == ACT_SETUP_BACK) {
		app_act(screen->app, ACT_BACK);
	} else {
		return UNUSED;
	}
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct relay_page *self = (struct relay_page *)screen;

	if (action == ACT_SETUP_TEST && self->test)
		return _("The test is running.");
	if (action == ACT_SETUP_TEST &&
	    relay_form_preset(self->form)->kind == RELAY_KIND_DIRECT)
		return _("Without a relay there is nothing to connect to.");
	if (action == ACT_SETUP_PIN && !(self->tested && self->probe.tls_seen))
		return _("Test the relay first; ^P then pins the key that it "
			 "has shown.");
	if (action == ACT_SETUP_ACCEPT &&
	    !(self->tested && self->probe.why.code == E_TLS_DOWNGRADE))
		return _("There is nothing to accept: the test has not found "
			 "less than before.");
	if (action == ACT_SETUP_SAVE && store_is_demo(app_store(screen->app)))
		return _("The demo has its practice relay and no other.");
	return NULL;
}

static void
left(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		app_pop(owner->app, owner);
}

static bool
may_leave(struct screen *screen)
{
	struct relay_page *self = (struct relay_page *)screen;

	if (!form_is_changed(self->form))
		return true;
	dialog_confirm(screen,
	    &(struct dialog){
		.title = _("Not saved"),
		.text = _("What you have typed here would be lost. ^S saves "
			  "it."),
		.done = left,
	    },
	    _("Leave without saving"));
	return false;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_SAVE, ACT_SETUP_TEST, ACT_SETUP_BACK, ACT_NONE};
	static const enum action with_key[] = {ACT_SETUP_SAVE, ACT_SETUP_TEST,
	    ACT_SETUP_PIN, ACT_SETUP_BACK, ACT_NONE};
	static const enum action with_less[] = {ACT_SETUP_SAVE, ACT_SETUP_TEST,
	    ACT_SETUP_ACCEPT, ACT_SETUP_BACK, ACT_NONE};
	struct relay_page *self = (struct relay_page *)screen;

	if (!why_not(screen, ACT_SETUP_ACCEPT))
		return with_less;
	return self->tested && self->probe.tls_seen ? with_key : actions;
}

static void
close_page(struct screen *screen)
{
	struct relay_page *self = (struct relay_page *)screen;

	stop_test(self);
	form_free(&self->form);
	free(self);
}

static const struct screen_ops relay_ops = {
    .name = "setup-relay",
    .section = 8,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .key = key,
    .act = act,
    .why_not = why_not,
    .may_leave = may_leave,
    .footer = footer,
    .job_done = job_done,
    .close = close_page,
};

void
setup_relay_open(struct app *app, int64_t id)
{
	struct relay_page *self = mem_new(sizeof *self);

	self->base.ops = &relay_ops;
	self->id = id;
	self->form = relay_form_new();
	app_push(app, &self->base);
	load(self);
}
