/* The only place from which a test is asked for: clearance and sending are two
 * calls, and nothing is between them. */
#include "tui/screens/testmail_work.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"

enum { RECORDS_MAX = 100 };

static int
send_test(struct test_work *work, struct err *err)
{
	struct test_clearance *clearance = NULL;

	if (work->order.count == 0)
		return 0;
	if (test_grant(
		work->store, work->world, &work->order, &clearance, err) < 0)
		return -1;
	return test_send(
	    &clearance, work->world, work->store, work->cancel_fd, err);
}

/* Whose content the tests were; a text that cannot be put together has none. */
static int
read_content(struct test_work *work, struct db *db,
    const struct campaign *campaign, struct digest *out)
{
	struct template *template = NULL;
	struct err err = {0};
	struct buf hex = BUF_INIT;

	if (template_compile(work->store, db, campaign, &template, &err) < 0)
		return 0;
	template_digest(template, out);
	template_free(&template);
	crypt_hex(&hex, span_make(out->bytes, 4));
	span_text(work->content, sizeof work->content, buf_span(&hex));
	buf_done(&hex);
	return 1;
}

static int
read_total(struct test_work *work, struct db *db,
    const struct campaign *campaign, struct err *err)
{
	struct arena *arena = arena_new();
	struct audience_member member;
	int got =
	    audience_step(db, campaign, AUDIENCE_FIRST, 0, arena, &member, err);

	work->total = got == 1 ? member.total : 0;
	work->hides_total = campaign_hides_count(campaign);
	arena_free(&arena);
	return got < 0 ? -1 : 0;
}

static int
read_all(struct test_work *work, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct digest present;
	struct db *db = NULL;
	int rc = -1, known;

	if (store_view_open(work->store, &db, err) < 0)
		return -1;
	if (campaign_read(db, work->order.campaign, &campaign, err) < 0 ||
	    read_total(work, db, &campaign, err) < 0 ||
	    staff_all(db, &work->staff, &work->staff_count, err) < 0)
		goto out;
	known = read_content(work, db, &campaign, &present);
	if (test_records(db, campaign.id, known ? &present : NULL, RECORDS_MAX,
		&work->record, &work->records, err) < 0)
		goto out;
	buf_add(&work->name, buf_span(&campaign.name));
	work->is_read = true;
	rc = 0;
out:
	campaign_done(&campaign);
	store_reader_close(&db);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct test_work *work = data;
	struct err why = {0};
	int sent = send_test(work, &why);

	(void)job;
	if (read_all(work, err) < 0)
		return -1;
	if (sent < 0)
		*err = why;
	return sent;
}

void
test_work_drop(struct test_work *work)
{
	free(work->staff);
	free(work->record);
	buf_done(&work->name);
	work->staff = NULL;
	work->record = NULL;
	work->staff_count = work->records = 0;
}

static void
work_free(void *data)
{
	struct test_work *work = data;

	test_work_drop(work);
	if (work->cancel_fd >= 0)
		close(work->cancel_fd);
	free(work);
}

const struct job_ops test_work_ops = {.run = work_run, .free = work_free};
