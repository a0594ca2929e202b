/* Reply times are kept in bins that grow with the time, so that a percentile
 * over any number of messages costs a short walk. */
#include "core/deliver/tally.h"

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
	return bin < TALLY_BINS ? bin : TALLY_BINS - 1;
}

/* The largest time in a bin. */
static int
top_of(int bin)
{
	int doubled = (bin - LINEAR) / PER_DOUBLE;
	int step = (bin - LINEAR) % PER_DOUBLE;
	int64_t base = (int64_t)LINEAR << doubled;

	if (bin < LINEAR)
		return bin;
	return (int)(base + base * (step + 1) / PER_DOUBLE);
}

/* Clears the seconds between the last one counted and now. */
static void
move_on(struct tally *tally, int64_t now_ms)
{
	int64_t second = now_ms / 1000, gone = second - tally->last_second;

	if (gone <= 0)
		return;
	if (gone > TALLY_SECONDS)
		gone = TALLY_SECONDS;
	for (int64_t i = 0; i < gone; i++)
		tally->second[(second - i) % TALLY_SECONDS] = 0;
	tally->last_second = second;
}

void
tally_add(struct tally *tally, enum ledger_state state, int over_tls,
    int64_t took_ms, int64_t now_ms)
{
	move_on(tally, now_ms);
	tally->second[now_ms / 1000 % TALLY_SECONDS]++;
	tally->accepted += state == LEDGER_ACCEPTED;
	tally->deferred += state == LEDGER_DEFERRED;
	tally->failed += state == LEDGER_FAILED;
	tally->in_doubt += state == LEDGER_IN_DOUBT;
	tally->over_tls += over_tls != 0;
	if (took_ms < 0)
		return;
	tally->bin[bin_of(took_ms)]++;
	tally->timed++;
}

int64_t
tally_finished(const struct tally *tally)
{
	return tally->accepted + tally->deferred + tally->failed +
	       tally->in_doubt;
}

double
tally_rate(const struct tally *tally, int64_t now_ms)
{
	enum { WHOLE = 5 };
	int64_t now = now_ms / 1000;
	uint32_t sum = 0;

	for (int64_t second = now - WHOLE; second < now; second++) {
		if (second >= 0 && second <= tally->last_second &&
		    second > tally->last_second - TALLY_SECONDS)
			sum += tally->second[second % TALLY_SECONDS];
	}
	return (double)sum / WHOLE;
}

int
tally_quantile_ms(const struct tally *tally, int percent)
{
	uint64_t wanted =
	    ((uint64_t)tally->timed * (unsigned)percent + 99) / 100;
	uint64_t seen = 0;

	if (!tally->timed)
		return -1;
	for (int bin = 0; bin < TALLY_BINS; bin++) {
		seen += tally->bin[bin];
		if (seen >= wanted)
			return top_of(bin);
	}
	return top_of(TALLY_BINS - 1);
}
