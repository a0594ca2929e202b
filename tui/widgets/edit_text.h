/* The editor's text with its history: no screen, no keys.  Offsets are octets
 * and always at character boundaries. */
#ifndef TUI_WIDGETS_EDIT_TEXT_H
#define TUI_WIDGETS_EDIT_TEXT_H

#include "core/base/buf.h"

enum { UNDO_STEPS_MAX = 2000, UNDO_OCTETS_MAX = 8 * 1024 * 1024 };

/* Whether an edit may grow the step before it into one. */
enum edit_join { EDIT_ALONE, EDIT_JOIN };

struct edit_step {
	size_t at;
	struct buf removed, inserted;
	bool open; /* typing may still be added */
};

/* In the owner's storage, zeroed at first, ended with edit_done(). */
struct edit_text {
	struct buf text;
	struct edit_step *steps;
	size_t step_count; /* done, then those that can be redone */
	size_t step_at;    /* how many are done */
	size_t octets;     /* held by all steps */
	uint64_t revision;
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
