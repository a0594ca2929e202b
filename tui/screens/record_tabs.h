/* The pages of a contact's record: the fields at the bottom, the others over
 * them, one at a time. */
#ifndef TUI_SCREENS_RECORD_TABS_H
#define TUI_SCREENS_RECORD_TABS_H

#include "tui/keys.h"
#include "tui/screen.h"

enum record_tab {
	RECORD_FIELDS,
	RECORD_CONSENT,
	RECORD_HISTORY,
	RECORD_HEADERS,
	RECORD_TABS
};

/* Names them. */
void record_tabs(enum record_tab now, struct tabs *out);

/* Turns to another page when the key is its number; screen is the page that is
 * there now, over record, or record itself. */
enum used record_tab_key(
    struct screen *screen, struct screen *record, const struct key *key);

/* Opens a page over the record; the fields are what is below. */
void record_turn(struct screen *record, enum record_tab tab);

#endif
