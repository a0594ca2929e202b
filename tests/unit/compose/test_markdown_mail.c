/* What Sekisho reads besides CommonMark: tables, emphasis beside Japanese,
 * buttons. */
#include "core/compose/compose.h"
#include "tests/unit/compose/markdown_case.h"

static void
test_emphasis(void **state)
{
	static const struct markdown_row row[] = {
	    {"**重要：**お知らせ", "<p><strong>重要：</strong>お知らせ</p>\n",
		"重要：お知らせ\n"},
	    {"**「重要」**です", "<p><strong>「重要」</strong>です</p>\n",
		"「重要」です\n"},
	    {"*注意。*次に", "<p><em>注意。</em>次に</p>\n", "注意。次に\n"},
	    {"これは**「重要」**です",
		"<p>これは<strong>「重要」</strong>です</p>\n",
		"これは「重要」です\n"},
	    /* two pairs, which CommonMark would pair the wrong way */
	    {"**「A」**と**「B」**",
		"<p><strong>「A」</strong>と<strong>「B」</strong></p>\n",
		"「A」と「B」\n"},
	    {"これは**「A」**と**「B」**です",
		"<p>これは<strong>「A」</strong>と<strong>「B」</strong>"
		"です</p>\n",
		"これは「A」と「B」です\n"},
	    /* ASCII punctuation beside Japanese */
	    {"料金は**10%**です。**(税込)**の価格",
		"<p>料金は<strong>10%</strong>です。<strong>(税込)</strong>"
		"の価格</p>\n",
		"料金は10%です。(税込)の価格\n"},
	    {"日本**“注”**です", "<p>日本<strong>“注”</strong>です</p>\n",
		"日本“注”です\n"},
	    {"***「大事」***だ",
		"<p><em><strong>「大事」</strong></em>だ</p>\n",
		"「大事」だ\n"},
	    {"**外は*「内」*だ。**次",
		"<p><strong>外は<em>「内」</em>だ。</strong>次</p>\n",
		"外は「内」だ。次\n"},
	    {"**{{name}}：**次", "<p><strong>X：</strong>次</p>\n", "X：次\n"},
	    {"**[案内](https://e.jp/)（PDF）**です",
		"<p><strong><a href=\"https://e.jp/\">案内</a>（PDF）"
		"</strong>です</p>\n",
		"案内 [1]（PDF）です\n\n[1] https://e.jp/\n"},
	    {"[**（新）**案内](https://e.jp/)",
		"<p><a href=\"https://e.jp/\"><strong>（新）</strong>案内</a>"
		"</p>\n",
		"（新）案内 [1]\n\n[1] https://e.jp/\n"},
	    {"# **重要：**お知らせ",
		"<h1><strong>重要：</strong>お知らせ</h1>\n",
		"重要：お知らせ\n==============\n"},
	    {"한국어**(注)**는", "<p>한국어<strong>(注)</strong>는</p>\n",
		"한국어(注)는\n"},
	    {"見出し\n===\n**重要：**お知らせ",
		"<h1>見出し</h1>\n<p><strong>重要：</strong>お知らせ</p>\n",
		"見出し\n======\n\n重要：お知らせ\n"},
	    /* lists and quotations around it */
	    {"* **期限：**11月\n* *注意。*次",
		"<ul>\n<li><strong>期限：</strong>11月\n</li>\n"
		"<li><em>注意。</em>次\n</li>\n</ul>\n",
		" - 期限：11月\n - 注意。次\n"},
	    /* stars that are none: escaped, in code, in a link's target */
	    {"\\*\\*重要：\\*\\*お知らせ", "<p>**重要：**お知らせ</p>\n",
		"**重要：**お知らせ\n"},
	    {"`**重要：**お`知**「らせ」**",
		"<p><code>**重要：**お</code>知<strong>「らせ」</strong></p>\n",
		"**重要：**お知「らせ」\n"},
	    {"**重要：**[お](https://e.jp/**「x」**)知",
		"<p><strong>重要：</strong><a href=\""
		"https://e.jp/**%E3%80%8Cx%E3%80%8D**\">お</a>知</p>\n",
		"重要：お [1]知\n\n[1] "
		"https://e.jp/**%E3%80%8Cx%E3%80%8D**\n"},
	    {"3 * 4 は 12、** です", "<p>3 * 4 は 12、** です</p>\n",
		"3 * 4 は 12、** です\n"},
	    {"一つ**だけ", "<p>一つ**だけ</p>\n", "一つ**だけ\n"},
	    /* not touched: no Japanese, or read by CommonMark as it is */
	    {"a**\"b\"**c", "<p>a**&quot;b&quot;**c</p>\n", "a**\"b\"**c\n"},
	    {"**a:**b", "<p>**a:**b</p>\n", "**a:**b\n"},
	    {"これは**重要**です", "<p>これは<strong>重要</strong>です</p>\n",
		"これは重要です\n"},
	};

	(void)state;
	check_rows(row, sizeof row / sizeof *row, "X");
}

