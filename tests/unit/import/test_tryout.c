/* The first rows, tried with the columns as they are mapped. */
#include "core/import/tryout.h"

#include "tests/unit/import/import_kit.h"

static const char file[] = "email,name\n"
			   "a@example.com,a\n"
			   "\n"
			   ",,\n"
			   "nobody,b\n"
			   "ｃ＠example.com,c\n"
			   "d@example.com,d,more\n"
			   "e@example.com,e\n";

static void
tries(struct room *room, struct import *import,
    const struct import_accept *accept, const char *wanted)
{
	struct import_tried tried;
	struct buf text = BUF_INIT;
	struct err err = {0};

	assert_ok(
	    import_try(import, room->store, room->list, accept, &tried, &err),
	    &err);
	buf_printf(&text, "%lld %lld %lld %lld %lld", (long long)tried.rows,
	    (long long)tried.good, (long long)tried.bad, (long long)tried.known,
	    (long long)tried.bad_line);
	assert_string_equal(text.ptr, wanted);
	buf_done(&text);
}

static void
good_bad_and_known_are_told(void **state)
{
	struct room *room = *state;
	const struct import_accept width = {IMPORT_REPAIR_WIDTH, NULL, 0};
	struct import_counts counts;
	struct import *import;

	import_text(
	    room, SPAN("email\ne@example.com\nz@example.com\n"), &counts);
	import = open_text(room, span_of(file));
	tries(room, import, NULL, "5 2 3 1 5");
	tries(room, import, &width, "5 3 2 1 5");
	import_close(&import);
}

static void
only_the_first_rows_are_looked_at(void **state)
{
	struct room *room = *state;
	struct buf text = BUF_INIT;
	struct import *import;

	buf_text(&text, "email,name\n");
	for (int i = 0; i < IMPORT_SURVEYED + 50; i++)
		buf_printf(&text, "user%d@example.com,x\n", i);
	import = open_text(room, buf_span(&text));
	tries(room, import, NULL, "1000 1000 0 0 0");
	import_close(&import);
	buf_done(&text);
}

static void
a_mapping_without_address_is_refused(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(room, span_of(file));
	struct import_tried tried;
	struct err err = {0};
	size_t count;

	import_columns(import, &count)[0].target = IMPORT_SKIP;
	assert_int_equal(
	    import_try(import, room->store, room->list, NULL, &tried, &err),
	    -1);
	assert_int_equal(err.code, E_IMPORT_NO_ADDRESS);
	import_close(&import);
}

static void
control_characters_are_counted_by_column(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(
	    room, SPAN("email,note\na@example.com,\x1b[2J\nb@example.com,x\n"
		       "c@example.com,\"two\nlines\"\n"));
	size_t count;

	assert_int_equal(import_columns(import, &count)[0].signs.controls, 0);
	assert_int_equal(import_columns(import, &count)[1].signs.controls, 1);
	import_close(&import);
}

/* How a program quotes, and whether its first line is headers. */
static void
the_form_of_a_program_is_exact(void **state)
{
	static const struct {
		const char *text, *key;
		bool changed;
		enum import_header header;
	} cases[] = {
	    {"メールアドレス,氏名\na@b.jp,A\n", "arara", true,
		IMPORT_HEADER_YES},
	    {"メール,氏名\na@b.jp,A\n", "arara", true, IMPORT_HEADER_NO},
	    {"a@b.jp,A\nc@d.jp,C\n", "arara", true, IMPORT_HEADER_NO},
	    {"メールアドレス,info@b.jp\na@b.jp,A\n", "arara", true,
		IMPORT_HEADER_YES},
	    {"email,name\na@b.jp,A\n", "mautic", true, IMPORT_HEADER_YES},
	    {"email,name\na@b.jp,A\n", "keila", false, IMPORT_HEADER_YES},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct import_exporter *exporter =
		    import_exporter_find(span_of(cases[i].key));
		struct import *import = open_text(room, span_of(cases[i].text));
		struct import_form form;
		struct import_table table;

		import_table(import, &form, &table);
		assert_int_equal(import_exporter_form(import, exporter, &form),
		    cases[i].changed);
		assert_int_equal(form.header, cases[i].header);
		/* it opens so, and then there is nothing left to change */
		import_close(&import);
		assert_ok(import_open(
			      room->path.ptr, &form, &import, &(struct err){0}),
		    &(struct err){0});
		import_table(import, &form, &table);
		assert_int_equal(table.header_rows > 0,
		    cases[i].header == IMPORT_HEADER_YES);
		import_close(&import);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(good_bad_and_known_are_told),
	    TEST(only_the_first_rows_are_looked_at),
	    TEST(a_mapping_without_address_is_refused),
	    TEST(control_characters_are_counted_by_column),
	    TEST(the_form_of_a_program_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
