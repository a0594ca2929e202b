/* Decides what of a text is a mark, and where sections begin and end.  A mark
 * becomes a token of letters and digits before libcmark sees the text, because
 * libcmark percent-encodes braces in link targets; the token is found again in
 * the tree, where the context of the place is known. */
#include <assert.h>
#include <stdlib.h>

#include "core/base/utf8.h"
#include "core/compose/merge_tag.h"

enum { TOKEN_PREFIX = 4, TOKEN_DIGITS = 5 };

static_assert(MERGE_MARKS_MAX < 100000, "an index fits the token");
static_assert(MERGE_TOKEN_LEN == TOKEN_PREFIX + TOKEN_DIGITS + 2, "ZQ ends it");

/* ---- Tokens ------------------------------------------------------------ */

/* Letters that no two languages write in a row; varied until no source holds
 * them, so that written text is never taken for a mark. */
static void
choose_prefix(char prefix[5], const struct span *source, size_t count)
{
	for (unsigned n = 0; n < 26 * 26; n++) {
		bool found = false;
		prefix[0] = 'Q';
		prefix[1] = 'Z';
		prefix[2] = (char)('A' + n / 26);
		prefix[3] = (char)('A' + n % 26);
		prefix[4] = '\0';
		for (size_t i = 0; i < count && !found; i++)
			found = span_search(source[i], span_of(prefix)) <
				source[i].len;
		if (!found)
			return;
	}
}

void
merge_set_init(struct merge_set *set, struct arena *arena,
    const struct span *source, size_t count)
{
	*set = (struct merge_set){.arena = arena};
	choose_prefix(set->prefix, source, count);
}

void
merge_set_done(struct merge_set *set)
{
	free(set->field);
	free(set->mark);
	free(set->part);
	free(set->use);
	free(set->fixed);
	free(set->gone);
	*set = (struct merge_set){.arena = set->arena};
}

static void
add_token(const struct merge_set *set, unsigned mark, struct buf *out)
{
	buf_printf(out, "%s%05uZQ", set->prefix, mark);
}

enum merge_kind
merge_token_kind(const struct merge_set *set, struct span text, unsigned *mark)
{
	int64_t index;

	if (text.len < MERGE_TOKEN_LEN ||
	    memcmp(text.ptr, set->prefix, TOKEN_PREFIX) != 0 ||
	    memcmp(text.ptr + TOKEN_PREFIX + TOKEN_DIGITS, "ZQ", 2) != 0 ||
	    !span_int(
		span_slice(text, TOKEN_PREFIX, TOKEN_PREFIX + TOKEN_DIGITS),
		&index) ||
	    (size_t)index >= set->mark_count)
		return MERGE_NONE;
	if (mark)
		*mark = (unsigned)index;
	return set->mark[index].kind;
}

size_t
merge_find(const struct merge_set *set, struct span text)
{
	size_t at = 0;

	while (at < text.len) {
		struct span rest = span_slice(text, at, text.len);
		size_t hit = span_search(rest, span_of(set->prefix));
		at += hit;
		if (hit == rest.len ||
		    merge_token_kind(set, span_slice(text, at, text.len), NULL))
			return at;
		at++;
	}
	return text.len;
}

void
merge_show(const struct merge_set *set, struct span tokens, struct buf *out)
{
	static const char *const open[] = {
	    [MERGE_VALUE] = "{{",
	    [MERGE_SECTION] = "{{#",
	    [MERGE_INVERTED] = "{{^",
	    [MERGE_CLOSE] = "{{/",
	};
	unsigned mark;

	while (tokens.len > 0) {
		size_t at = merge_find(set, tokens);
		enum merge_kind kind;

		buf_add(out, span_slice(tokens, 0, at));
		tokens = span_slice(tokens, at, tokens.len);
		kind = merge_token_kind(set, tokens, &mark);
		if (kind == MERGE_NONE)
			continue;
		buf_text(out, open[kind]);
		buf_add(out, set->field[set->mark[mark].field].name);
		buf_text(out, "}}");
		tokens = span_slice(tokens, MERGE_TOKEN_LEN, tokens.len);
	}
}

/* ---- Scanning ---------------------------------------------------------- */

/* A place in the source. */
struct place {
	size_t at;
	size_t line_start;
	unsigned line;
	size_t counted; /* up to here characters of the line are counted */
	unsigned column;
};

struct scan {
	struct merge_set *set;
	const struct merge_source *source;
	struct buf *out;
	struct err *err;
	struct place place;
	unsigned open; /* the innermost section */
	unsigned depth;
	unsigned written; /* lines ended in out */
	size_t first;     /* mark of this source */
	size_t marked;    /* where the last mark begins */
};

