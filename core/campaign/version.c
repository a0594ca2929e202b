/* The versions of a text: what campaign_save() kept of each revision.  All of
 * them stay as long as the campaign does: who wrote what and when is part of
 * the evidence, and a text is small.  A revision that left the text as it was
 * keeps none. */
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/campaign/campaign.h"

/* Grows *rows by one; the room is a power of two. */
static struct campaign_version *
grow(struct campaign_version **rows, size_t *count)
{
	if ((*count & (*count - 1)) == 0)
		*rows =
		    mem_grow(*rows, (*count ? *count * 2 : 1) * sizeof **rows);
	return &(*rows)[(*count)++];
}

int
campaign_versions(struct db *db, struct campaign_id id,
    struct campaign_version **out, size_t *count, struct err *err)
{
	struct campaign_version *rows = NULL, *row;
	struct stmt *stmt;
	size_t n = 0;
	int got;

	stmt = db_stmt(db,
	    "SELECT revision, at_ms, by, length(body) FROM draft_version v"
	    " WHERE campaign = ?1 AND NOT EXISTS(SELECT 1 FROM draft_version p"
	    " WHERE p.campaign = ?1 AND p.revision = (SELECT max(revision)"
	    " FROM draft_version WHERE campaign = ?1"
	    " AND revision < v.revision)"
	    " AND p.body = v.body AND p.subject = v.subject)"
	    " ORDER BY revision DESC",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	while ((got = stmt_step(stmt, err)) > 0) {
		row = grow(&rows, &n);
		*row =
		    (struct campaign_version){.revision = stmt_col_int(stmt, 0),
			.at_ms = stmt_col_int(stmt, 1),
			.characters = stmt_col_int(stmt, 3)};
		span_text(row->by, sizeof row->by, stmt_col_text(stmt, 2));
	}
	if (got < 0) {
		free(rows);
		return -1;
	}
	*out = rows;
	*count = n;
	return 0;
}

int
campaign_version_read(struct db *db, struct campaign_id id, int64_t revision,
    struct buf *subject, struct buf *body, struct err *err)
{
	struct stmt *stmt;
	int got;

	stmt = db_stmt(db,
	    "SELECT subject, body FROM draft_version"
	    " WHERE campaign = ?1 AND revision = ?2",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	stmt_int(stmt, 2, revision);
	got = stmt_step(stmt, err);
	if (got == 0) {
		err_set(err, E_CAMPAIGN_MISSING);
		err_fact_int(err, "campaign", id.v);
	}
	if (got <= 0)
		return -1;
	buf_clear(subject);
	buf_clear(body);
	buf_add(subject, stmt_col_text(stmt, 0));
	buf_add(body, stmt_col_text(stmt, 1));
	stmt_reset(stmt);
	return 0;
}

int
campaign_restore(struct store *store, struct campaign_id id, int64_t revision,
    struct campaign *out, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_CAMPAIGN_WRITE, err) < 0)
		return -1;
	if (store_reader_open(store, &db, err) < 0)
		return -1;
	if (campaign_read(db, id, out, err) == 0 &&
	    campaign_version_read(
		db, id, revision, &out->subject, &out->body, err) == 0)
		rc = campaign_save(store, out, err);
	store_reader_close(&db);
	return rc;
}
