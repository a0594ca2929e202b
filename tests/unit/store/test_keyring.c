/* The keyring file: what opens it, and that nothing else does. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/store/keyring.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { SUM_AT = KEYRING_OCTETS - SHA256_LEN, SLOT_AT = 256, SLOT_SIZE = 192 };

static struct secret *
phrase(const char *text)
{
	return secret_of(text, strlen(text));
}

static struct secret *
some_master(void)
{
	struct secret *master = secret_new(KEY_LEN);

	memset(master->bytes, 0x5a, master->len);
	return master;
}

static void
wrap(struct keyring *keyring, int at, const char *text,
    const struct secret *master)
{
	struct slot_plan plan = {SLOT_PASSPHRASE, "hanako", 10, 1234567890};
	struct secret *secret = phrase(text);
	struct err err = {0};

	assert_ok(keyring_wrap(keyring, at, &plan, secret, master, &err), &err);
	secret_free(&secret);
}

/* A keyring with one slot, "correct horse battery", as octets. */
static void
sample(struct buf *out)
{
	struct secret *master = some_master();
	struct keyring keyring;

	keyring_init(&keyring, STORE_DEMO);
	keyring.generation = 7;
	keyring.audit_seq = 12;
	memset(keyring.audit_hash.bytes, 3, SHA256_LEN);
	wrap(&keyring, 0, TEMPSTORE_PASSPHRASE, master);
	keyring_encode(&keyring, master, out);
	secret_free(&master);
}

/* Makes the checksum right again, as an attacker would. */
static void
reseal(struct buf *octets)
{
	struct digest sum;

	crypt_sha256(span_make(octets->ptr, SUM_AT), &sum);
	memcpy(octets->ptr + SUM_AT, sum.bytes, SHA256_LEN);
}

/* The code with which text opens the octets: E_NONE when it does. */
static enum err_code
try_open(struct span octets, const char *text)
{
	struct secret *secret = phrase(text), *master = NULL;
	struct err err = {0};
	struct keyring keyring;
	const char *why = NULL;
	int slot = -1;

	if (keyring_parse(octets, &keyring, &why) < 0)
		err.code = E_KEYRING_DAMAGED;
	else
		keyring_unlock(&keyring, secret, &master, &slot, &err);
	secret_free(&secret);
	secret_free(&master);
	return err.code;
}

static const char *
why_refused(struct span octets)
{
	struct keyring keyring;
	const char *why = NULL;

	return keyring_parse(octets, &keyring, &why) < 0 ? why : "";
}

static void
round_trip(void **state)
{
	struct buf octets = BUF_INIT, again = BUF_INIT;
	struct secret *secret = phrase(TEMPSTORE_PASSPHRASE);
	struct secret *master = NULL, *want = some_master();
	struct keyring keyring;
	struct err err = {0};
	const char *why;
	int slot = -1;

	(void)state;
	sample(&octets);
	assert_int_equal(octets.len, KEYRING_OCTETS);
	assert_int_equal(keyring_parse(buf_span(&octets), &keyring, &why), 0);
	assert_int_equal(keyring.flags, KEYRING_NEW | KEYRING_DEMO);
	assert_int_equal(keyring.generation, 7);
	assert_int_equal(keyring.audit_seq, 12);
	assert_string_equal(keyring.slot[0].user, "hanako");
	assert_int_equal(keyring.slot[0].log2_n, 10);
	assert_ok(keyring_unlock(&keyring, secret, &master, &slot, &err), &err);
	assert_int_equal(slot, 0);
	assert_true(secret_equal(master, want));
	keyring_encode(&keyring, master, &again);
	assert_true(span_equal(buf_span(&octets), buf_span(&again)));
	secret_free(&secret);
	secret_free(&master);
	secret_free(&want);
	buf_done(&octets);
	buf_done(&again);
}

/* The secret and the passphrase stand nowhere in the file. */
static void
nothing_in_clear(void **state)
{
	struct buf octets = BUF_INIT;
	struct secret *master = some_master();

	(void)state;
	sample(&octets);
	assert_int_equal(span_search(buf_span(&octets),
			     span_slice(secret_span(master), 0, 8)),
	    octets.len);
	assert_int_equal(
	    span_search(buf_span(&octets), SPAN("horse")), octets.len);
	secret_free(&master);
	buf_done(&octets);
}

static void
wrong_passphrase(void **state)
{
	static const char *const wrong[] = {"", "correct horse batter",
	    "correct horse battery ", "Correct horse battery"};
	struct buf octets = BUF_INIT;

	(void)state;
	sample(&octets);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(try_open(buf_span(&octets), wrong[i]),
		    E_KEYRING_PASSPHRASE);
	buf_done(&octets);
}

/* Accidental damage is told from a wrong passphrase, wherever it is. */
static void
every_octet_flipped(void **state)
{
	struct buf octets = BUF_INIT;

	(void)state;
	sample(&octets);
	for (size_t i = 0; i < KEYRING_OCTETS; i++) {
		octets.ptr[i] ^= 0x10;
		assert_string_not_equal(why_refused(buf_span(&octets)), "");
		octets.ptr[i] ^= 0x10;
	}
	assert_int_equal(
	    try_open(buf_span(&octets), TEMPSTORE_PASSPHRASE), E_NONE);
	buf_done(&octets);
}

