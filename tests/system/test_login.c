/* Coming in through the real program and real PAM: passwords, our own pause
 * after too many of them, accounts that may not sign in, second factors, and
 * stores that cannot be opened. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fake/desk.h"

static const char *const languages[] = {"en", "ja"};
enum { LANGUAGES = sizeof languages / sizeof *languages, KEYRING_MAX = 65536 };

static void
end_with(struct desk *desk, int wanted)
{
	int status = pty_wait_end(desk->pty);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), wanted);
	pty_assert_restored(desk->pty);
	pty_free(&desk->pty);
}

/* ---- The first day ------------------------------------------------------------ */

static void
choose_passphrase(struct desk *desk)
{
	desk_wait(desk, "A new store");
	desk_wait(desk, "Everything is kept encrypted. Choose the passphrase "
			"that opens it. Nobody can recover it: without it, "
			"lists, campaigns and reports are lost. Write it down "
			"and keep it locked away.");
	pty_type(desk->pty, "short");
	pty_keys(desk->pty, "Enter");
	pty_keys(desk->pty, "Enter Enter");
	desk_wait(desk, "At least %d characters.");
	assert_false(store_exists(desk->store));
	pty_keys(desk->pty, "Up Up Up Up ^U");
	pty_type(desk->pty, DESK_PASSPHRASE);
	pty_keys(desk->pty, "Tab");
	pty_type(desk->pty, "battery stable maple");
	pty_keys(desk->pty, "Tab Enter");
	desk_wait(desk, "The two are not the same. Type both again.");
	assert_false(store_exists(desk->store));
	pty_type(desk->pty, DESK_PASSPHRASE);
	pty_keys(desk->pty, "Tab");
	pty_type(desk->pty, DESK_PASSPHRASE);
	pty_keys(desk->pty, "Tab Enter");
}

static void
check_log(struct desk *desk)
{
	struct store *store = desk_open_store(desk);

	assert_int_equal(
	    desk_number(store, "SELECT count(*) FROM login_attempt WHERE ok"),
	    2);
	assert_int_equal(desk_number(store,
			     "SELECT count(*) FROM login_attempt WHERE NOT ok"),
	    2);
	assert_int_equal(desk_number(store, "SELECT count(*) FROM audit"
					    " WHERE what = 'login.failed'"),
	    2);
	store_close(&store);
}

static void
first_and_second_day(void **state)
{
	struct desk desk;

	(void)state;
	for (size_t i = 0; i < LANGUAGES; i++) {
		desk_open(&desk, languages[i]);
		desk_start(&desk, NULL);
		desk_wait(&desk, "Every action is recorded in the audit log.");
		pty_wait_text(desk.pty, "Password:");
		desk_enter(&desk, "wrong");
		desk_wait(&desk,
		    "Sign-in failed. Attempts left before a pause: %{left}.");
		desk_sign_in(&desk);
		choose_passphrase(&desk);
		desk_wait(&desk, "Welcome. This is your first sign-in.");
		desk_leave(&desk);

		desk_start(&desk, NULL);
		desk_sign_in(&desk);
		desk_enter(&desk, "battery staple oak");
		desk_wait(&desk, "That passphrase does not open the store. Try "
				 "again; capital letters and input method "
				 "matter.");
		desk_enter(&desk, DESK_PASSPHRASE);
		desk_wait(&desk, "Last sign-in:");
		desk_wait(&desk, "%d failed try since then.");
		desk_leave(&desk);
		check_log(&desk);
		desk_close(&desk);
	}
}

/* What was typed as a secret is never on the screen nor sent to it. */
static void
shows_no_secrets(void **state)
{
	static const char *const secrets[] = {
	    DESK_PASSWORD, DESK_PASSPHRASE, "horse", "staple"};
	struct desk desk;
	struct store *store;

	(void)state;
	desk_open(&desk, "en");
	store = desk_make_store(&desk);
	store_close(&store);
	desk_come_in(&desk);
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		struct span out = pty_output(desk.pty);

		assert_int_equal(
		    span_search(out, span_of(secrets[i])), out.len);
	}
	desk_close(&desk);
}

static void
leaves_at_the_prompt(void **state)
{
	static const char *const keys[] = {"^C", "Esc", "^G"};
	struct desk desk;

	(void)state;
	desk_open(&desk, "en");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		desk_start(&desk, NULL);
		pty_wait_text(desk.pty, "Password:");
		pty_type(desk.pty, "half a pass");
		pty_keys(desk.pty, keys[i]);
		end_with(&desk, 0);
	}
	assert_false(store_exists(desk.store));
	desk_close(&desk);
}

