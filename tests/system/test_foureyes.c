/* Four eyes with real separate users: the operator's Sekisho under one uid, the
 * approver's under another, on two terminals, in both languages.  The users are
 * made in a mount namespace of the test's own. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/fake/pair.h"
#include "tests/fake/tempstore.h"

/* <grp.h> has another "group" than core/net/group.h */
int setgroups(size_t count, const gid_t *list);

enum {
	HANAKO = PAIR_HANAKO,
	JIRO = PAIR_JIRO,
	STRANGER = PAIR_STRANGER,
	GROUP = PAIR_GROUP
};
#define KEY_PASSPHRASE PAIR_PASSPHRASE

/* ---- Other users ---- */

/* Runs a function as another user; its result. */
static int
as_user(uid_t uid, gid_t gid, int (*what)(const char *arg), const char *arg)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
		    setresuid(uid, uid, uid) < 0)
			_exit(99);
		_exit(what(arg));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
try_read(const char *path)
{
	return open(path, O_RDONLY) >= 0 ? 0 : errno;
}

static int
try_write(const char *path)
{
	return open(path, O_WRONLY | O_CREAT, 0600) >= 0 ? 0 : errno;
}

static int
try_call(const char *dir)
{
	struct socket_line line;
	struct err err = {0};
	int rc = socket_call(dir, &line, &err);

	socket_line_done(&line);
	return rc == 0 ? 0 : err.sys;
}

/* The operator comes in, and to the page that waits for a second person. */
static void
wait_for_approval(struct desk *hanako)
{
	desk_start(hanako, NULL);
	desk_sign_in(hanako);
	desk_wait(hanako, "Passphrase of the store");
	desk_enter(hanako, TEMPSTORE_PASSPHRASE);
	desk_wait(hanako, "Home");
	pty_keys(hanako->pty, "3 Enter ^N ^N");
	desk_wait(
	    hanako, "Policy: a second person must approve this campaign.");
}

static void
read_to_end(struct desk *jiro)
{
	for (int i = 0; i < 12; i++)
		pty_keys(jiro->pty, "PgDn");
	pty_keys(jiro->pty, "End");
}

/* Reads all there is, until only the questions are left. */
static void
look_at_all(struct desk *jiro)
{
	const char *done =
	    desk_word(jiro, "All was looked at: approve or reject.");
	const char *mails = desk_word(
	    jiro, "Read every mail to its end first, each for a few seconds.");

	desk_wait(jiro, "Read the summary to its end first.");
	read_to_end(jiro);
	desk_wait(jiro, "Read the checklist to its end first.");
	pty_keys(jiro->pty, "Tab");
	read_to_end(jiro);
	pty_wait_prose(jiro->pty, mails);
	for (int i = 0; i < 60 && pty_shows_prose(jiro->pty, mails); i++) {
		pty_keys(jiro->pty, "n");
		read_to_end(jiro);
	}
	pty_keys(jiro->pty, "Tab");
	for (int i = 0; i < 60 && !pty_shows_prose(jiro->pty, done); i++)
		pty_keys(jiro->pty, "Space");
	pty_wait_prose(jiro->pty, done);
}

static void
answer_questions(struct pair *pair, struct desk *jiro)
{
	const char *html = strchr(pair->codes, ' ') + 1;

	pty_keys(jiro->pty, "^N");
	desk_reply(jiro, "How many recipients?", "12");
	desk_reply(jiro, "When does sending begin?", "now");
	desk_reply(jiro, "Code of the test mail", html);
	desk_reply(jiro, "Note", "read by me");
}

/* A new dialog is deaf for a moment. */
static void
give_passphrase(struct desk *jiro)
{
	const char *asked =
	    desk_word(jiro, "Type the passphrase of your key. With Enter you "
			    "approve that this campaign is sent.");

	pty_wait_prose(jiro->pty, asked);
	do {
		pty_keys(jiro->pty, "^U");
		pty_type(jiro->pty, KEY_PASSPHRASE);
		pty_keys(jiro->pty, "Enter");
	} while (pty_shows_prose(jiro->pty, asked));
	desk_wait(jiro, "Approved and signed. The operator can launch now; you "
			"can leave.");
}

