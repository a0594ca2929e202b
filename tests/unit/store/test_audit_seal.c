/* Head seals: what a line is, that stock openssl verifies it, and that a log of
 * ten thousand entries that was changed, cut or put back is found, with the
 * number of the entry. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/state.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { ENTRIES = 10000 };

struct fixture {
	struct fake_clock clock;
	struct store *store;
	struct db *reader;
	char *dir, *path; /* of the file of head seals */
	struct err err;
	struct audit_seen seen;
};

static void
add_entries(struct fixture *f, int count)
{
	struct db *db = NULL;

	assert_ok(store_begin(f->store, STORE_WAIT_LONG, "test", &db, &f->err),
	    &f->err);
	for (int i = 0; i < count; i++)
		assert_ok(audit_add_in(f->store, db,
			      &(struct audit_event){.what = "test.event",
				  .object = SPAN("thing"),
				  .facts = SPAN("a=1 b=2")},
			      &f->err),
		    &f->err);
	assert_ok(store_commit(f->store, &db, &f->err), &f->err);
}

static void
seal_now(struct fixture *f)
{
	fake_clock_move(&f->clock, 1000);
	assert_ok(audit_seal(f->store, f->path, NULL, &f->err), &f->err);
}

/* The first entry is store.create; heads are sealed at 1, 5000 and 10000, so
 * that entries 2, 5001 and 10001 are the seals'. */
static int
set_up(void **state)
{
	struct fixture *f = mem_new(sizeof *f);
	struct buf path = BUF_INIT;

	fake_clock_init(&f->clock);
	f->store = tempstore_open(&f->clock.base);
	f->dir = tempdir_new();
	buf_printf(&path, "%s/audit.seals", f->dir);
	f->path = path.ptr;
	seal_now(f);
	add_entries(f, 4998);
	seal_now(f);
	add_entries(f, ENTRIES - 5001);
	seal_now(f);
	if (store_reader_open(f->store, &f->reader, &f->err) < 0)
		return -1;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_reader_close(&f->reader);
	tempstore_close(&f->store);
	tempdir_remove(&f->dir);
	free(f->path);
	free(f);
	return 0;
}

static enum err_code
check(struct fixture *f)
{
	f->err = (struct err){0};
	audit_check(f->store, f->reader, f->path, NULL, &f->seen, &f->err);
	return f->err.code;
}

static void
tamper(struct fixture *f, const char *sql)
{
	assert_ok(db_exec(f->store->writer, sql, &f->err), &f->err);
}

static void
read_file(struct fixture *f, struct buf *out)
{
	assert_ok(file_read(f->path, SEALS_MAX, out, &f->err), &f->err);
}

static void
write_file(struct fixture *f, struct span text)
{
	assert_ok(file_replace(f->path, text, 0600, &f->err), &f->err);
}

