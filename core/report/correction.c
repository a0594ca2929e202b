/* What is written down and prepared after a mis-send: the list of those who
 * got it, the facts an authority asks for, and a draft for exactly them. */
#include "core/report/report.h"

#include <stdio.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "core/report/csv_out.h"

enum { PAGE_ROWS = 500 };

static int
log_event(struct store *store, const char *what, struct campaign_id campaign,
    const struct buf *facts, struct err *err)
{
	struct audit_event event = {.what = what, .facts = buf_span(facts)};
	char object[32];

	snprintf(object, sizeof object, "campaign %lld", (long long)campaign.v);
	event.object = span_of(object);
	return audit_add(store, &event, err);
}

/* ---- CSV ------------------------------------------------------------------- */

struct names {
	const struct store *store;
	int64_t campaign;
	struct buf domain; /* of the Message-IDs; empty: not known */
};

static int
read_domain(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT message_domain FROM run WHERE campaign = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got > 0)
		buf_add(out, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	if (got)
		return got < 0 ? -1 : 0;
	err_set(err, E_CAMPAIGN_MISSING);
	return err_fact_int(err, "id", campaign.v);
}

static void
add_row(
    struct buf *out, const struct names *names, const struct selection_row *row)
{
	struct buf at = BUF_INIT, id = BUF_INIT;

	if (row->at_ms)
		clock_stamp(&at, row->at_ms);
	if (names->domain.len)
		message_id_of(names->store, names->campaign,
		    buf_span(&names->domain), row->seq, &id);
	csv_number(out, row->seq);
	csv_cell(out, row->address, ',');
	csv_cell(out, row->name, ',');
	csv_cell(out, span_of(ledger_state_name(row->state)), ',');
	csv_cell(out, buf_span(&at), ',');
	csv_cell(out, row->relay, ',');
	csv_cell(out,
	    row->state == LEDGER_ACCEPTED ? reply_queue_id(row->reply)
					  : SPAN(""),
	    ',');
	csv_cell(out, row->tls_version, ',');
	csv_cell(out, row->tls_cipher, ',');
	csv_number(out, row->tls_verified);
	csv_number(out, row->code);
	csv_cell(out, row->class, ',');
	csv_cell(out, span_trim(row->reply), ',');
	csv_cell(out, buf_span(&id), '\r');
	buf_char(out, '\n');
	buf_done(&at);
	buf_done(&id);
}

static int
write_rows(int fd, struct db *db, const struct selection *selection,
    const struct names *names, const char *path, int64_t *rows, struct err *err)
{
	struct selection_page page = {0};
	struct buf out = BUF_INIT;
	int64_t after = INT64_MIN;
	int rc = -1;

	buf_text(&out,
	    "\xef\xbb\xbfnumber,address,name,state,time,relay,queue_id,"
	    "tls,cipher,tls_verified,code,class,reply,message_id\r\n");
	do {
		if (selection_page(
			db, selection, after, PAGE_ROWS, &page, err) < 0)
			goto out;
		for (size_t i = 0; i < page.count; i++)
			add_row(&out, names, &page.row[i]);
		*rows += (int64_t)page.count;
		after = page.after;
		if (csv_write(fd, path, buf_span(&out), err) < 0)
			goto out;
		buf_clear(&out);
	} while (!page.is_last);
	rc = csv_sync(fd, path, err);
out:
	buf_done(&out);
	selection_page_done(&page);
	return rc;
}

static int
log_file(struct store *store, const char *what, struct campaign_id campaign,
    int64_t rows, const char *path, struct err *err)
{
	struct buf facts = BUF_INIT;
	int rc;

	audit_fact_int(&facts, "rows", rows);
	audit_fact(&facts, "path", span_of(path));
	rc = log_event(store, what, campaign, &facts, err);
	buf_done(&facts);
	return rc;
}

int
selection_write_csv(struct store *store, struct db *db,
    const struct selection *selection, const char *path, int64_t *rows,
    struct err *err)
{
	struct names names = {store, selection->campaign.v, BUF_INIT};
	enum csv_end end = CSV_DROP;
	int fd = -1, rc = -1;

