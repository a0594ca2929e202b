/* The holder's end of the socket: who may come in, and what they may ask.  Our
 * own uid may take the screen and watch; another one may watch only where the
 * store's folder is shared and its keyring knows the name.  One thread serves
 * all callers, and never waits for any of them: what one does not read is kept
 * up to a limit, then it is hung up on. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/access/socket_io.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/store/store.h"

enum {
	HELLO_MS = 10 * 1000,   /* to say what is wanted */
	DECIDE_MS = 10 * 60000, /* to hand the terminal over */
	FIGURES_MS = 500,       /* between two figures for a watcher */
	SETTLE_MS = 20,         /* between two looks at an order */
	HURRY_MS = 300,         /* until a waiting visitor is pressed for */
	SLOW_MS = 10 * 1000,    /* unread octets are kept so long */
	OUT_MAX = 4 * SOCKET_BODY_MAX,
	BACKLOG = 8,
};

enum wish { WISH_UNKNOWN, WISH_ATTACH, WISH_WATCH, WISH_APPROVE };

struct caller {
	struct socket_line line;
	struct socket_peer peer;
	enum wish wish;
	struct buf hello; /* its facts, for the screen thread */
	struct buf out;
	int fd[SOCKET_FDS];
	int64_t since_ms;   /* of the last step forward */
	int64_t unread_ms;  /* since when out is not empty */
	int64_t figures_ms; /* next ones are due */
	int64_t ordered_ms; /* an order is being carried out, or 0 */
	enum door_order order;
	bool leaving; /* ends when out is empty */
};

struct door {
	struct door_host *host; /* borrowed */
	struct clock *clock;    /* borrowed */
	char *dir;
	uid_t owner;
	int listener, wake_fd, event_fd;
	pthread_t thread;
	struct caller *caller[SOCKET_CALLERS_MAX]; /* the thread's */
	pthread_mutex_t lock;
	/* guarded by lock */
	bool ending, has_visitor;
	struct door_visitor visitor;
	int64_t visitor_ms;
};

static int64_t
now_of(struct door *door)
{
	return clock_steady_ms(door->clock);
}

static void
ring(int fd)
{
	uint64_t one = 1;

	/* A full counter is readable too: nothing is lost by failing. */
	if (write(fd, &one, sizeof one) < 0)
		return;
}

static void
hush(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof count) < 0)
		return;
}

/* ---- Who may ---------------------------------------------------------------- */

static bool
is_shared(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && (st.st_mode & S_ISGID) &&
	       (st.st_mode & S_IRWXG);
}

static bool
may_watch(const struct door *door, const struct socket_peer *peer)
{
	return peer->uid == door->owner ||
	       (is_shared(door->dir) && store_has_user(door->dir, peer->name));
}

/* Nobody else is heard at all. */
static bool
may_come(const struct door *door, const struct socket_peer *peer)
{
	return may_watch(door, peer) ||
	       (door->host->approver && is_shared(door->dir));
}

/* ---- One caller -------------------------------------------------------------- */

static void
tell(struct door *door, struct caller *caller, enum socket_kind kind,
    struct span body)
{
	if (caller->out.len == 0)
		caller->unread_ms = now_of(door);
	socket_frame_add(&caller->out, kind, body);
}

static void
refuse(struct door *door, struct caller *caller, const struct err *why)
{
	struct buf body = BUF_INIT;

	socket_put_err(&body, why);
	tell(door, caller, SOCKET_REFUSED, buf_span(&body));
	caller->leaving = true;
	buf_done(&body);
}

static void
refuse_code(struct door *door, struct caller *caller, enum err_code code)
{
	struct err why = {.code = E_NONE};

	err_set(&why, code);
	if (code == E_SOCKET_USER)
		err_fact(&why, "user", span_of(caller->peer.name));
	if (code == E_SOCKET_FULL)
		err_fact_int(&why, "limit", SOCKET_CALLERS_MAX);
	refuse(door, caller, &why);
}

static void
close_fds(int fd[SOCKET_FDS])
{
	for (int i = 0; i < SOCKET_FDS; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = -1;
	}
}

