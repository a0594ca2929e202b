/* UTF-8, decoded strictly (RFC 3629), and how many cells text takes. */
#ifndef CORE_BASE_UTF8_H
#define CORE_BASE_UTF8_H

#include "core/base/buf.h"
#include "core/base/span.h"

enum { UTF8_REPLACEMENT = 0xfffd, UTF8_MAX = 4 };

/* END is 0, so that "while (utf8_next(&rest, &cp))" walks a text. */
enum utf8_got { UTF8_END, UTF8_GOOD, UTF8_BAD };

/* Takes one character off *rest.  A malformed sequence (stray or missing
 * continuation, overlong, surrogate, above U+10FFFF) takes its longest valid
 * beginning, at least one byte, gives U+FFFD and UTF8_BAD. */
enum utf8_got utf8_next(struct span *rest, uint32_t *cp);

/* Takes one character off the end of *rest, the same way. */
enum utf8_got utf8_last(struct span *rest, uint32_t *cp);

/* True when s is well-formed throughout. */
bool utf8_is_valid(struct span s);

/* Encodes cp into out and returns the octets used, 1 to 4; surrogates and
 * values above U+10FFFF are written as U+FFFD. */
size_t utf8_encode(uint32_t cp, char out[UTF8_MAX]);

/* Appends cp to buf. */
void buf_utf8(struct buf *buf, uint32_t cp);

/* Cells of one character: 0 (marks, joiners, controls), 1 or 2.  Ambiguous
 * ones take 1.  From our own table, so that it is the same everywhere. */
int utf8_cp_width(uint32_t cp);

/* True for characters that join the one before: zero cells and no control. */
bool utf8_is_mark(uint32_t cp);

/* Cells of a text: the sum over its characters; a bad byte takes 1. */
int utf8_width(struct span s);

/* Characters in a text, malformed sequences counting one each. */
size_t utf8_count(struct span s);

/* Takes one cluster off *rest: a character and the marks that follow it.
 * *width, when not NULL, gets its cells.  Empty when *rest was empty. */
struct span utf8_cluster(struct span *rest, int *width);

/* The longest beginning of s, in whole clusters, that takes at most cells. */
struct span utf8_fit(struct span s, int cells);

/* The longest end of s, in whole clusters, that takes at most cells. */
struct span utf8_fit_end(struct span s, int cells);

/* The Unicode version of the width table; a static string. */
const char *utf8_unicode_version(void);

#endif
