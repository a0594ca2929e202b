/* Rows of the table "export". */
#include "core/export/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"

void
exported_done(struct record *record)
{
	export_order_done(&record->order);
	buf_done(&record->what);
	buf_done(&record->words);
	buf_wipe(&record->statement);
	buf_done(&record->statement);
}

int
exported_refuse(int64_t id, const char *why, struct err *err)
{
	err_set(err, E_EXPORT_REQUEST);
	err_fact_int(err, "id", id);
	return err_fact(err, "why", span_of(why));
}

const char *
exported_why(enum export_state state)
{
	switch (state) {
	case EXPORT_ASKED:
		return "waits";
	case EXPORT_REJECTED:
		return "rejected";
	case EXPORT_WITHDRAWN:
		return "withdrawn";
	case EXPORT_APPROVED:
		return "decided";
	case EXPORT_MADE:
	case EXPORT_WRITING:
	case EXPORT_FAILED:
	case EXPORT_STATES:
		break;
	}
	return "used";
}

int
exported_log(struct store *store, struct db *db, const char *what, int64_t id,
    struct span facts, struct err *err)
{
	char object[32];

	snprintf(object, sizeof object, "export %lld", (long long)id);
	return audit_add_in(store, db,
	    &(struct audit_event){what, span_of(object), facts}, err);
}

/* ---- Writing ----------------------------------------------------------- */

static void
bind_order(struct stmt *stmt, const struct export_order *order)
{
	bool person = order->scope == EXPORT_PERSON;

	stmt_int(stmt, 2, order->scope);
	stmt_int(stmt, 3, person ? 0 : order->list.v);
	stmt_int(stmt, 4, order->scope == EXPORT_SEGMENT ? order->segment : 0);
	stmt_int(stmt, 5, person ? order->contact.v : 0);
	stmt_text(stmt, 6,
	    order->scope == EXPORT_FILTER ? buf_span(&order->filter)
					  : SPAN(""));
	stmt_int(stmt, 7, order->parts);
	stmt_text(stmt, 8, buf_span(&order->fields));
	stmt_int(stmt, 9, order->charset);
	stmt_int(stmt, 10, order->lost);
	stmt_int(stmt, 11, order->seal);
	stmt_blob(stmt, 12, buf_span(&order->certificate));
	stmt_text(stmt, 13, buf_span(&order->reason));
}

int
exported_add(struct store *store, struct db *db, const struct scope *scope,
    const struct record *record, int64_t *id, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO export(state, scope, list, segment, contact, filter,"
	    " parts, fields, charset, lost, seal, certificate, reason, what,"
	    " people, alone, asked_by, asked_uid, asked_ms)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
	    " ?14, ?15, ?16, ?17, ?18, ?19)",
	    err);
	struct buf what = BUF_INIT;
	int rc;

	if (!stmt)
		return -1;
	scope_what(scope, &what);
	stmt_int(stmt, 1, record->state);
	bind_order(stmt, scope->order);
	stmt_text(stmt, 14, buf_span(&what));
	stmt_int(stmt, 15, record->people);
	stmt_int(stmt, 16, record->alone);
	stmt_text(stmt, 17, span_of(store_user(store)));
	stmt_int(stmt, 18, geteuid());
	stmt_int(stmt, 19, clock_now_ms(store_clock(store)));
	rc = stmt_run(stmt, err);
	*id = db_last_id(db);
	buf_done(&what);
	return rc;
}

/* Runs a statement that must find its row; else the state says why not. */
static int
run_one(struct db *db, struct stmt *stmt, int64_t id, struct err *err)
{
	struct record record = RECORD_INIT;
	int rc = -1;

	if (stmt_run(stmt, err) < 0)
		return -1;
	if (db_changes(db) == 1)
		return 0;
	if (exported_read(db, id, &record, err) == 0)
		rc = exported_refuse(id, exported_why(record.state), err);
	exported_done(&record);
	return rc;
}

