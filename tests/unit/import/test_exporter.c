/* An export of each program we know: recognised, mapped with one call, and
 * read to the end.  The files are made up in the shape those programs write. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/import/import.h"
#include "core/import/row.h"
#include "core/import/value.h"

#define FOLDER "tests/data/import/exporters/"

static const char targets[] = "-ANFSYdciwpxtj";

/* What a file is, and what its rows say: "address|name|state|since|confirmed|
 * IP|tags|fields", times in UTC. */
static const struct {
	const char *file, *key;
	enum import_because because;
	enum import_state state;
	const char *targets;
	const char *rows;
} cases[] = {
    {"listmonk.csv", "listmonk", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"-ANjSd-",
	"taro@example.jp|Taro "
	"Example|subscribed|2024-01-02T03:04:05||||{\"city\":\"東京\",\"plan_"
	"name\":\"gold\",\"plan_years\":\"3\"}\n"
	"hanako@example.com|花子 例|unsubscribed|2024-01-03T03:04:05||||{}\n"
	"jiro@example.net|Jiro|blocked|2024-01-04T03:04:05||||{\"tags\":\"["
	"\\\"a\\\", \\\"b\\\"]\"}\n"},
    {"subscribed_members_export_0a1b2c.csv", "mailchimp", IMPORT_BECAUSE_NAME,
	IMPORT_STATE_SUBSCRIBED, "ANNF-dici-----------t",
	"taro@example.jp|Taro "
	"Yamada|unsaid|2023-04-30T17:03:04|2023-04-30T17:05:00|198.51.100.7|"
	"vip+tokyo office|{\"Company\":\"Example K.K.\"}\n"
	"hanako@example.com|Hanako|unsaid||2023-05-31T15:00:00|2001:db8::7||{"
	"\"Company\":\"\"}\n"},
    {"unsubscribed_members_export_0a1b2c.csv", "mailchimp", IMPORT_BECAUSE_NAME,
	IMPORT_STATE_UNSUBSCRIBED, "ANNF-dici-------x-------t",
	"jiro@example.net|Jiro "
	"Suzuki|unsubscribed||2023-05-31T15:00:00|203.0.113.5||{\"Company\":"
	"\"\"}\n"},
    {"cleaned_members_export_0a1b2c.csv", "mailchimp", IMPORT_BECAUSE_NAME,
	IMPORT_STATE_BOUNCED, "ANNF-dici-------x-----t",
	"gone@example.org|Gone|unsubscribed||2023-05-31T15:00:00|203.0.113.9||{"
	"\"Company\":\"\"}\n"},
    {"sendgrid.csv", "sendgrid", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"ANNFFFFFFFF--Fd",
	"taro@example.com|Taro "
	"Yamada|unsaid|2024-03-03T15:00:00||||{\"address_line_1\":\"1 Example "
	"St\",\"address_line_2\":\"\",\"city\":\"Springfield\",\"state_"
	"province_region\":\"IL\",\"postal_code\":\"62701\",\"country\":\"US\","
	"\"phone_number\":\"\",\"external_id\":\"A-1\",\"joined_on\":\"04/02/"
	"2025\"}\n"
	"hanako@example.com|Hanako "
	"Sato|unsaid|2023-12-24T15:00:00||||{\"address_line_1\":\"\",\"address_"
	"line_2\":\"\",\"city\":\"\",\"state_province_region\":\"\",\"postal_"
	"code\":\"\",\"country\":\"JP\",\"phone_number\":\"\",\"external_id\":"
	"\"A-2\",\"joined_on\":\"12/31/2024\"}\n"},
    {"sendgrid_bounces.csv", "sendgrid_stops", IMPORT_BECAUSE_HEADERS,
	IMPORT_STATE_BOUNCED, "A---", "gone@example.com||unsaid|||||{}\n"},
    {"keila.csv", "keila", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"ANNjSF",

	"taro@example.jp|山田 太郎|subscribed|||||{\"External "
	"ID\":\"k-1\",\"city\":\"Osaka\"}\n"
	"hanako@example.com|佐藤 花子|unsubscribed|||||{\"External "
	"ID\":\"k-2\"}\n"
	"jiro@example.net|鈴木 次郎|bounced|||||{\"External ID\":\"k-3\"}\n"
	"shiro@example.net|高橋 四郎|unsubscribed|||||{\"External "
	"ID\":\"k-4\"}\n"},
    {"phplist.csv", "phplist", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"-AYS--d----S-FNF-",

	"taro@example.jp|Taro|subscribed|2022-03-03T20:06:07||||{\"Foreign "
	"Key\":\"C-1\",\"City\":\"Tokyo\"}\n"
	"hanako@example.com|Hanako|refused|2022-03-04T20:06:07||||{\"Foreign "
	"Key\":\"C-2\",\"City\":\"Kobe\"}\n"
	"jiro@example.net|Jiro|blocked|2022-03-05T20:06:07||||{\"Foreign "
	"Key\":\"C-3\",\"City\":\"Nara\"}\n"
	"saburo@example.net|Saburo|unsubscribed|2022-03-06T20:06:07||||{"
	"\"Foreign Key\":\"C-4\",\"City\":\"Ise\"}\n"},
    {"phplist_table.csv", "phplist_table", IMPORT_BECAUSE_HEADERS,
	IMPORT_STATE_UNSAID, "-AYS--d------S-FNF",

	"taro@example.jp|Taro|subscribed|2022-03-03T20:06:07||||{"
	"\"foreignkey\":\"C-1\",\"City\":\"Tokyo\"}\n"
	"hanako@example.com|Hanako|refused|2022-03-04T20:06:07||||{"
	"\"foreignkey\":\"C-2\",\"City\":\"Kobe\"}\n"
	"jiro@example.net|Jiro|blocked|2022-03-05T20:06:07||||{\"foreignkey\":"
	"\"C-3\",\"City\":\"Nara\"}\n"},
    {"thunderbird.csv", "thunderbird", IMPORT_BECAUSE_HEADERS,
	IMPORT_STATE_UNSAID, "--N-A-------------------FFF----------",
	"taro@example.jp|Taro Yamada|unsaid|||||{\"Job "
	"Title\":\"Manager\",\"Department\":\"Sales\",\"Organization\":"
	"\"Example K.K.\"}\n"
	"hanako@example.com|花子 佐藤|unsaid|||||{\"Job "
	"Title\":\"\",\"Department\":\"\",\"Organization\":\"\"}\n"},
    {"mautic.csv", "mautic", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"-dFNNFFAFFF-------tS",

	"taro@example.jp|Taro "
	"Yamada|subscribed|2024-05-05T22:08:09|||vip|{\"title\":\"\","
	"\"company\":\"Example \\\"One\\\" "
	"K.K.\",\"position\":\"\",\"phone\":\"\",\"city\":\"Tokyo\","
	"\"country\":\"Japan\"}\n"
	"hanako@example.com|Hanako "
	"Sato|unsubscribed|2024-05-06T22:08:09||||{\"title\":\"\",\"company\":"
	"\"\",\"position\":\"\",\"phone\":\"\",\"city\":\"\",\"country\":"
	"\"Japan\"}\n"
	"jiro@example.net|Jiro "
	"Suzuki|unsubscribed|2024-05-07T22:08:09||||{\"title\":\"\","
	"\"company\":\"\",\"position\":\"\",\"phone\":\"\",\"city\":\"\","
	"\"country\":\"Japan\"}\n"},
    {"blastmail.csv", "blastmail", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"ANFdS",
	"taro@example.jp|山田 "
	"太郎|subscribed|2024-04-02T01:11:09||||{\"会社名\":\"㈱例示\"}\n"
	"hanako@example.com|佐藤 "
	"花子|unsubscribed|2024-04-03T01:11:09||||{\"会社名\":\"\"}\n"
	"jiro@example.net|髙橋 "
	"次郎|bounced|2024-04-04T01:11:09||||{\"会社名\":\"\"}\n"},
    {"arara.csv", "arara", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"ANFF-F",

	"taro@example.jp|山田 "
	"太郎|unsaid|||||{\"性別\":\"男性\",\"都道府県\":\"東京都\",\"備考\":"
	"\"引用符の後\"}\n"
	"hanako@example.com|佐藤 "
	"花子|unsaid|||||{\"性別\":\"女性\",\"都道府県\":\"大阪府\",\"備考\":"
	"\"髙島屋前\"}\n"},
    {"hypermail.csv", "excel_ja", IMPORT_BECAUSE_CHARSET, IMPORT_STATE_UNSAID,
	"ANFd",
	"taro@example.jp|山田 "
	"太郎|unsaid|2024-04-01T15:00:00||||{\"会社名\":\"例示株式会社\"}\n"
	"hanako@example.com|佐藤 "
	"花子|unsaid|2024-04-02T15:00:00||||{\"会社名\":\"\"}\n"},
    {"cybozu.csv", "cybozu", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"ANFF",

	"taro@example.jp|山田 "
	"太郎|unsaid|||||{\"会社名\":\"例示株式会社\",\"部課\":\"営業部\"}\n"
	"hanako@example.com|佐藤 "
	"花子|unsaid|||||{\"会社名\":\"\",\"部課\":\"\"}\n"},
    {"excel_ja.csv", "excel_ja", IMPORT_BECAUSE_CHARSET, IMPORT_STATE_UNSAID,
	"FNFAFdSY",
	"taro@example.jp|山田 "
	"太郎|subscribed|2025-04-01T15:00:00||||{\"会員番号\":\"0012\","
	"\"フリガナ\":\"ヤマダ タロウ\",\"郵便番号\":\"100-0001\"}\n"
	"hanako@example.com|髙橋 "
	"花子|unsubscribed|2025-04-02T15:00:00||||{\"会員番号\":\"0013\","
	"\"フリガナ\":\"タカハシ ハナコ\",\"郵便番号\":\"060-0001\"}\n"
	"jiro@example.net|鈴木 "
	"次郎|refused|2025-04-03T15:00:00||||{\"会員番号\":\"0014\","
	"\"フリガナ\":\"スズキ ジロウ\",\"郵便番号\":\"600-8216\"}\n"},
    {"google.csv", "google", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"N-N---FFF---t-A----",

	"taro@example.jp|Taro Yamada|unsaid||||Customers|{\"Organization "
	"Name\":\"Example K.K.\",\"Organization "
	"Title\":\"Manager\",\"Organization Department\":\"Sales\"}\n"
	"hanako@example.com|Hanako Sato|unsaid|||||{\"Organization "
	"Name\":\"\",\"Organization Title\":\"\",\"Organization "
	"Department\":\"\"}\n"},
    {"google_2015.csv", "google", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"N--t-AF",
	"taro@example.jp|Taro Yamada|unsaid||||顧客|{\"Organization 1 - "
	"Name\":\"Example K.K.\"}\n"},
    {"outlook.csv", "outlook", IMPORT_BECAUSE_HEADERS, IMPORT_STATE_UNSAID,
	"-N-NFFF-A-----t",

	"taro@example.jp|Taro "
	"Yamada|unsaid||||Customers+VIP|{\"Company\":\"Example "
	"K.K.\",\"Department\":\"Sales\",\"Job Title\":\"Manager\"}\n"},
    {"outlook_ja.csv", "outlook_ja", IMPORT_BECAUSE_HEADERS,
	IMPORT_STATE_UNSAID, "-N-NFFFA---t-",
	"taro@example.jp|山田 "
	"太郎|unsaid||||顧客|{\"会社名\":\"例示株式会社\",\"部署\":\"営業部\","
	"\"役職\":\"部長\"}\n"},
};