int
merge_fail(const struct merge_set *set, unsigned mark, enum err_code code,
    const char *why, struct err *err)
{
	const struct merge_mark *it = &set->mark[mark];

	err_set(err, code);
	err_fact(err, "field", set->field[it->field].name);
	err_fact_int(err, "line", it->line);
	err_fact_int(err, "column", it->column);
	err_fact(err, "part", span_of(it->part));
	if (why)
		err_fact(err, "why", span_of(why));
	return -1;
}

/* Counts the characters of the line up to the place. */
static unsigned
column_of(struct scan *scan)
{
	struct place *place = &scan->place;

	if (place->counted < place->line_start) {
		place->counted = place->line_start;
		place->column = 1;
	}
	place->column += (unsigned)utf8_count(
	    span_slice(scan->source->text, place->counted, place->at));
	place->counted = place->at;
	return place->column;
}

/* Fails at the place, where no mark was added. */
static int
fail_here(struct scan *scan, struct span name, const char *why)
{
	err_set(scan->err, E_MERGE_SYNTAX);
	if (name.len > 0)
		err_fact(scan->err, "field", name);
	err_fact_int(scan->err, "line", scan->place.line);
	err_fact_int(scan->err, "column", column_of(scan));
	err_fact(scan->err, "part", span_of(scan->source->part));
	return err_fact(scan->err, "why", span_of(why));
}

/* Moves the place, counting the lines that it passes. */
static void
pass(struct scan *scan, size_t octets)
{
	struct place *place = &scan->place;
	size_t to = place->at + octets;

	while (place->at < to) {
		struct span rest =
		    span_slice(scan->source->text, place->at, to);
		size_t line = span_index(rest, '\n');

		if (line == rest.len)
			break;
		place->at += line + 1;
		place->line_start = place->at;
		place->line++;
	}
	place->at = to;
}

static void
write(struct scan *scan, struct span text)
{
	buf_add(scan->out, text);
	for (size_t i = 0; i < text.len; i++)
		scan->written += text.ptr[i] == '\n';
}

static bool
is_blank_line(struct span text)
{
	return span_trim(text).len == 0;
}

/* True when nothing but blanks stands beside a mark on its line; *rest = octets
 * from behind the mark to behind the line. */
static bool
is_alone(const struct scan *scan, size_t len, size_t *rest)
{
	const struct place *place = &scan->place;
	struct span text = scan->source->text;
	struct span after = span_slice(text, place->at + len, text.len);
	size_t end = span_index(after, '\n');

	*rest = end < after.len ? end + 1 : end;
	return is_blank_line(span_slice(text, place->line_start, place->at)) &&
	       is_blank_line(span_slice(after, 0, end));
}

/* Takes the blanks before a mark that stands alone out of the text again. */
static void
take_back(struct scan *scan)
{
	scan->out->len -= scan->place.at - scan->place.line_start;
}

static void
note_gone(struct scan *scan, unsigned lines, unsigned later)
{
	struct merge_set *set = scan->set;

	if (lines == 0 || scan->source->syntax != MERGE_MARKDOWN)
		return;
	set->gone = mem_more(set->gone, set->gone_count, sizeof *set->gone);
	set->gone[set->gone_count++] =
	    (struct merge_gone){scan->written + 1 + later, lines};
}

int
merge_source_line(const struct merge_set *set, int line)
{
	int lines = 0;

	for (size_t i = 0; i < set->gone_count; i++) {
		if (set->gone[i].from <= (unsigned)line)
			lines += (int)set->gone[i].lines;
	}
	return line + lines;
}

static void
comment(struct scan *scan, const struct merge_tag *tag)
{
	unsigned line = scan->place.line;
	size_t rest;

	if (is_alone(scan, tag->len, &rest)) {
		take_back(scan);
		pass(scan, tag->len + rest);
		note_gone(scan, scan->place.line - line, 0);
		return;
	}
	pass(scan, tag->len);
	note_gone(scan, scan->place.line - line, 1);
}

/* Number of the part of a name, added when it is new. */
static unsigned
need_part(struct merge_set *set, struct span name)
{
	size_t i;

	for (i = 0; i < set->part_count; i++) {
		if (span_equal(set->part[i].name, name))
			return (unsigned)i;
	}
	set->part = mem_more(set->part, i, sizeof *set->part);
	set->part[i] = (struct merge_part){arena_copy(set->arena, name), false};
	set->part_count++;
	return (unsigned)i;
}

