/* A minute as people type it: "2026-11-23 09:00", in local time. */
#ifndef TUI_TEXT_MOMENT_H
#define TUI_TEXT_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/span.h"

/* Reads a minute ('T' or blanks between date and time; the day's first minute
 * needs its 00:00 too); false for what is not on the calendar, or not on the
 * clock because it was put forward that night. */
bool moment_parse(struct span text, int64_t *at_ms);

enum { MOMENT_SPAN_MS = 3600 * 1000 };

/* Reads when something begins, and when at the latest: one minute, or two parted
 * by " - ", the second of which may be an hour of the same day; with one,
 * MOMENT_SPAN_MS lie between them.  Nothing at all is 0 and 0.  False also when
 * the second is not behind the first. */
bool moment_span_parse(struct span text, int64_t *at_ms, int64_t *until_ms);

/* Appends it the same way; nothing for 0. */
void moment_span_text(struct buf *out, int64_t at_ms, int64_t until_ms);

/* Appends it the same way. */
void moment_text(struct buf *out, int64_t at_ms);

/* The short name of the local time zone at that moment ("JST"); appended. */
void moment_zone(struct buf *out, int64_t at_ms);

#endif
