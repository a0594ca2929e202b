/* All lists with their counts.  Counting reads every member, so it is a job;
 * the old numbers stay until the new ones are there. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/screens/trash_text.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { COLOR, CONTACTS, SENDABLE, CONSENT, BOUNCED, CHANGED, CELLS };

struct lists {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct list_info *info; /* owned */
	int64_t *bounced;       /* owned; of each */
	size_t count;
	struct list_totals totals;
	bool loaded;
	bool counted;          /* info has its numbers */
	struct job *undoing;   /* NULL: none */
	struct list_id chosen; /* what a question is about */
	struct list_id into;   /* the other one, of a question */
	struct list_id made;   /* gets the cursor */
	struct buf cell[CELLS];
	unsigned long started, taken; /* numbers of tasks */
};

static const struct list_column columns[] = {
    {N_("Name"), 0, 16, 0, FIT_END},
    {N_("Of whom"), 10, 0, 0, FIT_END},
    {N_("Contacts"), 10, 0, 0, FIT_RIGHT},
    {N_("Sendable"), 10, 0, 1, FIT_RIGHT},
    {N_("Consent"), 8, 0, 2, FIT_RIGHT},
    {N_("Bounced"), 8, 0, 4, FIT_RIGHT},
    {N_("Changed"), 10, 0, 3, FIT_END},
};

static struct lists *
of_source(struct list_source *source)
{
	return (
	    struct lists *)((char *)source - offsetof(struct lists, source));
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct lists *self = of_source(source);
	const struct list_info *info = &self->info[index];

	for (size_t i = 0; i < CELLS; i++)
		buf_clear(&self->cell[i]);
	buf_text(&self->cell[COLOR], circle_text(info->color));
	if (self->counted) {
		format_count(&self->cell[CONTACTS], info->contacts);
		format_count(&self->cell[SENDABLE], info->sendable);
		format_percent(
		    &self->cell[CONSENT], info->with_basis, info->contacts);
		format_percent(
		    &self->cell[BOUNCED], self->bounced[index], info->contacts);
	} else {
		buf_text(&self->cell[CONTACTS], "..");
	}
	format_date(&self->cell[CHANGED], info->changed_ms);
	out->key = info->id.v;
	out->cell[0] = span_of(info->name);
	for (size_t i = 0; i < CELLS; i++)
		out->cell[i + 1] = buf_span(&self->cell[i]);
	out->cell_role[1 + COLOR] = circle_role(info->color);
	if (self->counted && info->with_basis < info->contacts)
		out->cell_role[1 + CONSENT] = ROLE_WARN;
	return true;
}

static const struct list_info *
selected(const struct lists *self)
{
	int64_t index = list_cursor_index(self->list);

	return index >= 0 && index < (int64_t)self->count ? &self->info[index]
							  : NULL;
}

/* ---- Jobs ----------------------------------------------------------------- */

enum task_kind { LOAD, CREATE, RENAME, PAINT, DELETE, COPY, UNITE };

struct task {
	unsigned long number; /* in the order of their starts */
	enum task_kind kind;
	struct store *store;
	struct list_id id;
	char *name; /* owned */
	enum circle color;
	struct trash_id trash;  /* of DELETE */
	struct list_id into;    /* of UNITE */
	struct list_info *head; /* LOAD: before anything is counted */
	size_t heads;
	struct list_info *info;
	int64_t *bounced;
	size_t count;
	struct list_totals totals;
};

/* The names can be shown at once; counting takes as long as the lists are. */
static int
load(struct job *job, struct task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->store, &db, err) < 0)
		return -1;
	if (list_heads(db, &task->head, &task->heads, err) < 0)
		goto out;
	job_wake(job);
	if (list_all(db, &task->info, &task->count, err) < 0)
		goto out;
	task->bounced = mem_array(task->count + 1, sizeof *task->bounced);
	for (size_t i = 0; i < task->count; i++) {
		if (list_bounced(task->store, db, task->info[i].id,
			&task->bounced[i], err) < 0)
			goto out;
	}
	rc = list_totals(db, &task->totals, err);
