/* The proof of a list that is no sample: one wrong row among all of them is
 * found wherever it stands, two proofs of the same have the same root, and one
 * that is stopped leaves nothing. */
#include "core/review/proof.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { EVERYBODY = 20000, FEW = 3000, ODD = 13331, FIRST_LIST = 1 };

struct desk {
	struct store *store;
	struct db *db;
	struct campaign campaign;
	struct template *template;
	atomic_bool cancel;
	atomic_llong done, total;
	struct err err;
};

static void
run(struct desk *desk, const char *sql, int64_t value)
{
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(
	    store_begin(desk->store, STORE_WAIT_LONG, "test", &db, &desk->err),
	    &desk->err);
	stmt = db_stmt(db, sql, &desk->err);
	assert_non_null(stmt);
	if (value)
		stmt_int(stmt, 1, value);
	assert_ok(stmt_run(stmt, &desk->err), &desk->err);
	assert_ok(store_commit(desk->store, &db, &desk->err), &desk->err);
}

/* Everybody is on the first list, the first few on the second; one is called
 * what somebody else's address is. */
static void
fill(struct desk *desk)
{
	run(desk,
	    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
	    " VALUES(1, 'all', 0, 0, 'b'), (2, 'few', 0, 0, 'b')",
	    0);
	run(desk,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < ?1) INSERT INTO contact(id, address, canon, name,"
	    " fields, created_ms, changed_ms) SELECT i,"
	    " printf('u%07d@example.net', i), printf('u%07d@example.net', i),"
	    " printf('山田 太郎%d', i), '{}', 1, 1 FROM n",
	    EVERYBODY);
	run(desk,
	    "UPDATE contact SET name = 'u0000007@example.net' WHERE id = ?1",
	    ODD);
	run(desk,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, id, 1, 0, '' FROM contact UNION ALL"
	    " SELECT 2, id, 1, 0, '' FROM contact WHERE id <= ?1",
	    FEW);
}

static void
begin(struct desk *desk)
{
	struct campaign *campaign = &desk->campaign;

	*desk = (struct desk){.campaign = CAMPAIGN_INIT};
	desk->store = tempstore_open(clock_real());
	fill(desk);
	assert_ok(campaign_create(desk->store, SPAN("news"), CLASS_TX,
		      &campaign->id, &desk->err),
	    &desk->err);
	assert_ok(
	    store_reader_open(desk->store, &desk->db, &desk->err), &desk->err);
	campaign->class = CLASS_TX;
	campaign->list = FIRST_LIST;
	buf_text(&campaign->from_address, "news@example.jp");
	buf_text(&campaign->subject, "お知らせ");
	buf_text(&campaign->body,
	    "{{name}}様\n\nいつもご利用ありがとうございます。\n");
	assert_ok(template_compile(desk->store, desk->db, campaign,
		      &desk->template, &desk->err),
	    &desk->err);
}

static void
end(struct desk *desk)
{
	campaign_done(&desk->campaign);
	template_free(&desk->template);
	store_reader_close(&desk->db);
	tempstore_close(&desk->store);
}

static int
prove(struct desk *desk, struct proof *proof)
{
	*proof = (struct proof){
	    .store = desk->store,
	    .campaign = &desk->campaign,
	    .template = desk->template,
	    .at_ms = INT64_C(1795000000000),
	    .cancel = &desk->cancel,
	    .done = &desk->done,
	    .total = &desk->total,
	};
	return proof_run(proof, &desk->err);
}

/* The leaves that the store has now, and the root over them. */
static int64_t
stored(struct desk *desk, struct digest *root)
{
	struct db *db = NULL;
	int64_t count = -1;

	assert_ok(store_reader_open(desk->store, &db, &desk->err), &desk->err);
	assert_ok(proof_root(db, desk->campaign.id, root, &count, &desk->err),
	    &desk->err);
	store_reader_close(&db);
	return count;
}

static void
nobody_is_left_out(void **state)
{
	struct desk *desk = mem_new(sizeof *desk);
	struct proof *proof = mem_new(sizeof *proof);
	struct digest root;

	(void)state;
	begin(desk);
	assert_ok(prove(desk, proof), &desk->err);
	assert_int_equal(proof->recipients, EVERYBODY);
	assert_int_equal(atomic_load(&desk->done), EVERYBODY);
	assert_int_equal(proof->tally.count[CM_03], 1);
	assert_int_equal(proof->tally.first_seq[CM_03], ODD);
	assert_string_equal(err_find(&proof->tally.first[CM_03], "value"),
	    "u0000007@example.net");
	assert_int_equal(stored(desk, &root), EVERYBODY);
	assert_memory_equal(&root, &proof->root, sizeof root);
	end(desk);
	free(proof);
	free(desk);
}

static void
two_proofs_have_one_root(void **state)
{
	struct desk *desk = mem_new(sizeof *desk);
	struct proof *proof = mem_new(sizeof *proof);
	struct digest first, other;

	(void)state;
	begin(desk);
	desk->campaign.list = 2;
	assert_ok(prove(desk, proof), &desk->err);
	first = proof->root;
	assert_ok(prove(desk, proof), &desk->err);
	assert_memory_equal(&first, &proof->root, sizeof first);
	/* one name, and it is another */
	run(desk, "UPDATE contact SET name = 'x' WHERE id = ?1", FEW);
	assert_ok(prove(desk, proof), &desk->err);
	assert_memory_not_equal(&first, &proof->root, sizeof first);
	/* one that was told to stop leaves nothing of the one before */
	atomic_store(&desk->cancel, true);
	assert_int_equal(prove(desk, proof), -1);
	assert_int_equal(desk->err.code, E_CANCELLED);
	assert_int_equal(stored(desk, &other), 0);
	end(desk);
	free(proof);
	free(desk);
}

/* A link to leave that stands in the text is the same in all messages, and
 * nobody's: each message is at fault, and each but one repeats another. */
static void
one_way_out_for_all_is_found(void **state)
{
	struct desk *desk = mem_new(sizeof *desk);
	struct proof *proof = mem_new(sizeof *proof);

	(void)state;
	begin(desk);
	assert_ok(setting_write(desk->store, "unsubscribe.base_url",
		      SPAN("https://u.example.jp/u"), &desk->err),
	    &desk->err);
	desk->campaign.list = 2;
	buf_text(&desk->campaign.body,
	    "\nhttps://u.example.jp/u/aaaaaaaaaaaaaaaaaaaaaaaaaa\n");
	template_free(&desk->template);
	assert_ok(template_compile(desk->store, desk->db, &desk->campaign,
		      &desk->template, &desk->err),
	    &desk->err);
	assert_ok(prove(desk, proof), &desk->err);
	assert_int_equal(proof->tally.count[LK_05], 2 * FEW - 1);
	assert_string_equal(
	    err_find(&proof->tally.first[LK_05], "what"), "twice");
	end(desk);
	free(proof);
	free(desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_is_left_out),
	    cmocka_unit_test(two_proofs_have_one_root),
	    cmocka_unit_test(one_way_out_for_all_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
