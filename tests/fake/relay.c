/* A scripted relay: one blocking thread per connection, for tests only. */
#include "tests/fake/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"

enum { PEERS_MAX = 8192, LINE_ROOM = 4096, FAKE_VERBS = 8 };

static const char *const verbs[FAKE_VERBS] = {
    "EHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "AUTH", "QUIT"};

struct message {
	char *rcpt, *sender;
	int answered;
	struct buf text;
};

struct peer {
	struct fake_relay *relay;
	size_t number;
	int fd;
	SSL *ssl;
	struct buf in;
	char line[LINE_ROOM]; /* heard last */
	char sender[LINE_ROOM];
	char rcpt[LINE_ROOM]; /* "": none accepted */
	int in_mail;
	struct buf chunks;
	const char *offer;
	size_t heard[FAKE_VERBS];
	size_t unanswered; /* a message + 1, or 0 */
	int early;         /* refused before it was read */
	pthread_t thread;
};

struct fake_relay {
	const struct fake_plan *plan;
	int listener;
	unsigned short port;
	char ca_file[64];
	SSL_CTX *ssl;
	pthread_t thread;
	pthread_mutex_t lock;
	struct peer *peers[PEERS_MAX];
	size_t peer_count;
	struct message *messages;
	size_t message_count;
	struct buf heard;
	int stopping;
};

const struct practice_cert_how fake_good_cert = {
    .names = "DNS:localhost,IP:127.0.0.1",
    .from_s = -86400,
    .to_s = 86400 * 30,
};

static void
die(const char *what)
{
	fprintf(stderr, "fake relay: %s: %s\n", what, strerror(errno));
	abort();
}

/* ---- octets ---- */

static int
say(struct peer *peer, const char *bytes, size_t len)
{
	while (len) {
		ssize_t put = peer->ssl
				  ? SSL_write(peer->ssl, bytes, (int)len)
				  : send(peer->fd, bytes, len, MSG_NOSIGNAL);

		if (put <= 0)
			return -1;
		bytes += put;
		len -= (size_t)put;
	}
	return 0;
}

static int
say_line(struct peer *peer, const char *text)
{
	struct buf line = BUF_INIT;
	int rc;

	buf_text(&line, text);
	buf_text(&line, "\r\n");
	rc = say(peer, line.ptr, line.len);
	buf_done(&line);
	return rc;
}

static int
more(struct peer *peer)
{
	char bytes[16384];
	ssize_t got = peer->ssl ? SSL_read(peer->ssl, bytes, sizeof bytes)
				: recv(peer->fd, bytes, sizeof bytes, 0);

	if (got <= 0)
		return -1;
	buf_add(&peer->in, span_make(bytes, (size_t)got));
	return 0;
}

static int
is(const char *line, const char *verb)
{
	return span_equal_nocase(
	    span_slice(span_of(line), 0, strlen(verb)), span_of(verb));
}

/* The address between < and > of the line heard last. */
static void
note_path(const struct peer *peer, char *out)
{
	struct span rest = span_of(peer->line);

	span_cut(&rest, '<');
	rest = span_slice(rest, 0, span_index(rest, '>'));
	snprintf(out, LINE_ROOM, "%.*s", SPAN_ARG(rest));
}

/* One line without CRLF into peer->line. */
static int
hear(struct peer *peer)
{
	struct fake_relay *relay = peer->relay;
	size_t at;

	while ((at = span_search(buf_span(&peer->in), SPAN("\r\n"))) ==
	       peer->in.len) {
		if (more(peer) < 0)
			return -1;
	}
	snprintf(peer->line, sizeof peer->line, "%.*s", (int)at, peer->in.ptr);
	buf_drop(&peer->in, at + 2);
	peer->early = 0;
	for (int i = 0; i < FAKE_VERBS; i++)
		peer->heard[i] += is(peer->line, verbs[i]) != 0;
	pthread_mutex_lock(&relay->lock);
	buf_printf(&relay->heard, "%zu ", peer->number);
	buf_text(&relay->heard, peer->line);
	buf_char(&relay->heard, '\n');
	pthread_mutex_unlock(&relay->lock);
	return 0;
}

/* ---- messages ---- */

static void
keep_message(struct peer *peer, struct span text, int answered)
{
	struct fake_relay *relay = peer->relay;
	struct message *message;

	if (peer->early)
		answered = -1;
	pthread_mutex_lock(&relay->lock);
	relay->messages = mem_grow(relay->messages,
	    (relay->message_count + 1) * sizeof *relay->messages);
	message = &relay->messages[relay->message_count++];
	*message = (struct message){.answered = answered};
	message->rcpt = mem_text(span_of(peer->rcpt));
	message->sender = mem_text(span_of(peer->sender));
	buf_add(&message->text, text);
	peer->unanswered = answered ? 0 : relay->message_count;
	pthread_mutex_unlock(&relay->lock);
	peer->in_mail = 0;
}

static int
read_body(struct peer *peer, int answered)
{
	size_t at;

	for (;;) {
		if (span_starts(buf_span(&peer->in), SPAN(".\r\n"))) {
			buf_drop(&peer->in, 3);
			return 0;
		}
		at = span_search(buf_span(&peer->in), SPAN("\r\n.\r\n"));
		if (at < peer->in.len)
			break;
		if (more(peer) < 0)
			return -1;
	}
	keep_message(
	    peer, span_slice(buf_span(&peer->in), 0, at + 2), answered);
	buf_drop(&peer->in, at + 5);
	return 0;
}

/* Reads the chunk announced by the line heard last.  1: it was the last one of
 * a message for somebody, which is kept. */
static int
read_chunk(struct peer *peer, int answered)
{
	struct span line = span_of(peer->line), size;
	int64_t count;

	span_cut(&line, ' ');
	size = span_cut(&line, ' ');
	if (!span_int(size, &count))
		return -1;
	while (peer->in.len < (size_t)count) {
		if (more(peer) < 0)
			return -1;
	}
	buf_add(
	    &peer->chunks, span_slice(buf_span(&peer->in), 0, (size_t)count));
	buf_drop(&peer->in, (size_t)count);
	if (!span_equal_nocase(line, SPAN("LAST")))
		return 0;
	if (peer->rcpt[0])
		keep_message(peer, buf_span(&peer->chunks), answered);
	buf_clear(&peer->chunks);
	return peer->rcpt[0] != '\0';
}

/* A scripted reply to what was heard or read last, and what it means. */
static void
note_reply(struct peer *peer, const char *text)
{
	int good = text[0] == '2';

	if (is(peer->line, "RCPT") && !good && text[0] != '\0')
		peer->rcpt[0] = '\0';
	if (is(peer->line, "MAIL"))
		peer->in_mail = good;
	if (is(peer->line, "BDAT") || is(peer->line, "DATA"))
		peer->early = text[0] >= '4' && !peer->unanswered;
	pthread_mutex_lock(&peer->relay->lock);
	if (peer->unanswered)
		peer->relay->messages[peer->unanswered - 1].answered =
		    good ? 1 : -1;
	peer->unanswered = 0;
	pthread_mutex_unlock(&peer->relay->lock);
}

static int
handshake(struct peer *peer)
{
	peer->ssl = SSL_new(peer->relay->ssl);
	SSL_set_fd(peer->ssl, peer->fd);
	buf_clear(&peer->in);
	return SSL_accept(peer->ssl) == 1 ? 0 : -1;
}

static int
say_ehlo(struct peer *peer)
{
	struct span rest =
	    span_of(peer->offer ? peer->offer
				: "PIPELINING,ENHANCEDSTATUSCODES,"
				  "8BITMIME");
	struct buf text = BUF_INIT;
	int rc;

	buf_text(&text, "250-fake.example\r\n");
	if (peer->relay->ssl && !peer->ssl)
		buf_text(&text, "250-STARTTLS\r\n");
	if (peer->ssl)
		buf_text(&text, "250-AUTH PLAIN LOGIN\r\n");
	while (rest.len) {
		buf_text(&text, "250-");
		buf_add(&text, span_cut(&rest, ','));
		buf_text(&text, "\r\n");
	}
	buf_text(&text, "250 HELP\r\n");
	rc = say(peer, text.ptr, text.len);
	buf_done(&text);
	return rc;
}

/* -1 when the connection is over, 1 after a message without an answer. */
static int
serve_data(struct peer *peer, int *left, int unanswered)
{
	int mute = unanswered && *left == 0;
	int chunk = is(peer->line, "BDAT"), kept;

	if (!chunk && say_line(peer, "354 go on") < 0)
		return -1;
	kept = chunk ? read_chunk(peer, !mute) : read_body(peer, !mute) + 1;
	if (kept < 0)
		return -1;
	if (kept == 0)
		return say_line(peer,
		    peer->rcpt[0] ? "250 more" : "503 5.5.1 no recipients");
	if (mute)
		return 1;
	if (say_line(peer, "250 2.0.0 queued as F1") < 0)
		return -1;
	--*left;
	return *left == 0 && !unanswered;
}

static int
serve_mail(struct peer *peer)
{
	if (peer->in_mail)
		return say_line(peer, "503 5.5.1 nested MAIL");
	note_path(peer, peer->sender);
	peer->rcpt[0] = '\0';
	peer->in_mail = 1;
	return say_line(peer, "250 2.1.0 ok");
}

static int
serve_line(struct peer *peer, int *left, int unanswered)
{
	const char *line = peer->line;

	if (is(line, "EHLO"))
		return say_ehlo(peer);
	if (is(line, "STARTTLS"))
		return say_line(peer, "220 go ahead") < 0 ? -1
							  : handshake(peer);
	if (is(line, "AUTH"))
		return say_line(peer, "235 2.7.0 ok");
	if (is(line, "DATA") || is(line, "BDAT"))
		return serve_data(peer, left, unanswered);
	if (is(line, "QUIT")) {
		say_line(peer, "221 bye");
		return -1;
	}
	if (is(line, "MAIL"))
		return serve_mail(peer);
	if (is(line, "RCPT") && !peer->in_mail)
		return say_line(peer, "503 5.5.1 need MAIL");
	if (is(line, "RCPT"))
		note_path(peer, peer->rcpt);
	if (is(line, "RSET"))
		peer->in_mail = peer->rcpt[0] = 0;
	return say_line(peer, "250 ok");
}

static int
serve(struct peer *peer, int count, int unanswered)
{
	int left = count ? count : unanswered ? 0 : -1, rc = 0;

	while (rc == 0) {
		if (hear(peer) < 0)
			return -1;
		rc = serve_line(peer, &left, unanswered);
	}
	return rc < 0 ? -1 : 0;
}

static size_t
heard(const struct peer *peer, const char *verb)
{
	for (int i = 0; i < FAKE_VERBS; i++) {
		if (strcmp(verbs[i], verb) == 0)
			return peer->heard[i];
	}
	return 0;
}

static int
serve_until(struct peer *peer, const char *verb, int count)
{
	size_t wanted = count ? (size_t)count : heard(peer, verb) + 1;
	int left = -1;

	for (;;) {
		if (hear(peer) < 0)
			return -1;
		if (is(peer->line, verb) && heard(peer, verb) >= wanted)
			break;
		if (serve_line(peer, &left, 0) < 0)
			return -1;
	}
	if (is(verb, "RCPT"))
		note_path(peer, peer->rcpt);
	if (is(verb, "MAIL"))
		note_path(peer, peer->sender);
	if (is(verb, "MAIL") || is(verb, "RSET"))
		peer->in_mail = peer->rcpt[0] = 0;
	return 0;
}

/* ---- scripts ---- */

static int
hear_expected(struct peer *peer, const char *text)
{
	if (hear(peer) < 0)
		return -1;
	if (is(peer->line, "MAIL"))
		note_path(peer, peer->sender);
	if (is(peer->line, "RCPT"))
		note_path(peer, peer->rcpt);
	return is(peer->line, text) ? 0 : -1;
}

static int
envelope(struct peer *peer)
{
	if (hear_expected(peer, "MAIL") < 0 || say_line(peer, "250 ok") < 0 ||
	    hear_expected(peer, "RCPT") < 0 || say_line(peer, "250 ok") < 0 ||
	    hear_expected(peer, "DATA") < 0)
		return -1;
	return say_line(peer, "354 go on");
}

static int
drip(struct peer *peer, const char *text, int ms)
{
	const struct timespec pause = {
	    .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	for (; *text; text++) {
		if (say(peer, text, 1) < 0)
			return -1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int
flood(struct peer *peer, const char *text, int count)
{
	while (count-- > 0) {
		if (say(peer, text, strlen(text)) < 0)
			return -1;
	}
	return 0;
}

static int
hang(struct peer *peer)
{
	struct pollfd wait = {.fd = peer->fd, .events = POLLRDHUP};

	poll(&wait, 1, -1);
	return -1;
}

static int
drop(struct peer *peer)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};

	setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	return -1;
}

static int
play(struct peer *peer, const struct fake_step *step)
{
	switch (step->kind) {
	case FAKE_END:
		return -1;
	case FAKE_SAY:
		note_reply(peer, step->text);
		return say_line(peer, step->text);
	case FAKE_RAW:
		return say(peer, step->text, strlen(step->text));
	case FAKE_DRIP:
		note_reply(peer, step->text);
		return drip(peer, step->text, step->count);
	case FAKE_FLOOD:
		return flood(peer, step->text, step->count);
	case FAKE_HEAR:
		return hear_expected(peer, step->text);
	case FAKE_ENVELOPE:
		return envelope(peer);
	case FAKE_OCTETS:
		return peer->in.len ? 0 : more(peer);
	case FAKE_BODY:
		return read_body(peer, 0);
	case FAKE_CHUNK:
		return read_chunk(peer, 0) < 0 ? -1 : 0;
	case FAKE_OFFER:
		peer->offer = step->text;
		return 0;
	case FAKE_UNTIL:
		return serve_until(peer, step->text, step->count);
	case FAKE_TLS:
		return handshake(peer);
	case FAKE_SERVE:
		return serve(peer, step->count, 0);
	case FAKE_SERVE_DOT:
		return serve(peer, step->count, 1);
	case FAKE_HANG:
		return hang(peer);
	case FAKE_DROP:
		return drop(peer);
	}
	return -1;
}

/* The socket stays with the relay until it stops, so that its number cannot
 * be used again while fake_relay_stop() looks at it. */
static void *
peer_work(void *argument)
{
	struct peer *peer = argument;
	const struct fake_plan *plan = peer->relay->plan;
	size_t script =
	    peer->number < plan->count ? peer->number : plan->count - 1;
	const struct fake_step *step = plan->scripts[script];

	while (play(peer, step) == 0)
		step++;
	if (step->kind != FAKE_DROP) {
		if (peer->ssl)
			SSL_shutdown(peer->ssl);
		shutdown(peer->fd, SHUT_RDWR);
	}
	pthread_mutex_lock(&peer->relay->lock);
	close(peer->fd);
	peer->fd = -1;
	pthread_mutex_unlock(&peer->relay->lock);
	return NULL;
}

static void
add_peer(struct fake_relay *relay, int fd)
{
	struct peer *peer = mem_new(sizeof *peer);

	peer->relay = relay;
	peer->fd = fd;
	pthread_mutex_lock(&relay->lock);
	if (relay->stopping || relay->peer_count == PEERS_MAX) {
		close(fd);
		free(peer);
	} else {
		peer->number = relay->peer_count;
		relay->peers[relay->peer_count++] = peer;
		if (pthread_create(&peer->thread, NULL, peer_work, peer))
			die("thread");
	}
	pthread_mutex_unlock(&relay->lock);
}

static void *
accept_work(void *argument)
{
	struct fake_relay *relay = argument;
	int fd;

	while ((fd = accept(relay->listener, NULL, NULL)) >= 0)
		add_peer(relay, fd);
	return NULL;
}

static void
make_tls(struct fake_relay *relay)
{
	struct buf pem = BUF_INIT;
	struct err err = {0};
	int fd;

	if (practice_cert_make(relay->plan->cert, &relay->ssl, &pem, &err) < 0)
		die("certificate");
	snprintf(relay->ca_file, sizeof relay->ca_file,
	    "/tmp/sekisho-fake-ca-XXXXXX");
	fd = mkstemp(relay->ca_file);
	if (fd < 0 || write(fd, pem.ptr, pem.len) != (ssize_t)pem.len)
		die(relay->ca_file);
	close(fd);
	buf_done(&pem);
}

struct fake_relay *
fake_relay_start(const struct fake_plan *plan)
{
	struct fake_relay *relay = mem_new(sizeof *relay);
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	const int on = 1;
	sigset_t all, before;

	relay->plan = plan;
	pthread_mutex_init(&relay->lock, NULL);
	if (plan->cert)
		make_tls(relay);
	relay->listener = socket(AF_INET, SOCK_STREAM, 0);
	/* without it each short reply waits 40 ms for the one before */
	if (relay->listener < 0 ||
	    setsockopt(relay->listener, IPPROTO_TCP, TCP_NODELAY, &on,
		sizeof on) < 0 ||
	    bind(relay->listener, (struct sockaddr *)&address, len) < 0 ||
	    listen(relay->listener, SOMAXCONN) < 0 ||
	    getsockname(relay->listener, (struct sockaddr *)&address, &len) < 0)
		die("listen");
	relay->port = ntohs(address.sin_port);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&relay->thread, NULL, accept_work, relay))
		die("thread");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return relay;
}

