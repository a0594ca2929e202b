/* Windows over the members of a list, filters, and custom fields. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/import/import.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

enum { PEOPLE = 25 };

struct room {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	struct list_id list;
	struct err err;
};

static void
fill(struct room *room, struct span rows)
{
	struct import_plan plan = {.list = room->list,
	    .basis = BASIS_CARD,
	    .basis_at_ms = 42,
	    .basis_note = SPAN("fair")};
	struct import_counts counts;
	struct import *import = NULL;
	struct buf path = BUF_INIT;
	char *dir = tempdir_new();

	buf_printf(&path, "%s/a.csv", dir);
	assert_ok(file_replace(path.ptr, rows, 0600, &room->err), &room->err);
	assert_ok(import_open(path.ptr, NULL, &import, &room->err), &room->err);
	assert_ok(
	    import_commit(import, room->store, &plan, &counts, &room->err),
	    &room->err);
	assert_int_equal(counts.rejected, 0);
	import_close(&import);
	tempdir_remove(&dir);
	buf_done(&path);
}

static int
setup(void **state)
{
	struct room *room = mem_new(sizeof *room);
	struct buf rows = BUF_INIT;

	fake_clock_init(&room->clock);
	room->store = tempstore_open(&room->clock.base);
	assert_ok(
	    store_reader_open(room->store, &room->db, &room->err), &room->err);
	assert_ok(list_create(room->store, SPAN("A"), &room->list, &room->err),
	    &room->err);
	buf_text(&rows, "email,name,会社名\n");
	for (int i = 1; i <= PEOPLE; i++)
		buf_printf(&rows, "p%d@example.%s,%s %d,Inc. %d\n", i,
		    i % 2 ? "jp" : "com", i % 5 ? "Taro" : "髙橋", i, i);
	fill(room, buf_span(&rows));
	buf_done(&rows);
	*state = room;
	return 0;
}

static int
teardown(void **state)
{
	struct room *room = *state;

	store_reader_close(&room->db);
	tempstore_close(&room->store);
	free(room);
	return 0;
}

static void
read_page(struct room *room, int64_t from, int count, struct contact_page *page)
{
	assert_ok(contact_page(room->store, room->db, room->list,
		      (struct contact_id){from}, count, page, &room->err),
	    &room->err);
}

static void
pages_forwards_and_backwards(void **state)
{
	struct room *room = *state;
	struct contact_page page = {0};
	int64_t eleventh;

	read_page(room, 0, 10, &page);
	assert_int_equal(page.count, 10);
	assert_span_equal(page.row[0].address, "p1@example.jp");
	assert_span_equal(page.row[9].address, "p10@example.com");
	read_page(room, page.row[9].id.v + 1, 10, &page);
	assert_span_equal(page.row[0].address, "p11@example.jp");
	eleventh = page.row[0].id.v;
	read_page(room, eleventh, -4, &page);
	assert_int_equal(page.count, 4);
	assert_span_equal(page.row[0].address, "p7@example.jp");
	assert_span_equal(page.row[3].address, "p10@example.com");
	read_page(room, INT64_MAX, -3, &page);
	assert_span_equal(page.row[2].address, "p25@example.jp");
	read_page(room, INT64_MAX, 3, &page);
	assert_int_equal(page.count, 0);
	read_page(room, 0, -3, &page);
	assert_int_equal(page.count, 0);
	contact_page_done(&page);
	contact_page_done(&page);
}

static void
shows_all_of_a_member(void **state)
{
	struct room *room = *state;
	struct contact_page page = {0};

	assert_ok(suppress_add(room->store, SPAN("p2@example.com"), room->list,
		      SUPPRESS_HAND, SPAN("x"), &room->err),
	    &room->err);
	read_page(room, 0, 5, &page);
	assert_span_equal(page.row[4].name, "髙橋 5");
	assert_span_equal(page.row[4].fields, "{\"会社名\":\"Inc. 5\"}");
	assert_int_equal(page.row[4].basis, BASIS_CARD);
	assert_int_equal(page.row[4].basis_at_ms, 42);
	assert_span_equal(page.row[4].basis_note, "fair");
	assert_false(page.row[0].suppressed);
	assert_true(page.row[1].suppressed);
	contact_page_done(&page);
}

static void
counts_who_has_a_field(void **state)
{
	static const char *const names[] = {"a", "b", "nobody"};
	struct room *room = *state;
	int percent[4], all;

	fill(room, SPAN("email,b,a\nx@example.com,1,\ny@example.com,2,3\n"));
	assert_ok(
	    field_fill(room->db, room->list, names, 3, percent, &room->err),
	    &room->err);
	all = (int)contact_count(room->db, room->list, NULL, NULL, &room->err);
	assert_int_equal(percent[0], 100 / all);
	assert_int_equal(percent[1], 200 / all);
	assert_int_equal(percent[2], 0);
	assert_in_range(percent[3], 0, 100);
	assert_ok(field_fill(room->db, (struct list_id){99}, names, 3, percent,
		      &room->err),
	    &room->err);
	assert_int_equal(percent[1], 0);
}

static void
collects_field_names(void **state)
{
	struct room *room = *state;
	char **names = NULL;
	size_t count;

	fill(room, SPAN("email,b,a,\"q\"\"\"\nx@example.com,1,,3\n"));
	assert_ok(field_names(room->db, room->list, &names, &count, &room->err),
	    &room->err);
	assert_int_equal(count, 4);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b");
	assert_string_equal(names[2], "q_");
	assert_string_equal(names[3], "会社名");
	for (size_t i = 0; i < count; i++)
		assert_int_equal(field_is_used(room->db, room->list,
				     span_of(names[i]), &room->err),
		    1);
	assert_int_equal(
	    field_is_used(room->db, room->list, SPAN("nobody"), &room->err), 0);
	field_names_free(&names, count);
	assert_null(names);
	assert_ok(field_names(room->db, (struct list_id){99}, &names, &count,
		      &room->err),
	    &room->err);
	assert_int_equal(count, 0);
	field_names_free(&names, count);
}

/* Through lists, and into a text that is JSON. */
static void
finds_paths(void **state)
{
	static const struct span a[] = {SPAN("a")},
				 ab[] = {SPAN("a"), SPAN("b")},
				 abc[] = {SPAN("a"), SPAN("b"), SPAN("c")},
				 tb[] = {SPAN("t"), SPAN("b")},
				 td[] = {SPAN("t"), SPAN("b"), SPAN("d")};
	static const struct {
		struct field_path path;
		int found;
	} cases[] = {
	    {{a, 1}, 1},
	    {{ab, 2}, 1},
	    {{abc, 3}, 0},
	    {{ab + 1, 1}, 0},
	    {{tb, 2}, 1},
	    {{td, 3}, 0},
	};
	struct room *room = *state;
	struct db *db = NULL;
	struct field_path two[2] = {{ab + 1, 1}, {tb, 2}};
	size_t which = 9;

	fill(room, SPAN("email,k\nx@example.com,1\ny@example.com,2\n"));
	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "test", &db, &room->err),
	    &room->err);
	assert_ok(stmt_run(db_stmt(db,
			       "UPDATE contact SET fields = '{\"a\":[1,"
			       "{\"b\":null}],\"t\":\"{\\\"b\\\":[1]}\"}'"
			       " WHERE address = 'y@example.com'",
			       &room->err),
		      &room->err),
	    &room->err);
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(field_find_path(room->db, room->list,
				     &cases[i].path, 1, &which, &room->err),
		    cases[i].found);
	assert_int_equal(
	    field_find_path(room->db, room->list, two, 2, &which, &room->err),
	    1);
	assert_int_equal(which, 1);
}

