/* See desk.h.  The test's own gettext speaks the desk's language, so what is
 * waited for comes from the catalogue that is shown: a sentence without its
 * translation is found, because a Japanese desk would wait for English. */
#include "tests/fake/desk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/file.h"
#include "core/review/review.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"
#include "tui/text/i18n.h"

enum {
	ARGS_MAX = 16,
	ENV_MAX = 24,
	CHEAP_LOG2_N = 10,
	STEPS_MAX = 40,
	CLOCKS = 2
};

/* ---- The folder ------------------------------------------------------------ */

const char *
desk_missing(void)
{
	return access(DESK_MATRIX, R_OK) < 0
		   ? "pam_matrix is not installed (libpam-wrapper)"
		   : NULL;
}

static const char *
keep(struct desk *desk, struct buf *text)
{
	struct span copy = arena_copy(desk->texts, buf_span(text));

	buf_done(text);
	return copy.ptr;
}

const char *
desk_path(struct desk *desk, const char *name)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", desk->dir, name);
	return keep(desk, &path);
}

void
desk_put(struct desk *desk, const char *name, unsigned mode, const char *text)
{
	const char *path = desk_path(desk, name);
	struct buf full = BUF_INIT;
	struct err err = {0};

	for (; *text; text++) {
		if (*text == '@')
			buf_text(&full, desk->dir);
		else if (*text == '&')
			buf_text(&full, desk->user);
		else
			buf_char(&full, *text);
	}
	assert_ok(file_replace(path, buf_span(&full), mode, &err), &err);
	assert_int_equal(chmod(path, mode), 0);
	buf_done(&full);
}

void
desk_service(struct desk *desk, const char *text)
{
	desk_put(desk, "pam/sekisho", 0644, text);
}

void
desk_open(struct desk *desk, const char *language)
{
	static const char *const folders[] = {
	    "pam", "home", "tmp", "run", "data", "config"};

	*desk = (struct desk){.language = language,
	    .dir = tempdir_new(),
	    .user = access_user(),
	    .texts = arena_new()};
	assert_non_null(desk->user);
	desk->store = desk_path(desk, "store");
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		assert_int_equal(mkdir(desk_path(desk, folders[i]), 0700), 0);
	}
	desk_put(desk, "passdb", 0600, "&:" DESK_PASSWORD ":sekisho\n");
	desk_service(desk,
	    "auth required " DESK_MATRIX " passdb=@/passdb\n"
	    "account required " DESK_MATRIX " passdb=@/passdb\n");
	i18n_start(BUILD_DIR "/locale", i18n_language_of(language));
}

void
desk_close(struct desk *desk)
{
	pty_free(&desk->pty);
	if (desk->clock)
		munmap(desk->clock, CLOCKS * sizeof *desk->clock);
	tempdir_remove(&desk->dir);
	free(desk->user);
	arena_free(&desk->texts);
}

/* ---- The program ------------------------------------------------------------- */

static const char *
variable(struct desk *desk, const char *name, const char *folder)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%s=%s/%s", name, desk->dir, folder);
	return keep(desk, &text);
}

static void
set_env(struct desk *desk, const char *env[ENV_MAX])
{
	static const char *const folders[][2] = {{"SEKISHO_PAM", "pam"},
	    {"HOME", "home"}, {"TMPDIR", "tmp"}, {"XDG_RUNTIME_DIR", "run"},
	    {"XDG_DATA_HOME", "data"}, {"XDG_CONFIG_HOME", "config"}};
	size_t n = 0;

	for (; n < sizeof folders / sizeof *folders; n++)
		env[n] = variable(desk, folders[n][0], folders[n][1]);
	if (desk->clock)
		env[n++] = variable(desk, "SEKISHO_CLOCK", "clock");
	for (size_t i = 0; desk->env && desk->env[i]; i++) {
		assert_true(n + 1 < ENV_MAX);
		env[n++] = desk->env[i];
	}
	env[n] = NULL;
}

