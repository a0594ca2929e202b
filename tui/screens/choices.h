/* A list of actions to run, shared by help and palette. */
#ifndef TUI_SCREENS_CHOICES_H
#define TUI_SCREENS_CHOICES_H

#include "tui/app.h"
#include "tui/widgets/list.h"

enum choices_order {
	CHOICES_TABLE, /* this screen's, then the common ones, with headings */
	CHOICES_BEST,  /* best match first */
};

struct choices;

/* The actions of the app's base screen that match words (all when empty);
 * common ones, those of "*", only when asked.  The caller frees it. */
enum choices_common { CHOICES_OWN, CHOICES_COMMON };
struct choices *choices_new(
    struct app *app, enum choices_common common, enum choices_order order);
void choices_free(struct choices **choices);

/* Shows only what matches words. */
void choices_filter(struct choices *choices, struct span words);

/* Moves in the list. */
enum used choices_key(struct choices *choices, const struct key *key);

/* Draws the list, with the focus; below it the sentence of the line under the
 * cursor, which may be cut in the list. */
void choices_draw(struct choices *choices, struct area a);

/* The action under the cursor, or ACT_NONE. */
enum action choices_chosen(const struct choices *choices);

/* How many match. */
size_t choices_count(const struct choices *choices);

#endif
