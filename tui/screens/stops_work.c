/* The jobs of the screen of the stop list. */
#include "tui/screens/stops_work.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/mail/address.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/errors.h"
#include "tui/text/i18n.h"

struct stops_work *
stops_work_new(enum stops_kind kind)
{
	struct stops_work *work = mem_new(sizeof *work);

	work->kind = kind;
	return work;
}

static int
read_all(struct job *job, struct stops_work *work, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(work->store, &db, err) == 0 &&
	    stop_count(db, work->now_ms, &work->counts, err) == 0 &&
	    stop_all(work->store, db, buf_span(&work->filter),
		job_cancel_flag(job), &work->id, &work->count, err) == 0)
		rc = list_all(db, &work->lists, &work->list_count, err);
	store_reader_close(&db);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct stops_work *work = data;

	switch (work->kind) {
	case STOPS_ENTER:
		return suppress_enter(work->store, buf_span(&work->address),
		    &(struct suppress_entry){
			.list = work->which.list,
			.cause = SUPPRESS_HAND,
			.source = SPAN("by hand"),
			.evidence = buf_span(&work->text),
			.until_ms = work->until_ms,
		    },
		    err);
	case STOPS_TAKE_OFF:
		return suppress_take_off(work->store, &work->which,
		    buf_span(&work->address), buf_span(&work->text), err);
	case STOPS_READ:
		break;
	}
	return read_all(job, work, err);
}

static void
work_free(void *data)
{
	struct stops_work *work = data;

	buf_done(&work->filter);
	buf_done(&work->address);
	buf_done(&work->text);
	free(work->id);
	free(work->lists);
	free(work);
}

const struct job_ops stops_job = {.run = work_run, .free = work_free};

bool
stops_date(struct span text, int64_t *out)
{
	return wizard_date(text, out);
}

void
stops_check_date(struct span text, struct buf *why)
{
	int64_t at;

	if (span_trim(text).len && !stops_date(text, &at))
		buf_text(why, _("Write it as 2027-04-01, or leave it empty."));
}

void
stops_check_reason(struct span text, struct buf *why)
{
	if (span_trim(text).len < SUPPRESS_REASON_MIN)
		buf_text(why, _("A few words are needed."));
}

void
stops_check_address(struct span text, struct buf *why)
{
	struct err err = {.code = E_NONE};

	if (suppress_read_check(text, &err) < 0)
		err_text(&err, why);
}
