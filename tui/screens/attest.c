/* What no machine can know (PP-06): every date, price, telephone number and
 * foreign host that stands in the messages is ticked by itself, in an order that
 * is not that of the text, and four statements are made in words. */
#include <stdlib.h>

#include "tui/screens/attest_work.h"
#include "tui/screens/check_text.h"
#include "tui/screens/crumb.h"
#include "tui/screens/screens.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct attest {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct campaign_id campaign;
	struct attest_facts facts;
	bool is_read;
	struct job *job;
	size_t asked; /* statement that a dialog is about */
	struct buf cell;
};

struct statement {
	const char *name, *title, *question;
};

static const struct statement statements[] = {
    {"consent", N_("the consent covers this content"),
	N_("Why may exactly this content be sent to these people? Say it in a "
	   "sentence.")},
    {"class", N_("the kind is right"),
	N_("Why is this mail of the kind that was chosen (advertisement, "
	   "transaction, notice)? Say it in a sentence.")},
    {"truth", N_("what is said and promised is true"),
	N_("Who has checked prices, conditions and promises, and against "
	   "what? Say it in a sentence.")},
    {"landing", N_("the pages behind the links were read"),
	N_("Who has read the pages behind the links, and when? Say it in a "
	   "sentence; if there are no links, say that.")},
};

/* ---- Jobs ------------------------------------------------------------------ */

static struct attest_work *
work_new(struct attest *self, enum attest_task task)
{
	struct attest_work *work = mem_new(sizeof *work);

	work->task = task;
	work->store = app_store(self->base.app);
	work->world = app_world(self->base.app);
	work->campaign = self->campaign;
	return work;
}

static void
start(struct attest *self, struct attest_work *work)
{
	struct err err = {0};

	if (app_job(self->base.app, &self->base, &attest_work_ops, work,
		&self->job, &err) < 0) {
		self->job = NULL;
		app_say_err(self->base.app, &err);
	}
}

/* Rows: heading, items, heading, statements. */
static int64_t
first_statement(const struct attest *self)
{
	return self->facts.count ? (int64_t)self->facts.count + 2 : 1;
}

static bool
is_done(const struct attest *self, int64_t index)
{
	int64_t from = first_statement(self);

	if (index >= from)
		return self->facts.said[index - from].len > 0;
	return self->facts.item[index - 1].ticked;
}

static bool
is_heading(const struct attest *self, int64_t index)
{
	return index == first_statement(self) - 1 || index == 0;
}

static int64_t
row_count(const struct attest *self)
{
	return self->is_read
		   ? first_statement(self) +
			 (int64_t)(sizeof statements / sizeof *statements)
		   : 0;
}

static int64_t
first_open(const struct attest *self)
{
	for (int64_t i = 0; i < row_count(self); i++) {
		if (!is_heading(self, i) && !is_done(self, i))
			return i;
	}
	return -1;
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct attest *self = (struct attest *)screen;
	struct attest_work *work = data;
	int64_t open;

	(void)job;
	self->job = NULL;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	attest_facts_done(&self->facts);
	self->facts = work->facts;
	work->facts = (struct attest_facts){.count = 0};
	self->is_read = true;
	list_refresh(self->list);
	open = first_open(self);
	if (open >= 0)
		list_cursor_set(self->list, open);
}

/* ---- The list --------------------------------------------------------------- */

static struct attest *
of_source(struct list_source *source)
{
	return (
	    struct attest *)((char *)source - offsetof(struct attest, source));
}

static int64_t
source_count(struct list_source *source)
{
	return row_count(of_source(source));
}

static const char *
kind_text(enum extract_kind kind)
{
	switch (kind) {
	case EXTRACT_DATE:
		return _("date");
	case EXTRACT_PRICE:
		return _("price");
	case EXTRACT_HOST:
		return _("foreign host");
	default:
		return _("telephone");
	}
}

static void
item_row(
    struct attest *self, const struct attest_item *item, struct list_row *out)
{
	struct buf count = BUF_INIT;

