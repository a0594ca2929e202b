/* Whole lists: copied, united, counted together. */
#include "core/contacts/lists.h"

#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/contacts/consent_rows.h"
#include "core/contacts/contacts.h"
#include "core/contacts/evidence_rank.h"
#include "core/contacts/rows.h"
#include "core/contacts/trash_rows.h"

int
list_heads(
    struct db *db, struct list_info **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, name, changed_ms, revision, color FROM list"
	    " ORDER BY name",
	    err);
	struct list_info *all = NULL;
	size_t used = 0;
	int got;

	if (!stmt)
		return -1;
	while ((got = stmt_step(stmt, err)) == 1) {
		all = mem_more(all, used, sizeof *all);
		all[used] = (struct list_info){.id.v = stmt_col_int(stmt, 0),
		    .changed_ms = stmt_col_int(stmt, 2),
		    .revision = stmt_col_int(stmt, 3),
		    .color = (enum circle)stmt_col_int(stmt, 4)};
		text_cut(all[used].name, sizeof all[used].name,
		    stmt_col_text(stmt, 1));
		used++;
	}
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all ? all : mem_new(1);
	*count = used;
	return 0;
}

int
list_totals(struct db *db, struct list_totals *out, struct err *err)
{
	if (rows_number(db, "SELECT count(*) FROM member", 0, 0, &out->members,
		err) < 0)
		return -1;
	return rows_number(db, "SELECT count(DISTINCT contact) FROM member", 0,
	    0, &out->different, err);
}

/* The stop list is short beside the list: this begins there. */
int
list_bounced(struct store *store, struct db *db, struct list_id list,
    int64_t *out, struct err *err)
{
	struct stmt *stmt = db_stmt_inner(db,
	    "SELECT count(DISTINCT m.contact) FROM main.suppression s"
	    " CROSS JOIN main.contact x ON " STOP_IS_OF_X
	    " CROSS JOIN member m ON m.list = ?1 AND m.contact = x.id"
	    " WHERE s.list IN (0, ?1) AND s.cause IN (?2, ?3)"
	    " AND (s.until_ms = 0 OR s.until_ms > ?4)",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_int(stmt, 2, SUPPRESS_BOUNCED);
	stmt_int(stmt, 3, SUPPRESS_SOFT);
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

/* ?1: onto this list, ?2: from that one. */
static const char join[] =
    "INSERT INTO member SELECT ?1, m.contact, m.basis, m.basis_at_ms,"
    " m.basis_note, m.import, m.how, m.wording, m.ip, m.paper,"
    " m.confirmed_ms FROM member m WHERE m.list = ?2" EVIDENCE_BETTER;

static int
log_lists(struct store *store, struct db *db, const char *what,
    struct list_id list, struct list_id from, int64_t members, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_printf(&object, "list %lld", (long long)list.v);
	audit_fact_int(&facts, "from", from.v);
	audit_fact_int(&facts, "members", members);
	rc = trash_log(store, db, what, buf_span(&object), &facts, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
list_copy(struct store *store, struct list_id from, struct span name,
    struct list_id *out, struct err *err)
{
	struct list_id id = {0};
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "list", &db, err) < 0)
		return -1;
	if (list_need(db, from, err) == 0 &&
	    list_create_in(store, db, name, &id, err) == 0 &&
	    rows_run(db, join, id.v, from.v, err) == 0 &&
	    rows_run(db,
		"UPDATE list SET color = (SELECT o.color FROM list o"
		" WHERE o.id = ?2) WHERE id = ?1",
		id.v, from.v, err) == 0 &&
	    log_lists(store, db, "list.copy", id, from, 0, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc == 0)
		*out = id;
	return rc;
}

/* What better evidence is about to replace goes into the history. */
static int
keep_replaced(struct store *store, struct db *db, struct list_id from,
    struct list_id into, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT m.contact FROM member m JOIN member o ON o.list = ?2"
	    " AND o.contact = m.contact WHERE m.list = ?1 AND m.basis <> 0"
	    " AND " EVIDENCE_RANK("o.") " > " EVIDENCE_RANK("m."),
	    err);
	int got = 0, rc = 0;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, into.v);
	stmt_int(stmt, 2, from.v);
	while (rc == 0 && (got = stmt_step(stmt, err)) == 1)
		rc = consent_keep_in(store, db,
		    &(struct consent_keeping){.list = into,
			.contact.v = stmt_col_int(stmt, 0),
			.what = CONSENT_REPLACED},
		    err);
	stmt_reset(stmt);
	return rc < 0 || got < 0 ? -1 : 0;
}

static int
unite_in(struct store *store, struct db *db, struct list_id from,
    struct list_id into, struct trash_id *out, struct err *err)
{
	int64_t members;

	if (from.v == into.v)
		return err_set(err, E_CONTACT_SAME);
	if (list_need(db, from, err) < 0 || list_need(db, into, err) < 0 ||
	    keep_replaced(store, db, from, into, err) < 0 ||
	    rows_run(db, join, into.v, from.v, err) < 0)
		return -1;
	members = db_changes(db);
	if (list_touch(store, db, into, err) < 0 ||
	    trash_list_in(store, db, from, out, err) < 0)
		return -1;
	return log_lists(store, db, "list.unite", into, from, members, err);
}

int
list_unite(struct store *store, struct list_id from, struct list_id into,
    struct trash_id *out, struct err *err)
{
	struct trash_id trash = {0};
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_DELETE, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "list", &db, err) < 0)
		return -1;
	if (unite_in(store, db, from, into, &trash, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc == 0 && out)
		*out = trash;
	return rc;
}
