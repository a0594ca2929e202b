/* The jobs of the import wizard.  A running check or commit is stopped through
 * core's own flag, which the screen sets. */
#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"
#include "tui/screens/import_path.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/errors.h"

void
held_drop(struct held_import **held)
{
	if (*held && --(*held)->holders == 0) {
		import_close(&(*held)->import);
		free(*held);
	}
	*held = NULL;
}

static int
read_lists(struct work *work, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(work->store, &db, err) == 0)
		rc = list_all(db, &work->lists, &work->list_count, err);
	if (rc == 0)
		rc =
		    wording_all(db, &work->wordings, &work->wording_count, err);
	store_reader_close(&db);
	return rc;
}

static int
find_preset(struct work *work, struct err *err)
{
	const struct import_column *column;
	struct db *db = NULL;
	size_t count;
	int got = -1;

	column = import_columns(work->held->import, &count);
	if (store_view_open(work->store, &db, err) == 0)
		got = import_preset_find(db, column, count, &work->preset, err);
	store_reader_close(&db);
	work->has_preset = got == 1;
	return got < 0 ? -1 : 0;
}

static int
open_file(struct work *work, struct err *err)
{
	if (import_open(work->path, &work->form, &work->held->import, err) < 0)
		return -1;
	if (find_preset(work, err) < 0)
		return -1;
	return work->remember ? import_choice_remember(work->store,
				    &work->origin, work->form.charset, err)
			      : 0;
}

static int
read_candidates(struct work *work, struct err *err)
{
	struct db *db = NULL;
	int got = -1;

	if (import_candidates(work->path, &work->form, work->candidate,
		&work->candidate_count, err) == 0 &&
	    import_origin(work->path, &work->origin, err) == 0 &&
	    store_view_open(work->store, &db, err) == 0)
		got = import_choice_find(db, &work->origin, &work->chosen, err);
	store_reader_close(&db);
	work->was_chosen = got == 1;
	return got < 0 ? -1 : 0;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;

	(void)job;
	switch (work->kind) {
	case WORK_LISTS:
		return read_lists(work, err);
	case WORK_COMPLETE:
		work->matches =
		    path_complete(span_of(work->path), &work->completed);
		return 0;
	case WORK_TRY:
		return wizard_try_run(work, err);
	case WORK_OPEN:
		return open_file(work, err);
	case WORK_CANDIDATES:
		return read_candidates(work, err);
	case WORK_MEMBERS:
		return import_members(work->path, &work->members, err);
	case WORK_CHECK:
		return import_check(work->held->import, work->store,
		    &work->plan, &work->counts, err);
	case WORK_COMMIT:
		return import_commit(work->held->import, work->store,
		    &work->plan, &work->counts, err);
	case WORK_WRITE:
		return import_write_rejects(work->held->import, work->target,
		    err_text, &work->written, err);
	case WORK_NONE:
		break;
	}
	return 0;
}

/* Only they can be stopped in the middle. */
static void
work_stop(void *data)
{
	const struct work *work = data;

	if (work->kind == WORK_CHECK || work->kind == WORK_COMMIT)
		import_cancel(work->held->import);
}

static void
work_free(void *data)
{
	struct work *work = data;

	held_drop(&work->held);
	free(work->path);
	free(work->target);
	import_members_done(&work->members);
	free(work->new_list);
	free(work->note);
	free(work->reason);
	free(work->lists);
	free(work->wordings);
	buf_done(&work->completed);
	wizard_try_free(&work->tried);
	free(work);
}

bool
wizard_date(struct span text, int64_t *out)
{
	struct span rest = span_trim(text);
	struct span year = span_cut(&rest, '-'), month = span_cut(&rest, '-');
	int64_t y, m, d;
	struct tm tm = {.tm_isdst = -1};
	time_t at;

	if (!span_int(year, &y) || !span_int(month, &m) || !span_int(rest, &d))
		return false;
	if (y < 1970 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	tm.tm_year = (int)y - 1900;
	tm.tm_mon = (int)m - 1;
	tm.tm_mday = (int)d;
	at = mktime(&tm);
	if (at == (time_t)-1 || tm.tm_mday != (int)d)
		return false;
	*out = (int64_t)at * 1000;
	return true;
}

struct list_id
wizard_list(const struct wizard *self)
{
	size_t choice = (size_t)form_choice(self->file, FILE_LIST);

	return choice < self->list_count ? self->lists[choice].id
					 : (struct list_id){0};
}

struct span
wizard_list_name(const struct wizard *self)
{
	size_t choice = (size_t)form_choice(self->file, FILE_LIST);

	if (choice < self->list_count)
		return span_of(self->lists[choice].name);
	return span_trim(form_text(self->file, FILE_NEW_LIST));
}

static void
fill_accepted(const struct wizard *self, struct work *work)
{
	struct import_plan *plan = &work->plan;

	memcpy(work->pair, self->pair, sizeof work->pair);
	for (size_t i = 0; i < self->pair_count; i++)
		work->domain[i] = (struct import_domain_pair){
		    span_of(work->pair[i].slip), span_of(work->pair[i].meant)};
	plan->accept = (struct import_accept){
	    self->repairs, work->domain, self->pair_count};
	work->reason = mem_text(buf_span(&self->reason));
	plan->overrule =
	    (struct import_overrule){self->guards, span_of(work->reason)};
}

static void
fill_plan(const struct wizard *self, struct work *work)
{
	struct import_plan *plan = &work->plan;

	work->new_list = mem_text(wizard_list_name(self));
	plan->list = wizard_list(self);
	plan->new_list = span_of(work->new_list);
	wizard_rules_fill(self, work);
	fill_accepted(self, work);
}

static void
fill_path(const struct wizard *self, struct work *work)
{
	struct span typed = form_text(self->file, FILE_PATH);
	struct buf path = BUF_INIT;

	if (work->kind == WORK_COMPLETE)
		buf_add(&path, typed);
	else if (work->kind == WORK_TRY)
		buf_text(&path, self->path);
	else
		path_expand(typed, &path);
	work->path = mem_text(buf_span(&path));
	buf_done(&path);
}

void
wizard_work(struct wizard *self, enum work_kind kind)
{
	static const struct job_ops ops = {
	    .run = work_run, .free = work_free, .stop = work_stop};
	struct work *work = mem_new(sizeof *work);
	struct app *app = self->base.app;
	struct err err = {.code = E_NONE};

	work->kind = kind;
	work->store = app_store(app);
	work->form = self->form;
	work->origin = self->origin;
	work->remember = self->choosing;
	work->target = mem_text(buf_span(&self->target));
	fill_path(self, work);
	fill_plan(self, work);
	if (kind == WORK_TRY)
		work->tried = wizard_try_new(self);
	if (kind == WORK_OPEN) {
		work->held = mem_new(sizeof *work->held);
	} else {
		work->held = self->held;
	}
	if (work->held)
		work->held->holders++;
	if (kind >= WORK_OPEN) {
		self->busy = kind;
		self->began_ms = app_steady_ms(app);
		if (kind != WORK_WRITE) {
			self->counts = (struct import_counts){0};
			self->raised = 0;
			buf_clear(&self->fault);
		}
	}
	if (app_job(app, &self->base, &ops, work,
		kind >= WORK_OPEN ? &self->job : NULL, &err) < 0) {
		self->busy = WORK_NONE;
		app_say_err(app, &err);
	}
}
