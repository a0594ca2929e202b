/* A relay that only counts, for measuring senders: one epoll loop a thread,
 * STARTTLS or TLS, PIPELINING, CHUNKING, delays, refusals and drops by pattern.
 * It looks at every message (line ends, header fields, marks left in the text)
 * and at every recipient, so that a fast sender which loses, doubles or breaks
 * mail is found out.
 *
 *	sink [--tls none|starttls|implicit] [--ca-out FILE] [--chunking on|off]
 *	    [--latency MS] [--threads N] [--temporary N] [--permanent N]
 *	    [--drop N] [--cpu N]
 *
 *	--latency    before each batch of replies
 *	--temporary  every Nth recipient is refused once with 451
 *	--permanent  every Nth recipient is refused with 550
 *	--drop       every Nth end of data is taken and not answered
 *	--cpu        stay on this processor
 *
 * The first line on standard output is the port on 127.0.0.1.  When standard
 * input ends, one line of JSON follows: what was seen, and the time used. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/deliver/practice_cert.h"

enum {
	THREADS_MAX = 16,
	EVENTS_MAX = 64,
	READ_ROOM = 64 * 1024,
	INPUT_MAX = 8 * 1024 * 1024,
	PEOPLE_MAX = 4 * 1024 * 1024,
	LINE_MAX_OCTETS = 1000, /* with CRLF (RFC 5321 section 4.5.3.1.6) */
	TICK_MS = 50
};

enum sink_tls { SINK_CLEAR, SINK_STARTTLS, SINK_IMPLICIT };

/* What the command line asks for. */
struct options {
	enum sink_tls tls;
	const char *ca_out;
	int chunking, latency_ms, threads, temporary, permanent, drop, cpu;
};

/* Seen so far; shared by the threads. */
struct figures {
	atomic_ulong messages, octets, repeated, lint, connections, resumed;
	atomic_ulong refused, dropped, chunked;
	atomic_ulong ends; /* of data, for --drop */
	atomic_uchar person[PEOPLE_MAX / 8], once[PEOPLE_MAX / 8];
};

enum talk { TALK_LINES, TALK_DATA, TALK_CHUNK };

struct client {
	int fd;
	SSL *ssl; /* NULL: clear */
	bool handshaking, wants_tls, closing;
	enum talk talk;
	struct buf in;
	size_t scanned; /* octets of data that hold no end */
	size_t chunk;   /* octets of the chunk to come */
	bool chunk_last, recipient, refused;
	unsigned long number; /* of the recipient */
	struct buf message;   /* of chunks before the last */
	struct buf out;
	size_t out_at;
	int64_t due_ms; /* when out may leave; 0: now */
	struct client *next_due;
	bool queued;
};

struct sink {
	const struct options *options;
	struct figures *figures;
	SSL_CTX *tls;
	int listener;
};

/* One loop. */
struct loop {
	struct sink *sink;
	pthread_t thread;
	int epoll_fd;
	struct client *due, **due_tail; /* in the order of due_ms */
};

static atomic_bool over;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- What arrived ---------------------------------------------------------- */

/* Sets a bit; whether it was set before. */
static bool
was_set(atomic_uchar *bits, unsigned long number)
{
	unsigned char bit = (unsigned char)(1u << (number % 8));

	return number < PEOPLE_MAX &&
	       (atomic_fetch_or(&bits[number / 8], bit) & bit);
}

static bool
has_once(struct span header, const char *name)
{
	size_t len = strlen(name);
	const char *at = header.ptr, *end = at + header.len;
	int found = 0;

	while (at && at < end) {
		if ((size_t)(end - at) > len && strncasecmp(at, name, len) == 0)
			found++;
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	return found == 1;
}

/* True when all lines end in CRLF, none is too long, and no mark of the
 * template is left. */
static bool
lines_are_good(struct span bytes)
{
	const char *at = bytes.ptr, *end = at + bytes.len;

	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		size_t len = nl ? (size_t)(nl - at) + 1 : 0;

		if (len < 2 || len > LINE_MAX_OCTETS || nl[-1] != '\r' ||
		    memchr(at, '\r', len) != nl - 1 || memchr(at, '\0', len))
			return false;
		at = nl + 1;
	}
	return !memmem(bytes.ptr, bytes.len, "{{", 2);
}

