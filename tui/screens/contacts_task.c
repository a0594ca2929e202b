/* The work behind the screen of a list.  Of those whom a filter finds the first
 * hundred come at once, the others in pieces; in another order than that of the
 * ids they come together at the end. */
#include "tui/screens/contacts_task.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum { FIRST_IDS = 100, CHUNK_IDS = 64 * 1024 };

static void
keep_first(struct job *job, struct contacts_task *task)
{
	task->first.count = task->found.count;
	task->first.id = mem_array(FIRST_IDS, sizeof *task->first.id);
	memcpy(task->first.id, task->found.id,
	    task->found.count * sizeof *task->first.id);
	job_wake(job);
}

/* In memory where the list is long, else in the store. */
static int64_t
find_some(struct job *job, struct contacts_task *task, struct db *db,
    const struct filter *filter, struct contact_id from, struct contact_id *out,
    size_t room, struct err *err)
{
	const atomic_bool *stop = job_cancel_flag(job);

	if (task->roster)
		return roster_ids(
		    task->roster, db, filter, from, stop, out, room, err);
	return contact_ids(db, task->list, from, filter, stop, out, room, err);
}

static int
find_ids(struct job *job, struct contacts_task *task, struct db *db,
    const struct filter *filter, struct err *err)
{
	struct ids *found = &task->found;
	struct contact_id from = {0};
	size_t room = FIRST_IDS;
	bool told = false; /* first is the screen's from then on */
	int64_t got;

	do {
		found->id = mem_grow(
		    found->id, (found->count + room) * sizeof *found->id);
		got = find_some(job, task, db, filter, from,
		    found->id + found->count, room, err);
		if (got < 0)
			return -1;
		found->count += (size_t)got;
		atomic_store(&task->so_far, (long long)found->count);
		if (got < (int64_t)room)
			return 0;
		from.v = found->id[found->count - 1].v + 1;
		if (told || task->view.order != CONTACT_BY_ID)
			job_wake(job);
		else
			keep_first(job, task);
		told = true;
		room = CHUNK_IDS;
	} while (!job_is_cancelled(job));
	return err_set(err, E_CANCELLED);
}

static int
sort_found(
    struct job *job, struct contacts_task *task, struct db *db, struct err *err)
{
	struct ids *found = &task->found;

	if (task->view.order == CONTACT_BY_ID || found->count == 0)
		return 0;
	atomic_store(&task->sorting, true);
	job_wake(job);
	found->rising = mem_array(found->count, sizeof *found->rising);
	memcpy(found->rising, found->id, found->count * sizeof *found->rising);
	return contact_sort(task->store, db, task->list, task->view.order,
	    task->view.way, job_cancel_flag(job), found->id, found->count, err);
}

static int
search(
    struct job *job, struct contacts_task *task, struct db *db, struct err *err)
{
	int64_t now = clock_now_ms(store_clock(task->store));
	struct filter *filter = NULL;
	int rc;

	if (filter_prepare(db, span_of(task->text), now, &filter, err) < 0)
		return -1;
	rc = find_ids(job, task, db, filter, err);
	filter_free(&filter);
	if (rc == 0)
		rc = sort_found(job, task, db, err);
	return rc;
}

/* Off the list for everybody and off the one for this list. */
static int
allow(struct contacts_task *task, struct err *err)
{
	struct span address = span_of(task->text);
	struct span reason = span_of(task->reason);
	struct list_id everywhere = {0};

	if (suppress_remove(task->store, address, everywhere, reason, err) < 0)
		return -1;
	return suppress_remove(task->store, address, task->list, reason, err);
}

int
contacts_task_run(struct job *job, void *data, struct err *err)
{
	struct contacts_task *task = data;
	struct db *db = NULL;
	int rc = -1;

	if (task->kind == TASK_SAVE)
		return segment_create(task->store, task->list,
		    span_of(task->reason), span_of(task->text), &(int64_t){0},
		    err);
	if (task->kind == TASK_STOP)
		return suppress_add(task->store, span_of(task->text),
		    (struct list_id){0}, SUPPRESS_HAND, span_of(task->reason),
		    err);
	if (task->kind == TASK_ALLOW)
		return allow(task, err);
	if (task->kind == TASK_DELETE)
		return contact_delete(task->store, &task->who, 1, NULL, err);
	if (task->kind == TASK_LEAVE)
		return member_remove(
		    task->store, task->list, &task->who, 1, NULL, err);
	if (task->kind == TASK_VIEW)
		return list_view_keep(
		    task->store, task->list, &task->view, err);
	if (store_view_open(task->store, &db, err) < 0)
		return -1;
	if (task->kind == TASK_FIELDS)
		rc =
		    field_names(db, task->list, &task->name, &task->names, err);
	else if (task->kind == TASK_NAME)
		rc = list_find(db, task->list, &task->info, err);
	else if (task->kind == TASK_ROSTER)
		rc = roster_load(task->store, db, task->list,
		    job_cancel_flag(job), &task->roster, err);
	else
		rc = search(job, task, db, err);
	store_reader_close(&db);
	return rc;
}

void
contacts_task_free(void *data)
{
	struct contacts_task *task = data;

	free(task->text);
	free(task->reason);
	free(task->found.id);
	free(task->found.rising);
	free(task->first.id);
	buf_done(&task->view.columns);
	field_names_free(&task->name, task->names);
	roster_drop(&task->roster);
	free(task);
}
