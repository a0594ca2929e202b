/* Signing in again over a screen: the whole PAM conversation, as at the
 * beginning.  Core judges it and gives the grant (login_step_up()); how it ended
 * is in the log before the owner hears of it. */
#include "tui/screens/stepup.h"

#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/i18n.h"

enum { BOX_COLS = 70, BOX_ROWS = 15, FACTORS = 2 };

/* A job that waits for the grant. */
struct held {
	const struct job_ops *ops; /* NULL: none */
	void *data;
	struct job **out;
};

struct stepup_screen {
	struct screen base;
	struct screen *owner; /* below us on the stack */
	enum stepup what;
	enum stepup_factors factors; /* where there is no session */
	struct pam_talk *talk;
	const char *said; /* translated; NULL none */
	void (*done)(struct screen *owner, enum stepup_end end);
	struct held held;
};

static const char *const texts[STEPUP_COUNT] = {
    [STEPUP_LAUNCH] = N_("Before the delivery starts, sign in once more."),
    [STEPUP_APPROVE] = N_("Before you approve, sign in once more."),
    [STEPUP_POLICY] =
	N_("Before a rule or a person's rights change, sign in once more."),
    [STEPUP_SETUP] = N_("Before relays, keys or sign-in change, sign in once "
			"more."),
    [STEPUP_EXPORT] =
	N_("Before personal data leave the store, sign in once more."),
    [STEPUP_UNMASK] = N_("Before a masked record is shown, sign in once more."),
    [STEPUP_REVIEW] = N_("To sign the review, sign in once more."),
};

/* ---- What came of it --------------------------------------------------------- */

struct note {
	struct store *store; /* borrowed */
	enum stepup what;
	struct login *login; /* granted; NULL: refused */
	const char *why;     /* refused; static */
};

static int
note_run(struct job *job, void *data, struct err *err)
{
	struct note *self = data;

	(void)job;
	if (self->login)
		return login_step_up(self->login, self->store, self->what, err);
	return login_step_refused(self->store, self->what, self->why, err);
}

static void
note_free(void *data)
{
	struct note *self = data;

	login_free(&self->login);
	free(self);
}

static const struct job_ops note_ops = {.run = note_run, .free = note_free};

static const char cancelled[] = "cancelled", denied[] = "denied";

static void close_with(struct stepup_screen *self, enum stepup_end end);

/* Without a store there is nobody to judge but us; who has asked tells the
 * store's holder. */
static void
judge(struct stepup_screen *self, const char *why)
{
	if (why == denied)
		return;
	if (!why && self->factors == STEPUP_TWO &&
	    pam_talk_prompts(self->talk) < FACTORS) {
		self->said = _(err_pattern(E_STEPUP_FACTORS));
		return;
	}
	pam_talk_stop(self->talk);
	close_with(self, why ? STEPUP_REFUSED : STEPUP_GRANTED);
}

/* why is NULL for what PAM has granted. */
static void
note(struct stepup_screen *self, const char *why)
{
	struct note *note;
	struct err err = {.code = E_NONE};

	if (!app_session(self->base.app)) {
		judge(self, why);
		return;
	}
	note = mem_new(sizeof *note);
	note->store = app_store(self->base.app);
	note->what = self->what;
	note->why = why;
	if (!why)
		note->login = pam_talk_take(self->talk);
	if (why != denied)
		pam_talk_stop(self->talk);
	if (app_job(self->base.app, &self->base, &note_ops, note, NULL, &err) <
	    0)
		app_say_err(self->base.app, &err);
}

static void
start_held(struct screen *owner, struct held held, enum stepup_end end)
{
	struct err err = {.code = E_NONE};

	if (end != STEPUP_GRANTED) {
		held.ops->free(held.data);
		app_say(owner->app, SAY_INFO, _("Nothing was done."));
	} else if (app_job(owner->app, owner, held.ops, held.data, held.out,
		       &err) < 0) {
		app_say_err(owner->app, &err);
	}
}

static void
close_with(struct stepup_screen *self, enum stepup_end end)
{
	struct screen *owner = self->owner;
	void (*done)(struct screen *, enum stepup_end) = self->done;
	struct held held = self->held;

	self->held.ops = NULL;
	app_pop(self->base.app, &self->base);
	if (held.ops)
		start_held(owner, held, end);
	else
		done(owner, end);
}

static void
noted(struct stepup_screen *self, const struct note *note, int rc,
    const struct err *err)
{
	if (note->why == denied)
		return; /* they may try again */
	if (rc < 0 && err->code == E_STEPUP_FACTORS) {
		self->said = _(err_pattern(E_STEPUP_FACTORS));
		return;
	}
	if (rc < 0)
		app_say_err(self->base.app, err);
	close_with(self, rc < 0 || note->why ? STEPUP_REFUSED : STEPUP_GRANTED);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct stepup_screen *self = (struct stepup_screen *)screen;

	switch (pam_talk_job_done(self->talk, job, data, rc, err)) {
	case TALK_GRANTED:
		note(self, NULL);
		break;
	case TALK_DENIED:
		note(self, denied);
		break;
	case TALK_NOT_MINE:
		noted(self, data, rc, err);
		break;
	case TALK_GOES_ON:
		break;
	}
}

