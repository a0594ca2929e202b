/* Strict JSON, one level at a time: what lies deeper is looked at once, so that
 * it is right, and given out as it is written.  Decides nothing about the
 * meaning of values. */
#include "core/base/json.h"

#include "core/base/utf8.h"

void
json_begin(struct json_walk *walk, struct span text)
{
	*walk = (struct json_walk){.rest = text, .close = '}'};
}

void
json_begin_array(struct json_walk *walk, struct span text)
{
	*walk = (struct json_walk){.rest = text, .close = ']'};
}

static void
skip_blanks(struct span *rest)
{
	while (rest->len && (*rest->ptr == ' ' || *rest->ptr == '\t' ||
				*rest->ptr == '\r' || *rest->ptr == '\n'))
		*rest = span_slice(*rest, 1, rest->len);
}

static bool
take(struct span *rest, char c)
{
	skip_blanks(rest);
	if (!rest->len || *rest->ptr != c)
		return false;
	*rest = span_slice(*rest, 1, rest->len);
	return true;
}

static bool
take_hex4(struct span *rest, uint32_t *value)
{
	*value = 0;
	if (rest->len < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int digit = span_hex_digit(rest->ptr[i]);

		if (digit < 0)
			return false;
		*value = *value << 4 | (uint32_t)digit;
	}
	*rest = span_slice(*rest, 4, rest->len);
	return true;
}

