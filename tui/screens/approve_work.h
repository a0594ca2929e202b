/* What the approver's screen does away from the screen thread: fetching the
 * dossier, signing, sending. */
#ifndef TUI_SCREENS_APPROVE_WORK_H
#define TUI_SCREENS_APPROVE_WORK_H

#include "core/access/access.h"
#include "core/export/export.h"
#include "core/review/review.h"
#include "tui/app.h"

enum { APPROVE_LISTED_MAX = 40 };

enum approve_deed {
	APPROVE_LIST,  /* what waits */
	APPROVE_FETCH, /* a dossier, or what is to be exported */
	APPROVE_SIGN,  /* and send */
	APPROVE_REJECT,
};

/* Something that waits: a campaign, or an export; the other is 0. */
struct approve_item {
	struct campaign_id campaign;
	int64_t export;
};

/* What there is to sign about an export, from the socket. */
struct approve_export {
	int64_t id;
	struct buf subject;
	int64_t minutes; /* an approval is good for */
	enum statement_login wants;
};

/* One errand; the job's data. */
struct approve_work {
	enum approve_deed deed;
	struct socket_line *line; /* borrowed: one errand at a time */
	struct approve_item item; /* what it is about */
	/* of the list */
	struct approve_item found[APPROVE_LISTED_MAX];
	struct buf name[APPROVE_LISTED_MAX];
	size_t count;
	/* of a fetch; taken over by who wants it */
	struct dossier *dossier;
	struct approve_export export;
	/* of a decision: one of the two; borrowed */
	const struct dossier *about;
	const struct approve_export *about_export;
	const char *key;   /* path; borrowed */
	const char *login; /* borrowed */
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
