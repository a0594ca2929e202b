/* Reviews: the statement, its signature, and when the next one is due. */
#include "core/report/oversight.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/ed25519.h"
#include "core/base/mem.h"

static const int64_t day_ms = 24 * 60 * 60 * 1000;

static const struct {
	const char *word, *what, *days;
} kinds[OVERSIGHT_KINDS] = {
    [OVERSIGHT_LOG] = {"log", "review.log", "audit.review_days"},
    [OVERSIGHT_ACCESS] = {"access", "review.access", "audit.access_days"},
};

/* ---- When ---------------------------------------------------------------------- */

static int
read_last(struct db *db, enum oversight_kind kind, struct oversight_due *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT at_ms, by, to_seq FROM oversight WHERE kind = ?1"
	    " ORDER BY id DESC LIMIT 1",
	    err);
	int got = -1;

	if (stmt) {
		stmt_int(stmt, 1, kind);
		got = stmt_step(stmt, err);
	}
	if (got == 1) {
		out->last_ms = stmt_col_int(stmt, 0);
		span_text(out->by, sizeof out->by, stmt_col_text(stmt, 1));
		out->to = stmt_col_int(stmt, 2);
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

/* When the log began. */
static int
read_birth(struct db *db, int64_t *out, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT at_ms FROM audit ORDER BY seq LIMIT 1", err);
	int got = stmt ? stmt_step(stmt, err) : -1;

	*out = got == 1 ? stmt_col_int(stmt, 0) : 0;
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
oversight_due(struct db *db, enum oversight_kind kind, int64_t now_ms,
    struct oversight_due *out, struct err *err)
{
	int64_t days = setting_int(db, kinds[kind].days, err);
	int64_t from;

	*out = (struct oversight_due){.last_ms = 0};
	if (days < 0 || read_last(db, kind, out, err) < 0 ||
	    read_birth(db, &from, err) < 0)
		return -1;
	if (out->last_ms)
		from = out->last_ms;
	if (days > 0)
		out->due_ms = from + days * day_ms;
	out->overdue = days > 0 && now_ms > out->due_ms;
	return 0;
}

int
oversight_may(struct store *store, struct db *db, enum oversight_kind kind,
    struct err *err)
{
	return person_require_either(store, db,
	    kind == OVERSIGHT_LOG ? MAY_LOG_REVIEW : MAY_PEOPLE_WRITE,
	    MAY_PEOPLE_WRITE, err);
}

/* ---- Keeping -------------------------------------------------------------------- */

static void
add_line(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, "%s: ", name);
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		buf_char(out, c < ' ' || c == 0x7f ? ' ' : value.ptr[i]);
	}
	buf_char(out, '\n');
}

static void
begin(struct store *store, enum oversight_kind kind, const char *authenticated,
    struct buf *out)
{
	char id[STORE_ID_LEN + 1];
	struct buf at = BUF_INIT;

	store_id(store, id);
	clock_rfc3339(&at, clock_now_ms(store_clock(store)));
	buf_text(out, "sekisho-review 1\n");
	add_line(out, "kind", span_of(kinds[kind].word));
	add_line(out, "store", span_of(id));
	add_line(out, "by", span_of(store_user(store)));
	add_line(out, "authenticated", span_of(authenticated));
	add_line(out, "at", buf_span(&at));
	buf_done(&at);
}

/* What is kept of a review. */
struct record {
	enum oversight_kind kind;
	int64_t from, to, items;
	struct span statement;
};

