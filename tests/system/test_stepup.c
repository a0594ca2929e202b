/* From a conversation with real PAM to a grant, and what core does with it: a
 * launch wants two factors; the wrong second one gives nothing, the right one
 * gives one clearance.  Then the same on the screen, for a setting. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/deliver/practice.h"
#include "core/net/dial.h"
#include "core/review/review.h"
#include "tests/fake/desk.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

#define CODE "123456"

enum { WAIT_MS = 60 * 1000 };

static const char one_factor[] =
    "auth required " DESK_MATRIX " passdb=@/passdb\n"
    "account required " DESK_MATRIX " passdb=@/passdb\n";
static const char two_factors[] =
    "auth requisite " DESK_MATRIX " passdb=@/passdb\n"
    "auth required " DESK_MATRIX " passdb=@/codes\n"
    "account required " DESK_MATRIX " passdb=@/passdb\n";

struct kit {
	struct desk desk;
	struct world world;
	struct practice *practice;
	struct campaign_id campaign;
	struct store *store;
};

/* ---- One conversation ---------------------------------------------------------- */

static void
answer(struct login *login, const char *text)
{
	struct secret *secret = secret_of(text, strlen(text));
	struct err err = {0};

	assert_ok(login_answer(login, secret, &err), &err);
	secret_free(&secret);
}

/* Answers in turn until PAM has decided; the caller frees *out. */
static enum login_kind
converse(struct kit *kit, const char *const *answers, struct login **out)
{
	struct login_event event;
	struct err err = {0};
	int got;

	assert_ok(
	    login_start(BUILD_DIR "/test/sekisho", kit->desk.user, out, &err),
	    &err);
	for (;;) {
		struct pollfd in = {.fd = login_fd(*out), .events = POLLIN};

		got = login_next(*out, &event, &err);
		if (got < 0)
			fail_msg("login_next: %s", err_name(err.code));
		if (got == 0) {
			assert_int_equal(poll(&in, 1, WAIT_MS), 1);
			continue;
		}
		if (event.kind == LOGIN_GRANTED || event.kind == LOGIN_DENIED)
			return event.kind;
		if (event.kind == LOGIN_PROMPT_SECRET) {
			assert_non_null(*answers);
			answer(*out, *answers++);
		}
	}
}

/* One conversation, and what core makes of it. */
static enum err_code
step_up(struct kit *kit, const char *second, enum login_kind wanted)
{
	const char *const answers[] = {DESK_PASSWORD, second, NULL};
	struct login *login = NULL;
	struct err err = {.code = E_NONE};
	int rc;

	assert_int_equal(converse(kit, answers, &login), wanted);
	rc = login_step_up(login, kit->store, STEPUP_LAUNCH, &err);
	if (rc == 0) {
		/* the same conversation again is worth nothing */
		assert_int_equal(
		    login_step_up(login, kit->store, STEPUP_SETUP, NULL), -1);
	}
	login_free(&login);
	return rc == 0 ? E_NONE : err.code;
}

static enum err_code
clear(struct kit *kit)
{
	struct clearance *clearance = NULL;
	struct err err = {.code = E_NONE};
	int rc = clearance_grant(
	    kit->store, &kit->world, kit->campaign, &clearance, &err);

	clearance_free(&clearance);
	return rc == 0 ? E_NONE : err.code;
}

/* ---- Core ----------------------------------------------------------------------- */

static void
set(struct kit *kit, const char *name, const char *value)
{
	struct err err = {0};

	assert_ok(setting_write(kit->store, name, span_of(value), &err), &err);
}

/* A sealed campaign in the desk's store, and the practice relay to send it to;
 * the store was made some other day. */
static void
open_kit(struct kit *kit)
{
	struct practice_config config = {.folder = NULL};
	struct sealed_plan plan = {
	    .recipients = 2, .class = CLASS_NOTICE, .tls = RELAY_TLS_VERIFY};
	struct err err = {0};

	*kit = (struct kit){.store = NULL};
	desk_open(&kit->desk, "en");
	desk_put(&kit->desk, "codes", 0600, "&:" CODE ":sekisho\n");
	desk_service(&kit->desk, two_factors);
	setenv("SEKISHO_PAM", desk_path(&kit->desk, "pam"), 1);
	config.folder = desk_path(&kit->desk, "data");
	assert_ok(practice_start(&config, &kit->practice, &err), &err);
	kit->world = (struct world){
	    .clock = clock_real(), .dialler = dialler_loopback_only()};
	kit->store = desk_make_store(&kit->desk);
	plan.port = practice_port(kit->practice);
	plan.ca_file = practice_ca_file(kit->practice);
	kit->campaign = sealed_campaign(kit->store, &kit->world, &plan);
	set(kit, "stepup.launch", "second");
	store_close(&kit->store);
	kit->store = desk_open_store(&kit->desk);
}

