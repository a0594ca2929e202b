/* Decides what a merge mark is and what may take its place.  A mark becomes a
 * token of letters and digits before libcmark sees the text, because libcmark
 * percent-encodes braces in link targets; the token is found again in the
 * tree, where the context of the place is known.  A value is checked before
 * anything is filled, so that filling cannot fail half-way. */
#include "core/compose/merge.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/utf8.h"

enum { TOKEN_PREFIX = 4, TOKEN_DIGITS = 5, TOKEN_LEN = 11 };

static_assert(MERGE_MARKS_MAX < 100000, "an index fits the token");

struct merge_piece {
	size_t at; /* octets of the literal before it */
	unsigned mark;
	enum merge_context context;
};

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
	set->field = NULL;
	set->mark = NULL;
	set->field_count = set->mark_count = 0;
}

static void
add_token(const struct merge_set *set, unsigned mark, struct buf *out)
{
	buf_printf(out, "%s%05uZQ", set->prefix, mark);
}

/* True when a token of the set begins text. */
static bool
read_token(const struct merge_set *set, struct span text, unsigned *mark)
{
	int64_t index;

	if (text.len < TOKEN_LEN ||
	    memcmp(text.ptr, set->prefix, TOKEN_PREFIX) != 0 ||
	    memcmp(text.ptr + TOKEN_PREFIX + TOKEN_DIGITS, "ZQ", 2) != 0 ||
	    !span_int(
		span_slice(text, TOKEN_PREFIX, TOKEN_PREFIX + TOKEN_DIGITS),
		&index) ||
	    (size_t)index >= set->mark_count)
		return false;
	*mark = (unsigned)index;
	return true;
}

size_t
merge_find(const struct merge_set *set, struct span text)
{
	size_t at = 0;
	unsigned mark;

	while (at < text.len) {
		struct span rest = span_slice(text, at, text.len);
		size_t hit = span_search(rest, span_of(set->prefix));
		at += hit;
		if (hit == rest.len ||
		    read_token(set, span_slice(text, at, text.len), &mark))
			return at;
		at++;
	}
	return text.len;
}

void
merge_show(const struct merge_set *set, struct span tokens, struct buf *out)
{
	unsigned mark;

	while (tokens.len > 0) {
		size_t at = merge_find(set, tokens);
		buf_add(out, span_slice(tokens, 0, at));
		tokens = span_slice(tokens, at, tokens.len);
		if (!read_token(set, tokens, &mark))
			continue;
		buf_text(out, "{{");
		buf_add(out, set->field[set->mark[mark].field].name);
		buf_text(out, "}}");
		tokens = span_slice(tokens, TOKEN_LEN, tokens.len);
	}
}

/* ---- Scanning ---------------------------------------------------------- */

struct scan {
	struct merge_set *set;
	const struct merge_source *source;
	struct err *err;
};

static int
fail_at(const struct scan *scan, enum err_code code, const char *offset,
    struct span name, const char *why)
{
	const struct span text = scan->source->text;
	size_t at = (size_t)(offset - text.ptr), line_start = 0;
	int64_t line = 1;

	for (size_t i = 0; i < at; i++) {
		if (text.ptr[i] == '\n') {
			line++;
			line_start = i + 1;
		}
	}
	err_set(scan->err, code);
	if (name.len > 0)
		err_fact(scan->err, "field", name);
	err_fact_int(scan->err, "line", line);
	err_fact_int(scan->err, "column",
	    (int64_t)utf8_count(span_slice(text, line_start, at)) + 1);
	err_fact(scan->err, "part", span_of(scan->source->part));
	if (why)
		err_fact(scan->err, "why", span_of(why));
	return -1;
}

static bool
is_blank_cp(uint32_t cp)
{
	return cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' ||
	       cp == 0xa0 || cp == 0x3000;
}

/* Cuts blanks, ideographic ones too, off both ends. */
static struct span
trim_blanks(struct span s)
{
	uint32_t cp;
	struct span rest = s;

	while (utf8_next(&rest, &cp) != UTF8_END && is_blank_cp(cp))
		s = rest;
	rest = s;
	while (utf8_last(&rest, &cp) != UTF8_END && is_blank_cp(cp))
		s = rest;
	return s;
}

bool
merge_is_blank(struct span value)
{
	uint32_t cp;

	while (utf8_next(&value, &cp) != UTF8_END) {
		if (!is_blank_cp(cp))
			return false;
	}
	return true;
}

