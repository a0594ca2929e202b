/* What is in doubt, held against a file of somebody else: a relay's log or
 * delivery reports.  The file is read and its word shown line by line; only
 * then, and only after the number was typed, the ledger takes it over. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/report.h"
#include "tui/app.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum task { TASK_READ, TASK_APPLY, TASK_AGAIN };

/* What a job reads or decides. */
struct work {
	enum task task;
	struct store *store; /* borrowed */
	struct campaign_id id;
	struct buf path;
	struct reconcile found;
	int64_t again; /* rows that go once more */
};

struct reconcile_screen {
	struct screen base;
	struct campaign_id campaign;
	struct work *work; /* the last file that was read; NULL before */
	struct job *job;   /* NULL: none runs */
	struct list_source source;
	struct list *list;
	struct buf cell;
};

/* ---- Jobs --------------------------------------------------------------------- */

static void
work_free(void *data)
{
	struct work *work = data;

	reconcile_done(&work->found);
	buf_done(&work->path);
	free(work);
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;
	struct db *db = NULL;
	int rc;

	if (work->task == TASK_APPLY)
		return reconcile_apply(work->store, &work->found, err);
	if (work->task == TASK_AGAIN)
		return ledger_send_again(
		    work->store, work->id, NULL, 0, &work->again, err);
	if (person_reader_open(work->store, MAY_LAUNCH, &db, err) < 0)
		return -1;
	rc = reconcile_read(work->store, db, work->id, work->path.ptr,
	    job_cancel_flag(job), &work->found, err);
	store_reader_close(&db);
	return rc;
}

static const struct job_ops work_job = {.run = work_run, .free = work_free};

static void
start(struct reconcile_screen *self, struct work *work)
{
	struct err err = {0};

	if (app_job(self->base.app, &self->base, &work_job, work, &self->job,
		&err) < 0) {
		self->job = NULL;
		app_say_err(self->base.app, &err);
	}
}

static void
say_decided(struct app *app, const struct reconcile *found)
{
	struct buf count = BUF_INIT;

	format_count(&count, found->decided);
	app_sayf(app, SAY_OK,
	    P_("%s recipient is no longer in doubt; the log holds the file's "
	       "hash.",
		"%s recipients are no longer in doubt; the log holds the "
		"file's hash.",
		found->decided),
	    count.ptr);
	buf_done(&count);
}

static void
say_again(struct app *app, int64_t rows)
{
	struct buf count = BUF_INIT;

	format_count(&count, rows);
	if (rows)
		app_sayf(app, SAY_OK,
		    P_("%s mail goes once more: go on with the delivery on "
		       "the home screen.",
			"%s mails go once more: go on with the delivery on the "
			"home screen.",
			rows),
		    count.ptr);
	else
		app_say(app, SAY_WARN,
		    _("None of them goes once more: they did already, or 24 "
		      "hours have not passed."));
	buf_done(&count);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct reconcile_screen *self = (struct reconcile_screen *)screen;
	struct work *work = data;

	(void)job;
	self->job = NULL;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (work->task == TASK_APPLY) {
		say_decided(screen->app, &work->found);
		app_pop(screen->app, screen);
		return;
	}
	if (work->task == TASK_AGAIN) {
		say_again(screen->app, work->again);
		app_pop(screen->app, screen);
		return;
	}
	if (self->work)
		work_free(self->work);
	self->work = mem_new(sizeof *work);
	*self->work = *work;
	*work = (struct work){.task = TASK_READ};
	list_refresh(self->list);
}

/* ---- Rows ---------------------------------------------------------------------- */

static struct reconcile_screen *
of_source(struct list_source *source)
{
	return (struct reconcile_screen *)((char *)source -
					   offsetof(struct reconcile_screen,
					       source));
}

static int64_t
source_count(struct list_source *source)
{
	struct reconcile_screen *self = of_source(source);

	return self->work ? (int64_t)self->work->found.count : 0;
}

