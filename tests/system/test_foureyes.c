/* Four eyes with real separate users: the operator's Sekisho under one uid, the
 * approver's under another, on two terminals, in both languages.  The users are
 * made in a mount namespace of the test's own. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/fake/approving.h"
#include "tests/fake/desk.h"
#include "tests/fake/tempstore.h"
#include "tests/fake/testcodes.h"

/* <grp.h> has another "group" than core/net/group.h */
int setgroups(size_t count, const gid_t *list);

enum { HANAKO = 45001, JIRO = 45002, STRANGER = 45003, GROUP = 46000 };
#define KEY_PASSPHRASE "maple staple battery"

/* ---- Users -------------------------------------------------------------------------- */

static int
put_over(const char *path, const char *more)
{
	char name[] = "/tmp/sekisho-users-XXXXXX";
	struct buf text = BUF_INIT;
	int fd = mkstemp(name), rc = -1;

	if (fd >= 0 && file_read(path, 1 << 20, &text, NULL) == 0) {
		buf_text(&text, more);
		if (fchmod(fd, 0644) == 0 &&
		    file_write_all(fd, buf_span(&text)) == 0)
			rc = mount(name, path, NULL, MS_BIND, NULL);
	}
	if (fd >= 0)
		close(fd);
	unlink(name);
	buf_done(&text);
	return rc;
}

/* The login of the operator is that of the store that the stage makes. */
static const char *
make_users(void)
{
	if (geteuid() != 0)
		return "needs root, to become other users";
	if (desk_missing())
		return desk_missing();
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    put_over("/etc/passwd",
		"tester:x:45001:46000::/:/bin/sh\n"
		"jiro:x:45002:46000::/:/bin/sh\n"
		"stranger:x:45003:45003::/:/bin/sh\n") < 0 ||
	    put_over("/etc/group", "mail-approvers:x:46000:\n") < 0)
		return "needs a mount namespace of its own (unshare -m)";
	return NULL;
}

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

/* ---- Two desks ------------------------------------------------------------------------ */

struct play {
	struct stage stage;
	struct desk hanako, jiro;
	char *folder; /* of the store */
	char codes[TESTCODES_ROOM];
};

static uid_t giving_to;
static gid_t giving_group;

static int
give_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return lchown(path, giving_to, giving_group);
}

static void
give(const char *path, uid_t uid, gid_t gid)
{
	giving_to = uid;
	giving_group = gid;
	assert_int_equal(nftw(path, give_one, 16, FTW_PHYS), 0);
}

static void
open_desk(struct desk *desk, const struct play *play, const char *language,
    const char *const *before, uid_t uid)
{
	desk_open(desk, language);
	desk->before = before;
	desk->store = play->folder;
	desk_put(desk, "passdb", 0644,
	    "tester:" DESK_PASSWORD ":sekisho\n"
	    "jiro:" DESK_PASSWORD ":sekisho\n");
	give(desk->dir, uid, GROUP);
	assert_int_equal(chmod(desk->dir, 0755), 0);
}

static void
play_open(struct play *play, const char *language)
{
	static const char *const as_hanako[] = {"/usr/bin/setpriv",
	    "--reuid=45001", "--regid=46000", "--clear-groups", NULL};
	static const char *const as_jiro[] = {"/usr/bin/setpriv",
	    "--reuid=45002", "--regid=46000", "--clear-groups", NULL};
	const struct stage_params params = {
	    .recipients = 12, .class = CLASS_AD, .manners = PRACTICE_PLAIN};
	struct person person = {.login = "jiro", .roles = PERSON_APPROVER};
	struct err err = {0};
	struct store *store;

	stage_open(&play->stage, &params);
	store = play->stage.store;
	assert_ok(
	    setting_write(store, "approval.when", SPAN("always"), &err), &err);
	assert_ok(
	    setting_write(store, "approval.seconds", SPAN("0"), &err), &err);
	assert_ok(person_save(store, &person, NULL, &err), &err);
	stage_seal(&play->stage);
	testcodes_read(store, play->stage.campaign, play->codes);
	play->folder = mem_text(span_of(store_dir(store)));
	store_close(&play->stage.store);
	give(play->folder, HANAKO, GROUP);
	assert_int_equal(chmod(play->folder, 02710), 0);
	open_desk(&play->hanako, play, language, as_hanako, HANAKO);
	open_desk(&play->jiro, play, language, as_jiro, JIRO);
}

