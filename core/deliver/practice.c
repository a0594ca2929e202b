/* The practice relay's thread: accepts on loopback, moves octets between
 * sockets and the machine of practice_smtp.c, writes the Maildir.  It holds
 * out against clients that are slow, silent, greedy or many; it never opens a
 * connection of its own. */
#include "core/deliver/practice.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/deliver/practice_cert.h"
#include "core/deliver/practice_smtp.h"

enum {
	CONNECTIONS_MAX = 1024,
	IDLE_MS = 300 * 1000,
	HANDSHAKE_MS = 20 * 1000,
	SWEEP_MS = 5 * 1000,
	READS_PER_TURN = 32,
	READ_ROOM = 16 * 1024,
	EVENTS_MAX = 64,
	SEEN_MAX = 64 * 1024, /* addresses remembered; a power of two */
	CERT_DAYS = 90
};

enum link_state { LINK_CLEAR, LINK_HANDSHAKE, LINK_TLS };

struct link {
	int fd;
	SSL *ssl;
	enum link_state state;
	struct practice_session *session;
	int64_t active_ms; /* last octet in or out, or begin of handshake */
	int64_t reply_ms;  /* replies wait until then; 0: none waits */
	bool wants_write;  /* TLS or a full socket wants POLLOUT */
	bool ended;        /* the client will say nothing more */
	TAILQ_ENTRY(link) all, late;
};

TAILQ_HEAD(links, link);

struct practice {
	struct practice_port port; /* first: the machine calls back with it */
	struct practice_rules rules;
	enum practice_manners manners;
	unsigned latency_ms, discard;
	char *user;
	struct secret *password;
	char *ca_file, *maildir;
	SSL_CTX *ssl;
	int listener, epoll, wake;
	uint16_t number; /* of the port */
	pthread_t thread;
	bool running;
	struct links all, late; /* late: in the order of reply_ms */
	unsigned open;
	uint64_t files;
	uint64_t *seen; /* hashes of addresses that were deferred once */
	unsigned seen_count;
	int64_t now_ms;
	pthread_mutex_t tests_lock;
	struct buf test[PRACTICE_TESTS]; /* a ring */
	size_t tests;                    /* that came */
	atomic_ullong connections, accepted, deferred, rejected, octets;
};

/* ---- judging and keeping ---- */

static uint64_t
hash_of(struct span address)
{
	struct digest digest;
	uint64_t hash;

	crypt_sha256(address, &digest);
	memcpy(&hash, digest.bytes, sizeof hash);
	return hash ? hash : 1;
}

/* True when address was seen before; remembers it.  When the table is full
 * everybody counts as seen, so nobody is deferred for ever. */
static bool
was_seen(struct practice *practice, struct span address)
{
	uint64_t hash = hash_of(address);
	size_t at = hash % SEEN_MAX;

	while (practice->seen[at] && practice->seen[at] != hash)
		at = (at + 1) % SEEN_MAX;
	if (practice->seen[at] || practice->seen_count >= SEEN_MAX / 2)
		return true;
	practice->seen[at] = hash;
	practice->seen_count++;
	return false;
}

static const char *
judge(struct practice_port *port, struct span recipient)
{
	struct practice *practice = (struct practice *)port;

	if (practice->manners == PRACTICE_PLAIN)
		return NULL;
	if (span_starts(recipient, SPAN("unknown-"))) {
		atomic_fetch_add(&practice->rejected, 1);
		return "550 5.1.1 No such user here";
	}
	if (span_starts(recipient, SPAN("full-"))) {
		atomic_fetch_add(&practice->deferred, 1);
		return "452 4.2.2 Mailbox full";
	}
	if (span_starts(recipient, SPAN("later-")) &&
	    !was_seen(practice, recipient)) {
		atomic_fetch_add(&practice->deferred, 1);
		return "451 4.2.1 Try again later";
	}
	return NULL;
}

static int
write_file(struct practice *practice, struct span sender, struct span rcpt,
    struct span message)
{
	struct buf head = BUF_INIT, from = BUF_INIT, to = BUF_INIT;
	char name[64];
	int fd, rc = -1;

