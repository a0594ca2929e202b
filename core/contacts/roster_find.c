/* Filters over a roster, block by block in the order of ids, so that the first
 * page is there when its blocks are.  A term makes a bit for every row.  What is
 * in memory is asked first; the store is asked about the rest only from the
 * first to the last row that can still match. */
#include <stdlib.h>
#include <string.h>

#include "core/base/match.h"
#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "core/contacts/roster_rows.h"

enum {
	TURNS = 4,
	FEW = 64,           /* rows of a block that are asked about singly */
	FAILED_MAX = 20000, /* mails */
	LEDGER_ACCEPTED_ROW = 3, /* enum ledger_state, core/deliver/deliver.h */
	LEDGER_FAILED_ROW = 5
};

struct bits {
	uint64_t word[BLOCK_WORDS];
};

struct search {
	struct roster *roster;
	struct db *db;
	const struct filter *filter;
	struct sheet *sheet; /* NULL: no term needs it */
	const struct block *block;
	size_t index; /* of the block */
	/* Whom one term of failed mails is about; NULL: none, or too many. */
	const struct filter_term *failed_term;
	int64_t *failed; /* owned; sorted */
	size_t failed_count;
};

static void
set(struct bits *bits, size_t row)
{
	bits->word[row / 64] |= (uint64_t)1 << row % 64;
}

static bool
has(const struct bits *bits, size_t row)
{
	return bits->word[row / 64] >> row % 64 & 1;
}

static void
set_first(struct bits *bits, size_t count)
{
	memset(bits, 0, sizeof *bits);
	for (size_t i = 0; i < count / 64; i++)
		bits->word[i] = UINT64_MAX;
	if (count % 64)
		bits->word[count / 64] = ((uint64_t)1 << count % 64) - 1;
}

static bool
is_empty(const struct bits *bits)
{
	uint64_t any = 0;

	for (size_t i = 0; i < BLOCK_WORDS; i++)
		any |= bits->word[i];
	return any == 0;
}

/* ---- Text ------------------------------------------------------------------- */

enum part { PART_ADDRESS = 1, PART_NAME = 2 };

/* Rows in whose parts the word stands.  No word holds the NUL between them. */
static void
find_text(const struct block *block, struct span word, unsigned parts,
    struct bits *bits)
{
	struct span all =
	    span_make(block->text, block->address_at[block->count]);
	size_t at = 0, row = 0;

	while (
	    (at += span_search(span_slice(all, at, all.len), word)) < all.len) {
		enum part part;

		while (block->address_at[row + 1] <= at)
			row++;
		part = at < block->name_at[row] ? PART_ADDRESS : PART_NAME;
		if (parts & part) {
			set(bits, row);
			at = block->address_at[row + 1];
		} else {
			at = part == PART_NAME ? block->address_at[row + 1]
					       : block->name_at[row];
		}
	}
}

static struct span
name_of(const struct block *block, size_t row)
{
	return span_make(block->text + block->name_at[row],
	    block->address_at[row + 1] - 1 - block->name_at[row]);
}

static void
find_name(const struct block *block, const struct filter_term *term,
    struct bits *bits)
{
	if (term->op == MATCH_HOLDS) {
		find_text(block, term->a, PART_NAME, bits);
		return;
	}
	for (size_t row = 0; row < block->count; row++) {
		struct span name = name_of(block, row);

		if (term->op == MATCH_HAS ? name.len > 0
					  : span_equal(name, term->a))
			set(bits, row);
	}
}

static bool
is_address(struct span canon, const struct filter_term *term)
{
	size_t before = canon.len - term->a.len;

	if (term->subject == FILTER_ADDRESS)
		return match_same(canon, term->a);
	return span_ends(canon, term->a) && before > 0 &&
	       (canon.ptr[before - 1] == '@' ||
		   (term->op == MATCH_HOLDS && canon.ptr[before - 1] == '.'));
}

/* By the canonical address: a domain, or the whole. */
static void
find_address(const struct block *block, const struct filter_term *term,
    struct bits *bits)
{
	size_t odd = 0;

