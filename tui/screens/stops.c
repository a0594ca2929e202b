/* The stop list (S19): who is never mailed, why, since when and until when.
 * Entries are found by a job; only those on the screen are read. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "tui/screens/screens.h"
#include "tui/screens/stops_work.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/filter.h"
#include "tui/widgets/list.h"

enum { FILTER_MAX = 200, CELLS = 5 };

struct stops {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct db *db;
	struct arena *arena; /* of the row last read */
	struct suppress_id *id;
	size_t count;
	struct stop_counts counts;
	bool loaded;
	struct filter_field filter;
	unsigned long wanted; /* number of the reading that counts */
	struct buf cell[CELLS];
	/* what is being asked */
	struct suppress_id chosen;
	struct list_info *lists;
	size_t list_count;
	struct list_id scope;
	int64_t until_ms;
	struct buf address, typed;
};

static const struct list_column columns[] = {
    {N_("Address"), 0, 24, 0, FIT_MIDDLE},
    {N_("Why"), 13, 0, 0, FIT_END},
    {N_("Entered"), 10, 0, 2, FIT_END},
    {N_("Source"), 12, 0, 1, FIT_END},
    {N_("Until"), 10, 0, 0, FIT_END},
};

static struct stops *
of_source(struct list_source *source)
{
	return (
	    struct stops *)((char *)source - offsetof(struct stops, source));
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

/* Enough of the key to tell entries apart. */
static int64_t
row_key(const struct suppress_id *id)
{
	int64_t key;

	memcpy(&key, id->key.bytes, sizeof key);
	return key ^ id->list.v;
}

static void
add_address(const struct stop_row *row, struct buf *out)
{
	size_t at = span_index(row->address, '@');

	if (row->cause == SUPPRESS_ERASED) {
		buf_text(out, _("(erased)"));
	} else if (row->cause == SUPPRESS_DOMAIN) {
		buf_char(out, '*');
		buf_add(out, span_slice(row->address, at, row->address.len));
	} else {
		buf_add(out, row->address);
	}
}

static void
add_end(struct stops *self, const struct stop_row *row, struct buf *out)
{
	if (!row->until_ms)
		buf_text(out, _("for ever"));
	else if (row->until_ms <= app_now_ms(self->base.app))
		buf_text(out, _("ended"));
	else
		format_date(out, row->until_ms);
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct stops *self = of_source(source);
	const struct suppress_id *id = &self->id[index];
	struct stop_row row;

	out->key = row_key(id);
	arena_reset(self->arena);
	if (!self->db ||
	    stop_row_read(self->db, id, self->arena, &row, NULL) != 1) {
		out->cell[0] = span_of(_("(gone)"));
		out->role = ROLE_DIM;
		return true;
	}
	for (int i = 0; i < CELLS; i++)
		buf_clear(&self->cell[i]);
	add_address(&row, &self->cell[0]);
	buf_text(&self->cell[1], stop_cause_text(row.cause));
	format_date(&self->cell[2], row.at_ms);
	stop_source_text(row.source, &self->cell[3]);
	add_end(self, &row, &self->cell[4]);
	for (int i = 0; i < CELLS; i++)
		out->cell[i] = buf_span(&self->cell[i]);
	if (row.until_ms && row.until_ms <= app_now_ms(self->base.app))
		out->role = ROLE_DIM;
	return true;
}

static const struct suppress_id *
selected(const struct stops *self)
{
	int64_t index = list_cursor_index(self->list);

	return index >= 0 && index < (int64_t)self->count ? &self->id[index]
							  : NULL;
}

/* The selected entry as it is now; false when it is gone. */
static bool
read_selected(struct stops *self, struct stop_row *out)
{
	const struct suppress_id *id = selected(self);

	arena_reset(self->arena);
	return id && self->db &&
	       stop_row_read(self->db, id, self->arena, out, NULL) == 1;
}

/* ---- Jobs ------------------------------------------------------------------ */

static void
start(struct stops *self, struct stops_work *work)
{
	struct err err = {.code = E_NONE};

	work->store = app_store(self->base.app);
	work->now_ms = app_now_ms(self->base.app);
	if (work->kind == STOPS_READ)
		work->number = ++self->wanted;
	if (app_job(self->base.app, &self->base, &stops_job, work, NULL, &err) <
	    0)
		app_say_err(self->base.app, &err);
}

static void
read_again(struct stops *self)
{
	struct stops_work *work = stops_work_new(STOPS_READ);

	buf_add(&work->filter, filter_field_span(&self->filter));
	start(self, work);
}

static void
take(struct stops *self, struct stops_work *work)
{
	int64_t key;
	bool had = list_cursor(self->list, &key);

	if (work->number != self->wanted)
		return;
	free(self->id);
	free(self->lists);
	self->id = work->id;
	self->count = work->count;
	self->lists = work->lists;
	self->list_count = work->list_count;
	self->counts = work->counts;
	work->id = NULL;
	work->lists = NULL;
	self->loaded = true;
	list_refresh(self->list);
	if (!had)
		list_cursor_index_set(self->list, 0);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct stops *self = (struct stops *)screen;
	struct stops_work *work = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (work->kind == STOPS_READ) {
		take(self, work);
		return;
	}
	app_say(screen->app, SAY_OK,
	    work->kind == STOPS_ENTER ? _("It is on the stop list.")
				      : _("It is off the stop list."));
	read_again(self);
}

static void
shown(struct screen *screen)
{
	struct stops *self = (struct stops *)screen;
	struct err err = {.code = E_NONE};

	store_reader_close(&self->db);
	if (store_view_open(app_store(screen->app), &self->db, &err) < 0)
		app_say_err(screen->app, &err);
	read_again(self);
}

/* ---- Adding ---------------------------------------------------------------- */

static void
evidence_given(struct screen *owner, int answer, struct span text)
{
	struct stops *self = (struct stops *)owner;
	struct stops_work *work;

	if (!answer)
		return;
	work = stops_work_new(STOPS_ENTER);
	buf_add(&work->address, buf_span(&self->address));
	buf_add(&work->text, text);
	work->which.list = self->scope;
	work->until_ms = self->until_ms;
	start(self, work);
}

static void
until_given(struct screen *owner, int answer, struct span text)
{
	struct stops *self = (struct stops *)owner;

	if (!answer)
		return;
	self->until_ms = 0;
	stops_date(text, &self->until_ms);
	dialog_ask(owner,
	    &(struct dialog){.title = _("Onto the stop list: why"),
		.text = _("What is known of the reason, to show it later. For "
			  "example: asked by telephone."),
		.done = evidence_given},
	    LINE_TEXT, SPAN(""), stops_check_reason);
}

static void
scope_given(struct screen *owner, int answer, struct span text)
{
	struct stops *self = (struct stops *)owner;

	(void)text;
	if (!answer)
		return;
	self->scope.v = 0;
	if (answer >= 2 && (size_t)answer - 2 < self->list_count)
		self->scope = self->lists[answer - 2].id;
	dialog_ask(owner,
	    &(struct dialog){.title = _("Onto the stop list: until when"),
		.text = _("The first day on which it may be mailed again, as "
			  "2027-04-01. Empty: for ever."),
		.done = until_given},
	    LINE_TEXT, SPAN(""), stops_check_date);
}

static void
address_given(struct screen *owner, int answer, struct span text)
{
	struct stops *self = (struct stops *)owner;
	const char **items;

	if (!answer)
		return;
	buf_clear(&self->address);
	buf_add(&self->address, text);
	items = mem_array(self->list_count + 1, sizeof *items);
	items[0] = _("all lists, also those to come");
	for (size_t i = 0; i < self->list_count; i++)
		items[i + 1] = self->lists[i].name;
	dialog_pick(owner,
	    &(struct dialog){.title = _("Onto the stop list: for which list"),
		.text = _("From which lists it is never mailed."),
		.done = scope_given},
	    items, self->list_count + 1, 0);
	free(items);
}

static void
ask_new(struct stops *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Onto the stop list"),
		.text = _("An address, or a whole domain as "
			  "*@competitor.example (not the domains below it)."),
		.done = address_given},
	    LINE_TEXT, SPAN(""), stops_check_address);
}