int
exported_move(struct db *db, int64_t id, enum export_state from,
    enum export_state to, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE export SET state = ?3 WHERE id = ?1 AND state = ?2", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	stmt_int(stmt, 2, from);
	stmt_int(stmt, 3, to);
	return run_one(db, stmt, id, err);
}

int
exported_decide(struct db *db, const struct record *record, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE export SET state = ?2, decided_by = ?3, decided_uid = ?4,"
	    " decided_ms = ?5, expires_ms = ?6, words = ?7, shown = ?8,"
	    " statement = ?9, signature = ?10 WHERE id = ?1 AND state = ?11",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, record->id);
	stmt_int(stmt, 2, record->state);
	stmt_text(stmt, 3, span_of(record->decided_by));
	stmt_int(stmt, 4, record->decided_uid);
	stmt_int(stmt, 5, record->decided_ms);
	stmt_int(stmt, 6, record->expires_ms);
	stmt_text(stmt, 7, buf_span(&record->words));
	stmt_int(stmt, 8, record->shown);
	stmt_blob(stmt, 9, buf_span(&record->statement));
	stmt_blob(stmt, 10,
	    record->statement.len
		? span_make(record->signature.bytes, ED25519_SIGNATURE_LEN)
		: SPAN(""));
	stmt_int(stmt, 11, EXPORT_ASKED);
	return run_one(db, stmt, record->id, err);
}

int
exported_made(struct db *db, const struct export_made *made, int64_t now_ms,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE export SET state = ?2, people = ?3, octets = ?4,"
	    " sha256 = ?5, made_ms = ?6 WHERE id = ?1 AND state = ?7",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, made->id);
	stmt_int(stmt, 2, EXPORT_MADE);
	stmt_int(stmt, 3, made->people);
	stmt_int(stmt, 4, made->octets);
	stmt_blob(stmt, 5, span_make(made->sha256.bytes, SHA256_LEN));
	stmt_int(stmt, 6, now_ms);
	stmt_int(stmt, 7, EXPORT_WRITING);
	return run_one(db, stmt, made->id, err);
}

/* ---- Reading ----------------------------------------------------------- */

static void
take_order(struct stmt *stmt, struct export_order *out)
{
	out->scope = (enum export_scope)stmt_col_int(stmt, 1);
	out->list.v = stmt_col_int(stmt, 2);
	out->segment = stmt_col_int(stmt, 3);
	out->contact.v = stmt_col_int(stmt, 4);
	buf_add(&out->filter, stmt_col_text(stmt, 5));
	out->parts = (unsigned)stmt_col_int(stmt, 6);
	buf_add(&out->fields, stmt_col_text(stmt, 7));
	out->charset = (enum export_charset)stmt_col_int(stmt, 8);
	out->lost = stmt_col_int(stmt, 9);
	out->seal = (enum export_seal)stmt_col_int(stmt, 10);
	buf_add(&out->certificate, stmt_col_blob(stmt, 11));
	buf_add(&out->reason, stmt_col_text(stmt, 12));
}

static void
take_row(struct stmt *stmt, struct record *out)
{
	struct span signature = stmt_col_blob(stmt, 25);
	int64_t shown = stmt_col_int(stmt, 23);

	out->state = (enum export_state)stmt_col_int(stmt, 0);
	take_order(stmt, &out->order);
	buf_add(&out->what, stmt_col_text(stmt, 13));
	out->people = stmt_col_int(stmt, 14);
	out->alone = stmt_col_int(stmt, 15) != 0;
	span_text(out->asked_by, sizeof out->asked_by, stmt_col_text(stmt, 16));
	out->asked_uid = stmt_col_int(stmt, 17);
	out->asked_ms = stmt_col_int(stmt, 18);
	span_text(
	    out->decided_by, sizeof out->decided_by, stmt_col_text(stmt, 19));
	out->decided_uid = stmt_col_int(stmt, 20);
	out->decided_ms = stmt_col_int(stmt, 21);
	out->expires_ms = stmt_col_int(stmt, 22);
	if (shown > 0 && shown < STATEMENT_LOGINS)
		out->shown = (enum statement_login)shown;
	buf_add(&out->statement, stmt_col_blob(stmt, 24));
	if (signature.len == ED25519_SIGNATURE_LEN)
		memcpy(
		    out->signature.bytes, signature.ptr, ED25519_SIGNATURE_LEN);
	buf_add(&out->words, stmt_col_text(stmt, 26));
}