/* Letters and digits of any script, '_', '-' and inner spaces.  Other ASCII
 * punctuation is kept free for later syntax. */
static bool
is_name_cp(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') ||
		       (cp >= '0' && cp <= '9') || cp == '_' || cp == '-' ||
		       cp == ' ';
	if (cp < 0xa1 || cp == UTF8_REPLACEMENT || cp >= 0xe0000)
		return false;
	if ((cp >= 0x2000 && cp <= 0x206f) || (cp >= 0xd800 && cp <= 0xf8ff) ||
	    (cp >= 0xfe00 && cp <= 0xfe0f))
		return false;
	return true;
}

static bool
is_name(struct span name)
{
	uint32_t cp;
	enum utf8_got got;

	if (name.len == 0)
		return false;
	while ((got = utf8_next(&name, &cp)) != UTF8_END) {
		if (got == UTF8_BAD || !is_name_cp(cp))
			return false;
	}
	return true;
}

static bool
is_known(struct merge_known known, struct span name)
{
	if (!known.name)
		return true;
	for (size_t i = 0; i < known.count; i++) {
		if (span_equal(span_of(known.name[i]), name))
			return true;
	}
	return false;
}

/* Index of the field, added when it is new. */
static unsigned
need_field(struct merge_set *set, struct span name)
{
	size_t i;

	for (i = 0; i < set->field_count; i++) {
		if (span_equal(set->field[i].name, name))
			return (unsigned)i;
	}
	set->field = mem_grow(set->field, (i + 1) * sizeof *set->field);
	set->field[i] = (struct merge_field){
	    .name = arena_copy(set->arena, name),
	    .has_fallback = true,
	};
	set->field_count++;
	return (unsigned)i;
}

/* inside: what stands between the braces. */
static int
add_mark(const struct scan *scan, struct span inside, struct buf *out)
{
	struct merge_set *set = scan->set;
	struct merge_mark mark = {0};
	struct span rest = inside, name;
	const char *open = inside.ptr - 2;

	name = trim_blanks(span_cut(&rest, '|'));
	mark.has_fallback = span_index(inside, '|') < inside.len;
	if (name.len > MERGE_NAME_MAX || rest.len > MERGE_FALLBACK_MAX)
		return fail_at(scan, E_MERGE_SYNTAX, open, name, "length");
	if (!is_name(name))
		return fail_at(scan, E_MERGE_SYNTAX, open, name, "name");
	if (!is_known(scan->source->known, name))
		return fail_at(scan, E_MERGE_UNKNOWN, open, name, NULL);
	if (set->mark_count == MERGE_MARKS_MAX)
		return fail_at(scan, E_MERGE_SYNTAX, open, name, "count");
	mark.field = need_field(set, name);
	mark.fallback = arena_copy(set->arena, span_trim(rest));
	set->field[mark.field].has_fallback &= mark.has_fallback;
	set->field[mark.field].in_header |= scan->source->syntax == MERGE_LINE;
	set->field[mark.field].one_line |= scan->source->syntax == MERGE_LINE;
	set->mark =
	    mem_grow(set->mark, (set->mark_count + 1) * sizeof *set->mark);
	set->mark[set->mark_count] = mark;
	add_token(set, (unsigned)set->mark_count++, out);
	return 0;
}

/* *rest begins with "{{": takes the mark off it. */
static int
take_mark(const struct scan *scan, struct span *rest, struct buf *out)
{
	struct span inside = span_slice(*rest, 2, rest->len);
	size_t end = span_search(inside, SPAN("}}"));
	size_t line = span_index(inside, '\n');
	size_t again = span_search(inside, SPAN("{{"));

	if (end == inside.len || line < end)
		return fail_at(
		    scan, E_MERGE_SYNTAX, rest->ptr, span_of(""), "open");
	if (again < end)
		return fail_at(
		    scan, E_MERGE_SYNTAX, rest->ptr, span_of(""), "nested");
	*rest = span_slice(inside, end + 2, inside.len);
	return add_mark(scan, span_slice(inside, 0, end), out);
}

int
merge_scan(struct merge_set *set, const struct merge_source *source,
    struct buf *out, struct err *err)
{
	const struct scan scan = {set, source, err};
	struct span rest = source->text;

