/* What db.c wants of composed statements; the public half is in fragment.h. */
#ifndef CORE_STORE_PARTS_H
#define CORE_STORE_PARTS_H

#include <sqlite3.h>

#include "core/base/buf.h"
#include "core/store/fragment.h"

/* Installs the functions that the pieces call.  An SQLite result. */
int parts_install(sqlite3 *sql);

/* Appends the text of the pieces.  False for one that there is not, or for too
 * many. */
bool parts_text(const enum fragment *part, size_t count, struct buf *out);

#endif
