/* Keys of approvers: files that stock openssl opens, signatures that it
 * verifies, and everything that is refused. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/file.h"
#include "tests/fake/tempstore.h"

struct place {
	char *dir;
	char path[300];
	struct secret *passphrase;
};

static void
place_open(struct place *place)
{
	place->dir = tempdir_new();
	snprintf(place->path, sizeof place->path, "%s/keys/approver.key",
	    place->dir);
	place->passphrase = secret_of("maple staple battery", 20);
}

static void
place_close(struct place *place)
{
	secret_free(&place->passphrase);
	tempdir_remove(&place->dir);
}

static void
put(const char *path, struct span data)
{
	struct err err = {0};

	assert_ok(file_replace(path, data, 0600, &err), &err);
}

/* Runs a command of the manual in the folder; its exit status. */
static int
shell(const struct place *place, const char *command)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (chdir(place->dir) < 0)
			_exit(126);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
a_key_signs(void **state)
{
	struct place place;
	struct signer *signer = NULL;
	struct ed25519_public made, read, open;
	struct ed25519_signature signature;
	struct stat st;
	struct err err = {0};

	(void)state;
	place_open(&place);
	assert_ok(signer_make(place.path, place.passphrase, &made, &err), &err);
	assert_int_equal(stat(place.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_ok(signer_read_public(place.path, &read, &err), &err);
	assert_memory_equal(&read, &made, sizeof made);
	assert_ok(
	    signer_open(place.path, place.passphrase, &signer, &err), &err);
	signer_public(signer, &open);
	assert_memory_equal(&open, &made, sizeof made);
	signer_sign(signer, SPAN("a text\n"), &signature);
	assert_true(ed25519_verify(&made, SPAN("a text\n"), &signature));
	assert_false(ed25519_verify(&made, SPAN("a text"), &signature));
	signer_free(&signer);
	place_close(&place);
}

/* What docs/approval.md promises of the file. */
static void
stock_openssl_opens_it(void **state)
{
	struct place place;
	struct signer *signer = NULL;
	struct ed25519_public key;
	struct ed25519_signature signature;
	char print[FINGERPRINT_TEXT + 1], path[300];
	struct buf pem = BUF_INIT, sum = BUF_INIT;
	struct err err = {0};
	size_t at = 0;

	(void)state;
	place_open(&place);
	assert_ok(signer_make(place.path, place.passphrase, &key, &err), &err);
	assert_ok(
	    signer_open(place.path, place.passphrase, &signer, &err), &err);
	signer_sign(signer, SPAN("statement\n"), &signature);
	ed25519_pem(&key, &pem);
	snprintf(path, sizeof path, "%s/jiro.pem", place.dir);
	put(path, buf_span(&pem));
	snprintf(path, sizeof path, "%s/approval.txt", place.dir);
	put(path, SPAN("statement\n"));
	snprintf(path, sizeof path, "%s/approval.sig", place.dir);
	put(path, span_make(signature.bytes, sizeof signature.bytes));
	assert_int_equal(
	    shell(&place, "openssl pkeyutl -verify -pubin -inkey jiro.pem"
			  " -rawin -in approval.txt -sigfile approval.sig"
			  " >/dev/null"),
	    0);
	assert_int_equal(
	    shell(&place, "openssl pkey -in keys/approver.key"
			  " -passin pass:'maple staple battery' -pubout"
			  " | cmp - jiro.pem"),
	    0);
	assert_int_not_equal(
	    shell(&place, "openssl pkey -in keys/approver.key"
			  " -passin pass:other -noout 2>/dev/null"),
	    0);
	assert_int_equal(
	    shell(&place, "openssl pkey -pubin -in jiro.pem -outform DER"
			  " | sha256sum >sum"),
	    0);
	snprintf(path, sizeof path, "%s/sum", place.dir);
	assert_ok(file_read(path, 1000, &sum, &err), &err);
	signer_fingerprint(&key, print);
	for (const char *c = print; *c; c++) {
		if (*c != ' ')
			assert_int_equal(*c, sum.ptr[at++]);
	}
	assert_int_equal(at, 64);
	signer_free(&signer);
	buf_done(&pem);
	buf_done(&sum);
	place_close(&place);
}

static enum err_code
opens(const struct place *place, const struct secret *passphrase)
{
	struct signer *signer = NULL;
	struct err err = {0};
	int rc = signer_open(place->path, passphrase, &signer, &err);

	signer_free(&signer);
	return rc == 0 ? E_NONE : err.code;
}

static void
refuses_what_is_not_ours_alone(void **state)
{
	static const char *const files[] = {"", "-----BEGIN PRIVATE KEY-----\n",
	    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
	    "-----END ENCRYPTED PRIVATE KEY-----\n"};
	static const enum err_code codes[] = {
	    E_SIGNER_KEY, E_SIGNER_KEY, E_SIGNER_PASSPHRASE};
	struct place place;
	struct secret *wrong = secret_of("battery staple maple", 20);
	struct secret *weak = secret_of("short", 5);
	struct ed25519_public key;
	struct err err = {0};

	(void)state;
	place_open(&place);
	assert_int_equal(opens(&place, place.passphrase), E_SIGNER_MISSING);
	assert_int_equal(signer_make(place.path, weak, &key, &err), -1);
	assert_int_equal(err.code, E_PASSPHRASE_WEAK);
	assert_ok(signer_make(place.path, place.passphrase, &key, &err), &err);
	assert_int_equal(
	    signer_make(place.path, place.passphrase, &key, &err), -1);
	assert_int_equal(err.code, E_SIGNER_EXISTS);
	assert_int_equal(opens(&place, wrong), E_SIGNER_PASSPHRASE);
	assert_int_equal(chmod(place.path, 0640), 0);
	assert_int_equal(opens(&place, place.passphrase), E_SIGNER_MODE);
	assert_int_equal(chmod(place.path, 0600), 0);
	assert_int_equal(opens(&place, place.passphrase), E_NONE);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		put(place.path, span_of(files[i]));
		assert_int_equal(opens(&place, place.passphrase), codes[i]);
	}
	secret_free(&wrong);
	secret_free(&weak);
	place_close(&place);
}

/* Another kind of key, however well it is kept. */
static void
refuses_other_kinds(void **state)
{
	struct place place;
	struct ed25519_public key;
	struct buf pem = BUF_INIT;
	struct err err = {0};

	(void)state;
	place_open(&place);
	assert_int_equal(
	    shell(&place, "umask 077 && mkdir keys &&"
			  " openssl genpkey -quiet -algorithm X25519 -out raw"
			  " 2>/dev/null || openssl genpkey -algorithm X25519"
			  " -out raw; openssl pkcs8 -topk8 -in raw -out"
			  " keys/approver.key"
			  " -passout pass:'maple staple battery' &&"
			  " openssl pkey -in raw -pubout -out raw.pem"),
	    0);
	assert_int_equal(opens(&place, place.passphrase), E_SIGNER_KEY);
	snprintf(place.path, sizeof place.path, "%s/raw.pem", place.dir);
	assert_ok(file_read(place.path, 10000, &pem, &err), &err);
	assert_false(ed25519_pem_read(buf_span(&pem), &key));
	buf_done(&pem);
	place_close(&place);
}

/* ---- The register --------------------------------------------------------------- */

static void
key_of(unsigned char first, struct ed25519_public *out)
{
	struct digest digest;

	crypt_sha256(span_make(&first, 1), &digest);
	memcpy(out->bytes, digest.bytes, ED25519_KEY_LEN);
}

static void
last_digits(const struct ed25519_public *key, char out[10])
{
	char print[FINGERPRINT_TEXT + 1];

	signer_fingerprint(key, print);
	memcpy(out, print + FINGERPRINT_TEXT - 9, 10);
}

static enum err_code
found(struct store *store, uid_t uid)
{
	struct approver_key key;
	struct db *db = NULL;
	struct err err = {0};
	int rc;

	assert_ok(store_reader_open(store, &db, &err), &err);
	rc = approver_find(store, db, "jiro", uid, &key, &err);
	store_reader_close(&db);
	return rc == 0 ? E_NONE : err.code;
}

static int64_t
first_id(struct store *store)
{
	struct approver_key *all = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0;
	int64_t id;

	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_ok(approver_all(store, db, &all, &count, &err), &err);
	assert_true(count > 0);
	id = all[0].id;
	free(all);
	store_reader_close(&db);
	return id;
}

static void
sql(struct store *store, const char *text)
{
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_begin(store, STORE_WAIT_LONG, "test", &db, &err), &err);
	assert_ok(stmt_run(db_stmt(db, text, &err), &err), &err);
	assert_ok(store_commit(store, &db, &err), &err);
}

