/* The settings: defaults, checks of every type, what is logged. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/store/state.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

struct fixture {
	struct fake_clock clock;
	struct store *store;
	struct db *reader;
};

static int
set_up(void **state)
{
	struct fixture *f = mem_new(sizeof *f);
	struct err err = {0};

	fake_clock_init(&f->clock);
	f->store = tempstore_open(&f->clock.base);
	if (store_reader_open(f->store, &f->reader, &err) < 0)
		return -1;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_reader_close(&f->reader);
	tempstore_close(&f->store);
	free(f);
	return 0;
}

static void
assert_setting(struct fixture *f, const char *name, const char *want)
{
	struct buf value = BUF_INIT;
	struct err err = {0};

	assert_ok(setting_read(f->reader, name, &value, &err), &err);
	assert_span_equal(buf_span(&value), want);
	buf_done(&value);
}

/* "" when the value is taken, else why not. */
static const char *
write_value(struct fixture *f, const char *name, struct span value)
{
	static struct err err;

	err = (struct err){0};
	if (setting_write(f->store, name, value, &err) == 0)
		return "";
	return err.code == E_SETTING_VALUE ? err_find(&err, "why")
					   : err_name(err.code);
}

/* The table itself: names once, defaults that the checks would take. */
static void
table_is_sound(void **state)
{
	struct fixture *f = *state;
	const struct setting *all;
	size_t count;

	all = setting_all(&count);
	assert_true(count >= 15);
	for (size_t i = 0; i < count; i++) {
		const char *why =
		    write_value(f, all[i].name, span_of(all[i].initial));

		if (why[0])
			fail_msg("%s: default: %s", all[i].name, why);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(all[i].name, all[j].name);
	}
}

static void
defaults(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	assert_setting(f, "language", "auto");
	assert_setting(f, "sender.address", "");
	assert_int_equal(setting_int(f->reader, "lock.minutes", &err), 10);
	assert_int_equal(setting_int(f->reader, "login.max_failures", &err), 5);
	assert_int_equal(
	    setting_int(f->reader, "login.pause_minutes", &err), 10);
}

static void
unknown(void **state)
{
	struct fixture *f = *state;
	struct buf value = BUF_INIT;
	struct err err = {0};

	assert_int_equal(setting_read(f->reader, "no.such", &value, &err), -1);
	assert_int_equal(err.code, E_SETTING_UNKNOWN);
	assert_string_equal(err_find(&err, "name"), "no.such");
	assert_int_equal(setting_int(f->reader, "no.such", &err), -1);
	assert_int_equal(
	    setting_write(f->store, "store.generation", SPAN("0"), &err), -1);
	assert_int_equal(err.code, E_SETTING_UNKNOWN);
}

#define V(text) SPAN(text)

