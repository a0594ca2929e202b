/* Which columns the list of people has.  The address is always there and first;
 * of the others what stands further right goes first where it is narrow. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/contacts_impl.h"
#include "tui/text/i18n.h"

static const struct {
	const char *word, *title;
	int width;
	enum contact_order order; /* that the column shows; BY_ID: none */
} kinds[COLUMN_KINDS] = {
    [COLUMN_ADDRESS] = {"address", N_("Address"), 0, CONTACT_BY_ADDRESS},
    [COLUMN_NAME] = {"name", N_("Name"), 9, CONTACT_BY_NAME},
    [COLUMN_STATUS] = {"status", N_("Status"), 7, CONTACT_BY_STATUS},
    [COLUMN_CONSENT] = {"consent", N_("Consent"), 16, CONTACT_BY_CONSENT},
    [COLUMN_SENT] = {"sent", N_("Last sent"), 11, CONTACT_BY_SENT},
    [COLUMN_TAGS] = {"tags", N_("Tags"), 14, CONTACT_BY_ID},
};

enum { ADDRESS_MIN = 26, FIELD_WIDTH = 9 };

/* ---- As text ----------------------------------------------------------------- */

static void
add_column(struct columns *columns, enum column_kind kind, struct span field)
{
	struct column *column = &columns->column[columns->count];

	if (columns->count == COLUMNS_MAX || field.len >= COLUMN_OCTETS)
		return;
	*column = (struct column){.kind = kind};
	if (field.len)
		memcpy(column->field, field.ptr, field.len);
	columns->count++;
}

static void
add_word(struct columns *columns, struct span word)
{
	if (span_starts(word, SPAN(":"))) {
		add_column(
		    columns, COLUMN_FIELD, span_slice(word, 1, word.len));
		return;
	}
	for (int i = COLUMN_NAME; i < COLUMN_KINDS; i++) {
		if (span_equal(word, span_of(kinds[i].word)))
			add_column(columns, (enum column_kind)i, SPAN(""));
	}
}

void
columns_read(struct columns *columns, struct span text)
{
	columns->count = 0;
	add_column(columns, COLUMN_ADDRESS, SPAN(""));
	if (text.len == 0) {
		for (int i = COLUMN_NAME; i <= COLUMN_SENT; i++)
			add_column(columns, (enum column_kind)i, SPAN(""));
	}
	while (text.len)
		add_word(columns, span_cut(&text, '\n'));
}

void
columns_write(const struct columns *columns, struct buf *out)
{
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = &columns->column[i];

		if (i)
			buf_char(out, '\n');
		if (column->kind == COLUMN_FIELD)
			buf_printf(out, ":%s", column->field);
		else
			buf_text(out, kinds[column->kind].word);
	}
}

/* ---- As a table -------------------------------------------------------------- */

const char *
column_title(const struct column *column)
{
	return column->kind == COLUMN_FIELD ? column->field
					    : _(kinds[column->kind].title);
}

static bool
is_sorted_by(const struct column *column, const struct list_view *view)
{
	return column->kind != COLUMN_FIELD && view->order != CONTACT_BY_ID &&
	       kinds[column->kind].order == view->order;
}

void
columns_lay_out(const struct columns *columns, const struct list_view *view,
    struct list_column *table, struct buf *title)
{
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = &columns->column[i];

		buf_clear(&title[i]);
		buf_text(&title[i], column_title(column));
		if (is_sorted_by(column, view))
			buf_text(
			    &title[i], view->way == CONTACT_UP ? " ^" : " v");
		table[i] = (struct list_column){.title = title[i].ptr,
		    .width = column->kind == COLUMN_FIELD
				 ? FIELD_WIDTH
				 : kinds[column->kind].width,
		    .drop = (int)i,
		    .fit = FIT_END};
	}
	table[0].min = ADDRESS_MIN;
	table[0].fit = FIT_MIDDLE;
}

/* ---- Choosing ---------------------------------------------------------------- */

struct offer {
	struct column column;
	bool taken;
};

struct choice {
	struct screen base;
	struct screen *owner;
	void (*chosen)(struct screen *owner, const struct columns *columns);
	struct list_source source;
	struct list *list;
	struct offer *offer; /* owned */
	size_t count;
};

static const struct list_column choice_columns[] = {
    {"", 3, 0, 0, FIT_END},
    {"", 0, 20, 0, FIT_END},
};

static struct choice *
of_source(struct list_source *source)
{
	return (
	    struct choice *)((char *)source - offsetof(struct choice, source));
}

static int64_t
offer_count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
offer_row(struct list_source *source, int64_t index, struct list_row *out)
{
	const struct offer *offer = &of_source(source)->offer[index];

	out->key = index;
	out->cell[0] = offer->taken ? SPAN("[x]") : SPAN("[ ]");
	out->cell[1] = span_of(column_title(&offer->column));
	if (offer->column.kind == COLUMN_ADDRESS)
		out->role = ROLE_DIM;
	return true;
}

