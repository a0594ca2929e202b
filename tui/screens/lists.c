/* All lists with their counts, and behind each its segments.  Counting reads
 * every member, so it is a job; the old numbers stay until the new ones are
 * there. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/export/export.h"
#include "tui/screens/lists_work.h"
#include "tui/screens/screens.h"
#include "tui/screens/segment_ask.h"
#include "tui/screens/trash_text.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"

enum { NAME, COLOR, CONTACTS, SENDABLE, CONSENT, BOUNCED, CHANGED };

/* Beyond these in a hundred a list is marked: with fewer who agreed, with more
 * who bounced. */
enum { CONSENT_LEAST = 90, BOUNCED_MOST = 2 };

struct lists {
	struct listing base;
	struct list_totals totals;
	bool counting;          /* a segment is being counted */
	struct job *undoing;    /* NULL: none */
	struct list_id chosen;  /* what a question is about */
	struct list_id into;    /* the other one, of a question */
	struct segment segment; /* of a question, too */
	struct list_id made;    /* gets the cursor */
};

static const struct list_column columns[] = {
    {N_("Name"), 0, 16, 0, FIT_END},
    {N_("Of whom"), 10, 0, 5, FIT_END},
    {N_("Contacts"), 10, 0, 0, FIT_RIGHT},
    {N_("Sendable"), 10, 0, 1, FIT_RIGHT},
    {N_("Consent"), 8, 0, 2, FIT_RIGHT},
    {N_("Bounced"), 8, 0, 4, FIT_RIGHT},
    {N_("Changed"), 10, 0, 3, FIT_END},
};

static const struct lists_row *
rows(const struct lists *self)
{
	return self->base.record;
}

/* "81.2% !", with room for the mark where there is none. */
static void
add_percent(struct buf *out, int64_t part, int64_t whole, bool marked)
{
	format_percent(out, part, whole);
	buf_text(out, marked ? " !" : "  ");
}

static void
row_of_list(
    struct listing *self, const struct lists_row *row, struct list_row *out)
{
	const struct list_info *info = &row->info;
	int64_t all = info->contacts;
	bool few = info->with_basis * 100 < all * CONSENT_LEAST;
	bool many = row->bounced * 100 >= all * BOUNCED_MOST && all > 0;

	out->key = info->id.v;
	buf_text(&self->cell[NAME], info->name);
	buf_text(&self->cell[COLOR], circle_text(info->color));
	out->cell_role[COLOR] = circle_role(info->color);
	format_date(&self->cell[CHANGED], info->changed_ms);
	if (!row->counted) {
		buf_text(&self->cell[CONTACTS], "..");
		return;
	}
	format_count(&self->cell[CONTACTS], all);
	format_count(&self->cell[SENDABLE], info->sendable);
	add_percent(&self->cell[CONSENT], info->with_basis, all, few);
	add_percent(&self->cell[BOUNCED], row->bounced, all, many);
	if (info->with_basis < all)
		out->cell_role[CONSENT] = ROLE_WARN;
	if (many)
		out->cell_role[BOUNCED] = ROLE_WARN;
}

static void
row_of_segment(
    struct listing *self, const struct lists_row *row, struct list_row *out)
{
	const struct segment_counts *counts = &row->counts;

	out->key = -row->segment.id;
	buf_printf(&self->cell[NAME], _("  segment: %s"), row->segment.name);
	if (counts->members >= 0)
		format_count(&self->cell[CONTACTS], counts->members);
	else
		buf_text(&self->cell[CONTACTS],
		    row->why.code == E_NONE ? ".." : "!");
	if (counts->sendable >= 0)
		format_count(&self->cell[SENDABLE], counts->sendable);
	buf_text(&self->cell[CONSENT], "-  ");
	buf_text(&self->cell[BOUNCED], "-  ");
	buf_text(&self->cell[CHANGED], _("live"));
	if (row->why.code != E_NONE)
		out->cell_role[CONTACTS] = ROLE_WARN;
}

static void
row(struct listing *self, const void *record, struct list_row *out)
{
	const struct lists_row *row = record;

	if (row->segment.id)
		row_of_segment(self, row, out);
	else
		row_of_list(self, row, out);
	for (size_t i = NAME; i <= CHANGED; i++)
		out->cell[i] = buf_span(&self->cell[i]);
}

