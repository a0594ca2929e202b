/* A sealed campaign, a practice relay, and somebody at the real program, who may
 * lose their terminal. */
#ifndef TESTS_FAKE_DESK_STAGE_H
#define TESTS_FAKE_DESK_STAGE_H

#include "tests/fake/desk.h"
#include "tests/fake/stage.h"

struct desk_stage {
	struct stage stage; /* its store is open while no program has it */
	struct desk desk;
	int server; /* the process that serves, when nobody is at it; or 0 */
};

/* Makes stage and desk; the store is open, for settings. */
void desk_stage_open(struct desk_stage *it, const struct stage_params *params,
    const char *language);

/* Seals and closes the store: it is the program's now. */
void desk_stage_seal(struct desk_stage *it);

/* Ends what still runs and removes everything. */
void desk_stage_close(struct desk_stage *it);

/* Opens the store again when no program has it any more, and closes it. */
void desk_stage_take(struct desk_stage *it);
void desk_stage_give(struct desk_stage *it);

/* Starts the program and goes all the way to home. */
void desk_stage_come_in(struct desk *desk);

/* The line drops while the program has something to do: it goes on. */
void desk_stage_hang_up(struct desk_stage *it);

/* "sekisho attach", up to the lock. */
void desk_stage_attach(struct desk_stage *it);

/* Signs in at the lock. */
void desk_stage_unlock(struct desk *desk);

/* Waits until a process that is not our child is gone; 0 is. */
void wait_gone(int pid);

#endif
