/* PP-06: what stands in the messages is ticked one by one, and what no machine
 * can know is said in words. */
#include "core/review/words.h"

#include <stdio.h>

static const char *const statements[] = {
    "consent", "class", "truth", "landing"};

const char *const *
statement_all(size_t *count)
{
	*count = sizeof statements / sizeof *statements;
	return statements;
}

static int
bad(struct err *err, const char *why)
{
	err_set(err, E_REVIEW_ANSWER);
	err_fact(err, "check", SPAN("PP-06"));
	return err_fact(err, "why", span_of(why));
}

static int
write_word(struct review *review, struct db *db, const char *item,
    struct span text, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO review_word(campaign, item, text, by, at_ms)"
	    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	stmt_text(stmt, 2, span_of(item));
	stmt_text(stmt, 3, text);
	stmt_text(stmt, 4, span_of(store_user(review->store)));
	stmt_int(stmt, 5, clock_now_ms(review->world->clock));
	return stmt_run(stmt, err);
}

/* A statement that is given again replaces the one before. */
static int
drop_statement(
    struct review *review, struct db *db, const char *item, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "DELETE FROM review_word WHERE campaign = ?1 AND item = ?2", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	stmt_text(stmt, 2, span_of(item));
	return stmt_run(stmt, err);
}

static int
is_extracted(struct review *review, int kind, struct span text, struct err *err)
{
	struct stmt *stmt = db_stmt(review->db,
	    "SELECT 1 FROM review_extract WHERE campaign = ?1 AND kind = ?2"
	    " AND text = ?3",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	stmt_int(stmt, 2, kind);
	stmt_text(stmt, 3, text);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

int
tick_give(struct review *review, int kind, struct span text, struct err *err)
{
	struct db *db = NULL;
	char item[16], facts[200];
	int got;

	if (words_allowed(review, PP_06, err) < 0)
		return -1;
	/* each host is acknowledged: nobody can do that with hosts that are so
	 * many that they are not even listed */
	if (kind == EXTRACT_HOST && !text.len)
		return bad(err, "hosts");
	got = is_extracted(review, kind, text, err);
	if (got != 1)
		return got < 0 ? -1 : bad(err, "unknown");
	snprintf(item, sizeof item, "tick %d", kind);
	snprintf(facts, sizeof facts, "kind=%d text=%.*s", kind,
	    SPAN_ARG(span_slice(text, 0, 120)));
	if (words_begin(review, &db, err) < 0)
		return -1;
	if (write_word(review, db, item, text, err) < 0)
		return words_fail(review, &db);
	return words_end(review, &db, PP_06, "review.tick", facts, err);
}

int
statement_give(struct review *review, const char *statement, struct span words,
    struct err *err)
{
	struct db *db = NULL;
	char facts[40];
	bool known = false;

	if (words_allowed(review, PP_06, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		known |= !strcmp(statements[i], statement);
	if (!known)
		return bad(err, "unknown");
	words = span_trim(words);
	if (words_sentence(review, PP_06, words, err) < 0)
		return -1;
	snprintf(facts, sizeof facts, "statement=%s", statement);
	if (words_begin(review, &db, err) < 0)
		return -1;
	if (drop_statement(review, db, statement, err) < 0 ||
	    write_word(review, db, statement, words, err) < 0)
		return words_fail(review, &db);
	return words_end(review, &db, PP_06, "review.statement", facts, err);
}

int
word_each(struct db *db, struct campaign_id campaign,
    int (*visit)(void *arg, const struct word *word), void *arg,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT item, text, by, at_ms FROM review_word WHERE campaign = ?1"
	    " ORDER BY item GLOB 'tick *' DESC, item, text",
	    err);
	int got = -1, rc = 0;

	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	while (stmt && rc == 0 && (got = stmt_step(stmt, err)) == 1) {
		struct word word = {.text = stmt_col_text(stmt, 1),
		    .by = stmt_col_text(stmt, 2),
		    .at_ms = stmt_col_int(stmt, 3)};

		span_text(word.item, sizeof word.item, stmt_col_text(stmt, 0));
		rc = visit(arg, &word);
	}
	stmt_reset(stmt);
	return rc ? rc : got < 0 ? -1 : 0;
}
