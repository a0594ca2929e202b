/* Stepping through recipients for previews: the frozen ones while they are
 * what would be sent, else the members of the list. */
#include "core/review/audience.h"
#include "core/review/audience_segment.h"

#include "core/base/words.h"

/* The statements of one kind of audience; ?1 is campaign or list. */
struct steps {
	const char *next, *previous, *at, *count, *position, *last, *all,
	    *exact;
};

#define FROZEN                                                                 \
	"SELECT seq, seq, address, name, fields, canon FROM outbox"            \
	" WHERE campaign = ?1"
#define MEMBERS                                                                \
	"SELECT c.id, 0, c.address, c.name, c.fields, c.canon FROM member m"   \
	" JOIN contact c ON c.id = m.contact WHERE m.list = ?1"

static const struct steps frozen = {
    .next = FROZEN " AND seq > ?2 ORDER BY seq LIMIT 1",
    .previous = FROZEN " AND seq < ?2 ORDER BY seq DESC LIMIT 1",
    .at = FROZEN " ORDER BY seq LIMIT 1 OFFSET ?2 - 1",
    .count = "SELECT count(*) FROM outbox WHERE campaign = ?1",
    .position = "SELECT count(*) FROM outbox WHERE campaign = ?1"
		" AND seq <= ?2",
    .last = "SELECT max(seq) FROM outbox WHERE campaign = ?1",
    .all = FROZEN " ORDER BY seq",
    .exact = FROZEN " AND address = ?2 LIMIT 1",
};

static const struct steps members = {
    .next = MEMBERS " AND m.contact > ?2 ORDER BY m.contact LIMIT 1",
    .previous = MEMBERS " AND m.contact < ?2 ORDER BY m.contact DESC LIMIT 1",
    .at = MEMBERS " ORDER BY m.contact LIMIT 1 OFFSET ?2 - 1",
    .count = "SELECT count(*) FROM member WHERE list = ?1",
    .position = "SELECT count(*) FROM member WHERE list = ?1"
		" AND contact <= ?2",
    .last = "SELECT max(contact) FROM member WHERE list = ?1",
    .all = MEMBERS " ORDER BY m.contact",
    .exact = MEMBERS " AND c.canon = ?2 LIMIT 1",
};

static int
number(struct db *db, const char *sql, int64_t owner, int64_t key, int64_t *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, owner);
	if (key >= 0)
		stmt_int(stmt, 2, key);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

void
audience_take(
    struct stmt *stmt, struct arena *arena, struct audience_member *out)
{
	out->key = stmt_col_int(stmt, AUDIENCE_KEY);
	out->seq = stmt_col_int(stmt, AUDIENCE_SEQ);
	out->address = arena_copy(arena, stmt_col_text(stmt, AUDIENCE_ADDRESS));
	out->name = arena_copy(arena, stmt_col_text(stmt, AUDIENCE_NAME));
	out->fields = arena_copy(arena, stmt_col_text(stmt, AUDIENCE_FIELDS));
}

/* Ends stmt. */
static int
take_first(struct stmt *stmt, struct arena *arena, struct audience_member *out,
    struct err *err)
{
	int got = stmt_step(stmt, err);

	if (got == 1)
		audience_take(stmt, arena, out);
	stmt_reset(stmt);
	return got;
}

static int
pick(struct db *db, const char *sql, int64_t owner, int64_t from,
    struct arena *arena, struct audience_member *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, owner);
	stmt_int(stmt, 2, from);
	return take_first(stmt, arena, out, err);
}

/* Fills in where the one who was found stands. */
static int
place(struct db *db, const struct steps *steps, int64_t owner,
    struct audience_member *out, struct err *err)
{
	if (number(db, steps->count, owner, -1, &out->total, err) < 0 ||
	    number(db, steps->position, owner, out->key, &out->position, err) <
		0)
		return -1;
	if (!out->is_frozen)
		out->seq = out->position;
	return 1;
}

/* Whether the frozen recipients are those that count: once sealed always,
 * before that when nothing was changed since the proof froze them. */
static int
are_frozen(
    struct db *db, const struct campaign *campaign, bool *out, struct err *err)
{
	struct stmt *stmt;
	int got;

	*out = campaign->state != CAMPAIGN_DRAFT &&
	       campaign->state != CAMPAIGN_TEMPLATE;
	if (*out)
		return 0;
	stmt = db_stmt(db,
	    "SELECT 1 FROM review r JOIN list l ON l.id = ?3"
	    " WHERE r.campaign = ?1 AND r.revision = ?2"
	    " AND l.changed_ms <= r.at_ms AND NOT EXISTS(SELECT 1 FROM"
	    " segment s WHERE s.id = ?4 AND s.changed_ms > r.at_ms)"
	    " AND r.recipients ="
	    " (SELECT count(*) FROM outbox WHERE campaign = ?1)",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	stmt_int(stmt, 2, campaign->revision);
	stmt_int(stmt, 3, campaign->list);
	stmt_int(stmt, 4, campaign->segment);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	*out = got == 1;
	return got < 0 ? -1 : 0;
}

int
audience_step(struct db *db, const struct campaign *campaign,
    enum audience_step step, int64_t from, struct arena *arena,
    struct audience_member *out, struct err *err)
{
	const struct steps *steps;
	int64_t owner, last = 0;
	uint64_t random;
	int got;

