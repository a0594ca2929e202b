/* The canaries of a list: addresses of one's own that must be in every audience
 * made of it.  They come with the data of the list; here they are only named. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/mail/address.h"
#include "tui/screens/screens.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct canaries {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct list_id of;
	char *name; /* of the list; owned */
	struct canary *canary;
	size_t count;
	bool loaded;
	struct buf added; /* of the row last read */
	int64_t removing; /* id */
};

static const struct list_column columns[] = {
    {N_("Address"), 0, 28, 0, FIT_MIDDLE},
    {N_("State"), 22, 0, 0, FIT_END},
    {N_("Added"), 11, 0, 1, FIT_END},
    {N_("By"), 12, 0, 2, FIT_END},
};

static struct canaries *
of_source(struct list_source *source)
{
	return (struct canaries *)((char *)source -
				   offsetof(struct canaries, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct canaries *self = of_source(source);
	const struct canary *one = &self->canary[index];
	bool good = one->is_member && !one->is_stopped;

	buf_clear(&self->added);
	format_date(&self->added, one->added_ms);
	out->key = one->id;
	out->cell[0] = span_of(one->address);
	out->cell[1] = span_of(!one->is_member   ? _("! not on the list")
			       : one->is_stopped ? _("! on the stop list")
						 : _("on the list"));
	out->cell_role[1] = good ? ROLE_OK : ROLE_WARN;
	out->cell[2] = buf_span(&self->added);
	out->cell[3] = span_of(one->added_by);
	return true;
}

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { LOAD, ADD, REMOVE };

struct task {
	enum task_kind kind;
	struct store *store; /* borrowed */
	struct list_id list;
	int64_t id;
	struct buf address;
	struct canary *canary;
	size_t count;
};

/* Who stands where is told by the addresses as they are; shown are those that
 * the person may see. */
static int
read_all(struct task *self, struct err *err)
{
	struct db *db = NULL, *view = NULL;
	struct canary *plain = NULL;
	size_t count = 0;
	int rc = -1;

	if (store_reader_open(self->store, &db, err) == 0 &&
	    store_view_open(self->store, &view, err) == 0 &&
	    canary_all(self->store, db, self->list, &plain, &count, err) == 0)
		rc = canary_all(self->store, view, self->list, &self->canary,
		    &self->count, err);
	for (size_t i = 0; rc == 0 && i < count && i < self->count; i++) {
		self->canary[i].is_member = plain[i].is_member;
		self->canary[i].is_stopped = plain[i].is_stopped;
	}
	free(plain);
	store_reader_close(&view);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *self = data;
	int rc = 0;

	(void)job;
	if (self->kind == ADD)
		rc = canary_add(
		    self->store, self->list, buf_span(&self->address), err);
	else if (self->kind == REMOVE)
		rc = canary_remove(self->store, self->id, err);
	return rc < 0 ? -1 : read_all(self, err);
}

static void
task_free(void *data)
{
	struct task *self = data;

	buf_done(&self->address);
	free(self->canary);
	free(self);
}

static void
start(struct canaries *self, enum task_kind kind, struct span address)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->kind = kind;
	task->store = app_store(self->base.app);
	task->list = self->of;
	task->id = self->removing;
	buf_add(&task->address, address);
	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct canaries *self = (struct canaries *)screen;
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
	free(self->canary);
	self->canary = task->canary;
	self->count = task->count;
	task->canary = NULL;
	self->loaded = true;
	list_refresh(self->list);
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
	dialog_ask(&self->base,
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
	if (list_cursor(self->list, &self->removing))
		dialog_confirm(&self->base,
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
draw(struct screen *screen, struct area body)
{
	struct canaries *self = (struct canaries *)screen;

	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
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
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct canaries *)screen)->list, key);
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
	struct canaries *self = (struct canaries *)screen;

	if (action == ACT_CANARY_REMOVE && !self->count)
		return _("There is no canary yet; n registers one.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_CANARY_NEW, ACT_CANARY_REMOVE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_canaries(struct screen *screen)
{
	struct canaries *self = (struct canaries *)screen;

	list_free(&self->list);
	free(self->canary);
	free(self->name);
	buf_done(&self->added);
	free(self);
}

static const struct screen_ops canaries_ops = {
    .name = "canaries",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_canaries,
};

void
canaries_open(struct app *app, struct list_id list, const char *name)
{
	struct canaries *self = mem_new(sizeof *self);

	self->base.ops = &canaries_ops;
	self->of = list;
	self->name = mem_text(span_of(name));
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("No canary yet. n registers one: an address of your own that "
	       "comes with the data of this list."));
	app_push(app, &self->base);
}
