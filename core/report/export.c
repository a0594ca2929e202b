/* The rows of a run as a file for other programs.  Spreadsheets run cells that
 * look like formulas, and replies are foreign bytes: every cell is quoted, a
 * dangerous first character gets an apostrophe before it, controls are
 * written out.  The log knows of the export before the file has its name. */
#include "core/report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/utf8.h"

enum { PAGE_ROWS = 500 };

static void
add_cell(struct buf *out, struct span text, char end)
{
	buf_char(out, '"');
	if (text.len && strchr("=+-@\t\r\n", *text.ptr))
		buf_char(out, '\'');
	while (text.len) {
		const char *at = text.ptr;
		uint32_t cp;

		utf8_next(&text, &cp);
		if (cp == '"')
			buf_add(out, SPAN("\"\""));
		else if (cp == '\r' || cp == '\n' || cp == '\t')
			buf_char(out, ' ');
		else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			buf_printf(out, "\\x%02x", (unsigned)cp);
		else
			buf_add(out, span_make(at, (size_t)(text.ptr - at)));
	}
	buf_char(out, '"');
	buf_char(out, end);
}

static void
add_number(struct buf *out, int64_t number)
{
	buf_int(out, number);
	buf_char(out, ',');
}

static void
add_row(struct buf *out, const struct report_row *row)
{
	struct buf at = BUF_INIT;

	if (row->at_ms)
		clock_stamp(&at, row->at_ms);
	add_number(out, row->seq);
	add_cell(out, row->address, ',');
	add_cell(out, row->name, ',');
	add_cell(out, span_of(ledger_state_name(row->state)), ',');
	add_number(out, row->attempt);
	add_cell(out, buf_span(&at), ',');
	add_number(out, row->code);
	add_cell(out, row->enhanced, ',');
	add_cell(out, row->class, ',');
	add_cell(out, span_trim(row->reply), ',');
	add_cell(out, row->tls_version, ',');
	add_cell(out, row->tls_cipher, ',');
	add_number(out, row->tls_verified);
	add_cell(out, row->message_id, '\r');
	buf_char(out, '\n');
	buf_done(&at);
}

static int
write_failed(const char *path, struct err *err)
{
	int sys = errno;

	err_sys(err,
	    sys == ENOSPC || sys == EDQUOT ? E_DISK_FULL : E_FILE_WRITE, sys);
	return err_fact(err, "path", span_of(path));
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
		if (file_write_all(fd, buf_span(&out)) < 0) {
			write_failed(path, err);
			goto out;
		}
		buf_clear(&out);
	} while (page.count == PAGE_ROWS);
	rc = fsync(fd) < 0 ? write_failed(path, err) : 0;
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
	buf_printf(&facts, "rows=%lld path=", (long long)rows);
	buf_add(&facts, span_slice(span_of(path), 0, AUDIT_FACTS_MAX / 2));
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
	struct report report;
	struct buf fresh = BUF_INIT;
	int64_t rows = 0;
	int fd = -1, rc = -1;

	if (report_build(db, campaign, &report, err) < 0)
		return -1;
	buf_printf(&fresh, "%s.new", path);
	unlink(fresh.ptr);
	fd = open(fresh.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_sys(err, E_FILE_OPEN, errno);
		err_fact(err, "path", span_of(path));
		goto out;
	}
	if (write_rows(fd, store, db, campaign, path, &rows, err) < 0 ||
	    log_export(store, campaign, rows, path, err) < 0)
		goto out;
	rc = rename(fresh.ptr, path) < 0 ? write_failed(path, err) : 0;
out:
	if (fd >= 0) {
		close(fd);
		if (rc < 0)
			unlink(fresh.ptr);
	}
	buf_done(&fresh);
	return rc;
}
