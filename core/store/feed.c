/* The table "feed": rows that the program hands to one statement.  To start,
 * bind and end a statement costs as much as to store the row; here SQLite asks
 * for value after value instead.  Nothing is kept, and between statements the
 * table is empty. */
#include "core/store/feed.h"

#include <stdlib.h>

#include "core/base/mem.h"

/* The module's view of the connection: where the rows are, if any. */
struct table {
	sqlite3_vtab base;
	const struct load_feed *const *feed; /* borrowed */
};

struct cursor {
	sqlite3_vtab_cursor base;
	const struct load_feed *feed; /* NULL: none */
	size_t at;
	struct feed_value value[FEED_COLUMNS];
};

static struct cursor *
cursor_of(sqlite3_vtab_cursor *base)
{
	return (struct cursor *)(void *)base;
}

static int
attach_table(sqlite3 *sql, void *aux, int argc, const char *const *argv,
    sqlite3_vtab **out, char **message)
{
	struct table *table;
	int rc = sqlite3_declare_vtab(sql,
	    "CREATE TABLE feed(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10)");

	(void)argc;
	(void)argv;
	(void)message;
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_vtab_config(sql, SQLITE_VTAB_DIRECTONLY);
	table = mem_new(sizeof *table);
	table->feed = aux;
	*out = &table->base;
	return SQLITE_OK;
}

static int
detach_table(sqlite3_vtab *base)
{
	free(base);
	return SQLITE_OK;
}

static int
best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	(void)base;
	info->estimatedCost = 1000;
	info->estimatedRows = 1000;
	return SQLITE_OK;
}

static int
open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
	struct cursor *cursor = mem_new(sizeof *cursor);

	(void)base;
	*out = &cursor->base;
	return SQLITE_OK;
}

static int
close_cursor(sqlite3_vtab_cursor *base)
{
	free(base);
	return SQLITE_OK;
}

static bool
is_behind(const struct cursor *cursor)
{
	return !cursor->feed || cursor->at >= cursor->feed->rows;
}

static void
take_row(struct cursor *cursor)
{
	if (!is_behind(cursor))
		cursor->feed->row(cursor->feed->arg, cursor->at, cursor->value);
}

static int
filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
    sqlite3_value **argv)
{
	struct cursor *cursor = cursor_of(base);
	const struct table *table =
	    (const struct table *)(const void *)base->pVtab;

	(void)number;
	(void)text;
	(void)argc;
	(void)argv;
	cursor->feed = *table->feed;
	cursor->at = 0;
	take_row(cursor);
	return SQLITE_OK;
}

static int
next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = cursor_of(base);

	cursor->at++;
	take_row(cursor);
	return SQLITE_OK;
}

static int
eof(sqlite3_vtab_cursor *base)
{
	return is_behind(cursor_of(base));
}

static int
column(sqlite3_vtab_cursor *base, sqlite3_context *context, int at)
{
	const struct feed_value *value = &cursor_of(base)->value[at];

	if (value->text.ptr)
		sqlite3_result_text64(context, value->text.ptr, value->text.len,
		    SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_result_int64(context, value->number);
	return SQLITE_OK;
}

static int
rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)cursor_of(base)->at;
	return SQLITE_OK;
}

int
feed_install(sqlite3 *sql, const struct load_feed *const *feed)
{
	/* no xCreate: it is there without being made, and cannot be made */
	static const sqlite3_module module = {
	    .xConnect = attach_table,
	    .xDisconnect = detach_table,
	    .xBestIndex = best_index,
	    .xOpen = open_cursor,
	    .xClose = close_cursor,
	    .xFilter = filter,
	    .xNext = next,
	    .xEof = eof,
	    .xColumn = column,
	    .xRowid = rowid,
	};

	return sqlite3_create_module_v2(
	    sql, "feed", &module, (void *)(uintptr_t)feed, NULL);
}
