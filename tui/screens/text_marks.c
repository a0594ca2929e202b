/* Merge marks while a text is written: what may be used, what is meant by the
 * letters behind two braces, and the colours of Markdown.  Which marks there
 * are is core's knowledge; colouring Markdown looks at one line, and at the
 * fences of code above it, and is only a help. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/text.h"
#include "tui/text/i18n.h"

static const char *const built_in[] = {"name", "address"};
enum { BUILT_IN = sizeof built_in / sizeof *built_in };

static const struct list_column columns[] = {
    {"", 0, 10, 0, FIT_END}, {"", 16, 0, 1, FIT_RIGHT}};

static struct span
name_of(const struct marks *marks, size_t number)
{
	if (marks->menu == MENU_CLOSE)
		return buf_span(&marks->open);
	if (marks->menu == MENU_FORMAT)
		return span_of(merge_format_name(number));
	if (number < BUILT_IN)
		return span_of(built_in[number]);
	return span_of(marks->name[number - BUILT_IN]);
}

static int64_t
row_count(struct list_source *source)
{
	struct marks *marks =
	    (struct marks *)((char *)source - offsetof(struct marks, source));

	return (int64_t)marks->matching_count;
}

/* "98% filled" of a field. */
static void
write_fill(struct marks *marks, size_t number)
{
	buf_clear(&marks->fill);
	if (!marks->percent || number == 1 || marks->menu == MENU_FORMAT ||
	    marks->menu == MENU_CLOSE)
		return;
	buf_printf(&marks->fill, _("%d%% filled"),
	    marks->percent[number == 0 ? marks->count : number - BUILT_IN]);
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct marks *marks =
	    (struct marks *)((char *)source - offsetof(struct marks, source));
	size_t number = marks->matching[index];

	write_fill(marks, number);
	out->key = (int64_t)number;
	out->cell[0] = name_of(marks, number);
	out->cell_role[0] = ROLE_MERGE;
	out->cell[1] = buf_span(&marks->fill);
	out->cell_role[1] = ROLE_DIM;
	return true;
}

void
marks_done(struct marks *marks)
{
	list_free(&marks->list);
	field_names_free(&marks->name, marks->count);
	free(marks->percent);
	free(marks->matching);
	free(marks->seen);
	buf_done(&marks->partial);
	buf_done(&marks->open);
	buf_done(&marks->fill);
}

void
marks_take(struct marks *marks, char ***taken, size_t count, int **percent)
{
	list_free(&marks->list);
	field_names_free(&marks->name, marks->count);
	free(marks->percent);
	marks->name = *taken;
	marks->count = count;
	marks->percent = *percent;
	marks->known = true;
	*taken = NULL;
	*percent = NULL;
}

/* ---- The menu ------------------------------------------------------------- */

/* What stands behind the last open braces, and which menu that asks for. */
static enum marks_menu
open_mark(struct span before, struct span *partial)
{
	size_t at = before.len, format;

	for (; at > 1; at--) {
		char c = before.ptr[at - 1];

		if (c == '}' || c == '|')
			return MENU_NONE;
		if (c == '{' && before.ptr[at - 2] == '{')
			break;
	}
	if (at < 2 || (at > 2 && before.ptr[at - 3] == '\\'))
		return MENU_NONE;
	*partial = span_slice(before, at, before.len);
	format = span_index(*partial, ':');
	if (format < partial->len) {
		*partial = span_slice(*partial, format + 1, partial->len);
		return MENU_FORMAT;
	}
	if (partial->len == 0)
		return MENU_FIELD;
	switch (partial->ptr[0]) {
	case '#':
	case '^':
		*partial = span_slice(*partial, 1, partial->len);
		return MENU_SECTION;
	case '/':
		*partial = span_slice(*partial, 1, partial->len);
		return MENU_CLOSE;
	case '!':
		return MENU_NONE;
	default:
		return MENU_FIELD;
	}
}

static size_t
choices(const struct marks *marks)
{
	size_t count = 0;

	switch (marks->menu) {
	case MENU_NONE:
		return 0;
	case MENU_CLOSE:
		return marks->open.len > 0;
	case MENU_FORMAT:
		while (merge_format_name(count))
			count++;
		return count;
	case MENU_FIELD:
	case MENU_SECTION:
		break;
	}
	return BUILT_IN + marks->count;
}

