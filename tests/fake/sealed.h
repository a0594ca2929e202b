/* A campaign brought to the point of launch, through the real review: list,
 * contacts, settings, relay, DKIM key, checklist, answers, seal. */
#ifndef TESTS_FAKE_SEALED_H
#define TESTS_FAKE_SEALED_H

#include <stdint.h>

#include "core/base/world.h"
#include "core/campaign/campaign.h"
#include "core/health/health.h"
#include "core/review/review.h"
#include "core/store/store.h"

enum sealed_dkim { SEALED_DKIM, SEALED_NO_DKIM };

struct sealed_plan {
	int recipients;               /* a1@example.jp, a2@example.jp, ... */
	const char *prefix;           /* instead of "a"; NULL: "a" */
	const char *const *addresses; /* instead of all that; NULL: none */
	enum campaign_class class;
	enum sealed_dkim dkim;
	const char *host; /* of the relay, which must be up; NULL: 127.0.0.1 */
	int port;
	enum relay_kind kind; /* DIRECT: host and port do not matter */
	enum relay_tls tls;
	const char *ca_file;       /* NULL: the system's */
	const char *user, *secret; /* NULL: no AUTH */
	const char *token_command; /* instead of secret; NULL: none */
	enum { SEALED_ANY_HOP, SEALED_REQUIRETLS } require;
	int sessions, per_session; /* 0: 4 and 1,000 */
	const char *body;          /* NULL: a short letter */
	const char *ehlo;          /* NULL: host.example.jp */
	int64_t send_at_ms, send_until_ms;
};

/* Does it all up to the seal; a step that fails ends the process with the
 * error's name. */
struct campaign_id sealed_campaign(
    struct store *store, struct world *world, const struct sealed_plan *plan);

/* A clearance for a sealed or running campaign; ends the process on failure.
 * The caller frees it or starts a run with it. */
struct clearance *sealed_clearance(
    struct store *store, struct world *world, struct campaign_id campaign);

#endif