static void
whole(void **state)
{
	struct fixture *f = *state;
	struct audit_watch watch = {.cancel = NULL};
	struct stat st;

	assert_ok(audit_check(
		      f->store, f->reader, f->path, &watch, &f->seen, &f->err),
	    &f->err);
	assert_int_equal(f->seen.entries, ENTRIES + 1);
	assert_int_equal(f->seen.lines, 3);
	assert_int_equal(f->seen.sealed_seq, ENTRIES);
	assert_int_equal(f->seen.sealed_ms, clock_now_ms(&f->clock.base));
	assert_int_equal(atomic_load(&watch.total), ENTRIES + 1);
	assert_int_equal(atomic_load(&watch.done), ENTRIES + 1);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
stopped(void **state)
{
	struct fixture *f = *state;
	atomic_bool cancel = true;
	struct audit_watch watch = {.cancel = &cancel};

	assert_int_equal(audit_check(f->store, f->reader, f->path, &watch,
			     &f->seen, &f->err),
	    -1);
	assert_int_equal(f->err.code, E_CANCELLED);
	assert_true(atomic_load(&watch.done) < ENTRIES);
}

/* ---- The log ------------------------------------------------------------------ */

struct wrong {
	const char *sql;
	enum err_code code;
	const char *entry, *why;
};

static const struct wrong wrongs[] = {
    {"UPDATE audit SET facts = 'a=1 b=3' WHERE seq = 4321", E_AUDIT_CHAIN,
	"4321", "changed"},
    {"UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 2", E_AUDIT_CHAIN, "2",
	"changed"},
    {"UPDATE audit SET who = 'nobody' WHERE seq = 10001", E_AUDIT_CHAIN,
	"10001", "changed"},
    {"DELETE FROM audit WHERE seq = 7777", E_AUDIT_CHAIN, "7777", "missing"},
    {"DELETE FROM audit WHERE seq = 1", E_AUDIT_CHAIN, "1", "missing"},
    {"DELETE FROM audit WHERE seq BETWEEN 300 AND 9000", E_AUDIT_CHAIN, "300",
	"missing"},
    /* Taken out and the rest moved up. */
    {"DELETE FROM audit WHERE seq = 600;"
     "UPDATE audit SET seq = -seq WHERE seq > 600;"
     "UPDATE audit SET seq = -seq - 1 WHERE seq < 0",
	E_AUDIT_CHAIN, "600", "changed"},
    /* Two that changed places. */
    {"UPDATE audit SET seq = -1 WHERE seq = 88;"
     "UPDATE audit SET seq = 88 WHERE seq = 89;"
     "UPDATE audit SET seq = 89 WHERE seq = -1",
	E_AUDIT_CHAIN, "88", "changed"},
    /* One too many, in the middle and at the end. */
    {"UPDATE audit SET seq = -seq WHERE seq >= 500;"
     "UPDATE audit SET seq = 1 - seq WHERE seq < 0;"
     "INSERT INTO audit SELECT 500, at_ms, who, origin, what, object, facts,"
     " prev, hash FROM audit WHERE seq = 499",
	E_AUDIT_CHAIN, "500", "changed"},
    {"INSERT INTO audit SELECT 10002, at_ms, who, origin, what, object, facts,"
     " hash, zeroblob(32) FROM audit WHERE seq = 10001",
	E_AUDIT_CHAIN, "10002", "changed"},
    {"DELETE FROM audit WHERE seq > 9990", E_AUDIT_SEALED, "10000", ""},
    {"DELETE FROM audit WHERE seq > 10000", E_AUDIT_HEAD, "", ""},
    {"DELETE FROM audit", E_AUDIT_SEALED, "1", ""},
};

static void
changed_logs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		const struct wrong *wrong = &wrongs[i];
		void *inner = NULL;
		struct fixture *f;

		assert_int_equal(set_up(&inner), 0);
		f = inner;
		tamper(f, wrong->sql);
		if (check(f) != wrong->code ||
		    strcmp(err_find(&f->err, "entry"), wrong->entry) != 0 ||
		    strcmp(err_find(&f->err, "why"), wrong->why) != 0)
			fail_msg("%s: %s %s %s", wrong->sql,
			    err_name(f->err.code), err_find(&f->err, "entry"),
			    err_find(&f->err, "why"));
		tear_down(&inner);
	}
}

/* Somebody with the store's own key cuts the end and writes another one that
 * fits: only what was kept elsewhere tells. */
static void
rewritten_with_the_key(void **state)
{
	struct fixture *f = *state;
	struct audit_head *head = &f->store->head;

	tamper(f, "DELETE FROM audit WHERE seq > 9000");
	assert_ok(audit_head_read(f->store->writer, head, &f->err), &f->err);
	assert_int_equal(head->seq, 9000);
	f->store->keyring.audit_seq = head->seq;
	f->store->keyring.audit_hash = head->hash;
	add_entries(f, 2000);
	assert_int_equal(
	    audit_verify(f->store, f->reader, &f->seen.entries, &f->err), 0);
	assert_int_equal(check(f), E_AUDIT_SEALED);
	assert_string_equal(err_find(&f->err, "entry"), "10000");
	assert_string_equal(err_find(&f->err, "line"), "3");
}

/* ---- The file ------------------------------------------------------------------ */

static void
other_peoples_lines(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_INIT, more = BUF_INIT;

	read_file(f, &text);
	buf_text(&more, "# seals of all our stores\n\nsekisho-head store=00\n");
	buf_add(&more, buf_span(&text));
	buf_text(&more, "sekisho-head store=0123456789abcdef seq=4 hash=00 "
			"at=2026 sig=x\n");
	write_file(f, buf_span(&more));
	assert_int_equal(check(f), E_NONE);
	assert_int_equal(f->seen.lines, 3);
	buf_done(&text);
	buf_done(&more);
}

/* Each octet of a line counts, but for the name of the store, which makes it
 * another's: then the log misses it. */
static void
changed_lines(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_INIT;
	size_t last;

	read_file(f, &text);
	for (last = text.len - 1; text.ptr[last - 1] != '\n';)
		last--;
	for (size_t i = last; i < text.len - 1; i += 7) {
		text.ptr[i] ^= 1;
		write_file(f, buf_span(&text));
		check(f);
		if (f->err.code != E_AUDIT_LINE && f->err.code != E_AUDIT_SEALS)
			fail_msg("octet %zu: %s", i, err_name(f->err.code));
		if (f->err.code == E_AUDIT_LINE)
			assert_string_equal(err_find(&f->err, "line"), "3");
		text.ptr[i] ^= 1;
	}
	write_file(f, buf_span(&text));
	assert_int_equal(check(f), E_NONE);
	buf_done(&text);
}

