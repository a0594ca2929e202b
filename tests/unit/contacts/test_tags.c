/* Tags by hand, and one thing done with many people. */
#include "tests/unit/contacts/people_kit.h"

#include "core/access/access.h"

static struct contact_id everybody[] = {{1}, {2}, {3}};

static struct several
people(size_t count)
{
	return (struct several){.id = everybody, .count = count};
}

static int
give(struct room *room, struct tag_ref tag, struct tag_done *done)
{
	struct several all = people(3);

	room->err = (struct err){.code = E_NONE};
	return tag_give(room->store, &tag, &all, done, &room->err);
}

static const char *
last_log(struct room *room)
{
	return text(room, "SELECT what || ' ' || object || ' ' || facts"
			  " FROM audit ORDER BY seq DESC");
}

/* ---- Tags ------------------------------------------------------------------- */

static void
a_tag_is_given_to_whoever_lacks_it(void **state)
{
	struct room *room = *state;
	struct tag_done done = {0};

	assert_ok(give(room, (struct tag_ref){.name = SPAN(" tokyo ")}, &done),
	    &room->err);
	assert_int_equal(done.tag, 2);
	assert_int_equal(done.count, 2);
	assert_int_equal(done.id[0].v, 1);
	assert_int_equal(done.id[1].v, 3);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact_tag WHERE tag = 2"), 3);
	assert_int_equal(number(room, "SELECT count(*) FROM tag"), 2);
	/* who was changed is another contact, and the lists are others */
	assert_true(
	    number(room, "SELECT changed_ms FROM contact WHERE id = 3") > 300);
	assert_int_equal(
	    number(room, "SELECT changed_ms FROM contact WHERE id = 2"), 200);
	assert_int_equal(
	    number(room, "SELECT revision FROM list WHERE id = 1"), 2);
	assert_int_equal(
	    number(room, "SELECT revision FROM list WHERE id = 2"), 2);
	assert_string_equal(text(room, "SELECT fact FROM contact_event"
				       " WHERE contact = 3"),
	    "tags");
	assert_string_equal(last_log(room), "tag.give tag 2 people=2");
	tag_done_free(&done);
}

static void
a_new_tag_is_made(void **state)
{
	struct room *room = *state;
	struct tag_done done = {0};

	assert_ok(give(room, (struct tag_ref){.name = SPAN("秋の会")}, &done),
	    &room->err);
	assert_int_equal(done.count, 3);
	assert_string_equal(
	    text(room, "SELECT name FROM tag ORDER BY id DESC"), "秋の会");
	/* again: nobody, and that is no error */
	assert_ok(
	    give(room, (struct tag_ref){.id = done.tag}, &done), &room->err);
	assert_int_equal(done.count, 0);
	tag_done_free(&done);
}

static void
what_was_given_is_taken_from_those_again(void **state)
{
	struct room *room = *state;
	struct tag_done done = {0}, back = {0};
	struct several those;

	assert_ok(give(room, (struct tag_ref){.id = 2}, &done), &room->err);
	those = (struct several){.id = done.id, .count = done.count};
	assert_ok(tag_take(room->store, &(struct tag_ref){.id = 2}, &those,
		      &back, &room->err),
	    &room->err);
	assert_int_equal(back.count, 2);
	assert_int_equal(
	    number(room, "SELECT contact FROM contact_tag WHERE tag = 2"), 2);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact_tag WHERE tag = 2"), 1);
	assert_string_equal(last_log(room), "tag.take tag 2 people=2");
	tag_done_free(&done);
	tag_done_free(&back);
}

static void
what_is_no_tag_is_refused(void **state)
{
	static const struct {
		const char *name, *why;
	} cases[] = {
	    {"", "empty"},
	    {" \xe3\x80\x80 ", "empty"},
	    {"a,b", "comma"},
	    {"a\nb", "control"},
	    {"\xff", "utf8"},
	};
	struct room *room = *state;
	struct tag_done done = {0};
	struct buf longest = BUF_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
		    give(room, (struct tag_ref){.name = span_of(cases[i].name)},
			&done),
		    -1);
		assert_int_equal(room->err.code, E_TAG_NAME);
		assert_string_equal(err_find(&room->err, "why"), cases[i].why);
	}
	for (int i = 0; i < CONTACT_TAG_MAX; i++)
		buf_text(&longest, "札");
	assert_null(tag_fault(buf_span(&longest)));
	buf_text(&longest, "札");
	assert_string_equal(tag_fault(buf_span(&longest)), "length");
	assert_int_equal(give(room, (struct tag_ref){.id = 77}, &done), -1);
	assert_int_equal(room->err.code, E_TAG_MISSING);
	assert_int_equal(number(room, "SELECT count(*) FROM tag"), 2);
	buf_done(&longest);
}

