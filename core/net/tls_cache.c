/* Resumption.  A resumed session is not verified anew, so one is offered only
 * where exactly the same was asked of the peer, and for an hour at most:
 * authorities, expiry and TLSA records are looked at again after that. */
#include "core/net/tls_cache.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "core/base/mem.h"

enum { CACHE_MAX = 128, AGE_MAX_S = 3600 };

struct entry {
	SSL_SESSION *session; /* NULL: free */
	struct digest key;
	uint64_t number;   /* grows: the smallest is the oldest */
	time_t verified_s; /* when the peer was last looked at */
};

struct tls_cache {
	pthread_mutex_t lock;
	struct entry entries[CACHE_MAX];
	uint64_t number;
};

struct tls_cache *
tls_cache_new(void)
{
	struct tls_cache *cache = mem_new(sizeof *cache);

	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void
tls_cache_free(struct tls_cache **cache)
{
	if (!*cache)
		return;
	for (int i = 0; i < CACHE_MAX; i++)
		SSL_SESSION_free((*cache)->entries[i].session);
	pthread_mutex_destroy(&(*cache)->lock);
	free(*cache);
	*cache = NULL;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage peer = {0};
	socklen_t len = sizeof peer;

	if (getpeername(fd, (struct sockaddr *)&peer, &len) < 0)
		return 0;
	if (peer.ss_family == AF_INET)
		return ((struct sockaddr_in *)&peer)->sin_port;
	if (peer.ss_family == AF_INET6)
		return ((struct sockaddr_in6 *)&peer)->sin6_port;
	return 0;
}

static void
add(struct buf *text, struct span bytes)
{
	buf_int(text, (int64_t)bytes.len);
	buf_char(text, ':');
	buf_add(text, bytes);
}

void
tls_cache_key(const struct tls_expect *expect, int fd, struct digest *out)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%d %u ", (int)expect->level, port_of(fd));
	add(&text, span_of(expect->host));
	add(&text, span_of(expect->also));
	add(&text, span_of(expect->policy));
	for (size_t i = 0; i < expect->pin_count; i++)
		add(&text, span_make(expect->pins[i].bytes, SHA256_LEN));
	for (size_t i = 0; i < expect->tlsa_count; i++) {
		buf_printf(&text, "%u %u %u ", expect->tlsa[i].usage,
		    expect->tlsa[i].selector, expect->tlsa[i].matching);
		add(&text, expect->tlsa[i].data);
	}
	crypt_sha256(buf_span(&text), out);
	buf_done(&text);
}

static struct entry *
find(struct tls_cache *cache, const struct digest *key)
{
	for (int i = 0; i < CACHE_MAX; i++) {
		struct entry *entry = &cache->entries[i];

		if (entry->session && digest_equal(&entry->key, key))
			return entry;
	}
	return NULL;
}

/* Where another key may go: a free place, or that of the oldest. */
static struct entry *
place(struct tls_cache *cache)
{
	struct entry *to = &cache->entries[0];

	for (int i = 0; i < CACHE_MAX && to->session; i++) {
		struct entry *entry = &cache->entries[i];

		if (!entry->session || entry->number < to->number)
			to = entry;
	}
	return to;
}

/* A connection may change the session it has: each gets a copy of its own. */
void
tls_cache_put(struct tls_cache *cache, const struct digest *key,
    const SSL_SESSION *session, enum tls_cache_from from)
{
	SSL_SESSION *out = SSL_SESSION_dup(session);
	struct entry *to, new = {out, *key, 0, time(NULL)};

	pthread_mutex_lock(&cache->lock);
	to = find(cache, key);
	if (to && from == TLS_CACHE_RESUMED)
		new.verified_s = to->verified_s;
	if (!to && from == TLS_CACHE_VERIFIED)
		to = place(cache);
	if (to && out) {
		new.number = ++cache->number;
		out = to->session;
		*to = new;
	}
	pthread_mutex_unlock(&cache->lock);
	SSL_SESSION_free(out);
}

static bool
is_old(const struct entry *entry)
{
	time_t age = time(NULL) - entry->verified_s;

	return age < 0 || age > AGE_MAX_S ||
	       !SSL_SESSION_is_resumable(entry->session);
}

SSL_SESSION *
tls_cache_take(struct tls_cache *cache, const struct digest *key)
{
	SSL_SESSION *old = NULL, *got = NULL;
	struct entry *found;

	pthread_mutex_lock(&cache->lock);
	found = find(cache, key);
	if (found && is_old(found)) {
		old = found->session;
		found->session = NULL;
	} else if (found) {
		got = SSL_SESSION_dup(found->session);
	}
	pthread_mutex_unlock(&cache->lock);
	SSL_SESSION_free(old);
	return got;
}
