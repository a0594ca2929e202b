/* Which rows in doubt a file tells about.  The rows are few (a window of each
 * session that was lost), the file may be a year of logs: the identifiers of
 * the rows are made first, and of the file only what names one of them is
 * kept.  A statement that a message was returned outweighs one that it was
 * taken, and counts only when it is about the address that was written to: a
 * relay may send copies elsewhere. */
#include "core/report/report.h"

#include "core/access/access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/report/evidence.h"

enum { PAGE_ROWS = 500, CHUNK = 64 * 1024, EVIDENCE_KEPT = 400 };

/* ---- Rows in doubt ----------------------------------------------------------- */

struct key {
	struct span id; /* "c.7.ref.mac" in lower case */
	struct reconcile_row *row;
};

struct reading {
	struct reconcile *out;
	struct key *key; /* sorted */
	const atomic_bool *stop;
	struct maillog *log;   /* a log's */
	struct buf line;       /* not ended yet */
	struct buf message;    /* a report's, so far */
	bool began, was_empty; /* of an mbox: the line before was empty */
};

/* What two spellings of an identifier have in common. */
static struct span
bare(struct span id)
{
	id = span_trim(id);
	if (span_starts(id, SPAN("<")))
		id = span_slice(id, 1, id.len);
	return span_slice(id, 0, span_index(id, '@'));
}

static int
compare_spans(struct span a, struct span b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		int x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];

		x += x >= 'A' && x <= 'Z' ? 'a' - 'A' : 0;
		y += y >= 'A' && y <= 'Z' ? 'a' - 'A' : 0;
		if (x != y)
			return x - y;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static int
compare_keys(const void *a, const void *b)
{
	return compare_spans(
	    ((const struct key *)a)->id, ((const struct key *)b)->id);
}

static struct reconcile_row *
find_row(const struct reading *reading, struct span id)
{
	struct key wanted = {.id = bare(id)};
	struct key *key =
	    wanted.id.len ? bsearch(&wanted, reading->key, reading->out->count,
				sizeof wanted, compare_keys)
			  : NULL;

	return key ? key->row : NULL;
}

static int
add_rows(struct store *store, struct db *db, struct report_page *page,
    struct reconcile *out, struct err *err)
{
	if (report_page_ids(store, db, out->campaign, page, err) < 0)
		return -1;
	for (size_t i = 0; i < page->count; i++) {
		const struct report_row *row = &page->row[i];

		if (row->state != LEDGER_IN_DOUBT)
			continue;
		if (out->count % PAGE_ROWS == 0)
			out->row = mem_grow(out->row,
			    (out->count + PAGE_ROWS) * sizeof *out->row);
		out->row[out->count++] = (struct reconcile_row){
		    .seq = row->seq,
		    .address = arena_copy(out->arena, row->address),
		    .message_id = arena_copy(out->arena, row->message_id),
		    .says = LEDGER_IN_DOUBT,
		};
	}
	return 0;
}

static int
read_rows(
    struct store *store, struct db *db, struct reconcile *out, struct err *err)
{
	struct report_page page = {0};
	int64_t after = INT64_MIN;
	int rc = 0;

	do {
		rc = report_page(db, out->campaign, REPORT_NOT_ACCEPTED, after,
		    PAGE_ROWS, &page, err);
		if (rc == 0)
			rc = add_rows(store, db, &page, out, err);
		if (page.count)
			after = page.row[page.count - 1].seq;
	} while (rc == 0 && page.count == PAGE_ROWS);
	report_page_done(&page);
	return rc;
}

static void
sort_keys(struct reading *reading)
{
	struct reconcile *out = reading->out;

	reading->key = mem_array(out->count + 1, sizeof *reading->key);
	for (size_t i = 0; i < out->count; i++) {
		reading->key[i].id = bare(out->row[i].message_id);
		reading->key[i].row = &out->row[i];
	}
	qsort(reading->key, out->count, sizeof *reading->key, compare_keys);
}

/* ---- Statements -------------------------------------------------------------- */

static bool
wants(void *arg, struct span id)
{
	return find_row(arg, id) != NULL;
}

