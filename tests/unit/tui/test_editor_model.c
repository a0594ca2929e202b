/* The editor against a simple model: random commands on a plain string.  The
 * model knows nothing of rows; where the editor moves by rows it asks where
 * the cursor went.  Undo must lead through texts that have been, back to the
 * first one, and redo to the last. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "tui/widgets/editor.h"

enum { ROUNDS = 60, COMMANDS = 400, TEXTS_MAX = COMMANDS + 1 };

struct model {
	struct buf text, cut;
	size_t at;
	long mark; /* -1: none */
	bool held;
	bool cut_lines;
	struct buf been[TEXTS_MAX]; /* all texts so far, the newest last */
	size_t count;
};

static uint32_t
draw_number(uint32_t *random, uint32_t below)
{
	*random = *random * 1664525 + 1013904223;
	return (*random >> 8) % below;
}

static struct span
part(const struct model *model, size_t from, size_t to)
{
	return span_slice(buf_span(&model->text), from, to);
}

static bool
marked(const struct model *model, size_t *from, size_t *to)
{
	size_t mark = (size_t)model->mark;

	if (model->mark < 0 || mark == model->at)
		return false;
	*from = mark < model->at ? mark : model->at;
	*to = mark < model->at ? model->at : mark;
	return true;
}

static void
put(struct model *model, size_t from, size_t to, struct span s)
{
	struct buf all = BUF_INIT;

	buf_add(&all, part(model, 0, from));
	buf_add(&all, s);
	buf_add(&all, part(model, to, model->text.len));
	buf_done(&model->text);
	model->text = all;
	model->at = from + s.len;
	model->mark = -1;
}

/* What the marked text, or a place, gives way to. */
static void
put_here(struct model *model, struct span s)
{
	size_t from = model->at, to = model->at;

	marked(model, &from, &to);
	put(model, from, to, s);
}

static size_t
back(const struct model *model)
{
	struct span before = part(model, 0, model->at);

	grapheme_last(&before);
	return before.len;
}

static size_t
forth(const struct model *model)
{
	struct span rest = part(model, model->at, model->text.len);

	return model->at + grapheme_next(&rest).len;
}

static size_t
line_from(const struct model *model, size_t at)
{
	while (at > 0 && model->text.ptr[at - 1] != '\n')
		at--;
	return at;
}

static size_t
line_to(const struct model *model, size_t at)
{
	while (at < model->text.len && model->text.ptr[at] != '\n')
		at++;
	return at;
}

static void
type_text(struct model *model, const char *text)
{
	size_t from, to;
	struct span s = span_of(text), before;
	struct buf both = BUF_INIT;
	uint32_t cp, kana, whole = 0;

	utf8_next(&s, &cp);
	before = part(model, 0, model->at);
	if (!marked(model, &from, &to) && utf8_last(&before, &kana))
		whole = kana_compose(kana, cp);
	if (whole) {
		buf_utf8(&both, whole);
		put(model, before.len, model->at, buf_span(&both));
	} else {
		put_here(model, span_of(text));
	}
	buf_done(&both);
}

static void
erase_text(struct model *model, size_t from, size_t to)
{
	marked(model, &from, &to);
	put(model, from, to, SPAN(""));
}

static void
cut_text(struct model *model)
{
	size_t from = line_from(model, model->at),
	       to = line_to(model, model->at);
	bool lines = !marked(model, &from, &to);

	if (lines && to < model->text.len)
		to++;
	if (from == to)
		return;
	buf_clear(&model->cut);
	buf_add(&model->cut, part(model, from, to));
	model->cut_lines = lines;
	if (lines && model->cut.ptr[model->cut.len - 1] != '\n') {
		buf_char(&model->cut, '\n');
		from -= from > 0;
	}
	put(model, from, to, SPAN(""));
}

static void
paste_text(struct model *model)
{
	size_t from, to, behind = model->at - line_from(model, model->at);

	if (model->cut.len == 0)
		return;
	if (!model->cut_lines || marked(model, &from, &to)) {
		put_here(model, buf_span(&model->cut));
		return;
	}
	from = model->at - behind;
	put(model, from, from, buf_span(&model->cut));
	model->at += behind;
}

static void
move_to(struct model *model, size_t at, bool shift)
{
	if (shift && model->mark < 0) {
		model->mark = (long)model->at;
		model->held = false;
	} else if (!shift && !model->held) {
		model->mark = -1;
	}
	model->at = at;
}

static void
set_mark(struct model *model)
{
	bool on = model->mark < 0 || !model->held;

	model->mark = on ? (long)model->at : -1;
	model->held = on;
}

static const char *const letters[] = {"a", "Z", " ", "あ", "か", "漢", "。",
    "\xe3\x82\x99", "\xcc\x81", "👩", "\xe2\x80\x8d", "🇯", "\xef\xb8\x8f", "ア",
    "{", "\n"};

enum command {
	TYPE,
	ERASE_BACK,
	ERASE_FORTH,
	GO_LEFT,
	GO_RIGHT,
	MARK_LEFT,
	MARK_RIGHT,
	GO_UP,
	MARK_DOWN,
	GO_HOME,
	LINE_START,
	LINE_END,
	SET_MARK,
	CUT,
	PASTE,
	UNDO,
	REDO,
	COMMAND_COUNT
};