static void
sign(struct pair *pair, struct desk *jiro)
{
	pty_keys(jiro->pty, "^N");
	desk_reply(jiro, "How many recipients?", "13");
	desk_wait(jiro, "This is not what the summary says. One more try, then "
			"there is a pause of a minute.");
	pty_answer(jiro->pty, "Esc", desk_word(jiro, "How many recipients?"));
	answer_questions(pair, jiro);
	give_passphrase(jiro);
}

static void
two_people(const char *language)
{
	struct pair pair;
	struct clearance *clearance;

	pair_open(&pair, language);
	wait_for_approval(&pair.hanako);
	pair_make_key(&pair);
	pair_confirm_key(&pair);
	pty_keys(pair.hanako.pty, "3 Enter ^N ^N");
	pair_come_to_approve(&pair);
	look_at_all(&pair.jiro);
	sign(&pair, &pair.jiro);
	pty_keys(pair.jiro.pty, "q");
	assert_int_equal(WEXITSTATUS(pty_wait_end(pair.jiro.pty)), 0);
	pty_assert_restored(pair.jiro.pty);
	desk_wait(&pair.hanako, "✓ Approved. ^N goes on to the launch.");
	desk_leave(&pair.hanako);
	pair_give(pair.folder, 0, 0);
	pair.stage.store =
	    tempstore_open_again(pair.folder, pair.stage.world.clock);
	clearance = stage_clearance(&pair.stage);
	assert_int_equal(clearance_recipients(clearance), 12);
	clearance_free(&clearance);
	pair_close(&pair);
}

static void
two_people_in_english(void **state)
{
	(void)state;
	two_people("en");
}

static void
two_people_in_japanese(void **state)
{
	(void)state;
	two_people("ja");
}

/* ---- Who gets in where ------------------------------------------------------------------- */

static void
the_folder_lets_an_approver_call_and_nothing_else(void **state)
{
	struct pair pair;
	struct buf path = BUF_INIT;

	(void)state;
	pair_open(&pair, "en");
	wait_for_approval(&pair.hanako);
	pair_make_key(&pair);
	assert_int_equal(as_user(JIRO, GROUP, try_call, pair.folder), 0);
	assert_int_equal(
	    as_user(STRANGER, STRANGER, try_call, pair.folder), EACCES);
	assert_int_equal(as_user(JIRO, GROUP, try_read, pair.folder), EACCES);
	static const char *const files[] = {
	    "store.db", "keyring", "lock", "store.db-wal"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", pair.folder, files[i]);
		assert_int_equal(
		    as_user(JIRO, GROUP, try_read, path.ptr), EACCES);
	}
	buf_clear(&path);
	buf_printf(&path, "%s/mine", pair.folder);
	assert_int_equal(as_user(JIRO, GROUP, try_write, path.ptr), EACCES);
	/* the operator cannot sign: the key is closed to them */
	assert_int_equal(
	    as_user(HANAKO, GROUP, try_read,
		desk_path(&pair.jiro, "config/sekisho/approver.key")),
	    EACCES);
	buf_done(&path);
	pair_close(&pair);
}

/* ---- Who cannot ---------------------------------------------------------------------------- */

static void
refused(struct pair *pair, const char *english)
{
	pair_come_to_approve(pair);
	desk_wait(&pair->jiro, english);
	desk_kill(&pair->jiro);
}

/* The row of the operator's own process is what counts, so it is changed before
 * the store is opened by it. */
static void
change(struct pair *pair, const char *sql)
{
	pair_give(pair->folder, 0, 0);
	pair->stage.store =
	    tempstore_open_again(pair->folder, pair->stage.world.clock);
	stage_sql(&pair->stage, sql);
	store_close(&pair->stage.store);
	pair_give(pair->folder, HANAKO, GROUP);
}

static void
the_author_cannot_approve(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, "en");
	change(&pair, "UPDATE campaign SET created_by = 'jiro'");
	wait_for_approval(&pair.hanako);
	pair_make_key(&pair);
	pair_confirm_key(&pair);
	refused(&pair, "they wrote or changed it");
	pair_close(&pair);
}

static void
a_key_must_be_confirmed(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, "en");
	wait_for_approval(&pair.hanako);
	refused(&pair, "none is registered");
	pair_make_key(&pair);
	refused(&pair, "no administrator has confirmed it in Setup");
	pair_close(&pair);
}

