/* Reading what stands inside fields and bodies: encoded words, parameters,
 * transfer encodings, mailboxes.  Unknown charsets are left as they are and
 * reported: replacing what cannot be read would hide it. */
#include <stdio.h>

#include "core/base/jis.h"
#include "core/base/utf8.h"
#include "core/mail/parse.h"

enum { PIECES_MAX = 100, NAME_MAX_OCTETS = 60 };

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Appends the octets of base64 with line ends in it.  Returns text.len, or the
 * index of the first octet that a strict reader refuses. */
static size_t
decode_base64(struct span text, struct buf *out)
{
	uint32_t group = 0;
	int have = 0, pads = 0;

	for (size_t i = 0; i < text.len; i++) {
		int value = base64_value(text.ptr[i]);

		if (is_space(text.ptr[i]))
			continue;
		if (pads && have == 0)
			return i; /* something behind the padding */
		if (text.ptr[i] == '=' && have >= 2) {
			pads++;
			value = 0;
		} else if (value < 0 || pads) {
			return i;
		}
		group = group << 6 | (uint32_t)value;
		if (++have < 4)
			continue;
		/* Bits that belong to no octet must be zero. */
		if (group & ((1u << 8 * pads) - 1))
			return i;
		for (int n = 0; n < 3 - pads; n++)
			buf_char(out, (char)(group >> (16 - 8 * n) & 0xff));
		group = 0;
		have = 0;
	}
	return have ? text.len - 1 : text.len;
}

/* Appends one line of quoted-printable; *soft says whether the line end is
 * encoded away.  Returns line.len or the index of the offence. */
static size_t
decode_qp_line(struct span line, struct buf *out, bool *soft)
{
	int octet;

	*soft = false;
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		if (c == '=' && i + 1 == line.len) {
			*soft = true;
		} else if (c == '=') {
			octet = span_hex_octet(line, i + 1);
			if (octet < 0)
				return i;
			buf_char(out, (char)octet);
			i += 2;
		} else if (c == '\t' || (c >= ' ' && c <= '~')) {
			buf_char(out, c);
		} else {
			return i;
		}
	}
	return line.len;
}

/* Appends the octets of quoted-printable; returns as decode_base64(). */
static size_t
decode_qp(struct span text, struct buf *out)
{
	size_t at = 0, got;
	bool soft;

	while (at < text.len) {
		struct span rest = span_slice(text, at, text.len);
		struct span line = span_slice(rest, 0, span_index(rest, '\n'));
		bool ended = line.len < rest.len;
		struct span bare = line;

		/* Blanks at the end of a line were added on the way. */
		while (bare.len && is_space(bare.ptr[bare.len - 1]))
			bare.len--;
		got = decode_qp_line(bare, out, &soft);
		if (got < bare.len)
			return at + got;
		if (ended && !soft)
			buf_text(out, "\r\n");
		at += line.len + ended;
	}
	return text.len;
}

int
parse_body(const struct parse_part *part, struct buf *out, struct err *err)
{
	size_t got = 0;
	const char *why = "encoding";

	switch (part->encoding) {
	case PARSE_IDENTITY:
		buf_add(out, part->body);
		return 0;
	case PARSE_BASE64:
		got = decode_base64(part->body, out);
		why = "base64";
		break;
	case PARSE_QP:
		got = decode_qp(part->body, out);
		why = "qp";
		break;
	case PARSE_UNKNOWN:
		break;
	}
	if (part->encoding != PARSE_UNKNOWN && got == part->body.len)
		return 0;
	err_set(err, E_MIME_PARSE);
	err_fact(err, "why", span_of(why));
	return err_fact_int(err, "offset", (int64_t)got);
}

/* Appends bytes of a charset that we know as UTF-8; false for the others and
 * for bytes that are not of that charset. */
