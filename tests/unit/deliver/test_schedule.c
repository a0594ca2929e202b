/* An armed start happens once, in time, on the host where it was armed, and for
 * what was sealed then; everything else is written down and sends nothing. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "tests/fake/sending.h"
#include "tests/fake/tempstore.h"

enum { PEOPLE = 20, MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

struct scene {
	struct sending base;
	char *root; /* where facts of the host are read */
	int64_t at_ms;
};

static void
put(struct scene *it, const char *path, const char *text)
{
	struct buf full = BUF_INIT;
	struct err err = {0};
	char *slash;

	buf_printf(&full, "%s/%s", it->root, path);
	slash = strrchr(full.ptr, '/');
	*slash = '\0';
	assert_ok(file_mkdirs(full.ptr, 0700, &err), &err);
	*slash = '/';
	assert_ok(file_replace(full.ptr, span_of(text), 0600, &err), &err);
	buf_done(&full);
}

static int
set_up(void **state)
{
	struct scene *it = mem_new(sizeof *it);

	sending_open(&it->base, PRACTICE_PLAIN);
	it->root = tempdir_new();
	put(it, "etc/machine-id", "0123456789abcdef\n");
	put(it, "proc/sys/kernel/hostname", "mail\n");
	put(it, "proc/sys/kernel/random/boot_id", "b1\n");
	it->base.world.host_root = it->root;
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	sending_close(&it->base);
	tempdir_remove(&it->root);
	free(it);
	return 0;
}

/* Seals for in_ms from now; until_ms 0: the author says nothing. */
static void
seal(struct scene *it, int64_t in_ms, int64_t until_ms)
{
	struct sealed_plan plan = sending_plan(&it->base, PEOPLE, CLASS_TX);

	it->at_ms = it->base.clock.now + in_ms;
	plan.send_at_ms = it->at_ms;
	plan.send_until_ms = until_ms ? it->at_ms + until_ms : 0;
	sending_seal(&it->base, &plan);
}

static void
arm(struct scene *it)
{
	struct err err = {0};

	assert_ok(
	    schedule_arm(it->base.store, &it->base.world, it->base.id, &err),
	    &err);
}

static enum err_code
fire(struct scene *it, struct err *err)
{
	*err = (struct err){.code = E_NONE};
	if (schedule_fire(it->base.store, &it->base.world, it->base.id,
		&it->base.run, err) == 0)
		return E_NONE;
	assert_null(it->base.run);
	return err->code;
}

static struct schedule
row(struct scene *it)
{
	struct schedule out;
	struct err err = {0};

	assert_int_equal(
	    schedule_read(it->base.db, it->base.id, &out, &err), 1);
	return out;
}

static enum campaign_state
state_of(struct scene *it)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct err err = {0};
	enum campaign_state state;

	assert_ok(
	    campaign_read(it->base.db, it->base.id, &campaign, &err), &err);
	state = campaign.state;
	campaign_done(&campaign);
	return state;
}

/* Nothing was sent, and it never will be by itself. */
static void
assert_refused(struct scene *it, enum schedule_state state, const char *why)
{
	struct schedule now = row(it);
	struct err err;

	assert_int_equal(now.state, state);
	assert_string_equal(now.why, why);
	assert_int_equal(state_of(it), CAMPAIGN_SEALED);
	assert_int_equal(practice_count(it->base.practice).accepted, 0);
	assert_int_equal(fire(it, &err), E_SCHEDULE_MISSING);
}

/* ---- What works ----------------------------------------------------------------- */

