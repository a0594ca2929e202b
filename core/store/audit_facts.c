/* Facts of an audit entry: words "name=value", in quotes where a value has
 * what would end it.  Entries of before have values with blanks as they are;
 * reading takes such a value up to its first blank. */
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/store/store.h"

static bool
is_plain(struct span value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if (c <= ' ' || c == '"' || c == 0x7f)
			return false;
	}
	return value.len > 0;
}

/* A copy that is one line of UTF-8 and leaves room for other facts even when
 * all of it must be escaped. */
static void
clean(struct span value, struct buf *out)
{
	enum { VALUE_MAX = 450 };
	bool good = utf8_is_valid(value);

	for (size_t i = 0; i < value.len && i < VALUE_MAX; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		buf_char(out, c < ' ' || c == 0x7f || (c & 0x80 && !good)
				  ? '?'
				  : (char)c);
	}
	while (good && !utf8_is_valid(buf_span(out)))
		out->ptr[--out->len] = '\0';
}

void
audit_fact(struct buf *facts, const char *name, struct span value)
{
	struct buf text = BUF_INIT;

	if (facts->len)
		buf_char(facts, ' ');
	buf_text(facts, name);
	buf_char(facts, '=');
	clean(value, &text);
	if (is_plain(buf_span(&text)))
		buf_add(facts, buf_span(&text));
	else
		json_quote(facts, buf_span(&text));
	buf_done(&text);
}

void
audit_fact_int(struct buf *facts, const char *name, int64_t value)
{
	struct buf number = BUF_INIT;

	buf_int(&number, value);
	audit_fact(facts, name, buf_span(&number));
	buf_done(&number);
}

/* Cuts a value off: in quotes, or up to a blank. */
static struct span
cut_value(struct span *rest, bool *quoted)
{
	struct span from = *rest;
	size_t at = 1;

	*quoted = rest->len > 0 && rest->ptr[0] == '"';
	if (!*quoted)
		return span_cut(rest, ' ');
	while (at < from.len && from.ptr[at] != '"')
		at += from.ptr[at] == '\\' ? 2 : 1;
	*rest = span_slice(from, at + 2, from.len);
	return span_slice(from, 1, at);
}

bool
audit_fact_find(struct span facts, const char *name, struct buf *out)
{
	struct span rest = facts;

	while (rest.len) {
		size_t end = span_index(rest, '=');
		struct span word = span_slice(rest, 0, end), value;
		size_t blank = span_index(word, ' ');
		bool quoted;

		if (end == rest.len)
			return false;
		while (blank < word.len) { /* words without a value */
			word = span_slice(word, blank + 1, word.len);
			blank = span_index(word, ' ');
		}
		rest = span_slice(rest, end + 1, rest.len);
		value = cut_value(&rest, &quoted);
		if (!span_equal(word, span_of(name)))
			continue;
		if (quoted)
			json_unescape(value, out);
		else
			buf_add(out, value);
		return true;
	}
	return false;
}
