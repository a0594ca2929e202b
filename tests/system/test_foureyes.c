/* Four eyes with real separate users: the operator's Sekisho under one uid, the
 * approver's under another, on two terminals, in both languages.  The users are
 * made in a mount namespace of the test's own. */
#include "tests/unit/unit.h"

#include <dirent.h>
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

static int
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int rc = fd < 0 ? -1 : file_write_all(fd, span_of(text));

	if (fd >= 0)
		close(fd);
	return rc;
}

/* What su puts into the environment, as a host does by PAM: here where the
 * translations are, and that the program is watched. */
static int
put_environment(void)
{
	struct buf text = BUF_INIT;
	char here[4096];
	int rc;

	if (!getcwd(here, sizeof here))
		return -1;
	buf_printf(&text,
	    "SEKISHO_TEST=1\nSEKISHO_SHARE=%s\nSEKISHO_LOCALE=%s%s%s/locale\n"
	    "LSAN_OPTIONS=suppressions=%s/tests/lsan.supp\n"
	    "TZ=UTC\nLC_ALL=C.UTF-8\n",
	    here, BUILD_DIR[0] == '/' ? "" : here,
	    BUILD_DIR[0] == '/' ? "" : "/", BUILD_DIR, here);
	rc = put("/mnt/environment", text.ptr);
	buf_done(&text);
	return rc;
}

/* Homes, and the services of su and Sekisho as a host has them, with passwords
 * in a file. */
