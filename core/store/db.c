/* Connections and statements.  What a connection refuses is decided by its
 * authorizer: whatever could write outside the sealed file, change the schema
 * or touch the audit log is denied unless the store itself asks. */
#include "core/store/db.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/store/feed.h"
#include "core/store/parts.h"
#include "core/store/view.h"

enum {
	BUSY_MS = 5000,
	CACHE_FIRST = 64, /* slots; a power of two */
	LIMIT_VALUE = 64 * 1024 * 1024,
	LIMIT_SQL = 256 * 1024,
	COMPOSED_KEPT = 16,
	STOP_EVERY = 1000 /* steps of SQLite's machine between two looks */
};

struct stmt {
	struct db *db;       /* borrowed */
	const char *literal; /* what db_stmt() was called with */
	char *own;           /* literal of a composed one; else NULL */
	sqlite3_stmt *sql;
	enum db_trust trust;
	int bind_rc;     /* first failed bind since the last reset */
	unsigned writes; /* enum db_wrote */
};

struct db {
	sqlite3 *sql;
	struct db_place *place; /* borrowed */
	enum db_role role;
	enum db_trust trust; /* of the statement being prepared or stepped */
	bool denied;         /* the authorizer said no */
	unsigned writes;     /* enum db_wrote of what is being compiled */
	unsigned wrote;      /* the same of this transaction */
	int lost;            /* why SQLite rolled the transaction back */
	struct stmt **cache; /* open addressing by literal's address */
	size_t slots, used;
	struct stmt *composed[COMPOSED_KEPT]; /* by shape, last used first */
	const atomic_bool *stop;              /* borrowed; see db_stop_when() */
	bool loading;                         /* since db_load_begin() */
	const struct load_feed *feed; /* borrowed; while a statement runs */
};

/* ---- Errors ------------------------------------------------------------ */

/* Errno values by which a file system says that there is no more room. */
static bool
is_full(int sys)
{
	return sys == ENOSPC || sys == EDQUOT || sys == EFBIG;
}

static int
fail_path(struct err *err, enum err_code code, const struct db *db)
{
	err_set(err, code);
	return err_fact(err, "path", span_of(db->place->path));
}

/* Puts an SQLite result into err; always -1.  The message of SQLite names
 * tables, columns and tokens, never values. */
static int
fail(struct db *db, int rc, struct err *err)
{
	/* SQLite reports a denied function as an error of the statement. */
	if (db->denied) {
		db->denied = false;
		rc = SQLITE_AUTH;
	}
	if (seal_explain(db->place->seal, rc, err) < 0)
		return -1;
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return fail_path(err, E_STORE_FULL, db);
	case SQLITE_NOTADB:
		return fail_path(err, E_STORE_NOT_DB, db);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		err_set(err, E_STORE_BUSY);
		return err_fact(err, "what", SPAN("sqlite"));
	case SQLITE_INTERRUPT:
		return err_set(err, E_CANCELLED);
	case SQLITE_AUTH:
		err_set(err, E_STORE_DENIED);
		return err_fact(err, "what", span_of(sqlite3_errmsg(db->sql)));
	case SQLITE_IOERR:
		if (is_full(sqlite3_system_errno(db->sql)))
			return fail_path(err, E_STORE_FULL, db);
		break;
	}
	err_sys(err, E_STORE_SQL, sqlite3_system_errno(db->sql));
	err_fact_int(err, "code", rc);
	return err_fact(err, "what", span_of(sqlite3_errmsg(db->sql)));
}

/* ---- What is refused --------------------------------------------------- */

static bool
is_system_table(const char *name)
{
	return span_starts(span_of(name), SPAN("sqlite_"));
}

static bool
is_temporary(const char *schema)
{
	return schema && !strcmp(schema, "temp");
}

/* Rows of the audit log are only ever added, and only by audit.c. */
static int
judge_write(const struct db *db, const char *table, const char *schema)
{
	if (is_temporary(schema))
		return SQLITE_OK;
	if (db->role != DB_WRITER || is_system_table(table) ||
	    !strcmp(table, "audit"))
		return SQLITE_DENY;
	return SQLITE_OK;
}

