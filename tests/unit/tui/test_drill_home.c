/* A drill's result on its way home, and the end of a drill that was sent. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"
#include "tui/drill.h"

/* ---- Coming home ------------------------------------------------------------------ */

static void
result_of(uint64_t seed, struct buf *out)
{
	struct drill_marks marks = {.count = 0};
	struct drill_plan plan;
	struct drill_deed deed = {.plan = &plan, .marks = &marks, .seconds = 9};
	struct drill_result result;

	drill_draw(seed, &plan);
	drill_evaluate(&deed, &result);
	drill_result_write(&result, out);
}

/* What comes of a file with this text. */
static int
fetch(struct span text, struct drill_result *out, struct err *err)
{
	char *dir = tempdir_new();
	struct buf path = BUF_INIT;
	int fd, rc;

	buf_printf(&path, "%s/result", dir);
	assert_ok(file_replace(path.ptr, text, 0600, err), err);
	fd = open(path.ptr, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	rc = drill_result_fetch(fd, out, err);
	close(fd);
	buf_done(&path);
	tempdir_remove(&dir);
	return rc;
}

static void
a_result_comes_home(void **state)
{
	struct drill_result result;
	struct err err = {.code = E_NONE};
	struct buf text = BUF_INIT;

	(void)state;
	result_of(77, &text);
	assert_int_equal(fetch(buf_span(&text), &result, &err), 1);
	assert_int_equal(result.seed, 77);
	assert_int_equal(result.seconds, 9);
	/* nothing was written: there was nothing to judge */
	assert_int_equal(fetch(SPAN(""), &result, &err), 0);
	buf_done(&text);
}

static void
what_no_drill_would_say_is_refused(void **state)
{
	struct drill_result result;
	struct err err = {.code = E_NONE};
	struct buf text = BUF_INIT, other = BUF_INIT;
	struct span rest;

	(void)state;
	/* the faults of one seed under the name of another */
	result_of(77, &text);
	result_of(78, &other);
	rest = buf_span(&text);
	span_cut(&rest, '\n');
	span_cut(&rest, '\n');
	other.len = span_search(buf_span(&other), SPAN("ended "));
	buf_add(&other, rest);
	assert_int_equal(fetch(buf_span(&other), &result, &err), -1);
	assert_int_equal(err.code, E_DRILL_RESULT);
	/* more than there can be */
	while (text.len < 4 * DRILL_TEXT_MAX)
		buf_text(&text, "alarm phone text\n");
	assert_int_equal(fetch(buf_span(&text), &result, &err), -1);
	assert_int_equal(err.code, E_DRILL_RESULT);
	buf_done(&text);
	buf_done(&other);
}

/* ---- The end ------------------------------------------------------------------------ */

static int
first_is_gone(struct store *store, const struct drill *drill,
    bool repaired[DRILL_PLANTED], struct err *err)
{
	(void)store;
	(void)drill;
	(void)err;
	repaired[0] = true;
	return 0;
}

static void
a_sent_drill_says_to_how_many(void **state)
{
	struct stage_params params = {.recipients = 7, .discard = 1};
	struct drill drill = {.repaired = first_is_gone};
	struct run_plan plan = {.sessions = 2};
	struct clearance *clearance;
	struct session session = {.drill = &drill.seat};
	struct err err = {.code = E_NONE};
	struct stage stage;

	(void)state;
	stage_open(&stage, &params);
	stage_seal(&stage);
	drill_draw(4, &drill.plan);
	drill.campaign = stage.campaign;
	drill.began_ms = clock_steady_ms(stage.world.clock);
	session.store = stage.store;
	session.world = &stage.world;
	assert_false(drill_is_delivered(&session));
	clearance = stage_clearance(&stage);
	assert_ok(run_start(&clearance, &stage.world, stage.store, &plan,
		      &session.run, &err),
	    &err);
	session.running = stage.campaign;
	assert_int_equal(run_wait(session.run, 60 * 1000), 1);
	assert_true(drill_is_delivered(&session));
	assert_ok(drill_end(&session, DRILL_SENT, &err), &err);
	assert_true(drill.is_over);
	assert_int_equal(drill.result.sent, 7);
	assert_int_equal(drill.result.end, DRILL_SENT);
	assert_int_equal(drill.result.found, 1);
	assert_int_equal(drill.result.fault[0].came, DRILL_REPAIRED);
	/* what is over stays as it was */
	drill_mark(
	    &drill.marks, drill.plan.fault[1], DRILL_AT_TEXT, SPAN(""), NULL);
	assert_ok(drill_end(&session, DRILL_LEFT, &err), &err);
	assert_int_equal(drill.result.found, 1);
	assert_int_equal(drill.result.end, DRILL_SENT);
	run_free(&session.run);
	stage_close(&stage);
}

static void
what_was_not_sent_is_not_called_so(void **state)
{
	struct stage_params params = {.recipients = 2, .discard = 1};
	struct drill drill = {.repaired = first_is_gone};
	struct session session = {.drill = &drill.seat};
	struct err err = {.code = E_NONE};
	struct stage stage;

	(void)state;
	stage_open(&stage, &params);
	drill_draw(4, &drill.plan);
	drill.campaign = stage.campaign;
	session.store = stage.store;
	session.world = &stage.world;
	assert_ok(drill_end(&session, DRILL_SENT, &err), &err);
	assert_int_equal(drill.result.end, DRILL_STOPPED);
	assert_int_equal(drill.result.sent, 0);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_result_comes_home),
	    cmocka_unit_test(what_no_drill_would_say_is_refused),
	    cmocka_unit_test(a_sent_drill_says_to_how_many),
	    cmocka_unit_test(what_was_not_sent_is_not_called_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
