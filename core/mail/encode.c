/* Turning bytes into 7-bit mail.  One rule decides all shapes here: no line
 * that we write has more than 76 columns, so that no relay has a reason to
 * fold again behind the signature. */
#include "core/mail/encode.h"

#include "core/base/jis.h"
#include "core/base/utf8.h"

enum {
	SOFT_COLUMN = ENCODE_LINE_MAX - 1 /* the last one holds the '=' */
};

size_t
encode_count_high(struct span text)
{
	typedef unsigned char octets __attribute__((vector_size(16)));
	enum { ROUNDS_MAX = 255 }; /* until an octet of a sum is full */
	size_t count = 0, at = 0;

	while (at + sizeof(octets) <= text.len) {
		octets sum = {0}, now;

		for (int i = 0; i < ROUNDS_MAX && at + sizeof now <= text.len;
		    i++) {
			memcpy(&now, text.ptr + at, sizeof now);
			sum += now >> 7;
			at += sizeof now;
		}
		for (size_t i = 0; i < sizeof sum; i++)
			count += sum[i];
	}
	for (; at < text.len; at++)
		count += (unsigned char)text.ptr[at] >> 7;
	return count;
}

bool
encode_is_ascii(struct span text)
{
	return encode_count_high(text) == 0;
}

/* Octets that can stand for themselves in quoted-printable. */
static const bool qp_plain[256] = {
    ['\t'] = true,
    [' ' ... '<'] = true,
    ['>' ... '~'] = true,
};

/* Octets at the start of text that can stand as they are on this line. */
static size_t
qp_run(struct span text, size_t column)
{
	size_t max = SOFT_COLUMN - column, run = 0;
	char last;

	if (column == 0 &&
	    (text.ptr[0] == '.' || span_starts(text, SPAN("From "))))
		return 0;
	if (max > text.len)
		max = text.len;
	while (run < max && qp_plain[(unsigned char)text.ptr[run]])
		run++;
	if (run == 0)
		return 0;
	/* A blank at the end of a line gets lost on the way. */
	last = text.ptr[run - 1];
	if ((last == ' ' || last == '\t') &&
	    (run == text.len || text.ptr[run] == '\n' || text.ptr[run] == '\r'))
		run--;
	return run;
}

/* Length of the line end at the start of text, 0 when there is none. */
static size_t
line_end(struct span text)
{
	if (text.ptr[0] == '\n')
		return 1;
	return text.ptr[0] == '\r' && text.len > 1 && text.ptr[1] == '\n' ? 2
									  : 0;
}

static void
add_qp_octet(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	const char triple[] = {'=', hex[c >> 4], hex[c & 15]};

	buf_add(out, span_make(triple, sizeof triple));
}

void
encode_qp(struct buf *out, struct span text)
{
	size_t column = 0, used;

	buf_reserve(out, text.len + text.len / 8);
	while (text.len) {
		if ((used = line_end(text)) > 0) {
			buf_text(out, "\r\n");
			column = 0;
		} else if ((used = qp_run(text, column)) > 0) {
			buf_add(out, span_slice(text, 0, used));
			column += used;
		} else if (column + 3 > SOFT_COLUMN) {
			buf_text(out, "=\r\n");
			column = 0;
		} else {
			add_qp_octet(out, (unsigned char)text.ptr[0]);
			column += 3;
			used = 1;
		}
		text = span_slice(text, used, text.len);
	}
}

/* The longest beginning of text within limit octets that ends between two
 * characters. */
static size_t
whole_characters(struct span text, size_t limit)
{
	struct span rest = text;
	size_t fit = 0;
	uint32_t cp;

	while (utf8_next(&rest, &cp)) {
		size_t used = text.len - rest.len;

		if (used > limit)
			break;
		fit = used;
	}
	return fit;
}

/* A charset as encoded words name it. */
static const struct span word_start[] = {
    [ENCODE_UTF8] = {"=?UTF-8?B?", sizeof "=?UTF-8?B?" - 1},
    [ENCODE_ISO_2022_JP] = {"=?ISO-2022-JP?B?", sizeof "=?ISO-2022-JP?B?" - 1},
};

/* Octets of a word around what it encodes. */
static size_t
word_frame(enum encode_charset charset)
{
	return word_start[charset].len + sizeof "?=" - 1;
}

/* Raw octets that fit into one word which starts at column. */
static size_t
word_room(size_t column, size_t frame)
{
	size_t room = ENCODE_WORD_MAX;

	if (column + frame >= ENCODE_LINE_MAX)
		return 0;
	if (column + room > ENCODE_LINE_MAX)
		room = ENCODE_LINE_MAX - column;
	return (room - frame) / 4 * 3;
}

/* Like whole_characters() for what text takes in ISO-2022-JP, both shifts
 * included. */
static size_t
whole_jis(struct span text, size_t limit)
{
	struct span rest = text;
	size_t fit = 0, used = 0;
	bool in_kanji = false;

	while (rest.len) {
		bool two = jis_take(&rest) >= 0x80;

		used += (two != in_kanji ? JIS_SHIFT : 0) + (two ? 2 : 1);
		in_kanji = two;
		if (used + (in_kanji ? JIS_SHIFT : 0) > limit)
			break;
		fit = text.len - rest.len;
	}
	return fit;
}