static const struct listing_kind lists_kind = {
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .empty = N_("No lists yet. n makes an empty one, i imports contacts from "
		"a CSV file."),
    .reading = N_("Counting.."),
    .size = sizeof(struct lists_row),
    .row = row,
};

static const struct lists_row *
selected(const struct lists *self)
{
	return listing_selected(&self->base);
}

static size_t
count_lists(const struct lists *self)
{
	size_t count = 0;

	for (size_t i = 0; i < self->base.count; i++)
		count += rows(self)[i].segment.id == 0;
	return count;
}

/* ---- Jobs ----------------------------------------------------------------- */

static void
start_task(struct lists *self, struct lists_task *task)
{
	listing_start(&self->base, &lists_job, task);
}

static void
start(struct lists *self, enum lists_kind kind, struct span name)
{
	start_task(self, lists_task_new(kind, self->chosen, name));
}

static void
load(struct lists *self)
{
	start_task(
	    self, lists_task_new(LISTS_LOAD, (struct list_id){0}, SPAN("")));
}

static void
shown(struct screen *screen)
{
	load((struct lists *)screen);
}

/* Segments are counted one after the other, behind the lists. */
static void
count_next(struct lists *self)
{
	const struct lists_row *row = rows(self);

	for (size_t i = 0; i < self->base.count && !self->counting; i++) {
		struct lists_task *task;

		if (!row[i].due)
			continue;
		task = lists_task_new(LISTS_COUNT, row[i].info.id, SPAN(""));
		task->segment = row[i].segment.id;
		self->counting = true;
		start_task(self, task);
	}
}

static void
take_count(struct lists *self, const struct lists_task *task)
{
	struct lists_row *row = self->base.record;

	self->counting = false;
	for (size_t i = 0; i < self->base.count; i++) {
		if (row[i].segment.id != task->segment)
			continue;
		row[i].counts = task->counts;
		row[i].why = task->why;
		row[i].due = false;
	}
	list_refresh(self->base.list);
	count_next(self);
}

/* What is known of the segments is shown until they are counted again. */
static void
keep_counts(const struct lists *self, struct lists_row *row, size_t count)
{
	const struct lists_row *old = rows(self);

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < self->base.count; k++) {
			if (!row[i].segment.id ||
			    row[i].segment.id != old[k].segment.id)
				continue;
			row[i].counts = old[k].counts;
			row[i].why = old[k].why;
		}
	}
}

/* An answer from before a list was made does not have it yet. */
static void
place_cursor(struct lists *self)
{
	for (size_t i = 0; i < self->base.count; i++) {
		if (self->made.v && rows(self)[i].info.id.v == self->made.v) {
			list_cursor_set(self->base.list, self->made.v);
			self->made.v = 0;
		}
	}
}

static void
take(struct lists *self, struct lists_task *task)
{
	if (task->base.number < self->base.answered)
		return;
	keep_counts(self, task->base.record, task->base.count);
	listing_take(&self->base, &task->base);
	self->totals = task->totals;
	place_cursor(self);
	count_next(self);
}

/* Names without numbers, the first time only: old numbers stay otherwise. */
static void
job_news(struct screen *screen, struct job *job, void *data)
{
	struct lists *self = (struct lists *)screen;
	struct lists_task *task = data;

	(void)job;
	if (self->base.loaded)
		return;
	self->base.record = task->head;
	self->base.count = task->heads;
	task->head = NULL;
	self->base.loaded = true;
	list_refresh(self->base.list);
	place_cursor(self);
}

