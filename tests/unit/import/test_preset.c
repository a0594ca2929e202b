/* Mappings that are kept, found by headers and laid over the next file. */
#include "tests/unit/import/columns_kit.h"
#include "tests/unit/import/import_kit.h"

#include "core/import/preset.h"

static const char shop[] = "会員番号,メール,お名前,配信,登録日,性別\n"
			   "1,a@example.jp,山田,1,3/4/2025,1\n"
			   "2,b@example.jp,佐藤,9,3/5/2025,2\n";

/* The shop's file as the operator has mapped it. */
static void
map_shop(struct table *table)
{
	table_guess(table, shop);
	table->column[3].target = IMPORT_STATE;
	table->column[3].sense = IMPORT_SENSE_STOP;
	import_values_guess(&table->column[3]);
	for (int i = 0; i < table->column[3].values; i++) {
		if (!strcmp(table->column[3].value[i].text, "9"))
			table->column[3].value[i].state = IMPORT_STATE_BLOCKED;
	}
	table->column[4].order = IMPORT_ORDER_DMY;
	table->column[5].codes = IMPORT_CODES_SEX;
	memcpy(table->column[0].field, "number", 7);
}

static int64_t
save(struct room *room, const char *name, const struct table *table)
{
	struct import_preset *all = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0;
	int64_t id = 0;

	assert_ok(import_preset_save(room->store, span_of(name), table->column,
		      table->count, &err),
	    &err);
	assert_ok(store_reader_open(room->store, &db, &err), &err);
	assert_ok(import_preset_all(db, &all, &count, &err), &err);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(all[i].name, name))
			id = all[i].id;
	}
	store_reader_close(&db);
	free(all);
	assert_true(id > 0);
	return id;
}

static int
find(struct room *room, const struct table *table, struct import_preset *out)
{
	struct db *db = NULL;
	struct err err = {0};
	int got;

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	got = import_preset_find(db, table->column, table->count, out, &err);
	store_reader_close(&db);
	return got;
}

static int
apply(struct room *room, int64_t id, struct table *table, struct err *err)
{
	struct db *db = NULL;
	int rc;

	assert_ok(store_reader_open(room->store, &db, err), err);
	rc = import_preset_apply(db, id, table->column, table->count, err);
	store_reader_close(&db);
	return rc;
}

static void
the_next_file_is_mapped_the_same(void **state)
{
	struct room *room = *state;
	struct import_preset found;
	struct table first, next;
	struct err err = {0};
	int64_t id;

	map_shop(&first);
	id = save(room, "Shop", &first);
	/* another order, another spelling, another column */
	table_guess(&next, "ﾒｰﾙ,お 名前,配信,登録日,性別,会員番号\n"
			   "c@example.jp,鈴木,9,4/4/2025,1,3\n");
	assert_int_equal(find(room, &next, &found), 1);
	assert_int_equal(found.id, id);
	assert_string_equal(found.name, "Shop");
	assert_ok(apply(room, id, &next, &err), &err);
	assert_int_equal(next.column[0].target, IMPORT_ADDRESS);
	assert_int_equal(next.column[1].target, IMPORT_NAME);
	assert_int_equal(next.column[2].target, IMPORT_STATE);
	assert_int_equal(next.column[2].sense, IMPORT_SENSE_STOP);
	assert_string_equal(next.column[2].value[0].text, "9");
	assert_int_equal(next.column[2].value[0].state, IMPORT_STATE_BLOCKED);
	assert_int_equal(next.column[3].order, IMPORT_ORDER_DMY);
	assert_int_equal(next.column[4].codes, IMPORT_CODES_SEX);
	assert_string_equal(next.column[5].field, "number");
	table_done(&first);
	table_done(&next);
}

