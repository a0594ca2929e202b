/* How many rows of a campaign are in which state: kept in the store as they
 * move, in the transaction that moves them, so that nobody has to count a
 * million rows. */
#ifndef CORE_DELIVER_TOTALS_H
#define CORE_DELIVER_TOTALS_H

#include "core/deliver/ledger.h"

/* How the accepted ones travelled.  Stored as numbers: never renumber. */
enum totals_tls {
	TOTALS_CLEAR, /* and all rows that are not accepted */
	TOTALS_TLS12,
	TOTALS_TLS12_VERIFIED,
	TOTALS_TLS13,
	TOTALS_TLS13_VERIFIED,
	TOTALS_TLS_KINDS
};

struct totals_cell {
	int64_t rows, attempts;
};

/* Figures, or changes of figures; plain data of about 11 KiB. */
struct totals {
	struct totals_cell cell[LEDGER_GROUPS][LEDGER_STATES][TOTALS_TLS_KINDS];
};

/* A row that moves. */
struct totals_step {
	int group;
	enum ledger_state from, to;
	int attempts_before, attempts_after;
	enum totals_tls tls; /* counts when to is ACCEPTED */
};

/* What a connection counts as. */
enum totals_tls totals_tls_of(const struct tls_record *tls);

/* Adds a move to the changes. */
void totals_move(struct totals *change, const struct totals_step *step);

/* Reads the figures of a campaign.  E_LEDGER when a row of the table makes no
 * sense. */
int totals_read(struct db *db, struct campaign_id campaign, struct totals *out,
    struct err *err);

/* Adds changes to the stored figures, in the caller's transaction. */
int totals_write(struct db *db, struct campaign_id campaign,
    const struct totals *change, struct err *err);

/* Sums over groups. */
void totals_count(const struct totals *totals, int64_t count[LEDGER_STATES]);

/* Counts the rows anew and replaces the figures: after a step of all rows. */
int totals_rebuild(struct db *db, struct campaign_id campaign, struct err *err);

/* Counts the rows and compares: E_LEDGER (state, total, found) when they
 * differ.  Reads every row: for the end of a run. */
int totals_check(struct db *db, struct campaign_id campaign, struct err *err);

#endif
