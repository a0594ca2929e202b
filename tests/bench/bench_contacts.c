/* How long a key takes in a list of one million contacts, from the key to the
 * drawn screen: moving, paging, jumping; filters of every kind that find many,
 * few and nobody, before and after the list is in memory; orders; stopping a
 * search.  Wall time, since reading the store is what is measured; medians, the
 * 99th percentile of keys and the slowest of the others, beside what is wanted. */
#include <poll.h>
#include <pthread.h>

#include "tests/bench/bench.h"
#include "tests/fake/scene.h"
#include "tui/screens/screens.h"

enum {
	PEOPLE = 1000000,
	KEYS = 500,
	CANCELS = 21,
	ROWS = 22, /* of a screen */
	WANTED_KEY_MS = 10,
	WANTED_FILTER_MS = 150,
	WANTED_CANCEL_MS = 20
};

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

static const char *const rows[] = {
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
    " i < 1000000) INSERT INTO contact(id, address, canon, name, fields,"
    " created_ms, changed_ms) SELECT i, printf('user%07d@d%d.example.jp', i,"
    " i % 97), printf('user%07d@d%d.example.jp', i, i % 97),"
    " printf('山田 太郎%d', i), printf('{\"no\":\"%d\",\"city\":\"%s\","
    "\"plan\":\"%s\",\"since\":\"20%02d-%02d-01\"}', i, CASE i % 3 WHEN 0"
    " THEN '東京' WHEN 1 THEN '大阪' ELSE 'Kyoto' END, CASE i % 2 WHEN 0 THEN"
    " 'gold' ELSE 'free' END, i % 25, 1 + i % 12), 1, 1 FROM n",
    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
    " SELECT 1, id, 1, 1775001600000 + id, 'web form' FROM contact",
    "INSERT INTO list VALUES(2, 'Others', 0, 0, '', 1, 0)",
    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
    " SELECT 2, id, 1, 0, '' FROM contact WHERE id % 1000 = 1",
    "INSERT INTO tag VALUES(1, 'vip'), (2, 'most'), (3, 'last')",
    "INSERT INTO contact_tag SELECT id, 1 FROM contact WHERE id % 1000 = 0",
    "INSERT INTO contact_tag SELECT id, 2 FROM contact WHERE id % 10 <> 0",
    "INSERT INTO contact_tag SELECT id, 3 FROM contact WHERE id = 999999",
    "INSERT INTO suppression(key, list, cause, at_ms, source, address)"
    " SELECT randomblob(32), 0, id % 4, 0, '', canon FROM contact"
    " WHERE id % 100 = 99",
    "INSERT INTO campaign(id, name, class, state, from_name, from_address,"
    " reply_to, subject, body, revision, created_ms, created_by, changed_ms,"
    " changed_by) VALUES(1, 'Spring', 0, 3, '', '', '', '', '', 1, 0, '', 0,"
    " '')",
    "INSERT INTO outbox(campaign, seq, contact, address, canon, name, fields,"
    " leaf) SELECT 1, id, id, address, canon, name, '{}', x'' FROM contact",
    "INSERT INTO ledger(campaign, seq, state, at_ms)"
    " SELECT 1, id, CASE WHEN id = 999999 THEN 5 ELSE 3 END, 1775001600000"
    " FROM contact"};

static void
fill(struct scene *scene)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		scene_do(scene, rows[i]);
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

/* One key, or two by turns. */
static void
measure(struct scene *scene, struct canvas *canvas, const char *from,
    const char *key, const char *back)
{
	static double took[KEYS];

	press(scene, canvas, from);
	for (int i = 0; i < KEYS; i++)
		took[i] = press(scene, canvas, i % 2 ? back : key);
	qsort(took, KEYS, sizeof *took, bench_order);
	printf("%-6s median %6.2f ms, p99 %6.2f ms (wanted %d)\n", key,
	    took[KEYS / 2], took[KEYS * 99 / 100], WANTED_KEY_MS);
}

/* What a jump to any row reads: a screen of rows from an id on. */
static void
jump(struct scene *scene)
{
	static double took[KEYS];
	struct contact_page page = {0};
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	uint64_t seed = 1;

	if (store_reader_open(scene->store, &db, &err) < 0)
		abort();
	for (int i = 0; i < KEYS; i++) {
		struct contact_id from;
		double begin = wall_ms();

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		from.v = (int64_t)(seed >> 33) % PEOPLE;
		if (contact_page(scene->store, db, (struct list_id){1}, from,
			ROWS, &page, &err) < 0)
			abort();
		took[i] = wall_ms() - begin;
	}
	contact_page_done(&page);
	store_reader_close(&db);
	qsort(took, KEYS, sizeof *took, bench_order);
	printf("jump   median %6.2f ms, p99 %6.2f ms (wanted %d)\n",
	    took[KEYS / 2], took[KEYS * 99 / 100], WANTED_KEY_MS);
}

static void
finish(struct scene *scene)
{
	struct app *app = scene->golden.app;
	struct pollfd news = {.fd = app_event_fd(app), .events = POLLIN};

	while (app_is_busy(app)) {
		poll(&news, 1, 60000);
		app_events(app);
	}
}

/* Waits for the first news of a job, then for its end. */
static void
settle(struct scene *scene, double from, double *first, double *all)
{
	struct pollfd news = {
	    .fd = app_event_fd(scene->golden.app), .events = POLLIN};

	poll(&news, 1, 60000);
	app_events(scene->golden.app);
	*first = wall_ms() - from;
	finish(scene);
	*all = wall_ms() - from;
}

