/* Canaries: registered, told whether they are on the list, forgotten. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/contacts/contacts.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

struct room {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	struct list_id list;
	struct err err;
};

static int
setup(void **state)
{
	struct room *room = mem_new(sizeof *room);

	fake_clock_init(&room->clock);
	room->store = tempstore_open(&room->clock.base);
	assert_ok(
	    store_reader_open(room->store, &room->db, &room->err), &room->err);
	assert_ok(
	    list_create(room->store, SPAN("Members"), &room->list, &room->err),
	    &room->err);
	*state = room;
	return 0;
}

static int
teardown(void **state)
{
	struct room *room = *state;

	store_reader_close(&room->db);
	tempstore_close(&room->store);
	free(room);
	return 0;
}

/* A contact on the list, as an import would leave it. */
static void
join(struct room *room, const char *address)
{
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	stmt = db_stmt(db,
	    "INSERT INTO contact(address, canon, created_ms, changed_ms)"
	    " VALUES(?1, ?1, 1, 1)",
	    &room->err);
	assert_non_null(stmt);
	stmt_text(stmt, 1, span_of(address));
	assert_ok(stmt_run(stmt, &room->err), &room->err);
	stmt = db_stmt(db,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(?1, last_insert_rowid(), 1, 1, 'x')",
	    &room->err);
	assert_non_null(stmt);
	stmt_int(stmt, 1, room->list.v);
	assert_ok(stmt_run(stmt, &room->err), &room->err);
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
}

static int
add(struct room *room, const char *address)
{
	return canary_add(
	    room->store, room->list, span_of(address), &room->err);
}

static size_t
read_all(struct room *room, struct canary **out)
{
	size_t count = 0;

	assert_ok(canary_all(room->store, room->db, room->list, out, &count,
		      &room->err),
	    &room->err);
	return count;
}

static void
says_who_is_on_the_list(void **state)
{
	struct room *room = *state;
	struct canary *all = NULL;

	join(room, "seed1@example.com");
	join(room, "seed2@example.com");
	assert_ok(add(room, " seed1@EXAMPLE.com "), &room->err);
	assert_ok(add(room, "seed2@example.com"), &room->err);
	assert_ok(add(room, "gone@example.com"), &room->err);
	assert_ok(
	    suppress_add(room->store, SPAN("seed2@example.com"),
		(struct list_id){0}, SUPPRESS_HAND, SPAN("x"), &room->err),
	    &room->err);
	assert_int_equal(read_all(room, &all), 3);
	assert_true(all[0].is_member && !all[0].is_stopped);
	assert_true(all[1].is_member && all[1].is_stopped);
	assert_true(!all[2].is_member && !all[2].is_stopped);
	assert_string_equal(all[2].address, "gone@example.com");
	free(all);
}

static void
refuses_what_it_cannot_keep(void **state)
{
	struct room *room = *state;
	char address[40];

	assert_int_equal(add(room, "no address"), -1);
	assert_int_equal(room->err.code, E_ADDRESS_SYNTAX);
	assert_ok(add(room, "a@example.com"), &room->err);
	assert_int_equal(add(room, "a@Example.COM"), -1);
	assert_int_equal(room->err.code, E_CANARY_TWICE);
	assert_int_equal(canary_add(room->store, (struct list_id){99},
			     SPAN("a@example.com"), &room->err),
	    -1);
	assert_int_equal(room->err.code, E_LIST_MISSING);
	for (int i = 1; i < CANARY_MAX; i++) {
		snprintf(address, sizeof address, "s%d@example.com", i);
		assert_ok(add(room, address), &room->err);
	}
	assert_int_equal(add(room, "more@example.com"), -1);
	assert_int_equal(room->err.code, E_CANARY_FULL);
}

static void
forgets_one_and_logs_without_addresses(void **state)
{
	struct room *room = *state;
	struct canary *all = NULL;
	int64_t id;

	assert_ok(add(room, "a@example.com"), &room->err);
	assert_ok(add(room, "b@example.com"), &room->err);
	read_all(room, &all);
	id = all[0].id;
	free(all);
	assert_ok(canary_remove(room->store, id, &room->err), &room->err);
	assert_int_equal(canary_remove(room->store, id, &room->err), -1);
	assert_int_equal(room->err.code, E_CANARY_MISSING);
	assert_int_equal(read_all(room, &all), 1);
	assert_string_equal(all[0].address, "b@example.com");
	free(all);
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM audit WHERE what IN"
			     " ('list.canary_add', 'list.canary_remove')"),
	    3);
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM audit WHERE"
			     " facts LIKE '%@%' OR object LIKE '%@%'"),
	    0);
	assert_ok(
	    list_delete(room->store, room->list, NULL, &room->err), &room->err);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM canary"), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(says_who_is_on_the_list),
	    TEST(refuses_what_it_cannot_keep),
	    TEST(forgets_one_and_logs_without_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
