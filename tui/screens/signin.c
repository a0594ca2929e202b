/* Coming in: the PAM conversation, then the passphrase of the store (or the
 * making of a new one), then home.  Opening derives a key and checks the audit
 * log, so it is a job.  A store that cannot be opened gets a page that says
 * what happened, what is safe and what to do. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/screens/pam_talk.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/verbs.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/form.h"

enum stage {
	STAGE_PAM,
	STAGE_PASSPHRASE, /* of a store that exists */
	STAGE_NEW,        /* choosing one */
	STAGE_OPENING,
	STAGE_FAULT, /* the store cannot be opened */
};

enum { FIELD_ONE, FIELD_TWO, FIELD_CREATE, PASSPHRASE_MAX = 512 };

struct signin {
	struct screen base;
	enum stage stage, back; /* back: from STAGE_OPENING */
	struct pam_talk *talk;
	struct line *line;         /* STAGE_PASSPHRASE */
	struct form *form;         /* STAGE_NEW */
	struct secret *passphrase; /* kept while the user is asked about it */
	struct buf said;           /* why the last passphrase was refused */
	struct err fault;          /* STAGE_FAULT */
};

/* ---- A new passphrase --------------------------------------------------------- */

static int64_t
characters(struct span text)
{
	uint32_t cp;
	int64_t count = 0;

	while (utf8_next(&text, &cp) != UTF8_END)
		count++;
	return count;
}

static void
check_length(struct span text, struct buf *why)
{
	if (characters(text) < PASSPHRASE_MIN)
		buf_printf(why, _("At least %d characters."), PASSPHRASE_MIN);
}

static const struct field_spec new_fields[] = {
    [FIELD_ONE] = {.label = N_("Passphrase"),
	.kind = FIELD_SECRET,
	.cols = 44,
	.max = PASSPHRASE_MAX,
	.hint = N_("Several words are easier to type than signs."),
	.check = check_length},
    [FIELD_TWO] = {.label = N_("Once more"),
	.kind = FIELD_SECRET,
	.cols = 44,
	.max = PASSPHRASE_MAX,
	.hint = N_("Nothing is shown, so that typing twice finds slips.")},
    [FIELD_CREATE] = {.label = N_("Make the store"), .kind = FIELD_BUTTON},
};

/* A rough word for people, not a promise: length counts most, and a text of
 * few different characters is shorter than it looks. */
static const char *
strength_of(struct span text, enum role *role)
{
	bool seen[256] = {false};
	size_t distinct = 0;
	int64_t length = characters(text);

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		distinct += !seen[c];
		seen[c] = true;
	}
	*role = ROLE_WARN;
	if (length < PASSPHRASE_MIN)
		return _("too short");
	if (distinct < 6)
		return _("weak: few different characters");
	if (length < 16 || distinct < 9)
		return _("fair");
	*role = ROLE_OK;
	return length < 22 ? _("good") : _("strong");
}

/* ---- Opening, on a worker ------------------------------------------------------ */

static int
opening_run(struct job *job, void *data, struct err *err)
{
	(void)job;
	return sitting_open(data, err);
}

static void
opening_free(void *data)
{
	sitting_done(data);
	free(data);
}

static const struct job_ops opening_ops = {
    .run = opening_run, .free = opening_free};

/* Takes the passphrase. */
static void
start_opening(
    struct signin *self, enum sitting_how how, struct secret *passphrase)
{
	struct session *session = app_session(self->base.app);
	struct sitting *sitting = mem_new(sizeof *sitting);
	struct err err = {.code = E_NONE};

	sitting->dir = session->dir;
	sitting->user = session->user;
	sitting->origin = session->origin;
	sitting->place = session->place;
	sitting->second_factor = session->second_factor;
	sitting->clock = session->world->clock;
	sitting->kind = session->kind;
	sitting->kdf_log2_n = session->kdf_log2_n;
	sitting->how = how;
	sitting->passphrase = passphrase;
	if (self->stage != STAGE_FAULT)
		self->back = self->stage;
	self->stage = STAGE_OPENING;
	if (app_job(self->base.app, &self->base, &opening_ops, sitting, NULL,
		&err) < 0) {
		self->fault = err;
		self->stage = STAGE_FAULT;
	}
}