static void
play_close(struct play *play)
{
	desk_kill(&play->hanako);
	desk_kill(&play->jiro);
	desk_close(&play->hanako);
	desk_close(&play->jiro);
	give(play->folder, 0, 0);
	if (!play->stage.store)
		play->stage.store =
		    tempstore_open_again(play->folder, play->stage.world.clock);
	stage_close(&play->stage);
	free(play->folder);
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

/* Types into a program that is not on the full screen. */
static void
say(struct desk *desk, const char *prompt, const char *text)
{
	desk_wait(desk, prompt);
	pty_send(desk->pty, text, 0);
	pty_send(desk->pty, "\r", 0);
}

static void
make_key(struct play *play)
{
	static const char *const words[] = {"approve", "--make-key", NULL};
	struct desk *jiro = &play->jiro;

	desk_verb(jiro, words);
	say(jiro, "Passphrase for a new key, at least 12 characters:",
	    KEY_PASSPHRASE);
	say(jiro, "Once more:", KEY_PASSPHRASE);
	assert_int_equal(WEXITSTATUS(pty_wait_end(jiro->pty)), 0);
	desk_wait(jiro, "The running Sekisho has taken your request down.");
}

/* The administrator (here the operator, too) hears the digits from jiro. */
static void
confirm_key(struct play *play)
{
	struct desk *hanako = &play->hanako;
	struct ed25519_public key;
	char print[FINGERPRINT_TEXT + 1];
	struct err err = {0};

	assert_ok(signer_read_public(
		      desk_path(&play->jiro, "config/sekisho/approver.key"),
		      &key, &err),
	    &err);
	signer_fingerprint(&key, print);
	pty_keys(hanako->pty, "8");
	desk_go_to(hanako, desk_word(hanako, "Approvers' keys"));
	pty_keys(hanako->pty, "Enter");
	pty_wait_text(hanako->pty, "jiro");
	assert_false(pty_shows(hanako->pty, print + FINGERPRINT_TEXT - 9));
	pty_keys(hanako->pty, "Enter");
	desk_reply(hanako, "Confirm a key", print + FINGERPRINT_TEXT - 9);
	desk_wait(
	    hanako, "The key is confirmed: its owner can sign approvals.");
	pty_wait_text(hanako->pty, print + FINGERPRINT_TEXT - 9);
}

static void
begin_approve(struct play *play)
{
	static const char *const words[] = {"approve", NULL};

	desk_verb(&play->jiro, words);
	pty_wait_text(play->jiro.pty, "Password:");
	pty_send(play->jiro.pty, DESK_PASSWORD "\r", 0);
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
sign(struct play *play)
{
	struct desk *jiro = &play->jiro;
	const char *html = strchr(play->codes, ' ') + 1;

	pty_keys(jiro->pty, "^N");
	desk_reply(jiro, "How many recipients?", "13");
	desk_wait(jiro, "This is not what the summary says. One more try, then "
			"there is a pause of a minute.");
	desk_reply(jiro, "How many recipients?", "12");
	desk_reply(jiro, "When does sending begin?", "now");
	desk_reply(jiro, "Code of the test mail", html);
	desk_reply(jiro, "Note", "read by me");
	desk_wait(jiro, "Type the passphrase of your key. With Enter you "
			"approve that this campaign is sent.");
	/* a new dialog is deaf for a moment */
	do {
		pty_keys(jiro->pty, "^U");
		pty_type(jiro->pty, KEY_PASSPHRASE);
		pty_keys(jiro->pty, "Enter");
	} while (pty_shows_prose(jiro->pty,
	    desk_word(jiro, "Type the passphrase of your key. With Enter you "
			    "approve that this campaign is sent.")));
	desk_wait(jiro, "Approved and signed. The operator can launch now; you "
			"can leave.");
}

static void
two_people(const char *language)
{
	struct play play;
	struct clearance *clearance;

	play_open(&play, language);
	wait_for_approval(&play.hanako);
	make_key(&play);
	confirm_key(&play);
	pty_keys(play.hanako.pty, "3 Enter ^N ^N");
	begin_approve(&play);
	look_at_all(&play.jiro);
	sign(&play);
	pty_keys(play.jiro.pty, "q");
	assert_int_equal(WEXITSTATUS(pty_wait_end(play.jiro.pty)), 0);
	pty_assert_restored(play.jiro.pty);
	desk_wait(&play.hanako, "✓ Approved. ^N goes on to the launch.");
	desk_leave(&play.hanako);
	give(play.folder, 0, 0);
	play.stage.store =
	    tempstore_open_again(play.folder, play.stage.world.clock);
	clearance = stage_clearance(&play.stage);
	assert_int_equal(clearance_recipients(clearance), 12);
	clearance_free(&clearance);
	play_close(&play);
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
	struct play play;
	struct buf path = BUF_INIT;

	(void)state;
	play_open(&play, "en");
	wait_for_approval(&play.hanako);
	make_key(&play);
	assert_int_equal(as_user(JIRO, GROUP, try_call, play.folder), 0);
	assert_int_equal(
	    as_user(STRANGER, STRANGER, try_call, play.folder), EACCES);
	assert_int_equal(as_user(JIRO, GROUP, try_read, play.folder), EACCES);
	static const char *const files[] = {
	    "store.db", "keyring", "lock", "store.db-wal"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", play.folder, files[i]);
		assert_int_equal(
		    as_user(JIRO, GROUP, try_read, path.ptr), EACCES);
	}
	buf_clear(&path);
	buf_printf(&path, "%s/mine", play.folder);
	assert_int_equal(as_user(JIRO, GROUP, try_write, path.ptr), EACCES);
	/* the operator cannot sign: the key is closed to them */
	assert_int_equal(
	    as_user(HANAKO, GROUP, try_read,
		desk_path(&play.jiro, "config/sekisho/approver.key")),
	    EACCES);
	buf_done(&path);
	play_close(&play);
}

/* ---- Who cannot ---------------------------------------------------------------------------- */

static void
refused(struct play *play, const char *english)
{
	begin_approve(play);
	desk_wait(&play->jiro, english);
	desk_kill(&play->jiro);
}

/* The row of the operator's own process is what counts, so it is changed before
 * the store is opened by it. */
static void
the_author_cannot_approve(void **state)
{
	struct play play;

	(void)state;
	play_open(&play, "en");
	give(play.folder, 0, 0);
	play.stage.store =
	    tempstore_open_again(play.folder, play.stage.world.clock);
	stage_sql(&play.stage, "UPDATE campaign SET created_by = 'jiro'");
	store_close(&play.stage.store);
	give(play.folder, HANAKO, GROUP);
	wait_for_approval(&play.hanako);
	make_key(&play);
	confirm_key(&play);
	refused(&play, "they wrote or changed it");
	play_close(&play);
}

static void
a_key_must_be_confirmed(void **state)
{
	struct play play;

	(void)state;
	play_open(&play, "en");
	wait_for_approval(&play.hanako);
	refused(&play, "none is registered");
	make_key(&play);
	refused(&play, "no administrator has confirmed it in Setup");
	play_close(&play);
}

/* The operator's own uid, from a second terminal. */
static void
the_operator_cannot_approve(void **state)
{
	struct play play;

	(void)state;
	play_open(&play, "en");
	wait_for_approval(&play.hanako);
	give(play.jiro.dir, HANAKO, GROUP);
	play.jiro.before = play.hanako.before;
	refused(&play, "the running Sekisho is theirs");
	play_close(&play);
}

static void
a_rejection_is_read_by_the_operator(void **state)
{
	struct play play;
	struct desk *jiro = &play.jiro;

	(void)state;
	play_open(&play, "en");
	wait_for_approval(&play.hanako);
	make_key(&play);
	confirm_key(&play);
	pty_keys(play.hanako.pty, "3 Enter ^N ^N");
	begin_approve(&play);
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
	desk_wait(&play.hanako, "✗ Rejected; the campaign is a draft again.");
	pty_wait_prose(
	    play.hanako.pty, "The price on page two is last year's.");
	play_close(&play);
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
	};
	const char *why = make_users();

	if (why) {
		printf("four eyes: %s\n", why);
		return getenv("CI") ? 1 : 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
