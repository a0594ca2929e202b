/* The app without a terminal: the stack, keys and reasons, jobs that end, are
 * cancelled or orphaned, timers, messages, questions. */
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "core/base/mem.h"
#include "tests/fake/golden.h"
#include "tui/widgets/dialog.h"

struct probe {
	struct screen base;
	int acts, ticks, wake_ms, done, shown, answer;
	int rc;
	enum err_code code;
	const char *why;
	bool stays;
	struct job *job; /* cancelled when the screen is closed */
	char typed[64];
};

static int closed;

static void
draw(struct screen *screen, struct area body)
{
	(void)screen;
	draw_str(body, 0, 0, ROLE_TEXT, "probe");
}

static enum used
act(struct screen *screen, enum action action)
{
	struct probe *self = (struct probe *)screen;

	if (action != ACT_RUN)
		return UNUSED;
	self->acts++;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	return action == ACT_RUN ? ((struct probe *)screen)->why : NULL;
}

static void
tick(struct screen *screen)
{
	((struct probe *)screen)->ticks++;
}

static int
tick_ms(struct screen *screen)
{
	return ((struct probe *)screen)->wake_ms;
}

static void
shown(struct screen *screen)
{
	((struct probe *)screen)->shown++;
}

static bool
may_leave(struct screen *screen)
{
	return !((struct probe *)screen)->stays;
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct probe *self = (struct probe *)screen;

	assert_non_null(job);
	assert_non_null(data);
	self->done++;
	self->rc = rc;
	self->code = err->code;
}

static atomic_int ended; /* jobs */
static int ended_at_close;

static void
close_probe(struct screen *screen)
{
	struct probe *self = (struct probe *)screen;

	closed++;
	ended_at_close = atomic_load(&ended);
	if (self->job)
		job_cancel(self->job);
	free(screen);
}

/* Named "help" so that ACT_RUN and its Enter belong to it. */
static const struct screen_ops probe_ops = {
    .name = "help",
    .draw = draw,
    .act = act,
    .why_not = why_not,
    .tick = tick,
    .tick_ms = tick_ms,
    .shown = shown,
    .may_leave = may_leave,
    .job_done = job_done,
    .close = close_probe,
};

static struct probe *
push(struct golden *golden)
{
	struct probe *probe = mem_new(sizeof *probe);

	probe->base.ops = &probe_ops;
	app_push(golden->app, &probe->base);
	return probe;
}

static int locks;

static void
lock(struct app *app)
{
	(void)app;
	locks++;
}

static const struct app_hooks hooks = {.lock = lock};

static int
start(void **state)
{
	static struct golden golden;

	closed = locks = 0;
	golden = (struct golden){.params = {.hooks = &hooks}};
	golden_start(&golden);
	*state = &golden;
	return 0;
}

static int
end(void **state)
{
	golden_end(*state);
	return 0;
}

/* ---- Stack and keys ------------------------------------------------------- */

static void
back_goes_down_to_the_end(void **state)
{
	struct golden *golden = *state;
	struct probe *low = push(golden);
	int status = 7;

	push(golden);
	golden_keys(golden, "q");
	assert_int_equal(closed, 1);
	assert_ptr_equal(app_top(golden->app), &low->base);
	assert_int_equal(low->shown, 2);
	low->stays = true;
	golden_keys(golden, "Esc");
	assert_false(app_has_ended(golden->app, &status));
	low->stays = false;
	golden_keys(golden, "q");
	assert_true(app_has_ended(golden->app, &status));
	assert_int_equal(status, 0);
}

static void
popping_takes_all_above(void **state)
{
	struct golden *golden = *state;
	struct probe *low = push(golden), *middle = push(golden);

	push(golden);
	app_pop(golden->app, &middle->base);
	assert_int_equal(closed, 0); /* the event is not over */
	assert_ptr_equal(app_top(golden->app), &low->base);
	golden_keys(golden, "x"); /* opens the menu over it */
	assert_int_equal(closed, 2);
}

static void
refused_actions_say_why(void **state)
{
	struct golden *golden = *state;
	struct probe *probe = push(golden);

	golden_keys(golden, "Enter");
	assert_int_equal(probe->acts, 1);
	probe->why = "Not before the checks are done.";
	golden_keys(golden, "Enter");
	assert_int_equal(probe->acts, 1);
	assert_true(golden_shows(golden, "! Not before the checks are done."));
	app_act(golden->app, ACT_CLOSE); /* another screen's */
	assert_true(golden_shows(golden, "! This screen cannot do that."));
}

