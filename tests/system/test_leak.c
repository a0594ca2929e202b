/* What people wrote and who they write to is in no file as it is: not beside
 * the store, not in folders for temporary files, not in deleted files that are
 * still open; while the program runs, after it was killed, and after it ended
 * by itself. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <iconv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fake/desk.h"

enum { FILE_MAX = 64 << 20, ROWS = 200, WAIT_MS = 20000 };

#define LIST "members.csv"

/* Nothing else in the program or its files looks like these. */
static const char *const canaries[] = {"canary.kestrel", "Canary Kestrel",
    "カナリア瑠璃子", "瑠璃色の件名", "canary subject zx81", "本文の瑠璃色鸚哥",
    "canary body qv77", "瑠璃子のメモ"};
enum { CANARIES = sizeof canaries / sizeof *canaries };

/* ---- Looking --------------------------------------------------------------------- */

/* Every canary as UTF-8, as CP932 and as UTF-16. */
static struct buf forms[CANARIES * 3];
static size_t found;

static void
convert(const char *text, const char *charset, struct buf *out)
{
	iconv_t to = iconv_open(charset, "UTF-8");
	char *in = (char *)(uintptr_t)text, *room;
	size_t left = strlen(text), space = left * 4;

	buf_reserve(out, space);
	room = out->ptr;
	assert_true(to != (iconv_t)-1);
	assert_int_not_equal(iconv(to, &in, &left, &room, &space), (size_t)-1);
	out->len = (size_t)(room - out->ptr);
	iconv_close(to);
}

static void
make_forms(void)
{
	static const char *const charsets[] = {"UTF-8", "CP932", "UTF-16LE"};

	for (size_t i = 0; i < CANARIES * 3; i++)
		convert(canaries[i / 3], charsets[i % 3], &forms[i]);
}

static void
look_into(const char *path, const char *shown)
{
	struct buf bytes = BUF_INIT;

	if (file_read(path, FILE_MAX, &bytes, NULL) == 0) {
		for (size_t i = 0; i < CANARIES * 3; i++) {
			size_t at =
			    span_search(buf_span(&bytes), buf_span(&forms[i]));

			if (at == bytes.len)
				continue;
			found++;
			if (shown)
				print_message("%s is in %s at %zu\n",
				    canaries[i / 3], shown, at);
		}
	}
	buf_done(&bytes);
}

static int
look_at(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)at;
	/* The list that the test itself has put there. */
	if (kind == FTW_F && S_ISREG(st->st_mode) && !strstr(path, LIST))
		look_into(path, path);
	return 0;
}

/* Files without a name are seen through the program that has them open. */
static void
look_at_open_files(int pid)
{
	char folder[64], path[400], target[400];
	struct dirent *entry;
	struct stat st;
	ssize_t len;
	DIR *dir;

	snprintf(folder, sizeof folder, "/proc/%d/fd", pid);
	dir = opendir(folder);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		len = readlink(path, target, sizeof target - 1);
		if (len <= 0 || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		target[len] = '\0';
		if (!strstr(target, LIST))
			look_into(path, target);
	}
	closedir(dir);
}

static void
expect_nothing(struct desk *desk)
{
	found = 0;
	nftw(desk->dir, look_at, 8, FTW_PHYS);
	if (desk->pty)
		look_at_open_files(pty_pid(desk->pty));
	assert_int_equal(found, 0);
}

/* ---- Writing ---------------------------------------------------------------------- */

static void
write_list(struct desk *desk)
{
	struct buf text = BUF_INIT;
	struct err err = {0};
	const char *path = desk_path(desk, "home/" LIST);

	buf_text(&text, "email,name,memo\n");
	for (int i = 0; i < ROWS; i++)
		buf_printf(&text,
		    "canary.kestrel%d@example.jp,%s %d,瑠璃子のメモ\n", i,
		    i % 2 ? "カナリア瑠璃子" : "Canary Kestrel", i);
	assert_ok(file_replace(path, buf_span(&text), 0600, &err), &err);
	buf_done(&text);
	/* The looking can find. */
	found = 0;
	look_into(path, NULL);
	assert_true(found > 0);
}

static void
import(struct desk *desk)
{
	pty_keys(desk->pty, "2 i");
	desk_field(desk, "File", "~/" LIST);
	desk_field(desk, "New list's name", "カナリア瑠璃子");
	pty_keys(desk->pty, "^N");
	pty_wait_text(desk->pty, "canary.kestrel0@example.jp");
	pty_keys(desk->pty, "^N ^N");
	desk_wait(
	    desk, "This is what storing would do; nothing is stored yet:");
	expect_nothing(desk);
	pty_keys(desk->pty, "^N");
	desk_wait(desk, "The import is done.");
	pty_keys(desk->pty, "l");
	pty_wait_text(desk->pty, "of 200");
}

