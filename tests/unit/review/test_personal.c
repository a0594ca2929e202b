/* CM-03: whose values stand in a message. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "core/review/personal.h"

static struct personal *
index_of(const char *const *columns)
{
	struct personal *personal = personal_new();

	personal_add(personal, PERSONAL_ADDRESS, SPAN("Hanako@Example.jp"));
	personal_add(personal, PERSONAL_ADDRESS, SPAN("taro@example.jp"));
	for (; *columns; columns++)
		personal_add(personal, PERSONAL_COLUMN, span_of(*columns));
	personal_ready(personal);
	return personal;
}

static void
finds(const struct personal *personal, const char *text, const char *found)
{
	const struct personal_owner hanako = {SPAN("hanako@example.jp"),
	    SPAN("{\"会員番号\":\"A-10234\",\"電話\":\"03-1234-5678\"}")};
	struct personal_tools tools = {.text = BUF_INIT};
	struct span got =
	    personal_search(personal, &hanako, span_of(text), NULL, &tools);
	char shown[200];

	span_text(shown, sizeof shown, got);
	if (!found)
		found = "";
	if (!span_equal(got, span_of(found)))
		print_error("in: %s\n", text);
	assert_string_equal(shown, found);
	personal_tools_done(&tools);
}

static void
values_of_others_are_found(void **state)
{
	static const char *const columns[] = {"A-10234", "B-20456",
	    "4111 1111 1111 1112", "090-1234-9999", "03-1234-5678",
	    "東京都千代田区丸の内1-2-3", "０１２０－４４４－４４４", "123456",
	    "大阪", "20261122", NULL};
	static const struct {
		const char *text, *found;
	} cases[] = {
	    {"Dear Hanako, hanako@example.jp is you.", NULL},
	    {"Yours: A-10234, 03-1234-5678, 0312345678.", NULL},
	    {"This went to taro@example.jp.", "taro@example.jp"},
	    {"<a href=\"https://x.example/?m=TARO%40example.jp\">",
		"taro@example.jp"},
	    {"taro@example.jp-mail.example", NULL},
	    {"taro@example.jp.evil.example", NULL},
	    {"kintaro@example.jp", NULL},
	    {"k.taro@example.jp", NULL},
	    {"(taro@example.jp)", "taro@example.jp"},
	    {"会員番号はB-20456です", "b-20456"},
	    {"番号:Ｂ-２０４５６", "b-20456"},
	    {"XB-20456", NULL},
	    {"B-204567", NULL},
	    {"card 4111 1111 1111 1112", "4111 1111 1111 1112"},
	    {"card 4111111111111112", "4111111111111112"},
	    {"card 4111111111111113", NULL},
	    {"call 09012349999", "09012349999"},
	    {"call 090-1234-9999!", "090-1234-9999"},
	    {"ご住所は東京都千代田区丸の内1-2-3でよろしいですか",
		"東京都千代田区丸の内1-2-3"},
	    {"住所東京都千代田区丸の内１-２-３", "東京都千代田区丸の内1-2-3"},
	    {"東京都千代田区丸の内1-2-34", NULL},
	    {"number 123456 of yours", "123456"},
	    {"大阪で会いましょう", NULL}, /* too short to be anybody's */
	    {"日付 20261122", "20261122"},
	    {"日付 2026-11-22", NULL},
	    {"", NULL},
	    {"short", NULL},
	};
	struct personal *personal = index_of(columns);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		finds(personal, cases[i].text, cases[i].found);
	personal_free(&personal);
}

static void
the_sender_may_be_named(void **state)
{
	static const char *const columns[] = {
	    "03-5555-0000", "東京都港区芝公園4-2-8", "980123", NULL};
	struct personal *personal = personal_new();

	(void)state;
	personal_add(personal, PERSONAL_ADDRESS, SPAN("desk@partner.example"));
	personal_add(
	    personal, PERSONAL_ADDRESS, SPAN("boss@mail.ours.example"));
	personal_add(personal, PERSONAL_ADDRESS, SPAN("x@notours.example"));
	for (int i = 0; columns[i]; i++)
		personal_add(personal, PERSONAL_COLUMN, span_of(columns[i]));
	personal_allow(personal, SPAN("Desk@partner.example"));
	personal_allow(personal, SPAN("03-5555-0000"));
	personal_allow(personal, SPAN("〒105-0011 東京都港区芝公園4-2-8"));
	personal_allow_domain(personal, SPAN("ours.example"));
	personal_written(personal, SPAN("only 980123 yen"));
	personal_ready(personal);
	finds(personal, "desk@partner.example", NULL);
	finds(personal, "03-5555-0000 or 0355550000", NULL);
	finds(personal, "東京都港区芝公園4-2-8", NULL);
	finds(personal, "boss@mail.ours.example", NULL);
	finds(personal, "x@notours.example", "x@notours.example");
	finds(personal, "only 980123 yen", NULL);
	personal_free(&personal);
}