	snprintf(name, sizeof name, "%lld.P%dQ%llu.practice",
	    (long long)clock_now_ms(clock_real()) / 1000, (int)getpid(),
	    (unsigned long long)++practice->files);
	buf_printf(&from, "%s/tmp/%s", practice->maildir, name);
	buf_printf(&to, "%s/new/%s", practice->maildir, name);
	buf_text(&head, "Return-Path: <");
	buf_add(&head, sender);
	buf_text(&head, ">\r\nDelivered-To: ");
	buf_add(&head, rcpt);
	buf_text(&head, "\r\n");
	fd = open(from.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		rc = file_write_all(fd, buf_span(&head));
		if (rc == 0)
			rc = file_write_all(fd, message);
		if (close(fd) < 0 || rc < 0 || rename(from.ptr, to.ptr) < 0) {
			unlink(from.ptr);
			rc = -1;
		}
	}
	buf_done(&head);
	buf_done(&from);
	buf_done(&to);
	return rc;
}

/* A test mail says so in its header. */
static bool
is_test(struct span message)
{
	struct span head =
	    span_slice(message, 0, span_search(message, SPAN("\r\n\r\n")));

	return span_search(head, SPAN("\r\nX-Sekisho-Test:")) < head.len;
}

static void
keep_test(struct practice *practice, struct span message)
{
	struct buf *test;

	pthread_mutex_lock(&practice->tests_lock);
	test = &practice->test[practice->tests++ % PRACTICE_TESTS];
	buf_clear(test);
	buf_add(test, message);
	pthread_mutex_unlock(&practice->tests_lock);
}

bool
practice_test_mail(struct practice *practice, size_t back, struct buf *out)
{
	bool found;

	pthread_mutex_lock(&practice->tests_lock);
	found = back < practice->tests && back < PRACTICE_TESTS;
	if (found)
		buf_add(
		    out, buf_span(&practice->test[(practice->tests - 1 - back) %
						  PRACTICE_TESTS]));
	pthread_mutex_unlock(&practice->tests_lock);
	return found;
}

static int
keep(struct practice_port *port, struct span sender, struct span recipient,
    struct span message)
{
	struct practice *practice = (struct practice *)port;

	if (is_test(message))
		keep_test(practice, message);
	if (!practice->discard &&
	    write_file(practice, sender, recipient, message) < 0)
		return -1;
	atomic_fetch_add(&practice->accepted, 1);
	atomic_fetch_add(&practice->octets, message.len);
	return 0;
}

/* ---- links ---- */

static void
drop_link(struct practice *practice, struct link *link)
{
	TAILQ_REMOVE(&practice->all, link, all);
	if (link->reply_ms)
		TAILQ_REMOVE(&practice->late, link, late);
	practice->open--;
	if (link->ssl && link->state == LINK_TLS)
		SSL_shutdown(link->ssl);
	SSL_free(link->ssl);
	ERR_clear_error();
	/* Closing alone would leave it in the set while a child that was just
	 * forked still holds the same socket. */
	epoll_ctl(practice->epoll, EPOLL_CTL_DEL, link->fd, NULL);
	close(link->fd);
	practice_session_free(&link->session);
	free(link);
}

