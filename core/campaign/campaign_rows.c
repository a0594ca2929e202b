/* Lists of campaigns and templates, for choosing one. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/campaign/campaign.h"

/* The numbers of the ledger's final states stand in core/deliver/deliver.h. */
#define ROWS                                                                   \
	"SELECT c.id, c.state, c.class, c.name, coalesce(l.name, '')"          \
	" || coalesce(' > ' || (SELECT name FROM segment WHERE id ="           \
	" c.segment), ''),"                                                    \
	" c.changed_by, c.changed_ms,"                                         \
	" coalesce((SELECT total FROM run WHERE campaign = c.id),"             \
	" CASE WHEN c.segment = 0 AND (c.expected > 0 OR c.state <> 0) THEN"   \
	" (SELECT count(*) FROM member WHERE list = c.list) ELSE -1 END),"     \
	" coalesce((SELECT sum(rows) FROM ledger_total"                        \
	" WHERE campaign = c.id AND state IN (3, 5, 6, 7, 8)), 0)"             \
	" FROM campaign c LEFT JOIN list l ON l.id = c.list"

static int
read_rows(struct db *db, const char *sql, struct campaign_row **out,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	struct campaign_row *all = NULL;
	size_t found = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, CAMPAIGN_TEMPLATE);
	while ((got = stmt_step(stmt, err)) > 0) {
		all = mem_grow(all, (found + 1) * sizeof *all);
		struct campaign_row *row = &all[found++];
		row->id.v = stmt_col_int(stmt, 0);
		row->state = (enum campaign_state)stmt_col_int(stmt, 1);
		row->class = (enum campaign_class)stmt_col_int(stmt, 2);
		span_text(row->name, sizeof row->name, stmt_col_text(stmt, 3));
		span_text(row->list_name, sizeof row->list_name,
		    stmt_col_text(stmt, 4));
		span_text(row->changed_by, sizeof row->changed_by,
		    stmt_col_text(stmt, 5));
		row->changed_ms = stmt_col_int(stmt, 6);
		row->recipients = stmt_col_int(stmt, 7);
		row->final = stmt_col_int(stmt, 8);
	}
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all;
	*count = found;
	return 0;
}

int
campaign_all(
    struct db *db, struct campaign_row **out, size_t *count, struct err *err)
{
	return read_rows(db,
	    ROWS " WHERE c.state <> ?1"
		 " ORDER BY c.changed_ms DESC, c.id DESC",
	    out, count, err);
}

int
campaign_templates(
    struct db *db, struct campaign_row **out, size_t *count, struct err *err)
{
	return read_rows(db, ROWS " WHERE c.state = ?1 ORDER BY c.name, c.id",
	    out, count, err);
}