void
desk_own_clock(struct desk *desk)
{
	static const int64_t zeroes[CLOCKS];
	const struct span bytes = span_make(zeroes, sizeof zeroes);
	const char *path = desk_path(desk, "clock");
	struct err err = {0};
	void *page;
	int fd;

	assert_ok(file_replace(path, bytes, 0600, &err), &err);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	page = mmap(
	    NULL, sizeof zeroes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	assert_ptr_not_equal(page, MAP_FAILED);
	desk->clock = page;
}

void
desk_move_clock(struct desk *desk, int64_t wall_ms, int64_t steady_ms)
{
	__atomic_fetch_add(&desk->clock[0], wall_ms, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&desk->clock[1], steady_ms, __ATOMIC_SEQ_CST);
}

void
desk_verb(struct desk *desk, const char *const *more)
{
	const char *const words[] = {BUILD_DIR "/test/sekisho", "--store",
	    desk->store, "--lang", desk->language, NULL};
	const char *const *const parts[] = {desk->before, words, more};
	const char *argv[ARGS_MAX] = {NULL}, *env[ENV_MAX];
	size_t n = 0;

	for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
		for (size_t i = 0; parts[p] && parts[p][i]; i++) {
			assert_true(n + 1 < ARGS_MAX);
			argv[n++] = parts[p][i];
		}
	}
	set_env(desk, env);
	pty_free(&desk->pty);
	desk->pty = pty_start(&(struct pty_params){.argv = argv,
	    .env = env,
	    .rows = desk->rows,
	    .cols = desk->cols,
	    .term = desk->term});
}

void
desk_start(struct desk *desk, const char *const *more)
{
	desk_verb(desk, more);
	pty_wait_idle(desk->pty);
}

/* Behind a number or fact that stands at text ("%d", "%{path}"). */
static const char *
behind(const char *text)
{
	if (text[1] == '{')
		return text + strcspn(text, "}") + 1;
	text += 1 + strcspn(text + 1, "dsuxc%");
	return *text ? text + 1 : text;
}

static const char *
longest_part(struct desk *desk, const char *text)
{
	struct span best = {"", 0};

	while (*text) {
		size_t len = strcspn(text, "%");

		if (len > best.len)
			best = span_make(text, len);
		text += len;
		if (*text)
			text = behind(text);
	}
	return arena_copy(desk->texts, best).ptr;
}

/* Words that the program does not have would be waited for in vain. */
const char *
desk_word(struct desk *desk, const char *english)
{
	const char *word = _(english);

	if (word == english && strcmp(desk->language, "en") != 0)
		fail_msg("not in the catalog: %s", english);
	return longest_part(desk, word);
}

void
desk_wait_many(struct desk *desk, const char *one, const char *many)
{
	pty_wait_prose(desk->pty, longest_part(desk, P_(one, many, 9)));
}

void
desk_wait(struct desk *desk, const char *english)
{
	pty_wait_prose(desk->pty, desk_word(desk, english));
}

void
desk_enter(struct desk *desk, const char *text)
{
	pty_type(desk->pty, text);
	pty_keys(desk->pty, "Enter");
}

/* The line of the screen that has the cursor. */
static char *
cursor_line(struct desk *desk)
{
	char *screen = pty_screen(desk->pty), *line;
	struct span rest = span_of(screen), cut = {"", 0};
	int row, col;

	pty_cursor(desk->pty, &row, &col);
	for (int i = 0; i <= row; i++)
		cut = span_cut(&rest, '\n');
	line = mem_text(cut);
	free(screen);
	return line;
}

static bool
stands_on(struct desk *desk, const char *text)
{
	char *line = cursor_line(desk);
	bool does = strstr(line, text) != NULL;

	free(line);
	return does;
}

