/* One relay: its form, and the live test, which says step by step how far a
 * session came with what the form holds now, saved or not. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/health/health.h"
#include "tui/screens/setup.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/form.h"

enum {
	F_NAME,
	F_HOST,
	F_PORT,
	F_TLS,
	F_CA,
	F_USER,
	F_SECRET,
	F_SESSIONS,
	F_PER_SESSION,
	F_RATE,
	F_ENABLED,
	F_COUNT
};
enum { PROBE_MS = 15000, FORM_COLS = 78 };

struct relay_page {
	struct screen base;
	struct form *form;
	int64_t id;

	struct job *test;
	struct relay_probe probe;
	bool tested;
};

static const char *const switch_names[] = {N_("yes"), N_("no"), NULL};
static const char *const tls_names[] = {N_("none (this machine only)"),
    N_("TLS when offered"), N_("TLS, unverified"), N_("STARTTLS, verified"),
    N_("TLS at once, verified"), N_("STARTTLS, pinned key"), NULL};

static void
check_filled(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("This is needed."));
}

static const struct field_spec fields[F_COUNT] = {
    [F_NAME] = {.label = N_("Name"),
	.cols = 20,
	.max = 63,
	.hint = N_("How you call it here."),
	.check = check_filled},
    [F_HOST] = {.label = N_("Host"),
	.cols = 44,
	.hint = N_("For example smtp.example.co.jp"),
	.check = check_filled},
    [F_PORT] = {.label = N_("Port"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 5,
	.hint =
	    N_("587 with STARTTLS, 465 with TLS at once, 25 between servers."),
	.check = check_filled},
    [F_TLS] = {.label = N_("Protection"),
	.kind = FIELD_CHOICE,
	.cols = 26,
	.choices = tls_names,
	.hint = N_("Verified is what you want: only then nobody reads along.")},
    [F_CA] = {.label = N_("CA file"),
	.cols = 44,
	.hint = N_("Empty: the authorities that this system trusts.")},
    [F_USER] = {.label = N_("User"),
	.cols = 44,
	.hint = N_("Empty: the relay wants no sign-in.")},
    [F_SECRET] = {.label = N_("Password"),
	.kind = FIELD_SECRET,
	.cols = 30,
	.hint = N_("Kept encrypted. Empty: the one that is stored stays.")},
    [F_SESSIONS] = {.label = N_("Sessions at once"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 3,
	.hint = N_("1 to 100.")},
    [F_PER_SESSION] = {.label = N_("Mails per session"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 5},
    [F_RATE] = {.label = N_("Mails per second"),
	.kind = FIELD_NUMBER,
	.cols = 6,
	.max = 5,
	.hint = N_("0: as fast as the relay takes them.")},
    [F_ENABLED] = {.label = N_("In use"),
	.kind = FIELD_CHOICE,
	.cols = 6,
	.choices = switch_names},
};

/* ---- Store to form and back -------------------------------------------------------- */

static void
set_int(struct form *form, int field, int value)
{
	char text[16];

	snprintf(text, sizeof text, "%d", value);
	form_set(form, field, span_of(text));
}

static void
set_all(struct form *form, const struct relay_config *relay)
{
	form_set(form, F_NAME, span_of(relay->name));
	form_set(form, F_HOST, span_of(relay->host));
	set_int(form, F_PORT, relay->port);
	form_set_choice(form, F_TLS, (int)relay->tls);
	form_set(form, F_CA, span_of(relay->ca_file));
	form_set(form, F_USER, span_of(relay->user));
	set_int(form, F_SESSIONS, relay->sessions);
	set_int(form, F_PER_SESSION, relay->per_session);
	set_int(form, F_RATE, relay->rate_per_s);
	form_set_choice(form, F_ENABLED, relay->enabled ? 0 : 1);
	form_set_saved(form);
}

static void
copy_text(const struct form *form, int field, char *to, size_t room)
{
	snprintf(to, room, "%.*s", SPAN_ARG(span_trim(form_text(form, field))));
}

static int
take_int(const struct form *form, int field)
{
	int64_t value = 0;

	if (!span_int(form_text(form, field), &value) || value > 1000000)
		return -1;
	return (int)value;
}

/* What the form holds; the caller ends it with relay_config_done(). */
static void
take_all(struct relay_page *self, struct relay_config *out)
{
	const struct form *form = self->form;

	*out = (struct relay_config){.id = self->id};
	copy_text(form, F_NAME, out->name, sizeof out->name);
	copy_text(form, F_HOST, out->host, sizeof out->host);
	out->port = take_int(form, F_PORT);
	out->tls = (enum relay_tls)form_choice(form, F_TLS);
	copy_text(form, F_CA, out->ca_file, sizeof out->ca_file);
	copy_text(form, F_USER, out->user, sizeof out->user);
	out->sessions = take_int(form, F_SESSIONS);
	out->per_session = take_int(form, F_PER_SESSION);
	out->rate_per_s = take_int(form, F_RATE);
	out->enabled = form_choice(form, F_ENABLED) == 0;
	if (form_text(form, F_SECRET).len)
		out->secret = form_secret(form, F_SECRET);
}

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
	    (store_reader_open(app_store(self->base.app), &db, &err) < 0 ||
		relay_read(db, self->id, &relay, &err) < 0))
		app_say_err(self->base.app, &err);
	store_reader_close(&db);
	set_all(self->form, &relay);
	relay_config_done(&relay);
}

