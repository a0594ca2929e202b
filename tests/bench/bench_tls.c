/* What TLS and AUTH cost the client: a handshake, whole and resumed; a message
 * of 10 KB; a SCRAM proof.  Both ends run on one thread over a pair of sockets,
 * and only the client's processor time is counted. */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/deliver/practice_cert.h"
#include "core/net/scram.h"
#include "core/net/tls.h"
#include "tests/fake/tempstore.h"

enum { HANDSHAKES = 300, MESSAGES = 20000, OCTETS = 10 * 1024, PROOFS = 50 };

static const struct practice_cert_how good = {
    .names = "DNS:mx.example.jp", .from_s = -86400, .to_s = 86400};

static double
cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "bench_tls: %s\n", what);
	exit(1);
}

struct line {
	int fds[2];
	SSL *server;
	struct tls_session *client;
	double us; /* of the client */
};

static void
line_open(struct line *line, SSL_CTX *server, struct tls_context *context,
    const struct tls_expect *expect)
{
	enum tls_got got = TLS_WANT_READ;
	int served = 0;
	double from;

	*line = (struct line){.server = SSL_new(server)};
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		 line->fds) == 0,
	    "socketpair");
	SSL_set_fd(line->server, line->fds[1]);
	from = cpu_us();
	must(tls_session_new(
		 context, expect, line->fds[0], &line->client, NULL) == 0,
	    "session");
	line->us = cpu_us() - from;
	for (int i = 0; i < 20 && (got != TLS_DONE || served != 1); i++) {
		from = cpu_us();
		if (got != TLS_DONE)
			got = tls_session_handshake(line->client, NULL);
		line->us += cpu_us() - from;
		if (served != 1)
			served = SSL_accept(line->server);
	}
	must(got == TLS_DONE && served == 1, "handshake");
}

static void
line_close(struct line *line)
{
	char byte;
	size_t got;

	tls_session_read(line->client, &byte, 1, &got, NULL); /* tickets */
	tls_session_shut(line->client);
	tls_session_free(&line->client);
	SSL_free(line->server);
	close(line->fds[0]);
	close(line->fds[1]);
}

static void
handshakes(SSL_CTX *server, const char *ca_file, bool resumed)
{
	struct tls_expect expect = {
	    .level = TLS_LEVEL_VERIFY, .host = "mx.example.jp"};
	struct tls_context *context = NULL;
	struct tls_record record;
	struct line line;
	double us = 0;

	for (int i = 0; i <= HANDSHAKES; i++) {
		if (!resumed)
			tls_context_free(&context);
		if (!context)
			must(tls_context_new(ca_file, &context, NULL) == 0,
			    "context");
		line_open(&line, server, context, &expect);
		tls_session_record(line.client, &record);
		must(i == 0 || record.resumed == resumed, "resumption");
		us += i ? line.us : 0;
		line_close(&line);
	}
	tls_context_free(&context);
	printf("%-24s %8.1f us\n",
	    resumed ? "handshake, resumed" : "handshake, whole",
	    us / HANDSHAKES);
}

static void
messages(SSL_CTX *server, const char *ca_file)
{
	static char message[OCTETS], sink[4 * OCTETS];
	struct tls_expect expect = {
	    .level = TLS_LEVEL_VERIFY, .host = "mx.example.jp"};
	struct tls_context *context = NULL;
	struct tls_record record;
	struct line line;
	double us = 0, from;
	size_t put;

	memset(message, 'm', sizeof message);
	must(tls_context_new(ca_file, &context, NULL) == 0, "context");
	line_open(&line, server, context, &expect);
	tls_session_record(line.client, &record);
	for (int i = 0; i < MESSAGES; i++) {
		from = cpu_us();
		must(tls_session_write(line.client,
			 span_make(message, sizeof message), &put,
			 NULL) == TLS_DONE &&
			 put == sizeof message,
		    "write");
		us += cpu_us() - from;
		for (size_t got = 0; got < sizeof message;) {
			int n = SSL_read(line.server, sink, sizeof sink);

			must(n > 0, "read");
			got += (size_t)n;
		}
	}
	printf("%-24s %8.2f us  (%s)\n", "message of 10 KB", us / MESSAGES,
	    record.cipher);
	line_close(&line);
	tls_context_free(&context);
}

static void
proofs(void)
{
	struct secret *password = secret_of("pencil", 6);
	struct scram_how how = {
	    .user = SPAN("user"), .nonce = "rOprNGfwEbeRWgbNEkqO"};
	double from = cpu_us();

	for (int i = 0; i < PROOFS; i++) {
		struct buf out = BUF_INIT;
		struct scram scram;

		must(scram_begin(&scram, &how, NULL) == 0 &&
			 scram_prove(&scram, password,
			     SPAN("r=rOprNGfwEbeRWgbNEkqOx,"
				  "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
			     &out, NULL) == 0,
		    "proof");
		buf_done(&out);
	}
	printf("%-24s %8.1f us\n", "SCRAM, 4,096 rounds",
	    (cpu_us() - from) / PROOFS);
	secret_free(&password);
}

int
main(void)
{
	struct buf pem = BUF_INIT, ca_file = BUF_INIT;
	char *dir = tempdir_new();
	SSL_CTX *server = NULL;

	must(practice_cert_make(&good, &server, &pem, NULL) == 0, "cert");
	buf_printf(&ca_file, "%s/ca", dir);
	must(file_replace(ca_file.ptr, buf_span(&pem), 0600, NULL) == 0, "ca");
	handshakes(server, ca_file.ptr, false);
	handshakes(server, ca_file.ptr, true);
	messages(server, ca_file.ptr);
	proofs();
	SSL_CTX_free(server);
	buf_done(&pem);
	buf_done(&ca_file);
	tempdir_remove(&dir);
	return 0;
}
