/* The review of the log: what stands out since the last one, item by item with
 * a remark, and the signature at the end. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/report.h"
#include "tui/app.h"
#include "tui/screens/log.h"
#include "tui/screens/screens.h"
#include "tui/screens/stepup.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum task { TASK_FIND, TASK_SIGN };

struct work {
	enum task task;
	struct store *store;       /* borrowed */
	struct anomalies found;    /* FIND: out; SIGN: a view of the screen's */
	struct oversight_due due;  /* FIND: out */
	const char *const *remark; /* SIGN; the screen waits for the end */
	const char *remark_all;
};

struct logreview {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct anomalies found;
	char **remark; /* for each item; NULL: none */
	char *remark_all;
	struct oversight_due due;
	struct job *job;
	enum task task;
	bool ready;
	struct buf cell[2];
};

static const struct list_column columns[] = {
    {N_("Time"), 16, 0, 0, FIT_END},
    {N_("Rule"), 13, 0, 0, FIT_END},
    {N_("Who"), 8, 0, 0, FIT_END},
    {N_("What"), 17, 0, 1, FIT_END},
    {N_("Number"), 6, 0, 2, FIT_RIGHT},
    {N_("Remark"), 0, 15, 0, FIT_END},
};

static const char *const rule_words[ANOMALY_RULES] = {
    [ANOMALY_HOURS] = N_("odd hours"),
    [ANOMALY_EXPORT] = N_("data taken"),
    [ANOMALY_ATTEST] = N_("attested"),
    [ANOMALY_FAILED] = N_("failed tries"),
    [ANOMALY_BIG_SEND] = N_("big send"),
    [ANOMALY_POLICY] = N_("rules changed"),
    [ANOMALY_SEAL] = N_("seal undone"),
    [ANOMALY_CLOCK] = N_("clock jump"),
};

/* ---- Jobs ------------------------------------------------------------------------ */

static int
find_items(struct work *work, struct job *job, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(work->store, &db, err) < 0)
		return -1;
	if (oversight_due(db, OVERSIGHT_LOG,
		clock_now_ms(store_clock(work->store)), &work->due, err) == 0)
		rc = anomaly_find(
		    db, work->due.to, job_cancel_flag(job), &work->found, err);
	store_reader_close(&db);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;
	const struct log_review review = {.found = &work->found,
	    .remark = work->remark,
	    .remark_all = work->remark_all};

	if (work->task == TASK_FIND)
		return find_items(work, job, err);
	return oversight_sign_log(work->store, &review, "pam", err);
}

static const struct job_ops work_ops = {.run = work_run, .free = free};

static void
start(struct logreview *self, enum task task)
{
	struct work *work = mem_new(sizeof *work);
	struct err err = {.code = E_NONE};

	work->task = self->task = task;
	work->store = app_store(self->base.app);
	if (task == TASK_SIGN) {
		work->found = self->found;
		work->remark = (const char *const *)self->remark;
		work->remark_all = self->remark_all;
	}
	if (app_job(self->base.app, &self->base, &work_ops, work, &self->job,
		&err) < 0) {
		self->job = NULL;
		app_say_err(self->base.app, &err);
	}
}

static void
forget(struct logreview *self)
{
	for (size_t i = 0; self->remark && i < self->found.count; i++)
		free(self->remark[i]);
	free(self->remark);
	free(self->remark_all);
	free(self->found.item);
	self->found = (struct anomalies){.item = NULL};
	self->remark = NULL;
	self->remark_all = NULL;
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct logreview *self = (struct logreview *)screen;
	struct work *work = data;

	(void)job;
	self->job = NULL;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (work->task == TASK_SIGN) {
		app_say(screen->app, SAY_OK,
		    _("Signed and kept; the log holds its digest."));
		app_pop(screen->app, screen);
		return;
	}
	self->found = work->found;
	self->due = work->due;
	self->remark = mem_array(self->found.count + 1, sizeof *self->remark);
	self->ready = true;
	list_refresh(self->list);
}

/* ---- Rows ------------------------------------------------------------------------ */

