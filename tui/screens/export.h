/* What the screens of an export have in common: what it is of, its jobs, and
 * the way from one page to the next.
 *
 *   export form  ->  what CP932 would lose  ->  alone: typed number, sign-in,
 *                                               writing, what was written
 *                                           ->  else: the page that waits for
 *                                               a second person, then the same
 */
#ifndef TUI_SCREENS_EXPORT_H
#define TUI_SCREENS_EXPORT_H

#include "core/export/export.h"
#include "tui/app.h"
#include "tui/screens/screens.h"

/* One export on its way through the screens. */
struct export_plan {
	struct export_order order;
	struct buf name; /* of list or segment, or the person's address */
	struct buf path; /* where the file goes */
	struct buf certificate; /* path of the file that holds it */
	int64_t request;        /* 0: none */
};
#define EXPORT_PLAN_INIT                                                       \
	((struct export_plan){.order = EXPORT_ORDER_INIT,                      \
	    .name = BUF_INIT,                                                  \
	    .path = BUF_INIT,                                                  \
	    .certificate = BUF_INIT})

/* Copies everything into to, which may hold something. */
void export_plan_copy(struct export_plan *to, const struct export_plan *from);

/* Frees what it holds; may be done twice. */
void export_plan_done(struct export_plan *plan);

/* Adds what is exported, in words: list "Newsletter". */
void export_plan_what(const struct export_plan *plan, struct buf *out);

/* Adds a file name in the user's home folder that tells what is in it. */
void export_plan_path(
    const struct export_plan *plan, int64_t now_ms, struct buf *out);

/* Adds which columns an order takes, in words. */
void export_say_columns(const struct export_order *order, struct buf *out);

/* The words of a format and an encryption; translated. */
const char *export_charset_word(enum export_charset charset);
const char *export_seal_word(enum export_seal seal);

/* ---- Jobs ------------------------------------------------------------------ */

enum export_deed {
	EXPORT_JOB_LOOK,    /* counts, for the page */
	EXPORT_JOB_PREPARE, /* the same, with certificate and path, to go on */
	EXPORT_JOB_ASK,     /* for a second person */
	EXPORT_JOB_WRITE,
	EXPORT_JOB_COLUMNS, /* the names of the fields */
};

/* The data of a job. */
struct export_work {
	enum export_deed deed;
	struct store *store; /* borrowed */
	int64_t number;      /* grows with each */
	struct export_plan plan;
	struct export_watch watch;
	/* out */
	struct export_facts facts; /* EXPORT_JOB_LOOK, EXPORT_JOB_PREPARE */
	struct buf holder;         /* EXPORT_PREPARE: of the certificate */
	int64_t request;           /* EXPORT_JOB_ASK */
	struct secret *passphrase; /* EXPORT_JOB_WRITE; NULL: none was needed */
	struct export_made made;   /* EXPORT_JOB_WRITE */
	char **field;              /* EXPORT_JOB_COLUMNS; owned */
	size_t fields;
};

/* Work that export_work_start() will take; plan is copied. */
struct export_work *export_work_new(
    struct app *app, enum export_deed deed, const struct export_plan *plan);

/* Starts it for a screen, EXPORT_JOB_WRITE after another sign-in where policy wants
 * one.  work is consumed, and lives until job_done(); *job as app_job(). */
int export_work_start(struct screen *owner, struct export_work *work,
    struct job **job, struct err *err);

/* Draws how far work is from row on: a line and a bar. */
void export_work_draw(const struct export_work *work, struct area a, int row);

/* ---- Pages ----------------------------------------------------------------- */

/* The last question before a file is written: the number of people, typed. */
void export_confirm(struct screen *owner, const struct export_plan *plan,
    int64_t people,
    void (*done)(struct screen *owner, int answer, struct span text));

/* The columns of a list, to be ticked over the owner: order is changed when it
 * is left.  chosen() may be NULL. */
void export_columns_open(struct screen *owner, struct export_order *order,
    void (*chosen)(struct screen *owner));

enum export_lossy { EXPORT_LOSSY_GO_ON, EXPORT_LOSSY_UTF8 };

/* What CP932 would lose; facts are taken over.  Nothing is called when the
 * user goes back. */
void export_loss_open(struct screen *owner, struct export_facts *facts,
    void (*chosen)(struct screen *owner, enum export_lossy answer));

/* The page of a request; plan is taken over. */
void export_wait_open(struct app *app, struct export_plan *plan);

/* What was written, with the passphrase (taken over, may be NULL). */
void export_made_open(struct app *app, const struct export_plan *plan,
    const struct export_made *made, struct secret **passphrase);

/* The form again, for a plan that was rejected; plan is taken over. */
void export_again_open(struct app *app, struct export_plan *plan);

#endif
