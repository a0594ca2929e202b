/* A request for an export: what was asked for, what the second person has
 * decided, the two ways in which they do it, and, once they have approved, the
 * writing of the file. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/export.h"
#include "tui/screens/here.h"
#include "tui/screens/import_path.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { LOOK_MS = 1000, TICK_MS = 250, LABEL_CELLS = 16, LEFT = 2 };

struct wait {
	struct screen base;
	struct export_plan plan;
	struct export_record now;
	bool is_known, is_mine;
	struct buf approvers;
	struct job *job;          /* NULL: none */
	struct export_work *work; /* its data */
	struct job *withdrawing;
};

static struct wait *
wait_of(struct screen *screen)
{
	return (struct wait *)screen;
}

static int
read_state(struct wait *self, struct err *err)
{
	struct app *app = self->base.app;
	struct db *db = NULL;
	int rc = store_view_open(app_store(app), &db, err);

	buf_clear(&self->approvers);
	if (rc == 0)
		rc = export_find(
		    db, self->plan.request, app_now_ms(app), &self->now, err);
	if (rc >= 0 && here_approvers(db, &self->approvers, err) < 0)
		rc = -1;
	store_reader_close(&db);
	return rc;
}

static void
shown(struct screen *screen)
{
	struct wait *self = wait_of(screen);
	const struct person *person = app_person(screen->app);
	struct err err = {.code = E_NONE};
	int rc = read_state(self, &err);

	self->is_known = rc == 1;
	self->is_mine =
	    rc == 1 && person && !strcmp(person->login, self->now.asked_by);
	if (rc < 0)
		app_say_err(screen->app, &err);
}

static bool
is_in(const struct wait *self, enum export_state state)
{
	return self->is_known && self->now.state == state && !self->now.is_over;
}

/* ---- Withdrawing ------------------------------------------------------------ */

struct withdrawal {
	struct store *store; /* borrowed */
	int64_t request;
};

static int
withdrawal_run(struct job *job, void *data, struct err *err)
{
	struct withdrawal *self = data;

	(void)job;
	return export_withdraw(self->store, self->request, err);
}

static void
withdraw(struct screen *owner, int answer, struct span text)
{
	static const struct job_ops ops = {.run = withdrawal_run, .free = free};
	struct wait *self = wait_of(owner);
	struct withdrawal *work;
	struct err err = {.code = E_NONE};

	(void)text;
	if (answer != 1)
		return;
	work = mem_new(sizeof *work);
	work->store = app_store(owner->app);
	work->request = self->plan.request;
	if (app_job(owner->app, owner, &ops, work, &self->withdrawing, &err) <
	    0)
		app_say_err(owner->app, &err);
}

static void
ask_withdrawal(struct wait *self)
{
	dialog_confirm(&self->base,
	    &(struct dialog){.title = _("Take the request back"),
		.text = _("The second person is no longer asked, and an "
			  "approval of this request opens nothing."),
		.done = withdraw},
	    _("Take back"));
}

/* ---- Writing ---------------------------------------------------------------- */

static void
number_typed(struct screen *owner, int answer, struct span text)
{
	struct wait *self = wait_of(owner);
	struct err err = {.code = E_NONE};

	(void)text;
	if (answer != 1)
		return;
	self->work = export_work_new(owner->app, EXPORT_JOB_WRITE, &self->plan);
	if (export_work_start(owner, self->work, &self->job, &err) < 0) {
		self->job = NULL;
		app_say_err(owner->app, &err);
	}
}

static void
check_path(struct span text, struct buf *why)
{
	struct buf path = BUF_INIT;

	path_expand(text, &path);
	if (!path.len || path.ptr[0] != '/')
		buf_text(why, _("The path begins with a slash."));
	buf_done(&path);
}

static void
path_typed(struct screen *owner, int answer, struct span text)
{
	struct wait *self = wait_of(owner);

	if (answer != 1)
		return;
	buf_clear(&self->plan.path);
	path_expand(text, &self->plan.path);
}

static void
ask_path(struct wait *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Another file"),
		.text = _("Into which file? One that is there is never "
			  "replaced."),
		.done = path_typed},
	    LINE_TEXT, buf_span(&self->plan.path), check_path);
}

static void
written(struct wait *self, struct export_work *work)
{
	app_pop(self->base.app, &self->base);
	export_made_open(
	    self->base.app, &self->plan, &work->made, &work->passphrase);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct wait *self = wait_of(screen);
	bool wrote = job == self->job;

	if (wrote)
		self->job = NULL;
	else
		self->withdrawing = NULL;
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (wrote)
		written(self, data);
	else
		app_say(screen->app, SAY_OK, _("The request is taken back."));
	if (rc < 0 || !wrote)
		shown(screen);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Export, for a second person"));
}

