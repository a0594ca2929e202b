/* The practice relay through a real socket and the program's own client. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/deliver/practice.h"
#include "tests/fake/session.h"
#include "tests/unit/unit.h"

static struct dialler *real;

struct house {
	char folder[64];
	struct secret *password;
	struct practice *practice;
	struct exchange_target target;
	struct tls_context *tls;
	struct exchange *exchange;
};

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static void
build(struct house *house, enum practice_manners manners, const char *user)
{
	struct practice_config config = {
	    .folder = house->folder, .user = user, .manners = manners};
	struct err err = {0};

	*house = (struct house){.folder = "/tmp/sekisho-practice-XXXXXX"};
	assert_non_null(mkdtemp(house->folder));
	house->password = secret_of("correct horse", 13);
	config.password = house->password;
	assert_ok(practice_start(&config, &house->practice, &err), &err);
	house->target = (struct exchange_target){.host = "localhost",
	    .port = practice_port(house->practice),
	    .tls = TLS_LEVEL_VERIFY,
	    .ca_file = practice_ca_file(house->practice),
	    .user = user,
	    .secret = house->password,
	    .ehlo = "client.example"};
}

static enum smtp_wish
join(struct house *house)
{
	struct err err = {0};

	assert_ok(
	    tls_context_new(house->target.ca_file, &house->tls, &err), &err);
	assert_ok(exchange_new(dialler_loopback_only(), &house->target,
		      house->tls, SMTP_PIPELINE_OFFERED,
		      clock_steady_ms(clock_real()), &house->exchange, &err),
	    &err);
	return session_run(house->exchange);
}

static void
raze(struct house *house)
{
	exchange_free(&house->exchange);
	tls_context_free(&house->tls);
	practice_stop(&house->practice);
	assert_null(house->practice);
	secret_free(&house->password);
	nftw(house->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The files in Maildir/new; the last one's content in out. */
static int
mails(struct house *house, struct buf *out)
{
	struct buf path = BUF_INIT;
	struct dirent *entry;
	struct err err = {0};
	int count = 0;
	DIR *dir;

	buf_printf(&path, "%s/new", practice_maildir(house->practice));
	dir = opendir(path.ptr);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		struct buf file = BUF_INIT;

		if (entry->d_name[0] == '.')
			continue;
		count++;
		buf_printf(&file, "%s/%s", path.ptr, entry->d_name);
		buf_clear(out);
		assert_ok(file_read(file.ptr, 1 << 20, out, &err), &err);
		buf_done(&file);
	}
	closedir(dir);
	buf_done(&path);
	return count;
}

static void
a_mail_arrives_as_it_was_sent(void **state)
{
	static const char text[] =
	    "Subject: hi\r\n\r\n.leading dot\r\n..two\r\n.\r\nend\r\n";
	struct house house;
	struct smtp_result result;
	struct buf mail = BUF_INIT;

	(void)state;
	build(&house, PRACTICE_LIFELIKE, "demo");
	assert_int_equal(join(&house), SMTP_WAIT_MESSAGE);
	assert_int_equal(
	    exchange_tls(house.exchange)->state, TLS_STATE_VERIFIED);
	assert_string_equal(exchange_tls(house.exchange)->version, "TLSv1.3");
	assert_int_equal(session_send(house.exchange, "b@example.org",
			     "hanako@example.org", text, &result),
	    SMTP_WAIT_MESSAGE);
	assert_int_equal(result.verdict, SMTP_ACCEPTED);
	assert_int_equal(result.stage, SMTP_STAGE_EOD);
	assert_int_equal(result.reply.code, 250);
	assert_string_equal(result.reply.enhanced, "2.0.0");
	assert_int_equal(result.tag, 7);
	assert_int_equal(mails(&house, &mail), 1);
	assert_true(span_starts(
	    buf_span(&mail), SPAN("Return-Path: <b@example.org>\r\n"
				  "Delivered-To: hanako@example.org\r\n")));
	assert_true(span_ends(buf_span(&mail), SPAN(text)));
	assert_int_equal(practice_count(house.practice).accepted, 1);
	buf_done(&mail);
	raze(&house);
}

