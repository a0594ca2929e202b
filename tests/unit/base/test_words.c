/* Clusters, words and folding, forwards and backwards. */
#include "tests/unit/unit.h"

#include <string.h>

#include "core/base/utf8.h"
#include "core/base/words.h"

/* Pieces are separated by '|' in what is wanted; '/' stands for a '|'. */
struct cut_case {
	const char *name;
	const char *wanted;
};

static const struct cut_case graphemes[] = {
    {"ascii", "a|b| |c"},
    {"combining mark", "e\xcc\x81|x"},
    {"two marks", "a\xcc\x81\xcc\xa3|b"},
    {"dakuten of its own", "か\xe3\x82\x99|き"},
    {"variation selector", "葛\xf3\xa0\x84\x80|城"},
    {"emoji presentation", "☂\xef\xb8\x8f|x"},
    {"family", "👨\xe2\x80\x8d👩\xe2\x80\x8d👧|!"},
    {"skin", "👍🏽|👍"},
    {"flags", "🇯🇵|🇫🇷|x"},
    {"odd flags", "🇯🇵|🇫"},
    {"keycap", "1\xef\xb8\x8f\xe2\x83\xa3|2"},
    {"joiner between letters", "a\xe2\x80\x8d|b"},
    {"line end takes no mark", "\n|\xcc\x81"},
    {"rainbow", "🏳\xef\xb8\x8f\xe2\x80\x8d🌈|b"},
};

static const struct cut_case words[] = {
    {"english", "Dear| |reader|,| |it| |is| |2026|."},
    {"japanese", "今月|のお|特集|は|キャンペーン|です|。|はい"},
    {"prolonged", "らーめんと|ラーメン"},
    {"marks", "「|東京|」|と|（|大阪|）"},
    {"mixed", "Ａ４|用紙|を|500|枚"},
    {"lines", "a|\n|\n|b"},
    {"combining", "e\xcc\x81t\xe3\x82\x99|か\xe3\x82\x99"},
    {"merge mark", "{|{|name|/|お|客|}|}|様"},
    {"ideographic space", "御中|\xe3\x80\x80|株式会社"},
    {"half width", "ﾃｽﾄ|と|test_1"},
};

static size_t
pieces_of(const char *wanted, struct buf *text, size_t end[32])
{
	size_t count = 0;

	for (const char *p = wanted; *p; p++) {
		if (*p == '|')
			end[count++] = text->len;
		else
			buf_char(text, *p == '/' ? '|' : *p);
	}
	end[count++] = text->len;
	return count;
}

static struct span
word_first(struct span *rest)
{
	return word_next(rest, NULL);
}

static struct span
word_final(struct span *rest)
{
	return word_last(rest, NULL);
}

static void
check_cuts(const struct cut_case *cases, size_t count,
    struct span (*next)(struct span *), struct span (*last)(struct span *))
{
	for (size_t i = 0; i < count; i++) {
		struct buf text = BUF_INIT;
		size_t end[32], n = pieces_of(cases[i].wanted, &text, end);
		struct span rest = buf_span(&text);

		for (size_t k = 0; k < n; k++) {
			next(&rest);
			if (text.len - rest.len != end[k])
				fail_msg("%s: piece %zu ends at %zu, not %zu",
				    cases[i].name, k, text.len - rest.len,
				    end[k]);
		}
		assert_int_equal(rest.len, 0);
		rest = buf_span(&text);
		for (size_t k = n; k-- > 0;) {
			last(&rest);
			if (rest.len != (k ? end[k - 1] : 0))
				fail_msg("%s: back to %zu, not %zu",
				    cases[i].name, rest.len,
				    k ? end[k - 1] : 0);
		}
		buf_done(&text);
	}
}

static void
cuts_graphemes(void **state)
{
	(void)state;
	check_cuts(graphemes, sizeof graphemes / sizeof *graphemes,
	    grapheme_next, grapheme_last);
}

