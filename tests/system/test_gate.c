/* That nothing else leads to sending is shown by a lint over all objects; here
 * the lint itself is put to the test: objects and sources that go around the
 * review must not pass. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fake/tempstore.h"

static char *dir;

/* Runs a command of the shell; what it said is in *said. */
static int
run(const char *command, struct buf *said)
{
	FILE *out = popen(command, "r");
	char line[1024];

	assert_non_null(out);
	while (fgets(line, sizeof line, out))
		buf_text(said, line);
	return pclose(out);
}

/* Compiles a source of the test's folder; 0 when the compiler took it. */
static int
compile(const char *source)
{
	struct buf path = BUF_INIT, command = BUF_INIT, said = BUF_INIT;
	struct err err = {0};
	int status;

	buf_printf(&path, "%s/rogue.c", dir);
	assert_ok(file_replace(path.ptr, span_of(source), 0600, &err), &err);
	buf_printf(&command, "cc -std=c17 -I. -c -o %s/rogue.o %s 2>&1", dir,
	    path.ptr);
	status = run(command.ptr, &said);
	buf_done(&said);
	buf_done(&command);
	buf_done(&path);
	return status;
}

static int
lint(const char *object, struct buf *said)
{
	struct buf command = BUF_INIT;
	int status;

	buf_printf(
	    &command, "O=%s sh tests/lint/gate.sh %s 2>&1", BUILD_DIR, object);
	status = run(command.ptr, said);
	buf_done(&command);
	return status;
}

static void
the_program_passes(void **state)
{
	struct buf said = BUF_INIT;

	(void)state;
	if (lint("", &said) != 0)
		fail_msg("%s", said.ptr ? said.ptr : "");
	buf_done(&said);
}

static void
who_goes_around_is_named(void **state)
{
	static const char *const functions[] = {"clearance_grant", "run_start",
	    "exchange_new", "smtp_submit", "smtp_new", "dialler_new", "connect",
	    "socket", "sendto", "SSL_write_ex", "execve", "posix_spawn",
	    "system", "test_grant", "test_send", "test_clearance_use",
	    "test_note", "assemble_test", "test_code", "test_code_check",
	    "post_send"};
	static const char *const makers[] = {
	    "clearance_grant", "test_grant", "test_send"};
	struct buf source = BUF_INIT, object = BUF_INIT, said = BUF_INIT;

	(void)state;
	buf_printf(&object, "%s/rogue.o", dir);
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		buf_clear(&source);
		buf_clear(&said);
		buf_printf(&source,
		    "extern int %s(void);\nint rogue(void);\n"
		    "int rogue(void)\n{\n\treturn %s();\n}\n",
		    functions[i], functions[i]);
		assert_int_equal(compile(source.ptr), 0);
		assert_int_not_equal(lint(object.ptr, &said), 0);
		assert_true(span_search(buf_span(&said),
				span_of(functions[i])) < said.len);
	}
	/* A second maker of clearances. */
	for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
		buf_clear(&source);
		buf_printf(&source,
		    "int %s(void);\nint %s(void)\n{\n\treturn 0;\n}\n",
		    makers[i], makers[i]);
		assert_int_equal(compile(source.ptr), 0);
		assert_int_not_equal(lint(object.ptr, &said), 0);
	}
	buf_done(&said);
	buf_done(&object);
	buf_done(&source);
}

#define HEADERS                                                                \
	"#include \"core/review/review.h\"\n"                                  \
	"#include \"core/deliver/deliver.h\"\n"

/* To everybody else a clearance has neither size nor members. */
static void
nobody_else_makes_one(void **state)
{
	(void)state;
	assert_int_equal(
	    compile(HEADERS "struct clearance *borrowed(void);\n"), 0);
	assert_int_not_equal(compile(HEADERS "struct clearance made;\n"
					     "unsigned long size(void);\n"
					     "unsigned long size(void)\n{\n"
					     "\treturn sizeof made;\n}\n"),
	    0);
	assert_int_not_equal(
	    compile(HEADERS "long all(struct clearance *c);\n"
			    "long all(struct clearance *c)\n{\n"
			    "\treturn c->recipients = 5;\n}\n"),
	    0);
}

/* The same for test mail; and the address a letter goes to cannot be changed. */
static void
nobody_else_makes_a_test(void **state)
{
	(void)state;
	assert_int_equal(
	    compile(HEADERS "struct test_clearance *borrowed(void);\n"), 0);
	assert_int_not_equal(compile(HEADERS "struct test_clearance made;\n"
					     "unsigned long size(void);\n"
					     "unsigned long size(void)\n{\n"
					     "\treturn sizeof made;\n}\n"),
	    0);
	assert_int_not_equal(
	    compile(HEADERS "void turn(const struct test_letter *letter);\n"
			    "void turn(const struct test_letter *letter)\n{\n"
			    "\tletter->rcpt_to = letter->mail_from;\n}\n"),
	    0);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_program_passes),
	    cmocka_unit_test(who_goes_around_is_named),
	    cmocka_unit_test(nobody_else_makes_one),
	    cmocka_unit_test(nobody_else_makes_a_test),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
