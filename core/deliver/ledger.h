/* The table "ledger": one row per recipient of a run.  Every function works in
 * the caller's transaction; scribe.h decides when one is committed. */
#ifndef CORE_DELIVER_LEDGER_H
#define CORE_DELIVER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/deliver/deliver.h"
#include "core/deliver/seqset.h"
#include "core/net/tls.h"

enum { LEDGER_GROUPS = 16 }; /* provider groups, see core/net/group.h */

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
};

/* One recipient with its frozen values, taken into memory.  On the disk its row
 * stays PLANNED or DEFERRED until its end is written.  Made by claims.c. */
struct claim {
	struct claim *next; /* in whatever list holds it */
	int64_t seq;
	int group;               /* 0..LEDGER_GROUPS - 1 */
	int attempt;             /* attempts before this one */
	bool again;              /* was in doubt: now sent for the last time */
	enum ledger_state from;  /* PLANNED or DEFERRED: its row on the disk */
	enum ledger_state state; /* CLAIMED, or HANDED after scribe_hand() */
	struct contact_id contact;
	struct span address, canon, name, fields;
	struct digest leaf; /* zeros when the outbox row is gone */

	/* the scribe's own */
	struct claim *next_handed;
	size_t handed_at;          /* place among the handed ones, from 1 */
	enum ledger_state counted; /* what the figures count it as */
	bool in_use, is_ending, is_accepted;
	int64_t connection;
	struct ledger_end end; /* points into the three below */
	struct buf text, reply;
	char enhanced[16], class[LEDGER_CLASS_MAX];
};

/* Appends a reply as valid UTF-8: bytes that are not become \xNN; cut at a
 * character so that LEDGER_REPLY_MAX octets are not exceeded. */
void ledger_reply_text(struct span raw, struct buf *out);

/* True when the step is in the table of allowed steps. */
bool ledger_may_step(enum ledger_state from, enum ledger_state to);

/* True when nothing more happens to a row in this state by itself. */
bool ledger_is_final(enum ledger_state state);

/* ---- All rows of a campaign ---------------------------------------------- */

/* Makes the rows of a campaign from its outbox, PLANNED, each in the group of
 * its domain; *rows = how many. */
int ledger_create(
    struct db *db, struct campaign_id campaign, int64_t *rows, struct err *err);

/* What becomes of a message in doubt, by class of campaign: advertising is
 * never sent again by itself; what somebody waits for is, once, with the same
 * Message-ID, so that its receiver may notice. */
enum ledger_doubt { LEDGER_DOUBT_STAYS, LEDGER_DOUBT_AGAIN };

enum { LEDGER_AGAIN_MS = 30 * 60 * 1000 };

enum ledger_doubt ledger_doubt_of(enum campaign_class class);

/* What becomes of rows that a process left handed. */
struct ledger_recovery {
	int64_t now_ms;
	int64_t again_ms; /* sent once more then; 0: they stay in doubt */
	int64_t in_doubt, again; /* out: how many of which */
	int64_t accepted;        /* whose reply had come */
};

/* After a process that ended: what was handed becomes ACCEPTED when its reply
 * had come, else IN_DOUBT, or DEFERRED when it may be sent once more and was not
 * yet. */
int ledger_recover(struct db *db, struct campaign_id campaign,
    struct ledger_recovery *recovery, struct err *err);

/* PLANNED and DEFERRED become CANCELLED; a DEFERRED one that was in doubt
 * becomes IN_DOUBT again. */
int ledger_cancel(struct db *db, struct campaign_id campaign, int64_t now_ms,
    struct err *err);

/* Makes every deferred row due at once, but for those that were in doubt. */
int ledger_hurry(struct db *db, struct campaign_id campaign, struct err *err);

/* Moves what deferred rows wait for by shift_ms: the wall clock was set. */
int ledger_shift(struct db *db, struct campaign_id campaign, int64_t shift_ms,
    struct err *err);

/* ---- Single rows, for the scribe ----------------------------------------- */

/* Reads the next PLANNED rows of a group behind *after into the claims of
 * list, in order of seq; moves *after.  How many claims were filled, fewer than
 * the list has when there are no more; -1. */
int ledger_read_planned(struct db *db, struct campaign_id campaign, int group,
    int64_t *after, struct claim *list, struct err *err);

/* No row waits longer than this; one that seems to was put off before the
 * clock was set back, and is due. */
#define LEDGER_WAIT_MAX_MS (INT64_C(6) * 3600 * 1000)

/* The same for DEFERRED rows that are due and not in memory; *next_ms: when the
 * next one is, INT64_MAX for none. */
int ledger_read_due(struct db *db, struct campaign_id campaign, int group,
    int64_t now_ms, const struct seqset *held, struct claim *list,
    int64_t *next_ms, struct err *err);

/* Writes claim->end into the row, which must be in claim->from.  E_LEDGER
 * (seq, from, to) when it is not, or the step is not allowed. */
int ledger_write_end(struct db *db, struct campaign_id campaign,
    const struct claim *claim, struct err *err);

/* Writes the facts of connection number. */
int ledger_write_connection(struct db *db, struct campaign_id campaign,
    int64_t number, const struct ledger_connection *facts, struct err *err);

/* The highest number of a connection; 0: none. */
int ledger_last_connection(
    struct db *db, struct campaign_id campaign, int64_t *out, struct err *err);

/* Where reading the PLANNED rows of each group begins. */
int ledger_read_from(struct db *db, struct campaign_id campaign,
    int64_t after[LEDGER_GROUPS], struct err *err);
int ledger_write_from(struct db *db, struct campaign_id campaign,
    const int64_t after[LEDGER_GROUPS], struct err *err);

/* The statements whose speed depends on an index, for the test that looks at
 * their plans; static, NULL behind the last. */
const char *ledger_sql(size_t which);

#endif
