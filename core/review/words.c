/* What people say besides answers: seen samples, ticks, statements.  It stands
 * in tables of its own; the line of the checklist follows from them, and the
 * manifest names each. */
#include "core/review/words.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"

int
words_allowed(const struct review *review, enum check_id line, struct err *err)
{
	enum check_state state = review->result[line].state;

	if (person_require(review->store, NULL, MAY_CHECK, err) < 0)
		return -1;
	if (state != CHECK_PENDING && state != CHECK_STALE &&
	    state != CHECK_RUNNING)
		return 0;
	err_set(err, E_REVIEW_STALE);
	return err_fact(err, "what", span_of(review->result[line].check->id));
}

int
words_sentence(const struct review *review, enum check_id line,
    struct span text, struct err *err)
{
	return answer_is_sentence(review->result[line].check, text, err);
}

int
words_begin(struct review *review, struct db **db, struct err *err)
{
	if (store_begin(review->store, STORE_WAIT_SHORT, "review", db, err) < 0)
		return -1;
	if (campaign_unseal(
		review->store, *db, review->campaign, "answer", err) == 0)
		return 0;
	return words_fail(review, db);
}

int
words_fail(struct review *review, struct db **db)
{
	store_rollback(review->store, db);
	return -1;
}

int
words_end(struct review *review, struct db **db, enum check_id line,
    const char *what, const char *facts, struct err *err)
{
	struct check_result before = review->result[line];
	char object[40];

	snprintf(object, sizeof object, "campaign %lld",
	    (long long)review->campaign.v);
	if (words_evaluate(review, *db, err) == 0 &&
	    answer_write(review, *db, line, err) == 0 &&
	    audit_add_in(review->store, *db,
		&(struct audit_event){what, span_of(object), span_of(facts)},
		err) == 0 &&
	    store_commit(review->store, db, err) == 0)
		return 0;
	review->result[line] = before;
	return words_fail(review, db);
}

/* ---- Evaluating ------------------------------------------------------------- */

static int
count_of(struct stmt *stmt, const struct review *review, int64_t out[2],
    struct err *err)
{
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out[0] = stmt_col_int(stmt, 0);
		out[1] = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

static void
fill_line(
    struct review *review, enum check_id line, bool done, const char *facts)
{
	struct check_result *result = &review->result[line];

	snprintf(result->facts, sizeof result->facts, "%s", facts);
	snprintf(
	    result->answer, sizeof result->answer, "%s", done ? facts : "");
	snprintf(result->answered_by, sizeof result->answered_by, "%s",
	    done ? store_user(review->store) : "");
	result_set(review, line, done ? CHECK_PASS : CHECK_NOT_EVALUATED, 0);
}

int
words_evaluate(struct review *review, struct db *db, struct err *err)
{
	int64_t look[2], tick[2], said[2];
	size_t statements;
	char facts[100];

	statement_all(&statements);
	if (count_of(db_stmt(db,
			 "SELECT count(*), coalesce(sum(seen_ms > 0), 0)"
			 " FROM review_look WHERE campaign = ?1",
			 err),
		review, look, err) < 0 ||
	    count_of(db_stmt(db,
			 "SELECT count(*), count(w.item) FROM review_extract e"
			 " LEFT JOIN review_word w ON w.campaign = e.campaign"
			 " AND w.item = 'tick ' || e.kind AND w.text = e.text"
			 " WHERE e.campaign = ?1 AND e.kind <= 3",
			 err),
		review, tick, err) < 0 ||
	    count_of(
		db_stmt(db,
		    "SELECT count(*), 0 FROM review_word WHERE campaign = ?1"
		    " AND item NOT GLOB 'tick *'",
		    err),
		review, said, err) < 0)
		return -1;
	snprintf(facts, sizeof facts, "seen=%lld samples=%lld",
	    (long long)look[1], (long long)look[0]);
	fill_line(review, PP_04, look[0] > 0 && look[0] == look[1], facts);
	snprintf(facts, sizeof facts,
	    "ticked=%lld items=%lld said=%lld statements=%zu",
	    (long long)tick[1], (long long)tick[0], (long long)said[0],
	    statements);
	fill_line(review, PP_06,
	    tick[0] == tick[1] && said[0] == (int64_t)statements, facts);
	return 0;
}

/* ---- Forgetting, and the manifest -------------------------------------------- */

static int
forget(struct stmt *stmt, struct campaign_id campaign, struct err *err)
{
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	return stmt_run(stmt, err);
}

int
words_forget(struct db *db, struct campaign_id campaign, struct err *err)
{
	if (forget(
		db_stmt(db, "DELETE FROM review_look WHERE campaign = ?1", err),
		campaign, err) < 0)
		return -1;
	return forget(
	    db_stmt(db, "DELETE FROM review_word WHERE campaign = ?1", err),
	    campaign, err);
}

static int
manifest_looks(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	struct review_look *look = NULL;
	size_t count = 0;

	if (look_all(db, campaign, &look, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "look %d recipient %lld ", look[i].number,
		    (long long)look[i].position);
		if (look[i].seen_ms)
			clock_rfc3339(out, look[i].seen_ms);
		else
			buf_char(out, '-');
		buf_printf(out, " %s%s\n", look[i].by,
		    look[i].plant == LOOK_REAL ? "" : " planted");
	}
	free(look);
	return 0;
}

static int
manifest_word(void *arg, const struct word *word)
{
	struct buf *out = arg;

	buf_printf(out, "said %s ", word->item);
	clock_rfc3339(out, word->at_ms);
	buf_printf(out, " %.*s\n  ", SPAN_ARG(word->by));
	manifest_line(out, word->text);
	return 0;
}

int
words_manifest(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	if (manifest_looks(db, campaign, out, err) < 0)
		return -1;
	return word_each(db, campaign, manifest_word, out, err);
}