out:
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct span name = span_of(task->name);

	switch (task->kind) {
	case CREATE:
		return list_create(task->store, name, &task->id, err);
	case RENAME:
		return list_rename(task->store, task->id, name, err);
	case PAINT:
		return list_color_set(task->store, task->id, task->color, err);
	case DELETE:
		return list_delete(task->store, task->id, &task->trash, err);
	case COPY:
		return list_copy(task->store, task->id, name, &task->id, err);
	case UNITE:
		return list_unite(
		    task->store, task->id, task->into, &task->trash, err);
	case LOAD:
		break;
	}
	return load(job, task, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	free(task->name);
	free(task->head);
	free(task->info);
	free(task->bounced);
	free(task);
}

static void
start_with(struct lists *self, enum task_kind kind, struct span name,
    enum circle color)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->kind = kind;
	task->number = ++self->started;
	task->store = app_store(self->base.app);
	task->id = self->chosen;
	task->into = self->into;
	task->name = mem_text(name);
	task->color = color;
	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
start(struct lists *self, enum task_kind kind, struct span name)
{
	start_with(self, kind, name, CIRCLE_UNSAID);
}

static void
shown(struct screen *screen)
{
	start((struct lists *)screen, LOAD, SPAN(""));
}

/* An answer from before a list was made does not have it yet. */
static void
place_cursor(struct lists *self)
{
	list_refresh(self->list);
	for (size_t i = 0; i < self->count; i++) {
		if (self->made.v && self->info[i].id.v == self->made.v) {
			list_cursor_set(self->list, self->made.v);
			self->made.v = 0;
		}
	}
}

static void
take(struct lists *self, struct task *task)
{
	/* A reading that began earlier may end later. */
	if (task->number < self->taken)
		return;
	self->taken = task->number;
	free(self->info);
	free(self->bounced);
	self->info = task->info;
	self->bounced = task->bounced;
	self->count = task->count;
	self->totals = task->totals;
	task->info = NULL;
	task->bounced = NULL;
	self->loaded = self->counted = true;
	place_cursor(self);
}

/* Names without numbers, the first time only: old numbers stay otherwise. */
static void
job_news(struct screen *screen, struct job *job, void *data)
{
	struct lists *self = (struct lists *)screen;
	struct task *task = data;

	(void)job;
	if (self->loaded)
		return;
	self->info = task->head;
	self->count = task->heads;
	task->head = NULL;
	self->loaded = true;
	place_cursor(self);
}

static void
say_done(struct app *app, const struct task *task)
{
	if (task->kind == CREATE)
		app_sayf(app, SAY_OK, _("The list %s is there."), task->name);
	else if (task->kind == PAINT)
		app_sayf(app, SAY_OK, _("The list \"%s\" is now of: %s."),
		    task->name, circle_text(task->color));
	else if (task->kind == RENAME)
		app_sayf(
		    app, SAY_OK, _("The list is now called %s."), task->name);
	else if (task->kind == COPY)
		app_sayf(app, SAY_OK, _("The list %s is there."), task->name);
	else if (task->kind == UNITE)
		app_say(app, SAY_OK,
		    _("The lists are one; the other is in the trash."));
	else
		app_sayf(app, SAY_OK,
		    _("The list \"%s\" is in the trash; u brings it back."),
		    task->name);
}

static void
undone(struct lists *self, const struct trash_job *work, int rc,
    const struct err *err)
{
	if (rc < 0)
		app_say_err(self->base.app, err);
	else
		trash_say_back(self->base.app, &work->back);
	if (rc == 0 && work->back.list.v)
		self->made = work->back.list;
	start(self, LOAD, SPAN(""));
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct lists *self = (struct lists *)screen;
	struct task *task = data;

	if (job == self->undoing) {
		self->undoing = NULL;
		undone(self, data, rc, err);
		return;
	}
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (task->kind == LOAD) {
		take(self, task);
		return;
	}
	say_done(screen->app, task);
	self->made = task->kind == CREATE || task->kind == COPY
			 ? task->id
			 : (struct list_id){0};
	start(self, LOAD, SPAN(""));
}

/* ---- Questions ------------------------------------------------------------ */

static void
create_answered(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct lists *)owner, CREATE, text);
}

