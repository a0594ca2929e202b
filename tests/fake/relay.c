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

enum { PEERS_MAX = 512, LINE_ROOM = 4096 };

struct message {
	char *rcpt;
	int answered;
	struct buf text;
};

struct peer {
	struct fake_relay *relay;
	size_t number;
	int fd;
	SSL *ssl;
	struct buf in;
	char rcpt[LINE_ROOM];
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

/* One line without CRLF into out. */
static int
hear(struct peer *peer, char *out, size_t room)
{
	struct fake_relay *relay = peer->relay;
	size_t at;

	while ((at = span_search(buf_span(&peer->in), SPAN("\r\n"))) ==
	       peer->in.len) {
		if (more(peer) < 0)
			return -1;
	}
	snprintf(out, room, "%.*s", (int)at, peer->in.ptr);
	buf_drop(&peer->in, at + 2);
	pthread_mutex_lock(&relay->lock);
	buf_printf(&relay->heard, "%zu ", peer->number);
	buf_text(&relay->heard, out);
	buf_char(&relay->heard, '\n');
	pthread_mutex_unlock(&relay->lock);
	return 0;
}

/* ---- messages ---- */

static int
read_body(struct peer *peer, int answered)
{
	struct fake_relay *relay = peer->relay;
	struct message *message;
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
	pthread_mutex_lock(&relay->lock);
	relay->messages = mem_grow(relay->messages,
	    (relay->message_count + 1) * sizeof *relay->messages);
	message = &relay->messages[relay->message_count++];
	*message = (struct message){.answered = answered};
	message->rcpt = mem_text(span_of(peer->rcpt));
	buf_add(&message->text, span_slice(buf_span(&peer->in), 0, at + 2));
	pthread_mutex_unlock(&relay->lock);
	buf_drop(&peer->in, at + 5);
	return 0;
}

static void
note_rcpt(struct peer *peer, const char *line)
{
	struct span rest = span_of(line);

	span_cut(&rest, '<');
	rest = span_slice(rest, 0, span_index(rest, '>'));
	snprintf(peer->rcpt, sizeof peer->rcpt, "%.*s", SPAN_ARG(rest));
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
	struct buf text = BUF_INIT;
	int rc;

	buf_text(&text, "250-fake.example\r\n250-PIPELINING\r\n");
	if (peer->relay->ssl && !peer->ssl)
		buf_text(&text, "250-STARTTLS\r\n");
	if (peer->ssl)
		buf_text(&text, "250-AUTH PLAIN LOGIN\r\n");
	buf_text(&text, "250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n");
	rc = say(peer, text.ptr, text.len);
	buf_done(&text);
	return rc;
}

static int
is(const char *line, const char *verb)
{
	return span_equal_nocase(
	    span_slice(span_of(line), 0, strlen(verb)), span_of(verb));
}

/* -1 when the connection is over, 1 after a message without an answer. */
static int
serve_data(struct peer *peer, int *left, int unanswered)
{
	int mute = unanswered && *left == 0;

	if (say_line(peer, "354 go on") < 0 || read_body(peer, !mute) < 0)
		return -1;
	if (mute)
		return 1;
	if (say_line(peer, "250 2.0.0 queued as F1") < 0)
		return -1;
	--*left;
	return *left == 0 && !unanswered;
}

static int
serve(struct peer *peer, int count, int unanswered)
{
	char line[LINE_ROOM];
	int left = count ? count : unanswered ? 0 : -1, rc = 0;

	while (rc == 0) {
		if (hear(peer, line, sizeof line) < 0)
			return -1;
		if (is(line, "EHLO")) {
			rc = say_ehlo(peer);
		} else if (is(line, "STARTTLS")) {
			rc = say_line(peer, "220 go ahead");
			rc = rc < 0 ? rc : handshake(peer);
		} else if (is(line, "AUTH")) {
			rc = say_line(peer, "235 2.7.0 ok");
		} else if (is(line, "DATA")) {
			rc = serve_data(peer, &left, unanswered);
		} else if (is(line, "QUIT")) {
			say_line(peer, "221 bye");
			return -1;
		} else {
			if (is(line, "RCPT"))
				note_rcpt(peer, line);
			rc = say_line(peer, "250 ok");
		}
	}
	return rc < 0 ? -1 : 0;
}

/* ---- scripts ---- */

static int
hear_expected(struct peer *peer, const char *text)
{
	char line[LINE_ROOM];

	if (hear(peer, line, sizeof line) < 0)
		return -1;
	if (is(line, "RCPT"))
		note_rcpt(peer, line);
	return is(line, text) ? 0 : -1;
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
		return say_line(peer, step->text);
	case FAKE_RAW:
		return say(peer, step->text, strlen(step->text));
	case FAKE_DRIP:
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
		good += relay->messages[i].answered != 0;
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
		buf_done(&relay->messages[i].text);
	}
	free(relay->messages);
	buf_done(&relay->heard);
	pthread_mutex_destroy(&relay->lock);
	free(relay);
	*taken = NULL;
}
