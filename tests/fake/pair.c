/* See pair.h. */
#include "tests/fake/pair.h"

#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

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
	    chown("/mnt/jiro", PAIR_JIRO, PAIR_GROUP) < 0 ||
	    chown("/mnt/tester", PAIR_HANAKO, PAIR_GROUP) < 0 ||
	    put("/mnt/pam.d/su-l", su) < 0 ||
	    put("/mnt/pam.d/sekisho", sekisho) < 0 ||
	    put("/mnt/pam.d/other", "auth required pam_deny.so\n") < 0 ||
	    put("/mnt/passdb", passwords) < 0 || put_environment() < 0)
		return -1;
	return mount("/mnt/pam.d", "/etc/pam.d", NULL, MS_BIND, NULL);
}

/* The login of the operator is that of the store that the stage makes. */
const char *
pair_missing(void)
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

/* ---- Two desks ------------------------------------------------------------------------ */

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

void
pair_give(const char *path, uid_t uid, gid_t gid)
{
	giving_to = uid;
	giving_group = gid;
	assert_int_equal(nftw(path, give_one, 16, FTW_PHYS), 0);
}

static void
open_desk(struct desk *desk, const struct pair *pair, const char *language,
    const char *const *before, uid_t uid)
{
	desk_open(desk, language);
	desk->before = before;
	desk->store = pair->folder;
	desk_put(desk, "passdb", 0644,
	    "tester:" DESK_PASSWORD ":sekisho\n"
	    "jiro:" DESK_PASSWORD ":sekisho\n");
	pair_give(desk->dir, uid, PAIR_GROUP);
	assert_int_equal(chmod(desk->dir, 0755), 0);
}

void
pair_open(struct pair *pair, const char *language)
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

	stage_open(&pair->stage, &params);
	store = pair->stage.store;
	assert_ok(
	    setting_write(store, "approval.when", SPAN("always"), &err), &err);
	assert_ok(
	    setting_write(store, "approval.seconds", SPAN("0"), &err), &err);
	assert_ok(person_save(store, &person, NULL, &err), &err);
	stage_seal(&pair->stage);
	testcodes_read(store, pair->stage.campaign, pair->codes);
	pair->folder = mem_text(span_of(store_dir(store)));
	store_close(&pair->stage.store);
	pair_give(pair->folder, PAIR_HANAKO, PAIR_GROUP);
	assert_int_equal(chmod(pair->folder, 02710), 0);
	open_desk(&pair->hanako, pair, language, as_hanako, PAIR_HANAKO);
	open_desk(&pair->jiro, pair, language, as_jiro, PAIR_JIRO);
}

void
pair_close(struct pair *pair)
{
	desk_kill(&pair->hanako);
	desk_kill(&pair->jiro);
	desk_close(&pair->hanako);
	desk_close(&pair->jiro);
	pair_give(pair->folder, 0, 0);
	if (!pair->stage.store)
		pair->stage.store =
		    tempstore_open_again(pair->folder, pair->stage.world.clock);
	stage_close(&pair->stage);
	free(pair->folder);
}

/* Types into a program that is not on the full screen. */
static void
say(struct desk *desk, const char *prompt, const char *text)
{
	desk_wait(desk, prompt);
	pty_send(desk->pty, text, 0);
	pty_send(desk->pty, "\r", 0);
}

void
pair_make_key(struct pair *pair)
{
	static const char *const words[] = {"approve", "--make-key", NULL};
	struct desk *jiro = &pair->jiro;

	desk_verb(jiro, words);
	say(jiro, "Passphrase for a new key, at least 12 characters:",
	    PAIR_PASSPHRASE);
	say(jiro, "Once more:", PAIR_PASSPHRASE);
	assert_int_equal(WEXITSTATUS(pty_wait_end(jiro->pty)), 0);
	desk_wait(jiro, "The running Sekisho has taken your request down.");
}

/* The administrator (here the operator, too) hears the digits from jiro. */
void
pair_confirm_key(struct pair *pair)
{
	struct desk *hanako = &pair->hanako;
	struct ed25519_public key;
	char print[FINGERPRINT_TEXT + 1];
	struct err err = {0};

	assert_ok(signer_read_public(
		      desk_path(&pair->jiro, "config/sekisho/approver.key"),
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

void
pair_come_to_approve(struct pair *pair)
{
	static const char *const words[] = {"approve", NULL};

	desk_verb(&pair->jiro, words);
	pty_wait_text(pair->jiro.pty, "Password:");
	pty_send(pair->jiro.pty, DESK_PASSWORD "\r", 0);
}
