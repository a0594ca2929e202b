/* Checking a theme: one of the terminal, or one of mails, which says so in its
 * file.  A word with a slash or the ending .theme is a file, any other the name
 * of a theme, looked for where the program does. */
#include "tui/verbs_theme.h"

#include "core/base/file.h"
#include "core/compose/compose.h"
#include "tui/mailthemes.h"
#include "tui/program.h"

enum { CONTRAST_WANTED = 450 };

static void
show_role(
    const struct theme *theme, enum role role, int *worst, struct buf *out)
{
	int contrast = theme_contrast(theme, DEPTH_256, role);
	bool good = contrast >= theme_contrast_wanted(role);

	if (!good)
		*worst = 1;
	buf_printf(out, "%s %-14s %3s colours  %2d.%02d\n", good ? "+" : "X",
	    role_name(role), "256", contrast / 100, contrast % 100);
}

static int
show_terminal(const struct theme *theme, struct buf *out)
{
	int rc = 0;

	for (int role = 0; role < ROLE_COUNT; role++)
		show_role(theme, (enum role)role, &rc, out);
	return rc;
}

static int
complain(const char *path, const struct err *err, struct buf *out)
{
	if (path)
		buf_printf(out, "%s: ", path);
	return program_complain(out, err);
}

/* path may be NULL. */
static int
show_mail(const char *path, struct span text, struct buf *out)
{
	struct err err = {.code = E_NONE};
	struct mail_theme theme = {.pairs = 0};
	int rc = mail_theme_check(text, &theme, &err);

	for (size_t i = 0; i < theme.pairs; i++) {
		int light = theme.pair[i].light, dark = theme.pair[i].dark;
		bool good = light >= CONTRAST_WANTED && dark >= CONTRAST_WANTED;

		buf_printf(out, "%s %-20s %2d.%02d %2d.%02d\n",
		    good ? "+" : "X", theme.pair[i].name, light / 100,
		    light % 100, dark / 100, dark % 100);
	}
	return rc < 0 ? complain(path, &err, out) : 0;
}

static int
check_file(const struct theme_places *places, const char *path, struct buf *out)
{
	struct err err = {.code = E_NONE};
	struct buf text = BUF_INIT;
	struct theme theme;
	int rc;

	if (file_read(path, THEME_FILE_MAX, &text, &err) < 0)
		rc = program_complain(out, &err);
	else if (mail_theme_is(buf_span(&text)))
		rc = show_mail(path, buf_span(&text), out);
	else if (theme_parse(buf_span(&text), path, places, &theme, &err) < 0)
		rc = program_complain(out, &err);
	else
		rc = show_terminal(&theme, out);
	buf_done(&text);
	return rc;
}

static int
check_name(const struct theme_places *places, const char *name, struct buf *out)
{
	struct err err = {.code = E_NONE};
	struct buf text = BUF_INIT;
	struct theme theme;
	int rc;

	if (theme_load(places, name, &theme, &err) == 0)
		rc = show_terminal(&theme, out);
	else if (err.code == E_THEME_MISSING &&
		 mailthemes_read(places, name, &text, NULL) == 0)
		rc = show_mail(NULL, buf_span(&text), out);
	else
		rc = program_complain(out, &err);
	buf_done(&text);
	return rc;
}

int
verb_theme(struct options *options, struct buf *out)
{
	struct theme_paths paths;
	const char *word;
	int rc;

	if (options->argc != 3 || strcmp(options->argv[1], "check") != 0) {
		verbs_usage(out);
		return 2;
	}
	word = options->argv[2];
	theme_paths_init(&paths, options);
	if (strchr(word, '/') || span_ends(span_of(word), SPAN(".theme")))
		rc = check_file(&paths.places, word, out);
	else
		rc = check_name(&paths.places, word, out);
	theme_paths_done(&paths);
	return rc;
}