static void
lifelike_manners_follow_the_table(void **state)
{
	static const struct {
		const char *rcpt;
		enum smtp_verdict verdict;
		int code;
		const char *enhanced;
	} table[] = {
	    {"later-1@x.example", SMTP_DEFERRED, 451, "4.2.1"},
	    {"later-2@x.example", SMTP_DEFERRED, 451, "4.2.1"},
	    {"later-1@x.example", SMTP_ACCEPTED, 250, "2.0.0"},
	    {"unknown-1@x.example", SMTP_FAILED, 550, "5.1.1"},
	    {"full-1@x.example", SMTP_DEFERRED, 452, "4.2.2"},
	    {"full-1@x.example", SMTP_DEFERRED, 452, "4.2.2"},
	    {"notlater-1@x.example", SMTP_ACCEPTED, 250, "2.0.0"},
	};
	struct house house;
	struct buf mail = BUF_INIT;

	(void)state;
	build(&house, PRACTICE_LIFELIKE, NULL);
	assert_int_equal(join(&house), SMTP_WAIT_MESSAGE);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct smtp_result result;

		assert_int_equal(
		    session_send(house.exchange, "b@x.example", table[i].rcpt,
			"a: b\r\n\r\nc\r\n", &result),
		    SMTP_WAIT_MESSAGE);
		if (result.verdict != table[i].verdict ||
		    result.reply.code != table[i].code)
			fail_msg("%zu %s: %d %.*s", i, table[i].rcpt,
			    result.verdict, SPAN_ARG(result.reply.raw));
		assert_string_equal(result.reply.enhanced, table[i].enhanced);
	}
	assert_int_equal(mails(&house, &mail), 2);
	assert_int_equal(practice_count(house.practice).deferred, 4);
	assert_int_equal(practice_count(house.practice).rejected, 1);
	buf_done(&mail);
	raze(&house);
}

static void
a_wrong_password_is_refused(void **state)
{
	struct house house;
	struct secret *wrong = secret_of("wrong", 5);

	(void)state;
	build(&house, PRACTICE_PLAIN, "demo");
	house.target.secret = wrong;
	assert_int_equal(join(&house), SMTP_CLOSED);
	assert_int_equal(
	    smtp_error(exchange_smtp(house.exchange))->code, E_SMTP_AUTH);
	secret_free(&wrong);
	raze(&house);
}

static void
probe_sees_everything(void **state)
{
	struct house house;
	struct exchange_probe found;
	struct buf talk = BUF_INIT;
	struct err err = {0};
	struct exchange_probe_how how = {.dialler = dialler_loopback_only(),
	    .target = &house.target,
	    .mail_from = "b@x.example",
	    .cancel_fd = -1,
	    .limit_ms = 10000,
	    .transcript = &talk};

	(void)state;
	build(&house, PRACTICE_LIFELIKE, "demo");
	assert_ok(exchange_probe(&how, &found, &err), &err);
	assert_int_equal(found.stage, SMTP_STAGE_QUIT);
	assert_int_equal(found.authenticated, 1);
	assert_int_equal(found.tls.state, TLS_STATE_VERIFIED);
	assert_true(found.caps.bits & SMTP_CAP_PIPELINING);
	assert_true(found.caps.bits & SMTP_CAP_8BITMIME);
	assert_false(found.caps.bits & SMTP_CAP_STARTTLS);
	assert_int_equal(found.caps.size_max, 10 * 1024 * 1024);
	assert_true(found.tls.not_after_ms >
		    clock_now_ms(clock_real()) + 80LL * 86400 * 1000);
	assert_int_equal(found.code, 221);
	assert_true(
	    span_search(buf_span(&talk), SPAN("AUTH PLAIN ****")) < talk.len);
	assert_int_equal(
	    span_search(buf_span(&talk), SPAN("AGRlbW8AY29")), talk.len);
	assert_int_equal(practice_count(house.practice).accepted, 0);
	buf_done(&talk);
	raze(&house);
}

