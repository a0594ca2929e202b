/* The members of a list, however many.  A job brings the ids of those that
 * match the filter, first the first hundred; from then on a row is one read by
 * key on our own reader, kept in a small cache.  While a filter is at work the
 * old rows stay. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/screens/contacts_task.h"
#include "tui/screens/record.h"
#include "tui/screens/screens.h"
#include "tui/screens/trash_text.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum {
	CACHE_ROWS = 128,
	FILTER_WAIT_MS = 150,
	PANE_FROM_COLS = 110,
	PANE_COLS = 40
};

struct cached {
	int64_t index; /* -1: empty */
	struct contact_page page;
};

struct contacts {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct list_id id;
	struct list_info info; /* id 0 until it is read */
	struct db *db;
	struct ids all, match; /* match: of the filter in force */
	bool loaded, filtered, searching;
	bool all_there;      /* all is complete */
	bool stale;          /* the list may have changed behind us */
	struct line *filter; /* NULL: none */
	bool typing;         /* the filter has the focus */
	int64_t filter_due;  /* steady; 0: nothing to do */
	struct job *search;  /* the last one started; NULL when it has ended */
	int64_t generation;  /* of the search whose result is wanted */
	int64_t so_far;      /* found by it */
	struct buf fault;    /* what is wrong with the filter; empty: nothing */
	struct cached cache[CACHE_ROWS];
	struct buf basis;
	char *chosen;            /* address a question is about */
	struct contact_id about; /* whom it is of */
	struct job *undoing;     /* NULL: none */
	struct roster *roster;   /* held; of a long list, for its filters */
	bool reading;            /* it is being read */
};

static const struct list_column columns[] = {
    {N_("Address"), 0, 24, 0, FIT_MIDDLE},
    {N_("Name"), 18, 0, 0, FIT_END},
    {N_("Status"), 7, 0, 0, FIT_END},
    {N_("Consent"), 20, 0, 1, FIT_END},
};

static struct contacts *
of_source(struct list_source *source)
{
	return (struct contacts *)((char *)source -
				   offsetof(struct contacts, source));
}

static const struct ids *
current(const struct contacts *self)
{
	return self->filtered ? &self->match : &self->all;
}

static void
forget_rows(struct contacts *self)
{
	for (size_t i = 0; i < CACHE_ROWS; i++) {
		contact_page_done(&self->cache[i].page);
		self->cache[i].index = -1;
	}
}

/* The contact on a row; NULL when it is gone. */
static const struct contact_row *
contact_at(struct contacts *self, int64_t index)
{
	const struct ids *ids = current(self);
	struct cached *slot;
	struct contact_id id;

	if (index < 0 || index >= (int64_t)ids->count || !self->db)
		return NULL;
	id = ids->id[index];
	slot = &self->cache[index % CACHE_ROWS];
	if (slot->index != index) {
		slot->index = -1;
		if (contact_page(app_store(self->base.app), self->db, self->id,
			id, 1, &slot->page, NULL) < 0)
			return NULL;
		slot->index = index;
	}
	if (slot->page.count == 0 || slot->page.row[0].id.v != id.v)
		return NULL;
	return &slot->page.row[0];
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)current(of_source(source))->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct contacts *self = of_source(source);
	const struct contact_row *contact = contact_at(self, index);

	out->key = current(self)->id[index].v;
	if (!contact) {
		out->cell[0] = span_of(_("(gone)"));
		out->role = ROLE_DIM;
		return true;
	}
	buf_clear(&self->basis);
	buf_text(&self->basis, basis_word(contact->basis));
	if (contact->basis_at_ms) {
		buf_char(&self->basis, ' ');
		format_date(&self->basis, contact->basis_at_ms);
	}
	out->cell[0] = contact->address;
	out->cell[1] = contact->name;
	out->cell[2] =
	    span_of(contact->suppressed ? _("no mail") : _("active"));
	out->cell_role[2] = contact->suppressed ? ROLE_WARN : ROLE_TEXT;
	out->cell[3] = buf_span(&self->basis);
	if (contact->basis == BASIS_NONE)
		out->cell_role[3] = ROLE_WARN;
	return true;
}

