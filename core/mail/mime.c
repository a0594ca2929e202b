/* Writing the MIME tree.  Both encodings used here are 7-bit and never produce
 * the "=_" that our boundaries begin with, so a boundary cannot occur inside a
 * part and no body needs to be searched for it; only a 7-bit text is.  No boundary is the beginning
 * of another one: what stands before the token's first '.' tells the level. */
#include "core/mail/mime.h"

#include <assert.h>

#include "core/base/utf8.h"
#include "core/mail/encode.h"
#include "core/mail/header.h"

enum { ASCII_PERCENT = 85 };

static enum mime_encoding
choose(size_t len, size_t high)
{
	return (len - high) * 100 >= len * ASCII_PERCENT ? MIME_QP
							 : MIME_BASE64;
}

enum mime_encoding
mime_choose(struct span text)
{
	return choose(text.len, encode_count_high(text));
}

/* What one look at a text tells. */
struct look {
	size_t high;   /* octets of 0x80 and above */
	bool doubtful; /* there may be a control that no text holds */
};

static inline bool
is_doubtful(char c)
{
	return ((unsigned char)c < ' ' && c != '\t' && c != '\n') || c == 0x7f;
}

typedef unsigned char octets __attribute__((vector_size(16)));

/* All octets are looked at, in sixteens: nearly every text is good, and long
 * enough for that to matter. */
static struct look
look_at(struct span text)
{
	enum { ROUNDS_MAX = 255 }; /* until an octet of a sum is full */
	struct look look = {.high = 0};
	octets seen = {0};
	size_t at = 0;

	while (at + sizeof seen <= text.len) {
		octets high = {0}, now;

		for (int i = 0; i < ROUNDS_MAX && at + sizeof now <= text.len;
		    i++) {
			memcpy(&now, text.ptr + at, sizeof now);
			seen |= (octets)((now < ' ') & (now != '\t') &
					 (now != '\n'));
			seen |= (octets)(now == 0x7f);
			high += now >> 7;
			at += sizeof now;
		}
		for (size_t i = 0; i < sizeof high; i++)
			look.high += high[i];
	}
	for (size_t i = 0; i < sizeof seen; i++)
		look.doubtful |= seen[i] != 0;
	for (; at < text.len; at++) {
		look.doubtful |= is_doubtful(text.ptr[at]);
		look.high += (unsigned char)text.ptr[at] >> 7;
	}
	return look;
}

/* Index of the first octet that no text part may hold, text.len when none. */
static size_t
bad_control(const struct mime_text *text)
{
	struct span all = text->octets;

	for (size_t i = 0; i < all.len; i++) {
		if (!is_doubtful(all.ptr[i]) ||
		    (all.ptr[i] == 0x1b && text->charset == MIME_ISO_2022_JP))
			continue;
		if (all.ptr[i] != '\r' || i + 1 == all.len ||
		    all.ptr[i + 1] != '\n')
			return i;
	}
	return all.len;
}

static bool
is_in_charset(const struct mime_tree *tree, const struct mime_text *text,
    const struct look *look)
{
	if (look->high == 0)
		return true;
	return text->charset == MIME_UTF_8 &&
	       (tree->known == MIME_UTF8 || utf8_is_valid(text->octets));
}

/* ISO-2022-JP as Japanese programs have always sent it, if nothing on the way
 * can mistake a line of it. */
static enum mime_encoding
choose_7bit(const struct mime_tree *tree, struct span text)
{
	bool safe =
	    encode_is_7bit(text) && span_search(text, tree->token) == text.len;

	return safe ? MIME_7BIT : MIME_BASE64;
}

/* Looks at one of the texts and chooses how to encode it. */
static int
check_text(const struct mime_tree *tree, const char *part,
    const struct mime_text *text, enum mime_encoding *encoding, struct err *err)
{
	struct look look = look_at(text->octets);
	size_t at = look.doubtful ? bad_control(text) : text->octets.len;

	*encoding = text->charset == MIME_UTF_8
			? choose(text->octets.len, look.high)
			: choose_7bit(tree, text->octets);
	if (at == text->octets.len && is_in_charset(tree, text, &look))
		return 0;
	err_set(err, E_MIME_TEXT);
	err_fact(err, "part", span_of(part));
	return err_fact_int(err, "offset", (int64_t)at);
}

