/* A sealed campaign and somebody at the program. */
#include "tests/fake/desk_stage.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

void
desk_stage_open(struct desk_stage *it, const struct stage_params *params,
    const char *language)
{
	stage_open(&it->stage, params);
	desk_open(&it->desk, language);
	it->desk.store =
	    arena_copy(it->desk.texts, span_of(store_dir(it->stage.store))).ptr;
	it->server = 0;
}

void
desk_stage_seal(struct desk_stage *it)
{
	stage_seal(&it->stage);
	desk_stage_give(it);
}

void
desk_stage_give(struct desk_stage *it)
{
	tempstore_forget_user(it->stage.store);
	store_close(&it->stage.store);
}

void
desk_stage_take(struct desk_stage *it)
{
	if (!it->stage.store)
		it->stage.store =
		    tempstore_open_again(it->desk.store, it->stage.world.clock);
}

void
wait_gone(int pid)
{
	for (int i = 0; i < 3000 && pid > 0 && kill(pid, 0) == 0; i++)
		usleep(10000);
	assert_true(pid <= 0 || kill(pid, 0) < 0);
}

void
desk_stage_close(struct desk_stage *it)
{
	desk_kill(&it->desk);
	if (it->server) {
		kill(it->server, SIGKILL);
		wait_gone(it->server);
	}
	desk_stage_take(it);
	desk_close(&it->desk);
	stage_close(&it->stage);
}

void
desk_stage_come_in(struct desk *desk)
{
	desk_start(desk, NULL);
	desk_sign_in(desk);
	desk_wait(desk, "Passphrase of the store");
	desk_enter(desk, TEMPSTORE_PASSPHRASE);
	desk_wait(desk, "Home");
}

void
desk_stage_hang_up(struct desk_stage *it)
{
	struct desk *desk = &it->desk;

	it->server = pty_keep_server(desk->pty);
	assert_int_not_equal(it->server, 0);
	pty_hang_up(desk->pty);
	pty_wait_end(desk->pty);
	pty_free(&desk->pty);
	assert_int_equal(kill(it->server, 0), 0);
}

void
desk_stage_attach(struct desk_stage *it)
{
	static const char *const words[] = {"attach", NULL};

	desk_verb(&it->desk, words);
	desk_wait(&it->desk, "Press Enter to sign in again.");
}

void
desk_stage_unlock(struct desk *desk)
{
	pty_wait_idle(desk->pty);
	pty_keys(desk->pty, "Enter");
	desk_sign_in(desk);
	pty_wait_gone(desk->pty, "Password:");
}
