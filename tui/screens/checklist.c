/* The mandatory checklist (S13).  The screen runs the checks in a job, shows
 * each line with what it found, takes answers and seals; it decides nothing
 * itself.  What it draws is a copy of the results, since a job may be at work
 * on the review.  The number of recipients is never shown here: it is asked
 * for. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/check_text.h"
#include "tui/screens/checklist_work.h"
#include "tui/screens/crumb.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/chart.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { TICK_MS = 500, HEAD_ROWS = 2, PANE_FROM = 110, PANE_COLS = 42 };

struct checklist {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct campaign_id campaign;
	struct review *review; /* owned while no job has it */
	struct review *lent;   /* what the job works on: progress, cancel */
	struct job *job;
	enum check_task task;
	struct check_result *result; /* copy; NULL before the first */
	size_t count;
	int64_t recipients;
	char digest[9];
	const char *asked; /* id of the check that a dialog is about */
	bool is_sealed;
	enum circle color; /* of its list */
	bool left;         /* for another screen: read again when back */
	struct buf name, cell;
};

/* ---- Jobs ------------------------------------------------------------------ */

static void
start(struct checklist *self, enum check_task task, const char *item,
    struct span answer)
{
	struct check_work *work = mem_new(sizeof *work);
	struct err err = {0};

	*work = (struct check_work){.task = task,
	    .store = app_store(self->base.app),
	    .world = app_world(self->base.app),
	    .campaign = self->campaign};
	if (task == CHECK_TASK_OPEN)
		review_free(&self->review);
	work->review = self->lent = self->review;
	self->review = NULL;
	if (item)
		memcpy(work->item, item, strnlen(item, sizeof work->item - 1));
	buf_add(&work->answer, answer);
	self->task = task;
	if (app_job(self->base.app, &self->base, &check_work_ops, work,
		&self->job, &err) < 0) {
		self->job = NULL;
		self->lent = NULL;
		app_say_err(self->base.app, &err);
	}
}

static bool
is_busy(const struct checklist *self)
{
	return self->job != NULL;
}

static bool
is_running(const struct checklist *self)
{
	return is_busy(self) && self->task == CHECK_TASK_RUN;
}

static void
copy_results(struct checklist *self)
{
	const struct check_result *all;

	free(self->result);
	self->result = NULL;
	self->count = 0;
	if (!self->review)
		return;
	all = review_results(self->review, &self->count);
	self->result = mem_array(self->count, sizeof *all);
	memcpy(self->result, all, self->count * sizeof *all);
	self->recipients = review_recipients(self->review);
	review_short_digest(self->review, self->digest);
}

static int
open_lines(const struct checklist *self)
{
	int left = 0;

	for (size_t i = 0; i < self->count; i++)
		left += !self->result[i].cleared;
	return left;
}

static void go_to_open(struct checklist *self);

static void
leave_for_launch(struct checklist *self)
{
	self->left = true;
	approval_open(self->base.app, self->campaign);
}

