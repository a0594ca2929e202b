/* Test mail: who may get one, what its clearance binds, its codes, and check
 * PP-05 that asks for them. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/compose/compose.h"
#include "core/review/gate.h"
#include "core/review/testcode.h"
#include "tests/fake/stage.h"
#include "tests/fake/testcodes.h"

enum { MINUTE_MS = 60 * 1000, DAY_MINUTES = 24 * 60 };

static const struct stage_params few = {.recipients = 3,
    .class = CLASS_AD,
    .manners = PRACTICE_PLAIN,
    .clock = STAGE_CLOCK_FAKE};

/* ---- Helpers ---------------------------------------------------------------- */

static int
grant(struct stage *stage, const struct test_order *order,
    struct test_clearance **out, struct err *err)
{
	return test_grant(stage->store, &stage->world, order, out, err);
}

static struct test_order
order_of(struct stage *stage)
{
	return (struct test_order){.campaign = stage->campaign,
	    .staff = {testcodes_staff(stage->store)},
	    .count = 1,
	    .number = 2};
}

static struct test_clearance *
must_grant(struct stage *stage)
{
	struct test_order order = order_of(stage);
	struct test_clearance *clearance = NULL;
	struct err err = {0};

	assert_ok(grant(stage, &order, &clearance, &err), &err);
	return clearance;
}

static void
change_text(struct stage *stage, const char *subject)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(campaign_read(db, stage->campaign, &campaign, &err), &err);
	store_reader_close(&db);
	buf_clear(&campaign.subject);
	buf_text(&campaign.subject, subject);
	assert_ok(campaign_save(stage->store, &campaign, &err), &err);
	campaign_done(&campaign);
}

static struct review *
run_review(struct stage *stage)
{
	struct review *review = NULL;
	struct err err = {0};

	assert_ok(review_open(stage->store, &stage->world, stage->campaign,
		      &review, &err),
	    &err);
	assert_ok(checklist_run(review, &err), &err);
	return review;
}

static const struct check_result *
pp05(const struct review *review)
{
	size_t count;

	return &review_results(review, &count)[PP_05];
}

static void
assert_answer(struct review *review, const char *typed, enum err_code code)
{
	struct err err = {0};
	int rc = review_answer(review, "PP-05", span_of(typed), &err);

	if (err.code != code)
		fail_msg("\"%s\": %s, wanted %s", typed, err_name(err.code),
		    err_name(code));
	assert_int_equal(rc, code == E_NONE ? 0 : -1);
}

/* ---- Staff ------------------------------------------------------------------ */

static void
staff_is_a_short_list_of_addresses(void **state)
{
	struct stage stage;
	struct staff *all = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0;
	char address[40];

	(void)state;
	stage_open(&stage, &few);
	for (int i = 0; i < STAFF_MAX; i++) {
		snprintf(address, sizeof address, "desk%d@Example.jp", i);
		assert_ok(staff_add(stage.store, span_of(address),
			      SPAN(" 山田 "), &err),
		    &err);
	}
	assert_int_equal(
	    staff_add(stage.store, SPAN("more@example.jp"), SPAN(""), &err),
	    -1);
	assert_int_equal(err.code, E_STAFF_FULL);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	assert_ok(staff_all(db, &all, &count, &err), &err);
	store_reader_close(&db);
	assert_int_equal(count, STAFF_MAX);
	assert_string_equal(all[0].address, "desk0@Example.jp");
	assert_string_equal(all[0].name, "山田");
	assert_ok(staff_remove(stage.store, all[7].id, &err), &err);
	assert_int_equal(staff_remove(stage.store, all[7].id, &err), -1);
	assert_int_equal(err.code, E_STAFF_MISSING);
	free(all);
	assert_int_equal(
	    staff_add(stage.store, SPAN("desk3@EXAMPLE.jp"), SPAN(""), &err),
	    -1);
	assert_int_equal(err.code, E_STAFF_TWICE);
	assert_int_equal(stage_number(&stage,
			     "SELECT count(*) FROM audit"
			     " WHERE what IN ('staff.add', 'staff.remove')"),
	    STAFF_MAX + 1);
	stage_close(&stage);
}

