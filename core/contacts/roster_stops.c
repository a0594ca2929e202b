/* What the stop list says of the people of a roster.  Its entries name addresses
 * in any case; so they stand in a table by their lower case, and everybody is
 * looked up in it.  That is done again when the stop list has changed or an
 * entry has ended. */
#include <assert.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "core/contacts/roster_rows.h"
#include "core/contacts/stop_key.h"

static_assert(SUPPRESS_COUNT <= 16, "a bit for each cause");

enum { TABLE_FIRST = 1024 }; /* slots; a power of two */

struct entry {
	uint32_t at, len; /* len 0: free */
	uint16_t causes;
};

struct table {
	struct entry *slot;
	size_t slots, used;
	struct buf text;
	bool has_domains;
};

/* FNV-1a; who fills the stop list with collisions waits for it himself. */
static uint64_t
hash_of(struct span text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

static struct entry *
find(const struct table *table, struct span text)
{
	size_t at = (size_t)hash_of(text) & (table->slots - 1);

	while (table->slot[at].len > 0 &&
	       !span_equal(span_make(table->text.ptr + table->slot[at].at,
			       table->slot[at].len),
		   text))
		at = (at + 1) & (table->slots - 1);
	return &table->slot[at];
}

static void
grow(struct table *table)
{
	struct entry *old = table->slot;
	size_t slots = table->slots;

	table->slots *= 2;
	table->slot = mem_array(table->slots, sizeof *table->slot);
	for (size_t i = 0; i < slots; i++) {
		if (old[i].len > 0)
			*find(table, span_make(table->text.ptr + old[i].at,
					 old[i].len)) = old[i];
	}
	free(old);
}

/* lower: in lower case.  The last one that SQL's lower() does not change is
 * ASCII, and so is this. */
static void
add(struct table *table, struct span lower, int64_t cause)
{
	struct entry *entry;

	if (lower.len == 0 || cause < 0 || cause >= SUPPRESS_COUNT)
		return;
	if (table->used * 2 > table->slots)
		grow(table);
	entry = find(table, lower);
	if (entry->len == 0) {
		entry->at = (uint32_t)table->text.len;
		entry->len = (uint32_t)lower.len;
		buf_add(&table->text, lower);
		table->used++;
	}
	entry->causes |= (uint16_t)(1u << cause);
	table->has_domains |= cause == SUPPRESS_DOMAIN;
}

static int
read_table(struct table *table, struct roster *roster, struct db *db,
    int64_t now_ms, struct sheet *sheet, struct err *err)
{
	struct stmt *stmt = db_stmt_inner(db,
	    "SELECT lower(address), cause, until_ms FROM main.suppression"
	    " WHERE list IN (0, ?1) AND (until_ms = 0 OR until_ms > ?2)",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, roster->list.v);
	stmt_int(stmt, 2, now_ms);
	while ((got = stmt_step(stmt, err)) == 1) {
		int64_t until = stmt_col_int(stmt, 2);

		add(table, stmt_col_text(stmt, 0), stmt_col_int(stmt, 1));
		if (until != 0 && until <= sheet->to_ms)
			sheet->to_ms = until - 1;
	}
	stmt_reset(stmt);
	return got;
}

static uint16_t
causes_of(const struct table *table, struct span canon)
{
	uint16_t causes = find(table, canon)->causes;
	struct span domain = stop_domain(canon);

	if (table->has_domains && domain.len > 0)
		causes |= find(table, domain)->causes & 1u << SUPPRESS_DOMAIN;
	return causes;
}

static int
mark(const struct roster *roster, const struct table *table,
    const atomic_bool *stop, uint16_t *causes, struct err *err)
{
	for (size_t i = 0; i < roster->blocks; i++) {
		const struct block *block = &roster->block[i];

		if (stop && atomic_load(stop))
			return err_set(err, E_CANCELLED);
		for (size_t row = 0; row < block->count; row++)
			*causes++ = causes_of(table, roster_canon(block, row));
	}
	return 0;
}

void
sheet_drop(struct sheet **sheet)
{
	struct sheet *self = *sheet;

	*sheet = NULL;
	if (!self || atomic_fetch_sub(&self->holders, 1) > 1)
		return;
	free(self->causes);
	free(self);
}

static struct sheet *
make(struct roster *roster, struct db *db, int64_t now_ms,
    const atomic_bool *stop, struct err *err)
{
	struct sheet *sheet = mem_new(sizeof *sheet);
	struct table table = {.slots = TABLE_FIRST, .text = BUF_INIT};
	int rc;

	atomic_init(&sheet->holders, 1);
	sheet->version = store_stop_version(roster->store);
	sheet->from_ms = now_ms;
	sheet->to_ms = INT64_MAX;
	sheet->causes =
	    mem_array(roster->blocks * BLOCK, sizeof *sheet->causes);
	table.slot = mem_array(table.slots, sizeof *table.slot);
	db_stop_when(db, stop);
	rc = read_table(&table, roster, db, now_ms, sheet, err);
	db_stop_when(db, NULL);
	if (rc == 0 && table.used > 0)
		rc = mark(roster, &table, stop, sheet->causes, err);
	free(table.slot);
	buf_wipe(&table.text);
	if (rc < 0)
		sheet_drop(&sheet);
	return sheet;
}

struct sheet *
roster_sheet(struct roster *roster, struct db *db, int64_t now_ms,
    const atomic_bool *stop, struct err *err)
{
	struct sheet *sheet;

	pthread_mutex_lock(&roster->lock);
	sheet = roster->sheet;
	if (!sheet || sheet->version != store_stop_version(roster->store) ||
	    now_ms < sheet->from_ms || now_ms > sheet->to_ms) {
		sheet_drop(&roster->sheet);
		sheet = roster->sheet = make(roster, db, now_ms, stop, err);
	}
	if (sheet)
		atomic_fetch_add(&sheet->holders, 1);
	pthread_mutex_unlock(&roster->lock);
	return sheet;
}
