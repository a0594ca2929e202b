/* Files of campaigns as far as the record is concerned: a copy has the same
 * ones, a deleted campaign leaves none behind.  What they are is decided in
 * core/attach. */
#include "core/campaign/attached.h"

/* Runs a statement whose parameters are two numbers. */
static int
run(struct db *db, const char *sql, int64_t first, int64_t second,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, first);
	stmt_int(stmt, 2, second);
	return stmt_run(stmt, err);
}

/* One row, and the files under it when it is a set. */
static int
copy_row(struct db *db, int64_t row, struct campaign_id to, struct err *err)
{
	if (run(db,
		"INSERT INTO attachment(campaign, kind, rule, ready, name,"
		" type, look, verdict, why, files, octets, total, digest,"
		" added_ms, added_by) SELECT ?2, kind, rule, ready, name, type,"
		" look, verdict, why, files, octets, total, digest, added_ms,"
		" added_by FROM attachment WHERE id = ?1",
		row, to.v, err) < 0)
		return -1;
	return run(db,
	    "INSERT INTO attachment_file(attachment, number, key, name, type,"
	    " verdict, why, octets, digest) SELECT ?2, number, key, name,"
	    " type, verdict, why, octets, digest FROM attachment_file"
	    " WHERE attachment = ?1",
	    row, db_last_id(db), err);
}

int
attached_copy(struct db *db, struct campaign_id from, struct campaign_id to,
    struct err *err)
{
	int64_t row = 0;
	int got = 1;

	for (;;) {
		struct stmt *stmt = db_stmt(db,
		    "SELECT id FROM attachment WHERE campaign = ?1 AND ready"
		    " AND id > ?2 ORDER BY id LIMIT 1",
		    err);

		if (!stmt)
			return -1;
		stmt_int(stmt, 1, from.v);
		stmt_int(stmt, 2, row);
		got = stmt_step(stmt, err);
		if (got == 1)
			row = stmt_col_int(stmt, 0);
		stmt_reset(stmt);
		if (got != 1)
			return got;
		if (copy_row(db, row, to, err) < 0)
			return -1;
	}
}

int
attached_delete(struct db *db, struct campaign_id campaign, struct err *err)
{
	static const char *const sql[] = {
	    /* octets that only this campaign needs, of its files ... */
	    ("DELETE FROM blob WHERE digest IN (SELECT digest FROM attachment"
	     " WHERE campaign = ?1 AND ?2 = 0) AND NOT EXISTS (SELECT 1 FROM"
	     " attachment a WHERE a.digest = blob.digest AND a.campaign <> ?1)"
	     " AND NOT EXISTS (SELECT 1 FROM attachment_file f JOIN attachment"
	     " a ON a.id = f.attachment WHERE f.digest = blob.digest"
	     " AND a.campaign <> ?1)"),
	    /* ... and of its sets */
	    ("DELETE FROM blob WHERE digest IN (SELECT f.digest FROM"
	     " attachment_file f JOIN attachment a ON a.id = f.attachment"
	     " WHERE a.campaign = ?1 AND ?2 = 0) AND NOT EXISTS (SELECT 1 FROM"
	     " attachment a WHERE a.digest = blob.digest AND a.campaign <> ?1)"
	     " AND NOT EXISTS (SELECT 1 FROM attachment_file f JOIN attachment"
	     " a ON a.id = f.attachment WHERE f.digest = blob.digest"
	     " AND a.campaign <> ?1)"),
	    ("DELETE FROM attachment_file WHERE attachment IN (SELECT id FROM"
	     " attachment WHERE campaign = ?1 AND ?2 = 0)"),
	    "DELETE FROM attachment WHERE campaign = ?1 AND ?2 = 0",
	};

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		if (run(db, sql[i], campaign.v, 0, err) < 0)
			return -1;
	}
	return 0;
}

int
campaign_touch(
    struct store *store, struct db *db, struct campaign_id id, struct err *err)
{
	struct stmt *stmt;

	if (campaign_unseal(store, db, id, "edit", err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "UPDATE campaign SET revision = revision + 1, changed_ms = ?2,"
	    " changed_by = ?3 WHERE id = ?1",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, span_of(store_user(store)));
	return stmt_run(stmt, err);
}