static struct offer *
at_cursor(struct choice *self, int64_t *index)
{
	*index = list_cursor_index(self->list);
	return *index > 0 && *index < (int64_t)self->count
		   ? &self->offer[*index]
		   : NULL;
}

/* Exchanges the row under the cursor with a neighbour; the first one stays. */
static void
move(struct choice *self, int step)
{
	int64_t index;
	struct offer *offer = at_cursor(self, &index), other;

	if (!offer || index + step < 1 || index + step >= (int64_t)self->count)
		return;
	other = offer[step];
	offer[step] = *offer;
	*offer = other;
	list_cursor_index_set(self->list, index + step);
}

static void
toggle(struct choice *self)
{
	int64_t index;
	struct offer *offer = at_cursor(self, &index);
	size_t taken = 0;

	for (size_t i = 0; i < self->count; i++)
		taken += self->offer[i].taken;
	if (!offer)
		return;
	if (!offer->taken && taken == COLUMNS_MAX)
		app_say(self->base.app, SAY_WARN,
		    _("There is no room for more columns."));
	else
		offer->taken = !offer->taken;
}

static void
finish(struct choice *self)
{
	struct columns columns = {.count = 0};

	for (size_t i = 0; i < self->count; i++) {
		if (self->offer[i].taken)
			add_column(&columns, self->offer[i].column.kind,
			    span_of(self->offer[i].column.field));
	}
	app_pop(self->base.app, &self->base);
	self->chosen(self->owner, &columns);
}

static void
choice_draw(struct screen *screen, struct area body)
{
	struct choice *self = (struct choice *)screen;

	draw_fill(body, ROLE_OVERLAY);
	draw_str(body, 0, 1, ROLE_OVERLAY_KEY, _("Columns"));
	list_draw(self->list, area_rows(body, 2, -1), FOCUS_ON);
	draw_swap(body, ROLE_TEXT, ROLE_OVERLAY);
}

static void
choice_hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("What stands lower goes first where it is narrow."));
}

static enum used
choice_key(struct screen *screen, const struct key *key)
{
	return list_key(((struct choice *)screen)->list, key);
}

static const enum action *
choice_footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_COLUMNS_TOGGLE,
	    ACT_COLUMNS_UP, ACT_COLUMNS_DOWN, ACT_COLUMNS_TAKE, ACT_CLOSE,
	    ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
choice_act(struct screen *screen, enum action action)
{
	struct choice *self = (struct choice *)screen;

	if (action == ACT_COLUMNS_TOGGLE)
		toggle(self);
	else if (action == ACT_COLUMNS_UP)
		move(self, -1);
	else if (action == ACT_COLUMNS_DOWN)
		move(self, 1);
	else if (action == ACT_COLUMNS_TAKE)
		finish(self);
	else if (action == ACT_CLOSE)
		app_pop(screen->app, screen);
	else
		return UNUSED;
	return USED;
}

static void
choice_close(struct screen *screen)
{
	struct choice *self = (struct choice *)screen;

	list_free(&self->list);
	free(self->offer);
	free(self);
}

static const struct screen_ops choice_ops = {
    .name = "columns",
    .shape = SCREEN_OVERLAY,
    .draw = choice_draw,
    .hint = choice_hint,
    .key = choice_key,
    .footer = choice_footer,
    .act = choice_act,
    .close = choice_close,
};

static bool
is_same(const struct column *a, const struct column *b)
{
	return a->kind == b->kind && !strcmp(a->field, b->field);
}

/* Offers a column that is not among the chosen ones. */
static void
offer_more(
    struct choice *self, const struct columns *now, const struct column *column)
{
	for (size_t i = 0; i < now->count; i++) {
		if (is_same(&now->column[i], column))
			return;
	}
	self->offer[self->count++] = (struct offer){*column, false};
}

static void
fill_offers(struct choice *self, const struct columns *now, char *const *names,
    size_t count)
{
	self->offer =
	    mem_array(COLUMNS_MAX + COLUMN_KINDS + count, sizeof *self->offer);
	for (size_t i = 0; i < now->count; i++)
		self->offer[self->count++] =
		    (struct offer){now->column[i], true};
	for (int i = COLUMN_NAME; i < COLUMN_KINDS; i++)
		offer_more(
		    self, now, &(struct column){.kind = (enum column_kind)i});
	for (size_t i = 0; i < count; i++) {
		struct column column = {.kind = COLUMN_FIELD};

		if (strlen(names[i]) >= COLUMN_OCTETS)
			continue;
		memcpy(column.field, names[i], strlen(names[i]));
		offer_more(self, now, &column);
	}
}

void
columns_choose(struct screen *owner, const struct columns *now,
    char *const *names, size_t count,
    void (*chosen)(struct screen *owner, const struct columns *columns))
{
	struct choice *self = mem_new(sizeof *self);

	self->base.ops = &choice_ops;
	self->owner = owner;
	self->chosen = chosen;
	fill_offers(self, now, names, count);
	self->source.count = offer_count;
	self->source.row = offer_row;
	self->list = list_new(&self->source, choice_columns,
	    sizeof choice_columns / sizeof *choice_columns);
	app_push(owner->app, &self->base);
}
