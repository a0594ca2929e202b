/* What shows that somebody may be mailed: the evidence beside each membership,
 * the wordings people agreed to, and how long evidence is kept.  Evidence is
 * never overwritten: what a member's row said before goes into its history. */
#ifndef CORE_CONTACTS_CONSENT_H
#define CORE_CONTACTS_CONSENT_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

/* How somebody agreed.  Stored as numbers: never renumber. */
enum consent_how {
	CONSENT_HOW_UNSAID,
	CONSENT_HOW_WEB,   /* a form on a page */
	CONSENT_HOW_PAPER, /* a form on paper */
	CONSENT_HOW_MAIL,  /* by e-mail or letter */
	CONSENT_HOW_ORAL,  /* said, at a counter or by telephone */
	CONSENT_HOW_COUNT
};

enum {
	CONSENT_IP_MAX = 45,     /* octets */
	CONSENT_PAPER_MAX = 200, /* octets */
	CONSENT_NOTE_MAX = 500,  /* octets */
	CONSENT_REASON_MIN = 5,
	CONSENT_REASON_MAX = 500
};

/* The evidence of one person in one list. */
struct consent_evidence {
	enum consent_basis basis;
	int64_t at_ms; /* when it was given; 0 = not known */
	enum consent_how how;
	int64_t wording; /* id of the wording that was shown; 0 = not known */
	int64_t
	    confirmed_ms;  /* when it was confirmed (double opt-in); 0 = not */
	struct span note;  /* in words: the form, the page, the occasion */
	struct span ip;    /* address it was given from, or empty */
	struct span paper; /* where the paper is kept, or empty */
};

/* Stable word of a way ("web", "unsaid"); static. */
const char *consent_how_name(enum consent_how how);

/* Whether evidence is complete for BASIS_CONSENT: when, how (a way or a note),
 * and what was shown: a wording that exists (has_wording) or a paper that is
 * kept.  Other bases need none. */
bool consent_is_complete(
    const struct consent_evidence *evidence, bool has_wording);

/* The limits of free text: 0, or E_CONSENT_FIELD (field: note, ip, paper;
 * why: length, utf8, control, form). */
int consent_check(const struct consent_evidence *evidence, struct err *err);

/* ---- What is done to it ----------------------------------------------------- */

/* What happened to evidence.  Stored as numbers: never renumber. */
enum consent_change {
	CONSENT_GIVEN,     /* what the member's row says now */
	CONSENT_CONFIRMED, /* double opt-in; at confirmed_ms */
	CONSENT_REPLACED,  /* by other evidence, by hand or by an import */
	CONSENT_WITHDRAWN, /* the person said no: unsubscribed, complained */
	CONSENT_LEFT,      /* taken off the list */
	CONSENT_ERASED,    /* asked to be erased */
	CONSENT_CHANGES
};

/* Replaces the evidence of a member by hand.  What it said before goes into the
 * history with the reason.  Logged without the address.  E_ROLE
 * (MAY_LIST_WRITE), E_CONSENT_FIELD (field "reason": length; see
 * consent_check()), E_WORDING_MISSING, E_CONTACT_MISSING. */
int consent_set(struct store *store, struct list_id list,
    struct contact_id contact, const struct consent_evidence *evidence,
    struct span reason, struct err *err);

/* The same inside the caller's transaction, without permission or log; change
 * is CONSENT_REPLACED in most cases.  A member without a basis has no evidence
 * to keep. */
int consent_set_in(struct store *store, struct db *db, struct list_id list,
    struct contact_id contact, const struct consent_evidence *evidence,
    struct span reason, struct err *err);

/* Says for all members of a list who agreed, and of whom neither a wording nor
 * a paper is known, how they agreed (unless that is known) and to which
 * wording.  *changed tells how many.  Logged.  E_ROLE (MAY_LIST_WRITE),
 * E_CONSENT_FIELD, E_WORDING_MISSING, E_LIST_MISSING. */
