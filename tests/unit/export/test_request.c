/* The second person: who may be one, what is signed, and what makes it void. */
#include "tests/fake/approving.h"
#include "tests/unit/export/export_kit.h"

enum { MINUTE = 60 * 1000, PEOPLE = 5 };

struct desk {
	struct kit *kit;
	struct approving jiro;
	int64_t id;
	struct buf subject, statement;
	struct export_signer signer;
	struct export_offer offer;
};

static void
open_desk(struct desk *desk, struct kit *kit)
{
	*desk = (struct desk){.kit = kit};
	import_many(kit, PEOPLE);
	set(kit, "export.over", "0");
	approving_open(&desk->jiro, kit->store, "jiro", 4242);
}

static void
close_desk(struct desk *desk)
{
	approving_close(&desk->jiro);
	buf_done(&desk->subject);
	buf_done(&desk->statement);
}

static int64_t
now_of(struct desk *desk)
{
	return clock_now_ms(&desk->kit->clock.base);
}

static void
ask(struct desk *desk)
{
	struct err err = {0};

	assert_ok(export_ask(desk->kit->store, &desk->kit->order, NULL,
		      &desk->id, &err),
	    &err);
}

/* Writes and signs the text of what desk->signer says. */
static void
sign(struct desk *desk)
{
	buf_clear(&desk->statement);
	export_statement(
	    buf_span(&desk->subject), &desk->signer, &desk->statement);
	ed25519_sign(desk->jiro.seed, buf_span(&desk->statement),
	    &desk->offer.signature);
	desk->offer.statement = buf_span(&desk->statement);
	desk->offer.at_ms = desk->signer.at_ms;
	desk->offer.expires_ms = desk->signer.expires_ms;
	desk->offer.note = desk->signer.note;
	desk->offer.authenticated = desk->signer.authenticated;
}

/* What an honest approver hands in. */
static void
prepare(struct desk *desk)
{
	struct db *db = NULL;
	struct err err = {0};

	buf_clear(&desk->subject);
	assert_ok(store_reader_open(desk->kit->store, &db, &err), &err);
	assert_ok(export_subject(
		      desk->kit->store, db, desk->id, &desk->subject, &err),
	    &err);
	store_reader_close(&db);
	desk->offer = (struct export_offer){
	    .id = desk->id, .login = desk->jiro.login, .uid = desk->jiro.uid};
	desk->signer =
	    (struct export_signer){.login = span_of(desk->jiro.login),
		.uid = desk->jiro.uid,
		.authenticated = SPAN("pam"),
		.note = SPAN("read on paper"),
		.at_ms = now_of(desk),
		.expires_ms = now_of(desk) + 60LL * MINUTE};
	ed25519_fingerprint(&desk->jiro.key, &desk->signer.key);
	sign(desk);
}

static enum err_code
take(struct desk *desk)
{
	struct err err = {.code = E_NONE};

	export_take(desk->kit->store, &desk->offer, now_of(desk), &err);
	return err.code;
}

static enum err_code
write_it(struct desk *desk)
{
	struct export_made made;

	return write_code(desk->kit, desk->id, &made);
}

static void
approve(struct desk *desk)
{
	ask(desk);
	prepare(desk);
	assert_int_equal(take(desk), E_NONE);
}

static struct export_record
record_of(struct desk *desk)
{
	struct export_record record;
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(desk->kit->store, &db, &err), &err);
	assert_int_equal(
	    export_find(db, desk->id, now_of(desk), &record, &err), 1);
	store_reader_close(&db);
	return record;
}

/* ---- The way ------------------------------------------------------------------ */

static void
approved_is_written_once(void **state)
{
	struct desk desk;
	struct export_record record;
	struct err err = {0};
	struct db *db = NULL;
	size_t count;

	open_desk(&desk, *state);
	assert_int_equal(write_it(&desk), E_EXPORT_NEEDED);
	ask(&desk);
	assert_int_equal(write_it(&desk), E_EXPORT_REQUEST);
	assert_ok(store_reader_open(desk.kit->store, &db, &err), &err);
	assert_ok(
	    export_waiting(db, now_of(&desk), &record, 1, &count, &err), &err);
	store_reader_close(&db);
	assert_int_equal(count, 1);
	assert_int_equal(record.id, desk.id);
	assert_string_equal(record.what, "News");
	prepare(&desk);
	assert_int_equal(take(&desk), E_NONE);
	record = record_of(&desk);
	assert_int_equal(record.state, EXPORT_APPROVED);
	assert_string_equal(record.decided_by, "jiro");
	assert_string_equal(record.words, "read on paper");
	assert_int_equal(take(&desk), E_EXPORT_REQUEST); /* decided */
	assert_int_equal(write_it(&desk), E_NONE);
	assert_int_equal(record_of(&desk).state, EXPORT_MADE);
	assert_int_equal(write_it(&desk), E_EXPORT_REQUEST); /* used */
	assert_int_equal(
	    tempstore_number(desk.kit->store,
		"SELECT count(*) FROM audit WHERE what ="
		" 'export.write' AND facts LIKE '%approver=jiro%'"),
	    1);
	close_desk(&desk);
}

