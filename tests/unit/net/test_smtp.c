/* The SMTP machine, played as scripts: what goes in, what must come out. */
#include <stdio.h>
#include <string.h>

#include "core/net/sasl.h"
#include "tests/fake/play.h"
#include "tests/unit/unit.h"

#define MAIL_A "MAIL FROM:<s@x.example>\r\n"
#define RCPT_A "RCPT TO:<r@x.example>\r\n"
#define GROUP  MAIL_A RCPT_A "DATA\r\n"
#define READY  "220 hi\r\n"
#define EHLO_C "EHLO me.example\r\n"
#define PIPE   "250-relay\r\n250 PIPELINING\r\n"
#define NOPIPE "250 relay\r\n"

static void
get_ready(struct play *play, const char *ehlo_reply)
{
	play_ready(play, ehlo_reply);
	wants(play, SMTP_WAIT_MESSAGE);
}

static void
submit(struct play *play, const struct smtp_envelope *envelope)
{
	struct err err = {0};

	assert_ok(smtp_submit(play->smtp, envelope, &err), &err);
}

/* One transaction in a pipelining session: replies to the group, to the data
 * (NULL: the relay says nothing and is gone), and what must come of it. */
static void
transactions(void **state)
{
	static const struct {
		const char *group, *data;
		enum smtp_verdict verdict;
		enum smtp_stage stage;
		int code;
		const char *enhanced, *after; /* what is said next */
		enum smtp_wish wish;
	} table[] = {
	    {"250 a\r\n250 b\r\n354 c\r\n", "250 2.0.0 queued\r\n",
		SMTP_ACCEPTED, SMTP_STAGE_EOD, 250, "2.0.0", "",
		SMTP_WAIT_MESSAGE},
	    {"250 a\r\n250 b\r\n354 c\r\n", "451-4.7.1 wait\r\n451 x\r\n",
		SMTP_DEFERRED, SMTP_STAGE_EOD, 451, "4.7.1", "",
		SMTP_WAIT_MESSAGE},
	    {"250 a\r\n250 b\r\n354 c\r\n", "554 5.7.1 spam\r\n", SMTP_FAILED,
		SMTP_STAGE_EOD, 554, "5.7.1", "", SMTP_WAIT_MESSAGE},
	    {"250 a\r\n250 b\r\n354 c\r\n", NULL, SMTP_IN_DOUBT, SMTP_STAGE_EOD,
		0, "", "", SMTP_CLOSED},
	    {"250 a\r\n250 b\r\n354 c\r\n", "354 what\r\n", SMTP_IN_DOUBT,
		SMTP_STAGE_EOD, 0, "", "", SMTP_CLOSED},
	    {"250 a\r\n250 b\r\n354 c\r\n", "hello\r\n", SMTP_IN_DOUBT,
		SMTP_STAGE_EOD, 0, "", "", SMTP_CLOSED},
	    {"250 a\r\n250 b\r\n354 c\r\n", "421 4.3.2 down\r\n", SMTP_DEFERRED,
		SMTP_STAGE_EOD, 421, "4.3.2", "", SMTP_CLOSED},
	    {"250 a\r\n550 5.1.1 who\r\n554 none\r\n", "", SMTP_FAILED,
		SMTP_STAGE_RCPT, 550, "5.1.1", "", SMTP_WAIT_MESSAGE},
	    {"250 a\r\n550 5.1.1 who\r\n354 go\r\n", "", SMTP_FAILED,
		SMTP_STAGE_RCPT, 550, "5.1.1", ".\r\n", SMTP_WAIT_IO},
	    {"250 a\r\n450 4.2.1 later\r\n503 no\r\n", "", SMTP_DEFERRED,
		SMTP_STAGE_RCPT, 450, "4.2.1", "", SMTP_WAIT_MESSAGE},
	    {"550 5.7.1 no\r\n503 no\r\n503 no\r\n", "", SMTP_FAILED,
		SMTP_STAGE_MAIL, 550, "5.7.1", "", SMTP_WAIT_MESSAGE},
	    {"550 no\r\n250 odd\r\n354 odd\r\n", "", SMTP_FAILED,
		SMTP_STAGE_MAIL, 550, "", "", SMTP_CLOSED},
	    {"250 a\r\n250 b\r\n452 4.3.1 full\r\n", "", SMTP_DEFERRED,
		SMTP_STAGE_DATA, 452, "4.3.1", "", SMTP_WAIT_MESSAGE},
	    {"250 a\r\n250 b\r\n250 c\r\n", "", SMTP_DEFERRED, SMTP_STAGE_DATA,
		0, "", "", SMTP_CLOSED},
	    {"250 a\r\n250 b\r\n354 c\r\n552 5.3.4 no\r\n", "", SMTP_FAILED,
		SMTP_STAGE_BODY, 552, "5.3.4", "", SMTP_CLOSED},
	    {"250 a\r\n250 b\r\n354 c\r\n250 ok\r\n", "", SMTP_DEFERRED,
		SMTP_STAGE_DATA, 0, "", "", SMTP_CLOSED},
	    {"250 a\r\n421 4.7.0 bye\r\n", "", SMTP_DEFERRED, SMTP_STAGE_RCPT,
		421, "4.7.0", "", SMTP_CLOSED},
	    {"250 a\r\n650 b\r\n", "", SMTP_DEFERRED, SMTP_STAGE_RCPT, 0, "",
		"", SMTP_CLOSED},
	    {"250-a\r\n251 b\r\n", "", SMTP_DEFERRED, SMTP_STAGE_MAIL, 0, "",
		"", SMTP_CLOSED},
	    {"354 a\r\n", "", SMTP_DEFERRED, SMTP_STAGE_MAIL, 0, "", "",
		SMTP_CLOSED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct play play;

		get_ready(&play, PIPE);
		submit(&play, &play_envelope);
		says(&play, GROUP);
		play_hear(&play, table[i].group);
		if (smtp_wish(play.smtp) == SMTP_WAIT_HANDED) {
			assert_int_equal(smtp_output(play.smtp).len, 0);
			assert_int_equal(smtp_waiting(play.smtp), 42);
			smtp_handed(play.smtp);
			says(&play, "a: b\r\n\r\nc\r\n.\r\n");
			if (table[i].data)
				play_hear(&play, table[i].data);
			else
				smtp_lost(play.smtp, NULL);
		}
		if (table[i].after[0]) {
			says(&play, table[i].after);
			wants(&play, SMTP_WAIT_IO);
			play_hear(&play, "554 no recipients\r\n");
		}
		wants(&play, SMTP_WAIT_RESULT);
		assert_true(smtp_result(play.smtp, &play.result));
		if (play.result.verdict != table[i].verdict ||
		    play.result.stage != table[i].stage ||
		    play.result.reply.code != table[i].code)
			fail_msg("%zu: %d %s %d", i, play.result.verdict,
			    smtp_stage_name(play.result.stage),
			    play.result.reply.code);
		assert_string_equal(
		    play.result.reply.enhanced, table[i].enhanced);
		assert_int_equal(play.result.tag, 42);
		if (!table[i].after[0] && smtp_wish(play.smtp) != table[i].wish)
			fail_msg("%zu: wish %d", i, smtp_wish(play.smtp));
		assert_false(smtp_result(play.smtp, &play.result));
		play_end(&play);
	}
}

static void
reset_goes_with_the_next_group(void **state)
{
	struct play play;

	(void)state;
	get_ready(&play, PIPE);
	submit(&play, &play_envelope);
	says(&play, GROUP);
	play_hear(&play, "250 a\r\n550 b\r\n554 c\r\n");
	assert_true(smtp_result(play.smtp, &play.result));
	wants(&play, SMTP_WAIT_MESSAGE);
	assert_int_equal(smtp_output(play.smtp).len, 0);
	submit(&play, &play_envelope);
	says(&play, "RSET\r\n" GROUP);
	play_hear(&play, "250 reset\r\n250 a\r\n250 b\r\n354 c\r\n");
	wants(&play, SMTP_WAIT_HANDED);
	play_end(&play);
}

static void
one_by_one_without_pipelining(void **state)
{
	struct play play;

	(void)state;
	get_ready(&play, NOPIPE);
	submit(&play, &play_envelope);
	says(&play, MAIL_A);
	assert_false(smtp_has_room(play.smtp));
	play_hear(&play, "250 a\r\n");
	says(&play, RCPT_A);
	play_hear(&play, "250 b\r\n");
	says(&play, "DATA\r\n");
	play_hear(&play, "354 c\r\n");
	wants(&play, SMTP_WAIT_HANDED);
	assert_false(smtp_has_room(play.smtp));
	smtp_handed(play.smtp);
	says(&play, "a: b\r\n\r\nc\r\n.\r\n");
	play_hear(&play, "250 d\r\n");
	assert_true(smtp_result(play.smtp, &play.result));
	assert_int_equal(play.result.verdict, SMTP_ACCEPTED);
	submit(&play, &play_envelope);
	says(&play, MAIL_A);
	play_hear(&play, "250 a\r\n");
	says(&play, RCPT_A);
	play_hear(&play, "551 b\r\n");
	assert_true(smtp_result(play.smtp, &play.result));
	assert_int_equal(play.result.stage, SMTP_STAGE_RCPT);
	wants(&play, SMTP_WAIT_IO);
	says(&play, "RSET\r\n");
	play_hear(&play, "250 e\r\n");
	wants(&play, SMTP_WAIT_MESSAGE);
	smtp_quit(play.smtp);
	says(&play, "QUIT\r\n");
	play_hear(&play, "221 f\r\n");
	wants(&play, SMTP_CLOSED);
	assert_int_equal(smtp_error(play.smtp)->code, E_NONE);
	play_end(&play);
}

/* The end of one message and the next envelope leave in one write; a loss
 * then dooms neither wrongly. */
static void
window_of_two(void **state)
{
	static const char both[] = "a: b\r\n\r\nc\r\n.\r\n" GROUP;
	struct smtp_envelope second = play_envelope;
	struct play play;

	(void)state;
	second.tag = 43;
	get_ready(&play, PIPE);
	submit(&play, &play_envelope);
	submit(&play, &second);
	assert_false(smtp_has_room(play.smtp));
	says(&play, GROUP);
	play_hear(&play, "250 a\r\n250 b\r\n354 c\r\n");
	wants(&play, SMTP_WAIT_HANDED);
	assert_int_equal(smtp_waiting(play.smtp), 42);
	smtp_handed(play.smtp);
	says(&play, both);
	assert_int_equal(smtp_stage(play.smtp), SMTP_STAGE_EOD);
	play_hear(&play, "250 ok\r\n250 a\r\n550 5.1.1 b\r\n");
	wants(&play, SMTP_WAIT_RESULT);
	assert_true(smtp_result(play.smtp, &play.result));
	assert_int_equal(play.result.tag, 42);
	assert_int_equal(play.result.verdict, SMTP_ACCEPTED);
	wants(&play, SMTP_WAIT_IO);
	smtp_lost(play.smtp, NULL);
	assert_true(smtp_result(play.smtp, &play.result));
	assert_int_equal(play.result.tag, 43);
	assert_int_equal(play.result.verdict, SMTP_FAILED);
	assert_int_equal(play.result.stage, SMTP_STAGE_RCPT);
	wants(&play, SMTP_CLOSED);
	play_end(&play);
}

static void
loss_with_two_open(void **state)
{
	static const char both[] = "a: b\r\n\r\nc\r\n.\r\n" GROUP;
	/* octets that left, verdict of the first, of the second its stage */
	static const struct {
		size_t sent;
		enum smtp_verdict verdict;
		enum smtp_stage stage;
	} table[] = {
	    {0, SMTP_DEFERRED, SMTP_STAGE_BODY},
	    {11, SMTP_DEFERRED, SMTP_STAGE_BODY},
	    {13, SMTP_DEFERRED, SMTP_STAGE_BODY},
	    {14, SMTP_IN_DOUBT, SMTP_STAGE_EOD},
	    {sizeof both - 1, SMTP_IN_DOUBT, SMTP_STAGE_EOD},
	};
	struct play play;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		get_ready(&play, PIPE);
		submit(&play, &play_envelope);
		submit(&play, &play_envelope);
		says(&play, GROUP);
		play_hear(&play, "250 a\r\n250 b\r\n354 c\r\n");
		smtp_handed(play.smtp);
		assert_span_equal(smtp_output(play.smtp), both);
		smtp_sent(play.smtp, table[i].sent);
		smtp_lost(play.smtp, NULL);
		assert_true(smtp_result(play.smtp, &play.result));
		assert_int_equal(play.result.verdict, table[i].verdict);
		assert_int_equal(play.result.stage, table[i].stage);
		assert_true(smtp_result(play.smtp, &play.result));
		assert_int_equal(play.result.verdict, SMTP_DEFERRED);
		assert_int_equal(play.result.stage, SMTP_STAGE_MAIL);
		assert_int_equal(smtp_error(play.smtp)->code, E_NET_CLOSED);
		assert_int_equal(smtp_output(play.smtp).len, 0);
		play_end(&play);
	}
}

