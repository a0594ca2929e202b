/* The views over tables with personal data.  A name without a schema is looked
 * up in temp first, so every query of a masked connection, whoever wrote it,
 * reads, searches and sorts masked values; what is behind the view is refused
 * by the authorizer to all but the view. */
#include "core/store/view.h"

#include "core/store/mask.h"

static void
mask_sql(sqlite3_context *context, int count, sqlite3_value **value)
{
	struct buf out = BUF_INIT;
	struct span text;

	(void)count;
	if (sqlite3_value_type(value[1]) == SQLITE_NULL)
		return;
	text.ptr = sqlite3_value_blob(value[1]);
	text.len = (size_t)sqlite3_value_bytes(value[1]);
	mask_value((enum mask_kind)sqlite3_value_int(value[0]), text, &out);
	if (sqlite3_value_int(value[0]) == MASK_BYTES)
		sqlite3_result_zeroblob(context, 0);
	else
		sqlite3_result_text64(context, out.ptr ? out.ptr : "", out.len,
		    SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_done(&out);
}

static const struct mask_column *
find(const struct mask_column *first, const char *column)
{
	for (; first->table; first++) {
		if (!strcmp(first->column, column))
			return first;
	}
	return NULL;
}

/* The columns of one table, masked where they are in masks, which are those of
 * the table from first to behind last. */
static int
add_columns(sqlite3 *sql, const struct mask_column *first,
    const struct mask_column *last, struct buf *out)
{
	sqlite3_stmt *stmt = NULL;
	const char *comma = "";
	int rc = sqlite3_prepare_v2(
	    sql, "SELECT name FROM pragma_table_info(?1)", -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, first->table, -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		const struct mask_column *mask = find(first, name);

		if (mask && mask < last)
			buf_printf(out, "%ssekisho_mask(%d, %s) AS %s", comma,
			    mask->kind, name, name);
		else
			buf_printf(out, "%s%s", comma, name);
		comma = ", ";
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int
install_one(sqlite3 *sql, const struct mask_column *first,
    const struct mask_column *last)
{
	struct buf text = BUF_INIT;
	int rc;

	buf_printf(&text, "CREATE TEMP VIEW %s AS SELECT ", first->table);
	rc = add_columns(sql, first, last, &text);
	buf_printf(&text, " FROM main.%s", first->table);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(sql, text.ptr, NULL, NULL, NULL);
	buf_done(&text);
	return rc;
}

int
view_install(sqlite3 *sql)
{
	const struct mask_column *first = mask_columns();
	int rc = sqlite3_create_function_v2(sql, "sekisho_mask", 2,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
	    mask_sql, NULL, NULL, NULL);

	while (first->table && rc == SQLITE_OK) {
		const struct mask_column *last = first;

		while (last->table && !strcmp(last->table, first->table))
			last++;
		rc = install_one(sql, first, last);
		first = last;
	}
	return rc;
}

int
view_refuses(const char *table, const char *column, const char *schema,
    const char *inside)
{
	if (!schema || strcmp(schema, "main") != 0 ||
	    (inside && !strcmp(inside, table)))
		return 0;
	return mask_has(table, column);
}
