/* Merge marks: fields, sections and comments, read once from what was written,
 * filled for every recipient with the escaping of the place. */
#ifndef CORE_COMPOSE_MERGE_H
#define CORE_COMPOSE_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"
#include "core/compose/marks.h"
#include "core/compose/merge_format.h"

enum {
	MERGE_NAME_MAX = 255,      /* octets of a field name */
	MERGE_FALLBACK_MAX = 1024, /* octets */
	MERGE_MARKS_MAX = 10000,
	MERGE_DEPTH_MAX = 16,    /* sections in each other */
	MERGE_TOKEN_LEN = 11,    /* octets of a token in scanned text */
	MERGE_NODES_MAX = 50000, /* values in one recipient's lists */
	MERGE_FILLED_MAX = 8 * 1024 * 1024 /* octets that sections repeat */
};

/* Where a value lands, which decides its escaping. */
enum merge_context {
	MERGE_PLAIN, /* as it is */
	MERGE_HTML,  /* text of an element; line ends become <br> */
	MERGE_ATTR,  /* a quoted attribute; one line only */
	MERGE_URL,   /* percent-encoded (RFC 3986 section 2.1); one line only */
	MERGE_HEADER, /* as it is, one line only; header.h encodes */
	MERGE_CONTEXTS
};

/* A field that occurs. */
struct merge_field {
	struct span name;
	const unsigned *path; /* its parts, in the set; "." has none */
	unsigned depth;       /* how many */
	unsigned fixed;       /* number of its value in the set + 1, or 0 */
	unsigned formats;     /* bits 1 << enum format_kind; 0: as it is */
	bool has_fallback;    /* at every mark that shows it */
	bool in_header;
	bool one_line; /* occurs where a line end must not be */
	bool is_value;
	bool is_section;
};

/* A part of a name: "a" and "b" of "a.b". */
struct merge_part {
	struct span name;
	bool opens; /* a text that is JSON is looked into */
};

/* A field with the format it is shown in; many marks may be one use. */
struct merge_use {
	unsigned field;
	struct merge_format format;
};

/* Lines of the source that are not in the scanned text. */
struct merge_gone {
	unsigned from; /* line of the scanned text that follows them */
	unsigned lines;
};

/* All marks and fields of one template. */
struct merge_set {
	struct arena *arena; /* borrowed */
	struct merge_field *field;
	size_t field_count;
	struct merge_mark *mark;
	size_t mark_count;
	struct merge_part *part;
	size_t part_count;
	struct merge_use *use;
	size_t use_count;
	struct span *fixed; /* values that are the same for everybody */
	size_t fixed_count;
	struct merge_gone *gone; /* of the Markdown source */
	size_t gone_count;
	enum merge_language language; /* of formats; set it before scanning */
	unsigned name_part[NAME_PARTS][2]; /* for addressees; see use_names */
	bool use_names;
	char prefix[5]; /* of the tokens: occurs in no source */
};

/* Begins a set whose tokens occur in none of the count sources.  Ends with
 * merge_set_done(); names and fallbacks live in the arena. */
void merge_set_init(struct merge_set *set, struct arena *arena,
    const struct span *source, size_t count);

/* Frees the arrays. */
void merge_set_done(struct merge_set *set);

/* How the text around the marks is read: "\{{" writes literal braces, and a
 * line with nothing but the tag of a section vanishes around it.  In Markdown
 * the backslash stays for libcmark to remove, and such a line stays as a line
 * that holds the token (and the blanks before it).  Comments vanish in both,
 * a line with nothing but a comment as a whole. */
enum merge_syntax { MERGE_LINE, MERGE_MARKDOWN };

struct merge_source {
	const char *part; /* "subject", "text": a fact of the errors; static */
	struct span text; /* UTF-8 */
	enum merge_syntax syntax;
};

/* Appends the text to out with a token of letters and digits for each mark,
 * which is added to the set.  Any name is taken: who knows the fields looks at
 * the marks afterwards.  E_MERGE_SYNTAX (field, line, column, part, why: open,
 * name, nested, length, count, depth, format, unescaped, partial, delimiter,
 * block, unclosed, unopened, crossed).  A section ends in its source. */
int merge_scan(struct merge_set *set, const struct merge_source *source,
    struct buf *out, struct err *err);

/* Gives a field one value for all recipients; copied. */
void merge_fix(struct merge_set *set, unsigned field, struct span value);

/* Fails with code and the place of a mark: field, line, column, part, and why
 * unless it is NULL. */
int merge_fail(const struct merge_set *set, unsigned mark, enum err_code code,
    const char *why, struct err *err);