static void
ask_new(struct lists *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("New list"),
		.text = _("How is it called? Up to 64 characters."),
		.done = create_answered},
	    LINE_TEXT, SPAN(""), NULL);
}

static void
rename_answered(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct lists *)owner, RENAME, text);
}

static void
ask_rename(struct lists *self, const struct list_info *info)
{
	self->chosen = info->id;
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Rename the list"),
		.text = _("Up to 64 characters."),
		.done = rename_answered},
	    LINE_TEXT, span_of(info->name), NULL);
}

static void
color_answered(struct screen *owner, int answer, struct span text)
{
	struct lists *self = (struct lists *)owner;
	const struct list_info *info = selected(self);

	(void)text;
	if (answer && info && info->id.v == self->chosen.v)
		start_with(self, PAINT, span_of(info->name),
		    (enum circle)(answer - 1));
}

static void
ask_color(struct lists *self, const struct list_info *info)
{
	const char *const items[CIRCLE_COUNT] = {
	    [CIRCLE_UNSAID] = _("not said"),
	    [CIRCLE_STAFF] = _("staff: people of your own house"),
	    [CIRCLE_PARTNERS] =
		_("partners: other organisations you work with"),
	    [CIRCLE_CUSTOMERS] = _("customers: everybody else"),
	};

	self->chosen = info->id;
	dialog_pick(&self->base,
	    &(struct dialog){.title = _("Of whom is the list?"),
		.text = _("A campaign says whom it is meant for; the "
			  "checklist stops it when the list is of others."),
		.done = color_answered},
	    items, CIRCLE_COUNT, (size_t)info->color);
}

static void
delete_answered(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct lists *)owner, DELETE, text);
}

static void
ask_delete(struct lists *self, const struct list_info *info)
{
	struct buf text = BUF_INIT, count = BUF_INIT;

	format_count(&count, info->contacts);
	buf_printf(&text,
	    P_("%s contact leaves the list \"%s\", and the record of its "
	       "consent with it. Campaigns to it have no recipients until it "
	       "is restored from the trash (T). The stop list stays.",
		"%s contacts leave the list \"%s\", and the records of their "
		"consent with them. Campaigns to it have no recipients until "
		"it is restored from the trash (T). The stop list stays.",
		info->contacts),
	    count.ptr, info->name);
	self->chosen = info->id;
	dialog_type(&self->base,
	    &(struct dialog){.title = _("Delete the list"),
		.text = text.ptr,
		.done = delete_answered},
	    info->name);
	buf_done(&text);
	buf_done(&count);
}

static void
copy_answered(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct lists *)owner, COPY, text);
}

static void
ask_copy(struct lists *self, const struct list_info *info)
{
	self->chosen = info->id;
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Copy the list"),
		.text = _("How is the copy called? It has the same members "
			  "with their evidence."),
		.done = copy_answered},
	    LINE_TEXT, span_of(info->name), NULL);
}

static void
unite_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		start((struct lists *)owner, UNITE, SPAN(""));
}

static void
unite_chosen(struct screen *owner, int answer, struct span text)
{
	struct lists *self = (struct lists *)owner;
	const struct list_info *from = selected(self), *into = NULL;
	struct buf line = BUF_INIT;
	int n = 0;

	(void)text;
	for (size_t i = 0; i < self->count && answer; i++) {
		if (self->info[i].id.v != self->chosen.v && ++n == answer)
			into = &self->info[i];
	}
	if (!into || !from || from->id.v != self->chosen.v)
		return;
	self->into = into->id;
	buf_printf(&line,
	    _("Everybody on \"%s\" joins \"%s\", with the better evidence of "
	      "the two. \"%s\" goes to the trash; restoring it takes nobody "
	      "off the other list again."),
	    from->name, into->name, from->name);
	dialog_type(&self->base,
	    &(struct dialog){.title = _("Merge the lists"),
		.text = line.ptr,
		.done = unite_answered},
	    from->name);
	buf_done(&line);
}

