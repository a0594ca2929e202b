/* The memory for names.  A delivery dials the same few relays all day, on
 * threads with many sessions: none of them may wait for a resolver that does
 * not answer, and a relay does not move within minutes. */
#include "core/net/names.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

enum { PLACES = 64, FRESH_MS = 60 * 1000, KEEP_MS = 60 * 60 * 1000 };

/* ---- Looking up --------------------------------------------------------------- */

static void
add(struct addresses *out, const struct addrinfo *from)
{
	memcpy(&out->address[out->count], from->ai_addr, from->ai_addrlen);
	out->len[out->count++] = from->ai_addrlen;
}

/* The next one of (or not of) a family, from *at on. */
static const struct addrinfo *
next_of(const struct addrinfo **at, int family, bool same)
{
	const struct addrinfo *found = *at;

	while (found && (found->ai_family == family) != same)
		found = found->ai_next;
	*at = found ? found->ai_next : NULL;
	return found;
}

/* The family that getaddrinfo() prefers begins. */
static void
alternate(const struct addrinfo *list, struct addresses *out)
{
	const struct addrinfo *first = list, *other = list, *one = list, *two;
	int family = list->ai_family;

	*out = (struct addresses){.count = 0};
	while (one && out->count < NAMES_ADDRESSES) {
		one = next_of(&first, family, true);
		two = next_of(&other, family, false);
		if (one)
			add(out, one);
		if (two && out->count < NAMES_ADDRESSES)
			add(out, two);
		if (!one)
			one = two;
	}
}

int
names_look_up(
    const char *host, uint16_t port, struct addresses *out, struct err *err)
{
	struct addrinfo want = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	char service[8];
	int rc;

	snprintf(service, sizeof service, "%u", port);
	rc = getaddrinfo(host, service, &want, &list);
	if (rc != 0) {
		err_sys(err, E_NET_RESOLVE, rc == EAI_SYSTEM ? errno : 0);
		err_fact(err, "host", span_of(host));
		return err_fact(err, "why", span_of(gai_strerror(rc)));
	}
	alternate(list, out);
	freeaddrinfo(list);
	return 0;
}

/* ---- Remembering ---------------------------------------------------------------- */

struct place {
	char *host; /* NULL: free */
	uint16_t port;
	struct addresses found;
	int64_t found_ms; /* steady */
	bool is_asking;
};

struct names {
	pthread_mutex_t lock;
	struct place places[PLACES];
	int users; /* the owner, and lookups under way */
};

struct names *
names_new(void)
{
	struct names *names = mem_new(sizeof *names);

	pthread_mutex_init(&names->lock, NULL);
	names->users = 1;
	return names;
}

/* The last one who leaves turns off the light. */
static void
leave(struct names *names)
{
	int left;

	pthread_mutex_lock(&names->lock);
	left = --names->users;
	pthread_mutex_unlock(&names->lock);
	if (left)
		return;
	for (int i = 0; i < PLACES; i++)
		free(names->places[i].host);
	pthread_mutex_destroy(&names->lock);
	free(names);
}

void
names_free(struct names **names)
{
	if (*names)
		leave(*names);
	*names = NULL;
}

/* Locked. */
static struct place *
find(struct names *names, const char *host, uint16_t port)
{
	for (int i = 0; i < PLACES; i++) {
		struct place *place = &names->places[i];

		if (place->host && place->port == port &&
		    !strcmp(place->host, host))
			return place;
	}
	return NULL;
}

/* Locked. */
static void
keep(struct names *names, const char *host, uint16_t port,
    const struct addresses *found)
{
	struct place *place = find(names, host, port);
	struct place *to = place ? place : &names->places[0];

	for (int i = 0; i < PLACES && !place && to->host; i++) {
		struct place *it = &names->places[i];

		if (!it->host || it->found_ms < to->found_ms)
			to = it;
	}
	if (!place) {
		free(to->host);
		*to = (struct place){
		    .host = mem_text(span_of(host)), .port = port};
	}
	to->found = *found;
	to->found_ms = clock_steady_ms(clock_real());
	to->is_asking = false;
}

struct question {
	struct names *names;
	char *host;
	uint16_t port;
};

static void *
asking(void *arg)
{
	struct question *question = arg;
	struct names *names = question->names;
	struct addresses found;
	struct place *place;
	int rc = names_look_up(question->host, question->port, &found, NULL);

	pthread_mutex_lock(&names->lock);
	place = find(names, question->host, question->port);
	if (rc == 0 && place)
		keep(names, question->host, question->port, &found);
	else if (place)
		place->is_asking = false;
	pthread_mutex_unlock(&names->lock);
	leave(names);
	free(question->host);
	free(question);
	return NULL;
}

/* Locked.  A lookup cannot be called off, so nobody waits for its thread. */
static void
ask_again(struct names *names, struct place *place)
{
	struct question *question = mem_new(sizeof *question);
	pthread_attr_t attr;
	pthread_t thread;

	*question = (struct question){
	    names, mem_text(span_of(place->host)), place->port};
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	place->is_asking =
	    pthread_create(&thread, &attr, asking, question) == 0;
	pthread_attr_destroy(&attr);
	if (place->is_asking) {
		names->users++;
		return;
	}
	free(question->host);
	free(question);
}

/* True when what is remembered will do. */
static bool
recall(
    struct names *names, const char *host, uint16_t port, struct addresses *out)
{
	int64_t age;
	struct place *place;

	pthread_mutex_lock(&names->lock);
	place = find(names, host, port);
	age = place ? clock_steady_ms(clock_real()) - place->found_ms : KEEP_MS;
	if (age < KEEP_MS)
		*out = place->found;
	if (age < KEEP_MS && age >= FRESH_MS && !place->is_asking)
		ask_again(names, place);
	pthread_mutex_unlock(&names->lock);
	return age < KEEP_MS;
}

int
names_find(struct names *names, const char *host, uint16_t port,
    struct addresses *out, struct err *err)
{
	if (recall(names, host, port, out))
		return 0;
	if (names_look_up(host, port, out, err) < 0)
		return -1;
	pthread_mutex_lock(&names->lock);
	keep(names, host, port, out);
	pthread_mutex_unlock(&names->lock);
	return 0;
}

void
names_prefer(struct names *names, const char *host, uint16_t port,
    const struct sockaddr_storage *address)
{
	struct place *place;
	struct addresses *found;

	pthread_mutex_lock(&names->lock);
	place = find(names, host, port);
	found = place ? &place->found : NULL;
	for (int i = 1; found && i < found->count; i++) {
		struct sockaddr_storage first = found->address[0];
		socklen_t len = found->len[0];

		if (memcmp(&found->address[i], address, found->len[i]) != 0)
			continue;
		found->address[0] = found->address[i];
		found->len[0] = found->len[i];
		found->address[i] = first;
		found->len[i] = len;
		break;
	}
	pthread_mutex_unlock(&names->lock);
}
