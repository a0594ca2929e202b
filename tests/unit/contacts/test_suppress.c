/* The stop list: any spelling, one key, nothing readable in the log. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

struct room {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	struct err err;
};

static const struct list_id all = {0}, list = {1}, other = {2};

static int
setup(void **state)
{
	struct room *room = mem_new(sizeof *room);

	fake_clock_init(&room->clock);
	room->store = tempstore_open(&room->clock.base);
	assert_ok(
	    store_reader_open(room->store, &room->db, &room->err), &room->err);
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

static int
check(struct room *room, const char *canon, struct list_id where)
{
	int got = suppress_check(
	    room->store, room->db, span_of(canon), where, &room->err);

	assert_true(got >= 0);
	return got;
}

static void
add(struct room *room, const char *address, struct list_id where)
{
	assert_ok(suppress_add(room->store, span_of(address), where,
		      SUPPRESS_HAND, SPAN("call of 2026-11-20"), &room->err),
	    &room->err);
}

static void
finds_every_spelling_of_an_address(void **state)
{
	struct room *room = *state;

	/* how it was entered, and as what it is met */
	static const struct {
		const char *entered, *met;
	} cases[] = {
	    {" a@EXAMPLE.com ", "a@example.com"},
	    {"b@example.com", "B@example.com"},
	    {"Be@example.com", "be@example.com"},
	    {"Bee@example.com", "BEE@example.com"},
	    {"\"a..b\"@docomo.ne.jp", "a..b@docomo.ne.jp"},
	    {"c..d@docomo.ne.jp", "c..d@docomo.ne.jp"},
	    {"d@日本語.jp", "d@xn--wgv71a119e.jp"},
	    {"e@xn--wgv71a119e.jp", "e@xn--wgv71a119e.jp"},
	    {"ｆ＠ｅｘａｍｐｌｅ．ｃｏｍ", "f@example.com"},
	    {"\xe2\x80\x8bg@example.com", "g@example.com"},
	};

	assert_int_equal(suppress_any(room->db, list, &room->err), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(check(room, cases[i].met, list), 0);
		add(room, cases[i].entered, all);
		if (check(room, cases[i].met, list) != 1 ||
		    check(room, cases[i].met, all) != 1)
			fail_msg("%s", cases[i].entered);
	}
	assert_int_equal(check(room, "h@example.com", list), 0);
	assert_int_equal(suppress_any(room->db, list, &room->err), 1);
}

/* An entry from when case counted. */
static void
finds_entries_of_an_exact_spelling(void **state)
{
	struct room *room = *state;
	struct digest key;
	struct db *db = NULL;
	struct stmt *stmt;

	crypt_hmac(store_key(room->store, STORE_KEY_SUPPRESS),
	    SPAN("Old@example.com"), &key);
	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	stmt = db_stmt(db,
	    "INSERT INTO suppression(key, list, cause, at_ms, source, address)"
	    " VALUES(?1, 0, 0, 1, '', 'Old@example.com')",
	    NULL);
	stmt_blob(stmt, 1, span_make(key.bytes, SHA256_LEN));
	assert_ok(stmt_run(stmt, &room->err), &room->err);
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
	assert_int_equal(check(room, "Old@example.com", list), 1);
	assert_int_equal(check(room, "old@example.com", list), 0);
	/* a sweep gives it the key of every spelling, once */
	assert_int_equal(stop_sweep(room->store, &room->err), 0);
	assert_int_equal(check(room, "old@example.com", list), 1);
	assert_int_equal(check(room, "OLD@example.com", list), 1);
	assert_int_equal(stop_sweep(room->store, &room->err), 0);
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM audit WHERE"
			     " what = 'suppress.sweep'"
			     " AND facts = 'entries=0 respelled=1'"),
	    1);
}

/* What stops an address is found by typing it, however it is written there. */
static void
a_whole_address_finds_what_stops_it(void **state)
{
	static const struct {
		const char *filter;
		size_t found;
	} cases[] = {
	    {"a@example.com", 2},
	    {"A@EXAMPLE.COM", 2},
	    {"other@example.com", 1},
	    {"*@example.com", 1},
	    {"@example.com", 2},
	    {"b@sub.example.com", 1},
	    {"other@sub.example.com", 0},
	    {"example", 3},
	};
	struct room *room = *state;

	add(room, "a@Example.com", all);
	add(room, "*@example.com", all);
	add(room, "b@sub.example.com", list);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct suppress_id *found = NULL;
		size_t count;

		assert_ok(
		    stop_all(room->store, room->db, span_of(cases[i].filter),
			NULL, &found, &count, &room->err),
		    &room->err);
		if (count != cases[i].found)
			fail_msg("%s: %zu", cases[i].filter, count);
		free(found);
	}
}

