/* What the live screen draws comes from here and from the ledger's counts,
 * nothing is smoothed or estimated.  The rate "now" is the mean of the last
 * whole seconds, because the present one is not over yet.  The samples cover
 * the whole run: when there is no room for one more, pairs are added up, so a
 * chart only grows at its end and a slow line carries little. */
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
	progress->sample_s = 1;
}

static void
add_up_pairs(struct progress *progress)
{
	for (int i = 0; i < RUN_RATE_SAMPLES / 2; i++)
		progress->sample[i] =
		    progress->sample[2 * i] + progress->sample[2 * i + 1];
	memset(&progress->sample[RUN_RATE_SAMPLES / 2], 0,
	    sizeof progress->sample / 2);
	progress->sample_s *= 2;
}

/* Makes room for the second now_ms is in. */
static void
move_on(struct progress *progress, int64_t now_ms)
{
	int64_t second = now_ms / 1000;
	int64_t since = second - progress->began_ms / 1000;
	int64_t gone = second - progress->second;

	if (gone <= 0)
		return;
	if (gone > PROGRESS_RECENT)
		gone = PROGRESS_RECENT;
	for (int64_t i = 0; i < gone; i++)
		progress->recent[(second - i) % PROGRESS_RECENT] = 0;
	progress->second = second;
	while (since / progress->sample_s >= RUN_RATE_SAMPLES)
		add_up_pairs(progress);
	progress->samples = (int)(since / progress->sample_s) + 1;
}

void
progress_add(struct progress *progress, int64_t now_ms,
    const struct run_reply *reply, bool over_tls)
{
	move_on(progress, now_ms);
	progress->sample[progress->samples - 1]++;
	progress->recent[progress->second % PROGRESS_RECENT]++;
	progress->finished++;
	progress->tls_messages += over_tls;
	progress->reply_at =
	    (progress->reply_at + RUN_REPLIES - 1) % RUN_REPLIES;
	progress->reply[progress->reply_at] = *reply;
	if (progress->replies < RUN_REPLIES)
		progress->replies++;
}

static double
rate_now(const struct progress *progress)
{
	int64_t whole = progress->second - progress->began_ms / 1000;
	int64_t seconds = whole < NOW_SECONDS ? whole : NOW_SECONDS;
	uint32_t sum = 0;

	if (seconds == 0)
		return progress->recent[progress->second % PROGRESS_RECENT];
	for (int64_t i = 1; i <= seconds; i++)
		sum +=
		    progress->recent[(progress->second - i) % PROGRESS_RECENT];
	return (double)sum / (double)seconds;
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
	out->sample_s = progress->sample_s;
	memcpy(out->sample, progress->sample, sizeof out->sample);
	out->replies = progress->replies;
	for (int i = 0; i < progress->replies; i++)
		out->reply[i] =
		    progress->reply[(progress->reply_at + i) % RUN_REPLIES];
	out->events = progress->events;
	for (int i = 0; i < progress->events; i++)
		out->event[i] =
		    progress->event[(progress->event_at + i) % RUN_EVENTS];
	out->last_end_ms = progress->last_end_ms;
	out->p50_ms = meter_quantile_ms(&progress->meter, 50);
	out->p95_ms = meter_quantile_ms(&progress->meter, 95);
}

void
progress_event(struct progress *progress, const struct run_event *event)
{
	progress->event_at = (progress->event_at + RUN_EVENTS - 1) % RUN_EVENTS;
	progress->event[progress->event_at] = *event;
	if (progress->events < RUN_EVENTS)
		progress->events++;
}
