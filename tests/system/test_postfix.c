/* A campaign through a real Postfix with STARTTLS and AUTH: what arrived is
 * compared with the ledger message by message, and an independent verifier
 * checks every signature. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/compose/compose.h"
#include "core/mail/parse.h"
#include "core/report/report.h"
#include "tests/fake/mailhost.h"
#include "tests/fake/stage.h"

enum { RECIPIENTS = 120 };

static const struct stage_params params = {
    .recipients = RECIPIENTS, .class = CLASS_AD, .sessions = 3};

static struct mailhost host;

static void
use_host(struct stage *stage, const char *password, const char *ca_file)
{
	struct relay_config relay = {.host = "localhost",
	    .port = host.port,
	    .tls = RELAY_TLS_VERIFY,
	    .secret = secret_of(password, strlen(password))};

	snprintf(relay.user, sizeof relay.user, "%s", MAILHOST_USER);
	snprintf(relay.ca_file, sizeof relay.ca_file, "%s", ca_file);
	stage_relay(stage, &relay);
}

/* ---- Reading what arrived --------------------------------------------------- */

struct arrived {
	char *message_id[RECIPIENTS + 1];
	int count;
};

static void
take_message(struct arrived *arrived, struct span bytes)
{
	struct arena *arena = arena_new();
	struct parse_message parsed;
	const struct parse_field *id;
	struct err err = {0};

	assert_ok(parse_message(bytes, arena, &parsed, &err), &err);
	id = parse_find(&parsed.part[0].header, "Message-ID");
	assert_non_null(id);
	assert_true(arrived->count < RECIPIENTS);
	arrived->message_id[arrived->count++] = mem_text(id->value);
	arena_free(&arena);
}

static void
read_maildir(struct arrived *arrived)
{
	struct buf path = BUF_INIT, mail = BUF_INIT;
	DIR *dir = opendir(host.maildir.ptr);
	struct dirent *entry;
	struct err err = {0};

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		buf_clear(&path);
		buf_clear(&mail);
		buf_printf(&path, "%s/%s", host.maildir.ptr, entry->d_name);
		assert_ok(file_read(path.ptr, 1 << 20, &mail, &err), &err);
		take_message(arrived, buf_span(&mail));
	}
	closedir(dir);
	buf_done(&path);
	buf_done(&mail);
}

static int
times_arrived(const struct arrived *arrived, struct span id)
{
	int times = 0;

	for (int i = 0; i < arrived->count; i++) {
		struct span got = span_of(arrived->message_id[i]);

		if (span_starts(got, SPAN("<")))
			got = span_slice(got, 1, got.len - 1);
		if (span_starts(id, SPAN("<")))
			id = span_slice(id, 1, id.len - 1);
		times += span_equal(got, id);
	}
	return times;
}

/* ---- Tests -------------------------------------------------------------------- */

static void
launch(struct stage *stage, struct run **run)
{
	struct clearance *clearance = stage_clearance(stage);
	struct run_plan plan = {0};
	struct err err = {0};

	assert_ok(run_start(&clearance, &stage->world, stage->store, &plan, run,
		      &err),
	    &err);
}

static void
compare_with_ledger(struct stage *stage)
{
	static struct arrived arrived;
	struct report_page page = {0};
	struct db *db = NULL;
	struct err err = {0};

	read_maildir(&arrived);
	assert_int_equal(arrived.count, RECIPIENTS);
	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(report_page(db, stage->campaign, REPORT_ALL, 0,
		      RECIPIENTS + 1, &page, &err),
	    &err);
	assert_int_equal(page.count, RECIPIENTS);
	for (size_t i = 0; i < page.count; i++) {
		assert_int_equal(page.row[i].state, LEDGER_ACCEPTED);
		assert_int_equal(page.row[i].code, 250);
		assert_true(page.row[i].tls_verified);
		assert_true(
		    span_starts(page.row[i].tls_version, SPAN("TLSv1.")));
		assert_int_equal(
		    times_arrived(&arrived, page.row[i].message_id), 1);
	}
	report_page_done(&page);
	store_reader_close(&db);
	for (int i = 0; i < arrived.count; i++)
		free(arrived.message_id[i]);
}

