/* What the checklist does away from the screen thread: one review, handed to
 * a job and back. */
#ifndef TUI_SCREENS_CHECKLIST_WORK_H
#define TUI_SCREENS_CHECKLIST_WORK_H

#include "core/contacts/contacts.h"
#include "core/review/review.h"
#include "tui/app.h"

enum check_task {
	CHECK_TASK_OPEN,
	CHECK_TASK_RUN,
	CHECK_TASK_ANSWER,
	CHECK_TASK_SEAL
};

/* A job's data.  The review is the job's until the screen takes it back in
 * job_done(); one that nobody takes is freed with it. */
struct check_work {
	enum check_task task;
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
	struct campaign_id campaign;
	struct review *review; /* OPEN: out */
	char item[16];         /* ANSWER */
	struct buf answer;
	struct buf name;   /* OPEN: of the campaign */
	bool is_sealed;    /* OPEN: out */
	enum circle color; /* OPEN: out; of its list */
};

extern const struct job_ops check_work_ops;

#endif
