/* Test mail: who may get one, the permission to send one, and what became of
 * those that were sent.
 *
 * A test can be made in any state of a draft, needs no checklist, and goes to
 * registered staff alone: test_grant() reads their addresses from the store,
 * nobody passes one.  Each part of it carries a code that is shown nowhere
 * else; check PP-05 asks for both. */
#ifndef CORE_REVIEW_TESTMAIL_H
#define CORE_REVIEW_TESTMAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/world.h"
#include "core/campaign/campaign.h"
#include "core/compose/compose.h"
#include "core/net/tls.h"
#include "core/store/store.h"

/* ---- Staff ------------------------------------------------------------- */

enum {
	STAFF_MAX = 50,
	STAFF_ADDRESS_MAX = 320,
	STAFF_NAME_MAX = 100, /* octets */
	TEST_TO_MAX = 5
};

/* One who may get test mail; plain data. */
struct staff {
	int64_t id;
	char address[STAFF_ADDRESS_MAX + 1];
	char name[STAFF_NAME_MAX + 1]; /* may be empty */
	int64_t added_ms;
	char added_by[64];
};

/* Registers an address; name may be empty.  Logged.  E_ADDRESS_*,
 * E_STAFF_NAME, E_STAFF_TWICE, E_STAFF_FULL. */
int staff_add(struct store *store, struct span address, struct span name,
    struct err *err);

/* Takes an address off; a test under way to it is not held up.  Logged.
 * E_STAFF_MISSING. */
int staff_remove(struct store *store, int64_t id, struct err *err);

/* All of them in the order of registration; *out has *count entries, the
 * caller frees it. */
int staff_all(
    struct db *db, struct staff **out, size_t *count, struct err *err);

/* ---- Permission -------------------------------------------------------- */

/* What somebody wants to see. */
struct test_order {
	struct campaign_id campaign;
	int64_t staff[TEST_TO_MAX]; /* ids */
	size_t count;
	int64_t number; /* as recipient N: position in audience_step() */
};

/* The permission to send one test mail to the staff it was made for, with the
 * finished messages in it; made nowhere else, good for one use within
 * TEST_CLEARANCE_MS. */
struct test_clearance;

enum { TEST_CLEARANCE_MS = 5 * 60 * 1000 };

/* Reads the campaign as it is stored now, makes and signs a message for each
 * of the staff, and writes down that it did.  Logged.  The caller passes *out
 * to test_send() or frees it.  E_TEST_STAFF, E_STAFF_MISSING,
 * E_TEST_RECIPIENT, E_CAMPAIGN_STATE when it was launched, errors of
 * template_compile() and assemble_message(). */
int test_grant(struct store *store, struct world *world,
    const struct test_order *order, struct test_clearance **out,
    struct err *err);

/* Frees a clearance; accepts NULL, sets it to NULL. */
void test_clearance_free(struct test_clearance **clearance);

/* Number of the test mail and its campaign. */
int64_t test_clearance_test(const struct test_clearance *clearance);
struct campaign_id test_clearance_campaign(
    const struct test_clearance *clearance);

/* One message of a clearance; the spans live as long as it. */
struct test_letter {
	int64_t item;        /* from 1 */
	struct span address; /* as it is shown */
	struct span name;
	struct span rcpt_to, mail_from; /* the envelope */
	struct span domain;             /* of rcpt_to */
	struct span envid;
	struct span bytes;
	enum message_report report;
};

/* Uses the clearance up and gives its messages: 0 once, while it is fresh and
 * neither campaign nor staff were changed since.  E_TEST_CLEARANCE (why). */
int test_clearance_use(struct test_clearance *clearance,
    const struct test_letter **out, size_t *count, struct err *err);

/* ---- What became of it ------------------------------------------------- */

/* Stored as numbers: never renumber. */
enum test_state {
	TEST_MADE,     /* no attempt is known */
	TEST_ACCEPTED, /* the relay took it */
	TEST_REFUSED,  /* it did not; code and reply tell */
	TEST_UNSENT,   /* it never came so far; class tells */
	TEST_IN_DOUBT, /* handed over and no reply */
	TEST_STATES
};

/* How one copy went; for whoever sends. */
struct test_result {
	enum test_state state;
	int code; /* of the reply, 0: none */
	const char *enhanced;
	struct span reply;       /* foreign bytes */
	const char *class;       /* name of the error, "" for none */
	const char *relay;       /* as configured */
	const char *host, *peer; /* asked for, reached */
	const char *policy;      /* what its TLS was to achieve */
	const struct tls_record *tls;
};

/* Writes down how copy item of a test went.  Logged. */
int test_note(struct store *store, struct world *world, int64_t test,
    int64_t item, const struct test_result *result, struct err *err);

enum { TEST_REPLY_MAX = 400 };

/* One copy of a test, as it is kept; reply holds foreign bytes. */
struct test_record {
	int64_t test, item;
	int64_t made_ms, at_ms; /* of the test, of its end (0: none) */
	char by[64];
	int64_t number;  /* as recipient N */
	char content[9]; /* first digits of the digest */
	bool is_present; /* of what the campaign holds now */
	char address[STAFF_ADDRESS_MAX + 1], name[STAFF_NAME_MAX + 1];
	char message_id[256];
	enum test_state state;
	int code;
	char enhanced[16], class[64], reply[TEST_REPLY_MAX + 1];
	char relay[64], host[256], peer[128], policy[32];
	enum tls_state tls;
	char tls_version[TLS_VERSION_MAX + 1], tls_cipher[TLS_CIPHER_MAX + 1];
};

/* The last copies of a campaign, newest test first, at most limit (0: all);
 * *out has *count entries, the caller frees it.  present: digest of what the
 * campaign holds now, NULL when nobody wants to know. */
int test_records(struct db *db, struct campaign_id campaign,
    const struct digest *present, size_t limit, struct test_record **out,
    size_t *count, struct err *err);

#endif