static int
judge_function(const char *name)
{
	if (!strcmp(name, "load_extension") || !strcmp(name, "fts3_tokenizer"))
		return SQLITE_DENY;
	return SQLITE_OK;
}

/* What anybody but the store itself may do. */
static int
judge_guarded(
    const struct db *db, int action, const char *table, const char *schema)
{
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
	case SQLITE_SAVEPOINT:
	case SQLITE_CREATE_TEMP_TABLE:
	case SQLITE_CREATE_TEMP_INDEX:
	case SQLITE_DROP_TEMP_TABLE:
	case SQLITE_DROP_TEMP_INDEX:
		return SQLITE_OK;
	case SQLITE_TRANSACTION:
		/* A reader may pin a snapshot; writing begins and ends with
		 * the store's own functions. */
		return db->role != DB_WRITER ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_REINDEX: /* part of making an index */
		return is_temporary(schema) ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return judge_write(db, table, schema);
	}
	return SQLITE_DENY;
}

static unsigned
written(const char *table)
{
	if (!strcmp(table, "suppression"))
		return DB_WROTE_STOPS;
	if (!strcmp(table, "contact") || !strcmp(table, "member"))
		return DB_WROTE_PEOPLE;
	return 0;
}

/* The authorizer: SQLite asks it for every step of a statement it compiles. */
static int
judge(void *arg, int action, const char *first, const char *second,
    const char *schema, const char *trigger)
{
	struct db *db = arg;
	int verdict = SQLITE_OK;

	if (action == SQLITE_INSERT || action == SQLITE_UPDATE ||
	    action == SQLITE_DELETE)
		db->writes |= written(first);
	if (action == SQLITE_FUNCTION)
		verdict = judge_function(second);
	else if (db->trust != DB_OPEN)
		verdict = judge_guarded(db, action, first, schema);
	/* VACUUM attaches a database without a name: a sealed temp file. */
	else if (action == SQLITE_ATTACH && first[0])
		verdict = SQLITE_DENY;
	if (action == SQLITE_READ && db->role == DB_VIEW &&
	    db->trust == DB_GUARDED &&
	    view_refuses(first, second, schema, trigger))
		verdict = SQLITE_DENY;
	db->denied |= verdict != SQLITE_OK;
	return verdict;
}

/* ---- Opening ----------------------------------------------------------- */

static int
open_file(struct db *db, struct err *err)
{
	int rc = sqlite3_open_v2(db->place->path, &db->sql,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
	    SEAL_VFS);

	if (!db->sql)
		return err_set(err, E_NO_MEMORY);
	sqlite3_extended_result_codes(db->sql, 1);
	return rc == SQLITE_OK ? 0 : fail(db, rc, err);
}