/* Of a log's line what follows its long beginning. */
static struct span
verdict_of(struct span evidence)
{
	size_t at = span_search(evidence, SPAN("status="));

	return at < evidence.len ? span_slice(evidence, at, evidence.len)
				 : evidence;
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct reconcile_screen *self = of_source(source);
	const struct reconcile_row *row;

	if (index < 0 || index >= source_count(source))
		return false;
	row = &self->work->found.row[index];
	buf_clear(&self->cell);
	ui_cut_address(&self->cell, row->address, 28);
	out->key = row->seq;
	out->cell[0] = span_of(state_text(row->says));
	out->cell_role[0] = state_role(row->says);
	out->cell[1] = buf_span(&self->cell);
	out->cell[2] = row->says == LEDGER_IN_DOUBT
			   ? span_of(_("the file does not name it"))
			   : verdict_of(row->evidence);
	return true;
}

static const struct list_column columns[] = {
    {N_("Would be"), 10, 10, 0, FIT_END},
    {N_("Address"), 28, 20, 0, FIT_MIDDLE},
    {N_("What the file says"), 0, 20, 0, FIT_END},
};

/* ---- File and question ----------------------------------------------------------- */

static void
path_given(struct screen *owner, int answer, struct span path)
{
	struct reconcile_screen *self = (struct reconcile_screen *)owner;
	struct work *work;

	if (!answer || !path.len)
		return;
	work = mem_new(sizeof *work);
	work->task = TASK_READ;
	work->store = app_store(owner->app);
	work->id = self->campaign;
	buf_add(&work->path, path);
	start(self, work);
}

static void
ask_path(struct reconcile_screen *self)
{
	struct dialog dialog = {
	    .title = _("Hold the doubts against a file"),
	    .text = _("Which file? A relay's Postfix log, a delivery report, "
		      "or an mbox of them. Nothing is changed by reading."),
	    .done = path_given,
	};

	dialog_ask(
	    &self->base, &dialog, LINE_TEXT, SPAN("/var/log/mail.log"), NULL);
}

/* The rows move to the job, so the list is empty until it has ended. */
static void
confirmed(struct screen *owner, int answer, struct span text)
{
	struct reconcile_screen *self = (struct reconcile_screen *)owner;
	struct work *work = self->work;

	(void)text;
	if (!answer || !work)
		return;
	self->work = NULL;
	work->task = TASK_APPLY;
	list_refresh(self->list);
	start(self, work);
}

static void
ask_apply(struct reconcile_screen *self)
{
	const struct reconcile *found = &self->work->found;
	struct dialog dialog = {
	    .title = _("Take over what the file says"), .done = confirmed};
	struct buf text = BUF_INIT;
	char word[32];

	snprintf(word, sizeof word, "%lld",
	    (long long)(found->accepted + found->failed));
	buf_printf(&text,
	    _("In doubt: %lld. The file says accepted of %lld and failed of "
	      "%lld; %lld stay in doubt. This cannot be undone. Type the "
	      "number of those that are decided:"),
	    (long long)found->count, (long long)found->accepted,
	    (long long)found->failed, (long long)found->unknown);
	dialog.text = text.ptr;
	dialog_type(&self->base, &dialog, word);
	buf_done(&text);
}

/* ---- Once more ------------------------------------------------------------------- */

static void
again_confirmed(struct screen *owner, int answer, struct span text)
{
	struct reconcile_screen *self = (struct reconcile_screen *)owner;
	struct work *work;

	(void)text;
	if (!answer)
		return;
	work = mem_new(sizeof *work);
	work->task = TASK_AGAIN;
	work->store = app_store(owner->app);
	work->id = self->campaign;
	start(self, work);
}

/* How many are in doubt; -1 when it could not be read. */
static int64_t
count_doubts(struct reconcile_screen *self)
{
	int64_t count[LEDGER_STATES] = {0};
	struct db *db = NULL;
	struct err err = {0};
	int rc = store_view_open(app_store(self->base.app), &db, &err);

	if (rc == 0)
		rc = ledger_count(db, self->campaign, count, &err);
	store_reader_close(&db);
	if (rc < 0)
		app_say_err(self->base.app, &err);
	return rc < 0 ? -1 : count[LEDGER_IN_DOUBT];
}

