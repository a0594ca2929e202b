/* The jobs of the correction: counting, writing files, making drafts.  Who was
 * chosen is copied for each, so that the screen may be used meanwhile. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/correction.h"
#include "tui/screens/screens.h"
#include "tui/screens/stepup.h"
#include "tui/text/i18n.h"
#include "tui/text/sheet.h"

void
correction_work_free(void *data)
{
	struct correction_work *work = data;
	struct buf *all[] = {&work->field, &work->value, &work->path,
	    &work->subject, &work->body, &work->name, &work->list_name};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_done(all[i]);
	correction_facts_done(&work->facts);
	field_names_free(&work->fields, work->field_count);
	free(work->relay);
	free(work);
}

static int
count_all(struct job *job, struct correction_work *work, struct db *db,
    struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(db, work->selection.campaign, &campaign, err);

	if (rc == 0)
		rc = field_names(db, (struct list_id){campaign.list},
		    &work->fields, &work->field_count, err);
	if (rc == 0)
		rc = relay_all(db, &work->relay, &work->relays, err);
	if (rc == 0)
		rc = correction_facts_read(db, &work->selection,
		    job_cancel_flag(job), &work->facts, err);
	campaign_done(&campaign);
	return rc;
}

static int
write_sheet(struct correction_work *work, struct db *db, struct job *job,
    struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = correction_facts_read(
	    db, &work->selection, job_cancel_flag(job), &work->facts, err);

	if (rc == 0) {
		sheet_text(&work->facts, work->now_ms, &text);
		rc = correction_write_sheet(work->store,
		    work->selection.campaign, work->path.ptr, buf_span(&text),
		    err);
	}
	buf_done(&text);
	return rc;
}

static int
make_draft(struct correction_work *work, struct err *err)
{
	work->draft.name = buf_span(&work->name);
	work->draft.list_name = buf_span(&work->list_name);
	work->draft.class = work->class;
	work->draft.subject = buf_span(&work->subject);
	work->draft.body = buf_span(&work->body);
	return correction_draft_make(
	    work->store, &work->selection, &work->draft, err);
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct correction_work *work = data;
	struct db *db = NULL;
	int rc;

	work->selection.field = buf_span(&work->field);
	work->selection.value = buf_span(&work->value);
	if (work->task == TASK_DRAFT)
		return make_draft(work, err);
	if (person_reader_open(work->store,
		work->task == TASK_COUNT ? MAY_MAIL_VIEW : MAY_LIST_EXPORT, &db,
		err) < 0)
		return -1;
	if (work->task == TASK_COUNT)
		rc = count_all(job, work, db, err);
	else if (work->task == TASK_SHEET)
		rc = write_sheet(work, db, job, err);
	else
		rc = selection_write_csv(work->store, db, &work->selection,
		    work->path.ptr, &work->rows, err);
	store_reader_close(&db);
	return rc;
}

static const struct job_ops work_job = {
    .run = work_run, .free = correction_work_free};

struct correction_work *
correction_work_new(struct correction *self, enum correction_task task)
{
	struct correction_work *work = mem_new(sizeof *work);
	const struct correction_chosen *chosen = &self->chosen;

	work->task = task;
	work->store = app_store(self->base.app);
	work->now_ms = app_now_ms(self->base.app);
	buf_add(&work->field, buf_span(&chosen->field));
	buf_add(&work->value, buf_span(&chosen->value));
	buf_add(&work->path, buf_span(&self->path));
	work->selection = (struct selection){
	    .campaign = self->campaign,
	    .states = correction_states(self),
	    .classes = correction_classes(self),
	    .from_ms = chosen->from_ms,
	    .to_ms = chosen->to_ms,
	    .relay = chosen->relay,
	};
	return work;
}

void
correction_start(struct correction *self, struct correction_work *work)
{
	struct err err = {0};
	int rc = work->task == TASK_WRITE
		     ? stepup_job(&self->base, STEPUP_EXPORT, &work_job, work,
			   NULL, &err)
		     : app_job(self->base.app, &self->base, &work_job, work,
			   NULL, &err);

	if (rc < 0)
		app_say_err(self->base.app, &err);
	self->busy = rc == 0;
}

void
correction_count(struct correction *self)
{
	if (self->busy)
		self->again = true;
	else
		correction_start(self, correction_work_new(self, TASK_COUNT));
	list_refresh(self->list);
}

static void
say_written(struct correction *self, const struct correction_work *work)
{
	app_sayf(self->base.app, SAY_OK,
	    _("Written to %s, readable by you alone; the log holds it as an "
	      "export."),
	    work->path.ptr);
}

static void
show_draft(struct correction *self, const struct correction_work *work)
{
	const struct correction_draft *draft = &work->draft;
	struct app *app = self->base.app;

	app_sayf(app, draft->gone ? SAY_WARN : SAY_OK,
	    _("A draft for %lld recipients was made; %lld are no longer among "
	      "the contacts. Nothing was sent."),
	    (long long)draft->joined, (long long)draft->gone);
	campaign_open(app, draft->campaign);
}

void
correction_job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct correction *self = (struct correction *)screen;
	struct correction_work *work = data;

	(void)job;
	self->busy = false;
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (work->task == TASK_WRITE || work->task == TASK_SHEET)
		say_written(self, work);
	else if (work->task == TASK_DRAFT)
		show_draft(self, work);
	if (rc == 0 && work->task == TASK_COUNT) {
		if (self->work)
			correction_work_free(self->work);
		self->work = mem_new(sizeof *work);
		*self->work = *work;
		*work = (struct correction_work){.task = TASK_COUNT};
	}
	list_refresh(self->list);
	if (self->again) {
		self->again = false;
		correction_count(self);
	}
}
