/* The drill in the program: how one is started out of the full screen, and what
 * the screens inside the sandbox have of it.  The sandbox is a program of its
 * own (tui/demo), run as a child on the same terminal. */
#ifndef TUI_DRILL_H
#define TUI_DRILL_H

#include "core/campaign/campaign.h"
#include "core/review/review.h"
#include "tui/session.h"

struct app;
struct screen;

/* ---- Outside: starting one -------------------------------------------------- */

/* Why no drill may be started now (translated), or NULL. */
const char *drill_start_why_not(struct app *app);

/* Runs a drill on this terminal and comes back when its program has ended: 1
 * with the result, 0 when there is none (the person left before there was
 * anything to judge), -1.  E_TERM_PROGRAM, E_EDITOR_MEMORY when no folder in
 * memory can hold the result, E_DRILL_RESULT. */
int drill_start(struct app *app, struct drill_result *out, struct err *err);

/* Reads the result out of a file: 1, 0 when it is empty, -1.  E_FILE_READ,
 * E_DRILL_RESULT also when its faults are not those of its seed. */
int drill_result_fetch(int fd, struct drill_result *out, struct err *err);

/* Keeps a result as training record in a job of owner (training_keep()), whose
 * job_done() then hears of it; the result is copied.  Errors as app_job(). */
int drill_keep(struct app *app, struct screen *owner,
    const struct drill_result *result, struct err *err);

/* ---- Inside: the drill under way --------------------------------------------- */

/* What the sandbox's program keeps; screens change marks alone. */
struct drill {
	struct drill_seat seat; /* the screens' part; session->drill */
	struct drill_plan plan; /* not to be shown before it is over */
	struct drill_marks marks;
	struct campaign_id campaign;
	int64_t began_ms; /* steady clock: when the campaign could be seen */
	bool is_over;
	struct drill_result result; /* when it is over */
	/* Says of each planted fault whether it is no longer in the campaign. */
	int (*repaired)(struct store *store, const struct drill *drill,
	    bool repaired[DRILL_PLANTED], struct err *err);
};

/* The drill of this sandbox (session->drill), or NULL: no drill. */
struct drill *drill_of(struct session *session);

/* True when the practice relay has got the campaign: every recipient is in a
 * final state, or the delivery was stopped.  Cheap: for ticks. */
bool drill_is_delivered(struct session *session);

/* Ends the drill: judges it as it now stands; once it is over nothing changes
 * any more.  Errors of the store: it then goes on. */
int drill_end(struct session *session, enum drill_end end, struct err *err);

#endif
