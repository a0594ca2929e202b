/* Dialogs: one overlay screen for all kinds of question.  What protects from
 * accidents is here and nowhere else: 400 ms during which nothing is taken,
 * repeated keys that never answer, pastes that are refused, and typed words
 * that must fit exactly. */
#include "tui/widgets/dialog.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/list.h"

enum { DEAF_MS = 400, REPEAT_MS = 60, COLS_MAX = 66, PICK_ROWS = 10 };

enum kind { CONFIRM, TYPE, CHOOSE, ASK, PICK, TELL };

struct item_source {
	struct list_source base;
	char **text; /* owned */
	size_t count;
};

struct question {
	struct screen base;
	enum kind kind;
	struct screen *owner; /* below us on the stack */
	void (*done)(struct screen *owner, int answer, struct span text);
	char *title, *text; /* owned */
	char *word;         /* TYPE: to be typed; CONFIRM: label of yes */
	struct dialog_choice choice[DIALOG_CHOICES_MAX];
	char *label[DIALOG_CHOICES_MAX]; /* owned */
	size_t choices;
	struct line *line;
	void (*check)(struct span text, struct buf *why);
	struct buf why;
	struct item_source items;
	struct list *list;
	int64_t deaf_until, last_key_ms; /* steady */
	struct key last_key;
};

static void
answer(struct question *self, int value)
{
	void (*done)(struct screen *, int, struct span) = self->done;
	struct screen *owner = self->owner;
	struct buf text = BUF_INIT;

	if (self->line && value) {
		buf_reserve(&text, LINE_MAX);
		buf_add(&text, line_span(self->line));
	}
	app_pop(self->base.app, &self->base);
	if (done)
		done(owner, value, buf_span(&text));
	buf_wipe(&text);
}

/* True when the key comes too early or is one that repeats itself. */
static bool
is_accident(struct question *self, const struct key *key)
{
	int64_t now = app_steady_ms(self->base.app);
	bool same =
	    key->code == self->last_key.code && key->cp == self->last_key.cp;
	bool repeated = same && now - self->last_key_ms < REPEAT_MS;

	self->last_key = *key;
	self->last_key_ms = now;
	return now < self->deaf_until || repeated;
}

static bool
is_cancel(const struct key *key)
{
	return key->code == K_ESC || key_is(key, K_CTRL('G')) ||
	       key_is(key, K_CTRL('C'));
}

/* Enter in a question that wants text. */
static void
enter_text(struct question *self)
{
	struct span text = line_span(self->line);

	buf_clear(&self->why);
	if (self->kind == TYPE) {
		if (span_equal(text, span_of(self->word)))
			answer(self, 1);
		else
			buf_text(&self->why, _("That is not what is asked."));
		return;
	}
	if (self->check)
		self->check(text, &self->why);
	if (self->why.len == 0)
		answer(self, 1);
}

static void
choose(struct question *self, const struct key *key)
{
	for (size_t i = 0; i < self->choices; i++) {
		if (key_is(key, (unsigned char)self->choice[i].key)) {
			answer(self, (int)i + 1);
			return;
		}
	}
	if (key->code == K_ENTER)
		answer(self, 0);
}

static void
line_or_enter(struct question *self, const struct key *key, bool accident)
{
	if (key->code == K_ENTER) {
		if (!accident)
			enter_text(self);
	} else if (line_key(self->line, key) == USED) {
		buf_clear(&self->why);
	} else if (key->code == K_PASTE) {
		buf_clear(&self->why);
		buf_text(
		    &self->why, _("Type the number: pasting is off here."));
	}
}

static enum used
question_key(struct screen *screen, const struct key *raw)
{
	struct question *self = (struct question *)screen;
	bool accident = is_accident(self, raw);
	struct key key = self->line ? *raw : key_folded(raw);
	int64_t chosen;

	if (key_is(&key, K_CTRL('L')))
		return UNUSED;
	if (key.code == K_PASTE && self->kind != ASK)
		return USED;
	if (app_steady_ms(screen->app) < self->deaf_until)
		return USED;
	if (is_cancel(&key)) {
		answer(self, 0);
	} else if (self->line) {
		line_or_enter(self, &key, accident);
	} else if (self->list && list_key(self->list, &key) == USED) {
		return USED;
	} else if (accident) {
		return USED;
	} else if (self->list) {
		if (key.code == K_ENTER && list_cursor(self->list, &chosen))
			answer(self, (int)chosen + 1);
	} else {
		choose(self, &key);
	}
	return USED;
}

