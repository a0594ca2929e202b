/* Every change of a sealed file is found and named: page, frame or file. */
#include "tests/unit/store/seal_kit.h"

#define RAW "tests/data/sqlcipher4-raw.db"

enum { NOTDB = SQLITE_NOTADB, BAD = SQLITE_IOERR_DATA };

/* A closed store of about 30 pages, every one of them in use. */
static void
make_store(struct kit *kit)
{
	sqlite3 *db;

	kit_start(kit);
	kit_seal(kit);
	db = kit_db(kit);
	kit_sql(db,
	    "PRAGMA journal_mode = WAL; CREATE TABLE t(a INTEGER PRIMARY KEY, "
	    "b TEXT); CREATE INDEX tb ON t(b); WITH RECURSIVE c(x) AS (SELECT "
	    "1 UNION ALL SELECT x+1 FROM c WHERE x < 300) INSERT INTO t SELECT "
	    "x, 'row ' || x || hex(zeroblob(80)) FROM c");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_false(kit_exists(kit, "-wal"));
	seal_close(&kit->seal);
}

/* ---- Whole files ------------------------------------------------------- */

enum change { FLIP, SWAP, CUT, ZERO, PLAIN };

static const struct tamper {
	const char *name;
	enum change change;
	long at, with; /* octet, or pages from 1, or octets from the end */
	int rc;
	enum err_code code;
	const char *page;
} tampers[] = {
    {"salt", FLIP, 3, 0, NOTDB, E_STORE_NOT_DB, ""},
    {"page 1, first octet", FLIP, 16, 0, NOTDB, E_STORE_NOT_DB, ""},
    {"page 1, IV", FLIP, 4020, 0, NOTDB, E_STORE_NOT_DB, ""},
    {"page 1, MAC", FLIP, 4095, 0, NOTDB, E_STORE_NOT_DB, ""},
    {"ciphertext", FLIP, 3 * 4096 + 5, 0, BAD, E_STORE_PAGE, "4"},
    {"IV", FLIP, 3 * 4096 + 4016, 0, BAD, E_STORE_PAGE, "4"},
    {"MAC", FLIP, 3 * 4096 + 4032, 0, BAD, E_STORE_PAGE, "4"},
    {"two pages exchanged", SWAP, 2, 5, BAD, E_STORE_PAGE, "2"},
    {"page 1 exchanged", SWAP, 1, 5, NOTDB, E_STORE_NOT_DB, ""},
    {"page of zeros", ZERO, 3, 0, BAD, E_STORE_PAGE, "3"},
    {"last page cut", CUT, 4096, 0, SQLITE_CORRUPT, E_STORE_TRUNCATED, NULL},
    {"cut inside a page", CUT, 100, 0, BAD, E_STORE_TRUNCATED, NULL},
    {"plain SQLite file", PLAIN, 0, 0, NOTDB, E_STORE_NOT_DB, ""},
};