/* ---- Our own pause -------------------------------------------------------------- */

/* Ten minutes, counted down without a key. */
static void
moves_by_itself(struct desk *desk)
{
	char *screen, shown[5];

	pty_wait_text(desk->pty, " 9:");
	screen = pty_screen(desk->pty);
	memcpy(shown, strstr(screen, " 9:") + 1, 4);
	shown[4] = '\0';
	free(screen);
	pty_wait_gone(desk->pty, shown);
}

static void
pauses_after_five(void **state)
{
	struct desk desk;

	(void)state;
	for (size_t i = 0; i < LANGUAGES; i++) {
		desk_open(&desk, languages[i]);
		desk_start(&desk, NULL);
		for (int try = 0; try < 5; try++) {
			pty_wait_text(desk.pty, "Password:");
			desk_enter(&desk, "wrong");
		}
		desk_wait(
		    &desk, "Too many failed tries. Sign-in is possible in");
		assert_false(pty_shows(desk.pty, "Password:"));
		moves_by_itself(&desk);
		pty_keys(desk.pty, "Enter");
		assert_false(pty_shows(desk.pty, "Password:"));
		pty_keys(desk.pty, "Esc");
		end_with(&desk, 0);

		/* Starting again does not help. */
		desk_start(&desk, NULL);
		desk_wait(
		    &desk, "Too many failed tries. Sign-in is possible in");
		pty_keys(desk.pty, "Esc");
		end_with(&desk, 0);
		desk_close(&desk);
	}
}

/* ---- What PAM says ---------------------------------------------------------------- */

/* The code of the moment, from the tool that people's telephones stand for. */
static void
one_time_code(char code[16])
{
	FILE *tool = popen("oathtool --totp"
			   " 3132333435363738393031323334353637383930",
	    "r");

	assert_non_null(tool);
	assert_non_null(fgets(code, 16, tool));
	pclose(tool);
	code[strcspn(code, "\n")] = '\0';
}

static void
asks_for_a_second_factor(void **state)
{
	struct desk desk;
	char code[16];

	(void)state;
	if (access(DESK_SECURITY "/pam_oath.so", R_OK) < 0 ||
	    access("/usr/bin/oathtool", X_OK) < 0) {
		print_message("SKIP no libpam-oath or no oathtool\n");
		skip();
	}
	desk_open(&desk, "en");
	desk_put(&desk, "users.oath", 0600,
	    "HOTP/T30/6 & - 3132333435363738393031323334353637383930\n");
	desk_service(&desk,
	    "auth requisite " DESK_MATRIX " passdb=@/passdb\n"
	    "auth required pam_oath.so usersfile=@/users.oath digits=6"
	    " window=5\n"
	    "account required " DESK_MATRIX " passdb=@/passdb\n");
	desk_start(&desk, NULL);
	desk_sign_in(&desk);
	pty_wait_text(desk.pty, "One-time password");
	desk_enter(&desk, "000000");
	desk_wait(
	    &desk, "Sign-in failed. Attempts left before a pause: %{left}.");
	desk_sign_in(&desk);
	pty_wait_text(desk.pty, "One-time password");
	one_time_code(code);
	desk_enter(&desk, code);
	desk_wait(&desk, "A new store");
	desk_close(&desk);
}

struct refusal {
	const char *service; /* NULL: no file at all */
	unsigned mode;
	const char *english;
};

static const struct refusal refusals[] = {
    {NULL, 0,
	"The sign-in file %{path} is missing, so nobody can sign in. Install "
	"it (docs/sekisho.pam)."},
    {"auth required pam_permit.so\naccount required pam_permit.so\n", 0666,
	"The sign-in file %{path} can be changed by others than root. Correct "
	"owner and permissions first."},
    {"auth required pam_permit.so\naccount required pam_permit.so\n", 0644,
	"The system let you in without asking anything, which Sekisho does not "
	"accept. Ask your administrator to check the sign-in file."},
    {"auth required pam_debug.so auth=success\n"
     "account required pam_debug.so acct=acct_expired\n",
	0644, "Your account may not sign in: %{why}. Ask your administrator."},
    {"auth required pam_debug.so auth=success\n"
     "account required pam_debug.so acct=new_authtok_reqd\n",
	0644,
	"Your password has expired. Change it with passwd in a shell, then "
	"sign in again."},
    {"auth required pam_debug.so auth=user_unknown\n"
     "account required pam_permit.so\n",
	0644, "Sign-in failed. Attempts left before a pause: %{left}."},
    {"auth required pam_debug.so auth=system_err\n"
     "account required pam_permit.so\n",
	0644,
	"The sign-in system failed (PAM code %{code}). Ask your "
	"administrator."},
};