static int64_t
find(struct list_source *source, int64_t key)
{
	const struct ids *ids = current(of_source(source));
	size_t low = 0, high = ids->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ids->id[middle].v < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ids->count && ids->id[low].v == key ? (int64_t)low : -1;
}

/* ---- Jobs ----------------------------------------------------------------- */

static struct job *
start(struct contacts *self, enum contacts_task_kind kind, struct span text,
    struct span reason)
{
	static const struct job_ops ops = {
	    .run = contacts_task_run, .free = contacts_task_free};
	struct contacts_task *task = mem_new(sizeof *task);
	struct err err = {.code = E_NONE};
	struct job *job = NULL;

	task->kind = kind;
	task->store = app_store(self->base.app);
	task->list = self->id;
	task->text = mem_text(text);
	task->reason = mem_text(reason);
	task->generation = self->generation;
	task->who = self->about;
	if (kind == TASK_SEARCH && self->roster)
		task->roster = roster_hold(self->roster);
	if (app_job(self->base.app, &self->base, &ops, task, &job, &err) < 0)
		app_say_err(self->base.app, &err);
	return job;
}

/* Drops a roster that is of before; reads one for a long list without. */
static void
roster_check(struct contacts *self)
{
	struct store *store = app_store(self->base.app);

	if (self->roster && !roster_is_current(store, self->roster))
		roster_drop(&self->roster);
	if (self->roster || self->reading || !self->all_there ||
	    self->all.count < ROSTER_FROM)
		return;
	self->reading = start(self, TASK_ROSTER, SPAN(""), SPAN("")) != NULL;
}

static void
search_start(struct contacts *self, struct span filter)
{
	roster_check(self);
	if (self->search)
		job_cancel(self->search);
	self->generation++;
	self->searching = true;
	self->so_far = 0;
	self->search = start(self, TASK_SEARCH, filter, SPAN(""));
}

static void filter_clear(struct contacts *self);

/* Takes ids over as what is shown now. */
static void
take_ids(struct contacts *self, struct contacts_task *task, struct ids *taken)
{
	struct ids *to = *task->text ? &self->match : &self->all;
	int64_t key = 0;
	bool had = list_cursor(self->list, &key);

	free(to->id);
	*to = *taken;
	*taken = (struct ids){NULL, 0};
	self->filtered = *task->text != '\0';
	if (!self->filtered)
		self->all_there = false;
	self->loaded = true;
	forget_rows(self);
	list_refresh(self->list);
	if (!had || find(&self->source, key) < 0)
		list_cursor_index_set(self->list, 0);
}

static void
job_news(struct screen *screen, struct job *job, void *data)
{
	struct contacts *self = (struct contacts *)screen;
	struct contacts_task *task = data;

	(void)job;
	if (task->generation != self->generation)
		return;
	self->so_far = atomic_load(&task->so_far);
	if (task->first.id)
		take_ids(self, task, &task->first);
}

static void
search_done(struct contacts *self, struct contacts_task *task, int rc,
    const struct err *err)
{
	if (task->generation != self->generation)
		return;
	self->search = NULL;
	self->searching = false;
	buf_clear(&self->fault);
	if (rc == 0) {
		take_ids(self, task, &task->found);
		self->all_there |= !self->filtered;
		roster_check(self);
	} else if (err->code >= E_FILTER_LONG && err->code <= E_FILTER_MASKED) {
		err_text(err, &self->fault);
	} else if (err->code != E_CANCELLED) {
		app_say_err(self->base.app, err);
	}
}

/* The members have changed: all of them are read again. */
static void
read_again(struct contacts *self)
{
	filter_clear(self);
	start(self, TASK_NAME, SPAN(""), SPAN(""));
	search_start(self, SPAN(""));
}