static void
test_tables(void **state)
{
	static const struct markdown_row row[] = {
	    {"| 品名 | 数量 | 価格 |\n|:---|:---:|---:|\n| りんご | 3 | "
	     "1,200円 "
	     "|\n| 梨 | 10 | 80円 |",
		"<table>\n<thead><tr>\n<th scope=\"col\">品名</th>\n"
		"<th scope=\"col\">数量</th>\n<th scope=\"col\">価格</th>\n"
		"</tr></thead>\n<tbody>\n<tr>\n<td>りんご</td>\n<td>3</td>\n"
		"<td>1,200円</td>\n</tr>\n<tr>\n<td>梨</td>\n<td>10</td>\n"
		"<td>80円</td>\n</tr>\n</tbody></table>\n",
		"品名    数量     価格\n------  ----  -------\n"
		"りんご   3    1,200円\n梨       10      80円\n"},
	    /* inline content, escaped pipes, code, links */
	    {"a | b\n---|---\n**x** `c\\|d` | [l](https://e.jp/)\n\\| | "
	     "*{{name}}*",
		"<table>\n<thead><tr>\n<th scope=\"col\">a</th>\n"
		"<th scope=\"col\">b</th>\n</tr></thead>\n<tbody>\n<tr>\n"
		"<td><strong>x</strong> <code>c|d</code></td>\n"
		"<td><a href=\"https://e.jp/\">l</a></td>\n</tr>\n<tr>\n"
		"<td>|</td>\n<td><em>XY</em></td>\n</tr>\n</tbody></table>\n",
		"a      b\n-----  -----\nx c|d  l [1]\n|      XY\n\n"
		"[1] https://e.jp/\n"},
	    /* words above, a link defined elsewhere, missing cells */
	    {"料金表：\n| a | b |\n|---|---|\n| [r] |\n\n[r]: https://e.jp/r",
		"<p>料金表：</p>\n<table>\n<thead><tr>\n"
		"<th scope=\"col\">a</th>\n<th scope=\"col\">b</th>\n"
		"</tr></thead>\n<tbody>\n<tr>\n"
		"<td><a href=\"https://e.jp/r\">r</a></td>\n<td></td>\n</tr>\n"
		"</tbody></table>\n",
		"料金表：\n\na      b\n-----  -\nr [1]\n\n[1] "
		"https://e.jp/r\n"},
	    /* no heads */
	    {"| | |\n|-|-|\n| 日時 | 11月22日 |\n| 場所 | 東京 |",
		"<table>\n<tbody>\n<tr>\n<td>日時</td>\n<td>11月22日</td>\n"
		"</tr>\n<tr>\n<td>場所</td>\n<td>東京</td>\n</tr>\n"
		"</tbody></table>\n",
		"日時  11月22日\n場所  東京\n"},
	    /* emphasis and code do not reach into another cell */
	    {"| a | b |\n|---|---|\n| *x | y* |\n| `x | y` |",
		"<table>\n<thead><tr>\n<th scope=\"col\">a</th>\n"
		"<th scope=\"col\">b</th>\n</tr></thead>\n<tbody>\n<tr>\n"
		"<td>*x</td>\n<td>y*</td>\n</tr>\n<tr>\n<td>`x</td>\n"
		"<td>y`</td>\n</tr>\n</tbody></table>\n",
		"a   b\n--  --\n*x  y*\n`x  y`\n"},
	    /* in a quotation, in a list */
	    {"> | a |\n> |---|\n> | b |",
		"<blockquote>\n<table>\n<thead><tr>\n<th scope=\"col\">a</th>\n"
		"</tr></thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n"
		"</tbody></table>\n</blockquote>\n",
		"> a\n> -\n> b\n"},
	    {"- x\n\n  | a | b |\n  |---|---|\n  | **「c」**だ | d |\n- y",
		"<ul>\n<li><p>x</p>\n<table>\n<thead><tr>\n"
		"<th scope=\"col\">a</th>\n<th scope=\"col\">b</th>\n"
		"</tr></thead>\n<tbody>\n<tr>\n"
		"<td><strong>「c」</strong>だ</td>\n<td>d</td>\n</tr>\n"
		"</tbody></table>\n</li>\n<li><p>y</p>\n</li>\n</ul>\n",
		" - x\n\n   a        b\n   -------  -\n   「c」だ  d\n\n"
		" - y\n"},
	    {"1. | a | b |\n   |---|---|\n   | c | d |",
		"<ol>\n<li><table>\n<thead><tr>\n<th scope=\"col\">a</th>\n"
		"<th scope=\"col\">b</th>\n</tr></thead>\n<tbody>\n<tr>\n"
		"<td>c</td>\n<td>d</td>\n</tr>\n</tbody></table>\n</li>\n"
		"</ol>\n",
		" 1. a  b\n    -  -\n    c  d\n"},
	    /* what only looks like one */
	    {"| a | b |\n|---|", "<p>| a | b |\n|---|</p>\n",
		"| a | b | |---|\n"},
	    {"| a |\n| b |", "<p>| a |\n| b |</p>\n", "| a | | b |\n"},
	    {"a\n:--", "<p>a\n:--</p>\n", "a :--\n"},
	    {"|---|---|", "<p>|---|---|</p>\n", "|---|---|\n"},
	    {"    | a |\n    |---|", "<pre><code>| a |\n|---|\n</code></pre>\n",
		"    | a |\n    |---|\n"},
	    {"```\n| a |\n|---|\n```",
		"<pre><code>| a |\n|---|\n</code></pre>\n",
		"    | a |\n    |---|\n"},
	    {"> | a |\n|---|",
		"<blockquote>\n<p>| a |\n|---|</p>\n"
		"</blockquote>\n",
		"> | a | |---|\n"},
	    /* a heading or a list ends it */
	    {"| a |\n|---|\n| b |\n# c",
		"<table>\n<thead><tr>\n<th scope=\"col\">a</th>\n"
		"</tr></thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n"
		"</tbody></table>\n<h1>c</h1>\n",
		"a\n-\nb\n\nc\n=\n"},
	};

	(void)state;
	check_rows(row, sizeof row / sizeof *row, "XY");
}

