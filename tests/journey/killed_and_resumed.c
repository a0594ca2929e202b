/* A delivery of 50,000 messages is killed with SIGKILL at random points and
 * continued by a new process each time: 20 times, or 200 times with "--soak".
 * Every other connection offers CHUNKING, so that eight messages are on their
 * way in it.  A sink in this process counts what really arrived.  Wanted after
 * every kill: nobody got two, the states sum to N, and no more is in doubt than
 * was in flight; at the end: nobody was forgotten either.
 *
 * The seed is printed; "killed_and_resumed [--soak] SEED" plays it again. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "core/net/smtp.h"
#include "core/report/report.h"
#include "tests/fake/relay.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

enum {
	MESSAGES = 50000,
	KILLS = 20,
	KILLS_SOAK = 200,
	SESSIONS = 6,
	CONNECTIONS = 4 * SESSIONS * KILLS_SOAK, /* more than there will be */
	WAIT_MS = 300 * 1000
};

static uint64_t seed; /* of this run; set once in main() */
static int kills = KILLS;

/* xorshift64*: the same numbers everywhere for a seed. */
static unsigned
dice(unsigned sides)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned)((seed * 2685821657736338717u) >> 33) % sides;
}

static void
pause_us(unsigned us)
{
	struct timespec span = {.tv_nsec = (long)us * 1000};

	nanosleep(&span, NULL);
}

/* ---- The process that is killed -------------------------------------------- */

static struct store *
open_store(const char *dir)
{
	struct store_params params = {
	    .dir = dir,
	    .user = "tester",
	    .clock = clock_real(),
	};
	struct secret *secret =
	    secret_of(TEMPSTORE_PASSPHRASE, strlen(TEMPSTORE_PASSPHRASE));
	struct store *store = NULL;
	struct err err = {0};

	if (store_open(&params, secret, &store, &err) < 0)
		fprintf(stderr, "store_open: %s\n", err_name(err.code));
	secret_free(&secret);
	return store;
}

/* Goes on with the only campaign; 0 when it is done. */
static int
deliver(const char *dir)
{
	struct world world = {
	    .clock = clock_real(), .dialler = dialler_loopback_only()};
	struct store *store = open_store(dir);
	struct campaign_id id = {1};
	struct clearance *clearance;
	struct run_progress *now = mem_new(sizeof *now);
	struct run *run;
	struct err err = {0};
	int rc = 1;

	if (!store)
		return 1;
	clearance = sealed_clearance(store, &world, id);
	if (run_start(&clearance, &world, store, NULL, &run, &err) < 0) {
		fprintf(stderr, "run_start: %s\n", err_name(err.code));
		return 1;
	}
	if (run_wait(run, WAIT_MS)) {
		run_progress(run, now);
		rc = now->state != RUN_DONE;
		if (rc)
			fprintf(stderr, "state %d: %s\n", (int)now->state,
			    err_name(now->why.code));
	}
	run_free(&run);
	store_close(&store);
	free(now);
	return rc;
}

static pid_t
spawn(const char *dir)
{
	char program[] = "killed_and_resumed", verb[] = "--deliver";
	char *folder = mem_text(span_of(dir));
	char *const argv[] = {program, verb, folder, NULL};
	pid_t pid = fork();

	if (pid == 0) {
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	free(folder);
	return pid;
}

/* ---- The process that kills ------------------------------------------------- */

/* Waits until the sink has seen so many messages, and a bit; true when the
 * process ended by itself. */
static bool
wait_for(pid_t pid, struct fake_relay *sink, size_t messages, int *status)
{
	while (fake_relay_messages(sink, NULL) < messages) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		pause_us(300);
	}
	pause_us(dice(2500));
	return waitpid(pid, status, WNOHANG) == pid;
}

