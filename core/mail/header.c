/* Header fields: one gate for bytes, one way of folding.  Folding happens at
 * 76 columns, below the 78 that RFC 5322 asks for, so that relays that count
 * differently still have nothing to fold. */
#include "core/mail/header.h"

#include "core/base/utf8.h"
#include "core/mail/encode.h"

enum { MESSAGE_ID_MAX = 250 };

static int
refuse(const char *field, enum err_code code, struct err *err)
{
	err_set(err, code);
	return err_fact(err, "field", span_of(field));
}

int
header_check(const char *field, struct span value, struct err *err)
{
	enum utf8_got got;
	uint32_t cp;

	while ((got = utf8_next(&value, &cp)) != UTF8_END) {
		if (got == UTF8_BAD || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return refuse(field, E_HEADER_BYTES, err);
	}
	return 0;
}

static int
check_ascii(const char *field, struct span value, struct err *err)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] < 0x20 || value.ptr[i] > 0x7e)
			return refuse(field, E_HEADER_BYTES, err);
	}
	return 0;
}

/* Takes leading blanks and the word behind them off *rest. */
static struct span
next_word(struct span *rest)
{
	struct span all = *rest;
	size_t len = 0;

	while (len < all.len && all.ptr[len] == ' ')
		len++;
	while (len < all.len && all.ptr[len] != ' ')
		len++;
	*rest = span_slice(all, len, all.len);
	return span_slice(all, 0, len);
}

/* Octets of the longest word of value, blanks before it included. */
static size_t
longest_word(struct span value)
{
	size_t longest = 0;

	while (value.len) {
		struct span word = next_word(&value);

		longest = word.len > longest ? word.len : longest;
	}
	return longest;
}

/* Appends value behind what stands on the line at column, with a line end
 * before each blank whose word would pass the limit.  Returns the column. */
static size_t
add_folded(struct buf *out, struct span value, size_t column)
{
	while (value.len) {
		struct span word = next_word(&value);

		if (column + word.len > ENCODE_LINE_MAX && word.ptr[0] == ' ') {
			buf_text(out, "\r\n");
			column = 0;
		}
		buf_add(out, word);
		column += word.len;
	}
	return column;
}

/* True when text survives being written as it stands. */
static bool
is_plain_text(struct span text)
{
	if (!encode_is_ascii(text) || span_search(text, SPAN("=?")) < text.len)
		return false;
	if (text.len && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' '))
		return false;
	return longest_word(text) < ENCODE_LINE_MAX;
}

int
header_text_in(struct buf *out, const char *field, struct span value,
    enum encode_charset charset, struct err *err)
{
	size_t column = strlen(field) + 1;

	if (header_check(field, value, err) < 0)
		return -1;
	buf_text(out, field);
	buf_char(out, ':');
	if (!is_plain_text(value)) {
		buf_char(out, ' ');
		encode_words_in(out, value, column + 1, charset);
	} else if (value.len) {
		/* The blank goes to the folder: it may be the fold. */
		struct span first = next_word(&value);

		if (column + 1 + first.len > ENCODE_LINE_MAX) {
			buf_text(out, "\r\n");
			column = 0;
		}
		buf_char(out, ' ');
		buf_add(out, first);
		add_folded(out, value, column + 1 + first.len);
	}
	buf_text(out, "\r\n");
	return 0;
}

int
header_text(
    struct buf *out, const char *field, struct span value, struct err *err)
{
	return header_text_in(out, field, value, ENCODE_UTF8, err);
}

int
header_structured(
    struct buf *out, const char *field, struct span value, struct err *err)
{
	size_t column = strlen(field) + 1;
	struct span rest = span_trim(value), first;

	if (check_ascii(field, value, err) < 0)
		return -1;
	if (longest_word(rest) + column + 1 > ENCODE_HARD_MAX)
		return refuse(field, E_HEADER_LENGTH, err);
	first = next_word(&rest);
	buf_text(out, field);
	buf_char(out, ':');
	if (column + 1 + first.len > ENCODE_LINE_MAX && column > 1) {
		buf_text(out, "\r\n");
		column = 0;
	}
	buf_char(out, ' ');
	buf_add(out, first);
	add_folded(out, rest, column + 1 + first.len);
	buf_text(out, "\r\n");
	return 0;
}