static void
match(struct marks *marks)
{
	size_t all = choices(marks);

	marks->matching =
	    mem_grow(marks->matching, (all + 1) * sizeof *marks->matching);
	marks->matching_count = 0;
	for (size_t i = 0; i < all; i++) {
		if (span_starts(name_of(marks, i), buf_span(&marks->partial)))
			marks->matching[marks->matching_count++] = i;
	}
}

/* The name of the section that is open at the end of a text. */
static void
find_section(struct marks *marks, struct span text)
{
	struct mark_seen *seen = NULL;
	size_t count = 0;

	buf_clear(&marks->open);
	mark_find_all(text, &seen, &count);
	for (size_t i = count; i-- > 0;) {
		if ((seen[i].kind == MERGE_SECTION ||
			seen[i].kind == MERGE_INVERTED) &&
		    seen[i].partner == MERGE_NO_MARK) {
			buf_add(&marks->open, seen[i].name);
			break;
		}
	}
	free(seen);
}

void
marks_look(struct marks *marks, struct span text, size_t at)
{
	struct span before = span_slice(text, 0, at), partial = {NULL, 0};
	const char *line = at > 0 ? memrchr(text.ptr, '\n', at) : NULL;

	if (line)
		before = span_slice(text, (size_t)(line - text.ptr) + 1, at);
	marks->menu = open_mark(before, &partial);
	if (marks->menu == MENU_NONE) {
		marks->refused = false;
		list_free(&marks->list);
		return;
	}
	if (marks->menu == MENU_CLOSE)
		find_section(marks, span_slice(text, 0, at - partial.len - 3));
	buf_clear(&marks->partial);
	buf_add(&marks->partial, partial);
	match(marks);
	if (marks->refused || marks->matching_count == 0) {
		list_free(&marks->list);
		return;
	}
	if (marks->list) {
		list_refresh(marks->list);
		return;
	}
	marks->source.count = row_count;
	marks->source.row = row;
	marks->list =
	    list_new(&marks->source, columns, sizeof columns / sizeof *columns);
}

void
marks_completion(const struct marks *marks, struct buf *out)
{
	struct span name;
	int64_t number;

	if (!marks->list || !list_cursor(marks->list, &number))
		return;
	name = name_of(marks, (size_t)number);
	buf_add(out, span_slice(name, marks->partial.len, name.len));
	buf_text(out, "}}");
}

/* ---- Colours -------------------------------------------------------------- */

static void
paint(uint8_t *roles, size_t from, size_t to, enum role role)
{
	memset(roles + from, (int)role, to - from);
}

/* Names inside sections may be those of a list's elements: who can tell? */
static bool
is_known(const struct marks *marks, const struct mark_seen *mark)
{
	struct span name = mark->name;

	if (!marks->known || mark->parent != MERGE_NO_MARK ||
	    span_index(name, '.') < name.len)
		return true;
	for (size_t i = 0; i < BUILT_IN; i++) {
		if (span_equal(name, span_of(built_in[i])))
			return true;
	}
	for (size_t i = 0; i < marks->count; i++) {
		if (span_equal(name, span_of(marks->name[i])))
			return true;
	}
	return false;
}

static enum role
mark_role(const struct marks *marks, const struct mark_seen *mark)
{
	if (mark->fault)
		return ROLE_ERR;
	switch (mark->kind) {
	case MERGE_COMMENT:
		return ROLE_DIM;
	case MERGE_SECTION:
	case MERGE_CLOSE:
		return is_known(marks, mark) ? ROLE_INFO : ROLE_ERR;
	case MERGE_INVERTED:
		return is_known(marks, mark) ? ROLE_WARN : ROLE_ERR;
	case MERGE_VALUE:
	case MERGE_NONE:
		break;
	}
	return is_known(marks, mark) ? ROLE_MERGE : ROLE_ERR;
}

void
marks_see(struct marks *marks, struct span text, uint64_t revision)
{
	if (marks->has_seen && marks->revision == revision)
		return;
	free(marks->seen);
	marks->seen = NULL;
	mark_find_all(text, &marks->seen, &marks->seen_count);
	marks->has_seen = true;
	marks->revision = revision;
	marks->fence_line = 0;
	marks->in_fence = false;
}

