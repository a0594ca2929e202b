/* Blocks of text that are used again: the list of them, for keeping them in
 * order, or over an editor for taking one in. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/listing.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

struct snippets {
	struct listing base;
	struct screen *owner; /* below us; NULL: nobody chooses */
	void (*chosen)(struct screen *owner, struct span body);
};

static const struct list_column columns[] = {
    {N_("Name"), 22, 0, 0, FIT_END},
    {N_("Begins with"), 0, 20, 0, FIT_END},
    {N_("Changed"), 10, 0, 1, FIT_END},
    {N_("By"), 8, 0, 2, FIT_END},
};

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct snippet *snippet = record;
	struct span body = span_trim(buf_span(&snippet->body));

	format_date(&self->cell[2], snippet->changed_ms);
	out->key = snippet->id;
	out->cell[0] = buf_span(&snippet->name);
	out->cell[1] = span_cut(&body, '\n');
	out->cell_role[1] = ROLE_DIM;
	out->cell[2] = buf_span(&self->cell[2]);
	out->cell[3] = buf_span(&snippet->changed_by);
}

static void
free_all(void *records, size_t count)
{
	struct snippet *all = records;

	snippets_free(&all, count);
}

static const enum action some[] = {ACT_SNIPPET_EDIT, ACT_SNIPPET_NEW,
    ACT_SNIPPET_RENAME, ACT_SNIPPET_DELETE, ACT_BACK, ACT_NONE};
static const enum action none[] = {ACT_SNIPPET_NEW, ACT_BACK, ACT_NONE};

static const struct listing_kind snippets_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("No snippets yet: greetings, directions, tables of prices. "
		"n writes one."),
    .reading = N_("Reading.."),
    .size = sizeof(struct snippet),
    .row = row,
    .free = free_all,
    .some = some,
    .none = none,
};

/* ---- Jobs ----------------------------------------------------------------- */

enum task_kind { LOAD, RENAME, DELETE };

struct task {
	struct listing_task base;
	enum task_kind kind;
	struct snippet snippet;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct store *store = task->base.store;
	struct snippet *all = NULL;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if ((task->kind == RENAME &&
		snippet_save(store, &task->snippet, err) < 0) ||
	    (task->kind == DELETE &&
		snippet_delete(store, task->snippet.id, err) < 0))
		return -1;
	if (store_view_open(store, &db, err) == 0)
		rc = snippet_all(db, &all, &task->base.count, err);
	task->base.record = all;
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	struct task *task = data;

	snippet_done(&task->snippet);
	listing_task_done(&task->base, &snippets_kind);
	free(task);
}

static const struct snippet *
selected(const struct snippets *self)
{
	return listing_selected(&self->base);
}

static void
start(struct snippets *self, enum task_kind kind, struct span name)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	const struct snippet *snippet = selected(self);
	struct task *task = mem_new(sizeof *task);

	task->kind = kind;
	if (snippet && kind != LOAD) {
		task->snippet.id = snippet->id;
		buf_add(&task->snippet.name, name);
		buf_add(&task->snippet.body, buf_span(&snippet->body));
	}
	listing_start(&self->base, &ops, task);
}

static void
shown(struct screen *screen)
{
	start((struct snippets *)screen, LOAD, SPAN(""));
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	(void)job;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		listing_take(
		    (struct listing *)screen, &((struct task *)data)->base);
}

/* ---- Questions ------------------------------------------------------------ */

static void
check_name(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("It needs a name."));
}

static void
new_named(struct screen *owner, int answer, struct span text)
{
	struct snippet fresh = {.id = 0};

	if (!answer)
		return;
	buf_add(&fresh.name, text);
	snippet_open(owner->app, &fresh);
	snippet_done(&fresh);
}

static void
renamed(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct snippets *)owner, RENAME, text);
}

static void
ask_name(struct snippets *self, const char *title, struct span old,
    void (*done)(struct screen *owner, int answer, struct span text))
{
	dialog_ask(&self->base.base,
	    &(struct dialog){.title = title,
		.text = _("How is the snippet called?"),
		.done = done},
	    LINE_TEXT, old, check_name);
}

static void
delete_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		start((struct snippets *)owner, DELETE, SPAN(""));
}

static void
ask_delete(struct snippets *self)
{
	struct buf text = BUF_INIT;

	buf_printf(&text,
	    _("The snippet %.*s is deleted. Texts that took it in keep it."),
	    SPAN_ARG(buf_span(&selected(self)->name)));
	dialog_confirm(&self->base.base,
	    &(struct dialog){.title = _("Delete"),
		.text = text.ptr,
		.done = delete_answered},
	    _("Delete it"));
	buf_done(&text);
}

/* ---- The screens ---------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Snippets"));
}

static const enum action *
choice_footer(struct screen *screen)
{
	static const enum action all[] = {ACT_SNIPPET_USE, ACT_BACK, ACT_NONE};

	(void)screen;
	return all;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	bool wants_one =
	    action == ACT_SNIPPET_USE || action == ACT_SNIPPET_EDIT ||
	    action == ACT_SNIPPET_RENAME || action == ACT_SNIPPET_DELETE;

	if (wants_one && !selected((struct snippets *)screen))
		return _("There is no snippet yet; n in the list of snippets "
			 "(b at the campaigns) makes one.");
	return NULL;
}

static void
use(struct snippets *self)
{
	struct buf body = BUF_INIT;

	buf_add(&body, buf_span(&selected(self)->body));
	app_pop(self->base.base.app, &self->base.base);
	self->chosen(self->owner, buf_span(&body));
	buf_done(&body);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct snippets *self = (struct snippets *)screen;

	switch (action) {
	case ACT_SNIPPET_USE:
		use(self);
		return USED;
	case ACT_SNIPPET_EDIT:
		snippet_open(screen->app, selected(self));
		return USED;
	case ACT_SNIPPET_NEW:
		ask_name(self, _("New snippet"), SPAN(""), new_named);
		return USED;
	case ACT_SNIPPET_RENAME:
		ask_name(self, _("Rename the snippet"),
		    buf_span(&selected(self)->name), renamed);
		return USED;
	case ACT_SNIPPET_DELETE:
		ask_delete(self);
		return USED;
	default:
		return UNUSED;
	}
}

static void
close_snippets(struct screen *screen)
{
	struct snippets *self = (struct snippets *)screen;

	listing_done(&self->base);
	free(self);
}

static const struct screen_ops snippets_ops = {
    .name = "snippets",
    .section = 3,
    .title = title,
    .draw = listing_draw,
    .footer = listing_footer,
    .key = listing_key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_snippets,
};

static const struct screen_ops choice_ops = {
    .name = "snippet-choice",
    .section = 3,
    .title = title,
    .draw = listing_draw,
    .footer = choice_footer,
    .key = listing_key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_snippets,
};

static struct snippets *
snippets_new(const struct screen_ops *ops)
{
	struct snippets *self = mem_new(sizeof *self);

	listing_init(&self->base, ops, &snippets_kind);
	return self;
}

void
snippets_open(struct app *app)
{
	app_push(app, &snippets_new(&snippets_ops)->base.base);
}

void
snippets_choose(struct screen *owner,
    void (*chosen)(struct screen *owner, struct span body))
{
	struct snippets *self = snippets_new(&choice_ops);

	self->owner = owner;
	self->chosen = chosen;
	app_push(owner->app, &self->base.base);
}
