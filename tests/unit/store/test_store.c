/* The life of a store: made, opened, refused, its keys. */
#include "tests/unit/store/life.h"

/* ---- Making and opening ------------------------------------------------ */

static void
made_and_opened(void **state)
{
	struct fixture *f = *state;

	assert_false(store_exists(f->dir));
	create(f);
	assert_true(store_exists(f->dir));
	assert_string_equal(store_user(f->store), "hanako");
	assert_string_equal(store_dir(f->store), f->dir);
	assert_ptr_equal(store_clock(f->store), &f->clock.base);
	assert_false(store_is_demo(f->store));
	assert_ok(add_list(f->store, "a", &f->err), &f->err);
	reopen(f);
	assert_int_equal(number(f->store, "SELECT count(*) FROM list"), 1);
	assert_ok(store_verify(f->store, &f->err), &f->err);
}

static void
private_files(void **state)
{
	static const char *const names[] = {"keyring", "store.db", "lock"};
	struct fixture *f = *state;
	struct stat st;
	char path[200];

	f->params.dir = path;
	path_in(f, "deeper/still", path, sizeof path);
	create(f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char name[250];

		snprintf(name, sizeof name, "%s/%s", path, names[i]);
		assert_int_equal(stat(name, &st), 0);
		assert_int_equal(st.st_mode & 0177, 0);
	}
	store_close(&f->store);
	assert_int_equal(size_of(f, "deeper/still/store.db-wal"), -1);
	assert_int_equal(size_of(f, "deeper/still/store.db-shm"), -1);
}

