/* Which names a template may use, where their values come from, and what whole
 * messages make of sections. */
#include <stdio.h>

#include "core/mail/parse.h"
#include "tests/unit/compose/compose_case.h"

enum { AT_MS = 1795000000 };

/* Two members: one has little, the other a list, an object and a text that is
 * JSON. */
static const char *const sql[] = {
    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
    " VALUES(1, '会員', 0, 0, 'tester')",
    "INSERT INTO contact(id, address, canon, fields, created_ms, changed_ms)"
    " VALUES(1, 'a@b.jp', 'a@b.jp', '{\"vip\":\"\"}', 0, 0)",
    "INSERT INTO contact(id, address, canon, fields, created_ms, changed_ms)"
    " VALUES(2, 'b@b.jp', 'b@b.jp', '{\"vip\":\"1\",\"due\":\"2026-11-25\","
    "\"items\":[{\"title\":\"A\"},{\"price\":1200,\"parts\":[{\"no\":1}]}],"
    "\"address2\":{\"city\":{\"ward\":\"x\"}},"
    "\"json\":\"[{\\\"deep\\\":{\\\"er\\\":1}}]\"}', 0, 0)",
    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
    " VALUES(1, 1, 1, 0, '')",
    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
    " VALUES(1, 2, 1, 0, '')",
};

static void
begin(struct compose_case *it, const char *subject, const char *text)
{
	struct db *db = NULL;

	case_begin(it, CLASS_AD, subject, text);
	it->campaign.list = 1;
	assert_ok(
	    store_begin(it->store, STORE_WAIT_SHORT, "test", &db, &it->err),
	    &it->err);
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		assert_ok(stmt_run(db_stmt(db, sql[i], &it->err), &it->err),
		    &it->err);
	assert_ok(store_commit(it->store, &db, &it->err), &it->err);
}