static struct logreview *
of_source(struct list_source *source)
{
	return (struct logreview *)((char *)source -
				    offsetof(struct logreview, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->found.count;
}

/* What will stand in the statement; NULL: nothing yet. */
static const char *
remark_of(const struct logreview *self, size_t i)
{
	if (self->remark[i])
		return self->remark[i];
	return oversight_is_own(app_store(self->base.app), &self->found.item[i])
		   ? NULL
		   : self->remark_all;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct logreview *self = of_source(source);
	const struct anomaly *item;
	const char *remark;

	if (index < 0 || index >= count(source))
		return false;
	item = &self->found.item[index];
	remark = remark_of(self, (size_t)index);
	buf_clear(&self->cell[0]);
	buf_clear(&self->cell[1]);
	format_minute(&self->cell[0], item->at_ms);
	format_count(&self->cell[1], item->count);
	out->key = index;
	out->cell[0] = buf_span(&self->cell[0]);
	out->cell[1] = span_of(_(rule_words[item->rule]));
	out->cell[2] = span_of(item->who);
	out->cell[3] = span_of(item->what);
	out->cell[4] = buf_span(&self->cell[1]);
	out->cell[5] = span_of(remark ? remark : _("! no remark yet"));
	out->cell_role[5] = remark ? ROLE_TEXT : ROLE_WARN;
	return true;
}

/* ---- Remarks ---------------------------------------------------------------------- */

static void
set(char **to, struct span text)
{
	free(*to);
	text = span_trim(text);
	*to = text.len ? mem_text(span_slice(text, 0, REMARK_MAX)) : NULL;
}

static void
remarked(struct screen *owner, int answer, struct span text)
{
	struct logreview *self = (struct logreview *)owner;
	int64_t index;

	if (answer == 1 && list_cursor(self->list, &index))
		set(&self->remark[index], text);
}

static void
remarked_all(struct screen *owner, int answer, struct span text)
{
	if (answer == 1)
		set(&((struct logreview *)owner)->remark_all, text);
}

static void
check_remark(struct span text, struct buf *why)
{
	if (text.len > REMARK_MAX)
		buf_text(why, _("That is too long."));
}

static void
ask_remark(struct logreview *self)
{
	struct buf text = BUF_INIT;
	const struct anomaly *item;
	int64_t index;

	if (!list_cursor(self->list, &index))
		return;
	item = &self->found.item[index];
	buf_printf(&text, "%s: %s  %s  %s", _(rule_words[item->rule]),
	    item->who, item->what, item->object);
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("Remark"), .text = text.ptr, .done = remarked},
	    LINE_TEXT, span_of(self->remark[index]), check_remark);
	buf_done(&text);
}

static void
ask_remark_all(struct logreview *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("One remark for all"),
		.text = _("It stands for every item without a remark of its "
			  "own, but not for your own deeds."),
		.done = remarked_all},
	    LINE_TEXT, span_of(self->remark_all), check_remark);
}

static void
take_line(void *arg, const struct audit_entry *entry)
{
	log_line_set(arg, entry);
}

static void
show_entry(struct logreview *self)
{
	struct log_line line = {.seq = 0};
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	int64_t index;

	if (!list_cursor(self->list, &index))
		return;
	if (store_view_open(app_store(self->base.app), &db, &err) < 0 ||
	    log_page(app_store(self->base.app), db,
		self->found.item[index].first + 1, 1, take_line, &line,
		&err) < 0)
		app_say_err(self->base.app, &err);
	else
		log_entry_open(self->base.app, &line);
	store_reader_close(&db);
	log_line_done(&line);
}

/* ---- Screen ------------------------------------------------------------------------ */

static size_t
open_items(const struct logreview *self)
{
	size_t n = 0;

	for (size_t i = 0; i < self->found.count; i++)
		n += !remark_of(self, i);
	return n;
}

