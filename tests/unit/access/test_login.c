/* The PAM conversation through the real library: agent in a child process,
 * service files in a folder of the test, real modules. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/file.h"

#define USER   "hanako"
#define MATRIX "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_matrix.so"

static char dir[] = "/tmp/sekisho-pam-XXXXXX";
static const char *self;

/* ---- The agent half: this program again -------------------------------------- */

static int
start_here(const char *service, const char *user, const struct pam_conv *conv,
    const char *from, struct pam_handle **out)
{
	return pam_start_confdir(
	    service, user, conv, from, (pam_handle_t **)out);
}

static int
agent_main(const char *user, const char *tty)
{
	struct pam_agent agent = {
	    .start = start_here,
	    .dir = getenv("TEST_PAM_DIR"),
	    .service = getenv("TEST_PAM_SERVICE"),
	    .trust = PAM_TRUST_CALLER,
	    .user = user,
	    .tty = tty,
	};

	return pam_agent_run(&agent);
}

/* ---- The parent half ----------------------------------------------------------- */

static void
put(const char *name, mode_t mode, const char *text)
{
	struct buf path = BUF_INIT;
	struct err err = {0};

	buf_printf(&path, "%s/%s", dir, name);
	assert_ok(file_replace(path.ptr, span_of(text), mode, &err), &err);
	assert_int_equal(chmod(path.ptr, mode), 0);
	buf_done(&path);
}

static void
put_service(const char *name, const char *format, const char *path)
{
	struct buf text = BUF_INIT, full = BUF_INIT;

	buf_printf(&full, "%s/%s", dir, path);
	while (*format) {
		if (*format == '@')
			buf_text(&text, full.ptr);
		else
			buf_char(&text, *format);
		format++;
	}
	put(name, 0644, text.ptr);
	buf_done(&full);
	buf_done(&text);
}

/* What a login came to. */
struct outcome {
	enum login_kind last;
	enum err_code code;
	struct err err;
	int secrets, texts, infos, errors, delays;
	char info[LOGIN_TEXT_MAX + 1];
	char failure[LOGIN_TEXT_MAX + 1];
};

static void
wait_readable(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	assert_int_equal(poll(&wait, 1, 20000), 1);
}

static void
count_event(const struct login_event *event, struct outcome *out)
{
	out->secrets += event->kind == LOGIN_PROMPT_SECRET;
	out->texts += event->kind == LOGIN_PROMPT_TEXT;
	out->infos += event->kind == LOGIN_INFO;
	out->errors += event->kind == LOGIN_ERROR;
	out->delays += event->kind == LOGIN_DELAY;
	if (event->kind == LOGIN_INFO)
		memcpy(out->info, event->text, sizeof out->info);
	if (event->kind == LOGIN_ERROR)
		memcpy(out->failure, event->text, sizeof out->failure);
}

/* Plays a login with these answers, in order; NULL ends them. */
static struct outcome
play(const char *service, const char *user, const char *const *answers)
{
	struct outcome out = {0};
	struct login_event event;
	struct login *login = NULL;
	struct err err = {0};
	int got;

	setenv("TEST_PAM_DIR", dir, 1);
	setenv("TEST_PAM_SERVICE", service, 1);
	assert_ok(login_start(self, user, &login, &err), &err);
	do {
		/* Two events may have come together. */
		while ((got = login_next(login, &event, &err)) == 0)
			wait_readable(login_fd(login));
		if (got < 0) {
			out.last = LOGIN_DENIED;
			out.code = err.code;
			break;
		}
		count_event(&event, &out);
		out.last = event.kind;
		if (event.kind == LOGIN_PROMPT_SECRET ||
		    event.kind == LOGIN_PROMPT_TEXT) {
			struct secret *answer;

			assert_non_null(*answers);
			answer = secret_of(*answers, strlen(*answers));
			answers++;
			assert_ok(login_answer(login, answer, &err), &err);
			secret_free(&answer);
		}
	} while (event.kind != LOGIN_GRANTED && event.kind != LOGIN_DENIED);
	if (out.code == E_NONE && out.last == LOGIN_DENIED) {
		out.err = event.err;
		out.code = event.err.code;
	}
	login_free(&login);
	return out;
}

