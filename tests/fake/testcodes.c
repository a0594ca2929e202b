/* See testcodes.h. */
#include "tests/fake/testcodes.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/review/testcode.h"

static void
must(int rc, const char *what, const struct err *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "test codes: %s: %s %s=%s\n", what, err_name(err->code),
	    err->fact[0].name, err->fact[0].value);
	abort();
}

int64_t
testcodes_staff(struct store *store)
{
	struct staff *all = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0;
	int64_t id;

	must(store_reader_open(store, &db, &err), "reader", &err);
	must(staff_all(db, &all, &count, &err), "staff_all", &err);
	store_reader_close(&db);
	id = count ? all[0].id : 0;
	free(all);
	if (id)
		return id;
	must(staff_add(store, SPAN("staff@example.jp"), SPAN("Staff"), &err),
	    "staff_add", &err);
	return testcodes_staff(store);
}

void
testcodes_read(
    struct store *store, struct campaign_id campaign, char out[TESTCODES_ROOM])
{
	char text[TEST_CODE_LEN + 1], html[TEST_CODE_LEN + 1];
	struct test_seed seed;
	struct db *db = NULL;
	struct err err = {0};
	int got;

	must(store_reader_open(store, &db, &err), "reader", &err);
	got = test_seed_read(db, campaign, &seed, &err);
	must(got == 1 ? 0 : -1, "test_seed_read", &err);
	store_reader_close(&db);
	test_code(store, &seed, TEST_PART_TEXT, text);
	test_code(store, &seed, TEST_PART_HTML, html);
	snprintf(out, TESTCODES_ROOM, "%s %s", text, html);
}

void
testcodes_make(struct store *store, struct world *world,
    struct campaign_id campaign, char out[TESTCODES_ROOM])
{
	struct test_order order = {
	    .campaign = campaign, .count = 1, .number = 1};
	struct test_clearance *clearance = NULL;
	struct err err = {0};

	order.staff[0] = testcodes_staff(store);
	must(test_grant(store, world, &order, &clearance, &err), "test_grant",
	    &err);
	test_clearance_free(&clearance);
	testcodes_read(store, campaign, out);
}