static bool
is_good(struct span bytes)
{
	static const char *const wanted[] = {"From:", "To:", "Subject:",
	    "Date:", "Message-ID:", "MIME-Version:", "Content-Type:"};
	const char *end = memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4);
	struct span header;

	if (!end || !lines_are_good(bytes))
		return false;
	header = span_make(bytes.ptr, (size_t)(end - bytes.ptr) + 2);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		if (!has_once(header, wanted[i]))
			return false;
	}
	return bytes.ptr + bytes.len > end + 4;
}

static void
reply(struct client *client, const char *text)
{
	buf_text(&client->out, text);
}

/* The end of a message: looked at, counted, answered or not. */
static void
take_message(struct sink *sink, struct client *client, struct span bytes)
{
	struct figures *figures = sink->figures;
	unsigned long end = atomic_fetch_add(&figures->ends, 1) + 1;

	atomic_fetch_add(&figures->messages, 1);
	atomic_fetch_add(&figures->octets, bytes.len);
	if (was_set(figures->person, client->number))
		atomic_fetch_add(&figures->repeated, 1);
	if (!is_good(bytes))
		atomic_fetch_add(&figures->lint, 1);
	client->recipient = false;
	if (sink->options->drop && end % (unsigned)sink->options->drop == 0) {
		atomic_fetch_add(&figures->dropped, 1);
		client->closing = true;
		buf_clear(&client->out);
		client->out_at = 0;
		return;
	}
	buf_printf(&client->out, "250 2.0.0 Ok: queued as 4F1C%06lX\r\n", end);
}

/* ---- Commands -------------------------------------------------------------- */

/* The first number in an address: its person. */
static unsigned long
number_in(struct span line)
{
	size_t at = 8; /* "RCPT TO:" */

	while (at < line.len && (line.ptr[at] < '0' || line.ptr[at] > '9'))
		at++;
	return at < line.len ? strtoul(line.ptr + at, NULL, 10) : 0;
}

static void
on_rcpt(struct sink *sink, struct client *client, struct span line)
{
	const struct options *options = sink->options;
	unsigned long number = number_in(line);

	client->number = number;
	client->refused = true;
	if (options->permanent && number % (unsigned)options->permanent == 0) {
		atomic_fetch_add(&sink->figures->refused, 1);
		reply(client, "550 5.1.1 no mailbox here\r\n");
	} else if (options->temporary &&
		   number % (unsigned)options->temporary == 0 &&
		   !was_set(sink->figures->once, number)) {
		atomic_fetch_add(&sink->figures->refused, 1);
		reply(client, "451 4.3.0 try again\r\n");
	} else {
		client->refused = false;
		client->recipient = true;
		reply(client, "250 2.1.5 Ok\r\n");
	}
}

static void
on_ehlo(struct sink *sink, struct client *client)
{
	reply(client, "250-sink\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n"
		      "250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
		      "250-AUTH PLAIN\r\n");
	if (sink->options->chunking)
		reply(client, "250-CHUNKING\r\n");
	if (sink->options->tls == SINK_STARTTLS && !client->ssl)
		reply(client, "250-STARTTLS\r\n");
	reply(client, "250 DSN\r\n");
}

static void
start_tls(struct sink *sink, struct client *client)
{
	client->ssl = SSL_new(sink->tls);
	if (!client->ssl || !SSL_set_fd(client->ssl, client->fd))
		die("SSL_new");
	SSL_set_accept_state(client->ssl);
	client->handshaking = true;
}

static void
on_bdat(struct client *client, struct span line)
{
	char *rest;

	client->chunk = strtoul(line.ptr + 5, &rest, 10);
	client->chunk_last = strncasecmp(rest, " LAST", 5) == 0;
	client->talk = TALK_CHUNK;
}

static void
on_line(struct sink *sink, struct client *client, struct span line)
{
	const char *text = line.ptr;

	if (strncasecmp(text, "MAIL", 4) == 0) {
		client->recipient = false;
		reply(client, "250 2.1.0 Ok\r\n");
	} else if (strncasecmp(text, "RCPT", 4) == 0) {
		on_rcpt(sink, client, line);
	} else if (strncasecmp(text, "BDAT", 4) == 0) {
		on_bdat(client, line);
	} else if (strncasecmp(text, "DATA", 4) == 0) {
		if (client->recipient) {
			client->talk = TALK_DATA;
			client->scanned = 0;
			reply(client, "354 go on\r\n");
		} else {
			reply(client, "503 5.5.1 no valid recipients\r\n");
		}
	} else if (strncasecmp(text, "EHLO", 4) == 0 ||
		   strncasecmp(text, "HELO", 4) == 0) {
		on_ehlo(sink, client);
	} else if (strncasecmp(text, "STARTTLS", 8) == 0) {
		reply(client, "220 2.0.0 Ready\r\n");
		client->wants_tls = true;
	} else if (strncasecmp(text, "AUTH", 4) == 0) {
		reply(client, "235 2.7.0 Ok\r\n");
	} else if (strncasecmp(text, "QUIT", 4) == 0) {
		reply(client, "221 2.0.0 Bye\r\n");
		client->closing = true;
	} else {
		reply(client, "250 2.0.0 Ok\r\n");
	}
}

