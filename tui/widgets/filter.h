/* The field behind "/": it is typed into, and what it asks for is done a moment
 * after the last key.  Open, it stands over a list; Enter gives the keys back to
 * the list, Esc ends it. */
#ifndef TUI_WIDGETS_FILTER_H
#define TUI_WIDGETS_FILTER_H

#include <stdint.h>

#include "tui/widgets/line.h"

enum { FILTER_WAIT_MS = 150 };

/* Zeroed at first, ended with filter_field_close(). */
struct filter_field {
	struct line *line; /* NULL: it is not open */
	bool typing;       /* it has the keys */
	int64_t due_ms;    /* steady; 0: nothing to do */
};

/* Opens it, when it is not, for at most that many octets, and gives it the
 * keys. */
void filter_field_open(struct filter_field *field, size_t max);

/* Opens it with a text; the list keeps the keys. */
void filter_field_set(struct filter_field *field, size_t max, struct span text);

/* Ends it, with what was typed. */
void filter_field_close(struct filter_field *field);

/* What is typed; empty when it is not open. */
struct span filter_field_span(const struct filter_field *field);

enum filter_did {
	FILTER_UNUSED,
	FILTER_USED,
	FILTER_ENDED /* it was closed: everything is wanted again */
};

/* Takes a key while it has the keys, and Esc while it is open. */
enum filter_did filter_field_key(
    struct filter_field *field, const struct key *key, int64_t steady_ms);

/* For tick_ms(): how long until it is due; 0: it is not. */
int filter_field_wait(const struct filter_field *field, int64_t steady_ms);

/* For tick(): true once, when what is typed now is wanted. */
bool filter_field_due(struct filter_field *field, int64_t steady_ms);

/* Draws it into the first row with note at the right end (may be empty), and a
 * fault under it when there is one: the rows that it took, 0 when it is not
 * open. */
int filter_field_draw(struct filter_field *field, struct area a,
    struct span note, struct span fault);

#endif