/* Somebody moves on at once: what was said does not stay until another key. */
static void
an_early_key_hushes_when_its_time_has_come(void **state)
{
	struct golden *golden = *state;
	struct key key = {.code = K_DOWN};

	push(golden);
	app_say(golden->app, SAY_OK, "Saved.");
	assert_int_equal(app_next_ms(golden->app), -1);
	fake_clock_move(&golden->clock, 500);
	app_key(golden->app, &key);
	assert_true(golden_shows(golden, "Saved."));
	assert_int_equal(app_next_ms(golden->app), 1500);
	fake_clock_move(&golden->clock, 1500);
	app_timers(golden->app);
	assert_false(golden_shows(golden, "Saved."));
	assert_int_equal(app_next_ms(golden->app), -1);
}

static void
messages_are_hushed_by_later_keys(void **state)
{
	struct golden *golden = *state;

	push(golden);
	app_say(golden->app, SAY_OK, "Saved\x1b[2J.");
	assert_true(golden_shows(golden, "+ Saved^[[2J."));
	golden_keys(golden, "F5 F5");
	assert_false(golden_shows(golden, "Saved"));
	assert_string_equal(app_message(golden->app, 0)->text, "Saved^[[2J.");
	for (int i = 0; i < APP_MESSAGES_MAX + 5; i++)
		app_sayf(golden->app, SAY_INFO, "%d", i);
	assert_string_equal(app_message(golden->app, 0)->text, "204");
	assert_non_null(app_message(golden->app, APP_MESSAGES_MAX - 1));
	assert_null(app_message(golden->app, APP_MESSAGES_MAX));
}

/* ---- Timers --------------------------------------------------------------- */

static void
quiet_screens_wake_nobody(void **state)
{
	struct golden *golden = *state;
	struct probe *probe = push(golden);

	assert_int_equal(app_next_ms(golden->app), -1);
	probe->wake_ms = 500;
	golden_keys(golden, "F5");
	assert_int_equal(app_next_ms(golden->app), 500);
	fake_clock_move(&golden->clock, 300);
	assert_int_equal(app_next_ms(golden->app), 200);
	app_timers(golden->app);
	assert_int_equal(probe->ticks, 0);
	fake_clock_move(&golden->clock, 200);
	app_timers(golden->app);
	assert_int_equal(probe->ticks, 1);
	assert_int_equal(app_next_ms(golden->app), 500);
}

static void
idleness_locks(void **state)
{
	struct golden *golden = *state;

	push(golden);
	app_set_idle_lock(golden->app, 300000);
	assert_int_equal(app_next_ms(golden->app), 300000);
	fake_clock_move(&golden->clock, 299999);
	app_timers(golden->app);
	assert_int_equal(locks, 0);
	fake_clock_move(&golden->clock, 1);
	app_timers(golden->app);
	assert_int_equal(locks, 1);
	app_terminal_lost(golden->app);
	assert_int_equal(locks, 2);
}

/* ---- Jobs ----------------------------------------------------------------- */

struct work {
	bool fails, waits;
	atomic_bool *started;
};

static atomic_int freed;

static int
run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;

	job_progress(job, 5, 10);
	if (work->started)
		atomic_store(work->started, true);
	while (work->waits && !job_is_cancelled(job))
		job_wake(job);
	atomic_fetch_add(&ended, 1);
	if (work->waits)
		return err_set(err, E_CANCELLED);
	return work->fails ? err_set(err, E_DISK_FULL) : 0;
}

static void
free_work(void *data)
{
	atomic_fetch_add(&freed, 1);
	free(data);
}

static const struct job_ops work_ops = {.run = run, .free = free_work};

static struct job *
job(struct golden *golden, struct probe *owner, struct work plan)
{
	struct work *work = mem_new(sizeof *work);
	struct err err = {.code = E_NONE};
	struct job *out = NULL;

	*work = plan;
	assert_ok(
	    app_job(golden->app, &owner->base, &work_ops, work, &out, &err),
	    &err);
	return out;
}

static void
jobs_tell_their_end(void **state)
{
	struct golden *golden = *state;
	struct probe *probe = push(golden);

	atomic_store(&freed, 0);
	job(golden, probe, (struct work){.fails = false});
	assert_true(app_is_busy(golden->app));
	golden_settle(golden);
	assert_int_equal(probe->done, 1);
	assert_int_equal(probe->rc, 0);
	job(golden, probe, (struct work){.fails = true});
	golden_settle(golden);
	assert_int_equal(probe->done, 2);
	assert_int_equal(probe->rc, -1);
	assert_int_equal(probe->code, E_DISK_FULL);
	assert_int_equal(atomic_load(&freed), 2);
	assert_false(app_has_job(golden->app, &probe->base));
}

static void
jobs_can_be_cancelled(void **state)
{
	struct golden *golden = *state;
	struct probe *probe = push(golden);
	struct job *running = job(golden, probe, (struct work){.waits = true});
	int64_t done, total;

	assert_true(app_has_job(golden->app, &probe->base));
	job_cancel(running);
	golden_settle(golden);
	assert_int_equal(probe->code, E_CANCELLED);
	running = job(golden, probe, (struct work){.waits = true});
	do {
		job_progress_read(running, &done, &total);
	} while (total == 0);
	assert_int_equal(done, 5);
	assert_int_equal(total, 10);
	job_cancel(running);
	golden_settle(golden);
}

