/* Mail themes: what a file may say and where its errors are, which colours are
 * refused, and the HTML that comes of the shipped ones, compared with files. */
#include "core/compose/mailtheme.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/compose/mailstyle.h"
#include "core/compose/markdown.h"
#include "tests/unit/compose/compose_case.h"

#define KIND "[theme]\nkind = mail\n"

/* ---- Files ------------------------------------------------------------- */

static void
errors_have_a_place(void **state)
{
	static const struct {
		const char *text, *line, *column, *why;
	} row[] = {
	    {"[text]\nsize = 16\n", "1", "1", "kind"},
	    {"name = x\n", "1", "1", "before"},
	    {"[theme]\nkind = terminal\n", "2", "8", "kind"},
	    {"[theme]\nbase = dark\n", "2", "1", "name"},
	    {"[theme]\nname = \x01\n", "2", "8", "control"},
	    {"[theme]\nname = \xff\n", "2", "8", "control"},
	    {"[theme]\nname = 0123456789012345678901234567890123456789"
	     "01234567\n",
		"2", "8", "length"},
	    {KIND "[nosuch]\n", "3", "1", "section"},
	    {KIND "[text\n", "3", "1", "section"},
	    {KIND "[text]\nsize\n", "4", "1", "equals"},
	    {KIND "[text]\n字 = 1\n", "4", "1", "name"},
	    {KIND "[text]\n  size = 11\n", "4", "10", "number"},
	    {KIND "[text]\nsize = 25\n", "4", "8", "number"},
	    {KIND "[text]\nsize = -16\n", "4", "8", "number"},
	    {KIND "[text]\nsize = 16px\n", "4", "8", "number"},
	    {KIND "[text]\nsize =\n", "4", "7", "number"},
	    {KIND "[text]\nline = 1.1\n", "4", "8", "number"},
	    {KIND "[text]\nline = 1.755\n", "4", "8", "number"},
	    {KIND "[text]\nline = 1.x\n", "4", "8", "number"},
	    {KIND "[text]\nline = 99999999999999999999\n", "4", "8", "number"},
	    {KIND "[text]\ncolor = red\n", "4", "9", "color"},
	    {KIND "[text]\ncolor = #12345\n", "4", "9", "color"},
	    {KIND "[text]\ncolor = none\n", "4", "9", "color"},
	    {KIND "[text]\ncolor = #123456 /\n", "4", "18", "color"},
	    {KIND "[text]\ncolor = #123456 / #12345g\n", "4", "19", "color"},
	    {KIND "[text]\ncolor = #123456;x:url(a)\n", "4", "9", "color"},
	    {KIND "[text]\nfont = \"><script>\n", "4", "8", "word"},
	    {KIND "[text]\nalign = left\n", "4", "9", "word"},
	    {KIND "[text]\nsize = 16\n\n[text]\nsize = 17\n", "7", "1",
		"twice"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct mailstyle style;
		struct err err = {0};

		if (mailstyle_read(span_of(row[i].text), &style, &err) == 0)
			fail_msg("row %zu is taken: %s", i, row[i].text);
		assert_int_equal(err.code, E_MAIL_THEME);
		assert_string_equal(err_find(&err, "why"), row[i].why);
		assert_string_equal(err_find(&err, "line"), row[i].line);
		assert_string_equal(err_find(&err, "column"), row[i].column);
	}
}

static void
what_is_wanted_is_told(void **state)
{
	static const struct {
		const char *text, *wanted;
	} row[] = {
	    {KIND "[text]\nsize = 1\n", "12 - 24"},
	    {KIND "[text]\nline = 1\n", "1.2 - 2.4"},
	    {KIND "[table]\nlines = some\n", "none rows all"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct mailstyle style;
		struct err err = {0};

		assert_int_equal(
		    mailstyle_read(span_of(row[i].text), &style, &err), -1);
		assert_string_equal(err_find(&err, "wanted"), row[i].wanted);
	}
}

static void
a_file_has_a_limit(void **state)
{
	struct buf text = BUF_INIT;
	struct mailstyle style;
	struct err err = {0};

	(void)state;
	buf_text(&text, KIND);
	while (text.len <= STYLE_FILE_MAX)
		buf_text(&text, "# nothing but comments\n");
	assert_int_equal(mailstyle_read(buf_span(&text), &style, &err), -1);
	assert_int_equal(err.code, E_FILE_SIZE);
	buf_done(&text);
}

static void
values_are_read(void **state)
{
	struct mailstyle style;
	struct err err = {0};
	const struct style_value *value = style.value;

	(void)state;
	assert_ok(
	    mailstyle_read(SPAN("\xef\xbb\xbf# paper\r\n[theme]\r\n"
				"kind = mail # of mails\r\nname = Red & <b>\r\n"
				"name.ja = 赤\r\n[text]\r\nline = 1.75\r\n"
				"color = #102030/#ddeeff\r\n"
				"font = serif\r\n[quote]\r\n"
				"background = none / #102030\r\n[heading]\r\n"
				"align = center\r\n[heading.2]\r\n"
				"align = end\r\nsize = 30\r\n"),
		&style, &err),
	    &err);
	assert_string_equal(style.name, "Red & <b>");
	assert_string_equal(style.name_ja, "赤");
	assert_int_equal(value[STYLE_TEXT_LINE].light, 175);
	assert_int_equal(value[STYLE_TEXT_COLOR].light, 0x102030);
	assert_int_equal(value[STYLE_TEXT_COLOR].dark, 0xddeeff);
	assert_int_equal(value[STYLE_QUOTE_BACK].light, NONE);
	assert_int_equal(value[STYLE_QUOTE_BACK].dark, 0x102030);
	/* what is left out follows: fonts and colours the text, levels [heading] */
	assert_int_equal(value[STYLE_HEAD_FONT].light, FONT_SERIF);
	assert_int_equal(value[STYLE_BAND_FONT].light, FONT_SERIF);
	assert_int_equal(value[STYLE_HEAD_COLOR3].dark, 0xddeeff);
	assert_int_equal(value[STYLE_HEAD_ALIGN1].light, ALIGN_CENTER);
	assert_int_equal(value[STYLE_HEAD_ALIGN2].light, ALIGN_END);
	assert_int_equal(value[STYLE_HEAD_SIZE1].light, 24);
	assert_int_equal(value[STYLE_HEAD_SIZE2].light, 30);
	for (int i = 0; i < STYLE_KEYS; i++) {
		bool is_base = i >= STYLE_HEAD_SIZE0 && i < STYLE_HEAD_SIZE1;

		if (!is_base)
			assert_int_not_equal(value[i].light, UNSET);
	}
}

static void
files_say_what_they_are(void **state)
{
	(void)state;
	assert_true(mail_theme_is(SPAN(KIND)));
	assert_true(mail_theme_is(SPAN("\n# kind = x\n[theme]\nkind=mail")));
	assert_false(mail_theme_is(SPAN("")));
	assert_false(mail_theme_is(SPAN("[theme]\nname = mail\n")));
	assert_false(mail_theme_is(SPAN("[theme]\n# kind = mail\n")));
}

static void
pale_colours_are_refused(void **state)
{
	static const struct {
		const char *text, *pair, *scheme, *contrast;
	} row[] = {
	    {KIND "[text]\ncolor = #777777 / #ffffff\n", "text", "light",
		"4.47"},
	    {KIND "[link]\ncolor = #0b57d0 / #444444\n", "link", "dark",
		"1.82"},
	    {KIND "[button]\nbackground = #ffffff / #ffffff\n", "button",
		"light", "1.00"},
	    {KIND "[footer]\nplace = page\ncolor = #ffffff / #ffffff\n",
		"footer", "light", "1.00"},
	    {KIND "[heading.3]\ncolor = #eeeeee / #ffffff\n", "heading.3",
		"light", "1.16"},
	    {KIND "[heading]\nbackground = #0b57d0\ncolor = #ffffff\n",
		"link, heading.1", "light", "1.00"},
	    {KIND "[band]\nshow = name\ncolor = #ffffff / #ffffff\n", "band",
		"light", "1.00"},
	};
	struct mail_theme theme;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct err err = {0};

		assert_int_equal(
		    mail_theme_check(span_of(row[i].text), &theme, &err), -1);
		assert_int_equal(err.code, E_MAIL_THEME_CONTRAST);
		assert_string_equal(err_find(&err, "pair"), row[i].pair);
		assert_string_equal(err_find(&err, "scheme"), row[i].scheme);
		assert_string_equal(
		    err_find(&err, "contrast"), row[i].contrast);
		assert_true(theme.pairs > 10);
	}
	/* a band that is not shown cannot be pale */
	assert_int_equal(
	    mail_theme_check(
		SPAN(KIND "[band]\ncolor = #ffffff / #ffffff\n"), &theme, NULL),
	    0);
}

/* ---- HTML -------------------------------------------------------------- */

struct page {
	struct arena *arena;
	struct merge_set set;
	struct merge_text html;
	struct plain plain;
	const struct mailtheme *theme;
	struct buf filled;
};

static void
page_begin(struct page *page, const char *file, const char *language)
{
	struct buf text = BUF_INIT;
	struct err err = {0};

	*page = (struct page){
	    .arena = arena_new(), .html = MERGE_TEXT_INIT, .filled = BUF_INIT};
	merge_set_init(&page->set, page->arena, NULL, 0);
	plain_init(&page->plain, &page->set);
	if (*file)
		assert_ok(file_read(file, STYLE_FILE_MAX, &text, &err), &err);
	assert_ok(mailtheme_parse(buf_span(&text), span_of(language),
		      page->arena, &page->theme, &err),
	    &err);
	buf_done(&text);
}

static void
page_end(struct page *page)
{
	plain_done(&page->plain);
	merge_text_done(&page->html);
	merge_set_done(&page->set);
	buf_done(&page->filled);
	arena_free(&page->arena);
}

static const char sample[] = "# One\n\nA *b* **c** [d](https://e.jp/).\n\n"
			     "**[Go](https://e.jp/go)**\n\n"
			     "## Two\n\n- x\n\n> y\n\n"
			     "|a|b|\n|:-|-:|\n|1|2|\n\n---\n\n`z`\n";

static void
page_write(struct page *page, const char *preheader)
{
	struct mailtheme_frame frame = {
	    .set = &page->set,
	    .title = SPAN("Title & more"),
	    .preheader = span_of(preheader),
	    .sender = SPAN("Sender <ltd>"),
	};
	struct markdown markdown = {.set = &page->set, .theme = page->theme};
	struct err err = {0};

	mailtheme_begin(page->theme, &frame, &page->html);
	markdown.tokens = SPAN(sample);
	assert_ok(
	    markdown_render(&markdown, &page->html, &page->plain, &err), &err);
	mailtheme_footer(page->theme, &page->html);
	merge_text_raw(&page->html, SPAN("footer<br>\n"));
	mailtheme_end(page->theme, &page->html);
	/* without marks all of it is literal */
	buf_add(&page->filled, buf_span(&page->html.literal));
}

static bool
holds(const struct page *page, const char *needle)
{
	struct span html = buf_span(&page->filled);

	return span_search(html, span_of(needle)) < html.len;
}

static void
assert_golden(const struct page *page, const char *name)
{
	struct buf path = BUF_INIT, wanted = BUF_INIT;
	struct err err = {0};
	const char *update = getenv("UPDATE_GOLDEN");

	buf_printf(&path, "tests/unit/compose/golden/%s.html", name);
	if (update && *update)
		assert_ok(
		    file_replace(path.ptr, buf_span(&page->filled), 0644, &err),
		    &err);
	assert_ok(file_read(path.ptr, 1 << 20, &wanted, &err), &err);
	if (!span_equal(buf_span(&wanted), buf_span(&page->filled)))
		fail_msg("%s differs; UPDATE_GOLDEN=1 takes it", path.ptr);
	buf_done(&path);
	buf_done(&wanted);
}

/* Gmail forgets a style element of more than 8,192 octets, and cuts a mail at
 * 102 KB. */
static void
assert_small(const struct page *page)
{
	struct span html = buf_span(&page->filled);
	size_t from = span_search(html, SPAN("<style>"));
	size_t to = span_search(html, SPAN("</style>\n</head>"));

	assert_true(from < to && to < html.len);
	assert_true(to - from < 8192);
	assert_true(html.len < 12 * 1024);
}

static void
assert_harmless(const struct page *page)
{
	for (int i = 0; i < MAIL_ELEMENTS; i++) {
		struct span attr =
		    mailtheme_attr(page->theme, (enum mail_element)i);

		assert_true(span_index(attr, '<') == attr.len);
		assert_true(span_index(attr, '>') == attr.len);
		assert_true(span_search(attr, SPAN("url(")) == attr.len);
		assert_true(span_search(attr, SPAN(";;")) == attr.len);
		assert_true(attr.len == 0 || *attr.ptr == ' ');
	}
	assert_false(holds(page, "url("));
	assert_false(holds(page, "@import"));
	assert_false(holds(page, "<script"));
	assert_true(holds(page, "<title>Title &amp; more</title>"));
}

static void
shipped_themes_are_as_before(void **state)
{
	DIR *dir = opendir("themes/mail");
	struct dirent *entry;
	int count = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		struct span name = span_of(entry->d_name);
		struct buf path = BUF_INIT, text = BUF_INIT;
		struct mail_theme theme;
		struct err err = {0};
		struct page page;

		if (!span_ends(name, SPAN(".theme")))
			continue;
		buf_printf(&path, "themes/mail/%s", entry->d_name);
		assert_ok(
		    file_read(path.ptr, STYLE_FILE_MAX, &text, &err), &err);
		assert_ok(
		    mail_theme_check(buf_span(&text), &theme, &err), &err);
		assert_true(theme.name[0] && theme.name_ja[0]);
		page_begin(&page, path.ptr, "ja");
		page_write(&page, "Pre");
		assert_small(&page);
		assert_harmless(&page);
		buf_clear(&path);
		buf_add(&path, span_slice(name, 0, name.len - 6));
		assert_golden(&page, path.ptr);
		page_end(&page);
		buf_done(&path);
		buf_done(&text);
		count++;
	}
	closedir(dir);
	assert_true(count >= 4);
}