static void
ask_unite(struct lists *self, const struct list_info *info)
{
	const char **items = mem_array(self->count + 1, sizeof *items);
	size_t count = 0;

	self->chosen = info->id;
	for (size_t i = 0; i < self->count; i++) {
		if (self->info[i].id.v != info->id.v)
			items[count++] = self->info[i].name;
	}
	dialog_pick(&self->base,
	    &(struct dialog){.title = _("Merge the lists"),
		.text = _("Onto which list do its members go?"),
		.done = unite_chosen},
	    items, count, 0);
	free(items);
}

/* ---- The screen ----------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Lists"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct lists *self = (struct lists *)screen;

	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Counting.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct lists *self = (struct lists *)screen;
	struct buf all = BUF_INIT, different = BUF_INIT;

	if (self->count == 0)
		return;
	if (!self->counted) {
		buf_text(out, _("Counting.."));
		return;
	}
	format_count(&all, self->totals.members);
	format_count(&different, self->totals.different);
	buf_printf(out,
	    P_("%zu list, %s contacts (%s different addresses).",
		"%zu lists, %s contacts (%s different addresses).",
		self->count),
	    self->count, all.ptr, different.ptr);
	buf_done(&all);
	buf_done(&different);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action some[] = {ACT_OPEN, ACT_LIST_NEW, ACT_IMPORT,
	    ACT_LIST_TWINS, ACT_TRASH, ACT_MENU, ACT_NONE};
	static const enum action none[] = {
	    ACT_LIST_NEW, ACT_IMPORT, ACT_TRASH, ACT_BACK, ACT_NONE};

	return ((struct lists *)screen)->count ? some : none;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct lists *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	bool wants_one = action == ACT_OPEN || action == ACT_LIST_RENAME ||
			 action == ACT_LIST_DELETE ||
			 action == ACT_LIST_COLOR || action == ACT_LIST_COPY ||
			 action == ACT_LIST_UNITE || action == ACT_LIST_TWINS ||
			 action == ACT_LIST_CANARIES;

	if (wants_one && !selected((struct lists *)screen))
		return _("There is no list yet; n makes one.");
	if (action == ACT_LIST_UNITE && ((struct lists *)screen)->count < 2)
		return _("There is no other list.");
	if ((action == ACT_LIST_TWINS || action == ACT_TRASH) &&
	    app_is_masked(screen->app))
		return _("This needs whole addresses, and they are masked for "
			 "you.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct lists *self = (struct lists *)screen;
	const struct list_info *info = selected(self);

	if (action == ACT_OPEN)
		contacts_open(screen->app, info->id);
	else if (action == ACT_LIST_NEW)
		ask_new(self);
	else if (action == ACT_LIST_RENAME)
		ask_rename(self, info);
	else if (action == ACT_LIST_DELETE)
		ask_delete(self, info);
	else if (action == ACT_LIST_COLOR)
		ask_color(self, info);
	else if (action == ACT_LIST_COPY)
		ask_copy(self, info);
	else if (action == ACT_LIST_UNITE)
		ask_unite(self, info);
	else if (action == ACT_LIST_TWINS)
		twins_open(screen->app, info->id, info->name);
	else if (action == ACT_TRASH)
		trash_open(screen->app);
	else if (action == ACT_TRASH_UNDO)
		self->undoing =
		    trash_job_start(screen, (struct trash_id){0}, SPAN(""));
	else if (action == ACT_LIST_CANARIES)
		canaries_open(screen->app, info->id, info->name);
	else if (action == ACT_IMPORTS)
		imports_open(
		    screen->app, info ? info->id : (struct list_id){0});
	else if (action == ACT_IMPORT)
		import_screen_open(
		    screen->app, info ? info->id : (struct list_id){0});
	else
		return UNUSED;
	return USED;
}

static void
close_lists(struct screen *screen)
{
	struct lists *self = (struct lists *)screen;

	list_free(&self->list);
	free(self->info);
	free(self->bounced);
	for (size_t i = 0; i < CELLS; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops lists_ops = {
    .name = "lists",
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
    .job_news = job_news,
    .close = close_lists,
};

void
lists_open(struct app *app)
{
	struct lists *self = mem_new(sizeof *self);

	self->base.ops = &lists_ops;
	self->source.count = row_count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("No lists yet. n makes an empty one, i imports contacts from a "
	       "CSV file."));
	app_replace(app, &self->base);
}