int consent_fill(struct store *store, struct list_id list, enum consent_how how,
    int64_t wording, struct span reason, int64_t *changed, struct err *err);

/* Keeps the evidence of somebody who is about to leave a list, inside the
 * caller's transaction and before the member's row goes: the history of the
 * membership moves under the key of the address and is kept for
 * consent.retention_years.  With list 0: of all lists the contact is in.
 * CONSENT_ERASED keeps neither note nor IP address.  Nothing when the contact
 * is no member. */
int consent_leave_in(struct store *store, struct db *db, struct list_id list,
    struct contact_id contact, enum consent_change why, struct err *err);

/* Evidence of a membership that ended some time ago and is nowhere else any
 * more. */
struct consent_gone {
	struct span canon;
	struct list_id list;
	struct contact_id contact;
	int64_t at_ms; /* when it ended: the time runs from then */
	struct span by;
	struct consent_evidence evidence;
};

/* Keeps it as consent_leave_in() does. */
int consent_gone_in(struct store *store, struct db *db,
    const struct consent_gone *gone, struct err *err);

/* Keeps the evidence in the items of the trash from before before_ms, which are
 * about to be emptied, in the same way; the time runs from when they were put
 * there. */
int consent_purge_in(
    struct store *store, struct db *db, int64_t before_ms, struct err *err);

/* ---- History ---------------------------------------------------------------- */

/* One event, newest first; the spans live in the arena given. */
struct consent_event {
	enum consent_change what;
	int64_t at_ms; /* when it happened; 0 = not known */
	struct list_id list;
	struct span list_name; /* empty when the list is gone */
	struct span by, reason;
	struct consent_evidence evidence;
	int64_t due_ms; /* when it may be swept; 0: not before the person
			 * leaves */
};

/* The history of a contact in one list, or with list 0 in all, from what db may
 * see; *out is an array of *count in arena. */
int consent_history(struct db *db, struct list_id list,
    struct contact_id contact, struct arena *arena, struct consent_event **out,
    size_t *count, struct err *err);

/* Evidence that is kept of people who left. */
struct consent_kept {
	int64_t count;   /* events kept */
	int64_t due;     /* of them past their time */
	int64_t next_ms; /* when the next one is due; 0: none */
};

/* Counts what is kept as of now_ms. */
int consent_kept(
    struct db *db, int64_t now_ms, struct consent_kept *out, struct err *err);

/* Removes what is past its time, in a transaction of its own, logged when there
 * was any; done after each unlocking.  *swept tells how many. */
int consent_sweep(struct store *store, int64_t *swept, struct err *err);

/* ---- Wordings --------------------------------------------------------------- */

enum { WORDING_NAME_MAX = 64, WORDING_TEXT_MAX = 64 * 1024 };

/* A text that people were shown when they agreed.  It is never changed: a new
 * text under the same name is the next version. */
struct wording {
	int64_t id;
	char name[257];
	int64_t version;
	struct digest sha256; /* of the text as kept */
	int64_t at_ms;        /* when it was put in */
	char by[64];
	int64_t members; /* whose evidence names it; wording_all() only */
};

/* Keeps a text (UTF-8; CRLF becomes LF) under a name (up to 64 characters), as
 * the next version of that name.  Logged with its SHA-256.  E_ROLE
 * (MAY_LIST_WRITE), E_WORDING (field: name, text; why: empty, length, utf8,
 * control, same (as the version before)). */
int wording_add(struct store *store, struct span name, struct span text,
    int64_t *id, struct err *err);

/* All, by name and version, newest version first; *out is an array of *count
 * the caller frees. */
int wording_all(
    struct db *db, struct wording **out, size_t *count, struct err *err);

/* One with its text in out (cleared first).  E_WORDING_MISSING. */
int wording_read(struct db *db, int64_t id, struct wording *out,
    struct buf *text, struct err *err);

/* 0 when there is such a wording, E_WORDING_MISSING when not. */
int wording_need(struct db *db, int64_t id, struct err *err);

#endif
