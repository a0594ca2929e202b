/* Who is deleted, leaves the list or has another address after the seal gets
 * nothing; who is back in time is mailed. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "tests/fake/stage.h"

enum { WAIT_MS = 20 * 1000, STEP_MS = 20, STEPS_MAX = 500 };

struct scene {
	struct stage stage;
	struct clearance *clearance; /* given before anything happens */
	struct run *run;
	struct run_progress now;
	struct err err;
};

static int
set_up(void **state)
{
	struct stage_params params = {.recipients = 10,
	    .class = CLASS_AD,
	    .manners = PRACTICE_PLAIN,
	    .sessions = 1,
	    .clock = STAGE_CLOCK_FAKE};
	struct scene *it = mem_new(sizeof *it);

	stage_open(&it->stage, &params);
	stage_seal(&it->stage);
	it->clearance = stage_clearance(&it->stage);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	run_free(&it->run);
	stage_close(&it->stage);
	free(it);
	return 0;
}

static void
start(struct scene *it, int rate_per_s)
{
	struct run_plan plan = {.rate_per_s = rate_per_s};

	assert_ok(run_start(&it->clearance, &it->stage.world, it->stage.store,
		      &plan, &it->run, &it->err),
	    &it->err);
}

/* Until the end or a pause; the clock moves along. */
static void
rest(struct scene *it)
{
	int steps = 0;

	while (!run_wait(it->run, STEP_MS)) {
		assert_true(steps++ < STEPS_MAX);
		fake_clock_move(&it->stage.clock, 1000);
	}
	run_progress(it->run, &it->now);
}

static void
await_first(struct scene *it)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		run_progress(it->run, &it->now);
		if (it->now.count[LEDGER_ACCEPTED])
			return;
		run_wait(it->run, STEP_MS);
	}
	fail_msg("nothing was accepted");
}

/* class is "" for a recipient who was mailed. */
static void
assert_ends(struct scene *it, int64_t seq, const char *class)
{
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(store_reader_open(it->stage.store, &db, &it->err), &it->err);
	stmt = db_stmt(
	    db, "SELECT state, class FROM ledger WHERE seq = ?1", &it->err);
	assert_non_null(stmt);
	stmt_int(stmt, 1, seq);
	assert_int_equal(stmt_step(stmt, &it->err), 1);
	assert_int_equal(
	    stmt_col_int(stmt, 0), *class ? LEDGER_WITHHELD : LEDGER_ACCEPTED);
	assert_span_equal(stmt_col_text(stmt, 1), class);
	stmt_reset(stmt);
	store_reader_close(&db);
}

/* ---- What happens to people ---------------------------------------------------- */

static void
nothing(struct scene *it, struct contact_id who, struct trash_id *trash)
{
	(void)it, (void)who, (void)trash;
}

static void
trash_them(struct scene *it, struct contact_id who, struct trash_id *trash)
{
	assert_ok(contact_delete(it->stage.store, &who, 1, trash, &it->err),
	    &it->err);
}

static void
leave(struct scene *it, struct contact_id who, struct trash_id *trash)
{
	assert_ok(member_remove(it->stage.store, it->stage.list, &who, 1, trash,
		      &it->err),
	    &it->err);
}

static void
restore(struct scene *it, struct trash_id trash)
{
	struct trash_back back;

	assert_ok(
	    trash_restore(it->stage.store, trash, SPAN(""), &back, &it->err),
	    &it->err);
}

static void
delete_and_restore(
    struct scene *it, struct contact_id who, struct trash_id *trash)
{
	trash_them(it, who, trash);
	restore(it, *trash);
}

static void
leave_and_restore(
    struct scene *it, struct contact_id who, struct trash_id *trash)
{
	leave(it, who, trash);
	restore(it, *trash);
}

static void
readdress(struct scene *it, struct contact_id who, const char *address)
{
	struct contact_draft draft;
	struct arena *arena = arena_new();
	struct db *db = NULL;

	assert_ok(store_reader_open(it->stage.store, &db, &it->err), &it->err);
	assert_ok(contact_read(db, who, arena, &draft, &it->err), &it->err);
	store_reader_close(&db);
	draft.address = span_of(address);
	assert_ok(contact_save(it->stage.store, &draft, &it->err), &it->err);
	arena_free(&arena);
}

static void
move(struct scene *it, struct contact_id who, struct trash_id *trash)
{
	(void)trash;
	readdress(it, who, "elsewhere@example.jp");
}

static void
move_and_return(struct scene *it, struct contact_id who, struct trash_id *trash)
{
	(void)trash;
	readdress(it, who, "for-a-while@example.jp");
	fake_clock_move(&it->stage.clock, 1000);
	readdress(it, who, "user00007@example.jp");
}

