/* The proof run.  Members are read in one long snapshot, handed to all cores
 * in chunks, and written with their leaves; memory stays that of one chunk,
 * but for eight octets a message that find repeated Message-IDs. */
#include "core/review/proof.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/pool.h"
#include "core/review/lint.h"
#include "core/review/lint_files.h"
#include "core/review/merkle.h"

enum { CHUNK = 2048, WORKERS_MAX = 16 };

/* One member on its way through a chunk; spans live in the chunk's arena. */
struct slot {
	struct recipient recipient;
	struct span canon;
	int64_t contact;
	struct digest leaf;
	uint64_t id_hash, opt_out;
};

struct worker_tools {
	struct assembler *assembler;
	struct lint_tools lint;
	struct lint_files *files;
	struct tally tally;
};

struct press {
	struct proof *proof;
	struct db *db; /* reader of the snapshot */
	struct stmt *members;
	struct filter *segment; /* NULL: the whole list */
	struct suppress_set *stops;
	struct arena *arena;
	struct slot slot[CHUNK];
	size_t filled;
	struct lint_rules rules;
	struct pool *pool;
	struct worker_tools tools[WORKERS_MAX];
	struct merkle tree;
	uint64_t *id_hash, *opt_out; /* of every message */
	size_t id_room;
	struct extracts *found;
};

static void
press_message(void *payload, size_t item, int worker)
{
	struct press *press = payload;
	struct worker_tools *tools = &press->tools[worker];
	struct slot *slot = &press->slot[item];
	struct message message;
	struct digest hash;
	struct err err = {0};

	if (assemble_message(tools->assembler, &slot->recipient,
		press->proof->at_ms, &message, &err) < 0) {
		bool file = err.code == E_ATTACH_KEY ||
			    err.code == E_ATTACH_NONE ||
			    err.code == E_ATTACH_DIGEST;
		bool address = err.code == E_ADDRESS_SYNTAX ||
			       err.code == E_ADDRESS_LENGTH ||
			       err.code == E_ADDRESS_DOMAIN ||
			       err.code == E_ADDRESS_UTF8 ||
			       err.code == E_ADDRESS_WIDTH;

		tally_err(&tools->tally,
		    address                         ? LC_04
		    : file                          ? CM_10
		    : err.code == E_SMIME_RECIPIENT ? TS_05
						    : CM_01,
		    slot->recipient.seq, &err);
		return;
	}
	slot->leaf = message.leaf;
	crypt_sha256(message.message_id, &hash);
	memcpy(&slot->id_hash, hash.bytes, sizeof slot->id_hash);
	if (!message.message_id.len)
		tally_add(&tools->tally, HD_03, slot->recipient.seq, "missing",
		    SPAN(""));
	lint_message(&press->rules, &slot->recipient, &message, &tools->lint,
	    &tools->tally);
	slot->opt_out = tools->lint.opt_out;
	lint_files(tools->files, &slot->recipient, &message, &tools->tally);
}

/* Takes the present member into the chunk, or counts it as left out. */
static int
take_member(struct press *press, struct err *err)
{
	struct proof *proof = press->proof;
	struct slot *slot = &press->slot[press->filled];
	struct span canon = stmt_col_text(press->members, 2);
	int stopped = suppress_set_check(press->stops, press->db, canon, err);

	if (stopped < 0)
		return -1;
	if (stopped) {
		proof->left_out++;
		return 0;
	}
	*slot = (struct slot){.contact = stmt_col_int(press->members, 0)};
	slot->canon = arena_copy(press->arena, canon);
	slot->recipient = (struct recipient){
	    .seq = ++proof->recipients,
	    .address =
		arena_copy(press->arena, stmt_col_text(press->members, 1)),
	    .name = arena_copy(press->arena, stmt_col_text(press->members, 3)),
	    .fields =
		arena_copy(press->arena, stmt_col_text(press->members, 4)),
	};
	press->filled++;
	return 0;
}

/* Fills the chunk: 1 when members are left, 0 at the end, -1 on error. */
static int
fill_chunk(struct press *press, struct err *err)
{
	int got = 1;

	arena_reset(press->arena);
	press->filled = 0;
	while (press->filled < CHUNK &&
	       (got = stmt_step(press->members, err)) == 1) {
		if (take_member(press, err) < 0)
			return -1;
		atomic_fetch_add(press->proof->done, 1);
	}
	return got;
}