static void
closing_a_screen_orphans_its_jobs(void **state)
{
	struct golden *golden = *state;
	struct probe *low = push(golden), *probe = push(golden);

	atomic_store(&freed, 0);
	atomic_store(&ended, 0);
	job(golden, probe, (struct work){.waits = true});
	golden_keys(golden, "q"); /* cancels it, waits for its end */
	assert_int_equal(closed, 1);
	assert_int_equal(atomic_load(&freed), 1);
	assert_int_equal(low->done, 0);
	/* the end of the app does not leave one behind either */
	low->job = job(golden, low, (struct work){.waits = true});
	golden_end(golden);
	assert_int_equal(atomic_load(&freed), 2);
	/* what the screen owned was there for the job until its end, and the
	 * job for the screen */
	assert_int_equal(ended_at_close, 2);
	golden_start(golden);
}

/* ---- Questions ------------------------------------------------------------ */

static void
answered(struct screen *owner, int answer, struct span text)
{
	struct probe *self = (struct probe *)owner;

	self->answer = answer;
	if (text.len > 0 && text.len < sizeof self->typed)
		memcpy(self->typed, text.ptr, text.len);
}

static void
send(struct golden *golden, uint32_t cp, int64_t after_ms)
{
	struct key key = key_of_input(cp);

	fake_clock_move(&golden->clock, after_ms);
	app_key(golden->app, &key);
}

static void
new_questions_are_deaf(void **state)
{
	struct golden *golden = *state;
	const struct dialog dialog = {"Title", "Text", answered};
	struct probe *probe = push(golden);

	probe->answer = -1;
	dialog_confirm(&probe->base, &dialog, "Do it");
	send(golden, 'y', 0);
	send(golden, 'y', 200);
	send(golden, 0x1b, 100); /* too early to cancel, too */
	assert_int_equal(probe->answer, -1);
	send(golden, 'y', 150);
	assert_int_equal(probe->answer, 1);
}

static void
held_keys_never_answer(void **state)
{
	struct golden *golden = *state;
	const struct dialog dialog = {"Title", "Text", answered};
	struct probe *probe = push(golden);

	probe->answer = -1;
	dialog_confirm(&probe->base, &dialog, "Do it");
	for (int i = 0; i < 100; i++)
		send(golden, 'y', 30);
	assert_int_equal(probe->answer, -1);
	send(golden, 'y', 100);
	assert_int_equal(probe->answer, 1);
}

static void
other_questions(void **state)
{
	static const struct dialog_choice choices[] = {
	    {'k', "Keep"}, {'n', "Nothing"}};
	static const char *const items[] = {"red", "green", "blue"};
	struct golden *golden = *state;
	const struct dialog dialog = {"Title", "Text", answered};
	struct probe *probe = push(golden);

	dialog_choose(&probe->base, &dialog, choices, 2);
	golden_keys(golden, "n");
	assert_int_equal(probe->answer, 2);
	dialog_ask(&probe->base, &dialog, LINE_TEXT, SPAN("ab"), NULL);
	golden_keys(golden, "c Enter");
	assert_int_equal(probe->answer, 1);
	assert_string_equal(probe->typed, "abc");
	dialog_pick(&probe->base, &dialog, items, 3, 1);
	golden_keys(golden, "Down Enter");
	assert_int_equal(probe->answer, 3);
	dialog_tell(&probe->base, &dialog);
	golden_keys(golden, "Enter");
	assert_int_equal(probe->answer, 0);
	assert_ptr_equal(app_top(golden->app), &probe->base);
}

static void
editors_come_from_the_environment(void **state)
{
	char **argv;

	(void)state;
	setenv("VISUAL", "", 1);
	setenv("EDITOR", " emacs  -nw ", 1);
	argv = app_editor_argv("/tmp/x y");
	assert_string_equal(argv[0], "emacs");
	assert_string_equal(argv[1], "-nw");
	assert_string_equal(argv[2], "/tmp/x y");
	assert_null(argv[3]);
	free(argv);
	unsetenv("EDITOR");
	argv = app_editor_argv("f");
	assert_string_equal(argv[0], "vi");
	free(argv);
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(back_goes_down_to_the_end),
	    T(popping_takes_all_above),
	    T(refused_actions_say_why),
	    T(messages_are_hushed_by_later_keys),
	    T(an_early_key_hushes_when_its_time_has_come),
	    T(quiet_screens_wake_nobody),
	    T(idleness_locks),
	    T(jobs_tell_their_end),
	    T(jobs_can_be_cancelled),
	    T(closing_a_screen_orphans_its_jobs),
	    T(new_questions_are_deaf),
	    T(held_keys_never_answer),
	    T(other_questions),
	    cmocka_unit_test(editors_come_from_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
