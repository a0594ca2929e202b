/* Policies in the store.  Whatever goes wrong here must not stop a delivery: a
 * policy that cannot be read is fetched anew, one that cannot be written is
 * used all the same. */
#include "core/deliver/policies.h"

#include <stdlib.h>

#include "core/base/mem.h"

struct policies {
	struct sts_shelf port;
	struct store *store; /* borrowed */
};

static int
read_row(struct db *db, const char *domain, struct sts_kept *out)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, fetched_ms, expires_ms, policy FROM sts_policy"
	    " WHERE domain = ?1",
	    NULL);
	int got;

	if (!stmt)
		return 0;
	stmt_text(stmt, 1, span_of(domain));
	got = stmt_step(stmt, NULL);
	if (got > 0) {
		span_text(out->id, sizeof out->id, stmt_col_text(stmt, 0));
		out->fetched_ms = stmt_col_int(stmt, 1);
		out->expires_ms = stmt_col_int(stmt, 2);
		buf_add(out->policy, stmt_col_blob(stmt, 3));
	}
	stmt_reset(stmt);
	return got > 0;
}

static int
find(struct sts_shelf *shelf, const char *domain, struct sts_kept *out)
{
	struct policies *it = (struct policies *)shelf;
	struct db *db = NULL;
	int got = 0;

	if (store_reader_open(it->store, &db, NULL) == 0)
		got = read_row(db, domain, out);
	store_reader_close(&db);
	return got;
}

static int
write_row(struct db *db, const char *domain, const struct sts_kept *kept)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT OR REPLACE INTO sts_policy(domain, id, fetched_ms,"
	    " expires_ms, policy) VALUES(?1, ?2, ?3, ?4, ?5)",
	    NULL);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(domain));
	stmt_text(stmt, 2, span_of(kept->id));
	stmt_int(stmt, 3, kept->fetched_ms);
	stmt_int(stmt, 4, kept->expires_ms);
	stmt_blob(stmt, 5, buf_span(kept->policy));
	return stmt_run(stmt, NULL);
}

static void
keep(struct sts_shelf *shelf, const char *domain, const struct sts_kept *kept)
{
	struct policies *it = (struct policies *)shelf;
	struct db *db = NULL;

	if (store_begin(it->store, STORE_WAIT_SHORT, "mta-sts", &db, NULL) < 0)
		return;
	if (write_row(db, domain, kept) < 0)
		store_rollback(it->store, &db);
	else
		store_commit(it->store, &db, NULL);
}

struct sts_shelf *
policies_new(struct store *store)
{
	struct policies *it = mem_new(sizeof *it);

	it->port.find = find;
	it->port.keep = keep;
	it->store = store;
	return &it->port;
}

void
policies_free(struct sts_shelf **shelf)
{
	free(*shelf);
	*shelf = NULL;
}
