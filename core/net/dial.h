/* The dialler: the only way out of the program.  Tests and the demo put
 * another one into struct world to restrict or redirect connections. */
#ifndef CORE_NET_DIAL_H
#define CORE_NET_DIAL_H

#include <stdint.h>

#include "core/base/err.h"

struct sockaddr;

/* Addresses are raced as RFC 8305 has it: families alternate, the next one is
 * begun after 250 ms or when one has failed, and who stands first wins.
 * Implementations embed this as their first member. */
struct dialler {
	/* Starts a TCP connection and gives its non-blocking socket, which the
	 * caller closes; it may still be connecting (wait for POLLOUT, then
	 * SO_ERROR).  May block for a first lookup of the name, and for 250 ms
	 * for each address but the last.  E_NET_RESOLVE, E_NET_CONNECT,
	 * E_NET_DIAL_LOOPBACK. */
	int (*dial)(struct dialler *dialler, const char *host, uint16_t port,
	    int *fd_out, struct err *err);
	/* Counts users of one that is freed by the last of them; NULL where it
	 * lives on anyhow. */
	void (*keep)(struct dialler *dialler, int by);
};

/* Dials anything, and remembers names and the address that answered first
 * (names.h).  The caller frees it. */
struct dialler *dialler_new(void);

/* Frees a dialler of dialler_new(), as soon as nothing dials with it; accepts
 * NULL, sets *dialler to NULL. */
void dialler_free(struct dialler **dialler);

/* Refuses every host but "localhost" (which is 127.0.0.1) and addresses in 127/8
 * and ::1 (E_NET_DIAL_LOOPBACK); asks no resolver, since that would be a way out.
 * For the demo and the benches.  Static. */
struct dialler *dialler_loopback_only(void);

struct addresses; /* names.h */

/* Races addresses; *fd_out is the socket of the winner, whose number is
 * returned, or of the last one that is left.  E_NET_CONNECT (host, port: for
 * the error).  Only for addresses that a dialler has judged. */
int dial_race(const struct addresses *to, const char *host, uint16_t port,
    int *fd_out, struct err *err);

/* dialler->dial() on a thread of its own, so that the caller can go away within
 * a moment: E_CANCELLED as soon as cancel_fd (-1: none) is readable. */
int dial_unless(struct dialler *dialler, const char *host, uint16_t port,
    int cancel_fd, int *fd_out, struct err *err);

/* True for 127/8, ::1 and 127/8 mapped into IPv6. */
bool dial_is_loopback(const struct sockaddr *address);

#endif
