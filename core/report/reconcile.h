/* Messages in doubt, held against what others have written down: a relay's log
 * or delivery reports.  First read and shown, then decided. */
#ifndef CORE_REPORT_RECONCILE_H
#define CORE_REPORT_RECONCILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "core/deliver/deliver.h"
#include "core/store/store.h"

/* One row in doubt and what the file says; spans live as long as the whole. */
struct reconcile_row {
	int64_t seq;
	struct span address, message_id;
	enum ledger_state says; /* ACCEPTED, FAILED, or IN_DOUBT: nothing */
	struct span evidence;   /* the line that says so; foreign bytes */
};

enum reconcile_kind { RECONCILE_LOG, RECONCILE_REPORTS };

/* What was read; ended with reconcile_done(). */
struct reconcile {
	struct arena *arena;
	struct campaign_id campaign;
	struct reconcile_row *row; /* by number */
	size_t count;
	int64_t accepted, failed, unknown; /* sum: count */
	enum reconcile_kind kind;
	int64_t read;         /* lines of a log, or delivery reports */
	struct digest digest; /* SHA-256 of the file, for the log */
	int64_t decided;      /* by reconcile_apply() */
};

/* Reads a file (a Postfix log, one delivery report, or an mbox of them) and
 * finds what it says about the rows in doubt.  Nothing is changed.
 * E_FILE_OPEN, E_FILE_READ, E_EVIDENCE_KIND when it is neither,
 * E_CANCELLED soon after *stop becomes true (may be NULL), E_CAMPAIGN_MISSING;
 * on failure too out is ended with reconcile_done(). */
int reconcile_read(struct store *store, struct db *db,
    struct campaign_id campaign, const char *path, const atomic_bool *stop,
    struct reconcile *out, struct err *err);

/* Decides the rows about which the file says something, in one transaction, and
 * logs it.  Rows that somebody has decided meanwhile stay as they are.
 * E_CAMPAIGN_STATE while the campaign is being sent. */
int reconcile_apply(
    struct store *store, struct reconcile *reconcile, struct err *err);

/* Frees what it holds. */
void reconcile_done(struct reconcile *reconcile);

#endif
