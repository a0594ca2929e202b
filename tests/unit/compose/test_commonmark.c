/* The examples of the CommonMark specification, from Debian's source package of
 * libcmark (tests/data/commonmark.sh).  Without our syntax the tree is libcmark's
 * and the HTML says the same as libcmark's own; with it no example gets raw HTML
 * or an unsafe address into a mail. */
#include <cmark.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/compose/markdown_tree.h"
#include "core/mail/html.h"
#include "tests/fuzz/strict_html.h"
#include "tests/unit/unit.h"

#define FENCE "````````````````````````````````"

struct example {
	struct buf markdown, html;
};

struct examples {
	struct example *one;
	size_t count;
};

/* Writes tabs where the specification shows arrows. */
static void
add_shown(struct buf *out, struct span shown)
{
	while (shown.len > 0) {
		size_t at = span_search(shown, SPAN("→"));

		buf_add(out, span_slice(shown, 0, at));
		if (at < shown.len)
			buf_char(out, '\t');
		shown = span_slice(shown, at + strlen("→"), shown.len);
	}
}

static void
read_example(struct span *rest, struct example *out)
{
	struct buf *to = &out->markdown;

	*out = (struct example){BUF_INIT, BUF_INIT};
	while (rest->len > 0) {
		struct span line = span_cut(rest, '\n');

		if (span_equal(line, SPAN(FENCE)))
			break;
		if (span_equal(line, SPAN(".")) && to == &out->markdown) {
			to = &out->html;
			continue;
		}
		add_shown(to, line);
		buf_char(to, '\n');
	}
	buf_add(&out->markdown, SPAN(""));
	buf_add(&out->html, SPAN(""));
}

static int
read_examples(void **state)
{
	static struct examples all;
	static const char path[] = BUILD_DIR "/commonmark/spec.txt";
	struct buf text = BUF_INIT;
	struct span rest;
	FILE *in = fopen(path, "r");
	char block[4096];
	size_t got;

	*state = &all;
	if (!in) {
		printf("%s is missing: \"sh tests/data/commonmark.sh %s\" gets "
		       "it from the places of apt, with a network.\n",
		    path, BUILD_DIR "/commonmark");
		return getenv("CI") ? -1 : 0;
	}
	while ((got = fread(block, 1, sizeof block, in)) > 0)
		buf_add(&text, span_make(block, got));
	fclose(in);
	rest = buf_span(&text);
	while (rest.len > 0) {
		struct span line = span_cut(&rest, '\n');

		if (!span_equal(line, SPAN(FENCE " example")))
			continue;
		all.one = mem_grow(all.one, (all.count + 1) * sizeof *all.one);
		read_example(&rest, &all.one[all.count++]);
	}
	buf_done(&text);
	return 0;
}

static int
forget_examples(void **state)
{
	struct examples *all = *state;

	for (size_t i = 0; i < all->count; i++) {
		buf_done(&all->one[i].markdown);
		buf_done(&all->one[i].html);
	}
	free(all->one);
	return 0;
}

static const struct examples *
need_examples(void **state)
{
	const struct examples *all = *state;

	if (all->count == 0)
		skip();
	return all;
}

/* ---- Trees ------------------------------------------------------------- */

/* The examples are read rightly when libcmark gives what they ask for. */
static void
test_reading(void **state)
{
	const struct examples *all = need_examples(state);
	size_t same = 0;

	assert_true(all->count > 600);
	for (size_t i = 0; i < all->count; i++) {
		const struct example *it = &all->one[i];
		char *html = cmark_markdown_to_html(
		    it->markdown.ptr, it->markdown.len, CMARK_OPT_UNSAFE);

		same += strcmp(html, it->html.ptr) == 0;
		free(html);
	}
	assert_true(same > all->count - 20);
}

static void
test_trees(void **state)
{
	const struct examples *all = need_examples(state);

	for (size_t i = 0; i < all->count; i++) {
		struct span text = buf_span(&all->one[i].markdown);
		struct arena *arena = arena_new();
		struct merge_set set;
		struct markdown_tree tree;
		struct err err = {0};
		cmark_node *wanted =
		    cmark_parse_document(text.ptr, text.len, CMARK_OPT_DEFAULT);
		char *xml[2];

		merge_set_init(&set, arena, &text, 1);
		for (int mail = 0; mail < 2; mail++) {
			assert_ok(
			    markdown_parse(text, &set,
				mail ? MARKDOWN_MAIL : MARKDOWN_COMMONMARK,
				&tree, &err),
			    &err);
			xml[0] = cmark_render_xml(wanted, CMARK_OPT_SOURCEPOS);
			xml[1] = cmark_render_xml(
			    tree.document, CMARK_OPT_SOURCEPOS);
			/* the specification has no table and no Japanese
			 * emphasis: our syntax changes nothing either */
			if (strcmp(xml[0], xml[1]) != 0)
				fail_msg(
				    "%s\n%s\n%s", text.ptr, xml[0], xml[1]);
			free(xml[0]);
			free(xml[1]);
			markdown_tree_done(&tree);
		}
		cmark_node_free(wanted);
		merge_set_done(&set);
		arena_free(&arena);
	}
}

/* ---- HTML -------------------------------------------------------------- */

/* Relative links, which a mail refuses, led somewhere: then most examples with
 * links can be compared too. */
