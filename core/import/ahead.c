/* A few lots go round between two threads: the reader fills those that are
 * free, in the order of the file.  Each has its memory with it, so nothing is
 * copied twice and nothing grows with the file. */
#include "core/import/ahead.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/base/mem.h"

enum {
	LOTS = 4,
	LOT_OCTETS = 256 * 1024 /* of cells, from which on a lot is full */
};

struct ahead {
	struct ahead_plan plan;
	struct ahead_lot lot[LOTS];
	struct err fault; /* why reading has stopped; the reader's until then */
	struct err why;   /* of the row that is being read */
	struct buf fields; /* of it */
	bool cut;          /* rows were left; the reader's until it has ended */
	pthread_t thread;
	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t moved;
	size_t filled, taken; /* lots so far; the last one taken is in use */
	bool ended;           /* no more will be filled */
	bool failed;
	bool leaving;
};

/* ---- The reader -------------------------------------------------------- */

/* A row that lives as long as the lot. */
static void
keep_row(struct ahead_lot *lot, const struct csv_row *from, struct csv_row *to)
{
	struct span *cell = arena_take(lot->arena, from->count * sizeof *cell);

	for (size_t i = 0; i < from->count; i++)
		cell[i] = arena_copy(lot->arena, from->cell[i]);
	*to = *from;
	to->cell = cell;
	to->raw = arena_copy(lot->arena, from->raw);
}

static size_t
row_octets(const struct csv_row *row)
{
	size_t octets = row->raw.len;

	for (size_t i = 0; i < row->count; i++)
		octets += row->cell[i].len;
	return octets;
}

static void
keep_fields(
    struct ahead *ahead, struct ahead_lot *lot, struct csv_person *person)
{
	if (!ahead->plan.fields || person_fields(ahead->plan.mapping, person,
				       SPAN(""), &ahead->fields, NULL) < 0)
		return;
	person->fields = arena_copy(lot->arena, buf_span(&ahead->fields));
}

static const struct err *
keep_why(const struct ahead *ahead, struct arena *arena)
{
	struct err *why = arena_take(arena, sizeof *why);

	*why = ahead->why;
	return why;
}

static void
read_row(struct ahead *ahead, struct ahead_lot *lot, const struct csv_row *from)
{
	struct ahead_row *row = &lot->row[lot->count];
	int got;

	keep_row(lot, from, &row->row);
	row->person = (struct csv_person){0};
	row->why = NULL;
	got = row_person(ahead->plan.mapping, &row->row, lot->arena,
	    &row->person, &ahead->why);
	if (got == 0)
		return;
	findings_person(ahead->plan.findings,
	    got < 0 ? FINDINGS_REJECTED : FINDINGS_TAKEN, &row->person,
	    lot->arena);
	if (got < 0)
		row->why = keep_why(ahead, lot->arena);
	else
		keep_fields(ahead, lot, &row->person);
	lot->count++;
}

/* As rows_next(), and 0 when it was told to stop. */
static int
fill(struct ahead *ahead, struct ahead_lot *lot)
{
	size_t octets = 0;
	struct csv_row row;
	int got = 1;

	arena_reset(lot->arena);
	lot->count = 0;
	while (got == 1 && lot->count < AHEAD_ROWS && octets < LOT_OCTETS) {
		got = rows_next(ahead->plan.rows, &row, &ahead->fault);
		if (got != 1)
			break;
		if (atomic_load(ahead->plan.stop) != AHEAD_GO) {
			ahead->cut = true;
			got = 0;
			break;
		}
		octets += row_octets(&row);
		read_row(ahead, lot, &row);
	}
	lot->octets = rows_octets(ahead->plan.rows);
	return got;
}

/* A lot that nobody uses, or NULL when none is wanted any more. */
static struct ahead_lot *
wait_free(struct ahead *ahead)
{
	struct ahead_lot *lot = NULL;

	pthread_mutex_lock(&ahead->mutex);
	/* one of them is in use by who took it last */
	while (!ahead->leaving && ahead->filled + 1 - ahead->taken >= LOTS)
		pthread_cond_wait(&ahead->moved, &ahead->mutex);
	if (!ahead->leaving)
		lot = &ahead->lot[ahead->filled % LOTS];
	pthread_mutex_unlock(&ahead->mutex);
	return lot;
}

static void *
read_ahead(void *arg)
{
	struct ahead *ahead = arg;
	struct ahead_lot *lot;
	int got = 1;

	while (got == 1 && (lot = wait_free(ahead)) != NULL) {
		got = fill(ahead, lot);
		pthread_mutex_lock(&ahead->mutex);
		ahead->filled++;
		ahead->ended = got != 1;
		ahead->failed = got < 0;
		pthread_cond_signal(&ahead->moved);
		pthread_mutex_unlock(&ahead->mutex);
	}
	return NULL;
}

/* ---- Who takes the rows ------------------------------------------------ */

int
ahead_new(const struct ahead_plan *plan, struct ahead **out, struct err *err)
{
	struct ahead *ahead = mem_new(sizeof *ahead);
	int sys;

	ahead->plan = *plan;
	for (size_t i = 0; i < LOTS; i++)
		ahead->lot[i].arena = arena_new();
	pthread_mutex_init(&ahead->mutex, NULL);
	pthread_cond_init(&ahead->moved, NULL);
	sys = pthread_create(&ahead->thread, NULL, read_ahead, ahead);
	if (sys) {
		ahead->ended = true;
		ahead->plan.rows = NULL;
		ahead_free(&ahead);
		return err_sys(err, E_THREAD, sys);
	}
	*out = ahead;
	return 0;
}

int
ahead_next(struct ahead *ahead, const struct ahead_lot **out, struct err *err)
{
	int got = 1;

	pthread_mutex_lock(&ahead->mutex);
	while (ahead->taken == ahead->filled && !ahead->ended)
		pthread_cond_wait(&ahead->moved, &ahead->mutex);
	if (ahead->taken < ahead->filled)
		*out = &ahead->lot[ahead->taken++ % LOTS];
	else
		got = ahead->failed ? -1 : 0;
	pthread_cond_signal(&ahead->moved);
	pthread_mutex_unlock(&ahead->mutex);
	if (got < 0 && err)
		*err = ahead->fault;
	return got;
}

bool
ahead_is_cut(const struct ahead *ahead)
{
	return ahead->cut;
}

void
ahead_free(struct ahead **ahead)
{
	struct ahead *a = *ahead;

	if (!a)
		return;
	if (a->plan.rows) { /* the thread was begun */
		pthread_mutex_lock(&a->mutex);
		a->leaving = true;
		pthread_cond_signal(&a->moved);
		pthread_mutex_unlock(&a->mutex);
		pthread_join(a->thread, NULL);
	}
	for (size_t i = 0; i < LOTS; i++)
		arena_free(&a->lot[i].arena);
	buf_done(&a->fields);
	pthread_cond_destroy(&a->moved);
	pthread_mutex_destroy(&a->mutex);
	free(a);
	*ahead = NULL;
}