enum { CASES = sizeof cases / sizeof *cases };

static void
show_targets(struct import *import, struct buf *out)
{
	size_t count;
	struct import_column *column = import_columns(import, &count);

	buf_clear(out);
	for (size_t i = 0; i < count; i++)
		buf_char(out, targets[column[i].target]);
}

static void
add_time(struct buf *out, int64_t at_ms)
{
	struct buf text = BUF_INIT;

	if (at_ms)
		clock_rfc3339(&text, at_ms);
	buf_add(out, span_slice(buf_span(&text), 0, 19));
	buf_char(out, '|');
	buf_done(&text);
}

static void
show_person(const struct mapping *mapping, const struct csv_person *person,
    struct buf *out)
{
	struct buf fields = BUF_INIT;
	struct err err = {0};

	buf_add(out, person->address.address);
	buf_char(out, '|');
	buf_add(out, person->name);
	buf_printf(out, "|%s|", import_state_name(person->state));
	add_time(out, person->evidence.at_ms);
	add_time(out, person->evidence.confirmed_ms);
	buf_add(out, person->evidence.ip);
	buf_char(out, '|');
	for (size_t i = 0; i < person->tags; i++) {
		buf_text(out, i ? "+" : "");
		buf_add(out, person->tag[i]);
	}
	buf_char(out, '|');
	assert_ok(
	    person_fields(mapping, person, SPAN(""), &fields, &err), &err);
	buf_add(out, buf_span(&fields));
	buf_char(out, '\n');
	buf_done(&fields);
}

