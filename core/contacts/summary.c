/* A person at a glance: a few looks by index, for a pane beside a list. */
#include "core/contacts/summary.h"

#include "core/base/text.h"
#include "core/contacts/tags.h"

int
contact_mail_read(struct db *db, struct contact_id contact,
    struct contact_mail *out, struct err *err)
{
	/* 3 accepted, 4 deferred, 5 failed, 6 in doubt: enum ledger_state. */
	static const char sql[] =
	    "SELECT l.at_ms, l.state, coalesce(l.code, 0),"
	    " coalesce(l.enhanced, '') FROM outbox o CROSS JOIN ledger l"
	    " ON l.campaign = o.campaign AND l.seq = o.seq"
	    " WHERE o.contact = ?1 AND l.at_ms <> 0"
	    " AND l.state IN (3, 4, 5, 6) ORDER BY l.at_ms DESC LIMIT 1";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	*out = (struct contact_mail){.at_ms = 0};
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->at_ms = stmt_col_int(stmt, 0);
		out->state = (int)stmt_col_int(stmt, 1);
		out->code = (int)stmt_col_int(stmt, 2);
		text_cut(out->enhanced, sizeof out->enhanced,
		    stmt_col_text(stmt, 3));
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
read_lists(
    struct db *db, struct contact_id contact, struct buf *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT l.name FROM member m JOIN list l ON l.id = m.list"
	    " WHERE m.contact = ?1 ORDER BY l.name",
	    err);
	const char *comma = "";
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	for (; (got = stmt_step(stmt, err)) == 1; comma = ", ") {
		buf_text(out, comma);
		buf_add(out, stmt_col_text(stmt, 0));
	}
	return got;
}

static int
count_mails(struct db *db, struct contact_id contact,
    struct contact_summary *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT coalesce(sum(l.state = 3), 0), coalesce(sum(l.state = 5),"
	    " 0) FROM outbox o CROSS JOIN ledger l ON l.campaign = o.campaign"
	    " AND l.seq = o.seq WHERE o.contact = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->sent = stmt_col_int(stmt, 0);
		out->refused = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
contact_summary_read(struct db *db, struct contact_id contact,
    struct contact_summary *out, struct err *err)
{
	buf_clear(&out->tags);
	buf_clear(&out->lists);
	out->sent = out->refused = 0;
	if (tag_names(db, contact, &out->tags, err) < 0 ||
	    read_lists(db, contact, &out->lists, err) < 0 ||
	    count_mails(db, contact, out, err) < 0)
		return -1;
	return contact_mail_read(db, contact, &out->last, err);
}

void
contact_summary_done(struct contact_summary *summary)
{
	buf_done(&summary->tags);
	buf_done(&summary->lists);
}
