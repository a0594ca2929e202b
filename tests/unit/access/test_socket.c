/* The socket beside the store: frames and facts, who may come in, handing a
 * terminal over, orders and their answers, what a process that died has left
 * behind. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "tests/fake/tempstore.h"

enum { WAIT_MS = 20000, NOBODY = 65534 };

/* ---- Frames ------------------------------------------------------------------ */

static void
frames_come_back(void **state)
{
	struct buf bytes = BUF_INIT;
	struct socket_frame frame;
	struct err err = {0};
	int used;

	(void)state;
	socket_frame_add(&bytes, SOCKET_HELLO, SPAN("wish=watch\n"));
	socket_frame_add(&bytes, SOCKET_RESIZED, SPAN(""));
	for (size_t len = 0; len < SOCKET_HEAD + 11; len++)
		assert_int_equal(
		    socket_frame_take(
			span_slice(buf_span(&bytes), 0, len), &frame, &err),
		    0);
	used = socket_frame_take(buf_span(&bytes), &frame, &err);
	assert_int_equal(used, SOCKET_HEAD + 11);
	assert_int_equal(frame.kind, SOCKET_HELLO);
	assert_span_equal(frame.body, "wish=watch\n");
	buf_drop(&bytes, (size_t)used);
	assert_int_equal(
	    socket_frame_take(buf_span(&bytes), &frame, &err), SOCKET_HEAD);
	assert_int_equal(frame.kind, SOCKET_RESIZED);
	buf_done(&bytes);
}

static void
refuses_what_is_no_frame(void **state)
{
	static const struct {
		const char *name, *bytes;
		enum err_code code;
	} cases[] = {
	    {"another beginning", "HTTP/1.1", E_SOCKET_FRAME},
	    {"half of it", "SX", E_SOCKET_FRAME},
	    {"a version to come", "SK\2\1\0\0\0\0", E_SOCKET_VERSION},
	    {"an unknown kind", "SK\1\100\0\0\0\0", E_SOCKET_FRAME},
	    {"too long", "SK\1\1\1\0\1\0", E_SOCKET_FRAME},
	    {"far too long", "SK\1\1\377\377\377\377", E_SOCKET_FRAME},
	};
	struct socket_frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = {0};
		size_t len = i == 1 ? 2 : SOCKET_HEAD;

		if (socket_frame_take(
			span_make(cases[i].bytes, len), &frame, &err) >= 0 ||
		    err.code != cases[i].code)
			fail_msg("%s: %s", cases[i].name, err_name(err.code));
	}
}

static void
facts_are_lines(void **state)
{
	struct buf facts = BUF_INIT;
	struct err why = {0}, back = {0};

	(void)state;
	fact_add(&facts, "a", SPAN("x\ny=z\033["));
	fact_add_int(&facts, "n", 42);
	assert_span_equal(fact_find(buf_span(&facts), "a"), "x y=z [");
	assert_span_equal(fact_find(buf_span(&facts), "y"), "");
	assert_int_equal(fact_int(buf_span(&facts), "n", 100, -1), 42);
	assert_int_equal(fact_int(buf_span(&facts), "n", 41, -1), -1);
	assert_int_equal(fact_int(buf_span(&facts), "a", 41, -1), -1);
	buf_clear(&facts);
	err_set(&why, E_SOCKET_USER);
	err_fact(&why, "user", SPAN("jiro"));
	socket_put_err(&facts, &why);
	socket_take_err(buf_span(&facts), &back);
	assert_int_equal(back.code, E_SOCKET_USER);
	assert_string_equal(err_find(&back, "user"), "jiro");
	socket_take_err(SPAN("nonsense\n=\nerr=no.such\n"), &back);
	assert_int_equal(back.code, E_BUG);
	buf_done(&facts);
}

/* ---- A door -------------------------------------------------------------------- */

struct host {
	struct door_host base;
	atomic_int orders, hurries;
	atomic_bool settled, refuses;
	char reason[SOCKET_REASON_MAX + 1];
	char name[SOCKET_NAME_MAX + 1];
	enum door_order order;
};

static void
host_welcome(struct door_host *host, struct buf *out)
{
	(void)host;
	fact_add(out, "user", SPAN("hanako"));
}

static void
host_figures(struct door_host *host, struct buf *out)
{
	(void)host;
	fact_add_int(out, "total", 7);
}