/* ---- Drawing -------------------------------------------------------------- */

static int
draw_buttons(const struct question *self, struct area a, int row)
{
	int col = 2;

	for (size_t i = 0; i < self->choices; i++) {
		int need = 6 + ui_width(span_of(self->label[i]));

		if (col + need > a.cols && col > 2) {
			row++;
			col = 2;
		}
		draw_printf(
		    a, row, col, ROLE_OVERLAY_KEY, "%c", self->choice[i].key);
		draw_str(a, row, col + 2, ROLE_OVERLAY, self->label[i]);
		col += need;
	}
	if (self->kind == TELL)
		draw_printf(a, row, 2, ROLE_BUTTON_FOCUS, "( %s )", _("Close"));
	else
		draw_printf(
		    a, row + 1, 2, ROLE_BUTTON_FOCUS, "( %s )", _("Cancel"));
	draw_cursor(a, self->kind == TELL ? row : row + 1, 4);
	return row + 2;
}

static int
draw_answer(struct question *self, struct area a, int row)
{
	struct buf prompt = BUF_INIT;

	if (self->list) {
		list_draw(self->list,
		    area_rows(area_cols(a, 2, -3), row, PICK_ROWS), FOCUS_ON);
		return row + PICK_ROWS;
	}
	if (!self->line)
		return draw_buttons(self, a, row);
	if (self->kind == TYPE) {
		buf_printf(&prompt, _("Type %s and press Enter:"), self->word);
		row = draw_wrapped(area_cols(a, 2, -3), row, 0, ROLE_OVERLAY,
		    buf_span(&prompt));
	}
	line_draw(self->line, a, row, 2, a.cols - 4, FOCUS_ON);
	if (self->why.len > 0)
		draw_wrapped(area_cols(a, 2, -3), row + 1, 0, ROLE_ERR,
		    buf_span(&self->why));
	buf_done(&prompt);
	return row + 2;
}

/* Rows the text takes, found by drawing where nobody looks. */
static int
rows_needed(struct question *self, int cols)
{
	struct canvas *scratch = canvas_new(200, cols);
	struct area a = area_cols(canvas_area(scratch), 2, -3);
	int rows = 4 + draw_wrapped(a, 0, 0, ROLE_TEXT, span_of(self->text));
	int why = draw_wrapped(a, 0, 0, ROLE_TEXT, buf_span(&self->why));

	if (why > 1)
		rows += why - 1;

	if (self->list)
		rows += PICK_ROWS;
	else if (self->choices > 3)
		rows += 3;
	else
		rows += 2;
	if (self->kind == TYPE)
		rows++;
	canvas_free(&scratch);
	return rows;
}

static void
draw_question(struct screen *screen, struct area body)
{
	struct question *self = (struct question *)screen;
	int cols = body.cols - 6 < COLS_MAX ? body.cols - 6 : COLS_MAX;
	int rows = rows_needed(self, cols), top;
	struct area a;

	if (rows > body.rows)
		rows = body.rows;
	top = (body.rows - rows) / 2;
	a = area_rows(area_cols(body, (body.cols - cols) / 2, cols), top, rows);
	draw_fill(a, ROLE_OVERLAY);
	draw_blank(a, 0, 0, a.cols, ROLE_BAR);
	draw_str(a, 0, 1, ROLE_BAR_KEY, self->title);
	top = draw_wrapped(
	    area_cols(a, 2, -3), 2, 0, ROLE_OVERLAY, span_of(self->text));
	draw_answer(self, a, top + 1);
	draw_swap(a, ROLE_TEXT, ROLE_OVERLAY);
}

static void
question_hint(struct screen *screen, struct buf *out)
{
	struct question *self = (struct question *)screen;

	if (self->kind == TYPE)
		buf_text(
		    out, _("Pasting is off here. Esc leaves all as it is."));
	else if (self->kind == ASK || self->kind == PICK)
		buf_text(out, _("Enter takes it, Esc leaves all as it is."));
	else if (self->kind == CONFIRM || self->kind == CHOOSE)
		buf_text(out, _("A letter answers; Enter and Esc cancel."));
}

