/* Segments: what may be saved and by whom, that they are live, and that a
 * campaign for one goes to its members and to nobody else. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/review/inputs.h"
#include "tests/fake/clock.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"

enum { VIEWER = 8, OPERATOR = 2, PEOPLE = 30 };

static const struct stage_params thirty = {
    .recipients = PEOPLE, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

struct kit {
	struct stage stage;
	struct list_id list;
	struct db *db;
	struct err err;
};

static int
setup(void **state)
{
	static struct kit kit;
	struct campaign campaign = CAMPAIGN_INIT;

	kit = (struct kit){.db = NULL};
	stage_open(&kit.stage, &thirty);
	assert_ok(
	    store_reader_open(kit.stage.store, &kit.db, &kit.err), &kit.err);
	assert_ok(
	    campaign_read(kit.db, kit.stage.campaign, &campaign, &kit.err),
	    &kit.err);
	kit.list.v = campaign.list;
	campaign_done(&campaign);
	*state = &kit;
	return 0;
}

static int
teardown(void **state)
{
	struct kit *kit = *state;

	store_reader_close(&kit->db);
	stage_close(&kit->stage);
	return 0;
}

static int64_t
make(struct kit *kit, const char *name, const char *filter)
{
	int64_t id = 0;

	assert_ok(segment_create(kit->stage.store, kit->list, span_of(name),
		      span_of(filter), &id, &kit->err),
	    &kit->err);
	return id;
}

static void
write_rows(struct kit *kit, const char *sql)
{
	struct db *db = NULL;

	assert_ok(store_begin(
		      kit->stage.store, STORE_WAIT_SHORT, "t", &db, &kit->err),
	    &kit->err);
	assert_ok(stmt_run(db_stmt(db, sql, &kit->err), &kit->err), &kit->err);
	assert_ok(store_commit(kit->stage.store, &db, &kit->err), &kit->err);
}

static int64_t
members(struct kit *kit, int64_t id)
{
	struct filter *filter = NULL;
	int64_t count;

	assert_ok(segment_filter(kit->db, id, kit->list,
		      clock_now_ms(store_clock(kit->stage.store)), &filter,
		      NULL, &kit->err),
	    &kit->err);
	count = contact_count(kit->db, kit->list, filter, NULL, &kit->err);
	filter_free(&filter);
	return count;
}

static void
keeps_what_was_saved(void **state)
{
	struct kit *kit = *state;
	struct segment *all = NULL;
	size_t count = 0;
	int64_t one = make(kit, " 一つ ", " status:active "), two;

	two = make(kit, "A", "basis:none");
	assert_int_equal(two, one + 1);
	assert_ok(segment_all(kit->db, kit->list, &all, &count, &kit->err),
	    &kit->err);
	assert_int_equal(count, 2);
	assert_string_equal(all[0].name, "A");
	assert_string_equal(all[1].name, "一つ");
	assert_string_equal(all[1].filter, "status:active");
	free(all);
	assert_ok(segment_change(kit->stage.store, one, SPAN("B"),
		      SPAN("status:stopped"), &kit->err),
	    &kit->err);
	assert_int_equal(members(kit, one), 0);
	assert_ok(segment_delete(kit->stage.store, one, &kit->err), &kit->err);
	assert_int_equal(segment_delete(kit->stage.store, one, &kit->err), -1);
	assert_int_equal(kit->err.code, E_SEGMENT_MISSING);
	assert_ok(
	    segment_all(kit->db, (struct list_id){0}, &all, &count, &kit->err),
	    &kit->err);
	assert_int_equal(count, 1);
	free(all);
}

static void
refuses_what_is_none(void **state)
{
	static const struct {
		const char *name, *filter;
		enum err_code code;
	} cases[] = {
	    {"", "status:active", E_SEGMENT_NAME},
	    {"a\nb", "status:active", E_SEGMENT_NAME},
	    {"taken", "status:active", E_SEGMENT_NAME},
	    {"x", "", E_SEGMENT_EMPTY},
	    {"x", "  ", E_SEGMENT_EMPTY},
	    {"x", "status:activ", E_FILTER_VALUE},
	    {"x", "-tag:typo", E_FILTER_UNKNOWN},
	    {"x", "-paln:gold", E_FILTER_UNKNOWN},
	};
	struct kit *kit = *state;
	int64_t id;

	make(kit, "taken", "basis:");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(segment_create(kit->stage.store, kit->list,
				     span_of(cases[i].name),
				     span_of(cases[i].filter), &id, &kit->err),
		    -1);
		if (kit->err.code != cases[i].code)
			fail_msg("%zu: %s", i, err_name(kit->err.code));
	}
}

/* What is masked must not be found out by way of a segment. */
static void
a_masked_person_sees_and_saves_less(void **state)
{
	struct kit *kit = *state;
	int64_t names = make(kit, "names", "address:a1"), id;
	int64_t open = make(kit, "open", "status:active");
	struct db *masked = NULL, *db = NULL;
	struct filter *filter = NULL;
	struct segment segment;

	assert_ok(store_begin(
		      kit->stage.store, STORE_WAIT_SHORT, "t", &db, &kit->err),
	    &kit->err);
	assert_ok(
	    stmt_run(db_stmt(db, "UPDATE person SET masked = 1, roles = 2",
			 &kit->err),
		&kit->err),
	    &kit->err);
	assert_ok(store_commit(kit->stage.store, &db, &kit->err), &kit->err);
	assert_int_equal(segment_create(kit->stage.store, kit->list, SPAN("x"),
			     SPAN("address:a1"), &id, &kit->err),
	    -1);
	assert_int_equal(kit->err.code, E_FILTER_MASKED);
	make(kit, "fine", "status:active");
	assert_ok(
	    store_view_open(kit->stage.store, &masked, &kit->err), &kit->err);
	assert_ok(segment_find(masked, names, &segment, &kit->err), &kit->err);
	assert_string_equal(segment.filter, "***");
	assert_int_equal(segment_filter(masked, names, kit->list, 0, &filter,
			     NULL, &kit->err),
	    -1);
	assert_int_equal(kit->err.code, E_FILTER_MASKED);
	assert_ok(segment_filter(
		      masked, open, kit->list, 0, &filter, NULL, &kit->err),
	    &kit->err);
	filter_free(&filter);
	store_reader_close(&masked);
}

