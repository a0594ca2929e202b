/* Composed statements: the one place where SQL is put together while the program
 * runs.  What a filter says becomes a row of pieces out of fragment.def and
 * values bound to them; no octet of anybody's text becomes SQL. */
#ifndef CORE_STORE_FRAGMENT_H
#define CORE_STORE_FRAGMENT_H

#include <stdatomic.h>

#include "core/store/store.h"

enum fragment {
#define X(name, text) FRAGMENT_##name,
#include "core/store/fragment.def"
#undef X
	FRAGMENTS
};

enum { FRAGMENTS_MAX = 400 }; /* pieces of one statement */

/* The statement of these pieces: compiled once per connection and shape (the
 * last few shapes are kept), reset and unbound.  It belongs to db and is good
 * until the next call.  On a connection that masks, the pieces that name
 * "main." read what is behind the views, and give only ids and counts out.
 * NULL with E_STORE_SQL, or E_BUG for a piece that there is not. */
struct stmt *db_stmt_parts(
    struct db *db, const enum fragment *part, size_t count, struct err *err);

/* From now on statements of db end with E_CANCELLED soon after *stop becomes
 * true, also where they bring no row for a long time; NULL: never. */
void db_stop_when(struct db *db, const atomic_bool *stop);

#endif
