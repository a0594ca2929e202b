/* The segments of a list: saved filters, with how many belong to each now.
 * Counting reads the list once for each of them, so it is a job. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/export/export.h"
#include "tui/screens/listing.h"
#include "tui/screens/screens.h"
#include "tui/screens/segment_ask.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

/* A segment and what became of counting it: -1 before, or why it could not. */
struct counted {
	struct segment segment;
	struct segment_counts counts;
	struct err why;
};

struct segments {
	struct listing base;
	struct list_id of;
	char *name;     /* of the list; owned */
	int64_t chosen; /* id of the one a question is about */
	char *old[2];   /* its name and filter; owned */
};

static const struct list_column columns[] = {
    {N_("Name"), 20, 0, 0, FIT_END},
    {N_("Filter"), 0, 20, 0, FIT_END},
    {N_("Contacts"), 10, 0, 0, FIT_RIGHT},
    {N_("Sendable"), 10, 0, 2, FIT_RIGHT},
    {N_("Changed"), 10, 0, 1, FIT_END},
};

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct counted *one = record;

	if (one->counts.members >= 0)
		format_count(&self->cell[2], one->counts.members);
	else
		buf_text(&self->cell[2], "!");
	if (one->counts.sendable >= 0)
		format_count(&self->cell[3], one->counts.sendable);
	else
		buf_text(&self->cell[3], "-");
	format_date(&self->cell[4], one->segment.changed_ms);
	out->key = one->segment.id;
	out->cell[0] = span_of(one->segment.name);
	out->cell[1] = span_of(one->segment.filter);
	out->cell[2] = buf_span(&self->cell[2]);
	out->cell[3] = buf_span(&self->cell[3]);
	out->cell[4] = buf_span(&self->cell[4]);
	if (one->counts.members < 0)
		out->cell_role[2] = ROLE_WARN;
}

static const enum action some[] = {ACT_OPEN, ACT_SEGMENT_RENAME,
    ACT_SEGMENT_CHANGE, ACT_SEGMENT_DELETE, ACT_BACK, ACT_NONE};
static const enum action none[] = {ACT_BACK, ACT_NONE};

static const struct listing_kind segments_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("No segments yet. In the list, / filters and w saves the "
		"filter as one."),
    .reading = N_("Counting.."),
    .size = sizeof(struct counted),
    .row = row,
    .some = some,
    .none = none,
};

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { LOAD, CHANGE, DELETE };

struct task {
	struct listing_task base;
	enum task_kind kind;
	struct list_id list;
	int64_t id;
	char *name, *filter; /* owned */
};

/* One that cannot be read has no members, and says why. */
static int
count_one(struct job *job, struct task *self, struct db *db,
    struct counted *out, struct err *err)
{
	if (segment_count(self->base.store, db, out->segment.id, self->list,
		job_cancel_flag(job), &out->counts, &out->why) == 0 ||
	    out->why.code != E_CANCELLED)
		return 0;
	*err = out->why;
	return -1;
}

static int
read_all(struct job *job, struct task *self, struct err *err)
{
	struct segment *all = NULL;
	struct counted *counted = NULL;
	struct db *db = NULL;
	size_t count = 0;
	int rc = -1;

	if (store_view_open(self->base.store, &db, err) == 0)
		rc = segment_all(db, self->list, &all, &count, err);
	if (rc == 0)
		counted = mem_array(count + 1, sizeof *counted);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		counted[i].segment = all[i];
		rc = count_one(job, self, db, &counted[i], err);
	}
	self->base.record = counted;
	self->base.count = count;
	free(all);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *self = data;
	int rc = 0;

	if (self->kind == CHANGE)
		rc = segment_change(self->base.store, self->id,
		    span_of(self->name), span_of(self->filter), err);
	else if (self->kind == DELETE)
		rc = segment_delete(self->base.store, self->id, err);
	return rc < 0 ? -1 : read_all(job, self, err);
}

static void
task_free(void *data)
{
	struct task *self = data;

	listing_task_done(&self->base, &segments_kind);
	free(self->name);
	free(self->filter);
	free(self);
}

