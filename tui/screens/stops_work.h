/* The jobs of the screen of the stop list, and what its questions check. */
#ifndef TUI_SCREENS_STOPS_WORK_H
#define TUI_SCREENS_STOPS_WORK_H

#include "core/contacts/contacts.h"
#include "tui/app.h"

enum stops_kind { STOPS_READ, STOPS_ENTER, STOPS_TAKE_OFF };

/* A job's data. */
struct stops_work {
	enum stops_kind kind;
	struct store *store; /* borrowed */
	unsigned long number;
	int64_t now_ms;
	struct buf filter;        /* READ */
	struct buf address;       /* ENTER; TAKE_OFF: as typed */
	struct buf text;          /* ENTER: evidence; TAKE_OFF: reason */
	struct suppress_id which; /* TAKE_OFF; ENTER: its list */
	int64_t until_ms;         /* ENTER */
	struct suppress_id *id;   /* READ: owned */
	size_t count;
	struct list_info *lists; /* READ: owned */
	size_t list_count;
	struct stop_counts counts;
};

extern const struct job_ops stops_job;

/* An empty one; the job frees it. */
struct stops_work *stops_work_new(enum stops_kind kind);

/* Reads a day as 2027-04-01; false when it is none. */
bool stops_date(struct span text, int64_t *out);

/* For dialog_ask(). */
void stops_check_date(struct span text, struct buf *why);
void stops_check_reason(struct span text, struct buf *why);
void stops_check_address(struct span text, struct buf *why);

#endif