static void
cuts_words(void **state)
{
	(void)state;
	check_cuts(words, sizeof words / sizeof *words, word_first, word_final);
}

/* Any octets: pieces are never empty, and backwards gives the same ones. */
static void
survives_noise(void **state)
{
	static const char *const parts[] = {"a", "か", "\xe3\x82\x99", "👩",
	    "\xe2\x80\x8d", "🇯", "\xff", "漢", "ー", "カ", " ", "\n", "🏽",
	    "\xef\xb8\x8f", "。", "1"};
	uint32_t random = 11;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct buf text = BUF_INIT;
		struct span rest, back;
		size_t forward = 0, backward = 0;

		for (int i = 0; i < 12; i++) {
			random = random * 1664525 + 1013904223;
			buf_text(&text, parts[random >> 28]);
		}
		rest = back = buf_span(&text);
		while (rest.len > 0) {
			assert_true(grapheme_next(&rest).len > 0);
			forward++;
		}
		while (back.len > 0) {
			assert_true(grapheme_last(&back).len > 0);
			backward++;
		}
		if (forward != backward)
			fail_msg(
			    "%zu and %zu of %s", forward, backward, text.ptr);
		buf_done(&text);
	}
}

static const struct {
	const char *from, *to;
} compose_cases[] = {
    {"か\xe3\x82\x99", "が"},
    {"は\xe3\x82\x9aひ\xe3\x82\x99", "ぱび"},
    {"ウ\xe3\x82\x99ワ\xe3\x82\x99ヲ\xe3\x82\x99", "ヴヷヺ"},
    {"ゝ\xe3\x82\x99ヽ\xe3\x82\x99", "ゞヾ"},
    {"つ\xe3\x82\x99ト\xe3\x82\x99", "づド"},
    {"ホ\xe3\x82\x9a", "ポ"},
    {"あ\xe3\x82\x99", "あ\xe3\x82\x99"},
    {"ま\xe3\x82\x9a", "ま\xe3\x82\x9a"},
    {"っ\xe3\x82\x99", "っ\xe3\x82\x99"},
    {"e\xcc\x81", "e\xcc\x81"},
    {"\xe3\x82", "\xe3\x82"},
};

static void
composes_kana(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof compose_cases / sizeof *compose_cases;
	    i++) {
		struct buf out = BUF_INIT;

		kana_compose_text(span_of(compose_cases[i].from), &out);
		assert_span_equal(buf_span(&out), compose_cases[i].to);
		buf_done(&out);
	}
}

static const struct {
	const char *text, *needle;
	size_t len; /* 0: does not match */
} fold_cases[] = {
    {"ABC", "abc", 3}, {"ＡＢＣ", "abc", 9}, {"abc", "ＡＢ", 2},
    {"ｶﾞｲﾄﾞ", "ガイド", 15}, {"ガイド", "ｶﾞｲﾄﾞ", 9},
    {"か\xe3\x82\x99x", "がX", 7}, {"Ä", "ä", 2}, {"ДОМ", "дом", 6},
    {"か", "が", 0}, {"ab", "abc", 0}, {"a", "", 0}, {"\xe3\x80\x80x", " x", 4},
    {"かき", "カキ", 0}, /* hiragana and katakana differ */
};

static void
folds_for_searches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fold_cases / sizeof *fold_cases; i++) {
		size_t len = 0;
		bool starts = fold_starts(span_of(fold_cases[i].text),
		    span_of(fold_cases[i].needle), &len);

		if (starts != (fold_cases[i].len > 0) ||
		    len != fold_cases[i].len)
			fail_msg("case %zu: %zu", i, len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cuts_graphemes),
	    cmocka_unit_test(cuts_words),
	    cmocka_unit_test(survives_noise),
	    cmocka_unit_test(composes_kana),
	    cmocka_unit_test(folds_for_searches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