static void
the_text_says_it_all(void **state)
{
	static const struct {
		const char *name, *value;
	} lines[] = {
	    {"export", "1"},
	    {"scope", "filter"},
	    {"list", "1 News"},
	    {"filter", "name:Person"},
	    {"people", "5"},
	    {"column", "address"},
	    {"charset", "UTF-8"},
	    {"encryption", "none"},
	    {"reason", REASON},
	    {"requester", "tester"},
	    {"nothing", ""},
	};
	struct desk desk;

	open_desk(&desk, *state);
	desk.kit->order.scope = EXPORT_FILTER;
	buf_text(&desk.kit->order.filter, "name:Person");
	ask(&desk);
	prepare(&desk);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_span_equal(
		    export_subject_line(buf_span(&desk.subject), lines[i].name),
		    lines[i].value);
	close_desk(&desk);
}

static void
rejected_is_not_written(void **state)
{
	struct desk desk;
	struct err err = {.code = E_NONE};

	open_desk(&desk, *state);
	ask(&desk);
	prepare(&desk);
	assert_int_equal(export_reject(desk.kit->store, &desk.offer, SPAN("no"),
			     now_of(&desk), &err),
	    -1);
	assert_int_equal(err.code, E_APPROVAL_REASON);
	assert_ok(export_reject(desk.kit->store, &desk.offer,
		      SPAN("Nobody needs this list."), now_of(&desk), &err),
	    &err);
	assert_int_equal(record_of(&desk).state, EXPORT_REJECTED);
	assert_int_equal(take(&desk), E_EXPORT_REQUEST);
	assert_int_equal(write_it(&desk), E_EXPORT_REQUEST);
	close_desk(&desk);
}

static void
a_request_can_be_taken_back(void **state)
{
	struct export_order order = EXPORT_ORDER_INIT;
	struct desk desk;
	struct err err = {.code = E_NONE};
	int64_t first;

	open_desk(&desk, *state);
	approve(&desk);
	first = desk.id;
	assert_ok(
	    export_order_read(desk.kit->store, first, &order, &err), &err);
	assert_span_equal(buf_span(&order.reason), REASON);
	assert_ok(export_withdraw(desk.kit->store, first, &err), &err);
	assert_int_equal(write_it(&desk), E_EXPORT_REQUEST);
	assert_int_equal(export_withdraw(desk.kit->store, first, &err), -1);
	/* and a new one takes the place of one that is open */
	approve(&desk);
	first = desk.id;
	ask(&desk);
	assert_int_not_equal(desk.id, first);
	desk.id = first;
	assert_int_equal(write_it(&desk), E_EXPORT_REQUEST);
	export_order_done(&order);
	close_desk(&desk);
}

/* ---- Who ------------------------------------------------------------------------ */

static void
nobody_approves_their_own(void **state)
{
	static const struct {
		const char *login;
		uid_t uid;
		enum err_code code;
	} cases[] = {
	    {"tester", 4242, E_APPROVAL_WHO}, /* who asked */
	    {"nobody-knows", 4243, E_APPROVAL_WHO},
	    {"jiro", 9999, E_APPROVER_KEY}, /* not the number of the key */
	};
	struct desk desk;
	struct err err;

	open_desk(&desk, *state);
	ask(&desk);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prepare(&desk);
		desk.offer.login = cases[i].login;
		desk.offer.uid = cases[i].uid;
		desk.signer.login = span_of(cases[i].login);
		desk.signer.uid = cases[i].uid;
		sign(&desk);
		assert_int_equal(take(&desk), cases[i].code);
		assert_int_equal(
		    export_reject(desk.kit->store, &desk.offer,
			SPAN("Nobody needs this list."), now_of(&desk), &err),
		    i == 2 ? 0 : -1);
		if (i == 2)
			break;
	}
	close_desk(&desk);
}

