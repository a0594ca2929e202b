/* The word diff: what is shown as changed, and that nothing is lost. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/diff.h"
#include "core/base/words.h"

/* Writes a diff as "same[-gone-]{+new+}". */
static void
write_diff(const struct diff *diff, struct buf *out)
{
	static const char *const open[] = {"", "[-", "{+"};
	static const char *const close[] = {"", "-]", "+}"};

	for (size_t i = 0; i < diff->count; i++) {
		buf_text(out, open[diff->run[i].kind]);
		buf_add(out, diff->run[i].text);
		buf_text(out, close[diff->run[i].kind]);
	}
}

static const struct {
	const char *name, *from, *to, *wanted;
	size_t changes;
} cases[] = {
    {"nothing", "", "", "", 0},
    {"equal", "a b", "a b", "a b", 0},
    {"all new", "", "a b", "{+a b+}", 1},
    {"all gone", "a b", "", "[-a b-]", 1},
    {"one word", "the old house stands here", "the new house stands here",
	"the [-old-]{+new+} house stands here", 1},
    {"japanese", "いつもご利用ありがとうございます。",
	"いつもご愛顧ありがとうございます。",
	"いつもご[-利用-]{+愛顧+}ありがとうございます。", 1},
    {"numbers", "11月25日 02:00-05:00", "11月26日 02:00-06:30",
	"11月[-25-]{+26+}日 02:00-[-05:00-]{+06:30+}", 2},
    {"line added", "# a\n\nb\n", "# a\n\nnew line\n\nb\n",
	"# a\n\n{+new line\n\n+}b\n", 1},
    {"weak rests belong to the change", "one, two", "three, four",
	"[-one, two-]{+three, four+}", 1},
    {"weak rests at the edges stay", "a b", "a c", "a [-b-]{+c+}", 1},
    {"line end taken away", "end\n", "end", "end[-\n-]", 1},
    {"whole lines rather than their halves", "a\n\nb\n\nc\n", "a\n\nc\n",
	"a\n\n[-b\n\n-]c\n", 1},
    {"the end of a text", "a\n\nb\n", "a\n", "a\n[-\nb\n-]", 1},
    {"a line twice", "x\ny\n", "x\nx\ny\n", "x\n{+x\n+}y\n", 1},
    {"merge mark", "{{name|お客}} 様", "{{name|会員}} 様",
	"{{name|[-お客-]{+会員+}}} 様", 1},
};

static void
finds_changed_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT;
		struct diff diff;

		diff_words(span_of(cases[i].from), span_of(cases[i].to), &diff);
		write_diff(&diff, &out);
		if (!span_equal(buf_span(&out), span_of(cases[i].wanted)) ||
		    diff.changes != cases[i].changes)
			fail_msg("%s: %zu changes: %s", cases[i].name,
			    diff.changes, out.ptr ? out.ptr : "");
		diff_done(&diff);
		buf_done(&out);
	}
}

static void
assert_whole(struct span from, struct span to, const struct diff *diff)
{
	struct buf old = BUF_INIT, new = BUF_INIT;

	for (size_t i = 0; i < diff->count; i++) {
		if (diff->run[i].kind != DIFF_NEW)
			buf_add(&old, diff->run[i].text);
		if (diff->run[i].kind != DIFF_GONE)
			buf_add(&new, diff->run[i].text);
	}
	assert_true(span_equal(buf_span(&old), from));
	assert_true(span_equal(buf_span(&new), to));
	buf_done(&old);
	buf_done(&new);
}

static uint32_t
next_random(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 16;
}

/* Words that are too long to be weak rests, of two classes in turn. */
static const char *const long_words[] = {
    "aaaaaaaa", "漢漢漢", "bbbbbbbb", "字字字"};

static size_t
random_words(uint32_t *random, int word[30], struct buf *text)
{
	size_t count = next_random(random) % 30;

	for (size_t i = 0; i < count; i++) {
		word[i] = (int)(i % 2 + next_random(random) % 2 * 2);
		buf_text(text, long_words[word[i]]);
	}
	return count;
}

static size_t
common_words(const int *a, size_t n, const int *b, size_t m)
{
	size_t table[31][31] = {{0}};

	for (size_t i = n; i-- > 0;) {
		for (size_t k = m; k-- > 0;) {
			size_t skip = table[i + 1][k] > table[i][k + 1]
					  ? table[i + 1][k]
					  : table[i][k + 1];

			table[i][k] =
			    a[i] == b[k] ? table[i + 1][k + 1] + 1 : skip;
		}
	}
	return table[0][0];
}

/* What is kept is the longest common row, found the schoolbook way. */
static void
is_a_shortest_edit(void **state)
{
	uint32_t random = 5;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct buf from = BUF_INIT, to = BUF_INIT;
		size_t n, m, kept = 0;
		int a[30], b[30];
		struct diff diff;

		n = random_words(&random, a, &from);
		m = random_words(&random, b, &to);
		diff_words(buf_span(&from), buf_span(&to), &diff);
		assert_whole(buf_span(&from), buf_span(&to), &diff);
		for (size_t i = 0; i < diff.count; i++) {
			struct span rest = diff.run[i].text;

			for (; diff.run[i].kind == DIFF_SAME && rest.len > 0;
			    kept++)
				word_next(&rest, NULL);
		}
		assert_int_equal(kept, common_words(a, n, b, m));
		diff_done(&diff);
		buf_done(&from);
		buf_done(&to);
	}
}

/* Nothing in common, a megabyte each: ends, and says replaced. */
static void
huge_texts_end(void **state)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	struct diff diff;

	(void)state;
	for (int i = 0; from.len < 1024 * 1024; i++) {
		buf_printf(&from, "old%d ", i);
		buf_printf(&to, "new%d ", i);
	}
	diff_words(buf_span(&from), buf_span(&to), &diff);
	assert_int_equal(diff.changes, 1);
	assert_whole(buf_span(&from), buf_span(&to), &diff);
	diff_done(&diff);
	/* one word changed in the middle of a million line ends */
	buf_clear(&from);
	for (int i = 0; i < 1024 * 1024; i++)
		buf_char(&from, '\n');
	buf_clear(&to);
	buf_add(&to, buf_span(&from));
	to.ptr[500000] = 'x';
	diff_words(buf_span(&from), buf_span(&to), &diff);
	assert_whole(buf_span(&from), buf_span(&to), &diff);
	diff_done(&diff);
	buf_done(&from);
	buf_done(&to);
}

/* A long text shuffled by paragraphs keeps the paragraphs. */
static void
holds_on_to_rare_words(void **state)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	struct diff diff;

	(void)state;
	for (int i = 0; i < 6000; i++) {
		buf_printf(&from, "paragraph%d with words\n", i);
		buf_printf(&to, "%s%d with other words\n",
		    i % 10 ? "paragraph" : "changed", i);
	}
	diff_words(buf_span(&from), buf_span(&to), &diff);
	assert_whole(buf_span(&from), buf_span(&to), &diff);
	assert_in_range(diff.changes, 6000, 6600);
	diff_done(&diff);
	buf_done(&from);
	buf_done(&to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_changed_words),
	    cmocka_unit_test(is_a_shortest_edit),
	    cmocka_unit_test(huge_texts_end),
	    cmocka_unit_test(holds_on_to_rare_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
