/* What a row says of its person: state, evidence, tags, objects. */
#include "tests/unit/import/columns_kit.h"

/* "state|at|confirmed|stopped|ip|how|paper|tag+tag|fields" with times in days
 * since 2025-01-01 UTC, or "code column fact". */
static void
show(struct table *table, struct buf *out)
{
	static const int64_t year_ms = INT64_C(1735689600000);
	static const char *const facts[] = {"why", "limit"};
	struct csv_person person;
	struct buf fields = BUF_INIT;
	struct err err = {0};

	buf_clear(out);
	if (table_person(table, &person, &err) < 0) {
		buf_printf(
		    out, "%s %s", err_name(err.code), err_find(&err, "column"));
		for (size_t i = 0; i < 2; i++) {
			if (err_find(&err, facts[i])[0])
				buf_printf(
				    out, " %s", err_find(&err, facts[i]));
		}
		return;
	}
	buf_printf(out, "%s|", import_state_name(person.state));
	for (int i = 0; i < 3; i++) {
		int64_t at_ms = i == 0   ? person.evidence.at_ms
				: i == 1 ? person.evidence.confirmed_ms
					 : person.stopped_ms;

		if (at_ms)
			buf_int(out, (at_ms - year_ms) / 86400000);
		buf_char(out, '|');
	}
	buf_add(out, person.evidence.ip);
	buf_char(out, '|');
	buf_add(out, person.evidence.how);
	buf_char(out, '|');
	buf_add(out, person.evidence.paper);
	buf_char(out, '|');
	for (size_t i = 0; i < person.tags; i++) {
		buf_text(out, i ? "+" : "");
		buf_add(out, person.tag[i]);
	}
	buf_char(out, '|');
	assert_ok(
	    person_fields(&table->mapping, &person, SPAN(""), &fields, &err),
	    &err);
	buf_add(out, buf_span(&fields));
	buf_done(&fields);
}

static void
rows_say(void **state)
{
	static const struct {
		const char *headers, *row, *wanted;
	} cases[] = {
	    {"mail", "a@b.jp", "unsaid||||||||{}"},
	    {"mail,配信可否", "a@b.jp,可", "subscribed||||||||{}"},
	    {"mail,配信停止", "a@b.jp,", "unsaid||||||||{}"},
	    {"mail,配信停止", "a@b.jp,保留", "unsubscribed||||||||{}"},
	    {"mail,同意", "a@b.jp,", "refused||||||||{}"},
	    /* the gravest counts */
	    {"mail,同意,配信停止", "a@b.jp,○,1", "unsubscribed||||||||{}"},
	    {"mail,同意,不達", "a@b.jp,×,1", "bounced||||||||{}"},
	    /* times */
	    {"mail,登録日,確認日時", "a@b.jp,2025-01-02T00:00Z,20250104",
		"unsaid|1|2||||||{}"},
	    {"mail,登録日", "a@b.jp,", "unsaid||||||||{}"},
	    {"mail,登録日", "a@b.jp,13/14/2025",
		"contacts.row_date 登録日 date"},
	    {"mail,登録日", "a@b.jp,1/2/2025",
		"contacts.row_date 登録日 order"},
	    {"mail,登録日", "a@b.jp,45123", "contacts.row_date 登録日 serial"},
	    {"mail,登録日,同意日", "a@b.jp,,2025-01-02T00:00Z",
		"unsaid|1|||||||{}"},
	    {"mail,登録日,同意日", "a@b.jp,2025-01-02T00:00Z,2025-01-03T00:00Z",
		"unsaid|1|||||||{}"},
	    /* whoever has a day of stopping is stopped, whatever it says */
	    {"mail,解除日", "a@b.jp,2025-01-03T00:00Z",
		"unsubscribed|||2|||||{}"},
	    {"mail,解除日", "a@b.jp,先月", "unsubscribed||||||||{}"},
	    {"mail,解除日", "a@b.jp,0000-00-00", "unsaid||||||||{}"},
	    {"mail,解除日", "a@b.jp,9999-12-31", "unsaid||||||||{}"},
	    /* where and how */
	    {"mail,OPTIN_IP,CONFIRM_IP", "a@b.jp,,2001:DB8::7",
		"unsaid||||2001:db8::7||||{}"},
	    {"mail,OPTIN_IP,CONFIRM_IP", "a@b.jp,192.0.2.1,192.0.2.2",
		"unsaid||||192.0.2.1||||{}"},
	    {"mail,IP", "a@b.jp,999.0.2.1", "contacts.row_ip IP"},
	    {"mail,登録経路,申込書番号", "a@b.jp, 店頭 ,A-12",
		"unsaid|||||店頭|A-12||{}"},
	    {"mail,登録経路", "a@b.jp,a\x1b[0m",
		"contacts.row_control 登録経路"},
	    /* tags */
	    {"mail,tags", "a@b.jp,\"vip, tokyo;vip、大阪 ,,\"",
		"unsaid|||||||vip+tokyo+大阪|{}"},
	    {"mail,tags", "a@b.jp,\"\"\"one, two\"\",\"\"three\"\"\"",
		"unsaid|||||||one, two+three|{}"},
	    {"mail,tags", "a@b.jp,* myContacts ::: Friends",
		"unsaid|||||||Friends|{}"},
	    {"mail,tag,タグ", "a@b.jp,a,b;a", "unsaid|||||||a+b|{}"},
	    {"mail,tags", "a@b.jp,\"\"\"open\"", "unsaid|||||||open|{}"},
	    /* objects */
	    {"mail,city,attributes",
		"a@b.jp,Kobe,\"{\"\"city\"\":\"\"Nara\"\",\"\"n\"\":2}\"",
		"unsaid||||||||{\"city\":\"Kobe\",\"n\":\"2\"}"},
	    {"mail,attributes,data",
		"a@b.jp,\"{\"\"a\"\":1}\",\"{\"\"a\"\":2,\"\"b\"\":3}\"",
		"unsaid||||||||{\"a\":\"1\",\"b\":\"3\"}"},
	    {"mail,attributes", "a@b.jp,{a}", "contacts.row_json  syntax"},
	    {"mail,attributes", "a@b.jp,", "unsaid||||||||{}"},
	};
	struct buf text = BUF_INIT, file = BUF_INIT;
	struct table table;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct header_word word;

		buf_clear(&file);
		buf_printf(&file, "%s\n%s\n", cases[i].headers, cases[i].row);
		table_headers(&table, file.ptr);
		guess_columns(table.column, table.count);
		for (size_t k = 0; k < table.count; k++) {
			if (header_word(
				span_of(table.column[k].header), &word) &&
			    word.target == IMPORT_JSON)
				table.column[k].target = IMPORT_JSON;
		}
		show(&table, &text);
		if (strcmp(text.ptr, cases[i].wanted))
			fail_msg("%s: %s: %s", cases[i].headers, cases[i].row,
			    text.ptr);
		table_done(&table);
	}
	buf_done(&text);
	buf_done(&file);
}