/* What many have is nobody's own: a company's switchboard, a prefecture. */
static void
what_many_share_is_not_looked_for(void **state)
{
	struct personal *personal = personal_new();
	struct personal_figures figures;

	(void)state;
	for (int i = 0; i < PERSONAL_SHARED; i++) {
		personal_add(personal, PERSONAL_COLUMN, SPAN("03-9999-0001"));
		personal_add(personal, PERSONAL_COLUMN, SPAN("03-9999-0002"));
	}
	personal_add(personal, PERSONAL_COLUMN, SPAN("03-9999-0002"));
	personal_ready(personal);
	finds(personal, "call 03-9999-0001", "03-9999-0001");
	finds(personal, "call 03-9999-0002", NULL);
	personal_figures(personal, &figures);
	assert_int_equal(figures.values, 4); /* with and without hyphens */
	assert_int_equal(figures.shared, 2);
	personal_free(&personal);
}

static void
another_ones_address_is_never_ones_own(void **state)
{
	const struct personal_owner mixed_up = {SPAN("hanako@example.jp"),
	    SPAN(
		"{\"mail 2\":\"taro@example.jp\",\"電話\":\"090-1111-2222\"}")};
	struct personal_tools tools = {.text = BUF_INIT};
	struct personal *personal = personal_new();

	(void)state;
	personal_add(personal, PERSONAL_ADDRESS, SPAN("taro@example.jp"));
	personal_add(personal, PERSONAL_COLUMN, SPAN("taro@example.jp"));
	personal_add(personal, PERSONAL_COLUMN, SPAN("090-1111-2222"));
	personal_ready(personal);
	assert_true(personal_search(personal, &mixed_up,
			SPAN("write to taro@example.jp"), NULL, &tools)
			.len > 0);
	assert_true(personal_search(personal, &mixed_up,
			SPAN("call 090-1111-2222, 09011112222"), NULL, &tools)
			.len == 0);
	personal_tools_done(&tools);
	personal_free(&personal);
}

static void
an_empty_index_finds_nothing(void **state)
{
	struct personal *personal = personal_new();

	(void)state;
	personal_ready(personal);
	finds(personal, "taro@example.jp", NULL);
	personal_free(&personal);
	personal_free(&personal);
}

/* Enough values to make the table grow, each of them found. */
static void
many_values_are_all_found(void **state)
{
	struct personal *personal = personal_new();
	char text[64];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof text, "N-%07d", i * 7);
		assert_true(
		    personal_add(personal, PERSONAL_COLUMN, span_of(text)));
	}
	personal_ready(personal);
	for (int i = 0; i < 20000; i += 97) {
		char wanted[32];

		snprintf(text, sizeof text, "no n-%07d.", i * 7);
		snprintf(wanted, sizeof wanted, "n-%07d", i * 7);
		finds(personal, text, wanted);
		snprintf(text, sizeof text, "no N-%07d.", i * 7 + 1);
		finds(personal, text, NULL);
	}
	personal_free(&personal);
}

static void
columns_are_known_by_their_names(void **state)
{
	static const char entries[] =
	    "会員番号,電話、住所, tel ,customer no,address";
	static const struct {
		const char *name;
		bool personal;
	} cases[] = {
	    {"会員番号", true},
	    {"旧会員番号2", true},
	    {"電話(自宅)", true},
	    {"ご住所", true},
	    {"TEL", true},
	    {"home_tel", true},
	    {"tel2", true},
	    {"hotel", false},
	    {"customer_no", true},
	    {"CustomerNo", true},
	    {"customer", false},
	    {"No. of customer", true},
	    {"Billing Address", true},
	    {"plan", false},
	    {"地区", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
		    personal_column(span_of(cases[i].name), SPAN(entries)),
		    cases[i].personal);
	}
	assert_false(personal_column(SPAN("tel"), SPAN("")));
	assert_false(personal_column(SPAN("tel"), SPAN(", ,")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_of_others_are_found),
	    cmocka_unit_test(the_sender_may_be_named),
	    cmocka_unit_test(what_many_share_is_not_looked_for),
	    cmocka_unit_test(another_ones_address_is_never_ones_own),
	    cmocka_unit_test(an_empty_index_finds_nothing),
	    cmocka_unit_test(many_values_are_all_found),
	    cmocka_unit_test(columns_are_known_by_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
