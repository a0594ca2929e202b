/* The encrypting VFS: files of SQLCipher itself, the lock, and what is
 * refused. */
#include <fcntl.h>
#include <openssl/evp.h>

#include "tests/unit/store/seal_kit.h"

#define RAW  "tests/data/sqlcipher4-raw.db"
#define PASS "tests/data/sqlcipher4-pass.db"

static const unsigned char raw_key[SEAL_KEY] = {0x0f, 0x1e, 0x2d, 0x3c, 0x4b,
    0x5a, 0x69, 0x78, 0x87, 0x96, 0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0, 0x01,
    0x12, 0x23, 0x34, 0x45, 0x56, 0x67, 0x78, 0x89, 0x9a, 0xab, 0xbc, 0xcd,
    0xde, 0xef, 0xf0};
static const unsigned char raw_salt[SEAL_SALT] = {0x5a, 0x17, 0xc0, 0xde, 0x5a,
    0x17, 0xc0, 0xde, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
static const unsigned char pass_salt[SEAL_SALT] = {0xb8, 0xec, 0x95, 0xeb, 0x11,
    0xa9, 0xf1, 0xa2, 0x56, 0xcd, 0x84, 0xfc, 0x35, 0x11, 0x42, 0x34};

static const struct {
	const char *sql, *rows;
} wanted[] = {
    {"SELECT * FROM recipient ORDER BY id",
	"1|taro.yamada@example.jp|山田 太郎|"
	"{\"会社\":\"株式会社サンプル\",\"都道府県\":\"東京都\","
	"\"プラン\":\"A\"}|1\n"
	"2|hanako@example.co.jp|佐藤 花子|"
	"{\"会社\":\"有限会社テスト\",\"都道府県\":\"大阪府\","
	"\"プラン\":\"B\"}|1\n"
	"3|ken@example.org|髙橋 健|"
	"{\"会社\":\"①㈱ハシゴ高\",\"都道府県\":\"北海道\"}|0\n"
	"4|o'brien+news@example.com|O'Brien, Conan|{}|1\n"
	"5|ﾊﾝｶｸ@例え.jp|ﾊﾝｶｸ ｶﾅ|{\"note\":\"half-width kana and an "
	"internationalised domain\"}|0\n"},
    {"SELECT id, subject, CAST(body AS TEXT), length(body), sent_at "
     "FROM campaign WHERE id = 1",
	"1|【重要】サービス改定のお知らせ|# お知らせ\n{{氏名}} 様\n"
	"平素は格別のご高配を賜り、厚く御礼申し上げます。"
	"|102|2024-04-01T09:00:00+09:00\n"},
    {"SELECT id, subject, body = zeroblob(9000), sent_at "
     "FROM campaign WHERE id = 2",
	"2|😀 絵文字と𠮷野家 (サロゲート外)|1|NULL\n"},
    {"SELECT count(*) FROM campaign", "2\n"},
    {"SELECT * FROM delivery ORDER BY campaign, recipient",
	"1|1|250|2.0.0 Ok: queued|TLSv1.3\n"
	"1|2|550|5.1.1 宛先不明|TLSv1.2\n"
	"1|4|421|4.7.0 try again|NULL\n"},
    {"SELECT recipient FROM delivery INDEXED BY delivery_code "
     "WHERE code = 550",
	"2\n"},
    {"PRAGMA user_version", "7\n"},
    {"PRAGMA application_id", "1296650580\n"},
    {"PRAGMA integrity_check", "ok\n"},
};

static void
read_fixture(
    const char *fixture, const unsigned char *key, const unsigned char *salt)
{
	struct kit kit;
	struct err err = {0};
	unsigned char found[SEAL_SALT];
	struct buf before = BUF_INIT, after = BUF_INIT;
	sqlite3 *db;

	kit_start(&kit);
	secret_free(&kit.key);
	kit.key = secret_of(key, SEAL_KEY);
	kit_copy(fixture, kit.path);
	kit_seal(&kit);
	seal_salt(kit.seal, found);
	assert_memory_equal(found, salt, SEAL_SALT);
	assert_ok(seal_key(kit.seal, kit.key, salt, &err), &err);
	db = kit_db(&kit);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		kit_expect(db, wanted[i].sql, wanted[i].rows);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	kit_load(fixture, &before);
	kit_load(kit.path, &after);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.ptr, after.ptr, before.len);
	buf_done(&before);
	buf_done(&after);
	kit_done(&kit);
}

