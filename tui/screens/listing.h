/* Screens that are one list of records, all of which a job reads: what such
 * screens have in common.  A screen's struct begins with a struct listing, its
 * tasks with a struct listing_task. */
#ifndef TUI_SCREENS_LISTING_H
#define TUI_SCREENS_LISTING_H

#include "tui/app.h"
#include "tui/widgets/list.h"

struct listing;

/* What a kind of listing is; static. */
struct listing_kind {
	const struct list_column *columns;
	size_t column_count;
	const char *empty;   /* what to do when there is nothing; N_() */
	const char *reading; /* shown before the first reading; N_() */
	size_t size;         /* bytes of a record */
	/* Fills in a row for a record; out->key is its number from 0 and may be
	 * changed.  Cells of its own it writes to self->cell, which are empty. */
	void (*row)(
	    struct listing *self, const void *record, struct list_row *out);
	/* Frees records; NULL: free() does. */
	void (*free)(void *records, size_t count);
	/* The key line with records and without; NULL: as with them. */
	const enum action *some, *none;
};

struct listing {
	struct screen base;
	const struct listing_kind *kind;
	struct list_source source;
	struct list *list;
	void *record; /* owned; count of them */
	size_t count;
	bool loaded;
	int64_t asked, answered; /* numbers of tasks */
	struct buf cell[LIST_COLUMNS_MAX];
};

/* Sets a zeroed listing up.  The caller pushes it. */
void listing_init(struct listing *self, const struct screen_ops *ops,
    const struct listing_kind *kind);

/* Frees what a listing owns, but not itself. */
void listing_done(struct listing *self);

/* The record under the cursor, or NULL. */
const void *listing_selected(const struct listing *self);

/* ---- Hooks of a screen: for its struct screen_ops ------------------------ */

/* Draws the list, or that it is being read. */
void listing_draw(struct screen *screen, struct area body);

/* Moves in the list. */
enum used listing_key(struct screen *screen, const struct key *key);

/* The key line of the kind. */
const enum action *listing_footer(struct screen *screen);

/* ---- Tasks ---------------------------------------------------------------- */

/* What every task has; its run() may fill in all records there are now. */
struct listing_task {
	struct store *store; /* borrowed */
	int64_t number;      /* grows with each */
	void *record;        /* of the kind's form */
	size_t count;
};

/* Starts a task as a job of the screen and says why when that fails.  task is
 * allocated, begins with a listing_task and is consumed; ops frees it and calls
 * listing_task_done(). */
void listing_start(struct listing *self, const struct job_ops *ops, void *task);

/* Shows what a task has read, unless something newer is shown: what was read
 * before a change can arrive behind it.  The records are taken over. */
void listing_take(struct listing *self, struct listing_task *task);

/* Frees the records that were not taken. */
void listing_task_done(
    struct listing_task *task, const struct listing_kind *kind);

#endif
