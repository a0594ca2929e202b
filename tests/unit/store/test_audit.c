/* The audit chain: what is added, what is read, and that nothing can be
 * changed, taken out or cut off unnoticed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/store/state.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { ENTRIES = 10 }; /* the first is store.create */

struct fixture {
	struct fake_clock clock;
	struct store *store;
	struct db *reader;
	struct err err;
};

static int
set_up(void **state)
{
	struct fixture *f = mem_new(sizeof *f);

	fake_clock_init(&f->clock);
	f->store = tempstore_open(&f->clock.base);
	for (int i = 2; i <= ENTRIES; i++) {
		char object[24];
		struct audit_event event = {
		    .what = "test.event",
		    .facts = SPAN("a=1 b=2"),
		};

		snprintf(object, sizeof object, "thing %d", i);
		event.object = span_of(object);
		fake_clock_move(&f->clock, 1000);
		if (audit_add(f->store, &event, &f->err) < 0)
			return -1;
	}
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
	free(f);
	return 0;
}

/* Changes the table as only the holder of the key could. */
static void
tamper(struct fixture *f, const char *sql)
{
	assert_ok(db_exec(f->store->writer, sql, &f->err), &f->err);
}

static enum err_code
verify(struct fixture *f)
{
	int64_t count = 0;

	f->err = (struct err){0};
	if (audit_verify(f->store, f->reader, &count, &f->err) == 0)
		assert_true(count > 0);
	return f->err.code;
}

/* ---- Reading ----------------------------------------------------------- */

struct seen {
	int count;
	int64_t last_seq;
	struct digest wanted; /* hash that the next older entry must have */
};

static void
check_entry(void *arg, const struct audit_entry *entry)
{
	struct seen *seen = arg;
	char object[24];

	if (seen->count++ > 0) {
		assert_int_equal(entry->seq, seen->last_seq - 1);
		assert_true(digest_equal(&entry->hash, &seen->wanted));
	}
	seen->last_seq = entry->seq;
	seen->wanted = entry->prev;
	assert_span_equal(entry->who, "tester");
	assert_span_equal(entry->origin, "test");
	if (entry->seq == 1) {
		assert_span_equal(entry->what, "store.create");
		assert_span_equal(
		    entry->facts, "generation=1 first_person=tester");
		return;
	}
	snprintf(object, sizeof object, "thing %d", (int)entry->seq);
	assert_span_equal(entry->object, object);
	assert_span_equal(entry->what, "test.event");
	assert_span_equal(entry->facts, "a=1 b=2");
}

static void
read_back(void **state)
{
	struct fixture *f = *state;
	struct seen seen = {0};

	assert_int_equal(
	    audit_read(f->reader, 0, 100, check_entry, &seen, &f->err),
	    ENTRIES);
	assert_int_equal(seen.last_seq, 1);
	seen = (struct seen){0};
	assert_int_equal(
	    audit_read(f->reader, 6, 3, check_entry, &seen, &f->err), 3);
	assert_int_equal(seen.last_seq, 3);
	assert_int_equal(
	    audit_read(f->reader, 1, 3, check_entry, &seen, &f->err), 0);
}

static void
whole_chain_fits(void **state)
{
	struct fixture *f = *state;
	int64_t count = 0;

	assert_ok(audit_verify(f->store, f->reader, &count, &f->err), &f->err);
	assert_int_equal(count, ENTRIES);
}

/* ---- Adding ------------------------------------------------------------ */

static void
refused_events(void **state)
{
	struct fixture *f = *state;
	char text[AUDIT_FACTS_MAX + 1];
	struct audit_event event = {.what = "test"};

	memset(text, 'x', sizeof text);
	event.facts = span_make(text, AUDIT_FACTS_MAX);
	assert_ok(audit_add(f->store, &event, &f->err), &f->err);
	event.facts = span_make(text, AUDIT_FACTS_MAX + 1);
	assert_int_equal(audit_add(f->store, &event, &f->err), -1);
	event.facts = SPAN("");
	event.object = span_make(text, 256);
	assert_int_equal(audit_add(f->store, &event, &f->err), -1);
	event.object = SPAN("");
	event.what = "";
	assert_int_equal(audit_add(f->store, &event, &f->err), -1);
	assert_int_equal(verify(f), E_NONE);
}

