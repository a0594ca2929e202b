/* Which addresses are accepted, in which forms, and why others are not. */
#include <stdio.h>

#include "core/mail/address.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#define L16 "aaaaaaaaaaaaaaaa"
#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct good {
	const char *text;
	const char *canon;
	const char *wire; /* NULL: as canon */
	enum address_quirk quirk;
} good[] = {
    {"taro@example.jp", "taro@example.jp", NULL, ADDRESS_PLAIN},
    {" \ttaro@example.jp ", "taro@example.jp", NULL, ADDRESS_PLAIN},
    {"Taro.Yamada+news@Example.JP", "Taro.Yamada+news@example.jp", NULL,
	ADDRESS_PLAIN},
    {"!#$%&'*+-/=?^_`{|}~@example.jp", "!#$%&'*+-/=?^_`{|}~@example.jp", NULL,
	ADDRESS_PLAIN},
    {"a@b.c", "a@b.c", NULL, ADDRESS_PLAIN},
    {"a@1-2.x3", "a@1-2.x3", NULL, ADDRESS_PLAIN},
    {"\"taro\"@example.jp", "taro@example.jp", NULL, ADDRESS_PLAIN},
    {"\"ta\\ro\"@example.jp", "taro@example.jp", NULL, ADDRESS_PLAIN},
    {"\"ta ro\"@example.jp", "\"ta ro\"@example.jp", NULL, ADDRESS_PLAIN},
    {"\"ta@ro\"@example.jp", "\"ta@ro\"@example.jp", NULL, ADDRESS_PLAIN},
    {"\"a\\\"\\\\b\"@example.jp", "\"a\\\"\\\\b\"@example.jp", NULL,
	ADDRESS_PLAIN},
    {"\"a..b\"@example.jp", "\"a..b\"@example.jp", NULL, ADDRESS_PLAIN},
    {"a..b@docomo.ne.jp", "a..b@docomo.ne.jp", "\"a..b\"@docomo.ne.jp",
	ADDRESS_CARRIER_DOTS},
    {"\"a..b\"@docomo.ne.jp", "a..b@docomo.ne.jp", "\"a..b\"@docomo.ne.jp",
	ADDRESS_CARRIER_DOTS},
    {"ab.@ezweb.ne.jp", "ab.@ezweb.ne.jp", "\"ab.\"@ezweb.ne.jp",
	ADDRESS_CARRIER_DOTS},
    {".ab@au.com", ".ab@au.com", "\".ab\"@au.com", ADDRESS_CARRIER_DOTS},
    {"a...b.@SoftBank.ne.jp", "a...b.@softbank.ne.jp",
	"\"a...b.\"@softbank.ne.jp", ADDRESS_CARRIER_DOTS},
    {"a.-.@t.vodafone.ne.jp", "a.-.@t.vodafone.ne.jp",
	"\"a.-.\"@t.vodafone.ne.jp", ADDRESS_CARRIER_DOTS},
    {"a.@jp-k.ne.jp", "a.@jp-k.ne.jp", "\"a.\"@jp-k.ne.jp",
	ADDRESS_CARRIER_DOTS},
    {"a.b@docomo.ne.jp", "a.b@docomo.ne.jp", NULL, ADDRESS_PLAIN},
    {"taro@\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.jp", "taro@xn--wgv71a119e.jp",
	NULL, ADDRESS_PLAIN},
    {"taro@XN--WGV71A119E.jp", "taro@xn--wgv71a119e.jp", NULL, ADDRESS_PLAIN},
    /* Nontransitional: sharp s stays itself. */
    {"taro@stra\xc3\x9f"
     "e.de",
	"taro@xn--strae-oqa.de", NULL, ADDRESS_PLAIN},
    /* One letter and its accent are that letter with an accent. */
    {"taro@u\xcc\x88.jp", "taro@xn--tda.jp", NULL, ADDRESS_PLAIN},
    {L16 L16 L16 L16 "@example.jp", L16 L16 L16 L16 "@example.jp", NULL,
	ADDRESS_PLAIN},
    {"a@" L63 ".jp", "a@" L63 ".jp", NULL, ADDRESS_PLAIN},
};

static void
accepts_and_canonicalises(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		const struct good *g = &good[i];
		struct address a, again;
		struct err err = {0};

		print_message("%s\n", g->text);
		assert_ok(
		    address_parse(span_of(g->text), arena, &a, &err), &err);
		assert_span_equal(a.canon, g->canon);
		assert_span_equal(a.wire, g->wire ? g->wire : g->canon);
		assert_int_equal(a.quirk, g->quirk);
		/* Every form reads back to the same person. */
		assert_ok(address_parse(a.canon, arena, &again, &err), &err);
		assert_true(span_equal(again.canon, a.canon));
		assert_ok(address_parse(a.wire, arena, &again, &err), &err);
		assert_true(span_equal(again.canon, a.canon));
		assert_true(span_equal(again.wire, a.wire));
		assert_ok(address_parse(a.address, arena, &again, &err), &err);
		assert_true(span_equal(again.canon, a.canon));
	}
}