static int
host_order(struct door_host *host, enum door_order order,
    const struct socket_peer *peer, struct span reason, struct err *err)
{
	struct host *self = (struct host *)host;

	if (atomic_load(&self->refuses))
		return err_set(err, E_SOCKET_IDLE);
	self->order = order;
	span_text(self->reason, sizeof self->reason, reason);
	span_text(self->name, sizeof self->name, span_of(peer->name));
	atomic_fetch_add(&self->orders, 1);
	return 0;
}

static bool
host_settled(struct door_host *host)
{
	return atomic_load(&((struct host *)host)->settled);
}

static void
host_hurry(struct door_host *host)
{
	atomic_fetch_add(&((struct host *)host)->hurries, 1);
}

struct house {
	struct host host;
	struct store *store;
	const char *dir;
	struct door *door;
};

static void
open_house(struct house *house)
{
	struct err err = {0};

	*house = (struct house){.host.base = {
				    .welcome = host_welcome,
				    .figures = host_figures,
				    .order = host_order,
				    .settled = host_settled,
				    .hurry = host_hurry,
				}};
	house->store = tempstore_open(clock_real());
	house->dir = store_dir(house->store);
	assert_ok(door_open(house->dir, clock_real(), &house->host.base,
		      &house->door, &err),
	    &err);
}

static void
close_house(struct house *house)
{
	door_close(&house->door);
	assert_null(house->door);
	tempstore_close(&house->store);
}

static void
call(const char *dir, const char *hello, struct socket_line *out)
{
	struct err err = {0};

	assert_ok(socket_call(dir, out, &err), &err);
	assert_ok(socket_say(out, SOCKET_HELLO, span_of(hello), &err), &err);
}

/* Waits for a frame of a kind; others are passed over. */
static struct span
wait_kind(struct socket_line *line, enum socket_kind kind)
{
	struct socket_frame frame;
	struct err err = {0};

	do {
		if (socket_wait(line, WAIT_MS, &frame, &err) != 1)
			fail_msg("no frame %d: %s", kind, err_name(err.code));
	} while (frame.kind != kind);
	return frame.body;
}

static enum err_code
wait_refused(struct socket_line *line)
{
	struct err why = {0};

	socket_take_err(wait_kind(line, SOCKET_REFUSED), &why);
	return why.code;
}

static void
wait_closed(struct socket_line *line)
{
	struct socket_frame frame;
	struct err err = {0};
	int rc;

	while ((rc = socket_wait(line, WAIT_MS, &frame, &err)) == 1)
		continue;
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, E_SOCKET_CLOSED);
}

static void
two_watchers_see_figures(void **state)
{
	struct house house;
	struct socket_line a, b;

	(void)state;
	open_house(&house);
	call(house.dir, "wish=watch\n", &a);
	call(house.dir, "wish=watch\n", &b);
	assert_span_equal(
	    fact_find(wait_kind(&a, SOCKET_WELCOME), "user"), "hanako");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    fact_int(wait_kind(&a, SOCKET_FIGURES), "total", 9, 0), 7);
		assert_int_equal(
		    fact_int(wait_kind(&b, SOCKET_FIGURES), "total", 9, 0), 7);
	}
	socket_line_done(&a);
	wait_kind(&b, SOCKET_FIGURES);
	socket_line_done(&b);
	close_house(&house);
}

static void
an_order_is_taken_then_settled(void **state)
{
	struct house house;
	struct socket_line line;
	struct err err = {0};
	struct span body;

	(void)state;
	open_house(&house);
	call(house.dir, "wish=watch\n", &line);
	assert_ok(socket_say(&line, SOCKET_ORDER,
		      SPAN("order=stop\nreason= wrong list \n"), &err),
	    &err);
	body = wait_kind(&line, SOCKET_DONE);
	assert_span_equal(fact_find(body, "order"), "stop");
	assert_span_equal(fact_find(body, "state"), "taken");
	assert_int_equal(atomic_load(&house.host.orders), 1);
	assert_int_equal(house.host.order, DOOR_STOP);
	assert_string_equal(house.host.reason, "wrong list");
	assert_true(house.host.name[0] != '\0');
	atomic_store(&house.host.settled, true);
	body = wait_kind(&line, SOCKET_DONE);
	assert_span_equal(fact_find(body, "state"), "settled");
	atomic_store(&house.host.refuses, true);
	assert_ok(
	    socket_say(&line, SOCKET_ORDER, SPAN("order=pause\n"), &err), &err);
	body = wait_kind(&line, SOCKET_DONE);
	assert_span_equal(fact_find(body, "state"), "refused");
	assert_span_equal(fact_find(body, "err"), "access.socket_idle");
	socket_line_done(&line);
	close_house(&house);
}