/* The end of the data in input, or 0 when it has not come; *octets of the
 * message before the dot. */
static size_t
end_of_data(struct client *client, struct span input, size_t *octets)
{
	size_t from = client->scanned > 4 ? client->scanned - 4 : 0;
	const char *end;

	if (input.len >= 3 && memcmp(input.ptr, ".\r\n", 3) == 0) {
		*octets = 0;
		return 3;
	}
	end = memmem(input.ptr + from, input.len - from, "\r\n.\r\n", 5);
	client->scanned = input.len;
	if (!end)
		return 0;
	*octets = (size_t)(end - input.ptr) + 2;
	return *octets + 3;
}

static size_t
deal_with_chunk(struct sink *sink, struct client *client, struct span input)
{
	size_t len = client->chunk;
	struct span chunk;

	if (input.len < len)
		return 0;
	chunk = span_make(input.ptr, len);
	client->talk = TALK_LINES;
	client->chunk = 0;
	atomic_fetch_add(&sink->figures->chunked, 1);
	if (!client->recipient) {
		reply(client, "503 5.5.1 no valid recipients\r\n");
	} else if (client->chunk_last && !client->message.len) {
		take_message(sink, client, chunk);
	} else {
		buf_add(&client->message, chunk);
		if (client->chunk_last)
			take_message(sink, client, buf_span(&client->message));
		else
			reply(client, "250 2.0.0 Ok\r\n");
		if (client->chunk_last)
			buf_clear(&client->message);
	}
	return len;
}

/* Deals with one command or message at the start of input; how many octets
 * that were, 0 when more must come first. */
static size_t
deal_with(struct sink *sink, struct client *client, struct span input)
{
	const char *nl;
	size_t octets, taken;

	if (client->talk == TALK_CHUNK)
		return deal_with_chunk(sink, client, input);
	if (client->talk == TALK_DATA) {
		taken = end_of_data(client, input, &octets);
		if (!taken)
			return 0;
		client->talk = TALK_LINES;
		take_message(sink, client, span_make(input.ptr, octets));
		return taken;
	}
	nl = memchr(input.ptr, '\n', input.len);
	if (!nl)
		return 0;
	taken = (size_t)(nl - input.ptr) + 1;
	on_line(sink, client, span_make(input.ptr, taken));
	return taken;
}

static void
deal_with_all(struct sink *sink, struct client *client)
{
	size_t at = 0, taken = 1;

	while (taken && at < client->in.len && !client->closing &&
	       !client->wants_tls) {
		taken = deal_with(sink, client,
		    span_slice(buf_span(&client->in), at, client->in.len));
		at += taken;
	}
	buf_drop(&client->in, at);
	if (client->in.len > INPUT_MAX)
		client->closing = true;
}

/* ---- Octets in and out ----------------------------------------------------- */

static void
drop_client(struct loop *loop, struct client *client)
{
	if (client->queued) {
		struct client **at = &loop->due;

		while (*at != client)
			at = &(*at)->next_due;
		*at = client->next_due;
		if (!client->next_due)
			loop->due_tail = at;
	}
	SSL_free(client->ssl);
	close(client->fd);
	buf_done(&client->in);
	buf_done(&client->message);
	buf_done(&client->out);
	free(client);
}

