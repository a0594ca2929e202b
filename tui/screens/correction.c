/* After a mis-send: who is meant, by conditions that are lines of a list, how
 * many that are, and what can be made for exactly them: a file, the facts for
 * the authority, a draft.  Nothing is sent from here. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/health/health.h"
#include "core/report/report.h"
#include "tui/app.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/sheet.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { FIXED_FIELDS = 3, CHOICES_MAX = 200 };

/* ---- Conditions ------------------------------------------------------------------ */

enum condition {
	BY_STATE,
	BY_CLASS,
	BY_FIELD,
	BY_VALUE,
	BY_FROM,
	BY_TO,
	BY_RELAY,
	CONDITIONS
};

static const char *const labels[CONDITIONS] = {
    [BY_STATE] = N_("State"),
    [BY_CLASS] = N_("Reason of a refusal"),
    [BY_FIELD] = N_("Field"),
    [BY_VALUE] = N_("with the value"),
    [BY_FROM] = N_("From (date and time)"),
    [BY_TO] = N_("Until (date and time)"),
    [BY_RELAY] = N_("Relay"),
};

#define STATE(name) (1u << LEDGER_##name)
#define CLASS(name) (1u << OUTCOME_##name)

static const struct {
	const char *label;
	unsigned bits;
} states[] =
    {
	{N_("accepted or in doubt"), STATE(ACCEPTED) | STATE(IN_DOUBT)},
	{N_("accepted"), STATE(ACCEPTED)},
	{N_("in doubt"), STATE(IN_DOUBT)},
	{N_("failed"), STATE(FAILED)},
	{N_("withheld or cancelled"), STATE(WITHHELD) | STATE(CANCELLED)},
	{N_("any"), 0},
},
  classes[] = {
      {N_("any"), 0},
      {N_("the address: unknown, closed, no domain (H1 H2 H3)"),
	  CLASS(H1) | CLASS(H2) | CLASS(H3)},
      {N_("the recipient's settings (H4)"), CLASS(H4)},
      {N_("for now: full, busy, out of time (S X)"),
	  CLASS(S1) | CLASS(S2) | CLASS(S3) | CLASS(S4) | CLASS(X)},
      {N_("about us: text, reputation, relay (P A F T)"),
	  CLASS(P1) | CLASS(P2) | CLASS(P3) | CLASS(A1) | CLASS(A2) |
	      CLASS(A3) | CLASS(F1) | CLASS(F2) | CLASS(T)},
      {N_("not known yet (U)"), CLASS(U)},
};
enum {
	STATES = sizeof states / sizeof *states,
	CLASSES = sizeof classes / sizeof *classes
};

/* What was chosen. */
struct chosen {
	int state, class;
	struct buf field, value; /* field empty: any */
	int64_t from_ms, to_ms;
	int64_t relay;
};

/* ---- Work ------------------------------------------------------------------------ */

enum task { TASK_COUNT, TASK_WRITE, TASK_SHEET, TASK_DRAFT };

/* What a job reads or makes. */
struct work {
	enum task task;
	struct store *store; /* borrowed */
	struct selection selection;
	struct buf field, value, path; /* selection points into them */
	struct buf subject, body, name, list_name;
	enum campaign_class class;
	int64_t now_ms;
	/* out */
	struct correction_facts facts;
	struct correction_draft draft;
	int64_t rows;
	struct relay_config *relay;
	size_t relays;
	char **fields;
	size_t field_count;
};

struct correction {
	struct screen base;
	struct campaign_id campaign;
	struct chosen chosen;
	struct work *work;  /* the last that was counted; NULL before */
	enum action making; /* which draft waits for an answer */
	struct list_source source;
	struct list *list;
	struct buf cell, path;
	bool busy, again; /* again: changed while it was counted */
};

static void
work_free(void *data)
{
	struct work *work = data;
	struct buf *all[] = {&work->field, &work->value, &work->path,
	    &work->subject, &work->body, &work->name, &work->list_name};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_done(all[i]);
	correction_facts_done(&work->facts);
	field_names_free(&work->fields, work->field_count);
	free(work->relay);
	free(work);
}

static int
count_all(struct job *job, struct work *work, struct db *db, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(db, work->selection.campaign, &campaign, err);

	if (rc == 0)
		rc = field_names(db, (struct list_id){campaign.list},
		    &work->fields, &work->field_count, err);
	if (rc == 0)
		rc = relay_all(db, &work->relay, &work->relays, err);
	if (rc == 0)
		rc = correction_facts_read(db, &work->selection,
		    job_cancel_flag(job), &work->facts, err);
	campaign_done(&campaign);
	return rc;
}