static int
make_services(void)
{
	static const char su[] =
	    "auth required " DESK_MATRIX " passdb=/mnt/passdb\n"
	    "account required pam_permit.so\n"
	    "session required pam_env.so readenv=1 envfile=/mnt/environment"
	    " conffile=/dev/null\n";
	static const char sekisho[] =
	    "auth optional pam_echo.so Sekisho asks:\n"
	    "auth required " DESK_MATRIX " passdb=/mnt/passdb\n"
	    "account required pam_permit.so\n";
	static const char passwords[] =
	    "tester:" DESK_PASSWORD ":su-l\njiro:" DESK_PASSWORD ":su-l\n"
	    "tester:" DESK_PASSWORD ":sekisho\njiro:" DESK_PASSWORD
	    ":sekisho\n";

	if (mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755") < 0 ||
	    mkdir("/mnt/pam.d", 0755) < 0 || mkdir("/mnt/jiro", 0755) < 0 ||
	    mkdir("/mnt/tester", 0755) < 0 ||
	    chown("/mnt/jiro", JIRO, GROUP) < 0 ||
	    chown("/mnt/tester", HANAKO, GROUP) < 0 ||
	    put("/mnt/pam.d/su-l", su) < 0 ||
	    put("/mnt/pam.d/sekisho", sekisho) < 0 ||
	    put("/mnt/pam.d/other", "auth required pam_deny.so\n") < 0 ||
	    put("/mnt/passdb", passwords) < 0 || put_environment() < 0)
		return -1;
	return mount("/mnt/pam.d", "/etc/pam.d", NULL, MS_BIND, NULL);
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
		"tester:x:45001:46000::/mnt/tester:/bin/sh\n"
		"jiro:x:45002:46000::/mnt/jiro:/bin/sh\n"
		"stranger:x:45003:45003::/:/bin/sh\n") < 0 ||
	    put_over("/etc/group", "mail-approvers:x:46000:\n") < 0 ||
	    make_services() < 0)
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
answer_questions(struct play *play, struct desk *jiro)
{
	const char *html = strchr(play->codes, ' ') + 1;

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
sign(struct play *play, struct desk *jiro)
{
	pty_keys(jiro->pty, "^N");
	desk_reply(jiro, "How many recipients?", "13");
	desk_wait(jiro, "This is not what the summary says. One more try, then "
			"there is a pause of a minute.");
	pty_answer(jiro->pty, "Esc", desk_word(jiro, "How many recipients?"));
	answer_questions(play, jiro);
	give_passphrase(jiro);
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
	sign(&play, &play.jiro);
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
change(struct play *play, const char *sql)
{
	give(play->folder, 0, 0);
	play->stage.store =
	    tempstore_open_again(play->folder, play->stage.world.clock);
	stage_sql(&play->stage, sql);
	store_close(&play->stage.store);
	give(play->folder, HANAKO, GROUP);
}

static void
the_author_cannot_approve(void **state)
{
	struct play play;

	(void)state;
	play_open(&play, "en");
	change(&play, "UPDATE campaign SET created_by = 'jiro'");
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

/* ---- What an approver finds ---------------------------------------------------------------- */

/* "sekisho" alone, by who is not its operator. */
static void
plain_sekisho_offers_what_waits(void **state)
{
	struct play play;
	struct desk *jiro = &play.jiro;

	(void)state;
	play_open(&play, "en");
	wait_for_approval(&play.hanako);
	/* without a key: what is missing, and how to get it */
	desk_verb(jiro, NULL);
	desk_wait(jiro, "A campaign waits for a second person. To approve it "
			"you need a key that an administrator has confirmed:");
	desk_wait(jiro, "approve --make-key");
	assert_int_equal(WEXITSTATUS(pty_wait_end(jiro->pty)), 1);
	make_key(&play);
	confirm_key(&play);
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
	desk_leave(&play.hanako);
	change(&play, "UPDATE campaign SET changed_by = 'jiro'");
	wait_for_approval(&play.hanako);
	desk_verb(jiro, NULL);
	desk_wait(jiro, "may not");
	assert_int_equal(WEXITSTATUS(pty_wait_end(jiro->pty)), 1);
	assert_false(pty_shows(jiro->pty, "approval"));
	play_close(&play);
}

/* Between the questions and the key, as the policy wants it; the text that is
 * signed says so. */
static void
the_policy_wants_another_sign_in(void **state)
{
	struct play play;
	struct desk *jiro = &play.jiro;

	(void)state;
	play_open(&play, "en");
	change(&play, "INSERT INTO setting(name, value, changed_ms, changed_by)"
		      " VALUES('stepup.approve', 'password', 1, 'test')");
	wait_for_approval(&play.hanako);
	make_key(&play);
	confirm_key(&play);
	pty_keys(play.hanako.pty, "3 Enter ^N ^N");
	begin_approve(&play);
	look_at_all(jiro);
	answer_questions(&play, jiro);
	desk_wait(jiro, "Before you approve, sign in once more.");
	pty_wait_text(jiro->pty, "Password:");
	pty_keys(jiro->pty, "Esc");
	desk_wait(jiro, "Nothing was signed.");
	answer_questions(&play, jiro);
	desk_wait(jiro, "Before you approve, sign in once more.");
	pty_wait_text(jiro->pty, "Password:");
	pty_type(jiro->pty, DESK_PASSWORD);
	pty_keys(jiro->pty, "Enter");
	give_passphrase(jiro);
	desk_wait(&play.hanako, "✓ Approved. ^N goes on to the launch.");
	desk_leave(&play.hanako);
	give(play.folder, 0, 0);
	play.stage.store =
	    tempstore_open_again(play.folder, play.stage.world.clock);
	assert_int_equal(stage_number(&play.stage,
			     "SELECT count(*) FROM approval WHERE pam = 2 AND"
			     " instr(CAST(statement AS TEXT),"
			     " 'authenticated: pam, again before signing')"),
	    1);
	play_close(&play);
}

/* ---- Here, now ----------------------------------------------------------------------------- */

/* What jiro has at home, when su takes them there. */
static void
go_home(struct play *play)
{
	unlink("/mnt/jiro/.config");
	assert_int_equal(
	    symlink(desk_path(&play->jiro, "config"), "/mnt/jiro/.config"), 0);
}

/* From the page that waits to the password of a login, which su asks for. */
static void
begin_here(struct play *play, const char *login)
{
	struct desk *hanako = &play->hanako;

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
come_in_here(struct play *play)
{
	struct desk *hanako = &play->hanako;
	unsigned long keys;

	type_password(hanako, DESK_PASSWORD);
	pty_wait_prose(hanako->pty, "Sekisho asks: Password:");
	keys = pty_lend(hanako->pty);
	type_password(hanako, DESK_PASSWORD);
	return keys;
}

static void
leave_here(struct play *play, unsigned long keys)
{
	pty_send(play->hanako.pty, "q", 0);
	pty_back(play->hanako.pty, keys);
	pty_wait_idle(play->hanako.pty);
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
	struct play play;
	struct desk *hanako = &play.hanako;
	unsigned long keys;
	int all;

	play_open(&play, language);
	wait_for_approval(hanako);
	make_key(&play);
	confirm_key(&play);
	go_home(&play);
	pty_keys(hanako->pty, "3 Enter ^N ^N");
	begin_here(&play, "jiro");
	keys = come_in_here(&play);
	look_at_all(hanako);
	sign(&play, hanako);
	assert_int_equal(count_holders(HANAKO, KEY_PASSPHRASE, &all), 0);
	assert_true(all >= 2); /* what serves, and what holds the terminal */
	/* the same search finds what is there */
	assert_true(count_holders(HANAKO, play.folder, &all) > 0);
	leave_here(&play, keys);
	desk_wait(hanako, "✓ Approved. ^N goes on to the launch.");
	desk_leave(hanako);
	play_close(&play);
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
	struct play play;

	(void)state;
	play_open(&play, "en");
	wait_for_approval(&play.hanako);
	begin_here(&play, "jiro");
	type_password(&play.hanako, "another horse");
	pty_wait_idle(play.hanako.pty);
	desk_wait(&play.hanako,
	    "Nobody was let in here. Check login name and password; this host "
	    "may also forbid su.");
	desk_wait(&play.hanako,
	    "Policy: a second person must approve this campaign.");
	play_close(&play);
}

/* One who cannot approve cannot do it on this terminal either. */
static void
refused_here(struct play *play, const char *login, const char *english)
{
	unsigned long keys;

	wait_for_approval(&play->hanako);
	make_key(play);
	confirm_key(play);
	go_home(play);
	pty_keys(play->hanako.pty, "3 Enter ^N ^N");
	begin_here(play, login);
	keys = come_in_here(play);
	desk_wait(&play->hanako, english);
	leave_here(play, keys);
	desk_wait(&play->hanako,
	    "Policy: a second person must approve this campaign.");
	play_close(play);
}

static void
the_author_cannot_approve_here(void **state)
{
	struct play play;

	(void)state;
	play_open(&play, "en");
	change(&play, "UPDATE campaign SET created_by = 'jiro'");
	refused_here(&play, "jiro", "they wrote or changed it");
}

static void
the_last_editor_cannot_approve_here(void **state)
{
	struct play play;

	(void)state;
	play_open(&play, "en");
	change(&play, "UPDATE campaign SET changed_by = 'jiro'");
	refused_here(&play, "jiro", "they wrote or changed it");
}

static void
the_operator_cannot_approve_here(void **state)
{
	struct play play;

	(void)state;
	play_open(&play, "en");
	refused_here(&play, "tester", "the running Sekisho is theirs");
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
	const char *why = make_users();

	if (why) {
		printf("four eyes: %s\n", why);
		return getenv("CI") ? 1 : 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