/* The operator's own uid, from a second terminal. */
static void
the_operator_cannot_approve(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, "en");
	wait_for_approval(&pair.hanako);
	pair_give(pair.jiro.dir, HANAKO, GROUP);
	pair.jiro.before = pair.hanako.before;
	refused(&pair, "the running Sekisho is theirs");
	pair_close(&pair);
}

static void
a_rejection_is_read_by_the_operator(void **state)
{
	struct pair pair;
	struct desk *jiro = &pair.jiro;

	(void)state;
	pair_open(&pair, "en");
	wait_for_approval(&pair.hanako);
	pair_make_key(&pair);
	pair_confirm_key(&pair);
	pty_keys(pair.hanako.pty, "3 Enter ^N ^N");
	pair_come_to_approve(&pair);
	desk_wait(jiro, "Read the summary to its end first.");
	/* nothing can be approved before */
	pty_keys(jiro->pty, "^N");
	assert_false(pty_shows_prose(
	    jiro->pty, desk_word(jiro, "How many recipients?")));
	pty_keys(jiro->pty, "R");
	desk_reply(jiro, "Reject the campaign",
	    "The price on page two is last year's.");
	desk_wait(jiro, "Rejected: the campaign is a draft again, with your "
			"reason; you can leave.");
	desk_wait(&pair.hanako, "✗ Rejected; the campaign is a draft again.");
	pty_wait_prose(
	    pair.hanako.pty, "The price on page two is last year's.");
	pair_close(&pair);
}

/* ---- What an approver finds ---------------------------------------------------------------- */

/* "sekisho" alone, by who is not its operator. */
static void
plain_sekisho_offers_what_waits(void **state)
{
	struct pair pair;
	struct desk *jiro = &pair.jiro;

	(void)state;
	pair_open(&pair, "en");
	wait_for_approval(&pair.hanako);
	/* without a key: what is missing, and how to get it */
	desk_verb(jiro, NULL);
	desk_wait(jiro, "A campaign waits for a second person. To approve it "
			"you need a key that an administrator has confirmed:");
	desk_wait(jiro, "approve --make-key");
	assert_int_equal(WEXITSTATUS(pty_wait_end(jiro->pty)), 1);
	pair_make_key(&pair);
	pair_confirm_key(&pair);
	desk_verb(jiro, NULL);
	desk_wait(jiro, "1 campaign waits for your approval:");
	pty_wait_text(jiro->pty, " approve\n");
	pty_wait_text(jiro->pty, "Enter alone leaves:");
	pty_send(jiro->pty, "a\r", 0);
	pty_wait_prose(jiro->pty, "Enter alone leaves: a Password:");
	pty_send(jiro->pty, DESK_PASSWORD "\r", 0);
	desk_wait(jiro, "Read the summary to its end first.");
	desk_kill(jiro);
	/* an author is offered nothing */
	desk_leave(&pair.hanako);
	change(&pair, "UPDATE campaign SET changed_by = 'jiro'");
	wait_for_approval(&pair.hanako);
	desk_verb(jiro, NULL);
	desk_wait(jiro, "may not");
	assert_int_equal(WEXITSTATUS(pty_wait_end(jiro->pty)), 1);
	assert_false(pty_shows(jiro->pty, "approval"));
	pair_close(&pair);
}

/* Between the questions and the key, as the policy wants it; the text that is
 * signed says so. */
static void
the_policy_wants_another_sign_in(void **state)
{
	struct pair pair;
	struct desk *jiro = &pair.jiro;

	(void)state;
	pair_open(&pair, "en");
	change(&pair, "INSERT INTO setting(name, value, changed_ms, changed_by)"
		      " VALUES('stepup.approve', 'password', 1, 'test')");
	wait_for_approval(&pair.hanako);
	pair_make_key(&pair);
	pair_confirm_key(&pair);
	pty_keys(pair.hanako.pty, "3 Enter ^N ^N");
	pair_come_to_approve(&pair);
	look_at_all(jiro);
	answer_questions(&pair, jiro);
	desk_wait(jiro, "Before you approve, sign in once more.");
	pty_wait_text(jiro->pty, "Password:");
	pty_keys(jiro->pty, "Esc");
	desk_wait(jiro, "Nothing was signed.");
	answer_questions(&pair, jiro);
	desk_wait(jiro, "Before you approve, sign in once more.");
	pty_wait_text(jiro->pty, "Password:");
	pty_type(jiro->pty, DESK_PASSWORD);
	pty_keys(jiro->pty, "Enter");
	give_passphrase(jiro);
	desk_wait(&pair.hanako, "✓ Approved. ^N goes on to the launch.");
	desk_leave(&pair.hanako);
	pair_give(pair.folder, 0, 0);
	pair.stage.store =
	    tempstore_open_again(pair.folder, pair.stage.world.clock);
	assert_int_equal(stage_number(&pair.stage,
			     "SELECT count(*) FROM approval WHERE pam = 2 AND"
			     " instr(CAST(statement AS TEXT),"
			     " 'authenticated: pam, again before signing')"),
	    1);
	pair_close(&pair);
}

