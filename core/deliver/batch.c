/* One group commit.  Steps to HANDED cost one page however many they are,
 * because all rows that are handed stand in one blob; ends cost the pages of
 * their rows, which lie together, and two numbers a group in the totals.  Ends
 * that still gather are in the blob as accepted, so that after a crash no more
 * is in doubt than was on its way. */
#include "core/deliver/batch.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/handed.h"

void
batch_clear(struct batch *batch)
{
	batch->handed = NULL;
	batch->ended = (struct claim_list){0};
	batch->connections = batch->deeds = 0;
}

void
batch_done(struct batch *batch)
{
	free(batch->connection);
	*batch = (struct batch){0};
}

bool
batch_is_empty(const struct batch *batch)
{
	return !batch->handed && !batch->ended.count && !batch->connections &&
	       !batch->deeds;
}

void
batch_add_connection(
    struct batch *batch, int64_t number, const struct ledger_connection *facts)
{
	if (batch->connections == batch->room) {
		batch->room = batch->room ? batch->room * 2 : 4;
		batch->connection = mem_grow(
		    batch->connection, batch->room * sizeof *batch->connection);
	}
	batch->connection[batch->connections++] =
	    (struct batch_connection){number, *facts};
}

/* ---- What is handed -------------------------------------------------------- */

static void
add_handed(struct writer *writer, struct claim *claim)
{
	if (claim->handed_at)
		return;
	if (writer->handed_count == writer->handed_room) {
		writer->handed_room =
		    writer->handed_room ? writer->handed_room * 2 : 64;
		writer->handed = mem_grow(writer->handed,
		    writer->handed_room * sizeof(struct claim *));
	}
	writer->handed[writer->handed_count++] = claim;
	claim->handed_at = writer->handed_count;
}

/* The last one takes the place of the one that goes. */
static void
remove_handed(struct writer *writer, struct claim *claim)
{
	struct claim *last;

	if (!claim->handed_at)
		return;
	last = writer->handed[--writer->handed_count];
	writer->handed[claim->handed_at - 1] = last;
	last->handed_at = claim->handed_at;
	claim->handed_at = 0;
}

static int
write_handed(struct writer *writer, struct db *db, struct err *err)
{
	bool any = false;

	handed_begin(&writer->blob, clock_now_ms(writer->clock));
	for (size_t i = 0; i < writer->handed_count; i++) {
		const struct claim *claim = writer->handed[i];
		struct handed_row row = {claim->seq, claim->connection,
		    claim->from, claim->is_accepted};

		if (claim->is_ending)
			continue;
		handed_add(&writer->blob, &row);
		any = true;
	}
	if (!any)
		buf_clear(&writer->blob);
	return handed_write(db, writer->campaign, buf_span(&writer->blob), err);
}

/* ---- One transaction ------------------------------------------------------- */

static void
keep_tls(struct writer *writer, const struct batch_connection *connection)
{
	int64_t at = connection->number - writer->first_number;

	if (at >= writer->numbers) {
		writer->numbers = at + 1;
		writer->tls = mem_grow(writer->tls, (size_t)writer->numbers);
	}
	writer->tls[at] = (unsigned char)totals_tls_of(&connection->facts.tls);
}

static enum totals_tls
tls_of(const struct writer *writer, int64_t connection)
{
	int64_t at = connection - writer->first_number;

	return at >= 0 && at < writer->numbers
		   ? (enum totals_tls)writer->tls[at]
		   : TOTALS_CLEAR;
}

static int
write_connections(struct writer *writer, struct db *db,
    const struct batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->connections; i++) {
		const struct batch_connection *it = &batch->connection[i];

		keep_tls(writer, it);
		if (ledger_write_connection(
			db, writer->campaign, it->number, &it->facts, err) < 0)
			return -1;
	}
	return 0;
}

/* A row that is PLANNED again has nothing new to say. */
static int
write_ends(struct writer *writer, struct db *db, const struct batch *batch,
    struct err *err)
{
	if (!batch->ended.count)
		return 0;
	memset(&writer->change, 0, sizeof writer->change);
	for (struct claim *it = batch->ended.first; it; it = it->next) {
		struct totals_step step = {
		    .group = it->group,
		    .from = it->from,
		    .to = it->end.to,
		    .attempts_before = it->attempt,
		    .attempts_after = it->end.attempt,
		    .tls = tls_of(writer, it->end.connection),
		};

		it->is_ending = true;
		if (it->end.to == LEDGER_PLANNED)
			continue;
		if (ledger_write_end(db, writer->campaign, it, err) < 0)
			return -1;
		totals_move(&writer->change, &step);
	}
	return totals_write(db, writer->campaign, &writer->change, err);
}

static int
write_all(struct writer *writer, struct db *db, const struct batch *batch,
    struct err *err)
{
	if (write_connections(writer, db, batch, err) < 0 ||
	    write_ends(writer, db, batch, err) < 0)
		return -1;
	if (!batch->handed && !batch->ended.count)
		return 0;
	return write_handed(writer, db, err);
}

int
writer_write(struct writer *writer, const struct batch *batch, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	for (struct claim *it = batch->handed; it; it = it->next_handed)
		add_handed(writer, it);
	if (store_begin(writer->store, STORE_WAIT_LONG, "delivery", &db, err) <
	    0)
		return -1;
	if (write_all(writer, db, batch, err) == 0)
		rc = store_commit(writer->store, &db, err);
	store_rollback(writer->store, &db);
	return rc;
}

void
writer_forget(struct writer *writer, const struct batch *batch)
{
	for (struct claim *it = batch->ended.first; it; it = it->next) {
		remove_handed(writer, it);
		if (it->from == LEDGER_DEFERRED && it->end.to != LEDGER_PLANNED)
			seqset_remove(&writer->deferred, it->seq);
	}
}

/* ---- Start and end --------------------------------------------------------- */

int
writer_init(struct writer *writer, const struct scribe_params *params,
    struct db *db, struct err *err)
{
	int64_t last;

	*writer = (struct writer){0};
	writer->store = params->store;
	writer->clock = params->clock;
	writer->campaign = params->campaign;
	if (ledger_last_connection(db, params->campaign, &last, err) < 0)
		return -1;
	writer->first_number = last + 1;
	return 0;
}

void
writer_done(struct writer *writer)
{
	free(writer->handed);
	free(writer->tls);
	buf_done(&writer->blob);
	seqset_done(&writer->deferred);
}
