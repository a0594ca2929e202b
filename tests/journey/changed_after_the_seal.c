/* After the seal one thing is changed, by the program or behind its back: each
 * voids the clearance, and nothing is sent.  A clearance works once. */
#include "tests/unit/unit.h"

#include "core/attach/attach.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "tests/fake/stage.h"

static const struct stage_params params = {
    .recipients = 12, .class = CLASS_TX, .manners = PRACTICE_PLAIN};

/* Each is a literal, because statements are known by their addresses. */
static const char *const edits[] = {
    "UPDATE campaign SET body = body || 'x'",
    "UPDATE campaign SET subject = subject || 'x'",
    "UPDATE campaign SET from_address = 'other@example.jp'",
    "UPDATE campaign SET from_name = from_name || 'x'",
    "UPDATE campaign SET reply_to = 'other@example.jp'",
    "UPDATE campaign SET send_at_ms = 1",
    "UPDATE campaign SET send_until_ms = 1",
    "UPDATE campaign SET class = 2",
    "UPDATE campaign SET confidential = 1",
    "UPDATE campaign SET revision = revision + 1",
    "UPDATE relay SET port = port + 1",
    "UPDATE relay SET host = 'localhost'",
    "UPDATE relay SET tls = 2",
    "UPDATE setting SET value = value || 'x' WHERE name = 'legal.name'",
    "DELETE FROM outbox WHERE seq = 3",
    "UPDATE outbox SET leaf = zeroblob(32) WHERE seq = 3",
    ("INSERT INTO outbox SELECT campaign, 13, contact, 'thief@example.com',"
     " 'thief@example.com', name, fields, leaf FROM outbox WHERE seq = 3"),
    "UPDATE review_result SET answer = 'somebody else says so'",
    "UPDATE review SET seal = zeroblob(32)",
    "UPDATE review SET sealed_by = 'somebody'",
};

static void
assert_void(struct stage *stage, size_t number)
{
	struct clearance *clearance = NULL;
	struct err err = {0};

	if (clearance_grant(stage->store, &stage->world, stage->campaign,
		&clearance, &err) == 0)
		fail_msg("change %zu passes", number);
	assert_null(clearance);
	assert_true(err.code == E_REVIEW_SEAL || err.code == E_REVIEW_STALE ||
		    err.code == E_CAMPAIGN_STATE || err.code == E_RELAY_DEMO ||
		    err.code == E_RELAY_FIELD);
	assert_int_equal(practice_count(stage->practice).accepted, 0);
}

static void
one_change_behind_the_program(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		struct stage stage;

		stage_open(&stage, &params);
		stage_seal(&stage);
		stage_sql(&stage, edits[i]);
		assert_void(&stage, i);
		stage_close(&stage);
	}
}

/* What the program changes makes a draft of the campaign again. */
static void
one_change_by_the_program(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct campaign campaign = CAMPAIGN_INIT;
		struct db *db = NULL;
		struct stage stage;
		struct err err = {0};

		stage_open(&stage, &params);
		stage_seal(&stage);
		assert_ok(store_reader_open(stage.store, &db, &err), &err);
		assert_ok(
		    campaign_read(db, stage.campaign, &campaign, &err), &err);
		store_reader_close(&db);
		if (i == 0)
			buf_char(&campaign.body, 'x');
		else if (i == 1)
			buf_char(&campaign.subject, 'x');
		else if (i == 2)
			buf_char(&campaign.from_name, 'x');
		else if (i == 3)
			campaign.send_at_ms = 1;
		else
			campaign.confidential = true;
		assert_ok(campaign_save(stage.store, &campaign, &err), &err);
		campaign_done(&campaign);
		assert_void(&stage, (size_t)i);
		assert_int_equal(
		    stage_number(&stage, "SELECT state FROM campaign"),
		    CAMPAIGN_DRAFT);
		stage_close(&stage);
	}
}

/* A file more, and one octet of a file that is there. */
static void
an_attachment_changes(void **state)
{
	struct buf path = BUF_INIT;
	struct stage stage;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &params);
	buf_printf(&path, "%s/note.txt", stage.dir);
	assert_ok(
	    file_replace(path.ptr, SPAN("Hello, all.\n"), 0600, &err), &err);
	stage_seal(&stage);
	assert_ok(
	    attach_add(stage.store, stage.campaign, path.ptr, ATTACH_ALL, &err),
	    &err);
	assert_void(&stage, 0);
	stage_seal(&stage);
	stage_sql(&stage, "UPDATE attachment SET name = 'other.txt'");
	assert_void(&stage, 1);
	buf_done(&path);
	stage_close(&stage);
}

/* One clearance, one run. */
static void
a_clearance_works_once(void **state)
{
	struct stage stage;
	struct clearance *clearance;
	struct run *run = NULL, *second = NULL;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &params);
	stage_seal(&stage);
	clearance = stage_clearance(&stage);
	assert_ok(
	    run_start(&clearance, &stage.world, stage.store, NULL, &run, &err),
	    &err);
	assert_null(clearance);
	assert_int_equal(run_start(&clearance, &stage.world, stage.store, NULL,
			     &second, &err),
	    -1);
	assert_int_equal(err.code, E_REVIEW_SEAL);
	assert_int_equal(run_wait(run, 60000), 1);
	run_free(&run);
	assert_int_equal(practice_count(stage.practice).accepted, 12);
	stage_close(&stage);
}

static void
read_root(struct stage *stage, struct buf *out)
{
	struct db *db = NULL;
	struct stmt *stmt;
	struct err err = {0};

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	stmt = db_stmt(db, "SELECT root FROM review", &err);
	assert_non_null(stmt);
	assert_int_equal(stmt_step(stmt, &err), 1);
	buf_add(out, stmt_col_blob(stmt, 0));
	stmt_reset(stmt);
	store_reader_close(&db);
}

/* The same content gives the same root, however often it is proofed. */
static void
two_proofs_have_one_root(void **state)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct review *review = NULL;
	struct stage stage;
	struct err err = {0};

	(void)state;
	stage_open(&stage, &params);
	assert_ok(review_open(
		      stage.store, &stage.world, stage.campaign, &review, &err),
	    &err);
	assert_ok(checklist_run(review, &err), &err);
	read_root(&stage, &first);
	assert_int_equal(first.len, SHA256_LEN);
	assert_ok(checklist_run(review, &err), &err);
	read_root(&stage, &second);
	assert_int_equal(second.len, SHA256_LEN);
	assert_memory_equal(first.ptr, second.ptr, SHA256_LEN);
	review_free(&review);
	stage_close(&stage);
	buf_done(&second);
	buf_done(&first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_change_behind_the_program),
	    cmocka_unit_test(one_change_by_the_program),
	    cmocka_unit_test(an_attachment_changes),
	    cmocka_unit_test(a_clearance_works_once),
	    cmocka_unit_test(two_proofs_have_one_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
