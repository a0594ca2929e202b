/* Reviews: what the rules find in a log, that a review needs a remark for each
 * item, what is signed and kept, and when the next one is due. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/report.h"
#include "core/store/state.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

struct room {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	struct err err;
	struct anomalies found;
};

enum { NOON, NIGHT, SUNDAY };

/* 2026-11-25 is a Wednesday. */
static int64_t
at(int when)
{
	struct tm tm = {.tm_year = 126,
	    .tm_mon = 10,
	    .tm_mday = when == SUNDAY ? 29 : 25,
	    .tm_hour = when == NIGHT ? 23 : 12,
	    .tm_isdst = -1};

	return (int64_t)mktime(&tm) * 1000;
}

static int
set_up(void **state)
{
	struct room *room = mem_new(sizeof *room);

	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	fake_clock_init(&room->clock);
	room->clock.now = at(NOON);
	room->store = tempstore_open(&room->clock.base);
	assert_ok(
	    store_reader_open(room->store, &room->db, &room->err), &room->err);
	*state = room;
	return 0;
}

static int
tear_down(void **state)
{
	struct room *room = *state;

	free(room->found.item);
	store_reader_close(&room->db);
	tempstore_close(&room->store);
	free(room);
	return 0;
}

static void
log_as(struct room *room, const char *who, const char *what, const char *object,
    const char *facts)
{
	char *own = room->store->user;
	char *other = mem_text(span_of(who));

	room->store->user = other;
	fake_clock_move(&room->clock, 1000);
	assert_ok(audit_add(room->store,
		      &(struct audit_event){.what = what,
			  .object = span_of(object),
			  .facts = span_of(facts)},
		      &room->err),
	    &room->err);
	room->store->user = own;
	free(other);
}

static void
find(struct room *room, int64_t after)
{
	free(room->found.item);
	assert_ok(anomaly_find(room->db, after, NULL, &room->found, &room->err),
	    &room->err);
}

/* ---- Rules -------------------------------------------------------------------- */

static const struct row {
	int when;
	const char *what, *object, *facts;
	int rule; /* -1: none */
} rows[] = {
    {NOON, "campaign.save", "campaign 1", "", -1},
    {NIGHT, "campaign.save", "campaign 1", "", ANOMALY_HOURS},
    {SUNDAY, "campaign.save", "campaign 1", "", ANOMALY_HOURS},
    {NIGHT, "session.open", "hanako", "", -1},
    {NIGHT, "run.done", "campaign 1", "", -1},
    {NOON, "report.export", "campaign 1", "", ANOMALY_EXPORT},
    {NOON, "store.key", "", "", ANOMALY_EXPORT},
    {NOON, "personal.unmask", "contact 7", "", ANOMALY_EXPORT},
    {NOON, "evidence.make", "campaign 1", "", ANOMALY_EXPORT},
    {NOON, "review.answer", "campaign 1", "", ANOMALY_ATTEST},
    {NOON, "approval.give", "campaign 1", "", ANOMALY_ATTEST},
    {NOON, "login.failed", "hanako", "", ANOMALY_FAILED},
    {NOON, "review.code_wrong", "campaign 1", "", ANOMALY_FAILED},
    {NOON, "stepup.refused", "launch", "", ANOMALY_FAILED},
    {NOON, "run.start", "campaign 1", "recipients=9999 digest=00", -1},
    {NOON, "run.start", "campaign 1", "recipients=10000 digest=00",
	ANOMALY_BIG_SEND},
    {NOON, "setting.change", "approval.when", "", ANOMALY_POLICY},
    {NOON, "setting.change", "theme", "", -1},
    {NOON, "person.save", "jiro", "", ANOMALY_POLICY},
    {NOON, "relay.accept_less", "relay 1", "", ANOMALY_POLICY},
    {NOON, "campaign.unseal", "campaign 1", "", ANOMALY_SEAL},
    {NOON, "store.restored", "", "", ANOMALY_SEAL},
};

static void
each_rule(void **state)
{
	struct room *room = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		int64_t before = room->store->head.seq;

		room->clock.now = at(row->when);
		log_as(room, "hanako", row->what, row->object, row->facts);
		find(room, before);
		if (row->rule < 0 ? room->found.count != 0
				  : room->found.count != 1 ||
					room->found.item[0].rule !=
					    (enum anomaly_rule)row->rule)
			fail_msg("%s: %zu %s", row->what, room->found.count,
			    room->found.count
				? anomaly_name(room->found.item[0].rule)
				: "");
	}
}

static void
the_clock_goes_back(void **state)
{
	struct room *room = *state;
	int64_t before = room->store->head.seq;

	log_as(room, "hanako", "campaign.save", "campaign 1", "");
	room->clock.now -= 30 * 1000;
	log_as(room, "hanako", "campaign.save", "campaign 1", "");
	room->clock.now -= 90 * 1000;
	log_as(room, "hanako", "campaign.save", "campaign 1", "");
	find(room, before);
	assert_int_equal(room->found.count, 1);
	assert_int_equal(room->found.item[0].rule, ANOMALY_CLOCK);
	assert_int_equal(room->found.item[0].first, before + 3);
}

