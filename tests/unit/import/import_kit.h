/* A store, a list, and files to import into it. */
#ifndef TESTS_UNIT_CONTACTS_IMPORT_KIT_H
#define TESTS_UNIT_CONTACTS_IMPORT_KIT_H

#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/import/import.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

struct room {
	struct fake_clock clock;
	struct store *store;
	struct list_id list;
	char *dir;
	struct buf path;
};

static inline int
setup(void **state)
{
	struct room *room = mem_new(sizeof *room);
	struct err err = {0};

	fake_clock_init(&room->clock);
	room->store = tempstore_open(&room->clock.base);
	room->dir = tempdir_new();
	buf_printf(&room->path, "%s/list.csv", room->dir);
	assert_ok(
	    list_create(room->store, SPAN("Members"), &room->list, &err), &err);
	*state = room;
	return 0;
}

static inline int
teardown(void **state)
{
	struct room *room = *state;

	tempstore_close(&room->store);
	tempdir_remove(&room->dir);
	buf_done(&room->path);
	free(room);
	return 0;
}

static inline void
write_file(struct room *room, struct span data)
{
	struct err err = {0};

	assert_ok(file_replace(room->path.ptr, data, 0600, &err), &err);
}

static inline struct import_plan
plan_of(const struct room *room)
{
	return (struct import_plan){.list = room->list,
	    .basis = BASIS_CONSENT,
	    .basis_at_ms = 1700000000000,
	    .basis_note = SPAN("form on the web site")};
}

static inline void
assert_sums(const struct import_counts *c)
{
	assert_int_equal(c->read, c->fresh + c->changed + c->same +
				      c->duplicate + c->rejected +
				      c->suppressed);
}

static inline struct import *
open_text(struct room *room, struct span data)
{
	struct import *import = NULL;
	struct err err = {0};

	write_file(room, data);
	assert_ok(
	    import_open(room->path.ptr, IMPORT_AUTO, &import, &err), &err);
	return import;
}

static inline int64_t
members(struct room *room)
{
	struct list_info info;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(list_find(db, room->list, &info, &err), &err);
	store_reader_close(&db);
	return info.contacts;
}

/* Checks and commits, which must count the same. */
static inline void
import_all(
    struct room *room, struct import *import, struct import_counts *counts)
{
	struct import_plan plan = plan_of(room);
	struct import_counts checked = {0};
	struct err err = {0};
	int64_t before = members(room);

	assert_ok(
	    import_check(import, room->store, &plan, &checked, &err), &err);
	assert_int_equal(members(room), before);
	assert_ok(
	    import_commit(import, room->store, &plan, counts, &err), &err);
	assert_memory_equal(&checked, counts, sizeof checked);
	assert_sums(counts);
	assert_int_equal(members(room), before + counts->fresh);
}

static inline void
import_text(struct room *room, struct span data, struct import_counts *counts)
{
	struct import *import = open_text(room, data);

	import_all(room, import, counts);
	import_close(&import);
}

/* "address|name|fields" of member i of the list, in order of ids. */
static inline void
assert_member(struct room *room, size_t i, const char *wanted)
{
	struct contact_page page = {0};
	struct buf text = BUF_INIT;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(contact_page(room->store, db, room->list,
		      (struct contact_id){0}, 100, &page, &err),
	    &err);
	assert_true(i < page.count);
	buf_add(&text, page.row[i].address);
	buf_char(&text, '|');
	buf_add(&text, page.row[i].name);
	buf_char(&text, '|');
	buf_add(&text, page.row[i].fields);
	assert_string_equal(text.ptr, wanted);
	contact_page_done(&page);
	store_reader_close(&db);
	buf_done(&text);
}

#endif