static void
staff_is_checked(void **state)
{
	static const struct {
		const char *address, *name;
		enum err_code code;
	} cases[] = {
	    {"", "", E_ADDRESS_SYNTAX},
	    {"desk", "", E_ADDRESS_SYNTAX},
	    {"a@example.jp, b@example.jp", "", E_ADDRESS_SYNTAX},
	    {"desk@localhost", "", E_ADDRESS_DOMAIN},
	    {"desk@example.jp", "a\nb", E_STAFF_NAME},
	    {"desk@example.jp", "\x1b[2J", E_STAFF_NAME},
	    {"desk@example.jp", "\xff", E_STAFF_NAME},
	};
	struct stage stage;

	(void)state;
	stage_open(&stage, &few);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = {0};

		assert_int_equal(
		    staff_add(stage.store, span_of(cases[i].address),
			span_of(cases[i].name), &err),
		    -1);
		if (err.code != cases[i].code)
			fail_msg("%s/%s: %s", cases[i].address, cases[i].name,
			    err_name(err.code));
	}
	stage_close(&stage);
}

/* ---- The clearance ------------------------------------------------------------ */

static void
an_order_names_one_to_five_of_the_staff(void **state)
{
	struct stage stage;
	struct test_clearance *clearance = NULL;
	struct test_order order, wrong;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	order = order_of(&stage);
	wrong = order;
	wrong.count = 0;
	assert_int_equal(grant(&stage, &wrong, &clearance, &err), -1);
	assert_int_equal(err.code, E_TEST_STAFF);
	wrong.count = TEST_TO_MAX + 1;
	assert_int_equal(grant(&stage, &wrong, &clearance, &err), -1);
	assert_int_equal(err.code, E_TEST_STAFF);
	wrong.count = 2;
	wrong.staff[1] = wrong.staff[0];
	assert_int_equal(grant(&stage, &wrong, &clearance, &err), -1);
	assert_string_equal(err_find(&err, "why"), "twice");
	wrong.staff[1] = 4711;
	assert_int_equal(grant(&stage, &wrong, &clearance, &err), -1);
	assert_int_equal(err.code, E_STAFF_MISSING);
	for (int i = 0; i < 2; i++) {
		wrong = order;
		wrong.number = i ? 4 : 0;
		assert_int_equal(grant(&stage, &wrong, &clearance, &err), -1);
		assert_int_equal(err.code, E_TEST_RECIPIENT);
	}
	assert_null(clearance);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM test_mail"), 0);
	stage_close(&stage);
}