/* Columns are aligned by the elements of the theme. */
static void
test_alignment(void **state)
{
	static const enum mail_element wanted[] = {MAIL_TH, MAIL_TH,
	    MAIL_TH_CENTER, MAIL_TH_END, MAIL_TD, MAIL_TD, MAIL_TD_CENTER,
	    MAIL_TD_END};
	struct arena *arena = arena_new();
	const struct mailtheme *theme = mailtheme_builtin(arena);
	struct both both;
	struct span rest;

	(void)state;
	assert_ok(
	    render("a|b|c|d\n-|:-|:-:|-:\n1|2|3|4", "X", &both), &both.err);
	rest = buf_span(&both.html);
	for (size_t i = 0; i < 8; i++) {
		struct span cell =
		    i < 4 ? SPAN("<th scope=\"col\"") : SPAN("<td");
		size_t at = span_search(rest, cell);

		rest = span_slice(rest, at + cell.len, rest.len);
		assert_true(
		    span_starts(rest, mailtheme_attr(theme, wanted[i])));
	}
	both_done(&both);
	arena_free(&arena);
}

/* A table is laid out when the values are in. */
static void
test_table_widths(void **state)
{
	static const char source[] = "| 名前 | 席 |\n|---|--:|\n"
				     "| {{name}} | 1 |\n| 山田 | 12 |";
	static const struct {
		const char *value, *plain;
	} row[] = {
	    {"李", "名前  席\n----  --\n李     1\n山田  12\n"},
	    {"アレクサンドラ", "名前            席\n--------------  --\n"
			       "アレクサンドラ   1\n山田            12\n"},
	    {"二\n行", "名前  席\n----  --\n二     1\n行\n山田  12\n"},
	    {"Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch "
	     "of Ynys Mon, Wales, UK",
		"名前: Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogo"
		"goch of Ynys\n  Mon, Wales, UK\n席: 1\n\n名前: 山田\n"
		"席: 12\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct both both;
		assert_ok(render(source, row[i].value, &both), &both.err);
		assert_string_equal(both.plain.ptr, row[i].plain);
		both_done(&both);
	}
}

static void
test_buttons(void **state)
{
	static const struct markdown_row row[] = {
	    {"**[申し込む](https://e.jp/?id={{id}})**",
		"<table role=\"presentation\"><tr><td>"
		"<a href=\"https://e.jp/?id=a%20b\">"
		"申し込む</a></td></tr></table>\n",
		"申し込む: <https://e.jp/?id=a%20b>\n"},
	    {"**[a](https://e.jp/)** b",
		"<p><strong><a href=\"https://e.jp/\">a</a></strong> b</p>\n",
		"a [1] b\n\n[1] https://e.jp/\n"},
	    {"[**a**](https://e.jp/)",
		"<p><a href=\"https://e.jp/\"><strong>a</strong></a></p>\n",
		"a [1]\n\n[1] https://e.jp/\n"},
	    {"- **[a](https://e.jp/)**",
		"<ul>\n<li><strong><a href=\"https://e.jp/\">a</a></strong>\n"
		"</li>\n</ul>\n",
		" - a [1]\n\n[1] https://e.jp/\n"},
	};

	(void)state;
	check_rows(row, sizeof row / sizeof *row, "a b");
}

static void
test_refused(void **state)
{
	static const struct {
		const char *source;
		enum err_code code;
		const char *why, *line;
	} row[] = {
	    {"x\n\n| a | b |\n|---|---|\n| 1 | 2 | 3 |", E_MARKDOWN, "cells",
		"5"},
	    {"| a |\n|---|\n| [x](javascript:y) |", E_URL_SCHEME, "", "3"},
	    {"x\n\n| a |\n|---|\n| <b>c</b> |", E_MARKDOWN_HTML, "", "5"},
	    {"above <b>\n| a |\n|---|\n| c |", E_MARKDOWN_HTML, "", "1"},
	    {"{{! gone }}\n\nx\n\n| a |\n|---|\n| <b>c</b> |", E_MARKDOWN_HTML,
		"", "7"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct both both;
		if (render(row[i].source, "X", &both) == 0)
			fail_msg("%s: accepted", row[i].source);
		if (both.err.code != row[i].code ||
		    strcmp(err_find(&both.err, "why"), row[i].why) != 0 ||
		    strcmp(err_find(&both.err, "line"), row[i].line) != 0)
			fail_msg("%s: %s %s %s", row[i].source,
			    err_name(both.err.code), err_find(&both.err, "why"),
			    err_find(&both.err, "line"));
		both_done(&both);
	}
}

static bool
has_line(struct span lines, struct span wanted)
{
	while (lines.len > 0) {
		if (span_equal(span_cut(&lines, '\n'), wanted))
			return true;
	}
	return false;
}

/* Who reads either part finds the same addresses, also those that end in what
 * would end a sentence. */
static void
test_parts_agree(void **state)
{
	static const char source[] =
	    "| [a](https://e.jp/1.) | b |\n|-|-|\n"
	    "| <https://e.jp/2> | [c](https://e.jp/3?{{name}}) |\n\n"
	    "**[押す](https://e.jp/4!)**\n\n"
	    "{{#name}}\n- [d](https://e.jp/5)) と[e](https://e.jp/6),\n"
	    "{{/name}}\n\n"
	    "**「[f](https://e.jp/7?a=(b))」**と[![g](https://e.jp/h.png)]"
	    "(https://e.jp/8)\n";
	struct both both;
	struct buf urls[2] = {BUF_INIT, BUF_INIT}, text = BUF_INIT;
	struct span rest;

	(void)state;
	assert_ok(render(source, "x y", &both), &both.err);
	part_urls(buf_span(&both.html), &urls[0]);
	part_urls(buf_span(&both.plain), &urls[1]);
	for (int i = 0; i < 2; i++) {
		rest = buf_span(&urls[i]);
		assert_true(rest.len > 0);
		while (rest.len > 0) {
			struct span url = span_cut(&rest, '\n');

			if (!has_line(buf_span(&urls[1 - i]), url))
				fail_msg("%.*s\n%s\n%s", SPAN_ARG(url),
				    urls[0].ptr, both.plain.ptr);
		}
	}
	/* cells are apart for a reader of the HTML */
	assert_ok(
	    html_to_text(buf_span(&both.html), &text, &both.err), &both.err);
	assert_true(has_line(buf_span(&text), SPAN("b")));
	assert_true(has_line(buf_span(&text), SPAN("https://e.jp/2")));
	for (int i = 0; i < 2; i++)
		buf_done(&urls[i]);
	buf_done(&text);
	both_done(&both);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_emphasis),
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_alignment),
	    cmocka_unit_test(test_table_widths),
	    cmocka_unit_test(test_buttons),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_parts_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
