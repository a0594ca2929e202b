/* The sandbox of a drill: clean it is ready to be sent, and every fault of the
 * catalogue is found where the catalogue says, in both languages. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/attach/attach.h"
#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "core/net/dns.h"
#include "tests/fake/tempstore.h"
#include "tui/demo/demo.h"
#include "tui/demo/sandbox.h"

static const struct sandbox_words *const languages[] = {
    &sandbox_ja, &sandbox_en};
enum { LANGUAGES = 2, FIVE_YEARS = 5 * 366 };

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
	struct secret *password =
	    secret_of(demo_password, strlen(demo_password));
	struct practice_config config = {
	    .user = demo_user, .password = password, .discard = 1};
	struct err err = {.code = E_NONE};

	(void)state;
	config.folder = practice_dir = tempdir_new();
	assert_ok(practice_start(&config, &practice, &err), &err);
	secret_free(&password);
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
box_open(struct box *box, const struct sandbox_words *words)
{
	struct buf names = BUF_INIT;

	*box = (struct box){.dir = tempdir_new()};
	box->store = tempstore_open_demo(clock_real());
	box->sandbox.words = words;
	box->sandbox.today = sandbox_today(clock_now_ms(clock_real()));
	assert_ok(sandbox_fill(box->store, &box->sandbox, practice, box->dir,
		      NULL, &box->err),
	    &box->err);
	buf_printf(&names, "%s/names.conf", box->dir);
	assert_ok(
	    demo_names_write(box->store, names.ptr, &box->err), &box->err);
	box->resolver = demo_names_open(names.ptr);
	box->world = (struct world){.clock = clock_real(),
	    .dialler = dialler_loopback_only(),
	    .resolver = box->resolver};
	assert_ok(
	    store_reader_open(box->store, &box->db, &box->err), &box->err);
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

/* The number of things a line of the checklist has failed over; 0: it has not
 * failed. */
static int64_t
failed(const struct box *box, const char *id)
{
	size_t count;
	const struct check_result *all = review_results(box->review, &count);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(all[i].check->id, id))
			return all[i].state == CHECK_FAIL ? all[i].count : 0;
	}
	fail_msg("no line %s", id);
	return 0;
}

/* The first line that has failed and cannot be answered by words; NULL. */
static const char *
blocked(const struct box *box)
{
	size_t count;
	const struct check_result *all = review_results(box->review, &count);

	for (size_t i = 0; i < count; i++) {
		if (all[i].state == CHECK_FAIL &&
		    all[i].check->severity <= CHECK_OVERRIDE)
			return all[i].check->id;
	}
	return NULL;
}

static void
plant(struct box *box, enum drill_kind kind)
{
	int has =
	    sandbox_has(box->store, box->db, &box->sandbox, kind, &box->err);

	/* what is clean has none of it: the repair's word can be believed */
	if (has != 0)
		fail_msg("%s is there already", drill_fault(kind)->name);
	assert_ok(
	    sandbox_plant(box->store, &box->sandbox, kind, box->dir, &box->err),
	    &box->err);
	assert_int_equal(
	    sandbox_has(box->store, box->db, &box->sandbox, kind, &box->err),
	    1);
}

/* ---- What the checks say --------------------------------------------------------- */

static void
a_clean_campaign_could_be_sent(void **state)
{
	(void)state;
	for (int i = 0; i < LANGUAGES; i++) {
		struct box box;

		box_open(&box, languages[i]);
		for (int k = 0; k < DRILL_KINDS; k++)
			assert_int_equal(
			    sandbox_has(box.store, box.db, &box.sandbox,
				(enum drill_kind)k, &box.err),
			    0);
		box_check(&box);
		assert_int_equal(
		    review_recipients(box.review), SANDBOX_RECIPIENTS);
		if (blocked(&box))
			fail_msg("%s fails", blocked(&box));
		/* an advertisement with a file is asked about, no more */
		assert_int_equal(failed(&box, "CM-10W"), 1);
		assert_int_equal(failed(&box, "LG-06"), 0);
		assert_int_equal(failed(&box, "LC-07"), 0);
		assert_int_equal(failed(&box, "CM-11W"), 0);
		box_close(&box);
	}
}