static void
a_launched_campaign_has_no_tests(void **state)
{
	struct stage stage;
	struct test_clearance *clearance = NULL;
	struct test_order order;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	order = order_of(&stage);
	stage_sql(&stage, "UPDATE campaign SET state = 2");
	assert_int_equal(grant(&stage, &order, &clearance, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	stage_close(&stage);
}

static void
assert_use(struct test_clearance *clearance, const char *why)
{
	const struct test_letter *letter;
	struct err err = {0};
	size_t count;
	int rc = test_clearance_use(clearance, &letter, &count, &err);

	assert_int_equal(rc, *why ? -1 : 0);
	assert_int_equal(err.code, *why ? E_TEST_CLEARANCE : E_NONE);
	if (*why)
		assert_string_equal(err_find(&err, "why"), why);
}

static void
a_clearance_is_used_once(void **state)
{
	struct stage stage;
	struct test_clearance *clearance;

	(void)state;
	stage_open(&stage, &few);
	clearance = must_grant(&stage);
	assert_use(clearance, "");
	assert_use(clearance, "used");
	test_clearance_free(&clearance);
	assert_null(clearance);
	stage_close(&stage);
}

static void
a_clearance_is_short_lived(void **state)
{
	struct stage stage;
	struct test_clearance *clearance;

	(void)state;
	stage_open(&stage, &few);
	clearance = must_grant(&stage);
	fake_clock_move(&stage.clock, TEST_CLEARANCE_MS - 1);
	assert_use(clearance, "");
	test_clearance_free(&clearance);
	clearance = must_grant(&stage);
	fake_clock_move(&stage.clock, TEST_CLEARANCE_MS);
	assert_use(clearance, "late");
	/* an attempt uses it up */
	assert_use(clearance, "used");
	test_clearance_free(&clearance);
	stage_close(&stage);
}

static void
a_change_voids_a_clearance(void **state)
{
	static const struct {
		const char *sql, *why;
	} cases[] = {
	    {"UPDATE campaign SET revision = revision + 1", "content"},
	    {"DELETE FROM staff_address", "staff"},
	    {"UPDATE staff_address SET address = 'other@example.com'", "staff"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stage stage;
		struct test_clearance *clearance;

		stage_open(&stage, &few);
		clearance = must_grant(&stage);
		stage_sql(&stage, cases[i].sql);
		assert_use(clearance, cases[i].why);
		test_clearance_free(&clearance);
		stage_close(&stage);
	}
}

/* ---- The message --------------------------------------------------------------- */

static bool
holds(struct span text, const char *what)
{
	return span_search(text, span_of(what)) < text.len;
}

/* Nothing that comes back may be taken for the recipient's. */
static void
a_test_is_nobodys_mail(void **state)
{
	struct stage stage;
	struct test_clearance *clearance;
	const struct test_letter *letter;
	struct message_ref ref;
	struct buf real = BUF_INIT;
	struct err err = {0};
	size_t count;

	(void)state;
	stage_open(&stage, &few);
	assert_ok(setting_write(stage.store, "message.bounce_domain",
		      SPAN("bounce.example.jp"), &err),
	    &err);
	clearance = must_grant(&stage);
	assert_ok(test_clearance_use(clearance, &letter, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_span_equal(letter->rcpt_to, "staff@example.jp");
	assert_false(message_ref_parse(stage.store, letter->mail_from, &ref));
	assert_true(span_starts(letter->mail_from, SPAN("t+")));
	assert_true(span_ends(letter->mail_from, SPAN("@bounce.example.jp")));
	assert_false(message_ref_parse(stage.store, letter->envid, &ref));
	assert_true(span_starts(letter->envid, SPAN("t.")));
	assert_true(holds(letter->bytes, "X-Sekisho-Test: yes\r\n"));
	assert_true(holds(letter->bytes, "To: Staff <staff@example.jp>"));
	assert_true(span_starts(letter->bytes, SPAN("DKIM-Signature:")));
	assert_false(holds(letter->bytes, "user00002@example.jp"));
	message_id_of(
	    stage.store, stage.campaign.v, SPAN("example.jp"), 2, &real);
	assert_false(holds(letter->bytes, real.ptr));
	buf_done(&real);
	test_clearance_free(&clearance);
	stage_close(&stage);
}

/* ---- Codes ---------------------------------------------------------------------- */

static void
codes_depend_on_everything(void **state)
{
	const struct test_seed seed = {.test = 1,
	    .campaign = 2,
	    .at_ms = 3,
	    .number = 4,
	    .content = {.bytes = {5}},
	    .nonce = {6}};
	struct test_seed other[6];
	struct stage stage;
	char code[TEST_CODE_LEN + 1], html[TEST_CODE_LEN + 1];

	(void)state;
	stage_open(&stage, &few);
	for (int i = 0; i < 6; i++)
		other[i] = seed;
	other[0].test++;
	other[1].campaign++;
	other[2].at_ms++;
	other[3].number++;
	other[4].content.bytes[31]++;
	other[5].nonce[15]++;
	test_code(stage.store, &seed, TEST_PART_TEXT, code);
	assert_int_equal(
	    strspn(code, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"), TEST_CODE_LEN);
	test_code(stage.store, &seed, TEST_PART_HTML, html);
	assert_string_not_equal(code, html);
	for (int i = 0; i < 6; i++) {
		test_code(stage.store, &other[i], TEST_PART_TEXT, html);
		assert_string_not_equal(code, html);
	}
	stage_close(&stage);
}

/* As typed by people, and by input methods. */
static void
typed_in_many_ways(void **state)
{
	struct stage stage;
	char codes[TESTCODES_ROOM], turned[TESTCODES_ROOM];
	struct buf wide = BUF_INIT;

	(void)state;
	stage_open(&stage, &few);
	testcodes_make(stage.store, &stage.world, stage.campaign, codes);
	snprintf(turned, sizeof turned, "%.6s-%.6s", codes + 7, codes);
	for (size_t i = 0; codes[i]; i++) {
		unsigned full = (unsigned char)codes[i] - 0x20u;

		if (codes[i] == ' ')
			buf_text(&wide, "　");
		else
			buf_printf(&wide, "\xef%c%c", 0xbc + (full >= 0x40),
			    0x80 + (full & 0x3f));
		turned[i] =
		    (char)(i & 1 && turned[i] >= 'A' ? turned[i] + ('a' - 'A')
						     : turned[i]);
	}
	for (int i = 0; i < 3; i++) {
		struct review *review = run_review(&stage);
		const char *typed = i == 0 ? codes : i == 1 ? turned : wide.ptr;

		assert_answer(review, typed, E_NONE);
		assert_int_equal(pp05(review)->state, CHECK_PASS);
		assert_true(pp05(review)->cleared);
		assert_null(strstr(pp05(review)->answer, codes));
		review_free(&review);
	}
	buf_done(&wide);
	stage_close(&stage);
}

static void
not_without_the_right_codes(void **state)
{
	struct stage stage;
	struct review *review;
	char codes[TESTCODES_ROOM];

	(void)state;
	stage_open(&stage, &few);
	review = run_review(&stage);
	assert_int_equal(pp05(review)->state, CHECK_NOT_EVALUATED);
	assert_false(pp05(review)->cleared);
	assert_answer(review, "ABCDEF GHJKLM", E_REVIEW_NO_TEST);
	testcodes_make(stage.store, &stage.world, stage.campaign, codes);
	assert_answer(review, "", E_REVIEW_ANSWER);
	codes[6] = '\0';
	assert_answer(review, codes, E_REVIEW_ANSWER);
	/* the code of one part twice is half of it */
	snprintf(codes + 6, sizeof codes - 6, "%.6s", "ABCDEF");
	memcpy(codes + 6, codes, 6);
	assert_answer(review, codes, E_REVIEW_CODE);
	testcodes_read(stage.store, stage.campaign, codes);
	assert_answer(review, codes, E_NONE);
	review_free(&review);
	stage_close(&stage);
}

static void
guessing_is_slow(void **state)
{
	struct stage stage;
	struct review *review;
	char codes[TESTCODES_ROOM];

	(void)state;
	stage_open(&stage, &few);
	testcodes_make(stage.store, &stage.world, stage.campaign, codes);
	review = run_review(&stage);
	for (int i = 0; i < 4; i++)
		assert_answer(review, "AAAAAA BBBBBB", E_REVIEW_CODE);
	assert_answer(review, "AAAAAA BBBBBB", E_REVIEW_PAUSE);
	assert_answer(review, codes, E_REVIEW_PAUSE);
	/* leaving the screen does not help */
	review_free(&review);
	review = run_review(&stage);
	assert_answer(review, codes, E_REVIEW_PAUSE);
	fake_clock_move(&stage.clock, MINUTE_MS + 1);
	assert_answer(review, codes, E_NONE);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM audit"
				 " WHERE what = 'review.code_wrong'"
				 " AND facts = ''"),
	    5);
	review_free(&review);
	stage_close(&stage);
}

/* Neither tables nor log hold what was typed. */
static void
codes_are_stored_nowhere(void **state)
{
	static const char *const places[] = {
	    "SELECT group_concat(what || object || facts) FROM audit",
	    "SELECT group_concat(answer || facts) FROM review_result",
	    "SELECT group_concat(message_id || address) FROM test_send"};
	struct stage stage;
	struct review *review;
	char codes[TESTCODES_ROOM], one[TEST_CODE_LEN + 1];
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	testcodes_make(stage.store, &stage.world, stage.campaign, codes);
	review = run_review(&stage);
	assert_answer(review, codes, E_NONE);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	for (int i = 0; i < 6; i++) {
		struct stmt *stmt = db_stmt(db, places[i / 2], &err);

		assert_non_null(stmt);
		assert_int_equal(stmt_step(stmt, &err), 1);
		span_text(one, sizeof one, span_of(codes + (i & 1) * 7));
		assert_false(holds(stmt_col_text(stmt, 0), one));
		stmt_reset(stmt);
	}
	store_reader_close(&db);
	review_free(&review);
	stage_close(&stage);
}

static void
another_text_needs_another_test(void **state)
{
	struct stage stage;
	struct review *review;
	char codes[TESTCODES_ROOM], fresh[TESTCODES_ROOM];

	(void)state;
	stage_open(&stage, &few);
	testcodes_make(stage.store, &stage.world, stage.campaign, codes);
	review = run_review(&stage);
	assert_answer(review, codes, E_NONE);
	review_free(&review);
	change_text(&stage, "別の件名");
	review = run_review(&stage);
	assert_false(pp05(review)->cleared);
	assert_answer(review, codes, E_REVIEW_NO_TEST);
	testcodes_make(stage.store, &stage.world, stage.campaign, fresh);
	assert_string_not_equal(codes, fresh);
	assert_answer(review, codes, E_REVIEW_CODE);
	assert_answer(review, fresh, E_NONE);
	review_free(&review);
	stage_close(&stage);
}

static void
codes_expire_after_a_day(void **state)
{
	struct stage stage;
	struct review *review;
	struct db *db = NULL;
	struct err err = {0};
	char codes[TESTCODES_ROOM];

	(void)state;
	stage_open(&stage, &few);
	testcodes_make(stage.store, &stage.world, stage.campaign, codes);
	fake_clock_move(&stage.clock, (DAY_MINUTES - 1) * MINUTE_MS);
	review = run_review(&stage);
	assert_answer(review, codes, E_NONE);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	assert_ok(
	    testcheck_is_fresh(db, &stage.world, stage.campaign, &err), &err);
	fake_clock_move(&stage.clock, MINUTE_MS);
	assert_int_equal(
	    testcheck_is_fresh(db, &stage.world, stage.campaign, &err), -1);
	assert_int_equal(err.code, E_REVIEW_STALE);
	store_reader_close(&db);
	/* a screen that stayed open does not keep it alive */
	assert_int_equal(signoff_give(review, &err), -1);
	assert_false(pp05(review)->cleared);
	assert_answer(review, codes, E_REVIEW_NO_TEST);
	review_free(&review);
	stage_close(&stage);
}

/* The answer is sealed with the others: a younger one cannot be written in. */
static void
the_answer_is_sealed(void **state)
{
	struct stage stage;
	struct clearance *clearance = NULL;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &few);
	stage_seal(&stage);
	stage_sql(&stage, "UPDATE review_result SET answer = 'test=1 made_ms=1'"
			  " WHERE item = 'PP-05'");
	assert_int_equal(clearance_grant(stage.store, &stage.world,
			     stage.campaign, &clearance, &err),
	    -1);
	assert_null(clearance);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(staff_is_a_short_list_of_addresses),
	    cmocka_unit_test(staff_is_checked),
	    cmocka_unit_test(an_order_names_one_to_five_of_the_staff),
	    cmocka_unit_test(a_launched_campaign_has_no_tests),
	    cmocka_unit_test(a_clearance_is_used_once),
	    cmocka_unit_test(a_clearance_is_short_lived),
	    cmocka_unit_test(a_change_voids_a_clearance),
	    cmocka_unit_test(a_test_is_nobodys_mail),
	    cmocka_unit_test(codes_depend_on_everything),
	    cmocka_unit_test(typed_in_many_ways),
	    cmocka_unit_test(not_without_the_right_codes),
	    cmocka_unit_test(guessing_is_slow),
	    cmocka_unit_test(codes_are_stored_nowhere),
	    cmocka_unit_test(another_text_needs_another_test),
	    cmocka_unit_test(codes_expire_after_a_day),
	    cmocka_unit_test(the_answer_is_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
