/* The worst cases of a million recipients: how fast they are found, in how much
 * memory, and how long a key takes in the preview meanwhile.  A number on the
 * command line is another number of recipients. */
#include <sys/resource.h>

#include "tests/bench/bench.h"
#include "tests/fake/show.h"
#include "tui/screens/screens.h"

enum { RECIPIENTS = 1000 * 1000, KEYS = 500 };

static double
wall_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long
peak_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024;
}

static void
fill(struct stage *stage, long count)
{
	struct db *db = NULL;
	struct stmt *stmt;
	struct err err = {0};
	static const char *const sql[] = {
	    "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < ?1) INSERT INTO contact(id, address, canon, name,"
	    " fields, created_ms, changed_ms) SELECT i, printf('person%07d@d%d"
	    ".example.jp', i, i % 97), printf('person%07d@d%d.example.jp', i,"
	    " i % 97), printf('山田 太郎%d', i), '{\"会員番号\":\"' || i ||"
	    " '\"}', 1, 1 FROM n",
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, id, 1, 1775001600000, 'web form' FROM contact"
	    " WHERE id >= 10 AND id <= ?1"};

	for (int i = 0; i < 2; i++) {
		if (store_begin(stage->store, STORE_WAIT_LONG, "bench", &db,
			&err) < 0 ||
		    !(stmt = db_stmt(db, sql[i], &err)))
			abort();
		stmt_int(stmt, 1, count);
		if (stmt_run(stmt, &err) < 0 ||
		    store_commit(stage->store, &db, &err) < 0)
			abort();
	}
}

static void
find_all(struct stage *stage)
{
	struct samples_watch watch = {0};
	struct samples *samples = NULL;
	struct err err = {0};
	double from = wall_s(), took;
	long before = peak_mb();

	if (samples_find(
		stage->store, stage->campaign, 0, &watch, &samples, &err) < 0) {
		fprintf(stderr, "%s\n", err_name(err.code));
		exit(1);
	}
	took = wall_s() - from;
	printf("worst cases of %lld recipients: %.1f s, %.0f a second, peak "
	       "%ld MB (%ld before)\n",
	    (long long)samples_recipients(samples), took,
	    (double)samples_recipients(samples) / took, peak_mb(), before);
	samples_free(&samples);
}

/* Keys in the preview while the hunt runs in the background. */
static void
press_keys(struct show *show)
{
	static double took[KEYS];
	struct app *app = show->golden.app;
	struct canvas *canvas = canvas_new(40, 120);
	struct key key;

	preview_open(app, show->stage.campaign);
	golden_settle(&show->golden);
	key_of(SPAN("c"), &key);
	app_key(app, &key);
	key_of(SPAN("Down"), &key);
	for (int i = 0; i < KEYS; i++) {
		double from = wall_s();

		app_key(app, &key);
		app_draw(app, canvas);
		took[i] = (wall_s() - from) * 1e3;
	}
	qsort(took, KEYS, sizeof *took, bench_order);
	printf("a key meanwhile: median %.2f ms, p99 %.2f ms\n", took[KEYS / 2],
	    took[KEYS * 99 / 100]);
	key_of(SPAN("^C"), &key);
	double from = wall_s();

	app_key(app, &key);
	golden_settle(&show->golden);
	printf("stopped after %.0f ms\n", (wall_s() - from) * 1e3);
	canvas_free(&canvas);
}

int
main(int argc, char **argv)
{
	static const struct stage_params params = {
	    .recipients = 3, .class = CLASS_AD, .manners = PRACTICE_PLAIN};
	struct show show;
	long count = argc > 1 ? atol(argv[1]) : RECIPIENTS;

	bench_machine();
	show_start(&show, &params);
	fill(&show.stage, count);
	find_all(&show.stage);
	press_keys(&show);
	show_end(&show);
	return 0;
}