static void
caller_free(struct caller **caller)
{
	close_fds((*caller)->fd);
	socket_line_done(&(*caller)->line);
	buf_done(&(*caller)->hello);
	buf_done(&(*caller)->out);
	free(*caller);
	*caller = NULL;
}

/* Who may approve is written in the store: the door lets everybody in whom the
 * folder's group lets connect, and its host asks. */
static void
hand_to_review(struct door *door, struct caller *caller)
{
	struct buf welcome = BUF_INIT;
	struct err why = {.code = E_NONE};
	struct socket_line line = caller->line;

	buf_drop(&line.in, line.used);
	line.used = 0;
	caller->line = SOCKET_LINE_INIT;
	door->host->welcome(door->host, &welcome);
	fact_add(&welcome, "you", span_of(caller->peer.name));
	if (door->host->approver(door->host, &line, &caller->peer,
		buf_span(&welcome), &why) < 0) {
		caller->line = line;
		refuse(door, caller, &why);
	}
	buf_done(&welcome);
}

static void
hear_hello(struct door *door, struct caller *caller, struct span facts)
{
	struct span wish = fact_find(facts, "wish");
	struct buf body = BUF_INIT;

	if (span_equal(wish, SPAN("attach")))
		caller->wish = WISH_ATTACH;
	else if (span_equal(wish, SPAN("watch")))
		caller->wish = WISH_WATCH;
	else if (span_equal(wish, SPAN("approve")) && door->host->approver)
		caller->wish = WISH_APPROVE;
	if (caller->wish == WISH_UNKNOWN) {
		refuse_code(door, caller, E_SOCKET_FRAME);
		return;
	}
	if (caller->wish == WISH_APPROVE) {
		hand_to_review(door, caller);
		return;
	}
	if (!may_watch(door, &caller->peer) ||
	    (caller->wish == WISH_ATTACH && caller->peer.uid != door->owner)) {
		refuse_code(door, caller, E_SOCKET_USER);
		return;
	}
	buf_add(&caller->hello, facts);
	door->host->welcome(door->host, &body);
	tell(door, caller, SOCKET_WELCOME, buf_span(&body));
	caller->figures_ms = now_of(door);
	buf_done(&body);
}

/* The caller becomes the screen thread's; false when somebody else waits. */
static bool
hand_over(struct door *door, struct caller *caller)
{
	bool done = false;

	pthread_mutex_lock(&door->lock);
	if (!door->has_visitor) {
		door->visitor = (struct door_visitor){.line = caller->line,
		    .hello = caller->hello,
		    .fd = {caller->fd[0], caller->fd[1]}};
		door->has_visitor = done = true;
		door->visitor_ms = now_of(door);
	}
	pthread_mutex_unlock(&door->lock);
	if (!done)
		return false;
	caller->line = SOCKET_LINE_INIT;
	caller->hello = BUF_INIT;
	caller->fd[0] = caller->fd[1] = -1;
	ring(door->event_fd);
	return true;
}

static void
hear_take(struct door *door, struct caller *caller)
{
	if (caller->wish != WISH_ATTACH)
		refuse_code(door, caller, E_SOCKET_USER);
	else if (!isatty(caller->fd[0]) || !isatty(caller->fd[1]))
		refuse_code(door, caller, E_SOCKET_TERMINAL);
	else if (!hand_over(door, caller))
		refuse_code(door, caller, E_SOCKET_FULL);
}

static const char *
order_word(enum door_order order)
{
	return order == DOOR_STOP ? "stop" : "pause";
}

static void
tell_done(struct door *door, struct caller *caller, const char *state,
    const struct err *why)
{
	struct buf body = BUF_INIT;

	fact_add(&body, "order", span_of(order_word(caller->order)));
	fact_add(&body, "state", span_of(state));
	if (why)
		socket_put_err(&body, why);
	tell(door, caller, SOCKET_DONE, buf_span(&body));
	buf_done(&body);
}

/* A reason is kept in the log: text that a person can read. */
static int
check_reason(struct span reason, struct err *err)
{
	if (reason.len == 0 || reason.len > SOCKET_REASON_MAX ||
	    !utf8_is_valid(reason))
		return err_set(err, E_SOCKET_REASON);
	return 0;
}

