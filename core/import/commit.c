/* What stands around the rows of an import: its own row, the list it makes, the
 * rejects, the log. */
#include "core/import/commit.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/import/bulk.h"
#include "core/import/guard.h"
#include "core/import/import.h"

const char *
import_mode_name(enum import_mode mode)
{
	static const char *const names[IMPORT_MODES] = {
	    [IMPORT_BOTH] = "both",
	    [IMPORT_NEW] = "new",
	    [IMPORT_UPDATE] = "update",
	    [IMPORT_REMOVE] = "remove",
	};

	return mode < IMPORT_MODES ? names[mode] : "unknown";
}

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

static int
begin_import(struct commit *commit, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "INSERT INTO import(list, at_ms, by, file, charset, basis, rows,"
	    " fresh, changed, same, duplicate, rejected, suppressed, mode,"
	    " reason, made_from, undo_ms) VALUES(?1, ?2, ?3, ?4, '', ?5, 0, 0,"
	    " 0, 0, 0, 0, 0, ?6, ?7, ?8, ?9)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, commit->list.v);
	stmt_int(stmt, 2, commit->now_ms);
	stmt_text(stmt, 3, span_of(store_user(commit->store)));
	stmt_text(stmt, 4, commit->file);
	stmt_int(stmt, 5,
	    commit->plan->mode == IMPORT_REMOVE ? BASIS_NONE
						: commit->plan->basis);
	stmt_int(stmt, 6, commit->plan->mode);
	stmt_text(stmt, 7, commit->plan->overrule.reason);
	stmt_int(stmt, 8, commit->made_from);
	stmt_int(stmt, 9, commit->now_ms + IMPORT_UNDO_DAYS * day_ms);
	if (stmt_run(stmt, err) < 0)
		return -1;
	commit->import = db_last_id(commit->db);
	return 0;
}

static int
read_number(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int rc = -1;

	if (stmt && stmt_step(stmt, err) == 1) {
		*out = stmt_col_int(stmt, 0);
		rc = 0;
	}
	stmt_reset(stmt);
	return rc;
}

/* The list that the plan names; a new one is made when storing. */
static int
take_list(struct commit *commit, struct err *err)
{
	const struct import_plan *plan = commit->plan;

	commit->list = plan->list;
	if (plan->list.v || !plan->new_list.len)
		return list_need(commit->db, plan->list, err);
	if (commit->mode == COMMIT_STORE)
		return list_create_in(commit->store, commit->db, plan->new_list,
		    &commit->list, err);
	return list_name_check(commit->db, plan->new_list, err);
}

int
commit_init(struct commit *commit, struct err *err)
{
	static const char last[] = "SELECT coalesce(max(id), 0) FROM contact";
	int64_t contact;
	int stopped;

	if (take_list(commit, err) < 0 ||
	    (commit->plan->wording &&
		wording_need(commit->db, commit->plan->wording, err) < 0))
		return -1;
	stopped = suppress_any(commit->db, commit->list, err);
	if (stopped < 0 || read_number(commit->db, last, &contact, err) < 0)
		return -1;
	commit->any_stopped = stopped;
	commit->any_contacts = contact > 0;
	commit->made_from = contact + 1;
	commit->now_ms = clock_now_ms(store_clock(commit->store));
	if (commit->mode == COMMIT_COUNT) {
		commit->stopping = seen_new();
		return 0;
	}
	if (begin_import(commit, err) < 0)
		return -1;
	/* ids are at least as many as contacts */
	if (!bulk_pays(commit, commit->expected, contact))
		return 0;
	return bulk_begin(commit, &commit->bulk, err);
}

int
commit_flush(struct commit *commit, struct err *err)
{
	return commit->bulk ? bulk_flush(commit->bulk, err) : 0;
}

void
commit_done(struct commit *commit)
{
	bulk_free(&commit->bulk);
	buf_done(&commit->fields);
	buf_done(&commit->text);
	buf_done(&commit->repairs);
	buf_wipe(&commit->withdrawn);
	seen_free(&commit->stopping);
}

/* ---- Around the rows --------------------------------------------------- */

