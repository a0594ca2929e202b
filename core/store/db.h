/* Connections to the sealed database: how they are opened and hardened, and
 * what SQL they refuse.  The public half is in store.h. */
#ifndef CORE_STORE_DB_H
#define CORE_STORE_DB_H

#include <stdatomic.h>

#include "core/store/seal.h"
#include "core/store/store.h"

/* DB_OPEN: the store's own statements.  They may do what the schema and the
 * audit log need; nothing else of the program may.  DB_INNER: see
 * db_stmt_inner(). */
enum db_trust { DB_GUARDED, DB_INNER, DB_OPEN };

/* Where the database is; outlives its connections. */
struct db_place {
	const char *path;  /* borrowed */
	struct seal *seal; /* borrowed; has its key before db_open() */
	atomic_int open;   /* connections */
};

enum db_role {
	DB_WRITER, /* the one connection that writes and checkpoints */
	DB_READER,
	DB_SCRATCH, /* a reader that writes a temporary table */
	DB_VIEW,    /* a reader that reads masked values */
};

/* Opens a connection with all settings of docs/store.md; the first read proves
 * the key.  The caller ends it with db_close().  E_STORE_NOT_DB, E_STORE_PAGE,
 * E_STORE_SQL ... */
int db_open(struct db_place *place, enum db_role role, struct db **out,
    struct err *err);

/* Finalizes all statements and closes; accepts NULL, sets *db to NULL. */
void db_close(struct db **db);

/* Runs one or more statements of the store's own, rows dropped. */
int db_exec(struct db *db, const char *sql, struct err *err);

/* The integer in the first column of the first row of a query of the store's
 * own (0 when there is no row) in *out. */
int db_number(struct db *db, const char *sql, int64_t *out, struct err *err);

/* db_stmt() for a statement of the store's own. */
struct stmt *db_stmt_open(struct db *db, const char *sql, struct err *err);

/* BEGIN IMMEDIATE; COMMIT, or ROLLBACK when that fails; ROLLBACK. */
int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

enum db_wrote { DB_WROTE_STOPS = 1, DB_WROTE_PEOPLE = 2 };

/* What statements of the transaction that ended last, or is open, wrote, as bits:
 * the stop list, contacts or members.  Asked of SQLite itself, so that no writer
 * can forget to say so. */
unsigned db_wrote(const struct db *db);

/* Moves the whole log into the database file and empties it. */
int db_checkpoint(struct db *db, struct err *err);

#endif
