/* Whether a request that was approved counts for what would be written now. */
#ifndef CORE_EXPORT_APPROVAL_H
#define CORE_EXPORT_APPROVAL_H

#include "core/export/record.h"

/* 0 when the request with this id is the store's user's own, approved by
 * somebody who still may, in time, by a signature over what scope says now, and
 * there are no more people in it; *record (RECORD_INIT) has it then.
 * E_EXPORT_REQUEST, E_EXPORT_CHANGED, E_APPROVAL_*, E_APPROVER_KEY. */
int approval_fits(struct store *store, const struct scope *scope, int64_t id,
    struct record *record, struct err *err);

#endif