static void
add_detail(const struct err *why, struct buf *out)
{
	buf_char(out, '{');
	for (unsigned i = 0; i < why->fact_count; i++) {
		if (i)
			buf_char(out, ',');
		json_quote(out, span_of(why->fact[i].name));
		buf_char(out, ':');
		json_quote(out, span_of(why->fact[i].value));
	}
	buf_char(out, '}');
}

int
commit_reject(struct commit *commit, const struct import_reject *reject,
    struct span raw, struct err *err)
{
	struct stmt *stmt;
	struct buf detail = BUF_INIT;
	int erased = commit->any_stopped
			 ? traces_of_erased(commit->store, commit->db, raw, err)
			 : 0;

	if (erased < 0)
		return -1;
	stmt = db_stmt(commit->db,
	    "INSERT INTO import_reject(import, line, reason, detail, raw)"
	    " VALUES(?1, ?2, ?3, ?4, ?5)",
	    err);
	if (!stmt)
		return -1;
	if (erased)
		buf_text(&detail, "{}");
	else
		add_detail(&reject->why, &detail);
	stmt_int(stmt, 1, commit->import);
	stmt_int(stmt, 2, reject->line);
	stmt_text(stmt, 3, span_of(err_name(reject->why.code)));
	stmt_text(stmt, 4, buf_span(&detail));
	stmt_text(stmt, 5, erased ? SPAN("") : span_of(reject->raw));
	buf_done(&detail);
	return stmt_run(stmt, err);
}

static int
finish_import(struct commit *commit, const struct import_counts *counts,
    const char *charset, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "UPDATE import SET cut = ?2, charset = ?3, rows = ?4, fresh = ?5,"
	    " changed = ?6, same = ?7, duplicate = ?8, rejected = ?9,"
	    " suppressed = ?10, stopped = ?11, bare = ?12, made_to ="
	    " coalesce((SELECT max(id) FROM contact), 0) WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, commit->import);
	stmt_int(stmt, 2, commit->cut);
	stmt_text(stmt, 3, span_of(charset));
	stmt_int(stmt, 4, counts->read);
	stmt_int(stmt, 5, counts->fresh);
	stmt_int(stmt, 6, counts->changed);
	stmt_int(stmt, 7, counts->same);
	stmt_int(stmt, 8, counts->duplicate);
	stmt_int(stmt, 9, counts->rejected);
	stmt_int(stmt, 10, counts->suppressed);
	stmt_int(stmt, 11, counts->stopped);
	stmt_int(stmt, 12, counts->bare);
	return stmt_run(stmt, err);
}

static int
audit(struct commit *commit, const struct import_counts *counts,
    const char *charset, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = "import.commit"};
	int rc;

	buf_printf(&object, "list %lld", (long long)commit->list.v);
	buf_printf(&facts,
	    "import=%lld mode=%s basis=%d charset=%s octets=%lld%s read=%lld"
	    " fresh=%lld changed=%lld same=%lld duplicate=%lld rejected=%lld"
	    " suppressed=%lld stopped=%lld bare=%lld",
	    (long long)commit->import, import_mode_name(commit->plan->mode),
	    (int)commit->plan->basis, charset, (long long)counts->octets,
	    commit->cut ? " cut=1" : "", (long long)counts->read,
	    (long long)counts->fresh, (long long)counts->changed,
	    (long long)counts->same, (long long)counts->duplicate,
	    (long long)counts->rejected, (long long)counts->suppressed,
	    (long long)counts->stopped, (long long)counts->bare);
	buf_add(&facts, buf_span(&commit->repairs));
	buf_text(&facts, " file=");
	buf_add(&facts, commit->file);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(commit->store, commit->db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
commit_finish(struct commit *commit, const struct import_counts *counts,
    const char *charset, struct err *err)
{
	if (commit->bulk &&
	    (bulk_end(commit->bulk, err) < 0 || commit_settle(commit, err) < 0))
		return -1;
	if (finish_import(commit, counts, charset, err) < 0)
		return -1;
	if (counts->fresh + counts->changed > 0 &&
	    list_touch(commit->store, commit->db, commit->list, err) < 0)
		return -1;
	return audit(commit, counts, charset, err);
}