static void
undone(struct contacts *self, const struct trash_job *work, int rc,
    const struct err *err)
{
	if (rc < 0) {
		app_say_err(self->base.app, err);
		return;
	}
	trash_say_back(self->base.app, &work->back);
	read_again(self);
}

/* Without a roster filters are slow, not wrong: its errors are not told. */
static void
roster_done(struct contacts *self, struct contacts_task *task)
{
	self->reading = false;
	roster_drop(&self->roster);
	self->roster = task->roster;
	task->roster = NULL;
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct contacts *self = (struct contacts *)screen;
	struct contacts_task *task = data;

	if (job == self->undoing) {
		self->undoing = NULL;
		undone(self, data, rc, err);
	} else if (task->kind == TASK_SEARCH) {
		search_done(self, task, rc, err);
	} else if (task->kind == TASK_ROSTER) {
		roster_done(self, task);
	} else if (rc < 0) {
		app_say_err(screen->app, err);
	} else if (task->kind == TASK_NAME) {
		self->info = task->info;
	} else if (task->kind == TASK_SAVE) {
		app_sayf(screen->app, SAY_OK, _("The segment %s is saved."),
		    task->reason);
	} else if (task->kind == TASK_DELETE || task->kind == TASK_LEAVE) {
		app_sayf(screen->app, SAY_OK,
		    task->kind == TASK_DELETE
			? _("%s is in the trash; u brings the contact back.")
			: _("%s is off this list; u takes that back."),
		    task->text);
		read_again(self);
	} else {
		app_sayf(screen->app, SAY_OK,
		    task->kind == TASK_STOP ? _("%s is never mailed again.")
					    : _("%s may be mailed again."),
		    task->text);
		forget_rows(self);
	}
}

/* ---- Filter --------------------------------------------------------------- */

static void
filter_clear(struct contacts *self)
{
	line_free(&self->filter);
	buf_clear(&self->fault);
	self->typing = false;
	self->filter_due = 0;
	if (self->search)
		job_cancel(self->search);
	self->generation++;
	self->searching = false;
	self->search = NULL;
	self->filtered = false;
	if (!self->all_there)
		search_start(self, SPAN(""));
	forget_rows(self);
	list_refresh(self->list);
}

static enum used
filter_key(struct contacts *self, const struct key *key)
{
	if (key->code == K_ESC || key_is(key, K_CTRL('G'))) {
		filter_clear(self);
		return USED;
	}
	if (key->code == K_ENTER || key->code == K_TAB) {
		self->typing = false;
		if (line_span(self->filter).len == 0)
			filter_clear(self);
		return USED;
	}
	if (key->code == K_UP || key->code == K_DOWN ||
	    line_key(self->filter, key) == UNUSED)
		return UNUSED;
	self->filter_due = app_steady_ms(self->base.app) + FILTER_WAIT_MS;
	return USED;
}

static int
tick_ms(struct screen *screen)
{
	struct contacts *self = (struct contacts *)screen;
	int64_t left = self->filter_due - app_steady_ms(screen->app);

	if (!self->filter_due)
		return 0;
	return left > 0 ? (int)left : 1;
}

static void
tick(struct screen *screen)
{
	struct contacts *self = (struct contacts *)screen;

	if (!self->filter_due || !self->filter ||
	    app_steady_ms(screen->app) < self->filter_due)
		return;
	self->filter_due = 0;
	search_start(self, line_span(self->filter));
}

/* ---- Segments ------------------------------------------------------------- */

static void
name_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	if (answer && self->filter)
		start(self, TASK_SAVE, line_span(self->filter), text);
}

static void
ask_segment(struct contacts *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Save the filter as a segment"),
		.text = _("How is it called? Who belongs to it is found anew "
			  "whenever it is used."),
		.done = name_answered},
	    LINE_TEXT, SPAN(""), NULL);
}

/* ---- Stop list ------------------------------------------------------------ */

static void
check_reason(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("A reason is needed; it goes into the log."));
}

