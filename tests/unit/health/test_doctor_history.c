/* Reports that are kept, and turns: each is written once, at its time, and
 * what could not be evaluated turns nothing. */
#include "core/health/examine.h"
#include "core/health/health.h"

#include <stdio.h>

#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

struct diary {
	struct fake_clock clock;
	struct store *store;
	struct doctor_news news;
};

static void
diary_open(struct diary *diary)
{
	*diary = (struct diary){.store = NULL};
	fake_clock_init(&diary->clock);
	diary->store = tempstore_open(&diary->clock.base);
}

/* Keeps a report written as "topic code subject" lines, an hour later. */
static void
keep(struct diary *diary, const char *lines)
{
	struct doctor_report report = {.count = 0};
	struct span rest = span_of(lines);
	struct err err = {0};

	fake_clock_move(&diary->clock, 3600000);
	report.at_ms = clock_now_ms(&diary->clock.base);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');
		enum doctor_topic topic = doctor_topic_of(span_cut(&line, ' '));
		enum doctor_code code = doctor_code_of(span_cut(&line, ' '));

		assert_true(topic != DOCTOR_TOPICS && code != DOCTOR_CODES);
		report_add(&report, topic, code, line);
	}
	assert_ok(doctor_keep(diary->store, &report, &diary->news, &err), &err);
	doctor_report_done(&report);
}

/* The turns, newest first, as "subject: before > after" lines. */
static void
check_turns(struct diary *diary, const char *wanted)
{
	struct arena *arena = arena_new();
	struct doctor_turn *turn;
	struct buf text = BUF_INIT;
	struct err err = {0};
	struct db *db = NULL;
	size_t count;

	assert_ok(store_reader_open(diary->store, &db, &err), &err);
	assert_ok(doctor_turns(db, arena, &turn, &count, &err), &err);
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%.*s: %.*s > %.*s\n",
		    SPAN_ARG(turn[i].subject), SPAN_ARG(turn[i].before),
		    SPAN_ARG(turn[i].after));
	assert_string_equal(text.ptr ? text.ptr : "", wanted);
	buf_done(&text);
	store_reader_close(&db);
	arena_free(&arena);
}

static int64_t
entries(struct diary *diary)
{
	struct err err = {0};
	struct db *db = NULL;
	struct stmt *stmt;
	int64_t count;

	assert_ok(store_reader_open(diary->store, &db, &err), &err);
	stmt = db_stmt(
	    db, "SELECT count(*) FROM audit WHERE what = 'doctor.turn'", &err);
	assert_int_equal(stmt_step(stmt, &err), 1);
	count = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	store_reader_close(&db);
	return count;
}

static void
test_turns(void **state)
{
	struct diary diary;
	struct err err = {0};

	(void)state;
	diary_open(&diary);
	keep(&diary, "spf spf.pass a.test\ndkim dkim.missing s.a.test");
	check_turns(&diary, "s.a.test:  > dkim.missing\na.test:  > spf.pass\n");
	/* what is seen for the first time is no news */
	assert_int_equal(diary.news.worse, 0);
	assert_int_equal(diary.news.bad, 1);
	assert_int_equal(entries(&diary), 0);
	keep(&diary, "spf spf.pass a.test\ndkim dkim.missing s.a.test");
	assert_int_equal(diary.news.worse + diary.news.better, 0);
	keep(&diary, "spf spf.denied a.test\ndkim dkim.good s.a.test");
	assert_int_equal(diary.news.worse, 1);
	assert_int_equal(diary.news.better, 1);
	assert_int_equal(entries(&diary), 1);
	check_turns(&diary, "s.a.test: dkim.missing > dkim.good\n"
			    "a.test: spf.pass > spf.denied\n"
			    "s.a.test:  > dkim.missing\n"
			    "a.test:  > spf.pass\n");
	assert_ok(doctor_seen(diary.store, &err), &err);
	keep(&diary, "spf spf.denied a.test\ndkim dkim.good s.a.test");
	assert_int_equal(diary.news.worse + diary.news.better, 0);
	tempstore_close(&diary.store);
}

/* A record that was missing when the network went away, and is there when it
 * is back, has turned once. */
static void
test_unknown_between(void **state)
{
	struct diary diary;

	(void)state;
	diary_open(&diary);
	keep(&diary, "dkim dkim.missing s.a.test\nspf spf.pass a.test");
	keep(&diary, "dkim dns.later s.a.test\nspf dns.later a.test");
	assert_int_equal(diary.news.unknown, 2);
	/* nothing at all was known: all topics, no subject */
	keep(&diary, "dkim dns.later \nspf dns.later ");
	check_turns(&diary, "a.test:  > spf.pass\ns.a.test:  > dkim.missing\n");
	keep(&diary, "dkim dkim.good s.a.test\nspf spf.pass a.test");
	assert_int_equal(diary.news.better, 1);
	assert_int_equal(diary.news.worse, 0);
	check_turns(&diary, "s.a.test: dkim.missing > dkim.good\n"
			    "a.test:  > spf.pass\n"
			    "s.a.test:  > dkim.missing\n");
	/* one of two addresses was not evaluated: the fault of the other
	 * counts all the same */
	keep(&diary, "dkim dkim.good s.a.test\nspf spf.denied a.test\n"
		     "spf dns.later a.test");
	assert_int_equal(diary.news.worse, 1);
	tempstore_close(&diary.store);
}