static int
harden(struct db *db, struct err *err)
{
	static const struct {
		int option, on;
	} options[] = {
	    {SQLITE_DBCONFIG_DEFENSIVE, 1},
	    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
	    {SQLITE_DBCONFIG_DQS_DML, 0},
	    {SQLITE_DBCONFIG_DQS_DDL, 0},
	    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
	    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
	    {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		int rc = sqlite3_db_config(
		    db->sql, options[i].option, options[i].on, NULL);

		if (rc != SQLITE_OK)
			return fail(db, rc, err);
	}
	/* One, not none: VACUUM attaches its own temporary file. */
	sqlite3_limit(db->sql, SQLITE_LIMIT_ATTACHED, 1);
	sqlite3_limit(db->sql, SQLITE_LIMIT_LENGTH, LIMIT_VALUE);
	sqlite3_limit(db->sql, SQLITE_LIMIT_SQL_LENGTH, LIMIT_SQL);
	sqlite3_limit(db->sql, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
	sqlite3_limit(db->sql, SQLITE_LIMIT_WORKER_THREADS, 0);
	sqlite3_set_authorizer(db->sql, judge, db);
	sqlite3_busy_timeout(db->sql, BUSY_MS);
	return 0;
}

/* In WAL mode or not at all: every promise about crashes rests on it. */
static int
check_wal(struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt_open(db, "PRAGMA journal_mode=WAL", err);
	int got = stmt ? stmt_step(stmt, err) : -1;
	bool wal = got == 1 && span_equal(stmt_col_text(stmt, 0), SPAN("wal"));

	stmt_reset(stmt);
	if (got < 0)
		return -1;
	if (wal)
		return 0;
	err_set(err, E_STORE_SQL);
	return err_fact(err, "what", SPAN("journal_mode"));
}

static int
install_views(struct db *db, struct err *err)
{
	int rc;

	db->trust = DB_OPEN;
	rc = view_install(db->sql);
	db->trust = DB_GUARDED;
	return rc == SQLITE_OK ? 0 : fail(db, rc, err);
}

static int
configure(struct db *db, struct err *err)
{
	/* Before the views that mask: setting temp_store drops them. */
	static const char both[] =
	    "SELECT count(*) FROM sqlite_schema;"
	    "PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;"
	    "PRAGMA threads=0; PRAGMA mmap_size=0; PRAGMA cache_size=-8192;"
	    "PRAGMA journal_size_limit=67108864;";
	static const char writer[] =
	    "PRAGMA synchronous=FULL; PRAGMA secure_delete=FAST;"
	    "PRAGMA temp_store=FILE;" /* what is sorted may be very much */
	    "PRAGMA wal_autocheckpoint=1000;";
	static const char reader[] =
	    "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;"
	    "PRAGMA query_only=ON;";
	static const char scratch[] =
	    "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;"
	    "PRAGMA temp_store=FILE; PRAGMA temp.journal_mode=OFF;"
	    "PRAGMA temp.cache_size=-16384;"
	    "CREATE TEMP TABLE seen(hash INTEGER PRIMARY KEY, note INTEGER);"
	    "SELECT count(*) FROM feed;";
	static const char *const own[] = {[DB_WRITER] = writer,
	    [DB_READER] = reader,
	    [DB_SCRATCH] = scratch,
	    [DB_VIEW] = reader};
	int rc = parts_install(db->sql);

	if (rc == SQLITE_OK &&
	    (db->role == DB_WRITER || db->role == DB_SCRATCH))
		rc = feed_install(db->sql, &db->feed);
	if (rc != SQLITE_OK)
		return fail(db, rc, err);
	if (db_exec(db, both, err) < 0 || check_wal(db, err) < 0 ||
	    (db->role == DB_VIEW && install_views(db, err) < 0))
		return -1;
	return db_exec(db, own[db->role], err);
}

int
db_open(
    struct db_place *place, enum db_role role, struct db **out, struct err *err)
{
	struct db *db = mem_new(sizeof *db);

	db->place = place;
	atomic_fetch_add(&place->open, 1);
	db->role = role;
	db->slots = CACHE_FIRST;
	db->cache = mem_array(db->slots, sizeof(struct stmt *));
	if (open_file(db, err) < 0 || harden(db, err) < 0 ||
	    configure(db, err) < 0) {
		db_close(&db);
		return -1;
	}
	*out = db;
	return 0;
}

/* A composed statement owns its text. */
static void
composed_free(struct stmt **stmt)
{
	if (!*stmt)
		return;
	sqlite3_finalize((*stmt)->sql);
	free((*stmt)->own);
	free(*stmt);
	*stmt = NULL;
}

void
db_close(struct db **db)
{
	if (!*db)
		return;
	for (size_t i = 0; i < (*db)->slots; i++) {
		struct stmt *stmt = (*db)->cache[i];

		if (stmt)
			sqlite3_finalize(stmt->sql);
		free(stmt);
	}
	free((*db)->cache);
	for (size_t i = 0; i < COMPOSED_KEPT; i++)
		composed_free(&(*db)->composed[i]);
	if (sqlite3_close((*db)->sql) != SQLITE_OK)
		abort(); /* a statement outside the cache: our bug */
	atomic_fetch_sub(&(*db)->place->open, 1);
	free(*db);
	*db = NULL;
}

/* ---- The statement cache ----------------------------------------------- */

static size_t
slot_of(const struct db *db, const char *literal)
{
	uint64_t hash = (uint64_t)(uintptr_t)literal * 0x9e3779b97f4a7c15u;
	size_t at = (size_t)(hash >> 32) & (db->slots - 1);

	while (db->cache[at] && db->cache[at]->literal != literal)
		at = (at + 1) & (db->slots - 1);
	return at;
}

static void
cache_grow(struct db *db)
{
	struct stmt **old = db->cache;
	size_t slots = db->slots;

	db->slots *= 2;
	db->cache = mem_array(db->slots, sizeof(struct stmt *));
	for (size_t i = 0; i < slots; i++) {
		if (old[i])
			db->cache[slot_of(db, old[i]->literal)] = old[i];
	}
	free(old);
}

static int
fail_bug(struct err *err, const char *where)
{
	err_set(err, E_BUG);
	return err_fact(err, "where", span_of(where));
}

static struct stmt *
prepare(struct db *db, const char *sql, enum db_trust trust, struct err *err)
{
	struct stmt *stmt = mem_new(sizeof *stmt);
	const char *tail = NULL;
	int rc;

	db->trust = trust;
	db->writes = 0;
	rc = sqlite3_prepare_v3(
	    db->sql, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt->sql, &tail);
	db->trust = DB_GUARDED;
	if (rc != SQLITE_OK || !stmt->sql || span_trim(span_of(tail)).len) {
		if (rc != SQLITE_OK)
			fail(db, rc, err);
		else
			fail_bug(err, "db_stmt: not one statement");
		sqlite3_finalize(stmt->sql);
		free(stmt);
		return NULL;
	}
	stmt->db = db;
	stmt->literal = sql;
	stmt->trust = trust;
	stmt->writes = db->writes;
	return stmt;
}

static struct stmt *
find(struct db *db, const char *sql, enum db_trust trust, struct err *err)
{
	size_t at = slot_of(db, sql);
	struct stmt *stmt = db->cache[at];

	if (!stmt) {
		stmt = prepare(db, sql, trust, err);
		if (!stmt)
			return NULL;
		db->cache[at] = stmt;
		if (++db->used * 4 > db->slots * 3)
			cache_grow(db);
		return stmt;
	}
	/* Not a literal, or still in use: going on would mix two queries. */
	if (strcmp(sqlite3_sql(stmt->sql), sql) != 0 || stmt->trust != trust ||
	    sqlite3_stmt_busy(stmt->sql)) {
		fail_bug(err, sql);
		return NULL;
	}
	sqlite3_clear_bindings(stmt->sql);
	stmt->bind_rc = SQLITE_OK;
	return stmt;
}

struct stmt *
db_stmt(struct db *db, const char *sql, struct err *err)
{
	return find(db, sql, DB_GUARDED, err);
}

struct stmt *
db_stmt_inner(struct db *db, const char *sql, struct err *err)
{
	return find(db, sql, DB_INNER, err);
}

bool
db_is_masked(const struct db *db)
{
	return db->role == DB_VIEW;
}

struct stmt *
db_stmt_open(struct db *db, const char *sql, struct err *err)
{
	return find(db, sql, DB_OPEN, err);
}

/* The place of the shape, or of the one to give up for it: the last. */
static size_t
composed_at(const struct db *db, const char *sql)
{
	size_t at = 0;

	while (at + 1 < COMPOSED_KEPT && db->composed[at] &&
	       strcmp(db->composed[at]->literal, sql) != 0)
		at++;
	return at;
}

struct stmt *
db_stmt_parts(
    struct db *db, const enum fragment *part, size_t count, struct err *err)
{
	struct buf sql = BUF_INIT;
	struct stmt *stmt;
	size_t at;

	if (!parts_text(part, count, &sql)) {
		buf_done(&sql);
		fail_bug(err, "db_stmt_parts");
		return NULL;
	}
	at = composed_at(db, sql.ptr);
	stmt = db->composed[at];
	if (stmt && strcmp(stmt->literal, sql.ptr) == 0) {
		buf_done(&sql);
		stmt_reset(stmt);
		sqlite3_clear_bindings(stmt->sql);
	} else {
		composed_free(&db->composed[at]);
		stmt = prepare(db, sql.ptr, DB_INNER, err);
		if (!stmt) {
			buf_done(&sql);
			return NULL;
		}
		stmt->own = sql.ptr;
	}
	memmove(db->composed + 1, db->composed, at * sizeof *db->composed);
	db->composed[0] = stmt;
	return stmt;
}

static int
is_stopped(void *arg)
{
	const struct db *db = arg;

	return atomic_load(db->stop);
}

void
db_stop_when(struct db *db, const atomic_bool *stop)
{
	db->stop = stop;
	sqlite3_progress_handler(
	    db->sql, stop ? STOP_EVERY : 0, stop ? is_stopped : NULL, db);
}

/* ---- Using statements -------------------------------------------------- */

static void
note_bind(struct stmt *stmt, int rc)
{
	if (stmt->bind_rc == SQLITE_OK)
		stmt->bind_rc = rc;
}

void
stmt_int(struct stmt *stmt, int index, int64_t value)
{
	note_bind(stmt, sqlite3_bind_int64(stmt->sql, index, value));
}

/* An empty span may have no address, which SQLite would take for NULL. */
static const char *
address_of(struct span s)
{
	return s.ptr ? s.ptr : "";
}

void
stmt_text(struct stmt *stmt, int index, struct span text)
{
	note_bind(stmt, sqlite3_bind_text64(stmt->sql, index, address_of(text),
			    text.len, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void
stmt_text_kept(struct stmt *stmt, int index, struct span text)
{
	note_bind(stmt, sqlite3_bind_text64(stmt->sql, index, address_of(text),
			    text.len, SQLITE_STATIC, SQLITE_UTF8));
}

void
stmt_blob(struct stmt *stmt, int index, struct span bytes)
{
	note_bind(stmt, sqlite3_bind_blob64(stmt->sql, index, address_of(bytes),
			    bytes.len, SQLITE_TRANSIENT));
}

void
stmt_null(struct stmt *stmt, int index)
{
	note_bind(stmt, sqlite3_bind_null(stmt->sql, index));
}

int
stmt_step(struct stmt *stmt, struct err *err)
{
	struct db *db = stmt->db;
	bool in_transaction = !sqlite3_get_autocommit(db->sql);
	int rc = stmt->bind_rc;

	if (rc == SQLITE_OK) {
		/* A changed schema makes SQLite ask the authorizer again. */
		db->trust = stmt->trust;
		db->wrote |= stmt->writes;
		rc = sqlite3_step(stmt->sql);
		db->trust = DB_GUARDED;
	}
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE) {
		fail(db, rc, err);
		if (in_transaction && sqlite3_get_autocommit(db->sql))
			db->lost = rc;
	}
	stmt_reset(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

int
stmt_run(struct stmt *stmt, struct err *err)
{
	int got;

	do {
		got = stmt_step(stmt, err);
	} while (got == 1);
	return got;
}

void
stmt_reset(struct stmt *stmt)
{
	if (!stmt)
		return;
	sqlite3_reset(stmt->sql);
	stmt->bind_rc = SQLITE_OK;
}

int64_t
stmt_col_int(struct stmt *stmt, int column)
{
	return sqlite3_column_int64(stmt->sql, column);
}

struct span
stmt_col_text(struct stmt *stmt, int column)
{
	const void *at = sqlite3_column_text(stmt->sql, column);

	return span_make(at, (size_t)sqlite3_column_bytes(stmt->sql, column));
}

struct span
stmt_col_blob(struct stmt *stmt, int column)
{
	const void *at = sqlite3_column_blob(stmt->sql, column);

	return span_make(at, (size_t)sqlite3_column_bytes(stmt->sql, column));
}

bool
stmt_col_is_null(struct stmt *stmt, int column)
{
	return sqlite3_column_type(stmt->sql, column) == SQLITE_NULL;
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->sql);
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->sql);
}

/* ---- Whole statements and transactions --------------------------------- */

int
db_exec(struct db *db, const char *sql, struct err *err)
{
	int rc;

	db->trust = DB_OPEN;
	db->writes = 0;
	rc = sqlite3_exec(db->sql, sql, NULL, NULL, NULL);
	db->trust = DB_GUARDED;
	db->wrote |= db->writes;
	return rc == SQLITE_OK ? 0 : fail(db, rc, err);
}

int
db_number(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	struct stmt *stmt = db_stmt_open(db, sql, err);
	int got = stmt ? stmt_step(stmt, err) : -1;

	*out = got == 1 ? stmt_col_int(stmt, 0) : 0;
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

/* Runs a statement of the store's own that is prepared once: compiling BEGIN and
 * COMMIT would cost a small group commit a tenth of its time. */
static int
run_kept(struct db *db, const char *sql, struct err *err)
{
	struct stmt *stmt = db_stmt_open(db, sql, err);

	return stmt ? stmt_run(stmt, err) : -1;
}

/* Whether a second thread seals what is written. */
static void
seal_behind(struct db *db, int on)
{
	sqlite3_file_control(db->sql, "main", SEAL_CONTROL_BEHIND, &on);
	db->loading = on;
}

int
db_begin(struct db *db, struct err *err)
{
	static const char sql[] = "BEGIN IMMEDIATE";

	db->lost = SQLITE_OK;
	db->wrote = 0;
	return run_kept(db, sql, err);
}

unsigned
db_wrote(const struct db *db)
{
	return db->wrote;
}

/* A statement left in mid-row would keep the transaction from ending. */
static void
reset_all(struct db *db)
{
	sqlite3_stmt *stmt = NULL;

	while ((stmt = sqlite3_next_stmt(db->sql, stmt)) != NULL)
		sqlite3_reset(stmt);
}

int
db_commit(struct db *db, struct err *err)
{
	static const char commit[] = "COMMIT";

	reset_all(db);
	if (sqlite3_get_autocommit(db->sql))
		return fail(db, db->lost ? db->lost : SQLITE_ABORT, err);
	if (run_kept(db, commit, err) < 0) {
		db_rollback(db);
		return -1;
	}
	if (db->loading)
		seal_behind(db, 0);
	return 0;
}

void
db_rollback(struct db *db)
{
	static const char sql[] = "ROLLBACK";

	reset_all(db);
	if (!sqlite3_get_autocommit(db->sql))
		run_kept(db, sql, NULL);
	if (db->loading)
		seal_behind(db, 0);
}

int
db_checkpoint(struct db *db, struct err *err)
{
	int rc = sqlite3_wal_checkpoint_v2(
	    db->sql, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(db, rc, err);
}

void
db_cache(struct db *db, enum store_cache cache)
{
	static const char *const sql[] = {
	    [STORE_CACHE_NORMAL] = "PRAGMA cache_size=-8192",
	    [STORE_CACHE_BULK] = "PRAGMA cache_size=-65536",
	    [STORE_CACHE_LOAD] = "PRAGMA cache_size=-24576",
	};

	db_exec(db, sql[cache], NULL);
}

/* ---- Very many rows ---------------------------------------------------- */

int
db_feed(struct db *db, const char *sql, const struct load_feed *feed,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int rc;

	if (!stmt)
		return -1;
	db->feed = feed;
	rc = stmt_run(stmt, err);
	db->feed = NULL;
	return rc;
}

int
db_load_begin(struct db *db, struct err *err)
{
	seal_behind(db, 1);
	/* Being looked at first, "feed" declares itself in a way that only the
	 * store may. */
	return db_exec(
	    db, "DROP INDEX contact_canon; SELECT count(*) FROM feed", err);
}

int
db_load_end(struct db *db, const atomic_bool *stop, struct err *err)
{
	int rc;

	db_stop_when(db, stop);
	/* as in the schema */
	rc = db_exec(
	    db, "CREATE UNIQUE INDEX contact_canon ON contact(canon)", err);
	db_stop_when(db, NULL);
	return rc;
}
