/* Lists: names for sets of people.  An id is never given twice as long as
 * anything remembers it: a campaign must not find another list under it. */
#include "core/contacts/contacts.h"

#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/base/utf8.h"

enum { NAME_CHARACTERS = 64 };

static int
missing(struct list_id id, struct err *err)
{
	err_set(err, E_LIST_MISSING);
	return err_fact_int(err, "id", id.v);
}

static int
bad_name(struct span name, const char *why, struct err *err)
{
	err_set(err, E_LIST_NAME);
	err_fact(err, "name", name);
	return err_fact(err, "why", span_of(why));
}

static int
check_name(
    struct db *db, struct list_id self, struct span name, struct err *err)
{
	struct stmt *stmt;
	int got;

	if (!utf8_is_valid(name))
		return bad_name(name, "utf8", err);
	if (text_check_line(name) != TEXT_FINE)
		return bad_name(name, "control", err);
	if (name.len == 0)
		return bad_name(name, "empty", err);
	if (utf8_count(name) > NAME_CHARACTERS)
		return bad_name(name, "length", err);
	stmt =
	    db_stmt(db, "SELECT 1 FROM list WHERE name = ?1 AND id <> ?2", err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, name);
	stmt_int(stmt, 2, self.v);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got == 1 ? bad_name(name, "taken", err) : got;
}

static int
audit(struct store *store, struct db *db, const char *what, struct list_id id,
    struct span name, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = what};
	int rc;

	buf_printf(&object, "list %lld", (long long)id.v);
	if (name.len)
		buf_text(&facts, "name=");
	buf_add(&facts, name);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

static int
insert(struct store *store, struct db *db, struct span name,
    struct list_id *out, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
	    " VALUES(1 + max(coalesce((SELECT max(id) FROM list), 0),"
	    "  coalesce((SELECT max(id) FROM trash_list), 0),"
	    "  coalesce((SELECT max(list) FROM campaign), 0),"
	    "  coalesce((SELECT max(list) FROM import), 0),"
	    "  coalesce((SELECT max(list) FROM suppression), 0)),"
	    " ?1, ?2, ?2, ?3)";
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, name);
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, span_of(store_user(store)));
	if (stmt_run(stmt, err) < 0)
		return -1;
	out->v = db_last_id(db);
	return 0;
}

int
list_name_check(struct db *db, struct span name, struct err *err)
{
	return check_name(db, (struct list_id){0}, text_trim(name), err);
}

int
list_create_in(struct store *store, struct db *db, struct span name,
    struct list_id *out, struct err *err)
{
	name = text_trim(name);
	if (list_name_check(db, name, err) < 0 ||
	    insert(store, db, name, out, err) < 0)
		return -1;
	return audit(store, db, "list.create", *out, name, err);
}

int
list_create(
    struct store *store, struct span name, struct list_id *out, struct err *err)
{
	struct list_id id = {0};
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_SHORT, "list", &db, err) < 0)
		return -1;
	if (list_create_in(store, db, name, &id, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc == 0)
		*out = id;
	return rc;
}

int
list_join_in(struct db *db, struct list_id list,
    const struct list_joiner *joiner, struct err *err)
{
	static const char sql[] =
	    "INSERT OR IGNORE INTO member(list, contact, basis, basis_at_ms,"
	    " basis_note, how, wording, ip, paper, confirmed_ms)"
	    " SELECT ?1, c.id, coalesce(m.basis, 0),"
	    " coalesce(m.basis_at_ms, 0), coalesce(m.basis_note, ''),"
	    " coalesce(m.how, 0), coalesce(m.wording, 0), coalesce(m.ip, ''),"
	    " coalesce(m.paper, ''), coalesce(m.confirmed_ms, 0)"
	    " FROM contact c LEFT JOIN member m ON m.list = ?4"
	    " AND m.contact = c.id WHERE c.id = ?2 AND c.canon = ?3";
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_int(stmt, 2, joiner->contact.v);
	stmt_text(stmt, 3, joiner->canon);
	stmt_int(stmt, 4, joiner->before.v);
	if (stmt_run(stmt, err) < 0)
		return -1;
	return db_changes(db) > 0;
}

int
list_need(struct db *db, struct list_id id, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT 1 FROM list WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	if (got == 0)
		return missing(id, err);
	return got < 0 ? -1 : 0;
}