int
exported_read(struct db *db, int64_t id, struct record *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT state, scope, list, segment, contact, filter, parts,"
	    " fields, charset, lost, seal, certificate, reason, what, people,"
	    " alone, asked_by, asked_uid, asked_ms, decided_by, decided_uid,"
	    " decided_ms, expires_ms, shown, statement, signature, words"
	    " FROM export WHERE id = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	exported_done(out);
	*out = RECORD_INIT;
	out->id = id;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1)
		take_row(stmt, out);
	stmt_reset(stmt);
	if (got == 0)
		return exported_refuse(id, "none", err);
	return got < 0 ? -1 : 0;
}

/* ---- For the screens --------------------------------------------------- */

static void
take_shown(struct stmt *stmt, int64_t now_ms, struct export_record *out)
{
	struct span sha256 = stmt_col_blob(stmt, 13);
	int64_t end;

	*out = (struct export_record){.id = stmt_col_int(stmt, 0),
	    .state = (enum export_state)stmt_col_int(stmt, 1),
	    .scope = (enum export_scope)stmt_col_int(stmt, 2),
	    .people = stmt_col_int(stmt, 4),
	    .asked_ms = stmt_col_int(stmt, 6),
	    .decided_ms = stmt_col_int(stmt, 8),
	    .expires_ms = stmt_col_int(stmt, 9),
	    .made_ms = stmt_col_int(stmt, 11),
	    .octets = stmt_col_int(stmt, 12)};
	span_text(out->what, sizeof out->what, stmt_col_text(stmt, 3));
	span_text(out->asked_by, sizeof out->asked_by, stmt_col_text(stmt, 5));
	span_text(
	    out->decided_by, sizeof out->decided_by, stmt_col_text(stmt, 7));
	span_text(out->words, sizeof out->words, stmt_col_text(stmt, 10));
	if (sha256.len == SHA256_LEN)
		memcpy(out->sha256.bytes, sha256.ptr, SHA256_LEN);
	end = out->state == EXPORT_APPROVED ? out->expires_ms
					    : out->asked_ms + EXPORT_WAITS_MS;
	out->is_over = out->state <= EXPORT_APPROVED && now_ms >= end;
}

#define SHOWN                                                                  \
	"SELECT id, state, scope, what, people, asked_by, asked_ms,"           \
	" decided_by, decided_ms, expires_ms, words, made_ms, octets, sha256"  \
	" FROM export "

int
export_find(struct db *db, int64_t id, int64_t now_ms,
    struct export_record *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, SHOWN "WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1)
		take_shown(stmt, now_ms, out);
	stmt_reset(stmt);
	return got;
}

int
export_all(struct db *db, int64_t now_ms, size_t room,
    struct export_record **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db, SHOWN "ORDER BY id DESC LIMIT ?1", err);
	struct export_record *all = NULL;
	size_t n = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, (int64_t)room);
	while ((got = stmt_step(stmt, err)) == 1) {
		all = mem_more(all, n, sizeof *all);
		take_shown(stmt, now_ms, &all[n++]);
	}
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all;
	*count = n;
	return 0;
}

int
export_waiting(struct db *db, int64_t now_ms, struct export_record *out,
    size_t room, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    SHOWN "WHERE state = ?1 AND asked_ms > ?2 ORDER BY id LIMIT ?3",
	    err);
	int got;

	*count = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, EXPORT_ASKED);
	stmt_int(stmt, 2, now_ms - EXPORT_WAITS_MS);
	stmt_int(stmt, 3, (int64_t)room);
	while ((got = stmt_step(stmt, err)) == 1)
		take_shown(stmt, now_ms, &out[(*count)++]);
	return got;
}