static void
test_known(void **state)
{
	static const struct {
		const char *text, *line; /* line NULL: all are known */
		enum err_code code;
	} row[] = {
	    {"{{name}} {{address}} {{vip}} {{due}}", NULL, E_NONE},
	    {"x\n{{naem}}", "2", E_MERGE_UNKNOWN},
	    {"{{#naem}}x{{/naem}}", "1", E_MERGE_UNKNOWN},
	    {"{{^naem}}x{{/naem}}", "1", E_MERGE_UNKNOWN},
	    {"{{NAME}}", "1", E_MERGE_UNKNOWN},
	    {"{{name.x}}", "1", E_MERGE_UNKNOWN},
	    {"{{title}}", "1", E_MERGE_UNKNOWN},
	    {"{{#items}}{{title}}{{price}}{{vip}}{{.}}{{/items}}", NULL,
		E_NONE},
	    {"{{#items}}{{#parts}}{{no}}{{price}}{{/parts}}{{/items}}", NULL,
		E_NONE},
	    {"{{#items}}{{no}}{{/items}}", "1", E_MERGE_UNKNOWN},
	    {"{{#vip}}{{title}}{{/vip}}", "1", E_MERGE_UNKNOWN},
	    {"{{^items}}{{title}}{{/items}}", "1", E_MERGE_UNKNOWN},
	    {"{{#items}}{{/items}}{{title}}", "1", E_MERGE_UNKNOWN},
	    {"{{address2.city.ward}}", NULL, E_NONE},
	    {"{{address2.city.x}}", "1", E_MERGE_UNKNOWN},
	    {"{{#address2.city}}{{ward}}{{/address2.city}}", NULL, E_NONE},
	    {"{{#json}}{{deep.er}}{{/json}}", NULL, E_NONE},
	    {"{{#json}}{{deeper}}{{/json}}", "1", E_MERGE_UNKNOWN},
	    {"{{#json}}{{#.}}{{deep.er}}{{/.}}{{/json}}", NULL, E_NONE},
	    {"{{campaign.name}} {{campaign.from}} {{campaign.address}} "
	     "{{campaign.reply_to}} {{list.name}} {{sender.name}} "
	     "{{sender.postal}} {{sender.contact}}",
		NULL, E_NONE},
	    {"{{campaign.x}}", "1", E_MERGE_UNKNOWN},
	    {"{{campaign}}", "1", E_MERGE_UNKNOWN},
	    {"{{system.date}}", "1", E_MERGE_UNKNOWN},
	    {"{{.}}", "1", E_MERGE_SYNTAX},
	    {"{{name:宛名}}", NULL, E_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct compose_case it;
		int rc;

		begin(&it, "x", row[i].text);
		rc = case_compile(&it, ASSEMBLE_UNSIGNED);
		if (rc != (row[i].line ? -1 : 0) ||
		    (rc < 0 && (it.err.code != row[i].code ||
				   strcmp(err_find(&it.err, "line"),
				       row[i].line) != 0)))
			fail_msg("%s: %s, line %s", row[i].text,
			    err_name(it.err.code), err_find(&it.err, "line"));
		case_end(&it);
	}
}

/* Without a list there are only our own. */
static void
test_no_list(void **state)
{
	struct compose_case it;

	(void)state;
	begin(&it, "x", "{{name}} {{sender.name}}");
	it.campaign.list = 0;
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	case_end(&it);
	begin(&it, "x", "{{vip}}");
	it.campaign.list = 0;
	assert_int_equal(case_compile(&it, ASSEMBLE_UNSIGNED), -1);
	assert_int_equal(it.err.code, E_MERGE_UNKNOWN);
	case_end(&it);
}

static void
expect_text(struct compose_case *it, const char *fields, const char *wanted)
{
	struct recipient to = {
	    1, SPAN("taro@example.net"), SPAN("山田 太郎"), span_of(fields)};
	struct message message;
	struct span text;

	assert_ok(
	    assemble_message(it->assembler, &to, AT_MS, &message, &it->err),
	    &it->err);
	text = span_slice(message.text, 0, strlen(wanted));
	if (!span_equal(text, span_of(wanted)))
		fail_msg("%.*s", SPAN_ARG(message.text));
}

/* What is our own cannot be changed by the data, but changes the digest. */
static void
test_own(void **state)
{
	struct compose_case it;
	struct digest before, after;

	(void)state;
	begin(&it, "{{list.name}}",
	    "{{campaign.name}}/{{campaign.from}}/{{list.name}}/"
	    "{{sender.name}}/{{#list.name}}{{.}}{{/list.name}}");
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	expect_text(&it,
	    "{\"campaign\":{\"name\":\"evil\"},\"list\":{\"name\":\"evil\"}}",
	    "November/例示ニュース/会員/株式会社例示/会員\n");
	template_digest(it.template, &before);
	buf_text(&it.campaign.name, " 2");
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	template_digest(it.template, &after);
	assert_memory_not_equal(before.bytes, after.bytes, sizeof before.bytes);
	case_end(&it);
}

static const char invoice[] = "{{name|お客}}様\n"
			      "\n"
			      "{{! 毎月のお知らせ }}\n"
			      "{{#items}}\n"
			      "- {{title|品名なし}}: {{price:円|無料}}\n"
			      "{{/items}}\n"
			      "\n"
			      "{{^items}}\n"
			      "ご注文はありません。\n"
			      "{{/items}}\n"
			      "\n"
			      "{{#vip}}いつもありがとうございます。{{/vip}}"
			      "お支払い: {{due:date full|未定}}\n";

static void
test_message(void **state)
{
	struct compose_case it;

	(void)state;
	begin(&it, "お知らせ{{#vip}} VIP{{/vip}}", invoice);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	expect_text(&it,
	    "{\"vip\":\"1\",\"due\":\"2026/11/25\",\"items\":["
	    "{\"title\":\"<A>\",\"price\":\"1200\"},{\"title\":\"B & C\"}]}",
	    "山田 太郎様\n\n"
	    " - <A>: 1,200円\n"
	    " - B & C: 無料\n\n"
	    "いつもありがとうございます。お支払い: 2026年11月25日(水)\n");
	expect_text(&it, "{\"vip\":\" \",\"items\":[]}",
	    "山田 太郎様\n\n"
	    "ご注文はありません。\n\n"
	    "お支払い: 未定\n");
	case_end(&it);
}

/* The way through the marks is told without making the message. */
static void
test_way(void **state)
{
	const struct recipient to = {1, SPAN("taro@example.net"), SPAN(""),
	    SPAN("{\"items\":[{\"title\":\"A\",\"price\":1},{}]}")};
	const struct merge_mark *mark;
	struct compose_case it;
	unsigned char took[32];
	size_t count, seen = 0;

	(void)state;
	begin(&it, "お知らせ{{#vip}} VIP{{/vip}}", invoice);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	mark = template_marks(it.template, &count);
	assert_true(count <= sizeof took);
	assert_ok(assemble_way(it.assembler, &to, took, &it.err), &it.err);
	for (size_t i = 0; i < count; i++) {
		static const struct {
			const char *name;
			enum merge_kind kind;
			unsigned char way;
		} wanted[] = {
		    {"name", MERGE_VALUE, WAY_OTHER},
		    {"title", MERGE_VALUE, WAY_MAIN | WAY_OTHER},
		    {"items", MERGE_SECTION, WAY_MAIN},
		    {"items", MERGE_INVERTED, WAY_OTHER},
		    {"vip", MERGE_SECTION, WAY_OTHER},
		};
		for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
			if (mark[i].kind != wanted[k].kind ||
			    !span_equal(mark[i].name, span_of(wanted[k].name)))
				continue;
			assert_int_equal(took[i], wanted[k].way);
			seen++;
		}
	}
	assert_int_equal(seen, 6); /* vip stands in subject and text */
	case_end(&it);
}

static void
test_fields(void **state)
{
	struct compose_case it;
	const struct template_field *field;
	size_t count;

	(void)state;
	begin(&it, "{{vip}}", invoice);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	field = template_fields(it.template, &count);
	for (size_t i = 0; i < count; i++) {
		bool vip = span_equal(field[i].name, SPAN("vip"));
		bool items = span_equal(field[i].name, SPAN("items"));

		assert_int_equal(field[i].is_section, vip || items);
		assert_int_equal(field[i].is_value, !items);
		assert_int_equal(field[i].in_header, vip);
		assert_int_equal(field[i].has_fallback, !vip);
		assert_int_equal(
		    field[i].is_date, span_equal(field[i].name, SPAN("due")));
		assert_int_equal(field[i].is_number,
		    span_equal(field[i].name, SPAN("price")));
	}
	assert_int_equal(count, 6);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_no_list),
	    cmocka_unit_test(test_own),
	    cmocka_unit_test(test_message),
	    cmocka_unit_test(test_way),
	    cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
