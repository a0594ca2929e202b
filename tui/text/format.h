/* Numbers, times and sizes as people read them; the same in every locale, so
 * that screens and logs can be compared. */
#ifndef TUI_TEXT_FORMAT_H
#define TUI_TEXT_FORMAT_H

#include "core/base/buf.h"

/* "1,250,000". */
void format_count(struct buf *out, int64_t value);

/* "42.6%" of part in whole; "-" when whole is 0. */
void format_percent(struct buf *out, int64_t part, int64_t whole);

/* "212 MB", "18.1 kB", "512 B" (powers of 1,000). */
void format_size(struct buf *out, int64_t octets);

/* "2026-11-21" and "2026-11-21 14:34" in local time. */
void format_date(struct buf *out, int64_t at_ms);
void format_minute(struct buf *out, int64_t at_ms);

/* "14:34:51" in local time. */
void format_clock(struct buf *out, int64_t at_ms);

/* A stretch of time: "9 s", "4:12", "5:31 h", "3 d". */
void format_span(struct buf *out, int64_t ms);

#endif
