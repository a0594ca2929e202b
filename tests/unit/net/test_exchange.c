/* Whole sessions over loopback against a relay that misbehaves on purpose. */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/fake/relay.h"
#include "tests/fake/session.h"
#include "tests/unit/unit.h"

static struct dialler *real;

#define MESSAGE "Subject: x\r\n\r\nbody\r\n"
#define HELLO   {.kind = FAKE_SAY, .text = "220 fake ESMTP"}
#define EHLO(lines)                                                            \
	{.kind = FAKE_HEAR, .text = "EHLO "},                                  \
	{                                                                      \
		.kind = FAKE_SAY, .text = lines                                \
	}
#define PIPELINING EHLO("250-fake\r\n250 PIPELINING")
#define END        {.kind = FAKE_END}

struct talk {
	struct fake_relay *relay;
	struct exchange_target target;
	struct tls_context *tls;
	struct exchange *exchange;
};

static struct fake_plan plan;
static const struct fake_step *scripts[1];

/* Starts a relay with one script and a session to it, run to its first
 * wish. */
static enum smtp_wish
begin(struct talk *talk, const struct fake_step *script, enum tls_level level,
    const struct practice_cert_how *cert)
{
	struct err err = {0};

	scripts[0] = script;
	plan = (struct fake_plan){scripts, 1, cert};
	*talk = (struct talk){.relay = fake_relay_start(&plan)};
	talk->target = (struct exchange_target){.host = "localhost",
	    .port = fake_relay_port(talk->relay),
	    .tls = level,
	    .ehlo = "client.example"};
	if (cert)
		talk->target.ca_file = fake_relay_ca_file(talk->relay);
	if (level != TLS_LEVEL_NONE)
		assert_ok(
		    tls_context_new(talk->target.ca_file, &talk->tls, &err),
		    &err);
	assert_ok(exchange_new(dialler_loopback_only(), &talk->target,
		      talk->tls, SMTP_PIPELINE_OFFERED,
		      clock_steady_ms(clock_real()), &talk->exchange, &err),
	    &err);
	return session_run(talk->exchange);
}

static void
end(struct talk *talk)
{
	exchange_free(&talk->exchange);
	tls_context_free(&talk->tls);
	fake_relay_stop(&talk->relay);
}

static const struct err *
why(struct talk *talk)
{
	return smtp_error(exchange_smtp(talk->exchange));
}

