/* The words of a column of states, and numbers that stand for words. */
#include "tests/unit/unit.h"

#include "core/import/value.h"

#define MAY    IMPORT_STATE, IMPORT_SENSE_MAY
#define STOP   IMPORT_STATE, IMPORT_SENSE_STOP
#define AGREED IMPORT_AGREED, IMPORT_SENSE_MAY

static void
words_have_meanings(void **state)
{
	static const struct {
		enum import_target target;
		enum import_sense sense;
		const char *cell;
		enum import_state state;
	} cases[] = {
	    {AGREED, "○", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "〇", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "はい", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "1", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "１", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "Y", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "Ｙ", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, " TRUE ", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "同意する", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "可", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "希望", IMPORT_STATE_SUBSCRIBED},
	    {AGREED, "×", IMPORT_STATE_REFUSED},
	    {AGREED, "いいえ", IMPORT_STATE_REFUSED},
	    {AGREED, "0", IMPORT_STATE_REFUSED},
	    {AGREED, "Ｎ", IMPORT_STATE_REFUSED},
	    {AGREED, "False", IMPORT_STATE_REFUSED},
	    {AGREED, "不可", IMPORT_STATE_REFUSED},
	    {AGREED, "不要", IMPORT_STATE_REFUSED},
	    {AGREED, "", IMPORT_STATE_REFUSED},
	    {AGREED, "　", IMPORT_STATE_REFUSED},
	    {AGREED, "配信停止", IMPORT_STATE_UNSUBSCRIBED},
	    {AGREED, "△", IMPORT_STATE_UNSUBSCRIBED},
	    {AGREED, "2", IMPORT_STATE_UNSUBSCRIBED},
	    {AGREED, "要確認", IMPORT_STATE_UNSUBSCRIBED},
	    {MAY, "配信中", IMPORT_STATE_SUBSCRIBED},
	    {MAY, "配信可", IMPORT_STATE_SUBSCRIBED},
	    {MAY, "ﾊｲｼﾝ", IMPORT_STATE_UNSUBSCRIBED},
	    {MAY, "active", IMPORT_STATE_SUBSCRIBED},
	    {MAY, "Active", IMPORT_STATE_SUBSCRIBED},
	    {MAY, "inactive", IMPORT_STATE_UNSUBSCRIBED},
	    {MAY, "not active", IMPORT_STATE_UNSUBSCRIBED},
	    {MAY, "不可", IMPORT_STATE_UNSUBSCRIBED},
	    {MAY, "0", IMPORT_STATE_UNSUBSCRIBED},
	    {MAY, "", IMPORT_STATE_REFUSED},
	    {MAY, "unsubscribed", IMPORT_STATE_UNSUBSCRIBED},
	    {MAY, "Opt-Out", IMPORT_STATE_UNSUBSCRIBED},
	    {MAY, "cleaned", IMPORT_STATE_BOUNCED},
	    {MAY, "エラー停止", IMPORT_STATE_BOUNCED},
	    {MAY, "ｴﾗｰ停止", IMPORT_STATE_BOUNCED},
	    {MAY, "spam report", IMPORT_STATE_COMPLAINT},
	    {MAY, "blocklisted", IMPORT_STATE_BLOCKED},
	    {MAY, "仮登録", IMPORT_STATE_REFUSED},
	    {MAY, "pending", IMPORT_STATE_REFUSED},
	    {MAY, "VIP", IMPORT_STATE_UNSUBSCRIBED},
	    {STOP, "1", IMPORT_STATE_UNSUBSCRIBED},
	    {STOP, "○", IMPORT_STATE_UNSUBSCRIBED},
	    {STOP, "はい", IMPORT_STATE_UNSUBSCRIBED},
	    {STOP, "希望", IMPORT_STATE_UNSUBSCRIBED},
	    {STOP, "0", IMPORT_STATE_SUBSCRIBED},
	    {STOP, "×", IMPORT_STATE_SUBSCRIBED},
	    {STOP, "いいえ", IMPORT_STATE_SUBSCRIBED},
	    {STOP, "", IMPORT_STATE_UNSAID},
	    {STOP, "配信中", IMPORT_STATE_SUBSCRIBED},
	    {STOP, "有効", IMPORT_STATE_UNSUBSCRIBED},
	    {STOP, "無効", IMPORT_STATE_UNSUBSCRIBED},
	    {STOP, "不要", IMPORT_STATE_UNSUBSCRIBED},
	    {STOP, "?", IMPORT_STATE_UNSUBSCRIBED},
	    {STOP, "-", IMPORT_STATE_UNSUBSCRIBED},
	    {IMPORT_STATE, IMPORT_SENSE_BLOCK, "1", IMPORT_STATE_BLOCKED},
	    {IMPORT_STATE, IMPORT_SENSE_BLOCK, "0", IMPORT_STATE_SUBSCRIBED},
	    {IMPORT_STATE, IMPORT_SENSE_BOUNCE, "yes", IMPORT_STATE_BOUNCED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum import_state got = value_state(
		    cases[i].target, cases[i].sense, span_of(cases[i].cell));

		if (got != cases[i].state)
			fail_msg("%zu \"%s\": %s", i, cases[i].cell,
			    import_state_name(got));
	}
}

static void
an_operator_may_change_each(void **state)
{
	struct import_column column = {.target = IMPORT_STATE,
	    .values = 3,
	    .value = {{.text = "active"}, {.text = "paused"}, {.text = ""}}};

	(void)state;
	import_values_guess(&column);
	assert_int_equal(column.value[0].state, IMPORT_STATE_SUBSCRIBED);
	assert_int_equal(column.value[1].state, IMPORT_STATE_UNSUBSCRIBED);
	assert_int_equal(column.value[2].state, IMPORT_STATE_REFUSED);
	/* a word that was not shown has its usual meaning */
	assert_int_equal(
	    column_state(&column, SPAN("subscribed")), IMPORT_STATE_SUBSCRIBED);
	assert_int_equal(
	    column_state(&column, SPAN("gold")), IMPORT_STATE_UNSUBSCRIBED);
	column.value[1].state = IMPORT_STATE_SUBSCRIBED;
	assert_int_equal(
	    column_state(&column, SPAN(" paused ")), IMPORT_STATE_SUBSCRIBED);
	assert_int_equal(
	    column_state(&column, SPAN("active")), IMPORT_STATE_SUBSCRIBED);
	/* where the usual meanings do not hold, it stops */
	assert_int_equal(column_state(&column, SPAN("subscribed")),
	    IMPORT_STATE_UNSUBSCRIBED);
	assert_int_equal(
	    column_state(&column, SPAN("cleaned")), IMPORT_STATE_BOUNCED);
	/* turned round */
	column.sense = IMPORT_SENSE_STOP;
	import_values_guess(&column);
	assert_int_equal(column.value[0].state, IMPORT_STATE_UNSUBSCRIBED);
	assert_int_equal(column.value[2].state, IMPORT_STATE_UNSAID);
}

static void
numbers_stand_for_words(void **state)
{
	(void)state;
	assert_span_equal(code_word(IMPORT_CODES_SEX, SPAN("1")), "男性");
	assert_span_equal(code_word(IMPORT_CODES_SEX, SPAN(" 2 ")), "女性");
	assert_span_equal(
	    code_word(IMPORT_CODES_PREFECTURE, SPAN("1")), "北海道");
	assert_span_equal(
	    code_word(IMPORT_CODES_PREFECTURE, SPAN("13")), "東京都");
	assert_span_equal(
	    code_word(IMPORT_CODES_PREFECTURE, SPAN("27")), "大阪府");
	assert_span_equal(
	    code_word(IMPORT_CODES_PREFECTURE, SPAN("47")), "沖縄県");
	assert_int_equal(code_word(IMPORT_CODES_SEX, SPAN("3")).len, 0);
	assert_int_equal(code_word(IMPORT_CODES_SEX, SPAN("0")).len, 0);
	assert_int_equal(code_word(IMPORT_CODES_SEX, SPAN("男")).len, 0);
	assert_int_equal(code_word(IMPORT_CODES_PREFECTURE, SPAN("48")).len, 0);
	assert_int_equal(code_word(IMPORT_CODES_NONE, SPAN("1")).len, 0);
}

static void
states_have_names(void **state)
{
	(void)state;
	for (enum import_state s = 0; s < IMPORT_STATES; s++)
		assert_int_equal(
		    import_state_of(span_of(import_state_name(s))), s);
	assert_int_equal(import_state_of(SPAN("")), IMPORT_STATES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_have_meanings),
	    cmocka_unit_test(an_operator_may_change_each),
	    cmocka_unit_test(numbers_stand_for_words),
	    cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
