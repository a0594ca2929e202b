/* Locked: nothing personal is shown, of a running delivery only its percent
 * and rate.  Pausing it needs no sign-in (stopping is always allowed), all
 * else does.  The conversation starts with Enter, so that P and Q can be
 * keys before and letters of a password after. */
#include "tui/screens/lock.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/pam_talk.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

enum { RUN_TICK_MS = 1000 };

struct lock {
	struct screen base;
	struct pam_talk *talk;
	int64_t since_ms;
	struct buf said; /* what P has done */
};

static void
title(struct screen *screen, struct buf *out)
{
	struct lock *self = (struct lock *)screen;

	buf_text(out, _("locked since"));
	buf_char(out, ' ');
	format_clock(out, self->since_ms);
}

static bool
is_moving(const struct run_progress *progress)
{
	return progress->state == RUN_RUNNING || progress->state == RUN_WAITING;
}

static int
draw_import(struct app *app, struct area a, int row)
{
	struct buf text = BUF_INIT;

	import_add_status(app, &text);
	draw_printf(a, row, 2, ROLE_HEAD,
	    _("An import is under way: %s. It ends with Sekisho, unstored."),
	    text.ptr);
	buf_done(&text);
	return row + 2;
}

static int
draw_run(struct area a, int row, const struct run_progress *progress)
{
	int64_t done = progress->count[LEDGER_ACCEPTED] +
		       progress->count[LEDGER_FAILED] +
		       progress->count[LEDGER_WITHHELD] +
		       progress->count[LEDGER_IN_DOUBT] +
		       progress->count[LEDGER_CANCELLED];
	struct buf text = BUF_INIT;

	if (progress->state == RUN_PAUSED)
		buf_text(&text, _("Delivery is paused."));
	else if (is_moving(progress))
		buf_text(&text, _("Delivery runs."));
	else
		buf_text(&text, _("Delivery has ended."));
	buf_text(&text, "   ");
	format_percent(&text, done, progress->total);
	buf_text(&text, "   ");
	format_count(&text, (int64_t)(progress->rate_now * 60));
	buf_char(&text, ' ');
	buf_text(&text, _("a minute"));
	draw_text(a, row, 2, ROLE_HEAD, buf_span(&text));
	buf_done(&text);
	return row + 2;
}

