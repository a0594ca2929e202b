/* Messages by BDAT: eight at a time, and what each kind of answer, silence and
 * end makes of every one of them. */
#include <stdio.h>
#include <string.h>

#include "core/net/smtp_manners.h"
#include "tests/fake/play.h"
#include "tests/unit/unit.h"

#define CHUNKS   "250-relay\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME\r\n"
#define ENVELOPE "MAIL FROM:<s@x.example>\r\nRCPT TO:<r@x.example>\r\n"
#define MESSAGE  ENVELOPE "BDAT 11 LAST\r\na: b\r\n\r\nc\r\n"
#define AGAIN    "RSET\r\n" MESSAGE
#define GOOD     "250 a\r\n250 b\r\n250 2.0.0 c\r\n"

enum { ALL = -1 };

static void
submit(struct play *play, uint64_t tag)
{
	struct smtp_envelope envelope = play_envelope;
	struct err err = {0};

	envelope.tag = tag;
	assert_true(smtp_has_room(play->smtp));
	assert_ok(smtp_submit(play->smtp, &envelope, &err), &err);
}

static void
begin(struct play *play, int messages)
{
	play_ready(play, CHUNKS);
	wants(play, SMTP_WAIT_MESSAGE);
	assert_true(smtp_hands_first(play->smtp));
	for (int i = 0; i < messages; i++)
		submit(play, (uint64_t)i + 1);
}

static void
one_write_each_and_no_dots_doubled(void **state)
{
	struct smtp_envelope envelope = play_envelope;
	struct err err = {0};
	struct play play;

	(void)state;
	begin(&play, 0);
	envelope.data = SPAN("a: b\r\n\r\n.\r\n..c\r\n");
	assert_ok(smtp_submit(play.smtp, &envelope, &err), &err);
	says(&play, ENVELOPE "BDAT 16 LAST\r\na: b\r\n\r\n.\r\n..c\r\n");
	wants(&play, SMTP_WAIT_IO);
	play_hear(&play, GOOD);
	assert_true(smtp_result(play.smtp, &play.result));
	assert_int_equal(play.result.verdict, SMTP_ACCEPTED);
	assert_int_equal(play.result.stage, SMTP_STAGE_EOD);
	assert_string_equal(play.result.reply.enhanced, "2.0.0");
	assert_true(smtp_is_proven(play.smtp));
	/* after a success nothing needs to be reset */
	submit(&play, 2);
	says(&play, MESSAGE);
	play_end(&play);
}

/* Only together with PIPELINING, and not when it was given up. */
static void
when_messages_go_by_bdat(void **state)
{
	static const struct {
		const char *ehlo;
		enum smtp_pipelining pipelining;
		bool first;
	} table[] = {
	    {CHUNKS, SMTP_PIPELINE_OFFERED, true},
	    {CHUNKS, SMTP_PIPELINE_DATA, false},
	    {CHUNKS, SMTP_PIPELINE_NEVER, false},
	    {"250-r\r\n250 CHUNKING\r\n", SMTP_PIPELINE_OFFERED, false},
	    {"250-r\r\n250 PIPELINING\r\n", SMTP_PIPELINE_OFFERED, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct play play;

		play_begin(&play, TLS_LEVEL_NONE, NULL);
		smtp_free(&play.smtp);
		play.smtp = smtp_new(&play.target, table[i].pipelining);
		play_hear(&play, "220 hi\r\n");
		play_flush(&play);
		play_hear(&play, table[i].ehlo);
		if (smtp_hands_first(play.smtp) != table[i].first)
			fail_msg("%zu", i);
		play_end(&play);
	}
}

static void
eight_are_under_way(void **state)
{
	struct play play;

	(void)state;
	begin(&play, SMTP_WINDOW);
	assert_false(smtp_has_room(play.smtp));
	says(&play, MESSAGE AGAIN AGAIN AGAIN AGAIN AGAIN AGAIN AGAIN);
	play_hear(&play, GOOD "250 reset\r\n" GOOD);
	assert_true(smtp_result(play.smtp, &play.result));
	assert_int_equal(play.result.tag, 1);
	assert_true(smtp_has_room(play.smtp));
	submit(&play, 9);
	assert_false(smtp_has_room(play.smtp));
	says(&play, AGAIN);
	for (int i = 3; i <= 9; i++)
		play_hear(&play, "250 reset\r\n" GOOD);
	for (uint64_t i = 2; i <= 9; i++) {
		wants(&play, SMTP_WAIT_RESULT);
		assert_true(smtp_result(play.smtp, &play.result));
		assert_int_equal(play.result.tag, i);
		assert_int_equal(play.result.verdict, SMTP_ACCEPTED);
	}
	wants(&play, SMTP_WAIT_MESSAGE);
	play_end(&play);
}

/* What waits to be written is limited in octets as well. */
static void
large_ones_wait(void **state)
{
	static char data[100 * 1024];
	struct smtp_envelope envelope = play_envelope;
	struct err err = {0};
	struct play play;
	int count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof data; i += 2)
		memcpy(data + i, "\r\n", 2);
	envelope.data = span_make(data, sizeof data);
	begin(&play, 0);
	while (smtp_has_room(play.smtp)) {
		assert_ok(smtp_submit(play.smtp, &envelope, &err), &err);
		count++;
	}
	assert_int_equal(count, 3);
	smtp_sent(play.smtp, 150 * 1024);
	assert_true(smtp_has_room(play.smtp));
	assert_ok(smtp_submit(play.smtp, &envelope, &err), &err);
	assert_in_range(smtp_output(play.smtp).len, 250 * 1024, 251 * 1024);
	play_end(&play);
}

