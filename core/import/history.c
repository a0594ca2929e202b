/* What was imported, read again. */
#include "core/import/history.h"

#include <stdio.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/import/import.h"

#define RECORD                                                                 \
	"SELECT i.id, i.list, l.name, i.at_ms, i.by, i.file, i.charset,"       \
	" i.basis, i.mode, i.cut, i.rows, i.fresh, i.changed, i.same,"         \
	" i.duplicate, i.rejected, i.suppressed, i.stopped, i.reason,"         \
	" i.undo_ms, i.undone_ms, i.undone_by, i.bare FROM import i"           \
	" LEFT JOIN list l ON l.id = i.list"

static void
col_text(struct stmt *stmt, int col, char *out, size_t size)
{
	text_cut(out, size, stmt_col_text(stmt, col));
}

static void
col_counts(struct stmt *stmt, struct import_counts *out)
{
	int64_t *const at[] = {&out->read, &out->fresh, &out->changed,
	    &out->same, &out->duplicate, &out->rejected, &out->suppressed,
	    &out->stopped};

	for (int i = 0; i < (int)(sizeof at / sizeof *at); i++)
		*at[i] = stmt_col_int(stmt, 10 + i);
}

static void
col_record(struct stmt *stmt, int64_t now_ms, struct import_record *out)
{
	*out = (struct import_record){
	    .id = stmt_col_int(stmt, 0),
	    .list.v = stmt_col_int(stmt, 1),
	    .at_ms = stmt_col_int(stmt, 3),
	    .basis = (enum consent_basis)stmt_col_int(stmt, 7),
	    .mode = (enum import_mode)stmt_col_int(stmt, 8),
	    .cut = stmt_col_int(stmt, 9) != 0,
	    .undone_ms = stmt_col_int(stmt, 20),
	};
	if (!stmt_col_is_null(stmt, 2))
		col_text(stmt, 2, out->list_name, sizeof out->list_name);
	col_text(stmt, 4, out->by, sizeof out->by);
	col_text(stmt, 5, out->file, sizeof out->file);
	col_text(stmt, 6, out->charset, sizeof out->charset);
	col_counts(stmt, &out->counts);
	col_text(stmt, 18, out->reason, sizeof out->reason);
	if (stmt_col_int(stmt, 19) >= now_ms && out->undone_ms == 0 &&
	    out->list_name[0])
		out->undo_until_ms = stmt_col_int(stmt, 19);
	col_text(stmt, 21, out->undone_by, sizeof out->undone_by);
	out->counts.bare = stmt_col_int(stmt, 22);
}

int
import_history(struct store *store, struct db *db, struct list_id list,
    int64_t before, size_t room, struct import_record *out, size_t *count,
    struct err *err)
{
	static const char sql[] =
	    RECORD " WHERE (?1 = 0 OR i.list = ?1) AND (?2 = 0 OR i.id < ?2)"
		   " ORDER BY i.id DESC LIMIT ?3";
	int64_t now_ms = clock_now_ms(store_clock(store));
	struct stmt *stmt = db_stmt(db, sql, err);
	int got = 0;

	*count = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_int(stmt, 2, before);
	stmt_int(stmt, 3, (int64_t)room);
	while (*count < room && (got = stmt_step(stmt, err)) == 1)
		col_record(stmt, now_ms, &out[(*count)++]);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
import_find(struct store *store, struct db *db, int64_t id,
    struct import_record *out, struct err *err)
{
	static const char sql[] = RECORD " WHERE i.id = ?1";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1)
		col_record(stmt, clock_now_ms(store_clock(store)), out);
	stmt_reset(stmt);
	if (got == 0) {
		err_set(err, E_IMPORT_MISSING);
		return err_fact_int(err, "id", id);
	}
	return got < 0 ? -1 : 0;
}

/* ---- Rejects ----------------------------------------------------------- */

/* Facts that a masked connection does not show are no object: none. */
static void
read_facts(struct span detail, struct err *out)
{
	struct buf name = BUF_INIT, text = BUF_INIT;
	struct json_walk walk;
	struct span key, value;

	json_begin(&walk, detail);
	while (json_next(&walk, &key, &value) == 1) {
		buf_clear(&name);
		buf_clear(&text);
		json_unescape(key, &name);
		json_unescape(value, &text);
		err_fact(out, name.ptr ? name.ptr : "", buf_span(&text));
	}
	buf_done(&name);
	buf_done(&text);
}

int
import_rejects(struct db *db, int64_t id, int64_t after, size_t room,
    struct import_reject *out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT line, reason, detail, raw FROM import_reject"
	    " WHERE import = ?1 AND line > ?2 ORDER BY line LIMIT ?3",
	    err);
	int got = 0;

	*count = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_int(stmt, 2, after);
	stmt_int(stmt, 3, (int64_t)room);
	while (*count < room && (got = stmt_step(stmt, err)) == 1) {
		struct import_reject *reject = &out[(*count)++];

		*reject = (struct import_reject){
		    .line = stmt_col_int(stmt, 0),
		};
		err_set(&reject->why, err_code_of(stmt_col_text(stmt, 1)));
		read_facts(stmt_col_text(stmt, 2), &reject->why);
		text_cut(
		    reject->raw, sizeof reject->raw, stmt_col_text(stmt, 3));
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}