static void
fixture_with_raw_key(void **state)
{
	(void)state;
	read_fixture(RAW, raw_key, raw_salt);
}

static void
fixture_with_passphrase(void **state)
{
	static const char phrase[] = "正しい馬 battery staple 2024";
	unsigned char key[SEAL_KEY];

	(void)state;
	assert_int_equal(PKCS5_PBKDF2_HMAC(phrase, sizeof phrase - 1, pass_salt,
			     SEAL_SALT, 256000, EVP_sha512(), SEAL_KEY, key),
	    1);
	read_fixture(PASS, key, pass_salt);
}

/* A file that SQLCipher left is changed, in both journal modes, and read. */
static void
fixture_written(void **state)
{
	struct kit kit;
	sqlite3 *db;

	(void)state;
	kit_start(&kit);
	secret_free(&kit.key);
	kit.key = secret_of(raw_key, SEAL_KEY);
	kit_copy(RAW, kit.path);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "UPDATE recipient SET name = name || '様'");
	kit_expect(db, "PRAGMA journal_mode = WAL", "wal\n");
	kit_sql(db, "DELETE FROM recipient WHERE id > 1; VACUUM");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	db = kit_db(&kit);
	kit_expect(db, "SELECT name FROM recipient", "山田 太郎様\n");
	kit_expect(db, "PRAGMA integrity_check", "ok\n");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	kit_done(&kit);
}

/* What seal_open() says about what it finds. */
static void
open_refuses(void **state)
{
	struct kit kit;
	struct seal *seal = NULL;
	struct err err = {0};
	struct buf data = BUF_INIT;
	char link[128];

	(void)state;
	kit_start(&kit);
	assert_int_equal(seal_open(kit.path, SEAL_EXISTING, &seal, &err), -1);
	assert_int_equal(err.code, E_STORE_MISSING);
	assert_string_equal(err_find(&err, "path"), kit.path);
	assert_false(kit_exists(&kit, ""));
	kit_save(kit.path, &data);
	assert_int_equal(seal_open(kit.path, SEAL_EXISTING, &seal, &err), -1);
	assert_int_equal(err.code, E_STORE_EMPTY);
	buf_char(&data, 'x');
	kit_save(kit.path, &data);
	assert_int_equal(seal_open(kit.path, SEAL_EXISTING, &seal, &err), -1);
	assert_int_equal(err.code, E_STORE_TRUNCATED);
	buf_done(&data);
	kit_copy(RAW, kit.path);
	assert_int_equal(seal_open(kit.path, SEAL_NEW, &seal, &err), -1);
	assert_int_equal(err.code, E_STORE_EXISTS);
	kit_tail(link, &kit, "-link");
	assert_int_equal(symlink(kit.path, link), 0);
	assert_int_equal(seal_open(link, SEAL_EXISTING, &seal, &err), -1);
	assert_int_equal(err.code, E_FILE_OPEN);
	assert_int_equal(seal_open(kit.dir, SEAL_EXISTING, &seal, &err), -1);
	assert_null(seal);
	kit_done(&kit);
}

