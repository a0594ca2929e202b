/* Making people look: the samples that must be read to their end (PP-04), what
 * must be ticked one by one and what only a person can attest (PP-06).  What
 * somebody has said is kept with the campaign and covered by the seal. */
#ifndef CORE_REVIEW_LOOKING_H
#define CORE_REVIEW_LOOKING_H

#include "core/base/err.h"
#include "core/campaign/campaign.h"
#include "core/store/store.h"

struct review;
struct samples;

/* ---- Samples -------------------------------------------------------------- */

enum { LOOK_MIN = 5, LOOK_MAX = 40, LOOK_WHAT_MAX = 100 };

/* What a planted sample is: never sent, made to be found.  Stored as numbers:
 * never renumber. */
enum look_plant {
	LOOK_REAL,
	LOOK_PLANT_NAME,    /* another person's name */
	LOOK_PLANT_WEEKDAY, /* a weekday that is not the date's */
	LOOK_PLANT_DRAFT,   /* a line that somebody was to replace */
	LOOK_PLANTS
};

/* One sample of the plan. */
struct review_look {
	int number;       /* 1, 2, ... in the order of the plan */
	int64_t position; /* of the recipient, from 1 */
	int reason;       /* enum sample_reason, or -1: drawn by lot */
	char what[LOOK_WHAT_MAX + 1];
	enum look_plant plant;
	int64_t seen_ms; /* 0: not yet */
	char by[64];
};

/* Plans which messages must be read: every worst case, three by lot, and at
 * least max(LOOK_MIN, log2 of the recipients), or all when there are fewer;
 * now and then (setting drill.planted: in one of so many plans) one more that
 * is planted.  Keeps a plan there is.  The review's checks must have run.
 * Logged.  E_REVIEW_STALE. */
int look_plan(
    struct review *review, const struct samples *samples, struct err *err);

/* The plan; *out has *count rows (none before look_plan()), the caller frees
 * it. */
int look_all(struct db *db, struct campaign_id campaign,
    struct review_look **out, size_t *count, struct err *err);

enum look_verdict { LOOK_RIGHT, LOOK_WRONG };

/* What came of a verdict. */
enum look_came {
	LOOK_NOTED,  /* seen, and right */
	LOOK_DOUBT,  /* something is wrong with a real one: it stays open */
	LOOK_FOUND,  /* the planted one was found */
	LOOK_MISSED, /* it was taken for right: all are to be seen again */
};

/* The verdict on sample number, after shown_ms on the screen, read to its end.
 * words: what is wrong, for LOOK_WRONG; at least ANSWER_MIN characters.  The
 * last one clears PP-04.  Logged.  E_REVIEW_LOOK (seconds) when it was shown
 * for less than the setting drill.seconds, E_REVIEW_ANSWER, E_REVIEW_STALE. */
int look_judge(struct review *review, int number, int64_t shown_ms,
    enum look_verdict verdict, struct span words, enum look_came *came,
    struct err *err);

/* Changes a campaign in memory into the planted one, for the message of a
 * planted sample. */
void look_plant(enum look_plant plant, struct campaign *campaign);

/* ---- Ticks and statements --------------------------------------------------- */

/* What only a person can know; static, *count of them: "consent", "class",
 * "truth", "landing". */
const char *const *statement_all(size_t *count);

/* Ticks one thing that the proof has found (extract_each()), by kind and text.
 * E_REVIEW_ANSWER when there is none. */
int tick_give(
    struct review *review, int kind, struct span text, struct err *err);

/* Gives a statement: a sentence of at least ANSWER_MIN characters.  The last
 * one, when everything is ticked, clears PP-06.  Logged.  E_REVIEW_ANSWER. */
int statement_give(struct review *review, const char *statement,
    struct span words, struct err *err);

/* One thing that was said. */
struct word {
	char item[16]; /* a statement's name, or "tick KIND" */
	struct span text;
	struct span by;
	int64_t at_ms;
};

/* Visits what was said, ticks first; not 0 ends the walk, which then returns
 * it. */
int word_each(struct db *db, struct campaign_id campaign,
    int (*visit)(void *arg, const struct word *word), void *arg,
    struct err *err);

#endif