/* ---- Here, now ----------------------------------------------------------------------------- */

/* What jiro has at home, when su takes them there. */
static void
go_home(struct pair *pair)
{
	unlink("/mnt/jiro/.config");
	assert_int_equal(
	    symlink(desk_path(&pair->jiro, "config"), "/mnt/jiro/.config"), 0);
}

/* From the page that waits to the password of a login, which su asks for. */
static void
begin_here(struct pair *pair, const char *login)
{
	struct desk *hanako = &pair->hanako;

	pty_keys(hanako->pty, "a");
	desk_wait(hanako, "Login name of the approver, who signs in on this "
			  "terminal and looks at everything by themselves.");
	desk_fill(hanako, login);
	pty_send(hanako->pty, "\r", 1);
	pty_wait_text(hanako->pty, "Password:");
}

static void
type_password(struct desk *desk, const char *password)
{
	pty_send(desk->pty, password, 0);
	pty_send(desk->pty, "\r", 0);
}

/* su is content; Sekisho asks by its own service. */
static unsigned long
come_in_here(struct pair *pair)
{
	struct desk *hanako = &pair->hanako;
	unsigned long keys;

	type_password(hanako, DESK_PASSWORD);
	pty_wait_prose(hanako->pty, "Sekisho asks: Password:");
	keys = pty_lend(hanako->pty);
	type_password(hanako, DESK_PASSWORD);
	return keys;
}

static void
leave_here(struct pair *pair, unsigned long keys)
{
	pty_send(pair->hanako.pty, "q", 0);
	pty_back(pair->hanako.pty, keys);
	pty_wait_idle(pair->hanako.pty);
}

/* True when the words are in a part of a process that it may write to. */
static bool
part_holds(int memory, off_t from, size_t len, const char *words)
{
	enum { ROOM = 1 << 20, OVERLAP = 256 };
	char *room = mem_new(ROOM);
	bool found = false;

	for (size_t at = 0; !found && at < len; at += ROOM - OVERLAP) {
		size_t want = len - at < ROOM ? len - at : ROOM;
		ssize_t got = pread(memory, room, want, from + (off_t)at);

		if (got <= 0)
			break;
		found = span_search(span_make(room, (size_t)got),
			    span_of(words)) < (size_t)got;
	}
	explicit_bzero(room, ROOM);
	free(room);
	return found;
}

static bool
holds(pid_t pid, const char *words)
{
	char path[64], line[512], rights[5];
	unsigned long from, to;
	bool found = false;
	FILE *maps;
	int memory;

	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	if (memory < 0)
		fail_msg("%s: %s", path, strerror(errno));
	snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	assert_non_null(maps);
	while (!found && fgets(line, sizeof line, maps)) {
		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3 &&
		    rights[1] == 'w' && to - from < 256UL << 20)
			found =
			    part_holds(memory, (off_t)from, to - from, words);
	}
	fclose(maps);
	close(memory);
	return found;
}

/* Whether a process is Sekisho and runs for a user. */
static bool
is_theirs(pid_t pid, uid_t uid)
{
	char path[64], line[256], name[64] = "";
	unsigned long real = (unsigned long)-1;
	FILE *status;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof line, status)) {
		sscanf(line, "Name: %63s", name);
		sscanf(line, "Uid: %*u %lu", &real);
	}
	if (status)
		fclose(status);
	return real == uid && strncmp(name, "sekisho", 7) == 0;
}

