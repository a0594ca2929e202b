/* A dialler that leads addresses of the Internet to ports of the loopback, so
 * that what is fixed in reality (25, 443) can be played by anybody. */
#ifndef TESTS_FAKE_WIRES_H
#define TESTS_FAKE_WIRES_H

#include "core/base/crypt.h"
#include "core/net/dial.h"

enum { FAKE_WIRES_MAX = 64 };

/* Zero-initialise, then fake_wires_init(). */
struct fake_wires {
	struct dialler base;
	struct fake_wire {
		char address[64]; /* "192.0.2.1:25" */
		uint16_t port;    /* of 127.0.0.1; 0: refuses connections */
	} wire[FAKE_WIRES_MAX];
	int count;
	_Atomic int dialled;
};

/* Nothing is wired yet: everything is refused. */
void fake_wires_init(struct fake_wires *wires);

/* Leads address ("192.0.2.1") and its port to a port of 127.0.0.1. */
void fake_wires_add(
    struct fake_wires *wires, const char *address, uint16_t from, uint16_t to);

/* Leads an address that was added to another port. */
void fake_wires_lead(
    struct fake_wires *wires, const char *address, uint16_t from, uint16_t to);

/* The SHA-256 of the public key that the server at an address shows to who asks
 * for host, in hexadecimal: what its owner would publish as TLSA 3 1 1.  Fails
 * the test when it shows none. */
void fake_wires_key(struct fake_wires *wires, const char *host,
    const char *address, char out[2 * SHA256_LEN + 1]);

#endif
