/* The encrypted store: one SQLite file in the SQLCipher 4 format, a keyring
 * beside it, settings and the hash-chained audit log.  This is the only folder
 * that includes sqlite3.h.  docs/store.md describes the files. */
#ifndef CORE_STORE_STORE_H
#define CORE_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/base/span.h"

/* ---- Opening ----------------------------------------------------------- */

/* An open store: keys, the writer connection, the lock against a second
 * process.  Shared by threads; the functions below say which are safe. */
struct store;

enum store_kind { STORE_REAL, STORE_DEMO };

struct store_params {
	const char *dir;      /* folder; made with 0700 when new */
	const char *user;     /* login name, for slots and the audit log */
	const char *origin;   /* where from: "pts/3 192.0.2.14"; may be NULL */
	struct clock *clock;  /* borrowed for the store's life */
	enum store_kind kind; /* for store_create() only */
	unsigned kdf_log2_n;  /* scrypt cost; 0 = the default 17 */
};

enum { PASSPHRASE_MIN = 12, KEYRING_SLOTS = 16 };

/* True when the folder holds a keyring or a database. */
bool store_exists(const char *dir);

/* True when a passphrase of this login name opens the store in dir: the
 * keyring's names are no secrets. */
bool store_has_user(const char *dir, const char *user);

/* Makes a new, empty store whose first slot opens with passphrase (UTF-8, at
 * least PASSPHRASE_MIN characters), at the newest schema.  The caller closes
 * *out.  E_STORE_EXISTS, E_PASSPHRASE_WEAK, E_STORE_DIR, E_DISK_FULL. */
int store_create(const struct store_params *params,
    const struct secret *passphrase, struct store **out, struct err *err);

/* Opens a store: lock, keyring, key check, self-test when SQLite is new,
 * migrations, audit chain's head against the keyring.  The caller closes
 * *out.  E_STORE_MISSING, E_STORE_IN_USE, E_KEYRING_*, E_STORE_*. */
int store_open(const struct store_params *params,
    const struct secret *passphrase, struct store **out, struct err *err);

/* Opens the way store_open() does but accepts a store older than last seen
 * (E_STORE_ROLLED_BACK, E_AUDIT_HEAD), which is then logged: for an operator
 * who has restored a backup and says so. */
int store_open_restored(const struct store_params *params,
    const struct secret *passphrase, struct store **out, struct err *err);

/* Checkpoints, closes all connections, seals the generation into the keyring
 * and wipes keys.  Readers and jobs must have ended.  Sets *store to NULL. */
void store_close(struct store **store);

/* True for a store made as STORE_DEMO: sealed into the keyring, for ever. */
bool store_is_demo(const struct store *store);

/* Login name of the user who opened the store; lives as long as it. */
const char *store_user(const struct store *store);

/* Folder of the store; lives as long as it. */
const char *store_dir(const struct store *store);

/* The store's clock (borrowed from the parameters). */
struct clock *store_clock(const struct store *store);

/* Sub-keys, one per purpose (HKDF labels in docs/store.md). */
enum store_key {
	STORE_KEY_SUPPRESS, /* HMAC of suppressed addresses */
	STORE_KEY_MESSAGE,  /* Message-ID, boundary */
	STORE_KEY_TOKEN,    /* unsubscribe and bounce tokens */
	STORE_KEY_SEAL,     /* what the review has sealed */
	STORE_KEY_AUDIT,    /* the audit chain */
	STORE_KEY_SIGN,     /* seed of the key that signs for the store */
	STORE_KEY_COUNT
};

/* A sub-key; lives as long as the store.  Safe from any thread. */
const struct secret *store_key(const struct store *store, enum store_key which);

/* Adds to out the raw key in the form stock sqlcipher takes in PRAGMA key:
 * x'<64 hex key><32 hex salt>'.  Logged.  The caller wipes out. */
int store_raw_key(struct store *store, struct buf *out, struct err *err);

/* Replaces the passphrase of this user's slot: rewraps, does not re-encrypt.
 * E_KEYRING_PASSPHRASE when old does not open it, E_PASSPHRASE_WEAK. */
int store_passphrase_change(struct store *store, const struct secret *old,
    const struct secret *fresh, struct err *err);

/* Checks a passphrase against the keyring without opening anything else;
 * 0, or E_KEYRING_PASSPHRASE, E_KEYRING_READ, E_KEYRING_DAMAGED. */
int store_passphrase_check(
    const char *dir, const struct secret *passphrase, struct err *err);

/* Reads every page and runs PRAGMA integrity_check; 0 or the first fault. */
int store_verify(struct store *store, struct err *err);

/* ---- SQL --------------------------------------------------------------- */

/* A connection; used by one thread at a time. */
struct db;
/* A prepared statement, owned by its connection's cache. */
struct stmt;

/* Opens a connection that only reads; the caller ends it with
 * store_reader_close().  Safe from any thread; several may be open. */
int store_reader_open(struct store *store, struct db **out, struct err *err);