/* dkimpy reads every file of the Maildir against our DNS record. */
static void
verify_signatures(struct stage *stage)
{
	static const char script[] =
	    "import dkim, os, sys\n"
	    "record = open(sys.argv[2], 'rb').read()\n"
	    "dns = lambda name, timeout=5: record\n"
	    "bad = 0\n"
	    "names = os.listdir(sys.argv[1])\n"
	    "for n in names:\n"
	    "    m = open(os.path.join(sys.argv[1], n), 'rb').read()\n"
	    "    bad += not dkim.verify(m, dnsfunc=dns)\n"
	    "print(len(names), bad)\n";
	struct buf name = BUF_INIT, record = BUF_INIT, path = BUF_INIT;
	struct buf program = BUF_INIT, command = BUF_INIT;
	struct dkim_info *keys = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0;
	char line[64] = "", want[64];
	FILE *out;

	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(dkim_all(db, &keys, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_ok(dkim_dns_record(db, keys[0].id, &name, &record, &err), &err);
	store_reader_close(&db);
	buf_printf(&path, "%s/record", stage->dir);
	buf_printf(&program, "%s/verify.py", stage->dir);
	assert_ok(file_replace(path.ptr, buf_span(&record), 0600, &err), &err);
	assert_ok(file_replace(program.ptr, SPAN(script), 0600, &err), &err);
	buf_printf(&command, "/usr/bin/python3 %s %s %s", program.ptr,
	    host.maildir.ptr, path.ptr);
	out = popen(command.ptr, "r");
	assert_non_null(out);
	assert_non_null(fgets(line, sizeof line, out));
	pclose(out);
	snprintf(want, sizeof want, "%d 0\n", RECIPIENTS);
	assert_string_equal(line, want);
	free(keys);
	buf_done(&command);
	buf_done(&program);
	buf_done(&path);
	buf_done(&record);
	buf_done(&name);
}

static void
all_arrive_once(void **state)
{
	struct stage stage;
	struct run *run = NULL;
	struct run_progress now;

	(void)state;
	stage_open(&stage, &params);
	use_host(&stage, MAILHOST_PASSWORD, host.ca_file.ptr);
	stage_seal(&stage);
	launch(&stage, &run);
	assert_int_equal(run_wait(run, 120000), 1);
	run_progress(run, &now);
	assert_int_equal(now.state, RUN_DONE);
	assert_int_equal(now.count[LEDGER_ACCEPTED], RECIPIENTS);
	run_free(&run);
	assert_true(mailhost_wait(&host, RECIPIENTS, 60));
	compare_with_ledger(&stage);
	verify_signatures(&stage);
	stage_close(&stage);
}

/* The probe of the review meets the same host: a wrong password or an unknown
 * authority is a failed line, and nothing can be launched. */
static void
expect_probe(const char *password, const char *ca_file, enum err_code code)
{
	struct stage stage;
	struct review *review = NULL;
	const struct check_result *all;
	struct err err = {0};
	size_t count;

	stage_open(&stage, &params);
	use_host(&stage, password, ca_file);
	assert_ok(review_open(
		      stage.store, &stage.world, stage.campaign, &review, &err),
	    &err);
	assert_ok(checklist_run(review, &err), &err);
	all = review_results(review, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(all[i].check->id, "TS-02"))
			continue;
		assert_int_equal(all[i].state, CHECK_FAIL);
		if (all[i].why.code != code)
			fail_msg("probe: %s", err_name(all[i].why.code));
	}
	review_free(&review);
	stage_close(&stage);
}

static void
wrong_password(void **state)
{
	(void)state;
	expect_probe("wrong horse", host.ca_file.ptr, E_SMTP_AUTH);
}

static void
unknown_authority(void **state)
{
	(void)state;
	expect_probe(MAILHOST_PASSWORD, "", E_TLS_VERIFY);
}

static int
start_host(void **state)
{
	(void)state;
	mailhost_start(&host);
	return 0;
}

static int
stop_host(void **state)
{
	(void)state;
	mailhost_stop(&host);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_arrive_once),
	    cmocka_unit_test(wrong_password),
	    cmocka_unit_test(unknown_authority),
	};
	const char *missing = mailhost_missing();

	if (missing) {
		printf("SKIP real Postfix: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, start_host, stop_host);
}
