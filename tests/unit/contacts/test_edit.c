/* Changing contacts by hand. */
#include "tests/unit/contacts/people_kit.h"

struct hand {
	struct arena *arena;
	struct contact_draft draft;
};

static struct hand
take(struct room *room, int64_t id)
{
	struct hand hand = {.arena = arena_new()};
	struct db *db = NULL;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_ok(
	    contact_read(db, who(id), hand.arena, &hand.draft, &room->err),
	    &room->err);
	store_reader_close(&db);
	return hand;
}

static void
values_are_changed(void **state)
{
	struct room *room = *state;
	struct hand hand = take(room, 2);
	struct contact_draft *draft = &hand.draft;
	struct span tag = SPAN("osaka");

	assert_int_equal(draft->fields, 2);
	assert_int_equal(draft->tags, 2);
	draft->name = SPAN("山田 花子");
	draft->field[0].value = SPAN("神戸");    /* city */
	draft->field[1].name = SPAN("会員番号"); /* instead of plan */
	draft->tag = &tag;
	draft->tags = 1;
	fake_clock_move(&room->clock, 1000);
	assert_ok(contact_save(room->store, draft, &room->err), &room->err);
	assert_string_equal(
	    text(room, "SELECT name || fields FROM contact WHERE id = 2"),
	    "山田 花子{\"city\":\"神戸\",\"会員番号\":\"gold\"}");
	assert_string_equal(
	    text(room, "SELECT group_concat(g.name) FROM contact_tag t"
		       " JOIN tag g ON g.id = t.tag WHERE t.contact = 2"),
	    "osaka");
	assert_int_equal(number(room, "SELECT sum(revision) FROM list"), 2 + 2);
	assert_string_equal(
	    text(room, "SELECT facts FROM audit WHERE what = 'contact.edit'"),
	    "changed=\"name, city, 会員番号, plan, tags\"");
	assert_int_equal(number(room, "SELECT count(*) FROM audit WHERE facts"
				      " LIKE '%神戸%'"),
	    0);
	arena_free(&hand.arena);
}

static void
what_is_the_same_is_not_stored(void **state)
{
	struct room *room = *state;
	struct hand hand;
	char *before;

	sql(room,
	    "UPDATE contact SET fields = '{\"n\":12,\"list\":[1,{\"a\":true}],"
	    "\"none\":null}' WHERE id = 1");
	before = mem_text(span_of(text(
	    room, "SELECT fields || changed_ms FROM contact WHERE id = 1")));
	hand = take(room, 1);
	assert_ok(
	    contact_save(room->store, &hand.draft, &room->err), &room->err);
	assert_string_equal(text(room, "SELECT fields || changed_ms"
				       " FROM contact WHERE id = 1"),
	    before);
	assert_int_equal(number(room, "SELECT count(*) FROM contact_event"), 0);
	/* What is not text stays what it is beside a change. */
	hand.draft.field[0].value = SPAN("13");
	assert_ok(
	    contact_save(room->store, &hand.draft, &room->err), &room->err);
	assert_string_equal(text(room, "SELECT fields FROM contact"
				       " WHERE id = 1"),
	    "{\"n\":\"13\",\"list\":[1,{\"a\":true}],\"none\":null}");
	free(before);
	arena_free(&hand.arena);
}

static void
a_new_address_is_checked(void **state)
{
	static const struct {
		const char *address;
		enum err_code code;
	} cases[] = {
	    {"", E_ADDRESS_SYNTAX},
	    {"no at", E_ADDRESS_SYNTAX},
	    {"ｔaro@example.jp", E_ADDRESS_WIDTH},
	    {"x\n@example.jp", E_ADDRESS_SYNTAX},
	    {"jiro@EXAMPLE.jp", E_CONTACT_TAKEN},
	};
	struct room *room = *state;
	struct hand hand = take(room, 1);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hand.draft.address = span_of(cases[i].address);
		assert_int_equal(
		    contact_save(room->store, &hand.draft, &room->err), -1);
		assert_int_equal(room->err.code, cases[i].code);
	}
	assert_string_equal(
	    text(room, "SELECT canon FROM contact WHERE id = 1"),
	    "Taro@example.jp");
	arena_free(&hand.arena);
}

static void
stops_follow_the_address(void **state)
{
	struct room *room = *state;
	struct hand hand = take(room, 1);
	struct db *db = NULL;

	assert_ok(suppress_add(room->store, SPAN("Taro@example.jp"), room->a,
		      SUPPRESS_UNSUBSCRIBED, SPAN("link"), &room->err),
	    &room->err);
	hand.draft.address = SPAN("yamada@example.com");
	assert_ok(
	    contact_save(room->store, &hand.draft, &room->err), &room->err);
	assert_string_equal(
	    text(room, "SELECT address || canon FROM contact WHERE id = 1"),
	    "yamada@example.comyamada@example.com");
	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_int_equal(suppress_check(room->store, db,
			     SPAN("yamada@example.com"), room->a, &room->err),
	    1);
	assert_int_equal(suppress_check(room->store, db,
			     SPAN("Taro@example.jp"), room->a, &room->err),
	    1);
	store_reader_close(&db);
	assert_string_equal(text(room, "SELECT fact FROM contact_event"
				       " WHERE kind = 2"),
	    "Taro@Example.jp");
	/* A certificate is of an address. */
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact_certificate"), 0);
	arena_free(&hand.arena);
}

