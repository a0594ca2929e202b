/* The jobs of the screen of all lists.  The names can be shown at once; counting
 * takes as long as the lists are, and segments are counted one by one behind
 * that. */
#include "tui/screens/lists_work.h"

#include <stdlib.h>

#include "core/base/mem.h"

struct lists_task *
lists_task_new(enum lists_kind kind, struct list_id id, struct span name)
{
	struct lists_task *task = mem_new(sizeof *task);

	task->kind = kind;
	task->id = id;
	task->name = mem_text(name);
	return task;
}

/* Every list of info with its segments behind it; *out has *count. */
static int
make_rows(struct db *db, const struct list_info *info, size_t lists,
    struct lists_row **out, size_t *count, struct err *err)
{
	struct segment *segment = NULL;
	struct lists_row *row;
	size_t segments = 0, used = 0;

	if (segment_all(db, (struct list_id){0}, &segment, &segments, err) < 0)
		return -1;
	row = mem_array(lists + segments + 1, sizeof *row);
	for (size_t i = 0; i < lists; i++) {
		row[used++] = (struct lists_row){.info = info[i]};
		for (size_t k = 0; k < segments; k++) {
			if (segment[k].list.v != info[i].id.v)
				continue;
			row[used++] = (struct lists_row){.info = info[i],
			    .segment = segment[k],
			    .counts = {-1, -1},
			    .due = true};
		}
	}
	free(segment);
	*out = row;
	*count = used;
	return 0;
}

static int
load_heads(struct lists_task *task, struct db *db, struct err *err)
{
	struct list_info *info = NULL;
	size_t count = 0;
	int rc = list_heads(db, &info, &count, err);

	if (rc == 0)
		rc = make_rows(db, info, count, &task->head, &task->heads, err);
	free(info);
	return rc;
}

static int
load_counted(struct lists_task *task, struct db *db, struct err *err)
{
	struct lists_row *row = NULL;
	struct list_info *info = NULL;
	size_t lists = 0, count = 0;
	int rc = list_all(db, &info, &lists, err);

	if (rc == 0)
		rc = make_rows(db, info, lists, &row, &count, err);
	free(info);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		row[i].counted = row[i].segment.id == 0;
		if (row[i].counted)
			rc = list_bounced(task->base.store, db, row[i].info.id,
			    &row[i].bounced, err);
	}
	task->base.record = row;
	task->base.count = count;
	return rc;
}

static int
load(struct job *job, struct lists_task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->base.store, &db, err) < 0)
		return -1;
	if (load_heads(task, db, err) < 0)
		goto out;
	job_wake(job);
	if (load_counted(task, db, err) == 0)
		rc = list_totals(db, &task->totals, err);
out:
	store_reader_close(&db);
	return rc;
}

/* One that cannot be read has no members, and says why. */
static int
count_segment(struct job *job, struct lists_task *task, struct err *err)
{
	struct db *db = NULL;

	if (store_view_open(task->base.store, &db, err) < 0)
		return -1;
	segment_count(task->base.store, db, task->segment, task->id,
	    job_cancel_flag(job), &task->counts, &task->why);
	store_reader_close(&db);
	return 0;
}

static int
run(struct job *job, void *data, struct err *err)
{
	struct lists_task *task = data;
	struct store *store = task->base.store;
	struct span name = span_of(task->name);

	switch (task->kind) {
	case LISTS_CREATE:
		return list_create(store, name, &task->id, err);
	case LISTS_RENAME:
		return list_rename(store, task->id, name, err);
	case LISTS_PAINT:
		return list_color_set(store, task->id, task->color, err);
	case LISTS_DELETE:
		return list_delete(store, task->id, &task->trash, err);
	case LISTS_COPY:
		return list_copy(store, task->id, name, &task->id, err);
	case LISTS_UNITE:
		return list_unite(
		    store, task->id, task->into, &task->trash, err);
	case LISTS_COUNT:
		return count_segment(job, task, err);
	case LISTS_SEGMENT_CHANGE:
		return segment_change(
		    store, task->segment, name, span_of(task->filter), err);
	case LISTS_SEGMENT_DELETE:
		return segment_delete(store, task->segment, err);
	case LISTS_LOAD:
		break;
	}
	return load(job, task, err);
}

static void
task_free(void *data)
{
	struct lists_task *task = data;

	free(task->base.record);
	free(task->head);
	free(task->name);
	free(task->filter);
	free(task);
}

const struct job_ops lists_job = {.run = run, .free = task_free};