/* Octets moved, 0 when it must wait, -1 when the link is dead. */
static ssize_t
ssl_result(struct link *link, int result, const size_t *moved)
{
	if (result > 0)
		return (ssize_t)*moved;
	switch (SSL_get_error(link->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_WANT_WRITE:
		link->wants_write = true;
		return 0;
	default:
		return -1;
	}
}

static ssize_t
link_read(struct link *link, void *into, size_t room)
{
	ssize_t got;
	size_t moved = 0;

	if (link->state == LINK_TLS) {
		ERR_clear_error();
		return ssl_result(
		    link, SSL_read_ex(link->ssl, into, room, &moved), &moved);
	}
	got = recv(link->fd, into, room, 0);
	if (got == 0)
		return -1;
	return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : got;
}

static ssize_t
link_write(struct link *link, struct span data)
{
	ssize_t put;
	size_t moved = 0;

	if (link->state == LINK_TLS) {
		ERR_clear_error();
		return ssl_result(link,
		    SSL_write_ex(link->ssl, data.ptr, data.len, &moved),
		    &moved);
	}
	put = send(link->fd, data.ptr, data.len, MSG_NOSIGNAL);
	if (put >= 0)
		return put;
	if (errno != EAGAIN && errno != EINTR)
		return -1;
	link->wants_write = true;
	return 0;
}

static int
handshake(struct practice *practice, struct link *link)
{
	static const size_t done = 1;

	if (!link->ssl) {
		link->ssl = SSL_new(practice->ssl);
		if (!link->ssl || !SSL_set_fd(link->ssl, link->fd))
			return -1;
		SSL_set_accept_state(link->ssl);
	}
	ERR_clear_error();
	link->wants_write = false;
	switch (ssl_result(link, SSL_do_handshake(link->ssl), &done)) {
	case 0:
		return 0;
	case 1:
		link->state = LINK_TLS;
		practice_tls_done(link->session);
		return 0;
	default:
		return -1;
	}
}

/* Sends what may be sent now; -1 when the link is to be dropped. */
static int
push(struct practice *practice, struct link *link)
{
	struct buf *out = practice_output(link->session);
	enum practice_wish wish;
	ssize_t put = 1;

	while (out->len && link->reply_ms == 0 && put > 0) {
		put = link_write(link, buf_span(out));
		if (put < 0)
			return -1;
		buf_drop(out, (size_t)put);
		link->active_ms = practice->now_ms;
	}
	if (out->len)
		return 0;
	wish = practice_wish(link->session);
	if (wish == PRACTICE_CLOSE || link->ended)
		return -1;
	if (wish == PRACTICE_TLS && link->state == LINK_CLEAR) {
		link->state = LINK_HANDSHAKE;
		return handshake(practice, link);
	}
	return 0;
}

/* Reads what is there.  A client that does not take its replies is not
 * listened to meanwhile. */
static void
pull(struct practice *practice, struct link *link)
{
	struct buf *out = practice_output(link->session);
	char bytes[READ_ROOM];
	ssize_t got = 1;

	for (int i = 0; got > 0; i++) {
		if (out->len > PRACTICE_OUT_MAX ||
		    practice_wish(link->session) != PRACTICE_IO ||
		    (i >= READS_PER_TURN &&
			!(link->ssl && SSL_has_pending(link->ssl))))
			return;
		got = link_read(link, bytes, sizeof bytes);
		if (got <= 0)
			break;
		link->active_ms = practice->now_ms;
		practice_input(link->session, span_make(bytes, (size_t)got));
		if (link->state == LINK_CLEAR && got < READ_ROOM)
			return;
	}
	link->ended |= got < 0;
}

static void
delay(struct practice *practice, struct link *link, size_t before)
{
	if (!practice->latency_ms || link->reply_ms ||
	    practice_output(link->session)->len <= before)
		return;
	link->reply_ms = practice->now_ms + practice->latency_ms;
	TAILQ_INSERT_TAIL(&practice->late, link, late);
}

static void
watch(struct practice *practice, struct link *link)
{
	struct buf *out = practice_output(link->session);
	bool deaf = link->ended || out->len > PRACTICE_OUT_MAX;
	struct epoll_event event = {.data.ptr = link};

	event.events = deaf ? 0 : EPOLLIN;
	if (link->wants_write)
		event.events |= EPOLLOUT;
	epoll_ctl(practice->epoll, EPOLL_CTL_MOD, link->fd, &event);
}

/* Octets that are decrypted already wake nobody. */
static bool
can_go_on(struct link *link)
{
	return link->state == LINK_TLS && !link->ended &&
	       SSL_has_pending(link->ssl) &&
	       practice_output(link->session)->len <= PRACTICE_OUT_MAX;
}

static void
serve(struct practice *practice, struct link *link)
{
	bool was_writing = link->wants_write, was_deaf, deaf;
	size_t before = practice_output(link->session)->len;
	int rc = 0;

	was_deaf = before > PRACTICE_OUT_MAX;
	link->wants_write = false;
	if (link->state == LINK_HANDSHAKE)
		rc = handshake(practice, link);
	while (rc == 0 && link->state != LINK_HANDSHAKE) {
		pull(practice, link);
		delay(practice, link, before);
		rc = push(practice, link);
		if (rc < 0 || !can_go_on(link))
			break;
	}
	if (rc < 0) {
		drop_link(practice, link);
		return;
	}
	deaf = link->ended ||
	       practice_output(link->session)->len > PRACTICE_OUT_MAX;
	if (was_writing != link->wants_write || was_deaf != deaf)
		watch(practice, link);
}

static void
accept_one(struct practice *practice, int fd)
{
	static const char busy[] = "421 4.3.2 Too many connections\r\n";
	struct epoll_event event = {.events = EPOLLIN};
	struct link *link;
	int on = 1;

	atomic_fetch_add(&practice->connections, 1);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (practice->open >= CONNECTIONS_MAX) {
		(void)send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL);
		close(fd);
		return;
	}
	link = mem_new(sizeof *link);
	link->fd = fd;
	link->session = practice_session_new(&practice->rules);
	link->active_ms = practice->now_ms;
	event.data.ptr = link;
	TAILQ_INSERT_TAIL(&practice->all, link, all);
	practice->open++;
	if (epoll_ctl(practice->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		drop_link(practice, link);
		return;
	}
	serve(practice, link);
}

static void
accept_all(struct practice *practice)
{
	int fd;

	for (int i = 0; i < EVENTS_MAX; i++) {
		fd = accept4(practice->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		accept_one(practice, fd);
	}
}

/* Lets go of links that were silent too long. */
static void
sweep(struct practice *practice)
{
	struct link *link, *next;

	for (link = TAILQ_FIRST(&practice->all); link; link = next) {
		int64_t limit =
		    link->state == LINK_HANDSHAKE ? HANDSHAKE_MS : IDLE_MS;

		next = TAILQ_NEXT(link, all);
		if (practice->now_ms - link->active_ms > limit)
			drop_link(practice, link);
	}
}

static void
release_late(struct practice *practice)
{
	struct link *link;

	while ((link = TAILQ_FIRST(&practice->late)) != NULL &&
	       link->reply_ms <= practice->now_ms) {
		TAILQ_REMOVE(&practice->late, link, late);
		link->reply_ms = 0;
		serve(practice, link);
	}
}

static int
wait_ms(const struct practice *practice)
{
	const struct link *first = TAILQ_FIRST(&practice->late);
	int64_t ms = first ? first->reply_ms - practice->now_ms : SWEEP_MS;

	return ms < 0 ? 0 : (int)ms;
}

static void *
work(void *argument)
{
	struct practice *practice = argument;
	struct epoll_event events[EVENTS_MAX];
	int64_t swept = 0;
	int n;

	for (;;) {
		n = epoll_wait(
		    practice->epoll, events, EVENTS_MAX, wait_ms(practice));
		practice->now_ms = clock_steady_ms(clock_real());
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == &practice->wake)
				return NULL;
			if (events[i].data.ptr == &practice->listener)
				accept_all(practice);
			else
				serve(practice, events[i].data.ptr);
		}
		release_late(practice);
		if (practice->now_ms - swept >= SWEEP_MS) {
			swept = practice->now_ms;
			sweep(practice);
		}
	}
}

