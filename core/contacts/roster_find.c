/* Filters over a roster, block by block in the order of ids, so that the first
 * page is there when its blocks are.  A term makes a bit for every row.  What is
 * in memory is asked first; the store is asked about the rest only from the
 * first to the last row that can still match. */
#include <stdlib.h>
#include <string.h>

#include "core/base/match.h"
#include "core/contacts/contacts.h"
#include "core/contacts/roster_rows.h"

enum { TURNS = 4 };

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
			bits_set(bits, row);
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
			bits_set(bits, row);
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
			bits_set(bits, row);
	}
}

/* ---- Fields and numbers -------------------------------------------------------- */

/* match_meets() of a value that is folded already. */
static bool
meets(const struct match_want *want, struct span folded)
{
	if (want->op == MATCH_SAME)
		return span_equal(folded, want->a);
	if (want->op == MATCH_HOLDS)
		return want->a.len == 0 ||
		       span_search(folded, want->a) < folded.len;
	return match_meets(want, folded);
}

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
		if (number == key && meets(want, span_make(at, len)))
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
		if (bits_has(wanted, row) &&
		    has_field(self->block, row, (uint16_t)key, &want))
			bits_set(bits, row);
	}
}

static void
find_times(const struct block *block, const struct times *times, int64_t from,
    int64_t to, struct bits *bits)
{
	for (size_t row = 0; row < block->count; row++) {
		int64_t at = times->each ? times->each[row] : times->one;

		if (at >= from && at <= to)
			bits_set(bits, row);
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
			bits_set(bits, row);
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
			bits_set(bits, row);
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
			bits_set(bits, row);
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
		roster_failed(self, &found);
	else if (!is_stored(term))
		find_kept(self, term, bits, &found);
	else if (roster_ask(self, term, bits, &found, err) < 0)
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
		if (bits_has(bits, row) && block->id[row] >= from.v)
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
	}
	return roster_read_failed(self, err);
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
