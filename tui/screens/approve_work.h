/* What the approver's screen does away from the screen thread: fetching the
 * dossier, signing, sending. */
#ifndef TUI_SCREENS_APPROVE_WORK_H
#define TUI_SCREENS_APPROVE_WORK_H

#include "core/access/access.h"
#include "core/review/review.h"
#include "tui/app.h"

enum { APPROVE_LISTED_MAX = 20 };

enum approve_deed {
	APPROVE_LIST,  /* which campaigns wait */
	APPROVE_FETCH, /* a dossier */
	APPROVE_SIGN,  /* and send */
	APPROVE_REJECT,
};

/* One errand; the job's data. */
struct approve_work {
	enum approve_deed deed;
	struct socket_line *line; /* borrowed: one errand at a time */
	struct campaign_id campaign;
	/* of the list */
	struct campaign_id found[APPROVE_LISTED_MAX];
	struct buf name[APPROVE_LISTED_MAX];
	size_t count;
	/* of a fetch; taken over by who wants it */
	struct dossier *dossier;
	/* of a decision */
	const struct dossier *about; /* borrowed */
	const char *key;             /* path; borrowed */
	const char *login;           /* borrowed */
	enum statement_login shown;
	struct secret *passphrase;
	struct buf note, code; /* note: of a rejection the reason */
	struct buf reason[STATEMENT_OVERRIDES_MAX];
};

/* One errand, to be filled in; line is borrowed.  approve_work_start() takes
 * it. */
struct approve_work *approve_work_new(
    enum approve_deed deed, struct socket_line *line);

/* Starts it for a screen; work is consumed. */
void approve_work_start(struct screen *owner, struct approve_work *work);

#endif
