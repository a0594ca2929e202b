/* All campaigns, last changed first.  The numbers of recipients are counted,
 * so reading is a job. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct campaigns {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct campaign_row *row; /* owned */
	size_t count;
	bool loaded;
	struct campaign_id from; /* to be copied */
	struct campaign_id made; /* gets the cursor */
	struct buf recipients, changed;
	unsigned long started, taken; /* numbers of tasks */
};

static const struct list_column columns[] = {
    {N_("State"), 8, 0, 0, FIT_END},
    {N_("Name"), 0, 16, 0, FIT_END},
    {N_("To"), 18, 0, 2, FIT_END},
    {N_("Count"), 9, 0, 0, FIT_RIGHT},
    {N_("Changed"), 10, 0, 3, FIT_END},
    {N_("By"), 8, 0, 4, FIT_END},
};

static const struct {
	const char *word;
	enum role role;
} states[CAMPAIGN_STATES] = {
    [CAMPAIGN_DRAFT] = {N_("draft"), ROLE_TEXT},
    [CAMPAIGN_SEALED] = {N_("sealed"), ROLE_OK},
    [CAMPAIGN_RUNNING] = {N_("sending"), ROLE_INFO},
    [CAMPAIGN_DONE] = {N_("sent"), ROLE_DIM},
    [CAMPAIGN_STOPPED] = {N_("stopped"), ROLE_WARN},
};

static struct campaigns *
of_source(struct list_source *source)
{
	return (struct campaigns *)((char *)source -
				    offsetof(struct campaigns, source));
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct campaigns *self = of_source(source);
	const struct campaign_row *row = &self->row[index];

	buf_clear(&self->recipients);
	buf_clear(&self->changed);
	format_count(&self->recipients, row->recipients);
	format_date(&self->changed, row->changed_ms);
	out->key = row->id.v;
	out->cell[0] = span_of(_(states[row->state].word));
	out->cell_role[0] = states[row->state].role;
	out->cell[1] = span_of(row->name);
	out->cell[2] = span_of(row->list_name[0] ? row->list_name : "-");
	out->cell[3] = buf_span(&self->recipients);
	out->cell[4] = buf_span(&self->changed);
	out->cell[5] = span_of(row->changed_by);
	return true;
}

static const struct campaign_row *
selected(const struct campaigns *self)
{
	int64_t index = list_cursor_index(self->list);

	return index >= 0 && index < (int64_t)self->count ? &self->row[index]
							  : NULL;
}

/* ---- Jobs ----------------------------------------------------------------- */

enum task_kind { LOAD, CREATE, COPY };

struct task {
	unsigned long number; /* in the order of their starts */
	enum task_kind kind;
	struct store *store;
	struct campaign_id id;
	char *name; /* owned */
	struct campaign_row *row;
	size_t count;
};

static int
load(struct task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(task->store, &db, err) == 0)
		rc = campaign_all(db, &task->row, &task->count, err);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct span name = span_of(task->name);

	(void)job;
	if (task->kind == CREATE)
		return campaign_create(
		    task->store, name, CLASS_AD, &task->id, err);
	if (task->kind == COPY)
		return campaign_copy(
		    task->store, task->id, name, &task->id, err);
	return load(task, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	free(task->name);
	free(task->row);
	free(task);
}

static void
start(struct campaigns *self, enum task_kind kind, struct span name)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};

	task->kind = kind;
	task->number = ++self->started;
	task->store = app_store(self->base.app);
	task->id = self->from;
	task->name = mem_text(name);
	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
shown(struct screen *screen)
{
	start((struct campaigns *)screen, LOAD, SPAN(""));
}

/* On the campaign just made, once it has been read. */
static void
place_cursor(struct campaigns *self)
{
	int64_t key;

	if (!self->made.v)
		return;
	list_cursor_set(self->list, self->made.v);
	if (list_cursor(self->list, &key) && key == self->made.v)
		self->made.v = 0;
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct campaigns *self = (struct campaigns *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
	} else if (task->kind == LOAD) {
		/* A reading that began earlier may end later. */
		if (task->number < self->taken)
			return;
		self->taken = task->number;
		free(self->row);
		self->row = task->row;
		self->count = task->count;
		task->row = NULL;
		self->loaded = true;
		list_refresh(self->list);
		place_cursor(self);
	} else {
		self->made = task->id;
		campaign_open(screen->app, task->id);
	}
}

/* ---- Questions ------------------------------------------------------------ */

static void
check_name(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("It needs a name."));
}

static void
create_answered(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct campaigns *)owner, CREATE, text);
}

static void
ask_new(struct campaigns *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("New campaign"),
		.text = _("How is it called? Only you see the name."),
		.done = create_answered},
	    LINE_TEXT, SPAN(""), check_name);
}

static void
copy_answered(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct campaigns *)owner, COPY, text);
}

static void
ask_copy(struct campaigns *self, const struct campaign_row *row)
{
	struct buf name = BUF_INIT;

	self->from = row->id;
	buf_printf(&name, _("%s (copy)"), row->name);
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Copy the campaign"),
		.text = _("The copy is a draft. How is it called?"),
		.done = copy_answered},
	    LINE_TEXT, buf_span(&name), check_name);
	buf_done(&name);
}

/* ---- The screen ----------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Campaigns"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct campaigns *self = (struct campaigns *)screen;

	if (self->loaded)
		list_draw(self->list, body, FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct campaigns *self = (struct campaigns *)screen;

	if (self->count > 0)
		buf_printf(out,
		    P_("%zu campaign.", "%zu campaigns.", self->count),
		    self->count);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action some[] = {ACT_OPEN, ACT_CAMPAIGN_NEW,
	    ACT_CAMPAIGN_COPY, ACT_MENU, ACT_BACK, ACT_NONE};
	static const enum action none[] = {
	    ACT_CAMPAIGN_NEW, ACT_BACK, ACT_NONE};

	return ((struct campaigns *)screen)->count ? some : none;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct campaigns *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	bool wants_one = action == ACT_OPEN || action == ACT_CAMPAIGN_COPY;

	if (wants_one && !selected((struct campaigns *)screen))
		return _("There is no campaign yet; n makes one.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct campaigns *self = (struct campaigns *)screen;

	if (action == ACT_OPEN)
		campaign_open(screen->app, selected(self)->id);
	else if (action == ACT_CAMPAIGN_NEW)
		ask_new(self);
	else if (action == ACT_CAMPAIGN_COPY)
		ask_copy(self, selected(self));
	else
		return UNUSED;
	return USED;
}

static void
close_campaigns(struct screen *screen)
{
	struct campaigns *self = (struct campaigns *)screen;

	list_free(&self->list);
	free(self->row);
	buf_done(&self->recipients);
	buf_done(&self->changed);
	free(self);
}

static const struct screen_ops campaigns_ops = {
    .name = "campaigns",
    .section = 3,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_campaigns,
};

void
campaigns_open(struct app *app)
{
	struct campaigns *self = mem_new(sizeof *self);

	self->base.ops = &campaigns_ops;
	self->source.count = row_count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list, N_("No campaigns yet. n begins one."));
	app_replace(app, &self->base);
}
