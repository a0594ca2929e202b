/* A filter waits for the end of typing, so that not every letter is looked
 * for. */
#include "tui/widgets/filter.h"

#include "core/base/utf8.h"

void
filter_field_open(struct filter_field *field, size_t max)
{
	if (!field->line)
		field->line = line_new(LINE_TEXT, max);
	field->typing = true;
}

void
filter_field_set(struct filter_field *field, size_t max, struct span text)
{
	if (!field->line)
		field->line = line_new(LINE_TEXT, max);
	line_set(field->line, text);
}

void
filter_field_close(struct filter_field *field)
{
	line_free(&field->line);
	field->typing = false;
	field->due_ms = 0;
}

struct span
filter_field_span(const struct filter_field *field)
{
	return field->line ? line_span(field->line) : SPAN("");
}

static enum filter_did
ended(struct filter_field *field)
{
	filter_field_close(field);
	return FILTER_ENDED;
}

enum filter_did
filter_field_key(
    struct filter_field *field, const struct key *key, int64_t steady_ms)
{
	if (!field->line)
		return FILTER_UNUSED;
	if (key->code == K_ESC || (field->typing && key_is(key, K_CTRL('G'))))
		return ended(field);
	if (!field->typing)
		return FILTER_UNUSED;
	if (key->code == K_ENTER || key->code == K_TAB) {
		field->typing = false;
		return line_span(field->line).len == 0 ? ended(field)
						       : FILTER_USED;
	}
	if (key->code == K_UP || key->code == K_DOWN ||
	    line_key(field->line, key) == UNUSED)
		return FILTER_UNUSED;
	field->due_ms = steady_ms + FILTER_WAIT_MS;
	return FILTER_USED;
}

int
filter_field_wait(const struct filter_field *field, int64_t steady_ms)
{
	int64_t left = field->due_ms - steady_ms;

	if (!field->due_ms)
		return 0;
	return left > 0 ? (int)left : 1;
}

bool
filter_field_due(struct filter_field *field, int64_t steady_ms)
{
	if (!field->due_ms || steady_ms < field->due_ms)
		return false;
	field->due_ms = 0;
	return true;
}

int
filter_field_draw(struct filter_field *field, struct area a, struct span note,
    struct span fault)
{
	int col, room;

	if (!field->line)
		return 0;
	room = a.cols - 6 - utf8_width(note);
	col = draw_str(a, 0, 1, ROLE_BAR_KEY, "/ ");
	line_draw(
	    field->line, a, 0, col, room, field->typing ? FOCUS_ON : FOCUS_OFF);
	draw_end(a, 0, 1, ROLE_DIM, note);
	if (fault.len == 0)
		return 1;
	draw_text(a, 1, 3, ROLE_ERR, utf8_fit(fault, a.cols - 4));
	return 2;
}