/* Opens a reader for what is shown to the store's user: who may not see personal
 * data reads masked values from it, whatever is asked (core/store/mask.h).
 * Errors as store_reader_open(). */
int store_view_open(struct store *store, struct db **out, struct err *err);

/* Closes a reader; accepts NULL, sets *db to NULL. */
void store_reader_close(struct db **db);

enum store_wait {
	STORE_WAIT_SHORT, /* 2 s, then E_STORE_BUSY: for the screen thread */
	STORE_WAIT_LONG,  /* until free: for workers */
};

/* Takes the one writing connection and begins a transaction (IMMEDIATE).
 * what names the holder for E_STORE_BUSY of others ("import"); a static
 * string.  Ends with store_commit() or store_rollback(). */
int store_begin(struct store *store, enum store_wait wait, const char *what,
    struct db **out, struct err *err);

/* Commits durably (synchronous=FULL) and gives the writer back, also when it
 * fails (the transaction is then rolled back).  Sets *db to NULL. */
int store_commit(struct store *store, struct db **db, struct err *err);

/* A number that has moved before store_commit() returns from a transaction that
 * wrote the stop list (table suppression), in whatever way.  Any thread. */
uint64_t store_stop_version(struct store *store);

/* The same of contacts and members of lists. */
uint64_t store_people_version(struct store *store);

/* Rolls back and gives the writer back; accepts NULL, sets *db to NULL. */
void store_rollback(struct store *store, struct db **db);

/* Page cache of a connection: 8 MiB; 64 MiB for bulk work that comes back to its
 * pages; 24 MiB, and what is sorted in sealed temporary files as far as it is
 * more than that, for rows in great number (load.h). */
enum store_cache { STORE_CACHE_NORMAL, STORE_CACHE_BULK, STORE_CACHE_LOAD };
void db_cache(struct db *db, enum store_cache cache);

/* The statement for sql, a string literal: prepared once per connection, then
 * found by its address; reset and unbound.  One statement is in use once at a
 * time.  Belongs to db.  NULL with E_STORE_SQL. */
struct stmt *db_stmt(struct db *db, const char *sql, struct err *err);

/* The same for a query that counts or decides and gives no personal data out: on
 * a connection that masks, tables named "main.x" are read as they are.
 * tests/lint/gate.sh says who may call it. */
struct stmt *db_stmt_inner(struct db *db, const char *sql, struct err *err);

/* True for a connection that masks personal data (store_view_open()). */
bool db_is_masked(const struct db *db);

/* Binds parameter index (from 1).  Text and blobs are copied. */
void stmt_int(struct stmt *stmt, int index, int64_t value);
void stmt_text(struct stmt *stmt, int index, struct span text);
void stmt_blob(struct stmt *stmt, int index, struct span bytes);
void stmt_null(struct stmt *stmt, int index);

/* The same without a copy: text must stay as it is until the statement has been
 * run to its end.  For statements that every message runs. */
void stmt_text_kept(struct stmt *stmt, int index, struct span text);

/* Steps: 1 with a row, 0 when done (the statement is then reset), -1 on error
 * (E_STORE_PAGE, E_STORE_FULL, E_STORE_SQL ...). */
int stmt_step(struct stmt *stmt, struct err *err);

/* Steps to the end and resets; rows are dropped.  0 or -1. */
int stmt_run(struct stmt *stmt, struct err *err);

/* Ends a statement before its last row; needed before it is used again or a
 * commit.  Accepts NULL. */
void stmt_reset(struct stmt *stmt);

/* Columns of the current row, from 0; spans live until the next step. */
int64_t stmt_col_int(struct stmt *stmt, int column);
struct span stmt_col_text(struct stmt *stmt, int column);
struct span stmt_col_blob(struct stmt *stmt, int column);
bool stmt_col_is_null(struct stmt *stmt, int column);

/* Rows changed by the last statement, and the rowid of the last insert. */
int64_t db_changes(struct db *db);
int64_t db_last_id(struct db *db);

/* ---- People ------------------------------------------------------------- */

/* Who makes a store, or opens one in which nobody is registered, gets the
 * first roles; settings are changed by the others.  core/access/role.h says
 * what the bits mean. */
enum { STORE_FIRST_ROLES = 3, STORE_SETTING_ROLES = 1 };

/* The roles of the store's user now: those of the row with the login, none when
 * it is disabled; without a row, what store_admit() has said. */
int store_roles(
    struct store *store, struct db *db, unsigned *roles, struct err *err);

enum { STORE_PERSONAL_ROLES = 6 }; /* who may see personal data */

/* Roles from Unix groups for a user without a row; never an administrator's.
 * For core/access alone. */
void store_admit(struct store *store, unsigned roles);

/* 1 when the store's user sees personal data masked: without a role that may
 * see it, with a row that says so, or by the setting mask.operators.  0 when
 * not, -1 on error. */
int store_masks(struct store *store, struct db *db, struct err *err);

