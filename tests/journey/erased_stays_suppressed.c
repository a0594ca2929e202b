/* A person asks to be erased after having been mailed.  Nothing of them is left
 * but the evidence that something was sent, which can still be proved; a file
 * that has them again, in whatever spelling, brings them neither back into the
 * list nor into the next delivery. */
#include "tests/unit/unit.h"

#include "core/base/file.h"
#include "core/import/import.h"
#include "core/report/report.h"
#include "core/review/merkle.h"
#include "tests/fake/stage.h"

enum { RECIPIENTS = 10, PERSON = 4 };

static const struct stage_params params = {
    .recipients = RECIPIENTS, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

static void
deliver_all(struct stage *stage, struct report *report)
{
	struct clearance *clearance = stage_clearance(stage);
	struct run_plan plan = {0};
	struct run *run = NULL;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(run_start(&clearance, &stage->world, stage->store, &plan,
		      &run, &err),
	    &err);
	assert_int_equal(run_wait(run, 60000), 1);
	run_free(&run);
	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(report_build(db, stage->campaign, report, &err), &err);
	store_reader_close(&db);
}

/* The root over the leaves of the campaign's rows, as the evidence pack has
 * them. */
static struct digest
root(struct stage *stage, int64_t campaign)
{
	struct merkle tree = {0};
	struct digest out;
	struct db *db = NULL;
	struct err err = {0};
	struct stmt *stmt;

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	stmt = db_stmt(db,
	    "SELECT leaf FROM outbox WHERE campaign = ?1 ORDER BY seq", &err);
	assert_non_null(stmt);
	stmt_int(stmt, 1, campaign);
	while (stmt_step(stmt, &err) == 1) {
		struct span blob = stmt_col_blob(stmt, 0);
		struct digest leaf;

		assert_int_equal(blob.len, SHA256_LEN);
		memcpy(leaf.bytes, blob.ptr, SHA256_LEN);
		merkle_add(&tree, &leaf);
	}
	stmt_reset(stmt);
	store_reader_close(&db);
	merkle_root(&tree, &out);
	return out;
}

/* Imports the person again, as others write the address. */
static void
import_again(struct stage *stage)
{
	static const char csv[] = "email,name\n"
				  "user00004@example.jp,山田 太郎4\n"
				  "User00004@Example.JP,山田 太郎4\n"
				  "USER00004@example.jp,\n"
				  "fresh@example.jp,新しい人\n";
	struct import_plan plan = {.list = stage->list,
	    .basis = BASIS_CONSENT,
	    .basis_at_ms = INT64_C(1775088660000),
	    .basis_note = SPAN("web form"),
	    .wording = 1};
	struct import_counts counts;
	struct import *import = NULL;
	struct buf path = BUF_INIT;
	struct err err = {0};

	buf_printf(&path, "%s/again.csv", stage->dir);
	assert_ok(file_replace(path.ptr, SPAN(csv), 0600, &err), &err);
	assert_ok(import_open(path.ptr, NULL, &import, &err), &err);
	assert_ok(
	    import_commit(import, stage->store, &plan, &counts, &err), &err);
	assert_int_equal(counts.read, 4);
	assert_int_equal(counts.fresh, 1);
	assert_int_equal(counts.suppressed + counts.duplicate, 3);
	assert_true(counts.suppressed >= 1);
	import_close(&import);
	buf_done(&path);
}

static void
erased_stays_suppressed(void **state)
{
	struct stage stage;
	struct report report;
	struct erased erased;
	struct digest before, after;
	struct err err = {0};
	int64_t accepted;

	(void)state;
	stage_open(&stage, &params);
	stage_seal(&stage);
	deliver_all(&stage, &report);
	assert_int_equal(report.count[LEDGER_ACCEPTED], RECIPIENTS);
	accepted = (int64_t)practice_count(stage.practice).accepted;
	before = root(&stage, stage.campaign.v);

	assert_ok(contact_erase(stage.store, (struct contact_id){PERSON},
		      SPAN("user00004@example.jp"),
		      SPAN("letter of 2026-11-20, article 30"), &erased, &err),
	    &err);
	assert_int_equal(erased.masked, 1);

	/* nothing is left that names the person */
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM contact WHERE"
				 " address LIKE '%00004%' OR canon LIKE"
				 " '%00004%' OR name LIKE '%太郎4'"),
	    0);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM outbox WHERE"
				 " address LIKE '%00004%' OR fields"
				 " LIKE '%00004%'"),
	    0);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM audit WHERE"
				 " object || facts LIKE '%00004%'"),
	    0);
	/* and what was sent is proved as before */
	after = root(&stage, stage.campaign.v);
	assert_true(digest_equal(&before, &after));

	import_again(&stage);
	assert_int_equal(stage_number(&stage,
			     "SELECT count(*) FROM contact"
			     " WHERE lower(canon) = 'user00004@example.jp'"),
	    0);
	assert_int_equal(stage_number(&stage, "SELECT count(*) FROM suppression"
					      " WHERE address <> ''"),
	    0);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM member"), RECIPIENTS);
	assert_int_equal(
	    (int64_t)practice_count(stage.practice).accepted, accepted);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(erased_stays_suppressed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
