/* The wrong file is imported over a good list, and taken back: people, values,
 * grounds and tags are what they were, whoever said no stays stopped, and what
 * was sealed on the list is void. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/import/import.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

enum { GOOD = 500, WRONG = 4000 };

struct office {
	struct fake_clock clock;
	struct store *store;
	struct list_id list;
	char *dir;
	struct buf path;
	struct err err;
};

static void
write_rows(struct office *office, const char *headers, int first, int count,
    const char *name)
{
	struct buf data = BUF_INIT;

	buf_printf(&data, "%s\n", headers);
	for (int i = first; i < first + count; i++)
		buf_printf(&data, "p%d@example.com,%s %d,%s\n", i, name, i,
		    i % 1000 == 999 ? "unsubscribed" : "");
	assert_ok(
	    file_replace(office->path.ptr, buf_span(&data), 0600, &office->err),
	    &office->err);
	buf_done(&data);
}

static struct import *
open_file(struct office *office)
{
	struct import *import = NULL;
	struct import_column *column;
	size_t count;

	assert_ok(import_open(office->path.ptr, NULL, &import, &office->err),
	    &office->err);
	column = import_columns(import, &count);
	assert_int_equal(count, 3);
	column[0].target = IMPORT_ADDRESS;
	column[1].target = IMPORT_NAME;
	column[2].target = IMPORT_STATE;
	return import;
}

static struct import_plan
plan_of(const struct office *office)
{
	return (struct import_plan){.list = office->list,
	    .basis = BASIS_CONSENT,
	    .basis_note = SPAN("form on the web site"),
	    .overrule = {IMPORT_GUARD_SORTED | IMPORT_GUARD_SHIFTED,
		SPAN("somebody was in a hurry")}};
}

static int64_t
store_file(struct office *office, struct import_counts *counts)
{
	struct import_plan plan = plan_of(office);
	struct import *import = open_file(office);
	int64_t id;

	fake_clock_move(&office->clock, 60000);
	assert_ok(
	    import_commit(import, office->store, &plan, counts, &office->err),
	    &office->err);
	fake_clock_move(&office->clock, 60000);
	id = import_id(import);
	import_close(&import);
	return id;
}

static void
takes_back_the_wrong_file(void **state)
{
	static const struct import_undo_plan wrong = {
	    .reason = {"that was last year's file", 25}};
	struct office office = {.dir = tempdir_new()};
	struct import_counts counts;
	struct import_undo undo;
	int64_t id, revision;

	(void)state;
	fake_clock_init(&office.clock);
	office.store = tempstore_open(&office.clock.base);
	buf_printf(&office.path, "%s/list.csv", office.dir);
	assert_ok(list_create(office.store, SPAN("Customers"), &office.list,
		      &office.err),
	    &office.err);
	write_rows(&office, "email,name,status", 0, GOOD, "Good");
	store_file(&office, &counts);
	assert_int_equal(counts.fresh, GOOD);

	/* Half of the good ones get other names. */
	write_rows(&office, "email,name,status", GOOD / 2, WRONG, "Wrong");
	id = store_file(&office, &counts);
	assert_int_equal(counts.read, WRONG);
	assert_int_equal(counts.changed, GOOD / 2);
	assert_int_equal(counts.suppressed, 4);
	assert_int_equal(counts.fresh, WRONG - GOOD / 2 - 4);
	revision = tempstore_number(office.store, "SELECT revision FROM list");
	assert_ok(import_undo_check(office.store, id, &undo, &office.err),
	    &office.err);
	assert_int_equal(undo.left, counts.fresh);
	assert_ok(import_undo(office.store, id, &wrong, &undo, &office.err),
	    &office.err);
	assert_int_equal(undo.left, counts.fresh);
	assert_int_equal(undo.deleted, counts.fresh);
	assert_int_equal(undo.restored, GOOD / 2);
	assert_int_equal(undo.kept, 0);
	assert_int_equal(undo.stops, 4);
	assert_int_equal(
	    tempstore_number(office.store, "SELECT count(*) FROM member"),
	    GOOD);
	assert_int_equal(tempstore_number(office.store,
			     "SELECT count(*) FROM contact WHERE name LIKE"
			     " 'Good %'"),
	    GOOD);
	assert_int_equal(
	    tempstore_number(office.store, "SELECT count(*) FROM suppression"),
	    4);
	assert_int_equal(
	    tempstore_number(office.store, "SELECT revision FROM list"),
	    revision + 1);
	assert_ok(store_verify(office.store, &office.err), &office.err);

	/* The right file still comes in, and whoever said no stays away. */
	store_file(&office, &counts);
	assert_int_equal(counts.suppressed, 4);
	tempstore_close(&office.store);
	tempdir_remove(&office.dir);
	buf_done(&office.path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_back_the_wrong_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
