/* Files of sections and "name = value" lines, read line by line with the place
 * of everything, so that an error can point at it. */
#ifndef CORE_BASE_INI_H
#define CORE_BASE_INI_H

#include "core/base/span.h"

enum ini_got {
	INI_END,
	INI_SECTION, /* name: the line with its brackets */
	INI_VALUE,   /* name and value, without blanks at their ends */
	INI_BAD      /* name: a line that is neither */
};

/* Caller's storage; start with ini_init().  The text is borrowed. */
struct ini {
	struct span rest;
	int line; /* of what was given last, from 1 */
	const char *line_start;
};

/* Begins at the start of text; a byte order mark is skipped. */
void ini_init(struct ini *ini, struct span text);

/* Gives the next thing that is no blank line and no comment; both spans lie in
 * the text.  A comment is '#' at the start of a line or between blanks, and
 * what follows it. */
enum ini_got ini_next(struct ini *ini, struct span *name, struct span *value);

/* The column, from 1 and in characters, of a span in the line given last. */
int ini_column(const struct ini *ini, struct span at);

#endif