	for (size_t row = 0; row < block->count; row++) {
		struct span canon =
		    span_make(block->text + block->address_at[row],
			block->name_at[row] - 1 - block->address_at[row]);

		if (odd < block->odds && block->odd_row[odd] == row) {
			canon = span_make(block->odd + block->odd_at[odd],
			    block->odd_at[odd + 1] - block->odd_at[odd]);
			odd++;
		}
		if (is_address(canon, term))
			set(bits, row);
	}
}

/* ---- Fields and numbers -------------------------------------------------------- */

static bool
has_field(const struct block *block, size_t row, uint16_t key,
    const struct match_want *want)
{
	const char *at = block->fields + block->fields_at[row];
	const char *end = block->fields + block->fields_at[row + 1];

	while (at < end) {
		uint16_t number;
		uint32_t len;

		memcpy(&number, at, sizeof number);
		memcpy(&len, at + sizeof number, sizeof len);
		at += sizeof number + sizeof len;
		if (number == key && match_meets(want, span_make(at, len)))
			return true;
		at += len;
	}
	return false;
}

static void
find_field(const struct search *self, const struct filter_term *term,
    const struct bits *wanted, struct bits *bits)
{
	struct match_want want = match_wanted(term->op, term->a, term->b);
	int key = roster_key(self->roster, term->name);

	for (size_t row = 0; key >= 0 && row < self->block->count; row++) {
		if (has(wanted, row) &&
		    has_field(self->block, row, (uint16_t)key, &want))
			set(bits, row);
	}
}

static void
find_times(const struct block *block, const struct times *times, int64_t from,
    int64_t to, struct bits *bits)
{
	for (size_t row = 0; row < block->count; row++) {
		int64_t at = times->each ? times->each[row] : times->one;

		if (at >= from && at <= to)
			set(bits, row);
	}
}

/* Since when the ground is there; 0 is not known and never matches. */
static void
find_since(const struct block *block, const struct filter_term *term,
    struct bits *bits)
{
	bool any = term->op == MATCH_HAS;

	for (size_t row = 0; row < block->count; row++) {
		int64_t at = block->since.each ? block->since.each[row]
					       : block->since.one;

		if (at != 0 &&
		    (any || (at >= term->from_ms && at <= term->to_ms)))
			set(bits, row);
	}
}

static void
find_basis(const struct block *block, const struct filter_term *term,
    struct bits *bits)
{
	for (size_t row = 0; row < block->count; row++) {
		uint8_t basis = block->basis[row];

		if (term->op == MATCH_HAS ? basis != BASIS_NONE
					  : basis == term->choice)
			set(bits, row);
	}
}

static void
find_status(const struct search *self, const struct filter_term *term,
    struct bits *bits)
{
	static const uint16_t causes[FILTER_STATUSES] = {
	    [FILTER_ACTIVE] = UINT16_MAX,
	    [FILTER_STOPPED] = UINT16_MAX,
	    [FILTER_UNSUBSCRIBED] = 1u << SUPPRESS_UNSUBSCRIBED,
	    [FILTER_BOUNCING] = 1u << SUPPRESS_BOUNCED | 1u << SUPPRESS_SOFT,
	    [FILTER_COMPLAINT] = 1u << SUPPRESS_COMPLAINT,
	};

	for (size_t row = 0; row < self->block->count; row++) {
		bool is;

		if (term->choice == FILTER_NOBASIS)
			is = self->block->basis[row] == BASIS_NONE;
		else
			is = (self->sheet->causes[self->index * BLOCK + row] &
				 causes[term->choice]) != 0;
		if (is != (term->choice == FILTER_ACTIVE))
			set(bits, row);
	}
}

/* ---- Asking the store ----------------------------------------------------------- */

/* The statement that has the contacts from ?1 to ?2 of whom the term is true; ?3
 * and ?4 are its operands. */
