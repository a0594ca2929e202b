/* Saved filters.  A segment that cannot be read is nobody's audience: whoever
 * asks for its members gets an error and never the whole list. */
#include "core/contacts/segment.h"

#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/contacts/contacts.h"

static int
missing(int64_t id, struct err *err)
{
	err_set(err, E_SEGMENT_MISSING);
	return err_fact_int(err, "id", id);
}

static int
bad_name(struct span name, const char *why, struct err *err)
{
	err_set(err, E_SEGMENT_NAME);
	err_fact(err, "name", name);
	return err_fact(err, "why", span_of(why));
}

/* ---- Checking -------------------------------------------------------------- */

static int
check_name(struct db *db, int64_t self, struct span name, struct err *err)
{
	struct stmt *stmt;
	int got;

	if (!utf8_is_valid(name))
		return bad_name(name, "utf8", err);
	if (text_check_line(name) != TEXT_FINE)
		return bad_name(name, "control", err);
	if (name.len == 0)
		return bad_name(name, "empty", err);
	if (utf8_count(name) > SEGMENT_NAME_MAX)
		return bad_name(name, "length", err);
	stmt = db_stmt(
	    db, "SELECT 1 FROM segment WHERE name = ?1 AND id <> ?2", err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, name);
	stmt_int(stmt, 2, self);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got == 1 ? bad_name(name, "taken", err) : got;
}

/* A masked person must not find out by a segment's count either. */
static int
check_filter(struct store *store, struct db *db, struct list_id list,
    struct span text, struct err *err)
{
	struct filter *filter = NULL;
	int masks = store_masks(store, db, err), rc = -1;

	if (masks < 0 ||
	    filter_prepare(
		db, text, clock_now_ms(store_clock(store)), &filter, err) < 0)
		return -1;
	if (filter->count == 0)
		err_set(err, E_SEGMENT_EMPTY);
	else if (masks == 0 || filter_check_shown(filter, err) == 0)
		rc = filter_check_fields(db, list, filter, err);
	filter_free(&filter);
	return rc;
}

/* ---- Changing -------------------------------------------------------------- */

static int
audit(struct store *store, struct db *db, const char *what, int64_t id,
    struct list_id list, struct span name, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = what};
	int rc;

	buf_printf(&object, "segment %lld", (long long)id);
	if (list.v)
		audit_fact_int(&facts, "list", list.v);
	if (name.len)
		audit_fact(&facts, "name", name);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

/* An id is not given twice while a campaign or the trash remembers it. */
static int
insert(struct store *store, struct db *db, struct list_id list,
    struct span name, struct span filter, int64_t *id, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO segment(id, list, name, filter, created_ms,"
	    " changed_ms, changed_by) VALUES(1 + max("
	    "coalesce((SELECT max(id) FROM segment), 0),"
	    " coalesce((SELECT max(segment) FROM campaign), 0),"
	    " coalesce((SELECT max(id) FROM trash_segment), 0)),"
	    " ?1, ?2, ?3, ?4, ?4, ?5)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_text(stmt, 2, name);
	stmt_text(stmt, 3, filter);
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 5, span_of(store_user(store)));
	if (stmt_run(stmt, err) < 0)
		return -1;
	*id = db_last_id(db);
	return 0;
}