static void
checked(void **state)
{
	static const struct {
		const char *name;
		struct span value;
		const char *why;
	} cases[] = {
	    {"language", V("ja"), ""},
	    {"language", V("JA"), "choice"},
	    {"language", V(""), "choice"},
	    {"sender.name", V("\xe6\xa0\xaa\xe5\xbc\x8f"), ""},
	    {"sender.name", V(""), ""},
	    {"sender.name", V("a\nb"), "control"},
	    {"sender.name", V("a\r\nBcc: x"), "control"},
	    {"sender.name", V("a\0b"), "control"},
	    {"sender.name", V("\x1b[31m"), "control"},
	    {"sender.name", V("a\x7f"), "control"},
	    {"sender.name", V("\xc2\x9b"), "control"},
	    {"sender.name", V("\xe2\x80\xa8"), "control"},
	    {"sender.name", V("\xff"), "utf8"},
	    {"sender.name", V("\xed\xa0\x80"), "utf8"},
	    {"legal.postal", V("1-1\nChiyoda"), ""},
	    {"legal.postal", V("1-1\tChiyoda"), "control"},
	    {"sender.address", V("news@example.co.jp"), ""},
	    {"sender.address", V("news"), "address"},
	    {"sender.address", V("News <news@example.co.jp>"), "address"},
	    {"sender.address", V("a@b.example, c@d.example"), "address"},
	    {"lock.minutes", V("1"), ""},
	    {"lock.minutes", V("60"), ""},
	    {"lock.minutes", V("0"), "range"},
	    {"lock.minutes", V("61"), "range"},
	    {"lock.minutes", V("010"), "number"},
	    {"lock.minutes", V("-1"), "number"},
	    {"lock.minutes", V("ten"), "number"},
	    {"lock.minutes", V(""), "number"},
	    {"lock.minutes", V("99999999999999999999"), "number"},
	    {"unsubscribe.base_url", V("https://example.jp"), ""},
	    {"unsubscribe.base_url", V("https://example.jp/u?c="), ""},
	    {"unsubscribe.base_url", V("https://example.jp:8443/u"), ""},
	    {"unsubscribe.base_url", V("http://example.jp/u"), "url"},
	    {"unsubscribe.base_url", V("https://"), "url"},
	    {"unsubscribe.base_url", V("https://localhost/u"), "url"},
	    {"unsubscribe.base_url", V("https://example.jp:0/u"), "url"},
	    {"unsubscribe.base_url", V("https://example.jp:/u"), "url"},
	    {"unsubscribe.base_url", V("https://example.jp:99999"), "url"},
	    {"unsubscribe.base_url", V("https://a@example.jp/u"), "url"},
	    {"unsubscribe.base_url", V("https://example.jp/u#f"), "url"},
	    {"unsubscribe.base_url", V("https://example.jp/a b"), "url"},
	    {"unsubscribe.base_url", V("https://example.jp/\">"), "url"},
	    {"unsubscribe.base_url", V("javascript:alert(1)"), "url"},
	    {"ehlo.name", V("mail1.example.jp"), ""},
	    {"ehlo.name", V("mail1"), "domain"},
	    {"ehlo.name", V("a b.example"), "domain"},
	    {"message.domain", V("example.jp"), ""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *why = write_value(f, cases[i].name, cases[i].value);

		if (strcmp(why, cases[i].why) != 0)
			fail_msg("%s = %.*s: \"%s\"", cases[i].name,
			    SPAN_ARG(cases[i].value), why);
	}
}

static void
too_long(void **state)
{
	struct fixture *f = *state;
	char text[5000];

	memset(text, 'a', sizeof text);
	assert_string_equal(
	    write_value(f, "sender.name", span_make(text, 500)), "");
	assert_string_equal(
	    write_value(f, "sender.name", span_make(text, 501)), "length");
	assert_string_equal(
	    write_value(f, "legal.postal", span_make(text, 4000)), "");
	assert_string_equal(
	    write_value(f, "legal.postal", span_make(text, 4001)), "length");
}

static void
kept_and_replaced(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	assert_string_equal(write_value(f, "lock.minutes", SPAN("15")), "");
	assert_string_equal(write_value(f, "lock.minutes", SPAN("20")), "");
	assert_int_equal(setting_int(f->reader, "lock.minutes", &err), 20);
	/* A refused value changes nothing. */
	assert_string_equal(
	    write_value(f, "lock.minutes", SPAN("99")), "range");
	assert_int_equal(setting_int(f->reader, "lock.minutes", &err), 20);
	store_reader_close(&f->reader);
	tempstore_reopen(&f->store);
	assert_ok(store_reader_open(f->store, &f->reader, &err), &err);
	assert_setting(f, "lock.minutes", "20");
}

static void
together_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = NULL;

	assert_ok(
	    store_begin(f->store, STORE_WAIT_SHORT, "test", &db, &err), &err);
	assert_ok(
	    setting_write_in(f->store, db, "lock.minutes", SPAN("20"), &err),
	    &err);
	assert_int_equal(setting_write_in(f->store, db, "login.max_failures",
			     SPAN("99"), &err),
	    -1);
	assert_int_equal(err.code, E_SETTING_VALUE);
	store_rollback(f->store, &db);
	assert_setting(f, "lock.minutes", "10");
	assert_ok(
	    store_begin(f->store, STORE_WAIT_SHORT, "test", &db, &err), &err);
	assert_ok(
	    setting_write_in(f->store, db, "lock.minutes", SPAN("20"), &err),
	    &err);
	assert_ok(setting_write_in(
		      f->store, db, "login.max_failures", SPAN("9"), &err),
	    &err);
	assert_ok(store_commit(f->store, &db, &err), &err);
	assert_setting(f, "lock.minutes", "20");
	assert_setting(f, "login.max_failures", "9");
}

/* What stands in the table although no check would take it now. */
static void
stale_number(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	assert_ok(
	    db_exec(f->store->writer,
		"INSERT INTO setting VALUES('lock.minutes', '999', 0, '')",
		&err),
	    &err);
	assert_int_equal(setting_int(f->reader, "lock.minutes", &err), 10);
}

struct last {
	char object[64];
	char facts[AUDIT_FACTS_MAX + 1];
};

static void
keep_last(void *arg, const struct audit_entry *entry)
{
	struct last *last = arg;

	assert_span_equal(entry->what, "setting.change");
	memcpy(last->object, entry->object.ptr, entry->object.len);
	last->object[entry->object.len] = '\0';
	memcpy(last->facts, entry->facts.ptr, entry->facts.len);
	last->facts[entry->facts.len] = '\0';
}

static void
logged(void **state)
{
	struct fixture *f = *state;
	struct last last = {"", ""};
	struct err err = {0};

	write_value(f, "language", SPAN("en"));
	assert_int_equal(
	    audit_read(f->reader, 0, 1, keep_last, &last, &err), 1);
	assert_string_equal(last.object, "language");
	assert_string_equal(last.facts, "before=auto value=en");
	/* Several lines are logged by their size, the log being lines. */
	write_value(f, "legal.postal", SPAN("a\nb"));
	assert_int_equal(
	    audit_read(f->reader, 0, 1, keep_last, &last, &err), 1);
	assert_string_equal(last.facts, "before=\"\" octets=3");
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
	    CASE(table_is_sound),
	    CASE(defaults),
	    CASE(unknown),
	    CASE(checked),
	    CASE(too_long),
	    CASE(kept_and_replaced),
	    CASE(together_or_not_at_all),
	    CASE(stale_number),
	    CASE(logged),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
