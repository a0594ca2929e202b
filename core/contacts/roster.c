/* Reading a list into memory.  Blocks are filled in buffers that are used again
 * for each, then copied into a region of their own that holds nothing else, so
 * that it can be wiped and kept out of core dumps. */
#include "core/contacts/roster.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "core/base/json.h"
#include "core/base/match.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/contacts/contacts.h"
#include "core/contacts/roster_rows.h"

/* A block under way. */
struct draft {
	struct roster *roster;
	uint32_t count, odds; /* people; those with an odd address */
	int64_t id[BLOCK], since[BLOCK], added[BLOCK], changed[BLOCK];
	uint8_t basis[BLOCK];
	uint32_t address_at[BLOCK + 1], name_at[BLOCK], fields_at[BLOCK + 1];
	uint32_t odd_row[BLOCK], odd_at[BLOCK + 1];
	struct buf text, fields, odd, plain;
};

/* ---- Folding ---------------------------------------------------------------- */

static bool
is_ascii(struct span text)
{
	unsigned char all = 0;

	for (size_t i = 0; i < text.len; i++)
		all |= (unsigned char)text.ptr[i];
	return all < 0x80;
}

static void
add_lower(struct span text, struct buf *out)
{
	buf_reserve(out, text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		out->ptr[out->len + i] =
		    c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	out->len += text.len;
	out->ptr[out->len] = '\0';
}

/* match_fold(), fast for what most texts are. */
static void
add_folded(struct span text, struct buf *out)
{
	if (!is_ascii(text) || span_index(text, '\t') < text.len)
		match_fold(text, out);
	else
		add_lower(text_trim(text), out);
}

/* ---- Names of fields --------------------------------------------------------- */

static uint16_t
number_of(const struct roster *roster, struct span escaped)
{
	struct buf plain = BUF_INIT, folded = BUF_INIT;
	size_t at = 0;

	json_unescape(escaped, &plain);
	match_fold(buf_span(&plain), &folded);
	roster->folded[roster->keys] = folded;
	while (!span_equal(buf_span(&roster->folded[at]), buf_span(&folded)))
		at++;
	buf_done(&plain);
	return (uint16_t)at;
}

/* The number of a name; hint: where it stood in the row before. */
static bool
find_key(
    struct roster *roster, struct span escaped, size_t hint, uint16_t *number)
{
	size_t at = hint;

	if (hint >= roster->keys ||
	    !span_equal(buf_span(&roster->key[hint]), escaped))
		for (at = 0; at < roster->keys; at++) {
			if (span_equal(buf_span(&roster->key[at]), escaped))
				break;
		}
	if (at == KEYS_MAX)
		return false;
	if (at == roster->keys) {
		buf_add(&roster->key[at], escaped);
		roster->number[at] = number_of(roster, escaped);
		roster->keys++;
	}
	*number = roster->number[at];
	return true;
}

int
roster_key(const struct roster *roster, struct span folded)
{
	for (size_t i = 0; i < roster->keys; i++) {
		if (span_equal(buf_span(&roster->folded[i]), folded))
			return roster->number[i];
	}
	return -1;
}

/* ---- Rows -------------------------------------------------------------------- */

static bool
add_fields(struct draft *draft, struct span object)
{
	struct json_walk walk;
	struct span key, value;
	size_t at = 0;

	json_begin(&walk, object);
	while (json_next(&walk, &key, &value) == 1) {
		uint16_t number;
		uint32_t len = 0;
		size_t begin;

		if (!find_key(draft->roster, key, at++, &number))
			return false;
		buf_clear(&draft->plain);
		json_show(walk.type, value, &draft->plain);
		buf_add(&draft->fields, span_make(&number, sizeof number));
		begin = draft->fields.len;
		buf_add(&draft->fields, span_make(&len, sizeof len));
		add_folded(buf_span(&draft->plain), &draft->fields);
		len = (uint32_t)(draft->fields.len - begin - sizeof len);
		memcpy(draft->fields.ptr + begin, &len, sizeof len);
	}
	return true;
}

/* Keeps the canonical address when the folded one does not say it. */
static void
add_odd(struct draft *draft, struct span canon)
{
	size_t from = draft->odd.len;
	struct span address = span_make(
	    draft->text.ptr + draft->address_at[draft->count],
	    draft->name_at[draft->count] - 1 - draft->address_at[draft->count]);

	add_lower(canon, &draft->odd);
	if (is_ascii(canon) &&
	    span_equal(span_make(draft->odd.ptr + from, canon.len), address)) {
		draft->odd.len = from;
		return;
	}
	draft->odd_row[draft->odds] = draft->count;
	draft->odd_at[draft->odds++] = (uint32_t)from;
}

/* False when there are too many names of fields. */
static bool
add_row(struct draft *draft, struct stmt *row)
{
	size_t at = draft->count;

	draft->id[at] = stmt_col_int(row, 0);
	draft->basis[at] = (uint8_t)stmt_col_int(row, 1);
	draft->since[at] = stmt_col_int(row, 2);
	draft->added[at] = stmt_col_int(row, 3);
	draft->changed[at] = stmt_col_int(row, 4);
	draft->address_at[at] = (uint32_t)draft->text.len;
	add_folded(stmt_col_text(row, 5), &draft->text);
	buf_char(&draft->text, '\0');
	draft->name_at[at] = (uint32_t)draft->text.len;
	add_odd(draft, stmt_col_text(row, 6));
	draft->fields_at[at] = (uint32_t)draft->fields.len;
	if (!draft->roster->masked) {
		add_folded(stmt_col_text(row, 7), &draft->text);
		if (!add_fields(draft, stmt_col_text(row, 8)))
			return false;
	}
	buf_char(&draft->text, '\0');
	draft->count++;
	return true;
}

/* ---- Blocks ------------------------------------------------------------------ */

static size_t
rounded(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

/* Copies what a block has behind what is in its region already. */
static const void *
put(struct block *block, size_t *at, const void *from, size_t size)
{
	char *to = (char *)block->region + *at;

	if (size > 0)
		memcpy(to, from, size);
	*at += rounded(size);
	return to;
}

static struct times
put_times(struct block *block, size_t *at, const int64_t *each)
{
	struct times times = {.one = each[0]};
	bool same = true;

	for (size_t i = 1; i < block->count && same; i++)
		same = each[i] == each[0];
	if (!same)
		times.each = put(block, at, each, block->count * sizeof *each);
	return times;
}

static size_t
size_of(const struct draft *draft)
{
	size_t count = draft->count, each = sizeof(uint32_t);

	return rounded(count * sizeof(int64_t)) * 4 + rounded(count) +
	       rounded((count + 1) * each) * 3 +
	       rounded((draft->odds + 1) * each) * 2 +
	       rounded(draft->text.len) + rounded(draft->fields.len) +
	       rounded(draft->odd.len);
}

static void
fill(struct block *block, struct draft *draft)
{
	size_t count = draft->count, each = sizeof(uint32_t), at = 0;

	block->count = count;
	block->odds = draft->odds;
	block->id = put(block, &at, draft->id, count * sizeof *draft->id);
	block->basis = put(block, &at, draft->basis, count);
	block->since = put_times(block, &at, draft->since);
	block->added = put_times(block, &at, draft->added);
	block->changed = put_times(block, &at, draft->changed);
	block->address_at =
	    put(block, &at, draft->address_at, (count + 1) * each);
	block->name_at = put(block, &at, draft->name_at, count * each);
	block->fields_at =
	    put(block, &at, draft->fields_at, (count + 1) * each);
	block->odd_row = put(block, &at, draft->odd_row, draft->odds * each);
	block->odd_at =
	    put(block, &at, draft->odd_at, (draft->odds + 1) * each);
	block->text = put(block, &at, draft->text.ptr, draft->text.len);
	block->fields = put(block, &at, draft->fields.ptr, draft->fields.len);
	block->odd = put(block, &at, draft->odd.ptr, draft->odd.len);
}

static void
block_done(struct block *block)
{
	explicit_bzero(block->region, block->size);
	munmap(block->region, block->size);
}

static int
end_block(struct draft *draft, struct err *err)
{
	struct roster *roster = draft->roster;
	struct block block = {.size = size_of(draft)};

	draft->address_at[draft->count] = (uint32_t)draft->text.len;
	draft->fields_at[draft->count] = (uint32_t)draft->fields.len;
	draft->odd_at[draft->odds] = (uint32_t)draft->odd.len;
	block.region = mmap(NULL, block.size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block.region == MAP_FAILED)
		return err_set(err, E_NO_MEMORY);
	madvise(block.region, block.size, MADV_DONTDUMP);
	fill(&block, draft);
	roster->block = mem_more(roster->block, roster->blocks, sizeof block);
	roster->block[roster->blocks++] = block;
	roster->count += draft->count;
	roster->octets += block.size;
	draft->count = draft->odds = 0;
	buf_clear(&draft->text);
	buf_clear(&draft->fields);
	buf_clear(&draft->odd);
	return 0;
}

/* ---- Reading ------------------------------------------------------------------ */

/* 1 when all is there, 0 when it does not fit. */
static int
read_rows(struct draft *draft, struct stmt *stmt, struct err *err)
{
	int got;

	while ((got = stmt_step(stmt, err)) == 1) {
		if (!add_row(draft, stmt) ||
		    draft->roster->octets > ROSTER_MAX ||
		    draft->fields.len > UINT32_MAX / 2)
			return 0;
		if (draft->count == BLOCK && end_block(draft, err) < 0)
			return -1;
	}
	if (got < 0 || (draft->count > 0 && end_block(draft, err) < 0))
		return -1;
	return 1;
}

static int
read_list(struct roster *roster, struct db *db, const atomic_bool *stop,
    struct err *err)
{
	struct stmt *stmt = db_stmt_inner(db,
	    "SELECT m.contact, m.basis, m.basis_at_ms, c.created_ms,"
	    " c.changed_ms, c.address, c.canon, c.name, c.fields"
	    " FROM main.member m CROSS JOIN main.contact c ON c.id = m.contact"
	    " WHERE m.list = ?1 ORDER BY m.contact",
	    err);
	struct draft *draft;
	int got;

	if (!stmt)
		return -1;
	draft = mem_new(sizeof *draft);
	draft->roster = roster;
	stmt_int(stmt, 1, roster->list.v);
	db_stop_when(db, stop);
	got = read_rows(draft, stmt, err);
	db_stop_when(db, NULL);
	stmt_reset(stmt);
	buf_wipe(&draft->text);
	buf_wipe(&draft->fields);
	buf_wipe(&draft->odd);
	buf_wipe(&draft->plain);
	free(draft);
	return got;
}

int
roster_load(struct store *store, struct db *db, struct list_id list,
    const atomic_bool *stop, struct roster **out, struct err *err)
{
	struct roster *roster = mem_new(sizeof *roster);
	int got;

	atomic_init(&roster->holders, 1);
	roster->store = store;
	roster->list = list;
	roster->masked = db_is_masked(db);
	/* what is committed from here on makes it old */
	roster->version = store_people_version(store);
	roster->key = mem_array(KEYS_MAX, sizeof *roster->key);
	roster->number = mem_array(KEYS_MAX, sizeof *roster->number);
	roster->folded = mem_array(KEYS_MAX, sizeof *roster->folded);
	pthread_mutex_init(&roster->lock, NULL);
	got = read_list(roster, db, stop, err);
	if (got <= 0)
		roster_drop(&roster);
	*out = roster;
	return got < 0 ? -1 : 0;
}

struct roster *
roster_hold(struct roster *roster)
{
	atomic_fetch_add(&roster->holders, 1);
	return roster;
}

void
roster_drop(struct roster **roster)
{
	struct roster *self = *roster;

	*roster = NULL;
	if (!self || atomic_fetch_sub(&self->holders, 1) > 1)
		return;
	for (size_t i = 0; i < self->blocks; i++)
		block_done(&self->block[i]);
	for (size_t i = 0; i < self->keys; i++) {
		buf_done(&self->key[i]);
		buf_done(&self->folded[i]);
	}
	sheet_drop(&self->sheet);
	pthread_mutex_destroy(&self->lock);
	free(self->block);
	free(self->key);
	free(self->number);
	free(self->folded);
	free(self);
}

size_t
roster_octets(const struct roster *roster)
{
	return roster->octets;
}

bool
roster_is_current(struct store *store, const struct roster *roster)
{
	return roster->version == store_people_version(store);
}

struct span
roster_canon(const struct block *block, size_t row)
{
	size_t low = 0, high = block->odds;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (block->odd_row[middle] < row)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < block->odds && block->odd_row[low] == row)
		return span_make(block->odd + block->odd_at[low],
		    block->odd_at[low + 1] - block->odd_at[low]);
	return span_make(block->text + block->address_at[row],
	    block->name_at[row] - 1 - block->address_at[row]);
}
