/* After a mis-send: who is meant, by conditions that are lines of a list, how
 * many that are, and what can be made for exactly them: a file, the facts for
 * the authority, a draft.  Nothing is sent from here. */
#include "tui/screens/correction.h"

#include <stddef.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"

/* ---- Rows ------------------------------------------------------------------------ */

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
	correction_add_condition(self, (enum condition)index, &self->cell);
	out->key = index;
	out->cell[0] = span_of(correction_label((enum condition)index));
	out->cell[1] = buf_span(&self->cell);
	return true;
}

static const struct list_column columns[] = {
    {N_("Who is meant"), 26, 26, 0, FIT_END},
    {"", 0, 20, 0, FIT_END},
};

/* ---- Files ----------------------------------------------------------------------- */

static void
write_confirmed(struct screen *owner, int answer, struct span text)
{
	struct correction *self = (struct correction *)owner;

	(void)text;
	if (answer)
		correction_start(self, correction_work_new(self, TASK_WRITE));
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
	correction_start(self, correction_work_new(self, TASK_SHEET));
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
write_apology(
    const struct correction_facts *facts, struct correction_work *work)
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
	struct correction_work *work;

	(void)text;
	if (!answer || !self->work)
		return;
	work = correction_work_new(self, TASK_DRAFT);
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
	correction_start(self, work);
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
	correction_add_time(&text, figures->first_ms);
	buf_text(&text, " .. ");
	correction_add_time(&text, figures->last_ms);
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
		correction_change(
		    self, (enum condition)list_cursor_index(self->list));
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
		correction_work_free(self->work);
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
    .job_done = correction_job_done,
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
	correction_count(self);
}