/* One too many on one of them, and nobody has it. */
static void
there_is_an_end_to_tags(void **state)
{
	struct room *room = *state;
	struct tag_done done = {0};

	sql(room,
	    "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 102) INSERT INTO tag SELECT i, 't' || i FROM n");
	sql(room, "INSERT INTO contact_tag SELECT 3, id FROM tag WHERE id > 2");
	assert_int_equal(give(room, (struct tag_ref){.id = 2}, &done), -1);
	assert_int_equal(room->err.code, E_CONTACT_FIELD);
	assert_string_equal(err_find(&room->err, "why"), "count");
	assert_int_equal(done.count, 0);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact_tag WHERE tag = 2"), 1);
}

struct watch {
	atomic_bool stop;
	int64_t done, total;
};

static void
watch_progress(void *data, int64_t done, int64_t total)
{
	struct watch *watch = data;

	watch->done = done;
	watch->total = total;
	atomic_store(&watch->stop, true);
}

/* Progress is told, and a stop before the end leaves all as it was. */
static void
a_stop_undoes_the_half(void **state)
{
	struct room *room = *state;
	struct tag_done done = {0};
	struct watch watch = {.done = 0};
	struct contact_id many[600] = {{3}};
	struct several long_walk = {.id = many,
	    .count = 600,
	    .stop = &watch.stop,
	    .progress = watch_progress,
	    .data = &watch};

	assert_int_equal(tag_give(room->store, &(struct tag_ref){.id = 1},
			     &long_walk, &done, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	assert_int_equal(watch.total, 600);
	assert_int_equal(watch.done, 256);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact_tag WHERE contact = 3"),
	    0);
	room->err = (struct err){.code = E_NONE};
	assert_int_equal(
	    people_delete(room->store, &long_walk, NULL, &room->err), -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	room->err = (struct err){.code = E_NONE};
	assert_int_equal(
	    people_leave(room->store, room->a, &long_walk, NULL, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	room->err = (struct err){.code = E_NONE};
	assert_int_equal(people_stop(room->store, (struct list_id){0},
			     &long_walk, SPAN("asked"), NULL, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	assert_int_equal(number(room, "SELECT count(*) FROM member"), 5);
	assert_int_equal(number(room, "SELECT count(*) FROM suppression"), 0);
	assert_int_equal(number(room, "SELECT count(*) FROM trash"), 0);
}

static void
tags_are_listed_with_their_people(void **state)
{
	struct room *room = *state;
	struct tag_use *all = NULL;
	struct db *db = NULL;
	struct buf names = BUF_INIT;
	size_t count = 0;

	assert_ok(store_reader_open(room->store, &db, &room->err), &room->err);
	assert_ok(tag_all(db, &all, &count, &room->err), &room->err);
	assert_int_equal(count, 2);
	assert_string_equal(all[0].name, "tokyo");
	assert_int_equal(all[0].people, 1);
	assert_string_equal(all[1].name, "vip");
	assert_int_equal(all[1].people, 2);
	free(all);
	assert_ok(tag_names(db, who(2), &names, &room->err), &room->err);
	assert_span_equal(buf_span(&names), "tokyo, vip");
	buf_clear(&names);
	assert_ok(tag_names(db, who(3), &names, &room->err), &room->err);
	assert_int_equal(names.len, 0);
	buf_done(&names);
	store_reader_close(&db);
}

static void
a_tag_is_renamed_and_deleted(void **state)
{
	struct room *room = *state;

	assert_int_equal(
	    tag_rename(room->store, 1, SPAN("tokyo"), &room->err), -1);
	assert_int_equal(room->err.code, E_TAG_NAME);
	assert_string_equal(err_find(&room->err, "why"), "taken");
	room->err = (struct err){.code = E_NONE};
	assert_ok(
	    tag_rename(room->store, 1, SPAN("gold"), &room->err), &room->err);
	assert_string_equal(
	    text(room, "SELECT name FROM tag WHERE id = 1"), "gold");
	assert_string_equal(last_log(room), "tag.rename tag 1 people=2");
	assert_ok(tag_delete(room->store, 1, &room->err), &room->err);
	assert_int_equal(
	    number(room, "SELECT count(*) FROM contact_tag WHERE tag = 1"), 0);
	assert_int_equal(
	    number(room, "SELECT revision FROM list WHERE id = 1"), 2);
	assert_string_equal(last_log(room), "tag.delete tag 1 people=2");
	assert_int_equal(tag_delete(room->store, 1, &room->err), -1);
	assert_int_equal(room->err.code, E_TAG_MISSING);
}

/* A segment whose tag is gone cannot be read any more. */
static void
a_tag_that_a_segment_asks_for_stays(void **state)
{
	struct room *room = *state;
	int64_t id;

	assert_ok(segment_create(room->store, room->a, SPAN("Tokyo"),
		      SPAN("-status:stopped TAG:Ｔｏｋｙｏ"), &id, &room->err),
	    &room->err);
	assert_int_equal(tag_delete(room->store, 2, &room->err), -1);
	assert_int_equal(room->err.code, E_TAG_USED);
	assert_string_equal(err_find(&room->err, "segment"), "Tokyo");
	room->err = (struct err){.code = E_NONE};
	assert_int_equal(
	    tag_rename(room->store, 2, SPAN("edo"), &room->err), -1);
	assert_int_equal(room->err.code, E_TAG_USED);
	room->err = (struct err){.code = E_NONE};
	assert_ok(tag_delete(room->store, 1, &room->err), &room->err);
}

/* ---- The stop list ---------------------------------------------------------- */

static void
many_are_stopped_at_once(void **state)
{
	struct room *room = *state;
	struct several all = people(3);
	int64_t stopped = 0;

	assert_ok(suppress_add(room->store, SPAN("jiro@example.jp"),
		      (struct list_id){0}, SUPPRESS_COMPLAINT, SPAN("arf"),
		      &room->err),
	    &room->err);
	assert_ok(people_stop(room->store, (struct list_id){0}, &all,
		      SPAN("asked by telephone"), &stopped, &room->err),
	    &room->err);
	/* both spellings of taro are one address on the stop list */
	assert_int_equal(stopped, 1);
	assert_int_equal(number(room, "SELECT count(*) FROM suppression"), 2);
	assert_string_equal(text(room, "SELECT evidence FROM suppression"
				       " WHERE cause = 3"),
	    "asked by telephone");
	/* a stronger cause stays */
	assert_int_equal(number(room, "SELECT count(*) FROM suppression"
				      " WHERE cause = 2"),
	    1);
	assert_string_equal(
	    last_log(room), "suppress.people all lists people=3 stopped=1");
}

static void
a_stop_needs_a_reason_and_somebody(void **state)
{
	struct room *room = *state;
	struct several nobody = {.id = &(struct contact_id){99}, .count = 1};

	assert_int_equal(people_stop(room->store, (struct list_id){0}, &nobody,
			     SPAN("  "), NULL, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CONTACT_FIELD);
	room->err = (struct err){.code = E_NONE};
	assert_int_equal(people_stop(room->store, (struct list_id){0}, &nobody,
			     SPAN("asked"), NULL, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CONTACT_MISSING);
	room->err = (struct err){.code = E_NONE};
	assert_int_equal(people_stop(room->store, (struct list_id){99}, &nobody,
			     SPAN("asked"), NULL, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_LIST_MISSING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_tag_is_given_to_whoever_lacks_it),
	    TEST(a_new_tag_is_made),
	    TEST(what_was_given_is_taken_from_those_again),
	    TEST(what_is_no_tag_is_refused),
	    TEST(there_is_an_end_to_tags),
	    TEST(a_stop_undoes_the_half),
	    TEST(tags_are_listed_with_their_people),
	    TEST(a_tag_is_renamed_and_deleted),
	    TEST(a_tag_that_a_segment_asks_for_stays),
	    TEST(many_are_stopped_at_once),
	    TEST(a_stop_needs_a_reason_and_somebody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
