/* What is kept of how somebody looks at a list.  What the names of the columns
 * mean is the screen's affair. */
#include "core/contacts/list_view.h"

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/contacts/contacts.h"
#include "core/contacts/edit_rows.h"

int
list_view_read(struct store *store, struct db *db, struct list_id list,
    struct list_view *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT columns, sorted, down FROM list_view"
	    " WHERE login = ?1 AND list = ?2",
	    err);
	int64_t order;
	int got;

	buf_clear(&out->columns);
	out->order = CONTACT_BY_ID;
	out->way = CONTACT_UP;
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(store_user(store)));
	stmt_int(stmt, 2, list.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		buf_add(&out->columns, stmt_col_text(stmt, 0));
		order = stmt_col_int(stmt, 1);
		if (order > 0 && order < CONTACT_ORDERS)
			out->order = (enum contact_order)order;
		out->way = stmt_col_int(stmt, 2) ? CONTACT_DOWN : CONTACT_UP;
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
keep_in(struct store *store, struct db *db, struct list_id list,
    const struct list_view *view, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO list_view(login, list, columns, sorted, down)"
	    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(login, list) DO UPDATE"
	    " SET columns = ?3, sorted = ?4, down = ?5",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(store_user(store)));
	stmt_int(stmt, 2, list.v);
	stmt_text(stmt, 3, buf_span(&view->columns));
	stmt_int(stmt, 4, view->order);
	stmt_int(stmt, 5, view->way == CONTACT_DOWN);
	return stmt_run(stmt, err);
}

int
list_view_keep(struct store *store, struct list_id list,
    const struct list_view *view, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_VIEW, err) < 0)
		return -1;
	if (view->columns.len > LIST_VIEW_COLUMNS_MAX)
		return edit_bad(SPAN("columns"), "length", err);
	if (text_check_lines(buf_span(&view->columns)) != TEXT_FINE)
		return edit_bad(SPAN("columns"), "character", err);
	if (store_begin(store, STORE_WAIT_SHORT, "list", &db, err) < 0)
		return -1;
	if (list_need(db, list, err) == 0 &&
	    keep_in(store, db, list, view, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}
