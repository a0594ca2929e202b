/* What is read as a date, a price or a telephone number, and which dates are
 * wrong.  Today is Sunday, 22 November 2026. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <time.h>

#include "core/review/mention.h"

static const struct mention_day today = {2026, 11, 22};

static void
note(void *payload, const struct mention *mention)
{
	static const char kinds[] = "D$T";
	struct buf *out = payload;

	if (out->len)
		buf_text(out, " | ");
	buf_printf(
	    out, "%c %.*s", kinds[mention->kind], SPAN_ARG(mention->text));
	if (mention->faults & MENTION_WEEKDAY)
		buf_text(out, " weekday");
	if (mention->faults & MENTION_NO_DAY)
		buf_text(out, " none");
	if (mention->faults & MENTION_PAST)
		buf_text(out, " past");
}

static const struct {
	const char *text, *found;
} cases[] = {
    /* Japanese dates */
    {"11月23日(月)に開催", "D 11月23日(月)"},
    {"11月23日(金)に開催", "D 11月23日(金) weekday"},
    {"２０２６年１１月２３日（月）", "D ２０２６年１１月２３日（月）"},
    {"2026年11月23日（火）です", "D 2026年11月23日（火） weekday"},
    {"2026年 11月 23日 月曜日", "D 2026年 11月 23日 月曜日"},
    {"2026年11月23日火曜", "D 2026年11月23日火曜 weekday"},
    {"令和8年11月23日(月・祝)", "D 令和8年11月23日(月・祝)"},
    {"令和8年11月23日(水)", "D 令和8年11月23日(水) weekday"},
    {"令和元年5月1日(水)", "D 令和元年5月1日(水) past"},
    {"平成31年4月30日(火)", "D 平成31年4月30日(火) past"},
    {"昭和64年1月7日(土)", "D 昭和64年1月7日(土) past"},
    {"R8.11.23(月)", "D R8.11.23(月)"},
    {"R8/11/24(月)", "D R8/11/24(月) weekday"},
    {"26年11月23日(月)", "D 26年11月23日(月)"},
    {"11月23日(月・火)", "D 11月23日(月・火)"},
    {"11月23日(祝日・月)", "D 11月23日(祝日・月)"},
    {"11月23日(月曜日)", "D 11月23日(月曜日)"},
    {"11月23日 (Mon.)", "D 11月23日 (Mon.)"},
    {"11月23日【金】", "D 11月23日"},
    {"11月23日〔金〕", "D 11月23日〔金〕 weekday"},
    {"11月31日まで", "D 11月31日 none"},
    {"2026年2月29日", "D 2026年2月29日 none"},
    {"11月20日まで", "D 11月20日 past"},
    {"2026年11月21日", "D 2026年11月21日 past"},
    {"11月22日", "D 11月22日"},
    /* the nearest year */
    {"1月4日(月)から", "D 1月4日(月)"},
    {"1月4日(日)から", "D 1月4日(日) weekday"},
    {"2月29日(火)", "D 2月29日(火)"},
    {"2028年4月1日(土)〜4月3日(月)", "D 2028年4月1日(土) | D 4月3日(月)"},
    {"2028年4月1日(土)〜4月3日(土)",
	"D 2028年4月1日(土) | D 4月3日(土) weekday"},
    {"11月23日(月)〜25日(水)", "D 11月23日(月) | D 25日(水)"},
    {"11月23日(月)・24日(月)", "D 11月23日(月) | D 24日(月) weekday"},
    {"3日間、毎月5日", ""},
    {"11月号、2026年度、10年", ""},
    /* marks */
    {"11/23(月)", "D 11/23(月)"},
    {"11/23(金)", "D 11/23(金) weekday"},
    {"11/24まで", "D 11/24"},
    {"1/2カップ、24/7、3/4", ""},
    {"2026/11/23(月)", "D 2026/11/23(月)"},
    {"2026-11-23", "D 2026-11-23"},
    {"2026.11.24(月)", "D 2026.11.24(月) weekday"},
    {"due 11/23/2026 (Mon)", "D 11/23/2026 (Mon)"},
    {"due 23/11/2026 (Mon)", "D 23/11/2026 (Mon)"},
    {"03/04/2027 (Thu), 03/04/2027 (Sat)",
	"D 03/04/2027 (Thu) | D 03/04/2027 (Sat)"},
    {"03/04/2027 (Fri)", "D 03/04/2027 (Fri) weekday"},
    {"version 1.2.3, 10.11.12.13", ""},
    {"https://example.jp/2026/11/20/a and a20261120@example.jp", ""},
    /* English */
    {"on Monday, November 23, 2026.", "D Monday, November 23, 2026"},
    {"on Friday, November 23, 2026.", "D Friday, November 23, 2026 weekday"},
    {"Mon, 23 Nov 2026", "D Mon, 23 Nov 2026"},
    {"Tue 23 Nov", "D Tue 23 Nov weekday"},
    {"the 23rd of November (Monday)", "D 23rd of November (Monday)"},
    {"Nov. 23rd (Tue)", "D Nov. 23rd (Tue) weekday"},
    {"Nov 20, 2026", "D Nov 20, 2026 past"},
    {"February 30", "D February 30 none"},
    {"you may 5 times, in March 2027", ""},
    {"Mon amour, the sun 3 times", ""},
    /* wrapped lines */
    {"2026年\n11月23日(月)", "D 2026年11月23日(月)"},
    {"Monday, November\n23, 2026", "D Monday, November 23, 2026"},
    /* prices */
    {"1,980円(税込)です", "$ 1,980円(税込)"},
    {"￥１，９８０", "$ ￥１，９８０"},
    {"¥1980 と $19.99 と € 5", "$ ¥1980 | $ $19.99 | $ € 5"},
    {"1億2,000万円、3千円", "$ 1億2,000万円 | $ 3千円"},
    {"USD 20, 30 dollars, 500 yen", "$ USD 20 | $ 30 dollars | $ 500 yen"},
    {"100ドル", "$ 100ドル"},
    {"500個、30 yentas, 100%", ""},
    /* telephone numbers */
    {"TEL 03-1234-5678（代）", "T 03-1234-5678"},
    {"電話:0312345678", "T 0312345678"},
    {"09012345678", "T 09012345678"},
    {"(03)1234-5678", "T (03)1234-5678"},
    {"03(1234)5678", "T 03(1234)5678"},
    {"０１２０－１２３－４５６", "T ０１２０－１２３－４５６"},
    {"０３ー１２３４ー５６７８", "T ０３ー１２３４ー５６７８"},
    {"0120-123-456 0570-000-111", "T 0120-123-456 | T 0570-000-111"},
    {"+81-3-1234-5678", "T +81-3-1234-5678"},
    {"+1 (212) 555-0100", "T +1 (212) 555-0100"},
    {"(212) 555-0100", "T (212) 555-0100"},
    {"〒100-0001、受付番号 0312、1234567890", ""},
    {"03-1234-5678、11月23日(月)、1,980円",
	"T 03-1234-5678 | D 11月23日(月) | $ 1,980円"},
};

static void
found_as_written(void **state)
{
	struct buf found = BUF_INIT;
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&found);
		buf_text(&found, "");
		mentions_find(span_of(cases[i].text), today, note, &found);
		if (!span_equal(buf_span(&found), span_of(cases[i].found))) {
			print_message("%s\n  found  %.*s\n  wanted %s\n",
			    cases[i].text, SPAN_ARG(buf_span(&found)),
			    cases[i].found);
			wrong++;
		}
	}
	buf_done(&found);
	assert_int_equal(wrong, 0);
}

/* Against the calendar of the C library, over 400 years. */
static void
every_day_has_its_weekday(void **state)
{
	(void)state;
	for (int64_t day = -40000; day < 100000; day += 37) {
		time_t at = (time_t)(day * 86400);
		struct tm tm;
		struct mention_day it;

		gmtime_r(&at, &tm);
		it = (struct mention_day){
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
		assert_int_equal(mention_days(it), day);
		assert_true(mention_is_day(it));
	}
	assert_false(mention_is_day((struct mention_day){2100, 2, 29}));
	assert_true(mention_is_day((struct mention_day){2000, 2, 29}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(found_as_written),
	    cmocka_unit_test(every_day_has_its_weekday),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
