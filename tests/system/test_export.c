/* An export by keys, from the list to the file: hanako asks, jiro approves from
 * a login of their own or at hanako's terminal, and the file is opened with the
 * command that stands on the screen. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/fake/pair.h"
#include "tests/fake/tempstore.h"

#define REASON "labels for the autumn fair"

enum { FILE_LIMIT = 1 << 20, PEOPLE = 12 };

/* ---- hanako ------------------------------------------------------------------------ */

/* Of more than five people a second person must approve. */
static void
set_policy(struct pair *pair)
{
	pair_give(pair->folder, 0, 0);
	pair->stage.store =
	    tempstore_open_again(pair->folder, pair->stage.world.clock);
	stage_sql(&pair->stage,
	    "INSERT INTO setting(name, value, changed_ms, changed_by)"
	    " VALUES('export.over', '5', 1, 'test')");
	store_close(&pair->stage.store);
	pair_give(pair->folder, PAIR_HANAKO, PAIR_GROUP);
}

static void
come_in(struct pair *pair, const char *language)
{
	struct desk *hanako = &pair->hanako;

	pair_open(pair, language);
	set_policy(pair);
	desk_start(hanako, NULL);
	desk_sign_in(hanako);
	desk_wait(hanako, "Passphrase of the store");
	desk_enter(hanako, TEMPSTORE_PASSPHRASE);
	desk_wait(hanako, "Home");
	pair_make_key(pair);
	pair_confirm_key(pair);
}

/* From the lists to the page that waits for a second person. */
static void
ask_for_it(struct pair *pair, const char *path)
{
	struct desk *hanako = &pair->hanako;

	pty_keys(hanako->pty, "2");
	desk_wait(hanako, "Lists");
	pty_wait_text(hanako->pty, "12");
	pty_keys(hanako->pty, "O");
	desk_wait(hanako, "must approve: it is more than %s");
	desk_field(hanako, "File", path);
	desk_field(hanako, "Reason", REASON);
	pty_keys(hanako->pty, "^N");
	desk_wait(hanako, "Ask for a second person");
	pty_answer(
	    hanako->pty, "y", desk_word(hanako, "Ask for a second person"));
	desk_wait(hanako, "A second person must approve this export. Nothing "
			  "is written before.");
	assert_int_not_equal(access(path, F_OK), 0);
}

/* ---- jiro ---------------------------------------------------------------------------- */

/* From "sekisho approve" to the end of the page; the campaign of the stage
 * waits, too. */
static void
read_it(struct desk *jiro)
{
	desk_pick(
	    jiro, "What waits for you", desk_word(jiro, "Export %lld: %.*s"));
	desk_wait(jiro, "These people's data would leave the store in a file:");
	pty_wait_prose(jiro->pty, REASON);
	for (int i = 0; i < 6; i++)
		pty_keys(jiro->pty, "PgDn");
	desk_wait(jiro, "All was read: approve or reject.");
}

/* A new dialog is deaf for a moment. */
static void
sign_it(struct desk *jiro)
{
	const char *asked = desk_word(jiro, "Type the passphrase of your key.");

	pty_keys(jiro->pty, "^N");
	desk_reply(jiro, "How many people?", "12");
	desk_reply(jiro, "Note", "asked the department");
	pty_wait_prose(jiro->pty, asked);
	do {
		pty_keys(jiro->pty, "^U");
		pty_type(jiro->pty, PAIR_PASSPHRASE);
		pty_keys(jiro->pty, "Enter");
	} while (pty_shows_prose(jiro->pty, asked));
	desk_wait(jiro, "Approved and signed, for one time. The operator can "
			"write the file now; you can leave.");
}

/* ---- The file ------------------------------------------------------------------------- */

/* What stands behind a label at the beginning of a line. */
static char *
value_of(struct desk *desk, const char *label)
{
	char *screen = pty_screen(desk->pty), *value = NULL;
	struct span rest = span_of(screen);

	while (rest.len && !value) {
		struct span line = span_trim(span_cut(&rest, '\n'));

		if (span_starts(line, span_of(label)))
			value = mem_text(span_trim(
			    span_slice(line, strlen(label), line.len)));
	}
	free(screen);
	assert_non_null(value);
	return value;
}