/* A requester who is no operator any more is still not a second person. */
static void
the_number_of_who_asked_counts(void **state)
{
	struct desk desk;

	open_desk(&desk, *state);
	ask(&desk);
	prepare(&desk);
	desk.offer.uid = geteuid();
	desk.signer.uid = geteuid();
	sign(&desk);
	assert_int_equal(take(&desk), E_APPROVAL_WHO);
	close_desk(&desk);
}

/* ---- What makes it void ---------------------------------------------------------- */

static void
change_people(struct desk *desk)
{
	import_text(desk->kit, SPAN("address\r\nx@example.jp\r\n"));
}

static void
change_column(struct desk *desk)
{
	import_text(desk->kit, SPAN("address,shoe\r\np0@example.jp,42\r\n"));
}

static void
change_reason(struct desk *desk)
{
	buf_text(&desk->kit->order.reason, " And others.");
}

static void
change_parts(struct desk *desk)
{
	desk->kit->order.parts = EXPORT_NAME;
}

static void
change_charset(struct desk *desk)
{
	desk->kit->order.charset = EXPORT_CP932;
}

static void
change_seal(struct desk *desk)
{
	desk->kit->order.seal = EXPORT_BY_PASSPHRASE;
}

static void
change_scope(struct desk *desk)
{
	desk->kit->order.scope = EXPORT_FILTER;
	buf_text(&desk->kit->order.filter, "name:Person");
}

static void
change_name(struct desk *desk)
{
	struct err err = {0};

	assert_ok(list_rename(desk->kit->store, desk->kit->list,
		      SPAN("Newsletter"), &err),
	    &err);
}

static void
change_time(struct desk *desk)
{
	fake_clock_move(&desk->kit->clock, 61LL * MINUTE);
}

static void
change_minutes(struct desk *desk)
{
	set(desk->kit, "export.minutes", "30");
}

static void
change_stepup(struct desk *desk)
{
	set(desk->kit, "stepup.approve", "password");
}

static void
change_role(struct desk *desk)
{
	struct person person = {.login = "jiro", .roles = PERSON_VIEWER};
	struct err err = {0};

	assert_ok(person_save(desk->kit->store, &person, NULL, &err), &err);
}

static void
change_key(struct desk *desk)
{
	struct approver_key *all = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count;

	assert_ok(store_reader_open(desk->kit->store, &db, &err), &err);
	assert_ok(approver_all(desk->kit->store, db, &all, &count, &err), &err);
	store_reader_close(&db);
	assert_ok(approver_revoke(desk->kit->store, all[0].id, &err), &err);
	free(all);
}

