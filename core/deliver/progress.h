/* The figures of the live screen: rate samples and the last replies.  Owned by
 * a run and guarded by its lock. */
#ifndef CORE_DELIVER_PROGRESS_H
#define CORE_DELIVER_PROGRESS_H

#include "core/deliver/meter.h"

enum { PROGRESS_RECENT = 8 };

struct progress {
	int64_t began_ms; /* steady */
	int64_t finished;
	int64_t tls_messages;
	int64_t second;                   /* the present one, steady */
	uint32_t recent[PROGRESS_RECENT]; /* per second, by its number */
	uint32_t sample[RUN_RATE_SAMPLES];
	int samples, sample_s;
	struct run_reply reply[RUN_REPLIES];
	int reply_at, replies;
	struct run_event event[RUN_EVENTS];
	int event_at, events;
	struct meter meter;  /* of the whole run */
	int64_t last_end_ms; /* wall clock */
};

/* Starts the figures at steady time now_ms. */
void progress_init(struct progress *progress, int64_t now_ms);

/* Counts one finished attempt; reply->text is cut by the caller. */
void progress_add(struct progress *progress, int64_t now_ms,
    const struct run_reply *reply, bool over_tls);

/* Fills the rates, samples, replies, attempts and tls_messages of out.  Also moves the
 * samples on to now_ms. */
void progress_fill(
    struct progress *progress, int64_t now_ms, struct run_progress *out);

/* Keeps an event, the oldest is forgotten. */
void progress_event(struct progress *progress, const struct run_event *event);

#endif