static void
show_rows(const char *path, struct import *import, struct buf *out)
{
	struct csv_file *file = NULL;
	struct csv_cells cells;
	struct mapping mapping;
	struct arena *arena = arena_new();
	struct err err = {0};
	size_t count;
	struct import_column *column = import_columns(import, &count);
	int got;

	buf_clear(out);
	assert_ok(mapping_init(&mapping, column, count, &err), &err);
	assert_ok(csv_file_open(path, &file, &err), &err);
	assert_int_equal(csv_file_next(file, &cells, &err), 1);
	while ((got = csv_file_next(file, &cells, &err)) == 1) {
		struct csv_row row = {
		    .line = cells.line, .count = cells.count, .torn = -1};
		struct csv_person person = {0};

		row.cell = arena_take(arena, cells.count * sizeof *row.cell);
		memcpy(row.cell, cells.cell, cells.count * sizeof *row.cell);

		assert_ok(
		    row_person(&mapping, &row, arena, &person, &err), &err);
		show_person(&mapping, &person, out);
		arena_reset(arena);
	}
	assert_ok(got, &err);
	csv_file_close(&file);
	arena_free(&arena);
}

static void
each_export_is_known(void **state)
{
	struct buf path = BUF_INIT, text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		const struct import_recognised *found;
		struct import *import = NULL;
		struct err err = {0};

		buf_clear(&path);
		buf_printf(&path, FOLDER "%s", cases[i].file);
		assert_ok(import_open(path.ptr, NULL, &import, &err), &err);
		found = import_recognised(import);
		if (!found || strcmp(found->exporter->key, cases[i].key))
			fail_msg("%s: taken for %s", cases[i].file,
			    found ? found->exporter->key : "nothing");
		assert_int_equal(found->because, cases[i].because);
		assert_int_equal(found->state, cases[i].state);
		import_take_exporter(import, found->exporter);
		show_targets(import, &text);
		if (strcmp(text.ptr, cases[i].targets))
			fail_msg("%s: %s", cases[i].file, text.ptr);
		show_rows(path.ptr, import, &text);
		if (strcmp(text.ptr, cases[i].rows))
			fail_msg("%s: %s", cases[i].file, text.ptr);
		import_close(&import);
	}
	buf_done(&path);
	buf_done(&text);
}