static bool
add_charset(struct span charset, struct span bytes, struct buf *out)
{
	if (span_equal_nocase(charset, SPAN("iso-8859-1"))) {
		for (size_t i = 0; i < bytes.len; i++)
			buf_utf8(out, (unsigned char)bytes.ptr[i]);
		return true;
	}
	if (span_equal_nocase(charset, SPAN("iso-2022-jp")))
		return jis_decode(bytes, out);
	if (span_equal_nocase(charset, SPAN("us-ascii"))) {
		for (size_t i = 0; i < bytes.len; i++) {
			if ((unsigned char)bytes.ptr[i] >= 0x80)
				return false;
		}
	} else if (!span_equal_nocase(charset, SPAN("utf-8")) ||
		   !utf8_is_valid(bytes)) {
		return false;
	}
	buf_add(out, bytes);
	return true;
}

/* Appends the octets of the Q encoding (RFC 2047 section 4.2). */
static bool
decode_q(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		int octet = (unsigned char)c;

		if (c == '_') {
			octet = ' ';
		} else if (c == '=') {
			octet = span_hex_octet(text, i + 1);
			i += 2;
		} else if (c <= ' ' || c > '~') {
			return false;
		}
		if (octet < 0)
			return false;
		buf_char(out, (char)octet);
	}
	return true;
}

enum word { WORD_NONE, WORD_GOOD, WORD_BROKEN };

/* Decodes the word that token is, if it is one. */
static enum word
decode_word(struct span token, struct buf *out)
{
	struct span rest = span_slice(token, 2, token.len - 2), charset, how;
	struct buf bytes = BUF_INIT;
	bool good = false;

	if (token.len < 6 || !span_starts(token, SPAN("=?")) ||
	    !span_ends(token, SPAN("?=")))
		return WORD_NONE;
	charset = span_cut(&rest, '?');
	charset = span_cut(&charset, '*'); /* RFC 2231 section 5: language */
	how = span_cut(&rest, '?');
	if (span_index(rest, '?') == rest.len) {
		if (span_equal_nocase(how, SPAN("B")))
			good = decode_base64(rest, &bytes) == rest.len;
		else if (span_equal_nocase(how, SPAN("Q")))
			good = decode_q(rest, &bytes);
	}
	good = good && add_charset(charset, buf_span(&bytes), out);
	buf_done(&bytes);
	return good ? WORD_GOOD : WORD_BROKEN;
}

static size_t
blanks_at(struct span s)
{
	size_t len = 0;

	while (len < s.len && (s.ptr[len] == ' ' || s.ptr[len] == '\t'))
		len++;
	return len;
}

static size_t
word_at(struct span s)
{
	size_t len = 0;

	while (len < s.len && s.ptr[len] != ' ' && s.ptr[len] != '\t')
		len++;
	return len;
}

size_t
parse_words(struct span value, struct buf *out)
{
	struct buf flat = BUF_INIT;
	struct span rest;
	size_t broken = 0, len;
	enum word before = WORD_NONE;

	parse_unfold(value, &flat);
	for (rest = buf_span(&flat); rest.len;
	    rest = span_slice(rest, len, rest.len)) {
		size_t blanks = blanks_at(rest), mark = out->len;
		struct span token;
		enum word now;

		len = blanks + word_at(span_slice(rest, blanks, rest.len));
		token = span_slice(rest, blanks, len);
		buf_add(out, span_slice(rest, 0, blanks));
		now = decode_word(token, out);
		if (now == WORD_GOOD && before == WORD_GOOD) {
			/* The blanks between two words do not count. */
			memmove(out->ptr + mark, out->ptr + mark + blanks,
			    out->len - mark - blanks);
			out->len -= blanks;
		}
		if (now != WORD_GOOD)
			buf_add(out, token);
		broken += now == WORD_BROKEN;
		before = now;
	}
	buf_done(&flat);
	return broken;
}

/* Index behind the comment, quoted string or bracket that begins at s[at], or
 * at + 1 for any other octet.  What does not end, ends with s. */