static void
hear_order(struct door *door, struct caller *caller, struct span facts)
{
	struct span word = fact_find(facts, "order");
	struct span reason = span_trim(fact_find(facts, "reason"));
	struct err why = {.code = E_NONE};
	int rc = 0;

	caller->order = span_equal(word, SPAN("stop")) ? DOOR_STOP : DOOR_PAUSE;
	if (caller->wish != WISH_WATCH)
		rc = err_set(&why, E_SOCKET_USER);
	else if (!span_equal(word, span_of(order_word(caller->order))))
		rc = err_set(&why, E_SOCKET_FRAME);
	else if (caller->order == DOOR_STOP)
		rc = check_reason(reason, &why);
	if (rc == 0)
		rc = door->host->order(door->host, caller->order, &caller->peer,
		    caller->order == DOOR_STOP ? reason : SPAN(""), &why);
	tell_done(
	    door, caller, rc == 0 ? "taken" : "refused", rc == 0 ? NULL : &why);
	caller->ordered_ms = rc == 0 ? now_of(door) : 0;
}

static void
hear(struct door *door, struct caller *caller, const struct socket_frame *frame)
{
	caller->since_ms = now_of(door);
	if (caller->leaving)
		return;
	if (caller->wish == WISH_UNKNOWN && frame->kind == SOCKET_HELLO)
		hear_hello(door, caller, frame->body);
	else if (caller->wish != WISH_UNKNOWN && frame->kind == SOCKET_TAKE)
		hear_take(door, caller);
	else if (caller->wish != WISH_UNKNOWN && frame->kind == SOCKET_ORDER)
		hear_order(door, caller, frame->body);
	else
		refuse_code(door, caller, E_SOCKET_FRAME);
}

/* Keeps the first descriptors, and only of ourselves: anybody else's are
 * closed at once. */
static void
keep_fds(struct door *door, struct caller *caller, struct msghdr *message)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(message);
	int fd[SOCKET_FDS] = {-1, -1};
	size_t octets;

	if (!head || head->cmsg_level != SOL_SOCKET ||
	    head->cmsg_type != SCM_RIGHTS)
		return;
	octets = head->cmsg_len - CMSG_LEN(0);
	memcpy(fd, CMSG_DATA(head), octets < sizeof fd ? octets : sizeof fd);
	if (caller->fd[0] >= 0 || caller->peer.uid != door->owner)
		close_fds(fd);
	else
		memcpy(caller->fd, fd, sizeof fd);
}

/* Reads once; false when the caller has gone. */
static bool
receive(struct door *door, struct caller *caller)
{
	enum { ROOM = 4096 };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(SOCKET_FDS * sizeof(int))];
	} control = {.room = {0}};
	char bytes[ROOM];
	struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.room,
	    .msg_controllen = sizeof control.room};
	ssize_t got =
	    recvmsg(caller->line.fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	keep_fds(door, caller, &message);
	buf_add(&caller->line.in, span_make(bytes, (size_t)got));
	return got > 0;
}

/* False when the caller is to be freed. */
static bool
listen_to(struct door *door, struct caller *caller)
{
	struct err why = {.code = E_NONE};
	struct socket_frame frame;
	int used;

	if (!receive(door, caller))
		return false;
	while ((used = socket_frame_take(
		    buf_span(&caller->line.in), &frame, &why)) > 0) {
		/* a visitor takes the line along */
		caller->line.used = (size_t)used;
		hear(door, caller, &frame);
		if (caller->line.fd < 0)
			return false;
		buf_drop(&caller->line.in, caller->line.used);
		caller->line.used = 0;
	}
	if (used < 0 && !caller->leaving)
		refuse(door, caller, &why);
	return true;
}

static bool
push(struct caller *caller)
{
	ssize_t sent =
	    socket_push(caller->line.fd, buf_span(&caller->out), NULL);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_drop(&caller->out, (size_t)sent);
	return true;
}