static void
say_done(struct app *app, const struct lists_task *task)
{
	switch (task->kind) {
	case LISTS_CREATE:
	case LISTS_COPY:
		app_sayf(app, SAY_OK, _("The list %s is there."), task->name);
		break;
	case LISTS_PAINT:
		app_sayf(app, SAY_OK, _("The list \"%s\" is now of: %s."),
		    task->name, circle_text(task->color));
		break;
	case LISTS_RENAME:
		app_sayf(
		    app, SAY_OK, _("The list is now called %s."), task->name);
		break;
	case LISTS_UNITE:
		app_say(app, SAY_OK,
		    _("The lists are one; the other is in the trash."));
		break;
	case LISTS_DELETE:
		app_sayf(app, SAY_OK,
		    _("The list \"%s\" is in the trash; u brings it back."),
		    task->name);
		break;
	case LISTS_SEGMENT_CHANGE:
		app_say(app, SAY_OK, _("The segment is changed."));
		break;
	case LISTS_SEGMENT_DELETE:
		app_say(app, SAY_OK, _("The segment is deleted."));
		break;
	case LISTS_LOAD:
	case LISTS_COUNT:
		break;
	}
}

static void
undone(struct lists *self, const struct trash_job *work, int rc,
    const struct err *err)
{
	if (rc < 0)
		app_say_err(self->base.base.app, err);
	else
		trash_say_back(self->base.base.app, &work->back);
	if (rc == 0 && work->back.list.v)
		self->made = work->back.list;
	load(self);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct lists *self = (struct lists *)screen;
	struct lists_task *task = data;

	if (job == self->undoing) {
		self->undoing = NULL;
		undone(self, data, rc, err);
		return;
	}
	if (rc < 0) {
		if (task->kind == LISTS_COUNT)
			self->counting = false;
		app_say_err(screen->app, err);
		return;
	}
	if (task->kind == LISTS_LOAD) {
		take(self, task);
		return;
	}
	if (task->kind == LISTS_COUNT) {
		take_count(self, task);
		return;
	}
	say_done(screen->app, task);
	self->made = task->kind == LISTS_CREATE || task->kind == LISTS_COPY
			 ? task->id
			 : (struct list_id){0};
	load(self);
}

/* ---- Questions ------------------------------------------------------------ */

static void
create_answered(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct lists *)owner, LISTS_CREATE, text);
}

static void
ask_new(struct lists *self)
{
	dialog_ask(&self->base.base,
	    &(struct dialog){.title = _("New list"),
		.text = _("How is it called? Up to 64 characters."),
		.done = create_answered},
	    LINE_TEXT, SPAN(""), NULL);
}

static void
rename_answered(struct screen *owner, int answer, struct span text)
{
	if (answer)
		start((struct lists *)owner, LISTS_RENAME, text);
}

static void
ask_rename(struct lists *self, const struct list_info *info)
{
	self->chosen = info->id;
	dialog_ask(&self->base.base,
	    &(struct dialog){.title = _("Rename the list"),
		.text = _("Up to 64 characters."),
		.done = rename_answered},
	    LINE_TEXT, span_of(info->name), NULL);
}