static void
draw(struct screen *screen, struct area body)
{
	struct lock *self = (struct lock *)screen;
	struct session *session = app_session(screen->app);
	struct run_progress progress;
	struct area a = area_cols(body, 4, -5);
	int row = 2;

	if (session->run) {
		run_progress(session->run, &progress);
		row = draw_run(a, row, &progress);
	}
	if (import_goes_on(screen->app))
		row = draw_import(screen->app, a, row);
	draw_str(a, row, 2, ROLE_DIM, _("User"));
	draw_str(a, row, 14, ROLE_TEXT, session->user);
	row += 2;
	if (pam_talk_is_on(self->talk))
		row = pam_talk_draw(self->talk, a, row);
	else
		draw_str(
		    a, row, 2, ROLE_TEXT, _("Press Enter to sign in again."));
	row += 2;
	if (session->demo) {
		draw_str(a, row, 2, ROLE_INFO, _("Demo: the password is"));
		draw_str(a, row + 1, 4, ROLE_HEAD, session->demo->password);
		row += 3;
	}
	if (self->said.len)
		draw_wrapped(a, row, 2, ROLE_INFO, buf_span(&self->said));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct session *session = app_session(screen->app);

	buf_text(out, session->run
			  ? _("P pauses the delivery without signing in; "
			      "the log says so.")
			  : _("Every action is recorded in the audit log."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct lock *self = (struct lock *)screen;

	if (!pam_talk_is_on(self->talk))
		return UNUSED;
	if (pam_talk_key(self->talk, key) == USED)
		return USED;
	if (key->code == K_ESC || key_is(key, K_CTRL('C')) ||
	    key_is(key, K_CTRL('G')))
		pam_talk_stop(self->talk);
	else if (key_is(key, K_CTRL('L')))
		return UNUSED;
	return USED;
}

/* ---- Pausing ----------------------------------------------------------------- */

struct pausing {
	struct run *run;     /* borrowed: the session's */
	struct store *store; /* borrowed */
};

static int
pausing_run(struct job *job, void *data, struct err *err)
{
	struct pausing *self = data;

	(void)job;
	if (run_pause(self->run, err) < 0)
		return -1;
	return audit_add(self->store,
	    &(struct audit_event){
		.what = "lock.pause",
	    },
	    err);
}

static const struct job_ops pausing_ops = {.run = pausing_run, .free = free};

static void
pause_run(struct lock *self)
{
	struct session *session = app_session(self->base.app);
	struct pausing *pausing = mem_new(sizeof *pausing);

	pausing->run = session->run;
	pausing->store = session->store;
	buf_clear(&self->said);
	app_job(self->base.app, &self->base, &pausing_ops, pausing, NULL, NULL);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct lock *self = (struct lock *)screen;
	enum talk_news news = pam_talk_job_done(self->talk, job, data, rc, err);

	if (news == TALK_GRANTED) {
		app_unlock(screen->app);
	} else if (news == TALK_NOT_MINE) {
		buf_clear(&self->said);
		buf_text(&self->said, rc == 0 ? _("The delivery is paused.")
					      : _("The delivery could not be "
						  "paused."));
	}
}

static enum used
act(struct screen *screen, enum action action)
{
	struct lock *self = (struct lock *)screen;

	if (action == ACT_LOCK_ENTER) {
		buf_clear(&self->said);
		pam_talk_start(self->talk);
		return USED;
	}
	if (action == ACT_LOCK_PAUSE) {
		pause_run(self);
		return USED;
	}
	if (action == ACT_LOCK_LEAVE) {
		app_end(screen->app, 0);
		return USED;
	}
	return UNUSED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct session *session = app_session(screen->app);
	struct run_progress progress;

	if (action == ACT_LOCK_PAUSE) {
		if (!session->run)
			return _("Nothing is running.");
		run_progress(session->run, &progress);
		return is_moving(&progress) ? NULL : _("Nothing is running.");
	}
	if (action == ACT_LOCK_ENTER || action == ACT_LOCK_LEAVE ||
	    action == ACT_HELP || action == ACT_REDRAW)
		return NULL;
	return _("Sign in first.");
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action idle[] = {
	    ACT_LOCK_ENTER, ACT_LOCK_LEAVE, ACT_NONE};
	static const enum action running[] = {
	    ACT_LOCK_ENTER, ACT_LOCK_PAUSE, ACT_LOCK_LEAVE, ACT_NONE};
	struct session *session = app_session(screen->app);

	return session->run ? running : idle;
}

static int
tick_ms(struct screen *screen)
{
	struct lock *self = (struct lock *)screen;
	struct session *session = app_session(screen->app);
	struct run_progress progress;
	int ms = pam_talk_tick_ms(self->talk);

	if (!ms && import_goes_on(screen->app))
		return RUN_TICK_MS;
	if (ms || !session->run)
		return ms;
	run_progress(session->run, &progress);
	return is_moving(&progress) ? RUN_TICK_MS : 0;
}

static void
tick(struct screen *screen)
{
	pam_talk_tick(((struct lock *)screen)->talk);
}

static void
close_lock(struct screen *screen)
{
	struct lock *self = (struct lock *)screen;

	pam_talk_free(&self->talk);
	buf_done(&self->said);
	free(self);
}

static const struct screen_ops lock_ops = {
    .name = "lock",
    .shape = SCREEN_SIGN_IN,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_lock,
};

/* What somebody has begun to type is not the next one's. */
static void
forget(struct app *app)
{
	struct screen *screen = app_base(app);
	struct lock *self = (struct lock *)screen;

	if (!screen || screen->ops != &lock_ops)
		return;
	pam_talk_stop(self->talk);
	buf_clear(&self->said);
}

void
lock_open(struct app *app)
{
	struct lock *self;

	if (app_is_locked(app)) {
		forget(app);
		return;
	}
	self = mem_new(sizeof *self);
	self->base.ops = &lock_ops;
	self->talk = pam_talk_new(&self->base, NULL);
	self->since_ms = app_now_ms(app);
	app_lock(app, &self->base);
}
