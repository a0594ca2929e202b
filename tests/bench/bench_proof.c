/* What the proof costs beside the making of the messages: both are done in turn
 * by one thread, so that their ratio holds on a busy machine too; then proofs of
 * a whole list on all cores, with the memory they take and how soon a stop is
 * obeyed.  One of the list is not as the others, and must be found.  A number on
 * the command line is the length of that list; --parts leaves the list out.
 */
#include <pthread.h>
#include <sys/resource.h>

#include "core/review/lint.h"
#include "core/review/proof.h"
#include "tests/bench/bench.h"
#include "tests/fake/tempstore.h"

enum { MEMBERS = 100 * 1000, PARTS_MEMBERS = 20 * 1000, MESSAGES = 4000 };

static const char *const settings[][2] = {
    {"legal.name", "株式会社例示"},
    {"legal.postal", "〒100-0001 東京都千代田区千代田1-1"},
    {"legal.contact", "お問合せ 03-0000-0000"},
    {"unsubscribe.base_url", "https://u.example.jp/u"},
    {"unsubscribe.mailto", "u@bounce.example.jp"},
};

/* About 30 marks in Japanese and English. */
static const char paragraph[] =
    "## {{name|お客}}様へのお知らせ\n\n"
    "いつもご利用ありがとうございます。{{name|お客}}様のために、**今月の"
    "特集**をご用意しました。詳しくは次のページをご覧ください。\n\n"
    "- [冬のキャンペーン](https://www.example.jp/winter?id={{address}})\n"
    "- [よくある質問](https://www.example.jp/faq?n={{name|x}})\n\n"
    "Dear {{name|customer}}, this message was sent to {{address}} because "
    "you asked for our newsletter. Thank you for reading it.\n\n";

struct bench {
	struct store *store;
	struct db *db;
	struct campaign campaign;
	struct template *template;
	struct err err;
};

static void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "bench_proof: %s: %s\n", what, err_name(err->code));
	exit(1);
}

static double
seconds(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long
peak_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024;
}

/* ---- The list -------------------------------------------------------------- */

static void
sql_run(struct bench *bench, const char *sql, int64_t value)
{
	struct db *db = NULL;
	struct stmt *stmt;

	if (store_begin(
		bench->store, STORE_WAIT_LONG, "bench", &db, &bench->err) < 0)
		die("begin", &bench->err);
	stmt = db_stmt(db, sql, &bench->err);
	if (!stmt)
		die("sql", &bench->err);
	if (value)
		stmt_int(stmt, 1, value);
	if (stmt_run(stmt, &bench->err) < 0 ||
	    store_commit(bench->store, &db, &bench->err) < 0)
		die("sql", &bench->err);
}

/* Who is called what somebody else's address is: the proof has to find it. */
static int64_t
odd_one(int64_t count)
{
	return count * 2 / 3;
}

static void
fill_list(struct bench *bench, int64_t count)
{
	sql_run(bench,
	    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
	    " VALUES(1, 'all', 0, 0, 'b')",
	    0);
	sql_run(bench,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < ?1) INSERT INTO contact(id, address, canon, name,"
	    " fields, created_ms, changed_ms) SELECT i, printf('u%07d@d%d"
	    ".example.net', i, i % 97), printf('u%07d@d%d.example.net', i,"
	    " i % 97), printf('山田 太郎%d', i), '{\"会員番号\":\"M-' ||"
	    " (i + 1000000) || '\",\"電話\":\"090-' || (i + 10000000) ||"
	    " '\"}', 1, 1 FROM n",
	    count);
	sql_run(bench,
	    "UPDATE contact SET name = 'u0000001@d1.example.net' WHERE id = ?1",
	    odd_one(count));
	sql_run(bench,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, id, 1, 0, '' FROM contact",
	    0);
	if (suppress_add(bench->store, SPAN("gone@example.jp"),
		(struct list_id){0}, SUPPRESS_HAND, SPAN("bench"),
		&bench->err) < 0)
		die("stop list", &bench->err);
}

static void
begin(struct bench *bench, int64_t count)
{
	struct campaign *campaign = &bench->campaign;

	*campaign = CAMPAIGN_INIT;
	bench->store = tempstore_open(clock_real());
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		if (setting_write(bench->store, settings[i][0],
			span_of(settings[i][1]), &bench->err) < 0)
			die(settings[i][0], &bench->err);
	}
	fill_list(bench, count);
	if (dkim_create(bench->store, SPAN("example.jp"), SPAN("s2026"),
		&bench->err) < 0 ||
	    campaign_create(bench->store, SPAN("bench"), CLASS_AD,
		&campaign->id, &bench->err) < 0 ||
	    store_reader_open(bench->store, &bench->db, &bench->err) < 0)
		die("store", &bench->err);
	campaign->class = CLASS_AD;
	campaign->list = 1;
	buf_text(&campaign->from_name, "例示ニュース");
	buf_text(&campaign->from_address, "news@example.jp");
	buf_text(&campaign->subject, "{{name|お客}}様 11月のお知らせ");
	for (int i = 0; i < 5; i++)
		buf_text(&campaign->body, paragraph);
	if (template_compile(bench->store, bench->db, campaign,
		&bench->template, &bench->err) < 0)
		die("compile", &bench->err);
}

/* ---- One thread ------------------------------------------------------------ */

struct desk {
	struct assembler *assembler;
	struct lint_rules rules;
	struct lint_tools tools;
	struct tally tally;
};