static void
make_plain(const char *path)
{
	sqlite3 *db = NULL;

	unlink(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	kit_sql(db, "CREATE TABLE t(a, b)");
	sqlite3_close(db);
}

static void
apply(const struct tamper *t, const char *path)
{
	struct buf data = BUF_INIT;
	unsigned char page[SEAL_PAGE];
	char *one, *two;

	kit_load(path, &data);
	one = data.ptr + (t->at - 1) * SEAL_PAGE;
	two = data.ptr + (t->with - 1) * SEAL_PAGE;
	switch (t->change) {
	case FLIP:
		data.ptr[t->at] ^= 0x10;
		break;
	case SWAP:
		memcpy(page, one, SEAL_PAGE);
		memcpy(one, two, SEAL_PAGE);
		memcpy(two, page, SEAL_PAGE);
		break;
	case CUT:
		data.len -= (size_t)t->at;
		break;
	case ZERO:
		memset(one, 0, SEAL_PAGE);
		break;
	case PLAIN:
		make_plain(path);
		buf_done(&data);
		return;
	}
	kit_save(path, &data);
	buf_done(&data);
}

/* Reads everything; the code, and err as the store would report it. */
static int
read_all(struct kit *kit, struct err *err)
{
	sqlite3 *db = kit_db(kit);
	int rc = kit_rc(db, "SELECT count(*) FROM sqlite_schema");

	if (rc == SQLITE_OK)
		rc = kit_rc(db, "SELECT sum(length(b)) FROM t NOT INDEXED");
	if (rc == SQLITE_OK)
		rc = kit_rc(db, "SELECT sum(length(b)) FROM t INDEXED BY tb");
	if (rc != SQLITE_OK && seal_explain(kit->seal, rc, err) == 0)
		err_set(err, E_STORE_SQL);
	sqlite3_close(db);
	return rc;
}

static void
each_change_is_named(void **state)
{
	struct kit kit;
	struct buf good = BUF_INIT, after = BUF_INIT, before = BUF_INIT;
	unsigned char salt[SEAL_SALT];

	(void)state;
	make_store(&kit);
	kit_load(kit.path, &good);
	memcpy(salt, good.ptr, SEAL_SALT);
	for (size_t i = 0; i < sizeof tampers / sizeof *tampers; i++) {
		const struct tamper *t = &tampers[i];
		struct err err = {0};
		int rc;

		kit_save(kit.path, &good);
		apply(t, kit.path);
		kit_load(kit.path, &before);
		assert_ok(
		    seal_open(kit.path, SEAL_EXISTING, &kit.seal, &err), &err);
		assert_ok(seal_key(kit.seal, kit.key, salt, &err), &err);
		rc = read_all(&kit, &err);
		if ((rc != t->rc && (rc & 0xff) != t->rc) ||
		    err.code != t->code ||
		    (t->page && strcmp(err_find(&err, "page"), t->page) != 0))
			fail_msg("%s: %d %s page %s", t->name, rc,
			    err_name(err.code), err_find(&err, "page"));
		assert_string_equal(err_find(&err, "path"), kit.path);
		seal_close(&kit.seal);
		/* Nothing was overwritten. */
		kit_load(kit.path, &after);
		assert_int_equal(before.len, after.len);
		assert_memory_equal(before.ptr, after.ptr, after.len);
	}
	kit_save(kit.path, &good);
	kit_seal(&kit);
	assert_int_equal(read_all(&kit, NULL), SQLITE_OK);
	buf_done(&good);
	buf_done(&after);
	buf_done(&before);
	kit_done(&kit);
}

/* Wrong keys: one bit of the right one, and another. */
static void
wrong_key(void **state)
{
	struct kit kit;
	struct err err = {0};

	(void)state;
	make_store(&kit);
	for (int i = 0; i < SEAL_KEY; i += 31) {
		kit.key->bytes[i] ^= 1;
		kit_seal(&kit);
		assert_int_equal(read_all(&kit, &err), SQLITE_NOTADB);
		assert_int_equal(err.code, E_STORE_NOT_DB);
		seal_close(&kit.seal);
		kit.key->bytes[i] ^= 1;
	}
	kit_seal(&kit);
	assert_int_equal(read_all(&kit, &err), SQLITE_OK);
	kit_done(&kit);
}

/* A flipped bit in each octet of a file: its page does not open. */
static void
every_octet(void **state)
{
	struct kit kit;
	struct err err = {0};
	struct buf data = BUF_INIT;
	unsigned char page[SEAL_PAGE];
	sqlite3_file *file = NULL;
	sqlite3 *db;
	FILE *raw;
	long size;

	(void)state;
	make_store(&kit);
	kit_load(kit.path, &data);
	size = (long)data.len < 8 * SEAL_PAGE ? (long)data.len : 8 * SEAL_PAGE;
	kit_seal(&kit);
	assert_ok(seal_key(kit.seal, kit.key, NULL, &err), &err);
	db = kit_db(&kit);
	sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	raw = fopen(kit.path, "r+b");
	assert_non_null(raw);
	setvbuf(raw, NULL, _IONBF, 0);
	for (long at = 0; at < size; at++) {
		const long from = at / SEAL_PAGE * SEAL_PAGE;
		int rc;

		fseek(raw, at, SEEK_SET);
		fputc(data.ptr[at] ^ (1 << at % 8), raw);
		rc = file->pMethods->xRead(file, page, SEAL_PAGE, from);
		if (rc != (from ? BAD : NOTDB))
			fail_msg("octet %ld: %d", at, rc);
		fseek(raw, at, SEEK_SET);
		fputc(data.ptr[at], raw);
	}
	assert_int_equal(
	    file->pMethods->xRead(file, page, SEAL_PAGE, 0), SQLITE_OK);
	fclose(raw);
	sqlite3_close(db);
	buf_done(&data);
	kit_done(&kit);
}

/* ---- The write-ahead log ----------------------------------------------- */

/* A store as a kill leaves it: three commits in the log (values 1, 2, 3). */
static void
make_hot(struct kit *kit)
{
	char from[128], to[128];
	sqlite3 *db;

	kit_start(kit);
	kit_seal(kit);
	db = kit_db(kit);
	kit_sql(db, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
		    "CREATE TABLE t(a); PRAGMA wal_checkpoint(TRUNCATE);"
		    "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);"
		    "INSERT INTO t VALUES (3)");
	kit_tail(to, kit, "-kept");
	kit_copy(kit->path, to);
	kit_tail(from, kit, "-wal");
	kit_tail(to, kit, "-kept-wal");
	kit_copy(from, to);
	sqlite3_close(db);
	seal_close(&kit->seal);
}

/* Puts the files that make_hot() kept in their places. */
static void
put_hot(struct kit *kit, struct buf *wal)
{
	char path[128];

	kit_tail(path, kit, "-kept-wal");
	kit_load(path, wal);
	kit_tail(path, kit, "-wal");
	kit_save(path, wal);
	kit_tail(path, kit, "-kept");
	kit_copy(path, kit->path);
}

static uint32_t
le32(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

static void
checksum(int big, const unsigned char *p, size_t len, uint32_t sum[2])
{
	for (size_t i = 0; i < len; i += 8) {
		sum[0] += (big ? get_be32(p + i) : le32(p + i)) + sum[1];
		sum[1] +=
		    (big ? get_be32(p + i + 4) : le32(p + i + 4)) + sum[0];
	}
}

/* What an attacker without the key can do: make all checksums fit. */
static void
chain_anew(struct buf *wal)
{
	unsigned char *p = (unsigned char *)wal->ptr;
	uint32_t sum[2] = {get_be32(p + 24), get_be32(p + 28)};
	const int big = p[3] & 1;

	assert_int_equal(get_be32(p) & ~1u, 0x377f0682);
	for (size_t at = WAL_HEAD; at + FRAME <= wal->len; at += FRAME) {
		checksum(big, p + at, 8, sum);
		checksum(big, p + at + FRAME_HEAD, SEAL_PAGE, sum);
		put_be32(p + at + 16, sum[0]);
		put_be32(p + at + 20, sum[1]);
	}
}

/* Opens the hot store and reads; the WAL must stay as it is on an error. */
static int
recover(
    struct kit *kit, const struct buf *wal, const char *rows, struct err *err)
{
	char path[128];
	struct buf after = BUF_INIT;
	sqlite3 *db;
	int rc;

	kit_seal(kit);
	db = kit_db(kit);
	rc = kit_rc(db, "SELECT a FROM t");
	if (rc == SQLITE_OK)
		kit_expect(db, "SELECT a FROM t", rows);
	else
		assert_int_equal(seal_explain(kit->seal, rc, err), -1);
	sqlite3_close(db);
	seal_close(&kit->seal);
	if (rc != SQLITE_OK) {
		kit_tail(path, kit, "-wal");
		kit_load(path, &after);
		assert_int_equal(after.len, wal->len);
		assert_memory_equal(after.ptr, wal->ptr, wal->len);
	}
	buf_done(&after);
	return rc;
}

static const struct {
	const char *name;
	long at; /* octet of the log */
	int again;
	int rc;
	const char *rows, *frame;
} flips[] = {
    {"none", -1, 0, SQLITE_OK, "1\n2\n3\n", NULL},
    {"none, chained anew", -1, 1, SQLITE_OK, "1\n2\n3\n", NULL},
    {"second frame", WAL_HEAD + FRAME + 99, 0, SQLITE_OK, "1\n", NULL},
    {"last octet", WAL_HEAD + 3 * FRAME - 1, 0, SQLITE_OK, "1\n2\n", NULL},
    {"header", 20, 0, SQLITE_OK, "", NULL},
    {"second frame, chained anew", WAL_HEAD + FRAME + 99, 1, BAD, NULL, "2"},
    {"MAC of the third, chained anew", WAL_HEAD + 3 * FRAME - 1, 1, BAD, NULL,
	"3"},
    {"page number, chained anew", WAL_HEAD + 3, 1, BAD, NULL, "1"},
};

static void
log_changes(void **state)
{
	struct kit kit;
	struct buf wal = BUF_INIT;
	char path[128];

	(void)state;
	make_hot(&kit);
	kit_tail(path, &kit, "-wal");
	for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) {
		struct err err = {0};
		int rc;

		put_hot(&kit, &wal);
		assert_int_equal(wal.len, WAL_HEAD + 3 * FRAME);
		if (flips[i].at >= 0)
			wal.ptr[flips[i].at] ^= 4;
		if (flips[i].again)
			chain_anew(&wal);
		kit_save(path, &wal);
		rc = recover(&kit, &wal, flips[i].rows, &err);
		if (rc != flips[i].rc ||
		    (rc && (err.code != E_STORE_WAL ||
			       strcmp(err_find(&err, "frame"),
				   flips[i].frame) != 0)))
			fail_msg("%s: %d %s frame %s", flips[i].name, rc,
			    err_name(err.code), err_find(&err, "frame"));
	}
	buf_done(&wal);
	kit_done(&kit);
}

static void
log_with_wrong_key(void **state)
{
	struct kit kit;
	struct err err = {0};
	struct buf wal = BUF_INIT;

	(void)state;
	make_hot(&kit);
	put_hot(&kit, &wal);
	kit.key->bytes[5] ^= 1;
	assert_int_not_equal(recover(&kit, &wal, NULL, &err), SQLITE_OK);
	kit.key->bytes[5] ^= 1;
	assert_int_equal(recover(&kit, &wal, "1\n2\n3\n", &err), SQLITE_OK);
	buf_done(&wal);
	kit_done(&kit);
}

/* A log begun on a machine of the other byte order: read and gone on with. */
static void
log_of_other_machine(void **state)
{
	struct kit kit;
	struct err err = {0};
	struct buf wal = BUF_INIT, out = BUF_INIT;
	uint32_t sum[2] = {0, 0};
	char path[128], copy[128];
	sqlite3 *db;

	(void)state;
	make_hot(&kit);
	put_hot(&kit, &wal);
	wal.ptr[3] |= 1;
	checksum(1, (unsigned char *)wal.ptr, 24, sum);
	put_be32((unsigned char *)wal.ptr + 24, sum[0]);
	put_be32((unsigned char *)wal.ptr + 28, sum[1]);
	chain_anew(&wal);
	kit_tail(path, &kit, "-wal");
	kit_save(path, &wal);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 5;"
		    "INSERT INTO t VALUES (4); CREATE TABLE u(b); BEGIN; WITH "
		    "RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c "
		    "WHERE x < 40) INSERT INTO u SELECT zeroblob(900) FROM c;"
		    "UPDATE u SET b = zeroblob(901); COMMIT");
	kit_tail(copy, &kit, "-copy-wal");
	kit_copy(path, copy);
	kit_load(copy, &wal);
	assert_int_equal(wal.ptr[3] & 1, 1);
	kit_tail(copy, &kit, "-copy");
	kit_copy(kit.path, copy);
	if (kit_read_elsewhere(&kit, copy,
		"SELECT sum(a), (SELECT sum(length(b)) FROM u) FROM t", &out))
		assert_non_null(strstr(out.ptr, "\n10|36040\n"));
	sqlite3_close(db);
	seal_close(&kit.seal);
	kit_tail(copy, &kit, "-copy-wal");
	kit_copy(copy, path);
	kit_tail(copy, &kit, "-copy");
	kit_copy(copy, kit.path);
	assert_int_equal(recover(&kit, &wal, "1\n2\n3\n4\n", &err), SQLITE_OK);
	buf_done(&wal);
	buf_done(&out);
	kit_done(&kit);
}

