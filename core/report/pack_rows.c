/* The long members of a pack: one line for each recipient or entry. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/report/csv_out.h"
#include "core/report/pack_parts.h"
#include "core/review/review.h"

enum { PAGE_ROWS = 500 };

static int
stopped(const struct pack_job *job, struct err *err)
{
	const atomic_bool *cancel = job->params->cancel;

	return cancel && atomic_load(cancel) ? err_set(err, E_CANCELLED) : 0;
}

/* ---- Ledger --------------------------------------------------------------------- */

/* A recipient by a hash that only this store can make: the same address has the
 * same one in all packs of the campaign. */
static void
add_who(const struct pack_job *job, struct span address, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct digest digest;

	buf_printf(&text, "evidence %lld ", (long long)job->params->campaign.v);
	buf_add(&text, address);
	crypt_hmac(store_key(job->store, STORE_KEY_SUPPRESS), buf_span(&text),
	    &digest);
	crypt_hex(out, span_make(digest.bytes, sizeof digest.bytes / 2));
	buf_done(&text);
}

static void
add_outcome(
    const struct pack_job *job, const struct report_row *row, struct buf *out)
{
	bool full = job->params->data == PACK_FULL;
	struct buf text = BUF_INIT;

	csv_number(out, row->seq);
	if (!full)
		add_who(job, row->address, &text);
	csv_cell(out, full ? row->address : buf_span(&text), ',');
	csv_cell(out, full ? row->name : SPAN(""), ',');
	csv_cell(out, span_of(ledger_state_name(row->state)), ',');
	csv_number(out, row->attempt);
	buf_clear(&text);
	if (row->at_ms)
		clock_rfc3339(&text, row->at_ms);
	csv_cell(out, buf_span(&text), ',');
	csv_number(out, row->code);
	csv_cell(out, row->enhanced, ',');
	csv_cell(out, row->class, ',');
	csv_cell(out, row->tls_version, ',');
	csv_cell(out, row->tls_cipher, ',');
	csv_number(out, row->tls_verified);
	csv_cell(out, full ? span_trim(row->reply) : SPAN(""), '\r');
	buf_char(out, '\n');
	buf_done(&text);
}

static int
put_outcomes(struct pack_job *job, struct err *err)
{
	static const char head[] =
	    "number,recipient,name,state,attempts,time,code,enhanced,class,"
	    "tls,cipher,tls_verified,reply\r\n";
	struct report_page page = {0};
	struct buf out = BUF_INIT;
	int64_t after = INT64_MIN;
	int rc = -1;

	buf_text(&out, head);
	if (pack_begin(job->file, "outcomes.csv", err) < 0)
		goto out;
	do {
		if (stopped(job, err) < 0 ||
		    report_page(job->db, job->params->campaign, REPORT_ALL,
			after, PAGE_ROWS, &page, err) < 0)
			goto out;
		for (size_t i = 0; i < page.count; i++)
			add_outcome(job, &page.row[i], &out);
		if (page.count)
			after = page.row[page.count - 1].seq;
		if (pack_add(job->file, buf_span(&out), err) < 0)
			goto out;
		buf_clear(&out);
	} while (page.count == PAGE_ROWS);
	rc = pack_end(job->file, PACK_LISTED, NULL, err);
out:
	buf_done(&out);
	report_page_done(&page);
	return rc;
}

int
pack_ledger(struct pack_job *job, struct err *err)
{
	struct report report = {0};
	struct err why = {.code = E_NONE};
	struct buf out = BUF_INIT;
	int rc = report_build(job->db, job->params->campaign, &report, &why);

	if (rc < 0 && why.code != E_CAMPAIGN_MISSING) {
		if (err)
			*err = why;
		return -1;
	}
	buf_text(&out, "state,recipients\r\n");
	for (int i = 0; i < LEDGER_STATES; i++)
		buf_printf(&out, "%s,%lld\r\n",
		    ledger_state_name((enum ledger_state)i),
		    (long long)report.count[i]);
	rc = pack_member(job->file, "ledger.csv", buf_span(&out), err);
	buf_done(&out);
	return rc == 0 ? put_outcomes(job, err) : -1;
}

/* ---- Leaves ---------------------------------------------------------------------- */

static int
put_leaves(struct pack_job *job, struct merkle *tree, struct err *err)
{
	struct stmt *stmt = db_stmt(job->db,
	    "SELECT seq, leaf FROM outbox WHERE campaign = ?1 ORDER BY seq",
	    err);
	struct buf line = BUF_INIT;
	int got = -1;

	if (stmt)
		stmt_int(stmt, 1, job->params->campaign.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct span blob = stmt_col_blob(stmt, 1);
		struct digest leaf = {{0}};

		if (blob.len == sizeof leaf.bytes)
			memcpy(leaf.bytes, blob.ptr, blob.len);
		merkle_add(tree, &leaf);
		buf_clear(&line);
		buf_int(&line, stmt_col_int(stmt, 0));
		buf_char(&line, ' ');
		crypt_hex(&line, span_make(leaf.bytes, sizeof leaf.bytes));
		buf_char(&line, '\n');
		if (pack_add(job->file, buf_span(&line), err) < 0 ||
		    stopped(job, err) < 0) {
			stmt_reset(stmt);
			got = -1;
			break;
		}
	}
	buf_done(&line);
	return got;
}

int
pack_leaves(struct pack_job *job, struct err *err)
{
	struct merkle tree = {.leaves = 0};
	struct buf root = BUF_INIT;
	int rc = pack_begin(job->file, "leaves.txt", err);

	if (rc == 0)
		rc = put_leaves(job, &tree, err);
	if (rc == 0)
		rc = pack_end(job->file, PACK_LISTED, NULL, err);
	job->facts->recipients = (int64_t)tree.leaves;
	merkle_root(&tree, &job->facts->root);
	crypt_hex(&root, span_make(job->facts->root.bytes, SHA256_LEN));
	buf_char(&root, '\n');
	if (rc == 0)
		rc = pack_member(job->file, "root.txt", buf_span(&root), err);
	buf_done(&root);
	return rc;
}

/* ---- Log ------------------------------------------------------------------------- */

struct excerpt {
	const char *object;
	struct buf out;
};

/* The filter finds "campaign 12" for "campaign 1" as well. */
static void
take_entry(void *arg, const struct audit_entry *entry)
{
	struct excerpt *self = arg;

	if (span_equal(entry->object, span_of(self->object)))
		log_json(entry, &self->out);
}

int
pack_audit(struct pack_job *job, struct err *err)
{
	struct log_filter filter = {.words = 1};
	struct excerpt self = {.object = filter.word[0].text};
	int64_t *seq = NULL;
	size_t count = 0;
	int rc = -1;

	filter.word[0].column = LOG_OBJECT;
	snprintf(filter.word[0].text, sizeof filter.word[0].text,
	    "campaign %lld", (long long)job->params->campaign.v);
	if (log_find(job->store, job->db, &filter, job->params->cancel, &seq,
		&count, err) < 0 ||
	    pack_begin(job->file, "audit.jsonl", err) < 0)
		goto out;
	for (size_t i = count; i > 0; i--) {
		buf_clear(&self.out);
		if (audit_read(job->db, seq[i - 1] + 1, 1, take_entry, &self,
			err) < 0 ||
		    pack_add(job->file, buf_span(&self.out), err) < 0)
			goto out;
	}
	rc = pack_end(job->file, PACK_LISTED, NULL, err);
out:
	buf_done(&self.out);
	free(seq);
	return rc;
}
