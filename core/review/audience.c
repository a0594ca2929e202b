/* Stepping through recipients for previews: the frozen ones while they are
 * what would be sent, else the members of the list. */
#include "core/review/review.h"

/* The statements of one kind of audience; ?1 is campaign or list. */
struct steps {
	const char *next, *previous, *at, *count, *position, *last;
};

#define FROZEN                                                                 \
	"SELECT seq, seq, address, name, fields FROM outbox WHERE campaign = " \
	"?1"
#define MEMBERS                                                                \
	"SELECT c.id, 0, c.address, c.name, c.fields FROM member m"            \
	" JOIN contact c ON c.id = m.contact WHERE m.list = ?1"

static const struct steps frozen = {
    .next = FROZEN " AND seq > ?2 ORDER BY seq LIMIT 1",
    .previous = FROZEN " AND seq < ?2 ORDER BY seq DESC LIMIT 1",
    .at = FROZEN " ORDER BY seq LIMIT 1 OFFSET ?2 - 1",
    .count = "SELECT count(*) FROM outbox WHERE campaign = ?1",
    .position = "SELECT count(*) FROM outbox WHERE campaign = ?1"
		" AND seq <= ?2",
    .last = "SELECT max(seq) FROM outbox WHERE campaign = ?1",
};

static const struct steps members = {
    .next = MEMBERS " AND m.contact > ?2 ORDER BY m.contact LIMIT 1",
    .previous = MEMBERS " AND m.contact < ?2 ORDER BY m.contact DESC LIMIT 1",
    .at = MEMBERS " ORDER BY m.contact LIMIT 1 OFFSET ?2 - 1",
    .count = "SELECT count(*) FROM member WHERE list = ?1",
    .position = "SELECT count(*) FROM member WHERE list = ?1"
		" AND contact <= ?2",
    .last = "SELECT max(contact) FROM member WHERE list = ?1",
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

static int
pick(struct db *db, const char *sql, int64_t owner, int64_t from,
    struct arena *arena, struct audience_member *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, owner);
	stmt_int(stmt, 2, from);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->key = stmt_col_int(stmt, 0);
		out->seq = stmt_col_int(stmt, 1);
		out->address = arena_copy(arena, stmt_col_text(stmt, 2));
		out->name = arena_copy(arena, stmt_col_text(stmt, 3));
		out->fields = arena_copy(arena, stmt_col_text(stmt, 4));
	}
	stmt_reset(stmt);
	return got;
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
	    " AND l.changed_ms <= r.at_ms AND r.recipients ="
	    " (SELECT count(*) FROM outbox WHERE campaign = ?1)",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	stmt_int(stmt, 2, campaign->revision);
	stmt_int(stmt, 3, campaign->list);
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
	if (got != 1)
		return got;
	if (number(db, steps->count, owner, -1, &out->total, err) < 0 ||
	    number(db, steps->position, owner, out->key, &out->position, err) <
		0)
		return -1;
	if (!out->is_frozen)
		out->seq = out->position;
	return 1;
}
