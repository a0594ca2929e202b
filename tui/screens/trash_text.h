/* Bringing back what was deleted, from whichever screen. */
#ifndef TUI_SCREENS_TRASH_TEXT_H
#define TUI_SCREENS_TRASH_TEXT_H

#include "core/contacts/contacts.h"
#include "tui/app.h"

/* What job_done() gets of such a job. */
struct trash_job {
	struct store *store; /* borrowed */
	struct trash_id id;  /* 0: what the user has deleted last */
	char *name;          /* owned; of a list whose own is taken, or NULL */
	struct trash_back back;
};

/* Starts a restoring for a screen; NULL when that failed, which is said. */
struct job *trash_job_start(
    struct screen *owner, struct trash_id id, struct span name);

/* Says what came back. */
void trash_say_back(struct app *app, const struct trash_back *back);

#endif
