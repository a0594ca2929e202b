/* SPF (RFC 7208): whether a host may send for a domain, and why. */
#ifndef CORE_NET_SPF_H
#define CORE_NET_SPF_H

#include <stdint.h>

#include "core/net/dns.h"

enum {
	SPF_LOOKUPS_MAX = 10, /* terms that ask DNS, section 4.6.4 */
	SPF_VOIDS_MAX = 2,    /* questions answered with nothing */
	SPF_NAMES_MAX = 10,   /* hosts of one mx or ptr */
	SPF_TERMS_MAX = 1000, /* terms of one record; more are an error */
	SPF_WALK_MAX = 200,   /* terms that spf_survey() follows */
	SPF_IP_MAX = 16,
	SPF_TERM_TEXT = 255
};

/* Section 2.6. */
enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR
};

/* Stable word of a result ("softfail"); static. */
const char *spf_result_name(enum spf_result result);

/* ---- A record -------------------------------------------------------------- */

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_OTHER /* a modifier nobody knows */
};

struct spf_term {
	enum spf_kind kind;
	enum spf_result result; /* of a mechanism that matches */
	struct span text;       /* the whole term */
	struct span domain;     /* with its macros; empty: the domain asked */
	unsigned char ip[SPF_IP_MAX]; /* SPF_IP4: 4 octets, SPF_IP6: 16 */
	int prefix4, prefix6;         /* bits, 32 and 128 when not said */
};

/* A record that was read; terms borrow from its text. */
struct spf_record {
	struct span text;
	size_t count;
	struct spf_term *term; /* owned */
};

/* True for a TXT record that is SPF's, whether it can be read or not. */
bool spf_is_record(struct span text);

/* Reads a record, "v=spf1" included; out begins anew, spf_record_done() ends
 * it, also after an error.  text is borrowed for as long.  E_SPF_RECORD (why:
 * version, characters, terms, mechanism, modifier, argument, domain, macro,
 * address, prefix, twice; term). */
int spf_parse(struct span text, struct spf_record *out, struct err *err);

/* Frees what *record holds. */
void spf_record_done(struct spf_record *record);

/* True when the term counts as one that asks DNS. */
bool spf_asks(enum spf_kind kind);

/* ---- Evaluation ------------------------------------------------------------- */

/* Everything is borrowed. */
struct spf_question {
	struct resolver *resolver;
	const char *ip;       /* of the host that sends, as text, v4 or v6 */
	struct span sender;   /* the return path without <>, domain in A-labels;
			       * empty: postmaster at the EHLO name */
	struct span ehlo;     /* what the host calls itself; may be empty */
	struct span receiver; /* %{r}; empty: "unknown" */
	int64_t now_s;        /* %{t} */
	const _Atomic bool *cancel; /* or NULL */
};

/* What came out and what it rests on.  Of lookups and voids so many were used
 * until the end. */
struct spf_answer {
	enum spf_result result;
	char domain[DNS_NAME_MAX + 1]; /* that was asked for its record */
	enum dns_status status;        /* of that question */
	bool secure;                   /* its answer was validated */
	size_t records;                /* SPF records there; 1 is right */
	struct span text;              /* that record; empty when not one */
	int lookups, voids;
	/* The term that decided, "" when none matched, and whose record it
	 * stands in: behind an include, inside is the term within the record
	 * included last. */
	char term[SPF_TERM_TEXT + 1];
	char inside[SPF_TERM_TEXT + 1];
	char term_domain[DNS_NAME_MAX + 1];
	struct span explanation; /* of a fail, when the domain gives one */
	/* PERMERROR: E_SPF_RECORD (as spf_parse(), or why: records, lookups,
	 * voids, mx, include, redirect; domain, term).  TEMPERROR: E_DNS_LATER
	 * or E_DNS_BOGUS (name, status).  NONE: E_DNS_NONE (domain) when the
	 * domain does not exist, E_SPF_RECORD (why: sender, missing).  Else
	 * E_NONE. */
	struct err why;
	struct arena *bytes;
};

/* check_host() (section 4).  Blocks: for worker threads.  Begins *out anew;
 * spf_answer_done() ends it, also after an error.  E_SPF_IP (ip),
 * E_DNS_SETUP, E_CANCELLED. */
int spf_check(const struct spf_question *question, struct spf_answer *out,
    struct err *err);

/* Frees what *answer holds. */
void spf_answer_done(struct spf_answer *answer);

/* The whole of what a domain's record brings along, whoever sends. */
struct spf_survey {
	enum spf_result result; /* NEUTRAL, or as spf_check() ends with: NONE,
				 * TEMPERROR, PERMERROR */
	size_t records;
	int lookups, voids; /* of all terms; not cut at the limits */
	bool plus_all;      /* lets everybody pass: "+all", or one included */
	bool ptr;           /* a term "ptr" */
	bool macro;         /* has macros: what it asks depends on who sends */
	bool ends;          /* with "all" or "redirect" */
	struct err why;
};

/* Walks through the record of question's domain and all it includes, as if
 * nothing matched; errors of spf_check(). */
int spf_survey(const struct spf_question *question, struct spf_survey *out,
    struct err *err);

#endif