static void
ask_again(struct reconcile_screen *self)
{
	struct dialog dialog = {
	    .title = _("Send once more"), .done = again_confirmed};
	int64_t doubts = count_doubts(self);
	struct buf text = BUF_INIT;
	char word[32];

	if (doubts < 0)
		return;
	if (doubts == 0) {
		app_say(self->base.app, SAY_WARN, _("Nothing is in doubt."));
		return;
	}
	snprintf(word, sizeof word, "%lld", (long long)doubts);
	buf_printf(&text,
	    _("In doubt: %lld. Who got the mail already gets it twice; ask the "
	      "relay's log first. Advertising goes once more after 24 hours, "
	      "nobody a third time, and the delivery has to be gone on with "
	      "by hand. Type the number of those in doubt:"),
	    (long long)doubts);
	dialog.text = text.ptr;
	dialog_type(&self->base, &dialog, word);
	buf_done(&text);
}

/* ---- Screen ---------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Doubts"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct reconcile_screen *self = (struct reconcile_screen *)screen;

	if (self->job)
		draw_str(body, 1, 2, ROLE_DIM, _("Reading the file .."));
	else if (!self->work)
		draw_wrapped(area_cols(body, 0, -2), 1, 2, ROLE_TEXT,
		    span_of(
			_("A mail is in doubt when the connection was lost "
			  "before the relay had answered. The relay's log "
			  "knows what became of it. Choose the file with o; "
			  "what it says is shown here before anything is "
			  "changed.")));
	else
		list_draw(self->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct reconcile_screen *self = (struct reconcile_screen *)screen;
	const struct reconcile *found;

	if (!self->work)
		return;
	found = &self->work->found;
	buf_printf(out,
	    _("%lld in doubt: accepted %lld, failed %lld, still unknown %lld"),
	    (long long)found->count, (long long)found->accepted,
	    (long long)found->failed, (long long)found->unknown);
}

static void
show_row(struct reconcile_screen *self)
{
	struct dialog dialog = {.title = _("What the file says")};
	int64_t index = list_cursor_index(self->list);
	const struct reconcile_row *row;
	struct buf text = BUF_INIT;

	if (index < 0 || index >= source_count(&self->source))
		return;
	row = &self->work->found.row[index];
	buf_printf(&text, "%.*s\n%.*s\n\n%.*s", SPAN_ARG(row->address),
	    SPAN_ARG(row->message_id), SPAN_ARG(row->evidence));
	dialog.text = text.ptr;
	dialog_tell(&self->base, &dialog);
	buf_done(&text);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct reconcile_screen *self = (struct reconcile_screen *)screen;

	return self->work ? list_key(self->list, key) : UNUSED;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct reconcile_screen *self = (struct reconcile_screen *)screen;

	switch ((int)action) {
	case ACT_OPEN:
		show_row(self);
		return USED;
	case ACT_RECONCILE_FILE:
		ask_path(self);
		return USED;
	case ACT_RECONCILE_APPLY:
		ask_apply(self);
		return USED;
	case ACT_RECONCILE_AGAIN:
		ask_again(self);
		return USED;
	case ACT_CANCEL:
		if (!self->job)
			return UNUSED;
		job_cancel(self->job);
		return USED;
	default:
		return UNUSED;
	}
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct reconcile_screen *self = (struct reconcile_screen *)screen;
	bool asks = action == ACT_RECONCILE_FILE ||
		    action == ACT_RECONCILE_APPLY ||
		    action == ACT_RECONCILE_AGAIN || action == ACT_OPEN;

	if (asks && self->job)
		return _("One moment: the file is being read.");
	if (action == ACT_RECONCILE_APPLY &&
	    (!self->work ||
		!(self->work->found.accepted + self->work->found.failed)))
		return _("Choose a file first that names some of them.");
	if (action == ACT_OPEN && !self->work)
		return _("Choose a file first.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_RECONCILE_FILE, ACT_OPEN,
	    ACT_RECONCILE_APPLY, ACT_RECONCILE_AGAIN, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_reconcile(struct screen *screen)
{
	struct reconcile_screen *self = (struct reconcile_screen *)screen;

	if (self->work)
		work_free(self->work);
	list_free(&self->list);
	buf_done(&self->cell);
	free(self);
}

static const struct screen_ops reconcile_ops = {
    .name = "reconcile",
    .section = 5,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .job_done = job_done,
    .close = close_reconcile,
};

void
reconcile_open(struct app *app, struct campaign_id campaign)
{
	struct reconcile_screen *self = mem_new(sizeof *self);

	self->base.ops = &reconcile_ops;
	self->campaign = campaign;
	self->source.count = source_count;
	self->source.row = source_row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list, N_("Nothing is in doubt."));
	app_push(app, &self->base);
}
