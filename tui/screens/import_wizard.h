/* The import wizard's state, shared by its files: import.c moves between the
 * steps, import_work.c has the jobs, import_draw.c shows it. */
#ifndef TUI_SCREENS_IMPORT_WIZARD_H
#define TUI_SCREENS_IMPORT_WIZARD_H

#include "core/import/import.h"
#include "tui/app.h"
#include "tui/screens/import_kinds.h"
#include "tui/widgets/form.h"
#include "tui/widgets/list.h"

enum wizard_step {
	STEP_FILE,
	STEP_COLUMNS,
	STEP_RULES,
	STEP_CHECK,
	STEP_RESULT,
	STEP_COUNT
};

enum work_kind {
	WORK_NONE,
	WORK_LISTS,    /* reads the lists to choose from */
	WORK_COMPLETE, /* completes the path */
	WORK_TRY,      /* maps the first rows */
	WORK_OPEN,
	WORK_MEMBERS,    /* lists an archive */
	WORK_CANDIDATES, /* reads the file in each encoding that fits */
	WORK_CHECK,
	WORK_COMMIT,
	WORK_WRITE, /* writes the rejects to a file */
};

/* An import that the wizard and a job of it hold; the last one closes it.  All
 * holding and dropping is done on the screen thread. */
struct held_import {
	struct import *import;
	int holders;
};

/* Drops one hold; sets *held to NULL. */
void held_drop(struct held_import **held);

/* A misspelt domain that is to be corrected. */
struct wizard_pair {
	char slip[64], meant[64];
};

/* What the columns as they are make of the first rows. */
struct wizard_try {
	int64_t number;               /* grows with each */
	struct import_column *column; /* owned */
	size_t columns;
	size_t index; /* of row, from 0 */
	struct arena *arena;
	struct import_tried tried;
	struct import_shown row; /* in arena */
	bool has_row;
};

/* A job's data. */
struct work {
	enum work_kind kind;
	struct store *store;
	struct held_import *held; /* owned hold */
	char *path;               /* owned; as typed for WORK_COMPLETE */
	struct import_form form;
	struct import_members members; /* owned */
	struct import_candidate candidate[IMPORT_CANDIDATES];
	size_t candidate_count;
	struct import_origin origin; /* of the file */
	struct import_choice chosen; /* the last time */
	bool was_chosen;
	struct import_preset preset; /* that fits the file */
	bool has_preset;
	bool remember; /* that form.charset was chosen for origin */
	struct import_plan plan;
	char *new_list, *note, *reason; /* owned; the plan's */
	struct wizard_pair pair[IMPORT_SLIPS_KEPT];
	struct import_domain_pair domain[IMPORT_SLIPS_KEPT];
	struct import_counts counts;
	char *target; /* owned; for WORK_WRITE */
	struct import_written written;
	struct list_info *lists; /* owned */
	size_t list_count;
	struct wording *wordings; /* owned */
	size_t wording_count;
	struct buf completed;
	size_t matches;
	struct wizard_try *tried; /* owned; NULL but for WORK_TRY */
};

enum { FILE_PATH, FILE_CHARSET, FILE_LIST, FILE_NEW_LIST, FILE_FIELDS };
enum {
	RULES_MODE,
	RULES_WINS,
	RULES_STATE,
	RULES_NO,
	RULES_SCOPE,
	RULES_BASIS,
	RULES_WHEN,
	RULES_HOW,
	RULES_WORDING,
	RULES_FIELDS
};

struct wizard {
	struct screen base;
	enum wizard_step step;
	struct form *file, *rules;
	struct list_info *lists; /* owned */
	size_t list_count;
	struct wording *wordings; /* owned */
	size_t wording_count;
	struct list_id wanted; /* chosen before the wizard began */
	struct held_import *held;
	char *path;        /* of held, expanded */
	struct buf target; /* where the rejects go */
	struct list_source column_source, kind_source;
	struct list *columns, *kinds;
	struct import_kinds sum; /* of counts */
	int64_t example[KINDS];  /* index of a reject, -1: none */
	struct import_form form; /* as given, then as found */
	/* Whose columns they are to be, once the file is read with its quotes. */
	const struct import_exporter *pending;
	struct import_preset preset; /* that fits the file */
	bool has_preset;
	struct import_origin origin;
	enum import_charset candidate[IMPORT_CANDIDATES];
	bool choosing; /* form.charset was chosen, to be remembered */
	struct import_table table; /* of held */
	/* What was accepted of what was offered. */
	unsigned repairs; /* bits of enum import_repair */
	struct wizard_pair pair[IMPORT_SLIPS_KEPT];
	size_t pair_count;
	/* Why a guard is wrong about this file, and which. */
	unsigned guards; /* bits of enum import_guard */
	unsigned raised; /* of the last try */
	struct buf reason;
	struct import_counts counts;
	bool checked; /* counts are of a whole dry run */
	enum work_kind busy;
	struct job *job;
	int64_t began_ms;         /* steady */
	struct buf fault;         /* what went wrong last */
	struct wizard_try *tried; /* NULL: not yet, or it cannot be */
	int64_t try_asked;
	size_t try_index; /* of the row shown */
	/* The basis was chosen because of these columns of the file, and by
	 * nobody else. */
	struct buf because;
	bool basis_touched;
	struct buf cell[3];
};

