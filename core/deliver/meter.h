/* Counts of finished attempts with their reply times: of a relay, of a provider
 * group, of a run.  Plain data; zero-initialise. */
#ifndef CORE_DELIVER_METER_H
#define CORE_DELIVER_METER_H

#include <stdint.h>

#include "core/deliver/deliver.h"

enum { METER_BINS = 88, METER_SECONDS = 8 };

struct meter {
	int64_t accepted, deferred, failed, in_doubt, over_tls;
	uint32_t bin[METER_BINS]; /* of reply times, see meter_quantile_ms() */
	uint32_t timed;
	/* finished in each of the last seconds, by second % METER_SECONDS */
	uint32_t second[METER_SECONDS];
	int64_t last_second;
};

/* Counts an attempt that ended in state at now_ms (steady); took_ms from
 * handing over to the reply, -1 when there was none. */
void meter_add(struct meter *meter, enum ledger_state state, int over_tls,
    int64_t took_ms, int64_t now_ms);

/* Attempts of any end. */
int64_t meter_finished(const struct meter *meter);

/* Per second, over the last whole seconds before now_ms. */
double meter_rate(const struct meter *meter, int64_t now_ms);

/* The reply time that percent of the attempts did not exceed, within a fifth; -1
 * when none was timed. */
int meter_quantile_ms(const struct meter *meter, int percent);

/* Fills the counts, the rate and the reply times of a part. */
void meter_fill(
    const struct meter *meter, int64_t now_ms, struct run_part *out);

#endif