/* What a connection that ends in a script must come to. */
static void
faults_have_their_codes(void **state)
{
	static const struct {
		const char *name;
		enum tls_level level;
		enum err_code code;
		const char *stage;
		struct fake_step script[9];
	} table[] = {
	    {"greeting 554", TLS_LEVEL_NONE, E_SMTP_REPLY, "greet",
		{{FAKE_SAY, "554 no service", 0}, END}},
	    {"no greeting", TLS_LEVEL_NONE, E_NET_CLOSED, "greet", {END}},
	    {"not smtp", TLS_LEVEL_NONE, E_SMTP_PROTOCOL, "greet",
		{{FAKE_SAY, "HTTP/1.1 400 Bad Request", 0}, END}},
	    {"endless line", TLS_LEVEL_NONE, E_SMTP_PROTOCOL, "greet",
		{{FAKE_RAW, "220 ", 0}, {FAKE_FLOOD, "aaaaaaaaaaaaaaaa", 20000},
		    END}},
	    {"endless reply", TLS_LEVEL_NONE, E_SMTP_PROTOCOL, "ehlo",
		{HELLO, {FAKE_HEAR, "EHLO", 0},
		    {FAKE_FLOOD, "250-X\r\n", 20000}, END}},
	    {"STARTTLS missing", TLS_LEVEL_VERIFY, E_TLS_MISSING, "ehlo",
		{HELLO, PIPELINING, {FAKE_HANG, NULL, 0}, END}},
	    {"STARTTLS refused", TLS_LEVEL_REQUIRED, E_SMTP_REPLY, "starttls",
		{HELLO, EHLO("250-fake\r\n250 STARTTLS"),
		    {FAKE_HEAR, "STARTTLS", 0}, {FAKE_SAY, "454 not now", 0},
		    END}},
	    {"plain text after STARTTLS", TLS_LEVEL_VERIFY, E_TLS_INJECT,
		"starttls",
		{HELLO, EHLO("250-fake\r\n250 STARTTLS"),
		    {FAKE_HEAR, "STARTTLS", 0},
		    {FAKE_RAW, "220 go\r\n250 evil\r\n", 0},
		    {FAKE_TLS, NULL, 0}, END}},
	    {"no TLS after 220", TLS_LEVEL_VERIFY, E_TLS_HANDSHAKE, "",
		{HELLO, EHLO("250-fake\r\n250 STARTTLS"),
		    {FAKE_HEAR, "STARTTLS", 0}, {FAKE_SAY, "220 go", 0},
		    {FAKE_OCTETS, NULL, 0},
		    {FAKE_SAY, "I was only joking, no TLS here", 0},
		    {FAKE_HANG, NULL, 0}, END}},
	    {"421 to EHLO", TLS_LEVEL_NONE, E_SMTP_REPLY, "ehlo",
		{HELLO, EHLO("421 shutting down"), END}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct talk talk;

		if (begin(&talk, table[i].script, table[i].level,
			table[i].level == TLS_LEVEL_NONE
			    ? NULL
			    : &fake_good_cert) != SMTP_CLOSED)
			fail_msg("%s: not closed", table[i].name);
		if (why(&talk)->code != table[i].code ||
		    strcmp(err_find(why(&talk), "stage"), table[i].stage) != 0)
			fail_msg("%s: %s at %s", table[i].name,
			    err_name(why(&talk)->code),
			    err_find(why(&talk), "stage"));
		end(&talk);
	}
}

static void
lost_after_the_dot_is_in_doubt(void **state)
{
	static const struct fake_step drop[] = {
	    HELLO, {FAKE_SERVE_DOT, NULL, 1}, {FAKE_DROP, NULL, 0}};
	static const struct fake_step close_only[] = {
	    HELLO, {FAKE_SERVE_DOT, NULL, 1}, END};
	static const struct fake_step *const both[] = {drop, close_only};
	struct smtp_result result;
	struct talk talk;
	size_t answered;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(begin(&talk, both[i], TLS_LEVEL_NONE, NULL),
		    SMTP_WAIT_MESSAGE);
		session_send(talk.exchange, "s@x.example", "1@x.example",
		    MESSAGE, &result);
		assert_int_equal(result.verdict, SMTP_ACCEPTED);
		assert_int_equal(session_send(talk.exchange, "s@x.example",
				     "2@x.example", MESSAGE, &result),
		    SMTP_CLOSED);
		assert_int_equal(result.verdict, SMTP_IN_DOUBT);
		assert_int_equal(result.stage, SMTP_STAGE_EOD);
		assert_int_equal(result.reply.code, 0);
		assert_int_equal(fake_relay_messages(talk.relay, &answered), 2);
		assert_int_equal(answered, 1);
		end(&talk);
	}
}

/* A relay may keep a transaction open whose recipient it refused; the message
 * behind it must not go out in that one's name. */