static size_t
whole(struct span text, size_t limit, enum encode_charset charset)
{
	return charset == ENCODE_UTF8 ? whole_characters(text, limit)
				      : whole_jis(text, limit);
}

size_t
encode_words_in(struct buf *out, struct span text, size_t column,
    enum encode_charset charset)
{
	const size_t frame = word_frame(charset);
	struct buf jis = BUF_INIT;
	bool first = true;

	while (text.len) {
		size_t fit = whole(text, word_room(column, frame), charset);
		struct span piece;

		if (!first || fit == 0) {
			buf_text(out, first ? "\r\n" : "\r\n ");
			if (first)
				buf_char(out, ' ');
			column = 1;
			fit = whole(text, word_room(column, frame), charset);
		}
		piece = span_slice(text, 0, fit);
		if (charset == ENCODE_ISO_2022_JP) {
			buf_clear(&jis);
			(void)jis_encode(piece, JIS_STOP, &jis);
			piece = buf_span(&jis);
		}
		buf_add(out, word_start[charset]);
		encode_base64(out, piece);
		buf_text(out, "?=");
		column += frame + (piece.len + 2) / 3 * 4;
		text = span_slice(text, fit, text.len);
		first = false;
	}
	buf_done(&jis);
	return column;
}

size_t
encode_words(struct buf *out, struct span text, size_t column)
{
	return encode_words_in(out, text, column, ENCODE_UTF8);
}

bool
encode_is_7bit(struct span text)
{
	while (text.len) {
		struct span line = span_cut(&text, '\n');

		if (span_ends(line, SPAN("\r")))
			line.len--;
		if (line.len > ENCODE_HARD_MAX ||
		    span_starts(line, SPAN(".")) ||
		    span_starts(line, SPAN("From ")) ||
		    span_ends(line, SPAN(" ")) || span_ends(line, SPAN("\t")))
			return false;
	}
	return true;
}

void
encode_7bit(struct buf *out, struct span text)
{
	buf_reserve(out, text.len + text.len / 32);
	while (text.len) {
		struct span line = span_cut(&text, '\n');

		if (span_ends(line, SPAN("\r")))
			line.len--;
		buf_add(out, line);
		buf_text(out, "\r\n");
	}
}

static bool
is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Appends name="value" with '_' for what is not ASCII, cut to one line. */
static void
add_quoted_parameter(struct buf *out, const char *name, struct span value)
{
	const size_t limit = out->len + sizeof ";\r\n" - 1 + ENCODE_LINE_MAX;
	uint32_t cp;

	buf_printf(out, ";\r\n %s=\"", name);
	while (utf8_next(&value, &cp)) {
		bool escape = cp == '"' || cp == '\\';

		if (out->len + escape + sizeof "x\";" - 1 > limit)
			break;
		if (escape)
			buf_char(out, '\\');
		buf_char(out, cp < 0x80 ? (char)cp : '_');
	}
	buf_char(out, '"');
}

/* Appends one octet as RFC 2231 section 7 wants it; returns its columns. */
static size_t
add_percent(struct buf *out, char c)
{
	if (is_letter_or_digit(c) || (c && strchr("-._", c))) {
		buf_char(out, c);
		return 1;
	}
	buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
	return 3;
}

/* Columns of a value in RFC 2231 form. */
static size_t
percent_width(struct span value)
{
	size_t width = 0;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		width +=
		    is_letter_or_digit(c) || (c && strchr("-._", c)) ? 1 : 3;
	}
	return width;
}

/* Appends the extended form, in one piece or in numbered ones. */
static void
add_extended_parameter(struct buf *out, const char *name, struct span value)
{
	size_t frame = strlen(name) + sizeof " *=UTF-8'';" - 1;
	bool whole = frame + percent_width(value) <= ENCODE_LINE_MAX;
	size_t column, start;

	for (int piece = 0; piece == 0 || value.len; piece++) {
		start = out->len;
		buf_printf(out, ";\r\n %s*", name);
		if (!whole)
			buf_printf(out, "%d*", piece);
		buf_text(out, piece == 0 ? "=UTF-8''" : "=");
		column = out->len - start - sizeof ";\r\n" + 1;
		/* The next octet may need three columns, the ';' one. */
		while (value.len && (whole || column + 4 <= ENCODE_LINE_MAX)) {
			column += add_percent(out, value.ptr[0]);
			value = span_slice(value, 1, value.len);
		}
	}
}

void
encode_parameter(struct buf *out, const char *name, struct span value)
{
	size_t frame = strlen(name) + sizeof " =\"\";" - 1, escapes = 0;

	for (size_t i = 0; i < value.len; i++)
		escapes += value.ptr[i] == '"' || value.ptr[i] == '\\';
	if (encode_is_ascii(value) &&
	    frame + value.len + escapes <= ENCODE_LINE_MAX) {
		add_quoted_parameter(out, name, value);
		return;
	}
	/* Readers that know both forms take the extended one; some that take
	 * the first of two with one name must find it first. */
	add_extended_parameter(out, name, value);
	add_quoted_parameter(out, name, value);
}