static void
begin_text(struct desk *desk)
{
	pty_keys(desk->pty, "3 n");
	desk_reply(desk, "New campaign", "Canary Kestrel");
	desk_focus(desk, "Subject");
	pty_keys(desk->pty, "Enter");
	pty_type(desk->pty, "canary subject zx81 瑠璃色の件名");
	pty_keys(desk->pty, "Enter");
	expect_nothing(desk);
	pty_keys(desk->pty, "e");
}

static int64_t
log_changed(struct desk *desk)
{
	struct stat st;

	if (stat(desk_path(desk, "store/store.db-wal"), &st) < 0)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

/* Typed text is kept a second later, without a key: seen by the store's log,
 * which grows.  ^L is answered when that work is done. */
static void
type_and_wait_until_kept(struct desk *desk)
{
	int64_t before = log_changed(desk);
	int waited = 0;

	pty_type(desk->pty, "本文の瑠璃色鸚哥 canary body qv77");
	while (log_changed(desk) == before) {
		assert_true(waited < WAIT_MS);
		pty_wait_idle(desk->pty);
		usleep(20000);
		waited += 20;
	}
	pty_keys(desk->pty, "^L");
}

/* ---- Tests ------------------------------------------------------------------------- */

static void
leaves_no_plain_text(void **state)
{
	static const char *const env[] = {"EDITOR=/bin/true", NULL};
	struct desk desk;
	struct store *store;

	(void)state;
	desk_open(&desk, "en");
	desk.env = env;
	store = desk_make_store(&desk);
	store_close(&store);
	write_list(&desk);
	desk_come_in(&desk);
	import(&desk);
	begin_text(&desk);
	type_and_wait_until_kept(&desk);
	expect_nothing(&desk);

	desk_kill(&desk);
	expect_nothing(&desk);

	/* What was typed is not lost, and goes to $EDITOR and back. */
	desk_come_in(&desk);
	pty_keys(desk.pty, "3 Enter");
	desk_wait(&desk, "Unsaved text was kept");
	pty_answer(desk.pty, "r", desk_word(&desk, "Unsaved text was kept"));
	pty_wait_text(desk.pty, "canary body qv77");
	pty_keys(desk.pty, "^E");
	desk_wait(&desk, "The text came back unchanged.");
	expect_nothing(&desk);
	pty_keys(desk.pty, "^S");
	desk_wait(&desk, "Saved.");
	pty_keys(desk.pty, "Esc");
	desk_leave(&desk);
	expect_nothing(&desk);
	desk_close(&desk);
}

static void
proc_line(int pid, const char *file, const char *start, char line[256])
{
	char path[64];
	FILE *in;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	in = fopen(path, "r");
	assert_non_null(in);
	while (fgets(line, 256, in)) {
		if (strncmp(line, start, strlen(start)) == 0)
			break;
		line[0] = '\0';
	}
	fclose(in);
}

static void
dumps_no_core(void **state)
{
	struct desk desk;
	char line[256];
	int status;

	(void)state;
	desk_open(&desk, "en");
	desk_start(&desk, NULL);
	pty_wait_text(desk.pty, "Password:");
	proc_line(pty_pid(desk.pty), "limits", "Max core file size", line);
	assert_non_null(strstr(line, " 0 "));
	pty_signal(desk.pty, SIGSEGV);
	status = pty_wait_end(desk.pty);
	assert_true(WIFSIGNALED(status));
	assert_false(WCOREDUMP(status));
	pty_assert_restored(desk.pty);
	desk_close(&desk);
}

/* The program as it is installed keeps its memory from everybody but root,
 * also from its own user: the kernel then gives its files below /proc to
 * root. */
static void
hides_its_memory(void **state)
{
	static const char *const argv[] = {"/usr/bin/setpriv", "--reuid=65534",
	    "--regid=65534", "--clear-groups", BUILD_DIR "/sekisho", "--store",
	    NULL, NULL};
	const char *words[sizeof argv / sizeof *argv];
	struct pty *pty;
	struct desk desk;
	struct stat st;
	char path[64];

	(void)state;
	if (geteuid() != 0 || access("/usr/bin/setpriv", X_OK) < 0) {
		print_message("SKIP needs root and setpriv\n");
		skip();
	}
	desk_open(&desk, "en");
	assert_int_equal(chown(desk.dir, 65534, 65534), 0);
	memcpy(words, argv, sizeof argv);
	words[6] = desk.store;
	pty = pty_start(&(struct pty_params){.argv = words});
	pty_wait_text(pty, "nobody");
	snprintf(path, sizeof path, "/proc/%d/environ", pty_pid(pty));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	pty_free(&pty);
	desk_close(&desk);
}

static int
clean_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < CANARIES * 3; i++)
		buf_done(&forms[i]);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(leaves_no_plain_text),
	    cmocka_unit_test(dumps_no_core),
	    cmocka_unit_test(hides_its_memory),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP leaks: %s\n", missing);
		return 0;
	}
	make_forms();
	return cmocka_run_group_tests(tests, NULL, clean_forms);
}