static void
a_domain_is_everybody_in_it(void **state)
{
	struct room *room = *state;

	add(room, "*@Competitor.EXAMPLE", list);
	assert_int_equal(check(room, "a@competitor.example", list), 1);
	assert_int_equal(check(room, "Z@competitor.example", list), 1);
	assert_int_equal(check(room, "a@competitor.example", other), 0);
	assert_int_equal(check(room, "a@mail.competitor.example", list), 0);
	assert_int_equal(check(room, "a@acompetitor.example", list), 0);
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM suppression"
			     " WHERE address = '@competitor.example'"
			     " AND cause = 6"),
	    1);
	/* which is nobody's address */
	add(room, "\"*\"@other.example", list);
	assert_int_equal(check(room, "a@other.example", list), 0);
}

static int
enter(struct room *room, const char *address, enum suppress_cause cause,
    int64_t until_ms)
{
	return suppress_enter(room->store, span_of(address),
	    &(struct suppress_entry){
		.cause = cause,
		.source = SPAN("test"),
		.evidence = SPAN("said so"),
		.until_ms = until_ms,
	    },
	    &room->err);
}

static void
ends_when_it_was_said_to(void **state)
{
	struct room *room = *state;
	int64_t now_ms = clock_now_ms(&room->clock.base);

	assert_ok(enter(room, "s@example.com", SUPPRESS_SOFT, now_ms + 1000),
	    &room->err);
	assert_int_equal(check(room, "s@example.com", list), 1);
	fake_clock_move(&room->clock, 1000);
	assert_int_equal(check(room, "s@example.com", list), 0);
	/* it is entered again as if it had never been */
	assert_ok(enter(room, "s@example.com", SUPPRESS_SOFT, now_ms + 2000),
	    &room->err);
	assert_int_equal(check(room, "s@example.com", list), 1);
	/* the later end wins, and for ever is the latest */
	assert_ok(enter(room, "s@example.com", SUPPRESS_SOFT, 0), &room->err);
	assert_ok(enter(room, "s@example.com", SUPPRESS_SOFT, now_ms + 3000),
	    &room->err);
	fake_clock_move(&room->clock, 100000);
	assert_int_equal(check(room, "s@example.com", list), 1);
}

static void
the_stronger_cause_wins(void **state)
{
	static const struct {
		enum suppress_cause cause, is;
	} steps[] = {
	    {SUPPRESS_SOFT, SUPPRESS_SOFT},
	    {SUPPRESS_HAND, SUPPRESS_HAND},
	    {SUPPRESS_SOFT, SUPPRESS_HAND},
	    {SUPPRESS_BOUNCED, SUPPRESS_BOUNCED},
	    {SUPPRESS_UNSUBSCRIBED, SUPPRESS_UNSUBSCRIBED},
	    {SUPPRESS_IMPORT, SUPPRESS_UNSUBSCRIBED},
	    {SUPPRESS_COMPLAINT, SUPPRESS_COMPLAINT},
	    {SUPPRESS_UNSUBSCRIBED, SUPPRESS_COMPLAINT},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		assert_ok(enter(room, "w@example.com", steps[i].cause, 0),
		    &room->err);
		assert_int_equal(tempstore_number(room->store,
				     "SELECT cause FROM suppression"),
		    steps[i].is);
	}
}

static int
take_off(struct room *room, const char *address, const char *typed,
    const char *reason)
{
	struct suppress_id id = {.list = all};

	suppress_key(room->store, span_of(address), &id.key);
	room->err.code = E_NONE;
	return suppress_take_off(
	    room->store, &id, span_of(typed), span_of(reason), &room->err);
}

