/* What "sekisho VERB" can do. */
#ifndef TUI_VERBS_H
#define TUI_VERBS_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "tui/term.h"
#include "tui/text/i18n.h"

/* The command line, as main() has read it. */
struct options {
	const char *store;       /* --store DIR, or NULL */
	enum language language;  /* --lang */
	enum term_colors colors; /* --no-color */
	const char *theme;       /* --theme, or NULL */
	const char *version;
	const char *prefix; /* where things are installed */
	const char *demo;   /* the demo program; verb_run() fills it in */
	char **all;         /* every word, from the program's name on */
	int argc;           /* verb's own words, argv[0] is the verb */
	char **argv;
};

/* Reads options up to the verb.  False, with what is wrong in why, when there
 * is an unknown one. */
bool options_read(int argc, char *argv[], struct options *out, struct buf *why);

/* Starts the language, then runs the verb (no verb: the full screen).  What is
 * to be printed goes to out; returns the exit status. */
int verb_run(struct options *options, struct buf *out);

/* Adds the list of options and verbs. */
void verbs_usage(struct buf *out);

/* Where themes are looked for: the user's own folder, then the installed
 * ones; strings live as long as the caller keeps them in paths. */
struct theme_paths {
	struct buf own, installed;
	struct theme_places places;
};
void theme_paths_init(struct theme_paths *paths, const struct options *options);
void theme_paths_done(struct theme_paths *paths);

#endif
