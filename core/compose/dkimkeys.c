/* DKIM keys in the store.  The private half is a blob inside encrypted pages;
 * it leaves them only into a struct secret for the signer. */
#include "core/compose/template.h"

#include "core/access/access.h"

#include <stdlib.h>

#include "core/mail/address.h"
#include "core/mail/dkim.h"

enum { SELECTOR_MAX = 63 };

/* Letters, digits and inner hyphens: one label (RFC 6376 section 3.1 allows
 * several, we make one). */
static int
check_selector(struct span selector, struct err *err)
{
	bool good = selector.len > 0 && selector.len <= SELECTOR_MAX &&
		    selector.ptr[0] != '-' &&
		    selector.ptr[selector.len - 1] != '-';

	for (size_t i = 0; good && i < selector.len; i++) {
		char c = selector.ptr[i];
		good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		       (c >= 'A' && c <= 'Z') || c == '-';
	}
	if (good)
		return 0;
	err_set(err, E_DKIM_KEY);
	return err_fact(err, "what", SPAN("selector"));
}

struct new_key {
	struct span domain, selector;
	const struct secret *private;
	struct span public;
	int64_t now_ms;
};

static int
insert_key(struct db *db, const struct new_key *key, struct err *err)
{
	struct stmt *stmt;

	stmt = db_stmt(
	    db, "UPDATE dkim_key SET active = 0 WHERE domain = ?1", err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, key->domain);
	if (stmt_run(stmt, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "INSERT INTO dkim_key(domain, selector, private, public,"
	    " created_ms, active) VALUES(?1, ?2, ?3, ?4, ?5, 1)",
	    err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, key->domain);
	stmt_text(stmt, 2, key->selector);
	stmt_blob(stmt, 3, secret_span(key->private));
	stmt_text(stmt, 4, key->public);
	stmt_int(stmt, 5, key->now_ms);
	return stmt_run(stmt, err);
}

/* 0 when the selector is free for the domain: a published record must never
 * come to mean another key. */
static int
check_unused(struct db *db, const struct new_key *key, struct err *err)
{
	struct stmt *stmt;
	int got;

	stmt = db_stmt(db,
	    "SELECT 1 FROM dkim_key WHERE domain = ?1 AND selector = ?2", err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, key->domain);
	stmt_text(stmt, 2, key->selector);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	if (got <= 0)
		return got;
	err_set(err, E_DKIM_KEY);
	return err_fact(err, "what", SPAN("taken"));
}

static int
log_key(struct store *store, struct db *db, const struct new_key *key,
    struct err *err)
{
	struct audit_event event = {.what = "dkim.create"};
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_text(&object, "domain ");
	buf_add(&object, key->domain);
	buf_text(&facts, "selector=");
	buf_add(&facts, key->selector);
	buf_text(&facts, " algorithm=rsa bits=");
	buf_int(&facts, DKIM_BITS);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
dkim_create(struct store *store, struct span domain, struct span selector,
    struct err *err)
{
	struct new_key key = {.selector = selector};
	struct secret *private = NULL;
	struct buf public = BUF_INIT;
	struct arena *arena = arena_new();
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_KEY_WRITE, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_SETUP, err) < 0)
		goto out;
	if (check_selector(selector, err) < 0 ||
	    address_domain(domain, arena, &key.domain, err) < 0 ||
	    dkim_key_make(DKIM_BITS, &private, &public, err) < 0)
		goto out;
	key.private = private;
	key.public = buf_span(&public);
	key.now_ms = clock_now_ms(store_clock(store));
	if (store_begin(store, STORE_WAIT_SHORT, "dkim", &db, err) < 0 ||
	    check_unused(db, &key, err) < 0 || insert_key(db, &key, err) < 0 ||
	    log_key(store, db, &key, err) < 0)
		goto out;
	rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	secret_free(&private);
	buf_done(&public);
	arena_free(&arena);
	return rc;
}

int
dkim_all(struct db *db, struct dkim_info **out, size_t *count, struct err *err)
{
	struct dkim_info *all = NULL;
	struct stmt *stmt;
	size_t found = 0;
	int got;

	stmt = db_stmt(db,
	    "SELECT id, domain, selector, created_ms, active FROM dkim_key"
	    " ORDER BY domain, active DESC, created_ms DESC, id DESC",
	    err);
	if (!stmt)
		return -1;
	while ((got = stmt_step(stmt, err)) > 0) {
		all = mem_grow(all, (found + 1) * sizeof *all);
		struct dkim_info *info = &all[found++];
		info->id = stmt_col_int(stmt, 0);
		span_text(
		    info->domain, sizeof info->domain, stmt_col_text(stmt, 1));
		span_text(info->selector, sizeof info->selector,
		    stmt_col_text(stmt, 2));
		info->created_ms = stmt_col_int(stmt, 3);
		info->active = stmt_col_int(stmt, 4) != 0;
	}
	if (got < 0) {
		free(all);
		return -1;
	}
	*out = all;
	*count = found;
	return 0;
}

int
dkim_dns_record(struct db *db, int64_t id, struct buf *name, struct buf *value,
    struct err *err)
{
	struct stmt *stmt;
	int got;

	stmt = db_stmt(db,
	    "SELECT domain, selector, public FROM dkim_key WHERE id = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got > 0) {
		buf_add(name, stmt_col_text(stmt, 1));
		buf_text(name, "._domainkey.");
		buf_add(name, stmt_col_text(stmt, 0));
		dkim_record(stmt_col_text(stmt, 2), value);
	}
	stmt_reset(stmt);
	if (got != 0)
		return got < 0 ? -1 : 0;
	err_set(err, E_DKIM_KEY);
	return err_fact(err, "what", SPAN("missing"));
}

int
dkim_active(struct db *db, struct span domain, struct secret **key,
    struct buf *selector, struct err *err)
{
	struct stmt *stmt;
	int got;

	stmt = db_stmt(db,
	    "SELECT selector, private FROM dkim_key"
	    " WHERE domain = ?1 AND active = 1",
	    err);
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, domain);
	got = stmt_step(stmt, err);
	if (got > 0) {
		struct span private = stmt_col_blob(stmt, 1);
		buf_add(selector, stmt_col_text(stmt, 0));
		*key = secret_of(private.ptr, private.len);
	}
	stmt_reset(stmt);
	return got;
}
