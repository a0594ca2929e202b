/* Training: everybody's last drill and how long ago it was, then every drill
 * that was done.  Administrators and auditors see all, others themselves: core
 * decides it (training_page()). */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/drill.h"
#include "tui/screens/drill_result.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { DAY_MS = 24 * 3600 * 1000 };

enum training_kind { TRAINING_HEADING, TRAINING_PERSON, TRAINING_RECORD };

/* A line: a person's last drill, or one of all drills. */
struct training_line {
	enum training_kind kind;
	const char *heading;    /* untranslated */
	struct training record; /* id 0: this person has done none */
};

enum { CELL_AT, CELL_AGO, CELL_FOUND, CELL_FALSE, CELL_TIME, CELL_SENT, CELLS };

struct training_screen {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct training_line *line;
	size_t count;
	int64_t every_days;
	struct buf cell[CELLS]; /* of the row last read */
};

static const struct list_column columns[] = {
    {N_("Login"), 0, 12, 0, FIT_END},
    {N_("Ended"), 16, 0, 0, FIT_END},
    {N_("Ago"), 9, 0, 0, FIT_RIGHT},
    {N_("Found"), 7, 0, 0, FIT_RIGHT},
    {N_("False"), 6, 0, 0, FIT_RIGHT},
    {N_("Took"), 8, 0, 1, FIT_RIGHT},
    {N_("Sent to"), 9, 0, 2, FIT_RIGHT},
};

/* ---- Rows ------------------------------------------------------------------------ */

