/* The encrypting SQLite VFS "sekisho": SQLCipher 4 file format, private
 * wal-index, encrypted temporary files, one process at a time.  Private to
 * core/store; docs/store.md describes the format.
 *
 * Order of calls: seal_register() once, seal_open() (takes the lock at once,
 * needs no key), seal_key(), then any number of
 *   sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE |
 *       SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX, SEAL_VFS)
 * by any thread, and seal_close() after the last sqlite3_close().  Connections
 * find their seal by the file's inode.  A wrong key shows at the first
 * statement, so run "SELECT count(*) FROM sqlite_schema" at once. */
#ifndef CORE_STORE_SEAL_H
#define CORE_STORE_SEAL_H

#include <stdint.h>

#include "core/base/crypt.h"
#include "core/base/err.h"

#define SEAL_VFS "sekisho"

enum { SEAL_PAGE = 4096, SEAL_RESERVE = 80, SEAL_SALT = 16, SEAL_KEY = 32 };

/* One database file of this process: lock, key, wal-index, last fault.  Shared
 * by its connections; every function below is safe from any thread. */
struct seal;

/* Registers the VFS on top of the VFS named base (NULL: the default one),
 * never as the default; a second call does nothing.  Call before threads.
 * E_STORE_SELF_TEST when SQLite is too old or refuses. */
int seal_register(const char *base, struct err *err);

enum seal_start {
	SEAL_NEW,      /* must be absent or empty; made with 0600 less umask */
	SEAL_EXISTING, /* must be there and not be empty */
	SEAL_COPY      /* as SEAL_NEW, but filled by VACUUM INTO */
};

/* Opens the file (never through a symbolic link) and locks it for this
 * process until seal_close().  The caller closes *out.  E_STORE_IN_USE (fact
 * path; whoever keeps a note of the holder adds pid and user),
 * E_STORE_EXISTS, E_STORE_MISSING, E_STORE_EMPTY, E_STORE_TRUNCATED (less than
 * a page), E_FILE_OPEN. */
int seal_open(const char *path, enum seal_start start, struct seal **out,
    struct err *err);

/* Gives the page key (SEAL_KEY octets, copied) and the salt.  salt NULL: taken
 * from an existing file, drawn for a new one.  A file whose salt differs from
 * the one given is later refused with E_STORE_NOT_DB.  No connection may be
 * open yet.  E_CRYPTO, E_FILE_READ. */
int seal_key(struct seal *seal, const struct secret *key,
    const unsigned char *salt, struct err *err);

/* Copies the salt; after seal_key(). */
void seal_salt(const struct seal *seal, unsigned char out[SEAL_SALT]);

enum seal_fault_kind {
	SEAL_SOUND,     /* none so far */
	SEAL_NOT_DB,    /* page 1 or salt: wrong key, damage, another file */
	SEAL_BAD_PAGE,  /* MAC of page `number` wrong */
	SEAL_TRUNCATED, /* file ends inside or before page `number` */
	SEAL_BAD_FRAME, /* MAC of WAL frame `number` wrong: tampered, or key */
	SEAL_SHAPE,     /* SQLite asked for something this VFS does not know */
	SEAL_FORKED     /* used in a child of the process that opened it */
};

/* The last fault found in the database file, its WAL or its journal. */
struct seal_fault {
	enum seal_fault_kind kind;
	int64_t number; /* page or frame, from 1 */
	int rc;         /* extended result code given to SQLite */
};

/* Copies the last fault. */
void seal_fault(struct seal *seal, struct seal_fault *out);

/* Turns the extended result code of a failed SQLite call on this file into
 * E_STORE_PAGE, _NOT_DB, _TRUNCATED, _WAL, _FULL, _SELF_TEST (SQLite behaves in
 * an unknown way) or E_BUG (fork) and returns -1; returns 0 and leaves err alone
 * when the code has nothing to do with the file. */
int seal_explain(struct seal *seal, int rc, struct err *err);

/* Wipes the keys and gives the lock back; with connections still open that
 * happens when the last one closes.  Accepts NULL, sets *seal to NULL. */
void seal_close(struct seal **seal);

/* Exercises format, WAL, spill, overwrite, second connection, recovery and
 * tamper detection on a small file in dir, which is removed again.  For
 * the first start with a new sqlite3_sourceid().  E_STORE_SELF_TEST. */
int seal_self_test(const char *dir, struct err *err);

/* A file control of the main database: whether frames of the log are sealed by a
 * second thread (argument: int, 0 or 1); for the one connection that writes. */
enum { SEAL_CONTROL_BEHIND = 0x5ea1001 };

#endif
