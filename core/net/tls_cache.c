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
	uint64_t number; /* grows: the smallest is the oldest */
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

void
tls_cache_put(
    struct tls_cache *cache, const struct digest *key, SSL_SESSION *session)
{
	struct entry *to = &cache->entries[0];
	SSL_SESSION *out;

	pthread_mutex_lock(&cache->lock);
	for (int i = 0; i < CACHE_MAX && to->session; i++) {
		struct entry *entry = &cache->entries[i];

		if (!entry->session || entry->number < to->number)
			to = entry;
	}
	out = to->session;
	*to = (struct entry){session, *key, ++cache->number};
	pthread_mutex_unlock(&cache->lock);
	SSL_SESSION_free(out);
}

static bool
is_old(const SSL_SESSION *session)
{
	int64_t age = (int64_t)time(NULL) - SSL_SESSION_get_time(session);

	return age < 0 || age > AGE_MAX_S || !SSL_SESSION_is_resumable(session);
}

/* The newest entry under key; entries that are too old are emptied into
 * old[]. */
static struct entry *
find(struct tls_cache *cache, const struct digest *key,
    SSL_SESSION *old[CACHE_MAX])
{
	struct entry *found = NULL;
	int count = 0;

	for (int i = 0; i < CACHE_MAX; i++) {
		struct entry *entry = &cache->entries[i];

		if (!entry->session || !digest_equal(&entry->key, key))
			continue;
		if (is_old(entry->session)) {
			old[count++] = entry->session;
			entry->session = NULL;
		} else if (!found || entry->number > found->number) {
			found = entry;
		}
	}
	return found;
}

SSL_SESSION *
tls_cache_take(struct tls_cache *cache, const struct digest *key)
{
	SSL_SESSION *old[CACHE_MAX] = {NULL}, *got = NULL;
	struct entry *found;

	pthread_mutex_lock(&cache->lock);
	found = find(cache, key, old);
	if (found) {
		got = found->session;
		if (SSL_SESSION_get_protocol_version(got) >= TLS1_3_VERSION)
			found->session = NULL;
		else
			SSL_SESSION_up_ref(got);
	}
	pthread_mutex_unlock(&cache->lock);
	for (int i = 0; i < CACHE_MAX; i++)
		SSL_SESSION_free(old[i]);
	return got;
}