unsigned short
fake_relay_port(const struct fake_relay *relay)
{
	return relay->port;
}

const char *
fake_relay_ca_file(const struct fake_relay *relay)
{
	return relay->ca_file;
}

size_t
fake_relay_connections(struct fake_relay *relay)
{
	size_t count;

	pthread_mutex_lock(&relay->lock);
	count = relay->peer_count;
	pthread_mutex_unlock(&relay->lock);
	return count;
}

size_t
fake_relay_messages(struct fake_relay *relay, size_t *answered)
{
	size_t count, good = 0;

	pthread_mutex_lock(&relay->lock);
	count = relay->message_count;
	for (size_t i = 0; i < count; i++)
		good += relay->messages[i].answered == 1;
	pthread_mutex_unlock(&relay->lock);
	if (answered)
		*answered = good;
	return count;
}

void
fake_relay_message(struct fake_relay *relay, size_t i, struct buf *out)
{
	pthread_mutex_lock(&relay->lock);
	if (i < relay->message_count) {
		buf_printf(out, "%s %d\n", relay->messages[i].rcpt,
		    relay->messages[i].answered);
		buf_add(out, buf_span(&relay->messages[i].text));
	}
	pthread_mutex_unlock(&relay->lock);
}

void
fake_relay_sender(struct fake_relay *relay, size_t i, struct buf *out)
{
	pthread_mutex_lock(&relay->lock);
	if (i < relay->message_count)
		buf_text(out, relay->messages[i].sender);
	pthread_mutex_unlock(&relay->lock);
}