static void
it_starts_when_it_is_due(void **state)
{
	struct scene *it = *state;
	struct campaign_id due = {0};
	int64_t next_ms;
	struct err err = {0};

	seal(it, 10 * MINUTE, 0);
	arm(it);
	assert_int_equal(row(it).state, SCHEDULE_WAITS);
	assert_int_equal(row(it).until_ms, it->at_ms + HOUR);
	assert_int_equal(sending_logged(&it->base, "schedule.arm"), 1);
	assert_ok(schedule_next_ms(it->base.db, &next_ms, &err), &err);
	assert_int_equal(next_ms, it->at_ms);
	assert_int_equal(
	    schedule_due(it->base.db, it->at_ms - 1, &due, &err), 0);
	assert_int_equal(fire(it, &err), E_SCHEDULE_TIME);
	assert_int_equal(row(it).state, SCHEDULE_WAITS);

	fake_clock_move(&it->base.clock, 10 * MINUTE);
	assert_int_equal(schedule_due(it->base.db, it->at_ms, &due, &err), 1);
	assert_int_equal(due.v, it->base.id.v);
	assert_int_equal(fire(it, &err), E_NONE);
	assert_int_equal(run_wait(it->base.run, 60000), 1);
	run_free(&it->base.run);
	assert_int_equal(practice_count(it->base.practice).accepted, PEOPLE);
	assert_int_equal(row(it).state, SCHEDULE_STARTED);
	assert_int_equal(sending_logged(&it->base, "schedule.start"), 1);
	/* once */
	assert_int_equal(fire(it, &err), E_SCHEDULE_MISSING);
	assert_int_equal(practice_count(it->base.practice).accepted, PEOPLE);
}

static void
disarmed(void **state)
{
	struct scene *it = *state;
	struct err err = {0};

	seal(it, MINUTE, 0);
	assert_int_equal(
	    schedule_disarm(it->base.store, it->base.id, &err), -1);
	assert_int_equal(err.code, E_SCHEDULE_MISSING);
	arm(it);
	assert_ok(schedule_disarm(it->base.store, it->base.id, &err), &err);
	fake_clock_move(&it->base.clock, 2 * MINUTE);
	assert_int_equal(fire(it, &err), E_SCHEDULE_MISSING);
	assert_int_equal(sending_logged(&it->base, "schedule.disarm"), 1);
	assert_int_equal(state_of(it), CAMPAIGN_SEALED);
}

/* ---- Times ----------------------------------------------------------------------- */

static void
what_can_be_armed(void **state)
{
	struct scene *it = *state;
	struct err err = {0};

	seal(it, MINUTE, 5 * MINUTE);
	fake_clock_move(&it->base.clock, 7 * MINUTE);
	assert_int_equal(
	    schedule_arm(it->base.store, &it->base.world, it->base.id, &err),
	    -1);
	assert_int_equal(err.code, E_SCHEDULE_TIME);
	assert_string_equal(err_find(&err, "what"), "late");
}

static void
a_late_host_does_not_start(void **state)
{
	struct scene *it = *state;
	struct err err;

	seal(it, MINUTE, 5 * MINUTE);
	arm(it);
	fake_clock_move(&it->base.clock, 6 * MINUTE + 1);
	assert_int_equal(fire(it, &err), E_SCHEDULE_TIME);
	assert_refused(it, SCHEDULE_EXPIRED, "deliver.schedule_time");
	assert_int_equal(sending_logged(&it->base, "schedule.expire"), 1);
}

/* Not by hand either: the hours are sealed. */
static void
no_run_outside_its_time(void **state)
{
	static const struct {
		int64_t move_ms;
		const char *what;
	} cases[] = {{0, "early"}, {12 * MINUTE, "late"}};
	struct scene *it = *state;

	seal(it, 5 * MINUTE, 6 * MINUTE);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct clearance *clearance;
		struct err err = {0};

		fake_clock_move(&it->base.clock, cases[i].move_ms);
		clearance = sealed_clearance(
		    it->base.store, &it->base.world, it->base.id);
		assert_int_equal(run_start(&clearance, &it->base.world,
				     it->base.store, NULL, &it->base.run, &err),
		    -1);
		assert_int_equal(err.code, E_SCHEDULE_TIME);
		assert_string_equal(err_find(&err, "what"), cases[i].what);
	}
	assert_int_equal(state_of(it), CAMPAIGN_SEALED);
}

