/* The values of a column that says whether somebody may be mailed, and what
 * each is taken to mean.  What is not understood means no. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

struct values {
	struct screen base;
	struct import_column *column; /* the wizard's, the screen below */
	struct list_source source;
	struct list *list;
	struct buf rows;
};

static const struct list_column columns[] = {
    {N_("In the file"), 0, 20, 0, FIT_END},
    {N_("Rows"), 8, 0, 0, FIT_RIGHT},
    {N_("means"), 30, 0, 0, FIT_END},
};

const char *const wizard_meanings[IMPORT_STATES] = {
    [IMPORT_STATE_UNSAID] = N_("nothing"),
    [IMPORT_STATE_SUBSCRIBED] = N_("may be mailed"),
    [IMPORT_STATE_REFUSED] = N_("did not agree"),
    [IMPORT_STATE_UNSUBSCRIBED] = N_("unsubscribed"),
    [IMPORT_STATE_BOUNCED] = N_("bounced"),
    [IMPORT_STATE_COMPLAINT] = N_("complained"),
    [IMPORT_STATE_BLOCKED] = N_("blocked"),
};

static struct values *
of_source(struct list_source *source)
{
	return (
	    struct values *)((char *)source - offsetof(struct values, source));
}

static int64_t
count(struct list_source *source)
{
	int values = of_source(source)->column->values;

	return values <= IMPORT_VALUES ? values : 0;
}

/* Nobody knows the word, and nobody has said what it means. */
static bool
is_unknown(const struct import_value *value)
{
	return value->text[0] && !value_is_known(span_of(value->text)) &&
	       value->state == IMPORT_STATE_UNSUBSCRIBED;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct values *self = of_source(source);
	const struct import_value *value = &self->column->value[index];
	bool may = value->state <= IMPORT_STATE_SUBSCRIBED;

	buf_clear(&self->rows);
	format_count(&self->rows, value->rows);
	out->key = index;
	out->cell[0] = span_of(value->text[0] ? value->text : _("(empty)"));
	out->cell[1] = buf_span(&self->rows);
	out->cell[2] = span_of(_(wizard_meanings[value->state]));
	out->cell_role[2] = may ? ROLE_OK : ROLE_WARN;
	if (is_unknown(value)) {
		out->cell[2] = span_of(_("? not understood: stopped"));
		out->cell_role[2] = ROLE_ERR;
	}
	return true;
}

static struct import_value *
selected(struct values *self)
{
	int64_t index = list_cursor_index(self->list);

	return index < 0 ? NULL : &self->column->value[index];
}

static void
meaning_answered(struct screen *owner, int answer, struct span text)
{
	struct import_value *value = selected((struct values *)owner);

	(void)text;
	if (answer && value)
		value->state = (enum import_state)(answer - 1);
}

static void
ask_meaning(struct values *self)
{
	const struct import_value *value = selected(self);
	const char *items[IMPORT_STATES];

	if (!value)
		return;
	for (int i = 0; i < IMPORT_STATES; i++)
		items[i] = _(wizard_meanings[i]);
	dialog_pick(&self->base,
	    &(struct dialog){.title = _("What does this value mean?"),
		.text = value->text[0] ? value->text : _("(empty)"),
		.done = meaning_answered},
	    items, IMPORT_STATES, value->state);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	buf_text(out, _("Values"));
	buf_text(out, "  ");
	buf_text(out, ((struct values *)screen)->column->header);
}

static void
draw(struct screen *screen, struct area body)
{
	struct values *self = (struct values *)screen;

	draw_wrapped(area_cols(body, 1, -2), 0, 0, ROLE_TEXT,
	    span_of(_("What the first rows hold, and what each value means. A "
		      "value that nobody knows, here or further on, puts its "
		      "person on the stop list.")));
	list_draw(self->list, area_rows(body, 3, -1), FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	const struct import_value *value = selected((struct values *)screen);

	if (value && is_unknown(value))
		buf_text(out,
		    _("! Nobody knows this word: who has it goes to the stop "
		      "list, unless you say what it means."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_IMPORT_MEANING, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct values *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action != ACT_IMPORT_MEANING)
		return wizard_page_act(screen, action);
	ask_meaning((struct values *)screen);
	return USED;
}

static void
close_values(struct screen *screen)
{
	struct values *self = (struct values *)screen;

	list_free(&self->list);
	buf_done(&self->rows);
	free(self);
}

static const struct screen_ops values_ops = {
    .name = "import-values",
    .section = 2,
    .title = title,
    .tabs = wizard_page_tabs,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .close = close_values,
};

void
import_values_open(struct app *app, struct import_column *column)
{
	struct values *self = mem_new(sizeof *self);

	self->base.ops = &values_ops;
	self->column = column;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("There are too many different values to tell them one by one."));
	app_push(app, &self->base);
}