/* ---- Saving and testing, on workers ---------------------------------------------------- */

struct relay_work {
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
	struct relay_config relay;
	struct relay_probe probe;
};

static int
save_run(struct job *job, void *data, struct err *err)
{
	struct relay_work *self = data;

	(void)job;
	return relay_save(self->store, &self->relay, err);
}

/* An empty password in the form stands for the stored one. */
static int
add_stored_secret(struct relay_work *self, struct db *db, struct err *err)
{
	struct relay_config stored = {.id = 0};

	if (self->relay.secret || !self->relay.id || !*self->relay.user)
		return 0;
	if (relay_read(db, self->relay.id, &stored, err) < 0)
		return -1;
	self->relay.secret = stored.secret;
	stored.secret = NULL;
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
	if (store_reader_open(self->store, &db, err) < 0 ||
	    setting_read(db, "sender.address", &from, err) < 0 ||
	    add_stored_secret(self, db, err) < 0)
		goto out;
	rc = relay_probe(self->world, self->store, &self->relay,
	    buf_span(&from), PROBE_MS, -1, &self->probe, err);
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
	free(self);
}

static const struct job_ops save_ops = {.run = save_run, .free = work_free};
static const struct job_ops test_ops = {.run = test_run, .free = work_free};

static void
start(struct relay_page *self, const struct job_ops *ops, struct job **out)
{
	struct relay_work *work;
	struct err err = {.code = E_NONE};

	if (form_check(self->form) >= 0)
		return;
	work = mem_new(sizeof *work);
	work->store = app_store(self->base.app);
	work->world = app_world(self->base.app);
	take_all(self, &work->relay);
	if (app_job(self->base.app, &self->base, ops, work, out, &err) < 0)
		app_say_err(self->base.app, &err);
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
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct relay_page *self = (struct relay_page *)screen;
	const struct relay_work *work = data;

	if (job != self->test) {
		saved(self, work, rc, err);
		return;
	}
	self->test = NULL;
	self->tested = rc == 0;
	self->probe = work->probe;
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (work->probe.ok)
		app_say(screen->app, SAY_OK, _("The relay is ready."));
	else
		app_say(screen->app, SAY_ERROR,
		    _("The test failed; a campaign could not be launched."));
}

/* ---- Drawing ------------------------------------------------------------------------------ */

static int
draw_step(struct area a, int row, bool good, const char *text)
{
	draw_str(a, row, 0, good ? ROLE_OK : ROLE_ERR, good ? "+" : "X");
	return draw_wrapped(
	    a, row, 2, good ? ROLE_TEXT : ROLE_ERR, span_of(text));
}

static int
draw_tls(struct area a, int row, const struct relay_probe *probe)
{
	struct buf text = BUF_INIT;

	if (!*probe->tls_version) {
		if (probe->ok)
			row = draw_step(
			    a, row, true, _("Without TLS, on this machine."));
		return row;
	}
	buf_printf(&text, "%s  %s  ", probe->tls_version, probe->tls_cipher);
	if (probe->tls_verified) {
		buf_text(&text, _("verified, certificate until"));
		buf_char(&text, ' ');
		format_date(&text, probe->cert_expires_ms);
	} else {
		buf_text(&text, _("certificate not verified"));
	}
	row = draw_step(a, row, true, text.ptr);
	buf_done(&text);
	return row;
}

static void
draw_probe(struct area a, const struct relay_probe *probe)
{
	struct buf text = BUF_INIT;
	int row = 0;

	if (*probe->peer) {
		buf_printf(&text, _("Connected to %s"), probe->peer);
		row = draw_step(a, row, true, text.ptr);
	}
	row = draw_tls(a, row, probe);
	buf_clear(&text);
	if (probe->ok) {
		row = draw_step(a, row, true, _("The sender was accepted."));
	} else {
		err_text(&probe->why, &text);
		row = draw_step(a, row, false, text.ptr);
		if (*probe->reply)
			draw_str(a, row, 2, ROLE_DIM, probe->reply);
	}
	buf_done(&text);
}

static void
draw(struct screen *screen, struct area body)
{
	struct relay_page *self = (struct relay_page *)screen;
	struct area a = area_cols(body, 1, body.cols - 2);
	struct area below = area_rows(a, F_COUNT + 1, -1);

	form_draw(self->form,
	    area_rows(area_cols(a, 0, a.cols < FORM_COLS ? a.cols : FORM_COLS),
		0, F_COUNT + 1),
	    FOCUS_ON);
	if (self->test)
		draw_str(below, 1, 0, ROLE_DIM, _("Testing the relay .."));
	else if (self->tested)
		draw_probe(area_rows(below, 0, -1), &self->probe);
	else
		draw_wrapped(below, 1, 0, ROLE_DIM,
		    span_of(_("^T connects, checks the protection, signs in "
			      "and names the sender; no mail is sent.")));
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
	case FORM_USED:
	case FORM_CHANGED:
		return USED;
	case FORM_UNUSED:
		break;
	}
	return UNUSED;
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

	(void)screen;
	return actions;
}

static void
close_page(struct screen *screen)
{
	struct relay_page *self = (struct relay_page *)screen;

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
	self->form = form_new(fields, F_COUNT);
	app_push(app, &self->base);
	load(self);
}