static bool
is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static bool
is_token(struct span token)
{
	for (size_t i = 0; i < token.len; i++) {
		char c = token.ptr[i];

		if (!is_letter_or_digit(c) && c != '-' && c != '_')
			return false;
	}
	return token.len >= MIME_TOKEN_MIN && token.len <= MIME_TOKEN_MAX;
}

static int
fail_bug(struct err *err, const char *where)
{
	err_set(err, E_BUG);
	return err_fact(err, "where", span_of(where));
}

/* ---- Files ------------------------------------------------------------- */

/* A word of a media type (RFC 6838 section 4.2), or of a charset. */
static bool
is_type_word(struct span word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];

		if (!is_letter_or_digit(c) &&
		    (c == '\0' || !strchr("!#$&-^_.+", c)))
			return false;
	}
	return word.len > 0;
}

/* "word/word" with or without "; charset=word". */
static bool
is_type(struct span type)
{
	struct span charset = SPAN("; charset="), rest = type;
	size_t at = span_search(type, charset);

	if (type.len >= ENCODE_LINE_MAX ||
	    (at < type.len &&
		!is_type_word(span_slice(type, at + charset.len, type.len))))
		return false;
	rest = span_slice(type, 0, at);
	return is_type_word(span_cut(&rest, '/')) && is_type_word(rest);
}

static bool
is_content_id(struct span id)
{
	struct buf bracketed = BUF_INIT;
	bool is;

	buf_char(&bracketed, '<');
	buf_add(&bracketed, id);
	buf_char(&bracketed, '>');
	is = header_is_message_id(buf_span(&bracketed));
	buf_done(&bracketed);
	return is;
}

int
mime_file(struct buf *out, const struct mime_file *file, struct err *err)
{
	if (!is_type(file->type))
		return fail_bug(err, "mime type");
	if (file->id.len > 0 && !is_content_id(file->id))
		return fail_bug(err, "mime content id");
	if (file->name.len == 0)
		return fail_bug(err, "mime file name");
	if (header_check("Content-Disposition", file->name, err) < 0)
		return -1;
	/* Four octets for three, and a line end for 57. */
	buf_reserve(out, file->bytes.len / 57 * 78 + 2048);
	buf_text(out, "Content-Type:");
	/* The types of office files are too long for the same line. */
	if (sizeof "Content-Type: " + file->type.len > ENCODE_LINE_MAX)
		buf_text(out, "\r\n");
	buf_char(out, ' ');
	buf_add(out, file->type);
	buf_text(out, "\r\nContent-Transfer-Encoding: base64\r\n");
	buf_text(out, "Content-Disposition: ");
	buf_text(out, file->id.len > 0 ? "inline" : "attachment");
	encode_parameter(out, "filename", file->name);
	if (file->id.len > 0) {
		buf_text(out, "\r\nContent-ID: <");
		buf_add(out, file->id);
		buf_char(out, '>');
	}
	buf_text(out, "\r\n\r\n");
	encode_base64_lines(out, file->bytes);
	return 0;
}

/* ---- The tree ---------------------------------------------------------- */

/* A multipart and what distinguishes its boundary. */
struct level {
	const char *type;
	const char *mark; /* no token holds a '.' */
};

static const struct level mixed = {"multipart/mixed", "m."};
static const struct level alternative = {"multipart/alternative", ""};
static const struct level related = {
    "multipart/related; type=\"text/html\"", "r."};

static const char *const charset_names[] = {
    [MIME_UTF_8] = "UTF-8",
    [MIME_ISO_2022_JP] = "ISO-2022-JP",
};
static_assert(sizeof charset_names / sizeof *charset_names == MIME_CHARSETS,
    "name every charset");

