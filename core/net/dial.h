/* The dialler: the only way out of the program.  Tests and the demo put
 * another one into struct world to restrict or redirect connections. */
#ifndef CORE_NET_DIAL_H
#define CORE_NET_DIAL_H

#include <stdint.h>

#include "core/base/err.h"

struct sockaddr;

/* Implementations embed this as their first member. */
struct dialler {
	/* Starts a TCP connection and gives its non-blocking socket, which the
	 * caller closes; it may still be connecting (wait for POLLOUT, then
	 * SO_ERROR).  A name is looked up with getaddrinfo(), which blocks: call
	 * from a worker.  E_NET_RESOLVE, E_NET_CONNECT, E_NET_DIAL_LOOPBACK. */
	int (*dial)(struct dialler *dialler, const char *host, uint16_t port,
	    int *fd_out, struct err *err);
};

/* Dials anything.  Static, never freed.  Addresses are tried in the order of
 * getaddrinfo(), each but the last for at most one second (no RFC 8305 race:
 * one host name, one operator-configured relay). */
struct dialler *dialler_real(void);

/* Refuses, after resolution, every host that has an address outside 127/8 and
 * ::1 (E_NET_DIAL_LOOPBACK).  For the demo and the benches.  Static. */
struct dialler *dialler_loopback_only(void);

/* True for 127/8, ::1 and 127/8 mapped into IPv6. */
bool dial_is_loopback(const struct sockaddr *address);

#endif