static const struct bad {
	const char *text;
	enum err_code code;
	const char *why; /* "" where the code says it all */
	const char *fix; /* "" when there is no offer */
} bad[] = {
    {"", E_ADDRESS_SYNTAX, "empty", ""},
    {"  ", E_ADDRESS_SYNTAX, "empty", ""},
    {"taro", E_ADDRESS_SYNTAX, "at", ""},
    {"taro@@x.jp", E_ADDRESS_SYNTAX, "at", ""},
    {"@x.jp", E_ADDRESS_SYNTAX, "local", ""},
    {"\"\"@x.jp", E_ADDRESS_SYNTAX, "local", ""},
    {"ta(ro@x.jp", E_ADDRESS_SYNTAX, "local", ""},
    {"ta\"ro@x.jp", E_ADDRESS_SYNTAX, "local", ""},
    {"ta\\ro@x.jp", E_ADDRESS_SYNTAX, "local", ""},
    {"taro@exam ple.jp", E_ADDRESS_SYNTAX, "space", ""},
    {"taro @example.jp", E_ADDRESS_SYNTAX, "space", ""},
    {"a..b@example.jp", E_ADDRESS_SYNTAX, "dots", ""},
    {".a@example.jp", E_ADDRESS_SYNTAX, "dots", ""},
    {"a.@example.jp", E_ADDRESS_SYNTAX, "dots", ""},
    {"a.@notdocomo.ne.jp", E_ADDRESS_SYNTAX, "dots", ""},
    {"a.@z.vodafone.ne.jp", E_ADDRESS_SYNTAX, "dots", ""},
    {"...@docomo.ne.jp", E_ADDRESS_SYNTAX, "dots", ""},
    {"\"taro@x.jp", E_ADDRESS_SYNTAX, "quote", ""},
    {"\"taro\"x@x.jp", E_ADDRESS_SYNTAX, "quote", ""},
    {"\"taro\\", E_ADDRESS_SYNTAX, "quote", ""},
    {"taro\r\nBcc: x@y.jp", E_ADDRESS_SYNTAX, "control", ""},
    {"taro\x1b[2J@x.jp", E_ADDRESS_SYNTAX, "control", ""},
    {"\"ta\x7fro\"@x.jp", E_ADDRESS_SYNTAX, "control", ""},
    {"taro\xff@x.jp", E_ADDRESS_SYNTAX, "encoding", ""},
    {"taro@[192.0.2.1]", E_ADDRESS_SYNTAX, "literal", ""},
    {"Taro <taro@x.jp>", E_ADDRESS_SYNTAX, "name", "taro@x.jp"},
    {"<taro@x.jp>", E_ADDRESS_SYNTAX, "name", "taro@x.jp"},
    {"mailto:taro@x.jp", E_ADDRESS_SYNTAX, "mailto", "taro@x.jp"},
    {"taro@x.jp;", E_ADDRESS_SYNTAX, "tail", "taro@x.jp"},
    {"taro@x.jp.", E_ADDRESS_SYNTAX, "tail", "taro@x.jp"},
    {"a@x.jp;b@x.jp", E_ADDRESS_SYNTAX, "two", ""},
    {"a@x.jp, b@x.jp", E_ADDRESS_SYNTAX, "two", ""},
    {"A <a@x.jp>, B <b@x.jp>", E_ADDRESS_SYNTAX, "name", ""},
    {"taro@", E_ADDRESS_DOMAIN, "empty", ""},
    {"taro@.jp", E_ADDRESS_DOMAIN, "empty", ""},
    {"taro@x..jp", E_ADDRESS_DOMAIN, "empty", ""},
    {"taro@localhost", E_ADDRESS_DOMAIN, "single", ""},
    {"taro@192.0.2.1", E_ADDRESS_DOMAIN, "numeric", ""},
    {"taro@-x.jp", E_ADDRESS_DOMAIN, "label", ""},
    {"taro@x-.jp", E_ADDRESS_DOMAIN, "label", ""},
    {"taro@x_y.jp", E_ADDRESS_DOMAIN, "label", ""},
    {"taro@x!.jp", E_ADDRESS_DOMAIN, "label", ""},
    {"taro@a" L63 ".jp", E_ADDRESS_DOMAIN, "length", ""},
    {"taro@xn--a.jp", E_ADDRESS_DOMAIN, "idna", ""},
    {"taro@\xe6\x97\xa5..jp", E_ADDRESS_DOMAIN, "empty", ""},
    {"taro@.\xe6\x97\xa5.jp", E_ADDRESS_DOMAIN, "empty", ""},
    {"taro@\xe6\x97\xa5", E_ADDRESS_DOMAIN, "single", ""},
    {"taro@-\xe6\x97\xa5.jp", E_ADDRESS_DOMAIN, "idna", ""},
    {"taro@\xe6\x97\xa5_.jp", E_ADDRESS_DOMAIN, "label", ""},
    {"taro@\xe6\x97\xa5" L63 ".jp", E_ADDRESS_DOMAIN, "idna", ""},
    {"taro@\xe6\x97\xa5." L63 "." L63 "." L63 "." L63 ".jp", E_ADDRESS_DOMAIN,
	"idna", ""},
    {"a..b@pdx.ne.jp", E_ADDRESS_SYNTAX, "dots", ""},
    {"a" L16 L16 L16 L16 "@example.jp", E_ADDRESS_LENGTH, "", ""},
    {"\"" L16 L16 L16 L16 " \"@example.jp", E_ADDRESS_LENGTH, "", ""},
    {"\xe5\xb1\xb1@example.jp", E_ADDRESS_UTF8, "", ""},
    {"\"\xe5\xb1\xb1\"@example.jp", E_ADDRESS_UTF8, "", ""},
    /* Full-width at sign, letters, blank; zero width; ideographic stop. */
    {"taro\xef\xbc\xa0x.jp", E_ADDRESS_WIDTH, "", "taro@x.jp"},
    {"\xef\xbd\x94"
     "aro@x.jp",
	E_ADDRESS_WIDTH, "", "taro@x.jp"},
    {"taro@\xef\xbd\x98.jp", E_ADDRESS_WIDTH, "", "taro@x.jp"},
    {"\xe3\x80\x80taro@x.jp\xc2\xa0", E_ADDRESS_WIDTH, "", "taro@x.jp"},
    {"\xef\xbb\xbftaro@x.jp", E_ADDRESS_WIDTH, "", "taro@x.jp"},
    {"ta\xe2\x80\x8bro@x.jp", E_ADDRESS_WIDTH, "", "taro@x.jp"},
    {"taro@x\xe3\x80\x82jp", E_ADDRESS_WIDTH, "", "taro@x.jp"},
    {"taro\xe3\x80\x80yama@x.jp", E_ADDRESS_WIDTH, "", ""},
    {"\xe2\x80\xaetaro@x.jp", E_ADDRESS_WIDTH, "", "taro@x.jp"},
};