/* Three messages under way; how much of the output left, the replies, whether
 * the connection is then lost, and the three results: A accepted, D deferred,
 * F failed, ? in doubt, each with its stage's initial (b: body) and the code. */
struct outcome {
	char verdict, stage;
	int code;
};

static char
verdict_letter(enum smtp_verdict verdict)
{
	switch (verdict) {
	case SMTP_ACCEPTED:
		return 'A';
	case SMTP_DEFERRED:
		return 'D';
	case SMTP_FAILED:
		return 'F';
	case SMTP_IN_DOUBT:
		return '?';
	case SMTP_ABANDONED:
		break;
	}
	return 'x';
}

static char
stage_letter(enum smtp_stage stage)
{
	return smtp_stage_name(stage)[0];
}

static void
three_under_way(void **state)
{
	static const struct {
		const char *name;
		int sent;
		const char *replies;
		enum smtp_wish wish; /* CLOSED: lost after the replies */
		struct outcome one, two, three;
	} table[] = {
	    {"all well", ALL, GOOD "250 r\r\n" GOOD "250 r\r\n" GOOD,
		SMTP_WAIT_MESSAGE, {'A', 'e', 250}, {'A', 'e', 250},
		{'A', 'e', 250}},
	    {"a recipient refused", ALL,
		GOOD "250 r\r\n250 a\r\n550 5.1.1 b\r\n554 no rcpt\r\n"
		     "250 r\r\n" GOOD,
		SMTP_WAIT_MESSAGE, {'A', 'e', 250}, {'F', 'r', 550},
		{'A', 'e', 250}},
	    {"its BDAT answered with 250", ALL,
		GOOD "250 r\r\n250 a\r\n450 4.2.1 b\r\n250 fine\r\n"
		     "250 r\r\n" GOOD,
		SMTP_WAIT_MESSAGE, {'A', 'e', 250}, {'D', 'r', 450},
		{'A', 'e', 250}},
	    {"a sender refused", ALL,
		"450 4.7.1 a\r\n503 b\r\n503 c\r\n250 r\r\n" GOOD
		"250 r\r\n" GOOD,
		SMTP_WAIT_MESSAGE, {'D', 'm', 450}, {'A', 'e', 250},
		{'A', 'e', 250}},
	    {"data refused", ALL,
		GOOD "250 r\r\n250 a\r\n250 b\r\n554 5.7.1 spam\r\n"
		     "250 r\r\n" GOOD,
		SMTP_WAIT_MESSAGE, {'A', 'e', 250}, {'F', 'e', 554},
		{'A', 'e', 250}},
	    {"data deferred", ALL,
		"250 a\r\n250 b\r\n452 4.3.1 c\r\n250 r\r\n" GOOD
		"250 r\r\n" GOOD,
		SMTP_WAIT_MESSAGE, {'D', 'e', 452}, {'A', 'e', 250},
		{'A', 'e', 250}},
	    {"503 after a success is a refusal", ALL,
		GOOD "250 r\r\n250 a\r\n250 b\r\n503 c\r\n250 r\r\n" GOOD,
		SMTP_WAIT_MESSAGE, {'A', 'e', 250}, {'F', 'e', 503},
		{'A', 'e', 250}},
	    {"lost with all gone", ALL, "", SMTP_CLOSED, {'?', 'e', 0},
		{'?', 'e', 0}, {'?', 'e', 0}},
	    {"lost in the middle of the first", 50, "", SMTP_CLOSED,
		{'D', 'm', 0}, {'D', 'm', 0}, {'D', 'm', 0}},
	    {"lost one octet before its end", 72, "250 a\r\n250 b\r\n",
		SMTP_CLOSED, {'D', 'b', 0}, {'D', 'm', 0}, {'D', 'm', 0}},
	    {"lost at its end", 73, "250 a\r\n250 b\r\n", SMTP_CLOSED,
		{'?', 'e', 0}, {'D', 'm', 0}, {'D', 'm', 0}},
	    {"lost after one answer", ALL, GOOD "250 r\r\n250 a\r\n",
		SMTP_CLOSED, {'A', 'e', 250}, {'?', 'e', 0}, {'?', 'e', 0}},
	    {"lost after a refusal", ALL,
		GOOD "250 r\r\n250 a\r\n550 5.1.1 b\r\n", SMTP_CLOSED,
		{'A', 'e', 250}, {'F', 'r', 550}, {'?', 'e', 0}},
	    {"lost after a refused sender", ALL, "550 a\r\n503 b\r\n",
		SMTP_CLOSED, {'F', 'm', 550}, {'?', 'e', 0}, {'?', 'e', 0}},
	    {"421 for the first", ALL, "250 a\r\n250 b\r\n421 4.3.2 c\r\n",
		SMTP_CLOSED, {'D', 'e', 421}, {'D', 'm', 0}, {'D', 'm', 0}},
	    {"421 for the sender of the second", ALL,
		GOOD "250 r\r\n421 4.7.28 slow down\r\n", SMTP_CLOSED,
		{'A', 'e', 250}, {'D', 'm', 421}, {'D', 'm', 0}},
	    {"421 for the reset", ALL, GOOD "421 4.7.28 slow down\r\n",
		SMTP_CLOSED, {'A', 'e', 250}, {'D', 'm', 421}, {'D', 'm', 0}},
	    {"421 behind a refused recipient", ALL,
		"250 a\r\n550 b\r\n421 c\r\n", SMTP_CLOSED, {'F', 'r', 550},
		{'D', 'm', 421}, {'D', 'm', 0}},
	    {"421 while the body is on its way", 50,
		"250 a\r\n250 b\r\n421 c\r\n", SMTP_CLOSED, {'D', 'b', 421},
		{'D', 'm', 0}, {'D', 'm', 0}},
	    {"refused while the body is on its way", 50,
		"250 a\r\n250 b\r\n552 5.3.4 big\r\n", SMTP_CLOSED,
		{'F', 'b', 552}, {'D', 'm', 0}, {'D', 'm', 0}},
	    {"accepted before it was there", 50, "250 a\r\n250 b\r\n250 c\r\n",
		SMTP_CLOSED, {'D', 'b', 0}, {'D', 'm', 0}, {'D', 'm', 0}},
	    {"accepted behind a refused sender", ALL,
		"503 nested\r\n250 b\r\n250 c\r\n", SMTP_CLOSED,
		{'?', 'e', 250}, {'?', 'e', 0}, {'?', 'e', 0}},
	    {"lost behind a refused sender", ALL, "503 nested\r\n250 b\r\n",
		SMTP_CLOSED, {'?', 'e', 0}, {'?', 'e', 0}, {'?', 'e', 0}},
	    {"refused behind a refused sender", ALL,
		"550 a\r\n250 b\r\n554 c\r\n250 r\r\n" GOOD "250 r\r\n" GOOD,
		SMTP_WAIT_MESSAGE, {'F', 'm', 550}, {'A', 'e', 250},
		{'A', 'e', 250}},
	    {"BDAT unknown", ALL, "250 a\r\n250 b\r\n502 5.5.2 what\r\n",
		SMTP_CLOSED, {'F', 'e', 502}, {'D', 'm', 0}, {'D', 'm', 0}},
	    {"BDAT unknown behind a refused recipient", ALL,
		"250 a\r\n550 b\r\n500 what\r\n", SMTP_CLOSED, {'F', 'r', 550},
		{'D', 'm', 0}, {'D', 'm', 0}},
	    {"RSET refused", ALL, GOOD "500 what\r\n", SMTP_CLOSED,
		{'A', 'e', 250}, {'?', 'e', 0}, {'?', 'e', 0}},
	    {"354 to BDAT", ALL, "250 a\r\n250 b\r\n354 go\r\n", SMTP_CLOSED,
		{'?', 'e', 0}, {'?', 'e', 0}, {'?', 'e', 0}},
	    {"no SMTP at all", ALL, "250 a\r\nhello\r\n", SMTP_CLOSED,
		{'?', 'e', 0}, {'?', 'e', 0}, {'?', 'e', 0}},
	    {"one answer too many", ALL,
		GOOD "250 r\r\n" GOOD "250 r\r\n" GOOD "250 odd\r\n",
		SMTP_CLOSED, {'A', 'e', 250}, {'A', 'e', 250}, {'A', 'e', 250}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct outcome *wanted[] = {
		    &table[i].one, &table[i].two, &table[i].three};
		struct play play;

		begin(&play, 3);
		assert_span_equal(smtp_output(play.smtp), MESSAGE AGAIN AGAIN);
		if (table[i].sent == ALL)
			play_flush(&play);
		else
			smtp_sent(play.smtp, (size_t)table[i].sent);
		play_hear(&play, table[i].replies);
		if (table[i].wish == SMTP_CLOSED)
			smtp_lost(play.smtp, NULL);
		for (uint64_t k = 0; k < 3; k++) {
			if (!smtp_result(play.smtp, &play.result) ||
			    play.result.tag != k + 1)
				fail_msg(
				    "%s: no result %d", table[i].name, (int)k);
			if (verdict_letter(play.result.verdict) !=
				wanted[k]->verdict ||
			    stage_letter(play.result.stage) !=
				wanted[k]->stage ||
			    play.result.reply.code != wanted[k]->code)
				fail_msg("%s: result %d: %c %s %d",
				    table[i].name, (int)k,
				    verdict_letter(play.result.verdict),
				    smtp_stage_name(play.result.stage),
				    play.result.reply.code);
		}
		assert_false(smtp_result(play.smtp, &play.result));
		if (smtp_wish(play.smtp) != table[i].wish)
			fail_msg(
			    "%s: wish %d", table[i].name, smtp_wish(play.smtp));
		play_end(&play);
	}
}

/* A transaction that went wrong is cleared before the next, also when nothing
 * was under way. */
static void
reset_after_a_refusal(void **state)
{
	struct play play;

	(void)state;
	begin(&play, 1);
	play_flush(&play);
	play_hear(&play, "250 a\r\n550 5.1.1 b\r\n554 c\r\n");
	assert_true(smtp_result(play.smtp, &play.result));
	wants(&play, SMTP_WAIT_MESSAGE);
	assert_int_equal(smtp_output(play.smtp).len, 0);
	submit(&play, 2);
	says(&play, AGAIN);
	play_end(&play);
}

/* What makes pipelining or CHUNKING suspicious, and what does not. */
static void
suspicions(void **state)
{
	static const struct {
		const char *name, *ehlo, *replies;
		enum smtp_suspect suspect;
		bool lost, result; /* of the first message */
	} table[] = {
	    {"503 to RCPT", CHUNKS, "250 a\r\n503 b\r\n503 c\r\n",
		SMTP_SUSPECT_PIPELINING, false, true},
	    {"502 to BDAT", CHUNKS, "250 a\r\n250 b\r\n502 c\r\n",
		SMTP_SUSPECT_CHUNKING, false, true},
	    {"503 to BDAT", CHUNKS, "250 a\r\n250 b\r\n503 c\r\n",
		SMTP_SUSPECT_CHUNKING, false, true},
	    {"503 after a refusal", CHUNKS, "550 a\r\n503 b\r\n503 c\r\n",
		SMTP_SUSPECT_NOTHING, false, false},
	    {"554 is about the mail", CHUNKS, "250 a\r\n250 b\r\n554 c\r\n",
		SMTP_SUSPECT_NOTHING, false, false},
	    {"hung up on a group", CHUNKS, "250 a\r\n", SMTP_SUSPECT_CHUNKING,
		true, false},
	    {"hung up on a group, DATA", "250-r\r\n250 PIPELINING\r\n",
		"250 a\r\n", SMTP_SUSPECT_PIPELINING, true, true},
	    {"503 to DATA", "250-r\r\n250 PIPELINING\r\n",
		"250 a\r\n250 b\r\n503 c\r\n", SMTP_SUSPECT_PIPELINING, false,
		true},
	    {"not pipelined", "250 r\r\n", "503 a\r\n", SMTP_SUSPECT_NOTHING,
		false, false},
	    {"hung up, not pipelined", "250 r\r\n", "", SMTP_SUSPECT_NOTHING,
		true, false},
	    {"hung up after a success", CHUNKS, GOOD, SMTP_SUSPECT_NOTHING,
		true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct play play;

		play_ready(&play, table[i].ehlo);
		submit(&play, 1);
		play_flush(&play);
		play_hear(&play, table[i].replies);
		if (table[i].lost)
			smtp_lost(play.smtp, NULL);
		assert_true(smtp_result(play.smtp, &play.result));
		if (smtp_suspects(play.smtp) != table[i].suspect ||
		    play.result.suspect != table[i].result)
			fail_msg("%s: %d %d", table[i].name,
			    smtp_suspects(play.smtp), play.result.suspect);
		if (table[i].suspect != SMTP_SUSPECT_NOTHING)
			assert_false(smtp_has_room(play.smtp));
		play_end(&play);
	}
}

/* One connection with this answer to its first message. */
static void
teach(struct smtp_manners *manners, const char *replies, int64_t dialled_ms,
    int64_t now_ms)
{
	struct play play;

	begin(&play, 1);
	play_flush(&play);
	play_hear(&play, replies);
	smtp_manners_learn(manners, play.smtp, dialled_ms, now_ms);
	play_end(&play);
}

static void
two_strikes_and_a_day_without(void **state)
{
	static const char unknown[] = "250 a\r\n250 b\r\n502 c\r\n";
	static const char confused[] = "250 a\r\n503 b\r\n503 c\r\n";
	static const int64_t day = 24 * 3600 * 1000;
	struct smtp_manners manners = {0};

	(void)state;
	assert_int_equal(smtp_manners(&manners, 0), SMTP_PIPELINE_OFFERED);
	teach(&manners, unknown, 0, 1000);
	/* the next ones had been dialled before */
	teach(&manners, unknown, 500, 1001);
	teach(&manners, unknown, 999, 1002);
	assert_int_equal(smtp_manners(&manners, 1003), SMTP_PIPELINE_OFFERED);
	/* a success forgives */
	teach(&manners, GOOD, 1000, 1100);
	teach(&manners, unknown, 1100, 1200);
	assert_int_equal(smtp_manners(&manners, 1201), SMTP_PIPELINE_OFFERED);
	teach(&manners, unknown, 1200, 1300);
	assert_int_equal(smtp_manners(&manners, 1300), SMTP_PIPELINE_DATA);
	assert_int_equal(
	    smtp_manners(&manners, 1299 + day), SMTP_PIPELINE_DATA);
	assert_int_equal(
	    smtp_manners(&manners, 1300 + day), SMTP_PIPELINE_OFFERED);
	teach(&manners, confused, 2000, 2100);
	teach(&manners, confused, 2200, 2300);
	assert_int_equal(smtp_manners(&manners, 2300), SMTP_PIPELINE_NEVER);
}

/* Without CHUNKING the stage is BODY until that message's own end has left. */
static void
stage_of_the_oldest(void **state)
{
	struct play play;

	(void)state;
	begin(&play, 2);
	smtp_sent(play.smtp, 60);
	assert_int_equal(smtp_stage(play.smtp), SMTP_STAGE_MAIL);
	play_hear(&play, "250 a\r\n250 b\r\n");
	assert_int_equal(smtp_stage(play.smtp), SMTP_STAGE_BODY);
	smtp_sent(play.smtp, 13);
	assert_int_equal(smtp_stage(play.smtp), SMTP_STAGE_EOD);
	play_end(&play);
}

static void
the_end_of_data_is_never_hurried(void **state)
{
	struct smtp_timeouts hasty = smtp_timeouts_relay;

	(void)state;
	hasty.eod = 30;
	hasty.mail = 7;
	assert_int_equal(smtp_timeout_ms(&hasty, SMTP_STAGE_EOD), 600000);
	assert_int_equal(smtp_timeout_ms(&hasty, SMTP_STAGE_MAIL), 7000);
	hasty.eod = 900;
	assert_int_equal(smtp_timeout_ms(&hasty, SMTP_STAGE_EOD), 900000);
	assert_int_equal(
	    smtp_timeout_ms(&smtp_timeouts_direct, SMTP_STAGE_GREET), 300000);
	assert_int_equal(
	    smtp_timeout_ms(&smtp_timeouts_direct, SMTP_STAGE_CONNECT), 30000);
	for (int i = 0; i < SMTP_STAGE_COUNT; i++) {
		if (i != SMTP_STAGE_READY)
			assert_true(smtp_timeout_ms(&smtp_timeouts_direct,
					(enum smtp_stage)i) > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_write_each_and_no_dots_doubled),
	    cmocka_unit_test(when_messages_go_by_bdat),
	    cmocka_unit_test(eight_are_under_way),
	    cmocka_unit_test(large_ones_wait),
	    cmocka_unit_test(three_under_way),
	    cmocka_unit_test(reset_after_a_refusal),
	    cmocka_unit_test(suspicions),
	    cmocka_unit_test(two_strikes_and_a_day_without),
	    cmocka_unit_test(stage_of_the_oldest),
	    cmocka_unit_test(the_end_of_data_is_never_hurried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
