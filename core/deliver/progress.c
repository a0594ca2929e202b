/* What the live screen draws comes from here and from the ledger's counts,
 * nothing is smoothed or estimated.  The rate "now" is the mean of the last
 * whole seconds, because the present one is not over yet. */
#include "core/deliver/progress.h"

#include <string.h>

enum { NOW_SECONDS = 5 };

void
progress_init(struct progress *progress, int64_t now_ms)
{
	memset(progress, 0, sizeof *progress);
	progress->began_ms = now_ms;
	progress->second = now_ms / 1000;
	progress->samples = 1;
}

static void
move_on(struct progress *progress, int64_t now_ms)
{
	int64_t second = now_ms / 1000, gone = second - progress->second;

	if (gone > RUN_RATE_SAMPLES)
		gone = RUN_RATE_SAMPLES;
	for (; gone > 0; gone--) {
		progress->at = (progress->at + 1) % RUN_RATE_SAMPLES;
		progress->sample[progress->at] = 0;
		if (progress->samples < RUN_RATE_SAMPLES)
			progress->samples++;
	}
	if (second > progress->second)
		progress->second = second;
}

void
progress_add(struct progress *progress, int64_t now_ms,
    const struct run_reply *reply, bool over_tls)
{
	move_on(progress, now_ms);
	progress->sample[progress->at]++;
	progress->finished++;
	progress->tls_messages += over_tls;
	progress->reply_at =
	    (progress->reply_at + RUN_REPLIES - 1) % RUN_REPLIES;
	progress->reply[progress->reply_at] = *reply;
	if (progress->replies < RUN_REPLIES)
		progress->replies++;
}

/* The sample n seconds ago. */
static uint32_t
sample_ago(const struct progress *progress, int n)
{
	return progress
	    ->sample[(progress->at + RUN_RATE_SAMPLES - n) % RUN_RATE_SAMPLES];
}

static double
rate_now(const struct progress *progress)
{
	int whole = progress->samples - 1;
	int seconds = whole < NOW_SECONDS ? whole : NOW_SECONDS;
	uint32_t sum = 0;

	if (seconds == 0)
		return sample_ago(progress, 0);
	for (int i = 1; i <= seconds; i++)
		sum += sample_ago(progress, i);
	return (double)sum / seconds;
}

void
progress_fill(
    struct progress *progress, int64_t now_ms, struct run_progress *out)
{
	int64_t took_ms = now_ms - progress->began_ms;

	move_on(progress, now_ms);
	out->attempts = progress->finished;
	out->tls_messages = progress->tls_messages;
	out->rate_now = rate_now(progress);
	out->rate_average =
	    took_ms > 0 ? (double)progress->finished * 1000.0 / (double)took_ms
			: 0;
	out->samples = progress->samples;
	for (int i = 0; i < progress->samples; i++)
		out->sample[i] =
		    sample_ago(progress, progress->samples - 1 - i);
	out->replies = progress->replies;
	for (int i = 0; i < progress->replies; i++)
		out->reply[i] =
		    progress->reply[(progress->reply_at + i) % RUN_REPLIES];
}
