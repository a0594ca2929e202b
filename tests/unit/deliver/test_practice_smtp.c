/* The practice relay's half of SMTP, as talks: what a client says and what it
 * must be told. */
#include <stdio.h>
#include <string.h>

#include "core/deliver/practice_smtp.h"
#include "tests/unit/unit.h"

#define EHLO  "EHLO c.example\r\n"
#define BEGIN EHLO "MAIL FROM:<s@x.example>\r\nRCPT TO:<r@x.example>\r\n"
#define OK    "250 2.1.0 Sender ok\r\n250 2.1.5 Recipient ok\r\n"
#define GO    OK "354 End with a dot on a line\r\n"

struct desk {
	struct practice_port port; /* first */
	struct buf kept; /* "sender|recipient|message" of the last one */
	int count, fails;
};

static const char *
judge(struct practice_port *port, struct span recipient)
{
	(void)port;
	return span_starts(recipient, SPAN("no")) ? "550 5.1.1 No" : NULL;
}

static int
keep(struct practice_port *port, struct span sender, struct span recipient,
    struct span message)
{
	struct desk *desk = (struct desk *)port;

	buf_clear(&desk->kept);
	buf_add(&desk->kept, sender);
	buf_char(&desk->kept, '|');
	buf_add(&desk->kept, recipient);
	buf_char(&desk->kept, '|');
	buf_add(&desk->kept, message);
	desk->count++;
	return desk->fails ? -1 : 0;
}

enum shape { CLEAR, TLS, TLS_ACCOUNT };

/* Plays client in pieces of step octets and compares the end of what was
 * replied (the greeting and the reply to EHLO stand before). */
static void
talk(struct desk *desk, enum shape shape, const char *client, size_t step,
    const char *wanted, enum practice_wish wish)
{
	struct secret *password = secret_of("pa55", 4);
	struct practice_rules rules = {.port = &desk->port,
	    .user = shape == TLS_ACCOUNT ? "user" : NULL,
	    .password = password};
	struct practice_session *session;
	struct span rest = span_of(client), said;

	desk->port = (struct practice_port){.judge = judge, .keep = keep};
	session = practice_session_new(&rules);
	if (shape != CLEAR)
		practice_tls_done(session);
	while (rest.len) {
		practice_input(session, span_slice(rest, 0, step));
		rest = span_slice(rest, step, rest.len);
	}
	said = buf_span(practice_output(session));
	if (!span_ends(said, span_of(wanted)) || practice_wish(session) != wish)
		fail_msg("[%s]\nwanted [%s]\nsaid [%.*s]", client, wanted,
		    SPAN_ARG(said));
	practice_session_free(&session);
	secret_free(&password);
}