/* The line of the Markdown source that a line of its scanned text was. */
int merge_source_line(const struct merge_set *set, int line);

/* Offset of the first token in text, or text.len. */
size_t merge_find(const struct merge_set *set, struct span text);

/* What the token that begins text is, MERGE_NONE when none begins it; *mark,
 * unless NULL, gets its number in the set. */
enum merge_kind merge_token_kind(
    const struct merge_set *set, struct span text, unsigned *mark);

/* Appends text with its tokens written as {{field}}, for errors. */
void merge_show(
    const struct merge_set *set, struct span tokens, struct buf *out);

/* A text cut at its marks. */
struct merge_piece;
struct merge_text {
	struct buf literal;
	struct merge_piece *piece;
	size_t count, room;
	unsigned open; /* the innermost section that is not closed: a piece */
	unsigned torn; /* the first mark that does not nest, + 1 */
};

#define MERGE_TEXT_INIT ((struct merge_text){.count = 0})

/* True when a mark stands at from or behind it, before to. */
bool merge_text_has_mark(const struct merge_text *text, size_t from, size_t to);

/* Appends the octets from..to of another text with their marks; with to at the
 * end of the text also the marks that stand there. */
void merge_text_move(struct merge_text *to_text, const struct merge_text *text,
    size_t from, size_t to);

/* A mark of the text that stands outside of the section it was written in, or
 * a section that is not closed where it was opened, or MERGE_NO_MARK; a text
 * that has one must not be filled. */
unsigned merge_text_torn(const struct merge_text *text);

/* The mark of the recipient's unsubscribe token, in no set. */
enum { MERGE_TOKEN = 0xffffffff };

/* Frees what a text holds. */
void merge_text_done(struct merge_text *text);

/* Appends bytes as they are. */
void merge_text_raw(struct merge_text *text, struct span bytes);

/* Appends text that holds tokens: the literal pieces escaped for the context
 * (a URL's literal pieces for the attribute when it is in HTML: the caller has
 * made them a URL), the tokens becoming marks.  The token of a section opens or
 * closes it where it stands: what is added to the text in between belongs to
 * it. */
void merge_text_add(struct merge_text *text, struct merge_set *set,
    struct span tokens, enum merge_context literal, enum merge_context value);

/* Begins and ends an element that is left out where all its sections leave it
 * empty: to be called behind its tag and before its end tag, which have so many
 * octets without marks. */
void merge_text_open_shell(struct merge_text *text, size_t octets);
void merge_text_close_shell(struct merge_text *text, size_t octets);

/* Appends the place of the unsubscribe token. */
void merge_text_token(struct merge_text *text);

/* One recipient; spans are borrowed until the next one is read. */
struct merge_person {
	struct span name, address; /* ptr NULL: there is none */
	struct span fields;        /* JSON: an object; for tests of any type */
};

/* The values of one recipient at a time, each found, formatted and escaped
 * once however often it stands; working memory of one thread. */
struct merge_data;

/* Memory for the values of a set, which is borrowed and no longer changes;
 * the caller frees it. */
struct merge_data *merge_data_new(const struct merge_set *set);

/* Frees it; accepts NULL, sets *data to NULL. */
void merge_data_free(struct merge_data **data);

/* Takes the values of the next recipient.  name and address win over members
 * of the object.  E_BUG (where) when fields is no JSON, E_MERGE_VALUE (why:
 * size). */
int merge_data_read(struct merge_data *data, const struct merge_person *person,
    struct err *err);

/* What stands in a field of the recipient read last, outside of sections and
 * before any format; empty when it is blank or a list. */
struct span merge_data_value(const struct merge_data *data, size_t field);

/* Walks through all marks as filling will, and counts those that will be
 * filled by their fallback into *fallbacks.  took, unless NULL, has an octet
 * of WAY_ bits for each mark of the set.  After this filling cannot fail.
 * E_MERGE_EMPTY (field), E_MERGE_BYTES (field, part), E_MERGE_VALUE (field,
 * why: date, number, list, size). */
int merge_check(struct merge_data *data, unsigned char *took, int *fallbacks,
    struct err *err);

/* Appends the text with its marks filled; token stands for merge_text_token().
 * The values are checked ones. */
void merge_fill(const struct merge_text *text, struct merge_data *data,
    struct span token, struct buf *out);

/* Appends value escaped for a context. */
void merge_escape(
    enum merge_context context, struct span value, struct buf *out);

/* True when nothing but white space (also ideographic) is in value. */
bool merge_is_blank(struct span value);

#endif