static void
color_answered(struct screen *owner, int answer, struct span text)
{
	struct lists *self = (struct lists *)owner;
	const struct lists_row *row = selected(self);
	struct lists_task *task;

	(void)text;
	if (!answer || !row || row->info.id.v != self->chosen.v)
		return;
	task =
	    lists_task_new(LISTS_PAINT, self->chosen, span_of(row->info.name));
	task->color = (enum circle)(answer - 1);
	start_task(self, task);
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
	dialog_pick(&self->base.base,
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
		start((struct lists *)owner, LISTS_DELETE, text);
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
	dialog_type(&self->base.base,
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
		start((struct lists *)owner, LISTS_COPY, text);
}

static void
ask_copy(struct lists *self, const struct list_info *info)
{
	self->chosen = info->id;
	dialog_ask(&self->base.base,
	    &(struct dialog){.title = _("Copy the list"),
		.text = _("How is the copy called? It has the same members "
			  "with their evidence."),
		.done = copy_answered},
	    LINE_TEXT, span_of(info->name), NULL);
}

static void
unite_answered(struct screen *owner, int answer, struct span text)
{
	struct lists *self = (struct lists *)owner;
	struct lists_task *task;

	(void)text;
	if (!answer)
		return;
	task = lists_task_new(LISTS_UNITE, self->chosen, SPAN(""));
	task->into = self->into;
	start_task(self, task);
}

/* Whether the row is a list, and not the one a question is about. */
static bool
is_other(const struct lists *self, const struct lists_row *row)
{
	return row->segment.id == 0 && row->info.id.v != self->chosen.v;
}

static void
unite_chosen(struct screen *owner, int answer, struct span text)
{
	struct lists *self = (struct lists *)owner;
	const struct lists_row *row = selected(self);
	const struct list_info *from = row ? &row->info : NULL, *into = NULL;
	struct buf line = BUF_INIT;
	int n = 0;

	(void)text;
	for (size_t i = 0; i < self->base.count && answer; i++) {
		if (is_other(self, &rows(self)[i]) && ++n == answer)
			into = &rows(self)[i].info;
	}
	if (!into || !from || from->id.v != self->chosen.v)
		return;
	self->into = into->id;
	buf_printf(&line,
	    _("Everybody on \"%s\" joins \"%s\", with the better evidence of "
	      "the two. \"%s\" goes to the trash; restoring it takes nobody "
	      "off the other list again."),
	    from->name, into->name, from->name);
	dialog_type(&self->base.base,
	    &(struct dialog){.title = _("Merge the lists"),
		.text = line.ptr,
		.done = unite_answered},
	    from->name);
	buf_done(&line);
}

static void
ask_unite(struct lists *self, const struct list_info *info)
{
	const char **items = mem_array(self->base.count + 1, sizeof *items);
	size_t count = 0;

	self->chosen = info->id;
	for (size_t i = 0; i < self->base.count; i++) {
		if (is_other(self, &rows(self)[i]))
			items[count++] = rows(self)[i].info.name;
	}
	dialog_pick(&self->base.base,
	    &(struct dialog){.title = _("Merge the lists"),
		.text = _("Onto which list do its members go?"),
		.done = unite_chosen},
	    items, count, 0);
	free(items);
}

static void
segment_named(struct screen *owner, int answer, struct span text)
{
	struct lists *self = (struct lists *)owner;
	struct lists_task *task;

	if (!answer)
		return;
	task = lists_task_new(LISTS_SEGMENT_CHANGE, self->chosen, text);
	task->segment = self->segment.id;
	task->filter = mem_text(span_of(self->segment.filter));
	start_task(self, task);
}

static void
segment_filtered(struct screen *owner, int answer, struct span text)
{
	struct lists *self = (struct lists *)owner;
	struct lists_task *task;

	if (!answer)
		return;
	task = lists_task_new(
	    LISTS_SEGMENT_CHANGE, self->chosen, span_of(self->segment.name));
	task->segment = self->segment.id;
	task->filter = mem_text(text);
	start_task(self, task);
}

static void
segment_deleted(struct screen *owner, int answer, struct span text)
{
	struct lists *self = (struct lists *)owner;
	struct lists_task *task;

	(void)text;
	if (!answer)
		return;
	task = lists_task_new(LISTS_SEGMENT_DELETE, self->chosen, SPAN(""));
	task->segment = self->segment.id;
	start_task(self, task);
}

/* ---- The screen ----------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Lists"));
}

/* What a segment asks, or why it cannot. */
static void
hint_of_segment(const struct lists_row *row, struct buf *out)
{
	if (row->why.code != E_NONE)
		err_text(&row->why, out);
	else
		buf_printf(out, _("Filter of %s: %s"), row->info.name,
		    row->segment.filter);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct lists *self = (struct lists *)screen;
	struct buf all = BUF_INIT, different = BUF_INIT;
	const struct lists_row *row = selected(self);
	size_t count = count_lists(self);

	if (count == 0)
		return;
	if (row && row->segment.id) {
		hint_of_segment(row, out);
		return;
	}
	if (!rows(self)->counted) {
		buf_text(out, _("Counting.."));
		return;
	}
	format_count(&all, self->totals.members);
	format_count(&different, self->totals.different);
	buf_printf(out,
	    P_("%zu list, %s contacts (%s different addresses).",
		"%zu lists, %s contacts (%s different addresses).", count),
	    count, all.ptr, different.ptr);
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
	static const enum action segment[] = {ACT_OPEN, ACT_LIST_RENAME,
	    ACT_SEGMENT_CHANGE, ACT_LIST_DELETE, ACT_MENU, ACT_BACK, ACT_NONE};
	const struct lists_row *row = selected((struct lists *)screen);

	if (row && row->segment.id)
		return segment;
	return ((struct lists *)screen)->base.count ? some : none;
}

/* Why something cannot be done with the segment under the cursor. */
static const char *
why_not_segment(struct screen *screen, enum action action)
{
	if (action == ACT_LIST_COLOR || action == ACT_LIST_COPY ||
	    action == ACT_LIST_UNITE || action == ACT_LIST_TWINS ||
	    action == ACT_LIST_CANARIES)
		return _("This is for a whole list, and this is a segment.");
	/* its text is shown as "***", and must not be saved as that */
	if ((action == ACT_OPEN || action == ACT_LIST_RENAME ||
		action == ACT_SEGMENT_CHANGE) &&
	    app_is_masked(screen->app))
		return _("The text of segments is masked for you.");
	return NULL;
}

/* Whether an action is about the row under the cursor. */
static bool
wants_one(enum action action)
{
	return action == ACT_OPEN || action == ACT_LIST_RENAME ||
	       action == ACT_LIST_DELETE || action == ACT_LIST_COLOR ||
	       action == ACT_LIST_COPY || action == ACT_LIST_UNITE ||
	       action == ACT_LIST_TWINS || action == ACT_LIST_CANARIES ||
	       action == ACT_EXPORT;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	const struct lists_row *row = selected((struct lists *)screen);

	if (wants_one(action) && !row)
		return _("There is no list yet; n makes one.");
	if (action == ACT_SEGMENT_CHANGE && (!row || !row->segment.id))
		return _("This is for a segment, a list has no filter.");
	if (action == ACT_LIST_UNITE && count_lists((struct lists *)screen) < 2)
		return _("There is no other list.");
	if ((action == ACT_LIST_TWINS || action == ACT_TRASH ||
		action == ACT_EXPORT) &&
	    app_is_masked(screen->app))
		return _("This needs whole addresses, and they are masked for "
			 "you.");
	return row && row->segment.id ? why_not_segment(screen, action) : NULL;
}

/* What means another thing for a segment than for a list. */
static enum used
act_on_segment(
    struct lists *self, const struct lists_row *row, enum action action)
{
	struct screen *screen = &self->base.base;

	self->chosen = row->info.id;
	self->segment = row->segment;
	if (action == ACT_OPEN)
		contacts_open_filtered(
		    screen->app, row->info.id, span_of(row->segment.filter));
	else if (action == ACT_LIST_RENAME)
		segment_ask_name(screen, row->segment.name, segment_named);
	else if (action == ACT_SEGMENT_CHANGE)
		segment_ask_filter(
		    screen, row->segment.filter, segment_filtered);
	else if (action == ACT_LIST_DELETE)
		segment_ask_delete(screen, segment_deleted);
	else
		return UNUSED;
	return USED;
}

static void
export_row(struct lists *self, const struct lists_row *row)
{
	struct export_order order = EXPORT_ORDER_INIT;
	bool is_segment = row->segment.id != 0;

	order.scope = is_segment ? EXPORT_SEGMENT : EXPORT_LIST;
	order.list = row->info.id;
	order.segment = row->segment.id;
	export_open(self->base.base.app, &order,
	    span_of(is_segment ? row->segment.name : row->info.name));
}

static enum used
act_export(struct lists *self, const struct lists_row *row, enum action action)
{
	if (action == ACT_EXPORT)
		export_row(self, row);
	else if (action == ACT_EXPORTS)
		exports_open(self->base.base.app);
	else
		return UNUSED;
	return USED;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct lists *self = (struct lists *)screen;
	const struct lists_row *row = selected(self);
	const struct list_info *info = row ? &row->info : NULL;

	if (row && row->segment.id && act_on_segment(self, row, action) == USED)
		return USED;
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
		return act_export(self, row, action);
	return USED;
}

static void
close_lists(struct screen *screen)
{
	listing_done(&((struct lists *)screen)->base);
	free(screen);
}

static const struct screen_ops lists_ops = {
    .name = "lists",
    .section = 2,
    .title = title,
    .draw = listing_draw,
    .hint = hint,
    .footer = footer,
    .key = listing_key,
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

	listing_init(&self->base, &lists_ops, &lists_kind);
	app_replace(app, &self->base.base);
}
