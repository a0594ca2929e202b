/* Rows into a new encrypted store, with all that an import does to them, beside
 * the sqlite3 program that imports the same file into a plain table with a
 * unique index on the address, made first; both in turn, several times.
 *
 *	bench_import [rows [runs]]
 *
 * Without arguments 200,000 and 1,000,000 rows; 2500000 shows what becomes of
 * the set of addresses when it is too large for memory.  Times are wall times
 * of the import until everything is in the database file; CPU is that of all
 * threads, which other programs on the machine disturb less.
 *
 * The file is generated, the same every time: eight columns, Japanese and
 * English, 0.5 % bad addresses, 1 % repeated ones, 5 % quoted cells. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/import/import.h"
#include "tests/fake/tempstore.h"

enum {
	ROWS_FEW = 200000,
	ROWS = 1000000,
	RUNS = 3,
	RUNS_MAX = 15,
	RSS_LIMIT_MB = 128 /* at ROWS */
};

/* ---- The file ---------------------------------------------------------- */

static uint64_t
next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static void
add_row(struct buf *out, int64_t i, uint64_t *state)
{
	static const char *const family[] = {"山田", "佐藤", "髙橋", "𠮷田",
	    "鈴木", "Smith", "O'Brien", "Martin"};
	static const char *const given[] = {
	    "太郎", "花子", "健", "美咲", "翔太", "Anna", "Pat", "Joe"};
	uint64_t r = next_random(state);
	int64_t who = r % 100 == 0 && i > 1000 ? i - 1000 : i;

	if (r % 200 == 7)
		buf_printf(out, "user%" PRId64 "(at)example.com,", i);
	else
		buf_printf(out, "user.%08" PRIx64 "@example%d.jp,",
		    (uint64_t)who * 2654435761u % 4294967296u, (int)(who % 97));
	buf_printf(out, "%s %s,", family[r % 8], given[r / 8 % 8]);
	if (r % 20 == 3)
		buf_text(out, "\"Example, \"\"Inc.\"\"\",");
	else
		buf_printf(out, "株式会社サンプル%d,", (int)(r % 1000));
	buf_printf(out, "営業%d部,%08" PRId64 ",03-0000-%04d,東京都,%d\r\n",
	    (int)(r % 9), i, (int)(r % 10000), (int)(r % 90));
}

static void
write_rows(const char *path, int64_t rows)
{
	FILE *file = fopen(path, "wb");
	struct buf line = BUF_INIT;
	uint64_t state = 1;

	if (!file)
		exit(1);
	fputs("メールアドレス,氏名,会社名,部署,会員番号,電話番号,都道府県,年齢"
	      "\r\n",
	    file);
	for (int64_t i = 0; i < rows; i++) {
		buf_clear(&line);
		add_row(&line, i, &state);
		fwrite(line.ptr, 1, line.len, file);
	}
	buf_done(&line);
	fclose(file);
}

/* ---- Measuring --------------------------------------------------------- */

/* What something took; own_s: CPU of the thread that asked for it, which is the
 * least that it takes by the wall on a quiet machine. */
struct cost {
	double wall_s, cpu_s, own_s;
};

/* What one run, in a process of its own, tells. */
struct result {
	struct cost check, commit, plain;    /* plain: of the sqlite3 program */
	double counts_s, fields_s, filter_s; /* reading the list afterwards */
	int64_t rss_kb;
	struct import_counts counts;
};

static double
cpu_of(const struct rusage *usage)
{
	return (double)usage->ru_utime.tv_sec + (double)usage->ru_stime.tv_sec +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) /
		   1e6;
}

static double
cpu_now(int whose)
{
	struct rusage usage;

	getrusage(whose, &usage);
	return cpu_of(&usage);
}

static double
seconds_since(int64_t start_ms)
{
	return (double)(clock_steady_ms(clock_real()) - start_ms) / 1000;
}

static void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "%s: %s\n", what, err_name(err->code));
	exit(1);
}

/* What screens ask of a long list. */
static void
read_list(struct store *store, struct list_id id, struct result *result)
{
	struct filter *filter = NULL;
	struct list_info info;
	struct db *db = NULL;
	struct err err = {0};
	char **names = NULL;
	size_t count;
	int64_t start;

	if (store_reader_open(store, &db, &err) < 0)
		die("reader", &err);
	start = clock_steady_ms(clock_real());
	if (list_find(db, id, &info, &err) < 0)
		die("list_find", &err);
	result->counts_s = seconds_since(start);
	start = clock_steady_ms(clock_real());
	if (field_names(db, id, &names, &count, &err) < 0)
		die("field_names", &err);
	result->fields_s = seconds_since(start);
	field_names_free(&names, count);
	start = clock_steady_ms(clock_real());
	if (filter_prepare(db, SPAN("nobody"), 0, &filter, &err) < 0 ||
	    contact_count(db, id, filter, NULL, &err) < 0)
		die("contact_count", &err);
	filter_free(&filter);
	result->filter_s = seconds_since(start);
	store_reader_close(&db);
}

