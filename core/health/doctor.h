/* The DNS doctor: looks at what the world finds in DNS about the house that
 * sends, says what is wrong with it, and which record would mend it.  What it
 * found is kept, so that a turn for the worse is noticed. */
#ifndef CORE_HEALTH_DOCTOR_H
#define CORE_HEALTH_DOCTOR_H

#include <stdatomic.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/world.h"
#include "core/net/dns.h"
#include "core/store/store.h"

/* Stored as numbers: never renumber.  Rising. */
enum doctor_sign {
	DOCTOR_GOOD,
	DOCTOR_NOTE,    /* worth knowing, nothing to repair */
	DOCTOR_UNKNOWN, /* not evaluated: never green */
	DOCTOR_WARN,
	DOCTOR_BAD,
	DOCTOR_SIGNS
};

enum doctor_topic {
	DOCTOR_SPF,
	DOCTOR_DKIM,
	DOCTOR_KEY,
	DOCTOR_DMARC,
	DOCTOR_ALIGN,
	DOCTOR_REPORTS,
	DOCTOR_MAIL,
	DOCTOR_HOST,
	DOCTOR_EHLO,
	DOCTOR_EXTRA,
	DOCTOR_LIST,
	DOCTOR_RECEIVER,
	DOCTOR_TOPICS
};

enum doctor_code {
#define X(code, name, sign) code,
#include "core/health/doctor.def"
#undef X
	DOCTOR_CODES
};

/* Stable words ("spf", "spf.missing"); static. */
const char *doctor_topic_name(enum doctor_topic topic);
const char *doctor_code_name(enum doctor_code code);

/* The topic or code with this word; DOCTOR_TOPICS, DOCTOR_CODES: none. */
enum doctor_topic doctor_topic_of(struct span word);
enum doctor_code doctor_code_of(struct span word);

/* A record to publish; value as one line, however long.  Of TXT,
 * dkim_record_strings() cuts it into the strings of a zone file. */
struct doctor_record {
	struct span name, type, value; /* an empty name: none */
};

/* One thing that was found.  Spans live as long as the report; found and facts
 * hold foreign bytes. */
struct doctor_finding {
	enum doctor_topic topic;
	enum doctor_code code;
	enum doctor_sign sign; /* the code's, or one milder */
	struct span subject;   /* domain, selector, address, list */
	struct span facts;     /* "name=value", a line each */
	struct span found;     /* records that are there, a line each */
	struct doctor_record record;
};

/* The value of a fact; empty when there is none. */
struct span doctor_fact(const struct doctor_finding *finding, const char *name);

/* What one examination found; doctor_report_done() ends it. */
struct doctor_report {
	int64_t at_ms; /* wall clock; 0: never examined */
	size_t count;
	struct doctor_finding *finding; /* in the order of topics */
	struct arena *bytes;
};

/* Frees what *report holds; it is empty then. */
void doctor_report_done(struct doctor_report *report);

/* The worst sign of a topic's findings that are about subject (empty: all);
 * DOCTOR_UNKNOWN when there are none.  *worst, unless NULL, is that finding or
 * NULL. */
enum doctor_sign doctor_worst(const struct doctor_report *report,
    enum doctor_topic topic, struct span subject,
    const struct doctor_finding **worst);

/* ---- Who is examined -------------------------------------------------------- */

enum {
	HOUSE_DOMAINS_MAX = 16,
	HOUSE_KEYS_MAX = 16,
	HOUSE_ADDRESSES_MAX = 32,
	HOUSE_LISTS_MAX = 8, /* of each kind */
	HOUSE_NAMES_MAX = 64 /* domains held against lists of names */
};

/* What a domain is for us (bits). */
enum house_role {
	HOUSE_FROM = 1 << 0,     /* behind From */
	HOUSE_RETURN = 1 << 1,   /* of the return path */
	HOUSE_REPLY_TO = 1 << 2, /* where answers go */
	HOUSE_LINK = 1 << 3,     /* links lead there; only held against lists */
};

struct house_domain {
	struct span name; /* lower-case A-labels */
	unsigned roles;
};

struct house_key {
	struct span domain, selector;
	struct span public; /* SubjectPublicKeyInfo in base64 */
	int64_t created_ms;
};

/* Who gives mail to receivers: we ourselves, or somebody else's relay, of
 * which nothing but what the operator said is known. */
enum house_egress { HOUSE_OWN, HOUSE_FOREIGN };

struct house {
	size_t domains, keys, addresses, address_lists, name_lists;
	struct house_domain domain[HOUSE_DOMAINS_MAX];
	struct house_key key[HOUSE_KEYS_MAX];  /* that sign */
	char address[HOUSE_ADDRESSES_MAX][46]; /* mail leaves from; canonical */
	enum house_egress egress;
	struct span ehlo;
	struct span return_domain; /* empty: the From domain */
	struct span address_list[HOUSE_LISTS_MAX], name_list[HOUSE_LISTS_MAX];
	struct arena *bytes; /* owns all of it */
};

/* Who sends: both may be empty, then the settings' count, and every domain
 * that has a key. */
struct house_sender {
	struct span from, reply_to; /* addresses */
};

/* Reads what the store knows; addresses of direct delivery that nobody has set
 * are those of this machine that the Internet may see.  The caller ends *out
 * with house_done(). */
int house_read(struct db *db, const struct house_sender *sender,
    struct house *out, struct err *err);

/* Adds what a domain is for us; false when there is no room or it is no host
 * name. */
bool house_add_domain(struct house *house, struct span name, unsigned roles);

/* Frees what *house holds. */
void house_done(struct house *house);