static int
line(struct area a, int row, const char *label, enum role role,
    struct span value)
{
	draw_fit(a, row, LEFT, LABEL_CELLS, ROLE_DIM, FIT_END, span_of(label));
	draw_fit(a, row, LEFT + LABEL_CELLS, a.cols - LABEL_CELLS - 4, role,
	    FIT_END, value);
	return row + 1;
}

static int
paragraph(struct area body, int row, enum role role, const char *text)
{
	return draw_wrapped(
		   area_cols(body, 0, -2), row, LEFT, role, span_of(text)) +
	       1;
}

static int
draw_subject(struct wait *self, struct area body, int row)
{
	struct buf text = BUF_INIT;

	export_plan_what(&self->plan, &text);
	row = line(body, row, _("Export of"), ROLE_TITLE, buf_span(&text));
	buf_clear(&text);
	format_count(&text, self->now.people);
	row = line(body, row, _("Persons"), ROLE_TEXT, buf_span(&text));
	buf_clear(&text);
	if (self->plan.order.scope != EXPORT_PERSON) {
		export_say_columns(&self->plan.order, &text);
		row = line(body, row, _("Columns"), ROLE_TEXT, buf_span(&text));
	}
	row = line(body, row, _("Reason"), ROLE_TEXT,
	    buf_span(&self->plan.order.reason));
	buf_clear(&text);
	buf_text(&text, self->now.asked_by);
	buf_text(&text, ", ");
	format_minute(&text, self->now.asked_ms);
	row = line(body, row, _("Asked by"), ROLE_TEXT, buf_span(&text));
	buf_done(&text);
	return row + 1;
}

static int
draw_ways(struct wait *self, struct area body, int row)
{
	struct buf text = BUF_INIT;

	row = paragraph(body, row, ROLE_TEXT,
	    _("Here, now (a): the approver signs in on this terminal. From "
	      "their own login, which is safer, they run:"));
	buf_printf(&text, "  sekisho --store %s approve",
	    store_dir(app_store(self->base.app)));
	row = draw_wrapped(body, row - 1, LEFT, ROLE_MD_CODE, buf_span(&text));
	buf_clear(&text);
	buf_text(&text, _("Approvers:"));
	buf_char(&text, ' ');
	if (self->approvers.len)
		buf_add(&text, buf_span(&self->approvers));
	else
		buf_text(&text, _("none; an administrator makes one in Setup"));
	draw_text(body, row + 1, LEFT,
	    self->approvers.len ? ROLE_DIM : ROLE_WARN, buf_span(&text));
	buf_done(&text);
	return row + 3;
}

/* By whom, when, until when and with which words. */
static int
draw_decision(struct wait *self, struct area body, int row)
{
	struct buf text = BUF_INIT;

	buf_text(&text, self->now.decided_by);
	buf_text(&text, ", ");
	format_minute(&text, self->now.decided_ms);
	if (self->now.state == EXPORT_APPROVED && self->now.expires_ms) {
		buf_text(&text, "  ");
		buf_text(&text, _("good until"));
		buf_char(&text, ' ');
		format_minute(&text, self->now.expires_ms);
	}
	draw_text(body, row++, LEFT, ROLE_TEXT, buf_span(&text));
	if (*self->now.words)
		row = draw_wrapped(area_cols(body, 0, -2), row, LEFT, ROLE_WARN,
		    span_of(self->now.words));
	buf_done(&text);
	return row + 1;
}

static void
draw_ready(struct wait *self, struct area body, int row)
{
	row = paragraph(body, row, ROLE_OK,
	    _("✓ Approved, for one time. ^N writes the file."));
	row = draw_decision(self, body, row);
	draw_str(
	    body, row++, LEFT, ROLE_DIM, _("Into this file (f: another):"));
	draw_fit(body, row, LEFT, body.cols - 4, ROLE_TEXT, FIT_MIDDLE,
	    buf_span(&self->plan.path));
}

static void
draw_state(struct wait *self, struct area body, int row)
{
	if (self->now.is_over) {
		paragraph(body, row, ROLE_WARN,
		    _("! Its time is over: it opens nothing any more. e asks "
		      "again."));
		return;
	}
	switch (self->now.state) {
	case EXPORT_ASKED:
		row = paragraph(body, row, ROLE_WARN,
		    _("A second person must approve this export. Nothing is "
		      "written before."));
		draw_ways(self, body, row);
		break;
	case EXPORT_APPROVED:
		draw_ready(self, body, row);
		break;
	case EXPORT_REJECTED:
		row = paragraph(body, row, ROLE_ERR,
		    _("✗ Rejected; nothing is written. e changes it and asks "
		      "again."));
		draw_decision(self, body, row);
		break;
	case EXPORT_MADE:
		paragraph(body, row, ROLE_TEXT,
		    _("The file was written; the request is used up."));
		break;
	case EXPORT_WRITING:
	case EXPORT_FAILED:
		paragraph(body, row, ROLE_WARN,
		    _("! Writing did not come to its end, and the request is "
		      "used up. e asks again."));
		break;
	case EXPORT_WITHDRAWN:
	case EXPORT_STATES:
		paragraph(body, row, ROLE_TEXT,
		    _("The request was taken back. e asks again."));
	}
}

