/* The table of jobs, and running them: a few workers take one after the other,
 * because most of them wait for the network or the disk. */
#include "core/review/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { WORKERS = 8 };

static const struct check_job jobs[] = {
    {"basis", JOB_AFTER, check_basis},
    {"stops", JOB_AFTER, check_stops},
    {"duplicates", JOB_AFTER, check_duplicates},
    {"consent", JOB_AFTER, check_consent},
    {"audience", JOB_AFTER, check_audience},
    {"repetition", JOB_AFTER, check_repetition},
    {"meant for", JOB_AFTER, check_meant_for},
    {"consequences", JOB_AFTER, check_consequences},
    {"volume", JOB_AFTER, check_volume},
    {"complaints", JOB_AFTER, check_complaints},
    {"stop rules", JOB_AFTER, check_stop_rules},
    {"signature", JOB_AFTER, check_signature},
    {"certificates", JOB_AFTER, check_certificates},
    {"headers", JOB_AFTER, check_headers},
    {"files", JOB_AFTER, check_files},
    {"size", JOB_AFTER, check_size},
    {"relay levels", JOB_BESIDE, check_relay_levels},
    {"relays", JOB_BESIDE, check_relays},
    {"authentication", JOB_BESIDE, check_authentication},
    {"sender domains", JOB_BESIDE, check_sender_domains},
    {"block lists", JOB_BESIDE, check_block_lists},
    {"link lists", JOB_BESIDE, check_link_lists},
    {"domains", JOB_AFTER, check_domains},
    {"signed sample", JOB_AFTER, check_signed_sample},
    {"onward hop", JOB_AFTER, check_onward_hop},
    {"identity", JOB_BESIDE, check_identity},
    {"link targets", JOB_AFTER, check_link_targets},
    {"opt-out", JOB_AFTER, check_opt_out},
};

enum { JOB_COUNT = sizeof jobs / sizeof *jobs };

const struct check_job *
jobs_all(size_t *count)
{
	*count = JOB_COUNT;
	return jobs;
}

struct job_group {
	struct review *review;
	const struct inputs *inputs;
	const struct tally *tally;
	int64_t at_ms;
	const struct check_job *job[JOB_COUNT];
	size_t count;
	pthread_mutex_t mutex; /* guards next, failed and err */
	size_t next;
	bool failed;
	struct err err; /* of the first that failed */
	pthread_t thread[WORKERS];
	size_t threads;
};

/* ---- One job -------------------------------------------------------------- */

/* A job that fails ends the others too. */
static void
note_failure(struct job_group *group, const struct err *err)
{
	pthread_mutex_lock(&group->mutex);
	if (!group->failed)
		group->err = *err;
	group->failed = true;
	pthread_mutex_unlock(&group->mutex);
	review_cancel(group->review);
}

static void
do_job(struct job_group *group, const struct check_job *job)
{
	struct err err = {0};
	struct check_run run = {.review = group->review,
	    .inputs = group->inputs,
	    .tally = group->tally,
	    .at_ms = group->at_ms};
	int rc = 0;

	if (atomic_load(&group->review->cancel))
		rc = err_set(&err, E_CANCELLED);
	if (rc == 0)
		rc = store_reader_open(group->review->store, &run.db, &err);
	if (rc == 0)
		rc = job->run(&run, &err);
	store_reader_close(&run.db);
	if (rc < 0)
		note_failure(group, &err);
	atomic_fetch_add(&group->review->jobs_done, 1);
}

static void *
work(void *arg)
{
	struct job_group *group = arg;

	for (;;) {
		const struct check_job *job = NULL;

		pthread_mutex_lock(&group->mutex);
		if (group->next < group->count)
			job = group->job[group->next++];
		pthread_mutex_unlock(&group->mutex);
		if (!job)
			return NULL;
		do_job(group, job);
	}
}

/* ---- Groups --------------------------------------------------------------- */

static struct job_group *
group_new(struct review *review, const struct inputs *inputs,
    const struct tally *tally)
{
	struct job_group *group = mem_new(sizeof *group);

	group->review = review;
	group->inputs = inputs;
	group->tally = tally;
	group->at_ms = clock_now_ms(review->world->clock);
	pthread_mutex_init(&group->mutex, NULL);
	return group;
}

