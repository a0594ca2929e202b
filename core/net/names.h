/* Host names to addresses, with a memory, for connections that are made again
 * and again: only the first lookup of a name is waited for. */
#ifndef CORE_NET_NAMES_H
#define CORE_NET_NAMES_H

#include <stdint.h>
#include <sys/socket.h>

#include "core/base/err.h"

enum { NAMES_ADDRESSES = 8 };

/* Where a host can be reached, best first; plain data. */
struct addresses {
	int count;
	struct sockaddr_storage address[NAMES_ADDRESSES];
	socklen_t len[NAMES_ADDRESSES];
};

/* Looks host up with getaddrinfo(), which blocks; families alternate (RFC 8305
 * section 4), more than NAMES_ADDRESSES are left out.  E_NET_RESOLVE. */
int names_look_up(
    const char *host, uint16_t port, struct addresses *out, struct err *err);

struct names;

/* An empty memory; any thread may use it.  The caller frees it. */
struct names *names_new(void);

/* Frees it; a lookup that is still under way ends by itself.  Accepts NULL,
 * sets *names to NULL. */
void names_free(struct names **names);

/* The addresses of host: looked up the first time (which blocks), remembered
 * for an hour, looked up anew in the background after a minute.
 * E_NET_RESOLVE. */
int names_find(struct names *names, const char *host, uint16_t port,
    struct addresses *out, struct err *err);

/* The connection to this address stood first: it is named first from now on. */
void names_prefer(struct names *names, const char *host, uint16_t port,
    const struct sockaddr_storage *address);

#endif
