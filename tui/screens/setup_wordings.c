/* Wordings: what people were shown when they agreed.  A text is put in once and
 * never changed; which list agreed to it can be said here for those who were
 * imported without. */
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "tui/screens/import_path.h"
#include "tui/screens/listing.h"
#include "tui/screens/setup.h"
#include "tui/screens/stops_work.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

struct wordings {
	struct listing base;
	struct list_info *lists;
	size_t list_count;
	struct consent_kept kept;
	struct buf name; /* of the one that is being put in */
	/* for which list a wording is being said */
	int64_t chosen;
	struct list_id scope;
	enum consent_how how;
};

static const struct list_column columns[] = {
    {N_("Name"), 0, 20, 0, FIT_END},
    {N_("Version"), 8, 0, 0, FIT_RIGHT},
    {N_("Put in"), 10, 0, 0, FIT_END},
    {N_("By"), 12, 0, 1, FIT_END},
    {N_("Contacts"), 10, 0, 0, FIT_RIGHT},
};

static const char *const ways[CONSENT_HOW_COUNT] = {
    [CONSENT_HOW_UNSAID] = N_("not said"),
    [CONSENT_HOW_WEB] = N_("a form on a page"),
    [CONSENT_HOW_PAPER] = N_("a form on paper"),
    [CONSENT_HOW_MAIL] = N_("by e-mail or letter"),
    [CONSENT_HOW_ORAL] = N_("said, at a counter or by telephone"),
};

const char *
consent_how_text(enum consent_how how)
{
	return how < CONSENT_HOW_COUNT ? _(ways[how]) : "";
}

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct wording *one = record;

	buf_int(&self->cell[1], one->version);
	format_date(&self->cell[2], one->at_ms);
	format_count(&self->cell[4], one->members);
	out->key = one->id;
	out->cell[0] = span_of(one->name);
	out->cell[1] = buf_span(&self->cell[1]);
	out->cell[2] = buf_span(&self->cell[2]);
	out->cell[3] = span_of(one->by);
	out->cell[4] = buf_span(&self->cell[4]);
}

static const enum action actions[] = {
    ACT_OPEN, ACT_SETUP_NEW, ACT_WORDING_USE, ACT_BACK, ACT_NONE};

static const struct listing_kind wordings_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("No wording yet. n keeps what people were shown when they "
		"agreed; advertisements need it."),
    .reading = N_("Reading.."),
    .size = sizeof(struct wording),
    .row = row,
    .some = actions,
};

/* ---- Jobs ------------------------------------------------------------------- */

enum task_kind { READ, ADD, USE, SHOW };

struct task {
	struct listing_task base;
	enum task_kind kind;
	bool is_path; /* ADD: text names a file */
	int64_t now_ms;
	struct buf name, text; /* USE: text is the reason */
	int64_t id, changed;
	struct list_id list;
	enum consent_how how;
	struct wording one; /* SHOW */
	struct list_info *lists;
	size_t list_count;
	struct consent_kept kept;
};

static int
add(struct task *task, struct err *err)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc = 0;

	if (task->is_path) {
		path_expand(buf_span(&task->text), &path);
		rc = file_read(path.ptr, WORDING_TEXT_MAX, &text, err);
	} else {
		buf_add(&text, buf_span(&task->text));
	}
	if (rc == 0)
		rc = wording_add(task->base.store, buf_span(&task->name),
		    buf_span(&text), &task->id, err);
	buf_done(&path);
	buf_done(&text);
	return rc;
}

static int
read_all(struct task *task, struct db *db, struct err *err)
{
	struct wording *all = NULL;
	int rc = -1;

	if (wording_all(db, &all, &task->base.count, err) == 0 &&
	    list_all(db, &task->lists, &task->list_count, err) == 0)
		rc = consent_kept(db, task->now_ms, &task->kept, err);
	task->base.record = all;
	return rc;
}

static int
read_some(struct task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->base.store, &db, err) < 0)
		return -1;
	if (task->kind == SHOW)
		rc = wording_read(db, task->id, &task->one, &task->text, err);
	else
		rc = read_all(task, db, err);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;

	(void)job;
	if (task->kind == ADD && add(task, err) < 0)
		return -1;
	if (task->kind == USE &&
	    consent_fill(task->base.store, task->list, task->how, task->id,
		buf_span(&task->text), &task->changed, err) < 0)
		return -1;
	return read_some(task, err);
}