static int
write_slot(
    struct db *db, int64_t campaign, const struct slot *slot, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign);
	stmt_int(stmt, 2, slot->recipient.seq);
	stmt_int(stmt, 3, slot->contact);
	stmt_text(stmt, 4, slot->recipient.address);
	stmt_text(stmt, 5, slot->canon);
	stmt_text(stmt, 6, slot->recipient.name);
	stmt_text(stmt, 7, slot->recipient.fields);
	stmt_blob(stmt, 8, span_make(slot->leaf.bytes, SHA256_LEN));
	return stmt_run(stmt, err);
}

static int
write_chunk(struct press *press, struct err *err)
{
	struct proof *proof = press->proof;
	struct db *db = NULL;

	if (store_begin(proof->store, STORE_WAIT_LONG, "proof", &db, err) < 0)
		return -1;
	for (size_t i = 0; i < press->filled; i++) {
		if (write_slot(
			db, proof->campaign->id.v, &press->slot[i], err) < 0) {
			store_rollback(proof->store, &db);
			return -1;
		}
	}
	return store_commit(proof->store, &db, err);
}

static void
note_leaves(struct press *press)
{
	size_t have = press->tree.leaves;

	if (have + press->filled > press->id_room) {
		press->id_room = (have + press->filled) * 2;
		press->id_hash = mem_grow(
		    press->id_hash, press->id_room * sizeof *press->id_hash);
		press->opt_out = mem_grow(
		    press->opt_out, press->id_room * sizeof *press->opt_out);
	}
	for (size_t i = 0; i < press->filled; i++) {
		press->id_hash[have + i] = press->slot[i].id_hash;
		press->opt_out[have + i] = press->slot[i].opt_out;
		merkle_add(&press->tree, &press->slot[i].leaf);
	}
}

/* What the workers found in this chunk. */
static void
take_found(struct press *press)
{
	struct extracts *chunk[WORKERS_MAX];
	int workers = pool_size(press->pool);

	for (int i = 0; i < workers; i++)
		chunk[i] = press->tools[i].lint.found;
	extracts_take(press->found, chunk, (size_t)workers);
	for (int i = 0; i < workers; i++)
		extracts_clear(chunk[i]);
}

