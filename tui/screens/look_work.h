/* What the samples' screen does away from the screen thread: the plan, once
 * made, and verdicts. */
#ifndef TUI_SCREENS_LOOK_WORK_H
#define TUI_SCREENS_LOOK_WORK_H

#include "core/review/review.h"
#include "tui/app.h"

/* A job's data. */
struct look_work {
	/* asked */
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
	struct campaign_id campaign;
	int64_t at_ms;
	int number; /* a verdict on this sample; 0: the plan */
	int64_t shown_ms;
	enum look_verdict verdict;
	struct buf words;
	/* made */
	struct samples_watch watch; /* of the plan, while it runs */
	struct review_look *look;   /* the screen's */
	size_t count;
	int64_t least_ms; /* on the screen */
	struct buf name;  /* of the campaign, with the plan */
	enum look_came came;
};

extern const struct job_ops look_work_ops;

#endif
