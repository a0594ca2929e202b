/* The text that an approver signs: readable, the same for the same facts, one
 * fact a line.  Both sides write it from what they know and compare; nobody
 * reads it back.  docs/approval.md shows one. */
#ifndef CORE_REVIEW_APPROVAL_TEXT_H
#define CORE_REVIEW_APPROVAL_TEXT_H

#include "core/access/access.h"
#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"

enum {
	STATEMENT_OVERRIDES_MAX = 16,
	STATEMENT_MAX = 32 * 1024 /* octets */
};

/* A line of the checklist that the approver lets pass, and why. */
struct statement_override {
	struct span check;  /* "LC-06" */
	struct span asked;  /* the operator's reason */
	struct span reason; /* the approver's */
};

/* What is signed; the spans are borrowed.  Texts have no controls. */
struct approval_text {
	struct span store; /* store_id() */
	int64_t campaign;
	struct span name, class, subject, from;
	int64_t recipients;
	struct digest root, manifest;
	int64_t first_ms; /* when sending begins; 0: at the launch */
	struct statement_override override[STATEMENT_OVERRIDES_MAX];
	size_t overrides;
	struct span note; /* may be empty */
	struct span login;
	int64_t uid;
	struct digest key;         /* fingerprint */
	struct span authenticated; /* statement_login_word() */
	int64_t at_ms, expires_ms;
};

/* Appends the text. */
void statement_write(const struct approval_text *statement, struct buf *out);

#endif