static void
talks(void **state)
{
	static const struct {
		enum shape shape;
		const char *client, *wanted;
		enum practice_wish wish;
		const char *kept;
	} table[] = {
	    {CLEAR, "", "220 localhost ESMTP practice relay\r\n", PRACTICE_IO,
		NULL},
	    {CLEAR, EHLO,
		"250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n"
		"250 8BITMIME\r\n",
		PRACTICE_IO, NULL},
	    {TLS_ACCOUNT, EHLO,
		"250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n"
		"250 8BITMIME\r\n",
		PRACTICE_IO, NULL},
	    {CLEAR, "EHLO\r\n", "501 5.5.4 Name yourself\r\n", PRACTICE_IO,
		NULL},
	    {CLEAR, "helo x\r\nnoop\r\n",
		"250 localhost\r\n250 2.0.0 Nothing done\r\n", PRACTICE_IO,
		NULL},
	    {CLEAR, EHLO "QUIT\r\nNOOP\r\n", "221 2.0.0 Bye\r\n",
		PRACTICE_CLOSE, NULL},
	    {CLEAR, "MAIL FROM:<a@b>\r\n", "503 5.5.1 Not now\r\n", PRACTICE_IO,
		NULL},
	    {CLEAR, BEGIN "DATA\r\na: b\r\n\r\nc\r\n.\r\n",
		GO "250 2.0.0 Ok: queued as P000001\r\n", PRACTICE_IO,
		"s@x.example|r@x.example|a: b\r\n\r\nc\r\n"},
	    {CLEAR, BEGIN "DATA\r\n..\r\n.x\r\n.\r\n",
		GO "250 2.0.0 Ok: queued as P000001\r\n", PRACTICE_IO,
		"s@x.example|r@x.example|.\r\nx\r\n"},
	    {CLEAR, BEGIN "DATA\r\n.\r\n",
		GO "250 2.0.0 Ok: queued as P000001\r\n", PRACTICE_IO,
		"s@x.example|r@x.example|"},
	    {CLEAR, BEGIN "DATA\r\na\n.\nMAIL FROM:<e@e>\r\n.\r\nNOOP\r\n",
		GO "550 5.6.0 Bare CR or LF, or NUL\r\n"
		   "250 2.0.0 Nothing done\r\n",
		PRACTICE_IO, NULL},
	    {CLEAR, BEGIN "DATA\r\na\r.\r\r\n.\r\n",
		GO "550 5.6.0 Bare CR or LF, or NUL\r\n", PRACTICE_IO, NULL},
	    {CLEAR, "EHLO x\nNOOP\r\n",
		"500 5.5.2 Lines end with CRLF only\r\n"
		"250 2.0.0 Nothing done\r\n",
		PRACTICE_IO, NULL},
	    {CLEAR,
		EHLO "MAIL FROM:<>\r\nRCPT TO:<no@x>\r\nDATA\r\nRSET\r\n"
		     "DATA\r\n",
		"250 2.1.0 Sender ok\r\n550 5.1.1 No\r\n"
		"554 5.5.1 No valid recipients\r\n"
		"250 2.0.0 Forgotten\r\n503 5.5.1 MAIL first\r\n",
		PRACTICE_IO, NULL},
	    {CLEAR, EHLO "MAIL FROM:<a@b> SIZE=99999999\r\n",
		"552 5.3.4 Message too big\r\n", PRACTICE_IO, NULL},
	    {CLEAR, EHLO "MAIL FROM:<a@b> BODY=8BITMIME SIZE=9\r\n",
		"250 2.1.0 Sender ok\r\n", PRACTICE_IO, NULL},
	    {CLEAR, EHLO "MAIL FROM:<a@b> RET=HDRS\r\n",
		"555 5.5.4 Parameter unknown\r\n", PRACTICE_IO, NULL},
	    {CLEAR, EHLO "MAIL FROM:<\"a >b\"@c>\r\n",
		"250 2.1.0 Sender ok\r\n", PRACTICE_IO, NULL},
	    {CLEAR, EHLO "MAIL FROM:a@b\r\nMAIL FROM:<a@b>x\r\n",
		"501 5.1.7 Bad sender address\r\n"
		"501 5.1.7 Bad sender address\r\n",
		PRACTICE_IO, NULL},
	    {CLEAR, EHLO "AUTH PLAIN AHVzZXIAcGE1NQ==\r\n",
		"538 5.7.11 Encryption required\r\n", PRACTICE_IO, NULL},
	    {CLEAR, EHLO "STARTTLS\r\n", "220 2.0.0 Go ahead\r\n", PRACTICE_TLS,
		NULL},
	    {CLEAR, EHLO "STARTTLS\r\nEHLO y\r\n", "220 2.0.0 Go ahead\r\n",
		PRACTICE_CLOSE, NULL},
	    {TLS, EHLO "STARTTLS\r\n", "503 5.5.1 Encrypted already\r\n",
		PRACTICE_IO, NULL},
	    {TLS_ACCOUNT, EHLO "MAIL FROM:<a@b>\r\n",
		"530 5.7.0 Authentication required\r\n", PRACTICE_IO, NULL},
	    {TLS_ACCOUNT,
		EHLO "AUTH PLAIN AHVzZXIAcGE1NQ==\r\nMAIL FROM:<a@b>\r\n",
		"235 2.7.0 Welcome\r\n250 2.1.0 Sender ok\r\n", PRACTICE_IO,
		NULL},
	    {TLS_ACCOUNT, EHLO "AUTH LOGIN\r\ndXNlcg==\r\ncGE1NQ==\r\n",
		"334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n"
		"235 2.7.0 Welcome\r\n",
		PRACTICE_IO, NULL},
	    {TLS_ACCOUNT, EHLO "AUTH LOGIN dXNlcg==\r\ncGE1NA==\r\n",
		"334 UGFzc3dvcmQ6\r\n535 5.7.8 Authentication failed\r\n",
		PRACTICE_IO, NULL},
	    {TLS_ACCOUNT, EHLO "AUTH PLAIN\r\n*\r\n",
		"334 \r\n501 5.5.2 Not base64, or cancelled\r\n", PRACTICE_IO,
		NULL},
	    {TLS_ACCOUNT, EHLO "AUTH PLAIN =\r\nAUTH CRAM-MD5\r\n",
		"535 5.7.8 Authentication failed\r\n"
		"504 5.5.4 Mechanism unknown\r\n",
		PRACTICE_IO, NULL},
	};
	static const size_t steps[] = {1, 7, 100000};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
			struct desk desk = {0};

			talk(&desk, table[i].shape, table[i].client, steps[k],
			    table[i].wanted, table[i].wish);
			assert_int_equal(desk.count, table[i].kept ? 1 : 0);
			if (table[i].kept)
				assert_span_equal(
				    buf_span(&desk.kept), table[i].kept);
			buf_done(&desk.kept);
		}
	}
}

