/* The table of people: who is registered, with which roles, from where.  Who
 * changes it must be an administrator, and one administrator who can come in
 * is always left. */
#include <ctype.h>

#include "core/access/admit.h"
#include "core/base/buf.h"
#include "core/base/utf8.h"
#include "core/net/network.h"

#define COLUMNS                                                                \
	"login, roles, masked, disabled, networks, added_ms, changed_ms,"      \
	" changed_by, second_ms"

static void
take(struct stmt *stmt, struct person *out)
{
	*out = (struct person){
	    .roles = (unsigned)stmt_col_int(stmt, 1),
	    .masked = stmt_col_int(stmt, 2),
	    .disabled = stmt_col_int(stmt, 3),
	    .added_ms = stmt_col_int(stmt, 5),
	    .changed_ms = stmt_col_int(stmt, 6),
	    .second_ms = stmt_col_int(stmt, 8),
	};
	span_text(out->login, sizeof out->login, stmt_col_text(stmt, 0));
	span_text(out->networks, sizeof out->networks, stmt_col_text(stmt, 4));
	span_text(
	    out->changed_by, sizeof out->changed_by, stmt_col_text(stmt, 7));
}

int
person_read(
    struct db *db, struct span login, struct person *out, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT " COLUMNS " FROM person WHERE login = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, login);
	got = stmt_step(stmt, err);
	if (got == 1)
		take(stmt, out);
	stmt_reset(stmt);
	return got;
}

int
person_each(struct db *db, void (*each)(void *arg, const struct person *person),
    void *arg, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT " COLUMNS " FROM person ORDER BY login", err);
	struct person person;
	int got = -1, count = 0;

	if (!stmt)
		return -1;
	while ((got = stmt_step(stmt, err)) == 1) {
		take(stmt, &person);
		each(arg, &person);
		count++;
	}
	return got < 0 ? -1 : count;
}

int
person_current(
    struct store *store, struct db *db, struct person *out, struct err *err)
{
	struct span login = span_of(store_user(store));
	unsigned roles;
	int got = person_read(db, login, out, err);

	if (got < 0 || store_roles(store, db, &roles, err) < 0)
		return -1;
	if (got == 0) {
		*out = (struct person){.roles = 0};
		span_text(out->login, sizeof out->login, login);
	}
	out->roles = roles;
	return 0;
}

/* ---- Changing --------------------------------------------------------------- */

static int
fail_field(struct err *err, const char *field, const char *why)
{
	err_set(err, E_PERSON_FIELD);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

/* What useradd(8) takes, and what directories add to it ("jiro@example"). */
static bool
is_login(struct span login)
{
	struct span name = login;

	if (span_starts(login, SPAN("@")))
		name = span_slice(login, 1, login.len);
	if (name.len == 0 || login.len > PERSON_LOGIN_MAX ||
	    name.ptr[0] == '-' || !utf8_is_valid(name))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (c <= ' ' || c == 0x7f || c == ':' || c == ',' || c == '/')
			return false;
	}
	return true;
}

static int
check(const struct person *person, struct err *err)
{
	unsigned known = (1u << PERSON_ROLES) - 1;

	if (!is_login(span_of(person->login)))
		return fail_field(err, "login", "name");
	if (person->roles & ~known)
		return fail_field(err, "roles", "unknown");
	if (person->login[0] == '@' && person->roles & PERSON_ADMINISTRATOR)
		return fail_field(err, "roles", "group");
	return 0;
}

/* 0 while somebody is an administrator and may come in. */
static int
check_left(struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT 1 FROM person WHERE roles & ?1 AND NOT disabled"
	    " AND login NOT LIKE '@%' LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, PERSON_ADMINISTRATOR);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	if (got == 0)
		return err_set(err, E_PERSON_LAST);
	return got < 0 ? -1 : 0;
}

