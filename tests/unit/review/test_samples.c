/* Worst cases: planted extremes are found, each with the first who has it, by
 * however many cores; and the search for one recipient. */
#include "core/contacts/contacts.h"
#include "tests/fake/stage.h"
#include "tests/unit/unit.h"

enum { RECIPIENTS = 2500 }; /* more than are looked at in one go */

static const struct stage_params params = {.recipients = RECIPIENTS,
    .class = CLASS_NOTICE,
    .manners = PRACTICE_PLAIN,
    .clock = STAGE_CLOCK_FAKE,
    .subject = "{{name|お客}}様 お知らせ",
    .body =
	"いつもありがとうございます。お知らせの本文は二十字より長く書きます。"
	"{{会員番号}}番 "
	"{{plan|なし}}\n\n{{#vip}}\n特別なご案内です。\n{{/vip}}\n"
	"{{^vip}}\n通常のご案内です。\n{{/vip}}\n"};

struct seen {
	struct stage stage;
	struct samples *samples;
	const struct sample *sample;
	size_t count;
};

static void
look(struct seen *seen)
{
	struct samples_watch watch = {0};
	struct err err = {0};

	samples_free(&seen->samples);
	assert_ok(samples_find(seen->stage.store, seen->stage.campaign, 0,
		      &watch, &seen->samples, &err),
	    &err);
	seen->sample = samples_all(seen->samples, &seen->count);
	assert_int_equal(watch.total, RECIPIENTS);
	assert_int_equal(watch.done, RECIPIENTS);
}

static void
begin(struct seen *seen)
{
	*seen = (struct seen){0};
	stage_open(&seen->stage, &params);
	/* somebody must use the fields, or they are not known */
	stage_sql(&seen->stage,
	    "UPDATE contact SET fields = '{\"会員番号\":\"' || substr(address, "
	    "5, 5) || '\",\"plan\":\"gold\"}'");
	stage_sql(&seen->stage,
	    "UPDATE contact SET fields = '{\"会員番号\":\"7\",\"plan\":\"\","
	    "\"vip\":\"yes\"}' WHERE id IN (7, 2007)");
}

static void
finish(struct seen *seen)
{
	samples_free(&seen->samples);
	stage_close(&seen->stage);
}

static const struct sample *
find(const struct seen *seen, enum sample_reason reason, const char *what)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (seen->sample[i].reason == reason &&
		    span_equal(seen->sample[i].what, span_of(what)))
			return &seen->sample[i];
	}
	return NULL;
}

struct wanted {
	enum sample_reason reason;
	const char *what;
	int64_t position, count, measure;
};

static void
check(const struct seen *seen, const struct wanted *row, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct sample *sample =
		    find(seen, row[i].reason, row[i].what);

		if (!sample)
			fail_msg("no sample for reason %d (%s)",
			    (int)row[i].reason, row[i].what);
		if (sample->position != row[i].position ||
		    sample->count != row[i].count ||
		    (row[i].measure >= 0 && sample->measure != row[i].measure))
			fail_msg("reason %d (%s): position %d, count %d, "
				 "measure %d",
			    (int)row[i].reason, row[i].what,
			    (int)sample->position, (int)sample->count,
			    (int)sample->measure);
	}
}

#define CHECK(seen, row) check(seen, row, sizeof(row) / sizeof *(row))