static int
write_sheet(struct work *work, struct db *db, struct job *job, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = correction_facts_read(
	    db, &work->selection, job_cancel_flag(job), &work->facts, err);

	if (rc == 0) {
		sheet_text(&work->facts, work->now_ms, &text);
		rc = correction_write_sheet(work->store,
		    work->selection.campaign, work->path.ptr, buf_span(&text),
		    err);
	}
	buf_done(&text);
	return rc;
}

static int
make_draft(struct work *work, struct err *err)
{
	work->draft.name = buf_span(&work->name);
	work->draft.list_name = buf_span(&work->list_name);
	work->draft.class = work->class;
	work->draft.subject = buf_span(&work->subject);
	work->draft.body = buf_span(&work->body);
	return correction_draft_make(
	    work->store, &work->selection, &work->draft, err);
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;
	struct db *db = NULL;
	int rc;

	work->selection.field = buf_span(&work->field);
	work->selection.value = buf_span(&work->value);
	if (work->task == TASK_DRAFT)
		return make_draft(work, err);
	if (store_reader_open(work->store, &db, err) < 0)
		return -1;
	if (work->task == TASK_COUNT)
		rc = count_all(job, work, db, err);
	else if (work->task == TASK_SHEET)
		rc = write_sheet(work, db, job, err);
	else
		rc = selection_write_csv(work->store, db, &work->selection,
		    work->path.ptr, &work->rows, err);
	store_reader_close(&db);
	return rc;
}

static const struct job_ops work_job = {work_run, work_free};

static struct work *
work_new(struct correction *self, enum task task)
{
	struct work *work = mem_new(sizeof *work);
	const struct chosen *chosen = &self->chosen;

	work->task = task;
	work->store = app_store(self->base.app);
	work->now_ms = app_now_ms(self->base.app);
	buf_add(&work->field, buf_span(&chosen->field));
	buf_add(&work->value, buf_span(&chosen->value));
	buf_add(&work->path, buf_span(&self->path));
	work->selection = (struct selection){
	    .campaign = self->campaign,
	    .states = states[chosen->state].bits,
	    .classes = classes[chosen->class].bits,
	    .from_ms = chosen->from_ms,
	    .to_ms = chosen->to_ms,
	    .relay = chosen->relay,
	};
	return work;
}

static void
start(struct correction *self, struct work *work)
{
	struct err err = {0};

	if (app_job(self->base.app, &self->base, &work_job, work, NULL, &err) <
	    0)
		app_say_err(self->base.app, &err);
	else
		self->busy = true;
}

static void
count(struct correction *self)
{
	if (self->busy)
		self->again = true;
	else
		start(self, work_new(self, TASK_COUNT));
	list_refresh(self->list);
}

static void
say_written(struct correction *self, const struct work *work)
{
	app_sayf(self->base.app, SAY_OK,
	    _("Written to %s, readable by you alone; the log holds it as an "
	      "export."),
	    work->path.ptr);
}

static void
show_draft(struct correction *self, const struct work *work)
{
	const struct correction_draft *draft = &work->draft;
	struct app *app = self->base.app;

	app_sayf(app, draft->gone ? SAY_WARN : SAY_OK,
	    _("A draft for %lld recipients was made; %lld are no longer among "
	      "the contacts. Nothing was sent."),
	    (long long)draft->joined, (long long)draft->gone);
	campaign_open(app, draft->campaign);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct correction *self = (struct correction *)screen;
	struct work *work = data;

	(void)job;
	self->busy = false;
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (work->task == TASK_WRITE || work->task == TASK_SHEET)
		say_written(self, work);
	else if (work->task == TASK_DRAFT)
		show_draft(self, work);
	if (rc == 0 && work->task == TASK_COUNT) {
		if (self->work)
			work_free(self->work);
		self->work = mem_new(sizeof *work);
		*self->work = *work;
		*work = (struct work){.task = TASK_COUNT};
	}
	list_refresh(self->list);
	if (self->again) {
		self->again = false;
		count(self);
	}
}

/* ---- Rows ------------------------------------------------------------------------ */

static void
add_time(struct buf *out, int64_t at_ms)
{
	if (at_ms)
		format_minute(out, at_ms);
	else
		buf_text(out, _("open"));
}

