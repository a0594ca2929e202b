/* Coming in and being locked out, with the real agent over a PAM module that
 * tests bring along, on a clock that tests move. */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/net/dial.h"
#include "tests/fake/golden.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"
#include "tui/screens/lock.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/verbs.h"

#define MATRIX "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_matrix.so"

static struct golden golden;
static struct session session;
static struct options options;
static char *dir;
static struct buf store_path, pam_path;
static char self[4096];

/* ---- The agent's side: this very program ------------------------------------ */

static int
start_here(const char *service, const char *user, const struct pam_conv *conv,
    const char *folder, struct pam_handle **out)
{
	return pam_start_confdir(service, user, conv, folder, out);
}

static int
agent_main(const char *user, const char *tty)
{
	struct pam_agent agent = {
	    .start = start_here,
	    .dir = getenv("TEST_PAM_DIR"),
	    .service = "sekisho",
	    .trust = PAM_TRUST_CALLER,
	    .user = user,
	    .tty = tty,
	};

	return pam_agent_run(&agent);
}

/* ---- The stage ----------------------------------------------------------------- */

static void
put(const char *name, const char *text)
{
	struct buf path = BUF_INIT;
	struct err err = {0};

	buf_printf(&path, "%s/%s", dir, name);
	assert_ok(file_replace(path.ptr, span_of(text), 0600, &err), &err);
	buf_done(&path);
}

static void
put_service(const char *name)
{
	struct buf text = BUF_INIT;

	buf_printf(&text,
	    "auth required %s passdb=%s/passdb\n"
	    "account required %s passdb=%s/passdb\n",
	    MATRIX, dir, MATRIX, dir);
	put(name, text.ptr);
	buf_done(&text);
}

/* An account phase that always answers the same. */
static void
put_account(const char *answer)
{
	struct buf text = BUF_INIT;

	buf_printf(&text,
	    "auth required %s passdb=%s/passdb\n"
	    "account required pam_debug.so acct=%s\n",
	    MATRIX, dir, answer);
	put("sekisho", text.ptr);
	buf_done(&text);
}

/* A refused account counts as a failed try. */
static void
drop_attempts(void)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/login-attempts", session.dir);
	unlink(path.ptr);
	buf_done(&path);
}

static int
start(void **state)
{
	struct err err = {0};

	(void)state;
	dir = tempdir_new();
	store_path = pam_path = BUF_INIT;
	buf_printf(&store_path, "%s/store", dir);
	put("passdb", "hanako:pw:sekisho\n");
	put_service("sekisho");
	put_service("other");
	setenv("TEST_PAM_DIR", dir, 1);
	golden = (struct golden){.params = {
				     .hooks = &session_hooks,
				     .session = &session,
				 }};
	golden.world.dialler = dialler_loopback_only();
	golden_start(&golden);
	options = (struct options){.store = store_path.ptr, .prefix = "/x"};
	assert_ok(
	    session_begin(&session, &golden.world, &options, "hanako", &err),
	    &err);
	session.program = self;
	session.kdf_log2_n = 10;
	free(session.origin);
	session.origin = strdup("pts/3 192.0.2.14");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	golden_end(&golden);
	session_end(&session);
	buf_done(&store_path);
	buf_done(&pam_path);
	tempdir_remove(&dir);
	return 0;
}

/* The folder's name differs in every run: the screen shows another. */
static void
check(const char *name)
{
	char *real = session.dir;

	session.dir = strdup("/home/hanako/.local/share/sekisho");
	golden_check(&golden, name);
	free(session.dir);
	session.dir = real;
}

static void
sign_in(const char *password)
{
	golden_settle(&golden);
	golden_type(&golden, password);
	golden_keys(&golden, "Enter");
}

static void
make_store(void)
{
	sign_in("pw");
	golden_type(&golden, "correct horse battery");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "correct horse battery");
	golden_keys(&golden, "Enter Enter");
}

#define need_matrix()                                                          \
	do {                                                                   \
		if (access(MATRIX, R_OK) != 0) {                               \
			print_message("pam_matrix is missing\n");              \
			skip();                                                \
		}                                                              \
	} while (0)

/* ---- Tests ------------------------------------------------------------------------ */

