/* The last mail that somebody was sent: what the ledger knows of it, and its
 * headers, put together again. */
#ifndef CORE_REPORT_LAST_MAIL_H
#define CORE_REPORT_LAST_MAIL_H

#include "core/report/report.h"

/* Caller's storage, zero-initialised; ended with last_mail_done(). */
struct last_mail {
	struct campaign_id campaign; /* 0: nothing was sent yet */
	struct span name;            /* of the campaign */
	struct span relay, host;     /* the relay's name; who answered */
	struct report_page page;     /* the one row of the ledger */
	/* The header block without DKIM-Signature, CRLF, dated when the relay
	 * answered; empty when it cannot be put together as it was sealed: why
	 * says so, or is E_NONE where something it was made of has changed. */
	struct span header;
	struct err why;
	bool is_masked; /* db masks: there are no headers */
	struct arena *arena;
};

/* Finds the last mail of a contact that was tried, under this id or one it had
 * before, and makes its headers again; they are given out only when the whole
 * message has the leaf that was sealed.  For a worker. */
int last_mail_read(struct store *store, struct db *db,
    struct contact_id contact, struct last_mail *out, struct err *err);

/* Frees what it holds. */
void last_mail_done(struct last_mail *mail);

#endif