static void
merge_into_the_first(
    struct scene *it, struct contact_id who, struct trash_id *trash)
{
	struct merge merge = {0};
	struct db *db = NULL;

	assert_ok(store_reader_open(it->stage.store, &db, &it->err), &it->err);
	assert_ok(merge_open(db, (struct contact_id){1}, who, &merge, &it->err),
	    &it->err);
	store_reader_close(&db);
	assert_ok(
	    merge_commit(it->stage.store, &merge, trash, &it->err), &it->err);
	merge_done(&merge);
}

/* The address is on the list again, but it is somebody else's. */
static void
give_the_address_away(
    struct scene *it, struct contact_id who, struct trash_id *trash)
{
	struct contact_draft draft = {
	    .address = SPAN("user00009@example.jp"), .name = SPAN("Mallory")};
	struct contact_ground ground = {
	    .basis = BASIS_CONSENT, .at_ms = 1, .note = SPAN("by telephone")};
	struct contact_id fresh;

	trash_them(it, who, trash);
	assert_ok(contact_create(it->stage.store, it->stage.list, &draft,
		      &ground, &fresh, &it->err),
	    &it->err);
	assert_int_not_equal(fresh.v, who.v);
}

#define GONE "deliver.withheld_gone"
#define LEFT "deliver.withheld_left"

/* The recipient of each row has the number of its contact. */
static const struct {
	void (*what)(
	    struct scene *it, struct contact_id who, struct trash_id *trash);
	const char *class; /* "": mailed */
} fates[] = {
    {nothing, ""},
    {trash_them, GONE},
    {leave, LEFT},
    {delete_and_restore, ""},
    {leave_and_restore, ""},
    {move, GONE},
    {move_and_return, ""},
    {merge_into_the_first, GONE},
    {give_the_address_away, GONE},
    {nothing, ""},
};

enum { FATES = sizeof fates / sizeof *fates };

static void
only_who_still_stands_is_mailed(void **state)
{
	struct scene *it = *state;
	struct trash_id trash;
	int withheld = 0;

	for (int i = 0; i < FATES; i++) {
		fates[i].what(it, (struct contact_id){i + 1}, &trash);
		withheld += *fates[i].class != '\0';
	}
	start(it, 0);
	rest(it);
	assert_int_equal(it->now.state, RUN_DONE);
	for (int i = 0; i < FATES; i++)
		assert_ends(it, i + 1, fates[i].class);
	assert_int_equal(it->now.count[LEDGER_WITHHELD], withheld);
	assert_int_equal(practice_count(it->stage.practice).accepted,
	    (unsigned)(FATES - withheld));
	/* nobody has touched a message: that is no alarm */
	assert_int_equal(it->now.changed, 0);
}

static void
who_is_deleted_during_a_run_gets_nothing(void **state)
{
	struct scene *it = *state;
	struct trash_id trash;

	start(it, 1);
	await_first(it);
	assert_true(it->now.count[LEDGER_ACCEPTED] < 8);
	trash_them(it, (struct contact_id){9}, &trash);
	leave(it, (struct contact_id){10}, &trash);
	rest(it);
	assert_int_equal(it->now.state, RUN_DONE);
	assert_ends(it, 8, "");
	assert_ends(it, 9, GONE);
	assert_ends(it, 10, LEFT);
	assert_int_equal(practice_count(it->stage.practice).accepted, 8);
}

/* Whoever deletes a list decides about everybody: nobody is mailed, and nobody
 * is withheld for good. */
static void
a_deleted_list_pauses_until_it_is_back(void **state)
{
	struct scene *it = *state;
	struct trash_id trash;

	start(it, 1);
	await_first(it);
	assert_ok(
	    list_delete(it->stage.store, it->stage.list, &trash, &it->err),
	    &it->err);
	rest(it);
	assert_int_equal(it->now.state, RUN_PAUSED);
	assert_int_equal(it->now.why.code, E_RUN_LIST);
	assert_int_equal(it->now.count[LEDGER_WITHHELD], 0);
	assert_true(it->now.count[LEDGER_PLANNED] > 0);
	restore(it, trash);
	assert_ok(run_resume(it->run, &it->err), &it->err);
	rest(it);
	assert_int_equal(it->now.state, RUN_DONE);
	assert_int_equal(it->now.count[LEDGER_ACCEPTED], 10);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(only_who_still_stands_is_mailed),
	    TEST(who_is_deleted_during_a_run_gets_nothing),
	    TEST(a_deleted_list_pauses_until_it_is_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
