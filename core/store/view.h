/* Masked connections: see mask.h. */
#ifndef CORE_STORE_VIEW_H
#define CORE_STORE_VIEW_H

#include <sqlite3.h>

/* Installs on a connection a function that masks and a temporary view over each
 * table with personal data, under the table's own name; before query_only.
 * An SQLite result. */
int view_install(sqlite3 *sql);

/* True when a masked connection must not read this: a column with personal data
 * of the table itself, from anywhere but the view over it. */
int view_refuses(const char *table, const char *column, const char *schema,
    const char *inside);

#endif
