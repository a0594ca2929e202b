/* What tells a test mail from the real one, for whoever reads it: words before
 * the subject and a band on top of each part, with the code of that part.  The
 * band says for which recipient the mail is made, so that a printed test is not
 * taken for somebody's mail. */
#include "core/compose/testmark.h"

/* The words of one language. */
struct words {
	const char *prefix;       /* of the subject */
	const char *what, *after; /* before and behind the number */
	const char *text_code, *html_code;
};

static const struct words english = {
    "[TEST] ",
    "TEST MAIL. This is what recipient no. ",
    " would get; it was sent to staff only.",
    "Code of the plain text part: ",
    "Code of the HTML part: ",
};

static const struct words japanese = {
    "【テスト】",
    "テストメール：受信者 ",
    " 番に届く内容の確認用です（担当者だけに送信）。",
    "テキスト部分のコード：",
    "HTML部分のコード：",
};

static const char rule[] =
    "============================================================\n";

static const struct words *
words_of(struct span html)
{
	struct span head = span_slice(html, 0, 200);

	return span_search(head, SPAN("lang=\"ja")) < head.len ? &japanese
							       : &english;
}

static void
put_before(struct buf *text, const struct buf *band)
{
	struct buf all = BUF_INIT;

	buf_add(&all, buf_span(band));
	buf_add(&all, buf_span(text));
	buf_done(text);
	*text = all;
}

static void
say_number(const struct words *words, int64_t number, struct buf *out)
{
	buf_text(out, words->what);
	buf_int(out, number);
	buf_text(out, words->after);
}

static void
mark_text(
    const struct words *words, const struct test_mark *mark, struct buf *text)
{
	struct buf band = BUF_INIT;

	buf_text(&band, rule);
	say_number(words, mark->number, &band);
	buf_char(&band, '\n');
	buf_text(&band, words->text_code);
	buf_add(&band, mark->text_code);
	buf_char(&band, '\n');
	buf_text(&band, rule);
	buf_char(&band, '\n');
	put_before(text, &band);
	buf_done(&band);
}

static void
write_html_band(
    const struct words *words, const struct test_mark *mark, struct buf *out)
{
	buf_text(out, "\n<div style=\"margin:0;padding:12px 16px;"
		      "background-color:#fff3cd;color:#3d2c00;"
		      "border-bottom:2px solid #8a6500;font-family:sans-serif;"
		      "font-size:14px;line-height:1.6;text-align:left\">");
	say_number(words, mark->number, out);
	buf_text(out, "<br>\n<strong>");
	buf_text(out, words->html_code);
	buf_add(out, mark->html_code);
	buf_text(out, "</strong></div>\n");
}

static int
mark_html(const struct words *words, const struct test_mark *mark,
    struct buf *html, struct err *err)
{
	struct span all = buf_span(html), rest;
	size_t at = span_search(all, SPAN("<body"));
	struct buf marked = BUF_INIT;

	rest = span_slice(all, at, all.len);
	at += span_index(rest, '>') + 1;
	if (at > all.len) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("test mark"));
	}
	buf_add(&marked, span_slice(all, 0, at));
	write_html_band(words, mark, &marked);
	buf_add(&marked, span_slice(all, at, all.len));
	buf_done(html);
	*html = marked;
	return 0;
}

int
testmark_add(const struct testmark_parts *parts, const struct test_mark *mark,
    struct err *err)
{
	const struct words *words = words_of(buf_span(parts->html));
	struct buf prefix = BUF_INIT;

	buf_text(&prefix, words->prefix);
	put_before(parts->subject, &prefix);
	buf_done(&prefix);
	mark_text(words, mark, parts->text);
	return mark_html(words, mark, parts->html, err);
}