static void
reads_field_values(void **state)
{
	static const struct {
		const char *fields, *name;
		int rc;
		const char *value;
	} cases[] = {
	    {"{}", "a", 0, ""},
	    {"{\"a\":\"1\",\"b\":\"\"}", "a", 1, "1"},
	    {"{\"a\":\"1\",\"b\":\"\"}", "b", 1, ""},
	    {"{\"a\":\"1\",\"a\":\"2\"}", "a", 1, "1"},
	    {"{\"\\u4f1a\":\"x\\n\\\"\"}", "会", 1, "x\n\""},
	    {"{\"a\":\"1\"}", "A", 0, ""},
	    {"{\"a\":1.50,\"b\":null}", "a", 1, "1.50"},
	    {"{\"a\":1.50,\"b\":null}", "b", 1, ""},
	    {"{\"a\":[1, {}]}", "a", 1, "[1, {}]"},
	    {"{\"a\":[1}", "a", -1, ""},
	    {"[]", "a", -1, ""},
	    {"", "a", -1, ""},
	};
	struct room *room = *state;
	struct buf out = BUF_INIT;

	buf_text(&out, "left over");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int rc = field_value(span_of(cases[i].fields),
		    span_of(cases[i].name), &out, &room->err);

		if (rc != cases[i].rc)
			fail_msg("case %zu: %d", i, rc);
		assert_span_equal(buf_span(&out), cases[i].value);
		if (rc < 0)
			assert_int_equal(room->err.code, E_BUG);
	}
	buf_done(&out);
}

static void
brings_ids_in_pieces(void **state)
{
	struct room *room = *state;
	struct contact_id id[PEOPLE + 5], from = {0};
	int64_t got;

	got = contact_ids(
	    room->db, room->list, from, NULL, NULL, id, 10, &room->err);
	assert_int_equal(got, 10);
	from.v = id[9].v + 1;
	got = contact_ids(room->db, room->list, from, NULL, NULL, id + 10,
	    PEOPLE, &room->err);
	assert_int_equal(got, PEOPLE - 10);
	for (int i = 1; i < PEOPLE; i++)
		assert_true(id[i - 1].v < id[i].v);
}

static void
reads_fields_by_number(void **state)
{
	struct buf name = BUF_INIT, value = BUF_INIT;
	struct span fields = SPAN("{\"a\":\"1\",\"b\\\"c\":\"\"}");
	struct err err = {0};

	(void)state;
	assert_int_equal(field_at(fields, 0, &name, &value, &err), 1);
	assert_span_equal(buf_span(&name), "a");
	assert_span_equal(buf_span(&value), "1");
	assert_int_equal(field_at(fields, 1, &name, &value, &err), 1);
	assert_span_equal(buf_span(&name), "b\"c");
	assert_int_equal(value.len, 0);
	assert_int_equal(field_at(fields, 2, &name, &value, &err), 0);
	assert_int_equal(field_at(SPAN("{}"), 0, &name, &value, &err), 0);
	assert_int_equal(field_at(SPAN("[1]"), 0, &name, &value, &err), -1);
	buf_done(&name);
	buf_done(&value);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(pages_forwards_and_backwards),
	    TEST(shows_all_of_a_member),
	    TEST(collects_field_names),
	    TEST(finds_paths),
	    TEST(counts_who_has_a_field),
	    TEST(reads_field_values),
	    TEST(brings_ids_in_pieces),
	    TEST(reads_fields_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