static void
split_name(struct merge_set *set, struct merge_field *field)
{
	struct span rest = field->name;
	unsigned *path =
	    arena_take(set->arena, (rest.len / 2 + 1) * sizeof *path);

	field->path = path;
	if (span_equal(rest, SPAN(".")))
		return;
	while (rest.len > 0) {
		if (field->depth > 0)
			set->part[path[field->depth - 1]].opens = true;
		path[field->depth++] = need_part(set, span_cut(&rest, '.'));
	}
}

/* Number of the field, added when it is new. */
static unsigned
need_field(struct merge_set *set, struct span name)
{
	size_t i;

	for (i = 0; i < set->field_count; i++) {
		if (span_equal(set->field[i].name, name))
			return (unsigned)i;
	}
	set->field = mem_more(set->field, i, sizeof *set->field);
	set->field[i] = (struct merge_field){
	    .name = arena_copy(set->arena, name),
	    .has_fallback = true,
	};
	split_name(set, &set->field[i]);
	set->field_count++;
	return (unsigned)i;
}

static bool
is_same_format(const struct merge_format *a, const struct merge_format *b)
{
	return a->kind == b->kind && a->language == b->language &&
	       a->decimals == b->decimals;
}

/* Number of the use, added when it is new. */
static unsigned
need_use(
    struct merge_set *set, unsigned field, const struct merge_format *format)
{
	size_t i;

	for (i = 0; i < set->use_count; i++) {
		if (set->use[i].field == field &&
		    is_same_format(&set->use[i].format, format))
			return (unsigned)i;
	}
	set->use = mem_more(set->use, i, sizeof *set->use);
	set->use[i] = (struct merge_use){field, *format};
	set->use_count++;
	return (unsigned)i;
}

static void
need_names(struct merge_set *set)
{
	set->use_names = true;
	for (size_t i = 0; i < NAME_PARTS; i++) {
		for (size_t k = 0; k < 2; k++)
			set->name_part[i][k] =
			    need_part(set, span_of(merge_name_field[i][k]));
	}
}

void
merge_fix(struct merge_set *set, unsigned field, struct span value)
{
	size_t number = set->fixed_count++;

	set->fixed =
	    mem_grow(set->fixed, set->fixed_count * sizeof *set->fixed);
	set->fixed[number] = arena_copy(set->arena, value);
	set->field[field].fixed = (unsigned)number + 1;
}

static void
note_use(struct scan *scan, const struct merge_mark *mark,
    const struct merge_format *format)
{
	struct merge_set *set = scan->set;
	struct merge_field *field = &set->field[mark->field];
	bool line = scan->source->syntax == MERGE_LINE;

	field->in_header |= line;
	if (mark->kind == MERGE_SECTION || mark->kind == MERGE_INVERTED) {
		field->is_section = true;
		if (field->depth > 0)
			set->part[field->path[field->depth - 1]].opens = true;
	}
	if (mark->kind != MERGE_VALUE)
		return;
	field->is_value = true;
	field->one_line |= line;
	field->has_fallback &= mark->has_fallback;
	field->formats |= 1u << format->kind;
	if (format->kind == FORMAT_ADDRESSEE && !set->use_names)
		need_names(set);
}

static unsigned
add_mark(struct scan *scan, const struct merge_tag *tag,
    const struct merge_format *format)
{
	struct merge_set *set = scan->set;
	unsigned number = (unsigned)set->mark_count++;
	struct span fallback = tag->fallback;
	struct merge_mark *mark;

	set->mark = mem_more(set->mark, number, sizeof *set->mark);
	mark = &set->mark[number];
	if (!tag->has_fallback)
		fallback = merge_format_fallback(format);
	*mark = (struct merge_mark){
	    .kind = tag->kind,
	    .field = need_field(set, tag->name),
	    .partner = MERGE_NO_MARK,
	    .parent = scan->open,
	    .line = scan->place.line,
	    .column = column_of(scan),
	    .part = scan->source->part,
	    .has_fallback = tag->has_fallback || fallback.len > 0,
	    .fallback = arena_copy(set->arena, fallback),
	};
	mark->name = set->field[mark->field].name;
	if (tag->format.ptr)
		mark->format = arena_copy(set->arena, tag->format);
	mark->use = need_use(set, mark->field, format);
	note_use(scan, mark, format);
	if (number > scan->first)
		set->mark[number - 1].octets =
		    (unsigned)(scan->place.at - scan->marked);
	scan->marked = scan->place.at;
	return number;
}

/* Why a closing tag closes nothing: "crossed" when its section is open, but
 * another one is open in it. */
