/* A drill reaches nobody.  It is done in a network of its own that has a
 * loopback and no way out, and in which the kernel counts every connection and
 * every packet for which there is no way: after a drill with all its checks, a
 * test mail and its end, none was even tried. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fake/pty.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { FIGURES_MAX = 64 * 1024 };

/* ---- The network ---------------------------------------------------------------- */

/* 0, or why there is none. */
static int
go_apart(void)
{
	struct ifreq request = {.ifr_flags = IFF_UP};
	int fd, rc;

	if (unshare(CLONE_NEWNET) < 0)
		return errno;
	memcpy(request.ifr_name, "lo", sizeof "lo");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	rc = ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	assert_int_equal(rc, 0);
	return 0;
}

/* A figure of the table: the names stand in the line above the figures. */
static int64_t
figure(const char *path, const char *row, const char *name)
{
	struct buf text = BUF_INIT;
	struct err err = {.code = E_NONE};
	struct span rest, names = {0}, line, value;
	int64_t found = -1;

	assert_ok(file_read(path, FIGURES_MAX, &text, &err), &err);
	rest = buf_span(&text);
	while (rest.len && found < 0) {
		line = span_cut(&rest, '\n');
		if (!span_starts(line, span_of(row)))
			continue;
		if (!names.len) {
			names = line;
			continue;
		}
		while (names.len &&
		       !span_equal(span_cut(&names, ' '), span_of(name)))
			span_cut(&line, ' ');
		value = span_cut(&line, ' ');
		assert_true(span_int(value, &found));
	}
	buf_done(&text);
	return found;
}

static int64_t
figure6(const char *name)
{
	struct buf text = BUF_INIT;
	struct err err = {.code = E_NONE};
	struct span rest, line;
	int64_t found = -1;

	assert_ok(file_read("/proc/net/snmp6", FIGURES_MAX, &text, &err), &err);
	rest = buf_span(&text);
	while (rest.len && found < 0) {
		line = span_cut(&rest, '\n');
		if (span_starts(line, span_of(name)))
			assert_true(span_int(
			    span_trim(span_slice(line, strlen(name), line.len)),
			    &found));
	}
	buf_done(&text);
	return found;
}

/* What was to leave the loopback, so far. */
static int64_t
tried(void)
{
	int64_t four = figure("/proc/net/snmp", "Ip:", "OutNoRoutes");
	int64_t six = figure6("Ip6OutNoRoutes");

	assert_true(four >= 0 && six >= 0);
	return four + six;
}

static int64_t
accepted(void)
{
	return figure("/proc/net/snmp", "Tcp:", "PassiveOpens");
}

static void
try_out(int type, int family)
{
	struct sockaddr_in four = {
	    .sin_family = AF_INET, .sin_port = htons(53)};
	struct sockaddr_in6 six = {
	    .sin6_family = AF_INET6, .sin6_port = htons(53)};
	int fd = socket(family, type | SOCK_CLOEXEC, 0);
	int rc;

	assert_true(fd >= 0);
	inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
	inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
	if (family == AF_INET)
		rc = connect(fd, (struct sockaddr *)&four, sizeof four);
	else
		rc = connect(fd, (struct sockaddr *)&six, sizeof six);
	assert_int_equal(rc, -1);
	assert_int_equal(errno, ENETUNREACH);
	close(fd);
}

/* What the test is worth: each way out is counted. */
static void
whoever_tries_is_counted(void **state)
{
	int64_t before = tried();

	(void)state;
	try_out(SOCK_STREAM, AF_INET);
	assert_int_equal(tried(), before + 1);
	try_out(SOCK_DGRAM, AF_INET);
	assert_int_equal(tried(), before + 2);
	try_out(SOCK_STREAM, AF_INET6);
	assert_int_equal(tried(), before + 3);
}

/* ---- The drill --------------------------------------------------------------------- */

static struct pty *
start(const char *dir)
{
	static const char *const argv[] = {BUILD_DIR "/demo/sekisho", "--lang",
	    "en", "drill", "--seed", "1", NULL};
	struct buf tmp = BUF_INIT;
	const char *env[2] = {NULL};
	struct pty_params params = {.argv = argv, .env = env};
	struct pty *pty;

	buf_printf(&tmp, "TMPDIR=%s", dir);
	env[0] = tmp.ptr;
	pty = pty_start(&params);
	buf_done(&tmp);
	return pty;
}

static void
sign_in(struct pty *pty)
{
	pty_wait_text(pty, "Demo: the password is");
	pty_wait_text(pty, "[   ");
	pty_type(pty, "sekisho");
	pty_keys(pty, "Enter");
	pty_wait_text(pty, "Demo: the passphrase is");
	pty_type(pty, "correct horse battery");
	pty_keys(pty, "Enter");
	pty_wait_prose(pty, "ends the drill and shows what you found");
	pty_keys(pty, "Enter");
	pty_wait_text(pty, "Needs you");
}

/* Everything that could reach out: the checks with DNS, links, relays and block
 * lists, the doctor, and mail. */
static void
work(struct pty *pty)
{
	pty_keys(pty, "3 Enter");
	pty_wait_text(pty, "Preheader");
	pty_keys(pty, "T");
	pty_wait_prose(pty, "No test of this campaign was sent yet.");
	pty_keys(pty, "Space ^N");
	pty_wait_prose(pty, "Sent. Open the mail");
	pty_keys(pty, "q");
	pty_wait_text(pty, "Preheader");
	pty_keys(pty, "^N");
	pty_wait_text(pty, "not run yet");
	pty_keys(pty, "R");
	pty_wait_text(pty, "answer needed");
	pty_keys(pty, "q q");
}

static void
a_whole_drill_reaches_nobody(void **state)
{
	int64_t before = tried(), taken = accepted();
	char *dir = tempdir_new();
	struct pty *pty = start(dir);

	(void)state;
	sign_in(pty);
	work(pty);
	pty_keys(pty, "F9");
	pty_wait_text(pty, "End it and see the result");
	pty_answer(pty, "y", "End it and see the result");
	pty_wait_text(pty, "0 of 8 found");
	pty_send(pty, "q", 1);
	assert_int_equal(pty_wait_end(pty), 0);
	pty_wait_text(pty, "This drill was not recorded");
	pty_free(&pty);
	assert_int_equal(tried(), before);
	/* and yet it was at work: somebody has called the practice relay */
	assert_true(accepted() > taken);
	assert_int_equal(rmdir(dir), 0);
	free(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whoever_tries_is_counted),
	    cmocka_unit_test(a_whole_drill_reaches_nobody),
	};
	int why = go_apart();

	if (why) {
		/* it needs root, as everybody has in a container of CI */
		printf("no network of its own: %s\n", strerror(why));
		return getenv("CI") ? 1 : 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
