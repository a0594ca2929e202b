/* The practice relay's test mail, for who has no mailbox of their own. */
#ifndef TUI_SCREENS_TESTMAIL_SHOW_H
#define TUI_SCREENS_TESTMAIL_SHOW_H

#include "tui/app.h"

/* Shows the newest test mail that the session's practice relay has taken, or
 * says that there is none. */
void testmail_show_open(struct app *app);

#endif
