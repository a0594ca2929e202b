/* The test data of the Mustache specification, from Debian's package
 * r-cran-whisker (tests/data/mustache.sh): variables, sections, inverted
 * sections and comments.  All cases but the ones that are named here give the
 * wanted text, byte for byte. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/compose/merge.h"
#include "tests/unit/unit.h"

/* Where we differ: values are never put in raw, and a missed variable is a hole
 * in somebody's mail. */
static const struct {
	const char *name, *file;
	enum err_code code;
	const char *why;
} other[] = {
    {"Triple Mustache", "interpolation", E_MERGE_SYNTAX, "unescaped"},
    {"Ampersand", "interpolation", E_MERGE_SYNTAX, "unescaped"},
    {"Triple Mustache Integer Interpolation", "interpolation", E_MERGE_SYNTAX,
	"unescaped"},
    {"Ampersand Integer Interpolation", "interpolation", E_MERGE_SYNTAX,
	"unescaped"},
    {"Triple Mustache Decimal Interpolation", "interpolation", E_MERGE_SYNTAX,
	"unescaped"},
    {"Ampersand Decimal Interpolation", "interpolation", E_MERGE_SYNTAX,
	"unescaped"},
    {"Triple Mustache Context Miss Interpolation", "interpolation",
	E_MERGE_SYNTAX, "unescaped"},
    {"Ampersand Context Miss Interpolation", "interpolation", E_MERGE_SYNTAX,
	"unescaped"},
    {"Dotted Names - Triple Mustache Interpolation", "interpolation",
	E_MERGE_SYNTAX, "unescaped"},
    {"Dotted Names - Ampersand Interpolation", "interpolation", E_MERGE_SYNTAX,
	"unescaped"},
    {"Triple Mustache - Surrounding Whitespace", "interpolation",
	E_MERGE_SYNTAX, "unescaped"},
    {"Ampersand - Surrounding Whitespace", "interpolation", E_MERGE_SYNTAX,
	"unescaped"},
    {"Triple Mustache - Standalone", "interpolation", E_MERGE_SYNTAX,
	"unescaped"},
    {"Ampersand - Standalone", "interpolation", E_MERGE_SYNTAX, "unescaped"},
    {"Triple Mustache With Padding", "interpolation", E_MERGE_SYNTAX,
	"unescaped"},
    {"Ampersand With Padding", "interpolation", E_MERGE_SYNTAX, "unescaped"},
    {"Basic Context Miss Interpolation", "interpolation", E_MERGE_EMPTY, ""},
    {"Dotted Names - Broken Chains", "interpolation", E_MERGE_EMPTY, ""},
    {"Dotted Names - Broken Chain Resolution", "interpolation", E_MERGE_EMPTY,
	""},
};

enum { OTHERS = sizeof other / sizeof *other };

struct spec_case {
	struct buf name, template, data, expected;
};

/* Fills a template of lines, values escaped for HTML. */
static int
merge(const struct spec_case *it, struct buf *out, struct err *err)
{
	struct merge_source source = {
	    .part = "text",
	    .text = buf_span(&it->template),
	    .syntax = MERGE_LINE,
	};
	const struct merge_person person = {.fields = buf_span(&it->data)};
	struct arena *arena = arena_new();
	struct merge_text text = MERGE_TEXT_INIT;
	struct merge_data *data = NULL;
	struct buf tokens = BUF_INIT;
	struct merge_set set;
	int rc = -1, fallbacks;

	merge_set_init(&set, arena, &source.text, 1);
	if (merge_scan(&set, &source, &tokens, err) < 0)
		goto out;
	merge_text_add(&text, &set, buf_span(&tokens), MERGE_PLAIN, MERGE_HTML);
	data = merge_data_new(&set);
	if (merge_data_read(data, &person, err) < 0 ||
	    merge_check(data, NULL, &fallbacks, err) < 0)
		goto out;
	assert_int_equal(merge_text_torn(&text), MERGE_NO_MARK);
	merge_fill(&text, data, SPAN(""), out);
	rc = 0;
out:
	merge_data_free(&data);
	merge_text_done(&text);
	merge_set_done(&set);
	buf_done(&tokens);
	arena_free(&arena);
	return rc;
}

