/* The stop list as a list: what a screen shows of it, and what is swept. */
#include "core/contacts/stops.h"

#include <stdlib.h>

#include "core/base/text.h"
#include "core/contacts/contacts.h"
#include "core/contacts/stop_key.h"

/* How long an entry that has ended is still shown. */
#define SHOWN_MS (366 * INT64_C(86400000))

int
stop_count(
    struct db *db, int64_t now_ms, struct stop_counts *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT cause, count(*), coalesce(sum(until_ms <> 0"
	    " AND until_ms <= ?1), 0) FROM suppression GROUP BY cause",
	    err);
	int got;

	*out = (struct stop_counts){.all = 0};
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, now_ms);
	while ((got = stmt_step(stmt, err)) == 1) {
		int64_t cause = stmt_col_int(stmt, 0);

		if (cause >= 0 && cause < SUPPRESS_COUNT)
			out->by_cause[cause] = stmt_col_int(stmt, 1);
		out->all += stmt_col_int(stmt, 1);
		out->ended += stmt_col_int(stmt, 2);
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

/* ---- Finding ---------------------------------------------------------------- */

struct wanted {
	struct buf folded; /* the filter in lower case */
	struct digest key; /* of the address that it is */
	bool has_key;
};

static void
fold(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		buf_char(
		    out, c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c);
	}
}

static void
want(struct store *store, struct span filter, struct wanted *out)
{
	struct arena *arena = arena_new();
	struct span canon;
	enum stop_what what;

	*out = (struct wanted){.folded = BUF_INIT};
	fold(filter, &out->folded);
	if (stop_read(filter, arena, &canon, &what, NULL) == 0) {
		suppress_key(store, canon, &out->key);
		out->has_key = true;
	}
	arena_free(&arena);
}

/* Whether all words occur in what is known of the entry. */
static bool
matches(const struct wanted *wanted, struct stmt *row, struct buf *text)
{
	struct span rest = buf_span(&wanted->folded);
	struct span key = stmt_col_blob(row, 0);

	if (wanted->has_key && key.len == SHA256_LEN &&
	    !memcmp(key.ptr, wanted->key.bytes, SHA256_LEN))
		return true;
	buf_clear(text);
	for (int i = 3; i <= 6; i++) {
		fold(stmt_col_text(row, i), text);
		buf_char(text, '\n');
	}
	buf_text(text,
	    suppress_cause_name((enum suppress_cause)stmt_col_int(row, 2)));
	while (rest.len) {
		struct span word = span_cut(&rest, ' ');

		if (word.len && span_search(buf_span(text), word) == text->len)
			return false;
	}
	return true;
}

static void
keep(struct suppress_id **all, size_t *count, size_t *room, struct stmt *row)
{
	struct span key = stmt_col_blob(row, 0);

	if (*count == *room) {
		*room = *room ? *room * 2 : 256;
		*all = mem_grow(*all, *room * sizeof **all);
	}
	(*all)[*count] = (struct suppress_id){.list.v = stmt_col_int(row, 1)};
	if (key.len == SHA256_LEN)
		memcpy((*all)[*count].key.bytes, key.ptr, SHA256_LEN);
	(*count)++;
}

int
stop_all(struct store *store, struct db *db, struct span filter,
    const atomic_bool *stop, struct suppress_id **out, size_t *count,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT key, list, cause, address, source, evidence, by"
	    " FROM suppression ORDER BY at_ms DESC, key",
	    err);
	struct suppress_id *all = NULL;
	struct wanted wanted;
	struct buf text = BUF_INIT;
	size_t used = 0, room = 0;
	int got = -1;

	if (!stmt)
		return -1;
	want(store, span_trim(filter), &wanted);
	while (used < STOPS_READ_MAX && (got = stmt_step(stmt, err)) == 1) {
		if (stop && atomic_load(stop)) {
			got = err_set(err, E_CANCELLED);
			break;
		}
		if (matches(&wanted, stmt, &text))
			keep(&all, &used, &room, stmt);
	}
	stmt_reset(stmt);
	buf_done(&wanted.folded);
	buf_done(&text);
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all ? all : mem_new(1);
	*count = used;
	return 0;
}

int
stop_row_read(struct db *db, const struct suppress_id *id, struct arena *arena,
    struct stop_row *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT cause, at_ms, until_ms, address, source, evidence, by"
	    " FROM suppression WHERE key = ?1 AND list = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, span_make(id->key.bytes, SHA256_LEN));
	stmt_int(stmt, 2, id->list.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = (struct stop_row){
		    .id = *id,
		    .cause = (enum suppress_cause)stmt_col_int(stmt, 0),
		    .at_ms = stmt_col_int(stmt, 1),
		    .until_ms = stmt_col_int(stmt, 2),
		    .address = arena_copy(arena, stmt_col_text(stmt, 3)),
		    .source = arena_copy(arena, stmt_col_text(stmt, 4)),
		    .evidence = arena_copy(arena, stmt_col_text(stmt, 5)),
		    .by = arena_copy(arena, stmt_col_text(stmt, 6)),
		};
	stmt_reset(stmt);
	return got;
}

/* ---- Sweeping --------------------------------------------------------------- */

int64_t
stop_sweep(struct store *store, struct err *err)
{
	struct audit_event event = {.what = "suppress.sweep"};
	struct buf facts = BUF_INIT;
	struct stmt *stmt;
	struct db *db = NULL;
	int64_t count = -1;

	if (store_begin(store, STORE_WAIT_LONG, "suppress", &db, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "DELETE FROM suppression WHERE until_ms <> 0 AND until_ms <= ?1",
	    err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, clock_now_ms(store_clock(store)) - SHOWN_MS);
	if (stmt_run(stmt, err) < 0)
		goto out;
	count = db_changes(db);
	if (count == 0)
		goto out;
	buf_printf(&facts, "entries=%lld", (long long)count);
	event.facts = buf_span(&facts);
	if (audit_add_in(store, db, &event, err) < 0 ||
	    store_commit(store, &db, err) < 0)
		count = -1;
out:
	store_rollback(store, &db);
	buf_done(&facts);
	return count;
}
