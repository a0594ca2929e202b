/* Small dealings with foreign text that several files here share. */
#ifndef CORE_BASE_TEXT_H
#define CORE_BASE_TEXT_H

#include "core/base/buf.h"
#include "core/base/span.h"

/* Copies s into out of size octets as a C string, cut at a character; a NUL
 * becomes the visible sign for it (U+2400). */
void text_cut(char *out, size_t size, struct span s);

/* s without spaces, tabs and ideographic spaces (U+3000) at both ends. */
struct span text_trim(struct span s);

/* True when s holds nothing but spaces, tabs, line ends and U+3000. */
bool text_is_blank(struct span s);

enum text_fault {
	TEXT_FINE,
	TEXT_CONTROL,   /* C0, DEL, C1 */
	TEXT_CHARACTER, /* destroyed, private, no character at all, or one that
			 * turns the direction of what follows */
};

/* What is wrong with s for one line of text. */
enum text_fault text_check_line(struct span s);

/* The same for text of several lines: CR, LF and TAB are fine. */
enum text_fault text_check_lines(struct span s);

/* Appends s on one line: controls become spaces, bad UTF-8 U+FFFD; at most
 * limit octets. */
void text_one_line(struct buf *out, struct span s, size_t limit);

#endif
