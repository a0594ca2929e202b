/* The last mail of somebody: found, and its headers are those that were sealed
 * or none. */
#include "tests/unit/unit.h"

#include "core/report/report.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"

static const struct stage_params params = {.recipients = 3,
    .class = CLASS_AD,
    .manners = PRACTICE_PLAIN,
    .clock = STAGE_CLOCK_FAKE};

struct kit {
	struct stage stage;
	struct last_mail mail;
	struct err err;
};

static int
setup(void **state)
{
	static struct kit kit;

	kit = (struct kit){.err = {.code = E_NONE}};
	stage_open(&kit.stage, &params);
	stage_seal(&kit.stage);
	*state = &kit;
	return 0;
}

static int
teardown(void **state)
{
	struct kit *kit = *state;

	last_mail_done(&kit->mail);
	stage_close(&kit->stage);
	return 0;
}

/* The relay took the messages of the first two. */
static void
send(struct kit *kit)
{
	stage_sql(&kit->stage,
	    "INSERT INTO run(campaign, state, why, total, started_ms, by,"
	    " digest, message_domain) VALUES(1, 3, '', 3, 1, 'x', x'00',"
	    " 'example.jp')");
	stage_sql(&kit->stage,
	    "INSERT INTO ledger(campaign, seq, state, attempt, at_ms, code,"
	    " enhanced, reply, connection) SELECT 1, seq, 3, seq < 3,"
	    " 1775001600000, 250, '2.0.0', '250 queued', 1 FROM outbox");
	stage_sql(&kit->stage,
	    "INSERT INTO connection VALUES(1, 1, 1, 5000, '192.0.2.1', '',"
	    " 'mx.example.jp', '', 2, 'TLSv1.3', 'X', '', x'', 0)");
}

static const struct last_mail *
read_of(struct kit *kit, int64_t contact)
{
	struct db *db = NULL;

	assert_ok(store_view_open(kit->stage.store, &db, &kit->err), &kit->err);
	assert_ok(last_mail_read(kit->stage.store, db,
		      (struct contact_id){contact}, &kit->mail, &kit->err),
	    &kit->err);
	store_reader_close(&db);
	return &kit->mail;
}

static bool
has(const struct last_mail *mail, const char *line)
{
	return span_search(mail->header, span_of(line)) < mail->header.len;
}

static void
headers_are_those_that_were_sealed(void **state)
{
	struct kit *kit = *state;
	const struct last_mail *mail = read_of(kit, 2);

	assert_int_equal(mail->campaign.v, 0); /* sealed is not sent */
	send(kit);
	mail = read_of(kit, 2);
	assert_int_equal(mail->campaign.v, 1);
	assert_span_equal(mail->host, "mx.example.jp");
	assert_int_equal(mail->page.count, 1);
	assert_int_equal(mail->page.row[0].seq, 2);
	assert_int_equal(mail->page.row[0].state, LEDGER_ACCEPTED);
	assert_span_equal(mail->page.row[0].reply, "250 queued");
	assert_int_equal(mail->why.code, E_NONE);
	assert_true(has(mail, "\r\nTo: user00002@example.jp\r\n") ||
		    has(mail, "user00002@example.jp"));
	assert_true(has(mail, "From: "));
	assert_true(has(mail, "Message-ID: "));
	assert_true(span_search(mail->header, mail->page.row[0].message_id) <
		    mail->header.len);
	assert_false(has(mail, "user00001"));
	/* nothing was tried for the third */
	assert_int_equal(read_of(kit, 3)->campaign.v, 0);
}

/* What cannot be made as it was is not shown as if it were it. */
static void
changed_parts_give_no_headers(void **state)
{
	struct kit *kit = *state;
	const struct last_mail *mail;

	send(kit);
	stage_sql(&kit->stage, "UPDATE campaign SET body = body || 'x'");
	mail = read_of(kit, 1);
	assert_int_equal(mail->campaign.v, 1);
	assert_int_equal(mail->header.len, 0);
	assert_int_equal(mail->why.code, E_NONE);
	stage_sql(&kit->stage, "UPDATE campaign SET body = '{{'");
	mail = read_of(kit, 1);
	assert_int_equal(mail->header.len, 0);
	assert_int_not_equal(mail->why.code, E_NONE);
	assert_span_equal(mail->page.row[0].reply, "250 queued");
}

static void
masked_people_see_no_headers(void **state)
{
	struct kit *kit = *state;
	const struct last_mail *mail;

	send(kit);
	stage_sql(&kit->stage, "UPDATE person SET masked = 1");
	mail = read_of(kit, 1);
	assert_true(mail->is_masked);
	assert_int_equal(mail->campaign.v, 1);
	assert_int_equal(mail->header.len, 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(headers_are_those_that_were_sealed),
	    TEST(changed_parts_give_no_headers),
	    TEST(masked_people_see_no_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