static void
close_kit(struct kit *kit)
{
	store_close(&kit->store);
	practice_stop(&kit->practice);
	unsetenv("SEKISHO_PAM");
	desk_close(&kit->desk);
}

static void
two_factors_are_one_clearance(void **state)
{
	struct kit kit;

	(void)state;
	open_kit(&kit);
	assert_int_equal(clear(&kit), E_STEPUP);
	assert_int_equal(step_up(&kit, "654321", LOGIN_DENIED), E_STEPUP);
	assert_int_equal(clear(&kit), E_STEPUP);
	/* a host that asks for a password only */
	desk_service(&kit.desk, one_factor);
	assert_int_equal(step_up(&kit, NULL, LOGIN_GRANTED), E_STEPUP_FACTORS);
	assert_int_equal(clear(&kit), E_STEPUP);
	desk_service(&kit.desk, two_factors);
	assert_int_equal(step_up(&kit, CODE, LOGIN_GRANTED), E_NONE);
	assert_int_equal(clear(&kit), E_NONE);
	assert_int_equal(clear(&kit), E_STEPUP);
	assert_int_equal(
	    desk_number(kit.store,
		"SELECT count(*) FROM audit WHERE what = 'stepup.granted'"
		" AND object = 'launch' AND facts = 'factors=2'"),
	    1);
	assert_int_equal(
	    desk_number(kit.store,
		"SELECT count(*) FROM audit WHERE what = 'stepup.refused'"
		" AND object = 'launch' AND facts = 'why=factors'"),
	    1);
	close_kit(&kit);
}

/* ---- The screen ------------------------------------------------------------------ */

static void
save_minutes(struct desk *desk, const char *minutes)
{
	desk_field(desk, "Minutes without a key", minutes);
	pty_keys(desk->pty, "^S");
	desk_wait(desk, "Before relays, keys or sign-in change, sign in once "
			"more.");
}

static int64_t
logged(struct desk *desk, const char *facts)
{
	struct store *store = desk_open_store(desk);
	int64_t count = -1;

	if (!strcmp(facts, "denied"))
		count = desk_number(store,
		    "SELECT count(*) FROM audit WHERE what = 'stepup.refused'"
		    " AND object = 'setup' AND facts = 'why=denied'");
	else if (!strcmp(facts, "cancelled"))
		count = desk_number(store,
		    "SELECT count(*) FROM audit WHERE what = 'stepup.refused'"
		    " AND object = 'setup' AND facts = 'why=cancelled'");
	else
		count = desk_number(store,
		    "SELECT count(*) FROM audit WHERE what = 'stepup.granted'"
		    " AND object = 'setup' AND facts = 'factors=1'");
	store_close(&store);
	return count;
}

static int64_t
minutes(struct desk *desk)
{
	struct store *store = desk_open_store(desk);
	int64_t value = desk_number(
	    store, "SELECT value FROM setting WHERE name = 'lock.minutes'");

	store_close(&store);
	return value;
}

/* Sign-in and lock: a wrong password changes nothing, the right one one save,
 * and the next save asks again. */
static void
a_page_asks_for_each_save(void **state)
{
	struct desk desk;
	struct store *store;
	struct err err = {0};

	(void)state;
	desk_open(&desk, "en");
	store = desk_make_store(&desk);
	assert_ok(
	    setting_write(store, "stepup.setup", SPAN("password"), &err), &err);
	store_close(&store);
	desk_come_in(&desk);
	pty_keys(desk.pty, "8");
	desk_go_to(&desk, desk_word(&desk, "Sign-in and lock"));
	pty_keys(desk.pty, "Enter");
	save_minutes(&desk, "20");
	pty_wait_text(desk.pty, "Password:");
	desk_enter(&desk, "wrong");
	desk_wait(
	    &desk, "Sign-in failed. Attempts left before a pause: %{left}.");
	pty_wait_text(desk.pty, "Password:");
	desk_enter(&desk, DESK_PASSWORD);
	desk_wait(&desk, "Saved.");
	save_minutes(&desk, "30");
	pty_keys(desk.pty, "Esc");
	desk_wait(&desk, "Nothing was done.");
	desk_kill(&desk);
	assert_int_equal(minutes(&desk), 20);
	assert_int_equal(logged(&desk, "denied"), 1);
	assert_int_equal(logged(&desk, "granted"), 1);
	assert_int_equal(logged(&desk, "cancelled"), 1);
	desk_close(&desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_factors_are_one_clearance),
	    cmocka_unit_test(a_page_asks_for_each_save),
	};

	if (desk_missing()) {
		printf("skipped: %s\n", desk_missing());
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