static void
close_question(struct screen *screen)
{
	struct question *self = (struct question *)screen;

	for (size_t i = 0; i < self->choices; i++)
		free(self->label[i]);
	for (size_t i = 0; i < self->items.count; i++)
		free(self->items.text[i]);
	list_free(&self->list);
	free(self->items.text);
	line_free(&self->line);
	buf_done(&self->why);
	free(self->title);
	free(self->text);
	free(self->word);
	free(self);
}

static const struct screen_ops question_ops = {
    .name = "dialog",
    .shape = SCREEN_OVERLAY,
    .draw = draw_question,
    .hint = question_hint,
    .key = question_key,
    .close = close_question,
};

/* ---- The kinds ------------------------------------------------------------ */

static char *
copy(const char *text)
{
	return mem_text(span_of(text ? text : ""));
}

static struct question *
question_new(struct screen *owner, const struct dialog *dialog, enum kind kind)
{
	struct question *self = mem_new(sizeof *self);

	self->base.ops = &question_ops;
	self->kind = kind;
	self->owner = owner;
	self->done = dialog->done;
	self->title = copy(dialog->title);
	self->text = copy(dialog->text);
	self->deaf_until = app_steady_ms(owner->app) +
			   (kind == ASK || kind == PICK ? 0 : DEAF_MS);
	return self;
}

static void
add_choice(struct question *self, char key, const char *label)
{
	size_t at = self->choices;

	if (at == DIALOG_CHOICES_MAX)
		return;
	self->choice[at].key = key;
	self->label[at] = copy(label);
	self->choices++;
}

void
dialog_confirm(
    struct screen *owner, const struct dialog *dialog, const char *yes)
{
	struct question *self = question_new(owner, dialog, CONFIRM);

	add_choice(self, 'y', yes);
	app_push(owner->app, &self->base);
}

void
dialog_type(struct screen *owner, const struct dialog *dialog, const char *word)
{
	struct question *self = question_new(owner, dialog, TYPE);

	self->word = copy(word);
	self->line = line_new(LINE_TEXT, 1000);
	line_set_paste(self->line, LINE_PASTE_REFUSE);
	app_push(owner->app, &self->base);
}

void
dialog_choose(struct screen *owner, const struct dialog *dialog,
    const struct dialog_choice *choices, size_t count)
{
	struct question *self = question_new(owner, dialog, CHOOSE);

	for (size_t i = 0; i < count; i++)
		add_choice(self, choices[i].key, choices[i].label);
	app_push(owner->app, &self->base);
}

void
dialog_ask(struct screen *owner, const struct dialog *dialog,
    enum line_kind kind, struct span start,
    void (*check)(struct span text, struct buf *why))
{
	struct question *self = question_new(owner, dialog, ASK);

	self->line = line_new(kind, 1000);
	if (kind == LINE_NUMBER)
		line_set_paste(self->line, LINE_PASTE_REFUSE);
	self->check = check;
	line_set(self->line, start);
	app_push(owner->app, &self->base);
}

static int64_t
item_count(struct list_source *source)
{
	return (int64_t)((struct item_source *)source)->count;
}

static bool
item_row(struct list_source *source, int64_t index, struct list_row *out)
{
	out->key = index;
	out->cell[0] = span_of(((struct item_source *)source)->text[index]);
	return true;
}

void
dialog_pick(struct screen *owner, const struct dialog *dialog,
    const char *const *items, size_t count, size_t start)
{
	static const struct list_column column = {"", 0, 10, 0, FIT_END};
	struct question *self = question_new(owner, dialog, PICK);

	self->items.base.count = item_count;
	self->items.base.row = item_row;
	self->items.text =
	    mem_array(count ? count : 1, sizeof *self->items.text);
	for (size_t i = 0; i < count; i++)
		self->items.text[i] = copy(items[i]);
	self->items.count = count;
	self->list = list_new(&self->items.base, &column, 1);
	list_cursor_index_set(self->list, (int64_t)start);
	app_push(owner->app, &self->base);
}

void
dialog_tell(struct screen *owner, const struct dialog *dialog)
{
	struct question *self = question_new(owner, dialog, TELL);

	app_push(owner->app, &self->base);
}
