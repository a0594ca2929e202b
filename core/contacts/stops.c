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
	struct buf folded;    /* the filter in lower case */
	struct digest key[2]; /* of the address that it is, and its domain */
	size_t keys;
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
		suppress_key(store, canon, &out->key[out->keys++]);
		if (what == STOP_ADDRESS)
			suppress_key(
			    store, stop_domain(canon), &out->key[out->keys++]);
	}
	arena_free(&arena);
}

static bool
is_key(const struct wanted *wanted, struct span key)
{
	for (size_t i = 0; i < wanted->keys; i++) {
		if (key.len == SHA256_LEN &&
		    !memcmp(key.ptr, wanted->key[i].bytes, SHA256_LEN))
			return true;
	}
	return false;
}

/* Whether all words occur in what is known of the entry. */
static bool
matches(const struct wanted *wanted, struct stmt *row, struct buf *text)
{
	struct span rest = buf_span(&wanted->folded);

	if (is_key(wanted, stmt_col_blob(row, 0)))
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

/* An entry from when case counted in keys, and the key that it gets. */
struct respelling {
	struct suppress_id id;
	struct digest key;
};

/* Entries whose key is that of their exact spelling, which is not in lower
 * case; *out has the number returned, the caller frees it. */
static int64_t
find_exact(struct store *store, struct db *db, struct respelling **out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT key, list, address FROM suppression"
	    " WHERE address <> lower(address)",
	    err);
	struct respelling *all = NULL;
	struct digest exact;
	size_t count = 0;
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct span key = stmt_col_blob(stmt, 0);
		struct span address = stmt_col_text(stmt, 2);

		crypt_hmac(
		    store_key(store, STORE_KEY_SUPPRESS), address, &exact);
		if (key.len != SHA256_LEN ||
		    memcmp(key.ptr, exact.bytes, SHA256_LEN) != 0)
			continue;
		all = mem_more(all, count, sizeof *all);
		all[count].id = (struct suppress_id){
		    .key = exact, .list.v = stmt_col_int(stmt, 1)};
		suppress_key(store, address, &all[count++].key);
	}
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all;
	return (int64_t)count;
}

/* Everything about the stop list goes by one key; where there is an entry of
 * this key already, the exact one stays beside it. */
static int64_t
respell(struct store *store, struct db *db, struct err *err)
{
	struct respelling *all = NULL;
	int64_t count = find_exact(store, db, &all, err);
	struct stmt *stmt = NULL;
	int64_t done = 0;

	if (count > 0)
		stmt = db_stmt(db,
		    "UPDATE OR IGNORE suppression SET key = ?3"
		    " WHERE key = ?1 AND list = ?2",
		    err);
	for (int64_t i = 0; i < count && stmt && done >= 0; i++) {
		stmt_blob(stmt, 1, span_make(all[i].id.key.bytes, SHA256_LEN));
		stmt_int(stmt, 2, all[i].id.list.v);
		stmt_blob(stmt, 3, span_make(all[i].key.bytes, SHA256_LEN));
		done = stmt_run(stmt, err) < 0 ? -1 : done + db_changes(db);
	}
	free(all);
	return count < 0 || (count > 0 && !stmt) ? -1 : done;
}

static int64_t
drop_ended(struct store *store, struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "DELETE FROM suppression WHERE until_ms <> 0 AND until_ms <= ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, clock_now_ms(store_clock(store)) - SHOWN_MS);
	return stmt_run(stmt, err) < 0 ? -1 : db_changes(db);
}

int64_t
stop_sweep(struct store *store, struct err *err)
{
	struct audit_event event = {.what = "suppress.sweep"};
	struct buf facts = BUF_INIT;
	int64_t ended, respelled;
	struct db *db = NULL;
	int64_t count = -1;

	if (store_begin(store, STORE_WAIT_LONG, "suppress", &db, err) < 0)
		return -1;
	ended = drop_ended(store, db, err);
	respelled = ended < 0 ? -1 : respell(store, db, err);
	if (respelled < 0)
		goto out;
	count = ended;
	if (ended + respelled == 0)
		goto out;
	audit_fact_int(&facts, "entries", ended);
	if (respelled)
		audit_fact_int(&facts, "respelled", respelled);
	event.facts = buf_span(&facts);
	if (audit_add_in(store, db, &event, err) < 0 ||
	    store_commit(store, &db, err) < 0)
		count = -1;
out:
	store_rollback(store, &db);
	buf_done(&facts);
	return count;
}
