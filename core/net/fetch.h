/* One request over HTTPS, to see whether an address answers: no redirect is
 * followed, nothing is kept, nothing is sent but the request. */
#ifndef CORE_NET_FETCH_H
#define CORE_NET_FETCH_H

#include "core/base/buf.h"
#include "core/net/dial.h"

struct tls_context;

enum {
	FETCH_HEAD_MAX = 32 * 1024, /* octets of status and fields */
	FETCH_BODY_MAX = 64 * 1024, /* more is not read */
	FETCH_TYPE_MAX = 63,
	FETCH_LIMIT_MS = 20000 /* for all of it, but the lookup of the name */
};

enum fetch_method { FETCH_HEAD, FETCH_GET, FETCH_POST };

/* What is asked, and how; everything is borrowed. */
struct fetch {
	struct dialler *dialler;
	struct tls_context *tls;    /* the authorities it trusts */
	const _Atomic bool *cancel; /* or NULL */
	enum fetch_method method;
	struct span url;  /* "https://host:port/path"; no other scheme */
	struct span form; /* of a POST: application/x-www-form-urlencoded */
	int64_t limit_ms; /* 0: FETCH_LIMIT_MS */
};

struct fetch_answer {
	int status;                    /* 200 */
	char type[FETCH_TYPE_MAX + 1]; /* "text/html", without parameters */
	struct buf body;               /* as it came, chunks and all, cut */
};

enum fetch_got { FETCH_MORE, FETCH_DONE, FETCH_BAD };

/* Reads a response (RFC 9112) of which so much has come; closed: no more will.
 * A HEAD has no body.  out->body is emptied before. */
enum fetch_whole { FETCH_OPEN, FETCH_CLOSED };
enum fetch_got fetch_read(struct span bytes, enum fetch_method method,
    enum fetch_whole whole, struct fetch_answer *out);

/* Asks over a verified connection.  *out begins empty and is ended with
 * fetch_done() in any case.  Blocks: for workers.  E_NET_FETCH (host, why: url,
 * connection, loopback, time, length, syntax, or what is wrong with the
 * certificate), E_CANCELLED. */
int fetch(const struct fetch *how, struct fetch_answer *out, struct err *err);

/* Frees what an answer holds. */
void fetch_done(struct fetch_answer *answer);

#endif