static void
kill_now(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* What is on the disk between two lives: all rows, and handed over at most
 * what could be in flight; in doubt what the lives before have left so. */
static void
look_into(const char *dir, int lives)
{
	struct store *store = open_store(dir);
	struct campaign_id id = {1};
	struct report report;
	struct db *db = NULL;
	struct err err = {0};

	assert_non_null(store);
	assert_ok(store_reader_open(store, &db, &err), &err);
	if (report_build(db, id, &report, &err) == 0) {
		assert_int_equal(report.total, MESSAGES);
		assert_in_range(
		    report.count[LEDGER_HANDED], 0, SESSIONS * SMTP_WINDOW);
		assert_in_range(report.count[LEDGER_IN_DOUBT], 0,
		    lives * SESSIONS * SMTP_WINDOW);
	} else { /* killed before the launch was written */
		assert_int_equal(err.code, E_CAMPAIGN_MISSING);
	}
	store_reader_close(&db);
	store_close(&store);
}

static int
compare(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Three of four kills come at a random message, the others at a random moment
 * after the start, where a process opens, recovers and claims. */
static void
kill_often(const char *dir, struct fake_relay *sink)
{
	size_t point[KILLS_SOAK];
	int status;

	for (int i = 0; i < kills; i++)
		point[i] = dice(MESSAGES - MESSAGES / 10);
	qsort(point, (size_t)kills, sizeof *point, compare);
	for (int i = 0; i < kills; i++) {
		pid_t pid = spawn(dir);

		if (dice(4) == 0)
			pause_us(dice(150 * 1000));
		else if (wait_for(pid, sink, point[i], &status))
			fail_msg("ended before kill %d: %d", i, status);
		kill_now(pid);
		look_into(dir, i);
	}
}

static void
finish(const char *dir)
{
	pid_t pid = spawn(dir);
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* How often each recipient's message arrived whole. */
static void
count_arrivals(struct fake_relay *sink, int arrived[MESSAGES + 1])
{
	size_t messages = fake_relay_messages(sink, NULL);
	struct buf text = BUF_INIT;

	memset(arrived, 0, (MESSAGES + 1) * sizeof *arrived);
	for (size_t i = 0; i < messages; i++) {
		struct span rest, number;
		int64_t seq;

		buf_clear(&text);
		fake_relay_message(sink, i, &text);
		rest = buf_span(&text);
		number = span_cut(&rest, '@');
		assert_true(span_starts(number, SPAN("a")));
		assert_true(span_int(span_slice(number, 1, 9), &seq));
		assert_in_range(seq, 1, MESSAGES);
		arrived[seq]++;
	}
	buf_done(&text);
}

/* Compares each row with what arrived. */
static void
compare_rows(struct db *db, struct campaign_id id, const int *arrived)
{
	struct report_page page = {0};
	struct err err = {0};

	assert_ok(
	    report_page(db, id, REPORT_ALL, 0, MESSAGES, &page, &err), &err);
	assert_int_equal(page.count, MESSAGES);
	for (size_t i = 0; i < page.count; i++) {
		const struct report_row *row = &page.row[i];
		int64_t seq;

		assert_true(span_int(
		    span_slice(row->address, 1, span_index(row->address, '@')),
		    &seq));
		if (arrived[seq] > 1)
			fail_msg("%.*s got %d", SPAN_ARG(row->address),
			    arrived[seq]);
		if (row->state == LEDGER_ACCEPTED && arrived[seq] != 1)
			fail_msg("%.*s is accepted and got none",
			    SPAN_ARG(row->address));
		if (row->state != LEDGER_ACCEPTED &&
		    row->state != LEDGER_IN_DOUBT)
			fail_msg("%.*s is %s", SPAN_ARG(row->address),
			    ledger_state_name(row->state));
	}
	report_page_done(&page);
}

static void
check_ledger(const char *dir, struct fake_relay *sink)
{
	static int arrived[MESSAGES + 1];
	struct store *store = open_store(dir);
	struct campaign_id id = {1};
	struct report report;
	struct db *db = NULL;
	struct err err = {0};
	int64_t entries;

	assert_non_null(store);
	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_ok(report_build(db, id, &report, &err), &err);
	count_arrivals(sink, arrived);
	compare_rows(db, id, arrived);
	print_message("accepted %lld, in doubt %lld\n",
	    (long long)report.count[LEDGER_ACCEPTED],
	    (long long)report.count[LEDGER_IN_DOUBT]);
	assert_int_equal(report.total, MESSAGES);
	assert_int_equal(report.run, RUN_DONE);
	assert_in_range(
	    report.count[LEDGER_IN_DOUBT], 0, kills * SESSIONS * SMTP_WINDOW);
	assert_ok(audit_verify(store, db, &entries, &err), &err);
	store_reader_close(&db);
	store_close(&store);
}

static void
nobody_gets_two_and_nobody_is_forgotten(void **state)
{
	static const struct fake_step data[] = {{FAKE_SAY, "220 sink", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step bdat[] = {{FAKE_SAY, "220 sink", 0},
	    {FAKE_OFFER, "PIPELINING,CHUNKING,8BITMIME", 0},
	    {FAKE_SERVE, NULL, 0}, {FAKE_END, NULL, 0}};
	static const struct fake_step *scripts[CONNECTIONS];
	static const struct fake_plan sink_plan = {scripts, CONNECTIONS, NULL};
	struct fake_relay *sink;
	struct world world = {
	    .clock = clock_real(), .dialler = dialler_loopback_only()};
	struct store *store = tempstore_open(clock_real());
	char *dir = mem_text(span_of(store_dir(store)));
	struct sealed_plan plan = {
	    .recipients = MESSAGES,
	    .class = CLASS_TEST, /* what is in doubt stays so */
	    .dkim = SEALED_NO_DKIM,
	    .tls = RELAY_TLS_NONE,
	    .sessions = SESSIONS,
	};

	(void)state;
	for (int i = 0; i < CONNECTIONS; i++)
		scripts[i] = i % 2 ? bdat : data;
	sink = fake_relay_start(&sink_plan);
	plan.port = fake_relay_port(sink);
	print_message("seed %llu\n", (unsigned long long)seed);
	assert_int_equal(sealed_campaign(store, &world, &plan).v, 1);
	store_close(&store);
	kill_often(dir, sink);
	finish(dir);
	check_ledger(dir, sink);
	fake_relay_stop(&sink);
	tempdir_remove(&dir);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_gets_two_and_nobody_is_forgotten),
	};

	if (argc == 3 && strcmp(argv[1], "--deliver") == 0)
		return deliver(argv[2]);
	crypt_random(&seed, sizeof seed);
	if (argc > 1 && strcmp(argv[1], "--soak") == 0) {
		kills = KILLS_SOAK;
		argv++;
		argc--;
	}
	if (argc == 2)
		seed = strtoull(argv[1], NULL, 10);
	seed |= 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
