/* The first campaign in eleven calls, from a CSV file to a report: the file a
 * newcomer reads first.  Everything is real: an encrypted store, a signed mail,
 * a relay that speaks SMTP with STARTTLS. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/compose/compose.h"
#include "core/import/import.h"
#include "core/mail/parse.h"
#include "core/report/report.h"
#include "tests/fake/answers.h"
#include "tests/fake/arrived.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"

static const char csv[] = "メールアドレス,氏名,会社名\r\n"
			  "taro@example.jp,山田 太郎,例示株式会社\r\n"
			  "hanako@example.co.jp,佐藤 花子,\r\n"
			  "not an address,誰か,\r\n"
			  "taro@example.jp,山田 太郎,例示株式会社\r\n"
			  "later-ken@example.org,\"髙橋, 健\",①㈱ハシゴ高\r\n";

static const char markdown[] =
    "# 秋のご案内\n\n{{name|お客}}様\n\nいつもありがとうございます。"
    "**今月の特集**をお届けします。\n\n"
    "- [詳しくはこちら](https://www.example.jp/a?c={{会社名|なし}})\n\n"
    "{{会社名|お客様}}の皆さまによろしくお伝えください。\n";

/* 1 and 2: import_open, import_commit. */
static void
import_the_list(struct stage *stage)
{
	struct buf path = BUF_INIT;
	struct import *import = NULL;
	struct import_counts counts;
	struct import_plan plan = {.list = stage->list,
	    .basis = BASIS_CONSENT,
	    .basis_at_ms = INT64_C(1775088660000),
	    .basis_note = SPAN("web form v7")};
	struct import_column *column;
	struct err err = {0};
	size_t count;

	assert_ok(wording_add(stage->store, SPAN("Web form"),
		      SPAN("Send me news."), &plan.wording, &err),
	    &err);
	buf_printf(&path, "%s/contacts.csv", stage->dir);
	assert_ok(file_replace(path.ptr, SPAN(csv), 0600, &err), &err);
	assert_ok(import_open(path.ptr, NULL, &import, &err), &err);
	column = import_columns(import, &count);
	assert_int_equal(count, 3);
	assert_int_equal(column[0].target, IMPORT_ADDRESS);
	assert_int_equal(column[1].target, IMPORT_NAME);
	assert_int_equal(column[2].target, IMPORT_FIELD);
	assert_ok(
	    import_check(import, stage->store, &plan, &counts, &err), &err);
	assert_ok(
	    import_commit(import, stage->store, &plan, &counts, &err), &err);
	assert_int_equal(counts.read, 5);
	assert_int_equal(counts.fresh, 3);
	assert_int_equal(counts.duplicate, 1);
	assert_int_equal(counts.rejected, 1);
	assert_int_equal(import_reject_at(import, 0)->line, 4);
	import_close(&import);
	buf_done(&path);
}

/* 3: draft_save, here campaign_save. */
static void
write_the_mail(struct stage *stage)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(campaign_read(db, stage->campaign, &campaign, &err), &err);
	store_reader_close(&db);
	buf_clear(&campaign.body);
	buf_text(&campaign.body, markdown);
	assert_ok(campaign_save(stage->store, &campaign, &err), &err);
	campaign_done(&campaign);
}

/* 4: assemble_message, what preview shows. */
static void
look_at_one(struct stage *stage)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct template *template = NULL;
	struct assembler *assembler = NULL;
	struct message message;
	struct recipient recipient = {.seq = 1,
	    .address = SPAN("hanako@example.co.jp"),
	    .name = SPAN("佐藤 花子"),
	    .fields = SPAN("{}")};
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(campaign_read(db, stage->campaign, &campaign, &err), &err);
	assert_ok(
	    template_compile(stage->store, db, &campaign, &template, &err),
	    &err);
	assert_ok(assembler_new(stage->store, db, template, ASSEMBLE_SIGNED,
		      &assembler, &err),
	    &err);
	assert_ok(assemble_message(assembler, &recipient,
		      clock_now_ms(stage->world.clock), &message, &err),
	    &err);
	assert_true(span_starts(message.bytes, SPAN("DKIM-Signature:")));
	assert_span_equal(message.subject, "佐藤 花子様 秋のご案内");
	assert_true(
	    span_search(message.text, SPAN("佐藤 花子様")) < message.text.len);
	assert_int_equal(message.fallbacks, 2);
	assembler_free(&assembler);
	template_free(&template);
	campaign_done(&campaign);
	store_reader_close(&db);
}

/* 5 and 6: test_grant, test_send.  What somebody then reads in the mail. */
static void
read_a_test(struct stage *stage, char codes[ARRIVED_CODES_ROOM])
{
	struct test_order order = {
	    .campaign = stage->campaign, .staff = {1}, .count = 1, .number = 1};
	struct test_clearance *clearance = NULL;
	struct buf folder = BUF_INIT;
	struct arrived arrived;
	struct err err = {0};

	assert_ok(staff_add(stage->store, SPAN("staff@example.jp"),
		      SPAN("Staff"), &err),
	    &err);
	assert_ok(
	    test_grant(stage->store, &stage->world, &order, &clearance, &err),
	    &err);
	assert_ok(
	    test_send(&clearance, &stage->world, stage->store, -1, &err), &err);
	buf_printf(&folder, "%s/new", practice_maildir(stage->practice));
	arrived_read(&arrived, folder.ptr);
	assert_int_equal(arrived.count, 1);
	assert_span_equal(
	    arrived.mail[0].subject, "【テスト】山田 太郎様 秋のご案内");
	assert_true(arrived_codes(&arrived.mail[0], codes));
	arrived_done(&arrived);
	buf_done(&folder);
}