static void
a_new_store_is_made(void **state)
{
	(void)state;
	need_matrix();
	signin_open(golden.app);
	golden_settle(&golden);
	check("signin");
	sign_in("pw");
	golden_type(&golden, "short");
	check("signin-new");
	golden_keys(&golden, "Enter Enter Enter");
	assert_true(golden_shows(&golden, "At least 12 characters."));
	assert_null(session.store);
	golden_keys(&golden, "Up Up ^U");
	golden_type(&golden, "correct horse battery");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "correct horse batterie");
	golden_keys(&golden, "Enter Enter");
	assert_true(golden_shows(&golden, "not the same"));
	assert_null(session.store);
	golden_type(&golden, "correct horse battery");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "correct horse battery");
	golden_keys(&golden, "Enter Enter");
	assert_non_null(session.store);
	assert_string_equal(app_top(golden.app)->ops->name, "home");
	assert_int_equal(session.chain, CHAIN_WHOLE);
}

static void
wrong_passwords_lead_to_a_pause(void **state)
{
	(void)state;
	need_matrix();
	signin_open(golden.app);
	sign_in("wrong");
	assert_true(golden_shows(&golden, "Sign-in failed"));
	sign_in("wrong");
	sign_in("wrong");
	assert_true(golden_shows(&golden, "2 tries left before a pause."));
	sign_in("wrong");
	sign_in("wrong");
	check("signin-paused");
	golden_type(&golden, "pw");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "Too many failed tries"));
	fake_clock_move(&golden.clock, 11 * 60 * 1000);
	app_timers(golden.app);
	golden_settle(&golden);
	sign_in("pw");
	assert_true(golden_shows(&golden, "A new store"));
}

static void
wrong_passphrases_count_too(void **state)
{
	(void)state;
	need_matrix();
	signin_open(golden.app);
	make_store();
	assert_non_null(session.store);
	app_set_store(golden.app, NULL);
	store_close(&session.store);
	golden_end(&golden);
	golden_start(&golden);
	signin_open(golden.app);
	sign_in("pw");
	golden_type(&golden, "not the right passphrase");
	golden_keys(&golden, "Enter");
	check("signin-passphrase");
	for (int i = 0; i < 4; i++) {
		golden_type(&golden, "not the right passphrase");
		golden_keys(&golden, "Enter");
	}
	assert_true(golden_shows(&golden, "Too many failed tries"));
	assert_null(session.store);
}

static void
a_damaged_store_says_what_is_safe(void **state)
{
	struct buf path = BUF_INIT;
	struct err err = {0};

	(void)state;
	need_matrix();
	signin_open(golden.app);
	make_store();
	app_set_store(golden.app, NULL);
	store_close(&session.store);
	buf_printf(&path, "%s/store.db", session.dir);
	assert_ok(file_replace(path.ptr, SPAN("garbage"), 0600, &err), &err);
	golden_end(&golden);
	golden_start(&golden);
	signin_open(golden.app);
	sign_in("pw");
	golden_type(&golden, "correct horse battery");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "The store cannot be opened"));
	assert_true(golden_shows(&golden, "Nothing was changed."));
	assert_true(golden_shows(&golden, "store verify"));
	buf_done(&path);
}

static void
a_missing_service_file_says_what_to_install(void **state)
{
	struct buf path = BUF_INIT;

	(void)state;
	need_matrix();
	buf_printf(&path, "%s/sekisho", dir);
	assert_int_equal(unlink(path.ptr), 0);
	signin_open(golden.app);
	golden_settle(&golden);
	assert_true(golden_shows(&golden, "is missing"));
	assert_true(golden_shows(&golden, "Enter tries again."));
	assert_true(golden_shows(&golden, "docs/sekisho.pam"));
	put_service("sekisho");
	golden_keys(&golden, "Enter");
	assert_true(golden_shows(&golden, "Password:"));
	buf_done(&path);
}

/* The right password, but the account's check says something else. */
static void
a_closed_account_says_what_to_do(void **state)
{
	static const struct {
		const char *answer, *en, *ja;
	} cases[] = {
	    {"new_authtok_reqd", "has expired. Change it with passwd",
		"シェルの passwd で変更し"},
	    {"acct_expired", "may not sign in: it has expired.",
		"サインインできません：期限が切れています"},
	    {"authtok_expired", "may not sign in: it has expired.",
		"サインインできません：期限が切れています"},
	    {"perm_denied", "may not sign in: the system does not allow",
		"サインインできません：システムが許可していません"},
	};

	(void)state;
	need_matrix();
	for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		bool english = i % 2 == 0;

		put_account(cases[i / 2].answer);
		golden_language(english ? LANGUAGE_EN : LANGUAGE_JA);
		signin_open(golden.app);
		sign_in("pw");
		assert_true(golden_shows(
		    &golden, english ? cases[i / 2].en : cases[i / 2].ja));
		assert_null(session.store);
		golden_language(LANGUAGE_EN);
		assert_true(golden_shows(&golden, "Enter tries again."));
		/* who has changed the password in a shell goes on here */
		golden_keys(&golden, "Enter");
		assert_true(golden_shows(&golden, "Password:"));
		golden_end(&golden);
		golden_start(&golden);
		drop_attempts();
	}
	put_service("sekisho");
	signin_open(golden.app);
	sign_in("pw");
	assert_true(golden_shows(&golden, "A new store"));
}