static bool
is_atext(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* True when name may stand as a phrase of atoms with single blanks. */
static bool
is_atoms(struct span name)
{
	char before = ' ';

	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == ' ' ? before == ' ' : !is_atext(name.ptr[i]))
			return false;
		before = name.ptr[i];
	}
	return before != ' ';
}

/* Appends a display name that starts at column; returns the column behind. */
static size_t
add_name(struct buf *out, struct span name, size_t column,
    enum encode_charset charset)
{
	size_t quoted = name.len + 2;

	for (size_t i = 0; i < name.len; i++)
		quoted += name.ptr[i] == '"' || name.ptr[i] == '\\';
	/* Folding inside a quoted string is legal and often misread. */
	if (!encode_is_ascii(name) || column + quoted > ENCODE_LINE_MAX ||
	    span_search(name, SPAN("=?")) < name.len)
		return encode_words_in(out, name, column, charset);
	if (is_atoms(name)) {
		buf_add(out, name);
		return column + name.len;
	}
	buf_char(out, '"');
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '"' || name.ptr[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, name.ptr[i]);
	}
	buf_char(out, '"');
	return column + quoted;
}

int
header_mailbox_in(struct buf *out, const char *field,
    const struct header_mailbox *mailbox, enum encode_charset charset,
    struct err *err)
{
	struct span address = mailbox->address;
	size_t column = strlen(field) + 2;

	if (header_check(field, mailbox->name, err) < 0 ||
	    check_ascii(field, address, err) < 0)
		return -1;
	if (address.len + column + 2 > ENCODE_HARD_MAX)
		return refuse(field, E_HEADER_LENGTH, err);
	buf_text(out, field);
	buf_text(out, ": ");
	if (mailbox->name.len == 0) {
		buf_add(out, address);
		buf_text(out, "\r\n");
		return 0;
	}
	column = add_name(out, mailbox->name, column, charset);
	if (column + sizeof " <>" - 1 + address.len > ENCODE_LINE_MAX)
		buf_text(out, "\r\n");
	buf_text(out, " <");
	buf_add(out, address);
	buf_text(out, ">\r\n");
	return 0;
}

int
header_mailbox(struct buf *out, const char *field,
    const struct header_mailbox *mailbox, struct err *err)
{
	return header_mailbox_in(out, field, mailbox, ENCODE_UTF8, err);
}

/* True for a URI of this scheme that can stand in angle brackets. */
static bool
is_bracketable(struct span uri, struct span scheme)
{
	if (!span_equal_nocase(span_slice(uri, 0, scheme.len), scheme) ||
	    uri.len == scheme.len)
		return false;
	for (size_t i = 0; i < uri.len; i++) {
		char c = uri.ptr[i];

		if (c <= 0x20 || c > 0x7e || c == '<' || c == '>' || c == ',' ||
		    c == '"' || c == '\\')
			return false;
	}
	return true;
}

int
header_list_unsubscribe(
    struct buf *out, struct span https, struct span mailto, struct err *err)
{
	static const char field[] = "List-Unsubscribe";
	const size_t frame = sizeof field - 1 + sizeof ": <>," - 1;

	if (!is_bracketable(https, SPAN("https://")) ||
	    (mailto.len && !is_bracketable(mailto, SPAN("mailto:"))))
		return refuse(field, E_HEADER_BYTES, err);
	if (https.len + 4 > ENCODE_HARD_MAX || mailto.len + 4 > ENCODE_HARD_MAX)
		return refuse(field, E_HEADER_LENGTH, err);
	buf_text(out, field);
	buf_text(out, frame + https.len > ENCODE_LINE_MAX ? ":\r\n <" : ": <");
	buf_add(out, https);
	if (mailto.len) {
		buf_text(out, ">,\r\n <");
		buf_add(out, mailto);
	}
	buf_text(out, ">\r\n");
	buf_text(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
	return 0;
}

bool
header_is_dot_atom(struct span value)
{
	char before = '.';

	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] == '.' ? before == '.'
					: !is_atext(value.ptr[i]))
			return false;
		before = value.ptr[i];
	}
	return before != '.';
}

bool
header_is_message_id(struct span value)
{
	struct span inner = span_slice(value, 1, value.len - 1), left;

	if (value.len < sizeof "<a@b>" - 1 || value.len > MESSAGE_ID_MAX ||
	    value.ptr[0] != '<' || value.ptr[value.len - 1] != '>')
		return false;
	left = span_cut(&inner, '@');
	return header_is_dot_atom(left) && header_is_dot_atom(inner);
}
