/* The training record: what came of a drill, under the person who was signed in.
 * Who oversees others reads all of them, everybody else their own. */
#include "core/access/access.h"
#include "core/review/drill.h"

/* The columns that fill() takes. */
#define COLUMNS "id, login, at_ms, seconds, planted, found, alarms, sent"

int
training_keep(struct store *store, const struct drill_result *result,
    int64_t *id, struct err *err)
{
	struct buf text = BUF_INIT, object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = "training.done"};
	struct db *db = NULL;
	struct stmt *stmt;
	int64_t fresh = 0;
	int rc = -1;

	drill_result_write(result, &text);
	if (store_begin(store, STORE_WAIT_LONG, "training", &db, err) < 0)
		goto out;
	stmt = db_stmt(db,
	    "INSERT INTO training(login, at_ms, seconds, planted, found,"
	    " alarms, sent, result) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	    err);
	if (!stmt)
		goto out;
	stmt_text(stmt, 1, span_of(store_user(store)));
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_int(stmt, 3, result->seconds);
	stmt_int(stmt, 4, DRILL_PLANTED);
	stmt_int(stmt, 5, result->found);
	stmt_int(stmt, 6, (int64_t)result->alarm.count);
	stmt_int(stmt, 7, result->sent);
	stmt_text(stmt, 8, buf_span(&text));
	if (stmt_run(stmt, err) < 0)
		goto out;
	fresh = db_last_id(db);
	buf_printf(&object, "training %lld", (long long)fresh);
	audit_fact_int(&facts, "planted", DRILL_PLANTED);
	audit_fact_int(&facts, "found", result->found);
	audit_fact_int(&facts, "alarms", (int64_t)result->alarm.count);
	audit_fact_int(&facts, "seconds", result->seconds);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	if (audit_add_in(store, db, &event, err) < 0 ||
	    store_commit(store, &db, err) < 0)
		goto out;
	if (id)
		*id = fresh;
	rc = 0;
out:
	store_rollback(store, &db);
	buf_done(&text);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

/* ---- Reading ------------------------------------------------------------------- */

static bool
sees_all(const struct person *person)
{
	return person_may(person, MAY_PEOPLE_WRITE) ||
	       person_may(person, MAY_LOG_REVIEW);
}

bool
training_sees_all(struct store *store, struct db *db)
{
	struct person person;

	return person_current(store, db, &person, NULL) == 0 &&
	       sees_all(&person);
}

static void
fill(struct stmt *stmt, struct training *out)
{
	*out = (struct training){
	    .id = stmt_col_int(stmt, 0),
	    .at_ms = stmt_col_int(stmt, 2),
	    .seconds = stmt_col_int(stmt, 3),
	    .planted = (int)stmt_col_int(stmt, 4),
	    .found = (int)stmt_col_int(stmt, 5),
	    .alarms = (int)stmt_col_int(stmt, 6),
	    .sent = stmt_col_int(stmt, 7),
	};
	span_text(out->login, sizeof out->login, stmt_col_text(stmt, 1));
}

int64_t
training_page(struct store *store, struct db *db, struct span login,
    int64_t before, struct training *out, size_t count, struct err *err)
{
	struct person person;
	struct stmt *stmt;
	int64_t found = 0;
	int got;

	if (person_current(store, db, &person, err) < 0)
		return -1;
	if (!sees_all(&person))
		login = span_of(person.login);
	if (count > TRAINING_PAGE_MAX)
		count = TRAINING_PAGE_MAX;
	stmt = db_stmt(db,
	    "SELECT " COLUMNS " FROM training WHERE (?1 = '' OR login = ?1)"
	    " AND (?2 = 0 OR id < ?2) ORDER BY id DESC LIMIT ?3",
	    err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, login);
	stmt_int(stmt, 2, before);
	stmt_int(stmt, 3, (int64_t)count);
	while ((got = stmt_step(stmt, err)) == 1)
		fill(stmt, &out[found++]);
	return got < 0 ? -1 : found;
}

int
training_read(struct store *store, struct db *db, int64_t id,
    struct training *record, struct drill_result *result, struct err *err)
{
	struct person person;
	struct stmt *stmt;
	int got;

	if (person_current(store, db, &person, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "SELECT " COLUMNS ", result FROM training"
	    " WHERE id = ?1 AND (?2 OR login = ?3)",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_int(stmt, 2, sees_all(&person));
	stmt_text(stmt, 3, span_of(person.login));
	got = stmt_step(stmt, err);
	if (got == 1) {
		fill(stmt, record);
		if (drill_result_parse(stmt_col_text(stmt, 8), result, err) < 0)
			got = -1;
	}
	stmt_reset(stmt);
	return got;
}
