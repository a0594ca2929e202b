/* The rows of a run as a file for other programs.  The log knows of the export
 * before the file has its name. */
#include "core/report/report.h"

#include "core/access/access.h"

#include <stdio.h>

#include "core/report/csv_out.h"

enum { PAGE_ROWS = 500 };

static void
add_row(struct buf *out, const struct report_row *row)
{
	struct buf at = BUF_INIT;

	if (row->at_ms)
		clock_stamp(&at, row->at_ms);
	csv_number(out, row->seq);
	csv_cell(out, row->address, ',');
	csv_cell(out, row->name, ',');
	csv_cell(out, span_of(ledger_state_name(row->state)), ',');
	csv_number(out, row->attempt);
	csv_cell(out, buf_span(&at), ',');
	csv_number(out, row->code);
	csv_cell(out, row->enhanced, ',');
	csv_cell(out, row->class, ',');
	csv_cell(out, span_trim(row->reply), ',');
	csv_cell(out, row->tls_version, ',');
	csv_cell(out, row->tls_cipher, ',');
	csv_number(out, row->tls_verified);
	csv_cell(out, row->message_id, '\r');
	buf_char(out, '\n');
	buf_done(&at);
}

static int
write_rows(int fd, struct store *store, struct db *db,
    struct campaign_id campaign, const char *path, int64_t *rows,
    struct err *err)
{
	static const char head[] =
	    "\xef\xbb\xbfnumber,address,name,state,attempts,time,code,"
	    "enhanced,class,reply,tls,cipher,tls_verified,message_id\r\n";
	struct report_page page = {0};
	struct buf out = BUF_INIT;
	int64_t after = INT64_MIN;
	int rc = -1;

	buf_text(&out, head);
	do {
		if (report_page(db, campaign, REPORT_ALL, after, PAGE_ROWS,
			&page, err) < 0 ||
		    report_page_ids(store, db, campaign, &page, err) < 0)
			goto out;
		for (size_t i = 0; i < page.count; i++)
			add_row(&out, &page.row[i]);
		if (page.count)
			after = page.row[page.count - 1].seq;
		*rows += (int64_t)page.count;
		if (csv_write(fd, path, buf_span(&out), err) < 0)
			goto out;
		buf_clear(&out);
	} while (page.count == PAGE_ROWS);
	rc = csv_sync(fd, path, err);
out:
	buf_done(&out);
	report_page_done(&page);
	return rc;
}

static int
log_export(struct store *store, struct campaign_id campaign, int64_t rows,
    const char *path, struct err *err)
{
	char object[32];
	struct buf facts = BUF_INIT;
	struct audit_event event = {.what = "report.export"};
	int rc;

	snprintf(object, sizeof object, "campaign %lld", (long long)campaign.v);
	audit_fact_int(&facts, "rows", rows);
	audit_fact(&facts, "path", span_of(path));
	event.object = span_of(object);
	event.facts = buf_span(&facts);
	rc = audit_add(store, &event, err);
	buf_done(&facts);
	return rc;
}

int
report_write_csv(struct store *store, struct db *db,
    struct campaign_id campaign, const char *path, struct err *err)
{
	enum csv_end end = CSV_DROP;
	struct report report;
	int64_t rows = 0;
	int fd;

	if (person_require(store, NULL, MAY_LIST_EXPORT, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_EXPORT, err) < 0)
		return -1;
	if (report_build(db, campaign, &report, err) < 0)
		return -1;
	fd = csv_open(path, err);
	if (fd < 0)
		return -1;
	if (write_rows(fd, store, db, campaign, path, &rows, err) == 0 &&
	    log_export(store, campaign, rows, path, err) == 0)
		end = CSV_KEEP;
	if (csv_close(fd, path, end, end == CSV_KEEP ? err : NULL) < 0)
		return -1;
	return end == CSV_KEEP ? 0 : -1;
}
