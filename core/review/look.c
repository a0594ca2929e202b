/* PP-04: which messages must be read, and that they were.  Worst cases come
 * from the hunt for them; those drawn by lot follow from the content, so that
 * nobody can draw again until the lot is pleasant. */
#include "core/review/gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/review/words.h"

enum { LOTS = 3 };

/* ---- The plan --------------------------------------------------------------- */

struct plan {
	struct review_look look[LOOK_MAX + 1];
	size_t count;
	int64_t recipients;
};

static bool
has_position(const struct plan *plan, int64_t position)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->look[i].position == position)
			return true;
	}
	return false;
}

static void
plan_add(struct plan *plan, int64_t position, int reason, struct span what)
{
	struct review_look *look;

	if (plan->count >= LOOK_MAX || has_position(plan, position))
		return;
	look = &plan->look[plan->count++];
	*look = (struct review_look){.position = position, .reason = reason};
	span_text(look->what, sizeof look->what, what);
}

/* A number below limit that follows from the content and from nth. */
static uint64_t
draw(const struct review *review, uint64_t nth, uint64_t limit)
{
	struct buf seed = BUF_INIT;
	struct digest digest;
	uint64_t value;

	buf_text(&seed, "look ");
	buf_add(&seed, span_make(review->inputs.bytes, SHA256_LEN));
	buf_printf(&seed, " %llu", (unsigned long long)nth);
	crypt_hmac(
	    store_key(review->store, STORE_KEY_SEAL), buf_span(&seed), &digest);
	buf_done(&seed);
	memcpy(&value, digest.bytes, sizeof value);
	return value % limit;
}

static size_t
wanted(int64_t recipients)
{
	size_t least = LOOK_MIN, log2 = 0;

	while ((INT64_C(1) << log2) < recipients)
		log2++;
	if (log2 > least)
		least = log2;
	return recipients < (int64_t)least ? (size_t)recipients : least;
}

static void
plan_lots(const struct review *review, struct plan *plan)
{
	size_t least = wanted(plan->recipients);
	size_t upto = plan->count + LOTS;

	if (upto < least)
		upto = least;
	if ((int64_t)upto > plan->recipients)
		upto = (size_t)plan->recipients;
	for (uint64_t nth = 0; plan->count < upto && nth < 1000; nth++) {
		int64_t position =
		    1 + (int64_t)draw(review, nth, (uint64_t)plan->recipients);

		plan_add(plan, position, -1, SPAN(""));
	}
}

/* One plan in so many has a sample in it that must be found. */
static int
plan_plant(struct review *review, const struct campaign *campaign,
    struct plan *plan, struct err *err)
{
	static const enum look_plant kinds[] = {
	    LOOK_PLANT_NAME, LOOK_PLANT_WEEKDAY, LOOK_PLANT_DRAFT};
	int64_t one_in = setting_int(review->db, "drill.planted", err);
	struct campaign trial = CAMPAIGN_INIT;
	struct review_look *look;
	uint64_t first;
	size_t at;

	if (one_in < 0)
		return -1;
	if (!one_in || plan->count < 2 ||
	    draw(review, 2000, (uint64_t)one_in) != 0)
		return 0;
	/* never the first: one reads that with fresh eyes */
	at = 1 + (size_t)draw(review, 2001, plan->count - 1);
	memmove(&plan->look[at + 1], &plan->look[at],
	    (plan->count - at) * sizeof *plan->look);
	plan->count++;
	look = &plan->look[at];
	*look = (struct review_look){.reason = -1};
	look->position =
	    1 + (int64_t)draw(review, 2002, (uint64_t)plan->recipients);
	first = draw(review, 2003, 3);
	for (uint64_t i = 0; i < 3 && look->plant == LOOK_REAL; i++) {
		enum look_plant kind = kinds[(first + i) % 3];

		campaign_assign(&trial, campaign);
		look_plant(kind, &trial);
		if (!span_equal(
			buf_span(&trial.body), buf_span(&campaign->body)))
			look->plant = kind;
	}
	campaign_done(&trial);
	return 0;
}

