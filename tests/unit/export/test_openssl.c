/* The commands of docs/export.md, run as they stand there with the openssl that
 * is installed. */
#include <stdio.h>
#include <sys/wait.h>

#include "tests/unit/export/export_kit.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* Runs a shell command in a folder, quietly: its status. */
static int
run(const char *dir, const char *command, const char *passphrase)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		setenv("PASSPHRASE", passphrase, 1);
		if (chdir(dir) < 0 || !freopen("/dev/null", "w", stderr))
			_exit(99);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(98);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Runs command number index of the manual. */
static int
run_manual(const char *dir, int index, const char *passphrase)
{
	struct buf manual = BUF_INIT, line = BUF_INIT;
	struct span rest;
	struct err err = {0};
	int at = -1, status;

	assert_ok(file_read("docs/export.md", 1 << 20, &manual, &err), &err);
	rest = buf_span(&manual);
	while (rest.len && at < index) {
		struct span next = span_cut(&rest, '\n');

		if (!span_starts(next, SPAN("    openssl ")))
			continue;
		at++;
		buf_clear(&line);
		buf_add(&line, next);
	}
	assert_int_equal(at, index);
	status = run(dir, line.ptr, passphrase);
	buf_done(&manual);
	buf_done(&line);
	return status;
}

static void
read_name(const struct kit *kit, const char *name, struct buf *out)
{
	struct buf path = BUF_INIT;
	struct err err = {0};

	buf_printf(&path, "%s/%s", kit->dir, name);
	buf_clear(out);
	assert_ok(file_read(path.ptr, 1 << 24, out, &err), &err);
	buf_done(&path);
}

/* What is in the opened file, and nowhere else in clear. */
static void
assert_opened(const struct kit *kit)
{
	struct buf text = BUF_INIT;

	read_name(kit, "people.csv", &text);
	assert_true(span_starts(buf_span(&text), SPAN("\xef\xbb\xbf"
						      "address,name,")));
	assert_true(span_search(buf_span(&text),
			SPAN("\r\np2999@example.jp,Person 2999,")) < text.len);
	read_name(kit, "people.cms", &text);
	assert_int_equal(
	    span_search(buf_span(&text), SPAN("example.jp")), text.len);
	assert_int_equal(
	    span_search(buf_span(&text), SPAN("Person")), text.len);
	buf_done(&text);
}

static void
be_cms(struct kit *kit)
{
	buf_clear(&kit->path);
	buf_printf(&kit->path, "%s/people.cms", kit->dir);
	set(kit, "export.over", "5000");
	set(kit, "export.plain", "off");
	import_many(kit, 3000);
}

static void
a_passphrase_opens_it(void **state)
{
	struct kit *kit = *state;
	struct secret *passphrase = export_passphrase_make();
	struct export_made made;
	struct buf text = BUF_INIT;
	struct err err = {0};
	char *typed = mem_text(secret_span(passphrase));

	be_cms(kit);
	kit->order.seal = EXPORT_BY_PASSPHRASE;
	assert_ok(export_write(kit->store, &kit->order, 0, kit->path.ptr,
		      passphrase, NULL, &made, &err),
	    &err);
	assert_int_not_equal(run_manual(kit->dir, 0, "not the passphrase"), 0);
	assert_int_equal(run_manual(kit->dir, 0, typed), 0);
	assert_opened(kit);
	/* a flipped bit is noticed */
	read_name(kit, "people.cms", &text);
	text.ptr[text.len / 2] ^= 1;
	unlink(kit->path.ptr);
	assert_ok(
	    file_replace(kit->path.ptr, buf_span(&text), 0600, &err), &err);
	assert_int_not_equal(run_manual(kit->dir, 0, typed), 0);
	secret_free(&passphrase);
	free(typed);
	buf_done(&text);
}

static void
short_passphrases_are_refused(void **state)
{
	struct kit *kit = *state;
	struct secret *passphrase = secret_of("eleven char", 11);
	struct export_made made;
	struct err err = {0};

	import_many(kit, 1);
	kit->order.seal = EXPORT_BY_PASSPHRASE;
	assert_int_equal(export_write(kit->store, &kit->order, 0, kit->path.ptr,
			     passphrase, NULL, &made, &err),
	    -1);
	assert_int_equal(err.code, E_PASSPHRASE_WEAK);
	assert_int_equal(count_files(kit->dir), 1);
	secret_free(&passphrase);
}

static void
made_passphrases_differ(void **state)
{
	struct secret *one = export_passphrase_make();
	struct secret *two = export_passphrase_make();

	(void)state;
	assert_int_equal(one->len, 39);
	for (size_t i = 4; i < one->len; i += 5)
		assert_int_equal(one->bytes[i], '-');
	assert_false(secret_equal(one, two));
	secret_free(&one);
	secret_free(&two);
}

/* Keys as somebody makes them with the same openssl. */
static void
a_certificate_opens_it(void **state)
{
	static const char *const keys[] = {
	    "rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256"};
	struct kit *kit = *state;
	struct buf command = BUF_INIT, pem = BUF_INIT, about = BUF_INIT;
	struct export_made made;
	struct err err = {0};

	be_cms(kit);
	/* certificates are of now */
	fake_clock_move(&kit->clock, clock_now_ms(clock_real()) -
					 clock_now_ms(&kit->clock.base) +
					 DAY_MS);
	kit->order.seal = EXPORT_BY_CERTIFICATE;
	for (size_t i = 0; i < 2; i++) {
		buf_clear(&command);
		buf_printf(&command,
		    "openssl req -x509 -newkey %s -nodes -days 30"
		    " -subj /CN=Auditor -keyout person.key -out person.pem",
		    keys[i]);
		assert_int_equal(run(kit->dir, command.ptr, ""), 0);
		read_name(kit, "person.pem", &pem);
		buf_clear(&about);
		assert_ok(export_certificate_check(buf_span(&pem),
			      clock_now_ms(&kit->clock.base), &about, &err),
		    &err);
		assert_true(
		    span_starts(buf_span(&about), SPAN("CN=Auditor, ")));
		buf_clear(&kit->order.certificate);
		buf_add(&kit->order.certificate, buf_span(&pem));
		assert_ok(export_write(kit->store, &kit->order, 0,
			      kit->path.ptr, NULL, NULL, &made, &err),
		    &err);
		assert_int_equal(run_manual(kit->dir, 1, ""), 0);
		assert_opened(kit);
		unlink(kit->path.ptr);
		set(kit, "export.over", "10000");
	}
	assert_int_equal(
	    export_certificate_check(buf_span(&pem),
		clock_now_ms(&kit->clock.base) + 31LL * DAY_MS, NULL, &err),
	    -1);
	assert_string_equal(err_find(&err, "why"), "time");
	buf_done(&command);
	buf_done(&pem);
	buf_done(&about);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_passphrase_opens_it),
	    TEST(short_passphrases_are_refused),
	    TEST(made_passphrases_differ),
	    TEST(a_certificate_opens_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