static void
other_headers_are_another_source(void **state)
{
	struct room *room = *state;
	struct import_preset found;
	struct table first, next;
	struct err err = {0};
	int64_t id;

	map_shop(&first);
	id = save(room, "Shop", &first);
	/* one more column: not found by itself, but it fits by name */
	table_guess(&next, "会員番号,メール,お名前,配信,登録日,性別,電話番号\n"
			   "3,c@example.jp,鈴木,0,4/4/2025,1,03-0000-0000\n");
	assert_int_equal(find(room, &next, &found), 0);
	assert_ok(apply(room, id, &next, &err), &err);
	assert_int_equal(next.column[6].target, IMPORT_SKIP);
	table_done(&next);
	/* one less: named, and nothing is changed */
	table_guess(&next,
	    "会員番号,メール,お名前,配信,性別\n3,c@example.jp,鈴木,0,1\n");
	next.column[0].target = IMPORT_SKIP;
	assert_int_equal(apply(room, id, &next, &err), -1);
	assert_int_equal(err.code, E_PRESET_COLUMN);
	assert_string_equal(err_find(&err, "column"), "登録日");
	assert_int_equal(next.column[0].target, IMPORT_SKIP);
	assert_int_equal(next.column[1].target, IMPORT_ADDRESS);
	table_done(&first);
	table_done(&next);
}

static void
columns_of_one_name_keep_their_places(void **state)
{
	struct room *room = *state;
	struct table first, next;
	struct err err = {0};
	int64_t id;

	table_guess(&first, "mail,mail,x\na@example.jp,b@example.jp,1\n");
	first.column[0].target = IMPORT_SKIP;
	first.column[1].target = IMPORT_ADDRESS;
	id = save(room, "Twice", &first);
	table_guess(&next, "x,mail,mail\n1,a@example.jp,b@example.jp\n");
	assert_ok(apply(room, id, &next, &err), &err);
	assert_int_equal(next.column[1].target, IMPORT_SKIP);
	assert_int_equal(next.column[2].target, IMPORT_ADDRESS);
	table_done(&first);
	table_done(&next);
}

static void
without_headers_only_by_name(void **state)
{
	struct room *room = *state;
	struct import_preset found;
	struct table first = {0};
	struct err err = {0};
	int64_t id;

	first.count = 2;
	first.column[1].target = IMPORT_ADDRESS;
	id = save(room, "No headers", &first);
	assert_int_equal(find(room, &first, &found), 0);
	first.column[1].target = IMPORT_SKIP;
	assert_ok(apply(room, id, &first, &err), &err);
	assert_int_equal(first.column[1].target, IMPORT_ADDRESS);
	first.count = 1;
	assert_int_equal(apply(room, id, &first, &err), -1);
	assert_int_equal(err.code, E_PRESET_COLUMN);
	assert_string_equal(err_find(&err, "column"), "2");
}

static void
a_name_is_kept_once(void **state)
{
	struct room *room = *state;
	struct table first;
	struct err err = {0};
	int64_t id;

	map_shop(&first);
	id = save(room, "Shop", &first);
	first.column[3].target = IMPORT_SKIP;
	assert_int_equal(save(room, "Shop", &first), id);
	table_done(&first);
	map_shop(&first);
	assert_ok(apply(room, id, &first, &err), &err);
	assert_int_equal(first.column[3].target, IMPORT_SKIP);
	assert_ok(import_preset_delete(room->store, id, &err), &err);
	assert_int_equal(apply(room, id, &first, &err), -1);
	assert_int_equal(err.code, E_PRESET_MISSING);
	err = (struct err){0};
	assert_int_equal(import_preset_delete(room->store, id, &err), -1);
	assert_int_equal(err.code, E_PRESET_MISSING);
	table_done(&first);
}

static void
names_have_limits(void **state)
{
	static const struct {
		const char *name, *why;
	} cases[] = {
	    {"", "empty"},
	    {" 　", "empty"},
	    {"a\x1b", "control"},
	    {"0123456789012345678901234567890123456789012345678901234567890"
	     "12345",
		"long"},
	};
	struct room *room = *state;
	struct import_column column = {.target = IMPORT_ADDRESS};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = {0};

		assert_int_equal(import_preset_save(room->store,
				     span_of(cases[i].name), &column, 1, &err),
		    -1);
		assert_int_equal(err.code, E_PRESET_NAME);
		assert_string_equal(err_find(&err, "why"), cases[i].why);
	}
}

#define ROOM_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ROOM_TEST(the_next_file_is_mapped_the_same),
	    ROOM_TEST(other_headers_are_another_source),
	    ROOM_TEST(columns_of_one_name_keep_their_places),
	    ROOM_TEST(without_headers_only_by_name),
	    ROOM_TEST(a_name_is_kept_once),
	    ROOM_TEST(names_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