static void
each_in_its_own_name(void **state)
{
	static const struct fake_step script[] = {HELLO,
	    {FAKE_OFFER, "PIPELINING,CHUNKING", 0}, {FAKE_UNTIL, "RCPT", 3},
	    {FAKE_SAY, "550 5.1.1 who", 0}, {FAKE_SERVE, NULL, 0}, END};
	static const char *const senders[] = {"0@x.example", "1@x.example",
	    "2@x.example", "3@x.example", "4@x.example", "5@x.example",
	    "6@x.example", "7@x.example"};
	struct smtp_result result;
	struct talk talk;

	(void)state;
	assert_int_equal(
	    begin(&talk, script, TLS_LEVEL_NONE, NULL), SMTP_WAIT_MESSAGE);
	for (uint64_t i = 0; i < 8; i++) {
		struct smtp_envelope envelope = {.sender = span_of(senders[i]),
		    .recipient = span_of(senders[i]),
		    .data = SPAN(MESSAGE),
		    .tag = i};
		struct err err = {0};

		assert_ok(
		    smtp_submit(exchange_smtp(talk.exchange), &envelope, &err),
		    &err);
	}
	for (uint64_t i = 0; i < 8; i++) {
		assert_int_equal(session_run(talk.exchange), SMTP_WAIT_RESULT);
		assert_true(smtp_result(exchange_smtp(talk.exchange), &result));
		assert_int_equal(result.tag, i);
		assert_int_equal(
		    result.verdict, i == 2 ? SMTP_FAILED : SMTP_ACCEPTED);
	}
	assert_int_equal(fake_relay_messages(talk.relay, NULL), 7);
	for (size_t i = 0; i < 7; i++) {
		struct buf sender = BUF_INIT, text = BUF_INIT;

		fake_relay_sender(talk.relay, i, &sender);
		fake_relay_message(talk.relay, i, &text);
		assert_string_equal(sender.ptr, senders[i < 2 ? i : i + 1]);
		assert_true(span_starts(buf_span(&text), buf_span(&sender)));
		buf_done(&sender);
		buf_done(&text);
	}
	assert_int_equal(fake_relay_count(talk.relay, "RSET"), 7);
	end(&talk);
}

static void
lost_before_the_dot_is_deferred(void **state)
{
	static const struct fake_step script[] = {HELLO, PIPELINING,
	    {FAKE_ENVELOPE, NULL, 0}, {FAKE_HEAR, "Subject", 0},
	    {FAKE_DROP, NULL, 0}};
	struct smtp_envelope envelope = {
	    .sender = SPAN("s@x.example"), .recipient = SPAN("r@x.example")};
	struct smtp_result result;
	struct buf big = BUF_INIT;
	struct err err = {0};
	struct talk talk;

	(void)state;
	buf_text(&big, "Subject: big\r\n\r\n");
	for (int i = 0; i < 400000; i++)
		buf_text(&big, "0123456789 0123456789 0123456789\r\n");
	envelope.data = buf_span(&big);
	assert_int_equal(
	    begin(&talk, script, TLS_LEVEL_NONE, NULL), SMTP_WAIT_MESSAGE);
	assert_ok(
	    smtp_submit(exchange_smtp(talk.exchange), &envelope, &err), &err);
	assert_int_equal(session_run(talk.exchange), SMTP_WAIT_HANDED);
	smtp_handed(exchange_smtp(talk.exchange));
	assert_int_equal(session_run(talk.exchange), SMTP_WAIT_RESULT);
	assert_true(smtp_result(exchange_smtp(talk.exchange), &result));
	assert_int_equal(result.verdict, SMTP_DEFERRED);
	assert_int_equal(result.stage, SMTP_STAGE_BODY);
	assert_int_equal(result.reply.code, 0);
	buf_done(&big);
	end(&talk);
}

/* The reason for hanging up is read although writing failed. */
static void
a_word_before_hanging_up_is_heard(void **state)
{
	static const struct fake_step script[] = {HELLO, PIPELINING,
	    {FAKE_HEAR, "MAIL", 0}, {FAKE_HEAR, "RCPT", 0},
	    {FAKE_HEAR, "DATA", 0}, {FAKE_SAY, "250 ok", 0},
	    {FAKE_SAY, "421 4.3.2 closing", 0}, END};
	struct smtp_result result;
	struct talk talk;

	(void)state;
	assert_int_equal(
	    begin(&talk, script, TLS_LEVEL_NONE, NULL), SMTP_WAIT_MESSAGE);
	assert_int_equal(session_send(talk.exchange, "s@x.example",
			     "r@x.example", MESSAGE, &result),
	    SMTP_CLOSED);
	assert_int_equal(result.verdict, SMTP_DEFERRED);
	assert_int_equal(result.stage, SMTP_STAGE_RCPT);
	assert_int_equal(result.reply.code, 421);
	assert_string_equal(result.reply.enhanced, "4.3.2");
	end(&talk);
}

