/* What a campaign does that the one before it did not: for who approves it, and
 * for the checklist. */
#ifndef CORE_REVIEW_CONSEQUENCES_H
#define CORE_REVIEW_CONSEQUENCES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/span.h"
#include "core/campaign/campaign.h"

enum consequence_kind {
	CONSEQUENCE_FROM,      /* address; before, now */
	CONSEQUENCE_REPLY_TO,  /* before, now; empty: the sender */
	CONSEQUENCE_CLASS,     /* stable words */
	CONSEQUENCE_HOST,      /* now: links lead to a host they never led to */
	CONSEQUENCE_RELAY,     /* now: a relay that was not there */
	CONSEQUENCE_LIST,      /* names of lists */
	CONSEQUENCE_FROM_NAME, /* before, now */
	CONSEQUENCE_LINK,      /* now: a new URL at a known host */
	CONSEQUENCE_LINK_GONE, /* before: a URL that is no longer there */
	CONSEQUENCE_JOINED,    /* count: people who are new; sample */
	CONSEQUENCE_LEFT,      /* count: people who are gone; sample */
	CONSEQUENCE_KINDS
};

enum { CONSEQUENCE_SAMPLES = 5 };

/* One difference; the spans are foreign bytes and live as long as all. */
struct consequence {
	enum consequence_kind kind;
	bool is_structural; /* to be answered for: the first five kinds */
	struct span before, now;
	int64_t count;
	struct span sample[CONSEQUENCE_SAMPLES]; /* addresses */
	int samples;
};

/* The differences of a campaign from the last launched one to its list, or when
 * there is none from the last one of its class.  Immutable. */
struct consequences;

/* Compares, with the audience frozen by the proof; before one only what the
 * campaign says.  Reads both audiences: for a worker.  The caller frees *out.
 * E_CAMPAIGN_MISSING; E_CANCELLED soon after *stop (which may be NULL) becomes
 * true. */
int consequences_find(struct db *db, struct campaign_id campaign,
    const atomic_bool *stop, struct consequences **out, struct err *err);

/* Accepts NULL, sets *consequences to NULL. */
void consequences_free(struct consequences **consequences);

/* All of them, structural ones first. */
const struct consequence *consequences_all(
    const struct consequences *consequences, size_t *count);

/* How near the audience that was compared with is. */
enum likeness {
	LIKE_CLASS,  /* a campaign of the same class */
	LIKE_LIST,   /* to the same list */
	LIKE_SEGMENT /* to the same segment of it */
};

/* What it was compared with. */
struct consequences_base {
	struct campaign_id campaign; /* 0: nothing was launched before */
	struct span name;
	enum likeness like;
	int64_t started_ms;
	int64_t before, now; /* recipients */
	int64_t both;        /* people in both */
	bool has_people;     /* an audience was frozen */
};

/* Lives as long as the consequences. */
const struct consequences_base *consequences_base(
    const struct consequences *consequences);

/* Stable word of a kind ("from"); static. */
const char *consequence_name(enum consequence_kind kind);

#endif
