/* The editor's text with its history: no screen, no keys.  Offsets are octets
 * and always at character boundaries. */
#ifndef TUI_WIDGETS_EDIT_TEXT_H
#define TUI_WIDGETS_EDIT_TEXT_H

#include "core/base/buf.h"

enum {
	UNDO_OCTETS_MAX = 16 * 1024 * 1024, /* with what keeps them */
	EDIT_JOINED_MAX = 120 /* octets of typing that one step takes back */
};

/* Which edits before it an edit may grow with into one step. */
enum edit_join {
	EDIT_ALONE,
	EDIT_TYPE,   /* typing where the last typing ended */
	EDIT_BACK,   /* erasing what stands before what was just erased */
	EDIT_FORWARD /* erasing what stands behind it */
};

struct edit_step {
	size_t at;
	struct buf removed, inserted;
	uint64_t before, after; /* revisions */
	enum edit_join open;    /* what may still be added */
};

/* In the owner's storage, zeroed at first, ended with edit_done(). */
struct edit_text {
	struct buf text;
	struct edit_step *steps;
	size_t step_count; /* done, then those that can be redone */
	size_t step_at;    /* how many are done */
	size_t step_room;
	size_t octets;     /* held by all steps */
	uint64_t revision; /* names the text: undo gives its old number back */
	uint64_t numbers;  /* given so far */
};

/* Frees everything. */
void edit_done(struct edit_text *edit);

/* Replaces from..to by s and remembers it. */
void edit_replace(struct edit_text *edit, size_t from, size_t to, struct span s,
    enum edit_join join);

/* The next edit starts a step of its own. */
void edit_break(struct edit_text *edit);

/* Takes back or does again one step; false when there is none.  *at gets
 * where it happened. */
bool edit_undo(struct edit_text *edit, size_t *at);
bool edit_redo(struct edit_text *edit, size_t *at);

/* Forgets the history. */
void edit_forget(struct edit_text *edit);

#endif
