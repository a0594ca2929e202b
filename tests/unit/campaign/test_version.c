/* Versions of a text: which are kept, read, restored. */
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "core/campaign/campaign.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

struct stand {
	struct fake_clock clock;
	struct store *store;
	struct campaign_id id;
};

static struct campaign
stored(struct stand *stand)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	assert_ok(store_reader_open(stand->store, &db, &err), &err);
	assert_ok(campaign_read(db, stand->id, &campaign, &err), &err);
	store_reader_close(&db);
	return campaign;
}

static int64_t
save(struct stand *stand, const char *subject, const char *body)
{
	struct campaign campaign = stored(stand);
	struct err err = {.code = E_NONE};
	int64_t revision;

	buf_clear(&campaign.subject);
	buf_clear(&campaign.body);
	buf_text(&campaign.subject, subject);
	buf_text(&campaign.body, body);
	fake_clock_move(&stand->clock, 60000);
	assert_ok(campaign_save(stand->store, &campaign, &err), &err);
	revision = campaign.revision;
	campaign_done(&campaign);
	return revision;
}

static int
start(void **state)
{
	static struct stand stand;
	struct err err = {.code = E_NONE};

	stand = (struct stand){.store = NULL};
	fake_clock_init(&stand.clock);
	stand.store = tempstore_open(&stand.clock.base);
	assert_ok(campaign_create(
		      stand.store, SPAN("News"), CLASS_AD, &stand.id, &err),
	    &err);
	*state = &stand;
	return 0;
}

static int
end(void **state)
{
	struct stand *stand = *state;

	tempstore_close(&stand->store);
	return 0;
}

static void
equal_texts_are_kept_once(void **state)
{
	struct stand *stand = *state;
	struct campaign_version *row = NULL;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	int64_t first, third;
	size_t count = 0;

	first = save(stand, "s", "本文");
	save(stand, "s", "本文");
	third = save(stand, "other", "本文");
	assert_ok(store_reader_open(stand->store, &db, &err), &err);
	assert_ok(campaign_versions(db, stand->id, &row, &count, &err), &err);
	store_reader_close(&db);
	assert_int_equal(count, 2);
	assert_int_equal(row[0].revision, third);
	assert_int_equal(row[1].revision, first);
	assert_int_equal(row[1].characters, 2);
	assert_true(row[0].at_ms > row[1].at_ms);
	assert_string_equal(row[0].by, "tester");
	free(row);
}

static void
restoring_is_a_new_version(void **state)
{
	struct stand *stand = *state;
	struct campaign campaign = CAMPAIGN_INIT;
	struct campaign_version *row = NULL;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	int64_t first, second;
	size_t count = 0;

	first = save(stand, "s1", "b1");
	second = save(stand, "s2", "b2");
	assert_ok(
	    campaign_restore(stand->store, stand->id, first, &campaign, &err),
	    &err);
	assert_true(campaign.revision > second);
	campaign_done(&campaign);
	campaign = stored(stand);
	assert_span_equal(buf_span(&campaign.subject), "s1");
	assert_span_equal(buf_span(&campaign.body), "b1");
	campaign_done(&campaign);
	assert_ok(store_reader_open(stand->store, &db, &err), &err);
	assert_ok(campaign_versions(db, stand->id, &row, &count, &err), &err);
	store_reader_close(&db);
	assert_int_equal(count, 3);
	free(row);
	assert_ok(
	    campaign_restore(stand->store, stand->id, second, &campaign, &err),
	    &err);
	assert_span_equal(buf_span(&campaign.body), "b2");
	campaign_done(&campaign);
}

static void
what_is_missing_is_said(void **state)
{
	struct stand *stand = *state;
	struct campaign campaign = CAMPAIGN_INIT;
	struct err err = {.code = E_NONE};

	save(stand, "s", "b");
	assert_int_equal(
	    campaign_restore(stand->store, stand->id, 99, &campaign, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_MISSING);
	campaign_done(&campaign);
	campaign = stored(stand);
	assert_span_equal(buf_span(&campaign.body), "b");
	campaign_done(&campaign);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(equal_texts_are_kept_once),
	    TEST(restoring_is_a_new_version),
	    TEST(what_is_missing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
