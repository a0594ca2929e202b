/* MTA-STS (RFC 8461): a domain says by TXT and HTTPS which hosts take its mail
 * and that they do so over verified TLS. */
#ifndef CORE_NET_STS_H
#define CORE_NET_STS_H

#include <stdint.h>

#include "core/net/dial.h"
#include "core/net/dns.h"

struct buf;
struct tls_context;

enum {
	STS_POLICY_MAX = 64 * 1024, /* octets of a policy */
	STS_HEADERS_MAX = 16 * 1024,
	STS_MX_MAX = 64, /* patterns; more make it invalid */
	STS_ID_MAX = 32, /* octets of an id, section 3.1 */
	STS_AGE_MAX_S = 31557600,
	STS_LIMIT_MS = 60000 /* how long fetching may take, section 3.3 */
};

/* Stored as numbers: never renumber. */
enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };

/* A policy; patterns live in the text it was read from. */
struct sts_policy {
	enum sts_mode mode;
	int64_t max_age_s;
	size_t count;
	struct span mx[STS_MX_MAX]; /* "mx.example.jp", "*.example.jp" */
};

/* Stable word of a mode ("enforce"); static. */
const char *sts_mode_name(enum sts_mode mode);

/* Reads a policy (section 3.2); out borrows from text.  Unknown fields and
 * those said twice are passed over.  E_STS_POLICY (why: version, mode, max_age,
 * mx, line, length); the caller adds the domain. */
int sts_policy_read(struct span text, struct sts_policy *out, struct err *err);

/* True when the host's name is one of the policy's, where "*" stands for
 * exactly one label (section 4.1). */
bool sts_allows(const struct sts_policy *policy, const char *host);

/* Appends the id that the answer to TXT _mta-sts.DOMAIN announces and returns
 * true; false when it announces no policy: not exactly one record of version
 * STSv1, or one without a proper id. */
bool sts_announced(const struct dns_answer *answer, struct buf *out);

/* ---- The answer of the web server ------------------------------------------ */

enum sts_http_got {
	STS_HTTP_MORE, /* feed what comes next */
	STS_HTTP_DONE, /* the body is whole */
	STS_HTTP_BAD   /* why tells: syntax, status, type, coding, length */
};

/* Reads an HTTP/1.1 response (RFC 9112) of which so much has come; whole when
 * the server has closed.  Only 200 with text/plain passes, nothing is followed.
 * body (emptied before) holds the body at DONE; *why is a static word. */
enum sts_http_whole { STS_HTTP_OPEN, STS_HTTP_CLOSED };
enum sts_http_got sts_http_read(struct span bytes, enum sts_http_whole whole,
    struct buf *body, const char **why);

/* ---- Fetching --------------------------------------------------------------- */

/* Everything is borrowed. */
struct sts_fetch {
	struct dialler *dialler;
	struct resolver *resolver;
	struct tls_context *tls; /* the authorities it trusts */
	const char *domain;
	const _Atomic bool *cancel; /* or NULL */
};

/* Fetches https://mta-sts.DOMAIN/.well-known/mta-sts.txt over a verified
 * connection and appends it to out.  Blocks up to STS_LIMIT_MS: for worker
 * threads.  E_STS_FETCH (domain, why), E_CANCELLED. */
int sts_fetch(const struct sts_fetch *how, struct buf *out, struct err *err);

#endif
