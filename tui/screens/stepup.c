/* Signing in again over a screen: the whole PAM conversation, as at the
 * beginning.  A policy that wants a second factor is kept when PAM has asked at
 * least twice; PAM decides what it asks, we only count.  How it ended is in the
 * log before the owner hears of it. */
#include "tui/screens/stepup.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/session.h"
#include "tui/text/i18n.h"

enum { BOX_COLS = 70, BOX_ROWS = 15, FACTORS = 2 };

struct stepup_screen {
	struct screen base;
	struct screen *owner; /* below us on the stack */
	enum stepup what;
	bool second; /* policy wants two factors */
	struct pam_talk *talk;
	const char *said; /* translated; NULL none */
	void (*done)(struct screen *owner, enum stepup_end end);
	enum stepup_end end;
};

static const struct {
	const char *setting, *word, *text;
} kinds[] = {
    [STEPUP_LAUNCH] = {"stepup.launch", "launch",
	N_("Before the delivery starts, sign in once more.")},
    [STEPUP_APPROVE] = {"stepup.approve", "approve",
	N_("Before you approve, sign in once more.")},
    [STEPUP_POLICY] = {"stepup.policy", "policy",
	N_("Before a rule or a person's rights change, sign in once more.")},
    [STEPUP_REVIEW] = {NULL, "review",
	N_("To sign the review, sign in once more.")},
};

/* ---- The entry in the log ------------------------------------------------------ */

struct note {
	struct store *store; /* borrowed */
	enum stepup what;
	enum stepup_end end;
};

static int
note_run(struct job *job, void *data, struct err *err)
{
	struct note *self = data;

	(void)job;
	return audit_add(self->store,
	    &(struct audit_event){
		.what = self->end == STEPUP_GRANTED ? "stepup.granted"
						    : "stepup.refused",
		.object = span_of(kinds[self->what].word),
	    },
	    err);
}

static const struct job_ops note_ops = {.run = note_run, .free = free};

static void
close_with(struct stepup_screen *self, enum stepup_end end)
{
	struct screen *owner = self->owner;
	void (*done)(struct screen *, enum stepup_end) = self->done;

	app_pop(self->base.app, &self->base);
	done(owner, end);
}

/* Where there is no store the one who asked tells its holder. */
static void
finish(struct stepup_screen *self, enum stepup_end end)
{
	struct note *note;
	struct err err = {.code = E_NONE};

	pam_talk_stop(self->talk);
	if (!app_session(self->base.app)) {
		close_with(self, end);
		return;
	}
	note = mem_new(sizeof *note);
	note->store = app_store(self->base.app);
	note->what = self->what;
	note->end = self->end = end;
	if (app_job(self->base.app, &self->base, &note_ops, note, NULL, &err) <
	    0)
		app_say_err(self->base.app, &err);
}

static void
granted(struct stepup_screen *self)
{
	if (!self->second || pam_talk_prompts(self->talk) >= FACTORS) {
		finish(self, STEPUP_GRANTED);
		return;
	}
	self->said = _("The policy wants two factors, and PAM has asked for "
		       "one only. Whoever looks after this host can add "
		       "another to /etc/pam.d/sekisho.");
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct stepup_screen *self = (struct stepup_screen *)screen;

	switch (pam_talk_job_done(self->talk, job, data, rc, err)) {
	case TALK_GRANTED:
		granted(self);
		break;
	case TALK_NOT_MINE:
		if (rc < 0)
			app_say_err(screen->app, err);
		close_with(self, rc < 0 ? STEPUP_REFUSED : self->end);
		break;
	case TALK_GOES_ON:
	case TALK_DENIED:
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
		finish(self, STEPUP_REFUSED);
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
		  in, 2, 2, ROLE_OVERLAY, span_of(_(kinds[self->what].text))) +
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

/* What policy wants; a setting that cannot be read wants most. */
static void
read_policy(struct app *app, enum stepup what, bool *any, bool *second)
{
	struct buf value = BUF_INIT;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	*any = true;
	*second = kinds[what].setting;
	if (!kinds[what].setting)
		return;
	if (store_reader_open(app_store(app), &db, &err) == 0 &&
	    setting_read(db, kinds[what].setting, &value, &err) == 0) {
		*any = !span_equal(buf_span(&value), SPAN("never"));
		*second = span_equal(buf_span(&value), SPAN("second"));
	} else {
		app_say_err(app, &err);
	}
	store_reader_close(&db);
	buf_done(&value);
}

static void
ask(struct screen *owner, enum stepup what, const struct pam_who *who,
    enum stepup_factors factors,
    void (*done)(struct screen *owner, enum stepup_end end))
{
	struct stepup_screen *self = mem_new(sizeof *self);

	self->base.ops = &stepup_ops;
	self->owner = owner;
	self->what = what;
	self->second = factors == STEPUP_TWO;
	self->done = done;
	self->talk = pam_talk_new(&self->base, who);
	app_push(owner->app, &self->base);
	pam_talk_start(self->talk);
}

void
stepup_open(struct screen *owner, enum stepup what,
    void (*done)(struct screen *owner, enum stepup_end end))
{
	bool any, second;

	read_policy(owner->app, what, &any, &second);
	if (any)
		ask(owner, what, NULL, second ? STEPUP_TWO : STEPUP_ONE, done);
	else
		done(owner, STEPUP_GRANTED);
}

void
stepup_ask(struct screen *owner, enum stepup what, const struct pam_who *who,
    enum stepup_factors factors,
    void (*done)(struct screen *owner, enum stepup_end end))
{
	ask(owner, what, who, factors, done);
}
