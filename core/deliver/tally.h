/* Counts of finished attempts with their reply times: of a relay, of a provider
 * group, of a run.  Plain data; zero-initialise. */
#ifndef CORE_DELIVER_TALLY_H
#define CORE_DELIVER_TALLY_H

#include <stdint.h>

#include "core/deliver/deliver.h"

enum { TALLY_BINS = 88, TALLY_SECONDS = 8 };

struct tally {
	int64_t accepted, deferred, failed, in_doubt, over_tls;
	uint32_t bin[TALLY_BINS]; /* of reply times, see tally_quantile_ms() */
	uint32_t timed;
	/* finished in each of the last seconds, by second % TALLY_SECONDS */
	uint32_t second[TALLY_SECONDS];
	int64_t last_second;
};

/* Counts an attempt that ended in state at now_ms (steady); took_ms from
 * handing over to the reply, -1 when there was none. */
void tally_add(struct tally *tally, enum ledger_state state, int over_tls,
    int64_t took_ms, int64_t now_ms);

/* Attempts of any end. */
int64_t tally_finished(const struct tally *tally);

/* Per second, over the last whole seconds before now_ms. */
double tally_rate(const struct tally *tally, int64_t now_ms);

/* The reply time that percent of the attempts did not exceed, within a fifth; -1
 * when none was timed. */
int tally_quantile_ms(const struct tally *tally, int percent);

#endif
