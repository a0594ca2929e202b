/* What others have written down about our messages: a Postfix relay's log, or
 * delivery reports (RFC 3464).  Foreign bytes; nothing is believed but that
 * somebody wrote it. */
#ifndef CORE_REPORT_EVIDENCE_H
#define CORE_REPORT_EVIDENCE_H

#include <stdbool.h>

#include "core/base/span.h"

enum evidence_says {
	EVIDENCE_ACCEPTED, /* the relay has it in its queue, or passed it on */
	EVIDENCE_FAILED    /* it was returned */
};

/* One statement about one message; the spans live during the call. */
struct evidence {
	enum evidence_says says;
	struct span id;      /* Message-ID or envelope id, "<...>" or bare */
	struct span address; /* whom it was for; empty: not told */
	struct span line;    /* what says so */
};

/* Where statements go. */
struct evidence_sink {
	void *arg;
	/* True when the message is of interest; others are not kept track
	 * of. */
	bool (*wants)(void *arg, struct span id);
	void (*found)(void *arg, const struct evidence *evidence);
};

enum { EVIDENCE_LINE_MAX = 8 * 1024, EVIDENCE_MESSAGE_MAX = 1024 * 1024 };

/* ---- Log of a Postfix relay ---------------------------------------------- */

/* Queue ids of the messages that are wanted; at most 100,000 at a time. */
struct maillog;

/* The sink is copied; its arg is borrowed.  The caller frees it. */
struct maillog *maillog_new(const struct evidence_sink *sink);

/* Reads one line without its end; true when it was one of Postfix's about a
 * message. */
bool maillog_line(struct maillog *log, struct span line);

/* Accepts NULL, sets *log to NULL. */
void maillog_free(struct maillog **log);

/* ---- Delivery reports ------------------------------------------------------ */

/* Reads one message; true when it is a delivery report.  The report's own
 * fields decide, the id may also stand in the message it returns. */
bool dsn_read(struct span message, const struct evidence_sink *sink);

#endif