static void
task_done(struct checklist *self, enum check_task task)
{
	struct app *app = self->base.app;

	if (task == CHECK_TASK_RUN) {
		self->is_sealed = false;
		app_say(app, SAY_OK, _("The checks have run."));
	} else if (task == CHECK_TASK_ANSWER) {
		self->is_sealed = false;
		app_say(
		    app, SAY_OK, _("Kept with the campaign, with your name."));
	} else if (task == CHECK_TASK_SEAL) {
		self->is_sealed = true;
		app_say(
		    app, SAY_OK, _("Sealed: any change from now on voids it."));
		leave_for_launch(self);
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct checklist *self = (struct checklist *)screen;
	struct check_work *work = data;

	(void)job;
	self->job = NULL;
	self->lent = NULL;
	self->review = work->review;
	work->review = NULL;
	if (work->task == CHECK_TASK_OPEN) {
		buf_clear(&self->name);
		buf_add(&self->name, buf_span(&work->name));
		self->color = work->color;
		self->is_sealed = work->is_sealed;
	}
	copy_results(self);
	list_refresh(self->list);
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	go_to_open(self);
	task_done(self, work->task);
}

/* ---- The list --------------------------------------------------------------- */

/* Rows are headings and checks in one order. */
static bool
row_at(int64_t index, const char **heading, size_t *check)
{
	const struct check *all;
	const char *group = NULL;
	size_t count;
	int64_t at = 0;

	all = check_all(&count);
	for (size_t i = 0; i < count; i++) {
		const char *now = check_group(all[i].id);

		if (!group || strcmp(group, now)) {
			group = now;
			if (at++ == index) {
				*heading = now;
				return true;
			}
		}
		if (at++ == index) {
			*heading = NULL;
			*check = i;
			return true;
		}
	}
	return false;
}

static int64_t
source_count(struct list_source *source)
{
	int64_t count = 0;
	const char *heading;
	size_t check;

	(void)source;
	while (row_at(count, &heading, &check))
		count++;
	return count;
}

static struct checklist *
of_source(struct list_source *source)
{
	return (struct checklist *)((char *)source -
				    offsetof(struct checklist, source));
}

/* NULL while there is none: before the first run and during one. */
static const struct check_result *
result_at(const struct checklist *self, size_t check)
{
	if (is_running(self) || check >= self->count)
		return NULL;
	return &self->result[check];
}

/* What a line of a run under way has come to so far. */
static struct check_result
result_so_far(
    const struct checklist *self, const struct check *check, size_t index)
{
	struct review_progress now;

	review_progress(self->lent, &now);
	return (struct check_result){.check = check,
	    .state = (enum check_state)now.state[index],
	    .count = 1};
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct checklist *self = of_source(source);
	const struct check_result *result;
	const struct check *all;
	struct check_result so_far;
	const char *heading = NULL;
	size_t check = 0, count;

	if (!row_at(index, &heading, &check))
		return false;
	out->key = index;
	if (heading) {
		out->heading = true;
		out->cell[0] = span_of(_(heading));
		return true;
	}
	all = check_all(&count);
	result = result_at(self, check);
	if (is_running(self)) {
		so_far = result_so_far(self, &all[check], check);
		result = &so_far;
	}
	out->cell[0] = span_of(check_sign(result));
	out->cell_role[0] = check_role(result);
	out->cell[1] = span_of(check_title(all[check].id, result));
	buf_clear(&self->cell);
	check_note(result, is_running(self) ? CHECK_BUSY : CHECK_IDLE,
	    self->recipients, &self->cell);
	out->cell[2] = buf_span(&self->cell);
	out->cell_role[2] = check_role(result);
	return true;
}

static const struct list_column columns[] = {
    {"", 1, 1, 0, FIT_END},
    {"", 0, 30, 0, FIT_END},
    {"", 18, 12, 0, FIT_RIGHT},
};

/* The first line that fails, or else the first that waits, so that Enter goes
 * from one to the next. */
static void
go_to_open(struct checklist *self)
{
	const char *heading = NULL;
	size_t check = 0;
	int64_t open = -1;

	for (int64_t i = 0; row_at(i, &heading, &check); i++) {
		if (heading || check >= self->count ||
		    self->result[check].cleared)
			continue;
		if (open < 0 || self->result[check].state == CHECK_FAIL)
			open = i;
		if (self->result[check].state == CHECK_FAIL)
			break;
	}
	if (open >= 0)
		list_cursor_set(self->list, open);
}

/* ---- Answers ---------------------------------------------------------------- */

static const struct check_result *
selected(const struct checklist *self)
{
	const char *heading = NULL;
	size_t check = 0;
	int64_t index;

	if (!list_cursor(self->list, &index) ||
	    !row_at(index, &heading, &check) || heading)
		return NULL;
	return result_at(self, check);
}

static void
answer_done(struct screen *owner, int answer, struct span text)
{
	struct checklist *self = (struct checklist *)owner;

	if (answer)
		start(self, CHECK_TASK_ANSWER, self->asked, text);
}

static void
codes_done(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct checklist *)owner, CHECK_TASK_ANSWER, "PP-05",
		    text);
}

/* Lines with a screen of their own, while something is to be done there. */
static bool
look_or_attest(struct checklist *self, const struct check_result *result)
{
	if (self->is_sealed || result->state != CHECK_NOT_EVALUATED ||
	    !app_may(self->base.app, MAY_CHECK))
		return false;
	self->left = true;
	if (result->check->answer == ANSWER_LOOK)
		look_open(self->base.app, self->campaign);
	else if (result->check->answer == ANSWER_ATTEST)
		attest_open(self->base.app, self->campaign);
	else
		self->left = false;
	return self->left;
}

