/* See golden.h.  Differences are printed line by line, wanted before got, so
 * that a log is enough to judge them. */
#include "tests/fake/golden.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/utf8.h"
#include "tests/unit/unit.h"

/* Only a job that hangs takes as long: the key of an export alone is a second's
 * work, and many seconds' on a busy machine under a sanitizer. */
enum { SETTLE_MS = 120000 };

void
golden_language(enum language language)
{
	i18n_use(language);
}

void
golden_start(struct golden *golden)
{
	setenv("TZ", "UTC", 1);
	i18n_start(BUILD_DIR "/locale", LANGUAGE_EN);
	fake_clock_init(&golden->clock);
	golden->world.clock = &golden->clock.base;
	golden->params.world = &golden->world;
	golden->params.places.dir[0] = "themes";
	golden->app = app_new(&golden->params);
}

void
golden_end(struct golden *golden)
{
	app_free(&golden->app);
}

void
golden_settle(struct golden *golden)
{
	struct pollfd news = {
	    .fd = app_event_fd(golden->app), .events = POLLIN};

	while (app_is_busy(golden->app)) {
		if (poll(&news, 1, SETTLE_MS) == 0)
			fail_msg("a job does not end");
		app_events(golden->app);
	}
	app_events(golden->app);
}

static void
press(struct golden *golden, const struct key *key)
{
	fake_clock_move(&golden->clock, 1000);
	app_key(golden->app, key);
	golden_settle(golden);
}

void
golden_keys(struct golden *golden, const char *keys)
{
	struct span rest = span_of(keys), name;
	struct key key;

	while (rest.len > 0) {
		name = span_cut(&rest, ' ');
		if (name.len == 0)
			continue;
		if (!key_of(name, &key))
			fail_msg("no key is called %.*s", SPAN_ARG(name));
		/* A terminal sends these as other keys. */
		if (key.code == K_CHAR && !key.alt)
			key = key_of_input(key.cp);
		press(golden, &key);
	}
}

void
golden_type(struct golden *golden, const char *text)
{
	struct span rest = span_of(text);
	struct key key = {.code = K_CHAR};

	while (utf8_next(&rest, &key.cp))
		press(golden, &key);
}

void
golden_paste(struct golden *golden, const char *text)
{
	struct key key = {.code = K_PASTE, .paste = span_of(text)};

	press(golden, &key);
}

char *
golden_text(struct golden *golden, int rows, int cols)
{
	struct canvas *canvas = canvas_new(rows, cols);
	struct buf text = BUF_INIT;

	app_draw(golden->app, canvas);
	canvas_dump(canvas, &text);
	canvas_free(&canvas);
	return text.ptr;
}

bool
golden_shows(struct golden *golden, const char *text)
{
	char *screen = golden_text(golden, 24, 80);
	bool found = strstr(screen, text) != NULL;

	free(screen);
	return found;
}

static int
print_differences(const char *path, struct span wanted, struct span got)
{
	int line = 0, count = 0;
	struct span a, b;

	while (wanted.len > 0 || got.len > 0) {
		line++;
		a = span_cut(&wanted, '\n');
		b = span_cut(&got, '\n');
		if (span_equal(a, b))
			continue;
		count++;
		print_error("%s:%d\n-%.*s\n+%.*s\n", path, line, SPAN_ARG(a),
		    SPAN_ARG(b));
	}
	return count;
}

static void
check_key_line(struct golden *golden, const char *path, const char *screen)
{
	struct screen *top = app_top(golden->app);
	const enum action *actions;
	const char *keys;
	size_t len = strlen(screen);

	if (!top->ops->footer || len == 0)
		return;
	for (keys = screen + len - 1; keys > screen && keys[-1] != '\n';)
		keys--;
	actions = top->ops->footer(top);
	for (int i = 0; i < FOOTER_MAX && actions[i] != ACT_NONE; i++) {
		const char *label = _(action_info(actions[i])->label);

		if (!strstr(keys, label))
			fail_msg("%s: the key line lacks \"%s\"", path, label);
	}
}

/* Blots out what differs from run to run: digests ("7f3a-91c2"), the port of
 * the practice relay, tokens for unsubscribing, the folder of the store in a
 * command. */
static void
blot(char *text)
{
	static const char hex[] = "0123456789abcdef", host[] = "127.0.0.1:";
	static const char store[] = "--store ";
	static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";

	for (char *at = text; *at; at++) {
		if (!strncmp(at, store, strlen(store))) {
			size_t len = strcspn(at + strlen(store), " \n");

			at += strlen(store);
			memmove(at + 1, at + len, strlen(at + len) + 1);
			*at = '#';
		} else if (!strncmp(at, host, strlen(host))) {
			at += strlen(host);
			memset(at, '#', strspn(at, "0123456789"));
		} else if (!strncmp(at, "/u/", 3) &&
			   strspn(at + 3, base32) == 26) {
			memset(at + 3, '#', 26);
		} else if (at > text && at[-1] == ' ' && strspn(at, hex) == 4 &&
			   at[4] == '-' && strspn(at + 5, hex) == 4) {
			memset(at, '#', 4);
			memset(at + 5, '#', 4);
		}
	}
}

/* Blots out sizes ("11.6 kB", and the blanks before them): a theme's markup
 * makes every mail longer or shorter. */
static void
blot_sizes(char *text)
{
	char *unit, *from;

	for (char *at = text; (unit = strstr(at, " kB")); at = unit + 1) {
		for (from = unit;
		    from > text && strchr("0123456789.", from[-1]);)
			from--;
		if (from > text && from < unit && unit - from < 5 &&
		    from[-1] == ' ' && from - 1 > text && from[-2] == ' ')
			from--;
		memset(from, '#', (size_t)(unit - from));
	}
}

static void
check_one(struct golden *golden, const char *name, const char *language,
    int rows, int cols)
{
	const char *update = getenv("UPDATE_GOLDEN");
	char *screen = golden_text(golden, rows, cols), path[512];
	struct buf wanted = BUF_INIT;
	struct err err = {.code = E_NONE};

	snprintf(path, sizeof path, "tests/screens/golden/%s.%s.%dx%d.txt",
	    name, language, cols, rows);
	if (cols == 80)
		check_key_line(golden, path, screen);
	blot(screen);
	if (golden->sizes == GOLDEN_SIZES_BLOTTED)
		blot_sizes(screen);
	if (update && *update) {
		assert_ok(
		    file_replace(path, span_of(screen), 0644, &err), &err);
	} else {
		assert_ok(file_read(path, 1 << 20, &wanted, &err), &err);
		if (print_differences(
			path, buf_span(&wanted), span_of(screen)) > 0)
			fail_msg("%s differs; UPDATE_GOLDEN=1 takes it", path);
	}
	buf_done(&wanted);
	free(screen);
}

/* The other language, and a screen that has read its texts in it. */
static void
take_language(struct golden *golden, enum language language)
{
	struct screen *top = app_top(golden->app);

	i18n_use(language);
	if (top->ops->shown)
		top->ops->shown(top);
	golden_settle(golden);
}

void
golden_check(struct golden *golden, const char *name)
{
	take_language(golden, LANGUAGE_EN);
	check_one(golden, name, "en", 24, 80);
	check_one(golden, name, "en", 40, 120);
	take_language(golden, LANGUAGE_JA);
	check_one(golden, name, "ja", 24, 80);
	check_one(golden, name, "ja", 40, 120);
	take_language(golden, LANGUAGE_EN);
}
