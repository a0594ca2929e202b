/* An independent, bounded reader of messages: it shares no code with the
 * writer, so it can prove what the writer wrote, and it trusts no byte, so it
 * can read what others send.  Spans point into the input; lists live in the
 * caller's arena. */
#ifndef CORE_MAIL_PARSE_H
#define CORE_MAIL_PARSE_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"

enum {
	PARSE_MESSAGE_MAX = 40 * 1024 * 1024, /* octets */
	PARSE_HEADER_MAX = 64 * 1024,         /* octets of one header block */
	PARSE_FIELDS_MAX = 1000,              /* fields of one header block */
	PARSE_DEPTH_MAX = 8,
	PARSE_PARTS_MAX = 100,
	PARSE_BOUNDARY_MAX = 70, /* RFC 2046 section 5.1.1 */
	PARSE_MAILBOXES_MAX = 100
};

/* One header field in the order of the message. */
struct parse_field {
	struct span name;
	struct span value; /* raw, still folded, without the final line end;
			    * blanks around it removed */
	struct span whole; /* name, colon, value and final line end */
};

/* A list of fields; the array lives in the arena. */
struct parse_header {
	struct parse_field *field;
	size_t count;
	struct span block; /* all fields, without the empty line */
};

enum parse_encoding {
	PARSE_IDENTITY, /* 7bit, 8bit, binary or none given */
	PARSE_QP,
	PARSE_BASE64,
	PARSE_UNKNOWN
};

/* One part of the tree, in the order of the message; part 0 is the message
 * itself.  message/rfc822 is not descended into. */
struct parse_part {
	struct parse_header header;
	struct span body;    /* undecoded; for a multipart all of it */
	struct span type;    /* "text/plain" as written, without parameters;
			      * defaulted where the field is missing */
	struct span charset; /* as written, "us-ascii" when missing */
	enum parse_encoding encoding;
	int depth;  /* of the message itself: 0 */
	int parent; /* index, -1 for the message itself */
};

struct parse_message {
	struct span bytes;
	struct parse_part *part;
	size_t part_count;
};

/* What the eye of a strict server sees; computed over raw bytes. */
struct parse_scan {
	size_t longest_line; /* octets without line end */
	size_t bare_cr, bare_lf, nul;
	size_t high_in_header; /* octets above 0x7f */
	size_t high_in_body;
	size_t header_octets, header_lines;
	size_t total_octets;
};

/* Counts over bytes; never fails, reads every byte once. */
void parse_scan(struct span bytes, struct parse_scan *out);

/* Reads one header block that begins at the start of bytes and ends at an
 * empty line or at the end of bytes; *body is what follows the empty line.
 * Accepts CRLF and LF.  E_MIME_PARSE (why: header, name, fields; offset). */
int parse_header(struct span bytes, struct arena *arena,
    struct parse_header *out, struct span *body, struct err *err);

/* Reads a whole message and its tree.  E_MIME_PARSE (why as above, and size,
 * depth, parts, boundary, unclosed; offset). */
int parse_message(struct span bytes, struct arena *arena,
    struct parse_message *out, struct err *err);

/* How many fields have this name, in any case. */
size_t parse_count(const struct parse_header *header, const char *name);

/* The first field of this name, or NULL; lives as long as the header. */
const struct parse_field *parse_find(
    const struct parse_header *header, const char *name);

/* Appends a field's value on one line: line ends before blanks removed (RFC
 * 5322 section 2.2.3). */
void parse_unfold(struct span value, struct buf *out);

/* Appends an unstructured value as UTF-8: unfolded, encoded words decoded (RFC
 * 2047; B and Q; UTF-8, US-ASCII, ISO-8859-1, ISO-2022-JP), white space between
 * two of them dropped.  Words of another charset or broken ones stay as they are; the
 * result says how many those were. */
size_t parse_words(struct span value, struct buf *out);

/* Appends the value of a parameter of a Content-* field as UTF-8, quotes
 * removed, RFC 2231 forms joined and decoded.  False when there is none. */
bool parse_parameter(struct span value, const char *name, struct buf *out);

/* Appends the decoded body of a part, charset untouched.  E_MIME_PARSE (why:
 * encoding, base64, qp; offset in the body) on input that a strict reader
 * would refuse. */
int parse_body(const struct parse_part *part, struct buf *out, struct err *err);

/* One mailbox of an address list; name is decoded and in the arena. */
struct parse_mailbox {
	struct span name;
	struct span address; /* addr-spec as written, without brackets */
};

/* Reads a list of mailboxes and groups (RFC 5322 section 3.4), comments
 * removed, into an array in the arena.  E_MIME_PARSE (why: mailbox, count;
 * offset). */
int parse_mailboxes(struct span value, struct arena *arena,
    struct parse_mailbox **out, size_t *count, struct err *err);

/* Appends a URL as a person would write it: percent-encoded octets (RFC 3986
 * section 2.1) decoded, a '%' before anything else kept. */
void parse_percent(struct span url, struct buf *out);

#endif