/* ---- start and stop ---- */

static int
start_failed(struct err *err, const char *what, int sys)
{
	err_sys(err, E_PRACTICE, sys);
	return err_fact(err, "what", span_of(what));
}

static int
make_folder(struct practice *practice, const char *folder, struct err *err)
{
	static const char *const parts[] = {"tmp", "new", "cur"};
	struct buf path = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; i < 3 && rc == 0; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/Maildir/%s", folder, parts[i]);
		rc = file_mkdirs(path.ptr, 0700, err);
	}
	buf_clear(&path);
	buf_printf(&path, "%s/Maildir", folder);
	practice->maildir = mem_text(buf_span(&path));
	buf_clear(&path);
	buf_printf(&path, "%s/ca.pem", folder);
	practice->ca_file = mem_text(buf_span(&path));
	buf_done(&path);
	return rc;
}

static int
make_certificate(struct practice *practice, struct err *err)
{
	static const struct practice_cert_how how = {
	    .names = "DNS:localhost,IP:127.0.0.1",
	    .from_s = -86400,
	    .to_s = CERT_DAYS * 86400L,
	};
	struct buf pem = BUF_INIT;
	int rc = practice_cert_make(&how, &practice->ssl, &pem, err);

	if (rc == 0)
		rc = file_replace(practice->ca_file, buf_span(&pem), 0600, err);
	buf_done(&pem);
	return rc;
}

