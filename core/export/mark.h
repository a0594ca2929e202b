/* Marks: which export a row comes from, provably. */
#ifndef CORE_EXPORT_MARK_H
#define CORE_EXPORT_MARK_H

#include "core/export/export.h"

/* Makes the marks of one export. */
struct marks;

/* The caller frees it. */
struct marks *marks_new(const struct store *store, int64_t id);

/* The mark of a row with this text (an address), "17-k3x9m2qa"; lives until the
 * next call. */
struct span marks_of(struct marks *marks, struct span text);

/* Accepts NULL, sets *marks to NULL. */
void marks_free(struct marks **marks);

#endif