/* The log changed under a running program: flipped, exchanged, cut. */
static void
log_changed_while_open(void **state)
{
	struct kit kit;
	struct err err = {0};
	struct buf good = BUF_INIT, bad = BUF_INIT;
	sqlite3 *db, *reader;
	char path[128];
	int rc;

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
		    "CREATE TABLE t(a); CREATE TABLE u(a); BEGIN; INSERT INTO "
		    "t VALUES (1); INSERT INTO u VALUES (2); COMMIT");
	kit_tail(path, &kit, "-wal");
	kit_load(path, &good);
	for (int i = 0; i < 3; i++) {
		char *last, *before;

		kit_load(path, &bad);
		last = bad.ptr + bad.len - FRAME;
		before = last - FRAME;
		if (i == 0)
			last[500] ^= 1;
		if (i == 1) {
			memcpy(last, before, FRAME);
			memcpy(before, good.ptr + good.len - FRAME, FRAME);
		}
		if (i == 2)
			bad.len -= 10;
		kit_save(path, &bad);
		reader = kit_db(&kit);
		rc = kit_rc(reader, "SELECT t.a, u.a FROM t, u");
		assert_int_equal(rc, BAD);
		assert_int_equal(seal_explain(kit.seal, rc, &err), -1);
		assert_int_equal(err.code, E_STORE_WAL);
		sqlite3_close(reader);
		/* A checkpoint carries nothing of it into the database. */
		if (i < 2)
			assert_int_equal(
			    kit_rc(db, "PRAGMA wal_checkpoint"), BAD);
		kit_save(path, &good);
	}
	kit_sql(db, "PRAGMA wal_checkpoint");
	kit_expect(db, "SELECT t.a, u.a FROM t, u", "1|2\n");
	sqlite3_close(db);
	buf_done(&good);
	buf_done(&bad);
	kit_done(&kit);
}

