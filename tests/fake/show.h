/* Screens over a stage: a store with a campaign and the practice relay, and an
 * app whose clock is moved by hand. */
#ifndef TESTS_FAKE_SHOW_H
#define TESTS_FAKE_SHOW_H

#include "tests/fake/golden.h"
#include "tests/fake/stage.h"
#include "tui/session.h"

struct show {
	struct stage stage;
	struct golden golden;
	char user[8]; /* hanako */
	struct session session;
};

/* Sets the stage up (on a fake clock) and starts an app over it. */
void show_start(struct show *show, const struct stage_params *params);
void show_end(struct show *show);

/* Lets time pass in steps of 500 ms, with the timers that come due. */
void show_pass(struct show *show, int ms);

/* Waits until the session's delivery is over or paused, takes its figures. */
void show_wait_run(struct show *show);

/* Gives a sentence to every line of the checklist that takes one, but PP-01,
 * and has the screen read them. */
void show_attest(struct show *show);

/* Runs all checks on the checklist, attests, types the count and the codes of a
 * test mail. */
void show_answer_all(struct show *show, const char *count);

/* Types the count on the launch page, lets the countdown pass. */
void show_launch(struct show *show, const char *count);

/* Name of the screen on top. */
const char *show_top(struct show *show);

/* True when the screen at 80x24 holds the text; prints the screen if not. */
bool show_sees(struct show *show, const char *text);

/* True when the checklist says that so many lines are open. */
bool show_is_open(struct show *show, int lines);

#endif
