/* The mandatory checklist (S13).  The screen runs the checks in a job, shows
 * each line with what it found, takes answers and seals; it decides nothing
 * itself. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/review/review.h"
#include "tui/app.h"
#include "tui/screens/check_text.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum task { TASK_OPEN, TASK_RUN, TASK_SEAL };

struct checklist {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct campaign_id campaign;
	struct review *review; /* NULL until opened; a job's while busy */
	struct job *job;
	enum task task; /* of job */
	struct buf name, cell;
	bool ran; /* since the screen was opened */
};

/* What a job works on. */
struct work {
	enum task task;
	struct store *store;
	struct world *world;
	struct campaign_id campaign;
	struct review *review; /* in: RUN, SEAL; out: OPEN */
	struct buf name;
};

/* ---- Jobs --------------------------------------------------------------------- */

static int
open_review(struct work *work, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(work->store, &db, err) == 0 &&
	    campaign_read(db, work->campaign, &campaign, err) == 0) {
		buf_add(&work->name, buf_span(&campaign.name));
		rc = review_open(work->store, work->world, work->campaign,
		    &work->review, err);
	}
	campaign_done(&campaign);
	store_reader_close(&db);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;

	(void)job;
	switch (work->task) {
	case TASK_OPEN:
		return open_review(work, err);
	case TASK_RUN:
		return checklist_run(work->review, err);
	case TASK_SEAL:
		return signoff_give(work->review, err);
	}
	return -1;
}

static void
work_free(void *data)
{
	struct work *work = data;

	buf_done(&work->name);
	free(work);
}

static const struct job_ops work_job = {work_run, work_free};

