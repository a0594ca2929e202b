/* What the scribe writes in one transaction, and what its thread remembers from
 * one to the next. */
#ifndef CORE_DELIVER_BATCH_H
#define CORE_DELIVER_BATCH_H

#include "core/deliver/claims.h"
#include "core/deliver/scribe.h"
#include "core/deliver/seqset.h"
#include "core/deliver/totals.h"

enum { BATCH_DEEDS = 16 };

/* A connection to be written under its number. */
struct batch_connection {
	int64_t number;
	struct ledger_connection facts;
};

/* Queued by the sessions, then written.  Starts from zeros; ended with
 * batch_done(). */
struct batch {
	struct claim *handed; /* new steps to HANDED, by next_handed */
	struct claim_list ended;
	struct batch_connection *connection;
	size_t connections, room;
	struct scribe_deed deed[BATCH_DEEDS];
	size_t deeds;
	uint64_t ticket; /* of the last step or deed in it */
};

/* Forgets what is in it but keeps its memory. */
void batch_clear(struct batch *batch);

/* Frees its memory, not the claims. */
void batch_done(struct batch *batch);

/* True when nothing is in it. */
bool batch_is_empty(const struct batch *batch);

/* Adds a connection. */
void batch_add_connection(
    struct batch *batch, int64_t number, const struct ledger_connection *facts);

/* Belongs to the scribe's thread. */
struct writer {
	struct store *store; /* borrowed */
	struct clock *clock; /* borrowed */
	struct campaign_id campaign;
	struct claim **handed; /* handed, and no result on the disk */
	size_t handed_count, handed_room;
	struct buf blob;
	struct totals change;
	unsigned char *tls; /* enum totals_tls of connection first_number + i */
	int64_t first_number, numbers;
	struct seqset deferred; /* rows in memory that are DEFERRED */
};

/* Reads what the writer begins with; ended with writer_done(). */
int writer_init(struct writer *writer, const struct scribe_params *params,
    struct db *db, struct err *err);

/* Frees its memory. */
void writer_done(struct writer *writer);

/* Commits connections, steps to HANDED and ends of a batch: all or nothing, and
 * as often as it takes. */
int writer_write(
    struct writer *writer, const struct batch *batch, struct err *err);

/* The batch is on the disk: its ends are over. */
void writer_forget(struct writer *writer, const struct batch *batch);

#endif
