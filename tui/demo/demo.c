/* The demo's stage: everything it needs is made in one temporary folder and
 * goes away with it.  Nothing outside is touched: PAM reads a service file of
 * the demo's own whose only module runs this very program (pam_exec), the
 * dialler refuses everything but the loopback, and the resolver knows the demo's
 * own names and asks nobody. */
#include "tui/demo/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "core/net/dns.h"
#include "tui/demo/demo.h"
#include "tui/program.h"
#include "tui/seat.h"
#include "tui/text/errors.h"

/* The demo's key protects nothing: a cheap derivation keeps it quick. */
enum { DEMO_LOG2_N = 14, DEPTH_MAX = 8, PASSWORD_MAX = 512 };

/* ---- The folder ------------------------------------------------------------------ */

static int
make_folder(struct demo *demo, struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	buf_printf(&demo->dir, "%s/sekisho-demo-XXXXXX",
	    tmp && *tmp == '/' ? tmp : "/tmp");
	if (!mkdtemp(demo->dir.ptr)) {
		err_sys(err, E_FILE_OPEN, errno);
		return err_fact(err, "path", buf_span(&demo->dir));
	}
	buf_printf(&demo->store, "%s/store", demo->dir.ptr);
	buf_printf(&demo->csv, "%s/contacts.csv", demo->dir.ptr);
	buf_printf(&demo->pam, "%s/pam", demo->dir.ptr);
	buf_printf(&demo->names, "%s/names.conf", demo->dir.ptr);
	return 0;
}

/* Removes what is below path, then path; never follows a link. */
static void
remove_tree(int parent, const char *name, int depth)
{
	int fd = openat(
	    parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 || depth == 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		unlinkat(parent, name, 0);
		return;
	}
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove_tree(fd, entry->d_name, depth - 1);
	}
	closedir(dir);
	unlinkat(parent, name, AT_REMOVEDIR);
}

static int
write_pam(struct demo *demo, struct err *err)
{
	/* pam_exec calls a wrong password a fault of the system. */
	static const char service[] =
	    "auth [success=1 default=ignore] pam_exec.so quiet expose_authtok "
	    "/proc/self/exe demo-check\n"
	    "auth requisite pam_deny.so\n"
	    "auth required pam_permit.so\n"
	    "account required pam_permit.so\n";
	struct buf path = BUF_INIT;
	int rc = -1;

	if (file_mkdirs(demo->pam.ptr, 0700, err) < 0)
		goto out;
	buf_printf(&path, "%s/sekisho", demo->pam.ptr);
	rc = file_replace(path.ptr, span_of(service), 0600, err);
	setenv("SEKISHO_PAM", demo->pam.ptr, 1);
out:
	buf_done(&path);
	return rc;
}

static int
start_relay(struct demo *demo, struct err *err)
{
	struct secret *password =
	    secret_of(demo_password, strlen(demo_password));
	struct practice_config config = {
	    .folder = demo->dir.ptr,
	    .user = demo_user,
	    .password = password,
	    .manners = PRACTICE_LIFELIKE,
	    .latency_ms = 20,
	};
	int rc = practice_start(&config, &demo->practice, err);

	secret_free(&password);
	return rc;
}

static int
make_store(struct demo *demo, struct err *err)
{
	struct secret *passphrase =
	    secret_of(demo_passphrase, strlen(demo_passphrase));
	struct store_params params = {
	    .dir = demo->store.ptr,
	    .user = demo_user,
	    .origin = "demo",
	    .clock = clock_real(),
	    .kind = STORE_DEMO,
	    .kdf_log2_n = DEMO_LOG2_N,
	};
	struct store *store = NULL;
	int rc = -1;

	if (store_create(&params, passphrase, &store, err) == 0)
		rc = demo->fill(demo, store, err);
	if (rc == 0)
		rc = demo_names_write(store, demo->names.ptr, err);
	store_close(&store);
	secret_free(&passphrase);
	return rc;
}

int
demo_set_up(struct demo *demo, struct err *err)
{
	if (make_folder(demo, err) < 0 || write_pam(demo, err) < 0 ||
	    file_replace(demo->csv.ptr,
		span_make(demo_contacts, demo_contacts_len), 0600, err) < 0 ||
	    start_relay(demo, err) < 0 || make_store(demo, err) < 0)
		return -1;
	demo->resolver = demo_names_open(demo->names.ptr);
	demo->hints = (struct demo_hints){
	    .user = demo_user,
	    .password = demo_password,
	    .passphrase = demo_passphrase,
	    .maildir = practice_maildir(demo->practice),
	    .csv = demo->csv.ptr,
	    .test_mail = practice_test_mail,
	    .relay = demo->practice,
	};
	return 0;
}

void
demo_tear_down(struct demo *demo)
{
	practice_stop(&demo->practice);
	resolver_free(&demo->resolver);
	if (demo->store.len)
		remove_tree(AT_FDCWD, demo->dir.ptr, DEPTH_MAX);
	buf_done(&demo->dir);
	buf_done(&demo->store);
	buf_done(&demo->csv);
	buf_done(&demo->pam);
	buf_done(&demo->names);
}

/* ---- The verbs ---------------------------------------------------------------------- */

int
demo_sit(struct demo *demo, struct options *options, struct buf *out)
{
	struct world world = {.clock = clock_real(),
	    .dialler = dialler_loopback_only(),
	    .resolver = demo->resolver};
	struct socket_line none = SOCKET_LINE_INIT;
	struct seat seat = SEAT_INIT;
	struct session session;
	struct err err = {.code = E_NONE};
	int status;

	seat.has_shell = seat_has_shell();
	options->store = demo->store.ptr;
	if (session_begin(&session, &world, options, demo_user, &err) < 0) {
		status = program_complain(out, &err);
	} else {
		session.demo = &demo->hints;
		session.kind = STORE_DEMO;
		session.kdf_log2_n = DEMO_LOG2_N;
		session.drill = demo->drill;
		status = program_sitting(options, &session, &seat, &none, out);
		if (demo->sat)
			demo->sat(demo, &session);
	}
	session_end(&session);
	return status;
}

static int
fill(struct demo *demo, struct store *store, struct err *err)
{
	return demo_fill(store, demo->practice, err);
}

int
demo_run(struct options *options, struct buf *out)
{
	struct demo demo = {.fill = fill};
	struct err err = {.code = E_NONE};
	int status;
	bool wanted = options->argc > 1 && !strcmp(options->argv[1], "--play");

	if (!getenv("SEKISHO_SHOW") &&
	    (wanted || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return demo_play(options, out);
	program_harden();
	if (demo_set_up(&demo, &err) < 0)
		status = program_complain(out, &err);
	else
		status = demo_sit(&demo, options, out);
	demo_tear_down(&demo);
	return status;
}

int
demo_check(struct options *options, struct buf *out)
{
	char given[PASSWORD_MAX];
	ssize_t len = read(STDIN_FILENO, given, sizeof given);
	size_t wanted = strlen(demo_password);

	(void)options;
	(void)out;
	/* pam_exec sends the password with its NUL. */
	if (len > 0 && given[len - 1] == '\0')
		len--;
	return len == (ssize_t)wanted &&
		       memcmp(given, demo_password, wanted) == 0
		   ? 0
		   : 1;
}
