/* Merge marks as those see them who show them: the editor while a text is
 * written, the preview when it is compiled.  Included by compose.h. */
#ifndef CORE_COMPOSE_MARKS_H
#define CORE_COMPOSE_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/span.h"

/* What a mark is. */
enum merge_kind {
	MERGE_NONE,     /* no mark */
	MERGE_VALUE,    /* {{field}}, {{field:format|fallback}} */
	MERGE_SECTION,  /* {{#field}} */
	MERGE_INVERTED, /* {{^field}} */
	MERGE_CLOSE,    /* {{/field}} */
	MERGE_COMMENT   /* {{! words}} */
};

/* The language that formats write in. */
enum merge_language {
	MERGE_LANGUAGE_TEXT, /* that of the text */
	MERGE_LANGUAGE_EN,
	MERGE_LANGUAGE_JA
};

/* No mark: the partner of a value, what stands around the outermost. */
enum { MERGE_NO_MARK = 0xfffffffe };

/* ---- While a text is written ------------------------------------------- */

/* A mark, right or not, as it stands in a text; spans lie in the text. */
struct mark_seen {
	size_t from, to; /* octets, braces included; of a mark without end the
			  * two braces */
	enum merge_kind kind;
	const char *fault;    /* NULL, or a why of E_MERGE_SYNTAX; static */
	struct span name;     /* of the field; empty in a comment */
	struct span format;   /* behind ':', ptr NULL without one */
	struct span fallback; /* behind '|' */
	bool has_fallback;
	unsigned partner; /* of a section what closes it, and back */
	unsigned parent;  /* the section around it: numbers in the array */
};

/* Finds all marks of a text in its order, with the same eyes as compiling
 * does; an escaped "\{{" is none.  Whether a field exists is not looked at.
 * *out has *count marks; the caller frees it. */
void mark_find_all(struct span text, struct mark_seen **out, size_t *count);

/* The name of format number index (0, 1 ...), NULL behind the last: for menus.
 * Behind a name may stand "ja" or "en", behind "number" the decimals. */
const char *merge_format_name(size_t index);

/* ---- Compiled ---------------------------------------------------------- */

/* One mark of a compiled template, in the order of writing: the subject's come
 * first.  Lives as long as the template. */
struct merge_mark {
	enum merge_kind kind; /* never a comment */
	struct span name;
	struct span format;   /* as written; ptr NULL: none */
	struct span fallback; /* of a value */
	bool has_fallback;
	unsigned line,
	    column;           /* of the source, from 1; columns in characters */
	const char *part;     /* "subject", "text": the source */
	unsigned partner;     /* of a section what closes it, and back */
	unsigned parent;      /* the section around it */
	unsigned field;       /* number of the field in template_fields() */
	unsigned use, octets; /* private to compose */
};

/* Which ways a recipient takes at a mark: both in a list, or when the mark
 * stands inside of one; none when a section around it is left out. */
enum {
	WAY_MAIN = 1, /* the value stands; the section's text stands */
	WAY_OTHER = 2 /* the fallback stands; the section is left out */
};

#endif
