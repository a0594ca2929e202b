/* Core's error codes as sentences: what happened, where, and what to do. */
#ifndef TUI_TEXT_ERRORS_H
#define TUI_TEXT_ERRORS_H

#include "core/base/buf.h"
#include "core/base/err.h"

/* Adds the sentences for err in the reader's language, with its facts put in
 * through the gate. */
void err_text(const struct err *err, struct buf *out);

/* The English pattern for a code, "%{name}" for a fact, %{sys} for the
 * system's own reason; NULL when there is none (a test forbids that). */
const char *err_pattern(enum err_code code);

#endif
