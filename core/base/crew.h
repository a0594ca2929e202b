/* Threads for work that mostly waits for others (name servers, mail hosts):
 * more of them than the machine has processors, gone when the work is done. */
#ifndef CORE_BASE_CREW_H
#define CORE_BASE_CREW_H

#include <stdatomic.h>
#include <stddef.h>

#include "core/base/err.h"

enum { CREW_MAX = 64 };

/* One item of work; an item never runs twice.  -1 ends the whole, with err. */
typedef int crew_work(void *payload, size_t item, struct err *err);

/* Runs work for the items 0..count-1 on up to so many threads (at most
 * CREW_MAX) and returns when none runs any more.  Items that were not begun
 * when one failed, or when *cancel (or NULL) became true, are left out.  The
 * error of the item that failed first, E_CANCELLED, E_THREAD. */
int crew_each(int threads, size_t count, crew_work *work, void *payload,
    const _Atomic bool *cancel, struct err *err);

#endif
