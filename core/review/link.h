/* What may stand in a link (LK-01, LK-02). */
#ifndef CORE_REVIEW_LINK_H
#define CORE_REVIEW_LINK_H

#include "core/base/buf.h"
#include "core/base/span.h"

/* A URL taken apart; spans point into it. */
struct link {
	struct span scheme; /* without the colon */
	struct span user;   /* before the @, with it; empty: none */
	struct span host;   /* of web addresses; with brackets if it has */
	struct span port;
	struct span rest; /* path, query, fragment */
	bool is_web;      /* http or https */
};

/* Takes a URL apart; false when it has no scheme. */
bool link_read(struct span url, struct link *out);

/* What LK-01 has against a URL, a stable word, or NULL: "scheme", "user",
 * "ip" (an address, or a number that programs take for one), "script" (a label
 * that mixes alphabets, or looks like Latin and is not, after Unicode TS 39),
 * "host" (not a host name). */
const char *link_fault(struct span url);

/* What LK-02 has against a URL, or NULL: "empty", "local" (localhost, private
 * networks, names without a domain), "example" (reserved for examples),
 * "staging", "token" (a mark that was not filled). */
const char *link_trap(struct span url);

/* True when a mark that was not filled stands in a URL. */
bool link_has_token(struct span url);

/* True when host is one of the names in list (parted by blanks, commas or line
 * ends) or below one of them; "*." before a name says the same. */
bool link_is_listed(struct span host, struct span list);

/* True when host is domain or below it. */
bool link_is_below(struct span host, struct span domain);

/* Where a text pretends to lead: true when it looks like a URL or a host name,
 * whose host is *host then. */
bool link_text_host(struct span text, struct span *host);

/* True when two hosts are the same, to the case of letters and a leading
 * "www.". */
bool link_same_host(struct span a, struct span b);

#endif
