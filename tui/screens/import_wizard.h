/* The import wizard's state, shared by its files: import.c moves between the
 * steps, import_work.c has the jobs, import_draw.c shows it. */
#ifndef TUI_SCREENS_IMPORT_WIZARD_H
#define TUI_SCREENS_IMPORT_WIZARD_H

#include "core/import/import.h"
#include "tui/app.h"
#include "tui/widgets/form.h"
#include "tui/widgets/list.h"

enum wizard_step {
	STEP_FILE,
	STEP_COLUMNS,
	STEP_BASIS,
	STEP_CHECK,
	STEP_RESULT,
	STEP_COUNT
};

enum work_kind {
	WORK_NONE,
	WORK_LISTS,    /* reads the lists to choose from */
	WORK_COMPLETE, /* completes the path */
	WORK_OPEN,
	WORK_CHECK,
	WORK_COMMIT,
};

/* An import that the wizard and a job of it hold; the last one closes it.  All
 * holding and dropping is done on the screen thread. */
struct held_import {
	struct import *import;
	int holders;
};

/* Drops one hold; sets *held to NULL. */
void held_drop(struct held_import **held);

/* A job's data. */
struct work {
	enum work_kind kind;
	struct store *store;
	struct held_import *held; /* owned hold */
	char *path;               /* owned; as typed for WORK_COMPLETE */
	enum import_charset charset;
	struct import_plan plan;
	char *new_list, *note; /* owned; the plan's */
	struct import_counts counts;
	struct list_info *lists; /* owned */
	size_t list_count;
	struct wording *wordings; /* owned */
	size_t wording_count;
	struct buf completed;
	size_t matches;
};

enum { FILE_PATH, FILE_CHARSET, FILE_LIST, FILE_NEW_LIST, FILE_FIELDS };
enum { BASIS_WHICH, BASIS_WHEN, BASIS_HOW, BASIS_WORDING, BASIS_FIELDS };

struct wizard {
	struct screen base;
	enum wizard_step step;
	struct form *file, *basis;
	struct list_info *lists; /* owned */
	size_t list_count;
	struct wording *wordings; /* owned */
	size_t wording_count;
	struct list_id wanted; /* chosen before the wizard began */
	struct held_import *held;
	char *path; /* of held, expanded */
	struct list_source column_source, reject_source;
	struct list *columns, *rejects;
	struct import_counts counts;
	bool checked; /* counts are of a whole dry run */
	enum work_kind busy;
	struct job *job;
	int64_t began_ms; /* steady */
	struct buf fault; /* what went wrong last */
	struct buf cell[3];
};

/* Starts a job of this kind with what the steps hold. */
void wizard_work(struct wizard *self, enum work_kind kind);

/* Name of the list that the contacts go to. */
struct span wizard_list_name(const struct wizard *self);

/* The list chosen; id 0: a new one. */
struct list_id wizard_list(const struct wizard *self);

/* Milliseconds of a date "2026-04-01" in local time: false when it is none. */
bool wizard_date(struct span text, int64_t *out);

/* Draws the step that is current. */
void wizard_draw(struct wizard *self, struct area body);

/* Makes the lists of columns and rejects. */
void wizard_lists_new(struct wizard *self);

#endif
