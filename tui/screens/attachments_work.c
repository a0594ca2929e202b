/* What the screen of attachments does beside the screen: reading files, and
 * counting who has one. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/attachments.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

void
attach_state_done(struct attach_state *state)
{
	campaign_done(&state->campaign);
	free(state->row);
	free(state->cover);
	*state = (struct attach_state){.count = 0};
}

struct attach_task *
attach_task_new(enum attach_task_kind kind)
{
	struct attach_task *task = mem_new(sizeof *task);

	task->kind = kind;
	return task;
}

static void
task_free(void *data)
{
	struct attach_task *task = data;

	attach_state_done(&task->state);
	buf_done(&task->path);
	buf_done(&task->pattern);
	buf_done(&task->manifest);
	buf_done(&task->told);
	free(task);
}

static int
load(struct attach_task *task, struct db *db, struct err *err)
{
	struct attach_state *state = &task->state;
	int64_t limit;

	if (campaign_read(db, task->id, &state->campaign, err) < 0 ||
	    attach_all(db, task->id, &state->row, &state->count, err) < 0)
		return -1;
	limit = setting_int(db, "attach.message_max", err);
	state->message_max = limit * 1024;
	return limit < 0 ? -1 : 0;
}

static int
cover(struct attach_task *task, struct job *job, struct db *db, struct err *err)
{
	struct attach_state *state = &task->state;

	if (load(task, db, err) < 0)
		return -1;
	state->cover = mem_array(state->count + 1, sizeof *state->cover);
	for (size_t i = 0; i < state->count; i++) {
		if (state->row[i].kind == ATTACH_EACH &&
		    attach_cover(db, &state->campaign, &state->row[i],
			ATTACH_MEMBERS, job_cancel_flag(job), &state->cover[i],
			err) < 0)
			return -1;
	}
	return 0;
}

static void
tell_file(struct buf *out, const char *name, int64_t octets,
    const struct digest *digest)
{
	buf_printf(out, "%s  ", name);
	format_size(out, octets);
	buf_text(out, "  ");
	crypt_hex(out, span_make(digest->bytes, 4));
	buf_char(out, '\n');
}

/* One line per row: the file of a set as the rule finds it. */
static int
tell_row(struct attach_task *task, struct db *db, const struct attach_row *row,
    const struct attach_person *person, struct err *err)
{
	struct attach_pattern *pattern = NULL;
	struct err why = {.code = E_NONE};
	struct buf key = BUF_INIT;
	struct attach_file file;

	if (row->kind == ATTACH_INLINE)
		return 0;
	if (row->kind == ATTACH_ALL) {
		tell_file(&task->told, row->name, row->octets, &row->digest);
		return 0;
	}
	if (attach_pattern_read(span_of(row->name), &pattern, err) < 0)
		return -1;
	if (attach_pattern_fill(pattern, person, &key, &why) < 0 ||
	    attach_find(db, row->id, buf_span(&key), &file, &why) < 0) {
		err_text(&why, &task->told);
		buf_char(&task->told, '\n');
	} else {
		tell_file(&task->told, file.name, file.octets, &file.digest);
	}
	attach_pattern_free(&pattern);
	buf_done(&key);
	return 0;
}

static int
whose(struct attach_task *task, struct db *db, struct err *err)
{
	struct arena *arena = arena_new();
	struct attach_person person;
	int rc = -1, got;

	if (load(task, db, err) < 0)
		goto out;
	got = attach_member(db, &task->state.campaign, buf_span(&task->path),
	    arena, &person, err);
	if (got < 0)
		goto out;
	if (got == 0)
		buf_text(&task->told, _("This address is not in the list."));
	for (size_t i = 0; got == 1 && i < task->state.count; i++) {
		if (tell_row(task, db, &task->state.row[i], &person, err) < 0)
			goto out;
	}
	rc = 0;
out:
	arena_free(&arena);
	return rc;
}

static int
read_store(struct attach_task *task, struct job *job, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (store_view_open(task->store, &db, err) < 0)
		return -1;
	rc = task->kind == ATTACH_LOAD    ? load(task, db, err)
	     : task->kind == ATTACH_COVER ? cover(task, job, db, err)
					  : whose(task, db, err);
	store_reader_close(&db);
	return rc;
}

static int
add(struct attach_task *task, struct job *job, struct err *err)
{
	const struct attach_source source = {
	    .folder = task->path.ptr,
	    .pattern = buf_span(&task->pattern),
	    .manifest = task->manifest.len ? task->manifest.ptr : NULL,
	};

	if (task->whom != ATTACH_EACH)
		return attach_add(
		    task->store, task->id, task->path.ptr, task->whom, err);
	task->progress.cancel = job_cancel_flag(job);
	return attach_add_set(
	    task->store, task->id, &source, &task->progress, err);
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct attach_task *task = data;

	if (task->kind == ATTACH_ADD)
		return add(task, job, err);
	if (task->kind == ATTACH_REMOVE)
		return attach_remove(task->store, task->id, task->row, err);
	return read_store(task, job, err);
}

const struct job_ops attach_job = {.run = task_run, .free = task_free};

const char *
attach_doubt(const char *why)
{
	static const struct {
		const char *why, *words;
	} row[] = {
	    {"locked", N_("It has a password or is locked: filters may hold "
			  "it back.")},
	    {"rare", N_("Not every mail program shows this kind of image.")},
	    {"page", N_("Web pages in mails are often held back.")},
	    {"old", N_("An old kind of document, often held back.")},
	    {"archive", N_("Archives are often held back; send what is in "
			   "it.")},
	    {"media", N_("Sound and film are large; a link is better.")},
	    {"extension", N_("The end of its name does not tell its kind.")},
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (!strcmp(row[i].why, why))
			return _(row[i].words);
	}
	return _("Its kind is not known: not every reader can open it.");
}