void
desk_go_to(struct desk *desk, const char *text)
{
	char *screen;

	for (int i = 0; i < 2 * STEPS_MAX; i++) {
		if (stands_on(desk, text))
			return;
		pty_keys(desk->pty, i < STEPS_MAX ? "Down" : "Up");
	}
	screen = pty_screen(desk->pty);
	fputs(screen, stderr); /* longer than cmocka prints */
	free(screen);
	fail_msg(
	    "no line with %s; the cursor is at: %s", text, cursor_line(desk));
}

/* The field with the focus is marked. */
void
desk_focus(struct desk *desk, const char *label)
{
	struct buf marked = BUF_INIT;

	buf_printf(&marked, "> %s", desk_word(desk, label));
	desk_go_to(desk, marked.ptr);
	buf_done(&marked);
}

void
desk_field(struct desk *desk, const char *label, const char *text)
{
	desk_focus(desk, label);
	pty_keys(desk->pty, "End ^U");
	pty_type(desk->pty, text);
}

void
desk_choose(struct desk *desk, const char *label, const char *value)
{
	const char *wanted = desk_word(desk, value);

	desk_focus(desk, label);
	for (int i = 0; i < STEPS_MAX && !stands_on(desk, wanted); i++)
		pty_keys(desk->pty, "Space");
	assert_true(stands_on(desk, wanted));
}

void
desk_reply(struct desk *desk, const char *title, const char *text)
{
	desk_wait(desk, title);
	desk_fill(desk, text);
	pty_keys(desk->pty, "Enter");
}

void
desk_pick(struct desk *desk, const char *title, const char *text)
{
	desk_wait(desk, title);
	desk_go_to(desk, text);
	pty_answer(desk->pty, "Enter", desk_word(desk, title));
}

void
desk_fill(struct desk *desk, const char *text)
{
	do {
		pty_keys(desk->pty, "^U");
		pty_type(desk->pty, text);
	} while (!stands_on(desk, text));
}

/* ---- The checklist ------------------------------------------------------------ */

static bool
shows(struct desk *desk, const char *english)
{
	return pty_shows(desk->pty, desk_word(desk, english));
}

/* A screen that never comes shall not be waited for until the day ends. */
enum { PATIENCE_MS = 10 * 60 * 1000 };

static int64_t
patience(void)
{
	return clock_steady_ms(clock_real()) + PATIENCE_MS;
}

static void
expect_patience(int64_t end_ms, const char *what)
{
	if (clock_steady_ms(clock_real()) > end_ms)
		fail_msg("many keys, and still not: %s", what);
}

/* As a person who reads nothing: a planted sample is taken for right, and then
 * all are read again. */
static void
read_samples(struct desk *desk)
{
	const char *right = longest_part(
	    desk, P_("? %zu sample is open: is this mail right?",
		      "? %zu samples are open: is this mail right?", 9));
	const char *one = longest_part(
	    desk, P_("? %zu sample is open: is this mail right?",
		      "? %zu samples are open: is this mail right?", 1));
	const char *end = "+ All samples were read to their end. q goes back.";
	const int64_t end_ms = patience();

	while (!shows(desk, end)) {
		expect_patience(end_ms, end);
		if (shows(desk, "This one was wrong"))
			pty_answer(desk->pty, "Enter",
			    desk_word(desk, "This one was wrong"));
		/* to the end, until it was there long enough */
		pty_keys(desk->pty, "PgDn");
		if (pty_shows(desk->pty, right) || pty_shows(desk->pty, one))
			pty_keys(desk->pty, "Enter");
	}
	pty_keys(desk->pty, "q");
}

/* Whether a statement is asked for, or the line was a tick. */
static bool
is_asked(struct desk *desk)
{
	static const char *const questions[] = {
	    "Why may exactly this content be sent to these people? Say it in "
	    "a sentence.",
	    "Why is this mail of the kind that was chosen (advertisement, "
	    "transaction, notice)? Say it in a sentence.",
	    "Who has checked prices, conditions and promises, and against "
	    "what? Say it in a sentence.",
	    "Who has read the pages behind the links, and when? Say it in a "
	    "sentence; if there are no links, say that.",
	};

	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		if (pty_shows_prose(desk->pty, desk_word(desk, questions[i])))
			return true;
	}
	return false;
}

