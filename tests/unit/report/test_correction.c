/* After a mis-send: who is meant, the files, the draft for exactly them. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/report/report.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"

/* Six recipients of campaign 1: three accepted through relay 1, one of them in
 * clear text, one failed, one in doubt through relay 2, one withheld. */
static const char *const rows[] = {
    "INSERT INTO outbox SELECT 1, row_number() OVER (ORDER BY id), id,"
    " address, canon, name, fields, x'00' FROM contact",
    "UPDATE outbox SET fields = '{\"店舗\":\"=横浜\"}' WHERE seq IN (1, 4)",
    "UPDATE outbox SET fields = '{\"店舗\":\"千葉\"}' WHERE seq = 2",
    "UPDATE outbox SET address = 'x@Sub.Example.Net',"
    " canon = 'x@sub.example.net' WHERE seq = 6",
    "INSERT INTO connection VALUES(1, 1, 1, 0, '', '', '', '', 2, 'TLSv1.3',"
    " 'AES', '', x'', 0)",
    "INSERT INTO connection VALUES(1, 2, 1, 0, '', '', '', '', 0, '', '', '',"
    " x'', 0)",
    "INSERT INTO connection VALUES(1, 3, 2, 0, '', '', '', '', 1, 'TLSv1.2',"
    " 'AES', '', x'', 0)",
    "INSERT INTO ledger(campaign, seq, state, attempt, at_ms, connection, code,"
    " class, reply) VALUES"
    "(1, 1, 3, 1, 1000, 1, 250, '', '250 2.0.0 Ok: queued as 4Xabc'),"
    "(1, 2, 3, 1, 2000, 1, 250, '', '250 OK id=1abC-0001-Xy'),"
    "(1, 3, 3, 1, 3000, 2, 250, '', '250 ok'),"
    "(1, 4, 5, 1, 4000, 1, 550, 'H1', '550 5.1.1 no'),"
    "(1, 5, 6, 1, 5000, 3, 0, 'net.closed', ''),"
    "(1, 6, 7, 0, 6000, NULL, NULL, 'deliver.withheld_changed', NULL)",
    "INSERT INTO run VALUES(1, 3, '', 6, 500, 9000, 'hanako', x'abcd',"
    " 'example.jp')",
    "UPDATE campaign SET state = 3, subject = '{{name|お客}}様',"
    " body = 'Hello {{ 店舗 | x}}, {{name}} \\{{none}} {{住所}} {{open'",
};

static struct stage stage;
static struct db *db;
static char *folder;

static int
set_up(void **state)
{
	struct stage_params params = {
	    .recipients = 6,
	    .class = CLASS_AD,
	    .clock = STAGE_CLOCK_FAKE,
	};
	struct err err = {0};

	(void)state;
	stage_open(&stage, &params);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		stage_sql(&stage, rows[i]);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	folder = tempdir_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_reader_close(&db);
	tempdir_remove(&folder);
	stage_close(&stage);
	return 0;
}

/* ---- Who is meant ------------------------------------------------------------ */

#define STATE(state) (1u << LEDGER_##state)

static void
the_selection_is_exact(void **state)
{
	static const struct {
		struct selection selection;
		unsigned wanted; /* bits: number 1 .. 6 */
	} cases[] = {
	    {{.states = 0}, 0x3f},
	    {{.states = STATE(ACCEPTED)}, 0x07},
	    {{.states = STATE(ACCEPTED) | STATE(IN_DOUBT)}, 0x17},
	    {{.classes = 1u << OUTCOME_H1}, 0x08},
	    {{.from_ms = 2000}, 0x3e},
	    {{.from_ms = 2000, .to_ms = 4000}, 0x06},
	    {{.relay = 2}, 0x10},
	    {{.relay = 9}, 0},
	    {{.field = SPAN("店舗"), .value = SPAN("=横浜")}, 0x09},
	    {{.field = SPAN("店舗"),
		 .value = SPAN("=横浜"),
		 .states = STATE(ACCEPTED)},
		0x01},
	    {{.field = SPAN("店舗"), .value = SPAN("横浜")}, 0},
	    {{.field = SPAN("none"), .value = SPAN("")}, 0},
	    {{.field = SPAN("address"), .value = SPAN("@sub.example.net")},
		0x20},
	    {{.field = SPAN("address"), .value = SPAN("USER00002@example.jp")},
		0x02},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct selection selection = cases[i].selection;
		struct selection_page page = {0};
		struct selection_figures figures;
		struct err err = {0};
		int64_t after = INT64_MIN;
		unsigned got = 0;
		int persons = 0;

		selection.campaign.v = 1;
		do { /* pages smaller than the answer */
			assert_ok(selection_page(
				      db, &selection, after, 2, &page, &err),
			    &err);
			for (size_t j = 0; j < page.count; j++, persons++)
				got |= 1u << (page.row[j].seq - 1);
			after = page.after;
		} while (!page.is_last);
		selection_page_done(&page);
		if (got != cases[i].wanted)
			fail_msg("case %zu: %02x", i, got);
		assert_ok(selection_count(db, &selection, NULL, &figures, &err),
		    &err);
		assert_int_equal(figures.persons, persons);
	}
}