static const char *
relay_name(const struct correction *self)
{
	const struct work *work = self->work;

	for (size_t i = 0; work && i < work->relays; i++) {
		if (work->relay[i].id == self->chosen.relay)
			return work->relay[i].name;
	}
	return _("any");
}

static void
add_condition(
    const struct correction *self, enum condition which, struct buf *out)
{
	const struct chosen *chosen = &self->chosen;

	switch ((int)which) {
	case BY_STATE:
		buf_text(out, _(states[chosen->state].label));
		break;
	case BY_CLASS:
		buf_text(out, _(classes[chosen->class].label));
		break;
	case BY_FIELD:
		if (chosen->field.len)
			buf_add(out, buf_span(&chosen->field));
		else
			buf_text(out, _("any"));
		break;
	case BY_VALUE:
		buf_add(out, buf_span(&chosen->value));
		break;
	case BY_FROM:
		add_time(out, chosen->from_ms);
		break;
	case BY_TO:
		add_time(out, chosen->to_ms);
		break;
	default:
		buf_text(out, relay_name(self));
	}
}

static struct correction *
of_source(struct list_source *source)
{
	return (struct correction *)((char *)source -
				     offsetof(struct correction, source));
}

static int64_t
source_count(struct list_source *source)
{
	(void)source;
	return CONDITIONS;
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct correction *self = of_source(source);

	if (index < 0 || index >= CONDITIONS)
		return false;
	buf_clear(&self->cell);
	add_condition(self, (enum condition)index, &self->cell);
	out->key = index;
	out->cell[0] = span_of(_(labels[index]));
	out->cell[1] = buf_span(&self->cell);
	return true;
}

static const struct list_column columns[] = {
    {N_("Who is meant"), 26, 26, 0, FIT_END},
    {"", 0, 20, 0, FIT_END},
};

/* ---- Changing a condition ---------------------------------------------------------- */

static void
state_given(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (!answer)
		return;
	((struct correction *)owner)->chosen.state = answer - 1;
	count((struct correction *)owner);
}

static void
class_given(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (!answer)
		return;
	((struct correction *)owner)->chosen.class = answer - 1;
	count((struct correction *)owner);
}

/* Any, name, address, then the list's own. */
static void
field_given(struct screen *owner, int answer, struct span text)
{
	static const char *const fixed[FIXED_FIELDS] = {"", "name", "address"};
	struct correction *self = (struct correction *)owner;
	size_t index = (size_t)answer - 1;

	(void)text;
	if (!answer || !self->work)
		return;
	buf_clear(&self->chosen.field);
	if (index < FIXED_FIELDS)
		buf_text(&self->chosen.field, fixed[index]);
	else if (index - FIXED_FIELDS < self->work->field_count)
		buf_text(&self->chosen.field,
		    self->work->fields[index - FIXED_FIELDS]);
	count(self);
}

static void
value_given(struct screen *owner, int answer, struct span text)
{
	struct correction *self = (struct correction *)owner;

	if (!answer)
		return;
	buf_clear(&self->chosen.value);
	buf_add(&self->chosen.value, text);
	count(self);
}

static void
relay_given(struct screen *owner, int answer, struct span text)
{
	struct correction *self = (struct correction *)owner;
	size_t index = (size_t)answer - 2;

	(void)text;
	if (!answer || !self->work)
		return;
	self->chosen.relay = answer > 1 && index < self->work->relays
				 ? self->work->relay[index].id
				 : 0;
	count(self);
}

/* "2026-11-21" or "2026-11-21 14:34" in local time; 0 for nothing, -1 when it
 * is neither. */
static int64_t
time_of(struct span text)
{
	struct tm tm = {.tm_isdst = -1};
	char line[32];
	const char *rest;

	text = span_trim(text);
	if (!text.len)
		return 0;
	span_text(line, sizeof line, text);
	rest = strptime(line, "%Y-%m-%d", &tm);
	if (rest && *rest)
		rest = strptime(rest, " %H:%M", &tm);
	if (!rest || *rest || text.len >= sizeof line)
		return -1;
	return (int64_t)mktime(&tm) * 1000;
}

static void
check_time(struct span text, struct buf *why)
{
	if (time_of(text) < 0)
		buf_text(why, _("Write it as 2026-11-21 14:34, or nothing."));
}

static void
from_given(struct screen *owner, int answer, struct span text)
{
	if (!answer)
		return;
	((struct correction *)owner)->chosen.from_ms = time_of(text);
	count((struct correction *)owner);
}