/* Each alone, by turns in one language and in the other. */
static void
a_machine_finds_what_it_should(void **state)
{
	(void)state;
	for (int k = 0; k < DRILL_KINDS; k++) {
		const struct drill_fault *fault =
		    drill_fault((enum drill_kind)k);
		struct box box;
		int64_t before = !strcmp(fault->check, "CM-10W");

		if (fault->how != DRILL_MACHINE)
			continue;
		box_open(&box, languages[k % LANGUAGES]);
		plant(&box, (enum drill_kind)k);
		box_check(&box);
		if (failed(&box, fault->check) <= before)
			fail_msg("%s is not found", fault->name);
		box_close(&box);
	}
}

/* All that can be planted together, until none is left. */
static void
no_machine_blocks_what_is_to_be_seen(void **state)
{
	(void)state;
	for (int l = 0; l < LANGUAGES; l++) {
		bool done[DRILL_KINDS] = {false};
		int left = 1;

		while (left) {
			bool full[DRILL_KINDS] = {false};
			struct box box;

			left = 0;
			box_open(&box, languages[l]);
			for (int k = 0; k < DRILL_KINDS; k++) {
				const struct drill_fault *fault =
				    drill_fault((enum drill_kind)k);

				if (fault->how != DRILL_LOOK || done[k])
					continue;
				if (full[fault->place]) {
					left++;
					continue;
				}
				plant(&box, (enum drill_kind)k);
				done[k] = full[fault->place] = true;
			}
			box_check(&box);
			if (blocked(&box))
				fail_msg("%s fails", blocked(&box));
			box_close(&box);
		}
	}
}

/* What one fault does must not hide another one. */
static void
whole_draws_are_found(void **state)
{
	enum { DRAWS = 6 };

	(void)state;
	for (uint64_t seed = 0; seed < DRAWS; seed++) {
		struct drill_plan plan;
		struct box box;

		drill_draw(seed, &plan);
		box_open(&box, languages[seed % LANGUAGES]);
		for (int i = 0; i < DRILL_PLANTED; i++)
			plant(&box, plan.fault[i]);
		box_check(&box);
		for (int i = 0; i < DRILL_PLANTED; i++) {
			const struct drill_fault *fault =
			    drill_fault(plan.fault[i]);

			assert_int_equal(
			    sandbox_has(box.store, box.db, &box.sandbox,
				plan.fault[i], &box.err),
			    1);
			if (fault->how == DRILL_MACHINE &&
			    !failed(&box, fault->check))
				fail_msg("seed %d: %s is not found", (int)seed,
				    fault->name);
		}
		box_close(&box);
	}
}

/* ---- Without the checks ------------------------------------------------------------ */

/* Every fault in every language: it goes in and can be seen. */
static void
every_fault_can_be_planted(void **state)
{
	(void)state;
	for (int l = 0; l < LANGUAGES; l++) {
		bool done[DRILL_KINDS] = {false};
		int left = 1;

		while (left) {
			bool full[DRILL_KINDS] = {false};
			struct box box;

			left = 0;
			box_open(&box, languages[l]);
			for (int k = 0; k < DRILL_KINDS; k++) {
				int place =
				    drill_fault((enum drill_kind)k)->place;

				if (!done[k] && !full[place]) {
					plant(&box, (enum drill_kind)k);
					done[k] = full[place] = true;
				}
				left += !done[k];
			}
			box_close(&box);
		}
	}
}

static void
save(struct box *box, struct campaign *campaign)
{
	assert_ok(campaign_save(box->store, campaign, &box->err), &box->err);
}

