/* Which file is whose: a pattern with a recipient's values in is the key of the
 * file.  The whole key must be equal, so that number 12 never gets the file of
 * number 123; and words that the value before them does not hold must stand
 * between two fields, so that no two recipients can give the same key in
 * different ways. */
#include <stdlib.h>

#include "core/attach/key.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/mail/address.h"

enum { PIECES_MAX = 17, FIELDS_MAX = 8, PATTERN_MAX = 200 };

struct piece {
	struct span text; /* in the pattern's own copy */
	enum { WORDS, FIELD } kind;
};

struct attach_pattern {
	char *copy;
	struct piece piece[PIECES_MAX];
	size_t count;
};

static int
fail(struct err *err, const char *why)
{
	err_set(err, E_ATTACH_PATTERN);
	return err_fact(err, "why", span_of(why));
}

static const char *
words_fault(struct span words)
{
	uint32_t cp;
	enum utf8_got got;

	while ((got = utf8_next(&words, &cp)) != UTF8_END) {
		if (cp == '/' || cp == '\\')
			return "slash";
		if (got == UTF8_BAD || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return "control";
		if (cp == '{' || cp == '}')
			return "open";
	}
	return NULL;
}

/* Adds what stands before the next field, and that field. */
static const char *
take_field(struct attach_pattern *pattern, struct span *rest)
{
	size_t open = span_search(*rest, SPAN("{{"));
	struct span words = span_slice(*rest, 0, open), name;
	const char *why = words_fault(words);
	size_t close;

	if (why)
		return why;
	if (words.len > 0)
		pattern->piece[pattern->count++] = (struct piece){words, WORDS};
	*rest = span_slice(*rest, open, rest->len);
	if (rest->len == 0)
		return NULL;
	if (pattern->count > 0 && words.len == 0)
		return "beside";
	if (pattern->count + 2 > PIECES_MAX)
		return "many";
	close = span_search(*rest, SPAN("}}"));
	if (close == rest->len)
		return "open";
	name = span_trim(span_slice(*rest, 2, close));
	if (name.len == 0 || span_index(name, '|') < name.len ||
	    strchr("#^/!&>{", name.ptr[0]))
		return "field";
	pattern->piece[pattern->count++] = (struct piece){name, FIELD};
	*rest = span_slice(*rest, close + 2, rest->len);
	return NULL;
}

int
attach_pattern_read(
    struct span text, struct attach_pattern **out, struct err *err)
{
	struct attach_pattern *pattern = mem_new(sizeof *pattern);
	struct span rest;
	const char *why = text.len > PATTERN_MAX ? "length" : NULL;
	size_t fields = 0;

	pattern->copy = mem_text(text);
	rest = span_make(pattern->copy, text.len);
	while (!why && rest.len > 0)
		why = take_field(pattern, &rest);
	for (size_t i = 0; i < pattern->count; i++)
		fields += pattern->piece[i].kind == FIELD;
	if (!why && fields == 0)
		why = "none";
	if (why) {
		attach_pattern_free(&pattern);
		return fail(err, why);
	}
	*out = pattern;
	return 0;
}

void
attach_pattern_free(struct attach_pattern **pattern)
{
	if (!*pattern)
		return;
	free((*pattern)->copy);
	free(*pattern);
	*pattern = NULL;
}

/* ---- Filling ------------------------------------------------------------- */

static int
fail_key(struct err *err, struct span field)
{
	err_set(err, E_ATTACH_KEY);
	return err_fact(err, "field", field);
}

/* Whether a value ends where the words behind it begin, and nowhere else could:
 * "1-2" and "3" must not give what "1" and "2-3" give. */
static bool
ends_once(struct span value, struct span words)
{
	struct buf both = BUF_INIT, all = BUF_INIT, end = BUF_INIT;
	bool once;

	buf_add(&both, value);
	buf_add(&both, words);
	key_compose(buf_span(&both), &all);
	key_compose(words, &end);
	once = span_search(buf_span(&all), buf_span(&end)) + end.len == all.len;
	buf_done(&both);
	buf_done(&all);
	buf_done(&end);
	return once;
}

/* Appends the value of a field; it must name one file and nothing else.  words:
 * what stands between it and another field. */
static int
add_value(const struct attach_person *person, struct span field,
    struct span words, struct buf *out, struct err *err)
{
	struct buf custom = BUF_INIT;
	struct span value;
	int rc = -1;

	if (span_equal(field, SPAN("name")))
		value = person->name;
	else if (span_equal(field, SPAN("address")))
		value = person->address;
	else if (field_value(person->fields, field, &custom, err) < 0)
		goto out;
	else
		value = buf_span(&custom);
	value = span_trim(value);
	if (value.len == 0 || words_fault(value) ||
	    (words.len > 0 && !ends_once(value, words))) {
		fail_key(err, field);
		goto out;
	}
	buf_add(out, value);
	rc = 0;
out:
	buf_done(&custom);
	return rc;
}

/* An address alone is compared as addresses are. */
static int
add_address(struct span text, struct buf *out, struct err *err)
{
	struct arena *arena = arena_new();
	struct address address;
	int rc;

	rc = address_parse(text, arena, &address, NULL);
	if (rc == 0)
		buf_add(out, address.canon);
	else
		fail_key(err, SPAN("address"));
	arena_free(&arena);
	return rc;
}

int
attach_pattern_fill(const struct attach_pattern *pattern,
    const struct attach_person *person, struct buf *out, struct err *err)
{
	struct buf key = BUF_INIT;
	int rc = -1;

	if (pattern->count == 1 &&
	    span_equal(pattern->piece[0].text, SPAN("address")))
		return add_address(person->address, out, err);
	for (size_t i = 0; i < pattern->count; i++) {
		const struct piece *piece = &pattern->piece[i];
		bool is_last = i + 2 >= pattern->count;

		if (piece->kind == WORDS)
			buf_add(&key, piece->text);
		else if (add_value(person, piece->text,
			     is_last ? SPAN("") : piece[1].text, &key, err) < 0)
			goto out;
	}
	key_compose(buf_span(&key), out);
	rc = 0;
out:
	buf_done(&key);
	return rc;
}

/* ---- Names in a folder --------------------------------------------------- */

bool
pattern_fits(const struct attach_pattern *pattern, struct span name)
{
	size_t last = pattern->count - 1;

	for (size_t i = 0; i < pattern->count; i++) {
		const struct piece *piece = &pattern->piece[i];
		size_t at;

		if (piece->kind == FIELD) {
			/* a value has at least one octet */
			if (name.len == 0)
				return false;
			if (i == last)
				return true;
			at = 1 + span_search(span_slice(name, 1, name.len),
				     pattern->piece[i + 1].text);
			if (i + 1 == last)
				return name.len >
					   pattern->piece[last].text.len &&
				       span_ends(
					   name, pattern->piece[last].text);
			if (at >= name.len)
				return false;
			name = span_slice(name, at, name.len);
		} else {
			if (!span_starts(name, piece->text))
				return false;
			name = span_slice(name, piece->text.len, name.len);
		}
	}
	return name.len == 0;
}

/* ---- Spellings ----------------------------------------------------------- */

/* A kana that has a voiced (1) or half-voiced (2) form right behind it. */
static bool
is_voiceable(uint32_t kana, uint32_t step)
{
	uint32_t base = kana >= 0x30a0 ? kana - 0x60 : kana;

	if (step == 2)
		return base >= 0x306f && base <= 0x307b && base % 3 == 0;
	if (base >= 0x304b && base <= 0x3061)
		return base % 2 == 1;
	if (base >= 0x3064 && base <= 0x3068)
		return base % 2 == 0;
	return base >= 0x306f && base <= 0x307b && base % 3 == 0;
}

/* macOS writes a voiced kana in a name as two characters; one list of contacts
 * and one folder must not miss each other for that. */
void
key_compose(struct span text, struct buf *out)
{
	uint32_t cp, before = 0;
	size_t at = 0;

	/* what is no UTF-8 stays what it is, to be refused for it */
	if (!utf8_is_valid(text)) {
		buf_add(out, text);
		return;
	}
	while (utf8_next(&text, &cp) != UTF8_END) {
		uint32_t step = cp == 0x3099 ? 1 : cp == 0x309a ? 2 : 0;

		if (step && before && is_voiceable(before, step)) {
			out->len = at;
			buf_utf8(out, before + step);
			before = 0;
			continue;
		}
		at = out->len;
		before = cp;
		buf_utf8(out, cp);
	}
}