static void
a_key_is_asked_for_and_confirmed(void **state)
{
	struct store *store = tempstore_open(clock_real());
	struct ed25519_public key, other;
	struct err err = {0};
	char digits[10];

	(void)state;
	key_of('a', &key);
	key_of('b', &other);
	assert_int_equal(found(store, 1002), E_APPROVER_KEY);
	assert_ok(approver_ask(store, "jiro", 1002, &other, &err), &err);
	assert_ok(approver_ask(store, "jiro", 1002, &key, &err), &err);
	assert_int_equal(found(store, 1002), E_APPROVER_KEY);
	last_digits(&other, digits);
	assert_int_equal(
	    approver_confirm(store, first_id(store), span_of(digits), &err),
	    -1);
	assert_string_equal(err_find(&err, "why"), "digits");
	last_digits(&key, digits);
	assert_ok(
	    approver_confirm(store, first_id(store), span_of(digits), &err),
	    &err);
	assert_int_equal(found(store, 1002), E_NONE);
	assert_int_equal(found(store, 1003), E_APPROVER_KEY);
	assert_int_equal(approver_ask(store, "saburo", 1005, &key, &err), -1);
	assert_string_equal(err_find(&err, "why"), "taken");
	/* a newer key takes the place of the older one */
	assert_ok(approver_ask(store, "jiro", 1002, &other, &err), &err);
	assert_int_equal(found(store, 1002), E_NONE);
	last_digits(&other, digits);
	assert_ok(
	    approver_confirm(store, first_id(store), span_of(digits), &err),
	    &err);
	assert_int_equal(found(store, 1002), E_NONE);
	assert_ok(approver_revoke(store, first_id(store), &err), &err);
	assert_int_equal(found(store, 1002), E_APPROVER_KEY);
	assert_int_equal(approver_revoke(store, first_id(store), &err), -1);
	tempstore_close(&store);
}

