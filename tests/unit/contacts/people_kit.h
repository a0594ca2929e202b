/* A store with contacts in lists, and short ways to look at them. */
#ifndef TESTS_UNIT_CONTACTS_PEOPLE_KIT_H
#define TESTS_UNIT_CONTACTS_PEOPLE_KIT_H

#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/contacts/contacts.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

struct room {
	struct fake_clock clock;
	struct store *store;
	struct list_id a, b; /* "Alpha", "Beta" */
	struct err err;
	struct buf text;
};

/* One number, the first column of the first row. */
static inline int64_t
number(struct room *room, const char *sql)
{
	return tempstore_number(room->store, sql);
}

/* One text, kept in the room until the next one. */
static inline const char *
text(struct room *room, const char *sql)
{
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	stmt = db_stmt(db, sql, &room->err);
	assert_non_null(stmt);
	buf_clear(&room->text);
	buf_text(&room->text, "");
	if (stmt_step(stmt, &room->err) == 1)
		buf_add(&room->text, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	store_reader_close(&db);
	return room->text.ptr ? room->text.ptr : "";
}

/* Runs a statement behind the program's back. */
static inline void
sql(struct room *room, const char *statement)
{
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	stmt = db_stmt(db, statement, &room->err);
	if (!stmt || stmt_run(stmt, &room->err) < 0)
		fail_msg("%s: %s", statement, err_find(&room->err, "message"));
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
}

static inline struct contact_id
who(int64_t id)
{
	return (struct contact_id){id};
}

static inline int
setup(void **state)
{
	struct room *room = mem_new(sizeof *room);

	fake_clock_init(&room->clock);
	room->store = tempstore_open(&room->clock.base);
	assert_ok(list_create(room->store, SPAN("Alpha"), &room->a, &room->err),
	    &room->err);
	assert_ok(list_create(room->store, SPAN("Beta"), &room->b, &room->err),
	    &room->err);
	/* 1 and 2 are in both, 3 in Alpha. */
	sql(room,
	    "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES"
	    "(1, 'Taro@Example.jp', 'Taro@example.jp', '山田',"
	    " '{\"city\":\"東京\",\"no\":\"7\"}', 100, 100),"
	    "(2, 'taro@example.jp', 'taro@example.jp', '',"
	    " '{\"city\":\"大阪\",\"plan\":\"gold\"}', 200, 200),"
	    "(3, 'jiro@example.jp', 'jiro@example.jp', '鈴木', '{}', 300, "
	    "300)");
	sql(room,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note,"
	    " import, how, wording, ip, paper, confirmed_ms) VALUES"
	    "(1, 1, 1, 1000, 'form', NULL, 1, 0, '192.0.2.7', '', 1500),"
	    "(2, 1, 0, 0, '', NULL, 0, 0, '', '', 0),"
	    "(1, 2, 3, 2000, 'customer', NULL, 0, 0, '', '', 0),"
	    "(2, 2, 1, 2500, 'paper', NULL, 2, 0, '', 'folder 9', 0),"
	    "(1, 3, 2, 3000, 'card', NULL, 0, 0, '', '', 0)");
	sql(room, "INSERT INTO tag(id, name) VALUES(1, 'vip'), (2, 'tokyo')");
	sql(room, "INSERT INTO contact_tag(contact, tag) VALUES(1, 1), (2, 1),"
		  " (2, 2)");
	sql(room,
	    "INSERT INTO contact_certificate(contact, fingerprint,"
	    " certificate, from_ms, to_ms, added_ms) VALUES(1, x'aa', x'bb',"
	    " 1, 2, 3)");
	*state = room;
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static inline int
teardown(void **state)
{
	struct room *room = *state;

	tempstore_close(&room->store);
	buf_done(&room->text);
	free(room);
	return 0;
}

#endif
