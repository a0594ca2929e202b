/* How long a key takes in a list of one million contacts, from the key to the
 * drawn screen: moving, paging, jumping to the end, filtering.  Wall time, since
 * reading the store is what is measured; the 99th percentile of many keys. */
#include <poll.h>

#include "tests/bench/bench.h"
#include "tests/fake/scene.h"
#include "tui/screens/screens.h"

enum { KEYS = 500 };

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
	    " i % 97), printf('山田 太郎%d', i), '{\"会員番号\":\"1\"}', 1, 1"
	    " FROM n");
	scene_do(scene,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " SELECT 1, id, 1, 1775001600000, 'web form' FROM contact");
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
	filter(&scene, canvas, "user");
	filter(&scene, canvas, "user0999999");
	scene_end(&scene);
	canvas_free(&canvas);
	return 0;
}
