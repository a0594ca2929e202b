/* Members of a list as windows for the screen, and what their custom fields
 * say.  Nothing is loaded that is not shown. */
#include <stdlib.h>

#include "core/base/json.h"
#include "core/contacts/contacts.h"

enum { PAGE_MAX = 10000 };

/* ---- Pages ------------------------------------------------------------- */

#define PAGE_COLUMNS                                                           \
	"SELECT c.id, c.address, c.name, c.fields, m.basis, m.basis_at_ms,"    \
	" m.basis_note, c.canon FROM member m JOIN contact c"                  \
	" ON c.id = m.contact WHERE m.list = ?1 AND m.contact "

static struct stmt *
page_stmt(struct db *db, struct list_id list, struct contact_id from, int count,
    struct err *err)
{
	static const char on[] = PAGE_COLUMNS ">= ?2 ORDER BY m.contact";
	static const char back[] = PAGE_COLUMNS "< ?2 ORDER BY m.contact DESC";
	struct stmt *stmt = db_stmt(db, count < 0 ? back : on, err);

	if (stmt) {
		stmt_int(stmt, 1, list.v);
		stmt_int(stmt, 2, from.v);
	}
	return stmt;
}

/* The stop list is asked for the address itself, also where it is masked. */
static int
is_stopped(struct store *store, struct db *db, struct list_id list,
    struct stmt *row, struct err *err)
{
	struct stmt *stmt;
	int stopped = -1;

	if (!db_is_masked(db))
		return suppress_check(
		    store, db, stmt_col_text(row, 7), list, err);
	stmt = db_stmt_inner(
	    db, "SELECT canon FROM main.contact WHERE id = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, stmt_col_int(row, 0));
	if (stmt_step(stmt, err) == 1)
		stopped = suppress_check(
		    store, db, stmt_col_text(stmt, 0), list, err);
	stmt_reset(stmt);
	return stopped;
}

static int
col_contact(struct store *store, struct db *db, struct list_id list,
    struct stmt *stmt, struct arena *arena, struct contact_row *out,
    struct err *err)
{
	int stopped = is_stopped(store, db, list, stmt, err);

	if (stopped < 0)
		return -1;
	*out = (struct contact_row){
	    .id.v = stmt_col_int(stmt, 0),
	    .address = arena_copy(arena, stmt_col_text(stmt, 1)),
	    .name = arena_copy(arena, stmt_col_text(stmt, 2)),
	    .fields = arena_copy(arena, stmt_col_text(stmt, 3)),
	    .basis = (enum consent_basis)stmt_col_int(stmt, 4),
	    .basis_at_ms = stmt_col_int(stmt, 5),
	    .basis_note = arena_copy(arena, stmt_col_text(stmt, 6)),
	    .suppressed = stopped == 1,
	};
	return 0;
}

static void
reverse(struct contact_row *row, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct contact_row other = row[i];

		row[i] = row[count - 1 - i];
		row[count - 1 - i] = other;
	}
}

int
contact_page(struct store *store, struct db *db, struct list_id list,
    struct contact_id from, int count, struct contact_page *out,
    struct err *err)
{
	size_t room = (size_t)(count < 0 ? -(int64_t)count : count);
	struct stmt *stmt = page_stmt(db, list, from, count, err);
	int got = 1;

	if (!stmt)
		return -1;
	if (room > PAGE_MAX)
		room = PAGE_MAX;
	contact_page_done(out);
	out->arena = arena_new();
	out->row = mem_array(room, sizeof *out->row);
	while (out->count < room && (got = stmt_step(stmt, err)) == 1) {
		got = col_contact(store, db, list, stmt, out->arena,
		    &out->row[out->count], err);
		if (got < 0)
			break;
		out->count++;
	}
	stmt_reset(stmt);
	if (got < 0) {
		contact_page_done(out);
		return -1;
	}
	if (count < 0)
		reverse(out->row, out->count);
	return 0;
}

void
contact_page_done(struct contact_page *page)
{
	arena_free(&page->arena);
	free(page->row);
	*page = (struct contact_page){0};
}

/* Everybody, where no filter was given: the filter without terms. */
static struct stmt *
match_stmt(struct db *db, struct list_id list, const struct filter *filter,
    struct contact_id from, enum filter_want want, struct err *err)
{
	static const struct filter everybody;

	return filter_stmt(
	    db, list, filter ? filter : &everybody, from, want, err);
}

int64_t
contact_ids(struct db *db, struct list_id list, struct contact_id from,
    const struct filter *filter, const atomic_bool *stop,
    struct contact_id *out, size_t room, struct err *err)
{
	struct stmt *stmt = match_stmt(db, list, filter, from, FILTER_IDS, err);
	size_t count = 0;
	int got = 1;

	if (!stmt)
		return -1;
	db_stop_when(db, stop);
	while (count < room && (got = stmt_step(stmt, err)) == 1)
		out[count++].v = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	db_stop_when(db, NULL);
	return got < 0 ? -1 : (int64_t)count;
}

int64_t
contact_count(struct db *db, struct list_id list, const struct filter *filter,
    const atomic_bool *stop, struct err *err)
{
	struct stmt *stmt = match_stmt(
	    db, list, filter, (struct contact_id){0}, FILTER_COUNT, err);
	int64_t count = -1;

	if (!stmt)
		return -1;
	db_stop_when(db, stop);
	if (stmt_step(stmt, err) == 1)
		count = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	db_stop_when(db, NULL);
	return count;
}
