/* The review as its files share it. */
#ifndef CORE_REVIEW_GATE_H
#define CORE_REVIEW_GATE_H

#include <stdatomic.h>

#include "core/review/checklist.h"
#include "core/review/inputs.h"

struct review {
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
	struct campaign_id campaign;
	struct db *db; /* reader */
	struct check_result result[CHECK_COUNT];
	int64_t recipients;
	struct digest root;
	struct digest inputs;   /* SHA-256 of inputs_text */
	struct buf inputs_text; /* inputs_text() of the last run */
	struct buf differences; /* compared_write() of the last run */
	struct buf tripwires;   /* tripwires_now() then */
	struct digest content;  /* template_digest() then, for test mail */
	bool is_new;            /* the inputs are not those of the run before */
	int64_t ran_ms;         /* 0: never */
	atomic_bool cancel, running;
	int cancel_fd; /* readable once cancelled */
	atomic_llong done, total;
	atomic_int jobs_done, jobs;
	atomic_uchar live[CHECK_COUNT]; /* states, for review_progress() */
	int64_t left_out;               /* members on the stop list */
	atomic_llong size_limit; /* of the relays, octets; 0: none stated */
	/* names of relays that do not offer REQUIRETLS, and of those that did
	 * not say, where the campaign wants it; written beside the proof */
	struct buf tls_refused, tls_unsaid;
};

/* What the seal binds, apart from its key: read from the store, so that a
 * changed row changes the digest. */
struct sealed {
	int64_t revision, recipients, sealed_ms;
	struct digest root, inputs, digest, seal;
	bool is_sealed;
	char by[64];
};

/* Reads the review row: 1 found, 0 none, -1 error. */
int sealed_read(struct db *db, struct campaign_id campaign, struct sealed *out,
    struct err *err);

/* SHA-256 of the manifest: inputs, results (with their times) and answers as
 * stored. */
int content_digest(struct db *db, struct campaign_id campaign,
    struct digest *out, struct err *err);

/* 0 when the campaign, its settings, relays and tripwires are still those of
 * the last run of the checks; the messages themselves are not made again.
 * E_REVIEW_SEAL (what: content, tripwires). */
int seal_fits(struct store *store, struct db *db, struct campaign_id campaign,
    struct err *err);

/* The MAC that proves a digest was sealed by this store. */
void seal_mac(struct store *store, struct campaign_id campaign,
    const struct digest *digest, int64_t at_ms, struct span by,
    struct digest *out);

/* Stores results and the review row in one transaction, logged; a seal there
 * was is gone. */
int results_write(struct review *review, struct err *err);

/* Puts a MAC over the results as stored into the review row of a draft, in the
 * caller's transaction: until the seal, a row edited behind the program must
 * not pass for a result. */
int results_stamp(const struct review *review, struct db *db, struct err *err);

/* Loads stored results; those that no longer fit, or are not ours, become
 * stale. */
int results_read(struct review *review, struct err *err);

/* 1 when the stored results and answers are those of the review in memory, 0
 * when not, -1 on error. */
int results_same(const struct review *review, struct db *db, struct err *err);

/* Sets a result and whether it is cleared. */
void result_set(struct review *review, enum check_id check,
    enum check_state state, int64_t count);

/* As before anybody has evaluated the line: not evaluated, no facts; an answer
 * stays. */
void result_reset(struct review *review, enum check_id check, int64_t at_ms);

/* Says why a line fails: what is wrong (a stable word) and the value that shows
 * it (foreign; cut). */
void result_why(struct review *review, enum check_id check, const char *what,
    struct span value);

/* A line that fails for count messages or people and why, or passes. */
void result_judge(struct review *review, enum check_id check, int64_t count,
    const char *what, struct span value);

/* Adds one name=value word to the facts of a check. */
__attribute__((format(printf, 3, 4))) void result_fact(
    struct review *review, enum check_id check, const char *format, ...);

/* What keeps guessing slow: how many wrong answers of a kind there may be
 * within a minute.  Counted by the log, so that leaving the screen does not
 * shorten the pause. */
struct tries {
	const char *what; /* logged for a miss */
	int allowed;
	enum err_code code; /* of a miss that leaves tries (left) */
};

/* 0 when another try is allowed now, with *misses; else E_REVIEW_PAUSE. */
int tries_allow(struct review *review, const struct tries *tries, int *misses,
    struct err *err);

/* Logs a miss and says so: tries->code, or E_REVIEW_PAUSE after the last;
 * always -1. */
int tries_miss(struct review *review, const struct tries *tries, int misses,
    struct err *err);

/* 0 when text is a sentence that may stand as an answer; E_REVIEW_ANSWER. */
int answer_is_sentence(
    const struct check *check, struct span text, struct err *err);

/* Stores state, facts and answer of a line and stamps the results, in the
 * caller's transaction. */
int answer_write(
    struct review *review, struct db *db, enum check_id check, struct err *err);

/* Appends text and a line end; controls become blanks. */
void manifest_line(struct buf *out, struct span text);

/* PP-05: takes over a typed answer that still counts, else it is open. */
int testcheck_evaluate(struct review *review, struct err *err);

/* Drops the answer to PP-05 when its test is too old by now. */
void testcheck_expire(struct review *review);

/* Compares typed codes with those of the tests of this content and, when they
 * are right, writes what is kept of them to answer.  E_REVIEW_CODE,
 * E_REVIEW_PAUSE, E_REVIEW_NO_TEST, E_REVIEW_ANSWER. */
int testcheck_answer(struct review *review, struct span typed, char *answer,
    size_t room, struct err *err);

/* 0 when typed is the code in the HTML part of a test mail of the present
 * content, made within a day.  E_APPROVAL_CODE, E_REVIEW_NO_TEST, errors of
 * template_compile(). */
int testcheck_html(struct store *store, struct db *db,
    struct campaign_id campaign, struct span typed, int64_t now_ms,
    struct err *err);

/* 0 when the stored answer to PP-05 still counts; E_REVIEW_STALE. */
int testcheck_is_fresh(struct db *db, struct world *world,
    struct campaign_id campaign, struct err *err);

/* Fills the lines of the proof. */
void evaluate_tally(struct review *review, const struct tally *tally);

/* Fills the lines of people. */
int evaluate_people(
    struct review *review, const struct inputs *inputs, struct err *err);

/* A review without results; cancel_fd is open.  E_THREAD. */
int review_new(struct store *store, struct world *world,
    struct campaign_id campaign, struct review **out, struct err *err);

/* Reads the stored results into a review as they are. */
int results_load(struct review *review, struct err *err);

/* samples_find() for a dossier: what an approver is shown does not depend on
 * who has opened the store. */
int samples_search(struct store *store, struct campaign_id campaign,
    int64_t at_ms, struct samples_watch *watch, struct samples **out,
    struct err *err);

#endif