/* ---- Taking off ------------------------------------------------------------ */

static void
reason_given(struct screen *owner, int answer, struct span text)
{
	struct stops *self = (struct stops *)owner;
	struct stops_work *work;

	if (!answer)
		return;
	work = stops_work_new(STOPS_TAKE_OFF);
	work->which = self->chosen;
	buf_add(&work->address, buf_span(&self->typed));
	buf_add(&work->text, text);
	start(self, work);
}

static void
ask_reason(struct stops *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Off the stop list: why"),
		.text = _("It may be mailed again. The log keeps the reason."),
		.done = reason_given},
	    LINE_TEXT, SPAN(""), stops_check_reason);
}

static void
typed_given(struct screen *owner, int answer, struct span text)
{
	struct stops *self = (struct stops *)owner;

	if (!answer)
		return;
	buf_clear(&self->typed);
	buf_add(&self->typed, text);
	ask_reason(self);
}

static const char *
typed_text(enum suppress_cause cause)
{
	switch (cause) {
	case SUPPRESS_UNSUBSCRIBED:
		return _("This person does not want our mail. Take the "
			 "address off only when the person has asked for it. "
			 "Type it in full.");
	case SUPPRESS_COMPLAINT:
		return _("This person has called our mail spam. Take the "
			 "address off only when the person has asked for it. "
			 "Type it in full.");
	case SUPPRESS_ERASED:
		return _("This person was erased; nobody here knows the "
			 "address. Who has signed up anew has told it to you: "
			 "type it in full.");
	default:
		return _("Mail to it would fail or is not wanted. Type it in "
			 "full, as it stands here.");
	}
}