static void
file_gone(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_INIT;

	read_file(f, &text);
	write_file(f, span_slice(buf_span(&text), 0, text.len / 2));
	assert_int_equal(check(f), E_AUDIT_LINE);
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(check(f), E_AUDIT_SEALS);
	assert_string_equal(err_find(&f->err, "entry"), "10000");
	buf_done(&text);
}

static void
no_place_for_the_file(void **state)
{
	struct fixture *f = *state;
	struct buf path = BUF_INIT;
	int64_t before = f->store->head.seq;

	buf_printf(&path, "%s/link", f->dir);
	assert_int_equal(symlink(f->path, path.ptr), 0);
	assert_int_equal(audit_seal(f->store, path.ptr, NULL, &f->err), -1);
	assert_int_equal(f->err.code, E_FILE_OPEN);
	assert_int_equal(audit_seal(f->store, f->dir, NULL, &f->err), -1);
	assert_int_equal(audit_seal(f->store, "/nowhere/x", NULL, &f->err), -1);
	assert_int_equal(f->store->head.seq, before);
	buf_done(&path);
}

/* ---- Outside ------------------------------------------------------------------- */

/* Puts another text of the same length where the first one stands. */
static void
write_changed(struct fixture *f, const char *from, const char *to)
{
	struct buf text = BUF_INIT;
	size_t at;

	read_file(f, &text);
	at = span_search(buf_span(&text), span_of(from));
	assert_true(at < text.len);
	memcpy(text.ptr + at, to, strlen(to));
	write_file(f, buf_span(&text));
	buf_done(&text);
}

/* The commands of docs/audit.md. */
static void
stock_openssl(void **state)
{
	struct fixture *f = *state;
	struct ed25519_public key;
	struct buf pem = BUF_INIT, path = BUF_INIT, command = BUF_INIT;

	store_signer(f->store, &key);
	ed25519_pem(&key, &pem);
	buf_printf(&path, "%s/store.pem", f->dir);
	assert_ok(
	    file_replace(path.ptr, buf_span(&pem), 0600, &f->err), &f->err);
	buf_printf(&command,
	    "cd %s && while read -r line; do"
	    " printf '%%s' \"${line%%%% sig=*}\" > text;"
	    " printf '%%s' \"${line##* sig=}\" | base64 -d > sig;"
	    " openssl pkeyutl -verify -pubin -inkey store.pem -rawin -in text"
	    " -sigfile sig > /dev/null || exit 1; done < audit.seals",
	    f->dir);
	assert_int_equal(system(command.ptr), 0);
	write_changed(f, "seq=5000", "seq=5001");
	assert_int_not_equal(system(command.ptr), 0);
	buf_done(&pem);
	buf_done(&path);
	buf_done(&command);
}

static void
facts(void **state)
{
	struct buf text = BUF_INIT, value = BUF_INIT;
	static const struct {
		const char *name, *value, *facts;
	} rows[] = {
	    {"rows", "12", "rows=12"},
	    {"path", "/home/a b/\"x\".csv",
		"rows=12 path=\"/home/a b/\\\"x\\\".csv\""},
	    {"purpose", "問い合わせ",
		"rows=12 path=\"/home/a b/\\\"x\\\".csv\" purpose=問い合わせ"},
	    {"none", "", NULL},
	    {"lines", "a?b=c", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		audit_fact(&text, rows[i].name,
		    strcmp(rows[i].name, "lines") != 0 ? span_of(rows[i].value)
						       : SPAN("a\nb=c"));
		if (rows[i].facts)
			assert_string_equal(text.ptr, rows[i].facts);
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_clear(&value);
		assert_true(
		    audit_fact_find(buf_span(&text), rows[i].name, &value));
		assert_span_equal(buf_span(&value), rows[i].value);
	}
	assert_false(audit_fact_find(buf_span(&text), "b", &value));
	assert_false(audit_fact_find(SPAN("word x=1"), "word", &value));
	assert_true(audit_fact_find(SPAN("word x=1"), "x", &value));
	buf_done(&text);
	buf_done(&value);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
	    CASE(whole),
	    CASE(stopped),
	    cmocka_unit_test(changed_logs),
	    CASE(rewritten_with_the_key),
	    CASE(other_peoples_lines),
	    CASE(changed_lines),
	    CASE(file_gone),
	    CASE(no_place_for_the_file),
	    CASE(stock_openssl),
	    cmocka_unit_test(facts),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
