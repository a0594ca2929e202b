/* The virtual table behind db_feed(). */
#ifndef CORE_STORE_FEED_H
#define CORE_STORE_FEED_H

#include <sqlite3.h>

#include "core/store/load.h"

/* Gives a connection the table "feed", whose rows are those of *feed while a
 * statement runs (NULL: none); feed is borrowed for the connection's life. */
int feed_install(sqlite3 *sql, const struct load_feed *const *feed);

#endif
