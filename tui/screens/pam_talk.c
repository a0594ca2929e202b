/* The agent is a child process; each wait for its next event is a job that
 * takes the login along and gives it back, so that the program is idle while
 * it is the user's turn.  Attempts are recorded by the job, durably, before
 * the result can be seen. */
#include "tui/screens/pam_talk.h"

#include <poll.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/i18n.h"
#include "tui/widgets/chart.h"
#include "tui/widgets/line.h"

enum { LINES_KEPT = 6, POLL_MS = 100, PROMPT_COLS = 30, REPLY_MAX = 512 };

enum talk_state {
	TALK_OFF,
	TALK_WAITING, /* for the agent */
	TALK_DELAYED, /* for the agent, which sleeps until until_ms */
	TALK_ASKING,  /* for the user */
	TALK_REFUSED, /* until Enter */
	TALK_PAUSED,  /* our own lockout, until until_ms */
};

struct talk_line {
	enum role role;
	char *text; /* owned; foreign */
};

struct pam_talk {
	struct screen *owner; /* borrowed */
	struct pam_who
	    other; /* whom it is about, when it is not the session's */
	enum talk_state state;
	struct login *login; /* NULL while a job has it; granted: until taken */
	struct job *job;     /* the wait under way; NULL none */
	struct talk_line said[LINES_KEPT];
	int count;
	char prompt[LOGIN_TEXT_MAX + 1];
	enum login_kind kind;
	struct line *line;
	int64_t until_ms; /* steady */
	int left;         /* attempts; -1: not known */
	int prompts;      /* of this conversation */
};

/* ---- Waiting for the agent, on a worker ------------------------------------ */

struct await {
	const char *program, *user, *dir, *origin; /* borrowed: the session's */
	struct clock *clock;                       /* borrowed */
	struct store *store;                       /* borrowed, may be NULL */
	struct login *login;                       /* owned; NULL: start one */
	struct login_event event;
	int left;
};

/* A refused password counts, a missing service file does not. */
static bool
is_attempt(const struct login_event *event)
{
	enum err_code code = event->err.code;

	return event->kind == LOGIN_GRANTED || code == E_PAM_DENIED ||
	       code == E_PAM_ACCOUNT || code == E_PAM_USER ||
	       code == E_PAM_NO_PROMPT;
}

/* An import that is being stored keeps the store for minutes and must not keep
 * its operator out: what stands in the file is moved the next time. */
static int
move_attempts(struct store *store, struct err *err)
{
	struct err why = {.code = E_NONE};

	if (lockout_transfer(store, &why) == 0 || why.code == E_STORE_BUSY)
		return 0;
	*err = why;
	return -1;
}

static int
record(struct await *self, struct err *err)
{
	enum login_result result =
	    self->event.kind == LOGIN_GRANTED ? LOGIN_OK : LOGIN_FAILED;
	int64_t now = clock_now_ms(self->clock);

	if (self->event.kind != LOGIN_GRANTED &&
	    self->event.kind != LOGIN_DENIED)
		return 0;
	/* before the store is open, success is told by sitting_open(): a good
	 * password must not give new tries at the passphrase */
	if (is_attempt(&self->event) &&
	    (result == LOGIN_FAILED || self->store) &&
	    lockout_record(
		self->dir, self->user, self->origin, result, now, err) < 0)
		return -1;
	self->left = lockout_left(self->dir, self->user, now);
	return self->store ? move_attempts(self->store, err) : 0;
}

static int
await_run(struct job *job, void *data, struct err *err)
{
	struct await *self = data;
	struct pollfd in = {.events = POLLIN};
	int got = 0;

	if (!self->login &&
	    login_start(self->program, self->user, &self->login, err) < 0)
		return -1;
	in.fd = login_fd(self->login);
	while (got == 0) {
		if (job_is_cancelled(job))
			return err_set(err, E_CANCELLED);
		got = login_next(self->login, &self->event, err);
		if (got == 0)
			poll(&in, 1, POLL_MS);
	}
	return got < 0 ? -1 : record(self, err);
}

static void
await_free(void *data)
{
	struct await *self = data;

	login_free(&self->login);
	free(self);
}

static const struct job_ops await_ops = {.run = await_run, .free = await_free};

/* ---- The conversation ------------------------------------------------------- */

/* Asked anew each time: a session's store comes later than its talk. */
static struct pam_who
who_of(struct pam_talk *talk)
{
	struct session *session = app_session(talk->owner->app);

	if (talk->other.user)
		return talk->other;
	return (struct pam_who){.program = session->program,
	    .user = session->user,
	    .dir = session->dir,
	    .origin = session->origin,
	    .clock = session->world->clock,
	    .store = session->store};
}

static void
forget(struct pam_talk *talk)
{
	for (int i = 0; i < talk->count; i++)
		free(talk->said[i].text);
	talk->count = 0;
}

