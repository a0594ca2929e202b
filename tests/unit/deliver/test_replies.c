/* The operator's own rules, unknown replies by kind, and what refusals mean for
 * the addresses; from rows written by hand. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "core/deliver/outcome.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

static const int64_t day_ms = 24 * 60 * 60 * INT64_C(1000);

struct scene {
	struct fake_clock clock;
	struct store *store;
};

static int
set_up(void **state)
{
	struct scene *it = mem_new(sizeof *it);

	fake_clock_init(&it->clock);
	it->store = tempstore_open(&it->clock.base);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *it = *state;

	tempstore_close(&it->store);
	free(it);
	return 0;
}

/* ---- Rows ------------------------------------------------------------------ */

struct row {
	int64_t campaign, seq;
	const char *address;
	enum ledger_state state;
	const char *class;
	int code;
	const char *reply;
};

static void
put(struct scene *it, const struct row *row)
{
	static const char outbox[] =
	    "INSERT INTO outbox VALUES(?1, ?2, ?2, ?3, ?3, '', '{}', x'00')";
	static const char ledger[] =
	    "INSERT INTO ledger(campaign, seq, state, attempt, at_ms, code,"
	    " stage, enhanced, reply, class)"
	    " VALUES(?1, ?2, ?3, 1, ?4, ?5, ?6, '', ?7, ?8)";
	struct err err = {0};
	struct db *db = NULL;
	struct stmt *stmt;

	assert_ok(
	    store_begin(it->store, STORE_WAIT_LONG, "test", &db, &err), &err);
	stmt = db_stmt(db, outbox, &err);
	stmt_int(stmt, 1, row->campaign);
	stmt_int(stmt, 2, row->seq);
	stmt_text(stmt, 3, span_of(row->address));
	assert_ok(stmt_run(stmt, &err), &err);
	stmt = db_stmt(db, ledger, &err);
	stmt_int(stmt, 1, row->campaign);
	stmt_int(stmt, 2, row->seq);
	stmt_int(stmt, 3, row->state);
	stmt_int(stmt, 4, clock_now_ms(&it->clock.base));
	stmt_int(stmt, 5, row->code);
	stmt_int(stmt, 6, SMTP_STAGE_RCPT);
	stmt_text(stmt, 7, span_of(row->reply));
	stmt_text(stmt, 8, span_of(row->class));
	assert_ok(stmt_run(stmt, &err), &err);
	assert_ok(store_commit(it->store, &db, &err), &err);
}

static struct reply_follow_up
follow(struct scene *it, int64_t campaign)
{
	struct reply_follow_up found;
	struct err err = {0};
	struct db *db = NULL;

	assert_ok(
	    store_begin(it->store, STORE_WAIT_LONG, "test", &db, &err), &err);
	assert_ok(reply_follow_up(it->store, db, (struct campaign_id){campaign},
		      &found, &err),
	    &err);
	assert_ok(store_commit(it->store, &db, &err), &err);
	return found;
}

static int
is_stopped(struct scene *it, const char *address)
{
	struct err err = {0};
	struct db *db = NULL;
	int got;

	assert_ok(store_reader_open(it->store, &db, &err), &err);
	got = suppress_check(
	    it->store, db, span_of(address), (struct list_id){1}, &err);
	store_reader_close(&db);
	return got;
}

/* Refused in campaign after campaign, days apart: when the address is given
 * up, 0 for never within times. */
static int
given_up_after(
    struct scene *it, const char *class, const char *address, int days)
{
	static int64_t campaign = 100;

	for (int i = 1; i <= 8; i++) {
		struct row row = {
		    campaign, 1, address, LEDGER_FAILED, class, 550, "550 no"};

		put(it, &row);
		follow(it, campaign++);
		if (is_stopped(it, address))
			return i;
		fake_clock_move(&it->clock, days * day_ms);
	}
	return 0;
}

/* ---- Follow-up --------------------------------------------------------------- */

static void
addresses_are_given_up_by_class(void **state)
{
	struct scene *it = *state;

	assert_int_equal(given_up_after(it, "H1", "a@example.jp", 0), 1);
	assert_int_equal(given_up_after(it, "H2", "b@example.jp", 1), 2);
	assert_int_equal(given_up_after(it, "H2", "c@example.jp", 0), 0);
	assert_int_equal(given_up_after(it, "H3", "d@example.jp", 14), 2);
	assert_int_equal(given_up_after(it, "H3", "e@example.jp", 5), 4);
	assert_int_equal(given_up_after(it, "H4", "f@example.jp", 0), 3);
	assert_int_equal(given_up_after(it, "S1", "g@example.jp", 8), 5);
	assert_int_equal(given_up_after(it, "S1", "h@example.jp", 6), 6);
	assert_int_equal(given_up_after(it, "P2", "i@example.jp", 30), 0);
	assert_int_equal(given_up_after(it, "U", "j@example.jp", 30), 0);
	assert_int_equal(given_up_after(it, "A1", "k@example.jp", 30), 0);
}

