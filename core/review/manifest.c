/* The manifest: what a seal covers, as text.  Its octets are the same whenever
 * they are made from the same rows, and their SHA-256 is the sealed digest, so
 * that anybody who is given the text can check it with sha256sum. */
#include "core/review/words.h"

void
manifest_line(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		buf_char(out, c < 0x20 || c == 0x7f ? ' ' : text.ptr[i]);
	}
	buf_char(out, '\n');
}

/* Every line of the checklist, with what it found and who answered. */
static int
add_results(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	static const char *const states[CHECK_STATES] = {
	    "pending", "running", "pass", "fail", "not-evaluated", "stale"};
	struct stmt *stmt = db_stmt(db,
	    "SELECT item, state, count, at_ms, facts, why, answer,"
	    " answered_by FROM review_result WHERE campaign = ?1 ORDER BY item",
	    err);
	int got = -1;

	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		int64_t state = stmt_col_int(stmt, 1);
		struct span item = stmt_col_text(stmt, 0);
		struct span why = stmt_col_text(stmt, 5);
		struct span answer = stmt_col_text(stmt, 6);

		buf_printf(out, "check %.*s %s %lld ", SPAN_ARG(item),
		    state >= 0 && state < CHECK_STATES ? states[state] : "?",
		    (long long)stmt_col_int(stmt, 2));
		clock_rfc3339(out, stmt_col_int(stmt, 3));
		buf_char(out, ' ');
		manifest_line(out, stmt_col_text(stmt, 4));
		if (why.len) {
			buf_printf(out, "why %.*s ", SPAN_ARG(item));
			manifest_line(out, why);
		}
		if (answer.len) {
			buf_printf(out, "answer %.*s ", SPAN_ARG(item));
			manifest_line(out, stmt_col_text(stmt, 7));
			buf_text(out, "  ");
			manifest_line(out, answer);
		}
	}
	stmt_reset(stmt);
	return got;
}

/* What was there to be looked at, one by one. */
static int
add_found(void *payload, const struct extract_item *item)
{
	static const char *const kinds[EXTRACT_KINDS] = {
	    "date", "price", "phone", "host", "link"};
	struct buf *out = payload;

	if ((size_t)item->kind >= EXTRACT_KINDS)
		return 0;
	buf_printf(out, "found %s %lld %lld ", kinds[item->kind],
	    (long long)item->messages, (long long)item->first_seq);
	manifest_line(out, item->text);
	return 0;
}

int
review_manifest(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT inputs_text, differences, tripwires FROM review"
	    " WHERE campaign = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		buf_text(out, "sekisho manifest 1\n");
		buf_add(out, stmt_col_text(stmt, 0));
		buf_add(out, stmt_col_text(stmt, 1));
		if (stmt_col_text(stmt, 2).len) {
			buf_text(out, "tripwires ");
			manifest_line(out, stmt_col_text(stmt, 2));
		}
	} else if (got == 0) {
		err_set(err, E_REVIEW_SEAL);
		err_fact(err, "what", SPAN("missing"));
	}
	stmt_reset(stmt);
	if (got != 1 || add_results(db, campaign, out, err) < 0)
		return -1;
	if (words_manifest(db, campaign, out, err) < 0)
		return -1;
	return extract_each(db, campaign, add_found, out, err);
}

int
content_digest(struct db *db, struct campaign_id campaign, struct digest *out,
    struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = review_manifest(db, campaign, &text, err);

	crypt_sha256(buf_span(&text), out);
	buf_done(&text);
	return rc;
}
