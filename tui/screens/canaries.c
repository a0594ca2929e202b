/* The canaries of a list: addresses of one's own that must be in every audience
 * made of it.  They come with the data of the list; here they are only named. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/mail/address.h"
#include "tui/screens/listing.h"
#include "tui/screens/screens.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

struct canaries {
	struct listing base;
	struct list_id of;
	char *name;       /* of the list; owned */
	int64_t removing; /* id */
};

static const struct list_column columns[] = {
    {N_("Address"), 0, 28, 0, FIT_MIDDLE},
    {N_("State"), 22, 0, 0, FIT_END},
    {N_("Added"), 11, 0, 1, FIT_END},
    {N_("By"), 12, 0, 2, FIT_END},
};

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct canary *one = record;
	bool good = one->is_member && !one->is_stopped;

	format_date(&self->cell[2], one->added_ms);
	out->key = one->id;
	out->cell[0] = span_of(one->address);
	out->cell[1] = span_of(!one->is_member   ? _("! not on the list")
			       : one->is_stopped ? _("! on the stop list")
						 : _("on the list"));
	out->cell_role[1] = good ? ROLE_OK : ROLE_WARN;
	out->cell[2] = buf_span(&self->cell[2]);
	out->cell[3] = span_of(one->added_by);
}

static const enum action actions[] = {
    ACT_CANARY_NEW, ACT_CANARY_REMOVE, ACT_BACK, ACT_NONE};

static const struct listing_kind canaries_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("No canary yet. n registers one: an address of your own that "
		"comes with the data of this list."),
    .reading = N_("Reading.."),
    .size = sizeof(struct canary),
    .row = row,
    .some = actions,
};

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { LOAD, ADD, REMOVE };

struct task {
	struct listing_task base;
	enum task_kind kind;
	struct list_id list;
	int64_t id;
	struct buf address;
};

/* Who stands where is told by the addresses as they are; shown are those that
 * the person may see. */
static int
read_all(struct task *self, struct err *err)
{
	struct store *store = self->base.store;
	struct db *db = NULL, *view = NULL;
	struct canary *plain = NULL, *shown = NULL;
	size_t count = 0;
	int rc = -1;

	if (store_reader_open(store, &db, err) == 0 &&
	    store_view_open(store, &view, err) == 0 &&
	    canary_all(store, db, self->list, &plain, &count, err) == 0)
		rc = canary_all(
		    store, view, self->list, &shown, &self->base.count, err);
	for (size_t i = 0; rc == 0 && i < count && i < self->base.count; i++) {
		shown[i].is_member = plain[i].is_member;
		shown[i].is_stopped = plain[i].is_stopped;
	}
	self->base.record = shown;
	free(plain);
	store_reader_close(&view);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *self = data;
	struct store *store = self->base.store;
	int rc = 0;

	(void)job;
	if (self->kind == ADD)
		rc = canary_add(
		    store, self->list, buf_span(&self->address), err);
	else if (self->kind == REMOVE)
		rc = canary_remove(store, self->id, err);
	return rc < 0 ? -1 : read_all(self, err);
}

static void
task_free(void *data)
{
	struct task *self = data;

	listing_task_done(&self->base, &canaries_kind);
	buf_done(&self->address);
	free(self);
}

static void
start(struct canaries *self, enum task_kind kind, struct span address)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);

	task->kind = kind;
	task->list = self->of;
	task->id = self->removing;
	buf_add(&task->address, address);
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
	if (task->kind == ADD)
		app_say(screen->app, SAY_OK, _("The canary is registered."));
	else if (task->kind == REMOVE)
		app_say(screen->app, SAY_OK, _("The canary is forgotten."));
	listing_take((struct listing *)screen, &task->base);
}

static void
shown(struct screen *screen)
{
	start((struct canaries *)screen, LOAD, SPAN(""));
}

/* ---- Questions -------------------------------------------------------------- */

static void
check_address(struct span text, struct buf *why)
{
	struct arena *arena = arena_new();
	struct err err = {.code = E_NONE};
	struct address address;

	if (address_parse(text, arena, &address, &err) < 0)
		err_text(&err, why);
	arena_free(&arena);
}

static void
address_given(struct screen *owner, int answer, struct span text)
{
	if (answer == 1)
		start((struct canaries *)owner, ADD, text);
}

static void
ask_address(struct canaries *self)
{
	dialog_ask(&self->base.base,
	    &(struct dialog){
		.title = _("A new canary"),
		.text = _("An address of your own that is in the data this "
			  "list comes from. It does not join the list here."),
		.done = address_given,
	    },
	    LINE_TEXT, SPAN(""), check_address);
}

static void
removal_given(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		start((struct canaries *)owner, REMOVE, SPAN(""));
}

static void
ask_removal(struct canaries *self)
{
	if (list_cursor(self->base.list, &self->removing))
		dialog_confirm(&self->base.base,
		    &(struct dialog){
			.title = _("Remove a canary"),
			.text = _("Audiences of the list are no longer asked "
				  "for it. It stays a contact as before."),
			.done = removal_given,
		    },
		    _("Remove"));
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	buf_printf(out, _("Canaries of %s"), ((struct canaries *)screen)->name);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(
	    out, _("An audience without one of them is not the whole list, or "
		   "another."));
}

static enum used
act(struct screen *screen, enum action action)
{
	struct canaries *self = (struct canaries *)screen;

	if (action == ACT_CANARY_NEW)
		ask_address(self);
	else if (action == ACT_CANARY_REMOVE)
		ask_removal(self);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action == ACT_CANARY_REMOVE && !((struct listing *)screen)->count)
		return _("There is no canary yet; n registers one.");
	return NULL;
}

static void
close_canaries(struct screen *screen)
{
	struct canaries *self = (struct canaries *)screen;

	listing_done(&self->base);
	free(self->name);
	free(self);
}

static const struct screen_ops canaries_ops = {
    .name = "canaries",
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
    .close = close_canaries,
};

void
canaries_open(struct app *app, struct list_id list, const char *name)
{
	struct canaries *self = mem_new(sizeof *self);

	listing_init(&self->base, &canaries_ops, &canaries_kind);
	self->of = list;
	self->name = mem_text(span_of(name));
	app_push(app, &self->base.base);
}
