/* How many distinct dates, prices, phone numbers, hosts and links a proof
 * keeps.  A letter has a dozen; a list whose every row brings a date of its own
 * has a million, of which the first are kept and the others counted. */
#include "core/review/extract.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum { SLOTS_FIRST = 256 };

struct item {
	enum extract_kind kind;
	struct span text;
	uint64_t hash;
	int64_t messages, first_seq, last_seq;
};

struct extracts {
	struct arena *texts;
	struct item *item;
	size_t count;
	uint32_t *slot; /* number of an item, from 1; 0: free */
	size_t slots;   /* a power of two */
	size_t kept[EXTRACT_KINDS];
	int64_t others[EXTRACT_KINDS], others_first[EXTRACT_KINDS];
};

struct extracts *
extracts_new(void)
{
	struct extracts *it = mem_new(sizeof *it);

	it->texts = arena_new();
	it->slots = SLOTS_FIRST;
	it->slot = mem_array(it->slots, sizeof *it->slot);
	return it;
}

void
extracts_free(struct extracts **extracts)
{
	struct extracts *it = *extracts;

	if (!it)
		return;
	arena_free(&it->texts);
	free(it->item);
	free(it->slot);
	free(it);
	*extracts = NULL;
}

void
extracts_clear(struct extracts *extracts)
{
	arena_reset(extracts->texts);
	extracts->count = 0;
	memset(extracts->slot, 0, extracts->slots * sizeof *extracts->slot);
	memset(extracts->kept, 0, sizeof extracts->kept);
	memset(extracts->others, 0, sizeof extracts->others);
	memset(extracts->others_first, 0, sizeof extracts->others_first);
}

/* FNV-1a: no more than a place to begin looking. */
static uint64_t
hash_of(enum extract_kind kind, struct span text)
{
	uint64_t hash = UINT64_C(14695981039346656037) + (uint64_t)kind;

	for (size_t i = 0; i < text.len; i++) {
		hash ^= (unsigned char)text.ptr[i];
		hash *= UINT64_C(1099511628211);
	}
	return hash;
}

/* The slot of an item, or the free one where it would stand. */
static size_t
slot_of(const struct extracts *it, enum extract_kind kind, struct span text,
    uint64_t hash)
{
	size_t at = hash & (it->slots - 1);

	while (it->slot[at]) {
		const struct item *item = &it->item[it->slot[at] - 1];

		if (item->hash == hash && item->kind == kind &&
		    span_equal(item->text, text))
			break;
		at = (at + 1) & (it->slots - 1);
	}
	return at;
}

static void
grow(struct extracts *it)
{
	free(it->slot);
	it->slots *= 2;
	it->slot = mem_array(it->slots, sizeof *it->slot);
	for (size_t i = 0; i < it->count; i++) {
		const struct item *item = &it->item[i];
		size_t at = slot_of(it, item->kind, item->text, item->hash);

		it->slot[at] = (uint32_t)(i + 1);
	}
}

static void
insert(struct extracts *it, const struct item *item)
{
	size_t at;

	if (it->count * 2 >= it->slots)
		grow(it);
	it->item = mem_more(it->item, it->count, sizeof *it->item);
	it->item[it->count] = *item;
	it->item[it->count].text = arena_copy(it->texts, item->text);
	at = slot_of(it, item->kind, item->text, item->hash);
	it->slot[at] = (uint32_t)++it->count;
	it->kept[item->kind]++;
}

/* Does not cut a character in two. */
static struct span
cut(struct span text)
{
	if (text.len <= EXTRACT_TEXT_MAX)
		return text;
	text.len = EXTRACT_TEXT_MAX;
	while (text.len && (text.ptr[text.len] & 0xc0) == 0x80)
		text.len--;
	return text;
}

void
extracts_add(struct extracts *extracts, enum extract_kind kind,
    struct span text, int64_t seq)
{
	struct item item = {.kind = kind, .text = cut(text), .messages = 1};
	size_t at;

	if (!text.len)
		return;
	item.first_seq = item.last_seq = seq;
	item.hash = hash_of(kind, item.text);
	at = slot_of(extracts, kind, item.text, item.hash);
	if (extracts->slot[at]) {
		struct item *known = &extracts->item[extracts->slot[at] - 1];

		known->messages += known->last_seq != seq;
		known->last_seq = seq;
		if (seq < known->first_seq)
			known->first_seq = seq;
		return;
	}
	insert(extracts, &item);
}

/* ---- Chunks ------------------------------------------------------------------- */

static int
by_seq(const void *a, const void *b)
{
	const struct item *x = *(const struct item *const *)a;
	const struct item *y = *(const struct item *const *)b;
	size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
	int order;

	if (x->first_seq != y->first_seq)
		return x->first_seq < y->first_seq ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	order = memcmp(x->text.ptr, y->text.ptr, len);
	if (order)
		return order;
	return x->text.len < y->text.len ? -1 : x->text.len > y->text.len;
}