static void
choose(struct kit *kit, int64_t segment)
{
	struct campaign campaign = CAMPAIGN_INIT;

	assert_ok(
	    campaign_read(kit->db, kit->stage.campaign, &campaign, &kit->err),
	    &kit->err);
	campaign.segment = segment;
	assert_ok(
	    campaign_save(kit->stage.store, &campaign, &kit->err), &kit->err);
	campaign_done(&campaign);
}

/* The number of recipients that the checks froze, or -1. */
static int64_t
check(struct kit *kit)
{
	struct review *review = NULL;
	int64_t count = -1;

	assert_ok(review_open(kit->stage.store, &kit->stage.world,
		      kit->stage.campaign, &review, &kit->err),
	    &kit->err);
	if (checklist_run(review, &kit->err) == 0)
		count = review_recipients(review);
	review_free(&review);
	return count;
}

static void
mail_goes_to_its_members_and_nobody_else(void **state)
{
	struct kit *kit = *state;
	int64_t all = check(kit), id, found;

	assert_int_equal(all, PEOPLE);
	/* the addresses of a stage end with their numbers */
	id = make(kit, "some", "address:1@ or address:2@");
	found = members(kit, id);
	assert_in_range(found, 2, PEOPLE - 2);
	choose(kit, id);
	assert_int_equal(check(kit), found);
	assert_int_equal(
	    stage_number(&kit->stage, "SELECT count(*) FROM outbox"), found);
	assert_int_equal(
	    stage_number(&kit->stage,
		"SELECT count(*) FROM outbox WHERE address NOT LIKE"
		" '%1@%' AND address NOT LIKE '%2@%'"),
	    0);
	assert_int_equal(segment_delete(kit->stage.store, id, &kit->err), -1);
	assert_int_equal(kit->err.code, E_SEGMENT_USED);
}

