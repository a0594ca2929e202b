/* What replies mean, for the operator: classes, the own rules for what no
 * built-in rule knows, and what follows for the addresses. */
#ifndef CORE_DELIVER_REPLIES_H
#define CORE_DELIVER_REPLIES_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/span.h"
#include "core/campaign/campaign.h"
#include "core/store/store.h"

/* ---- Classes ----------------------------------------------------------- */

/* In memory only; the ledger holds the name. */
enum outcome_class {
	OUTCOME_NONE,     /* accepted, or nothing was said */
	OUTCOME_H1,       /* no such user */
	OUTCOME_H2,       /* no such domain */
	OUTCOME_H3,       /* mailbox disabled */
	OUTCOME_H4,       /* refused by what the recipient has set */
	OUTCOME_S1,       /* mailbox full */
	OUTCOME_S2,       /* greylisted */
	OUTCOME_S3,       /* too fast */
	OUTCOME_S3_RELAY, /* the same, said by our relay; also named "S3" */
	OUTCOME_S4,       /* out of order for now */
	OUTCOME_P1,       /* our reputation */
	OUTCOME_P2,       /* our content */
	OUTCOME_P3,       /* our authentication: SPF, DKIM, DMARC, PTR, TLS */
	OUTCOME_P3_SOFT,  /* the same as 4xx; also named "P3" */
	OUTCOME_A1,       /* our login at the relay */
	OUTCOME_A2,       /* our quota at the relay */
	OUTCOME_A3,       /* the relay refuses our sender or to relay */
	OUTCOME_F1,       /* our format or protocol */
	OUTCOME_F2,       /* too big */
	OUTCOME_T,        /* the wanted TLS level was not met */
	OUTCOME_X,        /* out of time or tries */
	OUTCOME_U,        /* no rule knows it */
	OUTCOME_CLASSES
};

/* "H1"; static. */
const char *outcome_class_name(enum outcome_class class);

/* The class of a name ("H1"); OUTCOME_NONE for others, and for error names. */
enum outcome_class outcome_class_find(struct span name);

/* ---- The operator's own rules ------------------------------------------ */

enum { REPLY_TEXT_MIN = 4, REPLY_TEXT_MAX = 200, REPLY_KINDS_MAX = 500 };

/* A rule for replies that no built-in one knows: those with this code (0: any
 * 4xx or 5xx) in which the text occurs, capitals or not. */
struct reply_rule {
	int64_t id; /* 0: new */
	enum outcome_class class;
	int code;
	char text[REPLY_TEXT_MAX + 1];
	int64_t changed_ms;
	char changed_by[64];
};

/* True for the classes that an own rule may name: those that a reply can mean
 * and that need no look at its stage. */
bool reply_class_is_choice(enum outcome_class class);

/* All own rules in the order in which they are asked; *out has *count, the
 * caller frees it. */
int reply_rule_all(
    struct db *db, struct reply_rule **out, size_t *count, struct err *err);

/* Makes or changes a rule; rule->id is set.  Runs under way use it after
 * run_reload_rules().  Logged.  E_REPLY_RULE (field, why). */
int reply_rule_save(
    struct store *store, struct reply_rule *rule, struct err *err);

/* Removes a rule; 0 also when there is none.  Logged. */
int reply_rule_remove(struct store *store, int64_t id, struct err *err);

/* Replies of one kind that no rule knew: they differ in addresses and numbers
 * only. */
struct reply_kind {
	int code;
	char text[REPLY_TEXT_MAX + 1];    /* folded: what they have in common,
					   * '*' for what differs; foreign */
	char example[REPLY_TEXT_MAX + 1]; /* one as it came; foreign */
	int64_t count, last_ms;
	int64_t campaigns;
};

/* The kinds of all unknown replies in the ledger that no own rule matches now,
 * the most frequent first; *out has *count (at most REPLY_KINDS_MAX), the
 * caller frees it. */
int reply_kind_all(
    struct db *db, struct reply_kind **out, size_t *count, struct err *err);

/* ---- What follows for the addresses -------------------------------------- */

/* How many addresses an evaluation put on the stop list, by cause. */
struct reply_follow_up {
	int64_t noted; /* refusals looked at for the first time */
	int64_t suppressed;
	int64_t by_class[OUTCOME_CLASSES];
};

/* Looks at the refusals of a campaign that were not looked at yet: notes each
 * with its address, and puts addresses on the stop list by these rules, unless
 * the setting bounce.suppress is "off": H1 at once; H2 after two, a day or more
 * apart; H3 after two, 14 days or more apart; H4 in three campaigns; S1 in five
 * campaigns over 30 days or more.  In the caller's transaction.  Logged. */
int reply_follow_up(struct store *store, struct db *db,
    struct campaign_id campaign, struct reply_follow_up *out, struct err *err);

#endif