static void
a_refusal_counts_once(void **state)
{
	struct scene *it = *state;
	static const struct row rows[] = {
	    {1, 1, "a@example.jp", LEDGER_FAILED, "H1", 550, "550 5.1.1 no"},
	    {1, 2, "b@example.jp", LEDGER_FAILED, "H4", 550, "550 no"},
	    {1, 3, "c@example.jp", LEDGER_ACCEPTED, "", 250, "250 ok"},
	    {1, 4, "d@example.jp", LEDGER_DEFERRED, "S1", 452, "452 full"},
	    /* out of time: noted as what it waited for */
	    {1, 5, "e@example.jp", LEDGER_FAILED, "X", 452, "452 mailbox full"},
	};
	struct reply_follow_up found;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		put(it, &rows[i]);
	found = follow(it, 1);
	assert_int_equal(found.noted, 3);
	assert_int_equal(found.suppressed, 1);
	assert_int_equal(found.by_class[OUTCOME_H1], 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(follow(it, 1).noted, 0);
	assert_int_equal(is_stopped(it, "a@example.jp"), 1);
	assert_int_equal(is_stopped(it, "b@example.jp"), 0);
	/* already on the list: not counted as new */
	put(it,
	    &(struct row){2, 1, "a@example.jp", LEDGER_FAILED, "H1", 550, ""});
	found = follow(it, 2);
	assert_int_equal(found.noted, 1);
	assert_int_equal(found.suppressed, 0);
}

static void
nothing_is_stopped_when_switched_off(void **state)
{
	struct scene *it = *state;
	struct err err = {0};

	assert_ok(
	    setting_write(it->store, "bounce.suppress", SPAN("off"), &err),
	    &err);
	assert_int_equal(given_up_after(it, "H1", "a@example.jp", 0), 0);
	assert_ok(setting_write(it->store, "bounce.suppress", SPAN("on"), &err),
	    &err);
	assert_int_equal(given_up_after(it, "H1", "a@example.jp", 0), 1);
}

static void
last_event(void *arg, const struct audit_entry *entry)
{
	struct buf *out = arg;

	if (out->len == 0)
		buf_printf(out, "%.*s %.*s %.*s", SPAN_ARG(entry->what),
		    SPAN_ARG(entry->object), SPAN_ARG(entry->facts));
}

static void
it_is_logged_with_its_evidence(void **state)
{
	struct scene *it = *state;
	struct err err = {0};
	struct db *db = NULL;
	struct buf text = BUF_INIT;
	struct stmt *stmt;

	put(it, &(struct row){4, 7, "a@example.jp", LEDGER_FAILED, "H1", 550,
		    "550 5.1.1 no\r\nsuch user"});
	follow(it, 4);
	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_int_equal(audit_read(db, 0, 1, last_event, &text, &err), 1);
	assert_string_equal(text.ptr,
	    "suppress.replies campaign 4 refusals=1 suppressed=1 H1=1");
	stmt = db_stmt(db, "SELECT evidence, cause FROM suppression", &err);
	assert_int_equal(stmt_step(stmt, &err), 1);
	assert_true(span_equal(stmt_col_text(stmt, 0),
	    SPAN("campaign 4, number 7, H1: 550 5.1.1 no  such user")));
	assert_int_equal(stmt_col_int(stmt, 1), SUPPRESS_BOUNCED);
	stmt_reset(stmt);
	store_reader_close(&db);
	buf_done(&text);
}

/* ---- Own rules --------------------------------------------------------------- */

static struct reply_rule
rule_of(enum outcome_class class, int code, const char *text)
{
	struct reply_rule rule = {.class = class, .code = code};

	snprintf(rule.text, sizeof rule.text, "%s", text);
	return rule;
}

static const char *
class_with(struct outcome_book *book, int code, const char *raw)
{
	struct outcome_reply reply = {
	    .stage = SMTP_STAGE_EOD,
	    .peer = WHO_RELAY,
	    .code = code,
	    .enhanced = "",
	    .raw = span_of(raw),
	};

	return outcome_class_name(outcome_book_classify(book, &reply)->class);
}

static void
own_rules_come_before_unknown_alone(void **state)
{
	struct scene *it = *state;
	struct reply_rule rule =
	    rule_of(OUTCOME_H4, 0, "Ticket * is Shut today");
	struct outcome_book *book = NULL;
	struct err err = {0};
	struct db *db = NULL;

	assert_ok(reply_rule_save(it->store, &rule, &err), &err);
	assert_true(rule.id > 0);
	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_ok(outcome_book_read(db, &book, &err), &err);
	assert_string_equal(
	    class_with(book, 554, "554 ticket 17 is SHUT today"), "H4");
	assert_string_equal(class_with(book, 554, "554 ticket 17 is"), "U");
	/* a built-in one that fits is not overruled */
	assert_string_equal(
	    class_with(
		book, 550, "550 5.1.1 no such user ticket 1 is shut today"),
	    "H1");
	/* changed, then removed: from the next reply on */
	rule.class = OUTCOME_P2;
	rule.code = 554;
	assert_ok(reply_rule_save(it->store, &rule, &err), &err);
	assert_ok(outcome_book_reload(book, db, &err), &err);
	assert_string_equal(
	    class_with(book, 554, "554 ticket 17 is shut today"), "P2");
	assert_string_equal(
	    class_with(book, 550, "550 ticket 17 is shut today"), "U");
	assert_ok(reply_rule_remove(it->store, rule.id, &err), &err);
	assert_ok(outcome_book_reload(book, db, &err), &err);
	assert_string_equal(
	    class_with(book, 554, "554 ticket 17 is shut today"), "U");
	outcome_book_free(&book);
	store_reader_close(&db);
}

static void
rules_that_say_nothing_are_refused(void **state)
{
	struct scene *it = *state;
	struct {
		struct reply_rule rule;
		const char *field, *why;
	} bad[] = {
	    {rule_of(OUTCOME_U, 0, "shut today"), "class", "range"},
	    {rule_of(OUTCOME_NONE, 0, "shut today"), "class", "range"},
	    {rule_of(OUTCOME_H1, 250, "shut today"), "code", "range"},
	    {rule_of(OUTCOME_H1, 0, "no"), "text", "short"},
	    {rule_of(OUTCOME_H1, 0, "* a * b * c d *"), "text", "short"},
	    {rule_of(OUTCOME_H1, 0, "shut\x1b[2J today"), "text", "control"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = {0};

		assert_int_equal(
		    reply_rule_save(it->store, &bad[i].rule, &err), -1);
		assert_int_equal(err.code, E_REPLY_RULE);
		assert_string_equal(err_find(&err, "field"), bad[i].field);
		assert_string_equal(err_find(&err, "why"), bad[i].why);
	}
}

static void
unknown_replies_are_listed_by_kind(void **state)
{
	struct scene *it = *state;
	static const struct row rows[] = {
	    {1, 1, "a@example.jp", LEDGER_FAILED, "U", 554,
		"554 5.0.0 <a@example.jp> ticket 17 shut"},
	    {1, 2, "b@example.jp", LEDGER_FAILED, "U", 554,
		"554 5.0.0 <b@example.jp> Ticket 18 shut"},
	    {2, 1, "a@example.jp", LEDGER_FAILED, "U", 554,
		"554 5.0.0 <a@example.jp> ticket 4711 shut"},
	    {2, 2, "c@example.jp", LEDGER_FAILED, "U", 550, "550 go away"},
	    {2, 3, "d@example.jp", LEDGER_FAILED, "H1", 550, "550 who"},
	};
	struct reply_rule rule = rule_of(OUTCOME_P2, 0, "go away");
	struct reply_kind *kind;
	struct err err = {0};
	struct db *db = NULL;
	size_t count;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		put(it, &rows[i]);
	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_ok(reply_kind_all(db, &kind, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_string_equal(kind[0].text, "* ticket * shut");
	assert_int_equal(kind[0].count, 3);
	assert_int_equal(kind[0].campaigns, 2);
	assert_int_equal(kind[0].code, 554);
	assert_string_equal(
	    kind[0].example, "554 5.0.0 <a@example.jp> ticket 4711 shut");
	assert_string_equal(kind[1].text, "go away");
	free(kind);
	store_reader_close(&db);
	/* decided on: gone from the list */
	assert_ok(reply_rule_save(it->store, &rule, &err), &err);
	assert_ok(store_reader_open(it->store, &db, &err), &err);
	assert_ok(reply_kind_all(db, &kind, &count, &err), &err);
	assert_int_equal(count, 1);
	free(kind);
	store_reader_close(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		addresses_are_given_up_by_class, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_refusal_counts_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		nothing_is_stopped_when_switched_off, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		it_is_logged_with_its_evidence, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		own_rules_come_before_unknown_alone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		rules_that_say_nothing_are_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		unknown_replies_are_listed_by_kind, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
