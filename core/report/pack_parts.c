/* The small members of a pack: what was written, checked, answered and
 * approved. */
#include "core/report/pack_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/compose/compose.h"
#include "core/report/csv_out.h"
#include "core/review/review.h"

enum { SAMPLES = 3 };

static void
add_line(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, "%s: ", name);
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		buf_char(out, c < ' ' || c == 0x7f ? ' ' : value.ptr[i]);
	}
	buf_char(out, '\n');
}

static void
add_time(struct buf *out, const char *name, int64_t at_ms)
{
	struct buf text = BUF_INIT;

	if (at_ms > 0)
		clock_rfc3339(&text, at_ms);
	add_line(out, name, at_ms > 0 ? buf_span(&text) : SPAN("-"));
	buf_done(&text);
}

static void
add_number(struct buf *out, const char *name, int64_t value)
{
	struct buf text = BUF_INIT;

	buf_int(&text, value);
	add_line(out, name, buf_span(&text));
	buf_done(&text);
}

/* ---- Campaign ----------------------------------------------------------------- */

static int
add_run(struct pack_job *job, struct buf *out, struct err *err)
{
	static const char *const words[RUN_STATES] = {
	    [RUN_RUNNING] = "running",
	    [RUN_PAUSED] = "paused",
	    [RUN_WAITING] = "waiting",
	    [RUN_DONE] = "done",
	    [RUN_STOPPED] = "stopped",
	};
	struct report report;
	struct err why = {.code = E_NONE};

	if (report_build(job->db, job->params->campaign, &report, &why) < 0) {
		if (why.code == E_CAMPAIGN_MISSING) {
			add_line(out, "run", SPAN("none"));
			return 0;
		}
		if (err)
			*err = why;
		return -1;
	}
	add_line(out, "run", span_of(words[report.run]));
	add_line(out, "launched-by", span_of(report.by));
	add_time(out, "started", report.started_ms);
	add_time(out, "ended", report.ended_ms);
	add_number(out, "recipients", report.total);
	add_number(out, "attempts", report.attempts);
	add_number(out, "accepted-with-tls-1.3", report.tls13);
	add_number(out, "accepted-with-tls-1.2", report.tls12);
	add_number(out, "accepted-without-tls", report.tls_none);
	add_number(out, "accepted-relay-verified", report.tls_verified);
	return 0;
}

int
pack_campaign(struct pack_job *job, struct err *err)
{
	static const char *const classes[CLASS_COUNT] = {
	    "advertisement", "transaction", "notice", "test"};
	const struct campaign *campaign = &job->campaign;
	struct seal_info seal = {0};
	struct buf out = BUF_INIT;
	int rc = -1;

	if (seal_read(job->db, campaign->id, &seal, err) < 0)
		return -1;
	add_number(&out, "campaign", campaign->id.v);
	add_line(&out, "name", buf_span(&campaign->name));
	add_line(&out, "class", span_of(classes[campaign->class]));
	add_line(&out, "from-name", buf_span(&campaign->from_name));
	add_line(&out, "from-address", buf_span(&campaign->from_address));
	add_line(&out, "reply-to", buf_span(&campaign->reply_to));
	add_number(&out, "list", campaign->list);
	add_number(&out, "revision", campaign->revision);
	add_line(&out, "changed-by", buf_span(&campaign->changed_by));
	add_time(&out, "changed", campaign->changed_ms);
	add_line(&out, "sealed-by", span_of(seal.sealed_ms ? seal.by : "-"));
	add_time(&out, "sealed", seal.sealed_ms);
	if (add_run(job, &out, err) == 0)
		rc =
		    pack_member(job->file, "campaign.txt", buf_span(&out), err);
	buf_done(&out);
	return rc;
}

/* ---- What was checked ----------------------------------------------------------- */

int
pack_manifest(struct pack_job *job, struct err *err)
{
	struct buf text = BUF_INIT, sum = BUF_INIT;
	struct digest digest;
	int rc = review_manifest(job->db, job->params->campaign, &text, err);

	if (rc == 0)
		rc = pack_member(
		    job->file, "manifest.txt", buf_span(&text), err);
	crypt_sha256(buf_span(&text), &digest);
	crypt_hex(&sum, span_make(digest.bytes, SHA256_LEN));
	buf_char(&sum, '\n');
	if (rc == 0)
		rc = pack_member(job->file, "digest.txt", buf_span(&sum), err);
	buf_done(&text);
	buf_done(&sum);
	return rc;
}

static void
add_result(struct buf *out, struct stmt *row)
{
	static const char *const states[CHECK_STATES] = {
	    "pending", "running", "pass", "fail", "not-evaluated", "stale"};
	int64_t state = stmt_col_int(row, 1);
	int64_t answered_ms = stmt_col_int(row, 6);
	struct buf at = BUF_INIT;

	csv_cell(out, stmt_col_text(row, 0), ',');
	csv_cell(out,
	    span_of(state >= 0 && state < CHECK_STATES ? states[state] : "?"),
	    ',');
	csv_number(out, stmt_col_int(row, 2));
	clock_rfc3339(&at, stmt_col_int(row, 3));
	csv_cell(out, buf_span(&at), ',');
	csv_cell(out, stmt_col_text(row, 4), ',');
	csv_cell(out, stmt_col_text(row, 5), ',');
	buf_clear(&at);
	if (answered_ms)
		clock_rfc3339(&at, answered_ms);
	csv_cell(out, buf_span(&at), '\r');
	buf_char(out, '\n');
	buf_done(&at);
}