static void
ask_off(struct stops *self)
{
	struct stop_row row;

	if (!read_selected(self, &row))
		return;
	self->chosen = row.id;
	buf_clear(&self->typed);
	if (!suppress_is_typed(row.cause))
		ask_reason(self);
	else
		dialog_ask(&self->base,
		    &(struct dialog){.title = _("Off the stop list"),
			.text = typed_text(row.cause),
			.done = typed_given},
		    LINE_TEXT, SPAN(""), NULL);
}

/* ---- One entry ------------------------------------------------------------- */

static void
add_scope(const struct stops *self, struct list_id list, struct buf *out)
{
	if (!list.v) {
		buf_text(out, _("all lists"));
		return;
	}
	for (size_t i = 0; i < self->list_count; i++) {
		if (self->lists[i].id.v == list.v) {
			buf_text(out, self->lists[i].name);
			return;
		}
	}
	buf_text(out, _("a list that is gone"));
}

static void
line(struct buf *out, const char *label, struct span value)
{
	if (value.len == 0)
		return;
	buf_printf(out, "%s: ", label);
	buf_add(out, value);
	buf_char(out, '\n');
}

static void
show(struct stops *self)
{
	struct buf text = BUF_INIT, value = BUF_INIT;
	struct stop_row row;

	if (!read_selected(self, &row))
		return;
	add_address(&row, &value);
	line(&text, _("Address"), buf_span(&value));
	line(&text, _("Why"), span_of(stop_cause_text(row.cause)));
	buf_clear(&value);
	add_scope(self, row.id.list, &value);
	line(&text, _("Counts for"), buf_span(&value));
	buf_clear(&value);
	format_date(&value, row.at_ms);
	line(&text, _("Entered"), buf_span(&value));
	buf_clear(&value);
	add_end(self, &row, &value);
	line(&text, _("Until"), buf_span(&value));
	buf_clear(&value);
	stop_source_text(row.source, &value);
	line(&text, _("Source"), buf_span(&value));
	line(&text, _("Entered by"), row.by);
	line(&text, _("Reason"), row.evidence);
	dialog_tell(&self->base,
	    &(struct dialog){
		.title = _("Why this is never mailed"), .text = text.ptr});
	buf_done(&text);
	buf_done(&value);
}

