/* The record's jobs. */
#include "tui/screens/record_work.h"

#include <stdlib.h>

#include "core/base/mem.h"

struct record_work *
record_work_new(
    struct store *store, struct list_id list, struct contact_id contact)
{
	struct record_work *work = mem_new(sizeof *work);

	work->store = store;
	work->list = list;
	work->contact = contact;
	work->arena = arena_new();
	return work;
}

void
record_work_free(struct record_work **work)
{
	if (!*work)
		return;
	timeline_done(&(*work)->timeline);
	arena_free(&(*work)->arena);
	free(*work);
	*work = NULL;
}

static int
read_row(struct record_work *work, struct db *db, struct err *err)
{
	struct contact_page page = {.arena = NULL};
	int rc = contact_page(
	    work->store, db, work->list, work->contact, 1, &page, err);

	work->is_there =
	    rc == 0 && page.count == 1 && page.row[0].id.v == work->contact.v;
	if (work->is_there) {
		work->row = page.row[0];
		work->row.address = arena_copy(work->arena, work->row.address);
		work->row.name = arena_copy(work->arena, work->row.name);
		work->row.fields = arena_copy(work->arena, work->row.fields);
		work->row.basis_note =
		    arena_copy(work->arena, work->row.basis_note);
	}
	contact_page_done(&page);
	return rc;
}

static int
read_tags(struct record_work *work, struct db *db, struct err *err)
{
	struct contact_draft draft;
	struct buf all = BUF_INIT;

	if (contact_read(db, work->contact, work->arena, &draft, err) < 0)
		return -1;
	for (size_t i = 0; i < draft.tags; i++) {
		if (i > 0)
			buf_text(&all, ", ");
		buf_add(&all, draft.tag[i]);
	}
	work->tags = arena_copy(work->arena, buf_span(&all));
	buf_done(&all);
	return 0;
}

static int
run(struct job *job, void *data, struct err *err)
{
	struct record_work *work = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (store_view_open(work->store, &db, err) < 0)
		return -1;
	if (read_row(work, db, err) < 0)
		goto out;
	/* who was deleted meanwhile has nothing else */
	if (!work->is_there)
		rc = 0;
	else if (read_tags(work, db, err) == 0 &&
		 smime_of_contact(db, work->contact.v, work->arena,
		     &work->certificate, &work->certificates, err) == 0)
		rc = timeline_read(
		    work->store, db, work->contact, &work->timeline, err);
out:
	store_reader_close(&db);
	return rc;
}

static void
free_work(void *data)
{
	struct record_work *work = data;

	record_work_free(&work);
}

const struct job_ops record_job = {.run = run, .free = free_work};