/* Somebody who has the store open with another program. */
static void
a_key_put_in_from_outside_is_none(void **state)
{
	struct store *store = tempstore_open(clock_real());
	struct ed25519_public key;
	struct err err = {0};
	char digits[10];

	(void)state;
	key_of('a', &key);
	last_digits(&key, digits);
	assert_ok(approver_ask(store, "jiro", 1002, &key, &err), &err);
	sql(store, "UPDATE approver_key SET state = 1");
	assert_int_equal(found(store, 1002), E_APPROVER_KEY);
	sql(store, "UPDATE approver_key SET state = 0");
	assert_ok(
	    approver_confirm(store, first_id(store), span_of(digits), &err),
	    &err);
	assert_int_equal(found(store, 1002), E_NONE);
	sql(store, "UPDATE approver_key SET uid = 1003");
	assert_int_equal(found(store, 1003), E_APPROVER_KEY);
	sql(store, "UPDATE approver_key SET uid = 1002, key = zeroblob(32)");
	assert_int_equal(found(store, 1002), E_APPROVER_KEY);
	tempstore_close(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_signs),
	    cmocka_unit_test(stock_openssl_opens_it),
	    cmocka_unit_test(refuses_what_is_not_ours_alone),
	    cmocka_unit_test(refuses_other_kinds),
	    cmocka_unit_test(a_key_is_asked_for_and_confirmed),
	    cmocka_unit_test(a_key_put_in_from_outside_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
