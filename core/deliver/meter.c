/* Reply times are kept in bins that grow with the time, so that a percentile
 * over any number of messages costs a short walk. */
#include "core/deliver/meter.h"

#include <string.h>

enum { LINEAR = 8, PER_DOUBLE = 5 };

/* Bins 0..7 are single milliseconds; behind them five to each doubling, up to
 * nine minutes. */
static int
bin_of(int64_t ms)
{
	int bin = LINEAR, doubled = 0;

	if (ms < 0)
		ms = 0;
	if (ms < LINEAR)
		return (int)ms;
	while (ms >= (int64_t)LINEAR * 2 << doubled)
		doubled++;
	bin += doubled * PER_DOUBLE;
	bin += (int)((ms - ((int64_t)LINEAR << doubled)) * PER_DOUBLE /
		     ((int64_t)LINEAR << doubled));
	return bin < METER_BINS ? bin : METER_BINS - 1;
}

/* The largest time in a bin. */
static int
top_of(int bin)
{
	int doubled, step;
	int64_t base;

	if (bin < LINEAR)
		return bin;
	doubled = (bin - LINEAR) / PER_DOUBLE;
	step = (bin - LINEAR) % PER_DOUBLE;
	base = (int64_t)LINEAR << doubled;
	return (int)(base + base * (step + 1) / PER_DOUBLE);
}

/* Clears the seconds between the last one counted and now. */
static void
move_on(struct meter *meter, int64_t now_ms)
{
	int64_t second = now_ms / 1000, gone = second - meter->last_second;

	if (gone <= 0)
		return;
	if (gone > METER_SECONDS)
		gone = METER_SECONDS;
	for (int64_t i = 0; i < gone; i++)
		meter->second[(second - i) % METER_SECONDS] = 0;
	meter->last_second = second;
}

void
meter_add(struct meter *meter, enum ledger_state state, int over_tls,
    int64_t took_ms, int64_t now_ms)
{
	move_on(meter, now_ms);
	meter->second[now_ms / 1000 % METER_SECONDS]++;
	meter->accepted += state == LEDGER_ACCEPTED;
	meter->deferred += state == LEDGER_DEFERRED;
	meter->failed += state == LEDGER_FAILED;
	meter->in_doubt += state == LEDGER_IN_DOUBT;
	meter->over_tls += over_tls != 0;
	if (took_ms < 0)
		return;
	meter->bin[bin_of(took_ms)]++;
	meter->timed++;
}

int64_t
meter_finished(const struct meter *meter)
{
	return meter->accepted + meter->deferred + meter->failed +
	       meter->in_doubt;
}

double
meter_rate(const struct meter *meter, int64_t now_ms)
{
	enum { WHOLE = 5 };
	int64_t now = now_ms / 1000;
	uint32_t sum = 0;

	for (int64_t second = now - WHOLE; second < now; second++) {
		if (second >= 0 && second <= meter->last_second &&
		    second > meter->last_second - METER_SECONDS)
			sum += meter->second[second % METER_SECONDS];
	}
	return (double)sum / WHOLE;
}

int
meter_quantile_ms(const struct meter *meter, int percent)
{
	uint64_t wanted =
	    ((uint64_t)meter->timed * (unsigned)percent + 99) / 100;
	uint64_t seen = 0;

	if (!meter->timed)
		return -1;
	for (int bin = 0; bin < METER_BINS; bin++) {
		seen += meter->bin[bin];
		if (seen >= wanted)
			return top_of(bin);
	}
	return top_of(METER_BINS - 1);
}

void
meter_fill(const struct meter *meter, int64_t now_ms, struct run_part *out)
{
	out->accepted = meter->accepted;
	out->deferred = meter->deferred;
	out->failed = meter->failed;
	out->in_doubt = meter->in_doubt;
	out->over_tls = meter->over_tls;
	out->rate_now = meter_rate(meter, now_ms);
	out->p50_ms = meter_quantile_ms(meter, 50);
	out->p95_ms = meter_quantile_ms(meter, 95);
}
