/* Storing very many rows at once.  Part of store.h. */
#ifndef CORE_STORE_LOAD_H
#define CORE_STORE_LOAD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/span.h"

struct db;
struct store;

enum { FEED_COLUMNS = 11 };

/* A value of a row that is fed: the text, or the number where it has no
 * address. */
struct feed_value {
	struct span text;
	int64_t number;
};

/* Rows for one statement: row() writes the values of number i from 0; spans
 * live until the statement has ended. */
struct load_feed {
	size_t rows;
	void (*row)(void *arg, size_t i, struct feed_value value[FEED_COLUMNS]);
	void *arg;
};

/* Runs a statement (a string literal, as for db_stmt()) that reads the rows of
 * feed from a table "feed" with columns c0 to c10: a thousand of them for the
 * price of starting one.  Between db_load_begin() and db_load_end(), and on a
 * connection of store_scratch_open(). */
int db_feed(struct db *db, const char *sql, const struct load_feed *feed,
    struct err *err);

/* The writer is about to add contacts in great number: their index of addresses
 * goes, to be made again in order by db_load_end(), in the same transaction.
 * Until then no statement of this connection may look for an address. */
int db_load_begin(struct db *db, struct err *err);

/* Makes the index; E_CANCELLED soon after *stop (or NULL) has become true.  The
 * transaction must be rolled back when it fails. */
int db_load_end(struct db *db, const atomic_bool *stop, struct err *err);

/* Opens a connection for a set of numbers that is too large for memory: it reads
 * and writes nothing but temp.seen(hash INTEGER PRIMARY KEY, note INTEGER), in a
 * sealed file that is gone with it.  Ended with store_reader_close(). */
int store_scratch_open(struct store *store, struct db **out, struct err *err);

#endif
