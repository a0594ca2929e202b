/* The figures of a run as lines "name=value", for a watcher who is another
 * process.  Nothing about a single recipient is among them: of replies only
 * time, state and code go out, never their text. */
#ifndef CORE_DELIVER_WATCH_H
#define CORE_DELIVER_WATCH_H

#include "core/base/buf.h"
#include "core/base/err.h"

struct run_progress;

enum { WATCH_OCTETS_MAX = 60 * 1024 };

/* Appends the figures; now NULL: no delivery is under way. */
void watch_write(
    const struct run_progress *now, struct span campaign, struct buf *out);

/* Reads them back: 1 with *out and *campaign (a span of text) filled, 0 when
 * no delivery is under way.  Lines that are not known, or out of their range,
 * count for nothing: foreign octets. */
int watch_read(
    struct span text, struct run_progress *out, struct span *campaign);

#endif