static void
say_statements(struct desk *desk)
{
	const char *end = "+ Everything is ticked and said.";
	const int64_t end_ms = patience();

	while (!shows(desk, end)) {
		expect_patience(end_ms, end);
		pty_keys(desk->pty, "Enter");
		if (is_asked(desk)) {
			desk_fill(desk, "Looked up by hand.");
			pty_keys(desk->pty, "Enter");
		}
	}
	pty_keys(desk->pty, "q");
}

/* Whether the crumbs end in a title. */
static bool
is_at(struct desk *desk, const char *english)
{
	char crumb[100];

	snprintf(crumb, sizeof crumb, "> %s", _(english));
	return pty_shows(desk->pty, crumb);
}

void
desk_answer_open(struct desk *desk)
{
	char done[40];
	size_t all;
	const int64_t end_ms = patience();

	check_all(&all);
	snprintf(done, sizeof done, _("%d of %d done"), (int)all, (int)all);
	while (!pty_shows(desk->pty, done)) {
		expect_patience(end_ms, done);
		pty_keys(desk->pty, "Enter");
		if (is_at(desk, "Samples")) {
			read_samples(desk);
		} else if (is_at(desk, "Statements")) {
			say_statements(desk);
		} else {
			desk_fill(desk, "Looked up by hand.");
			pty_keys(desk->pty, "Enter");
		}
	}
}

void
desk_sign_in(struct desk *desk)
{
	pty_wait_text(desk->pty, "Password:");
	desk_enter(desk, DESK_PASSWORD);
}

void
desk_come_in(struct desk *desk)
{
	desk_start(desk, NULL);
	desk_sign_in(desk);
	desk_wait(desk, "Passphrase of the store");
	desk_enter(desk, DESK_PASSPHRASE);
	desk_wait(desk, "Home");
}

void
desk_leave(struct desk *desk)
{
	int status;

	pty_keys(desk->pty, "Q");
	desk_wait(desk, "Leave Sekisho");
	pty_answer(desk->pty, "y", desk_word(desk, "Leave Sekisho"));
	status = pty_wait_end(desk->pty);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	pty_assert_restored(desk->pty);
	pty_assert_clean(desk->pty);
	pty_free(&desk->pty);
}

void
desk_kill(struct desk *desk)
{
	pty_free(&desk->pty);
}

/* ---- The store ---------------------------------------------------------------- */

static struct store *
take_store(struct desk *desk,
    int (*take)(const struct store_params *params, const struct secret *secret,
	struct store **out, struct err *err))
{
	struct store_params params = {.dir = desk->store,
	    .user = desk->user,
	    .origin = "test",
	    .clock = clock_real(),
	    .kdf_log2_n = CHEAP_LOG2_N};
	struct secret *secret =
	    secret_of(DESK_PASSPHRASE, sizeof DESK_PASSPHRASE - 1);
	struct store *store = NULL;
	struct err err = {0};

	assert_ok(take(&params, secret, &store, &err), &err);
	secret_free(&secret);
	return store;
}

struct store *
desk_make_store(struct desk *desk)
{
	return take_store(desk, store_create);
}

struct store *
desk_open_store(struct desk *desk)
{
	return take_store(desk, store_open);
}

int64_t
desk_number(struct store *store, const char *sql)
{
	struct db *db = NULL;
	struct stmt *stmt;
	struct err err = {0};
	int64_t value;

	assert_ok(store_reader_open(store, &db, &err), &err);
	stmt = db_stmt(db, sql, &err);
	assert_non_null(stmt);
	assert_int_equal(stmt_step(stmt, &err), 1);
	value = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	store_reader_close(&db);
	return value;
}