/* What follows the \u of an escape; two escapes when they are a pair. */
static bool
take_unicode(struct span *rest, uint32_t *cp)
{
	uint32_t low;

	if (!take_hex4(rest, cp))
		return false;
	if (*cp < 0xd800 || *cp > 0xdfff)
		return true;
	if (*cp > 0xdbff || !span_starts(*rest, SPAN("\\u")))
		return false;
	*rest = span_slice(*rest, 2, rest->len);
	if (!take_hex4(rest, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*cp = 0x10000 + ((*cp - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* One character of a string's inside: false at a fault. */
static bool
take_char(struct span *rest, uint32_t *cp)
{
	static const char letter[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *hit;
	char c;

	if (*rest->ptr != '\\')
		return utf8_next(rest, cp) == UTF8_GOOD && *cp >= 0x20;
	if (rest->len < 2)
		return false;
	c = rest->ptr[1];
	*rest = span_slice(*rest, 2, rest->len);
	if (c == 'u')
		return take_unicode(rest, cp);
	hit = c ? strchr(letter, c) : NULL;
	if (!hit)
		return false;
	*cp = (uint32_t)meant[hit - letter];
	return true;
}

/* Passes over characters that need no look of their own. */
static void
skip_plain(struct span *rest)
{
	size_t at = 0;

	while (at < rest->len && rest->ptr[at] >= ' ' && rest->ptr[at] < 0x7f &&
	       rest->ptr[at] != '"' && rest->ptr[at] != '\\')
		at++;
	*rest = span_slice(*rest, at, rest->len);
}

static bool
take_string(struct span *rest, struct span *inside)
{
	const char *start;
	uint32_t cp;

	if (!take(rest, '"'))
		return false;
	start = rest->ptr;
	skip_plain(rest);
	while (rest->len && *rest->ptr != '"') {
		if (!take_char(rest, &cp))
			return false;
	}
	if (!rest->len)
		return false;
	*inside = span_make(start, (size_t)(rest->ptr - start));
	*rest = span_slice(*rest, 1, rest->len);
	return true;
}

static bool
is_digit(struct span rest)
{
	return rest.len && *rest.ptr >= '0' && *rest.ptr <= '9';
}

static bool
take_digits(struct span *rest)
{
	size_t at = 0;

	while (is_digit(span_slice(*rest, at, rest->len)))
		at++;
	*rest = span_slice(*rest, at, rest->len);
	return at > 0;
}

static bool
take_char_of(struct span *rest, const char *wanted)
{
	if (!rest->len || !*rest->ptr || !strchr(wanted, *rest->ptr))
		return false;
	*rest = span_slice(*rest, 1, rest->len);
	return true;
}

static bool
take_number(struct span *rest)
{
	take_char_of(rest, "-");
	if (!take_char_of(rest, "0") && !take_digits(rest))
		return false;
	if (take_char_of(rest, ".") && !take_digits(rest))
		return false;
	if (!take_char_of(rest, "eE"))
		return true;
	take_char_of(rest, "+-");
	return take_digits(rest);
}

static bool
take_word(struct span *rest, enum json_type *type)
{
	static const struct {
		struct span word;
		enum json_type type;
	} known[] = {
	    {{"true", 4}, JSON_TRUE},
	    {{"false", 5}, JSON_FALSE},
	    {{"null", 4}, JSON_NULL},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (!span_starts(*rest, known[i].word))
			continue;
		*type = known[i].type;
		*rest = span_slice(*rest, known[i].word.len, rest->len);
		return true;
	}
	*type = JSON_NUMBER;
	return take_number(rest);
}

static bool take_value(struct span *rest, unsigned depth, enum json_type *type,
    struct span *value);

/* What lies between two brackets, of which the first is still there. */
static bool
take_members(struct span *rest, char close, unsigned depth)
{
	enum json_type type;
	struct span ignored;

	*rest = span_slice(*rest, 1, rest->len);
	if (take(rest, close))
		return true;
	do {
		if (close == '}' &&
		    (!take_string(rest, &ignored) || !take(rest, ':')))
			return false;
		if (!take_value(rest, depth + 1, &type, &ignored))
			return false;
	} while (take(rest, ','));
	return take(rest, close);
}

/* depth: how many brackets are open around the value. */
static bool
take_value(
    struct span *rest, unsigned depth, enum json_type *type, struct span *value)
{
	const char *start;

	skip_blanks(rest);
	start = rest->ptr;
	if (!rest->len)
		return false;
	switch (*start) {
	case '"':
		*type = JSON_STRING;
		return take_string(rest, value);
	case '{':
	case '[':
		*type = *start == '{' ? JSON_OBJECT : JSON_ARRAY;
		if (depth == JSON_DEPTH_MAX ||
		    !take_members(rest, *start == '{' ? '}' : ']', depth))
			return false;
		break;
	default:
		if (!take_word(rest, type))
			return false;
	}
	*value = span_make(start, (size_t)(rest->ptr - start));
	return true;
}

static int
finish(struct json_walk *walk)
{
	skip_blanks(&walk->rest);
	walk->state = walk->rest.len ? JSON_BAD : JSON_END;
	return walk->rest.len ? -1 : 0;
}

int
json_next(struct json_walk *walk, struct span *key, struct span *value)
{
	struct span *rest = &walk->rest;

	if (walk->state == JSON_END)
		return 0;
	if (walk->state == JSON_BAD)
		return -1;
	if (walk->state == JSON_FIRST &&
	    !take(rest, walk->close == '}' ? '{' : '['))
		goto bad;
	if (take(rest, walk->close))
		return finish(walk);
	if (walk->state == JSON_LATER && !take(rest, ','))
		goto bad;
	*key = SPAN("");
	if (walk->close == '}' && (!take_string(rest, key) || !take(rest, ':')))
		goto bad;
	if (!take_value(rest, 1, &walk->type, value))
		goto bad;
	walk->state = JSON_LATER;
	return 1;
bad:
	walk->state = JSON_BAD;
	return -1;
}

bool
json_value(struct span text, enum json_type *type, struct span *value)
{
	if (!take_value(&text, 0, type, value))
		return false;
	skip_blanks(&text);
	return text.len == 0;
}

bool
json_is(struct span escaped, struct span plain)
{
	uint32_t a, b;

	if (span_index(escaped, '\\') == escaped.len)
		return span_equal(escaped, plain);
	while (escaped.len && plain.len) {
		if (!take_char(&escaped, &a) ||
		    utf8_next(&plain, &b) != UTF8_GOOD || a != b)
			return false;
	}
	return !escaped.len && !plain.len;
}

int
json_find(struct span object, struct span name, enum json_type *type,
    struct span *value)
{
	struct json_walk walk;
	struct span key;
	int got;

	json_begin(&walk, object);
	while ((got = json_next(&walk, &key, value)) == 1) {
		if (json_is(key, name)) {
			*type = walk.type;
			return 1;
		}
	}
	return got;
}

void
json_unescape(struct span escaped, struct buf *out)
{
	uint32_t cp;

	if (span_index(escaped, '\\') == escaped.len) {
		buf_add(out, escaped);
		return;
	}
	while (escaped.len && take_char(&escaped, &cp))
		buf_utf8(out, cp);
}

void
json_show(enum json_type type, struct span value, struct buf *out)
{
	if (type == JSON_STRING)
		json_unescape(value, out);
	else if (type != JSON_NULL)
		buf_add(out, value);
}

void
json_copy(enum json_type type, struct span value, struct buf *out)
{
	if (type == JSON_STRING)
		buf_char(out, '"');
	buf_add(out, value);
	if (type == JSON_STRING)
		buf_char(out, '"');
}

void
json_quote(struct buf *out, struct span plain)
{
	size_t from = 0;

	buf_char(out, '"');
	for (size_t i = 0; i < plain.len; i++) {
		unsigned char c = (unsigned char)plain.ptr[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, span_slice(plain, from, i));
		from = i + 1;
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '\n')
			buf_text(out, "\\n");
		else
			buf_printf(out, "\\u%04x", c);
	}
	buf_add(out, span_slice(plain, from, plain.len));
	buf_char(out, '"');
}
