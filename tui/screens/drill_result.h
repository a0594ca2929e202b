/* What came of a drill, and the records of drills. */
#ifndef TUI_SCREENS_DRILL_RESULT_H
#define TUI_SCREENS_DRILL_RESULT_H

#include "core/review/review.h"
#include "tui/app.h"

enum drill_result_how {
	DRILL_RESULT_SHOWN, /* over the other screens */
	DRILL_RESULT_KEPT,  /* the same, and kept as training record */
	DRILL_RESULT_LAST,  /* instead of all others: the sandbox is over */
};

/* A result, which is copied: what was found and missed, what each fault would
 * have meant, and where it shows. */
void drill_result_open(struct app *app, const struct drill_result *result,
    enum drill_result_how how);

/* Adds "6 of 8 found" and, when there are any, "1 false alarm". */
void drill_score_text(struct buf *out, int found, int planted, int alarms);

/* Who has done which drill, and when. */
void training_open(struct app *app);

/* Asks whether a drill is to be started, runs it on this terminal, and goes on
 * to its result. */
void training_start(struct screen *owner);

/* Whether the person who sits here is to do a drill again (drill.every_days). */
struct training_due {
	bool is_due;
	int64_t every_days;
	int64_t days_ago; /* their last one; -1: none yet */
};

/* Errors of the store. */
int training_due(
    struct app *app, struct db *db, struct training_due *out, struct err *err);

#endif
