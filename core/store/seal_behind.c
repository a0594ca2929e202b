/* Sealing behind the writer's back: while very many rows are stored, the frames
 * of the log are encrypted and written in order by a second thread.  Nothing
 * that is promised changes: whoever asks for one of these frames, and every sync,
 * waits until they are in the file and hears of any fault, and the frame that
 * ends a transaction is never written here. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/seal_file.h"

enum { JOBS = 128 };

struct job {
	uint32_t frame;
	unsigned char head[FRAME_HEAD];
	unsigned char plain[SEAL_PAGE];
};

struct behind {
	struct seal_file *file; /* borrowed: the log */
	struct page_box *box;   /* the thread's own */
	struct job job[JOBS];
	unsigned char raw[FRAME];
	pthread_t thread;
	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t moved;
	size_t put, done;
	bool idle;    /* the thread waits for work */
	bool waiting; /* the writer waits until so many are left */
	size_t enough;
	bool leaving;
	int rc; /* first fault since the last wait; what follows is dropped */
};

static void *
work(void *arg)
{
	struct behind *b = arg;

	pthread_mutex_lock(&b->mutex);
	for (;;) {
		const struct job *job = &b->job[b->done % JOBS];
		int rc = b->rc;

		if (b->put == b->done) {
			if (b->leaving)
				break;
			b->idle = true;
			pthread_cond_wait(&b->moved, &b->mutex);
			b->idle = false;
			continue;
		}
		pthread_mutex_unlock(&b->mutex);
		if (rc == SQLITE_OK)
			rc = wal_append(b->file, b->box, b->raw, job->head,
			    job->frame, job->plain);
		pthread_mutex_lock(&b->mutex);
		if (b->rc == SQLITE_OK)
			b->rc = rc;
		b->done++;
		if (b->waiting && b->put - b->done <= b->enough)
			pthread_cond_broadcast(&b->moved);
	}
	pthread_mutex_unlock(&b->mutex);
	return NULL;
}

/* With the mutex held: until no more is left to do. */
static void
wait_until(struct behind *b, size_t left)
{
	b->waiting = true;
	b->enough = left;
	while (b->put - b->done > left)
		pthread_cond_wait(&b->moved, &b->mutex);
	b->waiting = false;
}

void
behind_begin(struct seal_file *file)
{
	struct behind *b = mem_new(sizeof *b);

	b->file = file;
	pthread_mutex_init(&b->mutex, NULL);
	pthread_cond_init(&b->moved, NULL);
	/* Without a second thread the writer goes on by itself. */
	if (page_box_new(file->seal, &b->box) == SQLITE_OK &&
	    pthread_create(&b->thread, NULL, work, b) == 0) {
		file->behind = b;
		return;
	}
	page_box_free(&b->box);
	pthread_cond_destroy(&b->moved);
	pthread_mutex_destroy(&b->mutex);
	free(b);
}

int
behind_end(struct seal_file *file)
{
	struct behind *b = file->behind;
	int rc;

	if (!b)
		return SQLITE_OK;
	rc = behind_wait(file);
	pthread_mutex_lock(&b->mutex);
	b->leaving = true;
	pthread_cond_broadcast(&b->moved);
	pthread_mutex_unlock(&b->mutex);
	pthread_join(b->thread, NULL);
	file->behind = NULL;
	page_box_free(&b->box);
	pthread_cond_destroy(&b->moved);
	pthread_mutex_destroy(&b->mutex);
	OPENSSL_cleanse(b->job, sizeof b->job);
	free(b);
	return rc;
}

int
behind_append(struct seal_file *file, uint32_t frame, const unsigned char *head,
    const unsigned char *plain)
{
	struct behind *b = file->behind;
	struct job *job;
	int rc;

	pthread_mutex_lock(&b->mutex);
	if (b->put - b->done == JOBS)
		wait_until(b, JOBS / 2);
	rc = b->rc;
	pthread_mutex_unlock(&b->mutex);
	if (rc != SQLITE_OK)
		return behind_wait(file);
	/* nobody else looks at a place that is free */
	job = &b->job[b->put % JOBS];
	job->frame = frame;
	memcpy(job->head, head, FRAME_HEAD);
	memcpy(job->plain, plain, SEAL_PAGE);
	pthread_mutex_lock(&b->mutex);
	b->put++;
	if (b->idle)
		pthread_cond_broadcast(&b->moved);
	pthread_mutex_unlock(&b->mutex);
	return SQLITE_OK;
}

int
behind_wait(struct seal_file *file)
{
	struct behind *b = file->behind;
	int rc;

	if (!b)
		return SQLITE_OK;
	pthread_mutex_lock(&b->mutex);
	wait_until(b, 0);
	rc = b->rc;
	b->rc = SQLITE_OK;
	pthread_mutex_unlock(&b->mutex);
	return rc;
}

int
behind_wait_for(struct seal_file *file, uint32_t frame)
{
	struct behind *b = file->behind;
	bool waits;

	if (!b)
		return SQLITE_OK;
	pthread_mutex_lock(&b->mutex);
	waits = b->rc != SQLITE_OK;
	for (size_t i = b->done; i != b->put; i++)
		waits |= b->job[i % JOBS].frame == frame;
	pthread_mutex_unlock(&b->mutex);
	return waits ? behind_wait(file) : SQLITE_OK;
}
