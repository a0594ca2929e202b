/* Where a text differs from one that was looked at before.  Messages of a
 * campaign are the same but for what was filled in: a check that decides by
 * what stands near a place has to look only near the differences. */
#ifndef CORE_REVIEW_FRESH_H
#define CORE_REVIEW_FRESH_H

#include "core/base/buf.h"

/* A stretch of octets, from..to; may be empty: two that were apart now meet. */
struct fresh_gap {
	size_t from, to;
};

/* The text that was found clean, and where the present one differs from it.
 * Zero-initialised, ended with fresh_done(). */
struct fresh {
	struct buf seen;
	struct fresh_gap *gap; /* ascending, not touching */
	size_t gaps, room;
	struct fresh_gap *hidden; /* not to be trusted in another message */
	size_t hiddens, hidden_room;
};

/* Frees what it holds. */
void fresh_done(struct fresh *fresh);

/* Finds the gaps of text: all octets outside them stand in the text that was
 * kept, in the same order and with the same neighbours.  Without one, or when
 * text has a NUL, all of it is one gap. */
void fresh_compare(struct fresh *fresh, struct span text);

/* Says that a stretch of the present text was allowed for its recipient alone:
 * it differs from whatever the next text has there. */
void fresh_hide(struct fresh *fresh, size_t from, size_t to);

/* Keeps text as the one that was found clean; a text with a NUL is not kept. */
void fresh_keep(struct fresh *fresh, struct span text);

/* A walk over the places where something new can begin. */
struct fresh_walk {
	const struct fresh *fresh; /* NULL: all of the text is new */
	struct span text;          /* the one that was compared */
	size_t ahead;    /* octets from its beginning that decide, no more */
	size_t behind;   /* octets before it that decide, blanks not counted */
	size_t next;     /* gap; begins with 0 */
	size_t from, to; /* out: the places */
};

/* The next stretch of places, or false at the end.  Both its ends are between
 * two characters of well-formed UTF-8; stretches ascend and do not overlap. */
bool fresh_next(struct fresh_walk *walk);

#endif