static size_t
skip_unit(struct span s, size_t at)
{
	char open = s.ptr[at];
	char close = open == '(' ? ')' : open == '"' ? '"' : '>';
	size_t depth = 1;

	if (open != '(' && open != '"' && open != '<')
		return at + 1;
	for (at++; at < s.len; at++) {
		if (s.ptr[at] == '\\')
			at++;
		else if (s.ptr[at] == close && --depth == 0)
			return at + 1;
		else if (open == '(' && s.ptr[at] == '(')
			depth++;
		else if (open == '<' && s.ptr[at] == '"')
			at = skip_unit(s, at) - 1;
	}
	return s.len;
}

enum quotes { QUOTES_KEEP, QUOTES_DROP };

/* Appends s without comments, and without quotes when they are to drop. */
static void
add_bare(struct span s, enum quotes quotes, struct buf *out)
{
	for (size_t at = 0, next; at < s.len; at = next) {
		struct span unit;

		next = skip_unit(s, at);
		unit = span_slice(s, at, next);
		if (unit.ptr[0] == '(')
			continue;
		if (unit.ptr[0] != '"' || quotes == QUOTES_KEEP) {
			buf_add(out, unit);
			continue;
		}
		for (size_t i = 1; i + 1 < unit.len; i++) {
			if (unit.ptr[i] == '\\' && i + 2 < unit.len)
				i++;
			buf_char(out, unit.ptr[i]);
		}
	}
}

/* Takes the next "; name=value" off *rest; false at the end. */
static bool
take_parameter(struct span *rest, struct span *name, struct span *value)
{
	size_t at = 0;
	struct span one;

	if (rest->len == 0)
		return false;
	while (at < rest->len && rest->ptr[at] != ';')
		at = rest->ptr[at] == '<' ? at + 1 : skip_unit(*rest, at);
	one = span_slice(*rest, 0, at);
	*rest = span_slice(*rest, at + 1, rest->len);
	*name = span_trim(span_cut(&one, '='));
	*value = span_trim(one);
	return true;
}

/* Looks for exactly this parameter; *value is empty when it is absent. */
static bool
find_parameter(struct span list, const char *wanted, struct span *value)
{
	struct span name;

	while (take_parameter(&list, &name, value)) {
		if (span_equal_nocase(name, span_of(wanted)))
			return true;
	}
	return false;
}

/* Appends the octets of an RFC 2231 value; false on a broken '%'. */
static bool
add_percent(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		int octet = (unsigned char)text.ptr[i];

		if (text.ptr[i] == '%') {
			octet = span_hex_octet(text, i + 1);
			i += 2;
		}
		if (octet < 0)
			return false;
		buf_char(out, (char)octet);
	}
	return true;
}

/* Takes "charset'language'" off *text. */
static struct span
take_charset(struct span *text)
{
	struct span charset = span_cut(text, '\'');

	span_cut(text, '\'');
	return charset;
}

/* Joins name*0, name*1*, ... into bytes; false when there is no piece 0. */
static bool
join_pieces(
    struct span list, const char *name, struct buf *bytes, struct span *charset)
{
	char wanted[NAME_MAX_OCTETS + 16];
	struct span value;
	int piece = 0;

	for (; piece < PIECES_MAX; piece++) {
		snprintf(wanted, sizeof wanted, "%s*%d*", name, piece);
		if (find_parameter(list, wanted, &value)) {
			if (piece == 0)
				*charset = take_charset(&value);
			if (!add_percent(value, bytes))
				return false;
			continue;
		}
		wanted[strlen(wanted) - 1] = '\0';
		if (!find_parameter(list, wanted, &value))
			break;
		add_bare(value, QUOTES_DROP, bytes);
	}
	return piece > 0;
}

bool
parse_parameter(struct span value, const char *name, struct buf *out)
{
	struct buf flat = BUF_INIT, bare = BUF_INIT, bytes = BUF_INIT;
	struct span list, charset = SPAN("utf-8"), text;
	char wanted[NAME_MAX_OCTETS + 2];
	bool found = false;

	if (strlen(name) > NAME_MAX_OCTETS)
		return false;
	parse_unfold(value, &flat);
	add_bare(buf_span(&flat), QUOTES_KEEP, &bare);
	list = buf_span(&bare);
	span_cut(&list, ';');
	snprintf(wanted, sizeof wanted, "%s*", name);
	if (find_parameter(list, wanted, &text)) {
		charset = take_charset(&text);
		found = add_percent(text, &bytes);
	}
	if (!found)
		found = join_pieces(list, name, &bytes, &charset);
	if (found)
		found = add_charset(charset, buf_span(&bytes), out);
	if (!found && find_parameter(list, name, &text)) {
		add_bare(text, QUOTES_DROP, out);
		found = true;
	}
	buf_done(&flat);
	buf_done(&bare);
	buf_done(&bytes);
	return found;
}

