/* Reading the structure of messages: lines, fields, the tree of parts.  What is
 * ambiguous is an error rather than a guess, for this reader judges what we are
 * about to send.  Every loop is bounded by the limits in the header file. */
#include "core/mail/parse.h"

/* One reading of one message. */
struct reader {
	struct span bytes; /* the whole message, for offsets */
	struct arena *arena;
	struct parse_part *part;
	size_t count;
	struct err *err;
};

static int
refuse(struct err *err, const char *why, size_t offset)
{
	err_set(err, E_MIME_PARSE);
	err_fact(err, "why", span_of(why));
	return err_fact_int(err, "offset", (int64_t)offset);
}

/* Takes one line with its end off *rest. */
static struct span
take_line(struct span *rest)
{
	struct span line = span_slice(*rest, 0, span_index(*rest, '\n') + 1);

	*rest = span_slice(*rest, line.len, rest->len);
	return line;
}

static bool
is_empty_line(struct span line)
{
	return span_equal(line, SPAN("\r\n")) || span_equal(line, SPAN("\n"));
}

static bool
is_continuation(struct span rest)
{
	return rest.len && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t');
}

/* Not 0 when one of eight octets is. */
static uint64_t
has_zero(uint64_t eight)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	return (eight - ones) & ~eight & (ones << 7);
}

/* Counts one line without its end.  A line of what we send has none of what is
 * counted one by one: eight octets are looked at together. */
static void
scan_line(struct span line, struct parse_scan *out, size_t *high_out)
{
	const uint64_t tops = UINT64_C(0x8080808080808080),
		       returns = UINT64_C(0x0d0d0d0d0d0d0d0d);
	uint64_t eight, doubt = 0;
	size_t at = 0;

	if (line.len > out->longest_line)
		out->longest_line = line.len;
	for (; at + sizeof eight <= line.len; at += sizeof eight) {
		memcpy(&eight, line.ptr + at, sizeof eight);
		doubt |= (eight & tops) | has_zero(eight) |
			 has_zero(eight ^ returns);
	}
	for (at = doubt ? 0 : at; at < line.len; at++) {
		*high_out += (unsigned char)line.ptr[at] >> 7;
		out->nul += line.ptr[at] == '\0';
		out->bare_cr += line.ptr[at] == '\r';
	}
}

void
parse_scan(struct span bytes, struct parse_scan *out)
{
	bool in_header = true;

	*out = (struct parse_scan){.total_octets = bytes.len};
	while (bytes.len) {
		struct span line = take_line(&bytes);
		bool ended = line.ptr[line.len - 1] == '\n';
		bool crlf =
		    ended && line.len > 1 && line.ptr[line.len - 2] == '\r';
		size_t len = line.len - (crlf ? 2 : ended);

		out->bare_lf += ended && !crlf;
		scan_line(span_slice(line, 0, len), out,
		    in_header ? &out->high_in_header : &out->high_in_body);
		if (in_header && ended && len == 0) {
			in_header = false;
		} else if (in_header) {
			out->header_octets += line.len;
			out->header_lines++;
		}
	}
}

/* Takes one field with its continuation lines off *rest. */
static struct span
take_field(struct span *rest)
{
	struct span whole = take_line(rest);

	while (is_continuation(*rest)) {
		struct span more = take_line(rest);

		whole.len += more.len;
	}
	return whole;
}

static bool
is_field_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
			return false;
	}
	return name.len > 0;
}

static int
split_field(struct span bytes, struct span whole, struct parse_field *out,
    struct err *err)
{
	size_t colon = span_index(whole, ':');

	out->whole = whole;
	out->name = span_trim(span_slice(whole, 0, colon));
	out->value = span_trim(span_slice(whole, colon + 1, whole.len));
	if (colon == whole.len || !is_field_name(out->name) ||
	    out->name.ptr != whole.ptr)
		return refuse(err, "name", (size_t)(whole.ptr - bytes.ptr));
	return 0;
}

/* Counts the fields of a block and finds its end. */
static int
measure_header(struct span bytes, size_t *count, struct span *block,
    struct span *body, struct err *err)
{
	struct span rest = bytes;
	size_t used = 0;

	*count = 0;
	while (rest.len) {
		struct span line = rest;

		line = take_line(&line);
		if (is_empty_line(line)) {
			rest = span_slice(rest, line.len, rest.len);
			break;
		}
		used += take_field(&rest).len;
		if (used > PARSE_HEADER_MAX)
			return refuse(err, "header", used);
		if (++*count > PARSE_FIELDS_MAX)
			return refuse(err, "fields", used);
	}
	*block = span_slice(bytes, 0, used);
	*body = rest;
	return 0;
}

int
parse_header(struct span bytes, struct arena *arena, struct parse_header *out,
    struct span *body, struct err *err)
{
	struct span rest;

	if (measure_header(bytes, &out->count, &out->block, body, err) < 0)
		return -1;
	out->field = arena_take(
	    arena, (out->count ? out->count : 1) * sizeof *out->field);
	rest = out->block;
	for (size_t i = 0; i < out->count; i++) {
		if (split_field(bytes, take_field(&rest), &out->field[i], err) <
		    0)
			return -1;
	}
	return 0;
}

size_t
parse_count(const struct parse_header *header, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < header->count; i++)
		count +=
		    span_equal_nocase(header->field[i].name, span_of(name));
	return count;
}

const struct parse_field *
parse_find(const struct parse_header *header, const char *name)
{
	for (size_t i = 0; i < header->count; i++) {
		if (span_equal_nocase(header->field[i].name, span_of(name)))
			return &header->field[i];
	}
	return NULL;
}