static const char *const keys[COMMAND_COUNT] = {
    [ERASE_BACK] = "Backspace",
    [ERASE_FORTH] = "Del",
    [GO_LEFT] = "Left",
    [GO_RIGHT] = "Right",
    [MARK_LEFT] = "S-Left",
    [MARK_RIGHT] = "S-Right",
    [GO_UP] = "Up",
    [MARK_DOWN] = "S-Down",
    [GO_HOME] = "Home",
    [LINE_START] = "^A",
    [LINE_END] = "^E",
    [SET_MARK] = "^B",
    [CUT] = "^X",
    [PASTE] = "^V",
    [UNDO] = "^_",
    [REDO] = "M-e",
};

static void
do_in_model(struct model *model, enum command command, const char *letter,
    const struct editor *editor)
{
	switch (command) {
	case TYPE:
		type_text(model, letter);
		break;
	case ERASE_BACK:
		erase_text(model, back(model), model->at);
		break;
	case ERASE_FORTH:
		erase_text(model, model->at, forth(model));
		break;
	case GO_LEFT:
	case MARK_LEFT:
		move_to(model, back(model), command == MARK_LEFT);
		break;
	case GO_RIGHT:
	case MARK_RIGHT:
		move_to(model, forth(model), command == MARK_RIGHT);
		break;
	case GO_UP:
	case MARK_DOWN:
	case GO_HOME:
		move_to(model, editor_at(editor), command == MARK_DOWN);
		break;
	case LINE_START:
		model->at = line_from(model, model->at);
		break;
	case LINE_END:
		model->at = line_to(model, model->at);
		break;
	case SET_MARK:
		set_mark(model);
		break;
	case CUT:
		cut_text(model);
		break;
	case PASTE:
		paste_text(model);
		break;
	case UNDO:
	case REDO:
	case COMMAND_COUNT:
		break;
	}
}

static void
press(struct editor *editor, enum command command, const char *letter)
{
	struct span rest = span_of(letter);
	struct key key;
	uint32_t cp;

	if (command != TYPE) {
		assert_true(key_of(span_of(keys[command]), &key));
	} else {
		utf8_next(&rest, &cp);
		key = key_of_input(cp);
	}
	editor_key(editor, &key);
}

/* After undo or redo: a text that has been; the model takes it over. */
static void
follow(struct model *model, const struct editor *editor)
{
	struct span text = editor_span(editor);
	bool been = false;

	for (size_t i = 0; i < model->count && !been; i++)
		been = span_equal(buf_span(&model->been[i]), text);
	assert_true(been);
	buf_clear(&model->text);
	buf_add(&model->text, text);
	model->at = editor_at(editor);
	model->mark = -1;
}

static void
compare(const struct model *model, const struct editor *editor,
    enum command command)
{
	struct span text = editor_span(editor), mark = editor_marked(editor);
	size_t from = 0, to = 0;

	marked(model, &from, &to);
	if (!span_equal(buf_span(&model->text), text) ||
	    model->at != editor_at(editor) || mark.len != to - from)
		fail_msg("%s: at %zu, not %zu; %zu marked, not %zu:\n%s\n%s",
		    command == TYPE ? "type" : keys[command], editor_at(editor),
		    model->at, mark.len, to - from, text.ptr,
		    model->text.ptr ? model->text.ptr : "");
}

/* All the way back to the empty text, and forward to the last. */
static void
undo_everything(struct editor *editor)
{
	struct buf last = BUF_INIT;

	while (editor_redo(editor))
		continue;
	editor_text(editor, &last);
	assert_true(utf8_is_valid(buf_span(&last)));
	while (editor_undo(editor))
		continue;
	assert_int_equal(editor_span(editor).len, 0);
	assert_false(editor_is_changed(editor));
	while (editor_redo(editor))
		continue;
	assert_true(span_equal(editor_span(editor), buf_span(&last)));
	buf_done(&last);
}

static void
walk(uint32_t seed)
{
	static struct model model;
	struct editor *editor = editor_new();
	struct canvas *canvas = canvas_new(5, 9);
	uint32_t random = seed;

	model = (struct model){.mark = -1};
	buf_reserve(&model.been[model.count++], 1);
	for (int i = 0; i < COMMANDS; i++) {
		uint32_t which = draw_number(&random, COMMAND_COUNT * 2);
		enum command command =
		    which < COMMAND_COUNT ? (enum command)which : TYPE;
		const char *letter = letters[draw_number(&random, 16)];

		press(editor, command, letter);
		do_in_model(&model, command, letter, editor);
		if (command == UNDO || command == REDO)
			follow(&model, editor);
		compare(&model, editor, command);
		buf_add(&model.been[model.count++], buf_span(&model.text));
		if (i % 7 == 0)
			editor_draw(
			    editor, canvas_area(canvas), FOCUS_ON, NULL, NULL);
	}
	undo_everything(editor);
	for (size_t i = 0; i < model.count; i++)
		buf_done(&model.been[i]);
	buf_done(&model.text);
	buf_done(&model.cut);
	canvas_free(&canvas);
	editor_free(&editor);
}

static void
walks_as_the_model_does(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < ROUNDS; round++)
		walk(round * 7919 + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(walks_as_the_model_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