static void
ask_passphrase(struct signin *self)
{
	struct session *session = app_session(self->base.app);

	if (store_exists(session->dir)) {
		self->stage = STAGE_PASSPHRASE;
		line_free(&self->line);
		self->line = line_new(LINE_SECRET, PASSPHRASE_MAX);
		return;
	}
	self->stage = STAGE_NEW;
	if (!self->form)
		self->form = form_new(
		    new_fields, sizeof new_fields / sizeof *new_fields);
}

/* ---- What came of it ------------------------------------------------------------- */

static void
tell_history(struct app *app)
{
	struct session *session = app_session(app);
	const struct login_history *history = &session->history;
	struct buf text = BUF_INIT;

	if (history->last_ms) {
		buf_text(&text, _("Last sign-in:"));
		buf_char(&text, ' ');
		format_minute(&text, history->last_ms);
		buf_printf(&text, " (%s)", history->last_origin);
	} else {
		buf_text(&text, _("Welcome. This is your first sign-in."));
	}
	if (history->failures_since) {
		buf_text(&text, "  ");
		buf_printf(&text,
		    P_("%d failed try since then.",
			"%d failed tries since then.", history->failures_since),
		    (int)history->failures_since);
	}
	app_say(app, history->failures_since ? SAY_WARN : SAY_INFO, text.ptr);
	buf_done(&text);
	if (session->chain == CHAIN_BROKEN)
		app_say_err(app, &session->chain_fault);
}

/* Language, theme and lock time are the store's from here on. */
static void
take_settings(struct app *app)
{
	struct session *session = app_session(app);
	struct buf value = BUF_INIT;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	int64_t minutes;

	if (store_view_open(session->store, &db, &err) < 0) {
		app_say_err(app, &err);
		return;
	}
	minutes = setting_int(db, "lock.minutes", &err);
	if (minutes > 0)
		app_set_idle_lock(app, (int)minutes * 60000);
	if (setting_read(db, "theme", &value, &err) == 0 && value.len &&
	    !session->options->theme && strcmp(value.ptr, "auto") != 0 &&
	    app_theme_use(app, value.ptr, &err) < 0)
		app_say_err(app, &err);
	buf_clear(&value);
	if (setting_read(db, "language", &value, &err) == 0 && value.len &&
	    strcmp(value.ptr, "auto") != 0) {
		session->has_language = true;
		if (session->options->language == LANGUAGE_AUTO)
			i18n_use(i18n_language_of(value.ptr));
	}
	buf_done(&value);
	store_reader_close(&db);
}

static void
come_in(struct signin *self, struct sitting *sitting)
{
	struct app *app = self->base.app;
	struct session *session = app_session(app);

	session_take_store(session, sitting);
	app_set_store(app, session->store);
	take_settings(app);
	home_open(app);
	tell_history(app);
	if (session->away_fault.code != E_NONE)
		app_say_err(app, &session->away_fault);
	if (session->drill)
		session->drill->begin(session->drill, app);
}

static void
restored_answered(struct screen *owner, int answer, struct span text)
{
	struct signin *self = (struct signin *)owner;
	struct secret *passphrase = self->passphrase;

	(void)text;
	self->passphrase = NULL;
	if (answer == 1)
		start_opening(self, SITTING_OPEN_RESTORED, passphrase);
	else
		secret_free(&passphrase);
}

static bool
is_older(enum err_code code)
{
	return code == E_STORE_ROLLED_BACK || code == E_AUDIT_HEAD;
}

