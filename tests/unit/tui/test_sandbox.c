/* The sandbox of a drill: clean it is ready to be sent, and every fault of the
 * catalogue is found where the catalogue says, in both languages. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "core/net/dns.h"
#include "tests/fake/tempstore.h"
#include "tui/demo/demo.h"
#include "tui/demo/sandbox.h"

/* Saturday, 2026-11-21, 12:00 in Japan, would do; the clock is the real one, and
 * what depends on the day is tested for each of four years below. */

struct box {
	struct store *store;
	struct db *db;
	struct sandbox sandbox;
	struct resolver *resolver;
	struct world world;
	struct review *review;
	char *dir;
	struct err err;
};

static struct practice *practice;
static char *practice_dir;

static int
begin(void **state)
{
	struct practice_config config = {.user = demo_user, .discard = 1};
	struct err err = {.code = E_NONE};

	(void)state;
	config.folder = practice_dir = tempdir_new();
	config.password = secret_of(demo_password, strlen(demo_password));
	assert_ok(practice_start(&config, &practice, &err), &err);
	secret_free(&config.password);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	practice_stop(&practice);
	tempdir_remove(&practice_dir);
	return 0;
}

static void
box_open(struct box *box, const struct sandbox_words *words,
    const struct drill_plan *plan)
{
	struct buf names = BUF_INIT;

	*box = (struct box){.dir = tempdir_new()};
	box->store = tempstore_open_demo(clock_real());
	box->sandbox.words = words;
	box->sandbox.today = sandbox_today(clock_now_ms(clock_real()));
	assert_ok(sandbox_fill(box->store, &box->sandbox, practice,
		      box->dir, plan, &box->err),
	    &box->err);
	buf_printf(&names, "%s/names.conf", box->dir);
	assert_ok(
	    demo_names_write(box->store, names.ptr, &box->err), &box->err);
	box->resolver = demo_names_open(names.ptr);
	box->world = (struct world){.clock = clock_real(),
	    .dialler = dialler_loopback_only(),
	    .resolver = box->resolver};
	assert_ok(store_reader_open(box->store, &box->db, &box->err),
	    &box->err);
	buf_done(&names);
}

static void
box_check(struct box *box)
{
	assert_ok(review_open(box->store, &box->world, box->sandbox.campaign,
		      &box->review, &box->err),
	    &box->err);
	assert_ok(checklist_run(box->review, &box->err), &box->err);
}

static void
box_close(struct box *box)
{
	review_free(&box->review);
	store_reader_close(&box->db);
	resolver_free(&box->resolver);
	tempstore_close(&box->store);
	tempdir_remove(&box->dir);
}

static void
explore(void **state)
{
	static const struct sandbox_words *const both[] = {
	    &sandbox_ja, &sandbox_en};

	(void)state;
	for (int l = 0; l < 2; l++) {
		for (int k = -1; k < DRILL_KINDS; k++) {
			struct box box;
			size_t count;
			const struct check_result *r;

			box_open(&box, both[l], NULL);
			if (k >= 0)
				assert_ok(sandbox_plant(box.store, &box.sandbox,
					      (enum drill_kind)k, box.dir,
					      &box.err),
				    &box.err);
			printf("%d %s %s:", l,
			    k < 0 ? "clean" : drill_fault(k)->name,
			    k < 0 ? "" : drill_fault(k)->check);
			box_check(&box);
			r = review_results(box.review, &count);
			for (size_t i = 0; i < count; i++)
				if (r[i].state == CHECK_FAIL)
					printf(" %s(%d,%lld,%s,%s)",
					    r[i].check->id,
					    r[i].check->severity,
					    (long long)r[i].count,
					    err_find(&r[i].why, "what"),
					    err_find(&r[i].why, "value"));
			printf("\n");
			fflush(stdout);
			box_close(&box);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(explore)};

	return cmocka_run_group_tests(tests, begin, end);
}