static void
stop_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	if (answer)
		start(self, TASK_STOP, span_of(self->chosen), text);
}

static void
allow_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	if (answer)
		start(self, TASK_ALLOW, span_of(self->chosen), text);
}

static void
ask_reason(struct contacts *self, enum action action, struct span address)
{
	bool stop = action == ACT_CONTACT_STOP;
	struct buf text = BUF_INIT;

	free(self->chosen);
	self->chosen = mem_text(address);
	buf_printf(&text,
	    stop ? _("%s will get no mail from any list. Why? For example: "
		     "asked by telephone.")
		 : _("%s will be mailed again. Only do this when the person "
		     "has asked for it. Why?"),
	    self->chosen);
	dialog_ask(&self->base,
	    &(struct dialog){.title = stop ? _("Put on the stop list")
					   : _("Take off the stop list"),
		.text = text.ptr,
		.done = stop ? stop_answered : allow_answered},
	    LINE_TEXT, SPAN(""), check_reason);
	buf_done(&text);
}

static const struct contact_row *
selected(struct contacts *self)
{
	return contact_at(self, list_cursor_index(self->list));
}

static void
delete_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	(void)text;
	if (answer)
		start(self, TASK_DELETE, span_of(self->chosen), SPAN(""));
}

static void
leave_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	(void)text;
	if (answer)
		start(self, TASK_LEAVE, span_of(self->chosen), SPAN(""));
}

static void
ask_delete(struct contacts *self, enum action action,
    const struct contact_row *contact)
{
	bool leave = action == ACT_CONTACT_LEAVE;
	struct buf text = BUF_INIT;

	free(self->chosen);
	self->chosen = mem_text(contact->address);
	self->about = contact->id;
	buf_printf(&text,
	    leave ? _("%s leaves this list. The trash keeps the evidence of "
		      "consent, and u brings it back.")
		  : _("%s leaves all lists and goes to the trash, with the "
		      "evidence of consent; u brings it back. The stop list "
		      "stays."),
	    self->chosen);
	dialog_confirm(&self->base,
	    &(struct dialog){.title = leave ? _("Take off this list")
					    : _("Delete the contact"),
		.text = text.ptr,
		.done = leave ? leave_answered : delete_answered},
	    leave ? _("Take off") : _("Delete"));
	buf_done(&text);
}

static void
record_act(struct screen *owner, enum action action)
{
	struct contacts *self = (struct contacts *)owner;
	const struct contact_row *contact = selected(self);

	if (!contact)
		return;
	if (action == ACT_CONTACT_ERASE) {
		self->stale = true;
	} else if (action == ACT_CONTACT_EDIT) {
		self->stale = true;
		contact_edit_open(owner->app, contact->id);
	} else if (action == ACT_CONTACT_DELETE ||
		   action == ACT_CONTACT_LEAVE) {
		ask_delete(self, action, contact);
	} else {
		ask_reason(self, action, contact->address);
	}
}

/* ---- The screen ----------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct contacts *self = (struct contacts *)screen;

	buf_text(out, self->info.id.v ? self->info.name : "..");
}

/* "12,402 of 1,250,000", or how many were found so far. */
static void
add_count(const struct contacts *self, struct buf *out)
{
	struct buf found = BUF_INIT, all = BUF_INIT;

	if (self->searching && self->so_far == 0) {
		buf_text(out, _("counting.."));
	} else if (self->searching) {
		format_count(&found, self->so_far);
		buf_printf(out, _("counting.. %s"), found.ptr);
	} else if (self->fault.len == 0) {
		format_count(&found, (int64_t)current(self)->count);
		format_count(&all, self->info.contacts);
		buf_printf(out, _("%s of %s"), found.ptr, all.ptr);
	}
	buf_done(&found);
	buf_done(&all);
}