/* Without a key nothing is opened and nothing appears in the folder. */
static void
no_key_no_file(void **state)
{
	struct kit kit;
	sqlite3 *db = NULL;
	char path[128];

	(void)state;
	kit_start(&kit);
	assert_int_equal(
	    sqlite3_open_v2(kit.path, &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, SEAL_VFS),
	    SQLITE_CANTOPEN);
	sqlite3_close(db);
	assert_false(kit_exists(&kit, ""));
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "CREATE TABLE t(a)");
	kit_tail(path, &kit, "-2");
	snprintf(path, sizeof path, "ATTACH '%s-2' AS x", kit.path);
	assert_int_equal(kit_rc(db, path) & 0xff, SQLITE_CANTOPEN);
	snprintf(path, sizeof path, "VACUUM INTO '%s-2'", kit.path);
	assert_int_equal(kit_rc(db, path) & 0xff, SQLITE_CANTOPEN);
	assert_false(kit_exists(&kit, "-2"));
	sqlite3_close(db);
	kit_done(&kit);
}

/* Another file in the place of the opened one does not get its key. */
static void
exchanged_file(void **state)
{
	struct kit kit;
	sqlite3 *db;
	char other[128];

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "CREATE TABLE t(a)");
	sqlite3_close(db);
	kit_tail(other, &kit, "-copy");
	kit_copy(kit.path, other);
	assert_int_equal(rename(other, kit.path), 0);
	assert_int_equal(kit_try(&kit, &db), SQLITE_CANTOPEN);
	sqlite3_close(db);
	kit_done(&kit);
}

/* Runs in a child: 0 when the file is locked for it. */
static int
is_locked(const char *path)
{
	struct err err = {0};
	struct seal *seal = NULL;
	struct flock lock = {.l_type = F_RDLCK,
	    .l_whence = SEEK_SET,
	    .l_start = SEAL_LOCK_AT + 2,
	    .l_len = 510};
	int fd;

	if (seal_open(path, SEAL_EXISTING, &seal, &err) == 0)
		return 1;
	if (err.code != E_STORE_IN_USE)
		return 2;
	/* A program that uses SQLite's ordinary locks is kept out too. */
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fcntl(fd, F_SETLK, &lock) == 0)
		return 3;
	close(fd);
	return 0;
}

static int
in_child(int (*work)(const char *path), const char *path)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(work(path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
takes_over(const char *path)
{
	struct seal *seal = NULL;

	return seal_open(path, SEAL_EXISTING, &seal, NULL) < 0;
}

static void
one_process(void **state)
{
	struct kit kit;
	struct seal *second = NULL;
	struct err err = {0};
	sqlite3 *db, *other;

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "PRAGMA journal_mode = WAL; CREATE TABLE t(a)");
	assert_int_equal(in_child(is_locked, kit.path), 0);
	/* Closing a connection must not give the lock away. */
	other = kit_db(&kit);
	kit_expect(other, "SELECT count(*) FROM t", "0\n");
	sqlite3_close(other);
	assert_int_equal(in_child(is_locked, kit.path), 0);
	assert_int_equal(seal_open(kit.path, SEAL_EXISTING, &second, &err), -1);
	assert_int_equal(err.code, E_STORE_IN_USE);
	assert_false(kit_exists(&kit, "-shm"));
	/* With a connection open the lock outlives seal_close(). */
	seal_close(&kit.seal);
	assert_int_equal(in_child(is_locked, kit.path), 0);
	sqlite3_close(db);
	assert_int_equal(in_child(takes_over, kit.path), 0);
	kit_done(&kit);
}

/* Of the parent, used by forked_write(). */
static sqlite3 *forked_db;
static struct seal *forked_seal;

static int
forked_write(const char *path)
{
	struct err err = {0};
	int rc = kit_rc(forked_db, "INSERT INTO t VALUES (2)");

	(void)path;
	if (rc == SQLITE_OK)
		return 1;
	return seal_explain(forked_seal, rc, &err) == 0 || err.code != E_BUG;
}

/* A child of the process must not write with the same random numbers. */
static void
no_write_after_fork(void **state)
{
	struct kit kit;

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	forked_seal = kit.seal;
	forked_db = kit_db(&kit);
	kit_sql(forked_db, "PRAGMA journal_mode = WAL; CREATE TABLE t(a);"
			   "INSERT INTO t VALUES (1)");
	assert_int_equal(in_child(forked_write, kit.path), 0);
	kit_expect(forked_db, "SELECT a FROM t", "1\n");
	sqlite3_close(forked_db);
	kit_done(&kit);
}

/* What would change the format does nothing. */
static void
fixed_settings(void **state)
{
	struct kit kit;
	sqlite3 *db;
	char *name = NULL;
	int value = 0;

	(void)state;
	kit_start(&kit);
	kit_seal(&kit);
	db = kit_db(&kit);
	kit_sql(db, "PRAGMA page_size = 8192; PRAGMA mmap_size = 1000000;"
		    "PRAGMA auto_vacuum = 1; CREATE TABLE t(a); VACUUM");
	kit_expect(db, "PRAGMA page_size", "4096\n");
	kit_expect(db, "PRAGMA auto_vacuum", "0\n");
	value = -1;
	sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &value);
	assert_int_equal(value, SEAL_RESERVE);
	value = 0;
	sqlite3_file_control(
	    db, "main", SQLITE_FCNTL_POWERSAFE_OVERWRITE, &value);
	assert_int_equal(value, 1);
	sqlite3_file_control(db, "main", SQLITE_FCNTL_VFSNAME, &name);
	assert_string_equal(name, SEAL_VFS);
	sqlite3_free(name);
	sqlite3_close(db);
	kit_done(&kit);
	assert_ptr_not_equal(
	    sqlite3_vfs_find(NULL), sqlite3_vfs_find(SEAL_VFS));
}