/* And so is damage on purpose, with the checksum made right again. */
static void
every_octet_forged(void **state)
{
	struct buf octets = BUF_INIT;

	(void)state;
	sample(&octets);
	for (size_t i = 0; i < SUM_AT; i++) {
		enum err_code code;

		octets.ptr[i] ^= 0x01;
		reseal(&octets);
		code = try_open(buf_span(&octets), TEMPSTORE_PASSPHRASE);
		if (code != E_KEYRING_DAMAGED && code != E_KEYRING_PASSPHRASE)
			fail_msg("octet %zu: %s", i, err_name(code));
		octets.ptr[i] ^= 0x01;
	}
	buf_done(&octets);
}

static void
every_truncation(void **state)
{
	struct buf octets = BUF_INIT;

	(void)state;
	sample(&octets);
	for (size_t len = 0; len < KEYRING_OCTETS; len++)
		assert_string_not_equal(
		    why_refused(span_make(octets.ptr, len)), "");
	buf_char(&octets, 0);
	assert_string_equal(why_refused(buf_span(&octets)), "size");
	buf_done(&octets);
}

/* No file can ask for more memory or time than the limits say. */
static void
hostile_parameters(void **state)
{
	static const struct {
		const char *name;
		size_t at; /* low octet of the field */
		unsigned char value;
		const char *why;
	} cases[] = {
	    {"N 2^21", SLOT_AT + 11, 21, "cost"},
	    {"N 2^255", SLOT_AT + 11, 255, "cost"},
	    {"N 2^9", SLOT_AT + 11, 9, "cost"},
	    {"N 2^0", SLOT_AT + 11, 0, "cost"},
	    {"N high octet", SLOT_AT + 8, 1, "cost"},
	    {"r 9", SLOT_AT + 15, 9, "cost"},
	    {"r 0", SLOT_AT + 15, 0, "cost"},
	    {"r high octet", SLOT_AT + 12, 0x80, "cost"},
	    {"p 5", SLOT_AT + 19, 5, "cost"},
	    {"p 0", SLOT_AT + 19, 0, "cost"},
	    {"kind 3", SLOT_AT + 3, 3, "kind"},
	    {"kind high octet", SLOT_AT, 0xff, "kind"},
	    {"kdf none", SLOT_AT + 7, 0, "kdf"},
	    {"kdf 2", SLOT_AT + 7, 2, "kind"},
	    {"second slot", SLOT_AT + SLOT_SIZE + 3, 1, "kdf"},
	    {"version", 11, 2, "version"},
	    {"flags", 12, 1, "flags"},
	    {"generation below zero", 32, 0x80, "counter"},
	    {"audit below zero", 40, 0x80, "counter"},
	    {"page size", 194, 0x20, "page"},
	    {"slot count", 199, 17, "page"},
	    {"unused head octet", 255, 1, "padding"},
	    {"unused slot octet", SLOT_AT + 191, 1, "padding"},
	    {"text behind a user's NUL", SLOT_AT + 95, 'x', "padding"},
	    {"magic", 0, 's', "magic"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf octets = BUF_INIT;
		const char *why;

		sample(&octets);
		octets.ptr[cases[i].at] = (char)cases[i].value;
		reseal(&octets);
		why = why_refused(buf_span(&octets));
		if (strcmp(why, cases[i].why) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, why);
		buf_done(&octets);
	}
}

/* A slot opens only in its place, and the flags only as they were. */
static void
moved_and_unmarked(void **state)
{
	struct buf octets = BUF_INIT;

	(void)state;
	sample(&octets);
	memcpy(
	    octets.ptr + SLOT_AT + SLOT_SIZE, octets.ptr + SLOT_AT, SLOT_SIZE);
	memset(octets.ptr + SLOT_AT, 0, SLOT_SIZE);
	reseal(&octets);
	assert_int_equal(try_open(buf_span(&octets), TEMPSTORE_PASSPHRASE),
	    E_KEYRING_PASSPHRASE);
	buf_clear(&octets);
	sample(&octets);
	octets.ptr[15] = KEYRING_NEW; /* no longer a demo */
	reseal(&octets);
	assert_int_equal(try_open(buf_span(&octets), TEMPSTORE_PASSPHRASE),
	    E_KEYRING_DAMAGED);
	buf_done(&octets);
}

static void
all_slots(void **state)
{
	struct secret *master = some_master(), *found = NULL, *secret;
	struct slot_plan plan = {SLOT_PASSPHRASE, "x", 10, 0};
	struct buf octets = BUF_INIT;
	struct err err = {0};
	struct keyring keyring;
	const char *why;
	char text[] = "passphrase number A";
	int slot;

	(void)state;
	keyring_init(&keyring, STORE_REAL);
	for (int i = 0; i < KEYRING_SLOTS; i++) {
		text[sizeof text - 2] = (char)('A' + i);
		wrap(&keyring, i, text, master);
	}
	secret = phrase(text);
	assert_int_equal(
	    keyring_wrap(&keyring, KEYRING_SLOTS, &plan, secret, master, &err),
	    -1);
	assert_int_equal(err.code, E_KEYRING_FULL);
	keyring_encode(&keyring, master, &octets);
	assert_int_equal(keyring_parse(buf_span(&octets), &keyring, &why), 0);
	assert_ok(keyring_unlock(&keyring, secret, &found, &slot, &err), &err);
	assert_int_equal(slot, KEYRING_SLOTS - 1);
	assert_true(secret_equal(found, master));
	secret_free(&found);
	secret_free(&secret);
	secret_free(&master);
	buf_done(&octets);
}

/* A login name longer than the field is cut, not written past it. */
static void
long_user(void **state)
{
	char name[200];
	struct slot_plan plan = {SLOT_PASSPHRASE, name, 10, 0};
	struct secret *master = some_master();
	struct err err = {0};
	struct keyring keyring;

	(void)state;
	memset(name, 'u', sizeof name);
	name[sizeof name - 1] = '\0';
	keyring_init(&keyring, STORE_REAL);
	assert_ok(keyring_wrap(&keyring, 0, &plan, master, master, &err), &err);
	assert_int_equal(strlen(keyring.slot[0].user), KEYRING_USER);
	secret_free(&master);
}

/* ---- Files ------------------------------------------------------------- */

static mode_t
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_mode & 0777;
}