static int
update_name(struct store *store, struct db *db, struct list_id id,
    struct span name, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE list SET name = ?2, changed_ms = ?3, changed_by = ?4"
	    " WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	stmt_text(stmt, 2, name);
	stmt_int(stmt, 3, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 4, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

int
list_rename(
    struct store *store, struct list_id id, struct span name, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	name = text_trim(name);
	if (store_begin(store, STORE_WAIT_SHORT, "list", &db, err) < 0)
		return -1;
	if (list_need(db, id, err) == 0 && check_name(db, id, name, err) == 0 &&
	    update_name(store, db, id, name, err) == 0 &&
	    audit(store, db, "list.rename", id, name, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

const char *
circle_name(enum circle circle)
{
	static const char *const names[CIRCLE_COUNT] = {
	    [CIRCLE_UNSAID] = "unsaid",
	    [CIRCLE_STAFF] = "staff",
	    [CIRCLE_PARTNERS] = "partners",
	    [CIRCLE_CUSTOMERS] = "customers",
	};

	return circle < CIRCLE_COUNT ? names[circle] : "unsaid";
}

static int
update_color(
    struct db *db, struct list_id id, enum circle color, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "UPDATE list SET color = ?2 WHERE id = ?1", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	stmt_int(stmt, 2, color);
	return stmt_run(stmt, err);
}

int
list_color_set(
    struct store *store, struct list_id id, enum circle color, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_SHORT, "list", &db, err) < 0)
		return -1;
	buf_printf(&object, "list %lld", (long long)id.v);
	buf_printf(&facts, "color=%s", circle_name(color));
	if (list_need(db, id, err) == 0 &&
	    update_color(db, id, color, err) == 0 &&
	    audit_add_in(store, db,
		&(struct audit_event){
		    "list.color", buf_span(&object), buf_span(&facts)},
		err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
list_touch(
    struct store *store, struct db *db, struct list_id id, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE list SET revision = revision + 1, changed_ms = ?2,"
	    " changed_by = ?3 WHERE id = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

/* ---- Reading ----------------------------------------------------------- */

static int
count_members(struct db *db, struct list_info *info, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT count(*), coalesce(sum(basis <> 0), 0) FROM member"
	    " WHERE list = ?1",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, info->id.v);
	if (stmt_step(stmt, err) != 1)
		return -1;
	info->contacts = stmt_col_int(stmt, 0);
	info->with_basis = stmt_col_int(stmt, 1);
	stmt_reset(stmt);
	return 0;
}

/* Entries of contacts have their address (see suppress.c), and the stop list
 * is short beside the list: so this begins there. */
static const char stopped_people[] =
    "SELECT count(DISTINCT m.contact) FROM main.suppression s"
    " CROSS JOIN main.contact x ON " STOP_IS_OF_X
    " CROSS JOIN member m ON m.list = ?1 AND m.contact = x.id"
    " AND m.basis <> 0"
    " WHERE s.list IN (0, ?1) AND (s.until_ms = 0 OR s.until_ms > ?2)";

/* With whole domains on the stop list every address is looked at, which the
 * index of addresses has. */
static const char stopped_with_domains[] =
    "SELECT count(*) FROM member m WHERE m.list = ?1 AND m.basis <> 0"
    " AND (m.contact IN (SELECT x.id FROM main.suppression s"
    " CROSS JOIN main.contact x ON " STOP_IS_OF_X
    " WHERE s.list IN (0, ?1) AND (s.until_ms = 0 OR s.until_ms > ?2))"
    " OR m.contact IN (SELECT c.id FROM main.contact c"
    " WHERE sekisho_at(c.canon) IN (SELECT s.address"
    " FROM main.suppression s WHERE s.cause = ?3 AND s.list IN (0, ?1)"
    " AND (s.until_ms = 0 OR s.until_ms > ?2))))";

/* Whether a whole domain is on the stop list: 1, 0, -1. */
static int
any_domain(struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT EXISTS(SELECT 1 FROM suppression WHERE cause = ?1)", err);
	int got = -1;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, SUPPRESS_DOMAIN);
	if (stmt_step(stmt, err) == 1)
		got = stmt_col_int(stmt, 0) != 0;
	stmt_reset(stmt);
	return got;
}

static int
count_sendable(struct db *db, struct list_info *info, struct err *err)
{
	int domains = any_domain(db, err);
	struct stmt *stmt;

	if (domains < 0)
		return -1;
	stmt = domains ? db_stmt_inner(db, stopped_with_domains, err)
		       : db_stmt_inner(db, stopped_people, err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, info->id.v);
	stmt_int(stmt, 2, clock_now_ms(clock_real()));
	if (domains)
		stmt_int(stmt, 3, SUPPRESS_DOMAIN);
	if (stmt_step(stmt, err) != 1)
		return -1;
	info->sendable = info->with_basis - stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return 0;
}

static void
col_list(struct stmt *stmt, struct list_info *out)
{
	*out = (struct list_info){.id.v = stmt_col_int(stmt, 0),
	    .changed_ms = stmt_col_int(stmt, 2),
	    .revision = stmt_col_int(stmt, 3),
	    .color = (enum circle)stmt_col_int(stmt, 4)};
	text_cut(out->name, sizeof out->name, stmt_col_text(stmt, 1));
}

static int
add_counts(struct db *db, struct list_info *info, struct err *err)
{
	return count_members(db, info, err) < 0 ? -1
						: count_sendable(db, info, err);
}

int
list_find(
    struct db *db, struct list_id id, struct list_info *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, name, changed_ms, revision, color FROM list"
	    " WHERE id = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		col_list(stmt, out);
	stmt_reset(stmt);
	if (got == 0)
		return missing(id, err);
	return got < 0 ? -1 : add_counts(db, out, err);
}

int
list_color(struct db *db, struct list_id id, enum circle *out, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT color FROM list WHERE id = ?1", err);
	int got;

	*out = CIRCLE_UNSAID;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = (enum circle)stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
list_all(struct db *db, struct list_info **out, size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, name, changed_ms, revision, color FROM list"
	    " ORDER BY name",
	    err);
	struct list_info *all = NULL;
	size_t used = 0;
	int got;

	if (!stmt)
		return -1;
	while ((got = stmt_step(stmt, err)) == 1) {
		all = mem_grow(all, (used + 1) * sizeof *all);
		col_list(stmt, &all[used++]);
	}
	for (size_t i = 0; got == 0 && i < used; i++)
		got = add_counts(db, &all[i], err);
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all ? all : mem_new(1);
	*count = used;
	return 0;
}