static void
start(struct checklist *self, enum task task)
{
	struct work *work = mem_new(sizeof *work);
	struct err err = {0};

	*work = (struct work){.task = task,
	    .store = app_store(self->base.app),
	    .world = app_world(self->base.app),
	    .campaign = self->campaign,
	    .review = self->review};
	self->task = task;
	if (app_job(self->base.app, &self->base, &work_job, work, &self->job,
		&err) < 0) {
		self->job = NULL;
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
	return is_busy(self) && self->task == TASK_RUN;
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct checklist *self = (struct checklist *)screen;
	struct work *work = data;

	(void)job;
	self->job = NULL;
	if (work->task == TASK_OPEN) {
		self->review = work->review;
		buf_clear(&self->name);
		buf_add(&self->name, buf_span(&work->name));
	}
	list_refresh(self->list);
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (work->task == TASK_RUN) {
		self->ran = true;
		app_say(screen->app, SAY_OK, _("The checks have run."));
	}
	if (work->task == TASK_SEAL) {
		app_say(screen->app, SAY_OK,
		    _("Sealed: any change from now on voids it."));
		launch_open(screen->app, self->campaign);
	}
}

/* ---- The list ------------------------------------------------------------------- */

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

static const struct check_result *
result_at(const struct checklist *self, size_t check)
{
	const struct check_result *all;
	size_t count;

	if (!self->review || is_running(self))
		return NULL;
	all = review_results(self->review, &count);
	return check < count ? &all[check] : NULL;
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct checklist *self = of_source(source);
	const struct check_result *result;
	const struct check *all;
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
	out->cell[0] = span_of(check_sign(result));
	out->cell_role[0] = check_role(result);
	out->cell[1] = span_of(check_title(all[check].id));
	buf_clear(&self->cell);
	check_note(
	    result, is_running(self) ? CHECK_BUSY : CHECK_IDLE, &self->cell);
	out->cell[2] = buf_span(&self->cell);
	out->cell_role[2] = check_role(result);
	return true;
}

static const struct list_column columns[] = {
    {"", 2, 2, 0, FIT_END},
    {"", 0, 30, 0, FIT_END},
    {"", 20, 12, 0, FIT_RIGHT},
};

/* ---- Answers -------------------------------------------------------------------- */

static const struct check_result *
selected(struct checklist *self)
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
give_answer(struct checklist *self, const char *id, struct span text)
{
	struct err err = {0};

	if (review_answer(self->review, id, text, &err) < 0)
		app_say_err(self->base.app, &err);
	else
		app_say(self->base.app, SAY_OK,
		    _("Kept with the campaign, with your name."));
	list_refresh(self->list);
}

static void
sentence_done(struct screen *owner, int answer, struct span text)
{
	if (answer)
		give_answer((struct checklist *)owner, "PP-01", text);
}

static void
count_done(struct screen *owner, int answer, struct span text)
{
	if (answer)
		give_answer((struct checklist *)owner, "PP-03", text);
}

static void
look_or_answer(struct checklist *self)
{
	const struct check_result *result = selected(self);
	struct dialog dialog = {0};
	struct buf text = BUF_INIT;

	if (!result)
		return;
	dialog.title = check_title(result->check->id);
	check_explain(result, &text);
	dialog.text = text.ptr;
	if (result->state == CHECK_NOT_EVALUATED &&
	    result->check->answer == ANSWER_SENTENCE) {
		dialog.done = sentence_done;
		dialog_ask(&self->base, &dialog, LINE_TEXT,
		    span_of(result->answer), NULL);
	} else if (result->state == CHECK_NOT_EVALUATED &&
		   result->check->answer == ANSWER_COUNT) {
		dialog.done = count_done;
		dialog_ask(&self->base, &dialog, LINE_NUMBER, SPAN(""), NULL);
	} else {
		dialog_tell(&self->base, &dialog);
	}
	buf_done(&text);
}

/* ---- Screen ---------------------------------------------------------------------- */

static int
open_lines(const struct checklist *self)
{
	const struct check_result *all;
	size_t count;
	int left = 0;

	if (!self->review)
		return 0;
	all = review_results(self->review, &count);
	for (size_t i = 0; i < count; i++)
		left += !all[i].cleared;
	return left;
}

static void
title(struct screen *screen, struct buf *out)
{
	struct checklist *self = (struct checklist *)screen;

	ui_cut_end(out, buf_span(&self->name), 24);
	buf_printf(out, " > %s", _("Checklist"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct checklist *self = (struct checklist *)screen;
	char digits[9];
	size_t count;

	if (!self->review || is_running(self))
		return;
	check_all(&count);
	buf_printf(
	    out, _("%d of %d done"), (int)count - open_lines(self), (int)count);
	review_short_digest(self->review, digits);
	if (review_recipients(self->review))
		buf_printf(
		    out, "  %s %.4s-%.4s", _("content"), digits, digits + 4);
}

static void
draw(struct screen *screen, struct area body)
{
	struct checklist *self = (struct checklist *)screen;
	struct review_progress now;
	struct buf line = BUF_INIT;

	draw_str(body, 0, 1, ROLE_DIM,
	    _("Every line must be ✓ or answered. Any change makes the checks "
	      "run again."));
	if (is_running(self)) {
		review_progress(self->review, &now);
		buf_text(&line, _("Checking every message: "));
		format_count(&line, now.done);
		buf_text(&line, " / ");
		format_count(&line, now.total);
		draw_text(body, 1, 1, ROLE_INFO, buf_span(&line));
	}
	buf_done(&line);
	list_draw(self->list, area_rows(body, 2, -1), FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct checklist *self = (struct checklist *)screen;
	int left = open_lines(self);

	if (is_running(self))
		buf_text(out, _("^C stops the run; nothing is kept then."));
	else if (!self->review)
		buf_text(out, _("Reading .."));
	else if (!review_recipients(self->review))
		buf_text(out, _("R runs the checks over every message."));
	else if (left)
		buf_printf(out,
		    P_("! %d line waits for you: Enter looks or answers.",
			"! %d lines wait for you: Enter looks or answers.",
			left),
		    left);
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
		return is_running(self) ? NULL : _("Nothing is running.");
	if (action != ACT_CHECK_RUN && action != ACT_CHECK_ANSWER &&
	    action != ACT_CHECK_SEAL)
		return NULL;
	if (is_busy(self))
		return _("The checks are running.");
	if (!self->review)
		return _("The review could not be opened.");
	if (action == ACT_CHECK_SEAL && !review_is_complete(self->review))
		return _("Not every line is done yet.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct checklist *self = (struct checklist *)screen;

	switch ((int)action) {
	case ACT_CHECK_RUN:
		start(self, TASK_RUN);
		return USED;
	case ACT_CHECK_ANSWER:
		look_or_answer(self);
		return USED;
	case ACT_CHECK_SEAL:
		start(self, TASK_SEAL);
		return USED;
	case ACT_CHECK_PREVIEW:
		preview_open(screen->app, self->campaign);
		return USED;
	case ACT_CANCEL:
		review_cancel(self->review);
		return USED;
	default:
		return UNUSED;
	}
}

static int
tick_ms(struct screen *screen)
{
	return is_running((struct checklist *)screen) ? 500 : 0;
}

static void
tick(struct screen *screen)
{
	(void)screen;
}

static bool
may_leave(struct screen *screen)
{
	struct checklist *self = (struct checklist *)screen;

	if (!is_busy(self))
		return true;
	app_say(screen->app, SAY_WARN,
	    _("The checks are running: stop them with ^C first."));
	return false;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_CHECK_ANSWER,
	    ACT_CHECK_PREVIEW, ACT_CHECK_RUN, ACT_CHECK_SEAL, ACT_BACK,
	    ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_checklist(struct screen *screen)
{
	struct checklist *self = (struct checklist *)screen;

	review_free(&self->review);
	list_free(&self->list);
	buf_done(&self->name);
	buf_done(&self->cell);
	free(self);
}

static const struct screen_ops checklist_ops = {
    .name = "checklist",
    .section = 3,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .tick_ms = tick_ms,
    .tick = tick,
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
	start(self, TASK_OPEN);
}