/* Deadlines are the caller's clock: one moved by hand runs out at once, and a
 * reply that drips does not gain time. */
static void
a_silent_relay_times_out(void **state)
{
	static const struct fake_step silent[] = {
	    {FAKE_RAW, "22", 0}, {FAKE_HANG, NULL, 0}, END};
	struct talk talk;
	int64_t now, deadline;

	(void)state;
	scripts[0] = silent;
	plan = (struct fake_plan){scripts, 1, NULL};
	talk = (struct talk){.relay = fake_relay_start(&plan)};
	talk.target = (struct exchange_target){.host = "127.0.0.1",
	    .port = fake_relay_port(talk.relay),
	    .tls = TLS_LEVEL_NONE,
	    .ehlo = "client.example"};
	assert_int_equal(exchange_new(real, &talk.target, NULL,
			     SMTP_PIPELINE_OFFERED, 1000, &talk.exchange, NULL),
	    0);
	assert_int_equal(exchange_deadline_ms(talk.exchange), 11000);
	for (now = 1000; exchange_stage(talk.exchange) == SMTP_STAGE_CONNECT;)
		exchange_ready(talk.exchange, 0, now);
	deadline = exchange_deadline_ms(talk.exchange);
	assert_int_equal(deadline, 61000);
	assert_int_equal(
	    exchange_ready(talk.exchange, 0x1, deadline - 1), SMTP_WAIT_IO);
	assert_int_equal(exchange_deadline_ms(talk.exchange), 61000);
	assert_int_equal(
	    exchange_ready(talk.exchange, 0, deadline), SMTP_CLOSED);
	assert_int_equal(why(&talk)->code, E_NET_TIMEOUT);
	assert_string_equal(err_find(why(&talk), "stage"), "greet");
	assert_string_equal(err_find(why(&talk), "seconds"), "60");
	assert_int_equal(exchange_events(talk.exchange), 0);
	end(&talk);
}

static void
a_dripping_relay_is_understood(void **state)
{
	static const struct fake_step script[] = {
	    {FAKE_DRIP, "220 slow \x1b[2J relay\r\n", 1}, {FAKE_SERVE, NULL, 0},
	    END};
	struct smtp_result result;
	struct talk talk;

	(void)state;
	assert_int_equal(
	    begin(&talk, script, TLS_LEVEL_NONE, NULL), SMTP_WAIT_MESSAGE);
	session_send(
	    talk.exchange, "s@x.example", "r@x.example", MESSAGE, &result);
	assert_int_equal(result.verdict, SMTP_ACCEPTED);
	end(&talk);
}

static void
two_messages_in_one_write(void **state)
{
	static const struct fake_step script[] = {
	    HELLO, {FAKE_SERVE, NULL, 0}, END};
	struct smtp_envelope envelope = {.sender = SPAN("s@x.example"),
	    .recipient = SPAN("1@x.example"),
	    .data = SPAN(MESSAGE),
	    .tag = 1};
	struct smtp_result result;
	struct err err = {0};
	struct talk talk;
	struct smtp *smtp;

	(void)state;
	assert_int_equal(
	    begin(&talk, script, TLS_LEVEL_VERIFY, &fake_good_cert),
	    SMTP_WAIT_MESSAGE);
	smtp = exchange_smtp(talk.exchange);
	assert_ok(smtp_submit(smtp, &envelope, &err), &err);
	for (uint64_t tag = 1; tag <= 20; tag++) {
		assert_int_equal(session_run(talk.exchange), SMTP_WAIT_HANDED);
		assert_int_equal(smtp_waiting(smtp), tag);
		envelope.tag = tag + 1;
		assert_true(smtp_has_room(smtp));
		assert_ok(smtp_submit(smtp, &envelope, &err), &err);
		assert_false(smtp_has_room(smtp));
		smtp_handed(smtp);
		assert_int_equal(session_run(talk.exchange), SMTP_WAIT_RESULT);
		assert_true(smtp_result(smtp, &result));
		assert_int_equal(result.tag, tag);
		assert_int_equal(result.verdict, SMTP_ACCEPTED);
		assert_false(smtp_result(smtp, &result));
	}
	end(&talk);
}

