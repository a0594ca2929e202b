/* The review of one campaign: opening, running the checks, answering. */
#include "core/review/gate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/review/jobs.h"
#include "core/review/proof.h"
#include "core/review/tripwires.h"

enum { COUNT_TRIES = 2, PAUSE_S = 60 };

static int
check_state_of(struct review *review, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(review->db, review->campaign, &campaign, err);

	if (rc == 0 && campaign.state != CAMPAIGN_DRAFT &&
	    campaign.state != CAMPAIGN_SEALED) {
		rc = err_set(err, E_CAMPAIGN_STATE);
		err_fact(
		    err, "state", span_of(campaign_state_name(campaign.state)));
		err_fact(err, "wanted", SPAN("draft"));
	}
	campaign_done(&campaign);
	return rc;
}

int
review_new(struct store *store, struct world *world,
    struct campaign_id campaign, struct review **out, struct err *err)
{
	struct review *review = mem_new(sizeof *review);

	review->store = store;
	review->world = world;
	review->campaign = campaign;
	review->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (review->cancel_fd < 0) {
		err_sys(err, E_THREAD, errno);
		review_free(&review);
		return -1;
	}
	if (store_reader_open(store, &review->db, err) < 0) {
		review_free(&review);
		return -1;
	}
	*out = review;
	return 0;
}

/* Who may not run checks learns which line failed and how often, not whose
 * address or value it was. */
static void
hide(struct review *review)
{
	if (person_require(review->store, review->db, MAY_CHECK, NULL) == 0)
		return;
	for (size_t i = 0; i < CHECK_COUNT; i++) {
		struct check_result *result = &review->result[i];

		result->facts[0] = result->answer[0] = '\0';
		result->why.fact_count = 0;
	}
}

int
review_open(struct store *store, struct world *world,
    struct campaign_id campaign, struct review **out, struct err *err)
{
	struct review *review = NULL;

	if (review_new(store, world, campaign, &review, err) < 0)
		return -1;
	if (check_state_of(review, err) < 0 || results_read(review, err) < 0) {
		review_free(&review);
		return -1;
	}
	hide(review);
	*out = review;
	return 0;
}

void
review_free(struct review **review)
{
	if (!*review)
		return;
	store_reader_close(&(*review)->db);
	if ((*review)->cancel_fd >= 0)
		close((*review)->cancel_fd);
	buf_done(&(*review)->inputs_text);
	buf_done(&(*review)->differences);
	buf_done(&(*review)->tripwires);
	buf_done(&(*review)->tls_refused);
	buf_done(&(*review)->tls_unsaid);
	free(*review);
	*review = NULL;
}

static void
drop_answer(struct check_result *result)
{
	result->answer[0] = '\0';
	result->answered_by[0] = '\0';
}

/* An answer survives a run whose inputs and whose result for that line are the
 * same as before. */
static void
keep_or_drop_answers(struct review *review, const struct inputs *inputs,
    const struct check_result *before)
{
	struct digest now;
	bool same;

	buf_clear(&review->inputs_text);
	inputs_text(
	    inputs, &review->root, review->recipients, &review->inputs_text);
	crypt_sha256(buf_span(&review->inputs_text), &now);
	same = digest_equal(&now, &review->inputs);
	review->is_new = !same;
	review->inputs = now;
	for (int i = 0; i < CHECK_COUNT; i++) {
		struct check_result *result = &review->result[i];

		if (!same || (result->check->answer == ANSWER_NONE &&
				 (result->state != before[i].state ||
				     result->count != before[i].count)))
			drop_answer(result);
		result_set(
		    review, (enum check_id)i, result->state, result->count);
	}
}

static void
begin_run(struct review *review, int64_t at_ms)
{
	atomic_store(&review->jobs, 0);
	atomic_store(&review->jobs_done, 0);
	atomic_store(&review->size_limit, 0);
	buf_clear(&review->tls_refused);
	buf_clear(&review->tls_unsaid);
	for (int i = 0; i < CHECK_COUNT; i++) {
		result_reset(review, (enum check_id)i, at_ms);
		atomic_store(&review->live[i], CHECK_RUNNING);
	}
	review->ran_ms = at_ms;
}

/* The proof, and what can be asked meanwhile. */
static int
run_proof(struct review *review, const struct inputs *inputs,
    struct proof *proof, struct err *err)
{
	struct job_group *beside = NULL;
	int rc = jobs_start(review, inputs, NULL, JOB_BESIDE, &beside, err);
	struct err other = {0};