static const char *
statement(const struct filter_term *term)
{
	bool any = term->op == MATCH_HAS;

	switch (term->subject) {
	case FILTER_TAG:
		return any ? "SELECT contact FROM main.contact_tag"
			     " WHERE contact BETWEEN ?1 AND ?2"
			     " ORDER BY contact"
			   : "SELECT contact FROM main.contact_tag"
			     " WHERE contact BETWEEN ?1 AND ?2 AND tag = ?3"
			     " ORDER BY contact";
	case FILTER_LIST:
		return "SELECT contact FROM main.member WHERE list = ?3"
		       " AND contact BETWEEN ?1 AND ?2 ORDER BY contact";
	case FILTER_SENT:
		return any ? "SELECT o.contact FROM main.outbox o"
			     " CROSS JOIN main.ledger l"
			     " ON l.campaign = o.campaign AND l.seq = o.seq"
			     " WHERE o.contact BETWEEN ?1 AND ?2"
			     " AND l.state = 3 ORDER BY o.contact"
			   : "SELECT o.contact FROM main.outbox o"
			     " CROSS JOIN main.ledger l"
			     " ON l.campaign = o.campaign AND l.seq = o.seq"
			     " WHERE o.contact BETWEEN ?1 AND ?2"
			     " AND l.state = 3 GROUP BY o.contact"
			     " HAVING max(l.at_ms) BETWEEN ?3 AND ?4"
			     " ORDER BY o.contact";
	default:
		return any ? "SELECT o.contact FROM main.outbox o"
			     " CROSS JOIN main.ledger l"
			     " ON l.campaign = o.campaign AND l.seq = o.seq"
			     " WHERE o.contact BETWEEN ?1 AND ?2"
			     " AND l.state = ?4 ORDER BY o.contact"
			   : "SELECT o.contact FROM main.outbox o"
			     " CROSS JOIN main.ledger l"
			     " ON l.campaign = o.campaign AND l.seq = o.seq"
			     " WHERE o.contact BETWEEN ?1 AND ?2"
			     " AND o.campaign = ?3 AND l.state = ?4"
			     " ORDER BY o.contact";
	}
}

static void
bind(struct stmt *stmt, const struct filter_term *term)
{
	if (term->subject == FILTER_SENT && term->op != MATCH_HAS) {
		stmt_int(stmt, 3, term->from_ms);
		stmt_int(stmt, 4, term->to_ms);
	} else if (term->subject != FILTER_SENT && term->op != MATCH_HAS) {
		stmt_int(stmt, 3, term->choice);
	}
	if (term->subject == FILTER_RECEIVED)
		stmt_int(stmt, 4, LEDGER_ACCEPTED_ROW);
	else if (term->subject == FILTER_BOUNCED)
		stmt_int(stmt, 4, LEDGER_FAILED_ROW);
}

/* Asks about the rows from one to another. */
static int
ask(const struct search *self, const struct filter_term *term, size_t from,
    size_t to, struct bits *bits, struct err *err)
{
	const struct block *block = self->block;
	struct stmt *stmt = db_stmt_inner(self->db, statement(term), err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, block->id[from]);
	stmt_int(stmt, 2, block->id[to]);
	bind(stmt, term);
	while ((got = stmt_step(stmt, err)) == 1) {
		int64_t id = stmt_col_int(stmt, 0);

		while (from <= to && block->id[from] < id)
			from++;
		if (from <= to && block->id[from] == id)
			set(bits, from);
	}
	stmt_reset(stmt);
	return got;
}

static size_t
count_of(const struct bits *bits)
{
	size_t count = 0;

	for (size_t i = 0; i < BLOCK_WORDS; i++)
		count += (size_t)__builtin_popcountll(bits->word[i]);
	return count;
}

/* A few are asked about one by one: there may be thousands between them. */
static int
find_stored(const struct search *self, const struct filter_term *term,
    const struct bits *wanted, struct bits *bits, struct err *err)
{
	bool few = count_of(wanted) <= FEW;
	size_t first = self->block->count, last = 0;

	for (size_t row = 0; row < self->block->count; row++) {
		if (!has(wanted, row))
			continue;
		if (few && ask(self, term, row, row, bits, err) < 0)
			return -1;
		if (first > row)
			first = row;
		last = row;
	}
	return few ? 0 : ask(self, term, first, last, bits, err);
}

