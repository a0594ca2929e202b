/* A token is asked for once, kept, and after a refusal asked for once more. */
#include "tests/unit/unit.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "core/health/health.h"
#include "tests/fake/tempstore.h"

static char *dir;

/* A helper that numbers its tokens and notes each call. */
static struct relay_config
relay_with(const char *script)
{
	struct relay_config relay = {.host = "smtp.example.jp"};
	struct err err = {0};
	struct buf text = BUF_INIT;

	snprintf(relay.user, sizeof relay.user, "news");
	snprintf(
	    relay.token_command, sizeof relay.token_command, "%s/helper", dir);
	buf_printf(&text, "#!/bin/sh\ncd '%s'\n%s", dir, script);
	assert_ok(
	    file_replace(relay.token_command, buf_span(&text), 0700, &err),
	    &err);
	buf_done(&text);
	return relay;
}

static const char counting[] = "echo \"$1 $2\" >>calls\n"
			       "echo token-$(wc -l <calls)\n";

static enum token_got
ask(struct token *token, struct err *err)
{
	enum token_got got;

	*err = (struct err){0};
	while ((got = token_ask(token, err)) == TOKEN_WAITING)
		sched_yield();
	return got;
}

static struct secret *
take(struct token *token, const char *wanted)
{
	struct secret *secret;
	struct err err;

	assert_int_equal(ask(token, &err), TOKEN_READY);
	secret = token_take(token);
	assert_non_null(secret);
	assert_span_equal(secret_span(secret), wanted);
	return secret;
}

static void
kept_until_refused(void **state)
{
	struct relay_config relay = relay_with(counting);
	struct token *token = token_new(&relay);
	struct secret *first, *again, *second, *third;
	struct err err;

	(void)state;
	assert_null(token_take(token));
	first = take(token, "token-1");
	again = take(token, "token-1");
	/* ten sessions were dialled with it: one refusal */
	for (int i = 0; i < 10; i++)
		assert_int_equal(token_refused(token, first), TOKEN_WAITING);
	second = take(token, "token-2");
	assert_int_equal(token_refused(token, again), TOKEN_WAITING);
	token_accepted(token);
	assert_int_equal(token_refused(token, second), TOKEN_WAITING);
	third = take(token, "token-3");
	assert_int_equal(token_refused(token, third), TOKEN_FAILED);
	/* and now it is left alone */
	assert_int_equal(ask(token, &err), TOKEN_FAILED);
	assert_int_equal(err.code, E_SMTP_AUTH);
	assert_int_equal(ask(token, &err), TOKEN_FAILED);
	secret_free(&first);
	secret_free(&again);
	secret_free(&second);
	secret_free(&third);
	token_free(&token);
	assert_null(token);
}

static void
it_is_told_for_whom(void **state)
{
	struct relay_config relay = relay_with("echo \"$#:$1:$2\"\n");
	struct secret *secret = NULL;
	struct err err = {0};

	(void)state;
	assert_ok(relay_ask_token(&relay, -1, &secret, &err), &err);
	assert_span_equal(secret_span(secret), "2:news:smtp.example.jp");
	secret_free(&secret);
}

static void
its_errors_are_told_once(void **state)
{
	struct relay_config relay = relay_with("exit 7\n");
	struct token *token = token_new(&relay);
	struct secret *secret;
	struct err err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(token, &err), TOKEN_FAILED);
		assert_int_equal(err.code, E_COMMAND_EXIT);
	}
	/* the network is back */
	relay_with("echo fine\n");
	secret = take(token, "fine");
	secret_free(&secret);
	token_free(&token);
}

/* Whoever leaves does not wait for a helper that hangs. */
static void
leaving_ends_it(void **state)
{
	struct relay_config relay = relay_with("exec sleep 600\n");
	struct token *token = token_new(&relay);
	struct err err = {0};

	(void)state;
	assert_int_equal(token_ask(token, &err), TOKEN_WAITING);
	token_free(&token);
}

static int
set_up(void **state)
{
	(void)state;
	dir = tempdir_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tempdir_remove(&dir);
	return 0;
}

#define IN_A_FOLDER(test)                                                      \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_A_FOLDER(kept_until_refused),
	    IN_A_FOLDER(it_is_told_for_whom),
	    IN_A_FOLDER(its_errors_are_told_once),
	    IN_A_FOLDER(leaving_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