static void
group_add(struct job_group *group, const struct check_job *job)
{
	group->job[group->count++] = job;
	atomic_fetch_add(&group->review->jobs, 1);
}

/* One worker is enough, the others only save time. */
static int
group_start(struct job_group **group, struct err *err)
{
	struct job_group *it = *group;
	int failed = 0;

	while (it->threads < WORKERS && it->threads < it->count && !failed) {
		failed =
		    pthread_create(&it->thread[it->threads], NULL, work, it);
		it->threads += !failed;
	}
	if (it->threads || !it->count)
		return 0;
	it->count = 0;
	jobs_wait(group, NULL);
	return err_sys(err, E_THREAD, failed);
}

int
jobs_start(struct review *review, const struct inputs *inputs,
    const struct tally *tally, enum job_when when, struct job_group **out,
    struct err *err)
{
	*out = group_new(review, inputs, tally);
	for (size_t i = 0; i < JOB_COUNT; i++) {
		if (jobs[i].when == when)
			group_add(*out, &jobs[i]);
	}
	return group_start(out, err);
}

int
jobs_wait(struct job_group **group, struct err *err)
{
	struct job_group *it = *group;
	int rc = 0;

	if (!it)
		return 0;
	for (size_t i = 0; i < it->threads; i++)
		pthread_join(it->thread[i], NULL);
	if (it->failed) {
		rc = -1;
		if (err)
			*err = it->err;
	}
	pthread_mutex_destroy(&it->mutex);
	free(it);
	*group = NULL;
	return rc;
}

/* ---- Again ------------------------------------------------------------------ */

/* A result of the future: the clock was set back. */
static bool
is_too_old(const struct check_result *result, int64_t now_ms)
{
	enum { SLACK_MS = 60 * 1000 };
	int life_s = result->check->life_s;

	if (life_s == LIFE_CONTENT)
		return false;
	return life_s == LIFE_LAUNCH ||
	       now_ms - result->at_ms > (int64_t)life_s * 1000 ||
	       result->at_ms - now_ms > SLACK_MS;
}

static bool
concerns(
    const struct check_job *job, const struct review *review, int64_t now_ms)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		const struct check_result *result = &review->result[i];

		if (!strcmp(result->check->source, job->name) &&
		    is_too_old(result, now_ms))
			return true;
	}
	return false;
}

/* How bad a state is. */
static int
rank(const struct check_result *result)
{
	if (result->state == CHECK_PASS ||
	    result->check->severity == CHECK_INFO)
		return 0;
	return result->state == CHECK_FAIL ? 2 : 1;
}

/* Keeps what was sealed or shown before where now is not worse. */
static void
compare(struct check_result *now, const struct check_result *before,
    enum check_id line, enum check_id *worse)
{
	int64_t at_ms = now->at_ms;

	if (rank(now) > rank(before)) {
		if (*worse == CHECK_COUNT)
			*worse = line;
		return;
	}
	*now = *before;
	now->at_ms = at_ms;
}

int
jobs_again(struct review *review, const struct inputs *inputs,
    enum check_id *worse, struct err *err)
{
	const int64_t now_ms = clock_now_ms(review->world->clock);
	struct check_result *before = mem_array(CHECK_COUNT, sizeof *before);
	struct job_group *group = group_new(review, inputs, NULL);
	bool again[CHECK_COUNT] = {false};
	int rc;

	*worse = CHECK_COUNT;
	memcpy(before, review->result, CHECK_COUNT * sizeof *before);
	for (size_t i = 0; i < JOB_COUNT; i++) {
		if (!concerns(&jobs[i], review, now_ms))
			continue;
		group_add(group, &jobs[i]);
		for (int line = 0; line < CHECK_COUNT; line++)
			again[line] |=
			    !strcmp(before[line].check->source, jobs[i].name);
	}
	for (int line = 0; line < CHECK_COUNT; line++) {
		if (again[line])
			result_reset(review, (enum check_id)line, now_ms);
	}
	rc = group_start(&group, err);
	if (rc == 0)
		rc = jobs_wait(&group, err);
	for (int line = 0; line < CHECK_COUNT; line++) {
		if (rc < 0)
			review->result[line] = before[line];
		else if (again[line])
			compare(&review->result[line], &before[line],
			    (enum check_id)line, worse);
	}
	free(before);
	return rc;
}