static void
written_and_kept(void **state)
{
	char *dir = tempdir_new();
	struct secret *master = some_master();
	struct buf path = BUF_INIT, old = BUF_INIT;
	struct err err = {0};
	struct keyring keyring, read;

	(void)state;
	buf_printf(&path, "%s/keyring", dir);
	buf_printf(&old, "%s/keyring.old", dir);
	keyring_init(&keyring, STORE_REAL);
	assert_ok(keyring_write(dir, &keyring, master, &err), &err);
	assert_int_equal(mode_of(path.ptr), 0600);
	assert_int_equal(mode_of(old.ptr), 0);
	keyring.generation = 9;
	assert_ok(keyring_write(dir, &keyring, master, &err), &err);
	assert_int_equal(mode_of(old.ptr), 0600);
	assert_ok(keyring_read(dir, &read, &err), &err);
	assert_int_equal(read.generation, 9);
	/* The version before is whole and can be put back. */
	assert_int_equal(rename(old.ptr, path.ptr), 0);
	assert_ok(keyring_read(dir, &read, &err), &err);
	assert_int_equal(read.generation, 0);
	assert_ok(keyring_write(dir, &keyring, master, &err), &err);
	keyring_forget_old(dir);
	assert_int_equal(mode_of(old.ptr), 0);
	secret_free(&master);
	buf_done(&path);
	buf_done(&old);
	tempdir_remove(&dir);
}

static void
refused_files(void **state)
{
	char *dir = tempdir_new();
	struct buf path = BUF_INIT, octets = BUF_INIT;
	struct err err = {0};
	struct keyring keyring;

	(void)state;
	buf_printf(&path, "%s/keyring", dir);
	assert_int_equal(keyring_read(dir, &keyring, &err), -1);
	assert_int_equal(err.code, E_KEYRING_READ);
	assert_string_equal(err_find(&err, "path"), path.ptr);
	sample(&octets);
	assert_ok(file_replace(path.ptr, buf_span(&octets), 0600, &err), &err);
	assert_ok(keyring_read(dir, &keyring, &err), &err);
	assert_int_equal(chmod(path.ptr, 0604), 0);
	assert_int_equal(keyring_read(dir, &keyring, &err), -1);
	assert_int_equal(err.code, E_STORE_MODE);
	buf_char(&octets, 'x');
	assert_ok(file_replace(path.ptr, buf_span(&octets), 0600, &err), &err);
	assert_int_equal(keyring_read(dir, &keyring, &err), -1);
	assert_int_equal(err.code, E_KEYRING_DAMAGED);
	assert_string_equal(err_find(&err, "why"), "size");
	assert_ok(file_replace(path.ptr, SPAN(""), 0600, &err), &err);
	assert_int_equal(keyring_read(dir, &keyring, &err), -1);
	assert_int_equal(err.code, E_KEYRING_DAMAGED);
	unlink(path.ptr);
	assert_int_equal(mkdir(path.ptr, 0700), 0);
	assert_int_equal(keyring_read(dir, &keyring, &err), -1);
	assert_int_equal(err.code, E_KEYRING_READ);
	buf_done(&path);
	buf_done(&octets);
	tempdir_remove(&dir);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(nothing_in_clear),
	    cmocka_unit_test(wrong_passphrase),
	    cmocka_unit_test(every_octet_flipped),
	    cmocka_unit_test(every_octet_forged),
	    cmocka_unit_test(every_truncation),
	    cmocka_unit_test(hostile_parameters),
	    cmocka_unit_test(moved_and_unmarked),
	    cmocka_unit_test(all_slots),
	    cmocka_unit_test(long_user),
	    cmocka_unit_test(written_and_kept),
	    cmocka_unit_test(refused_files),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