static void
figures_add_up(void **state)
{
	struct selection all = {.campaign = {1}};
	struct selection_figures figures;
	atomic_bool stop = true;
	struct err err = {0};

	(void)state;
	assert_ok(selection_count(db, &all, NULL, &figures, &err), &err);
	assert_int_equal(figures.persons, 6);
	assert_int_equal(figures.count[LEDGER_ACCEPTED], 3);
	assert_int_equal(figures.first_ms, 1000);
	assert_int_equal(figures.last_ms, 5000);
	assert_int_equal(figures.without_tls, 1);
	assert_int_equal(selection_count(db, &all, &stop, &figures, &err), -1);
	assert_int_equal(err.code, E_CANCELLED);
}

static void
queue_ids_are_found(void **state)
{
	static const char *const cases[][2] = {
	    {"250 2.0.0 Ok: queued as 4Xabc\r\n", "4Xabc"},
	    {"250 OK id=1abC-0001-Xy", "1abC-0001-Xy"},
	    {"250 ok 1234 qp 567", "567"},
	    {"250 2.6.0 <x@y> [InternalId=99, Hostname=z] Queued mail", "99"},
	    {"250 ok", ""},
	    {"250 queued as ", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_span_equal(
		    reply_queue_id(span_of(cases[i][0])), cases[i][1]);
}

/* ---- Files ----------------------------------------------------------------------- */

static struct buf
read_file(const char *path)
{
	struct buf out = BUF_INIT;
	struct err err = {0};

	assert_ok(file_read(path, 1024 * 1024, &out, &err), &err);
	buf_char(&out, '\0');
	return out;
}

static void
the_csv_holds_them_and_no_formula(void **state)
{
	struct selection accepted = {
	    .campaign = {1}, .states = STATE(ACCEPTED)};
	struct buf path = BUF_INIT, csv;
	struct err err = {0};
	struct stat info;
	int64_t written;

	(void)state;
	stage_sql(&stage, "UPDATE outbox SET name = '=HYPERLINK(1)'");
	buf_printf(&path, "%s/who.csv", folder);
	assert_ok(selection_write_csv(
		      stage.store, db, &accepted, path.ptr, &written, &err),
	    &err);
	assert_int_equal(written, 3);
	assert_int_equal(stat(path.ptr, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	csv = read_file(path.ptr);
	assert_non_null(strstr(csv.ptr, "\"'=HYPERLINK(1)\""));
	assert_non_null(strstr(csv.ptr, ",\"4Xabc\",\"TLSv1.3\",\"AES\",1,"));
	assert_non_null(strstr(csv.ptr, "\"<c.1."));
	assert_null(strstr(csv.ptr, "550 5.1.1"));
	buf_done(&csv);
	/* a folder in the way: said, and nothing left behind */
	buf_clear(&path);
	buf_printf(&path, "%s/no/who.csv", folder);
	assert_int_equal(selection_write_csv(stage.store, db, &accepted,
			     path.ptr, &written, &err),
	    -1);
	assert_int_equal(err.code, E_FILE_OPEN);
	buf_done(&path);
}

static void
facts_are_those_of_the_run(void **state)
{
	struct selection reached = {
	    .campaign = {1}, .states = STATE(ACCEPTED) | STATE(IN_DOUBT)};
	struct selection none = {.campaign = {9}};
	struct correction_facts facts;
	struct err err = {0};

	(void)state;
	assert_ok(
	    correction_facts_read(db, &reached, NULL, &facts, &err), &err);
	assert_int_equal(facts.figures.persons, 4);
	assert_string_equal(facts.digest, "abcd");
	assert_string_equal(facts.by, "hanako");
	assert_int_equal(facts.started_ms, 500);
	assert_int_equal(facts.fields, 3);
	assert_span_equal(buf_span(&facts.field[0]), "name");
	assert_span_equal(buf_span(&facts.field[1]), "店舗");
	assert_span_equal(buf_span(&facts.field[2]), "住所");
	assert_true(facts.organisation.len > 0);
	correction_facts_done(&facts);
	assert_int_equal(
	    correction_facts_read(db, &none, NULL, &facts, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_MISSING);
	correction_facts_done(&facts);
}

static void
a_digest_leads_to_its_run(void **state)
{
	static const struct {
		const char *hex;
		int wanted;
	} cases[] = {{"abcdef0123", 1}, {" ABCDEF01\n", 1}, {"abcdef0", 0},
	    {"abcdef02", 0}, {"abcdef01%", 0}, {"________", 0}, {"", 0}};
	struct campaign_id found;
	struct err err = {0};

	(void)state;
	stage_sql(&stage, "UPDATE run SET digest = x'abcdef0123'");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    report_find_digest(db, span_of(cases[i].hex), &found, &err),
		    cases[i].wanted);
	assert_int_equal(
	    report_find_digest(db, SPAN("abcdef01"), &found, &err), 1);
	assert_int_equal(found.v, 1);
}

/* ---- The draft ------------------------------------------------------------------- */

static void
the_draft_is_for_exactly_them(void **state)
{
	struct selection reached = {.campaign = {1},
	    .states = STATE(ACCEPTED) | STATE(IN_DOUBT) | STATE(WITHHELD)};
	struct correction_draft draft = {
	    .name = SPAN("Sorry"),
	    .list_name = SPAN("Those who got it"),
	    .class = CLASS_NOTICE,
	    .subject = SPAN("We are sorry"),
	    .body = SPAN("It was our fault."),
	};
	struct campaign made = CAMPAIGN_INIT;
	struct err err = {0};
	struct db *reader = NULL;

	(void)state;
	/* one is gone, one has another address since (number 6, above) */
	stage_sql(&stage, "DELETE FROM member WHERE contact = 3");
	stage_sql(&stage, "DELETE FROM contact WHERE id = 3");
	assert_ok(
	    correction_draft_make(stage.store, &reached, &draft, &err), &err);
	assert_int_equal(draft.joined, 3);
	assert_int_equal(draft.gone, 2);
	assert_ok(store_reader_open(stage.store, &reader, &err), &err);
	assert_ok(campaign_read(reader, draft.campaign, &made, &err), &err);
	assert_int_equal(made.state, CAMPAIGN_DRAFT);
	assert_int_equal(made.class, CLASS_NOTICE);
	assert_int_equal(made.list, draft.list.v);
	assert_span_equal(buf_span(&made.subject), "We are sorry");
	assert_true(made.from_address.len > 0);
	campaign_done(&made);
	store_reader_close(&reader);
	assert_int_equal(
	    stage_number(&stage,
		"SELECT group_concat(contact, '') FROM member m JOIN list l"
		" ON l.id = m.list WHERE l.name = 'Those who got it'"
		" AND m.basis = 1"),
	    125);
	/* nothing was launched, nothing was sealed */
	assert_int_equal(stage_number(&stage, "SELECT count(*) FROM run"), 1);
	assert_int_equal(
	    stage_number(&stage,
		"SELECT count(*) FROM audit WHERE what = 'correction.draft'"),
	    1);
}

static void
a_draft_for_nobody_is_not_made(void **state)
{
	struct selection nobody = {.campaign = {1}, .states = STATE(CANCELLED)};
	struct correction_draft draft = {
	    .name = SPAN("Again"),
	    .list_name = SPAN("Nobody"),
	    .class = CLASS_AD,
	};
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    correction_draft_make(stage.store, &nobody, &draft, &err), -1);
	assert_int_equal(err.code, E_CORRECTION_EMPTY);
	assert_int_equal(stage_number(&stage,
			     "SELECT count(*) FROM list WHERE name = 'Nobody'"),
	    0);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM campaign"), 1);
}

static void
a_draft_may_have_the_same_text(void **state)
{
	struct selection failed = {.campaign = {1}, .states = STATE(FAILED)};
	struct correction_draft draft = {
	    .name = SPAN("Again"),
	    .list_name = SPAN("Failed"),
	    .class = CLASS_AD,
	};
	struct err err = {0};

	(void)state;
	assert_ok(
	    correction_draft_make(stage.store, &failed, &draft, &err), &err);
	assert_int_equal(draft.joined, 1);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(DISTINCT subject || body)"
				 " FROM campaign"),
	    1);
	assert_int_equal(
	    stage_number(&stage, "SELECT count(*) FROM campaign"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		the_selection_is_exact, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(figures_add_up, set_up, tear_down),
	    cmocka_unit_test(queue_ids_are_found),
	    cmocka_unit_test_setup_teardown(
		the_csv_holds_them_and_no_formula, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		facts_are_those_of_the_run, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_digest_leads_to_its_run, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		the_draft_is_for_exactly_them, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_draft_for_nobody_is_not_made, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_draft_may_have_the_same_text, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