static void
to_given(struct screen *owner, int answer, struct span text)
{
	if (!answer)
		return;
	((struct correction *)owner)->chosen.to_ms = time_of(text);
	count((struct correction *)owner);
}

static void
pick_of(struct correction *self, enum condition which)
{
	struct dialog dialog = {.title = _(labels[which]),
	    .done = which == BY_STATE ? state_given : class_given};
	const char *item[STATES + CLASSES];
	size_t n = which == BY_STATE ? (size_t)STATES : (size_t)CLASSES;

	for (size_t i = 0; i < n; i++)
		item[i] = which == BY_STATE ? _(states[i].label)
					    : _(classes[i].label);
	dialog_pick(&self->base, &dialog, item, n,
	    (size_t)(which == BY_STATE ? self->chosen.state
				       : self->chosen.class));
}

static void
pick_field(struct correction *self)
{
	struct dialog dialog = {
	    .title = _(labels[BY_FIELD]), .done = field_given};
	const char *item[CHOICES_MAX] = {_("any"), _("name"), _("address")};
	size_t n = FIXED_FIELDS;

	for (size_t i = 0; i < self->work->field_count && n < CHOICES_MAX; i++)
		item[n++] = self->work->fields[i];
	dialog_pick(&self->base, &dialog, item, n, 0);
}

static void
pick_relay(struct correction *self)
{
	struct dialog dialog = {
	    .title = _(labels[BY_RELAY]), .done = relay_given};
	const char *item[CHOICES_MAX] = {_("any")};
	size_t n = 1;

	for (size_t i = 0; i < self->work->relays && n < CHOICES_MAX; i++)
		item[n++] = self->work->relay[i].name;
	dialog_pick(&self->base, &dialog, item, n, 0);
}

static void
ask_time(struct correction *self, enum condition which)
{
	struct dialog dialog = {
	    .title = _(labels[which]),
	    .text = _("As 2026-11-21 14:34, local time; empty: open. The time "
		      "of the last result of a recipient counts."),
	    .done = which == BY_FROM ? from_given : to_given,
	};
	int64_t at_ms =
	    which == BY_FROM ? self->chosen.from_ms : self->chosen.to_ms;
	struct buf text = BUF_INIT;

	if (at_ms)
		format_minute(&text, at_ms);
	dialog_ask(
	    &self->base, &dialog, LINE_TEXT, buf_span(&text), check_time);
	buf_done(&text);
}

static void
ask_value(struct correction *self)
{
	struct dialog dialog = {
	    .title = _(labels[BY_VALUE]),
	    .text = _("The whole value, as it is in the list. With the field "
		      "\"address\", @example.jp means a domain."),
	    .done = value_given,
	};

	dialog_ask(&self->base, &dialog, LINE_TEXT,
	    buf_span(&self->chosen.value), NULL);
}

static void
change(struct correction *self)
{
	switch ((int)list_cursor_index(self->list)) {
	case BY_STATE:
		pick_of(self, BY_STATE);
		break;
	case BY_CLASS:
		pick_of(self, BY_CLASS);
		break;
	case BY_FIELD:
		pick_field(self);
		break;
	case BY_VALUE:
		ask_value(self);
		break;
	case BY_FROM:
		ask_time(self, BY_FROM);
		break;
	case BY_TO:
		ask_time(self, BY_TO);
		break;
	case BY_RELAY:
		pick_relay(self);
		break;
	default:
		break;
	}
}

/* ---- Files ----------------------------------------------------------------------- */

static void
write_confirmed(struct screen *owner, int answer, struct span text)
{
	struct correction *self = (struct correction *)owner;

	(void)text;
	if (answer)
		start(self, work_new(self, TASK_WRITE));
}

/* A file in the clear leaves the store for good: T1, with the number. */
static void
csv_path_given(struct screen *owner, int answer, struct span path)
{
	struct correction *self = (struct correction *)owner;
	struct dialog dialog = {
	    .title = _("Write the list as CSV"), .done = write_confirmed};
	struct buf text = BUF_INIT, persons = BUF_INIT;
	int64_t n = self->work->facts.figures.persons;

	if (!answer || !path.len)
		return;
	buf_clear(&self->path);
	buf_add(&self->path, path);
	format_count(&persons, n);
	buf_printf(&text,
	    P_("%s recipient with address, state and reply goes in the clear "
	       "into this file:",
		"%s recipients with address, state and reply go in the clear "
		"into this file:",
		n),
	    persons.ptr);
	buf_printf(&text, "\n%.*s\n", SPAN_ARG(path));
	buf_text(&text,
	    _("A file that is already there is replaced. The log will hold "
	      "this as an export."));
	dialog.text = text.ptr;
	dialog_confirm(owner, &dialog, _("Write the file"));
	buf_done(&text);
	buf_done(&persons);
}