static void
signed_in(struct screen *owner, enum stepup_end end)
{
	if (end == STEPUP_GRANTED)
		start((struct logreview *)owner, TASK_SIGN);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Log review"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct logreview *self = (struct logreview *)screen;
	struct buf at = BUF_INIT;

	if (!self->ready)
		return;
	if (self->due.last_ms) {
		format_minute(&at, self->due.last_ms);
		buf_printf(out, _("last %s by %s"), at.ptr, self->due.by);
	} else {
		buf_text(out, _("never reviewed"));
	}
	buf_done(&at);
}

static void
draw(struct screen *screen, struct area body)
{
	struct logreview *self = (struct logreview *)screen;
	struct buf text = BUF_INIT;

	if (!self->ready) {
		draw_str(body, 1, 2, ROLE_DIM, _("Reading the log .."));
		return;
	}
	list_draw(self->list, area_rows(body, 0, body.rows - 3), FOCUS_ON);
	buf_printf(&text, _("Entries %lld to %lld are reviewed."),
	    (long long)self->found.from, (long long)self->found.to);
	draw_text(body, body.rows - 2, 2, ROLE_DIM, buf_span(&text));
	buf_done(&text);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct logreview *self = (struct logreview *)screen;
	int open;

	if (self->job || !self->ready)
		return;
	open = (int)open_items(self);
	if (open)
		buf_printf(out,
		    P_("%d item needs a remark.", "%d items need a remark.",
			open),
		    open);
	else
		buf_text(out, _("Everything has a remark: ^N signs."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct logreview *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct logreview *self = (struct logreview *)screen;

	if (action == ACT_REVIEW_REMARK)
		ask_remark(self);
	else if (action == ACT_REVIEW_ALL)
		ask_remark_all(self);
	else if (action == ACT_REVIEW_ENTRY)
		show_entry(self);
	else if (action == ACT_REVIEW_SIGN)
		stepup_open(screen, STEPUP_REVIEW, signed_in);
	else if (action == ACT_CANCEL && self->job && self->task == TASK_FIND)
		job_cancel(self->job);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct logreview *self = (struct logreview *)screen;

	if (action != ACT_REVIEW_SIGN && action != ACT_REVIEW_REMARK &&
	    action != ACT_REVIEW_ALL && action != ACT_REVIEW_ENTRY)
		return NULL;
	if (self->job || !self->ready)
		return _("One moment, please.");
	if (action != ACT_REVIEW_SIGN)
		return NULL;
	if (open_items(self))
		return _("Every item needs a remark first.");
	return app_may(screen->app, MAY_LOG_REVIEW)
		   ? NULL
		   : app_may_why_not(screen->app, MAY_PEOPLE_WRITE);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_REVIEW_REMARK, ACT_REVIEW_ALL,
	    ACT_REVIEW_ENTRY, ACT_REVIEW_SIGN, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static bool
has_remarks(const struct logreview *self)
{
	bool has = self->remark_all;

	for (size_t i = 0; self->remark && i < self->found.count; i++)
		has |= self->remark[i] != NULL;
	return has;
}

static void
leave_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		app_pop(owner->app, owner);
}

/* A job that signs uses what is ours. */
static bool
may_leave(struct screen *screen)
{
	struct logreview *self = (struct logreview *)screen;

	if (self->job && self->task == TASK_SIGN)
		return false;
	if (!has_remarks(self))
		return true;
	dialog_confirm(screen,
	    &(struct dialog){.title = _("Leave the review"),
		.text = _("The remarks are not signed yet and will be lost."),
		.done = leave_answered},
	    _("Leave"));
	return false;
}

static void
close_logreview(struct screen *screen)
{
	struct logreview *self = (struct logreview *)screen;

	forget(self);
	list_free(&self->list);
	buf_done(&self->cell[0]);
	buf_done(&self->cell[1]);
	free(self);
}

static const struct screen_ops logreview_ops = {
    .name = "logreview",
    .section = 7,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .job_done = job_done,
    .may_leave = may_leave,
    .close = close_logreview,
};

void
logreview_open(struct app *app)
{
	struct logreview *self = mem_new(sizeof *self);

	self->base.ops = &logreview_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(
	    self->list, N_("Nothing stands out; ^N signs that it was looked "
			   "at."));
	app_push(app, &self->base);
	start(self, TASK_FIND);
}