static int
insert(struct store *store, struct db *db, const struct record *record,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO oversight(kind, at_ms, by, from_seq, to_seq, items,"
	    " statement, signature) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	    err);
	struct ed25519_signature signature;
	struct buf text = BUF_INIT;
	int rc = -1;

	store_sign(store, record->statement, &signature);
	ed25519_signature_text(&signature, &text);
	if (stmt) {
		stmt_int(stmt, 1, record->kind);
		stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
		stmt_text(stmt, 3, span_of(store_user(store)));
		stmt_int(stmt, 4, record->from);
		stmt_int(stmt, 5, record->to);
		stmt_int(stmt, 6, record->items);
		stmt_text(stmt, 7, record->statement);
		stmt_text(stmt, 8, buf_span(&text));
		rc = stmt_run(stmt, err);
	}
	buf_done(&text);
	return rc;
}

/* The log names the statement by its digest, so that neither can be had
 * without the other. */
static int
log_record(struct store *store, struct db *db, const struct record *record,
    struct err *err)
{
	struct buf facts = BUF_INIT, hex = BUF_INIT;
	struct digest digest;
	int rc;

	crypt_sha256(record->statement, &digest);
	crypt_hex(&hex, span_make(digest.bytes, sizeof digest.bytes));
	audit_fact_int(&facts, "items", record->items);
	audit_fact_int(&facts, "from", record->from);
	audit_fact_int(&facts, "to", record->to);
	audit_fact(&facts, "statement", buf_span(&hex));
	rc = audit_add_in(store, db,
	    &(struct audit_event){
		.what = kinds[record->kind].what, .facts = buf_span(&facts)},
	    err);
	buf_done(&facts);
	buf_done(&hex);
	return rc;
}

static int
keep(struct store *store, struct db *db, const struct record *record,
    struct err *err)
{
	return insert(store, db, record, err) < 0
		   ? -1
		   : log_record(store, db, record, err);
}

static int
bad(struct err *err, const char *why)
{
	err_set(err, E_OVERSIGHT);
	return err_fact(err, "why", span_of(why));
}

int
oversight_last(struct db *db, enum oversight_kind kind, struct buf *statement,
    struct buf *signature, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT statement, signature FROM oversight WHERE kind = ?1"
	    " ORDER BY id DESC LIMIT 1",
	    err);
	int got = -1;

	if (stmt) {
		stmt_int(stmt, 1, kind);
		got = stmt_step(stmt, err);
	}
	if (got == 1) {
		buf_add(statement, stmt_col_text(stmt, 0));
		buf_add(signature, stmt_col_text(stmt, 1));
	}
	stmt_reset(stmt);
	return got;
}

/* ---- The log -------------------------------------------------------------------- */

bool
oversight_is_own(const struct store *store, const struct anomaly *item)
{
	return !strcmp(item->who, store_user(store));
}

static const char *
remark_of(const struct store *store, const struct log_review *review, size_t i)
{
	const char *own = review->remark ? review->remark[i] : NULL;

	if (own && *own)
		return own;
	if (oversight_is_own(store, &review->found->item[i]))
		return "";
	return review->remark_all ? review->remark_all : "";
}

static int
add_items(struct store *store, const struct log_review *review, struct buf *out,
    struct err *err)
{
	for (size_t i = 0; i < review->found->count; i++) {
		const struct anomaly *item = &review->found->item[i];
		const char *remark = remark_of(store, review, i);

		if (!*remark)
			return bad(err, "remark");
		buf_printf(out, "item: %s %lld-%lld %lld %s %s %s%s\n",
		    anomaly_name(item->rule), (long long)item->first,
		    (long long)item->last, (long long)item->count, item->who,
		    item->what, item->object,
		    oversight_is_own(store, item) ? " (own)" : "");
		add_line(out, "remark", span_of(remark));
	}
	return 0;
}

/* The entry up to which was read is still the same one. */
static int
check_end(struct db *db, const struct anomalies *found, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT hash FROM audit WHERE seq = ?1", err);
	struct span hash;
	bool same;
	int got = -1;

	if (stmt) {
		stmt_int(stmt, 1, found->to);
		got = stmt_step(stmt, err);
	}
	hash = got == 1 ? stmt_col_blob(stmt, 0) : SPAN("");
	same = span_equal(hash, span_make(found->end.bytes, SHA256_LEN));
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	return same ? 0 : bad(err, "head");
}

static int
write_log_statement(struct store *store, const struct log_review *review,
    const char *authenticated, struct buf *out, struct err *err)
{
	const struct anomalies *found = review->found;
	struct buf hex = BUF_INIT;

	begin(store, OVERSIGHT_LOG, authenticated, out);
	buf_printf(out, "entries: %lld-%lld\n", (long long)found->from,
	    (long long)found->to);
	crypt_hex(&hex, span_make(found->end.bytes, SHA256_LEN));
	add_line(out, "end", buf_span(&hex));
	buf_printf(out, "items: %zu%s\n", found->count,
	    found->more ? " and more" : "");
	buf_done(&hex);
	return add_items(store, review, out, err);
}

