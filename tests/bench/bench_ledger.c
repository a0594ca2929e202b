/* What the durable ledger costs a message: rows are taken, handed (on the disk
 * before anything else happens) and accepted, with no network and no message.
 *
 *	bench_ledger [IN_FLIGHT [ROWS ...]]
 *
 * IN_FLIGHT rows are handed together, as sessions times window would; default
 * 20 and 80.  ROWS are the recipients; default 1,000 to 1,000,000.  CPU is that
 * of the whole process, reading the rows ahead included.  The last columns are
 * what an operator waits for: the launch (one transaction for all rows), going
 * on with a run of that size, and its report. */
#include <pthread.h>
#include <sys/resource.h>

#include "core/base/mem.h"
#include "core/deliver/scribe.h"
#include "core/report/report.h"
#include "tests/bench/bench.h"
#include "tests/fake/tempstore.h"

enum { SIZES = 4, IN_FLIGHT_MAX = 1000 };

static const struct campaign_id one = {1};

struct bench {
	struct store *store;
	struct scribe *scribe;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	unsigned wakes;
};

static void
must(int rc, const struct err *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench_ledger: %s %s\n", err_name(err->code),
	    err->fact[0].value);
	exit(1);
}

static double
wall_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* ---- The campaign ---------------------------------------------------------- */

static void
fill_outbox(struct db *db, int rows)
{
	static const char sql[] =
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) VALUES(1, ?1, ?1, ?2, ?2, ?3, ?4, ?5)";
	static const char *const domain[] = {"example.jp", "gmail.com",
	    "docomo.ne.jp", "outlook.com", "yahoo.co.jp"};
	enum { DOMAINS = sizeof domain / sizeof *domain };
	struct digest leaf = {{0}};
	struct err err = {0};

	for (int i = 1; i <= rows; i++) {
		struct stmt *stmt = db_stmt(db, sql, &err);
		char address[64];

		snprintf(address, sizeof address, "person%07d@%s", i,
		    domain[i % DOMAINS]);
		stmt_int(stmt, 1, i);
		stmt_text(stmt, 2, span_of(address));
		stmt_text(stmt, 3, SPAN("山田 太郎"));
		stmt_text(stmt, 4, SPAN("{\"会員番号\":\"0001234\"}"));
		stmt_blob(stmt, 5, span_make(leaf.bytes, sizeof leaf.bytes));
		must(stmt_run(stmt, &err), &err);
	}
}

static void
make_run(struct db *db, int rows)
{
	struct err err = {0};
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO run VALUES(1, 0, '', ?1, 1, NULL, 'bench', x'00',"
	    " 'example.jp')",
	    &err);

	stmt_int(stmt, 1, rows);
	must(stmt_run(stmt, &err), &err);
}

/* The seconds that making the ledger takes. */
static double
launch(struct store *store, int rows)
{
	struct db *db = NULL;
	struct err err = {0};
	int64_t made;
	double began;

	must(store_begin(store, STORE_WAIT_LONG, "bench", &db, &err), &err);
	db_cache(db, STORE_CACHE_BULK);
	fill_outbox(db, rows);
	make_run(db, rows);
	must(store_commit(store, &db, &err), &err);
	must(store_begin(store, STORE_WAIT_LONG, "bench", &db, &err), &err);
	db_cache(db, STORE_CACHE_NORMAL);
	began = wall_s();
	must(ledger_create(db, one, &made, &err), &err);
	must(store_commit(store, &db, &err), &err);
	return wall_s() - began;
}

/* ---- The scribe's owner ------------------------------------------------------ */

static int
on_gate(void *arg, struct db *db, struct err *err)
{
	(void)arg;
	(void)db;
	(void)err;
	return 0;
}

static int
on_deed(
    void *arg, const struct scribe_deed *deed, struct db *db, struct err *err)
{
	(void)arg;
	(void)deed;
	(void)db;
	(void)err;
	return 0;
}

static void
on_wake(void *arg)
{
	struct bench *bench = arg;

	pthread_mutex_lock(&bench->lock);
	bench->wakes++;
	pthread_cond_signal(&bench->woken);
	pthread_mutex_unlock(&bench->lock);
}

static unsigned
await_wake(struct bench *bench, unsigned seen)
{
	pthread_mutex_lock(&bench->lock);
	while (bench->wakes == seen)
		pthread_cond_wait(&bench->woken, &bench->lock);
	seen = bench->wakes;
	pthread_mutex_unlock(&bench->lock);
	return seen;
}

static double
start(struct bench *bench)
{
	struct scribe_params params = {
	    .store = bench->store,
	    .clock = clock_real(),
	    .campaign = one,
	    .owner = {bench, on_gate, on_deed, on_wake},
	    .ahead = 100,
	};
	struct err err = {0};
	double began = wall_s();

	must(scribe_start(&params, &bench->scribe, &err), &err);
	scribe_claiming(bench->scribe, SCRIBE_CLAIMS);
	return wall_s() - began;
}