/* Adds what is shown of personal data to who may not see it: "ta***@example.jp",
 * the first character of a name, the names of fields without their values
 * (JSON), a text with its addresses masked. */
void mask_address(struct span address, struct buf *out);
void mask_name(struct span name, struct buf *out);
void mask_fields(struct span fields, struct buf *out);
void mask_text(struct span text, struct buf *out);

/* ---- Settings ---------------------------------------------------------- */

/* One setting: its name, default and how it is checked.  The table is in
 * core/store/settings.c; the manual lists every one of them. */
enum setting_type {
	SETTING_TEXT,     /* one line of UTF-8 without controls */
	SETTING_LINES,    /* several lines */
	SETTING_INT,      /* min..max */
	SETTING_CHOICE,   /* one word of choices */
	SETTING_ADDRESS,  /* a mail address */
	SETTING_URL,      /* an https URL */
	SETTING_DOMAIN,   /* a domain name */
	SETTING_HOURS,    /* "09:00-21:00", see core/base/hours.h */
	SETTING_IPS,      /* addresses of hosts, IPv4 or IPv6, a line each */
	SETTING_DOMAINS,  /* domain names, a line each */
	SETTING_NETWORKS, /* one a line, see core/net/network.h */
};

struct setting {
	const char *name;
	enum setting_type type;
	const char *initial;
	int64_t min, max;          /* SETTING_INT */
	const char *const *choice; /* SETTING_CHOICE: NULL-terminated */
};

/* All settings, *count of them; static. */
const struct setting *setting_all(size_t *count);

/* Adds the value of a setting (or its default) to out.
 * E_SETTING_UNKNOWN. */
int setting_read(
    struct db *db, const char *name, struct buf *out, struct err *err);

/* When and by whom a setting was last changed; 0 and "" when it has its default
 * since the store was made. */
int setting_since(struct db *db, const char *name, int64_t *at_ms,
    struct buf *by, struct err *err);

/* The value of a SETTING_INT (or its default); -1 with err on failure. */
int64_t setting_int(struct db *db, const char *name, struct err *err);

/* Checks a value without storing it.  Errors as setting_write(). */
int setting_check(const char *name, struct span value, struct err *err);

/* Checks, stores and logs a value; text, addresses, URLs and domains may be
 * empty, which means "not set".  E_SETTING_UNKNOWN, E_SETTING_VALUE (why: utf8,
 * control, length, number, range, choice, address, url, domain, hours, ip,
 * network). */
int setting_write(
    struct store *store, const char *name, struct span value, struct err *err);

/* The same inside the caller's transaction, so that several settings change
 * together. */
int setting_write_in(struct store *store, struct db *db, const char *name,
    struct span value, struct err *err);

/* ---- Audit log --------------------------------------------------------- */

enum { AUDIT_FACTS_MAX = 1000, AUDIT_OBJECT_MAX = 255 }; /* octets */

/* What is logged: stable dotted names ("login.ok", "import.commit",
 * "review.answer", "run.start").  object names the thing touched ("campaign
 * 7"); facts is a short line of name=value words without secrets or contact
 * data.  Entries are never changed or deleted. */
struct audit_event {
	const char *what;
	struct span object;
	struct span facts; /* audit_fact() writes them */
};

/* Appends an entry in a transaction of its own. */
int audit_add(
    struct store *store, const struct audit_event *event, struct err *err);

/* Appends an entry inside the caller's transaction, so that the deed and its
 * entry are committed together. */
int audit_add_in(struct store *store, struct db *db,
    const struct audit_event *event, struct err *err);

/* One entry as read; the spans live until the next step of the reader. */
struct audit_entry {
	int64_t seq;
	int64_t at_ms;
	struct span who, origin, what, object, facts;
	struct digest prev, hash;
};

/* Reads up to count entries with seq < before (0: from the newest), newest
 * first, calling each(arg, entry).  Returns the number read or -1. */
int audit_read(struct db *db, int64_t before, int count,
    void (*each)(void *arg, const struct audit_entry *entry), void *arg,
    struct err *err);

/* Recomputes the whole chain: 0 and *count entries, or E_AUDIT_CHAIN with the
 * first entry that does not fit and why (missing, order, changed), or
 * E_AUDIT_HEAD when the end was cut off.  May run on any thread with its own
 * reader. */
int audit_verify(
    struct store *store, struct db *db, int64_t *count, struct err *err);

/* Adds "name=value" to facts, behind a blank when there are some; a value with
 * blanks or quotes, or none at all, stands in quotes as in JSON.  Controls
 * become "?", what is longer than 450 octets is cut. */
void audit_fact(struct buf *facts, const char *name, struct span value);
void audit_fact_int(struct buf *facts, const char *name, int64_t value);

/* Adds the value of a fact to out; false when there is none of this name. */
bool audit_fact_find(struct span facts, const char *name, struct buf *out);

#include "core/store/audit_seal.h"
#include "core/store/fragment.h"
#include "core/store/load.h"
#include "core/store/stepup.h"
#include "core/store/stop_match.h"

#endif