static void
lengths_have_limits(void **state)
{
	static const struct {
		const char *header;
		size_t fits;
	} cases[] = {{"登録経路", SAYS_HOW_MAX}, {"申込書番号", SAYS_PAPER_MAX},
	    {"tags", SAYS_TAG_MAX}};
	struct buf text = BUF_INIT, file = BUF_INIT;
	struct table table;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t more = 0; more < 2; more++) {
			buf_clear(&file);
			buf_printf(&file, "mail,%s\na@b.jp,", cases[i].header);
			for (size_t k = 0; k < cases[i].fits + more; k++)
				buf_char(&file, 'x');
			buf_char(&file, '\n');
			table_headers(&table, file.ptr);
			guess_columns(table.column, table.count);
			show(&table, &text);
			assert_int_equal(span_starts(buf_span(&text),
					     SPAN("contacts.row_text")),
			    more == 1);
			table_done(&table);
		}
	}
	buf_clear(&file);
	buf_text(&file, "mail,tags\na@b.jp,\"");
	for (int k = 0; k <= SAYS_TAGS_MAX; k++)
		buf_printf(&file, "t%d,", k);
	buf_text(&file, "\"\n");
	table_headers(&table, file.ptr);
	guess_columns(table.column, table.count);
	show(&table, &text);
	assert_string_equal(text.ptr, "contacts.row_tags tags 100");
	table_done(&table);
	buf_done(&text);
	buf_done(&file);
}

static void
old_fields_stay_under_members(void **state)
{
	struct table table;
	struct csv_person person;
	struct buf fields = BUF_INIT;
	struct err err = {0};

	(void)state;
	table_headers(&table, "mail,city,attributes\n"
			      "a@b.jp,Kobe,\"{\"\"n\"\":2,\"\"m\"\":3}\"\n");
	guess_columns(table.column, table.count);
	table.column[2].target = IMPORT_JSON;
	assert_int_equal(table_person(&table, &person, &err), 1);
	assert_ok(person_fields(&table.mapping, &person,
		      SPAN("{\"n\":\"1\",\"x\":\"y\",\"city\":\"Nara\"}"),
		      &fields, &err),
	    &err);
	assert_string_equal(fields.ptr,
	    "{\"n\":\"2\",\"x\":\"y\",\"city\":\"Kobe\",\"m\":\"3\"}");
	buf_done(&fields);
	table_done(&table);
}

static void
names_are_joined_as_people_write_them(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
	    {"姓,名,mail\n山田,太郎,a@b.jp\n", "山田 太郎"},
	    {"名,姓,mail\n太郎,山田,a@b.jp\n", "山田 太郎"},
	    {"名,mail,姓\n太郎,a@b.jp,\n", "太郎"},
	    {"First Name,Last Name,mail\nTaro,Yamada,a@b.jp\n", "Taro Yamada"},
	    {"First Name,Last Name,mail\n太郎,山田,a@b.jp\n", "山田 太郎"},
	    {"First Name,mail,Last Name\nタロウ,a@b.jp,Yamada\n",
		"Yamada タロウ"},
	    {"First Name,Last Name,mail\n太郎,,a@b.jp\n", "太郎"},
	    {"Last Name,First Name,mail\n山田,太郎,a@b.jp\n", "山田 太郎"},
	    {"First Name,Last Name,mail\nTaro,Yamada,a@b.jp\n", "Taro Yamada"},
	    {"Last Name,First Name,mail\nYamada,Taro,a@b.jp\n", "Yamada Taro"},
	};
	struct table table;
	struct csv_person person;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		table_headers(&table, cases[i].text);
		guess_columns(table.column, table.count);
		assert_int_equal(table_person(&table, &person, &err), 1);
		assert_span_equal(person.name, cases[i].name);
		table_done(&table);
	}
}

static int
in_tokyo(void **state)
{
	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_say),
	    cmocka_unit_test(lengths_have_limits),
	    cmocka_unit_test(old_fields_stay_under_members),
	    cmocka_unit_test(names_are_joined_as_people_write_them),
	};

	return cmocka_run_group_tests(tests, in_tokyo, NULL);
}
