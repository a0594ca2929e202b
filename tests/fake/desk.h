/* Somebody at the real program: a folder with everything it needs (store, PAM
 * service, home, folder for temporary files) and the way in and out.  Texts on
 * the screen are named in English and looked for in the desk's language. */
#ifndef TESTS_FAKE_DESK_H
#define TESTS_FAKE_DESK_H

#include "core/base/mem.h"
#include "core/store/store.h"
#include "tests/fake/pty.h"

#define DESK_PASSWORD   "correct horse"
#define DESK_PASSPHRASE "battery staple maple"
#define DESK_MATRIX     "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_matrix.so"
#define DESK_SECURITY   "/usr/lib/x86_64-linux-gnu/security"

struct desk {
	char *dir;         /* everything is in here */
	const char *store; /* DIR/store: the store's folder */
	char *user;        /* login name of this process */
	const char *language;
	const char *const *env;    /* more for the program, ended by NULL */
	const char *term;          /* NULL: xterm-256color */
	const char *const *before; /* words before the program, or NULL */
	int rows, cols;            /* 0: 24, 80 */
	int64_t *clock;            /* see desk_move_clock(); or NULL */
	struct pty *pty;           /* NULL when the program does not run */
	struct arena *texts;
};

/* Why sign-ins cannot be tested here, or NULL. */
const char *desk_missing(void);

/* A fresh folder with pam_matrix as the PAM service, no store and no program;
 * language is "en" or "ja".  Ended by desk_close(). */
void desk_open(struct desk *desk, const char *language);
void desk_close(struct desk *desk);

/* A path in the desk's folder; lives as long as the desk. */
const char *desk_path(struct desk *desk, const char *name);

/* Writes a file of the desk's folder; every @ in the text becomes the folder's
 * path, every & the user's name. */
void desk_put(
    struct desk *desk, const char *name, unsigned mode, const char *text);

/* Replaces the PAM service file, @ and & as above. */
void desk_service(struct desk *desk, const char *text);

/* Starts the program with --store and --lang; more are arguments behind these,
 * ended by NULL, or NULL.  Returns when it is idle or has ended. */
void desk_start(struct desk *desk, const char *const *more);

/* The same for a verb without a full screen, which tells no idle mark: returns
 * at once. */
void desk_verb(struct desk *desk, const char *const *more);

/* From the next start on the program's clock can be moved; until it is, it goes
 * as ours does. */
void desk_own_clock(struct desk *desk);

/* Moves the program's clocks on, by as many milliseconds each. */
void desk_move_clock(struct desk *desk, int64_t wall_ms, int64_t steady_ms);

/* What the desk's language says for a text of the catalogue: its longest part
 * without a number or fact.  Lives as long as the desk. */
const char *desk_word(struct desk *desk, const char *english);

/* Waits for that text, wherever its lines are broken. */
void desk_wait(struct desk *desk, const char *english);

/* The same for a text that has two forms, the one for several. */
void desk_wait_many(struct desk *desk, const char *one, const char *many);

/* Types a text, then Enter. */
void desk_enter(struct desk *desk, const char *text);

/* Moves down, then up, until the line with the cursor shows a text of the
 * screen; fails the test when no line does. */
void desk_go_to(struct desk *desk, const char *text);

/* Goes to the field with a label (English). */
void desk_focus(struct desk *desk, const char *label);

/* The same, then replaces what it holds. */
void desk_field(struct desk *desk, const char *label, const char *text);

/* Goes to a field that is a choice and changes it until it shows the value
 * (both English). */
void desk_choose(struct desk *desk, const char *label, const char *value);

/* In a dialog that has title (English): types an answer, then Enter. */
void desk_reply(struct desk *desk, const char *title, const char *text);

/* In a list dialog that has title: goes to the item that shows text (as on the
 * screen), then Enter until the dialog is gone. */
void desk_pick(struct desk *desk, const char *title, const char *text);

/* Types a text into the line of a dialog, which may still be deaf, until it
 * stands there. */
void desk_fill(struct desk *desk, const char *text);

/* On the checklist, when its count and codes are answered: does for every other
 * open line what it wants (a sentence, reading the samples, ticks and
 * statements), until all lines are done. */
void desk_answer_open(struct desk *desk);

/* From the prompt for the password to what comes behind it. */
void desk_sign_in(struct desk *desk);

/* Starts the program and goes all the way to home; there must be a store. */
void desk_come_in(struct desk *desk);

/* Leaves as a person would; the program must end with 0 and give the terminal
 * back. */
void desk_leave(struct desk *desk);

/* Ends the program with SIGKILL, if it runs. */
void desk_kill(struct desk *desk);

/* Makes the desk's store, cheap to open, or opens it; no program may have it
 * open.  The caller closes it. */
struct store *desk_make_store(struct desk *desk);
struct store *desk_open_store(struct desk *desk);

/* One number from a store: the first column of the first row of a query, which
 * is a string literal. */
int64_t desk_number(struct store *store, const char *sql);

#endif
