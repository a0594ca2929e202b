/* The launched campaigns (section 5); Enter opens the report of one. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "core/report/report.h"
#include "tui/app.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct reports {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct campaign_row *row;
	size_t count;
	struct buf number, date;
};

static struct reports *
of_source(struct list_source *source)
{
	return (struct reports *)((char *)source -
				  offsetof(struct reports, source));
}

static int64_t
source_count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct reports *self = of_source(source);
	const struct campaign_row *row;

	if (index < 0 || (size_t)index >= self->count)
		return false;
	row = &self->row[index];
	buf_clear(&self->number);
	buf_clear(&self->date);
	format_count(&self->number, row->recipients);
	format_minute(&self->date, row->changed_ms);
	out->key = row->id.v;
	out->cell[0] = span_of(campaign_state_text(row->state));
	out->cell[1] = span_of(row->name);
	out->cell[2] = span_of(row->list_name);
	out->cell[3] = buf_span(&self->number);
	out->cell[4] = buf_span(&self->date);
	return true;
}

static const struct list_column columns[] = {
    {N_("State"), 10, 8, 0, FIT_END},
    {N_("Name"), 0, 16, 0, FIT_END},
    {N_("List"), 14, 10, 2, FIT_END},
    {N_("Count"), 9, 8, 0, FIT_RIGHT},
    {N_("Changed"), 16, 16, 3, FIT_END},
};

/* Keeps the launched ones. */
static void
shown(struct screen *screen)
{
	struct reports *self = (struct reports *)screen;
	struct campaign_row *all = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0, kept = 0;

	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    campaign_all(db, &all, &count, &err) < 0) {
		app_say_err(screen->app, &err);
		store_reader_close(&db);
		return;
	}
	store_reader_close(&db);
	for (size_t i = 0; i < count; i++) {
		if (all[i].state >= CAMPAIGN_RUNNING)
			all[kept++] = all[i];
	}
	free(self->row);
	self->row = all;
	self->count = kept;
	list_refresh(self->list);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Reports"));
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct reports *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	list_position(((struct reports *)screen)->list, out);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct reports *)screen)->list, key);
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
	    !list_cursor(((struct reports *)screen)->list, &id))
		return UNUSED;
	report_open(screen->app, (struct campaign_id){id});
	return USED;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_OPEN, ACT_REPORTS_DIGEST, ACT_REPLIES, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_reports(struct screen *screen)
{
	struct reports *self = (struct reports *)screen;

	list_free(&self->list);
	buf_done(&self->number);
	buf_done(&self->date);
	free(self->row);
	free(self);
}

static const struct screen_ops reports_ops = {
    .name = "reports",
    .section = 5,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .shown = shown,
    .close = close_reports,
};

void
reports_open(struct app *app)
{
	struct reports *self = mem_new(sizeof *self);

	self->base.ops = &reports_ops;
	self->source.count = source_count;
	self->source.row = source_row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("Nothing was sent yet. A campaign appears here once it is "
	       "launched."));
	app_replace(app, &self->base);
}