static void
filter_once(struct scene *scene, struct canvas *canvas, const char *words,
    double *first, double *all)
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
	settle(scene, wall_ms(), first, all);
	press(scene, canvas, "Esc");
	finish(scene);
}

static void
filter(struct scene *scene, struct canvas *canvas, const char *words)
{
	double first[BENCH_RUNS], all[BENCH_RUNS];

	for (int i = 0; i < BENCH_RUNS; i++)
		filter_once(scene, canvas, words, &first[i], &all[i]);
	qsort(first, BENCH_RUNS, sizeof *first, bench_order);
	printf("%-28s first page %6.0f ms, slowest %6.0f (wanted %d), all"
	       " %6.0f\n",
	    words, first[BENCH_RUNS / 2], first[BENCH_RUNS - 1],
	    WANTED_FILTER_MS, bench_median(all, BENCH_RUNS));
}

/* Before the list is in memory the store is read. */
static void
filter_stored(struct scene *scene, const char *words)
{
	struct contact_id *found = mem_array(PEOPLE, sizeof *found);
	struct contact_id from = {0};
	struct filter *filter = NULL;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	double begin;
	int64_t got;

	if (store_reader_open(scene->store, &db, &err) < 0 ||
	    filter_prepare(db, span_of(words), 0, &filter, &err) < 0)
		abort();
	begin = wall_ms();
	got = contact_ids(
	    db, (struct list_id){1}, from, filter, NULL, found, PEOPLE, &err);
	printf("%-28s from the store %6.0f ms, %lld found\n", words,
	    wall_ms() - begin, (long long)got);
	filter_free(&filter);
	store_reader_close(&db);
	free(found);
}

static void
load(struct scene *scene)
{
	struct roster *roster = NULL;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	double begin = wall_ms(), cpu = bench_cpu_s();

	if (store_reader_open(scene->store, &db, &err) < 0 ||
	    roster_load(
		scene->store, db, (struct list_id){1}, NULL, &roster, &err) < 0)
		abort();
	printf("list into memory: %.0f ms, %.0f ms of this thread, %.0f MB\n",
	    wall_ms() - begin, (bench_cpu_s() - cpu) * 1e3,
	    (double)roster_octets(roster) / 1e6);
	roster_drop(&roster);
	store_reader_close(&db);
}

static void
order(struct scene *scene, enum contact_order order, const char *name)
{
	struct contact_id *id = mem_array(PEOPLE, sizeof *id);
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	double begin;

	for (int i = 0; i < PEOPLE; i++)
		id[i].v = i + 1;
	if (store_reader_open(scene->store, &db, &err) < 0)
		abort();
	begin = wall_ms();
	if (contact_sort(scene->store, db, (struct list_id){1}, order,
		CONTACT_DOWN, NULL, id, PEOPLE, &err) < 0)
		abort();
	printf("order by %s: %.0f ms\n", name, wall_ms() - begin);
	store_reader_close(&db);
	free(id);
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
	printf("cancel: median %.2f ms, worst %.2f ms (wanted %d)\n",
	    took[CANCELS / 2], took[CANCELS - 1], WANTED_CANCEL_MS);
}

static const char *const filters[] = {"user", "user0999999", "nobody",
    "domain:d5.example.jp", "domain:none.example", "name:太郎999999",
    "city:Kyoto", "city:nowhere", "no:>=999999", "no:<0", "since:<2001",
    "plan:gold -user0 or no:7", "\"since\":<1999", "status:active -tag:vip",
    "status:stopped", "status:complaint", "status:nobasis", "basis:card",
    "tag:vip", "tag:last", "-tag:most", "tag:most tag:vip", "list:Others",
    "age:>30d", "age:>9999d", "received:Spring", "bounced:Spring", "sent:never",
    "sent:<1d"};

static void
screen(struct scene *scene)
{
	struct canvas *canvas = canvas_new(24, 80);
	double from = wall_ms(), first, all;

	contacts_open(scene->golden.app, (struct list_id){1});
	printf("opening: %.1f ms until it can be drawn\n", wall_ms() - from);
	settle(scene, from, &first, &all);
	printf("first rows after %.0f ms, all and in memory after %.0f ms\n",
	    first, all);
	app_draw(scene->golden.app, canvas);
	measure(scene, canvas, "Home", "Down", "Down");
	measure(scene, canvas, "Home", "PgDn", "PgDn");
	measure(scene, canvas, "End", "PgUp", "PgUp");
	measure(scene, canvas, "Home", "End", "Home");
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		filter(scene, canvas, filters[i]);
	canvas_free(&canvas);
}

int
main(void)
{
	struct scene scene;

	setvbuf(stdout, NULL, _IOLBF, 0);
	bench_machine();
	scene_start(&scene);
	scene_list(&scene, "All", 0);
	fill(&scene);
	screen(&scene);
	jump(&scene);
	load(&scene);
	filter_stored(&scene, "nobody");
	filter_stored(&scene, "no:<0");
	order(&scene, CONTACT_BY_ADDRESS, "address");
	order(&scene, CONTACT_BY_NAME, "name");
	order(&scene, CONTACT_BY_STATUS, "status");
	order(&scene, CONTACT_BY_SENT, "last mail");
	cancel(&scene);
	scene_end(&scene);
	return 0;
}