static void
draw_filter(struct contacts *self, struct area a)
{
	struct buf count = BUF_INIT;
	int col, room;

	add_count(self, &count);
	room = a.cols - 6 - utf8_width(buf_span(&count));
	col = draw_str(a, 0, 1, ROLE_BAR_KEY, "/ ");
	line_draw(
	    self->filter, a, 0, col, room, self->typing ? FOCUS_ON : FOCUS_OFF);
	draw_end(a, 0, 1, ROLE_DIM, buf_span(&count));
	if (self->fault.len > 0)
		draw_text(a, 1, 3, ROLE_ERR,
		    utf8_fit(buf_span(&self->fault), a.cols - 4));
	buf_done(&count);
}

/* The selected record beside the list, where there is room. */
static void
draw_pane(struct contacts *self, struct area a)
{
	const struct contact_row *contact = selected(self);

	if (contact)
		record_draw(area_rows(a, 1, -1), contact);
}

static void
draw(struct screen *screen, struct area body)
{
	struct contacts *self = (struct contacts *)screen;
	struct area rows = body;

	if (self->filter) {
		int lines = self->fault.len > 0 ? 2 : 1;

		draw_filter(self, area_rows(body, 0, lines));
		rows = area_rows(body, lines, -1);
	}
	if (rows.cols >= PANE_FROM_COLS && self->loaded) {
		draw_pane(self, area_cols(rows, rows.cols - PANE_COLS, -1));
		rows = area_cols(rows, 0, rows.cols - PANE_COLS - 2);
	}
	if (!self->loaded)
		draw_str(rows, 1, 3, ROLE_DIM, _("Reading.."));
	else if (self->filtered && self->match.count == 0)
		draw_str(rows, 2, 3, ROLE_DIM,
		    _("Nobody matches. Esc shows all again."));
	else
		list_draw(
		    self->list, rows, self->typing ? FOCUS_OFF : FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct contacts *self = (struct contacts *)screen;
	struct buf all = BUF_INIT;

	if (!self->loaded)
		return;
	list_position(self->list, out);
	if (self->filtered) {
		format_count(&all, self->info.contacts);
		buf_text(out, "  ");
		buf_printf(out, _("(of %s in the list)"), all.ptr);
	}
	buf_done(&all);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action active[] = {ACT_OPEN, ACT_FILTER, ACT_SEGMENTS,
	    ACT_CONTACT_STOP, ACT_MENU, ACT_BACK, ACT_NONE};
	static const enum action stopped[] = {ACT_OPEN, ACT_FILTER,
	    ACT_SEGMENTS, ACT_CONTACT_ALLOW, ACT_MENU, ACT_BACK, ACT_NONE};
	static const enum action found[] = {ACT_OPEN, ACT_FILTER,
	    ACT_SEGMENT_SAVE, ACT_SEGMENTS, ACT_MENU, ACT_BACK, ACT_NONE};
	static const enum action nobody[] = {
	    ACT_FILTER, ACT_SEGMENTS, ACT_BACK, ACT_NONE};
	static const enum action empty[] = {ACT_IMPORT, ACT_BACK, ACT_NONE};
	struct contacts *self = (struct contacts *)screen;
	const struct contact_row *contact = selected(self);

	if (!contact)
		return self->filtered ? nobody : empty;
	if (self->filtered)
		return found;
	return contact->suppressed ? stopped : active;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct contacts *self = (struct contacts *)screen;

	if (self->typing && filter_key(self, key) == USED)
		return USED;
	if (!self->typing && self->filter && key->code == K_ESC) {
		filter_clear(self);
		return USED;
	}
	return list_key(self->list, key);
}

static const char *
why_no_segment(const struct contacts *self)
{
	if (!self->filter || line_span(self->filter).len == 0)
		return _("A segment is a filter: / types one.");
	if (self->fault.len > 0)
		return _("The filter is not understood yet.");
	return NULL;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	const struct contact_row *contact = selected((struct contacts *)screen);

	if (action == ACT_SEGMENT_SAVE)
		return why_no_segment((struct contacts *)screen);
	if (action != ACT_OPEN && action != ACT_CONTACT_STOP &&
	    action != ACT_CONTACT_ALLOW)
		return NULL;
	if (!contact)
		return _("There is no contact here; i imports some.");
	if ((action == ACT_CONTACT_STOP || action == ACT_CONTACT_ALLOW) &&
	    app_is_masked(screen->app))
		return _("This needs the whole address, and it is masked for "
			 "you.");
	if (action == ACT_CONTACT_STOP && contact->suppressed)
		return _("This address is on the stop list already.");
	if (action == ACT_CONTACT_ALLOW && !contact->suppressed)
		return _("This address is not on the stop list.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct contacts *self = (struct contacts *)screen;

	if (action == ACT_OPEN) {
		record_open(screen, self->id, selected(self), record_act);
	} else if (action == ACT_FILTER) {
		if (!self->filter)
			self->filter = line_new(LINE_TEXT, FILTER_OCTETS);
		self->typing = true;
	} else if (action == ACT_SEGMENT_SAVE) {
		ask_segment(self);
	} else if (action == ACT_SEGMENTS) {
		segments_open(screen->app, self->id, self->info.name);
	} else if (action == ACT_IMPORTS) {
		imports_open(screen->app, self->id);
	} else if (action == ACT_IMPORT) {
		filter_clear(self);
		self->stale = true;
		import_screen_open(screen->app, self->id);
	} else if (action == ACT_CONTACT_STOP || action == ACT_CONTACT_ALLOW) {
		record_act(screen, action);
	} else if (action == ACT_CONTACT_NEW) {
		filter_clear(self);
		self->stale = true;
		contact_new_open(screen->app, self->id);
	} else if (action == ACT_TRASH) {
		self->stale = true;
		trash_open(screen->app);
	} else if (action == ACT_TRASH_UNDO) {
		self->undoing =
		    trash_job_start(screen, (struct trash_id){0}, SPAN(""));
	} else {
		return UNUSED;
	}
	return USED;
}

/* Reads again when somebody else was at work, not after every dialog. */
static void
shown(struct screen *screen)
{
	struct contacts *self = (struct contacts *)screen;
	struct err err = {.code = E_NONE};

	if (!self->db &&
	    store_view_open(app_store(screen->app), &self->db, &err) < 0)
		app_say_err(screen->app, &err);
	if (!self->stale)
		return;
	self->stale = false;
	start(self, TASK_NAME, SPAN(""), SPAN(""));
	search_start(self, self->filter ? line_span(self->filter) : SPAN(""));
}

static void
close_contacts(struct screen *screen)
{
	struct contacts *self = (struct contacts *)screen;

	forget_rows(self);
	roster_drop(&self->roster);
	list_free(&self->list);
	line_free(&self->filter);
	store_reader_close(&self->db);
	free(self->all.id);
	free(self->match.id);
	buf_done(&self->basis);
	buf_done(&self->fault);
	free(self->chosen);
	free(self);
}

static const struct screen_ops contacts_ops = {
    .name = "contacts",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .job_news = job_news,
    .close = close_contacts,
};

static struct contacts *
contacts_new(struct list_id list)
{
	struct contacts *self = mem_new(sizeof *self);

	self->base.ops = &contacts_ops;
	self->id = list;
	self->stale = true;
	for (size_t i = 0; i < CACHE_ROWS; i++)
		self->cache[i].index = -1;
	self->source.count = row_count;
	self->source.row = row;
	self->source.find = find;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("Nobody is on this list yet. i imports contacts from a CSV "
	       "file."));
	return self;
}

void
contacts_open(struct app *app, struct list_id list)
{
	app_push(app, &contacts_new(list)->base);
}

void
contacts_open_filtered(struct app *app, struct list_id list, struct span filter)
{
	struct contacts *self = contacts_new(list);

	self->filter = line_new(LINE_TEXT, FILTER_OCTETS);
	line_set(self->filter, filter);
	app_push(app, &self->base);
}