/* ---- The screen ------------------------------------------------------------------ */

static enum used
key(struct screen *screen, const struct key *key)
{
	struct stepup_screen *self = (struct stepup_screen *)screen;

	if (!self->said && pam_talk_key(self->talk, key) == USED)
		return USED;
	if (key_is(key, K_CTRL('L')))
		return UNUSED;
	if (key->code == K_ESC || key_is(key, K_CTRL('C')) ||
	    key_is(key, K_CTRL('G')))
		note(self, cancelled);
	return USED;
}

static void
draw(struct screen *screen, struct area body)
{
	struct stepup_screen *self = (struct stepup_screen *)screen;
	struct session *session = app_session(screen->app);
	int cols = body.cols - 6 < BOX_COLS ? body.cols - 6 : BOX_COLS;
	int rows = body.rows < BOX_ROWS ? body.rows : BOX_ROWS;
	struct area a = area_rows(area_cols(body, (body.cols - cols) / 2, cols),
	    (body.rows - rows) / 2, rows);
	struct area in = area_cols(a, 0, -1);
	int row;

	draw_fill(a, ROLE_OVERLAY);
	draw_blank(a, 0, 0, a.cols, ROLE_BAR);
	draw_str(a, 0, 1, ROLE_BAR_KEY, _("Sign in again"));
	row = draw_wrapped(
		  in, 2, 2, ROLE_OVERLAY, span_of(_(texts[self->what]))) +
	      1;
	if (self->said)
		row = draw_wrapped(in, row, 2, ROLE_ERR, span_of(self->said));
	else
		row = pam_talk_draw(self->talk, in, row);
	if (session && session->demo) {
		int col = draw_str(
		    a, row + 1, 2, ROLE_INFO, _("Demo: the password is"));

		draw_str(
		    a, row + 1, col + 1, ROLE_HEAD, session->demo->password);
	}
	draw_swap(a, ROLE_TEXT, ROLE_OVERLAY);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Esc goes back; nothing has been done."));
}

static int
tick_ms(struct screen *screen)
{
	return pam_talk_tick_ms(((struct stepup_screen *)screen)->talk);
}

static void
tick(struct screen *screen)
{
	pam_talk_tick(((struct stepup_screen *)screen)->talk);
}

static void
close_stepup(struct screen *screen)
{
	struct stepup_screen *self = (struct stepup_screen *)screen;

	pam_talk_free(&self->talk);
	if (self->held.ops)
		self->held.ops->free(self->held.data);
	free(self);
}

static const struct screen_ops stepup_ops = {
    .name = "stepup",
    .shape = SCREEN_OVERLAY,
    .draw = draw,
    .hint = hint,
    .key = key,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_stepup,
};

/* A setting that cannot be read wants most. */
static enum stepup_level
read_level(struct app *app, enum stepup what)
{
	enum stepup_level level = STEPUP_SECOND;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	if (store_view_open(app_store(app), &db, &err) < 0 ||
	    stepup_read(db, what, &level, &err) < 0)
		app_say_err(app, &err);
	store_reader_close(&db);
	return level;
}

static struct stepup_screen *
open_over(struct screen *owner, enum stepup what, const struct pam_who *who)
{
	struct stepup_screen *self = mem_new(sizeof *self);

	self->base.ops = &stepup_ops;
	self->owner = owner;
	self->what = what;
	self->talk = pam_talk_new(&self->base, who);
	app_push(owner->app, &self->base);
	pam_talk_start(self->talk);
	return self;
}

void
stepup_open(struct screen *owner, enum stepup what,
    void (*done)(struct screen *owner, enum stepup_end end))
{
	if (read_level(owner->app, what) == STEPUP_NEVER)
		done(owner, STEPUP_GRANTED);
	else
		open_over(owner, what, NULL)->done = done;
}

int
stepup_job(struct screen *owner, enum stepup what, const struct job_ops *ops,
    void *data, struct job **out, struct err *err)
{
	if (read_level(owner->app, what) == STEPUP_NEVER)
		return app_job(owner->app, owner, ops, data, out, err);
	open_over(owner, what, NULL)->held = (struct held){ops, data, out};
	return 1;
}

void
stepup_ask(struct screen *owner, enum stepup what, const struct pam_who *who,
    enum stepup_factors factors,
    void (*done)(struct screen *owner, enum stepup_end end))
{
	struct stepup_screen *self = open_over(owner, what, who);

	self->factors = factors;
	self->done = done;
}