/* ---- The rollback journal ---------------------------------------------- */

/* A kill in the middle of a transaction that had begun to write. */
static void
make_hot_journal(struct kit *kit)
{
	char from[128], to[128];
	sqlite3 *db;

	make_store(kit);
	kit_seal(kit);
	db = kit_db(kit);
	kit_expect(db, "PRAGMA journal_mode = DELETE", "delete\n");
	kit_sql(db, "PRAGMA cache_size = 5; BEGIN; UPDATE t SET b = a || b");
	kit_tail(to, kit, "-kept");
	kit_copy(kit->path, to);
	kit_tail(from, kit, "-journal");
	kit_tail(to, kit, "-kept-journal");
	kit_copy(from, to);
	kit_sql(db, "ROLLBACK");
	sqlite3_close(db);
	seal_close(&kit->seal);
	kit_tail(from, kit, "-kept");
	assert_int_equal(rename(from, kit->path), 0);
	kit_tail(from, kit, "-journal");
	assert_int_equal(rename(to, from), 0);
}

static void
journal_with_wrong_key(void **state)
{
	struct kit kit;
	struct err err = {0};
	struct buf before = BUF_INIT, after = BUF_INIT;
	char path[128];
	sqlite3 *db;

	(void)state;
	make_hot_journal(&kit);
	kit_tail(path, &kit, "-journal");
	kit_load(path, &before);
	kit.key->bytes[9] ^= 1;
	kit_seal(&kit);
	assert_int_not_equal(read_all(&kit, &err), SQLITE_OK);
	assert_int_not_equal(err.code, E_STORE_SQL);
	seal_close(&kit.seal);
	kit_load(path, &after);
	assert_int_equal(after.len, before.len);
	assert_memory_equal(after.ptr, before.ptr, after.len);
	kit.key->bytes[9] ^= 1;
	kit_seal(&kit);
	assert_int_equal(read_all(&kit, &err), SQLITE_OK);
	db = kit_db(&kit);
	kit_expect(db,
	    "SELECT count(*) FROM t WHERE b = 'row ' || a || "
	    "hex(zeroblob(80))",
	    "300\n");
	kit_expect(db, "PRAGMA integrity_check", "ok\n");
	sqlite3_close(db);
	assert_false(kit_exists(&kit, "-journal"));
	buf_done(&before);
	buf_done(&after);
	kit_done(&kit);
}

