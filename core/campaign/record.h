/* What the records of this folder have in common. */
#ifndef CORE_CAMPAIGN_RECORD_H
#define CORE_CAMPAIGN_RECORD_H

#include "core/store/store.h"

/* Whether a text may have line ends and tabs. */
enum lines { ONE_LINE, MANY_LINES };

/* NULL when text may be stored, else why not: length (more than max octets),
 * utf8, control. */
const char *record_fault(struct span text, size_t max, enum lines lines);

/* What was done to the object "KIND ID"; facts may be NULL. */
struct record_deed {
	const char *what, *kind;
	int64_t id;
	const char *facts;
};

/* Adds a deed to the audit log, in the caller's transaction. */
int record_log(struct store *store, struct db *db,
    const struct record_deed *deed, struct err *err);

#endif