/* One item for a person and a day, another for the next of either. */
static void
a_day_is_one_item(void **state)
{
	struct room *room = *state;
	int64_t before = room->store->head.seq;

	for (int i = 0; i < 5; i++)
		log_as(room, "hanako", "login.failed", "hanako", "");
	log_as(room, "jiro", "login.failed", "jiro", "");
	log_as(room, "hanako", "login.failed", "hanako", "");
	fake_clock_move(&room->clock, 24 * 60 * 60 * 1000);
	log_as(room, "hanako", "login.failed", "hanako", "");
	find(room, before);
	assert_int_equal(room->found.count, 3);
	assert_int_equal(room->found.item[0].count, 6);
	assert_int_equal(room->found.item[0].first, before + 1);
	assert_int_equal(room->found.item[0].last, before + 7);
	assert_string_equal(room->found.item[1].who, "jiro");
	assert_int_equal(room->found.item[2].first, before + 8);
	assert_int_equal(room->found.to, before + 8);
}

static void
hours_are_a_setting(void **state)
{
	struct room *room = *state;
	int64_t before;

	assert_ok(
	    setting_write(room->store, "audit.hours", SPAN(""), &room->err),
	    &room->err);
	assert_ok(
	    setting_write(room->store, "audit.days", SPAN("all"), &room->err),
	    &room->err);
	before = room->store->head.seq;
	room->clock.now = at(NIGHT);
	log_as(room, "hanako", "campaign.save", "campaign 1", "");
	room->clock.now = at(SUNDAY);
	log_as(room, "hanako", "campaign.save", "campaign 1", "");
	find(room, before);
	assert_int_equal(room->found.count, 0);
}

/* ---- Signing the log ------------------------------------------------------------ */

static int
sign(struct room *room, const char *const *remark, const char *all)
{
	const struct log_review review = {
	    .found = &room->found, .remark = remark, .remark_all = all};

	room->err = (struct err){.code = E_NONE};
	return oversight_sign_log(room->store, &review, "pam", &room->err);
}

static void
assert_signed(struct room *room, enum oversight_kind kind, struct buf *text)
{
	struct buf signature = BUF_INIT;
	struct ed25519_signature read;
	struct ed25519_public key;

	buf_clear(text);
	assert_int_equal(
	    oversight_last(room->db, kind, text, &signature, &room->err), 1);
	assert_true(ed25519_signature_read(buf_span(&signature), &read));
	store_signer(room->store, &key);
	assert_true(ed25519_verify(&key, buf_span(text), &read));
	text->ptr[text->len / 2] ^= 1;
	assert_false(ed25519_verify(&key, buf_span(text), &read));
	text->ptr[text->len / 2] ^= 1;
	buf_done(&signature);
}

static bool
has(const struct buf *text, const char *needle)
{
	return span_search(buf_span(text), span_of(needle)) < text->len;
}

static void
each_item_needs_a_remark(void **state)
{
	const char *remark[3] = {"asked for by the shop", "", ""};
	struct room *room = *state;
	struct buf text = BUF_INIT;
	struct oversight_due due;
	int64_t before = room->store->head.seq;

	log_as(room, "hanako", "report.export", "campaign 1", "");
	log_as(room, "hanako", "store.key", "", "");
	log_as(room, "tester", "report.export", "campaign 2", "");
	find(room, before);
	assert_int_equal(room->found.count, 3);
	assert_int_equal(sign(room, remark, ""), -1);
	assert_int_equal(room->err.code, E_OVERSIGHT);
	assert_string_equal(err_find(&room->err, "why"), "remark");
	/* What is said about all does not cover the reviewer's own deeds. */
	assert_int_equal(sign(room, remark, "all as it should be"), -1);
	remark[2] = "mine: for the meeting";
	assert_ok(sign(room, remark, "all as\nit should be"), &room->err);
	assert_signed(room, OVERSIGHT_LOG, &text);
	assert_true(has(&text, "remark: asked for by the shop\n"));
	assert_true(has(&text, "remark: all as it should be\n"));
	assert_true(has(&text, " (own)\nremark: mine: for the meeting\n"));
	assert_ok(oversight_due(room->db, OVERSIGHT_LOG, room->clock.now, &due,
		      &room->err),
	    &room->err);
	assert_int_equal(due.to, before + 3);
	assert_string_equal(due.by, "tester");
	buf_done(&text);
}

static void
a_log_that_changed_meanwhile(void **state)
{
	struct room *room = *state;

	find(room, 0);
	room->found.end.bytes[0] ^= 1;
	assert_int_equal(sign(room, NULL, "fine"), -1);
	assert_string_equal(err_find(&room->err, "why"), "head");
}

