/* Every screen's opening function.  One block per writer of screens; a screen
 * that is a section is also named in tui/screens/sections.c. */
#ifndef TUI_SCREENS_SCREENS_H
#define TUI_SCREENS_SCREENS_H

#include "core/campaign/campaign.h"
#include "core/contacts/contacts.h"
#include "tui/app.h"

/* ---- Coming in, home, log, settings ---------------------------------------- */

/* The hooks of the program: sections, status, lock, leaving. */
extern const struct app_hooks session_hooks;

/* Signs the session's user in, opens the store, goes on to home_open(). */
void signin_open(struct app *app);

/* What needs the user, what runs, what was sent: section 1. */
void home_open(struct app *app);

/* The audit log: section 7. */
void log_open(struct app *app);

/* Settings: section 8. */
void settings_open(struct app *app);

/* ---- Lists, contacts, import, stop list ------------------------------------ */

/* ---- Campaigns, writing, preview, checklist, launch, delivery, report ------- */

#endif
