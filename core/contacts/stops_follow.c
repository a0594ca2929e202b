/* Whoever has stopped one address has stopped the person: the entries of an
 * address that is given up, or that turns out to be somebody's second one, are
 * those of the address that is mailed from then on. */
#include "core/contacts/edit_rows.h"

#include <stdlib.h>

#include "core/contacts/contacts.h"

struct entry {
	int64_t list, cause, until_ms;
	struct span source, evidence;
};

struct stops {
	struct entry *entry;
	size_t count;
	struct arena *arena;
};

static int
note_stop(struct store *store, struct db *db, struct trash_id trash,
    const struct digest *key, int64_t list, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT OR IGNORE INTO trash_stop(trash, key, list, at_ms)"
	    " VALUES(?1, ?2, ?3, ?4)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, trash.v);
	stmt_blob(stmt, 2, span_make(key->bytes, sizeof key->bytes));
	stmt_int(stmt, 3, list);
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)));
	return stmt_run(stmt, err);
}

static int
read_all(struct store *store, struct db *db, struct span canon,
    struct stops *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT list, cause, source, until_ms, evidence FROM suppression"
	    " WHERE key = ?1",
	    err);
	struct digest key;
	int got;

	if (!stmt)
		return -1;
	suppress_key(store, canon, &key);
	stmt_blob(stmt, 1, span_make(key.bytes, sizeof key.bytes));
	while ((got = stmt_step(stmt, err)) == 1) {
		out->entry =
		    mem_more(out->entry, out->count, sizeof *out->entry);
		out->entry[out->count++] = (struct entry){
		    .list = stmt_col_int(stmt, 0),
		    .cause = stmt_col_int(stmt, 1),
		    .source = arena_copy(out->arena, stmt_col_text(stmt, 2)),
		    .until_ms = stmt_col_int(stmt, 3),
		    .evidence = arena_copy(out->arena, stmt_col_text(stmt, 4)),
		};
	}
	return got;
}

int
stops_follow_in(struct store *store, struct db *db, struct trash_id trash,
    struct span from, struct span to, struct err *err)
{
	struct stops stops = {.arena = arena_new()};
	struct digest key;
	int rc = read_all(store, db, from, &stops, err);

	suppress_key(store, to, &key);
	for (size_t i = 0; rc == 0 && i < stops.count; i++) {
		const struct entry *entry = &stops.entry[i];
		struct suppress_entry next = {.list.v = entry->list,
		    .cause = (enum suppress_cause)entry->cause,
		    .source = entry->source,
		    .evidence = entry->evidence,
		    .until_ms = entry->until_ms};
		int got = suppress_enter_in(store, db, to, &next, err);

		if (got == 1 && trash.v)
			got =
			    note_stop(store, db, trash, &key, entry->list, err);
		rc = got < 0 ? -1 : 0;
	}
	arena_free(&stops.arena);
	free(stops.entry);
	return rc;
}