/* Appends the header of a multipart. */
static void
add_multipart(struct buf *out, const struct level *level, struct span token)
{
	buf_text(out, "Content-Type: ");
	buf_text(out, level->type);
	buf_text(out, ";\r\n boundary=\"=_");
	buf_text(out, level->mark);
	buf_add(out, token);
	buf_text(out, "\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
}

static void
add_delimiter(struct buf *out, const struct level *level, struct span token,
    const char *tail)
{
	buf_text(out, "--=_");
	buf_text(out, level->mark);
	buf_add(out, token);
	buf_text(out, tail);
}

static void
add_text(struct buf *out, const char *type, const char *parameters,
    const struct mime_text *text, enum mime_encoding encoding)
{
	buf_text(out, "Content-Type: ");
	buf_text(out, type);
	buf_text(out, "; charset=");
	buf_text(out, charset_names[text->charset]);
	buf_text(out, parameters);
	buf_text(out, "\r\nContent-Transfer-Encoding: ");
	switch (encoding) {
	case MIME_QP:
		buf_text(out, "quoted-printable\r\n\r\n");
		encode_qp(out, text->octets);
		/* Belongs to the delimiter, not to the text. */
		buf_text(out, "\r\n");
		break;
	case MIME_BASE64:
		buf_text(out, "base64\r\n\r\n");
		encode_base64_text(out, text->octets);
		break;
	case MIME_7BIT:
		buf_text(out, "7bit\r\n\r\n");
		encode_7bit(out, text->octets);
		break;
	}
}

/* Appends ready parts, each behind its delimiter, and closes the level. */
static void
add_parts(struct buf *out, const struct level *level, struct span token,
    const struct span *part, size_t count, size_t *place)
{
	for (size_t i = 0; i < count; i++) {
		add_delimiter(out, level, token, "\r\n");
		if (place)
			place[i] = out->len;
		buf_add(out, part[i]);
	}
	add_delimiter(out, level, token, "--\r\n");
}

static void
add_html(struct buf *out, const struct mime_tree *tree,
    enum mime_encoding encoding, size_t *place)
{
	if (tree->image_count > 0) {
		add_multipart(out, &related, tree->token);
		add_delimiter(out, &related, tree->token, "\r\n");
	}
	add_text(out, "text/html", "", &tree->html, encoding);
	if (tree->image_count > 0)
		add_parts(out, &related, tree->token, tree->image,
		    tree->image_count, place);
}

/* Ready parts are large: the buffer grows once for all of them. */
static void
reserve(struct buf *out, const struct mime_tree *tree)
{
	size_t more = 0;

	for (size_t i = 0; i < tree->image_count; i++)
		more += tree->image[i].len + 128;
	for (size_t i = 0; i < tree->file_count; i++)
		more += tree->file[i].len + 128;
	if (more > 0)
		buf_reserve(out, more + 2 * tree->html.octets.len +
				     2 * tree->plain.octets.len + 2048);
}

int
mime_entity(struct buf *out, const struct mime_tree *tree, size_t *place,
    struct err *err)
{
	enum mime_encoding plain, html;
	struct span token = tree->token;

	if (!is_token(token))
		return fail_bug(err, "mime boundary");
	if (check_text(tree, "plain", &tree->plain, &plain, err) < 0 ||
	    check_text(tree, "html", &tree->html, &html, err) < 0)
		return -1;
	reserve(out, tree);
	if (tree->file_count > 0) {
		add_multipart(out, &mixed, token);
		add_delimiter(out, &mixed, token, "\r\n");
	}
	add_multipart(out, &alternative, token);
	add_delimiter(out, &alternative, token, "\r\n");
	add_text(out, "text/plain", "; format=fixed", &tree->plain, plain);
	add_delimiter(out, &alternative, token, "\r\n");
	add_html(out, tree, html, place);
	add_delimiter(out, &alternative, token, "--\r\n");
	if (tree->file_count > 0)
		add_parts(out, &mixed, token, tree->file, tree->file_count,
		    place ? place + tree->image_count : NULL);
	return 0;
}