static void
nobody_signs_without_a_role(void **state)
{
	struct room *room = *state;
	struct person person = {
	    .login = "tester", .roles = PERSON_ADMINISTRATOR | PERSON_OPERATOR};
	char *own = room->store->user;

	assert_ok(
	    person_save(room->store, &person, NULL, &room->err), &room->err);
	snprintf(person.login, sizeof person.login, "hanako");
	person.roles = PERSON_OPERATOR;
	assert_ok(
	    person_save(room->store, &person, NULL, &room->err), &room->err);
	snprintf(person.login, sizeof person.login, "keiko");
	person.roles = PERSON_AUDITOR;
	assert_ok(
	    person_save(room->store, &person, NULL, &room->err), &room->err);
	find(room, 0);
	for (size_t i = 0; i < room->found.count; i++)
		snprintf(room->found.item[i].who, 8, "nobody");
	room->store->user = mem_text(SPAN("hanako"));
	assert_int_equal(sign(room, NULL, "fine"), -1);
	assert_int_equal(room->err.code, E_ROLE);
	free(room->store->user);
	room->store->user = mem_text(SPAN("keiko"));
	assert_ok(sign(room, NULL, "fine"), &room->err);
	assert_int_equal(
	    oversight_may(room->store, room->db, OVERSIGHT_ACCESS, &room->err),
	    -1);
	free(room->store->user);
	room->store->user = own;
}

/* ---- Due dates -------------------------------------------------------------------- */

static bool
overdue(struct room *room, enum oversight_kind kind)
{
	struct oversight_due due;

	assert_ok(
	    oversight_due(room->db, kind, room->clock.now, &due, &room->err),
	    &room->err);
	return due.overdue;
}

static void
due_dates(void **state)
{
	static const int64_t day = 24 * 60 * 60 * 1000;
	struct room *room = *state;

	room->clock.now += 30 * day;
	assert_false(overdue(room, OVERSIGHT_LOG));
	room->clock.now += 1;
	assert_true(overdue(room, OVERSIGHT_LOG));
	assert_false(overdue(room, OVERSIGHT_ACCESS));
	find(room, room->store->head.seq - 1);
	for (size_t i = 0; i < room->found.count; i++)
		snprintf(room->found.item[i].who, 8, "nobody");
	assert_ok(sign(room, NULL, "quiet"), &room->err);
	assert_false(overdue(room, OVERSIGHT_LOG));
	room->clock.now += 61 * day;
	assert_true(overdue(room, OVERSIGHT_LOG));
	assert_true(overdue(room, OVERSIGHT_ACCESS));
	assert_ok(setting_write(
		      room->store, "audit.access_days", SPAN("0"), &room->err),
	    &room->err);
	assert_false(overdue(room, OVERSIGHT_ACCESS));
}

/* ---- People --------------------------------------------------------------------- */

static void
people_are_confirmed_as_shown(void **state)
{
	struct room *room = *state;
	struct person person = {
	    .login = "tester", .roles = PERSON_ADMINISTRATOR | PERSON_OPERATOR};
	struct access_row *people = NULL;
	struct buf text = BUF_INIT;
	size_t count = 0;

	assert_ok(
	    person_save(room->store, &person, NULL, &room->err), &room->err);
	snprintf(person.login, sizeof person.login, "jiro");
	person.roles = PERSON_APPROVER;
	assert_ok(
	    person_save(room->store, &person, NULL, &room->err), &room->err);
	assert_ok(oversight_people(room->db, &people, &count, &room->err),
	    &room->err);
	assert_int_equal(count, 2);
	people[0].person.roles ^= PERSON_VIEWER;
	assert_int_equal(oversight_sign_access(
			     room->store, people, count, "", "pam", &room->err),
	    -1);
	assert_string_equal(err_find(&room->err, "why"), "people");
	people[0].person.roles ^= PERSON_VIEWER;
	assert_ok(oversight_sign_access(room->store, people, count,
		      "Jiro stays until March", "pam", &room->err),
	    &room->err);
	assert_signed(room, OVERSIGHT_ACCESS, &text);
	assert_true(has(&text, "person: jiro roles=approver masked=0"
			       " disabled=0 keys=0 last=never\n"));
	assert_true(has(&text, "person: tester roles=administrator,operator "));
	assert_true(has(&text, "remark: Jiro stays until March\n"));
	assert_false(overdue(room, OVERSIGHT_ACCESS));
	free(people);
	buf_done(&text);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(each_rule),
	    CASE(the_clock_goes_back),
	    CASE(a_day_is_one_item),
	    CASE(hours_are_a_setting),
	    CASE(each_item_needs_a_remark),
	    CASE(a_log_that_changed_meanwhile),
	    CASE(nobody_signs_without_a_role),
	    CASE(due_dates),
	    CASE(people_are_confirmed_as_shown),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
