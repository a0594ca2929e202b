/* Theme files: what they may say, errors with places, inheritance, colours,
 * and that every theme we ship can be read. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "tui/theme.h"

static const struct theme_places places = {{"themes", NULL}};

static void
parse_good(const char *text, struct theme *out)
{
	struct err err = {.code = E_NONE};

	assert_ok(theme_parse(span_of(text), "t", &places, out, &err), &err);
}

static void
reads_roles(void **state)
{
	struct theme theme;

	(void)state;
	parse_good("# comment\n[theme]\nname = Test # and more\nbase = dark\n"
		   "[role]\ntext = #d0d0d0 on #1c1c1c\nok = green bold\n"
		   "bar = 7 on 12 reverse italic\n[role.16]\nok = bright-red\n"
		   "[role.mono]\nok = underline\n",
	    &theme);
	assert_string_equal(theme.name, "Test");
	assert_int_equal(theme.base, BASE_DARK);
	assert_int_equal(theme.look[DEPTH_256][ROLE_TEXT].fg, 252);
	assert_int_equal(theme.look[DEPTH_256][ROLE_TEXT].bg, 234);
	assert_int_equal(theme.look[DEPTH_256][ROLE_OK].fg, 2);
	assert_int_equal(theme.look[DEPTH_256][ROLE_OK].bg, 234);
	assert_int_equal(theme.look[DEPTH_256][ROLE_OK].attr, LOOK_BOLD);
	assert_int_equal(theme.look[DEPTH_256][ROLE_BAR].bg, 12);
	assert_int_equal(
	    theme.look[DEPTH_256][ROLE_BAR].attr, LOOK_REVERSE | LOOK_ITALIC);
	assert_int_equal(theme.look[DEPTH_16][ROLE_OK].fg, 9);
	assert_int_equal(theme.look[DEPTH_MONO][ROLE_OK].attr, LOOK_UNDERLINE);
}

static void
missing_roles_inherit(void **state)
{
	struct theme theme;

	(void)state;
	parse_good(
	    "[role]\ntext = 250\nbar = 1 on 2\nmd.heading = 3\n", &theme);
	/* by the dot */
	assert_int_equal(theme.look[DEPTH_256][ROLE_BAR_KEY].fg, 1);
	assert_int_equal(theme.look[DEPTH_256][ROLE_BAR_KEY].bg, 2);
	/* "md" is no role: from text */
	assert_int_equal(theme.look[DEPTH_256][ROLE_MD_CODE].fg, 250);
	/* no colours: another background shows as reverse */
	assert_int_equal(theme.look[DEPTH_MONO][ROLE_BAR].attr, LOOK_REVERSE);
	parse_good("[theme]\nparent = terminal\n[role]\ntext = 250\n", &theme);
	assert_int_equal(theme.look[DEPTH_256][ROLE_MD_HEADING].fg, 6);
}

static const struct {
	const char *text;
	int line, column;
} bad[] = {
    {"text = red\n", 1, 1},
    {"[role]\nnope = red\n", 2, 1},
    {"[role]\ntext = rot\n", 2, 8},
    {"[role]\ntext = red on\n", 2, 14},
    {"[role]\ntext = red on #12345\n", 2, 15},
    {"[role]\ntext = red blue\n", 2, 12},
    {"[role]\ntext = 256\n", 2, 8},
    {"[role.16]\ntext = 16\n", 2, 8},
    {"[role.mono]\ntext = red\n", 2, 8},
    {"[role]\ntext = red\ntext = red\n", 3, 1},
    {"[rolle]\n", 1, 1},
    {"\n\n  [theme]\nあ = x\n", 4, 1},
    {"[theme]\nbase = grey\n", 2, 8},
    {"[theme]\nparent = nobody\n", 2, 10},
    {"[theme]\nparent = ../../etc/passwd\n", 2, 10},
    {"[glyphs]\nset = emoji\n", 2, 7},
    {"[theme]\nname\n", 2, 1},
    {"[theme]\nname = \xff\n", 2, 8},
};

static void
errors_name_their_place(void **state)
{
	struct theme theme = {.name = "untouched"};
	char place[32], got[64];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = {.code = E_NONE};

		assert_int_equal(theme_parse(span_of(bad[i].text), "t", &places,
				     &theme, &err),
		    -1);
		assert_int_equal(err.code, E_THEME_SYNTAX);
		snprintf(
		    place, sizeof place, "%d:%d", bad[i].line, bad[i].column);
		snprintf(got, sizeof got, "%.20s:%.20s", err_find(&err, "line"),
		    err_find(&err, "column"));
		if (strcmp(place, got) != 0)
			fail_msg("case %zu: %s instead of %s", i, got, place);
		assert_string_equal(theme.name, "untouched");
	}
}

static void
shipped_themes_are_whole_and_readable(void **state)
{
	static const char *const ids[] = {
	    "terminal", "mono", "sumi", "washi", "contrast"};

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		struct err err = {.code = E_NONE};
		struct theme theme;

		assert_ok(theme_load(&places, ids[i], &theme, &err), &err);
		assert_string_equal(theme.id, ids[i]);
		assert_true(strlen(theme.name_ja) > 0);
		if (theme.base == BASE_ANY)
			continue; /* the user's own palette */
		for (int role = 0; role < ROLE_COUNT; role++) {
			int least =
			    strcmp(ids[i], "contrast") == 0
				? 700
				: theme_contrast_wanted((enum role)role);

			if (theme_contrast(&theme, DEPTH_256, (enum role)role) <
			    least)
				fail_msg("%s: %s has contrast %d", ids[i],
				    role_name((enum role)role),
				    theme_contrast(
					&theme, DEPTH_256, (enum role)role));
		}
	}
}

static void
works_without_files(void **state)
{
	struct err err = {.code = E_NONE};
	struct theme theme, file;

	(void)state;
	theme_default(&theme);
	assert_int_equal(theme.look[DEPTH_256][ROLE_HEAD].fg, 6);
	assert_ok(theme_load(&places, "terminal", &file, &err), &err);
	assert_memory_equal(&theme.look, &file.look, sizeof theme.look);
	assert_ok(theme_load(NULL, "mono", &theme, &err), &err);
	assert_int_equal(theme_load(NULL, "sumi", &theme, &err), -1);
	assert_int_equal(err.code, E_THEME_MISSING);
	assert_int_equal(theme_load(&places, "../sumi", &theme, &err), -1);
}

static void
colours_are_near(void **state)
{
	(void)state;
	assert_int_equal(theme_nearest_256(0x000000), 16);
	assert_int_equal(theme_nearest_256(0xffffff), 231);
	assert_int_equal(theme_nearest_256(0xff0000), 196);
	assert_int_equal(theme_nearest_256(0x1c1c1c), 234);
	assert_int_equal(theme_nearest_256(0x87afd7), 110);
	for (int i = 16; i < 256; i++)
		assert_int_equal(
		    theme_rgb(theme_nearest_256(theme_rgb(i))), theme_rgb(i));
	assert_int_equal(theme_nearest_16(0xff0000), 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_roles),
	    cmocka_unit_test(missing_roles_inherit),
	    cmocka_unit_test(errors_name_their_place),
	    cmocka_unit_test(shipped_themes_are_whole_and_readable),
	    cmocka_unit_test(works_without_files),
	    cmocka_unit_test(colours_are_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