/* One read; 1 when something came, 0 when nothing is there, -1 at the end. */
static int
read_some(struct client *client)
{
	char *into;
	ssize_t got;

	buf_reserve(&client->in, READ_ROOM);
	into = client->in.ptr + client->in.len;
	if (client->ssl) {
		int n = SSL_read(client->ssl, into, READ_ROOM);

		if (n <= 0)
			return SSL_get_error(client->ssl, n) ==
				       SSL_ERROR_WANT_READ
				   ? 0
				   : -1;
		client->in.len += (size_t)n;
		return 1;
	}
	got = recv(client->fd, into, READ_ROOM, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return -1;
	client->in.len += (size_t)got;
	return 1;
}

/* Sends all that is due.  Replies are short: a peer that does not read them is
 * let go. */
static int
flush(struct sink *sink, struct client *client)
{
	struct span out = buf_span(&client->out);
	int put = 0;

	if (!out.len)
		return client->closing ? -1 : 0;
	put = client->ssl
		  ? SSL_write(client->ssl, out.ptr, (int)out.len)
		  : (int)send(client->fd, out.ptr, out.len, MSG_NOSIGNAL);
	if (put != (int)out.len)
		return -1;
	buf_clear(&client->out);
	if (client->wants_tls) {
		client->wants_tls = false;
		start_tls(sink, client);
	}
	return client->closing ? -1 : 0;
}

/* Sends now, or puts the client into the queue of those that wait. */
static int
flush_or_wait(struct loop *loop, struct client *client)
{
	int latency = loop->sink->options->latency_ms;

	if (!latency)
		return flush(loop->sink, client);
	if ((!client->out.len && !client->closing) || client->queued)
		return 0;
	client->due_ms = now_ms() + latency;
	client->queued = true;
	client->next_due = NULL;
	*loop->due_tail = client;
	loop->due_tail = &client->next_due;
	return 0;
}

static int
shake_hands(struct loop *loop, struct client *client)
{
	int got = SSL_do_handshake(client->ssl);

	if (got != 1)
		return SSL_get_error(client->ssl, got) == SSL_ERROR_WANT_READ
			   ? 0
			   : -1;
	client->handshaking = false;
	atomic_fetch_add(&loop->sink->figures->resumed,
	    (unsigned long)SSL_session_reused(client->ssl));
	if (loop->sink->options->tls == SINK_IMPLICIT)
		reply(client, "220 sink ESMTP\r\n");
	return 1;
}

static int
turn(struct loop *loop, struct client *client)
{
	int got = 1;

	while (got == 1 && !client->closing) {
		if (client->handshaking)
			got = shake_hands(loop, client);
		if (got == 1 && !client->handshaking) {
			deal_with_all(loop->sink, client);
			if (flush_or_wait(loop, client) < 0)
				return -1;
			got = client->closing ? 0 : read_some(client);
			if (got == 1)
				deal_with_all(loop->sink, client);
		}
	}
	if (got < 0)
		return -1;
	return flush_or_wait(loop, client);
}

static void
greet(struct loop *loop, int fd)
{
	struct client *client = calloc(1, sizeof *client);
	struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = client}};
	int on = 1;

	if (!client)
		die("calloc");
	client->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	atomic_fetch_add(&loop->sink->figures->connections, 1);
	if (loop->sink->options->tls == SINK_IMPLICIT)
		start_tls(loop->sink, client);
	else
		reply(client, "220 sink ESMTP\r\n");
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll_ctl");
	if (!client->ssl && flush_or_wait(loop, client) < 0)
		drop_client(loop, client);
}

static void
accept_all(struct loop *loop)
{
	int fd;

	while ((fd = accept4(loop->sink->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		greet(loop, fd);
}

/* Sends what has waited long enough; how long the next one waits. */
static int
send_due(struct loop *loop)
{
	int64_t now = loop->due ? now_ms() : 0;

	while (loop->due && loop->due->due_ms <= now) {
		struct client *client = loop->due;

		loop->due = client->next_due;
		if (!loop->due)
			loop->due_tail = &loop->due;
		client->queued = false;
		if (flush(loop->sink, client) < 0)
			drop_client(loop, client);
	}
	if (loop->due && loop->due->due_ms - now < TICK_MS)
		return (int)(loop->due->due_ms - now);
	return TICK_MS;
}

static void *
loop_main(void *arg)
{
	struct loop *loop = arg;
	struct epoll_event event[EVENTS_MAX];

	while (!over) {
		int n = epoll_wait(
		    loop->epoll_fd, event, EVENTS_MAX, send_due(loop));

		for (int i = 0; i < n; i++) {
			struct client *client = event[i].data.ptr;

			if (!client)
				accept_all(loop);
			else if (turn(loop, client) < 0)
				drop_client(loop, client);
		}
	}
	return NULL;
}

/* ---- Start and end --------------------------------------------------------- */

static int
listen_somewhere(void)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) < 0 ||
	    listen(fd, 512) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		die("listen");
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void
make_certificate(struct sink *sink)
{
	struct practice_cert_how how = {.names = "DNS:localhost,IP:127.0.0.1",
	    .from_s = -3600,
	    .to_s = 24 * 3600};
	struct buf ca = BUF_INIT;
	struct err err = {0};
	FILE *out;

	if (practice_cert_make(&how, &sink->tls, &ca, &err) < 0)
		die("certificate");
	SSL_CTX_set_session_id_context(
	    sink->tls, (const unsigned char *)"sink", 4);
	if (sink->options->ca_out) {
		out = fopen(sink->options->ca_out, "w");
		if (!out || fwrite(ca.ptr, 1, ca.len, out) != ca.len ||
		    fclose(out) != 0)
			die(sink->options->ca_out);
	}
	buf_done(&ca);
}

static void
start_loop(struct sink *sink, struct loop *loop)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLEXCLUSIVE, .data = {.ptr = NULL}};

	loop->sink = sink;
	loop->due_tail = &loop->due;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0 ||
	    epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, sink->listener, &event) <
		0 ||
	    pthread_create(&loop->thread, NULL, loop_main, loop) != 0)
		die("loop");
}