/* ---- Examining --------------------------------------------------------------- */

/* Parts of an examination (bits): a check asks only for what it needs. */
enum doctor_part {
	DOCTOR_PART_AUTH = 1 << 0,  /* SPF to REPORTS */
	DOCTOR_PART_MAIL = 1 << 1,  /* MAIL */
	DOCTOR_PART_HOSTS = 1 << 2, /* HOST, EHLO */
	DOCTOR_PART_EXTRA = 1 << 3,
	DOCTOR_PART_LISTS = 1 << 4,
	DOCTOR_PART_ALL = 31 /* and RECEIVER */
};

/* Everything is borrowed. */
struct doctor_how {
	struct world *world; /* resolver NULL: everything is unknown; dialler
			      * NULL: no policy is fetched */
	unsigned parts;
	const _Atomic bool *cancel;    /* or NULL */
	_Atomic int64_t *done, *total; /* steps; or NULL */
};

/* Examines the house.  Blocks, for seconds, or minutes when name servers are
 * silent: for workers.  *out begins anew.  E_DNS_SETUP, E_CANCELLED. */
int doctor_examine(const struct doctor_how *how, const struct house *house,
    struct doctor_report *out, struct err *err);

/* ---- What was found before ---------------------------------------------------- */

/* One turn: what was known of a subject until then, and since. */
struct doctor_turn {
	int64_t id, at_ms;
	enum doctor_topic topic;
	struct span subject;
	struct span before, after; /* codes, parted by blanks; before is empty
				    * the first time, after when it is gone */
	enum doctor_sign sign_before, sign;
	bool seen; /* shown to somebody */
};

/* What history says at a glance. */
struct doctor_news {
	int64_t checked_ms, next_ms; /* 0: never; 0: not by itself */
	int64_t worse, better;       /* turns that nobody has seen */
	int64_t bad, warn, unknown;  /* findings of the last examination */
};

/* Keeps a report in the place of the one before and writes down what turned.
 * What could not be evaluated turns nothing.  Logged, when something did.
 * *out (or NULL) tells what is new. */
int doctor_keep(struct store *store, const struct doctor_report *report,
    struct doctor_news *out, struct err *err);

/* The report kept last; at_ms 0 and no findings when there is none.  The caller
 * ends *out. */
int doctor_last(struct db *db, struct doctor_report *out, struct err *err);

enum { DOCTOR_TURNS_MAX = 500 };

/* The newest turns, newest first, at most DOCTOR_TURNS_MAX; all live in
 * arena. */
int doctor_turns(struct db *db, struct arena *arena, struct doctor_turn **out,
    size_t *count, struct err *err);

/* What is new; next_ms by the setting doctor.hours. */
int doctor_news(struct db *db, struct doctor_news *out, struct err *err);

/* Somebody who looks after it has looked: no turn is new any more.  E_ROLE
 * without MAY_CHECK and MAY_RELAY_WRITE. */
int doctor_seen(struct store *store, struct err *err);

/* ---- By itself ---------------------------------------------------------------- */

/* Examines and keeps whenever its time has come, on a thread of its own, for
 * as long as the store is open. */
struct doctor_watch;

/* Starts it; the first look comes a minute after, unless the last one is
 * younger than the setting doctor.hours.  Without a resolver nothing is
 * started and *out is NULL.  The caller frees *out before the store.
 * E_THREAD. */
int doctor_watch_start(struct store *store, struct world *world,
    struct doctor_watch **out, struct err *err);

/* Has it look at the clock and the setting at once. */
void doctor_watch_poke(struct doctor_watch *watch);

/* How many examinations it has made; any thread. */
int64_t doctor_watch_count(struct doctor_watch *watch);

/* Cancels what runs, ends the thread.  Accepts NULL, sets *watch to NULL. */
void doctor_watch_stop(struct doctor_watch **watch);

/* ---- The domains of recipients --------------------------------------------------- */

/* Whether a domain takes mail.  Stored as numbers: never renumber. */
enum census_state {
	CENSUS_TAKES,    /* MX, or an address without MX */
	CENSUS_NXDOMAIN, /* does not exist */
	CENSUS_NOTHING,  /* exists, with neither MX nor address */
	CENSUS_NULL,     /* says that it takes no mail (RFC 7505) */
	CENSUS_UNKNOWN,  /* no answer, or a bogus one; never kept */
	CENSUS_STATES
};

/* Stable word of a state ("nxdomain"); static. */
const char *census_state_name(enum census_state state);

struct census_domain {
	struct span name; /* lower-case A-labels */
	int64_t recipients;
	enum census_state state;
};

/* A count of many domains; spans live in the arena that they were read into. */
struct census {
	size_t count;
	struct census_domain *domain; /* most recipients first */
	int64_t recipients[CENSUS_STATES], domains[CENSUS_STATES];
	size_t asked; /* of DNS; the others were known */
};

/* Everything is borrowed. */
struct census_how {
	struct store *store;
	struct world
	    *world; /* resolver NULL: all that is not known is UNKNOWN */
	const _Atomic bool *cancel;    /* or NULL */
	_Atomic int64_t *done, *total; /* domains; or NULL */
};

enum {
	CENSUS_GOOD_MS = 86400000, /* how long a good answer is believed */
	CENSUS_BAD_MS = 3600000    /* and a bad one */
};

/* Fills in the states of the domains (name and recipients are set, count is)
 * and the sums: from what is kept, else from DNS, many at a time.  What DNS
 * said is kept for the next campaign.  Blocks: for a worker.  E_CANCELLED,
 * E_DNS_SETUP. */
int census_take(
    const struct census_how *how, struct census *census, struct err *err);

#endif
