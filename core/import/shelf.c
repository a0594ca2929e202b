/* A temporary table by hash, filled in order so that each of its pages is sealed
 * once, and a Bloom filter before it (Bloom, 1970): four bits of 2^27 for each
 * hash say of nearly everything that is new that it is.  The hashes are keyed and
 * random, so their own bits will do. */
#include "core/import/shelf.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/import/seen.h"
#include "core/store/store.h"

enum { BLOOM_BITS = 27, BLOOM_HASHES = 4 };

struct shelf {
	struct db *db;
	const uint64_t *adding; /* borrowed; while they are added */
	uint64_t bloom[1 << (BLOOM_BITS - 6)];
};

int
shelf_new(struct store *store, struct shelf **out, struct err *err)
{
	struct shelf *shelf = mem_new(sizeof *shelf);

	if (store_scratch_open(store, &shelf->db, err) < 0) {
		shelf_free(&shelf);
		return -1;
	}
	*out = shelf;
	return 0;
}

void
shelf_free(struct shelf **shelf)
{
	if (!*shelf)
		return;
	store_reader_close(&(*shelf)->db);
	free(*shelf);
	*shelf = NULL;
}

/* ---- The filter -------------------------------------------------------- */

static uint64_t
bit_of(uint64_t hash, int which)
{
	/* 37 bits apart enough of 61 */
	uint64_t low = hash / SEEN_NOTES, high = hash >> 32 | 1;

	return (low + (uint64_t)which * high) & ((1u << BLOOM_BITS) - 1);
}

static bool
may_have(const struct shelf *shelf, uint64_t hash)
{
	for (int i = 0; i < BLOOM_HASHES; i++) {
		uint64_t bit = bit_of(hash, i);

		if (!(shelf->bloom[bit / 64] >> bit % 64 & 1))
			return false;
	}
	return true;
}

static void
mark(struct shelf *shelf, uint64_t hash)
{
	for (int i = 0; i < BLOOM_HASHES; i++) {
		uint64_t bit = bit_of(hash, i);

		shelf->bloom[bit / 64] |= UINT64_C(1) << bit % 64;
	}
}

/* ---- The table --------------------------------------------------------- */

static int64_t
key_of(uint64_t hash)
{
	return (int64_t)(hash / SEEN_NOTES);
}

static void
feed_hash(void *arg, size_t i, struct feed_value value[FEED_COLUMNS])
{
	const struct shelf *shelf = arg;
	uint64_t hash = shelf->adding[i];

	value[0] = (struct feed_value){.number = key_of(hash)};
	value[1] = (struct feed_value){.number = (int64_t)(hash % SEEN_NOTES)};
}

static int
in_order(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int
shelf_add(struct shelf *shelf, uint64_t *hash, size_t count, struct err *err)
{
	static const char sql[] = "INSERT INTO temp.seen(hash, note)"
				  " SELECT c0, c1 FROM feed";
	const struct load_feed feed = {
	    .rows = count, .row = feed_hash, .arg = shelf};

	qsort(hash, count, sizeof *hash, in_order);
	for (size_t i = 0; i < count; i++)
		mark(shelf, hash[i]);
	shelf->adding = hash;
	return db_feed(shelf->db, sql, &feed, err);
}

int
shelf_find(struct shelf *shelf, uint64_t hash, uint64_t *found, struct err *err)
{
	struct stmt *stmt;
	int got;

	if (!may_have(shelf, hash))
		return 0;
	stmt = db_stmt(
	    shelf->db, "SELECT note FROM temp.seen WHERE hash = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, key_of(hash));
	got = stmt_step(stmt, err);
	if (got == 1)
		*found =
		    hash - hash % SEEN_NOTES + (uint64_t)stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got;
}

int
shelf_note(struct shelf *shelf, uint64_t hash, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    shelf->db, "UPDATE temp.seen SET note = ?2 WHERE hash = ?1", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, key_of(hash));
	stmt_int(stmt, 2, (int64_t)(hash % SEEN_NOTES));
	return stmt_run(stmt, err);
}