static void
add_absolute(struct span text, struct buf *out)
{
	static const char *const relative[] = {"/url", "/uri", "/path", "/foo",
	    "/bar", "/train", "/bur", "train.jpg", NULL};

	while (text.len > 0) {
		size_t i = 0;

		while (
		    relative[i] && (!span_starts(text, span_of(relative[i])) ||
				       span_ends(buf_span(out), SPAN("e.jp"))))
			i++;
		if (relative[i])
			buf_text(out, "https://e.jp/");
		if (relative[i] && *relative[i] == '/')
			text = span_slice(text, 1, text.len);
		buf_add(out, span_slice(text, 0, 1));
		text = span_slice(text, 1, text.len);
	}
	buf_add(out, SPAN(""));
}

static void
add_visible(struct span text, struct buf *out)
{
	struct buf decoded = BUF_INIT;

	html_decode(text, &decoded);
	for (size_t i = 0; i < decoded.len; i++) {
		if (!strchr(" \t\n", decoded.ptr[i]))
			buf_char(out, decoded.ptr[i]);
	}
	buf_done(&decoded);
}

/* Elements, texts and addresses, without what is only layout. */
static void
skeleton(struct span html, struct buf *out)
{
	struct html_tag tag;

	while (html.len > 0) {
		add_visible(span_cut(&html, '<'), out);
		if (html.len == 0 || !html_tag_take(&html, &tag))
			continue;
		buf_text(out, tag.closes ? "</" : "<");
		buf_add(out, tag.name);
		for (int i = 0; i < 4; i++) {
			static const char *const name[] = {
			    "href", "alt", "title", "start"};
			struct buf value = BUF_INIT;

			if (html_attribute(&tag, name[i], &value)) {
				/* we write schemes in small letters */
				for (size_t n = 0; n < value.len; n++)
					value.ptr[n] =
					    (char)tolower(value.ptr[n]);
				buf_char(out, ' ');
				add_visible(buf_span(&value), out);
			}
			buf_done(&value);
		}
		buf_char(out, '>');
	}
	buf_add(out, SPAN(""));
}

/* Renders for a mail; the error's code, E_NONE when it went well. */
static enum err_code
render(struct span text, enum markdown_syntax syntax, struct buf *out)
{
	struct arena *arena = arena_new();
	struct merge_set set;
	struct merge_text html = MERGE_TEXT_INIT;
	struct markdown source = {
	    .tokens = text,
	    .syntax = syntax,
	    .set = &set,
	    .theme = mailtheme_builtin(arena),
	};
	struct err err = {0};
	struct plain plain;

	merge_set_init(&set, arena, &text, 1);
	plain_init(&plain, &set);
	if (markdown_render(&source, &html, &plain, &err) == 0)
		buf_add(out, buf_span(&html.literal));
	buf_add(out, SPAN(""));
	merge_text_done(&html);
	plain_done(&plain);
	merge_set_done(&set);
	arena_free(&arena);
	return err.code;
}

static void
check_same(struct span text, const char *ours)
{
	char *theirs =
	    cmark_markdown_to_html(text.ptr, text.len, CMARK_OPT_DEFAULT);
	struct buf got = BUF_INIT, wanted = BUF_INIT;

	skeleton(span_of(ours), &got);
	skeleton(span_of(theirs), &wanted);
	if (strcmp(got.ptr, wanted.ptr) != 0)
		fail_msg("%.*s\n%s\n%s", SPAN_ARG(text), got.ptr, wanted.ptr);
	free(theirs);
	buf_done(&got);
	buf_done(&wanted);
}

static void
test_html(void **state)
{
	const struct examples *all = need_examples(state);
	size_t compared = 0;

	for (size_t i = 0; i < all->count; i++) {
		struct buf text = BUF_INIT, html = BUF_INIT;

		add_absolute(buf_span(&all->one[i].markdown), &text);
		if (render(buf_span(&text), MARKDOWN_COMMONMARK, &html) ==
		    E_NONE) {
			compared++;
			check_same(buf_span(&text), html.ptr);
		}
		buf_done(&text);
		buf_done(&html);
	}
	/* most of the others have raw HTML */
	print_message("%zu of %zu compared\n", compared, all->count);
	assert_true(compared > all->count * 3 / 4);
}

/* Each example is refused for a reason that can be told, or becomes HTML of
 * nothing but our elements. */
static void
test_safe(void **state)
{
	static const enum err_code refusal[] = {
	    E_MARKDOWN_HTML, E_URL_SCHEME, E_URL_HOST, E_MARKDOWN};
	const struct examples *all = need_examples(state);

	for (size_t i = 0; i < 2 * all->count; i++) {
		struct span text = buf_span(&all->one[i / 2].markdown);
		struct buf html = BUF_INIT, absolute = BUF_INIT;
		const char *why;
		enum err_code code;
		bool known = false;

		add_absolute(text, &absolute);
		if (i % 2 == 1)
			text = buf_span(&absolute);
		code = render(text, MARKDOWN_MAIL, &html);
		for (size_t k = 0; k < sizeof refusal / sizeof *refusal; k++)
			known |= code == refusal[k];
		if (code != E_NONE && !known)
			fail_msg("%s: %s", text.ptr, err_name(code));
		why = strict_html(buf_span(&html));
		if (why)
			fail_msg("%s\n%s\n%s", text.ptr, why, html.ptr);
		buf_done(&html);
		buf_done(&absolute);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reading),
	    cmocka_unit_test(test_trees),
	    cmocka_unit_test(test_html),
	    cmocka_unit_test(test_safe),
	};

	return cmocka_run_group_tests(tests, read_examples, forget_examples);
}