static void
what_was_approved_is_what_is_written(void **state)
{
	static const struct {
		void (*change)(struct desk *desk);
		enum err_code code;
	} cases[] = {
	    {change_people, E_EXPORT_CHANGED},
	    {change_column, E_EXPORT_CHANGED},
	    {change_reason, E_EXPORT_CHANGED},
	    {change_parts, E_EXPORT_CHANGED},
	    {change_charset, E_EXPORT_CHANGED},
	    {change_seal, E_EXPORT_CHANGED},
	    {change_scope, E_EXPORT_CHANGED},
	    {change_name, E_EXPORT_CHANGED},
	    {change_time, E_APPROVAL_LATE},
	    {change_minutes, E_APPROVAL_LATE},
	    {change_stepup, E_APPROVAL_STEPUP},
	    {change_role, E_APPROVAL_WHO},
	    {change_key, E_APPROVER_KEY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kit *kit = NULL;
		struct desk desk;
		enum err_code code;

		setup((void **)&kit);
		open_desk(&desk, kit);
		approve(&desk);
		cases[i].change(&desk);
		code = write_it(&desk);
		if (code != cases[i].code)
			fail_msg("%zu: %s", i, err_name(code));
		assert_int_equal(count_files(kit->dir), 1);
		close_desk(&desk);
		teardown((void **)&kit);
	}
}

static void
a_segment_is_its_filter(void **state)
{
	struct desk desk;
	struct err err = {0};

	open_desk(&desk, *state);
	assert_ok(segment_create(desk.kit->store, desk.kit->list, SPAN("Few"),
		      SPAN("name:Person"), &desk.kit->order.segment, &err),
	    &err);
	desk.kit->order.scope = EXPORT_SEGMENT;
	approve(&desk);
	assert_ok(segment_change(desk.kit->store, desk.kit->order.segment,
		      SPAN("Few"), SPAN("-name:nobody"), &err),
	    &err);
	assert_int_equal(write_it(&desk), E_EXPORT_CHANGED);
	assert_ok(segment_change(desk.kit->store, desk.kit->order.segment,
		      SPAN("Few"), SPAN("name:Person"), &err),
	    &err);
	assert_int_equal(write_it(&desk), E_NONE);
	close_desk(&desk);
}

static void
fewer_people_are_fine(void **state)
{
	struct contact_id one;
	struct desk desk;
	struct err err = {0};

	open_desk(&desk, *state);
	approve(&desk);
	one.v = tempstore_number(
	    desk.kit->store, "SELECT id FROM contact WHERE name = 'Person 1'");
	assert_ok(contact_delete(desk.kit->store, &one, 1, NULL, &err), &err);
	assert_int_equal(write_it(&desk), E_NONE);
	assert_int_equal(record_of(&desk).people, PEOPLE - 1);
	close_desk(&desk);
}

static void
failed_writing_keeps_the_approval(void **state)
{
	struct desk desk;
	struct err err = {0};

	open_desk(&desk, *state);
	approve(&desk);
	assert_ok(
	    file_replace(desk.kit->path.ptr, SPAN("x"), 0600, &err), &err);
	assert_int_equal(write_it(&desk), E_FILE_EXISTS);
	unlink(desk.kit->path.ptr);
	assert_int_equal(write_it(&desk), E_NONE);
	close_desk(&desk);
}

/* ---- What is handed in ------------------------------------------------------------- */

/* Each line of the text, changed and signed. */
static void
no_other_text_is_taken(void **state)
{
	struct buf honest = BUF_INIT, changed = BUF_INIT;
	struct span rest;
	struct desk desk;
	int lines = 0;

	open_desk(&desk, *state);
	ask(&desk);
	prepare(&desk);
	buf_add(&honest, buf_span(&desk.statement));
	rest = buf_span(&honest);
	while (rest.len) {
		size_t at = (size_t)(rest.ptr - honest.ptr);

		span_cut(&rest, '\n');
		buf_clear(&changed);
		buf_add(&changed, span_slice(buf_span(&honest), 0, at));
		buf_char(&changed, 'x');
		buf_add(
		    &changed, span_slice(buf_span(&honest), at, honest.len));
		ed25519_sign(
		    desk.jiro.seed, buf_span(&changed), &desk.offer.signature);
		desk.offer.statement = buf_span(&changed);
		assert_int_equal(take(&desk), E_EXPORT_CHANGED);
		lines++;
	}
	assert_true(lines > 20);
	desk.offer.statement = buf_span(&honest);
	assert_int_equal(take(&desk), E_APPROVAL_SIGNATURE);
	sign(&desk);
	assert_int_equal(take(&desk), E_NONE);
	buf_done(&honest);
	buf_done(&changed);
	close_desk(&desk);
}

static void
times_are_looked_at(void **state)
{
	static const struct {
		int64_t at, expires; /* from now, minutes */
		enum err_code code;
	} cases[] = {
	    {0, 61, E_APPROVAL_LATE},
	    {-61, 0, E_APPROVAL_LATE},
	    {-70, -10, E_APPROVAL_LATE},
	    {6, 60, E_EXPORT_CHANGED},
	    {-10, 50, E_NONE},
	};
	struct desk desk;

	open_desk(&desk, *state);
	ask(&desk);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		prepare(&desk);
		desk.signer.at_ms = now_of(&desk) + cases[i].at * MINUTE;
		desk.signer.expires_ms =
		    now_of(&desk) + cases[i].expires * MINUTE;
		sign(&desk);
		if (take(&desk) != cases[i].code)
			fail_msg("%zu", i);
	}
	/* nobody waits for ever */
	ask(&desk);
	prepare(&desk);
	fake_clock_move(&desk.kit->clock, EXPORT_WAITS_MS);
	assert_true(record_of(&desk).is_over);
	assert_int_equal(take(&desk), E_EXPORT_REQUEST);
	close_desk(&desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(approved_is_written_once),
	    TEST(the_text_says_it_all),
	    TEST(rejected_is_not_written),
	    TEST(a_request_can_be_taken_back),
	    TEST(nobody_approves_their_own),
	    TEST(the_number_of_who_asked_counts),
	    TEST(what_was_approved_is_what_is_written),
	    TEST(a_segment_is_its_filter),
	    TEST(fewer_people_are_fine),
	    TEST(failed_writing_keeps_the_approval),
	    TEST(no_other_text_is_taken),
	    TEST(times_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
