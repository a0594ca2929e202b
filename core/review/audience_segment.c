/* Stepping through a segment.  Who is in it is known only by looking, so every
 * step counts all of them. */
#include "core/review/audience_segment.h"

static int
open_filter(struct db *db, const struct campaign *campaign, struct filter **out,
    struct err *err)
{
	return segment_filter(db, campaign->segment,
	    (struct list_id){campaign->list}, clock_now_ms(clock_real()), out,
	    NULL, err);
}

static struct stmt *
people(struct db *db, const struct campaign *campaign,
    const struct filter *filter, int64_t from, enum filter_want want,
    struct err *err)
{
	return filter_stmt(db, (struct list_id){campaign->list}, filter,
	    (struct contact_id){from}, want, err);
}

/* Whether the member at a position, from 1, is the one to stop at; for
 * PREVIOUS, the last one of which this is said. */
static bool
is_wanted(enum audience_step step, int64_t from, int64_t id, int64_t position)
{
	uint64_t random;

	switch (step) {
	case AUDIENCE_FIRST:
		return position == 1;
	case AUDIENCE_PREVIOUS:
		return id < from;
	case AUDIENCE_AT:
		return position == from;
	case AUDIENCE_RANDOM:
		/* each of them is as likely as the others */
		crypt_random(&random, sizeof random);
		return random % (uint64_t)position == 0;
	default:
		return id > from;
	}
}

/* Finds the member's key and place, and counts: 1, 0 when there is none. */
static int
walk(struct db *db, const struct campaign *campaign,
    const struct filter *filter, enum audience_step step, int64_t from,
    struct audience_member *out, struct err *err)
{
	struct stmt *stmt = people(db, campaign, filter, 0, FILTER_IDS, err);
	bool last = step == AUDIENCE_PREVIOUS || step == AUDIENCE_RANDOM;
	int64_t position = 0;
	int got, found = 0;

	if (!stmt)
		return -1;
	while ((got = stmt_step(stmt, err)) == 1) {
		int64_t id = stmt_col_int(stmt, 0);

		position++;
		if ((found && !last) || !is_wanted(step, from, id, position))
			continue;
		out->key = id;
		out->position = position;
		found = 1;
	}
	out->total = position;
	return got < 0 ? -1 : found;
}

int
segment_step(struct db *db, const struct campaign *campaign,
    enum audience_step step, int64_t from, struct arena *arena,
    struct audience_member *out, struct err *err)
{
	struct filter *filter = NULL;
	struct stmt *stmt;
	int got = -1;

	if (open_filter(db, campaign, &filter, err) < 0)
		return -1;
	got = walk(db, campaign, filter, step, from, out, err);
	if (got == 1) {
		stmt =
		    people(db, campaign, filter, out->key, FILTER_PEOPLE, err);
		got = stmt ? stmt_step(stmt, err) : -1;
		if (got == 1)
			audience_take(stmt, arena, out);
		stmt_reset(stmt);
		out->seq = out->position;
	}
	filter_free(&filter);
	return got;
}

/* Ends stmt. */
static int
find_exact(struct stmt *stmt, struct span address, struct arena *arena,
    struct audience_member *out, struct err *err)
{
	int got;

	while ((got = stmt_step(stmt, err)) == 1) {
		if (!span_equal(stmt_col_text(stmt, AUDIENCE_CANON), address))
			continue;
		audience_take(stmt, arena, out);
		break;
	}
	stmt_reset(stmt);
	return got;
}

int
segment_search(struct db *db, const struct campaign *campaign, struct span text,
    int64_t from, const atomic_bool *stop, struct arena *arena,
    struct audience_member *out, struct err *err)
{
	struct filter *filter = NULL;
	struct stmt *stmt = NULL;
	int got = 0;

	if (open_filter(db, campaign, &filter, err) < 0)
		return -1;
	if (span_index(text, '@') < text.len) {
		stmt = people(db, campaign, filter, 0, FILTER_PEOPLE, err);
		got = stmt ? find_exact(stmt, text, arena, out, err) : -1;
	}
	if (got == 0 && text.len > 0) {
		stmt = people(db, campaign, filter, 0, FILTER_PEOPLE, err);
		got = stmt ? audience_find(
				 stmt, from, stop, text, arena, out, err)
			   : -1;
	}
	if (got == 1)
		got = walk(db, campaign, filter, AUDIENCE_NEXT, out->key - 1,
		    out, err);
	if (got == 1)
		out->seq = out->position;
	filter_free(&filter);
	return got;
}

struct stmt *
segment_people(struct db *db, const struct campaign *campaign, int64_t *total,
    struct err *err)
{
	struct filter *filter = NULL;
	struct stmt *stmt = NULL;

	if (open_filter(db, campaign, &filter, err) < 0)
		return NULL;
	*total = contact_count(
	    db, (struct list_id){campaign->list}, filter, NULL, err);
	if (*total >= 0)
		stmt = people(db, campaign, filter, 0, FILTER_PEOPLE, err);
	filter_free(&filter);
	return stmt;
}
