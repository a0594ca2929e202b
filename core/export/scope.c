/* Everything that is asked before a row is read is asked here, for looking,
 * asking and writing alike. */
#include "core/export/scope.h"

#include "core/mail/smime.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static int
refuse(const char *field, const char *why, struct err *err)
{
	err_set(err, E_EXPORT_FIELD);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

/* ---- Permission and policy --------------------------------------------- */

int
scope_require(struct store *store, struct db *db, struct err *err)
{
	int masks = -1;

	if (person_require(store, db, MAY_LIST_EXPORT, err) == 0)
		masks = store_masks(store, db, err);
	if (masks != 1)
		return masks;
	err_set(err, E_ROLE);
	err_fact(
	    err, "permission", span_of(permission_name(MAY_PERSONAL_VIEW)));
	return err_fact(err, "login", span_of(store_user(store)));
}

static int
check_policy(struct db *db, const struct export_order *order, struct err *err)
{
	struct export_policy policy;

	if (export_policy_read(db, &policy, err) < 0)
		return -1;
	if (!policy.allowed)
		return err_set(err, E_EXPORT_FORBIDDEN);
	if (order->seal == EXPORT_PLAIN && !policy.plain)
		return err_set(err, E_EXPORT_PLAIN);
	return 0;
}

int
scope_recent(struct store *store, struct db *db, int64_t *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT coalesce(sum(people), 0) FROM export WHERE asked_by = ?1"
	    " AND alone AND state IN (?2, ?3) AND asked_ms > ?4",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(store_user(store)));
	stmt_int(stmt, 2, EXPORT_MADE);
	stmt_int(stmt, 3, EXPORT_WRITING);
	stmt_int(stmt, 4, clock_now_ms(store_clock(store)) - DAY_MS);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

enum export_need
scope_need(const struct export_policy *policy, int64_t people, int64_t recent)
{
	if (people > policy->over)
		return EXPORT_BY_SIZE;
	return people + recent > policy->over ? EXPORT_BY_SUM : EXPORT_ALONE;
}

/* ---- Certificates ------------------------------------------------------ */

static int
read_certificate(struct span certificate, int64_t now_ms, struct arena *arena,
    struct smime_certificate *out, struct err *err)
{
	struct smime_list list;

	if (certificate.len > EXPORT_CERTIFICATE_MAX ||
	    smime_list_read(certificate, arena, &list, NULL) < 0 ||
	    list.count == 0 ||
	    smime_certificate_read(list.der[0], arena, out, NULL) < 0)
		return refuse("certificate", "form", err);
	if (now_ms < out->from_ms || now_ms > out->to_ms)
		return refuse("certificate", "time", err);
	if (!out->key[0] || !out->encrypts)
		return refuse("certificate", "key", err);
	return 0;
}

int
scope_certificate(struct span certificate, int64_t now_ms,
    struct digest *fingerprint, struct buf *out, struct err *err)
{
	struct arena *arena = arena_new();
	struct smime_certificate read;
	int rc = read_certificate(certificate, now_ms, arena, &read, err);

	if (rc == 0)
		*fingerprint = read.fingerprint;
	if (rc == 0 && out)
		buf_add(out, read.subject);
	arena_free(&arena);
	return rc;
}

int
export_certificate_check(
    struct span certificate, int64_t now_ms, struct buf *out, struct err *err)
{
	struct arena *arena = arena_new();
	struct smime_certificate read;
	int rc = read_certificate(certificate, now_ms, arena, &read, err);

	if (rc == 0 && out) {
		buf_add(out, read.subject);
		buf_printf(out, ", %s, ", read.key);
		statement_time(read.to_ms, out);
	}
	arena_free(&arena);
	return rc;
}

/* ---- Who is meant ------------------------------------------------------ */

static int
check_order(
    struct store *store, const struct export_order *order, struct err *err)
{
	int64_t now_ms = clock_now_ms(store_clock(store));
	struct digest fingerprint;

	if (order->scope >= EXPORT_SCOPES || order->seal >= EXPORT_SEALS)
		return err_set(err, E_BUG);
	if (order->seal != EXPORT_BY_CERTIFICATE)
		return 0;
	return scope_certificate(
	    buf_span(&order->certificate), now_ms, &fingerprint, NULL, err);
}

static int
read_list(struct scope *self, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(self->db, "SELECT name FROM list WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, self->order->list.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		span_text(
		    self->list, sizeof self->list, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	if (got == 0)
		return err_set(err, E_LIST_MISSING);
	return got < 0 ? -1 : 0;
}

static int
read_filter(struct scope *self, int64_t now_ms, struct err *err)
{
	const struct export_order *order = self->order;
	struct segment segment;

	if (order->scope == EXPORT_FILTER)
		return filter_prepare(self->db, buf_span(&order->filter),
		    now_ms, &self->filter, err);
	if (order->scope != EXPORT_SEGMENT)
		return 0;
	if (segment_find(self->db, order->segment, &segment, err) < 0)
		return -1;
	span_text(self->segment, sizeof self->segment, span_of(segment.name));
	return segment_filter(self->db, order->segment, order->list, now_ms,
	    &self->filter, NULL, err);
}

static int
need_contact(struct scope *self, struct err *err)
{
	struct stmt *stmt = db_stmt(self->db,
	    "SELECT address FROM contact WHERE id = ?1 AND canon <> ''", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, self->order->contact.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		span_text(self->address, sizeof self->address,
		    stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	self->people = 1;
	if (got == 0)
		return err_set(err, E_CONTACT_MISSING);
	return got < 0 ? -1 : 0;
}

static int
count(struct scope *self, struct export_watch *watch, struct err *err)
{
	self->people = contact_count(self->db, self->order->list, self->filter,
	    watch ? watch->cancel : NULL, err);
	if (self->people < 0)
		return -1;
	return self->people ? 0 : err_set(err, E_EXPORT_EMPTY);
}

/* Everything that follows sees the store as it is now. */
static int
pin(struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt(db, "BEGIN", err);

	return stmt ? stmt_run(stmt, err) : -1;
}

int
scope_open(struct store *store, const struct export_order *order,
    struct export_watch *watch, struct scope *out, struct err *err)
{
	int64_t now_ms = clock_now_ms(store_clock(store));
	int rc = -1;

	out->order = order;
	if (store_reader_open(store, &out->db, err) < 0)
		return -1;
	if (pin(out->db, err) < 0 || scope_require(store, out->db, err) < 0 ||
	    check_policy(out->db, order, err) < 0 ||
	    check_order(store, order, err) < 0)
		return -1;
	if (order->scope == EXPORT_PERSON)
		rc = need_contact(out, err);
	else if (read_list(out, err) == 0 && read_filter(out, now_ms, err) == 0)
		rc = count(out, watch, err);
	if (rc == 0 && watch)
		atomic_store(&watch->total, out->people);
	return rc;
}

void
scope_done(struct scope *scope)
{
	filter_free(&scope->filter);
	store_reader_close(&scope->db);
}

void
scope_what(const struct scope *scope, struct buf *out)
{
	buf_text(out, scope->list);
	if (scope->segment[0])
		buf_printf(out, ": %s", scope->segment);
}