static void
draw(struct screen *screen, struct area body)
{
	struct wait *self = wait_of(screen);
	int row;

	if (!self->is_known)
		return;
	row = draw_subject(self, body, 1);
	if (self->job)
		export_work_draw(self->work, body, row);
	else
		draw_state(self, body, row);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct wait *self = wait_of(screen);

	if (self->job)
		buf_text(out, _("^C stops; then nothing is written."));
	else if (is_in(self, EXPORT_ASKED))
		buf_text(out, _("Looks every second; you may leave: x Actions, "
				"Exports leads back."));
}

static void
again(struct wait *self)
{
	app_pop(self->base.app, &self->base);
	export_again_open(self->base.app, &self->plan);
}

static void
login_typed(struct screen *owner, int answer, struct span text)
{
	char words[60];

	if (answer != 1)
		return;
	snprintf(words, sizeof words, "approve --export %lld",
	    (long long)wait_of(owner)->plan.request);
	here_run(owner, text, words);
	shown(owner);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct wait *self = wait_of(screen);

	if (action == ACT_EXPORT_HERE)
		here_ask(screen, buf_span(&self->approvers), login_typed);
	else if (action == ACT_EXPORT_APPROVED)
		export_confirm(
		    screen, &self->plan, self->now.people, number_typed);
	else if (action == ACT_EXPORT_FILE)
		ask_path(self);
	else if (action == ACT_EXPORT_AGAIN)
		again(self);
	else if (action == ACT_EXPORT_WITHDRAW)
		ask_withdrawal(self);
	else if (action == ACT_CANCEL && self->job)
		job_cancel(self->job);
	else
		return UNUSED;
	return USED;
}

/* Why what is asked for does not fit how the request stands. */
static const char *
why_not_now(const struct wait *self, enum action action)
{
	bool asked = is_in(self, EXPORT_ASKED);
	bool approved = is_in(self, EXPORT_APPROVED);

	switch (action) {
	case ACT_EXPORT_HERE:
		return asked ? NULL : _("Nothing waits for an approval here.");
	case ACT_EXPORT_APPROVED:
	case ACT_EXPORT_FILE:
		return approved ? NULL
				: _("The file is written when a second person "
				    "has approved.");
	case ACT_EXPORT_AGAIN:
		return asked || approved
			   ? _("It is still good; W takes it back first.")
			   : NULL;
	default:
		return asked || approved
			   ? NULL
			   : _("There is nothing left to take back.");
	}
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct wait *self = wait_of(screen);

	if (self->job && action == ACT_BACK)
		return _("One moment: ^C stops the work first.");
	if (action != ACT_EXPORT_HERE && action != ACT_EXPORT_APPROVED &&
	    action != ACT_EXPORT_AGAIN && action != ACT_EXPORT_WITHDRAW &&
	    action != ACT_EXPORT_FILE)
		return NULL;
	if (self->job || self->withdrawing)
		return _("One moment, please.");
	if (!self->is_mine && action != ACT_EXPORT_HERE)
		return _("Who has asked goes on with it.");
	return why_not_now(self, action);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action asked[] = {
	    ACT_EXPORT_HERE, ACT_EXPORT_WITHDRAW, ACT_BACK, ACT_NONE};
	static const enum action approved[] = {ACT_EXPORT_APPROVED,
	    ACT_EXPORT_FILE, ACT_EXPORT_WITHDRAW, ACT_BACK, ACT_NONE};
	static const enum action over[] = {
	    ACT_EXPORT_AGAIN, ACT_BACK, ACT_NONE};
	static const enum action busy[] = {ACT_CANCEL, ACT_NONE};
	struct wait *self = wait_of(screen);

	if (self->job)
		return busy;
	if (is_in(self, EXPORT_ASKED))
		return asked;
	return is_in(self, EXPORT_APPROVED) ? approved : over;
}

static int
tick_ms(struct screen *screen)
{
	struct wait *self = wait_of(screen);

	if (self->job)
		return TICK_MS;
	return is_in(self, EXPORT_ASKED) || is_in(self, EXPORT_APPROVED)
		   ? LOOK_MS
		   : 0;
}

static void
tick(struct screen *screen)
{
	if (!wait_of(screen)->job)
		shown(screen);
}

static void
close_wait(struct screen *screen)
{
	struct wait *self = wait_of(screen);

	export_plan_done(&self->plan);
	buf_done(&self->approvers);
	free(self);
}

static const struct screen_ops wait_ops = {
    .name = "export-wait",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_wait,
};

void
export_wait_open(struct app *app, struct export_plan *plan)
{
	struct wait *self = mem_new(sizeof *self);

	self->base.ops = &wait_ops;
	self->plan = *plan;
	*plan = EXPORT_PLAN_INIT;
	app_push(app, &self->base);
}