	*rows = 0;
	if (person_require(store, db, MAY_LIST_EXPORT, err) < 0 ||
	    stepup_require(store, db, STEPUP_EXPORT, err) < 0)
		return -1;
	if (read_domain(db, selection->campaign, &names.domain, err) < 0)
		goto out;
	fd = csv_open(path, err);
	if (fd < 0)
		goto out;
	if (write_rows(fd, db, selection, &names, path, rows, err) == 0 &&
	    log_file(store, "correction.export", selection->campaign, *rows,
		path, err) == 0)
		end = CSV_KEEP;
	if (csv_close(fd, path, end, end == CSV_KEEP ? err : NULL) == 0 &&
	    end == CSV_KEEP)
		rc = 0;
out:
	buf_done(&names.domain);
	return rc;
}

int
correction_write_sheet(struct store *store, struct campaign_id campaign,
    const char *path, struct span text, struct err *err)
{
	enum csv_end end = CSV_DROP;
	int fd = -1;

	if (person_require(store, NULL, MAY_LIST_EXPORT, err) < 0)
		return -1;
	fd = csv_open(path, err);
	if (fd < 0)
		return -1;
	if (csv_write(fd, path, text, err) == 0 &&
	    csv_sync(fd, path, err) == 0 &&
	    log_file(store, "correction.sheet", campaign, 0, path, err) == 0)
		end = CSV_KEEP;
	if (csv_close(fd, path, end, end == CSV_KEEP ? err : NULL) < 0)
		return -1;
	return end == CSV_KEEP ? 0 : -1;
}

/* ---- Facts ----------------------------------------------------------------- */

static void
add_field(struct correction_facts *out, struct span name)
{
	for (int i = 0; i < out->fields; i++) {
		if (span_equal(buf_span(&out->field[i]), name))
			return;
	}
	if (name.len && out->fields < CORRECTION_FIELDS_MAX)
		buf_add(&out->field[out->fields++], name);
}

/* The merge marks of a text, "{{name|fallback}}"; "\{{" is none. */
static void
add_marks(struct correction_facts *out, struct span text)
{
	while (text.len) {
		size_t at = span_search(text, SPAN("{{"));
		bool literal = at > 0 && text.ptr[at - 1] == '\\';
		struct span rest = span_slice(text, at + 2, text.len), mark;
		size_t end = span_search(rest, SPAN("}}"));

		if (at >= text.len || end >= rest.len)
			return;
		text = span_slice(rest, literal ? 0 : end + 2, rest.len);
		if (literal)
			continue;
		mark = span_slice(rest, 0, end);
		add_field(out, span_trim(span_cut(&mark, '|')));
	}
}

static int
read_run(struct db *db, struct campaign_id campaign,
    struct correction_facts *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT started_ms, coalesce(ended_ms, 0), by, lower(hex(digest))"
	    " FROM run WHERE campaign = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got > 0) {
		out->started_ms = stmt_col_int(stmt, 0);
		out->ended_ms = stmt_col_int(stmt, 1);
		span_text(out->by, sizeof out->by, stmt_col_text(stmt, 2));
		span_text(
		    out->digest, sizeof out->digest, stmt_col_text(stmt, 3));
	}
	stmt_reset(stmt);
	if (got)
		return got < 0 ? -1 : 0;
	err_set(err, E_CAMPAIGN_MISSING);
	return err_fact_int(err, "id", campaign.v);
}

static int
read_texts(struct db *db, struct campaign_id id, struct correction_facts *out,
    struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(db, id, &campaign, err);

	if (rc == 0) {
		buf_add(&out->campaign, buf_span(&campaign.name));
		buf_add(&out->subject, buf_span(&campaign.subject));
		out->class = campaign.class;
		add_marks(out, buf_span(&campaign.subject));
		add_marks(out, buf_span(&campaign.body));
	}
	campaign_done(&campaign);
	return rc;
}

int
correction_facts_read(struct db *db, const struct selection *selection,
    const atomic_bool *stop, struct correction_facts *out, struct err *err)
{
	*out = (struct correction_facts){.started_ms = 0};
	if (read_run(db, selection->campaign, out, err) < 0 ||
	    read_texts(db, selection->campaign, out, err) < 0 ||
	    setting_read(db, "legal.name", &out->organisation, err) < 0 ||
	    setting_read(db, "legal.postal", &out->postal, err) < 0 ||
	    setting_read(db, "legal.contact", &out->contact, err) < 0)
		return -1;
	return selection_count(db, selection, stop, &out->figures, err);
}