static void
says_why_not(void **state)
{
	struct desk desk;

	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct refusal *refusal = &refusals[i];

		desk_open(&desk, languages[i % LANGUAGES]);
		if (refusal->service)
			desk_service(&desk, refusal->service);
		if (refusal->service)
			chmod(desk_path(&desk, "pam/sekisho"), refusal->mode);
		else
			unlink(desk_path(&desk, "pam/sekisho"));
		desk_start(&desk, NULL);
		desk_wait(&desk, refusal->english);
		assert_false(store_exists(desk.store));
		pty_keys(desk.pty, "Esc");
		end_with(&desk, 0);
		desk_close(&desk);
	}
}

/* ---- Stores that do not open ---------------------------------------------------- */

static void
opens_once(void **state)
{
	struct desk desk;
	struct store *store;
	char pid[32];

	(void)state;
	for (size_t i = 0; i < LANGUAGES; i++) {
		desk_open(&desk, languages[i]);
		store = desk_make_store(&desk);
		desk_start(&desk, NULL);
		desk_sign_in(&desk);
		desk_enter(&desk, DESK_PASSPHRASE);
		desk_wait(&desk, "The store cannot be opened");
		desk_wait(&desk,
		    "Nothing is wrong with the store: only one Sekisho may "
		    "have it open. End the other one, then press Enter.");
		snprintf(pid, sizeof pid, "%d", (int)getpid());
		pty_wait_text(desk.pty, pid);
		store_close(&store);
		pty_keys(desk.pty, "Enter");
		desk_wait(&desk, "Passphrase of the store");
		desk_enter(&desk, DESK_PASSPHRASE);
		desk_wait(&desk, "Home");
		desk_leave(&desk);
		desk_close(&desk);
	}
}

/* Turns one bit of a file of the store, from its end when at is negative. */
static void
damage(struct desk *desk, const char *name, off_t at)
{
	char path[4096], byte;
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", desk->store, name);
	file = fopen(path, "r+b");
	assert_non_null(file);
	fseeko(file, at, at < 0 ? SEEK_END : SEEK_SET);
	byte = (char)(fgetc(file) ^ 1);
	fseeko(file, at, at < 0 ? SEEK_END : SEEK_SET);
	fputc(byte, file);
	fclose(file);
}

static void
cut_keyring(struct desk *desk)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/keyring", desk->store);
	assert_int_equal(truncate(path, 40), 0);
}

static void
folder_as_keyring(struct desk *desk)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/keyring", desk->store);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
first_page(struct desk *desk)
{
	damage(desk, "store.db", 2000);
}

static void
third_page(struct desk *desk)
{
	damage(desk, "store.db", 2 * 4096 + 100);
}

static void
cut_store(struct desk *desk)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/store.db", desk->store);
	assert_int_equal(truncate(path, 3 * 4096), 0);
}

static const struct {
	void (*harm)(struct desk *desk);
	const char *english;
} harms[] = {
    {cut_keyring,
	"The keyring %{path} is damaged: %{why}. Restore it from a backup."},
    {folder_as_keyring,
	"The keyring %{path} cannot be read: %{sys}. Without it the store "
	"cannot be opened; check its permissions or restore it."},
    {first_page,
	"%{path} is damaged at its beginning or is no store. Restore a backup; "
	"the damaged file is kept."},
    {third_page,
	"Page %{page} of %{path} was changed or is damaged. Nothing was read "
	"from it; restore a backup."},
    {cut_store, "%{path} is shorter than it was. Restore a backup; the file "
		"is kept as it is."},
};

static void
names_what_is_damaged(void **state)
{
	struct desk desk;
	struct store *store;

	(void)state;
	for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
		desk_open(&desk, languages[i % LANGUAGES]);
		store = desk_make_store(&desk);
		store_close(&store);
		harms[i].harm(&desk);
		desk_start(&desk, NULL);
		desk_sign_in(&desk);
		desk_enter(&desk, DESK_PASSPHRASE);
		desk_wait(&desk, harms[i].english);
		pty_keys(desk.pty, "Esc");
		end_with(&desk, 0);
		desk_close(&desk);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_and_second_day),
	    cmocka_unit_test(shows_no_secrets),
	    cmocka_unit_test(leaves_at_the_prompt),
	    cmocka_unit_test(pauses_after_five),
	    cmocka_unit_test(asks_for_a_second_factor),
	    cmocka_unit_test(says_why_not),
	    cmocka_unit_test(opens_once),
	    cmocka_unit_test(names_what_is_damaged),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP sign-in: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