static int
press_all(struct press *press, struct err *err)
{
	struct proof *proof = press->proof;
	int more;

	do {
		more = fill_chunk(press, err);
		if (more < 0)
			return -1;
		pool_each(press->pool, press->filled, press_message, press);
		if (atomic_load(proof->cancel))
			return err_set(err, E_CANCELLED);
		if (write_chunk(press, err) < 0)
			return -1;
		note_leaves(press);
		take_found(press);
	} while (more == 1);
	return 0;
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Equal hashes are equal values (64 bits).  0 stands for none. */
static void
find_repeated(struct press *press, uint64_t *hash, enum check_id check)
{
	size_t count = press->tree.leaves;

	if (!count)
		return;
	qsort(hash, count, sizeof *hash, by_value);
	for (size_t i = 1; i < count; i++) {
		if (hash[i] && hash[i] == hash[i - 1])
			tally_add(
			    &press->proof->tally, check, 0, "twice", SPAN(""));
	}
}

static int
write_found(struct press *press, struct err *err)
{
	struct proof *proof = press->proof;
	struct db *db = NULL;

	if (store_begin(proof->store, STORE_WAIT_LONG, "proof", &db, err) < 0)
		return -1;
	if (extracts_write(db, proof->campaign->id, press->found, err) == 0)
		return store_commit(proof->store, &db, err);
	store_rollback(proof->store, &db);
	return -1;
}

/* Deletes what an earlier proof froze, and the seal over it; what a delivery
 * reads is never touched. */
static int
clear_outbox(struct proof *proof, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt = NULL;

	if (store_begin(proof->store, STORE_WAIT_LONG, "proof", &db, err) < 0)
		return -1;
	if (campaign_unseal(
		proof->store, db, proof->campaign->id, "proof", err) == 0)
		stmt =
		    db_stmt(db, "DELETE FROM outbox WHERE campaign = ?1", err);
	if (stmt) {
		stmt_int(stmt, 1, proof->campaign->id.v);
		if (stmt_run(stmt, err) == 0 &&
		    extracts_delete(db, proof->campaign->id, err) == 0)
			return store_commit(proof->store, &db, err);
	}
	store_rollback(proof->store, &db);
	return -1;
}

/* The filter of the campaign's segment; NULL when it is for the whole list. */
static int
read_segment(struct press *press, struct err *err)
{
	const struct campaign *campaign = press->proof->campaign;

	if (!campaign->segment)
		return 0;
	return segment_filter(press->db, campaign->segment,
	    (struct list_id){campaign->list}, press->proof->at_ms,
	    &press->segment, NULL, err);
}

static int
count_members(struct press *press, struct err *err)
{
	struct list_id list = {press->proof->campaign->list};
	int64_t count = contact_count(
	    press->db, list, press->segment, press->proof->cancel, err);

	if (count < 0)
		return -1;
	atomic_store(press->proof->total, count);
	return 0;
}

static struct stmt *
open_members(struct press *press, struct err *err)
{
	struct list_id list = {press->proof->campaign->list};
	struct stmt *stmt;

	if (press->segment)
		return filter_stmt(press->db, list, press->segment,
		    (struct contact_id){0}, FILTER_ROWS, err);
	stmt = db_stmt(press->db,
	    "SELECT c.id, c.address, c.canon, c.name, c.fields FROM member m"
	    " JOIN contact c ON c.id = m.contact WHERE m.list = ?1"
	    " ORDER BY m.contact",
	    err);
	if (stmt)
		stmt_int(stmt, 1, list.v);
	return stmt;
}

static int
set_up(struct press *press, struct err *err)
{
	struct proof *proof = press->proof;

	if (store_reader_open(proof->store, &press->db, err) < 0 ||
	    lint_rules_read(proof->store, press->db, proof->campaign,
		proof->at_ms, &press->rules, err) < 0 ||
	    personal_read(press->db, proof->campaign, proof->cancel,
		&press->rules.personal, err) < 0 ||
	    pool_new(WORKERS_MAX, &press->pool, err) < 0)
		return -1;
	for (int i = 0; i < pool_size(press->pool); i++) {
		lint_tools_init(&press->tools[i].lint, proof->store);
		if (lint_files_new(proof->store, proof->campaign->id,
			press->rules.personal, &press->tools[i].files, err) < 0)
			return -1;
		if (assembler_new(proof->store, press->db, proof->template,
			ASSEMBLE_PROOF, &press->tools[i].assembler, err) < 0)
			return -1;
	}
	if (read_segment(press, err) < 0 || count_members(press, err) < 0)
		return -1;
	press->members = open_members(press, err);
	return press->members ? 0 : -1;
}

static void
tear_down(struct press *press)
{
	stmt_reset(press->members);
	pool_free(&press->pool);
	for (int i = 0; i < WORKERS_MAX; i++) {
		assembler_free(&press->tools[i].assembler);
		lint_tools_done(&press->tools[i].lint);
		lint_files_free(&press->tools[i].files);
	}
	lint_rules_done(&press->rules);
	suppress_set_free(&press->stops);
	filter_free(&press->segment);
	store_reader_close(&press->db);
	arena_free(&press->arena);
	free(press->id_hash);
	free(press->opt_out);
	extracts_free(&press->found);
	free(press);
}

int
proof_run(struct proof *proof, struct err *err)
{
	struct press *press = mem_new(sizeof *press);
	int rc = -1;

	press->proof = proof;
	press->arena = arena_new();
	press->found = extracts_new();
	press->stops = suppress_set_new(
	    proof->store, (struct list_id){proof->campaign->list});
	atomic_store(proof->done, 0);
	if (clear_outbox(proof, err) < 0 || set_up(press, err) < 0 ||
	    press_all(press, err) < 0)
		goto out;
	for (int i = 0; i < pool_size(press->pool); i++)
		tally_merge(&proof->tally, &press->tools[i].tally);
	personal_figures(press->rules.personal, &proof->tally.personal);
	find_repeated(press, press->id_hash, HD_03);
	find_repeated(press, press->opt_out, LK_05);
	lint_source(proof->campaign, &proof->tally);
	lint_tracking(
	    proof->campaign, press->found, proof->recipients, &proof->tally);
	merkle_root(&press->tree, &proof->root);
	rc = proof->recipients ? write_found(press, err)
			       : err_set(err, E_REVIEW_EMPTY);
out:
	tear_down(press);
	if (rc < 0)
		clear_outbox(proof, NULL);
	return rc;
}

int
proof_root(struct db *db, struct campaign_id campaign, struct digest *root,
    int64_t *count, struct err *err)
{
	struct merkle tree = {0};
	struct stmt *stmt = db_stmt(db,
	    "SELECT leaf FROM outbox WHERE campaign = ?1 ORDER BY seq", err);
	struct digest leaf;
	struct span blob;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		blob = stmt_col_blob(stmt, 0);
		memset(&leaf, 0, sizeof leaf);
		if (blob.len == SHA256_LEN)
			memcpy(leaf.bytes, blob.ptr, SHA256_LEN);
		merkle_add(&tree, &leaf);
	}
	stmt_reset(stmt);
	merkle_root(&tree, root);
	*count = (int64_t)tree.leaves;
	return got;
}
