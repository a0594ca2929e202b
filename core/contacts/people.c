/* Many people at once.  What is done with each is where one person's is; here
 * stands how a transaction over many of them is told of, stopped and logged. */
#include "core/contacts/people.h"

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/contacts/contacts.h"
#include "core/contacts/edit_rows.h"

enum { TELL_EVERY = 256 };

int
people_step(const struct several *people, size_t done, struct err *err)
{
	if (people->stop && atomic_load(people->stop))
		return err_set(err, E_CANCELLED);
	if (people->progress &&
	    (done % TELL_EVERY == 0 || done == people->count))
		people->progress(
		    people->data, (int64_t)done, (int64_t)people->count);
	return 0;
}

/* ---- The stop list ---------------------------------------------------------- */

/* 1 with the address that is meant in arena, 0 when the contact is gone, -1. */
static int
read_canon(struct db *db, struct contact_id id, struct arena *arena,
    struct span *out, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT canon FROM contact WHERE id = ?1 AND canon <> ''", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = arena_copy(arena, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return got;
}

struct stopping {
	struct store *store;
	struct db *db;
	struct suppress_entry entry;
	int64_t found, stopped;
};

static int
stop_one(struct stopping *work, struct contact_id id, struct arena *arena,
    struct err *err)
{
	struct span canon;
	int got = read_canon(work->db, id, arena, &canon, err);

	if (got <= 0)
		return got;
	work->found++;
	got =
	    suppress_enter_in(work->store, work->db, canon, &work->entry, err);
	if (got < 0)
		return -1;
	work->stopped += got;
	return 0;
}

static int
stop_all_of(
    struct stopping *work, const struct several *people, struct err *err)
{
	struct arena *arena = arena_new();
	int rc = 0;

	for (size_t i = 0; i < people->count && rc == 0; i++) {
		arena_reset(arena);
		rc = stop_one(work, people->id[i], arena, err);
		if (rc == 0)
			rc = people_step(people, i + 1, err);
	}
	arena_free(&arena);
	if (rc == 0 && work->found == 0)
		rc = err_set(err, E_CONTACT_MISSING);
	return rc;
}

static int
log_stop(const struct stopping *work, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	if (work->entry.list.v)
		buf_printf(&object, "list %lld", (long long)work->entry.list.v);
	else
		buf_text(&object, "all lists");
	audit_fact_int(&facts, "people", work->found);
	audit_fact_int(&facts, "stopped", work->stopped);
	rc = audit_add_in(work->store, work->db,
	    &(struct audit_event){
		"suppress.people", buf_span(&object), buf_span(&facts)},
	    err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

static int
check_reason(struct span reason, struct err *err)
{
	if (text_is_blank(reason))
		return edit_bad(SPAN("reason"), "empty", err);
	if (reason.len > PEOPLE_REASON_MAX)
		return edit_bad(SPAN("reason"), "length", err);
	if (text_check_line(reason) != TEXT_FINE)
		return edit_bad(SPAN("reason"), "character", err);
	return 0;
}

int
people_stop(struct store *store, struct list_id list,
    const struct several *people, struct span reason, int64_t *stopped,
    struct err *err)
{
	struct stopping work = {.store = store,
	    .entry = {.list = list,
		.cause = SUPPRESS_HAND,
		.source = SPAN("by hand"),
		.evidence = reason}};
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    check_reason(reason, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "suppress", &work.db, err) < 0)
		return -1;
	if ((list.v == 0 || list_need(work.db, list, err) == 0) &&
	    stop_all_of(&work, people, err) == 0 && log_stop(&work, err) == 0)
		rc = store_commit(store, &work.db, err);
	store_rollback(store, &work.db);
	if (rc == 0 && stopped)
		*stopped = work.stopped;
	return rc;
}
