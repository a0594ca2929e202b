/* The lock screen; the hook for locking opens it. */
#ifndef TUI_SCREENS_LOCK_H
#define TUI_SCREENS_LOCK_H

#include "tui/app.h"

/* Locks the app (app_lock()) until PAM lets the session's user in again. */
void lock_open(struct app *app);

#endif
