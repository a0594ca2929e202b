/* What has left the store in files, and what waits for a second person: from
 * here a request is gone on with. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/export.h"
#include "tui/screens/listing.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { RECORDS_MAX = 500 };

struct exports {
	struct listing base;
	int64_t opening; /* id of a request */
	struct buf name; /* what it is of */
};

static const struct list_column columns[] = {
    {N_("When"), 16, 0, 0, FIT_END},
    {N_("Export of"), 0, 18, 0, FIT_END},
    {N_("Persons"), 9, 0, 0, FIT_RIGHT},
    {N_("Asked by"), 9, 0, 1, FIT_END},
    {N_("State"), 17, 0, 0, FIT_END},
};

static const char *
state_of(const struct export_record *one, enum role *role)
{
	static const struct {
		const char *word;
		enum role role;
	} states[EXPORT_STATES] = {
	    [EXPORT_ASKED] = {N_("waits for approval"), ROLE_WARN},
	    [EXPORT_APPROVED] = {N_("approved"), ROLE_OK},
	    [EXPORT_REJECTED] = {N_("rejected"), ROLE_ERR},
	    [EXPORT_MADE] = {N_("written"), ROLE_TEXT},
	    [EXPORT_WITHDRAWN] = {N_("taken back"), ROLE_DIM},
	    [EXPORT_WRITING] = {N_("was being written"), ROLE_WARN},
	    [EXPORT_FAILED] = {N_("failed"), ROLE_ERR},
	};

	if (one->is_over) {
		*role = ROLE_DIM;
		return _("time is over");
	}
	*role = states[one->state].role;
	return _(states[one->state].word);
}

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct export_record *one = record;

	format_minute(
	    &self->cell[0], one->made_ms ? one->made_ms : one->asked_ms);
	format_count(&self->cell[2], one->people);
	out->key = one->id;
	out->cell[0] = buf_span(&self->cell[0]);
	out->cell[1] = one->scope == EXPORT_PERSON ? span_of(_("one person"))
						   : span_of(one->what);
	out->cell[2] = buf_span(&self->cell[2]);
	out->cell[3] = span_of(one->asked_by);
	out->cell[4] = span_of(state_of(one, &out->cell_role[4]));
}

static const enum action some[] = {ACT_OPEN, ACT_BACK, ACT_NONE};
static const enum action none[] = {ACT_BACK, ACT_NONE};

static const struct listing_kind exports_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("Nothing was exported yet. In a list, x Actions, Export "
		"begins."),
    .reading = N_("Reading.."),
    .size = sizeof(struct export_record),
    .row = row,
    .some = some,
    .none = none,
};

/* ---- Jobs ------------------------------------------------------------------- */

/* Reads all, or what one of them had asked for. */
struct task {
	struct listing_task base;
	int64_t request; /* 0: all */
	int64_t now_ms;
	struct export_order order;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *self = data;
	struct export_record *all = NULL;
	struct db *db = NULL;
	int rc;

	(void)job;
	if (self->request)
		return export_order_read(
		    self->base.store, self->request, &self->order, err);
	rc = store_view_open(self->base.store, &db, err);
	if (rc == 0)
		rc = export_all(db, self->now_ms, RECORDS_MAX, &all,
		    &self->base.count, err);
	self->base.record = all;
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	struct task *self = data;

	listing_task_done(&self->base, &exports_kind);
	export_order_done(&self->order);
	free(self);
}

static void
start(struct exports *self, int64_t request)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);

	task->request = request;
	task->now_ms = app_now_ms(self->base.base.app);
	task->order = EXPORT_ORDER_INIT;
	listing_start(&self->base, &ops, task);
}

static void
opened(struct exports *self, struct task *task)
{
	struct app *app = self->base.base.app;
	struct export_plan plan = EXPORT_PLAN_INIT;

	export_order_copy(&plan.order, &task->order);
	buf_add(&plan.name, buf_span(&self->name));
	plan.request = task->request;
	export_plan_path(&plan, app_now_ms(app), &plan.path);
	export_wait_open(app, &plan);
	export_plan_done(&plan);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct exports *self = (struct exports *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (task->request)
		opened(self, task);
	else
		listing_take(&self->base, &task->base);
}

static void
shown(struct screen *screen)
{
	start((struct exports *)screen, 0);
}

/* ---- The screen ------------------------------------------------------------- */

/* Everything about one that is over. */
static void
tell(struct exports *self, const struct export_record *one)
{
	struct buf text = BUF_INIT;
	enum role role;

	buf_printf(&text, _("Export %lld: %s"), (long long)one->id,
	    state_of(one, &role));
	if (*one->decided_by) {
		buf_text(&text, "\n");
		buf_printf(&text, _("Second person: %s, "), one->decided_by);
		format_minute(&text, one->decided_ms);
	}
	if (*one->words)
		buf_printf(&text, "\n%s", one->words);
	if (one->made_ms) {
		buf_text(&text, "\n");
		format_size(&text, one->octets);
		buf_text(&text, "  SHA-256\n");
		crypt_hex(&text, span_make(one->sha256.bytes, SHA256_LEN));
	}
	dialog_tell(&self->base.base,
	    &(struct dialog){.title = _("An export"), .text = text.ptr});
	buf_done(&text);
}

static void
open_one(struct exports *self)
{
	const struct export_record *one = listing_selected(&self->base);
	const struct person *person = app_person(self->base.base.app);

	if (!one)
		return;
	if ((one->state != EXPORT_ASKED && one->state != EXPORT_APPROVED &&
		one->state != EXPORT_REJECTED) ||
	    !person || strcmp(person->login, one->asked_by) != 0) {
		tell(self, one);
		return;
	}
	buf_clear(&self->name);
	buf_text(&self->name, one->what);
	start(self, one->id);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Exports"));
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("The log holds the reason of each."));
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action != ACT_OPEN)
		return UNUSED;
	open_one((struct exports *)screen);
	return USED;
}

static void
close_exports(struct screen *screen)
{
	struct exports *self = (struct exports *)screen;

	listing_done(&self->base);
	buf_done(&self->name);
	free(self);
}

static const struct screen_ops exports_ops = {
    .name = "exports",
    .section = 2,
    .title = title,
    .draw = listing_draw,
    .hint = hint,
    .key = listing_key,
    .act = act,
    .footer = listing_footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_exports,
};

void
exports_open(struct app *app)
{
	struct exports *self = mem_new(sizeof *self);

	listing_init(&self->base, &exports_ops, &exports_kind);
	app_push(app, &self->base.base);
}