/* What is due for a caller by the clock; false when its time is over. */
static bool
keep_time(struct door *door, struct caller *caller)
{
	int64_t now = now_of(door), idle = now - caller->since_ms;

	if (caller->out.len > OUT_MAX ||
	    (caller->out.len && now - caller->unread_ms > SLOW_MS) ||
	    (caller->wish == WISH_UNKNOWN && idle > HELLO_MS) ||
	    (caller->wish == WISH_ATTACH && idle > DECIDE_MS))
		return false;
	if (caller->ordered_ms && door->host->settled(door->host)) {
		caller->ordered_ms = 0;
		tell_done(door, caller, "settled", NULL);
		caller->figures_ms = now;
	}
	if (caller->wish == WISH_WATCH && now >= caller->figures_ms &&
	    !caller->out.len) {
		struct buf body = BUF_INIT;

		door->host->figures(door->host, &body);
		tell(door, caller, SOCKET_FIGURES, buf_span(&body));
		caller->figures_ms = now + FIGURES_MS;
		buf_done(&body);
	}
	return true;
}

/* ---- The thread --------------------------------------------------------------- */

static void
welcome_caller(struct door *door)
{
	int fd = accept4(door->listener, NULL, NULL, SOCK_CLOEXEC);
	struct caller *caller;
	int at = 0;

	if (fd < 0)
		return;
	while (at < SOCKET_CALLERS_MAX && door->caller[at])
		at++;
	if (at == SOCKET_CALLERS_MAX) {
		close(fd);
		return;
	}
	caller = mem_new(sizeof *caller);
	caller->line = SOCKET_LINE_INIT;
	caller->line.fd = fd;
	caller->fd[0] = caller->fd[1] = -1;
	caller->since_ms = now_of(door);
	door->caller[at] = caller;
	if (socket_peer(fd, &caller->peer, NULL) < 0)
		caller_free(&door->caller[at]);
	else if (!may_come(door, &caller->peer))
		refuse_code(door, caller, E_SOCKET_USER);
}

static void
serve(struct door *door, struct caller **caller, short events)
{
	bool stays = true;

	if (events & (POLLIN | POLLHUP | POLLERR))
		stays = listen_to(door, *caller);
	if (stays)
		stays = keep_time(door, *caller);
	if (stays && (*caller)->out.len)
		stays = push(*caller);
	if (!stays || ((*caller)->leaving && !(*caller)->out.len))
		caller_free(caller);
}

/* Milliseconds until something is due without an event. */
static int
wait_ms(struct door *door, bool *waits)
{
	int64_t now = now_of(door), first = now + 60000;

	for (int i = 0; i < SOCKET_CALLERS_MAX; i++) {
		const struct caller *caller = door->caller[i];

		if (!caller)
			continue;
		if (caller->ordered_ms && first > now + SETTLE_MS)
			first = now + SETTLE_MS;
		if (caller->wish == WISH_WATCH && first > caller->figures_ms)
			first = caller->figures_ms;
		if (first > now + 1000)
			first = now + 1000;
	}
	pthread_mutex_lock(&door->lock);
	*waits = door->has_visitor && now - door->visitor_ms >= HURRY_MS;
	if (door->has_visitor && first > now + HURRY_MS)
		first = now + HURRY_MS;
	pthread_mutex_unlock(&door->lock);
	return first > now ? (int)(first - now) : 0;
}

static bool
is_ending(struct door *door)
{
	bool ending;

	pthread_mutex_lock(&door->lock);
	ending = door->ending;
	pthread_mutex_unlock(&door->lock);
	return ending;
}

static void *
work(void *payload)
{
	struct door *door = payload;
	struct pollfd fds[2 + SOCKET_CALLERS_MAX];
	bool waits;
	int ms;

	while (!is_ending(door)) {
		fds[0] = (struct pollfd){.fd = door->wake_fd, .events = POLLIN};
		fds[1] =
		    (struct pollfd){.fd = door->listener, .events = POLLIN};
		for (int i = 0; i < SOCKET_CALLERS_MAX; i++) {
			const struct caller *caller = door->caller[i];

			fds[2 + i] =
			    (struct pollfd){.fd = caller ? caller->line.fd : -1,
				.events =
				    (short)(POLLIN |
					    (caller && caller->out.len ? POLLOUT
								       : 0))};
		}
		ms = wait_ms(door, &waits);
		if (poll(fds, 2 + SOCKET_CALLERS_MAX, ms) < 0)
			continue;
		hush(door->wake_fd);
		for (int i = 0; i < SOCKET_CALLERS_MAX; i++) {
			if (door->caller[i])
				serve(
				    door, &door->caller[i], fds[2 + i].revents);
		}
		if (fds[1].revents)
			welcome_caller(door);
		if (waits)
			door->host->hurry(door->host);
	}
	return NULL;
}