static struct result
run_once(const char *path)
{
	struct store *store = tempstore_open(clock_real());
	struct import_plan plan = {
	    .basis = BASIS_CONSENT, .basis_note = SPAN("form on the web site")};
	struct result result = {0};
	struct import *import = NULL;
	struct import_counts counts;
	struct rusage usage;
	struct err err = {0};
	double cpu_s, own_s;
	int64_t start;

	if (list_create(store, SPAN("bench"), &plan.list, &err) < 0 ||
	    import_open(path, NULL, &import, &err) < 0)
		die(path, &err);
	cpu_s = cpu_now(RUSAGE_SELF);
	start = clock_steady_ms(clock_real());
	if (import_check(import, store, &plan, &counts, &err) < 0)
		die("check", &err);
	result.check.wall_s = seconds_since(start);
	result.check.cpu_s = cpu_now(RUSAGE_SELF) - cpu_s;
	cpu_s = cpu_now(RUSAGE_SELF);
	own_s = cpu_now(RUSAGE_THREAD);
	start = clock_steady_ms(clock_real());
	if (import_commit(import, store, &plan, &result.counts, &err) < 0)
		die("commit", &err);
	result.commit.wall_s = seconds_since(start);
	result.commit.cpu_s = cpu_now(RUSAGE_SELF) - cpu_s;
	result.commit.own_s = cpu_now(RUSAGE_THREAD) - own_s;
	getrusage(RUSAGE_SELF, &usage);
	result.rss_kb = usage.ru_maxrss;
	import_close(&import);
	read_list(store, plan.list, &result);
	tempstore_close(&store);
	return result;
}

/* A child, so that each run has a peak of its own. */
static struct result
run_in_child(const char *path)
{
	struct result result = {0};
	int ends[2], status;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		exit(1);
	if (pid == 0) {
		result = run_once(path);
		if (write(ends[1], &result, sizeof result) !=
		    (ssize_t)sizeof result)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &result, sizeof result) != (ssize_t)sizeof result)
		exit(1);
	close(ends[0]);
	waitpid(pid, &status, 0);
	return result;
}

/* What sqlite3 does.  Its settings are its own; what it says of addresses that
 * are there twice is dropped. */
static _Noreturn void
be_sqlite3(const char *db, struct span script)
{
	int in[2];

	/* The script is far smaller than a pipe holds. */
	if (pipe(in) < 0 || file_write_all(in[1], script) < 0)
		_exit(127);
	close(in[1]);
	dup2(in[0], STDIN_FILENO);
	if (!freopen("/dev/null", "w", stdout) ||
	    !freopen("/dev/null", "w", stderr))
		_exit(127);
	execlp("sqlite3", "sqlite3", "-batch", db, (char *)NULL);
	_exit(127);
}

/* The same file by the sqlite3 program into a table with the same unique
 * index, unencrypted; zeros when it is not installed. */
static struct cost
run_sqlite3(const char *dir, const char *path)
{
	struct buf script = BUF_INIT, db = BUF_INIT;
	struct rusage usage;
	struct cost cost = {0};
	int64_t start;
	int status = 1;
	pid_t pid;

	buf_printf(&db, "%s/plain.db", dir);
	buf_printf(&script,
	    "CREATE TABLE contact(a, n, c, d, m, t, p, g);\n"
	    "CREATE UNIQUE INDEX i ON contact(a);\n.mode csv\n"
	    ".import --skip 1 %s contact\n",
	    path);
	fflush(stdout);
	start = clock_steady_ms(clock_real());
	pid = fork();
	if (pid == 0)
		be_sqlite3(db.ptr, buf_span(&script));
	if (pid > 0 && wait4(pid, &status, 0, &usage) == pid &&
	    WIFEXITED(status) && WEXITSTATUS(status) != 127) {
		cost.wall_s = seconds_since(start);
		cost.cpu_s = cpu_of(&usage);
	}
	unlink(db.ptr);
	buf_done(&script);
	buf_done(&db);
	return cost;
}