/* Adds to one that is known, or keeps a new one while there is room. */
static void
take_item(struct extracts *all, const struct item *item)
{
	size_t at = slot_of(all, item->kind, item->text, item->hash);

	if (all->slot[at]) {
		struct item *known = &all->item[all->slot[at] - 1];

		known->messages += item->messages;
		if (item->first_seq < known->first_seq)
			known->first_seq = item->first_seq;
		return;
	}
	if (all->kept[item->kind] < EXTRACT_KEPT) {
		insert(all, item);
		return;
	}
	if (!all->others[item->kind])
		all->others_first[item->kind] = item->first_seq;
	all->others[item->kind] += item->messages;
}

void
extracts_take(struct extracts *all, struct extracts *const *chunk, size_t count)
{
	const struct item **order = NULL;
	size_t total = 0, n = 0;

	for (size_t i = 0; i < count; i++)
		total += chunk[i]->count;
	order = mem_array(total + 1, sizeof *order);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < chunk[i]->count; k++)
			order[n++] = &chunk[i]->item[k];
	}
	qsort(order, total, sizeof *order, by_seq);
	for (size_t i = 0; i < total; i++)
		take_item(all, order[i]);
	free(order);
}

size_t
extracts_count(
    const struct extracts *extracts, enum extract_kind kind, int64_t *others)
{
	if (others)
		*others = extracts->others[kind];
	return extracts->kept[kind];
}

/* ---- Walking -------------------------------------------------------------------- */

static int
by_text(const void *a, const void *b)
{
	const struct item *x = *(const struct item *const *)a;
	const struct item *y = *(const struct item *const *)b;
	size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	order = memcmp(x->text.ptr, y->text.ptr, len);
	if (order)
		return order;
	return x->text.len < y->text.len ? -1 : x->text.len > y->text.len;
}

static int
visit_one(const struct item *item, extract_visit *visit, void *payload)
{
	const struct extract_item out = {
	    item->kind, item->text, item->messages, item->first_seq};

	return visit(payload, &out);
}

int
extracts_each(
    const struct extracts *extracts, extract_visit *visit, void *payload)
{
	const struct item **order =
	    mem_array(extracts->count + 1, sizeof *order);
	int got = 0;

	for (size_t i = 0; i < extracts->count; i++)
		order[i] = &extracts->item[i];
	qsort(order, extracts->count, sizeof *order, by_text);
	for (int kind = 0; kind < EXTRACT_KINDS && got == 0; kind++) {
		const struct item more = {.kind = (enum extract_kind)kind,
		    .text = SPAN(""),
		    .messages = extracts->others[kind],
		    .first_seq = extracts->others_first[kind]};

		if (more.messages)
			got = visit_one(&more, visit, payload);
	}
	for (size_t i = 0; i < extracts->count && got == 0; i++)
		got = visit_one(order[i], visit, payload);
	free(order);
	return got;
}

/* ---- The store -------------------------------------------------------------------- */

struct writing {
	struct db *db;
	struct campaign_id campaign;
	struct err *err;
};

static int
write_item(void *payload, const struct extract_item *item)
{
	struct writing *writing = payload;
	struct stmt *stmt = db_stmt(writing->db,
	    "INSERT INTO review_extract(campaign, kind, text, messages,"
	    " first_seq) VALUES(?1, ?2, ?3, ?4, ?5)",
	    writing->err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, writing->campaign.v);
	stmt_int(stmt, 2, item->kind);
	stmt_text(stmt, 3, item->text);
	stmt_int(stmt, 4, item->messages);
	stmt_int(stmt, 5, item->first_seq);
	return stmt_run(stmt, writing->err);
}

int
extracts_delete(struct db *db, struct campaign_id campaign, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "DELETE FROM review_extract WHERE campaign = ?1", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	return stmt_run(stmt, err);
}

int
extracts_write(struct db *db, struct campaign_id campaign,
    const struct extracts *extracts, struct err *err)
{
	struct writing writing = {db, campaign, err};

	if (extracts_delete(db, campaign, err) < 0)
		return -1;
	return extracts_each(extracts, write_item, &writing);
}

int
extract_each(struct db *db, struct campaign_id campaign, extract_visit *visit,
    void *payload, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT kind, text, messages, first_seq FROM review_extract"
	    " WHERE campaign = ?1 ORDER BY kind, text",
	    err);
	int got, rc = 0;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	while (rc == 0 && (got = stmt_step(stmt, err)) != 0) {
		const struct extract_item item = {
		    .kind = (enum extract_kind)stmt_col_int(stmt, 0),
		    .text = stmt_col_text(stmt, 1),
		    .messages = stmt_col_int(stmt, 2),
		    .first_seq = stmt_col_int(stmt, 3),
		};

		rc = got < 0 ? -1 : visit(payload, &item);
	}
	stmt_reset(stmt);
	return rc;
}
