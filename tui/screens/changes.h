/* What has changed between two texts, word by word, on a screen of its own. */
#ifndef TUI_SCREENS_CHANGES_H
#define TUI_SCREENS_CHANGES_H

#include "tui/app.h"

enum changes_kind {
	CHANGES_TAKEN,   /* by $EDITOR, and taken over already: u undoes it */
	CHANGES_VERSION, /* from a version to the text as it is: r restores */
	CHANGES_LOOK,    /* nothing can be done about it here */
};

struct changes {
	enum changes_kind kind;
	const char *title; /* translated, copied */
	/* Two texts each, copied; the subjects may be empty. */
	struct span from_subject, from_body, to_subject, to_body;
	/* Called once when the change is to be undone or the version restored;
	 * the screen is gone already.  NULL with CHANGES_LOOK. */
	void (*act)(struct screen *owner);
};

/* Opens it over the owner, which stays on the stack. */
void changes_open(struct screen *owner, const struct changes *changes);

#endif