static void
finds_what_was_planted(void **state)
{
	static const struct wanted row[] = {
	    {SAMPLE_FALLBACK, "name|お客", 11, 1, -1},
	    {SAMPLE_FALLBACK, "plan|なし", 7, 2, -1},
	    {SAMPLE_SHOWN, "vip", 7, 2, -1},
	    {SAMPLE_NOT_SHOWN, "vip", 1, RECIPIENTS - 3, -1},
	    {SAMPLE_SHOWN, "^vip", 1, RECIPIENTS - 3, -1},
	    {SAMPLE_NOT_SHOWN, "^vip", 7, 2, -1},
	    {SAMPLE_FAULT, "会員番号", 1500, 1, -1},
	    {SAMPLE_NAME_NONE, "", 11, 1, -1},
	    {SAMPLE_NAME_SHORTEST, "", 1200, 0, 1},
	    {SAMPLE_NAME_LONGEST, "", 2400, 0, 60},
	    {SAMPLE_VALUE_LONGEST, "plan", 900, 0, 26},
	    {SAMPLE_EMOJI, "", 1300, 1, -1},
	    {SAMPLE_KANJI, "", 20, 2, -1},
	    {SAMPLE_SCRIPT, "", 30, 1, -1},
	    {SAMPLE_RTL, "", 40, 1, -1},
	    {SAMPLE_CONTROL, "", 50, 1, -1},
	    {SAMPLE_PRIVATE, "", 60, 1, -1},
	    {SAMPLE_SUBJECT, "", 2400, 0, -1},
	    {SAMPLE_BIGGEST, "", 2400, 0, -1},
	    {SAMPLE_CARRIER, "", 70, 1, -1},
	    {SAMPLE_HOUSE, "docomo", 70, 1, -1},
	    {SAMPLE_HOUSE, "google", 80, 1, -1},
	    {SAMPLE_HOUSE, "other", 1, RECIPIENTS - 2, -1},
	};
	struct seen seen;

	(void)state;
	begin(&seen);
#define NAME(id, name)                                                         \
	stage_sql(&seen.stage,                                                 \
	    "UPDATE contact SET name = '" name "' WHERE id = " #id)
	NAME(11, "");
	NAME(1200, "i");
	NAME(2400,
	    "あああああああああああああああああああああああああああああああ");
	stage_sql(&seen.stage,
	    "UPDATE contact SET name = substr(name, 1, 30) WHERE id = 2400");
	NAME(1300, "山田👨‍👩‍👧");
	NAME(20, "髙橋");
	NAME(1420, "𠮷野");
	NAME(30, "Иван");
	NAME(40, "שלום");
	NAME(50, "山\u202e田");
	NAME(60, "山\ue000田");
#undef NAME
	stage_sql(
	    &seen.stage, "UPDATE contact SET fields = '{}' WHERE id = 1500");
	stage_sql(&seen.stage,
	    "UPDATE contact SET fields = '{\"会員番号\":\"1\",\"plan\":"
	    "\"abcdefghijklmnopqrstuvwxyz\"}' WHERE id = 900");
	stage_sql(&seen.stage,
	    "UPDATE contact SET address = 'a..b@docomo.ne.jp', canon ="
	    " 'a..b@docomo.ne.jp' WHERE id = 70");
	stage_sql(&seen.stage,
	    "UPDATE contact SET address = 'a@gmail.com', canon ="
	    " 'a@gmail.com' WHERE id = 80");
	look(&seen);
	CHECK(&seen, row);
	assert_int_equal(samples_recipients(seen.samples), RECIPIENTS);
	/* which address and name it is */
	assert_true(
	    span_equal(find(&seen, SAMPLE_KANJI, "")->name, SPAN("髙橋")));
	assert_true(span_equal(
	    find(&seen, SAMPLE_HOUSE, "google")->address, SPAN("a@gmail.com")));
	/* and why there is no mail for one of them */
	assert_int_equal(
	    find(&seen, SAMPLE_FAULT, "会員番号")->why.code, E_MERGE_EMPTY);
	/* reasons come in order, and none twice */
	for (size_t i = 1; i < seen.count; i++)
		assert_true(seen.sample[i - 1].reason <= seen.sample[i].reason);
	finish(&seen);
}

/* Nothing is found where nothing was planted. */
static void
finds_nothing_else(void **state)
{
	static const enum sample_reason none[] = {SAMPLE_FAULT,
	    SAMPLE_NAME_NONE, SAMPLE_EMOJI, SAMPLE_KANJI, SAMPLE_SCRIPT,
	    SAMPLE_RTL, SAMPLE_CONTROL, SAMPLE_PRIVATE, SAMPLE_CHARSET,
	    SAMPLE_CARRIER};
	struct seen seen;

	(void)state;
	begin(&seen);
	look(&seen);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_null(find(&seen, none[i], ""));
	assert_null(find(&seen, SAMPLE_FALLBACK, "name|お客"));
	assert_null(find(&seen, SAMPLE_HOUSE, "google"));
	finish(&seen);
}

static void
leaves_out_who_is_stopped(void **state)
{
	static const struct wanted row[] = {
	    {SAMPLE_SHOWN, "vip", 2007, 1, -1},
	    {SAMPLE_NAME_LONGEST, "", 1000, 0, -1},
	};
	struct seen seen;
	struct err err = {0};

	(void)state;
	begin(&seen);
	assert_ok(
	    suppress_add(seen.stage.store, SPAN("user00007@example.jp"),
		(struct list_id){0}, SUPPRESS_UNSUBSCRIBED, SPAN(""), &err),
	    &err);
	look(&seen);
	CHECK(&seen, row);
	assert_int_equal(samples_recipients(seen.samples), RECIPIENTS - 1);
	finish(&seen);
}

static int
fits(struct seen *seen)
{
	struct db *db = NULL;
	struct err err = {0};
	struct samples_stamp stamp = samples_stamp(seen->samples);
	int got;

	assert_ok(store_reader_open(seen->stage.store, &db, &err), &err);
	got = samples_fit(&stamp, seen->stage.store, db, &err);
	store_reader_close(&db);
	return got;
}

static void
is_kept_until_something_changes(void **state)
{
	struct seen seen;

	(void)state;
	begin(&seen);
	look(&seen);
	assert_int_equal(fits(&seen), 1);
	stage_sql(&seen.stage, "UPDATE campaign SET subject = 'Another'");
	assert_int_equal(fits(&seen), 0);
	look(&seen);
	assert_int_equal(fits(&seen), 1);
	stage_sql(&seen.stage, "UPDATE list SET revision = revision + 1");
	assert_int_equal(fits(&seen), 0);
	finish(&seen);
}

static void
can_be_stopped(void **state)
{
	const atomic_bool stop = true;
	struct samples_watch watch = {.cancel = &stop};
	struct seen seen;
	struct err err = {0};

	(void)state;
	begin(&seen);
	assert_int_equal(samples_find(seen.stage.store, seen.stage.campaign, 0,
			     &watch, &seen.samples, &err),
	    -1);
	assert_int_equal(err.code, E_CANCELLED);
	assert_null(seen.samples);
	finish(&seen);
}

static void
finds_a_recipient(void **state)
{
	static const struct {
		const char *text;
		int64_t from, position; /* 0: nobody */
	} row[] = {
	    {"user00042@example.jp", 0, 42},
	    {"USER00042", 0, 42},
	    {" user00042@EXAMPLE ", 2000, 42},
	    {"太郎12", 0, 12},
	    {"太郎12", 12, 120},
	    {"山田 00099", 0, 99},
	    {"ｕｓｅｒ００１００", 0, 100},
	    {"user02500", 2500, 2500},
	    {"nobody at all", 0, 0},
	    {"", 0, 0},
	};
	struct audience_member member;
	struct campaign campaign = CAMPAIGN_INIT;
	struct arena *arena = arena_new();
	struct seen seen;
	struct db *db = NULL;
	struct err err = {0};
	atomic_bool stop = true;

	(void)state;
	begin(&seen);
	assert_ok(store_reader_open(seen.stage.store, &db, &err), &err);
	assert_ok(
	    campaign_read(db, seen.stage.campaign, &campaign, &err), &err);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int got = audience_search(db, &campaign, span_of(row[i].text),
		    row[i].from, NULL, arena, &member, &err);

		if (got != (row[i].position > 0) ||
		    (got && member.position != row[i].position))
			fail_msg("%s: %d, position %d", row[i].text, got,
			    got ? (int)member.position : 0);
	}
	assert_int_equal(audience_search(db, &campaign, SPAN("x"), 0, &stop,
			     arena, &member, &err),
	    -1);
	assert_int_equal(err.code, E_CANCELLED);
	campaign_done(&campaign);
	store_reader_close(&db);
	arena_free(&arena);
	finish(&seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_what_was_planted),
	    cmocka_unit_test(finds_nothing_else),
	    cmocka_unit_test(leaves_out_who_is_stopped),
	    cmocka_unit_test(is_kept_until_something_changes),
	    cmocka_unit_test(can_be_stopped),
	    cmocka_unit_test(finds_a_recipient),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