/* An answer before the message has left ends the connection; a refusal
 * counts, an acceptance does not. */
static void
answer_before_the_dot(void **state)
{
	static const struct {
		const char *reply;
		enum smtp_verdict verdict;
		int code;
	} table[] = {
	    {"552 5.3.4 too big\r\n", SMTP_FAILED, 552},
	    {"451 4.3.0 no\r\n", SMTP_DEFERRED, 451},
	    {"421 4.3.0 bye\r\n", SMTP_DEFERRED, 421},
	    {"250 2.0.0 thanks\r\n", SMTP_DEFERRED, 0},
	};
	struct play play;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		get_ready(&play, PIPE);
		submit(&play, &play_envelope);
		says(&play, GROUP);
		play_hear(&play, "250 a\r\n250 b\r\n354 c\r\n");
		smtp_handed(play.smtp);
		smtp_sent(play.smtp, 5);
		assert_int_equal(smtp_stage(play.smtp), SMTP_STAGE_BODY);
		play_hear(&play, table[i].reply);
		assert_true(smtp_result(play.smtp, &play.result));
		assert_int_equal(play.result.verdict, table[i].verdict);
		assert_int_equal(play.result.stage, SMTP_STAGE_BODY);
		assert_int_equal(play.result.reply.code, table[i].code);
		wants(&play, SMTP_CLOSED);
		play_end(&play);
	}
}

