/* What the log's screen has done on a worker: checking the chain, looking for
 * entries, writing them into a file. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/away.h"
#include "tui/screens/log.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

enum { YEAR_CELLS = 5 }; /* "2026-" */

static int
check(struct log_work *work, struct job *job, struct db *db, struct err *err)
{
	char *seals = seal_file(work->store, db, err);
	int rc = -1;

	work->watch.cancel = job_cancel_flag(job);
	if (seals)
		rc = audit_check(
		    work->store, db, seals, &work->watch, &work->seen, err);
	free(seals);
	return rc;
}

static int
run(struct job *job, void *data, struct err *err)
{
	struct log_work *work = data;
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(work->store, &db, err) < 0)
		return -1;
	if (work->task == LOG_CHECK)
		rc = check(work, job, db, err);
	else if (work->task == LOG_FIND)
		rc = log_find(work->store, db, &work->filter,
		    job_cancel_flag(job), &work->seq, &work->count, err);
	else
		rc = log_write(work->store, db, &work->filter,
		    log_form_of(buf_span(&work->path)), work->path.ptr,
		    &work->rows, err);
	store_reader_close(&db);
	return rc;
}

static void
work_free(void *data)
{
	struct log_work *work = data;

	buf_done(&work->path);
	free(work->seq);
	free(work);
}

static const struct job_ops ops = {.run = run, .free = work_free};

const struct log_work *
log_start(struct screen *screen, enum log_task task,
    const struct log_filter *filter, struct span path, struct job **out)
{
	struct log_work *work = mem_new(sizeof *work);
	struct err err = {.code = E_NONE};

	work->task = task;
	work->store = app_store(screen->app);
	if (filter)
		work->filter = *filter;
	buf_add(&work->path, path);
	*out = NULL;
	if (app_job(screen->app, screen, &ops, work, out, &err) == 0)
		return work;
	app_say_err(screen->app, &err);
	return NULL;
}

enum log_form
log_form_of(struct span path)
{
	return span_ends(path, SPAN(".json")) || span_ends(path, SPAN(".jsonl"))
		   ? LOG_JSON_LINES
		   : LOG_CSV;
}

/* ---- What is known --------------------------------------------------------------- */

void
log_chain_text(struct app *app, struct buf *out)
{
	struct session *session = app_session(app);
	struct buf number = BUF_INIT, at = BUF_INIT;
	struct err fault;

	if (!session || session->chain == CHAIN_UNKNOWN) {
		buf_text(out, _("? chain not checked"));
		return;
	}
	if (away_log_fault(session->away, &fault))
		session_take_check(session, NULL, &fault);
	if (session->chain == CHAIN_BROKEN) {
		buf_text(out, _("X the chain is broken"));
		return;
	}
	format_count(&number, session->log.entries);
	if (session->log.sealed_ms) {
		/* Sealed every day: the year goes without saying. */
		format_date(&at, session->log.sealed_ms);
		buf_printf(out, _("+ log checked, %s entries, sealed %s"),
		    number.ptr, at.ptr + YEAR_CELLS);
	} else {
		buf_printf(out, _("+ log checked, %s entries"), number.ptr);
	}
	buf_done(&number);
	buf_done(&at);
}