static int
write_look(struct db *db, struct campaign_id campaign,
    const struct review_look *look, int number, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO review_look(campaign, number, position, reason, what,"
	    " plant, seen_ms, by) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, '')",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	stmt_int(stmt, 2, number);
	stmt_int(stmt, 3, look->position);
	stmt_int(stmt, 4, look->reason);
	stmt_text(stmt, 5, span_of(look->what));
	stmt_int(stmt, 6, look->plant);
	return stmt_run(stmt, err);
}

static int
write_plan(struct review *review, const struct plan *plan, struct err *err)
{
	struct db *db = NULL;
	char facts[40];

	snprintf(facts, sizeof facts, "samples=%zu", plan->count);
	if (words_begin(review, &db, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++) {
		if (write_look(db, review->campaign, &plan->look[i], (int)i + 1,
			err) < 0)
			return words_fail(review, &db);
	}
	return words_end(review, &db, PP_04, "review.look_plan", facts, err);
}

static int
make_plan(struct review *review, const struct samples *samples,
    struct plan *plan, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	size_t count;
	const struct sample *sample = samples_all(samples, &count);
	int rc;

	plan->recipients = review->recipients;
	for (size_t i = 0; i < count; i++) {
		if (sample[i].position >= 1 &&
		    sample[i].position <= plan->recipients)
			plan_add(plan, sample[i].position, sample[i].reason,
			    sample[i].what);
	}
	plan_lots(review, plan);
	rc = campaign_read(review->db, review->campaign, &campaign, err);
	if (rc == 0)
		rc = plan_plant(review, &campaign, plan, err);
	campaign_done(&campaign);
	return rc;
}

int
look_plan(struct review *review, const struct samples *samples, struct err *err)
{
	struct review_look *there = NULL;
	struct plan *plan;
	size_t count = 0;
	int rc;

	if (words_allowed(review, PP_04, err) < 0 ||
	    look_all(review->db, review->campaign, &there, &count, err) < 0)
		return -1;
	free(there);
	if (count)
		return 0;
	plan = mem_new(sizeof *plan);
	rc = make_plan(review, samples, plan, err);
	if (rc == 0)
		rc = write_plan(review, plan, err);
	free(plan);
	return rc;
}

int
look_all(struct db *db, struct campaign_id campaign, struct review_look **out,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT number, position, reason, what, plant, seen_ms, by"
	    " FROM review_look WHERE campaign = ?1 ORDER BY number",
	    err);
	struct review_look *all = NULL;
	size_t found = 0;
	int got = -1;

	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct review_look *look;

		all = mem_more(all, found, sizeof *all);
		look = &all[found++];
		*look =
		    (struct review_look){.number = (int)stmt_col_int(stmt, 0),
			.position = stmt_col_int(stmt, 1),
			.reason = (int)stmt_col_int(stmt, 2),
			.plant = (enum look_plant)stmt_col_int(stmt, 4),
			.seen_ms = stmt_col_int(stmt, 5)};
		span_text(
		    look->what, sizeof look->what, stmt_col_text(stmt, 3));
		span_text(look->by, sizeof look->by, stmt_col_text(stmt, 6));
	}
	stmt_reset(stmt);
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all;
	*count = found;
	return 0;
}

/* ---- Verdicts ---------------------------------------------------------------- */

/* Everything is to be seen again, without the one that is known by now. */
static int
start_over(struct review *review, struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "DELETE FROM review_look WHERE campaign = ?1 AND plant > 0", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	if (stmt_run(stmt, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "UPDATE review_look SET seen_ms = 0, by = '' WHERE campaign = ?1",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	return stmt_run(stmt, err);
}

static int
mark_seen(struct review *review, struct db *db, int number, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE review_look SET seen_ms = ?3, by = ?4"
	    " WHERE campaign = ?1 AND number = ?2",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	stmt_int(stmt, 2, number);
	stmt_int(stmt, 3, clock_now_ms(review->world->clock));
	stmt_text(stmt, 4, span_of(store_user(review->store)));
	return stmt_run(stmt, err);
}

static int
find_look(
    struct review *review, int number, struct review_look *out, struct err *err)
{
	struct review_look *all = NULL;
	size_t count = 0, i = 0;

	if (look_all(review->db, review->campaign, &all, &count, err) < 0)
		return -1;
	while (i < count && all[i].number != number)
		i++;
	if (i < count)
		*out = all[i];
	free(all);
	if (i < count)
		return 0;
	err_set(err, E_REVIEW_STALE);
	return err_fact(err, "what", SPAN("PP-04"));
}

static int
was_long_enough(struct review *review, int64_t shown_ms, struct err *err)
{
	int64_t least_s = setting_int(review->db, "drill.seconds", err);

	if (least_s < 0)
		return -1;
	if (shown_ms >= least_s * 1000)
		return 0;
	err_set(err, E_REVIEW_LOOK);
	return err_fact_int(err, "seconds", least_s);
}

static enum look_came
came_of(const struct review_look *look, enum look_verdict verdict)
{
	if (look->plant == LOOK_REAL)
		return verdict == LOOK_RIGHT ? LOOK_NOTED : LOOK_DOUBT;
	return verdict == LOOK_WRONG ? LOOK_FOUND : LOOK_MISSED;
}

int
look_judge(struct review *review, int number, int64_t shown_ms,
    enum look_verdict verdict, struct span words, enum look_came *came,
    struct err *err)
{
	static const char *const deeds[] = {"review.look", "review.doubt",
	    "vigilance.found", "vigilance.missed"};
	struct review_look look = {.number = 0};
	struct db *db = NULL;
	char facts[300];
	int rc = 0;

	words = span_trim(words);
	if (words_allowed(review, PP_04, err) < 0 ||
	    find_look(review, number, &look, err) < 0 ||
	    was_long_enough(review, shown_ms, err) < 0)
		return -1;
	*came = came_of(&look, verdict);
	if (*came == LOOK_DOUBT &&
	    words_sentence(review, PP_04, words, err) < 0)
		return -1;
	snprintf(facts, sizeof facts, "sample=%d seconds=%lld%s%.*s", number,
	    (long long)(shown_ms / 1000), words.len ? " words=" : "",
	    SPAN_ARG(span_slice(words, 0, 200)));
	if (words_begin(review, &db, err) < 0)
		return -1;
	if (*came == LOOK_MISSED)
		rc = start_over(review, db, err);
	else if (*came != LOOK_DOUBT)
		rc = mark_seen(review, db, number, err);
	if (rc < 0)
		return words_fail(review, &db);
	return words_end(review, &db, PP_04, deeds[*came], facts, err);
}