/* Somebody sets the clock on: the time has not come, whatever it shows. */
static void
a_clock_that_was_set(void **state)
{
	struct scene *it = *state;
	struct err err;

	seal(it, 10 * MINUTE, 0);
	arm(it);
	it->base.clock.now += 3 * MINUTE;
	fake_clock_move(&it->base.clock, 7 * MINUTE);
	assert_int_equal(fire(it, &err), E_SCHEDULE_CLOCK);
	assert_string_equal(err_find(&err, "seconds"), "180");
	assert_refused(it, SCHEDULE_REFUSED, "deliver.schedule_clock");
}

static void
a_clock_that_was_set_back(void **state)
{
	struct scene *it = *state;
	struct err err;

	seal(it, 4 * MINUTE, 0);
	arm(it);
	fake_clock_move(&it->base.clock, 4 * MINUTE);
	it->base.clock.now -= 3 * MINUTE;
	assert_int_equal(fire(it, &err), E_SCHEDULE_TIME);
	assert_int_equal(row(it).state, SCHEDULE_WAITS);
	fake_clock_move(&it->base.clock, 3 * MINUTE);
	assert_int_equal(fire(it, &err), E_SCHEDULE_CLOCK);
	assert_refused(it, SCHEDULE_REFUSED, "deliver.schedule_clock");
}

/* What a time server does every day is no jump. */
static void
a_clock_that_is_corrected(void **state)
{
	struct scene *it = *state;
	struct err err;

	seal(it, 10 * MINUTE, 0);
	arm(it);
	it->base.clock.now -= MINUTE;
	fake_clock_move(&it->base.clock, 11 * MINUTE);
	assert_int_equal(fire(it, &err), E_NONE);
}

/* ---- Hosts ------------------------------------------------------------------------ */

static void
another_host_does_not_start(void **state)
{
	static const struct {
		const char *path, *text, *what;
	} changes[] = {
	    {"etc/machine-id", "ffffffffffffffff\n", "machine"},
	    {"proc/sys/kernel/hostname", "clone\n", "name"},
	    {"proc/sys/kernel/random/boot_id", "b2\n", "boot"},
	};
	struct scene *it = *state;

	seal(it, MINUTE, 0);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct err err;

		arm(it);
		put(it, changes[i].path, changes[i].text);
		if (i == 0)
			fake_clock_move(&it->base.clock, MINUTE);
		assert_int_equal(fire(it, &err), E_SCHEDULE_HOST);
		assert_string_equal(err_find(&err, "what"), changes[i].what);
		assert_refused(it, SCHEDULE_REFUSED, "deliver.schedule_host");
	}
	assert_int_equal(sending_logged(&it->base, "schedule.refuse"), 3);
}

static void
a_reboot_may_be_allowed(void **state)
{
	struct scene *it = *state;
	struct err err = {0};

	assert_ok(setting_write(
		      it->base.store, "schedule.reboot", SPAN("go-on"), &err),
	    &err);
	seal(it, 10 * MINUTE, 0);
	arm(it);
	put(it, "proc/sys/kernel/random/boot_id", "b2\n");
	it->base.clock.steady = 5;
	fake_clock_move(&it->base.clock, 10 * MINUTE);
	assert_int_equal(fire(it, &err), E_NONE);
}

static void
token_path(struct scene *it, struct buf *out)
{
	buf_printf(out, "%s/armed-%lld", store_dir(it->base.store),
	    (long long)it->base.id.v);
}

/* The folder came out of a backup: the bytes are the same. */
static void
a_backup_does_not_start(void **state)
{
	struct scene *it = *state;
	struct buf path = BUF_INIT, bytes = BUF_INIT;
	struct err err = {0};

	seal(it, MINUTE, 0);
	arm(it);
	token_path(it, &path);
	assert_ok(file_read(path.ptr, 100, &bytes, &err), &err);
	assert_ok(file_replace(path.ptr, buf_span(&bytes), 0600, &err), &err);
	fake_clock_move(&it->base.clock, MINUTE);
	assert_int_equal(fire(it, &err), E_SCHEDULE_HOST);
	assert_string_equal(err_find(&err, "what"), "token");
	assert_refused(it, SCHEDULE_REFUSED, "deliver.schedule_host");
	buf_done(&bytes);
	buf_done(&path);
}