	if (rc < 0)
		return -1;
	rc = proof_run(proof, err);
	if (rc < 0)
		review_cancel(review);
	if (jobs_wait(&beside, &other) == 0)
		return rc;
	/* A job that fails stops the proof, whose error then says no more. */
	if (rc == 0 || (err && err->code == E_CANCELLED)) {
		if (err)
			*err = other;
		rc = -1;
	}
	return rc;
}

static int
run_after(struct review *review, const struct inputs *inputs,
    const struct tally *tally, struct err *err)
{
	struct job_group *after = NULL;

	evaluate_tally(review, tally);
	if (jobs_start(review, inputs, tally, JOB_AFTER, &after, err) < 0)
		return -1;
	return jobs_wait(&after, err);
}

static int
run_checks(struct review *review, struct inputs *inputs, struct err *err)
{
	struct proof *proof = mem_new(sizeof *proof);
	struct check_result *before = mem_array(CHECK_COUNT, sizeof *before);
	int rc = -1;

	*proof = (struct proof){
	    .store = review->store,
	    .campaign = &inputs->campaign,
	    .template = inputs->template,
	    .at_ms = clock_now_ms(review->world->clock),
	    .cancel = &review->cancel,
	    .done = &review->done,
	    .total = &review->total,
	};
	memcpy(before, review->result, CHECK_COUNT * sizeof *before);
	begin_run(review, proof->at_ms);
	if (run_proof(review, inputs, proof, err) < 0)
		goto out;
	review->recipients = proof->recipients;
	review->left_out = proof->left_out;
	review->root = proof->root;
	if (run_after(review, inputs, &proof->tally, err) < 0)
		goto out;
	buf_clear(&review->tripwires);
	if (tripwires_now(
		review->db, review->campaign, &review->tripwires, err) < 0)
		goto out;
	keep_or_drop_answers(review, inputs, before);
	if (evaluate_people(review, inputs, err) < 0)
		goto out;
	rc = results_write(review, err);
out:
	free(before);
	free(proof);
	return rc;
}

/* Said before anything else: an empty list has no fields either, and a
 * complaint about those would mislead. */