static void
refuses_with_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct address a;
		struct err err = {0};

		print_message("%zu: %s\n", i, bad[i].why);
		assert_int_equal(
		    address_parse(span_of(bad[i].text), arena, &a, &err), -1);
		assert_string_equal(err_name(err.code), err_name(bad[i].code));
		assert_string_equal(err_find(&err, "why"), bad[i].why);
		assert_string_equal(err_find(&err, "fix"), bad[i].fix);
		/* Nobody needs to ask why. */
		assert_int_equal(
		    address_parse(span_of(bad[i].text), arena, &a, NULL), -1);
	}
}

static void
keeps_the_typed_spelling(void **state)
{
	struct address a;
	struct err err = {0};

	(void)state;
	assert_ok(
	    address_parse(SPAN("Taro@Example.JP"), arena, &a, &err), &err);
	assert_span_equal(a.address, "Taro@Example.JP");
	assert_span_equal(a.local, "Taro");
	assert_span_equal(a.domain, "example.jp");
	assert_ok(address_parse(SPAN("\"a b\"@x.jp"), arena, &a, &err), &err);
	assert_span_equal(a.local, "a b");
}

static void
counts_path_and_nul(void **state)
{
	static const char four[] = L63 "." L63 "." L63 ".";
	char text[600];
	struct address a;
	struct err err = {0};

	(void)state;
	/* 60 + 1 + 192 + 1 = 254 octets: with the brackets exactly 256. */
	memset(text, 'a', 60);
	snprintf(text + 60, sizeof text - 60, "@%sb", four);
	assert_int_equal(strlen(text), 254);
	assert_ok(address_parse(span_of(text), arena, &a, &err), &err);
	snprintf(text + 60, sizeof text - 60, "@%sbb", four);
	assert_int_equal(address_parse(span_of(text), arena, &a, &err), -1);
	assert_int_equal(err.code, E_ADDRESS_LENGTH);
	assert_string_equal(err_find(&err, "limit"), "256");
	assert_int_equal(
	    address_parse(span_make("a\0b@x.jp", 8), arena, &a, &err), -1);
	assert_string_equal(err_find(&err, "why"), "control");
}

static void
reads_domains(void **state)
{
	struct span domain;
	struct err err = {0};

	(void)state;
	assert_ok(address_domain(SPAN("Mail.Example.JP"), arena, &domain, &err),
	    &err);
	assert_span_equal(domain, "mail.example.jp");
	assert_int_equal(
	    address_domain(SPAN("x.jp\r\n"), arena, &domain, &err), -1);
	assert_int_equal(address_domain(SPAN(""), arena, &domain, &err), -1);
	assert_true(address_is_carrier(SPAN("docomo.ne.jp")));
	assert_false(address_is_carrier(SPAN("evil-docomo.ne.jp")));
	assert_false(address_is_carrier(SPAN("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(accepts_and_canonicalises),
	    cmocka_unit_test(refuses_with_a_reason),
	    cmocka_unit_test(keeps_the_typed_spelling),
	    cmocka_unit_test(counts_path_and_nul),
	    cmocka_unit_test(reads_domains),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
