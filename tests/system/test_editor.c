/* A text goes to another editor and comes back, in the real program on a
 * terminal: what the editor is given, what it changes, and what is left when
 * the program is killed meanwhile. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/campaign/campaign.h"
#include "tests/fake/desk.h"
#include "tests/unit/unit.h"

enum { WAIT_MS = 30000, SEEN_MAX = 4096 };

/* The editor: writes down what it sees, then changes the text. */
static const char editor[] =
    "#!/bin/sh\n"
    "{ stat -c '%a' \"$1\"; stat -c '%a' \"${1%/*}\"\n"
    "  stat -f -c %T \"$1\"; echo \"$TERM\"; stty size; echo \"$#\"\n"
    "} >@/seen </dev/tty\n"
    "sed -i 's/吾輩は猫/吾輩は犬/' \"$1\"\n"
    "cp \"$1\" \"$1~\"\n";

/* The same, but it waits until it is told to go on. */
static const char slow_editor[] =
    "#!/bin/sh\n"
    "sed -i 's/吾輩は猫/吾輩は鳥/' \"$1\"\n"
    "echo \"$1\" >@/started.new; mv @/started.new @/started\n"
    "while [ ! -e @/go ]; do sleep 0.05; done\n";

static void
make_campaign(struct desk *desk)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct err err = {.code = E_NONE};
	struct store *store = desk_make_store(desk);
	struct campaign_id id;
	struct db *db = NULL;

	assert_ok(
	    campaign_create(store, SPAN("Novel"), CLASS_NOTICE, &id, &err),
	    &err);
	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_ok(campaign_read(db, id, &campaign, &err), &err);
	store_reader_close(&db);
	buf_text(&campaign.subject, "小説");
	buf_text(&campaign.body, "吾輩は猫である。\n\n名前はまだ無い。\n");
	assert_ok(campaign_save(store, &campaign, &err), &err);
	campaign_done(&campaign);
	store_close(&store);
}

static void
open_desk(struct desk *desk, const char *script)
{
	static char variable[400];
	static const char *env[] = {variable, NULL};

	desk_open(desk, "en");
	desk_put(desk, "editor", 0700, script);
	/* words: the second one is an argument of its own */
	snprintf(
	    variable, sizeof variable, "EDITOR=%s", desk_path(desk, "editor"));
	desk->env = env;
	make_campaign(desk);
	desk_come_in(desk);
	pty_keys(desk->pty, "3 Enter e");
	pty_wait_text(desk->pty, "吾輩は猫");
}

static void
assert_seen(struct desk *desk, const char *wanted)
{
	struct buf seen = BUF_INIT;
	struct err err = {.code = E_NONE};

	assert_ok(
	    file_read(desk_path(desk, "seen"), SEEN_MAX, &seen, &err), &err);
	assert_string_equal(seen.ptr, wanted);
	buf_done(&seen);
}

/* No folder of ours is left in memory. */
static size_t
folders_left(void)
{
	DIR *dir = opendir("/dev/shm");
	struct dirent *entry;
	size_t count = 0;

	while (dir && (entry = readdir(dir)))
		count +=
		    span_starts(span_of(entry->d_name), SPAN("sekisho-edit-"));
	if (dir)
		closedir(dir);
	return count;
}

static void
goes_out_and_comes_back(void **state)
{
	size_t before = folders_left();
	struct desk desk;

	(void)state;
	open_desk(&desk, editor);
	pty_keys(desk.pty, "^E");
	pty_wait_text(desk.pty, "1 place has changed");
	pty_wait_text(desk.pty, "- 吾輩は猫である。");
	pty_wait_text(desk.pty, "+ 吾輩は犬である。");
	assert_seen(&desk, "600\n700\ntmpfs\nxterm-256color\n24 80\n1\n");
	assert_int_equal(folders_left(), before);
	pty_keys(desk.pty, "u");
	pty_wait_text(desk.pty, "吾輩は猫");
	/* another size: the editor gets it, and so do we afterwards */
	pty_resize(desk.pty, 30, 100);
	pty_wait_idle(desk.pty);
	pty_keys(desk.pty, "^E");
	pty_wait_text(desk.pty, "+ 吾輩は犬である。");
	assert_seen(&desk, "600\n700\ntmpfs\nxterm-256color\n30 100\n1\n");
	pty_keys(desk.pty, "Enter ^S");
	desk_wait(&desk, "Saved.");
	pty_keys(desk.pty, "Esc");
	desk_leave(&desk);
	desk_close(&desk);
}

static void
wait_for_file(const char *path)
{
	for (int waited = 0; access(path, F_OK) != 0; waited += 20) {
		assert_true(waited < WAIT_MS);
		usleep(20000);
	}
}

/* The program dies while the editor has the text: the next start offers what
 * was written, and nothing is left in memory. */
static void
a_killed_program_loses_nothing(void **state)
{
	size_t before = folders_left();
	struct desk desk;

	(void)state;
	open_desk(&desk, slow_editor);
	pty_send(desk.pty, "\x05", 1);
	wait_for_file(desk_path(&desk, "started"));
	assert_int_equal(folders_left(), before + 1);
	desk_kill(&desk);
	desk_put(&desk, "go", 0600, "");
	desk_come_in(&desk);
	desk_wait(&desk, "A text that was at another editor");
	assert_int_equal(folders_left(), before);
	pty_keys(desk.pty, "3 Enter e");
	desk_wait(&desk, "Unsaved text was kept");
	pty_answer(desk.pty, "r", desk_word(&desk, "Unsaved text was kept"));
	pty_wait_text(desk.pty, "吾輩は鳥");
	pty_keys(desk.pty, "^S");
	desk_wait(&desk, "Saved.");
	pty_keys(desk.pty, "Esc");
	desk_leave(&desk);
	desk_close(&desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goes_out_and_comes_back),
	    cmocka_unit_test(a_killed_program_loses_nothing),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP editor: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