static void
refused_to_make(void **state)
{
	struct fixture *f = *state;
	struct secret *weak = secret_of("elevenchars", 11);
	/* Eleven characters of three octets each are still eleven. */
	struct secret *kana = secret_of("あいうえおかきくけこさ", 33);
	char path[200];

	assert_int_equal(
	    store_create(&f->params, weak, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_PASSPHRASE_WEAK);
	assert_int_equal(
	    store_create(&f->params, kana, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_PASSPHRASE_WEAK);
	assert_string_equal(err_find(&f->err, "limit"), "12");
	assert_false(store_exists(f->dir));

	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(
	    store_create(&f->params, f->secret, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_STORE_MODE);
	assert_int_equal(chmod(f->dir, 0700), 0);

	create(f);
	store_close(&f->store);
	assert_int_equal(
	    store_create(&f->params, f->secret, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_STORE_EXISTS);

	path_in(f, "keyring", path, sizeof path);
	f->params.dir = path;
	assert_int_equal(
	    store_create(&f->params, f->secret, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_STORE_DIR);
	secret_free(&weak);
	secret_free(&kana);
}

static void
refused_to_open(void **state)
{
	struct fixture *f = *state;
	char path[200];

	assert_int_equal(try_open(f), E_STORE_MISSING);
	assert_string_equal(err_find(&f->err, "path"), f->dir);
	create(f);
	store_close(&f->store);
	assert_int_equal(chmod(f->dir, 0705), 0);
	assert_int_equal(try_open(f), E_STORE_MODE);
	assert_int_equal(chmod(f->dir, 0700), 0);
	path_in(f, "keyring", path, sizeof path);
	assert_int_equal(rename(path, "/dev/null/no"), -1);
	copy_in(f, "keyring", "kept");
	unlink(path);
	assert_int_equal(try_open(f), E_KEYRING_READ);
	assert_string_equal(err_find(&f->err, "path"), path);
	assert_int_equal(truncate(path, 0), -1);
	copy_in(f, "kept", "keyring");
	assert_int_equal(truncate(path, 3391), 0);
	assert_int_equal(try_open(f), E_KEYRING_DAMAGED);
	copy_in(f, "kept", "keyring");
	assert_int_equal(try_open(f), E_NONE);
}

/* Whatever was given wrongly, nothing on disk has changed. */
static void
wrong_passphrase(void **state)
{
	struct fixture *f = *state;
	struct secret *right = f->secret;
	struct buf before = BUF_INIT, after = BUF_INIT;
	char path[200];

	create(f);
	assert_ok(add_list(f->store, "a", &f->err), &f->err);
	store_close(&f->store);
	path_in(f, "store.db", path, sizeof path);
	assert_ok(file_read(path, FILE_LIMIT, &before, &f->err), &f->err);
	f->secret = secret_of("wrong horse battery", 19);
	assert_int_equal(try_open(f), E_KEYRING_PASSPHRASE);
	assert_int_equal(
	    store_passphrase_check(f->dir, f->secret, &f->err), -1);
	assert_int_equal(f->err.code, E_KEYRING_PASSPHRASE);
	secret_free(&f->secret);
	f->secret = right;
	assert_ok(store_passphrase_check(f->dir, f->secret, &f->err), &f->err);
	assert_ok(file_read(path, FILE_LIMIT, &after, &f->err), &f->err);
	assert_true(span_equal(buf_span(&before), buf_span(&after)));
	assert_int_equal(try_open(f), E_NONE);
	buf_done(&before);
	buf_done(&after);
}

static void
demo_for_ever(void **state)
{
	struct fixture *f = *state;

	f->params.kind = STORE_DEMO;
	create(f);
	assert_true(store_is_demo(f->store));
	f->params.kind = STORE_REAL;
	reopen(f);
	assert_true(store_is_demo(f->store));
}

/* ---- One process ------------------------------------------------------- */

static void
opened_twice(void **state)
{
	struct fixture *f = *state;
	struct store *second = NULL;
	struct err err = {0};
	char pid[24];

	create(f);
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	assert_int_equal(store_open(&f->params, f->secret, &second, &err), -1);
	assert_int_equal(err.code, E_STORE_IN_USE);
	assert_string_equal(err_find(&err, "path"), f->dir);
	assert_string_equal(err_find(&err, "pid"), pid);
	assert_string_equal(err_find(&err, "user"), "hanako");
	assert_ok(add_list(f->store, "still works", &f->err), &f->err);
}

static void
opened_by_another_process(void **state)
{
	struct fixture *f = *state;
	int status = 0;
	pid_t pid;

	create(f);
	pid = fork();
	if (pid == 0) {
		struct store *second = NULL;
		struct err err = {0};

		store_open(&f->params, f->secret, &second, &err);
		_exit(err.code == E_STORE_IN_USE ? 42 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 42);
	reopen(f);
}

/* ---- Versions ---------------------------------------------------------- */

static void
newer_schema(void **state)
{
	struct fixture *f = *state;

	create(f);
	assert_ok(db_exec(f->store->writer, "PRAGMA user_version=99", &f->err),
	    &f->err);
	store_close(&f->store);
	assert_int_equal(try_open(f), E_STORE_VERSION);
	assert_string_equal(err_find(&f->err, "found"), "99");
}

static void
other_sqlite(struct keyring *keyring)
{
	memset(keyring->source, 0, sizeof keyring->source);
	memcpy(keyring->source, "2020 other", 10);
}

/* A new SQLite passes the self-test, is noted, and leaves no file behind. */
static void
updated_sqlite(void **state)
{
	struct fixture *f = *state;
	char seen[KEYRING_SOURCE + 1];
	int files;

	create(f);
	memcpy(seen, f->store->keyring.source, sizeof seen);
	assert_true(strlen(seen) > 20);
	store_close(&f->store);
	files = count_files(f->dir);
	edit_keyring(f, other_sqlite);
	assert_int_equal(try_open(f), E_NONE);
	assert_string_equal(f->store->keyring.source, seen);
	store_close(&f->store);
	assert_int_equal(count_files(f->dir), files);
}

static void
other_generation(struct keyring *keyring)
{
	keyring->generation += 1;
}

/* The keyring alone is moved on: the database is older than it says. */
static void
keyring_ahead(void **state)
{
	struct fixture *f = *state;

	create(f);
	store_close(&f->store);
	edit_keyring(f, other_generation);
	assert_int_equal(try_open(f), E_STORE_ROLLED_BACK);
}

/* Damage that only the MAC shows names its file. */
static void
forged_keyring(void **state)
{
	struct fixture *f = *state;
	struct buf octets = BUF_INIT;
	struct digest sum;
	char path[200];

	create(f);
	store_close(&f->store);
	path_in(f, "keyring", path, sizeof path);
	assert_ok(file_read(path, FILE_LIMIT, &octets, &f->err), &f->err);
	octets.ptr[39] ^= 1; /* the generation */
	crypt_sha256(span_make(octets.ptr, KEYRING_OCTETS - SHA256_LEN), &sum);
	memcpy(octets.ptr + KEYRING_OCTETS - SHA256_LEN, sum.bytes, SHA256_LEN);
	assert_ok(
	    file_replace(path, buf_span(&octets), 0600, &f->err), &f->err);
	assert_int_equal(try_open(f), E_KEYRING_DAMAGED);
	assert_string_equal(err_find(&f->err, "path"), path);
	assert_string_equal(err_find(&f->err, "why"), "mac");
	buf_done(&octets);
}

/* ---- Keys -------------------------------------------------------------- */

static void
sub_keys(void **state)
{
	struct fixture *f = *state;
	struct secret *kept[STORE_KEY_COUNT];

	create(f);
	for (int i = 0; i < STORE_KEY_COUNT; i++) {
		const struct secret *key =
		    store_key(f->store, (enum store_key)i);

		kept[i] = secret_of(key->bytes, key->len);
		assert_int_equal(key->len, KEY_LEN);
		assert_false(secret_equal(key, f->store->page_key));
		for (int j = 0; j < i; j++)
			assert_false(secret_equal(kept[i], kept[j]));
	}
	reopen(f);
	for (int i = 0; i < STORE_KEY_COUNT; i++) {
		assert_true(secret_equal(
		    kept[i], store_key(f->store, (enum store_key)i)));
		secret_free(&kept[i]);
	}
}

static void
raw_key(void **state)
{
	struct fixture *f = *state;
	struct buf key = BUF_INIT, salt = BUF_INIT, head = BUF_INIT;
	char path[200];

	create(f);
	assert_ok(store_raw_key(f->store, &key, &f->err), &f->err);
	assert_int_equal(key.len, 3 + 64 + 32);
	assert_true(span_starts(buf_span(&key), SPAN("x'")));
	assert_int_equal(key.ptr[key.len - 1], '\'');
	assert_int_equal(
	    number(f->store,
		"SELECT count(*) FROM audit WHERE what = 'store.key'"),
	    1);
	/* The last 32 digits are the salt that stands at the file's start. */
	path_in(f, "store.db", path, sizeof path);
	assert_ok(db_checkpoint(f->store->writer, &f->err), &f->err);
	assert_ok(file_read(path, FILE_LIMIT, &head, &f->err), &f->err);
	crypt_hex(&salt, span_slice(buf_span(&head), 0, 16));
	assert_true(
	    span_equal(span_slice(buf_span(&key), 66, 98), buf_span(&salt)));
	buf_wipe(&key);
	buf_done(&salt);
	buf_done(&head);
}

static void
passphrase_changed(void **state)
{
	struct fixture *f = *state;
	struct secret *fresh = secret_of("another long phrase", 19);
	struct secret *weak = secret_of("short", 5);

	create(f);
	reopen(f);
	assert_int_equal(
	    store_passphrase_change(f->store, fresh, fresh, &f->err), -1);
	assert_int_equal(f->err.code, E_KEYRING_PASSPHRASE);
	assert_int_equal(
	    store_passphrase_change(f->store, f->secret, weak, &f->err), -1);
	assert_int_equal(f->err.code, E_PASSPHRASE_WEAK);
	assert_ok(store_passphrase_change(f->store, f->secret, fresh, &f->err),
	    &f->err);
	/* The file that the old passphrase opens is gone. */
	assert_int_equal(size_of(f, "keyring.old"), -1);
	assert_int_equal(
	    number(f->store,
		"SELECT count(*) FROM audit WHERE what = 'keyring.passphrase'"),
	    1);
	store_close(&f->store);
	assert_int_equal(try_open(f), E_KEYRING_PASSPHRASE);
	secret_free(&f->secret);
	f->secret = fresh;
	assert_int_equal(try_open(f), E_NONE);
	secret_free(&weak);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(made_and_opened),
	    CASE(private_files),
	    CASE(refused_to_make),
	    CASE(refused_to_open),
	    CASE(wrong_passphrase),
	    CASE(demo_for_ever),
	    CASE(opened_twice),
	    CASE(opened_by_another_process),
	    CASE(newer_schema),
	    CASE(updated_sqlite),
	    CASE(keyring_ahead),
	    CASE(forged_keyring),
	    CASE(sub_keys),
	    CASE(raw_key),
	    CASE(passphrase_changed),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