/* The result of a buffer, moved into the arena. */
static struct span
keep(struct arena *arena, struct buf *text)
{
	struct span copy = arena_copy(arena, span_trim(buf_span(text)));

	buf_done(text);
	return copy;
}

/* True for something with one '@' outside quotes and no blank. */
static bool
is_addr_spec(struct span s)
{
	size_t ats = 0;

	for (size_t at = 0; at < s.len; at = skip_unit(s, at)) {
		if (is_space(s.ptr[at]) || s.ptr[at] == '<')
			return false;
		ats += s.ptr[at] == '@';
	}
	return ats == 1 && s.ptr[0] != '@' && s.ptr[s.len - 1] != '@';
}

/* Reads one element of an address list. */
static bool
read_mailbox(
    struct span element, struct arena *arena, struct parse_mailbox *out)
{
	struct buf name = BUF_INIT, words = BUF_INIT, address = BUF_INIT;
	struct span inner = element, tail = {0};
	size_t at = 0;

	while (at < element.len && element.ptr[at] != '<')
		at = skip_unit(element, at);
	if (at < element.len) {
		size_t end = skip_unit(element, at);

		add_bare(span_slice(element, 0, at), QUOTES_DROP, &name);
		inner = span_slice(element, at + 1, end - 1);
		tail = span_slice(element, end, element.len);
		if (element.ptr[end - 1] != '>')
			tail = element;
	}
	add_bare(inner, QUOTES_KEEP, &address);
	parse_words(buf_span(&name), &words);
	buf_done(&name);
	add_bare(tail, QUOTES_KEEP, &name);
	out->name = keep(arena, &words);
	out->address = keep(arena, &address);
	return keep(arena, &name).len == 0 && is_addr_spec(out->address);
}

/* Takes one element off *rest: up to a comma, or the end of a group, whose
 * name is dropped. */
static struct span
take_element(struct span *rest)
{
	size_t at = 0, from = 0;
	struct span element;

	while (at < rest->len && rest->ptr[at] != ',' && rest->ptr[at] != ';') {
		if (rest->ptr[at] == ':')
			from = at + 1;
		at = skip_unit(*rest, at);
	}
	element = span_trim(span_slice(*rest, from, at));
	*rest = span_slice(*rest, at + 1, rest->len);
	return element;
}

int
parse_mailboxes(struct span value, struct arena *arena,
    struct parse_mailbox **out, size_t *count, struct err *err)
{
	struct span rest = value;
	struct parse_mailbox *list =
	    arena_take(arena, PARSE_MAILBOXES_MAX * sizeof *list);
	const char *why = NULL;

	*count = 0;
	while (rest.len && !why) {
		struct span element = take_element(&rest);

		if (element.len == 0)
			continue;
		if (*count == PARSE_MAILBOXES_MAX)
			why = "count";
		else if (!read_mailbox(element, arena, &list[(*count)++]))
			why = "mailbox";
	}
	*out = list;
	if (!why)
		return 0;
	err_set(err, E_MIME_PARSE);
	err_fact(err, "why", span_of(why));
	return err_fact_int(err, "offset", (int64_t)(value.len - rest.len));
}

void
parse_percent(struct span url, struct buf *out)
{
	for (size_t i = 0; i < url.len; i++) {
		int octet = url.ptr[i] == '%' ? span_hex_octet(url, i + 1) : -1;

		buf_char(out, octet < 0 ? url.ptr[i] : (char)octet);
		if (octet >= 0)
			i += 2;
	}
}