static void
found(void *arg, const struct evidence *evidence)
{
	struct reading *reading = arg;
	struct reconcile_row *row = find_row(reading, evidence->id);
	bool failed = evidence->says == EVIDENCE_FAILED;

	if (!row || row->says == LEDGER_FAILED ||
	    (!failed && row->says == LEDGER_ACCEPTED))
		return;
	if (failed && evidence->address.len &&
	    !span_equal_nocase(evidence->address, row->address))
		return;
	row->says = failed ? LEDGER_FAILED : LEDGER_ACCEPTED;
	row->evidence = arena_copy(reading->out->arena,
	    span_slice(span_trim(evidence->line), 0, EVIDENCE_KEPT));
}

/* ---- The file ---------------------------------------------------------------- */

static void
end_message(struct reading *reading)
{
	struct evidence_sink sink = {reading, wants, found};

	if (reading->message.len)
		reading->out->read +=
		    dsn_read(buf_span(&reading->message), &sink);
	buf_clear(&reading->message);
}

static void
take_mail_line(struct reading *reading, struct span line)
{
	bool from = span_starts(line, SPAN("From "));

	if (from && (reading->was_empty || !reading->message.len))
		end_message(reading);
	else if (reading->message.len + line.len < EVIDENCE_MESSAGE_MAX) {
		buf_add(&reading->message, line);
		buf_char(&reading->message, '\n');
	}
	reading->was_empty = !span_trim(line).len;
}

/* A header field or an mbox's first line; a log's lines begin with a date. */
static bool
begins_mail(struct span line)
{
	size_t len = span_index(line, ':');

	if (span_starts(line, SPAN("From ")))
		return true;
	for (size_t i = 0; i < len; i++) {
		char c = line.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			c == '-'))
			return false;
	}
	return len > 0 && len < line.len;
}

static void
take_line(struct reading *reading, struct span line)
{
	if (!reading->began && span_trim(line).len) {
		reading->began = true;
		if (begins_mail(line))
			reading->out->kind = RECONCILE_REPORTS;
	}
	if (reading->out->kind == RECONCILE_REPORTS)
		take_mail_line(reading, line);
	else
		reading->out->read += maillog_line(reading->log, line);
}

/* Cuts a piece of the file into lines; what is longer than a line may be is
 * dropped. */
static void
take_chunk(struct reading *reading, struct span chunk)
{
	while (chunk.len) {
		size_t end = span_index(chunk, '\n');
		struct span part = span_slice(chunk, 0, end);
		size_t room = EVIDENCE_LINE_MAX - reading->line.len;

		buf_add(&reading->line, span_slice(part, 0, room));
		if (end < chunk.len) {
			take_line(reading, buf_span(&reading->line));
			buf_clear(&reading->line);
		}
		chunk = span_slice(chunk, end + 1, chunk.len);
	}
}

static int
read_failed(const char *path, enum err_code code, struct err *err)
{
	err_sys(err, code, errno);
	return err_fact(err, "path", span_of(path));
}

static int
read_file(struct reading *reading, const char *path, struct err *err)
{
	struct crypt_hash *hash = crypt_hash_new();
	char *chunk = mem_new(CHUNK);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = -1;
	ssize_t got = -1;

	if (fd < 0) {
		read_failed(path, E_FILE_OPEN, err);
		goto out;
	}
	crypt_hash_begin(hash);
	while ((got = read(fd, chunk, CHUNK)) > 0) {
		if (reading->stop && *reading->stop) {
			err_set(err, E_CANCELLED);
			goto out;
		}
		crypt_hash_add(hash, span_make(chunk, (size_t)got));
		take_chunk(reading, span_make(chunk, (size_t)got));
	}
	rc = got < 0 ? read_failed(path, E_FILE_READ, err) : 0;
	if (reading->line.len)
		take_line(reading, buf_span(&reading->line));
	end_message(reading);
	crypt_hash_end(hash, &reading->out->digest);
out:
	if (fd >= 0)
		close(fd);
	free(chunk);
	crypt_hash_free(&hash);
	return rc;
}