static void
test_gone(void **state)
{
	struct diary diary;

	(void)state;
	diary_open(&diary);
	keep(&diary, "dkim dkim.good old.a.test\nmail mail.null_mx a.test");
	keep(&diary, "dkim dkim.good new.a.test\nmail mail.null_mx a.test");
	check_turns(&diary, "old.a.test: dkim.good > \n"
			    "new.a.test:  > dkim.good\n"
			    "a.test:  > mail.null_mx\n"
			    "old.a.test:  > dkim.good\n");
	/* no longer ours: no repair to be glad of */
	keep(&diary, "dkim dkim.good new.a.test");
	assert_int_equal(diary.news.better + diary.news.worse, 0);
	keep(&diary, "dkim dkim.good new.a.test");
	check_turns(&diary, "a.test: mail.null_mx > \n"
			    "old.a.test: dkim.good > \n"
			    "new.a.test:  > dkim.good\n"
			    "a.test:  > mail.null_mx\n"
			    "old.a.test:  > dkim.good\n");
	tempstore_close(&diary.store);
}

/* Everything about a finding survives, foreign bytes too. */
static void
test_report(void **state)
{
	struct doctor_report report = {.at_ms = 5}, back;
	struct diary diary;
	struct doctor_finding *finding;
	struct err err = {0};
	struct db *db = NULL;

	(void)state;
	diary_open(&diary);
	finding =
	    report_add(&report, DOCTOR_SPF, DOCTOR_SPF_DENIED, SPAN("a.test"));
	finding_mild(finding);
	finding_fact(&report, finding, "address", SPAN("192.0.2.1"));
	finding_fact(&report, finding, "term", SPAN("a\nb=c\xff"));
	finding_int(&report, finding, "lookups", 3);
	finding_found(&report, finding, SPAN("v=spf1 \x1b[31m"));
	finding_found(&report, finding, SPAN("second"));
	finding_record(&report, finding, SPAN("a.test"), "TXT",
	    SPAN("v=spf1 ip4:192.0.2.1 -all"));
	report_add(
	    &report, DOCTOR_RECEIVER, DOCTOR_RECEIVER_FINE, SPAN("gmail"));
	assert_ok(doctor_keep(diary.store, &report, NULL, &err), &err);
	assert_ok(store_reader_open(diary.store, &db, &err), &err);
	assert_ok(doctor_last(db, &back, &err), &err);
	assert_int_equal(back.at_ms, 5);
	assert_int_equal(back.count, 2);
	finding = &back.finding[0];
	assert_int_equal(finding->topic, DOCTOR_SPF);
	assert_int_equal(finding->code, DOCTOR_SPF_DENIED);
	assert_int_equal(finding->sign, DOCTOR_WARN);
	assert_span_equal(finding->subject, "a.test");
	assert_span_equal(doctor_fact(finding, "address"), "192.0.2.1");
	assert_span_equal(doctor_fact(finding, "term"), "a b=c\xff");
	assert_span_equal(doctor_fact(finding, "lookups"), "3");
	assert_span_equal(doctor_fact(finding, "b"), "");
	assert_span_equal(finding->found, "v=spf1 \x1b[31m\nsecond");
	assert_span_equal(finding->record.name, "a.test");
	assert_span_equal(finding->record.type, "TXT");
	assert_span_equal(finding->record.value, "v=spf1 ip4:192.0.2.1 -all");
	doctor_report_done(&back);
	doctor_report_done(&report);
	store_reader_close(&db);
	tempstore_close(&diary.store);
}

static void
test_next(void **state)
{
	struct diary diary;
	struct err err = {0};

	(void)state;
	diary_open(&diary);
	keep(&diary, "spf spf.pass a.test");
	assert_int_equal(
	    diary.news.next_ms, diary.news.checked_ms + 6 * 3600000);
	assert_ok(
	    setting_write(diary.store, "doctor.hours", SPAN("0"), &err), &err);
	keep(&diary, "spf spf.pass a.test");
	assert_int_equal(diary.news.next_ms, 0);
	tempstore_close(&diary.store);
}

static void
test_words(void **state)
{
	(void)state;
	for (int i = 0; i < DOCTOR_CODES; i++)
		assert_int_equal(doctor_code_of(span_of(
				     doctor_code_name((enum doctor_code)i))),
		    i);
	for (int i = 0; i < DOCTOR_TOPICS; i++)
		assert_int_equal(doctor_topic_of(span_of(
				     doctor_topic_name((enum doctor_topic)i))),
		    i);
	assert_int_equal(doctor_code_of(SPAN("spf")), DOCTOR_CODES);
	assert_string_equal(doctor_code_name(DOCTOR_CODES), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_turns),
	    cmocka_unit_test(test_unknown_between),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_report),
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