/* The first mark that ends behind an offset. */
static size_t
first_mark(const struct marks *marks, size_t from)
{
	size_t low = 0, high = marks->seen_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (marks->seen[middle].to <= from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
paint_marks(const struct marks *marks, size_t from, size_t to, uint8_t *roles)
{
	for (size_t i = first_mark(marks, from);
	    i < marks->seen_count && marks->seen[i].from < to; i++) {
		const struct mark_seen *mark = &marks->seen[i];
		size_t start = mark->from > from ? mark->from - from : 0;
		size_t end = mark->to < to ? mark->to - from : to - from;

		paint(roles, start, end, mark_role(marks, mark));
	}
}

/* The target of [text](target). */
static void
paint_links(struct span line, uint8_t *roles)
{
	size_t at = 0, open, len;
	struct span rest;

	for (;;) {
		rest = span_slice(line, at, line.len);
		open = at + span_search(rest, SPAN("]("));
		if (open >= line.len)
			return;
		rest = span_slice(line, open + 2, line.len);
		len = span_index(rest, ')');
		at = open + 2 + len;
		paint(roles, open + 2, at, ROLE_MD_LINK);
	}
}

/* What stands between two of the same signs: **strong**, *emphasis*, `code`. */
static void
paint_between(
    struct span line, struct span sign, enum role role, uint8_t *roles)
{
	size_t at = 0, open, close;
	struct span rest;

	for (;;) {
		rest = span_slice(line, at, line.len);
		open = at + span_search(rest, sign);
		if (open >= line.len)
			return;
		rest = span_slice(line, open + sign.len, line.len);
		close = span_search(rest, sign);
		if (close == rest.len)
			return;
		at = open + close + 2 * sign.len;
		/* "* item" is no emphasis, "**" holds nothing */
		if (close > 0 && rest.ptr[0] != ' ')
			paint(roles, open, at, role);
	}
}

/* The bars of a table's row. */
static void
paint_bars(struct span line, uint8_t *roles)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '|' && (i == 0 || line.ptr[i - 1] != '\\'))
			roles[i] = ROLE_RULE;
	}
}

static bool
is_fence(struct span line)
{
	struct span trimmed = span_trim(line);

	return span_starts(trimmed, SPAN("```")) ||
	       span_starts(trimmed, SPAN("~~~"));
}

/* Whether the line at from lies between fences; lines are asked for downwards,
 * so the last answer is where to go on. */
static bool
in_fence(struct marks *marks, struct span text, size_t from)
{
	if (from < marks->fence_line) {
		marks->fence_line = 0;
		marks->in_fence = false;
	}
	while (marks->fence_line < from) {
		struct span rest =
		    span_slice(text, marks->fence_line, text.len);
		struct span line = span_cut(&rest, '\n');

		marks->in_fence ^= is_fence(line);
		marks->fence_line += line.len + 1;
	}
	return marks->in_fence;
}

static bool
is_rule(struct span line)
{
	struct span trimmed = span_trim(line);
	char sign = trimmed.len > 2 ? trimmed.ptr[0] : ' ';

	if (sign != '-' && sign != '*' && sign != '_')
		return false;
	for (size_t i = 0; i < trimmed.len; i++) {
		if (trimmed.ptr[i] != sign && trimmed.ptr[i] != ' ')
			return false;
	}
	return true;
}

static enum role
line_role(struct span line)
{
	struct span trimmed = line;

	while (trimmed.len > 0 && trimmed.ptr[0] == ' ')
		trimmed = span_slice(trimmed, 1, trimmed.len);
	if (line.len - trimmed.len >= 4)
		return ROLE_MD_CODE;
	if (span_starts(trimmed, SPAN("#")))
		return ROLE_MD_HEADING;
	if (span_starts(trimmed, SPAN(">")))
		return ROLE_MD_QUOTE;
	return is_rule(line) ? ROLE_RULE : ROLE_TEXT;
}

void
marks_paint(
    void *payload, struct span text, size_t from, size_t to, uint8_t *roles)
{
	struct marks *marks = payload;
	struct span line = span_slice(text, from, to);
	enum role whole = line_role(line);

	if (in_fence(marks, text, from) || is_fence(line))
		whole = ROLE_MD_CODE;
	paint(roles, 0, line.len, whole);
	if (whole != ROLE_MD_CODE && whole != ROLE_RULE) {
		paint_between(line, SPAN("*"), ROLE_HEAD, roles);
		paint_between(line, SPAN("**"), ROLE_HEAD, roles);
		if (span_starts(span_trim(line), SPAN("|")))
			paint_bars(line, roles);
		paint_between(line, SPAN("`"), ROLE_MD_CODE, roles);
		paint_links(line, roles);
	}
	paint_marks(marks, from, to, roles);
}