/* A repair by hand is seen: one of each sort of place. */
static void
what_was_repaired_is_gone(void **state)
{
	static const enum drill_kind kinds[] = {DRILL_LIST_COLOR,
	    DRILL_ADDRESS_SLIP, DRILL_CANARY, DRILL_EXPECTED, DRILL_RETURN_PATH,
	    DRILL_UNSUBSCRIBE, DRILL_CUSTOMER, DRILL_FILE_KIND};
	struct campaign campaign = CAMPAIGN_INIT;
	struct attach_row *row = NULL;
	struct canary *canary = NULL;
	size_t count = 0;
	struct box box;

	(void)state;
	box_open(&box, &sandbox_en);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		plant(&box, kinds[i]);
	assert_ok(list_color_set(
		      box.store, box.sandbox.list, CIRCLE_CUSTOMERS, &box.err),
	    &box.err);
	for (int i = 1; i <= 2; i++)
		assert_ok(suppress_add(box.store,
			      i == 1 ? SPAN("customer901@gmial.com")
				     : SPAN("customer902@gmial.com"),
			      (struct list_id){0}, SUPPRESS_HAND, SPAN("drill"),
			      &box.err),
		    &box.err);
	assert_ok(canary_all(box.store, box.db, box.sandbox.list, &canary,
		      &count, &box.err),
	    &box.err);
	for (size_t i = 0; i < count; i++) {
		if (!canary[i].is_member)
			assert_ok(
			    canary_remove(box.store, canary[i].id, &box.err),
			    &box.err);
	}
	free(canary);
	assert_ok(setting_write(
		      box.store, "message.bounce_domain", SPAN(""), &box.err),
	    &box.err);
	assert_ok(
	    attach_all(box.db, box.sandbox.campaign, &row, &count, &box.err),
	    &box.err);
	assert_ok(
	    attach_remove(box.store, box.sandbox.campaign, row[0].id, &box.err),
	    &box.err);
	free(row);
	assert_ok(
	    campaign_read(box.db, box.sandbox.campaign, &campaign, &box.err),
	    &box.err);
	campaign.expected = SANDBOX_RECIPIENTS;
	campaign.class = CLASS_AD;
	buf_clear(&campaign.body);
	buf_text(&campaign.body, "Dear {{name|customer}},\n");
	save(&box, &campaign);
	campaign_done(&campaign);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		int has = sandbox_has(
		    box.store, box.db, &box.sandbox, kinds[i], &box.err);

		if (has != 0)
			fail_msg(
			    "%s is still there", drill_fault(kinds[i])->name);
	}
	box_close(&box);
}

/* ---- The days ------------------------------------------------------------------------ */

static void
texts_hold_on_every_day(void **state)
{
	struct sandbox sandbox = {.words = &sandbox_en};
	struct buf event = BUF_INIT, last = BUF_INIT, wrong = BUF_INIT;

	(void)state;
	/* from 2026-01-01 on */
	for (int i = 0; i < FIVE_YEARS; i++) {
		sandbox.today = 20454 + i;
		buf_clear(&event);
		buf_clear(&last);
		buf_clear(&wrong);
		sandbox_expand(&sandbox, "@E @Y", &event);
		sandbox_expand(&sandbox, "@L @Y", &last);
		sandbox_expand(&sandbox, "@W @Y", &wrong);
		assert_false(span_equal(buf_span(&event), buf_span(&last)));
		assert_false(span_equal(buf_span(&event), buf_span(&wrong)));
		assert_true(
		    span_search(buf_span(&event), SPAN("@")) == event.len);
	}
	buf_clear(&event);
	sandbox.today = 20777; /* 2026-11-20 */
	sandbox_expand(&sandbox, "@S|@O|@Y|@Z|@E|@W|@L|@B|@D|@P|@N", &event);
	assert_span_equal(buf_span(&event),
	    "Winter|Summer|2026|2025|Friday, December 11, 2026|"
	    "Saturday, December 11, 2026|Thursday, December 11, 2025|"
	    "November 29|December 6|November 26|February 30");
	buf_done(&event);
	buf_done(&last);
	buf_done(&wrong);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clean_campaign_could_be_sent),
	    cmocka_unit_test(a_machine_finds_what_it_should),
	    cmocka_unit_test(no_machine_blocks_what_is_to_be_seen),
	    cmocka_unit_test(whole_draws_are_found),
	    cmocka_unit_test(every_fault_can_be_planted),
	    cmocka_unit_test(what_was_repaired_is_gone),
	    cmocka_unit_test(texts_hold_on_every_day),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
