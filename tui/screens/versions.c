/* The versions of a campaign's text.  Over the editor a restored version goes
 * into the editor, where undo takes it back; over the campaign it becomes a new
 * revision at once, and restoring the one before undoes that.  Nothing but a
 * seal can be lost by it, so only where there is one a question is asked. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/changes.h"
#include "tui/screens/crumb.h"
#include "tui/screens/screens.h"
#include "tui/screens/seal_question.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/list.h"
#include "tui/widgets/pager.h"

enum { COLUMNS = 5 };

struct versions {
	struct screen base;
	struct campaign_id id;
	struct versions_editor editor; /* borrowed functions */
	struct campaign_version *row;
	size_t count;
	bool loaded, read_only, sealed;
	struct buf name, subject, body;   /* the text as it is now */
	struct buf old_subject, old_body; /* of the version looked at */
	int64_t old;                      /* its revision */
	int64_t undo_to;                  /* 0: nothing was restored */
	struct list_source source;
	struct list *list;
	struct buf cell[COLUMNS];
};

enum task_kind { TASK_LOAD, TASK_READ, TASK_RESTORE };

enum what { WHAT_COMPARE, WHAT_VIEW, WHAT_RESTORE };

struct task {
	enum task_kind kind;
	enum what what;
	struct store *store;
	struct campaign_id id;
	int64_t revision;
	struct campaign_version *row;
	size_t count;
	struct campaign campaign;
	struct buf subject, body;
};

static const struct list_column columns[COLUMNS] = {
    {N_("Version"), 8, 0, 0, FIT_RIGHT},
    {N_("Saved"), 16, 0, 0, FIT_END},
    {N_("By"), 0, 12, 0, FIT_END},
    {N_("Characters"), 10, 0, 0, FIT_RIGHT},
    {N_("Change"), 8, 0, 1, FIT_RIGHT},
};

/* ---- Jobs ----------------------------------------------------------------- */

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (task->kind == TASK_RESTORE)
		return campaign_restore(task->store, task->id, task->revision,
		    &task->campaign, err);
	if (store_view_open(task->store, &db, err) < 0)
		return -1;
	if (task->kind == TASK_READ)
		rc = campaign_version_read(db, task->id, task->revision,
		    &task->subject, &task->body, err);
	else if (campaign_read(db, task->id, &task->campaign, err) == 0)
		rc = campaign_versions(
		    db, task->id, &task->row, &task->count, err);
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	struct task *task = data;

	campaign_done(&task->campaign);
	buf_wipe(&task->subject);
	buf_wipe(&task->body);
	free(task->row);
	free(task);
}