static void
abandoned_message_leaves_nothing(void **state)
{
	struct play play;

	(void)state;
	get_ready(&play, PIPE);
	submit(&play, &play_envelope);
	submit(&play, &play_envelope);
	says(&play, GROUP);
	play_hear(&play, "250 a\r\n250 b\r\n354 c\r\n");
	smtp_abandon(play.smtp);
	assert_int_equal(smtp_output(play.smtp).len, 0);
	assert_true(smtp_result(play.smtp, &play.result));
	assert_int_equal(play.result.verdict, SMTP_ABANDONED);
	assert_true(smtp_result(play.smtp, &play.result));
	assert_int_equal(play.result.verdict, SMTP_DEFERRED);
	assert_int_equal(play.result.stage, SMTP_STAGE_READY);
	wants(&play, SMTP_CLOSED);
	play_end(&play);
}

static void
dots_are_doubled(void **state)
{
	static const struct {
		const char *data, *wire;
	} table[] = {
	    {"a\r\n", "a\r\n.\r\n"},
	    {"a", "a\r\n.\r\n"},
	    {".a\r\n", "..a\r\n.\r\n"},
	    {"..\r\n.\r\nx.\r\n", "...\r\n..\r\nx.\r\n.\r\n"},
	    {"a\r\n\r\n.", "a\r\n\r\n..\r\n.\r\n"},
	    {"\r\n", "\r\n.\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct smtp_envelope envelope = play_envelope;
		struct play play;

		envelope.data = span_of(table[i].data);
		get_ready(&play, PIPE);
		submit(&play, &envelope);
		says(&play, GROUP);
		play_hear(&play, "250 a\r\n250 b\r\n354 c\r\n");
		smtp_handed(play.smtp);
		says(&play, table[i].wire);
		play_end(&play);
	}
}

static void
what_must_not_be_sent(void **state)
{
	static const struct {
		const char *sender, *recipient;
		struct span data;
		enum smtp_body body;
		enum err_code code;
		const char *fact, *value;
	} table[] = {
	    {"s@x", "r@x", {"a\nb\r\n", 5}, 0, E_SMTP_BODY, "why", "bare LF"},
	    {"s@x", "r@x", {"a\r\nb\n", 5}, 0, E_SMTP_BODY, "offset", "4"},
	    {"s@x", "r@x", {"a\rb\r\n", 5}, 0, E_SMTP_BODY, "why", "bare CR"},
	    {"s@x", "r@x", {"a\r\r\n", 4}, 0, E_SMTP_BODY, "offset", "1"},
	    {"s@x", "r@x", {"a\r", 2}, 0, E_SMTP_BODY, "offset", "1"},
	    {"s@x", "r@x", {"0123456789abcd\r\n\n", 17}, 0, E_SMTP_BODY,
		"offset", "16"},
	    {"s@x", "r@x", {"0123456789abcde\r\nx\r\ny\r\r\n", 24}, 0,
		E_SMTP_BODY, "offset", "21"},
	    {"s@x", "r@x", {"\n0123456789abcdef", 17}, 0, E_SMTP_BODY, "offset",
		"0"},
	    {"s@x", "r@x", {"0123456789abcdef\r", 17}, 0, E_SMTP_BODY, "why",
		"bare CR"},
	    {"s@x", "r@x", {"0123456789abcde\r\n\xe3\r\n", 20}, 0, E_SMTP_8BIT,
		"host", "relay.example"},
	    {"s@x", "r@x", {"a\0b\r\n", 5}, 0, E_SMTP_BODY, "why", "NUL"},
	    {"s@x", "r@x", {"a\r\n.\r\nMAIL", 10}, 0, E_NONE, "", ""},
	    {"s@x", "", {"a\r\n", 3}, 0, E_ADDRESS_SYNTAX, "address", ""},
	    {"", "r@x", {"a\r\n", 3}, 0, E_NONE, "", ""},
	    {"s@x", "r@x>\r\nRCPT TO:<v@x", {"a\r\n", 3}, 0, E_ADDRESS_SYNTAX,
		"", ""},
	    {"s@x\r\nDATA", "r@x", {"a\r\n", 3}, 0, E_ADDRESS_SYNTAX, "", ""},
	    {"s@x", "r r@x", {"a\r\n", 3}, 0, E_ADDRESS_SYNTAX, "", ""},
	    {"s@x", "\"r r>\"@x", {"a\r\n", 3}, 0, E_NONE, "", ""},
	    {"s@x", "\"r\\\"@x", {"a\r\n", 3}, 0, E_ADDRESS_SYNTAX, "", ""},
	    {"s@x", "r\xe3\x81@x", {"a\r\n", 3}, 0, E_ADDRESS_SYNTAX, "", ""},
	    {"s@x", "r\xe3\x81\x82@x", {"a\r\n", 3}, 0, E_SMTP_UTF8, "host",
		"relay.example"},
	    {"s\x7f@x", "r@x", {"a\r\n", 3}, 0, E_ADDRESS_SYNTAX, "", ""},
	    {"s@x", "r@x", {"0123456789012345678\r\n", 21}, 0, E_SMTP_SIZE,
		"limit", "20"},
	    {"s@x", "r@x", {"a\r\n", 3}, SMTP_BODY_8BIT, E_SMTP_8BIT, "host",
		"relay.example"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct smtp_envelope envelope = {
		    .sender = span_of(table[i].sender),
		    .recipient = span_of(table[i].recipient),
		    .data = table[i].data,
		    .body = table[i].body,
		};
		struct err err = {0};
		struct play play;
		int rc;

		get_ready(&play, "250-r\r\n250-SIZE 20\r\n250 PIPELINING\r\n");
		rc = smtp_submit(play.smtp, &envelope, &err);
		if (rc != (table[i].code ? -1 : 0) || err.code != table[i].code)
			fail_msg("%zu: %d %s", i, rc, err_name(err.code));
		if (table[i].fact[0])
			assert_string_equal(
			    err_find(&err, table[i].fact), table[i].value);
		if (rc < 0) {
			assert_int_equal(smtp_output(play.smtp).len, 0);
			wants(&play, SMTP_WAIT_MESSAGE);
		}
		play_end(&play);
	}
}

static void
parameters_follow_what_is_offered(void **state)
{
	struct smtp_envelope envelope = play_envelope;
	struct play play;

	(void)state;
	envelope.body = SMTP_BODY_8BIT;
	envelope.notify = SMTP_NOTIFY_FAILURE;
	envelope.ret = SMTP_RET_HEADERS;
	envelope.envid = SPAN("c+1=2");
	get_ready(&play, "250-r\r\n250-size 1000\r\n250-DSN\r\n250-8bitmime\r\n"
			 "250-SMTPUTF8\r\n250-CHUNKING\r\n250-REQUIRETLS\r\n"
			 "250-ENHANCEDSTATUSCODES\r\n250-AUTH=LOGIN\r\n250 "
			 "AUTH X LOGIN\r\n");
	assert_int_equal(smtp_caps(play.smtp)->bits,
	    SMTP_CAP_SIZE | SMTP_CAP_DSN | SMTP_CAP_8BITMIME |
		SMTP_CAP_SMTPUTF8 | SMTP_CAP_CHUNKING | SMTP_CAP_ENHANCED |
		SMTP_CAP_AUTH);
	assert_int_equal(smtp_caps(play.smtp)->size_max, 1000);
	assert_int_equal(smtp_caps(play.smtp)->auth, SASL_LOGIN);
	submit(&play, &envelope);
	says(&play, "MAIL FROM:<s@x.example> SIZE=11 BODY=8BITMIME RET=HDRS "
		    "ENVID=c+2B1+3D2\r\n");
	play_hear(&play, "250 ok\r\n");
	says(&play, "RCPT TO:<r@x.example> NOTIFY=FAILURE "
		    "ORCPT=rfc822;r@x.example\r\n");
	play_end(&play);
}

/* What is asked for only when it is needed, offered, and where it counts. */
static void
parameters_when_needed(void **state)
{
	static const struct {
		const char *offer;
		struct smtp_envelope envelope;
		const char *mail, *rcpt; /* mail NULL: code */
		enum err_code code;
	} table[] = {
	    {"REQUIRETLS", {.require = SMTP_REQUIRE_TLS}, " REQUIRETLS", "",
		E_NONE},
	    {"REQUIRETLS", {.require = SMTP_REQUIRE_NOTHING}, "", "", E_NONE},
	    {"DSN", {.require = SMTP_REQUIRE_TLS}, NULL, NULL,
		E_SMTP_REQUIRETLS},
	    {"SMTPUTF8", {.header = SMTP_HEADER_UTF8}, " SMTPUTF8", "", E_NONE},
	    {"SMTPUTF8", {.header = SMTP_HEADER_ASCII}, "", "", E_NONE},
	    {"DSN", {.header = SMTP_HEADER_UTF8}, NULL, NULL, E_SMTP_UTF8},
	    {"DSN", {.notify = SMTP_NOTIFY_NEVER, .ret = SMTP_RET_FULL},
		" RET=FULL", " NOTIFY=NEVER ORCPT=rfc822;r@x", E_NONE},
	    {"DSN",
		{.notify = SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_DELAY |
			   SMTP_NOTIFY_SUCCESS},
		"", " NOTIFY=FAILURE,DELAY,SUCCESS ORCPT=rfc822;r@x", E_NONE},
	    {"HELP", {.notify = SMTP_NOTIFY_FAILURE, .ret = SMTP_RET_HEADERS},
		"", "", E_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct smtp_envelope envelope = table[i].envelope;
		char reply[128], wanted[256];
		struct err err = {0};
		struct play play;

		envelope.sender = SPAN("s@x");
		envelope.recipient = SPAN("r@x");
		envelope.data = SPAN("a: b\r\n");
		play_begin(&play, TLS_LEVEL_IMPLICIT, NULL);
		smtp_tls_done(play.smtp);
		play_hear(&play, READY);
		play_flush(&play);
		snprintf(reply, sizeof reply,
		    "250-r\r\n250-PIPELINING\r\n250 %s\r\n", table[i].offer);
		play_hear(&play, reply);
		smtp_submit(play.smtp, &envelope, &err);
		assert_int_equal(err.code, table[i].code);
		snprintf(wanted, sizeof wanted,
		    "MAIL FROM:<s@x>%s\r\nRCPT TO:<r@x>%s\r\nDATA\r\n",
		    table[i].mail ? table[i].mail : "",
		    table[i].rcpt ? table[i].rcpt : "");
		if (table[i].mail)
			says(&play, wanted);
		else
			assert_int_equal(smtp_output(play.smtp).len, 0);
		play_end(&play);
	}
}

/* ---- before READY ---- */

static void
tls_then_login(void **state)
{
	struct buf talk = BUF_INIT;
	struct play play;

	(void)state;
	play_begin(&play, TLS_LEVEL_VERIFY, "user");
	smtp_record(play.smtp, &talk);
	play_hear(&play, READY);
	says(&play, EHLO_C);
	play_hear(
	    &play, "250-r\r\n250-AUTH PLAIN\r\n250-SIZE 5\r\n250 STARTTLS\r\n");
	says(&play, "STARTTLS\r\n");
	play_hear(&play, "220 go\r\n");
	wants(&play, SMTP_WAIT_TLS);
	assert_int_equal(smtp_stage(play.smtp), SMTP_STAGE_TLS);
	smtp_tls_done(play.smtp);
	assert_int_equal(smtp_caps(play.smtp)->bits, 0);
	assert_int_equal(smtp_caps(play.smtp)->size_max, 0);
	says(&play, EHLO_C);
	play_hear(&play, "250-r\r\n250 AUTH LOGIN PLAIN\r\n");
	assert_int_equal(smtp_stage(play.smtp), SMTP_STAGE_AUTH);
	says(&play, "AUTH PLAIN AHVzZXIAcGE1NQ==\r\n");
	play_hear(&play, "235 welcome\r\n");
	wants(&play, SMTP_WAIT_MESSAGE);
	assert_true(span_search(buf_span(&talk), SPAN("C: AUTH PLAIN ****\n")) <
		    talk.len);
	assert_int_equal(
	    span_search(buf_span(&talk), SPAN("AHVzZXI")), talk.len);
	buf_done(&talk);
	play_end(&play);
}

static void
login_takes_two_answers(void **state)
{
	struct buf talk = BUF_INIT;
	struct play play;

	(void)state;
	play_begin(&play, TLS_LEVEL_IMPLICIT, "user");
	smtp_record(play.smtp, &talk);
	smtp_tls_done(play.smtp);
	play_hear(&play, READY);
	says(&play, EHLO_C);
	play_hear(&play, "250-r\r\n250 AUTH LOGIN\r\n");
	says(&play, "AUTH LOGIN\r\n");
	play_hear(&play, "334 VXNlcm5hbWU6\r\n");
	says(&play, "dXNlcg==\r\n");
	play_hear(&play, "334 UGFzc3dvcmQ6\r\n");
	says(&play, "cGE1NQ==\r\n");
	play_hear(&play, "334 more\r\n");
	wants(&play, SMTP_CLOSED);
	assert_int_equal(smtp_error(play.smtp)->code, E_SMTP_AUTH);
	assert_int_equal(
	    span_search(buf_span(&talk), SPAN("cGE1NQ")), talk.len);
	buf_done(&talk);
	play_end(&play);
}

/* A script of replies (each answering one output) that must fail. */
static void
sessions_that_fail(void **state)
{
	static const struct {
		const char *name;
		enum tls_level level;
		const char *user;
		const char *replies[4];
		enum err_code code;
		const char *stage, *said; /* the last thing that was said */
	} table[] = {
	    {"554 greeting", TLS_LEVEL_NONE, NULL, {"554 no\r\n"}, E_SMTP_REPLY,
		"greet", ""},
	    {"421 greeting", TLS_LEVEL_NONE, NULL, {"421 busy\r\n"},
		E_SMTP_REPLY, "greet", ""},
	    {"clear greeting on a TLS port", TLS_LEVEL_IMPLICIT, NULL, {READY},
		E_TLS_MISSING, "greet", ""},
	    {"no AUTH in clear", TLS_LEVEL_NONE, "user",
		{READY, "250-r\r\n250 AUTH PLAIN\r\n"}, E_SMTP_AUTH_PLAINTEXT,
		"ehlo", EHLO_C},
	    {"no AUTH in clear, opportunistic", TLS_LEVEL_OPPORTUNISTIC, "user",
		{READY, "250-r\r\n250 AUTH PLAIN\r\n"}, E_SMTP_AUTH_PLAINTEXT,
		"ehlo", EHLO_C},
	    {"opportunistic, refused, with user", TLS_LEVEL_OPPORTUNISTIC,
		"user", {READY, "250-r\r\n250 STARTTLS\r\n", "454 no\r\n"},
		E_SMTP_REPLY, "starttls", "STARTTLS\r\n"},
	    {"STARTTLS missing", TLS_LEVEL_REQUIRED, NULL, {READY, PIPE},
		E_TLS_MISSING, "ehlo", EHLO_C},
	    {"HELO is no way around TLS", TLS_LEVEL_VERIFY, NULL,
		{READY, "502 what\r\n"}, E_SMTP_REPLY, "ehlo", EHLO_C},
	    {"HELO is no way around AUTH", TLS_LEVEL_NONE, "user",
		{READY, "502 what\r\n"}, E_SMTP_REPLY, "ehlo", EHLO_C},
	    {"EHLO refused for good", TLS_LEVEL_NONE, NULL,
		{READY, "550 you\r\n"}, E_SMTP_REPLY, "ehlo", EHLO_C},
	    {"injection", TLS_LEVEL_VERIFY, NULL,
		{READY, "250-r\r\n250 STARTTLS\r\n", "220 go\r\n250 x\r\n"},
		E_TLS_INJECT, "starttls", "STARTTLS\r\n"},
	    {"injection of one octet", TLS_LEVEL_OPPORTUNISTIC, NULL,
		{READY, "250-r\r\n250 STARTTLS\r\n", "220 go\r\n "},
		E_TLS_INJECT, "starttls", "STARTTLS\r\n"},
	    {"HELO refused", TLS_LEVEL_NONE, NULL,
		{READY, "500 what\r\n", "500 what\r\n"}, E_SMTP_REPLY, "helo",
		"HELO me.example\r\n"},
	    {"unasked", TLS_LEVEL_NONE, NULL, {READY, PIPE "250 x\r\n"},
		E_SMTP_PROTOCOL, "ready", EHLO_C},
	    {"idle shutdown", TLS_LEVEL_NONE, NULL,
		{READY, PIPE "421 idle\r\n"}, E_SMTP_REPLY, "ready", EHLO_C},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char last[64] = "";
		struct play play;

		play_begin(&play, table[i].level, table[i].user);
		for (int k = 0; k < 4 && table[i].replies[k]; k++) {
			struct span out;

			play_hear(&play, table[i].replies[k]);
			out = smtp_output(play.smtp);
			if (out.len)
				snprintf(
				    last, sizeof last, "%.*s", SPAN_ARG(out));
			smtp_sent(play.smtp, out.len);
		}
		if (smtp_wish(play.smtp) != SMTP_CLOSED ||
		    smtp_error(play.smtp)->code != table[i].code)
			fail_msg("%s: wish %d, %s", table[i].name,
			    smtp_wish(play.smtp),
			    err_name(smtp_error(play.smtp)->code));
		assert_string_equal(
		    err_find(smtp_error(play.smtp), "stage"), table[i].stage);
		assert_string_equal(last, table[i].said);
		play_end(&play);
	}
}

/* What is not SMTP at all is shown to the operator as it came. */
static void
what_it_said_instead(void **state)
{
	struct play play;

	(void)state;
	play_begin(&play, TLS_LEVEL_NONE, NULL);
	play_hear(&play, "HTTP/1.1 400 Bad Request\r\n");
	wants(&play, SMTP_CLOSED);
	assert_int_equal(smtp_error(play.smtp)->code, E_SMTP_PROTOCOL);
	assert_string_equal(err_find(smtp_error(play.smtp), "reply"),
	    "HTTP/1.1 400 Bad Request");
	play_end(&play);
}

static void
clear_where_the_level_permits(void **state)
{
	struct play play;

	(void)state;
	play_begin(&play, TLS_LEVEL_OPPORTUNISTIC, NULL);
	play_hear(&play, READY);
	says(&play, EHLO_C);
	play_hear(&play, "502 what\r\n");
	says(&play, "HELO me.example\r\n");
	play_hear(&play, "250 hi\r\n");
	wants(&play, SMTP_WAIT_MESSAGE);
	play_end(&play);
	play_begin(&play, TLS_LEVEL_OPPORTUNISTIC, NULL);
	play_hear(&play, READY);
	says(&play, EHLO_C);
	play_hear(&play, "250-r\r\n250 STARTTLS\r\n");
	says(&play, "STARTTLS\r\n");
	play_hear(&play, "454 not now\r\n");
	wants(&play, SMTP_WAIT_MESSAGE);
	play_end(&play);
}

/* ---- replies ---- */

static void
reply_limits(void **state)
{
	struct play play;
	struct smtp_reply reply;

	(void)state;
	get_ready(&play, PIPE);
	smtp_reset(play.smtp);
	for (int i = 0; i < 127; i++)
		play_hear(&play, "250-x\r\n");
	play_hear(&play, "250 x\r\n");
	wants(&play, SMTP_WAIT_MESSAGE);
	smtp_reset(play.smtp);
	for (int i = 0; i < 128; i++)
		play_hear(&play, "250-x\r\n");
	play_hear(&play, "250 x\r\n");
	wants(&play, SMTP_CLOSED);
	assert_int_equal(smtp_error(play.smtp)->code, E_SMTP_PROTOCOL);
	play_end(&play);

	get_ready(&play, PIPE);
	smtp_reset(play.smtp);
	for (int i = 0; i < 4; i++) {
		play_hear(&play, "250-");
		for (int k = 0; k < 1000; k++)
			play_hear(&play, "y");
		play_hear(&play, "\n");
	}
	play_hear(&play, "250 \n");
	wants(&play, SMTP_WAIT_MESSAGE);
	smtp_last_reply(play.smtp, &reply);
	assert_int_equal(reply.raw.len, SMTP_RAW_MAX);
	play_end(&play);

	get_ready(&play, PIPE);
	for (int k = 0; k < 2048; k++)
		play_hear(&play, "y");
	wants(&play, SMTP_WAIT_MESSAGE);
	play_hear(&play, "y");
	wants(&play, SMTP_CLOSED);
	play_end(&play);
}

static void
enhanced_codes(void **state)
{
	static const struct {
		const char *reply, *wanted;
	} table[] = {
	    {"550 5.1.1 no", "5.1.1"},
	    {"550 5.7.515 no", "5.7.515"},
	    {"550 4.1.1 class differs", ""},
	    {"550 5.1.1", "5.1.1"},
	    {"550 5.1 no", ""},
	    {"550 5.1.1234 no", ""},
	    {"550 5..1 no", ""},
	    {"550 5.1.1a no", ""},
	    {"550 no 5.1.1", ""},
	    {"550", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct play play;

		get_ready(&play, PIPE);
		submit(&play, &play_envelope);
		play_hear(&play, "250 a\r\n");
		play_hear(&play, table[i].reply);
		play_hear(&play, "\r\n554 none\r\n");
		assert_true(smtp_result(play.smtp, &play.result));
		assert_string_equal(
		    play.result.reply.enhanced, table[i].wanted);
		play_end(&play);
	}
}

static void
sender_alone(void **state)
{
	struct play play;
	struct err err = {0};

	(void)state;
	get_ready(&play, PIPE);
	assert_int_equal(smtp_try_sender(play.smtp, SPAN("a\r\nb"), &err), -1);
	assert_ok(smtp_try_sender(play.smtp, SPAN("s@x.example"), &err), &err);
	says(&play, MAIL_A);
	play_hear(&play, "250 ok\r\n");
	assert_true(smtp_result(play.smtp, &play.result));
	assert_int_equal(play.result.verdict, SMTP_ACCEPTED);
	assert_int_equal(play.result.stage, SMTP_STAGE_MAIL);
	smtp_reset(play.smtp);
	says(&play, "RSET\r\n");
	play_hear(&play, "250 ok\r\n");
	submit(&play, &play_envelope);
	says(&play, GROUP);
	play_end(&play);
}

/* A mailbox is asked about with RCPT, one command at a time whatever is offered,
 * and nothing after it. */
static void
try_recipient(void **state)
{
	static const struct {
		const char *reply;
		enum smtp_verdict verdict;
	} rows[] = {
	    {"250 ok\r\n", SMTP_ACCEPTED},
	    {"550 5.1.1 who\r\n", SMTP_FAILED},
	    {"450 later\r\n", SMTP_DEFERRED},
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct play play;

		get_ready(&play, PIPE);
		assert_int_equal(
		    smtp_try_recipient(play.smtp, SPAN("a\r\nb"), &err), -1);
		assert_int_equal(
		    smtp_try_recipient(play.smtp, SPAN(""), &err), -1);
		assert_ok(
		    smtp_try_recipient(play.smtp, SPAN("r@x.example"), &err),
		    &err);
		says(&play, "MAIL FROM:<>\r\n");
		play_hear(&play, "250 ok\r\n");
		says(&play, "RCPT TO:<r@x.example>\r\n");
		play_hear(&play, rows[i].reply);
		assert_true(smtp_result(play.smtp, &play.result));
		assert_int_equal(play.result.verdict, rows[i].verdict);
		assert_int_equal(play.result.stage, SMTP_STAGE_RCPT);
		smtp_reset(play.smtp);
		says(&play, "RSET\r\n");
		play_hear(&play, "250 ok\r\n");
		submit(&play, &play_envelope);
		says(&play, GROUP);
		play_end(&play);
	}
}

static void
timeouts_are_the_rfc_s(void **state)
{
	(void)state;
	assert_int_equal(smtp_timeout_ms(NULL, SMTP_STAGE_EOD), 600000);
	assert_int_equal(smtp_timeout_ms(NULL, SMTP_STAGE_MAIL), 300000);
	assert_int_equal(smtp_timeout_ms(NULL, SMTP_STAGE_RCPT), 300000);
	assert_int_equal(smtp_timeout_ms(NULL, SMTP_STAGE_DATA), 120000);
	assert_int_equal(smtp_timeout_ms(NULL, SMTP_STAGE_BODY), 180000);
	assert_int_equal(smtp_timeout_ms(NULL, SMTP_STAGE_READY), -1);
	for (int i = 0; i < SMTP_STAGE_COUNT; i++)
		assert_true(smtp_stage_name((enum smtp_stage)i)[0] != '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(transactions),
	    cmocka_unit_test(reset_goes_with_the_next_group),
	    cmocka_unit_test(one_by_one_without_pipelining),
	    cmocka_unit_test(window_of_two),
	    cmocka_unit_test(loss_with_two_open),
	    cmocka_unit_test(answer_before_the_dot),
	    cmocka_unit_test(abandoned_message_leaves_nothing),
	    cmocka_unit_test(dots_are_doubled),
	    cmocka_unit_test(what_must_not_be_sent),
	    cmocka_unit_test(parameters_follow_what_is_offered),
	    cmocka_unit_test(parameters_when_needed),
	    cmocka_unit_test(tls_then_login),
	    cmocka_unit_test(login_takes_two_answers),
	    cmocka_unit_test(sessions_that_fail),
	    cmocka_unit_test(what_it_said_instead),
	    cmocka_unit_test(clear_where_the_level_permits),
	    cmocka_unit_test(reply_limits),
	    cmocka_unit_test(enhanced_codes),
	    cmocka_unit_test(sender_alone),
	    cmocka_unit_test(try_recipient),
	    cmocka_unit_test(timeouts_are_the_rfc_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
