/* Stepping through recipients for previews: the frozen ones once there are
 * any that count, the members of the list before. */
#include "core/review/review.h"

/* The statements of one kind of audience; ?1 is campaign or list. */
struct steps {
	const char *next, *previous, *count, *position, *last;
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
    .count = "SELECT count(*) FROM outbox WHERE campaign = ?1",
    .position = "SELECT count(*) FROM outbox WHERE campaign = ?1"
		" AND seq <= ?2",
    .last = "SELECT max(seq) FROM outbox WHERE campaign = ?1",
};

static const struct steps members = {
    .next = MEMBERS " AND m.contact > ?2 ORDER BY m.contact LIMIT 1",
    .previous = MEMBERS " AND m.contact < ?2 ORDER BY m.contact DESC LIMIT 1",
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

int
audience_step(struct db *db, const struct campaign *campaign,
    enum audience_step step, int64_t from, struct arena *arena,
    struct audience_member *out, struct err *err)
{
	bool is_frozen = campaign->state != CAMPAIGN_DRAFT;
	const struct steps *steps = is_frozen ? &frozen : &members;
	int64_t owner = is_frozen ? campaign->id.v : campaign->list;
	int64_t last = 0;
	uint64_t random;
	int got;

	if (step == AUDIENCE_FIRST)
		from = 0;
	if (step == AUDIENCE_RANDOM) {
		if (number(db, steps->last, owner, -1, &last, err) < 0)
			return -1;
		crypt_random(&random, sizeof random);
		from = last > 0 ? (int64_t)(random % (uint64_t)last) : 0;
	}
	got =
	    pick(db, step == AUDIENCE_PREVIOUS ? steps->previous : steps->next,
		owner, from, arena, out, err);
	if (got != 1)
		return got;
	if (number(db, steps->count, owner, -1, &out->total, err) < 0 ||
	    number(db, steps->position, owner, out->key, &out->position, err) <
		0)
		return -1;
	if (!is_frozen)
		out->seq = out->position;
	return 1;
}