void
correction_facts_done(struct correction_facts *facts)
{
	buf_done(&facts->campaign);
	buf_done(&facts->subject);
	buf_done(&facts->organisation);
	buf_done(&facts->postal);
	buf_done(&facts->contact);
	for (int i = 0; i < facts->fields; i++)
		buf_done(&facts->field[i]);
	*facts = (struct correction_facts){.started_ms = 0};
}

/* ---- A draft for exactly these --------------------------------------------- */

static int
join_rows(struct db *db, const struct selection *selection,
    const struct campaign *campaign, struct correction_draft *draft,
    struct err *err)
{
	struct selection_page page = {0};
	int64_t after = INT64_MIN;
	int rc = -1;

	do {
		if (selection_page(
			db, selection, after, PAGE_ROWS, &page, err) < 0)
			goto out;
		for (size_t i = 0; i < page.count; i++) {
			struct list_joiner joiner = {page.row[i].contact,
			    page.row[i].canon, {campaign->list}};
			int joined =
			    list_join_in(db, draft->list, &joiner, err);

			if (joined < 0)
				goto out;
			draft->joined += joined;
			draft->gone += !joined;
		}
		after = page.after;
	} while (!page.is_last);
	rc = 0;
out:
	selection_page_done(&page);
	return rc;
}

static int
make_list(struct store *store, const struct selection *selection,
    const struct campaign *campaign, struct correction_draft *draft,
    struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(store, STORE_WAIT_LONG, "correction", &db, err) < 0)
		return -1;
	if (list_create_in(store, db, draft->list_name, &draft->list, err) <
		0 ||
	    join_rows(db, selection, campaign, draft, err) < 0)
		goto out;
	if (draft->joined)
		rc = store_commit(store, &db, err);
	else
		err_set(err, E_CORRECTION_EMPTY);
out:
	store_rollback(store, &db);
	return rc;
}

static void
replace(struct buf *to, struct span text)
{
	buf_clear(to);
	buf_add(to, text);
}

/* The draft is as the campaign was, unless it brings a text of its own. */
static int
fill_draft(struct store *store, struct campaign *campaign,
    const struct correction_draft *draft, struct err *err)
{
	struct campaign made = CAMPAIGN_INIT, fresh = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = store_reader_open(store, &db, err);

	if (rc == 0)
		rc = campaign_read(db, draft->campaign, &made, err);
	store_reader_close(&db);
	if (rc < 0)
		goto out;
	campaign_assign(&fresh, campaign);
	fresh.id = made.id;
	fresh.revision = made.revision;
	fresh.class = draft->class;
	fresh.list = draft->list.v;
	fresh.segment = 0;
	replace(&fresh.name, buf_span(&made.name));
	if (draft->subject.len > 0)
		replace(&fresh.subject, draft->subject);
	if (draft->body.len > 0) {
		replace(&fresh.body, draft->body);
		buf_clear(&fresh.preheader);
	}
	rc = campaign_save(store, &fresh, err);
out:
	campaign_done(&made);
	campaign_done(&fresh);
	return rc;
}

static int
log_draft(struct store *store, const struct selection *selection,
    const struct correction_draft *draft, struct err *err)
{
	struct buf facts = BUF_INIT;
	int rc;

	buf_printf(&facts, "draft=%lld list=%lld joined=%lld gone=%lld",
	    (long long)draft->campaign.v, (long long)draft->list.v,
	    (long long)draft->joined, (long long)draft->gone);
	rc = log_event(
	    store, "correction.draft", selection->campaign, &facts, err);
	buf_done(&facts);
	return rc;
}

int
correction_draft_make(struct store *store, const struct selection *selection,
    struct correction_draft *draft, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = person_reader_open(store, MAY_CAMPAIGN_WRITE, &db, err);

	draft->joined = draft->gone = 0;
	if (rc == 0)
		rc = campaign_read(db, selection->campaign, &campaign, err);
	store_reader_close(&db);
	if (rc == 0)
		rc = make_list(store, selection, &campaign, draft, err);
	if (rc == 0)
		rc = campaign_create(
		    store, draft->name, draft->class, &draft->campaign, err);
	if (rc == 0)
		rc = fill_draft(store, &campaign, draft, err);
	if (rc == 0)
		rc = log_draft(store, selection, draft, err);
	campaign_done(&campaign);
	return rc;
}
