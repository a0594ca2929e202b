/* The rows whose message may have left and whose result is not in the ledger
 * yet: one blob per campaign, rewritten with every group commit.  After a crash
 * it says which rows are in doubt, and which were accepted but for the words of
 * the reply; everything else was not sent. */
#ifndef CORE_DELIVER_HANDED_H
#define CORE_DELIVER_HANDED_H

#include "core/deliver/ledger.h"

/* One row as the blob has it. */
struct handed_row {
	int64_t seq;
	int64_t connection;
	enum ledger_state from; /* PLANNED or DEFERRED: its row's state */
	bool accepted;          /* the reply came, its row is to be written */
};

/* Begins a blob in out, which is emptied; at_ms: of the last step to HANDED. */
void handed_begin(struct buf *out, int64_t at_ms);

/* Adds a row. */
void handed_add(struct buf *out, const struct handed_row *row);

/* Replaces the campaign's blob, in the caller's transaction. */
int handed_write(struct db *db, struct campaign_id campaign, struct span blob,
    struct err *err);

/* Makes the campaign's blob, empty. */
int handed_create(struct db *db, struct campaign_id campaign, struct err *err);

/* Adds the campaign's blob to out: nothing when no row is handed. */
int handed_read(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err);

/* Takes the time from the front of a blob: 1; 0 when it is empty; -1 with
 * E_LEDGER when it is damaged. */
int handed_time(struct span *blob, int64_t *at_ms, struct err *err);

/* Takes the next row from a blob: 1, 0 at its end, -1 with E_LEDGER. */
int handed_next(struct span *blob, struct handed_row *out, struct err *err);

#endif