static void
a_stop_wants_a_reason(void **state)
{
	static const char *const bodies[] = {"order=stop\n",
	    "order=stop\nreason=  \n", "order=stop\nreason=\xff\xfe\n",
	    "order=halt\nreason=x\n", ""};
	struct house house;
	struct socket_line line;
	struct err err = {0};

	(void)state;
	open_house(&house);
	call(house.dir, "wish=watch\n", &line);
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		assert_ok(
		    socket_say(&line, SOCKET_ORDER, span_of(bodies[i]), &err),
		    &err);
		assert_span_equal(
		    fact_find(wait_kind(&line, SOCKET_DONE), "state"),
		    "refused");
	}
	assert_int_equal(atomic_load(&house.host.orders), 0);
	socket_line_done(&line);
	close_house(&house);
}

static void
wait_event(struct door *door)
{
	struct pollfd in = {.fd = door_event_fd(door), .events = POLLIN};

	assert_int_equal(poll(&in, 1, WAIT_MS), 1);
}

static void
a_terminal_is_handed_over(void **state)
{
	struct house house;
	struct socket_line line;
	struct door_visitor visitor;
	struct err err = {0};
	int master, slave, fds[SOCKET_FDS];
	char bytes[3] = "";

	(void)state;
	open_house(&house);
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	fds[0] = fds[1] = slave;
	call(house.dir, "wish=attach\nterm=xterm\n", &line);
	wait_kind(&line, SOCKET_WELCOME);
	assert_ok(socket_hand(&line, SOCKET_TAKE, SPAN(""), fds, &err), &err);
	wait_event(house.door);
	assert_true(door_visitor(house.door, &visitor));
	assert_false(door_visitor(house.door, &visitor));
	assert_span_equal(fact_find(buf_span(&visitor.hello), "term"), "xterm");
	assert_int_equal(write(visitor.fd[1], "ok", 2), 2);
	assert_int_equal(read(master, bytes, 2), 2);
	assert_string_equal(bytes, "ok");
	/* from here on the two talk without the door */
	assert_ok(
	    socket_say(&visitor.line, SOCKET_BYE, SPAN("status=0\n"), &err),
	    &err);
	wait_kind(&line, SOCKET_BYE);
	assert_ok(socket_say(&line, SOCKET_RESIZED, SPAN(""), &err), &err);
	wait_kind(&visitor.line, SOCKET_RESIZED);
	door_visitor_done(&visitor);
	door_visitor_done(&visitor);
	wait_closed(&line);
	socket_line_done(&line);
	close(master);
	close(slave);
	close_house(&house);
}

static void
a_waiting_visitor_is_pressed_for(void **state)
{
	struct house house;
	struct socket_line first, second;
	struct err err = {0};
	int master, slave, fds[SOCKET_FDS];

	(void)state;
	open_house(&house);
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	fds[0] = fds[1] = slave;
	call(house.dir, "wish=attach\n", &first);
	assert_ok(socket_hand(&first, SOCKET_TAKE, SPAN(""), fds, &err), &err);
	wait_event(house.door);
	while (atomic_load(&house.host.hurries) < 2)
		sched_yield();
	call(house.dir, "wish=attach\n", &second);
	assert_ok(socket_hand(&second, SOCKET_TAKE, SPAN(""), fds, &err), &err);
	assert_int_equal(wait_refused(&second), E_SOCKET_FULL);
	socket_line_done(&first);
	socket_line_done(&second);
	close(master);
	close(slave);
	close_house(&house); /* frees the visitor that nobody took */
}

static void
only_a_terminal_counts(void **state)
{
	int pipes[2];
	struct house house;
	struct socket_line line;
	struct err err = {0};

	(void)state;
	open_house(&house);
	assert_int_equal(pipe(pipes), 0);
	call(house.dir, "wish=attach\n", &line);
	assert_ok(socket_hand(&line, SOCKET_TAKE, SPAN(""), pipes, &err), &err);
	assert_int_equal(wait_refused(&line), E_SOCKET_TERMINAL);
	wait_closed(&line);
	socket_line_done(&line);
	call(house.dir, "wish=attach\n", &line);
	assert_ok(socket_say(&line, SOCKET_TAKE, SPAN(""), &err), &err);
	assert_int_equal(wait_refused(&line), E_SOCKET_TERMINAL);
	socket_line_done(&line);
	close(pipes[0]);
	close(pipes[1]);
	close_house(&house);
}