/* ---- Those whose mail failed --------------------------------------------------- */

static int
by_id(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

/* Mails that failed are found by an index of what is not accepted: with a few of
 * them it is known beforehand whom a campaign's "bounced" is about. */
static int
read_failed(
    struct search *self, const struct filter_term *term, struct err *err)
{
	struct stmt *stmt = db_stmt_inner(self->db,
	    "SELECT o.contact FROM main.ledger l INDEXED BY ledger_rest"
	    " CROSS JOIN main.outbox o ON o.campaign = l.campaign"
	    " AND o.seq = l.seq WHERE l.campaign = ?1 AND l.state >= 4"
	    " AND l.state = 5 LIMIT ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	self->failed = mem_array(FAILED_MAX, sizeof *self->failed);
	self->failed_count = 0;
	stmt_int(stmt, 1, term->choice);
	stmt_int(stmt, 2, FAILED_MAX);
	while ((got = stmt_step(stmt, err)) == 1)
		self->failed[self->failed_count++] = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	if (got == 0 && self->failed_count < FAILED_MAX)
		self->failed_term = term;
	qsort(self->failed, self->failed_count, sizeof *self->failed, by_id);
	return got;
}

static void
find_failed(const struct search *self, struct bits *bits)
{
	const struct block *block = self->block;
	size_t low = 0, high = self->failed_count, row = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (self->failed[middle] < block->id[0])
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < self->failed_count && row < block->count; low++) {
		while (row < block->count && block->id[row] < self->failed[low])
			row++;
		if (row < block->count && block->id[row] == self->failed[low])
			set(bits, row);
	}
}

/* ---- Terms ------------------------------------------------------------------------ */

static bool
is_stored(const struct filter_term *term)
{
	return term->subject == FILTER_TAG || term->subject == FILTER_LIST ||
	       (term->subject >= FILTER_SENT &&
		   term->subject <= FILTER_BOUNCED);
}

static bool
needs_sheet(const struct filter_term *term)
{
	return term->subject == FILTER_STATUS && term->choice != FILTER_NOBASIS;
}

static void
find_kept(const struct search *self, const struct filter_term *term,
    const struct bits *wanted, struct bits *bits)
{
	const struct block *block = self->block;

	switch (term->subject) {
	case FILTER_WORD:
		find_text(block, term->a, PART_ADDRESS | PART_NAME, bits);
		break;
	case FILTER_ADDRESS:
		if (term->op == MATCH_HOLDS)
			find_text(block, term->a, PART_ADDRESS, bits);
		else
			find_address(block, term, bits);
		break;
	case FILTER_NAME:
		find_name(block, term, bits);
		break;
	case FILTER_DOMAIN:
		find_address(block, term, bits);
		break;
	case FILTER_STATUS:
		find_status(self, term, bits);
		break;
	case FILTER_BASIS:
		find_basis(block, term, bits);
		break;
	case FILTER_SINCE:
	case FILTER_AGE:
		find_since(block, term, bits);
		break;
	case FILTER_ADDED:
		find_times(
		    block, &block->added, term->from_ms, term->to_ms, bits);
		break;
	case FILTER_CHANGED:
		find_times(
		    block, &block->changed, term->from_ms, term->to_ms, bits);
		break;
	default:
		find_field(self, term, wanted, bits);
		break;
	}
}

/* Leaves those of *bits of whom the term holds. */
static int
narrow(const struct search *self, const struct filter_term *term,
    struct bits *bits, struct err *err)
{
	struct bits found = {0};

	if (is_empty(bits))
		return 0;
	if (term == self->failed_term)
		find_failed(self, &found);
	else if (!is_stored(term))
		find_kept(self, term, bits, &found);
	else if (find_stored(self, term, bits, &found, err) < 0)
		return -1;
	for (size_t i = 0; i < BLOCK_WORDS; i++)
		bits->word[i] &= term->negated ? ~found.word[i] : found.word[i];
	return 0;
}

/* How late a term is asked: in memory, of few in the store, of many, mails. */
static int
turn_of(const struct filter_term *term)
{
	if (!is_stored(term))
		return 0;
	if (term->is_rare)
		return 1;
	return term->subject >= FILTER_SENT ? TURNS - 1 : 2;
}

/* The terms from first to before the next "or", cheap ones first. */
static int
find_row(const struct search *self, size_t first, size_t end, struct bits *bits,
    struct err *err)
{
	for (int turn = 0; turn < TURNS; turn++) {
		for (size_t i = first; i < end; i++) {
			const struct filter_term *term = &self->filter->term[i];

			if (turn_of(term) == turn &&
			    narrow(self, term, bits, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int
find_block(struct search *self, struct bits *bits, struct err *err)
{
	const struct filter *filter = self->filter;
	size_t first = 0;

	set_first(bits, filter->count == 0 ? self->block->count : 0);
	while (first < filter->count) {
		struct bits row;
		size_t end = first + 1;

		while (end < filter->count && !filter->term[end].alternative)
			end++;
		set_first(&row, self->block->count);
		if (find_row(self, first, end, &row, err) < 0)
			return -1;
		for (size_t i = 0; i < BLOCK_WORDS; i++)
			bits->word[i] |= row.word[i];
		first = end;
	}
	return 0;
}

/* ---- Finding ----------------------------------------------------------------------- */

static size_t
take(const struct search *self, const struct bits *bits, struct contact_id from,
    struct contact_id *out, size_t room)
{
	const struct block *block = self->block;
	size_t count = 0;

	for (size_t row = 0; row < block->count && count < room; row++) {
		if (has(bits, row) && block->id[row] >= from.v)
			out[count++].v = block->id[row];
	}
	return count;
}

static int64_t
find_all(struct search *self, struct contact_id from, const atomic_bool *stop,
    struct contact_id *out, size_t room, struct err *err)
{
	const struct roster *roster = self->roster;
	size_t count = 0;

	for (size_t i = 0; i < roster->blocks && count < room; i++) {
		struct bits bits;

		self->block = &roster->block[i];
		self->index = i;
		if (self->block->id[self->block->count - 1] < from.v)
			continue;
		if (stop && atomic_load(stop))
			return err_set(err, E_CANCELLED);
		if (find_block(self, &bits, err) < 0)
			return -1;
		count += take(self, &bits, from, out + count, room - count);
	}
	return (int64_t)count;
}

static int
prepare(struct search *self, const atomic_bool *stop, struct err *err)
{
	const struct filter *filter = self->filter;

	if (self->roster->masked && filter_check_shown(filter, err) < 0)
		return -1;
	for (size_t i = 0; i < filter->count; i++) {
		const struct filter_term *term = &filter->term[i];

		if (needs_sheet(term) && !self->sheet) {
			self->sheet = roster_sheet(
			    self->roster, self->db, filter->now_ms, stop, err);
			if (!self->sheet)
				return -1;
		}
		if (term->subject == FILTER_BOUNCED && term->op != MATCH_HAS &&
		    !self->failed && read_failed(self, term, err) < 0)
			return -1;
	}
	return 0;
}

int64_t
roster_ids(struct roster *roster, struct db *db, const struct filter *filter,
    struct contact_id from, const atomic_bool *stop, struct contact_id *out,
    size_t room, struct err *err)
{
	struct search self = {.roster = roster, .db = db, .filter = filter};
	int64_t count = -1;

	db_stop_when(db, stop);
	if (prepare(&self, stop, err) == 0) {
		db_stop_when(db, stop);
		count = find_all(&self, from, stop, out, room, err);
	}
	db_stop_when(db, NULL);
	free(self.failed);
	sheet_drop(&self.sheet);
	return count;
}
