/* The jobs of the samples' screen. */
#include "tui/screens/look_work.h"

#include <stdlib.h>

static int
read_name(struct look_work *work, struct db *db, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(db, work->campaign, &campaign, err);

	buf_add(&work->name, buf_span(&campaign.name));
	campaign_done(&campaign);
	return rc;
}

static int
read_looks(struct look_work *work, struct db *db, struct err *err)
{
	int64_t seconds = setting_int(db, "drill.seconds", err);

	if (seconds < 0)
		return -1;
	work->least_ms = seconds * 1000;
	free(work->look);
	work->look = NULL;
	return look_all(db, work->campaign, &work->look, &work->count, err);
}

static int
make_plan(struct job *job, struct look_work *work, struct review *review,
    struct err *err)
{
	struct samples *samples = NULL;
	int rc;

	work->watch.cancel = job_cancel_flag(job);
	rc = samples_find(work->store, work->campaign, work->at_ms,
	    &work->watch, &samples, err);
	if (rc == 0)
		rc = look_plan(review, samples, err);
	samples_free(&samples);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct look_work *work = data;
	struct review *review = NULL;
	struct db *db = NULL;
	int rc = -1;

	if (person_reader_open(work->store, MAY_MAIL_VIEW, &db, err) < 0 ||
	    read_looks(work, db, err) < 0 ||
	    review_open(
		work->store, work->world, work->campaign, &review, err) < 0)
		goto out;
	if (work->number)
		rc = look_judge(review, work->number, work->shown_ms,
		    work->verdict, buf_span(&work->words), &work->came, err);
	else
		rc = read_name(work, db, err) == 0 && !work->count
			 ? make_plan(job, work, review, err)
			 : 0;
	if (rc == 0)
		rc = read_looks(work, db, err);
out:
	review_free(&review);
	store_reader_close(&db);
	return rc;
}

static void
work_free(void *data)
{
	struct look_work *work = data;

	free(work->look);
	buf_done(&work->words);
	buf_done(&work->name);
	free(work);
}

const struct job_ops look_work_ops = {.run = work_run, .free = work_free};