static void
sheet_path_given(struct screen *owner, int answer, struct span path)
{
	struct correction *self = (struct correction *)owner;

	if (!answer || !path.len)
		return;
	buf_clear(&self->path);
	buf_add(&self->path, path);
	start(self, work_new(self, TASK_SHEET));
}

static void
ask_path(struct correction *self, enum action action)
{
	bool sheet = action == ACT_CORRECTION_SHEET;
	struct dialog dialog = {
	    .title = sheet ? _("Write the facts as text")
			   : _("Write the list as CSV"),
	    .text = sheet ? _("In Japanese and English, without addresses; a "
			      "plain list of facts, no legal advice. Into "
			      "which file?")
			  : _("Into which file?"),
	    .done = sheet ? sheet_path_given : csv_path_given,
	};
	struct buf path = BUF_INIT;
	const char *home = getenv("HOME");

	buf_printf(&path, sheet ? "%s/facts-%lld.txt" : "%s/affected-%lld.csv",
	    home ? home : "/tmp", (long long)self->campaign.v);
	dialog_ask(&self->base, &dialog, LINE_TEXT, buf_span(&path), NULL);
	buf_done(&path);
}

/* ---- Drafts ---------------------------------------------------------------------- */

/* What is to be filled in stands in brackets that the checklist finds (CM-05),
 * so that no apology leaves unfinished. */
static void
write_apology(const struct correction_facts *facts, struct work *work)
{
	struct buf day = BUF_INIT;

	format_date(&day, facts->figures.first_ms ? facts->figures.first_ms
						  : facts->started_ms);
	work->class = CLASS_NOTICE;
	buf_printf(&work->name, _("Apology: %s"), facts->campaign.ptr);
	buf_text(&work->subject, _("Apology for a mail sent by mistake"));
	buf_printf(&work->body,
	    _("On %s you received a mail from us with the subject \"%s\". It "
	      "was sent by mistake. We apologise.\n\n"
	      "## What happened\n\nTODO\n\n"
	      "## Which data were concerned\n\nTODO\n\n"
	      "## What we ask you to do\n\nPlease delete the mail.\n\n"
	      "## What we do so that it does not happen again\n\nTODO\n"),
	    day.ptr, facts->subject.ptr);
	buf_done(&day);
}

static void
draft_confirmed(struct screen *owner, int answer, struct span text)
{
	struct correction *self = (struct correction *)owner;
	struct work *work;

	(void)text;
	if (!answer || !self->work)
		return;
	work = work_new(self, TASK_DRAFT);
	if (self->making == ACT_CORRECTION_APOLOGY) {
		write_apology(&self->work->facts, work);
	} else {
		work->class = self->work->facts.class;
		buf_printf(&work->name, _("Again: %s"),
		    self->work->facts.campaign.ptr);
	}
	buf_printf(&work->list_name, _("Of campaign %lld, "),
	    (long long)self->campaign.v);
	format_minute(&work->list_name, work->now_ms);
	start(self, work);
}

static void
ask_draft(struct correction *self, enum action action)
{
	const struct selection_figures *figures = &self->work->facts.figures;
	bool apology = action == ACT_CORRECTION_APOLOGY;
	struct dialog dialog = {
	    .title = apology ? _("Make the draft of an apology")
			     : _("Make a draft with the same text"),
	    .done = draft_confirmed,
	};
	struct buf text = BUF_INIT;

	self->making = action;
	buf_printf(&text,
	    _("A new list of exactly these %lld, and a draft for it. It goes "
	      "through the checklist like any other; nothing is sent now."),
	    (long long)figures->persons);
	if (!apology && figures->count[LEDGER_ACCEPTED])
		buf_printf(&text,
		    _("\n! %lld of them have received it already and would "
		      "get it twice."),
		    (long long)figures->count[LEDGER_ACCEPTED]);
	if (!apology && figures->count[LEDGER_IN_DOUBT])
		buf_printf(&text,
		    _("\n! %lld of them are in doubt and may get it twice."),
		    (long long)figures->count[LEDGER_IN_DOUBT]);
	dialog.text = text.ptr;
	dialog_confirm(&self->base, &dialog, _("Make the draft"));
	buf_done(&text);
}

