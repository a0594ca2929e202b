/* The stop list: who is never mailed, why, and until when.  An entry is for one
 * address or one whole domain, for one list or for all. */
#ifndef CORE_CONTACTS_SUPPRESSION_H
#define CORE_CONTACTS_SUPPRESSION_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

/* Stored as numbers: never renumber. */
enum suppress_cause {
	SUPPRESS_UNSUBSCRIBED,
	SUPPRESS_BOUNCED, /* for good */
	SUPPRESS_COMPLAINT,
	SUPPRESS_HAND,
	SUPPRESS_SOFT,   /* bounced, may work again */
	SUPPRESS_ERASED, /* the address is not known any more */
	SUPPRESS_DOMAIN, /* a whole domain, by hand */
	SUPPRESS_IMPORT, /* a file of another program said so, no more */
	SUPPRESS_COUNT
};

/* Stable word of a cause ("unsubscribed"); static. */
const char *suppress_cause_name(enum suppress_cause cause);

enum {
	SUPPRESS_SOURCE_MAX = 500,   /* octets; longer text is cut */
	SUPPRESS_EVIDENCE_MAX = 500, /* octets; longer text is cut */
	SUPPRESS_REASON_MIN = 5,
	SUPPRESS_SOFT_DAYS = 30 /* how long a soft bounce stops by itself */
};

/* What is to be entered. */
struct suppress_entry {
	struct list_id list; /* 0: for all */
	enum suppress_cause cause;
	struct span source;   /* from where: link, ARF, 5.1.1, import 12 */
	struct span evidence; /* what is known; may be empty */
	int64_t until_ms;     /* 0: for ever */
	/* Where it is noted whose consent this withdraws, for
	 * suppress_settle_in(); borrowed.  NULL: that is done at once. */
	struct buf *later;
};

/* Adds an address in any spelling, or "*@domain" (which becomes
 * SUPPRESS_DOMAIN; of that very domain, not of those below it).  Full-width
 * and invisible characters are repaired, since stopping one too many harms
 * nobody.  Logged without the address, as "key=" and the first octets of its
 * key.  Adding twice is success; a stronger cause (complaint, unsubscribed,
 * hard bounce, then the others) and a later end win.  E_ROLE (MAY_LIST_WRITE),
 * E_ADDRESS_*. */
int suppress_enter(struct store *store, struct span address,
    const struct suppress_entry *entry, struct err *err);

/* Whether suppress_enter() would take this for an address or "*@domain": 0, or
 * E_ADDRESS_*. */
int suppress_read_check(struct span address, struct err *err);

/* suppress_enter() for ever and without evidence. */
int suppress_add(struct store *store, struct span address, struct list_id list,
    enum suppress_cause cause, struct span source, struct err *err);

/* Enters a canonical address inside the caller's transaction, not logged: 1
 * when it was not stopped before, 0 when it was, -1. */
int suppress_enter_in(struct store *store, struct db *db, struct span canon,
    const struct suppress_entry *entry, struct err *err);

/* Keeps in the history whose consent was withdrawn by entries that have noted
 * it, in the same transaction: while many contacts are stored nobody is found
 * by an address.  source as in the entries. */
int suppress_settle_in(struct store *store, struct db *db, struct span later,
    struct span source, struct err *err);

/* suppress_enter_in() for ever and without evidence. */
int suppress_add_in(struct store *store, struct db *db, struct span canon,
    struct list_id list, enum suppress_cause cause, struct span source,
    struct err *err);

/* The key of a canonical address, or of "@domain": it stays when the person is
 * erased.  Upper and lower case are one in it, in the local part too. */
void suppress_key(
    const struct store *store, struct span canon, struct digest *out);

/* Takes an address off that stands there by hand, by an import or for a soft
 * bounce; logged with the reason.  0 also when it was not on.  E_ROLE
 * (MAY_LIST_WRITE), E_ADDRESS_*, E_SUPPRESS_TYPED for other causes: those go by
 * suppress_take_off(). */
int suppress_remove(struct store *store, struct span address,
    struct list_id list, struct span reason, struct err *err);

/* Which entry is meant. */
struct suppress_id {
	struct digest key;
	struct list_id list;
};

/* Whether the address has to be typed to take off an entry of this cause, and
 * whether policy (stops.take_off) may forbid it. */
bool suppress_is_typed(enum suppress_cause cause);
bool suppress_is_policy(enum suppress_cause cause);

/* Takes one entry off.  typed: the address (or *@domain) as somebody has typed
 * it, wanted where suppress_is_typed(); an entry of somebody erased can only be
 * named so.  Logged with the reason and without the address.  E_ROLE
 * (MAY_LIST_WRITE), E_SUPPRESS_FIELD (field "reason", why "length"),
 * E_SUPPRESS_MISSING, E_SUPPRESS_TYPED, E_SUPPRESS_POLICY (cause). */
int suppress_take_off(struct store *store, const struct suppress_id *id,
    struct span typed, struct span reason, struct err *err);

/* 1 when the canonical address is suppressed for list or for all, 0 when not,
 * -1 on error.  Entries that have ended do not count, those of its domain do.
 * db may be any connection. */
int suppress_check(struct store *store, struct db *db, struct span canon,
    struct list_id list, struct err *err);

/* The same, and the gravest cause of the entries that count. */
int suppress_cause_find(struct store *store, struct db *db, struct span canon,
    struct list_id list, enum suppress_cause *out, struct err *err);

/* 1 when it is stopped because the person was erased: nothing about it may be
 * stored again.  0 when not, -1 on error. */
int suppress_is_erased(
    struct store *store, struct db *db, struct span canon, struct err *err);

/* 1 when the stop list has entries for list or for all, 0 when it has none:
 * then nobody needs to be looked up.  -1 on error. */
int suppress_any(struct db *db, struct list_id list, struct err *err);

/* Gives entries that were kept without their address the address back, which
 * the store holds again anyway: counting joins on it.  Not those of people who
 * were erased. */
int suppress_adopt(
    struct store *store, struct db *db, struct span canon, struct err *err);

/* ---- Many questions ----------------------------------------------------------- */

/* The stop list as one thread asks it for many addresses in a row: kept in
 * memory while nobody writes it, at most 4 MiB. */
struct suppress_set;

/* A set for list and for all; store is borrowed, nothing is read yet.  The
 * caller frees it. */
struct suppress_set *suppress_set_new(struct store *store, struct list_id list);

/* Frees it; accepts NULL, sets *set to NULL. */
void suppress_set_free(struct suppress_set **set);

/* What suppress_check() would answer, which is asked where memory cannot tell.
 * Every entry whose transaction was committed before the call counts; in a
 * snapshot that db holds open, those of the snapshot. */
int suppress_set_check(struct suppress_set *set, struct db *db,
    struct span canon, struct err *err);

#endif