/* The example that says everything says what the program itself says. */
static void
letter_needs_no_file(void **state)
{
	struct page with, without;

	(void)state;
	page_begin(&with, "themes/mail/letter.theme", "ja");
	page_begin(&without, "", "ja");
	page_write(&with, "");
	page_write(&without, "");
	assert_span_equal(buf_span(&with.filled), without.filled.ptr);
	assert_false(holds(&with, "Sender"));
	page_end(&with);
	page_end(&without);
}

static void
language_and_direction_are_said(void **state)
{
	static const struct {
		const char *tag, *html, *indent;
	} row[] = {
	    {"ja", "<html lang=\"ja\" dir=\"ltr\">", "padding:0 0 0 28px"},
	    {"ja-JP", "<html lang=\"ja-JP\" dir=\"ltr\">", "Hiragino"},
	    {"en", "<html lang=\"en\" dir=\"ltr\">", "padding:0 0 0 28px"},
	    {"ar", "<html lang=\"ar\" dir=\"rtl\">", "padding:0 28px 0 0"},
	    {"HE-il", "<html lang=\"HE-il\" dir=\"rtl\">", "border-right"},
	    {"az-Arab", "<html lang=\"az-Arab\" dir=\"rtl\">", "right"},
	    {"ar-Latn", "<html lang=\"ar-Latn\" dir=\"ltr\">", "left"},
	    {"", "<html lang=\"en\" dir=\"ltr\">", "left"},
	    {"ja\" onload=\"x", "<html lang=\"en\" dir=\"ltr\">", "left"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct page page;

		page_begin(&page, "", row[i].tag);
		page_write(&page, "");
		if (!holds(&page, row[i].html) || !holds(&page, row[i].indent))
			fail_msg("row %zu: %s", i, page.filled.ptr);
		page_end(&page);
	}
}

static void
language_is_told_by_the_script(void **state)
{
	static const struct {
		const char *text, *language;
	} row[] = {
	    {"", "en"},
	    {"Hello", "en"},
	    {"日本語です", "ja"},
	    {"会社名", "ja"},
	    {"Hello https://example.jp/a/very/long/address を", "ja"},
	    {"안녕하세요 https://e.jp", "ko"},
	    {"مرحبا بكم", "ar"},
	    {"שלום לכם", "he"},
	    {"สวัสดี", "th"},
	    {"Γειά σου", "el"},
	    {"The letter π is Greek, this text is not", "en"},
	    {"\xff\xfe", "en"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_string_equal(
		    mailtheme_language(span_of(row[i].text)), row[i].language);
}

static void
preheader_is_hidden_and_filled_up(void **state)
{
	struct buf text = BUF_INIT, urls = BUF_INIT;
	struct err err = {0};
	struct page page;

	(void)state;
	page_begin(&page, "", "en");
	page_write(&page, "Only for you https://hidden.example/");
	assert_true(holds(&page, "display:none"));
	assert_true(holds(&page, "Only for you https://hidden.example/&#847;"));
	assert_ok(html_to_text(buf_span(&page.filled), &text, &err), &err);
	assert_true(span_starts(buf_span(&text), SPAN("One\n")));
	part_urls(buf_span(&page.filled), &urls);
	assert_span_equal(buf_span(&urls), "https://e.jp/\nhttps://e.jp/go\n");
	page_end(&page);
	buf_done(&text);
	buf_done(&urls);
	page_begin(&page, "", "en");
	page_write(&page, "");
	assert_false(holds(&page, "&#847;"));
	page_end(&page);
}

static void
dark_colours_stand_in_both_spellings(void **state)
{
	struct page page;

	(void)state;
	page_begin(&page, "themes/mail/newsletter.theme", "ja");
	page_write(&page, "");
	assert_true(holds(&page, "@media(prefers-color-scheme:dark)"));
	assert_true(holds(&page, ".tx a{color:#5fc9bd!important}"));
	assert_true(holds(&page, "[data-ogsc] .tx a{color:#5fc9bd"));
	assert_true(holds(&page, "[data-ogsb] .pg{background-color:#101316"));
	assert_true(holds(&page, "Sender &lt;ltd&gt;"));
	page_end(&page);
}

static size_t
count_of(struct span text, const char *needle)
{
	struct span wanted = span_of(needle);
	size_t count = 0, at;

	while ((at = span_search(text, wanted)) < text.len) {
		text = span_slice(text, at + wanted.len, text.len);
		count++;
	}
	return count;
}

/* Words of a table are broken only where a phone has no room for them. */
static void
numbers_stay_whole(void **state)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"
				   "qrstuvwxyz";
	static const struct {
		const char *table;    /* %s: a word of 52 letters */
		size_t whole, broken; /* tables, cells in them */
	} row[] = {
	    {"|a|b|\n|-|-:|\n|short|12,300|\n", 1, 0},
	    {"|a|b|\n|-|-:|\n|%s|12,300|\n", 1, 2},
	    {"|a|\n|-|\n|%s|\n", 0, 0},
	    {"|a|b|c|d|e|f|g|h|i|j|k|l|\n|-|-|-|-|-|-|-|-|-|-|-|-|\n", 1, 0},
	    {"|aaaa|bbbb|cccc|dddd|eeee|ffff|gggg|hhhh|\n"
	     "|-|-|-|-|-|-|-|-|\n",
		0, 0},
	    {"|aaaaaaaaaaaa|bbbbbbbbbbbb|cccccccccccc|dddddddddddd|\n"
	     "|-|-|-|-|\n|x|x|x|x|\n",
		1, 6},
	    {"|漢字の見出しです|漢字の見出しです|漢字の見出しです|\n|-|-|-|\n"
	     "|長い文は折り返されます|長い文は折り返されます|x|\n",
		1, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct span rest = span_of(row[i].table), part;
		struct buf text = BUF_INIT;
		struct markdown markdown;
		struct err err = {0};
		struct page page;

		part = span_cut(&rest, '%');
		buf_add(&text, part);
		if (rest.len > 0) {
			buf_text(&text, word);
			buf_add(&text, span_slice(rest, 1, rest.len));
		}
		page_begin(&page, "", "ja");
		markdown = (struct markdown){.tokens = buf_span(&text),
		    .set = &page.set,
		    .theme = page.theme};
		assert_ok(
		    markdown_render(&markdown, &page.html, &page.plain, &err),
		    &err);
		part = buf_span(&page.html.literal);
		if (count_of(part, "word-break:normal") != row[i].whole ||
		    count_of(part, "<span style=\"overflow-wrap:anywhere") !=
			row[i].broken)
			fail_msg("row %zu: %.*s", i, SPAN_ARG(part));
		page_end(&page);
		buf_done(&text);
	}
}

/* ---- Campaigns --------------------------------------------------------- */

static void
campaigns_bring_their_theme(void **state)
{
	struct compose_case it;
	struct recipient taro = {.seq = 1,
	    .address = SPAN("taro@example.net"),
	    .name = SPAN("山田 <太郎>"),
	    .fields = SPAN("{}")};
	struct message message;

	(void)state;
	case_begin(&it, CLASS_AD, "Subject", "Some text of the mail.");
	buf_text(&it.campaign.preheader, "{{name|x}}様だけに");
	buf_text(&it.campaign.theme_text,
	    KIND "[band]\nshow = name\n[text]\nsize = 19\n");
	buf_text(&it.campaign.language, "he");
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assert_ok(assemble_message(
		      it.assembler, &taro, it.clock.now, &message, &it.err),
	    &it.err);
	assert_true(span_search(message.html, SPAN("font-size:19px")) <
		    message.html.len);
	assert_true(
	    span_search(message.html, SPAN("dir=\"rtl\"")) < message.html.len);
	assert_true(span_search(message.html,
			SPAN("山田 &lt;太郎&gt;様だけに")) < message.html.len);
	assert_true(span_search(message.html, SPAN("株式会社例示</td>")) <
		    message.html.len);
	assert_true(
	    span_search(message.text, SPAN("様だけに")) == message.text.len);
	buf_clear(&it.campaign.preheader);
	buf_text(&it.campaign.preheader, "{{nosuch}}");
	assert_int_equal(case_compile(&it, ASSEMBLE_UNSIGNED), -1);
	assert_int_equal(it.err.code, E_MERGE_UNKNOWN);
	assert_string_equal(err_find(&it.err, "part"), "preheader");
	buf_clear(&it.campaign.preheader);
	buf_text(&it.campaign.theme_text, "color = red\n");
	assert_int_equal(case_compile(&it, ASSEMBLE_UNSIGNED), -1);
	assert_int_equal(it.err.code, E_MAIL_THEME);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(errors_have_a_place),
	    cmocka_unit_test(what_is_wanted_is_told),
	    cmocka_unit_test(a_file_has_a_limit),
	    cmocka_unit_test(values_are_read),
	    cmocka_unit_test(files_say_what_they_are),
	    cmocka_unit_test(pale_colours_are_refused),
	    cmocka_unit_test(shipped_themes_are_as_before),
	    cmocka_unit_test(letter_needs_no_file),
	    cmocka_unit_test(language_and_direction_are_said),
	    cmocka_unit_test(language_is_told_by_the_script),
	    cmocka_unit_test(preheader_is_hidden_and_filled_up),
	    cmocka_unit_test(dark_colours_stand_in_both_spellings),
	    cmocka_unit_test(numbers_stay_whole),
	    cmocka_unit_test(campaigns_bring_their_theme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
