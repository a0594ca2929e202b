/* Where a run sends to: under the name that the review's probe has said. */
#include "tests/unit/unit.h"

#include "core/deliver/hop.h"
#include "tests/fake/stage.h"

static const struct stage_params few = {
    .recipients = 1, .class = CLASS_TX, .manners = PRACTICE_PLAIN};

static void
the_name_is_that_of_the_probe(void **state)
{
	struct stage stage;
	struct hop *hop = NULL;
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	assert_ok(setting_write(
		      stage.store, "ehlo.name", SPAN("mx.example.jp"), &err),
	    &err);
	assert_ok(
	    hop_read_pool(stage.store, db, stage.campaign, &hop, &err), &err);
	assert_string_equal(hop->target.ehlo, "mx.example.jp");
	hop_free(&hop);
	assert_ok(
	    setting_write(stage.store, "ehlo.name", SPAN(""), &err), &err);
	assert_ok(
	    hop_read_pool(stage.store, db, stage.campaign, &hop, &err), &err);
	assert_string_equal(hop->target.ehlo, "example.jp");
	hop_free(&hop);
	store_reader_close(&db);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_name_is_that_of_the_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