static void
is_taken_off_by_tiers(void **state)
{
	static const char who[] = "t@example.com", why[] = "asked by telephone";
	struct room *room = *state;

	assert_int_equal(take_off(room, who, "", why), -1);
	assert_int_equal(room->err.code, E_SUPPRESS_MISSING);
	for (int cause = 0; cause < SUPPRESS_COUNT; cause++) {
		enum suppress_cause of = (enum suppress_cause)cause;

		if (of == SUPPRESS_ERASED || of == SUPPRESS_DOMAIN)
			continue;
		assert_ok(enter(room, who, of, 0), &room->err);
		assert_int_equal(take_off(room, who, who, " "), -1);
		assert_int_equal(room->err.code, E_SUPPRESS_FIELD);
		if (suppress_is_typed(of)) {
			assert_int_equal(take_off(room, who, "", why), -1);
			assert_int_equal(
			    take_off(room, who, "u@example.com", why), -1);
			assert_int_equal(room->err.code, E_SUPPRESS_TYPED);
			assert_int_equal(
			    suppress_remove(room->store, span_of(who), all,
				span_of(why), &room->err),
			    -1);
		}
		assert_int_equal(check(room, who, list), 1);
		assert_ok(
		    take_off(room, who,
			suppress_is_typed(of) ? "T@EXAMPLE.com" : "", why),
		    &room->err);
		assert_int_equal(check(room, who, list), 0);
	}
}

static void
policy_keeps_who_said_no(void **state)
{
	static const char who[] = "t@example.com", why[] = "asked by telephone";
	struct room *room = *state;

	assert_ok(setting_write(
		      room->store, "stops.take_off", SPAN("off"), &room->err),
	    &room->err);
	assert_ok(enter(room, who, SUPPRESS_UNSUBSCRIBED, 0), &room->err);
	assert_int_equal(take_off(room, who, who, why), -1);
	assert_int_equal(room->err.code, E_SUPPRESS_POLICY);
	assert_int_equal(check(room, who, list), 1);
	assert_ok(
	    enter(room, "b@example.com", SUPPRESS_BOUNCED, 0), &room->err);
	assert_ok(
	    take_off(room, "b@example.com", "b@example.com", why), &room->err);
}

static void
holds_for_one_list_or_for_all(void **state)
{
	struct room *room = *state;

	add(room, "a@example.com", list);
	assert_int_equal(check(room, "a@example.com", list), 1);
	assert_int_equal(check(room, "a@example.com", other), 0);
	assert_int_equal(check(room, "a@example.com", all), 0);
	assert_int_equal(suppress_any(room->db, other, &room->err), 0);
}

static void
adds_twice_and_removes_twice(void **state)
{
	struct room *room = *state;

	add(room, "a@example.com", all);
	add(room, "a@example.com", all);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM suppression"),
	    1);
	for (int i = 0; i < 2; i++) {
		assert_ok(suppress_remove(room->store, SPAN("a@example.com"),
			      all, SPAN("asked\nagain"), &room->err),
		    &room->err);
		assert_int_equal(check(room, "a@example.com", list), 0);
	}
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM audit WHERE what = 'suppress.remove'"
		" AND (facts LIKE 'key=% found=1 cause=hand"
		" reason=\"asked again\"' OR facts LIKE"
		" 'key=% found=0 cause= reason=\"asked again\"')"),
	    2);
}

static void
log_never_holds_the_address(void **state)
{
	struct room *room = *state;

	add(room, "secret.person@example.com", list);
	assert_ok(
	    suppress_remove(room->store, SPAN("secret.person@example.com"),
		list, SPAN("x"), &room->err),
	    &room->err);
	assert_int_equal(
	    tempstore_number(room->store,
		"SELECT count(*) FROM audit WHERE what LIKE 'suppress.%'"),
	    2);
	assert_int_equal(tempstore_number(room->store,
			     "SELECT count(*) FROM audit WHERE object || facts"
			     " LIKE '%secret%'"),
	    0);
}

static void
refuses_what_is_no_address(void **state)
{
	struct room *room = *state;

	assert_int_equal(suppress_add(room->store, SPAN("nobody"), all,
			     SUPPRESS_HAND, SPAN(""), &room->err),
	    -1);
	assert_int_equal(room->err.code, E_ADDRESS_SYNTAX);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM suppression"),
	    0);
}

/* Somebody erased stays stopped, and is counted again once imported. */
static void
adopts_entries_without_address(void **state)
{
	struct room *room = *state;
	struct db *db = NULL;

	add(room, "a@example.com", all);
	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	assert_ok(
	    stmt_run(db_stmt(db, "UPDATE suppression SET address = ''", NULL),
		&room->err),
	    &room->err);
	assert_int_equal(suppress_check(room->store, db, SPAN("a@example.com"),
			     list, &room->err),
	    1);
	assert_ok(
	    suppress_adopt(room->store, db, SPAN("a@example.com"), &room->err),
	    &room->err);
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
	assert_int_equal(
	    tempstore_number(room->store, "SELECT count(*) FROM suppression"
					  " WHERE address = 'a@example.com'"),
	    1);
}

/* ---- In memory --------------------------------------------------------- */

