/* A stage for whole paths: a store with sender, footer and DKIM key, a list of
 * contacts, a campaign, and the practice relay to send it to. */
#ifndef TESTS_FAKE_STAGE_H
#define TESTS_FAKE_STAGE_H

#include "core/base/world.h"
#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "core/deliver/practice.h"
#include "core/health/health.h"
#include "core/review/review.h"
#include "core/store/store.h"
#include "tests/fake/certs.h"
#include "tests/fake/clock.h"

enum stage_clock { STAGE_CLOCK_REAL, STAGE_CLOCK_FAKE };

struct stage_params {
	int recipients;
	enum campaign_class class;
	const char *subject, *body; /* NULL: a greeting with {{name|お客}} */
	enum practice_manners manners;
	const char *prefix; /* of the addresses; NULL: "user" */
	int sessions;       /* 0: 2 */
	unsigned latency_ms;
	unsigned discard; /* 1: the relay keeps nothing */
	enum stage_clock clock;
	int64_t send_at_ms; /* of the campaign */
};

struct stage {
	struct fake_clock clock;
	struct world world;
	struct store *store;
	char *dir; /* holds the relay's folder */
	struct practice *practice;
	struct list_id list;
	struct campaign_id campaign;
};

/* Sets everything up; ends the process with a message when that fails.  The
 * contacts are user00001@example.jp and so on, with consent and the field
 * 会員番号. */
void stage_open(struct stage *stage, const struct stage_params *params);

/* Points the stage's relay at another port of the loopback. */
void stage_relay_port(struct stage *stage, uint16_t port, enum relay_tls tls,
    const char *ca_file);

/* Replaces the stage's relay; id, name and the number of sessions (when 0) are
 * filled in, the secret is consumed. */
void stage_relay(struct stage *stage, struct relay_config *relay);

/* Plays the whole review (run, attest, count) and seals. */
void stage_seal(struct stage *stage);

/* A clearance for the sealed campaign. */
struct clearance *stage_clearance(struct stage *stage);

/* Adds the identity in a PKCS #12 file of certs, with which the campaign then
 * signs. */
void stage_smime(
    struct stage *stage, const struct certs *certs, const char *file);

/* Changes the store behind the program's back: one SQL statement without
 * parameters, a string literal. */
void stage_sql(struct stage *stage, const char *sql);

/* One number from the store: the first column of the first row. */
int64_t stage_number(struct stage *stage, const char *sql);

/* Stops the relay, closes the store, removes all files. */
void stage_close(struct stage *stage);

#endif
