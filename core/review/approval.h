/* Four eyes: whether a sealed campaign needs a second person, what that person
 * has decided, and whether it still counts.  An approval is a signed statement
 * about one sealed digest; it changes no state of the campaign, and a new seal
 * needs a new one.  docs/approval.md describes all of it. */
#ifndef CORE_REVIEW_APPROVAL_H
#define CORE_REVIEW_APPROVAL_H

#include <sys/types.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "core/review/approval_text.h"

/* Why a second person is needed. */
enum approval_need {
	APPROVAL_NOT_NEEDED,
	APPROVAL_BY_POLICY,   /* approval.when, approval.over */
	APPROVAL_BY_OVERRIDE, /* somebody has asked to override a line */
};

/* What the policy says about a campaign of this class with so many recipients;
 * overrides apart. */
int approval_policy(struct db *db, enum campaign_class class,
    int64_t recipients, enum approval_need *out, struct err *err);

/* Whether a campaign whose checks ran needs one, by policy or overrides.
 * E_CAMPAIGN_MISSING. */
int approval_needed(struct db *db, struct campaign_id campaign,
    enum approval_need *out, struct err *err);

enum approval_step {
	APPROVAL_NONE,     /* not needed */
	APPROVAL_WAITING,  /* for a second person */
	APPROVAL_GIVEN,    /* and good now */
	APPROVAL_REJECTED, /* back to draft */
	APPROVAL_VOID,     /* there is one that does not count: why */
};

/* Where the approval of a campaign stands; plain data. */
struct approval_state {
	enum approval_need need;
	enum approval_step step;
	char login[APPROVER_LOGIN_MAX + 1];
	int64_t at_ms, expires_ms;      /* 0: none */
	char key[FINGERPRINT_TEXT + 1]; /* that signed; APPROVAL_GIVEN */
	char
	    words[STATEMENT_WORDS_MAX + 1]; /* note, or reason of a rejection */
	struct err why;                     /* APPROVAL_VOID */
};

/* Reads it, checking everything that approval_check() checks, and whether what
 * would be sent is still what was sealed (E_REVIEW_SEAL), messages apart. */
int approval_state(struct store *store, struct db *db,
    struct campaign_id campaign, int64_t now_ms, struct approval_state *out,
    struct err *err);

/* 0 when no approval is needed or there is one that counts: right digest,
 * signed by the registered key of one who may, not expired, given by nobody who
 * wrote, sealed or launches it.  first: the first launch; a run that goes on is
 * not asked for time and roles again.  E_APPROVAL_*, E_APPROVER_KEY. */
enum approval_when { APPROVAL_AT_LAUNCH, APPROVAL_GOING_ON };
int approval_check(struct store *store, struct db *db,
    struct campaign_id campaign, int64_t now_ms, enum approval_when when,
    struct err *err);

/* 0 when this person may approve the campaign: registered as approver, with a
 * confirmed key, and neither author nor sealer nor operator of this process, in
 * name or number; and they have not typed too many wrong codes for this seal.
 * E_APPROVAL_WHO, E_APPROVER_KEY, E_APPROVAL_LOCKED. */
int approval_may(struct store *store, struct db *db,
    struct campaign_id campaign, const char *login, uid_t uid, struct err *err);

/* What there is to sign about a sealed campaign: everything but who signs, when
 * and the reasons.  The texts live in arena.  E_CAMPAIGN_STATE when it is not
 * sealed, E_REVIEW_SEAL. */
int approval_subject(struct store *store, struct db *db,
    struct campaign_id campaign, struct arena *arena, struct approval_text *out,
    struct err *err);

/* What an approver hands in; borrowed. */
struct approval_offer {
	struct campaign_id campaign;
	const char *login; /* by the kernel's word, as uid */
	uid_t uid;
	struct digest manifest;                      /* what was looked at */
	struct span reason[STATEMENT_OVERRIDES_MAX]; /* for the overrides */
	size_t reasons;
	struct span note;
	struct span authenticated;
	int64_t at_ms, expires_ms;
	struct span html_code; /* typed, out of a test mail */
	struct span statement;
	struct ed25519_signature signature;
};

/* Wrong codes that one person may type for one seal. */
enum { APPROVAL_MISSES_MAX = 5 };

/* Takes an approval: all that approval_may() and approval_check() ask, that the
 * statement is word for word what this store would sign, and the signature.
 * Logged.  E_APPROVAL_*, E_APPROVER_KEY, E_REVIEW_NO_TEST; E_APPROVAL_CODE
 * (left) is counted in the store, and the last one is E_APPROVAL_LOCKED. */
int approval_take(struct store *store, const struct approval_offer *offer,
    int64_t now_ms, struct err *err);

/* Rejects: the campaign is a draft again, with the reason (at least
 * STATEMENT_REASON_MIN characters).  Of the offer campaign, login, uid and
 * manifest are taken.  Logged.  E_APPROVAL_WHO, E_APPROVAL_REASON,
 * E_APPROVAL_CHANGED. */
int approval_reject(struct store *store, const struct approval_offer *offer,
    struct span reason, int64_t now_ms, struct err *err);

/* Stored as numbers: never renumber. */
enum approval_verdict { VERDICT_APPROVED, VERDICT_REJECTED, VERDICTS };

/* One decision as it is kept; spans live during the call. */
struct approval_record {
	int64_t id;
	struct digest manifest;
	enum approval_verdict verdict;
	struct span login;
	int64_t uid;
	int64_t at_ms, expires_ms;
	struct span words;
	struct ed25519_public key;        /* that signed */
	struct span statement, signature; /* empty for a rejection */
};

/* Visits all decisions about a campaign, oldest first; 0, or what each() gave
 * when that was not 0, or -1. */
int approval_each(struct db *db, struct campaign_id campaign,
    int (*each)(void *arg, const struct approval_record *record), void *arg,
    struct err *err);

/* Sealed campaigns that wait for a second person, the newest seal first: at
 * most room; *count of them. */
int approval_waiting(struct store *store, struct db *db, int64_t now_ms,
    struct campaign_id *out, size_t room, size_t *count, struct err *err);

#endif
