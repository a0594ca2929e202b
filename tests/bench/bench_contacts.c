/* How long a key takes in a list of one million contacts, from the key to the
 * drawn screen: moving, paging, jumping to the end, filtering.  Wall time, since
 * reading the store is what is measured; the 99th percentile of many keys. */
#include <poll.h>
#include <pthread.h>

#include "tests/bench/bench.h"
#include "tests/fake/scene.h"
#include "tui/screens/screens.h"

enum { KEYS = 500, CANCELS = 21 };

struct stopper {
	atomic_bool stop;
	int after_ms;
	double told;
};

static double
wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void
fill(struct scene *scene)
{
	scene_do(scene,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 1000000) INSERT INTO contact(id, address, canon, name,"
	    " fields, created_ms, changed_ms) SELECT i, printf('user%07d@d%d"
	    ".example.jp', i, i % 97), printf('user%07d@d%d.example.jp', i,"
	    " i % 97), printf('山田 太郎%d', i), '{\"no\":\"' || i || '\"}', 1,"
	    " 1 FROM n");
	scene_do(scene,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, id, 1, 1775001600000, 'web form' FROM contact");
	scene_do(scene, "INSERT INTO tag VALUES(1, 'vip')");
	scene_do(scene, "INSERT INTO contact_tag SELECT id, 1 FROM contact"
			" WHERE id % 1000 = 0");
	scene_do(scene,
	    "INSERT INTO suppression(key, list, cause, at_ms, source, address)"
	    " VALUES(zeroblob(32), 0, 0, 0, '', '')");
}

/* Milliseconds from a key to the drawn screen. */
static double
press(struct scene *scene, struct canvas *canvas, const char *name)
{
	struct app *app = scene->golden.app;
	struct key key;
	double from;

	key_of(span_of(name), &key);
	from = wall_ms();
	app_key(app, &key);
	app_draw(app, canvas);
	return wall_ms() - from;
}

static void
measure(
    struct scene *scene, struct canvas *canvas, const char *key, const char *to)
{
	static double took[KEYS];

	press(scene, canvas, to);
	for (int i = 0; i < KEYS; i++)
		took[i] = press(scene, canvas, key);
	qsort(took, KEYS, sizeof *took, bench_order);
	printf("%-6s median %6.2f ms, p99 %6.2f ms\n", key, took[KEYS / 2],
	    took[KEYS * 99 / 100]);
}

/* Waits for the first news of a job, then for its end. */
static void
settle(struct scene *scene, const char *what, double from)
{
	struct pollfd news = {
	    .fd = app_event_fd(scene->golden.app), .events = POLLIN};

	poll(&news, 1, 60000);
	app_events(scene->golden.app);
	printf("%s: first rows after %.0f ms", what, wall_ms() - from);
	golden_settle(&scene->golden);
	printf(", all after %.0f ms\n", wall_ms() - from);
}

static void
filter(struct scene *scene, struct canvas *canvas, const char *words)
{
	struct app *app = scene->golden.app;
	struct span rest = span_of(words);

	press(scene, canvas, "/");
	for (; rest.len > 0; rest = span_slice(rest, 1, rest.len)) {
		struct key key = key_of_input((unsigned char)rest.ptr[0]);

		app_key(app, &key);
	}
	fake_clock_move(&scene->golden.clock, 200);
	app_timers(app);
	settle(scene, words, wall_ms());
	press(scene, canvas, "Esc");
	golden_settle(&scene->golden);
}

/* From telling a search to stop until it has: of a filter that finds nobody, at
 * many points of its way. */
static void *
stop_later(void *arg)
{
	struct stopper *stopper = arg;
	struct timespec pause = {.tv_nsec = stopper->after_ms * 1000000L};

	nanosleep(&pause, NULL);
	stopper->told = wall_ms();
	atomic_store(&stopper->stop, true);
	return NULL;
}

static void
cancel(struct scene *scene)
{
	double took[CANCELS];

	for (int i = 0; i < CANCELS; i++) {
		struct stopper stopper = {.after_ms = 5 + i * 9};
		struct filter *filter = NULL;
		struct err err = {.code = E_NONE};
		struct db *db = NULL;
		pthread_t thread;

		if (store_reader_open(scene->store, &db, &err) < 0 ||
		    filter_prepare(db, SPAN("nobody"), 0, &filter, &err) < 0)
			abort();
		pthread_create(&thread, NULL, stop_later, &stopper);
		contact_count(
		    db, (struct list_id){1}, filter, &stopper.stop, &err);
		took[i] = wall_ms() - stopper.told;
		pthread_join(thread, NULL);
		filter_free(&filter);
		store_reader_close(&db);
	}
	qsort(took, CANCELS, sizeof *took, bench_order);
	printf("cancel: median %.2f ms, worst %.2f ms\n", took[CANCELS / 2],
	    took[CANCELS - 1]);
}

int
main(void)
{
	struct canvas *canvas = canvas_new(24, 80);
	struct scene scene;
	double from;

	bench_machine();
	scene_start(&scene);
	scene_list(&scene, "All", 0);
	fill(&scene);
	from = wall_ms();
	contacts_open(scene.golden.app, (struct list_id){1});
	printf("opening: %.1f ms until it can be drawn\n", wall_ms() - from);
	settle(&scene, "ids", from);
	app_draw(scene.golden.app, canvas);
	measure(&scene, canvas, "Down", "Home");
	measure(&scene, canvas, "PgDn", "Home");
	measure(&scene, canvas, "PgUp", "End");
	measure(&scene, canvas, "End", "Home");
	filter(&scene, canvas, "user");
	filter(&scene, canvas, "user0999999");
	filter(&scene, canvas, "domain:d5.example.jp");
	filter(&scene, canvas, "domain:none.example");
	filter(&scene, canvas, "status:active -tag:vip");
	filter(&scene, canvas, "status:stopped");
	filter(&scene, canvas, "tag:vip");
	filter(&scene, canvas, "age:>30d");
	filter(&scene, canvas, "no:>=999999");
	cancel(&scene);
	scene_end(&scene);
	canvas_free(&canvas);
	return 0;
}