/* A journal whose header claims that the file was a terabyte: believed, it
 * would fill the disk with sealed zeros. */
static void
journal_with_wrong_size(void **state)
{
	struct kit kit;
	struct err err = {0};
	struct buf data = BUF_INIT;
	struct stat st;
	char path[128];

	(void)state;
	make_hot_journal(&kit);
	kit_tail(path, &kit, "-journal");
	kit_load(path, &data);
	put_be32((unsigned char *)data.ptr + 16, 1u << 28);
	kit_save(path, &data);
	kit_seal(&kit);
	assert_int_not_equal(read_all(&kit, &err), SQLITE_OK);
	assert_int_equal(err.code, E_STORE_TRUNCATED);
	assert_int_equal(stat(kit.path, &st), 0);
	assert_in_range(st.st_size, SEAL_PAGE, 1 << 20);
	assert_true(kit_exists(&kit, "-journal"));
	buf_done(&data);
	kit_done(&kit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_change_is_named),
	    cmocka_unit_test(wrong_key),
	    cmocka_unit_test(every_octet),
	    cmocka_unit_test(log_changes),
	    cmocka_unit_test(log_with_wrong_key),
	    cmocka_unit_test(log_of_other_machine),
	    cmocka_unit_test(log_changed_while_open),
	    cmocka_unit_test(journal_with_wrong_key),
	    cmocka_unit_test(journal_with_wrong_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