static void
refuse_passphrase(struct signin *self)
{
	struct session *session = app_session(self->base.app);
	int64_t now = app_now_ms(self->base.app);

	ask_passphrase(self);
	buf_clear(&self->said);
	if (lockout_wait_s(session->dir, session->user, now) > 0) {
		self->stage = STAGE_PAM;
		pam_talk_start(self->talk);
		return;
	}
	err_text(&(struct err){.code = E_KEYRING_PASSPHRASE}, &self->said);
	buf_char(&self->said, ' ');
	buf_printf(&self->said,
	    P_("%d try left before a pause.", "%d tries left before a pause.",
		lockout_left(session->dir, session->user, now)),
	    lockout_left(session->dir, session->user, now));
}

static void
opened(
    struct signin *self, struct sitting *sitting, int rc, const struct err *err)
{
	if (rc == 0) {
		come_in(self, sitting);
	} else if (err->code == E_KEYRING_PASSPHRASE) {
		refuse_passphrase(self);
	} else if (err->code == E_PASSPHRASE_WEAK) {
		self->stage = STAGE_NEW;
		check_length(SPAN(""), &self->said);
	} else {
		self->fault = *err;
		self->stage = STAGE_FAULT;
		if (is_older(err->code)) {
			secret_free(&self->passphrase);
			self->passphrase = sitting->passphrase;
			sitting->passphrase = NULL;
		}
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct signin *self = (struct signin *)screen;

	switch (pam_talk_job_done(self->talk, job, data, rc, err)) {
	case TALK_NOT_MINE:
		opened(self, data, rc, err);
		break;
	case TALK_GRANTED:
		app_session(screen->app)->second_factor =
		    pam_talk_prompts(self->talk) > 1;
		ask_passphrase(self);
		break;
	case TALK_GOES_ON:
	case TALK_DENIED:
		break;
	}
}

/* ---- Keys ------------------------------------------------------------------------ */

static void
enter_new(struct signin *self)
{
	struct secret *one, *two;
	bool same;

	if (form_check(self->form) >= 0)
		return;
	one = form_secret(self->form, FIELD_ONE);
	two = form_secret(self->form, FIELD_TWO);
	same = secret_equal(one, two);
	secret_free(&two);
	if (same) {
		start_opening(self, SITTING_CREATE, one);
		return;
	}
	secret_free(&one);
	form_set(self->form, FIELD_ONE, SPAN(""));
	form_set(self->form, FIELD_TWO, SPAN(""));
	form_set_focus(self->form, FIELD_ONE);
	form_set_error(self->form, FIELD_ONE,
	    _("The two are not the same. Type both again."));
}

static enum used
key_new(struct signin *self, const struct key *key)
{
	switch (form_key(self->form, key)) {
	case FORM_PRESSED:
		enter_new(self);
		return USED;
	case FORM_USED:
	case FORM_CHANGED:
		return USED;
	case FORM_UNUSED:
		return UNUSED;
	}
	return UNUSED;
}

static enum used
key_passphrase(struct signin *self, const struct key *key)
{
	if (key->code != K_ENTER)
		return line_key(self->line, key);
	if (line_span(self->line).len == 0)
		return USED;
	start_opening(self, SITTING_OPEN, line_secret(self->line));
	line_free(&self->line);
	return USED;
}

static enum used
key_fault(struct signin *self, const struct key *key)
{
	if (key->code != K_ENTER)
		return UNUSED;
	if (is_older(self->fault.code) && self->passphrase)
		dialog_confirm(&self->base,
		    &(struct dialog){
			.title = _("The store is older than last seen"),
			.text = _("If you have put back a backup, say so: the "
				  "store is opened and the log says that it "
				  "was. Campaigns that were sent since the "
				  "backup are not known to it; sending them "
				  "again would mail people twice."),
			.done = restored_answered,
		    },
		    _("Yes, a backup was restored"));
	else
		ask_passphrase(self);
	return USED;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct signin *self = (struct signin *)screen;
	enum used used = UNUSED;

	if (self->stage == STAGE_PAM)
		used = pam_talk_key(self->talk, key);
	else if (self->stage == STAGE_NEW)
		used = key_new(self, key);
	else if (self->stage == STAGE_PASSPHRASE)
		used = key_passphrase(self, key);
	else if (self->stage == STAGE_FAULT)
		used = key_fault(self, key);
	return used;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct signin *self = (struct signin *)screen;

	if (action == ACT_SIGNIN_LEAVE) {
		app_end(screen->app, 0);
		return USED;
	}
	if (action == ACT_SIGNIN_ENTER) {
		if (self->stage == STAGE_PAM && !pam_talk_is_on(self->talk))
			pam_talk_start(self->talk);
		return USED;
	}
	return UNUSED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct signin *self = (struct signin *)screen;

	if (self->stage == STAGE_OPENING && action == ACT_SIGNIN_ENTER)
		return _("One moment, please.");
	if (action == ACT_SIGNIN_ENTER || action == ACT_SIGNIN_LEAVE ||
	    action == ACT_HELP || action == ACT_REDRAW)
		return NULL;
	return _("Sign in first.");
}

/* ---- Drawing ------------------------------------------------------------------------ */

static void
title(struct screen *screen, struct buf *out)
{
	struct signin *self = (struct signin *)screen;

	if (self->stage == STAGE_NEW)
		buf_text(out, _("A new store"));
	else if (self->stage == STAGE_FAULT)
		buf_text(out, _("The store cannot be opened"));
	else
		buf_text(out, _("Sign in"));
}

static int
draw_fact(struct area a, int row, const char *label, const char *value)
{
	draw_str(a, row, 2, ROLE_DIM, label);
	draw_fit(
	    a, row, 14, a.cols - 15, ROLE_TEXT, FIT_MIDDLE, span_of(value));
	return row + 1;
}

/* What a visitor of the demo cannot know. */
static int
draw_demo(struct signin *self, struct area a, int row)
{
	const struct demo_hints *demo = app_session(self->base.app)->demo;
	bool pam = self->stage == STAGE_PAM;

	if (!demo)
		return row;
	draw_str(a, row, 2, ROLE_INFO,
	    pam ? _("Demo: the password is") : _("Demo: the passphrase is"));
	draw_str(
	    a, row + 1, 4, ROLE_HEAD, pam ? demo->password : demo->passphrase);
	return row + 3;
}

static int
draw_passphrase(struct signin *self, struct area a, int row)
{
	int col;

	draw_str(a, row, 2, ROLE_OK, _("Signed in."));
	row += 2;
	if (self->said.len)
		row = draw_wrapped(a, row, 2, ROLE_ERR, buf_span(&self->said)) +
		      1;
	col = draw_str(a, row, 2, ROLE_HEAD, _("Passphrase of the store"));
	col = draw_str(a, row, col + 2, ROLE_DIM, "[");
	line_draw(self->line, a, row, col, 34, FOCUS_ON);
	draw_str(a, row, col + 34, ROLE_DIM, "]");
	return row + 2;
}

static int
draw_new(struct signin *self, struct area a, int row)
{
	struct span text = form_text(self->form, FIELD_ONE);
	enum role role;
	const char *word = strength_of(text, &role);

	row = draw_wrapped(a, row, 2, ROLE_TEXT,
		  span_of(_("Everything is kept encrypted. Choose the "
			    "passphrase that opens it. Nobody can recover it: "
			    "without it, lists, campaigns and reports are "
			    "lost. Write it down and keep it locked away."))) +
	      1;
	if (self->said.len)
		row = draw_wrapped(a, row, 2, ROLE_ERR, buf_span(&self->said));
	form_draw(self->form, area_rows(area_cols(a, 2, -3), row, 5), FOCUS_ON);
	row += 6;
	if (text.len) {
		int col = draw_str(a, row, 2, ROLE_DIM, _("Strength:"));

		draw_str(a, row, col + 1, role, word);
	}
	return row + 2;
}

/* What is safe in spite of a fault, and what to do, by kind. */
static const char *
safe_text(enum err_code code)
{
	switch (code) {
	case E_STORE_IN_USE:
		return _("Nothing is wrong with the store: only one Sekisho "
			 "may have it open. End the other one, then press "
			 "Enter.");
	case E_STORE_PAGE:
	case E_STORE_NOT_DB:
	case E_STORE_TRUNCATED:
	case E_STORE_EMPTY:
	case E_STORE_WAL:
	case E_KEYRING_DAMAGED:
		return _("Nothing was changed. Copy the store's folder away "
			 "before you do anything else, check the disk, then "
			 "put the last backup in its place.");
	case E_STORE_ROLLED_BACK:
	case E_AUDIT_HEAD:
		return _("Nothing was changed. When nobody has put back a "
			 "backup, somebody may have replaced the files: ask "
			 "before you go on. Enter goes on.");
	case E_DISK_FULL:
	case E_STORE_FULL:
		return _("What is in the store is safe. Free some space, then "
			 "press Enter.");
	default:
		return _("Nothing was changed. Enter tries again.");
	}
}

static int
draw_fault(struct signin *self, struct area a, int row)
{
	struct buf text = BUF_INIT;

	err_text(&self->fault, &text);
	draw_str(a, row, 2, ROLE_ERR, "X");
	row = draw_wrapped(a, row, 4, ROLE_ERR, buf_span(&text)) + 1;
	row = draw_wrapped(
		  a, row, 4, ROLE_TEXT, span_of(safe_text(self->fault.code))) +
	      1;
	buf_clear(&text);
	buf_printf(&text, "sekisho --store %s store verify",
	    app_session(self->base.app)->dir);
	row = draw_wrapped(a, row, 4, ROLE_DIM,
	    span_of(_("In a shell, this reads the whole store and names the "
		      "first fault:")));
	row = draw_wrapped(a, row, 4, ROLE_TEXT, buf_span(&text));
	buf_done(&text);
	return row + 1;
}

static void
draw(struct screen *screen, struct area body)
{
	struct signin *self = (struct signin *)screen;
	struct session *session = app_session(screen->app);
	struct area a = area_cols(body, 2, -3);
	int row = self->stage == STAGE_NEW ? 0 : 2;

	row = draw_fact(a, row, _("Store"), session->dir);
	row = draw_fact(a, row, _("User"), session->user) + 1;
	switch (self->stage) {
	case STAGE_PAM:
		row = pam_talk_draw(self->talk, a, row) + 1;
		break;
	case STAGE_PASSPHRASE:
		row = draw_passphrase(self, a, row);
		break;
	case STAGE_NEW:
		row = draw_new(self, a, row);
		break;
	case STAGE_OPENING:
		draw_str(a, row, 2, ROLE_TEXT, _("Opening the store .."));
		row += 2;
		break;
	case STAGE_FAULT:
		draw_fault(self, a, row);
		return;
	}
	draw_demo(self, a, row);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Every action is recorded in the audit log."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SIGNIN_ENTER, ACT_SIGNIN_LEAVE, ACT_REDRAW, ACT_NONE};

	(void)screen;
	return actions;
}

static int
tick_ms(struct screen *screen)
{
	return pam_talk_tick_ms(((struct signin *)screen)->talk);
}

static void
tick(struct screen *screen)
{
	pam_talk_tick(((struct signin *)screen)->talk);
}

static void
close_signin(struct screen *screen)
{
	struct signin *self = (struct signin *)screen;

	pam_talk_free(&self->talk);
	line_free(&self->line);
	form_free(&self->form);
	secret_free(&self->passphrase);
	buf_done(&self->said);
	free(self);
}

static const struct screen_ops signin_ops = {
    .name = "signin",
    .shape = SCREEN_SIGN_IN,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_signin,
};

void
signin_open(struct app *app)
{
	struct signin *self = mem_new(sizeof *self);

	self->base.ops = &signin_ops;
	self->talk = pam_talk_new(&self->base, NULL);
	app_push(app, &self->base);
	pam_talk_start(self->talk);
}
