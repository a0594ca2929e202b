/* What people say one by one, and how that clears a line of the checklist. */
#ifndef CORE_REVIEW_WORDS_H
#define CORE_REVIEW_WORDS_H

#include "core/review/gate.h"

/* 0 while something may be said for a line: its checks have run and nothing is
 * sealed.  E_REVIEW_STALE. */
int words_allowed(
    const struct review *review, enum check_id line, struct err *err);

/* 0 when text is a sentence that may stand as an answer to line; E_REVIEW_ANSWER
 * (check, why). */
int words_sentence(const struct review *review, enum check_id line,
    struct span text, struct err *err);

/* Begins a transaction in which something is said; a seal there was is gone. */
int words_begin(struct review *review, struct db **db, struct err *err);

/* Gives it up; always -1. */
int words_fail(struct review *review, struct db **db);

/* Evaluates the line anew, stores its result, logs what with facts, and
 * commits. */
int words_end(struct review *review, struct db **db, enum check_id line,
    const char *what, const char *facts, struct err *err);

/* Fills PP-04 and PP-06 from what has been said so far. */
int words_evaluate(struct review *review, struct db *db, struct err *err);

/* Forgets everything that was said, in the caller's transaction. */
int words_forget(struct db *db, struct campaign_id campaign, struct err *err);

/* Appends what was said to the manifest. */
int words_manifest(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err);

#endif