static void
clear_text_needs_loopback(void **state)
{
	struct exchange_target target = {.host = "192.0.2.1",
	    .port = 25,
	    .tls = TLS_LEVEL_NONE,
	    .ehlo = "client.example"};
	struct exchange *exchange = NULL;
	struct err err = {0};

	(void)state;
	assert_int_equal(exchange_new(dialler_loopback_only(), &target, NULL,
			     SMTP_PIPELINE_OFFERED, 0, &exchange, &err),
	    -1);
	assert_int_equal(err.code, E_NET_DIAL_LOOPBACK);
	assert_string_equal(err_find(&err, "address"), "192.0.2.1");
	assert_null(exchange);
	target.host = "0.0.0.0";
	assert_int_equal(exchange_new(dialler_loopback_only(), &target, NULL,
			     SMTP_PIPELINE_OFFERED, 0, &exchange, &err),
	    -1);
	assert_int_equal(err.code, E_NET_DIAL_LOOPBACK);
	target.host = "not a name";
	assert_int_equal(exchange_new(real, &target, NULL,
			     SMTP_PIPELINE_OFFERED, 0, &exchange, &err),
	    -1);
	assert_int_equal(err.code, E_NET_RESOLVE);
}

/* Connects to something that is no loopback address. */
struct elsewhere {
	struct dialler base;
	int other;
};

static int
dial_elsewhere(struct dialler *dialler, const char *host, uint16_t port,
    int *fd_out, struct err *err)
{
	struct elsewhere *elsewhere = (struct elsewhere *)dialler;
	int fds[2];

	(void)host, (void)port;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0)
		return err_set(err, E_NET_CONNECT);
	*fd_out = fds[0];
	elsewhere->other = fds[1];
	return 0;
}

/* The level is judged by where the connection ended, not by its name; nothing
 * is said before. */
