/* The jobs of the checklist.  Whoever closes the screen cancels the review, so
 * that a run over many messages ends with the chunk it is in. */
#include "tui/screens/checklist_work.h"

#include <stdlib.h>

static int
open_review(struct check_work *work, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(work->store, &db, err) == 0 &&
	    campaign_read(db, work->campaign, &campaign, err) == 0 &&
	    list_color(
		db, (struct list_id){campaign.list}, &work->color, err) == 0) {
		buf_add(&work->name, buf_span(&campaign.name));
		work->is_sealed = campaign.state == CAMPAIGN_SEALED;
		rc = review_open(work->store, work->world, work->campaign,
		    &work->review, err);
	}
	campaign_done(&campaign);
	store_reader_close(&db);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct check_work *work = data;

	if (job_is_cancelled(job))
		return err_set(err, E_CANCELLED);
	switch (work->task) {
	case CHECK_TASK_OPEN:
		return open_review(work, err);
	case CHECK_TASK_RUN:
		return checklist_run(work->review, err);
	case CHECK_TASK_ANSWER:
		return review_answer(
		    work->review, work->item, buf_span(&work->answer), err);
	case CHECK_TASK_SEAL:
		return signoff_give(work->review, err);
	}
	return -1;
}

static void
work_free(void *data)
{
	struct check_work *work = data;

	review_free(&work->review);
	buf_done(&work->answer);
	buf_done(&work->name);
	free(work);
}

const struct job_ops check_work_ops = {.run = work_run, .free = work_free};
