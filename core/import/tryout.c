/* The first rows tell whether a mapping is right: an address column that is
 * none makes nearly all of them bad. */
#include "core/import/tryout.h"

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/import/row.h"
#include "core/import/source.h"

static int
is_member(
    struct db *db, struct list_id list, struct span canon, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT 1 FROM contact c JOIN member m ON m.contact = c.id"
	    " WHERE c.canon = ?1 AND m.list = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, canon);
	stmt_int(stmt, 2, list.v);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

static int
try_row(const struct mapping *mapping, const struct csv_row *row,
    struct arena *arena, struct db *db, struct list_id list,
    struct import_tried *out, struct err *err)
{
	struct csv_person person = {0};
	struct err why = {.code = E_NONE};
	int got = row_person(mapping, row, arena, &person, &why);
	int member;

	if (got == 0)
		return 0;
	out->rows++;
	if (got < 0) {
		if (out->bad++ == 0)
			out->bad_line = row->line;
		return 0;
	}
	out->good++;
	member = list.v ? is_member(db, list, person.address.canon, err) : 0;
	out->known += member > 0;
	return member < 0 ? -1 : 0;
}

static int
try_rows(const struct mapping *mapping, struct rows *rows, struct db *db,
    struct list_id list, struct import_tried *out, struct err *err)
{
	struct arena *arena = arena_new();
	struct csv_row row;
	int got = 1;

	while (out->rows < IMPORT_SURVEYED &&
	       (got = rows_next(rows, &row, err)) == 1) {
		arena_reset(arena);
		if (try_row(mapping, &row, arena, db, list, out, err) < 0) {
			got = -1;
			break;
		}
	}
	arena_free(&arena);
	return got < 0 ? -1 : 0;
}

int
import_try(struct import *import, struct store *store, struct list_id list,
    const struct import_accept *accept, struct import_tried *out,
    struct err *err)
{
	const struct import_column *column;
	struct mapping mapping;
	struct rows *rows = NULL;
	struct db *db = NULL;
	size_t count;
	int rc = -1;

	*out = (struct import_tried){.rows = 0};
	column = import_columns(import, &count);
	/* it tells who is known */
	if (person_require(store, NULL, MAY_LIST_IMPORT, err) < 0 ||
	    mapping_init(&mapping, column, count, err) < 0 ||
	    rows_open(import_source(import), &rows, err) < 0)
		return -1;
	mapping.accept = accept;
	if (store_reader_open(store, &db, err) == 0)
		rc = try_rows(&mapping, rows, db, list, out, err);
	store_reader_close(&db);
	rows_close(&rows);
	return rc;
}

/* ---- The first line --------------------------------------------------------- */

/* Whether the first row of the file, before any table was looked for, has the
 * word that makes it headers. */
static bool
is_headed(const struct source *source)
{
	struct source whole = *source;
	struct rows *rows = NULL;
	struct csv_row row;
	bool headed = false;

	whole.table = (struct table){.on = false};
	if (rows_open(&whole, &rows, NULL) == 0 &&
	    rows_next(rows, &row, NULL) == 1) {
		for (size_t i = 0; i < row.count; i++)
			headed |= span_equal(text_trim(row.cell[i]),
			    span_of(EXPORTER_FIRST_WORD));
	}
	rows_close(&rows);
	return headed;
}

bool
import_exporter_form(const struct import *import,
    const struct import_exporter *exporter, struct import_form *form)
{
	struct import_form was = *form;
	bool headed;

	if (exporter->quote != IMPORT_QUOTE_FIND)
		form->quote = exporter->quote;
	if (exporter_heads_by_word(exporter)) {
		headed = is_headed(import_source(import));
		form->header = headed ? IMPORT_HEADER_YES : IMPORT_HEADER_NO;
		form->first_line = 1;
	}
	return was.quote != form->quote || was.header != form->header ||
	       was.first_line != form->first_line;
}
