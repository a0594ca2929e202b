/* The table "ledger": one row per recipient of a run.  Every function works in
 * the caller's transaction; scribe.h decides when one is committed. */
#ifndef CORE_DELIVER_LEDGER_H
#define CORE_DELIVER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/deliver/deliver.h"
#include "core/net/tls.h"

enum { LEDGER_GROUPS = 16 }; /* provider groups, see core/deliver/group.h */

/* One recipient with its frozen values, taken into memory.  On the disk its row
 * stays PLANNED or DEFERRED until it is handed.  Belongs to the scribe. */
struct claim {
	struct claim *next; /* in whatever list holds it */
	int64_t seq;
	int group;               /* 0..LEDGER_GROUPS - 1 */
	int attempt;             /* attempts before this one */
	enum ledger_state from;  /* PLANNED or DEFERRED: its row on the disk */
	enum ledger_state state; /* CLAIMED, or HANDED after scribe_hand() */
	struct span address, canon, name, fields;
	struct digest leaf; /* zeros when the outbox row is gone */
};

enum { LEDGER_REPLY_MAX = 2048, LEDGER_CLASS_MAX = 32 };

/* What is known of a connection; kept once, named by each row that used it.
 * Plain data; texts end with NUL. */
struct ledger_connection {
	int64_t relay; /* id */
	int64_t at_ms;
	char peer[64], local[64]; /* "192.0.2.1:25", "[2001:db8::1]:25" */
	char host[256];           /* the name the certificate must have */
	char policy[24];          /* "verify", "pin", "dane", "sts" ... */
	struct tls_record tls;
	bool resumed; /* a TLS session known from before */
};

/* How an attempt, or a row, ended. */
struct ledger_end {
	/* ACCEPTED, DEFERRED, FAILED, IN_DOUBT, WITHHELD; or PLANNED: nothing
	 * of it left, it is ready again at once */
	enum ledger_state to;
	int attempt; /* attempts, this one included when it counts */
	int64_t next_ms, at_ms;
	int64_t connection; /* of scribe_connection(); 0: none */
	int64_t octets;
	int took_ms;          /* from handing over to the reply */
	int code;             /* of the reply; 0: none came */
	int stage;            /* enum smtp_stage */
	const char *enhanced; /* "" or NULL: none */
	const char *class;    /* outcome class, or an error's name; or NULL */
	struct span reply;    /* as it came: foreign octets */
	struct span message_id;
};

/* Appends a reply as valid UTF-8: bytes that are not become \xNN; cut at a
 * character so that LEDGER_REPLY_MAX octets are not exceeded. */
void ledger_reply_text(struct span raw, struct buf *out);

/* True when the step is in the table of allowed steps. */
bool ledger_may_step(enum ledger_state from, enum ledger_state to);

/* True when a row stays in this state for good. */
bool ledger_is_final(enum ledger_state state);

/* ---- Rows, for the scribe ------------------------------------------------ */

enum { LEDGER_TLS_MAX = 64 };

/* What is known about an attempt; plain data but for the two buffers. */
struct ledger_facts {
	int64_t relay; /* id */
	int64_t octets;
	int code;  /* of the reply; 0: none came */
	int stage; /* enum smtp_stage */
	char enhanced[16];
	char class[LEDGER_CLASS_MAX]; /* outcome class, or an error's name */
	char tls_version[16];
	char tls_cipher[LEDGER_TLS_MAX];
	bool tls_verified;
	struct buf reply; /* valid UTF-8 */
	struct buf message_id;
};

/* A step of one row, to be written. */
struct ledger_note {
	int64_t seq;
	enum ledger_state from, to;
	int attempt; /* attempts, this one included when it counts */
	int64_t next_ms, at_ms;
	struct ledger_facts *facts; /* owned; NULL: leave the facts alone */
};

/* Frees a whole list; sets *list to NULL. */
void claim_free(struct claim **list);

/* Frees facts; accepts NULL, sets *facts to NULL. */
void ledger_facts_free(struct ledger_facts **facts);

/* Makes the rows of a campaign from its outbox, PLANNED; *rows = how many. */
int ledger_create(
    struct db *db, struct campaign_id campaign, int64_t *rows, struct err *err);

/* After a process that ended: CLAIMED becomes PLANNED, HANDED becomes
 * IN_DOUBT (*in_doubt = how many). */
int ledger_recover(struct db *db, struct campaign_id campaign, int64_t now_ms,
    int64_t *in_doubt, struct err *err);

/* Counts the rows by state. */
int ledger_count(struct db *db, struct campaign_id campaign,
    int64_t count[LEDGER_STATES], struct err *err);

/* When the first deferred row is due; INT64_MAX when none is deferred. */
int ledger_next_due(struct db *db, struct campaign_id campaign, int64_t *out_ms,
    struct err *err);

/* Claims up to count rows, the due deferred ones first, then the planned ones
 * by number.  *out is a list for claim_free(), also when it is empty. */
int ledger_claim(struct db *db, struct campaign_id campaign, int64_t now_ms,
    int count, struct claim **out, struct err *err);

/* Writes one step.  E_LEDGER (what) when the row is not in note->from or the
 * step is not allowed. */
int ledger_apply(struct db *db, struct campaign_id campaign,
    const struct ledger_note *note, struct err *err);

/* Takes back what is CLAIMED to PLANNED. */
int ledger_release(struct db *db, struct campaign_id campaign, struct err *err);

/* PLANNED, CLAIMED and DEFERRED become CANCELLED. */
int ledger_cancel(struct db *db, struct campaign_id campaign, int64_t now_ms,
    struct err *err);

/* Makes every deferred row due at once. */
int ledger_hurry(struct db *db, struct campaign_id campaign, struct err *err);

#endif