static void
nonsense_is_hung_up_on(void **state)
{
	static const struct span nonsense[] = {{"GET / HTTP/1.1\r\n\r\n", 18},
	    {"SK\1\0\4\0\0\0abcd", 12}, {"SK\1\1\0\0\0\0", 8},
	    {"SK\7\0\0\0\0\0", 8}};
	struct house house;
	struct socket_line line;
	struct err err = {0};

	(void)state;
	open_house(&house);
	for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
		assert_ok(socket_call(house.dir, &line, &err), &err);
		assert_int_equal(send(line.fd, nonsense[i].ptr, nonsense[i].len,
				     MSG_NOSIGNAL),
		    nonsense[i].len);
		wait_kind(&line, SOCKET_REFUSED);
		wait_closed(&line);
		socket_line_done(&line);
	}
	close_house(&house);
}

/* One that does not read is dropped; the others do not notice. */
static void
too_many_are_not_served(void **state)
{
	struct socket_line line[SOCKET_CALLERS_MAX + 1];
	struct house house;
	struct err err = {0};

	(void)state;
	open_house(&house);
	for (int i = 0; i < SOCKET_CALLERS_MAX; i++) {
		call(house.dir, "wish=watch\n", &line[i]);
		wait_kind(&line[i], SOCKET_WELCOME);
	}
	assert_ok(
	    socket_call(house.dir, &line[SOCKET_CALLERS_MAX], &err), &err);
	wait_closed(&line[SOCKET_CALLERS_MAX]);
	wait_kind(&line[0], SOCKET_FIGURES);
	for (int i = 0; i <= SOCKET_CALLERS_MAX; i++)
		socket_line_done(&line[i]);
	close_house(&house);
}

/* ---- The file --------------------------------------------------------------------- */