/* ---- Opening, closing ----------------------------------------------------------- */

/* Never wider than it ends up: the mode of an unbound socket is what bind()
 * gives the file, less the mask; the group's part comes afterwards. */
static int
bind_at(int fd, const struct sockaddr_un *address, const char *dir)
{
	mode_t mode = is_shared(dir) ? 0660 : 0600;

	if (unlink(address->sun_path) < 0 && errno != ENOENT)
		return -1;
	if (fchmod(fd, 0600) < 0 ||
	    bind(fd, (const struct sockaddr *)address, sizeof *address) < 0 ||
	    chmod(address->sun_path, mode) < 0)
		return -1;
	return listen(fd, BACKLOG);
}

static int
open_listener(const char *dir, int *out, struct err *err)
{
	struct sockaddr_un address;
	int folder = socket_folder(dir, &address), sys = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (folder < 0 || fd < 0 || bind_at(fd, &address, dir) < 0)
		sys = errno;
	if (folder >= 0)
		close(folder);
	if (!sys) {
		*out = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	err_sys(err, E_SOCKET_OPEN, sys);
	return err_fact(err, "path", span_of(dir));
}

static void
door_free(struct door **door)
{
	for (int i = 0; i < SOCKET_CALLERS_MAX; i++) {
		if ((*door)->caller[i])
			caller_free(&(*door)->caller[i]);
	}
	if ((*door)->has_visitor)
		door_visitor_done(&(*door)->visitor);
	close((*door)->wake_fd);
	close((*door)->event_fd);
	if ((*door)->listener >= 0)
		close((*door)->listener);
	pthread_mutex_destroy(&(*door)->lock);
	free((*door)->dir);
	free(*door);
	*door = NULL;
}

int
door_open(const char *dir, struct clock *clock, struct door_host *host,
    struct door **out, struct err *err)
{
	struct door *door = mem_new(sizeof *door);
	int sys;

	door->host = host;
	door->clock = clock;
	door->dir = mem_text(span_of(dir));
	door->owner = geteuid();
	door->listener = -1;
	door->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	door->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&door->lock, NULL);
	if (open_listener(dir, &door->listener, err) < 0) {
		door_free(&door);
		return -1;
	}
	sys = pthread_create(&door->thread, NULL, work, door);
	if (sys) {
		door_free(&door);
		return err_sys(err, E_THREAD, sys);
	}
	*out = door;
	return 0;
}

int
door_event_fd(const struct door *door)
{
	return door->event_fd;
}

bool
door_visitor(struct door *door, struct door_visitor *out)
{
	bool has;

	hush(door->event_fd);
	pthread_mutex_lock(&door->lock);
	has = door->has_visitor;
	if (has)
		*out = door->visitor;
	door->has_visitor = false;
	pthread_mutex_unlock(&door->lock);
	return has;
}

void
door_visitor_done(struct door_visitor *visitor)
{
	socket_line_done(&visitor->line);
	buf_done(&visitor->hello);
	close_fds(visitor->fd);
}

/* The store's lock is still held, so the file is ours. */
static void
remove_file(const char *dir)
{
	struct sockaddr_un address;
	int folder = socket_folder(dir, &address);

	if (folder < 0)
		return;
	unlink(address.sun_path);
	close(folder);
}

void
door_close(struct door **door)
{
	if (!*door)
		return;
	pthread_mutex_lock(&(*door)->lock);
	(*door)->ending = true;
	pthread_mutex_unlock(&(*door)->lock);
	ring((*door)->wake_fd);
	pthread_join((*door)->thread, NULL);
	remove_file((*door)->dir);
	door_free(door);
}