/* How many of a user's processes hold words, of *all. */
static int
count_holders(uid_t uid, const char *words, int *all)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	*all = 0;
	assert_non_null(proc);
	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0 || !is_theirs(pid, uid))
			continue;
		++*all;
		found += holds(pid, words);
	}
	closedir(proc);
	return found;
}

/* The passphrase of the key goes from the terminal to the approver's process
 * and nowhere else: not to the operator's, whose terminal it is. */
static void
here_and_now(const char *language)
{
	struct pair pair;
	struct desk *hanako = &pair.hanako;
	unsigned long keys;
	int all;

	pair_open(&pair, language);
	wait_for_approval(hanako);
	pair_make_key(&pair);
	pair_confirm_key(&pair);
	go_home(&pair);
	pty_keys(hanako->pty, "3 Enter ^N ^N");
	begin_here(&pair, "jiro");
	keys = come_in_here(&pair);
	look_at_all(hanako);
	sign(&pair, hanako);
	assert_int_equal(count_holders(HANAKO, KEY_PASSPHRASE, &all), 0);
	assert_true(all >= 2); /* what serves, and what holds the terminal */
	/* the same search finds what is there */
	assert_true(count_holders(HANAKO, pair.folder, &all) > 0);
	leave_here(&pair, keys);
	desk_wait(hanako, "✓ Approved. ^N goes on to the launch.");
	desk_leave(hanako);
	pair_close(&pair);
}

static void
here_and_now_in_english(void **state)
{
	(void)state;
	here_and_now("en");
}

static void
here_and_now_in_japanese(void **state)
{
	(void)state;
	here_and_now("ja");
}

static void
a_wrong_password_comes_to_nothing_here(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, "en");
	wait_for_approval(&pair.hanako);
	begin_here(&pair, "jiro");
	type_password(&pair.hanako, "another horse");
	pty_wait_idle(pair.hanako.pty);
	desk_wait(&pair.hanako,
	    "Nobody was let in here. Check login name and password; this host "
	    "may also forbid su.");
	desk_wait(&pair.hanako,
	    "Policy: a second person must approve this campaign.");
	pair_close(&pair);
}

/* One who cannot approve cannot do it on this terminal either. */
static void
refused_here(struct pair *pair, const char *login, const char *english)
{
	unsigned long keys;

	wait_for_approval(&pair->hanako);
	pair_make_key(pair);
	pair_confirm_key(pair);
	go_home(pair);
	pty_keys(pair->hanako.pty, "3 Enter ^N ^N");
	begin_here(pair, login);
	keys = come_in_here(pair);
	desk_wait(&pair->hanako, english);
	leave_here(pair, keys);
	desk_wait(&pair->hanako,
	    "Policy: a second person must approve this campaign.");
	pair_close(pair);
}

static void
the_author_cannot_approve_here(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, "en");
	change(&pair, "UPDATE campaign SET created_by = 'jiro'");
	refused_here(&pair, "jiro", "they wrote or changed it");
}

static void
the_last_editor_cannot_approve_here(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, "en");
	change(&pair, "UPDATE campaign SET changed_by = 'jiro'");
	refused_here(&pair, "jiro", "they wrote or changed it");
}

static void
the_operator_cannot_approve_here(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, "en");
	refused_here(&pair, "tester", "the running Sekisho is theirs");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_people_in_english),
	    cmocka_unit_test(two_people_in_japanese),
	    cmocka_unit_test(the_folder_lets_an_approver_call_and_nothing_else),
	    cmocka_unit_test(the_author_cannot_approve),
	    cmocka_unit_test(a_key_must_be_confirmed),
	    cmocka_unit_test(the_operator_cannot_approve),
	    cmocka_unit_test(a_rejection_is_read_by_the_operator),
	    cmocka_unit_test(plain_sekisho_offers_what_waits),
	    cmocka_unit_test(the_policy_wants_another_sign_in),
	    cmocka_unit_test(here_and_now_in_english),
	    cmocka_unit_test(here_and_now_in_japanese),
	    cmocka_unit_test(a_wrong_password_comes_to_nothing_here),
	    cmocka_unit_test(the_author_cannot_approve_here),
	    cmocka_unit_test(the_last_editor_cannot_approve_here),
	    cmocka_unit_test(the_operator_cannot_approve_here),
	};
	const char *why = pair_missing();

	if (why) {
		printf("four eyes: %s\n", why);
		return getenv("CI") ? 1 : 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