static struct import *
open_export(const char *path, const struct import_form *form)
{
	struct import *import = NULL;
	struct err err = {0};

	assert_ok(import_open(path, form, &import, &err), &err);
	return import;
}

static void
quotes_and_orders_are_known(void **state)
{
	struct import_form form = {0};
	struct import *import;
	size_t count;

	(void)state;
	assert_int_equal(import_exporter_find(SPAN("mautic"))->quote,
	    IMPORT_QUOTE_BACKSLASH);
	assert_int_equal(
	    import_exporter_find(SPAN("sendgrid"))->order, IMPORT_ORDER_MDY);
	assert_null(import_exporter_find(SPAN("nobody")));
	import = open_export(FOLDER "arara.csv", NULL);
	form.quote = import_recognised(import)->exporter->quote;
	assert_int_equal(form.quote, IMPORT_QUOTE_NONE);
	import_close(&import);
	import = open_export(FOLDER "arara.csv", &form);
	assert_string_equal(
	    import_columns(import, &count)[5].sample[0], "\"引用符\"の後");
	import_close(&import);
}

static void
one_may_be_chosen_by_hand(void **state)
{
	struct import *import = open_export(FOLDER "hypermail.csv", NULL);
	struct buf text = BUF_INIT;
	size_t count;

	(void)state;
	import_take_exporter(import, import_exporter_find(SPAN("hypermail")));
	show_targets(import, &text);
	assert_string_equal(text.ptr, "ANFd");
	/* of another program: what it does not know is guessed */
	import_take_exporter(import, import_exporter_find(SPAN("google")));
	show_targets(import, &text);
	assert_string_equal(text.ptr, "ANFd");
	import_columns(import, &count)[0].target = IMPORT_SKIP;
	import_take_exporter(import, NULL);
	show_targets(import, &text);
	assert_string_equal(text.ptr, "ANFd");
	import_close(&import);
	buf_done(&text);
}