static void
read_digest(struct kit *kit, struct digest *out)
{
	static const struct digest root;
	struct inputs inputs;

	assert_ok(inputs_read(kit->stage.store, kit->db, kit->stage.campaign,
		      &inputs, &kit->err),
	    &kit->err);
	inputs_digest(&inputs, &root, 1, out);
	inputs_done(&inputs);
}

static void
another_filter_is_another_campaign(void **state)
{
	struct kit *kit = *state;
	int64_t id = make(kit, "some", "address:1@");
	struct digest whole, before, renamed, after;

	read_digest(kit, &whole);
	choose(kit, id);
	read_digest(kit, &before);
	assert_false(digest_equal(&whole, &before));
	assert_ok(segment_change(kit->stage.store, id, SPAN("other"),
		      SPAN("address:1@"), &kit->err),
	    &kit->err);
	read_digest(kit, &renamed);
	assert_true(digest_equal(&renamed, &before));
	assert_ok(segment_change(kit->stage.store, id, SPAN("other"),
		      SPAN("address:2@"), &kit->err),
	    &kit->err);
	read_digest(kit, &after);
	assert_false(digest_equal(&after, &before));
}

/* Never the whole list instead. */
static void
what_cannot_be_read_is_nobodys_audience(void **state)
{
	static const char *const broken[] = {
	    "UPDATE segment SET filter = 'status:'",
	    "UPDATE segment SET filter = 'tag:gone'",
	    "UPDATE segment SET filter = ''",
	    "UPDATE segment SET list = 2",
	    "DELETE FROM segment",
	};
	struct kit *kit = *state;
	struct list_id other;
	struct db *db = NULL;
	int64_t id = make(kit, "some", "address:1@");

	assert_ok(
	    list_create(kit->stage.store, SPAN("other"), &other, &kit->err),
	    &kit->err);
	choose(kit, id);
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		assert_ok(store_begin(kit->stage.store, STORE_WAIT_SHORT, "t",
			      &db, &kit->err),
		    &kit->err);
		assert_ok(
		    stmt_run(db_stmt(db, broken[i], &kit->err), &kit->err),
		    &kit->err);
		assert_ok(
		    store_commit(kit->stage.store, &db, &kit->err), &kit->err);
		if (check(kit) != -1)
			fail_msg("%s: the checks ran", broken[i]);
		assert_int_equal(
		    stage_number(&kit->stage, "SELECT count(*) FROM outbox"),
		    0);
	}
}

/* Who can be mailed has a basis and is not stopped, in each alternative. */
static void
counts_who_can_be_mailed(void **state)
{
	static const struct {
		const char *filter;
		int members, sendable;
	} cases[] = {
	    {"domain:example.jp", PEOPLE, PEOPLE - 3},
	    {"status:stopped", 2, 0},
	    {"status:stopped or domain:example.jp", PEOPLE, PEOPLE - 3},
	    {"domain:example.jp or status:stopped", PEOPLE, PEOPLE - 3},
	    {"basis:none", 1, 0},
	};
	struct kit *kit = *state;
	struct segment_counts counts;
	struct buf many = BUF_INIT;

	write_rows(kit, "UPDATE member SET basis = 0 WHERE contact = 3");
	write_rows(kit, "UPDATE contact SET canon = 'U@example.jp'"
			" WHERE id = 1");
	assert_ok(suppress_add(kit->stage.store, SPAN("u@example.jp"),
		      (struct list_id){0}, SUPPRESS_HAND, SPAN("x"), &kit->err),
	    &kit->err);
	assert_ok(suppress_add(kit->stage.store, SPAN("user00002@example.jp"),
		      kit->list, SUPPRESS_HAND, SPAN("x"), &kit->err),
	    &kit->err);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf name = BUF_INIT;
		int64_t id;

		buf_printf(&name, "s%zu", i);
		id = make(kit, name.ptr, cases[i].filter);
		assert_ok(segment_count(kit->stage.store, kit->db, id,
			      kit->list, NULL, &counts, &kit->err),
		    &kit->err);
		if (counts.members != cases[i].members ||
		    counts.sendable != cases[i].sendable)
			fail_msg("%s: %lld %lld", cases[i].filter,
			    (long long)counts.members,
			    (long long)counts.sendable);
		buf_done(&name);
	}
	/* one that leaves no room for the question is counted all the same */
	for (int i = 0; i < FILTER_TERMS; i++)
		buf_text(&many, "domain:example.jp ");
	assert_ok(segment_count(kit->stage.store, kit->db,
		      make(kit, "many", many.ptr), kit->list, NULL, &counts,
		      &kit->err),
	    &kit->err);
	assert_int_equal(counts.members, PEOPLE);
	assert_int_equal(counts.sendable, -1);
	assert_int_equal(segment_count(kit->stage.store, kit->db, 4711,
			     kit->list, NULL, &counts, &kit->err),
	    -1);
	assert_int_equal(kit->err.code, E_SEGMENT_MISSING);
	buf_done(&many);
}