/* ---- Printing ---------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *value, int64_t count)
{
	qsort(value, (size_t)count, sizeof *value, by_value);
	return value[count / 2];
}

static int
by_time(const void *a, const void *b)
{
	return by_value(&((const struct result *)a)->commit.wall_s,
	    &((const struct result *)b)->commit.wall_s);
}

static void
print_machine(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	while (file && fgets(line, sizeof line, file)) {
		if (!strncmp(line, "model name", 10)) {
			printf("machine: %.*s, %ld cores\n",
			    (int)strcspn(strchr(line, ':') + 2, "\n"),
			    strchr(line, ':') + 2,
			    sysconf(_SC_NPROCESSORS_ONLN));
			break;
		}
	}
	if (file)
		fclose(file);
}

static void
print_result(const struct result *result, int64_t octets)
{
	const struct import_counts *c = &result->counts;
	double rows = (double)c->read;

	printf("import: %" PRId64 " rows, %.0f MB: check %.0f rows/s,"
	       " import %.0f rows/s, peak %" PRId64 " MB\n",
	    c->read, (double)octets / 1e6, rows / result->check.wall_s,
	    rows / result->commit.wall_s, result->rss_kb / 1024);
	printf(
	    "import: CPU %.2f us a row to check, %.2f to import, %.2f of that"
	    " by the thread that stores\n",
	    result->check.cpu_s / rows * 1e6, result->commit.cpu_s / rows * 1e6,
	    result->commit.own_s / rows * 1e6);
	printf("import: fresh %" PRId64 ", duplicate %" PRId64
	       ", rejected %" PRId64 "\n",
	    c->fresh, c->duplicate, c->rejected);
	printf("list: counts %.2f s, field names %.2f s, a filter %.2f s\n",
	    result->counts_s, result->fields_s, result->filter_s);
}

/* Medians of what each run tells beside the sqlite3 of its turn. */
static void
print_ratios(const struct result *result, int64_t runs)
{
	double wall[RUNS_MAX], cpu[RUNS_MAX], own[RUNS_MAX], plain[RUNS_MAX];
	double rows = (double)result->counts.read;

	if (result->plain.wall_s == 0) {
		printf("import: sqlite3 is not there to compare with\n");
		return;
	}
	for (int64_t i = 0; i < runs; i++) {
		wall[i] = result[i].plain.wall_s / result[i].commit.wall_s;
		cpu[i] = result[i].plain.cpu_s / result[i].commit.cpu_s;
		own[i] = result[i].plain.cpu_s / result[i].commit.own_s;
		plain[i] = rows / result[i].plain.wall_s;
	}
	printf("import: sqlite3 .import, index first: %.0f rows/s\n",
	    median(plain, runs));
	printf(
	    "import: %.2f of its rows a second; per second of CPU %.2f, of the"
	    " thread that stores %.2f\n",
	    median(wall, runs), median(cpu, runs), median(own, runs));
}

/* True when memory was not enough. */
static bool
measure(const char *dir, int64_t rows, int64_t runs)
{
	struct result result[RUNS_MAX];
	struct buf path = BUF_INIT;
	struct stat st = {0};
	int64_t peak = 0;

	buf_printf(&path, "%s/rows.csv", dir);
	write_rows(path.ptr, rows);
	stat(path.ptr, &st);
	for (int64_t i = 0; i < runs; i++) {
		result[i] = run_in_child(path.ptr);
		result[i].plain = run_sqlite3(dir, path.ptr);
		peak = result[i].rss_kb > peak ? result[i].rss_kb : peak;
	}
	qsort(result, (size_t)runs, sizeof *result, by_time);
	print_result(&result[runs / 2], st.st_size);
	print_ratios(result, runs);
	fflush(stdout);
	buf_done(&path);
	if (rows > ROWS || peak <= RSS_LIMIT_MB * 1024)
		return false;
	printf("import: more than %d MB\n", RSS_LIMIT_MB);
	return true;
}

int
main(int argc, char **argv)
{
	int64_t rows = 0, runs = RUNS;
	char *dir = tempdir_new();
	bool heavy;

	if ((argc > 1 && (!span_int(span_of(argv[1]), &rows) || rows < 1)) ||
	    (argc > 2 && (!span_int(span_of(argv[2]), &runs) || runs < 1 ||
			     runs > RUNS_MAX))) {
		fprintf(stderr, "usage: %s [rows [runs]]\n", argv[0]);
		return 2;
	}
	print_machine();
	fflush(stdout);
	heavy = measure(dir, rows ? rows : ROWS_FEW, runs);
	if (!rows)
		heavy |= measure(dir, ROWS, runs);
	tempdir_remove(&dir);
	return heavy;
}