static void
clear_text_is_judged_by_the_peer(void **state)
{
	struct elsewhere elsewhere = {.base = {dial_elsewhere}};
	struct exchange_target target = {.host = "localhost",
	    .port = 25,
	    .tls = TLS_LEVEL_NONE,
	    .ehlo = "client.example"};
	struct exchange *exchange = NULL;
	struct err err = {0};
	char octet;

	(void)state;
	assert_ok(exchange_new(&elsewhere.base, &target, NULL,
		      SMTP_PIPELINE_OFFERED, 0, &exchange, &err),
	    &err);
	assert_int_equal(write(elsewhere.other, "220 hi\r\n", 8), 8);
	assert_int_equal(exchange_ready(exchange, 0x4, 1), SMTP_CLOSED);
	assert_int_equal(
	    smtp_error(exchange_smtp(exchange))->code, E_NET_CLEAR);
	assert_int_equal(recv(elsewhere.other, &octet, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	exchange_free(&exchange);
	close(elsewhere.other);
}

static void
nobody_listens(void **state)
{
	static const struct fake_step script[] = {END};
	struct exchange_probe found;
	struct err err = {0};
	struct talk talk;
	struct exchange_probe_how how = {.dialler = real,
	    .target = &talk.target,
	    .mail_from = "s@x.example",
	    .cancel_fd = -1};

	(void)state;
	begin(&talk, script, TLS_LEVEL_NONE, NULL);
	fake_relay_stop(&talk.relay);
	assert_int_equal(exchange_probe(&how, &found, &err), -1);
	assert_int_equal(err.code, E_NET_CONNECT);
	assert_int_equal(found.stage, SMTP_STAGE_CONNECT);
	end(&talk);
}

static void
probe_tells_what_is_wrong(void **state)
{
	static const struct fake_step refuses[] = {HELLO, PIPELINING,
	    {FAKE_HEAR, "MAIL FROM:<s@x.example>", 0},
	    {FAKE_SAY, "550 5.7.1 not for you", 0}, {FAKE_HEAR, "RSET", 0},
	    {FAKE_SAY, "250 ok", 0}, {FAKE_HEAR, "QUIT", 0},
	    {FAKE_SAY, "221 bye", 0}, END};
	struct exchange_probe found;
	struct err err = {0};
	struct talk talk;
	struct exchange_probe_how how = {.dialler = real,
	    .target = &talk.target,
	    .mail_from = "s@x.example",
	    .cancel_fd = -1,
	    .limit_ms = 10000};

	(void)state;
	assert_int_equal(
	    begin(&talk, refuses, TLS_LEVEL_NONE, NULL), SMTP_WAIT_MESSAGE);
	assert_int_equal(exchange_probe(&how, &found, &err), -1);
	assert_int_equal(err.code, E_SMTP_REPLY);
	assert_int_equal(found.stage, SMTP_STAGE_MAIL);
	assert_int_equal(found.code, 550);
	assert_string_equal(found.enhanced, "5.7.1");
	assert_string_equal(found.reply, "550 5.7.1 not for you");
	assert_true(found.caps.bits & SMTP_CAP_PIPELINING);
	end(&talk);
}

static void
probe_can_be_cancelled(void **state)
{
	static const struct fake_step script[] = {{FAKE_HANG, NULL, 0}, END};
	struct exchange_probe found;
	struct err err = {0};
	struct talk talk;
	uint64_t one = 1;
	struct exchange_probe_how how = {.dialler = real,
	    .target = &talk.target,
	    .mail_from = "s@x.example",
	    .cancel_fd = eventfd(0, EFD_CLOEXEC)};

	(void)state;
	scripts[0] = script;
	plan = (struct fake_plan){scripts, 1, NULL};
	talk = (struct talk){.relay = fake_relay_start(&plan)};
	talk.target = (struct exchange_target){.host = "127.0.0.1",
	    .port = fake_relay_port(talk.relay),
	    .ehlo = "client.example"};
	assert_int_equal(write(how.cancel_fd, &one, sizeof one), sizeof one);
	assert_int_equal(exchange_probe(&how, &found, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
	close(how.cancel_fd);
	how.cancel_fd = -1;
	how.limit_ms = 1;
	assert_int_equal(exchange_probe(&how, &found, &err), -1);
	assert_int_equal(err.code, E_NET_TIMEOUT);
	end(&talk);
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
	    cmocka_unit_test(faults_have_their_codes),
	    cmocka_unit_test(lost_after_the_dot_is_in_doubt),
	    cmocka_unit_test(each_in_its_own_name),
	    cmocka_unit_test(lost_before_the_dot_is_deferred),
	    cmocka_unit_test(a_word_before_hanging_up_is_heard),
	    cmocka_unit_test(a_silent_relay_times_out),
	    cmocka_unit_test(a_dripping_relay_is_understood),
	    cmocka_unit_test(two_messages_in_one_write),
	    cmocka_unit_test(clear_text_needs_loopback),
	    cmocka_unit_test(clear_text_is_judged_by_the_peer),
	    cmocka_unit_test(nobody_listens),
	    cmocka_unit_test(probe_tells_what_is_wrong),
	    cmocka_unit_test(probe_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
