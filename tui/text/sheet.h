/* The fact sheet about a mis-send: a plain text for the report to an
 * authority, in Japanese and in English. */
#ifndef TUI_TEXT_SHEET_H
#define TUI_TEXT_SHEET_H

#include "core/report/report.h"

/* Appends both halves.  What the program does not know is left as a blank line
 * to fill in.  Times are local. */
void sheet_text(
    const struct correction_facts *facts, int64_t now_ms, struct buf *out);

#endif