static void
a_segment_is_of_its_list(void **state)
{
	struct kit *kit = *state;
	struct campaign campaign = CAMPAIGN_INIT;
	int64_t id = make(kit, "some", "address:1@");
	struct list_id other;

	assert_ok(
	    list_create(kit->stage.store, SPAN("other"), &other, &kit->err),
	    &kit->err);
	assert_ok(
	    campaign_read(kit->db, kit->stage.campaign, &campaign, &kit->err),
	    &kit->err);
	campaign.segment = id;
	campaign.list = other.v;
	assert_int_equal(
	    campaign_save(kit->stage.store, &campaign, &kit->err), -1);
	assert_int_equal(kit->err.code, E_CAMPAIGN_FIELD);
	assert_string_equal(err_find(&kit->err, "field"), "segment");
	campaign_done(&campaign);
}

static void
previews_are_of_its_members(void **state)
{
	struct kit *kit = *state;
	int64_t id = make(kit, "some", "address:1@"), from = 0, seen = 0;
	struct campaign campaign = CAMPAIGN_INIT;
	struct arena *arena = arena_new();
	struct audience_member person = {0};

	choose(kit, id);
	assert_ok(
	    campaign_read(kit->db, kit->stage.campaign, &campaign, &kit->err),
	    &kit->err);
	while (audience_step(kit->db, &campaign, AUDIENCE_NEXT, from, arena,
		   &person, &kit->err) == 1) {
		from = person.key;
		seen++;
		assert_int_equal(person.position, seen);
		assert_int_equal(person.total, members(kit, id));
		assert_true(span_search(person.address, SPAN("1@")) <
			    person.address.len);
	}
	assert_int_equal(seen, members(kit, id));
	assert_int_equal(audience_step(kit->db, &campaign, AUDIENCE_PREVIOUS,
			     from, arena, &person, &kit->err),
	    1);
	assert_int_equal(person.position, seen - 1);
	assert_int_equal(audience_step(kit->db, &campaign, AUDIENCE_AT, 2,
			     arena, &person, &kit->err),
	    1);
	assert_int_equal(person.position, 2);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(
		    audience_step(kit->db, &campaign, AUDIENCE_RANDOM, 0, arena,
			&person, &kit->err),
		    1);
		assert_in_range(person.position, 1, seen);
	}
	assert_int_equal(audience_search(kit->db, &campaign, SPAN("1@"), from,
			     NULL, arena, &person, &kit->err),
	    1);
	assert_int_equal(person.position, 1);
	campaign_done(&campaign);
	arena_free(&arena);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(keeps_what_was_saved),
	    TEST(refuses_what_is_none),
	    TEST(a_masked_person_sees_and_saves_less),
	    TEST(mail_goes_to_its_members_and_nobody_else),
	    TEST(another_filter_is_another_campaign),
	    TEST(what_cannot_be_read_is_nobodys_audience),
	    TEST(counts_who_can_be_mailed),
	    TEST(a_segment_is_of_its_list),
	    TEST(previews_are_of_its_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