static void
nothing_works_before_signing_in(void **state)
{
	(void)state;
	need_matrix();
	signin_open(golden.app);
	golden_settle(&golden);
	app_act(golden.app, ACT_SECTION_1);
	app_act(golden.app, ACT_MESSAGES);
	app_act(golden.app, ACT_LOCK);
	assert_string_equal(app_top(golden.app)->ops->name, "signin");
	golden_keys(&golden, "Esc");
	assert_true(app_has_ended(golden.app, &(int){0}));
}

static void
a_locked_screen_shows_nothing_personal(void **state)
{
	(void)state;
	need_matrix();
	signin_open(golden.app);
	make_store();
	app_say(golden.app, SAY_OK, "taro@example.jp was added");
	golden_keys(&golden, "8 Enter");
	golden_type(&golden, "Secret campaign");
	golden_keys(&golden, "Tab Tab");
	app_act(golden.app, ACT_LOCK);
	assert_true(app_is_locked(golden.app));
	check("lock");
	assert_false(golden_shows(&golden, "taro"));
	assert_false(golden_shows(&golden, "Secret"));
	golden_keys(&golden, "8 L :");
	app_say(golden.app, SAY_OK, "jiro@example.jp was added");
	assert_false(golden_shows(&golden, "jiro"));
	assert_string_equal(app_top(golden.app)->ops->name, "lock");
	golden_keys(&golden, "Enter");
	golden_type(&golden, "nope");
	golden_keys(&golden, "Enter");
	assert_true(app_is_locked(golden.app));
	sign_in("pw");
	assert_false(app_is_locked(golden.app));
	assert_true(golden_shows(&golden, "Secret campaign"));
}

static void
idle_time_locks(void **state)
{
	(void)state;
	need_matrix();
	signin_open(golden.app);
	make_store();
	fake_clock_move(&golden.clock, 9 * 60 * 1000);
	app_timers(golden.app);
	assert_false(app_is_locked(golden.app));
	fake_clock_move(&golden.clock, 61 * 1000);
	app_timers(golden.app);
	assert_true(app_is_locked(golden.app));
}

/* A screen under the lock whose job ends there. */
static int
late_run(struct job *job, void *data, struct err *err)
{
	(void)job;
	(void)data;
	(void)err;
	return 0;
}

static void
late_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	(void)job;
	(void)data;
	(void)rc;
	(void)err;
	app_pop(screen->app, screen);
	log_open(screen->app);
}

static void
late_draw(struct screen *screen, struct area body)
{
	(void)screen;
	(void)body;
}

static void
late_close(struct screen *screen)
{
	free(screen);
}

static void
work_under_the_lock_stays_under_it(void **state)
{
	static const struct screen_ops ops = {.name = "late",
	    .draw = late_draw,
	    .job_done = late_done,
	    .close = late_close};
	static const struct job_ops job_ops = {.run = late_run, .free = free};
	struct screen *late = calloc(1, sizeof *late);
	struct err err = {0};

	(void)state;
	need_matrix();
	signin_open(golden.app);
	make_store();
	late->ops = &ops;
	app_push(golden.app, late);
	assert_ok(
	    app_job(golden.app, late, &job_ops, malloc(1), NULL, &err), &err);
	app_act(golden.app, ACT_LOCK);
	golden_settle(&golden);
	assert_string_equal(app_top(golden.app)->ops->name, "lock");
	golden_keys(&golden, "Enter");
	sign_in("pw");
	assert_string_equal(app_top(golden.app)->ops->name, "log");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
	    TEST(a_new_store_is_made),
	    TEST(wrong_passwords_lead_to_a_pause),
	    TEST(wrong_passphrases_count_too),
	    TEST(a_damaged_store_says_what_is_safe),
	    TEST(a_missing_service_file_says_what_to_install),
	    TEST(a_closed_account_says_what_to_do),
	    TEST(nothing_works_before_signing_in),
	    TEST(a_locked_screen_shows_nothing_personal),
	    TEST(idle_time_locks),
	    TEST(work_under_the_lock_stays_under_it),
	};

	if (argc == 4 && !strcmp(argv[1], "pam-agent"))
		return agent_main(argv[2], argv[3]);
	if (!realpath(argv[0], self))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
