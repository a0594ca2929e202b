/* The locked footer: what it holds for which class, and what must be set. */
#include "core/compose/template.h"
#include "core/compose/token.h"

#include "tests/unit/compose/compose_case.h"

static const struct recipient taro = {
    .seq = 3,
    .address = SPAN("taro@example.net"),
    .name = SPAN("山田 太郎"),
    .fields = SPAN("{}"),
};

static void
assemble(struct compose_case *it, struct message *out)
{
	assert_ok(case_compile(it, ASSEMBLE_UNSIGNED), &it->err);
	assert_ok(assemble_message(
		      it->assembler, &taro, it->clock.now, out, &it->err),
	    &it->err);
}

static bool
holds(struct span text, const char *needle)
{
	return span_search(text, span_of(needle)) < text.len;
}

static void
test_both_parts(void **state)
{
	static const char *const wanted[] = {"株式会社例示", "〒100-0001",
	    "東京都千代田区千代田1-1", "お問合せ 03-0000-0000",
	    "https://u.example.jp/u/", "配信停止", "unsubscribe"};
	struct compose_case it;
	struct message message;
	struct buf shown = BUF_INIT;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	assemble(&it, &message);
	assert_ok(html_to_text(message.html, &shown, &it.err), &it.err);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		if (!holds(message.text, wanted[i]) ||
		    !holds(buf_span(&shown), wanted[i]))
			fail_msg("%s\n%.*s\n%s", wanted[i],
			    SPAN_ARG(message.text), shown.ptr);
	}
	buf_done(&shown);
	case_end(&it);
}

/* Notice and URL within 200 characters of each other, notice first. */
static void
test_notice_beside_url(void **state)
{
	struct compose_case it;
	struct message message;
	size_t notice, url;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	assemble(&it, &message);
	notice = span_search(message.text, span_of("配信停止"));
	url = span_search(message.text, SPAN("https://u.example.jp/u/"));
	assert_true(notice < url && url - notice < 200);
	case_end(&it);
}

static void
test_own_notice(void **state)
{
	struct compose_case it;
	struct message message;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	assert_ok(setting_write(it.store, "legal.notice",
		      SPAN("Stop <here> & now {{name}}:"), &it.err),
	    &it.err);
	assemble(&it, &message);
	assert_true(holds(message.text, "Stop <here> & now {{name}}:\n"));
	assert_true(
	    holds(message.html, "Stop &lt;here&gt; &amp; now {{name}}:"));
	assert_false(holds(message.text, "配信停止"));
	case_end(&it);
}

static void
test_missing_settings(void **state)
{
	static const char *const needed[] = {"legal.name", "legal.postal",
	    "legal.contact", "unsubscribe.base_url"};
	struct compose_case it;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		struct buf old = BUF_INIT;
		assert_ok(
		    setting_read(it.db, needed[i], &old, &it.err), &it.err);
		assert_ok(setting_write(it.store, needed[i], SPAN(""), &it.err),
		    &it.err);
		assert_int_equal(case_compile(&it, ASSEMBLE_UNSIGNED), -1);
		assert_int_equal(it.err.code, E_SENDER_MISSING);
		assert_string_equal(err_find(&it.err, "setting"), needed[i]);
		assert_ok(
		    setting_write(it.store, needed[i], buf_span(&old), &it.err),
		    &it.err);
		buf_done(&old);
	}
	buf_clear(&it.campaign.from_address);
	assert_int_equal(case_compile(&it, ASSEMBLE_UNSIGNED), -1);
	assert_string_equal(err_find(&it.err, "setting"), "sender.address");
	case_end(&it);
}

/* Transactions and notices show who sends, but nothing to stop. */
static void
test_other_classes(void **state)
{
	static const enum campaign_class class[] = {CLASS_TX, CLASS_NOTICE};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct compose_case it;
		struct message message;
		case_begin(&it, class[i], "s", "text");
		assert_ok(setting_write(it.store, "unsubscribe.base_url",
			      SPAN(""), &it.err),
		    &it.err);
		assemble(&it, &message);
		assert_true(holds(message.text, "株式会社例示"));
		assert_false(holds(message.bytes, "List-Unsubscribe"));
		assert_false(holds(message.text, "配信停止"));
		case_end(&it);
	}
}

static void
test_list_unsubscribe(void **state)
{
	struct compose_case it;
	struct message message;
	struct buf https = BUF_INIT;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	assemble(&it, &message);
	size_t at = span_search(message.text, SPAN("https://u.example.jp/u/"));
	struct span url = span_slice(message.text, at, at + 23 + 26);
	buf_add(&https, SPAN("<"));
	buf_add(&https, url);
	buf_add(&https, SPAN(">"));
	assert_true(holds(message.header, https.ptr));
	assert_true(holds(message.header, "<mailto:u+"));
	assert_true(
	    holds(message.header, "@bounce.example.jp?subject=unsubscribe>"));
	assert_true(holds(message.header,
	    "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
	for (size_t i = 23; i < url.len; i++)
		assert_true((url.ptr[i] >= 'a' && url.ptr[i] <= 'z') ||
			    (url.ptr[i] >= '2' && url.ptr[i] <= '7'));
	/* An address may hold what means something in a URI. */
	assert_ok(setting_write(it.store, "unsubscribe.mailto",
		      SPAN("u?cc=a&b%40@bounce.example.jp"), &it.err),
	    &it.err);
	assemble(&it, &message);
	assert_true(holds(message.header, "<mailto:u%3Fcc%3Da%26b%2540+"));
	assert_ok(
	    setting_write(it.store, "unsubscribe.mailto", SPAN(""), &it.err),
	    &it.err);
	assemble(&it, &message);
	assert_false(holds(message.header, "mailto:"));
	assert_true(holds(message.header, "List-Unsubscribe: <https://"));
	buf_done(&https);
	case_end(&it);
}

/* Tokens differ between recipients, lists and campaigns. */
static void
test_tokens_differ(void **state)
{
	struct compose_case it;
	struct buf token[5] = {BUF_INIT};

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	static const struct token_stop stop[] = {
	    {7, 1, 1, SPAN("a@b.jp")},
	    {7, 1, 2, SPAN("a@b.jp")},
	    {7, 1, 1, SPAN("c@b.jp")},
	    {7, 9, 1, SPAN("a@b.jp")},
	    {8, 1, 1, SPAN("a@b.jp")},
	};
	struct token_maker *maker = token_maker_new(it.store);

	for (size_t i = 0; i < 5; i++)
		token_unsubscribe(maker, &stop[i], &token[i]);
	token_maker_free(&maker);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(token[i].len, 26);
		for (size_t k = 0; k < i; k++)
			assert_false(span_equal(
			    buf_span(&token[i]), buf_span(&token[k])));
	}
	for (size_t i = 0; i < 5; i++)
		buf_done(&token[i]);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_parts),
	    cmocka_unit_test(test_notice_beside_url),
	    cmocka_unit_test(test_own_notice),
	    cmocka_unit_test(test_missing_settings),
	    cmocka_unit_test(test_other_classes),
	    cmocka_unit_test(test_list_unsubscribe),
	    cmocka_unit_test(test_tokens_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