/* ---- What is measured -------------------------------------------------------- */

static struct claim *
take_any(struct scribe *scribe, int *group)
{
	for (int i = 0; i < LEDGER_GROUPS; i++) {
		struct claim *claim = scribe_take(scribe, *group);

		*group = (*group + 1) % LEDGER_GROUPS;
		if (claim)
			return claim;
	}
	return NULL;
}

static void
accept(struct scribe *scribe, struct claim **claim, int64_t connection)
{
	char reply[64];
	int len = snprintf(reply, sizeof reply,
	    "250 2.0.0 Ok: queued as 4F2A%06llX\r\n",
	    (long long unsigned)(*claim)->seq);
	struct ledger_end end = {
	    .to = LEDGER_ACCEPTED,
	    .attempt = 1,
	    .at_ms = clock_now_ms(clock_real()),
	    .connection = connection,
	    .octets = 10551,
	    .took_ms = 7,
	    .code = 250,
	    .stage = 12,
	    .enhanced = "2.0.0",
	    .reply = span_make(reply, (size_t)len),
	};

	scribe_settle(scribe, claim, &end);
}

/* Hands over what there is, at most wish rows; how many. */
static int
hand(struct bench *bench, struct claim **claim, int wish, int64_t connection,
    uint64_t *ticket)
{
	static int group;
	int n = 0;

	while (n < wish && (claim[n] = take_any(bench->scribe, &group)) != NULL)
		*ticket = scribe_hand(bench->scribe, claim[n++], connection);
	return n;
}

static void
deliver(struct bench *bench, int rows, int in_flight)
{
	struct ledger_connection facts = {.relay = 1,
	    .tls = {.state = TLS_STATE_VERIFIED,
		.version = "TLSv1.3",
		.cipher = "TLS_AES_256_GCM_SHA384"}};
	int64_t connection = scribe_connection(bench->scribe, &facts);
	struct claim *claim[IN_FLIGHT_MAX];
	unsigned seen = 0;

	for (int done = 0; done < rows;) {
		uint64_t ticket = 0;
		int n = hand(bench, claim, in_flight, connection, &ticket);

		while (!n || !scribe_is_durable(bench->scribe, ticket)) {
			seen = await_wake(bench, seen);
			if (!n)
				break;
		}
		for (int i = 0; i < n; i++)
			accept(bench->scribe, &claim[i], connection);
		done += n;
	}
	while (!scribe_is_settled(bench->scribe))
		seen = await_wake(bench, seen);
}

static double
time_report(struct store *store, int rows)
{
	struct report report;
	struct db *db = NULL;
	struct err err = {0};
	double began = wall_s();

	must(store_reader_open(store, &db, &err), &err);
	must(report_build(db, one, &report, &err), &err);
	store_reader_close(&db);
	if (report.count[LEDGER_ACCEPTED] != rows)
		must(-1, &err);
	return wall_s() - began;
}

static void
measure(int rows, int in_flight)
{
	struct bench bench = {.lock = PTHREAD_MUTEX_INITIALIZER,
	    .woken = PTHREAD_COND_INITIALIZER};
	double launched, wall, cpu, opened, reported;

	bench.store = tempstore_open(clock_real());
	launched = launch(bench.store, rows);
	start(&bench);
	wall = wall_s();
	cpu = cpu_s();
	deliver(&bench, rows, in_flight);
	cpu = cpu_s() - cpu;
	wall = wall_s() - wall;
	scribe_stop(&bench.scribe);
	opened = start(&bench);
	scribe_stop(&bench.scribe);
	reported = time_report(bench.store, rows);
	printf("%9d %9d %10.2f %12.0f %9.2f %9.1f %9.1f\n", rows, in_flight,
	    cpu * 1e6 / rows, rows / wall, launched, opened * 1e3,
	    reported * 1e3);
	fflush(stdout);
	tempstore_close(&bench.store);
}

static int
number(const char *text, int most)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || end == text || value < 1 || value > most) {
		fprintf(stderr, "bench_ledger: %s?\n", text);
		exit(2);
	}
	return (int)value;
}

int
main(int argc, char **argv)
{
	static const int sizes[SIZES] = {1000, 10000, 100000, 1000000};
	static const int windows[] = {20, 80};

	bench_machine();
	printf("%9s %9s %10s %12s %9s %9s %9s\n", "rows", "in flight",
	    "us CPU each", "rows/s", "launch s", "open ms", "report ms");
	if (argc > 2) {
		for (int i = 2; i < argc; i++)
			measure(number(argv[i], 100 * 1000 * 1000),
			    number(argv[1], IN_FLIGHT_MAX));
		return 0;
	}
	for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
		for (int i = 0; i < SIZES; i++)
			measure(sizes[i], argc > 1
					      ? number(argv[1], IN_FLIGHT_MAX)
					      : windows[w]);
		if (argc > 1)
			break;
	}
	return 0;
}
