/* Identifiers: constant for a recipient, known again in every form they come
 * back in, refused when one bit differs. */
#include <stdlib.h>

#include "core/compose/token.h"
#include "tests/unit/compose/compose_case.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static void
make_id(struct compose_case *it, int64_t campaign, int64_t seq, struct buf *out)
{
	buf_clear(out);
	message_id_of(it->store, campaign, SPAN("example.jp"), seq, out);
}

static void
make_path(struct compose_case *it, int64_t seq, int64_t at_ms, struct buf *out)
{
	struct token_maker *maker = token_maker_new(it->store);
	struct token_base base;

	buf_clear(out);
	token_base(maker, 7, seq, &base);
	token_return_path(maker, base.ref, at_ms, out);
	buf_text(out, "@bounce.example.jp");
	token_maker_free(&maker);
}

/* What the assembler writes is what anybody can ask for later. */
static void
test_message_id(void **state)
{
	struct compose_case it;
	struct message message;
	struct message_ref ref;
	struct recipient to = {
	    3, SPAN("taro@example.net"), SPAN("太郎"), SPAN("{}")};
	struct buf id = BUF_INIT;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assert_ok(assemble_message(it.assembler, &to, 1000, &message, &it.err),
	    &it.err);
	assert_span_equal(template_message_domain(it.template), "example.jp");
	make_id(&it, 7, 3, &id);
	assert_true(span_equal(message.message_id, buf_span(&id)));
	assert_true(span_starts(buf_span(&id), SPAN("<c.7.")));
	assert_int_equal(id.len, sizeof "<c.7.@example.jp>" - 1 + 16 + 1 + 8);
	assert_true(message_ref_parse(it.store, buf_span(&id), &ref));
	assert_int_equal(ref.kind, MESSAGE_REF_ID);
	assert_int_equal(ref.campaign, 7);
	assert_int_equal(message_ref_find(it.store, &ref, 7, 10), 3);
	assert_int_equal(message_ref_find(it.store, &ref, 7, 2), 0);
	assert_int_equal(message_ref_find(it.store, &ref, 8, 10), 0);
	buf_done(&id);
	case_end(&it);
}

/* Without brackets, without domain, in capitals: it is still ours. */
static void
test_forms(void **state)
{
	struct compose_case it;
	struct message_ref whole, part;
	struct buf id = BUF_INIT, upper = BUF_INIT;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	make_id(&it, INT64_MAX, INT64_MAX, &id);
	assert_true(message_ref_parse(it.store, buf_span(&id), &whole));
	assert_int_equal(whole.campaign, INT64_MAX);
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];

		buf_char(&upper, (char)(c >= 'a' && c <= 'z' ? c - 32 : c));
	}
	const struct span form[] = {buf_span(&upper),
	    span_slice(buf_span(&id), 1, id.len - 1),
	    span_slice(buf_span(&id), 1, span_index(buf_span(&id), '@'))};
	for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
		assert_true(message_ref_parse(it.store, form[i], &part));
		assert_memory_equal(part.ref, whole.ref, sizeof whole.ref);
	}
	buf_done(&id);
	buf_done(&upper);
	case_end(&it);
}

/* Each character that is changed makes it somebody else's. */
static void
expect_every_change_refused(struct compose_case *it, struct buf *id)
{
	size_t end = span_index(buf_span(id), '@');
	struct message_ref ref;

	assert_true(message_ref_parse(it->store, buf_span(id), &ref));
	for (size_t i = *id->ptr == '<'; i < end; i++) {
		char old = id->ptr[i];

		id->ptr[i] = old == 'q' || old == '2' ? '3' : 'q';
		assert_false(message_ref_parse(it->store, buf_span(id), &ref));
		id->ptr[i] = old;
	}
	for (size_t cut = 0; cut < end; cut++)
		assert_false(message_ref_parse(
		    it->store, span_slice(buf_span(id), 0, cut), &ref));
}

static void
test_forged(void **state)
{
	static const char *const foreign[] = {"", "<>", "<@>", "c", "c.", "c..",
	    "c.7..", "c.7.aaaaaaaaaaaaaaaa.aaaaaaaa",
	    "c.07.aaaaaaaaaaaaaaaa.aaaaaaaa", "c.-7.aaaaaaaaaaaaaaaa.aaaaaaaa",
	    "c.99999999999999999999.aaaaaaaaaaaaaaaa.aaaaaaaa",
	    "b+11000aaaaaaaaaaaaaaaaaaaaaaaa", "news@example.jp"};
	struct compose_case it, other;
	struct message_ref ref;
	struct buf id = BUF_INIT;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	case_begin(&other, CLASS_AD, "s", "text");
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		assert_false(
		    message_ref_parse(it.store, span_of(foreign[i]), &ref));
	make_id(&it, 7, 3, &id);
	expect_every_change_refused(&it, &id);
	assert_false(message_ref_parse(other.store, buf_span(&id), &ref));
	make_path(&it, 3, 0, &id);
	expect_every_change_refused(&it, &id);
	assert_false(message_ref_parse(other.store, buf_span(&id), &ref));
	buf_done(&id);
	case_end(&it);
	case_end(&other);
}

/* A return path tells the day instead of the campaign. */
static void
test_return_path(void **state)
{
	const int64_t day = 20778, at_ms = day * DAY_MS + 5;
	struct compose_case it;
	struct message_ref ref;
	struct buf path = BUF_INIT;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	make_path(&it, 12, at_ms, &path);
	assert_true(span_starts(buf_span(&path), SPAN("b+11778")));
	assert_true(message_ref_parse(it.store, buf_span(&path), &ref));
	assert_int_equal(ref.kind, MESSAGE_REF_PATH);
	assert_int_equal(ref.campaign, 0);
	assert_int_equal(ref.day, 778);
	assert_int_equal(message_ref_find(it.store, &ref, 7, 100), 12);
	assert_int_equal(message_ref_find(it.store, &ref, 6, 100), 0);
	assert_true(message_ref_covers(&ref, at_ms, at_ms));
	assert_true(message_ref_covers(&ref, at_ms - 3 * DAY_MS, at_ms));
	assert_false(message_ref_covers(
	    &ref, at_ms - 3 * DAY_MS, at_ms - 2 * (int64_t)DAY_MS));
	assert_false(message_ref_covers(
	    &ref, at_ms + DAY_MS, at_ms + 200 * (int64_t)DAY_MS));
	assert_true(message_ref_covers(
	    &ref, at_ms + DAY_MS, at_ms + 1001 * (int64_t)DAY_MS));
	buf_done(&path);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_message_id),
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_forged),
	    cmocka_unit_test(test_return_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