static int
count_rows(struct reconcile *out, const char *path, struct err *err)
{
	for (size_t i = 0; i < out->count; i++) {
		out->accepted += out->row[i].says == LEDGER_ACCEPTED;
		out->failed += out->row[i].says == LEDGER_FAILED;
		out->unknown += out->row[i].says == LEDGER_IN_DOUBT;
	}
	if (out->read)
		return 0;
	err_set(err, E_EVIDENCE_KIND);
	return err_fact(err, "path", span_of(path));
}

int
reconcile_read(struct store *store, struct db *db, struct campaign_id campaign,
    const char *path, const atomic_bool *stop, struct reconcile *out,
    struct err *err)
{
	struct reading reading = {.out = out, .stop = stop};
	struct evidence_sink sink = {&reading, wants, found};
	int rc;

	*out = (struct reconcile){.campaign = campaign};
	if (person_require(store, db, MAY_LAUNCH, err) < 0)
		return -1;
	out->arena = arena_new();
	reading.log = maillog_new(&sink);
	rc = read_rows(store, db, out, err);
	sort_keys(&reading);
	if (rc == 0)
		rc = read_file(&reading, path, err);
	if (rc == 0)
		rc = count_rows(out, path, err);
	maillog_free(&reading.log);
	free(reading.key);
	buf_done(&reading.line);
	buf_done(&reading.message);
	return rc;
}

void
reconcile_done(struct reconcile *reconcile)
{
	free(reconcile->row);
	arena_free(&reconcile->arena);
	*reconcile = (struct reconcile){.count = 0};
}

/* ---- Deciding ---------------------------------------------------------------- */

static int
need_ended(struct db *db, struct campaign_id id, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(db, id, &campaign, err);

	if (rc == 0 && campaign.state == CAMPAIGN_RUNNING) {
		err_set(err, E_CAMPAIGN_STATE);
		err_fact(
		    err, "state", span_of(campaign_state_name(campaign.state)));
		rc = err_fact(
		    err, "wanted", span_of(campaign_state_name(CAMPAIGN_DONE)));
	}
	campaign_done(&campaign);
	return rc;
}

static int
log_decision(struct store *store, struct db *db,
    const struct reconcile *reconcile, struct err *err)
{
	struct audit_event event = {.what = "report.reconcile"};
	struct buf facts = BUF_INIT;
	char object[32];
	int rc;

	snprintf(object, sizeof object, "campaign %lld",
	    (long long)reconcile->campaign.v);
	buf_printf(&facts,
	    "by=%s decided=%lld accepted=%lld failed=%lld unknown=%lld"
	    " sha256=",
	    reconcile->kind == RECONCILE_LOG ? "log" : "reports",
	    (long long)reconcile->decided, (long long)reconcile->accepted,
	    (long long)reconcile->failed, (long long)reconcile->unknown);
	crypt_hex(&facts,
	    span_make(reconcile->digest.bytes, sizeof reconcile->digest.bytes));
	event.object = span_of(object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&facts);
	return rc;
}

static int
decide(struct store *store, struct db *db, struct reconcile *reconcile,
    struct err *err)
{
	reconcile->decided = 0;
	for (size_t i = 0; i < reconcile->count; i++) {
		const struct reconcile_row *row = &reconcile->row[i];
		struct ledger_resolution resolution = {
		    .seq = row->seq,
		    .to = row->says,
		    .evidence = row->evidence,
		};
		int got;

		if (row->says == LEDGER_IN_DOUBT)
			continue;
		got = ledger_resolve(
		    store, db, reconcile->campaign, &resolution, err);
		if (got < 0)
			return -1;
		reconcile->decided += got;
	}
	return 0;
}

int
reconcile_apply(
    struct store *store, struct reconcile *reconcile, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LAUNCH, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_LONG, "reconcile", &db, err) < 0)
		return -1;
	if (need_ended(db, reconcile->campaign, err) == 0 &&
	    decide(store, db, reconcile, err) == 0 &&
	    log_decision(store, db, reconcile, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}