static int
open_port(struct practice *practice, struct err *err)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;

	practice->listener =
	    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (practice->listener < 0 ||
	    bind(practice->listener, (struct sockaddr *)&address, len) < 0 ||
	    listen(practice->listener, SOMAXCONN) < 0 ||
	    getsockname(practice->listener, (struct sockaddr *)&address, &len) <
		0)
		return start_failed(err, "port", errno);
	practice->number = ntohs(address.sin_port);
	return 0;
}

static int
add_watch(struct practice *practice, int *fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};

	return epoll_ctl(practice->epoll, EPOLL_CTL_ADD, *fd, &event);
}

/* The thread takes no signals: they are for the screen thread, and OpenSSL's
 * own writes would raise SIGPIPE. */
static int
start_thread(struct practice *practice, struct err *err)
{
	sigset_t all, before;
	int sys;

	practice->epoll = epoll_create1(EPOLL_CLOEXEC);
	practice->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (practice->epoll < 0 || practice->wake < 0 ||
	    add_watch(practice, &practice->wake) < 0 ||
	    add_watch(practice, &practice->listener) < 0)
		return start_failed(err, "epoll", errno);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	sys = pthread_create(&practice->thread, NULL, work, practice);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (sys)
		return start_failed(err, "thread", sys);
	practice->running = true;
	return 0;
}

static struct practice *
practice_new(const struct practice_config *config)
{
	struct practice *practice = mem_new(sizeof *practice);

	practice->listener = practice->epoll = practice->wake = -1;
	pthread_mutex_init(&practice->tests_lock, NULL);
	practice->manners = config->manners;
	practice->latency_ms = config->latency_ms;
	practice->discard = config->discard;
	practice->seen = mem_array(SEEN_MAX, sizeof *practice->seen);
	practice->port.judge = judge;
	practice->port.keep = keep;
	TAILQ_INIT(&practice->all);
	TAILQ_INIT(&practice->late);
	if (config->user) {
		practice->user = mem_text(span_of(config->user));
		practice->password =
		    secret_of(config->password->bytes, config->password->len);
	}
	practice->rules = (struct practice_rules){
	    &practice->port, practice->user, practice->password};
	return practice;
}

int
practice_start(const struct practice_config *config, struct practice **out,
    struct err *err)
{
	struct practice *practice = practice_new(config);
	int rc = -1;

	if (make_folder(practice, config->folder, err) < 0 ||
	    make_certificate(practice, err) < 0 ||
	    open_port(practice, err) < 0 || start_thread(practice, err) < 0)
		goto out;
	*out = practice;
	practice = NULL;
	rc = 0;
out:
	practice_stop(&practice);
	return rc;
}

uint16_t
practice_port(const struct practice *practice)
{
	return practice->number;
}

const char *
practice_ca_file(const struct practice *practice)
{
	return practice->ca_file;
}

const char *
practice_maildir(const struct practice *practice)
{
	return practice->maildir;
}

struct practice_count
practice_count(const struct practice *practice)
{
	return (struct practice_count){
	    .connections = atomic_load(&practice->connections),
	    .accepted = atomic_load(&practice->accepted),
	    .deferred = atomic_load(&practice->deferred),
	    .rejected = atomic_load(&practice->rejected),
	    .octets = atomic_load(&practice->octets),
	};
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
practice_stop(struct practice **taken)
{
	struct practice *practice = *taken;
	uint64_t one = 1;

	if (!practice)
		return;
	if (practice->running) {
		(void)!write(practice->wake, &one, sizeof one);
		pthread_join(practice->thread, NULL);
	}
	while (!TAILQ_EMPTY(&practice->all))
		drop_link(practice, TAILQ_FIRST(&practice->all));
	close_fd(practice->listener);
	close_fd(practice->epoll);
	close_fd(practice->wake);
	SSL_CTX_free(practice->ssl);
	secret_free(&practice->password);
	free(practice->user);
	free(practice->ca_file);
	free(practice->maildir);
	free(practice->seen);
	for (int i = 0; i < PRACTICE_TESTS; i++)
		buf_done(&practice->test[i]);
	pthread_mutex_destroy(&practice->tests_lock);
	free(practice);
	*taken = NULL;
}