static const char *
close_fault(const struct scan *scan, struct span name)
{
	const struct merge_set *set = scan->set;

	for (unsigned i = scan->open; i != MERGE_NO_MARK;
	    i = set->mark[i].parent) {
		bool same =
		    span_equal(set->field[set->mark[i].field].name, name);

		if (same)
			return i == scan->open ? NULL : "crossed";
	}
	return "unopened";
}

/* Opens or closes a section with the mark added last. */
static void
nest(struct scan *scan, unsigned number)
{
	struct merge_mark *mark = &scan->set->mark[number];

	if (mark->kind != MERGE_CLOSE) {
		scan->open = number;
		scan->depth++;
		return;
	}
	mark->partner = scan->open;
	scan->set->mark[scan->open].partner = number;
	mark->parent = scan->set->mark[scan->open].parent;
	scan->open = mark->parent;
	scan->depth--;
}

static int
take_section(struct scan *scan, const struct merge_tag *tag)
{
	const struct merge_format plain = {.kind = FORMAT_NONE};
	const char *fault = NULL;
	size_t rest = 0;
	bool alone;

	if (tag->kind == MERGE_CLOSE)
		fault = close_fault(scan, tag->name);
	else if (scan->depth == MERGE_DEPTH_MAX)
		fault = "depth";
	if (fault)
		return fail_here(scan, tag->name, fault);
	alone = is_alone(scan, tag->len, &rest) &&
		scan->source->syntax == MERGE_LINE;
	if (alone)
		take_back(scan);
	nest(scan, add_mark(scan, tag, &plain));
	add_token(scan->set, (unsigned)scan->set->mark_count - 1, scan->out);
	pass(scan, tag->len + (alone ? rest : 0));
	return 0;
}

/* A mark begins at the place. */
static int
take_mark(struct scan *scan)
{
	struct merge_format format = {.kind = FORMAT_NONE};
	struct span text = scan->source->text;
	struct merge_tag tag;

	merge_tag_read(span_slice(text, scan->place.at, text.len), &tag);
	if (!tag.fault && scan->set->mark_count == MERGE_MARKS_MAX)
		tag.fault = "count";
	if (!tag.fault && tag.format.ptr &&
	    !merge_format_read(tag.format, scan->set->language, &format))
		tag.fault = "format";
	if (tag.fault)
		return fail_here(scan, tag.name, tag.fault);
	if (tag.kind == MERGE_COMMENT) {
		comment(scan, &tag);
		return 0;
	}
	if (tag.kind != MERGE_VALUE)
		return take_section(scan, &tag);
	add_token(scan->set, add_mark(scan, &tag, &format), scan->out);
	pass(scan, tag.len);
	return 0;
}

/* Copies a backslash and what it escapes. */
static void
take_backslash(struct scan *scan)
{
	struct span text = scan->source->text;
	struct span rest = span_slice(text, scan->place.at, text.len);
	size_t take = span_starts(rest, SPAN("\\{{")) ? 3 : 2;
	bool literal = take == 3 && scan->source->syntax == MERGE_LINE;

	if (rest.len < 2 || rest.ptr[1] == '\n')
		take = 1;
	write(scan, span_slice(rest, literal ? 1 : 0, take));
	pass(scan, take);
}

int
merge_scan(struct merge_set *set, const struct merge_source *source,
    struct buf *out, struct err *err)
{
	struct scan scan = {
	    .set = set,
	    .source = source,
	    .out = out,
	    .err = err,
	    .place = {.line = 1, .column = 1},
	    .open = MERGE_NO_MARK,
	    .first = set->mark_count,
	};

	if (set->language == MERGE_LANGUAGE_TEXT)
		set->language = MERGE_LANGUAGE_EN;
	while (scan.place.at < source->text.len) {
		struct span rest =
		    span_slice(source->text, scan.place.at, source->text.len);
		size_t plain = 0;

		if (span_starts(rest, SPAN("{{"))) {
			if (take_mark(&scan) < 0)
				return -1;
			continue;
		}
		if (*rest.ptr == '\\') {
			take_backslash(&scan);
			continue;
		}
		do
			plain++;
		while (plain < rest.len && rest.ptr[plain] != '\\' &&
		       rest.ptr[plain] != '{');
		write(&scan, span_slice(rest, 0, plain));
		pass(&scan, plain);
	}
	if (scan.open != MERGE_NO_MARK)
		return merge_fail(
		    set, scan.open, E_MERGE_SYNTAX, "unclosed", err);
	if (set->mark_count > scan.first)
		set->mark[set->mark_count - 1].octets =
		    (unsigned)(source->text.len - scan.marked);
	return 0;
}