/* ---- Screen ---------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Correction"));
}

static int
figure(struct area body, int row, const char *label, enum role role,
    struct span value)
{
	draw_fit(body, row, 2, 26, ROLE_DIM, FIT_END, span_of(label));
	draw_fit(body, row, 28, body.cols - 30, role, FIT_END, value);
	return row + 1;
}

static void
draw_figures(const struct correction_facts *facts, struct area body, int row)
{
	const struct selection_figures *figures = &facts->figures;
	struct buf text = BUF_INIT;

	format_count(&text, figures->persons);
	row = figure(body, row, _("persons"), ROLE_TITLE, buf_span(&text));
	buf_clear(&text);
	for (int i = 0; i < LEDGER_STATES; i++) {
		if (!figures->count[i])
			continue;
		if (text.len)
			buf_text(&text, "   ");
		buf_printf(&text, "%s ", state_text((enum ledger_state)i));
		format_count(&text, figures->count[i]);
	}
	row = figure(body, row, _("of these"), ROLE_TEXT, buf_span(&text));
	buf_clear(&text);
	add_time(&text, figures->first_ms);
	buf_text(&text, " .. ");
	add_time(&text, figures->last_ms);
	row = figure(
	    body, row, _("first and last mail"), ROLE_TEXT, buf_span(&text));
	buf_clear(&text);
	buf_text(&text, _("address"));
	for (int i = 0; i < facts->fields; i++) {
		buf_text(&text, ", ");
		buf_add(&text, buf_span(&facts->field[i]));
	}
	figure(body, row, _("data in the mail"), ROLE_TEXT, buf_span(&text));
	buf_done(&text);
}

static void
draw(struct screen *screen, struct area body)
{
	struct correction *self = (struct correction *)screen;
	int rows = CONDITIONS + 1;

	list_draw(self->list, area_rows(body, 0, rows), FOCUS_ON);
	if (self->busy || !self->work)
		draw_str(
		    body, rows + 1, 2, ROLE_DIM, _("Reading the ledger .."));
	else
		draw_figures(&self->work->facts, body, rows + 1);
	draw_wrapped(area_cols(body, 0, -2), rows + 6, 2, ROLE_DIM,
	    span_of(_("Nothing is sent from here: a draft goes through the "
		      "checklist, the seal and the launch like any other.")));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct correction *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct correction *self = (struct correction *)screen;

	switch ((int)action) {
	case ACT_OPEN:
		change(self);
		return USED;
	case ACT_CORRECTION_WRITE:
	case ACT_CORRECTION_SHEET:
		ask_path(self, action);
		return USED;
	case ACT_CORRECTION_APOLOGY:
	case ACT_CORRECTION_AGAIN:
		ask_draft(self, action);
		return USED;
	default:
		return UNUSED;
	}
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct correction *self = (struct correction *)screen;
	bool makes =
	    action == ACT_CORRECTION_WRITE || action == ACT_CORRECTION_SHEET ||
	    action == ACT_CORRECTION_APOLOGY || action == ACT_CORRECTION_AGAIN;

	if ((makes || action == ACT_OPEN) && (self->busy || !self->work))
		return _("One moment: the ledger is being read.");
	if (makes && !self->work->facts.figures.persons)
		return _("Nobody is meant by these conditions.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_OPEN, ACT_CORRECTION_WRITE,
	    ACT_CORRECTION_SHEET, ACT_CORRECTION_APOLOGY, ACT_CORRECTION_AGAIN,
	    ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_correction(struct screen *screen)
{
	struct correction *self = (struct correction *)screen;

	if (self->work)
		work_free(self->work);
	list_free(&self->list);
	buf_done(&self->cell);
	buf_done(&self->path);
	buf_done(&self->chosen.field);
	buf_done(&self->chosen.value);
	free(self);
}

static const struct screen_ops correction_ops = {
    .name = "correction",
    .section = 5,
    .title = title,
    .draw = draw,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .job_done = job_done,
    .close = close_correction,
};

void
correction_open(struct app *app, struct campaign_id campaign)
{
	struct correction *self = mem_new(sizeof *self);

	self->base.ops = &correction_ops;
	self->campaign = campaign;
	self->source.count = source_count;
	self->source.row = source_row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_push(app, &self->base);
	count(self);
}
