/* Word to a service manager that started us, by the protocol of sd_notify(3):
 * ready, what we are doing, still alive.  Nothing happens when there is none. */
#ifndef CORE_BASE_NOTIFY_H
#define CORE_BASE_NOTIFY_H

#include <stdint.h>

#include "core/base/err.h"

struct notify;

struct notify_params {
	const char *socket;    /* NOTIFY_SOCKET; NULL or "": no manager */
	int64_t watchdog_usec; /* WATCHDOG_USEC; 0: nobody waits for us */
};

/* Says READY and our process id (MAINPID), and from now on, twice as often as
 * wanted, that we are alive.  *out is NULL when there is no manager.  The caller
 * ends it with notify_close().  E_NOTIFY (sys), E_THREAD. */
int notify_open(
    const struct notify_params *params, struct notify **out, struct err *err);

/* One line about what we are doing; from any thread, NULL is allowed. */
void notify_status(struct notify *notify, const char *text);

/* Work gets on: from the first call on, silence for two minutes ends the signs
 * of life.  From any thread, NULL is allowed. */
void notify_beat(struct notify *notify);

/* No more beats will come, and that is right. */
void notify_rest(struct notify *notify);

/* Says STOPPING; accepts NULL, sets *notify to NULL. */
void notify_close(struct notify **notify);

#endif
