/* Blocks of Markdown that are used again: a greeting, a way to the office, a
 * table of prices.  A text takes a copy, so a snippet that is changed later
 * changes no mail. */
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "core/campaign/record.h"

void
snippet_done(struct snippet *snippet)
{
	buf_done(&snippet->name);
	buf_done(&snippet->body);
	buf_done(&snippet->changed_by);
}

void
snippets_free(struct snippet **all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		snippet_done(&(*all)[i]);
	free(*all);
	*all = NULL;
}

int
snippet_all(struct db *db, struct snippet **out, size_t *count, struct err *err)
{
	struct snippet *all = NULL;
	struct stmt *stmt;
	size_t found = 0;
	int got;

	stmt = db_stmt(db,
	    "SELECT id, name, body, changed_ms, changed_by FROM snippet"
	    " ORDER BY name, id",
	    err);
	if (!stmt)
		return -1;
	while ((got = stmt_step(stmt, err)) > 0) {
		all = mem_grow(all, (found + 1) * sizeof *all);
		struct snippet *it = &all[found++];

		*it = (struct snippet){.id = stmt_col_int(stmt, 0)};
		buf_add(&it->name, stmt_col_text(stmt, 1));
		buf_add(&it->body, stmt_col_text(stmt, 2));
		it->changed_ms = stmt_col_int(stmt, 3);
		buf_add(&it->changed_by, stmt_col_text(stmt, 4));
	}
	if (got < 0) {
		snippets_free(&all, found);
		return -1;
	}
	*out = all;
	*count = found;
	return 0;
}

/* ---- Writing ------------------------------------------------------------ */

static int
fail_field(struct err *err, const char *field, const char *why)
{
	err_set(err, E_SNIPPET_FIELD);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

static int
check(const struct snippet *snippet, struct err *err)
{
	const struct {
		const char *field;
		struct span text;
		size_t max;
		enum lines lines;
	} part[] = {
	    {"name", buf_span(&snippet->name), CAMPAIGN_NAME_MAX, ONE_LINE},
	    {"body", buf_span(&snippet->body), SNIPPET_MAX, MANY_LINES},
	};

	for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
		const char *why =
		    record_fault(part[i].text, part[i].max, part[i].lines);

		if (!why && span_trim(part[i].text).len == 0)
			why = "empty";
		if (why)
			return fail_field(err, part[i].field, why);
	}
	return 0;
}

static int
log_deed(struct store *store, struct db *db, const char *what, int64_t id,
    struct err *err)
{
	const struct record_deed deed = {what, "snippet", id, NULL};

	return record_log(store, db, &deed, err);
}

/* 1 when another snippet has the name. */
static int
is_taken(struct db *db, const struct snippet *snippet, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT 1 FROM snippet WHERE name = ?1 AND id <> ?2", err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, buf_span(&snippet->name));
	stmt_int(stmt, 2, snippet->id);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

static int
missing(struct err *err, int64_t id)
{
	err_set(err, E_SNIPPET_MISSING);
	return err_fact_int(err, "id", id);
}

static int
write_row(struct store *store, struct db *db, struct snippet *snippet,
    int64_t now, struct err *err)
{
	struct stmt *stmt;

	stmt = db_stmt(db,
	    snippet->id ? "UPDATE snippet SET name = ?2, body = ?3,"
			  " changed_ms = ?4, changed_by = ?5 WHERE id = ?1"
			: "INSERT INTO snippet(name, body, changed_ms,"
			  " changed_by) VALUES(?2, ?3, ?4, ?5)",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, snippet->id);
	stmt_text(stmt, 2, buf_span(&snippet->name));
	stmt_text(stmt, 3, buf_span(&snippet->body));
	stmt_int(stmt, 4, now);
	stmt_text(stmt, 5, span_of(store_user(store)));
	if (stmt_run(stmt, err) < 0)
		return -1;
	if (snippet->id && db_changes(db) == 0)
		return missing(err, snippet->id);
	if (!snippet->id)
		snippet->id = db_last_id(db);
	return 0;
}

int
snippet_save(struct store *store, struct snippet *snippet, struct err *err)
{
	int64_t now = clock_now_ms(store_clock(store)), id = snippet->id;
	struct db *db = NULL;
	int rc = -1, taken;

	if (person_require(store, NULL, MAY_CAMPAIGN_WRITE, err) < 0)
		return -1;
	if (check(snippet, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "snippet", &db, err) < 0)
		return -1;
	taken = is_taken(db, snippet, err);
	if (taken > 0)
		fail_field(err, "name", "taken");
	if (taken != 0 || write_row(store, db, snippet, now, err) < 0 ||
	    log_deed(store, db, "snippet.save", snippet->id, err) < 0 ||
	    store_commit(store, &db, err) < 0) {
		snippet->id = id;
		goto out;
	}
	snippet->changed_ms = now;
	rc = 0;
out:
	store_rollback(store, &db);
	return rc;
}

int
snippet_delete(struct store *store, int64_t id, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;
	int rc = -1;

	if (person_require(store, NULL, MAY_CAMPAIGN_WRITE, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_SHORT, "snippet", &db, err) < 0)
		return -1;
	stmt = db_stmt(db, "DELETE FROM snippet WHERE id = ?1", err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, id);
	if (stmt_run(stmt, err) < 0)
		goto out;
	if (db_changes(db) == 0) {
		missing(err, id);
		goto out;
	}
	if (log_deed(store, db, "snippet.delete", id, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	return rc;
}