/* The deed and its entry are one: neither is there without the other. */
static void
rolled_back(void **state)
{
	struct fixture *f = *state;
	struct audit_event event = {.what = "test.undone"};
	struct db *db = NULL;
	int64_t count = 0;

	assert_ok(store_begin(f->store, STORE_WAIT_LONG, "test", &db, &f->err),
	    &f->err);
	assert_ok(audit_add_in(f->store, db, &event, &f->err), &f->err);
	store_rollback(f->store, &db);
	assert_ok(audit_verify(f->store, f->reader, &count, &f->err), &f->err);
	assert_int_equal(count, ENTRIES);
	assert_ok(audit_add(f->store, &event, &f->err), &f->err);
	assert_int_equal(verify(f), E_NONE);
}

/* ---- Tampering --------------------------------------------------------- */

static void
every_column_counts(void **state)
{
	static const char *const changes[] = {
	    "UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 5",
	    "UPDATE audit SET who = 'somebody' WHERE seq = 5",
	    "UPDATE audit SET origin = 'elsewhere' WHERE seq = 5",
	    "UPDATE audit SET what = 'test.other' WHERE seq = 5",
	    "UPDATE audit SET object = 'thing 6' WHERE seq = 5",
	    "UPDATE audit SET facts = 'a=1 b=3' WHERE seq = 5",
	    "UPDATE audit SET prev = zeroblob(32) WHERE seq = 5",
	    "UPDATE audit SET hash = zeroblob(32) WHERE seq = 5",
	    "UPDATE audit SET hash = x'00' WHERE seq = 5",
	    "UPDATE audit SET prev = x'' WHERE seq = 5",
	    /* Text moved from one column to its neighbour. */
	    "UPDATE audit SET what = 'test', object = '.eventthing 5'"
	    " WHERE seq = 5",
	    "DELETE FROM audit WHERE seq = 5",
	    "UPDATE audit SET seq = 99 WHERE seq = 5",
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		void *inner = NULL;
		struct fixture *f;

		assert_int_equal(set_up(&inner), 0);
		f = inner;
		tamper(f, changes[i]);
		if (verify(f) != E_AUDIT_CHAIN ||
		    strcmp(err_find(&f->err, "entry"), "5") != 0)
			fail_msg("%s: %s %s", changes[i], err_name(f->err.code),
			    err_find(&f->err, "entry"));
		tear_down(&inner);
	}
}

static void
exchanged_entries(void **state)
{
	struct fixture *f = *state;

	tamper(f, "UPDATE audit SET seq = 100 WHERE seq = 4;"
		  "UPDATE audit SET seq = 4 WHERE seq = 5;"
		  "UPDATE audit SET seq = 5 WHERE seq = 100");
	assert_int_equal(verify(f), E_AUDIT_CHAIN);
	assert_string_equal(err_find(&f->err, "entry"), "4");
}

/* Cut while the store is open: the session knows what it has committed. */
static void
cut_while_open(void **state)
{
	struct fixture *f = *state;

	tamper(f, "DELETE FROM audit WHERE seq > 8");
	assert_int_equal(verify(f), E_AUDIT_HEAD);
	assert_string_equal(err_find(&f->err, "seen"), "10");
	assert_string_equal(err_find(&f->err, "found"), "8");
}

static void
emptied(void **state)
{
	struct fixture *f = *state;

	tamper(f, "DELETE FROM audit");
	assert_int_equal(verify(f), E_AUDIT_HEAD);
}

/* Opens the store in a child that changes it and is killed: nothing is sealed
 * into the keyring on the way out. */