	while (rest.len > 0) {
		if (span_starts(rest, SPAN("{{"))) {
			if (take_mark(&scan, &rest, out) < 0)
				return -1;
			continue;
		}
		size_t take = 1;
		if (*rest.ptr == '\\' && rest.len > 1) {
			take = 2;
			if (span_starts(rest, SPAN("\\{{")))
				take = 3;
		}
		bool literal = take == 3 && source->syntax == MERGE_LINE;
		if (take == 2 && rest.ptr[1] == '\n')
			take = 1;
		buf_add(out, span_slice(rest, literal ? 1 : 0, take));
		rest = span_slice(rest, take, rest.len);
	}
	return 0;
}

/* ---- Texts ------------------------------------------------------------- */

void
merge_text_done(struct merge_text *text)
{
	buf_done(&text->literal);
	free(text->piece);
	*text = MERGE_TEXT_INIT;
}

void
merge_text_raw(struct merge_text *text, struct span bytes)
{
	buf_add(&text->literal, bytes);
}

static void
add_piece(struct merge_text *text, unsigned mark, enum merge_context context)
{
	if (text->count == text->room) {
		text->room = text->room ? text->room * 2 : 16;
		text->piece =
		    mem_grow(text->piece, text->room * sizeof *text->piece);
	}
	text->piece[text->count++] = (struct merge_piece){
	    .at = text->literal.len,
	    .mark = mark,
	    .context = context,
	};
}

void
merge_text_add(struct merge_text *text, struct merge_set *set,
    struct span tokens, enum merge_context literal, enum merge_context value)
{
	unsigned mark;

	while (tokens.len > 0) {
		size_t at = merge_find(set, tokens);
		merge_escape(
		    literal, span_slice(tokens, 0, at), &text->literal);
		tokens = span_slice(tokens, at, tokens.len);
		if (!read_token(set, tokens, &mark))
			continue;
		add_piece(text, mark, value);
		if (value == MERGE_ATTR || value == MERGE_URL)
			set->field[set->mark[mark].field].one_line = true;
		tokens = span_slice(tokens, TOKEN_LEN, tokens.len);
	}
}

void
merge_text_token(struct merge_text *text)
{
	add_piece(text, MERGE_TOKEN, MERGE_PLAIN);
}

/* Index of the first mark at or behind an offset. */
static size_t
first_piece(const struct merge_text *text, size_t from)
{
	size_t low = 0, high = text->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (text->piece[middle].at < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
merge_text_has_mark(const struct merge_text *text, size_t from, size_t to)
{
	size_t first = first_piece(text, from);

	return first < text->count && text->piece[first].at < to;
}

void
merge_text_move(struct merge_text *to_text, const struct merge_text *text,
    size_t from, size_t to)
{
	struct span literal = buf_span(&text->literal);
	size_t done = from;

	for (size_t i = first_piece(text, from);
	    i < text->count && text->piece[i].at < to; i++) {
		const struct merge_piece *piece = &text->piece[i];
		merge_text_raw(to_text, span_slice(literal, done, piece->at));
		add_piece(to_text, piece->mark, piece->context);
		done = piece->at;
	}
	merge_text_raw(to_text, span_slice(literal, done, to));
}

/* ---- Escaping ---------------------------------------------------------- */

static const char *
html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Both HTML contexts get the full set: a value that is safe in one place must
 * not become dangerous when a mail program moves it to another. */
static void
escape_html(struct span value, const char *line_end, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < value.len; i++) {
		const char *entity = html_entity(value.ptr[i]);
		if (value.ptr[i] == '\n')
			entity = line_end;
		if (!entity)
			continue;
		buf_add(out, span_slice(value, from, i));
		buf_text(out, entity);
		from = i + 1;
	}
	buf_add(out, span_slice(value, from, value.len));
}

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

static void
escape_url(struct span value, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		const char triple[] = {'%', hex[c >> 4], hex[c & 15]};

		if (is_unreserved(value.ptr[i]))
			buf_char(out, value.ptr[i]);
		else
			buf_add(out, span_make(triple, sizeof triple));
	}
}

void
merge_escape(enum merge_context context, struct span value, struct buf *out)
{
	switch (context) {
	case MERGE_PLAIN:
	case MERGE_HEADER:
	case MERGE_CONTEXTS:
		buf_add(out, value);
		return;
	case MERGE_HTML:
		escape_html(value, "<br>\n", out);
		return;
	case MERGE_ATTR:
		escape_html(value, " ", out);
		return;
	case MERGE_URL:
		escape_url(value, out);
		return;
	}
}