	buf_clear(&self->cell);
	format_count(&count, item->messages);
	buf_printf(&self->cell,
	    P_("%s in %s message", "%s in %s messages", item->messages),
	    kind_text(item->kind), count.ptr);
	buf_done(&count);
	out->cell[1] = *item->text ? span_of(item->text)
				   : span_of(_("(more than are listed)"));
	out->cell[2] = buf_span(&self->cell);
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct attest *self = of_source(source);
	int64_t from = first_statement(self);
	bool done;

	if (index >= row_count(self))
		return false;
	out->key = index;
	if (is_heading(self, index)) {
		out->heading = true;
		out->cell[0] =
		    span_of(index == from - 1
				? _("Said in a sentence, with your name")
				: _("Right as it stands there? Tick each"));
		return true;
	}
	done = is_done(self, index);
	out->cell[0] = done ? SPAN("✓") : SPAN("?");
	out->cell_role[0] = done ? ROLE_OK : ROLE_WARN;
	if (index < from) {
		item_row(self, &self->facts.item[index - 1], out);
		return true;
	}
	out->cell[1] = span_of(_(statements[index - from].title));
	out->cell[2] = done ? buf_span(&self->facts.said[index - from])
			    : span_of(_("answer needed"));
	return true;
}

static const struct list_column columns[] = {
    {"", 1, 1, 0, FIT_END},
    {"", 0, 30, 0, FIT_END},
    {"", 32, 12, 0, FIT_END},
};

/* ---- Saying ------------------------------------------------------------------ */

static void
words_typed(struct screen *owner, int answer, struct span text)
{
	struct attest *self = (struct attest *)owner;
	struct attest_work *work;

	if (!answer)
		return;
	work = work_new(self, ATTEST_SAY);
	work->statement = statements[self->asked].name;
	buf_add(&work->words, text);
	start(self, work);
}

static void
tick(struct attest *self, const struct attest_item *item)
{
	struct attest_work *work;

	if (item->ticked)
		return;
	work = work_new(self, ATTEST_TICK);
	work->item = *item;
	start(self, work);
}

static void
say(struct attest *self)
{
	struct dialog dialog = {.done = words_typed};
	int64_t index, from = first_statement(self);

	if (!list_cursor(self->list, &index) || is_heading(self, index))
		return;
	if (index < from) {
		tick(self, &self->facts.item[index - 1]);
		return;
	}
	self->asked = (size_t)(index - from);
	dialog.title = _(statements[self->asked].title);
	dialog.text = _(statements[self->asked].question);
	dialog_ask(&self->base, &dialog, LINE_TEXT,
	    buf_span(&self->facts.said[self->asked]), check_sentence);
}

/* ---- Screen ------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct attest *self = (struct attest *)screen;

	crumb_add(screen, buf_span(&self->facts.name), _("Statements"), out);
}

static void
draw(struct screen *screen, struct area body)
{
	struct attest *self = (struct attest *)screen;

	if (!self->is_read)
		draw_str(body, 1, 1, ROLE_DIM, _("Reading .."));
	else
		list_draw(self->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct attest *self = (struct attest *)screen;

	if (self->is_read && first_open(self) < 0)
		buf_text(out, _("+ Everything is ticked and said."));
	else if (self->is_read)
		buf_text(
		    out, _("? Enter ticks a line, or asks for the sentence."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct attest *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct attest *self = (struct attest *)screen;

	if (action == ACT_ATTEST_SAY && (self->job || !self->is_read))
		return _("One moment: this is being read or written.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action != ACT_ATTEST_SAY)
		return UNUSED;
	say((struct attest *)screen);
	return USED;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action all[] = {ACT_ATTEST_SAY, ACT_BACK, ACT_NONE};

	(void)screen;
	return all;
}

static void
close_attest(struct screen *screen)
{
	struct attest *self = (struct attest *)screen;

	list_free(&self->list);
	attest_facts_done(&self->facts);
	buf_done(&self->cell);
	free(self);
}

static const struct screen_ops attest_ops = {
    .name = "attest",
    .section = 3,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .job_done = job_done,
    .close = close_attest,
};

void
attest_open(struct app *app, struct campaign_id campaign)
{
	struct attest *self = mem_new(sizeof *self);

	self->base.ops = &attest_ops;
	self->campaign = campaign;
	self->source.count = source_count;
	self->source.row = source_row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_push(app, &self->base);
	start(self, work_new(self, ATTEST_READ));
}