static int
upsert(struct store *store, struct db *db, const struct person *person,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO person(login, roles, masked, disabled, networks,"
	    " added_ms, changed_ms, changed_by) VALUES(?1, ?2, ?3, ?4, ?5, ?6,"
	    " ?6, ?7) ON CONFLICT(login) DO UPDATE SET roles = ?2,"
	    " masked = ?3, disabled = ?4, networks = ?5, changed_ms = ?6,"
	    " changed_by = ?7",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(person->login));
	stmt_int(stmt, 2, person->roles);
	stmt_int(stmt, 3, person->masked);
	stmt_int(stmt, 4, person->disabled);
	stmt_text(stmt, 5, span_of(person->networks));
	stmt_int(stmt, 6, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 7, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

static void
add_roles(struct buf *out, unsigned roles)
{
	const char *comma = "";

	for (int i = 0; i < PERSON_ROLES; i++) {
		if (!(roles >> i & 1))
			continue;
		buf_text(out, comma);
		buf_text(out, person_role_name((enum person_role)(1 << i)));
		comma = ",";
	}
	if (!*comma)
		buf_char(out, '-');
}

static int
log_save(struct store *store, struct db *db, const struct person *person,
    struct err *err)
{
	struct buf facts = BUF_INIT;
	struct span networks = span_of(person->networks);
	int rc;

	buf_text(&facts, "roles=");
	add_roles(&facts, person->roles);
	buf_printf(&facts, " masked=%d disabled=%d networks=", person->masked,
	    person->disabled);
	for (size_t i = 0; i < networks.len && i < 500; i++)
		buf_char(&facts, isspace((unsigned char)networks.ptr[i])
				     ? ','
				     : networks.ptr[i]);
	rc = audit_add_in(store, db,
	    &(struct audit_event){
		.what = "person.save",
		.object = span_of(person->login),
		.facts = buf_span(&facts),
	    },
	    err);
	buf_done(&facts);
	return rc;
}

int
person_save(struct store *store, const struct person *person,
    const struct origin *origin, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (check(person, err) < 0 ||
	    networks_check(span_of(person->networks), err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "people", &db, err) < 0)
		return -1;
	if (person_require(store, db, MAY_PEOPLE_WRITE, err) == 0 &&
	    stepup_require(store, db, STEPUP_POLICY, err) == 0 &&
	    upsert(store, db, person, err) == 0 && check_left(db, err) == 0 &&
	    (!origin || origin_check_self(store, db, origin, err) == 0) &&
	    log_save(store, db, person, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

static int
delete_row(struct db *db, struct span login, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "DELETE FROM person WHERE login = ?1", err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, login);
	if (stmt_run(stmt, err) < 0)
		return -1;
	if (db_changes(db) == 1)
		return 0;
	err_set(err, E_PERSON_UNKNOWN);
	return err_fact(err, "login", login);
}

static int
not_self(struct store *store, struct span login, struct err *err)
{
	if (!span_equal(login, span_of(store_user(store))))
		return 0;
	err_set(err, E_PERSON_SELF);
	return err_fact(err, "login", login);
}

int
person_remove(struct store *store, struct span login, struct err *err)
{
	struct audit_event event = {.what = "person.remove", .object = login};
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(store, STORE_WAIT_SHORT, "people", &db, err) < 0)
		return -1;
	if (person_require(store, db, MAY_PEOPLE_WRITE, err) == 0 &&
	    not_self(store, login, err) == 0 &&
	    stepup_require(store, db, STEPUP_POLICY, err) == 0 &&
	    delete_row(db, login, err) == 0 && check_left(db, err) == 0 &&
	    audit_add_in(store, db, &event, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

int
person_note_second(struct store *store, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;

	if (store_begin(store, STORE_WAIT_LONG, "people", &db, err) < 0)
		return -1;
	stmt = db_stmt(
	    db, "UPDATE person SET second_ms = ?2 WHERE login = ?1", err);
	if (stmt) {
		stmt_text(stmt, 1, span_of(store_user(store)));
		stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	}
	if (!stmt || stmt_run(stmt, err) < 0) {
		store_rollback(store, &db);
		return -1;
	}
	return store_commit(store, &db, err);
}
