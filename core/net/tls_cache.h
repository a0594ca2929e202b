/* Sessions to be resumed; the inside of a TLS context. */
#ifndef CORE_NET_TLS_CACHE_H
#define CORE_NET_TLS_CACHE_H

#include <openssl/ssl.h>

#include "core/net/target.h"

struct tls_cache;

/* An empty cache; any thread may use it.  The caller frees it. */
struct tls_cache *tls_cache_new(void);

/* Frees the cache; accepts NULL, sets *cache to NULL. */
void tls_cache_free(struct tls_cache **cache);

/* What a session is kept under: everything that expect asks of the peer, and
 * the port. */
void tls_cache_key(const struct tls_expect *expect, int fd, struct digest *out);

/* Whether the peer was looked at in the handshake that session comes from. */
enum tls_cache_from { TLS_CACHE_VERIFIED, TLS_CACHE_RESUMED };

/* Keeps a copy of session under key, in the place of an earlier one; the
 * oldest goes when there are too many.  A resumed one is as old as the one it
 * was resumed from. */
void tls_cache_put(struct tls_cache *cache, const struct digest *key,
    const SSL_SESSION *session, enum tls_cache_from from);

/* A copy of the session under key, for the caller to free, or NULL.  It is
 * given more than once: relays know us anyhow, and Postfix sends one ticket
 * only (RFC 8446 appendix C.4 is about clients that want to be unknown). */
SSL_SESSION *tls_cache_take(struct tls_cache *cache, const struct digest *key);

#endif
