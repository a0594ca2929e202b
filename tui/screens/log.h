/* What the files of the log's screens share. */
#ifndef TUI_SCREENS_LOG_H
#define TUI_SCREENS_LOG_H

#include "core/report/report.h"
#include "tui/app.h"

/* One entry as it was read: copies. */
struct log_line {
	int64_t seq, at_ms;
	struct buf who, origin, what, object, facts;
	struct digest prev, hash;
};

/* Takes an entry over into a line, which log_line_done() ends. */
void log_line_set(struct log_line *line, const struct audit_entry *entry);
void log_line_done(struct log_line *line);

/* Opens the page of one entry. */
void log_entry_open(struct app *app, const struct log_line *line);

/* ---- Jobs ----------------------------------------------------------------- */

enum log_task { LOG_CHECK, LOG_FIND, LOG_WRITE };

/* What a job of the screen works on. */
struct log_work {
	enum log_task task;
	struct store *store;      /* borrowed */
	struct log_filter filter; /* FIND, WRITE */
	struct buf path;          /* WRITE */
	struct audit_watch watch; /* CHECK */
	struct audit_seen seen;   /* out, CHECK */
	int64_t *seq;             /* out, FIND; newest first */
	size_t count;             /* out, FIND */
	int64_t rows;             /* out, WRITE */
};

/* Starts a job for a screen: *out, and what it works on, of which watch may be
 * read until job_done().  Both NULL when it could not be, which is then said. */
const struct log_work *log_start(struct screen *screen, enum log_task task,
    const struct log_filter *filter, struct span path, struct job **out);

/* The form that a file's name asks for. */
enum log_form log_form_of(struct span path);

/* Adds what is known about the chain ("+ log checked, ..."). */
void log_chain_text(struct app *app, struct buf *out);

#endif