#define ANSWERS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_ANSWERS   ((const char *const[]){NULL})

static void
password_right_and_wrong(void **state)
{
	struct outcome out;

	(void)state;
	put("passdb", 0600, USER ":correct horse:matrix\nother:x:matrix\n");
	put_service("matrix",
	    "auth required " MATRIX " passdb=@ verbose\n"
	    "account required " MATRIX " passdb=@\n",
	    "passdb");
	out = play("matrix", USER, ANSWERS("correct horse"));
	assert_int_equal(out.last, LOGIN_GRANTED);
	assert_int_equal(out.secrets, 1);
	out = play("matrix", USER, ANSWERS("wrong"));
	assert_int_equal(out.code, E_PAM_DENIED);
	out = play("matrix", "nobody-here", ANSWERS("x"));
	assert_int_equal(out.code, E_PAM_DENIED);
}

static void
two_prompts_with_oath(void **state)
{
	struct buf code = BUF_INIT;
	struct outcome out;
	FILE *tool;
	char line[32] = "";

	(void)state;
	if (access("/usr/lib/x86_64-linux-gnu/security/pam_oath.so", F_OK)) {
		print_message("SKIP pam_oath is not installed\n");
		skip();
	}
	put("passdb", 0600, USER ":correct horse:oath\n");
	put("users.oath", 0600,
	    "HOTP/T30/6 " USER " - 3132333435363738393031323334353637383930\n");
	{
		struct buf text = BUF_INIT;

		buf_printf(&text,
		    "auth requisite " MATRIX " passdb=%s/passdb\n"
		    "auth required pam_oath.so usersfile=%s/users.oath digits=6"
		    " window=5\naccount required pam_permit.so\n",
		    dir, dir);
		put("oath", 0644, text.ptr);
		buf_done(&text);
	}
	tool = popen("oathtool --totp -d 6 "
		     "3132333435363738393031323334353637383930",
	    "r");
	assert_non_null(tool);
	assert_non_null(fgets(line, sizeof line, tool));
	pclose(tool);
	buf_add(&code, span_trim(span_of(line)));
	out = play("oath", USER, ANSWERS("correct horse", code.ptr));
	assert_int_equal(out.last, LOGIN_GRANTED);
	assert_int_equal(out.secrets, 2);
	/* A code that was used does not open a second time. */
	out = play("oath", USER, ANSWERS("correct horse", code.ptr));
	assert_int_equal(out.code, E_PAM_DENIED);
	buf_done(&code);
}

struct debug_case {
	const char *options;
	enum err_code code;
	const char *why;
};

static const struct debug_case debug_cases[] = {
    {"auth=auth_err", E_PAM_DENIED, NULL},
    {"auth=user_unknown", E_PAM_DENIED, NULL},
    {"auth=maxtries", E_PAM_DENIED, NULL},
    {"auth=perm_denied", E_PAM_DENIED, NULL},
    {"auth=cred_insufficient", E_PAM_DENIED, NULL},
    {"auth=authinfo_unavail", E_PAM_DENIED, NULL},
    {"auth=system_err", E_PAM_SYSTEM, NULL},
    {"auth=success acct=new_authtok_reqd", E_PAM_NEW_PASSWORD, NULL},
    {"auth=success acct=acct_expired", E_PAM_ACCOUNT, "expired"},
    {"auth=success acct=perm_denied", E_PAM_ACCOUNT, "refused"},
    {"auth=success acct=auth_err", E_PAM_ACCOUNT, "refused"},
    {"auth=success acct=success", E_PAM_NO_PROMPT, NULL},
};

static void
every_result_has_its_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof debug_cases / sizeof *debug_cases; i++) {
		const struct debug_case *c = &debug_cases[i];
		struct buf text = BUF_INIT;
		struct outcome out;

		buf_printf(&text,
		    "auth required pam_debug.so %s\n"
		    "account required pam_debug.so %s\n",
		    c->options, c->options);
		put("debug", 0644, text.ptr);
		buf_done(&text);
		out = play("debug", USER, NO_ANSWERS);
		if (out.code != c->code)
			fail_msg("%s: %s", c->options, err_name(out.code));
		if (c->why)
			assert_string_equal(err_find(&out.err, "why"), c->why);
	}
}

