/* DMARC (RFC 9989): what a domain wants done with mail that is not proved to
 * be its own, and whether our mail would be. */
#ifndef CORE_NET_DMARC_H
#define CORE_NET_DMARC_H

#include <stdint.h>

#include "core/net/dns.h"

enum {
	DMARC_QUERIES_MAX = 8, /* of one walk, section 4.10 */
	DMARC_URIS_MAX = 16    /* kept of rua and of ruf; more are counted */
};

enum dmarc_policy { DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT };
enum dmarc_mode { DMARC_RELAXED, DMARC_STRICT };
enum dmarc_psd { DMARC_PSD_UNKNOWN, DMARC_PSD_NO, DMARC_PSD_YES };

/* Stable words ("quarantine", "relaxed"); static. */
const char *dmarc_policy_name(enum dmarc_policy policy);
const char *dmarc_mode_name(enum dmarc_mode mode);

/* Tags that were there, and could be read. */
enum dmarc_tag {
	DMARC_TAG_P = 1 << 0,
	DMARC_TAG_SP = 1 << 1,
	DMARC_TAG_NP = 1 << 2,
	DMARC_TAG_ADKIM = 1 << 3,
	DMARC_TAG_ASPF = 1 << 4,
	DMARC_TAG_RUA = 1 << 5,
	DMARC_TAG_RUF = 1 << 6,
	DMARC_TAG_FO = 1 << 7,
	DMARC_TAG_PSD = 1 << 8,
	DMARC_TAG_T = 1 << 9,
	/* of RFC 7489 and gone since */
	DMARC_TAG_PCT = 1 << 10,
	DMARC_TAG_RF = 1 << 11,
	DMARC_TAG_RI = 1 << 12,
	DMARC_TAG_SIZE = 1 << 13 /* a "!10m" behind an address */
};

/* Addresses of reports, as they stand in the record, without "!size". */
struct dmarc_uris {
	size_t count; /* all that could be read */
	struct span uri[DMARC_URIS_MAX];
};

/* A record; borrows from its text. */
struct dmarc_record {
	struct span text;
	unsigned tags;               /* DMARC_TAG_*: there and read */
	unsigned bad;                /* there with a value that is none */
	unsigned twice;              /* there again; the first one counts */
	enum dmarc_policy p, sp, np; /* with what stands for those not said */
	enum dmarc_mode adkim, aspf; /* RELAXED when not said */
	enum dmarc_psd psd;
	bool testing; /* t=y */
	bool saved;   /* p is missing or one of p, sp, np is wrong: taken as
		       * p=none because reports are wanted */
	struct dmarc_uris rua, ruf;
	struct span fo; /* "0" when not said */
	size_t unknown; /* pieces that are no tag, or one nobody knows */
};

/* Reads a record as receivers do: only v, and p, sp, np without an address for
 * reports, can spoil it (section 4.10.1); whatever else is wrong stands for its
 * default.  E_DMARC_RECORD (why: version, policy; tag). */
int dmarc_parse(struct span text, struct dmarc_record *out, struct err *err);

/* True for a TXT record of DMARC's, whether it can be read or not. */
bool dmarc_is_record(struct span text);

/* ---- Discovery --------------------------------------------------------------- */

/* Everything is borrowed. */
struct dmarc_question {
	struct resolver *resolver;
	const _Atomic bool *cancel; /* or NULL */
};

/* One question of a walk. */
struct dmarc_step {
	char domain[DNS_NAME_MAX + 1]; /* asked as _dmarc.domain */
	enum dns_status status;
	size_t records; /* of DMARC; two or more count as none */
	bool usable;    /* one, and it can be read: record is set */
	struct dmarc_record record;
	struct err why; /* records and not usable */
};

/* The walk from a domain towards the root (section 4.10). */
struct dmarc_walk {
	size_t count;
	struct dmarc_step step[DMARC_QUERIES_MAX];
	char organisation[DNS_NAME_MAX + 1]; /* section 4.10.2 */
	bool failed;    /* it ended where a question had no answer */
	struct err why; /* E_DNS_LATER, E_DNS_BOGUS (name, status) */
	struct arena *bytes;
};

/* Walks; domain in lower-case A-labels.  Begins *out anew, dmarc_walk_done()
 * ends it, also after an error.  Blocks.  E_DNS_SETUP, E_CANCELLED. */
int dmarc_walk(const struct dmarc_question *how, struct span domain,
    struct dmarc_walk *out, struct err *err);

/* Frees what *walk holds. */
void dmarc_walk_done(struct dmarc_walk *walk);

enum dmarc_where {
	DMARC_NOWHERE,      /* no record: DMARC is not used */
	DMARC_AUTHOR,       /* at the domain itself: p counts */
	DMARC_ORGANISATION, /* sp counts, np when the domain does not exist */
	DMARC_SUFFIX        /* of a public suffix domain; likewise */
};

/* What receivers find for mail of a From domain. */
struct dmarc_found {
	enum dmarc_where where;
	const struct dmarc_step *step; /* in walk; NULL: nowhere */
	enum dmarc_policy policy;      /* that counts, before t=y */
	enum dmarc_policy applied;     /* one weaker with t=y */
	bool exists; /* the From domain has A, AAAA or MX; only asked when np
		      * could count, else true */
};

/* Policy discovery (section 4.10.1) on a walk that starts at the From domain;
 * one that failed before a record finds nothing.  Asks whether the domain exists
 * when that matters.  E_DNS_SETUP, E_CANCELLED. */
int dmarc_find(const struct dmarc_question *how, const struct dmarc_walk *walk,
    struct dmarc_found *out, struct err *err);

/* ---- Alignment --------------------------------------------------------------- */

/* How two domains stand to each other. */
enum dmarc_fit {
	DMARC_APART,
	DMARC_SAME_ORGANISATION, /* fits when relaxed */
	DMARC_SAME,              /* fits always */
	DMARC_UNSURE             /* DNS gave no answer */
};

/* Compares domain with the From domain, whose walk is from.  Asks nothing when
 * they are equal.  E_DNS_SETUP, E_CANCELLED. */
int dmarc_compare(const struct dmarc_question *how,
    const struct dmarc_walk *from, struct span domain, enum dmarc_fit *out,
    struct err *err);

/* True when fit is enough for mode. */
bool dmarc_aligned(enum dmarc_fit fit, enum dmarc_mode mode);

/* ---- Reports to others ------------------------------------------------------- */

/* The domain of a report address ("mailto:a@b.example", "https://b.example/x")
 * as it stands there; empty when there is none. */
struct span dmarc_uri_domain(struct span uri);

enum dmarc_target {
	DMARC_TARGET_OWN,     /* of the same organisation: nothing to ask */
	DMARC_TARGET_ALLOWED, /* says that it takes reports (RFC 9990) */
	DMARC_TARGET_MISSING, /* says nothing: no report goes there */
	DMARC_TARGET_UNSURE   /* DNS gave no answer */
};

/* Whether the domain of an address takes reports about the domain where the
 * policy was found, which is the one that policy walks from:
 * POLICY._report._dmarc.TARGET.  E_DNS_SETUP, E_CANCELLED. */
int dmarc_target(const struct dmarc_question *how,
    const struct dmarc_walk *policy, struct span target, enum dmarc_target *out,
    struct err *err);

#endif