	if (are_frozen(db, campaign, &out->is_frozen, err) < 0)
		return -1;
	if (!out->is_frozen && campaign->segment)
		return segment_step(db, campaign, step, from, arena, out, err);
	steps = out->is_frozen ? &frozen : &members;
	owner = out->is_frozen ? campaign->id.v : campaign->list;
	if (step == AUDIENCE_FIRST)
		from = 0;
	if (step == AUDIENCE_RANDOM) {
		if (number(db, steps->last, owner, -1, &last, err) < 0)
			return -1;
		crypt_random(&random, sizeof random);
		from = last > 0 ? (int64_t)(random % (uint64_t)last) : 0;
	}
	got = pick(db,
	    step == AUDIENCE_PREVIOUS ? steps->previous
	    : step == AUDIENCE_AT     ? steps->at
				      : steps->next,
	    owner, from, arena, out, err);
	return got == 1 ? place(db, steps, owner, out, err) : got;
}

/* ---- Searching ----------------------------------------------------------- */

static bool
holds(struct span text, struct span word)
{
	size_t len;
	uint32_t cp;

	do {
		if (fold_starts(text, word, &len))
			return true;
	} while (fold_next(&text, &cp));
	return false;
}

/* Whether address or name hold all words. */
static bool
is_meant(struct span words, struct span address, struct span name)
{
	while (words.len > 0) {
		struct span word = span_cut(&words, ' ');

		if (word.len > 0 && !holds(address, word) && !holds(name, word))
			return false;
	}
	return true;
}

/* Walks over all rows: the first behind from that is meant, or else the first
 * of all. */
int
audience_find(struct stmt *stmt, int64_t from, const atomic_bool *stop,
    struct span words, struct arena *arena, struct audience_member *out,
    struct err *err)
{
	bool found = false;
	int got;

	while ((got = stmt_step(stmt, err)) == 1) {
		int64_t key = stmt_col_int(stmt, AUDIENCE_KEY);

		if (stop && atomic_load(stop)) {
			got = err_set(err, E_CANCELLED);
			break;
		}
		if ((found && key <= from) ||
		    !is_meant(words, stmt_col_text(stmt, AUDIENCE_ADDRESS),
			stmt_col_text(stmt, AUDIENCE_NAME)))
			continue;
		audience_take(stmt, arena, out);
		found = true;
		if (key > from)
			break;
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : found;
}

static int
find_words(struct db *db, const char *sql, int64_t owner, int64_t from,
    const atomic_bool *stop, struct span words, struct arena *arena,
    struct audience_member *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, owner);
	return audience_find(stmt, from, stop, words, arena, out, err);
}

static int
find_exact(struct db *db, const char *sql, int64_t owner, struct span address,
    struct arena *arena, struct audience_member *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, owner);
	stmt_text(stmt, 2, address);
	return take_first(stmt, arena, out, err);
}

int
audience_search(struct db *db, const struct campaign *campaign,
    struct span text, int64_t from, const atomic_bool *stop,
    struct arena *arena, struct audience_member *out, struct err *err)
{
	const struct steps *steps;
	int64_t owner;
	int got = 0;

	text = span_trim(text);
	if (are_frozen(db, campaign, &out->is_frozen, err) < 0)
		return -1;
	if (!out->is_frozen && campaign->segment)
		return segment_search(
		    db, campaign, text, from, stop, arena, out, err);
	steps = out->is_frozen ? &frozen : &members;
	owner = out->is_frozen ? campaign->id.v : campaign->list;
	if (span_index(text, '@') < text.len)
		got =
		    find_exact(db, steps->exact, owner, text, arena, out, err);
	if (got == 0 && text.len > 0)
		got = find_words(
		    db, steps->all, owner, from, stop, text, arena, out, err);
	return got == 1 ? place(db, steps, owner, out, err) : got;
}

struct stmt *
audience_rows(struct db *db, const struct campaign *campaign, bool *is_frozen,
    int64_t *total, struct err *err)
{
	const struct steps *steps;
	struct stmt *stmt;
	int64_t owner;

	if (are_frozen(db, campaign, is_frozen, err) < 0)
		return NULL;
	if (!*is_frozen && campaign->segment)
		return segment_people(db, campaign, total, err);
	steps = *is_frozen ? &frozen : &members;
	owner = *is_frozen ? campaign->id.v : campaign->list;
	if (number(db, steps->count, owner, -1, total, err) < 0)
		return NULL;
	stmt = db_stmt(db, steps->all, err);
	if (stmt)
		stmt_int(stmt, 1, owner);
	return stmt;
}