static void
say(struct pam_talk *talk, enum role role, struct span text)
{
	if (talk->count == LINES_KEPT) {
		free(talk->said[0].text);
		for (int i = 1; i < LINES_KEPT; i++)
			talk->said[i - 1] = talk->said[i];
		talk->count--;
	}
	talk->said[talk->count++] =
	    (struct talk_line){role, mem_text(span_trim(text))};
}

static void
say_err(struct pam_talk *talk, const struct err *err)
{
	struct buf text = BUF_INIT;

	err_text(err, &text);
	say(talk, ROLE_ERR, buf_span(&text));
	buf_done(&text);
}

struct pam_talk *
pam_talk_new(struct screen *owner, const struct pam_who *who)
{
	struct pam_talk *talk = mem_new(sizeof *talk);

	talk->owner = owner;
	if (who)
		talk->other = *who;
	talk->left = -1;
	return talk;
}

void
pam_talk_free(struct pam_talk **talk)
{
	if (!*talk)
		return;
	pam_talk_stop(*talk);
	free(*talk);
	*talk = NULL;
}

void
pam_talk_stop(struct pam_talk *talk)
{
	if (talk->job)
		job_cancel(talk->job);
	talk->job = NULL; /* its result is nobody's */
	forget(talk);
	line_free(&talk->line);
	login_free(&talk->login);
	talk->state = TALK_OFF;
}

bool
pam_talk_is_on(const struct pam_talk *talk)
{
	return talk->state != TALK_OFF;
}

int
pam_talk_prompts(const struct pam_talk *talk)
{
	return talk->prompts;
}

struct login *
pam_talk_take(struct pam_talk *talk)
{
	struct login *login = talk->state == TALK_OFF ? talk->login : NULL;

	if (login)
		talk->login = NULL;
	return login;
}

static void
wait_for_agent(struct pam_talk *talk)
{
	struct pam_who who = who_of(talk);
	struct await *await = mem_new(sizeof *await);
	struct err err = {.code = E_NONE};

	await->program = who.program;
	await->user = who.user;
	await->dir = who.dir;
	await->origin = who.origin;
	await->clock = who.clock;
	await->store = who.store;
	await->login = talk->login;
	talk->login = NULL;
	if (talk->state != TALK_DELAYED)
		talk->state = TALK_WAITING;
	if (app_job(talk->owner->app, talk->owner, &await_ops, await,
		&talk->job, &err) < 0) {
		talk->job = NULL;
		say_err(talk, &err);
		talk->state = TALK_REFUSED;
	}
}

/* False when the user has to wait first. */
static bool
may_try(struct pam_talk *talk)
{
	struct pam_who who = who_of(talk);
	struct app *app = talk->owner->app;
	int64_t now = app_now_ms(app);
	int64_t wait_s = lockout_wait_s(who.dir, who.user, now);

	talk->left = lockout_left(who.dir, who.user, now);
	if (wait_s <= 0)
		return true;
	talk->until_ms = app_steady_ms(app) + wait_s * 1000;
	talk->state = TALK_PAUSED;
	return false;
}

void
pam_talk_start(struct pam_talk *talk)
{
	line_free(&talk->line);
	login_free(&talk->login);
	talk->state = TALK_OFF;
	talk->prompts = 0;
	if (may_try(talk))
		wait_for_agent(talk);
}

static void
ask(struct pam_talk *talk, const struct login_event *event)
{
	talk->kind = event->kind;
	talk->prompts++;
	memcpy(talk->prompt, event->text, sizeof talk->prompt);
	talk->line = line_new(
	    event->kind == LOGIN_PROMPT_SECRET ? LINE_SECRET : LINE_TEXT,
	    REPLY_MAX);
	talk->state = TALK_ASKING;
}

static void
denied(struct pam_talk *talk, struct err err, int left)
{
	talk->left = left;
	if (err.code == E_PAM_DENIED && !*err_find(&err, "left"))
		err_fact_int(&err, "left", left);
	login_free(&talk->login);
	forget(talk);
	say_err(talk, &err);
	talk->state = TALK_REFUSED;
	if (err.code == E_PAM_DENIED || left == 0)
		pam_talk_start(talk);
}

static enum talk_news
take(struct pam_talk *talk, struct await *await)
{
	const struct login_event *event = &await->event;

	talk->login = await->login;
	await->login = NULL;
	switch (event->kind) {
	case LOGIN_PROMPT_SECRET:
	case LOGIN_PROMPT_TEXT:
		ask(talk, event);
		return TALK_GOES_ON;
	case LOGIN_INFO:
		say(talk, ROLE_INFO, span_of(event->text));
		break;
	case LOGIN_ERROR:
		say(talk, ROLE_ERR, span_of(event->text));
		break;
	case LOGIN_DELAY:
		talk->until_ms =
		    app_steady_ms(talk->owner->app) + event->delay_ms;
		talk->state = TALK_DELAYED;
		break;
	case LOGIN_GRANTED:
		talk->state = TALK_OFF;
		return TALK_GRANTED;
	case LOGIN_DENIED:
		denied(talk, event->err, await->left);
		return TALK_DENIED;
	}
	wait_for_agent(talk);
	return TALK_GOES_ON;
}

