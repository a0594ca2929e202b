/* A store, a list with contacts, a campaign, and a folder with files. */
#ifndef TESTS_UNIT_ATTACH_CASE_H
#define TESTS_UNIT_ATTACH_CASE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/attach/attach.h"
#include "core/base/file.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

#define PDF "%PDF-1.4\n"

struct attach_case {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	char *dir;
	struct campaign campaign; /* as stored */
	atomic_bool cancel;
	struct attach_progress progress;
	struct err err;
	char path[512];
};

/* Statements are known by their address: sql must be a literal.  ?1 is a
 * number, ?2 to ?4 are texts, as far as they are there. */
static inline void
case_sql(struct attach_case *it, const char *sql, int number, const char *a,
    const char *b)
{
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(
	    store_begin(it->store, STORE_WAIT_LONG, "test", &db, &it->err),
	    &it->err);
	stmt = db_stmt(db, sql, &it->err);
	assert_non_null(stmt);
	if (strstr(sql, "?1"))
		stmt_int(stmt, 1, number);
	if (a)
		stmt_text(stmt, 2, span_of(a));
	if (b)
		stmt_text(stmt, 3, span_of(b));
	assert_ok(stmt_run(stmt, &it->err), &it->err);
	assert_ok(store_commit(it->store, &db, &it->err), &it->err);
}

static inline void
case_begin(struct attach_case *it)
{
	memset(it, 0, sizeof *it);
	fake_clock_init(&it->clock);
	it->store = tempstore_open(&it->clock.base);
	it->dir = tempdir_new();
	it->progress.cancel = &it->cancel;
	assert_ok(campaign_create(it->store, SPAN("Invoices"), CLASS_TX,
		      &it->campaign.id, &it->err),
	    &it->err);
	case_sql(it,
	    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
	    " VALUES(1, 'all', 0, 0, 't')",
	    0, NULL, NULL);
	case_sql(it, "UPDATE campaign SET list = 1", 0, NULL, NULL);
	assert_ok(store_reader_open(it->store, &it->db, &it->err), &it->err);
	assert_ok(
	    campaign_read(it->db, it->campaign.id, &it->campaign, &it->err),
	    &it->err);
}

/* A member with a field "id". */
static inline void
case_person(
    struct attach_case *it, int number, const char *address, const char *id)
{
	case_sql(it,
	    "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES(?1, ?2, ?2, 'N', json_object('id', ?3), 1, 1)",
	    number, address, id);
	case_sql(it,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(1, ?1, 1, 0, '')",
	    number, NULL, NULL);
}

/* Path of a name in the folder; lives until the next one. */
static inline const char *
case_path(struct attach_case *it, const char *name)
{
	snprintf(it->path, sizeof it->path, "%s/%s", it->dir, name);
	return it->path;
}

/* Makes a file in the folder; its path is the last one. */
static inline void
case_file(struct attach_case *it, const char *name, struct span bytes)
{
	FILE *out = fopen(case_path(it, name), "wb");

	assert_non_null(out);
	if (bytes.len > 0)
		assert_int_equal(
		    fwrite(bytes.ptr, 1, bytes.len, out), bytes.len);
	assert_int_equal(fclose(out), 0);
}

/* Adds the file whose path was made last. */
static inline int
case_add(struct attach_case *it, enum attach_kind kind)
{
	return attach_add(it->store, it->campaign.id, it->path, kind, &it->err);
}

static inline int
case_set(struct attach_case *it, const char *pattern, const char *manifest)
{
	const struct attach_source source = {
	    it->dir, span_of(pattern), manifest};

	return attach_add_set(
	    it->store, it->campaign.id, &source, &it->progress, &it->err);
}

/* One number from the store. */
static inline int64_t
case_count(struct attach_case *it, const char *sql)
{
	struct stmt *stmt = db_stmt(it->db, sql, &it->err);
	int64_t count;

	assert_non_null(stmt);
	assert_int_equal(stmt_step(stmt, &it->err), 1);
	count = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return count;
}

/* The rows; there must be so many.  The caller frees them. */
static inline struct attach_row *
case_rows(struct attach_case *it, size_t want)
{
	struct attach_row *all;
	size_t count;

	assert_ok(attach_all(it->db, it->campaign.id, &all, &count, &it->err),
	    &it->err);
	assert_int_equal(count, want);
	return all;
}

static inline void
case_end(struct attach_case *it)
{
	campaign_done(&it->campaign);
	store_reader_close(&it->db);
	tempstore_close(&it->store);
	tempdir_remove(&it->dir);
}

#endif