static mode_t
mode_of(const char *dir)
{
	struct buf path = BUF_INIT;
	struct stat st;

	buf_printf(&path, "%s/socket", dir);
	assert_int_equal(lstat(path.ptr, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	buf_done(&path);
	return st.st_mode & 07777;
}

static void
what_a_dead_process_left_is_replaced(void **state)
{
	struct house house;
	struct socket_line line;
	struct err err = {0};
	int status;
	pid_t child;

	(void)state;
	open_house(&house);
	door_close(&house.door);
	assert_int_equal(socket_call(house.dir, &line, &err), -1);
	assert_int_equal(err.code, E_SOCKET_NONE);
	child = fork();
	if (child == 0) {
		umask(0);
		door_open(house.dir, clock_real(), &house.host.base,
		    &house.door, NULL);
		_exit(0); /* as if killed: the file stays */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(mode_of(house.dir), 0600);
	assert_int_equal(socket_call(house.dir, &line, &err), -1);
	assert_int_equal(err.code, E_SOCKET_NONE);
	assert_ok(door_open(house.dir, clock_real(), &house.host.base,
		      &house.door, &err),
	    &err);
	call(house.dir, "wish=watch\n", &line);
	wait_kind(&line, SOCKET_WELCOME);
	socket_line_done(&line);
	close_house(&house);
}

static void
a_long_path_is_no_matter(void **state)
{
	struct house house = {.host.base = {.welcome = host_welcome,
				  .figures = host_figures,
				  .settled = host_settled}};
	char *dir = tempdir_new();
	struct buf path = BUF_INIT;
	struct socket_line line;
	struct err err = {0};

	(void)state;
	buf_text(&path, dir);
	for (int i = 0; i < 4; i++) {
		buf_printf(&path, "/%060d", i);
		assert_int_equal(mkdir(path.ptr, 0700), 0);
	}
	assert_true(path.len > sizeof(struct sockaddr_un));
	assert_ok(door_open(path.ptr, clock_real(), &house.host.base,
		      &house.door, &err),
	    &err);
	call(path.ptr, "wish=watch\n", &line);
	wait_kind(&line, SOCKET_WELCOME);
	socket_line_done(&line);
	door_close(&house.door);
	assert_int_equal(socket_call("/nowhere/at all", &line, &err), -1);
	assert_int_equal(err.code, E_SOCKET_NONE);
	buf_done(&path);
	tempdir_remove(&dir);
}

/* ---- Somebody else ------------------------------------------------------------------ */

/* Runs in a child as "nobody": the code of the refusal, or 0. */
static int
ask_as_nobody(const char *dir, const char *hello)
{
	struct socket_line line;
	struct socket_frame frame;
	struct err err = {0}, why = {0};

	if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		return 200;
	if (socket_call(dir, &line, &err) < 0)
		return err.code == E_SOCKET_CALL ? 1 : 201;
	socket_say(&line, SOCKET_HELLO, span_of(hello), NULL);
	if (socket_wait(&line, WAIT_MS, &frame, &err) != 1)
		return 202;
	if (frame.kind == SOCKET_WELCOME)
		return 0;
	socket_take_err(frame.body, &why);
	return why.code == E_SOCKET_USER ? 2 : 203;
}

static int
as_nobody(const char *dir, const char *hello)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(ask_as_nobody(dir, hello));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
another_uid_is_kept_out(void **state)
{
	struct house house;
	struct err err = {0};

	(void)state;
	if (geteuid() != 0)
		skip();
	open_house(&house);
	/* a private folder: not even the socket can be reached */
	assert_int_equal(as_nobody(house.dir, "wish=watch\n"), 1);
	door_close(&house.door);
	assert_int_equal(chown(house.dir, 0, NOBODY), 0);
	assert_int_equal(chmod(house.dir, 02770), 0);
	assert_ok(door_open(house.dir, clock_real(), &house.host.base,
		      &house.door, &err),
	    &err);
	assert_int_equal(mode_of(house.dir), 0660);
	/* a shared one: the keyring does not know "nobody" */
	assert_int_equal(as_nobody(house.dir, "wish=watch\n"), 2);
	assert_int_equal(as_nobody(house.dir, "wish=attach\n"), 2);
	chmod(house.dir, 0700);
	close_house(&house);
}

/* A store whose first user is called as the user "nobody" is. */
static void
a_registered_one_may_watch(void **state)
{
	struct store_params params = {
	    .user = "nobody", .clock = clock_real(), .kdf_log2_n = 10};
	struct secret *secret = secret_of("a long passphrase", 17);
	struct house house = {.host.base = {.welcome = host_welcome,
				  .figures = host_figures,
				  .order = host_order,
				  .settled = host_settled}};
	char *dir = tempdir_new();
	struct err err = {0};

	(void)state;
	if (geteuid() == 0) {
		params.dir = dir;
		assert_ok(
		    store_create(&params, secret, &house.store, &err), &err);
		assert_true(store_has_user(dir, "nobody"));
		assert_false(store_has_user(dir, "somebody"));
		assert_false(store_has_user(dir, ""));
		assert_int_equal(chown(dir, 0, NOBODY), 0);
		assert_int_equal(chmod(dir, 02770), 0);
		assert_ok(door_open(dir, clock_real(), &house.host.base,
			      &house.door, &err),
		    &err);
		assert_int_equal(as_nobody(dir, "wish=watch\n"), 0);
		assert_int_equal(as_nobody(dir, "wish=attach\n"), 2);
		door_close(&house.door);
		store_close(&house.store);
	}
	secret_free(&secret);
	tempdir_remove(&dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_come_back),
	    cmocka_unit_test(refuses_what_is_no_frame),
	    cmocka_unit_test(facts_are_lines),
	    cmocka_unit_test(two_watchers_see_figures),
	    cmocka_unit_test(an_order_is_taken_then_settled),
	    cmocka_unit_test(a_stop_wants_a_reason),
	    cmocka_unit_test(a_terminal_is_handed_over),
	    cmocka_unit_test(a_waiting_visitor_is_pressed_for),
	    cmocka_unit_test(only_a_terminal_counts),
	    cmocka_unit_test(nonsense_is_hung_up_on),
	    cmocka_unit_test(too_many_are_not_served),
	    cmocka_unit_test(what_a_dead_process_left_is_replaced),
	    cmocka_unit_test(a_long_path_is_no_matter),
	    cmocka_unit_test(another_uid_is_kept_out),
	    cmocka_unit_test(a_registered_one_may_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