static void
look_or_answer(struct checklist *self)
{
	const struct check_result *result = selected(self);
	struct dialog dialog = {0};
	struct buf text = BUF_INIT;

	if (!result)
		return;
	if (look_or_attest(self, result))
		return;
	self->asked = result->check->id;
	dialog.title = check_title(result->check->id, result);
	check_explain(result, &text);
	dialog.text = text.ptr;
	if (self->is_sealed) {
		/* An answer now would void the seal. */
		dialog_tell(&self->base, &dialog);
	} else if (check_takes_sentence(result)) {
		dialog.done = answer_done;
		dialog_ask(&self->base, &dialog, LINE_TEXT,
		    span_of(result->answer), check_sentence);
	} else if (result->state == CHECK_NOT_EVALUATED &&
		   result->check->answer == ANSWER_COUNT) {
		dialog.done = answer_done;
		dialog_ask(&self->base, &dialog, LINE_NUMBER, SPAN(""), NULL);
	} else if (result->state == CHECK_NOT_EVALUATED &&
		   result->check->answer == ANSWER_CODES) {
		dialog.done = codes_done;
		dialog_ask(&self->base, &dialog, LINE_TEXT, SPAN(""), NULL);
	} else {
		dialog_tell(&self->base, &dialog);
	}
	buf_done(&text);
}

/* ---- Screen ----------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct checklist *self = (struct checklist *)screen;

	crumb_add(screen, buf_span(&self->name), _("Checklist"), out);
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	crumb_circle(((struct checklist *)screen)->color, out);
}

static enum role
subtitle_role(struct screen *screen)
{
	return circle_role(((struct checklist *)screen)->color);
}

/* How far one is, and of which content. */
static void
draw_state(const struct checklist *self, struct area row)
{
	struct buf text = BUF_INIT;

	if (!self->result)
		return;
	buf_printf(&text, _("%d of %d done"),
	    (int)self->count - open_lines(self), (int)self->count);
	if (self->is_sealed)
		buf_printf(&text, "   %s", _("sealed"));
	draw_text(row, 0, 1, ROLE_TITLE, buf_span(&text));
	buf_clear(&text);
	if (self->recipients) {
		buf_printf(&text, "%s %.4s-%.4s", _("digest"), self->digest,
		    self->digest + 4);
		draw_end(row, 0, 1, ROLE_DIM, buf_span(&text));
	}
	buf_done(&text);
}

/* Only the share that is done: the number of messages is what PP-03 asks. */
static void
draw_running(const struct checklist *self, struct area row)
{
	struct review_progress now;
	struct buf text = BUF_INIT;
	int col;

	review_progress(self->lent, &now);
	col = draw_str(row, 0, 1, ROLE_INFO, _("Checking every message"));
	format_percent(&text, now.done, now.total);
	draw_end(row, 0, 1, ROLE_INFO, buf_span(&text));
	draw_progress(
	    row, 0, col + 2, row.cols - col - 11, now.done, now.total);
	buf_done(&text);
}

/* What Enter would show, beside the list where there is room. */
static void
draw_pane(const struct checklist *self, struct area a)
{
	const struct check_result *result = selected(self);
	struct buf text = BUF_INIT;
	int row;

	if (!result)
		return;
	row = draw_wrapped(a, 0, 0, ROLE_HEAD,
	    span_of(check_title(result->check->id, result)));
	check_explain(result, &text);
	draw_wrapped(a, row + 1, 0, ROLE_TEXT, buf_span(&text));
	buf_done(&text);
}

