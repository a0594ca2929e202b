/* The launched campaigns (section 5); Enter opens the report of one. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "core/report/report.h"
#include "tui/screens/listing.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct campaign_row *sent = record;

	format_count(&self->cell[3], sent->recipients);
	format_minute(&self->cell[4], sent->changed_ms);
	out->key = sent->id.v;
	out->cell[0] = span_of(campaign_state_text(sent->state));
	out->cell[1] = span_of(sent->name);
	out->cell[2] = span_of(sent->list_name);
	out->cell[3] = buf_span(&self->cell[3]);
	out->cell[4] = buf_span(&self->cell[4]);
}

static const struct list_column columns[] = {
    {N_("State"), 10, 8, 0, FIT_END},
    {N_("Name"), 0, 16, 0, FIT_END},
    {N_("List"), 14, 10, 2, FIT_END},
    {N_("Count"), 9, 8, 0, FIT_RIGHT},
    {N_("Changed"), 16, 16, 3, FIT_END},
};

static const enum action actions[] = {
    ACT_OPEN, ACT_REPORTS_DIGEST, ACT_REPLIES, ACT_BACK, ACT_NONE};

static const struct listing_kind reports_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("Nothing was sent yet. A campaign appears here once it is "
		"launched."),
    .reading = N_("Reading.."),
    .size = sizeof(struct campaign_row),
    .row = row,
    .some = actions,
};

/* ---- Job -------------------------------------------------------------------- */

/* Keeps the launched ones. */
static int
task_run(struct job *job, void *data, struct err *err)
{
	struct listing_task *task = data;
	struct campaign_row *all = NULL;
	struct db *db = NULL;
	size_t count = 0;
	int rc = -1;

	(void)job;
	if (store_view_open(task->store, &db, err) == 0)
		rc = campaign_all(db, &all, &count, err);
	store_reader_close(&db);
	task->record = all;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (all[i].state >= CAMPAIGN_RUNNING)
			all[task->count++] = all[i];
	}
	return rc;
}

static void
task_free(void *data)
{
	listing_task_done(data, &reports_kind);
	free(data);
}

static void
shown(struct screen *screen)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};

	listing_start((struct listing *)screen, &ops,
	    mem_new(sizeof(struct listing_task)));
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	(void)job;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		listing_take((struct listing *)screen, data);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Reports"));
}

static void
hint(struct screen *screen, struct buf *out)
{
	list_position(((struct listing *)screen)->list, out);
}

static void
digest_given(struct screen *owner, int answer, struct span text)
{
	struct campaign_id found;
	struct db *db = NULL;
	struct err err = {0};
	int got = -1;

	if (!answer)
		return;
	if (store_view_open(app_store(owner->app), &db, &err) == 0)
		got = report_find_digest(db, text, &found, &err);
	store_reader_close(&db);
	if (got < 0)
		app_say_err(owner->app, &err);
	else if (got == 0)
		app_say(owner->app, SAY_WARN,
		    _("No single campaign has this digest. Type at least its "
		      "first eight digits."));
	else
		report_open(owner->app, found);
}

static void
ask_digest(struct screen *screen)
{
	struct dialog dialog = {
	    .title = _("Find by digest"),
	    .text = _("The digest of what was sealed, or its beginning:"),
	    .done = digest_given,
	};

	dialog_ask(screen, &dialog, LINE_TEXT, SPAN(""), NULL);
}

static enum used
act(struct screen *screen, enum action action)
{
	int64_t id;

	if (action == ACT_REPORTS_DIGEST) {
		ask_digest(screen);
		return USED;
	}

	if (action == ACT_REPLIES) {
		replies_open(screen->app);
		return USED;
	}
	if (action != ACT_OPEN ||
	    !list_cursor(((struct listing *)screen)->list, &id))
		return UNUSED;
	report_open(screen->app, (struct campaign_id){id});
	return USED;
}

static void
close_reports(struct screen *screen)
{
	listing_done((struct listing *)screen);
	free(screen);
}

static const struct screen_ops reports_ops = {
    .name = "reports",
    .section = 5,
    .title = title,
    .draw = listing_draw,
    .hint = hint,
    .footer = listing_footer,
    .key = listing_key,
    .act = act,
    .shown = shown,
    .job_done = job_done,
    .close = close_reports,
};

void
reports_open(struct app *app)
{
	struct listing *self = mem_new(sizeof *self);

	listing_init(self, &reports_ops, &reports_kind);
	app_replace(app, &self->base);
}