int
segment_create(struct store *store, struct list_id list, struct span name,
    struct span filter, int64_t *id, struct err *err)
{
	struct db *db = NULL;
	int64_t made = 0;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	name = text_trim(name);
	filter = text_trim(filter);
	if (store_begin(store, STORE_WAIT_SHORT, "segment", &db, err) < 0)
		return -1;
	if (list_need(db, list, err) == 0 &&
	    check_name(db, 0, name, err) == 0 &&
	    check_filter(store, db, list, filter, err) == 0 &&
	    insert(store, db, list, name, filter, &made, err) == 0 &&
	    audit(store, db, "segment.create", made, list, name, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc == 0)
		*id = made;
	return rc;
}

static int
update(struct store *store, struct db *db, int64_t id, struct span name,
    struct span filter, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE segment SET name = ?2, filter = ?3, changed_ms = ?4,"
	    " changed_by = ?5, revision = revision + 1 WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_text(stmt, 2, name);
	stmt_text(stmt, 3, filter);
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 5, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

/* E_SEGMENT_USED when campaigns in one of these four states are for it. */
static int
check_unused(struct db *db, int64_t id, const enum campaign_state *states,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT count(*), coalesce(max(name), '') FROM campaign"
	    " WHERE segment = ?1 AND state IN (?2, ?3, ?4, ?5)",
	    err);
	int64_t count = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	for (int i = 0; i < 4; i++)
		stmt_int(stmt, i + 2, states[i]);
	got = stmt_step(stmt, err);
	if (got == 1 && (count = stmt_col_int(stmt, 0)) > 0) {
		err_set(err, E_SEGMENT_USED);
		err_fact(err, "campaign", stmt_col_text(stmt, 1));
		err_fact_int(err, "count", count);
	}
	stmt_reset(stmt);
	return got == 1 && count == 0 ? 0 : -1;
}

int
segment_change(struct store *store, int64_t id, struct span name,
    struct span filter, struct err *err)
{
	/* A delivery goes on by what was sealed, so that stays. */
	static const enum campaign_state busy[4] = {CAMPAIGN_RUNNING,
	    CAMPAIGN_RUNNING, CAMPAIGN_RUNNING, CAMPAIGN_RUNNING};
	struct segment now;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	name = text_trim(name);
	filter = text_trim(filter);
	if (store_begin(store, STORE_WAIT_SHORT, "segment", &db, err) < 0)
		return -1;
	if (segment_find(db, id, &now, err) == 0 &&
	    check_unused(db, id, busy, err) == 0 &&
	    check_name(db, id, name, err) == 0 &&
	    check_filter(store, db, now.list, filter, err) == 0 &&
	    update(store, db, id, name, filter, err) == 0 &&
	    audit(store, db, "segment.change", id, now.list, name, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

static int
remove_row(struct db *db, int64_t id, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "DELETE FROM segment WHERE id = ?1", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	return stmt_run(stmt, err);
}

int
segment_delete(struct store *store, int64_t id, struct err *err)
{
	static const enum campaign_state open[4] = {CAMPAIGN_DRAFT,
	    CAMPAIGN_SEALED, CAMPAIGN_RUNNING, CAMPAIGN_TEMPLATE};
	struct segment now;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_DELETE, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_SHORT, "segment", &db, err) < 0)
		return -1;
	if (segment_find(db, id, &now, err) == 0 &&
	    check_unused(db, id, open, err) == 0 &&
	    remove_row(db, id, err) == 0 &&
	    audit(store, db, "segment.delete", id, now.list, span_of(now.name),
		err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

/* ---- Reading --------------------------------------------------------------- */

static void
take(struct stmt *stmt, struct segment *out)
{
	*out = (struct segment){.id = stmt_col_int(stmt, 0),
	    .list.v = stmt_col_int(stmt, 1),
	    .changed_ms = stmt_col_int(stmt, 4),
	    .revision = stmt_col_int(stmt, 5)};
	text_cut(out->name, sizeof out->name, stmt_col_text(stmt, 2));
	text_cut(out->filter, sizeof out->filter, stmt_col_text(stmt, 3));
}

int
segment_all(struct db *db, struct list_id list, struct segment **out,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, list, name, filter, changed_ms, revision FROM segment"
	    " WHERE ?1 IN (0, list) ORDER BY list, name",
	    err);
	struct segment *all = mem_new(sizeof *all);
	size_t used = 0;
	int got = -1;

	if (stmt)
		stmt_int(stmt, 1, list.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		all = mem_grow(all, (used + 1) * sizeof *all);
		take(stmt, &all[used++]);
	}
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all;
	*count = used;
	return 0;
}

int
segment_find(struct db *db, int64_t id, struct segment *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, list, name, filter, changed_ms, revision FROM segment"
	    " WHERE id = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1)
		take(stmt, out);
	stmt_reset(stmt);
	if (got == 0)
		return missing(id, err);
	return got < 0 ? -1 : 0;
}

int
segment_filter(struct db *db, int64_t id, struct list_id list, int64_t now_ms,
    struct filter **out, struct digest *digest, struct err *err)
{
	/* The text is needed to see whether it may be used, and not shown. */
	struct stmt *stmt = db_stmt_inner(db,
	    "SELECT filter FROM main.segment WHERE id = ?1 AND list = ?2", err);
	struct buf text = BUF_INIT;
	int got, rc = -1;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_int(stmt, 2, list.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		buf_add(&text, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	if (got == 0)
		missing(id, err);
	if (got == 1 && digest)
		crypt_sha256(buf_span(&text), digest);
	if (got == 1 && !out)
		rc = 0;
	else if (got == 1)
		rc = filter_prepare(db, buf_span(&text), now_ms, out, err);
	/* An empty text would be everybody. */
	if (rc == 0 && out && (*out)->count == 0) {
		filter_free(out);
		rc = err_set(err, E_SEGMENT_EMPTY);
	}
	buf_done(&text);
	return rc;
}

/* ---- Counting -------------------------------------------------------------- */

/* Everybody of filter for whom the terms of also hold, in each of its
 * alternatives; false when that is too long.  *out borrows the texts of both. */
static bool
narrow(
    const struct filter *filter, const struct filter *also, struct filter *out)
{
	*out = *filter;
	out->count = 0;
	for (size_t i = 0; i <= filter->count; i++) {
		bool ends = i == filter->count ||
			    (i > 0 && filter->term[i].alternative);

		if (out->count + also->count + 1 > FILTER_TERMS)
			return false;
		for (size_t k = 0; ends && k < also->count; k++)
			out->term[out->count++] = also->term[k];
		if (i < filter->count)
			out->term[out->count++] = filter->term[i];
	}
	return true;
}

static int
count_sendable(struct db *db, struct list_id list, const struct filter *filter,
    const atomic_bool *stop, int64_t *out, struct err *err)
{
	struct filter *also = NULL;
	struct filter all;
	int rc = 0;

	if (filter_prepare(db, SPAN("status:active -status:nobasis"),
		filter->now_ms, &also, err) < 0)
		return -1;
	*out = -1;
	if (narrow(filter, also, &all)) {
		*out = contact_count(db, list, &all, stop, err);
		rc = *out < 0 ? -1 : 0;
	}
	filter_free(&also);
	return rc;
}

int
segment_count(struct store *store, struct db *db, int64_t id,
    struct list_id list, const atomic_bool *stop, struct segment_counts *out,
    struct err *err)
{
	int64_t now_ms = clock_now_ms(store_clock(store));
	struct filter *filter = NULL;
	int rc = -1;

	*out = (struct segment_counts){-1, -1};
	if (segment_filter(db, id, list, now_ms, &filter, NULL, err) < 0)
		return -1;
	out->members = contact_count(db, list, filter, stop, err);
	if (out->members >= 0)
		rc =
		    count_sendable(db, list, filter, stop, &out->sendable, err);
	filter_free(&filter);
	return rc;
}
