/* What a roster does not have is asked of the store, about people of one block at
 * a time: tags, other lists, mails. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "core/contacts/roster_rows.h"

enum {
	FEW = 64,           /* rows of a block that are asked about singly */
	FAILED_MAX = 20000, /* mails */
	LEDGER_ACCEPTED_ROW = 3, /* enum ledger_state, core/deliver/deliver.h */
	LEDGER_FAILED_ROW = 5
};

/* "+" keeps SQLite from reading a whole campaign for each block of people.
 * The statement that has the contacts from ?1 to ?2 of whom the term is true; ?3
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
			     " AND +o.campaign = ?3 AND l.state = ?4"
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
			bits_set(bits, from);
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
int
roster_ask(const struct search *self, const struct filter_term *term,
    const struct bits *wanted, struct bits *bits, struct err *err)
{
	bool few = count_of(wanted) <= FEW;
	size_t first = self->block->count, last = 0;

	for (size_t row = 0; row < self->block->count; row++) {
		if (!bits_has(wanted, row))
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

void
roster_failed(const struct search *self, struct bits *bits)
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
			bits_set(bits, row);
	}
}

int
roster_read_failed(struct search *self, struct err *err)
{
	for (size_t i = 0; i < self->filter->count; i++) {
		const struct filter_term *term = &self->filter->term[i];

		if (term->subject == FILTER_BOUNCED && term->op != MATCH_HAS)
			return read_failed(self, term, err);
	}
	return 0;
}
