/* A dialler that leads addresses of the Internet to ports of the loopback. */
#include "tests/fake/wires.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/net/exchange.h"
#include "tests/unit/unit.h"

static int
refuse(const char *host, uint16_t port, struct err *err)
{
	err_sys(err, E_NET_CONNECT, ECONNREFUSED);
	err_fact(err, "host", span_of(host));
	return err_fact_int(err, "port", port);
}

static int
dial(struct dialler *dialler, const char *host, uint16_t port, int *fd_out,
    struct err *err)
{
	struct fake_wires *wires = (struct fake_wires *)dialler;
	struct dialler *real = dialler_loopback_only();
	char address[64];

	wires->dialled++;
	snprintf(address, sizeof address, "%s:%u", host, port);
	for (int i = 0; i < wires->count; i++) {
		if (strcmp(wires->wire[i].address, address) == 0 &&
		    wires->wire[i].port)
			return real->dial(real, "127.0.0.1",
			    wires->wire[i].port, fd_out, err);
	}
	return refuse(host, port, err);
}

void
fake_wires_init(struct fake_wires *wires)
{
	memset(wires, 0, sizeof *wires);
	wires->base.dial = dial;
}

void
fake_wires_add(
    struct fake_wires *wires, const char *address, uint16_t from, uint16_t to)
{
	struct fake_wire *wire = &wires->wire[wires->count];

	if (wires->count == FAKE_WIRES_MAX)
		abort();
	snprintf(wire->address, sizeof wire->address, "%s:%u", address, from);
	wire->port = to;
	wires->count++;
}

void
fake_wires_lead(
    struct fake_wires *wires, const char *address, uint16_t from, uint16_t to)
{
	char text[64];

	snprintf(text, sizeof text, "%s:%u", address, from);
	for (int i = 0; i < wires->count; i++) {
		if (strcmp(wires->wire[i].address, text) == 0)
			wires->wire[i].port = to;
	}
}

void
fake_wires_key(struct fake_wires *wires, const char *host, const char *address,
    char out[2 * SHA256_LEN + 1])
{
	struct exchange_target target = {
	    .host = host,
	    .address = address,
	    .port = 25,
	    .tls = TLS_LEVEL_REQUIRED,
	    .ehlo = "host.example.jp",
	};
	struct exchange_probe_how how = {.dialler = &wires->base,
	    .target = &target,
	    .mail_from = "a@example.jp",
	    .cancel_fd = -1};
	struct exchange_probe found;
	struct err err = {0};

	assert_ok(exchange_probe(&how, &found, &err), &err);
	for (int i = 0; i < SHA256_LEN; i++)
		snprintf(out + 2 * i, 3, "%02x", found.tls.spki.bytes[i]);
}
