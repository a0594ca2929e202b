/* The race of addresses, the memory for names, and calls that are given up. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/net/dial.h"
#include "core/net/names.h"

/* A socket that listens on an address of 127/8; backlog -1: bound only, so that
 * connections are refused. */
static int
listener(const char *address, struct sockaddr_in *out, int backlog)
{
	socklen_t len = sizeof *out;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*out = (struct sockaddr_in){.sin_family = AF_INET};
	inet_pton(AF_INET, address, &out->sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)out, len), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)out, &len), 0);
	return fd;
}

/* A listener whose queue is full: it swallows what comes. */
struct hole {
	int fd, full[4];
	struct sockaddr_in at;
};

static void
hole_dig(struct hole *hole)
{
	hole->fd = listener("127.0.0.3", &hole->at, 0);
	for (int i = 0; i < 4; i++) {
		hole->full[i] = socket(
		    AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(hole->full[i], (struct sockaddr *)&hole->at,
		    sizeof hole->at);
	}
}

static void
hole_fill(struct hole *hole)
{
	for (int i = 0; i < 4; i++)
		close(hole->full[i]);
	close(hole->fd);
}

static void
add(struct addresses *to, const struct sockaddr_in *at)
{
	memcpy(&to->address[to->count], at, sizeof *at);
	to->len[to->count++] = sizeof *at;
}

static bool
reaches(int fd, const struct sockaddr_in *at)
{
	struct sockaddr_in peer = {0};
	socklen_t len = sizeof peer;

	return getpeername(fd, (struct sockaddr *)&peer, &len) == 0 &&
	       peer.sin_port == at->sin_port &&
	       peer.sin_addr.s_addr == at->sin_addr.s_addr;
}

static void
the_one_that_answers_wins(void **state)
{
	enum who { DEAD, HOLE, GOOD, END };
	static const enum who races[][5] = {
	    {GOOD, DEAD, END},
	    {DEAD, GOOD, END},
	    {DEAD, DEAD, DEAD, GOOD, END},
	    {HOLE, GOOD, DEAD, END},
	    {HOLE, HOLE, GOOD, DEAD, END},
	};
	struct sockaddr_in at[3];
	int dead = listener("127.0.0.2", &at[DEAD], -1);
	int good = listener("127.0.0.4", &at[GOOD], 16);
	struct hole hole;

	(void)state;
	hole_dig(&hole);
	at[HOLE] = hole.at;
	for (size_t i = 0; i < sizeof races / sizeof *races; i++) {
		struct addresses to = {.count = 0};
		struct err err = {0};
		int fd = -1, winner;

		for (int k = 0; races[i][k] != END; k++)
			add(&to, &at[races[i][k]]);
		winner = dial_race(&to, "h", 25, &fd, &err);
		if (winner < 0)
			fail_msg("race %zu: %s", i, err_name(err.code));
		assert_int_equal(races[i][winner], GOOD);
		assert_true(reaches(fd, &at[GOOD]));
		close(fd);
	}
	hole_fill(&hole);
	close(dead);
	close(good);
}

static void
nobody_wins(void **state)
{
	struct sockaddr_in at;
	int dead = listener("127.0.0.2", &at, -1), fd = -1;
	struct addresses to = {.count = 0};
	struct err err = {0};

	(void)state;
	add(&to, &at);
	add(&to, &at);
	add(&to, &at);
	/* the last one is its owner's to wait for, unless it fails at once */
	if (dial_race(&to, "host.example", 25, &fd, &err) >= 0) {
		close(fd);
	} else {
		assert_int_equal(err.code, E_NET_CONNECT);
		assert_string_equal(err_find(&err, "host"), "host.example");
	}
	to.count = 0;
	assert_int_equal(dial_race(&to, "host.example", 25, &fd, &err), -1);
	assert_int_equal(err.code, E_NET_CONNECT);
	close(dead);
}

/* ---- Names ---------------------------------------------------------------------- */

static void
names_are_remembered(void **state)
{
	struct names *names = names_new();
	struct sockaddr_storage second;
	struct addresses to, again;
	struct err err = {0};
	char host[32];

	(void)state;
	assert_ok(names_find(names, "127.0.0.1", 2525, &to, &err), &err);
	assert_int_equal(to.count, 1);
	assert_int_equal(
	    ((struct sockaddr_in *)&to.address[0])->sin_port, htons(2525));
	assert_int_equal(names_find(names, "no such name", 25, &to, &err), -1);
	assert_int_equal(err.code, E_NET_RESOLVE);
	assert_string_equal(err_find(&err, "host"), "no such name");
	/* more names than places */
	for (int i = 0; i < 200; i++) {
		snprintf(host, sizeof host, "127.0.1.%d", i);
		assert_ok(names_find(names, host, 25, &to, &err), &err);
	}
	/* who won once is asked first */
	assert_ok(names_find(names, "localhost", 25, &to, &err), &err);
	second = to.address[to.count - 1];
	names_prefer(names, "localhost", 25, &second);
	assert_ok(names_find(names, "localhost", 25, &again, &err), &err);
	assert_int_equal(again.count, to.count);
	assert_memory_equal(&again.address[0], &second, again.len[0]);
	names_free(&names);
	assert_null(names);
	names_free(&names);
}

static void
families_alternate(void **state)
{
	struct addresses to;
	struct err err = {0};

	(void)state;
	assert_ok(names_look_up("localhost", 25, &to, &err), &err);
	for (int i = 1; i < to.count; i++) {
		bool both = false;

		for (int k = 0; k < to.count; k++)
			both |=
			    to.address[k].ss_family != to.address[0].ss_family;
		if (both && i == 1)
			assert_int_not_equal(
			    to.address[1].ss_family, to.address[0].ss_family);
	}
}

/* ---- Giving up --------------------------------------------------------------------- */

/* A dialler whose lookup does not end before it is told to. */
struct slow {
	struct dialler base;
	int go; /* eventfd */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int users;
};

static int
slow_dial(struct dialler *dialler, const char *host, uint16_t port, int *fd_out,
    struct err *err)
{
	struct slow *slow = (struct slow *)dialler;
	eventfd_t value;

	(void)host, (void)port, (void)err;
	assert_int_equal(eventfd_read(slow->go, &value), 0);
	*fd_out = dup(slow->go);
	return 0;
}

static void
slow_keep(struct dialler *dialler, int by)
{
	struct slow *slow = (struct slow *)dialler;

	pthread_mutex_lock(&slow->lock);
	slow->users += by;
	pthread_cond_broadcast(&slow->changed);
	pthread_mutex_unlock(&slow->lock);
}

static void
nobody_waits_for_a_slow_resolver(void **state)
{
	struct slow slow = {.base = {.dial = slow_dial, .keep = slow_keep},
	    .go = eventfd(0, EFD_CLOEXEC),
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .changed = PTHREAD_COND_INITIALIZER,
	    .users = 1};
	int cancel_fd = eventfd(1, EFD_CLOEXEC), fd = -1;
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    dial_unless(&slow.base, "h", 25, cancel_fd, &fd, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
	assert_int_equal(fd, -1);
	/* the thread that was left alone ends by itself */
	eventfd_write(slow.go, 1);
	pthread_mutex_lock(&slow.lock);
	while (slow.users > 1)
		pthread_cond_wait(&slow.changed, &slow.lock);
	pthread_mutex_unlock(&slow.lock);
	/* who waits gets the socket */
	eventfd_write(slow.go, 1);
	assert_ok(dial_unless(&slow.base, "h", 25, -1, &fd, &err), &err);
	assert_true(fd >= 0);
	close(fd);
	pthread_mutex_lock(&slow.lock);
	while (slow.users > 1)
		pthread_cond_wait(&slow.changed, &slow.lock);
	pthread_mutex_unlock(&slow.lock);
	close(slow.go);
	close(cancel_fd);
}

static void
the_real_one_dials(void **state)
{
	struct dialler *dialler = dialler_new();
	struct sockaddr_in at;
	int server = listener("127.0.0.1", &at, 16), fd;
	struct err err = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		fd = -1;
		assert_ok(dial_unless(dialler, "localhost", ntohs(at.sin_port),
			      -1, &fd, &err),
		    &err);
		assert_true(reaches(fd, &at));
		close(fd);
	}
	dialler_free(&dialler);
	assert_null(dialler);
	close(server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_one_that_answers_wins),
	    cmocka_unit_test(nobody_wins),
	    cmocka_unit_test(names_are_remembered),
	    cmocka_unit_test(families_alternate),
	    cmocka_unit_test(nobody_waits_for_a_slow_resolver),
	    cmocka_unit_test(the_real_one_dials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
