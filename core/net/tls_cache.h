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

/* Keeps session (one reference is taken over) under key; the oldest goes when
 * there are too many. */
void tls_cache_put(
    struct tls_cache *cache, const struct digest *key, SSL_SESSION *session);

/* The newest session under key, for the caller to free, or NULL.  One of TLS
 * 1.3 is given only once (RFC 8446 appendix C.4). */
SSL_SESSION *tls_cache_take(struct tls_cache *cache, const struct digest *key);

#endif