static int
somebody_is_there(struct review *review, struct err *err)
{
	struct stmt *stmt = db_stmt(review->db,
	    "SELECT EXISTS(SELECT 1 FROM campaign c JOIN member m"
	    " ON m.list = c.list WHERE c.id = ?1)",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1 && !stmt_col_int(stmt, 0))
		got = err_set(err, E_REVIEW_EMPTY);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

static void
take_back_cancel(struct review *review)
{
	uint64_t count;

	atomic_store(&review->cancel, false);
	while (read(review->cancel_fd, &count, sizeof count) > 0)
		continue;
}

int
checklist_run(struct review *review, struct err *err)
{
	struct inputs inputs = {.campaign = CAMPAIGN_INIT};
	int rc;

	if (person_require(review->store, NULL, MAY_CHECK, err) < 0)
		return -1;
	atomic_store(&review->running, true);
	rc = somebody_is_there(review, err);
	if (rc == 0)
		rc = inputs_read(
		    review->store, review->db, review->campaign, &inputs, err);
	if (rc == 0)
		rc = run_checks(review, &inputs, err);
	inputs_done(&inputs);
	if (rc < 0) {
		for (int i = 0; i < CHECK_COUNT; i++)
			result_set(review, (enum check_id)i, CHECK_STALE, 0);
		review->recipients = 0;
	}
	/* Taken back only now: one that came before the first line counts. */
	take_back_cancel(review);
	atomic_store(&review->running, false);
	return rc;
}

void
review_progress(struct review *review, struct review_progress *out)
{
	out->done = atomic_load(&review->done);
	out->total = atomic_load(&review->total);
	out->jobs_done = atomic_load(&review->jobs_done);
	out->jobs = atomic_load(&review->jobs);
	out->running = atomic_load(&review->running);
	for (int i = 0; i < CHECK_COUNT; i++)
		out->state[i] = atomic_load(&review->live[i]);
}

void
review_cancel(struct review *review)
{
	static const uint64_t one = 1;

	atomic_store(&review->cancel, true);
	/* a full counter is readable as well */
	if (write(review->cancel_fd, &one, sizeof one) < 0)
		return;
}

const struct check_result *
review_results(const struct review *review, size_t *count)
{
	*count = CHECK_COUNT;
	return review->result;
}

int64_t
review_recipients(const struct review *review)
{
	return review->recipients;
}

void
review_short_digest(const struct review *review, char out[9])
{
	struct buf hex = BUF_INIT;

	crypt_hex(&hex, span_make(review->inputs.bytes, 4));
	memcpy(out, hex.ptr, 9);
	buf_done(&hex);
}

/* ---- Answers -------------------------------------------------------------- */

static int
bad_answer(struct err *err, const char *check, const char *why)
{
	err_set(err, E_REVIEW_ANSWER);
	err_fact(err, "check", span_of(check));
	return err_fact(err, "why", span_of(why));
}

static void
name_campaign(const struct review *review, char *out, size_t room)
{
	snprintf(out, room, "campaign %lld", (long long)review->campaign.v);
}

/* Misses of the last minute. */
static int
recent_misses(struct review *review, const struct tries *tries,
    int64_t *last_ms, struct err *err)
{
	struct stmt *stmt = db_stmt(review->db,
	    "SELECT count(*), coalesce(max(at_ms), 0) FROM audit"
	    " WHERE what = ?3 AND object = ?1 AND at_ms > ?2",
	    err);
	char object[40];
	int got, misses = 0;

	if (!stmt)
		return -1;
	name_campaign(review, object, sizeof object);
	stmt_text(stmt, 1, span_of(object));
	stmt_int(stmt, 2, clock_now_ms(review->world->clock) - PAUSE_S * 1000);
	stmt_text(stmt, 3, span_of(tries->what));
	got = stmt_step(stmt, err);
	if (got == 1) {
		misses = (int)stmt_col_int(stmt, 0);
		*last_ms = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	return got == 1 ? misses : -1;
}

static int
say_pause(struct review *review, int64_t last_ms, struct err *err)
{
	int64_t passed = clock_now_ms(review->world->clock) - last_ms;

	err_set(err, E_REVIEW_PAUSE);
	return err_fact_int(err, "seconds", PAUSE_S - passed / 1000);
}

int
tries_allow(struct review *review, const struct tries *tries, int *misses,
    struct err *err)
{
	int64_t last_ms = 0;

	*misses = recent_misses(review, tries, &last_ms, err);
	if (*misses < 0)
		return -1;
	return *misses >= tries->allowed ? say_pause(review, last_ms, err) : 0;
}

int
tries_miss(struct review *review, const struct tries *tries, int misses,
    struct err *err)
{
	char object[40];

	name_campaign(review, object, sizeof object);
	if (audit_add(review->store,
		&(struct audit_event){tries->what, span_of(object), SPAN("")},
		err) < 0)
		return -1;
	if (misses + 1 >= tries->allowed)
		return say_pause(
		    review, clock_now_ms(review->world->clock), err);
	err_set(err, tries->code);
	return err_fact_int(err, "left", tries->allowed - misses - 1);
}

/* The typed number; commas and blanks between digits are allowed. */
static bool
read_count(struct span answer, int64_t *out)
{
	struct buf digits = BUF_INIT;
	bool good;

	for (size_t i = 0; i < answer.len; i++) {
		if (answer.ptr[i] != ',' && answer.ptr[i] != ' ')
			buf_char(&digits, answer.ptr[i]);
	}
	good = span_int(buf_span(&digits), out);
	buf_done(&digits);
	return good;
}

static int
count_is_right(struct review *review, struct span answer, struct err *err)
{
	static const struct tries tries = {
	    "review.count_wrong", COUNT_TRIES, E_REVIEW_COUNT};
	int64_t typed = -1;
	int misses;

	if (tries_allow(review, &tries, &misses, err) < 0)
		return -1;
	if (read_count(answer, &typed) && typed == review->recipients)
		return 0;
	return tries_miss(review, &tries, misses, err);
}

int
answer_is_sentence(
    const struct check *check, struct span answer, struct err *err)
{
	struct span rest = answer;
	size_t characters = 0;
	uint32_t cp;

	if (answer.len > ANSWER_MAX)
		return bad_answer(err, check->id, "long");
	while (rest.len) {
		if (utf8_next(&rest, &cp) != UTF8_GOOD || cp < 0x20)
			return bad_answer(err, check->id, "character");
		characters++;
	}
	if (characters < ANSWER_MIN)
		return bad_answer(err, check->id, "short");
	return 0;
}

int
answer_write(
    struct review *review, struct db *db, enum check_id check, struct err *err)
{
	const struct check_result *result = &review->result[check];
	struct stmt *stmt = db_stmt(db,
	    "UPDATE review_result SET state = ?3, answer = ?4,"
	    " answered_by = ?5, answered_ms = ?6, facts = ?7"
	    " WHERE campaign = ?1 AND item = ?2",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, review->campaign.v);
	stmt_text(stmt, 2, span_of(result->check->id));
	stmt_int(stmt, 3, result->state);
	stmt_text(stmt, 4, span_of(result->answer));
	stmt_text(stmt, 5, span_of(result->answered_by));
	stmt_int(stmt, 6, clock_now_ms(review->world->clock));
	stmt_text(stmt, 7, span_of(result->facts));
	if (stmt_run(stmt, err) < 0)
		return -1;
	return results_stamp(review, db, err);
}

static int
keep_answer(struct review *review, enum check_id check, struct err *err)
{
	struct db *db = NULL;
	char object[40], facts[40];

	if (store_begin(review->store, STORE_WAIT_SHORT, "review", &db, err) <
	    0)
		return -1;
	name_campaign(review, object, sizeof object);
	snprintf(
	    facts, sizeof facts, "check=%s", review->result[check].check->id);
	if (campaign_unseal(
		review->store, db, review->campaign, "answer", err) == 0 &&
	    answer_write(review, db, check, err) == 0 &&
	    audit_add_in(review->store, db,
		&(struct audit_event){
		    "review.answer", span_of(object), span_of(facts)},
		err) == 0)
		return store_commit(review->store, &db, err);
	store_rollback(review->store, &db);
	return -1;
}

/* Whether a line takes an answer now. */
static int
takes_answer(const struct check_result *result, struct err *err)
{
	const struct check *check = result->check;

	if (result->state == CHECK_PENDING || result->state == CHECK_STALE ||
	    result->state == CHECK_RUNNING) {
		err_set(err, E_REVIEW_STALE);
		return err_fact(err, "what", span_of(check->id));
	}
	if (result->state == CHECK_FAIL && check->severity == CHECK_BLOCK) {
		err_set(err, E_REVIEW_BLOCKED);
		err_fact(err, "check", span_of(check->id));
		return err_fact_int(err, "count", result->count);
	}
	if (check->answer == ANSWER_LOOK || check->answer == ANSWER_ATTEST ||
	    (check->answer == ANSWER_NONE && !check_takes_sentence(result)))
		return bad_answer(err, check->id, "none");
	return 0;
}

/* What is kept of a right answer; codes are not. */
static int
check_answer(struct review *review, const struct check_result *result,
    struct span typed, char kept[ANSWER_MAX + 1], struct err *err)
{
	int rc;

	if (result->check->answer == ANSWER_CODES)
		return testcheck_answer(
		    review, typed, kept, ANSWER_MAX + 1, err);
	rc = result->check->answer == ANSWER_COUNT
		 ? count_is_right(review, typed, err)
		 : answer_is_sentence(result->check, typed, err);
	if (rc == 0)
		snprintf(kept, ANSWER_MAX + 1, "%.*s", SPAN_ARG(typed));
	return rc;
}

int
review_answer(struct review *review, const char *check_id, struct span answer,
    struct err *err)
{
	enum check_id check = check_of(check_id);
	struct check_result *result, before;
	char kept[ANSWER_MAX + 1];

	if (person_require(review->store, NULL, MAY_CHECK, err) < 0)
		return -1;
	if (check == CHECK_COUNT)
		return bad_answer(err, check_id, "unknown");
	result = &review->result[check];
	if (takes_answer(result, err) < 0 ||
	    check_answer(review, result, span_trim(answer), kept, err) < 0)
		return -1;
	before = *result;
	memcpy(result->answer, kept, sizeof result->answer);
	snprintf(result->answered_by, sizeof result->answered_by, "%s",
	    store_user(review->store));
	result_set(review, check,
	    result->check->answer == ANSWER_NONE ? result->state : CHECK_PASS,
	    result->count);
	if (keep_answer(review, check, err) < 0) {
		*result = before;
		return -1;
	}
	return 0;
}

bool
review_is_complete(const struct review *review)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (!review->result[i].cleared)
			return false;
	}
	return true;
}