static void
info_texts_arrive(void **state)
{
	struct outcome out;

	(void)state;
	put("notice", 0644, "maintenance tonight\n");
	put("passdb", 0600, USER ":correct horse:echo\n");
	{
		struct buf text = BUF_INIT;

		buf_printf(&text,
		    "auth required pam_echo.so file=%s/notice\n"
		    "auth required " MATRIX " passdb=%s/passdb\n"
		    "account required pam_permit.so\n",
		    dir, dir);
		put("echo", 0644, text.ptr);
		buf_done(&text);
	}
	out = play("echo", USER, ANSWERS("correct horse"));
	assert_int_equal(out.last, LOGIN_GRANTED);
	assert_int_equal(out.infos, 1);
	assert_true(
	    span_starts(span_of(out.info), SPAN("maintenance tonight")));
}

static void
failures_announce_their_delay(void **state)
{
	struct outcome out;

	(void)state;
	put("passdb", 0600, USER ":correct horse:delay\n");
	{
		struct buf text = BUF_INIT;

		buf_printf(&text,
		    "auth optional pam_faildelay.so delay=20000\n"
		    "auth required " MATRIX " passdb=%s/passdb\n"
		    "account required pam_permit.so\n",
		    dir);
		put("delay", 0644, text.ptr);
		buf_done(&text);
	}
	out = play("delay", USER, ANSWERS("wrong"));
	assert_int_equal(out.code, E_PAM_DENIED);
	assert_int_equal(out.delays, 1);
}

static void
the_service_file_is_required(void **state)
{
	struct outcome out;

	(void)state;
	/* "other" would let everybody in: it must not be asked. */
	put("other", 0644,
	    "auth required pam_permit.so\naccount required pam_permit.so\n");
	out = play("missing", USER, NO_ANSWERS);
	assert_int_equal(out.code, E_PAM_SERVICE);
	put("writable", 0666,
	    "auth required pam_permit.so\naccount required pam_permit.so\n");
	out = play("writable", USER, NO_ANSWERS);
	assert_int_equal(out.code, E_PAM_SERVICE_MODE);
}

static void
an_agent_that_dies_is_an_error(void **state)
{
	struct login *login = NULL;
	struct login_event event;
	struct err err = {0};

	(void)state;
	assert_ok(login_start("/bin/true", USER, &login, &err), &err);
	wait_readable(login_fd(login));
	assert_int_equal(login_next(login, &event, &err), -1);
	assert_int_equal(err.code, E_PAM_AGENT);
	login_free(&login);
	assert_int_equal(
	    login_start("/nonexistent/sekisho", USER, &login, &err), -1);
	assert_int_equal(err.code, E_PAM_AGENT);
}

static void
cancelling_ends_the_agent(void **state)
{
	struct login *login = NULL;
	struct login_event event;
	struct err err = {0};

	(void)state;
	put("passdb", 0600, USER ":correct horse:matrix\n");
	setenv("TEST_PAM_DIR", dir, 1);
	setenv("TEST_PAM_SERVICE", "matrix", 1);
	assert_ok(login_start(self, USER, &login, &err), &err);
	wait_readable(login_fd(login));
	assert_int_equal(login_next(login, &event, &err), 1);
	login_free(&login);
	assert_null(login);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(password_right_and_wrong),
	    cmocka_unit_test(two_prompts_with_oath),
	    cmocka_unit_test(every_result_has_its_code),
	    cmocka_unit_test(info_texts_arrive),
	    cmocka_unit_test(failures_announce_their_delay),
	    cmocka_unit_test(the_service_file_is_required),
	    cmocka_unit_test(an_agent_that_dies_is_an_error),
	    cmocka_unit_test(cancelling_ends_the_agent),
	};

	if (argc == 4 && !strcmp(argv[1], "pam-agent"))
		return agent_main(argv[2], argv[3]);
	self = argv[0];
	return cmocka_run_group_tests(tests, make_folder, NULL);
}