static void
draw(struct screen *screen, struct area body)
{
	struct checklist *self = (struct checklist *)screen;
	struct area list = area_rows(body, HEAD_ROWS, -1);

	if (is_running(self))
		draw_running(self, area_rows(body, 1, 1));
	else
		draw_state(self, area_rows(body, 1, 1));
	if (!is_running(self))
		draw_str(body, 0, 1, ROLE_DIM,
		    _("Every line must be ✓ or answered; a change makes the "
		      "checks run again."));
	if (body.cols >= PANE_FROM) {
		draw_pane(self,
		    area_cols(list, body.cols - PANE_COLS - 1, PANE_COLS));
		list = area_cols(list, 0, body.cols - PANE_COLS - 4);
	}
	list_draw(self->list, list, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct checklist *self = (struct checklist *)screen;
	int left = open_lines(self);

	if (is_running(self))
		buf_text(out, _("i ^C stops the run; nothing is kept then."));
	else if (!self->result)
		buf_text(out, is_busy(self) ? _("Reading ..") : "");
	else if (!self->recipients)
		buf_text(out, _("i R runs the checks over every message."));
	else if (left)
		buf_printf(out,
		    P_("! %d line waits for you: Enter looks or answers.",
			"! %d lines wait for you: Enter looks or answers.",
			left),
		    left);
	else if (self->is_sealed)
		buf_text(out, _("+ Sealed. ^N goes on to the launch."));
	else
		buf_text(
		    out, _("+ Everything is done. ^N seals the campaign."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct checklist *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct checklist *self = (struct checklist *)screen;

	if (action == ACT_CANCEL)
		return is_running(self) ? NULL : _("Nothing is running here.");
	if (action != ACT_CHECK_RUN && action != ACT_CHECK_ANSWER &&
	    action != ACT_CHECK_SEAL && action != ACT_CHECK_PREVIEW &&
	    action != ACT_TESTMAIL)
		return NULL;
	if (is_running(self))
		return _("The checks are running: stop them with ^C first.");
	if (is_busy(self))
		return _("One moment: this is being read or written.");
	if (action == ACT_CHECK_PREVIEW || action == ACT_TESTMAIL)
		return NULL;
	if (!self->result)
		return _("The checklist could not be opened.");
	if (action == ACT_CHECK_SEAL && open_lines(self))
		return _("Not every line is done yet.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct checklist *self = (struct checklist *)screen;

	switch ((int)action) {
	case ACT_CHECK_RUN:
		start(self, CHECK_TASK_RUN, NULL, SPAN(""));
		return USED;
	case ACT_CHECK_ANSWER:
		look_or_answer(self);
		return USED;
	case ACT_CHECK_SEAL:
		if (self->is_sealed)
			leave_for_launch(self);
		else
			start(self, CHECK_TASK_SEAL, NULL, SPAN(""));
		return USED;
	case ACT_CHECK_PREVIEW:
		self->left = true;
		preview_open(screen->app, self->campaign);
		return USED;
	case ACT_CHECK_NEWS:
		differences_open(screen->app, self->campaign);
		return USED;
	case ACT_TESTMAIL:
		self->left = true;
		testmail_open(screen->app, self->campaign, 1);
		return USED;
	case ACT_CANCEL:
		review_cancel(self->lent);
		return USED;
	default:
		return UNUSED;
	}
}

static int
tick_ms(struct screen *screen)
{
	return is_running((struct checklist *)screen) ? TICK_MS : 0;
}

/* Back from another screen: what it did may have voided results. */
static void
shown(struct screen *screen)
{
	struct checklist *self = (struct checklist *)screen;

	if (!self->left || is_busy(self))
		return;
	self->left = false;
	start(self, CHECK_TASK_OPEN, NULL, SPAN(""));
}

static bool
may_leave(struct screen *screen)
{
	if (!is_running((struct checklist *)screen))
		return true;
	app_say(screen->app, SAY_WARN,
	    _("The checks are running: stop them with ^C first."));
	return false;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action idle[] = {ACT_CHECK_ANSWER, ACT_TESTMAIL,
	    ACT_CHECK_RUN, ACT_CHECK_SEAL, ACT_BACK, ACT_NONE};
	static const enum action running[] = {ACT_CANCEL, ACT_NONE};

	return is_running((struct checklist *)screen) ? running : idle;
}

static void
close_checklist(struct screen *screen)
{
	struct checklist *self = (struct checklist *)screen;

	/* The job owns the review and lives on until it notices. */
	if (self->lent)
		review_cancel(self->lent);
	review_free(&self->review);
	list_free(&self->list);
	free(self->result);
	buf_done(&self->name);
	buf_done(&self->cell);
	free(self);
}

static const struct screen_ops checklist_ops = {
    .name = "checklist",
    .section = 3,
    .title = title,
    .subtitle = subtitle,
    .subtitle_role = subtitle_role,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .tick_ms = tick_ms,
    .job_done = job_done,
    .may_leave = may_leave,
    .close = close_checklist,
};

void
checklist_open(struct app *app, struct campaign_id campaign)
{
	struct checklist *self = mem_new(sizeof *self);

	self->base.ops = &checklist_ops;
	self->campaign = campaign;
	self->source.count = source_count;
	self->source.row = source_row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_push(app, &self->base);
	start(self, CHECK_TASK_OPEN, NULL, SPAN(""));
}