int
pack_checklist(struct pack_job *job, struct err *err)
{
	struct stmt *stmt = db_stmt(job->db,
	    "SELECT item, state, count, at_ms, answer, answered_by,"
	    " coalesce(answered_ms, 0) FROM review_result"
	    " WHERE campaign = ?1 ORDER BY item",
	    err);
	struct buf out = BUF_INIT;
	int got = -1;

	if (stmt)
		stmt_int(stmt, 1, job->params->campaign.v);
	buf_text(
	    &out, "check,result,count,time,answer,answered_by,answered\r\n");
	while (stmt && (got = stmt_step(stmt, err)) == 1)
		add_result(&out, stmt);
	if (got == 0)
		got = pack_member(
		    job->file, "checklist.csv", buf_span(&out), err);
	buf_done(&out);
	return got;
}

/* ---- Approvals -------------------------------------------------------------------- */

static int
put_approval(struct pack_job *job, struct stmt *row, struct err *err)
{
	static const char *const kinds[] = {"txt", "sig", "pem"};
	struct span key = stmt_col_blob(row, 5);
	struct ed25519_public public = {{0}};
	struct buf pem = BUF_INIT;
	struct span part[3] = {stmt_col_blob(row, 6), stmt_col_blob(row, 7)};
	char name[64];
	int rc = 0;

	if (part[0].len == 0 || key.len != sizeof public.bytes)
		return 0; /* a rejection */
	memcpy(public.bytes, key.ptr, key.len);
	ed25519_pem(&public, &pem);
	part[2] = buf_span(&pem);
	job->facts->approvals++;
	for (int i = 0; i < 3 && rc == 0; i++) {
		snprintf(name, sizeof name, "approvals/%lld.%s",
		    (long long)job->facts->approvals, kinds[i]);
		rc = pack_member(job->file, name, part[i], err);
	}
	buf_done(&pem);
	return rc;
}

static void
list_approval(struct buf *out, struct stmt *row)
{
	struct buf at = BUF_INIT;

	csv_number(out, stmt_col_int(row, 0));
	csv_cell(out,
	    stmt_col_int(row, 1) == 0 ? SPAN("approved") : SPAN("rejected"),
	    ',');
	csv_cell(out, stmt_col_text(row, 2), ',');
	clock_rfc3339(&at, stmt_col_int(row, 3));
	csv_cell(out, buf_span(&at), ',');
	csv_cell(out, stmt_col_text(row, 4), '\r');
	buf_char(out, '\n');
	buf_done(&at);
}

int
pack_approvals(struct pack_job *job, struct err *err)
{
	struct stmt *stmt = db_stmt(job->db,
	    "SELECT id, verdict, login, at_ms, note, key, statement, signature"
	    " FROM approval WHERE campaign = ?1 ORDER BY id",
	    err);
	struct buf list = BUF_INIT;
	int got = -1;

	if (stmt)
		stmt_int(stmt, 1, job->params->campaign.v);
	buf_text(&list, "id,verdict,login,time,words\r\n");
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		list_approval(&list, stmt);
		if (put_approval(job, stmt, err) < 0) {
			stmt_reset(stmt);
			got = -1;
			break;
		}
	}
	if (got == 0)
		got = pack_member(
		    job->file, "approvals.csv", buf_span(&list), err);
	buf_done(&list);
	return got;
}

/* ---- What was written ----------------------------------------------------------- */

int
pack_template(struct pack_job *job, struct err *err)
{
	const struct campaign *campaign = &job->campaign;

	if (pack_member(job->file, "template/subject.txt",
		buf_span(&campaign->subject), err) < 0 ||
	    pack_member(job->file, "template/preheader.txt",
		buf_span(&campaign->preheader), err) < 0 ||
	    pack_member(job->file, "template/body.md",
		buf_span(&campaign->body), err) < 0)
		return -1;
	return pack_member(job->file, "template/theme.txt",
	    buf_span(&campaign->theme_text), err);
}

/* One message as the proof makes it: without signatures of the mail. */
static int
put_sample(struct pack_job *job, struct assembler *assembler,
    const struct audience_member *member, int number, struct err *err)
{
	const struct recipient recipient = {.seq = member->seq,
	    .address = member->address,
	    .name = member->name,
	    .fields = member->fields};
	struct message message;
	struct err why = {.code = E_NONE};
	char name[64];

	/* What cannot be made any more is left out: files of a recipient may
	 * be gone since. */
	if (assemble_message(assembler, &recipient, job->file->at_s * 1000,
		&message, &why) < 0)
		return 0;
	snprintf(name, sizeof name, "samples/%d.eml", number);
	return pack_member(job->file, name, message.bytes, err);
}

int
pack_samples(struct pack_job *job, struct err *err)
{
	struct arena *arena = arena_new();
	struct template *template = NULL;
	struct assembler *assembler = NULL;
	struct audience_member member = {.key = 0};
	int got = 0;

	if (job->params->data != PACK_FULL)
		goto out;
	got = -1;
	if (template_compile(
		job->store, job->db, &job->campaign, &template, err) < 0 ||
	    assembler_new(job->store, job->db, template, ASSEMBLE_PROOF,
		&assembler, err) < 0)
		goto out;
	for (int i = 1; i <= SAMPLES; i++) {
		got = audience_step(job->db, &job->campaign,
		    i == 1 ? AUDIENCE_FIRST : AUDIENCE_NEXT, member.key, arena,
		    &member, err);
		if (got == 1)
			got = put_sample(job, assembler, &member, i, err) < 0
				  ? -1
				  : 1;
		if (got != 1)
			break;
	}
	got = got < 0 ? -1 : 0;
out:
	assembler_free(&assembler);
	template_free(&template);
	arena_free(&arena);
	return got;
}