enum talk_news
pam_talk_job_done(struct pam_talk *talk, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct await *await = data;

	if (job != talk->job)
		return TALK_NOT_MINE;
	talk->job = NULL;
	if (rc == 0)
		return take(talk, await);
	say_err(talk, err);
	talk->state = TALK_REFUSED;
	return TALK_DENIED;
}

static void
answer(struct pam_talk *talk)
{
	struct secret *secret = line_secret(talk->line);
	struct err err = {.code = E_NONE};
	int rc = login_answer(talk->login, secret, &err);

	secret_free(&secret);
	line_free(&talk->line);
	if (rc < 0) {
		say_err(talk, &err);
		login_free(&talk->login);
		talk->state = TALK_REFUSED;
		return;
	}
	wait_for_agent(talk);
}

enum used
pam_talk_key(struct pam_talk *talk, const struct key *key)
{
	if (talk->state == TALK_ASKING) {
		if (key->code != K_ENTER)
			return line_key(talk->line, key);
		answer(talk);
		return USED;
	}
	if (talk->state == TALK_REFUSED && key->code == K_ENTER) {
		forget(talk);
		pam_talk_start(talk);
		return USED;
	}
	return UNUSED;
}

int
pam_talk_tick_ms(struct pam_talk *talk)
{
	int64_t left = talk->until_ms - app_steady_ms(talk->owner->app);

	if (talk->state != TALK_DELAYED && talk->state != TALK_PAUSED)
		return 0;
	if (talk->state == TALK_DELAYED && left <= 0)
		return 0;
	return left > 1000 ? 1000 : left > 0 ? (int)left : 1;
}

void
pam_talk_tick(struct pam_talk *talk)
{
	int64_t now = app_steady_ms(talk->owner->app);

	if (talk->state == TALK_PAUSED && now >= talk->until_ms) {
		forget(talk);
		pam_talk_start(talk);
	}
}

/* ---- Drawing ---------------------------------------------------------------- */

static int
draw_prompt(struct pam_talk *talk, struct area a, int row)
{
	struct span text = span_trim(span_of(talk->prompt));
	struct buf label = BUF_INIT;
	int col, cols = PROMPT_COLS;

	buf_add(&label, text.len ? text : span_of(_("Password:")));
	col = draw_fit(a, row, 2, 24, ROLE_HEAD, FIT_END, buf_span(&label));
	col = draw_str(a, row, col + 1, ROLE_DIM, "[");
	line_draw(talk->line, a, row, col, cols, FOCUS_ON);
	col = draw_str(a, row, col + cols, ROLE_DIM, "]");
	if (talk->kind == LOGIN_PROMPT_SECRET && a.cols - col > 20)
		draw_str(a, row, col + 2, ROLE_DIM, _("nothing is shown"));
	buf_done(&label);
	return row + 1;
}

static int
draw_until(struct pam_talk *talk, struct area a, int row, const char *text)
{
	int col = draw_str(a, row, 2, ROLE_WARN, text);

	draw_countdown(a, row, col + 1, ROLE_WARN, talk->until_ms,
	    app_steady_ms(talk->owner->app));
	return row + 1;
}

int
pam_talk_draw(struct pam_talk *talk, struct area a, int row)
{
	static const char *const sign[] = {[ROLE_ERR] = "X", [ROLE_INFO] = "i"};

	for (int i = 0; i < talk->count; i++) {
		const struct talk_line *said = &talk->said[i];

		draw_str(a, row, 2, said->role, sign[said->role]);
		row = draw_wrapped(a, row, 4, said->role, span_of(said->text));
	}
	if (talk->count)
		row++;
	if (talk->state == TALK_ASKING)
		row = draw_prompt(talk, a, row);
	else if (talk->state == TALK_WAITING)
		draw_str(a, row++, 2, ROLE_DIM, _("One moment .."));
	else if (talk->state == TALK_DELAYED)
		row = draw_until(talk, a, row,
		    _("Not accepted. The next try is possible in"));
	else if (talk->state == TALK_PAUSED)
		row = draw_until(talk, a, row,
		    _("Too many failed tries. Sign-in is possible in"));
	else if (talk->state == TALK_REFUSED)
		draw_str(a, row++, 2, ROLE_DIM, _("Enter tries again."));
	if (talk->state == TALK_ASKING && talk->left >= 0 && talk->left <= 3) {
		row++;
		draw_printf(a, row++, 2, ROLE_WARN,
		    P_("%d try left before a pause.",
			"%d tries left before a pause.", talk->left),
		    talk->left);
	}
	return row;
}