/* What import_away.c does: asks whether to stop, says that it has ended, and
 * lets it go on unseen. */
void wizard_ask_stop(struct wizard *self);
void wizard_stop(struct wizard *self);
void wizard_say_done(const struct wizard *self);
void wizard_say_failed(const struct wizard *self);
bool wizard_is_seen(const struct wizard *self);
bool wizard_lives_on(struct screen *screen);

/* Starts a job of this kind with what the steps hold. */
void wizard_work(struct wizard *self, enum work_kind kind);

/* Name of the list that the contacts go to. */
struct span wizard_list_name(const struct wizard *self);

/* The list chosen; id 0: a new one. */
struct list_id wizard_list(const struct wizard *self);

/* Milliseconds of a date "2026-04-01" in local time: false when it is none. */
bool wizard_date(struct span text, int64_t *out);

/* The column under the cursor in the second step, or NULL. */
struct import_column *wizard_column(struct wizard *self);

/* What import_ask.c asks. */
void wizard_ask_charset(struct wizard *self, const struct work *work);
void wizard_ask_member(
    struct wizard *self, const struct import_members *members);
void wizard_ask_target(struct wizard *self, const struct import_column *column);
void wizard_map_exporter(struct wizard *self);

/* Maps the columns as a program has them; the file is read again first when
 * that program quotes otherwise. */
void wizard_take_exporter(
    struct wizard *self, const struct import_exporter *exporter);

/* Why a guard is wrong about this file. */
void wizard_ask_overrule(struct wizard *self);

/* Where the rejects are written to. */
void wizard_ask_rejects(struct wizard *self);

/* The fields of the third step. */
extern const struct field_spec wizard_rules_fields[RULES_FIELDS];

/* Whether the third step is filled in; else what is missing stands there. */
bool wizard_rules_check(struct wizard *self);

/* Takes the wordings that a job has read. */
void wizard_rules_set_wordings(struct wizard *self, struct work *work);

/* Writes what the third step says into a job's plan. */
void wizard_rules_fill(const struct wizard *self, struct work *work);

/* Before the third step: chooses a basis when the columns bring evidence for
 * it, unless somebody has chosen. */
void wizard_rules_offer(struct wizard *self);

/* Hides what is not asked with what is chosen. */
void wizard_rules_show(struct wizard *self);

/* Draws the third step. */
void wizard_rules_draw(struct wizard *self, struct area body);

/* By enum import_mode and enum consent_basis, ended by NULL; untranslated. */
extern const char *const wizard_modes[];
extern const char *const wizard_bases[];

/* By enum import_charset, ended by NULL; untranslated. */
extern const char *const wizard_charsets[];

/* Asks how the file is to be read; the wizard then reads it again. */
void import_form_open(struct wizard *wizard);

/* Adds how the file was read, on one line. */
void wizard_form_text(const struct wizard *self, struct buf *out);

/* Whether there is something to be accepted. */
bool wizard_has_offers(const struct wizard *self);

/* Shows it; the wizard tries the file out again when something was changed. */
void import_offers_open(struct wizard *wizard);

/* Shows what the values of a column mean, to be changed. */
void import_values_open(struct app *app, struct import_column *column);

/* By enum import_state; untranslated. */
extern const char *const wizard_meanings[IMPORT_STATES];

/* Shows rows as they would be stored. */
void import_shown_open(struct wizard *wizard);

/* Shows the mappings that were kept. */
void import_presets_open(struct wizard *wizard);

/* Sums up why rows were left out, so far or of the last try. */
void wizard_sum(struct wizard *self);

/* Shows the rows of the kind under the cursor. */
void wizard_open_rows(struct wizard *self);

/* Why that cannot be done; NULL: it can. */
const char *wizard_rows_why_not(const struct wizard *self);

/* Draws counts and kinds of the fourth and fifth step. */
void wizard_draw_outcome(struct wizard *self, struct area body);

/* Makes the list of kinds. */
void wizard_kinds_new(struct wizard *self);

/* Hooks of pages beside the steps: the bar shows the steps, whose numbers go
 * there. */
void wizard_page_tabs(struct screen *screen, struct tabs *out);
enum used wizard_page_act(struct screen *screen, enum action action);

/* Tries the columns out on the first rows, unless something runs. */
void wizard_try(struct wizard *self);

/* Its parts: what the job works on, its work, and taking that over. */
struct wizard_try *wizard_try_new(struct wizard *self);
int wizard_try_run(struct work *work, struct err *err);
void wizard_try_take(struct wizard *self, struct work *work, int rc);
void wizard_try_free(struct wizard_try **out);

/* Draws one row as it would be stored. */
void wizard_draw_row(const struct wizard *self, struct area a);

/* Adds "First 1,000 rows: 998 good, 2 bad; 312 known, 688 new.". */
void wizard_tried_text(const struct wizard *self, struct buf *out);

/* Adds what a column should be looked at for; false: nothing. */
bool wizard_column_warning(const struct wizard *self, struct buf *out);

/* Draws what went wrong last, if something did. */
void wizard_draw_fault(const struct wizard *self, struct area a);

/* Draws the step that is current. */
void wizard_draw(struct wizard *self, struct area body);

/* Makes the lists of columns and kinds. */
void wizard_lists_new(struct wizard *self);

#endif