/* Microseconds of processor a message, made and also read. */
static double
run_once(struct bench *bench, struct desk *desk, bool read)
{
	char address[64], name[64], fields[96];
	struct message message;
	double from = bench_cpu_s();

	for (int i = 1; i <= MESSAGES; i++) {
		snprintf(address, sizeof address, "u%07d@d%d.example.net", i,
		    i % 97);
		snprintf(name, sizeof name, "山田 太郎%d", i);
		snprintf(fields, sizeof fields, "{\"会員番号\":\"M-%d\"}",
		    i + 1000000);
		struct recipient to = {
		    i, span_of(address), span_of(name), span_of(fields)};

		if (assemble_message(desk->assembler, &to,
			INT64_C(1795000000000), &message, &bench->err) < 0)
			die("assemble", &bench->err);
		if (read)
			lint_message(&desk->rules, &to, &message, &desk->tools,
			    &desk->tally);
	}
	return (bench_cpu_s() - from) * 1e6 / MESSAGES;
}

static void
report_parts(struct bench *bench)
{
	double made[BENCH_RUNS], read[BENCH_RUNS], ratio[BENCH_RUNS];
	struct desk desk = {.assembler = NULL};

	if (assembler_new(bench->store, bench->db, bench->template,
		ASSEMBLE_PROOF, &desk.assembler, &bench->err) < 0 ||
	    lint_rules_read(bench->store, bench->db, &bench->campaign,
		INT64_C(1795000000000), &desk.rules, &bench->err) < 0 ||
	    personal_read(bench->db, &bench->campaign, NULL,
		&desk.rules.personal, &bench->err) < 0)
		die("desk", &bench->err);
	lint_tools_init(&desk.tools, bench->store);
	for (int i = 0; i < BENCH_RUNS; i++) {
		made[i] = run_once(bench, &desk, false);
		read[i] = run_once(bench, &desk, true) - made[i];
		ratio[i] = read[i] / made[i];
	}
	printf("a message: made %.1f us, read %.1f us; %.2f times (medians)\n",
	    bench_median(made, BENCH_RUNS), bench_median(read, BENCH_RUNS),
	    bench_median(ratio, BENCH_RUNS));
	lint_tools_done(&desk.tools);
	lint_rules_done(&desk.rules);
	assembler_free(&desk.assembler);
}

/* ---- All cores ------------------------------------------------------------- */

struct job {
	struct proof proof;
	atomic_bool cancel;
	atomic_llong done, total;
	struct err err;
	int rc;
};

static void
prepare(struct bench *bench, struct job *job)
{
	*job = (struct job){.rc = 0};
	job->proof = (struct proof){
	    .store = bench->store,
	    .campaign = &bench->campaign,
	    .template = bench->template,
	    .at_ms = INT64_C(1795000000000),
	    .cancel = &job->cancel,
	    .done = &job->done,
	    .total = &job->total,
	};
}

static void *
work(void *payload)
{
	struct job *job = payload;

	job->rc = proof_run(&job->proof, &job->err);
	return NULL;
}

static void
report_proof(struct bench *bench, struct digest *root)
{
	struct job *job = mem_new(sizeof *job);
	double wall = seconds(CLOCK_MONOTONIC),
	       cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);

	prepare(bench, job);
	work(job);
	if (job->rc < 0)
		die("proof", &job->err);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("proof of %lld: %.1f s, %.0f a second, %.1f us of processor "
	       "each, peak %ld MB\n",
	    (long long)job->proof.recipients, wall,
	    (double)job->proof.recipients / wall,
	    cpu * 1e6 / (double)job->proof.recipients, peak_mb());
	if (job->proof.tally.count[CM_03] != 1 ||
	    job->proof.tally.first_seq[CM_03] != odd_one(job->proof.recipients))
		die("the one among them is not found", &job->err);
	*root = job->proof.root;
	free(job);
}

/* Stops a proof that has done a part of its work. */
static void
report_stop(struct bench *bench, int64_t after)
{
	const struct timespec nap = {.tv_nsec = 1000000};
	struct job *job = mem_new(sizeof *job);
	pthread_t thread;
	double from;

	prepare(bench, job);
	if (pthread_create(&thread, NULL, work, job))
		abort();
	while (atomic_load(&job->done) < after)
		nanosleep(&nap, NULL);
	from = seconds(CLOCK_MONOTONIC);
	atomic_store(&job->cancel, true);
	pthread_join(thread, NULL);
	if (job->rc == 0 || job->err.code != E_CANCELLED)
		die("not stopped", &job->err);
	printf("stopped behind %lld, everything undone: %.2f s\n",
	    (long long)after, seconds(CLOCK_MONOTONIC) - from);
	free(job);
}

int
main(int argc, char **argv)
{
	bool parts = argc > 1 && !strcmp(argv[1], "--parts");
	int64_t count = argc > 1 && !parts ? atoll(argv[1])
			: parts            ? PARTS_MEMBERS
					   : MEMBERS;
	struct digest root[2];
	struct bench bench = {0};

	begin(&bench, count);
	bench_machine();
	report_parts(&bench);
	if (!parts) {
		for (int i = 0; i < 2; i++)
			report_proof(&bench, &root[i]);
		if (memcmp(&root[0], &root[1], sizeof *root) != 0)
			die("two roots", &bench.err);
		printf("the same root twice\n");
		report_stop(&bench, count / 2);
	}
	campaign_done(&bench.campaign);
	template_free(&bench.template);
	store_reader_close(&bench.db);
	tempstore_close(&bench.store);
	return 0;
}