static void
mailwise_columns_are_known_by_place(void **state)
{
	struct import_column column[4] = {0};

	(void)state;
	memcpy(column[0].sample[0], "a@example.jp", 12);
	exporter_apply(import_exporter_find(SPAN("cybozu")), column, 4);
	assert_int_equal(column[0].target, IMPORT_ADDRESS);
	assert_int_equal(column[1].target, IMPORT_NAME);
	assert_string_equal(column[2].field, "会社名");
	assert_string_equal(column[3].field, "部課");
	assert_string_equal(column[3].header, "");
}

static void
few_words_are_no_export(void **state)
{
	static const char *const headers[][4] = {
	    {"email", "name", "", ""},
	    {"Email Address", "First Name", "Last Name", "Tags"},
	    {"E-mail", "氏名", "", ""},
	    {"email", "name", "status", "attributes"},
	    {"メールアドレス", "名前", "会社名", ""},
	};
	struct import_recognised found;

	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		struct import_column column[4] = {0};
		const struct exporter_file file = {
		    .name = SPAN("subscribed_list.csv")};

		for (size_t k = 0; k < 4; k++) {
			memcpy(column[k].header, headers[i][k],
			    strlen(headers[i][k]));
		}
		if (exporter_recognise(column, 4, &file, &found))
			fail_msg("%zu: %s", i, found.exporter->key);
	}
}

static void
every_program_is_offered_once(void **state)
{
	size_t count = 0;

	(void)state;
	while (import_exporter_at(count)) {
		const struct import_exporter *one = import_exporter_at(count);

		assert_ptr_equal(import_exporter_find(span_of(one->key)), one);
		assert_true(one->label[0] != '\0');
		count++;
	}
	assert_true(count >= 15);
	assert_null(import_exporter_at(count));
}

static void
the_manual_has_every_program(void **state)
{
	struct buf manual = BUF_INIT, row = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_ok(file_read("docs/import.md", 1 << 20, &manual, &err), &err);
	for (size_t i = 0; import_exporter_at(i); i++) {
		buf_clear(&row);
		buf_printf(&row, "\n| %s |", import_exporter_at(i)->label);
		if (span_search(buf_span(&manual), buf_span(&row)) ==
		    manual.len)
			fail_msg("%s", import_exporter_at(i)->label);
	}
	buf_done(&manual);
	buf_done(&row);
}

static int
in_tokyo(void **state)
{
	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_export_is_known),
	    cmocka_unit_test(quotes_and_orders_are_known),
	    cmocka_unit_test(one_may_be_chosen_by_hand),
	    cmocka_unit_test(mailwise_columns_are_known_by_place),
	    cmocka_unit_test(few_words_are_no_export),
	    cmocka_unit_test(every_program_is_offered_once),
	    cmocka_unit_test(the_manual_has_every_program),
	};

	return cmocka_run_group_tests(tests, in_tokyo, NULL);
}
