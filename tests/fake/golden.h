/* Screens without a terminal: an app on a fake clock, keys by name, and its
 * canvas compared with a file as text. */
#ifndef TESTS_FAKE_GOLDEN_H
#define TESTS_FAKE_GOLDEN_H

#include "tests/fake/clock.h"
#include "tui/app.h"
#include "tui/text/i18n.h"

/* Whether sizes like "11.6 kB" are part of what is compared. */
enum golden_sizes { GOLDEN_SIZES_COMPARED, GOLDEN_SIZES_BLOTTED };

/* Zero-initialise, set what the screens need, then golden_start(). */
struct golden {
	struct app_params params; /* world, places are filled in */
	struct fake_clock clock;  /* 2026-11-21 00:00 UTC */
	struct world world;
	struct app *app;
	enum golden_sizes sizes;
};

/* Starts an app (English, UTC) that golden_end() frees. */
void golden_start(struct golden *golden);
void golden_end(struct golden *golden);

/* Types keys by their names, separated by blanks ("j Enter ^S"); waits for
 * jobs after each; moves the clock by 1 s before each, so that dialogs have
 * stopped being deaf. */
void golden_keys(struct golden *golden, const char *keys);

/* Types the characters of a text. */
void golden_type(struct golden *golden, const char *text);

/* Pastes a text. */
void golden_paste(struct golden *golden, const char *text);

/* Waits until no job runs any more (at most 10 s, then fails). */
void golden_settle(struct golden *golden);

/* The screen as text in the current language; the caller frees it. */
char *golden_text(struct golden *golden, int rows, int cols);

/* True when the screen at 80x24 holds the text. */
bool golden_shows(struct golden *golden, const char *text);

/* Compares the screen with tests/screens/golden/NAME.LANG.COLSxROWS.txt in
 * English and Japanese, at 80x24 and 120x40; a difference fails the test and
 * is printed.  Also fails when the key line at 80x24 lacks one of the screen's
 * actions.  The screen's shown() hook is called after each change of
 * language.  With UPDATE_GOLDEN=1 in the environment it writes the files. */
void golden_check(struct golden *golden, const char *name);

/* Takes a language for what follows. */
void golden_language(enum language language);

#endif