/* Number of the case among those where we differ, OTHERS when it is none. */
static size_t
find_other(const char *file, struct span name)
{
	size_t i = 0;

	while (i < OTHERS && (strcmp(other[i].file, file) != 0 ||
				 !span_equal(span_of(other[i].name), name)))
		i++;
	return i;
}

static void
check_case(const char *file, const struct spec_case *it, unsigned *met)
{
	size_t differs = find_other(file, buf_span(&it->name));
	struct buf out = BUF_INIT;
	struct err err = {0};
	int rc = merge(it, &out, &err);

	if (differs < OTHERS) {
		++*met;
		assert_int_equal(rc, -1);
		assert_string_equal(
		    err_name(err.code), err_name(other[differs].code));
		assert_string_equal(err_find(&err, "why"), other[differs].why);
	} else if (rc < 0 ||
		   !span_equal(buf_span(&out), buf_span(&it->expected))) {
		fail_msg("%s, %s: %s %s\n%s\n%s\n%s", file, it->name.ptr,
		    err_name(err.code), err_find(&err, "why"), it->template.ptr,
		    it->expected.ptr, out.ptr);
	}
	buf_done(&out);
}

static void
read_case(struct span object, struct spec_case *out)
{
	const struct {
		const char *key;
		struct buf *value;
	} member[] = {
	    {"name", &out->name},
	    {"template", &out->template},
	    {"data", &out->data},
	    {"expected", &out->expected},
	};
	struct json_walk walk;
	struct span key, value;

	json_begin(&walk, object);
	while (json_next(&walk, &key, &value) == 1) {
		for (size_t i = 0; i < 4; i++) {
			if (!json_is(key, span_of(member[i].key)))
				continue;
			buf_clear(member[i].value);
			json_show(walk.type, value, member[i].value);
			buf_add(member[i].value, SPAN(""));
		}
	}
	assert_int_equal(walk.state, JSON_END);
	assert_true(out->name.len > 0 && out->template.len > 0);
}

static unsigned
check_file(const char *file, struct span text, unsigned *met)
{
	struct spec_case it = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	struct json_walk walk, tests;
	struct span key, value;
	unsigned count = 0;

	json_begin(&walk, text);
	while (json_next(&walk, &key, &value) == 1) {
		if (!json_is(key, SPAN("tests")))
			continue;
		json_begin_array(&tests, value);
		while (json_next(&tests, &key, &value) == 1) {
			buf_clear(&it.expected);
			read_case(value, &it);
			check_case(file, &it, met);
			count++;
		}
	}
	assert_int_equal(walk.state, JSON_END);
	buf_done(&it.name);
	buf_done(&it.template);
	buf_done(&it.data);
	buf_done(&it.expected);
	return count;
}

static void
test_specification(void **state)
{
	static const struct {
		const char *file;
		unsigned least; /* cases: a file cut short is no proof */
	} files[] = {{"interpolation", 30}, {"sections", 25}, {"inverted", 21},
	    {"comments", 11}};
	unsigned met = 0;

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct buf path = BUF_INIT, text = BUF_INIT;

		buf_printf(&path, BUILD_DIR "/mustache/%s.json", files[i].file);
		if (file_read(path.ptr, 1 << 20, &text, NULL) < 0) {
			print_message("%s is missing: it comes from Debian's "
				      "package r-cran-whisker by "
				      "tests/data/mustache.sh\n",
			    path.ptr);
			if (getenv("CI"))
				fail();
			skip();
		}
		assert_true(check_file(files[i].file, buf_span(&text), &met) >=
			    files[i].least);
		buf_done(&path);
		buf_done(&text);
	}
	assert_int_equal(met, OTHERS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