static void
the_token_is_used_up(void **state)
{
	struct scene *it = *state;
	struct buf path = BUF_INIT;
	struct err err = {0};

	seal(it, MINUTE, 0);
	arm(it);
	token_path(it, &path);
	assert_int_equal(access(path.ptr, F_OK), 0);
	fake_clock_move(&it->base.clock, MINUTE);
	assert_int_equal(fire(it, &err), E_NONE);
	assert_int_equal(access(path.ptr, F_OK), -1);
	buf_done(&path);
}

/* ---- The row ------------------------------------------------------------------------ */

static void
sql(struct scene *it, const char *text)
{
	struct err err = {0};
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(
	    store_begin(it->base.store, STORE_WAIT_LONG, "test", &db, &err),
	    &err);
	stmt = db_stmt(db, text, &err);
	assert_non_null(stmt);
	assert_ok(stmt_run(stmt, &err), &err);
	assert_ok(store_commit(it->base.store, &db, &err), &err);
}

static void
edited_rows_do_not_start(void **state)
{
	static const char *const edits[] = {
	    "UPDATE armed SET at_ms = at_ms - 1000",
	    "UPDATE armed SET until_ms = until_ms + 1000",
	    "UPDATE armed SET steady_ms = steady_ms - 1",
	    "UPDATE armed SET by = 'somebody'",
	    "UPDATE armed SET nonce = zeroblob(16)",
	    "UPDATE armed SET digest = zeroblob(32)",
	    "UPDATE armed SET host = replace(host, 'boot=', 'boot=0')",
	    "UPDATE armed SET mac = zeroblob(32)",
	};
	struct scene *it = *state;

	seal(it, MINUTE, 0);
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		struct err err;

		arm(it);
		sql(it, edits[i]);
		if (i == 0)
			fake_clock_move(&it->base.clock, MINUTE);
		assert_int_equal(fire(it, &err), E_SCHEDULE_SEAL);
		assert_refused(it, SCHEDULE_REFUSED, "deliver.schedule_seal");
	}
	/* and one that has started does not wait again */
	sql(it, "UPDATE armed SET state = 0");
	assert_int_equal(fire(it, &(struct err){0}), E_SCHEDULE_SEAL);
}

/* The gate says no: used up, sealed as before, and told. */
static void
the_gate_has_the_last_word(void **state)
{
	struct scene *it = *state;
	struct schedule *all;
	size_t count;
	struct err err = {0};

	seal(it, MINUTE, 0);
	arm(it);
	assert_ok(setting_write(it->base.store, "sender.name",
		      SPAN("Somebody else"), &err),
	    &err);
	fake_clock_move(&it->base.clock, MINUTE);
	assert_int_equal(fire(it, &err), E_REVIEW_SEAL);
	assert_refused(it, SCHEDULE_REFUSED, "review.seal");
	assert_ok(schedule_all(it->base.db, &all, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(all[0].state, SCHEDULE_REFUSED);
	free(all);
}

int
main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(it_starts_when_it_is_due),
	    T(disarmed),
	    T(what_can_be_armed),
	    T(a_late_host_does_not_start),
	    T(no_run_outside_its_time),
	    T(a_clock_that_was_set),
	    T(a_clock_that_was_set_back),
	    T(a_clock_that_is_corrected),
	    T(another_host_does_not_start),
	    T(a_reboot_may_be_allowed),
	    T(a_backup_does_not_start),
	    T(the_token_is_used_up),
	    T(edited_rows_do_not_start),
	    T(the_gate_has_the_last_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