/* 7 and 8: checklist_run, signoff_give. */
static void
pass_the_gate(struct stage *stage)
{
	char codes[ARRIVED_CODES_ROOM];
	struct review *review = NULL;
	const struct check_result *all;
	struct err err = {0};
	size_t lines;

	read_a_test(stage, codes);
	assert_ok(review_open(stage->store, &stage->world, stage->campaign,
		      &review, &err),
	    &err);
	assert_ok(checklist_run(review, &err), &err);
	assert_int_equal(review_recipients(review), 3);
	/* What cannot be evaluated here, a person answers for. */
	all = review_results(review, &lines);
	for (size_t i = 0; i < lines; i++) {
		if (check_takes_sentence(&all[i]))
			assert_ok(review_answer(review, all[i].check->id,
				      SPAN("Looked at by hand today."), &err),
			    &err);
	}
	assert_ok(review_answer(review, "PP-03", SPAN("3"), &err), &err);
	assert_ok(review_answer(review, "PP-05", span_of(codes), &err), &err);
	answers_look(stage->store, &stage->world, stage->campaign, review);
	answers_state(stage->store, stage->campaign, review);
	all = review_results(review, &lines);
	for (size_t i = 0; i < lines; i++) {
		if (!all[i].cleared)
			fail_msg("%s: %s (%s)", all[i].check->id,
			    err_find(&all[i].why, "what"), all[i].facts);
	}
	assert_ok(signoff_give(review, &err), &err);
	review_free(&review);
}

/* 9 and 10: clearance_grant, run_start. */
static void
launch_and_wait(struct stage *stage)
{
	struct clearance *clearance = NULL;
	struct run *run = NULL;
	struct run_plan plan = {0};
	struct run_progress now;
	struct err err = {0};

	assert_ok(clearance_grant(stage->store, &stage->world, stage->campaign,
		      &clearance, &err),
	    &err);
	assert_ok(run_start(&clearance, &stage->world, stage->store, &plan,
		      &run, &err),
	    &err);
	assert_null(clearance);
	/* One recipient is greylisted: the operator asks for it at once. */
	do {
		run_wait(run, 100);
		run_progress(run, &now);
		if (now.state == RUN_WAITING)
			assert_ok(run_retry_now(run, &err), &err);
	} while (now.state == RUN_RUNNING || now.state == RUN_WAITING);
	assert_int_equal(now.state, RUN_DONE);
	run_free(&run);
}

/* 11: report_build. */
static void
read_the_report(struct stage *stage)
{
	struct report report;
	struct report_page page = {0};
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(report_build(db, stage->campaign, &report, &err), &err);
	assert_int_equal(report.total, 3);
	assert_int_equal(report.count[LEDGER_ACCEPTED], 3);
	assert_int_equal(report.tls13 + report.tls12, 3);
	assert_int_equal(report.tls_verified, 3);
	assert_int_equal(report.attempts, 4);
	assert_ok(
	    report_page(db, stage->campaign, REPORT_ALL, 0, 10, &page, &err),
	    &err);
	assert_int_equal(page.count, 3);
	assert_int_equal(page.row[0].code, 250);
	report_page_done(&page);
	store_reader_close(&db);
}

/* What arrived is what the ledger says, message by message. */
static void
compare_with_the_maildir(struct stage *stage)
{
	struct buf folder = BUF_INIT, path = BUF_INIT, mail = BUF_INIT;
	struct dirent *entry;
	DIR *dir;
	int found = 0;

	buf_printf(&folder, "%s/new", practice_maildir(stage->practice));
	dir = opendir(folder.ptr);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		struct arena *arena = arena_new();
		struct parse_message parsed;
		struct err err = {0};

		if (entry->d_name[0] == '.') {
			arena_free(&arena);
			continue;
		}
		buf_clear(&path);
		buf_clear(&mail);
		buf_printf(&path, "%s/%s", folder.ptr, entry->d_name);
		assert_ok(file_read(path.ptr, 1 << 20, &mail, &err), &err);
		assert_ok(
		    parse_message(buf_span(&mail), arena, &parsed, &err), &err);
		assert_int_equal(parsed.part_count, 3);
		assert_int_equal(
		    parse_count(&parsed.part[0].header, "DKIM-Signature"), 1);
		assert_int_equal(parse_count(&parsed.part[0].header, "To"), 1);
		arena_free(&arena);
		found++;
	}
	closedir(dir);
	assert_int_equal(found, 4); /* with the test */
	buf_done(&mail);
	buf_done(&path);
	buf_done(&folder);
}

static void
first_campaign(void **state)
{
	struct stage_params params = {
	    .recipients = 0, .class = CLASS_AD, .manners = PRACTICE_LIFELIKE};
	struct stage stage;

	(void)state;
	stage_open(&stage, &params);
	import_the_list(&stage);
	write_the_mail(&stage);
	look_at_one(&stage);
	pass_the_gate(&stage);
	launch_and_wait(&stage);
	read_the_report(&stage);
	compare_with_the_maildir(&stage);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(first_campaign)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
