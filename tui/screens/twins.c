/* Contacts of a list that may be one person, a pair on a line. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

/* Two of a group, as they are shown. */
struct pair {
	struct contact_id stays, goes;
	enum twin_reason reason;
	char *one, *other; /* addresses; owned */
};

struct pairs {
	struct pair *pair;
	size_t count;
	int64_t found; /* groups there are */
};

struct twin_list {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct list_id of;
	char *name;  /* of the list; owned */
	char *field; /* compared beside the name; owned, "" for none */
	struct pairs pairs;
	bool stale, loaded;
	struct job *searching;
};

static const struct list_column columns[] = {
    {N_("Address"), 0, 20, 0, FIT_MIDDLE},
    {N_("Other address"), 0, 20, 0, FIT_MIDDLE},
    {N_("Because of"), 18, 0, 0, FIT_END},
};

static void
pairs_done(struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		free(pairs->pair[i].one);
		free(pairs->pair[i].other);
	}
	free(pairs->pair);
	*pairs = (struct pairs){.pair = NULL};
}

static struct twin_list *
of_source(struct list_source *source)
{
	return (struct twin_list *)((char *)source -
				    offsetof(struct twin_list, source));
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->pairs.count;
}

static const char *
reason_text(enum twin_reason reason)
{
	static const char *const texts[TWIN_REASONS] = {
	    [TWIN_CASE] = N_("upper/lower case"),
	    [TWIN_GMAIL] = N_("one Gmail mailbox"),
	    [TWIN_PERSON] = N_("name and field"),
	};

	return _(texts[reason]);
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	const struct pair *pair = &of_source(source)->pairs.pair[index];

	out->key = index;
	out->cell[0] = span_of(pair->one);
	out->cell[1] = span_of(pair->other);
	out->cell[2] = span_of(reason_text(pair->reason));
	return true;
}

/* ---- Job -------------------------------------------------------------------- */

struct task {
	struct store *store;
	struct list_id list;
	char *field; /* owned */
	struct pairs pairs;
};

static char *
address_of(struct db *db, struct contact_id id)
{
	struct arena *arena = arena_new();
	struct contact_draft draft;
	char *address = NULL;

	if (contact_read(db, id, arena, &draft, NULL) == 0)
		address = mem_text(draft.address);
	arena_free(&arena);
	return address ? address : mem_text(SPAN("-"));
}

/* A group of three makes two pairs: the first one with each other one. */
static void
add_pairs(struct pairs *pairs, struct db *db, const struct twin_group *group)
{
	for (size_t i = 1; i < group->count; i++) {
		pairs->pair =
		    mem_more(pairs->pair, pairs->count, sizeof *pairs->pair);
		pairs->pair[pairs->count++] = (struct pair){
		    .stays = group->id[0],
		    .goes = group->id[i],
		    .reason = group->reason,
		    .one = address_of(db, group->id[0]),
		    .other = address_of(db, group->id[i]),
		};
	}
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct twins twins = {.group = NULL};
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->store, &db, err) == 0)
		rc = twins_find(db, task->list, span_of(task->field),
		    job_cancel_flag(job), &twins, err);
	for (size_t i = 0; rc == 0 && i < twins.count; i++)
		add_pairs(&task->pairs, db, &twins.group[i]);
	task->pairs.found = twins.found;
	twins_done(&twins);
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	struct task *task = data;

	pairs_done(&task->pairs);
	free(task->field);
	free(task);
}

static void
search(struct twin_list *self)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	if (self->searching)
		job_cancel(self->searching);
	task->store = app_store(self->base.app);
	task->list = self->of;
	task->field = mem_text(span_of(self->field));
	self->loaded = false;
	if (app_job(self->base.app, &self->base, &ops, task, &self->searching,
		&err) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct twin_list *self = (struct twin_list *)screen;
	struct task *task = data;

	if (job != self->searching)
		return;
	self->searching = NULL;
	self->loaded = true;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	pairs_done(&self->pairs);
	self->pairs = task->pairs;
	task->pairs = (struct pairs){.pair = NULL};
	list_refresh(self->list);
}

/* ---- The screen ------------------------------------------------------------- */

static void
field_given(struct screen *owner, int answer, struct span text)
{
	struct twin_list *self = (struct twin_list *)owner;

	if (!answer)
		return;
	free(self->field);
	self->field = mem_text(span_trim(text));
	search(self);
}

static void
ask_field(struct twin_list *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Compare by"),
		.text = _("Which field tells people apart, such as a telephone "
			  "or membership number? Nothing: addresses only."),
		.done = field_given},
	    LINE_TEXT, span_of(self->field), NULL);
}

static void
title(struct screen *screen, struct buf *out)
{
	buf_printf(
	    out, _("Duplicates in %s"), ((struct twin_list *)screen)->name);
}

static void
draw(struct screen *screen, struct area body)
{
	struct twin_list *self = (struct twin_list *)screen;

	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Looking.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct twin_list *self = (struct twin_list *)screen;
	struct buf count = BUF_INIT;

	if (!self->loaded || self->pairs.count == 0)
		return;
	format_count(&count, self->pairs.found);
	buf_printf(out,
	    _("Groups that may be one person: %s. Nothing is merged by "
	      "itself."),
	    count.ptr);
	buf_done(&count);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action some[] = {
	    ACT_TWINS_OPEN, ACT_TWINS_FIELD, ACT_BACK, ACT_NONE};
	static const enum action none[] = {ACT_TWINS_FIELD, ACT_BACK, ACT_NONE};

	return ((struct twin_list *)screen)->pairs.count ? some : none;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct twin_list *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action == ACT_TWINS_OPEN &&
	    list_cursor_index(((struct twin_list *)screen)->list) < 0)
		return _("There is nobody to merge here.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct twin_list *self = (struct twin_list *)screen;
	int64_t index = list_cursor_index(self->list);

	if (action == ACT_TWINS_OPEN) {
		self->stale = true;
		merge_screen_open(screen->app, self->pairs.pair[index].stays,
		    self->pairs.pair[index].goes);
	} else if (action == ACT_TWINS_FIELD) {
		ask_field(self);
	} else {
		return UNUSED;
	}
	return USED;
}

/* Looks again after a merge, not after every dialog. */
static void
shown(struct screen *screen)
{
	struct twin_list *self = (struct twin_list *)screen;

	if (!self->stale)
		return;
	self->stale = false;
	search(self);
}

static void
close_twins(struct screen *screen)
{
	struct twin_list *self = (struct twin_list *)screen;

	list_free(&self->list);
	pairs_done(&self->pairs);
	free(self->name);
	free(self->field);
	free(self);
}

static const struct screen_ops twins_ops = {
    .name = "twins",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_twins,
};

void
twins_open(struct app *app, struct list_id list, const char *name)
{
	struct twin_list *self = mem_new(sizeof *self);

	self->base.ops = &twins_ops;
	self->of = list;
	self->name = mem_text(span_of(name));
	self->field = mem_text(SPAN(""));
	self->stale = true;
	self->source.count = row_count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("Nobody looks like somebody else here. f compares by a field as "
	       "well."));
	app_push(app, &self->base);
}