static void
many_sessions_at_once(void **state)
{
	enum { SESSIONS = 40 };
	struct exchange *all[SESSIONS];
	struct house house;
	struct err err = {0};

	(void)state;
	build(&house, PRACTICE_PLAIN, NULL);
	assert_int_equal(join(&house), SMTP_WAIT_MESSAGE);
	for (int i = 0; i < SESSIONS; i++)
		assert_ok(exchange_new(real, &house.target, house.tls,
			      SMTP_PIPELINE_OFFERED,
			      clock_steady_ms(clock_real()), &all[i], &err),
		    &err);
	for (int i = 0; i < SESSIONS; i++) {
		struct smtp_result result;

		assert_int_equal(session_run(all[i]), SMTP_WAIT_MESSAGE);
		session_send(
		    all[i], "", "a@x.example", "a: b\r\n\r\nc\r\n", &result);
		assert_int_equal(result.verdict, SMTP_ACCEPTED);
	}
	for (int i = 0; i < SESSIONS; i++)
		exchange_free(&all[i]);
	assert_int_equal(practice_count(house.practice).accepted, SESSIONS);
	raze(&house);
}

static int
raw_client(struct house *house)
{
	struct err err = {0};
	int fd = -1, flags;

	assert_ok(real->dial(real, "127.0.0.1", practice_port(house->practice),
		      &fd, &err),
	    &err);
	flags = fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return fd;
}

/* Whoever writes without reading is not listened to, and harms nobody. */
static void
bad_clients_harm_nobody(void **state)
{
	static const char noops[] = "NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n";
	struct smtp_result result;
	struct house house;
	struct buf greedy = BUF_INIT;
	int silent, deaf, rude;

	(void)state;
	build(&house, PRACTICE_PLAIN, NULL);
	silent = raw_client(&house);
	deaf = raw_client(&house);
	rude = raw_client(&house);
	while (greedy.len < 8 * 1024 * 1024)
		buf_text(&greedy, noops);
	fcntl(deaf, F_SETFL, O_NONBLOCK);
	for (size_t at = 0; at < greedy.len;) {
		ssize_t put =
		    send(deaf, greedy.ptr + at, greedy.len - at, MSG_NOSIGNAL);

		if (put <= 0)
			break;
		at += (size_t)put;
	}
	assert_int_equal(write(rude, "STARTTLS\r\nno tls\r\n", 18), 18);
	close(rude);
	assert_int_equal(join(&house), SMTP_WAIT_MESSAGE);
	session_send(
	    house.exchange, "", "a@x.example", "a: b\r\n\r\nc\r\n", &result);
	assert_int_equal(result.verdict, SMTP_ACCEPTED);
	close(silent);
	close(deaf);
	buf_done(&greedy);
	raze(&house);
}

static void
latency_delays_replies_only(void **state)
{
	struct practice_config config = {
	    .manners = PRACTICE_PLAIN, .latency_ms = 5, .discard = 1};
	struct practice *practice = NULL;
	struct smtp_result result;
	struct house house;
	struct err err = {0};
	int64_t start;

	(void)state;
	build(&house, PRACTICE_PLAIN, NULL);
	config.folder = house.folder;
	assert_ok(practice_start(&config, &practice, &err), &err);
	house.target.port = practice_port(practice);
	start = clock_steady_ms(clock_real());
	assert_int_equal(join(&house), SMTP_WAIT_MESSAGE);
	session_send(
	    house.exchange, "", "a@x.example", "a: b\r\n\r\nc\r\n", &result);
	assert_int_equal(result.verdict, SMTP_ACCEPTED);
	/* EHLO, STARTTLS, EHLO, envelope, message: five batches at least */
	assert_true(clock_steady_ms(clock_real()) - start >= 25);
	assert_int_equal(practice_count(practice).accepted, 1);
	practice_stop(&practice);
	raze(&house);
}

static int
set_up(void **state)
{
	(void)state;
	real = dialler_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dialler_free(&real);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mail_arrives_as_it_was_sent),
	    cmocka_unit_test(lifelike_manners_follow_the_table),
	    cmocka_unit_test(a_wrong_password_is_refused),
	    cmocka_unit_test(probe_sees_everything),
	    cmocka_unit_test(many_sessions_at_once),
	    cmocka_unit_test(bad_clients_harm_nobody),
	    cmocka_unit_test(latency_delays_replies_only),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
