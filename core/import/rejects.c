/* Rejects in memory: eight octets for each row, so that a file of a million bad
 * ones can be written out again, and the first ones whole, to be looked at. */
#include "core/import/rejects.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/base/text.h"

enum { CODE_BITS = 12 };
_Static_assert(ERR_CODE_COUNT <= 1 << CODE_BITS, "a code fits beside its line");

struct rejects {
	struct import_reject *kept;
	size_t kept_count, kept_room;
	uint64_t *mark; /* line and code */
	size_t count, room;
	pthread_mutex_t mutex;          /* guards reason */
	int64_t reason[ERR_CODE_COUNT]; /* rows */
};

struct rejects *
rejects_new(void)
{
	struct rejects *rejects = mem_new(sizeof *rejects);

	pthread_mutex_init(&rejects->mutex, NULL);
	return rejects;
}

void
rejects_free(struct rejects **rejects)
{
	if (!*rejects)
		return;
	pthread_mutex_destroy(&(*rejects)->mutex);
	free((*rejects)->kept);
	free((*rejects)->mark);
	free(*rejects);
	*rejects = NULL;
}

void
rejects_clear(struct rejects *rejects)
{
	rejects->kept_count = rejects->count = 0;
	pthread_mutex_lock(&rejects->mutex);
	memset(rejects->reason, 0, sizeof rejects->reason);
	pthread_mutex_unlock(&rejects->mutex);
}

static const struct import_reject *
keep(struct rejects *rejects, const struct csv_row *row, const struct err *why)
{
	struct import_reject *reject;

	if (rejects->kept_count == IMPORT_REJECTS_KEPT)
		return NULL;
	if (rejects->kept_count == rejects->kept_room) {
		rejects->kept_room =
		    rejects->kept_room ? 2 * rejects->kept_room : 64;
		rejects->kept = mem_grow(
		    rejects->kept, rejects->kept_room * sizeof *rejects->kept);
	}
	reject = &rejects->kept[rejects->kept_count++];
	*reject = (struct import_reject){.line = row->line, .why = *why};
	text_cut(reject->raw, sizeof reject->raw, row->raw);
	return reject;
}

const struct import_reject *
rejects_add(
    struct rejects *rejects, const struct csv_row *row, const struct err *why)
{
	pthread_mutex_lock(&rejects->mutex);
	rejects->reason[why->code]++;
	pthread_mutex_unlock(&rejects->mutex);
	if (rejects->count == rejects->room) {
		rejects->room = rejects->room ? 2 * rejects->room : 64;
		rejects->mark = mem_grow(
		    rejects->mark, rejects->room * sizeof *rejects->mark);
	}
	rejects->mark[rejects->count++] =
	    (uint64_t)row->line << CODE_BITS | (uint64_t)why->code;
	return keep(rejects, row, why);
}

size_t
rejects_count(const struct rejects *rejects)
{
	return rejects->count;
}

const struct import_reject *
rejects_at(const struct rejects *rejects, size_t i)
{
	return i < rejects->kept_count ? &rejects->kept[i] : NULL;
}

struct reject_mark
rejects_mark(const struct rejects *rejects, size_t i)
{
	uint64_t mark = rejects->mark[i];

	return (struct reject_mark){
	    .line = (int64_t)(mark >> CODE_BITS),
	    .code = (enum err_code)(mark & ((1u << CODE_BITS) - 1)),
	};
}

static int
more_rows(const void *a, const void *b)
{
	const struct import_reason *x = a, *y = b;

	if (x->rows != y->rows)
		return x->rows < y->rows ? 1 : -1;
	return (int)x->code - (int)y->code;
}

size_t
rejects_reasons(struct rejects *rejects, struct import_reason *out, size_t room)
{
	struct import_reason all[ERR_CODE_COUNT];
	size_t count = 0;

	pthread_mutex_lock(&rejects->mutex);
	for (int code = 0; code < ERR_CODE_COUNT; code++) {
		if (rejects->reason[code] > 0)
			all[count++] = (struct import_reason){
			    (enum err_code)code, rejects->reason[code]};
	}
	pthread_mutex_unlock(&rejects->mutex);
	qsort(all, count, sizeof *all, more_rows);
	count = count < room ? count : room;
	memcpy(out, all, count * sizeof *all);
	return count;
}