/* ---- Filling ----------------------------------------------------------- */

struct merge_slot {
	struct buf escaped;
	bool has; /* escaped for the present recipient */
};

struct merge_cache {
	size_t fields;
	struct merge_slot *slot; /* by field, then context */
	bool *blank;             /* by field */
};

struct merge_cache *
merge_cache_new(const struct merge_set *set)
{
	struct merge_cache *cache = mem_new(sizeof *cache);

	cache->fields = set->field_count;
	cache->slot =
	    mem_array(cache->fields * MERGE_CONTEXTS, sizeof *cache->slot);
	cache->blank = mem_array(cache->fields, sizeof *cache->blank);
	return cache;
}

void
merge_cache_free(struct merge_cache **cache)
{
	struct merge_cache *it = *cache;

	if (!it)
		return;
	for (size_t i = 0; i < it->fields * MERGE_CONTEXTS; i++)
		buf_done(&it->slot[i].escaped);
	free(it->slot);
	free(it->blank);
	free(it);
	*cache = NULL;
}

/* True for UTF-8 without controls; LF is allowed where one_line is false. */
static bool
is_clean(struct span value, bool one_line)
{
	uint32_t cp;
	enum utf8_got got;

	while ((got = utf8_next(&value, &cp)) != UTF8_END) {
		if (got == UTF8_BAD)
			return false;
		if (cp == '\n' && !one_line)
			continue;
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
		    cp == 0x2029)
			return false;
	}
	return true;
}

static bool
is_blank_field(const struct merge_values *values, unsigned field)
{
	return values->cache ? values->cache->blank[field]
			     : merge_is_blank(values->value[field]);
}

int
merge_check(const struct merge_set *set, const struct merge_values *values,
    int *fallbacks, struct err *err)
{
	struct merge_cache *cache = values->cache;

	*fallbacks = 0;
	for (size_t i = 0; cache && i < set->field_count; i++) {
		cache->blank[i] = merge_is_blank(values->value[i]);
		for (size_t k = 0; k < MERGE_CONTEXTS; k++)
			cache->slot[i * MERGE_CONTEXTS + k].has = false;
	}
	for (size_t i = 0; i < set->field_count; i++) {
		const struct merge_field *field = &set->field[i];
		if (is_clean(values->value[i], field->one_line))
			continue;
		err_set(err, E_MERGE_BYTES);
		err_fact(err, "field", field->name);
		return err_fact(err, "part",
		    field->in_header ? SPAN("subject") : SPAN("text"));
	}
	for (size_t i = 0; i < set->mark_count; i++) {
		const struct merge_mark *mark = &set->mark[i];
		if (!is_blank_field(values, mark->field))
			continue;
		if (!mark->has_fallback) {
			err_set(err, E_MERGE_EMPTY);
			return err_fact(
			    err, "field", set->field[mark->field].name);
		}
		++*fallbacks;
	}
	return 0;
}

/* Appends what stands for a mark in its context. */
static void
add_value(const struct merge_values *values, const struct merge_mark *mark,
    enum merge_context context, struct buf *out)
{
	struct merge_slot *slot;

	if (is_blank_field(values, mark->field)) {
		merge_escape(context, mark->fallback, out);
		return;
	}
	if (!values->cache) {
		merge_escape(context, values->value[mark->field], out);
		return;
	}
	slot = &values->cache->slot[mark->field * MERGE_CONTEXTS + context];
	if (!slot->has) {
		buf_clear(&slot->escaped);
		merge_escape(
		    context, values->value[mark->field], &slot->escaped);
		slot->has = true;
	}
	buf_add(out, buf_span(&slot->escaped));
}

void
merge_fill(const struct merge_text *text, const struct merge_set *set,
    const struct merge_values *values, struct buf *out)
{
	const struct span literal = buf_span(&text->literal);
	size_t from = 0;

	buf_reserve(out, literal.len + 64 * text->count);
	for (size_t i = 0; i < text->count; i++) {
		const struct merge_piece *piece = &text->piece[i];

		buf_add(out, span_slice(literal, from, piece->at));
		from = piece->at;
		if (piece->mark == MERGE_TOKEN)
			buf_add(out, values->token);
		else
			add_value(values, &set->mark[piece->mark],
			    piece->context, out);
	}
	buf_add(out, span_slice(literal, from, literal.len));
}