static struct training_screen *
of_source(struct list_source *source)
{
	return (
	    struct training_screen *)((char *)source -
				      offsetof(struct training_screen, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static int64_t
days_since(int64_t now_ms, int64_t at_ms)
{
	return now_ms > at_ms ? (now_ms - at_ms) / DAY_MS : 0;
}

static bool
is_overdue(int64_t now_ms, int64_t every_days, const struct training *last)
{
	if (every_days <= 0)
		return false;
	return last->id == 0 || days_since(now_ms, last->at_ms) >= every_days;
}

static void
fill(struct training_screen *self, const struct training *record)
{
	int days = (int)days_since(app_now_ms(self->base.app), record->at_ms);

	format_minute(&self->cell[CELL_AT], record->at_ms);
	buf_printf(&self->cell[CELL_AGO], P_("%d day", "%d days", days), days);
	buf_printf(
	    &self->cell[CELL_FOUND], "%d / %d", record->found, record->planted);
	buf_int(&self->cell[CELL_FALSE], record->alarms);
	format_span(&self->cell[CELL_TIME], record->seconds * 1000);
	if (record->sent > 0)
		format_count(&self->cell[CELL_SENT], record->sent);
	else
		buf_text(&self->cell[CELL_SENT], "-");
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct training_screen *self = of_source(source);
	const struct training_line *line;

	if (index < 0 || index >= count(source))
		return false;
	line = &self->line[index];
	out->key = index;
	if (line->kind == TRAINING_HEADING) {
		out->heading = true;
		out->role = ROLE_HEAD;
		out->cell[0] = span_of(_(line->heading));
		return true;
	}
	for (int i = 0; i < CELLS; i++)
		buf_clear(&self->cell[i]);
	if (line->record.id)
		fill(self, &line->record);
	else
		buf_text(&self->cell[CELL_AT], _("not yet"));
	if (line->kind == TRAINING_PERSON &&
	    is_overdue(
		app_now_ms(self->base.app), self->every_days, &line->record))
		out->role = ROLE_WARN;
	out->cell[0] = span_of(line->record.login);
	for (int i = 0; i < CELLS; i++)
		out->cell[i + 1] = buf_span(&self->cell[i]);
	return true;
}

/* ---- Reading --------------------------------------------------------------------- */

static struct training_line *
add(struct training_screen *self, enum training_kind kind)
{
	self->line = mem_more(self->line, self->count, sizeof *self->line);
	self->line[self->count] = (struct training_line){.kind = kind};
	return &self->line[self->count++];
}

/* A group is nobody, and who is locked out does no drill. */
static void
take_person(void *arg, const struct person *person)
{
	struct training_screen *self = arg;

	if (person->disabled || person->login[0] == '@')
		return;
	span_text(add(self, TRAINING_PERSON)->record.login,
	    sizeof self->line->record.login, span_of(person->login));
}

/* The last drill of each person that stands there. */
static int
read_last(struct training_screen *self, struct db *db, struct err *err)
{
	struct training last;
	int64_t got;

	for (size_t i = 0; i < self->count; i++) {
		if (self->line[i].kind != TRAINING_PERSON)
			continue;
		got = training_page(app_store(self->base.app), db,
		    span_of(self->line[i].record.login), 0, &last, 1, err);
		if (got < 0)
			return -1;
		if (got > 0)
			self->line[i].record = last;
	}
	return 0;
}

static int
read_people(struct training_screen *self, struct db *db, struct err *err)
{
	const struct person *me = app_person(self->base.app);

	add(self, TRAINING_HEADING)->heading = N_("Last drill of each person");
	if (training_sees_all(app_store(self->base.app), db)) {
		if (person_each(db, take_person, self, err) < 0)
			return -1;
	} else if (me) {
		take_person(self, me);
	}
	return read_last(self, db, err);
}

static int
read_records(struct training_screen *self, struct db *db, struct err *err)
{
	struct training *record = mem_array(TRAINING_PAGE_MAX, sizeof *record);
	int64_t got = training_page(app_store(self->base.app), db, SPAN(""), 0,
	    record, TRAINING_PAGE_MAX, err);

	if (got > 0)
		add(self, TRAINING_HEADING)->heading = N_("All drills");
	for (int64_t i = 0; i < got; i++)
		add(self, TRAINING_RECORD)->record = record[i];
	free(record);
	return got < 0 ? -1 : 0;
}

static void
shown(struct screen *screen)
{
	struct training_screen *self = (struct training_screen *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	free(self->line);
	self->line = NULL;
	self->count = 0;
	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    (self->every_days = setting_int(db, "drill.every_days", &err)) <
		0 ||
	    read_people(self, db, &err) < 0 || read_records(self, db, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	list_refresh(self->list);
}

int
training_due(
    struct app *app, struct db *db, struct training_due *out, struct err *err)
{
	const struct person *me = app_person(app);
	struct training last = {.id = 0};

	*out = (struct training_due){.is_due = false};
	out->every_days = setting_int(db, "drill.every_days", err);
	if (out->every_days <= 0 || !me)
		return out->every_days < 0 ? -1 : 0;
	if (training_page(
		app_store(app), db, span_of(me->login), 0, &last, 1, err) < 0)
		return -1;
	out->is_due = is_overdue(app_now_ms(app), out->every_days, &last);
	out->days_ago = last.id ? days_since(app_now_ms(app), last.at_ms) : -1;
	return 0;
}

/* ---- Doing one -------------------------------------------------------------------- */

static void
start_answered(struct screen *owner, int answer, struct span text)
{
	struct drill_result result;
	struct err err = {.code = E_NONE};
	int got;

	(void)text;
	if (answer != 1)
		return;
	got = drill_start(owner->app, &result, &err);
	if (got < 0)
		app_say_err(owner->app, &err);
	else if (got == 0)
		app_say(owner->app, SAY_INFO,
		    _("The drill ended before there was anything to judge; "
		      "nothing is kept."));
	else
		drill_result_open(owner->app, &result, DRILL_RESULT_KEPT);
}

void
training_start(struct screen *owner)
{
	dialog_confirm(owner,
	    &(struct dialog){
		.title = _("Start a drill"),
		.text = _("The demo takes this terminal: a throw-away store "
			  "with a campaign in which eight faults are "
			  "planted. Nothing leaves this machine. Your result "
			  "is kept here as a training record, whatever it "
			  "is."),
		.done = start_answered,
	    },
	    _("Start"));
}

/* ---- The screen --------------------------------------------------------------------- */

static const struct training_line *
chosen(struct training_screen *self)
{
	int64_t index = list_cursor_index(self->list);

	return index >= 0 && (size_t)index < self->count ? &self->line[index]
							 : NULL;
}

static void
open_result(struct training_screen *self, int64_t id)
{
	struct app *app = self->base.app;
	struct drill_result result;
	struct training record;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	int got = -1;

	if (store_view_open(app_store(app), &db, &err) == 0)
		got = training_read(
		    app_store(app), db, id, &record, &result, &err);
	store_reader_close(&db);
	if (got < 0)
		app_say_err(app, &err);
	else if (got > 0)
		drill_result_open(app, &result, DRILL_RESULT_SHOWN);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Training"));
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct training_screen *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	int days = (int)((struct training_screen *)screen)->every_days;

	if (days > 0)
		buf_printf(out,
		    P_("Everybody does a drill every day (Setup > Policy).",
			"Everybody does a drill every %d days (Setup > "
			"Policy).",
			days),
		    days);
	else
		buf_text(out, _("Nobody is asked for a drill; Setup > Policy "
				"changes that."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct training_screen *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct training_screen *self = (struct training_screen *)screen;
	const struct training_line *line = chosen(self);

	if (action == ACT_DRILL_START)
		training_start(screen);
	else if (action == ACT_TRAINING_OPEN && line && line->record.id)
		open_result(self, line->record.id);
	else
		return action == ACT_TRAINING_OPEN ? USED : UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	const struct training_line *line =
	    chosen((struct training_screen *)screen);

	if (action == ACT_DRILL_START)
		return drill_start_why_not(screen->app);
	if (action == ACT_TRAINING_OPEN && (!line || !line->record.id))
		return _("There is no drill on this line.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_TRAINING_OPEN, ACT_DRILL_START, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_training(struct screen *screen)
{
	struct training_screen *self = (struct training_screen *)screen;

	list_free(&self->list);
	free(self->line);
	for (int i = 0; i < CELLS; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops training_ops = {
    .name = "training",
    .section = 8,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .close = close_training,
};

void
training_open(struct app *app)
{
	struct training_screen *self = mem_new(sizeof *self);

	self->base.ops = &training_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_push(app, &self->base);
}