size_t
fake_relay_count(struct fake_relay *relay, const char *verb)
{
	struct span rest;
	size_t count = 0;

	pthread_mutex_lock(&relay->lock);
	rest = buf_span(&relay->heard);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');

		span_cut(&line, ' ');
		count += span_equal_nocase(
		    span_slice(line, 0, strlen(verb)), span_of(verb));
	}
	pthread_mutex_unlock(&relay->lock);
	return count;
}

void
fake_relay_heard(struct fake_relay *relay, struct buf *out)
{
	pthread_mutex_lock(&relay->lock);
	buf_add(out, buf_span(&relay->heard));
	pthread_mutex_unlock(&relay->lock);
}

static void
end_peers(struct fake_relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	relay->stopping = 1;
	for (size_t i = 0; i < relay->peer_count; i++) {
		if (relay->peers[i]->fd >= 0)
			shutdown(relay->peers[i]->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&relay->lock);
	for (size_t i = 0; i < relay->peer_count; i++) {
		pthread_join(relay->peers[i]->thread, NULL);
		SSL_free(relay->peers[i]->ssl);
		buf_done(&relay->peers[i]->in);
		buf_done(&relay->peers[i]->chunks);
		free(relay->peers[i]);
	}
}

void
fake_relay_die(struct fake_relay *relay)
{
	if (relay->listener < 0)
		return;
	shutdown(relay->listener, SHUT_RDWR);
	pthread_join(relay->thread, NULL);
	end_peers(relay);
	close(relay->listener);
	relay->listener = -1;
}

void
fake_relay_stop(struct fake_relay **taken)
{
	struct fake_relay *relay = *taken;

	if (!relay)
		return;
	fake_relay_die(relay);
	SSL_CTX_free(relay->ssl);
	if (relay->ca_file[0])
		unlink(relay->ca_file);
	for (size_t i = 0; i < relay->message_count; i++) {
		free(relay->messages[i].rcpt);
		free(relay->messages[i].sender);
		buf_done(&relay->messages[i].text);
	}
	free(relay->messages);
	buf_done(&relay->heard);
	pthread_mutex_destroy(&relay->lock);
	free(relay);
	*taken = NULL;
}