static void
a_failed_write_is_not_accepted(void **state)
{
	struct desk desk = {.fails = 1};

	(void)state;
	talk(&desk, CLEAR, BEGIN "DATA\r\nx\r\n.\r\n", 3,
	    GO "451 4.3.0 Cannot write\r\n", PRACTICE_IO);
	buf_done(&desk.kept);
}

static void
limits_hold(void **state)
{
	struct desk desk = {0};
	struct buf client = BUF_INIT;

	(void)state;
	for (int i = 0; i <= PRACTICE_ERRORS_MAX; i++)
		buf_text(&client, "WHAT\r\n");
	talk(&desk, CLEAR, client.ptr, 1000, "421 4.7.0 Too many errors\r\n",
	    PRACTICE_CLOSE);

	buf_clear(&client);
	for (int i = 0; i < 5000; i++)
		buf_char(&client, 'x');
	buf_text(&client, "\r\nNOOP\r\n");
	talk(&desk, CLEAR, client.ptr, 100,
	    "500 5.5.2 Line too long\r\n250 2.0.0 Nothing done\r\n",
	    PRACTICE_IO);

	buf_clear(&client);
	buf_text(&client, EHLO "MAIL FROM:<a@b>\r\n");
	for (int i = 0; i <= PRACTICE_RCPT_MAX; i++)
		buf_text(&client, "RCPT TO:<a@b>\r\n");
	talk(&desk, CLEAR, client.ptr, 100,
	    "250 2.1.5 Recipient ok\r\n452 4.5.3 Too many recipients\r\n",
	    PRACTICE_IO);

	buf_clear(&client);
	buf_text(&client, BEGIN "DATA\r\n");
	while (client.len < PRACTICE_SIZE_MAX + 100000)
		buf_text(&client, "0123456789 0123456789 0123456789\r\n");
	buf_text(&client, "x.\r\n..\r\n.\r\nNOOP\r\n");
	talk(&desk, CLEAR, client.ptr, 60000,
	    "552 5.3.4 Message too big\r\n250 2.0.0 Nothing done\r\n",
	    PRACTICE_IO);
	assert_int_equal(desk.count, 0);
	buf_done(&client);
	buf_done(&desk.kept);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(talks),
	    cmocka_unit_test(a_failed_write_is_not_accepted),
	    cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