int
oversight_sign_log(struct store *store, const struct log_review *review,
    const char *authenticated, struct err *err)
{
	struct record record = {.kind = OVERSIGHT_LOG,
	    .from = review->found->from,
	    .to = review->found->to,
	    .items = (int64_t)review->found->count};
	struct buf text = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (write_log_statement(store, review, authenticated, &text, err) < 0)
		goto out;
	record.statement = buf_span(&text);
	if (store_begin(store, STORE_WAIT_LONG, "review", &db, err) < 0)
		goto out;
	if (oversight_may(store, db, OVERSIGHT_LOG, err) == 0 &&
	    check_end(db, review->found, err) == 0 &&
	    keep(store, db, &record, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	buf_done(&text);
	return rc;
}

/* ---- People --------------------------------------------------------------------- */

struct people {
	struct access_row *row;
	size_t count;
};

static void
take_person(void *arg, const struct person *person)
{
	struct people *self = arg;

	self->row = mem_more(self->row, self->count, sizeof *self->row);
	self->row[self->count++] = (struct access_row){.person = *person};
}

static int
number(struct db *db, const char *sql, const char *login, int64_t *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int got = -1;

	if (stmt) {
		stmt_text(stmt, 1, span_of(login));
		got = stmt_step(stmt, err);
	}
	*out = got == 1 ? stmt_col_int(stmt, 0) : 0;
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
oversight_people(
    struct db *db, struct access_row **out, size_t *count, struct err *err)
{
	static const char last_sql[] =
	    "SELECT coalesce(max(at_ms), 0) FROM login_attempt"
	    " WHERE user = ?1 AND ok = 1";
	static const char keys_sql[] = "SELECT count(*) FROM approver_key"
				       " WHERE login = ?1 AND state = 1";
	struct people self = {.row = NULL};
	int rc = person_each(db, take_person, &self, err) < 0 ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < self.count; i++) {
		struct access_row *row = &self.row[i];
		const char *login = row->person.login;

		rc = number(db, last_sql, login, &row->last_ms, err);
		if (rc == 0)
			rc = number(db, keys_sql, login, &row->keys, err);
	}
	if (rc < 0) {
		free(self.row);
		return -1;
	}
	*out = self.row;
	*count = self.count;
	return 0;
}

/* What is confirmed is what was shown: login, roles, whether they may come in,
 * and keys. */
static bool
is_same(const struct access_row *a, const struct access_row *b)
{
	return !strcmp(a->person.login, b->person.login) &&
	       a->person.roles == b->person.roles &&
	       a->person.disabled == b->person.disabled &&
	       a->person.masked == b->person.masked && a->keys == b->keys;
}

static int
check_people(
    struct db *db, const struct access_row *rows, size_t count, struct err *err)
{
	struct access_row *now = NULL;
	size_t n = 0;
	bool same;

	if (oversight_people(db, &now, &n, err) < 0)
		return -1;
	same = n == count && n > 0;
	for (size_t i = 0; same && i < n; i++)
		same = is_same(&now[i], &rows[i]);
	free(now);
	return same ? 0 : bad(err, "people");
}

static void
add_person(struct buf *out, const struct access_row *row)
{
	struct buf last = BUF_INIT;

	buf_printf(out, "person: %s roles=", row->person.login);
	for (int i = 0; i < PERSON_ROLES; i++) {
		if (row->person.roles & 1u << i)
			buf_printf(out, "%s,",
			    person_role_name((enum person_role)(1u << i)));
	}
	if (out->ptr[out->len - 1] == ',')
		out->ptr[--out->len] = '\0';
	if (row->last_ms)
		clock_rfc3339(&last, row->last_ms);
	buf_printf(out, " masked=%d disabled=%d keys=%lld last=%s\n",
	    row->person.masked, row->person.disabled, (long long)row->keys,
	    row->last_ms ? last.ptr : "never");
	buf_done(&last);
}

int
oversight_sign_access(struct store *store, const struct access_row *rows,
    size_t count, const char *remark, const char *authenticated,
    struct err *err)
{
	struct record record = {
	    .kind = OVERSIGHT_ACCESS, .items = (int64_t)count};
	struct buf text = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	begin(store, OVERSIGHT_ACCESS, authenticated, &text);
	for (size_t i = 0; i < count; i++)
		add_person(&text, &rows[i]);
	add_line(&text, "remark", span_of(remark));
	record.statement = buf_span(&text);
	if (store_begin(store, STORE_WAIT_LONG, "review", &db, err) < 0)
		goto out;
	if (oversight_may(store, db, OVERSIGHT_ACCESS, err) == 0 &&
	    check_people(db, rows, count, err) == 0 &&
	    keep(store, db, &record, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	buf_done(&text);
	return rc;
}
