/* What a relay's log and delivery reports say about messages. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/report/evidence.h"

/* What was found, a line each. */
static bool
wants_ours(void *arg, struct span id)
{
	(void)arg;
	return span_search(id, SPAN("c.7.")) < id.len;
}

static void
write_down(void *arg, const struct evidence *evidence)
{
	buf_printf(arg, "%s %.*s %.*s\n",
	    evidence->says == EVIDENCE_FAILED ? "failed" : "accepted",
	    SPAN_ARG(evidence->id), SPAN_ARG(evidence->address));
}

static struct buf
read_log(const char *text)
{
	struct buf out = BUF_INIT;
	struct evidence_sink sink = {&out, wants_ours, write_down};
	struct maillog *log = maillog_new(&sink);
	struct span rest = span_of(text);

	buf_text(&out, "");
	while (rest.len)
		maillog_line(log, span_cut(&rest, '\n'));
	maillog_free(&log);
	return out;
}

static void
expect_log(const char *text, const char *wanted)
{
	struct buf got = read_log(text);

	assert_span_equal(buf_span(&got), wanted);
	buf_done(&got);
}

#define LOG(service) "Nov 21 09:00:01 mx postfix/" service "[12]: "
#define ID           "<c.7.aaaa.bbbb@example.jp>"

static void
a_log_tells_by_queue_id(void **state)
{
	(void)state;
	expect_log(LOG("cleanup") "4Xabc: message-id=" ID "\n" LOG(
		       "smtp") "4Xabc: to=<a@example.jp>, relay=x, status=sent "
			       "(250 ok)\n",
	    "accepted " ID " a@example.jp\n");
	/* an alias: the address we wrote to is orig_to */
	expect_log(LOG("cleanup") "4Xabc: message-id=" ID "\n" LOG(
		       "smtp") "4Xabc: to=<b@x>, orig_to=<a@example.jp>, "
			       "status=bounced (no)",
	    "failed " ID " a@example.jp\n");
	/* in the queue is accepted; removed tells nothing */
	expect_log(LOG("cleanup") "4Xabc: message-id=" ID "\n" LOG(
		       "qmgr") "4Xabc: from=<b@x>, size=9, nrcpt=1 (queue "
			       "active)\n" LOG("qmgr") "4Xabc: removed\n",
	    "accepted " ID " \n");
	expect_log(LOG("cleanup") "4Xabc: message-id=" ID "\n" LOG(
		       "smtp") "4Xabc: to=<a@x>, relay=none, status=deferred "
			       "(timeout)\n",
	    "accepted " ID " a@x\n");
}

static void
cleanup_alone_proves_nothing(void **state)
{
	(void)state;
	/* the connection was lost before the end of data */
	expect_log(LOG("cleanup") "4Xabc: message-id=" ID "\n" LOG(
		       "smtpd") "lost connection after DATA from localhost\n",
	    "");
	/* status of a message that nobody named */
	expect_log(LOG("smtp") "4Xabc: to=<a@x>, status=sent (250 ok)\n", "");
}

static void
queue_ids_are_used_again(void **state)
{
	(void)state;
	expect_log(LOG("cleanup") "4Xabc: message-id=" ID "\n" LOG(
		       "cleanup") "4Xabc: "
				  "message-id=<other@example.net>"
				  "\n" LOG("smtp") "4Xabc: to=<a@x>, "
						   "status=bounced "
						   "(no)\n",
	    "");
}

static void
other_lines_are_nothing(void **state)
{
	static const char *const lines[] = {
	    "",
	    "Nov 21 09:00:01 mx sshd[12]: Accepted publickey",
	    LOG("cleanup") "message-id=" ID,
	    LOG("cleanup") "4X bc: message-id=" ID,
	    "postfix/cleanup[1]:",
	    "]: 4Xabc: message-id=" ID,
	};
	struct buf out = BUF_INIT;
	struct evidence_sink sink = {&out, wants_ours, write_down};
	struct maillog *log = maillog_new(&sink);

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_false(maillog_line(log, span_of(lines[i])));
	assert_int_equal(out.len, 0);
	maillog_free(&log);
}

/* More messages than the table begins with. */
static void
many_messages_are_kept_apart(void **state)
{
	struct buf text = BUF_INIT, got;

	(void)state;
	for (int i = 0; i < 3000; i++)
		buf_printf(&text,
		    LOG("cleanup") "Q%06d: message-id=<c.7.%d@x>\n", i, i);
	for (int i = 2999; i >= 0; i--)
		buf_printf(&text,
		    LOG("smtp") "Q%06d: to=<a%d@x>, status=sent (ok)\n", i, i);
	got = read_log(text.ptr);
	assert_true(span_starts(
	    buf_span(&got), SPAN("accepted <c.7.2999@x> a2999@x\n")));
	assert_true(
	    span_ends(buf_span(&got), SPAN("\naccepted <c.7.0@x> a0@x\n")));
	buf_done(&text);
	buf_done(&got);
}

static void
expect_report(const char *text, const char *wanted)
{
	struct buf out = BUF_INIT;
	struct evidence_sink sink = {&out, wants_ours, write_down};

	assert_int_equal(dsn_read(span_of(text), &sink), wanted != NULL);
	assert_span_equal(buf_span(&out), wanted ? wanted : "");
	buf_done(&out);
}

static void
a_report_tells_by_its_fields(void **state)
{
	(void)state;
	expect_report("Content-Type: message/delivery-status\r\n\r\n"
		      "Original-Envelope-ID: c.7.aaaa.bbbb\r\n\r\n"
		      "Final-Recipient: rfc822; a@example.jp\r\n"
		      "Action: Failed (no such user)\r\nStatus: 5.1.1\r\n",
	    "failed c.7.aaaa.bbbb a@example.jp\n");
	/* by what it returns, folded */
	expect_report("Message-ID: <report@x>\n"
		      "Content-Type: message/delivery-status\n\n"
		      "Action: delivered\n\nMessage-ID:\n " ID "\n",
	    "accepted " ID " \n");
	/* it says nothing about any message of ours */
	expect_report("Content-Type: message/delivery-status\n\n"
		      "Action: failed\nMessage-ID: <other@x>\n",
	    "");
	/* not a report */
	expect_report(
	    "Subject: hello\n\nAction: failed\nMessage-ID: " ID "\n", NULL);
	expect_report("Content-Type: message/delivery-status\n\n"
		      "Message-ID: " ID "\n",
	    NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_log_tells_by_queue_id),
	    cmocka_unit_test(cleanup_alone_proves_nothing),
	    cmocka_unit_test(queue_ids_are_used_again),
	    cmocka_unit_test(other_lines_are_nothing),
	    cmocka_unit_test(many_messages_are_kept_apart),
	    cmocka_unit_test(a_report_tells_by_its_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