static int
ask(struct room *room, struct suppress_set *set, const char *canon)
{
	int got = suppress_set_check(set, room->db, span_of(canon), &room->err);

	assert_true(got >= 0);
	return got;
}

/* Runs a statement that writes, in a transaction of its own. */
static void
write_sql(struct room *room, const char *sql)
{
	struct db *db = NULL;

	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	assert_ok(
	    stmt_run(db_stmt(db, sql, &room->err), &room->err), &room->err);
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
}

/* count entries of nobody, with keys all over. */
static void
crowd(struct room *room, int count)
{
	struct db *db = NULL;

	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	for (int i = 0; i < count; i++) {
		struct stmt *stmt = db_stmt(db,
		    "INSERT INTO suppression(key, list, cause, at_ms, source,"
		    " address) VALUES(?1, 0, 0, 0, '', '')",
		    &room->err);
		struct digest key;

		crypt_sha256(span_make(&i, sizeof i), &key);
		stmt_blob(stmt, 1, span_make(key.bytes, sizeof key.bytes));
		assert_ok(stmt_run(stmt, &room->err), &room->err);
	}
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
}

/* Whatever was committed counts for the next question, however the entry was
 * written, in a short list and in a long one that is not read anew at once. */
static void
memory_never_misses_an_entry(void **state)
{
	struct room *room = *state;
	struct suppress_set *set = suppress_set_new(room->store, list);

	for (int round = 0; round < 2; round++) {
		assert_int_equal(ask(room, set, "a@example.com"), 0);
		add(room, "a@example.com", list);
		assert_int_equal(ask(room, set, "a@example.com"), 1);
		assert_int_equal(ask(room, set, "b@example.com"), 0);
		add(room, "b@example.com", all);
		add(room, "c@example.com", other);
		assert_int_equal(ask(room, set, "b@example.com"), 1);
		assert_int_equal(ask(room, set, "c@example.com"), 0);
		write_sql(room, "UPDATE suppression SET list = 0"
				" WHERE list = 2");
		assert_int_equal(ask(room, set, "c@example.com"), 1);
		assert_ok(suppress_remove(room->store, SPAN("b@example.com"),
			      all, SPAN("asked"), &room->err),
		    &room->err);
		assert_int_equal(ask(room, set, "b@example.com"), 0);
		write_sql(room, "DELETE FROM suppression");
		assert_int_equal(ask(room, set, "a@example.com"), 0);
		crowd(room, 500);
		for (int i = 0; i < 100; i++)
			assert_int_equal(ask(room, set, "c@example.com"), 0);
		add(room, "*@domain.example", list);
		add(room, "mixed@example.com", list);
		for (int i = 0; i < 100; i++) {
			assert_int_equal(ask(room, set, "x@domain.example"), 1);
			assert_int_equal(
			    ask(room, set, "MiXed@example.com"), 1);
			assert_int_equal(ask(room, set, "c@example.com"), 0);
		}
		write_sql(room, "DELETE FROM suppression WHERE list = 1");
	}
	suppress_set_free(&set);
	suppress_set_free(&set);
}

/* Only what can change the answer makes it be read again. */
static void
number_moves_with_the_list_alone(void **state)
{
	struct room *room = *state;
	uint64_t before = store_stop_version(room->store);
	struct db *db = NULL;

	write_sql(
	    room, "INSERT INTO list VALUES(9, 'x', 0, 0, 'tester', 1, 0)");
	assert_int_equal(store_stop_version(room->store), before);
	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	assert_ok(stmt_run(db_stmt(db, "DELETE FROM suppression", &room->err),
		      &room->err),
	    &room->err);
	store_rollback(room->store, &db);
	assert_int_equal(store_stop_version(room->store), before);
	add(room, "a@example.com", list);
	assert_true(store_stop_version(room->store) > before);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(finds_every_spelling_of_an_address),
	    TEST(finds_entries_of_an_exact_spelling),
	    TEST(a_whole_address_finds_what_stops_it),
	    TEST(a_domain_is_everybody_in_it),
	    TEST(ends_when_it_was_said_to),
	    TEST(the_stronger_cause_wins),
	    TEST(is_taken_off_by_tiers),
	    TEST(policy_keeps_who_said_no),
	    TEST(holds_for_one_list_or_for_all),
	    TEST(adds_twice_and_removes_twice),
	    TEST(log_never_holds_the_address),
	    TEST(refuses_what_is_no_address),
	    TEST(adopts_entries_without_address),
	    TEST(memory_never_misses_an_entry),
	    TEST(number_moves_with_the_list_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