/* ---- What SQLite is not known to do is refused ------------------------- */

enum file { MAIN, LOG, JOURNAL };
enum call { READ, WRITE };

static const struct {
	enum file file;
	enum call call;
	int len;
	long at;
} unknown[] = {
    {MAIN, WRITE, 512, 0},
    {MAIN, WRITE, SEAL_PAGE, 100},
    {MAIN, WRITE, 2 * SEAL_PAGE, 0},
    {MAIN, WRITE, SEAL_PAGE, 0},                  /* not a page 1 */
    {MAIN, WRITE, SEAL_PAGE, (long)SEAL_LOCK_AT}, /* never written */
    {LOG, WRITE, SEAL_PAGE, 0},
    {LOG, WRITE, WAL_HEAD, 0}, /* not a header */
    {LOG, WRITE, FRAME, WAL_HEAD},
    {LOG, WRITE, 8, WAL_HEAD + 16},
    {LOG, WRITE, FRAME_HEAD, WAL_HEAD + 1},
    {LOG, WRITE, SEAL_PAGE, WAL_HEAD + FRAME_HEAD + 1},
    {LOG, READ, FRAME, WAL_HEAD}, /* out of the blue */
    {LOG, READ, SEAL_PAGE, WAL_HEAD},
    {LOG, READ, 100, 0},
    {JOURNAL, WRITE, SEAL_PAGE, 516}, /* whose page? */
    {JOURNAL, WRITE, 512, 0},
    {JOURNAL, WRITE, 28, 0},
    {JOURNAL, WRITE, 12, 512},
    {JOURNAL, WRITE, 9, 1000},
    {JOURNAL, READ, SEAL_PAGE, 4},
    {JOURNAL, READ, 100, 0},
};

static sqlite3_file *
file_of(sqlite3 *db, enum file which)
{
	sqlite3_file *file = NULL;

	sqlite3_file_control(db, "main",
	    which == MAIN ? SQLITE_FCNTL_FILE_POINTER
			  : SQLITE_FCNTL_JOURNAL_POINTER,
	    &file);
	assert_non_null(file);
	assert_non_null(file->pMethods);
	return file;
}

/* A connection whose log or journal is open. */
static sqlite3 *
open_with(struct kit *kit, enum file which)
{
	sqlite3 *db;

	kit_start(kit);
	kit_seal(kit);
	db = kit_db(kit);
	kit_sql(db, which == LOG ? "PRAGMA journal_mode = WAL"
				 : "PRAGMA journal_mode = PERSIST");
	kit_sql(db, "CREATE TABLE t(a); BEGIN; INSERT INTO t VALUES (1)");
	return db;
}