static void
start(struct versions *self, enum task_kind kind, int64_t revision,
    enum what what)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct app *app = self->base.app;
	struct task *task;
	struct err err = {.code = E_NONE};

	if (app_has_job(app, &self->base))
		return;
	task = mem_new(sizeof *task);
	task->kind = kind;
	task->what = what;
	task->store = app_store(app);
	task->id = self->id;
	task->revision = revision;
	task->campaign = CAMPAIGN_INIT;
	if (app_job(app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(app, &err);
}

/* ---- The list ------------------------------------------------------------- */

static struct versions *
of_source(struct list_source *source)
{
	return (struct versions *)((char *)source -
				   offsetof(struct versions, source));
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct versions *self = of_source(source);
	const struct campaign_version *version = &self->row[index];
	int64_t grown = version->characters;

	if ((size_t)index + 1 < self->count)
		grown -= self->row[index + 1].characters;
	for (int i = 0; i < COLUMNS; i++)
		buf_clear(&self->cell[i]);
	buf_int(&self->cell[0], version->revision);
	format_minute(&self->cell[1], version->at_ms);
	buf_text(&self->cell[2], version->by);
	format_count(&self->cell[3], version->characters);
	buf_printf(&self->cell[4], "%+lld", (long long)grown);
	out->key = version->revision;
	for (int i = 0; i < COLUMNS; i++)
		out->cell[i] = buf_span(&self->cell[i]);
	return true;
}

/* ---- What is done with a version ------------------------------------------ */

static void
seal_answered(struct screen *owner, int answer, struct span text)
{
	struct versions *self = (struct versions *)owner;

	(void)text;
	if (answer)
		start(self, TASK_RESTORE, self->old, WHAT_RESTORE);
}

static void
restore_read(struct versions *self)
{
	struct screen *owner = self->editor.owner;

	if (owner) {
		struct buf body = self->old_body;

		/* this screen ends with the call */
		self->old_body = BUF_INIT;
		app_pop(self->base.app, &self->base);
		self->editor.restore(owner, buf_span(&body));
		buf_wipe(&body);
	} else if (self->sealed) {
		seal_question_ask(&self->base, seal_answered);
	} else {
		start(self, TASK_RESTORE, self->old, WHAT_RESTORE);
	}
}

static void
restore_compared(struct screen *owner)
{
	restore_read((struct versions *)owner);
}

static void
compare(struct versions *self)
{
	struct buf title = BUF_INIT;

	buf_printf(&title, _("Version %lld"), (long long)self->old);
	changes_open(&self->base,
	    &(struct changes){
		.kind = self->read_only ? CHANGES_LOOK : CHANGES_VERSION,
		.title = title.ptr,
		.from_subject = buf_span(&self->old_subject),
		.from_body = buf_span(&self->old_body),
		.to_subject = buf_span(&self->subject),
		.to_body = buf_span(&self->body),
		.act = self->read_only ? NULL : restore_compared});
	buf_done(&title);
}

/* The version alone: compared with nothing. */
static void
view(struct versions *self)
{
	struct buf title = BUF_INIT;

	buf_printf(&title, _("Version %lld, whole"), (long long)self->old);
	version_open(&self->base, title.ptr, buf_span(&self->old_subject),
	    buf_span(&self->old_body));
	buf_done(&title);
}

static void
loaded(struct versions *self, struct task *task)
{
	enum campaign_state state = task->campaign.state;

	free(self->row);
	self->row = task->row;
	self->count = task->count;
	task->row = NULL;
	self->loaded = true;
	self->read_only = !campaign_is_editable(state);
	self->sealed = state == CAMPAIGN_SEALED;
	buf_clear(&self->name);
	buf_add(&self->name, buf_span(&task->campaign.name));
	if (!self->editor.owner) {
		buf_clear(&self->subject);
		buf_clear(&self->body);
		buf_add(&self->subject, buf_span(&task->campaign.subject));
		buf_add(&self->body, buf_span(&task->campaign.body));
	}
	list_refresh(self->list);
}

static void
was_read(struct versions *self, struct task *task)
{
	buf_clear(&self->old_subject);
	buf_clear(&self->old_body);
	buf_add(&self->old_subject, buf_span(&task->subject));
	buf_add(&self->old_body, buf_span(&task->body));
	self->old = task->revision;
	if (task->what == WHAT_COMPARE)
		compare(self);
	else if (task->what == WHAT_VIEW)
		view(self);
	else
		restore_read(self);
}

static void
restored(struct versions *self, struct task *task)
{
	/* what was the newest is what undo goes back to */
	self->undo_to = self->count > 0 ? self->row[0].revision : 0;
	app_sayf(self->base.app, SAY_OK,
	    _("Version %lld is the text now, as version %lld; u undoes it."),
	    (long long)task->revision, (long long)task->campaign.revision);
	start(self, TASK_LOAD, 0, WHAT_VIEW);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct versions *self = (struct versions *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (task->kind == TASK_LOAD)
		loaded(self, task);
	else if (task->kind == TASK_READ)
		was_read(self, task);
	else
		restored(self, task);
}

/* ---- Screen --------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct versions *self = (struct versions *)screen;

	crumb_add(screen, buf_span(&self->name), _("Versions"), out);
}

static void
draw(struct screen *screen, struct area body)
{
	struct versions *self = (struct versions *)screen;

	if (self->loaded)
		list_draw(self->list, area_rows(body, 0, -1), FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct versions *self = (struct versions *)screen;

	if (self->read_only)
		buf_text(out, _("It was launched and can only be read."));
	else if (self->loaded && self->editor.owner)
		buf_text(out, _("A restored version goes into the editor; ^_ "
				"there takes it back."));
	else if (self->loaded)
		buf_text(out, _("All versions are kept as long as the "
				"campaign."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_VERSION_COMPARE,
	    ACT_VERSION_VIEW, ACT_VERSION_RESTORE, ACT_VERSION_UNDO, ACT_BACK,
	    ACT_NONE};
	static const enum action over_editor[] = {ACT_VERSION_COMPARE,
	    ACT_VERSION_VIEW, ACT_VERSION_RESTORE, ACT_BACK, ACT_NONE};

	return ((struct versions *)screen)->editor.owner ? over_editor
							 : actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct versions *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct versions *self = (struct versions *)screen;
	int64_t revision;

	if ((action == ACT_VERSION_COMPARE || action == ACT_VERSION_VIEW ||
		action == ACT_VERSION_RESTORE) &&
	    !list_cursor(self->list, &revision))
		return _("There is no version yet: the text was never saved.");
	if (action == ACT_VERSION_RESTORE && self->read_only)
		return _("It was launched and can only be read.");
	if (action == ACT_VERSION_UNDO && !self->undo_to)
		return _("Nothing was restored here.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct versions *self = (struct versions *)screen;
	int64_t revision = 0;

	list_cursor(self->list, &revision);
	switch ((int)action) {
	case ACT_VERSION_COMPARE:
		start(self, TASK_READ, revision, WHAT_COMPARE);
		return USED;
	case ACT_VERSION_VIEW:
		start(self, TASK_READ, revision, WHAT_VIEW);
		return USED;
	case ACT_VERSION_RESTORE:
		start(self, TASK_READ, revision, WHAT_RESTORE);
		return USED;
	case ACT_VERSION_UNDO:
		start(self, TASK_READ, self->undo_to, WHAT_RESTORE);
		return USED;
	default:
		return UNUSED;
	}
}

static void
shown(struct screen *screen)
{
	struct versions *self = (struct versions *)screen;

	if (!self->loaded)
		start(self, TASK_LOAD, 0, WHAT_VIEW);
}

static void
close_versions(struct screen *screen)
{
	struct versions *self = (struct versions *)screen;

	list_free(&self->list);
	free(self->row);
	buf_done(&self->name);
	buf_wipe(&self->subject);
	buf_wipe(&self->body);
	buf_wipe(&self->old_subject);
	buf_wipe(&self->old_body);
	for (int i = 0; i < COLUMNS; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops versions_ops = {
    .name = "versions",
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
    .close = close_versions,
};

void
versions_open(struct app *app, struct campaign_id campaign,
    const struct versions_editor *editor)
{
	struct versions *self = mem_new(sizeof *self);

	self->base.ops = &versions_ops;
	self->id = campaign;
	if (editor) {
		self->editor = *editor;
		buf_add(&self->subject, editor->subject);
		buf_add(&self->body, editor->body);
	}
	self->source.count = row_count;
	self->source.row = row;
	self->list = list_new(&self->source, columns, COLUMNS);
	list_set_empty(self->list,
	    N_("No version yet: each time the text is saved, one is kept."));
	app_push(app, &self->base);
}
