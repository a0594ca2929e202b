/* Messages are not kept, they can be made again: the row of the outbox has what
 * was merged, the campaign the text, and the sealed leaf says whether what comes
 * out is what went out. */
#include "core/report/last_mail.h"

#include "core/compose/compose.h"

/* 1 with the campaign, the number in it and who passed it on, 0, -1. */
static int
find(struct db *db, struct contact_id contact, struct last_mail *out,
    int64_t *seq, struct err *err)
{
	static const char sql[] =
	    "WITH who(id, canon) AS (SELECT id, canon FROM contact"
	    " WHERE id = ?1 UNION SELECT was, canon FROM contact_alias"
	    " WHERE contact = ?1) SELECT o.campaign, o.seq,"
	    " coalesce(c.name, ''), coalesce(r.name, ''), coalesce(k.host, '')"
	    " FROM who w JOIN outbox o ON o.contact = w.id"
	    " AND o.canon = w.canon JOIN ledger l ON l.campaign = o.campaign"
	    " AND l.seq = o.seq LEFT JOIN campaign c ON c.id = o.campaign"
	    " LEFT JOIN connection k ON k.campaign = l.campaign"
	    " AND k.id = l.connection LEFT JOIN relay r ON r.id = k.relay"
	    " WHERE l.attempt > 0 ORDER BY l.at_ms DESC LIMIT 1";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->campaign.v = stmt_col_int(stmt, 0);
		*seq = stmt_col_int(stmt, 1);
		out->name = arena_copy(out->arena, stmt_col_text(stmt, 2));
		out->relay = arena_copy(out->arena, stmt_col_text(stmt, 3));
		out->host = arena_copy(out->arena, stmt_col_text(stmt, 4));
	}
	stmt_reset(stmt);
	return got;
}

/* What was merged, and the leaf that was sealed; 1, 0 when it is gone, -1. */
static int
read_recipient(struct db *db, const struct last_mail *mail, int64_t seq,
    struct recipient *out, struct digest *leaf, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT address, name, fields, leaf FROM outbox"
	    " WHERE campaign = ?1 AND seq = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, mail->campaign.v);
	stmt_int(stmt, 2, seq);
	got = stmt_step(stmt, err);
	if (got == 1) {
		struct span sealed = stmt_col_blob(stmt, 3);

		*out = (struct recipient){.seq = seq,
		    .address = arena_copy(mail->arena, stmt_col_text(stmt, 0)),
		    .name = arena_copy(mail->arena, stmt_col_text(stmt, 1)),
		    .fields = arena_copy(mail->arena, stmt_col_text(stmt, 2))};
		*leaf = (struct digest){{0}};
		if (sealed.len == sizeof leaf->bytes)
			memcpy(leaf->bytes, sealed.ptr, sealed.len);
	}
	stmt_reset(stmt);
	return got;
}

/* What keeps it from being made is no error here, but told. */
static void
make_header(struct store *store, struct db *db, struct last_mail *mail,
    const struct recipient *recipient, const struct digest *leaf)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct template *template = NULL;
	struct assembler *assembler = NULL;
	int64_t at_ms = mail->page.count ? mail->page.row[0].at_ms : 0;
	struct message message;

	if (campaign_read(db, mail->campaign, &campaign, &mail->why) == 0 &&
	    template_compile(store, db, &campaign, &template, &mail->why) ==
		0 &&
	    assembler_new(store, db, template, ASSEMBLE_PROOF, &assembler,
		&mail->why) == 0 &&
	    assemble_message(
		assembler, recipient, at_ms, &message, &mail->why) == 0 &&
	    digest_equal(&message.leaf, leaf))
		mail->header = arena_copy(mail->arena, message.header);
	assembler_free(&assembler);
	template_free(&template);
	campaign_done(&campaign);
}

int
last_mail_read(struct store *store, struct db *db, struct contact_id contact,
    struct last_mail *out, struct err *err)
{
	struct recipient recipient;
	struct digest leaf;
	int64_t seq = 0;
	int got;

	last_mail_done(out);
	out->arena = arena_new();
	out->is_masked = db_is_masked(db);
	got = find(db, contact, out, &seq, err);
	if (got <= 0)
		return got;
	if (report_page(
		db, out->campaign, REPORT_ALL, seq - 1, 1, &out->page, err) < 0)
		return -1;
	if (out->is_masked)
		return 0;
	if (report_page_ids(store, db, out->campaign, &out->page, err) < 0)
		return -1;
	got = read_recipient(db, out, seq, &recipient, &leaf, err);
	if (got == 1)
		make_header(store, db, out, &recipient, &leaf);
	return got < 0 ? -1 : 0;
}

void
last_mail_done(struct last_mail *mail)
{
	report_page_done(&mail->page);
	arena_free(&mail->arena);
	*mail = (struct last_mail){.arena = NULL};
}