static void
unknown_shapes(void **state)
{
	static unsigned char data[2 * SEAL_PAGE];
	struct kit kit;
	struct err err = {0};
	sqlite3_file *file;
	sqlite3 *db;
	int rc;

	(void)state;
	memset(data, 'P', sizeof data);
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		db = open_with(&kit, unknown[i].file);
		file = file_of(db, unknown[i].file);
		if (unknown[i].call == WRITE)
			rc = file->pMethods->xWrite(
			    file, data, unknown[i].len, unknown[i].at);
		else
			rc = file->pMethods->xRead(
			    file, data, unknown[i].len, unknown[i].at);
		memset(data, 'P', sizeof data);
		if ((rc & 0xff) != SQLITE_IOERR ||
		    seal_explain(kit.seal, rc, &err) != -1 ||
		    err.code != E_STORE_SELF_TEST)
			fail_msg("file %d, call %d, %d octets at %ld: %d",
			    (int)unknown[i].file, (int)unknown[i].call,
			    unknown[i].len, unknown[i].at, rc);
		kit_rc(db, "ROLLBACK");
		sqlite3_close(db);
		db = kit_db(&kit);
		kit_expect(db, "SELECT count(*) FROM t", "0\n");
		kit_expect(db, "PRAGMA integrity_check", "ok\n");
		sqlite3_close(db);
		kit_done(&kit);
	}
}

/* A frame's header that its page does not follow is never lost silently. */
static void
header_without_page(void **state)
{
	unsigned char head[FRAME_HEAD] = {0, 0, 0, 1};
	unsigned char page[SEAL_PAGE];
	struct kit kit;
	sqlite3_file *file;
	sqlite3 *db;

	(void)state;
	db = open_with(&kit, LOG);
	file = file_of(db, LOG);
	for (int i = 0; i < 3; i++) {
		const long at = WAL_HEAD + 50 * (long)FRAME;

		assert_int_equal(
		    file->pMethods->xWrite(file, head, FRAME_HEAD, at),
		    SQLITE_OK);
		if (i == 0)
			assert_int_equal(
			    file->pMethods->xSync(file, 2), SQLITE_IOERR_FSYNC);
		if (i == 1)
			assert_int_equal(file->pMethods->xRead(file, page,
					     SEAL_PAGE, WAL_HEAD + FRAME_HEAD),
			    SQLITE_IOERR_READ);
		if (i == 2)
			assert_int_equal(
			    file->pMethods->xWrite(
				file, page, SEAL_PAGE, at + FRAME + FRAME_HEAD),
			    SQLITE_IOERR_WRITE);
		file->pMethods->xTruncate(file, WAL_HEAD + 2 * (long)FRAME);
	}
	kit_rc(db, "ROLLBACK");
	sqlite3_close(db);
	kit_done(&kit);
}

static void
self_test(void **state)
{
	struct kit kit;
	struct err err = {0};
	struct stat st;

	(void)state;
	kit_start(&kit);
	assert_ok(seal_self_test(kit.dir, &err), &err);
	assert_int_equal(stat(kit.dir, &st), 0);
	assert_int_equal(rmdir(kit.dir), 0); /* nothing is left behind */
	assert_int_equal(seal_self_test(kit.dir, &err), -1);
	assert_int_equal(err.code, E_STORE_SELF_TEST);
	assert_string_equal(err_find(&err, "step"), "create");
	kit_done(&kit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fixture_with_raw_key),
	    cmocka_unit_test(fixture_with_passphrase),
	    cmocka_unit_test(fixture_written),
	    cmocka_unit_test(open_refuses),
	    cmocka_unit_test(no_key_no_file),
	    cmocka_unit_test(exchanged_file),
	    cmocka_unit_test(one_process),
	    cmocka_unit_test(no_write_after_fork),
	    cmocka_unit_test(fixed_settings),
	    cmocka_unit_test(unknown_shapes),
	    cmocka_unit_test(header_without_page),
	    cmocka_unit_test(self_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
