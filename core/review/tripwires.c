/* What TW-02 and TW-05 were judged by.  A run that goes on is not asked: the
 * audience it was launched with stays what it is. */
#include "core/review/tripwires.h"

#include "core/base/crypt.h"

static int
add_color(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT l.color FROM campaign c JOIN list l ON l.id = c.list"
	    " WHERE c.id = ?1 AND l.color <> 0",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		buf_printf(
		    out, "color %lld\n", (long long)stmt_col_int(stmt, 0));
	stmt_reset(stmt);
	return got;
}

static int
add_canaries(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT y.list, y.canon FROM canary y, campaign a"
	    " WHERE a.id = ?1 AND (y.list = a.list"
	    " OR EXISTS(SELECT 1 FROM contact c JOIN member m"
	    " ON m.list = a.list AND m.contact = c.id"
	    " WHERE c.canon = y.canon)) ORDER BY y.list, y.canon",
	    err);
	int got = -1;

	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct span canon = stmt_col_text(stmt, 1);

		buf_printf(out, "canary %lld %zu:%.*s\n",
		    (long long)stmt_col_int(stmt, 0), canon.len,
		    SPAN_ARG(canon));
	}
	stmt_reset(stmt);
	return got;
}

int
tripwires_now(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	struct buf text = BUF_INIT;
	struct digest digest;
	int rc = -1;

	if (add_color(db, campaign, &text, err) >= 0 &&
	    add_canaries(db, campaign, &text, err) == 0)
		rc = 0;
	if (rc == 0 && text.len) {
		crypt_sha256(buf_span(&text), &digest);
		crypt_hex(out, span_make(digest.bytes, SHA256_LEN));
	}
	buf_wipe(&text);
	buf_done(&text);
	return rc;
}

int
tripwires_same(struct db *db, struct campaign_id campaign, struct err *err)
{
	struct stmt *stmt;
	struct buf now = BUF_INIT;
	int got = -1;

	if (tripwires_now(db, campaign, &now, err) == 0) {
		stmt = db_stmt(db,
		    "SELECT tripwires = ?2 FROM review WHERE campaign = ?1",
		    err);
		if (stmt) {
			stmt_int(stmt, 1, campaign.v);
			stmt_text(stmt, 2, buf_span(&now));
			got = stmt_step(stmt, err);
			if (got == 1)
				got = stmt_col_int(stmt, 0) != 0;
			stmt_reset(stmt);
		}
	}
	buf_done(&now);
	return got;
}