static void
task_free(void *data)
{
	struct task *task = data;

	buf_done(&task->name);
	buf_done(&task->text);
	listing_task_done(&task->base, &wordings_kind);
	free(task->lists);
	free(task);
}

static struct task *
task_new(enum task_kind kind)
{
	struct task *task = mem_new(sizeof *task);

	task->kind = kind;
	return task;
}

static void
start(struct wordings *self, struct task *task)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};

	task->now_ms = app_now_ms(self->base.base.app);
	listing_start(&self->base, &ops, task);
}

static void
shown(struct screen *screen)
{
	start((struct wordings *)screen, task_new(READ));
}

static void
show(struct wordings *self, const struct task *task)
{
	struct buf title = BUF_INIT;

	buf_printf(&title, _("%s, version %lld"), task->one.name,
	    (long long)task->one.version);
	dialog_tell(&self->base.base,
	    &(struct dialog){.title = title.ptr, .text = task->text.ptr});
	buf_done(&title);
}

static void
take(struct wordings *self, struct task *task)
{
	free(self->lists);
	self->lists = task->lists;
	self->list_count = task->list_count;
	self->kept = task->kept;
	task->lists = NULL;
	listing_take(&self->base, &task->base);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct wordings *self = (struct wordings *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (task->kind == SHOW) {
		show(self, task);
		return;
	}
	take(self, task);
	if (task->kind == ADD) {
		list_cursor_set(self->base.list, task->id);
		app_say(screen->app, SAY_OK, _("The wording is kept."));
	} else if (task->kind == USE) {
		app_sayf(screen->app, SAY_OK,
		    P_("It is now known of %lld member.",
			"It is now known of %lld members.", task->changed),
		    (long long)task->changed);
	}
}

/* ---- Putting in ------------------------------------------------------------- */

static void
put_in(struct screen *owner, struct span text, bool is_path)
{
	struct wordings *self = (struct wordings *)owner;
	struct task *task = task_new(ADD);

	task->is_path = is_path;
	buf_add(&task->name, buf_span(&self->name));
	buf_add(&task->text, text);
	start(self, task);
}

static void
text_given(struct screen *owner, int answer, struct span text)
{
	if (answer)
		put_in(owner, text, false);
}

static void
path_given(struct screen *owner, int answer, struct span text)
{
	if (answer)
		put_in(owner, text, true);
}

static void
source_given(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		dialog_ask(owner,
		    &(struct dialog){.title = _("A wording: its text"),
			.text = _("Exactly what people were shown."),
			.done = text_given},
		    LINE_TEXT, SPAN(""), NULL);
	if (answer == 2)
		dialog_ask(owner,
		    &(struct dialog){.title = _("A wording: its file"),
			.text = _("A text file in UTF-8, up to 64 KiB, with "
				  "exactly what people were shown."),
			.done = path_given},
		    LINE_TEXT, SPAN(""), NULL);
}

static void
name_given(struct screen *owner, int answer, struct span text)
{
	struct wordings *self = (struct wordings *)owner;
	const char *const items[] = {_("Type it"), _("Read it from a file")};

	if (!answer)
		return;
	buf_clear(&self->name);
	buf_add(&self->name, text);
	dialog_pick(owner,
	    &(struct dialog){.title = _("Where is its text?"),
		.text = _("It cannot be changed afterwards; a new text "
			  "becomes the next version."),
		.done = source_given},
	    items, 2, 0);
}

static void
ask_new(struct wordings *self)
{
	const struct wording *one = listing_selected(&self->base);

	dialog_ask(&self->base.base,
	    &(struct dialog){.title = _("A wording: its name"),
		.text = _("Of the form or page; up to 64 characters. A name "
			  "that is there gets another version."),
		.done = name_given},
	    LINE_TEXT, one ? span_of(one->name) : SPAN(""), NULL);
}

/* ---- Saying it of a list ----------------------------------------------------- */

static void
reason_given(struct screen *owner, int answer, struct span text)
{
	struct wordings *self = (struct wordings *)owner;
	struct task *task;

	if (!answer)
		return;
	task = task_new(USE);
	task->id = self->chosen;
	task->list = self->scope;
	task->how = self->how;
	buf_add(&task->text, text);
	start(self, task);
}

static void
how_given(struct screen *owner, int answer, struct span text)
{
	struct wordings *self = (struct wordings *)owner;

	(void)text;
	if (!answer)
		return;
	self->how = (enum consent_how)(answer - 1);
	dialog_ask(owner,
	    &(struct dialog){.title = _("A wording for a list: why"),
		.text = _("From where do you know that they all were shown "
			  "this? The log keeps it."),
		.done = reason_given},
	    LINE_TEXT, SPAN(""), stops_check_reason);
}

static void
list_given(struct screen *owner, int answer, struct span text)
{
	struct wordings *self = (struct wordings *)owner;
	const char *items[CONSENT_HOW_COUNT];

	(void)text;
	if (answer < 1 || (size_t)answer > self->list_count)
		return;
	self->scope = self->lists[answer - 1].id;
	for (int i = 0; i < CONSENT_HOW_COUNT; i++)
		items[i] = _(ways[i]);
	dialog_pick(owner,
	    &(struct dialog){.title = _("A wording for a list: how"),
		.text = _("How they agreed; what is known of somebody stays."),
		.done = how_given},
	    items, CONSENT_HOW_COUNT, CONSENT_HOW_WEB);
}

static void
ask_use(struct wordings *self)
{
	const char **items = mem_array(self->list_count + 1, sizeof *items);

	if (!list_cursor(self->base.list, &self->chosen)) {
		free(items);
		return;
	}
	for (size_t i = 0; i < self->list_count; i++)
		items[i] = self->lists[i].name;
	dialog_pick(&self->base.base,
	    &(struct dialog){.title = _("A wording for a list"),
		.text = _("It is entered for all members who agreed and of "
			  "whom neither wording nor paper is known."),
		.done = list_given},
	    items, self->list_count, 0);
	free(items);
}

/* ---- The screen --------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Wordings"));
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct wordings *self = (struct wordings *)screen;
	struct buf number = BUF_INIT;

	if (!self->kept.count)
		return;
	format_count(&number, self->kept.count);
	buf_printf(out,
	    P_("Evidence of people who left: %s entry",
		"Evidence of people who left: %s entries", self->kept.count),
	    number.ptr);
	if (self->kept.next_ms) {
		buf_text(out, _(", the next is due "));
		format_date(out, self->kept.next_ms);
	}
	buf_done(&number);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct wordings *self = (struct wordings *)screen;
	struct task *task;

	if (action == ACT_SETUP_NEW) {
		ask_new(self);
	} else if (action == ACT_WORDING_USE) {
		ask_use(self);
	} else if (action == ACT_OPEN) {
		task = task_new(SHOW);
		if (list_cursor(self->base.list, &task->id))
			start(self, task);
		else
			task_free(task);
	} else {
		return UNUSED;
	}
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct wordings *self = (struct wordings *)screen;

	if ((action == ACT_OPEN || action == ACT_WORDING_USE) &&
	    !self->base.count)
		return _("There is no wording yet; n puts one in.");
	if (action == ACT_WORDING_USE && !self->list_count)
		return _("There is no list yet.");
	if ((action == ACT_SETUP_NEW || action == ACT_WORDING_USE) &&
	    app_has_job(screen->app, screen))
		return _("One moment: this is being read or written.");
	return NULL;
}

static void
close_wordings(struct screen *screen)
{
	struct wordings *self = (struct wordings *)screen;

	listing_done(&self->base);
	free(self->lists);
	buf_done(&self->name);
	free(self);
}

static const struct screen_ops wordings_ops = {
    .name = "setup-wordings",
    .section = 8,
    .title = title,
    .draw = listing_draw,
    .hint = hint,
    .key = listing_key,
    .act = act,
    .why_not = why_not,
    .footer = listing_footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_wordings,
};

void
setup_wordings_open(struct app *app)
{
	struct wordings *self = mem_new(sizeof *self);

	listing_init(&self->base, &wordings_ops, &wordings_kind);
	app_push(app, &self->base.base);
}