static void
print_figures(const struct figures *figures)
{
	unsigned long distinct = 0;
	struct rusage used;

	for (size_t i = 0; i < sizeof figures->person; i++)
		distinct +=
		    (unsigned long)__builtin_popcount(figures->person[i]);
	getrusage(RUSAGE_SELF, &used);
	printf("{\"messages\":%lu,\"distinct\":%lu,\"repeated\":%lu,"
	       "\"lint\":%lu,\"octets\":%lu,\"connections\":%lu,"
	       "\"resumed\":%lu,\"chunked\":%lu,\"refused\":%lu,"
	       "\"dropped\":%lu,\"cpu_us\":%lld}\n",
	    figures->messages, distinct, figures->repeated, figures->lint,
	    figures->octets, figures->connections, figures->resumed,
	    figures->chunked, figures->refused, figures->dropped,
	    (long long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
		used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static enum sink_tls
tls_of(const char *name)
{
	static const char *const names[] = {"none", "starttls", "implicit"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(name, names[i]) == 0)
			return (enum sink_tls)i;
	}
	die(name);
	return SINK_CLEAR;
}

static void
read_options(int argc, char **argv, struct options *out)
{
	static const struct option known[] = {
	    {"tls", required_argument, NULL, 't'},
	    {"ca-out", required_argument, NULL, 'a'},
	    {"chunking", required_argument, NULL, 'c'},
	    {"latency", required_argument, NULL, 'l'},
	    {"threads", required_argument, NULL, 'n'},
	    {"temporary", required_argument, NULL, '4'},
	    {"permanent", required_argument, NULL, '5'},
	    {"drop", required_argument, NULL, 'd'},
	    {"cpu", required_argument, NULL, 'p'},
	    {NULL, 0, NULL, 0},
	};
	int got;

	while ((got = getopt_long(argc, argv, "", known, NULL)) != -1) {
		int number = optarg ? (int)strtol(optarg, NULL, 10) : 0;

		if (got == 't')
			out->tls = tls_of(optarg);
		else if (got == 'a')
			out->ca_out = optarg;
		else if (got == 'c')
			out->chunking = strcmp(optarg, "off") != 0;
		else if (got == 'l')
			out->latency_ms = number;
		else if (got == 'n')
			out->threads = number;
		else if (got == '4')
			out->temporary = number;
		else if (got == '5')
			out->permanent = number;
		else if (got == 'd')
			out->drop = number;
		else if (got == 'p')
			out->cpu = number;
		else
			exit(2);
	}
	if (out->threads < 1 || out->threads > THREADS_MAX)
		out->threads = 1;
}

static void
stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof set, &set) < 0)
		die("sched_setaffinity");
}

int
main(int argc, char **argv)
{
	static struct figures figures;
	struct options options = {.chunking = 1, .threads = 1, .cpu = -1};
	struct loop loop[THREADS_MAX] = {{0}};
	struct sink sink = {.options = &options, .figures = &figures};
	char octet;

	read_options(argc, argv, &options);
	signal(SIGPIPE, SIG_IGN);
	if (options.cpu >= 0)
		stay_on(options.cpu);
	if (options.tls != SINK_CLEAR)
		make_certificate(&sink);
	sink.listener = listen_somewhere();
	for (int i = 0; i < options.threads; i++)
		start_loop(&sink, &loop[i]);
	while (read(STDIN_FILENO, &octet, 1) > 0)
		continue;
	over = true;
	for (int i = 0; i < options.threads; i++)
		pthread_join(loop[i].thread, NULL);
	print_figures(&figures);
	SSL_CTX_free(sink.tls);
	return 0;
}
