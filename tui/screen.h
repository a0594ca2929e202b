/* Screens.
 *
 * How to write one
 * ----------------
 * 1. One file tui/screens/NAME.c; its opening function in
 *    tui/screens/screens.h: void NAME_open(struct app *app, ...).
 * 2. Its state is a struct whose first member is struct screen base:
 *
 *	struct lists {
 *		struct screen base;
 *		struct list *list;
 *	};
 *
 *    One that is a list of records begins with a struct listing instead
 *    (tui/screens/listing.h; canaries.c is an example).
 *
 * 3. A const struct screen_ops with the hooks it needs (NULL: not needed),
 *    and the opening function:
 *
 *	struct lists *lists = mem_new(sizeof *lists);
 *
 *	lists->base.ops = &lists_ops;
 *	app_push(app, &lists->base);	(the app owns it now)
 *
 * 4. Its actions in tui/keys.def (screen name in the last column) and the
 *    sentences in tui/po/ja.po ("make po-update" adds the new ones).
 * 5. A golden test in tests/screens/test_NAME.c.
 *
 * What happens with a key: the hook key() sees it first, raw; a screen with a
 * focused field or a list gives it to its widget there.  When that does not
 * use it, the table of actions is asked what the key means here; the hook
 * why_not() may refuse with a sentence; act() does it.  What act() does not
 * use, the app does if it can (back, help, palette, sections, ...).
 *
 * The screen thread never waits: what may take longer than a few milliseconds
 * is a job (app.h).  A screen paints from what it has, in draw(), and never
 * does work there.  It may call app_pop() on itself at any time; close() comes
 * after the hook that did it has returned.
 *
 * The smallest real example is tui/screens/messages.c; help.c has a filter and
 * an overlay. */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "tui/canvas.h"
#include "tui/keys.h"

struct app;
struct job;
struct screen;

enum used { UNUSED, USED };

enum screen_shape {
	SCREEN_FULL,    /* title, section bar, body, message line, key line */
	SCREEN_OVERLAY, /* drawn over the screen below; body is its frame's body */
	SCREEN_SIGN_IN, /* like full, but without sections, user, messages */
	SCREEN_ALONE,   /* like full, but there are no sections and no user */
};

enum { TABS_MAX = 10, FOOTER_MAX = 7 };

/* Pages inside one screen, shown instead of the section bar. */
struct tabs {
	int count;                   /* 0: the sections are shown */
	int current;                 /* from 0 */
	const char *label[TABS_MAX]; /* translated */
};

struct screen_ops {
	const char *name; /* stable; last column of keys.def, goldens */
	enum screen_shape shape;
	int section; /* 1..8: which section is marked; 0 none */
	/* Adds the crumb for the title bar ("Lists"); translated. */
	void (*title)(struct screen *screen, struct buf *out);
	/* Adds what stands behind the crumbs ("draft, saved 14:22"). */
	void (*subtitle)(struct screen *screen, struct buf *out);
	/* The role of that; ROLE_BAR without this hook. */
	enum role (*subtitle_role)(struct screen *screen);
	void (*tabs)(struct screen *screen, struct tabs *out);
	/* Draws the body; the area is blank. */
	void (*draw)(struct screen *screen, struct area body);
	/* Adds the message line's text for when nothing else is said. */
	void (*hint)(struct screen *screen, struct buf *out);
	/* The key line: up to FOOTER_MAX actions for what is selected now, ended
	 * by ACT_NONE; "? Help" is added.  A static array. */
	const enum action *(*footer)(struct screen *screen);
	/* Sees every key first, unfolded. */
	enum used (*key)(struct screen *screen, const struct key *key);
	/* Does an action; UNUSED leaves it to the app. */
	enum used (*act)(struct screen *screen, enum action action);
	/* NULL when the action is possible now, else a translated sentence. */
	const char *(*why_not)(struct screen *screen, enum action action);
	/* Called when it becomes the top screen: first, and after one above it
	 * was closed.  For reading fresh data. */
	void (*shown)(struct screen *screen);
	/* Milliseconds until tick() is wanted; 0: no timer, no wake-up.  Asked
	 * after every event; only of the top screen. */
	int (*tick_ms)(struct screen *screen);
	void (*tick)(struct screen *screen);
	/* A job of this screen has ended: rc and err are what its run() gave,
	 * data is what it worked on (freed after this returns). */
	void (*job_done)(struct screen *screen, struct job *job, void *data,
	    int rc, const struct err *err);
	/* A job of this screen has called job_wake(). */
	void (*job_news)(struct screen *screen, struct job *job, void *data);
	/* Asked before the screen is left by the user; false when something
	 * would be lost and the screen has opened a question instead. */
	bool (*may_leave)(struct screen *screen);
	/* Asked when it is taken off the stack: true when its work goes on
	 * without being looked at.  Then it is kept with its jobs, and closed
	 * by nobody but app_resume()'s next end or the app's. */
	bool (*lives_on)(struct screen *screen);
	/* Frees the screen and what it owns (its jobs are cancelled before). */
	void (*close)(struct screen *screen);
};

/* First member of every screen's struct. */
struct screen {
	const struct screen_ops *ops;
	struct app *app;      /* borrowed; set by app_push() */
	struct screen *below; /* set by app_push() */
};

#endif