static void
tamper_closed(const char *dir, struct clock *clock, const char *sql)
{
	struct store_params params = {
	    .dir = dir, .user = "tester", .clock = clock};
	struct secret *secret =
	    secret_of(TEMPSTORE_PASSPHRASE, sizeof TEMPSTORE_PASSPHRASE - 1);
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct store *store = NULL;

		if (store_open(&params, secret, &store, NULL) < 0 ||
		    db_exec(store->writer, sql, NULL) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	secret_free(&secret);
}

static void
check_at_opening(struct fixture *f, const char *sql, enum err_code want)
{
	char *dir = mem_text(span_of(store_dir(f->store)));
	struct store_params params = {.dir = dir,
	    .user = "tester",
	    .origin = "test",
	    .clock = &f->clock.base};
	struct secret *secret =
	    secret_of(TEMPSTORE_PASSPHRASE, sizeof TEMPSTORE_PASSPHRASE - 1);

	store_reader_close(&f->reader);
	store_close(&f->store);
	tamper_closed(dir, &f->clock.base, sql);
	f->err = (struct err){0};
	store_open(&params, secret, &f->store, &f->err);
	if (f->err.code != want)
		fail_msg("%s: %s", sql, err_name(f->err.code));
	if (want != E_NONE)
		assert_ok(
		    store_open_restored(&params, secret, &f->store, &f->err),
		    &f->err);
	secret_free(&secret);
	free(dir);
}

/* Entry 11 is store.close, entry 12 store.open of the child, whose hash the
 * keyring knows. */
static void
cut_at_opening(void **state)
{
	check_at_opening(
	    *state, "DELETE FROM audit WHERE seq > 11", E_AUDIT_HEAD);
}

static void
head_changed_at_opening(void **state)
{
	check_at_opening(*state,
	    "UPDATE audit SET hash = zeroblob(32) WHERE seq = 12",
	    E_AUDIT_HEAD);
}

/* More than the keyring knows is what a kill leaves; it has to fit, though. */
static void
longer_at_opening(void **state)
{
	check_at_opening(*state, "SELECT 1", E_NONE);
}

static void
forged_tail_at_opening(void **state)
{
	struct fixture *f = *state;

	check_at_opening(f,
	    "DELETE FROM audit WHERE seq = 12;"
	    "INSERT INTO audit SELECT 12, at_ms, who, origin, what, object,"
	    " facts, prev, hash FROM audit WHERE seq = 11",
	    E_AUDIT_HEAD);
}

static void
restored_is_logged(void **state)
{
	struct fixture *f = *state;
	int64_t count = 0;

	check_at_opening(f, "DELETE FROM audit WHERE seq > 11", E_AUDIT_HEAD);
	assert_ok(db_number(f->store->writer,
		      "SELECT count(*) FROM audit"
		      " WHERE what = 'store.restored'",
		      &count, &f->err),
	    &f->err);
	assert_int_equal(count, 1);
}

static void
unknown_tail_at_opening(void **state)
{
	struct fixture *f = *state;
	char *dir = mem_text(span_of(store_dir(f->store)));
	struct store_params params = {
	    .dir = dir, .user = "tester", .clock = &f->clock.base};
	struct secret *secret =
	    secret_of(TEMPSTORE_PASSPHRASE, sizeof TEMPSTORE_PASSPHRASE - 1);

	store_reader_close(&f->reader);
	store_close(&f->store);
	tamper_closed(dir, &f->clock.base,
	    "INSERT INTO audit SELECT 13, at_ms, who, origin, what, object,"
	    " facts, hash, zeroblob(32) FROM audit WHERE seq = 12");
	assert_int_equal(store_open(&params, secret, &f->store, &f->err), -1);
	assert_int_equal(f->err.code, E_AUDIT_CHAIN);
	assert_string_equal(err_find(&f->err, "entry"), "13");
	tempdir_remove(&dir);
	f->store = tempstore_open(&f->clock.base);
	secret_free(&secret);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
	    CASE(read_back),
	    CASE(whole_chain_fits),
	    CASE(refused_events),
	    CASE(rolled_back),
	    cmocka_unit_test(every_column_counts),
	    CASE(exchanged_entries),
	    CASE(cut_while_open),
	    CASE(emptied),
	    CASE(cut_at_opening),
	    CASE(head_changed_at_opening),
	    CASE(longer_at_opening),
	    CASE(forged_tail_at_opening),
	    CASE(restored_is_logged),
	    CASE(unknown_tail_at_opening),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
