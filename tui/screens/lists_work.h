/* The jobs of the screen of all lists. */
#ifndef TUI_SCREENS_LISTS_WORK_H
#define TUI_SCREENS_LISTS_WORK_H

#include "core/contacts/contacts.h"
#include "tui/screens/listing.h"

/* A row: a list, or behind it one of its segments. */
struct lists_row {
	struct list_info info; /* of a segment: of its list, not counted */
	int64_t bounced;
	bool counted;           /* info and bounced have their numbers */
	struct segment segment; /* id 0: the list itself */
	struct segment_counts counts;
	struct err why; /* E_NONE, or why it could not be counted */
	bool due;       /* to be counted again; the old numbers stay */
};

enum lists_kind {
	LISTS_LOAD,
	LISTS_CREATE,
	LISTS_RENAME,
	LISTS_PAINT,
	LISTS_DELETE,
	LISTS_COPY,
	LISTS_UNITE,
	LISTS_COUNT, /* one segment */
	LISTS_SEGMENT_CHANGE,
	LISTS_SEGMENT_DELETE
};

/* A job's data. */
struct lists_task {
	struct listing_task base; /* LOAD: struct lists_row */
	enum lists_kind kind;
	struct list_id id;
	struct list_id into;    /* UNITE */
	int64_t segment;        /* COUNT, SEGMENT_ */
	char *name, *filter;    /* owned */
	enum circle color;      /* PAINT */
	struct trash_id trash;  /* DELETE, UNITE */
	struct lists_row *head; /* LOAD: before anything is counted */
	size_t heads;
	struct list_totals totals;    /* LOAD */
	struct segment_counts counts; /* COUNT */
	struct err why;               /* COUNT: E_NONE, or why not */
};

extern const struct job_ops lists_job;

/* A task about one list; name is copied. */
struct lists_task *lists_task_new(
    enum lists_kind kind, struct list_id id, struct span name);

#endif
