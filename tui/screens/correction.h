/* The parts of the screen "correction": its conditions, its jobs, itself. */
#ifndef TUI_SCREENS_CORRECTION_H
#define TUI_SCREENS_CORRECTION_H

#include "core/health/health.h"
#include "core/report/report.h"
#include "tui/app.h"
#include "tui/widgets/list.h"

enum condition {
	BY_STATE,
	BY_CLASS,
	BY_FIELD,
	BY_VALUE,
	BY_FROM,
	BY_TO,
	BY_RELAY,
	CONDITIONS
};

/* What was chosen. */
struct correction_chosen {
	int state, class;
	struct buf field, value; /* field empty: any */
	int64_t from_ms, to_ms;
	int64_t relay;
};

enum correction_task { TASK_COUNT, TASK_WRITE, TASK_SHEET, TASK_DRAFT };

/* What a job reads or makes. */
struct correction_work {
	enum correction_task task;
	struct store *store; /* borrowed */
	struct selection selection;
	struct buf field, value, path; /* selection points into them */
	struct buf subject, body, name, list_name;
	enum campaign_class class;
	int64_t now_ms;
	/* out */
	struct correction_facts facts;
	struct correction_draft draft;
	int64_t rows;
	struct relay_config *relay;
	size_t relays;
	char **fields;
	size_t field_count;
};

struct correction {
	struct screen base;
	struct campaign_id campaign;
	struct correction_chosen chosen;
	struct correction_work
	    *work;          /* the last that was counted; NULL before */
	enum action making; /* which draft waits for an answer */
	struct list_source source;
	struct list *list;
	struct buf cell, path;
	bool busy, again; /* again: changed while it was counted */
};

/* ---- correction_work.c: what takes time ----------------------------------- */

/* A job for what is chosen now; for correction_start(). */
struct correction_work *correction_work_new(
    struct correction *self, enum correction_task task);

/* Frees a job's data. */
void correction_work_free(void *data);

/* Starts a job; consumed. */
void correction_start(struct correction *self, struct correction_work *work);

/* Counts those meant, again when something was changed meanwhile. */
void correction_count(struct correction *self);

/* The screen's hook. */
void correction_job_done(struct screen *screen, struct job *job, void *data,
    int rc, const struct err *err);

/* ---- correction_change.c: who is meant ------------------------------------ */

/* The label of a condition, and what it is now. */
const char *correction_label(enum condition which);
void correction_add_condition(
    const struct correction *self, enum condition which, struct buf *out);

/* Adds a minute, or that it is open. */
void correction_add_time(struct buf *out, int64_t at_ms);

/* The states and classes that are chosen, as struct selection has them. */
unsigned correction_states(const struct correction *self);
unsigned correction_classes(const struct correction *self);

/* Asks for another value of a condition. */
void correction_change(struct correction *self, enum condition which);

#endif