/* The command as it stands on the screen, with the passphrase put in. */
static void
read_command(struct desk *desk, const char *passphrase, struct buf *out)
{
	char *screen = pty_screen(desk->pty);
	struct span rest = span_of(screen);
	bool inside = false;

	while (rest.len) {
		struct span line = span_trim(span_cut(&rest, '\n'));
		size_t at = span_search(line, SPAN("PASSPHRASE"));

		inside |= span_starts(line, SPAN("openssl "));
		if (!inside)
			continue;
		buf_add(out, span_slice(line, 0, at));
		if (at < line.len)
			buf_text(out, passphrase);
		buf_char(out, '\n');
		inside = at == line.len;
	}
	free(screen);
	assert_true(out->len > 0);
}

static void
open_it(struct desk *hanako, struct buf *csv)
{
	char *passphrase = value_of(hanako, desk_word(hanako, "Passphrase"));
	struct buf command = BUF_INIT;
	struct err err = {0};

	buf_printf(&command, "cd %s && ", hanako->dir);
	read_command(hanako, passphrase, &command);
	if (system(command.ptr) != 0)
		fail_msg("%s", command.ptr);
	assert_ok(
	    file_read(desk_path(hanako, "export.csv"), FILE_LIMIT, csv, &err),
	    &err);
	buf_done(&command);
	free(passphrase);
}

static void
write_and_open(struct pair *pair, const char *path)
{
	struct desk *hanako = &pair->hanako;
	struct buf csv = BUF_INIT;
	struct stat st;
	struct span rest;
	int people = 0;

	desk_wait(hanako, "✓ Approved, for one time. ^N writes the file.");
	pty_keys(hanako->pty, "^N");
	desk_reply(hanako, "Write the export", "12");
	desk_wait(hanako, "✓ Written, readable by you alone; the log holds it "
			  "as an export.");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	open_it(hanako, &csv);
	rest = buf_span(&csv);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');

		people += span_search(line, SPAN("@example.jp")) < line.len;
	}
	assert_int_equal(people, PEOPLE);
	pty_keys(hanako->pty, "q");
	desk_wait(hanako, "Leave the passphrase");
	pty_answer(hanako->pty, "y", desk_word(hanako, "Leave the passphrase"));
	desk_leave(hanako);
	buf_done(&csv);
}

static void
from_their_own_login(const char *language)
{
	struct pair pair;
	const char *path;

	come_in(&pair, language);
	path = desk_path(&pair.hanako, "out.csv.cms");
	ask_for_it(&pair, path);
	pair_come_to_approve(&pair);
	read_it(&pair.jiro);
	sign_it(&pair.jiro);
	pty_keys(pair.jiro.pty, "q");
	assert_int_equal(WEXITSTATUS(pty_wait_end(pair.jiro.pty)), 0);
	write_and_open(&pair, path);
	pair_close(&pair);
}

static void
in_english(void **state)
{
	(void)state;
	from_their_own_login("en");
}

static void
in_japanese(void **state)
{
	(void)state;
	from_their_own_login("ja");
}

/* ---- Refused ---------------------------------------------------------------------------- */

static void
a_rejection_is_read(void **state)
{
	struct pair pair;
	const char *path;

	(void)state;
	come_in(&pair, "en");
	path = desk_path(&pair.hanako, "out.csv.cms");
	ask_for_it(&pair, path);
	pair_come_to_approve(&pair);
	desk_pick(&pair.jiro, "What waits for you",
	    desk_word(&pair.jiro, "Export %lld: %.*s"));
	desk_wait(
	    &pair.jiro, "These people's data would leave the store in a file:");
	pty_keys(pair.jiro.pty, "R");
	desk_reply(
	    &pair.jiro, "Reject the export", "Ask these people first, please.");
	desk_wait(&pair.jiro, "Rejected: nothing is written, and the operator "
			      "reads your reason; you can leave.");
	desk_wait(&pair.hanako, "✗ Rejected; nothing is written. e changes it "
				"and asks again.");
	pty_wait_prose(pair.hanako.pty, "Ask these people first, please.");
	assert_int_not_equal(access(path, F_OK), 0);
	pair_close(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_english),
	    cmocka_unit_test(in_japanese),
	    cmocka_unit_test(a_rejection_is_read),
	};
	const char *why = pair_missing();

	if (why) {
		printf("export: %s\n", why);
		return getenv("CI") ? 1 : 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
