/* DKIM keys: made, listed, replaced, and their DNS record. */
#include "core/compose/template.h"

#include <stdlib.h>

#include "core/mail/dkim.h"
#include "tests/unit/compose/compose_case.h"

static void
test_create_and_replace(void **state)
{
	struct compose_case it;
	struct dkim_info *all = NULL;
	struct secret *key = NULL;
	struct buf selector = BUF_INIT, public = BUF_INIT;
	struct buf name = BUF_INIT, value = BUF_INIT;
	size_t count;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	assert_int_equal(
	    dkim_active(it.db, SPAN("example.jp"), &key, &selector, &it.err),
	    0);
	assert_ok(
	    dkim_create(it.store, SPAN("Example.JP"), SPAN("s2025"), &it.err),
	    &it.err);
	fake_clock_move(&it.clock, 1000);
	assert_ok(
	    dkim_create(it.store, SPAN("example.jp"), SPAN("s2026"), &it.err),
	    &it.err);
	assert_ok(dkim_all(it.db, &all, &count, &it.err), &it.err);
	assert_int_equal(count, 2);
	assert_string_equal(all[0].domain, "example.jp");
	assert_string_equal(all[0].selector, "s2026");
	assert_true(all[0].active);
	assert_int_equal(all[0].created_ms, it.clock.now);
	assert_false(all[1].active);

	assert_int_equal(
	    dkim_active(it.db, SPAN("example.jp"), &key, &selector, &it.err),
	    1);
	assert_span_equal(buf_span(&selector), "s2026");
	assert_ok(dkim_key_public(key, &public, &it.err), &it.err);
	assert_ok(
	    dkim_dns_record(it.db, all[0].id, &name, &value, &it.err), &it.err);
	assert_span_equal(buf_span(&name), "s2026._domainkey.example.jp");
	assert_true(span_starts(buf_span(&value), SPAN("v=DKIM1; k=rsa; p=")));
	assert_true(span_ends(buf_span(&value), buf_span(&public)));
	assert_int_equal(
	    dkim_dns_record(it.db, 99, &name, &value, &it.err), -1);
	assert_string_equal(err_find(&it.err, "what"), "missing");
	secret_free(&key);
	free(all);
	buf_done(&selector);
	buf_done(&public);
	buf_done(&name);
	buf_done(&value);
	case_end(&it);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *domain, *selector;
		enum err_code code;
	} row[] = {
	    {"example.jp", "", E_DKIM_KEY},
	    {"example.jp", "a.b", E_DKIM_KEY},
	    {"example.jp", "-a", E_DKIM_KEY},
	    {"example.jp", "a b", E_DKIM_KEY},
	    {"example.jp", "日本", E_DKIM_KEY},
	    {"", "s", E_ADDRESS_DOMAIN},
	    {"localhost", "s", E_ADDRESS_DOMAIN},
	    {"exa mple.jp", "s", E_ADDRESS_DOMAIN},
	};
	struct compose_case it;
	size_t count;
	struct dkim_info *all;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(dkim_create(it.store, span_of(row[i].domain),
				     span_of(row[i].selector), &it.err),
		    -1);
		assert_int_equal(it.err.code, row[i].code);
	}
	assert_ok(
	    dkim_create(it.store, SPAN("example.jp"), SPAN("s1"), &it.err),
	    &it.err);
	assert_int_equal(
	    dkim_create(it.store, SPAN("example.jp"), SPAN("s1"), &it.err), -1);
	assert_string_equal(err_find(&it.err, "what"), "taken");
	assert_ok(dkim_all(it.db, &all, &count, &it.err), &it.err);
	assert_int_equal(count, 1);
	assert_true(all[0].active);
	free(all);
	case_end(&it);
}

static void
check_entry(void *arg, const struct audit_entry *entry)
{
	if (!span_equal(entry->what, SPAN("dkim.create")))
		return;
	++*(int *)arg;
	assert_span_equal(entry->object, "domain example.jp");
	assert_span_equal(entry->facts, "selector=s1 algorithm=rsa bits=2048");
}

static void
test_logged(void **state)
{
	struct compose_case it;
	int found = 0;

	(void)state;
	case_begin(&it, CLASS_AD, "s", "text");
	assert_ok(
	    dkim_create(it.store, SPAN("example.jp"), SPAN("s1"), &it.err),
	    &it.err);
	assert_true(audit_read(it.db, 0, 10, check_entry, &found, &it.err) > 0);
	assert_int_equal(found, 1);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_create_and_replace),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
