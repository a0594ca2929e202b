/* The words for checks: titles, what they found, why they exist. */
#ifndef TUI_SCREENS_CHECK_TEXT_H
#define TUI_SCREENS_CHECK_TEXT_H

#include "core/base/buf.h"
#include "core/review/review.h"
#include "tui/theme.h"

/* What a check asserts, as one line in the reader's language; what it says
 * instead when it could not be evaluated.  result may be NULL. */
const char *check_title(const char *id, const struct check_result *result);

/* The heading a check stands under, untranslated. */
const char *check_group(const char *id);

/* Its sign by state ("✓"); result may be NULL for "not yet". */
const char *check_sign(const struct check_result *result);

/* The role of sign and note. */
enum role check_role(const struct check_result *result);

/* Whether the checks are running now. */
enum check_when { CHECK_IDLE, CHECK_BUSY };

/* Adds a few words on the state: "3 found", "answer needed", "..".  A count
 * that is total, the number of all messages, is not shown as one. */
void check_note(const struct check_result *result, enum check_when when,
    int64_t total, struct buf *out);

/* Adds what a reader needs to know: the fault in words, where, what to do,
 * what was found, the answer and who gave it. */
void check_explain(const struct check_result *result, struct buf *out);

/* Adds why a typed sentence would be refused, while it is typed, so that nothing
 * of it is lost. */
void check_sentence(struct span text, struct buf *why);

#endif
