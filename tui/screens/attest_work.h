/* What the statements' screen does away from the screen thread. */
#ifndef TUI_SCREENS_ATTEST_WORK_H
#define TUI_SCREENS_ATTEST_WORK_H

#include "core/review/review.h"
#include "tui/app.h"

enum { ATTEST_STATEMENTS_MAX = 8 };

/* Something to tick. */
struct attest_item {
	enum extract_kind kind;
	char text[EXTRACT_TEXT_MAX + 1];
	int64_t messages;
	bool ticked;
	struct digest order; /* items are shown by it, as if shuffled */
};

/* Everything the screen shows. */
struct attest_facts {
	struct attest_item *item;
	size_t count;
	struct buf
	    said[ATTEST_STATEMENTS_MAX]; /* by statement; empty: not yet */
	struct buf name;                 /* of the campaign */
};

/* Releases what the facts hold. */
void attest_facts_done(struct attest_facts *facts);

enum attest_task { ATTEST_READ, ATTEST_TICK, ATTEST_SAY };

/* A job's data; the facts are the screen's afterwards. */
struct attest_work {
	enum attest_task task;
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
	struct campaign_id campaign;
	struct attest_item item; /* TICK */
	const char *statement;   /* SAY: of statement_all() */
	struct buf words;
	struct attest_facts facts; /* made */
};

extern const struct job_ops attest_work_ops;

#endif