void
parse_unfold(struct span value, struct buf *out)
{
	while (value.len) {
		struct span line = take_line(&value);

		/* Only where a blank follows is a line end a fold. */
		if (is_continuation(value)) {
			line.len--;
			if (line.len && line.ptr[line.len - 1] == '\r')
				line.len--;
		}
		buf_add(out, line);
	}
}

/* The value of a parameter in the arena; empty when absent. */
static struct span
copy_parameter(const struct reader *r, struct span value, const char *name)
{
	struct buf text = BUF_INIT;
	struct span copy = {0};

	if (parse_parameter(value, name, &text))
		copy = arena_copy(r->arena, buf_span(&text));
	buf_done(&text);
	return copy;
}

static enum parse_encoding
read_encoding(const struct parse_header *header)
{
	const struct parse_field *field =
	    parse_find(header, "Content-Transfer-Encoding");

	if (!field || span_equal_nocase(field->value, SPAN("7bit")) ||
	    span_equal_nocase(field->value, SPAN("8bit")) ||
	    span_equal_nocase(field->value, SPAN("binary")))
		return PARSE_IDENTITY;
	if (span_equal_nocase(field->value, SPAN("quoted-printable")))
		return PARSE_QP;
	if (span_equal_nocase(field->value, SPAN("base64")))
		return PARSE_BASE64;
	return PARSE_UNKNOWN;
}

/* Fills in what the Content-* fields say; *boundary is empty for a leaf. */
static void
read_type(
    const struct reader *r, struct parse_part *part, struct span *boundary)
{
	const struct parse_field *field =
	    parse_find(&part->header, "Content-Type");
	struct span value = field ? field->value : SPAN("text/plain");
	struct span type =
	    span_trim(span_slice(value, 0, span_index(value, ';')));

	part->type =
	    span_index(type, '/') < type.len ? type : SPAN("text/plain");
	part->encoding = read_encoding(&part->header);
	part->charset = copy_parameter(r, value, "charset");
	if (part->charset.len == 0)
		part->charset = SPAN("us-ascii");
	*boundary = copy_parameter(r, value, "boundary");
}

enum delimiter { DELIMITER_NONE, DELIMITER_NEXT, DELIMITER_LAST };

/* What a line of a multipart body is (RFC 2046 section 5.1.1). */
static enum delimiter
classify_line(struct span line, struct span boundary)
{
	struct span tail;

	if (!span_starts(line, SPAN("--")) ||
	    !span_starts(span_slice(line, 2, line.len), boundary))
		return DELIMITER_NONE;
	tail = span_trim(span_slice(line, 2 + boundary.len, line.len));
	if (tail.len == 0)
		return DELIMITER_NEXT;
	return span_equal(tail, SPAN("--")) ? DELIMITER_LAST : DELIMITER_NONE;
}

/* Takes the bytes up to the next delimiter off *rest, without the line end
 * that belongs to it. */
static enum delimiter
take_part(struct span *rest, struct span boundary, struct span *out)
{
	*out = span_slice(*rest, 0, 0);
	while (rest->len) {
		struct span line = take_line(rest);
		enum delimiter what = classify_line(line, boundary);

		if (what == DELIMITER_NONE) {
			out->len += line.len;
			continue;
		}
		if (span_ends(*out, SPAN("\n")))
			out->len--;
		if (span_ends(*out, SPAN("\r")))
			out->len--;
		return what;
	}
	return DELIMITER_NONE;
}

static size_t
offset_of(const struct reader *r, struct span s)
{
	return s.ptr ? (size_t)(s.ptr - r->bytes.ptr) : r->bytes.len;
}

static int read_part(struct reader *r, struct span bytes, int parent);

/* Reads the children of part parent; depth is bounded by read_part(). */
static int
read_children(struct reader *r, int parent, struct span boundary)
{
	struct span rest = r->part[parent].body, bytes;
	enum delimiter what;

	if (boundary.len == 0 || boundary.len > PARSE_BOUNDARY_MAX)
		return refuse(r->err, "boundary", offset_of(r, rest));
	what = take_part(&rest, boundary, &bytes); /* the preamble */
	while (what == DELIMITER_NEXT) {
		what = take_part(&rest, boundary, &bytes);
		if (what == DELIMITER_NONE)
			break;
		if (read_part(r, bytes, parent) < 0)
			return -1;
	}
	if (what == DELIMITER_NONE)
		return refuse(r->err, "unclosed", offset_of(r, rest));
	return 0;
}

static int
read_part(struct reader *r, struct span bytes, int parent)
{
	int depth = parent < 0 ? 0 : r->part[parent].depth + 1;
	struct parse_part *part;
	struct span boundary;
	int me = (int)r->count;

	if (r->count == PARSE_PARTS_MAX)
		return refuse(r->err, "parts", offset_of(r, bytes));
	if (depth > PARSE_DEPTH_MAX)
		return refuse(r->err, "depth", offset_of(r, bytes));
	part = &r->part[r->count++];
	part->parent = parent;
	part->depth = depth;
	if (parse_header(bytes, r->arena, &part->header, &part->body, r->err) <
	    0)
		return -1;
	read_type(r, part, &boundary);
	if (!span_equal_nocase(
		span_slice(part->type, 0, 10), SPAN("multipart/")))
		return 0;
	return read_children(r, me, boundary);
}

int
parse_message(struct span bytes, struct arena *arena, struct parse_message *out,
    struct err *err)
{
	struct reader r = {.bytes = bytes, .arena = arena, .err = err};

	if (bytes.len > PARSE_MESSAGE_MAX)
		return refuse(err, "size", bytes.len);
	r.part = arena_take(arena, PARSE_PARTS_MAX * sizeof *r.part);
	if (read_part(&r, bytes, -1) < 0)
		return -1;
	*out = (struct parse_message){
	    .bytes = bytes, .part = r.part, .part_count = r.count};
	return 0;
}