static void
somebody_else_was_faster(void **state)
{
	struct room *room = *state;
	struct hand one = take(room, 1), other = take(room, 1);

	one.draft.name = SPAN("One");
	other.draft.name = SPAN("Other");
	assert_ok(
	    contact_save(room->store, &one.draft, &room->err), &room->err);
	assert_int_equal(
	    contact_save(room->store, &other.draft, &room->err), -1);
	assert_int_equal(room->err.code, E_CONTACT_CONFLICT);
	assert_string_equal(
	    text(room, "SELECT name FROM contact WHERE id = 1"), "One");
	arena_free(&one.arena);
	arena_free(&other.arena);
}

static void
limits_are_kept(void **state)
{
	static const struct {
		const char *name, *field, *value, *tag, *why;
	} cases[] = {
	    {"a\x1b[2J", "city", "x", "vip", "control"},
	    {"a\xe2\x80\xae", "city", "x", "vip", "character"},
	    {"a", "", "x", "vip", "empty"},
	    {"a", "c{{ity", "x", "vip", "character"},
	    {"a", "name", "x", "vip", "reserved"},
	    {"a", "city", "x\x07", "vip", "control"},
	    {"a", "no", "x", "vip", "twice"},
	    {"a", "city", "x", " ", "empty"},
	    {"a", "city", "x", "a\nb", "control"},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hand hand = take(room, 1);
		struct span tag = span_of(cases[i].tag);

		hand.draft.name = span_of(cases[i].name);
		hand.draft.field[0].name = span_of(cases[i].field);
		hand.draft.field[0].value = span_of(cases[i].value);
		hand.draft.tag = &tag;
		hand.draft.tags = 1;
		assert_int_equal(
		    contact_save(room->store, &hand.draft, &room->err), -1);
		assert_int_equal(room->err.code, E_CONTACT_FIELD);
		assert_string_equal(err_find(&room->err, "why"), cases[i].why);
		arena_free(&hand.arena);
	}
}

static void
somebody_is_put_in_by_hand(void **state)
{
	struct room *room = *state;
	struct contact_value field = {SPAN("city"), SPAN("奈良")};
	struct contact_draft draft = {.address = SPAN("Saburo@Example.jp"),
	    .name = SPAN("三郎"),
	    .field = &field,
	    .fields = 1};
	struct contact_ground ground = {.basis = BASIS_CONSENT};
	struct contact_id id = {0};

	assert_int_equal(contact_create(room->store, room->a, &draft, &ground,
			     &id, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CONTACT_FIELD);
	assert_string_equal(err_find(&room->err, "field"), "basis");
	ground.note = SPAN("by telephone");
	ground.at_ms = 5000;
	assert_ok(contact_create(
		      room->store, room->a, &draft, &ground, &id, &room->err),
	    &room->err);
	assert_string_equal(
	    text(room, "SELECT c.canon || c.fields || m.basis || m.basis_at_ms"
		       " || m.basis_note FROM contact c JOIN member m"
		       " ON m.contact = c.id WHERE c.name = '三郎'"),
	    "Saburo@example.jp{\"city\":\"奈良\"}15000by telephone");
	/* On the list already; on another list as it is. */
	draft.name = SPAN("somebody else");
	assert_int_equal(contact_create(room->store, room->a, &draft, &ground,
			     &id, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CONTACT_TAKEN);
	assert_ok(contact_create(
		      room->store, room->b, &draft, &ground, &id, &room->err),
	    &room->err);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM member m JOIN contact c"
			 " ON c.id = m.contact WHERE c.name = '三郎'"),
	    2);
	draft.address = SPAN("shiro@example.jp");
	assert_int_equal(contact_create(room->store, (struct list_id){9},
			     &draft, &ground, &id, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_LIST_MISSING);
}

static void
remarks_are_kept(void **state)
{
	struct room *room = *state;

	assert_ok(contact_remark(room->store, who(1),
		      SPAN("asked to be called Taro"), &room->err),
	    &room->err);
	assert_string_equal(text(room, "SELECT fact || by FROM contact_event"),
	    "asked to be called Tarotester");
	assert_int_equal(
	    contact_remark(room->store, who(1), SPAN("  "), &room->err), -1);
	assert_int_equal(room->err.code, E_CONTACT_FIELD);
	assert_int_equal(
	    contact_remark(room->store, who(9), SPAN("x"), &room->err), -1);
	assert_int_equal(room->err.code, E_CONTACT_MISSING);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM audit WHERE facts LIKE"
			 " '%Taro%'"),
	    0);
}

static void
masked_eyes_change_nothing(void **state)
{
	struct room *room = *state;
	struct hand hand = take(room, 1);

	sql(room, "INSERT INTO setting(name, value, changed_ms, changed_by)"
		  " VALUES('mask.operators', 'on', 1, 'x')");
	tempstore_roles(room->store, 2 /* operator */);
	hand.draft.name = SPAN("Other");
	assert_int_equal(
	    contact_save(room->store, &hand.draft, &room->err), -1);
	assert_int_equal(room->err.code, E_ROLE);
	assert_int_equal(
	    contact_remark(room->store, who(1), SPAN("x"), &room->err), -1);
	assert_int_equal(room->err.code, E_ROLE);
	arena_free(&hand.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(values_are_changed),
	    TEST(what_is_the_same_is_not_stored),
	    TEST(a_new_address_is_checked),
	    TEST(stops_follow_the_address),
	    TEST(somebody_else_was_faster),
	    TEST(limits_are_kept),
	    TEST(somebody_is_put_in_by_hand),
	    TEST(remarks_are_kept),
	    TEST(masked_eyes_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