/* ---- Filter ---------------------------------------------------------------- */

static int
tick_ms(struct screen *screen)
{
	struct stops *self = (struct stops *)screen;

	return filter_field_wait(&self->filter, app_steady_ms(screen->app));
}

static void
tick(struct screen *screen)
{
	struct stops *self = (struct stops *)screen;

	if (filter_field_due(&self->filter, app_steady_ms(screen->app)))
		read_again(self);
}

/* ---- The screen ------------------------------------------------------------ */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Stops (never mail these)"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct stops *self = (struct stops *)screen;
	int taken = filter_field_draw(&self->filter, body, SPAN(""), SPAN(""));
	struct area rows = area_rows(body, taken, -1);

	if (!self->loaded)
		draw_str(rows, 1, 3, ROLE_DIM, _("Reading.."));
	else if (self->filter.line && self->count == 0)
		draw_str(rows, 2, 3, ROLE_DIM,
		    _("Nothing matches. Esc shows all again."));
	else
		list_draw(self->list, rows,
		    self->filter.typing ? FOCUS_OFF : FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct stops *self = (struct stops *)screen;
	bool first = true;
	struct buf number = BUF_INIT;

	if (!self->loaded)
		return;
	format_count(&number, self->counts.all);
	buf_printf(
	    out, P_("%s entry", "%s entries", self->counts.all), number.ptr);
	for (int i = 0; i < SUPPRESS_COUNT; i++) {
		if (!self->counts.by_cause[i])
			continue;
		buf_clear(&number);
		format_count(&number, self->counts.by_cause[i]);
		/* how many stops of a cause: number, cause */
		buf_printf(out, first ? _(": %s %s") : _(", %s %s"), number.ptr,
		    stop_cause_text((enum suppress_cause)i));
		first = false;
	}
	buf_done(&number);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct stops *self = (struct stops *)screen;

	switch (
	    filter_field_key(&self->filter, key, app_steady_ms(screen->app))) {
	case FILTER_ENDED:
		read_again(self);
		return USED;
	case FILTER_USED:
		return USED;
	case FILTER_UNUSED:
		break;
	}
	return list_key(self->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct stops *self = (struct stops *)screen;

	switch (action) {
	case ACT_OPEN:
		show(self);
		return USED;
	case ACT_STOPS_NEW:
		ask_new(self);
		return USED;
	case ACT_STOPS_OFF:
		ask_off(self);
		return USED;
	case ACT_STOPS_SORT:
		replies_open(screen->app);
		return USED;
	case ACT_FILTER:
		filter_field_open(&self->filter, FILTER_MAX);
		return USED;
	default:
		return UNUSED;
	}
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct stops *self = (struct stops *)screen;

	if ((action == ACT_OPEN || action == ACT_STOPS_OFF) && !selected(self))
		return _("There is no entry.");
	if ((action == ACT_STOPS_NEW || action == ACT_STOPS_OFF) &&
	    !self->loaded)
		return _("One moment: this is being read or written.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action all[] = {ACT_STOPS_NEW, ACT_FILTER, ACT_OPEN,
	    ACT_STOPS_SORT, ACT_STOPS_OFF, ACT_NONE};

	(void)screen;
	return all;
}

static void
close_stops(struct screen *screen)
{
	struct stops *self = (struct stops *)screen;

	list_free(&self->list);
	filter_field_close(&self->filter);
	store_reader_close(&self->db);
	arena_free(&self->arena);
	free(self->id);
	free(self->lists);
	for (int i = 0; i < CELLS; i++)
		buf_done(&self->cell[i]);
	buf_done(&self->address);
	buf_done(&self->typed);
	free(self);
}

static const struct screen_ops stops_ops = {
    .name = "stops",
    .section = 6,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_stops,
};

void
stops_open(struct app *app)
{
	struct stops *self = mem_new(sizeof *self);

	self->base.ops = &stops_ops;
	self->arena = arena_new();
	self->source.count = row_count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("Nobody is stopped. n adds an address or a whole domain."));
	app_replace(app, &self->base);
}