static void
start(struct segments *self, enum task_kind kind, struct span name,
    struct span filter)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);

	task->kind = kind;
	task->list = self->of;
	task->id = self->chosen;
	task->name = mem_text(name);
	task->filter = mem_text(filter);
	listing_start(&self->base, &ops, task);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (task->kind == CHANGE)
		app_say(screen->app, SAY_OK, _("The segment is changed."));
	else if (task->kind == DELETE)
		app_say(screen->app, SAY_OK, _("The segment is deleted."));
	listing_take((struct listing *)screen, &task->base);
}

static void
shown(struct screen *screen)
{
	start((struct segments *)screen, LOAD, SPAN(""), SPAN(""));
}

/* ---- Questions -------------------------------------------------------------- */

static void
choose(struct segments *self, const struct counted *one)
{
	self->chosen = one->segment.id;
	free(self->old[0]);
	free(self->old[1]);
	self->old[0] = mem_text(span_of(one->segment.name));
	self->old[1] = mem_text(span_of(one->segment.filter));
}

static void
name_given(struct screen *owner, int answer, struct span text)
{
	struct segments *self = (struct segments *)owner;

	if (answer)
		start(self, CHANGE, text, span_of(self->old[1]));
}

static void
filter_given(struct screen *owner, int answer, struct span text)
{
	struct segments *self = (struct segments *)owner;

	if (answer)
		start(self, CHANGE, span_of(self->old[0]), text);
}

static void
delete_given(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		start((struct segments *)owner, DELETE, SPAN(""), SPAN(""));
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	buf_printf(out, _("Segments of %s"), ((struct segments *)screen)->name);
}

static void
hint(struct screen *screen, struct buf *out)
{
	const struct counted *one = listing_selected((struct listing *)screen);

	if (one && one->counts.members < 0)
		err_text(&one->why, out);
	else
		buf_text(out, _("Live: who belongs to one is found anew each "
				"time."));
}

static void
export_segment(struct segments *self, const struct counted *one)
{
	struct export_order order = EXPORT_ORDER_INIT;

	order.scope = EXPORT_SEGMENT;
	order.list = self->of;
	order.segment = one->segment.id;
	export_open(self->base.base.app, &order, span_of(one->segment.name));
}

static enum used
act(struct screen *screen, enum action action)
{
	struct segments *self = (struct segments *)screen;
	const struct counted *one = listing_selected(&self->base);

	if (action == ACT_EXPORTS) {
		exports_open(screen->app);
		return USED;
	}
	if (!one)
		return UNUSED;
	choose(self, one);
	if (action == ACT_OPEN)
		contacts_open_filtered(
		    screen->app, self->of, span_of(one->segment.filter));
	else if (action == ACT_SEGMENT_RENAME)
		segment_ask_name(screen, self->old[0], name_given);
	else if (action == ACT_SEGMENT_CHANGE)
		segment_ask_filter(screen, self->old[1], filter_given);
	else if (action == ACT_SEGMENT_DELETE)
		segment_ask_delete(screen, delete_given);
	else if (action == ACT_EXPORT)
		export_segment(self, one);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	const struct counted *one = listing_selected((struct listing *)screen);
	bool wants_one = action == ACT_OPEN || action == ACT_SEGMENT_RENAME ||
			 action == ACT_SEGMENT_CHANGE ||
			 action == ACT_SEGMENT_DELETE || action == ACT_EXPORT;

	if (wants_one && !one)
		return _("There is no segment yet; w beside a filter of the "
			 "list saves one.");
	/* its text is shown as "***", and must not be saved as that */
	if (wants_one && action != ACT_SEGMENT_DELETE &&
	    app_is_masked(screen->app))
		return action == ACT_EXPORT
			   ? _("This needs whole addresses, and they are "
			       "masked for you.")
			   : _("The text of segments is masked for you.");
	return NULL;
}

static void
close_segments(struct screen *screen)
{
	struct segments *self = (struct segments *)screen;

	listing_done(&self->base);
	free(self->name);
	free(self->old[0]);
	free(self->old[1]);
	free(self);
}

static const struct screen_ops segments_ops = {
    .name = "segments",
    .section = 2,
    .title = title,
    .draw = listing_draw,
    .hint = hint,
    .key = listing_key,
    .act = act,
    .why_not = why_not,
    .footer = listing_footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_segments,
};

void
segments_open(struct app *app, struct list_id list, const char *name)
{
	struct segments *self = mem_new(sizeof *self);

	listing_init(&self->base, &segments_ops, &segments_kind);
	self->of = list;
	self->name = mem_text(span_of(name));
	app_push(app, &self->base.base);
}
